/* console, for development: it writes to standard error. */
#include <stdio.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ejs/runtime/internal.h"

/* What a value throws when it is asked for its text stays unsaid. */
static ejs_value print(ejs_call *call)
{
    const ejs_value exception = call->ctx->exception;
    base_buf line = {0};
    for (uint32_t i = 0; i < call->argc; i++) {
        ejs_value s = call->args[i];
        ejs_value out;
        /* Objects as JSON, which is nearer to what Node shows. */
        if (ejs__is_object(s) && !ejs__is_callable(s) &&
            !ejs__is_kind(s, EJS_OBJECT_ERROR)) {
            const ejs_object *json =
                ejs__namespace_of(call->ctx, EJS_CLASS_JSON);
            if (json &&
                ejs__try_method(call->ctx, ejs__object((ejs_object *)json),
                                "stringify", &s, 1, &out) > 0 &&
                out.tag == EJS_TAG_STRING)
                s = out;
        }
        if (!call->ctx->fatal)
            s = ejs__to_string(call->ctx, s);
        if (call->ctx->fatal) {
            base_buf_free(&line);
            return ejs__thrown();
        }
        if (i)
            base_buf_putc(&line, ' ');
        if (s.tag == EJS_TAG_STRING)
            base_utf8_repair(&line, s.as.text, s.size);
    }
    base_buf_putc(&line, '\n');
    if (!line.failed)
        fwrite(line.data, 1, line.size, stderr);
    base_buf_free(&line);
    call->ctx->exception = exception;
    return ejs__undefined();
}

static ejs_value assert_true(ejs_call *call)
{
    if (ejs__truthy(ejs__arg(call, 0)))
        return ejs__undefined();
    ejs_call rest = *call;
    if (rest.argc) {
        rest.args++;
        rest.argc--;
    }
    fputs(rest.argc ? "Assertion failed: " : "Assertion failed", stderr);
    return print(&rest);
}

static ejs_value nothing(ejs_call *call)
{
    (void)call;
    return ejs__undefined();
}

const ejs__builtin ejs__console_functions[] = {
    {"assert", assert_true, 0, 0}, {"clear", nothing, 0, 0},
    {"count", print, 0, 0},        {"countReset", nothing, 0, 0},
    {"debug", print, 0, 0},        {"dir", print, 0, 0},
    {"dirxml", print, 0, 0},       {"error", print, 0, 0},
    {"group", print, 0, 0},        {"groupCollapsed", print, 0, 0},
    {"groupEnd", nothing, 0, 0},   {"info", print, 0, 0},
    {"log", print, 0, 0},          {"table", print, 0, 0},
    {"time", nothing, 0, 0},       {"timeEnd", print, 0, 0},
    {"timeLog", print, 0, 0},      {"trace", print, 0, 0},
    {"warn", print, 0, 0},         {0},
};
