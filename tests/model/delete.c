/* delete.c - mvc_delete_one, _many, mvc_remove and find_one_and_delete. */
#include "blog.h"

static mvc_error err;

static void deleting_counts(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1), post(db, "Bb", 1), post(db, "Cc", 2);
    const mvc_filter *ones = mvc_where(db, "{views: 1}");
    assert_int_equal(mvc_delete_one(db, &post_model, ones, &err), 1);
    assert_string_equal(titles(db, NULL, NULL), "Bb Cc");
    assert_int_equal(mvc_delete_many(db, &post_model, ones, &err), 1);
    assert_int_equal(mvc_last_result(db).deleted, 1);
    assert_int_equal(mvc_delete_many(db, &post_model, ones, &err), 0);
}

static void deleting_everything_has_to_be_said(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1);
    assert_int_equal(mvc_delete_many(db, &post_model, NULL, &err), -1);
    assert_int_equal(err.status, MVC_MISUSE);
    assert_int_equal(
        mvc_delete_many(db, &post_model, mvc_where(db, "{}"), &err), -1);
    assert_int_equal(mvc_delete_one(db, &post_model, NULL, &err), -1);
    assert_int_equal(mvc_count(db, &post_model, NULL, NULL), 1);
    assert_int_equal(mvc_delete_many(db, &post_model, mvc_all(), &err), 1);
}

static void removing_by_id(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Aa", 1);
    assert_true(mvc_remove(db, &post_model, mvc_id(doc), &err));
    assert_false(mvc_remove(db, &post_model, mvc_id(doc), &err));
    assert_int_equal(err.status, MVC_NOT_FOUND);
    assert_false(mvc_remove(db, &post_model, NULL, &err));
}

static void find_one_and_delete_returns_it(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1), post(db, "Bb", 2);
    mvc_doc *doc =
        mvc_find_one_and_delete(db, &post_model, mvc_all(),
                                &(mvc_modify_options){.sort = "-views"}, &err);
    assert_string_equal(mvc_doc_text(doc, "title"), "Bb");
    assert_string_equal(titles(db, NULL, NULL), "Aa");
}

static bool delete_their_posts(mvc_db *db, mvc_doc *doc, mvc_error *e)
{
    return mvc_delete_many(db, &post_model,
                           mvc_where(db, "{author: %s}", mvc_id(doc)), e) >= 0;
}

static bool refuse(mvc_db *db, mvc_doc *doc, mvc_error *e)
{
    (void)db, (void)doc, (void)e;
    return false;
}

static void hooks_run_however_it_is_deleted(void **state)
{
    mvc_db *db = *state;
    mvc_model hooked = user_model;
    hooked.before_remove = delete_their_posts;
    for (int i = 0; i < 2; i++) {
        mvc_doc *user = saved(db, &hooked, mvc_make(db, "{name: 'Ann'}"));
        saved(db, &post_model,
              mvc_make(db, "{title: 'Aa', author: %s}", mvc_id(user)));
        if (i == 0)
            assert_true(mvc_remove(db, &hooked, mvc_id(user), &err));
        else
            assert_int_equal(mvc_delete_many(db, &hooked, mvc_all(), &err), 1);
        assert_int_equal(mvc_count(db, &post_model, NULL, NULL), 0);
    }
    saved(db, &hooked, mvc_make(db, "{name: 'Ann'}"));
    hooked.after_remove = refuse;
    assert_int_equal(mvc_delete_many(db, &hooked, mvc_all(), &err), -1);
    assert_string_equal(err.message, "User: refused by a hook");
    assert_int_equal(mvc_count(db, &hooked, NULL, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(deleting_counts),
        BLOG_TEST(deleting_everything_has_to_be_said),
        BLOG_TEST(removing_by_id),
        BLOG_TEST(find_one_and_delete_returns_it),
        BLOG_TEST(hooks_run_however_it_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
