/* change.c - mvc_change and the calls that take an update. */
#include "blog.h"

static mvc_error err;

static void counts_are_mongodbs(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1), post(db, "Bb", 1), post(db, "Cc", 2);
    const mvc_filter *ones = mvc_where(db, "{views: 1}");
    assert_int_equal(mvc_update_many(db, &post_model, ones,
                                     mvc_change(db, "{$set: {views: 1}}"),
                                     &err),
                     2);
    assert_int_equal(mvc_last_result(db).modified, 0);
    assert_int_equal(mvc_update_one(db, &post_model, ones,
                                    mvc_change(db, "{$inc: {views: %d}}", 9),
                                    &err),
                     1);
    assert_int_equal(mvc_last_result(db).modified, 1);
    assert_string_equal(titles(db, mvc_where(db, "{views: 10}"), NULL), "Aa");
    assert_int_equal(mvc_update_one(db, &post_model,
                                    mvc_where(db, "{views: 99}"),
                                    mvc_change(db, "{views: 1}"), &err),
                     0);
    assert_int_equal(err.status, MVC_OK);
}

static void values_are_cast_and_checked(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Aa", 1);
    const mvc_filter *it = mvc_where(db, "{id: %s}", mvc_id(doc));
    assert_int_equal(
        mvc_update_one(db, &post_model, it,
                       mvc_change(db, "{$set: {views: '7', state: 'odd'}}"),
                       &err),
        -1);
    assert_string_equal(mvc_error_of(&err, "state"),
                        "`odd` is not a valid enum value for path `state`.");
    assert_int_equal(
        mvc_update_one(db, &post_model, it,
                       mvc_change(db,
                                  "{$set: {views: '7'}, $push: {comments: "
                                  "{body: %s}}}",
                                  "hi"),
                       &err),
        1);
    doc = mvc_find_by_id(db, &post_model, mvc_id(doc), NULL);
    assert_int_equal(mvc_doc_int(doc, "views"), 7);
    assert_string_equal(mvc_doc_text(doc, "comments.0.body"), "hi");
    assert_non_null(mvc_doc_text(doc, "comments.0.at"));
    assert_int_equal(mvc_update_one(db, &post_model, it,
                                    mvc_change(db, "{$unset: {title: 1}}"),
                                    &err),
                     -1);
    assert_string_equal(mvc_error_of(&err, "title"),
                        "Path `title` is required.");
}

static void an_old_problem_elsewhere_is_no_obstacle(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Aa", 1);
    mvc_db_exec(db, "UPDATE posts SET body = json_set(body, '$.title', '')",
                NULL);
    assert_int_equal(mvc_update_one(db, &post_model, mvc_all(),
                                    mvc_change(db, "{views: 2}"), &err),
                     1);
    assert_int_equal(
        mvc_doc_int(mvc_find_by_id(db, &post_model, mvc_id(doc), NULL),
                    "views"),
        2);
}

