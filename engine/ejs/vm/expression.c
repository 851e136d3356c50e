/*
 * expression.c - expressions: into an operand, into a register, for their
 * effects, or as the condition of a jump.
 *
 * A register that is the target of an expression is either a temporary or is
 * not looked at by the expression itself, so it may be written early.
 */
#include "ejs/vm/emit.h"

#include <string.h>

static bool has_spread(const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] && list->items[i]->kind == NODE_SPREAD)
            return true;
    }
    return false;
}

/* operands -------------------------------------------------------------------
 */

static bool literal(ejs__emitter *e, const ejs__node *node, uint32_t *operand)
{
    switch (node->kind) {
    case NODE_NUMBER:
        *operand = ejs__constant(e, ejs__number(node->as.number));
        return true;
    case NODE_STRING:
        *operand = ejs__constant_text(e, node->as.string);
        return true;
    case NODE_NULL:
        *operand = ejs__constant(e, ejs__null());
        return true;
    case NODE_TRUE:
    case NODE_FALSE:
        *operand = ejs__constant(e, ejs__boolean(node->kind == NODE_TRUE));
        return true;
    default:
        return false;
    }
}

uint32_t ejs__operand(ejs__emitter *e, const ejs__node *node)
{
    uint32_t operand;
    if (literal(e, node, &operand))
        return operand;
    if (node->kind == NODE_NAME && !node->as.name.ref.check_tdz &&
        ejs__is_register(e, &node->as.name.ref, &operand))
        return operand;
    if (node->kind == NODE_THIS)
        return ejs__emit_this(e);
    operand = ejs__temp(e);
    ejs__into(e, node, operand);
    return operand;
}

/* Whether evaluating the node cannot assign to a variable. */
static bool is_quiet(const ejs__node *node)
{
    while (node && node->kind == NODE_MEMBER)
        node = node->as.member.object;
    return !node || node->kind == NODE_NAME || node->kind <= NODE_STRING ||
           (node->kind >= NODE_REGEXP && node->kind <= NODE_THIS) ||
           node->kind == NODE_FUNCTION;
}

uint32_t ejs__stable(ejs__emitter *e, const ejs__node *node,
                     const ejs__node *later)
{
    uint32_t r;
    if (node->kind != NODE_NAME || is_quiet(later) ||
        !ejs__is_register(e, &node->as.name.ref, &r) ||
        !node->as.name.ref.variable->assigned)
        return ejs__operand(e, node);
    r = ejs__temp(e);
    ejs__into(e, node, r);
    return r;
}

/* Stable while a list is evaluated. */
static uint32_t stable_before(ejs__emitter *e, const ejs__node *node,
                              const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!is_quiet(list->items[i]))
            return ejs__stable(e, node, list->items[i]);
    }
    return ejs__operand(e, node);
}

/* functions
 * --------------------------------------------------------------------- */

void ejs__closure_into(ejs__emitter *e, const ejs__function *function,
                       uint32_t target)
{
    const uint32_t n = function->n_upvalues;
    uint32_t *words = ejs__emit_alloc(e, (n + 3) * sizeof *words);
    if (!words)
        return;
    words[0] = target;
    words[1] = function->index;
    words[2] = n;
    for (uint32_t i = 0; i < n; i++) {
        const ejs__upvalue *up = &function->upvalues[i];
        const ejs__location at = ejs__locate(e->body, !up->from_parent_slot,
                                             up->index, up->variable);
        words[3 + i] = at.is_outer ? ~at.index : at.index;
    }
    ejs__emit(e, VM_CLOSURE, n + 3, words);
    if (function->kind == FUNCTION_ARROW)
        EMIT(e, ARROW, target,
             e->has_self ? e->self : ejs__constant_undefined(e),
             function->uses_new_target ||
                 (e->in_derived && function->uses_this));
}

/* operators
 * ------------------------------------------------------------------------ */

/* clang-format off */
static void binary_op(ejs__emitter *e, ejs__operator op, uint32_t target,
                      uint32_t a, uint32_t b)
{
    switch (op) {
    case OP_ADD: EMIT(e, ADD, target, a, b); break;
    case OP_SUB: EMIT(e, SUB, target, a, b); break;
    case OP_MUL: EMIT(e, MUL, target, a, b); break;
    case OP_DIV: EMIT(e, DIV, target, a, b); break;
    case OP_MOD: EMIT(e, MOD, target, a, b); break;
    case OP_POW: EMIT(e, ARITH, target, EJS_POW, a, b); break;
    case OP_SHL: EMIT(e, ARITH, target, EJS_SHL, a, b); break;
    case OP_SHR: EMIT(e, ARITH, target, EJS_SHR, a, b); break;
    case OP_USHR: EMIT(e, ARITH, target, EJS_USHR, a, b); break;
    case OP_BIT_AND: EMIT(e, ARITH, target, EJS_AND, a, b); break;
    case OP_BIT_OR: EMIT(e, ARITH, target, EJS_OR, a, b); break;
    case OP_BIT_XOR: EMIT(e, ARITH, target, EJS_XOR, a, b); break;
    case OP_EQ: EMIT(e, EQ, target, a, b); break;
    case OP_NE: EMIT(e, NE, target, a, b); break;
    case OP_STRICT_EQ: EMIT(e, SEQ, target, a, b); break;
    case OP_STRICT_NE: EMIT(e, SNE, target, a, b); break;
    case OP_LT: EMIT(e, COMPARE, target, EJS_LESS, a, b); break;
    case OP_LE: EMIT(e, COMPARE, target, EJS_LESS_EQUAL, a, b); break;
    case OP_GT: EMIT(e, COMPARE, target, EJS_GREATER, a, b); break;
    case OP_GE: EMIT(e, COMPARE, target, EJS_GREATER_EQUAL, a, b); break;
    case OP_IN: EMIT(e, IN, target, a, b); break;
    default: EMIT(e, INSTANCEOF, target, a, b); break;
    }
}

