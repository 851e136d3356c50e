/*
 * statement.c - statements, and leaving them: break, continue and return
 * through open iterators and finally blocks.
 */
#include "ejs/vm/emit.h"

enum { FINISH_NORMAL, FINISH_THROW, FINISH_EXIT }; /* FINALLY's state */

static uint32_t number(ejs__emitter *e, uint32_t n)
{
    return ejs__constant(e, ejs__number(n));
}

/* scopes ---------------------------------------------------------------------
 */

static void prepare_variable(ejs__emitter *e, const ejs__variable *variable)
{
    const uint32_t r = e->body->base + variable->slot;
    const uint32_t initial =
        variable->needs_tdz
            ? ejs__constant(e, ejs__tagged(EJS_TAG_UNINITIALIZED))
            : ejs__constant_undefined(e);
    if (variable->captured)
        EMIT(e, CELL, r, initial);
    else if (variable->needs_tdz ||
             (e->body->outer && variable->kind == VARIABLE_VAR))
        EMIT(e, MOVE, r, initial);
}

void ejs__scope_variables(ejs__emitter *e, const ejs__scope *scope)
{
    for (uint32_t i = 0; i < scope->n_variables; i++)
        prepare_variable(e, scope->variables[i]);
}

void ejs__scope_functions(ejs__emitter *e, const ejs__scope *scope)
{
    for (uint32_t i = 0; i < scope->n_functions; i++) {
        const ejs__node *node = scope->functions[i];
        const uint32_t mark = e->next, t = ejs__temp(e);
        ejs__closure_into(e, node->as.function_declaration.function, t);
        ejs__store_ref(e, &node->as.function_declaration.ref,
                       node->as.function_declaration.function->name, t,
                       STORE_INITIALISE);
        e->next = mark;
    }
}

void ejs__enter_scope(ejs__emitter *e, const ejs__scope *scope)
{
    if (!scope)
        return;
    ejs__scope_variables(e, scope);
    ejs__scope_functions(e, scope);
}

/* leaving
 * ------------------------------------------------------------------------ */

/* The label by which a finally goes on with this exit; makes its number. */
static uint32_t exit_number(ejs__emitter *e, ejs__context *context,
                            const ejs__node *target, bool is_continue)
{
    for (uint32_t i = 0; i < context->exits.count; i++) {
        const ejs__exit *known = &context->exits.items[i];
        if (known->target == target && known->is_continue == is_continue)
            return FINISH_EXIT + i;
    }
    if (!ejs__emit_grow(e, &context->exits.items, context->exits.count,
                        &context->exits.capacity, sizeof *context->exits.items))
        return FINISH_EXIT;
    context->exits.items[context->exits.count] =
        (ejs__exit){target, is_continue, ejs__label_new(e)};
    return FINISH_EXIT + context->exits.count++;
}

static bool is_target(const ejs__context *context, const ejs__node *target,
                      bool is_continue)
{
    return context->kind == CONTEXT_TARGET && context->node == target &&
           (is_continue ? context->again : context->leave);
}

/* Leaves contexts up to the target's, or all when target is NULL; what is
 * passed through is not protected meanwhile. */
static ejs__context *leave_contexts(ejs__emitter *e, const ejs__node *target,
                                    bool is_continue, uint32_t value,
                                    bool *arrived)
{
    ejs__context *c = e->context;
    *arrived = true;
    for (; c != e->body->entry; c = c->outer) {
        if (target && is_target(c, target, is_continue)) {
            JUMP0(e, is_continue ? c->again : c->leave, JUMP);
            return c;
        }
        if (c->kind == CONTEXT_TARGET)
            continue;
        ejs__unprotect(e, c);
        if (c->kind == CONTEXT_ITERATOR) {
            EMIT(e, ITERATE_END, c->iterator);
        } else if (c->kind == CONTEXT_FINALLY) {
            const uint32_t n = exit_number(e, c, target, is_continue);
            if (!target)
                EMIT(e, MOVE, c->state + 1, value);
            EMIT(e, MOVE, c->state, number(e, n));
            JUMP0(e, c->finalizer, JUMP);
            return c->outer;
        }
    }
    *arrived = false;
    return c;
}

