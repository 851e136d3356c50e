/*
 * lex.c - JavaScript tokens of the generated text.
 *
 * Two characters mean different things in different places: `/` divides or
 * begins a regular expression, `}` closes a block or the `${` of a template
 * literal.  Only the parser knows which, so ejs__lex_next reads them as plain
 * tokens and the parser has them read again (ejs__lex_regexp, _template).
 *
 * The text is well-formed UTF-8 and followed by a NUL, so that looking one
 * byte ahead never needs a test.
 */
#include "ejs/syntax/lex.h"

#include "base/number.h"
#include "base/utf8.h"

static const char illegal[] = EJS__ILLEGAL;

const char *ejs__token_text(ejs__token_kind kind)
{
    static const char *const texts[] = {
#define TOKEN(name, text) text,
#define BINARY(name, text, precedence, op) text,
#define ASSIGN(name, text, op) text,
#define KEYWORD(name, text) text,
#include "ejs/syntax/token.def"
#undef TOKEN
#undef BINARY
#undef ASSIGN
#undef KEYWORD
    };
    return texts[kind];
}

/* characters --------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The code point at `at`, and its length; 0 at the end. */
static uint32_t code_at(const ejs__lexer *lexer, uint32_t at, uint32_t *length)
{
    uint32_t code = 0;
    *length =
        (uint32_t)base_utf8_decode(lexer->text + at, lexer->size - at, &code);
    return code;
}

/* The bytes of the line end at `at`, CR LF together; 0 when there is none. */
static uint32_t line_end_at(const ejs__lexer *lexer, uint32_t at)
{
    const unsigned char *c = (const unsigned char *)lexer->text + at;
    if (at >= lexer->size)
        return 0;
    if (c[0] == '\n')
        return 1;
    if (c[0] == '\r')
        return c[1] == '\n' ? 2 : 1;
    bool is_separator =
        c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9);
    return is_separator ? 3 : 0;
}

static void set_error(ejs__token *token, uint32_t at, const char *message,
                      const char *hint)
{
    token->kind = TOKEN_ERROR;
    token->at = at;
    token->message = message;
    token->hint = hint;
}

/* white space and comments ------------------------------------------------- */

static void skip_line(ejs__lexer *lexer)
{
    while (lexer->at < lexer->size && line_end_at(lexer, lexer->at) == 0)
        lexer->at++;
}

/* False when the comment has no end. */
static bool skip_comment(ejs__lexer *lexer, bool *newline)
{
    uint32_t at = lexer->at + 2;
    for (; at < lexer->size; at++) {
        if (lexer->text[at] == '*' && lexer->text[at + 1] == '/') {
            lexer->at = at + 2;
            return true;
        }
        if (line_end_at(lexer, at))
            *newline = true;
    }
    return false;
}

/* One blank or line end; false when there is none. */
static bool skip_blank(ejs__lexer *lexer, bool *newline)
{
    char c = lexer->text[lexer->at];
    if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
        lexer->at++;
        return true;
    }
    uint32_t length = line_end_at(lexer, lexer->at);
    if (length > 0)
        *newline = true;
    else if ((signed char)c < 0 &&
             !base_utf8_is_space(code_at(lexer, lexer->at, &length)))
        length = 0;
    lexer->at += length;
    return length > 0;
}

static bool text_is_at(const ejs__lexer *lexer, const char *text)
{
    return strncmp(lexer->text + lexer->at, text, strlen(text)) == 0;
}

/*
 * White space and comments, the HTML-like ones of sloppy scripts among them.
 * False when a comment does not end.
 */
static bool skip_space(ejs__lexer *lexer, bool *newline)
{
    for (;;) {
        if (lexer->at >= lexer->size)
            return true;
        if (skip_blank(lexer, newline))
            continue;
        if (text_is_at(lexer, "//") || text_is_at(lexer, "<!--") ||
            (*newline && text_is_at(lexer, "-->")))
            skip_line(lexer);
        else if (!text_is_at(lexer, "/*"))
            return true;
        else if (!skip_comment(lexer, newline))
            return false;
    }
}

/* escapes ------------------------------------------------------------------ */

/* Collects the value of a string, which is never longer than its source. */
typedef struct cooked {
    char *data;
    uint32_t size;
} cooked;

