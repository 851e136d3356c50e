/*
 * scope.c - the second half of scope analysis: what each name refers to.
 *
 * A reference needs a check for the temporal dead zone unless it certainly runs
 * after the declaration did.  Within one function that is so for whatever
 * stands after it in the text: a block is entered at its start, and nothing
 * jumps into the middle of one but a switch.  From an inner function, what
 * counts is where that function may first be called: where it is written, or,
 * hoisted, at the start of its block.
 */
#include "ejs/syntax/scope.h"

static void resolve(ejs__resolver *r, ejs__node *node);

static void resolve_list(ejs__resolver *r, ejs__list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        if (list.items[i])
            resolve(r, list.items[i]);
}

static void resolve_optional(ejs__resolver *r, ejs__node *node)
{
    if (node)
        resolve(r, node);
}

/* dynamic names
 * ---------------------------------------------------------------- */

/* A name that EJS itself gives the template. */
static bool is_own_name(const ejs__resolver *r, ejs__slice name)
{
    static const char *const own[] = {
        "escapeFn", "include", "rethrow", "arguments",  "__output",
        "__append", "__line",  "__lines", "__filename", "__locals",
    };
    const ejs__syntax_options *options = &r->script->options;
    const char *locals = options->locals_name;
    const char *output = options->output_function_name;
    if (ejs__slice_is(name, locals, strlen(locals)) ||
        (output && ejs__slice_is(name, output, strlen(output))))
        return true;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (ejs__slice_is(name, own[i], strlen(own[i])))
            return true;
    return false;
}

ejs__name *ejs__scope_dynamic(ejs__resolver *r, ejs__slice name)
{
    ejs__atom *atom = ejs__atom_of(name);
    ejs__script *script = r->script;
    if (atom->dynamic)
        return &script->names[atom->dynamic - 1];
    script->names = ejs__front_grow(r->front, script->names, script->n_names,
                                    &r->names_capacity, sizeof *script->names);
    script->names[script->n_names++] =
        (ejs__name){.text = name, .is_own = is_own_name(r, name)};
    atom->dynamic = script->n_names;
    return &script->names[script->n_names - 1];
}

bool ejs__scope_is_dynamic_var(const ejs__resolver *r, ejs__slice name)
{
    return r->state->function->kind == FUNCTION_TEMPLATE &&
           (r->script->with_locals || is_own_name(r, name));
}

static void refer_dynamic(ejs__resolver *r, ejs__slice name, ejs__ref *ref,
                          bool is_write)
{
    ref->kind = REF_DYNAMIC;
    ejs__name *dynamic = ejs__scope_dynamic(r, name);
    ref->index = (uint32_t)(dynamic - r->script->names);
    if (!is_write)
        return;
    dynamic->assigned = true;
    dynamic->is_var = dynamic->is_var || dynamic->is_own;
}

/* references
 * ------------------------------------------------------------------- */

/* The function around that has its own `this` and `arguments`. */
static ejs__state *own_state(ejs__state *state)
{
    while (state->function->kind == FUNCTION_ARROW)
        state = state->outer;
    return state;
}

/* The cell of a variable of a function further out, as seen in `state`. */
static uint32_t capture(ejs__resolver *r, ejs__state *state,
                        ejs__variable *variable)
{
    ejs__function *function = state->function;
    for (uint32_t i = 0; i < function->n_upvalues; i++)
        if (function->upvalues[i].variable == variable)
            return i;
    ejs__upvalue upvalue = {.variable = variable};
    upvalue.from_parent_slot = variable->function == state->outer->function;
    upvalue.index = upvalue.from_parent_slot
                        ? variable->slot
                        : capture(r, state->outer, variable);
    function->upvalues =
        ejs__front_grow(r->front, function->upvalues, function->n_upvalues,
                        &state->upvalues_capacity, sizeof upvalue);
    function->upvalues[function->n_upvalues] = upvalue;
    variable->captured = true;
    variable->scope->has_captured = true;
    return function->n_upvalues++;
}

static void refer_upvalue(ejs__resolver *r, ejs__binding *binding,
                          ejs__ref *ref)
{
    if (binding->seen_from != r->state->function) {
        binding->upvalue = capture(r, r->state, &binding->declared->variable);
        binding->seen_from = r->state->function;
    }
    ref->kind = REF_UPVALUE;
    ref->index = binding->upvalue;
}

