/*
 * Runs compiled regular expressions: backtracking on an explicit stack.
 *
 * A failed attempt leaves no trace: every change to a register is noted on the
 * stack and undone on the way back to the choice before it.  Entries are
 *
 *      CHOICE  pc        position      go on there
 *      UNDO    register  old value
 *      GREEDY  pc        position      give back one character and go on,
 *              -         least position (the entry below)
 *      LAZY    pc        position      take one more character and go on,
 *              -         turns left (the entry below)
 *
 * The entry below a GREEDY or LAZY one looks like a choice and is taken off
 * together with it.
 */
#include "base/regexp.h"

#include "base/regexp_code.h"

#include <stdlib.h>
#include <string.h>

enum { LOCAL_ENTRIES = 128, LOCAL_REGISTERS = 64 };
#define MAX_ENTRIES ((size_t)1 << 23)

#define CHOICE 0u
#define UNDO (1u << 30)
#define GREEDY (2u << 30)
#define LAZY (3u << 30)
#define KIND (3u << 30)

typedef struct entry {
    uint32_t what; /* kind and pc or register */
    uint32_t value;
} entry;

typedef struct matcher {
    const base_regexp *re;
    const uint32_t *code;
    const uint8_t *bytes; /* the subject: one of the two */
    const uint16_t *units;
    uint32_t length;
    bool unicode, wide;
    int32_t *registers;
    entry *stack; /* `local` or malloc'd */
    size_t top, capacity;
    int64_t steps;
    uint32_t end; /* position at DONE */
    base_regexp_result error;
    entry local[LOCAL_ENTRIES];
    int32_t local_registers[LOCAL_REGISTERS];
} matcher;

/* the subject -------------------------------------------------------------- */

static inline uint32_t unit_at(const matcher *m, uint32_t i)
{
    return m->wide ? m->units[i] : m->bytes[i];
}

static bool is_high(uint32_t unit)
{
    return (unit & 0xFC00) == 0xD800;
}

