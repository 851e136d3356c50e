/* expression.c - expressions as C. */
#include "ejs/cgen/writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ejs/runtime.h"

static ejs__slice slice_of(const char *text)
{
    return (ejs__slice){text, (uint32_t)strlen(text)};
}

/* what an expression may do
 * ---------------------------------------------------- */

static bool list_has_effects(const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] && has_effects(list->items[i]))
            return true;
    }
    return false;
}

/* Only what is sure not to write a variable counts as harmless. */
bool has_effects(const ejs__node *node)
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
        return has_effects(node->as.unary.operand);
    case NODE_BINARY:
    case NODE_LOGICAL:
        return has_effects(node->as.binary.left) ||
               has_effects(node->as.binary.right);
    case NODE_CONDITIONAL:
        return has_effects(node->as.conditional.test) ||
               has_effects(node->as.conditional.yes) ||
               has_effects(node->as.conditional.no);
    case NODE_MEMBER:
        return has_effects(node->as.member.object);
    case NODE_INDEX:
        return has_effects(node->as.index.object) ||
               has_effects(node->as.index.index);
    default:
        return true;
    }
}

static bool is_arithmetic(int op)
{
    return op >= OP_SUB && op <= OP_BIT_XOR;
}

/* Whether the value is sure to be a number, without running anything. */
bool is_numeric(const writer *w, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
        return true;
    case NODE_BINARY:
        if (node->as.binary.left == NULL)
            return false;
        if (node->op == OP_ADD)
            return is_numeric(w, node->as.binary.left) &&
                   is_numeric(w, node->as.binary.right);
        return is_arithmetic(node->op);
    case NODE_UNARY:
        return node->op == OP_NEG || node->op == OP_PLUS ||
               node->op == OP_BIT_NOT;
    default:
        return false;
    }
}

/* names
 * ----------------------------------------------------------------------------
 */

operand load_name(writer *w, const ejs__node *node)
{
    const ejs__ref *ref = &node->as.name.ref;
    if (ref->kind == REF_DYNAMIC) {
        const char *t = new_value(w);
        emit(w, "%s = ejs__name_get(%s, %u);", t, frame_of(w), ref->index);
        emit_check(w, t);
        return value_operand(t);
    }
    const char *name = variable(w, ref->variable);
    if (ref->check_tdz) {
        emit(w,
             "if (%s.tag == EJS_TAG_UNINITIALIZED) { ejs__throw_tdz(ctx, %s); "
             "goto %s; }",
             name, c_string(w, node->as.name.text), fail_label(w));
    }
    if (name[0] == '(') { /* a cell: any call may change it */
        const char *t = new_value(w);
        emit(w, "%s = %s;", t, name);
        return value_operand(t);
    }
    return (operand){KIND_VALUE, name, true};
}

/* Evaluates left before right although C might not. */
static operand before(writer *w, const ejs__node *left, const ejs__node *right)
{
    operand o = expression(w, left);
    return o.fragile && has_effects(right) ? hold(w, o) : o;
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
        text = format(w, "%.1f", n);
    else
        text = format(w, "%.17g%s", n,
                      strpbrk(format(w, "%.17g", n), ".e") ? "" : ".0");
    return (operand){KIND_NUMBER, text, false};
}

static bool is_ascii(ejs__slice text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.data[i] >= 128)
            return false;
    }
    return true;
}

static operand string(writer *w, ejs__slice text)
{
    return value_operand(format(w, "ejs__string(%s, %u, %s)", c_string(w, text),
                                text.size,
                                is_ascii(text) ? "EJS_STRING_ASCII" : "0"));
}

const char *array_literal(writer *w, const ejs__list *items)
{
    const char *t = new_value(w);
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs__array *a%u;\n", id);
    emit(w, "a%u = ejs__array_new(ctx, %u);", id, items->count);
    emit(w, "if (!a%u) goto %s;", id, fail_label(w));
    emit(w, "%s = ejs__object(&a%u->object);", t, id);
    for (uint32_t i = 0; i < items->count; i++) {
        const ejs__node *item = items->items[i];
        if (!item) {
            emit_try(w, "ejs__array_push(ctx, a%u, ejs__tagged(EJS_TAG_HOLE))",
                     id);
        } else if (item->kind == NODE_SPREAD) {
            const operand o = expression(w, item->as.unary.operand);
            emit_try(w, "ejs__array_spread(ctx, a%u, %s)", id, as_value(w, o));
        } else {
            const operand o = expression(w, item);
            emit_try(w, "ejs__array_push(ctx, a%u, %s)", id, as_value(w, o));
        }
    }
    return format(w, "a%u", id);
}

