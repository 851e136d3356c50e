/* Error and its six kinds. */
#include "ejs/runtime/internal.h"

static bool add_cause(ejs_context *ctx, ejs_object *o, ejs_value options)
{
    if (!ejs__is_object(options))
        return true;
    const int has = ejs__has_property(ctx, options, EJS_LITERAL("cause"));
    if (has <= 0)
        return has == 0;
    const ejs_value cause = ejs__get_name(ctx, options, "cause");
    return !ejs__is_thrown(cause) &&
           ejs__define_name(ctx, o, "cause", cause,
                            EJS_WRITABLE | EJS_CONFIGURABLE);
}

static ejs_value construct(ejs_call *call, ejs__class_id id)
{
    ejs_context *ctx = call->ctx;
    ejs_value message = ejs__arg(call, 0);
    ejs_object *proto = ejs__construct_proto(call, id);
    if (!proto)
        return ejs__thrown();
    if (message.tag != EJS_TAG_UNDEFINED)
        message = ejs__to_string(ctx, message);
    if (ejs__is_thrown(message))
        return message;
    ejs_object *o = ejs__error_new(ctx, id, proto, message);
    if (!o || !add_cause(ctx, o, ejs__arg(call, 1)))
        return ejs__thrown();
    return ejs__object(o);
}

#define EJS__CONSTRUCT(name, id)                                               \
    ejs_value ejs__##name##_construct(ejs_call *call)                          \
    {                                                                          \
        return construct(call, id);                                            \
    }
EJS__CONSTRUCT(error, EJS_CLASS_ERROR)
EJS__CONSTRUCT(type_error, EJS_CLASS_TYPE_ERROR)
EJS__CONSTRUCT(range_error, EJS_CLASS_RANGE_ERROR)
EJS__CONSTRUCT(syntax_error, EJS_CLASS_SYNTAX_ERROR)
EJS__CONSTRUCT(reference_error, EJS_CLASS_REFERENCE_ERROR)
EJS__CONSTRUCT(uri_error, EJS_CLASS_URI_ERROR)
EJS__CONSTRUCT(eval_error, EJS_CLASS_EVAL_ERROR)
#undef EJS__CONSTRUCT

/* A property as a string, or what stands for it when undefined. */
static ejs_value part(ejs_call *call, const char *name, ejs_value missing)
{
    const ejs_value v = ejs__get_name(call->ctx, call->self, name);
    if (ejs__is_thrown(v) || v.tag == EJS_TAG_UNDEFINED)
        return ejs__is_thrown(v) ? v : missing;
    return ejs__to_string(call->ctx, v);
}

static ejs_value to_string(ejs_call *call)
{
    if (!ejs__is_object(call->self))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Method Error.prototype.toString called on "
                                "incompatible receiver %s",
                                ejs__describe(call->ctx, call->self));
    ejs_value parts[3] = {part(call, "name", EJS_LITERAL("Error")),
                          EJS_LITERAL(": "), ejs__undefined()};
    if (ejs__is_thrown(parts[0]))
        return parts[0];
    parts[2] = part(call, "message", EJS_LITERAL(""));
    if (ejs__is_thrown(parts[2]) || parts[0].size == 0)
        return parts[2];
    return parts[2].size ? ejs__concat(call->ctx, parts, 3) : parts[0];
}

/* `name` and `message` are data properties of each prototype in JavaScript;
 * realm.c makes them when they are asked for. */
const ejs__builtin ejs__error_methods[] = {
    {"toString", to_string, 0, 0},
    {0},
};
