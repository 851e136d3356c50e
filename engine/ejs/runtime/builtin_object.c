/* Object and Object.prototype. */
#include "ejs/runtime/internal.h"

static ejs_value throw_nullish(ejs_context *ctx)
{
    return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                            "Cannot convert undefined or null to object");
}

ejs_value ejs__object_construct(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    if (call->construct && call->new_target &&
        call->new_target != call->callee) {
        ejs_object *proto = ejs__construct_proto(call, EJS_CLASS_OBJECT);
        ejs_object *o = proto ? ejs__object_new(call->ctx) : NULL;
        if (!o)
            return ejs__thrown();
        o->proto = proto;
        return ejs__object(o);
    }
    if (!ejs__is_nullish(v))
        return ejs__to_object(call->ctx, v);
    ejs_object *o = ejs__object_new(call->ctx);
    return o ? ejs__object(o) : ejs__thrown();
}

/* keys, values, entries
 * --------------------------------------------------------------- */

/* A getter that ran before may have removed or hidden the key. */
static bool is_listed(ejs_value v, ejs_site *site)
{
    if (v.tag != EJS_TAG_OBJECT || v.as.object->kind != EJS_OBJECT_PLAIN)
        return true;
    const ejs__property *p = ejs__find(v.as.object, site);
    return p && p->flags & EJS_ENUMERABLE;
}

typedef enum listing { KEYS, VALUES, ENTRIES } listing;

static ejs_value list_members(ejs_call *call, listing what)
{
    ejs_context *ctx = call->ctx;
    const ejs_value v = ejs__arg(call, 0);
    ejs__keys keys;
    if (ejs__is_nullish(v))
        return throw_nullish(ctx);
    if (!ejs__own_keys(ctx, v, &keys) || !ejs__fuel(ctx, keys.count))
        return ejs__thrown();
    if (what == KEYS)
        return ejs__array_from(ctx, keys.list, keys.count);
    ejs__array *list = ejs__array_new(ctx, keys.count);
    for (uint32_t i = 0; list && i < keys.count; i++) {
        ejs_site site = ejs__site_of(keys.list[i]);
        site.slot = i; /* where it will be, as a rule */
        if (!is_listed(v, &site))
            continue;
        ejs_value item = ejs__get(ctx, v, &site);
        if (!ejs__is_thrown(item) && what == ENTRIES)
            item = ejs__pair(ctx, keys.list[i], item);
        if (ejs__is_thrown(item) || !ejs__array_push(ctx, list, item))
            return ejs__thrown();
    }
    return list ? ejs__object(&list->object) : ejs__thrown();
}

static ejs_value object_keys(ejs_call *call)
{
    return list_members(call, KEYS);
}

static ejs_value object_values(ejs_call *call)
{
    return list_members(call, VALUES);
}

static ejs_value object_entries(ejs_call *call)
{
    return list_members(call, ENTRIES);
}

/* assign, fromEntries, groups
 * ------------------------------------------------------------ */

static bool assign_members(ejs_context *ctx, ejs_value to, ejs_value from)
{
    ejs__keys keys;
    if (ejs__is_nullish(from))
        return true;
    if (!ejs__own_keys(ctx, from, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++) {
        ejs_site site = ejs__site_of(keys.list[i]);
        const ejs_value v = ejs__get(ctx, from, &site);
        if (ejs__is_thrown(v) || !ejs__set(ctx, to, &site, v, true))
            return false;
    }
    return true;
}

static ejs_value object_assign(ejs_call *call)
{
    const ejs_value to = ejs__to_object(call->ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(to))
        return to;
    for (uint32_t i = 1; i < call->argc; i++)
        if (!assign_members(call->ctx, to, call->args[i]))
            return ejs__thrown();
    return to;
}

static bool add_entry(ejs_context *ctx, ejs_object *o, ejs_value entry)
{
    if (!ejs__is_object(entry)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Iterator value %s is not an entry object",
                         ejs__describe(ctx, entry));
        return false;
    }
    const ejs_value key = ejs__element(ctx, entry, 0);
    if (ejs__is_thrown(key))
        return false;
    const ejs_value v = ejs__element(ctx, entry, 1);
    return !ejs__is_thrown(v) && ejs__define_index(ctx, o, key, v);
}