static void what_cannot_be_changed_is_refused(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1);
    static const struct {
        const char *update, *message;
    } cases[] = {
        {"{$inc: {title: 1}}", "$inc: 'title' is not a number"},
        {"{$push: {title: 1}}", "$push: 'title' is not an array"},
        {"{$set: {'title.x': 1}}",
         "$set: cannot create 'title.x' within what is no document"},
        {"{$set: {'tags.9999999': 1}}",
         "$set: cannot create 'tags.9999999' within what is no document"},
        {"{$set: {id: 'x'}}", "the id of a document never changes"},
        {"{$unset: {_id: 1}}", "the id of a document never changes"},
        {"{$set: {'a.$': 1}}", "'a.$' is no path: expected names and indexes "
                               "with dots between"},
        {"{$set: {a: 1}, $inc: {'a.b': 1}}",
         "updating 'a.b' twice would create a conflict"},
        {"{$foo: {a: 1}}", "unknown update operator '$foo'"},
        {"{$pop: {a: 3}}", "$pop: expected 1 or -1"},
        {"{$push: {a: {$slice: 1}}}", "$push: expected $each"},
        {"{$set: 5}", "$set: expected an object of paths"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const mvc_update *update = mvc_change(db, "%s", "");
        assert_int_equal(
            mvc_update_one(db, &post_model, mvc_all(), update, &err), -1);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
        update = mvc_change(db, cases[i].update);
#pragma GCC diagnostic pop
        assert_int_equal(
            mvc_update_one(db, &post_model, mvc_all(), update, &err), -1);
        assert_string_equal(err.message, cases[i].message);
    }
    mvc_update_one(db, &post_model, mvc_all(),
                   mvc_change(db, "{views: %lld}", 9223372036854775807ll),
                   &err);
    assert_int_equal(mvc_update_one(db, &post_model, mvc_all(),
                                    mvc_change(db, "{$inc: {views: 1}}"), &err),
                     -1);
    assert_string_equal(err.message, "$inc: 'views' would overflow");
}

static void a_write_without_a_condition_is_refused(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1);
    const mvc_update *update = mvc_change(db, "{views: 2}");
    const mvc_filter *empty[] = {NULL, mvc_where(db, "{}")};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            mvc_update_many(db, &post_model, empty[i], update, &err), -1);
        assert_int_equal(err.status, MVC_MISUSE);
    }
    assert_int_equal(mvc_update_many(db, &post_model, mvc_all(), update, &err),
                     1);
}

static void arrays(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Aa", 1);
    const mvc_filter *it = mvc_where(db, "{title: 'Aa'}");
#define TAGS_AFTER(change, tags)                                               \
    mvc_update_one(db, &post_model, it, mvc_change(db, change), &err);         \
    assert_string_equal(err.message, "");                                      \
    assert_string_equal(                                                       \
        json_of(mvc_doc_at(mvc_find_by_id(db, &post_model, mvc_id(doc), NULL), \
                           "tags")),                                           \
        tags)
    TAGS_AFTER("{$push: {tags: {$each: ['c', 'a', 'b'], $sort: 1}}}",
               "[\"a\",\"b\",\"c\"]");
    TAGS_AFTER("{$addToSet: {tags: 'a'}}", "[\"a\",\"b\",\"c\"]");
    TAGS_AFTER("{$addToSet: {tags: {$each: ['a', 'd', 'd', 5]}}}",
               "[\"a\",\"b\",\"c\",\"d\",\"5\"]");
    TAGS_AFTER("{$pull: {tags: {$in: ['a', 'd']}}}", "[\"b\",\"c\",\"5\"]");
    TAGS_AFTER("{$pull: {tags: 5}}", "[\"b\",\"c\"]");
    TAGS_AFTER("{$pull: {tags: /^c/}}", "[\"b\"]");
    TAGS_AFTER("{$push: {tags: {$each: ['x', 'y'], $position: 0, $slice: 2}}}",
               "[\"x\",\"y\"]");
    TAGS_AFTER("{$push: {tags: {$each: ['z'], $slice: -2}}}", "[\"y\",\"z\"]");
    TAGS_AFTER("{$push: {tags: {$each: [], $sort: -1}}}", "[\"z\",\"y\"]");
    TAGS_AFTER("{$pop: {tags: -1}}", "[\"y\"]");
    TAGS_AFTER("{$pullAll: {tags: ['y', 'q']}}", "[]");
#undef TAGS_AFTER
    mvc_update_one(db, &post_model, it,
                   mvc_change(db, "{$push: {comments: {$each: [{body: 'b'}, "
                                  "{body: 'a'}, {body: 'c'}], $sort: {body: "
                                  "-1}}}}"),
                   NULL);
    mvc_update_one(db, &post_model, it,
                   mvc_change(db, "{$pull: {comments: {body: 'b'}}, $set: "
                                  "{score: 1.5}}"),
                   NULL);
    doc = mvc_find_by_id(db, &post_model, mvc_id(doc), NULL);
    assert_string_equal(mvc_doc_text(doc, "comments.0.body"), "c");
    assert_string_equal(mvc_doc_text(doc, "comments.1.body"), "a");
}

