/*
 * sqlite.c - documents in SQLite: one table a model, one JSON text a document.
 *
 *     CREATE TABLE "posts" (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT)
 *
 * A field that is indexed has an index on json_extract(body, '$."field"').  A
 * filter becomes SQL as far as SQL means the same (store/where.c); the rest is
 * answered by mvc_match(), an SQL function that asks mvc__match_document().
 * This is the only file that sees <sqlite3.h>.
 */
#include "model/store.h"

#include <json-c/json.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/db.h"
#include "model/json.h"
#include "model/schema.h"
#include "model/store/where.h"

enum { CACHE_SIZE = 64, BUSY_MS = 5000 };

typedef struct cached {
    char *sql;
    sqlite3_stmt *stmt;
    bool in_use;
    uint64_t used; /* when, by the store's clock */
} cached;

typedef struct sqlite_store {
    mvc__store base;
    sqlite3 *handle;
    cached cache[CACHE_SIZE];
    uint64_t clock;
} sqlite_store;

static sqlite_store *own(mvc__store *store)
{
    return (sqlite_store *)store;
}

static bool failed(sqlite_store *s, mvc_error *err)
{
    switch (sqlite3_errcode(s->handle) & 0xFF) {
    case SQLITE_NOMEM:
        return mvc__no_memory(err);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return mvc__fail(err, MVC_BUSY, "the database is busy: %s",
                         sqlite3_errmsg(s->handle));
    default:
        return mvc__fail(err, MVC_DB_ERROR, "%s", sqlite3_errmsg(s->handle));
    }
}

/* SQL functions ------------------------------------------------------------ */

/* A document's text as an object; NULL, having said so, when it is none. */
static json_object *parse(sqlite3_context *context, sqlite3_value *body)
{
    json_object *doc = NULL;
    const char *text = (const char *)sqlite3_value_text(body);
    const mvc__json_result result =
        text ? mvc__json_parse(text, (size_t)sqlite3_value_bytes(body), &doc)
             : JSON_NO_MEMORY;
    if (result == JSON_NO_MEMORY)
        sqlite3_result_error_nomem(context);
    else if (!doc)
        sqlite3_result_error(context, "a document is not JSON", -1);
    return doc;
}

/* mvc_match(body, match): whether the document matches. */
static void sql_match(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    const mvc__match *match = sqlite3_value_pointer(args[1], "mvc_match");
    json_object *doc = match ? parse(context, args[0]) : NULL;
    if (!doc)
        return;
    sqlite3_result_int(context, mvc__match_document(match, doc));
    json_object_put(doc);
}

/* mvc_sort(body, key): bytes that order documents by a path. */
static void sql_sort(sqlite3_context *context, int n, sqlite3_value **args)
{
    (void)n;
    const mvc__sort_key *key = sqlite3_value_pointer(args[1], "mvc_sort");
    json_object *doc = key ? parse(context, args[0]) : NULL;
    if (!doc)
        return;
    base_buf bytes = {0};
    mvc__sort_bytes(mvc__sort_value(doc, &key->path, key->descending), &bytes);
    if (bytes.failed)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_blob64(context, bytes.data, bytes.size,
                              SQLITE_TRANSIENT);
    base_buf_free(&bytes);
    json_object_put(doc);
}

/* statements --------------------------------------------------------------- */

static void forget(cached *entry)
{
    sqlite3_finalize(entry->stmt);
    free(entry->sql);
    *entry = (cached){0};
}

/* The entry for new SQL: a free one, or the one unused for longest. */
static cached *oldest(sqlite_store *s)
{
    cached *best = NULL;
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        cached *entry = &s->cache[i];
        if (!entry->stmt)
            return entry;
        if (!entry->in_use && (!best || entry->used < best->used))
            best = entry;
    }
    if (best)
        forget(best);
    return best;
}

/* A prepared statement, to be given back with release(). */
static sqlite3_stmt *prepare(sqlite_store *s, const char *sql, mvc_error *err)
{
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        cached *entry = &s->cache[i];
        if (entry->stmt && !entry->in_use && strcmp(entry->sql, sql) == 0) {
            entry->in_use = true;
            entry->used = ++s->clock;
            return entry->stmt;
        }
    }
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                           NULL) != SQLITE_OK) {
        failed(s, err);
        return NULL;
    }
    cached *entry = oldest(s);
    char *copy = entry ? strdup(sql) : NULL;
    if (copy)
        *entry = (cached){copy, stmt, true, ++s->clock};
    return stmt;
}