/* clang-format on */

static void binary(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__node *left = node->as.binary.left;
    const ejs__node *right = node->as.binary.right;
    if (left->kind == NODE_MEMBER && !left->as.member.object) { /* #x in o */
        const uint32_t key =
            ejs__constant_text(e, ejs__private_key(e, left->as.member.name));
        EMIT(e, PRIVATE_IN, target, key, ejs__operand(e, right));
        return;
    }
    const uint32_t a = ejs__stable(e, left, right);
    const uint32_t b = ejs__operand(e, right);
    ejs__emit_place(e, node);
    binary_op(e, node->op, target, a, b);
}

static void logical(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    ejs__label *done = ejs__label_new(e);
    ejs__into(e, node->as.binary.left, target);
    if (node->op == OP_AND)
        JUMP(e, done, JUMP_FALSE, target);
    else if (node->op == OP_OR)
        JUMP(e, done, JUMP_TRUE, target);
    else
        JUMP(e, done, JUMP_NOT_NULLISH, target);
    ejs__into(e, node->as.binary.right, target);
    ejs__label_bind(e, done);
}

static void conditional(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    ejs__label *no = ejs__label_new(e), *done = ejs__label_new(e);
    const uint32_t mark = e->next;
    ejs__branch(e, node->as.conditional.test, false, no);
    e->next = mark;
    ejs__into(e, node->as.conditional.yes, target);
    JUMP0(e, done, JUMP);
    ejs__label_bind(e, no);
    ejs__into(e, node->as.conditional.no, target);
    ejs__label_bind(e, done);
}

/* delete super.x and delete super[x] always throw, after evaluating x. */
static bool delete_super(ejs__emitter *e, const ejs__node *operand)
{
    const bool is_member = operand->kind == NODE_MEMBER;
    const ejs__node *object =
        is_member ? operand->as.member.object : operand->as.index.object;
    if (object->kind != NODE_SUPER)
        return false;
    ejs__emit_this(e);
    if (!is_member)
        ejs__effect(e, operand->as.index.index);
    ejs__emit_place(e, operand);
    EMIT0(e, SUPER_DELETE);
    return true;
}

static void delete_expression(ejs__emitter *e, const ejs__node *operand,
                              uint32_t target)
{
    const uint32_t yes = ejs__constant(e, ejs__boolean(true));
    if (operand->kind == NODE_MEMBER || operand->kind == NODE_INDEX) {
        const bool is_member = operand->kind == NODE_MEMBER;
        if (delete_super(e, operand))
            return;
        const uint32_t o = ejs__temp(e);
        ejs__into(
            e, is_member ? operand->as.member.object : operand->as.index.object,
            o);
        if (is_member ? operand->as.member.optional
                      : operand->as.index.optional)
            JUMP(e, e->chain->nothing, JUMP_NULLISH, o);
        const uint32_t key =
            is_member ? ejs__constant_text(e, operand->as.member.name)
                      : ejs__operand(e, operand->as.index.index);
        ejs__emit_place(e, operand);
        EMIT(e, DELETE, target, o, key, e->strict);
    } else if (operand->kind == NODE_CHAIN) {
        ejs__chain chain = {ejs__label_new(e), e->chain};
        ejs__label *done = ejs__label_new(e);
        e->chain = &chain;
        delete_expression(e, operand->as.unary.operand, target);
        e->chain = chain.outer;
        JUMP0(e, done, JUMP);
        ejs__label_bind(e, chain.nothing);
        EMIT(e, MOVE, target, yes);
        ejs__label_bind(e, done);
    } else if (operand->kind == NODE_NAME) {
        if (operand->as.name.ref.kind == REF_DYNAMIC)
            EMIT(e, NAME_DELETE, target, operand->as.name.ref.index);
        else
            EMIT(e, MOVE, target, ejs__constant(e, ejs__boolean(false)));
    } else {
        ejs__effect(e, operand);
        EMIT(e, MOVE, target, yes);
    }
}

static void unary(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__node *operand = node->as.unary.operand;
    if (node->op == OP_DELETE) {
        delete_expression(e, operand, target);
        return;
    }
    if (node->op == OP_TYPEOF && operand->kind == NODE_NAME &&
        operand->as.name.ref.kind == REF_DYNAMIC) {
        EMIT(e, NAME_TYPEOF, target, operand->as.name.ref.index);
        return;
    }
    const uint32_t x = ejs__operand(e, operand);
    ejs__emit_place(e, node);
    /* clang-format off */
    switch (node->op) {
    case OP_NOT: EMIT(e, NOT, target, x); break;
    case OP_NEG: EMIT(e, NEGATE, target, x); break;
    case OP_PLUS: EMIT(e, PLUS, target, x); break;
    case OP_BIT_NOT: EMIT(e, BIT_NOT, target, x); break;
    case OP_TYPEOF: EMIT(e, TYPEOF, target, x); break;
    default: /* void */
        EMIT(e, MOVE, target, ejs__constant_undefined(e));
        break;
    }
    /* clang-format on */
}

/* assignment
 * ----------------------------------------------------------------------------
 */

/*
 * The thing assigned to, evaluated once: a name, o.site, o[key], or the same of
 * super (o is then unused and key the name).
 */
