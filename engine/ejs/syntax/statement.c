/* statement.c - statements, and the pieces of template text among them. */
#include "ejs/syntax/parse.h"

typedef enum body_kind { BODY_LOOP, BODY_IF, BODY_LABEL } body_kind;

static ejs__node *body(ejs__parser *p, body_kind kind);

/* What takes a body: remembers where break and continue lead meanwhile. */
static void push_target(ejs__parser *p, ejs__target *target, ejs__node *node,
                        bool is_loop)
{
    *target = (ejs__target){p->function->targets, node, NULL, 0};
    p->function->targets = target;
    if (!is_loop)
        return;
    target->loop = node;
    uint32_t start = node->start;
    for (ejs__target *label = target->outer;
         label && label->node->kind == NODE_LABELED &&
         label->body_start == start;
         label = label->outer) {
        label->loop = node;
        start = label->node->start;
    }
}

static void pop_target(ejs__parser *p)
{
    p->function->targets = p->function->targets->outer;
}

static ejs__node *parenthesized(ejs__parser *p)
{
    ejs__parse_expect(p, TOKEN_LEFT_PAREN);
    ejs__node *test = ejs__parse_expression(p);
    ejs__parse_expect(p, TOKEN_RIGHT_PAREN);
    return test;
}

/* pieces of the template --------------------------------------------------- */

/* The piece that begins exactly at the current token. */
static const ejs__piece *piece_here(ejs__parser *p)
{
    const ejs__front *front = p->front;
    while (p->piece < front->n_pieces &&
           front->pieces[p->piece].start < p->token.start)
        p->piece++;
    if (p->piece == front->n_pieces ||
        front->pieces[p->piece].start != p->token.start)
        return NULL;
    return &front->pieces[p->piece];
}

/* Text and line pieces hold no code of the template's: they are passed over. */
static ejs__node *text_or_line(ejs__parser *p, const ejs__piece *piece)
{
    bool is_text = piece->kind == PIECE_TEXT;
    ejs__node *node =
        ejs__parse_node(p, is_text ? NODE_TEXT : NODE_LINE, piece->start);
    if (is_text)
        node->as.string = piece->text;
    else
        node->as.line = piece->line;
    node->end = p->token.end = p->lexer.at = piece->end;
    ejs__parse_next(p);
    ejs__parse_accept(p, TOKEN_SEMICOLON);
    return node;
}

/*
 * `__append(escapeFn( a ))` as EJS wrote it becomes NODE_OUTPUT.  When the
 * code in the tag reaches out of the call, as in <%= a) + (b %>, it is left
 * the expression it is.  With an escape function of the program's own the call
 * of escapeFn stays, as what is written raw.
 */
static ejs__node *to_output(ejs__parser *p, const ejs__piece *piece,
                            ejs__node *call)
{
    if (call->kind != NODE_CALL || call->parenthesized ||
        call->as.call.optional || call->end != piece->end ||
        call->as.call.callee->kind != NODE_NAME)
        return NULL;
    ejs__list args = call->as.call.args;
    bool escaped = piece->kind == PIECE_ESCAPED;
    bool own_escape = p->front->script->options.own_escape;
    if (escaped) {
        ejs__node *inner = args.count == 1 ? args.items[0] : call;
        if (inner->kind != NODE_CALL || inner->parenthesized ||
            inner->as.call.optional || inner->end != piece->end - 1 ||
            inner->as.call.callee->end != piece->inner - 1)
            return NULL;
        if (!own_escape)
            args = inner->as.call.args;
    }
    ejs__node *node = ejs__parse_node(p, NODE_OUTPUT, piece->start);
    node->as.output.escaped = escaped && !own_escape;
    node->as.output.args = args;
    node->end = piece->end;
    return node;
}

/* declarations ------------------------------------------------------------- */

static bool is_let_declaration(ejs__parser *p)
{
    if (!ejs__parse_is_name(p, p->front->names.let))
        return false;
    ejs__token next = ejs__parse_peek(p);
    return next.kind == TOKEN_NAME || next.kind == TOKEN_LEFT_BRACKET ||
           next.kind == TOKEN_LEFT_BRACE;
}