static void add_code(cooked *out, uint32_t code)
{
    uint32_t high;
    if (code >= 0xDC00 && code <= 0xDFFF && out->size >= 3 &&
        base_utf8_decode_last(out->data, out->size, &high) == 3 &&
        high >= 0xD800 && high <= 0xDBFF) {
        out->size -= 3;
        code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
    }
    out->size += (uint32_t)base_utf8_encode(code, out->data + out->size);
}

/*
 * What follows `\u`, from *at: four digits or braces.  Returns a message when
 * it is wrong, with *at where.
 */
static const char *unicode_escape(const ejs__lexer *lexer, uint32_t *at,
                                  uint32_t *code)
{
    static const char invalid[] = "Invalid Unicode escape sequence";
    const char *text = lexer->text;
    *code = 0;
    if (text[*at] != '{') {
        for (int i = 0; i < 4; i++, ++*at) {
            int digit = hex_value(text[*at]);
            if (digit < 0)
                return invalid;
            *code = *code * 16 + (uint32_t)digit;
        }
        return NULL;
    }
    uint32_t start = ++*at;
    for (; hex_value(text[*at]) >= 0; ++*at) {
        *code = *code * 16 + (uint32_t)hex_value(text[*at]);
        if (*code > 0x10FFFF)
            return "Undefined Unicode code-point";
    }
    if (text[*at] != '}' || *at == start)
        return invalid;
    ++*at;
    return NULL;
}

static const char *hex_escape(const ejs__lexer *lexer, uint32_t *at,
                              uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 2; i++, ++*at) {
        int digit = hex_value(lexer->text[*at]);
        if (digit < 0)
            return "Invalid hexadecimal escape sequence";
        *code = *code * 16 + (uint32_t)digit;
    }
    return NULL;
}

/* `\1` to `\377`, `\8`, `\9`: sloppy strings only. */
static const char *octal_escape(const ejs__lexer *lexer, ejs__token *token,
                                uint32_t *at, uint32_t *code)
{
    const char *text = lexer->text;
    if (token->kind == TOKEN_TEMPLATE)
        return text[*at] >= '8'
                   ? "\\8 and \\9 are not allowed in template strings."
                   : "Octal escape sequences are not allowed in template "
                     "strings.";
    token->at = *at - 1;
    *code = (uint32_t)(text[(*at)++] - '0');
    if (*code >= 8) {
        *code += '0';
        token->is_decimal_octal = true;
        return NULL;
    }
    token->is_octal = true;
    for (int i = 0; i < 2; i++) {
        if (text[*at] < '0' || text[*at] > '7' || *code * 8 > 0377)
            break;
        *code = *code * 8 + (uint32_t)(text[(*at)++] - '0');
    }
    return NULL;
}

/* The escape whose `\` is before *at.  Returns a message, or NULL. */
static const char *escape(const ejs__lexer *lexer, ejs__token *token,
                          uint32_t *at, cooked *out)
{
    static const char names[] = "bfnrtv", values[] = "\b\f\n\r\t\v";
    uint32_t length = line_end_at(lexer, *at), code;
    if (length > 0) {
        *at += length;
        return NULL;
    }
    char c = lexer->text[*at];
    const char *message = NULL;
    const char *name = c ? strchr(names, c) : NULL;
    if (name) {
        ++*at;
        code = (unsigned char)values[name - names];
    } else if (c == 'u') {
        ++*at;
        message = unicode_escape(lexer, at, &code);
    } else if (c == 'x') {
        ++*at;
        message = hex_escape(lexer, at, &code);
    } else if (is_digit(c) && (c != '0' || is_digit(lexer->text[*at + 1]))) {
        message = octal_escape(lexer, token, at, &code);
    } else if (c == '0') {
        ++*at;
        code = 0;
    } else {
        code = code_at(lexer, *at, &length);
        *at += length;
    }
    if (!message)
        add_code(out, code);
    return message;
}

/* strings ------------------------------------------------------------------ */

/* Where a string that began at `start` ends, or where it is broken off. */
static bool find_quote(const ejs__lexer *lexer, uint32_t start, uint32_t *end,
                       bool *has_escape)
{
    char quote = lexer->text[start];
    uint32_t at = start + 1;
    while (at < lexer->size) {
        char c = lexer->text[at];
        if (c == quote) {
            *end = at;
            return true;
        }
        if (c == '\n' || c == '\r')
            return false;
        if (c == '\\') {
            *has_escape = true;
            uint32_t n = line_end_at(lexer, at + 1);
            at += n ? n : 1;
        }
        at++;
    }
    return false;
}

