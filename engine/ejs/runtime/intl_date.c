/* Dates by locale: options to ICU patterns, texts and parts. */
#include "ejs/runtime/intl.h"

#include "ejs/runtime/date.h"
#include "ejs/runtime/icu_cache.h"
#include "ejs/runtime/intl_drift.h"

#include <stdio.h>
#include <stdlib.h>

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ufieldpositer.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/*
 * As V8 does it: the parts asked for become a skeleton ("yMMMd"), ICU's pattern
 * generator finds the locale's best pattern for it, and the pattern's hours are
 * made those of the hour cycle.  Styles ("medium") are ready-made patterns.
 *
 * A pattern that shows no zone is formatted in UTC with the zone's offset added
 * to the time, as our zones are more up to date than ICU's.
 */

/* ORDER: words count from 1. */
#define WIDTHS "narrow short long"
#define DIGITS "2-digit numeric"
#define MONTHS "2-digit numeric narrow short long"
#define ZONE_NAMES "short long shortOffset longOffset shortGeneric longGeneric"
#define STYLES "full long medium short"
#define CYCLES "h11 h12 h23 h24"
enum { H11 = 1, H12, H23, H24 };
enum { PATTERN_SIZE = 192 };

static const char cycle_letters[] = " KhHk";

/* A part of a date: option, words, and the skeleton for each word. */
typedef struct part {
    const char *name, *words;
    size_t offset; /* of its member in ejs__date_options */
    const char *skeletons[6];
} part;

#define MEMBER(name) offsetof(ejs__date_options, name)
/* clang-format off */
static const part parts[] = {
    {"weekday",   WIDTHS, MEMBER(weekday),    {"EEEEE", "EEE", "EEEE"}},
    {"era",       WIDTHS, MEMBER(era),        {"GGGGG", "GGG", "GGGG"}},
    {"year",      DIGITS, MEMBER(year),       {"yy", "y"}},
    {"month",     MONTHS, MEMBER(month),      {"MM", "M", "MMMMM", "MMM", "MMMM"}},
    {"day",       DIGITS, MEMBER(day),        {"dd", "d"}},
    {"dayPeriod", WIDTHS, MEMBER(day_period), {"BBBBB", "B", "BBBB"}},
    {"hour",      DIGITS, MEMBER(hour),       {"jj", "j"}},
    {"minute",    DIGITS, MEMBER(minute),     {"mm", "m"}},
    {"second",    DIGITS, MEMBER(second),     {"ss", "s"}},
    {"timeZoneName", ZONE_NAMES, MEMBER(zone_name),
                                   {"z", "zzzz", "O", "OOOO", "v", "vvvv"}},
};
/* clang-format on */
enum { N_PARTS = sizeof parts / sizeof *parts, NUMERIC = 2 };

static uint8_t *member(ejs__date_options *o, const part *p)
{
    return (uint8_t *)o + p->offset;
}

static uint8_t value_of(const ejs__date_options *o, const part *p)
{
    return *((const uint8_t *)o + p->offset);
}

/* reading ------------------------------------------------------------------ */

static bool word(ejs__options *o, const char *name, const char *words,
                 uint8_t *out)
{
    const int v = ejs__option_word(o, name, words);
    *out = (uint8_t)(v > 0 ? v : 0);
    return v >= 0;
}

static bool read_zone(ejs__options *o, ejs__date_options *out)
{
    char name[64];
    const int given = ejs__option_text(o, "timeZone", name, sizeof name);
    if (given < 0)
        return false;
    const ejs__zone *zone =
        given ? ejs__zone_get(name, strlen(name)) : ejs__context_zone(o->ctx);
    if (!zone) {
        ejs__throw_error(o->ctx, EJS_RANGE_ERROR,
                         "Invalid time zone specified: %s", name);
        return false;
    }
    snprintf(out->zone, sizeof out->zone, "%s", ejs__zone_name(zone));
    return true;
}

