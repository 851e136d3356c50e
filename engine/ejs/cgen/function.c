/* function.c - JavaScript functions as C functions, and their closures. */
#include "ejs/cgen/writer.h"

#include <stdlib.h>
#include <string.h>

/* parameters
 * ------------------------------------------------------------------- */

static void bind_rest(writer *w, const ejs__node *target, uint32_t first)
{
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__rest(ctx, call, %u);", t, first);
    ejs__c_emit_check(w, t);
    ejs__c_store(w, target, ejs__c_value_operand(t), true, NULL);
}

static const ejs__variable *find_variable(const ejs__scope *scope,
                                          ejs__slice name)
{
    for (uint32_t i = 0; i < scope->n_variables; i++) {
        const ejs__variable *v = scope->variables[i];
        if (v->name.size == name.size &&
            memcmp(v->name.data, name.data, name.size) == 0)
            return v;
    }
    return NULL;
}

/* With parameters that are not simple, the body's vars are variables of their
 * own; one with a parameter's name starts with that one's value. */
static void enter_body_scope(writer *w, const ejs__function *function)
{
    const ejs__scope *scope = function->body_scope;
    if (!scope)
        return;
    ejs__c_enter_scope(w, scope);
    for (uint32_t i = 0; i < scope->n_variables; i++) {
        const ejs__variable *v = scope->variables[i];
        const ejs__variable *parameter =
            v->kind == VARIABLE_VAR ? find_variable(function->scope, v->name)
                                    : NULL;
        if (parameter)
            ejs__c_emit(w, "%s = %s;", ejs__c_variable(w, v),
                        ejs__c_variable(w, parameter));
    }
    ejs__c_make_functions(w, scope);
}

static void bind_special(writer *w, const ejs__function *function)
{
    for (uint32_t i = 0; i < function->scope->n_variables; i++) {
        const ejs__variable *v = function->scope->variables[i];
        if (v->kind == VARIABLE_ARGUMENTS) {
            const char *t = ejs__c_new_value(w);
            ejs__c_emit(w, "%s = ejs__arguments(ctx, call, %s);", t,
                        function->is_strict ? "true" : "false");
            ejs__c_emit_check(w, t);
            ejs__c_emit(w, "%s = %s;", ejs__c_variable(w, v), t);
        } else if (v->kind == VARIABLE_SELF) {
            ejs__c_emit(w, "%s = ejs__object(call->callee);",
                        ejs__c_variable(w, v));
        }
    }
}

/* The elements of `arguments` and the parameters become one; of parameters
 * with the same name the last. */
static void map_arguments(writer *w, const ejs__function *function)
{
    const ejs__variable *arguments =
        find_variable(function->scope, (ejs__slice){"arguments", 9});
    for (uint32_t i = 0; i < function->params.count; i++) {
        const ejs__variable *v =
            function->params.items[i]->as.name.ref.variable;
        uint32_t last = i;
        for (uint32_t k = i + 1; k < function->params.count; k++)
            if (function->params.items[k]->as.name.ref.variable == v)
                last = k;
        if (last != i)
            continue;
        const char *cell = ejs__c_cell(w, v);
        ejs__c_emit_try(w, "ejs__map_argument(ctx, %s, %u, %s)",
                        ejs__c_variable(w, arguments), i, cell);
    }
}

void ejs__c_bind_parameters(writer *w, const ejs__function *function,
                            const char *args, const char *argc)
{
    ejs__c_enter_scope(w, function->scope);
    if (!w->host->n_inlined)
        bind_special(w, function);
    for (uint32_t i = 0; i < function->params.count; i++) {
        const ejs__node *p = function->params.items[i];
        if (p->kind == NODE_REST) {
            bind_rest(w, p->as.unary.operand, i);
            continue;
        }
        const char *value =
            strcmp(argc, "0") == 0
                ? "ejs__undefined()"
                : ejs__c_format(w, "(%s > %u ? %s[%u] : ejs__undefined())",
                                argc, i, args, i);
        ejs__c_store(w, p, ejs__c_value_operand(value), true, NULL);
    }
    if (function->maps_arguments)
        map_arguments(w, function);
    ejs__c_make_functions(w, function->scope);
    enter_body_scope(w, function);
}

/* writing one C function
 * ------------------------------------------------------------ */

