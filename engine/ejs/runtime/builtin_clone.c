/* structuredClone. */
#include "ejs/runtime/internal.h"

/* What was copied already, so that shared parts and cycles stay shared. */
typedef struct copies {
    ejs_context *ctx;
    ejs_object *map; /* a Map: original -> copy */
} copies;

static ejs_value clone(copies *c, ejs_value v);

static ejs_value throw_uncloneable(ejs_context *ctx, ejs_value v)
{
    ejs__throw_error(ctx, EJS_ERROR, "%s could not be cloned.",
                     ejs__describe(ctx, v));
    if (!ctx->fatal)
        ejs__define_name(ctx, ctx->exception.as.object, "name",
                         EJS_LITERAL("DataCloneError"),
                         EJS_WRITABLE | EJS_CONFIGURABLE);
    return ejs__thrown();
}

static bool copy_members(copies *c, ejs_value from, ejs_object *to)
{
    ejs__keys keys;
    if (!ejs__own_keys(c->ctx, from, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++) {
        ejs_site site = ejs__site_of(keys.list[i]);
        ejs_value v = ejs__get(c->ctx, from, &site);
        if (!ejs__is_thrown(v))
            v = clone(c, v);
        if (ejs__is_thrown(v) ||
            !ejs__define_index(c->ctx, to, keys.list[i], v))
            return false;
    }
    return true;
}

static bool copy_map(copies *c, ejs_object *from, ejs_object *to)
{
    uint64_t i = 0;
    ejs_value key, value;
    while (ejs__map_step(from, &i, &key, &value) > 0) {
        key = clone(c, key);
        value = ejs__is_thrown(key) ? key : clone(c, value);
        if (ejs__is_thrown(value) || !ejs__map_put(c->ctx, to, key, value))
            return false;
    }
    return true;
}

static bool copy_set(copies *c, ejs_object *from, ejs_object *to)
{
    uint64_t i = 0;
    ejs_value key;
    while (ejs__set_step(from, &i, &key) > 0) {
        key = clone(c, key);
        if (ejs__is_thrown(key) || !ejs__set_put(c->ctx, to, key))
            return false;
    }
    return true;
}

static bool copy_error(copies *c, ejs_object *from, ejs_object *to)
{
    static const char *const names[] = {"message", "cause"};
    for (int i = 0; i < 2; i++) {
        ejs_site site = ejs__site_named(names[i]);
        const ejs__property *p = ejs__find(from, &site);
        if (!p)
            continue;
        const ejs_value v = clone(c, p->value);
        if (ejs__is_thrown(v) ||
            !ejs__define_name(c->ctx, to, names[i], v,
                              EJS_WRITABLE | EJS_CONFIGURABLE))
            return false;
    }
    return true;
}

/* An empty object of the same kind; NULL: it has none, or thrown. */
static ejs_object *empty_like(copies *c, ejs_value v)
{
    ejs_context *ctx = c->ctx;
    const ejs_object *o = v.tag == EJS_TAG_OBJECT ? v.as.object : NULL;
    double length = 0;
    if (ejs__is_array(v)) {
        if (!ejs__length_of(ctx, v, &length))
            return NULL;
        const ejs_value a = ejs__array_of_length(ctx, (uint32_t)length);
        return ejs__is_thrown(a) ? NULL : a.as.object;
    }
    switch (o ? (ejs__object_kind)o->kind : EJS_OBJECT_PLAIN) {
    case EJS_OBJECT_MAP:
        return ejs__map_new(ctx);
    case EJS_OBJECT_SET:
        return ejs__set_new(ctx);
    case EJS_OBJECT_ERROR:
        return ejs__error_new(ctx, ejs__class_of(o),
                              ejs__proto(ctx, ejs__class_of(o)),
                              ejs__undefined());
    default:
        return ejs__object_new(ctx);
    }
}

static bool fill(copies *c, ejs_value v, ejs_object *to)
{
    switch (v.tag == EJS_TAG_OBJECT ? (ejs__object_kind)v.as.object->kind
                                    : EJS_OBJECT_PLAIN) {
    case EJS_OBJECT_MAP:
        return copy_map(c, v.as.object, to);
    case EJS_OBJECT_SET:
        return copy_set(c, v.as.object, to);
    case EJS_OBJECT_ERROR:
        return copy_error(c, v.as.object, to);
    default:
        return copy_members(c, v, to);
    }
}

static ejs_value clone_object(copies *c, ejs_value v)
{
    const ejs_value known_args[1] = {v};
    ejs_value known;
    if (ejs__try_method(c->ctx, ejs__object(c->map), "get", known_args, 1,
                        &known) > 0 &&
        known.tag == EJS_TAG_OBJECT)
        return known;
    ejs_object *to = empty_like(c, v);
    if (!to || !ejs__map_put(c->ctx, c->map, v, ejs__object(to)) ||
        !fill(c, v, to))
        return ejs__thrown();
    return ejs__object(to);
}

static ejs_value clone(copies *c, ejs_value v)
{
    if (!ejs__is_object(v))
        return v;
    if (!ejs__check_stack(c->ctx) || !ejs__step(c->ctx))
        return ejs__thrown();
    if (v.tag == EJS_TAG_JSON)
        return clone_object(c, v);
    switch ((ejs__object_kind)v.as.object->kind) {
    case EJS_OBJECT_DATE:
        return ejs__date_new(
            c->ctx, ((const ejs__date *)(const void *)v.as.object)->time);
    case EJS_OBJECT_BOOLEAN:
    case EJS_OBJECT_NUMBER:
    case EJS_OBJECT_STRING:
        return ejs__to_object(
            c->ctx, ((const ejs__wrapper *)(const void *)v.as.object)->value);
    case EJS_OBJECT_REGEXP: /* immutable but for lastIndex, which starts at 0 */
    case EJS_OBJECT_FUNCTION:
    case EJS_OBJECT_ITERATOR:
    case EJS_OBJECT_GENERATOR:
    case EJS_OBJECT_HOST:
        if (v.as.object->kind == EJS_OBJECT_REGEXP) {
            const ejs__function_object *make =
                ejs__constructor_of(c->ctx, EJS_CLASS_REGEXP);
            return make ? ejs__new(c->ctx,
                                   ejs__object((ejs_object *)&make->object), &v,
                                   1, "RegExp")
                        : ejs__thrown();
        }
        return throw_uncloneable(c->ctx, v);
    default:
        return clone_object(c, v);
    }
}

static ejs_value structured_clone(ejs_call *call)
{
    if (call->argc == 0)
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "The value argument must be specified");
    copies c = {call->ctx, ejs__map_new(call->ctx)};
    return c.map ? clone(&c, call->args[0]) : ejs__thrown();
}

const ejs__builtin ejs__clone_functions[] = {
    {"structuredClone", structured_clone, 1, 0},
    {0},
};
