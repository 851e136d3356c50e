/*
 * parse.h - what the parts of the parser share: parse.c, statement.c,
 * expression.c, operand.c, literal.c, pattern.c, function.c and class.c.
 *
 * One token of look-ahead; functions are named after what they read and begin
 * at its first token.  Mistakes do not return (front.h).
 */
#ifndef EJS_SYNTAX_PARSE_H
#define EJS_SYNTAX_PARSE_H

#include "ejs/syntax/front.h"
#include "ejs/syntax/lex.h"

/* How deep source may nest, and how high a tree (with long chains) may be. */
#define EJS__MAX_DEPTH 500
#define EJS__MAX_HEIGHT 2000

/* A statement that break or continue may leave. */
typedef struct ejs__target {
    struct ejs__target *outer;
    ejs__node *node;     /* NODE_LABELED, a loop or a switch */
    ejs__node *loop;     /* a loop: itself; a label: the loop it labels */
    uint32_t body_start; /* of a label */
} ejs__target;

/* A `#name` that a class declares, or a use of one. */
typedef struct ejs__private {
    struct ejs__private *next;
    ejs__slice name;
    ejs__slice *place; /* of the name in its node */
    uint32_t at;
    uint8_t kind; /* ejs__property_kind */
    bool is_static, has_pair;
} ejs__private;

typedef struct ejs__class_context {
    struct ejs__class_context *outer;
    ejs__private *declared, *used;
} ejs__class_context;

/* The function whose code is being read. */
typedef struct ejs__function_context {
    struct ejs__function_context *outer;
    ejs__function *function;
    ejs__target *targets;
    bool is_strict;
    bool is_generator;    /* `yield` is an operator */
    bool in_parameters;   /* of a generator: `yield` is not allowed */
    bool super_property;  /* super.x */
    bool super_call;      /* super() */
    bool in_class_field;  /* `arguments` is not allowed */
    bool in_static_block; /* nor `await` */
    uint32_t last_yield;  /* 1 + where the last yield was seen */
} ejs__function_context;

typedef struct ejs__parser {
    ejs__front *front;
    ejs__lexer lexer;
    ejs__token token;      /* the one to be read next */
    uint32_t previous_end; /* where the one before it ended */
    uint8_t previous_kind;
    ejs__slice previous_name; /* when that one was a name; else size 0 */
    ejs__function_context *function;
    ejs__class_context *class_;
    uint32_t n_classes;        /* complete ones */
    uint32_t piece;            /* the next one in front->pieces */
    uint32_t depth, height;    /* see ejs__parse_enter */
    uint32_t cover;            /* 1 + where `{a = 1}` was seen that has not
                                  become a pattern yet ... */
    const char *cover_message; /* ... and what that is otherwise */
    uint32_t arrow_at;         /* an arrow function may begin here only */
    uint32_t last_function;    /* where the last function read begins */
    bool no_in;                /* `in` ends the expression: head of a for */
    ejs__node **stack;         /* lists being read */
    uint32_t n_stack, stack_capacity;
    uint32_t *brackets; /* the open ones */
    uint32_t n_brackets, brackets_capacity;
    uint32_t unclosed; /* 1 + the bracket that EJS's closing lines closed */
    uint32_t suspect;  /* the same, or one that EJS's ) of a tag closed */
    const char *hint;  /* for errors in what is being read, or NULL */
} ejs__parser;

/* parse.c: tokens */

void ejs__parse_next(ejs__parser *p);

/* The token after the current one; the parser stays where it is. */
ejs__token ejs__parse_peek(ejs__parser *p);
bool ejs__parse_accept(ejs__parser *p, ejs__token_kind kind);
void ejs__parse_expect(ejs__parser *p, ejs__token_kind kind);

/* A `;`, or a place where one may be missing. */
void ejs__parse_semicolon(ejs__parser *p);

/* Fails with V8's words for a token that cannot stand where it does. */
_Noreturn void ejs__parse_unexpected(ejs__parser *p, const ejs__token *token);

/* "missing ) after argument list" */
_Noreturn void ejs__parse_missing_paren(ejs__parser *p);

/* "Malformed arrow function parameter list" */
_Noreturn void ejs__parse_fail_arrow(ejs__parser *p, uint32_t at);

/* Fails unless the current token, a regular expression, is a valid one. */
void ejs__parse_check_regexp(ejs__parser *p);

static inline bool ejs__parse_is(const ejs__parser *p, ejs__token_kind kind)
{
    return p->token.kind == kind;
}

/* Whether the token is this name, written without escapes. */
static inline bool ejs__parse_is_name(const ejs__parser *p, ejs__slice name)
{
    return p->token.kind == TOKEN_NAME && !p->token.escaped &&
           ejs__same_name(p->token.text, name);
}

/* parse.c: nodes and lists */

ejs__node *ejs__parse_node(ejs__parser *p, ejs__node_kind kind, uint32_t start);

/* Sets the node's end to that of the last token read, and returns it. */
static inline ejs__node *ejs__parse_end(const ejs__parser *p, ejs__node *node)
{
    node->end = p->previous_end;
    return node;
}

/* Lists: `mark = begin; push...; list = end(mark)`; they may nest. */
static inline uint32_t ejs__parse_begin_list(const ejs__parser *p)
{
    return p->n_stack;
}
void ejs__parse_push(ejs__parser *p, ejs__node *node);
ejs__list ejs__parse_end_list(ejs__parser *p, uint32_t mark);

