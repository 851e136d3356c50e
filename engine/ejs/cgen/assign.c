/* assign.c - writing to names, members and patterns. */
#include "ejs/cgen/writer.h"

#include <string.h>

static const char *strictness(const writer *w)
{
    return ejs__c_is_strict(w) ? "true" : "false";
}

static bool is_constant(const ejs__variable *v)
{
    return v->kind == VARIABLE_CONST || v->kind == VARIABLE_SELF ||
           v->kind == VARIABLE_CLASS;
}

void ejs__c_store_name(writer *w, const ejs__node *name, operand value,
                       bool initialise)
{
    const ejs__ref *ref = &name->as.name.ref;
    if (ref->kind == REF_DYNAMIC) {
        ejs__c_emit_try(w, "ejs__name_put(%s, %u, %s, %s)", ejs__c_frame_of(w),
                        ref->index, ejs__c_as_value(w, value), strictness(w));
        return;
    }
    const ejs__variable *v = ref->variable;
    const char *lvalue = ejs__c_variable(w, v);
    if (!initialise && ref->check_tdz)
        ejs__c_emit(
            w,
            "if (%s.tag == EJS_TAG_UNINITIALIZED) { ejs__throw_tdz(ctx, %s); "
            "goto %s; }",
            lvalue, ejs__c_c_string(w, name->as.name.text),
            ejs__c_fail_label(w));
    if (!initialise && v->kind == VARIABLE_SELF) {
        if (ejs__c_is_strict(w))
            ejs__c_emit(w, "ejs__throw_const(ctx); goto %s;",
                        ejs__c_fail_label(w));
        return; /* sloppy: ignored */
    }
    if (!initialise && v->kind != VARIABLE_CLASS && is_constant(v)) {
        ejs__c_emit(w, "ejs__throw_const(ctx); goto %s;", ejs__c_fail_label(w));
        return;
    }
    ejs__c_emit(w, "%s = %s;", lvalue,
                ejs__c_is_number(w, v) ? ejs__c_as_number(w, value)
                                       : ejs__c_as_value(w, value));
}

/* Where a member assignment goes, evaluated once. */
typedef struct place {
    const ejs__node *node;
    const char *object, *key; /* key: NULL for a constant name */
    bool is_super;
} place;

static place evaluate_place(writer *w, const ejs__node *node)
{
    place p = {.node = node};
    const bool is_member = node->kind == NODE_MEMBER;
    const ejs__node *object =
        is_member ? node->as.member.object : node->as.index.object;
    if (object->kind == NODE_SUPER) {
        p.is_super = true;
        p.object = ejs__c_self_of(w);
        p.key = ejs__c_super_key(w, node);
        return p;
    }
    p.object = ejs__c_as_value(w, ejs__c_hold(w, ejs__c_expression(w, object)));
    if (!is_member)
        p.key = ejs__c_as_value(
            w, ejs__c_hold(w, ejs__c_expression(w, node->as.index.index)));
    return p;
}

static operand load_place(writer *w, const place *p)
{
    const char *t = ejs__c_new_value(w);
    const uint32_t at = w->at;
    w->at = ejs__node_place(p->node);
    if (p->is_super)
        ejs__c_emit(w, "%s = ejs__get_super(ctx, %s, %s, %s);", t,
                    ejs__c_home_of(w), p->key, p->object);
    else if (p->key)
        ejs__c_emit(w, "%s = ejs__get_index(ctx, %s, %s);", t, p->object,
                    p->key);
    else
        ejs__c_emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, p->object,
                    ejs__c_member_site(w, p->node));
    ejs__c_emit_check(w, t);
    w->at = at;
    return ejs__c_value_operand(t);
}

