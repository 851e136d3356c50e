/*
 * loop.c - array methods with a literal callback, run in place.
 *
 * `items.forEach(item => { %>...<% })` becomes a C loop whose body is the
 * callback's, when at run time `items` is an array and forEach the built-in:
 *
 *     if (ejs__loop_open(ctx, t0, &SITES[3], &n)) {
 *         for (i = 0; i < n; i++) { ... body ... }
 *     } else {
 *         the ordinary call with a closure
 *     }
 *
 * The ordinary call's closure is written without loops in place, so a callback
 * is written twice however deep it is nested.
 */
#include "ejs/cgen/writer.h"

#include <string.h>

typedef enum method {
    METHOD_FOR_EACH,
    METHOD_MAP,
    METHOD_FILTER,
    METHOD_SOME,
    METHOD_EVERY,
    METHOD_FIND,
    METHOD_FIND_INDEX,
    METHOD_REDUCE,
    METHOD_NONE,
} method;

static const char *const method_names[] = {
    "forEach", "map", "filter", "some", "every", "find", "findIndex", "reduce",
};

static method method_of(ejs__slice name)
{
    for (int i = 0; i < METHOD_NONE; i++) {
        if (strlen(method_names[i]) == name.size &&
            memcmp(method_names[i], name.data, name.size) == 0)
            return (method)i;
    }
    return METHOD_NONE;
}

static bool uses_own_name(const ejs__function *f)
{
    for (uint32_t i = 0; i < f->scope->n_variables; i++) {
        if (f->scope->variables[i]->kind == VARIABLE_SELF &&
            f->scope->variables[i]->captured)
            return true;
    }
    return false;
}

static bool is_simple_callback(const writer *w, const ejs__node *node)
{
    if (node->kind != NODE_FUNCTION)
        return false;
    const ejs__function *f = node->as.function;
    if (f->is_generator || f->uses_arguments || f->uses_super ||
        f->body_scope || uses_own_name(f))
        return false;
    if (f->kind != FUNCTION_ARROW &&
        (f->kind != FUNCTION_NORMAL || f->uses_this || f->uses_new_target ||
         f->name.size))
        return false;
    for (uint32_t i = 0; i < f->params.count; i++) {
        if (f->params.items[i]->kind == NODE_REST)
            return false;
    }
    const host *h = w->host;
    return !h->no_inline &&
           h->n_inlined < sizeof h->inlined / sizeof h->inlined[0];
}

typedef struct loop {
    method method;
    const ejs__function *callback;
    unsigned id; /* numbers its C variables */
    const char *receiver, *element, *result;
} loop;

static void declare_loop(writer *w, loop *l)
{
    l->id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    uint32_t n_%u, i_%u;\n", l->id,
                    l->id);
    if (l->method == METHOD_MAP || l->method == METHOD_FILTER)
        base_buf_printf(&w->host->declarations, "    ejs__array *a_%u;\n",
                        l->id);
}

static void start(writer *w, loop *l, const ejs__node *node)
{
    switch (l->method) {
    case METHOD_MAP:
    case METHOD_FILTER:
        ejs__c_emit(w, "a_%u = ejs__array_new(ctx, %s%u%s);", l->id,
                    l->method == METHOD_MAP ? "n_" : "",
                    l->method == METHOD_MAP ? l->id : 0, "");
        ejs__c_emit(w, "if (!a_%u) goto %s;", l->id, ejs__c_fail_label(w));
        ejs__c_emit(w, "%s = ejs__object(&a_%u->object);", l->result, l->id);
        break;
    case METHOD_SOME:
    case METHOD_EVERY:
        ejs__c_emit(w, "%s = ejs__boolean(%s);", l->result,
                    l->method == METHOD_EVERY ? "true" : "false");
        break;
    case METHOD_FIND_INDEX:
        ejs__c_emit(w, "%s = ejs__number(-1);", l->result);
        break;
    case METHOD_REDUCE:
        ejs__c_emit(w, "%s = %s;", l->result,
                    ejs__c_as_value(
                        w, ejs__c_expression(w, node->as.call.args.items[1])));
        break;
    default:
        ejs__c_emit(w, "%s = ejs__undefined();", l->result);
    }
}