static void leave(ejs__emitter *e, const ejs__node *target, bool is_continue,
                  uint32_t value)
{
    bool arrived;
    ejs__context *stop =
        leave_contexts(e, target, is_continue, value, &arrived);
    if (!arrived) {
        if (e->body->end)
            JUMP0(e, e->body->end, JUMP);
        else
            EMIT(e, RETURN, value);
    }
    for (ejs__context *c = e->context; c != stop; c = c->outer) {
        if (c->kind != CONTEXT_TARGET)
            ejs__protect(e, c);
    }
}

void ejs__return(ejs__emitter *e, uint32_t value)
{
    leave(e, NULL, false, value);
}

static void jump(ejs__emitter *e, const ejs__node *node)
{
    const bool is_continue = node->kind == NODE_CONTINUE;
    const ejs__node *target = node->as.jump.target;
    while (is_continue && target->kind == NODE_LABELED)
        target = target->as.labeled.body;
    leave(e, target, is_continue, ejs__constant_undefined(e));
}

/* try
 * ------------------------------------------------------------------------------
 */

static void catch_clause(ejs__emitter *e, const ejs__node *node,
                         uint32_t exception)
{
    ejs__enter_scope(e, node->as.try_.scope);
    if (node->as.try_.parameter)
        ejs__assign(e, node->as.try_.parameter, exception, STORE_INITIALISE,
                    ejs__caught_text(node->as.try_.parameter));
    ejs__statement(e, node->as.try_.handler);
}

static void try_catch(ejs__emitter *e, const ejs__node *node)
{
    if (!node->as.try_.handler) {
        ejs__statement(e, node->as.try_.block);
        return;
    }
    ejs__label *done = ejs__label_new(e);
    ejs__context context = {.kind = CONTEXT_CATCH,
                            .outer = e->context,
                            .exception = ejs__temp(e),
                            .handler = ejs__label_new(e)};
    e->context = &context;
    ejs__protect(e, &context);
    ejs__statement(e, node->as.try_.block);
    ejs__unprotect(e, &context);
    e->context = context.outer;
    JUMP0(e, done, JUMP);
    ejs__label_bind(e, context.handler);
    catch_clause(e, node, context.exception);
    ejs__label_bind(e, done);
}

/* After the finally block: goes where the exit that led here wanted to. */
static void finish(ejs__emitter *e, ejs__context *context)
{
    ejs__label *done = ejs__label_new(e);
    JUMP(e, done, JUMP_KIND, context->state, FINISH_NORMAL);
    for (uint32_t i = 0; i < context->exits.count; i++)
        JUMP(e, context->exits.items[i].label, JUMP_KIND, context->state,
             FINISH_EXIT + i);
    EMIT(e, RETHROW, context->state + 1);
    for (uint32_t i = 0; i < context->exits.count; i++) {
        const ejs__exit *exit = &context->exits.items[i];
        ejs__label_bind(e, exit->label);
        leave(e, exit->target, exit->is_continue, context->state + 1);
    }
    ejs__label_bind(e, done);
}

static void try_statement(ejs__emitter *e, const ejs__node *node)
{
    if (!node->as.try_.finalizer) {
        try_catch(e, node);
        return;
    }
    const uint32_t state = ejs__temps(e, 2);
    ejs__context context = {.kind = CONTEXT_FINALLY,
                            .outer = e->context,
                            .state = state,
                            .exception = state + 1,
                            .handler = ejs__label_new(e),
                            .finalizer = ejs__label_new(e)};
    e->context = &context;
    ejs__protect(e, &context);
    try_catch(e, node);
    ejs__unprotect(e, &context);
    e->context = context.outer;
    EMIT(e, MOVE, state, number(e, FINISH_NORMAL));
    JUMP0(e, context.finalizer, JUMP);
    ejs__label_bind(e, context.handler);
    EMIT(e, MOVE, state, number(e, FINISH_THROW));
    ejs__label_bind(e, context.finalizer);
    ejs__statement(e, node->as.try_.finalizer);
    ejs__emit_place(e, node); /* of what is thrown on, unless that has one */
    finish(e, &context);
}

