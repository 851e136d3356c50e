/* format.c - a recursive-descent parser for filter and update formats. */
#include "model/format.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "model/value.h"

enum { MAX_DEPTH = 64 };

typedef struct parser {
    mvc_db *db;
    const char *format, *at;
    va_list args;
    int depth;
    mvc_error *err;
} parser;

/* Points at where the format went wrong, counted from 1. */
static void *wrong(parser *p, const char *what)
{
    if (p->err->status == MVC_OK)
        mvc__fail(p->err, MVC_MISUSE, "%s at column %zu of \"%s\"", what,
                  (size_t)(p->at - p->format) + 1, p->format);
    return NULL;
}

static void *no_memory(parser *p)
{
    mvc__no_memory(p->err);
    return NULL;
}

static char next_char(parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
    return *p->at;
}

static bool take(parser *p, char c)
{
    if (next_char(p) != c)
        return false;
    p->at++;
    return true;
}

static mvc__node *new_node(parser *p, mvc__node_kind kind)
{
    mvc__node *node = base_arena_zalloc(&p->db->arena, 1, sizeof *node);
    if (!node)
        return no_memory(p);
    node->kind = kind;
    return node;
}

/* A value that has just been made; NULL then means no memory. */
static mvc__node *new_value(parser *p, json_object *value)
{
    if (!value || !mvc__keep(p->db, value))
        return no_memory(p);
    mvc__node *node = new_node(p, NODE_VALUE);
    if (node)
        node->value = value;
    return node;
}

static mvc__node *new_text(parser *p, const char *text, size_t size)
{
    if (size > INT32_MAX)
        return no_memory(p);
    return new_value(p, json_object_new_string_len(text, (int)size));
}

static mvc__node *new_double(parser *p, double x)
{
    if (!isfinite(x))
        return wrong(p, "a number that is not finite");
    return new_value(p, json_object_new_double(x));
}

/* texts -------------------------------------------------------------------- */

static bool read_hex(parser *p, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        const char *digits = "0123456789abcdef";
        const char c = *p->at;
        const char *found = c ? strchr(digits, c | (c > '9' ? 0x20 : 0)) : NULL;
        if (!found)
            return false;
        *code = *code << 4 | (uint32_t)(found - digits);
    }
    return true;
}

// unicode = "u" hex hex hex hex, in pairs beyond the basic plane
static bool read_unicode(parser *p, base_buf *out)
{
    uint32_t code, low;
    char bytes[4];
    if (!read_hex(p, &code))
        return false;
    if (code >= 0xD800 && code < 0xDC00) {
        if (p->at[0] != '\\' || p->at[1] != 'u')
            return false;
        p->at += 2;
        if (!read_hex(p, &low) || low < 0xDC00 || low > 0xDFFF)
            return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code < 0xE000) {
        return false;
    }
    base_buf_put(out, bytes, base_utf8_encode(code, bytes));
    return true;
}

static bool read_escape(parser *p, base_buf *out)
{
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    const char c = *p->at;
    if (!c)
        return false;
    p->at++;
    if (c == 'u')
        return read_unicode(p, out);
    const char *name = strchr(names, c);
    base_buf_putc(out, name ? values[name - names] : c);
    return true;
}

// text = quote (char | "\" escape | "%%")* quote
static bool read_text(parser *p, base_buf *out)
{
    const char quote = *p->at++;
    while (*p->at != quote) {
        const char c = *p->at;
        if (!c)
            return wrong(p, "unfinished text") != NULL;
        p->at++;
        if (c == '\\') {
            if (!read_escape(p, out))
                return wrong(p, "unknown escape") != NULL;
        } else if (c == '%' && *p->at++ != '%') {
            p->at -= 2;
            return wrong(p, "a conversion within quotes: write %s bare,") !=
                   NULL;
        } else {
            base_buf_putc(out, c);
        }
    }
    p->at++;
    return true;
}

