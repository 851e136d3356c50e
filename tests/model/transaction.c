/* transaction.c - mvc_begin, mvc_commit, mvc_rollback and mvc_db_release. */
#include "blog.h"

static mvc_error err;

static void what_is_rolled_back_never_was(void **state)
{
    mvc_db *db = *state;
    assert_true(mvc_begin(db, &err));
    post(db, "Aa", 1);
    mvc_rollback(db);
    assert_string_equal(titles(db, NULL, NULL), "");
    assert_true(mvc_begin(db, &err));
    post(db, "Bb", 1);
    assert_true(mvc_commit(db, &err));
    assert_string_equal(titles(db, NULL, NULL), "Bb");
    assert_false(mvc_commit(db, &err));
    assert_int_equal(err.status, MVC_MISUSE);
    mvc_rollback(db); /* nothing to do */
}

static void transactions_nest(void **state)
{
    mvc_db *db = *state;
    mvc_begin(db, &err);
    post(db, "Aa", 1);
    mvc_begin(db, &err);
    post(db, "Bb", 1);
    mvc_rollback(db);
    mvc_begin(db, &err);
    post(db, "Cc", 1);
    mvc_commit(db, &err);
    mvc_commit(db, &err);
    assert_string_equal(titles(db, NULL, NULL), "Aa Cc");
}

static void a_failed_write_leaves_the_transaction_as_it_was(void **state)
{
    mvc_db *db = *state;
    mvc_begin(db, &err);
    post(db, "Aa", 1);
    mvc_doc *docs =
        mvc_doc_at(mvc_make(db, "{all: [{title: 'Bb'}, {title: ''}]}"), "all");
    assert_false(mvc_insert_many(db, &post_model, docs, &err));
    assert_true(mvc_commit(db, &err));
    assert_string_equal(titles(db, NULL, NULL), "Aa");
}

static void release_lets_go_of_everything(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1);
    mvc_doc *kept =
        json_object_get(mvc_find(db, &post_model, NULL, NULL, &err));
    mvc_begin(db, &err);
    post(db, "Bb", 1);
    mvc_cursor_open(db, &post_model, mvc_where(db, "{title: /x/}"), NULL, &err);
    mvc_db_release(db);
    assert_string_equal(titles(db, NULL, NULL), "Aa");
    assert_string_equal(mvc_doc_text(kept, "0.title"), "Aa");
    json_object_put(kept);
}

static void pools_lend_handles(void **state)
{
    (void)state;
    mvc_pool *pool = mvc_pool_open(":memory:", &err);
    assert_non_null(pool);
    mvc_db *db = mvc_pool_take(pool, &err);
    assert_true(mvc_db_migrate(db, blog_models, &err));
    post(db, "Aa", 1);
    /* Two at once see the same, though it is "in memory". */
    mvc_db *other = mvc_pool_take(pool, &err);
    assert_ptr_not_equal(other, db);
    assert_string_equal(titles(other, NULL, NULL), "Aa");
    mvc_pool_give(pool, db);
    mvc_pool_give(pool, other);
    mvc_pool_close(pool);
    assert_null(mvc_db_open(":memory:?sync=no", &err));
    assert_int_equal(err.status, MVC_MISUSE);
    assert_null(mvc_pool_open("/nowhere/at/all/x.db", &err));
    assert_int_equal(err.status, MVC_DB_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(what_is_rolled_back_never_was),
        BLOG_TEST(transactions_nest),
        BLOG_TEST(a_failed_write_leaves_the_transaction_as_it_was),
        BLOG_TEST(release_lets_go_of_everything),
        cmocka_unit_test(pools_lend_handles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
