/* statement.c - statements as C. */
#include "ejs/cgen/writer.h"

#include <string.h>

/* lists of statements
 * ---------------------------------------------------------------- */

uint32_t ejs__c_next_statement(writer *w, const ejs__list *list, uint32_t i)
{
    const ejs__node *node = list->items[i];
    const uint32_t end = ejs__c_run(w, list, i);
    if (end > i)
        return end;
    if (node->kind == NODE_TEXT || node->kind == NODE_LINE) {
        ejs__c_emit_line(w, node);
        return ejs__c_text_run(w, list, i);
    }
    ejs__c_statement(w, node);
    return i + 1;
}

void ejs__c_statements(writer *w, const ejs__list *list)
{
    if (w->split && ejs__c_write_parts(w, list))
        return;
    for (uint32_t i = 0; i < list->count;)
        i = ejs__c_next_statement(w, list, i);
}

/* declarations
 * --------------------------------------------------------------------- */

static void declaration(writer *w, const ejs__node *node)
{
    const ejs__list *list = &node->as.declaration.declarators;
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *target = list->items[i]->as.assign.target;
        const ejs__node *value = list->items[i]->as.assign.value;
        const bool is_var = node->as.declaration.kind == DECLARE_VAR;
        if (!value) {
            if (!is_var)
                ejs__c_store(w, target,
                             ejs__c_value_operand("ejs__undefined()"), true,
                             NULL);
            continue;
        }
        const ejs__slice name = target->kind == NODE_NAME ? target->as.name.text
                                                          : (ejs__slice){"", 0};
        const operand o = ejs__c_named_expression(w, value, name);
        ejs__c_store(w, target, o, true,
                     ejs__c_kept_text(
                         w, ejs__pattern_text(&w->arena, target, value, true)));
    }
}

/* A function in a block: made on entry; Annex B also assigns it outside when
 * the declaration is reached. */
static void function_declaration(writer *w, const ejs__node *node)
{
    if (!node->as.function_declaration.has_outer)
        return;
    const ejs__ref *inner = &node->as.function_declaration.ref;
    const ejs__ref *outer = &node->as.function_declaration.outer;
    const char *value;
    if (inner->kind == REF_DYNAMIC) {
        const char *t = ejs__c_new_value(w);
        ejs__c_emit(w, "%s = ejs__name_get(%s, %u);", t, ejs__c_frame_of(w),
                    inner->index);
        ejs__c_emit_check(w, t);
        value = t;
    } else {
        value = ejs__c_variable(w, inner->variable);
    }
    if (outer->kind == REF_DYNAMIC)
        ejs__c_emit(w, "ejs__name_put_var(%s, %u, %s);", ejs__c_frame_of(w),
                    outer->index, value);
    else
        ejs__c_emit(w, "%s = %s;", ejs__c_variable(w, outer->variable), value);
}

/* control
 * ------------------------------------------------------------------------------
 */

static void block_scope(writer *w, const ejs__node *node)
{
    w->host->indent++;
    ejs__c_block_body(w, node);
    w->host->indent--;
}

static void body(writer *w, const ejs__node *node)
{
    w->host->indent++;
    ejs__c_statement(w, node);
    w->host->indent--;
}

void ejs__c_block_body(writer *w, const ejs__node *block)
{
    if (block->kind != NODE_BLOCK) {
        ejs__c_statement(w, block);
        return;
    }
    ejs__c_enter_scope(w, block->as.block.scope);
    ejs__c_make_functions(w, block->as.block.scope);
    ejs__c_statements(w, &block->as.block.body);
}

static void if_statement(writer *w, const ejs__node *node)
{
    const operand test = ejs__c_condition(w, node->as.conditional.test);
    ejs__c_emit(w, "if (%s) {", ejs__c_as_condition(w, test));
    body(w, node->as.conditional.yes);
    if (node->as.conditional.no) {
        ejs__c_emit(w, "} else {");
        body(w, node->as.conditional.no);
    }
    ejs__c_emit(w, "}");
}

static void leave_unless(writer *w, const ejs__node *test, control *c)
{
    const operand o = ejs__c_condition(w, test);
    c->breaks = true;
    ejs__c_emit(w, "if (!%s) goto break_%u;", ejs__c_as_condition(w, o), c->id);
}

