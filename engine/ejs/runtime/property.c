/*
 * Reading, writing, defining and deleting properties of every kind of value.
 *
 * Own properties come from four places, asked in this order: the object's list;
 * what its kind provides (elements and length of arrays, characters of strings,
 * name and prototype of functions, a template's data); the table of a built-in
 * class; and for json-c nodes the node.  What has to be changed first becomes
 * an ordinary listed property.
 */
#include "ejs/runtime/internal.h"

/* messages
 * ---------------------------------------------------------------------- */

static ejs_value throw_read(ejs_context *ctx, ejs_value base,
                            const ejs_site *site)
{
    const char *what = base.tag == EJS_TAG_NULL ? "null" : "undefined";
    return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                            "Cannot read properties of %s (reading '%.*s')",
                            what, (int)site->size, site->key);
}

static void throw_write(ejs_context *ctx, ejs_value base, const ejs_site *site)
{
    const char *what = base.tag == EJS_TAG_NULL ? "null" : "undefined";
    ejs__throw_error(ctx, EJS_TYPE_ERROR,
                     "Cannot set properties of %s (setting '%.*s')", what,
                     (int)site->size, site->key);
}

/* The format has one %.*s, for the name with its #. */
__attribute__((format(printf, 3, 0))) static ejs_value
throw_private(ejs_context *ctx, const ejs_site *site, const char *format)
{
    char message[200];
    const ejs_value name = ejs__private_name(site);
    snprintf(message, sizeof message, format, (int)name.size, name.as.text);
    return ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s", message);
}

/* "Cannot read properties of null (reading 'key')" where the key is an object,
 * which nobody has asked for its text. */
static void throw_object_key(ejs_context *ctx, ejs_value base, ejs_value key,
                             bool reading)
{
    const char *what = base.tag == EJS_TAG_NULL ? "null" : "undefined";
    const char *verb = reading ? "read" : "set";
    if (ejs__is_describable(ctx, key))
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot %s properties of %s (%sing '%s')", verb, what,
                         reading ? "read" : "sett", ejs__describe(ctx, key));
    else
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "Cannot %s properties of %s",
                         verb, what);
}

typedef enum refusal {
    READ_ONLY,
    ONLY_GETTER,
    NOT_EXTENSIBLE,
    NOT_DELETABLE,
} refusal;

/* A write that may not happen: silent in sloppy code, an error in strict. */
static bool refuse(ejs_context *ctx, refusal why, const ejs_site *site,
                   ejs_value object, bool strict)
{
    if (!strict)
        return true;
    const int size = (int)site->size;
    const char *key = site->key;
    const char *what = ejs__describe(ctx, object);
    const ejs_value type = ejs__typeof(object);
    if (ejs__is_private(site)) {
        throw_private(ctx, site,
                      why == ONLY_GETTER
                          ? "'%.*s' was defined without a setter"
                          : "Private method '%.*s' is not writable");
        return false;
    }
    switch (why) {
    case READ_ONLY:
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot assign to read only property '%.*s' of %.*s "
                         "'%s'",
                         size, key, (int)type.size, type.as.text, what);
        break;
    case ONLY_GETTER:
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot set property %.*s of %s which has only a "
                         "getter",
                         size, key, what);
        break;
    case NOT_EXTENSIBLE:
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot add property %.*s, object is not extensible",
                         size, key);
        break;
    case NOT_DELETABLE:
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot delete property '%.*s' of %s", size, key,
                         what);
        break;
    }
    return false;
}

/* where to look
 * -------------------------------------------------------------------- */

ejs_object *ejs__native(ejs_context *ctx, ejs_value v)
{
    if (v.tag == EJS_TAG_OBJECT)
        return v.as.object;
    if (v.tag == EJS_TAG_JSON && ejs__any_shadow(ctx))
        return ejs__shadow_of(ctx, v);
    return NULL;
}

ejs_object *ejs__lookup_start(ejs_context *ctx, ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_OBJECT:
        return v.as.object;
    case EJS_TAG_STRING:
        return ejs__proto(ctx, EJS_CLASS_STRING);
    case EJS_TAG_NUMBER:
        return ejs__proto(ctx, EJS_CLASS_NUMBER);
    case EJS_TAG_BOOLEAN:
        return ejs__proto(ctx, EJS_CLASS_BOOLEAN);
    case EJS_TAG_JSON: {
        ejs_object *shadow = ejs__native(ctx, v);
        if (shadow)
            return shadow;
        return ejs__proto(ctx, ejs__json_is_array(v) ? EJS_CLASS_ARRAY
                                                     : EJS_CLASS_OBJECT);
    }
    default:
        return NULL;
    }
}

bool ejs__is_index(const char *text, uint32_t size, uint32_t *index)
{
    uint64_t n = 0;
    if (size == 0 || size > 10 || (text[0] == '0' && size > 1))
        return false;
    for (uint32_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(text[i] - '0');
    }
    *index = (uint32_t)n;
    return n < 4294967295u;
}

static bool site_index(const ejs_site *site, uint32_t *i)
{
    return site->size && site->key[0] <= '9' &&
           ejs__is_index(site->key, site->size, i);
}

/* own properties
 * -------------------------------------------------------------------- */

static ejs_value throw_unreadable(ejs_context *ctx, const ejs__property *p)
{
    const ejs_site site = {.key = p->key, .size = p->size};
    return throw_private(ctx, &site, "'%.*s' was defined without a getter");
}

