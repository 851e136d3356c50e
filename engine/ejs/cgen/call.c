/* call.c - calls, method calls and `new`. */
#include "ejs/cgen/writer.h"

#include <string.h>

bool ejs__c_has_spread(const ejs__list *list)
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
        if (ejs__c_has_effects(list->items[i]))
            return true;
    }
    return false;
}

const char *ejs__c_arguments(writer *w, const ejs__list *args)
{
    if (ejs__c_has_spread(args)) {
        const char *array = ejs__c_array_literal(w, args, true);
        return ejs__c_format(w, "%s->items, %s->object.length", array, array);
    }
    if (args->count == 0)
        return "NULL, 0";
    const char *list = "";
    for (uint32_t i = 0; i < args->count; i++) {
        operand o = ejs__c_expression(w, args->items[i]);
        if (o.fragile && later_has_effects(args, i + 1))
            o = ejs__c_hold(w, o);
        list = ejs__c_format(w, "%s%s%s", list, i ? ", " : "",
                             ejs__c_as_value(w, o));
    }
    return ejs__c_format(w, "(const ejs_value[%u]){%s}, %u", args->count, list,
                         args->count);
}

static const char *callee_text(writer *w, const ejs__node *call)
{
    const char *text = ejs__callee_text(&w->arena, call);
    return ejs__c_c_text(w, text ? text : "");
}

