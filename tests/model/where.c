/* where.c - mvc_where: the format, what it binds, and what it means. */
#include "blog.h"

static void values_are_bound_and_never_operators(void **state)
{
    mvc_db *db = *state;
    saved(db, &post_model, mvc_make(db, "{title: 'Aa', extra: {x: 1}}"));
    post(db, "Bb", 5);
    /* What a login form with password[$ne]= would have sent. */
    json_object *attack = json_tokener_parse("{\"$ne\": null}");
    assert_string_equal(
        titles(db, mvc_where(db, "{extra: %p}", (void *)attack), NULL), "");
    json_object_put(attack);
    assert_string_equal(
        titles(db, mvc_where(db, "{title: %s}", "{$ne: null}"), NULL), "");
    assert_string_equal(
        titles(db, mvc_where(db, "{title: %s}", "Aa' OR 1=1 --"), NULL), "");
}

static void every_conversion_is_taken(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 5);
    const char *const found = "Aa";
#define FINDS(...)                                                             \
    assert_string_equal(titles(db, mvc_where(db, __VA_ARGS__), NULL), found)
    FINDS("{views: %d}", 5);
    FINDS("{views: %i}", 5);
    FINDS("{views: %u}", 5u);
    FINDS("{views: %ld}", 5l);
    FINDS("{views: %lu}", 5ul);
    FINDS("{views: %lld}", 5ll);
    FINDS("{views: %llu}", 5ull);
    FINDS("{views: %zu}", (size_t)5);
    FINDS("{views: %hhd}", (signed char)5);
    FINDS("{views: %jd}", (intmax_t)5);
    FINDS("{views: %td}", (ptrdiff_t)5);
    FINDS("{views: %f}", 5.0);
    FINDS("{views: %g}", 5.0);
    FINDS("{views: %Lf}", 5.0L);
    FINDS("{views: %s}", "5");
    FINDS("{title: %.*s}", 2, "Aaxyz");
    FINDS("{score: %s}", (char *)NULL);
    FINDS("{score: %p}", (void *)NULL);
    FINDS("{views: {$gt: %d}, title: %s, $or: [{views: %d}, {a: 1}]}", 4, "Aa",
          5);
#undef FINDS
}

/* What a format is refused with. */
static const char *refusal(mvc_db *db, const mvc_filter *filter)
{
    static mvc_error err;
    assert_null(mvc_find(db, &post_model, filter, NULL, &err));
    assert_int_equal(err.status, MVC_MISUSE);
    return err.message;
}

static void a_wrong_format_says_where(void **state)
{
    mvc_db *db = *state;
#define REFUSED(format, message)                                               \
    assert_string_equal(refusal(db, mvc_where(db, format)), message)
    REFUSED("{a 1}", "expected ':' at column 4 of \"{a 1}\"");
    REFUSED("{a: }", "expected a value at column 5 of \"{a: }\"");
    REFUSED("{a: 1", "expected ',' or '}' at column 6 of \"{a: 1\"");
    REFUSED("{a: [1}", "expected ',' or ']' at column 7 of \"{a: [1}\"");
    REFUSED("{a: 'x}", "unfinished text at column 8 of \"{a: 'x}\"");
    REFUSED("{a: /x}", "unfinished regular expression at column 8 of "
                       "\"{a: /x}\"");
    REFUSED("{a: 1} x", "expected the end at column 8 of \"{a: 1} x\"");
    REFUSED("{a: 1.2.3}", "expected a number at column 5 of \"{a: 1.2.3}\"");
    REFUSED("[1]", "a filter must be an object: \"[1]\"");
    REFUSED("{a: {$foo: 1}}", "unknown operator '$foo' for 'a'");
    REFUSED("{$where: 'x'}", "unknown operator '$where'");
    REFUSED("{$or: []}", "$or: expected an array of at least one filter");
    REFUSED("{a: {$in: 1}}", "$in: expected an array");
    REFUSED("{a: {$not: 1}}",
            "$not: expected operators or a regular expression");
    REFUSED("{a: {b: {$gt: 1}}}", "'$gt' is not an operator here");
    REFUSED("{a: {$mod: [0, 1]}}",
            "$mod: expected [divisor, remainder], the divisor not 0");
#undef REFUSED
    assert_string_equal(
        refusal(db, mvc_where(db, "{a: '%s'}", "x")),
        "a conversion within quotes: write %s bare, at column 6 of "
        "\"{a: '%s'}\"");
    assert_int_equal(
        mvc_delete_many(db, &post_model, mvc_where(db, "{a: {$foo: 1}}"), NULL),
        -1);
}

