/* call.c - calls, method calls and `new`. */
#include "ejs/cgen/writer.h"

#include <string.h>

bool has_spread(const ejs__list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i] && list->items[i]->kind == NODE_SPREAD)
            return true;
    }
    return false;
}

static bool later_has_effects(const ejs__list *list, uint32_t from)
{
    for (uint32_t i = from; i < list->count; i++) {
        if (has_effects(list->items[i]))
            return true;
    }
    return false;
}

const char *arguments(writer *w, const ejs__list *args)
{
    if (has_spread(args)) {
        const char *array = array_literal(w, args);
        return format(w, "%s->items, %s->object.length", array, array);
    }
    if (args->count == 0)
        return "NULL, 0";
    const char *list = "";
    for (uint32_t i = 0; i < args->count; i++) {
        operand o = expression(w, args->items[i]);
        if (o.fragile && later_has_effects(args, i + 1))
            o = hold(w, o);
        list = format(w, "%s%s%s", list, i ? ", " : "", as_value(w, o));
    }
    return format(w, "(const ejs_value[]){%s}, %u", list, args->count);
}

static const char *callee_text(writer *w, const ejs__node *callee)
{
    const char *text = ejs__node_text(&w->arena, callee);
    return c_text(w, text ? text : "");
}

static operand finish(writer *w, const char *t, const char *text)
{
    emit(w, "%s = %s;", t, text);
    emit_check(w, t);
    return value_operand(t);
}

static operand call_name(writer *w, const ejs__node *node)
{
    const char *f = new_value(w), *self = new_value(w), *t = new_value(w);
    const ejs__node *callee = node->as.call.callee;
    emit(w, "%s = ejs__name_callee(%s, %u, &%s);", f, frame_of(w),
         callee->as.name.ref.index, self);
    emit_check(w, f);
    if (node->as.call.optional)
        optional_exit(w, f);
    const char *args = arguments(w, &node->as.call.args);
    return finish(w, t,
                  format(w, "ejs__call(ctx, %s, %s, %s, %s)", f, self, args,
                         callee_text(w, callee)));
}

/* a.b?.(c): the function is looked at before it is called. */
static operand call_optional_method(writer *w, const ejs__node *node,
                                    operand object)
{
    const ejs__node *callee = node->as.call.callee;
    const char *f = new_value(w), *t = new_value(w);
    const char *self = as_value(w, hold(w, object));
    if (callee->kind == NODE_MEMBER)
        emit(w, "%s = ejs__get(ctx, %s, &SITES[%u]);", f, self,
             site(w, callee->as.member.name));
    else
        emit(w, "%s = ejs__get_index(ctx, %s, %s);", f, self,
             as_value(w, expression(w, callee->as.index.index)));
    emit_check(w, f);
    optional_exit(w, f);
    const char *args = arguments(w, &node->as.call.args);
    return finish(w, t,
                  format(w, "ejs__call(ctx, %s, %s, %s, %s)", f, self, args,
                         callee_text(w, callee)));
}

static operand call_method(writer *w, const ejs__node *node)
{
    const ejs__node *callee = node->as.call.callee;
    const bool is_member = callee->kind == NODE_MEMBER;
    const ejs__node *object_node =
        is_member ? callee->as.member.object : callee->as.index.object;
    const char *t = new_value(w);
    if (object_node->kind == NODE_SUPER ||
        (is_member && callee->as.member.is_private)) {
        w->unsupported = "super and private names";
        return value_operand(t);
    }
    operand object = expression(w, object_node);
    if (is_member ? callee->as.member.optional : callee->as.index.optional)
        optional_exit(w, as_value(w, object));
    if (node->as.call.optional)
        return call_optional_method(w, node, object);
    if (object.fragile && (later_has_effects(&node->as.call.args, 0) ||
                           (!is_member && has_effects(callee->as.index.index))))
        object = hold(w, object);
    if (is_member) {
        const char *args = arguments(w, &node->as.call.args);
        return finish(w, t,
                      format(w, "ejs__call_method(ctx, %s, &SITES[%u], %s, %s)",
                             as_value(w, object),
                             site(w, callee->as.member.name), args,
                             callee_text(w, callee)));
    }
    operand key = expression(w, callee->as.index.index);
    if (key.fragile && later_has_effects(&node->as.call.args, 0))
        key = hold(w, key);
    const char *args = arguments(w, &node->as.call.args);
    return finish(w, t,
                  format(w, "ejs__call_index(ctx, %s, %s, %s, %s)",
                         as_value(w, object), as_value(w, key), args,
                         callee_text(w, callee)));
}

operand call(writer *w, const ejs__node *node, bool wanted)
{
    const ejs__node *callee = node->as.call.callee;
    operand result;
    switch (callee->kind) {
    case NODE_MEMBER:
        if (inline_loop(w, node, wanted, &result))
            return result;
        return call_method(w, node);
    case NODE_INDEX:
        return call_method(w, node);
    case NODE_NAME:
        if (callee->as.name.ref.kind == REF_DYNAMIC)
            return call_name(w, node);
        break;
    case NODE_SUPER:
    case NODE_CHAIN:
        w->unsupported = "super calls and calls of a parenthesised chain";
        return value_operand("ejs__undefined()");
    default:
        break;
    }
    const char *t = new_value(w);
    operand f = expression(w, callee);
    if (f.fragile && later_has_effects(&node->as.call.args, 0))
        f = hold(w, f);
    if (node->as.call.optional)
        optional_exit(w, as_value(w, f));
    const char *args = arguments(w, &node->as.call.args);
    return finish(w, t,
                  format(w, "ejs__call(ctx, %s, ejs__undefined(), %s, %s)",
                         as_value(w, f), args, callee_text(w, callee)));
}

operand new_expression(writer *w, const ejs__node *node)
{
    const ejs__node *callee = node->as.call.callee;
    const char *t = new_value(w);
    operand f = expression(w, callee);
    if (f.fragile && later_has_effects(&node->as.call.args, 0))
        f = hold(w, f);
    const char *args = arguments(w, &node->as.call.args);
    return finish(w, t,
                  format(w, "ejs__new(ctx, %s, %s, %s)", as_value(w, f), args,
                         callee_text(w, callee)));
}
