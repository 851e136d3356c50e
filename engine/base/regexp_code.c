/* Turns the tree of a regular expression into code for the matcher. */
#include "base/regexp_code.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CODE (1u << 22) /* words */
#define SMALL 64            /* words of a body that may be written twice */

typedef struct coder {
    base_regexp *regexp;
    uint32_t *code;
    uint32_t size, capacity;
    uint32_t capacity_classes;
    bool fold, unicode;
    bool failed;
    const char *reason;
} coder;

static void emit(coder *c, uint32_t word)
{
    if (c->size == c->capacity) {
        const uint32_t capacity = c->capacity ? c->capacity * 2 : 64;
        uint32_t *code = capacity > MAX_CODE
                             ? NULL
                             : realloc(c->code, capacity * sizeof *code);
        if (!code) {
            if (capacity > MAX_CODE && !c->failed)
                c->reason = "Regular expression too large";
            c->failed = true;
            c->size = 0; /* what is written from here on is thrown away */
            if (!c->capacity)
                return;
        } else {
            c->code = code;
            c->capacity = capacity;
        }
    }
    c->code[c->size++] = word;
}

static void patch(coder *c, uint32_t at)
{
    if (!c->failed)
        c->code[at] = c->size;
}

/* sets --------------------------------------------------------------------- */

static bool class_has(const base_regexp_class *class, uint32_t code,
                      bool unicode)
{
    if (class->fold)
        code = base_regexp_fold(code, unicode);
    return base_regexp_set_has(&class->set, code) != class->inverted;
}

static bool copy_set(base_arena *arena, base_regexp_set *to,
                     const base_regexp_set *from)
{
    const size_t size = from->count * sizeof *from->ranges;
    *to = *from;
    to->capacity = from->count;
    to->ranges = base_arena_alloc(arena, size ? size : 1);
    if (to->ranges && size)
        memcpy(to->ranges, from->ranges, size);
    return to->ranges;
}

static bool grow_classes(coder *c)
{
    base_regexp *re = c->regexp;
    if (re->n_classes < c->capacity_classes)
        return true;
    const uint32_t capacity = c->capacity_classes ? c->capacity_classes * 2 : 4;
    base_regexp_class *classes =
        base_arena_zalloc(&re->arena, capacity, sizeof *classes);
    if (!classes)
        return false;
    if (re->n_classes)
        memcpy(classes, re->classes, re->n_classes * sizeof *classes);
    re->classes = classes;
    c->capacity_classes = capacity;
    return true;
}

/* Makes the set of a node part of the expression; its number. */
static uint32_t add_class(coder *c, base_regexp_node *node)
{
    base_regexp *re = c->regexp;
    base_regexp_class class = {.inverted = node->inverted, .fold = c->fold};
    if (c->fold) {
        base_arena scratch; /* folding makes many ranges of few */
        bool ok;
        base_arena_init(&scratch, 0);
        base_regexp_set folded = {0};
        ok = base_regexp_set_add_all(&scratch, &folded, &node->set) &&
             base_regexp_set_fold(&scratch, &folded, c->unicode) &&
             copy_set(&re->arena, &class.set, &folded);
        base_arena_free(&scratch);
        c->failed |= !ok;
    } else {
        base_regexp_set_tidy(&node->set);
        c->failed |= !copy_set(&re->arena, &class.set, &node->set);
    }
    if (c->failed || !grow_classes(c)) {
        c->failed = true;
        return 0;
    }
    for (uint32_t i = 0; i < 256; i++)
        if (class_has(&class, i, c->unicode))
            class.low[i >> 6] |= UINT64_C(1) << (i & 63);
    re->classes[re->n_classes] = class;
    return re->n_classes++;
}

/* nodes -------------------------------------------------------------------- */

static void compile(coder *c, base_regexp_node *node, bool back);

static bool is_single(const base_regexp_node *node)
{
    return node->kind == REGEXP_CHAR || node->kind == REGEXP_ANY ||
           node->kind == REGEXP_SET;
}

