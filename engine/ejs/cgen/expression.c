/* expression.c - expressions as C. */
#include "ejs/cgen/writer.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ejs/runtime.h"

static ejs__slice slice_of(const char *text)
{
    return (ejs__slice){text, (uint32_t)strlen(text)};
}

static bool slice_is(ejs__slice slice, const char *text)
{
    return slice.size == strlen(text) &&
           memcmp(slice.data, text, slice.size) == 0;
}

/* what an expression may do
 * ---------------------------------------------------- */

static bool list_has_effects(const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] && ejs__c_has_effects(list->items[i]))
            return true;
    }
    return false;
}

/* Only what is sure not to write a variable counts as harmless. */
bool ejs__c_has_effects(const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_STRING:
    case NODE_REGEXP:
    case NODE_NULL:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_THIS:
    case NODE_NAME:
    case NODE_FUNCTION:
        return false;
    case NODE_ARRAY:
        return list_has_effects(&node->as.list);
    case NODE_UNARY:
        return ejs__c_has_effects(node->as.unary.operand);
    case NODE_BINARY:
    case NODE_LOGICAL:
        return ejs__c_has_effects(node->as.binary.left) ||
               ejs__c_has_effects(node->as.binary.right);
    case NODE_CONDITIONAL:
        return ejs__c_has_effects(node->as.conditional.test) ||
               ejs__c_has_effects(node->as.conditional.yes) ||
               ejs__c_has_effects(node->as.conditional.no);
    case NODE_MEMBER:
        return ejs__c_has_effects(node->as.member.object);
    case NODE_INDEX:
        return ejs__c_has_effects(node->as.index.object) ||
               ejs__c_has_effects(node->as.index.index);
    default:
        return true;
    }
}

/* names
 * ----------------------------------------------------------------------------
 */

