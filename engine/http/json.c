/* json.c - writes JSON as JavaScript does; reads it strictly. */
#include "http/json.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "http/target.h"

/* writing ------------------------------------------------------------------ */

typedef struct writer {
    base_buf *out;
    unsigned spaces;
    bool escape, for_script;
    unsigned depth;
} writer;

enum { MAX_DEPTH = 1000 };

static void put_unicode(base_buf *out, unsigned c)
{
    base_buf_printf(out, "\\u%04x", c);
}

static const char *short_escape(unsigned char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static void put_string(const writer *w, const char *text, size_t size)
{
    base_buf *out = w->out;
    base_buf_putc(out, '"');
    size_t clean = 0; /* where the bytes not yet written begin */
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        const char *brief = short_escape(c);
        const bool plain = !brief && c >= 0x20 &&
                           !(w->escape && (c == '<' || c == '>' || c == '&'));
        const bool is_line_end = w->for_script && c == 0xE2 && size - i > 2 &&
                                 (unsigned char)text[i + 1] == 0x80 &&
                                 ((unsigned char)text[i + 2] & 0xFE) == 0xA8;
        if (plain && !is_line_end)
            continue;
        base_buf_put(out, text + clean, i - clean);
        if (is_line_end) {
            put_unicode(out, 0x2028u + ((unsigned char)text[i + 2] & 1));
            i += 2;
        } else if (brief) {
            base_buf_puts(out, brief);
        } else {
            put_unicode(out, c);
        }
        clean = i + 1;
    }
    base_buf_put(out, text + clean, size - clean);
    base_buf_putc(out, '"');
}

static void put_double(base_buf *out, double value)
{
    char text[BASE_NUMBER_SIZE];
    if (isfinite(value))
        base_buf_put(out, text, base_number_format(value, text));
    else
        base_buf_puts(out, "null");
}

static void new_line(const writer *w)
{
    if (w->spaces == 0)
        return;
    base_buf_putc(w->out, '\n');
    for (unsigned i = 0; i < w->depth * w->spaces; i++)
        base_buf_putc(w->out, ' ');
}

static void put_value(writer *w, struct json_object *value);

static void put_array(writer *w, struct json_object *array)
{
    const size_t n = json_object_array_length(array);
    base_buf_putc(w->out, '[');
    w->depth++;
    for (size_t i = 0; i < n; i++) {
        if (i)
            base_buf_putc(w->out, ',');
        new_line(w);
        put_value(w, json_object_array_get_idx(array, i));
    }
    w->depth--;
    if (n)
        new_line(w);
    base_buf_putc(w->out, ']');
}

static void put_object(writer *w, struct json_object *object)
{
    bool any = false;
    base_buf_putc(w->out, '{');
    w->depth++;
    json_object_object_foreach(object, key, value)
    {
        if (any)
            base_buf_putc(w->out, ',');
        any = true;
        new_line(w);
        put_string(w, key, strlen(key));
        base_buf_puts(w->out, w->spaces ? ": " : ":");
        put_value(w, value);
    }
    w->depth--;
    if (any)
        new_line(w);
    base_buf_putc(w->out, '}');
}

static void put_value(writer *w, struct json_object *value)
{
    if (w->depth > MAX_DEPTH) {
        w->out->failed = true;
        return;
    }
    switch (json_object_get_type(value)) {
    case json_type_null:
        base_buf_puts(w->out, "null");
        break;
    case json_type_boolean:
        base_buf_puts(w->out,
                      json_object_get_boolean(value) ? "true" : "false");
        break;
    case json_type_int:
        base_buf_printf(w->out, "%lld",
                        (long long)json_object_get_int64(value));
        break;
    case json_type_double:
        put_double(w->out, json_object_get_double(value));
        break;
    case json_type_string:
        put_string(w, json_object_get_string(value),
                   (size_t)json_object_get_string_len(value));
        break;
    case json_type_array:
        put_array(w, value);
        break;
    case json_type_object:
        put_object(w, value);
        break;
    }
}

void mvc__json_write(base_buf *out, struct json_object *value, unsigned spaces,
                     bool escape, bool for_script)
{
    writer w = {out, spaces > 10 ? 10 : spaces, escape, for_script, 0};
    put_value(&w, value);
}

/* reading -------------------------------------------------------------------
 */

/*
 * json-c's strict mode still takes NaN, Infinity, numbers like 1. or -01,
 * control bytes in strings and lone surrogates; so the text is checked first.
 */
typedef struct checker {
    const char *at, *end;
    unsigned depth, max_depth;
    const char *message;
} checker;

static void blanks(checker *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
                              *c->at == '\n' || *c->at == '\r'))
        c->at++;
}

