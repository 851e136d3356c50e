/* Time arithmetic in the proleptic Gregorian calendar, and dates as text. */
#include "ejs/runtime/date.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed",
                                    "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* arithmetic --------------------------------------------------------------- */

/*
 * Years are counted from March, so that the leap day is the last of its year,
 * in eras of 400 years, which all have 146097 days.
 */
int64_t ejs__days_from_civil(int64_t year, int month, int day)
{
    if (month < 2)
        year--;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t year_of_era = year - era * 400;
    const int from_march = (month + 10) % 12;
    const int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 -
           year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, ejs__civil *out)
{
    days += 719468; /* from 0000-03-01 */
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t day_of_era = days - era * 146097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 +
                                 day_of_era / 36524 - day_of_era / 146096) /
                                365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t from_march = (5 * day_of_year + 2) / 153;
    out->day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
    out->month = (int)(from_march + 2) % 12;
    out->year = (int32_t)(year_of_era + era * 400 + (out->month < 2));
}

void ejs__civil_split(double t, ejs__civil *out)
{
    const int64_t ms_per_day = 86400000;
    const int64_t ms = (int64_t)t;
    const int64_t days = (ms >= 0 ? ms : ms - (ms_per_day - 1)) / ms_per_day;
    const int rest = (int)(ms - days * ms_per_day);
    civil_from_days(days, out);
    out->hour = rest / 3600000;
    out->minute = rest / 60000 % 60;
    out->second = rest / 1000 % 60;
    out->ms = rest % 1000;
    out->weekday = (int)((days % 7 + 11) % 7);
}

double ejs__make_time(double hour, double minute, double second, double ms)
{
    if (!isfinite(hour) || !isfinite(minute) || !isfinite(second) ||
        !isfinite(ms))
        return NAN;
    return trunc(hour) * 3600000 + trunc(minute) * 60000 +
           trunc(second) * 1000 + trunc(ms);
}

double ejs__make_day(double year, double month, double day)
{
    /* V8's bounds: all that lies outside is out of reach anyway. */
    if (!(fabs(year) <= 1e6) || !(fabs(month) <= 1e7) || !isfinite(day))
        return NAN;
    int64_t y = (int64_t)year, m = (int64_t)month;
    y += (m >= 0 ? m : m - 11) / 12;
    m = (m % 12 + 12) % 12;
    return (double)ejs__days_from_civil(y, (int)m, 1) + trunc(day) - 1;
}

double ejs__make_date(double day, double time)
{
    const double t = day * EJS__MS_PER_DAY + time;
    return isfinite(t) ? t : NAN;
}

double ejs__time_clip(double t)
{
    return fabs(t) <= EJS__TIME_MAX ? trunc(t) + 0.0 : NAN;
}

double ejs__full_year(double year)
{
    const double y = trunc(year);
    return y >= 0 && y <= 99 ? 1900 + y : year;
}

/* text --------------------------------------------------------------------- */

static int put_day(char *out, size_t size, const ejs__civil *c)
{
    return snprintf(out, size, "%s %s %02d %s%04d", weekdays[c->weekday],
                    months[c->month], c->day, c->year < 0 ? "-" : "",
                    abs(c->year));
}

static int put_clock(char *out, size_t size, const ejs__civil *c, double t,
                     const ejs__zone *zone)
{
    const int offset = ejs__zone_offset(zone, t, NULL) / 60;
    char name[64];
    ejs__zone_long_name(zone, t, name, sizeof name);
    return snprintf(out, size, "%02d:%02d:%02d GMT%c%02d%02d (%s)", c->hour,
                    c->minute, c->second, offset < 0 ? '-' : '+',
                    abs(offset) / 60, abs(offset) % 60, name);
}

static int put_utc(char *out, size_t size, const ejs__civil *c)
{
    return snprintf(out, size, "%s, %02d %s %s%04d %02d:%02d:%02d GMT",
                    weekdays[c->weekday], c->day, months[c->month],
                    c->year < 0 ? "-" : "", abs(c->year), c->hour, c->minute,
                    c->second);
}

static int put_iso(char *out, size_t size, const ejs__civil *c)
{
    char year[16];
    if (c->year >= 0 && c->year <= 9999)
        snprintf(year, sizeof year, "%04d", c->year);
    else
        snprintf(year, sizeof year, "%c%06d", c->year < 0 ? '-' : '+',
                 abs(c->year));
    return snprintf(out, size, "%s-%02d-%02dT%02d:%02d:%02d.%03dZ", year,
                    c->month + 1, c->day, c->hour, c->minute, c->second, c->ms);
}

size_t ejs__date_format(double t, ejs__date_style style, const ejs__zone *zone,
                        char out[EJS__DATE_TEXT_SIZE])
{
    const size_t size = EJS__DATE_TEXT_SIZE;
    const bool is_local = style <= EJS__TIME_ONLY;
    ejs__civil c;
    ejs__civil_split(is_local ? t + ejs__zone_offset(zone, t, NULL) * 1e3 : t,
                     &c);
    int n = 0;
    switch (style) {
    case EJS__DATE_AND_TIME:
        n = put_day(out, size, &c);
        out[n++] = ' ';
        n += put_clock(out + n, size - (size_t)n, &c, t, zone);
        break;
    case EJS__DATE_ONLY:
        n = put_day(out, size, &c);
        break;
    case EJS__TIME_ONLY:
        n = put_clock(out, size, &c, t, zone);
        break;
    case EJS__DATE_UTC:
        n = put_utc(out, size, &c);
        break;
    case EJS__DATE_ISO:
        n = put_iso(out, size, &c);
        break;
    }
    return (size_t)n;
}