typedef struct place {
    const ejs__node *node;
    uint32_t object, key;
    bool is_super;
} place;

static place open_place(ejs__emitter *e, const ejs__node *node,
                        const ejs__node *later)
{
    place p = {.node = node};
    if (node->kind == NODE_MEMBER) {
        const ejs__node *object = node->as.member.object;
        p.is_super = object->kind == NODE_SUPER;
        if (p.is_super) {
            ejs__emit_this(e);
            p.key = ejs__constant_text(e, node->as.member.name);
        } else
            p.object = ejs__stable(e, object, later);
    } else if (node->kind == NODE_INDEX) {
        const ejs__node *object = node->as.index.object;
        p.is_super = object->kind == NODE_SUPER;
        if (p.is_super) {
            ejs__emit_this(e);
        } else {
            p.object = ejs__temp(e);
            ejs__into(e, object, p.object);
        }
        p.key = ejs__stable(e, node->as.index.index, later);
    }
    return p;
}

static bool may_be_object(const ejs__node *node)
{
    return node->kind != NODE_NUMBER && node->kind != NODE_STRING &&
           node->kind != NODE_BINARY && node->kind != NODE_UPDATE &&
           node->kind != NODE_TEMPLATE && node->kind != NODE_UNARY;
}

/* A place that is read and then written: its key becomes a string once. */
static place open_target(ejs__emitter *e, const ejs__node *node,
                         const ejs__node *later)
{
    place p = open_place(e, node, later);
    if (node->kind != NODE_INDEX || p.is_super ||
        !may_be_object(node->as.index.index))
        return p;
    const uint32_t key = ejs__temp(e);
    EMIT(e, PLACE_KEY, key, p.object, p.key);
    p.key = key;
    return p;
}

static void load_place(ejs__emitter *e, const place *p, uint32_t target)
{
    ejs__emit_place(e, p->node);
    if (p->node->kind == NODE_NAME)
        ejs__load(e, p->node, target);
    else if (p->is_super)
        EMIT(e, SUPER_GET, target, p->key, e->self);
    else if (p->node->kind == NODE_MEMBER)
        EMIT(e, GET, target, p->object, ejs__member_site(e, p->node));
    else
        EMIT(e, INDEX, target, p->object, p->key);
}

static void store_place(ejs__emitter *e, const place *p, uint32_t value)
{
    ejs__emit_place(e, p->node);
    if (p->node->kind == NODE_NAME)
        ejs__store_ref(e, &p->node->as.name.ref, p->node->as.name.text, value,
                       STORE_ASSIGN);
    else if (p->is_super)
        EMIT(e, SUPER_SET, p->key, value, e->self, e->strict);
    else if (p->node->kind == NODE_MEMBER)
        EMIT(e, SET, p->object, ejs__member_site(e, p->node), value, e->strict);
    else
        EMIT(e, SET_INDEX, p->object, p->key, value, e->strict);
}

/* `a.b` and `a[b]` of `a?.b = v` and of f() = v do not get this far. */
static bool is_place(const ejs__node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_MEMBER ||
           node->kind == NODE_INDEX;
}

static bool is_constant_variable(const ejs__ref *ref)
{
    return ref->variable->kind == VARIABLE_CONST ||
           ref->variable->kind == VARIABLE_SELF;
}

/* The register of a variable that may be written to without further ado. */
static bool is_free_register(ejs__emitter *e, const ejs__node *node,
                             uint32_t *r)
{
    return node->kind == NODE_NAME && !node->as.name.ref.check_tdz &&
           ejs__is_register(e, &node->as.name.ref, r) &&
           !is_constant_variable(&node->as.name.ref);
}

/* Whether the value is written only once it is complete. */
static bool writes_last(const ejs__node *value)
{
    /* clang-format off */
    switch (value->kind) {
    case NODE_NUMBER: case NODE_STRING: case NODE_NULL: case NODE_TRUE:
    case NODE_FALSE: case NODE_NAME: case NODE_BINARY: case NODE_INDEX:
    case NODE_NEW: case NODE_FUNCTION: case NODE_TEMPLATE:
        return true;
    case NODE_MEMBER:
        return !value->as.member.optional;
    case NODE_CALL:
        return !value->as.call.optional;
    default:
        return false;
    }
    /* clang-format on */
}

static uint32_t plain_assign(ejs__emitter *e, const ejs__node *target,
                             const ejs__node *value)
{
    uint32_t v;
    if (is_free_register(e, target, &v) && writes_last(value)) {
        ejs__into(e, value, v);
        return v;
    }
    if (!is_place(target)) {
        v = ejs__temp(e);
        ejs__into(e, value, v);
        ejs__assign(e, target, v, STORE_ASSIGN,
                    ejs__kept_text(e, ejs__pattern_text(e->compiler->arena,
                                                        target, value, false)));
        return v;
    }
    const place p = open_place(e, target, value);
    v = ejs__operand(e, value);
    store_place(e, &p, v);
    return v;
}

static uint32_t logical_assign(ejs__emitter *e, const ejs__node *node)
{
    const ejs__node *target = node->as.assign.target;
    ejs__label *done = ejs__label_new(e);
    const uint32_t v = ejs__temp(e);
    const place p = open_target(e, target, node->as.assign.value);
    load_place(e, &p, v);
    if (node->op == OP_AND)
        JUMP(e, done, JUMP_FALSE, v);
    else if (node->op == OP_OR)
        JUMP(e, done, JUMP_TRUE, v);
    else
        JUMP(e, done, JUMP_NOT_NULLISH, v);
    ejs__into(e, node->as.assign.value, v);
    store_place(e, &p, v);
    ejs__label_bind(e, done);
    return v;
}