static void compile_single(coder *c, base_regexp_node *node, bool back)
{
    const uint32_t direction = back ? REGEXP_BACK : 0;
    uint32_t op = OP_CHAR, operand = node->code;
    if (node->kind == REGEXP_ANY) {
        op = c->regexp->flags & BASE_REGEXP_DOT_ALL ? OP_ALL : OP_ANY;
    } else if (node->kind == REGEXP_SET) {
        op = OP_SET;
        operand = add_class(c, node);
    } else if (c->fold) {
        op = OP_CHAR_FOLD;
        operand = base_regexp_fold(node->code, c->unicode);
    }
    emit(c, op | direction);
    emit(c, operand);
}

/* Whether a match of the node may have no length. */
static bool may_be_empty(const base_regexp_node *node)
{
    switch (node->kind) {
    case REGEXP_CHAR:
    case REGEXP_ANY:
    case REGEXP_SET:
        return false;
    case REGEXP_SEQUENCE:
        for (const base_regexp_node *n = node->child; n; n = n->next)
            if (!may_be_empty(n))
                return false;
        return true;
    case REGEXP_CHOICE:
        for (const base_regexp_node *n = node->child; n; n = n->next)
            if (may_be_empty(n))
                return true;
        return false;
    case REGEXP_GROUP:
        return may_be_empty(node->child);
    case REGEXP_REPEAT:
        return node->min == 0 || may_be_empty(node->child);
    default:
        return true;
    }
}

static void reverse(base_regexp_node *list)
{
    base_regexp_node *done = NULL, *rest = list->child;
    list->last = rest;
    while (rest) {
        base_regexp_node *next = rest->next;
        rest->next = done;
        done = rest;
        rest = next;
    }
    list->child = done;
}

static void compile_sequence(coder *c, base_regexp_node *node, bool back)
{
    if (back)
        reverse(node);
    for (base_regexp_node *n = node->child; n; n = n->next)
        compile(c, n, back);
    if (back)
        reverse(node);
}

static void compile_choice(coder *c, base_regexp_node *node, bool back)
{
    uint32_t jumps = 0; /* a list through the targets to patch, ends with 0 */
    for (base_regexp_node *n = node->child; n; n = n->next) {
        if (!n->next) {
            compile(c, n, back);
            break;
        }
        emit(c, OP_SPLIT);
        const uint32_t other = c->size;
        emit(c, 0);
        compile(c, n, back);
        emit(c, OP_JUMP);
        emit(c, jumps);
        jumps = c->size - 1;
        patch(c, other);
    }
    while (jumps && !c->failed) {
        const uint32_t next = c->code[jumps];
        patch(c, jumps);
        jumps = next;
    }
}

static void compile_group(coder *c, base_regexp_node *node, bool back)
{
    emit(c, OP_SAVE);
    emit(c, node->index * 2 + back);
    compile(c, node->child, back);
    emit(c, OP_SAVE);
    emit(c, node->index * 2 + !back);
}

static void compile_look(coder *c, base_regexp_node *node)
{
    emit(c, OP_LOOK);
    emit(c, node->inverted);
    const uint32_t end = c->size;
    emit(c, 0);
    compile(c, node->child, node->backward);
    emit(c, OP_DONE);
    patch(c, end);
}

static void compile_reset(coder *c, const base_regexp_node *node)
{
    if (node->first_group == node->end_group)
        return;
    emit(c, OP_RESET);
    emit(c, node->first_group * 2);
    emit(c, node->end_group * 2);
}

/* One optional turn: body, its captures new, and not empty. */
static void compile_turn(coder *c, base_regexp_node *node, bool back)
{
    const bool check = may_be_empty(node->child);
    const uint32_t start = check ? c->regexp->n_registers++ : 0;
    if (check) {
        emit(c, OP_SAVE);
        emit(c, start);
    }
    compile_reset(c, node);
    compile(c, node->child, back);
    if (check) {
        emit(c, OP_CHECK);
        emit(c, start);
    }
}

