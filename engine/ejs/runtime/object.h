/*
 * object.h - what the files of the runtime, and above all the builtin_*.c,
 * use to read, make and change values.
 *
 * Rules for authors of built-ins
 *  - An ejs_function gets an ejs_call and returns a value or THROWN.  Whatever
 *    can throw has to be tested; a THROWN result is passed on at once.
 *  - An object value is OBJECT or JSON (a json-c node of the caller's).  Work
 *    through the generic functions below, or ask for a fast view.  A JSON node
 *    that is written to gets a native copy behind the scenes, but its value
 *    stays JSON: never turn the copy (ejs__writable) into a value.
 *  - Memory is the arena's: nothing is freed, NULL means it has already thrown.
 *  - A string value's bytes never change.  They are WTF-8; indices that
 *    JavaScript sees count UTF-16 units.
 *  - Loops that run long without calling back count their turns: ejs__fuel.
 */
#ifndef EJS_RUNTIME_OBJECT_H
#define EJS_RUNTIME_OBJECT_H

#include "ejs/runtime/context.h"
#include "ejs/runtime/realm.h"

/* arguments and receivers ---------------------------------------------------
 */

static inline ejs_value ejs__arg(const ejs_call *call, uint32_t i)
{
    return i < call->argc ? call->args[i] : ejs__undefined();
}

static inline bool ejs__is_callable(ejs_value v)
{
    return v.tag == EJS_TAG_OBJECT && v.as.object->kind == EJS_OBJECT_FUNCTION;
}
static inline bool ejs__is_kind(ejs_value v, ejs__object_kind kind)
{
    return v.tag == EJS_TAG_OBJECT && v.as.object->kind == kind;
}

/* The prototype of a built-in class: Number.prototype is a Number, 0. */
static inline bool ejs__is_prototype(ejs_value v, ejs__class_id id)
{
    return v.tag == EJS_TAG_OBJECT &&
           v.as.object->class_id == id * 4 + EJS_ROLE_PROTOTYPE;
}

/*
 * `this` as an object of that kind, else it throws "Method NAME called on
 * incompatible receiver ..." and returns NULL.  name: "Map.prototype.get".
 */
void *ejs__receiver(ejs_call *call, ejs__object_kind kind, const char *name);
/* The same for HOST objects of a class. */
void *ejs__host_receiver(ejs_call *call, ejs__class_id id, const char *name);
/* `this` as a string: "NAME called on null or undefined". */
ejs_value ejs__this_string(ejs_call *call, const char *name);
/* `this` as OBJECT or JSON, with the same complaint. */
ejs_value ejs__this_object(ejs_call *call, const char *name);

/* The i-th argument as a number etc.; false: thrown.  Undefined gives NaN / 0.
 */
bool ejs__arg_number(ejs_call *call, uint32_t i, double *out);
bool ejs__arg_integer(ejs_call *call, uint32_t i, double *out);
/* The i-th argument as a string; "undefined" when missing. */
ejs_value ejs__arg_string(ejs_call *call, uint32_t i);

/* As V8 shows a value in messages: #<Object>, "text", 5, function source ... */
const char *ejs__describe(ejs_context *ctx, ejs_value v);
/* What to write instead of a name that Node, browsers or layouts have; NULL: it
 * is none.  `surely`: one that data would hardly have. */
const char *ejs__absence_of(const char *name, uint32_t size, bool surely);
/* What EJS's escapeFn makes of a name in a message; NULL: there is none. */
ejs_value ejs__escaped_text(ejs_context *ctx, const char *text);
/* Whether V8 says the value where it only may: not if it has a toString. */
bool ejs__is_describable(ejs_context *ctx, ejs_value v);

/* conversions
 * ------------------------------------------------------------------ */

