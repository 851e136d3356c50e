/* parse.c - the parser's tokens, nodes and errors, and the whole template. */
#include "ejs/syntax/parse.h"

#include <stdio.h>

#include "base/regexp.h"

/* errors ------------------------------------------------------------------- */

static bool is_ours(const ejs__parser *p, uint32_t offset)
{
    return offset >= p->front->script->text.size;
}

/* The piece of the template in which an offset lies; NULL: between two. */
static const ejs__piece *piece_at(const ejs__parser *p, uint32_t offset)
{
    for (uint32_t i = p->front->n_pieces; i-- > 0;) {
        const ejs__piece *piece = &p->front->pieces[i];
        if (piece->start <= offset)
            return offset < piece->end ? piece : NULL;
    }
    return NULL;
}

static bool was_await(const ejs__parser *p)
{
    return ejs__same_name(p->previous_name, p->front->names.await);
}

static const char await_hint[] =
    "await is not supported: templates render synchronously, so await the "
    "value before rendering and pass the result";

/* What to write instead, as far as the token tells. */
static const char *hint_for(const ejs__parser *p, const ejs__token *token)
{
    const ejs__piece *piece = piece_at(p, token->start);
    if (piece && piece->is_directive)
        return "EJS 3 removed the directive `include file`: write "
               "<%- include('file') %>, or allow it with --legacy-include";
    if (was_await(p))
        return await_hint;
    switch (token->kind) {
    case TOKEN_ELSE:
        return "else must follow its block in the same tag: <% } else { %>";
    case TOKEN_CATCH:
    case TOKEN_FINALLY:
        return "catch and finally must follow the block in the same tag: "
               "<% } catch (e) { %>";
    case TOKEN_CASE:
    case TOKEN_DEFAULT:
        return "put the first case in the tag of its switch: "
               "<% switch (x) { case 1: %>";
    case TOKEN_SEMICOLON:
        if (!piece)
            return "an expression cannot go on over a closing tag: each tag "
                   "starts a new statement";
        return piece->kind == PIECE_ESCAPED || piece->kind == PIECE_RAW
                   ? "an output tag holds one expression, without `;`"
                   : NULL;
    case TOKEN_IMPORT:
    case TOKEN_EXPORT:
        return "templates cannot import or export: use include(), or pass "
               "values with the data";
    default:
        return NULL;
    }
}

/* An error at one of EJS's closing lines is about a bracket left open. */
static _Noreturn void fail_at_end(ejs__parser *p, const char *hint,
                                  const char *message)
{
    uint32_t open = p->unclosed;
    if (!open && p->n_brackets > 0)
        open = p->brackets[p->n_brackets - 1] + 1;
    char text[80];
    if (!open || is_ours(p, open - 1))
        ejs__front_fail(p->front, p->front->script->text.size, hint, "%s",
                        message);
    snprintf(text, sizeof text, "this `%c` is never closed",
             p->front->script->text.data[open - 1]);
    ejs__front_fail(p->front, open - 1, text, "%s", message);
}

static _Noreturn void fail(ejs__parser *p, const ejs__token *token,
                           const char *message)
{
    const char *hint = hint_for(p, token);
    if (is_ours(p, token->start))
        fail_at_end(p, hint, message);
    ejs__front_fail(p->front, token->start, hint, "%s", message);
}

_Noreturn void ejs__parse_unexpected(ejs__parser *p, const ejs__token *token)
{
    char message[200];
    const char *text = ejs__token_text((ejs__token_kind)token->kind);
    const char *strict = p->function->is_strict && token->kind == TOKEN_NAME &&
                                 ejs__atom_of(token->text)->strict_reserved
                             ? "Unexpected strict mode reserved word"
                             : NULL;
    switch (token->kind) {
    case TOKEN_ERROR:
        ejs__front_fail(p->front, token->at, token->hint, "%s", token->message);
    case TOKEN_END:
        fail(p, token, "Unexpected end of input");
    case TOKEN_NUMBER:
        fail(p, token, "Unexpected number");
    case TOKEN_STRING:
        fail(p, token, "Unexpected string");
    case TOKEN_TEMPLATE:
        fail(p, token, "Unexpected template string");
    case TOKEN_ENUM:
        fail(p, token, "Unexpected reserved word");
    case TOKEN_NAME:
    case TOKEN_PRIVATE_NAME:
        if (strict)
            fail(p, token, strict);
        snprintf(message, sizeof message, "Unexpected identifier '%s%.*s'",
                 token->kind == TOKEN_NAME ? "" : "#",
                 token->text.size > 150 ? 150 : (int)token->text.size,
                 token->text.data);
        fail(p, token, message);
    default:
        if (token->escaped)
            fail(p, token, "Keyword must not contain escaped characters");
        snprintf(message, sizeof message, "Unexpected token '%s'", text);
        fail(p, token, message);
    }
}