static ejs_value object_from_entries(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs__iterator it;
    ejs_value entry;
    int more;
    ejs_object *o = ejs__object_new(ctx);
    const ejs_value list = ejs__arg(call, 0);
    if (!o || !ejs__iterate(ctx, &it, list,
                            ejs__is_nullish(list) ? "undefined" : NULL))
        return ejs__thrown();
    while ((more = ejs__next(ctx, &it, &entry)) > 0) {
        if (!ejs__step(ctx) || !add_entry(ctx, o, entry)) {
            const ejs_value exception = ctx->exception;
            ejs__iterate_end(ctx, &it);
            ctx->exception = exception;
            return ejs__thrown();
        }
    }
    return more < 0 ? ejs__thrown() : ejs__object(o);
}

/* asking
 * ------------------------------------------------------------------------------------
 */

static ejs_value object_is(ejs_call *call)
{
    return ejs__boolean(ejs__same_value(ejs__arg(call, 0), ejs__arg(call, 1)));
}

static ejs_value has_own(ejs_context *ctx, ejs_value v, ejs_value key)
{
    if (ejs__is_nullish(v))
        return throw_nullish(ctx);
    const int found = ejs__has_own(ctx, v, key);
    return found < 0 ? ejs__thrown() : ejs__boolean(found);
}

static ejs_value object_has_own(ejs_call *call)
{
    return has_own(call->ctx, ejs__arg(call, 0), ejs__arg(call, 1));
}

static ejs_value has_own_property(ejs_call *call)
{
    const ejs_value key = ejs__to_property_key(call->ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(key))
        return key;
    return has_own(call->ctx, call->self, key);
}

/* Whether an own key is enumerable: it is listed among the keys. */
static ejs_value property_is_enumerable(ejs_call *call)
{
    ejs__keys keys;
    const ejs_value key = ejs__to_property_key(call->ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(key))
        return key;
    if (ejs__is_nullish(call->self))
        return throw_nullish(call->ctx);
    if (!ejs__own_keys(call->ctx, call->self, &keys))
        return ejs__thrown();
    for (uint32_t i = 0; i < keys.count; i++)
        if (ejs__string_equal(keys.list[i], key))
            return ejs__boolean(true);
    return ejs__boolean(false);
}

static ejs_object *prototype_of(ejs_context *ctx, ejs_value v)
{
    ejs_object *o = ejs__lookup_start(ctx, v);
    if (o && (v.tag == EJS_TAG_OBJECT || ejs__native(ctx, v)))
        return o->proto;
    return o;
}

static ejs_value object_get_prototype_of(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    if (ejs__is_nullish(v))
        return throw_nullish(call->ctx);
    ejs_object *proto = prototype_of(call->ctx, v);
    return proto ? ejs__object(proto) : ejs__null();
}

static ejs_value is_prototype_of(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    if (!ejs__is_object(v))
        return ejs__boolean(false);
    if (ejs__is_nullish(call->self))
        return throw_nullish(call->ctx);
    if (!ejs__is_object(call->self))
        return ejs__boolean(false);
    const ejs_object *self = ejs__native(call->ctx, call->self);
    const ejs_object *o = prototype_of(call->ctx, v);
    while (o && o != self)
        o = o->proto;
    return ejs__boolean(o != NULL);
}

static ejs_value object_create(ejs_call *call)
{
    const ejs_value proto = ejs__arg(call, 0);
    if (!ejs__is_object(proto) && proto.tag != EJS_TAG_NULL)
        return ejs__throw_error(
            call->ctx, EJS_TYPE_ERROR,
            "Object prototype may only be an Object or null: %s",
            ejs__describe(call->ctx, proto));
    ejs_object *o = ejs__object_new(call->ctx);
    if (!o || !ejs__set_proto_literal(call->ctx, o, proto))
        return ejs__thrown();
    if (ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED &&
        !ejs__define_all(call->ctx, o, call->args[1]))
        return ejs__thrown();
    return ejs__object(o);
}