static void need_initializer(ejs__parser *p, const ejs__node *declaration,
                             const ejs__node *declarator)
{
    bool is_const = declaration->as.declaration.kind == DECLARE_CONST;
    bool is_name = declarator->as.assign.target->kind == NODE_NAME;
    if (declarator->as.assign.value || (is_name && !is_const))
        return;
    ejs__front_fail(p->front, p->token.start,
                    is_const ? "give it its value here, or use let" : NULL,
                    "Missing initializer in %s declaration",
                    is_name ? "const" : "destructuring");
}

static ejs__node *declarator(ejs__parser *p, bool lexical)
{
    ejs__node *node = ejs__parse_node(p, NODE_DEFAULT, p->token.start);
    ejs__node *target = ejs__parse_binding(p, lexical);
    node->as.assign.target = target;
    if (ejs__parse_accept(p, TOKEN_ASSIGN)) {
        ejs__node *value = ejs__parse_assignment(p);
        node->as.assign.value = value;
        if (target->kind == NODE_NAME)
            ejs__parse_name_function(value, target->as.name.text);
        else if (target->kind == NODE_ARRAY_PATTERN)
            ejs__parse_iterated(value);
    }
    return ejs__parse_end(p, node);
}

/* declaration = ("var" | "let" | "const") declarator ("," declarator)*
   In the head of a for the initialisers are checked by the caller. */
static ejs__node *declaration(ejs__parser *p, bool in_head)
{
    ejs__node *node = ejs__parse_node(p, NODE_DECLARATION, p->token.start);
    ejs__declaration_kind kind = DECLARE_LET;
    if (ejs__parse_is(p, TOKEN_VAR))
        kind = DECLARE_VAR;
    else if (ejs__parse_is(p, TOKEN_CONST))
        kind = DECLARE_CONST;
    if (p->token.escaped)
        ejs__parse_unexpected(p, &p->token);
    node->as.declaration.kind = kind;
    uint32_t mark = ejs__parse_begin_list(p);
    do {
        ejs__parse_next(p);
        ejs__node *item = declarator(p, kind != DECLARE_VAR);
        if (!in_head)
            need_initializer(p, node, item);
        ejs__parse_push(p, item);
    } while (ejs__parse_is(p, TOKEN_COMMA));
    node->as.declaration.declarators = ejs__parse_end_list(p, mark);
    return ejs__parse_end(p, node);
}

static ejs__node *function_declaration(ejs__parser *p)
{
    ejs__node *node =
        ejs__parse_node(p, NODE_FUNCTION_DECLARATION, p->token.start);
    node->as.function_declaration.function = ejs__parse_function(p, true);
    return ejs__parse_end(p, node);
}

static ejs__node *class_declaration(ejs__parser *p)
{
    ejs__node *node =
        ejs__parse_node(p, NODE_CLASS_DECLARATION, p->token.start);
    node->as.class_declaration.class_ = ejs__parse_class(p, true);
    return ejs__parse_end(p, node);
}

/* blocks and lists --------------------------------------------------------- */

static ejs__node *labelled_or_plain(ejs__parser *p, bool in_list);

static bool is_async_function(ejs__parser *p)
{
    if (!ejs__parse_is_name(p, p->front->names.async))
        return false;
    ejs__token next = ejs__parse_peek(p);
    return next.kind == TOKEN_FUNCTION && !next.newline_before;
}

static ejs__node *statement_item(ejs__parser *p)
{
    ejs__node *node;
    switch (p->token.kind) {
    case TOKEN_FUNCTION:
        return function_declaration(p);
    case TOKEN_CLASS:
        return class_declaration(p);
    case TOKEN_CONST:
        break;
    default:
        if (!is_let_declaration(p))
            return labelled_or_plain(p, true);
    }
    node = declaration(p, false);
    ejs__parse_semicolon(p);
    return ejs__parse_end(p, node);
}

bool ejs__parse_statement_item(ejs__parser *p)
{
    if (p->token.kind == TOKEN_SEMICOLON) {
        ejs__parse_next(p);
        return false;
    }
    ejs__node *node = statement_item(p);
    if (node->kind == NODE_EMPTY)
        return false;
    ejs__parse_push(p, node);
    return true;
}

ejs__list ejs__parse_statements(ejs__parser *p)
{
    uint32_t mark = ejs__parse_begin_list(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE) && !ejs__parse_is(p, TOKEN_END))
        ejs__parse_statement_item(p);
    return ejs__parse_end_list(p, mark);
}