/* The operand that holds the assignment's value. */
static uint32_t assignment(ejs__emitter *e, const ejs__node *node)
{
    const ejs__node *target = node->as.assign.target;
    const ejs__node *value = node->as.assign.value;
    uint32_t r;
    if (node->op == OP_NONE)
        return plain_assign(e, target, value);
    if (node->op == OP_AND || node->op == OP_OR || node->op == OP_NULLISH)
        return logical_assign(e, node);
    if (is_free_register(e, target, &r)) {
        const uint32_t a = ejs__stable(e, target, value);
        const uint32_t b = ejs__operand(e, value);
        ejs__emit_place(e, node);
        binary_op(e, node->op, r, a, b);
        return r;
    }
    const place p = open_target(e, target, value);
    const uint32_t v = ejs__temp(e);
    load_place(e, &p, v);
    const uint32_t b = ejs__operand(e, value);
    ejs__emit_place(e, node);
    binary_op(e, node->op, v, v, b);
    store_place(e, &p, v);
    return v;
}

static void step(ejs__emitter *e, ejs__operator op, uint32_t target, uint32_t x)
{
    if (op == OP_INC)
        EMIT(e, INC, target, x);
    else
        EMIT(e, DEC, target, x);
}

/* ++ and --; `target` NULL when the value is not wanted. */
static void update(ejs__emitter *e, const ejs__node *node,
                   const uint32_t *target)
{
    const ejs__node *operand = node->as.unary.operand;
    uint32_t r;
    ejs__emit_place(e, node);
    if (is_free_register(e, operand, &r) && (!target || *target != r)) {
        if (target && !node->as.unary.prefix)
            EMIT(e, PLUS, *target, r);
        step(e, node->op, r, r);
        if (target && node->as.unary.prefix)
            EMIT(e, MOVE, *target, r);
        return;
    }
    if (!is_place(operand)) {
        ejs__effect(e, operand);
        return;
    }
    const place p = open_target(e, operand, NULL);
    const uint32_t old = ejs__temp(e), new_ = ejs__temp(e);
    load_place(e, &p, old);
    if (target && !node->as.unary.prefix)
        EMIT(e, PLUS, old, old);
    step(e, node->op, new_, old);
    store_place(e, &p, new_);
    if (target)
        EMIT(e, MOVE, *target, node->as.unary.prefix ? new_ : old);
}

/* calls
 * ------------------------------------------------------------------------------------
 */

/* The arguments in registers of their own, the first of which is returned. */
static uint32_t arguments(ejs__emitter *e, const ejs__list *args)
{
    const uint32_t first = ejs__temps(e, args->count);
    for (uint32_t i = 0; i < args->count; i++) {
        const uint32_t mark = e->next;
        ejs__into(e, args->items[i], first + i);
        e->next = mark;
    }
    return first;
}

/* Those of a call as an array, when some are spread. */
static uint32_t spread_arguments(ejs__emitter *e, const ejs__node *call_node)
{
    const ejs__list *args = &call_node->as.call.args;
    const uint32_t array = ejs__temp(e);
    EMIT(e, ARRAY, array, args->count);
    for (uint32_t i = 0; i < args->count; i++) {
        const ejs__node *arg = args->items[i];
        const uint32_t mark = e->next;
        if (arg->kind == NODE_SPREAD) {
            const uint32_t v = ejs__operand(e, arg->as.unary.operand);
            ejs__emit_place(e, call_node);
            EMIT(e, SPREAD, array, v, ejs__pool_spread(e, args, i));
        } else {
            const uint32_t v = ejs__operand(e, arg);
            EMIT(e, PUSH, array, v);
        }
        e->next = mark;
    }
    return array;
}

static void skip_nullish(ejs__emitter *e, bool optional, uint32_t x)
{
    if (optional)
        JUMP(e, e->chain->nothing, JUMP_NULLISH, x);
}

/* Callee and its `this` into two registers that follow each other. */
static void callee_pair(ejs__emitter *e, const ejs__node *callee, uint32_t pair)
{
    const bool is_member = callee->kind == NODE_MEMBER;
    if (is_member || callee->kind == NODE_INDEX) {
        const ejs__node *object =
            is_member ? callee->as.member.object : callee->as.index.object;
        if (object->kind == NODE_SUPER) {
            ejs__emit_this(e);
            const uint32_t key =
                is_member ? ejs__constant_text(e, callee->as.member.name)
                          : ejs__operand(e, callee->as.index.index);
            EMIT(e, SUPER_GET, pair, key, e->self);
            EMIT(e, MOVE, pair + 1, e->self);
            return;
        }
        ejs__into(e, object, pair + 1);
        skip_nullish(e,
                     is_member ? callee->as.member.optional
                               : callee->as.index.optional,
                     pair + 1);
        if (is_member) {
            ejs__emit_place(e, callee);
            EMIT(e, GET, pair, pair + 1, ejs__member_site(e, callee));
        } else {
            const uint32_t key = ejs__operand(e, callee->as.index.index);
            ejs__emit_place(e, callee);
            EMIT(e, INDEX, pair, pair + 1, key);
        }
    } else if (callee->kind == NODE_NAME &&
               callee->as.name.ref.kind == REF_DYNAMIC) {
        ejs__emit_place(e, callee);
        EMIT(e, NAME_CALLEE, pair, callee->as.name.ref.index);
    } else if (callee->kind == NODE_CHAIN) {
        ejs__chain chain = {ejs__label_new(e), e->chain};
        ejs__label *done = ejs__label_new(e);
        e->chain = &chain;
        callee_pair(e, callee->as.unary.operand, pair);
        e->chain = chain.outer;
        JUMP0(e, done, JUMP);
        ejs__label_bind(e, chain.nothing);
        EMIT(e, MOVE, pair, ejs__constant_undefined(e));
        EMIT(e, MOVE, pair + 1, ejs__constant_undefined(e));
        ejs__label_bind(e, done);
    } else {
        ejs__into(e, callee, pair);
        EMIT(e, MOVE, pair + 1, ejs__constant_undefined(e));
    }
}