/* True when done; false after throwing. */
static bool set_proto(ejs_context *ctx, ejs_value v, ejs_value proto)
{
    ejs_object *o = ejs__writable(ctx, v), *p = NULL;
    if (!o || (ejs__is_object(proto) && !(p = ejs__writable(ctx, proto))))
        return false;
    if (o->proto == p)
        return true;
    if (o->flags & EJS_NOT_EXTENSIBLE || o->kind == EJS_OBJECT_LOCALS) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s is not extensible",
                         ejs__describe(ctx, v));
        return false;
    }
    for (const ejs_object *q = p; q; q = q->proto) {
        if (q == o) {
            ejs__throw_error(ctx, EJS_TYPE_ERROR, "Cyclic __proto__ value");
            return false;
        }
    }
    o->proto = p;
    if (o->class_id & 3)
        ejs__note_change(ctx, o);
    return true;
}

static ejs_value object_set_prototype_of(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0), proto = ejs__arg(call, 1);
    if (ejs__is_nullish(v))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Object.setPrototypeOf called on null or "
                                "undefined");
    if (!ejs__is_object(proto) && proto.tag != EJS_TAG_NULL)
        return ejs__throw_error(
            call->ctx, EJS_TYPE_ERROR,
            "Object prototype may only be an Object or null: %s",
            ejs__describe(call->ctx, proto));
    if (ejs__is_object(v) && !set_proto(call->ctx, v, proto))
        return ejs__thrown();
    return v;
}

/* freezing
 * ---------------------------------------------------------------------------------------
 */

typedef enum closing { PREVENT, SEAL, FREEZE } closing;

static bool close_object(ejs_context *ctx, ejs_object *o, closing how)
{
    static const uint8_t flags[] = {
        EJS_NOT_EXTENSIBLE,
        EJS_NOT_EXTENSIBLE | EJS_SEALED_ELEMENTS,
        EJS_NOT_EXTENSIBLE | EJS_SEALED_ELEMENTS | EJS_FROZEN_ELEMENTS |
            EJS_LENGTH_READONLY,
    };
    if (!ejs__materialize(ctx, o))
        return false;
    ejs__unmap(o);
    o->flags |= flags[how];
    for (uint32_t i = 0; how != PREVENT && i < o->properties.count; i++) {
        ejs__property *p = &o->properties.list[i];
        p->flags &= (uint8_t)~EJS_CONFIGURABLE;
        if (how == FREEZE && !(p->flags & EJS_ACCESSOR))
            p->flags &= (uint8_t)~EJS_WRITABLE;
    }
    ejs__touch(ctx, o);
    return true;
}

static ejs_value close_value(ejs_call *call, closing how)
{
    const ejs_value v = ejs__arg(call, 0);
    if (!ejs__is_object(v))
        return v;
    ejs_object *o = ejs__writable(call->ctx, v);
    return o && close_object(call->ctx, o, how) ? v : ejs__thrown();
}

static ejs_value object_prevent_extensions(ejs_call *call)
{
    return close_value(call, PREVENT);
}

static ejs_value object_seal(ejs_call *call)
{
    return close_value(call, SEAL);
}

static ejs_value object_freeze(ejs_call *call)
{
    return close_value(call, FREEZE);
}

static bool elements_closed(const ejs_object *o, uint8_t flag)
{
    if (o->flags & flag || !ejs__is_arraylike(o))
        return true;
    const ejs_value *items = ((const ejs__array *)(const void *)o)->items;
    for (uint32_t i = 0; i < o->length; i++)
        if (items[i].tag != EJS_TAG_HOLE)
            return false;
    return flag != EJS_FROZEN_ELEMENTS; /* length is still writable */
}