static void release(sqlite_store *s, sqlite3_stmt *stmt)
{
    if (!stmt)
        return;
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        if (s->cache[i].stmt == stmt) {
            sqlite3_reset(stmt);
            sqlite3_clear_bindings(stmt);
            s->cache[i].in_use = false;
            return;
        }
    }
    sqlite3_finalize(stmt);
}

/* Takes the buffer's SQL; NULL when out of memory or wrong. */
static sqlite3_stmt *prepare_buf(sqlite_store *s, base_buf *sql, mvc_error *err)
{
    char *text = base_buf_take(sql, NULL);
    sqlite3_stmt *stmt = NULL;
    if (text)
        stmt = prepare(s, text, err);
    else
        mvc__no_memory(err);
    free(text);
    return stmt;
}

static int bind_value(sqlite3_stmt *stmt, int at, json_object *value)
{
    int64_t whole;
    switch (mvc__kind_of(value)) {
    case KIND_NULL:
        return sqlite3_bind_null(stmt, at);
    case KIND_BOOLEAN:
        return sqlite3_bind_int(stmt, at, json_object_get_boolean(value));
    case KIND_NUMBER:
        if (json_object_is_type(value, json_type_int) &&
            mvc__whole(value, &whole))
            return sqlite3_bind_int64(stmt, at, whole);
        return sqlite3_bind_double(stmt, at, mvc__number(value));
    case KIND_TEXT:
        return sqlite3_bind_text64(
            stmt, at, json_object_get_string(value),
            (sqlite3_uint64)json_object_get_string_len(value), SQLITE_TRANSIENT,
            SQLITE_UTF8);
    default:
        return SQLITE_MISMATCH;
    }
}

/* Binds a list as JSON, which json_each() takes apart again. */
static int bind_list(sqlite3_stmt *stmt, int at, json_object *list)
{
    base_buf json = {0};
    mvc__print(list, &json);
    const int rc = json.failed
                       ? SQLITE_NOMEM
                       : sqlite3_bind_text64(stmt, at, json.data, json.size,
                                             SQLITE_TRANSIENT, SQLITE_UTF8);
    base_buf_free(&json);
    return rc;
}

static bool bind_all(sqlite_store *s, sqlite3_stmt *stmt,
                     const mvc__bindings *bindings, mvc_error *err)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < bindings->n; i++) {
        const mvc__binding *b = &bindings->list[i];
        const int at = (int)i + 1;
        switch (b->kind) {
        case BIND_VALUE:
            rc = bind_value(stmt, at, b->value);
            break;
        case BIND_LIST:
            rc = bind_list(stmt, at, b->value);
            break;
        case BIND_INTEGER:
            rc = sqlite3_bind_int64(stmt, at, b->integer);
            break;
        case BIND_MATCH:
            rc = sqlite3_bind_pointer(stmt, at, (void *)b->match, "mvc_match",
                                      NULL);
            break;
        case BIND_SORT:
            rc = sqlite3_bind_pointer(stmt, at, (void *)b->sort, "mvc_sort",
                                      NULL);
            break;
        }
    }
    if (rc == SQLITE_NOMEM)
        return mvc__no_memory(err);
    return rc == SQLITE_OK || failed(s, err);
}

/* The statement for a query, bound. */
static sqlite3_stmt *prepare_query(sqlite_store *s, const char *start,
                                   const mvc__query *query, bool ordered,
                                   mvc_error *err)
{
    base_buf sql = {0};
    mvc__bindings bindings = {0};
    base_buf_puts(&sql, start);
    const bool ok = mvc__sql_where(query, &sql, &bindings) &&
                    (!ordered || mvc__sql_order(query, &sql, &bindings));
    sqlite3_stmt *stmt = NULL;
    if (!ok)
        mvc__no_memory(err);
    else if ((stmt = prepare_buf(s, &sql, err)) != NULL &&
             !bind_all(s, stmt, &bindings, err)) {
        release(s, stmt);
        stmt = NULL;
    }
    base_buf_free(&sql);
    mvc__bindings_free(&bindings);
    return stmt;
}

