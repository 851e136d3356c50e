/*
 * internal.h - property lists, lookups and shadows, for the core of the
 * runtime only; built-ins use object.h.
 */
#ifndef EJS_RUNTIME_INTERNAL_H
#define EJS_RUNTIME_INTERNAL_H

#include "ejs/runtime/object.h"

/* More flags of ejs_object.flags. */
enum {
    EJS_WATCHED = 16,      /* changes of its keys start a new epoch */
    EJS_MATERIALIZED = 32, /* its virtual own properties have become real */
};

/* keys
 * ------------------------------------------------------------------------- */

/* The site's cached numbers may be written by several threads at once. */
static inline uint32_t ejs__relaxed(const uint32_t *p)
{
    return __atomic_load_n(p, __ATOMIC_RELAXED);
}
static inline void ejs__relax(uint32_t *p, uint32_t v)
{
    __atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline uint32_t ejs__site_hash(ejs_site *site)
{
    uint32_t hash = ejs__relaxed(&site->hash);
    if (EJS_UNLIKELY(hash == 0)) {
        hash = ejs__hash(site->key, site->size);
        ejs__relax(&site->hash, hash);
    }
    return hash;
}

/* A site on the stack for a key that is known only now. */
static inline ejs_site ejs__site_of(ejs_value key)
{
    ejs_site site = {.key = key.as.text, .size = key.size};
    return site;
}
static inline ejs_site ejs__site_named(const char *name)
{
    ejs_site site = {.key = name, .size = (uint32_t)strlen(name)};
    return site;
}
static inline ejs_value ejs__site_key(const ejs_site *site)
{
    return ejs__string(site->key, site->size, 0);
}
static inline bool ejs__site_is(const ejs_site *site, const char *text,
                                uint32_t size)
{
    return site->size == size && memcmp(site->key, text, size) == 0;
}
static inline bool ejs__is_private(const ejs_site *site)
{
    return site->size > 0 && (unsigned char)site->key[0] == 0xFF;
}

/* How a private name is called in messages: its key is the mark, #name, and
 * perhaps 'N, the number of its class. */
static inline ejs_value ejs__private_name(const ejs_site *site)
{
    const char *end = memchr(site->key, '\'', site->size);
    return ejs__string(site->key + 1,
                       (end ? (uint32_t)(end - site->key) : site->size) - 1, 0);
}

/* property lists (object.c)
 * ------------------------------------------------------ */

static inline bool ejs__property_is(const ejs__property *p, const char *key,
                                    uint32_t size, uint32_t hash)
{
    return p->hash == hash && p->size == size && p->key &&
           (p->key == key || memcmp(p->key, key, size) == 0);
}

ejs__property *ejs__find_slow(const ejs_object *o, ejs_site *site);
/* The own listed property; NULL when there is none. */
static inline ejs__property *ejs__find(const ejs_object *o, ejs_site *site)
{
    const uint32_t slot = ejs__relaxed(&site->slot);
    if (slot < o->properties.count) {
        ejs__property *p = &o->properties.list[slot];
        if (p->key == site->key && p->size == site->size)
            return p;
    }
    return o->properties.count ? ejs__find_slow(o, site) : NULL;
}

/* Appends a property that is known not to be there; NULL: thrown. */
ejs__property *ejs__append(ejs_context *ctx, ejs_object *o, ejs_site *site,
                           ejs_value v, uint8_t flags);
/* Indexes a list that is full and was filled at once: 1, 0 when two keys are
 * the same (and the index of no use), -1 thrown. */
int ejs__index_distinct(ejs_context *ctx, ejs__properties *ps);
void ejs__remove(ejs_context *ctx, ejs_object *o, ejs__property *p);
static inline void ejs__touch(ejs_context *ctx, const ejs_object *o)
{
    if (o->flags & EJS_WATCHED)
        ctx->epoch++;
}

/* roles
 * ---------------------------------------------------------------------------
 */

static inline ejs__class_id ejs__class_of(const ejs_object *o)
{
    return (ejs__class_id)(o->class_id >> 2);
}
static inline ejs__role ejs__role_of(const ejs_object *o)
{
    return (ejs__role)(o->class_id & 3);
}
/* A realm object is about to change. */
static inline void ejs__note_change(ejs_context *ctx, const ejs_object *o)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    realm->used = true;
    realm->changed = realm->changed || ejs__role_of(o) == EJS_ROLE_PROTOTYPE;
}
/* Has a table of built-ins whose rows are own properties. */
static inline bool ejs__has_rows(const ejs_object *o)
{
    return (o->class_id & 3) && !(o->flags & EJS_MATERIALIZED);
}

/* lookups (property.c)
 * --------------------------------------------------------------- */

/* Where a lookup starts for a value that is not nullish: the native object
 * itself, or the prototype of a primitive or of a json-c node. */
