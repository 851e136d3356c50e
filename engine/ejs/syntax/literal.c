/* literal.c - literals: numbers, strings, templates, arrays and objects. */
#include "base/number.h"
#include "ejs/syntax/parse.h"

static void check_octal(ejs__parser *p)
{
    const ejs__token *token = &p->token;
    if (!p->function->is_strict ||
        (!token->is_octal && !token->is_decimal_octal))
        return;
    const char *message =
        token->kind == TOKEN_STRING
            ? (token->is_octal ? "Octal escape sequences are not allowed in "
                                 "strict mode."
                               : "\\8 and \\9 are not allowed in strict mode.")
            : (token->is_octal ? "Octal literals are not allowed in strict "
                                 "mode."
                               : "Decimals with leading zeros are not allowed "
                                 "in strict mode.");
    ejs__front_fail(p->front, token->at, NULL, "%s", message);
}

/* literals ----------------------------------------------------------------- */

ejs__node *ejs__parse_number(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_NUMBER, p->token.start);
    check_octal(p);
    node->as.number = p->token.number;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

ejs__node *ejs__parse_string(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_STRING, p->token.start);
    check_octal(p);
    node->as.string = p->token.text;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

ejs__node *ejs__parse_regexp(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_REGEXP, p->token.start);
    ejs__lex_regexp(&p->lexer, &p->token);
    if (p->token.kind == TOKEN_ERROR)
        ejs__parse_unexpected(p, &p->token);
    ejs__parse_check_regexp(p);
    node->as.regexp.pattern = p->token.text;
    node->as.regexp.flags = p->token.raw;
    node->as.regexp.index = p->front->script->n_regexps++;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

/* The slices of a template literal, while it is read. */
typedef struct chunks {
    ejs__slice *cooked, *raw;
    uint32_t count, cooked_capacity, raw_capacity;
} chunks;

static void add_chunk(ejs__parser *p, chunks *c, bool is_tagged)
{
    const ejs__token *token = &p->token;
    if (token->kind == TOKEN_ERROR)
        ejs__parse_unexpected(p, token);
    if (token->message && !is_tagged)
        ejs__front_fail(p->front, token->at, NULL, "%s", token->message);
    c->cooked = ejs__front_grow(p->front, c->cooked, c->count,
                                &c->cooked_capacity, sizeof *c->cooked);
    c->raw = ejs__front_grow(p->front, c->raw, c->count, &c->raw_capacity,
                             sizeof *c->raw);
    c->cooked[c->count] = token->text;
    c->raw[c->count++] = token->raw;
}

/* template = "`" text ("${" expression "}" text)* "`" */
ejs__node *ejs__parse_template(ejs__parser *p, ejs__node *tag)
{
    ejs__node *node =
        ejs__parse_node(p, NODE_TEMPLATE, tag ? tag->start : p->token.start);
    chunks c = {0};
    uint32_t mark = ejs__parse_begin_list(p);
    bool no_in = ejs__parse_allow_in(p);
    add_chunk(p, &c, tag != NULL);
    while (!p->token.is_tail) {
        ejs__parse_next(p);
        ejs__parse_push(p, ejs__parse_expression(p));
        if (!ejs__parse_is(p, TOKEN_RIGHT_BRACE)) {
            if (ejs__parse_is(p, TOKEN_END) || ejs__parse_is(p, TOKEN_ERROR))
                ejs__parse_unexpected(p, &p->token);
            ejs__front_fail(p->front, p->token.start, NULL,
                            "Missing } in template expression");
        }
        ejs__lex_template(&p->lexer, &p->token);
        add_chunk(p, &c, tag != NULL);
    }
    ejs__parse_next(p);
    p->no_in = no_in;
    node->as.template_.tag = tag;
    node->as.template_.cooked = c.cooked;
    node->as.template_.raw = c.raw;
    node->as.template_.values = ejs__parse_end_list(p, mark);
    if (tag)
        node->as.template_.site = p->front->script->n_template_sites++;
    return ejs__parse_end(p, node);
}

/* arrays and objects ------------------------------------------------------- */

void ejs__parse_iterated(ejs__node *value)
{
    if (value->kind == NODE_CALL)
        value->as.call.iterated = true;
}

ejs__node *ejs__parse_spread(ejs__parser *p, bool in_literal)
{
    ejs__node *node = ejs__parse_node(p, NODE_SPREAD, p->token.start);
    ejs__parse_next(p);
    node->as.unary.operand =
        in_literal ? ejs__parse_assignment_cover(p) : ejs__parse_assignment(p);
    node->op = in_literal && ejs__parse_is(p, TOKEN_COMMA);
    return ejs__parse_end(p, node);
}

