/* compile.c - a template's functions, one after the other, as code. */
#include "ejs/vm/emit.h"

#include <string.h>

/* parameters and body ---------------------------------------------------------
 */

static bool is_plain_slot(const ejs__node *parameter, uint32_t slot)
{
    const ejs__ref *ref = &parameter->as.name.ref;
    return parameter->kind == NODE_NAME && ref->kind == REF_LOCAL &&
           ref->index == slot && !ref->variable->captured &&
           !ref->variable->needs_tdz;
}

void ejs__bind_parameter(ejs__emitter *e, const ejs__node *parameter,
                         uint32_t value)
{
    ejs__assign(e, parameter, value, STORE_INITIALISE, NULL);
}

/* Whether a later parameter has the same name, and so is the variable. */
static bool is_repeated(const ejs__list *params, uint32_t i)
{
    const ejs__variable *variable = params->items[i]->as.name.ref.variable;
    while (++i < params->count)
        if (params->items[i]->as.name.ref.variable == variable)
            return true;
    return false;
}

/* Makes the elements of `arguments` and the parameters one. */
static void map_arguments(ejs__emitter *e, const ejs__function *f)
{
    ejs__variable *arguments = f->scope->variables[0];
    for (uint32_t i = 1; arguments->kind != VARIABLE_ARGUMENTS; i++)
        arguments = f->scope->variables[i];
    const ejs__node name = {
        .kind = NODE_NAME,
        .as.name = {arguments->name,
                    {REF_LOCAL, arguments->slot, arguments, false}}};
    const uint32_t mark = e->next, t = ejs__temp(e);
    ejs__load(e, &name, t);
    for (uint32_t i = 0; i < f->params.count; i++) {
        if (!is_repeated(&f->params, i))
            EMIT(e, MAP_ARGUMENT, t, i,
                 f->params.items[i]->as.name.ref.variable->slot);
    }
    e->next = mark;
}

/* The arguments of a call, but for those that are in their slots already. */
static void bind_arguments(ejs__emitter *e, const ejs__function *f)
{
    const ejs__list *params = &f->params;
    uint32_t i = 0;
    while (i < params->count && is_plain_slot(params->items[i], i))
        i++;
    e->code->n_parameters = i;
    for (; i < params->count; i++) {
        const ejs__node *parameter = params->items[i];
        const uint32_t mark = e->next, t = ejs__temp(e);
        if (parameter->kind == NODE_REST) {
            EMIT(e, REST, t, i);
            parameter = parameter->as.unary.operand;
        } else {
            EMIT(e, ARGUMENT, t, i);
        }
        ejs__bind_parameter(e, parameter, t);
        e->next = mark;
    }
    if (f->maps_arguments)
        map_arguments(e, f);
}

/* `arguments` and the function's own name. */
static void bind_special(ejs__emitter *e, const ejs__function *f)
{
    for (uint32_t i = 0; i < f->scope->n_variables; i++) {
        ejs__variable *variable = f->scope->variables[i];
        const bool is_self = variable->kind == VARIABLE_SELF;
        if (!is_self && variable->kind != VARIABLE_ARGUMENTS)
            continue;
        const ejs__ref ref = {REF_LOCAL, variable->slot, variable, false};
        const uint32_t mark = e->next, t = ejs__temp(e);
        if (is_self)
            EMIT(e, CALLEE, t);
        else
            EMIT(e, ARGUMENTS, t, f->is_strict);
        ejs__store_ref(e, &ref, variable->name, t, STORE_INITIALISE);
        e->next = mark;
    }
}

/* The vars of a function whose parameters have a scope of their own. */
static void enter_body_scope(ejs__emitter *e, const ejs__scope *scope)
{
    ejs__scope_variables(e, scope);
    for (uint32_t i = 0; i < scope->n_variables; i++) {
        ejs__variable *variable = scope->variables[i];
        if (!variable->initial)
            continue;
        const uint32_t mark = e->next, t = ejs__temp(e);
        const ejs__node name = {.kind = NODE_NAME,
                                .as.name = {variable->name,
                                            {REF_LOCAL, variable->initial->slot,
                                             variable->initial, false}}};
        const ejs__ref ref = {REF_LOCAL, variable->slot, variable, false};
        ejs__load(e, &name, t);
        ejs__store_ref(e, &ref, variable->name, t, STORE_INITIALISE);
        e->next = mark;
    }
    ejs__scope_functions(e, scope);
}

void ejs__function_body(ejs__emitter *e, const ejs__function *f,
                        ejs__bind_fn *bind)
{
    ejs__scope_variables(e, f->scope);
    if (!e->body->outer)
        bind_special(e, f);
    bind(e, f);
    ejs__scope_functions(e, f->scope);
    if (f->body_scope)
        enter_body_scope(e, f->body_scope);
    if (f->is_generator)
        EMIT0(e, GENERATOR);
    ejs__statements(e, &f->body);
}

/* functions
 * -------------------------------------------------------------------------- */

static uint8_t code_kind(const ejs__function *f)
{
    if (f->is_generator)
        return EJS_CODE_GENERATOR;
    switch (f->kind) {
    case FUNCTION_ARROW:
        return EJS_CODE_ARROW;
    case FUNCTION_METHOD:
    case FUNCTION_FIELDS:
        return EJS_CODE_METHOD;
    case FUNCTION_CLASS_CONSTRUCTOR:
        return EJS_CODE_CLASS;
    case FUNCTION_DERIVED_CONSTRUCTOR:
        return EJS_CODE_DERIVED_CLASS;
    default:
        return EJS_CODE_NORMAL;
    }
}