ejs_object *ejs__lookup_start(ejs_context *ctx, ejs_value v);
/* OBJECT's object or JSON's shadow; NULL: a json-c node as it was given, or no
 * object at all. */
ejs_object *ejs__native(ejs_context *ctx, ejs_value v);
/* [[Get]] along the chain from o: 1 found, 0 not, -1 thrown. */
int ejs__chain_get(ejs_context *ctx, ejs_object *o, ejs_site *site,
                   ejs_value receiver, ejs_value *out);
/* Own property as a real one, virtual ones are made real.  NULL: none, or
 * *thrown. */
ejs__property *ejs__own(ejs_context *ctx, ejs_object *o, ejs_site *site,
                        bool *thrown);
ejs_value ejs__property_value(ejs_context *ctx, const ejs__property *p,
                              ejs_value receiver);
/* Calls the method if there is one to call: 1 and the result, 0, or -1. */
int ejs__try_method(ejs_context *ctx, ejs_value object, const char *name,
                    const ejs_value *args, uint32_t argc, ejs_value *out);
/* A callee at object.site; a built-in row instead when it is one. */
int ejs__find_callee(ejs_context *ctx, ejs_value object, ejs_site *site,
                     ejs_value *callee, const ejs__builtin **row);

/* Makes the virtual own properties of a function, error, realm object or
 * locals real. */
bool ejs__materialize(ejs_context *ctx, ejs_object *o);
bool ejs__materialize_rows(ejs_context *ctx, ejs_object *o);
bool ejs__locals_materialize(ejs_context *ctx, ejs_object *o);
int ejs__locals_own(ejs_context *ctx, ejs_object *o, ejs_site *site,
                    ejs_value *out);

/* What a template is given as data, as it is now: JSON, or a native object that
 * nobody else has. */
ejs_value ejs__snapshot(ejs_context *ctx, ejs_value data);
/* EJS's own `include` of a frame, as a function. */
ejs_value ejs__include_function(ejs_frame *frame);

/* A built-in global: 1 found, 0, -1. */
int ejs__builtin_global(ejs_context *ctx, ejs_site *site, ejs_value *out);
ejs_object *ejs__global_object(ejs_context *ctx);

/* arrays
 * -------------------------------------------------------------------------------
 */

static inline bool ejs__is_arraylike(const ejs_object *o)
{
    return o->kind == EJS_OBJECT_ARRAY || o->kind == EJS_OBJECT_ARGUMENTS;
}
static inline ejs__array *ejs__as_array(ejs_object *o)
{
    return (ejs__array *)(void *)o;
}
static inline uint32_t ejs__array_length(const ejs_object *o)
{
    const ejs__array *a = (const ejs__array *)(const void *)o;
    return a->far_length ? a->far_length : o->length;
}
/* `arguments`.  Where an element is a parameter's variable, a hole is in its
 * place among the items. */
typedef struct ejs__arguments_object {
    ejs__array array;
    ejs_value **cells; /* NULL, or as many as arguments, NULL or a variable */
} ejs__arguments_object;

/* The variable that the element is; NULL: none.  i is less than the length. */
static inline ejs_value **ejs__mapped(ejs_object *o, uint32_t i)
{
    ejs_value **cells = o->kind == EJS_OBJECT_ARGUMENTS
                            ? ((ejs__arguments_object *)(void *)o)->cells
                            : NULL;
    return cells && cells[i] ? &cells[i] : NULL;
}
/* Makes the elements those of an ordinary object. */
void ejs__unmap(ejs_object *o);
/* 1 done, 0 refused (frozen ...), -1 thrown. */
int ejs__array_put(ejs_context *ctx, ejs__array *a, uint32_t i, ejs_value v);
int ejs__array_set_length(ejs_context *ctx, ejs__array *a, double length);
/* The key as an index, when it is one. */
static inline bool ejs__number_index(ejs_value key, uint32_t *i)
{
    if (key.tag != EJS_TAG_NUMBER)
        return false;
    if (!(key.as.number >= 0 && key.as.number < 4294967295.0))
        return false;
    *i = (uint32_t)key.as.number;
    return *i == key.as.number;
}

/* json-c (jsonview.c)
 * --------------------------------------------------------------------- */

/* Flags of JSON values.  A NODE, which may be NULL, has not been looked at: it
 * may stand for any value, and only ejs__put_item takes it. */
enum { EJS_JSON_OBJECT = 1, EJS_JSON_ARRAY = 2, EJS_JSON_NODE = 4 };

bool ejs__json_is_array(ejs_value v);
uint32_t ejs__json_length(ejs_value v);
/* Member or element; 1 found, 0 not, -1 thrown. */
int ejs__json_member(ejs_context *ctx, ejs_value v, ejs_site *site,
                     ejs_value *out);
