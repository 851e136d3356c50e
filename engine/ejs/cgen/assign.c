/* assign.c - writing to names, members and patterns. */
#include "ejs/cgen/writer.h"

#include <string.h>

static const char *strictness(const writer *w)
{
    return is_strict(w) ? "true" : "false";
}

static bool is_constant(const ejs__variable *v)
{
    return v->kind == VARIABLE_CONST || v->kind == VARIABLE_SELF ||
           v->kind == VARIABLE_CLASS;
}

void store_name(writer *w, const ejs__node *name, operand value,
                bool initialise)
{
    const ejs__ref *ref = &name->as.name.ref;
    if (ref->kind == REF_DYNAMIC) {
        emit_try(w, "ejs__name_put(%s, %u, %s, %s)", frame_of(w), ref->index,
                 as_value(w, value), strictness(w));
        return;
    }
    const ejs__variable *v = ref->variable;
    const char *lvalue = variable(w, v);
    if (!initialise && ref->check_tdz)
        emit(w,
             "if (%s.tag == EJS_TAG_UNINITIALIZED) { ejs__throw_tdz(ctx, %s); "
             "goto %s; }",
             lvalue, c_string(w, name->as.name.text), fail_label(w));
    if (!initialise && v->kind == VARIABLE_SELF) {
        if (is_strict(w))
            emit(w, "ejs__throw_const(ctx); goto %s;", fail_label(w));
        return; /* sloppy: ignored */
    }
    if (!initialise && v->kind != VARIABLE_CLASS && is_constant(v)) {
        emit(w, "ejs__throw_const(ctx); goto %s;", fail_label(w));
        return;
    }
    emit(w, "%s = %s;", lvalue, as_value(w, value));
}

/* Where a member assignment goes, evaluated once. */
typedef struct place {
    const ejs__node *node;
    const char *object, *key; /* key: NULL for a constant name */
} place;

static place evaluate_place(writer *w, const ejs__node *node)
{
    place p = {.node = node};
    const bool is_member = node->kind == NODE_MEMBER;
    const ejs__node *object =
        is_member ? node->as.member.object : node->as.index.object;
    if (object->kind == NODE_SUPER ||
        (is_member && node->as.member.is_private)) {
        w->unsupported = "super and private names";
        p.object = p.key = "ejs__undefined()";
        return p;
    }
    p.object = as_value(w, hold(w, expression(w, object)));
    if (!is_member)
        p.key = as_value(w, hold(w, expression(w, node->as.index.index)));
    return p;
}

static operand load_place(writer *w, const place *p)
{
    const char *t = new_value(w);
    if (p->key)
        emit(w, "%s = ejs__get_index(ctx, %s, %s);", t, p->object, p->key);
    else
        emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, p->object,
             site(w, p->node->as.member.name));
    emit_check(w, t);
    return value_operand(t);
}

static void store_place(writer *w, const place *p, operand value)
{
    if (p->key)
        emit_try(w, "ejs__set_index(ctx, %s, %s, %s, %s)", p->object, p->key,
                 as_value(w, value), strictness(w));
    else
        emit_try(w, "ejs__set(ctx, %s, &SITES[%u], %s, %s)", p->object,
                 site(w, p->node->as.member.name), as_value(w, value),
                 strictness(w));
}

/* patterns
 * --------------------------------------------------------------------- */

static ejs__slice name_of(const ejs__node *target)
{
    return target->kind == NODE_NAME ? target->as.name.text
                                     : (ejs__slice){"", 0};
}

/* value === undefined ? default : value */
static operand with_default(writer *w, const ejs__node *node, operand value)
{
    const char *t = new_value(w);
    emit(w, "%s = %s;", t, as_value(w, value));
    emit(w, "if (%s.tag == EJS_TAG_UNDEFINED) {", t);
    w->host->indent++;
    const operand o = named_expression(w, node->as.assign.value,
                                       name_of(node->as.assign.target));
    emit(w, "%s = %s;", t, as_value(w, o));
    w->host->indent--;
    emit(w, "}");
    return value_operand(t);
}

static void rest_of_iterator(writer *w, unsigned id, const ejs__node *target,
                             bool initialise)
{
    const unsigned a = w->n_blocks++;
    const char *t = new_value(w);
    base_buf_printf(&w->host->declarations, "    ejs__array *a%u;\n", a);
    emit(w, "a%u = ejs__array_new(ctx, 0);", a);
    emit(w, "if (!a%u) goto %s;", a, fail_label(w));
    emit(w, "while (!done_%u) {", id);
    emit(w, "    more_%u = ejs__next(ctx, &it_%u, &%s);", id, id, t);
    emit(w, "    if (more_%u <= 0) done_%u = true;", id, id);
    emit(w, "    if (more_%u < 0) goto %s;", id, fail_label(w));
    emit(w, "    if (more_%u && !ejs__array_push(ctx, a%u, %s)) goto %s;", id,
         a, t, fail_label(w));
    emit(w, "}");
    store(w, target, value_operand(format(w, "ejs__object(&a%u->object)", a)),
          initialise, NULL);
}