void ejs__c_declare_temporaries(base_buf *out, const host *h)
{
    if (h->has_run)
        base_buf_printf(out, "    char *out%s;\n",
                        h->has_item ? ", *next" : "");
    for (unsigned i = 0; i < h->max_values; i++)
        base_buf_printf(out, "%st%u%s", i % 8 ? " " : "    ejs_value ", i,
                        i % 8 == 7 || i + 1 == h->max_values ? ";\n" : ",");
    for (unsigned i = 0; i < h->max_booleans; i++)
        base_buf_printf(out, "%sb%u%s", i % 8 ? " " : "    int ", i,
                        i % 8 == 7 || i + 1 == h->max_booleans ? ";\n" : ",");
}

/* The finished function goes behind those finished before it; what follows it
 * is again on a line of the C file. */
static void finish_function(writer *w, const host *h, const base_buf *head)
{
    base_buf *out = &w->functions;
    base_buf_put(out, head->data, head->size);
    base_buf_put(out, h->declarations.data, h->declarations.size);
    ejs__c_declare_temporaries(out, h);
    base_buf_puts(out, h->enter ? h->enter : "");
    base_buf_putc(out, '\n');
    base_buf_put(out, h->body.data, h->body.size);
    base_buf_puts(out, "#line LINE_HERE\n");
}

void ejs__c_free_host(writer *w, host *h)
{
    w->failed |= h->body.failed || h->declarations.failed;
    base_buf_free(&h->body);
    base_buf_free(&h->declarations);
    w->host = h->outer;
}

static void write_function(writer *w, const ejs__function *function,
                           unsigned id)
{
    host h;
    const uint32_t at = w->at;
    ejs__c_push_host(w, &h, function);
    h.no_inline = h.outer && h.outer->no_inline;
    ejs__c_bind_parameters(w, function, "call->args", "call->argc");
    if (w->implicit && function->kind == FUNCTION_DERIVED_CONSTRUCTOR)
        ejs__c_super_call(w, NULL);
    w->implicit = false;
    ejs__c_statements(w, &function->body);
    base_buf head = {0};
    base_buf_printf(&head,
                    "static ejs_value %s_f%u(ejs_call *call)\n{\n"
                    "    ejs_context *const ctx = call->ctx;\n",
                    w->options->symbol, id);
    const bool is_arrow = function->kind == FUNCTION_ARROW;
    if (h.needs_me || h.needs_frame || (h.needs_self && is_arrow))
        base_buf_puts(&head, "    ejs__function_object *const me =\n"
                             "        (ejs__function_object *)(void *)"
                             "call->callee;\n");
    if (h.needs_frame)
        base_buf_puts(&head, "    ejs_frame *const frame = me->frame;\n");
    if (h.needs_self)
        base_buf_printf(&head, "    const ejs_value self = %s;\n",
                        is_arrow              ? "me->self"
                        : function->is_strict ? "call->self"
                                              : "ejs__sloppy_this(ctx, "
                                                "call->self)");
    base_buf_puts(&head, "    ejs_value result = ejs__undefined();\n");
    h.enter = "    if (!ejs__enter(ctx))\n        return ejs__thrown();\n";
    if (h.leaves)
        ejs__c_emit(w, "\nleave:");
    ejs__c_emit(w, "ejs__leave(ctx);");
    ejs__c_emit(w, "return result;");
    ejs__c_emit_stubs(w);
    if (h.fails)
        ejs__c_emit(w, "\nfail:\n    ejs__leave(ctx);\n"
                       "    return ejs__thrown();");
    base_buf_puts(&h.body, "}\n\n");
    finish_function(w, &h, &head);
    w->failed |= head.failed;
    base_buf_free(&head);
    ejs__c_free_host(w, &h);
    w->at = at;
}

static const char *code_kind(const ejs__function *f)
{
    if (f->kind == FUNCTION_CLASS_CONSTRUCTOR)
        return "EJS_CODE_CLASS";
    if (f->kind == FUNCTION_DERIVED_CONSTRUCTOR)
        return "EJS_CODE_DERIVED_CLASS";
    if (f->kind == FUNCTION_FIELDS)
        return "EJS_CODE_METHOD";
    if (f->kind == FUNCTION_ARROW)
        return "EJS_CODE_ARROW";
    return f->kind == FUNCTION_METHOD ? "EJS_CODE_METHOD" : "EJS_CODE_NORMAL";
}

