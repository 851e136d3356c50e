/* parse.c - the parser's tokens, nodes and errors, and the whole template. */
#include "ejs/syntax/parse.h"

#include <stdio.h>

#include "base/regexp.h"

/* errors ------------------------------------------------------------------- */

/* Whether EJS's closing lines have been reached. */
static bool is_after_template(const ejs__parser *p, uint32_t offset)
{
    return offset >= p->front->script->text.size;
}

/* Whether EJS wrote what stands there, and not the template. */
static bool is_generated(const ejs__parser *p, uint32_t offset)
{
    return !ejs__front_is_verbatim(p->front->script, offset);
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

static bool follows_name(const ejs__parser *p, const char *name)
{
    return ejs__slice_is(p->previous_name, name, strlen(name));
}

static const char await_hint[] =
    "await is not supported: templates render synchronously, so await the "
    "value before rendering and pass the result";

static const char include_hint[] =
    "EJS 3 removed the directive `include file`: write "
    "<%- include('file') %>, or allow it with --legacy-include";

static const char *hint_for_semicolon(const ejs__parser *p,
                                      const ejs__piece *piece)
{
    if (!piece)
        return "an expression cannot go on over a closing tag: each tag "
               "starts a new statement";
    if (follows_name(p, "amp") || follows_name(p, "lt") ||
        follows_name(p, "gt") || follows_name(p, "quot"))
        return "this is escaped HTML: in code write &, <, > and \" themselves";
    if (piece->kind == PIECE_ESCAPED || piece->kind == PIECE_RAW)
        return "an output tag holds one expression, without `;`";
    return NULL;
}

/* A statement where an expression has to be. */
static const char *hint_for_keyword(const ejs__parser *p,
                                    const ejs__token *token,
                                    const ejs__piece *piece)
{
    switch (token->kind) {
    case TOKEN_ELSE:
        return "else must follow its block in the same tag: <% } else { %>";
    case TOKEN_CATCH:
    case TOKEN_FINALLY:
        return "catch and finally must follow the block in the same tag: "
               "<% } catch (e) { %>";
    case TOKEN_CASE:
    case TOKEN_DEFAULT:
        return "a case must stand directly in a switch";
    case TOKEN_IMPORT:
    case TOKEN_EXPORT:
        return "templates cannot import or export: use include(), or pass "
               "values with the data";
    default:
        break;
    }
    bool is_output =
        piece && (piece->kind == PIECE_ESCAPED || piece->kind == PIECE_RAW);
    if (is_output && token->start < piece->inner + 8 &&
        p->previous_end <= piece->inner)
        return "an output tag holds an expression: statements go in <% %>";
    return NULL;
}

/* What to write instead, as far as the token tells. */
static const char *hint_for(const ejs__parser *p, const ejs__token *token)
{
    const ejs__piece *piece = piece_at(p, token->start);
    if (p->hint)
        return p->hint;
    if ((piece && piece->is_directive) || follows_name(p, "include"))
        return include_hint;
    if (follows_name(p, "await"))
        return await_hint;
    if (p->previous_kind == TOKEN_IF || p->previous_kind == TOKEN_FOR ||
        p->previous_kind == TOKEN_WHILE || p->previous_kind == TOKEN_SWITCH)
        return "what follows must be in (parentheses)";
    switch (token->kind) {
    case TOKEN_SEMICOLON:
        return hint_for_semicolon(p, piece);
    case TOKEN_COLON:
        return "blocks are { in braces }, and loops say of: for (x of list)";
    case TOKEN_LEFT_BRACE:
        return p->previous_kind == TOKEN_RIGHT_PAREN
                   ? "no statement begins like this; there are if, else if, "
                     "for, while and switch"
                   : NULL;
    default:
        return hint_for_keyword(p, token, piece);
    }
}

/* The bracket that the code EJS wrote found open; 1 + its place, or 0. */
static uint32_t open_bracket(const ejs__parser *p)
{
    if (p->suspect)
        return p->suspect;
    if (p->n_brackets == 0)
        return 0;
    uint32_t open = p->brackets[p->n_brackets - 1];
    return is_generated(p, open) ? 0 : open + 1;
}

/* An error at a token of EJS's own is about something the template left out
   before it: that is where to look. */
static _Noreturn void fail_at_generated(ejs__parser *p, const ejs__token *token,
                                        const char *hint, const char *message)
{
    bool at_end = is_after_template(p, token->start);
    uint32_t open = open_bracket(p);
    char text[80];
    if (!open) {
        const char *missing = "something is missing before the tag ends";
        bool is_paren = token->kind == TOKEN_RIGHT_PAREN;
        ejs__front_fail(p->front, token->start,
                        hint || !is_paren ? hint : missing, "%s", message);
    }
    snprintf(text, sizeof text, "this `%c` is never closed%s",
             p->front->script->text.data[open - 1],
             at_end ? "" : " before the tag ends");
    ejs__front_fail(p->front, open - 1, text, "%s", message);
}

static _Noreturn void fail(ejs__parser *p, const ejs__token *token,
                           const char *message)
{
    const char *hint = hint_for(p, token);
    bool is_bracket =
        token->kind == TOKEN_RIGHT_PAREN || is_after_template(p, token->start);
    const bool is_own = is_generated(p, token->start);
    if (is_bracket && is_own)
        fail_at_generated(p, token, hint, message);
    /* The `;` before the next tag: it is this one that ends too early. */
    const bool is_next = is_own && token->kind == TOKEN_SEMICOLON;
    ejs__front_fail(p->front, is_next ? p->previous_end : token->start, hint,
                    "%s", message);
}

/* Some names are tokens of their own to V8. */
static _Noreturn void unexpected_name(ejs__parser *p, const ejs__token *token)
{
    const ejs__known_names *names = &p->front->names;
    bool is_name = token->kind == TOKEN_NAME;
    bool is_token = ejs__same_name(token->text, names->get) ||
                    ejs__same_name(token->text, names->set) ||
                    ejs__same_name(token->text, names->async);
    char message[200];
    if (is_name && p->function->is_strict &&
        ejs__atom_of(token->text)->strict_reserved)
        fail(p, token, "Unexpected strict mode reserved word");
    if (is_name && ejs__same_name(token->text, names->await))
        fail(p, token, "Unexpected reserved word");
    snprintf(message, sizeof message, "Unexpected %s '%s%.*s'",
             is_name && is_token ? "token" : "identifier", is_name ? "" : "#",
             token->text.size > 150 ? 150 : (int)token->text.size,
             token->text.data);
    fail(p, token, message);
}

_Noreturn void ejs__parse_unexpected(ejs__parser *p, const ejs__token *token)
{
    char message[200];
    const char *text = ejs__token_text((ejs__token_kind)token->kind);
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
        unexpected_name(p, token);
    default:
        if (token->escaped)
            fail(p, token, "Keyword must not contain escaped characters");
        snprintf(message, sizeof message, "Unexpected token '%s'", text);
        fail(p, token, message);
    }
}