/* A member of unchanged data; HOLE: it is not where it was last time. */
ejs_value ejs__json_quick_member(ejs_context *ctx, ejs_value v,
                                 const ejs_site *site);
ejs_value ejs__json_item(ejs_context *ctx, ejs_value v, uint32_t i);
/* The same, asking whether there is one: 1, 0, -1. */
int ejs__json_element(ejs_context *ctx, ejs_value v, uint32_t i,
                      ejs_value *out);
/* The same as a value of its own: HOLE when there is none. */
ejs_value ejs__json_at(ejs_context *ctx, ejs_value v, uint32_t i);
/* The same as a NODE; only where ctx->json_quick. */
ejs_value ejs__json_node_at(ejs_value v, uint32_t i);
bool ejs__json_keys(ejs_context *ctx, ejs_value v, ejs__keys *keys);
ejs_object *ejs__shadow_of(ejs_context *ctx, ejs_value v);
static inline bool ejs__any_shadow(ejs_context *ctx)
{
    return EJS_UNLIKELY(ejs__realm_of(ctx)->n_copies != 0);
}

/* suggest.c: what ctx->exception, that a name or member is not there, may have
 * meant.
 * --------------------------------------------------------------------- */

void ejs__suggest_name(ejs_frame *frame, const char *name, uint32_t size);
void ejs__suggest_member(ejs_context *ctx, ejs_value object, const char *name,
                         uint32_t size);

/* reading (property.c): what the functions without _any, which are quick about
 * json-c data that nobody has changed, leave to others. */
ejs_value ejs__get_any(ejs_context *ctx, ejs_value object, ejs_site *site);
ejs_value ejs__get_index_any(ejs_context *ctx, ejs_value object, ejs_value key);
ejs_value ejs__get_length_any(ejs_context *ctx, ejs_value object);

/* errors (error.c)
 * -------------------------------------------------------------------------- */

ejs_value ejs__error_stack(ejs_context *ctx, ejs_object *o);
ejs_object *ejs__error_new(ejs_context *ctx, ejs__class_id id,
                           ejs_object *proto, ejs_value message);

/* output (output.c)
 * ---------------------------------------------------------------------------
 */

/* Escapes for HTML into `out`, which has room; returns where it ended. */
char *ejs__escape_into(char *out, const char *text, size_t size);
bool ejs__out_reserve(ejs_context *ctx, size_t more);
bool ejs__is_live(ejs_frame *frame);
/* In a run: how many bytes a value may take, and going on after one that was
 * put out elsewhere (NULL: it could not be). */
static inline size_t ejs__run_left(const ejs_context *ctx, const char *out,
                                   size_t rest)
{
    return ctx->out_capacity - (size_t)(out - ctx->out) - rest;
}
static inline char *ejs__run_on(ejs_context *ctx, size_t rest, bool done)
{
    return done ? ejs__run_begin(ctx, rest) : NULL;
}

/* descriptors (descriptor.c)
 * ------------------------------------------------------------------- */

ejs_value ejs__object_define_property(ejs_call *call);
ejs_value ejs__object_define_properties(ejs_call *call);
ejs_value ejs__object_own_descriptor(ejs_call *call);
ejs_value ejs__object_own_descriptors(ejs_call *call);
ejs_value ejs__object_own_names(ejs_call *call);
bool ejs__define_all(ejs_context *ctx, ejs_object *o, ejs_value descriptors);

/* calls
 * -------------------------------------------------------------------------------------
 */

static inline ejs__function_object *ejs__as_function(ejs_object *o)
{
    return (ejs__function_object *)(void *)o;
}
/* What a bound function calls; NULL when it is not one. */
ejs_object *ejs__bound_target(const ejs_object *function);
ejs_value ejs__bind(ejs_context *ctx, ejs_value target, ejs_value self,
                    const ejs_value *args, uint32_t argc);
/* Can `new` be used on it? */
bool ejs__is_constructor(ejs_value v);
/* `prototype` of a constructor, or what class `id` has.  NULL: thrown. */
ejs_object *ejs__prototype_of(ejs_context *ctx, ejs_object *constructor,
                              ejs__class_id id);
static inline ejs_value ejs__call_object(ejs_context *ctx, ejs_object *function,
                                         ejs_value self, const ejs_value *args,
                                         uint32_t argc)
{
    ejs_call call = {ctx,  function, self, args,
                     argc, false,    NULL, ejs__as_function(function)->user};
    return ejs__as_function(function)->entry(&call);
}
static inline ejs_value ejs__call_row(ejs_context *ctx, const ejs__builtin *row,
                                      ejs_value self, const ejs_value *args,
                                      uint32_t argc)
{
    ejs_call call = {ctx, NULL, self, args, argc, false, NULL, NULL};
    return row->function(&call);
}

#endif