ejs_value ejs__property_value(ejs_context *ctx, const ejs__property *p,
                              ejs_value receiver)
{
    if (EJS_LIKELY(!(p->flags & EJS_ACCESSOR)))
        return p->value;
    const ejs__accessor *a = (const void *)p->value.as.object;
    if (!a->get)
        return p->size && (unsigned char)p->key[0] == 0xFF
                   ? throw_unreadable(ctx, p)
                   : ejs__undefined();
    return ejs__call_object(ctx, a->get, receiver, NULL, 0);
}

static int string_own(ejs_context *ctx, ejs_value s, const ejs_site *site,
                      ejs_value *out)
{
    uint32_t i;
    if (ejs__site_is(site, "length", 6)) {
        *out = ejs__number(ejs__units(ctx, s));
        return 1;
    }
    if (!site_index(site, &i))
        return 0;
    const int32_t unit = ejs__unit_at(ctx, s, i);
    if (unit < 0)
        return 0;
    *out = ejs__string_from_code(ctx, (uint32_t)unit);
    return ejs__is_thrown(*out) ? -1 : 1;
}

static int array_own(ejs_object *o, const ejs_site *site, ejs_value *out)
{
    uint32_t i;
    if (ejs__site_is(site, "length", 6)) {
        *out = ejs__number(ejs__array_length(o));
        return 1;
    }
    if (!site_index(site, &i) || i >= o->length)
        return 0;
    *out = ejs__as_array(o)->items[i];
    if (EJS_LIKELY(out->tag != EJS_TAG_HOLE))
        return 1;
    ejs_value **cell = ejs__mapped(o, i);
    if (cell)
        *out = **cell;
    return cell != NULL;
}

/* A built-in getter is called as it is; anything else is made real first. */
static int row_own(ejs_context *ctx, ejs_object *o, ejs_site *site,
                   ejs_value receiver, ejs_value *out)
{
    bool thrown = false;
    const ejs__builtin *row = NULL;
    if (ejs__has_rows(o))
        row = ejs__builtin_find(o, site->key, site->size, ejs__site_hash(site),
                                &site->proto_slot);
    if (row && row->kind != EJS_ROW_METHOD) {
        *out = ejs__call_row(ctx, row, receiver, NULL, 0);
        return ejs__is_thrown(*out) ? -1 : 1;
    }
    const ejs__property *p = ejs__own(ctx, o, site, &thrown);
    if (!p)
        return thrown ? -1 : 0;
    *out = ejs__property_value(ctx, p, receiver);
    return ejs__is_thrown(*out) ? -1 : 1;
}

/* What an object has beside its list. */
static int exotic_own(ejs_context *ctx, ejs_object *o, ejs_site *site,
                      ejs_value receiver, ejs_value *out)
{
    switch ((ejs__object_kind)o->kind) {
    case EJS_OBJECT_ARRAY:
    case EJS_OBJECT_ARGUMENTS:
        return array_own(o, site, out);
    case EJS_OBJECT_STRING:
        return string_own(ctx, ((ejs__wrapper *)(void *)o)->value, site, out);
    case EJS_OBJECT_LOCALS:
        return ejs__locals_own(ctx, o, site, out);
    case EJS_OBJECT_FUNCTION:
    case EJS_OBJECT_ERROR:
        return row_own(ctx, o, site, receiver, out);
    default:
        return ejs__has_rows(o) ? row_own(ctx, o, site, receiver, out) : 0;
    }
}

int ejs__chain_get(ejs_context *ctx, ejs_object *o, ejs_site *site,
                   ejs_value receiver, ejs_value *out)
{
    for (; o; o = o->proto) {
        const ejs__property *p = ejs__find(o, site);
        if (p) {
            *out = ejs__property_value(ctx, p, receiver);
            return ejs__is_thrown(*out) ? -1 : 1;
        }
        if (o->kind != EJS_OBJECT_PLAIN || o->class_id) {
            const int found = exotic_own(ctx, o, site, receiver, out);
            if (found)
                return found;
        }
    }
    return 0;
}

/* reading
 * --------------------------------------------------------------------------------
 */

/* The own property of a primitive or untouched json-c node. */
static int value_own(ejs_context *ctx, ejs_value v, ejs_site *site,
                     ejs_value *out)
{
    if (v.tag == EJS_TAG_STRING)
        return string_own(ctx, v, site, out);
    if (v.tag == EJS_TAG_JSON && !ejs__native(ctx, v))
        return ejs__json_member(ctx, v, site, out);
    return 0;
}

/* Private members are not inherited. */
static int private_own(ejs_context *ctx, ejs_value v, ejs_site *site,
                       ejs_value *out)
{
    const ejs_object *o = ejs__native(ctx, v);
    const ejs__property *p = o ? ejs__find(o, site) : NULL;
    if (!p)
        return 0;
    *out = ejs__property_value(ctx, p, v);
    return ejs__is_thrown(*out) ? -1 : 1;
}

static ejs_value get_slow(ejs_context *ctx, ejs_value object, ejs_site *site)
{
    ejs_value v;
    if (ejs__is_nullish(object))
        return throw_read(ctx, object, site);
    int found = value_own(ctx, object, site, &v);
    if (!found && ejs__is_private(site))
        found = private_own(ctx, object, site, &v);
    else if (!found)
        found = ejs__chain_get(ctx, ejs__lookup_start(ctx, object), site,
                               object, &v);
    if (found > 0)
        return v;
    if (!found && ejs__is_private(site))
        return throw_private(ctx, site,
                             "Cannot read private member %.*s from an object "
                             "whose class did not declare it");
    return found < 0 ? ejs__thrown() : ejs__undefined();
}

