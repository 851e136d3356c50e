/* expression.c - expressions, from the comma down to names and literals. */
#include <stdio.h>

#include "base/number.h"
#include "ejs/syntax/parse.h"

static ejs__node *unary(ejs__parser *p);
static ejs__node *primary(ejs__parser *p);

/* Brackets switch `in` on again; returns what to restore. */
static bool allow_in(ejs__parser *p)
{
    bool no_in = p->no_in;
    p->no_in = false;
    return no_in;
}

/* An arrow function is not an operand: nothing may follow it. */
static bool is_arrow(const ejs__node *node)
{
    return node->kind == NODE_FUNCTION && !node->parenthesized &&
           node->as.function->kind == FUNCTION_ARROW;
}

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

/* names ---------------------------------------------------------------------
 */

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

/* arrow functions ------------------------------------------------------------
 */

static bool at_arrow(const ejs__parser *p)
{
    return ejs__parse_is(p, TOKEN_ARROW) && !p->token.newline_before;
}

static _Noreturn void fail_parameters(ejs__parser *p, uint32_t at)
{
    ejs__front_fail(p->front, at, "the arrow function needs (parentheses) here",
                    "Malformed arrow function parameter list");
}

/* name or name => body */
static ejs__node *name_or_arrow(ejs__parser *p)
{
    bool may_be_arrow = p->arrow_at == p->token.start;
    ejs__node *node = name(p);
    if (!at_arrow(p))
        return node;
    if (!may_be_arrow)
        fail_parameters(p, node->start);
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

static ejs__node *comma_node(ejs__parser *p, ejs__list list)
{
    ejs__node *node = ejs__parse_node(p, NODE_COMMA, list.items[0]->start);
    node->as.list = list;
    node->end = list.items[list.count - 1]->end;
    return node;
}

/* "(" expression ")" or the parameters of an arrow function */
static ejs__node *parenthesized(ejs__parser *p)
{
    uint32_t start = p->token.start;
    bool may_be_arrow = p->arrow_at == start;
    bool no_in = allow_in(p);
    ejs__parse_next(p);
    paren_list list = parenthesized_list(p, may_be_arrow);
    p->no_in = no_in;
    if (at_arrow(p)) {
        if (!may_be_arrow)
            fail_parameters(p, start);
        return ejs__parse_arrow(p, start, to_parameters(p, start, list.items));
    }
    if (list.only_arrow)
        ejs__parse_unexpected(p, ejs__parse_is(p, TOKEN_ARROW) ? &p->token
                                                               : &list.last);
    ejs__node *node =
        list.items.count == 1 ? list.items.items[0] : comma_node(p, list.items);
    node->parenthesized = true;
    return node;
}

/* literals -------------------------------------------------------------------
 */

static ejs__node *number(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_NUMBER, p->token.start);
    check_octal(p);
    node->as.number = p->token.number;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

static ejs__node *string(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_STRING, p->token.start);
    check_octal(p);
    node->as.string = p->token.text;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

static ejs__node *keyword(ejs__parser *p, ejs__node_kind kind)
{
    ejs__node *node = ejs__parse_node(p, kind, p->token.start);
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

static ejs__node *regexp(ejs__parser *p)
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
static ejs__node *template_literal(ejs__parser *p, ejs__node *tag)
{
    ejs__node *node =
        ejs__parse_node(p, NODE_TEMPLATE, tag ? tag->start : p->token.start);
    chunks c = {0};
    uint32_t mark = ejs__parse_begin_list(p);
    bool no_in = allow_in(p);
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

/* arrays and objects ---------------------------------------------------------
 */

/* "..." assignment; as a call's argument, or in a literal that may turn out
   to be a pattern: then op is 1 when a comma follows, which no rest may have */
static ejs__node *spread(ejs__parser *p, bool in_literal)
{
    ejs__node *node = ejs__parse_node(p, NODE_SPREAD, p->token.start);
    ejs__parse_next(p);
    node->as.unary.operand =
        in_literal ? ejs__parse_assignment_cover(p) : ejs__parse_assignment(p);
    node->op = in_literal && ejs__parse_is(p, TOKEN_COMMA);
    return ejs__parse_end(p, node);
}

/* array = "[" (element | hole) ("," (element | hole))* "]" */
static ejs__node *array(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_ARRAY, p->token.start);
    bool no_in = allow_in(p);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_next(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACKET)) {
        if (ejs__parse_accept(p, TOKEN_COMMA)) {
            ejs__parse_push(p, NULL);
            continue;
        }
        bool is_spread = ejs__parse_is(p, TOKEN_ELLIPSIS);
        ejs__parse_push(p, is_spread ? spread(p, true)
                                     : ejs__parse_assignment_cover(p));
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
    bool no_in = allow_in(p);
    ejs__parse_next(p);
    ejs__node *key = ejs__parse_assignment(p);
    ejs__parse_expect(p, TOKEN_RIGHT_BRACKET);
    p->no_in = no_in;
    return key;
}

/* Any word is a key, reserved or not. */
static bool is_word(const ejs__token *token)
{
    return token->kind == TOKEN_NAME || token->kind >= TOKEN_BREAK;
}

ejs__node *ejs__parse_property_key(ejs__parser *p, bool *computed)
{
    *computed = false;
    if (is_word(&p->token))
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

static _Noreturn void fail_async(ejs__parser *p, uint32_t at, const char *what)
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
        fail_async(p, p->token.start, "methods");
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
        return spread(p, true);
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

static ejs__node *object(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_OBJECT, p->token.start);
    bool no_in = allow_in(p);
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

/* calls and members ----------------------------------------------------------
 */

static ejs__list arguments(ejs__parser *p)
{
    bool no_in = allow_in(p);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_expect(p, TOKEN_LEFT_PAREN);
    while (!ejs__parse_is(p, TOKEN_RIGHT_PAREN)) {
        ejs__parse_push(p, ejs__parse_is(p, TOKEN_ELLIPSIS)
                               ? spread(p, false)
                               : ejs__parse_assignment(p));
        if (ejs__parse_is(p, TOKEN_RIGHT_PAREN))
            break;
        if (ejs__parse_is(p, TOKEN_ERROR) || ejs__parse_is(p, TOKEN_END))
            ejs__parse_unexpected(p, &p->token);
        if (!ejs__parse_accept(p, TOKEN_COMMA))
            ejs__parse_missing_paren(p);
    }
    ejs__parse_next(p);
    p->no_in = no_in;
    return ejs__parse_end_list(p, mark);
}

static ejs__node *call(ejs__parser *p, ejs__node *callee, bool optional)
{
    ejs__node *node = ejs__parse_node(p, NODE_CALL, callee->start);
    node->as.call.callee = callee;
    node->as.call.optional = optional;
    node->as.call.args = arguments(p);
    return ejs__parse_end(p, node);
}

static ejs__node *index_(ejs__parser *p, ejs__node *object_, bool optional)
{
    ejs__node *node = ejs__parse_node(p, NODE_INDEX, object_->start);
    bool no_in = allow_in(p);
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
        node->as.member.name = ejs__parse_private_name(p);
        return ejs__parse_end(p, node);
    }
    if (!is_word(&p->token))
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
        return template_literal(p, node);
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
    if (is_arrow(callee))
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
        fail_async(p, p->token.start, "functions");
    if (next.kind == TOKEN_NAME && p->arrow_at == p->token.start) {
        ejs__lexer saved = p->lexer;
        ejs__token after;
        ejs__lex_next(&p->lexer, &next);
        ejs__lex_next(&p->lexer, &after);
        p->lexer = saved;
        if (after.kind == TOKEN_ARROW && !after.newline_before)
            fail_async(p, p->token.start, "functions");
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
        return number(p);
    case TOKEN_STRING:
        return string(p);
    case TOKEN_TEMPLATE:
        return template_literal(p, NULL);
    case TOKEN_SLASH:
    case TOKEN_ASSIGN_DIV:
        return regexp(p);
    case TOKEN_LEFT_PAREN:
        return parenthesized(p);
    case TOKEN_LEFT_BRACKET:
        return array(p);
    case TOKEN_LEFT_BRACE:
        return object(p);
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
        fail_async(p, node->start, "functions");
}

ejs__node *ejs__parse_left_hand(ejs__parser *p)
{
    ejs__node *node = primary(p);
    if (is_arrow(node))
        return node;
    node = links(p, node, false);
    check_async_arrow(p, node);
    return node;
}

/* operators ------------------------------------------------------------------
 */

static ejs__node *update(ejs__parser *p, ejs__node *operand, uint32_t start,
                         bool prefix)
{
    ejs__node *node = ejs__parse_node(p, NODE_UPDATE, start);
    node->as.unary.prefix = prefix;
    if (prefix) {
        node->op = ejs__parse_is(p, TOKEN_INCREMENT) ? OP_INC : OP_DEC;
        ejs__parse_next(p);
        operand = unary(p);
        ejs__parse_check_target(
            p, operand,
            "Invalid left-hand side expression in prefix operation");
    } else {
        ejs__parse_check_target(
            p, operand,
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
    if (is_arrow(node) || p->token.newline_before)
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
    node->as.member.name = ejs__parse_private_name(p);
    if (!ejs__parse_is(p, TOKEN_IN) || p->no_in || lowest > 8)
        ejs__parse_unexpected(p, &token);
    return ejs__parse_end(p, node);
}

/* binary = unary (operator binary)*, for operators that bind at least so */
static ejs__node *binary(ejs__parser *p, uint8_t lowest)
{
    ejs__node *left =
        ejs__parse_is(p, TOKEN_PRIVATE_NAME) ? private_in(p, lowest) : unary(p);
    if (is_arrow(left))
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
    if (is_arrow(test) || !ejs__parse_is(p, TOKEN_QUESTION))
        return test;
    ejs__node *node = ejs__parse_node(p, NODE_CONDITIONAL, test->start);
    node->as.conditional.test = test;
    ejs__parse_next(p);
    bool no_in = allow_in(p);
    node->as.conditional.yes = ejs__parse_assignment(p);
    p->no_in = no_in;
    ejs__parse_expect(p, TOKEN_COLON);
    node->as.conditional.no = ejs__parse_assignment(p);
    return ejs__parse_end(p, node);
}

/* assignment -----------------------------------------------------------------
 */

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
        ejs__parse_check_target(p, left,
                                "Invalid left-hand side in assignment");
    }
    ejs__parse_next(p);
    node->as.assign.target = left;
    node->as.assign.value = ejs__parse_assignment(p);
    bool may_name = op == OP_NONE || (op >= OP_AND && op <= OP_NULLISH);
    if (left->kind == NODE_NAME && !left->parenthesized && may_name)
        ejs__parse_name_function(node->as.assign.value, left->as.name.text);
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
    if (is_arrow(left) || !assignment_operator(p, &op))
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

ejs__node *ejs__parse_comma(ejs__parser *p, ejs__node *first)
{
    if (!ejs__parse_is(p, TOKEN_COMMA))
        return first;
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_push(p, first);
    while (ejs__parse_accept(p, TOKEN_COMMA))
        ejs__parse_push(p, ejs__parse_assignment(p));
    return comma_node(p, ejs__parse_end_list(p, mark));
}

ejs__node *ejs__parse_expression(ejs__parser *p)
{
    return ejs__parse_comma(p, ejs__parse_assignment(p));
}
