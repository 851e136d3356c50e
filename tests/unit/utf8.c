/* utf8.c - tests base/utf8.h, also against a naive UTF-16 conversion. */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

#define SMILE "\xF0\x9F\x98\x80"
#define HIGH "\xED\xA0\xBD" /* D83D */
#define LOW "\xED\xB8\x80"  /* DE00 */

static void decodes_what_it_encodes(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        uint32_t back = 0;
        const size_t n = base_utf8_encode(code, bytes);
        assert_int_equal(base_utf8_decode(bytes, n, &back), n);
        assert_int_equal(back, code);
        assert_int_equal(base_utf8_decode_last(bytes, n, &back), n);
        assert_int_equal(base_utf8_decode(bytes, n - 1, &back), 0);
    }
}

static void refuses_malformed_bytes(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x9F\xBF",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80",
        "\xFF",
        "\xE2\x82",
        "\xE2\x28\xA1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(base_utf8_valid(bad[i], strlen(bad[i]), true));
    assert_true(base_utf8_valid("a\xC3\xA9" SMILE, 7, false));
    assert_false(base_utf8_valid(HIGH, 3, false));
    assert_true(base_utf8_valid(HIGH, 3, true));
}

static void assert_repaired(const char *bytes, const char *expected)
{
    base_buf out = {0};
    base_utf8_repair(&out, bytes, strlen(bytes));
    char *text = base_buf_take(&out, NULL);
    assert_string_equal(text, expected);
    free(text);
}

static void repairs_each_maximal_part_once(void **state)
{
    (void)state;
    assert_repaired("", "");
    assert_repaired("plain", "plain");
    assert_repaired("a\xFFz", "a\xEF\xBF\xBDz");
    assert_repaired("\xF0\x9F\x98", "\xEF\xBF\xBD");
    assert_repaired("\xE2\x82 x", "\xEF\xBF\xBD x");
    assert_repaired("\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_repaired("a" HIGH "b", "a\xEF\xBF\xBD"
                                  "b");
}

static void finds_ascii_at_every_offset(void **state)
{
    (void)state;
    char text[64];
    memset(text, 'a', sizeof text);
    assert_true(base_utf8_is_ascii(text, sizeof text));
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = '\xC3';
        assert_int_equal(base_utf8_ascii_prefix(text, sizeof text), i);
        text[i] = 'a';
    }
}

static void joins_halves(void **state)
{
    (void)state;
    assert_true(base_utf8_joins("x" HIGH, 4, LOW "y", 4));
    assert_false(base_utf8_joins(LOW, 3, HIGH, 3));
    assert_false(base_utf8_joins("x", 1, LOW, 3));
    assert_true(base_utf8_has_surrogates("ab" LOW, 5));
    assert_false(base_utf8_has_surrogates("\xED\x9F\xBF", 3));
}

static void knows_white_space(void **state)
{
    (void)state;
    static const uint32_t space[] = {
        9,      10,     11,     12,     13,     32,     0xA0,   0x1680,
        0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF};
    size_t count = 0;
    for (uint32_t code = 0; code <= 0x10FFFF; code++)
        count += base_utf8_is_space(code);
    assert_int_equal(count, 25);
    for (size_t i = 0; i < sizeof space / sizeof *space; i++)
        assert_true(base_utf8_is_space(space[i]));
}

/* Random text of code points where all kinds of bytes are likely. */
static size_t random_text(char *out, size_t codes)
{
    static const uint32_t edges[] = {
        0x41,   0x7F,   0x80,   0x7FF,  0x800,   0xD7FF,  0xD800,   0xDBFF,
        0xDC00, 0xDFFF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF, 0x42};
    uint16_t units[128];
    size_t length = 0;
    for (size_t i = 0; i < codes; i++) {
        const uint32_t code = edges[rand() % 16];
        if (code >= 0x10000)
            units[length++] = (uint16_t)(0xD7C0 + (code >> 10));
        units[length++] =
            (uint16_t)(code >= 0x10000 ? 0xDC00 | (code & 0x3FF) : code);
    }
    return base_utf8_from_utf16(units, length, out);
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static int compare_units(const uint16_t *a, size_t m, const uint16_t *b,
                         size_t n)
{
    for (size_t i = 0; i < m && i < n; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return (m > n) - (m < n);
}

static void agrees_with_utf16(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 100000; round++) {
        char a[512], b[512];
        uint16_t x[256], y[256];
        const size_t shared = random_text(a, (size_t)(rand() % 6));
        memcpy(b, a, shared);
        size_t m = shared + random_text(a + shared, (size_t)(rand() % 6));
        size_t n = shared + random_text(b + shared, (size_t)(rand() % 6));
        const size_t m_units = base_utf16_from_utf8(a, m, x);
        const size_t n_units = base_utf16_from_utf8(b, n, y);
        /* Joining text may leave two halves side by side; make them pairs. */
        m = base_utf8_from_utf16(x, m_units, a);
        n = base_utf8_from_utf16(y, n_units, b);
        assert_int_equal(base_utf16_length(a, m), m_units);
        assert_int_equal(sign(base_utf16_compare(a, m, b, n)),
                         compare_units(x, m_units, y, n_units));
        const size_t unit = (size_t)rand() % (m_units + 1);
        bool inside;
        const size_t at = base_utf16_offset(a, m, unit, &inside);
        assert_int_equal(base_utf16_length(a, at) + inside, unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_it_encodes),
        cmocka_unit_test(refuses_malformed_bytes),
        cmocka_unit_test(repairs_each_maximal_part_once),
        cmocka_unit_test(finds_ascii_at_every_offset),
        cmocka_unit_test(joins_halves),
        cmocka_unit_test(knows_white_space),
        cmocka_unit_test(agrees_with_utf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