/* Options that change the locale: calendar and numberingSystem. */
static bool read_keyword(ejs__options *o, const char *name, const char *keyword,
                         ejs__locale *locale)
{
    char text[32];
    const int given = ejs__option_text(o, name, text, sizeof text);
    if (given < 0)
        return false;
    if (given && !ejs__is_extension(text)) {
        ejs__throw_error(o->ctx, EJS_RANGE_ERROR, "Invalid %s : %s", name,
                         text);
        return false;
    }
    if (given) {
        const char *icu = uloc_toLegacyType(keyword, text);
        if (icu)
            ejs__locale_set(locale, keyword, icu);
    }
    return true;
}

static bool read_fraction(ejs__options *o, ejs__date_options *out)
{
    int digits = 0;
    if (ejs__option_number(o, "fractionalSecondDigits", 1, 3, &digits) < 0)
        return false;
    out->fraction = (uint8_t)digits;
    return true;
}

/* Throws for styles together with what they exclude. */
static bool check_styles(ejs__options *o, ejs__date_defaults defaults,
                         ejs__date_options *out)
{
    const char *style = out->date_style ? "dateStyle" : "timeStyle";
    const char *other = out->fraction ? "fractionalSecondDigits" : NULL;
    for (int i = 0; i < N_PARTS && !other; i++) {
        if (value_of(out, &parts[i]))
            other = parts[i].name;
    }
    if (other)
        ejs__throw_error(o->ctx, EJS_TYPE_ERROR,
                         "Can't set option %s when %s is used", other, style);
    else if (defaults == EJS__DEFAULT_DATE && out->time_style)
        ejs__throw_error(o->ctx, EJS_TYPE_ERROR, "Invalid option : timeStyle");
    else if (defaults == EJS__DEFAULT_TIME && out->date_style)
        ejs__throw_error(o->ctx, EJS_TYPE_ERROR, "Invalid option : dateStyle");
    else
        return true;
    return false;
}

/* What a call without the parts it is about shows. */
static void apply_defaults(ejs__date_defaults defaults, ejs__date_options *o)
{
    const bool date = o->weekday || o->year || o->month || o->day;
    const bool time =
        o->day_period || o->hour || o->minute || o->second || o->fraction;
    const bool any = date || time;
    const bool add_date = defaults == EJS__DEFAULT_DATE   ? !date
                          : defaults == EJS__DEFAULT_TIME ? false
                                                          : !any;
    const bool add_time = defaults == EJS__DEFAULT_TIME  ? !time
                          : defaults == EJS__DEFAULT_ALL ? !any
                                                         : false;
    if (add_date)
        o->year = o->month = o->day = NUMERIC;
    if (add_time)
        o->hour = o->minute = o->second = NUMERIC;
}

bool ejs__date_options_read(ejs__options *o, ejs__date_defaults defaults,
                            ejs__locale *locale, ejs__date_options *out)
{
    uint8_t ignored;
    memset(out, 0, sizeof *out);
    if (!word(o, "localeMatcher", "lookup best fit", &ignored) ||
        !read_keyword(o, "calendar", "calendar", locale) ||
        !read_keyword(o, "numberingSystem", "numbers", locale))
        return false;
    const int hour12 = ejs__option_flag(o, "hour12");
    if (hour12 < 0 || !word(o, "hourCycle", CYCLES, &out->hour_cycle) ||
        !read_zone(o, out))
        return false;
    out->hour12 = (uint8_t)hour12;
    for (int i = 0; i < N_PARTS; i++) {
        if (!word(o, parts[i].name, parts[i].words, member(out, &parts[i])))
            return false;
        if (parts[i].offset == MEMBER(second) && !read_fraction(o, out))
            return false;
    }
    if (!word(o, "formatMatcher", "basic best fit", &ignored) ||
        !word(o, "dateStyle", STYLES, &out->date_style) ||
        !word(o, "timeStyle", STYLES, &out->time_style))
        return false;
    if (out->date_style || out->time_style)
        return check_styles(o, defaults, out);
    apply_defaults(defaults, out);
    return true;
}

/* patterns ----------------------------------------------------------------- */

typedef struct pattern {
    UChar units[PATTERN_SIZE]; /* NUL-terminated */
} pattern;

static bool is_hour(UChar c)
{
    return c == 'h' || c == 'H' || c == 'K' || c == 'k';
}

