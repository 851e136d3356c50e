/* operand.c - what operators stand between: names, calls, members, arrows. */
#include "ejs/syntax/parse.h"

static ejs__node *primary(ejs__parser *p);

/* names -------------------------------------------------------------------- */

void ejs__parse_check_name(ejs__parser *p, ejs__slice name, uint32_t at)
{
    const ejs__known_names *names = &p->front->names;
    const ejs__function_context *f = p->function;
    const char *message = NULL, *hint = NULL;
    if (f->is_strict && ejs__atom_of(name)->strict_reserved)
        message = "Unexpected strict mode reserved word";
    else if (ejs__same_name(name, names->yield) && f->is_generator)
        message = "Unexpected identifier 'yield'";
    else if (ejs__same_name(name, names->await) && f->in_static_block)
        message = "Unexpected reserved word";
    else if (ejs__same_name(name, names->arguments) && f->in_class_field)
        message = "'arguments' is not allowed in class field initializer or "
                  "static initialization block";
    if (message)
        ejs__front_fail(p->front, at, hint, "%s", message);
}

static ejs__node *name(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_NAME, p->token.start);
    ejs__parse_check_name(p, p->token.text, p->token.start);
    node->as.name.text = p->token.text;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

/* arrow functions ---------------------------------------------------------- */

static bool at_arrow(const ejs__parser *p)
{
    return ejs__parse_is(p, TOKEN_ARROW) && !p->token.newline_before;
}

/* name or name => body */
static ejs__node *name_or_arrow(ejs__parser *p)
{
    bool may_be_arrow = p->arrow_at == p->token.start;
    ejs__node *node = name(p);
    if (!at_arrow(p))
        return node;
    if (!may_be_arrow)
        ejs__parse_fail_arrow(p, node->start);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_push(p, ejs__parse_to_parameter(p, node));
    return ejs__parse_arrow(p, node->start, ejs__parse_end_list(p, mark));
}

static ejs__list to_parameters(ejs__parser *p, uint32_t start, ejs__list list)
{
    if (p->function->last_yield > start)
        ejs__front_fail(p->front, p->function->last_yield - 1, NULL,
                        "Yield expression not allowed in formal parameter");
    for (uint32_t i = 0; i < list.count; i++)
        list.items[i] = ejs__parse_to_parameter(p, list.items[i]);
    p->cover = 0;
    return list;
}

/* Reads `...binding` as the last thing before the `)` of an arrow. */
static void rest_parameter(ejs__parser *p, bool may_be_arrow)
{
    ejs__token dots = p->token;
    if (!may_be_arrow)
        ejs__parse_unexpected(p, &dots);
    ejs__node *node = ejs__parse_node(p, NODE_REST, dots.start);
    ejs__parse_next(p);
    node->as.unary.operand = ejs__parse_binding(p, false);
    if (ejs__parse_is(p, TOKEN_ASSIGN))
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Rest parameter may not have a default initializer");
    if (ejs__parse_is(p, TOKEN_COMMA))
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Rest parameter must be last formal parameter");
    ejs__parse_push(p, ejs__parse_end(p, node));
    ejs__token next = ejs__parse_peek(p);
    if (ejs__parse_is(p, TOKEN_RIGHT_PAREN) && next.kind != TOKEN_ARROW)
        ejs__parse_unexpected(p, &dots);
}

/* What only an arrow's parameters may be: (), (a,) and (...a). */
typedef struct paren_list {
    ejs__list items;
    bool only_arrow;
    ejs__token last; /* the `)` */
} paren_list;

static paren_list parenthesized_list(ejs__parser *p, bool may_be_arrow)
{
    paren_list list = {.only_arrow = true};
    uint32_t mark = ejs__parse_begin_list(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_PAREN)) {
        if (ejs__parse_is(p, TOKEN_ELLIPSIS)) {
            rest_parameter(p, may_be_arrow);
            list.only_arrow = true;
            break;
        }
        ejs__parse_push(p, ejs__parse_assignment_cover(p));
        list.only_arrow = ejs__parse_accept(p, TOKEN_COMMA);
        if (!list.only_arrow)
            break;
    }
    list.items = ejs__parse_end_list(p, mark);
    list.last = p->token;
    ejs__parse_expect(p, TOKEN_RIGHT_PAREN);
    return list;
}