__attribute__((noinline)) ejs_value
ejs__get_any(ejs_context *ctx, ejs_value object, ejs_site *site)
{
    if (object.tag == EJS_TAG_OBJECT) {
        const ejs__property *p = ejs__find(object.as.object, site);
        if (EJS_LIKELY(p && !(p->flags & EJS_ACCESSOR)))
            return p->value;
    } else if (object.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx)) {
        ejs_value v;
        const int found = ejs__json_member(ctx, object, site, &v);
        if (EJS_LIKELY(found))
            return found > 0 ? v : ejs__thrown();
    }
    return get_slow(ctx, object, site);
}

ejs_value ejs__get_name(ejs_context *ctx, ejs_value object, const char *name)
{
    ejs_site site = ejs__site_named(name);
    return ejs__get(ctx, object, &site);
}

static ejs_value get_by_key(ejs_context *ctx, ejs_value object, ejs_value key)
{
    if (ejs__is_nullish(object) && ejs__is_object(key)) {
        throw_object_key(ctx, object, key, true);
        return ejs__thrown();
    }
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return key;
    ejs_site site = ejs__site_of(key);
    return ejs__get(ctx, object, &site);
}

__attribute__((noinline)) ejs_value
ejs__get_index_any(ejs_context *ctx, ejs_value object, ejs_value key)
{
    uint32_t i;
    if (EJS_LIKELY(ejs__number_index(key, &i))) {
        if (object.tag == EJS_TAG_OBJECT) {
            const ejs_object *o = object.as.object;
            if (ejs__is_arraylike(o) && i < o->length) {
                const ejs_value v = ejs__as_array(object.as.object)->items[i];
                if (EJS_LIKELY(v.tag != EJS_TAG_HOLE))
                    return v;
            }
        } else if (object.tag == EJS_TAG_JSON) {
            ejs_value v;
            const int found =
                !ejs__any_shadow(ctx) && ejs__json_is_array(object)
                    ? ejs__json_element(ctx, object, i, &v)
                    : 0;
            if (EJS_LIKELY(found))
                return found > 0 ? v : ejs__thrown();
        } else if (object.tag == EJS_TAG_STRING) {
            const int32_t unit = ejs__unit_at(ctx, object, i);
            if (unit >= 0)
                return ejs__string_from_code(ctx, (uint32_t)unit);
        }
    } else if (key.tag == EJS_TAG_STRING && ejs__is_object(object)) {
        ejs_site site = ejs__site_of(key);
        return ejs__get(ctx, object, &site);
    }
    return get_by_key(ctx, object, key);
}

__attribute__((noinline)) ejs_value ejs__get_length_any(ejs_context *ctx,
                                                        ejs_value object)
{
    if (object.tag == EJS_TAG_STRING)
        return ejs__number(ejs__units(ctx, object));
    if (object.tag == EJS_TAG_OBJECT && ejs__is_arraylike(object.as.object))
        return ejs__number(ejs__array_length(object.as.object));
    if (object.tag == EJS_TAG_JSON && !ejs__any_shadow(ctx) &&
        ejs__json_is_array(object))
        return ejs__number(ejs__json_length(object));
    return ejs__get_name(ctx, object, "length");
}

ejs_value ejs__get_super(ejs_context *ctx, ejs_object *home, ejs_value key,
                         ejs_value self)
{
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return key;
    ejs_site site = ejs__site_of(key);
    ejs_value v;
    if (home && !home->proto)
        return throw_read(ctx, ejs__null(), &site);
    const int found =
        ejs__chain_get(ctx, home ? home->proto : NULL, &site, self, &v);
    return found > 0 ? v : found < 0 ? ejs__thrown() : ejs__undefined();
}

/* callees
 * ------------------------------------------------------------------------------------
 */

/* The class whose methods come first for a value that has no methods of its
 * own; NONE: it may have some. */
static ejs__class_id class_of_plain(ejs_context *ctx, ejs_value v)
{
    switch (v.tag) {
    case EJS_TAG_STRING:
        return EJS_CLASS_STRING;
    case EJS_TAG_NUMBER:
        return EJS_CLASS_NUMBER;
    case EJS_TAG_JSON:
        return ctx->json_quick && v.flags == EJS_JSON_ARRAY ? EJS_CLASS_ARRAY
                                                            : EJS_CLASS_NONE;
    case EJS_TAG_OBJECT: {
        const ejs_object *o = v.as.object;
        return o->kind == EJS_OBJECT_ARRAY && !o->properties.count &&
                       o->proto == ejs__proto(ctx, EJS_CLASS_ARRAY)
                   ? EJS_CLASS_ARRAY
                   : EJS_CLASS_NONE;
    }
    default:
        return EJS_CLASS_NONE;
    }
}

/* Math, Number ...: with nothing in them but what they were made with, which
 * are no functions. */
static bool is_pristine(const ejs_object *o)
{
    return ejs__role_of(o) >= EJS_ROLE_CONSTRUCTOR &&
           o->properties.count == o->length && ejs__has_rows(o);
}

