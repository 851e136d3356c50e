/* db.c - opens handles, keeps what they give out, and pools them. */
#include "model/db.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cursor.h"
#include "model/pattern.h"
#include "model/schema.h"
#include "model/store.h"
#include "model/time.h"

static _Atomic(mvc__date_maker) date_maker;

void mvc__set_date_maker(mvc__date_maker make)
{
    atomic_store(&date_maker, make);
}

json_object *mvc__make_date(double ms)
{
    const mvc__date_maker make = atomic_load(&date_maker);
    if (make)
        return make(ms);
    char text[MVC__TIME_SIZE];
    mvc__time_format(ms, text);
    return json_object_new_string(text);
}

json_object *mvc__keep(mvc_db *db, json_object *value)
{
    if (db->n_kept == db->capacity) {
        const size_t capacity = db->capacity ? db->capacity * 2 : 16;
        json_object **kept = realloc(db->kept, capacity * sizeof *kept);
        if (!kept) {
            json_object_put(value);
            return NULL;
        }
        db->kept = kept;
        db->capacity = capacity;
    }
    db->kept[db->n_kept++] = value;
    return value;
}

/* What a URL names for SQLite; NULL when it is another database's. */
static const char *sqlite_path(const char *url)
{
    if (strncmp(url, "sqlite:", 7) == 0) {
        url += 7;
        return strncmp(url, "//", 2) == 0 ? url + 2 : url;
    }
    return strstr(url, "://") ? NULL : url;
}

mvc_db *mvc_db_open(const char *url, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const char *path = url ? sqlite_path(url) : NULL;
    if (!path || !*path) {
        mvc__fail(err, MVC_MISUSE,
                  "cannot open '%s': expected a file path, \"sqlite:PATH\" or "
                  "\":memory:\"",
                  url ? url : "");
        return NULL;
    }
    mvc_db *db = calloc(1, sizeof *db);
    if (!db) {
        mvc__no_memory(err);
        return NULL;
    }
    base_arena_init(&db->arena, 0);
    db->store = mvc__sqlite_open(path, err);
    if (!db->store) {
        free(db);
        return NULL;
    }
    return db;
}

void mvc_db_release(mvc_db *db)
{
    while (db->cursors)
        mvc_cursor_close(db->cursors);
    while (db->depth > 0)
        mvc_rollback(db);
    for (size_t i = 0; i < db->n_kept; i++)
        json_object_put(db->kept[i]);
    db->n_kept = 0;
    mvc__patterns_free(&db->patterns);
    base_arena_reset(&db->arena, 64 * 1024);
}

void mvc_db_close(mvc_db *db)
{
    if (!db)
        return;
    mvc_db_release(db);
    db->store->api->close(db->store);
    base_arena_free(&db->arena);
    free(db->kept);
    free(db);
}

const mvc_error *mvc_db_problem(const mvc_db *db)
{
    return &db->problem;
}

mvc_result mvc_last_result(const mvc_db *db)
{
    return db->result;
}

mvc_doc *mvc_before(mvc_db *db)
{
    return db->before;
}

/* One step of a migration for each model. */
typedef struct migration {
    const mvc_model *const *models;
    bool drop;
} migration;

static bool migrate(mvc_db *db, void *context, mvc_error *err)
{
    const migration *m = context;
    const mvc__store_api *api = db->store->api;
    for (size_t i = 0; m->models[i]; i++)
        if (!mvc__schema_check(m->models[i], err) ||
            !(m->drop ? api->drop : api->migrate)(db->store, m->models[i], err))
            return false;
    return true;
}

/* In one transaction: workers that start together take turns. */
static bool migrate_all(mvc_db *db, const mvc_model *const models[], bool drop,
                        mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const bool ok =
        mvc__atomically(db, migrate, &(migration){models, drop}, err);
    mvc__leave(db, err);
    return ok;
}

bool mvc_db_migrate(mvc_db *db, const mvc_model *const models[], mvc_error *err)
{
    return migrate_all(db, models, false, err);
}

bool mvc_db_drop(mvc_db *db, const mvc_model *const models[], mvc_error *err)
{
    return migrate_all(db, models, true, err);
}

bool mvc_db_exec(mvc_db *db, const char *sql, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const bool ok = db->store->api->exec(db->store, sql, err);
    mvc__leave(db, err);
    return ok;
}

mvc_doc *mvc_db_query(mvc_db *db, const char *sql, mvc_doc *values,
                      mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    json_object *rows = NULL;
    if (values && !json_object_is_type(values, json_type_array)) {
        mvc__fail(err, MVC_MISUSE, "a query's values must be an array");
    } else {
        rows = db->store->api->query(db->store, sql, values, err);
        if (rows && !mvc__keep(db, rows)) {
            rows = NULL;
            mvc__no_memory(err);
        }
    }
    mvc__leave(db, err);
    return rows;
}

/* transactions ------------------------------------------------------------- */

static bool begin(mvc_db *db, mvc_error *err)
{
    if (!db->store->api->begin(db->store, db->depth, err))
        return false;
    db->depth++;
    return true;
}

/* A commit that fails leaves nothing open: it is rolled back. */
static bool commit(mvc_db *db, mvc_error *err)
{
    if (db->depth == 0)
        return mvc__fail(err, MVC_MISUSE, "commit without a begin");
    if (!db->store->api->commit(db->store, db->depth - 1, err)) {
        mvc_rollback(db);
        return false;
    }
    db->depth--;
    return true;
}