static void store_place(writer *w, const place *p, operand value)
{
    const uint32_t at = w->at;
    w->at = ejs__node_place(p->node);
    if (p->is_super)
        ejs__c_emit_try(w, "ejs__set_super(ctx, %s, %s, %s, %s, %s)",
                        ejs__c_home_of(w), p->key, ejs__c_as_value(w, value),
                        p->object, strictness(w));
    else if (p->key)
        ejs__c_emit_try(w, "ejs__set_index(ctx, %s, %s, %s, %s)", p->object,
                        p->key, ejs__c_as_value(w, value), strictness(w));
    else
        ejs__c_emit_try(w, "ejs__set(ctx, %s, &SITES[%u], %s, %s)", p->object,
                        ejs__c_member_site(w, p->node),
                        ejs__c_as_value(w, value), strictness(w));
    w->at = at;
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
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, value));
    ejs__c_emit(w, "if (%s.tag == EJS_TAG_UNDEFINED) {", t);
    w->host->indent++;
    const operand o = ejs__c_named_expression(w, node->as.assign.value,
                                              name_of(node->as.assign.target));
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    w->host->indent--;
    ejs__c_emit(w, "}");
    return ejs__c_value_operand(t);
}

static void rest_of_iterator(writer *w, unsigned id, const ejs__node *target,
                             bool initialise)
{
    const unsigned a = w->n_blocks++;
    const char *t = ejs__c_new_value(w);
    base_buf_printf(&w->host->declarations, "    ejs__array *a%u;\n", a);
    ejs__c_emit(w, "a%u = ejs__array_new(ctx, 0);", a);
    ejs__c_emit(w, "if (!a%u) goto %s;", a, ejs__c_fail_label(w));
    ejs__c_emit(w, "while (!done_%u) {", id);
    ejs__c_emit(w, "    more_%u = ejs__next(ctx, &it_%u, &%s);", id, id, t);
    ejs__c_emit(w, "    if (more_%u <= 0) done_%u = true;", id, id);
    ejs__c_emit(w, "    if (more_%u < 0) goto %s;", id, ejs__c_fail_label(w));
    ejs__c_emit(w,
                "    if (more_%u && !ejs__array_push(ctx, a%u, %s)) goto %s;",
                id, a, t, ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
    ejs__c_store(
        w, target,
        ejs__c_value_operand(ejs__c_format(w, "ejs__object(&a%u->object)", a)),
        initialise, "");
}

static void array_element(writer *w, unsigned id, const ejs__node *item,
                          bool initialise)
{
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__undefined();", t);
    ejs__c_emit(w, "if (!done_%u) {", id);
    ejs__c_emit(w, "    more_%u = ejs__next(ctx, &it_%u, &%s);", id, id, t);
    ejs__c_emit(
        w, "    if (more_%u <= 0) { done_%u = true; %s = ejs__undefined(); }",
        id, id, t);
    ejs__c_emit(w, "    if (more_%u < 0) goto %s;", id, ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
    if (item)
        ejs__c_store(w, item, ejs__c_value_operand(t), initialise, "");
}

static void array_pattern(writer *w, const ejs__node *pattern, operand value,
                          bool initialise, const char *source_text)
{
    control c;
    const char *v = ejs__c_as_value(w, value);
    const unsigned id = w->n_controls;
    base_buf_printf(&w->host->declarations,
                    "    ejs__iterator it_%u = {0};\n"
                    "    bool done_%u = false;\n"
                    "    int more_%u = 0;\n",
                    id, id, id);
    ejs__c_emit_try(w, "ejs__iterate(ctx, &it_%u, %s, %s)", id, v,
                    ejs__c_c_text(w, source_text));
    ejs__c_emit(w, "done_%u = false; more_%u = 0;", id, id);
    ejs__c_push_control(w, &c, CONTROL_ITERATE, pattern);
    const ejs__list *list = &pattern->as.list;
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *item = list->items[i];
        if (item && item->kind == NODE_REST)
            rest_of_iterator(w, id, item->as.unary.operand, initialise);
        else
            array_element(w, id, item, initialise);
    }
    ejs__c_pop_control(w);
    if (c.throws)
        ejs__c_end_iteration(w, id, ejs__c_format(w, "!done_%u && ", id));
    ejs__c_emit_try(w, "(done_%u || ejs__iterate_end(ctx, &it_%u))", id, id);
}

static const char *property_key(writer *w, const ejs__node *p)
{
    const operand o = ejs__c_expression(w, p->as.property.key);
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__to_property_key(ctx, %s);", t,
                ejs__c_as_value(w, o));
    ejs__c_emit_check(w, t);
    return t;
}

