/*
 * populate.c - replaces references by the documents they name.
 *
 * All references of one path are gathered first and fetched by one query,
 * however many documents there are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/cast.h"
#include "model/cursor.h"
#include "model/schema.h"

/* Where an id stands: a member, or an element of an array. */
typedef struct slot {
    json_object *object, *array;
    const char *key;
    size_t index;
} slot;

typedef struct gathering {
    mvc_db *db;
    mvc_error *err;
    const mvc_model *ref; /* of the slots */
    slot *slots;
    size_t n, capacity;
} gathering;

/* A set of objects at the same place in different documents. */
typedef struct places {
    json_object **list;
    size_t n, capacity;
} places;

static bool grow(void **list, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    const size_t more = *capacity ? *capacity * 2 : 16;
    void *grown = realloc(*list, more * size);
    if (!grown)
        return false;
    *list = grown;
    *capacity = more;
    return true;
}

static bool add_place(places *p, json_object *object)
{
    if (!json_object_is_type(object, json_type_object))
        return true;
    if (!grow((void **)&p->list, p->n, &p->capacity, sizeof(json_object *)))
        return false;
    p->list[p->n++] = object;
    return true;
}

static bool add_slot(gathering *g, slot s, json_object *id)
{
    if (!json_object_is_type(id, json_type_string))
        return true;
    if (!grow((void **)&g->slots, g->n, &g->capacity, sizeof(slot)))
        return false;
    g->slots[g->n++] = s;
    return true;
}

/* Members of `object` named `key`, and the elements when it is an array. */
static bool gather_slots(gathering *g, json_object *object, const char *key)
{
    json_object *value;
    if (!json_object_object_get_ex(object, key, &value))
        return true;
    if (!json_object_is_type(value, json_type_array))
        return add_slot(g, (slot){.object = object, .key = key}, value);
    for (size_t i = 0; i < json_object_array_length(value); i++)
        if (!add_slot(g, (slot){.array = value, .index = i},
                      json_object_array_get_idx(value, i)))
            return false;
    return true;
}

static bool gather_inside(places *inner, json_object *object, const char *key)
{
    json_object *value;
    if (!json_object_object_get_ex(object, key, &value))
        return true;
    if (!json_object_is_type(value, json_type_array))
        return add_place(inner, value);
    for (size_t i = 0; i < json_object_array_length(value); i++)
        if (!add_place(inner, json_object_array_get_idx(value, i)))
            return false;
    return true;
}

/* fetching ------------------------------------------------------------------
 */

static json_object *id_in(const slot *s)
{
    json_object *value = NULL;
    if (s->array)
        return json_object_array_get_idx(s->array, s->index);
    json_object_object_get_ex(s->object, s->key, &value);
    return value;
}

/* The different ids, in an array that the handle keeps. */
static json_object *ids_of(const gathering *g)
{
    base_map seen = {0};
    json_object *ids = json_object_new_array();
    bool ok = ids && mvc__keep(g->db, ids);
    for (size_t i = 0; ok && i < g->n; i++) {
        json_object *id = id_in(&g->slots[i]);
        const char *text = json_object_get_string(id);
        const size_t size = (size_t)json_object_get_string_len(id);
        if (base_map_get(&seen, text, size))
            continue;
        ok = base_map_put(&seen, text, size, id) &&
             mvc__append(ids, json_object_get(id));
    }
    base_map_free(&seen);
    return ok ? ids : NULL;
}

/* The documents of the ids, as the caller may see them; kept. */
static json_object *fetch(const gathering *g, const char *select)
{
    mvc__query query;
    mvc__selection selection;
    json_object *ids = ids_of(g);
    if (!ids) {
        mvc__no_memory(g->err);
        return NULL;
    }
    const mvc_filter *filter = mvc_where(g->db, "{id: {$in: %p}}", (void *)ids);
    if (!mvc__query_make(g->db, g->ref, filter, NULL, &query, g->err) ||
        !mvc__selection_make(&g->db->arena, select, &selection, g->err))
        return NULL;
    selection.without_id = false; /* the id says which document it is */
    json_object *docs = mvc__fetch(g->db, &query, g->err);
    if (docs && !mvc__keep(g->db, docs)) {
        mvc__no_memory(g->err);
        return NULL;
    }
    if (docs && !mvc__finish(g->db, g->ref, &selection, NULL, docs, g->err))
        return NULL;
    return docs;
}

/* replacing -----------------------------------------------------------------
 */

static bool map_by_id(json_object *docs, base_map *by_id)
{
    for (size_t i = 0; i < json_object_array_length(docs); i++) {
        json_object *doc = json_object_array_get_idx(docs, i);
        const char *id = mvc_id(doc);
        if (id && !base_map_put(by_id, id, strlen(id), doc))
            return false;
    }
    return true;
}

/*
 * A reference that leads nowhere becomes null; in an array, it goes.  From the
 * last slot to the first, so that indexes stay true.
 */
