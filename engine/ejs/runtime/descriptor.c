/*
 * Property descriptors: Object.defineProperty and what reads them back.
 *
 * Elements of arrays have no attributes of their own: defining one makes an
 * ordinary element, accessors on them are refused.
 */
#include "ejs/runtime/internal.h"

static ejs_value throw_non_object(ejs_context *ctx, const char *what)
{
    return ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s called on non-object",
                            what);
}

/* reading a descriptor
 * ------------------------------------------------------------ */

typedef struct descriptor {
    ejs_value value, get, set;
    uint8_t has;   /* bits: which flags are given */
    uint8_t flags; /* EJS_WRITABLE ... as given */
    bool has_value, has_get, has_set;
} descriptor;

/* A field of the descriptor: 1 and the value, 0, -1. */
static int field(ejs_context *ctx, ejs_value v, const char *name,
                 ejs_value *out)
{
    const ejs_value key =
        ejs__string(name, (uint32_t)strlen(name), EJS_STRING_ASCII);
    const int has = ejs__has_property(ctx, v, key);
    if (has <= 0)
        return has;
    *out = ejs__get_name(ctx, v, name);
    return ejs__is_thrown(*out) ? -1 : 1;
}

static bool flag_field(ejs_context *ctx, ejs_value v, const char *name,
                       uint8_t flag, descriptor *d)
{
    ejs_value given;
    const int has = field(ctx, v, name, &given);
    if (has > 0) {
        d->has |= flag;
        d->flags |= ejs__truthy(given) ? flag : 0;
    }
    return has >= 0;
}

static bool accessor_field(ejs_context *ctx, ejs_value v, const char *name,
                           ejs_value *out, bool *has)
{
    const int found = field(ctx, v, name, out);
    *has = found > 0;
    if (found > 0 && !ejs__is_callable(*out) && out->tag != EJS_TAG_UNDEFINED) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%ster must be a function: %s",
                         name[0] == 'g' ? "Get" : "Set",
                         ejs__describe(ctx, *out));
        return false;
    }
    return found >= 0;
}

static bool read_descriptor(ejs_context *ctx, ejs_value v, descriptor *d)
{
    memset(d, 0, sizeof *d);
    if (!ejs__is_object(v)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Property description must be an object: %s",
                         ejs__describe(ctx, v));
        return false;
    }
    const int has_value = field(ctx, v, "value", &d->value);
    d->has_value = has_value > 0;
    if (has_value < 0 || !flag_field(ctx, v, "enumerable", EJS_ENUMERABLE, d) ||
        !flag_field(ctx, v, "configurable", EJS_CONFIGURABLE, d) ||
        !flag_field(ctx, v, "writable", EJS_WRITABLE, d) ||
        !accessor_field(ctx, v, "get", &d->get, &d->has_get) ||
        !accessor_field(ctx, v, "set", &d->set, &d->has_set))
        return false;
    if ((d->has_get || d->has_set) && (d->has_value || d->has & EJS_WRITABLE)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Invalid property descriptor. Cannot both specify "
                         "accessors and a value or writable attribute");
        return false;
    }
    return true;
}

/* defining
 * ---------------------------------------------------------------------------
 */

static bool refuse(ejs_context *ctx, const ejs_site *site)
{
    ejs__throw_error(ctx, EJS_TYPE_ERROR, "Cannot redefine property: %.*s",
                     (int)site->size, site->key);
    return false;
}

/* May this property, which cannot be configured, become that? */
static bool is_allowed(const ejs__property *p, const descriptor *d)
{
    const uint8_t changed = (p->flags ^ d->flags) & d->has;
    if (changed & (EJS_CONFIGURABLE | EJS_ENUMERABLE))
        return false;
    if (p->flags & EJS_ACCESSOR) {
        const ejs__accessor *a = (const void *)p->value.as.object;
        return !d->has_value && !(d->has & EJS_WRITABLE) &&
               (!d->has_get ||
                (d->get.tag == EJS_TAG_OBJECT ? d->get.as.object == a->get
                                              : !a->get)) &&
               (!d->has_set ||
                (d->set.tag == EJS_TAG_OBJECT ? d->set.as.object == a->set
                                              : !a->set));
    }
    if (d->has_get || d->has_set)
        return false;
    if (p->flags & EJS_WRITABLE)
        return true;
    return !(changed & EJS_WRITABLE) &&
           (!d->has_value || ejs__same_value(d->value, p->value));
}

