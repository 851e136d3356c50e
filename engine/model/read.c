/* read.c - find, count, distinct and cursors. */
#include <stdlib.h>
#include <string.h>

#include "model/cast.h"
#include "model/cursor.h"
#include "model/schema.h"

/* queries ------------------------------------------------------------------ */

static bool make_sort(mvc_db *db, const char *sort, mvc__query *query,
                      mvc_error *err)
{
    if (!sort)
        return true;
    const size_t most = strlen(sort) / 2 + 1;
    mvc__sort_key *keys =
        base_arena_zalloc(&db->arena, most, sizeof(mvc__sort_key));
    char sign, name[256];
    if (!keys)
        return mvc__no_memory(err);
    query->sort = keys;
    while (mvc__next_word(&sort, &sign, name, sizeof name)) {
        mvc__sort_key *key = &keys[query->n_sort++];
        key->descending = sign == '-';
        if (!mvc__path_split(&db->arena, name, &key->path))
            return mvc__no_memory(err);
    }
    return true;
}

bool mvc__query_make(mvc_db *db, const mvc_model *model,
                     const mvc_filter *filter, const mvc_find_options *options,
                     mvc__query *query, mvc_error *err)
{
    *query = (mvc__query){.model = model};
    if (!mvc__filter_cast(db, model, filter, &query->where, err))
        return false;
    if (!options)
        return true;
    if (options->skip < 0 || options->limit < 0)
        return mvc__fail(err, MVC_MISUSE, "skip and limit start at 0");
    query->skip = options->skip;
    query->limit = options->limit;
    return make_sort(db, options->sort, query, err);
}

json_object *mvc__fetch(mvc_db *db, const mvc__query *query, mvc_error *err)
{
    const mvc__store_api *api = db->store->api;
    json_object *docs = json_object_new_array();
    mvc__rows *rows = docs ? api->rows_open(db->store, query, err) : NULL;
    json_object *doc = NULL;
    bool ok = rows && api->rows_next(rows, &doc, err);
    while (ok && doc)
        ok = mvc__append(docs, doc) ? api->rows_next(rows, &doc, err)
                                    : mvc__no_memory(err);
    api->rows_close(rows);
    if (ok)
        return docs;
    if (!docs)
        mvc__no_memory(err);
    json_object_put(docs);
    return NULL;
}

bool mvc__finish(mvc_db *db, const mvc_model *model,
                 const mvc__selection *selection, const char *populate,
                 json_object *docs, mvc_error *err)
{
    for (size_t i = 0; i < json_object_array_length(docs); i++) {
        json_object *doc = json_object_array_get_idx(docs, i);
        mvc__select(model, selection, doc);
        if (!mvc__dress(model, doc))
            return mvc__no_memory(err);
    }
    return !populate || mvc_populate(db, model, docs, populate, err);
}

/* find --------------------------------------------------------------------- */

/* A new array of finished documents; NULL on failure. */
static json_object *find(mvc_db *db, const mvc_model *model,
                         const mvc_filter *filter,
                         const mvc_find_options *options, mvc_error *err)
{
    mvc__query query;
    mvc__selection selection;
    if (!mvc__query_make(db, model, filter, options, &query, err) ||
        !mvc__selection_make(&db->arena, options ? options->select : NULL,
                             &selection, err))
        return NULL;
    json_object *docs = mvc__fetch(db, &query, err);
    if (docs && !mvc__finish(db, model, &selection,
                             options ? options->populate : NULL, docs, err)) {
        json_object_put(docs);
        return NULL;
    }
    return docs;
}

mvc_doc *mvc_find(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                  const mvc_find_options *options, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    json_object *docs = find(db, model, filter, options, err);
    if (docs && !mvc__keep(db, docs)) {
        docs = NULL;
        mvc__no_memory(err);
    }
    mvc__leave(db, err);
    return docs;
}

mvc_doc *mvc_find_one(mvc_db *db, const mvc_model *model,
                      const mvc_filter *filter, const mvc_find_options *options,
                      mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    mvc_find_options one = options ? *options : (mvc_find_options){0};
    one.limit = 1;
    json_object *docs = find(db, model, filter, &one, err);
    json_object *doc = NULL;
    if (docs && json_object_array_length(docs) == 0) {
        mvc__fail(err, MVC_NOT_FOUND, "no such %s", model->name);
    } else if (docs) {
        doc =
            mvc__keep(db, json_object_get(json_object_array_get_idx(docs, 0)));
        if (!doc)
            mvc__no_memory(err);
    }
    json_object_put(docs);
    mvc__leave(db, err);
    return doc;
}

mvc_doc *mvc_find_by_id(mvc_db *db, const mvc_model *model, const char *id,
                        mvc_error *err)
{
    mvc_doc *doc =
        mvc_find_one(db, model, mvc_where(db, "{id: %s}", id), NULL, err);
    /* What cannot be an id is no document's. */
    mvc_error *problem = &db->problem;
    if (!doc && problem->status == MVC_INVALID) {
        mvc__enter(problem, NULL);
        mvc__fail(problem, MVC_NOT_FOUND, "no such %s", model->name);
        if (err) {
            mvc__enter(err, NULL);
            mvc__fail(err, MVC_NOT_FOUND, "no such %s", model->name);
        }
    }
    return doc;
}

