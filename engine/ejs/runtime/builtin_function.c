/* Function.prototype. */
#include "ejs/runtime/internal.h"

/* Code from strings is not to be had; the class is, for instanceof. */
ejs_value ejs__function_construct(ejs_call *call)
{
    return ejs__throw_error(call->ctx, EJS_EVAL_ERROR,
                            "Code generation from strings disallowed for this "
                            "context");
}

static ejs_value call_it(ejs_call *call)
{
    if (!ejs__is_callable(call->self))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Function.prototype.call.call is not a "
                                "function");
    if (!ejs__check_stack(call->ctx))
        return ejs__thrown();
    const uint32_t argc = call->argc ? call->argc - 1 : 0;
    return ejs__call(call->ctx, call->self, ejs__arg(call, 0), call->args + 1,
                     argc, NULL);
}

static ejs_value apply(ejs_call *call)
{
    const ejs_value list = ejs__arg(call, 1);
    const ejs_value *args = NULL;
    uint32_t argc = 0;
    if (!ejs__is_callable(call->self))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Function.prototype.apply was called on %s, "
                                "which is %s and not a function",
                                ejs__describe(call->ctx, call->self),
                                ejs__typeof(call->self).as.text);
    if (!ejs__is_nullish(list)) {
        if (!ejs__is_object(list))
            return ejs__throw_error(
                call->ctx, EJS_TYPE_ERROR,
                "CreateListFromArrayLike called on non-object");
        if (!ejs__elements(call->ctx, list, &args, &argc))
            return ejs__thrown();
    }
    if (!ejs__check_stack(call->ctx))
        return ejs__thrown();
    return ejs__call(call->ctx, call->self, ejs__arg(call, 0), args, argc,
                     NULL);
}

static ejs_value bind(ejs_call *call)
{
    if (!ejs__is_callable(call->self))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Bind must be called on a function");
    const uint32_t argc = call->argc > 1 ? call->argc - 1 : 0;
    return ejs__bind(call->ctx, call->self, ejs__arg(call, 0), call->args + 1,
                     argc);
}

static ejs_value native_source(ejs_context *ctx, ejs_value function)
{
    ejs_value name = EJS_LITERAL("");
    if (!ejs__bound_target(function.as.object)) {
        name = ejs__get_name(ctx, function, "name");
        if (ejs__is_thrown(name))
            return name;
    }
    const ejs_value parts[3] = {EJS_LITERAL("function "),
                                name.tag == EJS_TAG_STRING ? name
                                                           : EJS_LITERAL(""),
                                EJS_LITERAL("() { [native code] }")};
    return ejs__concat(ctx, parts, 3);
}

static ejs_value to_string(ejs_call *call)
{
    if (!ejs__is_callable(call->self))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Function.prototype.toString requires that "
                                "'this' be a Function");
    const ejs__function_object *f = ejs__as_function(call->self.as.object);
    if (f->info && f->info->source)
        return ejs__string(f->info->source, f->info->source_size, 0);
    return native_source(call->ctx, call->self);
}

/* `arguments` and `caller`: nothing to see in sloppy functions, and an error
 * in all others. */
static ejs_value poison(ejs_call *call)
{
    if (ejs__is_callable(call->self)) {
        const ejs__function_object *f = ejs__as_function(call->self.as.object);
        if (f->info && f->info->kind == EJS_CODE_NORMAL && !f->info->strict)
            return ejs__null();
    }
    return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                            "'caller', 'callee', and 'arguments' properties "
                            "may not be accessed on strict mode functions or "
                            "the arguments objects for calls to them");
}

const ejs__builtin ejs__function_methods[] = {
    {"apply", apply, 2, 0},
    {"arguments", poison, 0, EJS_ROW_ACCESSOR},
    {"bind", bind, 1, 0},
    {"call", call_it, 1, 0},
    {"caller", poison, 0, EJS_ROW_ACCESSOR},
    {"toString", to_string, 0, 0},
    {0},
};