static bool define_accessors(ejs_context *ctx, ejs_object *o, ejs_site *site,
                             const descriptor *d, const ejs__property *old,
                             uint8_t flags)
{
    ejs__accessor *a = ejs__alloc(ctx, sizeof *a);
    if (!a)
        return false;
    *a = (ejs__accessor){NULL, NULL};
    if (old && old->flags & EJS_ACCESSOR)
        *a = *(const ejs__accessor *)(const void *)old->value.as.object;
    if (d->has_get)
        a->get = d->get.tag == EJS_TAG_OBJECT ? d->get.as.object : NULL;
    if (d->has_set)
        a->set = d->set.tag == EJS_TAG_OBJECT ? d->set.as.object : NULL;
    ejs_value v = ejs__undefined();
    v.as.object = (ejs_object *)(void *)a;
    return ejs__define_key(ctx, o, ejs__site_key(site), v,
                           (uint8_t)(EJS_ACCESSOR | (flags & ~EJS_WRITABLE)));
}

/* length and elements of arrays: 1 done, 0 neither of them, -1 thrown. */
static int define_in_array(ejs_context *ctx, ejs__array *a, ejs_site *site,
                           const descriptor *d)
{
    const bool accessor = d->has_get || d->has_set;
    int done = 1;
    uint32_t i;
    if (ejs__site_is(site, "length", 6)) {
        if (accessor || (d->has_value && d->value.tag != EJS_TAG_NUMBER))
            done = 0;
        else if (d->has_value)
            done = ejs__array_set_length(ctx, a, d->value.as.number);
        if (done > 0 && d->has & EJS_WRITABLE && !(d->flags & EJS_WRITABLE))
            a->object.flags |= EJS_LENGTH_READONLY;
    } else if (site->size && ejs__is_index(site->key, site->size, &i)) {
        done = accessor ? 0 : ejs__array_put(ctx, a, i, d->value);
    } else {
        return 0;
    }
    if (done == 0)
        refuse(ctx, site);
    return done > 0 ? 1 : -1;
}

static bool define_property(ejs_context *ctx, ejs_object *o, ejs_site *site,
                            const descriptor *d)
{
    bool thrown;
    const bool accessor = d->has_get || d->has_set;
    if (ejs__is_arraylike(o)) {
        ejs__unmap(o);
        const int done = define_in_array(ctx, ejs__as_array(o), site, d);
        if (done)
            return done > 0;
    }
    const ejs__property *p = ejs__own(ctx, o, site, &thrown);
    if (thrown)
        return false;
    if (p && !(p->flags & EJS_CONFIGURABLE) && !is_allowed(p, d))
        return refuse(ctx, site);
    if (!p && o->flags & EJS_NOT_EXTENSIBLE) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot define property %.*s, object is not "
                         "extensible",
                         (int)site->size, site->key);
        return false;
    }
    uint8_t flags = (uint8_t)(p ? p->flags & EJS_ORDINARY & ~d->has : 0);
    flags |= d->flags & d->has;
    if (accessor || (p && p->flags & EJS_ACCESSOR && !d->has_value &&
                     !(d->has & EJS_WRITABLE)))
        return define_accessors(ctx, o, site, d, p, flags);
    const bool keep = p && !(p->flags & EJS_ACCESSOR) && !d->has_value;
    return ejs__define_key(ctx, o, ejs__site_key(site),
                           keep ? p->value : d->value, flags);
}