/* From where on code at `at` can run, seen from the variable's function. */
static uint32_t runs_from(const ejs__resolver *r, const ejs__variable *variable,
                          uint32_t at)
{
    for (const ejs__state *s = r->state; s->function != variable->function;
         s = s->outer)
        at = s->position;
    return at;
}

static void refer_static(ejs__resolver *r, ejs__binding *binding, ejs__ref *ref)
{
    ejs__variable *variable = &binding->declared->variable;
    ref->variable = variable;
    if (variable->function == r->state->function) {
        ref->kind = REF_LOCAL;
        ref->index = variable->slot;
        return;
    }
    refer_upvalue(r, binding, ref);
}

/* `arguments`: the innermost proper function's, unless it is hidden. */
static ejs__binding *arguments_binding(ejs__resolver *r, ejs__binding *found)
{
    ejs__state *own = own_state(r->state);
    if (own->function->kind == FUNCTION_TEMPLATE ||
        own->function->kind == FUNCTION_FIELDS)
        return found;
    for (ejs__state *s = r->state; found && s != own->outer; s = s->outer)
        if (found->frame->state == s)
            return found;
    ejs__slice name = r->front->names.arguments;
    own->function->uses_arguments = true;
    ejs__scope_add(r, own->params, name, VARIABLE_ARGUMENTS,
                   own->function->start, 0);
    return ejs__scope_find(own->params, name);
}

typedef enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_INITIALIZE } access;

static void note_use(ejs__declared *d, uint32_t at, bool writes)
{
    const bool first = !d->last_use && !d->first_use;
    if (first || at < d->first_use)
        d->first_use = at;
    if (at > d->last_use)
        d->last_use = at;
    d->n_writes += writes;
}

static void refer(ejs__resolver *r, ejs__slice name, uint32_t at, ejs__ref *ref,
                  access how)
{
    ejs__binding *binding = ejs__atom_of(name)->binding;
    if (ejs__same_name(name, r->front->names.arguments))
        binding = arguments_binding(r, binding);
    if (!binding) {
        refer_dynamic(r, name, ref, how != ACCESS_READ);
        return;
    }
    refer_static(r, binding, ref);
    ejs__variable *variable = ref->variable;
    note_use(binding->declared, at, how != ACCESS_READ);
    if (how == ACCESS_WRITE ||
        (how == ACCESS_INITIALIZE && variable->kind == VARIABLE_VAR))
        variable->assigned = true;
    if (how == ACCESS_INITIALIZE)
        return;
    variable->n_reads++;
    if (runs_from(r, variable, at) < binding->declared->ready)
        ref->check_tdz = variable->needs_tdz = true;
}

/* The object of a member expression; NULL: it is none. */
static const ejs__node *object_of(const ejs__node *node)
{
    return node->kind == NODE_MEMBER  ? node->as.member.object
           : node->kind == NODE_INDEX ? node->as.index.object
                                      : NULL;
}

/* The node's value may be changed where we cannot see it. */
static void leak_arguments(const ejs__node *node)
{
    if (!node || node->kind != NODE_NAME)
        return;
    const ejs__variable *variable = node->as.name.ref.variable;
    if (variable && variable->kind == VARIABLE_ARGUMENTS)
        variable->function->leaks_arguments = true;
}

/* Reading a member of `arguments` is not a leak. */
/* Reads a name; where it is dynamic, gives it. */
static ejs__name *read_name(ejs__resolver *r, ejs__node *node)
{
    refer(r, node->as.name.text, node->start, &node->as.name.ref, ACCESS_READ);
    if (node->as.name.ref.kind != REF_DYNAMIC)
        return NULL;
    ejs__name *name = &r->script->names[node->as.name.ref.index];
    if (!name->read)
        name->read = node;
    return name;
}

static void resolve_object(ejs__resolver *r, ejs__node *node)
{
    if (node && node->kind == NODE_NAME)
        read_name(r, node);
    else
        resolve_optional(r, node);
}

/* targets
 * ---------------------------------------------------------------------- */