/* block = "{" statement* "}" */
static ejs__node *block(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_BLOCK, p->token.start);
    ejs__parse_expect(p, TOKEN_LEFT_BRACE);
    node->as.block.body = ejs__parse_statements(p);
    ejs__parse_expect(p, TOKEN_RIGHT_BRACE);
    return ejs__parse_end(p, node);
}

static void check_octal_before(ejs__parser *p, uint32_t octal_at)
{
    if (octal_at)
        ejs__front_fail(p->front, octal_at - 1, NULL, "%s",
                        "Octal escape sequences are not allowed in strict "
                        "mode.");
}

ejs__list ejs__parse_body(ejs__parser *p, bool *use_strict)
{
    uint32_t mark = ejs__parse_begin_list(p), octal_at = 0;
    while (ejs__parse_is(p, TOKEN_STRING)) {
        ejs__token token = p->token;
        if (token.is_octal || token.is_decimal_octal)
            octal_at = token.at + 1;
        ejs__parse_statement_item(p);
        const ejs__node *node = p->stack[p->n_stack - 1];
        if (node->kind != NODE_EXPRESSION ||
            node->as.unary.operand->kind != NODE_STRING ||
            node->as.unary.operand->parenthesized)
            break;
        if (token.end - token.start == 12 &&
            ejs__slice_is(token.text, "use strict", 10)) {
            *use_strict = p->function->is_strict = true;
            check_octal_before(p, octal_at);
        }
    }
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE) && !ejs__parse_is(p, TOKEN_END))
        ejs__parse_statement_item(p);
    return ejs__parse_end_list(p, mark);
}

/* bodies of if, loops and labels ------------------------------------------- */

/* A function as the body of an if means the same in a block. */
static ejs__node *function_in_block(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_BLOCK, p->token.start);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_push(p, function_declaration(p));
    node->as.block.body = ejs__parse_end_list(p, mark);
    return ejs__parse_end(p, node);
}

static _Noreturn void fail_function_body(ejs__parser *p)
{
    const char *message =
        "In non-strict mode code, functions can only be declared at top level, "
        "inside a block, or as the body of an if statement.";
    if (p->function->is_strict)
        message = "In strict mode code, functions can only be declared at top "
                  "level or inside a block.";
    else if (ejs__parse_peek(p).kind == TOKEN_STAR)
        message = "Generators can only be declared at the top level or inside "
                  "a block.";
    ejs__front_fail(p->front, p->token.start, "put it in a { block }", "%s",
                    message);
}

/* `let x` where only a statement may stand: unless it is two statements. */
static void check_no_let(ejs__parser *p)
{
    if (!ejs__parse_is_name(p, p->front->names.let))
        return;
    ejs__token next = ejs__parse_peek(p);
    bool is_declaration =
        next.kind == TOKEN_LEFT_BRACKET ||
        (!next.newline_before &&
         (next.kind == TOKEN_NAME || next.kind == TOKEN_LEFT_BRACE));
    if (is_declaration)
        ejs__front_fail(p->front, p->token.start, "put it in a { block }",
                        "Lexical declaration cannot appear in a "
                        "single-statement context");
}

static ejs__node *body(ejs__parser *p, body_kind kind)
{
    switch (p->token.kind) {
    case TOKEN_FUNCTION:
        if (p->function->is_strict || kind == BODY_LOOP ||
            ejs__parse_peek(p).kind == TOKEN_STAR)
            fail_function_body(p);
        return kind == BODY_IF ? function_in_block(p) : function_declaration(p);
    case TOKEN_CLASS:
    case TOKEN_CONST:
        ejs__parse_unexpected(p, &p->token);
    default:
        check_no_let(p);
        return labelled_or_plain(p, kind == BODY_LABEL);
    }
}

static ejs__node *loop_body(ejs__parser *p, ejs__node *loop)
{
    ejs__target target;
    push_target(p, &target, loop, true);
    ejs__node *node = body(p, BODY_LOOP);
    pop_target(p);
    return node;
}

/* statements --------------------------------------------------------------- */

/* if = "if" "(" expression ")" body ("else" body)?
   A chain of else-ifs is read in a loop: it may be long. */