static bool run(sqlite_store *s, const char *sql, mvc_error *err)
{
    return sqlite3_exec(s->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
           failed(s, err);
}

/* Runs SQL from a buffer, which it empties. */
static bool run_buf(sqlite_store *s, base_buf *sql, mvc_error *err)
{
    char *text = base_buf_take(sql, NULL);
    const bool ok = text ? run(s, text, err) : mvc__no_memory(err);
    free(text);
    return ok;
}

/* opening ------------------------------------------------------------------ */

static void sqlite_close(mvc__store *store)
{
    sqlite_store *s = own(store);
    for (size_t i = 0; i < CACHE_SIZE; i++)
        forget(&s->cache[i]);
    sqlite3_close(s->handle);
    free(s);
}

/* Another process may be opening the file anew, and then nobody waits. */
static bool use_wal(sqlite_store *s, mvc_error *err)
{
    int rc;
    for (int waited = 0; waited < BUSY_MS; waited += 10) {
        rc = sqlite3_exec(s->handle, "PRAGMA journal_mode = WAL", NULL, NULL,
                          NULL);
        if ((rc & 0xFF) != SQLITE_BUSY)
            break;
        sqlite3_sleep(10);
    }
    return rc == SQLITE_OK || failed(s, err);
}

static bool add_function(sqlite_store *s, const char *name,
                         void (*call)(sqlite3_context *, int, sqlite3_value **))
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    return sqlite3_create_function(s->handle, name, 2, flags, NULL, call, NULL,
                                   NULL) == SQLITE_OK;
}

