/* intl_words.h - plural forms, lists, relative times and collation (intl.h). */
#ifndef EJS_RUNTIME_INTL_WORDS_H
#define EJS_RUNTIME_INTL_WORDS_H

#include "ejs/runtime/intl.h"

/* The options of one of the four; words count from 1, all bytes are defined. */
typedef struct ejs__word_options {
    uint8_t type, style, numeric;
    uint8_t usage, sensitivity, case_first, ignore_punctuation;
    ejs__number_options digits; /* PluralRules */
} ejs__word_options;

typedef bool ejs__word_options_fn(ejs__options *o, ejs__locale *locale,
                                  ejs__word_options *out);
typedef bool ejs__word_show_fn(ejs_context *ctx, const ejs__locale *locale,
                               const ejs__word_options *o, ejs_value object);

ejs__word_options_fn ejs__plural_options_read, ejs__list_options_read,
    ejs__relative_options_read, ejs__collator_options_read;
ejs__word_show_fn ejs__plural_show, ejs__list_show, ejs__relative_show,
    ejs__collator_show;

/* "one", "few", "other" ...; a STRING or THROWN. */
ejs_value ejs__plural_select(ejs_context *ctx, const ejs__locale *locale,
                             const ejs__word_options *o, double n);
/* Joins the strings an iterable gives; with `parts` as {type, value} objects.
 */
ejs_value ejs__list_format(ejs_context *ctx, const ejs__locale *locale,
                           const ejs__word_options *o, ejs_value list,
                           bool parts);
/* "in 3 days", or its parts; `unit` is "day" or "days". */
ejs_value ejs__relative_format(ejs_context *ctx, const ejs__locale *locale,
                               const ejs__word_options *o, double n,
                               ejs_value unit, bool parts);
/* <0, 0 or >0 into *order.  False: thrown. */
bool ejs__collate(ejs_context *ctx, const ejs__locale *locale,
                  const ejs__word_options *o, ejs_value a, ejs_value b,
                  int *order);

#endif
