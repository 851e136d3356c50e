/* Calling, constructing, closures and classes. */
#include "ejs/runtime/internal.h"

/* calling
 * -------------------------------------------------------------------------- */

static ejs_value not_callable(ejs_context *ctx, ejs_value v, const char *text)
{
    static const char whole[] = "is not iterable";
    const size_t n = text ? strlen(text) : 0, end = sizeof whole - 1;
    if (n > end && memcmp(text + n - end, whole, end) == 0)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s", text);
    return ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s is not a function",
                            text ? text : ejs__describe(ctx, v));
}

static bool is_class(const ejs__function_object *f)
{
    return f->info && (f->info->kind == EJS_CODE_CLASS ||
                       f->info->kind == EJS_CODE_DERIVED_CLASS);
}

static ejs_value class_called(ejs_call *call)
{
    const ejs__function_info *info = ejs__as_function(call->callee)->info;
    return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                            "Class constructor %.*s cannot be invoked "
                            "without 'new'",
                            (int)info->name_size, info->name);
}

ejs_value ejs__call(ejs_context *ctx, ejs_value function, ejs_value self,
                    const ejs_value *args, uint32_t argc, const char *text)
{
    if (EJS_UNLIKELY(!ejs__is_callable(function)))
        return not_callable(ctx, function, text);
    ejs__function_object *f = ejs__as_function(function.as.object);
    ejs_call call = {ctx, &f->object, self, args, argc, false, NULL, f->user};
    if (EJS_UNLIKELY(is_class(f)))
        return class_called(&call);
    return f->entry(&call);
}

ejs_value ejs__call_method(ejs_context *ctx, ejs_value object, ejs_site *site,
                           const ejs_value *args, uint32_t argc,
                           const char *text)
{
    ejs_value callee;
    const ejs__builtin *row;
    const int found = ejs__find_callee(ctx, object, site, &callee, &row);
    if (EJS_UNLIKELY(found < 0))
        return ejs__thrown();
    if (row)
        return ejs__call_row(ctx, row, object, args, argc);
    if (EJS_UNLIKELY(callee.tag == EJS_TAG_UNDEFINED)) {
        not_callable(ctx, callee, text);
        ejs__suggest_member(ctx, object, site->key, site->size);
        return ejs__thrown();
    }
    return ejs__call(ctx, callee, object, args, argc, text);
}

/* A built-in is not made a value: a HOLE stands for its row. */
ejs_value ejs__find_method(ejs_context *ctx, ejs_value object, ejs_site *site)
{
    ejs_value callee;
    const ejs__builtin *row;
    if (EJS_UNLIKELY(ejs__find_callee(ctx, object, site, &callee, &row) < 0))
        return ejs__thrown();
    if (row) {
        callee = ejs__tagged(EJS_TAG_HOLE);
        callee.as.text = (const char *)(const void *)row;
    }
    return callee;
}

ejs_value ejs__find_method_at(ejs_context *ctx, ejs_value object, ejs_value key)
{
    if (key.tag == EJS_TAG_NUMBER || ejs__is_nullish(object))
        return ejs__get_index(ctx, object, key);
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return key;
    ejs_site site = ejs__site_of(key);
    return ejs__find_method(ctx, object, &site);
}

ejs_value ejs__call_found(ejs_context *ctx, ejs_value function,
                          ejs_value object, ejs_value name,
                          const ejs_value *args, uint32_t argc,
                          const char *text)
{
    if (function.tag == EJS_TAG_HOLE)
        return ejs__call_row(
            ctx, (const ejs__builtin *)(const void *)function.as.text, object,
            args, argc);
    if (EJS_UNLIKELY(function.tag == EJS_TAG_UNDEFINED)) {
        not_callable(ctx, function, text);
        if (name.tag == EJS_TAG_STRING)
            ejs__suggest_member(ctx, object, name.as.text, name.size);
        return ejs__thrown();
    }
    return ejs__call(ctx, function, object, args, argc, text);
}