static operand array(writer *w, const ejs__node *node)
{
    const char *a = array_literal(w, &node->as.list);
    return value_operand(format(w, "ejs__object(&%s->object)", a));
}

static operand computed_key(writer *w, const ejs__node *key)
{
    const operand o = expression(w, key);
    const char *t = new_value(w);
    emit(w, "%s = ejs__to_property_key(ctx, %s);", t, as_value(w, o));
    emit_check(w, t);
    return value_operand(t);
}

static void set_home(writer *w, operand method, const char *object)
{
    emit(w,
         "((ejs__function_object *)(void *)%s.as.object)->home = "
         "%s;",
         method.text, object);
}

static void object_accessor(writer *w, const ejs__node *p, const char *object,
                            operand key)
{
    const bool setter = p->as.property.kind == PROPERTY_SET;
    const operand f =
        closure(w, p->as.property.value->as.function,
                p->as.property.computed ? (ejs__slice){"", 0}
                                        : p->as.property.key->as.string);
    set_home(w, f, object);
    emit(w, "ejs__name_function(ctx, %s, %s, \"%s\");", f.text,
         as_value(w, key), setter ? "set" : "get");
    emit_try(w, "ejs__define_accessor(ctx, %s, %s, %s, %s, true)", object,
             as_value(w, key), f.text, setter ? "true" : "false");
}

static bool is_anonymous(const ejs__node *value)
{
    return (value->kind == NODE_FUNCTION &&
            value->as.function->name.size == 0) ||
           (value->kind == NODE_CLASS && value->as.class_.name.size == 0);
}

static void object_computed(writer *w, const ejs__node *p, const char *object)
{
    const operand key = computed_key(w, p->as.property.key);
    if (p->as.property.kind == PROPERTY_GET ||
        p->as.property.kind == PROPERTY_SET) {
        object_accessor(w, p, object, key);
        return;
    }
    const ejs__node *value = p->as.property.value;
    const operand o = hold(w, expression(w, value));
    if (is_anonymous(value))
        emit(w, "ejs__name_function(ctx, %s, %s, NULL);", o.text, key.text);
    if (p->as.property.kind == PROPERTY_METHOD)
        set_home(w, o, object);
    emit_try(w, "ejs__define_index(ctx, %s, %s, %s)", object, key.text,
             as_value(w, o));
}

static void object_property(writer *w, const ejs__node *p, const char *object)
{
    const ejs__slice key = p->as.property.key->as.string;
    const ejs__property_kind kind = p->as.property.kind;
    if (kind == PROPERTY_GET || kind == PROPERTY_SET) {
        object_accessor(w, p, object, string(w, key));
        return;
    }
    operand o = named_expression(w, p->as.property.value, key);
    if (kind == PROPERTY_METHOD)
        set_home(w, o, object);
    if (kind == PROPERTY_VALUE && key.size == 9 &&
        memcmp(key.data, "__proto__", 9) == 0)
        emit_try(w, "ejs__set_proto_literal(ctx, %s, %s)", object,
                 as_value(w, o));
    else
        emit_try(w, "ejs__define(ctx, %s, &SITES[%u], %s)", object,
                 site(w, key), as_value(w, o));
}

static operand object(writer *w, const ejs__node *node)
{
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_object *o%u;\n", id);
    const char *object = format(w, "o%u", id);
    emit(w, "%s = ejs__object_new(ctx);", object);
    emit(w, "if (!%s) goto %s;", object, fail_label(w));
    for (uint32_t i = 0; i < node->as.list.count; i++) {
        const ejs__node *p = node->as.list.items[i];
        if (p->kind == NODE_SPREAD) {
            const operand o = expression(w, p->as.unary.operand);
            emit_try(w, "ejs__object_spread(ctx, %s, %s)", object,
                     as_value(w, o));
        } else if (p->as.property.computed) {
            object_computed(w, p, object);
        } else {
            object_property(w, p, object);
        }
    }
    return value_operand(format(w, "ejs__object(%s)", object));
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
            emit(w, "p%u[%u] = %s;", id, n++, string(w, text).text);
        if (i == values->count)
            break;
        const operand o = expression(w, values->items[i]);
        emit(w, "p%u[%u] = ejs__to_string(ctx, %s);", id, n, as_value(w, o));
        emit_check(w, format(w, "p%u[%u]", id, n));
        n++;
    }
    *n_parts = n;
    return format(w, "p%u", id);
}