static void object_pattern(writer *w, const ejs__node *pattern, operand value,
                           bool initialise, const char *source_text)
{
    const char *v = ejs__c_as_value(w, ejs__c_hold(w, value));
    const ejs__list *list = &pattern->as.list;
    const ejs__node *first = ejs__first_property(pattern, &source_text);
    ejs__c_emit(
        w,
        "if (ejs__is_nullish(%s)) { ejs__throw_destructure(ctx, %s, %s, "
        "%s); goto %s; }",
        v, v, first ? ejs__c_c_string(w, first->as.string) : "NULL",
        ejs__c_c_text(w, source_text), ejs__c_fail_label(w));
    const unsigned id = w->n_blocks++;
    const bool has_rest =
        list->count && list->items[list->count - 1]->kind == NODE_REST;
    if (has_rest)
        base_buf_printf(&w->host->declarations, "    ejs_value taken_%u[%u];\n",
                        id, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *p = list->items[i];
        const char *t = ejs__c_new_value(w);
        if (p->kind == NODE_REST) {
            ejs__c_emit(w, "%s = ejs__object_rest(ctx, %s, taken_%u, %u);", t,
                        v, id, i);
            ejs__c_emit_check(w, t);
            ejs__c_store(w, p->as.unary.operand, ejs__c_value_operand(t),
                         initialise, NULL);
            continue;
        }
        if (p->as.property.computed) {
            const char *key = property_key(w, p);
            if (has_rest)
                ejs__c_emit(w, "taken_%u[%u] = %s;", id, i, key);
            ejs__c_emit(w, "%s = ejs__get_index(ctx, %s, %s);", t, v, key);
        } else {
            const ejs__slice key = p->as.property.key->as.string;
            if (has_rest)
                ejs__c_emit(w, "taken_%u[%u] = ejs__string(%s, %u, 0);", id, i,
                            ejs__c_c_string(w, key), key.size);
            ejs__c_emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, v,
                        ejs__c_site(w, key));
        }
        ejs__c_emit_check(w, t);
        ejs__c_store(w, p->as.property.value, ejs__c_value_operand(t),
                     initialise, "");
    }
}

void ejs__c_store(writer *w, const ejs__node *target, operand value,
                  bool initialise, const char *source_text)
{
    const uint32_t at = w->at;
    w->at = ejs__node_place(target);
    switch (target->kind) {
    case NODE_NAME:
        ejs__c_store_name(w, target, value, initialise);
        break;
    case NODE_DEFAULT:
        ejs__c_store(w, target->as.assign.target,
                     with_default(w, target, value), initialise,
                     ejs__c_kept_text(
                         w, ejs__default_text(&w->arena, target, source_text)));
        break;
    case NODE_ARRAY_PATTERN:
        array_pattern(w, target, value, initialise, source_text);
        break;
    case NODE_OBJECT_PATTERN:
        object_pattern(w, target, value, initialise, source_text);
        break;
    default: {
        const operand held = ejs__c_hold(w, value);
        const place p = evaluate_place(w, target);
        store_place(w, &p, held);
    }
    }
    w->at = at;
}

/* assignment expressions
 * ----------------------------------------------------------- */

static operand assign_plain(writer *w, const ejs__node *node, bool wanted)
{
    const ejs__node *target = node->as.assign.target;
    const ejs__node *value = node->as.assign.value;
    if (target->kind == NODE_MEMBER || target->kind == NODE_INDEX) {
        const place p = evaluate_place(w, target);
        operand o = ejs__c_expression(w, value);
        if (wanted)
            o = ejs__c_hold(w, o);
        store_place(w, &p, o);
        return o;
    }
    operand o = ejs__c_named_expression(w, value, name_of(target));
    if (wanted || target->kind != NODE_NAME)
        o = ejs__c_hold(w, o);
    const char *text =
        ejs__c_kept_text(w, ejs__pattern_text(&w->arena, target, value, false));
    ejs__c_store(w, target, o, false, text);
    return o;
}