static bool replace_slots(const gathering *g, const base_map *by_id)
{
    for (size_t i = g->n; i-- > 0;) {
        const slot *s = &g->slots[i];
        json_object *id = id_in(s);
        json_object *doc = json_object_get(
            base_map_get(by_id, json_object_get_string(id),
                         (size_t)json_object_get_string_len(id)));
        if (s->object) {
            if (!mvc__set(s->object, s->key, doc))
                return false;
        } else if (!doc) {
            json_object_array_del_idx(s->array, s->index, 1);
        } else if (json_object_array_put_idx(s->array, s->index, doc) != 0) {
            json_object_put(doc);
            return false;
        }
    }
    return true;
}

static bool replace(gathering *g, const char *select)
{
    if (g->n == 0)
        return true;
    json_object *docs = fetch(g, select);
    base_map by_id = {0};
    bool ok = docs != NULL;
    if (ok && (!map_by_id(docs, &by_id) || !replace_slots(g, &by_id)))
        ok = mvc__no_memory(g->err);
    base_map_free(&by_id);
    return ok;
}

/* paths ---------------------------------------------------------------------
 */

typedef struct route {
    mvc_db *db;
    const mvc__path *path;
    const char *select; /* of the last documents, or NULL */
    mvc_error *err;
} route;

static bool no_reference(const route *r)
{
    return mvc__fail(r->err, MVC_MISUSE,
                     "populate \"%s\": the schema has no such reference",
                     r->path->text);
}

static bool follow(const route *r, const mvc_model *model,
                   const mvc_field *fields, const places *here, size_t at);

/* Replaces the references in these places. */
static bool replace_here(const route *r, const mvc_field *field,
                         const places *here, const char *select)
{
    gathering g = {.db = r->db, .err = r->err, .ref = field->ref};
    bool ok = true;
    for (size_t i = 0; ok && i < here->n; i++)
        ok = gather_slots(&g, here->list[i], field->name) ||
             mvc__no_memory(r->err);
    ok = ok && replace(&g, select);
    free(g.slots);
    return ok;
}

/* Goes on from the objects below these places. */
static bool follow_inside(const route *r, const mvc_model *model,
                          const mvc_field *fields, const places *here,
                          const char *key, size_t at)
{
    places inner = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < here->n; i++)
        ok =
            gather_inside(&inner, here->list[i], key) || mvc__no_memory(r->err);
    ok = ok && follow(r, model, fields, &inner, at);
    free(inner.list);
    return ok;
}

/* A path through a reference populates that as well. */
static bool follow(const route *r, const mvc_model *model,
                   const mvc_field *fields, const places *here, size_t at)
{
    if (at == r->path->n)
        return no_reference(r);
    const mvc_field *field = mvc__field_named(fields, r->path->parts[at]);
    if (!field)
        return no_reference(r);
    const bool last = at + 1 == r->path->n;
    if (field->fields)
        return follow_inside(r, model, field->fields, here, field->name,
                             at + 1);
    if (!field->ref)
        return no_reference(r);
    if (!replace_here(r, field, here, last ? r->select : NULL))
        return false;
    return last || follow_inside(r, field->ref, field->ref->fields, here,
                                 field->name, at + 1);
}

/* "author:name,email": the path, and what to show of its documents. */
static bool populate_word(mvc_db *db, const mvc_model *model,
                          const places *docs, const char *word, size_t size,
                          mvc_error *err)
{
    char *text = base_arena_dup(&db->arena, word, size);
    if (!text)
        return mvc__no_memory(err);
    char *select = strchr(text, ':');
    if (select)
        *select++ = '\0';
    mvc__path path;
    if (!mvc__path_split(&db->arena, text, &path))
        return mvc__no_memory(err);
    const route r = {db, &path, select, err};
    return follow(&r, model, model->fields, docs, 0);
}

static bool populate(mvc_db *db, const mvc_model *model, json_object *docs,
                     const char *paths, mvc_error *err)
{
    places all = {0};
    bool ok = true;
    if (json_object_is_type(docs, json_type_array))
        for (size_t i = 0; ok && i < json_object_array_length(docs); i++)
            ok = add_place(&all, json_object_array_get_idx(docs, i));
    else
        ok = add_place(&all, docs);
    if (!ok)
        mvc__no_memory(err);
    while (ok && *(paths += strspn(paths, " "))) {
        const size_t size = strcspn(paths, " ");
        ok = populate_word(db, model, &all, paths, size, err);
        paths += size;
    }
    free(all.list);
    return ok;
}

bool mvc_populate(mvc_db *db, const mvc_model *model, mvc_doc *docs,
                  const char *paths, mvc_error *err)
{
    mvc_error inner;
    mvc__enter(&inner, NULL);
    const bool ok = populate(db, model, docs, paths, &inner);
    mvc__leave(db, &inner);
    if (err)
        *err = inner;
    return ok;
}
