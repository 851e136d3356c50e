/* regexp.c - the limits of regular expressions, and copies; what they match is
 * compared with Node's in tests/oracle/regexps.mjs. */
#include "base/regexp.h"

#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

static base_regexp *compile(const char *pattern, unsigned flags)
{
    const char *reason;
    base_regexp *re =
        base_regexp_new(pattern, strlen(pattern), flags, &reason);
    assert_non_null(re);
    return re;
}

static base_regexp_result match(const base_regexp *re, const char *text,
                                size_t start, bool sticky, int32_t *captures,
                                int64_t steps)
{
    const base_regexp_subject subject = {.ascii = text,
                                         .length = strlen(text)};
    return base_regexp_match(re, &subject, start, sticky, captures, &steps);
}

static void stops_when_the_steps_are_used_up(void **state)
{
    (void)state;
    int32_t captures[4];
    base_regexp *re = compile("^(a+)+$", 0);
    const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    assert_int_equal(match(re, text, 0, false, captures, 100000),
                     BASE_REGEXP_LIMIT);
    assert_int_equal(match(re, "aaa", 0, false, captures, 100000),
                     BASE_REGEXP_FOUND);
    base_regexp_free(re);
}

static void bounds_its_stack(void **state)
{
    (void)state;
    int32_t captures[4];
    const size_t size = 20000000;
    char *text = malloc(size + 1);
    base_regexp *re = compile("(?:ab|ac|a)*x", 0);
    assert_non_null(text);
    memset(text, 'a', size);
    text[size] = '\0';
    assert_int_equal(match(re, text, 0, false, captures, INT64_MAX),
                     BASE_REGEXP_LIMIT);
    base_regexp_free(re);
    free(text);
}

static void starts_where_it_is_told(void **state)
{
    (void)state;
    int32_t captures[2];
    base_regexp *re = compile("a", 0);
    assert_int_equal(match(re, "aba", 1, false, captures, 100),
                     BASE_REGEXP_FOUND);
    assert_int_equal(captures[0], 2);
    assert_int_equal(match(re, "aba", 1, true, captures, 100),
                     BASE_REGEXP_NONE);
    assert_int_equal(match(re, "aba", 4, false, captures, 100),
                     BASE_REGEXP_NONE);
    base_regexp_free(re);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    char pattern[2001];
    memset(pattern, '(', 1000);
    memset(pattern + 1000, ')', 1000);
    assert_string_equal(base_regexp_check(pattern, 2000, 0),
                        "Regular expression too large");
    assert_null(base_regexp_check("((((a))))", 9, 0));
}

static void refuses_what_would_grow_too_long(void **state)
{
    (void)state;
    const char *reason;
    const char *pattern = "(?:(?:(?:(?:a{9}b){9}c){9}d){9}e)+";
    base_regexp *re = base_regexp_new(pattern, strlen(pattern), 0, &reason);
    assert_non_null(re); /* counted, not written out */
    base_regexp_free(re);
}

static void reads_flags(void **state)
{
    (void)state;
    assert_int_equal(base_regexp_flags("", 0), 0);
    assert_int_equal(base_regexp_flags("yg", 2),
                     BASE_REGEXP_STICKY | BASE_REGEXP_GLOBAL);
    assert_int_equal(base_regexp_flags("gg", 2), -1);
    assert_int_equal(base_regexp_flags("d", 1), -1);
    assert_int_equal(base_regexp_flags("g\0", 2), -1);
}

static void *allocate(void *user, size_t size)
{
    void **list = user;
    void **made = malloc(sizeof(void *) + size);
    assert_non_null(made);
    made[0] = *list;
    *list = made;
    return made + 1;
}

static void copies(void **state)
{
    (void)state;
    void *list = NULL;
    int32_t captures[4];
    size_t size;
    base_regexp *re = compile("(?<word>[a-z]+)", BASE_REGEXP_IGNORE_CASE);
    base_regexp *copy = base_regexp_copy(re, allocate, &list);
    base_regexp_free(re);
    assert_int_equal(match(copy, "1 Ab", 0, false, captures, 100),
                     BASE_REGEXP_FOUND);
    assert_int_equal(captures[2], 2);
    assert_int_equal(captures[3], 4);
    assert_memory_equal(base_regexp_group_name(copy, 1, &size), "word", 4);
    while (list) {
        void *next = *(void **)list;
        free(list);
        list = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_when_the_steps_are_used_up),
        cmocka_unit_test(bounds_its_stack),
        cmocka_unit_test(starts_where_it_is_told),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(refuses_what_would_grow_too_long),
        cmocka_unit_test(reads_flags),
        cmocka_unit_test(copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
