/* validate.c - mvc_validate where tests/oracle has nothing to compare with. */
#include "blog.h"

#include <stdio.h>

static const char *no_shouting(mvc_doc *value)
{
    return strchr(json_object_get_string(value), '!') ? "is too loud" : NULL;
}

static const mvc_field fields[] = {
    {.name = "count", .type = MVC_INTEGER, .min = -5, .message = "Pick more"},
    {.name = "day", .type = MVC_TIME, .min = 86400000.0},
    {.name = "note", .type = MVC_TEXT, .check = no_shouting, .uppercase = true},
    {.name = "codes",
     .type = MVC_ARRAY,
     .of = MVC_TEXT,
     .match = "^[A-Z]$",
     .max = 3},
    {.name = "any", .type = MVC_JSON, .required = true},
    {0},
};
static const mvc_model model = {
    .name = "Thing", .table = "t", .fields = fields};

/* Validates JSON and returns the error. */
static const mvc_error *problems_of(const char *json)
{
    static mvc_error err;
    mvc_doc *doc = json_tokener_parse(json);
    assert_non_null(doc);
    mvc_validate(&model, doc, &err);
    json_object_put(doc);
    return &err;
}

static void each_field_has_its_problem(void **state)
{
    (void)state;
    const mvc_error *err = problems_of(
        "{\"count\": -6, \"day\": 1, \"note\": \"hey!\", \"codes\": [\"A\", "
        "\"b\"]}");
    assert_int_equal(err->status, MVC_INVALID);
    assert_int_equal(err->n_invalid, 5);
    assert_string_equal(mvc_error_of(err, "count"), "Pick more");
    assert_string_equal(mvc_error_of(err, "day"),
                        "Path `day` (1970-01-01T00:00:00.001Z) is before "
                        "minimum allowed value (1970-01-02T00:00:00.000Z).");
    assert_string_equal(mvc_error_of(err, "note"), "is too loud");
    assert_string_equal(mvc_error_of(err, "codes.1"),
                        "Path `codes` is invalid (b).");
    assert_string_equal(mvc_error_of(err, "any"), "Path `any` is required.");
    assert_null(mvc_error_of(err, "codes"));
    assert_null(mvc_error_of(NULL, "codes"));
    json_object *map = mvc_error_fields(err);
    assert_string_equal(mvc_doc_text(map, "note"), "is too loud");
    json_object_put(map);
}

static void whole_numbers_are_asked_for_as_such(void **state)
{
    (void)state;
    assert_string_equal(mvc_error_of(problems_of("{\"count\": 1.5}"), "count"),
                        "Cast to Integer failed for value \"1.5\" (type "
                        "number) at path \"count\" for model \"Thing\"");
    assert_non_null(mvc_error_of(problems_of("{\"count\": 1e30}"), "count"));
    assert_null(mvc_error_of(
        problems_of("{\"any\": 1, \"count\": 9223372036854775807}"), "count"));
    assert_null(mvc_error_of(problems_of("{\"count\": \"12.0\"}"), "count"));
    assert_int_equal(
        problems_of("{\"any\": 0, \"codes\": [1, 2, 3, 4]}")->n_invalid, 5);
}

static void long_values_are_cut_at_a_character(void **state)
{
    (void)state;
    char json[2000] = "{\"any\": 1, \"codes\": [\"";
    for (int i = 0; i < 300; i++)
        strcat(json, "\xc3\xa9");
    strcat(json, "\"]}");
    const char *problem = mvc_error_of(problems_of(json), "codes.0");
    assert_non_null(strstr(problem, "\xc3\xa9..."));
    assert_true(strlen(problem) < 150);
}

static void more_problems_than_room_are_no_harm(void **state)
{
    (void)state;
    char json[4000] = "{\"any\": 1, \"codes\": [";
    for (int i = 0; i < 100; i++)
        strcat(json, i ? ",\"x\"" : "\"x\"");
    strcat(json, "]}");
    const mvc_error *err = problems_of(json);
    assert_int_equal(err->n_invalid, MVC_MAX_PROBLEMS);
    assert_true(strlen(err->message) == sizeof err->message - 1);
}

static void a_hooks_problem_makes_no_difference_without_an_error(void **state)
{
    (void)state;
    assert_false(mvc_invalid(NULL, "x", "y"));
    mvc_doc *doc = json_object_new_array();
    mvc_error err;
    assert_false(mvc_validate(&model, doc, &err));
    assert_int_equal(err.status, MVC_MISUSE);
    json_object_put(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_has_its_problem),
        cmocka_unit_test(whole_numbers_are_asked_for_as_such),
        cmocka_unit_test(long_values_are_cut_at_a_character),
        cmocka_unit_test(more_problems_than_room_are_no_harm),
        cmocka_unit_test(a_hooks_problem_makes_no_difference_without_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