_Noreturn void ejs__parse_missing_paren(ejs__parser *p)
{
    fail(p, &p->token, "missing ) after argument list");
}

/* tokens ------------------------------------------------------------------- */

static void close_bracket(ejs__parser *p)
{
    if (p->n_brackets == 0)
        return;
    uint32_t open = p->brackets[--p->n_brackets];
    if (is_ours(p, p->token.start) && !p->unclosed)
        p->unclosed = open + 1;
}

static void track_brackets(ejs__parser *p)
{
    switch (p->token.kind) {
    case TOKEN_LEFT_BRACE:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_LEFT_PAREN:
        p->brackets =
            ejs__front_grow(p->front, p->brackets, p->n_brackets,
                            &p->brackets_capacity, sizeof *p->brackets);
        p->brackets[p->n_brackets++] = p->token.start;
        return;
    case TOKEN_RIGHT_BRACE:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_PAREN:
        close_bracket(p);
        return;
    default:
        return;
    }
}

void ejs__parse_next(ejs__parser *p)
{
    track_brackets(p);
    p->previous_end = p->token.end;
    p->previous_name =
        p->token.kind == TOKEN_NAME ? p->token.text : (ejs__slice){NULL, 0};
    ejs__lex_next(&p->lexer, &p->token);
}

ejs__token ejs__parse_peek(ejs__parser *p)
{
    ejs__lexer saved = p->lexer;
    ejs__token token;
    ejs__lex_next(&p->lexer, &token);
    p->lexer = saved;
    return token;
}

bool ejs__parse_accept(ejs__parser *p, ejs__token_kind kind)
{
    if (p->token.kind != kind)
        return false;
    if (p->token.escaped)
        ejs__parse_unexpected(p, &p->token);
    ejs__parse_next(p);
    return true;
}

void ejs__parse_expect(ejs__parser *p, ejs__token_kind kind)
{
    if (!ejs__parse_accept(p, kind))
        ejs__parse_unexpected(p, &p->token);
}

void ejs__parse_semicolon(ejs__parser *p)
{
    if (ejs__parse_accept(p, TOKEN_SEMICOLON) ||
        ejs__parse_is(p, TOKEN_RIGHT_BRACE) || ejs__parse_is(p, TOKEN_END) ||
        p->token.newline_before)
        return;
    if (was_await(p) && p->token.kind != TOKEN_ERROR)
        ejs__front_fail(p->front, p->token.start, await_hint,
                        "await is only valid in async functions and the top "
                        "level bodies of modules");
    ejs__parse_unexpected(p, &p->token);
}

/* nodes -------------------------------------------------------------------- */

ejs__node *ejs__parse_node(ejs__parser *p, ejs__node_kind kind, uint32_t start)
{
    ejs__node *node = ejs__front_alloc(p->front, 1, sizeof *node);
    node->kind = (uint8_t)kind;
    node->start = node->end = start;
    return node;
}

void ejs__parse_push(ejs__parser *p, ejs__node *node)
{
    p->stack = ejs__front_grow(p->front, p->stack, p->n_stack,
                               &p->stack_capacity, sizeof(ejs__node *));
    p->stack[p->n_stack++] = node;
}

ejs__list ejs__parse_end_list(ejs__parser *p, uint32_t mark)
{
    ejs__list list = {NULL, p->n_stack - mark};
    if (list.count > 0) {
        list.items =
            ejs__front_alloc(p->front, list.count, sizeof(ejs__node *));
        memcpy(list.items, p->stack + mark, list.count * sizeof(ejs__node *));
    }
    p->n_stack = mark;
    return list;
}

/* limits ------------------------------------------------------------------- */

static void check_height(ejs__parser *p)
{
    if (p->height > EJS__MAX_HEIGHT)
        ejs__front_fail(p->front, p->token.start,
                        "split it up: name parts of it with const",
                        "the code is too complex (a chain of more than %d)",
                        EJS__MAX_HEIGHT);
}

uint32_t ejs__parse_enter(ejs__parser *p)
{
    uint32_t outer = p->height;
    p->height = 0;
    if (++p->depth > EJS__MAX_DEPTH)
        ejs__front_fail(p->front, p->token.start,
                        "move inner parts into functions or includes",
                        "the code is nested too deeply (more than %d levels)",
                        EJS__MAX_DEPTH);
    return outer;
}

void ejs__parse_leave(ejs__parser *p, uint32_t entered)
{
    p->depth--;
    p->height++;
    check_height(p);
    if (p->height < entered)
        p->height = entered;
}

void ejs__parse_link(ejs__parser *p)
{
    p->height++;
    check_height(p);
}

/* regular expressions ------------------------------------------------------ */

