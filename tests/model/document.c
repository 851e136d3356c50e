/* document.c - ids, mvc_make and the members of documents. */
#include "blog.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

static void ids_are_unique_and_in_order(void **state)
{
    (void)state;
    char last[25] = "", id[25];
    for (int i = 0; i < 10000; i++) {
        assert_true(mvc_object_id(id));
        assert_int_equal(strspn(id, "0123456789abcdef"), 24);
        assert_true(memcmp(id, last, 25) != 0);
        memcpy(last, id, 25);
    }
    char uuid[37];
    assert_true(mvc_uuid(uuid));
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(uuid[14], '4');
    assert_non_null(strchr("89ab", uuid[19]));
}

/* A forked worker must not go on with its parent's counter. */
static void a_forked_child_has_ids_of_its_own(void **state)
{
    (void)state;
    int ends[2];
    char first[25], ours[25], theirs[25];
    assert_true(mvc_object_id(first));
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        mvc_object_id(theirs);
        _exit(write(ends[1], theirs, 25) == 25 ? 0 : 1);
    }
    assert_true(mvc_object_id(ours));
    assert_int_equal(read(ends[0], theirs, 25), 25);
    waitpid(child, NULL, 0);
    assert_true(memcmp(ours + 8, theirs + 8, 10) != 0);
    close(ends[0]);
    close(ends[1]);
}

static void members_by_path(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = mvc_make(
        db, "{a: {b: [1, {c: 'x'}]}, t: true, r: 2.5, when: '1970-01-02', "
            "none: null, big: 1e300}");
    assert_string_equal(mvc_doc_text(doc, "a.b.1.c"), "x");
    assert_int_equal(mvc_doc_int(doc, "a.b.0"), 1);
    assert_int_equal(mvc_doc_int(doc, "r"), 2);
    assert_true(mvc_doc_real(doc, "r") == 2.5);
    assert_true(mvc_doc_bool(doc, "t"));
    assert_true(mvc_doc_time(doc, "when") == 86400000);
    assert_true(isnan(mvc_doc_time(doc, "t")));
    assert_int_equal(mvc_doc_int(doc, "big"), INT64_MAX);
    assert_null(mvc_doc_text(doc, "r"));
    assert_null(mvc_doc_text(doc, "a.b.2.c"));
    assert_null(mvc_doc_text(doc, "a.x.y"));
    assert_null(mvc_doc_at(doc, "none"));
    assert_null(mvc_doc_at(NULL, "a"));
    assert_false(mvc_doc_bool(doc, "a"));
}

static void setting_members(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = mvc_make(db, "{}");
    assert_true(mvc_doc_set_text(doc, "s", "x"));
    assert_true(mvc_doc_set_text(doc, "n", NULL));
    assert_true(mvc_doc_set_int(doc, "i", -1));
    assert_true(mvc_doc_set_real(doc, "r", 0.5));
    assert_true(mvc_doc_set_bool(doc, "b", true));
    assert_true(mvc_doc_set_time(doc, "t", 0));
    assert_true(mvc_doc_set_time(doc, "e", NAN));
    assert_true(mvc_doc_set(doc, "o", json_object_new_object()));
    assert_string_equal(json_of(doc),
                        "{\"s\":\"x\",\"n\":null,\"i\":-1,\"r\":0.5,\"b\":true,"
                        "\"t\":\"1970-01-01T00:00:00.000Z\",\"e\":null,"
                        "\"o\":{}}");
}

static void a_wrong_format_makes_nothing(void **state)
{
    mvc_db *db = *state;
    assert_null(mvc_make(db, "[1]"));
    assert_int_equal(mvc_db_problem(db)->status, MVC_MISUSE);
    assert_null(mvc_make(db, "{a: /x/}"));
    assert_null(mvc_make(db, "{$a: 1}"));
    assert_non_null(mvc_make(db, "{a: {}, 'b c': [],}"));
    assert_int_equal(mvc_db_problem(db)->status, MVC_OK);
}

static void opening_what_cannot_be(void **state)
{
    (void)state;
    mvc_error err;
    assert_null(mvc_db_open("/nowhere/at/all/x.db", &err));
    assert_int_equal(err.status, MVC_DB_ERROR);
    assert_string_equal(err.message, "cannot open the database "
                                     "'/nowhere/at/all/x.db': unable to open "
                                     "database file");
    assert_null(mvc_db_open("mysql://x", &err));
    assert_int_equal(err.status, MVC_MISUSE);
    assert_null(mvc_db_open(NULL, NULL));
    mvc_db_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_unique_and_in_order),
        cmocka_unit_test(a_forked_child_has_ids_of_its_own),
        BLOG_TEST(members_by_path),
        BLOG_TEST(setting_members),
        BLOG_TEST(a_wrong_format_makes_nothing),
        cmocka_unit_test(opening_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