/* The first letter outside quotes that is one of `wanted`; 0 without. */
static UChar find_field(const pattern *p, const char *wanted)
{
    bool quoted = false;
    for (const UChar *c = p->units; *c; c++) {
        if (*c == '\'')
            quoted = !quoted;
        else if (!quoted && *c < 128 && strchr(wanted, (char)*c))
            return *c;
    }
    return 0;
}

/* The hour cycle a pattern is written with, 0 without hours. */
static uint8_t cycle_of(const pattern *p)
{
    const UChar c = find_field(p, "KhHk");
    return c ? (uint8_t)(strchr(cycle_letters, (char)c) - cycle_letters) : 0;
}

/* Writes all hours with that cycle's letter, and a space after a day that
 * would touch them. */
static void set_cycle(pattern *p, uint8_t cycle)
{
    pattern out;
    size_t n = 0;
    bool quoted = false;
    UChar last = 0;
    for (const UChar *c = p->units; *c && n < PATTERN_SIZE - 2; c++) {
        quoted ^= *c == '\'';
        const bool hour = !quoted && is_hour(*c);
        if (hour && last == 'd')
            out.units[n++] = ' ';
        out.units[n++] = hour ? (UChar)cycle_letters[cycle] : *c;
        last = *c;
    }
    out.units[n] = 0;
    *p = out;
}

static void close_generator(void *value)
{
    udatpg_close(value);
}

/* The thread's pattern generator of the locale; it is costly.  NULL: failed. */
static UDateTimePatternGenerator *generator_of(const ejs__locale *locale)
{
    char key[1 + EJS__TAG_SIZE];
    const size_t size = (size_t)snprintf(key, sizeof key, "G%s", locale->icu);
    UDateTimePatternGenerator *g = ejs__icu_cache_get(key, size);
    if (g)
        return g;
    UErrorCode status = U_ZERO_ERROR;
    g = udatpg_open(locale->icu, &status);
    if (U_FAILURE(status)) {
        udatpg_close(g);
        return NULL;
    }
    ejs__drift_generator(locale->icu, g);
    return ejs__icu_cache_put(key, size, g, close_generator);
}

/* h11 is what a locale of h23 makes of hour12, and h24 the reverse. */
static uint8_t hour_cycle(const ejs__locale *locale, const ejs__date_options *o,
                          UDateTimePatternGenerator *g)
{
    static const uint8_t by_icu[] = {[UDAT_HOUR_CYCLE_11] = H11,
                                     [UDAT_HOUR_CYCLE_12] = H12,
                                     [UDAT_HOUR_CYCLE_23] = H23,
                                     [UDAT_HOUR_CYCLE_24] = H24};
    UErrorCode status = U_ZERO_ERROR;
    uint8_t usual = by_icu[udatpg_getDefaultHourCycle(g, &status) & 3];
    if (ejs__drift_to_12_hours(locale->icu))
        usual = H12;
    char hours[16];
    status = U_ZERO_ERROR;
    const int32_t n = uloc_getKeywordValue(locale->icu, "hours", hours,
                                           sizeof hours, &status);
    const char *at = n == 3 ? strstr(CYCLES, hours) : NULL;
    if (at)
        usual = (uint8_t)((at - CYCLES) / 4 + 1);
    if (o->hour12) {
        const bool from_zero = usual == H11 || usual == H23;
        return o->hour12 == 2 ? (from_zero ? H11 : H12)
                              : (from_zero ? H23 : H24);
    }
    return o->hour_cycle ? o->hour_cycle : usual;
}

static bool best_pattern(UDateTimePatternGenerator *g, const UChar *skeleton,
                         UDateTimePatternMatchOptions matching, pattern *out)
{
    UErrorCode status = U_ZERO_ERROR;
    udatpg_getBestPatternWithOptions(g, skeleton, -1, matching, out->units,
                                     PATTERN_SIZE, &status);
    return U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING;
}

static bool parts_pattern(UDateTimePatternGenerator *g,
                          const ejs__date_options *o, uint8_t cycle,
                          pattern *out)
{
    char text[80] = "";
    size_t n = 0;
    for (int i = 0; i < N_PARTS; i++) {
        const uint8_t v = value_of(o, &parts[i]);
        if (parts[i].offset == MEMBER(zone_name)) {
            for (int k = 0; k < o->fraction; k++)
                text[n++] = 'S';
        }
        if (v)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s",
                                  parts[i].skeletons[v - 1]);
    }
    text[n] = '\0';
    for (char *c = text; *c; c++) {
        if (*c == 'j')
            *c = cycle_letters[cycle];
    }
    UChar skeleton[80];
    u_charsToUChars(text, skeleton, (int32_t)n + 1);
    if (!best_pattern(g, skeleton, UDATPG_MATCH_HOUR_FIELD_LENGTH, out))
        return false;
    set_cycle(out, cycle);
    return true;
}

