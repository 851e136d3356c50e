/* target.c - splits and decodes request targets as Express does. */
#include "http/target.h"

#include <string.h>

#include "base/utf8.h"
#include "http/exchange.h"

int mvc__hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

char *mvc__decode_component(base_arena *arena, const char *text, size_t size)
{
    char *out = base_arena_dup(arena, text, size);
    if (!out || !memchr(text, '%', size))
        return out;
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '%') {
            out[n++] = text[i];
            continue;
        }
        const bool whole = size - i > 2;
        const int high = whole ? mvc__hex(text[i + 1]) : -1;
        const int low = whole ? mvc__hex(text[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return NULL;
        out[n++] = (char)(high * 16 + low);
        i += 2;
    }
    out[n] = '\0';
    return base_utf8_valid(out, n, false) ? out : NULL;
}

static bool is_url_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '@' && c <= 'Z') ||
           (c >= '&' && c <= ';') || c == '!' || c == '#' || c == '$' ||
           c == '=' || c == '?' || c == '[' || c == ']' || c == '_' ||
           c == '~' || c == '|' || c == '^' || c == '\\';
}

char *mvc__encode_url(base_arena *arena, const char *url)
{
    static const char digits[] = "0123456789ABCDEF";
    const size_t size = strlen(url);
    char *out = base_arena_alloc(arena, 3 * size + 1);
    if (!out)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)url[i];
        const bool is_escape =
            c == '%' && mvc__hex(url[i + 1]) >= 0 && mvc__hex(url[i + 2]) >= 0;
        if (is_escape || (c < 0x80 && is_url_char(url[i]))) {
            out[n++] = url[i];
        } else {
            out[n++] = '%';
            out[n++] = digits[c >> 4];
            out[n++] = digits[c & 15];
        }
    }
    out[n] = '\0';
    return out;
}

const char *mvc__shown_path(mvc_req *req)
{
    const char *url = req->original_url;
    const char *path = base_arena_dup(&req->arena, url, strcspn(url, "?#"));
    const char *shown = path ? mvc__encode_url(&req->arena, path) : NULL;
    return shown ? shown : "/";
}

char *mvc__escape_html(base_arena *arena, const char *text)
{
    const size_t size = strlen(text);
    char *out = base_arena_alloc(arena, 6 * size + 1);
    if (!out)
        return NULL;
    char *end = out;
    for (size_t i = 0; i < size; i++) {
        const char c = text[i];
        const char *with = c == '&'    ? "&amp;"
                           : c == '<'  ? "&lt;"
                           : c == '>'  ? "&gt;"
                           : c == '"'  ? "&quot;"
                           : c == '\'' ? "&#39;"
                                       : NULL;
        if (with)
            end = stpcpy(end, with);
        else
            *end++ = c;
    }
    *end = '\0';
    return out;
}
