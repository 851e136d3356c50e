/*
 * check.c - all errors of a template: after one, what it is about is taken out
 * of the text, and the rest is parsed again.
 *
 * What is taken out must leave nothing behind that is wrong only without it:
 *
 *   <%= a b %>              the expression of an output tag, for another
 *   <% if (a b) { %>        what stands in (parentheses) or [brackets]
 *   <% let a b; f(a); %>    a statement
 *   <% break %>             all of a tag whose brackets all close
 *   <p><%= a </p>           the opening of an output tag that does not close
 *
 * Where that is not to be had (a brace is missing, say) the error is the last.
 */
#include "ejs/syntax/front.h"
#include "ejs/syntax/lex.h"

enum {
    MAX_ERRORS = 100,
    NONE = UINT32_MAX, /* no token */
};

/* A token of a tag's code. */
typedef struct mark {
    uint8_t kind;
    bool opens, closes;      /* a bracket, or `${` and `}` of a template */
    uint32_t opener, closer; /* what it closes, is closed by; or NONE */
    uint32_t start, end;     /* in script->text */
} mark;

typedef struct range {
    uint32_t start, end; /* in script->source */
} range;

typedef struct checker {
    ejs__front *front;         /* of the last parse */
    const ejs__script *script; /* of the first, for lines and columns */
    char *source;              /* its source, with what was taken out */
    range taken[MAX_ERRORS];
    unsigned n_taken;
    const ejs__piece *piece; /* that the error is in */
    mark *marks;             /* its tokens */
    uint32_t n_marks, capacity;
    bool is_balanced;
    uint32_t at; /* the token that is wrong, or n_marks */
} checker;

/* taking out --------------------------------------------------------------- */

/* Puts `filler` and blanks in the place of a range; lines stay.  False: there
 * is no room. */
static bool take(checker *c, uint32_t start, uint32_t end, const char *filler,
                 char blank)
{
    uint32_t room = 0;
    for (uint32_t i = start; i < end; i++)
        room += c->source[i] != '\n';
    if (room == 0 || room < strlen(filler))
        return false;
    for (uint32_t i = start; i < end; i++) {
        if (c->source[i] != '\n')
            c->source[i] = *filler ? *filler++ : blank;
    }
    c->taken[c->n_taken++] = (range){start, end};
    return true;
}

/* Whether an error comes of what was taken out before. */
static bool follows(const checker *c, uint32_t offset)
{
    for (unsigned i = 0; i < c->n_taken; i++) {
        if (offset >= c->taken[i].start && offset <= c->taken[i].end)
            return true;
    }
    return false;
}

/* Whether quotes are open at the end of a text. */
static bool ends_in_string(const char *text, uint32_t size)
{
    char quote = 0;
    for (uint32_t i = 0; i < size; i++) {
        const char c = text[i];
        if (quote && c == '\\')
            i++;
        else if (quote ? c == quote : c == '"' || c == '\'' || c == '`')
            quote = quote ? 0 : c;
    }
    return quote != 0;
}

/* A tag that does not close becomes text; one that holds another in a string
 * goes as a whole, as far as it was understood. */
static bool take_unclosed(checker *c)
{
    const ejs__unclosed *u = &c->front->unclosed;
    const ejs__slice source = c->front->script->source;
    if (u->is_empty)
        return take(c, u->start, u->next, "", 'x');
    if (u->is_code)
        return false;
    const char *next = source.data + u->end;
    const uint32_t rest = u->next - u->end;
    if (!ends_in_string(next, rest))
        return take(c, u->start, u->end, "", 'x');
    const char *closing = c->front->script->options.close;
    const char *end = memmem(source.data + u->next, source.size - u->next,
                             closing, strlen(closing));
    return end &&
           take(c, u->start, (uint32_t)(end - source.data + strlen(closing)),
                "", 'x');
}

/* tokens ------------------------------------------------------------------- */

