/*
 * front.h - what the stages of the front end share: memory, errors and names.
 *
 * A stage that fails does not return: it fills the caller's error and jumps
 * back to ejs__parse.  All memory is the arena's, so nothing leaks.
 */
#ifndef EJS_SYNTAX_FRONT_H
#define EJS_SYNTAX_FRONT_H

#include <setjmp.h>
#include <stddef.h>
#include <string.h>

#include "ejs/syntax/ast.h"

/*
 * A name, stored once for the whole script: two names are equal when their
 * slices have the same address, and ejs__atom_of leads from slice to atom.
 */
typedef struct ejs__atom {
    struct ejs__atom *next;       /* in its bucket */
    struct ejs__binding *binding; /* scope.c: what it means at the moment */
    uint32_t hash;
    uint32_t size;
    uint32_t dynamic;     /* scope.c: 1 + index in script->names, or 0 */
    uint8_t token;        /* ejs__token_kind: TOKEN_NAME or a keyword */
    bool strict_reserved; /* cannot be a name in strict code */
    char text[];
} ejs__atom;

/* Names that mean something in places, without being reserved. */
typedef struct ejs__known_names {
    ejs__slice arguments, async, await, constructor, eval, from, Function, get,
        let, of, proto, prototype, set, static_, target, yield;
} ejs__known_names;

/* One piece of generated code; see scan.c. */
typedef enum ejs__piece_kind {
    PIECE_CODE,    /* <% code %> */
    PIECE_ESCAPED, /* <%= code %> */
    PIECE_RAW,     /* <%- code %> */
    PIECE_TEXT,
    PIECE_LINE,
} ejs__piece_kind;

typedef struct ejs__piece {
    ejs__piece_kind kind;
    uint32_t start, end; /* in script->text: after its "; ", before its LF */
    uint32_t inner;      /* outputs: where the user's code begins */
    uint32_t source;     /* of its tag or text in script->source */
    uint32_t source_end; /* code: where the closing tag begins */
    uint32_t line;       /* PIECE_LINE */
    ejs__slice text;     /* PIECE_TEXT: what to append */
    bool is_directive;   /* `<% include x %>`, and that is not allowed */
} ejs__piece;

/* A tag that is not closed, in script->source; see check_pairing. */
typedef struct ejs__unclosed {
    uint32_t start, end; /* the opening tag */
    uint32_t next;       /* where the tag after it ends, or the source */
    bool is_found, is_empty, is_code;
} ejs__unclosed;

#define EJS__NOWHERE UINT32_MAX

typedef struct ejs__front {
    base_arena *arena;
    ejs__script *script;
    ejs__syntax_error *error;
    ejs__piece *pieces; /* in order of start */
    uint32_t n_pieces;
    uint32_t text_size; /* script->text with EJS's closing lines */
    ejs__atom **buckets;
    uint32_t n_buckets, n_atoms;
    ejs__known_names names;
    uint32_t failed_at; /* the error's offset in script->text, or NOWHERE */
    ejs__unclosed unclosed;
    uint32_t includes_capacity;
    jmp_buf failed;
} ejs__front;

/* Zeroed memory for `count` things; does not return when there is none. */
void *ejs__front_alloc(ejs__front *front, size_t count, size_t size);

/* A copy in the arena, NUL-terminated. */
ejs__slice ejs__front_copy(ejs__front *front, const char *data, size_t size);

/* Ends the parse for want of memory. */
_Noreturn void ejs__front_no_memory(ejs__front *front);

/*
 * Ends the parse with an error at an offset into script->text.  `hint` may be
 * NULL; the message is cut at the size of the error's field.
 */
_Noreturn void ejs__front_fail(ejs__front *front, uint32_t text_offset,
                               const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same at an offset into script->source, with EJS's plain Error. */
_Noreturn void ejs__front_fail_plain(ejs__front *front, uint32_t source_offset,
                                     const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Prepares the table of names, with all keywords in it. */
void ejs__front_init_names(ejs__front *front);

/* The script's only slice for a name. */
ejs__slice ejs__front_intern(ejs__front *front, const char *data, size_t size);

static inline ejs__atom *ejs__atom_of(ejs__slice name)
{
    return (ejs__atom *)(name.data - offsetof(ejs__atom, text));
}

/* Whether two interned names are the same. */
static inline bool ejs__same_name(ejs__slice a, ejs__slice b)
{
    return a.data == b.data;
}

static inline bool ejs__slice_is(ejs__slice slice, const char *text,
                                 size_t size)
{
    return slice.size == size && memcmp(slice.data, text, size) == 0;
}

/* Grows an arena array to hold one more item; returns the array. */
void *ejs__front_grow(ejs__front *front, void *items, uint32_t count,
                      uint32_t *capacity, size_t item_size);

/* The offset in script->source that an offset into script->text came from. */
uint32_t ejs__front_source_offset(const ejs__script *script,
                                  uint32_t text_offset);

/* Whether the template wrote what stands there, and not EJS. */
bool ejs__front_is_verbatim(const ejs__script *script, uint32_t text_offset);

/* All stages; false: front->error says why.  `front` has an arena and a place
 * for the error, and is zero else. */
bool ejs__front_run(ejs__front *front, const char *source, size_t size,
                    const char *filename, const ejs__syntax_options *options);

/* scan.c: fills in script->source, ->text, ->map and the pieces. */
void ejs__scan(ejs__front *front, const char *source, size_t size);

/* parse.c: makes script->main with unresolved names. */
void ejs__parse_text(ejs__front *front);

/* scope.c: resolves the names. */
void ejs__resolve(ejs__front *front);

#endif
