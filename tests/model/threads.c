/* threads.c - many threads on one file, each with a handle from the pool. */
#include "blog.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 25 };

static mvc_pool *pool;
static atomic_int failures;

/* Each thread adds its own posts and counts up one they share. */
static void *work(void *argument)
{
    const char *name = argument;
    for (int i = 0; i < ROUNDS; i++) {
        mvc_error err;
        mvc_db *db = mvc_pool_take(pool, &err);
        if (!db) {
            failures++;
            continue;
        }
        mvc_doc *doc = mvc_make(db, "{title: %s, views: %d}", name, i);
        if (!mvc_save(db, &post_model, doc, &err) ||
            mvc_update_one(db, &post_model, mvc_where(db, "{slug: 'shared'}"),
                           mvc_change(db,
                                      "{$inc: {views: 1}, $push: {tags: "
                                      "%s}}",
                                      name),
                           &err) != 1 ||
            mvc_count(db, &post_model, mvc_where(db, "{title: /^t/}"), &err) <
                1) {
            fprintf(stderr, "%s: %s\n", name, err.message);
            failures++;
        }
        mvc_pool_give(pool, db);
    }
    return NULL;
}

static void no_update_is_lost(void **state)
{
    (void)state;
    const char *const files[] = {"threads.db", "threads.db-wal",
                                 "threads.db-shm"};
    for (int i = 0; i < 3; i++)
        unlink(files[i]);
    mvc_error err;
    pool = mvc_pool_open("sqlite:threads.db", &err);
    assert_non_null(pool);
    mvc_db *db = mvc_pool_take(pool, &err);
    assert_true(mvc_db_migrate(db, blog_models, &err));
    saved(db, &post_model, mvc_make(db, "{title: 'Shared', slug: 'shared'}"));
    mvc_pool_give(pool, db);

    pthread_t threads[THREADS];
    char names[THREADS][4];
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        assert_int_equal(pthread_create(&threads[i], NULL, work, names[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);

    db = mvc_pool_take(pool, &err);
    mvc_doc *shared = mvc_find_one(
        db, &post_model, mvc_where(db, "{slug: 'shared'}"), NULL, &err);
    assert_int_equal(mvc_doc_int(shared, "views"), THREADS * ROUNDS);
    assert_int_equal(json_object_array_length(mvc_doc_at(shared, "tags")),
                     THREADS * ROUNDS);
    assert_int_equal(mvc_count(db, &post_model, NULL, &err),
                     THREADS * ROUNDS + 1);
    mvc_pool_give(pool, db);
    mvc_pool_close(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_update_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
