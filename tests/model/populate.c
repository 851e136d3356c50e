/* populate.c - references replaced by their documents. */
#include "blog.h"

static mvc_error err;

static mvc_doc *user(mvc_db *db, const char *name)
{
    return saved(
        db, &user_model,
        mvc_make(db, "{name: %s, email: %s, password: 'x'}", name, name));
}

static void one_and_many_references(void **state)
{
    mvc_db *db = *state;
    mvc_doc *ann = user(db, "Ann"), *bob = user(db, "Bob");
    saved(db, &post_model,
          mvc_make(db,
                   "{title: 'Aa', author: %s, readers: [%s, %s], comments: "
                   "[{body: 'x', by: %s}, {body: 'y'}]}",
                   mvc_id(ann), mvc_id(bob), mvc_id(ann), mvc_id(bob)));
    mvc_doc *doc = mvc_find_one(
        db, &post_model, NULL,
        &(mvc_find_options){.populate = "author:name readers comments.by"},
        &err);
    assert_non_null(doc);
    assert_string_equal(mvc_doc_text(doc, "author.name"), "Ann");
    assert_null(mvc_doc_at(doc, "author.email"));
    assert_string_equal(mvc_doc_text(doc, "author.id"), mvc_id(ann));
    assert_string_equal(mvc_doc_text(doc, "readers.0.name"), "Bob");
    assert_string_equal(mvc_doc_text(doc, "readers.1.email"), "ann");
    assert_null(mvc_doc_at(doc, "readers.0.password"));
    assert_string_equal(mvc_doc_text(doc, "comments.0.by.name"), "Bob");
    /* Saving a populated document stores the ids again. */
    saved(db, &post_model, doc);
    doc = mvc_find_by_id(db, &post_model, mvc_id(doc), &err);
    assert_string_equal(mvc_doc_text(doc, "author"), mvc_id(ann));
    assert_string_equal(mvc_doc_text(doc, "readers.1"), mvc_id(ann));
}

static void a_reference_that_leads_nowhere(void **state)
{
    mvc_db *db = *state;
    mvc_doc *ann = user(db, "Ann");
    saved(db, &post_model,
          mvc_make(db,
                   "{title: 'Aa', author: 'gone', readers: ['gone', %s, "
                   "'lost']}",
                   mvc_id(ann)));
    mvc_doc *docs =
        mvc_find(db, &post_model, NULL,
                 &(mvc_find_options){.populate = "author readers"}, &err);
    assert_null(mvc_doc_at(docs, "0.author"));
    assert_int_equal(json_object_array_length(mvc_doc_at(docs, "0.readers")),
                     1);
    assert_string_equal(mvc_doc_text(docs, "0.readers.0.name"), "Ann");
}

static void a_path_through_a_reference(void **state)
{
    mvc_db *db = *state;
    mvc_doc *ann = user(db, "Ann");
    mvc_doc *aa = saved(db, &post_model,
                        mvc_make(db, "{title: 'Aa', author: %s}", mvc_id(ann)));
    const mvc_field fields[] = {
        {.name = "post", .type = MVC_REF, .ref = &post_model}, {0}};
    const mvc_model like = {.name = "Like", .table = "likes", .fields = fields};
    const mvc_model *const models[] = {&like, NULL};
    assert_true(mvc_db_migrate(db, models, &err));
    mvc_doc *doc = saved(db, &like, mvc_make(db, "{post: %s}", mvc_id(aa)));
    assert_true(mvc_populate(db, &like, doc, "post.author", &err));
    assert_string_equal(mvc_doc_text(doc, "post.author.name"), "Ann");
}

static void a_path_that_is_no_reference(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1);
    assert_null(mvc_find(db, &post_model, NULL,
                         &(mvc_find_options){.populate = "title"}, &err));
    assert_int_equal(err.status, MVC_MISUSE);
    assert_string_equal(err.message,
                        "populate \"title\": the schema has no such reference");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(one_and_many_references),
        BLOG_TEST(a_reference_that_leads_nowhere),
        BLOG_TEST(a_path_through_a_reference),
        BLOG_TEST(a_path_that_is_no_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
