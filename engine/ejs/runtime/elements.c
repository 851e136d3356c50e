/* Arrays and array-likes through one interface, for built-ins. */
#include "ejs/runtime/internal.h"

bool ejs__is_array(ejs_value v)
{
    if (v.tag == EJS_TAG_JSON)
        return ejs__json_is_array(v);
    return ejs__is_kind(v, EJS_OBJECT_ARRAY);
}

bool ejs__length_of(ejs_context *ctx, ejs_value v, double *length)
{
    const ejs_value n = ejs__get_length(ctx, v);
    if (n.tag == EJS_TAG_NUMBER && n.as.number >= 0 &&
        n.as.number <= 4294967295.0) {
        *length = trunc(n.as.number);
        return true;
    }
    return !ejs__is_thrown(n) && ejs__to_length(ctx, n, length);
}

ejs_value ejs__element_slow(ejs_context *ctx, ejs_value v, double i)
{
    return ejs__get_index(ctx, v, ejs__number(i));
}

int ejs__element_at(ejs_context *ctx, ejs_value v, double i, ejs_value *out)
{
    if (v.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx) &&
        ejs__json_is_array(v) && i < 4294967295.0)
        return ejs__json_element(ctx, v, (uint32_t)i, out);
    const ejs_object *o = ejs__native(ctx, v);
    if (o && ejs__is_arraylike(o) && i < o->length) {
        *out = ((const ejs__array *)(const void *)o)->items[(uint32_t)i];
        if (out->tag != EJS_TAG_HOLE)
            return 1;
    } else if (!o && v.tag == EJS_TAG_JSON && ejs__json_is_array(v)) {
        if (i >= ejs__json_length(v))
            return 0;
        *out = ejs__json_item(ctx, v, (uint32_t)i);
        return ejs__is_thrown(*out) ? -1 : 1;
    }
    const ejs_value key = ejs__number_to_string(ctx, i);
    const int found = ejs__is_thrown(key) ? -1 : ejs__has_property(ctx, v, key);
    if (found <= 0)
        return found;
    *out = ejs__get_index(ctx, v, key);
    return ejs__is_thrown(*out) ? -1 : 1;
}

bool ejs__set_element(ejs_context *ctx, ejs_value v, double i, ejs_value item)
{
    return ejs__set_index(ctx, v, ejs__number(i), item, true);
}

bool ejs__delete_element(ejs_context *ctx, ejs_value v, double i)
{
    return !ejs__is_thrown(ejs__delete(ctx, v, ejs__number(i), true));
}

bool ejs__set_length(ejs_context *ctx, ejs_value v, double length)
{
    return ejs__set_name(ctx, v, "length", ejs__number(length));
}

ejs__array *ejs__writable_array(ejs_context *ctx, ejs_value v, bool *thrown)
{
    *thrown = false;
    if (!ejs__is_array(v))
        return NULL;
    ejs_object *o = ejs__writable(ctx, v);
    if (!o) {
        *thrown = true;
        return NULL;
    }
    ejs__array *a = ejs__as_array(o);
    if (a->far_length || o->flags & (EJS_NOT_EXTENSIBLE | EJS_FROZEN_ELEMENTS |
                                     EJS_SEALED_ELEMENTS | EJS_LENGTH_READONLY))
        return NULL;
    return a;
}

static bool collect(ejs_context *ctx, ejs_value v, ejs_value *list,
                    uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        list[i] = ejs__element(ctx, v, i);
        if (ejs__is_thrown(list[i]))
            return false;
    }
    return true;
}

bool ejs__elements(ejs_context *ctx, ejs_value v, const ejs_value **items,
                   uint32_t *count)
{
    double length;
    if (!ejs__length_of(ctx, v, &length))
        return false;
    if (length > UINT32_MAX / 32) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid array length");
        return false;
    }
    *count = (uint32_t)length;
    *items = NULL;
    if (*count == 0)
        return true;
    if (!ejs__fuel(ctx, *count))
        return false;
    ejs_value *list = ejs__alloc(ctx, *count * sizeof *list);
    *items = list;
    return list && collect(ctx, v, list, *count);
}