/* x* and x?: L: split exit; turn; (jump L;) exit: */
static void compile_optional(coder *c, base_regexp_node *node, bool back,
                             bool again)
{
    const uint32_t head = c->size;
    emit(c, node->greedy ? OP_SPLIT : OP_SPLIT_LAZY);
    const uint32_t exit = c->size;
    emit(c, 0);
    compile_turn(c, node, back);
    if (again) {
        emit(c, OP_JUMP);
        emit(c, head);
    }
    patch(c, exit);
}

/* zero n; L: loop n min max greedy exit; count n; turn; jump L; exit: */
static void compile_counted(coder *c, base_regexp_node *node, bool back)
{
    const bool check = may_be_empty(node->child);
    const uint32_t counter = c->regexp->n_registers++;
    const uint32_t start = check ? c->regexp->n_registers++ : 0;
    emit(c, OP_ZERO);
    emit(c, counter);
    const uint32_t head = c->size;
    emit(c, OP_LOOP);
    emit(c, counter);
    emit(c, node->min);
    emit(c, node->max);
    emit(c, node->greedy);
    const uint32_t exit = c->size;
    emit(c, 0);
    emit(c, OP_COUNT);
    emit(c, counter);
    if (check) {
        emit(c, OP_SAVE);
        emit(c, start);
    }
    compile_reset(c, node);
    compile(c, node->child, back);
    if (check) {
        emit(c, OP_LOOP_CHECK);
        emit(c, counter);
        emit(c, node->min);
        emit(c, start);
    }
    emit(c, OP_JUMP);
    emit(c, head);
    patch(c, exit);
}

static base_regexp_node *only(base_regexp_node *node)
{
    while (node->kind == REGEXP_SEQUENCE && node->child && !node->child->next)
        node = node->child;
    return node;
}

static void compile_repeat(coder *c, base_regexp_node *node, bool back)
{
    base_regexp_node *body = only(node->child);
    if (node->max == 0)
        return;
    if (is_single(body)) {
        emit(c, OP_LOOP_ONE | (back ? REGEXP_BACK : 0));
        emit(c, node->min);
        emit(c, node->max);
        emit(c, node->greedy);
        compile_single(c, body, back);
        return;
    }
    if (node->min == 0 &&
        (node->max == 1 || node->max == BASE_REGEXP_FOREVER)) {
        compile_optional(c, node, back, node->max != 1);
        return;
    }
    if (node->min == 1 && node->max == BASE_REGEXP_FOREVER) {
        const uint32_t start = c->size, classes = c->regexp->n_classes;
        const uint32_t registers = c->regexp->n_registers;
        compile(c, node->child, back);
        if (c->size - start <= SMALL) {
            compile_optional(c, node, back, true);
            return;
        }
        c->size = start; /* too long to have twice */
        c->regexp->n_classes = classes;
        c->regexp->n_registers = registers;
    }
    compile_counted(c, node, back);
}

static void compile(coder *c, base_regexp_node *node, bool back)
{
    const uint32_t direction = back ? REGEXP_BACK : 0;
    const bool lines = c->regexp->flags & BASE_REGEXP_MULTILINE;
    if (c->failed)
        return;
    switch (node->kind) {
    case REGEXP_EMPTY:
        break;
    case REGEXP_CHAR:
    case REGEXP_ANY:
    case REGEXP_SET:
        compile_single(c, node, back);
        break;
    case REGEXP_SEQUENCE:
        compile_sequence(c, node, back);
        break;
    case REGEXP_CHOICE:
        compile_choice(c, node, back);
        break;
    case REGEXP_GROUP:
        compile_group(c, node, back);
        break;
    case REGEXP_LOOK:
        compile_look(c, node);
        break;
    case REGEXP_BACKREF:
        emit(c, OP_BACKREF | direction);
        emit(c, node->index);
        break;
    case REGEXP_LINE_START:
        emit(c, lines ? OP_LINE_START : OP_TEXT_START);
        break;
    case REGEXP_LINE_END:
        emit(c, lines ? OP_LINE_END : OP_TEXT_END);
        break;
    case REGEXP_WORD_EDGE:
        emit(c, OP_WORD_EDGE);
        emit(c, node->inverted);
        break;
    case REGEXP_REPEAT:
        compile_repeat(c, node, back);
        break;
    }
}

