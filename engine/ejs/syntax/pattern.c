/* pattern.c - what names are bound to and what values are assigned to. */
#include "ejs/syntax/parse.h"

static const char invalid_target[] = "Invalid destructuring assignment target";

/* bindings: declarations and parameters ------------------------------------ */

static void check_strict_name(ejs__parser *p, ejs__slice name, uint32_t at)
{
    const ejs__known_names *names = &p->front->names;
    if (p->function->is_strict && (ejs__same_name(name, names->eval) ||
                                   ejs__same_name(name, names->arguments)))
        ejs__front_fail(p->front, at, NULL,
                        "Unexpected eval or arguments in strict mode");
}

static void check_binding_name(ejs__parser *p, ejs__slice name, uint32_t at,
                               bool lexical)
{
    ejs__parse_check_name(p, name, at);
    check_strict_name(p, name, at);
    if (lexical && ejs__same_name(name, p->front->names.let))
        ejs__front_fail(p->front, at, NULL,
                        "let is disallowed as a lexically bound name");
}

static ejs__node *binding_name(ejs__parser *p, bool lexical)
{
    if (!ejs__parse_is(p, TOKEN_NAME))
        ejs__parse_unexpected(p, &p->token);
    ejs__node *node = ejs__parse_node(p, NODE_NAME, p->token.start);
    check_binding_name(p, p->token.text, p->token.start, lexical);
    node->as.name.text = p->token.text;
    ejs__parse_next(p);
    return ejs__parse_end(p, node);
}

/* Adds `= value` to a target that was read, if it follows. */
static ejs__node *with_default(ejs__parser *p, ejs__node *target)
{
    if (!ejs__parse_accept(p, TOKEN_ASSIGN))
        return target;
    ejs__node *node = ejs__parse_node(p, NODE_DEFAULT, target->start);
    bool no_in = p->no_in;
    p->no_in = false;
    node->as.assign.target = target;
    node->as.assign.value = ejs__parse_assignment(p);
    p->no_in = no_in;
    if (target->kind == NODE_NAME)
        ejs__parse_name_function(node->as.assign.value, target->as.name.text);
    return ejs__parse_end(p, node);
}

static ejs__node *rest(ejs__parser *p, bool lexical, bool name_only)
{
    ejs__node *node = ejs__parse_node(p, NODE_REST, p->token.start);
    ejs__parse_next(p);
    node->as.unary.operand =
        name_only ? binding_name(p, lexical) : ejs__parse_binding(p, lexical);
    if (ejs__parse_is(p, TOKEN_COMMA))
        ejs__front_fail(p->front, node->start, NULL,
                        "Rest element must be last element");
    return ejs__parse_end(p, node);
}

/* "[" (binding default? | "..." binding | hole),* "]" */
static ejs__node *array_pattern(ejs__parser *p, bool lexical)
{
    ejs__node *node = ejs__parse_node(p, NODE_ARRAY_PATTERN, p->token.start);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_next(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACKET)) {
        if (ejs__parse_accept(p, TOKEN_COMMA)) {
            ejs__parse_push(p, NULL);
            continue;
        }
        ejs__parse_push(p,
                        ejs__parse_is(p, TOKEN_ELLIPSIS)
                            ? rest(p, lexical, false)
                            : with_default(p, ejs__parse_binding(p, lexical)));
        if (!ejs__parse_is(p, TOKEN_RIGHT_BRACKET))
            ejs__parse_expect(p, TOKEN_COMMA);
    }
    ejs__parse_next(p);
    node->as.list = ejs__parse_end_list(p, mark);
    return ejs__parse_end(p, node);
}

/* key ":" binding default? | name default? */
static ejs__node *property_pattern(ejs__parser *p, bool lexical)
{
    ejs__node *node = ejs__parse_node(p, NODE_PROPERTY, p->token.start);
    ejs__token token = p->token;
    node->as.property.key =
        ejs__parse_property_key(p, &node->as.property.computed);
    ejs__node *target;
    if (ejs__parse_accept(p, TOKEN_COLON)) {
        target = ejs__parse_binding(p, lexical);
        node->as.property.kind = PROPERTY_VALUE;
    } else {
        if (token.kind != TOKEN_NAME)
            ejs__parse_unexpected(p, token.kind >= TOKEN_BREAK ? &token
                                                               : &p->token);
        check_binding_name(p, token.text, token.start, lexical);
        target = ejs__parse_node(p, NODE_NAME, token.start);
        target->as.name.text = token.text;
        target->end = token.end;
        node->as.property.kind = PROPERTY_SHORTHAND;
    }
    node->as.property.value = with_default(p, target);
    return ejs__parse_end(p, node);
}

