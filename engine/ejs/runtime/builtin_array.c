/* Array: the constructor, its statics and the table of methods. */
#include "ejs/runtime/array.h"

bool ejs__array_receiver(ejs_call *call, const char *name, ejs_value *object,
                         double *length)
{
    if (ejs__is_object(call->self)) {
        *object = call->self;
    } else {
        *object = name ? ejs__this_object(call, name)
                       : ejs__to_object(call->ctx, call->self);
        if (ejs__is_thrown(*object))
            return false;
    }
    return ejs__length_of(call->ctx, *object, length);
}

bool ejs__arg_index(ejs_call *call, uint32_t i, double length, double missing,
                    double *out)
{
    *out = missing;
    if (ejs__arg(call, i).tag == EJS_TAG_UNDEFINED)
        return true;
    if (!ejs__arg_integer(call, i, out))
        return false;
    *out = ejs__relative_index(*out, length);
    return true;
}

ejs__array *ejs__array_for(ejs_context *ctx, double length)
{
    if (length > EJS__MAX_ARRAY) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid array length");
        return NULL;
    }
    const double cautious = 1 << 16; /* a length alone proves no elements */
    return ejs__array_new(ctx,
                          (uint32_t)(length < cautious ? length : cautious));
}

const char *ejs__call_site(ejs_context *ctx, ejs_value v)
{
    const ejs_value type = ejs__typeof(v);
    ejs_value shown = ejs__undefined();
    if (v.tag == EJS_TAG_STRING)
        shown =
            ejs__string_format(ctx, "string \"%.*s\"", (int)v.size, v.as.text);
    else if (v.tag != EJS_TAG_UNDEFINED && !ejs__is_object(v))
        shown = ejs__string_format(ctx, "%.*s %s", (int)type.size, type.as.text,
                                   ejs__describe(ctx, v));
    if (shown.tag != EJS_TAG_STRING)
        return type.as.text;
    char *text = ejs__alloc(ctx, shown.size + 1);
    if (!text)
        return type.as.text;
    memcpy(text, shown.as.text, shown.size);
    text[shown.size] = '\0';
    return text;
}

/* construction ------------------------------------------------------------- */

/* new Array(), Array(length), Array(a, b ...) */
ejs_value ejs__array_construct(ejs_call *call)
{
    ejs_value made;
    const ejs_value first = ejs__arg(call, 0);
    if (call->argc == 1 && first.tag == EJS_TAG_NUMBER) {
        const double n = first.as.number;
        if (!(n >= 0 && n <= EJS__MAX_ARRAY && n == floor(n)))
            return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                    "Invalid array length");
        made = ejs__array_of_length(call->ctx, (uint32_t)n);
    } else {
        made = ejs__array_from(call->ctx, call->args, call->argc);
    }
    if (ejs__is_thrown(made) || !call->construct)
        return made;
    made.as.object->proto = ejs__construct_proto(call, EJS_CLASS_ARRAY);
    return made.as.object->proto ? made : ejs__thrown();
}

static ejs_value is_array(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    return ejs__boolean(ejs__is_array(v) ||
                        ejs__is_prototype(v, EJS_CLASS_ARRAY));
}

/*
 * What from() and of() fill: an array, or what `this` constructs when that is
 * another constructor (`class Stack extends Array`).
 */
typedef struct result {
    ejs_context *ctx;
    ejs_value object; /* undefined: `array` */
    ejs__array *array;
    double length;
    ejs__callback *map;
} result;

static bool is_other_constructor(ejs_value v)
{
    if (!ejs__is_callable(v))
        return false;
    const ejs__function_info *info =
        ((ejs__function_object *)v.as.object)->info;
    if (!info) /* built in */
        return v.as.object->class_id % 4 == EJS_ROLE_CONSTRUCTOR &&
               v.as.object->class_id / 4 != EJS_CLASS_ARRAY;
    return info->kind == EJS_CODE_NORMAL || info->kind == EJS_CODE_CLASS ||
           info->kind == EJS_CODE_DERIVED_CLASS;
}

/* `known`: the length there will be, -1 when it is not known. */
static bool result_begin(ejs_call *call, double known, result *r)
{
    const ejs_value length = ejs__number(known);
    r->ctx = call->ctx;
    r->object = ejs__undefined();
    r->length = 0;
    if (!is_other_constructor(call->self)) {
        r->array = ejs__array_for(r->ctx, known < 0 ? 0 : known);
        return r->array != NULL;
    }
    r->object = ejs__new(r->ctx, call->self, &length, known >= 0, "Array.from");
    return !ejs__is_thrown(r->object);
}

/* Adds `v`, mapped when there is a map function. */
static bool result_add(result *r, ejs_value v)
{
    const double i = r->length++;
    if (r->map) {
        r->map->args[0] = v;
        r->map->args[1] = ejs__number(i);
        v = ejs__callback_run(r->map, 2);
        if (ejs__is_thrown(v))
            return false;
    }
    return r->object.tag == EJS_TAG_UNDEFINED
               ? ejs__append(r->ctx, r->array, v)
               : ejs__set_element(r->ctx, r->object, i, v);
}

