/* Collects what arrays and objects will hold, and makes them. */
#include "ejs/runtime/gather.h"

#include <stdlib.h>

/* scratch memory ----------------------------------------------------------- */

void ejs__gather_init(ejs__gather *g, ejs_context *ctx)
{
    g->ctx = ctx;
    g->values = g->first_values;
    g->members = g->first_members;
    g->n_values = g->n_members = 0;
    g->room_values = EJS_FIRST_VALUES;
    g->room_members = EJS_FIRST_MEMBERS;
}

void ejs__gather_end(ejs__gather *g)
{
    if (g->values != g->first_values)
        free(g->values);
    if (g->members != g->first_members)
        free(g->members);
}

/* Twice the room; what lies in `first` is not malloc's. */
static void *grow(ejs_context *ctx, void *data, const void *first, size_t *room,
                  size_t size)
{
    const size_t more = *room * 2;
    void *grown =
        data == first ? malloc(more * size) : realloc(data, more * size);
    if (!grown) {
        ejs__throw_no_memory(ctx);
        return NULL;
    }
    if (data == first)
        memcpy(grown, first, *room * size);
    *room = more;
    return grown;
}

bool ejs__gather_more_values(ejs__gather *g)
{
    void *grown = grow(g->ctx, g->values, g->first_values, &g->room_values,
                       sizeof *g->values);
    if (grown)
        g->values = grown;
    return grown;
}

bool ejs__gather_more_members(ejs__gather *g)
{
    void *grown = grow(g->ctx, g->members, g->first_members, &g->room_members,
                       sizeof *g->members);
    if (grown)
        g->members = grown;
    return grown;
}

/* arrays and objects ------------------------------------------------------- */

bool ejs__gather_array(ejs__gather *g, size_t first, ejs_value *out)
{
    const size_t n = g->n_values - first;
    g->n_values = first;
    *out = ejs__array_from(g->ctx, g->values + first, (uint32_t)n);
    return !ejs__is_thrown(*out);
}

ejs_object *ejs__gathered(ejs_context *ctx, size_t n)
{
    ejs_object *o = ejs__alloc(ctx, sizeof *o + n * sizeof *o->properties.list);
    if (!o)
        return NULL;
    *o = (ejs_object){
        .kind = EJS_OBJECT_PLAIN,
        .proto = ejs__proto(ctx, EJS_CLASS_OBJECT),
        .properties = {.list = n ? (ejs__property *)(void *)(o + 1) : NULL,
                       .count = (uint32_t)n,
                       .capacity = (uint32_t)n},
    };
    return o;
}

static bool has_duplicates(const ejs__property *members, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (ejs__property_is(&members[i], members[k].key, members[k].size,
                                 members[k].hash))
                return true;
    return false;
}

/* One by one: the last of equal keys wins, at the place of the first. */
static ejs_object *define_members(ejs_context *ctx,
                                  const ejs__property *members, size_t n)
{
    ejs_object *o = ejs__object_new(ctx);
    for (size_t i = 0; o && i < n; i++) {
        const ejs__property *m = &members[i];
        ejs_site site = {.key = m->key, .size = m->size, .hash = m->hash};
        ejs__property *old = ejs__find(o, &site);
        if (old)
            old->value = m->value;
        else if (!ejs__append(ctx, o, &site, m->value, EJS_ORDINARY))
            return NULL;
    }
    return o;
}

/* All at once, when no two are the same. */
static ejs_object *copy_members(ejs_context *ctx, const ejs__property *members,
                                size_t n)
{
    if (n <= EJS_FEW && has_duplicates(members, n))
        return define_members(ctx, members, n);
    ejs_object *o = ejs__gathered(ctx, n);
    if (!o)
        return NULL;
    if (n)
        memcpy(o->properties.list, members, n * sizeof *members);
    const int distinct =
        n <= EJS_FEW ? 1 : ejs__index_distinct(ctx, &o->properties);
    if (distinct < 0)
        return NULL;
    return distinct ? o : define_members(ctx, members, n);
}

bool ejs__gather_object(ejs__gather *g, size_t first, ejs_value *out)
{
    const size_t n = g->n_members - first;
    g->n_members = first;
    ejs_object *o = copy_members(g->ctx, g->members + first, n);
    if (o)
        *out = ejs__object(o);
    return o;
}

bool ejs__gather_like(ejs__gather *g, size_t first, const ejs_object *model,
                      ejs_value *out)
{
    const size_t n = g->n_members - first;
    ejs_object *o = ejs__gathered(g->ctx, n);
    if (!o)
        return false;
    memcpy(o->properties.list, g->members + first,
           n * sizeof *o->properties.list);
    o->properties.index = model->properties.index;
    o->properties.index_size = model->properties.index_size;
    g->n_members = first;
    *out = ejs__object(o);
    return true;
}