static ejs__node *if_statement(ejs__parser *p)
{
    ejs__node *first = NULL, **next = &first;
    for (;;) {
        ejs__node *node = ejs__parse_node(p, NODE_IF, p->token.start);
        *next = node;
        ejs__parse_expect(p, TOKEN_IF);
        node->as.conditional.test = parenthesized(p);
        node->as.conditional.yes = body(p, BODY_IF);
        next = &node->as.conditional.no;
        if (!ejs__parse_accept(p, TOKEN_ELSE))
            break;
        if (!ejs__parse_is(p, TOKEN_IF)) {
            *next = body(p, BODY_IF);
            break;
        }
        ejs__parse_link(p);
    }
    for (ejs__node *node = first; node && node->kind == NODE_IF;
         node = node->as.conditional.no) {
        if (node->end > node->start)
            break;
        node->end = p->previous_end;
    }
    return first;
}

static ejs__node *while_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_WHILE, p->token.start);
    ejs__parse_next(p);
    node->as.loop.test = parenthesized(p);
    node->as.loop.body = loop_body(p, node);
    return ejs__parse_end(p, node);
}

/* do = "do" body "while" "(" expression ")" ";"? */
static ejs__node *do_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_DO, p->token.start);
    ejs__parse_next(p);
    node->as.loop.body = loop_body(p, node);
    ejs__parse_expect(p, TOKEN_WHILE);
    node->as.loop.test = parenthesized(p);
    ejs__parse_accept(p, TOKEN_SEMICOLON);
    return ejs__parse_end(p, node);
}

/* for (init; test; update) from the first `;` */
static ejs__node *for_rest(ejs__parser *p, ejs__node *node, ejs__node *init)
{
    node->as.for_.init = init;
    ejs__parse_expect(p, TOKEN_SEMICOLON);
    if (!ejs__parse_is(p, TOKEN_SEMICOLON))
        node->as.for_.test = ejs__parse_expression(p);
    ejs__parse_expect(p, TOKEN_SEMICOLON);
    if (!ejs__parse_is(p, TOKEN_RIGHT_PAREN))
        node->as.for_.update = ejs__parse_expression(p);
    ejs__parse_expect(p, TOKEN_RIGHT_PAREN);
    node->as.for_.body = loop_body(p, node);
    return ejs__parse_end(p, node);
}

static bool at_of(const ejs__parser *p)
{
    return ejs__parse_is_name(p, p->front->names.of);
}

/* for (target in object), for (target of object) from the `in` or `of` */
static ejs__node *for_each_rest(ejs__parser *p, ejs__node *node,
                                ejs__node *target)
{
    bool is_of = !ejs__parse_is(p, TOKEN_IN);
    node->kind = is_of ? NODE_FOR_OF : NODE_FOR_IN;
    memset(&node->as, 0, sizeof node->as);
    node->as.for_each.target = target;
    ejs__parse_next(p);
    node->as.for_each.object =
        is_of ? ejs__parse_assignment(p) : ejs__parse_expression(p);
    if (is_of)
        ejs__parse_iterated(node->as.for_each.object);
    ejs__parse_expect(p, TOKEN_RIGHT_PAREN);
    node->as.for_each.body = loop_body(p, node);
    return ejs__parse_end(p, node);
}

/* `for (var x = 1 in y)` alone may have a value, in sloppy code. */
static void check_for_each_declaration(ejs__parser *p, const ejs__node *node)
{
    bool is_of = at_of(p);
    const char *kind = is_of ? "of" : "in";
    ejs__list list = node->as.declaration.declarators;
    const ejs__node *first = list.items[0];
    if (list.count > 1)
        ejs__front_fail(p->front, node->start, NULL,
                        "Invalid left-hand side in for-%s loop: Must have a "
                        "single binding.",
                        kind);
    bool is_allowed = !is_of && !p->function->is_strict &&
                      node->as.declaration.kind == DECLARE_VAR &&
                      first->as.assign.target->kind == NODE_NAME;
    if (first->as.assign.value && !is_allowed)
        ejs__front_fail(p->front, node->start, NULL,
                        "for-%s loop variable declaration may not have an "
                        "initializer.",
                        kind);
}

