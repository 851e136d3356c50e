/* array.h - what the files that make up Array.prototype share. */
#ifndef EJS_RUNTIME_ARRAY_H
#define EJS_RUNTIME_ARRAY_H

#include "ejs/runtime/object.h"

#define EJS__MAX_ARRAY 4294967295.0
#define EJS__MAX_LENGTH 9007199254740991.0

/* `this` as an object and its length.  `name` ("Array.prototype.map") is for
 * those methods that V8 names when `this` is null; others pass NULL. */
bool ejs__array_receiver(ejs_call *call, const char *name, ejs_value *object,
                         double *length);

/* The i-th argument as an index that may count from the end, 0 .. length;
 * `missing` when it is undefined.  False: thrown. */
bool ejs__arg_index(ejs_call *call, uint32_t i, double length, double missing,
                    double *out);

/* A new array with room for about `length` items; NULL: thrown, also when no
 * array can be that long. */
ejs__array *ejs__array_for(ejs_context *ctx, double length);

/* Adds to an array that this render has just made and nobody else saw. */
static inline bool ejs__append(ejs_context *ctx, ejs__array *array, ejs_value v)
{
    if (EJS_LIKELY(array->object.length < array->capacity)) {
        array->items[array->object.length++] = v;
        return true;
    }
    return ejs__array_push(ctx, array, v);
}

/* ejs__element_at with the usual case inline: 1, 0 at a hole, -1 thrown. */
static inline int ejs__array_at(ejs_context *ctx, ejs_value v, double i,
                                ejs_value *out)
{
    if (v.tag == EJS_TAG_OBJECT && v.as.object->kind == EJS_OBJECT_ARRAY &&
        i < v.as.object->length) {
        *out = ((ejs__array *)v.as.object)->items[(uint32_t)i];
        if (out->tag != EJS_TAG_HOLE)
            return 1;
    }
    return ejs__element_at(ctx, v, i, out);
}

/* A native array's own storage for reading and writing in place; a JSON array
 * stays as it is.  NULL: use the general functions. */
static inline ejs__array *ejs__dense(ejs_context *ctx, ejs_value v)
{
    bool thrown = false;
    return v.tag == EJS_TAG_OBJECT && v.as.object->kind == EJS_OBJECT_ARRAY
               ? ejs__writable_array(ctx, v, &thrown)
               : NULL;
}

/* A value as V8 names it where it does not know the source text: `number 5`,
 * `string "x"`, `object null`, and for objects their type alone. */
const char *ejs__call_site(ejs_context *ctx, ejs_value v);

/* Methods, by file; ejs__array_methods in builtin_array.c lists them. */
ejs_value ejs__array_for_each(ejs_call *call); /* array_walk.c */
ejs_value ejs__array_map(ejs_call *call);
ejs_value ejs__array_filter(ejs_call *call);
ejs_value ejs__array_some(ejs_call *call);
ejs_value ejs__array_every(ejs_call *call);
ejs_value ejs__array_find(ejs_call *call);
ejs_value ejs__array_find_index(ejs_call *call);
ejs_value ejs__array_find_last(ejs_call *call);
ejs_value ejs__array_find_last_index(ejs_call *call);
ejs_value ejs__array_reduce(ejs_call *call);
ejs_value ejs__array_reduce_right(ejs_call *call);
ejs_value ejs__array_flat_map(ejs_call *call);
ejs_value ejs__array_flat(ejs_call *call);

ejs_value ejs__array_at_method(ejs_call *call); /* array_read.c */
ejs_value ejs__array_concat(ejs_call *call);
ejs_value ejs__array_slice(ejs_call *call);
ejs_value ejs__array_index_of(ejs_call *call);
ejs_value ejs__array_last_index_of(ejs_call *call);
ejs_value ejs__array_includes(ejs_call *call);
ejs_value ejs__array_join(ejs_call *call);
ejs_value ejs__array_to_string(ejs_call *call);
ejs_value ejs__array_to_locale_string(ejs_call *call);
ejs_value ejs__array_to_reversed(ejs_call *call);
ejs_value ejs__array_to_spliced(ejs_call *call);
ejs_value ejs__array_with(ejs_call *call);
ejs_value ejs__array_keys(ejs_call *call);
ejs_value ejs__array_values(ejs_call *call);
ejs_value ejs__array_entries(ejs_call *call);

ejs_value ejs__array_push_method(ejs_call *call); /* array_change.c */
ejs_value ejs__array_pop(ejs_call *call);
ejs_value ejs__array_shift(ejs_call *call);
ejs_value ejs__array_unshift(ejs_call *call);
ejs_value ejs__array_splice(ejs_call *call);
ejs_value ejs__array_reverse(ejs_call *call);
ejs_value ejs__array_fill(ejs_call *call);
ejs_value ejs__array_copy_within(ejs_call *call);

ejs_value ejs__array_sort(ejs_call *call); /* array_sort.c */
ejs_value ejs__array_to_sorted(ejs_call *call);

#endif
