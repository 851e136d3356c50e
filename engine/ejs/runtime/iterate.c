/* for-of, for-in and what else walks through values; generators. */
#include "base/utf8.h"
#include "ejs/runtime/internal.h"

enum {
    OVER_ARRAY, /* by index, whatever has length and elements */
    OVER_JSON,  /* a json-c array that nobody has changed so far */
    OVER_STRING,
    OVER_MAP,
    OVER_SET,
    OVER_ITERATOR,
    OVER_GENERATOR,
    OVER_NOTHING,
};

/* starting
 * ------------------------------------------------------------------------- */

static bool throw_not_iterable(ejs_context *ctx, ejs_value v, const char *text)
{
    if (text && *text) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s is not iterable", text);
        return false;
    }
    const ejs_value type = ejs__typeof(v);
    const bool by_type = ejs__is_object(v) || v.tag == EJS_TAG_UNDEFINED;
    ejs__throw_error(ctx, EJS_TYPE_ERROR,
                     "%.*s%s%s is not iterable (cannot read property "
                     "Symbol(Symbol.iterator))",
                     (int)type.size, type.as.text, by_type ? "" : " ",
                     by_type ? "" : ejs__describe(ctx, v));
    return false;
}

bool ejs__is_iterable(ejs_value v)
{
    if (v.tag != EJS_TAG_OBJECT)
        return v.tag == EJS_TAG_STRING ||
               (v.tag == EJS_TAG_JSON && ejs__json_is_array(v));
    switch ((ejs__object_kind)v.as.object->kind) {
    case EJS_OBJECT_ARRAY:
    case EJS_OBJECT_ARGUMENTS:
    case EJS_OBJECT_STRING:
    case EJS_OBJECT_MAP:
    case EJS_OBJECT_SET:
    case EJS_OBJECT_ITERATOR:
    case EJS_OBJECT_GENERATOR:
        return true;
    case EJS_OBJECT_HOST:
        return ejs__class_of(v.as.object) == EJS_CLASS_URL_SEARCH_PARAMS;
    default:
        return false;
    }
}

/* URLSearchParams is the host object that can be walked: by its entries(). */
static bool iterate_host(ejs_context *ctx, ejs__iterator *it, ejs_value v,
                         const char *text)
{
    ejs_value entries;
    if (ejs__class_of(v.as.object) != EJS_CLASS_URL_SEARCH_PARAMS)
        return throw_not_iterable(ctx, v, text);
    const int found = ejs__try_method(ctx, v, "entries", NULL, 0, &entries);
    if (found <= 0)
        return found == 0 && throw_not_iterable(ctx, v, text);
    return ejs__iterate(ctx, it, entries, text);
}

bool ejs__iterate(ejs_context *ctx, ejs__iterator *it, ejs_value v,
                  const char *text)
{
    memset(it, 0, sizeof *it);
    it->object = v;
    if (v.tag == EJS_TAG_STRING) {
        it->kind = OVER_STRING;
        return true;
    }
    if (v.tag == EJS_TAG_JSON && ejs__json_is_array(v)) {
        it->kind = OVER_JSON;
        return true;
    }
    if (v.tag != EJS_TAG_OBJECT)
        return throw_not_iterable(ctx, v, text);
    switch ((ejs__object_kind)v.as.object->kind) {
    case EJS_OBJECT_ARRAY:
    case EJS_OBJECT_ARGUMENTS:
        it->kind = OVER_ARRAY;
        return true;
    case EJS_OBJECT_STRING:
        it->object = ((const ejs__wrapper *)(const void *)v.as.object)->value;
        it->kind = OVER_STRING;
        return true;
    case EJS_OBJECT_MAP:
        it->kind = OVER_MAP;
        return true;
    case EJS_OBJECT_SET:
        it->kind = OVER_SET;
        return true;
    case EJS_OBJECT_ITERATOR:
        it->kind = OVER_ITERATOR;
        return true;
    case EJS_OBJECT_GENERATOR:
        it->kind = OVER_GENERATOR;
        return true;
    case EJS_OBJECT_HOST:
        return iterate_host(ctx, it, v, text);
    default:
        return throw_not_iterable(ctx, v, text);
    }
}