static mvc__node *parse_text(parser *p)
{
    base_buf text = {0};
    mvc__node *node = NULL;
    if (read_text(p, &text))
        node = text.failed ? no_memory(p)
                           : new_text(p, text.data ? text.data : "", text.size);
    base_buf_free(&text);
    return node;
}

/* conversions -------------------------------------------------------------- */

typedef enum size_class {
    INT_PLAIN,
    INT_LONG,
    INT_LONG_LONG,
    INT_SIZE,
    INT_MAX_T,
    INT_PTRDIFF
} size_class;

static size_class read_size(parser *p)
{
    switch (*p->at) {
    case 'h': /* promoted to int */
        p->at += p->at[1] == 'h' ? 2 : 1;
        return INT_PLAIN;
    case 'l':
        p->at += p->at[1] == 'l' ? 2 : 1;
        return p->at[-2] == 'l' ? INT_LONG_LONG : INT_LONG;
    case 'z':
        p->at++;
        return INT_SIZE;
    case 'j':
        p->at++;
        return INT_MAX_T;
    case 't':
        p->at++;
        return INT_PTRDIFF;
    default:
        return INT_PLAIN;
    }
}

static mvc__node *bind_signed(parser *p, size_class size)
{
    int64_t n = 0;
    switch (size) {
    case INT_PLAIN:
        n = va_arg(p->args, int);
        break;
    case INT_LONG:
        n = va_arg(p->args, long);
        break;
    case INT_LONG_LONG:
        n = va_arg(p->args, long long);
        break;
    case INT_SIZE:
    case INT_PTRDIFF:
        n = va_arg(p->args, ptrdiff_t);
        break;
    case INT_MAX_T:
        n = va_arg(p->args, intmax_t);
        break;
    }
    return new_value(p, json_object_new_int64(n));
}

static mvc__node *bind_unsigned(parser *p, size_class size)
{
    uint64_t n = 0;
    switch (size) {
    case INT_PLAIN:
        n = va_arg(p->args, unsigned);
        break;
    case INT_LONG:
        n = va_arg(p->args, unsigned long);
        break;
    case INT_LONG_LONG:
        n = va_arg(p->args, unsigned long long);
        break;
    case INT_SIZE:
    case INT_PTRDIFF:
        n = va_arg(p->args, size_t);
        break;
    case INT_MAX_T:
        n = va_arg(p->args, uintmax_t);
        break;
    }
    return n > INT64_MAX ? new_double(p, (double)n)
                         : new_value(p, json_object_new_int64((int64_t)n));
}

/* `limit` below 0: up to the NUL. */
static mvc__node *bind_text(parser *p, int limit)
{
    const char *text = va_arg(p->args, const char *);
    if (!text)
        return new_node(p, NODE_VALUE);
    return new_text(p, text,
                    limit < 0 ? strlen(text) : strnlen(text, (size_t)limit));
}

static mvc__node *bind_json(parser *p)
{
    json_object *value = va_arg(p->args, json_object *);
    return value ? new_value(p, json_object_get(value))
                 : new_node(p, NODE_VALUE);
}

// conversion = "%" ("s" | ".*s" | "p" | "f" | "Lf" | size? ("d" | "i" | "u"))
static mvc__node *parse_conversion(parser *p)
{
    const char *start = p->at++;
    if (strncmp(p->at, ".*s", 3) == 0) {
        p->at += 3;
        const int limit = va_arg(p->args, int);
        return bind_text(p, limit);
    }
    if (strncmp(p->at, "Lf", 2) == 0) {
        p->at += 2;
        return new_double(p, (double)va_arg(p->args, long double));
    }
    const size_class size = read_size(p);
    switch (*p->at++) {
    case 'd':
    case 'i':
        return bind_signed(p, size);
    case 'u':
        return bind_unsigned(p, size);
    case 'f':
    case 'g':
        return new_double(p, va_arg(p->args, double));
    case 's':
        if (size == INT_PLAIN)
            return bind_text(p, -1);
        break;
    case 'p':
        return bind_json(p);
    }
    p->at = start;
    return wrong(p, "expected one of the conversions %s %d %f %p");
}

