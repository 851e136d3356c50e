/*
 * intl_drift.h - what changed between the CLDR of distributions' ICUs and
 * Node 20's, for locales that pages often use.
 *
 * Each row names what an older ICU gives, so a newer one is left alone.
 */
#ifndef EJS_RUNTIME_INTL_DRIFT_H
#define EJS_RUNTIME_INTL_DRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>

/* Is the locale ("es_MX@numbers=latn") one that has turned to 12 hours? */
bool ejs__drift_to_12_hours(const char *locale);

/* Gives a new generator the patterns that its locale has now. */
void ejs__drift_generator(const char *locale, UDateTimePatternGenerator *g);

/* Brings a date pattern of `size` units up to date, in place; `styled`: it is
 * that of a dateStyle or timeStyle. */
void ejs__drift_pattern(const char *locale, bool styled, UChar *pattern,
                        size_t size);

/* Likewise the words of a format: am and pm, weekdays. */
void ejs__drift_symbols(const char *locale, UDateFormat *format);

/* A keyword that has become usual in the locale ("numbers", *value "latn");
 * NULL: none. */
const char *ejs__drift_keyword(const char *locale, const char **value);

/* Whether the locale now leaves 1500 without a separator. */
bool ejs__drift_grouping(const char *locale);

#endif
