/* Date: the constructor, getters, setters and texts. */
#include "ejs/runtime/date.h"
#include "ejs/runtime/intl.h"
#include "ejs/runtime/object.h"

/* the clock and the zone --------------------------------------------------- */

const ejs__zone *ejs__context_zone(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    void **cached = ejs__builtin_state(ctx, EJS_CLASS_DATE);
    if (!*cached) {
        const char *name = realm->settings->time_zone;
        const ejs__zone *zone = name ? ejs__zone_get(name, strlen(name)) : NULL;
        *cached = (void *)(zone ? zone : ejs__zone_utc());
    }
    return *cached;
}

double ejs__date_parse(ejs_context *ctx, const char *text, size_t size)
{
    return ejs__parse_date(text, size, ejs__context_zone(ctx));
}

static double to_local(ejs_context *ctx, double t)
{
    return t + ejs__zone_offset(ejs__context_zone(ctx), t, NULL) * 1e3;
}

/* The time value of a local time: NaN when out of range. */
static double from_local(ejs_context *ctx, double local)
{
    if (!(fabs(local) <= EJS__TIME_MAX + EJS__MS_PER_DAY))
        return NAN;
    return ejs__time_clip(ejs__zone_to_utc(ejs__context_zone(ctx), local));
}

/* construction ------------------------------------------------------------- */

static ejs_value make(ejs_context *ctx, double time, ejs_object *proto)
{
    ejs__date *date =
        proto ? ejs__object_alloc(ctx, sizeof *date, EJS_OBJECT_DATE, proto)
              : NULL;
    if (!date)
        return ejs__thrown();
    date->time = time;
    return ejs__object(&date->object);
}

ejs_value ejs__date_new(ejs_context *ctx, double time)
{
    return make(ctx, ejs__time_clip(time), ejs__proto(ctx, EJS_CLASS_DATE));
}

/* new Date(value): a Date, a text to parse, or a number.  False: thrown. */
static bool time_of_value(ejs_context *ctx, ejs_value v, double *out)
{
    if (ejs__is_kind(v, EJS_OBJECT_DATE)) {
        *out = ((ejs__date *)v.as.object)->time;
        return true;
    }
    v = ejs__to_primitive(ctx, v, EJS_HINT_DEFAULT);
    if (v.tag == EJS_TAG_STRING) {
        *out = ejs__date_parse(ctx, v.as.text, v.size);
        return true;
    }
    if (!ejs__is_thrown(v))
        v = ejs__to_number(ctx, v);
    *out = ejs__time_clip(v.as.number);
    return !ejs__is_thrown(v);
}

/* year, month, day, hours, minutes, seconds, ms: the parts given, else their
 * smallest.  The result is not clipped. */
static bool time_of_parts(ejs_call *call, double *out)
{
    double part[7] = {NAN, 0, 1, 0, 0, 0, 0};
    for (uint32_t i = 0; i < 7 && i < call->argc; i++) {
        if (!ejs__arg_number(call, i, &part[i]))
            return false;
    }
    *out =
        ejs__make_date(ejs__make_day(ejs__full_year(part[0]), part[1], part[2]),
                       ejs__make_time(part[3], part[4], part[5], part[6]));
    return true;
}

/* Date() is a text, new Date(...) an object. */
ejs_value ejs__date_construct(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    double t = ejs__now(ctx);
    if (!call->construct) {
        char text[EJS__DATE_TEXT_SIZE];
        const size_t size = ejs__date_format(t, EJS__DATE_AND_TIME,
                                             ejs__context_zone(ctx), text);
        return ejs__string_copy(ctx, text, size);
    }
    if (call->argc == 1) {
        if (!time_of_value(ctx, call->args[0], &t))
            return ejs__thrown();
    } else if (call->argc > 1) {
        if (!time_of_parts(call, &t))
            return ejs__thrown();
        t = from_local(ctx, t);
    }
    return make(ctx, t, ejs__construct_proto(call, EJS_CLASS_DATE));
}

static ejs_value now(ejs_call *call)
{
    return ejs__number(ejs__now(call->ctx));
}

static ejs_value parse(ejs_call *call)
{
    const ejs_value text = ejs__arg_string(call, 0);
    if (ejs__is_thrown(text))
        return text;
    return ejs__number(ejs__date_parse(call->ctx, text.as.text, text.size));
}

