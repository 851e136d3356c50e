/* Time zones: a table of changes for each, read from TZif files or from ICU. */
#include "ejs/runtime/timezone.h"

#include "base/file.h"
#include "ejs/runtime/date.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

/*
 * A zone is the list of its changes of clocks.  The rule for the future that
 * ends a TZif file is played for 400 years; as the Gregorian calendar repeats
 * after that time to the weekday, later moments are looked up in that part:
 *
 *      at[0]            last explicit         at[0] .. + 400 years
 *     ──┬──────┬───┬───────┬──────┬──────┬───  …  ──┬─────────┐
 *       recorded changes    played from the rule     repeats ──▶
 */
#define CYCLE (INT64_C(146097) * 86400)
#define NAME_SIZE 64
#define ZONEINFO "/usr/share/zoneinfo/"

typedef struct change {
    int64_t at; /* seconds since 1970, UTC */
    int32_t offset;
    bool dst;
} change;

struct ejs__zone {
    ejs__zone *next;
    char name[NAME_SIZE];
    int32_t first_offset; /* before changes[0] */
    change *changes;
    size_t count, capacity;
    bool repeats; /* the last CYCLE of changes goes on for ever */
    atomic_bool has_names;
    char standard_name[NAME_SIZE], daylight_name[NAME_SIZE];
};

static ejs__zone utc = {.name = "UTC"};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ejs__zone *zones; /* guarded by lock; only ever grows */

/* the table ---------------------------------------------------------------- */

static bool add_change(ejs__zone *zone, int64_t at, int32_t offset, bool dst)
{
    if (zone->count == zone->capacity) {
        const size_t capacity = zone->capacity ? 2 * zone->capacity : 64;
        change *grown = realloc(zone->changes, capacity * sizeof *grown);
        if (!grown)
            return false;
        zone->changes = grown;
        zone->capacity = capacity;
    }
    zone->changes[zone->count++] = (change){at, offset, dst};
    return true;
}

/* The index of the last change at or before `at`, or -1. */
static ptrdiff_t find_change(const ejs__zone *zone, int64_t at)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return (ptrdiff_t)low - 1;
}

/* TZif (RFC 8536) ---------------------------------------------------------- */

typedef struct reader {
    const unsigned char *at, *end;
} reader;

static uint64_t big_endian(const unsigned char *p, int size)
{
    uint64_t v = 0;
    for (int i = 0; i < size; i++)
        v = v << 8 | p[i];
    return v;
}

typedef struct header {
    uint64_t n_utc, n_std, n_leap, n_times, n_types, n_chars;
} header;

static bool read_header(reader *r, header *out)
{
    if (r->end - r->at < 44 || memcmp(r->at, "TZif", 4) != 0)
        return false;
    uint64_t *const fields[] = {&out->n_utc,   &out->n_std,   &out->n_leap,
                                &out->n_times, &out->n_types, &out->n_chars};
    for (int i = 0; i < 6; i++)
        *fields[i] = big_endian(r->at + 20 + 4 * i, 4);
    r->at += 44;
    return true;
}

/* The bytes after a header of that kind, times taking `width` bytes each. */
static uint64_t body_size(const header *h, unsigned width)
{
    return h->n_times * (width + 1) + h->n_types * 6 + h->n_chars +
           h->n_leap * (width + 4) + h->n_std + h->n_utc;
}

static bool read_changes(ejs__zone *zone, const unsigned char *body,
                         const header *h)
{
    const unsigned char *times = body;
    const unsigned char *kinds = times + 8 * h->n_times;
    const unsigned char *types = kinds + h->n_times;
    if (h->n_types == 0)
        return false;
    zone->first_offset = (int32_t)big_endian(types, 4);
    for (uint64_t i = 0; i < h->n_times; i++) {
        if (kinds[i] >= h->n_types)
            return false;
        const unsigned char *type = types + 6 * kinds[i];
        if (!add_change(zone, (int64_t)big_endian(times + 8 * i, 8),
                        (int32_t)big_endian(type, 4), type[4] != 0))
            return false;
    }
    return true;
}

/* The POSIX rule at the end of a file: "EST5EDT,M3.2.0,M11.1.0" ------------ */

typedef struct rule_day {
    char kind; /* 'M' month.week.day, 'J' without 29 February, 'N' plain */
    int month, week, day;
    int32_t time; /* seconds of local time into the day */
} rule_day;

typedef struct rule {
    int32_t standard, daylight;
    bool has_daylight;
    rule_day start, end;
} rule;

static bool skip_name(const char **p)
{
    const char *s = *p;
    if (*s == '<') {
        s = strchr(s, '>');
        if (!s)
            return false;
        s++;
    } else {
        while ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z'))
            s++;
    }
    const bool some = s > *p;
    *p = s;
    return some;
}

