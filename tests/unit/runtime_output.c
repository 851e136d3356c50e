/* runtime_output.c - escaping, frames that write out of turn, streaming. */
#include <stdlib.h>

#include "ejs/runtime/escape.h"
#include "unit/runtime.h"

/* Templates written by hand: what the back ends would make. */

static ejs_value run_nothing(ejs_frame *frame, bool *returned)
{
    (void)frame;
    (void)returned;
    return ejs__undefined();
}

static ejs_unit unit_of(ejs_value (*run)(ejs_frame *, bool *))
{
    const ejs_unit unit = {.abi = EJS_ABI,
                           .name = "t",
                           .with_locals = true,
                           .locals_name = "locals",
                           .run = run};
    return unit;
}

static bool (*body)(ejs_frame *frame);

static ejs_value run_body(ejs_frame *frame, bool *returned)
{
    (void)returned;
    return body(frame) ? ejs__undefined() : ejs__thrown();
}

static void assert_page(const ejs__settings *settings,
                        bool (*function)(ejs_frame *), const char *expected)
{
    const ejs_unit unit = unit_of(run_body);
    ejs_context *ctx = begin(settings);
    body = function;
    assert_true(ejs__render_page(ctx, &unit, NULL, ejs__undefined()));
    assert_int_equal(ctx->out_size, strlen(expected));
    assert_memory_equal(ctx->out, expected, ctx->out_size);
    end(ctx);
}

/* The plain way, to compare with. */
static size_t escape_plainly(char *out, const char *at, size_t size)
{
    const char *start = out;
    for (; size; at++, size--) {
        const char *s = *at == '&'    ? "&amp;"
                        : *at == '<'  ? "&lt;"
                        : *at == '>'  ? "&gt;"
                        : *at == '"'  ? "&#34;"
                        : *at == '\'' ? "&#39;"
                                      : NULL;
        if (s)
            out = stpcpy(out, s);
        else
            *out++ = *at;
    }
    return (size_t)(out - start);
}

static bool is_ascii(const char *at, size_t size)
{
    for (; size; at++, size--)
        if (*at & 0x80)
            return false;
    return true;
}

enum { MOST = 170 };

/* The text ends where its memory does, as sanitizers see. */
static void escape_both_ways(const char *in, size_t size)
{
    char out[MOST * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM], plain[sizeof out];
    const size_t n = (size_t)(ejs__escape(out, in, size) - out);
    assert_int_equal(n, escape_plainly(plain, in, size));
    assert_memory_equal(out, plain, n);
    const char *end = ejs__escape_ascii(out, in, size);
    assert_int_equal(end != NULL, is_ascii(in, size));
    if (end) {
        assert_int_equal(end - out, n);
        assert_memory_equal(out, plain, n);
    }
    if (size <= EJS_FEW && ejs__copy_few(out, in, size)) {
        assert_int_equal(n, size);
        assert_true(is_ascii(in, size));
        assert_memory_equal(out, in, n);
    }
}

static void escape_mixtures(unsigned seed)
{
    for (int round = 0; round < 40000; round++) {
        const size_t size = (size_t)(rand_r(&seed) % MOST);
        const int special = 2 + rand_r(&seed) % 40;
        const bool wide = rand_r(&seed) % 3 == 0;
        char *in = malloc(size);
        assert_true(in || !size);
        for (size_t i = 0; i < size; i++) {
            const int r = rand_r(&seed);
            in[i] = r % special == 0 ? "&<>\"'"[r / special % 5]
                                     : (char)(r >> 8 & (wide ? 0xFF : 0x7F));
        }
        escape_both_ways(in, size);
        free(in);
    }
}

static void escapes_any_mixture(void **state)
{
    (void)state;
    escape_mixtures(7);
    ejs__escape_prepare(); /* with what this machine has */
    escape_mixtures(8);
}

static bool print_values(ejs_frame *frame)
{
    return ejs__put_escaped(frame, text("<a&\"'>")) &&
           ejs__put_raw(frame, text("<b>")) &&
           ejs__put_escaped(frame, ejs__undefined()) &&
           ejs__put_raw(frame, ejs__null()) &&
           ejs__put_escaped(frame, ejs__number(-0.0)) &&
           ejs__put_escaped(frame, ejs__number(1e21)) &&
           ejs__put_raw(frame, ejs__boolean(true));
}

static void prints_values(void **state)
{
    (void)state;
    assert_page(NULL, print_values, "&lt;a&amp;&#34;&#39;&gt;<b>01e+21true");
}

