/* Intl: the constructors, methods and tables. */
#include "ejs/runtime/intl.h"

#include "ejs/runtime/array.h"
#include "ejs/runtime/date.h"
#include "ejs/runtime/intl_words.h"

/* making formatters -------------------------------------------------------- */

/* A formatter object: what was asked for, in plain structs. */
typedef struct number_format {
    ejs_object object;
    ejs__locale locale;
    ejs__number_options options;
    ejs_object *format; /* the bound `format`, once wanted */
} number_format;

typedef struct date_time_format {
    ejs_object object;
    ejs__locale locale;
    ejs__date_options options;
    ejs_object *format;
} date_time_format;

/* An object of the class; Intl.X() without new makes one just as well. */
static void *make(ejs_call *call, ejs__class_id id, size_t size)
{
    ejs_object *proto = call->construct ? ejs__construct_proto(call, id)
                                        : ejs__proto(call->ctx, id);
    if (!proto)
        return NULL;
    ejs_object *object =
        ejs__object_alloc(call->ctx, size, EJS_OBJECT_HOST, proto);
    if (object)
        object->class_id = (uint16_t)(id * 4);
    return object;
}

ejs_value ejs__number_format_construct(ejs_call *call)
{
    ejs__options options;
    number_format *f = make(call, EJS_CLASS_NUMBER_FORMAT, sizeof *f);
    if (!f ||
        !ejs__locale_resolve(call->ctx, ejs__arg(call, 0), "nu", &f->locale) ||
        !ejs__options_open(call->ctx, "Intl.NumberFormat", ejs__arg(call, 1),
                           &options) ||
        !ejs__number_options_read(&options, &f->options))
        return ejs__thrown();
    return ejs__object(&f->object);
}

ejs_value ejs__date_time_format_construct(ejs_call *call)
{
    ejs__options options;
    date_time_format *f = make(call, EJS_CLASS_DATE_TIME_FORMAT, sizeof *f);
    if (!f ||
        !ejs__locale_resolve(call->ctx, ejs__arg(call, 0), "nu ca hc",
                             &f->locale) ||
        !ejs__options_open(call->ctx, "Intl.DateTimeFormat", ejs__arg(call, 1),
                           &options) ||
        !ejs__date_options_read(&options, EJS__DEFAULT_ANY, &f->locale,
                                &f->options))
        return ejs__thrown();
    return ejs__object(&f->object);
}

/* NumberFormat ------------------------------------------------------------- */

/*
 * `format` is a getter of a bound function, so that `list.map(nf.format)`
 * works: a function object whose `user` is its formatter.
 */
static ejs_object *bound(ejs_call *call, ejs_object **kept,
                         const ejs__builtin *row, void *formatter)
{
    if (!*kept) {
        ejs__function_object *f = ejs__builtin_function(call->ctx, row);
        if (!f)
            return NULL;
        f->user = formatter;
        *kept = &f->object;
    }
    return *kept;
}

static void *bound_to(const ejs_call *call)
{
    return call->callee ? ((ejs__function_object *)call->callee)->user : NULL;
}

static ejs_value number_format_run(ejs_call *call)
{
    const number_format *f = bound_to(call);
    double n;
    if (!f || !ejs__arg_number(call, 0, &n))
        return ejs__thrown();
    return ejs__number_format(call->ctx, &f->locale, &f->options, n);
}

static ejs_value number_format_format(ejs_call *call)
{
    static const ejs__builtin row = {"", number_format_run, 1, 0};
    number_format *f =
        ejs__host_receiver(call, EJS_CLASS_NUMBER_FORMAT,
                           "get Intl.NumberFormat.prototype.format");
    ejs_object *function = f ? bound(call, &f->format, &row, f) : NULL;
    return function ? ejs__object(function) : ejs__thrown();
}

static ejs_value number_format_to_parts(ejs_call *call)
{
    const number_format *f =
        ejs__host_receiver(call, EJS_CLASS_NUMBER_FORMAT,
                           "Intl.NumberFormat.prototype.formatToParts");
    double n;
    if (!f || !ejs__arg_number(call, 0, &n))
        return ejs__thrown();
    return ejs__number_format_parts(call->ctx, &f->locale, &f->options, n);
}