/* The SQL for what follows the '?' of a URL; NULL for what is unknown. */
static const char *durability(const char *options)
{
    static const char *const known[][2] = {
        {"", "PRAGMA synchronous = FULL"},
        {"synchronous=full", "PRAGMA synchronous = FULL"},
        {"synchronous=normal", "PRAGMA synchronous = NORMAL"},
        {"synchronous=off", "PRAGMA synchronous = OFF"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(options, known[i][0]) == 0)
            return known[i][1];
    return NULL;
}

static bool set_up(sqlite_store *s, const char *options, mvc_error *err)
{
    const char *synchronous = durability(options);
    if (!synchronous)
        return mvc__fail(err, MVC_MISUSE,
                         "unknown option '%s': expected "
                         "synchronous=full, normal or off",
                         options);
    sqlite3_extended_result_codes(s->handle, 1);
    sqlite3_busy_timeout(s->handle, BUSY_MS);
    sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (!add_function(s, "mvc_match", sql_match) ||
        !add_function(s, "mvc_sort", sql_sort))
        return failed(s, err);
    return use_wal(s, err) && run(s, "PRAGMA foreign_keys = ON", err) &&
           run(s, synchronous, err);
}

/* tables and indexes ------------------------------------------------------- */

/* The name of an index, which also says what conflicts when it is unique. */
static void put_index_name(base_buf *out, const mvc_model *model,
                           const char *fields, bool unique)
{
    base_buf_printf(out, "mvc.%s.%s.", model->table,
                    unique ? "unique" : "index");
    for (; *fields; fields++)
        base_buf_putc(out, *fields == ' ' ? ',' : *fields);
}

typedef struct migration {
    sqlite_store *s;
    const mvc_model *model;
    base_buf wanted; /* names of indexes, each with a NUL */
    mvc_error *err;
} migration;

static bool put_index_fields(migration *m, const char *fields, base_buf *sql)
{
    char sign, name[128];
    const char *comma = "";
    while (mvc__next_word(&fields, &sign, name, sizeof name)) {
        base_buf_puts(sql, comma);
        mvc__sql_field(m->model, name, sql);
        base_buf_puts(sql, sign == '-' ? " DESC" : "");
        comma = ", ";
    }
    return true;
}

static bool make_index(migration *m, const char *fields, bool unique)
{
    base_buf sql = {0}, name = {0};
    put_index_name(&name, m->model, fields, unique);
    base_buf_putc(&name, '\0');
    base_buf_put(&m->wanted, name.data, name.size);
    base_buf_printf(&sql, "CREATE %sINDEX IF NOT EXISTS \"%s\" ON \"%s\" (",
                    unique ? "UNIQUE " : "", name.failed ? "" : name.data,
                    m->model->table);
    put_index_fields(m, fields, &sql);
    base_buf_puts(&sql, ")");
    const bool ok = !name.failed && !m->wanted.failed
                        ? run_buf(m->s, &sql, m->err)
                        : mvc__no_memory(m->err);
    base_buf_free(&sql);
    base_buf_free(&name);
    if (!ok && (sqlite3_errcode(m->s->handle) & 0xFF) == SQLITE_CONSTRAINT) {
        m->err->status = MVC_OK;
        mvc__fail(m->err, MVC_CONFLICT,
                  "%s: documents with the same '%s' exist, so it cannot be "
                  "unique",
                  m->model->name, fields);
    }
    return ok;
}

static bool make_field_indexes(migration *m, const mvc_field *fields,
                               const char *prefix)
{
    for (const mvc_field *field = fields; field->name; field++) {
        char path[128];
        if ((size_t)snprintf(path, sizeof path, "%s%s", prefix, field->name) >=
            sizeof path - 2)
            return mvc__fail(m->err, MVC_MISUSE, "%s.%s: the path is too long",
                             m->model->name, path);
        if ((field->unique || field->index) &&
            !make_index(m, path, field->unique))
            return false;
        if (field->type == MVC_OBJECT) {
            strcat(path, ".");
            if (!make_field_indexes(m, field->fields, path))
                return false;
        }
    }
    return true;
}

static bool is_wanted(const migration *m, const char *name)
{
    for (size_t at = 0; at < m->wanted.size;
         at += strlen(m->wanted.data + at) + 1)
        if (strcmp(m->wanted.data + at, name) == 0)
            return true;
    return false;
}

/* Drops the indexes of ours that the schema asks for no more. */
static bool drop_stale_indexes(migration *m)
{
    sqlite3_stmt *stmt =
        prepare(m->s,
                "SELECT name FROM sqlite_schema WHERE type = 'index' AND "
                "tbl_name = ?1 AND name LIKE 'mvc.%'",
                m->err);
    if (!stmt)
        return false;
    base_buf sql = {0};
    int rc = sqlite3_bind_text(stmt, 1, m->model->table, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(stmt);
        const char *name = rc == SQLITE_ROW
                               ? (const char *)sqlite3_column_text(stmt, 0)
                               : NULL;
        if (name && !is_wanted(m, name))
            base_buf_printf(&sql, "DROP INDEX \"%s\";", name);
    }
    const bool ok = rc == SQLITE_DONE || failed(m->s, m->err);
    release(m->s, stmt);
    if (ok && (sql.size > 0 || sql.failed))
        return run_buf(m->s, &sql, m->err);
    base_buf_free(&sql);
    return ok;
}

static bool make_table(migration *m)
{
    base_buf sql = {0};
    base_buf_printf(&sql,
                    "CREATE TABLE IF NOT EXISTS \"%s\" (seq INTEGER PRIMARY "
                    "KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL)",
                    m->model->table);
    return run_buf(m->s, &sql, m->err);
}

static bool make_indexes(migration *m)
{
    if (!make_field_indexes(m, m->model->fields, ""))
        return false;
    for (const mvc_index *i = m->model->indexes; i && i->fields; i++)
        if (!make_index(m, i->fields, i->unique))
            return false;
    return true;
}

static bool sqlite_migrate(mvc__store *store, const mvc_model *model,
                           mvc_error *err)
{
    sqlite_store *s = own(store);
    migration m = {.s = s, .model = model, .err = err};
    if (!run(s, "SAVEPOINT mvc_migrate", err))
        return false;
    const bool ok = make_table(&m) && make_indexes(&m) &&
                    drop_stale_indexes(&m) &&
                    run(s, "RELEASE mvc_migrate", err);
    if (!ok)
        sqlite3_exec(s->handle, "ROLLBACK TO mvc_migrate; RELEASE mvc_migrate",
                     NULL, NULL, NULL);
    base_buf_free(&m.wanted);
    return ok;
}

static bool sqlite_drop(mvc__store *store, const mvc_model *model,
                        mvc_error *err)
{
    base_buf sql = {0};
    base_buf_printf(&sql, "DROP TABLE IF EXISTS \"%s\"", model->table);
    return run_buf(own(store), &sql, err);
}

/* transactions ------------------------------------------------------------- */

static bool run_at_depth(mvc__store *store, const char *outer,
                         const char *nested, size_t depth, mvc_error *err)
{
    char sql[96];
    if (depth == 0)
        return run(own(store), outer, err);
    sqlite3_snprintf(sizeof sql, sql, nested, (int)depth, (int)depth);
    return run(own(store), sql, err);
}

/* A writer waits here, at the start, rather than failing in the middle. */
static bool sqlite_begin(mvc__store *store, size_t depth, mvc_error *err)
{
    return run_at_depth(store, "BEGIN IMMEDIATE", "SAVEPOINT mvc_%d", depth,
                        err);
}

static bool sqlite_commit(mvc__store *store, size_t depth, mvc_error *err)
{
    return run_at_depth(store, "COMMIT", "RELEASE mvc_%d", depth, err);
}

static void sqlite_rollback(mvc__store *store, size_t depth)
{
    mvc_error ignored = {.status = MVC_OK};
    if (depth == 0 && sqlite3_get_autocommit(own(store)->handle))
        return; /* a full disk, say, has ended it already */
    run_at_depth(store, "ROLLBACK", "ROLLBACK TO mvc_%d; RELEASE mvc_%d", depth,
                 &ignored);
}

/* raw SQL ------------------------------------------------------------------ */

static bool sqlite_run(mvc__store *store, const char *sql, mvc_error *err)
{
    return run(own(store), sql, err);
}

static bool column(sqlite3_stmt *stmt, int i, json_object **value)
{
    *value = NULL;
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_NULL:
        return true;
    case SQLITE_INTEGER:
        *value = json_object_new_int64(sqlite3_column_int64(stmt, i));
        break;
    case SQLITE_FLOAT:
        *value = json_object_new_double(sqlite3_column_double(stmt, i));
        break;
    default: {
        const char *text = (const char *)sqlite3_column_text(stmt, i);
        if (text)
            *value =
                json_object_new_string_len(text, sqlite3_column_bytes(stmt, i));
    }
    }
    return *value != NULL;
}