/* What the method does with what the callback returned. */
static void finish_turn(writer *w, const loop *l, const char *returned)
{
    switch (l->method) {
    case METHOD_MAP:
        ejs__c_emit_try(w, "ejs__array_push(ctx, a_%u, %s)", l->id, returned);
        break;
    case METHOD_FILTER:
        ejs__c_emit(
            w,
            "if (ejs__truthy(%s) && !ejs__array_push(ctx, a_%u, %s)) goto "
            "%s;",
            returned, l->id, l->element, ejs__c_fail_label(w));
        break;
    case METHOD_SOME:
        ejs__c_emit(w,
                    "if (ejs__truthy(%s)) { %s = ejs__boolean(true); break; }",
                    returned, l->result);
        break;
    case METHOD_EVERY:
        ejs__c_emit(
            w, "if (!ejs__truthy(%s)) { %s = ejs__boolean(false); break; }",
            returned, l->result);
        break;
    case METHOD_FIND:
        ejs__c_emit(w, "if (ejs__truthy(%s)) { %s = %s; break; }", returned,
                    l->result, l->element);
        break;
    case METHOD_FIND_INDEX:
        ejs__c_emit(w,
                    "if (ejs__truthy(%s)) { %s = ejs__number(i_%u); break; }",
                    returned, l->result, l->id);
        break;
    case METHOD_REDUCE:
        ejs__c_emit(w, "%s = %s;", l->result, returned);
        break;
    default:
        break;
    }
}

static void bind_callback(writer *w, const loop *l)
{
    const char *args =
        l->method == METHOD_REDUCE
            ? ejs__c_format(w, "%s, %s, ejs__number(i_%u), %s", l->result,
                            l->element, l->id, l->receiver)
            : ejs__c_format(w, "%s, ejs__number(i_%u), %s", l->element, l->id,
                            l->receiver);
    const unsigned n = l->method == METHOD_REDUCE ? 4 : 3;
    const ejs__list *params = &l->callback->params;
    uint32_t used = params->count < n ? params->count : n;
    if (used == 0) {
        ejs__c_bind_parameters(w, l->callback, "NULL", "0");
        return;
    }
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_value args_%u[%u];\n", id,
                    n);
    ejs__c_emit(w,
                "memcpy(args_%u, (const ejs_value[%u]){%s}, sizeof args_%u);",
                id, n, args, id);
    ejs__c_bind_parameters(w, l->callback, ejs__c_format(w, "args_%u", id),
                           ejs__c_format(w, "%u", n));
}

/* Does parameter `i`, if there is one, stay what the loop's counter says? */
static bool is_index_only(const ejs__list *params, uint32_t i)
{
    if (i >= params->count)
        return false;
    const ejs__variable *v = params->items[i]->as.name.ref.variable;
    for (uint32_t k = 0; k < params->count; k++)
        if (k != i && params->items[k]->as.name.ref.variable == v)
            return false;
    return !v->captured && !v->assigned && !v->needs_tdz;
}

/* The quick way to bind: names only, straight from C variables. */
static void bind_names(writer *w, const loop *l)
{
    const char *values[4];
    unsigned n = 0;
    if (l->method == METHOD_REDUCE)
        values[n++] = l->result;
    values[n++] = l->element;
    values[n++] = ejs__c_format(w, "ejs__number(i_%u)", l->id);
    values[n++] = l->receiver;
    const ejs__list *params = &l->callback->params;
    const unsigned index = n - 2;
    const bool alias = is_index_only(params, index);
    if (alias)
        ejs__c_alias_number(w, params->items[index]->as.name.ref.variable,
                            ejs__c_format(w, "(double)i_%u", l->id));
    ejs__c_enter_scope(w, l->callback->scope);
    for (uint32_t i = 0; i < params->count; i++)
        if (i != index || !alias)
            ejs__c_store_name(
                w, params->items[i],
                ejs__c_value_operand(i < n ? values[i] : "ejs__undefined()"),
                true);
}

static void turn(writer *w, loop *l)
{
    host *h = w->host;
    control c;
    const char *returned =
        l->method == METHOD_FOR_EACH ? NULL : ejs__c_new_value(w);
    h->inlined[h->n_inlined++] = l->callback;
    ejs__c_push_control(w, &c, CONTROL_CALL, NULL)->result = returned;
    if (l->callback->has_simple_params && !l->callback->scope->n_functions)
        bind_names(w, l);
    else
        bind_callback(w, l);
    if (returned)
        ejs__c_emit(w, "%s = ejs__undefined();", returned);
    ejs__c_statements(w, &l->callback->body);
    ejs__c_pop_control(w);
    h->n_inlined--;
    if (c.returns)
        ejs__c_emit(w, "return_%u: ;", c.id);
    finish_turn(w, l, returned);
}