/* going on
 * ----------------------------------------------------------------------------
 */

static int next_element(ejs_context *ctx, ejs__iterator *it, ejs_value *v)
{
    if (it->kind == OVER_JSON && !ejs__any_shadow(ctx))
        return ejs__json_element(ctx, it->object, (uint32_t)it->i++, v);
    double length;
    if (!ejs__length_of(ctx, it->object, &length))
        return -1;
    if ((double)it->i >= length)
        return 0;
    *v = ejs__element(ctx, it->object, (double)it->i++);
    return ejs__is_thrown(*v) ? -1 : 1;
}

static int next_character(ejs_context *ctx, ejs__iterator *it, ejs_value *v)
{
    const ejs_value s = it->object;
    uint32_t code;
    (void)ctx;
    if (it->i >= s.size)
        return 0;
    const size_t n =
        base_utf8_decode(s.as.text + it->i, s.size - (size_t)it->i, &code);
    *v = ejs__string(s.as.text + it->i, n ? (uint32_t)n : 1,
                     n == 1 ? EJS_STRING_ASCII : EJS_STRING_WIDE);
    it->i += n ? n : 1;
    return 1;
}

static int next_of(ejs_context *ctx, ejs__iterator_object *o, ejs_value *v)
{
    if (o->done)
        return 0;
    const int more = o->next(ctx, o, v);
    if (more <= 0)
        o->done = true;
    return more;
}

/* 1 yielded, 0 returned, -1 thrown; *out either value. */
static int generator_resume(ejs_context *ctx, ejs__generator *g,
                            ejs__resume_mode mode, ejs_value sent,
                            ejs_value *out)
{
    if (g->running) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "Generator is already running");
        return -1;
    }
    if (!g->started && mode != EJS_RESUME_NEXT)
        g->done = true;
    if (g->done) {
        *out = mode == EJS_RESUME_RETURN ? sent : ejs__undefined();
        if (mode == EJS_RESUME_THROW)
            ejs__throw_value(ctx, sent);
        return mode == EJS_RESUME_THROW ? -1 : 0;
    }
    if (!ejs__check_stack(ctx))
        return -1;
    g->started = g->running = true;
    const int result = g->resume(ctx, g, mode, sent, out);
    g->running = false;
    if (result <= 0)
        g->done = true;
    return result;
}

static int next_generated(ejs_context *ctx, ejs__iterator *it, ejs_value *v)
{
    ejs__generator *g = (ejs__generator *)(void *)it->object.as.object;
    return generator_resume(ctx, g, EJS_RESUME_NEXT, ejs__undefined(), v);
}

int ejs__next(ejs_context *ctx, ejs__iterator *it, ejs_value *v)
{
    int more = 0;
    ejs_value key, value;
    if (EJS_LIKELY(it->kind == OVER_JSON && !ejs__any_shadow(ctx))) {
        more = ejs__json_element(ctx, it->object, (uint32_t)it->i++, v);
        if (EJS_UNLIKELY(more <= 0))
            it->kind = OVER_NOTHING;
        return more;
    }
    switch (it->kind) {
    case OVER_ARRAY:
    case OVER_JSON:
        more = next_element(ctx, it, v);
        break;
    case OVER_STRING:
        more = next_character(ctx, it, v);
        break;
    case OVER_MAP:
        more = ejs__map_step(it->object.as.object, &it->i, &key, &value);
        if (more > 0)
            *v = ejs__pair(ctx, key, value);
        if (more > 0 && ejs__is_thrown(*v))
            more = -1;
        break;
    case OVER_SET:
        more = ejs__set_step(it->object.as.object, &it->i, v);
        break;
    case OVER_ITERATOR:
        more = next_of(ctx,
                       (ejs__iterator_object *)(void *)it->object.as.object, v);
        break;
    case OVER_GENERATOR:
        more = next_generated(ctx, it, v);
        break;
    default:
        break;
    }
    if (more <= 0)
        it->kind = OVER_NOTHING;
    return more;
}