int ejs__find_callee(ejs_context *ctx, ejs_value object, ejs_site *site,
                     ejs_value *callee, const ejs__builtin **row)
{
    const ejs__class_id plain = ejs__realm_of(ctx)->changed
                                    ? EJS_CLASS_NONE
                                    : class_of_plain(ctx, object);
    if (plain != EJS_CLASS_NONE) {
        *row = ejs__builtin_find(ejs__proto(ctx, plain), site->key, site->size,
                                 ejs__site_hash(site), &site->proto_slot);
        if (EJS_LIKELY(*row && (*row)->kind == EJS_ROW_METHOD))
            return 1;
    } else if (object.tag == EJS_TAG_OBJECT && is_pristine(object.as.object)) {
        ejs_object *o = object.as.object;
        *row = ejs__builtin_find(o, site->key, site->size, ejs__site_hash(site),
                                 &site->proto_slot);
        if (EJS_LIKELY(*row && (*row)->kind == EJS_ROW_METHOD))
            return 1;
    }
    *row = NULL;
    if (ejs__is_nullish(object)) {
        throw_read(ctx, object, site);
        return -1;
    }
    const int own = value_own(ctx, object, site, callee);
    if (own)
        return own;
    for (ejs_object *o = ejs__lookup_start(ctx, object); o; o = o->proto) {
        const ejs__property *p = ejs__find(o, site);
        if (p) {
            *callee = ejs__property_value(ctx, p, object);
            return ejs__is_thrown(*callee) ? -1 : 1;
        }
        if (ejs__has_rows(o)) {
            *row = ejs__builtin_find(o, site->key, site->size,
                                     ejs__site_hash(site), &site->proto_slot);
            if (*row && (*row)->kind == EJS_ROW_METHOD)
                return 1;
            *row = NULL;
        }
        if (o->kind != EJS_OBJECT_PLAIN || o->class_id) {
            const int found = exotic_own(ctx, o, site, object, callee);
            if (found)
                return found;
        }
    }
    *callee = ejs__undefined();
    return 0;
}

int ejs__try_method(ejs_context *ctx, ejs_value object, const char *name,
                    const ejs_value *args, uint32_t argc, ejs_value *out)
{
    ejs_site site = ejs__site_named(name);
    ejs_value callee;
    const ejs__builtin *row;
    const int found = ejs__find_callee(ctx, object, &site, &callee, &row);
    if (found <= 0)
        return found;
    if (row)
        *out = ejs__call_row(ctx, row, object, args, argc);
    else if (ejs__is_callable(callee))
        *out = ejs__call_object(ctx, callee.as.object, object, args, argc);
    else
        return 0;
    return ejs__is_thrown(*out) ? -1 : 1;
}

bool ejs__replaced_method(ejs_context *ctx, ejs_value object, const char *name,
                          ejs_function built_in, ejs_value *method)
{
    const ejs__builtin *row;
    ejs_site site = ejs__site_named(name);
    if (ejs__find_callee(ctx, object, &site, method, &row) < 0)
        return false;
    if (row || (ejs__is_callable(*method) &&
                ejs__as_function(method->as.object)->entry == built_in))
        *method = ejs__tagged(EJS_TAG_HOLE);
    return true;
}

/* writing
 * -------------------------------------------------------------------------------------
 */

/* 1 written or refused in silence, 0 go on, -1 thrown, by a setter or a
 * read-only property further up the chain. */
static int inherited_set(ejs_context *ctx, ejs_object *o, ejs_site *site,
                         ejs_value v, ejs_value receiver, bool strict)
{
    bool thrown;
    for (o = o->proto; o; o = o->proto) {
        const ejs__property *p = ejs__find(o, site);
        if (!p && ejs__has_rows(o)) {
            const ejs__builtin *row =
                ejs__builtin_find(o, site->key, site->size,
                                  ejs__site_hash(site), &site->proto_slot);
            if (!row || row->kind == EJS_ROW_METHOD)
                continue;
            p = ejs__own(ctx, o, site, &thrown);
            if (!p)
                return -1;
        }
        if (!p)
            continue;
        if (p->flags & EJS_ACCESSOR) {
            const ejs__accessor *a = (const void *)p->value.as.object;
            if (!a->set)
                return refuse(ctx, ONLY_GETTER, site, receiver, strict) ? 1
                                                                        : -1;
            return ejs__is_thrown(
                       ejs__call_object(ctx, a->set, receiver, &v, 1))
                       ? -1
                       : 1;
        }
        if (!(p->flags & EJS_WRITABLE))
            return refuse(ctx, READ_ONLY, site, receiver, strict) ? 1 : -1;
        return 0;
    }
    return 0;
}

static bool set_listed(ejs_context *ctx, ejs__property *p, ejs_site *site,
                       ejs_value v, ejs_value receiver, bool strict)
{
    if (p->flags & EJS_ACCESSOR) {
        const ejs__accessor *a = (const void *)p->value.as.object;
        if (!a->set)
            return refuse(ctx, ONLY_GETTER, site, receiver, strict);
        return !ejs__is_thrown(ejs__call_object(ctx, a->set, receiver, &v, 1));
    }
    if (!(p->flags & EJS_WRITABLE))
        return refuse(ctx, READ_ONLY, site, receiver, strict);
    p->value = v;
    return true;
}

static bool array_result(ejs_context *ctx, int done, const ejs_object *o,
                         uint32_t i, ejs_site *site, ejs_value receiver,
                         bool strict)
{
    if (done)
        return done > 0;
    return refuse(ctx, i < ejs__array_length(o) ? READ_ONLY : NOT_EXTENSIBLE,
                  site, receiver, strict);
}