static bool read_int(const char **p, int *out)
{
    int v = 0, digits = 0;
    for (; **p >= '0' && **p <= '9' && digits < 5; ++*p, digits++)
        v = v * 10 + (**p - '0');
    *out = v;
    return digits > 0;
}

/* time = ("+" | "-")? hours (":" minutes (":" seconds)?)? */
static bool read_time(const char **p, int32_t *out)
{
    const int sign = **p == '-' ? -1 : 1;
    if (**p == '-' || **p == '+')
        ++*p;
    int part[3] = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *(*p)++ != ':')
            return false;
        if (!read_int(p, &part[i]))
            return false;
        if (**p != ':')
            break;
    }
    *out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return true;
}

/* day = ("M" month "." week "." weekday | "J" n | n) ("/" time)? */
static bool read_day(const char **p, rule_day *out)
{
    out->kind = 'N';
    out->time = 7200;
    if (**p == 'M' || **p == 'J')
        out->kind = *(*p)++;
    if (out->kind == 'M') {
        if (!read_int(p, &out->month) || *(*p)++ != '.' ||
            !read_int(p, &out->week) || *(*p)++ != '.')
            return false;
        if (out->month < 1 || out->month > 12)
            return false;
    }
    if (!read_int(p, &out->day))
        return false;
    if (**p != '/')
        return true;
    ++*p;
    return read_time(p, &out->time);
}