ejs_value ejs__call_index(ejs_context *ctx, ejs_value object, ejs_value key,
                          const ejs_value *args, uint32_t argc,
                          const char *text)
{
    if (key.tag == EJS_TAG_NUMBER || ejs__is_nullish(object)) {
        const ejs_value callee = ejs__get_index(ctx, object, key);
        if (ejs__is_thrown(callee))
            return callee;
        return ejs__call(ctx, callee, object, args, argc, text);
    }
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return key;
    ejs_site site = ejs__site_of(key);
    return ejs__call_method(ctx, object, &site, args, argc, text);
}

ejs_value ejs__invoke_name(ejs_context *ctx, ejs_value object, const char *name,
                           const ejs_value *args, uint32_t argc)
{
    ejs_site site = ejs__site_named(name);
    return ejs__call_method(ctx, object, &site, args, argc, NULL);
}

bool ejs__callback_init(ejs_context *ctx, ejs__callback *cb, ejs_value function,
                        ejs_value self)
{
    if (!ejs__is_callable(function)) {
        not_callable(ctx, function, NULL);
        return false;
    }
    ejs__function_object *f = ejs__as_function(function.as.object);
    cb->call = (ejs_call){.ctx = ctx, .callee = &f->object, .user = f->user};
    cb->entry = is_class(f) ? class_called : f->entry;
    cb->self = self;
    return true;
}

/* closures
 * ----------------------------------------------------------------------------
 */

ejs__function_object *ejs__closure(ejs_context *ctx, ejs_frame *frame,
                                   const ejs__function_info *info,
                                   ejs_function entry, const void *code,
                                   uint32_t n_cells)
{
    const size_t size =
        sizeof(ejs__function_object) + n_cells * sizeof(ejs_value *);
    const ejs__class_id id = info->kind == EJS_CODE_GENERATOR
                                 ? EJS_CLASS_GENERATOR_FUNCTION
                                 : EJS_CLASS_FUNCTION;
    ejs__function_object *f =
        ejs__object_alloc(ctx, size, EJS_OBJECT_FUNCTION, ejs__proto(ctx, id));
    if (!f)
        return NULL;
    f->entry = entry;
    f->info = info;
    f->code = code;
    f->frame = frame;
    f->cells = (ejs_value **)(void *)(f + 1);
    if (frame && frame->more)
        frame->more->has_closures = true;
    return f;
}

void ejs__name_function(ejs_context *ctx, ejs_value function, ejs_value name,
                        const char *prefix)
{
    if (!ejs__is_callable(function) || name.tag != EJS_TAG_STRING)
        return;
    ejs__function_object *f = ejs__as_function(function.as.object);
    if (!f->info || f->info->name_size)
        return;
    const ejs_site key = ejs__site_of(name);
    if (ejs__is_private(&key))
        name = ejs__private_name(&key);
    if (prefix) {
        const ejs_value parts[3] = {
            ejs__string(prefix, (uint32_t)strlen(prefix), EJS_STRING_ASCII),
            EJS_LITERAL(" "), name};
        name = ejs__concat(ctx, parts, 3);
        if (ejs__is_thrown(name))
            return;
    }
    ejs_site site = ejs__site_named("name");
    ejs__property *p = ejs__find(&f->object, &site);
    if (!p)
        ejs__append(ctx, &f->object, &site, name, EJS_CONFIGURABLE);
    else if (p->value.tag == EJS_TAG_STRING && p->value.size == 0)
        p->value = name;
}

/* bound functions
 * ---------------------------------------------------------------------- */

typedef struct bound {
    ejs_object *target;
    ejs_value self;
    uint32_t argc;
    ejs_value args[];
} bound;

static ejs_value construct(ejs_context *ctx, ejs_object *function,
                           const ejs_value *args, uint32_t argc,
                           ejs_object *new_target);

static ejs_value call_bound(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const bound *b = call->user;
    const ejs_value *args = call->args;
    const uint32_t argc = b->argc + call->argc;
    if (!ejs__check_stack(ctx))
        return ejs__thrown();
    if (b->argc) {
        ejs_value *all = ejs__alloc(ctx, argc * sizeof *all);
        if (!all)
            return ejs__thrown();
        memcpy(all, b->args, b->argc * sizeof *all);
        if (call->argc)
            memcpy(all + b->argc, call->args, call->argc * sizeof *all);
        args = all;
    }
    if (call->construct)
        return construct(ctx, b->target, args, argc,
                         call->new_target == call->callee ? b->target
                                                          : call->new_target);
    return ejs__call(ctx, ejs__object(b->target), b->self, args, argc, NULL);
}