static void resolve_target(ejs__resolver *r, ejs__node *node, access how)
{
    if (!node)
        return;
    switch (node->kind) {
    case NODE_NAME:
        refer(r, node->as.name.text, node->start, &node->as.name.ref, how);
        return;
    case NODE_DEFAULT:
        resolve_target(r, node->as.assign.target, how);
        resolve_optional(r, node->as.assign.value);
        return;
    case NODE_REST:
        resolve_target(r, node->as.unary.operand, how);
        return;
    case NODE_PROPERTY:
        if (node->as.property.computed)
            resolve(r, node->as.property.key);
        resolve_target(r, node->as.property.value, how);
        return;
    case NODE_ARRAY_PATTERN:
    case NODE_OBJECT_PATTERN:
        for (uint32_t i = 0; i < node->as.list.count; i++)
            resolve_target(r, node->as.list.items[i], how);
        return;
    default:
        resolve(r, node);
        leak_arguments(object_of(node));
    }
}

/* `var x` alone neither reads nor writes; `let x` makes it undefined. */
static void resolve_declaration(ejs__resolver *r, ejs__node *node,
                                bool in_for_each)
{
    ejs__list list = node->as.declaration.declarators;
    bool is_var = node->as.declaration.kind == DECLARE_VAR;
    for (uint32_t i = 0; i < list.count; i++) {
        ejs__node *target = list.items[i]->as.assign.target;
        ejs__node *value = list.items[i]->as.assign.value;
        bool is_write = value || in_for_each;
        if (is_var && !is_write)
            resolve_target(r, target, ACCESS_READ);
        else
            resolve_target(r, target, ACCESS_INITIALIZE);
        resolve_optional(r, value);
        if (value && !in_for_each)
            ejs__infer_store(r, target, value);
    }
}

/* scopes
 * ----------------------------------------------------------------------- */

static void enter_scope(ejs__resolver *r, ejs__frame *frame, ejs__scope *scope,
                        uint32_t start)
{
    ejs__scope_enter(r, frame, scope);
    frame->start = start;
}

static void resolve_body(ejs__resolver *r, ejs__function *function,
                         uint32_t position);

/* Hoisted functions exist from the start of their block. */
static void resolve_functions(ejs__resolver *r, ejs__scope *scope)
{
    for (uint32_t i = 0; scope && i < scope->n_functions; i++) {
        ejs__node *node = scope->functions[i];
        ejs__function *function = node->as.function_declaration.function;
        refer(r, function->name, node->start,
              &node->as.function_declaration.ref, ACCESS_INITIALIZE);
        resolve_body(r, function, r->frame->start);
    }
}

static void resolve_block(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    enter_scope(r, &frame, node->as.block.scope, node->start);
    resolve_functions(r, node->as.block.scope);
    resolve_list(r, node->as.block.body);
    ejs__scope_pop(r);
}

static void resolve_switch(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    resolve(r, node->as.switch_.value);
    enter_scope(r, &frame, node->as.switch_.scope, node->start);
    resolve_functions(r, node->as.switch_.scope);
    for (uint32_t i = 0; i < node->as.switch_.n_cases; i++) {
        resolve_optional(r, node->as.switch_.cases[i].test);
        resolve_list(r, node->as.switch_.cases[i].body);
    }
    ejs__scope_pop(r);
}

static void resolve_for(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    enter_scope(r, &frame, node->as.for_.scope, node->start);
    resolve_optional(r, node->as.for_.init);
    resolve_optional(r, node->as.for_.test);
    resolve_optional(r, node->as.for_.update);
    resolve(r, node->as.for_.body);
    ejs__infer_first(node->as.for_.init, node->end);
    ejs__scope_pop(r);
}

static void resolve_for_each(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    enter_scope(r, &frame, node->as.for_each.scope, node->start);
    ejs__node *target = node->as.for_each.target;
    if (target->kind == NODE_DECLARATION)
        resolve_declaration(r, target, true);
    else
        resolve_target(r, target, ACCESS_WRITE);
    resolve(r, node->as.for_each.object);
    resolve(r, node->as.for_each.body);
    ejs__scope_pop(r);
}

static void resolve_try(ejs__resolver *r, ejs__node *node)
{
    resolve(r, node->as.try_.block);
    if (node->as.try_.handler) {
        ejs__frame frame;
        enter_scope(r, &frame, node->as.try_.scope, node->start);
        resolve_target(r, node->as.try_.parameter, ACCESS_INITIALIZE);
        resolve(r, node->as.try_.handler);
        ejs__scope_pop(r);
    }
    resolve_optional(r, node->as.try_.finalizer);
}