/* loops
 * ------------------------------------------------------------------------------
 */

static ejs__context target_context(ejs__emitter *e, const ejs__node *node,
                                   bool is_loop)
{
    return (ejs__context){.kind = CONTEXT_TARGET,
                          .outer = e->context,
                          .node = node,
                          .leave = ejs__label_new(e),
                          .again = is_loop ? ejs__label_new(e) : NULL};
}

/* Each turn of a `for (let ...)` has variables of its own. */
static void renew_cells(ejs__emitter *e, const ejs__scope *scope)
{
    for (uint32_t i = 0; scope && i < scope->n_variables; i++) {
        if (scope->variables[i]->captured)
            EMIT(e, CELL_AGAIN, e->body->base + scope->variables[i]->slot);
    }
}

static void for_statement(ejs__emitter *e, const ejs__node *node)
{
    ejs__context context = target_context(e, node, true);
    ejs__label *top = ejs__label_new(e);
    ejs__enter_scope(e, node->as.for_.scope);
    if (node->as.for_.init)
        ejs__statement(e, node->as.for_.init);
    renew_cells(e, node->as.for_.scope);
    e->context = &context;
    ejs__label_bind(e, top);
    if (node->as.for_.test)
        ejs__branch(e, node->as.for_.test, false, context.leave);
    ejs__statement(e, node->as.for_.body);
    ejs__label_bind(e, context.again);
    renew_cells(e, node->as.for_.scope);
    if (node->as.for_.update)
        ejs__effect(e, node->as.for_.update);
    JUMP0(e, top, LOOP);
    ejs__label_bind(e, context.leave);
    e->context = context.outer;
}

static void while_statement(ejs__emitter *e, const ejs__node *node)
{
    ejs__context context = target_context(e, node, true);
    e->context = &context;
    ejs__label_bind(e, context.again);
    ejs__branch(e, node->as.loop.test, false, context.leave);
    ejs__statement(e, node->as.loop.body);
    JUMP0(e, context.again, LOOP);
    ejs__label_bind(e, context.leave);
    e->context = context.outer;
}

static void do_statement(ejs__emitter *e, const ejs__node *node)
{
    ejs__context context = target_context(e, node, true);
    ejs__label *top = ejs__label_new(e);
    e->context = &context;
    ejs__label_bind(e, top);
    ejs__statement(e, node->as.loop.body);
    ejs__label_bind(e, context.again);
    ejs__branch(e, node->as.loop.test, false, context.leave);
    JUMP0(e, top, LOOP);
    ejs__label_bind(e, context.leave);
    e->context = context.outer;
}

static bool scope_has_tdz(const ejs__scope *scope)
{
    for (uint32_t i = 0; scope && i < scope->n_variables; i++) {
        if (scope->variables[i]->needs_tdz)
            return true;
    }
    return false;
}

/* The object of for-in and for-of, seen with its names uninitialised. */
static uint32_t loop_object(ejs__emitter *e, const ejs__node *node)
{
    const ejs__node *target = node->as.for_each.target;
    if (scope_has_tdz(node->as.for_each.scope))
        ejs__enter_scope(e, node->as.for_each.scope);
    if (target->kind == NODE_DECLARATION) {
        const ejs__node *declarator =
            target->as.declaration.declarators.items[0];
        if (declarator->as.assign.value) /* for (var i = 0 in o) */
            ejs__statement(e, target);
    }
    return ejs__operand(e, node->as.for_each.object);
}

static void for_in_statement(ejs__emitter *e, const ejs__node *node)
{
    ejs__context context = target_context(e, node, true);
    const uint32_t it = ejs__temps(e, 5), key = ejs__temp(e);
    EMIT(e, ENUMERATE, it, loop_object(e, node));
    e->context = &context;
    ejs__label_bind(e, context.again);
    JUMP(e, context.leave, NEXT_KEY, key, it);
    ejs__enter_scope(e, node->as.for_each.scope);
    ejs__assign(e, node->as.for_each.target, key, STORE_ASSIGN, NULL);
    ejs__statement(e, node->as.for_each.body);
    JUMP0(e, context.again, LOOP);
    ejs__label_bind(e, context.leave);
    e->context = context.outer;
}