static json_object *row_of(sqlite3_stmt *stmt)
{
    json_object *row = json_object_new_object();
    for (int i = 0; row && i < sqlite3_column_count(stmt); i++) {
        json_object *value;
        const char *name = sqlite3_column_name(stmt, i);
        if (!name || !column(stmt, i, &value) || !mvc__set(row, name, value)) {
            json_object_put(row);
            row = NULL;
        }
    }
    return row;
}

static bool collect_rows(sqlite_store *s, sqlite3_stmt *stmt, json_object *rows,
                         mvc_error *err)
{
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        json_object *row = row_of(stmt);
        if (!row || !mvc__append(rows, row))
            return mvc__no_memory(err);
    }
    return rc == SQLITE_DONE || failed(s, err);
}

static json_object *sqlite_query(mvc__store *store, const char *sql,
                                 json_object *values, mvc_error *err)
{
    sqlite_store *s = own(store);
    sqlite3_stmt *stmt = prepare(s, sql, err);
    if (!stmt)
        return NULL;
    const size_t n = values ? json_object_array_length(values) : 0;
    bool ok = (size_t)sqlite3_bind_parameter_count(stmt) == n ||
              mvc__fail(err, MVC_MISUSE,
                        "the statement wants %d values, not "
                        "%zu",
                        sqlite3_bind_parameter_count(stmt), n);
    for (size_t i = 0; ok && i < n; i++)
        ok = bind_value(stmt, (int)i + 1,
                        json_object_array_get_idx(values, i)) == SQLITE_OK ||
             mvc__fail(err, MVC_MISUSE, "value %zu cannot be bound", i + 1);
    json_object *rows = ok ? json_object_new_array() : NULL;
    if (ok && !rows)
        mvc__no_memory(err);
    if (rows && !collect_rows(s, stmt, rows, err)) {
        json_object_put(rows);
        rows = NULL;
    }
    release(s, stmt);
    return rows;
}

