/*
 * regexp_code.h - a compiled regular expression, between regexp_code.c, which
 * makes it, and regexp.c, which runs it.
 */
#ifndef BASE_REGEXP_CODE_H
#define BASE_REGEXP_CODE_H

#include "base/regexp_tree.h"

/*
 * Code is 32-bit words: an operation and its operands.  BACK added to an
 * operation makes it read to the left, inside lookbehind.
 *
 * SINGLE operations take one character and are two words long, so that
 * LOOP_ONE can have one as its body.
 */
typedef enum base_regexp_op {
    OP_CHAR,       /* SINGLE c */
    OP_CHAR_FOLD,  /* SINGLE c: c is folded */
    OP_ANY,        /* SINGLE 0: no line terminator */
    OP_ALL,        /* SINGLE 0 */
    OP_SET,        /* SINGLE number of the set */
    OP_LOOP_ONE,   /* min max greedy SINGLE */
    OP_SPLIT,      /* target: go on, or else at the target */
    OP_SPLIT_LAZY, /* target: go to the target, or else on */
    OP_JUMP,       /* target */
    OP_SAVE,       /* register: the position */
    OP_RESET,      /* first, end: registers become -1 */
    OP_CHECK,      /* register: fail when the position is still that */
    OP_ZERO,       /* register: a counter starts */
    OP_LOOP,       /* counter min max greedy exit: the head of a counted loop */
    OP_COUNT,      /* counter: one turn more, first thing in it */
    OP_LOOP_CHECK, /* counter min register: CHECK if this turn was not due */
    OP_LOOK,       /* inverted, end: the body follows, up to DONE */
    OP_BACKREF,    /* group */
    OP_LINE_START,
    OP_TEXT_START,
    OP_LINE_END,
    OP_TEXT_END,
    OP_WORD_EDGE, /* inverted */
    OP_DONE,
} base_regexp_op;

#define REGEXP_BACK 0x100u

typedef struct base_regexp_class {
    uint64_t low[4]; /* the answer for the first 256, all considered */
    base_regexp_set set;
    bool inverted, fold;
} base_regexp_class;

struct base_regexp {
    base_arena arena; /* holds what the rest points to */
    unsigned flags;
    uint32_t n_groups;
    uint32_t n_registers; /* two for each group, then the loops' */
    uint32_t *code;
    uint32_t n_code;
    base_regexp_class *classes;
    uint32_t n_classes;
    base_regexp_name *names;
    uint32_t n_names;
    bool at_start;    /* can only match at 0 */
    bool has_first;   /* a match begins with one of `first` */
    bool first_other; /* ... or with a unit above 255 */
    int first_only;   /* the one unit that `first` has, or -1 */
    uint64_t first[4];
};

static inline bool base_regexp_bit(const uint64_t bits[4], uint32_t i)
{
    return bits[i >> 6] >> (i & 63) & 1;
}

#endif