static void load_dynamic(writer *w, const char *t, uint32_t index)
{
    const char *frame = ejs__c_frame_of(w);
    if (!w->host->in_run) {
        ejs__c_emit(w, "%s = ejs__name_get(%s, %u);", t, frame, index);
        ejs__c_emit_check(w, t);
        return;
    }
    ejs__c_emit(w, "if (EJS_LIKELY(ejs__name_is_known(%s, %u)))", frame, index);
    ejs__c_emit(w, "    %s = *%s->names[%u].where;", t, frame, index);
    ejs__c_emit(w, "else {");
    w->host->indent++;
    ejs__c_end_run(w);
    ejs__c_emit(w, "%s = ejs__name_load(%s, %u);", t, frame, index);
    ejs__c_emit_check(w, t);
    ejs__c_begin_run(w);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

operand ejs__c_load_name(writer *w, const ejs__node *node)
{
    const ejs__ref *ref = &node->as.name.ref;
    if (ref->kind == REF_DYNAMIC) {
        const char *t = ejs__c_new_value(w);
        load_dynamic(w, t, ref->index);
        return ejs__c_value_operand(t);
    }
    const char *name = ejs__c_variable(w, ref->variable);
    if (ref->check_tdz) {
        ejs__c_emit(
            w,
            "if (%s.tag == EJS_TAG_UNINITIALIZED) { ejs__throw_tdz(ctx, %s); "
            "goto %s; }",
            name, ejs__c_c_string(w, node->as.name.text), ejs__c_fail_label(w));
    }
    if (ejs__c_is_number(w, ref->variable))
        return (operand){KIND_NUMBER, name, true};
    if (name[0] == '(') { /* a cell: any call may change it */
        const char *t = ejs__c_new_value(w);
        ejs__c_emit(w, "%s = %s;", t, name);
        return ejs__c_value_operand(t);
    }
    return (operand){KIND_VALUE, name, true};
}

/* Evaluates left before right although C might not. */
static operand before(writer *w, const ejs__node *left, const ejs__node *right)
{
    operand o = ejs__c_expression(w, left);
    return o.fragile && ejs__c_has_effects(right) ? ejs__c_hold(w, o) : o;
}

/* literals
 * ------------------------------------------------------------------------------
 */

static operand number(writer *w, double n)
{
    const char *text;
    if (isnan(n))
        text = "NAN";
    else if (isinf(n))
        text = n > 0 ? "INFINITY" : "-INFINITY";
    else if (n == floor(n) && fabs(n) < 1e15)
        text = ejs__c_format(w, "%.1f", n);
    else
        text = ejs__c_format(
            w, "%.17g%s", n,
            strpbrk(ejs__c_format(w, "%.17g", n), ".e") ? "" : ".0");
    return (operand){KIND_NUMBER, text, false};
}

operand ejs__c_string(writer *w, ejs__slice text)
{
    return ejs__c_value_operand(ejs__c_format(
        w, "ejs__string(%s, %u, %s)", ejs__c_c_string(w, text), text.size,
        base_utf8_is_ascii(text.data, text.size) ? "EJS_STRING_ASCII" : "0"));
}

/* Its failure is the call's, or in an array what is spread. */
static void spread(writer *w, unsigned id, const ejs__list *items, uint32_t i,
                   bool in_call)
{
    const ejs__node *node = items->items[i]->as.unary.operand;
    const operand o = ejs__c_expression(w, node);
    const char *text = in_call ? ejs__spread_text(&w->arena, items, i)
                               : ejs__iterable_text(&w->arena, node);
    const uint32_t at = w->at;
    if (!in_call)
        w->at = ejs__node_place(node);
    ejs__c_emit_try(w, "ejs__array_spread(ctx, a%u, %s, %s)", id,
                    ejs__c_as_value(w, o),
                    ejs__c_c_text(w, ejs__c_kept_text(w, text)));
    w->at = at;
}

const char *ejs__c_array_literal(writer *w, const ejs__list *items,
                                 bool in_call)
{
    const char *t = ejs__c_new_value(w);
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs__array *a%u;\n", id);
    ejs__c_emit(w, "a%u = ejs__array_new(ctx, %u);", id, items->count);
    ejs__c_emit(w, "if (!a%u) goto %s;", id, ejs__c_fail_label(w));
    ejs__c_emit(w, "%s = ejs__object(&a%u->object);", t, id);
    for (uint32_t i = 0; i < items->count; i++) {
        const ejs__node *item = items->items[i];
        if (!item) {
            ejs__c_emit_try(
                w, "ejs__array_push(ctx, a%u, ejs__tagged(EJS_TAG_HOLE))", id);
        } else if (item->kind == NODE_SPREAD) {
            spread(w, id, items, i, in_call);
        } else {
            const operand o = ejs__c_expression(w, item);
            ejs__c_emit_try(w, "ejs__array_push(ctx, a%u, %s)", id,
                            ejs__c_as_value(w, o));
        }
    }
    return ejs__c_format(w, "a%u", id);
}

static operand array(writer *w, const ejs__node *node)
{
    const char *a = ejs__c_array_literal(w, &node->as.list, false);
    return ejs__c_value_operand(
        ejs__c_format(w, "ejs__object(&%s->object)", a));
}

operand ejs__c_computed_key(writer *w, const ejs__node *key)
{
    const operand o = ejs__c_expression(w, key);
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__to_property_key(ctx, %s);", t,
                ejs__c_as_value(w, o));
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static void set_home(writer *w, operand method, const char *object)
{
    ejs__c_emit(w,
                "((ejs__function_object *)(void *)%s.as.object)->home = "
                "%s;",
                method.text, object);
}

static void object_accessor(writer *w, const ejs__node *p, const char *object,
                            operand key)
{
    const bool setter = p->as.property.kind == PROPERTY_SET;
    const operand f =
        ejs__c_closure(w, p->as.property.value->as.function,
                       p->as.property.computed ? (ejs__slice){"", 0}
                                               : p->as.property.key->as.string);
    set_home(w, f, object);
    ejs__c_emit(w, "ejs__name_function(ctx, %s, %s, \"%s\");", f.text,
                ejs__c_as_value(w, key), setter ? "set" : "get");
    ejs__c_emit_try(w, "ejs__define_accessor(ctx, %s, %s, %s, %s, true)",
                    object, ejs__c_as_value(w, key), f.text,
                    setter ? "true" : "false");
}

static bool is_anonymous(const ejs__node *value)
{
    return (value->kind == NODE_FUNCTION &&
            value->as.function->name.size == 0) ||
           (value->kind == NODE_CLASS && value->as.class_.name.size == 0);
}

static void object_computed(writer *w, const ejs__node *p, const char *object)
{
    const operand key = ejs__c_computed_key(w, p->as.property.key);
    if (p->as.property.kind == PROPERTY_GET ||
        p->as.property.kind == PROPERTY_SET) {
        object_accessor(w, p, object, key);
        return;
    }
    const ejs__node *value = p->as.property.value;
    const operand o = ejs__c_hold(w, ejs__c_expression(w, value));
    if (is_anonymous(value))
        ejs__c_emit(w, "ejs__name_function(ctx, %s, %s, NULL);", o.text,
                    key.text);
    if (p->as.property.kind == PROPERTY_METHOD)
        set_home(w, o, object);
    ejs__c_emit_try(w, "ejs__define_index(ctx, %s, %s, %s)", object, key.text,
                    ejs__c_as_value(w, o));
}

static void object_property(writer *w, const ejs__node *p, const char *object)
{
    const ejs__slice key = p->as.property.key->as.string;
    const ejs__property_kind kind = p->as.property.kind;
    if (kind == PROPERTY_GET || kind == PROPERTY_SET) {
        object_accessor(w, p, object, ejs__c_string(w, key));
        return;
    }
    operand o = ejs__c_named_expression(w, p->as.property.value, key);
    if (kind == PROPERTY_METHOD)
        set_home(w, o, object);
    if (kind == PROPERTY_VALUE && key.size == 9 &&
        memcmp(key.data, "__proto__", 9) == 0)
        ejs__c_emit_try(w, "ejs__set_proto_literal(ctx, %s, %s)", object,
                        ejs__c_as_value(w, o));
    else
        ejs__c_emit_try(w, "ejs__define(ctx, %s, &SITES[%u], %s)", object,
                        ejs__c_site(w, key), ejs__c_as_value(w, o));
}

static bool is_plain_property(const ejs__node *p)
{
    return p->kind == NODE_PROPERTY && !p->as.property.computed &&
           (p->as.property.kind == PROPERTY_VALUE ||
            p->as.property.kind == PROPERTY_SHORTHAND) &&
           !slice_is(p->as.property.key->as.string, "__proto__");
}

bool ejs__c_is_record(const ejs__node *node)
{
    const ejs__list *list = &node->as.list;
    if (node->kind != NODE_OBJECT || !list->count ||
        list->count > EJS_RECORD_MOST)
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        if (!is_plain_property(list->items[i]))
            return false;
        const ejs__slice key = list->items[i]->as.property.key->as.string;
        for (uint32_t k = 0; k < i; k++) {
            const ejs__slice other = list->items[k]->as.property.key->as.string;
            if (key.size == other.size &&
                memcmp(key.data, other.data, key.size) == 0)
                return false;
        }
    }
    return true;
}