static void array_element(writer *w, unsigned id, const ejs__node *item,
                          bool initialise)
{
    const char *t = new_value(w);
    emit(w, "%s = ejs__undefined();", t);
    emit(w, "if (!done_%u) {", id);
    emit(w, "    more_%u = ejs__next(ctx, &it_%u, &%s);", id, id, t);
    emit(w, "    if (more_%u <= 0) { done_%u = true; %s = ejs__undefined(); }",
         id, id, t);
    emit(w, "    if (more_%u < 0) goto %s;", id, fail_label(w));
    emit(w, "}");
    if (item)
        store(w, item, value_operand(t), initialise, NULL);
}

static void array_pattern(writer *w, const ejs__node *pattern, operand value,
                          bool initialise, const char *source_text)
{
    control c;
    const char *v = as_value(w, value);
    const unsigned id = w->n_controls;
    base_buf_printf(&w->host->declarations,
                    "    ejs__iterator it_%u = {0};\n"
                    "    bool done_%u = false;\n"
                    "    int more_%u = 0;\n",
                    id, id, id);
    emit_try(w, "ejs__iterate(ctx, &it_%u, %s, %s)", id, v,
             c_text(w, source_text));
    emit(w, "done_%u = false; more_%u = 0;", id, id);
    push_control(w, &c, CONTROL_ITERATE, pattern);
    const ejs__list *list = &pattern->as.list;
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *item = list->items[i];
        if (item && item->kind == NODE_REST)
            rest_of_iterator(w, id, item->as.unary.operand, initialise);
        else
            array_element(w, id, item, initialise);
    }
    pop_control(w);
    if (c.throws) {
        emit(w, "if (0) {");
        emit(w, "catch_%u:", id);
        emit(w, "    if (!done_%u && !ctx->fatal) {", id);
        emit(w, "        const ejs_value kept = ctx->exception;");
        emit(w, "        (void)ejs__iterate_end(ctx, &it_%u);", id);
        emit(w, "        ctx->exception = kept;");
        emit(w, "    }");
        emit(w, "    goto %s;", fail_label(w));
        emit(w, "}");
    }
    emit_try(w, "(done_%u || ejs__iterate_end(ctx, &it_%u))", id, id);
}

static const char *property_key(writer *w, const ejs__node *p)
{
    const operand o = expression(w, p->as.property.key);
    const char *t = new_value(w);
    emit(w, "%s = ejs__to_property_key(ctx, %s);", t, as_value(w, o));
    emit_check(w, t);
    return t;
}

/* The first property a pattern reads, for the error message; else NULL. */
static const char *first_property(writer *w, const ejs__node *pattern)
{
    if (pattern->as.list.count == 0)
        return "NULL";
    const ejs__node *p = pattern->as.list.items[0];
    if (p->kind != NODE_PROPERTY || p->as.property.computed)
        return "NULL";
    return c_string(w, p->as.property.key->as.string);
}

static void object_pattern(writer *w, const ejs__node *pattern, operand value,
                           bool initialise, const char *source_text)
{
    const char *v = as_value(w, hold(w, value));
    const ejs__list *list = &pattern->as.list;
    emit(w,
         "if (ejs__is_nullish(%s)) { ejs__throw_destructure(ctx, %s, %s, "
         "%s); goto %s; }",
         v, v, first_property(w, pattern), c_text(w, source_text),
         fail_label(w));
    const unsigned id = w->n_blocks++;
    const bool has_rest =
        list->count && list->items[list->count - 1]->kind == NODE_REST;
    if (has_rest)
        base_buf_printf(&w->host->declarations, "    ejs_value taken_%u[%u];\n",
                        id, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *p = list->items[i];
        const char *t = new_value(w);
        if (p->kind == NODE_REST) {
            emit(w, "%s = ejs__object_rest(ctx, %s, taken_%u, %u);", t, v, id,
                 i);
            emit_check(w, t);
            store(w, p->as.unary.operand, value_operand(t), initialise, NULL);
            continue;
        }
        if (p->as.property.computed) {
            const char *key = property_key(w, p);
            if (has_rest)
                emit(w, "taken_%u[%u] = %s;", id, i, key);
            emit(w, "%s = ejs__get_index(ctx, %s, %s);", t, v, key);
        } else {
            const ejs__slice key = p->as.property.key->as.string;
            if (has_rest)
                emit(w, "taken_%u[%u] = ejs__string(%s, %u, 0);", id, i,
                     c_string(w, key), key.size);
            emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, v, site(w, key));
        }
        emit_check(w, t);
        store(w, p->as.property.value, value_operand(t), initialise, NULL);
    }
}