/* "(" expression ")" or the parameters of an arrow function */
static ejs__node *parenthesized(ejs__parser *p)
{
    uint32_t start = p->token.start;
    bool may_be_arrow = p->arrow_at == start;
    bool no_in = ejs__parse_allow_in(p);
    ejs__parse_next(p);
    paren_list list = parenthesized_list(p, may_be_arrow);
    p->no_in = no_in;
    if (at_arrow(p)) {
        if (!may_be_arrow)
            ejs__parse_fail_arrow(p, start);
        return ejs__parse_arrow(p, start, to_parameters(p, start, list.items));
    }
    if (list.only_arrow)
        ejs__parse_unexpected(p, ejs__parse_is(p, TOKEN_ARROW) ? &p->token
                                                               : &list.last);
    ejs__node *node = list.items.count == 1
                          ? list.items.items[0]
                          : ejs__parse_comma_node(p, list.items);
    node->parenthesized = true;
    return node;
}

static ejs__node *keyword(ejs__parser *p, ejs__node_kind kind)
{
    ejs__node *node = ejs__parse_node(p, kind, p->token.start);
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

/* calls and members -------------------------------------------------------- */

static ejs__list arguments(ejs__parser *p)
{
    bool no_in = ejs__parse_allow_in(p);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_expect(p, TOKEN_LEFT_PAREN);
    while (!ejs__parse_is(p, TOKEN_RIGHT_PAREN)) {
        ejs__parse_push(p, ejs__parse_is(p, TOKEN_ELLIPSIS)
                               ? ejs__parse_spread(p, false)
                               : ejs__parse_assignment(p));
        if (ejs__parse_is(p, TOKEN_RIGHT_PAREN))
            break;
        if (!ejs__parse_accept(p, TOKEN_COMMA))
            ejs__parse_missing_paren(p);
    }
    ejs__parse_next(p);
    p->no_in = no_in;
    return ejs__parse_end_list(p, mark);
}

/* include("x"), for who wants to know whether there is an x */
static void note_include(ejs__front *front, ejs__node *node)
{
    ejs__script *script = front->script;
    const ejs__list *args = &node->as.call.args;
    if (args->count == 0 || args->items[0]->kind != NODE_STRING)
        return;
    script->includes =
        ejs__front_grow(front, script->includes, script->n_includes,
                        &front->includes_capacity, sizeof *script->includes);
    script->includes[script->n_includes++] = node;
}

static ejs__node *call(ejs__parser *p, ejs__node *callee, bool optional)
{
    ejs__node *node = ejs__parse_node(p, NODE_CALL, callee->start);
    node->as.call.callee = callee;
    node->as.call.optional = optional;
    node->as.call.args = arguments(p);
    if (callee->kind == NODE_NAME &&
        ejs__slice_is(callee->as.name.text, "include", 7))
        note_include(p->front, node);
    return ejs__parse_end(p, node);
}

static ejs__node *index_(ejs__parser *p, ejs__node *object_, bool optional)
{
    ejs__node *node = ejs__parse_node(p, NODE_INDEX, object_->start);
    bool no_in = ejs__parse_allow_in(p);
    ejs__parse_next(p);
    node->as.index.object = object_;
    node->as.index.optional = optional;
    node->as.index.index = ejs__parse_expression(p);
    ejs__parse_expect(p, TOKEN_RIGHT_BRACKET);
    p->no_in = no_in;
    return ejs__parse_end(p, node);
}

/* The name after a `.` or `?.` */
static ejs__node *member(ejs__parser *p, ejs__node *object_, bool optional)
{
    ejs__node *node = ejs__parse_node(p, NODE_MEMBER, object_->start);
    node->as.member.object = object_;
    node->as.member.optional = optional;
    if (ejs__parse_is(p, TOKEN_PRIVATE_NAME)) {
        if (object_->kind == NODE_SUPER)
            ejs__front_fail(p->front, p->token.start, NULL,
                            "Unexpected private field");
        node->as.member.is_private = true;
        ejs__parse_private_name(p, &node->as.member.name);
        return ejs__parse_end(p, node);
    }
    if (!ejs__parse_is_word(&p->token))
        ejs__parse_unexpected(p, &p->token);
    node->as.member.name = p->token.text;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

/* What follows `?.` */
static ejs__node *optional_link(ejs__parser *p, ejs__node *node)
{
    ejs__parse_next(p);
    switch (p->token.kind) {
    case TOKEN_LEFT_PAREN:
        return call(p, node, true);
    case TOKEN_LEFT_BRACKET:
        return index_(p, node, true);
    case TOKEN_TEMPLATE:
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Invalid tagged template on optional chain");
    default:
        return member(p, node, true);
    }
}

static bool is_link(const ejs__parser *p, bool in_new)
{
    switch (p->token.kind) {
    case TOKEN_DOT:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_TEMPLATE:
        return true;
    case TOKEN_LEFT_PAREN:
    case TOKEN_OPTIONAL:
        return !in_new;
    default:
        return false;
    }
}

static ejs__node *link(ejs__parser *p, ejs__node *node, bool in_chain)
{
    switch (p->token.kind) {
    case TOKEN_DOT:
        ejs__parse_next(p);
        return member(p, node, false);
    case TOKEN_LEFT_BRACKET:
        return index_(p, node, false);
    case TOKEN_LEFT_PAREN:
        return call(p, node, false);
    case TOKEN_OPTIONAL:
        return optional_link(p, node);
    default:
        if (in_chain)
            ejs__front_fail(p->front, p->token.start, NULL,
                            "Invalid tagged template on optional chain");
        return ejs__parse_template(p, node);
    }
}

/* links = ("." name | "[" expression "]" | arguments | template | "?." ...)*
   `new` takes the arguments itself, and no `?.` */
static ejs__node *links(ejs__parser *p, ejs__node *node, bool in_new)
{
    bool in_chain = false;
    uint32_t cover = p->cover;
    while (is_link(p, in_new)) {
        if (p->cover && p->cover > node->start)
            ejs__parse_check_cover(p);
        in_chain = in_chain || ejs__parse_is(p, TOKEN_OPTIONAL);
        node = link(p, node, in_chain);
        ejs__parse_link(p);
    }
    p->cover = cover ? cover : p->cover;
    if (!in_chain)
        return node;
    ejs__node *chain = ejs__parse_node(p, NODE_CHAIN, node->start);
    chain->as.unary.operand = node;
    chain->end = node->end;
    return chain;
}

static ejs__node *new_target(ejs__parser *p, uint32_t start)
{
    ejs__node *node = ejs__parse_node(p, NODE_NEW_TARGET, start);
    ejs__parse_next(p);
    if (!ejs__parse_is_name(p, p->front->names.target))
        ejs__parse_unexpected(p, &p->token);
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

/* new = "new" (new | primary links) arguments? | "new" "." "target" */
static ejs__node *new_(ejs__parser *p)
{
    uint32_t start = p->token.start;
    uint32_t entered = ejs__parse_enter(p);
    ejs__parse_next(p);
    if (ejs__parse_is(p, TOKEN_DOT)) {
        ejs__parse_leave(p, entered);
        return new_target(p, start);
    }
    ejs__node *node = ejs__parse_node(p, NODE_NEW, start);
    ejs__node *callee = ejs__parse_is(p, TOKEN_NEW) ? new_(p) : primary(p);
    if (ejs__parse_is_arrow(callee))
        ejs__parse_unexpected(p, &p->token);
    node->as.call.callee = links(p, callee, true);
    if (ejs__parse_is(p, TOKEN_OPTIONAL))
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Invalid optional chain from new expression");
    if (ejs__parse_is(p, TOKEN_LEFT_PAREN))
        node->as.call.args = arguments(p);
    ejs__parse_leave(p, entered);
    return ejs__parse_end(p, node);
}

static ejs__node *super_(ejs__parser *p)
{
    ejs__node *node = keyword(p, NODE_SUPER);
    const ejs__function_context *f = p->function;
    bool is_member =
        ejs__parse_is(p, TOKEN_DOT) || ejs__parse_is(p, TOKEN_LEFT_BRACKET);
    bool is_call = ejs__parse_is(p, TOKEN_LEFT_PAREN);
    if (!(is_member && f->super_property) && !(is_call && f->super_call))
        ejs__front_fail(p->front, node->start, NULL,
                        "'super' keyword unexpected here");
    return node;
}

static _Noreturn void fail_import(ejs__parser *p)
{
    static const char hint[] = "templates cannot import: use include(), or "
                               "pass values with the data";
    ejs__token next = ejs__parse_peek(p);
    const char *message = "Cannot use import statement outside a module";
    if (next.kind == TOKEN_LEFT_PAREN)
        message = "import() is not supported";
    else if (next.kind == TOKEN_DOT)
        message = "Cannot use 'import.meta' outside a module";
    ejs__front_fail(p->front, p->token.start, hint, "%s", message);
}

static ejs__node *function_expression(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_FUNCTION, p->token.start);
    node->as.function = ejs__parse_function(p, false);
    return ejs__parse_end(p, node);
}

/* An async function or arrow, of which we know only that we have none. */
static void check_async(ejs__parser *p)
{
    if (!ejs__parse_is_name(p, p->front->names.async))
        return;
    ejs__token next = ejs__parse_peek(p);
    if (next.newline_before)
        return;
    if (next.kind == TOKEN_FUNCTION)
        ejs__parse_fail_async(p, p->token.start, "functions");
    if (next.kind == TOKEN_NAME && p->arrow_at == p->token.start) {
        ejs__lexer saved = p->lexer;
        ejs__token after;
        ejs__lex_next(&p->lexer, &next);
        ejs__lex_next(&p->lexer, &after);
        p->lexer = saved;
        if (after.kind == TOKEN_ARROW && !after.newline_before)
            ejs__parse_fail_async(p, p->token.start, "functions");
    }
}

static ejs__node *primary(ejs__parser *p)
{
    if (p->token.escaped && p->token.kind >= TOKEN_BREAK)
        ejs__parse_unexpected(p, &p->token);
    switch (p->token.kind) {
    case TOKEN_NAME:
        check_async(p);
        return name_or_arrow(p);
    case TOKEN_NUMBER:
        return ejs__parse_number(p);
    case TOKEN_STRING:
        return ejs__parse_string(p);
    case TOKEN_TEMPLATE:
        return ejs__parse_template(p, NULL);
    case TOKEN_SLASH:
    case TOKEN_ASSIGN_DIV:
        return ejs__parse_regexp(p);
    case TOKEN_LEFT_PAREN:
        return parenthesized(p);
    case TOKEN_LEFT_BRACKET:
        return ejs__parse_array(p);
    case TOKEN_LEFT_BRACE:
        return ejs__parse_object(p);
    case TOKEN_FUNCTION:
        return function_expression(p);
    case TOKEN_CLASS:
        return ejs__parse_class(p, false);
    case TOKEN_NULL:
        return keyword(p, NODE_NULL);
    case TOKEN_TRUE:
        return keyword(p, NODE_TRUE);
    case TOKEN_FALSE:
        return keyword(p, NODE_FALSE);
    case TOKEN_THIS:
        return keyword(p, NODE_THIS);
    case TOKEN_SUPER:
        return super_(p);
    case TOKEN_NEW:
        return new_(p);
    case TOKEN_IMPORT:
        fail_import(p);
    default:
        ejs__parse_unexpected(p, &p->token);
    }
}

/* `async (x) => 1` looks like a call until the arrow. */
static void check_async_arrow(ejs__parser *p, const ejs__node *node)
{
    if (at_arrow(p) && node->kind == NODE_CALL &&
        node->as.call.callee->kind == NODE_NAME &&
        ejs__same_name(node->as.call.callee->as.name.text,
                       p->front->names.async))
        ejs__parse_fail_async(p, node->start, "functions");
}

ejs__node *ejs__parse_left_hand(ejs__parser *p)
{
    ejs__node *node = primary(p);
    if (ejs__parse_is_arrow(node))
        return node;
    node = links(p, node, false);
    check_async_arrow(p, node);
    return node;
}