/* Elements and length: 1 done, 0 not an array's business, -1 thrown. */
static int set_array(ejs_context *ctx, ejs_object *o, ejs_site *site,
                     ejs_value v, ejs_value receiver, bool strict)
{
    uint32_t i;
    if (ejs__site_is(site, "length", 6)) {
        const ejs_value n = ejs__to_number(ctx, v);
        if (ejs__is_thrown(n))
            return -1;
        const int done =
            ejs__array_set_length(ctx, ejs__as_array(o), n.as.number);
        if (done)
            return done;
        return refuse(ctx, READ_ONLY, site, receiver, strict) ? 1 : -1;
    }
    if (!site_index(site, &i))
        return 0;
    const int done = ejs__array_put(ctx, ejs__as_array(o), i, v);
    return array_result(ctx, done, o, i, site, receiver, strict) ? 1 : -1;
}

static int set_exotic(ejs_context *ctx, ejs_object *o, ejs_site *site,
                      ejs_value v, ejs_value receiver, bool strict)
{
    ejs_value old;
    if (ejs__is_arraylike(o))
        return set_array(ctx, o, site, v, receiver, strict);
    if (o->kind != EJS_OBJECT_STRING)
        return 0;
    const int found =
        string_own(ctx, ((ejs__wrapper *)(void *)o)->value, site, &old);
    if (found <= 0)
        return found;
    return refuse(ctx, READ_ONLY, site, receiver, strict) ? 1 : -1;
}

static bool set_object(ejs_context *ctx, ejs_object *o, ejs_site *site,
                       ejs_value v, ejs_value receiver, bool strict)
{
    bool thrown;
    int done = o->kind == EJS_OBJECT_PLAIN
                   ? 0
                   : set_exotic(ctx, o, site, v, receiver, strict);
    if (done)
        return done > 0;
    ejs__property *p = ejs__own(ctx, o, site, &thrown);
    if (p)
        return set_listed(ctx, p, site, v, receiver, strict);
    if (thrown)
        return false;
    if (ejs__is_private(site)) {
        throw_private(ctx, site,
                      "Cannot write private member %.*s to an object whose "
                      "class did not declare it");
        return false;
    }
    done = inherited_set(ctx, o, site, v, receiver, strict);
    if (done)
        return done > 0;
    if (o->flags & EJS_NOT_EXTENSIBLE)
        return refuse(ctx, NOT_EXTENSIBLE, site, receiver, strict);
    return ejs__append(ctx, o, site, v, EJS_ORDINARY) != NULL;
}

static bool set_primitive(ejs_context *ctx, ejs_value object, ejs_site *site,
                          ejs_value v, bool strict)
{
    ejs_value old;
    if (ejs__is_nullish(object)) {
        throw_write(ctx, object, site);
        return false;
    }
    if (!strict)
        return true;
    (void)v;
    if (object.tag == EJS_TAG_STRING && string_own(ctx, object, site, &old) > 0)
        return refuse(ctx, READ_ONLY, site, object, strict);
    const ejs_value type = ejs__typeof(object);
    ejs__throw_error(ctx, EJS_TYPE_ERROR,
                     "Cannot create property '%.*s' on %.*s '%s'",
                     (int)site->size, site->key, (int)type.size, type.as.text,
                     ejs__describe(ctx, object));
    return false;
}

bool ejs__set(ejs_context *ctx, ejs_value object, ejs_site *site, ejs_value v,
              bool strict)
{
    if (object.tag == EJS_TAG_OBJECT) {
        ejs__property *p = ejs__find(object.as.object, site);
        if (EJS_LIKELY(p && (p->flags & (EJS_ACCESSOR | EJS_WRITABLE)) ==
                                EJS_WRITABLE)) {
            p->value = v;
            return true;
        }
        return set_object(ctx, object.as.object, site, v, object, strict);
    }
    if (object.tag != EJS_TAG_JSON)
        return set_primitive(ctx, object, site, v, strict);
    ejs_object *o = ejs__writable(ctx, object);
    return o && set_object(ctx, o, site, v, object, strict);
}

bool ejs__set_name(ejs_context *ctx, ejs_value object, const char *name,
                   ejs_value v)
{
    ejs_site site = ejs__site_named(name);
    return ejs__set(ctx, object, &site, v, true);
}

bool ejs__set_index(ejs_context *ctx, ejs_value object, ejs_value key,
                    ejs_value v, bool strict)
{
    uint32_t i;
    if (ejs__number_index(key, &i)) {
        ejs_object *o = ejs__native(ctx, object);
        if (!o && object.tag == EJS_TAG_JSON && ejs__json_is_array(object) &&
            !(o = ejs__writable(ctx, object)))
            return false;
        if (o && ejs__is_arraylike(o)) {
            const int done = ejs__array_put(ctx, ejs__as_array(o), i, v);
            if (EJS_LIKELY(done))
                return done > 0;
        }
    }
    if (ejs__is_nullish(object) && ejs__is_object(key)) {
        throw_object_key(ctx, object, key, false);
        return false;
    }
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return false;
    ejs_site site = ejs__site_of(key);
    return ejs__set(ctx, object, &site, v, strict);
}

bool ejs__set_super(ejs_context *ctx, ejs_object *home, ejs_value key,
                    ejs_value v, ejs_value self, bool strict)
{
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return false;
    ejs_site site = ejs__site_of(key);
    if (home && !home->proto) {
        throw_write(ctx, ejs__null(), &site);
        return false;
    }
    if (home) {
        const int done = inherited_set(ctx, home, &site, v, self, strict);
        if (done)
            return done > 0;
    }
    return ejs__set(ctx, self, &site, v, strict);
}