static void write_info(writer *w, const ejs__function *f, unsigned id,
                       ejs__slice name)
{
    base_buf *out = &w->prototypes;
    base_buf_printf(out, "static ejs_value %s_f%u(ejs_call *call);\n",
                    w->options->symbol, id);
    base_buf_printf(out, "static const ejs__function_info %s_i%u = {\n    ",
                    w->options->symbol, id);
    ejs__c_put_c_string(out, name.data, name.size, NULL);
    base_buf_printf(out, ", %s_text + %u, %u, %u, %u, %s, %s};\n",
                    w->options->symbol, f->start, name.size, f->end - f->start,
                    f->length, code_kind(f), f->is_strict ? "true" : "false");
}

/* An arrow in a derived constructor may run before super() has. */
static bool is_in_derived(const ejs__function *f)
{
    while (f && f->kind == FUNCTION_ARROW)
        f = f->parent;
    return f && f->kind == FUNCTION_DERIVED_CONSTRUCTOR;
}

static bool only_interpreted(const ejs__function *f)
{
    return f->is_generator ||
           (f->kind == FUNCTION_ARROW && (f->uses_super || f->uses_new_target ||
                                          (f->uses_this && is_in_derived(f))));
}

operand ejs__c_closure(writer *w, const ejs__function *function,
                       ejs__slice name)
{
    if (only_interpreted(function)) {
        w->unsupported = "generators, and super in arrow functions";
        return ejs__c_value_operand("ejs__undefined()");
    }
    const unsigned id = w->n_functions++;
    write_info(w, function, id, name);
    write_function(w, function, id);

    const char *t = ejs__c_new_value(w);
    const char *c = ejs__c_format(w, "c%u", w->n_blocks++);
    base_buf_printf(&w->host->declarations, "    ejs__function_object *%s;\n",
                    c);
    ejs__c_emit(w, "%s = ejs__closure(ctx, %s, &%s_i%u, %s_f%u, NULL, %u);", c,
                ejs__c_frame_of(w), w->options->symbol, id, w->options->symbol,
                id, function->n_upvalues);
    ejs__c_emit(w, "if (!%s) goto %s;", c, ejs__c_fail_label(w));
    for (uint32_t i = 0; i < function->n_upvalues; i++) {
        const char *from = ejs__c_cell(w, function->upvalues[i].variable);
        ejs__c_emit(w, "%s->cells[%u] = %s;", c, i, from);
    }
    if (function->kind == FUNCTION_ARROW && function->uses_this)
        ejs__c_emit(w, "%s->self = %s;", c, ejs__c_self_of(w));
    ejs__c_emit(w, "%s = ejs__object(&%s->object);", t, c);
    return ejs__c_value_operand(t);
}

/* the template itself
 * ------------------------------------------------------------------- */

/* `this` of the page: sloppy code never sees undefined. */
const char *ejs__c_page_self(const writer *w)
{
    return w->script->is_strict ? "frame->self"
                                : "ejs__sloppy_this(ctx, frame->self)";
}

void ejs__c_write_main(writer *w)
{
    const ejs__function *main = w->script->main;
    host h;
    ejs__c_push_host(w, &h, main);
    ejs__c_enter_scope(w, main->scope);
    ejs__c_make_functions(w, main->scope);
    enter_body_scope(w, main);
    ejs__c_statements(w, &main->body);
    if (h.leaves)
        ejs__c_emit(w, "\nleave:");
    ejs__c_emit(w, "return result;");
    ejs__c_emit_stubs(w);
    if (h.fails)
        ejs__c_emit(w, "\nfail:\n    return ejs__thrown();");
    base_buf_puts(&h.body, "}\n\n");
    base_buf head = {0};
    base_buf_printf(&head,
                    "static ejs_value %s_run(ejs_frame *frame, bool *returned)"
                    "\n{\n    ejs_context *const ctx = frame->ctx;\n",
                    w->options->symbol);
    if (h.needs_self)
        base_buf_printf(&head, "    const ejs_value self = %s;\n",
                        ejs__c_page_self(w));
    base_buf_puts(&head, "    ejs_value result = ejs__undefined();\n");
    if (w->split)
        base_buf_printf(&head,
                        "    struct %s_shared shared = {0}, *const V = "
                        "&shared;\n    (void)V;\n",
                        w->options->symbol);
    base_buf_puts(&h.declarations, "    (void)ctx;\n    (void)returned;\n");
    finish_function(w, &h, &head);
    w->main_size = h.body.size;
    w->failed |= head.failed;
    base_buf_free(&head);
    ejs__c_free_host(w, &h);
}
