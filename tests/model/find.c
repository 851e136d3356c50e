/* find.c - mvc_find and its options, find_one, count, distinct, cursors. */
#include "blog.h"

#include <math.h>

static void the_order_is_by_age_or_as_asked(void **state)
{
    mvc_db *db = *state;
    post(db, "Bb", 2), post(db, "Aa", 1), post(db, "Cc", 2);
    assert_string_equal(titles(db, NULL, NULL), "Bb Aa Cc");
    assert_string_equal(titles(db, NULL, "title"), "Aa Bb Cc");
    assert_string_equal(titles(db, NULL, "-views -title"), "Cc Bb Aa");
    assert_string_equal(titles(db, NULL, "_id"), "Bb Aa Cc");
    assert_string_equal(titles(db, NULL, "-id"), "Cc Aa Bb");
    assert_string_equal(titles(db, NULL, "extra.rank -title"), "Cc Bb Aa");
}

static void skip_and_limit_page(void **state)
{
    mvc_db *db = *state;
    for (int i = 0; i < 5; i++)
        post(db, (const char *[]){"P0", "P1", "P2", "P3", "P4"}[i], i);
    mvc_doc *page = mvc_find(
        db, &post_model, NULL,
        &(mvc_find_options){.sort = "-views", .skip = 1, .limit = 2}, NULL);
    assert_int_equal(json_object_array_length(page), 2);
    assert_string_equal(mvc_doc_text(page, "0.title"), "P3");
    page =
        mvc_find(db, &post_model, NULL, &(mvc_find_options){.skip = 4}, NULL);
    assert_int_equal(json_object_array_length(page), 1);
    mvc_error err;
    assert_null(mvc_find(db, &post_model, NULL,
                         &(mvc_find_options){.limit = -1}, &err));
    assert_int_equal(err.status, MVC_MISUSE);
}

static const char *selected(mvc_db *db, const char *select)
{
    mvc_doc *doc = mvc_find_one(db, &post_model, NULL,
                                &(mvc_find_options){.select = select}, NULL);
    json_object_object_del(doc, "id");
    json_object_object_del(doc, "createdAt");
    json_object_object_del(doc, "updatedAt");
    return json_of(doc);
}

static void select_shows_or_leaves_out(void **state)
{
    mvc_db *db = *state;
    saved(db, &post_model,
          mvc_make(db, "{title: 'Tt', views: 1, comments: [{body: 'b'}], "
                       "extra: {a: 1, b: {c: 2, d: 3}}}"));
    assert_string_equal(selected(db, "title views"),
                        "{\"title\":\"Tt\",\"views\":1}");
    assert_string_equal(selected(db, "-state -tags -readers -comments -views"),
                        "{\"title\":\"Tt\",\"extra\":{\"a\":1,\"b\":{\"c\":2,"
                        "\"d\":3}}}");
    assert_string_equal(selected(db, "extra.b.c"),
                        "{\"extra\":{\"b\":{\"c\":2}}}");
    assert_string_equal(selected(db, "comments.body"),
                        "{\"comments\":[{\"body\":\"b\"}]}");
    mvc_error err;
    assert_null(mvc_find(db, &post_model, NULL,
                         &(mvc_find_options){.select = "title -views"}, &err));
    assert_int_equal(err.status, MVC_MISUSE);
}

static void by_id_finds_it_or_says_not_found(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    mvc_doc *doc = post(db, "Tt", 0);
    assert_non_null(mvc_find_by_id(db, &post_model, mvc_id(doc), &err));
    assert_int_equal(err.status, MVC_OK);
    const char *const wrong[] = {"", "zz", "507f1f77bcf86cd799439011",
                                 "'; DROP TABLE posts; --", NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(mvc_find_by_id(db, &post_model, wrong[i], &err));
        assert_int_equal(err.status, MVC_NOT_FOUND);
        assert_int_equal(mvc_db_problem(db)->status, MVC_NOT_FOUND);
    }
}

static void counting_and_existing(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    post(db, "Aa", 1), post(db, "Bb", 2);
    assert_int_equal(mvc_count(db, &post_model, NULL, &err), 2);
    assert_int_equal(
        mvc_count(db, &post_model, mvc_where(db, "{title: /b/i}"), &err), 1);
    assert_true(mvc_exists(db, &post_model, mvc_where(db, "{views: 2}"), &err));
    assert_false(
        mvc_exists(db, &post_model, mvc_where(db, "{views: 3}"), &err));
    assert_int_equal(err.status, MVC_OK);
}

static void distinct_values_are_sorted(void **state)
{
    mvc_db *db = *state;
    saved(db, &post_model, mvc_make(db, "{title: 'Aa', tags: ['y', 'x']}"));
    saved(db, &post_model, mvc_make(db, "{title: 'Bb', tags: ['x', 'z']}"));
    assert_string_equal(
        json_of(mvc_distinct(db, &post_model, "tags", NULL, NULL)),
        "[\"x\",\"y\",\"z\"]");
    assert_string_equal(
        json_of(mvc_distinct(db, &post_model, "tags",
                             mvc_where(db, "{title: 'Bb'}"), NULL)),
        "[\"x\",\"z\"]");
}

static void a_cursor_gives_one_at_a_time(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    for (int i = 0; i < 100; i++)
        post(db, "Pp", i);
    mvc_cursor *cursor = mvc_cursor_open(
        db, &post_model, mvc_where(db, "{views: {$gte: 50}}"),
        &(mvc_find_options){.sort = "-views", .select = "views"}, &err);
    int n = 0;
    for (mvc_doc *doc; (doc = mvc_cursor_next(cursor, &err));) {
        assert_int_equal(mvc_doc_int(doc, "views"), 99 - n++);
        /* Others may be read meanwhile, by the same statement too. */
        assert_int_equal(mvc_count(db, &post_model, NULL, NULL), 100);
    }
    assert_int_equal(err.status, MVC_OK);
    assert_int_equal(n, 50);
    mvc_cursor_close(cursor);
    /* One that is left open goes with the handle. */
    cursor = mvc_cursor_open(db, &post_model, NULL, NULL, &err);
    assert_non_null(mvc_cursor_next(cursor, &err));
}

static void raw_sql_binds_its_values(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    post(db, "Aa", 1), post(db, "Bb", 2);
    mvc_doc *values = mvc_doc_at(mvc_make(db, "{v: [1]}"), "v");
    mvc_doc *rows = mvc_db_query(
        db,
        "SELECT count(*) AS n, 0.5 AS half, NULL AS none, 'x' AS text FROM "
        "posts WHERE json_extract(body, '$.views') > ?1",
        values, &err);
    assert_string_equal(
        json_of(rows), "[{\"n\":1,\"half\":0.5,\"none\":null,\"text\":\"x\"}]");
    assert_null(mvc_db_query(db, "SELECT ?1", NULL, &err));
    assert_int_equal(err.status, MVC_MISUSE);
    assert_null(mvc_db_query(db, "SELEKT", NULL, &err));
    assert_int_equal(err.status, MVC_DB_ERROR);
    assert_false(mvc_db_exec(db, "nonsense", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(the_order_is_by_age_or_as_asked),
        BLOG_TEST(skip_and_limit_page),
        BLOG_TEST(select_shows_or_leaves_out),
        BLOG_TEST(by_id_finds_it_or_says_not_found),
        BLOG_TEST(counting_and_existing),
        BLOG_TEST(distinct_values_are_sorted),
        BLOG_TEST(a_cursor_gives_one_at_a_time),
        BLOG_TEST(raw_sql_binds_its_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
