/*
 * fix.c - `<% include header %>`, the directive that EJS 3 removed, as the call
 * that took its place.
 */
#include "scaffold/fix.h"

#include <string.h>

/* A stretch of the template. */
typedef struct span {
    const char *at, *end;
} span;

static span trim(span s)
{
    while (s.at < s.end && strchr(" \t\r\n", *s.at))
        s.at++;
    while (s.at < s.end && strchr(" \t\r\n;", s.end[-1]))
        s.end--;
    return s;
}

/* The file that a directive names; empty when the code is none. */
static span directive_path(span code)
{
    static const char word[] = "include";
    enum { WORD = sizeof word - 1 };
    code = trim(code);
    const span none = {code.at, code.at};
    if (code.end - code.at <= WORD || memcmp(code.at, word, WORD) != 0 ||
        !strchr(" \t", code.at[WORD]))
        return none;
    code.at += WORD;
    code = trim(code);
    if (code.at < code.end && *code.at == '(')
        return none;
    for (const char *c = code.at; c < code.end; c++) {
        if (strchr(" \t\r\n", *c))
            return none;
    }
    if (code.end - code.at >= 2 && strchr("'\"", *code.at) &&
        code.end[-1] == *code.at) {
        code.at++;
        code.end--;
    }
    return code;
}

static void put_path(base_buf *out, span path)
{
    for (; path.at < path.end; path.at++) {
        if (*path.at == '\'' || *path.at == '\\')
            base_buf_putc(out, '\\');
        base_buf_putc(out, *path.at);
    }
}

typedef struct tag {
    span code;        /* without modifiers */
    char open, close; /* '-' '_' '=' ..., or 0 */
    const char *end;  /* behind the tag */
} tag;

/* The tag that begins at `at`, behind its opening; false: it does not end. */
static bool read_tag(const char *at, const char *end, const char *closing,
                     tag *t)
{
    const size_t size = strlen(closing);
    const char *stop = memmem(at, (size_t)(end - at), closing, size);
    if (!stop)
        return false;
    *t = (tag){.code = {at, stop}, .end = stop + size};
    if (at < stop && strchr("-_=#%", *at)) {
        t->open = *at;
        t->code.at++;
    }
    if (t->code.at < t->code.end && strchr("-_", t->code.end[-1])) {
        t->close = t->code.end[-1];
        t->code.end--;
    }
    return true;
}

unsigned fix_includes(const options *o, const char *source, size_t size,
                      base_buf *out)
{
    const char *const open =
        o->ejs.open_delimiter ? o->ejs.open_delimiter : "<";
    const char *const mark = o->ejs.delimiter ? o->ejs.delimiter : "%";
    const char *const close =
        o->ejs.close_delimiter ? o->ejs.close_delimiter : ">";
    char opening[64], closing[64];
    const char *at = source, *end = source + size;
    unsigned count = 0;
    snprintf(opening, sizeof opening, "%s%s", open, mark);
    snprintf(closing, sizeof closing, "%s%s", mark, close);
    while (at < end) {
        const char *found =
            memmem(at, (size_t)(end - at), opening, strlen(opening));
        tag t;
        if (!found || !read_tag(found + strlen(opening), end, closing, &t))
            break;
        const span path = directive_path(t.code);
        if (path.at == path.end || (t.open && !strchr("-_", t.open))) {
            base_buf_put(out, at, (size_t)(t.end - at));
            at = t.end;
            continue;
        }
        base_buf_put(out, at, (size_t)(found - at));
        if (t.open == '_') /* what ate the white space before goes on to */
            base_buf_printf(out, "%s_ %s", opening, closing);
        base_buf_printf(out, "%s- include('", opening);
        put_path(out, path);
        base_buf_printf(out, "') %.*s%s", t.close != 0, &t.close, closing);
        at = t.end;
        count++;
    }
    base_buf_put(out, at, (size_t)(end - at));
    return count;
}
