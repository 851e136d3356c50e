/* expression.c - operators and assignments, from unary up to the comma. */
#include "ejs/syntax/parse.h"

static ejs__node *unary(ejs__parser *p);

/* operators ---------------------------------------------------------------- */

static ejs__node *update(ejs__parser *p, ejs__node *operand, uint32_t start,
                         bool prefix)
{
    ejs__node *node = ejs__parse_node(p, NODE_UPDATE, start);
    node->as.unary.prefix = prefix;
    if (prefix) {
        node->op = ejs__parse_is(p, TOKEN_INCREMENT) ? OP_INC : OP_DEC;
        ejs__parse_next(p);
        operand = unary(p);
        operand = ejs__parse_check_target(
            p, operand, true,
            "Invalid left-hand side expression in prefix operation");
    } else {
        operand = ejs__parse_check_target(
            p, operand, true,
            "Invalid left-hand side expression in postfix operation");
        node->op = ejs__parse_is(p, TOKEN_INCREMENT) ? OP_INC : OP_DEC;
        ejs__parse_next(p);
    }
    node->as.unary.operand = operand;
    return ejs__parse_end(p, node);
}

static ejs__node *postfix(ejs__parser *p)
{
    ejs__node *node = ejs__parse_left_hand(p);
    if (ejs__parse_is_arrow(node) || p->token.newline_before)
        return node;
    if (ejs__parse_is(p, TOKEN_INCREMENT) || ejs__parse_is(p, TOKEN_DECREMENT))
        return update(p, node, node->start, false);
    return node;
}

static ejs__operator unary_operator(const ejs__parser *p)
{
    switch (p->token.kind) {
    case TOKEN_NOT:
        return OP_NOT;
    case TOKEN_MINUS:
        return OP_NEG;
    case TOKEN_PLUS:
        return OP_PLUS;
    case TOKEN_TILDE:
        return OP_BIT_NOT;
    case TOKEN_TYPEOF:
        return OP_TYPEOF;
    case TOKEN_VOID:
        return OP_VOID;
    case TOKEN_DELETE:
        return OP_DELETE;
    default:
        return OP_NONE;
    }
}

static void check_delete(ejs__parser *p, const ejs__node *operand)
{
    const ejs__node *inner =
        operand->kind == NODE_CHAIN ? operand->as.unary.operand : operand;
    if (p->function->is_strict && operand->kind == NODE_NAME)
        ejs__front_fail(p->front, operand->start, NULL,
                        "Delete of an unqualified identifier in strict mode.");
    if (inner->kind == NODE_MEMBER && inner->as.member.is_private)
        ejs__front_fail(p->front, operand->start, NULL,
                        "Private fields can not be deleted");
}

/* unary = ("!" | "-" | ...) unary | ("++" | "--") unary | postfix */
static ejs__node *unary(ejs__parser *p)
{
    ejs__operator op = unary_operator(p);
    bool is_update =
        ejs__parse_is(p, TOKEN_INCREMENT) || ejs__parse_is(p, TOKEN_DECREMENT);
    if (op == OP_NONE && !is_update)
        return postfix(p);
    if (p->token.escaped)
        ejs__parse_unexpected(p, &p->token);
    uint32_t entered = ejs__parse_enter(p), start = p->token.start;
    ejs__node *node;
    if (is_update) {
        node = update(p, NULL, start, true);
    } else {
        node = ejs__parse_node(p, NODE_UNARY, start);
        node->op = (uint8_t)op;
        ejs__parse_next(p);
        node->as.unary.operand = unary(p);
        if (op == OP_DELETE)
            check_delete(p, node->as.unary.operand);
        ejs__parse_end(p, node);
    }
    ejs__parse_leave(p, entered);
    return node;
}

typedef struct binary_operator {
    uint8_t precedence; /* 0: the token is none */
    uint8_t op;
} binary_operator;

static binary_operator binary_operator_at(const ejs__parser *p)
{
    static const binary_operator table[] = {
#define TOKEN(name, text)
#define BINARY(name, text, precedence, op) [TOKEN_##name] = {precedence, op},
#define ASSIGN(name, text, op)
#define KEYWORD(name, text)
#include "ejs/syntax/token.def"
#undef TOKEN
#undef BINARY
#undef ASSIGN
#undef KEYWORD
        [TOKEN_IN] = {8, OP_IN},
        [TOKEN_INSTANCEOF] = {8, OP_INSTANCEOF},
    };
    if (p->token.kind >= sizeof table / sizeof *table || p->token.escaped ||
        (p->token.kind == TOKEN_IN && p->no_in))
        return (binary_operator){0, 0};
    return table[p->token.kind];
}

