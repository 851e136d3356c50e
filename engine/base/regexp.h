/*
 * regexp.h - JavaScript regular expressions (ECMAScript 2020, with Annex B).
 *
 * An own backtracking matcher on a parsed pattern, because the meaning differs
 * from Perl's in ways no translation can reach: captures are reset at each turn
 * of a loop, empty turns are refused, lookbehind runs from right to left.
 *
 * A compiled expression never changes and may be used by any thread.  A subject
 * is either ASCII bytes or UTF-16 units; positions count units.
 */
#ifndef BASE_REGEXP_H
#define BASE_REGEXP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct base_regexp base_regexp;

enum {
    BASE_REGEXP_GLOBAL = 1,
    BASE_REGEXP_IGNORE_CASE = 2,
    BASE_REGEXP_MULTILINE = 4,
    BASE_REGEXP_DOT_ALL = 8,
    BASE_REGEXP_UNICODE = 16,
    BASE_REGEXP_STICKY = 32,
};

/*
 * Flags from their letters; -1 when one is unknown or given twice.  `d` and `v`
 * are unknown here: the language leaves them out.
 */
int base_regexp_flags(const char *text, size_t size);

/*
 * Whether the pattern (WTF-8) is one.  NULL when it is; else what is wrong, in
 * V8's words: "Unterminated group".  V8's whole message is
 *     Invalid regular expression: /PATTERN/FLAGS: REASON
 */
const char *base_regexp_check(const char *pattern, size_t size, unsigned flags);

/*
 * Compiles the pattern; malloc'd.  NULL when it is wrong, with *reason as
 * above, or when there is no memory: then *reason is NULL.
 */
base_regexp *base_regexp_new(const char *pattern, size_t size, unsigned flags,
                             const char **reason);
void base_regexp_free(base_regexp *regexp);

/*
 * A copy in memory from `alloc`, which must not be freed by base_regexp_free
 * but goes the way of all that `alloc` gave.  NULL when `alloc` gives NULL.
 */
base_regexp *base_regexp_copy(const base_regexp *regexp,
                              void *(*alloc)(void *user, size_t size),
                              void *user);

/* Groups including the whole match, so at least 1. */
uint32_t base_regexp_groups(const base_regexp *regexp);
unsigned base_regexp_flags_of(const base_regexp *regexp);

/* The name of group i in WTF-8, or NULL. */
const char *base_regexp_group_name(const base_regexp *regexp, uint32_t i,
                                   size_t *size);
bool base_regexp_has_names(const base_regexp *regexp);

typedef struct base_regexp_subject {
    const char *ascii;     /* or NULL, and then */
    const uint16_t *units; /* UTF-16 */
    size_t length;         /* in units, at most 2^30 */
} base_regexp_subject;

typedef enum base_regexp_result {
    BASE_REGEXP_FOUND,
    BASE_REGEXP_NONE,
    BASE_REGEXP_LIMIT, /* *steps is used up */
    BASE_REGEXP_NOMEM,
} base_regexp_result;

/*
 * Looks for a match at `start` or, unless `sticky`, after it.  `captures` has
 * two positions for each group, start and end, -1 when it took no part.
 * *steps is what the search may cost, in backtracks; it is counted down.
 */
base_regexp_result base_regexp_match(const base_regexp *regexp,
                                     const base_regexp_subject *subject,
                                     size_t start, bool sticky,
                                     int32_t *captures, int64_t *steps);

#endif
