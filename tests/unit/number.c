/* number.c - tests base/number.h on values whose text is known; the oracle
 * test compares many more with Node. */
#include "base/number.h"

#include <math.h>
#include <string.h>

#include "unit/test.h"

static void assert_text(const char *out, size_t size, const char *expected)
{
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(out, expected, size);
}

static void formats(void **state)
{
    (void)state;
    static const struct {
        double x;
        const char *text;
    } cases[] = {
        {0, "0"},           {-0.0, "0"},
        {-1.5, "-1.5"},     {19.99, "19.99"},
        {1e21, "1e+21"},    {123456789012345680000.0, "123456789012345680000"},
        {1e-7, "1e-7"},     {0.000001, "0.000001"},
        {5e-324, "5e-324"}, {7.120236347223045e-307, "7.120236347223045e-307"},
        {NAN, "NaN"},       {-INFINITY, "-Infinity"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[BASE_NUMBER_SIZE];
        assert_text(out, base_number_format(cases[i].x, out), cases[i].text);
    }
    char out[BASE_NUMBER_SIZE];
    assert_text(out, base_number_format_int(INT64_MIN, out),
                "-9223372036854775808");
}

static void rounds_half_upwards(void **state)
{
    (void)state;
    char out[BASE_NUMBER_DIGITS_SIZE];
    assert_text(out, base_number_fixed(2.5, 0, out), "3");
    assert_text(out, base_number_fixed(1.005, 2, out), "1.00");
    assert_text(out, base_number_fixed(-0.0, 2, out), "0.00");
    assert_text(out, base_number_fixed(-0.0000001, 2, out), "-0.00");
    assert_text(out, base_number_precision(1.25, 2, out), "1.3");
    assert_text(out, base_number_precision(123456, 2, out), "1.2e+5");
    assert_text(out, base_number_exponential(0, -1, out), "0e+0");
    assert_text(out, base_number_exponential(9.99, 1, out), "1.0e+1");
}

static void gives_the_shortest_digits(void **state)
{
    (void)state;
    char digits[17];
    int point;
    assert_int_equal(base_number_shortest(1200, digits, &point), 2);
    assert_memory_equal(digits, "12", 2);
    assert_int_equal(point, 4);
}

static void parses_as_far_as_the_grammar_goes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        size_t used;
    } cases[] = {
        {"", 0, 0},
        {".", 0, 0},
        {"-", 0, 0},
        {"e5", 0, 0},
        {"x1", 0, 0},
        {"1.", 1, 2},
        {".5", 0.5, 2},
        {"1e", 1, 1},
        {"1e+", 1, 1},
        {"1e5x", 1e5, 3},
        {"-2.5e-1", -0.25, 7},
        {"1..2", 1, 2},
        {"0x10", 0, 1},
        {"1_0", 1, 1},
        {"Infinity", 0, 0},
        {"1e999999999999999999999", INFINITY, 23},
        {"1e-400", 0, 6},
        {"0e999", 0, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t used;
        const double value =
            base_number_parse(cases[i].text, strlen(cases[i].text), &used);
        assert_int_equal(used, cases[i].used);
        assert_true(value == cases[i].value);
    }
}

static void breaks_ties_in_800_digits_and_more(void **state)
{
    (void)state;
    static char text[1100];
    size_t used;
    /* 2^53 + 1 lies half way; zeros keep it there, a one moves it up. */
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17);
    assert_true(base_number_parse(text, sizeof text, &used) ==
                9007199254740992.0);
    text[sizeof text - 1] = '1';
    assert_true(base_number_parse(text, sizeof text, &used) ==
                9007199254740994.0);
    assert_int_equal(used, sizeof text);
}

static void converts_to_int32(void **state)
{
    (void)state;
    assert_int_equal(base_number_to_int32(4294967297.9), 1);
    assert_int_equal(base_number_to_int32(-2147483649.0), 2147483647);
    assert_int_equal(base_number_to_int32(2147483648.0), INT32_MIN);
    assert_int_equal(base_number_to_int32(NAN), 0);
    assert_int_equal(base_number_to_int32(-1.9), -1);
    assert_true(base_number_parse_radix("ff", 2, 16) == 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(rounds_half_upwards),
        cmocka_unit_test(gives_the_shortest_digits),
        cmocka_unit_test(parses_as_far_as_the_grammar_goes),
        cmocka_unit_test(breaks_ties_in_800_digits_and_more),
        cmocka_unit_test(converts_to_int32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