static ejs_value utc(ejs_call *call)
{
    double t;
    return time_of_parts(call, &t) ? ejs__number(ejs__time_clip(t))
                                   : ejs__thrown();
}

/* getters ------------------------------------------------------------------ */

static ejs__date *this_date(ejs_call *call)
{
    if (ejs__is_kind(call->self, EJS_OBJECT_DATE))
        return (ejs__date *)call->self.as.object;
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR, "this is not a Date object.");
    return NULL;
}

typedef enum field {
    YEAR,
    MONTH,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    MS,
    WEEKDAY,
} field;

static int part_of(const ejs__civil *c, field f)
{
    switch (f) {
    case YEAR:
        return c->year;
    case MONTH:
        return c->month;
    case DAY:
        return c->day;
    case HOUR:
        return c->hour;
    case MINUTE:
        return c->minute;
    case SECOND:
        return c->second;
    case MS:
        return c->ms;
    default:
        return c->weekday;
    }
}

static ejs_value get(ejs_call *call, field f, bool local)
{
    const ejs__date *date = this_date(call);
    if (!date)
        return ejs__thrown();
    if (isnan(date->time))
        return ejs__number(NAN);
    ejs__civil c;
    ejs__civil_split(local ? to_local(call->ctx, date->time) : date->time, &c);
    return ejs__number(part_of(&c, f));
}

#define GETTERS(name, field)                                                   \
    static ejs_value get_##name(ejs_call *call)                                \
    {                                                                          \
        return get(call, field, true);                                         \
    }                                                                          \
    static ejs_value get_utc_##name(ejs_call *call)                            \
    {                                                                          \
        return get(call, field, false);                                        \
    }
GETTERS(full_year, YEAR)
GETTERS(month, MONTH)
GETTERS(date, DAY)
GETTERS(hours, HOUR)
GETTERS(minutes, MINUTE)
GETTERS(seconds, SECOND)
GETTERS(milliseconds, MS)
GETTERS(day, WEEKDAY)
#undef GETTERS

static ejs_value get_time(ejs_call *call)
{
    const ejs__date *date = this_date(call);
    return date ? ejs__number(date->time) : ejs__thrown();
}

static ejs_value get_timezone_offset(ejs_call *call)
{
    const ejs__date *date = this_date(call);
    if (!date)
        return ejs__thrown();
    if (isnan(date->time))
        return ejs__number(NAN);
    const ejs__zone *zone = ejs__context_zone(call->ctx);
    /* Whole minutes, towards zero; 0 and not -0 for UTC. */
    return ejs__number(-ejs__zone_offset(zone, date->time, NULL) / 60);
}

static ejs_value get_year(ejs_call *call)
{
    if (!ejs__receiver(call, EJS_OBJECT_DATE, "Date.prototype.getYear"))
        return ejs__thrown();
    const ejs_value year = get_full_year(call);
    return ejs__number(year.as.number - 1900);
}

/* setters ------------------------------------------------------------------ */

/*
 * Sets up to `most` parts beginning with `first` (year month day, or hours
 * minutes seconds ms) from the arguments; the first one has to be given.
 */
static ejs_value set(ejs_call *call, field first, uint32_t most, bool local,
                     const char *name)
{
    ejs_context *ctx = call->ctx;
    ejs__date *date = ejs__receiver(call, EJS_OBJECT_DATE, name);
    if (!date)
        return ejs__thrown();
    double t = date->time, given[4] = {NAN};
    uint32_t n = call->argc < most ? call->argc : most;
    for (uint32_t i = 0; i < n; i++) {
        if (!ejs__arg_number(call, i, &given[i]))
            return ejs__thrown();
    }
    if (isnan(t)) {
        if (first != YEAR) /* only a year can make it valid again */
            return ejs__number(NAN);
        t = 0;
    } else if (local) {
        t = to_local(ctx, t);
    }
    ejs__civil c;
    ejs__civil_split(t, &c);
    double part[7];
    for (field f = YEAR; f <= MS; f++)
        part[f] = part_of(&c, f);
    for (uint32_t i = 0; i < (n ? n : 1); i++)
        part[first + i] = given[i];
    t = ejs__make_date(
        ejs__make_day(part[YEAR], part[MONTH], part[DAY]),
        ejs__make_time(part[HOUR], part[MINUTE], part[SECOND], part[MS]));
    date->time = local ? from_local(ctx, t) : ejs__time_clip(t);
    return ejs__number(date->time);
}

