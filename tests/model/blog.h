/* blog.h - the models that the tests of this folder share. */
#ifndef BLOG_H
#define BLOG_H

#include <json-c/json.h>
#include <mvc/model.h>
#include <string.h>

#include "unit/test.h"

static const mvc_field user_fields[] = {
    {.name = "name", .type = MVC_TEXT, .required = true, .trim = true},
    {.name = "email", .type = MVC_TEXT, .unique = true, .lowercase = true},
    {.name = "password", .type = MVC_TEXT, .hidden = true},
    {.name = "age", .type = MVC_INTEGER, .min = MVC_ZERO, .max = 150},
    {0},
};
static const mvc_model user_model = {
    .name = "User", .table = "users", .fields = user_fields};

static const mvc_field comment_fields[] = {
    {.name = "body", .type = MVC_TEXT, .required = true},
    {.name = "by", .type = MVC_REF, .ref = &user_model},
    {.name = "at", .type = MVC_TIME, .fallback = "now"},
    {0},
};
static const char *const states[] = {"draft", "published", NULL};
static const mvc_field post_fields[] = {
    {.name = "title",
     .type = MVC_TEXT,
     .required = true,
     .min = 2,
     .max = 20,
     .trim = true},
    {.name = "state",
     .type = MVC_TEXT,
     .one_of = states,
     .fallback = "\"draft\""},
    {.name = "views", .type = MVC_INTEGER, .fallback = "0", .index = true},
    {.name = "score", .type = MVC_REAL},
    {.name = "shown", .type = MVC_BOOLEAN},
    {.name = "slug", .type = MVC_TEXT, .immutable = true, .unique = true},
    {.name = "tags", .type = MVC_ARRAY, .of = MVC_TEXT},
    {.name = "author", .type = MVC_REF, .ref = &user_model, .index = true},
    {.name = "readers", .type = MVC_ARRAY, .of = MVC_REF, .ref = &user_model},
    {.name = "comments", .type = MVC_ARRAY, .fields = comment_fields},
    {.name = "extra", .type = MVC_JSON},
    {0},
};
static const mvc_index post_indexes[] = {{.fields = "author -createdAt"}, {0}};
static const mvc_model post_model = {.name = "Post",
                                     .table = "posts",
                                     .fields = post_fields,
                                     .indexes = post_indexes,
                                     .timestamps = true};

static const mvc_model *const blog_models[] = {&user_model, &post_model, NULL};

/* A migrated database in memory, for cmocka's setup and teardown. */
static inline int open_blog(void **state)
{
    mvc_error err;
    mvc_db *db = mvc_db_open(":memory:", &err);
    *state = db;
    return db && mvc_db_migrate(db, blog_models, &err) ? 0 : -1;
}

static inline int close_blog(void **state)
{
    mvc_db_close(*state);
    return 0;
}

#define BLOG_TEST(f) cmocka_unit_test_setup_teardown(f, open_blog, close_blog)

static inline const char *json_of(mvc_doc *doc)
{
    return json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN);
}

/* Saves a document, which has to succeed, and gives it back. */
static inline mvc_doc *saved(mvc_db *db, const mvc_model *model, mvc_doc *doc)
{
    mvc_error err;
    assert_non_null(doc);
    if (!mvc_save(db, model, doc, &err))
        fail_msg("%s", err.message);
    return doc;
}

/* A post of that title. */
static inline mvc_doc *post(mvc_db *db, const char *title, int views)
{
    return saved(db, &post_model,
                 mvc_make(db, "{title: %s, views: %d}", title, views));
}

/* The titles of the posts found, with blanks between. */
static inline const char *titles(mvc_db *db, const mvc_filter *filter,
                                 const char *sort)
{
    static char out[512];
    mvc_error err;
    mvc_doc *docs = mvc_find(db, &post_model, filter,
                             &(mvc_find_options){.sort = sort}, &err);
    out[0] = '\0';
    if (!docs)
        return strcpy(out, err.message);
    for (size_t i = 0; i < json_object_array_length(docs); i++) {
        strcat(out, i ? " " : "");
        strcat(out, mvc_doc_text(json_object_array_get_idx(docs, i), "title"));
    }
    return out;
}

#endif
