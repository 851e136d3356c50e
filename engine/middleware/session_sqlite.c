/* session_sqlite.c - sessions in a SQLite database, through the model layer. */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS sessions ("
    "id TEXT PRIMARY KEY, json TEXT NOT NULL, expires INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);"
    "DELETE FROM sessions WHERE expires <= unixepoch();";

/* Runs a statement with these values; NULL, or its rows as a new reference. */
static json_object *query(void *pool, const char *sql, json_object *values)
{
    mvc_db *db = mvc_pool_take(pool, NULL);
    json_object *rows =
        db ? json_object_get(mvc_db_query(db, sql, values, NULL)) : NULL;
    if (db)
        mvc_pool_give(pool, db);
    json_object_put(values);
    return rows;
}

static json_object *with_id(const char *id)
{
    json_object *values = json_object_new_array();
    json_object_array_add(values, json_object_new_string(id));
    return values;
}

static bool get(void *pool, const char *id, char **text)
{
    json_object *rows = query(pool,
                              "SELECT json FROM sessions WHERE id = ?1 AND "
                              "expires > unixepoch()",
                              with_id(id));
    json_object *row = rows ? json_object_array_get_idx(rows, 0) : NULL;
    json_object *json = NULL;
    if (row)
        json_object_object_get_ex(row, "json", &json);
    *text = json ? strdup(json_object_get_string(json)) : NULL;
    json_object_put(rows);
    return rows && (*text || !json);
}

static bool run(void *pool, const char *sql, json_object *values)
{
    json_object *rows = query(pool, sql, values);
    json_object_put(rows);
    return rows != NULL;
}

static bool set(void *pool, const char *id, const char *json, int64_t expires)
{
    json_object *values = with_id(id);
    json_object_array_add(values, json_object_new_string(json));
    json_object_array_add(values, json_object_new_int64(expires));
    return run(pool,
               "INSERT INTO sessions VALUES (?1, ?2, ?3) ON CONFLICT (id) DO "
               "UPDATE SET json = ?2, expires = ?3",
               values);
}

static bool touch(void *pool, const char *id, int64_t expires)
{
    json_object *values = with_id(id);
    json_object_array_add(values, json_object_new_int64(expires));
    return run(pool, "UPDATE sessions SET expires = ?2 WHERE id = ?1", values);
}

static bool destroy(void *pool, const char *id)
{
    return run(pool, "DELETE FROM sessions WHERE id = ?1", with_id(id));
}

mvc_session_store *mvc_sqlite_sessions(const char *url, mvc_error *err)
{
    mvc_pool *pool = mvc_pool_open(url, err);
    if (!pool)
        return NULL;
    mvc_session_store *store = malloc(sizeof *store);
    mvc_db *db = mvc_pool_take(pool, err);
    const bool ok = store && db && mvc_db_exec(db, schema, err);
    if (db)
        mvc_pool_give(pool, db);
    if (!ok) {
        free(store);
        mvc_pool_close(pool);
        return NULL;
    }
    *store = (mvc_session_store){get, set, touch, destroy, pool};
    return store;
}

void mvc_sqlite_sessions_close(mvc_session_store *store)
{
    if (!store)
        return;
    mvc_pool_close(store->data);
    free(store);
}