ejs_object *ejs__bound_target(const ejs_object *function)
{
    const ejs__function_object *f = (const void *)function;
    return f->entry == call_bound ? ((const bound *)f->user)->target : NULL;
}

/* name "bound f" and what is left of length. */
static bool dress_bound(ejs_context *ctx, ejs_object *o, ejs_value target,
                        uint32_t argc)
{
    ejs_value length = ejs__get_name(ctx, target, "length");
    ejs_value name = ejs__get_name(ctx, target, "name");
    if (ejs__is_thrown(length) || ejs__is_thrown(name))
        return false;
    double left = length.tag == EJS_TAG_NUMBER ? length.as.number - argc : 0;
    if (!(left > 0))
        left = 0;
    const ejs_value parts[2] = {EJS_LITERAL("bound "),
                                name.tag == EJS_TAG_STRING ? name
                                                           : EJS_LITERAL("")};
    name = ejs__concat(ctx, parts, 2);
    o->flags |= EJS_MATERIALIZED;
    return !ejs__is_thrown(name) &&
           ejs__define_name(ctx, o, "length", ejs__number(left),
                            EJS_CONFIGURABLE) &&
           ejs__define_name(ctx, o, "name", name, EJS_CONFIGURABLE);
}

ejs_value ejs__bind(ejs_context *ctx, ejs_value target, ejs_value self,
                    const ejs_value *args, uint32_t argc)
{
    bound *b = ejs__alloc(ctx, sizeof *b + argc * sizeof *args);
    ejs__function_object *f =
        b ? ejs__object_alloc(ctx, sizeof *f, EJS_OBJECT_FUNCTION,
                              target.as.object->proto)
          : NULL;
    if (!f)
        return ejs__thrown();
    b->target = target.as.object;
    b->self = self;
    b->argc = argc;
    if (argc)
        memcpy(b->args, args, argc * sizeof *args);
    f->entry = call_bound;
    f->user = b;
    if (!dress_bound(ctx, &f->object, target, argc))
        return ejs__thrown();
    return ejs__object(&f->object);
}

/* constructing
 * -----------------------------------------------------------------------------
 */

bool ejs__is_constructor(ejs_value v)
{
    if (!ejs__is_callable(v))
        return false;
    const ejs__function_object *f = ejs__as_function(v.as.object);
    const ejs_object *target = ejs__bound_target(&f->object);
    if (target)
        return ejs__is_constructor(ejs__object((ejs_object *)target));
    if (f->info)
        return f->info->kind == EJS_CODE_NORMAL || is_class(f);
    return ejs__role_of(&f->object) == EJS_ROLE_CONSTRUCTOR;
}

ejs_object *ejs__prototype_of(ejs_context *ctx, ejs_object *constructor,
                              ejs__class_id id)
{
    if (ejs__role_of(constructor) == EJS_ROLE_CONSTRUCTOR)
        return ejs__proto(ctx, ejs__class_of(constructor));
    const ejs_value v =
        ejs__get_name(ctx, ejs__object(constructor), "prototype");
    if (ejs__is_thrown(v))
        return NULL;
    return ejs__is_object(v) ? ejs__writable(ctx, v) : ejs__proto(ctx, id);
}

ejs_object *ejs__construct_proto(ejs_call *call, ejs__class_id id)
{
    if (!call->construct || !call->new_target ||
        call->new_target == call->callee)
        return ejs__proto(call->ctx, id);
    return ejs__prototype_of(call->ctx, call->new_target, id);
}

static bool run_fields(ejs_context *ctx, const ejs__function_object *f,
                       ejs_value self)
{
    return !ejs__is_callable(f->fields) ||
           !ejs__is_thrown(
               ejs__call_object(ctx, f->fields.as.object, self, NULL, 0));
}