static ejs_value number_format_resolved(ejs_call *call)
{
    const number_format *f =
        ejs__host_receiver(call, EJS_CLASS_NUMBER_FORMAT,
                           "Intl.NumberFormat.prototype.resolvedOptions");
    ejs_object *shown = f ? ejs__object_new(call->ctx) : NULL;
    if (!shown || !ejs__number_options_show(call->ctx, &f->locale, &f->options,
                                            ejs__object(shown)))
        return ejs__thrown();
    return ejs__object(shown);
}

/* DateTimeFormat ----------------------------------------------------------- */

/* The date to format: now, a Date or a number.  False: thrown. */
static bool date_argument(ejs_call *call, double *t)
{
    const ejs_value v = ejs__arg(call, 0);
    *t = ejs__now(call->ctx);
    if (v.tag == EJS_TAG_UNDEFINED)
        return true;
    if (ejs__is_kind(v, EJS_OBJECT_DATE))
        *t = ((ejs__date *)v.as.object)->time;
    else if (!ejs__arg_number(call, 0, t))
        return false;
    *t = ejs__time_clip(*t);
    if (isnan(*t))
        ejs__throw_error(call->ctx, EJS_RANGE_ERROR, "Invalid time value");
    return !isnan(*t);
}

static ejs_value date_format_run(ejs_call *call)
{
    const date_time_format *f = bound_to(call);
    double t;
    if (!f || !date_argument(call, &t))
        return ejs__thrown();
    return ejs__date_format_locale(call->ctx, &f->locale, &f->options, t);
}

static ejs_value date_format_format(ejs_call *call)
{
    static const ejs__builtin row = {"", date_format_run, 1, 0};
    date_time_format *f =
        ejs__host_receiver(call, EJS_CLASS_DATE_TIME_FORMAT,
                           "get Intl.DateTimeFormat.prototype.format");
    ejs_object *function = f ? bound(call, &f->format, &row, f) : NULL;
    return function ? ejs__object(function) : ejs__thrown();
}

static ejs_value date_format_to_parts(ejs_call *call)
{
    const date_time_format *f =
        ejs__host_receiver(call, EJS_CLASS_DATE_TIME_FORMAT,
                           "Intl.DateTimeFormat.prototype.formatToParts");
    double t;
    if (!f || !date_argument(call, &t))
        return ejs__thrown();
    return ejs__date_format_parts(call->ctx, &f->locale, &f->options, t);
}

static ejs_value date_format_resolved(ejs_call *call)
{
    const date_time_format *f =
        ejs__host_receiver(call, EJS_CLASS_DATE_TIME_FORMAT,
                           "Intl.DateTimeFormat.prototype.resolvedOptions");
    ejs_object *shown = f ? ejs__object_new(call->ctx) : NULL;
    if (!shown || !ejs__date_options_show(call->ctx, &f->locale, &f->options,
                                          ejs__object(shown)))
        return ejs__thrown();
    return ejs__object(shown);
}

/* words (intl_words.c) ----------------------------------------------------- */

typedef struct words {
    ejs_object object;
    ejs__locale locale;
    ejs__word_options options;
    ejs_object *compare;
} words;

/* PluralRules, ListFormat, RelativeTimeFormat and Collator differ in options.
 */
static ejs_value make_words(ejs_call *call, ejs__class_id id, const char *name,
                            const char *keywords, ejs__word_options_fn *read)
{
    ejs__options options;
    if (!call->construct && id != EJS_CLASS_COLLATOR)
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Constructor %s requires 'new'", name);
    words *w = make(call, id, sizeof *w);
    if (!w || !ejs__locale_resolve(call->ctx, ejs__arg(call, 0), keywords,
                                   &w->locale))
        return ejs__thrown();
    const ejs_value given = ejs__arg(call, 1);
    if (id == EJS_CLASS_LIST_FORMAT && given.tag != EJS_TAG_UNDEFINED &&
        !ejs__is_object(given))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR, "invalid_argument");
    if (!ejs__options_open(call->ctx, name, given, &options) ||
        !read(&options, &w->locale, &w->options))
        return ejs__thrown();
    return ejs__object(&w->object);
}

