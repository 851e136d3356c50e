/* where.h - as much of a query as SQLite can answer itself, as SQL. */
#ifndef MODEL_STORE_WHERE_H
#define MODEL_STORE_WHERE_H

#include "base/buf.h"
#include "model/cast.h"
#include "model/store.h"

typedef enum mvc__binding_kind {
    BIND_VALUE,
    BIND_LIST, /* an array, for json_each() */
    BIND_INTEGER,
    BIND_MATCH, /* for mvc_match() */
    BIND_SORT,  /* for mvc_sort() */
} mvc__binding_kind;

typedef struct mvc__binding {
    mvc__binding_kind kind;
    json_object *value;
    int64_t integer;
    const mvc__match *match;
    const mvc__sort_key *sort;
} mvc__binding;

/* What ?1, ?2 ... stand for; borrowed from the query. */
typedef struct mvc__bindings {
    mvc__binding *list;
    size_t n, capacity;
} mvc__bindings;

void mvc__bindings_free(mvc__bindings *bindings);

/* Appends " WHERE ..." if need be; false when out of memory. */
bool mvc__sql_where(const mvc__query *query, base_buf *sql,
                    mvc__bindings *bindings);

/* Appends " ORDER BY ... LIMIT ... OFFSET ..."; false when out of memory. */
bool mvc__sql_order(const mvc__query *query, base_buf *sql,
                    mvc__bindings *bindings);

/* Appends the expression by which a declared field is indexed and found. */
void mvc__sql_field(const mvc_model *model, const char *path, base_buf *sql);

#endif