static void string(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t end, start = token->start;
    bool has_escape = false;
    token->kind = TOKEN_STRING;
    if (!find_quote(lexer, start, &end, &has_escape)) {
        set_error(token, start, illegal,
                  "the string has no end on its line; a closing tag inside it "
                  "ends the tag: write \"%\" + \">\"");
        return;
    }
    lexer->at = end + 1;
    token->text = (ejs__slice){lexer->text + start + 1, end - start - 1};
    if (!has_escape)
        return;
    cooked out = {ejs__front_alloc(lexer->front, end - start + 4, 1), 0};
    for (uint32_t at = start + 1; at < end;) {
        if (lexer->text[at] != '\\') {
            out.data[out.size++] = lexer->text[at++];
            continue;
        }
        uint32_t from = at++;
        const char *message = escape(lexer, token, &at, &out);
        if (message) {
            set_error(token, from, message, NULL);
            return;
        }
    }
    token->text = (ejs__slice){out.data, out.size};
}

/* Where the literal's piece ends: at a ` or ${; false when it does not. */
static bool find_template_end(const ejs__lexer *lexer, uint32_t at,
                              uint32_t *end, bool *is_plain)
{
    for (; at < lexer->size; at++) {
        char c = lexer->text[at];
        if (c == '`' || (c == '$' && lexer->text[at + 1] == '{')) {
            *end = at;
            return true;
        }
        if (c == '\\' || c == '\r')
            *is_plain = false;
        if (c == '\\')
            at++;
    }
    return false;
}

static ejs__slice raw_template(ejs__lexer *lexer, uint32_t start, uint32_t end)
{
    char *out = ejs__front_alloc(lexer->front, end - start + 1, 1);
    uint32_t size = 0;
    for (uint32_t at = start; at < end; at++) {
        char c = lexer->text[at];
        if (c == '\r' && lexer->text[at + 1] == '\n')
            continue;
        out[size++] = c == '\r' ? '\n' : c;
    }
    return (ejs__slice){out, size};
}

/* The cooked text of [start, end); a bad escape leaves token->text.data NULL
   and says why in token->message. */
static void cook_template(ejs__lexer *lexer, ejs__token *token, uint32_t start,
                          uint32_t end)
{
    cooked out = {ejs__front_alloc(lexer->front, end - start + 4, 1), 0};
    for (uint32_t at = start; at < end;) {
        char c = lexer->text[at++];
        if (c == '\r') {
            at += lexer->text[at] == '\n';
            c = '\n';
        }
        if (c != '\\') {
            out.data[out.size++] = c;
            continue;
        }
        token->at = at - 1;
        token->message = escape(lexer, token, &at, &out);
        if (token->message) {
            token->text = (ejs__slice){NULL, 0};
            return;
        }
    }
    token->text = (ejs__slice){out.data, out.size};
}

/* A piece of a template literal, whose first character has been passed. */
static void template_piece(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t start = lexer->at, end;
    bool is_plain = true;
    token->kind = TOKEN_TEMPLATE;
    token->message = NULL;
    if (!find_template_end(lexer, start, &end, &is_plain)) {
        set_error(token, token->start, "Unexpected end of input",
                  "the template literal has no closing `");
        lexer->at = lexer->size;
        return;
    }
    token->is_tail = lexer->text[end] == '`';
    lexer->at = end + (token->is_tail ? 1 : 2);
    token->end = lexer->at;
    token->text = token->raw = (ejs__slice){lexer->text + start, end - start};
    if (is_plain)
        return;
    token->raw = raw_template(lexer, start, end);
    cook_template(lexer, token, start, end);
}

void ejs__lex_template(ejs__lexer *lexer, ejs__token *token)
{
    lexer->at = token->start + 1;
    template_piece(lexer, token);
}

/* numbers ------------------------------------------------------------------ */

/* Digits with single underscores between them; appends them to `out`. */
static const char *digits(ejs__lexer *lexer, int radix, char *out,
                          uint32_t *size)
{
    uint32_t start = lexer->at;
    for (;; lexer->at++) {
        char c = lexer->text[lexer->at];
        int value = hex_value(c);
        if (c == '_') {
            if (lexer->text[lexer->at + 1] == '_')
                return "Only one underscore is allowed as numeric separator";
            int next = hex_value(lexer->text[lexer->at + 1]);
            if (lexer->at == start)
                return illegal;
            if (next < 0 || next >= radix)
                return "Numeric separators are not allowed at the end of "
                       "numeric literals";
            continue;
        }
        if (value < 0 || value >= radix)
            return NULL;
        out[(*size)++] = c;
    }
}