bool ejs__to_integer(ejs_context *ctx, ejs_value v, double *out); /* or ±inf */
bool ejs__to_length(ejs_context *ctx, ejs_value v, double *out); /* 0..2^53-1 */
bool ejs__to_uint32(ejs_context *ctx, ejs_value v, uint32_t *out);
/* An index that may count from the end, clamped to 0 .. length. */
double ejs__relative_index(double index, double length);
/* StringToNumber: NaN when it is none. */
double ejs__string_to_number(const char *text, size_t size);
/* A number as a string value (small integers cost nothing); may be THROWN. */
ejs_value ejs__number_to_string(ejs_context *ctx, double n);
/* Is the text a canonical array index (0 .. 2^32-2)? */
bool ejs__is_index(const char *text, uint32_t size, uint32_t *index);

/* strings
 * ------------------------------------------------------------------------ */

#define EJS_MAX_STRING 0x1fffffe8u /* V8's limit, in units; ours in bytes too  \
                                    */

/* A copy in the arena; finds out whether it is ASCII.  THROWN: no memory. */
ejs_value ejs__string_copy(ejs_context *ctx, const char *text, size_t size);
ejs_value ejs__string_format(ejs_context *ctx, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
ejs_value ejs__string_from_units(ejs_context *ctx, const uint16_t *units,
                                 size_t count);
ejs_value ejs__string_from_code(ejs_context *ctx, uint32_t code);

/* Whether all bytes are ASCII; remembered in the value's flags. */
bool ejs__string_is_ascii(ejs_value *s);

/* Length in UTF-16 units.  This and the next three remember where they were in
 * a few strings, so that walking through one by index is linear. */
uint32_t ejs__units(ejs_context *ctx, ejs_value s);
/* The unit at i, -1 outside. */
int32_t ejs__unit_at(ejs_context *ctx, ejs_value s, uint32_t i);
/* Unit offset to byte offset; *inside: it splits a pair that starts there. */
uint32_t ejs__byte_offset(ejs_context *ctx, ejs_value s, uint32_t unit,
                          bool *inside);
/* Byte offset (of a character's start) to unit offset. */
uint32_t ejs__unit_offset(ejs_context *ctx, ejs_value s, uint32_t byte);
/* Units from .. to (from <= to <= length): a slice unless a pair is split. */
ejs_value ejs__substring(ejs_context *ctx, ejs_value s, uint32_t from,
                         uint32_t to);
bool ejs__string_equal(ejs_value a, ejs_value b);
int ejs__string_compare(ejs_value a, ejs_value b);  /* by UTF-16 units */
bool ejs__string_is(ejs_value s, const char *text); /* s === "text" */

/* Builds a string.  The first failure has thrown and sticks; _take tells. */
typedef struct ejs__builder {
    ejs_context *ctx;
    char *data;
    size_t size, capacity;
    bool failed, wide; /* wide: not all ASCII */
} ejs__builder;

static inline ejs__builder ejs__builder_new(ejs_context *ctx)
{
    ejs__builder b = {ctx, NULL, 0, 0, false, false};
    return b;
}
bool ejs__builder_reserve(ejs__builder *b, size_t more);
void ejs__builder_put(ejs__builder *b, const char *text, size_t size);
void ejs__builder_puts(ejs__builder *b, const char *text);
void ejs__builder_putc(ejs__builder *b, char c); /* ASCII */
void ejs__builder_put_code(ejs__builder *b,
                           uint32_t code); /* or one surrogate:
                                   a pair's halves are joined */
void ejs__builder_put_string(ejs__builder *b,
                             ejs_value s);    /* joins pairs too */
ejs_value ejs__builder_take(ejs__builder *b); /* a STRING or THROWN */

/* calling back
 * -------------------------------------------------------------------- */

/* One ejs_call used over and over:
 *     ejs__callback cb;
 *     if (!ejs__callback_init(call, &cb, ejs__arg(call, 0), this_value))
 *         return ejs__thrown();
 *     cb.args[0] = ...; ejs_value r = ejs__callback_run(&cb, 1);           */
typedef struct ejs__callback {
    ejs_call call;
    ejs_function entry;
    ejs_value self;
    ejs_value args[4];
} ejs__callback;

/* False after throwing "... is not a function". */
bool ejs__callback_init(ejs_context *ctx, ejs__callback *cb, ejs_value function,
                        ejs_value self);
static inline ejs_value ejs__callback_run(ejs__callback *cb, uint32_t argc)
{
    cb->call.self = cb->self;
    cb->call.args = cb->args;
    cb->call.argc = argc;
    return cb->entry(&cb->call);
}

/* object[name] where it is no longer the built-in method; a HOLE while it is.
 * False: thrown. */
bool ejs__replaced_method(ejs_context *ctx, ejs_value object, const char *name,
                          ejs_function built_in, ejs_value *method);

/* properties
 * ------------------------------------------------------------------------- */

/* By C string; keys by value: ejs__get_index, ejs__set_index (runtime.h). */
ejs_value ejs__get_name(ejs_context *ctx, ejs_value object, const char *name);
/* Throws when it cannot be set. */
bool ejs__set_name(ejs_context *ctx, ejs_value object, const char *name,
                   ejs_value v);
/* An own property with these flags, made or replaced. */
bool ejs__define_name(ejs_context *ctx, ejs_object *object, const char *name,
                      ejs_value v, uint8_t flags);
bool ejs__define_key(ejs_context *ctx, ejs_object *object, ejs_value key,
                     ejs_value v, uint8_t flags);
int ejs__has_property(ejs_context *ctx, ejs_value object, ejs_value key);
int ejs__has_own(ejs_context *ctx, ejs_value object, ejs_value key);
/* object[key](...args), `this` object. */
ejs_value ejs__invoke_name(ejs_context *ctx, ejs_value object, const char *name,
                           const ejs_value *args, uint32_t argc);

/* The own enumerable keys in JavaScript's order: indices first. */
typedef struct ejs__keys {
    ejs_value *list; /* STRINGs */
    uint32_t count;
} ejs__keys;
bool ejs__own_keys(ejs_context *ctx, ejs_value object, ejs__keys *keys);

/* A native object of `size` bytes (its struct starts with an ejs_object), the
 * rest zero.  NULL: thrown. */
void *ejs__object_alloc(ejs_context *ctx, size_t size, ejs__object_kind kind,
                        ejs_object *proto);
/* What a built-in constructor's new object inherits: `this` class's prototype,
 * or new.target's when a template's class extends it.  NULL: thrown. */
ejs_object *ejs__construct_proto(ejs_call *call, ejs__class_id id);

/* arrays and array-likes
 * ---------------------------------------------------------------- */

bool ejs__is_array(ejs_value v); /* Array.isArray */
/* ToLength(v.length) of any object. */
bool ejs__length_of(ejs_context *ctx, ejs_value v, double *length);

ejs_value ejs__element_slow(ejs_context *ctx, ejs_value v, double i);
/* v[i]; undefined at holes. */
static inline ejs_value ejs__element(ejs_context *ctx, ejs_value v, double i)
{
    if (v.tag == EJS_TAG_OBJECT && v.as.object->kind == EJS_OBJECT_ARRAY &&
        i < v.as.object->length) {
        const ejs_value item = ((ejs__array *)v.as.object)->items[(uint32_t)i];
        if (item.tag != EJS_TAG_HOLE)
            return item;
    }
    return ejs__element_slow(ctx, v, i);
}
/* Whether there is an element at i (holes have none), and which: 1, 0, -1. */
int ejs__element_at(ejs_context *ctx, ejs_value v, double i, ejs_value *out);
/* Both throw when they cannot. */
bool ejs__set_element(ejs_context *ctx, ejs_value v, double i, ejs_value item);
bool ejs__delete_element(ejs_context *ctx, ejs_value v, double i);
bool ejs__set_length(ejs_context *ctx, ejs_value v, double length);

/*
 * The native array behind v when v is an array whose elements all lie in
 * `items` (holes allowed) and which may be changed freely; a JSON array is
 * copied first.  NULL without throwing when v is anything else: then use the
 * generic functions.  NULL and *thrown when out of memory.
 */
ejs__array *ejs__writable_array(ejs_context *ctx, ejs_value v, bool *thrown);
/* Room for `capacity` items; false: thrown. */
bool ejs__array_reserve(ejs_context *ctx, ejs__array *array, uint32_t capacity);
/* An array with these elements; OBJECT or THROWN. */
ejs_value ejs__array_from(ejs_context *ctx, const ejs_value *items,
                          uint32_t count);
/* `new Array(length)`: all holes. */
ejs_value ejs__array_of_length(ejs_context *ctx, uint32_t length);

/*
 * The elements of an array or array-like as they are now, holes as undefined:
 * for sorting, apply() ... *items lies in the arena or in the array itself.
 */
bool ejs__elements(ejs_context *ctx, ejs_value v, const ejs_value **items,
                   uint32_t *count);

/* The native object that holds v's properties, made by copying when v is JSON.
 * Not a value: see above.  NULL: thrown. */
ejs_object *ejs__writable(ejs_context *ctx, ejs_value v);

/* objects that several files know
 * ------------------------------------------------------- */

typedef struct ejs__date {
    ejs_object object;
    double time; /* ms since 1970, NaN: invalid */
} ejs__date;
/* new Date(time) (builtin_date.c); OBJECT or THROWN. */
ejs_value ejs__date_new(ejs_context *ctx, double time);
/* Date.parse (builtin_date.c). */
double ejs__date_parse(ejs_context *ctx, const char *text, size_t size);

/* Boolean, Number and String objects. */
typedef struct ejs__wrapper {
    ejs_object object;
    ejs_value value;
} ejs__wrapper;

/* RegExp objects begin with this (builtin_regexp.c extends it); lastIndex is an
 * ordinary own property, or whatever builtin_regexp.c makes of it. */
/* String.prototype.replace & co. and RegExp live in builtin_regexp.c. */

/* Does for-of work on it? (iterate.c; there are no symbols to ask for.) */
bool ejs__is_iterable(ejs_value v);

/* An iterator: keys(), values(), entries(), matchAll() ... `next` gives 1 and
 * the value, 0 at the end, -1 when it threw; it is not called after the end. */
typedef struct ejs__iterator_object {
    ejs_object object;
    int (*next)(ejs_context *ctx, struct ejs__iterator_object *it,
                ejs_value *v);
    ejs_value source, extra;
    uint64_t i;
    uint32_t what; /* the maker's */
    bool done;
    void *state; /* the maker's */
} ejs__iterator_object;
ejs__iterator_object *ejs__iterator_new(
    ejs_context *ctx, ejs__class_id id, ejs_value source,
    int (*next)(ejs_context *, ejs__iterator_object *, ejs_value *));

/* for-of over a Map or Set without making iterators (builtin_map.c, _set.c):
 * start with *i = 0; 1 and the entry, or 0.  Survives changes meanwhile. */
int ejs__map_step(ejs_object *map, uint64_t *i, ejs_value *key,
                  ejs_value *value);
int ejs__set_step(ejs_object *set, uint64_t *i, ejs_value *key);
/* For structuredClone and Object.groupBy's like. */
ejs_object *ejs__map_new(ejs_context *ctx);
ejs_object *ejs__set_new(ejs_context *ctx);
bool ejs__map_put(ejs_context *ctx, ejs_object *map, ejs_value key,
                  ejs_value value);
bool ejs__set_put(ejs_context *ctx, ejs_object *set, ejs_value key);

/* [key, value]; OBJECT or THROWN. */
ejs_value ejs__pair(ejs_context *ctx, ejs_value a, ejs_value b);

/* limits
 * -----------------------------------------------------------------------------------
 */

/* Counts `turns` steps of work; false: a limit, thrown. */
static inline bool ejs__fuel(ejs_context *ctx, uint64_t turns)
{
    ctx->fuel -= turns > INT32_MAX ? INT32_MAX : (int64_t)turns;
    return EJS_LIKELY(ctx->fuel > 0) || ejs__refuel(ctx);
}
/* Recursion in C: false after throwing "Maximum call stack size exceeded". */
bool ejs__check_stack(ejs_context *ctx);
/* A limit that templates cannot catch; always THROWN. */
ejs_value ejs__throw_limit(ejs_context *ctx, const char *message);
ejs_value ejs__throw_no_memory(ejs_context *ctx);

/* 64-bit mixing of a key's bytes, seeded per process; never 0. */
uint32_t ejs__hash(const char *key, uint32_t size);

#endif