static void loop_statement(writer *w, const ejs__node *node)
{
    control c;
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    ejs__c_emit(w, "for (;;) {");
    w->host->indent++;
    ejs__c_emit_try(w, "ejs__step(ctx)");
    if (node->kind == NODE_WHILE)
        leave_unless(w, node->as.loop.test, &c);
    ejs__c_statement(w, node->as.loop.body);
    if (c.continues)
        ejs__c_emit(w, "continue_%u: ;", c.id);
    if (node->kind == NODE_DO)
        leave_unless(w, node->as.loop.test, &c);
    w->host->indent--;
    ejs__c_emit(w, "}");
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
}

/* Each turn of a `for (let ...)` has variables of its own: what a closure took
 * moved to the arena, and the next turn starts from a copy. */
static void next_turn(writer *w, const ejs__scope *scope)
{
    for (uint32_t i = 0; scope && i < scope->n_variables; i++) {
        const ejs__variable *v = scope->variables[i];
        if (!v->captured)
            continue;
        const char *cell_name = ejs__c_variable(w, v); /* "(*name)" */
        const char *name =
            ejs__c_format(w, "%.*s", (int)strlen(cell_name) - 3, cell_name + 2);
        ejs__c_emit(w, "%s_here = *%s;", name, name);
        ejs__c_emit(w, "%s = &%s_here;", name, name);
    }
}

static void for_statement(writer *w, const ejs__node *node)
{
    control c;
    ejs__c_enter_scope(w, node->as.for_.scope);
    if (node->as.for_.init) {
        ejs__c_statement(w, node->as.for_.init);
        next_turn(w, node->as.for_.scope); /* its closures have another one */
    }
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    ejs__c_emit(w, "for (;;) {");
    w->host->indent++;
    ejs__c_emit_try(w, "ejs__step(ctx)");
    if (node->as.for_.test)
        leave_unless(w, node->as.for_.test, &c);
    ejs__c_statement(w, node->as.for_.body);
    if (c.continues)
        ejs__c_emit(w, "continue_%u: ;", c.id);
    next_turn(w, node->as.for_.scope);
    if (node->as.for_.update)
        ejs__c_discard(w, node->as.for_.update);
    w->host->indent--;
    ejs__c_emit(w, "}");
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
}

static void bind_turn(writer *w, const ejs__node *node, const char *value)
{
    const ejs__node *target = node->as.for_each.target;
    const char *text = ejs__for_of_item_text(target);
    ejs__c_enter_scope(w, node->as.for_each.scope);
    if (target->kind == NODE_DECLARATION)
        ejs__c_store(
            w, target->as.declaration.declarators.items[0]->as.assign.target,
            ejs__c_value_operand(value), true, text);
    else
        ejs__c_store(w, target, ejs__c_value_operand(value), false, text);
}

static void for_in(writer *w, const ejs__node *node)
{
    control c;
    const char *key = ejs__c_new_value(w), *more = ejs__c_new_boolean(w);
    ejs__c_enter_scope(w, node->as.for_each.scope);
    const operand object = ejs__c_expression(w, node->as.for_each.object);
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    base_buf_printf(&w->host->declarations, "    ejs__iterator it_%u = {0};\n",
                    c.id);
    ejs__c_emit_try(w, "ejs__enumerate(ctx, &it_%u, %s)", c.id,
                    ejs__c_as_value(w, object));
    ejs__c_emit(w, "while ((%s = ejs__next_key(ctx, &it_%u, &%s)) != 0) {",
                more, c.id, key);
    w->host->indent++;
    ejs__c_emit(w, "if (%s < 0 || !ejs__step(ctx)) goto %s;", more,
                ejs__c_fail_label(w));
    bind_turn(w, node, key);
    ejs__c_statement(w, node->as.for_each.body);
    if (c.continues)
        ejs__c_emit(w, "continue_%u: ;", c.id);
    w->host->indent--;
    ejs__c_emit(w, "}");
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
}

/* for (const x of ...) where x is only printed? */
static bool turn_only_prints(const ejs__node *node)
{
    const ejs__node *target = node->as.for_each.target;
    return target->kind == NODE_DECLARATION &&
           target->as.declaration.kind != DECLARE_VAR &&
           ejs__c_only_printed(
               target->as.declaration.declarators.items[0]->as.assign.target);
}

