/*
 * intl.h - locale-dependent texts: what toLocaleString & co. and Intl share.
 *
 * Everything is formatted by ICU with the patterns and rules V8 asks it for.
 * Options are read from a template's object into plain structs, all of whose
 * bytes are defined; such a struct with a locale is the key of a formatter in
 * the thread's cache (icu_cache.h).
 */
#ifndef EJS_RUNTIME_INTL_H
#define EJS_RUNTIME_INTL_H

#include <unicode/utypes.h>

#include "ejs/runtime/object.h"
#include "ejs/runtime/timezone.h"

/* The zone of this render (builtin_date.c). */
const ejs__zone *ejs__context_zone(ejs_context *ctx);

/* for other builtins ------------------------------------------------------- */

typedef enum ejs__date_defaults {
    EJS__DEFAULT_ALL,  /* toLocaleString */
    EJS__DEFAULT_DATE, /* toLocaleDateString */
    EJS__DEFAULT_TIME, /* toLocaleTimeString */
    EJS__DEFAULT_ANY, /* Intl.DateTimeFormat: any part will do, else the date */
} ejs__date_defaults;

/* date.toLocaleString(locales, options) of a valid time; STRING or THROWN. */
ejs_value ejs__date_to_locale_string(ejs_context *ctx, double t,
                                     ejs_value locales, ejs_value options,
                                     ejs__date_defaults defaults);

/* n.toLocaleString(locales, options). */
ejs_value ejs__number_to_locale_string(ejs_context *ctx, double n,
                                       ejs_value locales, ejs_value options);

/* a.localeCompare(b, locales, options); <0, 0, >0 into *order.  False: thrown.
 */
bool ejs__locale_compare(ejs_context *ctx, ejs_value a, ejs_value b,
                         ejs_value locales, ejs_value options, int *order);

/* locales (intl_locale.c) -------------------------------------------------- */

enum { EJS__TAG_SIZE = 96 };

typedef struct ejs__locale {
    char tag[EJS__TAG_SIZE]; /* "en-US", what resolvedOptions() says */
    char icu[EJS__TAG_SIZE]; /* "en_US@numbers=thai" */
} ejs__locale;

/*
 * The first of the locales asked for (a string, an array or undefined) that
 * there is data for, else the render's.  `keywords` are the letters of those
 * -u- extensions that count, "nu ca hc".  False: thrown, for malformed tags.
 */
bool ejs__locale_resolve(ejs_context *ctx, ejs_value locales,
                         const char *keywords, ejs__locale *out);

/* All canonical tags asked for, as an array; `supported`: those with data. */
ejs_value ejs__locale_list(ejs_context *ctx, ejs_value locales, bool supported);

/* An ICU identifier with a -u- keyword added or replaced ("numbers", "thai").
 */
void ejs__locale_set(ejs__locale *locale, const char *keyword,
                     const char *value);

/* options (intl_locale.c) -------------------------------------------------- */

typedef struct ejs__options {
    ejs_context *ctx;
    const char *service; /* for messages: "Intl.NumberFormat" */
    ejs_value object;    /* undefined: none given */
} ejs__options;

/* Makes `options` an object; null throws. */
bool ejs__options_open(ejs_context *ctx, const char *service, ejs_value options,
                       ejs__options *out);

/*
 * One of the words in `words` ("decimal percent currency"): its index + 1, 0
 * when the option is missing, -1 after throwing.
 */
int ejs__option_word(ejs__options *o, const char *name, const char *words);
/* Any text: 1, 0 when missing, -1 thrown, also when it is longer than `size`.
 */
int ejs__option_text(ejs__options *o, const char *name, char *out, size_t size);
/* 0 missing, 1 false, 2 true, -1 thrown. */
int ejs__option_flag(ejs__options *o, const char *name);
/* A whole number of low .. high; *out is left alone when missing. */
int ejs__option_number(ejs__options *o, const char *name, int low, int high,
                       int *out);
/* The value itself; THROWN when a getter threw. */
ejs_value ejs__option(ejs__options *o, const char *name);

/* Is it a value for a -u- extension: words of 3 to 8 letters and digits? */
bool ejs__is_extension(const char *text);

/* Fills the object resolvedOptions() returns; `ok` tells whether it went well.
 */
typedef struct ejs__shower {
    ejs_context *ctx;
    ejs_value object;
    bool ok;
} ejs__shower;
void ejs__show(ejs__shower *s, const char *name, ejs_value v);
void ejs__show_text(ejs__shower *s, const char *name, const char *text);
/* The i-th of `words`, counted from 1. */
void ejs__show_word(ejs__shower *s, const char *name, const char *words, int i);

/* numbers (intl_number.c) -------------------------------------------------- */

/* Words count from 1, 0: not given.  -1: a number not given. */
typedef struct ejs__number_options {
    int8_t style, currency_display, currency_sign, unit_display, notation,
        compact_display, sign_display, grouping, rounding_mode,
        rounding_priority, trailing_zeros;
    int8_t min_integer, min_fraction, max_fraction, min_significant,
        max_significant;
    int16_t rounding_increment;
    bool relaxed_compact; /* compact notation's own rounding */
    char currency[4];
    char unit[48];
    char numbering[16];
} ejs__number_options;

bool ejs__number_options_read(ejs__options *o, ejs__number_options *out);
/* Also used by PluralRules. */
bool ejs__digit_options_read(ejs__options *o, int min_default, int max_default,
                             ejs__number_options *out);
/* Appends the part of an ICU skeleton that says how to round. */
void ejs__digit_skeleton(const ejs__number_options *o, char *out, size_t size);

ejs_value ejs__number_format(ejs_context *ctx, const ejs__locale *locale,
                             const ejs__number_options *o, double n);
ejs_value ejs__number_format_parts(ejs_context *ctx, const ejs__locale *locale,
                                   const ejs__number_options *o, double n);
/* Puts what resolvedOptions() says into `object`. */
bool ejs__number_options_show(ejs_context *ctx, const ejs__locale *locale,
                              const ejs__number_options *o, ejs_value object);
/* The numbering system in use: "latn". */
void ejs__numbering_system(const ejs__locale *locale, char out[16]);

/* dates (intl_date.c) ------------------------------------------------------ */

typedef struct ejs__date_options {
    uint8_t weekday, era, year, month, day, day_period, hour, minute, second,
        fraction, zone_name;
    uint8_t date_style, time_style;
    uint8_t hour12;     /* as ejs__option_flag says */
    uint8_t hour_cycle; /* 1 to 4: h11 h12 h23 h24 */
    char zone[64];      /* IANA name */
} ejs__date_options;

bool ejs__date_options_read(ejs__options *o, ejs__date_defaults defaults,
                            ejs__locale *locale, ejs__date_options *out);
ejs_value ejs__date_format_locale(ejs_context *ctx, const ejs__locale *locale,
                                  const ejs__date_options *o, double t);
ejs_value ejs__date_format_parts(ejs_context *ctx, const ejs__locale *locale,
                                 const ejs__date_options *o, double t);
bool ejs__date_options_show(ejs_context *ctx, const ejs__locale *locale,
                            const ejs__date_options *o, ejs_value object);

/* parts -------------------------------------------------------------------- */

/* Cuts `text` into runs of equal `kind[i]` and returns an array of objects
 * {type, value}; `name` gives the type of a kind. */
ejs_value ejs__parts(ejs_context *ctx, const UChar *text, const int8_t *kinds,
                     int32_t length, const char *(*name)(int kind));

#endif