static ejs_value construct_derived(ejs_call *call, ejs__function_object *f)
{
    call->self = ejs__tagged(EJS_TAG_UNINITIALIZED);
    const ejs_value result = f->entry(call);
    if (ejs__is_thrown(result) || ejs__is_object(result))
        return result;
    if (result.tag != EJS_TAG_UNDEFINED)
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Derived constructors may only return object "
                                "or undefined");
    if (call->self.tag == EJS_TAG_UNINITIALIZED)
        return ejs__throw_no_this(call->ctx);
    return call->self;
}

static ejs_value construct(ejs_context *ctx, ejs_object *function,
                           const ejs_value *args, uint32_t argc,
                           ejs_object *new_target)
{
    ejs__function_object *f = ejs__as_function(function);
    ejs_call call = {ctx,  function, ejs__undefined(), args,
                     argc, true,     new_target,       f->user};
    if (!f->info)
        return f->entry(&call);
    if (f->info->kind == EJS_CODE_DERIVED_CLASS)
        return construct_derived(&call, f);

    ejs_object *proto = ejs__prototype_of(ctx, new_target, EJS_CLASS_OBJECT);
    ejs_object *self = proto ? ejs__object_new(ctx) : NULL;
    if (!self)
        return ejs__thrown();
    self->proto = proto;
    call.self = ejs__object(self);
    if (!run_fields(ctx, f, call.self))
        return ejs__thrown();
    const ejs_value result = f->entry(&call);
    if (ejs__is_thrown(result) || ejs__is_object(result))
        return result;
    return ejs__object(self);
}

ejs_value ejs__new(ejs_context *ctx, ejs_value constructor,
                   const ejs_value *args, uint32_t argc, const char *text)
{
    if (!ejs__is_constructor(constructor))
        return ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s is not a constructor",
                                text ? text : ejs__describe(ctx, constructor));
    return construct(ctx, constructor.as.object, args, argc,
                     constructor.as.object);
}

static ejs_value throw_no_super(ejs_context *ctx, const ejs__function_object *f,
                                ejs_value parent)
{
    const char *what =
        ejs__is_callable(parent) ? ejs__describe(ctx, parent) : "null";
    if (!f->info || f->info->name_size == 0)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "Super constructor %s of anonymous class is "
                                "not a constructor",
                                what);
    return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                            "Super constructor %s of %.*s is not a "
                            "constructor",
                            what, (int)f->info->name_size, f->info->name);
}

ejs_value ejs__super_call(ejs_context *ctx, ejs_call *call,
                          const ejs_value *args, uint32_t argc)
{
    ejs__function_object *f = ejs__as_function(call->callee);
    ejs_object *parent = f->object.proto;
    const ejs_value v = parent ? ejs__object(parent) : ejs__null();
    if (!ejs__is_constructor(v))
        return throw_no_super(ctx, f, v);
    const ejs_value self = construct(ctx, parent, args, argc, call->new_target);
    if (ejs__is_thrown(self))
        return self;
    if (call->self.tag != EJS_TAG_UNINITIALIZED)
        return ejs__throw_error(ctx, EJS_REFERENCE_ERROR,
                                "Super constructor may only be called once");
    return call->self = self;
}

bool ejs__init_fields(ejs_context *ctx, const ejs_object *constructor,
                      ejs_value self)
{
    return run_fields(ctx, (const void *)constructor, self);
}

/* classes
 * ---------------------------------------------------------------------------------------
 */

/* What the prototype and the constructor inherit; false: thrown. */
static bool heritage(ejs_context *ctx, ejs_value base, ejs_object **proto,
                     ejs_object **parent)
{
    if (base.tag == EJS_TAG_HOLE)
        return true;
    if (base.tag == EJS_TAG_NULL) {
        *proto = NULL;
        return true;
    }
    if (!ejs__is_constructor(base)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Class extends value %s is not a constructor or null",
                         ejs__describe(ctx, base));
        return false;
    }
    const ejs_value v = ejs__get_name(ctx, base, "prototype");
    if (ejs__is_thrown(v))
        return false;
    if (!ejs__is_object(v) && v.tag != EJS_TAG_NULL) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Class extends value does not have valid prototype "
                         "property %s",
                         ejs__describe(ctx, v));
        return false;
    }
    *proto = v.tag == EJS_TAG_NULL ? NULL : ejs__writable(ctx, v);
    *parent = base.as.object;
    return *proto || v.tag == EJS_TAG_NULL;
}