/* literals ----------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '$';
}

static mvc__node *parse_number(parser *p)
{
    size_t used;
    const size_t length = strspn(p->at, "+-.0123456789eE");
    const double x = base_number_parse(p->at, length, &used);
    if (used == 0 || used != length || is_word(p->at[used]))
        return wrong(p, "expected a number");
    const bool whole = strcspn(p->at, ".eE") >= used;
    errno = 0;
    const long long n = whole ? strtoll(p->at, NULL, 10) : 0;
    p->at += used;
    if (whole && errno == 0)
        return new_value(p, json_object_new_int64(n));
    return new_double(p, x);
}

static mvc__node *parse_word(parser *p)
{
    size_t size = 0;
    while (is_word(p->at[size]))
        size++;
    const bool yes = size == 4 && memcmp(p->at, "true", 4) == 0;
    const bool no = size == 5 && memcmp(p->at, "false", 5) == 0;
    const bool null = size == 4 && memcmp(p->at, "null", 4) == 0;
    if (!yes && !no && !null)
        return wrong(p, "expected a value");
    p->at += size;
    if (null)
        return new_node(p, NODE_VALUE);
    return new_value(p, json_object_new_boolean(yes));
}

/* The source between the slashes, with "\/" and "%%" undone. */
static bool read_regex(parser *p, base_buf *out)
{
    bool in_class = false;
    for (p->at++; *p->at != '/' || in_class; p->at++) {
        if (!*p->at)
            return false;
        if (p->at[0] == '\\' && p->at[1]) {
            if (p->at[1] != '/')
                base_buf_putc(out, '\\');
            p->at++;
        } else if (*p->at == '%') {
            if (p->at[1] != '%')
                return false;
            p->at++;
        } else if (*p->at == '[' || *p->at == ']') {
            in_class = *p->at == '[';
        }
        base_buf_putc(out, *p->at);
    }
    p->at++;
    return true;
}

// regex = "/" char* "/" flag*
static mvc__node *parse_regex(parser *p)
{
    base_buf source = {0};
    mvc__node *node = NULL;
    if (!read_regex(p, &source)) {
        wrong(p, "unfinished regular expression");
    } else if ((node = new_node(p, NODE_REGEX)) != NULL) {
        const size_t flags = strspn(p->at, "imsxu");
        node->source = base_arena_dup(
            &p->db->arena, source.data ? source.data : "", source.size);
        node->flags = base_arena_dup(&p->db->arena, p->at, flags);
        p->at += flags;
        if (source.failed || !node->source || !node->flags)
            node = no_memory(p);
    }
    base_buf_free(&source);
    return node;
}

/* structure ---------------------------------------------------------------- */

static mvc__node *parse_value(parser *p);

// key = word ("." word)* | text
static const char *parse_key(parser *p)
{
    const char c = next_char(p);
    if (c == '"' || c == '\'') {
        base_buf text = {0};
        const char *key = NULL;
        if (read_text(p, &text)) {
            if (text.data && memchr(text.data, '\0', text.size))
                wrong(p, "a key with a NUL in it");
            else if (text.failed ||
                     !(key = base_arena_dup(&p->db->arena,
                                            text.data ? text.data : "",
                                            text.size)))
                no_memory(p);
        }
        base_buf_free(&text);
        return key;
    }
    size_t size = 0;
    while (is_word(p->at[size]) || (p->at[size] == '.' && size > 0))
        size++;
    if (size == 0)
        return wrong(p, "expected a key");
    const char *key = base_arena_dup(&p->db->arena, p->at, size);
    p->at += size;
    return key ? key : no_memory(p);
}

