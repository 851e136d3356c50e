/*
 * Reads JSON text as V8 does: the same grammar, the same complaints.
 *
 * The strings of clean text are slices of it, so a page's data costs one pass
 * and little memory.  The members of the object being read are collected in
 * scratch memory and copied once their number is known.  In an array of alike
 * objects each key is first compared with the key at the same place of the
 * object before: one memcmp instead of scanning and hashing.
 */
#include "ejs/runtime/json.h"

#include <stdlib.h>

#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/internal.h"

enum {
    FEW = 8,        /* members: that many are compared pair by pair */
    CONTEXT = 10,   /* units of text that a message shows on either side */
    SHORT_TEXT = 21 /* below, a message shows it all */
};

typedef struct parser {
    ejs_context *ctx;
    const char *text, *at, *end;
    bool typed;
    ejs_value *values; /* scratch: elements of the arrays being read */
    size_t n_values, room_values;
    ejs__property *members; /* scratch: of the objects being read */
    size_t n_members, room_members;
} parser;

/* errors ------------------------------------------------------------------- */

static uint32_t position(const parser *p)
{
    return (uint32_t)base_utf16_length(p->text, (size_t)(p->at - p->text));
}

static bool fail(parser *p, const char *message)
{
    ejs__throw_error(p->ctx, EJS_SYNTAX_ERROR, "%s in JSON at position %u",
                     message, position(p));
    return false;
}

static bool fail_after(parser *p)
{
    ejs__throw_error(p->ctx, EJS_SYNTAX_ERROR,
                     "Unexpected non-whitespace character after JSON at "
                     "position %u",
                     position(p));
    return false;
}

static bool fail_at_end(parser *p)
{
    ejs__throw_error(p->ctx, EJS_SYNTAX_ERROR, "Unexpected end of JSON input");
    return false;
}

/* What people pass to JSON.parse by mistake. */
static bool is_special(ejs_value text)
{
    return ejs__string_is(text, "NaN") || ejs__string_is(text, "Infinity") ||
           ejs__string_is(text, "undefined") ||
           ejs__string_is(text, "[object Object]");
}

/* The text around the offending unit, with dots where it is cut. */
static bool fail_with_context(parser *p, ejs_value text)
{
    ejs_context *ctx = p->ctx;
    const uint32_t length = ejs__units(ctx, text), at = position(p);
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
        return false;
    ejs__throw_error(ctx, EJS_SYNTAX_ERROR,
                     "Unexpected token '%.*s', %s\"%.*s\"%s is not valid JSON",
                     (int)unit.size, unit.as.text, before, (int)shown.size,
                     shown.as.text, after);
    return false;
}

static bool fail_at_token(parser *p)
{
    if (p->at == p->end)
        return fail_at_end(p);
    if ((*p->at >= '0' && *p->at <= '9') || *p->at == '-')
        return fail(p, "Unexpected number");
    if (*p->at == '"')
        return fail(p, "Unexpected string");
    const ejs_value text =
        ejs__string(p->text, (uint32_t)(p->end - p->text), 0);
    if (!is_special(text))
        return fail_with_context(p, text);
    ejs__throw_error(p->ctx, EJS_SYNTAX_ERROR, "\"%.*s\" is not valid JSON",
                     (int)text.size, text.as.text);
    return false;
}

/* scratch memory ----------------------------------------------------------- */

static bool grow(parser *p, void **data, size_t *room, size_t size)
{
    const size_t more = *room ? *room * 2 : 64;
    void *grown = realloc(*data, more * size);
    if (!grown) {
        ejs__throw_no_memory(p->ctx);
        return false;
    }
    *data = grown;
    *room = more;
    return true;
}

static bool push_value(parser *p, ejs_value v)
{
    void *data = p->values;
    if (p->n_values == p->room_values &&
        !grow(p, &data, &p->room_values, sizeof v))
        return false;
    p->values = data;
    p->values[p->n_values++] = v;
    return true;
}

static bool push_member(parser *p, const ejs__property *member)
{
    void *data = p->members;
    if (p->n_members == p->room_members &&
        !grow(p, &data, &p->room_members, sizeof *member))
        return false;
    p->members = data;
    p->members[p->n_members++] = *member;
    return true;
}

/* strings ------------------------------------------------------------------ */

static void skip_space(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' ||
                              *p->at == '\r' || *p->at == '\t'))
        p->at++;
}

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

/* Non-zero when one of eight bytes is a quote, a backslash, a control character
 * or not ASCII. */
static uint64_t interesting(uint64_t bytes)
{
    const uint64_t quote = bytes ^ EACH_BYTE('"');
    const uint64_t backslash = bytes ^ EACH_BYTE('\\');
    return ((bytes - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) |
            (backslash - EACH_BYTE(1)) | bytes) &
           EACH_BYTE(0x80);
}