static operand record(writer *w, const ejs__node *node)
{
    const ejs__list *list = &node->as.list;
    const unsigned id = w->n_blocks++, sites = w->n_sites;
    base_buf_printf(&w->host->declarations,
                    "    ejs_object *o%u;\n    ejs_value p%u[%u];\n", id, id,
                    list->count);
    for (uint32_t i = 0; i < list->count; i++)
        ejs__c_site(w, list->items[i]->as.property.key->as.string);
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *p = list->items[i];
        const operand o = ejs__c_named_expression(
            w, p->as.property.value, p->as.property.key->as.string);
        ejs__c_emit(w, "p%u[%u] = %s;", id, i, ejs__c_as_value(w, o));
    }
    ejs__c_emit(w, "o%u = ejs__record(ctx, &SITES[%u], p%u, %u);", id, sites,
                id, list->count);
    ejs__c_emit(w, "if (!o%u) goto %s;", id, ejs__c_fail_label(w));
    return ejs__c_value_operand(ejs__c_format(w, "ejs__object(o%u)", id));
}

static operand object(writer *w, const ejs__node *node)
{
    if (ejs__c_is_record(node))
        return record(w, node);
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_object *o%u;\n", id);
    const char *object = ejs__c_format(w, "o%u", id);
    ejs__c_emit(w, "%s = ejs__object_new(ctx);", object);
    ejs__c_emit(w, "if (!%s) goto %s;", object, ejs__c_fail_label(w));
    for (uint32_t i = 0; i < node->as.list.count; i++) {
        const ejs__node *p = node->as.list.items[i];
        if (p->kind == NODE_SPREAD) {
            const operand o = ejs__c_expression(w, p->as.unary.operand);
            ejs__c_emit_try(w, "ejs__object_spread(ctx, %s, %s)", object,
                            ejs__c_as_value(w, o));
        } else if (p->as.property.computed) {
            object_computed(w, p, object);
        } else {
            object_property(w, p, object);
        }
    }
    return ejs__c_value_operand(ejs__c_format(w, "ejs__object(%s)", object));
}

/* Strings of a template literal, and its values converted, in one list. */
static const char *template_parts(writer *w, const ejs__node *node,
                                  unsigned *n_parts)
{
    const ejs__list *values = &node->as.template_.values;
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_value p%u[%u];\n", id,
                    2 * values->count + 1);
    unsigned n = 0;
    for (uint32_t i = 0; i <= values->count; i++) {
        const ejs__slice text = node->as.template_.cooked[i];
        if (text.size)
            ejs__c_emit(w, "p%u[%u] = %s;", id, n++,
                        ejs__c_string(w, text).text);
        if (i == values->count)
            break;
        const operand o = ejs__c_expression(w, values->items[i]);
        ejs__c_emit(w, "p%u[%u] = ejs__to_string(ctx, %s);", id, n,
                    ejs__c_as_value(w, o));
        ejs__c_emit_check(w, ejs__c_format(w, "p%u[%u]", id, n));
        n++;
    }
    *n_parts = n;
    return ejs__c_format(w, "p%u", id);
}