static operand tagged_template(writer *w, const ejs__node *node)
{
    const uint32_t n = node->as.template_.values.count;
    const ejs__node *tag = node->as.template_.tag;
    const char *self = "ejs__undefined()";
    operand function;
    if (tag->kind == NODE_MEMBER || tag->kind == NODE_INDEX) {
        const bool member = tag->kind == NODE_MEMBER;
        const operand object =
            hold(w, expression(w, member ? tag->as.member.object
                                         : tag->as.index.object));
        self = as_value(w, object);
        const char *t = new_value(w);
        if (member)
            emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, self,
                 site(w, tag->as.member.name));
        else
            emit(w, "%s = ejs__get_index(ctx, %s, %s);", t, self,
                 as_value(w, expression(w, tag->as.index.index)));
        emit_check(w, t);
        function = value_operand(t);
    } else {
        function = hold(w, expression(w, tag));
    }
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations, "    ejs_value p%u[%u], q%u[%u];\n",
                    id, n + 1, id, n + 1);
    for (uint32_t i = 0; i <= n; i++) {
        const ejs__slice cooked = node->as.template_.cooked[i];
        emit(w, "p%u[%u] = %s;", id, i,
             cooked.data ? string(w, cooked).text : "ejs__undefined()");
        emit(w, "q%u[%u] = %s;", id, i,
             string(w, node->as.template_.raw[i]).text);
    }
    emit(w, "p%u[0] = ejs__template_object(%s, %u, p%u, q%u, %u);", id,
         frame_of(w), node->as.template_.site, id, id, n + 1);
    emit_check(w, format(w, "p%u[0]", id));
    for (uint32_t i = 0; i < n; i++) {
        const operand o = expression(w, node->as.template_.values.items[i]);
        emit(w, "p%u[%u] = %s;", id, i + 1, as_value(w, o));
    }
    const char *t = new_value(w);
    const char *text = ejs__node_text(&w->arena, tag);
    emit(w, "%s = ejs__call(ctx, %s, %s, p%u, %u, %s);", t,
         as_value(w, function), self, id, n + 1,
         c_string(w, slice_of(text ? text : "")));
    emit_check(w, t);
    return value_operand(t);
}

static operand template_literal(writer *w, const ejs__node *node)
{
    if (node->as.template_.tag)
        return tagged_template(w, node);
    if (node->as.template_.values.count == 0)
        return string(w, node->as.template_.cooked[0]);
    unsigned n;
    const char *parts = template_parts(w, node, &n);
    const char *t = new_value(w);
    emit(w, "%s = ejs__concat(ctx, %s, %u);", t, parts, n);
    emit_check(w, t);
    return value_operand(t);
}

static operand regexp(writer *w, const ejs__node *node)
{
    const char *t = new_value(w);
    const ejs__slice pattern = node->as.regexp.pattern;
    const ejs__slice flags = node->as.regexp.flags;
    emit(w, "%s = ejs__regexp_literal(%s, %u, %s, %u, %s, %u);", t, frame_of(w),
         node->as.regexp.index, c_string(w, pattern), pattern.size,
         c_string(w, flags), flags.size);
    emit_check(w, t);
    return value_operand(t);
}

/* operators
 * -------------------------------------------------------------------------------
 */

static operand typeof_operator(writer *w, const ejs__node *operand_node)
{
    const char *t = new_value(w);
    if (operand_node->kind == NODE_NAME &&
        operand_node->as.name.ref.kind == REF_DYNAMIC) {
        emit(w, "%s = ejs__name_typeof(%s, %u);", t, frame_of(w),
             operand_node->as.name.ref.index);
        emit_check(w, t);
    } else {
        const operand o = expression(w, operand_node);
        emit(w, "%s = ejs__typeof(%s);", t, as_value(w, o));
    }
    return value_operand(t);
}