ejs_value ejs__object_define_property(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value v = ejs__arg(call, 0);
    descriptor d;
    if (!ejs__is_object(v))
        return throw_non_object(ctx, "Object.defineProperty");
    const ejs_value key = ejs__to_property_key(ctx, ejs__arg(call, 1));
    if (ejs__is_thrown(key) || !read_descriptor(ctx, ejs__arg(call, 2), &d))
        return ejs__thrown();
    ejs_site site = ejs__site_of(key);
    ejs_object *o = ejs__writable(ctx, v);
    return o && define_property(ctx, o, &site, &d) ? v : ejs__thrown();
}

bool ejs__define_all(ejs_context *ctx, ejs_object *o, ejs_value descriptors)
{
    ejs__keys keys;
    descriptor d;
    descriptors = ejs__to_object(ctx, descriptors);
    if (ejs__is_thrown(descriptors) || !ejs__own_keys(ctx, descriptors, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++) {
        ejs_site site = ejs__site_of(keys.list[i]);
        const ejs_value v = ejs__get(ctx, descriptors, &site);
        if (ejs__is_thrown(v) || !read_descriptor(ctx, v, &d) ||
            !define_property(ctx, o, &site, &d))
            return false;
    }
    return true;
}

ejs_value ejs__object_define_properties(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    if (!ejs__is_object(v))
        return throw_non_object(call->ctx, "Object.defineProperties");
    ejs_object *o = ejs__writable(call->ctx, v);
    return o && ejs__define_all(call->ctx, o, ejs__arg(call, 1))
               ? v
               : ejs__thrown();
}

/* describing
 * ------------------------------------------------------------------------------
 */

static ejs_value optional(ejs_object *o)
{
    return o ? ejs__object(o) : ejs__undefined();
}

static ejs_value describe(ejs_context *ctx, ejs_value value, uint8_t flags)
{
    ejs_object *o = ejs__object_new(ctx);
    if (!o)
        return ejs__thrown();
    if (flags & EJS_ACCESSOR) {
        const ejs__accessor *a = (const void *)value.as.object;
        if (!ejs__define_name(ctx, o, "get", optional(a->get), EJS_ORDINARY) ||
            !ejs__define_name(ctx, o, "set", optional(a->set), EJS_ORDINARY))
            return ejs__thrown();
    } else if (!ejs__define_name(ctx, o, "value", value, EJS_ORDINARY) ||
               !ejs__define_name(ctx, o, "writable",
                                 ejs__boolean(flags & EJS_WRITABLE),
                                 EJS_ORDINARY)) {
        return ejs__thrown();
    }
    if (!ejs__define_name(ctx, o, "enumerable",
                          ejs__boolean(flags & EJS_ENUMERABLE), EJS_ORDINARY) ||
        !ejs__define_name(ctx, o, "configurable",
                          ejs__boolean(flags & EJS_CONFIGURABLE), EJS_ORDINARY))
        return ejs__thrown();
    return ejs__object(o);
}

/* Flags of what is kept beside the property list. */
static uint8_t exotic_flags(ejs_context *ctx, ejs_value v, const ejs_site *site)
{
    const ejs_object *o = ejs__native(ctx, v);
    const bool is_length = ejs__site_is(site, "length", 6);
    if (v.tag == EJS_TAG_STRING || (o && o->kind == EJS_OBJECT_STRING))
        return is_length ? 0 : EJS_ENUMERABLE;
    const uint8_t closed = o ? o->flags : 0;
    if (is_length && ejs__is_array(v))
        return closed & EJS_LENGTH_READONLY ? 0 : EJS_WRITABLE;
    if (is_length && o && o->kind == EJS_OBJECT_ARGUMENTS)
        return EJS_WRITABLE | EJS_CONFIGURABLE;
    uint8_t flags = EJS_ORDINARY;
    if (closed & EJS_SEALED_ELEMENTS)
        flags &= (uint8_t)~EJS_CONFIGURABLE;
    if (closed & EJS_FROZEN_ELEMENTS)
        flags &= (uint8_t)~EJS_WRITABLE;
    return flags;
}

static ejs_value own_descriptor(ejs_context *ctx, ejs_value v, ejs_value key)
{
    bool thrown = false;
    ejs_site site = ejs__site_of(key);
    ejs_object *o = ejs__native(ctx, v);
    const ejs__property *p = o ? ejs__own(ctx, o, &site, &thrown) : NULL;
    if (p)
        return describe(ctx, p->value, p->flags);
    const int found = thrown ? -1 : ejs__has_own(ctx, v, key);
    if (found <= 0)
        return found ? ejs__thrown() : ejs__undefined();
    const ejs_value value = ejs__get(ctx, v, &site);
    if (ejs__is_thrown(value))
        return value;
    return describe(ctx, value, exotic_flags(ctx, v, &site));
}

ejs_value ejs__object_own_descriptor(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value v = ejs__arg(call, 0);
    if (ejs__is_nullish(v))
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "Cannot convert undefined or null to object");
    const ejs_value key = ejs__to_property_key(ctx, ejs__arg(call, 1));
    return ejs__is_thrown(key) ? key : own_descriptor(ctx, v, key);
}

