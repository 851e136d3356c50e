/* json.c - a recursive-descent reader of JSON into json-c objects. */
#include "model/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 100 };

typedef struct reader {
    const char *at, *end;
    base_buf text; /* the text being read, when it has escapes */
    int depth;
    mvc__json_result result; /* the first failure */
} reader;

static bool fail(reader *r, mvc__json_result result)
{
    if (r->result == JSON_OK)
        r->result = result;
    return false;
}

static char next_char(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' ||
                              *r->at == '\r' || *r->at == '\t'))
        r->at++;
    return r->at < r->end ? *r->at : '\0';
}

static bool take(reader *r, char c)
{
    if (next_char(r) != c)
        return false;
    r->at++;
    return true;
}

/* A value that has just been made; NULL is no memory. */
static bool made(reader *r, json_object *value, json_object **out)
{
    *out = value;
    return value || fail(r, JSON_NO_MEMORY);
}

/* texts -------------------------------------------------------------------- */

static bool read_hex(reader *r, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        if (r->at == r->end || !*r->at)
            return false;
        const char c = *r->at++;
        const char *found = strchr(digits, c >= 'A' ? c | 0x20 : c);
        if (!found)
            return false;
        *code = *code << 4 | (uint32_t)(found - digits);
    }
    return true;
}

// unicode = "u" hex hex hex hex, in pairs beyond the basic plane
static bool read_unicode(reader *r)
{
    uint32_t code, low;
    char bytes[4];
    if (!read_hex(r, &code))
        return false;
    if (code >= 0xD800 && code < 0xDC00 && r->end - r->at >= 6 &&
        r->at[0] == '\\' && r->at[1] == 'u') {
        r->at += 2;
        if (!read_hex(r, &low) || low < 0xDC00 || low > 0xDFFF)
            return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    base_buf_put(&r->text, bytes, base_utf8_encode(code, bytes));
    return true;
}

static bool read_escape(reader *r)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char c = r->at < r->end ? *r->at++ : '\0';
    if (c == 'u')
        return read_unicode(r);
    const char *name = c ? strchr(names, c) : NULL;
    if (!name)
        return false;
    base_buf_putc(&r->text, values[name - names]);
    return true;
}

/* The text from here to its quote, in the input or in r->text. */
static bool read_text(reader *r, const char **text, size_t *size)
{
    const char *start = r->at;
    base_buf_clear(&r->text);
    for (;; r->at++) {
        r->at += strcspn(r->at, "\"\\");
        if (r->at >= r->end || !*r->at)
            return fail(r, JSON_WRONG);
        if (*r->at != '\\')
            break;
        base_buf_put(&r->text, start, (size_t)(r->at - start));
        r->at++;
        if (!read_escape(r))
            return fail(r, JSON_WRONG);
        start = r->at--;
    }
    const size_t rest = (size_t)(r->at - start);
    r->at++;
    *text = start;
    *size = rest;
    if (r->text.size == 0 && !r->text.failed)
        return true;
    base_buf_put(&r->text, start, rest);
    *text = r->text.data;
    *size = r->text.size;
    return !r->text.failed || fail(r, JSON_NO_MEMORY);
}

static bool parse_text(reader *r, json_object **out)
{
    const char *text;
    size_t size;
    r->at++;
    if (!read_text(r, &text, &size))
        return false;
    if (size > INT32_MAX)
        return fail(r, JSON_WRONG);
    return made(r, json_object_new_string_len(text, (int)size), out);
}

/* scalars ------------------------------------------------------------------ */

static bool parse_number(reader *r, json_object **out)
{
    size_t used;
    const double x = base_number_parse(r->at, (size_t)(r->end - r->at), &used);
    if (used == 0)
        return fail(r, JSON_WRONG);
    const bool whole = strcspn(r->at, ".eE") >= used;
    errno = 0;
    const long long n = whole ? strtoll(r->at, NULL, 10) : 0;
    r->at += used;
    return made(r,
                whole && errno == 0 ? json_object_new_int64(n)
                                    : json_object_new_double(x),
                out);
}

static bool take_word(reader *r, const char *word)
{
    const size_t size = strlen(word);
    if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
        return false;
    r->at += size;
    return true;
}

static bool parse_word(reader *r, json_object **out)
{
    if (take_word(r, "null"))
        return true;
    if (take_word(r, "true"))
        return made(r, json_object_new_boolean(1), out);
    if (take_word(r, "false"))
        return made(r, json_object_new_boolean(0), out);
    return fail(r, JSON_WRONG);
}

/* structure ---------------------------------------------------------------- */

static bool parse_value(reader *r, json_object **out);

// member = text ":" value
static bool parse_member(reader *r, json_object *object)
{
    const char *text;
    size_t size;
    json_object *value;
    if (!take(r, '"'))
        return fail(r, JSON_WRONG);
    if (!read_text(r, &text, &size))
        return false;
    char *key = strndup(text, size);
    if (!key)
        return fail(r, JSON_NO_MEMORY);
    bool ok = take(r, ':') || fail(r, JSON_WRONG);
    ok = ok && parse_value(r, &value);
    if (ok && json_object_object_add(object, key, value) != 0) {
        json_object_put(value);
        ok = fail(r, JSON_NO_MEMORY);
    }
    free(key);
    return ok;
}

static bool parse_element(reader *r, json_object *array)
{
    json_object *value;
    if (!parse_value(r, &value))
        return false;
    if (json_object_array_add(array, value) == 0)
        return true;
    json_object_put(value);
    return fail(r, JSON_NO_MEMORY);
}

// object = "{" (member ("," member)*)? "}", array likewise
static bool parse_list(reader *r, char end, json_object **out)
{
    r->at++;
    if (!made(r,
              end == '}' ? json_object_new_object() : json_object_new_array(),
              out))
        return false;
    if (take(r, end))
        return true;
    do {
        if (!(end == '}' ? parse_member(r, *out) : parse_element(r, *out)))
            return false;
    } while (take(r, ','));
    return take(r, end) || fail(r, JSON_WRONG);
}

static bool parse_nested(reader *r, char end, json_object **out)
{
    if (r->depth == MAX_DEPTH)
        return fail(r, JSON_WRONG);
    r->depth++;
    const bool ok = parse_list(r, end, out);
    r->depth--;
    if (!ok) {
        json_object_put(*out);
        *out = NULL;
    }
    return ok;
}

static bool parse_value(reader *r, json_object **out)
{
    *out = NULL;
    switch (next_char(r)) {
    case '{':
        return parse_nested(r, '}', out);
    case '[':
        return parse_nested(r, ']', out);
    case '"':
        return parse_text(r, out);
    case 't':
    case 'f':
    case 'n':
        return parse_word(r, out);
    default:
        return parse_number(r, out);
    }
}

mvc__json_result mvc__json_parse(const char *text, size_t size,
                                 json_object **value)
{
    reader r = {.at = text, .end = text + size};
    if (parse_value(&r, value) && next_char(&r) != '\0') {
        json_object_put(*value);
        *value = NULL;
        fail(&r, JSON_WRONG);
    }
    base_buf_free(&r.text);
    return r.result;
}