/* array = "[" (element | hole) ("," (element | hole))* "]" */
ejs__node *ejs__parse_array(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_ARRAY, p->token.start);
    bool no_in = ejs__parse_allow_in(p);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_next(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACKET)) {
        if (ejs__parse_accept(p, TOKEN_COMMA)) {
            ejs__parse_push(p, NULL);
            continue;
        }
        bool is_spread = ejs__parse_is(p, TOKEN_ELLIPSIS);
        ejs__node *item = is_spread ? ejs__parse_spread(p, true)
                                    : ejs__parse_assignment_cover(p);
        if (is_spread)
            ejs__parse_iterated(item->as.unary.operand);
        ejs__parse_push(p, item);
        if (!ejs__parse_is(p, TOKEN_RIGHT_BRACKET))
            ejs__parse_expect(p, TOKEN_COMMA);
    }
    ejs__parse_next(p);
    node->as.list = ejs__parse_end_list(p, mark);
    p->no_in = no_in;
    return ejs__parse_end(p, node);
}

static ejs__node *key_string(ejs__parser *p, ejs__slice text)
{
    ejs__node *node = ejs__parse_node(p, NODE_STRING, p->token.start);
    node->as.string = text;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

static ejs__node *number_key(ejs__parser *p)
{
    char digits[BASE_NUMBER_SIZE];
    check_octal(p);
    size_t size = base_number_format(p->token.number, digits);
    return key_string(p, ejs__front_intern(p->front, digits, size));
}

static ejs__node *computed_key(ejs__parser *p)
{
    bool no_in = ejs__parse_allow_in(p);
    ejs__parse_next(p);
    ejs__node *key = ejs__parse_assignment(p);
    ejs__parse_expect(p, TOKEN_RIGHT_BRACKET);
    p->no_in = no_in;
    return key;
}

/* Any word is a key, reserved or not. */
bool ejs__parse_is_word(const ejs__token *token)
{
    return token->kind == TOKEN_NAME || token->kind >= TOKEN_BREAK;
}

ejs__node *ejs__parse_property_key(ejs__parser *p, bool *computed)
{
    *computed = false;
    if (ejs__parse_is_word(&p->token))
        return key_string(p, p->token.text);
    switch (p->token.kind) {
    case TOKEN_STRING:
        check_octal(p);
        return key_string(p, p->token.text);
    case TOKEN_NUMBER:
        return number_key(p);
    case TOKEN_LEFT_BRACKET:
        *computed = true;
        return computed_key(p);
    default:
        ejs__parse_unexpected(p, &p->token);
    }
}

/* Whether the token after get, set, async or static ends a property there. */
static bool ends_key(const ejs__token *token)
{
    return token->kind == TOKEN_COMMA || token->kind == TOKEN_COLON ||
           token->kind == TOKEN_LEFT_PAREN ||
           token->kind == TOKEN_RIGHT_BRACE || token->kind == TOKEN_ASSIGN ||
           token->kind == TOKEN_END;
}

/* Notes what is an error unless the literal becomes a pattern. */
static void set_cover(ejs__parser *p, uint32_t at, const char *message)
{
    if (p->cover)
        return;
    p->cover = at + 1;
    p->cover_message = message;
}

/* { a } or { a = 1 }, the latter only as part of a pattern */
static void shorthand(ejs__parser *p, ejs__node *node, const ejs__token *token)
{
    if (token->kind != TOKEN_NAME)
        ejs__parse_unexpected(p, ejs__parse_is(p, TOKEN_COMMA) ||
                                         ejs__parse_is(p, TOKEN_RIGHT_BRACE)
                                     ? token
                                     : &p->token);
    ejs__parse_check_name(p, token->text, token->start);
    ejs__node *value = ejs__parse_node(p, NODE_NAME, token->start);
    value->as.name.text = token->text;
    value->end = token->end;
    node->as.property.kind = PROPERTY_SHORTHAND;
    node->as.property.value = value;
    if (!ejs__parse_is(p, TOKEN_ASSIGN))
        return;
    set_cover(p, p->token.start, "Invalid shorthand property initializer");
    ejs__parse_next(p);
    ejs__node *with_default = ejs__parse_node(p, NODE_ASSIGN, token->start);
    with_default->as.assign.target = value;
    with_default->as.assign.value = ejs__parse_assignment(p);
    ejs__parse_name_function(with_default->as.assign.value, token->text);
    node->as.property.value = ejs__parse_end(p, with_default);
}

static void key_and_value(ejs__parser *p, ejs__node *node)
{
    const ejs__node *key = node->as.property.key;
    ejs__parse_next(p);
    ejs__node *value = ejs__parse_assignment_cover(p);
    node->as.property.kind = PROPERTY_VALUE;
    node->as.property.value = value;
    if (!node->as.property.computed)
        ejs__parse_name_function(value, key->as.string);
}

static void method(ejs__parser *p, ejs__node *node, ejs__property_kind kind,
                   bool is_generator)
{
    ejs__method_form form = {.kind = FUNCTION_METHOD,
                             .is_generator = is_generator,
                             .super_property = true,
                             .property = (uint8_t)kind};
    node->as.property.kind = kind;
    node->as.property.value = ejs__parse_method(p, node->start, &form);
    if (!node->as.property.computed)
        ejs__parse_name_function(node->as.property.value,
                                 node->as.property.key->as.string);
}

_Noreturn void ejs__parse_fail_async(ejs__parser *p, uint32_t at,
                                     const char *what)
{
    ejs__front_fail(p->front, at,
                    "await the values before rendering and pass the results",
                    "async %s are not supported", what);
}

/* get or set as the beginning of an accessor */
static bool accessor(ejs__parser *p, ejs__node *node)
{
    const ejs__known_names *names = &p->front->names;
    bool is_get = ejs__parse_is_name(p, names->get);
    bool is_set = ejs__parse_is_name(p, names->set);
    bool is_async = ejs__parse_is_name(p, names->async);
    if (!is_get && !is_set && !is_async)
        return false;
    ejs__token next = ejs__parse_peek(p);
    if (ends_key(&next) || (is_async && next.newline_before))
        return false;
    if (is_async)
        ejs__parse_fail_async(p, p->token.start, "methods");
    ejs__parse_next(p);
    node->as.property.key =
        ejs__parse_property_key(p, &node->as.property.computed);
    method(p, node, is_get ? PROPERTY_GET : PROPERTY_SET, false);
    return true;
}

/* property = "..." assignment | accessor | "*"? key method | key ":" assignment
            | name ("=" assignment)? */
static ejs__node *property(ejs__parser *p)
{
    if (ejs__parse_is(p, TOKEN_ELLIPSIS))
        return ejs__parse_spread(p, true);
    ejs__node *node = ejs__parse_node(p, NODE_PROPERTY, p->token.start);
    if (accessor(p, node))
        return ejs__parse_end(p, node);
    bool is_generator = ejs__parse_accept(p, TOKEN_STAR);
    ejs__token token = p->token;
    node->as.property.key =
        ejs__parse_property_key(p, &node->as.property.computed);
    if (is_generator || ejs__parse_is(p, TOKEN_LEFT_PAREN))
        method(p, node, PROPERTY_METHOD, is_generator);
    else if (ejs__parse_is(p, TOKEN_COLON))
        key_and_value(p, node);
    else
        shorthand(p, node, &token);
    return ejs__parse_end(p, node);
}

static bool is_proto(const ejs__parser *p, const ejs__node *node)
{
    ejs__slice name = p->front->names.proto;
    return node->kind == NODE_PROPERTY &&
           node->as.property.kind == PROPERTY_VALUE &&
           !node->as.property.computed &&
           ejs__slice_is(node->as.property.key->as.string, name.data,
                         name.size);
}

/* Two `__proto__: x` are an error, but not in what becomes a pattern. */
static void check_proto(ejs__parser *p, ejs__list list)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        n += is_proto(p, list.items[i]);
        if (n == 2)
            set_cover(p, list.items[i]->start,
                      "Duplicate __proto__ fields are not allowed in object "
                      "literals");
    }
}

ejs__node *ejs__parse_object(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_OBJECT, p->token.start);
    bool no_in = ejs__parse_allow_in(p);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_next(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE)) {
        ejs__parse_push(p, property(p));
        if (!ejs__parse_is(p, TOKEN_RIGHT_BRACE))
            ejs__parse_expect(p, TOKEN_COMMA);
    }
    ejs__parse_next(p);
    node->as.list = ejs__parse_end_list(p, mark);
    check_proto(p, node->as.list);
    p->no_in = no_in;
    return ejs__parse_end(p, node);
}