#define SETTERS(name, Name, first, most)                                       \
    static ejs_value set_##name(ejs_call *call)                                \
    {                                                                          \
        return set(call, first, most, true, "Date.prototype.set" Name);        \
    }                                                                          \
    static ejs_value set_utc_##name(ejs_call *call)                            \
    {                                                                          \
        return set(call, first, most, false, "Date.prototype.setUTC" Name);    \
    }
SETTERS(full_year, "FullYear", YEAR, 3)
SETTERS(month, "Month", MONTH, 2)
SETTERS(date, "Date", DAY, 1)
SETTERS(hours, "Hours", HOUR, 4)
SETTERS(minutes, "Minutes", MINUTE, 3)
SETTERS(seconds, "Seconds", SECOND, 2)
SETTERS(milliseconds, "Milliseconds", MS, 1)
#undef SETTERS

static ejs_value set_time(ejs_call *call)
{
    ejs__date *date =
        ejs__receiver(call, EJS_OBJECT_DATE, "Date.prototype.setTime");
    double t;
    if (!date || !ejs__arg_number(call, 0, &t))
        return ejs__thrown();
    date->time = ejs__time_clip(t);
    return ejs__number(date->time);
}

/* setYear(70) is 1970. */
static ejs_value set_year(ejs_call *call)
{
    double year;
    if (!ejs__receiver(call, EJS_OBJECT_DATE, "Date.prototype.setYear") ||
        !ejs__arg_number(call, 0, &year))
        return ejs__thrown();
    const ejs_value full = ejs__number(ejs__full_year(year));
    ejs_call one = *call;
    one.args = &full;
    one.argc = 1;
    return set(&one, YEAR, 1, true, "Date.prototype.setYear");
}

/* texts -------------------------------------------------------------------- */

static ejs_value text(ejs_call *call, ejs__date_style style, const char *name)
{
    ejs_context *ctx = call->ctx;
    const ejs__date *date = ejs__receiver(call, EJS_OBJECT_DATE, name);
    if (!date)
        return ejs__thrown();
    if (isnan(date->time))
        return style == EJS__DATE_ISO ? ejs__throw_error(ctx, EJS_RANGE_ERROR,
                                                         "Invalid time value")
                                      : EJS_LITERAL("Invalid Date");
    char out[EJS__DATE_TEXT_SIZE];
    const size_t size =
        ejs__date_format(date->time, style, ejs__context_zone(ctx), out);
    return ejs__string_copy(ctx, out, size);
}

static ejs_value to_string(ejs_call *call)
{
    return text(call, EJS__DATE_AND_TIME, "Date.prototype.toString");
}

static ejs_value to_date_string(ejs_call *call)
{
    return text(call, EJS__DATE_ONLY, "Date.prototype.toDateString");
}

static ejs_value to_time_string(ejs_call *call)
{
    return text(call, EJS__TIME_ONLY, "Date.prototype.toTimeString");
}

static ejs_value to_iso_string(ejs_call *call)
{
    return text(call, EJS__DATE_ISO, "Date.prototype.toISOString");
}

static ejs_value to_utc_string(ejs_call *call)
{
    return text(call, EJS__DATE_UTC, "Date.prototype.toUTCString");
}

/* Works on anything with a toISOString: null for times that are not finite. */
static ejs_value to_json(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value self = ejs__to_object(ctx, call->self);
    if (ejs__is_thrown(self))
        return self;
    const ejs_value time = ejs__to_primitive(ctx, self, EJS_HINT_NUMBER);
    if (ejs__is_thrown(time))
        return time;
    if (time.tag == EJS_TAG_NUMBER && !isfinite(time.as.number))
        return ejs__null();
    const ejs_value method = ejs__get_name(ctx, self, "toISOString");
    if (ejs__is_thrown(method))
        return method;
    if (!ejs__is_callable(method))
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "toISOString is not a function");
    return ejs__call(ctx, method, self, NULL, 0, "toISOString");
}

