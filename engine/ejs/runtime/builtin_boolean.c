/* Boolean. */
#include "ejs/runtime/internal.h"

ejs_value ejs__boolean_construct(ejs_call *call)
{
    const ejs_value b = ejs__boolean(ejs__truthy(ejs__arg(call, 0)));
    if (!call->construct)
        return b;
    ejs_object *proto = ejs__construct_proto(call, EJS_CLASS_BOOLEAN);
    ejs__wrapper *w = proto ? ejs__object_alloc(call->ctx, sizeof *w,
                                                EJS_OBJECT_BOOLEAN, proto)
                            : NULL;
    if (!w)
        return ejs__thrown();
    w->value = b;
    return ejs__object(&w->object);
}

static ejs_value this_boolean(ejs_call *call, const char *name)
{
    if (call->self.tag == EJS_TAG_BOOLEAN)
        return call->self;
    if (ejs__is_kind(call->self, EJS_OBJECT_BOOLEAN))
        return ((const ejs__wrapper *)(const void *)call->self.as.object)
            ->value;
    if (ejs__is_prototype(call->self, EJS_CLASS_BOOLEAN))
        return ejs__boolean(false);
    return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                            "%s requires that 'this' be a Boolean", name);
}

static ejs_value to_string(ejs_call *call)
{
    const ejs_value b = this_boolean(call, "Boolean.prototype.toString");
    return ejs__is_thrown(b) ? b : ejs__to_string(call->ctx, b);
}

static ejs_value value_of(ejs_call *call)
{
    return this_boolean(call, "Boolean.prototype.valueOf");
}

const ejs__builtin ejs__boolean_methods[] = {
    {"toString", to_string, 0, 0},
    {"valueOf", value_of, 0, 0},
    {0},
};