static operand delete_operator(writer *w, const ejs__node *target)
{
    const char *t = new_value(w);
    const char *strict = is_strict(w) ? "true" : "false";
    if (target->kind == NODE_CHAIN) { /* delete a?.b: true when cut short */
        emit(w, "%s = ejs__boolean(true);", t);
        control c;
        push_control(w, &c, CONTROL_TARGET, target);
        const operand o = delete_operator(w, target->as.unary.operand);
        emit(w, "%s = %s;", t, as_value(w, o));
        pop_control(w);
        if (c.breaks)
            emit(w, "break_%u: ;", c.id);
        return value_operand(t);
    }
    if (target->kind == NODE_MEMBER) {
        const operand o = expression(w, target->as.member.object);
        emit(w, "%s = ejs__delete(ctx, %s, %s, %s);", t, as_value(w, o),
             string(w, target->as.member.name).text, strict);
    } else if (target->kind == NODE_INDEX) {
        const operand o =
            before(w, target->as.index.object, target->as.index.index);
        const operand key = expression(w, target->as.index.index);
        emit(w, "%s = ejs__delete(ctx, %s, %s, %s);", t, as_value(w, o),
             as_value(w, key), strict);
    } else if (target->kind == NODE_NAME) {
        if (target->as.name.ref.kind != REF_DYNAMIC)
            return (operand){KIND_BOOLEAN, "false", false};
        emit(w, "%s = ejs__name_delete(%s, %u);", t, frame_of(w),
             target->as.name.ref.index);
    } else {
        discard(w, target);
        return (operand){KIND_BOOLEAN, "true", false};
    }
    emit_check(w, t);
    return value_operand(t);
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
        discard(w, inner);
        return value_operand("ejs__undefined()");
    case OP_NOT: {
        const operand o = condition(w, inner);
        return (operand){KIND_BOOLEAN, format(w, "(!%s)", as_condition(w, o)),
                         o.fragile};
    }
    default:
        break;
    }
    const operand o = expression(w, inner);
    if (o.kind == KIND_NUMBER && node->op == OP_NEG)
        return (operand){KIND_NUMBER, format(w, "(-%s)", o.text), o.fragile};
    if (o.kind == KIND_NUMBER && node->op == OP_PLUS)
        return o;
    const char *t = new_value(w);
    const char *function = node->op == OP_NEG    ? "ejs__negate"
                           : node->op == OP_PLUS ? "ejs__to_number"
                                                 : "ejs__bit_not";
    emit(w, "%s = %s(ctx, %s);", t, function, as_value(w, o));
    emit_check(w, t);
    return value_operand(t);
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
                format(w, "(%s %s %s)", a.text, symbols[op], b.text), fragile};
        if (op == OP_MOD)
            return (operand){KIND_NUMBER,
                             format(w, "ejs__fmod(%s, %s)", a.text, b.text),
                             fragile};
    }
    const char *t = new_value(w);
    if (op <= OP_MOD)
        emit(w, "%s = %s(ctx, %s, %s);", t, functions[op], as_value(w, a),
             as_value(w, b));
    else
        emit(w, "%s = ejs__arith_slow(ctx, %s, %s, %s);", t, arithmetic[op],
             as_value(w, a), as_value(w, b));
    emit_check(w, t);
    return value_operand(t);
}

static operand tested(writer *w, const char *call)
{
    const char *b = new_boolean(w);
    emit(w, "%s = %s;", b, call);
    emit(w, "if (%s < 0) goto %s;", b, fail_label(w));
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
        return (operand){KIND_BOOLEAN,
                         format(w, "(%s %s %s)", a.text, symbols[op], b.text),
                         a.fragile || b.fragile};
    return tested(w, format(w, "ejs__compare(ctx, %s, %s, %s)", orders[op],
                            as_value(w, a), as_value(w, b)));
}

