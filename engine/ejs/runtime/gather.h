/*
 * gather.h - arrays and objects whose size is known only at their end: what
 * JSON text and ejs_locals make values with.
 *
 * Elements and members of all that is open are collected in scratch memory,
 * each container's above those of the one around it, and copied to the arena
 * when it is closed.
 */
#ifndef EJS_RUNTIME_GATHER_H
#define EJS_RUNTIME_GATHER_H

#include "ejs/runtime/internal.h"

enum {
    EJS_FEW = 8,           /* members: that many are compared pair by pair */
    EJS_FIRST_VALUES = 64, /* scratch that needs no malloc */
    EJS_FIRST_MEMBERS = 32
};

typedef struct ejs__gather {
    ejs_context *ctx;
    ejs_value *values;
    size_t n_values, room_values;
    ejs__property *members;
    size_t n_members, room_members;
    ejs_value first_values[EJS_FIRST_VALUES];
    ejs__property first_members[EJS_FIRST_MEMBERS];
} ejs__gather;

void ejs__gather_init(ejs__gather *g, ejs_context *ctx);
void ejs__gather_end(ejs__gather *g);

/* More room; false: thrown. */
bool ejs__gather_more_values(ejs__gather *g);
bool ejs__gather_more_members(ejs__gather *g);

static inline bool ejs__gather_value(ejs__gather *g, ejs_value v)
{
    if (EJS_UNLIKELY(g->n_values == g->room_values) &&
        !ejs__gather_more_values(g))
        return false;
    g->values[g->n_values++] = v;
    return true;
}

static inline bool ejs__gather_member(ejs__gather *g, const ejs__property *m)
{
    if (EJS_UNLIKELY(g->n_members == g->room_members) &&
        !ejs__gather_more_members(g))
        return false;
    g->members[g->n_members++] = *m;
    return true;
}

/* Makes the values above `first` an array and takes them off; false: thrown. */
bool ejs__gather_array(ejs__gather *g, size_t first, ejs_value *out);
/* The same with members and an object.  Of equal keys the last value wins, at
 * the place of the first. */
bool ejs__gather_object(ejs__gather *g, size_t first, ejs_value *out);

/* The same when the keys are those of a model. */
bool ejs__gather_like(ejs__gather *g, size_t first, const ejs_object *model,
                      ejs_value *out);

/* An object with n properties yet to be filled in, in one piece; NULL: thrown. */
ejs_object *ejs__gathered(ejs_context *ctx, size_t n);

/* The object that others may be like, in the order of their keys: its index can
 * be theirs too because one more property would make it anew.  Or NULL. */
static inline const ejs_object *ejs__gather_model(ejs_value v)
{
    const ejs_object *o = v.as.object;
    if (v.tag != EJS_TAG_OBJECT || o->kind != EJS_OBJECT_PLAIN ||
        o->properties.count == 0 ||
        o->properties.count != o->properties.capacity)
        return NULL;
    return o;
}

#endif