static void for_of(writer *w, const ejs__node *node)
{
    control c, inner;
    const char *value = ejs__c_new_value(w), *more = ejs__c_new_boolean(w);
    ejs__c_enter_scope(w, node->as.for_each.scope);
    const operand object = ejs__c_expression(w, node->as.for_each.object);
    const char *text = ejs__c_kept_text(
        w, ejs__for_of_text(&w->arena, node->as.for_each.object));
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    const unsigned id = w->n_controls;
    base_buf_printf(&w->host->declarations, "    ejs__iterator it_%u = {0};\n",
                    id);
    w->at = ejs__node_place(node->as.for_each.object);
    ejs__c_emit_try(w, "ejs__iterate(ctx, &it_%u, %s, %s)", id,
                    ejs__c_as_value(w, object), ejs__c_c_text(w, text));
    ejs__c_emit(w, "while ((%s = ejs__next%s(ctx, &it_%u, &%s)) != 0) {", more,
                turn_only_prints(node) ? "_item" : "", id, value);
    w->host->indent++;
    ejs__c_emit(w, "if (%s < 0 || !ejs__step(ctx)) goto %s;", more,
                ejs__c_fail_label(w));
    ejs__c_push_control(w, &inner, CONTROL_ITERATE, node);
    bind_turn(w, node, value);
    ejs__c_statement(w, node->as.for_each.body);
    ejs__c_pop_control(w);
    if (inner.throws)
        ejs__c_end_iteration(w, id, "");
    if (c.continues)
        ejs__c_emit(w, "continue_%u: ;", c.id);
    w->host->indent--;
    ejs__c_emit(w, "}");
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
}

static void switch_statement(writer *w, const ejs__node *node)
{
    control c;
    const operand value =
        ejs__c_hold(w, ejs__c_expression(w, node->as.switch_.value));
    ejs__c_enter_scope(w, node->as.switch_.scope);
    ejs__c_make_functions(w, node->as.switch_.scope);
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    const uint32_t n = node->as.switch_.n_cases;
    const ejs__case *cases = node->as.switch_.cases;
    bool has_default = false;
    for (uint32_t i = 0; i < n; i++) {
        if (!cases[i].test) {
            has_default = true;
            continue;
        }
        const operand test = ejs__c_expression(w, cases[i].test);
        ejs__c_emit(w, "if (ejs__strict_equal(%s, %s)) goto case_%u_%u;",
                    ejs__c_as_value(w, value), ejs__c_as_value(w, test), c.id,
                    i);
    }
    if (has_default) {
        ejs__c_emit(w, "goto default_%u;", c.id);
    } else {
        c.breaks = true;
        ejs__c_emit(w, "goto break_%u;", c.id);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (cases[i].test)
            ejs__c_emit(w, "case_%u_%u: ;", c.id, i);
        else
            ejs__c_emit(w, "default_%u: ;", c.id);
        ejs__c_statements(w, &cases[i].body);
    }
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
}

static void labelled(writer *w, const ejs__node *node)
{
    control c;
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    ejs__c_statement(w, node->as.labeled.body);
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
}

/* try
 * ------------------------------------------------------------------------------------
 */

static void catch_block(writer *w, const ejs__node *node)
{
    const char *exception = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__catch(ctx);", exception);
    ejs__c_emit_check(w, exception);
    ejs__c_enter_scope(w, node->as.try_.scope);
    if (node->as.try_.parameter)
        ejs__c_store(w, node->as.try_.parameter,
                     ejs__c_value_operand(exception), true,
                     ejs__caught_text(node->as.try_.parameter));
    ejs__c_block_body(w, node->as.try_.handler);
}

