/* statement.c - statements as C. */
#include "ejs/cgen/writer.h"

#include <string.h>

/* text and output
 * ---------------------------------------------------------------- */

static void put_text(writer *w, ejs__slice text)
{
    base_buf literal = {0};
    const char *line_break = "\n            ";
    ejs__c_put_c_string(&literal, text.data, text.size, line_break);
    base_buf_putc(&literal, '\0');
    if (literal.failed)
        w->failed = true;
    else
        ejs__c_emit(
            w, "if (EJS_UNLIKELY(!ejs__put(%s,\n            %s, %u))) goto %s;",
            ejs__c_frame_of(w), literal.data, text.size, ejs__c_fail_label(w));
    base_buf_free(&literal);
}

/* <%= `a ${b} c` %>: the parts need not be joined first. */
static bool output_template(writer *w, const ejs__node *node, const char *put)
{
    const ejs__node *arg = node->as.output.args.items[0];
    if (node->as.output.args.count != 1 || arg->kind != NODE_TEMPLATE ||
        arg->as.template_.tag || arg->as.template_.values.count == 0)
        return false;
    const ejs__list *values = &arg->as.template_.values;
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_value p%u[%u];\n", id,
                    values->count);
    for (uint32_t i = 0; i < values->count; i++) {
        const operand o = ejs__c_expression(w, values->items[i]);
        ejs__c_emit(w, "p%u[%u] = ejs__to_string(ctx, %s);", id, i,
                    ejs__c_as_value(w, o));
        ejs__c_emit_check(w, ejs__c_format(w, "p%u[%u]", id, i));
    }
    for (uint32_t i = 0; i <= values->count; i++) {
        const ejs__slice text = arg->as.template_.cooked[i];
        if (text.size)
            ejs__c_emit_try(w, "%s(%s, ejs__string(%s, %u, 0))", put,
                            ejs__c_frame_of(w), ejs__c_c_string(w, text),
                            text.size);
        if (i < values->count)
            ejs__c_emit_try(w, "%s(%s, p%u[%u])", put, ejs__c_frame_of(w), id,
                            i);
    }
    return true;
}

/* <%= object.key %> */
static bool is_plain_member(const ejs__list *args)
{
    const ejs__node *node = args->items[0];
    return args->count == 1 && node->kind == NODE_MEMBER &&
           node->as.member.object->kind != NODE_SUPER &&
           !node->as.member.is_private && !node->as.member.optional &&
           (node->as.member.name.size != 6 ||
            memcmp(node->as.member.name.data, "length", 6) != 0);
}

static void output_member(writer *w, const ejs__node *node)
{
    const operand o = ejs__c_expression(w, node->as.member.object);
    ejs__c_emit_try(w, "ejs__put_member(%s, %s, &SITES[%u])",
                    ejs__c_frame_of(w), ejs__c_as_value(w, o),
                    ejs__c_site(w, node->as.member.name));
}

static const ejs__node *include_call(const ejs__node *node)
{
    const ejs__list *args = &node->as.output.args;
    if (args->count != 1 || args->items[0]->kind != NODE_CALL)
        return NULL;
    const ejs__node *call = args->items[0];
    const ejs__node *callee = call->as.call.callee;
    if (callee->kind != NODE_NAME || callee->as.name.ref.kind != REF_DYNAMIC ||
        callee->as.name.text.size != 7 ||
        memcmp(callee->as.name.text.data, "include", 7) != 0 ||
        call->as.call.optional || call->as.call.args.count > 2 ||
        call->as.call.args.count == 0 || ejs__c_has_spread(&call->as.call.args))
        return NULL;
    return call;
}