static void regular_expressions_are_bounded(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    char pattern[2000];
    saved(db, &post_model,
          mvc_make(db, "{title: 'Tt', extra: %s}",
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"));
    /* Would take longer than the universe has left. */
    assert_string_equal(
        titles(db, mvc_where(db, "{extra: {$regex: %s}}", "^(a+)+$"), NULL),
        "");
    memset(pattern, 'a', sizeof pattern);
    pattern[sizeof pattern - 1] = '\0';
    assert_null(mvc_find(db, &post_model,
                         mvc_where(db, "{extra: {$regex: %s}}", pattern), NULL,
                         &err));
    assert_int_equal(err.status, MVC_INVALID);
    assert_null(mvc_find(db, &post_model,
                         mvc_where(db, "{extra: {$regex: %s}}", "(("), NULL,
                         &err));
    assert_int_equal(err.status, MVC_INVALID);
    const char *typed = mvc_regex_escape(db, "50% (a.b)");
    assert_string_equal(typed, "50% \\(a\\.b\\)");
    assert_string_equal(
        titles(db,
               mvc_where(db, "{title: {$regex: %s, $options: 'i'}}",
                         mvc_regex_escape(db, "t")),
               NULL),
        "Tt");
}

/* Where the oracles disagree with MongoDB's manual: see tests/oracle. */
static void null_by_a_dotted_path(void **state)
{
    mvc_db *db = *state;
    const char *const extras[] = {
        "[{\"b\": 1}, {\"c\": 2}]", "[]", "5", "[1, 2]", "{\"b\": null}", "{}"};
    for (size_t i = 0; i < 6; i++) {
        char title[] = "P0";
        title[1] = (char)('0' + i);
        mvc_doc *doc = mvc_make(db, "{title: %s}", title);
        mvc_doc_set(doc, "extra", json_tokener_parse(extras[i]));
        saved(db, &post_model, doc);
    }
    assert_string_equal(titles(db, mvc_where(db, "{extra.b: null}"), NULL),
                        "P0 P2 P4 P5");
    assert_string_equal(
        titles(db, mvc_where(db, "{extra.b: {$exists: true}}"), NULL), "P0 P4");
    assert_string_equal(
        titles(db, mvc_where(db, "{extra: {$elemMatch: {b: 1}}}"), NULL), "P0");
    assert_string_equal(titles(db, mvc_where(db, "{extra.1: 2}"), NULL), "P3");
    assert_string_equal(titles(db, mvc_where(db, "{extra: {$size: 2}}"), NULL),
                        "P0 P3");
}

static void values_are_cast_to_their_fields(void **state)
{
    mvc_db *db = *state;
    mvc_error err;
    saved(db, &post_model,
          mvc_make(db, "{title: 'Aa', views: 5, shown: true}"));
    assert_string_equal(
        titles(db, mvc_where(db, "{views: {$in: ['5', 6]}, shown: %s}", "true"),
               NULL),
        "Aa");
    assert_string_equal(
        titles(db, mvc_where(db, "{createdAt: {$gt: %s}}", "2020-01-01"), NULL),
        "Aa");
    assert_string_equal(
        titles(db, mvc_where(db, "{createdAt: {$lt: %f}}", 1.5e12), NULL), "");
    assert_null(mvc_find(db, &post_model, mvc_where(db, "{views: %s}", "many"),
                         NULL, &err));
    assert_int_equal(err.status, MVC_INVALID);
    assert_string_equal(mvc_error_of(&err, "views"),
                        "Cast to Number failed for value \"many\" (type "
                        "string) at path \"views\" for model \"Post\"");
}

static void filters_combine(void **state)
{
    mvc_db *db = *state;
    post(db, "Aa", 1), post(db, "Bb", 2);
    const mvc_filter *a = mvc_where(db, "{views: {$gt: 0}}");
    const mvc_filter *b = mvc_where(db, "{title: 'Bb'}");
    assert_string_equal(titles(db, mvc_and(db, a, b), NULL), "Bb");
    assert_string_equal(titles(db, mvc_and(db, NULL, b), NULL), "Bb");
    assert_string_equal(titles(db, mvc_and(db, a, mvc_all()), NULL), "Aa Bb");
    assert_string_equal(titles(db, mvc_and(db, NULL, NULL), NULL), "Aa Bb");
    refusal(db, mvc_and(db, mvc_where(db, "{"), b));
    refusal(db, mvc_and(db, b, mvc_where(db, "{")));
}

static void indexes_answer_what_they_can(void **state)
{
    mvc_db *db = *state;
    mvc_doc *plan =
        mvc_db_query(db,
                     "EXPLAIN QUERY PLAN SELECT body FROM posts WHERE "
                     "json_extract(body, '$.\"views\"') > 3",
                     NULL, NULL);
    assert_non_null(strstr(json_of(plan), "mvc.posts.index.views"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOG_TEST(values_are_bound_and_never_operators),
        BLOG_TEST(every_conversion_is_taken),
        BLOG_TEST(a_wrong_format_says_where),
        BLOG_TEST(regular_expressions_are_bounded),
        BLOG_TEST(null_by_a_dotted_path),
        BLOG_TEST(values_are_cast_to_their_fields),
        BLOG_TEST(filters_combine),
        BLOG_TEST(indexes_answer_what_they_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
