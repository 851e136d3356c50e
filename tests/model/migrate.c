/* migrate.c - mvc_db_migrate, mvc_db_drop and what a schema may say. */
#include "blog.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static mvc_error err;

static const char *indexes_of(mvc_db *db, const char *table)
{
    static char out[512];
    mvc_doc *name = mvc_doc_at(mvc_make(db, "{v: [%s]}", table), "v");
    mvc_doc *rows = mvc_db_query(
        db,
        "SELECT group_concat(name, ' ') AS names FROM (SELECT name FROM "
        "sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql NOT NULL "
        "ORDER BY name)",
        name, &err);
    const char *names = mvc_doc_text(rows, "0.names");
    snprintf(out, sizeof out, "%s", names ? names : "");
    return out;
}

static void indexes_follow_the_schema(void **state)
{
    mvc_db *db = *state;
    assert_string_equal(
        indexes_of(db, "posts"),
        "mvc.posts.index.author mvc.posts.index.author,-createdAt "
        "mvc.posts.index.views mvc.posts.unique.slug");
    post(db, "Aa", 1);
    const mvc_field fewer[] = {
        {.name = "title", .type = MVC_TEXT, .index = true}, {0}};
    mvc_model changed = post_model;
    changed.fields = fewer;
    changed.indexes = NULL;
    const mvc_model *const models[] = {&changed, NULL};
    assert_true(mvc_db_migrate(db, models, &err));
    assert_true(mvc_db_migrate(db, models, &err));
    assert_string_equal(indexes_of(db, "posts"), "mvc.posts.index.title");
    assert_string_equal(titles(db, NULL, NULL), "Aa");
}

static void what_is_not_unique_cannot_become_so(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1), post(db, "Aa", 2);
    const mvc_field fields[] = {
        {.name = "title", .type = MVC_TEXT, .unique = true}, {0}};
    mvc_model changed = post_model;
    changed.fields = fields;
    changed.indexes = NULL;
    const mvc_model *const models[] = {&changed, NULL};
    const char *before = strdup(indexes_of(db, "posts"));
    assert_false(mvc_db_migrate(db, models, &err));
    assert_int_equal(err.status, MVC_CONFLICT);
    assert_string_equal(err.message, "Post: documents with the same 'title' "
                                     "exist, so it cannot be unique");
    assert_string_equal(indexes_of(db, "posts"), before);
    free((char *)before);
}

static void several_fields_may_be_unique_together(void **state)
{
    mvc_db *db = *state;
    const mvc_field city[] = {{.name = "zip", .type = MVC_INTEGER}, {0}};
    const mvc_field fields[] = {
        {.name = "a", .type = MVC_INTEGER},
        {.name = "at", .type = MVC_OBJECT, .fields = city},
        {0}};
    const mvc_index both[] = {{.fields = "a at.zip", .unique = true}, {0}};
    const mvc_model model = {
        .name = "Pair", .table = "pairs", .fields = fields, .indexes = both};
    const mvc_model *const models[] = {&model, NULL};
    assert_true(mvc_db_migrate(db, models, &err));
    saved(db, &model, mvc_make(db, "{a: 1, at: {zip: 2}}"));
    saved(db, &model, mvc_make(db, "{a: 1, at: {zip: 3}}"));
    assert_false(
        mvc_save(db, &model, mvc_make(db, "{a: 1, at: {zip: 3}}"), &err));
    assert_int_equal(err.status, MVC_CONFLICT);
    assert_string_equal(mvc_error_of(&err, "at.zip"),
                        "Path `at.zip` (`3`) is already taken.");
    assert_non_null(mvc_error_of(&err, "a"));
    assert_true(mvc_db_drop(db, models, &err));
    assert_int_equal(mvc_count(db, &model, NULL, &err), -1);
    assert_string_equal(err.message, "no such table: pairs");
}

static void a_schema_that_makes_no_sense_is_refused(void **state)
{
    mvc_db *db = *state;
    static const struct {
        mvc_field field;
        const char *message;
    } cases[] = {
        {{.name = "a.b"},
         "T.a.b: a name is 1 to 60 characters without . $ or "
         "quotes"},
        {{.name = "id"}, "T.id: the name is taken"},
        {{.name = "createdAt"}, "T.createdAt: the name is taken"},
        {{.name = "a", .type = MVC_REF}, "T.a: a reference needs .ref"},
        {{.name = "a", .type = MVC_ARRAY, .unique = true},
         "T.a: only single values can be indexed"},
        {{.name = "a", .type = MVC_OBJECT},
         "T.a: subdocuments are MVC_OBJECT or MVC_ARRAY with .fields"},
        {{.name = "a", .fallback = "{x"}, "T.a: fallback is not JSON"},
        {{.name = "a", .match = "("},
         "regular expression /(/: missing closing parenthesis at 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const mvc_field fields[] = {cases[i].field, {0}};
        const mvc_model model = {
            .name = "T", .table = "t", .fields = fields, .timestamps = true};
        const mvc_model *const models[] = {&model, NULL};
        assert_false(mvc_db_migrate(db, models, &err));
        assert_int_equal(err.status, MVC_MISUSE);
        assert_string_equal(err.message, cases[i].message);
    }
    mvc_model bad = user_model;
    bad.table = "x\"; DROP TABLE posts";
    assert_false(mvc_db_migrate(db, (const mvc_model *[]){&bad, NULL}, &err));
    bad = post_model;
    bad.indexes = (const mvc_index[]){{.fields = "tags"}, {0}};
    assert_false(mvc_db_migrate(db, (const mvc_model *[]){&bad, NULL}, &err));
}

/* As the workers of one program do on a machine that has just been set up. */
static void workers_may_start_together(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        unlink("migrate.db");
        unlink("migrate.db-wal");
        unlink("migrate.db-shm");
        for (int i = 0; i < 5; i++) {
            if (fork() != 0)
                continue;
            mvc_db *db = mvc_db_open("migrate.db", &err);
            const bool ok = db && mvc_db_migrate(db, blog_models, &err);
            if (!ok)
                fprintf(stderr, "%s\n", err.message);
            mvc_db_close(db);
            _exit(ok ? 0 : 1);
        }
        for (int status; wait(&status) > 0;)
            assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(indexes_follow_the_schema),
        BLOG_TEST(what_is_not_unique_cannot_become_so),
        BLOG_TEST(several_fields_may_be_unique_together),
        BLOG_TEST(a_schema_that_makes_no_sense_is_refused),
        cmocka_unit_test(workers_may_start_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