static ejs_value to_locale(ejs_call *call, ejs__date_defaults defaults,
                           const char *name)
{
    const ejs__date *date = ejs__receiver(call, EJS_OBJECT_DATE, name);
    if (!date)
        return ejs__thrown();
    if (isnan(date->time))
        return EJS_LITERAL("Invalid Date");
    return ejs__date_to_locale_string(call->ctx, date->time, ejs__arg(call, 0),
                                      ejs__arg(call, 1), defaults);
}

static ejs_value to_locale_string(ejs_call *call)
{
    return to_locale(call, EJS__DEFAULT_ALL, "Date.prototype.toLocaleString");
}

static ejs_value to_locale_date_string(ejs_call *call)
{
    return to_locale(call, EJS__DEFAULT_DATE,
                     "Date.prototype.toLocaleDateString");
}

static ejs_value to_locale_time_string(ejs_call *call)
{
    return to_locale(call, EJS__DEFAULT_TIME,
                     "Date.prototype.toLocaleTimeString");
}

/* clang-format off */
const ejs__builtin ejs__date_statics[] = {
    {"UTC",   utc,   7, 0},
    {"now",   now,   0, 0},
    {"parse", parse, 1, 0},
    {0},
};

const ejs__builtin ejs__date_methods[] = {
    {"getDate",            get_date,              0, 0},
    {"getDay",             get_day,               0, 0},
    {"getFullYear",        get_full_year,         0, 0},
    {"getHours",           get_hours,             0, 0},
    {"getMilliseconds",    get_milliseconds,      0, 0},
    {"getMinutes",         get_minutes,           0, 0},
    {"getMonth",           get_month,             0, 0},
    {"getSeconds",         get_seconds,           0, 0},
    {"getTime",            get_time,              0, 0},
    {"getTimezoneOffset",  get_timezone_offset,   0, 0},
    {"getUTCDate",         get_utc_date,          0, 0},
    {"getUTCDay",          get_utc_day,           0, 0},
    {"getUTCFullYear",     get_utc_full_year,     0, 0},
    {"getUTCHours",        get_utc_hours,         0, 0},
    {"getUTCMilliseconds", get_utc_milliseconds,  0, 0},
    {"getUTCMinutes",      get_utc_minutes,       0, 0},
    {"getUTCMonth",        get_utc_month,         0, 0},
    {"getUTCSeconds",      get_utc_seconds,       0, 0},
    {"getYear",            get_year,              0, 0},
    {"setDate",            set_date,              1, 0},
    {"setFullYear",        set_full_year,         3, 0},
    {"setHours",           set_hours,             4, 0},
    {"setMilliseconds",    set_milliseconds,      1, 0},
    {"setMinutes",         set_minutes,           3, 0},
    {"setMonth",           set_month,             2, 0},
    {"setSeconds",         set_seconds,           2, 0},
    {"setTime",            set_time,              1, 0},
    {"setUTCDate",         set_utc_date,          1, 0},
    {"setUTCFullYear",     set_utc_full_year,     3, 0},
    {"setUTCHours",        set_utc_hours,         4, 0},
    {"setUTCMilliseconds", set_utc_milliseconds,  1, 0},
    {"setUTCMinutes",      set_utc_minutes,       3, 0},
    {"setUTCMonth",        set_utc_month,         2, 0},
    {"setUTCSeconds",      set_utc_seconds,       2, 0},
    {"setYear",            set_year,              1, 0},
    {"toDateString",       to_date_string,        0, 0},
    {"toGMTString",        to_utc_string,         0, 0},
    {"toISOString",        to_iso_string,         0, 0},
    {"toJSON",             to_json,               1, 0},
    {"toLocaleDateString", to_locale_date_string, 0, 0},
    {"toLocaleString",     to_locale_string,      0, 0},
    {"toLocaleTimeString", to_locale_time_string, 0, 0},
    {"toString",           to_string,             0, 0},
    {"toTimeString",       to_time_string,        0, 0},
    {"toUTCString",        to_utc_string,         0, 0},
    {"valueOf",            get_time,              0, 0},
    {0},
};
/* clang-format on */