static ejs_value result_end(result *r)
{
    if (r->object.tag == EJS_TAG_UNDEFINED)
        return ejs__object(&r->array->object);
    return ejs__set_length(r->ctx, r->object, r->length) ? r->object
                                                         : ejs__thrown();
}

static ejs_value of(ejs_call *call)
{
    result r = {.map = NULL};
    if (!result_begin(call, call->argc, &r))
        return ejs__thrown();
    for (uint32_t i = 0; i < call->argc; i++) {
        if (!result_add(&r, call->args[i]))
            return ejs__thrown();
    }
    return result_end(&r);
}

static ejs_value from_iterable(ejs_call *call, ejs_value source, result *r)
{
    ejs_context *ctx = call->ctx;
    ejs__iterator it;
    if (!result_begin(call, -1, r) || !ejs__iterate(ctx, &it, source, "object"))
        return ejs__thrown();
    ejs_value v;
    int more;
    while ((more = ejs__next(ctx, &it, &v)) > 0) {
        if (!ejs__step(ctx))
            return ejs__thrown();
        if (!result_add(r, v)) {
            ejs__iterate_end(ctx, &it);
            return ejs__thrown();
        }
    }
    return more < 0 ? ejs__thrown() : result_end(r);
}

static ejs_value from_array_like(ejs_call *call, ejs_value source, result *r)
{
    ejs_context *ctx = call->ctx;
    double length;
    const ejs_value object = ejs__to_object(ctx, source);
    if (ejs__is_thrown(object) || !ejs__length_of(ctx, object, &length) ||
        !result_begin(call, length, r))
        return ejs__thrown();
    for (double i = 0; i < length; i++) {
        if (!ejs__step(ctx))
            return ejs__thrown();
        const ejs_value v = ejs__element(ctx, object, i);
        if (ejs__is_thrown(v) || !result_add(r, v))
            return ejs__thrown();
    }
    return result_end(r);
}

/* Array.from(items, map, thisArg) */
static ejs_value from(ejs_call *call)
{
    const ejs_value source = ejs__arg(call, 0);
    ejs__callback callback;
    result r = {.map = NULL};
    if (ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED) {
        r.map = &callback;
        if (!ejs__callback_init(call->ctx, r.map, call->args[1],
                                ejs__arg(call, 2)))
            return ejs__thrown();
    }
    if (ejs__is_nullish(source))
        return ejs__throw_error(
            call->ctx, EJS_TYPE_ERROR,
            "%s is not iterable (cannot read property Symbol(Symbol.iterator))",
            ejs__call_site(call->ctx, source));
    return ejs__is_iterable(source) ? from_iterable(call, source, &r)
                                    : from_array_like(call, source, &r);
}

/* tables ------------------------------------------------------------------- */

/* clang-format off */
const ejs__builtin ejs__array_statics[] = {
    {"from",    from,     1, 0},
    {"isArray", is_array, 1, 0},
    {"of",      of,       0, 0},
    {0},
};

const ejs__builtin ejs__array_methods[] = {
    {"at",             ejs__array_at_method,        1, 0},
    {"concat",         ejs__array_concat,           1, 0},
    {"copyWithin",     ejs__array_copy_within,      2, 0},
    {"entries",        ejs__array_entries,          0, 0},
    {"every",          ejs__array_every,            1, 0},
    {"fill",           ejs__array_fill,             1, 0},
    {"filter",         ejs__array_filter,           1, 0},
    {"find",           ejs__array_find,             1, 0},
    {"findIndex",      ejs__array_find_index,       1, 0},
    {"findLast",       ejs__array_find_last,        1, 0},
    {"findLastIndex",  ejs__array_find_last_index,  1, 0},
    {"flat",           ejs__array_flat,             0, 0},
    {"flatMap",        ejs__array_flat_map,         1, 0},
    {"forEach",        ejs__array_for_each,         1, 0},
    {"includes",       ejs__array_includes,         1, 0},
    {"indexOf",        ejs__array_index_of,         1, 0},
    {"join",           ejs__array_join,             1, 0},
    {"keys",           ejs__array_keys,             0, 0},
    {"lastIndexOf",    ejs__array_last_index_of,    1, 0},
    {"map",            ejs__array_map,              1, 0},
    {"pop",            ejs__array_pop,              0, 0},
    {"push",           ejs__array_push_method,      1, 0},
    {"reduce",         ejs__array_reduce,           1, 0},
    {"reduceRight",    ejs__array_reduce_right,     1, 0},
    {"reverse",        ejs__array_reverse,          0, 0},
    {"shift",          ejs__array_shift,            0, 0},
    {"slice",          ejs__array_slice,            2, 0},
    {"some",           ejs__array_some,             1, 0},
    {"sort",           ejs__array_sort,             1, 0},
    {"splice",         ejs__array_splice,           2, 0},
    {"toLocaleString", ejs__array_to_locale_string, 0, 0},
    {"toReversed",     ejs__array_to_reversed,      0, 0},
    {"toSorted",       ejs__array_to_sorted,        1, 0},
    {"toSpliced",      ejs__array_to_spliced,       2, 0},
    {"toString",       ejs__array_to_string,        0, 0},
    {"unshift",        ejs__array_unshift,          1, 0},
    {"values",         ejs__array_values,           0, 0},
    {"with",           ejs__array_with,             2, 0},
    {0},
};
/* clang-format on */
