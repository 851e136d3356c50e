/* loop.c - array methods run in place by compiled code. */
#include "ejs/runtime/internal.h"

static bool is_array(ejs_value v)
{
    if (v.tag == EJS_TAG_OBJECT)
        return v.as.object->kind == EJS_OBJECT_ARRAY;
    return v.tag == EJS_TAG_JSON && ejs__json_is_array(v);
}

bool ejs__loop_open(ejs_context *ctx, ejs_value receiver, ejs_site *method,
                    uint32_t *length)
{
    ejs_value callee;
    const ejs__builtin *row = NULL;
    double n;
    /* A row: the method is the built-in, and nobody has put another there.
     * Whatever fails here fails again, properly, in the ordinary call. */
    if (!is_array(receiver) ||
        ejs__find_callee(ctx, receiver, method, &callee, &row) != 1 || !row ||
        !ejs__length_of(ctx, receiver, &n) || n >= 4294967295.0)
        return false;
    *length = (uint32_t)n;
    return true;
}

int ejs__loop_at_slow(ejs_context *ctx, ejs_value receiver, uint32_t i,
                      ejs_value *v)
{
    if (receiver.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx))
        return ejs__json_element(ctx, receiver, i, v);
    return ejs__element_at(ctx, receiver, i, v);
}