/* writing ------------------------------------------------------------------ */

/*
 * Turns "UNIQUE constraint failed: index 'mvc.users.unique.email'" (or
 * "...: users.id") into a problem of each field.
 */
static bool conflict(sqlite_store *s, const mvc_model *model, json_object *doc,
                     mvc_error *err)
{
    char fields[128] = "id", sign, name[128], shown[MVC__SHOWN];
    const char *message = sqlite3_errmsg(s->handle);
    const char *found = strstr(message, ".unique.");
    if (found) {
        sqlite3_snprintf(sizeof fields, fields, "%s", found + 8);
        fields[strcspn(fields, "'")] = '\0';
    }
    const char *list = fields;
    err->status = MVC_CONFLICT;
    while (mvc__next_word(&list, &sign, name, sizeof name)) {
        base_arena arena;
        mvc__path path;
        json_object *value = NULL;
        base_arena_init(&arena, 0);
        if (mvc__path_split(&arena, name, &path))
            mvc__path_get(doc, &path, &value);
        mvc__problem(err, name, "unique", "Path `%s` (`%s`) is already taken.",
                     name, mvc__show(value, shown));
        base_arena_free(&arena);
    }
    mvc__summarise(err, model->name);
    return false;
}

static bool is_conflict(sqlite_store *s)
{
    const int code = sqlite3_extended_errcode(s->handle);
    return code == SQLITE_CONSTRAINT_UNIQUE ||
           code == SQLITE_CONSTRAINT_PRIMARYKEY;
}

/* Binds (?1 id, ?2 document) and runs. */
static bool write_document(sqlite_store *s, base_buf *sql,
                           const mvc_model *model, const char *id,
                           json_object *doc, mvc_error *err)
{
    sqlite3_stmt *stmt = prepare_buf(s, sql, err);
    base_buf body = {0};
    bool ok = stmt != NULL;
    if (ok && doc)
        mvc__print(doc, &body);
    if (body.failed)
        ok = mvc__no_memory(err);
    if (ok &&
        (sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC) != SQLITE_OK ||
         (doc && sqlite3_bind_text64(stmt, 2, body.data, body.size,
                                     SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)))
        ok = failed(s, err);
    if (ok && sqlite3_step(stmt) != SQLITE_DONE)
        ok = is_conflict(s) ? conflict(s, model, doc, err) : failed(s, err);
    release(s, stmt);
    base_buf_free(&body);
    return ok;
}

static bool sqlite_insert(mvc__store *store, const mvc_model *model,
                          const char *id, json_object *doc, mvc_error *err)
{
    base_buf sql = {0};
    base_buf_printf(&sql, "INSERT INTO \"%s\" (id, body) VALUES (?1, ?2)",
                    model->table);
    return write_document(own(store), &sql, model, id, doc, err);
}

static bool sqlite_replace(mvc__store *store, const mvc_model *model,
                           const char *id, json_object *doc, bool *found,
                           mvc_error *err)
{
    base_buf sql = {0};
    base_buf_printf(&sql, "UPDATE \"%s\" SET body = ?2 WHERE id = ?1",
                    model->table);
    if (!write_document(own(store), &sql, model, id, doc, err))
        return false;
    *found = sqlite3_changes(own(store)->handle) > 0;
    return true;
}

static bool sqlite_remove(mvc__store *store, const mvc_model *model,
                          const char *id, bool *found, mvc_error *err)
{
    base_buf sql = {0};
    base_buf_printf(&sql, "DELETE FROM \"%s\" WHERE id = ?1", model->table);
    if (!write_document(own(store), &sql, model, id, NULL, err))
        return false;
    *found = sqlite3_changes(own(store)->handle) > 0;
    return true;
}