/* defining
 * -------------------------------------------------------------------------------------
 */

static bool define(ejs_context *ctx, ejs_object *o, ejs_site *site, ejs_value v,
                   uint8_t flags)
{
    uint32_t i;
    bool thrown;
    if (ejs__is_arraylike(o) && site_index(site, &i))
        return ejs__array_put(ctx, ejs__as_array(o), i, v) > 0;
    ejs__property *p =
        o->class_id & 3 ? ejs__own(ctx, o, site, &thrown) : ejs__find(o, site);
    if (!p)
        return ejs__append(ctx, o, site, v, flags) != NULL;
    if (p->flags & EJS_ACCESSOR)
        ejs__touch(ctx, o);
    p->value = v;
    p->flags = flags;
    return true;
}

bool ejs__define(ejs_context *ctx, ejs_object *object, ejs_site *site,
                 ejs_value v)
{
    return define(ctx, object, site, v, EJS_ORDINARY);
}

bool ejs__define_key(ejs_context *ctx, ejs_object *object, ejs_value key,
                     ejs_value v, uint8_t flags)
{
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return false;
    ejs_site site = ejs__site_of(key);
    return define(ctx, object, &site, v, flags);
}

/* What a literal or class body defines may meet a computed "prototype" of a
 * class, or an object that a base class has frozen. */
static bool check_definable(ejs_context *ctx, const ejs_object *o,
                            ejs_site *site)
{
    if (EJS_LIKELY(o->kind == EJS_OBJECT_PLAIN &&
                   !(o->flags & EJS_NOT_EXTENSIBLE)))
        return true;
    const ejs__property *p = ejs__find(o, site);
    if (p && p->flags & EJS_CONFIGURABLE)
        return true;
    if (p && o->kind == EJS_OBJECT_FUNCTION)
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Classes may not have a static property named "
                         "'prototype'");
    else if (p)
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "Cannot redefine property: %.*s",
                         (int)site->size, site->key);
    else if (o->flags & EJS_NOT_EXTENSIBLE)
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Cannot define property %.*s, object is not "
                         "extensible",
                         (int)site->size, site->key);
    else
        return true;
    return false;
}

static bool define_private(ejs_context *ctx, ejs_object *object, ejs_site *site,
                           ejs_value v, bool is_method)
{
    if (ejs__find(object, site)) {
        throw_private(ctx, site,
                      "Cannot initialize %.*s twice on the same object");
        return false;
    }
    return ejs__append(ctx, object, site, v, is_method ? 0 : EJS_WRITABLE) !=
           NULL;
}

static bool define_checked(ejs_context *ctx, ejs_object *object, ejs_value key,
                           ejs_value v, uint8_t flags)
{
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return false;
    ejs_site site = ejs__site_of(key);
    if (ejs__is_private(&site))
        return define_private(ctx, object, &site, v, !(flags & EJS_ENUMERABLE));
    return check_definable(ctx, object, &site) &&
           define(ctx, object, &site, v, flags);
}

bool ejs__define_index(ejs_context *ctx, ejs_object *object, ejs_value key,
                       ejs_value v)
{
    return define_checked(ctx, object, key, v, EJS_ORDINARY);
}

bool ejs__define_method(ejs_context *ctx, ejs_object *object, ejs_value key,
                        ejs_value function)
{
    return define_checked(ctx, object, key, function,
                          EJS_WRITABLE | EJS_CONFIGURABLE);
}

bool ejs__define_name(ejs_context *ctx, ejs_object *object, const char *name,
                      ejs_value v, uint8_t flags)
{
    ejs_site site = ejs__site_named(name);
    return define(ctx, object, &site, v, flags);
}

bool ejs__define_accessor(ejs_context *ctx, ejs_object *object, ejs_value key,
                          ejs_value function, bool is_setter, bool enumerable)
{
    bool thrown;
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return false;
    ejs_site site = ejs__site_of(key);
    ejs__property *p = ejs__own(ctx, object, &site, &thrown);
    ejs__accessor *a = p && p->flags & EJS_ACCESSOR
                           ? (ejs__accessor *)(void *)p->value.as.object
                           : NULL;
    if (thrown || !check_definable(ctx, object, &site))
        return false;
    if (ejs__is_private(&site) && a && (is_setter ? a->set : a->get)) {
        throw_private(ctx, &site,
                      "Cannot initialize %.*s twice on the same object");
        return false;
    }
    if (!a) {
        if (!(a = ejs__alloc(ctx, sizeof *a)))
            return false;
        *a = (ejs__accessor){NULL, NULL};
    }
    *(is_setter ? &a->set : &a->get) = function.as.object;
    ejs_value v = ejs__undefined();
    v.as.object = (ejs_object *)(void *)a;
    return define(ctx, object, &site, v,
                  (uint8_t)(EJS_ACCESSOR | EJS_CONFIGURABLE |
                            (enumerable ? EJS_ENUMERABLE : 0)));
}

bool ejs__set_proto_literal(ejs_context *ctx, ejs_object *object, ejs_value v)
{
    if (v.tag == EJS_TAG_NULL) {
        object->proto = NULL;
    } else if (ejs__is_object(v)) {
        ejs_object *proto = ejs__writable(ctx, v);
        if (!proto)
            return false;
        object->proto = proto;
    }
    return true;
}

