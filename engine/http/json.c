/* json.c - writes JSON as JavaScript does; reads it strictly. */
#include "http/json.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
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
 * json-c's own parser takes NaN, 1., -01, control bytes and lone surrogates,
 * cuts large integers off, and does not survive the lack of memory.
 */
typedef struct reader {
    const char *at, *end;
    unsigned depth, max_depth;
    base_buf text; /* of the string at hand */
    const char *message;
} reader;

/* A value that may be NULL, for null. */
typedef struct result {
    bool ok;
    struct json_object *value;
} result;

static const result failed = {false, NULL};

static result fail(reader *r, const char *message)
{
    if (!r->message)
        r->message = message;
    return failed;
}

static result made(reader *r, struct json_object *value)
{
    return value ? (result){true, value} : fail(r, "out of memory");
}

static void blanks(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' ||
                              *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool skip(reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool word(reader *r, const char *text)
{
    const size_t size = strlen(text);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, text, size) != 0)
        return false;
    r->at += size;
    return true;
}

static bool digits(reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > start;
}

/* number = "-"? ("0" | digits) ("." digits)? ([eE] [+-]? digits)? */
static result number(reader *r)
{
    const char *start = r->at;
    bool is_integer = true;
    skip(r, '-');
    if (!skip(r, '0') && !digits(r))
        return failed;
    if (skip(r, '.')) {
        is_integer = false;
        if (!digits(r))
            return failed;
    }
    if (skip(r, 'e') || skip(r, 'E')) {
        is_integer = false;
        if (!skip(r, '+'))
            skip(r, '-');
        if (!digits(r))
            return failed;
    }
    const size_t size = (size_t)(r->at - start);
    if (is_integer && size < 19) { /* fits in 64 bits */
        int64_t value = 0;
        for (const char *c = start + (*start == '-'); c < r->at; c++)
            value = value * 10 + (*c - '0');
        return made(r, json_object_new_int64(*start == '-' ? -value : value));
    }
    size_t used;
    return made(r,
                json_object_new_double(base_number_parse(start, size, &used)));
}

static int hex4(reader *r)
{
    int value = 0;
    if (r->end - r->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const int digit = mvc__hex(*r->at++);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Surrogates come in pairs, and U+0000 cannot be kept in a C string. */
static bool unicode_escape(reader *r)
{
    char utf8[4];
    int code = hex4(r);
    if (code <= 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
        const int low = word(r, "\\u") ? hex4(r) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    base_buf_put(&r->text, utf8, base_utf8_encode((uint32_t)code, utf8));
    return true;
}

static bool escape(reader *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end)
        return false;
    const char c = *r->at++;
    if (c == 'u')
        return unicode_escape(r);
    const char *found = memchr(from, c, sizeof from - 1);
    if (found)
        base_buf_putc(&r->text, to[found - from]);
    return found != NULL;
}

/* Reads a string into r->text, with a NUL after it that does not count. */
static bool string(reader *r)
{
    base_buf_clear(&r->text);
    r->at++;
    for (;;) {
        const char *start = r->at;
        while (r->at < r->end && *r->at != '"' && *r->at != '\\' &&
               (unsigned char)*r->at >= 0x20)
            r->at++;
        base_buf_put(&r->text, start, (size_t)(r->at - start));
        if (skip(r, '"'))
            break;
        if (!skip(r, '\\') || !escape(r))
            return false;
    }
    base_buf_putc(&r->text, '\0');
    if (r->text.failed) {
        fail(r, "out of memory");
        return false;
    }
    r->text.size--;
    return true;
}

static result value(reader *r);

/* member = string ":" value */
static bool member(reader *r, struct json_object *object)
{
    blanks(r);
    if (r->at == r->end || *r->at != '"' || !string(r))
        return false;
    char *name = strdup(r->text.data);
    blanks(r);
    const result v = name && skip(r, ':') ? value(r) : failed;
    bool ok = v.ok;
    if (ok && json_object_object_add(object, name, v.value) != 0) {
        json_object_put(v.value);
        ok = false;
    }
    if (!name || (v.ok && !ok))
        fail(r, "out of memory");
    free(name);
    return ok;
}

static bool element(reader *r, struct json_object *array)
{
    const result v = value(r);
    if (!v.ok || json_object_array_add(array, v.value) == 0)
        return v.ok;
    json_object_put(v.value);
    fail(r, "out of memory");
    return false;
}

/* members = (member ("," member)*)?; elements likewise */
static result members(reader *r, struct json_object *all, char close,
                      bool (*one)(reader *r, struct json_object *all))
{
    r->at++;
    if (!all)
        return fail(r, "out of memory");
    bool ok = r->depth++ < r->max_depth;
    if (!ok)
        fail(r, "JSON is nested too deeply");
    blanks(r);
    if (ok && !skip(r, close)) {
        do {
            ok = one(r, all);
            blanks(r);
        } while (ok && skip(r, ','));
        ok = ok && skip(r, close);
    }
    r->depth--;
    if (ok)
        return (result){true, all};
    json_object_put(all);
    return failed;
}

static result value(reader *r)
{
    blanks(r);
    switch (r->at < r->end ? *r->at : '\0') {
    case '{':
        return members(r, json_object_new_object(), '}', member);
    case '[':
        return members(r, json_object_new_array(), ']', element);
    case '"':
        if (!string(r))
            return failed;
        return made(
            r, json_object_new_string_len(r->text.data, (int)r->text.size));
    case 't':
        return word(r, "true") ? made(r, json_object_new_boolean(1)) : failed;
    case 'f':
        return word(r, "false") ? made(r, json_object_new_boolean(0)) : failed;
    case 'n':
        return (result){word(r, "null"), NULL};
    default:
        return number(r);
    }
}

struct json_object *mvc__json_read(const char *text, size_t size,
                                   unsigned max_depth, bool *is_null,
                                   const char **message)
{
    reader r = {.at = text,
                .end = text + size,
                .max_depth = max_depth < MAX_DEPTH ? max_depth : MAX_DEPTH};
    *is_null = false;
    *message = NULL;
    if (size > INT32_MAX || !base_utf8_valid(text, size, false)) {
        *message = "JSON is not UTF-8";
        return NULL;
    }
    const result v = value(&r);
    blanks(&r);
    base_buf_free(&r.text);
    if (v.ok && r.at == r.end) {
        *is_null = !v.value;
        return v.value;
    }
    json_object_put(v.value);
    *message = r.message       ? r.message
               : r.at == r.end ? "Unexpected end of JSON input"
                               : "Unexpected token in JSON";
    return NULL;
}