int64_t mvc_count(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                  mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    mvc__query query;
    const int64_t n = mvc__query_make(db, model, filter, NULL, &query, err)
                          ? db->store->api->count(db->store, &query, err)
                          : -1;
    mvc__leave(db, err);
    return n;
}

bool mvc_exists(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    mvc__query query;
    json_object *docs = NULL;
    if (mvc__query_make(db, model, filter, &(mvc_find_options){.limit = 1},
                        &query, err))
        docs = mvc__fetch(db, &query, err);
    const bool found = docs && json_object_array_length(docs) > 0;
    json_object_put(docs);
    mvc__leave(db, err);
    return found;
}

/* distinct ----------------------------------------------------------------- */

static bool gather(void *context, json_object *value, bool missing)
{
    json_object *values = context;
    if (missing)
        return false;
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            if (gather(context, json_object_array_get_idx(value, i), false))
                return true;
        return false;
    }
    return !mvc__append(values, json_object_get(value));
}

static int compare_members(const void *a, const void *b)
{
    return mvc__compare(*(json_object *const *)a, *(json_object *const *)b);
}

/* Sorted, and without repetitions. */
static json_object *unique_of(json_object *values)
{
    json_object_array_sort(values, compare_members);
    json_object *unique = json_object_new_array();
    const size_t n = json_object_array_length(values);
    for (size_t i = 0; unique && i < n; i++) {
        json_object *value = json_object_array_get_idx(values, i);
        if (i > 0 &&
            mvc__equal(value, json_object_array_get_idx(values, i - 1)))
            continue;
        if (!mvc__append(unique, json_object_get(value))) {
            json_object_put(unique);
            unique = NULL;
        }
    }
    return unique;
}

static json_object *distinct(mvc_db *db, const mvc__query *query,
                             const mvc__path *path, mvc_error *err)
{
    json_object *docs = mvc__fetch(db, query, err);
    json_object *values = docs ? json_object_new_array() : NULL;
    bool ok = values != NULL;
    for (size_t i = 0; ok && i < json_object_array_length(docs); i++)
        ok = !mvc__walk(json_object_array_get_idx(docs, i), path, false, gather,
                        values);
    json_object *unique = ok ? unique_of(values) : NULL;
    json_object_put(values);
    json_object_put(docs);
    if (!unique)
        mvc__no_memory(err);
    return unique;
}

mvc_doc *mvc_distinct(mvc_db *db, const mvc_model *model, const char *path,
                      const mvc_filter *filter, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    mvc__query query;
    mvc__path where;
    json_object *values = NULL;
    if (!mvc__path_split(&db->arena, path, &where)) {
        mvc__no_memory(err);
    } else if (mvc__query_make(db, model, filter, NULL, &query, err)) {
        values = distinct(db, &query, &where, err);
        if (values && !mvc__keep(db, values)) {
            values = NULL;
            mvc__no_memory(err);
        }
    }
    mvc__leave(db, err);
    return values;
}

/* cursors ------------------------------------------------------------------ */

mvc_cursor *mvc_cursor_open(mvc_db *db, const mvc_model *model,
                            const mvc_filter *filter,
                            const mvc_find_options *options, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    mvc_cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor)
        mvc__no_memory(err);
    if (cursor &&
        mvc__query_make(db, model, filter, options, &cursor->query, err) &&
        mvc__selection_make(&db->arena, options ? options->select : NULL,
                            &cursor->selection, err))
        cursor->rows =
            db->store->api->rows_open(db->store, &cursor->query, err);
    if (cursor && !cursor->rows) {
        free(cursor);
        cursor = NULL;
    }
    if (cursor) {
        cursor->db = db;
        cursor->populate = options ? options->populate : NULL;
        cursor->next = db->cursors;
        db->cursors = cursor;
    }
    mvc__leave(db, err);
    return cursor;
}

/* mvc__finish() works on arrays, so the document comes in one. */
static bool finish_one(mvc_cursor *cursor, json_object *doc, mvc_error *err)
{
    json_object *one = json_object_new_array();
    const bool ok =
        (one && mvc__append(one, json_object_get(doc)))
            ? mvc__finish(cursor->db, cursor->query.model, &cursor->selection,
                          cursor->populate, one, err)
            : mvc__no_memory(err);
    json_object_put(one);
    return ok;
}

mvc_doc *mvc_cursor_next(mvc_cursor *cursor, mvc_error *err)
{
    mvc_error local;
    mvc_db *db = cursor->db;
    err = mvc__enter(err, &local);
    json_object_put(cursor->doc);
    cursor->doc = NULL;
    json_object *doc = NULL;
    if (!db->store->api->rows_next(cursor->rows, &doc, err) ||
        (doc && !finish_one(cursor, doc, err))) {
        json_object_put(doc);
        doc = NULL;
    }
    cursor->doc = doc;
    mvc__leave(db, err);
    return doc;
}

void mvc_cursor_close(mvc_cursor *cursor)
{
    if (!cursor)
        return;
    mvc_cursor **at = &cursor->db->cursors;
    while (*at != cursor)
        at = &(*at)->next;
    *at = cursor->next;
    cursor->db->store->api->rows_close(cursor->rows);
    json_object_put(cursor->doc);
    free(cursor);
}