static ejs__node *for_declaration(ejs__parser *p, ejs__node *node)
{
    p->no_in = true;
    ejs__node *init = declaration(p, true);
    p->no_in = false;
    if (at_of(p) || ejs__parse_is(p, TOKEN_IN)) {
        check_for_each_declaration(p, init);
        return for_each_rest(p, node, init);
    }
    ejs__list list = init->as.declaration.declarators;
    for (uint32_t i = 0; i < list.count; i++)
        need_initializer(p, init, list.items[i]);
    return for_rest(p, node, init);
}

static ejs__node *for_expression(ejs__parser *p, ejs__node *node)
{
    ejs__token first = p->token;
    bool starts_with_let = ejs__parse_is_name(p, p->front->names.let);
    bool is_async = ejs__parse_is_name(p, p->front->names.async);
    p->no_in = true;
    uint32_t cover = p->cover;
    p->cover = 0;
    ejs__node *left = ejs__parse_assignment_cover(p);
    if (at_of(p) || ejs__parse_is(p, TOKEN_IN)) {
        p->no_in = false;
        if (at_of(p) && is_async && left->end == first.end)
            ejs__front_fail(p->front, first.start, NULL,
                            "The left-hand side of a for-of loop may not be "
                            "'async'.");
        if (at_of(p) && starts_with_let)
            ejs__front_fail(p->front, first.start, NULL,
                            "The left-hand side of a for-of loop may not be "
                            "'let'.");
        if (left->kind == NODE_ARRAY || left->kind == NODE_OBJECT)
            left = ejs__parse_to_target(p, left);
        else
            left = ejs__parse_check_target(
                p, left, true, "Invalid left-hand side in for-loop");
        p->cover = cover;
        return for_each_rest(p, node, left);
    }
    ejs__parse_check_cover(p);
    p->cover = cover;
    ejs__node *init = ejs__parse_node(p, NODE_EXPRESSION, first.start);
    init->as.unary.operand = ejs__parse_comma(p, left);
    p->no_in = false;
    return for_rest(p, node, ejs__parse_end(p, init));
}

static ejs__node *for_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_FOR, p->token.start);
    ejs__parse_next(p);
    if (ejs__parse_is_name(p, p->front->names.await))
        ejs__front_fail(p->front, p->token.start,
                        "loop over values that are ready: for (x of list)",
                        "for await is not supported");
    ejs__parse_expect(p, TOKEN_LEFT_PAREN);
    if (ejs__parse_is(p, TOKEN_SEMICOLON))
        return for_rest(p, node, NULL);
    if (ejs__parse_is(p, TOKEN_VAR) || ejs__parse_is(p, TOKEN_CONST) ||
        is_let_declaration(p))
        return for_declaration(p, node);
    return for_expression(p, node);
}

static ejs__target *find_label(ejs__parser *p, ejs__slice label)
{
    for (ejs__target *t = p->function->targets; t; t = t->outer)
        if (t->node->kind == NODE_LABELED &&
            ejs__same_name(t->node->as.labeled.label, label))
            return t;
    return NULL;
}

static void labelled_jump(ejs__parser *p, ejs__node *node)
{
    ejs__slice label = p->token.text;
    node->as.jump.label = label;
    ejs__target *target = find_label(p, label);
    if (!target)
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Undefined label '%.*s'", (int)label.size, label.data);
    if (node->kind == NODE_CONTINUE && !target->loop)
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Illegal continue statement: '%.*s' does not denote an "
                        "iteration statement",
                        (int)label.size, label.data);
    node->as.jump.target =
        node->kind == NODE_CONTINUE ? target->loop : target->node;
    ejs__parse_next(p);
}

/* Out of a callback there is nothing to jump to: forEach is no loop. */
static _Noreturn void fail_jump(ejs__parser *p, const ejs__node *node)
{
    const char *hint = p->function->outer
                           ? "it cannot leave a function: use return, or a "
                             "for-of loop instead of forEach"
                           : NULL;
    ejs__front_fail(p->front, node->start, hint, "%s",
                    node->kind == NODE_BREAK
                        ? "Illegal break statement"
                        : "Illegal continue statement: no surrounding "
                          "iteration statement");
}

