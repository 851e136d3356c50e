/* declare.c - the first half of scope analysis: which names exist where. */
#include "ejs/syntax/scope.h"

/* frames ------------------------------------------------------------------- */

void ejs__scope_push(ejs__resolver *r, ejs__frame *frame, uint32_t start)
{
    memset(frame, 0, sizeof *frame);
    frame->outer = r->frame;
    frame->state = r->state;
    frame->start = start;
    r->frame = frame;
}

void ejs__scope_pop(ejs__resolver *r)
{
    ejs__frame *frame = r->frame;
    for (ejs__binding *b = frame->bindings; b; b = b->next)
        b->atom->binding = b->shadowed;
    r->frame = frame->outer;
}

/* Puts a binding into its atom's stack under those of frames inside. */
static ejs__binding *bind(ejs__resolver *r, ejs__frame *frame,
                          ejs__declared *declared)
{
    ejs__binding *binding = ejs__front_alloc(r->front, 1, sizeof *binding);
    binding->atom = ejs__atom_of(declared->variable.name);
    binding->frame = frame;
    binding->declared = declared;
    binding->next = frame->bindings;
    frame->bindings = binding;
    ejs__binding **place = &binding->atom->binding;
    for (ejs__frame *f = r->frame; f != frame; f = f->outer)
        if (*place && (*place)->frame == f)
            place = &(*place)->shadowed;
    binding->shadowed = *place;
    *place = binding;
    return binding;
}

void ejs__scope_enter(ejs__resolver *r, ejs__frame *frame, ejs__scope *scope)
{
    ejs__scope_push(r, frame, 0);
    frame->scope = scope;
    for (uint32_t i = 0; scope && i < scope->n_variables; i++)
        bind(r, frame, (ejs__declared *)scope->variables[i]);
}

ejs__binding *ejs__scope_find(const ejs__frame *frame, ejs__slice name)
{
    ejs__binding *b = ejs__atom_of(name)->binding;
    while (b && b->frame != frame)
        b = b->shadowed;
    return b;
}

static ejs__scope *scope_of(ejs__resolver *r, ejs__frame *frame)
{
    if (frame->scope)
        return frame->scope;
    ejs__scope *scope = ejs__front_alloc(r->front, 1, sizeof *scope);
    scope->function = frame->state->function;
    for (ejs__frame *f = frame->outer; f && !scope->outer; f = f->outer)
        scope->outer = f->scope;
    frame->scope = scope;
    return scope;
}

ejs__declared *ejs__scope_add(ejs__resolver *r, ejs__frame *frame,
                              ejs__slice name, ejs__variable_kind kind,
                              uint32_t at, uint32_t ready)
{
    ejs__declared *declared = ejs__front_alloc(r->front, 1, sizeof *declared);
    ejs__scope *scope = scope_of(r, frame);
    ejs__variable *variable = &declared->variable;
    variable->name = name;
    variable->kind = kind;
    variable->function = frame->state->function;
    variable->scope = scope;
    variable->slot = variable->function->n_slots++;
    declared->at = at;
    declared->ready = ready;
    scope->variables =
        ejs__front_grow(r->front, scope->variables, scope->n_variables,
                        &frame->variables_capacity, sizeof *scope->variables);
    scope->variables[scope->n_variables++] = variable;
    bind(r, frame, declared);
    return declared;
}

/* conflicts ---------------------------------------------------------------- */

static _Noreturn void fail_redeclared(ejs__resolver *r, ejs__slice name,
                                      uint32_t at)
{
    ejs__front_fail(r->front, at,
                    "use another name, or assign without let, "
                    "const or var",
                    "Identifier '%.*s' has already been declared",
                    name.size > 150 ? 150 : (int)name.size, name.data);
}

