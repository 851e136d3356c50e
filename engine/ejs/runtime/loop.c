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
    if (!is_array(receiver))
        return false;
    /* Nobody has touched the data or any prototype. */
    if (EJS_LIKELY(receiver.tag == EJS_TAG_JSON && ctx->json_quick &&
                   !ejs__realm_of(ctx)->changed)) {
        *length = ejs__json_length(receiver);
        return true;
    }
    /* A row: the method is the built-in, and nobody has put another there.
     * Whatever fails here fails again, properly, in the ordinary call. */
    if (ejs__find_callee(ctx, receiver, method, &callee, &row) != 1 || !row ||
        !ejs__length_of(ctx, receiver, &n) || n >= 4294967295.0)
        return false;
    *length = (uint32_t)n;
    return true;
}

ejs_value ejs__loop_at_slow(ejs_context *ctx, ejs_value receiver, uint32_t i)
{
    ejs_value v;
    if (receiver.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx))
        return ejs__json_at(ctx, receiver, i);
    const int found = ejs__element_at(ctx, receiver, i, &v);
    return found > 0    ? v
           : found == 0 ? ejs__tagged(EJS_TAG_HOLE)
                        : ejs__thrown();
}

ejs_value ejs__loop_item(ejs_context *ctx, ejs_value receiver, uint32_t i)
{
    if (EJS_LIKELY(receiver.tag == EJS_TAG_JSON && ctx->json_quick))
        return ejs__json_node_at(receiver, i);
    return ejs__loop_at(ctx, receiver, i);
}