/* deleting
 * --------------------------------------------------------------------------------------
 */

/* 1 deleted or not there, 0 may not, -1 thrown. */
static int delete_element(ejs_object *o, uint32_t i)
{
    if (i >= o->length)
        return 1;
    if (o->flags & (EJS_SEALED_ELEMENTS | EJS_FROZEN_ELEMENTS))
        return ejs__as_array(o)->items[i].tag == EJS_TAG_HOLE;
    ejs_value **cell = ejs__mapped(o, i);
    if (cell)
        *cell = NULL;
    ejs__as_array(o)->items[i] = ejs__tagged(EJS_TAG_HOLE);
    return 1;
}

static int delete_own(ejs_context *ctx, ejs_object *o, ejs_site *site)
{
    uint32_t i;
    bool thrown;
    ejs_value old;
    if (ejs__is_arraylike(o)) {
        if (ejs__site_is(site, "length", 6))
            return o->kind == EJS_OBJECT_ARGUMENTS;
        if (site_index(site, &i) && i < o->length)
            return delete_element(o, i);
    }
    if (o->kind == EJS_OBJECT_STRING &&
        string_own(ctx, ((ejs__wrapper *)(void *)o)->value, site, &old))
        return 0;
    ejs__property *p = ejs__own(ctx, o, site, &thrown);
    if (!p)
        return thrown ? -1 : 1;
    if (!(p->flags & EJS_CONFIGURABLE))
        return 0;
    /* What is deleted must not come back from a table or from the data. */
    if (!ejs__materialize(ctx, o))
        return -1;
    p = ejs__find(o, site);
    if (p)
        ejs__remove(ctx, o, p);
    return 1;
}

ejs_value ejs__delete(ejs_context *ctx, ejs_value object, ejs_value key,
                      bool strict)
{
    if (ejs__is_nullish(object))
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "Cannot convert undefined or null to object");
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return key;
    ejs_site site = ejs__site_of(key);
    if (!ejs__is_object(object)) {
        ejs_value old;
        if (value_own(ctx, object, &site, &old) == 0)
            return ejs__boolean(true);
        return refuse(ctx, NOT_DELETABLE, &site, object, strict)
                   ? ejs__boolean(false)
                   : ejs__thrown();
    }
    ejs_object *o = ejs__writable(ctx, object);
    const int done = o ? delete_own(ctx, o, &site) : -1;
    if (done)
        return done > 0 ? ejs__boolean(true) : ejs__thrown();
    return refuse(ctx, NOT_DELETABLE, &site, object, strict)
               ? ejs__boolean(false)
               : ejs__thrown();
}

/* asking
 * ------------------------------------------------------------------------------------------
 */

static int has_own_native(ejs_context *ctx, ejs_object *o, ejs_site *site)
{
    bool thrown;
    ejs_value v;
    if (ejs__find(o, site))
        return 1;
    if (ejs__is_arraylike(o))
        return array_own(o, site, &v);
    if (o->kind == EJS_OBJECT_STRING)
        return string_own(ctx, ((ejs__wrapper *)(void *)o)->value, site, &v);
    if (ejs__own(ctx, o, site, &thrown))
        return 1;
    return thrown ? -1 : 0;
}

static int has_own_site(ejs_context *ctx, ejs_value v, ejs_site *site)
{
    ejs_value member;
    ejs_object *o = ejs__native(ctx, v);
    if (o)
        return has_own_native(ctx, o, site);
    return value_own(ctx, v, site, &member);
}

int ejs__has_own(ejs_context *ctx, ejs_value object, ejs_value key)
{
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return -1;
    ejs_site site = ejs__site_of(key);
    return has_own_site(ctx, object, &site);
}

int ejs__has_property(ejs_context *ctx, ejs_value object, ejs_value key)
{
    key = ejs__to_property_key(ctx, key);
    if (ejs__is_thrown(key))
        return -1;
    ejs_site site = ejs__site_of(key);
    int found = has_own_site(ctx, object, &site);
    for (ejs_object *o = ejs__lookup_start(ctx, object); !found && o;
         o = o->proto)
        found = has_own_native(ctx, o, &site);
    return found;
}

int ejs__private_in(ejs_context *ctx, ejs_value key, ejs_value object)
{
    const ejs_site site = ejs__site_of(key);
    if (ejs__is_object(object))
        return ejs__has_own(ctx, object, key);
    const ejs_value name = ejs__private_name(&site);
    ejs__throw_error(ctx, EJS_TYPE_ERROR,
                     "Cannot use 'in' operator to search for '%.*s' in %s",
                     (int)name.size, name.as.text, ejs__describe(ctx, object));
    return -1;
}

int ejs__in(ejs_context *ctx, ejs_value key, ejs_value object)
{
    if (ejs__is_object(object))
        return ejs__has_property(ctx, object, key);
    ejs__throw_error(ctx, EJS_TYPE_ERROR,
                     "Cannot use 'in' operator to search for '%s' in %s",
                     ejs__describe(ctx, key), ejs__describe(ctx, object));
    return -1;
}

/* enumerating
 * ---------------------------------------------------------------------------------------
 */

