/*
 * collection.h - the hash table behind Map and Set.
 *
 * Entries stand in the order they came in; a deleted one leaves a gap until the
 * table grows.  Each has a number that never changes, and a walk remembers the
 * number it wants next, so it survives whatever happens to the table meanwhile.
 */
#ifndef EJS_RUNTIME_COLLECTION_H
#define EJS_RUNTIME_COLLECTION_H

#include "ejs/runtime/object.h"

typedef struct ejs__entry {
    ejs_value key, value; /* key.tag HOLE: deleted */
    uint32_t hash;
    uint32_t next; /* in the same bucket: index + 1 */
    uint64_t number;
} ejs__entry;

/* A Map or a Set; zeroed it is empty. */
typedef struct ejs__collection {
    ejs_object object;
    ejs__entry *entries; /* in ascending number */
    uint32_t *buckets;   /* index + 1, 0: empty; as many as `capacity` */
    uint32_t used, capacity, live;
    uint64_t next_number;
} ejs__collection;

ejs__entry *ejs__collection_find(ejs__collection *c, ejs_value key);
/* Finds or adds; the value of a new entry is undefined.  NULL: thrown. */
ejs__entry *ejs__collection_add(ejs_context *ctx, ejs__collection *c,
                                ejs_value key);
bool ejs__collection_delete(ejs__collection *c, ejs_value key);
void ejs__collection_clear(ejs__collection *c);
/* The first entry whose number is at least *number, which then becomes the one
 * after it; NULL at the end. */
ejs__entry *ejs__collection_step(ejs__collection *c, uint64_t *number);

/* What Map's and Set's methods share; `name` as in ejs__receiver. */
enum { EJS__KEYS, EJS__VALUES, EJS__ENTRIES };
ejs_value ejs__collection_iterator(ejs_call *call, ejs__object_kind kind,
                                   uint32_t what, const char *name);
ejs_value ejs__collection_for_each(ejs_call *call, ejs__object_kind kind,
                                   const char *name);
/* A new, empty Map or Set for `new`; NULL: thrown. */
ejs__collection *ejs__collection_construct(ejs_call *call,
                                           ejs__object_kind kind,
                                           ejs__class_id id, const char *name);
/* The method that a constructor adds with, when a template has replaced the
 * built-in one; a HOLE otherwise.  False: thrown. */
bool ejs__collection_adder(ejs_context *ctx, ejs__collection *c,
                           const char *name, ejs_function built_in,
                           ejs_value *adder);
/* Starts iterating over the constructor's argument; false: thrown. */
bool ejs__collection_source(ejs_call *call, ejs__iterator *it);
/* Ends it because of the exception on its way; always THROWN. */
ejs_value ejs__collection_drop(ejs_context *ctx, ejs__iterator *it);

#endif
