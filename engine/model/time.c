/* time.c - reads and writes ISO 8601 times by the proleptic calendar. */
#include "model/time.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define DAY_MS 86400000

/* Days since 1970-01-01; a year begins in March, so leap days come last. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t of_era = year - era * 400;
    const int64_t of_year =
        (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t of_era = days - era * 146097;
    const int64_t y =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    const int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

void mvc__time_format(double ms, char out[MVC__TIME_SIZE])
{
    const int64_t total = (int64_t)floor(ms);
    int64_t days = total / DAY_MS;
    int64_t rest = total % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    int64_t year;
    int month, day;
    date_of(days, &year, &month, &day);
    const char *form = year >= 0 && year <= 9999 ? "%04lld" : "%+07lld";
    char digits[24];
    snprintf(digits, sizeof digits, form, (long long)year);
    snprintf(out, MVC__TIME_SIZE, "%.7s-%02u-%02uT%02u:%02u:%02u.%03uZ", digits,
             (unsigned)month % 100, (unsigned)day % 100,
             (unsigned)(rest / 3600000) % 100, (unsigned)(rest / 60000 % 60),
             (unsigned)(rest / 1000 % 60), (unsigned)(rest % 1000));
}

/* Exactly `count` digits, at *text, which moves past them. */
static bool digits(const char **text, int count, int64_t *value)
{
    int64_t n = 0;
    for (int i = 0; i < count; i++) {
        const char c = (*text)[i];
        if (c < '0' || c > '9')
            return false;
        n = n * 10 + (c - '0');
    }
    *text += count;
    *value = n;
    return true;
}

static bool skip(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

static int month_length(int64_t year, int64_t month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap);
}

// date = (year | sign year6) "-" month "-" day
static bool parse_date(const char **text, int64_t *days)
{
    int64_t year, month, day;
    const bool minus = **text == '-';
    if (**text == '+' || minus) {
        (*text)++;
        if (!digits(text, 6, &year) || (minus && year == 0))
            return false;
        year = minus ? -year : year;
    } else if (!digits(text, 4, &year)) {
        return false;
    }
    if (!skip(text, '-') || !digits(text, 2, &month) || !skip(text, '-') ||
        !digits(text, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > month_length(year, month))
        return false;
    *days = days_of(year, (int)month, (int)day);
    return true;
}

/* Three digits count, further ones are dropped. */
static bool parse_fraction(const char **text, int64_t *ms)
{
    if (**text < '0' || **text > '9')
        return false;
    int64_t scale = 100;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        *ms += (**text - '0') * scale;
        scale /= 10;
    }
    return true;
}

// clock = hour ":" minute (":" second ("." digit+)?)?
static bool parse_clock(const char **text, int64_t *ms)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!digits(text, 2, &hour) || !skip(text, ':') ||
        !digits(text, 2, &minute))
        return false;
    if (skip(text, ':')) {
        if (!digits(text, 2, &second))
            return false;
        if (skip(text, '.') && !parse_fraction(text, &fraction))
            return false;
    }
    *ms = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
    return minute < 60 && second < 60 &&
           (hour < 24 || (hour == 24 && *ms == DAY_MS));
}

// zone = "Z" | ("+" | "-") hour ":"? minute | nothing
static bool parse_zone(const char **text, int64_t *ms)
{
    *ms = 0;
    if (**text == '\0' || skip(text, 'Z'))
        return true;
    const bool minus = **text == '-';
    int64_t hour, minute;
    if (!skip(text, '+') && !skip(text, '-'))
        return false;
    if (!digits(text, 2, &hour))
        return false;
    skip(text, ':');
    if (!digits(text, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ms = (hour * 60 + minute) * 60000 * (minus ? -1 : 1);
    return true;
}

bool mvc__time_parse(const char *text, double *ms)
{
    int64_t days, clock = 0, zone = 0;
    if (!parse_date(&text, &days))
        return false;
    if (*text == 'T' || *text == ' ') {
        text++;
        if (!parse_clock(&text, &clock) || !parse_zone(&text, &zone))
            return false;
    }
    if (*text)
        return false;
    *ms = (double)days * DAY_MS + (double)(clock - zone);
    return fabs(*ms) <= MVC__TIME_MAX;
}

double mvc__time_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1000 + (double)(now.tv_nsec / 1000000);
}