/* A style's pattern written anew for another hour cycle; with `short_hours`
 * hours of one digit stay so. */
static bool change_cycle(UDateTimePatternGenerator *g, uint8_t cycle,
                         bool short_hours, pattern *p)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar skeleton[PATTERN_SIZE];
    const int32_t length = udatpg_getSkeleton(g, p->units, -1, skeleton,
                                              PATTERN_SIZE - 1, &status);
    if (U_FAILURE(status))
        return false;
    int32_t n = 0;
    UChar last = 0;
    for (int32_t i = 0; i < length; i++) {
        const UChar c = skeleton[i];
        const bool again = is_hour(c) && c == last;
        last = c;
        if (c == 'a' || c == 'b' || c == 'B' || (short_hours && again))
            continue;
        skeleton[n++] = is_hour(c) ? (UChar)cycle_letters[cycle] : c;
    }
    skeleton[n] = 0;
    if (!best_pattern(g, skeleton, UDATPG_MATCH_HOUR_FIELD_LENGTH, p))
        return false;
    set_cycle(p, cycle);
    return true;
}

static bool style_pattern(UDateTimePatternGenerator *g,
                          const ejs__locale *locale, const ejs__date_options *o,
                          uint8_t cycle, pattern *out)
{
    static const UDateFormatStyle styles[] = {UDAT_NONE, UDAT_FULL, UDAT_LONG,
                                              UDAT_MEDIUM, UDAT_SHORT};
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format =
        udat_open(styles[o->time_style], styles[o->date_style], locale->icu,
                  NULL, 0, NULL, 0, &status);
    if (U_SUCCESS(status))
        udat_toPattern(format, false, out->units, PATTERN_SIZE, &status);
    udat_close(format);
    if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
        return false;
    const uint8_t has = cycle_of(out);
    const bool drifted =
        ejs__drift_to_12_hours(locale->icu) && !o->hour12 && !o->hour_cycle;
    return !o->time_style || has == cycle ||
           change_cycle(g, cycle, drifted, out);
}

/* formatters --------------------------------------------------------------- */

typedef struct formatter {
    UDateFormat *date;
    UCalendar *probe; /* of ICU's zone, when the pattern names the zone */
    const ejs__zone *zone;
    char locale[EJS__TAG_SIZE];
    pattern pattern;
    uint8_t cycle;
    bool fixed; /* shows an offset instead of ICU's zone */
} formatter;

/* A format forgets its symbols when it gets a calendar. */
static void use_calendar(formatter *f, const UCalendar *calendar)
{
    udat_setCalendar(f->date, calendar);
    ejs__drift_symbols(f->locale, f->date);
}

static void close_formatter(void *value)
{
    formatter *f = value;
    udat_close(f->date);
    ucal_close(f->probe);
    free(f);
}

/* A calendar of the locale that is Gregorian for all times. */
static UCalendar *open_calendar(const ejs__locale *locale, const char *zone)
{
    UChar id[64];
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(zone, id, (int32_t)strlen(zone) + 1);
    UCalendar *calendar = ucal_open(id, -1, locale->icu, UCAL_DEFAULT, &status);
    if (U_FAILURE(status)) {
        ucal_close(calendar);
        return NULL;
    }
    ucal_setGregorianChange(calendar, -8.64e15, &status); /* may not apply */
    return calendar;
}

static bool open_format(const ejs__locale *locale, formatter *f)
{
    const bool named = find_field(&f->pattern, "zZOvVXx") != 0;
    const char *zone = named ? ejs__zone_name(f->zone) : "Etc/UTC";
    UCalendar *calendar = open_calendar(locale, zone);
    if (!calendar)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    f->date = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale->icu, NULL, 0,
                        f->pattern.units, -1, &status);
    memcpy(f->locale, locale->icu, sizeof f->locale);
    if (U_SUCCESS(status))
        use_calendar(f, calendar);
    if (named)
        f->probe = calendar;
    else
        ucal_close(calendar);
    return U_SUCCESS(status);
}

