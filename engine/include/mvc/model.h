/*
 * mvc/model.h - models: Mongoose's way of working, for C.
 *
 * A schema is a table of fields, a document is a json-c object, and filters
 * and updates are MongoDB's language, written in the code:
 *
 *     static const mvc_field post_fields[] = {
 *         {.name = "title", .type = MVC_TEXT, .required = true, .max = 120},
 *         {.name = "views", .type = MVC_INTEGER, .fallback = "0"},
 *         {.name = "author", .type = MVC_REF, .ref = &user_model},
 *         {0},
 *     };
 *     const mvc_model post_model = {
 *         .name = "Post", .table = "posts", .fields = post_fields,
 *         .timestamps = true,
 *     };
 *
 *     mvc_doc *posts = mvc_find(
 *         db, &post_model, mvc_where(db, "{views: {$gt: %d}}", 10),
 *         &(mvc_find_options){.sort = "-createdAt", .limit = 20}, &err);
 *
 * Every `err` may be NULL.  engine/docs/models.md is the guide.
 */
#ifndef MVC_MODEL_H
#define MVC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

struct json_object;

/* Documents, form bodies and view locals are all json-c objects. */
typedef struct json_object mvc_doc;

typedef struct mvc_db mvc_db;
typedef struct mvc_model mvc_model;

/* errors ------------------------------------------------------------------ */

typedef enum mvc_status_code {
    MVC_OK = 0,
    MVC_NOT_FOUND, /* no such document */
    MVC_INVALID,   /* the document does not fit its schema: see invalid[] */
    MVC_CONFLICT,  /* a unique field's value is taken: see invalid[0] */
    MVC_MISUSE,    /* the program's mistake: a filter format, a schema */
    MVC_BUSY,      /* another writer held the database for too long */
    MVC_DB_ERROR,  /* the database failed */
    MVC_NOMEM,
} mvc_status_code;

/* One field's problem, in Mongoose's words. */
typedef struct mvc_problem {
    char field[64];    /* "title", "comments.0.body" */
    char kind[24];     /* "required" "min" "maxlength" "enum" "regexp" ... */
    char problem[168]; /* "Path `title` is required." */
} mvc_problem;

enum { MVC_MAX_PROBLEMS = 24 };

/* What went wrong.  Owns no memory; may be copied. */
typedef struct mvc_error {
    mvc_status_code status;
    char message[256]; /* "Post validation failed: title: Path ..." */
    mvc_problem invalid[MVC_MAX_PROBLEMS];
    size_t n_invalid; /* further problems are not kept */
} mvc_error;

/*
 * Adds a field's problem and returns false, for hooks:
 * `return mvc_invalid(err, "body", "says nothing new");`
 */