static bool is_low(uint32_t unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

static uint32_t join(uint32_t high, uint32_t low)
{
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* Reads a character and moves past it; false at the end. */
static inline bool read_on(const matcher *m, uint32_t *at, uint32_t *c)
{
    if (*at == m->length)
        return false;
    *c = unit_at(m, (*at)++);
    if (m->wide && m->unicode && is_high(*c) && *at < m->length &&
        is_low(m->units[*at]))
        *c = join(*c, m->units[(*at)++]);
    return true;
}

static bool read_back(const matcher *m, uint32_t *at, uint32_t *c)
{
    if (*at == 0)
        return false;
    *c = unit_at(m, --*at);
    if (m->wide && m->unicode && is_low(*c) && *at > 0 &&
        is_high(m->units[*at - 1]))
        *c = join(m->units[--*at], *c);
    return true;
}

static inline bool read(const matcher *m, bool back, uint32_t *at, uint32_t *c)
{
    return back ? read_back(m, at, c) : read_on(m, at, c);
}

static bool is_line_end(uint32_t c)
{
    return c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

static bool is_word(const matcher *m, uint32_t i)
{
    if (i >= m->length)
        return false;
    const uint32_t c = unit_at(m, i);
    if (c < 128)
        return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
               c == '_';
    return m->unicode && (m->re->flags & BASE_REGEXP_IGNORE_CASE) &&
           (c == 0x17F || c == 0x212A);
}

static bool in_class(const matcher *m, const base_regexp_class *class,
                     uint32_t c)
{
    if (c < 256)
        return base_regexp_bit(class->low, c);
    if (class->fold)
        c = base_regexp_fold(c, m->unicode);
    return base_regexp_set_has(&class->set, c) != class->inverted;
}

/* Whether a SINGLE operation takes the character. */
static inline bool takes(const matcher *m, uint32_t op, uint32_t operand,
                         uint32_t c)
{
    switch (op) {
    case OP_CHAR:
        return c == operand;
    case OP_CHAR_FOLD:
        return base_regexp_fold(c, m->unicode) == operand;
    case OP_ANY:
        return !is_line_end(c);
    case OP_ALL:
        return true;
    default:
        return in_class(m, &m->re->classes[operand], c);
    }
}

/* the stack ---------------------------------------------------------------- */

static bool grow(matcher *m)
{
    const size_t capacity = m->capacity * 2;
    entry *stack = NULL;
    if (capacity > MAX_ENTRIES) {
        m->error = BASE_REGEXP_LIMIT;
        return false;
    }
    if (m->stack == m->local) {
        stack = malloc(capacity * sizeof *stack);
        if (stack)
            memcpy(stack, m->local, sizeof m->local);
    } else {
        stack = realloc(m->stack, capacity * sizeof *stack);
    }
    if (!stack) {
        m->error = BASE_REGEXP_NOMEM;
        return false;
    }
    m->stack = stack;
    m->capacity = capacity;
    return true;
}

static inline bool push(matcher *m, uint32_t what, uint32_t value)
{
    if (m->top == m->capacity && !grow(m))
        return false;
    m->stack[m->top++] = (entry){what, value};
    return true;
}

static inline bool set_register(matcher *m, uint32_t i, int32_t value)
{
    if (!push(m, UNDO | i, (uint32_t)m->registers[i]))
        return false;
    m->registers[i] = value;
    return true;
}

/* After positive lookaround: its choices go, its captures may be undone. */
static void keep_undo_only(matcher *m, size_t base)
{
    size_t kept = base;
    for (size_t i = base; i < m->top; i++)
        if ((m->stack[i].what & KIND) == UNDO)
            m->stack[kept++] = m->stack[i];
    m->top = kept;
}

static void undo_all(matcher *m, size_t base)
{
    while (m->top > base) {
        const entry e = m->stack[--m->top];
        if ((e.what & KIND) == UNDO)
            m->registers[e.what & ~KIND] = (int32_t)e.value;
    }
}

/* operations --------------------------------------------------------------- */

/* A captured text again; false when it is not there. */
static bool match_again(const matcher *m, uint32_t group, bool back,
                        uint32_t *at)
{
    const int32_t start = m->registers[group * 2];
    const int32_t end = m->registers[group * 2 + 1];
    if (start < 0 || end < 0)
        return true;
    const uint32_t n = (uint32_t)(end - start);
    if (n > (back ? *at : m->length - *at))
        return false;
    const uint32_t there = back ? *at - n : *at;
    const bool fold = m->re->flags & BASE_REGEXP_IGNORE_CASE;
    for (uint32_t a = (uint32_t)start, b = there; a < (uint32_t)end;) {
        uint32_t x = 0, y = 0;
        read_on(m, &a, &x);
        read_on(m, &b, &y);
        if (x != y && !(fold && base_regexp_fold(x, m->unicode) ==
                                    base_regexp_fold(y, m->unicode)))
            return false;
    }
    *at = back ? there : there + n;
    return true;
}

/* The same for bytes read forward, where a character is a byte. */
static uint32_t take_bytes(const matcher *m, uint32_t op, uint32_t operand,
                           uint32_t max, uint32_t at)
{
    const uint8_t *start = m->bytes + at, *end = m->bytes + m->length;
    const uint8_t *p = start;
    if (max < (uint32_t)(end - start))
        end = start + max;
    if (op == OP_SET) {
        const uint64_t *low = m->re->classes[operand].low;
        while (p < end && base_regexp_bit(low, *p))
            p++;
    } else if (op == OP_ANY) {
        while (p < end && *p != '\n' && *p != '\r')
            p++;
    } else {
        while (p < end && takes(m, op, operand, *p))
            p++;
    }
    return (uint32_t)(p - start);
}

/* Takes up to `max` characters; how many. */
static uint32_t take_many(matcher *m, const uint32_t *single, bool back,
                          uint32_t max, uint32_t *at)
{
    const uint32_t op = single[0] & 0xFF, operand = single[1];
    uint32_t n = 0;
    if (!m->wide && !back) {
        n = take_bytes(m, op, operand, max, *at);
        *at += n;
    }
    while ((m->wide || back) && n < max) {
        uint32_t next = *at, c;
        if (!read(m, back, &next, &c) || !takes(m, op, operand, c))
            break;
        *at = next;
        n++;
    }
    m->steps -= n >> 4;
    return n;
}

/* LOOP_ONE min max greedy single; leaves what may follow on the stack. */
static bool loop_one(matcher *m, uint32_t pc, uint32_t *at)
{
    const uint32_t *code = m->code + pc;
    const bool back = code[0] & REGEXP_BACK;
    const uint32_t min = code[1], max = code[2];
    const bool greedy = code[3];
    if (min && take_many(m, code + 4, back, min, at) < min)
        return false;
    if (min == max)
        return true;
    if (!greedy)
        return push(m, CHOICE, max == BASE_REGEXP_FOREVER ? max : max - min) &&
               push(m, LAZY | pc, *at);
    const uint32_t least = *at;
    take_many(m, code + 4, back, max == BASE_REGEXP_FOREVER ? max : max - min,
              at);
    if (*at == least)
        return true;
    return push(m, CHOICE, least) && push(m, GREEDY | pc, *at);
}

/* Whether what comes after a loop cannot match here: a cheap look ahead. */
static inline bool hopeless(const matcher *m, uint32_t pc, uint32_t at)
{
    return m->code[pc] == OP_CHAR &&
           (at == m->length ||
            (m->code[pc + 1] <= 0xFFFF && unit_at(m, at) != m->code[pc + 1]));
}

/* A GREEDY entry comes back: one character less. */
static bool give_back(matcher *m, uint32_t pc, uint32_t *at)
{
    const uint32_t least = m->stack[m->top - 2].value;
    const bool back = m->code[pc] & REGEXP_BACK;
    uint32_t c;
    do {
        read(m, !back, at, &c);
        m->steps--;
    } while (*at != least && hopeless(m, pc + 6, *at));
    if (*at == least)
        m->top -= 2;
    else
        m->stack[m->top - 1].value = *at;
    return true;
}

/* A LAZY entry comes back: one character more. */
static bool take_one_more(matcher *m, uint32_t pc, uint32_t *at)
{
    const bool back = m->code[pc] & REGEXP_BACK;
    uint32_t left = m->stack[m->top - 2].value;
    do {
        if (left == 0 || !take_many(m, m->code + pc + 4, back, 1, at)) {
            m->top -= 2;
            return false;
        }
        left -= left != BASE_REGEXP_FOREVER;
        m->steps--;
    } while (hopeless(m, pc + 6, *at));
    m->stack[m->top - 2].value = left;
    m->stack[m->top - 1].value = *at;
    return true;
}

/*
 * Goes back to the newest choice above `base`: sets *pc and *at.  False when
 * there is none; all registers are then as they were.
 */
static bool backtrack(matcher *m, size_t base, uint32_t *pc, uint32_t *at)
{
    if (--m->steps < 0) {
        m->error = BASE_REGEXP_LIMIT;
        return false;
    }
    while (m->top > base) {
        const entry e = m->stack[m->top - 1];
        const uint32_t where = e.what & ~KIND;
        *at = e.value;
        switch (e.what & KIND) {
        case UNDO:
            m->top--;
            m->registers[where] = (int32_t)e.value;
            continue;
        case CHOICE:
            m->top--;
            *pc = where;
            return true;
        case GREEDY:
            give_back(m, where, at);
            break;
        default:
            if (!take_one_more(m, where, at))
                continue;
            break;
        }
        *pc = where + 6;
        return true;
    }
    return false;
}

static bool run(matcher *m, uint32_t pc, uint32_t at);

/* LOOK inverted end body: false when the body decides against. */
static bool look(matcher *m, uint32_t pc, uint32_t at)
{
    const size_t base = m->top;
    const bool inverted = m->code[pc + 1];
    const bool found = run(m, pc + 3, at);
    if (m->error)
        return false;
    if (found && inverted)
        undo_all(m, base);
    else if (found)
        keep_undo_only(m, base);
    return found != inverted;
}

/* LOOP counter min max greedy exit: whether there is another turn. */
static bool next_turn(matcher *m, const uint32_t *code, uint32_t at,
                      uint32_t *pc)
{
    const uint32_t turns = (uint32_t)m->registers[code[1]];
    const uint32_t inside = *pc + 6, exit = code[5];
    m->steps--;
    if (turns >= code[2]) {
        if (turns >= code[3] && code[3] != BASE_REGEXP_FOREVER) {
            *pc = exit;
            return true;
        }
        if (!code[4]) { /* lazy: leave first */
            *pc = exit;
            return push(m, CHOICE | inside, at);
        }
        if (!push(m, CHOICE | exit, at))
            return false;
    }
    *pc = inside;
    return true;
}

static bool reset(matcher *m, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++)
        if (m->registers[i] != -1 && !set_register(m, i, -1))
            return false;
    return true;
}

/* One operation that can fail; *pc and *at move on when it succeeds. */
static bool step(matcher *m, uint32_t *pc, uint32_t *at)
{
    const uint32_t *code = m->code + *pc;
    switch (code[0] & 0xFF) {
    case OP_LOOP_ONE:
        if (!loop_one(m, *pc, at))
            return false;
        *pc += 6;
        return true;
    case OP_SPLIT:
        *pc += 2;
        return push(m, CHOICE | code[1], *at);
    case OP_SPLIT_LAZY:
        if (!push(m, CHOICE | (*pc + 2), *at))
            return false;
        *pc = code[1];
        return true;
    case OP_SAVE:
        *pc += 2;
        return set_register(m, code[1], (int32_t)*at);
    case OP_RESET:
        *pc += 3;
        return reset(m, code[1], code[2]);
    case OP_CHECK:
        *pc += 2;
        return m->registers[code[1]] != (int32_t)*at;
    case OP_ZERO:
        *pc += 2;
        return set_register(m, code[1], 0);
    case OP_LOOP:
        return next_turn(m, code, *at, pc);
    case OP_COUNT:
        *pc += 2;
        return set_register(m, code[1], m->registers[code[1]] + 1);
    case OP_LOOP_CHECK: /* of the turn that has been counted */
        *pc += 4;
        return (uint32_t)m->registers[code[1]] <= code[2] ||
               m->registers[code[3]] != (int32_t)*at;
    case OP_LOOK:
        if (!look(m, *pc, *at))
            return false;
        *pc = code[2];
        return true;
    case OP_BACKREF:
        *pc += 2;
        return match_again(m, code[1], code[0] & REGEXP_BACK, at);
    case OP_LINE_START:
        *pc += 1;
        return *at == 0 || is_line_end(unit_at(m, *at - 1));
    case OP_TEXT_START:
        *pc += 1;
        return *at == 0;
    case OP_LINE_END:
        *pc += 1;
        return *at == m->length || is_line_end(unit_at(m, *at));
    case OP_TEXT_END:
        *pc += 1;
        return *at == m->length;
    default: /* OP_WORD_EDGE */
        *pc += 2;
        return ((*at > 0 && is_word(m, *at - 1)) != is_word(m, *at)) !=
               (bool)code[1];
    }
}

/* Runs from pc to DONE; what it leaves above the present stack is undone when
 * it fails and kept when it succeeds. */
static bool run(matcher *m, uint32_t pc, uint32_t at)
{
    const size_t base = m->top;
    for (;;) {
        const uint32_t *code = m->code + pc;
        const uint32_t op = code[0] & 0xFF;
        bool ok;
        if (op <= OP_SET) {
            uint32_t c;
            ok = read(m, code[0] & REGEXP_BACK, &at, &c) &&
                 takes(m, op, code[1], c);
            pc += 2;
        } else if (op == OP_JUMP) {
            pc = code[1];
            continue;
        } else if (op == OP_DONE) {
            m->end = at;
            return true;
        } else {
            ok = step(m, &pc, &at);
        }
        if (!ok && (m->error || !backtrack(m, base, &pc, &at)))
            return false;
    }
}

/* searching ---------------------------------------------------------------- */

static bool can_begin(const base_regexp *re, uint32_t unit)
{
    return unit > 255 ? re->first_other : base_regexp_bit(re->first, unit);
}

/* The next place from `at` where a match may begin; length + 1: none. */
static uint32_t next_start(const matcher *m, uint32_t at)
{
    const base_regexp *re = m->re;
    const uint32_t length = m->length;
    if (!re->has_first)
        return at;
    if (m->wide) {
        while (at < length && !can_begin(re, m->units[at]))
            at++;
    } else if (re->first_only >= 0) {
        const uint8_t *found =
            at < length ? memchr(m->bytes + at, re->first_only, length - at)
                        : NULL;
        at = found ? (uint32_t)(found - m->bytes) : length;
    } else {
        while (at < length && !base_regexp_bit(re->first, m->bytes[at]))
            at++;
    }
    return at < length ? at : length + 1;
}

static bool search(matcher *m, uint32_t start, bool sticky)
{
    const base_regexp *re = m->re;
    if (m->wide && m->unicode && start > 0 && start < m->length &&
        is_low(m->units[start]) && is_high(m->units[start - 1]))
        start--; /* V8 does not start inside a pair */
    for (uint32_t at = start; at <= m->length; at++) {
        uint32_t c;
        if (!sticky)
            at = next_start(m, at);
        if (at > m->length || (re->at_start && at > 0))
            return false;
        if (run(m, 0, at)) {
            m->registers[0] = (int32_t)at;
            m->registers[1] = (int32_t)m->end;
            return true;
        }
        if (m->error || sticky)
            return false;
        if (m->wide && m->unicode && read_on(m, &at, &c))
            at--;
    }
    return false;
}

base_regexp_result base_regexp_match(const base_regexp *regexp,
                                     const base_regexp_subject *subject,
                                     size_t start, bool sticky,
                                     int32_t *captures, int64_t *steps)
{
    matcher m;
    const size_t n = regexp->n_registers;
    if (start > subject->length)
        return BASE_REGEXP_NONE;
    m.re = regexp;
    m.code = regexp->code;
    m.wide = !subject->ascii;
    m.bytes = (const uint8_t *)subject->ascii;
    m.units = subject->units;
    m.length = (uint32_t)subject->length;
    m.unicode = regexp->flags & BASE_REGEXP_UNICODE;
    m.stack = m.local;
    m.top = 0;
    m.capacity = LOCAL_ENTRIES;
    m.steps = *steps;
    m.error = BASE_REGEXP_FOUND;
    m.registers = n <= LOCAL_REGISTERS ? m.local_registers
                                       : malloc(n * sizeof *m.registers);
    if (!m.registers)
        return BASE_REGEXP_NOMEM;
    memset(m.registers, 0xFF, n * sizeof *m.registers); /* all -1 */
    const bool found = search(&m, (uint32_t)start, sticky);
    if (found)
        memcpy(captures, m.registers,
               (size_t)regexp->n_groups * 2 * sizeof *captures);
    if (m.registers != m.local_registers)
        free(m.registers);
    if (m.stack != m.local)
        free(m.stack);
    *steps = m.steps > 0 ? m.steps : 0;
    if (m.error)
        return m.error;
    return found ? BASE_REGEXP_FOUND : BASE_REGEXP_NONE;
}

/* asking ------------------------------------------------------------------- */

uint32_t base_regexp_groups(const base_regexp *regexp)
{
    return regexp->n_groups;
}

unsigned base_regexp_flags_of(const base_regexp *regexp)
{
    return regexp->flags;
}

const char *base_regexp_group_name(const base_regexp *regexp, uint32_t i,
                                   size_t *size)
{
    for (uint32_t k = 0; k < regexp->n_names; k++) {
        if (regexp->names[k].index == i) {
            *size = regexp->names[k].size;
            return regexp->names[k].text;
        }
    }
    return NULL;
}

bool base_regexp_has_names(const base_regexp *regexp)
{
    return regexp->n_names > 0;
}
