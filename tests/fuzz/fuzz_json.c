/*
 * fuzz_json.c - libFuzzer target: any bytes as JSON text, and that what is read
 * from it, written and read again, is written the same.
 */
#include <assert.h>
#include <string.h>

#include "ejs/runtime/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ejs_value stringify(ejs_context *ctx, ejs_value v)
{
    ejs_call call = {.ctx = ctx, .args = &v, .argc = 1};
    for (const ejs__builtin *row = ejs__json_functions; row->name; row++)
        if (strcmp(row->name, "stringify") == 0)
            return row->function(&call);
    return ejs__thrown();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ejs_context *ctx = ejs__context_new();
    const ejs__settings settings = {.max_memory = 64 << 20,
                                    .max_steps = 1000000};
    assert(ctx);
    ejs__context_begin(ctx, &settings, NULL, NULL);
    const ejs_value v = ejs__json_parse(ctx, (const char *)data, size,
                                        EJS_JSON_BYTES | (size & 1));
    if (!ejs__is_thrown(v)) {
        const ejs_value text = stringify(ctx, v);
        if (ejs__is_string(text)) {
            const ejs_value again =
                ejs__json_parse(ctx, text.as.text, text.size, 0);
            assert(!ejs__is_thrown(again) || ctx->fatal);
            const ejs_value same = stringify(ctx, again);
            assert(!ejs__is_string(same) || ejs__string_equal(text, same));
        }
    }
    ejs__context_end(ctx, 0);
    ejs__context_free(ctx);
    return 0;
}