int ejs__next_item(ejs_context *ctx, ejs__iterator *it, ejs_value *v)
{
    if (it->kind != OVER_JSON || !ctx->json_quick)
        return ejs__next(ctx, it, v);
    *v = ejs__json_node_at(it->object, (uint32_t)it->i++);
    if (EJS_LIKELY(v->tag != EJS_TAG_HOLE))
        return 1;
    it->kind = OVER_NOTHING;
    return 0;
}

bool ejs__iterate_end(ejs_context *ctx, ejs__iterator *it)
{
    ejs_value ignored;
    const uint32_t kind = it->kind;
    it->kind = OVER_NOTHING;
    if (kind != OVER_GENERATOR || ctx->fatal)
        return true;
    /* An exception on its way must not be replaced by one from `finally`. */
    ejs__generator *g = (ejs__generator *)(void *)it->object.as.object;
    return generator_resume(ctx, g, EJS_RESUME_RETURN, ejs__undefined(),
                            &ignored) >= 0;
}

static bool throw_not_spread(ejs_context *ctx, ejs_value v, const char *text)
{
    if (ejs__is_nullish(v))
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "%s is not iterable (cannot read property %s)", text,
                         v.tag == EJS_TAG_NULL ? "null" : "undefined");
    else
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Spread syntax requires ...iterable[Symbol.iterator] "
                         "to be a function");
    return false;
}

bool ejs__array_spread(ejs_context *ctx, ejs__array *array, ejs_value v,
                       const char *text)
{
    ejs__iterator it;
    ejs_value item;
    int more;
    if (text && strncmp(text, "...", 3) == 0 && !ejs__is_iterable(v))
        return throw_not_spread(ctx, v, text + 3);
    if (!ejs__iterate(ctx, &it, v, text))
        return false;
    if (v.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx) &&
        !ejs__array_reserve(ctx, array,
                            array->object.length + ejs__json_length(v)))
        return false;
    while ((more = ejs__next(ctx, &it, &item)) > 0)
        if (!ejs__step(ctx) || !ejs__array_push(ctx, array, item))
            return false;
    return more == 0;
}

/* for-in
 * ----------------------------------------------------------------------------------
 */

static bool key_in(const ejs__keys *keys, ejs_value key)
{
    for (uint32_t i = 0; i < keys->count; i++)
        if (ejs__string_equal(keys->list[i], key))
            return true;
    return false;
}

/* Adds the enumerable keys of one prototype that nothing before it hides. */
static bool add_inherited(ejs_context *ctx, ejs__keys *keys, ejs_value v,
                          ejs_object *proto)
{
    ejs__keys more;
    (void)v;
    if (proto->properties.count == 0)
        return true;
    if (!ejs__own_keys(ctx, ejs__object(proto), &more) || more.count == 0)
        return more.count == 0 && !ctx->fatal;
    ejs_value *list =
        ejs__alloc(ctx, ((size_t)keys->count + more.count) * sizeof *list);
    if (!list)
        return false;
    if (keys->count)
        memcpy(list, keys->list, keys->count * sizeof *list);
    keys->list = list;
    for (uint32_t i = 0; i < more.count; i++)
        if (!key_in(keys, more.list[i]))
            keys->list[keys->count++] = more.list[i];
    return true;
}

bool ejs__enumerate(ejs_context *ctx, ejs__iterator *it, ejs_value v)
{
    memset(it, 0, sizeof *it);
    it->object = v;
    if (ejs__is_nullish(v))
        return true;
    ejs__keys *keys = ejs__alloc(ctx, sizeof *keys);
    if (!keys || !ejs__own_keys(ctx, v, keys))
        return false;
    ejs_object *o = ejs__lookup_start(ctx, v);
    if (o && (v.tag == EJS_TAG_OBJECT || ejs__native(ctx, v)))
        o = o->proto;
    for (; o; o = o->proto)
        if (!add_inherited(ctx, keys, v, o))
            return false;
    it->state = keys;
    return true;
}