_Noreturn void ejs__parse_missing_paren(ejs__parser *p)
{
    const ejs__token *token = &p->token;
    static const char message[] = "missing ) after argument list";
    if (token->kind != TOKEN_ERROR)
        fail(p, token, message);
    bool is_illegal = strcmp(token->message, EJS__ILLEGAL) == 0;
    ejs__front_fail(p->front, token->at, token->hint, "%s",
                    is_illegal ? message : token->message);
}

_Noreturn void ejs__parse_fail_arrow(ejs__parser *p, uint32_t at)
{
    ejs__front_fail(p->front, at, "the arrow function needs (parentheses) here",
                    "Malformed arrow function parameter list");
}

/* tokens ------------------------------------------------------------------- */

static void close_bracket(ejs__parser *p)
{
    if (p->n_brackets == 0)
        return;
    uint32_t open = p->brackets[--p->n_brackets];
    if (!is_generated(p, p->token.start) || is_generated(p, open))
        return;
    if (!p->suspect)
        p->suspect = open + 1;
    if (!p->unclosed && is_after_template(p, p->token.start))
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
    p->previous_kind = p->token.kind;
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
    if (follows_name(p, "await") && p->token.kind != TOKEN_ERROR)
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
    if (known < 0 && memchr(flags.data, 'd', flags.size))
        ejs__front_fail(p->front, p->token.start,
                        "matchAll() says by index where matches begin",
                        "the regular expression flag d is not supported");
    if (known < 0 && memchr(flags.data, 'v', flags.size))
        ejs__front_fail(p->front, p->token.start,
                        "write u, and classes without && and --",
                        "the regular expression flag v is not supported");
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
               !is_after_template(p, p->token.start))
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

/* `if (a)` at the end: EJS's `return __output` becomes its body. */
static void check_last_body(ejs__parser *p)
{
    if (!p->front->script->with_locals && !p->unclosed &&
        is_after_template(p, p->token.start) && !ejs__parse_is(p, TOKEN_RETURN))
        ejs__front_fail(p->front, p->front->script->text.size,
                        "the last statement has no body",
                        "Unexpected end of input");
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
    while (!is_after_template(p, p->token.start) &&
           !ejs__parse_is(p, TOKEN_RIGHT_BRACE))
        ejs__parse_statement_item(p);
    if (!is_after_template(p, p->token.start))
        fail_surplus(p);
    check_last_body(p);
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