/* A key that is read and written with becomes a string once. */
static void convert_key(writer *w, const ejs__node *target, place *p)
{
    if (!p->key || p->is_super || target->as.index.index->kind == NODE_NUMBER ||
        target->as.index.index->kind == NODE_STRING ||
        target->as.index.index->kind == NODE_BINARY)
        return;
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__place_key(ctx, %s, %s);", t, p->object, p->key);
    ejs__c_emit_check(w, t);
    p->key = t;
}

static operand load_target(writer *w, const ejs__node *target, place *p)
{
    if (target->kind == NODE_NAME)
        return ejs__c_load_name(w, target);
    *p = evaluate_place(w, target);
    convert_key(w, target, p);
    return load_place(w, p);
}

static void store_target(writer *w, const ejs__node *target, const place *p,
                         operand value)
{
    if (target->kind == NODE_NAME)
        ejs__c_store_name(w, target, value, false);
    else
        store_place(w, p, value);
}

/* a &&= b, a ||= b, a ??= b */
static operand assign_logical(writer *w, const ejs__node *node)
{
    const ejs__node *target = node->as.assign.target;
    place p;
    const char *t = ejs__c_new_value(w);
    const operand old = load_target(w, target, &p);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, old));
    ejs__c_emit(w,
                node->op == OP_AND  ? "if (ejs__truthy(%s)) {"
                : node->op == OP_OR ? "if (!ejs__truthy(%s)) {"
                                    : "if (ejs__is_nullish(%s)) {",
                t);
    w->host->indent++;
    const operand o =
        ejs__c_named_expression(w, node->as.assign.value, name_of(target));
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    store_target(w, target, &p, ejs__c_value_operand(t));
    w->host->indent--;
    ejs__c_emit(w, "}");
    return ejs__c_value_operand(t);
}

operand ejs__c_assignment(writer *w, const ejs__node *node, bool wanted)
{
    if (node->op == OP_NONE)
        return assign_plain(w, node, wanted);
    if (node->op == OP_AND || node->op == OP_OR || node->op == OP_NULLISH)
        return assign_logical(w, node);
    const ejs__node *target = node->as.assign.target;
    place p;
    operand old = load_target(w, target, &p);
    if (old.fragile && ejs__c_has_effects(node->as.assign.value))
        old = ejs__c_hold(w, old);
    operand o;
    if (node->op != OP_ADD ||
        !ejs__c_join(w, node->as.assign.value, &old, &o)) {
        const operand value = ejs__c_expression(w, node->as.assign.value);
        o = ejs__c_binary_operator(w, node->op, old, value);
    }
    if (wanted || (o.kind != KIND_VALUE && target->kind != NODE_NAME))
        o = ejs__c_hold(w, o);
    store_target(w, target, &p, o);
    return o;
}

operand ejs__c_update(writer *w, const ejs__node *node, bool wanted)
{
    const ejs__node *target = node->as.unary.operand;
    const char *sign = node->op == OP_INC ? "+" : "-";
    const char *step = node->op == OP_INC ? "1" : "-1";
    place p;
    operand old = load_target(w, target, &p);
    if (old.kind == KIND_NUMBER) {
        if (wanted && !node->as.unary.prefix)
            old = ejs__c_hold(w, old);
        ejs__c_store_name(w, target,
                          (operand){KIND_NUMBER,
                                    ejs__c_format(w, "%s %s 1", old.text, sign),
                                    true},
                          false);
        return wanted && node->as.unary.prefix ? ejs__c_load_name(w, target)
                                               : old;
    }
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, old));
    ejs__c_emit(w, "if (%s.tag != EJS_TAG_NUMBER) {", t);
    ejs__c_emit(w, "    %s = ejs__to_number(ctx, %s);", t, t);
    ejs__c_emit(w, "    if (ejs__is_thrown(%s)) goto %s;", t,
                ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
    if (!wanted || node->as.unary.prefix) {
        ejs__c_emit(w, "%s.as.number += %s;", t, step);
        store_target(w, target, &p, ejs__c_value_operand(t));
        return ejs__c_value_operand(t);
    }
    store_target(w, target, &p,
                 ejs__c_value_operand(ejs__c_format(
                     w, "ejs__number(%s.as.number %s 1)", t, sign)));
    return ejs__c_value_operand(t);
}