/* object.method(...) without making the method a value; or false. */
static bool method_call(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    const bool is_member = callee->kind == NODE_MEMBER;
    if (!is_member && callee->kind != NODE_INDEX)
        return false;
    const ejs__node *object =
        is_member ? callee->as.member.object : callee->as.index.object;
    if (object->kind == NODE_SUPER ||
        (is_member && callee->as.member.is_private))
        return false;
    const uint32_t o =
        is_member ? stable_before(e, object, args) : ejs__temp(e);
    if (!is_member)
        ejs__into(e, object, o);
    skip_nullish(
        e, is_member ? callee->as.member.optional : callee->as.index.optional,
        o);
    const uint32_t key = is_member
                             ? ejs__member_site(e, callee)
                             : stable_before(e, callee->as.index.index, args);
    const bool find = ejs__arguments_matter(args);
    const uint32_t found = find ? ejs__temp(e) : 0;
    if (find) {
        ejs__emit_place(e, node);
        if (is_member)
            EMIT(e, FIND, found, o, key);
        else
            EMIT(e, FIND_INDEX, found, o, key);
    }
    const uint32_t first = arguments(e, args);
    const uint32_t text = ejs__pool_callee(e, node);
    ejs__emit_place(e, node);
    if (find)
        EMIT(e, CALL_FOUND, target, found, o,
             is_member ? ejs__constant_text(e, callee->as.member.name) : key,
             first, args->count, text);
    else if (is_member)
        EMIT(e, CALL_METHOD, target, o, key, first, args->count, text);
    else
        EMIT(e, CALL_INDEX, target, o, key, first, args->count, text);
    return true;
}

static void super_call(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__list *args = &node->as.call.args;
    if (has_spread(args)) {
        const uint32_t array = spread_arguments(e, node);
        EMIT(e, SUPER_SPREAD, e->self, array);
    } else {
        const uint32_t first = arguments(e, args);
        EMIT(e, SUPER_CALL, e->self, first, args->count);
    }
    if (target != e->self)
        EMIT(e, MOVE, target, e->self);
}

static void call(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    if (callee->kind == NODE_SUPER) {
        super_call(e, node, target);
        return;
    }
    if (!node->as.call.optional && !has_spread(args) &&
        method_call(e, node, target))
        return;
    uint32_t f, self;
    if (callee->kind == NODE_NAME && !callee->as.name.ref.check_tdz &&
        ejs__is_register(e, &callee->as.name.ref, &f)) {
        f = stable_before(e, callee, args);
        self = ejs__constant_undefined(e);
    } else {
        f = ejs__temps(e, 2);
        self = f + 1;
        callee_pair(e, callee, f);
    }
    skip_nullish(e, node->as.call.optional, f);
    if (has_spread(args)) {
        const uint32_t array = spread_arguments(e, node);
        const uint32_t text = ejs__pool_callee(e, node);
        ejs__emit_place(e, node);
        if (callee->kind == NODE_MEMBER)
            EMIT(e, CALL_FOUND_SPREAD, target, f, self,
                 ejs__constant_text(e, callee->as.member.name), array, text);
        else
            EMIT(e, CALL_SPREAD, target, f, self, array, text);
    } else {
        const uint32_t first = arguments(e, args);
        const uint32_t text = ejs__pool_callee(e, node);
        ejs__emit_place(e, node);
        EMIT(e, CALL, target, f, self, first, args->count, text);
    }
}

static void new_expression(ejs__emitter *e, const ejs__node *node,
                           uint32_t target)
{
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    const uint32_t f = stable_before(e, callee, args);
    const uint32_t text = ejs__pool_node(e, callee);
    if (has_spread(args)) {
        const uint32_t array = spread_arguments(e, node);
        ejs__emit_place(e, node);
        EMIT(e, NEW_SPREAD, target, f, array, text);
    } else {
        const uint32_t first = arguments(e, args);
        ejs__emit_place(e, node);
        EMIT(e, NEW, target, f, first, args->count, text);
    }
}

static void chain_expression(ejs__emitter *e, const ejs__node *node,
                             uint32_t target)
{
    ejs__chain chain = {ejs__label_new(e), e->chain};
    ejs__label *done = ejs__label_new(e);
    e->chain = &chain;
    ejs__into(e, node->as.unary.operand, target);
    e->chain = chain.outer;
    JUMP0(e, done, JUMP);
    ejs__label_bind(e, chain.nothing);
    EMIT(e, MOVE, target, ejs__constant_undefined(e));
    ejs__label_bind(e, done);
}

bool ejs__output_include(ejs__emitter *e, const ejs__node *node, bool escaped)
{
    if (node->kind != NODE_CALL || node->as.call.optional)
        return false;
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    if (callee->kind != NODE_NAME || has_spread(args) ||
        callee->as.name.ref.kind != REF_DYNAMIC ||
        callee->as.name.text.size != 7 ||
        memcmp(callee->as.name.text.data, "include", 7) != 0)
        return false;
    const uint32_t pair = ejs__temps(e, 2);
    ejs__emit_place(e, node);
    EMIT(e, NAME_INCLUDE, pair, callee->as.name.ref.index);
    arguments(e, args); /* they follow the pair */
    ejs__emit_place(e, node);
    EMIT(e, PUT_INCLUDE, pair, args->count, escaped, ejs__pool_node(e, callee));
    return true;
}