/* jump = ("break" | "continue") label? ";" */
static ejs__node *jump(ejs__parser *p, ejs__node_kind kind)
{
    ejs__node *node = ejs__parse_node(p, kind, p->token.start);
    ejs__parse_next(p);
    if (ejs__parse_is(p, TOKEN_NAME) && !p->token.newline_before) {
        ejs__parse_check_name(p, p->token.text, p->token.start);
        labelled_jump(p, node);
    } else {
        ejs__target *t = p->function->targets;
        while (t && (t->node->kind == NODE_LABELED ||
                     (kind == NODE_CONTINUE && !t->loop)))
            t = t->outer;
        if (!t)
            fail_jump(p, node);
        node->as.jump.target = t->node;
    }
    ejs__parse_semicolon(p);
    return ejs__parse_end(p, node);
}

static bool ends_statement(const ejs__parser *p)
{
    return ejs__parse_is(p, TOKEN_SEMICOLON) ||
           ejs__parse_is(p, TOKEN_RIGHT_BRACE) || ejs__parse_is(p, TOKEN_END) ||
           p->token.newline_before;
}

static ejs__node *return_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_RETURN, p->token.start);
    const ejs__function *function = p->function->function;
    if (function->kind == FUNCTION_FIELDS)
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Illegal return statement");
    if (function->kind == FUNCTION_TEMPLATE)
        p->front->script->returns = true;
    ejs__parse_next(p);
    if (!ends_statement(p))
        node->as.unary.operand = ejs__parse_expression(p);
    ejs__parse_semicolon(p);
    return ejs__parse_end(p, node);
}

static ejs__node *throw_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_THROW, p->token.start);
    ejs__parse_next(p);
    if (p->token.newline_before)
        ejs__front_fail(p->front, p->previous_end,
                        "put the value on the line of the throw",
                        "Illegal newline after throw");
    node->as.unary.operand = ejs__parse_expression(p);
    ejs__parse_semicolon(p);
    return ejs__parse_end(p, node);
}

/* try = "try" block ("catch" ("(" binding ")")? block)? ("finally" block)? */
static ejs__node *try_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_TRY, p->token.start);
    ejs__parse_next(p);
    node->as.try_.block = block(p);
    if (ejs__parse_accept(p, TOKEN_CATCH)) {
        if (ejs__parse_accept(p, TOKEN_LEFT_PAREN)) {
            node->as.try_.parameter = ejs__parse_binding(p, false);
            ejs__parse_expect(p, TOKEN_RIGHT_PAREN);
        }
        node->as.try_.handler = block(p);
    }
    if (ejs__parse_accept(p, TOKEN_FINALLY))
        node->as.try_.finalizer = block(p);
    if (!node->as.try_.handler && !node->as.try_.finalizer)
        ejs__front_fail(p->front, p->token.start,
                        "catch must follow in the tag that closes the block",
                        "Missing catch or finally after try");
    return ejs__parse_end(p, node);
}

/* case = ("case" expression | "default") ":" statement* */
static void switch_case(ejs__parser *p, struct ejs__case *item,
                        bool *has_default)
{
    if (ejs__parse_accept(p, TOKEN_CASE)) {
        item->test = ejs__parse_expression(p);
    } else {
        if (*has_default && ejs__parse_is(p, TOKEN_DEFAULT))
            ejs__front_fail(p->front, p->token.start, NULL,
                            "More than one default clause in switch statement");
        *has_default = true;
        p->hint = "put the first case in the tag of its switch: "
                  "<% switch (x) { case 1: %>";
        ejs__parse_expect(p, TOKEN_DEFAULT);
        p->hint = NULL;
    }
    ejs__parse_expect(p, TOKEN_COLON);
    uint32_t mark = ejs__parse_begin_list(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE) &&
           !ejs__parse_is(p, TOKEN_CASE) && !ejs__parse_is(p, TOKEN_DEFAULT) &&
           !ejs__parse_is(p, TOKEN_END))
        ejs__parse_statement_item(p);
    item->body = ejs__parse_end_list(p, mark);
}

/* switch = "switch" "(" expression ")" "{" case* "}" */
static ejs__node *switch_statement(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_SWITCH, p->token.start);
    ejs__target target;
    bool has_default = false;
    uint32_t capacity = 0, n = 0;
    struct ejs__case *cases = NULL;
    ejs__parse_next(p);
    node->as.switch_.value = parenthesized(p);
    ejs__parse_expect(p, TOKEN_LEFT_BRACE);
    push_target(p, &target, node, false);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE)) {
        cases = ejs__front_grow(p->front, cases, n, &capacity, sizeof *cases);
        switch_case(p, &cases[n++], &has_default);
    }
    pop_target(p);
    ejs__parse_next(p);
    node->as.switch_.cases = cases;
    node->as.switch_.n_cases = n;
    return ejs__parse_end(p, node);
}