/* functions
 * -------------------------------------------------------------------- */

static void add_function(ejs__resolver *r, ejs__function *function)
{
    ejs__script *script = r->script;
    script->functions =
        ejs__front_grow(r->front, script->functions, script->n_functions,
                        &r->functions_capacity, sizeof *script->functions);
    function->index = script->n_functions;
    script->functions[script->n_functions++] = function;
}

/* Each statement of a function's body runs before the next. */
static void infer_firsts(ejs__list body)
{
    for (uint32_t i = 0; i < body.count; i++) {
        const ejs__node *node = body.items[i];
        ejs__infer_first(node->kind == NODE_FOR ? node->as.for_.init : node,
                         UINT32_MAX);
    }
}

static void resolve_inside(ejs__resolver *r, ejs__function *function)
{
    ejs__frame params, body;
    ejs__list list = function->params;
    uint32_t start =
        list.count ? list.items[list.count - 1]->end : function->start;
    enter_scope(r, &params, function->scope, start);
    r->state->params = r->state->vars = &params;
    for (uint32_t i = 0; i < list.count; i++)
        resolve_target(r, list.items[i], ACCESS_INITIALIZE);
    if (function->body_scope) {
        enter_scope(r, &body, function->body_scope, start);
        r->state->vars = &body;
    }
    resolve_functions(r, r->frame->scope);
    resolve_list(r, function->body);
    infer_firsts(function->body);
    if (function->body_scope)
        ejs__scope_pop(r);
    ejs__scope_pop(r);
}

/* Decides whether a parameter and its element in `arguments` are one. */
static void map_arguments(ejs__function *function)
{
    bool shows = function->leaks_arguments;
    const ejs__list *params = &function->params;
    if (!function->uses_arguments || function->is_strict ||
        !function->has_simple_params)
        return;
    for (uint32_t i = 0; i < params->count; i++)
        shows |= params->items[i]->as.name.ref.variable->assigned;
    for (uint32_t i = 0; i < function->scope->n_functions; i++)
        shows |= function->scope->functions[i]
                     ->as.function_declaration.ref.variable->kind ==
                 VARIABLE_PARAMETER;
    function->maps_arguments = shows && params->count > 0;
    for (uint32_t i = 0; function->maps_arguments && i < params->count; i++) {
        params->items[i]->as.name.ref.variable->captured = true;
        function->scope->has_captured = true;
    }
}

/* A function that may be called from `position` of the one around it. */
static void resolve_body(ejs__resolver *r, ejs__function *function,
                         uint32_t position)
{
    ejs__state state = {
        .outer = r->state, .function = function, .position = position};
    function->parent = r->state ? r->state->function : NULL;
    add_function(r, function);
    r->state = &state;
    ejs__scope_declare(r, &state);
    resolve_inside(r, function);
    map_arguments(function);
    r->state = state.outer;
}

static void use_this(ejs__resolver *r)
{
    ejs__state *s = r->state;
    for (; s->function->kind == FUNCTION_ARROW; s = s->outer)
        s->function->uses_this = true;
    s->function->uses_this = true;
}

static void use_super(ejs__resolver *r)
{
    use_this(r);
    ejs__state *s = r->state;
    for (; s->function->kind == FUNCTION_ARROW; s = s->outer)
        s->function->uses_super = true;
    s->function->uses_super = true;
}

static void use_new_target(ejs__resolver *r)
{
    ejs__state *s = r->state;
    for (; s->function->kind == FUNCTION_ARROW; s = s->outer)
        s->function->uses_new_target = true;
    s->function->uses_new_target = true;
}

static void write_output(ejs__resolver *r)
{
    for (ejs__state *s = r->state; s && !s->function->writes_output;
         s = s->outer)
        s->function->writes_output = true;
}

/* classes
 * ---------------------------------------------------------------------- */

/* Inside a class its name cannot be used before the class is complete: in its
   base and keys.  Methods and fields run later than that. */