/* o.f`...` and o[f]`...`: the function, and o for its `this`. */
static operand tag_of_object(writer *w, const ejs__node *tag, const char **self)
{
    const bool member = tag->kind == NODE_MEMBER;
    const ejs__node *object_node =
        member ? tag->as.member.object : tag->as.index.object;
    if (ejs__c_is_super(tag)) {
        *self = ejs__c_self_of(w);
        return ejs__c_super_get(w, tag);
    }
    const operand object = ejs__c_hold(w, ejs__c_expression(w, object_node));
    const char *t = ejs__c_new_value(w);
    const uint32_t at = w->at;
    *self = ejs__c_as_value(w, object);
    w->at = ejs__node_place(tag);
    if (member)
        ejs__c_emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, *self,
                    ejs__c_member_site(w, tag));
    else
        ejs__c_emit(
            w, "%s = ejs__get_index(ctx, %s, %s);", t, *self,
            ejs__c_as_value(w, ejs__c_expression(w, tag->as.index.index)));
    ejs__c_emit_check(w, t);
    w->at = at;
    return ejs__c_value_operand(t);
}

static operand tagged_template(writer *w, const ejs__node *node)
{
    const uint32_t n = node->as.template_.values.count;
    const ejs__node *tag = node->as.template_.tag;
    const char *self = "ejs__undefined()";
    const operand function = tag->kind == NODE_MEMBER || tag->kind == NODE_INDEX
                                 ? tag_of_object(w, tag, &self)
                                 : ejs__c_hold(w, ejs__c_expression(w, tag));
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_value p%u[%u], q%u[%u];\n",
                    id, n + 1, id, n + 1);
    for (uint32_t i = 0; i <= n; i++) {
        const ejs__slice cooked = node->as.template_.cooked[i];
        ejs__c_emit(w, "p%u[%u] = %s;", id, i,
                    cooked.data ? ejs__c_string(w, cooked).text
                                : "ejs__undefined()");
        ejs__c_emit(w, "q%u[%u] = %s;", id, i,
                    ejs__c_string(w, node->as.template_.raw[i]).text);
    }
    ejs__c_emit(w, "p%u[0] = ejs__template_object(%s, %u, p%u, q%u, %u);", id,
                ejs__c_frame_of(w), node->as.template_.site, id, id, n + 1);
    ejs__c_emit_check(w, ejs__c_format(w, "p%u[0]", id));
    for (uint32_t i = 0; i < n; i++) {
        const operand o =
            ejs__c_expression(w, node->as.template_.values.items[i]);
        ejs__c_emit(w, "p%u[%u] = %s;", id, i + 1, ejs__c_as_value(w, o));
    }
    const char *t = ejs__c_new_value(w);
    const char *text = ejs__node_text(&w->arena, tag);
    ejs__c_emit(w, "%s = ejs__call(ctx, %s, %s, p%u, %u, %s);", t,
                ejs__c_as_value(w, function), self, id, n + 1,
                ejs__c_c_string(w, slice_of(text ? text : "")));
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static operand template_literal(writer *w, const ejs__node *node)
{
    if (node->as.template_.tag)
        return tagged_template(w, node);
    if (node->as.template_.values.count == 0)
        return ejs__c_string(w, node->as.template_.cooked[0]);
    unsigned n;
    const char *parts = template_parts(w, node, &n);
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__concat(ctx, %s, %u);", t, parts, n);
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static operand regexp(writer *w, const ejs__node *node)
{
    const char *t = ejs__c_new_value(w);
    const ejs__slice pattern = node->as.regexp.pattern;
    const ejs__slice flags = node->as.regexp.flags;
    ejs__c_emit(w, "%s = ejs__regexp_literal(%s, %u, %s, %u, %s, %u);", t,
                ejs__c_frame_of(w), node->as.regexp.index,
                ejs__c_c_string(w, pattern), pattern.size,
                ejs__c_c_string(w, flags), flags.size);
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

/* operators
 * -------------------------------------------------------------------------------
 */

static operand typeof_operator(writer *w, const ejs__node *operand_node)
{
    const char *t = ejs__c_new_value(w);
    if (operand_node->kind == NODE_NAME &&
        operand_node->as.name.ref.kind == REF_DYNAMIC) {
        ejs__c_emit(w, "%s = ejs__name_typeof(%s, %u);", t, ejs__c_frame_of(w),
                    operand_node->as.name.ref.index);
        ejs__c_emit_check(w, t);
    } else {
        const operand o = ejs__c_expression(w, operand_node);
        ejs__c_emit(w, "%s = ejs__typeof(%s);", t, ejs__c_as_value(w, o));
    }
    return ejs__c_value_operand(t);
}

static operand delete_operator(writer *w, const ejs__node *target)
{
    const char *t = ejs__c_new_value(w);
    const char *strict = ejs__c_is_strict(w) ? "true" : "false";
    if (target->kind == NODE_CHAIN) { /* delete a?.b: true when cut short */
        ejs__c_emit(w, "%s = ejs__boolean(true);", t);
        control c;
        ejs__c_push_control(w, &c, CONTROL_TARGET, target);
        const operand o = delete_operator(w, target->as.unary.operand);
        ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
        ejs__c_pop_control(w);
        if (c.breaks)
            ejs__c_emit(w, "break_%u: ;", c.id);
        return ejs__c_value_operand(t);
    }
    if (target->kind == NODE_MEMBER) {
        const operand o = ejs__c_expression(w, target->as.member.object);
        ejs__c_emit(w, "%s = ejs__delete(ctx, %s, %s, %s);", t,
                    ejs__c_as_value(w, o),
                    ejs__c_string(w, target->as.member.name).text, strict);
    } else if (target->kind == NODE_INDEX) {
        const operand o =
            before(w, target->as.index.object, target->as.index.index);
        const operand key = ejs__c_expression(w, target->as.index.index);
        ejs__c_emit(w, "%s = ejs__delete(ctx, %s, %s, %s);", t,
                    ejs__c_as_value(w, o), ejs__c_as_value(w, key), strict);
    } else if (target->kind == NODE_NAME) {
        if (target->as.name.ref.kind != REF_DYNAMIC)
            return (operand){KIND_BOOLEAN, "false", false};
        ejs__c_emit(w, "%s = ejs__name_delete(%s, %u);", t, ejs__c_frame_of(w),
                    target->as.name.ref.index);
    } else {
        ejs__c_discard(w, target);
        return (operand){KIND_BOOLEAN, "true", false};
    }
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static operand unary(writer *w, const ejs__node *node)
{
    const ejs__node *inner = node->as.unary.operand;
    switch (node->op) {
    case OP_TYPEOF:
        return typeof_operator(w, inner);
    case OP_DELETE:
        return delete_operator(w, inner);
    case OP_VOID:
        ejs__c_discard(w, inner);
        return ejs__c_value_operand("ejs__undefined()");
    case OP_NOT: {
        const operand o = ejs__c_condition(w, inner);
        return (operand){KIND_BOOLEAN,
                         ejs__c_format(w, "(!%s)", ejs__c_as_condition(w, o)),
                         o.fragile};
    }
    default:
        break;
    }
    const operand o = ejs__c_expression(w, inner);
    if (o.kind == KIND_NUMBER && node->op == OP_NEG)
        return (operand){KIND_NUMBER, ejs__c_format(w, "(-%s)", o.text),
                         o.fragile};
    if (o.kind == KIND_NUMBER && node->op == OP_PLUS)
        return o;
    const char *t = ejs__c_new_value(w);
    const char *function = node->op == OP_NEG    ? "ejs__negate"
                           : node->op == OP_PLUS ? "ejs__to_number"
                                                 : "ejs__bit_not";
    ejs__c_emit(w, "%s = %s(ctx, %s);", t, function, ejs__c_as_value(w, o));
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static const char *const arithmetic[] = {
    [OP_SHL] = "EJS_SHL",     [OP_SHR] = "EJS_SHR",   [OP_USHR] = "EJS_USHR",
    [OP_BIT_AND] = "EJS_AND", [OP_BIT_OR] = "EJS_OR", [OP_BIT_XOR] = "EJS_XOR",
    [OP_POW] = "EJS_POW",
};

static operand arithmetic_operator(writer *w, int op, operand a, operand b)
{
    static const char *const symbols[] = {
        [OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/"};
    static const char *const functions[] = {[OP_ADD] = "ejs__add",
                                            [OP_SUB] = "ejs__sub",
                                            [OP_MUL] = "ejs__mul",
                                            [OP_DIV] = "ejs__div",
                                            [OP_MOD] = "ejs__mod"};
    if (a.kind == KIND_NUMBER && b.kind == KIND_NUMBER) {
        const bool fragile = a.fragile || b.fragile;
        if (op <= OP_DIV)
            return (operand){
                KIND_NUMBER,
                ejs__c_format(w, "(%s %s %s)", a.text, symbols[op], b.text),
                fragile};
        if (op == OP_MOD)
            return (operand){
                KIND_NUMBER,
                ejs__c_format(w, "ejs__fmod(%s, %s)", a.text, b.text), fragile};
    }
    const char *t = ejs__c_new_value(w);
    if (op <= OP_MOD)
        ejs__c_emit(w, "%s = %s(ctx, %s, %s);", t, functions[op],
                    ejs__c_as_value(w, a), ejs__c_as_value(w, b));
    else
        ejs__c_emit(w, "%s = ejs__arith_slow(ctx, %s, %s, %s);", t,
                    arithmetic[op], ejs__c_as_value(w, a),
                    ejs__c_as_value(w, b));
    ejs__c_emit_check(w, t);
    return op == OP_ADD ? ejs__c_value_operand(t)
                        : (operand){KIND_NUMBER,
                                    ejs__c_format(w, "%s.as.number", t), false};
}

static operand tested(writer *w, const char *call)
{
    const char *b = ejs__c_new_boolean(w);
    ejs__c_emit(w, "%s = %s;", b, call);
    ejs__c_emit(w, "if (%s < 0) goto %s;", b, ejs__c_fail_label(w));
    return (operand){KIND_BOOLEAN, b, false};
}

static operand comparison(writer *w, int op, operand a, operand b)
{
    static const char *const orders[] = {[OP_LT] = "EJS_LESS",
                                         [OP_LE] = "EJS_LESS_EQUAL",
                                         [OP_GT] = "EJS_GREATER",
                                         [OP_GE] = "EJS_GREATER_EQUAL"};
    static const char *const symbols[] = {
        [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">="};
    if (a.kind == KIND_NUMBER && b.kind == KIND_NUMBER)
        return (operand){
            KIND_BOOLEAN,
            ejs__c_format(w, "(%s %s %s)", a.text, symbols[op], b.text),
            a.fragile || b.fragile};
    return tested(w,
                  ejs__c_format(w, "ejs__compare(ctx, %s, %s, %s)", orders[op],
                                ejs__c_as_value(w, a), ejs__c_as_value(w, b)));
}

static operand equality(writer *w, int op, operand a, operand b)
{
    const bool negative = op == OP_NE || op == OP_STRICT_NE;
    const char *no = negative ? "!" : "";
    const bool fragile = a.fragile || b.fragile;
    if (a.kind == KIND_NUMBER && b.kind == KIND_NUMBER)
        return (operand){KIND_BOOLEAN,
                         ejs__c_format(w, "%s(%s == %s)", no, a.text, b.text),
                         fragile};
    const char *x = ejs__c_as_value(w, a), *y = ejs__c_as_value(w, b);
    if (op == OP_STRICT_EQ || op == OP_STRICT_NE)
        return (operand){
            KIND_BOOLEAN,
            ejs__c_format(w, "%sejs__strict_equal(%s, %s)", no, x, y), fragile};
    const operand o =
        tested(w, ejs__c_format(w, "ejs__loose_equal(ctx, %s, %s)", x, y));
    return (operand){KIND_BOOLEAN, ejs__c_format(w, "(%s%s)", no, o.text),
                     false};
}

operand ejs__c_binary_operator(writer *w, int op, operand a, operand b)
{
    switch (op) {
    case OP_EQ:
    case OP_NE:
    case OP_STRICT_EQ:
    case OP_STRICT_NE:
        return equality(w, op, a, b);
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return comparison(w, op, a, b);
    case OP_IN:
        return tested(w, ejs__c_format(w, "ejs__in(ctx, %s, %s)",
                                       ejs__c_as_value(w, a),
                                       ejs__c_as_value(w, b)));
    case OP_INSTANCEOF:
        return tested(w, ejs__c_format(w, "ejs__instanceof(ctx, %s, %s)",
                                       ejs__c_as_value(w, a),
                                       ejs__c_as_value(w, b)));
    default:
        return arithmetic_operator(w, op, a, b);
    }
}

static operand binary(writer *w, const ejs__node *node)
{
    const ejs__node *left = node->as.binary.left;
    if (left->kind == NODE_MEMBER && !left->as.member.object) { /* #x in o */
        const operand o = ejs__c_expression(w, node->as.binary.right);
        return tested(
            w, ejs__c_format(w, "ejs__private_in(ctx, %s, %s)",
                             ejs__c_private_text(w, left->as.member.name),
                             ejs__c_as_value(w, o)));
    }
    /* a + b + c + ... is nested to the left as deep as it is long. */
    const operand a = before(w, node->as.binary.left, node->as.binary.right);
    const operand b = ejs__c_expression(w, node->as.binary.right);
    return ejs__c_binary_operator(w, node->op, a, b);
}

/* Wraps what has been written since `start` in `if (test) { ... }`. */
static void insert_if(writer *w, size_t start, const char *test)
{
    base_buf *body = &w->host->body;
    const char *head = ejs__c_format(w, "if (%s) {\n", test);
    const size_t size = strlen(head);
    if (!base_buf_reserve(body, size))
        return;
    memmove(body->data + start + size, body->data + start, body->size - start);
    memcpy(body->data + start, head, size);
    body->size += size;
    w->host->line = 0; /* a line was slipped in: say #line again */
}

/* a && b as a C condition; statements that b needs run only when reached. */
static operand logical_condition(writer *w, const ejs__node *node)
{
    const bool is_and = node->op == OP_AND;
    operand a = ejs__c_condition(w, node->as.binary.left);
    if (a.fragile && ejs__c_has_effects(node->as.binary.right))
        a = ejs__c_hold(w, a);
    const size_t start = w->host->body.size;
    const operand b = ejs__c_condition(w, node->as.binary.right);
    if (w->host->body.size == start)
        return (operand){
            KIND_BOOLEAN,
            ejs__c_format(w, "(%s %s %s)", ejs__c_as_condition(w, a),
                          is_and ? "&&" : "||", ejs__c_as_condition(w, b)),
            a.fragile || b.fragile};
    const char *t = ejs__c_new_boolean(w);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_condition(w, b));
    ejs__c_emit(w, "}");
    insert_if(w, start,
              ejs__c_format(w, is_and ? "(%s = %s)" : "!(%s = %s)", t,
                            ejs__c_as_condition(w, a)));
    return (operand){KIND_BOOLEAN, t, false};
}

operand ejs__c_condition(writer *w, const ejs__node *node)
{
    if (node->kind == NODE_LOGICAL && node->op != OP_NULLISH)
        return logical_condition(w, node);
    const operand o = ejs__c_expression(w, node);
    return (operand){KIND_BOOLEAN, ejs__c_as_condition(w, o), o.fragile};
}

static operand logical(writer *w, const ejs__node *node)
{
    const char *t = ejs__c_new_value(w);
    operand o = ejs__c_expression(w, node->as.binary.left);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    const char *test = node->op == OP_AND  ? "ejs__truthy(%s)"
                       : node->op == OP_OR ? "!ejs__truthy(%s)"
                                           : "ejs__is_nullish(%s)";
    char text[64];
    snprintf(text, sizeof text, test, t);
    ejs__c_emit(w, "if (%s) {", text);
    w->host->indent++;
    o = ejs__c_expression(w, node->as.binary.right);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    w->host->indent--;
    ejs__c_emit(w, "}");
    return ejs__c_value_operand(t);
}

static operand conditional(writer *w, const ejs__node *node)
{
    const char *t = ejs__c_new_value(w);
    operand o = ejs__c_condition(w, node->as.conditional.test);
    ejs__c_emit(w, "if (%s) {", ejs__c_as_condition(w, o));
    w->host->indent++;
    o = ejs__c_expression(w, node->as.conditional.yes);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    w->host->indent--;
    ejs__c_emit(w, "} else {");
    w->host->indent++;
    o = ejs__c_expression(w, node->as.conditional.no);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    w->host->indent--;
    ejs__c_emit(w, "}");
    return ejs__c_value_operand(t);
}

static operand comma(writer *w, const ejs__node *node)
{
    const ejs__list *list = &node->as.list;
    for (uint32_t i = 0; i + 1 < list->count; i++)
        ejs__c_discard(w, list->items[i]);
    return ejs__c_expression(w, list->items[list->count - 1]);
}

/* members
 * ----------------------------------------------------------------------------------------
 */

static const ejs__node *chain_of(const writer *w)
{
    for (const control *c = w->host->control; c; c = c->outer) {
        if (c->kind == CONTROL_TARGET && c->node->kind == NODE_CHAIN)
            return c->node;
    }
    return NULL;
}

void ejs__c_optional_exit(writer *w, const char *value)
{
    const ejs__node *chain = chain_of(w);
    if (!chain) {
        w->unsupported = "an optional chain without an end";
        return;
    }
    ejs__c_emit(w, "if (ejs__is_nullish(%s)) {", value);
    ejs__c_emit_jump(w, chain, false);
    ejs__c_emit(w, "}");
}

static operand member(writer *w, const ejs__node *node)
{
    if (ejs__c_is_super(node))
        return ejs__c_super_get(w, node);
    const char *t = ejs__c_new_value(w);
    const ejs__slice name = node->as.member.name;
    const operand o = ejs__c_expression(w, node->as.member.object);
    if (node->as.member.optional)
        ejs__c_optional_exit(w, ejs__c_as_value(w, o));
    if (name.size == 6 && memcmp(name.data, "length", 6) == 0 &&
        !node->as.member.is_private)
        ejs__c_emit(w, "%s = ejs__get_length(ctx, %s);", t,
                    ejs__c_as_value(w, o));
    else
        ejs__c_emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t,
                    ejs__c_as_value(w, o), ejs__c_member_site(w, node));
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static operand index_(writer *w, const ejs__node *node)
{
    if (ejs__c_is_super(node))
        return ejs__c_super_get(w, node);
    const char *t = ejs__c_new_value(w);
    operand o = before(w, node->as.index.object, node->as.index.index);
    if (node->as.index.optional)
        ejs__c_optional_exit(w, ejs__c_as_value(w, o));
    const operand key = ejs__c_expression(w, node->as.index.index);
    ejs__c_emit(w, "%s = ejs__get_index(ctx, %s, %s);", t,
                ejs__c_as_value(w, o), ejs__c_as_value(w, key));
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

static operand chain(writer *w, const ejs__node *node)
{
    const char *t = ejs__c_new_value(w);
    control c;
    ejs__c_emit(w, "%s = ejs__undefined();", t);
    ejs__c_push_control(w, &c, CONTROL_TARGET, node);
    const operand o = ejs__c_expression(w, node->as.unary.operand);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    ejs__c_pop_control(w);
    if (c.breaks)
        ejs__c_emit(w, "break_%u: ;", c.id);
    return ejs__c_value_operand(t);
}

static operand invalid(writer *w, const ejs__node *node)
{
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w,
                "%s = ejs__throw_error(ctx, EJS_REFERENCE_ERROR, \"%%s\", %s);",
                t, ejs__c_c_string(w, node->as.string));
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

operand ejs__c_named_expression(writer *w, const ejs__node *node,
                                ejs__slice name)
{
    if (node->kind == NODE_FUNCTION && node->as.function->name.size == 0)
        return ejs__c_closure(w, node->as.function, name);
    return ejs__c_expression(w, node);
}

static operand write_expression(writer *w, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
        return number(w, node->as.number);
    case NODE_STRING:
        return ejs__c_string(w, node->as.string);
    case NODE_TEMPLATE:
        return template_literal(w, node);
    case NODE_REGEXP:
        return regexp(w, node);
    case NODE_NULL:
        return ejs__c_value_operand("ejs__null()");
    case NODE_TRUE:
        return (operand){KIND_BOOLEAN, "true", false};
    case NODE_FALSE:
        return (operand){KIND_BOOLEAN, "false", false};
    case NODE_THIS:
        return ejs__c_value_operand(ejs__c_self_of(w));
    case NODE_NAME:
        return ejs__c_load_name(w, node);
    case NODE_ARRAY:
        return array(w, node);
    case NODE_OBJECT:
        return object(w, node);
    case NODE_FUNCTION:
        return ejs__c_closure(w, node->as.function, node->as.function->name);
    case NODE_UNARY:
        return unary(w, node);
    case NODE_UPDATE:
        return ejs__c_update(w, node, true);
    case NODE_BINARY:
        return binary(w, node);
    case NODE_LOGICAL:
        return logical(w, node);
    case NODE_CONDITIONAL:
        return conditional(w, node);
    case NODE_ASSIGN:
        return ejs__c_assignment(w, node, true);
    case NODE_COMMA:
        return comma(w, node);
    case NODE_MEMBER:
        return member(w, node);
    case NODE_INDEX:
        return index_(w, node);
    case NODE_CHAIN:
        return chain(w, node);
    case NODE_CALL:
        return ejs__c_call(w, node);
    case NODE_NEW:
        return ejs__c_new_expression(w, node);
    case NODE_CLASS:
        return ejs__c_class(w, node);
    case NODE_NEW_TARGET:
        return ejs__c_value_operand("ejs__new_target(call)");
    case NODE_INVALID:
        return invalid(w, node);
    default: /* generators, delete super.x */
        w->unsupported = "generators";
        return ejs__c_value_operand("ejs__undefined()");
    }
}

operand ejs__c_expression(writer *w, const ejs__node *node)
{
    const uint32_t at = w->at;
    w->at = ejs__node_place(node);
    const operand o = write_expression(w, node);
    w->at = at;
    return o;
}

void ejs__c_discard(writer *w, const ejs__node *node)
{
    w->at = ejs__node_place(node);
    switch (node->kind) {
    case NODE_ASSIGN:
        ejs__c_assignment(w, node, false);
        break;
    case NODE_UPDATE:
        ejs__c_update(w, node, false);
        break;
    default:
        ejs__c_expression(w, node);
    }
}