/* Does the callback do nothing with the element but print it? */
static bool only_prints(const loop *l)
{
    const ejs__list *params = &l->callback->params;
    return l->method == METHOD_FOR_EACH && l->callback->has_simple_params &&
           !l->callback->scope->n_functions && params->count > 0 &&
           ejs__c_only_printed(params->items[0]);
}

static void in_place(writer *w, loop *l, const ejs__node *node)
{
    const bool holes =
        l->method == METHOD_FIND || l->method == METHOD_FIND_INDEX;
    w->host->indent++;
    start(w, l, node);
    ejs__c_emit(w, "for (i_%u = 0; i_%u < n_%u; i_%u++) {", l->id, l->id, l->id,
                l->id);
    w->host->indent++;
    const char *hole =
        ejs__c_format(w, "if (%s.tag == EJS_TAG_HOLE)", l->element);
    ejs__c_emit_try(w, "ejs__step(ctx)");
    ejs__c_emit(w, "%s = ejs__loop_%s(ctx, %s, i_%u);", l->element,
                only_prints(l) ? "item" : "at", l->receiver, l->id);
    ejs__c_emit_check(w, l->element);
    if (holes)
        ejs__c_emit(w, "%s %s = ejs__undefined();", hole, l->element);
    else if (l->method == METHOD_MAP)
        ejs__c_emit(w,
                    "%s { if (!ejs__array_push(ctx, a_%u, "
                    "ejs__tagged(EJS_TAG_HOLE))) goto %s; continue; }",
                    hole, l->id, ejs__c_fail_label(w));
    else
        ejs__c_emit(w, "%s continue;", hole);
    turn(w, l);
    w->host->indent--;
    ejs__c_emit(w, "}");
    w->host->indent--;
}

static void ordinary(writer *w, const loop *l, const ejs__node *node,
                     unsigned method_site)
{
    w->host->indent++;
    const bool outer_no_inline = w->host->no_inline;
    w->host->no_inline = true;
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    w->host->no_inline = outer_no_inline;
    const char *text = ejs__callee_text(&w->arena, node);
    ejs__c_emit(w, "%s = ejs__call_method(ctx, %s, &SITES[%u], %s, %s);",
                l->result, l->receiver, method_site, args,
                ejs__c_c_text(w, text ? text : ""));
    ejs__c_emit_check(w, l->result);
    w->host->indent--;
}

bool ejs__c_inline_loop(writer *w, const ejs__node *node, operand *result)
{
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    loop l = {.method = method_of(callee->as.member.name)};
    const uint32_t n_args = l.method == METHOD_REDUCE ? 2 : 1;
    if (l.method == METHOD_NONE || args->count != n_args ||
        node->as.call.optional || ejs__c_has_spread(args) ||
        callee->as.member.is_private ||
        callee->as.member.object->kind == NODE_SUPER ||
        !is_simple_callback(w, args->items[0]))
        return false;
    l.callback = args->items[0]->as.function;
    declare_loop(w, &l);
    l.result = ejs__c_new_value(w);
    l.element = ejs__c_new_value(w);
    const operand receiver =
        ejs__c_hold(w, ejs__c_expression(w, callee->as.member.object));
    l.receiver =
        receiver.kind == KIND_VALUE
            ? receiver.text
            : ejs__c_as_value(
                  w, ejs__c_hold(w, ejs__c_value_operand(
                                        ejs__c_as_value(w, receiver))));
    if (callee->as.member.optional)
        ejs__c_optional_exit(w, l.receiver);
    const unsigned method_site = ejs__c_site(w, callee->as.member.name);
    ejs__c_emit(w, "if (ejs__loop_open(ctx, %s, &SITES[%u], &n_%u)) {",
                l.receiver, method_site, l.id);
    in_place(w, &l, node);
    ejs__c_emit(w, "} else {");
    ordinary(w, &l, node, method_site);
    ejs__c_emit(w, "}");
    *result = ejs__c_value_operand(l.result);
    return true;
}
