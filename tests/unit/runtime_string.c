/* runtime_string.c - strings: growth in place, units, halves of pairs. */
#include "unit/runtime.h"

#define HIGH "\xED\xA0\xBD"      /* U+D83D */
#define LOW "\xED\xB8\x80"       /* U+DE00 */
#define EMOJI "\xF0\x9F\x98\x80" /* both together */

static void appending_is_linear(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    ejs_value s = EJS_LITERAL("");
    for (int i = 0; i < 100000; i++)
        s = ejs__add(ctx, s, EJS_LITERAL("0123456789"));
    assert_int_equal(s.size, 1000000);
    /* Copying at each step would have taken 50 GB. */
    assert_true(ejs__realm_of(ctx)->arena.reserved < 16u << 20);
    end(ctx);
}

static void appending_twice_to_one_string_keeps_both(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    const ejs_value a = ejs__add(ctx, text("a"), text("b"));
    const ejs_value b = ejs__add(ctx, a, text("c"));
    const ejs_value c = ejs__add(ctx, a, text("d"));
    const ejs_value d = ejs__add(ctx, b, b);
    assert_text(a, "ab");
    assert_text(b, "abc");
    assert_text(c, "abd");
    assert_text(d, "abcabc");
    end(ctx);
}

static void halves_of_a_pair_are_joined(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    assert_text(ejs__add(ctx, text("x" HIGH), text(LOW "y")), "x" EMOJI "y");
    const ejs_value parts[] = {text(HIGH), text(LOW), text(HIGH)};
    assert_text(ejs__concat(ctx, parts, 3), EMOJI HIGH);
    ejs__builder b = ejs__builder_new(ctx);
    ejs__builder_put_code(&b, 0xD83D);
    ejs__builder_put_code(&b, 0xDE00);
    assert_text(ejs__builder_take(&b), EMOJI);
    end(ctx);
}

static void counts_units(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    const ejs_value s = text("a" EMOJI "\xC3\xA9z");
    static const int units[] = {'a', 0xD83D, 0xDE00, 0xE9, 'z', -1};
    assert_int_equal(ejs__units(ctx, s), 5);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(ejs__unit_at(ctx, s, i), units[i]);
    for (uint32_t i = 6; i-- > 0;)
        assert_int_equal(ejs__unit_at(ctx, s, i), units[i]);
    assert_int_equal(ejs__unit_offset(ctx, s, 5), 3);
    end(ctx);
}

static void cuts_at_units(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    const ejs_value s = text("a" EMOJI "b");
    assert_text(ejs__substring(ctx, s, 0, 4), "a" EMOJI "b");
    assert_text(ejs__substring(ctx, s, 0, 2), "a" HIGH);
    assert_text(ejs__substring(ctx, s, 2, 4), LOW "b");
    assert_text(ejs__substring(ctx, s, 1, 2), HIGH);
    assert_text(ejs__substring(ctx, s, 2, 3), LOW);
    assert_text(ejs__substring(ctx, s, 3, 3), "");
    end(ctx);
}

static void orders_by_units(void **state)
{
    (void)state;
    assert_true(ejs__string_compare(text(EMOJI), text("\xEF\xBF\xBF")) < 0);
    assert_true(ejs__string_compare(text("a"), text("B")) > 0);
    assert_true(ejs__string_compare(text("a"), text("ab")) < 0);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    static char much[1 << 20];
    memset(much, 'x', sizeof much);
    ejs_value s = ejs__string(much, EJS_MAX_STRING / 2 + 1, EJS_STRING_ASCII);
    assert_int_equal(ejs__add(ctx, s, s).tag, EJS_TAG_THROWN);
    assert_thrown(ctx, "Invalid string length");
    end(ctx);
}

static void reads_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"", 0},
        {" 12\n", 12},
        {"0x1F", 31},
        {"0b11", 3},
        {"-Infinity", -INFINITY},
        {".5", .5},
        {"5.", 5},
        {"1e3", 1000},
        {"1_0", NAN},
        {"12px", NAN},
        {"0x", NAN},
        {"\xC2\xA0 7", 7},
        {"inf", NAN},
        {"-0x1", NAN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double n =
            ejs__string_to_number(rows[i].text, strlen(rows[i].text));
        assert_true(
            ejs__same_value(ejs__number(n), ejs__number(rows[i].value)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appending_is_linear),
        cmocka_unit_test(appending_twice_to_one_string_keeps_both),
        cmocka_unit_test(halves_of_a_pair_are_joined),
        cmocka_unit_test(counts_units),
        cmocka_unit_test(cuts_at_units),
        cmocka_unit_test(orders_by_units),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(reads_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