static operand finish(writer *w, const char *t, const char *text)
{
    ejs__c_emit(w, "%s = %s;", t, text);
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

/* String(x) and Number(x), unless those names mean something else. */
static operand call_conversion(writer *w, const ejs__node *node, bool to_string)
{
    const char *f = ejs__c_new_value(w), *self = ejs__c_new_value(w),
               *t = ejs__c_new_value(w);
    const ejs__node *callee = node->as.call.callee;
    ejs__c_emit(w, "%s = ejs__name_callee(%s, %u, &%s);", f, ejs__c_frame_of(w),
                callee->as.name.ref.index, self);
    ejs__c_emit_check(w, f);
    const operand o =
        ejs__c_hold(w, ejs__c_expression(w, node->as.call.args.items[0]));
    const char *x = ejs__c_as_value(w, o);
    ejs__c_emit(w, "if (ejs__is_builtin(%s, EJS_IS_%s))", f,
                to_string ? "STRING" : "NUMBER");
    ejs__c_emit(w, "    %s = ejs__to_%s(ctx, %s);", t,
                to_string ? "string" : "number", x);
    ejs__c_emit(w, "else");
    return finish(
        w, t,
        ejs__c_format(w,
                      "ejs__call(ctx, %s, %s, (const ejs_value[1]){%s}, 1, %s)",
                      f, self, x, callee_text(w, node)));
}

static bool is_name(const ejs__node *node, const char *text)
{
    return node->kind == NODE_NAME && node->as.name.ref.kind == REF_DYNAMIC &&
           node->as.name.text.size == strlen(text) &&
           memcmp(node->as.name.text.data, text, strlen(text)) == 0;
}

static operand call_name(writer *w, const ejs__node *node)
{
    const bool to_string = is_name(node->as.call.callee, "String");
    if ((to_string || is_name(node->as.call.callee, "Number")) &&
        !node->as.call.optional && node->as.call.args.count == 1 &&
        !ejs__c_has_spread(&node->as.call.args))
        return call_conversion(w, node, to_string);
    const char *f = ejs__c_new_value(w), *self = ejs__c_new_value(w),
               *t = ejs__c_new_value(w);
    const ejs__node *callee = node->as.call.callee;
    ejs__c_emit(w, "%s = ejs__name_callee(%s, %u, &%s);", f, ejs__c_frame_of(w),
                callee->as.name.ref.index, self);
    ejs__c_emit_check(w, f);
    if (node->as.call.optional)
        ejs__c_optional_exit(w, f);
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    return finish(w, t,
                  ejs__c_format(w, "ejs__call(ctx, %s, %s, %s, %s)", f, self,
                                args, callee_text(w, node)));
}

/* a.b?.(c), a.b(...c), a.#b(c) and a.b(c()): the function is looked up, then
 * come the arguments. */
static operand call_found_method(writer *w, const ejs__node *node,
                                 operand object)
{
    const ejs__node *callee = node->as.call.callee;
    const char *f = ejs__c_new_value(w), *t = ejs__c_new_value(w);
    const char *self = ejs__c_as_value(w, ejs__c_hold(w, object));
    const bool is_plain =
        !node->as.call.optional && !ejs__c_has_spread(&node->as.call.args);
    const char *name = NULL; /* for a hint */
    if (callee->kind == NODE_MEMBER) {
        name = ejs__c_string(w, callee->as.member.name).text;
        ejs__c_emit(w, "%s = ejs__%s(ctx, %s, &SITES[%u]);", f,
                    callee->as.member.is_private ? "get" : "find_method", self,
                    ejs__c_member_site(w, callee));
    } else {
        const operand key =
            ejs__c_hold(w, ejs__c_expression(w, callee->as.index.index));
        name = is_plain ? ejs__c_as_value(w, key) : NULL;
        ejs__c_emit(w, "%s = ejs__%s(ctx, %s, %s);", f,
                    is_plain ? "find_method_at" : "get_index", self,
                    ejs__c_as_value(w, key));
    }
    ejs__c_emit_check(w, f);
    if (node->as.call.optional)
        ejs__c_optional_exit(w, f);
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    if (name)
        return finish(w, t,
                      ejs__c_format(w,
                                    "ejs__call_found(ctx, %s, %s, %s, %s, %s)",
                                    f, self, name, args, callee_text(w, node)));
    return finish(w, t,
                  ejs__c_format(w, "ejs__call(ctx, %s, %s, %s, %s)", f, self,
                                args, callee_text(w, node)));
}

static operand call_super_method(writer *w, const ejs__node *node)
{
    const ejs__node *callee = node->as.call.callee;
    const char *t = ejs__c_new_value(w);
    const operand f = ejs__c_super_get(w, callee);
    if (node->as.call.optional)
        ejs__c_optional_exit(w, f.text);
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    return finish(w, t,
                  ejs__c_format(w, "ejs__call(ctx, %s, %s, %s, %s)", f.text,
                                ejs__c_self_of(w), args, callee_text(w, node)));
}

static operand call_method(writer *w, const ejs__node *node)
{
    const ejs__node *callee = node->as.call.callee;
    const bool is_member = callee->kind == NODE_MEMBER;
    const ejs__node *object_node =
        is_member ? callee->as.member.object : callee->as.index.object;
    if (object_node->kind == NODE_SUPER)
        return call_super_method(w, node);
    operand object = ejs__c_expression(w, object_node);
    if (is_member ? callee->as.member.optional : callee->as.index.optional)
        ejs__c_optional_exit(w, ejs__c_as_value(w, object));
    if (node->as.call.optional || ejs__c_has_spread(&node->as.call.args) ||
        ejs__arguments_matter(&node->as.call.args) ||
        (is_member && callee->as.member.is_private))
        return call_found_method(w, node, object);
    if (object.fragile && !is_member &&
        ejs__c_has_effects(callee->as.index.index))
        object = ejs__c_hold(w, object);
    const char *t = ejs__c_new_value(w);
    if (is_member) {
        const char *args = ejs__c_arguments(w, &node->as.call.args);
        return finish(
            w, t,
            ejs__c_format(w, "ejs__call_method(ctx, %s, &SITES[%u], %s, %s)",
                          ejs__c_as_value(w, object),
                          ejs__c_site(w, callee->as.member.name), args,
                          callee_text(w, node)));
    }
    const operand key = ejs__c_expression(w, callee->as.index.index);
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    return finish(w, t,
                  ejs__c_format(w, "ejs__call_index(ctx, %s, %s, %s, %s)",
                                ejs__c_as_value(w, object),
                                ejs__c_as_value(w, key), args,
                                callee_text(w, node)));
}

typedef struct math_function {
    const char *name, *function;
    uint32_t n_args;
} math_function;

static const math_function *math_function_of(const ejs__node *node)
{
    static const math_function list[] = {
        {"round", "ejs__round", 1}, {"floor", "floor", 1},  {"ceil", "ceil", 1},
        {"trunc", "trunc", 1},      {"abs", "fabs", 1},     {"sqrt", "sqrt", 1},
        {"min", "ejs__min", 2},     {"max", "ejs__max", 2},
    };
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    if (!is_name(callee->as.member.object, "Math") || node->as.call.optional ||
        callee->as.member.optional || ejs__c_has_spread(args))
        return NULL;
    const ejs__slice name = callee->as.member.name;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strlen(list[i].name) == name.size &&
            list[i].n_args == args->count &&
            memcmp(list[i].name, name.data, name.size) == 0)
            return &list[i];
    return NULL;
}