static operand equality(writer *w, int op, operand a, operand b)
{
    const bool negative = op == OP_NE || op == OP_STRICT_NE;
    const char *no = negative ? "!" : "";
    const bool fragile = a.fragile || b.fragile;
    if (a.kind == KIND_NUMBER && b.kind == KIND_NUMBER)
        return (operand){KIND_BOOLEAN,
                         format(w, "%s(%s == %s)", no, a.text, b.text),
                         fragile};
    const char *x = as_value(w, a), *y = as_value(w, b);
    if (op == OP_STRICT_EQ || op == OP_STRICT_NE)
        return (operand){KIND_BOOLEAN,
                         format(w, "%sejs__strict_equal(%s, %s)", no, x, y),
                         fragile};
    const operand o =
        tested(w, format(w, "ejs__loose_equal(ctx, %s, %s)", x, y));
    return (operand){KIND_BOOLEAN, format(w, "(%s%s)", no, o.text), false};
}

operand binary_operator(writer *w, int op, operand a, operand b)
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
        return tested(w, format(w, "ejs__in(ctx, %s, %s)", as_value(w, a),
                                as_value(w, b)));
    case OP_INSTANCEOF:
        return tested(w, format(w, "ejs__instanceof(ctx, %s, %s)",
                                as_value(w, a), as_value(w, b)));
    default:
        return arithmetic_operator(w, op, a, b);
    }
}

static operand binary(writer *w, const ejs__node *node)
{
    /* a + b + c + ... is nested to the left as deep as it is long. */
    const operand a = before(w, node->as.binary.left, node->as.binary.right);
    const operand b = expression(w, node->as.binary.right);
    return binary_operator(w, node->op, a, b);
}

/* Wraps what has been written since `start` in `if (test) { ... }`. */
static void insert_if(writer *w, size_t start, const char *test)
{
    base_buf *body = &w->host->body;
    const char *head = format(w, "if (%s) {\n", test);
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
    operand a = condition(w, node->as.binary.left);
    if (a.fragile && has_effects(node->as.binary.right))
        a = hold(w, a);
    const size_t start = w->host->body.size;
    const unsigned line = w->host->line;
    const operand b = condition(w, node->as.binary.right);
    if (w->host->body.size == start)
        return (operand){KIND_BOOLEAN,
                         format(w, "(%s %s %s)", as_condition(w, a),
                                is_and ? "&&" : "||", as_condition(w, b)),
                         a.fragile || b.fragile};
    (void)line;
    const char *t = new_boolean(w);
    emit(w, "%s = %s;", t, as_condition(w, b));
    emit(w, "}");
    insert_if(
        w, start,
        format(w, is_and ? "(%s = %s)" : "!(%s = %s)", t, as_condition(w, a)));
    return (operand){KIND_BOOLEAN, t, false};
}

operand condition(writer *w, const ejs__node *node)
{
    if (node->kind == NODE_LOGICAL && node->op != OP_NULLISH)
        return logical_condition(w, node);
    const operand o = expression(w, node);
    return (operand){KIND_BOOLEAN, as_condition(w, o), o.fragile};
}

static operand logical(writer *w, const ejs__node *node)
{
    const char *t = new_value(w);
    operand o = expression(w, node->as.binary.left);
    emit(w, "%s = %s;", t, as_value(w, o));
    const char *test = node->op == OP_AND  ? "ejs__truthy(%s)"
                       : node->op == OP_OR ? "!ejs__truthy(%s)"
                                           : "ejs__is_nullish(%s)";
    char text[64];
    snprintf(text, sizeof text, test, t);
    emit(w, "if (%s) {", text);
    w->host->indent++;
    o = expression(w, node->as.binary.right);
    emit(w, "%s = %s;", t, as_value(w, o));
    w->host->indent--;
    emit(w, "}");
    return value_operand(t);
}

static operand conditional(writer *w, const ejs__node *node)
{
    const char *t = new_value(w);
    operand o = condition(w, node->as.conditional.test);
    emit(w, "if (%s) {", as_condition(w, o));
    w->host->indent++;
    o = expression(w, node->as.conditional.yes);
    emit(w, "%s = %s;", t, as_value(w, o));
    w->host->indent--;
    emit(w, "} else {");
    w->host->indent++;
    o = expression(w, node->as.conditional.no);
    emit(w, "%s = %s;", t, as_value(w, o));
    w->host->indent--;
    emit(w, "}");
    return value_operand(t);
}

