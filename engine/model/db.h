/*
 * db.h - a database handle: what it owns, and how its calls begin and end.
 *
 * A handle owns what it gives out (documents, filters, updates) until
 * mvc_db_release().  Public functions bracket their work with mvc__enter and
 * mvc__leave, so that inside there is always an error to fill.
 */
#ifndef MODEL_DB_H
#define MODEL_DB_H

#include <json-c/json.h>
#include <mvc/model.h>

#include "base/arena.h"

typedef struct mvc__store mvc__store;
typedef struct mvc__pattern mvc__pattern;

struct mvc_db {
    mvc__store *store;
    base_arena arena;   /* filters, updates, texts */
    json_object **kept; /* references given back by release */
    size_t n_kept, capacity;
    mvc__pattern *patterns; /* of filters; newest first */
    mvc_cursor *cursors;    /* still open; newest first */
    size_t depth;           /* of open transactions */
    json_object *before;    /* see mvc_before() */
    mvc_error problem;
    mvc_result result;
};

/* Takes over a reference; the value itself, NULL when out of memory. */
json_object *mvc__keep(mvc_db *db, json_object *value);

/* A cleared error to fill: the caller's, or `local` when that is NULL. */
mvc_error *mvc__enter(mvc_error *err, mvc_error *local);

/* Remembers the outcome for mvc_db_problem(). */
void mvc__leave(mvc_db *db, const mvc_error *err);

/* Fills the error unless it holds one already; returns false. */
bool mvc__fail(mvc_error *err, mvc_status_code status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool mvc__no_memory(mvc_error *err);

/* A problem with a kind; the text may be cut, at a whole character. */
void mvc__problem(mvc_error *err, const char *field, const char *kind,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Makes the summary "Post validation failed: ..." of the problems. */
void mvc__summarise(mvc_error *err, const char *model);

/* Makes dates of milliseconds for views; see mvc__make_date(). */
typedef json_object *(*mvc__date_maker)(double ms);

/* The application layer installs the maker once, at start-up. */
void mvc__set_date_maker(mvc__date_maker make);

/* A time as documents show it: the maker's date, or an ISO 8601 text. */
json_object *mvc__make_date(double ms);

/*
 * Runs `work` in a transaction of its own or inside the open one; what it did
 * is undone when it returns false.
 */
typedef bool (*mvc__work)(mvc_db *db, void *context, mvc_error *err);
bool mvc__atomically(mvc_db *db, mvc__work work, void *context, mvc_error *err);

#endif