void ejs__parse_check_regexp(ejs__parser *p)
{
    ejs__slice pattern = p->token.text, flags = p->token.raw;
    int known = base_regexp_flags(flags.data, flags.size);
    if (known < 0)
        ejs__front_fail(p->front, p->token.start,
                        "the flags are g, i, m, s, u and y, each at most once",
                        "Invalid regular expression flags");
    const char *reason =
        base_regexp_check(pattern.data, pattern.size, (unsigned)known);
    if (reason)
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Invalid regular expression: /%.*s/%.*s: %s",
                        pattern.size > 100 ? 100 : (int)pattern.size,
                        pattern.data, (int)flags.size, flags.data, reason);
}

/* the template ------------------------------------------------------------- */

/* `var a = locals.a` for each destructured local that is a plain variable. */
static void declare_destructured(ejs__parser *p)
{
    const ejs__syntax_options *options = &p->front->script->options;
    const char *const *names = options->destructured_locals;
    if (!names || p->front->script->with_locals)
        return;
    for (; *names; names++) {
        ejs__node *local = ejs__parse_node(p, NODE_NAME, 0);
        local->as.name.text = ejs__front_intern(p->front, options->locals_name,
                                                strlen(options->locals_name));
        ejs__node *value = ejs__parse_node(p, NODE_MEMBER, 0);
        value->as.member.object = local;
        value->as.member.name =
            ejs__front_intern(p->front, *names, strlen(*names));
        ejs__node *target = ejs__parse_node(p, NODE_NAME, 0);
        target->as.name.text = value->as.member.name;
        ejs__node *declarator = ejs__parse_node(p, NODE_DEFAULT, 0);
        declarator->as.assign.target = target;
        declarator->as.assign.value = value;
        ejs__node *declaration = ejs__parse_node(p, NODE_DECLARATION, 0);
        declaration->as.declaration.kind = DECLARE_VAR;
        uint32_t mark = ejs__parse_begin_list(p);
        ejs__parse_push(p, declarator);
        declaration->as.declaration.declarators = ejs__parse_end_list(p, mark);
        ejs__parse_push(p, declaration);
    }
}

/*
 * A } that closes none of the template's blocks closes EJS's `with`, then its
 * `try`, then the function; V8 complains about what it then finds.
 */
static _Noreturn void fail_surplus(ejs__parser *p)
{
    static const char hint[] = "this } closes nothing: its block has been "
                               "closed already, or was never opened";
    const ejs__script *script = p->front->script;
    uint32_t first = p->token.start;
    if (script->with_locals) {
        ejs__parse_next(p);
        while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE) &&
               !is_ours(p, p->token.start))
            ejs__parse_statement_item(p);
    }
    if (!script->options.no_debug)
        ejs__front_fail(p->front, first, hint, "%s",
                        "Missing catch or finally after try");
    ejs__parse_next(p);
    const char *text = ejs__token_text((ejs__token_kind)p->token.kind);
    ejs__front_fail(p->front, first, hint, "Unexpected token '%s'",
                    *text ? text : "}");
}

/* After EJS's own } has closed one of the template's blocks. */
static _Noreturn void fail_unclosed(ejs__parser *p)
{
    for (;;) {
        if (ejs__parse_is(p, TOKEN_RIGHT_BRACE))
            ejs__parse_next(p);
        else if (ejs__parse_is(p, TOKEN_RETURN))
            ejs__parse_statement(p);
        else
            ejs__parse_unexpected(p, &p->token);
    }
}

static void check_output_name(ejs__parser *p)
{
    const char *name = p->front->script->options.output_function_name;
    if (!name)
        return;
    ejs__slice slice = ejs__front_intern(p->front, name, strlen(name));
    if (ejs__atom_of(slice)->token != TOKEN_NAME)
        ejs__front_fail(p->front, 0, "choose another outputFunctionName",
                        "Unexpected token '%s'", name);
}

static void template_body(ejs__parser *p)
{
    const ejs__script *script = p->front->script;
    check_output_name(p);
    ejs__parse_next(p);
    uint32_t mark = ejs__parse_begin_list(p);
    declare_destructured(p);
    while (!is_ours(p, p->token.start) && !ejs__parse_is(p, TOKEN_RIGHT_BRACE))
        ejs__parse_statement_item(p);
    if (!is_ours(p, p->token.start))
        fail_surplus(p);
    if (p->unclosed || !ejs__parse_is(p, script->with_locals ? TOKEN_RIGHT_BRACE
                                                             : TOKEN_RETURN))
        fail_unclosed(p);
    p->function->function->body = ejs__parse_end_list(p, mark);
}

void ejs__parse_text(ejs__front *front)
{
    ejs__script *script = front->script;
    ejs__parser p = {.front = front};
    p.lexer = (ejs__lexer){front, script->text.data, front->text_size, 0};
    ejs__function_context context;
    script->main =
        ejs__parse_begin_function(&p, &context, FUNCTION_TEMPLATE, 0);
    context.is_strict = script->is_strict;
    template_body(&p);
    script->main->has_simple_params = true;
    script->main->end = script->text.size;
    ejs__parse_end_function(&p, &context);
}