/* Math.round(x) of a number, while Math is what it was; else called. */
static bool call_math(writer *w, const ejs__node *node, operand *result)
{
    const math_function *f = math_function_of(node);
    if (!f)
        return false;
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    const char *t = ejs__c_new_value(w);
    const char *math =
        ejs__c_as_value(w, ejs__c_expression(w, callee->as.member.object));
    const unsigned site = ejs__c_site(w, callee->as.member.name);
    if (ejs__arguments_matter(args))
        ejs__c_emit_try(w, "ejs__readable(ctx, %s, &SITES[%u])", math, site);
    const char *tests = "", *numbers = "", *values = "";
    for (uint32_t i = 0; i < args->count; i++) {
        const operand o = ejs__c_hold(w, ejs__c_expression(w, args->items[i]));
        if (o.kind == KIND_VALUE)
            tests = ejs__c_format(w, "%s && ejs__is_number(%s)", tests, o.text);
        numbers = ejs__c_format(w, "%s%s%s", numbers, i ? ", " : "",
                                ejs__c_as_number(w, o));
        values = ejs__c_format(w, "%s%s%s", values, i ? ", " : "",
                               ejs__c_as_value(w, o));
        if (o.kind == KIND_BOOLEAN)
            tests = ejs__c_format(w, "%s && false", tests);
    }
    ejs__c_emit(w, "if (ejs__is_pristine(%s, EJS_IS_MATH)%s)", math, tests);
    ejs__c_emit(w, "    %s = ejs__number(%s(%s));", t, f->function, numbers);
    ejs__c_emit(w, "else");
    *result =
        finish(w, t,
               ejs__c_format(w,
                             "ejs__call_method(ctx, %s, &SITES[%u], (const "
                             "ejs_value[%u]){%s}, %u, %s)",
                             math, site, args->count, values, args->count,
                             callee_text(w, node)));
    return true;
}

operand ejs__c_call(writer *w, const ejs__node *node)
{
    const ejs__node *callee = node->as.call.callee;
    operand result;
    switch (callee->kind) {
    case NODE_MEMBER:
        if (ejs__c_inline_loop(w, node, &result) || call_math(w, node, &result))
            return result;
        return call_method(w, node);
    case NODE_INDEX:
        return call_method(w, node);
    case NODE_NAME:
        if (callee->as.name.ref.kind == REF_DYNAMIC)
            return call_name(w, node);
        break;
    case NODE_SUPER:
        return ejs__c_super_call(w, &node->as.call.args);
    case NODE_CHAIN:
        w->unsupported = "calls of a parenthesised chain";
        return ejs__c_value_operand("ejs__undefined()");
    default:
        break;
    }
    const char *t = ejs__c_new_value(w);
    operand f = ejs__c_expression(w, callee);
    if (f.fragile && later_has_effects(&node->as.call.args, 0))
        f = ejs__c_hold(w, f);
    if (node->as.call.optional)
        ejs__c_optional_exit(w, ejs__c_as_value(w, f));
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    return finish(
        w, t,
        ejs__c_format(w, "ejs__call(ctx, %s, ejs__undefined(), %s, %s)",
                      ejs__c_as_value(w, f), args, callee_text(w, node)));
}

operand ejs__c_new_expression(writer *w, const ejs__node *node)
{
    const ejs__node *callee = node->as.call.callee;
    const char *t = ejs__c_new_value(w);
    operand f = ejs__c_expression(w, callee);
    if (f.fragile && later_has_effects(&node->as.call.args, 0))
        f = ejs__c_hold(w, f);
    const char *args = ejs__c_arguments(w, &node->as.call.args);
    return finish(w, t,
                  ejs__c_format(w, "ejs__new(ctx, %s, %s, %s)",
                                ejs__c_as_value(w, f), args,
                                callee_text(w, node)));
}