static void for_of_statement(ejs__emitter *e, const ejs__node *node)
{
    ejs__context outside = target_context(e, node, false);
    const uint32_t it = ejs__temps(e, 5), value = ejs__temp(e);
    ejs__label *top = ejs__label_new(e);
    const uint32_t object = loop_object(e, node);
    ejs__emit_place(e, node->as.for_each.object);
    EMIT(e, ITERATE, it, object, ejs__pool_for_of(e, node->as.for_each.object));
    e->context = &outside;
    ejs__context open = {.kind = CONTEXT_ITERATOR,
                         .outer = &outside,
                         .iterator = it,
                         .exception = ejs__temp(e),
                         .handler = ejs__label_new(e)};
    ejs__label_bind(e, top);
    JUMP(e, outside.leave, NEXT, value, it);
    e->context = &open;
    ejs__protect(e, &open);
    ejs__context inside = {.kind = CONTEXT_TARGET,
                           .outer = &open,
                           .node = node,
                           .again = ejs__label_new(e)};
    e->context = &inside;
    ejs__enter_scope(e, node->as.for_each.scope);
    ejs__assign(e, node->as.for_each.target, value, STORE_ASSIGN,
                ejs__for_of_item_text(node->as.for_each.target));
    ejs__statement(e, node->as.for_each.body);
    ejs__label_bind(e, inside.again);
    ejs__unprotect(e, &open);
    JUMP0(e, top, LOOP);
    ejs__label_bind(e, open.handler);
    EMIT(e, ITERATE_DROP, it);
    EMIT(e, RETHROW, open.exception);
    ejs__label_bind(e, outside.leave);
    e->context = outside.outer;
}

/* other statements
 * ------------------------------------------------------------------- */

static void if_statement(ejs__emitter *e, const ejs__node *node)
{
    const ejs__node *no = node->as.conditional.no;
    ejs__label *otherwise = ejs__label_new(e);
    ejs__branch(e, node->as.conditional.test, false, otherwise);
    ejs__statement(e, node->as.conditional.yes);
    if (no) {
        ejs__label *done = ejs__label_new(e);
        JUMP0(e, done, JUMP);
        ejs__label_bind(e, otherwise);
        ejs__statement(e, no);
        ejs__label_bind(e, done);
    } else {
        ejs__label_bind(e, otherwise);
    }
}

static void switch_statement(ejs__emitter *e, const ejs__node *node)
{
    const uint32_t n = node->as.switch_.n_cases, value = ejs__temp(e);
    const ejs__case *cases = node->as.switch_.cases;
    ejs__label **labels = ejs__emit_alloc(e, (n + 1) * sizeof *labels);
    ejs__context context = target_context(e, node, false);
    if (!labels)
        return;
    ejs__into(e, node->as.switch_.value, value);
    ejs__enter_scope(e, node->as.switch_.scope);
    ejs__label *otherwise = context.leave;
    for (uint32_t i = 0; i < n; i++) {
        labels[i] = ejs__label_new(e);
        const uint32_t mark = e->next;
        if (cases[i].test)
            JUMP(e, labels[i], JUMP_SEQ, value, ejs__operand(e, cases[i].test));
        else
            otherwise = labels[i];
        e->next = mark;
    }
    JUMP0(e, otherwise, JUMP);
    e->context = &context;
    for (uint32_t i = 0; i < n; i++) {
        ejs__label_bind(e, labels[i]);
        ejs__statements(e, &cases[i].body);
    }
    ejs__label_bind(e, context.leave);
    e->context = context.outer;
}

static void labeled_statement(ejs__emitter *e, const ejs__node *node)
{
    ejs__context context = target_context(e, node, false);
    e->context = &context;
    ejs__statement(e, node->as.labeled.body);
    ejs__label_bind(e, context.leave);
    e->context = context.outer;
}