bool mvc_invalid(mvc_error *err, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The problem of `field`, or NULL when it has none (or err is NULL). */
const char *mvc_error_of(const mvc_error *err, const char *field);

/*
 * The problems for a view or an API, `{"title": "Path `title` is required."}`;
 * a new object that the caller owns, NULL when out of memory.
 */
mvc_doc *mvc_error_fields(const mvc_error *err);

/* schemas ------------------------------------------------------------------ */

typedef enum mvc_type {
    MVC_TEXT,
    MVC_INTEGER, /* 64 bits */
    MVC_REAL,
    MVC_BOOLEAN,
    MVC_TIME,   /* stored as "2026-11-21T08:30:00.000Z" */
    MVC_JSON,   /* anything */
    MVC_REF,    /* the id of a document of another model */
    MVC_ARRAY,  /* of `of`; of subdocuments when `fields` is set */
    MVC_OBJECT, /* a subdocument of `fields` */
} mvc_type;

/* A bound of zero itself, since .min = 0 and .max = 0 mean no bound. */
#define MVC_ZERO (-0.0)

typedef struct mvc_field mvc_field;

/* Only name is obligatory; a table of fields ends with {0}. */
struct mvc_field {
    const char *name;
    mvc_type type;

    bool required; /* present, not null, and not "" */
    bool unique;   /* an index, so never a race; missing values do not count */
    bool index;
    bool trim, lowercase, uppercase; /* applied when a text is cast */
    bool immutable; /* set once, at creation; later values are ignored */
    bool hidden;    /* not returned unless selected as "+name" */

    /*
     * A number's range, a text's length in JavaScript's characters, an
     * array's length, or a time in milliseconds.  0: no bound; MVC_ZERO: zero.
     */
    double min, max;

    const char *const *one_of; /* a text's allowed values; ends with NULL */
    const char *match;         /* a text must match this regular expression */
    const char *fallback;      /* the default: JSON, or "now" for a MVC_TIME */
    const mvc_model *ref;      /* a MVC_REF, or the refs in a MVC_ARRAY */
    mvc_type of;               /* what a MVC_ARRAY holds */
    const mvc_field *fields;   /* of a subdocument; ends with {0} */

    /* NULL when `value` (never null) is fine, else what is wrong with it. */
    const char *(*check)(mvc_doc *value);

    /* Instead of "Path `x` is required." and the other sentences. */
    const char *message;
};

/* An index over several fields: {.fields = "author -createdAt"}. */
typedef struct mvc_index {
    const char *fields; /* a minus sign: descending */
    bool unique;
} mvc_index;

/*
 * Hooks return false to stop, having filled `err` (mvc_invalid() helps).
 * They run in the same transaction as the change.
 */
typedef bool (*mvc_hook)(mvc_db *db, mvc_doc *doc, mvc_error *err);

/*
 * In a save hook: the document as it was before (NULL: it is new), and whether
 * `path` of `doc` differs from it, as the whole of a new document does.
 */
mvc_doc *mvc_before(mvc_db *db);
bool mvc_is_changed(mvc_db *db, mvc_doc *doc, const char *path);

struct mvc_model {
    const char *name;         /* "Post" */
    const char *table;        /* "posts"; letters, digits and _ */
    const mvc_field *fields;  /* ends with {0} */
    const mvc_index *indexes; /* NULL, or ends with {0} */
    bool timestamps;          /* createdAt, updatedAt */
    bool loose;               /* keep members that are not in the schema */

    mvc_hook before_validate; /* a changed or new document, not yet cast */
    mvc_hook before_save;     /* cast and valid, about to be stored */
    mvc_hook after_save;
    mvc_hook before_remove;
    mvc_hook after_remove;
};

/*
 * Casts what can be cast ("12" to 12), drops members the schema lacks, fills
 * in defaults, then validates; all problems are collected in err->invalid.
 * `doc` keeps the cast values even when it does not fit.
 */
bool mvc_validate(const mvc_model *model, mvc_doc *doc, mvc_error *err);

/* Documents ------------------------------------------------------------------
 *
 * Each document has an `id` (24 hexadecimal digits, sorting by time of
 * creation, as MongoDB's ObjectId), given by the first save.  `_id` in a
 * filter, a sort or a select means the same.
 */

const char *mvc_id(mvc_doc *doc); /* NULL when it has none */

/* Writes a new id: 24 digits and a NUL.  False: the system gave no entropy. */
bool mvc_object_id(char out[25]);

/* Writes a random (version 4) UUID: 36 characters and a NUL. */
bool mvc_uuid(char out[37]);

/*
 * A document from a format such as mvc_where()'s:
 * `mvc_make(db, "{title: %s, views: %d, tags: ['a', %s]}", title, 1, tag)`.
 * Belongs to `db`; NULL when the format is wrong (see mvc_db_problem()) or
 * memory is short.
 */
mvc_doc *mvc_make(mvc_db *db, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Members by dot path ("author.name", "tags.0").  What is missing, null or of
 * another type reads as NULL, 0 or false; what is returned is borrowed.
 */
mvc_doc *mvc_doc_at(mvc_doc *doc, const char *path);
const char *mvc_doc_text(mvc_doc *doc, const char *path);
int64_t mvc_doc_int(mvc_doc *doc, const char *path);
double mvc_doc_real(mvc_doc *doc, const char *path);
bool mvc_doc_bool(mvc_doc *doc, const char *path);
double mvc_doc_time(mvc_doc *doc, const char *path); /* ms since 1970, or NaN */

/*
 * Set a member of `doc` itself (no path); false when out of memory.  A NULL
 * text is null.  mvc_doc_set() takes over the caller's reference, always.
 */
bool mvc_doc_set(mvc_doc *doc, const char *name, mvc_doc *value);
bool mvc_doc_set_text(mvc_doc *doc, const char *name, const char *value);
bool mvc_doc_set_int(mvc_doc *doc, const char *name, int64_t value);
bool mvc_doc_set_real(mvc_doc *doc, const char *name, double value);
bool mvc_doc_set_bool(mvc_doc *doc, const char *name, bool value);
bool mvc_doc_set_time(mvc_doc *doc, const char *name, double ms);

/* filters and updates -------------------------------------------------------
 */

/*
 * Which documents.  Only mvc_where() makes a filter, from a format written in
 * code: MongoDB's query language with unquoted keys, printf conversions for
 * values.  Values are bound, never spliced, so nothing that came with a
 * request can turn into an operator:
 *
 *     mvc_where(db, "{published: true, views: {$gt: %d}, author: %s}", 10, who)
 *
 * Conversions: %s (NULL is null), the integers (%d %ld %lld %zu ...), %f, and
 * %p for an mvc_doc of any type ("{_id: {$in: %p}}").  A value is cast to its
 * field's type when the filter is used, as Mongoose does.
 *
 * Operators: $eq $ne $gt $gte $lt $lte $in $nin $and $or $nor $not $exists
 * $type $regex $options $elemMatch $size $all $mod; dot paths and array
 * indexes ("'comments.0.author'"); /regular expressions/i.
 *
 * Never NULL: a wrong format gives a filter with which every call fails and
 * says why.  Filters and updates live until mvc_db_release() or close.
 */
typedef struct mvc_filter mvc_filter;
const mvc_filter *mvc_where(mvc_db *db, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Every document, said aloud: writes refuse NULL and "{}". */
const mvc_filter *mvc_all(void);

/* Both; a NULL stands for every document. */
const mvc_filter *mvc_and(mvc_db *db, const mvc_filter *a, const mvc_filter *b);

/*
 * `text` with all that is special in a regular expression escaped, for
 * "{title: {$regex: %s, $options: 'i'}}".  Belongs to `db`; NULL: no memory.
 */
const char *mvc_regex_escape(mvc_db *db, const char *text);

/*
 * How to change documents: "{$set: {title: %s}, $inc: {views: 1}}".
 * $set $unset $inc $mul $min $max $rename $currentDate $setOnInsert, $push and
 * $addToSet (with $each, $position, $slice, $sort), $pull $pullAll $pop.
 */
typedef struct mvc_update mvc_update;
const mvc_update *mvc_change(mvc_db *db, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* databases ------------------------------------------------------------------
 */

/*
 * Opens `url`: a file path, "sqlite:blog.db", or ":memory:".  The file is made
 * when missing.  What has been written is on disk; "blog.db?synchronous=normal"
 * lets a power cut (no crash) undo the last moments, for speed.
 * One thread uses a handle at a time; see mvc_pool for several.
 * NULL on failure.
 */
mvc_db *mvc_db_open(const char *url, mvc_error *err);
void mvc_db_close(mvc_db *db); /* NULL is fine */

/*
 * Lets go of all documents, filters and updates the handle has given out and
 * rolls an open transaction back; the connection stays.  A web application's
 * handles are released at the end of each request.
 */
void mvc_db_release(mvc_db *db);

/* Why the last call on this handle failed; status MVC_OK if it did not. */
const mvc_error *mvc_db_problem(const mvc_db *db);

/*
 * Creates what is missing: tables, indexes of the schema's fields.  Indexes
 * that a schema no longer asks for are dropped; documents are never changed.
 * `models` ends with NULL.
 */
bool mvc_db_migrate(mvc_db *db, const mvc_model *const models[],
                    mvc_error *err);

/* Deletes the models' tables and all in them. */
bool mvc_db_drop(mvc_db *db, const mvc_model *const models[], mvc_error *err);

/* Runs SQL written in the code, several statements if need be. */
bool mvc_db_exec(mvc_db *db, const char *sql, mvc_error *err);

/*
 * Runs one statement whose ?1, ?2 ... are the members of `values` (an array of
 * texts, numbers, booleans and nulls; NULL for none).  Returns its rows as an
 * array of objects that belongs to `db`; NULL on failure.
 */
mvc_doc *mvc_db_query(mvc_db *db, const char *sql, mvc_doc *values,
                      mvc_error *err);

/* Transactions nest: an inner rollback undoes the inner part only. */
bool mvc_begin(mvc_db *db, mvc_error *err);
bool mvc_commit(mvc_db *db, mvc_error *err);
void mvc_rollback(mvc_db *db);

/*
 * Handles to one database for many threads.  mvc_pool_take() gives an idle
 * handle or opens one, mvc_pool_give() releases it and keeps it for later.  For
 * ":memory:" they share a temporary file, which goes with the pool.
 */
typedef struct mvc_pool mvc_pool;
mvc_pool *mvc_pool_open(const char *url, mvc_error *err);
mvc_db *mvc_pool_take(mvc_pool *pool, mvc_error *err);
void mvc_pool_give(mvc_pool *pool, mvc_db *db);
void mvc_pool_close(mvc_pool *pool); /* all handles must have been given back */

/* reading ---------------------------------------------------------------------
 *
 * A document that is returned belongs to the handle and goes with
 * mvc_db_release(); json_object_get() keeps one for longer.
 */

/* Zero means all of them, oldest first. */
typedef struct mvc_find_options {
    const char *sort;     /* "-createdAt title" */
    const char *select;   /* "title author", "-body", "+hidden" */
    const char *populate; /* refs to replace by their documents:
                             "author", "author:name,email comments.author" */
    int64_t skip, limit;  /* 0: no limit */
} mvc_find_options;

/* An array, perhaps empty; NULL on failure.  A NULL filter means all. */
mvc_doc *mvc_find(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                  const mvc_find_options *options, mvc_error *err);

/* NULL with status MVC_NOT_FOUND when there is none. */
mvc_doc *mvc_find_one(mvc_db *db, const mvc_model *model,
                      const mvc_filter *filter, const mvc_find_options *options,
                      mvc_error *err);
mvc_doc *mvc_find_by_id(mvc_db *db, const mvc_model *model, const char *id,
                        mvc_error *err);

/* -1 on failure. */
int64_t mvc_count(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                  mvc_error *err);
bool mvc_exists(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                mvc_error *err);

/* The different values of a path, as an array; an array counts by element. */
mvc_doc *mvc_distinct(mvc_db *db, const mvc_model *model, const char *path,
                      const mvc_filter *filter, mvc_error *err);

/* Replaces refs in documents (or an array of them) that are already here. */
bool mvc_populate(mvc_db *db, const mvc_model *model, mvc_doc *docs,
                  const char *paths, mvc_error *err);

/*
 * One document at a time, for results that need not fit in memory.  A document
 * lasts until the next step.  mvc_cursor_next() returns NULL at the end, and
 * on failure with err->status set.
 */
typedef struct mvc_cursor mvc_cursor;
mvc_cursor *mvc_cursor_open(mvc_db *db, const mvc_model *model,
                            const mvc_filter *filter,
                            const mvc_find_options *options, mvc_error *err);
mvc_doc *mvc_cursor_next(mvc_cursor *cursor, mvc_error *err);
void mvc_cursor_close(mvc_cursor *cursor);

/* writing -------------------------------------------------------------------
 */

/*
 * Inserts `doc` when it has no id, else changes the stored document with that
 * id: members that `doc` lacks keep their stored value, so a form's members are
 * enough.  Casts, validates, runs the hooks, stores; afterwards `doc` is the
 * whole stored document.  MVC_NOT_FOUND when no document has that id.
 */
bool mvc_save(mvc_db *db, const mvc_model *model, mvc_doc *doc, mvc_error *err);

/* Inserts, with the id `doc` has or a new one. */
bool mvc_insert(mvc_db *db, const mvc_model *model, mvc_doc *doc,
                mvc_error *err);

/* Inserts an array of documents: all of them, or on failure none. */
bool mvc_insert_many(mvc_db *db, const mvc_model *model, mvc_doc *docs,
                     mvc_error *err);

/* The number of documents that matched, -1 on failure. */
int64_t mvc_update_one(mvc_db *db, const mvc_model *model,
                       const mvc_filter *filter, const mvc_update *update,
                       mvc_error *err);
int64_t mvc_update_many(mvc_db *db, const mvc_model *model,
                        const mvc_filter *filter, const mvc_update *update,
                        mvc_error *err);

/* Changes the first match, or inserts what filter and update describe. */
int64_t mvc_upsert(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                   const mvc_update *update, mvc_error *err);

/* Puts `doc` in the place of the first match, which keeps only its id. */
int64_t mvc_replace_one(mvc_db *db, const mvc_model *model,
                        const mvc_filter *filter, mvc_doc *doc, mvc_error *err);

/* The number deleted, -1 on failure. */
int64_t mvc_delete_one(mvc_db *db, const mvc_model *model,
                       const mvc_filter *filter, mvc_error *err);
int64_t mvc_delete_many(mvc_db *db, const mvc_model *model,
                        const mvc_filter *filter, mvc_error *err);

/* Deletes by id; MVC_NOT_FOUND when there was no such document. */
bool mvc_remove(mvc_db *db, const mvc_model *model, const char *id,
                mvc_error *err);

typedef struct mvc_modify_options {
    const char *sort; /* which of several matches is the first */
    const char *select, *populate;
    bool upsert; /* insert when nothing matches */
    bool before; /* return the document as it was, not as it became */
} mvc_modify_options;

/* In one step; NULL with MVC_NOT_FOUND when nothing matched. */
mvc_doc *mvc_find_one_and_update(mvc_db *db, const mvc_model *model,
                                 const mvc_filter *filter,
                                 const mvc_update *update,
                                 const mvc_modify_options *options,
                                 mvc_error *err);
mvc_doc *mvc_find_one_and_replace(mvc_db *db, const mvc_model *model,
                                  const mvc_filter *filter, mvc_doc *doc,
                                  const mvc_modify_options *options,
                                  mvc_error *err);
mvc_doc *mvc_find_one_and_delete(mvc_db *db, const mvc_model *model,
                                 const mvc_filter *filter,
                                 const mvc_modify_options *options,
                                 mvc_error *err);

/* What the handle's last write did, in the words of MongoDB's results. */
typedef struct mvc_result {
    int64_t inserted, matched, modified, deleted;
    char upserted_id[64]; /* "" when nothing was upserted */
} mvc_result;
mvc_result mvc_last_result(const mvc_db *db);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