/* What a `/` behind it divides. */
static bool is_value(uint8_t kind)
{
    switch (kind) {
    case TOKEN_NAME:
    case TOKEN_PRIVATE_NAME:
    case TOKEN_NUMBER:
    case TOKEN_STRING:
    case TOKEN_TEMPLATE:
    case TOKEN_RIGHT_PAREN:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_THIS:
    case TOKEN_SUPER:
    case TOKEN_NULL:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return true;
    default:
        return false;
    }
}

static uint8_t closer_of(uint8_t kind)
{
    switch (kind) {
    case TOKEN_LEFT_BRACE:
        return TOKEN_RIGHT_BRACE;
    case TOKEN_LEFT_PAREN:
        return TOKEN_RIGHT_PAREN;
    case TOKEN_LEFT_BRACKET:
        return TOKEN_RIGHT_BRACKET;
    default:
        return TOKEN_TEMPLATE;
    }
}

/* The innermost open bracket before token `at`; NONE: there is none. */
static uint32_t enclosing(const checker *c, uint32_t at)
{
    for (uint32_t i = at; i-- > 0;) {
        if (c->marks[i].opens && c->marks[i].closer >= at)
            return i;
        while (c->marks[i].closes && c->marks[i].opener != NONE)
            i = c->marks[i].opener;
    }
    return NONE;
}

/* Pairs a closing bracket with the nearest open one of its kind. */
static void pair(checker *c, uint32_t closer)
{
    uint32_t open = enclosing(c, closer);
    while (open != NONE &&
           closer_of(c->marks[open].kind) != c->marks[closer].kind) {
        c->is_balanced = false;
        open = enclosing(c, open);
    }
    c->marks[closer].opener = open;
    if (open == NONE)
        c->is_balanced = false;
    else
        c->marks[open].closer = closer;
}

/* Reads a token as the parser would, as far as what precedes it tells. */
static void next_token(const checker *c, ejs__lexer *lexer, ejs__token *token)
{
    const uint32_t open = enclosing(c, c->n_marks);
    ejs__lex_next(lexer, token);
    if (token->kind == TOKEN_RIGHT_BRACE && open != NONE &&
        c->marks[open].kind == TOKEN_TEMPLATE)
        ejs__lex_template(lexer, token);
    else if ((token->kind == TOKEN_SLASH || token->kind == TOKEN_ASSIGN_DIV) &&
             !(c->n_marks && is_value(c->marks[c->n_marks - 1].kind)))
        ejs__lex_regexp(lexer, token);
}

static void add_mark(checker *c, const ejs__token *token)
{
    const uint32_t i = c->n_marks++;
    const bool goes_on = token->kind == TOKEN_TEMPLATE &&
                         c->front->script->text.data[token->start] == '}';
    c->marks =
        ejs__front_grow(c->front, c->marks, i, &c->capacity, sizeof *c->marks);
    c->marks[i] = (mark){
        .kind = token->kind,
        .opens = token->kind == TOKEN_LEFT_BRACE ||
                 token->kind == TOKEN_LEFT_PAREN ||
                 token->kind == TOKEN_LEFT_BRACKET ||
                 (token->kind == TOKEN_TEMPLATE && !token->is_tail),
        .closes = token->kind == TOKEN_RIGHT_BRACE ||
                  token->kind == TOKEN_RIGHT_PAREN ||
                  token->kind == TOKEN_RIGHT_BRACKET || goes_on,
        .opener = NONE,
        .closer = NONE,
        .start = token->start,
        .end = token->end,
    };
    if (c->marks[i].closes)
        pair(c, i);
}