static bool read_rule(const char *text, rule *out)
{
    const char *p = text;
    *out = (rule){0};
    if (!skip_name(&p) || !read_time(&p, &out->standard))
        return false;
    out->standard = -out->standard; /* POSIX counts westwards */
    if (!*p)
        return true;
    out->has_daylight = true;
    if (!skip_name(&p))
        return false;
    out->daylight = out->standard + 3600;
    if (*p && *p != ',') {
        if (!read_time(&p, &out->daylight))
            return false;
        out->daylight = -out->daylight;
    }
    return *p++ == ',' && read_day(&p, &out->start) && *p++ == ',' &&
           read_day(&p, &out->end);
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days since 1970 of the first of a month, 1 to 13. */
static int64_t month_start(int64_t year, int month)
{
    return month == 13 ? ejs__days_from_civil(year + 1, 0, 1)
                       : ejs__days_from_civil(year, month - 1, 1);
}

static int64_t rule_moment(const rule_day *day, int64_t year)
{
    int64_t d;
    if (day->kind != 'M') {
        d = month_start(year, 1) + day->day;
        if (day->kind == 'J')
            d += (day->day > 59 && is_leap(year)) - 1;
    } else {
        const int64_t first = month_start(year, day->month);
        const int64_t next = month_start(year, day->month + 1);
        const int64_t weekday = (first + 4) % 7; /* 1970-01-01: Thursday */
        d = first + (day->day - weekday + 7) % 7 + 7 * (day->week - 1);
        while (d >= next)
            d -= 7;
    }
    return d * 86400 + day->time;
}

/* Plays the rule from after the last recorded change for a whole cycle. */
static bool play_rule(ejs__zone *zone, const rule *r)
{
    if (!r->has_daylight)
        return true;
    const int64_t last = zone->count ? zone->changes[zone->count - 1].at : 0;
    const int64_t from = last / 31556952 + 1969;
    for (int64_t year = from; year < from + 403; year++) {
        change on = {rule_moment(&r->start, year) - r->standard, r->daylight,
                     true};
        change off = {rule_moment(&r->end, year) - r->daylight, r->standard,
                      false};
        /* "Always daylight time" is written as an empty standard time. */
        const change *pair[2] = {&on, &off};
        if (off.at < on.at) {
            pair[0] = &off;
            pair[1] = &on;
        }
        for (int i = 0; i < 2; i++) {
            if (pair[i]->at > last &&
                !add_change(zone, pair[i]->at, pair[i]->offset, pair[i]->dst))
                return false;
        }
    }
    zone->repeats = true;
    return true;
}

static bool read_tzif(ejs__zone *zone, const char *data, size_t size)
{
    reader r = {(const unsigned char *)data,
                (const unsigned char *)data + size};
    header h;
    if (!read_header(&r, &h) || body_size(&h, 4) > (size_t)(r.end - r.at))
        return false;
    r.at += body_size(&h, 4); /* the 32-bit half is for old readers */
    if (!read_header(&r, &h) || body_size(&h, 8) > (size_t)(r.end - r.at))
        return false;
    if (!read_changes(zone, r.at, &h))
        return false;
    r.at += body_size(&h, 8);
    if (r.end - r.at < 2 || *r.at != '\n')
        return false;
    char text[128];
    const char *start = (const char *)r.at + 1;
    const char *end =
        memchr(start, '\n', (size_t)((const char *)r.end - start));
    if (!end || (size_t)(end - start) >= sizeof text)
        return false;
    memcpy(text, start, (size_t)(end - start));
    text[end - start] = '\0';
    rule future;
    return !*text || (read_rule(text, &future) && play_rule(zone, &future));
}

/*
 * tzdata describes Ireland and Morocco as zones whose *winter* time is the
 * special one.  ICU, and with it JavaScript, calls the larger offset daylight
 * time; turn the flags round from the first such change on.
 */
static void turn_negative_dst(ejs__zone *zone)
{
    size_t first = zone->count, last_dst = zone->count;
    bool negative = false;
    for (size_t i = 1; i < zone->count; i++) {
        const change *before = &zone->changes[i - 1], *c = &zone->changes[i];
        if (!c->dst || before->dst)
            continue;
        negative = c->offset < before->offset;
        last_dst = i;
        if (negative && first == zone->count)
            first = i - 1; /* what it interrupts is daylight time already */
    }
    const bool lasts =
        zone->repeats || (last_dst < zone->count &&
                          zone->changes[last_dst].at > INT64_C(1800000000));
    if (!negative || !lasts)
        return;
    for (size_t i = first; i < zone->count; i++)
        zone->changes[i].dst = !zone->changes[i].dst;
}

static bool load_file(ejs__zone *zone)
{
    char path[sizeof ZONEINFO + NAME_SIZE];
    snprintf(path, sizeof path, "%s%s", ZONEINFO, zone->name);
    size_t size;
    char *data = base_file_read(path, 1 << 20, &size);
    if (!data)
        return false;
    const bool ok = read_tzif(zone, data, size);
    free(data);
    if (ok)
        turn_negative_dst(zone);
    else
        zone->count = 0;
    return ok;
}

/* ICU ---------------------------------------------------------------------- */

static UCalendar *open_calendar(const char *name)
{
    UChar id[NAME_SIZE];
    u_charsToUChars(name, id, (int32_t)strlen(name) + 1);
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(id, -1, "en-US", UCAL_GREGORIAN, &status);
    if (U_SUCCESS(status))
        return calendar;
    ucal_close(calendar);
    return NULL;
}

static int32_t calendar_offset(UCalendar *calendar, double t, bool *dst,
                               UErrorCode *status)
{
    ucal_setMillis(calendar, t, status);
    const int32_t saved = ucal_get(calendar, UCAL_DST_OFFSET, status);
    *dst = saved != 0;
    return (ucal_get(calendar, UCAL_ZONE_OFFSET, status) + saved) / 1000;
}

/* Collects the changes ICU knows up to a cycle from now. */
static bool load_icu(ejs__zone *zone)
{
    UCalendar *calendar = open_calendar(zone->name);
    if (!calendar)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    bool dst, ok = true;
    double t = -1e14; /* 1199 BC: before all zones */
    zone->first_offset = calendar_offset(calendar, t, &dst, &status);
    while (ok && ucal_getTimeZoneTransitionDate(
                     calendar, UCAL_TZ_TRANSITION_NEXT, &t, &status)) {
        if (t > 1.6e13) { /* 2477: a cycle after all rules began */
            zone->repeats = true;
            break;
        }
        const int32_t offset = calendar_offset(calendar, t, &dst, &status);
        ok = U_SUCCESS(status) &&
             add_change(zone, (int64_t)floor(t / 1000), offset, dst);
    }
    ucal_close(calendar);
    return ok && U_SUCCESS(status);
}

/* Finds ICU's spelling of a name given in any case. */
static bool icu_spelling(const char *name, char out[NAME_SIZE])
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *names = ucal_openTimeZones(&status);
    bool found = false;
    while (!found && U_SUCCESS(status)) {
        const char *known = uenum_next(names, NULL, &status);
        if (!known)
            break;
        found = strcasecmp(known, name) == 0;
        if (found)
            snprintf(out, NAME_SIZE, "%s", known);
    }
    uenum_close(names);
    return found;
}

/* the list of zones -------------------------------------------------------- */