/* Block and handler, without the finalizer. */
static void guarded(writer *w, const ejs__node *node)
{
    if (!node->as.try_.handler) {
        block_scope(w, node->as.try_.block);
        return;
    }
    control c;
    ejs__c_push_control(w, &c, CONTROL_CATCH, node);
    ejs__c_emit(w, "{");
    block_scope(w, node->as.try_.block);
    ejs__c_emit(w, "}");
    ejs__c_pop_control(w);
    if (!c.throws)
        return; /* nothing in it can fail */
    ejs__c_emit(w, "if (0) {");
    ejs__c_emit(w, "catch_%u: ;", c.id);
    w->host->indent++;
    catch_block(w, node);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

/*
 * resume_N says how the finalizer was reached and where to go after it:
 * 0 normally, 1 by an exception, 2 ... by the jumps in c.pending.
 */
static void try_finally(writer *w, const ejs__node *node)
{
    control c;
    ejs__c_push_control(w, &c, CONTROL_FINALLY, node);
    base_buf_printf(&w->host->declarations, "    int resume_%u = 0;\n", c.id);
    const char *exception = ejs__c_new_value(w), *kept = ejs__c_new_value(w);
    ejs__c_emit(w, "resume_%u = 0;", c.id);
    ejs__c_emit(w, "{");
    w->host->indent++;
    guarded(w, node);
    w->host->indent--;
    ejs__c_emit(w, "}");
    ejs__c_pop_control(w);
    if (c.throws) {
        ejs__c_emit(w, "if (0) {");
        ejs__c_emit(w, "catch_%u:", c.id);
        ejs__c_emit(w, "    resume_%u = 1;", c.id);
        ejs__c_emit(w, "}");
    }
    if (c.n_pending)
        ejs__c_emit(w, "finally_%u: ;", c.id);
    ejs__c_emit(w, "%s = ejs__undefined();", exception);
    ejs__c_emit(w, "if (resume_%u == 1) {", c.id);
    ejs__c_emit(w, "    %s = ejs__catch(ctx);", exception);
    ejs__c_emit(w, "    if (ejs__is_thrown(%s)) goto %s;", exception,
                ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
    ejs__c_emit(w, "%s = result;", kept);
    ejs__c_emit(w, "{");
    block_scope(w, node->as.try_.finalizer);
    ejs__c_emit(w, "}");
    ejs__c_emit(w, "result = %s;", kept);
    ejs__c_emit(w,
                "if (resume_%u == 1) { ejs__throw_value(ctx, %s); goto %s; }",
                c.id, exception, ejs__c_fail_label(w));
    for (unsigned i = 0; i < c.n_pending; i++) {
        ejs__c_emit(w, "if (resume_%u == %u) {", c.id, i + 2);
        w->host->indent++;
        ejs__c_emit_pending(w, &c.pending[i]);
        w->host->indent--;
        ejs__c_emit(w, "}");
    }
}

static void return_statement(writer *w, const ejs__node *node)
{
    if (!node->as.unary.operand) {
        ejs__c_emit_return(w, "ejs__undefined()");
        return;
    }
    const operand o = ejs__c_expression(w, node->as.unary.operand);
    ejs__c_emit_return(w, ejs__c_as_value(w, o));
}

static void throw_statement(writer *w, const ejs__node *node)
{
    const operand o = ejs__c_expression(w, node->as.unary.operand);
    ejs__c_emit(w, "ejs__throw_value(ctx, %s);", ejs__c_as_value(w, o));
    ejs__c_emit(w, "goto %s;", ejs__c_fail_label(w));
}

static void write_statement(writer *w, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
        ejs__c_text(w, node->as.string);
        break;
    case NODE_LINE:
        ejs__c_emit(w, "%s->line = %u;", ejs__c_frame_of(w), node->as.line);
        break;
    case NODE_OUTPUT:
        ejs__c_output(w, node);
        break;
    case NODE_EXPRESSION:
        ejs__c_discard(w, node->as.unary.operand);
        break;
    case NODE_DECLARATION:
        declaration(w, node);
        break;
    case NODE_FUNCTION_DECLARATION:
        function_declaration(w, node);
        break;
    case NODE_CLASS_DECLARATION:
        ejs__c_class_declaration(w, node);
        break;
    case NODE_RETURN:
        return_statement(w, node);
        break;
    case NODE_IF:
        if_statement(w, node);
        break;
    case NODE_FOR:
        for_statement(w, node);
        break;
    case NODE_FOR_IN:
        for_in(w, node);
        break;
    case NODE_FOR_OF:
        for_of(w, node);
        break;
    case NODE_WHILE:
    case NODE_DO:
        loop_statement(w, node);
        break;
    case NODE_BREAK:
    case NODE_CONTINUE:
        ejs__c_emit_jump(w, node->as.jump.target, node->kind == NODE_CONTINUE);
        break;
    case NODE_THROW:
        throw_statement(w, node);
        break;
    case NODE_TRY:
        if (node->as.try_.finalizer)
            try_finally(w, node);
        else
            guarded(w, node);
        break;
    case NODE_SWITCH:
        switch_statement(w, node);
        break;
    case NODE_LABELED:
        labelled(w, node);
        break;
    case NODE_BLOCK:
        ejs__c_emit(w, "{");
        block_scope(w, node);
        ejs__c_emit(w, "}");
        break;
    case NODE_EMPTY:
        break;
    default:
        w->unsupported = "a statement";
    }
}

void ejs__c_statement(writer *w, const ejs__node *node)
{
    const unsigned values = w->host->n_values;
    const unsigned booleans = w->host->n_booleans;
    const uint32_t at = w->at;
    ejs__c_emit_line(w, node);
    w->at = node->kind == NODE_TEXT ? 0 : ejs__node_place(node);
    write_statement(w, node);
    w->at = at;
    w->host->n_values = values;
    w->host->n_booleans = booleans;
}