/* members
 * ------------------------------------------------------------------------------------
 */

static void member(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__node *object = node->as.member.object;
    if (object->kind == NODE_SUPER) {
        EMIT(e, SUPER_GET, target, ejs__constant_text(e, node->as.member.name),
             ejs__emit_this(e));
        return;
    }
    if (object->kind == NODE_NAME && object->as.name.ref.kind == REF_DYNAMIC &&
        !node->as.member.optional && !node->as.member.is_private) {
        ejs__emit_places(e, object, node);
        EMIT(e, NAME_GET, target, object->as.name.ref.index,
             ejs__site(e, node->as.member.name));
        return;
    }
    const uint32_t o = ejs__operand(e, object);
    skip_nullish(e, node->as.member.optional, o);
    ejs__emit_place(e, node);
    if (!node->as.member.is_private && node->as.member.name.size == 6 &&
        memcmp(node->as.member.name.data, "length", 6) == 0)
        EMIT(e, GET_LENGTH, target, o);
    else
        EMIT(e, GET, target, o, ejs__member_site(e, node));
}

static void index_expression(ejs__emitter *e, const ejs__node *node,
                             uint32_t target)
{
    const ejs__node *object = node->as.index.object;
    if (object->kind == NODE_SUPER) {
        ejs__emit_this(e);
        const uint32_t key = ejs__operand(e, node->as.index.index);
        EMIT(e, SUPER_GET, target, key, e->self);
        return;
    }
    const uint32_t o = ejs__stable(e, object, node->as.index.index);
    skip_nullish(e, node->as.index.optional, o);
    const uint32_t key = ejs__operand(e, node->as.index.index);
    ejs__emit_place(e, node);
    EMIT(e, INDEX, target, o, key);
}

/* literals
 * --------------------------------------------------------------------------------------
 */

static void array_literal(ejs__emitter *e, const ejs__node *node,
                          uint32_t target)
{
    const ejs__list *list = &node->as.list;
    EMIT(e, ARRAY, target, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *item = list->items[i];
        const uint32_t mark = e->next;
        if (!item) {
            EMIT(e, PUSH_HOLE, target);
        } else if (item->kind == NODE_SPREAD) {
            const uint32_t v = ejs__operand(e, item->as.unary.operand);
            ejs__emit_place(e, item->as.unary.operand);
            EMIT(e, SPREAD, target, v,
                 ejs__pool_iterable(e, item->as.unary.operand));
        } else {
            const uint32_t v = ejs__operand(e, item);
            EMIT(e, PUSH, target, v);
        }
        e->next = mark;
    }
}

static bool is_proto_setter(const ejs__node *property)
{
    const ejs__node *key = property->as.property.key;
    return property->as.property.kind == PROPERTY_VALUE &&
           !property->as.property.computed && key->as.string.size == 9 &&
           memcmp(key->as.string.data, "__proto__", 9) == 0;
}

/* The third operand of NAME_FUNCTION. */
static uint32_t name_prefix(ejs__emitter *e, ejs__property_kind kind)
{
    if (kind == PROPERTY_GET)
        return ejs__pool(e, (ejs__slice){"get", 3});
    if (kind == PROPERTY_SET)
        return ejs__pool(e, (ejs__slice){"set", 3});
    return EJS__NO_TEXT;
}

void ejs__emit_property(ejs__emitter *e, const ejs__node *property,
                        uint32_t object, uint32_t key, uint32_t value)
{
    const ejs__property_kind kind = property->as.property.kind;
    const ejs__node *node = property->as.property.value;
    ejs__into(e, node, value);
    if (node->kind != NODE_FUNCTION)
        return;
    if (kind == PROPERTY_METHOD || kind == PROPERTY_GET || kind == PROPERTY_SET)
        EMIT(e, HOME, value, object);
    if (property->as.property.computed)
        EMIT(e, NAME_FUNCTION, value, key, name_prefix(e, kind));
}

static void object_property(ejs__emitter *e, const ejs__node *property,
                            uint32_t object)
{
    const ejs__property_kind kind = property->as.property.kind;
    uint32_t key;
    if (is_proto_setter(property)) {
        const uint32_t v = ejs__operand(e, property->as.property.value);
        EMIT(e, PROTO, object, v);
        return;
    }
    if (property->as.property.computed) {
        key = ejs__temp(e);
        ejs__into(e, property->as.property.key, key);
        EMIT(e, TO_KEY, key, key);
    } else {
        key = ejs__constant_text(e, property->as.property.key->as.string);
    }
    uint32_t v;
    const ejs__node *value = property->as.property.value;
    if (value->kind == NODE_FUNCTION || value->kind == NODE_CLASS) {
        v = ejs__temp(e);
        ejs__emit_property(e, property, object, key, v);
    } else {
        v = ejs__operand(e, value);
    }
    if (kind == PROPERTY_GET || kind == PROPERTY_SET)
        EMIT(e, ACCESSOR, object, key, v, kind == PROPERTY_SET, true);
    else if (property->as.property.computed)
        EMIT(e, DEFINE_INDEX, object, key, v);
    else
        EMIT(e, DEFINE, object,
             ejs__site(e, property->as.property.key->as.string), v);
}

