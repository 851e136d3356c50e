/*
 * store.h - what a database must offer to stand behind the models.
 *
 * The narrow waist: above it documents, schemas and MongoDB's language, below
 * it one driver.  A store keeps documents whole, finds them by a filter that
 * has been cast to the model's types, and never changes them by itself.
 *
 * Functions fill `err` when they fail.
 */
#ifndef MODEL_STORE_H
#define MODEL_STORE_H

#include <json-c/json.h>
#include <mvc/model.h>

#include "model/filter.h"

typedef struct mvc__store mvc__store;
typedef struct mvc__rows mvc__rows;

typedef struct mvc__sort_key {
    mvc__path path;
    bool descending;
} mvc__sort_key;

/* Which documents and in what order; ties and no order: oldest first. */
typedef struct mvc__query {
    const mvc_model *model;
    const mvc__match *where; /* NULL: all */
    const mvc__sort_key *sort;
    size_t n_sort;
    int64_t skip, limit; /* limit 0: none */
} mvc__query;

typedef struct mvc__store_api {
    void (*close)(mvc__store *store);
    bool (*migrate)(mvc__store *store, const mvc_model *model, mvc_error *err);
    bool (*drop)(mvc__store *store, const mvc_model *model, mvc_error *err);

    /* Depth 0 is a transaction, above are nested ones. */
    bool (*begin)(mvc__store *store, size_t depth, mvc_error *err);
    bool (*commit)(mvc__store *store, size_t depth, mvc_error *err);
    void (*rollback)(mvc__store *store, size_t depth);

    bool (*exec)(mvc__store *store, const char *sql, mvc_error *err);
    json_object *(*query)(mvc__store *store, const char *sql,
                          json_object *values, mvc_error *err);

    /* A taken id or unique value: MVC_CONFLICT naming the fields. */
    bool (*insert)(mvc__store *store, const mvc_model *model, const char *id,
                   json_object *doc, mvc_error *err);

    /* *found says whether there was such a document. */
    bool (*replace)(mvc__store *store, const mvc_model *model, const char *id,
                    json_object *doc, bool *found, mvc_error *err);
    bool (*remove)(mvc__store *store, const mvc_model *model, const char *id,
                   bool *found, mvc_error *err);

    int64_t (*count)(mvc__store *store, const mvc__query *query,
                     mvc_error *err);

    /* Deletes all matches (no order, skip or limit); how many, or -1. */
    int64_t (*remove_all)(mvc__store *store, const mvc__query *query,
                          mvc_error *err);

    /*
     * The query and what it points to stay as they are until rows_close().
     * *doc is a new reference, NULL at the end.
     */
    mvc__rows *(*rows_open)(mvc__store *store, const mvc__query *query,
                            mvc_error *err);
    bool (*rows_next)(mvc__rows *rows, json_object **doc, mvc_error *err);
    void (*rows_close)(mvc__rows *rows);
} mvc__store_api;

/* The head of every store. */
struct mvc__store {
    const mvc__store_api *api;
};

/* Opens a file, or ":memory:", with "?option" behind it; NULL on failure. */
mvc__store *mvc__sqlite_open(const char *url, mvc_error *err);

#endif
