/*
 * regexp.h - RegExp objects, and what String.prototype does with them
 * (builtin_regexp.c).
 */
#ifndef EJS_RUNTIME_REGEXP_H
#define EJS_RUNTIME_REGEXP_H

#include "base/regexp.h"
#include "ejs/runtime/object.h"

/* The first own property is lastIndex; it cannot be deleted, so it stays. */
typedef struct ejs__regexp {
    ejs_object object;
    const base_regexp *code; /* process-wide or in the arena */
    ejs_value pattern;       /* as it was given */
    unsigned flags;          /* BASE_REGEXP_... */
} ejs__regexp;

static inline bool ejs__is_regexp(ejs_value v)
{
    return ejs__is_kind(v, EJS_OBJECT_REGEXP);
}

/* new RegExp(pattern, flags); NULL: thrown. */
ejs__regexp *ejs__regexp_new(ejs_context *ctx, ejs_value pattern,
                             ejs_value flags);

/* What s.replace(re, replacement), s.match(re) ... do; `s` is a STRING. */
ejs_value ejs__regexp_replace(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                              ejs_value replacement);
ejs_value ejs__regexp_match(ejs_context *ctx, ejs__regexp *re, ejs_value s);
ejs_value ejs__regexp_match_all(ejs_context *ctx, ejs__regexp *re, ejs_value s);
ejs_value ejs__regexp_search(ejs_context *ctx, ejs__regexp *re, ejs_value s);
ejs_value ejs__regexp_split(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                            uint32_t limit);

/*
 * Appends the template of a replacement with $& $1 $<name> ... filled in.
 * `captures` has two unit positions for each of `groups` groups, the whole
 * match first; `code` knows their names, or is NULL.
 */
void ejs__put_substitution(ejs__builder *out, ejs_value template_text,
                           ejs_value s, const int32_t *captures,
                           uint32_t groups, const base_regexp *code);

/* Appends units from .. to of s. */
void ejs__put_units(ejs__builder *out, ejs_value s, uint32_t from, uint32_t to);

#endif