/* 0x, 0o, 0b: what follows the letter. */
static const char *radix_number(ejs__lexer *lexer, ejs__token *token, int radix,
                                char *buffer)
{
    uint32_t size = 0;
    const char *message = digits(lexer, radix, buffer, &size);
    if (!message && size == 0)
        message = illegal;
    if (!message)
        token->number = base_number_parse_radix(buffer, size, radix);
    return message;
}

/* 010 or 08: digits without underscores after a leading 0. */
static bool legacy_number(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t at = lexer->at;
    bool is_octal = true;
    for (; is_digit(lexer->text[at]); at++)
        is_octal = is_octal && lexer->text[at] < '8';
    token->at = token->start;
    token->is_octal = is_octal;
    token->is_decimal_octal = !is_octal;
    if (!is_octal)
        return false;
    token->number =
        base_number_parse_radix(lexer->text + lexer->at, at - lexer->at, 8);
    lexer->at = at;
    return true;
}

static const char *exponent(ejs__lexer *lexer, char *buffer, uint32_t *size)
{
    buffer[(*size)++] = lexer->text[lexer->at++];
    char sign = lexer->text[lexer->at];
    if (sign == '+' || sign == '-')
        buffer[(*size)++] = lexer->text[lexer->at++];
    if (!is_digit(lexer->text[lexer->at]))
        return illegal;
    return digits(lexer, 10, buffer, size);
}

static const char *decimal_number(ejs__lexer *lexer, ejs__token *token,
                                  char *buffer)
{
    uint32_t size = 0;
    size_t used;
    const char *message = NULL;
    if (lexer->text[lexer->at] != '.')
        message = digits(lexer, 10, buffer, &size);
    if (!message && token->is_decimal_octal && size + token->start < lexer->at)
        message = illegal;
    if (!message && lexer->text[lexer->at] == '.') {
        buffer[size++] = '.';
        lexer->at++;
        message = digits(lexer, 10, buffer, &size);
    }
    if (!message && (lexer->text[lexer->at] | 0x20) == 'e')
        message = exponent(lexer, buffer, &size);
    if (!message)
        token->number = base_number_parse(buffer, size, &used);
    return message;
}

static const char *number_value(ejs__lexer *lexer, ejs__token *token,
                                char *buffer)
{
    const char *text = lexer->text + lexer->at;
    if (text[0] == '0') {
        char c = (char)(text[1] | 0x20);
        int radix = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
        if (radix) {
            lexer->at += 2;
            return radix_number(lexer, token, radix, buffer);
        }
        if (text[1] == '_')
            return "Numeric separator can not be used after leading 0.";
        if (is_digit(text[1]) && legacy_number(lexer, token))
            return NULL;
    }
    return decimal_number(lexer, token, buffer);
}

/* Whether a number may go on with this byte: generously. */
static bool may_be_in_number(const char *c, bool has_before)
{
    if (*c == '+' || *c == '-')
        return has_before && (c[-1] | 0x20) == 'e';
    return *c == '.' ||
           ((unsigned char)*c < 128 && ejs__is_name_part((unsigned char)*c));
}

static void number(ejs__lexer *lexer, ejs__token *token)
{
    /* the digits without separators; long ones need a longer buffer */
    char few[64], *buffer = few;
    uint32_t end = lexer->at;
    while (may_be_in_number(lexer->text + end, end > lexer->at))
        end++;
    if (end - lexer->at + 2 > sizeof few)
        buffer = ejs__front_alloc(lexer->front, end - lexer->at + 2, 1);
    token->kind = TOKEN_NUMBER;
    const char *message = number_value(lexer, token, buffer), *hint = NULL;
    uint32_t length, at = lexer->at;
    uint32_t next = code_at(lexer, at, &length);
    if (!message && next == 'n' && !token->is_octal) {
        message = "BigInt literals are not supported";
        hint = "write the number without the n; whole numbers are exact up to "
               "9007199254740991";
    } else if (!message && (next == '\\' ||
                            (length && next < 128 && is_digit((char)next)) ||
                            (length && ejs__is_name_start(next)))) {
        message = illegal;
        hint = "a name may not begin with a digit, nor directly follow a "
               "number";
    }
    if (message)
        set_error(token, at, message, hint);
}