/* Moves integer keys to the front, in order; stable otherwise. */
static bool sort_keys(ejs_context *ctx, ejs_value *list, uint32_t count)
{
    uint32_t n = 0, index, other;
    for (uint32_t i = 0; i < count; i++)
        n += ejs__is_index(list[i].as.text, list[i].size, &index);
    if (n == 0)
        return true;
    ejs_value *sorted = ejs__alloc(ctx, count * sizeof *sorted);
    if (!sorted)
        return false;
    uint32_t indices = 0, names = n;
    bool in_order = true;
    for (uint32_t i = 0; i < count; i++) {
        if (!ejs__is_index(list[i].as.text, list[i].size, &index)) {
            sorted[names++] = list[i];
            continue;
        }
        if (indices > 0 && ejs__is_index(sorted[indices - 1].as.text,
                                         sorted[indices - 1].size, &other))
            in_order = in_order && other < index;
        sorted[indices++] = list[i];
    }
    /* Shell sort: few keys as a rule, no recursion, no comparator. */
    for (uint32_t gap = in_order ? 0 : n / 2; gap > 0; gap /= 2)
        for (uint32_t i = gap; i < n; i++) {
            const ejs_value moving = sorted[i];
            uint32_t j = i, mine = 0;
            ejs__is_index(moving.as.text, moving.size, &mine);
            for (; j >= gap; j -= gap) {
                ejs__is_index(sorted[j - gap].as.text, sorted[j - gap].size,
                              &other);
                if (other <= mine)
                    break;
                sorted[j] = sorted[j - gap];
            }
            sorted[j] = moving;
        }
    memcpy(list, sorted, count * sizeof *list);
    return true;
}

/* `o` NULL: a string, which has no holes. */
static bool index_keys(ejs_context *ctx, ejs__keys *keys, uint32_t length,
                       ejs_object *o)
{
    for (uint32_t i = 0; i < length; i++) {
        if (o && ejs__as_array(o)->items[i].tag == EJS_TAG_HOLE &&
            !ejs__mapped(o, i))
            continue;
        const ejs_value key = ejs__number_to_string(ctx, i);
        if (ejs__is_thrown(key))
            return false;
        keys->list[keys->count++] = key;
    }
    return true;
}

static bool native_keys(ejs_context *ctx, ejs_object *o, ejs__keys *keys)
{
    uint32_t elements = 0;
    ejs_object *list = NULL;
    if (o->kind == EJS_OBJECT_LOCALS && !ejs__locals_materialize(ctx, o))
        return false;
    if (ejs__is_arraylike(o)) {
        elements = o->length;
        list = o;
    } else if (o->kind == EJS_OBJECT_STRING) {
        elements = ejs__units(ctx, ((ejs__wrapper *)(void *)o)->value);
    }
    const ejs__properties *ps = &o->properties;
    keys->list =
        ejs__alloc(ctx, ((size_t)elements + ps->count) * sizeof *keys->list);
    if (!keys->list || !index_keys(ctx, keys, elements, list))
        return false;
    const uint32_t first = keys->count;
    for (uint32_t i = 0; i < ps->count; i++) {
        const ejs__property *p = &ps->list[i];
        if (p->key && p->flags & EJS_ENUMERABLE &&
            !(p->size && (unsigned char)p->key[0] == 0xFF))
            keys->list[keys->count++] = ejs__string(p->key, p->size, 0);
    }
    return sort_keys(ctx, keys->list + first, keys->count - first);
}

bool ejs__own_keys(ejs_context *ctx, ejs_value v, ejs__keys *keys)
{
    keys->list = NULL;
    keys->count = 0;
    ejs_object *o = ejs__native(ctx, v);
    if (o)
        return native_keys(ctx, o, keys);
    if (v.tag == EJS_TAG_JSON)
        return ejs__json_keys(ctx, v, keys) &&
               (ejs__json_is_array(v) ||
                sort_keys(ctx, keys->list, keys->count));
    if (v.tag != EJS_TAG_STRING)
        return true;
    const uint32_t n = ejs__units(ctx, v);
    keys->list = ejs__alloc(ctx, n * sizeof *keys->list);
    return keys->list && index_keys(ctx, keys, n, NULL);
}

bool ejs__object_spread(ejs_context *ctx, ejs_object *object, ejs_value v)
{
    ejs__keys keys;
    if (ejs__is_nullish(v))
        return true;
    if (!ejs__own_keys(ctx, v, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++) {
        ejs_site site = ejs__site_of(keys.list[i]);
        const ejs_value member = ejs__get(ctx, v, &site);
        if (ejs__is_thrown(member) ||
            !define(ctx, object, &site, member, EJS_ORDINARY))
            return false;
    }
    return true;
}

static bool is_taken(ejs_value key, const ejs_value *taken, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (ejs__string_equal(key, taken[i]))
            return true;
    return false;
}

ejs_value ejs__object_rest(ejs_context *ctx, ejs_value v,
                           const ejs_value *taken, uint32_t n)
{
    ejs__keys keys;
    if (ejs__is_nullish(v))
        return ejs__throw_destructure(ctx, v, NULL, NULL);
    ejs_object *rest = ejs__object_new(ctx);
    if (!rest || !ejs__own_keys(ctx, v, &keys))
        return ejs__thrown();
    for (uint32_t i = 0; i < keys.count; i++) {
        if (is_taken(keys.list[i], taken, n))
            continue;
        ejs_site site = ejs__site_of(keys.list[i]);
        const ejs_value member = ejs__get(ctx, v, &site);
        if (ejs__is_thrown(member) ||
            !define(ctx, rest, &site, member, EJS_ORDINARY))
            return ejs__thrown();
    }
    return ejs__object(rest);
}
