/* save.c - mvc_save, mvc_insert, mvc_insert_many and the hooks around them. */
#include "blog.h"

static void a_new_document_gets_id_defaults_and_times(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, " Hello ", 3);
    assert_int_equal(strlen(mvc_id(doc)), 24);
    assert_string_equal(mvc_doc_text(doc, "title"), "Hello");
    assert_string_equal(mvc_doc_text(doc, "state"), "draft");
    assert_int_equal(json_object_array_length(mvc_doc_at(doc, "tags")), 0);
    assert_true(mvc_doc_time(doc, "createdAt") > 1e12);
    assert_true(mvc_doc_time(doc, "createdAt") ==
                mvc_doc_time(doc, "updatedAt"));
    assert_int_equal(mvc_last_result(db).inserted, 1);
}

static void it_reads_back_the_same(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = saved(
        db, &post_model,
        mvc_make(
            db, "{title: 'q\"\\\\\\u00e9\\n', views: -7, score: 0.5, shown: "
                "true, tags: ['a', 'b'], extra: {deep: [1, null, {x: 2.5}]}}"));
    mvc_doc *again = mvc_find_by_id(db, &post_model, mvc_id(doc), NULL);
    assert_string_equal(json_of(again), json_of(doc));
}

static void members_outside_the_schema_are_dropped(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc =
        saved(db, &user_model, mvc_make(db, "{name: 'Ann', admin: true}"));
    assert_null(mvc_doc_at(doc, "admin"));
}

static void an_edit_keeps_what_it_does_not_name(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Before", 3);
    mvc_doc *form =
        mvc_make(db, "{id: %s, title: 'After', views: '12'}", mvc_id(doc));
    saved(db, &post_model, form);
    assert_int_equal(mvc_doc_int(form, "views"), 12);
    assert_string_equal(mvc_doc_text(form, "state"), "draft");
    assert_string_equal(mvc_doc_text(form, "createdAt"),
                        mvc_doc_text(doc, "createdAt"));
    assert_int_equal(mvc_last_result(db).modified, 1);
    assert_int_equal(mvc_count(db, &post_model, NULL, NULL), 1);
}

static void saving_an_unknown_id_finds_nothing(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    mvc_doc *doc =
        mvc_make(db, "{id: '507f1f77bcf86cd799439011', title: 'Xx'}");
    assert_false(mvc_save(db, &post_model, doc, &err));
    assert_int_equal(err.status, MVC_NOT_FOUND);
    assert_true(mvc_insert(db, &post_model, doc, &err));
    assert_false(mvc_insert(db, &post_model, doc, &err));
    assert_int_equal(err.status, MVC_CONFLICT);
    assert_non_null(mvc_error_of(&err, "id"));
}

static void a_taken_unique_value_names_its_field(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    saved(db, &user_model, mvc_make(db, "{name: 'A', email: 'a@x.org'}"));
    mvc_doc *doc = mvc_make(db, "{name: 'B', email: 'A@x.org'}");
    assert_false(mvc_save(db, &user_model, doc, &err));
    assert_int_equal(err.status, MVC_CONFLICT);
    assert_string_equal(mvc_error_of(&err, "email"),
                        "Path `email` (`a@x.org`) is already taken.");
    assert_string_equal(db ? mvc_db_problem(db)->message : "", err.message);
    assert_null(mvc_id(doc)); /* so that the next save inserts */
    /* Documents without the value do not conflict. */
    saved(db, &user_model, mvc_make(db, "{name: 'C'}"));
    saved(db, &user_model, mvc_make(db, "{name: 'D'}"));
}

static void an_immutable_field_keeps_its_first_value(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc =
        saved(db, &post_model, mvc_make(db, "{title: 'Xx', slug: 'one'}"));
    mvc_doc_set_text(doc, "slug", "two");
    mvc_doc_set_text(doc, "createdAt", "2001-01-01");
    saved(db, &post_model, doc);
    assert_string_equal(mvc_doc_text(doc, "slug"), "one");
    assert_true(mvc_doc_time(doc, "createdAt") > 1.7e12);
}

static void hidden_fields_come_only_when_asked_for(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc =
        saved(db, &user_model, mvc_make(db, "{name: 'Ann', password: 'hash'}"));
    mvc_doc *found = mvc_find_by_id(db, &user_model, mvc_id(doc), NULL);
    assert_null(mvc_doc_at(found, "password"));
    mvc_doc_set_int(found, "age", 30);
    saved(db, &user_model, found);
    assert_null(mvc_doc_at(found, "password"));
    found = mvc_find_one(db, &user_model, NULL,
                         &(mvc_find_options){.select = "+password"}, NULL);
    assert_string_equal(mvc_doc_text(found, "password"), "hash");
    assert_int_equal(mvc_doc_int(found, "age"), 30);
}