static uint32_t later(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* A let, const, class or block function: once in its block. */
static ejs__declared *add_lexical(ejs__resolver *r, ejs__frame *frame,
                                  ejs__slice name, ejs__variable_kind kind,
                                  uint32_t at, uint32_t ready)
{
    const ejs__binding *b = ejs__scope_find(frame, name);
    bool beside_params =
        frame->outer &&
        (frame->outer->is_catch ||
         (frame == frame->state->vars && frame != frame->state->params));
    if (!b && beside_params)
        b = ejs__scope_find(frame->outer, name);
    if (b)
        fail_redeclared(r, name, later(at, b->declared->at));
    ejs__declared *declared = ejs__scope_add(
        r, frame, name, kind, at, frame->is_switch ? UINT32_MAX : ready);
    declared->is_lexical = true;
    return declared;
}

/* Whether a var could stand where the frames up to the function's are. */
static const ejs__binding *var_conflict(const ejs__state *state,
                                        ejs__slice name)
{
    const ejs__binding *b = ejs__atom_of(name)->binding;
    for (; b && b->frame->state == state; b = b->shadowed) {
        const ejs__declared *declared = b->declared;
        if (declared->is_lexical && !declared->is_simple_catch)
            return b;
    }
    return NULL;
}

/* vars --------------------------------------------------------------------- */

static ejs__declared *add_var(ejs__resolver *r, ejs__slice name,
                              ejs__variable_kind kind, uint32_t at)
{
    ejs__state *state = r->state;
    const ejs__binding *b = ejs__scope_find(state->vars, name);
    if (b) {
        if (kind == VARIABLE_FUNCTION &&
            b->declared->variable.kind == VARIABLE_VAR)
            b->declared->variable.kind = kind;
        return b->declared;
    }
    ejs__declared *declared = ejs__scope_add(r, state->vars, name, kind, at, 0);
    const ejs__binding *param = state->vars != state->params
                                    ? ejs__scope_find(state->params, name)
                                    : NULL;
    if (param)
        declared->variable.initial = &param->declared->variable;
    return declared;
}

/* `var arguments` is the function's arguments object. */
static bool is_arguments_var(const ejs__resolver *r, ejs__slice name)
{
    ejs__function_kind kind = r->state->function->kind;
    return ejs__same_name(name, r->front->names.arguments) &&
           kind != FUNCTION_ARROW && kind != FUNCTION_TEMPLATE &&
           kind != FUNCTION_FIELDS;
}

static void add_arguments_var(ejs__resolver *r, uint32_t at)
{
    ejs__state *state = r->state;
    ejs__slice name = r->front->names.arguments;
    if (!ejs__scope_find(state->params, name)) {
        ejs__scope_add(r, state->params, name, VARIABLE_ARGUMENTS, at, 0);
        state->function->uses_arguments = true;
    }
    if (state->vars != state->params)
        add_var(r, name, VARIABLE_VAR, at);
}

static void declare_var(ejs__resolver *r, const ejs__node *name)
{
    ejs__slice text = name->as.name.text;
    const ejs__binding *b = var_conflict(r->state, text);
    if (b)
        fail_redeclared(r, text, later(name->start, b->declared->at));
    if (ejs__scope_is_dynamic_var(r, text))
        ejs__scope_dynamic(r, text)->is_var = true;
    else if (is_arguments_var(r, text))
        add_arguments_var(r, name->start);
    else
        add_var(r, text, VARIABLE_VAR, name->start);
}

/* patterns ----------------------------------------------------------------- */

typedef enum pattern_use {
    USE_VAR,
    USE_LEXICAL,
    USE_CATCH,
    USE_PARAMETER
} pattern_use;

typedef struct pattern_context {
    pattern_use use;
    ejs__variable_kind kind; /* lexical */
    uint32_t ready;
    bool may_repeat; /* parameters: the same name again is fine */
} pattern_context;

static void declare_parameter(ejs__resolver *r, const ejs__node *name,
                              const pattern_context *c)
{
    ejs__slice text = name->as.name.text;
    if (!ejs__scope_find(r->frame, text))
        ejs__scope_add(r, r->frame, text, VARIABLE_PARAMETER, name->start,
                       c->ready);
    else if (!c->may_repeat)
        ejs__front_fail(r->front, name->start, NULL,
                        "Duplicate parameter name not allowed in this context");
}

static void declare_leaf(ejs__resolver *r, const ejs__node *name,
                         const pattern_context *c)
{
    switch (c->use) {
    case USE_VAR:
        declare_var(r, name);
        return;
    case USE_PARAMETER:
        declare_parameter(r, name, c);
        return;
    case USE_LEXICAL:
    case USE_CATCH:
        add_lexical(r, r->frame, name->as.name.text, c->kind, name->start,
                    c->ready);
    }
}

static void declare_pattern(ejs__resolver *r, const ejs__node *node,
                            const pattern_context *c)
{
    if (!node)
        return;
    switch (node->kind) {
    case NODE_NAME:
        declare_leaf(r, node, c);
        return;
    case NODE_DEFAULT:
        declare_pattern(r, node->as.assign.target, c);
        return;
    case NODE_REST:
        declare_pattern(r, node->as.unary.operand, c);
        return;
    case NODE_PROPERTY:
        declare_pattern(r, node->as.property.value, c);
        return;
    case NODE_ARRAY_PATTERN:
    case NODE_OBJECT_PATTERN:
        for (uint32_t i = 0; i < node->as.list.count; i++)
            declare_pattern(r, node->as.list.items[i], c);
        return;
    default:
        return;
    }
}

/* lexical declarations of a block, before its statements are walked -------- */

static void add_function_node(ejs__resolver *r, ejs__frame *frame,
                              ejs__node *node)
{
    ejs__scope *scope = scope_of(r, frame);
    scope->functions =
        ejs__front_grow(r->front, scope->functions, scope->n_functions,
                        &frame->functions_capacity, sizeof *scope->functions);
    scope->functions[scope->n_functions++] = node;
}

/* Two plain functions of one name may stand in a sloppy block. */
static bool may_repeat(const ejs__resolver *r, const ejs__frame *frame,
                       ejs__slice name, const ejs__function *function)
{
    const ejs__binding *b = ejs__scope_find(frame, name);
    return b && b->declared->variable.kind == VARIABLE_FUNCTION &&
           !b->declared->is_generator && !function->is_generator &&
           !r->state->function->is_strict;
}

/*
 * Annex B.3.3: a function in a block of sloppy code is also a var of the
 * function around, unless that var would be an error or is a parameter.
 */
static void hoist_function(ejs__resolver *r, ejs__node *node)
{
    const ejs__function *function = node->as.function_declaration.function;
    ejs__slice name = function->name;
    ejs__state *state = r->state;
    const ejs__binding *own = ejs__scope_find(r->frame, name);
    const ejs__binding *b = own ? own->shadowed : ejs__atom_of(name)->binding;
    for (; b && b->frame->state == state; b = b->shadowed)
        if ((b->declared->is_lexical && !b->declared->is_simple_catch) ||
            b->declared->variable.kind == VARIABLE_PARAMETER)
            return;
    if (state->params != state->vars) {
        b = ejs__scope_find(state->params, name);
        if (b && b->declared->variable.kind == VARIABLE_PARAMETER)
            return;
    }
    ejs__ref *outer = &node->as.function_declaration.outer;
    node->as.function_declaration.has_outer = true;
    if (ejs__scope_is_dynamic_var(r, name)) {
        outer->kind = REF_DYNAMIC;
        ejs__name *dynamic = ejs__scope_dynamic(r, name);
        dynamic->is_var = dynamic->assigned = true;
        outer->index = (uint32_t)(dynamic - r->script->names);
        return;
    }
    ejs__declared *var = add_var(r, name, VARIABLE_VAR, node->start);
    var->variable.assigned = true;
    var->n_writes++;
    outer->kind = REF_LOCAL;
    outer->variable = &var->variable;
    outer->index = var->variable.slot;
}

static void declare_block_function(ejs__resolver *r, ejs__node *node)
{
    const ejs__function *function = node->as.function_declaration.function;
    add_function_node(r, r->frame, node);
    if (may_repeat(r, r->frame, function->name, function))
        return;
    ejs__declared *declared = add_lexical(r, r->frame, function->name,
                                          VARIABLE_FUNCTION, node->start, 0);
    declared->ready = 0;
    declared->is_generator = function->is_generator;
}

static void declare_lexical(ejs__resolver *r, const ejs__node *node)
{
    bool is_const = node->as.declaration.kind == DECLARE_CONST;
    ejs__list list = node->as.declaration.declarators;
    for (uint32_t i = 0; i < list.count; i++) {
        pattern_context c = {USE_LEXICAL,
                             is_const ? VARIABLE_CONST : VARIABLE_LET,
                             list.items[i]->end, false};
        declare_pattern(r, list.items[i], &c);
    }
}

static bool is_top_of_function(const ejs__resolver *r)
{
    return r->frame == r->state->vars &&
           r->state->function->kind != FUNCTION_TEMPLATE;
}

static void declare_top_function(ejs__resolver *r, ejs__node *node)
{
    ejs__slice name = node->as.function_declaration.function->name;
    add_function_node(r, r->frame, node);
    const ejs__binding *b = ejs__scope_find(r->frame, name);
    if (b && b->declared->is_lexical)
        fail_redeclared(r, name, later(node->start, b->declared->at));
    add_var(r, name, VARIABLE_FUNCTION, node->start);
}

/* One statement of a list: what it declares in the list's own scope. */
static void declare_item(ejs__resolver *r, ejs__node *node)
{
    while (node->kind == NODE_LABELED)
        node = node->as.labeled.body;
    if (node->kind == NODE_FUNCTION_DECLARATION) {
        if (is_top_of_function(r))
            declare_top_function(r, node);
        else
            declare_block_function(r, node);
    } else if (node->kind == NODE_CLASS_DECLARATION) {
        const ejs__node *class_ = node->as.class_declaration.class_;
        add_lexical(r, r->frame, class_->as.class_.name, VARIABLE_CLASS,
                    node->start, node->end);
    } else if (node->kind == NODE_DECLARATION &&
               node->as.declaration.kind != DECLARE_VAR) {
        declare_lexical(r, node);
    }
}

static void hoist_item(ejs__resolver *r, ejs__node *node)
{
    while (node->kind == NODE_LABELED)
        node = node->as.labeled.body;
    if (node->kind == NODE_FUNCTION_DECLARATION && !is_top_of_function(r) &&
        r->frame != r->state->vars && !r->state->function->is_strict &&
        !node->as.function_declaration.function->is_generator)
        hoist_function(r, node);
}

static void declare_list(ejs__resolver *r, ejs__list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        declare_item(r, list.items[i]);
    for (uint32_t i = 0; i < list.count; i++)
        hoist_item(r, list.items[i]);
}

/* statements: the blocks and vars in them
 * -------------------------------------- */

static void walk(ejs__resolver *r, ejs__node *node);

static void walk_list(ejs__resolver *r, ejs__list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        walk(r, list.items[i]);
}

static void walk_block(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    ejs__scope_push(r, &frame, node->start);
    declare_list(r, node->as.block.body);
    walk_list(r, node->as.block.body);
    ejs__scope_pop(r);
    node->as.block.scope = frame.scope;
}

static void walk_switch(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    ejs__scope_push(r, &frame, node->start);
    frame.is_switch = true;
    for (uint32_t i = 0; i < node->as.switch_.n_cases; i++)
        for (uint32_t k = 0; k < node->as.switch_.cases[i].body.count; k++)
            declare_item(r, node->as.switch_.cases[i].body.items[k]);
    for (uint32_t i = 0; i < node->as.switch_.n_cases; i++)
        for (uint32_t k = 0; k < node->as.switch_.cases[i].body.count; k++)
            hoist_item(r, node->as.switch_.cases[i].body.items[k]);
    for (uint32_t i = 0; i < node->as.switch_.n_cases; i++)
        walk_list(r, node->as.switch_.cases[i].body);
    ejs__scope_pop(r);
    node->as.switch_.scope = frame.scope;
}

static void walk_vars(ejs__resolver *r, const ejs__node *node)
{
    pattern_context c = {USE_VAR, VARIABLE_VAR, 0, true};
    ejs__list list = node->as.declaration.declarators;
    for (uint32_t i = 0; i < list.count; i++)
        declare_pattern(r, list.items[i], &c);
}

static bool is_lexical(const ejs__node *node)
{
    return node && node->kind == NODE_DECLARATION &&
           node->as.declaration.kind != DECLARE_VAR;
}

static void walk_for(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    ejs__scope_push(r, &frame, node->start);
    const ejs__node *init = node->as.for_.init;
    if (is_lexical(init))
        declare_lexical(r, init);
    else if (init && init->kind == NODE_DECLARATION)
        walk_vars(r, init);
    walk(r, node->as.for_.body);
    ejs__scope_pop(r);
    node->as.for_.scope = frame.scope;
}

static void walk_for_each(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    ejs__scope_push(r, &frame, node->start);
    const ejs__node *target = node->as.for_each.target;
    if (is_lexical(target)) {
        bool is_const = target->as.declaration.kind == DECLARE_CONST;
        pattern_context c = {USE_LEXICAL,
                             is_const ? VARIABLE_CONST : VARIABLE_LET,
                             node->as.for_each.object->end, false};
        declare_pattern(r, target->as.declaration.declarators.items[0], &c);
    } else if (target->kind == NODE_DECLARATION) {
        walk_vars(r, target);
    }
    walk(r, node->as.for_each.body);
    ejs__scope_pop(r);
    node->as.for_each.scope = frame.scope;
}

static void declare_catch(ejs__resolver *r, const ejs__node *parameter)
{
    if (!parameter)
        return;
    pattern_context c = {USE_CATCH, VARIABLE_CATCH, parameter->end, false};
    declare_pattern(r, parameter, &c);
    if (parameter->kind == NODE_NAME)
        r->frame->bindings->declared->is_simple_catch = true;
}

static void walk_try(ejs__resolver *r, ejs__node *node)
{
    walk(r, node->as.try_.block);
    if (node->as.try_.handler) {
        ejs__frame frame;
        ejs__scope_push(r, &frame, node->as.try_.handler->start);
        declare_catch(r, node->as.try_.parameter);
        frame.is_catch = true;
        walk(r, node->as.try_.handler);
        ejs__scope_pop(r);
        node->as.try_.scope = frame.scope;
    }
    if (node->as.try_.finalizer)
        walk(r, node->as.try_.finalizer);
}

static void walk(ejs__resolver *r, ejs__node *node)
{
    for (; node->kind == NODE_IF; node = node->as.conditional.no) {
        walk(r, node->as.conditional.yes);
        if (!node->as.conditional.no)
            return;
    }
    switch (node->kind) {
    case NODE_DECLARATION:
        if (!is_lexical(node))
            walk_vars(r, node);
        return;
    case NODE_FOR:
        walk_for(r, node);
        return;
    case NODE_FOR_IN:
    case NODE_FOR_OF:
        walk_for_each(r, node);
        return;
    case NODE_WHILE:
    case NODE_DO:
        walk(r, node->as.loop.body);
        return;
    case NODE_TRY:
        walk_try(r, node);
        return;
    case NODE_SWITCH:
        walk_switch(r, node);
        return;
    case NODE_LABELED:
        walk(r, node->as.labeled.body);
        return;
    case NODE_BLOCK:
        walk_block(r, node);
        return;
    default:
        return;
    }
}

/* functions
 * --------------------------------------------------------------------- */

static void declare_parameters(ejs__resolver *r, const ejs__function *function)
{
    bool repeat = function->has_simple_params && !function->is_strict &&
                  function->kind == FUNCTION_NORMAL;
    for (uint32_t i = 0; i < function->params.count; i++) {
        const ejs__node *param = function->params.items[i];
        uint32_t ready = function->has_simple_params ? 0 : param->end;
        pattern_context c = {USE_PARAMETER, VARIABLE_PARAMETER, ready, repeat};
        declare_pattern(r, param, &c);
    }
}

/* The name of a function expression, unless something else hides it. */
static void declare_own_name(ejs__resolver *r, ejs__state *state)
{
    const ejs__function *function = state->function;
    if (function->binds_own_name &&
        !ejs__scope_find(state->params, function->name))
        ejs__scope_add(r, state->params, function->name, VARIABLE_SELF,
                       function->start, 0);
}

/* Whether the body has a name that hides the parameters' `arguments`. */
static bool hides_arguments(const ejs__resolver *r,
                            const ejs__function *function)
{
    ejs__slice name = r->front->names.arguments;
    for (uint32_t i = 0; i < function->body.count; i++) {
        const ejs__node *node = function->body.items[i];
        if (node->kind == NODE_FUNCTION_DECLARATION &&
            ejs__same_name(node->as.function_declaration.function->name, name))
            return true;
        if (node->kind != NODE_DECLARATION)
            continue;
        ejs__list list = node->as.declaration.declarators;
        for (uint32_t k = 0; k < list.count; k++) {
            const ejs__node *target = list.items[k]->as.assign.target;
            if (target->kind == NODE_NAME &&
                ejs__same_name(target->as.name.text, name))
                return true;
        }
    }
    return false;
}

static bool needs_body_scope(const ejs__resolver *r,
                             const ejs__function *function)
{
    return !function->has_simple_params &&
           (function->has_parameter_closure || hides_arguments(r, function));
}

void ejs__scope_declare(ejs__resolver *r, ejs__state *state)
{
    ejs__function *function = state->function;
    ejs__frame params, body;
    ejs__list list = function->params;
    uint32_t start =
        list.count ? list.items[list.count - 1]->end : function->start;
    ejs__scope_push(r, &params, start);
    state->params = state->vars = &params;
    function->scope = scope_of(r, &params);
    declare_parameters(r, function);
    if (needs_body_scope(r, function)) {
        ejs__scope_push(r, &body, start);
        state->vars = &body;
        function->body_scope = scope_of(r, &body);
    }
    declare_list(r, function->body);
    walk_list(r, function->body);
    declare_own_name(r, state);
    if (state->vars != &params)
        ejs__scope_pop(r);
    ejs__scope_pop(r);
    state->params = state->vars = NULL;
}