/*
 * Around whatever may nest: fails when that is too deep.  `height` bounds what
 * the tree's readers recurse into: it grows by one for each level and for each
 * link of a chain such as a + b + c or else if.
 */
uint32_t ejs__parse_enter(ejs__parser *p);
void ejs__parse_leave(ejs__parser *p, uint32_t entered);
void ejs__parse_link(ejs__parser *p);

/* expression.c */

ejs__node *ejs__parse_expression(ejs__parser *p);
ejs__node *ejs__parse_assignment(ejs__parser *p);

/* The same, where the expression may become part of a pattern later. */
ejs__node *ejs__parse_assignment_cover(ejs__parser *p);

/* Fails when that has not happened. */
void ejs__parse_check_cover(ejs__parser *p);

/* Goes on after the first operand of an expression: `, b, c`. */
ejs__node *ejs__parse_comma(ejs__parser *p, ejs__node *first);

/* operand.c: what may stand after `extends` or at the left of `=`. */
ejs__node *ejs__parse_left_hand(ejs__parser *p);

/* Fails unless the name at `at` may be a reference (or a binding). */
void ejs__parse_check_name(ejs__parser *p, ejs__slice name, uint32_t at);

/* a, b, c from the list of them; they are at least one */
ejs__node *ejs__parse_comma_node(ejs__parser *p, ejs__list list);

/* An arrow function is not an operand: nothing may follow it. */
static inline bool ejs__parse_is_arrow(const ejs__node *node)
{
    return node->kind == NODE_FUNCTION && !node->parenthesized &&
           node->as.function->kind == FUNCTION_ARROW;
}

/* Brackets switch `in` on again; returns what to restore. */
static inline bool ejs__parse_allow_in(ejs__parser *p)
{
    bool no_in = p->no_in;
    p->no_in = false;
    return no_in;
}

/* literal.c */

ejs__node *ejs__parse_number(ejs__parser *p);
ejs__node *ejs__parse_string(ejs__parser *p);
ejs__node *ejs__parse_regexp(ejs__parser *p);
ejs__node *ejs__parse_array(ejs__parser *p);
ejs__node *ejs__parse_object(ejs__parser *p);

/* A template literal; `tag` may be NULL. */
ejs__node *ejs__parse_template(ejs__parser *p, ejs__node *tag);

/* "..." assignment; in a literal that may turn out to be a pattern, op is 1
   when a comma follows, which no rest may have. */
ejs__node *ejs__parse_spread(ejs__parser *p, bool in_literal);
/* Notes that what a call returns is iterated over, for the message. */
void ejs__parse_iterated(ejs__node *value);

/* Whether the token is a name or a keyword. */
bool ejs__parse_is_word(const ejs__token *token);

/* name or "string" or 1 or [computed] */
ejs__node *ejs__parse_property_key(ejs__parser *p, bool *computed);

/* Says that async functions (methods) are not supported. */
_Noreturn void ejs__parse_fail_async(ejs__parser *p, uint32_t at,
                                     const char *what);

/* pattern.c */

/* A name or pattern in a declaration or parameter; `lexical`: let or const. */
ejs__node *ejs__parse_binding(ejs__parser *p, bool lexical);

/* binding [= value] */
ejs__node *ejs__parse_binding_element(ejs__parser *p);

/* Makes an expression that was read the target of an assignment. */
ejs__node *ejs__parse_to_target(ejs__parser *p, ejs__node *node);

/* Makes an expression that was read an arrow function's parameter. */
ejs__node *ejs__parse_to_parameter(ejs__parser *p, ejs__node *node);

/* Fails unless the node can be assigned to; words for the error.  A call may
 * be where `may_call`: then that throws it.  Returns the target. */
ejs__node *ejs__parse_check_target(ejs__parser *p, ejs__node *node,
                                   bool may_call, const char *message);

/* function.c */

/* Marks how `super` may be used, in ejs__parse_method. */
typedef struct ejs__method_form {
    ejs__function_kind kind;
    bool is_generator;
    bool super_property, super_call;
    uint8_t property; /* ejs__property_kind: GET, SET or other */
} ejs__method_form;

/* `function` of an expression or (declaration) of a statement. */
ejs__function *ejs__parse_function(ejs__parser *p, bool declaration);

/* From the `(` of a method whose text begins at `start`. */
ejs__node *ejs__parse_method(ejs__parser *p, uint32_t start,
                             const ejs__method_form *form);

/* From the `=>`; the parameters have been read. */
ejs__node *ejs__parse_arrow(ejs__parser *p, uint32_t start, ejs__list params);

/* A function around code that is not written as one: a field or block. */
ejs__function *ejs__parse_begin_function(ejs__parser *p,
                                         ejs__function_context *context,
                                         ejs__function_kind kind,
                                         uint32_t start);
void ejs__parse_end_function(ejs__parser *p, ejs__function_context *context);

/* Names an anonymous function or class after what it is assigned to. */
void ejs__parse_name_function(ejs__node *value, ejs__slice name);

/* class.c */

ejs__node *ejs__parse_class(ejs__parser *p, bool declaration);

/* #name as a use of it, at the current token; sets *place, in the node. */
void ejs__parse_private_name(ejs__parser *p, ejs__slice *place);

/* statement.c */

/* Statements up to a `}`, which stays. */
ejs__list ejs__parse_statements(ejs__parser *p);

/* The same after a function's `{`: with its directives. */
ejs__list ejs__parse_body(ejs__parser *p, bool *use_strict);
ejs__node *ejs__parse_statement(ejs__parser *p);
bool ejs__parse_statement_item(ejs__parser *p);

#endif
