/* lex.h - JavaScript tokens of the generated text; see lex.c. */
#ifndef EJS_SYNTAX_LEX_H
#define EJS_SYNTAX_LEX_H

#include "ejs/syntax/front.h"

/* V8's words for what is no token at all. */
#define EJS__ILLEGAL "Invalid or unexpected token"

typedef enum ejs__token_kind {
#define TOKEN(name, text) TOKEN_##name,
#define BINARY(name, text, precedence, op) TOKEN_##name,
#define ASSIGN(name, text, op) TOKEN_##name,
#define KEYWORD(name, text) TOKEN_##name,
#include "ejs/syntax/token.def"
#undef TOKEN
#undef BINARY
#undef ASSIGN
#undef KEYWORD
} ejs__token_kind;

typedef struct ejs__token {
    uint8_t kind;          /* ejs__token_kind */
    bool newline_before;   /* a line ends between it and the one before */
    bool escaped;          /* written with a \ inside */
    bool is_octal;         /* 010, or a string with an escape like \1 */
    bool is_decimal_octal; /* 08, or a string with \8 or \9 */
    bool is_tail;          /* TEMPLATE: ends with ` and not with ${ */
    uint32_t start, end;   /* in script->text */
    ejs__slice text;       /* names (interned), strings, cooked templates */
    ejs__slice raw;        /* templates, with CR LF made LF */
    double number;
    const char *message; /* ERROR, or why a template's text is not valid */
    const char *hint;    /* ERROR: may be NULL */
    uint32_t at;         /* where that is */
} ejs__token;

typedef struct ejs__lexer {
    ejs__front *front;
    const char *text; /* script->text */
    uint32_t size;
    uint32_t at;
} ejs__lexer;

/*
 * Reads the next token.  A `/` is always taken for the operator and a `}` for
 * the brace: the parser, which knows better, asks again with the next two.
 * Mistakes come back as TOKEN_ERROR, so that looking ahead is harmless.
 */
void ejs__lex_next(ejs__lexer *lexer, ejs__token *token);

/*
 * Reads a regular expression whose `/` (or `/=`) is `token`: the token's text
 * becomes the pattern and raw the flags.
 */
void ejs__lex_regexp(ejs__lexer *lexer, ejs__token *token);

/* Reads on in a template literal from the `}` that is `token`. */
void ejs__lex_template(ejs__lexer *lexer, ejs__token *token);

/* Whether a code point can begin, or go on in, an identifier. */
bool ejs__is_name_start(uint32_t code);
bool ejs__is_name_part(uint32_t code);

/* How a token is written; "" for names, numbers and the like. */
const char *ejs__token_text(ejs__token_kind kind);

#endif