static void declare(ejs__emitter *e, const ejs__node *declarator,
                    ejs__declaration_kind kind)
{
    const ejs__node *target = declarator->as.assign.target;
    const ejs__node *value = declarator->as.assign.value;
    const ejs__store how =
        kind == DECLARE_VAR ? STORE_ASSIGN : STORE_INITIALISE;
    uint32_t r;
    if (!value) {
        if (kind != DECLARE_VAR)
            ejs__assign(e, target, ejs__constant_undefined(e), how, NULL);
        return;
    }
    if (target->kind != NODE_NAME) {
        r = ejs__temp(e);
        ejs__into(e, value, r);
        const char *text = ejs__kept_text(
            e, ejs__pattern_text(e->compiler->arena, target, value, true));
        ejs__assign(e, target, r, how, text);
        return;
    }
    const ejs__ref *ref = &target->as.name.ref;
    if (kind != DECLARE_VAR && ejs__is_register(e, ref, &r) &&
        !ref->variable->needs_tdz) {
        ejs__into(e, value, r);
        return;
    }
    r = ejs__operand(e, value);
    ejs__assign(e, target, r, how, NULL);
}

static void declaration(ejs__emitter *e, const ejs__node *node)
{
    const ejs__list *list = &node->as.declaration.declarators;
    for (uint32_t i = 0; i < list->count; i++) {
        const uint32_t mark = e->next;
        declare(e, list->items[i], node->as.declaration.kind);
        e->next = mark;
    }
}

/* Annex B.3.3: a block's function is copied outwards when it is reached. */
static void function_declaration(ejs__emitter *e, const ejs__node *node)
{
    if (!node->as.function_declaration.has_outer)
        return;
    const ejs__slice name = node->as.function_declaration.function->name;
    const uint32_t t = ejs__temp(e);
    ejs__node reference = *node;
    reference.kind = NODE_NAME;
    reference.as.name.text = name;
    reference.as.name.ref = node->as.function_declaration.ref;
    ejs__load(e, &reference, t);
    const ejs__ref *outer = &node->as.function_declaration.outer;
    if (outer->kind == REF_DYNAMIC)
        EMIT(e, NAME_VAR, outer->index, t);
    else
        ejs__store_ref(e, outer, name, t, STORE_ASSIGN);
}

static void class_declaration(ejs__emitter *e, const ejs__node *node)
{
    const ejs__node *class_ = node->as.class_declaration.class_;
    const uint32_t t = ejs__temp(e);
    ejs__class_into(e, class_, t);
    ejs__store_ref(e, &node->as.class_declaration.ref, class_->as.class_.name,
                   t, STORE_INITIALISE);
}

/* Any number of arguments may stand in an output tag; the first is printed. */
static void spread_output(ejs__emitter *e, const ejs__node *node)
{
    const uint32_t array = ejs__temp(e);
    EMIT(e, ARRAY, array, node->as.output.args.count);
    for (uint32_t i = 0; i < node->as.output.args.count; i++) {
        const ejs__node *arg = node->as.output.args.items[i];
        const bool spread = arg->kind == NODE_SPREAD;
        const uint32_t v =
            ejs__operand(e, spread ? arg->as.unary.operand : arg);
        ejs__emit_place(e, node);
        if (spread)
            EMIT(e, SPREAD, array, v,
                 ejs__pool_spread(e, &node->as.output.args, i));
        else
            EMIT(e, PUSH, array, v);
    }
    EMIT(e, INDEX, array, array, number(e, 0));
    if (node->as.output.escaped)
        EMIT(e, PUT_ESCAPED, array);
    else
        EMIT(e, PUT_RAW, array);
}

static bool has_spread(const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i]->kind == NODE_SPREAD)
            return true;
    }
    return false;
}

static bool is_dynamic(const ejs__node *node)
{
    return node->kind == NODE_NAME && node->as.name.ref.kind == REF_DYNAMIC;
}