static ejs__node *object_pattern(ejs__parser *p, bool lexical)
{
    ejs__node *node = ejs__parse_node(p, NODE_OBJECT_PATTERN, p->token.start);
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_next(p);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE)) {
        ejs__parse_push(p, ejs__parse_is(p, TOKEN_ELLIPSIS)
                               ? rest(p, lexical, true)
                               : property_pattern(p, lexical));
        if (!ejs__parse_is(p, TOKEN_RIGHT_BRACE))
            ejs__parse_expect(p, TOKEN_COMMA);
    }
    ejs__parse_next(p);
    node->as.list = ejs__parse_end_list(p, mark);
    return ejs__parse_end(p, node);
}

ejs__node *ejs__parse_binding(ejs__parser *p, bool lexical)
{
    uint32_t entered = ejs__parse_enter(p);
    bool no_in = p->no_in;
    p->no_in = false;
    ejs__node *node;
    if (ejs__parse_is(p, TOKEN_LEFT_BRACKET))
        node = array_pattern(p, lexical);
    else if (ejs__parse_is(p, TOKEN_LEFT_BRACE))
        node = object_pattern(p, lexical);
    else
        node = binding_name(p, lexical);
    p->no_in = no_in;
    ejs__parse_leave(p, entered);
    return node;
}

ejs__node *ejs__parse_binding_element(ejs__parser *p)
{
    return with_default(p, ejs__parse_binding(p, false));
}

/* expressions that turn out to be patterns --------------------------------- */

/* f() = 1: as in browsers and Node, f is called and then that is an error. */
static ejs__node *call_target(ejs__parser *p, ejs__node *call,
                              const char *message)
{
    ejs__node *node = ejs__parse_node(p, NODE_INDEX, call->start);
    ejs__node *index = ejs__parse_node(p, NODE_INVALID, call->start);
    index->as.string = (ejs__slice){message, (uint32_t)strlen(message)};
    node->end = index->end = call->end;
    node->as.index.object = call;
    node->as.index.index = index;
    return node;
}

ejs__node *ejs__parse_check_target(ejs__parser *p, ejs__node *node,
                                   bool may_call, const char *message)
{
    if (node->kind == NODE_NAME) {
        check_strict_name(p, node->as.name.text, node->start);
        return node;
    }
    if (node->kind == NODE_MEMBER || node->kind == NODE_INDEX)
        return node;
    if (may_call && node->kind == NODE_CALL &&
        node->as.call.callee->kind != NODE_SUPER)
        return call_target(p, node, message);
    const char *hint = NULL;
    if (node->kind == NODE_CHAIN)
        hint = "an optional chain (?.) cannot be assigned to";
    else if (node->kind == NODE_BINARY || node->kind == NODE_LOGICAL)
        hint = "to compare, write == or ===";
    ejs__front_fail(p->front, node->start, hint, "%s", message);
}

/* One conversion serves targets, which may be members, and parameters. */
static ejs__node *convert(ejs__parser *p, ejs__node *node, bool is_parameter);

static ejs__node *convert_rest(ejs__parser *p, ejs__node *node,
                               bool is_parameter, bool in_object)
{
    ejs__node *target = node->as.unary.operand;
    if (node->kind == NODE_SPREAD && node->op)
        ejs__front_fail(p->front, node->start, NULL,
                        "Rest element must be last element");
    bool is_pattern = target->kind != NODE_NAME &&
                      target->kind != NODE_MEMBER && target->kind != NODE_INDEX;
    if (in_object && is_pattern)
        ejs__front_fail(p->front, target->start, NULL,
                        is_parameter
                            ? "`...` must be followed by an identifier in "
                              "declaration contexts"
                            : "`...` must be followed by an assignable "
                              "reference in assignment contexts");
    if (target->kind == NODE_ASSIGN || target->kind == NODE_DEFAULT)
        ejs__front_fail(p->front, target->start, NULL, "%s", invalid_target);
    node->kind = NODE_REST;
    node->as.unary.operand = convert(p, target, is_parameter);
    return node;
}