static ejs_value is_closed(ejs_call *call, closing how)
{
    const ejs_value v = ejs__arg(call, 0);
    if (!ejs__is_object(v))
        return ejs__boolean(true);
    ejs_object *o = ejs__native(call->ctx, v);
    if (!o || !(o->flags & EJS_NOT_EXTENSIBLE))
        return ejs__boolean(false);
    if (!elements_closed(o, how == FREEZE ? EJS_FROZEN_ELEMENTS
                                          : EJS_SEALED_ELEMENTS))
        return ejs__boolean(false);
    for (uint32_t i = 0; i < o->properties.count; i++) {
        const ejs__property *p = &o->properties.list[i];
        if (p->key &&
            (p->flags & EJS_CONFIGURABLE ||
             (how == FREEZE &&
              (p->flags & (EJS_WRITABLE | EJS_ACCESSOR)) == EJS_WRITABLE)))
            return ejs__boolean(false);
    }
    return ejs__boolean(true);
}

static ejs_value object_is_frozen(ejs_call *call)
{
    return is_closed(call, FREEZE);
}

static ejs_value object_is_sealed(ejs_call *call)
{
    return is_closed(call, SEAL);
}

static ejs_value object_is_extensible(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    if (!ejs__is_object(v))
        return ejs__boolean(false);
    const ejs_object *o = ejs__native(call->ctx, v);
    return ejs__boolean(!o || !(o->flags & EJS_NOT_EXTENSIBLE));
}

const ejs__builtin ejs__object_statics[] = {
    {"assign", object_assign, 2, 0},
    {"create", object_create, 2, 0},
    {"defineProperties", ejs__object_define_properties, 2, 0},
    {"defineProperty", ejs__object_define_property, 3, 0},
    {"entries", object_entries, 1, 0},
    {"freeze", object_freeze, 1, 0},
    {"fromEntries", object_from_entries, 1, 0},
    {"getOwnPropertyDescriptor", ejs__object_own_descriptor, 2, 0},
    {"getOwnPropertyDescriptors", ejs__object_own_descriptors, 1, 0},
    {"getOwnPropertyNames", ejs__object_own_names, 1, 0},
    {"getPrototypeOf", object_get_prototype_of, 1, 0},
    {"hasOwn", object_has_own, 2, 0},
    {"is", object_is, 2, 0},
    {"isExtensible", object_is_extensible, 1, 0},
    {"isFrozen", object_is_frozen, 1, 0},
    {"isSealed", object_is_sealed, 1, 0},
    {"keys", object_keys, 1, 0},
    {"preventExtensions", object_prevent_extensions, 1, 0},
    {"seal", object_seal, 1, 0},
    {"setPrototypeOf", object_set_prototype_of, 2, 0},
    {"values", object_values, 1, 0},
    {0},
};

/* Object.prototype
 * -----------------------------------------------------------------------------
 */