/* names -------------------------------------------------------------------- */

/* A name from lexer->at with `\u` escapes or beyond ASCII in it. */
static const char *slow_name(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t size = lexer->at - token->start, capacity = 0;
    char *out = NULL;
    if (token->kind == TOKEN_PRIVATE_NAME)
        size--;
    uint32_t begin = lexer->at - size;
    for (;;) {
        uint32_t code, length, at = lexer->at;
        bool is_escape = lexer->text[at] == '\\';
        if (is_escape) {
            at += 2;
            const char *message = illegal;
            if (lexer->text[at - 1] == 'u')
                message = unicode_escape(lexer, &at, &code);
            if (message)
                return message;
            token->escaped = true;
        } else {
            code = code_at(lexer, at, &length);
            if (length == 0)
                break;
            at += length;
        }
        if (!(size ? ejs__is_name_part(code) : ejs__is_name_start(code))) {
            if (is_escape || size == 0)
                return illegal;
            break;
        }
        if (capacity < size + 5) {
            capacity = 2 * size + 64;
            char *grown = ejs__front_alloc(lexer->front, capacity, 1);
            memcpy(grown, out ? out : lexer->text + begin, size);
            out = grown;
        }
        size += (uint32_t)base_utf8_encode(code, out + size);
        lexer->at = at;
    }
    token->text =
        ejs__front_intern(lexer->front, out ? out : lexer->text + begin, size);
    return NULL;
}

/* A name whose first character is at lexer->at. */
static const char *name_text(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t start = lexer->at;
    unsigned char c = (unsigned char)lexer->text[start];
    if (c < 128 && !is_digit((char)c))
        while ((c = (unsigned char)lexer->text[lexer->at]) < 128 &&
               ejs__is_name_part(c))
            lexer->at++;
    if (c >= 128 || c == '\\')
        return slow_name(lexer, token);
    if (lexer->at == start)
        return illegal;
    token->text =
        ejs__front_intern(lexer->front, lexer->text + start, lexer->at - start);
    return NULL;
}

static void name(ejs__lexer *lexer, ejs__token *token)
{
    token->kind = TOKEN_NAME;
    const char *message = name_text(lexer, token);
    if (message)
        set_error(token, lexer->at, message, NULL);
    else
        token->kind = ejs__atom_of(token->text)->token;
}

static void private_name(ejs__lexer *lexer, ejs__token *token)
{
    token->kind = TOKEN_PRIVATE_NAME;
    lexer->at++;
    const char *message = name_text(lexer, token);
    if (message)
        set_error(token, token->start, message, NULL);
}

/* the rest ----------------------------------------------------------------- */