int ejs__next_key(ejs_context *ctx, ejs__iterator *it, ejs_value *key)
{
    const ejs__keys *keys = it->state;
    while (keys && it->i < keys->count) {
        *key = keys->list[it->i++];
        if (!ejs__is_object(it->object))
            return 1;
        if (it->object.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx))
            return 1;
        const int there = ejs__has_property(ctx, it->object, *key);
        if (there)
            return there;
    }
    return 0;
}

/* iterators as objects
 * ----------------------------------------------------------------------- */

ejs__iterator_object *ejs__iterator_new(
    ejs_context *ctx, ejs__class_id id, ejs_value source,
    int (*next)(ejs_context *, ejs__iterator_object *, ejs_value *))
{
    ejs__iterator_object *it = ejs__object_alloc(
        ctx, sizeof *it, EJS_OBJECT_ITERATOR, ejs__proto(ctx, id));
    if (!it)
        return NULL;
    it->source = source;
    it->next = next;
    return it;
}

ejs__generator *ejs__generator_new(ejs_context *ctx, ejs_object *callee,
                                   size_t size)
{
    bool thrown;
    ejs_object *proto = ejs__proto(ctx, EJS_CLASS_GENERATOR);
    ejs_site site = ejs__site_named("prototype");
    const ejs__property *p = ejs__own(ctx, callee, &site, &thrown);
    if (thrown)
        return NULL;
    if (p && p->value.tag == EJS_TAG_OBJECT)
        proto = p->value.as.object;
    return ejs__object_alloc(ctx, size, EJS_OBJECT_GENERATOR, proto);
}

/* { value, done } */
static ejs_value result_object(ejs_context *ctx, ejs_value value, bool done)
{
    ejs_object *o = ejs__object_new(ctx);
    if (!o || !ejs__define_name(ctx, o, "value", value, EJS_ORDINARY) ||
        !ejs__define_name(ctx, o, "done", ejs__boolean(done), EJS_ORDINARY))
        return ejs__thrown();
    return ejs__object(o);
}

static ejs_value iterator_next(ejs_call *call)
{
    ejs__iterator_object *it = ejs__receiver(call, EJS_OBJECT_ITERATOR,
                                             "Array Iterator.prototype.next");
    ejs_value v = ejs__undefined();
    if (!it)
        return ejs__thrown();
    const int more = next_of(call->ctx, it, &v);
    if (more < 0)
        return ejs__thrown();
    return result_object(call->ctx, more ? v : ejs__undefined(), !more);
}

const ejs__builtin ejs__iterator_methods[] = {
    {"next", iterator_next, 0, 0},
    {0},
};

static ejs_value resume(ejs_call *call, ejs__resume_mode mode, const char *name)
{
    ejs__generator *g = ejs__receiver(call, EJS_OBJECT_GENERATOR, name);
    ejs_value v;
    if (!g)
        return ejs__thrown();
    const int more =
        generator_resume(call->ctx, g, mode, ejs__arg(call, 0), &v);
    return more < 0 ? ejs__thrown() : result_object(call->ctx, v, !more);
}

static ejs_value generator_next(ejs_call *call)
{
    return resume(call, EJS_RESUME_NEXT, "[Generator].prototype.next");
}

static ejs_value generator_return(ejs_call *call)
{
    return resume(call, EJS_RESUME_RETURN, "[Generator].prototype.return");
}

static ejs_value generator_throw(ejs_call *call)
{
    return resume(call, EJS_RESUME_THROW, "[Generator].prototype.throw");
}

const ejs__builtin ejs__generator_methods[] = {
    {"next", generator_next, 1, 0},
    {"return", generator_return, 1, 0},
    {"throw", generator_throw, 1, 0},
    {0},
};