static void resolve_members(ejs__resolver *r, ejs__node *node,
                            ejs__declared *inner)
{
    ejs__list members = node->as.class_.members;
    for (uint32_t i = 0; i < members.count; i++) {
        ejs__node *member = members.items[i];
        if (inner)
            inner->ready = UINT32_MAX;
        if (member->as.property.computed)
            resolve(r, member->as.property.key);
        if (inner)
            inner->ready = 0;
        if (member->as.property.value)
            resolve(r, member->as.property.value);
    }
}

static void resolve_class(ejs__resolver *r, ejs__node *node)
{
    ejs__frame frame;
    ejs__declared *inner = NULL;
    ejs__slice name = node->as.class_.name;
    ejs__scope_push(r, &frame, node->start);
    if (name.size > 0) {
        inner = ejs__scope_add(r, &frame, name, VARIABLE_CONST, node->start,
                               UINT32_MAX);
        refer(r, name, node->start, &node->as.class_.inner, ACCESS_INITIALIZE);
    }
    resolve_optional(r, node->as.class_.base);
    if (inner)
        inner->ready = 0;
    resolve_body(r, node->as.class_.constructor, node->start);
    resolve_members(r, node, inner);
    node->as.class_.scope = frame.scope;
    ejs__scope_pop(r);
}

static void resolve_class_declaration(ejs__resolver *r, ejs__node *node)
{
    ejs__node *class_ = node->as.class_declaration.class_;
    resolve_class(r, class_);
    refer(r, class_->as.class_.name, node->start,
          &node->as.class_declaration.ref, ACCESS_INITIALIZE);
}

/* expressions
 * ------------------------------------------------------------------ */

/* eval and Function compile text at run time, which we cannot. */
static void check_callee(ejs__resolver *r, const ejs__node *callee)
{
    const ejs__known_names *names = &r->front->names;
    if (callee->kind != NODE_NAME || callee->as.name.ref.kind != REF_DYNAMIC)
        return;
    if (ejs__same_name(callee->as.name.text, names->eval))
        ejs__front_fail(r->front, callee->start,
                        "read members with o[name], and JSON with JSON.parse",
                        "eval is not supported");
    if (ejs__same_name(callee->as.name.text, names->Function))
        ejs__front_fail(r->front, callee->start, "write a function expression",
                        "the Function constructor is not supported");
}

static void resolve_call(ejs__resolver *r, ejs__node *node)
{
    resolve(r, node->as.call.callee);
    leak_arguments(object_of(node->as.call.callee));
    resolve_list(r, node->as.call.args);
    check_callee(r, node->as.call.callee);
}

static void resolve_assignment(ejs__resolver *r, ejs__node *node)
{
    resolve_target(r, node->as.assign.target, ACCESS_WRITE);
    resolve(r, node->as.assign.value);
    ejs__infer_assignment(r, node);
}

static void count_printed(const ejs__node *output)
{
    const ejs__list *args = &output->as.output.args;
    if (output->as.output.escaped && args->count == 1 &&
        args->items[0]->kind == NODE_NAME &&
        args->items[0]->as.name.ref.kind == REF_LOCAL)
        args->items[0]->as.name.ref.variable->n_printed++;
}

static void resolve_property(ejs__resolver *r, ejs__node *node)
{
    if (node->as.property.computed)
        resolve(r, node->as.property.key);
    resolve_optional(r, node->as.property.value);
}

/* Writing through __append is output too. */
static void resolve_name(ejs__resolver *r, ejs__node *node)
{
    ejs__slice name = node->as.name.text;
    const bool is_dynamic = read_name(r, node) != NULL;
    leak_arguments(node);
    if (!is_dynamic)
        return;
    const char *output = r->script->options.output_function_name;
    if (ejs__slice_is(name, "__append", 8) ||
        (output && ejs__slice_is(name, output, strlen(output))))
        write_output(r);
}

static void resolve_unary(ejs__resolver *r, const ejs__node *node)
{
    ejs__node *operand = node->as.unary.operand;
    resolve(r, operand);
    if (node->op == OP_TYPEOF && operand->kind == NODE_NAME &&
        operand->as.name.ref.kind == REF_DYNAMIC)
        r->script->names[operand->as.name.ref.index].tested = true;
}

static void resolve_if(ejs__resolver *r, ejs__node *node)
{
    ejs__node *no = node;
    do {
        resolve(r, no->as.conditional.test);
        resolve(r, no->as.conditional.yes);
        no = no->as.conditional.no;
    } while (no && no->kind == node->kind);
    resolve_optional(r, no);
}