/* all own names, listed or not
 * ------------------------------------------------------------ */

/* In the order of the list, so that hidden names stand where they were made. */
static bool push_listed(ejs_context *ctx, ejs__array *names, ejs_object *o,
                        const ejs__keys *keys)
{
    uint32_t index, n = 0;
    while (n < keys->count &&
           ejs__is_index(keys->list[n].as.text, keys->list[n].size, &index))
        if (!ejs__array_push(ctx, names, keys->list[n++]))
            return false;
    if ((ejs__is_arraylike(o) || o->kind == EJS_OBJECT_STRING) &&
        !ejs__array_push(ctx, names, EJS_LITERAL("length")))
        return false;
    for (uint32_t i = 0; i < o->properties.count; i++) {
        const ejs__property *p = &o->properties.list[i];
        if (!p->key || (p->size && (unsigned char)p->key[0] == 0xFF) ||
            ejs__is_index(p->key, p->size, &index))
            continue;
        if (!ejs__array_push(ctx, names, ejs__string(p->key, p->size, 0)))
            return false;
    }
    return true;
}

static ejs__array *own_names(ejs_context *ctx, ejs_value v)
{
    ejs__keys keys;
    ejs_object *o = ejs__native(ctx, v);
    if (o && !ejs__materialize(ctx, o))
        return NULL;
    if (!ejs__own_keys(ctx, v, &keys))
        return NULL;
    ejs__array *names = ejs__array_new(ctx, keys.count + 4);
    if (!names)
        return NULL;
    if (o)
        return push_listed(ctx, names, o, &keys) ? names : NULL;
    for (uint32_t i = 0; i < keys.count; i++)
        if (!ejs__array_push(ctx, names, keys.list[i]))
            return NULL;
    if ((v.tag == EJS_TAG_STRING || ejs__is_array(v)) &&
        !ejs__array_push(ctx, names, EJS_LITERAL("length")))
        return NULL;
    return names;
}

ejs_value ejs__object_own_names(ejs_call *call)
{
    const ejs_value v = ejs__to_object(call->ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(v))
        return v;
    ejs__array *names = own_names(call->ctx, v);
    return names ? ejs__object(&names->object) : ejs__thrown();
}

ejs_value ejs__object_own_descriptors(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value v = ejs__to_object(ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(v))
        return v;
    const ejs__array *names = own_names(ctx, v);
    ejs_object *all = names ? ejs__object_new(ctx) : NULL;
    for (uint32_t i = 0; all && i < names->object.length; i++) {
        const ejs_value d = own_descriptor(ctx, v, names->items[i]);
        if (ejs__is_thrown(d) ||
            !ejs__define_index(ctx, all, names->items[i], d))
            return ejs__thrown();
    }
    return all ? ejs__object(all) : ejs__thrown();
}