/* From p->at to the quote, backslash or control character; the end if none. */
static bool scan_plain(parser *p)
{
    bool ascii = true;
    while (p->at < p->end) {
        uint64_t bytes;
        while (p->end - p->at >= 8) {
            memcpy(&bytes, p->at, 8);
            if (interesting(bytes))
                break;
            p->at += 8;
        }
        const unsigned char c =
            p->at < p->end ? (unsigned char)*p->at : (unsigned char)'"';
        if (c == '"' || c == '\\' || c < 0x20)
            break;
        ascii = ascii && c < 0x80;
        p->at++;
    }
    return ascii;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* XXXX after \u. */
static bool unicode_escape(parser *p, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        const int digit = p->at < p->end ? hex_digit(*p->at) : -1;
        if (digit < 0)
            return fail(p, "Bad Unicode escape");
        *unit = *unit * 16 + (uint32_t)digit;
    }
    return true;
}

/* An escape, the backslash read, into `unit`. */
static bool escape(parser *p, uint32_t *unit)
{
    if (p->at == p->end)
        return fail_at_end(p);
    switch (*p->at++) {
    case '"':
        *unit = '"';
        return true;
    case '\\':
        *unit = '\\';
        return true;
    case '/':
        *unit = '/';
        return true;
    case 'b':
        *unit = '\b';
        return true;
    case 'f':
        *unit = '\f';
        return true;
    case 'n':
        *unit = '\n';
        return true;
    case 'r':
        *unit = '\r';
        return true;
    case 't':
        *unit = '\t';
        return true;
    case 'u':
        return unicode_escape(p, unit);
    default:
        p->at--;
        return fail(p, "Bad escaped character");
    }
}

/* The rest of a string with escapes, from `start` on; p->at is at the first. */
static bool string_with_escapes(parser *p, const char *start, ejs_value *out)
{
    ejs__builder text = ejs__builder_new(p->ctx);
    ejs__builder_put(&text, start, (size_t)(p->at - start));
    while (p->at < p->end && *p->at == '\\') {
        uint32_t unit;
        p->at++;
        if (!escape(p, &unit))
            return false;
        if (unit < 0x80)
            ejs__builder_putc(&text, (char)unit);
        else
            ejs__builder_put_code(&text, unit);
        start = p->at;
        scan_plain(p);
        ejs__builder_put_string(
            &text, ejs__string(start, (uint32_t)(p->at - start), 0));
    }
    *out = ejs__builder_take(&text);
    return !ejs__is_thrown(*out);
}

/* string = '"' ... '"', after the first quote */
static bool string(parser *p, ejs_value *out)
{
    const char *start = p->at;
    const bool ascii = scan_plain(p);
    if (EJS_LIKELY(p->at < p->end && *p->at == '"')) {
        *out = ejs__string(start, (uint32_t)(p->at - start),
                           ascii ? EJS_STRING_ASCII : EJS_STRING_WIDE);
        p->at++;
        return true;
    }
    if (p->at < p->end && *p->at == '\\' &&
        !string_with_escapes(p, start, out))
        return false;
    if (p->at == p->end)
        return fail(p, "Unterminated string");
    if (*p->at != '"')
        return fail(p, "Bad control character in string literal");
    p->at++;
    return true;
}

/* numbers and words -------------------------------------------------------- */

static bool at_digit(const parser *p)
{
    return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

static void skip_digits(parser *p)
{
    while (at_digit(p))
        p->at++;
}

/* Fraction and exponent, if any. */
static bool skip_rest_of_number(parser *p)
{
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        if (!at_digit(p))
            return fail(p, "Unterminated fractional number");
        skip_digits(p);
    }
    if (p->at < p->end && (*p->at | 32) == 'e') {
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
            p->at++;
        if (!at_digit(p))
            return fail(p, "Exponent part is missing a number");
        skip_digits(p);
    }
    return true;
}

static double small_integer(const char *digits, const char *end)
{
    uint64_t x = 0;
    for (; digits < end; digits++)
        x = x * 10 + (uint64_t)(*digits - '0');
    return (double)x;
}

static bool number(parser *p, ejs_value *out)
{
    const char *start = p->at;
    const bool negative = *p->at == '-';
    p->at += negative;
    if (!at_digit(p))
        return fail(p, "No number after minus sign");
    const char *digits = p->at;
    if (*p->at == '0') {
        p->at++;
        if (at_digit(p))
            return fail(p, "Unexpected number");
    } else {
        skip_digits(p);
    }
    const char *whole_end = p->at;
    if (!skip_rest_of_number(p))
        return false;
    if (p->at == whole_end && whole_end - digits <= 15) {
        const double x = small_integer(digits, whole_end);
        *out = ejs__number(negative ? -x : x);
        return true;
    }
    size_t used;
    *out =
        ejs__number(base_number_parse(start, (size_t)(p->at - start), &used));
    return true;
}