static bool resolve_expression(ejs__resolver *r, ejs__node *node)
{
    switch (node->kind) {
    case NODE_NAME:
        resolve_name(r, node);
        return true;
    case NODE_TEMPLATE:
        resolve_optional(r, node->as.template_.tag);
        resolve_list(r, node->as.template_.values);
        return true;
    case NODE_THIS:
        use_this(r);
        return true;
    case NODE_SUPER:
        use_super(r);
        return true;
    case NODE_NEW_TARGET:
        use_new_target(r);
        return true;
    case NODE_ARRAY:
    case NODE_OBJECT:
    case NODE_COMMA:
        resolve_list(r, node->as.list);
        return true;
    case NODE_PROPERTY:
        resolve_property(r, node);
        return true;
    case NODE_FUNCTION:
        resolve_body(r, node->as.function, node->start);
        return true;
    case NODE_CLASS:
        resolve_class(r, node);
        return true;
    case NODE_UPDATE:
        resolve_target(r, node->as.unary.operand, ACCESS_WRITE);
        ejs__infer_store(r, node->as.unary.operand, NULL);
        return true;
    case NODE_UNARY:
        resolve_unary(r, node);
        return true;
    case NODE_CHAIN:
    case NODE_SPREAD:
    case NODE_YIELD:
        resolve_optional(r, node->as.unary.operand);
        return true;
    case NODE_BINARY:
    case NODE_LOGICAL:
        resolve(r, node->as.binary.left);
        resolve(r, node->as.binary.right);
        return true;
    case NODE_CONDITIONAL:
        resolve_if(r, node);
        return true;
    case NODE_ASSIGN:
        resolve_assignment(r, node);
        return true;
    case NODE_MEMBER:
        resolve_object(r, node->as.member.object);
        return true;
    case NODE_INDEX:
        resolve_object(r, node->as.index.object);
        resolve(r, node->as.index.index);
        return true;
    case NODE_CALL:
    case NODE_NEW:
        resolve_call(r, node);
        return true;
    default:
        return false;
    }
}

static void resolve_statement(ejs__resolver *r, ejs__node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
        write_output(r);
        return;
    case NODE_OUTPUT:
        resolve_list(r, node->as.output.args);
        count_printed(node);
        write_output(r);
        return;
    case NODE_EXPRESSION:
    case NODE_RETURN:
    case NODE_THROW:
        resolve_optional(r, node->as.unary.operand);
        return;
    case NODE_DECLARATION:
        resolve_declaration(r, node, false);
        return;
    case NODE_CLASS_DECLARATION:
        resolve_class_declaration(r, node);
        return;
    case NODE_IF:
        resolve_if(r, node);
        return;
    case NODE_FOR:
        resolve_for(r, node);
        return;
    case NODE_FOR_IN:
    case NODE_FOR_OF:
        resolve_for_each(r, node);
        return;
    case NODE_WHILE:
    case NODE_DO:
        resolve(r, node->as.loop.test);
        resolve(r, node->as.loop.body);
        return;
    case NODE_TRY:
        resolve_try(r, node);
        return;
    case NODE_SWITCH:
        resolve_switch(r, node);
        return;
    case NODE_LABELED:
        resolve(r, node->as.labeled.body);
        return;
    case NODE_BLOCK:
        resolve_block(r, node);
        return;
    default: /* functions are resolved with their scope; the rest has no names
              */
        return;
    }
}

static void resolve(ejs__resolver *r, ejs__node *node)
{
    if (!resolve_expression(r, node))
        resolve_statement(r, node);
}

/* Destructured locals are vars even when the template never mentions them. */
static void declare_destructured(ejs__resolver *r)
{
    const char *const *names = r->script->options.destructured_locals;
    if (!names || !r->script->with_locals)
        return;
    for (; *names; names++) {
        ejs__slice name = ejs__front_intern(r->front, *names, strlen(*names));
        ejs__scope_dynamic(r, name)->is_var = true;
    }
}

void ejs__resolve(ejs__front *front)
{
    ejs__resolver r = {.front = front, .script = front->script};
    declare_destructured(&r);
    resolve_body(&r, front->script->main, 0);
    ejs__infer(&r);
}