static _Noreturn void fail_with(ejs__parser *p)
{
    if (p->function->is_strict)
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Strict mode code may not include a with statement");
    ejs__front_fail(p->front, p->token.start,
                    "name the object and write o.x, or take its members out: "
                    "const { x } = o",
                    "with statements are not supported");
}

/* labelled = name ":" body */
static ejs__node *labelled(ejs__parser *p, ejs__node *name, bool in_list)
{
    ejs__slice label = name->as.name.text;
    ejs__node *node = ejs__parse_node(p, NODE_LABELED, name->start);
    if (find_label(p, label))
        ejs__front_fail(p->front, name->start, NULL,
                        "Label '%.*s' has already been declared",
                        (int)label.size, label.data);
    node->as.labeled.label = label;
    ejs__parse_next(p);
    ejs__target target;
    push_target(p, &target, node, false);
    target.body_start = p->token.start;
    node->as.labeled.body = body(p, in_list ? BODY_LABEL : BODY_LOOP);
    pop_target(p);
    return ejs__parse_end(p, node);
}

static ejs__node *expression_statement(ejs__parser *p, bool in_list)
{
    const ejs__piece *piece = piece_here(p);
    if (piece && (piece->kind == PIECE_TEXT || piece->kind == PIECE_LINE))
        return text_or_line(p, piece);
    if (is_async_function(p))
        ejs__parse_fail_async(p, p->token.start, "functions");
    bool is_name = ejs__parse_is(p, TOKEN_NAME);
    ejs__node *node = ejs__parse_node(p, NODE_EXPRESSION, p->token.start);
    ejs__node *value = ejs__parse_expression(p);
    if (is_name && value->kind == NODE_NAME && ejs__parse_is(p, TOKEN_COLON))
        return labelled(p, value, in_list);
    ejs__parse_semicolon(p);
    if (piece && piece->kind != PIECE_CODE) {
        ejs__node *output = to_output(p, piece, value);
        if (output)
            return output;
    }
    node->as.unary.operand = value;
    return ejs__parse_end(p, node);
}

static ejs__node *empty(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_EMPTY, p->token.start);
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

static ejs__node *var_statement(ejs__parser *p)
{
    ejs__node *node = declaration(p, false);
    ejs__parse_semicolon(p);
    return ejs__parse_end(p, node);
}

static ejs__node *debugger(ejs__parser *p)
{
    ejs__node *node = empty(p);
    ejs__parse_semicolon(p);
    return node;
}

static ejs__node *plain_statement(ejs__parser *p, bool in_list)
{
    if (p->token.escaped && p->token.kind != TOKEN_NAME &&
        p->token.kind != TOKEN_STRING)
        ejs__parse_unexpected(p, &p->token);
    switch (p->token.kind) {
    case TOKEN_LEFT_BRACE:
        return block(p);
    case TOKEN_SEMICOLON:
        return empty(p);
    case TOKEN_DEBUGGER:
        return debugger(p);
    case TOKEN_VAR:
        return var_statement(p);
    case TOKEN_IF:
        return if_statement(p);
    case TOKEN_FOR:
        return for_statement(p);
    case TOKEN_WHILE:
        return while_statement(p);
    case TOKEN_DO:
        return do_statement(p);
    case TOKEN_BREAK:
        return jump(p, NODE_BREAK);
    case TOKEN_CONTINUE:
        return jump(p, NODE_CONTINUE);
    case TOKEN_RETURN:
        return return_statement(p);
    case TOKEN_THROW:
        return throw_statement(p);
    case TOKEN_TRY:
        return try_statement(p);
    case TOKEN_SWITCH:
        return switch_statement(p);
    case TOKEN_WITH:
        fail_with(p);
    default:
        return expression_statement(p, in_list);
    }
}

static ejs__node *labelled_or_plain(ejs__parser *p, bool in_list)
{
    uint32_t entered = ejs__parse_enter(p);
    ejs__node *node = plain_statement(p, in_list);
    ejs__parse_leave(p, entered);
    return node;
}

ejs__node *ejs__parse_statement(ejs__parser *p)
{
    return labelled_or_plain(p, false);
}