/* where a match can begin -------------------------------------------------- */

static void add_first(base_regexp *re, uint32_t unit)
{
    if (unit > 255)
        re->first_other = true;
    else
        re->first[unit >> 6] |= UINT64_C(1) << (unit & 63);
}

static void add_first_all(base_regexp *re)
{
    memset(re->first, 0xFF, sizeof re->first);
    re->first_other = true;
}

static void add_first_char(base_regexp *re, const base_regexp_node *node)
{
    const bool unicode = re->flags & BASE_REGEXP_UNICODE;
    if (!(re->flags & BASE_REGEXP_IGNORE_CASE)) {
        add_first(re, node->code);
        return;
    }
    const uint32_t folded = base_regexp_fold(node->code, unicode);
    for (uint32_t i = 0; i < 256; i++)
        if (base_regexp_fold(i, unicode) == folded)
            add_first(re, i);
    re->first_other = true;
}

static void add_first_set(base_regexp *re, const base_regexp_node *node)
{
    const bool unicode = re->flags & BASE_REGEXP_UNICODE;
    if (re->flags & BASE_REGEXP_IGNORE_CASE) {
        add_first_all(re);
        return;
    }
    const base_regexp_class class = {.set = node->set,
                                     .inverted = node->inverted};
    const base_regexp_set *set = &node->set;
    for (uint32_t i = 0; i < 256; i++)
        if (class_has(&class, i, unicode))
            add_first(re, i);
    if (node->inverted ||
        (set->count && set->ranges[set->count - 1].high > 255))
        re->first_other = true;
}

/* Adds what the node can begin with; returns whether it can be passed over. */
static bool find_first(base_regexp *re, const base_regexp_node *node)
{
    bool passed = false;
    switch (node->kind) {
    case REGEXP_CHAR:
        add_first_char(re, node);
        return false;
    case REGEXP_ANY:
        add_first_all(re);
        return false;
    case REGEXP_SET:
        add_first_set(re, node);
        return false;
    case REGEXP_SEQUENCE:
        for (const base_regexp_node *n = node->child; n; n = n->next)
            if (!find_first(re, n))
                return false;
        return true;
    case REGEXP_CHOICE:
        for (const base_regexp_node *n = node->child; n; n = n->next)
            passed |= find_first(re, n);
        return passed;
    case REGEXP_GROUP:
        return find_first(re, node->child);
    case REGEXP_REPEAT:
        if (node->max == 0)
            return true;
        return find_first(re, node->child) || node->min == 0;
    case REGEXP_BACKREF:
        add_first_all(re);
        return true;
    default:
        return true;
    }
}

static bool starts_at_start(const base_regexp_node *node)
{
    switch (node->kind) {
    case REGEXP_LINE_START:
        return true;
    case REGEXP_SEQUENCE:
    case REGEXP_GROUP:
        return node->child && starts_at_start(node->child);
    case REGEXP_CHOICE:
        for (const base_regexp_node *n = node->child; n; n = n->next)
            if (!starts_at_start(n))
                return false;
        return true;
    default:
        return false;
    }
}

static void find_beginnings(base_regexp *re, const base_regexp_node *root)
{
    int units = 0;
    re->at_start =
        !(re->flags & BASE_REGEXP_MULTILINE) && starts_at_start(root);
    re->has_first = !find_first(re, root);
    re->first_only = -1;
    for (int i = 0; i < 256; i++) {
        if (base_regexp_bit(re->first, (uint32_t)i)) {
            re->first_only = i;
            units++;
        }
    }
    if (units != 1 || re->first_other)
        re->first_only = -1;
}