/* A target with or without a default. */
static ejs__node *convert_element(ejs__parser *p, ejs__node *node,
                                  bool is_parameter)
{
    bool is_assign = node->kind == NODE_ASSIGN && node->op == OP_NONE;
    if (node->kind != NODE_DEFAULT && !is_assign)
        return convert(p, node, is_parameter);
    if (node->parenthesized)
        ejs__front_fail(p->front, node->start, NULL, "%s", invalid_target);
    node->kind = NODE_DEFAULT;
    node->as.assign.target = convert(p, node->as.assign.target, is_parameter);
    return node;
}

static void convert_array(ejs__parser *p, ejs__node *node, bool is_parameter)
{
    ejs__list list = node->as.list;
    node->kind = NODE_ARRAY_PATTERN;
    for (uint32_t i = 0; i < list.count; i++) {
        ejs__node *item = list.items[i];
        if (!item)
            continue;
        if (item->kind != NODE_SPREAD && item->kind != NODE_REST)
            list.items[i] = convert_element(p, item, is_parameter);
        else if (i + 1 == list.count)
            convert_rest(p, item, is_parameter, false);
        else
            ejs__front_fail(p->front, item->start, NULL,
                            "Rest element must be last element");
    }
}

static void convert_property(ejs__parser *p, ejs__node *item, bool is_parameter)
{
    if (item->as.property.kind != PROPERTY_VALUE &&
        item->as.property.kind != PROPERTY_SHORTHAND)
        ejs__front_fail(p->front, item->start, NULL, "%s", invalid_target);
    if (is_parameter && item->as.property.kind == PROPERTY_VALUE &&
        (item->as.property.value->kind == NODE_MEMBER ||
         item->as.property.value->kind == NODE_INDEX))
        ejs__front_fail(p->front, item->as.property.value->start, NULL,
                        "Illegal property in declaration context");
    item->as.property.value =
        convert_element(p, item->as.property.value, is_parameter);
}

static void convert_object(ejs__parser *p, ejs__node *node, bool is_parameter)
{
    ejs__list list = node->as.list;
    node->kind = NODE_OBJECT_PATTERN;
    for (uint32_t i = 0; i < list.count; i++) {
        ejs__node *item = list.items[i];
        if (item->kind == NODE_PROPERTY)
            convert_property(p, item, is_parameter);
        else if (i + 1 == list.count)
            convert_rest(p, item, is_parameter, true);
        else
            ejs__front_fail(p->front, item->start, NULL,
                            "Rest element must be last element");
    }
}

static ejs__node *convert(ejs__parser *p, ejs__node *node, bool is_parameter)
{
    bool is_leaf = node->kind == NODE_NAME ||
                   (!is_parameter && (node->kind == NODE_MEMBER ||
                                      (node->kind == NODE_INDEX &&
                                       node->as.index.index->kind !=
                                           NODE_INVALID)));
    if (node->parenthesized && (is_parameter || !is_leaf))
        ejs__front_fail(p->front, node->start, NULL, "%s", invalid_target);
    if (is_leaf) {
        if (node->kind == NODE_NAME)
            check_strict_name(p, node->as.name.text, node->start);
        return node;
    }
    switch (node->kind) {
    case NODE_ARRAY:
    case NODE_ARRAY_PATTERN:
        convert_array(p, node, is_parameter);
        return node;
    case NODE_OBJECT:
    case NODE_OBJECT_PATTERN:
        convert_object(p, node, is_parameter);
        return node;
    default:
        ejs__front_fail(p->front, node->start, NULL, "%s", invalid_target);
    }
}

ejs__node *ejs__parse_to_target(ejs__parser *p, ejs__node *node)
{
    if (node->parenthesized &&
        (node->kind == NODE_ARRAY || node->kind == NODE_OBJECT))
        ejs__front_fail(p->front, node->start, NULL,
                        "Invalid left-hand side in assignment");
    return convert(p, node, false);
}

ejs__node *ejs__parse_to_parameter(ejs__parser *p, ejs__node *node)
{
    if (node->kind == NODE_REST)
        return node;
    return convert_element(p, node, true);
}