static void insert_many_is_all_or_nothing(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    mvc_doc *docs = mvc_doc_at(
        mvc_make(db, "{all: [{title: 'One'}, {title: 'Two'}, {title: ''}]}"),
        "all");
    assert_false(mvc_insert_many(db, &post_model, docs, &err));
    assert_int_equal(mvc_count(db, &post_model, NULL, NULL), 0);
    assert_int_equal(mvc_last_result(db).inserted, 0);
    mvc_doc_set_text(json_object_array_get_idx(docs, 2), "title", "Three");
    assert_true(mvc_insert_many(db, &post_model, docs, &err));
    assert_int_equal(mvc_last_result(db).inserted, 3);
    assert_string_equal(titles(db, NULL, NULL), "One Two Three");
}

/* hooks ---------------------------------------------------------------------
 */

static bool hash_password(mvc_db *db, mvc_doc *doc, mvc_error *err)
{
    (void)err;
    return !mvc_is_changed(db, doc, "password") ||
           mvc_doc_set_text(doc, "password", "hashed");
}

static bool refuse_root(mvc_db *db, mvc_doc *doc, mvc_error *err)
{
    (void)db;
    if (strcmp(mvc_doc_text(doc, "name"), "root") == 0)
        return mvc_invalid(err, "name", "`%s` is reserved", "root");
    return true;
}

static bool write_post(mvc_db *db, mvc_doc *doc, mvc_error *err)
{
    mvc_doc *greeting = mvc_make(db, "{title: %s, author: %s}",
                                 mvc_doc_text(doc, "name"), mvc_id(doc));
    return mvc_save(db, &post_model, greeting, err);
}

static void hooks_change_refuse_and_write(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    mvc_model hooked = user_model;
    hooked.before_save = hash_password;
    hooked.before_validate = refuse_root;
    hooked.after_save = write_post;

    mvc_doc *doc =
        saved(db, &hooked, mvc_make(db, "{name: 'Ann', password: 'secret'}"));
    assert_string_equal(mvc_doc_text(doc, "password"), "hashed");
    assert_string_equal(titles(db, NULL, NULL), "Ann");

    /* The stored hash is not hashed again. */
    mvc_doc_set_int(doc, "age", 4);
    hooked.after_save = NULL;
    saved(db, &hooked, doc);
    assert_string_equal(mvc_doc_text(doc, "password"), "hashed");

    doc = mvc_make(db, "{name: 'root'}");
    assert_false(mvc_save(db, &hooked, doc, &err));
    assert_string_equal(mvc_error_of(&err, "name"), "`root` is reserved");
    assert_string_equal(err.message,
                        "User validation failed: name: `root` is reserved");

    /* A hook that fails after the fact undoes the fact: "X" is too short. */
    hooked.after_save = write_post;
    doc = mvc_make(db, "{name: 'X'}");
    assert_false(mvc_save(db, &hooked, doc, &err));
    assert_int_equal(mvc_count(db, &hooked, NULL, NULL), 1);
}

static void unclean_values_are_refused(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    mvc_doc *doc = mvc_make(db, "{title: 'Xx'}");
    mvc_doc_set(doc, "extra", json_tokener_parse("{\"$where\": 1}"));
    assert_false(mvc_save(db, &post_model, doc, &err));
    assert_non_null(mvc_error_of(&err, "extra"));
    mvc_doc_set(doc, "extra", json_tokener_parse("{\"a.b\": 1}"));
    assert_false(mvc_save(db, &post_model, doc, &err));
    mvc_doc_set(doc, "extra", NULL);
    mvc_doc_set(doc, "title", json_object_new_string_len("a\0b", 3));
    assert_false(mvc_save(db, &post_model, doc, &err));
    mvc_doc_set_text(doc, "title", "\xff\xfe");
    assert_false(mvc_save(db, &post_model, doc, &err));
    assert_non_null(mvc_error_of(&err, "title"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(a_new_document_gets_id_defaults_and_times),
        BLOG_TEST(it_reads_back_the_same),
        BLOG_TEST(members_outside_the_schema_are_dropped),
        BLOG_TEST(an_edit_keeps_what_it_does_not_name),
        BLOG_TEST(saving_an_unknown_id_finds_nothing),
        BLOG_TEST(a_taken_unique_value_names_its_field),
        BLOG_TEST(an_immutable_field_keeps_its_first_value),
        BLOG_TEST(hidden_fields_come_only_when_asked_for),
        BLOG_TEST(insert_many_is_all_or_nothing),
        BLOG_TEST(hooks_change_refuse_and_write),
        BLOG_TEST(unclean_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