static bool print_halves(ejs_frame *frame)
{
    return ejs__put_raw(frame, text("\xED\xA0\xBD")) &&
           ejs__put_escaped(frame, text("\xED\xB8\x80|")) &&
           ejs__put_raw(frame, text("\xED\xA0\xBD|"));
}

static void joins_halves_and_replaces_lone_ones(void **state)
{
    (void)state;
    assert_page(NULL, print_halves, "\xF0\x9F\x98\x80|\xEF\xBF\xBD|");
}

/* An included template calls back into the page, which then prints. */
static ejs_frame *page;

static ejs_value run_calling_back(ejs_frame *frame, bool *returned)
{
    (void)returned;
    return ejs__put(frame, "[", 1) && ejs__put(page, "out", 3) &&
                   ejs__put(frame, "]", 1) && ejs__put(page, "!", 1)
               ? ejs__undefined()
               : ejs__thrown();
}

static bool include_caller(ejs_frame *frame)
{
    const ejs_unit unit = unit_of(run_calling_back);
    page = frame;
    return ejs__put(frame, "a", 1) &&
           ejs__include_put(frame, &unit, NULL, ejs__undefined(), false) &&
           ejs__put(frame, "z", 1);
}

static void the_page_prints_before_its_include(void **state)
{
    (void)state;
    assert_page(NULL, include_caller, "aout![]z");
}

static ejs_value run_bold(ejs_frame *frame, bool *returned)
{
    (void)returned;
    return ejs__put(frame, "<b>", 3) ? ejs__undefined() : ejs__thrown();
}

static bool include_values(ejs_frame *frame)
{
    const ejs_unit bold = unit_of(run_bold), nothing = unit_of(run_nothing);
    const ejs_value v =
        ejs__include_value(frame, &bold, NULL, ejs__undefined());
    assert_text(v, "<b>");
    return ejs__include_put(frame, &bold, NULL, ejs__null(), true) &&
           ejs__include_put(frame, &nothing, NULL, ejs__null(), false) &&
           ejs__put_raw(frame, v);
}

static void includes_are_values_too(void **state)
{
    (void)state;
    assert_page(NULL, include_values, "&lt;b&gt;<b>");
}

static bool print_much(ejs_frame *frame)
{
    for (int i = 0; i < 200000; i++)
        if (!ejs__put(frame, "0123456789", 10))
            return false;
    return true;
}

static size_t written, largest;

static bool count(void *user, const char *data, size_t size)
{
    (void)user;
    (void)data;
    written += size;
    largest = size > largest ? size : largest;
    return written < 1500000 || user == NULL;
}

static void streams_in_pieces(void **state)
{
    (void)state;
    const ejs__settings streaming = {.now = 0};
    const ejs_unit unit = unit_of(run_body);
    ejs_context *ctx = begin(&streaming);
    ejs__context_write_to(ctx, count, NULL);
    body = print_much;
    written = largest = 0;
    assert_true(ejs__render_page(ctx, &unit, NULL, ejs__undefined()));
    assert_int_equal(written, 2000000);
    assert_true(largest < 300000);
    assert_true(ctx->out_capacity < 300000);
    end(ctx);
}

static void ends_when_writing_fails_or_too_much(void **state)
{
    (void)state;
    int any;
    ejs_error err;
    const ejs_unit unit = unit_of(run_body);
    const ejs__settings failing = {.now = 0};
    const ejs__settings limited = {.max_output = 100000};
    const ejs__settings *const settings[] = {&failing, &limited};
    const ejs_status expected[] = {EJS_IO, EJS_LIMIT};
    for (int i = 0; i < 2; i++) {
        ejs_context *ctx = begin(settings[i]);
        if (i == 0)
            ejs__context_write_to(ctx, count, &any);
        body = print_much;
        written = 0;
        assert_false(ejs__render_page(ctx, &unit, NULL, ejs__undefined()));
        ejs__report(ctx, &err);
        assert_int_equal(err.status, expected[i]);
        end(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_any_mixture),
        cmocka_unit_test(prints_values),
        cmocka_unit_test(joins_halves_and_replaces_lone_ones),
        cmocka_unit_test(the_page_prints_before_its_include),
        cmocka_unit_test(includes_are_values_too),
        cmocka_unit_test(streams_in_pieces),
        cmocka_unit_test(ends_when_writing_fails_or_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