/* The longest operator at `text`. */
static ejs__token_kind operator_at(const char *text, uint32_t *length)
{
    static const struct {
        char text[5];
        uint8_t kind;
    } operators[] = {
        {">>>=", TOKEN_ASSIGN_USHR},
        {"...", TOKEN_ELLIPSIS},
        {"===", TOKEN_STRICT_EQ},
        {"!==", TOKEN_STRICT_NE},
        {">>>", TOKEN_USHR},
        {"<<=", TOKEN_ASSIGN_SHL},
        {">>=", TOKEN_ASSIGN_SHR},
        {"**=", TOKEN_ASSIGN_POW},
        {"&&=", TOKEN_ASSIGN_AND},
        {"||=", TOKEN_ASSIGN_OR},
        {"?\?=", TOKEN_ASSIGN_NULLISH},
        {"=>", TOKEN_ARROW},
        {"==", TOKEN_EQ},
        {"!=", TOKEN_NE},
        {"<=", TOKEN_LE},
        {">=", TOKEN_GE},
        {"<<", TOKEN_SHL},
        {">>", TOKEN_SHR},
        {"&&", TOKEN_AND},
        {"||", TOKEN_OR},
        {"??", TOKEN_NULLISH},
        {"**", TOKEN_POWER},
        {"++", TOKEN_INCREMENT},
        {"--", TOKEN_DECREMENT},
        {"+=", TOKEN_ASSIGN_ADD},
        {"-=", TOKEN_ASSIGN_SUB},
        {"*=", TOKEN_ASSIGN_MUL},
        {"/=", TOKEN_ASSIGN_DIV},
        {"%=", TOKEN_ASSIGN_MOD},
        {"&=", TOKEN_ASSIGN_BIT_AND},
        {"|=", TOKEN_ASSIGN_BIT_OR},
        {"^=", TOKEN_ASSIGN_BIT_XOR},
        {"?.", TOKEN_OPTIONAL},
        {"{", TOKEN_LEFT_BRACE},
        {"}", TOKEN_RIGHT_BRACE},
        {"(", TOKEN_LEFT_PAREN},
        {")", TOKEN_RIGHT_PAREN},
        {"[", TOKEN_LEFT_BRACKET},
        {"]", TOKEN_RIGHT_BRACKET},
        {".", TOKEN_DOT},
        {";", TOKEN_SEMICOLON},
        {",", TOKEN_COMMA},
        {"?", TOKEN_QUESTION},
        {":", TOKEN_COLON},
        {"!", TOKEN_NOT},
        {"~", TOKEN_TILDE},
        {"<", TOKEN_LT},
        {">", TOKEN_GT},
        {"|", TOKEN_BIT_OR},
        {"^", TOKEN_BIT_XOR},
        {"&", TOKEN_BIT_AND},
        {"+", TOKEN_PLUS},
        {"-", TOKEN_MINUS},
        {"*", TOKEN_STAR},
        {"/", TOKEN_SLASH},
        {"%", TOKEN_PERCENT},
        {"=", TOKEN_ASSIGN},
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        const char *candidate = operators[i].text;
        size_t n = strlen(candidate);
        if (candidate[0] != text[0] || strncmp(text, candidate, n) != 0)
            continue;
        /* `a?.5:b` is a conditional */
        if (operators[i].kind == TOKEN_OPTIONAL && is_digit(text[2]))
            continue;
        *length = (uint32_t)n;
        return (ejs__token_kind)operators[i].kind;
    }
    *length = 0;
    return TOKEN_ERROR;
}

static void operator_token(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t length;
    token->kind = (uint8_t)operator_at(lexer->text + lexer->at, &length);
    lexer->at += length;
    if (token->kind == TOKEN_ERROR)
        set_error(token, lexer->at, illegal, NULL);
}

void ejs__lex_next(ejs__lexer *lexer, ejs__token *token)
{
    memset(token, 0, sizeof *token);
    if (!skip_space(lexer, &token->newline_before)) {
        token->start = token->end = lexer->at;
        set_error(token, lexer->at, illegal,
                  "the comment has no end: close it with */");
        return;
    }
    token->start = lexer->at;
    char c = lexer->text[lexer->at];
    if (lexer->at >= lexer->size)
        token->kind = TOKEN_END;
    else if (ejs__is_name_start((unsigned char)c < 128 ? (uint32_t)c : 'a') ||
             c == '\\')
        name(lexer, token);
    else if (is_digit(c) || (c == '.' && is_digit(lexer->text[lexer->at + 1])))
        number(lexer, token);
    else if (c == '"' || c == '\'')
        string(lexer, token);
    else if (c == '#')
        private_name(lexer, token);
    else if (c == '`') {
        lexer->at++;
        template_piece(lexer, token);
    } else
        operator_token(lexer, token);
    token->end = lexer->at;
}

/* regular expressions ------------------------------------------------------ */

/* Where the body that begins at `at` ends; false when its line ends first. */
static bool find_slash(const ejs__lexer *lexer, uint32_t at, uint32_t *end)
{
    bool in_class = false;
    for (; at < lexer->size && line_end_at(lexer, at) == 0; at++) {
        char c = lexer->text[at];
        if (c == '/' && !in_class) {
            *end = at;
            return true;
        }
        if (c == '[')
            in_class = true;
        else if (c == ']')
            in_class = false;
        else if (c == '\\' && line_end_at(lexer, ++at))
            return false;
    }
    return false;
}

void ejs__lex_regexp(ejs__lexer *lexer, ejs__token *token)
{
    uint32_t start = token->start + 1, end;
    if (!find_slash(lexer, start, &end)) {
        set_error(token, token->start, "Invalid regular expression: missing /",
                  NULL);
        return;
    }
    token->text = (ejs__slice){lexer->text + start, end - start};
    uint32_t at = end + 1, length;
    while (ejs__is_name_part(code_at(lexer, at, &length)) && length)
        at += length;
    token->raw = (ejs__slice){lexer->text + end + 1, at - end - 1};
    lexer->at = token->end = at;
    if (lexer->text[at] == '\\')
        set_error(token, at, "Invalid regular expression flags", NULL);
}