static operand comma(writer *w, const ejs__node *node)
{
    const ejs__list *list = &node->as.list;
    for (uint32_t i = 0; i + 1 < list->count; i++)
        discard(w, list->items[i]);
    return expression(w, list->items[list->count - 1]);
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

void optional_exit(writer *w, const char *value)
{
    const ejs__node *chain = chain_of(w);
    if (!chain) {
        w->unsupported = "an optional chain without an end";
        return;
    }
    emit(w, "if (ejs__is_nullish(%s)) {", value);
    emit_jump(w, chain, false);
    emit(w, "}");
}

static operand member(writer *w, const ejs__node *node)
{
    const char *t = new_value(w);
    const ejs__slice name = node->as.member.name;
    if (node->as.member.object->kind == NODE_SUPER ||
        node->as.member.is_private) {
        w->unsupported = "super and private names";
        return value_operand(t);
    }
    const operand o = expression(w, node->as.member.object);
    if (node->as.member.optional)
        optional_exit(w, as_value(w, o));
    if (name.size == 6 && memcmp(name.data, "length", 6) == 0)
        emit(w, "%s = ejs__get_length(ctx, %s);", t, as_value(w, o));
    else
        emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", t, as_value(w, o),
             site(w, name));
    emit_check(w, t);
    return value_operand(t);
}

static operand index_(writer *w, const ejs__node *node)
{
    const char *t = new_value(w);
    if (node->as.index.object->kind == NODE_SUPER) {
        w->unsupported = "super";
        return value_operand(t);
    }
    operand o = before(w, node->as.index.object, node->as.index.index);
    if (node->as.index.optional)
        optional_exit(w, as_value(w, o));
    const operand key = expression(w, node->as.index.index);
    emit(w, "%s = ejs__get_index(ctx, %s, %s);", t, as_value(w, o),
         as_value(w, key));
    emit_check(w, t);
    return value_operand(t);
}

static operand chain(writer *w, const ejs__node *node)
{
    const char *t = new_value(w);
    control c;
    emit(w, "%s = ejs__undefined();", t);
    push_control(w, &c, CONTROL_TARGET, node);
    const operand o = expression(w, node->as.unary.operand);
    emit(w, "%s = %s;", t, as_value(w, o));
    pop_control(w);
    if (c.breaks)
        emit(w, "break_%u: ;", c.id);
    return value_operand(t);
}

operand named_expression(writer *w, const ejs__node *node, ejs__slice name)
{
    if (node->kind == NODE_FUNCTION && node->as.function->name.size == 0)
        return closure(w, node->as.function, name);
    return expression(w, node);
}

operand expression(writer *w, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
        return number(w, node->as.number);
    case NODE_STRING:
        return string(w, node->as.string);
    case NODE_TEMPLATE:
        return template_literal(w, node);
    case NODE_REGEXP:
        return regexp(w, node);
    case NODE_NULL:
        return value_operand("ejs__null()");
    case NODE_TRUE:
        return (operand){KIND_BOOLEAN, "true", false};
    case NODE_FALSE:
        return (operand){KIND_BOOLEAN, "false", false};
    case NODE_THIS:
        return value_operand(self_of(w));
    case NODE_NAME:
        return load_name(w, node);
    case NODE_ARRAY:
        return array(w, node);
    case NODE_OBJECT:
        return object(w, node);
    case NODE_FUNCTION:
        return closure(w, node->as.function, node->as.function->name);
    case NODE_UNARY:
        return unary(w, node);
    case NODE_UPDATE:
        return update(w, node, true);
    case NODE_BINARY:
        return binary(w, node);
    case NODE_LOGICAL:
        return logical(w, node);
    case NODE_CONDITIONAL:
        return conditional(w, node);
    case NODE_ASSIGN:
        return assignment(w, node, true);
    case NODE_COMMA:
        return comma(w, node);
    case NODE_MEMBER:
        return member(w, node);
    case NODE_INDEX:
        return index_(w, node);
    case NODE_CHAIN:
        return chain(w, node);
    case NODE_CALL:
        return call(w, node, true);
    case NODE_NEW:
        return new_expression(w, node);
    default: /* classes, generators, super, new.target */
        w->unsupported = "classes and generators";
        return value_operand("ejs__undefined()");
    }
}

void discard(writer *w, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_ASSIGN:
        assignment(w, node, false);
        break;
    case NODE_UPDATE:
        update(w, node, false);
        break;
    case NODE_CALL:
        call(w, node, false);
        break;
    default:
        expression(w, node);
    }
}