static void object_literal(ejs__emitter *e, const ejs__node *node,
                           uint32_t target)
{
    const ejs__list *list = &node->as.list;
    EMIT(e, OBJECT, target);
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *item = list->items[i];
        const uint32_t mark = e->next;
        if (item->kind == NODE_SPREAD) {
            const uint32_t v = ejs__operand(e, item->as.unary.operand);
            EMIT(e, OBJECT_SPREAD, target, v);
        } else {
            object_property(e, item, target);
        }
        e->next = mark;
    }
}

static void template_parts(ejs__emitter *e, const ejs__node *node,
                           uint32_t target)
{
    const uint32_t n = node->as.template_.values.count;
    uint32_t count = n;
    for (uint32_t i = 0; i <= n; i++)
        count += node->as.template_.cooked[i].size != 0;
    const uint32_t first = ejs__temps(e, count);
    uint32_t at = first;
    for (uint32_t i = 0; i <= n; i++) {
        if (node->as.template_.cooked[i].size)
            EMIT(e, MOVE, at++,
                 ejs__constant_text(e, node->as.template_.cooked[i]));
        if (i < n) {
            const uint32_t mark = e->next;
            ejs__into(e, node->as.template_.values.items[i], at);
            /* before what follows, which may change it or fail */
            if (i + 1 < n) {
                ejs__emit_place(e, node);
                EMIT(e, TO_STRING, at, at);
            }
            at++;
            e->next = mark;
        }
    }
    ejs__emit_place(e, node);
    EMIT(e, CONCAT, target, first, count);
}

/* tag`a${b}c` = tag(strings, b) */
static void tagged_template(ejs__emitter *e, const ejs__node *node,
                            uint32_t target)
{
    const uint32_t n = node->as.template_.values.count;
    const uint32_t pair = ejs__temps(e, 2), first = ejs__temps(e, n + 1);
    callee_pair(e, node->as.template_.tag, pair);
    const uint32_t mark = e->next, strings = ejs__temps(e, 2 * (n + 1));
    for (uint32_t i = 0; i <= n; i++) {
        const ejs__slice cooked = node->as.template_.cooked[i];
        EMIT(e, MOVE, strings + i,
             cooked.data ? ejs__constant_text(e, cooked)
                         : ejs__constant_undefined(e));
        EMIT(e, MOVE, strings + n + 1 + i,
             ejs__constant_text(e, node->as.template_.raw[i]));
    }
    EMIT(e, TAGGED, first, node->as.template_.site, strings, strings + n + 1,
         n + 1);
    e->next = mark;
    for (uint32_t i = 0; i < n; i++) {
        ejs__into(e, node->as.template_.values.items[i], first + 1 + i);
        e->next = mark;
    }
    const uint32_t text = ejs__pool_node(e, node->as.template_.tag);
    ejs__emit_place(e, node);
    EMIT(e, CALL, target, pair, pair + 1, first, n + 1, text);
}

/* generators
 * ---------------------------------------------------------------------------------------
 */

/* Where a generator goes on that was told to return r. */
static void yield_point(ejs__emitter *e, uint32_t r, uint32_t value)
{
    ejs__label *told = ejs__label_new(e), *go_on = ejs__label_new(e);
    JUMP(e, told, YIELD, r, value);
    JUMP0(e, go_on, JUMP);
    ejs__label_bind(e, told);
    ejs__return(e, r);
    ejs__label_bind(e, go_on);
}

static void yield(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__node *operand = node->as.unary.operand;
    if (!node->as.unary.prefix) {
        const uint32_t v =
            operand ? ejs__operand(e, operand) : ejs__constant_undefined(e);
        yield_point(e, target, v);
        return;
    }
    /* yield* hands on what the iterator gives, one value after another */
    const uint32_t it = ejs__temps(e, 5), value = ejs__temp(e);
    ejs__label *top = ejs__label_new(e), *done = ejs__label_new(e);
    EMIT(e, ITERATE, it, ejs__operand(e, operand),
         ejs__pool_iterable(e, operand));
    ejs__context open = {.kind = CONTEXT_ITERATOR,
                         .outer = e->context,
                         .iterator = it,
                         .exception = ejs__temp(e),
                         .handler = ejs__label_new(e)};
    ejs__label_bind(e, top);
    JUMP(e, done, NEXT, value, it);
    e->context = &open;
    ejs__protect(e, &open);
    yield_point(e, value, value);
    ejs__unprotect(e, &open);
    e->context = open.outer;
    JUMP0(e, top, LOOP);
    ejs__label_bind(e, open.handler);
    EMIT(e, ITERATE_DROP, it);
    EMIT(e, RETHROW, open.exception);
    ejs__label_bind(e, done);
    EMIT(e, MOVE, target, value);
}

/* the four ways
 * ----------------------------------------------------------------------------------------
 */

static void comma(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__list *list = &node->as.list;
    for (uint32_t i = 0; i + 1 < list->count; i++) {
        const uint32_t mark = e->next;
        ejs__effect(e, list->items[i]);
        e->next = mark;
    }
    ejs__into(e, list->items[list->count - 1], target);
}