// member = key ":" value
static mvc__node *parse_member(parser *p)
{
    const char *key = parse_key(p);
    if (!key)
        return NULL;
    if (!take(p, ':'))
        return wrong(p, "expected ':'");
    mvc__node *node = parse_value(p);
    if (node)
        node->key = key;
    return node;
}

// object = "{" (member ("," member)* ","?)? "}", array likewise
static mvc__node *parse_list(parser *p, mvc__node_kind kind, char end)
{
    mvc__node *list = new_node(p, kind);
    p->at++;
    if (!list)
        return NULL;
    for (mvc__node **tail = &list->children; !take(p, end);
         tail = &(*tail)->next) {
        *tail = kind == NODE_OBJECT ? parse_member(p) : parse_value(p);
        if (!*tail)
            return NULL;
        if (!take(p, ',') && next_char(p) != end)
            return wrong(p, end == '}' ? "expected ',' or '}'"
                                       : "expected ',' or ']'");
    }
    return list;
}

static mvc__node *parse_nested(parser *p, mvc__node_kind kind, char end)
{
    if (p->depth == MAX_DEPTH)
        return wrong(p, "nested too deep");
    p->depth++;
    mvc__node *node = parse_list(p, kind, end);
    p->depth--;
    return node;
}

static mvc__node *parse_value(parser *p)
{
    const char c = next_char(p);
    switch (c) {
    case '{':
        return parse_nested(p, NODE_OBJECT, '}');
    case '[':
        return parse_nested(p, NODE_ARRAY, ']');
    case '"':
    case '\'':
        return parse_text(p);
    case '%':
        return parse_conversion(p);
    case '/':
        return parse_regex(p);
    }
    if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.')
        return parse_number(p);
    return parse_word(p);
}

mvc__node *mvc__format_parse(mvc_db *db, const char *format, va_list args,
                             mvc_error *err)
{
    parser p = {.db = db, .format = format, .at = format, .err = err};
    va_copy(p.args, args);
    mvc__node *node = parse_value(&p);
    if (node && next_char(&p) != '\0')
        node = wrong(&p, "expected the end");
    va_end(p.args);
    return node;
}

/* values ------------------------------------------------------------------- */

bool mvc__node_is_operators(const mvc__node *node)
{
    if (node->kind != NODE_OBJECT)
        return false;
    for (const mvc__node *child = node->children; child; child = child->next)
        if (child->key[0] == '$')
            return true;
    return false;
}

static json_object *build(const mvc__node *node, mvc_error *err);

static bool build_children(const mvc__node *node, json_object *into,
                           mvc_error *err)
{
    for (const mvc__node *child = node->children; child; child = child->next) {
        if (child->key && child->key[0] == '$')
            return mvc__fail(err, MVC_MISUSE, "'%s' is not an operator here",
                             child->key);
        json_object *value = build(child, err);
        if (err->status != MVC_OK)
            return false;
        if (!(child->key ? mvc__set(into, child->key, value)
                         : mvc__append(into, value)))
            return mvc__no_memory(err);
    }
    return true;
}

static json_object *build(const mvc__node *node, mvc_error *err)
{
    if (node->kind == NODE_VALUE)
        return json_object_get(node->value);
    if (node->kind == NODE_REGEX) {
        mvc__fail(err, MVC_MISUSE, "a regular expression is no value here");
        return NULL;
    }
    json_object *made = node->kind == NODE_OBJECT ? json_object_new_object()
                                                  : json_object_new_array();
    if (!made) {
        mvc__no_memory(err);
    } else if (!build_children(node, made, err)) {
        json_object_put(made);
        made = NULL;
    }
    return made;
}

bool mvc__node_value(mvc_db *db, const mvc__node *node, json_object **value,
                     mvc_error *err)
{
    *value = node->value;
    if (node->kind == NODE_VALUE)
        return true;
    *value = build(node, err);
    if (err->status != MVC_OK)
        return false;
    if (!mvc__keep(db, *value))
        return mvc__no_memory(err);
    return true;
}
