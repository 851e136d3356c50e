/* function.c - functions, methods and arrows: parameters, body, strictness. */
#include "ejs/syntax/parse.h"

ejs__function *ejs__parse_begin_function(ejs__parser *p,
                                         ejs__function_context *context,
                                         ejs__function_kind kind,
                                         uint32_t start)
{
    const ejs__function_context *outer = p->function;
    ejs__function *function = ejs__front_alloc(p->front, 1, sizeof *function);
    memset(context, 0, sizeof *context);
    function->kind = kind;
    function->start = start;
    p->last_function = start;
    context->outer = p->function;
    context->function = function;
    context->is_strict = outer && outer->is_strict;
    if (kind == FUNCTION_ARROW) {
        context->super_property = outer->super_property;
        context->super_call = outer->super_call;
        context->in_class_field = outer->in_class_field;
    }
    p->function = context;
    return function;
}

void ejs__parse_end_function(ejs__parser *p, ejs__function_context *context)
{
    context->function->is_strict = context->is_strict;
    context->function->is_generator = context->is_generator;
    p->function = context->outer;
}

/* parameters --------------------------------------------------------------- */

static ejs__node *rest_parameter(ejs__parser *p)
{
    ejs__node *node = ejs__parse_node(p, NODE_REST, p->token.start);
    ejs__parse_next(p);
    node->as.unary.operand = ejs__parse_binding(p, false);
    if (ejs__parse_is(p, TOKEN_ASSIGN))
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Rest parameter may not have a default initializer");
    if (!ejs__parse_is(p, TOKEN_RIGHT_PAREN))
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Rest parameter must be last formal parameter");
    return ejs__parse_end(p, node);
}

/* parameters = "(" (element ("," element)* ","?)? ")" */
static ejs__list parameters(ejs__parser *p)
{
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_expect(p, TOKEN_LEFT_PAREN);
    while (!ejs__parse_is(p, TOKEN_RIGHT_PAREN)) {
        bool is_rest = ejs__parse_is(p, TOKEN_ELLIPSIS);
        ejs__parse_push(p, is_rest ? rest_parameter(p)
                                   : ejs__parse_binding_element(p));
        if (ejs__parse_is(p, TOKEN_RIGHT_PAREN))
            break;
        ejs__parse_expect(p, TOKEN_COMMA);
    }
    ejs__parse_next(p);
    return ejs__parse_end_list(p, mark);
}

static void set_parameters(ejs__parser *p, ejs__function *function,
                           ejs__list params)
{
    function->params = params;
    function->has_parameter_closure = p->last_function > function->start;
    function->has_simple_params = true;
    uint32_t length = params.count;
    for (uint32_t i = params.count; i-- > 0;) {
        uint8_t kind = params.items[i]->kind;
        if (kind != NODE_NAME)
            function->has_simple_params = false;
        if (kind == NODE_DEFAULT || kind == NODE_REST)
            length = i;
    }
    function->length = length;
}

/* Names that were fine until the body turned out to be strict. */
static void check_strict_name(ejs__parser *p, ejs__slice name, uint32_t at)
{
    const ejs__known_names *names = &p->front->names;
    const char *message = NULL;
    if (ejs__same_name(name, names->eval) ||
        ejs__same_name(name, names->arguments))
        message = "Unexpected eval or arguments in strict mode";
    else if (name.size > 0 && ejs__atom_of(name)->strict_reserved)
        message = "Unexpected strict mode reserved word";
    if (message)
        ejs__front_fail(p->front, at, NULL, "%s", message);
}

/* After the body: what `'use strict'` in it says about what was before. */
static void check_directive(ejs__parser *p, ejs__function *function)
{
    if (!function->has_simple_params)
        ejs__front_fail(p->front, function->start, NULL,
                        "Illegal 'use strict' directive in function with "
                        "non-simple parameter list");
    if (function->has_own_name)
        check_strict_name(p, function->name, function->start);
    for (uint32_t i = 0; i < function->params.count; i++) {
        const ejs__node *param = function->params.items[i];
        check_strict_name(p, param->as.name.text, param->start);
    }
}

/* bodies ------------------------------------------------------------------- */

/* "{" directives statements "}" */
static void function_body(ejs__parser *p, ejs__function *function)
{
    bool use_strict = false, no_in = p->no_in;
    p->no_in = false;
    ejs__parse_expect(p, TOKEN_LEFT_BRACE);
    function->body = ejs__parse_body(p, &use_strict);
    ejs__parse_expect(p, TOKEN_RIGHT_BRACE);
    p->no_in = no_in;
    function->end = p->previous_end;
    if (use_strict)
        check_directive(p, function);
}

static void parameters_and_body(ejs__parser *p, ejs__function_context *context)
{
    bool no_in = p->no_in;
    uint32_t cover = p->cover;
    p->no_in = false;
    p->cover = 0;
    context->in_parameters = context->is_generator;
    set_parameters(p, context->function, parameters(p));
    context->in_parameters = false;
    function_body(p, context->function);
    p->no_in = no_in;
    p->cover = cover;
}