/* The tokens of the piece; false when there are such as are none. */
static bool read_marks(checker *c, uint32_t failed_at)
{
    ejs__lexer lexer = {c->front, c->front->script->text.data, c->piece->end,
                        c->piece->inner};
    ejs__token token;
    c->n_marks = c->capacity = 0;
    c->marks = NULL;
    c->is_balanced = true;
    for (;;) {
        next_token(c, &lexer, &token);
        if (token.kind == TOKEN_ERROR)
            return false;
        if (token.kind == TOKEN_END)
            break;
        add_mark(c, &token);
    }
    c->is_balanced &= enclosing(c, c->n_marks) == NONE;
    c->at = 0;
    while (c->at < c->n_marks && c->marks[c->at].end <= failed_at)
        c->at++;
    return true;
}

/* parts of a tag -------------------------------------------------------------
 */

/* From where in the text to where; the code stands there as in the source. */
static bool take_text(checker *c, uint32_t start, uint32_t end,
                      const char *filler)
{
    const uint32_t shift = c->piece->source - c->piece->inner;
    return take(c, start + shift, end + shift, filler, ' ');
}

static bool is_function_star(const checker *c, uint32_t at)
{
    return c->marks[at].kind == TOKEN_STAR && at > 0 &&
           c->marks[at - 1].kind == TOKEN_FUNCTION;
}

/* What may stand between these parentheses, whatever stands around them. */
static const char *filler_of(const checker *c, uint32_t open)
{
    const uint32_t after = c->marks[open].closer + 1;
    if (after < c->n_marks && c->marks[after].kind == TOKEN_ARROW)
        return "";
    if (open == 0)
        return "0";
    const uint8_t before = c->marks[open - 1].kind;
    if (before == TOKEN_FOR)
        return ";;";
    if (before == TOKEN_CATCH)
        return "$";
    const bool is_call = before != TOKEN_RIGHT_BRACE && is_value(before);
    return is_call || before == TOKEN_FUNCTION || is_function_star(c, open - 1)
               ? ""
               : "0";
}

static bool take_group(checker *c, uint32_t open)
{
    const mark *m = &c->marks[open];
    if (m->closer == NONE)
        return false;
    const bool is_index = m->kind == TOKEN_LEFT_BRACKET && open > 0 &&
                          is_value(c->marks[open - 1].kind);
    const char *filler = m->kind == TOKEN_LEFT_PAREN ? filler_of(c, open)
                         : is_index                  ? "0"
                                                     : "";
    return take_text(c, m->end, c->marks[m->closer].start, filler);
}

/* Where the statement of the wrong token begins. */
static uint32_t first_of_statement(const checker *c, uint32_t open)
{
    const uint32_t bound = open == NONE ? 0 : open + 1;
    uint32_t first = c->at;
    while (first > bound) {
        const mark *m = &c->marks[first - 1];
        if (m->kind == TOKEN_SEMICOLON || m->kind == TOKEN_RIGHT_BRACE ||
            (m->closes && m->opener == NONE))
            break;
        first = m->closes ? m->opener : first - 1;
    }
    return first;
}

/* Behind its last token; NONE when it opens what it does not close. */
static uint32_t end_of_statement(const checker *c, uint32_t open)
{
    const uint32_t bound = open == NONE || c->marks[open].closer == NONE
                               ? c->n_marks
                               : c->marks[open].closer;
    uint32_t end = c->at;
    while (end < bound) {
        const mark *m = &c->marks[end];
        if (m->kind == TOKEN_SEMICOLON || (m->closes && m->opener == NONE))
            break;
        if (m->opens && m->closer == NONE)
            return NONE;
        end = m->opens ? m->closer : end + 1;
    }
    return end;
}

static bool is_clause(const checker *c, uint32_t at)
{
    if (at >= c->n_marks)
        return false;
    const uint8_t kind = c->marks[at].kind;
    return kind == TOKEN_ELSE || kind == TOKEN_CATCH || kind == TOKEN_FINALLY;
}

/* Whether what is around them would miss these tokens. */
static bool are_missed(const checker *c, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        switch (c->marks[i].kind) {
        case TOKEN_CASE:
        case TOKEN_DEFAULT:
        case TOKEN_DO:
        case TOKEN_PRIVATE_NAME:
            return true;
        default:
            break;
        }
    }
    return is_clause(c, first) || is_clause(c, end + 1);
}

