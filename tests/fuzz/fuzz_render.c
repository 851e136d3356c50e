/*
 * fuzz_render.c - libFuzzer target: any bytes as a template, scanned, parsed,
 * compiled and interpreted, within small limits; and checked, which finds
 * errors in those alone that do not compile.
 */
#include <assert.h>

#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool discard(void *user, const char *text, size_t size)
{
    (void)text;
    *(size_t *)user += size;
    return true;
}

static void count_error(void *user, const ejs_error *problem, bool is_warning)
{
    assert(problem->message[0]);
    *(unsigned *)user += !is_warning;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    input in;
    if (!input_read(&in, bytes, size))
        return 0;
    in.options.max_steps = 200000;
    in.options.max_depth = 200;
    size_t written = 0;
    ejs_error err;
    ejs_engine *engine = ejs_engine_new(&in.options, &err);
    assert(engine);
    ejs_template *tpl =
        ejs_compile(engine, in.text, in.text_size, "fuzz.ejs", &err);
    const bool compiles = tpl;
    if (tpl) {
        const bool done = input_render(&in, tpl, discard, &written, &err);
        assert(done || err.message[0]);
        ejs_template_free(tpl);
    } else {
        assert(err.message[0]);
    }
    unsigned problems = 0;
    const bool is_right = ejs_check(engine, in.text, in.text_size, "fuzz.ejs",
                                    count_error, &problems);
    assert(is_right == compiles && is_right == !problems);
    ejs_engine_free(engine);
    return 0;
}