ejs_value ejs__class(ejs_context *ctx, ejs__function_object *constructor,
                     ejs_value base)
{
    ejs_object *o = &constructor->object;
    ejs_object *proto = ejs__proto(ctx, EJS_CLASS_OBJECT);
    if (!heritage(ctx, base, &proto, &o->proto))
        return ejs__thrown();
    ejs_object *prototype = ejs__object_new(ctx);
    if (!prototype || !ejs__materialize(ctx, o))
        return ejs__thrown();
    prototype->proto = proto;
    constructor->home = prototype;
    if (!ejs__define_name(ctx, o, "prototype", ejs__object(prototype), 0) ||
        !ejs__define_name(ctx, prototype, "constructor", ejs__object(o),
                          EJS_WRITABLE | EJS_CONFIGURABLE))
        return ejs__thrown();
    return ejs__object(prototype);
}

/* arguments
 * ----------------------------------------------------------------------------------------
 */

ejs_value ejs__arguments(ejs_context *ctx, ejs_call *call, bool strict)
{
    ejs__array *a = ejs__object_alloc(ctx, sizeof(ejs__arguments_object),
                                      EJS_OBJECT_ARGUMENTS,
                                      ejs__proto(ctx, EJS_CLASS_OBJECT));
    if (!a || !ejs__array_reserve(ctx, a, call->argc))
        return ejs__thrown();
    if (call->argc)
        memcpy(a->items, call->args, call->argc * sizeof *a->items);
    a->object.length = call->argc;
    if (!strict && call->callee &&
        !ejs__define_name(ctx, &a->object, "callee", ejs__object(call->callee),
                          EJS_WRITABLE | EJS_CONFIGURABLE))
        return ejs__thrown();
    return ejs__object(&a->object);
}

bool ejs__map_argument(ejs_context *ctx, ejs_value arguments, uint32_t i,
                       ejs_value *cell)
{
    ejs__arguments_object *a =
        (ejs__arguments_object *)(void *)arguments.as.object;
    const uint32_t n = a->array.object.length;
    if (i >= n)
        return true;
    if (!a->cells) {
        a->cells = ejs__alloc(ctx, n * sizeof *a->cells);
        if (!a->cells)
            return false;
        memset(a->cells, 0, n * sizeof *a->cells);
    }
    a->cells[i] = cell;
    a->array.items[i] = ejs__tagged(EJS_TAG_HOLE);
    return true;
}

ejs_value ejs__rest(ejs_context *ctx, const ejs_call *call, uint32_t first)
{
    if (first >= call->argc)
        return ejs__array_from(ctx, NULL, 0);
    return ejs__array_from(ctx, call->args + first, call->argc - first);
}

/* tagged templates
 * -----------------------------------------------------------------------------------
 */

static void freeze(ejs_object *o)
{
    o->flags |= EJS_NOT_EXTENSIBLE | EJS_FROZEN_ELEMENTS | EJS_LENGTH_READONLY |
                EJS_SEALED_ELEMENTS;
}

ejs_value ejs__template_object(ejs_frame *frame, uint32_t site,
                               const ejs_value *cooked, const ejs_value *raw,
                               uint32_t n)
{
    ejs_context *ctx = frame->ctx;
    ejs_value *cache = &frame->template_sites[site];
    if (cache->tag == EJS_TAG_OBJECT)
        return *cache;
    const ejs_value strings = ejs__array_from(ctx, cooked, n);
    const ejs_value raws =
        ejs__is_thrown(strings) ? strings : ejs__array_from(ctx, raw, n);
    if (ejs__is_thrown(raws) ||
        !ejs__define_name(ctx, strings.as.object, "raw", raws, 0))
        return ejs__thrown();
    freeze(raws.as.object);
    freeze(strings.as.object);
    return *cache = strings;
}