static bool take_statement(checker *c, uint32_t open)
{
    const uint32_t first = first_of_statement(c, open);
    uint32_t end = end_of_statement(c, open);
    if (end == NONE || first == end || are_missed(c, first, end))
        return false;
    const bool in_template =
        open != NONE && c->marks[open].kind == TOKEN_TEMPLATE;
    if (end < c->n_marks && c->marks[end].kind == TOKEN_SEMICOLON)
        end++;
    return take_text(c, c->marks[first].start, c->marks[end - 1].end,
                     in_template ? "0" : "");
}

static bool take_tag(checker *c)
{
    for (uint32_t i = 0; i < c->n_marks; i++) {
        const uint8_t kind = c->marks[i].kind;
        if ((kind == TOKEN_CASE || kind == TOKEN_DEFAULT) &&
            enclosing(c, i) == NONE)
            return false;
    }
    return c->is_balanced && c->n_marks &&
           take_text(c, c->marks[0].start, c->marks[c->n_marks - 1].end, "");
}

static bool take_code(checker *c)
{
    if (!read_marks(c, c->front->failed_at))
        return false;
    const uint32_t open = enclosing(c, c->at);
    const bool is_group =
        open != NONE && (c->marks[open].kind == TOKEN_LEFT_PAREN ||
                         c->marks[open].kind == TOKEN_LEFT_BRACKET);
    return (is_group ? take_group(c, open) : take_statement(c, open)) ||
           take_tag(c);
}

/* the whole ------------------------------------------------------------------
 */

/* The piece an offset lies in or, where pieces meet, behind. */
static const ejs__piece *piece_of(const ejs__front *front, uint32_t offset)
{
    for (uint32_t i = front->n_pieces; i-- > 0;) {
        if (front->pieces[i].start <= offset)
            return &front->pieces[i];
    }
    return NULL;
}

/* Takes out what the error is about; false when that cannot be told. */
static bool take_out(checker *c)
{
    ejs__front *front = c->front;
    if (setjmp(front->failed)) /* tokens are read once more */
        return false;
    if (front->unclosed.is_found)
        return take_unclosed(c);
    if (front->failed_at >= front->script->text.size)
        return false; /* at the end, or nowhere */
    c->piece = piece_of(front, front->failed_at);
    if (!c->piece)
        return false;
    switch (c->piece->kind) {
    case PIECE_ESCAPED:
    case PIECE_RAW:
        return take(c, c->piece->source, c->piece->source_end, "x", ' ');
    case PIECE_CODE:
        return take_code(c);
    default:
        return false;
    }
}

/* The first source, to change. */
static bool begin(checker *c)
{
    const ejs__script *script = c->front->script;
    if (c->script)
        return true;
    c->script = script;
    c->source =
        base_arena_dup(script->arena, script->source.data, script->source.size);
    return c->source != NULL;
}

ejs__script *ejs__check(base_arena *arena, const char *source, size_t size,
                        const char *filename, const ejs__syntax_options *given,
                        ejs__report_fn report, void *user)
{
    checker c = {0};
    ejs__syntax_options options = given ? *given : (ejs__syntax_options){0};
    while (c.n_taken < MAX_ERRORS) {
        ejs__syntax_error error;
        ejs__front front = {.arena = arena, .error = &error};
        c.front = &front;
        if (ejs__front_run(&front, source, size, filename, &options))
            return front.script;
        if (follows(&c, error.offset))
            return NULL;
        if (c.script)
            ejs__source_position(c.script, error.offset, &error.line,
                                 &error.column);
        report(user, &error);
        if (error.out_of_memory || !begin(&c) || !take_out(&c))
            return NULL;
        source = c.source;
        size = c.script->source.size;
        options.rm_whitespace = false; /* that has been done */
    }
    return NULL;
}