static bool is_logical(const ejs__node *node, bool nullish)
{
    return node->kind == NODE_LOGICAL && !node->parenthesized &&
           (node->op == OP_NULLISH) == nullish;
}

static bool mixes(uint8_t op, const ejs__node *operand)
{
    if (op == OP_NULLISH)
        return is_logical(operand, false);
    return (op == OP_OR || op == OP_AND) && is_logical(operand, true);
}

static _Noreturn void fail_mixed(ejs__parser *p, uint32_t at, uint8_t op)
{
    ejs__front_fail(p->front, at,
                    "put parentheses around one side: ?\? does not mix with "
                    "|| and &&",
                    "Unexpected token '%s'",
                    op == OP_NULLISH ? "?\?"
                    : op == OP_OR    ? "||"
                                     : "&&");
}

/* `a ?? b || c` needs parentheses; of two operators the second is at fault. */
static void check_mixed(ejs__parser *p, const ejs__node *node, uint32_t at)
{
    const ejs__node *left = node->as.binary.left;
    const ejs__node *right = node->as.binary.right;
    if (mixes(node->op, left))
        fail_mixed(p, at, node->op);
    if (mixes(node->op, right))
        fail_mixed(p, right->as.binary.left->end, right->op);
}

static void check_power(ejs__parser *p, const ejs__node *left)
{
    if (left->kind == NODE_UNARY && !left->parenthesized)
        ejs__front_fail(p->front, left->start, "write (-x) ** y or -(x ** y)",
                        "Unary operator used immediately before "
                        "exponentiation expression. Parenthesis must be used "
                        "to disambiguate operator precedence");
}

static ejs__node *binary(ejs__parser *p, uint8_t lowest);

/* The right side of an operator; ** takes everything there is. */
static ejs__node *right_operand(ejs__parser *p, binary_operator op)
{
    if (op.op != OP_POW)
        return binary(p, (uint8_t)(op.precedence + 1));
    uint32_t entered = ejs__parse_enter(p);
    ejs__node *node = binary(p, op.precedence);
    ejs__parse_leave(p, entered);
    return node;
}

/* #name in object: the left side is a member without an object */
static ejs__node *private_in(ejs__parser *p, uint8_t lowest)
{
    ejs__token token = p->token;
    ejs__node *node = ejs__parse_node(p, NODE_MEMBER, token.start);
    node->as.member.is_private = true;
    ejs__parse_private_name(p, &node->as.member.name);
    if (!ejs__parse_is(p, TOKEN_IN) || p->no_in || lowest > 8)
        ejs__parse_unexpected(p, &token);
    return ejs__parse_end(p, node);
}

/* binary = unary (operator binary)*, for operators that bind at least so */
static ejs__node *binary(ejs__parser *p, uint8_t lowest)
{
    ejs__node *left =
        ejs__parse_is(p, TOKEN_PRIVATE_NAME) ? private_in(p, lowest) : unary(p);
    if (ejs__parse_is_arrow(left))
        return left;
    for (;;) {
        binary_operator op = binary_operator_at(p);
        if (op.precedence == 0 || op.precedence < lowest)
            return left;
        bool is_logical_ = op.op >= OP_AND && op.op <= OP_NULLISH;
        uint32_t at = p->token.start;
        ejs__node *node = ejs__parse_node(
            p, is_logical_ ? NODE_LOGICAL : NODE_BINARY, left->start);
        node->op = op.op;
        if (op.op == OP_POW)
            check_power(p, left);
        ejs__parse_next(p);
        node->as.binary.left = left;
        node->as.binary.right = right_operand(p, op);
        check_mixed(p, node, at);
        left = ejs__parse_end(p, node);
        ejs__parse_link(p);
    }
}

/* conditional = binary ("?" assignment ":" assignment)? */
static ejs__node *conditional(ejs__parser *p)
{
    ejs__node *test = binary(p, 1);
    if (ejs__parse_is_arrow(test) || !ejs__parse_is(p, TOKEN_QUESTION))
        return test;
    ejs__node *node = ejs__parse_node(p, NODE_CONDITIONAL, test->start);
    node->as.conditional.test = test;
    ejs__parse_next(p);
    bool no_in = ejs__parse_allow_in(p);
    node->as.conditional.yes = ejs__parse_assignment(p);
    p->no_in = no_in;
    ejs__parse_expect(p, TOKEN_COLON);
    node->as.conditional.no = ejs__parse_assignment(p);
    return ejs__parse_end(p, node);
}

/* assignment --------------------------------------------------------------- */