bool mvc_begin(mvc_db *db, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const bool ok = begin(db, err);
    mvc__leave(db, err);
    return ok;
}

bool mvc_commit(mvc_db *db, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const bool ok = commit(db, err);
    mvc__leave(db, err);
    return ok;
}

void mvc_rollback(mvc_db *db)
{
    if (db->depth == 0)
        return;
    db->depth--;
    db->store->api->rollback(db->store, db->depth);
}

bool mvc__atomically(mvc_db *db, mvc__work work, void *context, mvc_error *err)
{
    if (!begin(db, err))
        return false;
    const size_t depth = db->depth;
    const bool ok = work(db, context, err);
    while (db->depth > depth) /* a hook forgot one */
        mvc_rollback(db);
    if (ok && db->depth == depth)
        return commit(db, err);
    if (db->depth == depth)
        mvc_rollback(db);
    return ok ? mvc__fail(err, MVC_MISUSE,
                          "a hook ended a transaction it had not begun")
              : false;
}

/* pools -------------------------------------------------------------------- */

struct mvc_pool {
    pthread_mutex_t lock;
    char *url;
    char *temporary; /* a file to delete at the end, or NULL */
    mvc_db **idle;
    size_t n_idle, capacity;
};

/*
 * A database in memory belongs to one connection, and a pool has several: it
 * gets a file that lasts as long as the pool.
 */
static bool make_temporary(mvc_pool *pool, mvc_error *err)
{
    static const char options[] = "?synchronous=off";
    const char *folder = getenv("TMPDIR");
    const size_t room = strlen(folder ? folder : "") + 64;
    pool->temporary = malloc(room);
    pool->url = malloc(room + sizeof options);
    if (!pool->temporary || !pool->url)
        return mvc__no_memory(err);
    snprintf(pool->temporary, room, "%s/mvc-XXXXXX.db",
             folder && *folder ? folder : "/tmp");
    const int file = mkstemps(pool->temporary, 3);
    if (file < 0) {
        mvc__fail(err, MVC_DB_ERROR, "cannot create '%s': %s", pool->temporary,
                  strerror(errno));
        free(pool->temporary);
        pool->temporary = NULL;
        return false;
    }
    close(file);
    snprintf(pool->url, room + sizeof options, "%s%s", pool->temporary,
             options);
    return true;
}

static void remove_temporary(const char *path)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    char name[4096];
    for (size_t i = 0; i < 3; i++)
        if ((size_t)snprintf(name, sizeof name, "%s%s", path, parts[i]) <
            sizeof name)
            unlink(name);
}

static bool set_url(mvc_pool *pool, const char *url, mvc_error *err)
{
    const char *path = url ? sqlite_path(url) : NULL;
    if (path && strcmp(path, ":memory:") == 0)
        return make_temporary(pool, err);
    pool->url = strdup(url ? url : "");
    return pool->url || mvc__no_memory(err);
}

mvc_pool *mvc_pool_open(const char *url, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    mvc_pool *pool = calloc(1, sizeof *pool);
    if (!pool) {
        mvc__no_memory(err);
        return NULL;
    }
    pthread_mutex_init(&pool->lock, NULL);
    /* Opens one at once: a wrong URL should fail now, not at a request. */
    mvc_db *db = set_url(pool, url, err) ? mvc_db_open(pool->url, err) : NULL;
    if (!db) {
        mvc_pool_close(pool);
        return NULL;
    }
    mvc_pool_give(pool, db);
    return pool;
}

mvc_db *mvc_pool_take(mvc_pool *pool, mvc_error *err)
{
    mvc_db *db = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->n_idle > 0)
        db = pool->idle[--pool->n_idle];
    pthread_mutex_unlock(&pool->lock);
    if (!db)
        return mvc_db_open(pool->url, err);
    if (err)
        mvc__enter(err, NULL);
    return db;
}

/* Under the lock: whether there is room to keep one more. */
static bool make_room(mvc_pool *pool)
{
    if (pool->n_idle < pool->capacity)
        return true;
    const size_t capacity = pool->capacity ? pool->capacity * 2 : 8;
    mvc_db **idle = realloc(pool->idle, capacity * sizeof(mvc_db *));
    if (!idle)
        return false;
    pool->idle = idle;
    pool->capacity = capacity;
    return true;
}

void mvc_pool_give(mvc_pool *pool, mvc_db *db)
{
    if (!db)
        return;
    mvc_db_release(db);
    pthread_mutex_lock(&pool->lock);
    const bool kept = make_room(pool);
    if (kept)
        pool->idle[pool->n_idle++] = db;
    pthread_mutex_unlock(&pool->lock);
    if (!kept)
        mvc_db_close(db);
}

void mvc_pool_close(mvc_pool *pool)
{
    if (!pool)
        return;
    while (pool->n_idle > 0)
        mvc_db_close(pool->idle[--pool->n_idle]);
    pthread_mutex_destroy(&pool->lock);
    if (pool->temporary)
        remove_temporary(pool->temporary);
    free(pool->temporary);
    free(pool->idle);
    free(pool->url);
    free(pool);
}
