/*
 * pattern.h - Express 5's path syntax (path-to-regexp 8).
 *
 *   /users/:id        a parameter: one or more characters of one segment
 *   /files/ *rest     (no blank) a wildcard: any characters, slashes too
 *   /posts{/:id}      an optional group; groups nest
 *   /:"a name", \:    a quoted name, an escaped character
 *
 * A pattern is parsed into alternatives without groups; each is a row of
 * tokens that is matched on the raw, still encoded path.
 */
#ifndef HTTP_PATTERN_H
#define HTTP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { MVC__MAX_ALTERNATIVES = 256, MVC__MAX_CAPTURES = 32 };

typedef enum mvc__token_type {
    MVC__TOKEN_TEXT,
    MVC__TOKEN_PARAM,
    MVC__TOKEN_WILDCARD,
} mvc__token_type;

typedef struct mvc__text {
    const char *data;
    size_t size;
} mvc__text;

/*
 * What a capture may not run over: at no character of it may `stop` or
 * `stop_too` begin (empty: no such bound).  `or_else` says it may also be, in
 * whole, the text `else_text`; or run up to the next slash.
 */
typedef struct mvc__token {
    mvc__token_type type;
    mvc__text text; /* literal text, or the name */
    mvc__text stop, stop_too;
    mvc__text else_text;
    bool or_segment;
} mvc__token;

typedef struct mvc__alternative {
    mvc__token *tokens;
    size_t n_tokens;
} mvc__alternative;

typedef struct mvc__pattern {
    const char *source;
    mvc__alternative *alternatives;
    size_t n_alternatives;
    bool ends;      /* the whole path; else a prefix that ends at a slash */
    bool trailing;  /* one more slash at the end is fine */
    bool sensitive; /* letter case counts */
    bool any;       /* use("/"): matches every path, taking nothing */
} mvc__pattern;

typedef struct mvc__capture {
    const mvc__token *token;
    const char *data; /* into the path */
    size_t size;
} mvc__capture;

typedef struct mvc__match {
    size_t size; /* of the path's matched part */
    size_t n_captures;
    mvc__capture captures[MVC__MAX_CAPTURES];
} mvc__match;

/*
 * Compiles `source`; all memory comes from the arena.  False with a message
 * (from the arena too, NULL when out of memory) when it is not well formed.
 * The caller sets ends, trailing and sensitive.
 */
bool mvc__pattern_compile(mvc__pattern *pattern, const char *source,
                          base_arena *arena, const char **message);

bool mvc__pattern_match(const mvc__pattern *pattern, const char *path,
                        size_t size, mvc__match *match);

/* Whether every path that `b` matches is one that `a` matches; may miss some.
 */
bool mvc__pattern_covers(const mvc__pattern *a, const mvc__pattern *b);

#endif