static void primary_into(ejs__emitter *e, const ejs__node *node,
                         uint32_t target)
{
    switch (node->kind) {
    case NODE_NAME:
        ejs__load(e, node, target);
        break;
    case NODE_THIS:
        ejs__emit_this(e);
        if (target != e->self)
            EMIT(e, MOVE, target, e->self);
        break;
    case NODE_REGEXP:
        EMIT(e, REGEXP, target, node->as.regexp.index,
             ejs__constant_text(e, node->as.regexp.pattern),
             ejs__constant_text(e, node->as.regexp.flags));
        break;
    case NODE_TEMPLATE:
        if (node->as.template_.tag)
            tagged_template(e, node, target);
        else
            template_parts(e, node, target);
        break;
    case NODE_ARRAY:
        array_literal(e, node, target);
        break;
    case NODE_OBJECT:
        object_literal(e, node, target);
        break;
    case NODE_FUNCTION:
        ejs__closure_into(e, node->as.function, target);
        break;
    case NODE_CLASS:
        ejs__class_into(e, node, target);
        break;
    case NODE_INVALID:
        ejs__emit_place(e, node);
        EMIT(e, THROW_REFERENCE, ejs__pool(e, node->as.string));
        break;
    default: /* NODE_NEW_TARGET */
        EMIT(e, NEW_TARGET, target);
        break;
    }
}

void ejs__into(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const uint32_t mark = e->next;
    uint32_t x;
    /* clang-format off */
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_STRING:
    case NODE_NULL:
    case NODE_TRUE:
    case NODE_FALSE:
        literal(e, node, &x);
        EMIT(e, MOVE, target, x);
        break;
    case NODE_UNARY: unary(e, node, target); break;
    case NODE_UPDATE: update(e, node, &target); break;
    case NODE_BINARY: binary(e, node, target); break;
    case NODE_LOGICAL: logical(e, node, target); break;
    case NODE_CONDITIONAL: conditional(e, node, target); break;
    case NODE_ASSIGN:
        x = assignment(e, node);
        if (x != target)
            EMIT(e, MOVE, target, x);
        break;
    case NODE_COMMA: comma(e, node, target); break;
    case NODE_MEMBER: member(e, node, target); break;
    case NODE_INDEX: index_expression(e, node, target); break;
    case NODE_CHAIN: chain_expression(e, node, target); break;
    case NODE_CALL: call(e, node, target); break;
    case NODE_NEW: new_expression(e, node, target); break;
    case NODE_YIELD: yield(e, node, target); break;
    default: primary_into(e, node, target); break;
    }
    /* clang-format on */
    e->next = mark;
}

void ejs__effect(ejs__emitter *e, const ejs__node *node)
{
    const uint32_t mark = e->next;
    if (node->kind == NODE_UPDATE) {
        update(e, node, NULL);
    } else if (node->kind == NODE_ASSIGN) {
        assignment(e, node);
    } else if (node->kind == NODE_LOGICAL && node->op != OP_NULLISH) {
        ejs__label *done = ejs__label_new(e);
        ejs__branch(e, node->as.binary.left, node->op == OP_OR, done);
        ejs__effect(e, node->as.binary.right);
        ejs__label_bind(e, done);
    } else {
        ejs__into(e, node, ejs__temp(e));
    }
    e->next = mark;
}

/* conditions
 * -------------------------------------------------------------------------------------------
 */

static bool compare_branch(ejs__emitter *e, const ejs__node *node, bool sense,
                           ejs__label *label)
{
    static const uint8_t jumps[][2] = {
        /* when false, when true */
        [OP_EQ] = {VM_JUMP_NE, VM_JUMP_EQ},
        [OP_NE] = {VM_JUMP_EQ, VM_JUMP_NE},
        [OP_STRICT_EQ] = {VM_JUMP_SNE, VM_JUMP_SEQ},
        [OP_STRICT_NE] = {VM_JUMP_SEQ, VM_JUMP_SNE},
        [OP_LT] = {VM_JUMP_NOT_LT, VM_JUMP_LT},
        [OP_LE] = {VM_JUMP_NOT_LE, VM_JUMP_LE},
        [OP_GT] = {VM_JUMP_NOT_GT, VM_JUMP_GT},
        [OP_GE] = {VM_JUMP_NOT_GE, VM_JUMP_GE},
    };
    if (node->op < OP_EQ || node->op > OP_GE)
        return false;
    const ejs__node *left = node->as.binary.left;
    const uint32_t a = ejs__stable(e, left, node->as.binary.right);
    const uint32_t b = ejs__operand(e, node->as.binary.right);
    ejs__emit_place(e, node);
    const uint32_t operands[2] = {a, b};
    ejs__emit_jump(e, label, (ejs__opcode)jumps[node->op][sense], 2, operands);
    return true;
}

static void logical_branch(ejs__emitter *e, const ejs__node *node, bool sense,
                           ejs__label *label)
{
    /* `a && b` is false as soon as a is, `a || b` true as soon as a is. */
    const bool early = node->op == OP_OR;
    if (sense == early) {
        ejs__branch(e, node->as.binary.left, sense, label);
        ejs__branch(e, node->as.binary.right, sense, label);
        return;
    }
    ejs__label *done = ejs__label_new(e);
    ejs__branch(e, node->as.binary.left, early, done);
    ejs__branch(e, node->as.binary.right, sense, label);
    ejs__label_bind(e, done);
}

void ejs__branch(ejs__emitter *e, const ejs__node *node, bool sense,
                 ejs__label *label)
{
    const uint32_t mark = e->next;
    if (node->kind == NODE_UNARY && node->op == OP_NOT) {
        ejs__branch(e, node->as.unary.operand, !sense, label);
    } else if (node->kind == NODE_LOGICAL && node->op != OP_NULLISH) {
        logical_branch(e, node, sense, label);
    } else if (node->kind != NODE_BINARY ||
               !compare_branch(e, node, sense, label)) {
        const uint32_t x = ejs__operand(e, node);
        if (sense)
            JUMP(e, label, JUMP_TRUE, x);
        else
            JUMP(e, label, JUMP_FALSE, x);
    }
    e->next = mark;
}
