/*
 * fuzz_render.c - libFuzzer target: any bytes as a template, scanned, parsed,
 * compiled and interpreted, within small limits.  The first byte chooses
 * options.
 */
#include <assert.h>

#include <ejs.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char locals[] =
    "{\"n\":1.5,\"s\":\"a<b>&\\u00e9\\ud83d\\ude00\",\"list\":[3,1,2],"
    "\"nothing\":"
    "null,\"yes\":true,\"item\":{\"id\":7,\"name\":\"x\",\"tags\":[\"p\",\"q\"]"
    "},"
    "\"items\":[{\"id\":1,\"name\":\"one\"},{\"id\":2,\"name\":\"two\"}]}";

static bool discard(void *user, const char *text, size_t size)
{
    (void)text;
    *(size_t *)user += size;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const ejs_options options = {
        .strict = data[0] & 1,
        .no_with = data[0] & 2,
        .rm_whitespace = data[0] & 4,
        .no_compile_debug = data[0] & 8,
        .legacy_include = data[0] & 16,
        .layouts = data[0] & 32,
        .typed = data[0] & 64,
        .delimiter = data[0] & 128 ? "?" : NULL,
        .has_now = true,
        .now = 1709647629123,
        .time_zone = "UTC",
        .max_output = 1 << 20,
        .max_memory = 16 << 20,
        .max_steps = 200000,
        .max_depth = 200,
    };
    size_t written = 0;
    ejs_error err;
    ejs_engine *engine = ejs_engine_new(&options, &err);
    assert(engine);
    ejs_template *tpl =
        ejs_compile(engine, (const char *)data + 1, size - 1, "fuzz.ejs", &err);
    if (tpl) {
        const bool done = ejs_render_json(tpl, locals, sizeof locals - 1,
                                          discard, &written, &err);
        assert(done || err.message[0]);
        ejs_template_free(tpl);
    } else {
        assert(err.message[0]);
    }
    ejs_engine_free(engine);
    return 0;
}