static bool is_plausible(const char *name, size_t size)
{
    if (size == 0 || size >= NAME_SIZE)
        return false;
    for (size_t i = 0; i < size; i++) {
        const char c = name[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool other = (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                           c == '+' || (c == '/' && i > 0);
        if (!letter && !other)
            return false;
    }
    return true;
}

static ejs__zone *load(const char *name)
{
    ejs__zone *zone = calloc(1, sizeof *zone);
    if (!zone)
        return NULL;
    /* Usually the name is spelt as its file is; ICU knows all spellings, and
     * has zones of its own. */
    snprintf(zone->name, NAME_SIZE, "%s", name);
    if (load_file(zone) ||
        (icu_spelling(name, zone->name) && (load_file(zone) || load_icu(zone))))
        return zone;
    free(zone->changes);
    free(zone);
    return NULL;
}

const ejs__zone *ejs__zone_utc(void)
{
    return &utc;
}

const ejs__zone *ejs__zone_get(const char *name, size_t size)
{
    if (!is_plausible(name, size))
        return NULL;
    char wanted[NAME_SIZE];
    memcpy(wanted, name, size);
    wanted[size] = '\0';
    if (strcasecmp(wanted, utc.name) == 0)
        return &utc;
    pthread_mutex_lock(&lock);
    ejs__zone *zone = zones;
    while (zone && strcasecmp(zone->name, wanted) != 0)
        zone = zone->next;
    if (!zone && (zone = load(wanted))) {
        zone->next = zones;
        zones = zone;
    }
    pthread_mutex_unlock(&lock);
    return zone;
}

const char *ejs__zone_name(const ejs__zone *zone)
{
    return zone->name;
}

/* looking up --------------------------------------------------------------- */

int32_t ejs__zone_offset(const ejs__zone *zone, double t, bool *dst)
{
    if (dst)
        *dst = false;
    if (zone->count == 0)
        return zone->first_offset;
    int64_t at = (int64_t)floor(t / 1000);
    const int64_t last = zone->changes[zone->count - 1].at;
    if (zone->repeats && at >= last)
        at -= ((at - last) / CYCLE + 1) * CYCLE;
    const ptrdiff_t i = find_change(zone, at);
    if (i < 0)
        return zone->first_offset;
    if (dst)
        *dst = zone->changes[i].dst;
    return zone->changes[i].offset;
}

double ejs__zone_to_utc(const ejs__zone *zone, double local)
{
    const double day = 86400e3;
    const int32_t before = ejs__zone_offset(zone, local - day, NULL);
    const int32_t after = ejs__zone_offset(zone, local + day, NULL);
    const double early = local - before * 1e3, late = local - after * 1e3;
    if (before == after || ejs__zone_offset(zone, early, NULL) == before)
        return early;
    return ejs__zone_offset(zone, late, NULL) == after ? late : early;
}

static void display_name(UCalendar *calendar, UCalendarDisplayNameType type,
                         char out[NAME_SIZE])
{
    UChar name[NAME_SIZE];
    UErrorCode status = U_ZERO_ERROR;
    const int32_t n = ucal_getTimeZoneDisplayName(calendar, type, "en-US", name,
                                                  NAME_SIZE - 1, &status);
    if (U_FAILURE(status))
        return;
    u_UCharsToChars(name, out, n); /* English names are ASCII */
    out[n] = '\0';
    if (strcmp(out, "GMT") == 0) /* a zone without a name; newer ICUs say */
        strcpy(out, "GMT+00:00");
}

/*
 * V8 asks whether daylight time is in use only between 1970 and 2038, and for
 * other moments in a year of 2008 to 2037 that has the same calendar.
 */
static double equivalent_time(double t)
{
    if (t >= 0 && t <= INT32_MAX * 1e3)
        return t;
    const int64_t days = (int64_t)floor(t / 86400e3);
    int64_t year = days * 400 / 146097 + 1970;
    while (month_start(year, 1) > days)
        year--;
    while (month_start(year + 1, 1) <= days)
        year++;
    const int64_t first = month_start(year, 1);
    const int64_t weekday = ((first + 4) % 7 + 7) % 7;
    const int64_t like = (is_leap(year) ? 1956 : 1967) + weekday * 12 % 28;
    const int64_t same = 2008 + (like + 3 * 28 - 2008) % 28;
    return t + (double)(month_start(same, 1) - first) * 86400e3;
}

static void load_names(ejs__zone *zone)
{
    UCalendar *calendar = open_calendar(zone->name);
    if (calendar) {
        display_name(calendar, UCAL_STANDARD, zone->standard_name);
        display_name(calendar, UCAL_DST, zone->daylight_name);
        ucal_close(calendar);
    }
}

void ejs__zone_long_name(const ejs__zone *zone, double t, char *out,
                         size_t size)
{
    if (zone == &utc) {
        snprintf(out, size, "Coordinated Universal Time");
        return;
    }
    ejs__zone *changed = (ejs__zone *)zone; /* names are found out when asked */
    if (!atomic_load_explicit(&changed->has_names, memory_order_acquire)) {
        pthread_mutex_lock(&lock);
        if (!changed->has_names)
            load_names(changed);
        atomic_store_explicit(&changed->has_names, true, memory_order_release);
        pthread_mutex_unlock(&lock);
    }
    bool dst;
    ejs__zone_offset(zone, equivalent_time(t), &dst);
    snprintf(out, size, "%s", dst ? zone->daylight_name : zone->standard_name);
}