/* the whole ---------------------------------------------------------------- */

static bool copy_names(base_regexp *re, const base_regexp_tree *tree)
{
    re->n_names = tree->n_names;
    re->names =
        base_arena_zalloc(&re->arena, tree->n_names + 1, sizeof *re->names);
    if (!re->names)
        return false;
    for (uint32_t i = 0; i < tree->n_names; i++) {
        const base_regexp_name *name = &tree->names[i];
        re->names[i] = *name;
        re->names[i].text =
            base_arena_dup(&re->arena, name->text, name->size);
        if (!re->names[i].text)
            return false;
    }
    return true;
}

static bool generate(base_regexp *re, const base_regexp_tree *tree,
                     const char **reason)
{
    coder c = {.regexp = re,
               .fold = tree->flags & BASE_REGEXP_IGNORE_CASE,
               .unicode = tree->flags & BASE_REGEXP_UNICODE};
    re->flags = tree->flags;
    re->n_groups = tree->n_groups;
    re->n_registers = tree->n_groups * 2;
    compile(&c, tree->root, false);
    emit(&c, OP_DONE);
    if (!c.failed) {
        const size_t size = c.size * sizeof *c.code;
        re->code = base_arena_alloc(&re->arena, size);
        if (re->code)
            memcpy(re->code, c.code, size);
        re->n_code = c.size;
    }
    free(c.code);
    *reason = c.reason;
    if (!re->code || !copy_names(re, tree))
        return false;
    find_beginnings(re, tree->root);
    return true;
}

base_regexp *base_regexp_new(const char *pattern, size_t size, unsigned flags,
                             const char **reason)
{
    base_arena scratch;
    base_regexp_tree tree;
    base_regexp *re = calloc(1, sizeof *re);
    *reason = NULL;
    if (!re)
        return NULL;
    base_arena_init(&scratch, 0);
    base_arena_init(&re->arena, 0);
    if (!base_regexp_parse(&scratch, pattern, size, flags, &tree, reason) ||
        !generate(re, &tree, reason)) {
        base_regexp_free(re);
        re = NULL;
    }
    base_arena_free(&scratch);
    return re;
}

void base_regexp_free(base_regexp *regexp)
{
    if (!regexp)
        return;
    base_arena_free(&regexp->arena);
    free(regexp);
}

static void *duplicate(void *(*alloc)(void *user, size_t size), void *user,
                       const void *data, size_t size)
{
    void *copy = alloc(user, size ? size : 1);
    if (copy && size)
        memcpy(copy, data, size);
    return copy;
}

base_regexp *base_regexp_copy(const base_regexp *regexp,
                              void *(*alloc)(void *user, size_t size),
                              void *user)
{
    base_regexp *re = duplicate(alloc, user, regexp, sizeof *re);
    if (!re)
        return NULL;
    base_arena_init(&re->arena, 0);
    re->code = duplicate(alloc, user, regexp->code,
                         regexp->n_code * sizeof *re->code);
    re->classes = duplicate(alloc, user, regexp->classes,
                            regexp->n_classes * sizeof *re->classes);
    re->names = duplicate(alloc, user, regexp->names,
                          regexp->n_names * sizeof *re->names);
    if (!re->code || !re->classes || !re->names)
        return NULL;
    for (uint32_t i = 0; i < re->n_classes; i++) {
        base_regexp_set *set = &re->classes[i].set;
        set->ranges = duplicate(alloc, user, set->ranges,
                                set->count * sizeof *set->ranges);
        if (!set->ranges)
            return NULL;
    }
    for (uint32_t i = 0; i < re->n_names; i++) {
        base_regexp_name *name = &re->names[i];
        name->text = duplicate(alloc, user, name->text, name->size);
        if (!name->text)
            return NULL;
    }
    return re;
}