static bool make_pattern(const ejs__locale *locale, const ejs__date_options *o,
                         formatter *f)
{
    UDateTimePatternGenerator *g = generator_of(locale);
    if (!g)
        return false;
    f->cycle = hour_cycle(locale, o, g);
    const bool ok = o->date_style || o->time_style
                        ? style_pattern(g, locale, o, f->cycle, &f->pattern)
                        : parts_pattern(g, o, f->cycle, &f->pattern);
    if (ok)
        ejs__drift_pattern(locale->icu, o->date_style || o->time_style,
                           f->pattern.units, PATTERN_SIZE);
    return ok;
}

static formatter *formatter_of(ejs_context *ctx, const ejs__locale *locale,
                               const ejs__date_options *o)
{
    char key[1 + sizeof *o + EJS__TAG_SIZE];
    const size_t n = strlen(locale->icu), size = 1 + sizeof *o + n;
    key[0] = 'F';
    memcpy(key + 1, o, sizeof *o);
    memcpy(key + 1 + sizeof *o, locale->icu, n);
    formatter *f = ejs__icu_cache_get(key, size);
    if (f)
        return f;
    f = ejs__icu_has_room() ? calloc(1, sizeof *f) : NULL;
    if (f) {
        f->zone = ejs__zone_get(o->zone, strlen(o->zone));
        if (f->zone && make_pattern(locale, o, f) && open_format(locale, f)) {
            f = ejs__icu_cache_put(key, size, f, close_formatter);
        } else {
            close_formatter(f);
            f = NULL;
        }
    }
    if (!f)
        ejs__throw_no_memory(ctx);
    return f;
}

/*
 * What to give ICU for the moment t: with a zone name in the pattern the moment
 * itself, unless ICU's zone data is out of date; then only the offset can be
 * shown, and the zone is one that has it.
 */
static double prepare(formatter *f, double t)
{
    const int32_t offset = ejs__zone_offset(f->zone, t, NULL);
    if (!f->probe)
        return t + offset * 1e3;
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(f->probe, t, &status);
    const int32_t icu = ucal_get(f->probe, UCAL_ZONE_OFFSET, &status) +
                        ucal_get(f->probe, UCAL_DST_OFFSET, &status);
    if (icu / 1000 == offset) {
        if (f->fixed)
            use_calendar(f, f->probe);
        f->fixed = false;
        return t;
    }
    char text[32];
    UChar id[32];
    const int minutes = abs(offset) / 60;
    snprintf(text, sizeof text, "GMT%c%02d:%02d", offset < 0 ? '-' : '+',
             minutes / 60, minutes % 60);
    u_charsToUChars(text, id, (int32_t)strlen(text) + 1);
    UCalendar *fixed = ucal_clone(f->probe, &status);
    if (U_SUCCESS(status)) {
        ucal_setTimeZone(fixed, id, -1, &status);
        use_calendar(f, fixed);
        f->fixed = true;
    }
    ucal_close(fixed);
    return t;
}

/* V8 writes plain spaces before AM and PM, where ICU has narrow ones; not so
 * in parts. */
static void plain_spaces(UChar *text, int32_t length)
{
    for (int32_t i = 0; i < length; i++) {
        if (text[i] == 0x202F)
            text[i] = ' ';
    }
}

enum { TEXT_SIZE = 512 };

/* Formats t; the number of units, -1 after throwing. */
static int32_t format(ejs_context *ctx, formatter *f, double t,
                      UFieldPositionIterator *fields, UChar text[TEXT_SIZE])
{
    UErrorCode status = U_ZERO_ERROR;
    const double shown = prepare(f, t);
    const int32_t length =
        fields ? udat_formatForFields(f->date, shown, text, TEXT_SIZE, fields,
                                      &status)
               : udat_format(f->date, shown, text, TEXT_SIZE, NULL, &status);
    if (U_FAILURE(status)) {
        ejs__throw_no_memory(ctx);
        return -1;
    }
    if (!fields)
        plain_spaces(text, length);
    return length;
}