/* name, name.member and value.member, escaped, have instructions. */
static bool put_member(ejs__emitter *e, const ejs__node *node)
{
    if (is_dynamic(node)) {
        ejs__emit_place(e, node);
        EMIT(e, PUT_NAME, node->as.name.ref.index);
        return true;
    }
    if (node->kind != NODE_MEMBER || node->as.member.optional ||
        node->as.member.is_private ||
        node->as.member.object->kind == NODE_SUPER)
        return false;
    const ejs__node *object = node->as.member.object;
    if (is_dynamic(object)) {
        ejs__emit_places(e, object, node);
        EMIT(e, PUT_NAME_GET, object->as.name.ref.index,
             ejs__site(e, node->as.member.name));
    } else {
        const uint32_t o = ejs__operand(e, object);
        ejs__emit_place(e, node);
        EMIT(e, PUT_GET, o, ejs__site(e, node->as.member.name));
    }
    return true;
}

static void output(ejs__emitter *e, const ejs__node *node)
{
    const ejs__list *args = &node->as.output.args;
    const bool escaped = node->as.output.escaped;
    if (args->count == 0)
        return;
    if (has_spread(args)) {
        spread_output(e, node);
        return;
    }
    const ejs__node *first = args->items[0];
    if (args->count == 1 && ((escaped && put_member(e, first)) ||
                             ejs__output_include(e, first, escaped)))
        return;
    const uint32_t v = args->count == 1 ? ejs__operand(e, first) : ejs__temp(e);
    if (args->count > 1) {
        ejs__into(e, first, v);
        for (uint32_t i = 1; i < args->count; i++)
            ejs__effect(e, args->items[i]);
    }
    ejs__emit_place(e, first);
    if (escaped)
        EMIT(e, PUT_ESCAPED, v);
    else
        EMIT(e, PUT_RAW, v);
}

static void return_statement(ejs__emitter *e, const ejs__node *node)
{
    const ejs__node *value = node->as.unary.operand;
    ejs__return(e, value ? ejs__operand(e, value) : ejs__constant_undefined(e));
}

static void throw_statement(ejs__emitter *e, const ejs__node *node)
{
    const uint32_t v = ejs__operand(e, node->as.unary.operand);
    ejs__emit_place(e, node);
    EMIT(e, THROW, v);
}

static void simple_statement(ejs__emitter *e, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
        EMIT(e, TEXT, ejs__constant_text(e, node->as.string));
        break;
    case NODE_OUTPUT:
        output(e, node);
        break;
    case NODE_LINE:
        EMIT(e, LINE, node->as.line);
        break;
    case NODE_EXPRESSION:
        if (!ejs__each(e, node->as.unary.operand))
            ejs__effect(e, node->as.unary.operand);
        break;
    case NODE_DECLARATION:
        declaration(e, node);
        break;
    case NODE_FUNCTION_DECLARATION:
        function_declaration(e, node);
        break;
    case NODE_CLASS_DECLARATION:
        class_declaration(e, node);
        break;
    case NODE_RETURN:
        return_statement(e, node);
        break;
    case NODE_THROW:
        throw_statement(e, node);
        break;
    case NODE_BREAK:
    case NODE_CONTINUE:
        jump(e, node);
        break;
    default: /* NODE_EMPTY */
        break;
    }
}

void ejs__statement(ejs__emitter *e, const ejs__node *node)
{
    const uint32_t mark = e->next;
    if (node->kind != NODE_TEXT && node->kind != NODE_LINE)
        ejs__emit_place(e, node);
    switch (node->kind) {
    case NODE_IF:
        if_statement(e, node);
        break;
    case NODE_FOR:
        for_statement(e, node);
        break;
    case NODE_FOR_IN:
        for_in_statement(e, node);
        break;
    case NODE_FOR_OF:
        for_of_statement(e, node);
        break;
    case NODE_WHILE:
        while_statement(e, node);
        break;
    case NODE_DO:
        do_statement(e, node);
        break;
    case NODE_TRY:
        try_statement(e, node);
        break;
    case NODE_SWITCH:
        switch_statement(e, node);
        break;
    case NODE_LABELED:
        labeled_statement(e, node);
        break;
    case NODE_BLOCK:
        ejs__enter_scope(e, node->as.block.scope);
        ejs__statements(e, &node->as.block.body);
        break;
    default:
        simple_statement(e, node);
        break;
    }
    e->next = mark;
}

void ejs__statements(ejs__emitter *e, const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        ejs__statement(e, list->items[i]);
}
