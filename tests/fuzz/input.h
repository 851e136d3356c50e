/*
 * input.h - what the fuzzers of whole templates make of their bytes:
 *
 *     options  1 byte, a bit an option
 *     template
 *     NUL      if data follows
 *     data     JSON; where it does not parse, that of `input_locals`
 */
#ifndef INPUT_H
#define INPUT_H

#include <string.h>

#include <ejs.h>

typedef struct input {
    ejs_options options;
    const char *text, *data;
    size_t text_size, data_size;
} input;

static const char input_locals[] =
    "{\"n\":1.5,\"s\":\"a<b>&\\u00e9\\ud83d\\ude00\",\"list\":[3,1,2],"
    "\"nothing\":null,\"yes\":true,"
    "\"item\":{\"id\":7,\"name\":\"x\",\"tags\":[\"p\",\"q\"]},"
    "\"items\":[{\"id\":1,\"name\":\"one\"},{\"id\":2,\"name\":\"two\"}]}";

static inline ejs_options input_options(uint8_t bits)
{
    return (ejs_options){
        .strict = bits & 1,
        .no_with = bits & 2,
        .rm_whitespace = bits & 4,
        .no_compile_debug = bits & 8,
        .legacy_include = bits & 16,
        .layouts = bits & 32,
        .typed = bits & 64,
        .delimiter = bits & 128 ? "?" : NULL,
        .has_now = true,
        .now = 1709647629123,
        .time_zone = "UTC",
        .max_output = 1 << 20,
        .max_memory = 32 << 20,
        .max_steps = 20000,
    };
}

static inline bool input_read(input *in, const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return false;
    const char *text = (const char *)bytes + 1, *end = text + size - 1;
    const char *nul = memrchr(text, '\0', size - 1);
    in->options = input_options(bytes[0]);
    in->text = text;
    in->text_size = (size_t)((nul ? nul : end) - text);
    in->data = nul ? nul + 1 : input_locals;
    in->data_size = nul ? (size_t)(end - in->data) : sizeof input_locals - 1;
    return true;
}

/* Renders, with the locals above when the input's own do not parse. */
static inline bool input_render(const input *in, const ejs_template *tpl,
                                ejs_write_fn write, void *user, ejs_error *err)
{
    if (ejs_render_json(tpl, in->data, in->data_size, write, user, err))
        return true;
    return err->status == EJS_DATA &&
           ejs_render_json(tpl, input_locals, sizeof input_locals - 1, write,
                           user, err);
}

#endif