static bool word(checker *c, const char *text)
{
    const size_t size = strlen(text);
    if ((size_t)(c->end - c->at) < size || memcmp(c->at, text, size) != 0)
        return false;
    c->at += size;
    return true;
}

static bool digits(checker *c)
{
    const char *start = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return c->at > start;
}

/* number = "-"? ("0" | digits) ("." digits)? ([eE] [+-]? digits)? */
static bool number(checker *c)
{
    if (c->at < c->end && *c->at == '-')
        c->at++;
    if (c->at < c->end && *c->at == '0')
        c->at++;
    else if (!digits(c))
        return false;
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        if (!digits(c))
            return false;
    }
    if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
        c->at++;
        if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
            c->at++;
        return digits(c);
    }
    return true;
}

static int hex4(const checker *c)
{
    int value = 0;
    if (c->end - c->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = mvc__hex(c->at[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Surrogates come in pairs, and U+0000 cannot be kept in a C string. */
static bool unicode_escape(checker *c)
{
    const int high = hex4(c);
    c->at += 4;
    if (high <= 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return false;
    if (high < 0xD800 || high > 0xDBFF)
        return true;
    if (!word(c, "\\u"))
        return false;
    const int low = hex4(c);
    c->at += 4;
    return low >= 0xDC00 && low <= 0xDFFF;
}

static bool string(checker *c)
{
    c->at++;
    while (c->at < c->end && *c->at != '"') {
        if ((unsigned char)*c->at < 0x20)
            return false;
        if (*c->at++ != '\\')
            continue;
        if (c->at == c->end)
            return false;
        const char escape = *c->at++;
        if (escape == 'u' ? !unicode_escape(c)
                          : !memchr("\"\\/bfnrt", escape, 8))
            return false;
    }
    if (c->at >= c->end)
        return false;
    c->at++;
    return true;
}

static bool value(checker *c);

/* members = (string ":" value | value) ("," ...)* */
static bool members(checker *c, char close)
{
    c->at++;
    if (++c->depth > c->max_depth) {
        c->message = "JSON is nested too deeply";
        return false;
    }
    blanks(c);
    if (c->at < c->end && *c->at == close) {
        c->at++;
        c->depth--;
        return true;
    }
    for (;;) {
        blanks(c);
        if (close == '}') {
            if (c->at >= c->end || *c->at != '"' || !string(c))
                return false;
            blanks(c);
            if (!word(c, ":"))
                return false;
        }
        if (!value(c))
            return false;
        blanks(c);
        if (c->at >= c->end)
            return false;
        const char next = *c->at++;
        if (next == close) {
            c->depth--;
            return true;
        }
        if (next != ',')
            return false;
    }
}

static bool value(checker *c)
{
    blanks(c);
    if (c->at >= c->end)
        return false;
    switch (*c->at) {
    case '{':
        return members(c, '}');
    case '[':
        return members(c, ']');
    case '"':
        return string(c);
    case 't':
        return word(c, "true");
    case 'f':
        return word(c, "false");
    case 'n':
        return word(c, "null");
    default:
        return number(c);
    }
}

struct json_object *mvc__json_read(const char *text, size_t size,
                                   unsigned max_depth, bool *is_null,
                                   const char **message)
{
    checker c = {text, text + size, 0, max_depth, NULL};
    const bool right = value(&c);
    blanks(&c);
    *is_null = false;
    if (!right || c.at != c.end || !base_utf8_valid(text, size, false)) {
        const size_t at = (size_t)((c.at < c.end ? c.at : c.end) - text);
        *message = c.message    ? c.message
                   : at == size ? "Unexpected end of JSON input"
                   : !base_utf8_valid(text, size, false)
                       ? "JSON is not UTF-8"
                       : "Unexpected token in JSON";
        return NULL;
    }
    struct json_tokener *t = json_tokener_new_ex((int)max_depth + 2);
    if (!t || size > INT32_MAX) {
        json_tokener_free(t);
        *message = "out of memory";
        return NULL;
    }
    json_tokener_set_flags(t, JSON_TOKENER_STRICT |
                                  JSON_TOKENER_ALLOW_TRAILING_CHARS);
    struct json_object *result = json_tokener_parse_ex(t, text, (int)size);
    enum json_tokener_error error = json_tokener_get_error(t);
    if (error == json_tokener_continue) { /* a number may go on: end it */
        result = json_tokener_parse_ex(t, " ", 1);
        error = json_tokener_get_error(t);
    }
    *is_null = error == json_tokener_success && !result;
    *message =
        error == json_tokener_success ? NULL : json_tokener_error_desc(error);
    json_tokener_free(t);
    return result;
}