ejs_value ejs__plural_rules_construct(ejs_call *call)
{
    return make_words(call, EJS_CLASS_PLURAL_RULES, "Intl.PluralRules", "",
                      ejs__plural_options_read);
}

ejs_value ejs__list_format_construct(ejs_call *call)
{
    return make_words(call, EJS_CLASS_LIST_FORMAT, "Intl.ListFormat", "",
                      ejs__list_options_read);
}

ejs_value ejs__relative_time_format_construct(ejs_call *call)
{
    return make_words(call, EJS_CLASS_RELATIVE_TIME_FORMAT,
                      "Intl.RelativeTimeFormat", "nu",
                      ejs__relative_options_read);
}

ejs_value ejs__collator_construct(ejs_call *call)
{
    return make_words(call, EJS_CLASS_COLLATOR, "Intl.Collator", "co kn kf",
                      ejs__collator_options_read);
}

#define WORDS(id, name) ((words *)ejs__host_receiver(call, id, name))

static ejs_value plural_select(ejs_call *call)
{
    const words *w =
        WORDS(EJS_CLASS_PLURAL_RULES, "Intl.PluralRules.prototype.select");
    double n;
    if (!w || !ejs__arg_number(call, 0, &n))
        return ejs__thrown();
    return ejs__plural_select(call->ctx, &w->locale, &w->options, n);
}

static ejs_value list_format(ejs_call *call)
{
    const words *w =
        WORDS(EJS_CLASS_LIST_FORMAT, "Intl.ListFormat.prototype.format");
    return w ? ejs__list_format(call->ctx, &w->locale, &w->options,
                                ejs__arg(call, 0), false)
             : ejs__thrown();
}

static ejs_value list_format_to_parts(ejs_call *call)
{
    const words *w =
        WORDS(EJS_CLASS_LIST_FORMAT, "Intl.ListFormat.prototype.formatToParts");
    return w ? ejs__list_format(call->ctx, &w->locale, &w->options,
                                ejs__arg(call, 0), true)
             : ejs__thrown();
}

static ejs_value format_relative(ejs_call *call, const words *w, bool parts)
{
    double n;
    if (!w || !ejs__arg_number(call, 0, &n))
        return ejs__thrown();
    const ejs_value unit = ejs__arg_string(call, 1);
    return ejs__is_thrown(unit) ? unit
                                : ejs__relative_format(call->ctx, &w->locale,
                                                       &w->options, n, unit,
                                                       parts);
}

static ejs_value relative_format(ejs_call *call)
{
    return format_relative(call,
                           WORDS(EJS_CLASS_RELATIVE_TIME_FORMAT,
                                 "Intl.RelativeTimeFormat.prototype.format"),
                           false);
}

static ejs_value relative_format_to_parts(ejs_call *call)
{
    return format_relative(
        call,
        WORDS(EJS_CLASS_RELATIVE_TIME_FORMAT,
              "Intl.RelativeTimeFormat.prototype.formatToParts"),
        true);
}

static ejs_value collator_run(ejs_call *call)
{
    const words *w = bound_to(call);
    const ejs_value a = ejs__arg_string(call, 0);
    const ejs_value b = ejs__is_thrown(a) ? a : ejs__arg_string(call, 1);
    int order;
    if (!w || ejs__is_thrown(b) ||
        !ejs__collate(call->ctx, &w->locale, &w->options, a, b, &order))
        return ejs__thrown();
    return ejs__number(order);
}

static ejs_value collator_compare(ejs_call *call)
{
    static const ejs__builtin row = {"", collator_run, 2, 0};
    words *w = WORDS(EJS_CLASS_COLLATOR, "get Intl.Collator.prototype.compare");
    ejs_object *function = w ? bound(call, &w->compare, &row, w) : NULL;
    return function ? ejs__object(function) : ejs__thrown();
}