/* yield = "yield" ("*"? assignment)? */
static ejs__node *yield(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_YIELD, p->token.start);
    if (p->token.escaped)
        ejs__parse_unexpected(p, &p->token);
    if (p->function->in_parameters)
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Yield expression not allowed in formal parameter");
    p->function->last_yield = p->token.start + 1;
    ejs__parse_next(p);
    if (p->token.newline_before)
        return ejs__parse_end(p, node);
    node->as.unary.prefix = ejs__parse_accept(p, TOKEN_STAR);
    switch (p->token.kind) {
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_COMMA:
    case TOKEN_SEMICOLON:
    case TOKEN_COLON:
    case TOKEN_IN:
    case TOKEN_END:
        if (!node->as.unary.prefix)
            break;
        /* fall through */
    default:
        node->as.unary.operand = ejs__parse_assignment(p);
    }
    return ejs__parse_end(p, node);
}

/* Whether the token assigns, and how. */
static bool assignment_operator(const ejs__parser *p, ejs__operator *op)
{
    static const uint8_t table[] = {
#define TOKEN(name, text)
#define BINARY(name, text, precedence, op)
#define ASSIGN(name, text, op) [TOKEN_##name] = op,
#define KEYWORD(name, text)
#include "ejs/syntax/token.def"
#undef TOKEN
#undef BINARY
#undef ASSIGN
#undef KEYWORD
    };
    if (p->token.kind < TOKEN_ASSIGN || p->token.kind > TOKEN_ASSIGN_NULLISH)
        return false;
    *op = (ejs__operator)table[p->token.kind];
    return true;
}

static ejs__node *assign(ejs__parser *p, ejs__node *left, ejs__operator op)
{
    ejs__node *node = ejs__parse_node(p, NODE_ASSIGN, left->start);
    node->op = (uint8_t)op;
    if (op == OP_NONE &&
        (left->kind == NODE_ARRAY || left->kind == NODE_OBJECT)) {
        left = ejs__parse_to_target(p, left);
        p->cover = 0;
    } else {
        left = ejs__parse_check_target(p, left, op < OP_AND || op > OP_NULLISH,
                                       "Invalid left-hand side in assignment");
    }
    ejs__parse_next(p);
    node->as.assign.target = left;
    node->as.assign.value = ejs__parse_assignment(p);
    bool may_name = op == OP_NONE || (op >= OP_AND && op <= OP_NULLISH);
    if (left->kind == NODE_NAME && !left->parenthesized && may_name)
        ejs__parse_name_function(node->as.assign.value, left->as.name.text);
    else if (left->kind == NODE_ARRAY_PATTERN)
        ejs__parse_iterated(node->as.assign.value);
    return ejs__parse_end(p, node);
}

static ejs__node *assignment(ejs__parser *p)
{
    ejs__operator op;
    p->arrow_at = p->token.start;
    if (ejs__parse_is(p, TOKEN_NAME) && p->function->is_generator &&
        ejs__same_name(p->token.text, p->front->names.yield))
        return yield(p);
    ejs__node *left = conditional(p);
    if (ejs__parse_is_arrow(left))
        return left;
    if (ejs__parse_is(p, TOKEN_ARROW) && !p->token.newline_before)
        ejs__parse_fail_arrow(p, left->start);
    if (!assignment_operator(p, &op))
        return left;
    return assign(p, left, op);
}

ejs__node *ejs__parse_assignment_cover(ejs__parser *p)
{
    uint32_t entered = ejs__parse_enter(p);
    uint32_t cover = p->cover;
    p->cover = 0;
    ejs__node *node = assignment(p);
    if (cover)
        p->cover = cover;
    ejs__parse_leave(p, entered);
    return node;
}

void ejs__parse_check_cover(ejs__parser *p)
{
    if (p->cover)
        ejs__front_fail(p->front, p->cover - 1, NULL, "%s", p->cover_message);
}

ejs__node *ejs__parse_assignment(ejs__parser *p)
{
    uint32_t cover = p->cover;
    p->cover = 0;
    ejs__node *node = ejs__parse_assignment_cover(p);
    ejs__parse_check_cover(p);
    p->cover = cover;
    return node;
}

ejs__node *ejs__parse_comma_node(ejs__parser *p, ejs__list list)
{
    ejs__node *node = ejs__parse_node(p, NODE_COMMA, list.items[0]->start);
    node->as.list = list;
    node->end = list.items[list.count - 1]->end;
    return node;
}

ejs__node *ejs__parse_comma(ejs__parser *p, ejs__node *first)
{
    if (!ejs__parse_is(p, TOKEN_COMMA))
        return first;
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_push(p, first);
    while (ejs__parse_accept(p, TOKEN_COMMA))
        ejs__parse_push(p, ejs__parse_assignment(p));
    return ejs__parse_comma_node(p, ejs__parse_end_list(p, mark));
}

ejs__node *ejs__parse_expression(ejs__parser *p)
{
    return ejs__parse_comma(p, ejs__parse_assignment(p));
}
