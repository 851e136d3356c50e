/* target.h - request targets: splitting, decoding, encoding for show. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include <mvc.h>

#include "base/arena.h"

/*
 * decodeURIComponent: NULL when an escape is malformed, or what comes out is
 * not UTF-8, or it holds a NUL byte.
 */
char *mvc__decode_component(base_arena *arena, const char *text, size_t size);

/* encodeurl: escapes what no URL may hold, keeps escapes that are there. */
char *mvc__encode_url(base_arena *arena, const char *url);

/* The original path, as an error page shows it; never NULL. */
const char *mvc__shown_path(mvc_req *req);

/* HTML's five special characters; NULL when out of memory. */
char *mvc__escape_html(base_arena *arena, const char *text);

/* Value of a hexadecimal digit, or -1. */
int mvc__hex(char c);

#endif
