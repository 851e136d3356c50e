/* runtime.h - a render without a template, to call the runtime in. */
#ifndef RUNTIME_TEST_H
#define RUNTIME_TEST_H

#include "ejs/runtime/internal.h"
#include "unit/test.h"

static inline ejs_context *begin(const ejs__settings *settings)
{
    static const ejs__settings usual = {
        .max_steps = 1000000, .max_depth = 5000, .max_includes = 200, .now = 0};
    ejs_context *ctx = ejs__context_new();
    assert_non_null(ctx);
    ejs__context_begin(ctx, settings ? settings : &usual, NULL, NULL);
    return ctx;
}

static inline void end(ejs_context *ctx)
{
    ejs__context_end(ctx, 0);
    ejs__context_free(ctx);
}

static inline ejs_value text(const char *s)
{
    return ejs__string(s, (uint32_t)strlen(s), 0);
}

static inline void assert_text(ejs_value v, const char *expected)
{
    assert_int_equal(v.tag, EJS_TAG_STRING);
    assert_int_equal(v.size, strlen(expected));
    assert_memory_equal(v.as.text, expected, v.size);
}

/* The message of the exception on its way. */
static inline void assert_thrown(ejs_context *ctx, const char *message)
{
    assert_true(ejs__is_object(ctx->exception));
    assert_text(ejs__get_name(ctx, ctx->exception, "message"), message);
}

#endif