/* <%- include('x', data) %>: rendered straight into the page. */
static void output_include(writer *w, const ejs__node *call, bool escaped)
{
    const ejs__list *args = &call->as.call.args;
    const uint32_t index = call->as.call.callee->as.name.ref.index;
    const char *own = ejs__c_new_boolean(w);
    const char *f = ejs__c_new_value(w), *self = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__name_is_include(%s, %u);", own,
                ejs__c_frame_of(w), index);
    ejs__c_emit(w, "%s = ejs__undefined();", f);
    ejs__c_emit(w, "if (!%s) {", own);
    ejs__c_emit(w, "    %s = ejs__name_callee(%s, %u, &%s);", f,
                ejs__c_frame_of(w), index, self);
    ejs__c_emit(w, "    if (ejs__is_thrown(%s)) goto %s;", f,
                ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
    const operand path = ejs__c_hold(w, ejs__c_expression(w, args->items[0]));
    const operand data =
        args->count == 2 ? ejs__c_hold(w, ejs__c_expression(w, args->items[1]))
                         : ejs__c_value_operand("ejs__undefined()");
    ejs__c_emit(w, "if (%s) {", own);
    w->host->indent++;
    ejs__c_emit_try(w, "ejs__put_include(%s, %s, %s, %s)", ejs__c_frame_of(w),
                    ejs__c_as_value(w, path), ejs__c_as_value(w, data),
                    escaped ? "true" : "false");
    w->host->indent--;
    ejs__c_emit(w, "} else {");
    w->host->indent++;
    ejs__c_emit(w,
                "%s = ejs__call(ctx, %s, %s, (const ejs_value[]){%s, %s}, %u, "
                "\"include\");",
                f, f, self, ejs__c_as_value(w, path), ejs__c_as_value(w, data),
                args->count);
    ejs__c_emit_check(w, f);
    ejs__c_emit_try(w, "%s(%s, %s)",
                    escaped ? "ejs__put_escaped" : "ejs__put_raw",
                    ejs__c_frame_of(w), f);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

bool ejs__c_only_printed(const ejs__node *name)
{
    if (name->kind != NODE_NAME || name->as.name.ref.kind != REF_LOCAL)
        return false;
    const ejs__variable *v = name->as.name.ref.variable;
    return !v->captured && !v->assigned && !v->needs_tdz &&
           v->n_reads == v->n_printed;
}

static void output(writer *w, const ejs__node *node)
{
    const bool escaped = node->as.output.escaped;
    const ejs__list *args = &node->as.output.args;
    const char *put = escaped ? "ejs__put_escaped" : "ejs__put_raw";
    const ejs__node *call = include_call(node);
    if (call) {
        output_include(w, call, escaped);
        return;
    }
    if (args->count == 0 || ejs__c_has_spread(args)) {
        const char *list = ejs__c_arguments(w, args);
        const unsigned id = w->n_blocks++;
        base_buf_printf(&w->host->declarations,
                        "    struct { const ejs_value *items; uint32_t n; } "
                        "l%u;\n",
                        id);
        ejs__c_emit(w, "l%u.items = 0; l%u.n = 0;", id, id);
        if (args->count) {
            const char *comma = strstr(list, ", ");
            ejs__c_emit(w, "l%u.items = %.*s; l%u.n = %s;", id,
                        (int)(comma - list), list, id, comma + 2);
        }
        ejs__c_emit_try(w, "%s(%s, l%u.n ? l%u.items[0] : ejs__undefined())",
                        put, ejs__c_frame_of(w), id, id);
        return;
    }
    if (output_template(w, node, put))
        return;
    if (escaped && is_plain_member(args)) {
        output_member(w, args->items[0]);
        return;
    }
    operand o = ejs__c_expression(w, args->items[0]);
    for (uint32_t i = 1; i < args->count; i++) {
        if (o.fragile && ejs__c_has_effects(args->items[i]))
            o = ejs__c_hold(w, o);
        ejs__c_discard(w, args->items[i]);
    }
    if (escaped && args->count == 1 && ejs__c_only_printed(args->items[0]))
        put = "ejs__put_item";
    ejs__c_emit_try(w, "%s(%s, %s)", put, ejs__c_frame_of(w),
                    ejs__c_as_value(w, o));
}

/* Text, then more text after a line mark: one piece. */
static uint32_t text_run(writer *w, const ejs__list *list, uint32_t first)
{
    base_buf text = {0};
    uint32_t i = first, line = 0;
    for (; i < list->count; i++) {
        const ejs__node *node = list->items[i];
        if (node->kind == NODE_TEXT)
            base_buf_put(&text, node->as.string.data, node->as.string.size);
        else if (node->kind == NODE_LINE)
            line = node->as.line;
        else
            break;
    }
    if (text.failed)
        w->failed = true;
    if (text.size)
        put_text(w, (ejs__slice){text.data, (uint32_t)text.size});
    if (line)
        ejs__c_emit(w, "%s->line = %u;", ejs__c_frame_of(w), line);
    base_buf_free(&text);
    return i;
}

uint32_t ejs__c_next_statement(writer *w, const ejs__list *list, uint32_t i)
{
    const ejs__node *node = list->items[i];
    if (node->kind == NODE_TEXT || node->kind == NODE_LINE) {
        ejs__c_emit_line(w, node);
        return text_run(w, list, i);
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
        ejs__c_store(w, target, o, true, ejs__node_text(&w->arena, value));
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
        ejs__c_emit_try(w, "ejs__name_put(%s, %u, %s, false)",
                        ejs__c_frame_of(w), outer->index, value);
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
    if (node->as.for_.init)
        ejs__c_statement(w, node->as.for_.init);
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
    ejs__c_enter_scope(w, node->as.for_each.scope);
    if (target->kind == NODE_DECLARATION)
        ejs__c_store(
            w, target->as.declaration.declarators.items[0]->as.assign.target,
            ejs__c_value_operand(value), true, NULL);
    else
        ejs__c_store(w, target, ejs__c_value_operand(value), false, NULL);
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
    const char *text = ejs__iterable_text(&w->arena, node->as.for_each.object);
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
                     ejs__c_value_operand(exception), true, NULL);
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
        put_text(w, node->as.string);
        break;
    case NODE_LINE:
        ejs__c_emit(w, "%s->line = %u;", ejs__c_frame_of(w), node->as.line);
        break;
    case NODE_OUTPUT:
        output(w, node);
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
        w->unsupported = "classes";
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