ejs_value ejs__date_format_locale(ejs_context *ctx, const ejs__locale *locale,
                                  const ejs__date_options *o, double t)
{
    UChar text[TEXT_SIZE];
    formatter *f = formatter_of(ctx, locale, o);
    const int32_t length = f ? format(ctx, f, t, NULL, text) : -1;
    return length < 0 ? ejs__thrown()
                      : ejs__string_from_units(ctx, (const uint16_t *)text,
                                               (size_t)length);
}

ejs_value ejs__date_to_locale_string(ejs_context *ctx, double t,
                                     ejs_value locales, ejs_value options,
                                     ejs__date_defaults defaults)
{
    static const char *const services[] = {
        [EJS__DEFAULT_ALL] = "Date.prototype.toLocaleString",
        [EJS__DEFAULT_DATE] = "Date.prototype.toLocaleDateString",
        [EJS__DEFAULT_TIME] = "Date.prototype.toLocaleTimeString",
        [EJS__DEFAULT_ANY] = "Intl.DateTimeFormat"};
    ejs__locale locale;
    ejs__options reader;
    ejs__date_options o;
    if (!ejs__locale_resolve(ctx, locales, "nu ca hc", &locale) ||
        !ejs__options_open(ctx, services[defaults], options, &reader) ||
        !ejs__date_options_read(&reader, defaults, &locale, &o))
        return ejs__thrown();
    return ejs__date_format_locale(ctx, &locale, &o, t);
}

/* parts -------------------------------------------------------------------- */

static const char *part_name(int kind)
{
    switch (kind) {
    case UDAT_ERA_FIELD:
        return "era";
    case UDAT_YEAR_FIELD:
    case UDAT_EXTENDED_YEAR_FIELD:
        return "year";
    case UDAT_RELATED_YEAR_FIELD:
        return "relatedYear";
    case UDAT_YEAR_NAME_FIELD:
        return "yearName";
    case UDAT_MONTH_FIELD:
    case UDAT_STANDALONE_MONTH_FIELD:
        return "month";
    case UDAT_DATE_FIELD:
        return "day";
    case UDAT_HOUR_OF_DAY1_FIELD:
    case UDAT_HOUR_OF_DAY0_FIELD:
    case UDAT_HOUR1_FIELD:
    case UDAT_HOUR0_FIELD:
        return "hour";
    case UDAT_MINUTE_FIELD:
        return "minute";
    case UDAT_SECOND_FIELD:
        return "second";
    case UDAT_FRACTIONAL_SECOND_FIELD:
        return "fractionalSecond";
    case UDAT_DAY_OF_WEEK_FIELD:
    case UDAT_DOW_LOCAL_FIELD:
    case UDAT_STANDALONE_DAY_FIELD:
        return "weekday";
    case UDAT_AM_PM_FIELD:
    case UDAT_AM_PM_MIDNIGHT_NOON_FIELD:
    case UDAT_FLEXIBLE_DAY_PERIOD_FIELD:
        return "dayPeriod";
    case UDAT_TIMEZONE_FIELD:
    case UDAT_TIMEZONE_RFC_FIELD:
    case UDAT_TIMEZONE_GENERIC_FIELD:
    case UDAT_TIMEZONE_SPECIAL_FIELD:
    case UDAT_TIMEZONE_LOCALIZED_GMT_OFFSET_FIELD:
    case UDAT_TIMEZONE_ISO_FIELD:
    case UDAT_TIMEZONE_ISO_LOCAL_FIELD:
        return "timeZoneName";
    default:
        return "literal";
    }
}

ejs_value ejs__date_format_parts(ejs_context *ctx, const ejs__locale *locale,
                                 const ejs__date_options *o, double t)
{
    UChar text[TEXT_SIZE];
    int8_t kinds[TEXT_SIZE];
    UErrorCode status = U_ZERO_ERROR;
    formatter *f = formatter_of(ctx, locale, o);
    UFieldPositionIterator *fields = ufieldpositer_open(&status);
    const int32_t length = f ? format(ctx, f, t, fields, text) : -1;
    memset(kinds, -1, sizeof kinds);
    int32_t from, to, field;
    while (length >= 0 &&
           (field = ufieldpositer_next(fields, &from, &to)) >= 0) {
        for (int32_t i = from; i < to && i < length; i++)
            kinds[i] = (int8_t)field;
    }
    ufieldpositer_close(fields);
    return length < 0 ? ejs__thrown()
                      : ejs__parts(ctx, text, kinds, length, part_name);
}