/* true, false, null */
static bool word(parser *p, const char *name, ejs_value v, ejs_value *out)
{
    for (; *name; name++, p->at++)
        if (p->at == p->end || *p->at != *name)
            return fail_at_token(p);
    *out = v;
    return true;
}

/* arrays ------------------------------------------------------------------- */

static bool value(parser *p, const ejs_object *like, ejs_value *out);

/* Makes the values above `first` an array and takes them off. */
static bool close_array(parser *p, size_t first, ejs_value *out)
{
    const size_t n = p->n_values - first;
    p->n_values = first;
    *out = ejs__array_from(p->ctx, p->values + first, (uint32_t)n);
    return !ejs__is_thrown(*out);
}

/* array = "[" (value ("," value)*)? "]", after the bracket */
static bool array(parser *p, ejs_value *out)
{
    const size_t first = p->n_values;
    const ejs_object *like = NULL;
    skip_space(p);
    if (p->at < p->end && *p->at == ']') {
        p->at++;
        return close_array(p, first, out);
    }
    for (;;) {
        ejs_value item;
        if (!value(p, like, &item) || !push_value(p, item))
            return false;
        like = item.tag == EJS_TAG_OBJECT ? item.as.object : NULL;
        skip_space(p);
        if (p->at < p->end && *p->at == ']')
            break;
        if (p->at == p->end || *p->at != ',')
            return fail(p, "Expected ',' or ']' after array element");
        p->at++;
    }
    p->at++;
    return close_array(p, first, out);
}

/* objects ------------------------------------------------------------------ */

static bool has_duplicates(const ejs__property *members, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (members[i].hash == members[k].hash &&
                members[i].size == members[k].size &&
                memcmp(members[i].key, members[k].key, members[i].size) == 0)
                return true;
    return false;
}

/* One by one: the last of equal keys wins, at the place of the first. */
static bool define_members(parser *p, ejs_object *o,
                           const ejs__property *members, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const ejs__property *m = &members[i];
        ejs_site site = {m->key, m->size, m->hash, 0, 0, 0, 0, 0};
        ejs__property *old = ejs__find(o, &site);
        if (old)
            old->value = m->value;
        else if (!ejs__append(p->ctx, o, &site, m->value, EJS_ORDINARY))
            return false;
    }
    return true;
}

/* All at once, when no two are the same. */
static bool copy_members(parser *p, ejs_object *o,
                         const ejs__property *members, size_t n)
{
    if (n == 0)
        return true;
    o->properties.list = ejs__alloc(p->ctx, n * sizeof *members);
    if (!o->properties.list)
        return false;
    memcpy(o->properties.list, members, n * sizeof *members);
    o->properties.count = o->properties.capacity = (uint32_t)n;
    return true;
}

/* {"$date": "2024-..."} or {"$date": ms}: 1 a Date, 0 not, -1 thrown. */
static int typed_date(parser *p, const ejs__property *m, size_t n,
                      ejs_value *out)
{
    if (!p->typed || n != 1 || m->size != 5 || memcmp(m->key, "$date", 5) != 0)
        return 0;
    double ms;
    if (m->value.tag == EJS_TAG_NUMBER)
        ms = m->value.as.number;
    else if (m->value.tag == EJS_TAG_STRING)
        ms = ejs__date_parse(p->ctx, m->value.as.text, m->value.size);
    else
        return 0;
    *out = ejs__date_new(p->ctx, ms);
    return ejs__is_thrown(*out) ? -1 : 1;
}

/* Makes the members above `first` an object and takes them off.  `alike`: they
 * have the keys of an object before, so all differ. */
static bool close_object(parser *p, size_t first, bool alike, ejs_value *out)
{
    const ejs__property *members = p->members + first;
    const size_t n = p->n_members - first;
    p->n_members = first;
    const int date = typed_date(p, members, n, out);
    if (date)
        return date > 0;
    ejs_object *o = ejs__object_new(p->ctx);
    if (!o)
        return false;
    *out = ejs__object(o);
    if (n <= FEW && (alike || n < 2 || !has_duplicates(members, n)))
        return copy_members(p, o, members, n);
    return define_members(p, o, members, n);
}

