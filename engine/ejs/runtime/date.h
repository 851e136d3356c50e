/*
 * date.h - JavaScript's time arithmetic: civil days, time values, parsing.
 *
 * A time value is a double of milliseconds since 1970-01-01 UTC, an integer of
 * at most EJS__TIME_MAX in size, or NaN for an invalid date.  Nothing here
 * knows of values or contexts, and nothing allocates.
 */
#ifndef EJS_RUNTIME_DATE_H
#define EJS_RUNTIME_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ejs/runtime/timezone.h"

#define EJS__TIME_MAX 8.64e15
#define EJS__MS_PER_DAY 86400000.0

/* A moment taken apart; month and weekday count from 0, Sunday is 0. */
typedef struct ejs__civil {
    int32_t year;
    int month, day, hour, minute, second, ms, weekday;
} ejs__civil;

/* Days since 1970-01-01 in the proleptic Gregorian calendar; month 0 to 11. */
int64_t ejs__days_from_civil(int64_t year, int month, int day);

/* Takes a finite time value (UTC or local) apart. */
void ejs__civil_split(double t, ejs__civil *out);

/* ECMA-262 MakeTime, MakeDay, MakeDate and TimeClip: NaN for what is not
 * finite or out of reach. */
double ejs__make_time(double hour, double minute, double second, double ms);
double ejs__make_day(double year, double month, double day);
double ejs__make_date(double day, double time);
double ejs__time_clip(double t);

/* Years 0 to 99 given as numbers mean 1900 to 1999. */
double ejs__full_year(double year);

/*
 * What Date.parse(text) gives: ISO forms, what our own toString family prints,
 * and the loose formats V8 takes.  A time without zone is in `zone`.
 */
double ejs__parse_date(const char *text, size_t size, const ejs__zone *zone);

/* Writers: return the bytes written, without a NUL. `t` must be finite. */
#define EJS__DATE_TEXT_SIZE 192
typedef enum ejs__date_style {
    EJS__DATE_AND_TIME, /* Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated ... */
    EJS__DATE_ONLY,     /* Thu Jan 01 1970 */
    EJS__TIME_ONLY,     /* 00:00:00 GMT+0000 (Coordinated Universal Time) */
    EJS__DATE_UTC,      /* Thu, 01 Jan 1970 00:00:00 GMT */
    EJS__DATE_ISO,      /* 1970-01-01T00:00:00.000Z */
} ejs__date_style;
size_t ejs__date_format(double t, ejs__date_style style, const ejs__zone *zone,
                        char out[EJS__DATE_TEXT_SIZE]);

#endif