/* resolvedOptions ---------------------------------------------------------- */

static void show_calendar(ejs__shower *s, const ejs__locale *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = open_calendar(locale, "Etc/UTC");
    const char *type = calendar ? ucal_getType(calendar, &status) : NULL;
    const char *name = type && U_SUCCESS(status)
                           ? uloc_toUnicodeLocaleType("calendar", type)
                           : NULL;
    if (!name)
        name = "gregory";
    ejs__show_text(s, "calendar", name);
    ucal_close(calendar);
}

/* V8 names zones as ICU does, with the old spellings, and all of GMT "UTC". */
static void show_zone(ejs__shower *s, const char *zone)
{
    UChar id[64], canonical[64];
    char text[64];
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(zone, id, (int32_t)strlen(zone) + 1);
    const int32_t n =
        ucal_getCanonicalTimeZoneID(id, -1, canonical, 63, NULL, &status);
    if (U_SUCCESS(status)) {
        u_UCharsToChars(canonical, text, n);
        text[n] = '\0';
        zone = text;
    }
    if (!strcmp(zone, "Etc/UTC") || !strcmp(zone, "Etc/GMT") ||
        !strcmp(zone, "GMT"))
        zone = "UTC";
    ejs__show_text(s, "timeZone", zone);
}

/* The word for a part as the pattern has it: a run of its letters. */
static int word_in(const pattern *p, const part *want)
{
    static const char letters[N_PARTS][8] = {
        "Eec", "G", "yYuUr", "ML", "d", "B", "hHkK", "m", "s", "zOv"};
    const char *mine = letters[want - parts];
    const UChar first = find_field(p, mine);
    if (!first)
        return 0;
    size_t run = 0;
    bool quoted = false;
    for (const UChar *c = p->units; *c; c++) {
        quoted ^= *c == '\'';
        if (!quoted && *c == first)
            run++;
        else if (run)
            break;
    }
    const bool digits = !want->skeletons[2], widths = !want->skeletons[3];
    if (digits || (want->offset == MEMBER(month) && run < 3))
        return run == 2 ? 1 : 2;
    if (want->offset == MEMBER(month))
        return run == 3 ? 4 : run == 4 ? 5 : 3;
    if (widths)
        return run == 4 ? 3 : run == 5 ? 1 : 2;
    return (first == 'z' ? 1 : first == 'O' ? 3 : 5) + (run == 4);
}

bool ejs__date_options_show(ejs_context *ctx, const ejs__locale *locale,
                            const ejs__date_options *o, ejs_value object)
{
    ejs__shower s = {ctx, object, true};
    char system[16];
    const formatter *f = formatter_of(ctx, locale, o);
    if (!f)
        return false;
    const bool styled = o->date_style || o->time_style;
    const bool has_hours = cycle_of(&f->pattern) != 0;
    ejs__numbering_system(locale, system);
    ejs__show_text(&s, "locale", locale->tag);
    show_calendar(&s, locale);
    ejs__show_text(&s, "numberingSystem", system);
    show_zone(&s, o->zone);
    if (has_hours) {
        ejs__show_word(&s, "hourCycle", CYCLES, f->cycle);
        ejs__show(&s, "hour12", ejs__boolean(f->cycle <= H12));
    }
    for (int i = 0; i < N_PARTS && !styled; i++) {
        const int w = word_in(&f->pattern, &parts[i]);
        if (parts[i].offset == MEMBER(zone_name) && o->fraction)
            ejs__show(&s, "fractionalSecondDigits", ejs__number(o->fraction));
        if (w && value_of(o, &parts[i]))
            ejs__show_word(&s, parts[i].name, parts[i].words, w);
    }
    if (o->date_style)
        ejs__show_word(&s, "dateStyle", STYLES, o->date_style);
    if (o->time_style)
        ejs__show_word(&s, "timeStyle", STYLES, o->time_style);
    return s.ok;
}