static ejs__code *new_code(ejs__compiler *c, const ejs__function *f)
{
    ejs__code *code = base_arena_zalloc(c->arena, 1, sizeof *code);
    if (!code)
        return NULL;
    code->program = c->program;
    code->index = f->index;
    code->info.name = f->name.size ? f->name.data : "";
    code->info.name_size = f->name.size;
    code->info.source = c->script->text.data + f->start;
    code->info.source_size = f->end - f->start;
    code->info.length = f->length;
    code->info.kind = code_kind(f);
    code->info.strict = f->is_strict;
    code->is_generator = f->is_generator;
    code->is_arrow = f->kind == FUNCTION_ARROW;
    code->is_derived = f->kind == FUNCTION_DERIVED_CONSTRUCTOR;
    code->n_slots = f->n_slots;
    code->n_cells = f->n_upvalues;
    return code;
}

/* A derived constructor, or an arrow in one. */
static bool is_in_derived(const ejs__function *f)
{
    while (f->kind == FUNCTION_ARROW)
        f = f->parent;
    return f->kind == FUNCTION_DERIVED_CONSTRUCTOR;
}

static void take_this(ejs__emitter *e, const ejs__function *f)
{
    e->in_derived = is_in_derived(f);
    e->code->has_self = e->has_self =
        f->uses_this || f->uses_super || e->code->is_derived;
    if (!e->has_self)
        return;
    e->self = e->code->self = ejs__temp(e);
    if (e->code->is_derived)
        EMIT(e, MOVE, e->self,
             ejs__constant(e, ejs__tagged(EJS_TAG_UNINITIALIZED)));
    else
        EMIT(e, THIS, e->self);
}

/* constructor(...args) { super(...args) } */
static void implicit_super(ejs__emitter *e)
{
    const uint32_t t = ejs__temp(e);
    EMIT(e, REST, t, 0);
    EMIT(e, SUPER_SPREAD, e->self, t);
}

static ejs__code *compile_function(ejs__compiler *c, const ejs__function *f)
{
    ejs__code *code = new_code(c, f);
    ejs__body body = {.function = f};
    ejs__emitter e = {.compiler = c,
                      .code = code,
                      .body = &body,
                      .next = f->n_slots,
                      .n_registers = f->n_slots,
                      .strict = f->is_strict};
    if (!code) {
        c->failed = true;
        return NULL;
    }
    take_this(&e, f);
    ejs__function_body(&e, f, bind_arguments);
    if (code->is_derived) {
        if (c->implicit[f->index])
            implicit_super(&e);
        EMIT(&e, THIS_CHECK, e.self);
        EMIT(&e, RETURN, e.self);
    }
    EMIT0(&e, END);
    ejs__emit_finish(&e);
    return code;
}

/* the unit
 * ---------------------------------------------------------------------------------
 */

static bool fill_names(ejs__program *program, base_arena *arena)
{
    const ejs__script *script = program->script;
    ejs__unit_name *names =
        base_arena_zalloc(arena, script->n_names + 1, sizeof *names);
    ejs_site *sites =
        base_arena_zalloc(arena, script->n_names + 1, sizeof *sites);
    if (!names || !sites)
        return false;
    for (uint32_t i = 0; i < script->n_names; i++) {
        names[i] = (ejs__unit_name){.text = script->names[i].text.data,
                                    .size = script->names[i].text.size,
                                    .is_var = script->names[i].is_var};
        sites[i] = (ejs_site){.key = names[i].text, .size = names[i].size};
    }
    program->unit.name_sites = sites;
    program->unit.names = names;
    program->unit.n_names = script->n_names;
    return true;
}

static bool fill_unit(ejs__program *program, base_arena *arena,
                      const char *name)
{
    const ejs__script *script = program->script;
    const ejs__syntax_options *options = &script->options;
    ejs_unit *unit = &program->unit;
    unit->abi = EJS_ABI;
    unit->name = name;
    unit->filename = script->filename;
    unit->source = options->no_debug ? NULL : script->source.data;
    unit->source_size = options->no_debug ? 0 : script->source.size;
    unit->with_locals = script->with_locals;
    unit->strict = script->is_strict;
    unit->returns = script->returns;
    unit->debug = !options->no_debug;
    unit->own_escape = options->own_escape;
    unit->locals_name = options->locals_name ? options->locals_name : "locals";
    unit->output_function_name = options->output_function_name;
    unit->n_regexps = script->n_regexps;
    unit->n_template_sites = script->n_template_sites;
    unit->run = ejs__run_unit;
    unit->code = program;
    return fill_names(program, arena);
}

ejs__program *ejs__compile(const ejs__script *script, const char *name)
{
    base_arena *arena = script->arena;
    const uint32_t n = script->n_functions;
    ejs__program *program = base_arena_zalloc(arena, 1, sizeof *program);
    ejs__compiler c = {.arena = arena,
                       .script = script,
                       .program = program,
                       .plain = base_arena_zalloc(arena, n, sizeof(bool)),
                       .implicit = base_arena_zalloc(arena, n, sizeof(bool))};
    if (!program || !c.plain || !c.implicit)
        return NULL;
    program->script = script;
    program->functions = base_arena_zalloc(arena, n, sizeof(ejs__code *));
    if (!program->functions || !fill_unit(program, arena, name))
        return NULL;
    for (uint32_t i = 0; i < n && !c.failed; i++)
        program->functions[i] = compile_function(&c, script->functions[i]);
    return c.failed ? NULL : program;
}