static int64_t sqlite_remove_all(mvc__store *store, const mvc__query *query,
                                 mvc_error *err)
{
    sqlite_store *s = own(store);
    char start[96];
    sqlite3_snprintf(sizeof start, start, "DELETE FROM \"%w\"",
                     query->model->table);
    sqlite3_stmt *stmt = prepare_query(s, start, query, false, err);
    if (!stmt)
        return -1;
    int64_t n = -1;
    if (sqlite3_step(stmt) == SQLITE_DONE)
        n = sqlite3_changes64(s->handle);
    else
        failed(s, err);
    release(s, stmt);
    return n;
}

/* reading ------------------------------------------------------------------ */

static int64_t sqlite_count(mvc__store *store, const mvc__query *query,
                            mvc_error *err)
{
    sqlite_store *s = own(store);
    char start[96];
    sqlite3_snprintf(sizeof start, start, "SELECT COUNT(*) FROM \"%w\"",
                     query->model->table);
    sqlite3_stmt *stmt = prepare_query(s, start, query, false, err);
    if (!stmt)
        return -1;
    int64_t n = -1;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    else
        failed(s, err);
    release(s, stmt);
    return n;
}

struct mvc__rows {
    sqlite_store *s;
    sqlite3_stmt *stmt;
};

static mvc__rows *sqlite_rows_open(mvc__store *store, const mvc__query *query,
                                   mvc_error *err)
{
    char start[96];
    sqlite3_snprintf(sizeof start, start, "SELECT body FROM \"%w\"",
                     query->model->table);
    mvc__rows *rows = calloc(1, sizeof *rows);
    if (!rows) {
        mvc__no_memory(err);
        return NULL;
    }
    rows->s = own(store);
    rows->stmt = prepare_query(rows->s, start, query, true, err);
    if (!rows->stmt) {
        free(rows);
        return NULL;
    }
    return rows;
}

static bool sqlite_rows_next(mvc__rows *rows, json_object **doc, mvc_error *err)
{
    *doc = NULL;
    const int rc = sqlite3_step(rows->stmt);
    if (rc == SQLITE_DONE)
        return true;
    if (rc != SQLITE_ROW)
        return failed(rows->s, err);
    const char *text = (const char *)sqlite3_column_text(rows->stmt, 0);
    if (!text)
        return mvc__no_memory(err);
    const size_t size = (size_t)sqlite3_column_bytes(rows->stmt, 0);
    if (mvc__json_parse(text, size, doc) == JSON_NO_MEMORY)
        return mvc__no_memory(err);
    return json_object_is_type(*doc, json_type_object) ||
           mvc__fail(err, MVC_DB_ERROR, "a document is not a JSON object");
}

static void sqlite_rows_close(mvc__rows *rows)
{
    if (!rows)
        return;
    release(rows->s, rows->stmt);
    free(rows);
}

static const mvc__store_api api = {
    .close = sqlite_close,
    .migrate = sqlite_migrate,
    .drop = sqlite_drop,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .exec = sqlite_run,
    .query = sqlite_query,
    .insert = sqlite_insert,
    .replace = sqlite_replace,
    .remove = sqlite_remove,
    .count = sqlite_count,
    .remove_all = sqlite_remove_all,
    .rows_open = sqlite_rows_open,
    .rows_next = sqlite_rows_next,
    .rows_close = sqlite_rows_close,
};

static bool open_file(sqlite_store *s, const char *path, mvc_error *err)
{
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    return sqlite3_open_v2(path, &s->handle, flags, NULL) == SQLITE_OK ||
           mvc__fail(err, MVC_DB_ERROR, "cannot open the database '%s': %s",
                     path,
                     s->handle ? sqlite3_errmsg(s->handle) : "out of memory");
}

mvc__store *mvc__sqlite_open(const char *url, mvc_error *err)
{
    sqlite_store *s = calloc(1, sizeof *s);
    char *path = strdup(url);
    if (!s || !path) {
        free(s);
        free(path);
        mvc__no_memory(err);
        return NULL;
    }
    s->base.api = &api;
    char *options = path + strcspn(path, "?");
    if (*options)
        *options++ = '\0';
    const bool ok = open_file(s, path, err) && set_up(s, options, err);
    free(path);
    if (ok)
        return &s->base;
    sqlite_close(&s->base);
    return NULL;
}