static const char *tag_of(ejs_context *ctx, ejs_value v)
{
    static const char *const kinds[] = {
        [EJS_OBJECT_PLAIN] = "Object",
        [EJS_OBJECT_ARRAY] = "Array",
        [EJS_OBJECT_FUNCTION] = "Function",
        [EJS_OBJECT_LOCALS] = "Object",
        [EJS_OBJECT_ARGUMENTS] = "Arguments",
        [EJS_OBJECT_ERROR] = "Error",
        [EJS_OBJECT_DATE] = "Date",
        [EJS_OBJECT_REGEXP] = "RegExp",
        [EJS_OBJECT_MAP] = "Map",
        [EJS_OBJECT_SET] = "Set",
        [EJS_OBJECT_BOOLEAN] = "Boolean",
        [EJS_OBJECT_NUMBER] = "Number",
        [EJS_OBJECT_STRING] = "String",
        [EJS_OBJECT_ITERATOR] = "Iterator",
        [EJS_OBJECT_GENERATOR] = "Generator",
        [EJS_OBJECT_HOST] = "Object",
    };
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_NULL:
        return "Null";
    case EJS_TAG_BOOLEAN:
        return "Boolean";
    case EJS_TAG_NUMBER:
        return "Number";
    case EJS_TAG_STRING:
        return "String";
    case EJS_TAG_JSON:
        return ejs__json_is_array(v) ? "Array" : "Object";
    case EJS_TAG_OBJECT:
        break;
    default:
        return "Undefined";
    }
    const ejs_object *o = v.as.object;
    const ejs__class_id id = ejs__class_of(o);
    if (o->kind == EJS_OBJECT_ITERATOR)
        return ejs__classes[(o->proto ? ejs__class_of(o->proto) : 0)].name;
    if (o->kind == EJS_OBJECT_HOST && id)
        return ejs__classes[id].home ? "Object" : ejs__classes[id].name;
    if (ejs__role_of(o) == EJS_ROLE_NAMESPACE && id != EJS_CLASS_GLOBAL)
        return ejs__classes[id].name;
    if (ejs__role_of(o) == EJS_ROLE_PROTOTYPE && id >= EJS_CLASS_FUNCTION &&
        id <= EJS_CLASS_BOOLEAN)
        return ejs__classes[id].name;
    (void)ctx;
    return kinds[o->kind];
}

static ejs_value to_string(ejs_call *call)
{
    const ejs_value v = call->self;
    if (v.tag == EJS_TAG_JSON && !ejs__json_is_array(v))
        return EJS_LITERAL("[object Object]");
    if (v.tag == EJS_TAG_OBJECT && v.as.object->kind == EJS_OBJECT_PLAIN &&
        v.as.object->class_id == 0)
        return EJS_LITERAL("[object Object]");
    if (v.tag == EJS_TAG_OBJECT &&
        ejs__class_of(v.as.object) >= EJS_CLASS_NUMBER_FORMAT &&
        ejs__classes[ejs__class_of(v.as.object)].home == EJS_CLASS_INTL)
        return ejs__string_format(
            call->ctx, "[object Intl.%s]",
            ejs__classes[ejs__class_of(v.as.object)].name);
    if (v.tag == EJS_TAG_OBJECT &&
        ejs__role_of(v.as.object) == EJS_ROLE_NAMESPACE &&
        ejs__class_of(v.as.object) == EJS_CLASS_GLOBAL)
        return EJS_LITERAL("[object global]");
    return ejs__string_format(call->ctx, "[object %s]", tag_of(call->ctx, v));
}

static ejs_value to_locale_string(ejs_call *call)
{
    return ejs__invoke_name(call->ctx, call->self, "toString", NULL, 0);
}

static ejs_value value_of(ejs_call *call)
{
    return ejs__to_object(call->ctx, call->self);
}

static ejs_value proto_accessor(ejs_call *call)
{
    if (ejs__is_nullish(call->self))
        return throw_nullish(call->ctx);
    if (call->argc > 0) {
        const ejs_value proto = call->args[0];
        if (ejs__is_object(call->self) &&
            (ejs__is_object(proto) || proto.tag == EJS_TAG_NULL) &&
            !set_proto(call->ctx, call->self, proto))
            return ejs__thrown();
        return ejs__undefined();
    }
    ejs_object *proto = prototype_of(call->ctx, call->self);
    return proto ? ejs__object(proto) : ejs__null();
}

const ejs__builtin ejs__object_methods[] = {
    {"hasOwnProperty", has_own_property, 1, 0},
    {"isPrototypeOf", is_prototype_of, 1, 0},
    {"propertyIsEnumerable", property_is_enumerable, 1, 0},
    {"toLocaleString", to_locale_string, 0, 0},
    {"toString", to_string, 0, 0},
    {"valueOf", value_of, 0, 0},
    {"__proto__", proto_accessor, 0, EJS_ROW_ACCESSOR},
    {0},
};