void store(writer *w, const ejs__node *target, operand value, bool initialise,
           const char *source_text)
{
    switch (target->kind) {
    case NODE_NAME:
        store_name(w, target, value, initialise);
        break;
    case NODE_DEFAULT:
        store(w, target->as.assign.target, with_default(w, target, value),
              initialise, source_text);
        break;
    case NODE_ARRAY_PATTERN:
        array_pattern(w, target, value, initialise, source_text);
        break;
    case NODE_OBJECT_PATTERN:
        object_pattern(w, target, value, initialise, source_text);
        break;
    default: {
        const operand held = hold(w, value);
        const place p = evaluate_place(w, target);
        store_place(w, &p, held);
    }
    }
}

/* assignment expressions
 * ----------------------------------------------------------- */

static operand assign_plain(writer *w, const ejs__node *node, bool wanted)
{
    const ejs__node *target = node->as.assign.target;
    const ejs__node *value = node->as.assign.value;
    if (target->kind == NODE_MEMBER || target->kind == NODE_INDEX) {
        const place p = evaluate_place(w, target);
        operand o = expression(w, value);
        if (wanted)
            o = hold(w, o);
        store_place(w, &p, o);
        return o;
    }
    operand o = named_expression(w, value, name_of(target));
    if (wanted || target->kind != NODE_NAME)
        o = hold(w, o);
    const char *text = ejs__node_text(&w->arena, value);
    store(w, target, o, false, text);
    return o;
}

static operand load_target(writer *w, const ejs__node *target, place *p)
{
    if (target->kind == NODE_NAME)
        return load_name(w, target);
    *p = evaluate_place(w, target);
    return load_place(w, p);
}

static void store_target(writer *w, const ejs__node *target, const place *p,
                         operand value)
{
    if (target->kind == NODE_NAME)
        store_name(w, target, value, false);
    else
        store_place(w, p, value);
}

/* a &&= b, a ||= b, a ??= b */
static operand assign_logical(writer *w, const ejs__node *node)
{
    const ejs__node *target = node->as.assign.target;
    place p;
    const char *t = new_value(w);
    const operand old = load_target(w, target, &p);
    emit(w, "%s = %s;", t, as_value(w, old));
    emit(w,
         node->op == OP_AND  ? "if (ejs__truthy(%s)) {"
         : node->op == OP_OR ? "if (!ejs__truthy(%s)) {"
                             : "if (ejs__is_nullish(%s)) {",
         t);
    w->host->indent++;
    const operand o =
        named_expression(w, node->as.assign.value, name_of(target));
    emit(w, "%s = %s;", t, as_value(w, o));
    store_target(w, target, &p, value_operand(t));
    w->host->indent--;
    emit(w, "}");
    return value_operand(t);
}

operand assignment(writer *w, const ejs__node *node, bool wanted)
{
    if (node->op == OP_NONE)
        return assign_plain(w, node, wanted);
    if (node->op == OP_AND || node->op == OP_OR || node->op == OP_NULLISH)
        return assign_logical(w, node);
    const ejs__node *target = node->as.assign.target;
    place p;
    operand old = load_target(w, target, &p);
    if (old.fragile && has_effects(node->as.assign.value))
        old = hold(w, old);
    const operand value = expression(w, node->as.assign.value);
    operand o = binary_operator(w, node->op, old, value);
    if (wanted || o.kind != KIND_VALUE)
        o = hold(w, o);
    store_target(w, target, &p, o);
    return o;
}

operand update(writer *w, const ejs__node *node, bool wanted)
{
    const ejs__node *target = node->as.unary.operand;
    const char *sign = node->op == OP_INC ? "+" : "-";
    const char *step = node->op == OP_INC ? "1" : "-1";
    place p;
    const operand old = load_target(w, target, &p);
    const char *t = new_value(w);
    emit(w, "%s = %s;", t, as_value(w, old));
    emit(w, "if (%s.tag != EJS_TAG_NUMBER) {", t);
    emit(w, "    %s = ejs__to_number(ctx, %s);", t, t);
    emit(w, "    if (ejs__is_thrown(%s)) goto %s;", t, fail_label(w));
    emit(w, "}");
    if (!wanted || node->as.unary.prefix) {
        emit(w, "%s.as.number += %s;", t, step);
        store_target(w, target, &p, value_operand(t));
        return value_operand(t);
    }
    store_target(
        w, target, &p,
        value_operand(format(w, "ejs__number(%s.as.number %s 1)", t, sign)));
    return value_operand(t);
}