static void upserting_starts_from_the_filter(void **state)
{
    mvc_db *db = *state;
    const mvc_filter *it = mvc_where(db, "{title: %s, views: {$gt: 3}}", "Up");
    const mvc_update *update =
        mvc_change(db, "{$inc: {views: 5}, $setOnInsert: {score: 1}}");
    assert_int_equal(mvc_upsert(db, &post_model, it, update, &err), 0);
    mvc_doc *doc =
        mvc_find_by_id(db, &post_model, mvc_last_result(db).upserted_id, &err);
    assert_string_equal(mvc_doc_text(doc, "title"), "Up");
    assert_string_equal(mvc_doc_text(doc, "state"), "draft");
    assert_int_equal(mvc_doc_int(doc, "views"), 5);
    assert_int_equal(mvc_upsert(db, &post_model, it, update, &err), 1);
    assert_string_equal(mvc_last_result(db).upserted_id, "");
    assert_int_equal(mvc_count(db, &post_model, NULL, NULL), 1);
}

static void find_one_and_update_returns_it(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1), post(db, "Bb", 2);
    const mvc_update *inc = mvc_change(db, "{$inc: {views: 10}}");
    mvc_doc *doc = mvc_find_one_and_update(
        db, &post_model, mvc_all(), inc,
        &(mvc_modify_options){.sort = "-views", .select = "views"}, &err);
    assert_int_equal(mvc_doc_int(doc, "views"), 12);
    assert_null(mvc_doc_at(doc, "title"));
    doc = mvc_find_one_and_update(db, &post_model,
                                  mvc_where(db, "{title: 'Aa'}"), inc,
                                  &(mvc_modify_options){.before = true}, &err);
    assert_int_equal(mvc_doc_int(doc, "views"), 1);
    const mvc_filter *none = mvc_where(db, "{title: 'Zz'}");
    assert_null(
        mvc_find_one_and_update(db, &post_model, none, inc, NULL, &err));
    assert_int_equal(err.status, MVC_NOT_FOUND);
    doc = mvc_find_one_and_update(db, &post_model, none, inc,
                                  &(mvc_modify_options){.upsert = true}, &err);
    assert_string_equal(mvc_doc_text(doc, "title"), "Zz");
}

static void replacing_leaves_the_id(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Aa", 1);
    mvc_doc *other = mvc_make(db, "{title: 'Bb', score: 2}");
    assert_int_equal(mvc_replace_one(db, &post_model,
                                     mvc_where(db, "{title: 'Aa'}"), other,
                                     &err),
                     1);
    mvc_doc *now = mvc_find_by_id(db, &post_model, mvc_id(doc), &err);
    assert_string_equal(mvc_doc_text(now, "title"), "Bb");
    assert_int_equal(mvc_doc_int(now, "views"), 0);
    now = mvc_find_one_and_replace(db, &post_model, mvc_where(db, "{score: 2}"),
                                   mvc_make(db, "{title: 'Cc'}"), NULL, &err);
    assert_string_equal(mvc_id(now), mvc_id(doc));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(counts_are_mongodbs),
        BLOG_TEST(values_are_cast_and_checked),
        BLOG_TEST(an_old_problem_elsewhere_is_no_obstacle),
        BLOG_TEST(what_cannot_be_changed_is_refused),
        BLOG_TEST(a_write_without_a_condition_is_refused),
        BLOG_TEST(arrays),
        BLOG_TEST(upserting_starts_from_the_filter),
        BLOG_TEST(find_one_and_update_returns_it),
        BLOG_TEST(replacing_leaves_the_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
