/* cursor.h - the shared half of all reading: queries, selections, cursors. */
#ifndef MODEL_CURSOR_H
#define MODEL_CURSOR_H

#include "model/db.h"
#include "model/select.h"
#include "model/store.h"

struct mvc_cursor {
    mvc_db *db;
    mvc__query query;
    mvc__selection selection;
    const char *populate;
    mvc__rows *rows;
    json_object *doc; /* the present one */
    mvc_cursor *next; /* in the handle's list */
};

/*
 * Fills in a query: filter and sort, in the handle's arena.  `options` may be
 * NULL.
 */
bool mvc__query_make(mvc_db *db, const mvc_model *model,
                     const mvc_filter *filter, const mvc_find_options *options,
                     mvc__query *query, mvc_error *err);

/* The whole documents of a query, hidden fields too, in a new array. */
json_object *mvc__fetch(mvc_db *db, const mvc__query *query, mvc_error *err);

/* Makes an array of stored documents ready for the caller. */
bool mvc__finish(mvc_db *db, const mvc_model *model,
                 const mvc__selection *selection, const char *populate,
                 json_object *docs, mvc_error *err);

#endif