static ejs_value show_words(ejs_call *call, ejs__class_id id, const char *name,
                            ejs__word_show_fn *show)
{
    const words *w = ejs__host_receiver(call, id, name);
    ejs_object *shown = w ? ejs__object_new(call->ctx) : NULL;
    if (!shown || !show(call->ctx, &w->locale, &w->options, ejs__object(shown)))
        return ejs__thrown();
    return ejs__object(shown);
}

static ejs_value plural_resolved(ejs_call *call)
{
    return show_words(call, EJS_CLASS_PLURAL_RULES,
                      "Intl.PluralRules.prototype.resolvedOptions",
                      ejs__plural_show);
}

static ejs_value list_resolved(ejs_call *call)
{
    return show_words(call, EJS_CLASS_LIST_FORMAT,
                      "Intl.ListFormat.prototype.resolvedOptions",
                      ejs__list_show);
}

static ejs_value relative_resolved(ejs_call *call)
{
    return show_words(call, EJS_CLASS_RELATIVE_TIME_FORMAT,
                      "Intl.RelativeTimeFormat.prototype.resolvedOptions",
                      ejs__relative_show);
}

static ejs_value collator_resolved(ejs_call *call)
{
    return show_words(call, EJS_CLASS_COLLATOR,
                      "Intl.Collator.prototype.resolvedOptions",
                      ejs__collator_show);
}

bool ejs__locale_compare(ejs_context *ctx, ejs_value a, ejs_value b,
                         ejs_value locales, ejs_value options, int *order)
{
    ejs__locale locale;
    ejs__options reader;
    ejs__word_options o;
    return ejs__locale_resolve(ctx, locales, "co kn kf", &locale) &&
           ejs__options_open(ctx, "String.prototype.localeCompare", options,
                             &reader) &&
           ejs__collator_options_read(&reader, &locale, &o) &&
           ejs__collate(ctx, &locale, &o, a, b, order);
}

/* statics ------------------------------------------------------------------ */

static ejs_value get_canonical_locales(ejs_call *call)
{
    return ejs__locale_list(call->ctx, ejs__arg(call, 0), false);
}

static ejs_value supported_locales_of(ejs_call *call)
{
    return ejs__locale_list(call->ctx, ejs__arg(call, 0), true);
}

/* clang-format off */
const ejs__builtin ejs__number_format_methods[] = {
    {"format",          number_format_format,   0, EJS_ROW_GETTER},
    {"formatToParts",   number_format_to_parts, 1, 0},
    {"resolvedOptions", number_format_resolved, 0, 0},
    {0},
};

const ejs__builtin ejs__date_time_format_methods[] = {
    {"format",          date_format_format,   0, EJS_ROW_GETTER},
    {"formatToParts",   date_format_to_parts, 1, 0},
    {"resolvedOptions", date_format_resolved, 0, 0},
    {0},
};

const ejs__builtin ejs__plural_rules_methods[] = {
    {"resolvedOptions", plural_resolved, 0, 0},
    {"select",          plural_select,   1, 0},
    {0},
};

const ejs__builtin ejs__list_format_methods[] = {
    {"format",          list_format,          1, 0},
    {"formatToParts",   list_format_to_parts, 1, 0},
    {"resolvedOptions", list_resolved,        0, 0},
    {0},
};

const ejs__builtin ejs__relative_time_format_methods[] = {
    {"format",          relative_format, 2, 0},
    {"formatToParts",   relative_format_to_parts, 2, 0},
    {"resolvedOptions", relative_resolved, 0, 0},
    {0},
};

const ejs__builtin ejs__collator_methods[] = {
    {"compare",         collator_compare,  0, EJS_ROW_GETTER},
    {"resolvedOptions", collator_resolved, 0, 0},
    {0},
};

const ejs__builtin ejs__intl_functions[] = {
    {"getCanonicalLocales", get_canonical_locales, 1, 0},
    {0},
};

const ejs__builtin ejs__intl_class_statics[] = {
    {"supportedLocalesOf", supported_locales_of, 1, 0},
    {0},
};
/* clang-format on */
