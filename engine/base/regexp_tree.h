/*
 * regexp_tree.h - a parsed regular expression, between regexp_parse.c and
 * regexp_code.c.
 */
#ifndef BASE_REGEXP_TREE_H
#define BASE_REGEXP_TREE_H

#include "base/arena.h"
#include "base/regexp.h"

#define BASE_REGEXP_MAX_CODE 0x10FFFFu
#define BASE_REGEXP_FOREVER UINT32_MAX

/* A set of code points: sorted ranges that do not touch, once it is tidy. */
typedef struct base_regexp_range {
    uint32_t low, high;
} base_regexp_range;

typedef struct base_regexp_set {
    base_regexp_range *ranges; /* in the arena */
    uint32_t count, capacity;
} base_regexp_set;

typedef enum base_regexp_kind {
    REGEXP_EMPTY,
    REGEXP_CHAR,       /* code */
    REGEXP_ANY,        /* . */
    REGEXP_SET,        /* set, inverted */
    REGEXP_SEQUENCE,   /* children in order */
    REGEXP_CHOICE,     /* children are alternatives */
    REGEXP_GROUP,      /* captures child as `index` */
    REGEXP_LOOK,       /* child; inverted, backward */
    REGEXP_BACKREF,    /* index */
    REGEXP_LINE_START, /* ^ */
    REGEXP_LINE_END,   /* $ */
    REGEXP_WORD_EDGE,  /* \b; inverted: \B */
    REGEXP_REPEAT,     /* child, min, max, greedy */
} base_regexp_kind;

typedef struct base_regexp_node base_regexp_node;
struct base_regexp_node {
    base_regexp_kind kind;
    bool inverted, backward, greedy;
    uint32_t code;
    uint32_t index;
    uint32_t min, max;
    uint32_t first_group, end_group; /* REPEAT: the groups inside */
    base_regexp_set set;
    base_regexp_node *child, *last; /* last: of a list's children */
    base_regexp_node *next;         /* the next sibling */
};

typedef struct base_regexp_name {
    const char *text;
    uint32_t size;
    uint32_t index; /* of its group */
} base_regexp_name;

typedef struct base_regexp_tree {
    base_regexp_node *root;
    uint32_t n_groups; /* with group 0 */
    unsigned flags;
    base_regexp_name *names;
    uint32_t n_names;
} base_regexp_tree;

/* False when the pattern is wrong (*reason is set) or there is no memory. */
bool base_regexp_parse(base_arena *arena, const char *pattern, size_t size,
                       unsigned flags, base_regexp_tree *tree,
                       const char **reason);

/* Sets; those that return bool fail when there is no memory. */
bool base_regexp_set_add(base_arena *arena, base_regexp_set *set, uint32_t low,
                         uint32_t high);
bool base_regexp_set_add_all(base_arena *arena, base_regexp_set *set,
                             const base_regexp_set *more);
void base_regexp_set_tidy(base_regexp_set *set);
bool base_regexp_set_invert(base_arena *arena, base_regexp_set *set);
bool base_regexp_set_has(const base_regexp_set *set, uint32_t code);

/* Adds \d \s \w or their complements \D \S \W. */
bool base_regexp_set_add_escape(base_arena *arena, base_regexp_set *set,
                                uint32_t letter, unsigned flags);

/*
 * Adds \p{name=value}, or \p{name} when value is NULL; inverted for \P.
 * *known: whether there is such a property.
 */
bool base_regexp_set_add_property(base_arena *arena, base_regexp_set *set,
                                  const char *name, const char *value,
                                  bool inverted, bool *known);

/* Adds what the members are compared as when case is ignored. */
bool base_regexp_set_fold(base_arena *arena, base_regexp_set *set,
                          bool unicode);

/* What a character is compared as when case is ignored. */
uint32_t base_regexp_fold(uint32_t code, bool unicode);

#endif
