/* What V8 says about text that is not JSON. */
#include "base/utf8.h"
#include "ejs/runtime/json_read.h"

enum {
    CONTEXT = 10,   /* units of text that a message shows on either side */
    SHORT_TEXT = 21 /* below, a message shows it all */
};

static uint32_t position(const ejs__json_text *text, const char *at)
{
    return (uint32_t)base_utf16_length(text->start,
                                       (size_t)(at - text->start));
}

const char *ejs__json_fail(const ejs__json_text *text, const char *at,
                           const char *message)
{
    ejs__throw_error(text->ctx, EJS_SYNTAX_ERROR, "%s in JSON at position %u",
                     message, position(text, at));
    return NULL;
}

const char *ejs__json_fail_after(const ejs__json_text *text, const char *at)
{
    ejs__throw_error(text->ctx, EJS_SYNTAX_ERROR,
                     "Unexpected non-whitespace character after JSON at "
                     "position %u",
                     position(text, at));
    return NULL;
}

const char *ejs__json_fail_at_end(const ejs__json_text *text)
{
    ejs__throw_error(text->ctx, EJS_SYNTAX_ERROR,
                     "Unexpected end of JSON input");
    return NULL;
}

/* What people pass to JSON.parse by mistake. */
static bool is_special(ejs_value text)
{
    return ejs__string_is(text, "NaN") || ejs__string_is(text, "Infinity") ||
           ejs__string_is(text, "undefined") ||
           ejs__string_is(text, "[object Object]");
}

/* The text around the offending unit, with dots where it is cut. */
static void fail_with_context(ejs_context *ctx, ejs_value text, uint32_t at)
{
    const uint32_t length = ejs__units(ctx, text);
    const char *before = "", *after = "";
    uint32_t from = 0, to = length;
    if (length >= SHORT_TEXT && at >= CONTEXT) {
        before = "...";
        from = at - CONTEXT;
    }
    if (length >= SHORT_TEXT && (at < CONTEXT || at < length - CONTEXT)) {
        after = "...";
        to = at + CONTEXT;
    }
    const ejs_value unit = ejs__substring(ctx, text, at, at + 1);
    const ejs_value shown = ejs__substring(ctx, text, from, to);
    if (ejs__is_thrown(unit) || ejs__is_thrown(shown))
        return;
    ejs__throw_error(ctx, EJS_SYNTAX_ERROR,
                     "Unexpected token '%.*s', %s\"%.*s\"%s is not valid JSON",
                     (int)unit.size, unit.as.text, before, (int)shown.size,
                     shown.as.text, after);
}

const char *ejs__json_fail_at_token(const ejs__json_text *text, const char *at)
{
    if (at == text->end)
        return ejs__json_fail_at_end(text);
    if ((*at >= '0' && *at <= '9') || *at == '-')
        return ejs__json_fail(text, at, "Unexpected number");
    if (*at == '"')
        return ejs__json_fail(text, at, "Unexpected string");
    const ejs_value whole =
        ejs__string(text->start, (uint32_t)(text->end - text->start), 0);
    if (is_special(whole))
        ejs__throw_error(text->ctx, EJS_SYNTAX_ERROR,
                         "\"%.*s\" is not valid JSON", (int)whole.size,
                         whole.as.text);
    else
        fail_with_context(text->ctx, whole, position(text, at));
    return NULL;
}