/* Whether the key at p->at, a quote read, is the one of `like` at place i. */
static bool same_key(parser *p, const ejs_object *like, size_t i,
                     ejs__property *member)
{
    if (!like || i >= like->properties.count)
        return false;
    const ejs__property *there = &like->properties.list[i];
    if ((size_t)(p->end - p->at) <= there->size ||
        p->at[there->size] != '"' ||
        memcmp(p->at, there->key, there->size) != 0 ||
        memchr(there->key, '\\', there->size))
        return false;
    *member = *there;
    p->at += there->size + 1;
    return true;
}

/* The value at place i of `like`, when it is an object: what ours may be like. */
static const ejs_object *like_member(const ejs_object *like, size_t i)
{
    if (!like || i >= like->properties.count)
        return NULL;
    const ejs_value v = like->properties.list[i].value;
    return v.tag == EJS_TAG_OBJECT && v.as.object->kind == EJS_OBJECT_PLAIN
               ? v.as.object
               : NULL;
}

/* member = string ":" value */
static bool member(parser *p, const ejs_object *like, size_t i, bool *alike)
{
    ejs__property m = {.flags = EJS_ORDINARY};
    skip_space(p);
    if (p->at == p->end || *p->at != '"')
        return fail(p, i ? "Expected double-quoted property name"
                         : "Expected property name or '}'");
    p->at++;
    if (!same_key(p, like, i, &m)) {
        ejs_value key;
        if (!string(p, &key))
            return false;
        m.key = key.size ? key.as.text : "";
        m.size = key.size;
        m.hash = ejs__hash(m.key, m.size);
        *alike = false;
    }
    skip_space(p);
    if (p->at == p->end || *p->at != ':')
        return fail(p, "Expected ':' after property name");
    p->at++;
    return value(p, like_member(like, i), &m.value) && push_member(p, &m);
}

/* object = "{" (member ("," member)*)? "}", after the brace */
static bool object(parser *p, const ejs_object *like, ejs_value *out)
{
    const size_t first = p->n_members;
    bool alike = like != NULL;
    if (like && (like->kind != EJS_OBJECT_PLAIN || like->properties.index))
        like = NULL;
    alike = alike && like;
    skip_space(p);
    if (p->at < p->end && *p->at == '}') {
        p->at++;
        return close_object(p, first, true, out);
    }
    for (size_t i = 0;; i++) {
        if (!member(p, like, i, &alike))
            return false;
        skip_space(p);
        if (p->at < p->end && *p->at == '}')
            break;
        if (p->at == p->end || *p->at != ',')
            return fail(p, "Expected ',' or '}' after property value");
        p->at++;
    }
    p->at++;
    return close_object(p, first, alike, out);
}

/* the whole ---------------------------------------------------------------- */

static bool value(parser *p, const ejs_object *like, ejs_value *out)
{
    skip_space(p);
    if (p->at == p->end)
        return fail_at_end(p);
    switch (*p->at) {
    case '"':
        p->at++;
        return string(p, out);
    case '{':
        p->at++;
        return ejs__check_stack(p->ctx) && object(p, like, out);
    case '[':
        p->at++;
        return ejs__check_stack(p->ctx) && array(p, out);
    case 't':
        return word(p, "true", ejs__boolean(true), out);
    case 'f':
        return word(p, "false", ejs__boolean(false), out);
    case 'n':
        return word(p, "null", ejs__null(), out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return number(p, out);
    default:
        return fail_at_token(p);
    }
}

static bool whole(parser *p, ejs_value *out)
{
    if (!value(p, NULL, out))
        return false;
    skip_space(p);
    if (p->at < p->end)
        return fail_after(p);
    return true;
}

/* Replaces what is not UTF-8, in the arena. */
static bool repair(ejs_context *ctx, const char **text, size_t *size)
{
    base_buf fixed = {0};
    base_utf8_repair(&fixed, *text, *size);
    char *copy = fixed.failed ? NULL : ejs__alloc(ctx, fixed.size + 1);
    if (fixed.failed)
        ejs__throw_no_memory(ctx);
    if (copy) {
        memcpy(copy, fixed.data, fixed.size);
        *text = copy;
        *size = fixed.size;
    }
    base_buf_free(&fixed);
    return copy;
}

ejs_value ejs__json_parse(ejs_context *ctx, const char *text, size_t size,
                          unsigned flags)
{
    ejs_value result = ejs__thrown();
    if (size > EJS_MAX_STRING)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    if ((flags & EJS_JSON_BYTES) && !base_utf8_valid(text, size, false) &&
        !repair(ctx, &text, &size))
        return result;
    parser p = {.ctx = ctx,
                .text = text,
                .at = text,
                .end = text + size,
                .typed = flags & EJS_JSON_TYPED};
    if (!whole(&p, &result))
        result = ejs__thrown();
    free(p.values);
    free(p.members);
    if (!ejs__is_thrown(result) && !ejs__fuel(ctx, size / 64))
        return ejs__thrown();
    return result;
}