/* The name of a function; an expression's belongs to the function itself. */
static void function_name(ejs__parser *p, ejs__function *function,
                          bool declaration, bool is_generator)
{
    const ejs__known_names *names = &p->front->names;
    if (!ejs__parse_is(p, TOKEN_NAME)) {
        if (!declaration && ejs__parse_is(p, TOKEN_LEFT_PAREN))
            return;
        if (ejs__parse_is(p, TOKEN_LEFT_PAREN))
            ejs__front_fail(p->front, p->token.start, NULL,
                            "Function statements require a function name");
        ejs__parse_unexpected(p, &p->token);
    }
    ejs__slice name = p->token.text;
    if (!declaration && is_generator && ejs__same_name(name, names->yield))
        ejs__parse_unexpected(p, &p->token);
    bool is_free =
        ejs__same_name(name, names->await) ||
        (ejs__same_name(name, names->yield) && !p->function->is_strict);
    if (declaration || !is_free)
        ejs__parse_check_name(p, name, p->token.start);
    if (p->function->is_strict)
        check_strict_name(p, name, p->token.start);
    function->name = name;
    function->has_own_name = true;
    function->binds_own_name = !declaration;
    ejs__parse_next(p);
}

/* function = "function" "*"? name? parameters body */
ejs__function *ejs__parse_function(ejs__parser *p, bool declaration)
{
    ejs__function_context context;
    uint32_t start = p->token.start;
    if (p->token.escaped)
        ejs__parse_unexpected(p, &p->token);
    ejs__parse_next(p);
    bool is_generator = ejs__parse_accept(p, TOKEN_STAR);
    ejs__function *function =
        ejs__parse_begin_function(p, &context, FUNCTION_NORMAL, start);
    p->function = context.outer; /* the name is read in the outer function */
    function_name(p, function, declaration, is_generator);
    p->function = &context;
    context.is_generator = is_generator;
    parameters_and_body(p, &context);
    ejs__parse_end_function(p, &context);
    return function;
}

static void check_accessor(ejs__parser *p, const ejs__function *function,
                           uint8_t property)
{
    uint32_t n = function->params.count;
    const char *message = NULL;
    if (property == PROPERTY_GET && n != 0)
        message = "Getter must not have any formal parameters.";
    else if (property == PROPERTY_SET && n != 1)
        message = "Setter must have exactly one formal parameter.";
    else if (property == PROPERTY_SET &&
             function->params.items[0]->kind == NODE_REST)
        message = "Setter function argument must not be a rest parameter";
    if (message)
        ejs__front_fail(p->front, function->start, NULL, "%s", message);
}

ejs__node *ejs__parse_method(ejs__parser *p, uint32_t start,
                             const ejs__method_form *form)
{
    ejs__function_context context;
    ejs__node *node = ejs__parse_node(p, NODE_FUNCTION, start);
    ejs__function *function =
        ejs__parse_begin_function(p, &context, form->kind, start);
    node->as.function = function;
    context.is_generator = form->is_generator;
    context.super_property = form->super_property;
    context.super_call = form->super_call;
    parameters_and_body(p, &context);
    check_accessor(p, function, form->property);
    ejs__parse_end_function(p, &context);
    return ejs__parse_end(p, node);
}

/* arrow = parameters "=>" (body | assignment) */
ejs__node *ejs__parse_arrow(ejs__parser *p, uint32_t start, ejs__list params)
{
    ejs__function_context context;
    ejs__node *node = ejs__parse_node(p, NODE_FUNCTION, start);
    uint32_t last_function = p->last_function;
    ejs__function *function =
        ejs__parse_begin_function(p, &context, FUNCTION_ARROW, start);
    node->as.function = function;
    p->last_function = last_function; /* of those in the parameters */
    set_parameters(p, function, params);
    if (last_function < start)
        p->last_function = start;
    ejs__parse_expect(p, TOKEN_ARROW);
    if (ejs__parse_is(p, TOKEN_LEFT_BRACE)) {
        function_body(p, function);
    } else {
        ejs__node *value = ejs__parse_node(p, NODE_RETURN, p->token.start);
        uint32_t mark = ejs__parse_begin_list(p);
        value->as.unary.operand = ejs__parse_assignment(p);
        ejs__parse_push(p, ejs__parse_end(p, value));
        function->body = ejs__parse_end_list(p, mark);
        function->end = p->previous_end;
    }
    ejs__parse_end_function(p, &context);
    return ejs__parse_end(p, node);
}

void ejs__parse_name_function(ejs__node *value, ejs__slice name)
{
    ejs__function *function = NULL;
    if (value->kind == NODE_FUNCTION)
        function = value->as.function;
    else if (value->kind == NODE_CLASS && value->as.class_.name.size == 0)
        function = value->as.class_.constructor;
    if (function && !function->has_own_name && function->name.size == 0)
        function->name = name;
}
