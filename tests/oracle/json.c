/*
 * json.c - JSON texts in, what JSON.stringify makes of them or the error out.
 *
 * Each way a text is its length, four bytes with the lowest first, and then its
 * bytes.  An error is "!Name: message".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ejs/runtime/json.h"

static ejs_value stringify(ejs_context *ctx, ejs_value v)
{
    const ejs_call call = {.ctx = ctx, .args = &v, .argc = 1};
    for (const ejs__builtin *row = ejs__json_functions; row->name; row++)
        if (strcmp(row->name, "stringify") == 0)
            return row->function((ejs_call *)&call);
    return ejs__thrown();
}

static void answer(const char *text, size_t size)
{
    const unsigned char length[4] = {
        (unsigned char)size, (unsigned char)(size >> 8),
        (unsigned char)(size >> 16), (unsigned char)(size >> 24)};
    fwrite(length, 1, 4, stdout);
    fwrite(text, 1, size, stdout);
}

static void answer_error(ejs_context *ctx)
{
    static char text[sizeof(ejs_error)];
    ejs_error err;
    ejs__report(ctx, &err);
    const int size =
        snprintf(text, sizeof text, "!%s: %s", err.name, err.summary);
    answer(text, (size_t)size);
}

static void compare(ejs_context *ctx, const char *text, size_t size)
{
    const ejs__settings settings = {.max_memory = 256 << 20};
    ejs__context_begin(ctx, &settings, NULL, NULL);
    ejs_value v = ejs__json_parse(ctx, text, size, EJS_JSON_BYTES);
    if (!ejs__is_thrown(v))
        v = stringify(ctx, v);
    if (ejs__is_thrown(v))
        answer_error(ctx);
    else
        answer(v.as.text, v.size);
    ejs__context_end(ctx, 1 << 20);
}

int main(void)
{
    ejs_context *ctx = ejs__context_new();
    unsigned char length[4];
    while (ctx && fread(length, 1, 4, stdin) == 4) {
        const size_t size = length[0] | (size_t)length[1] << 8 |
                            (size_t)length[2] << 16 | (size_t)length[3] << 24;
        /* exactly as long as the text: a sanitizer sees what reads past it */
        char *text = malloc(size ? size : 1);
        if (!text || fread(text, 1, size, stdin) != size)
            return 1;
        compare(ctx, text, size);
        free(text);
    }
    ejs__context_free(ctx);
    return ctx ? 0 : 1;
}
