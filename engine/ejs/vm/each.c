/*
 * each.c - array.forEach(callback) as a loop in place.
 *
 *     EACH      an array and the built-in forEach?  else go to `call`
 *   again:
 *     EACH_NEXT next element, at the end go to `done`
 *     ... the callback's body; `return` in it goes to `again` ...
 *     LOOP again
 *   call:
 *     the ordinary call, with the callback as a function
 *   done:
 */
#include "ejs/vm/emit.h"

#include <string.h>

enum { MAX_PARAMETERS = 3 }; /* element, index, array */

static bool has_special_variable(const ejs__scope *scope)
{
    for (uint32_t i = 0; i < scope->n_variables; i++) {
        const ejs__variable_kind kind = scope->variables[i]->kind;
        if (kind == VARIABLE_ARGUMENTS || kind == VARIABLE_SELF)
            return true;
    }
    return false;
}

static bool has_rest(const ejs__list *params)
{
    return params->count && params->items[params->count - 1]->kind == NODE_REST;
}

/* Whether the callback's body means the same in place. */
static bool is_inlinable(const ejs__emitter *e, const ejs__function *f)
{
    if (f->kind != FUNCTION_ARROW &&
        (f->kind != FUNCTION_NORMAL || f->uses_this || f->uses_new_target))
        return false;
    return !f->is_generator && !f->uses_arguments && !f->uses_super &&
           !f->body_scope && f->params.count <= MAX_PARAMETERS &&
           !has_rest(&f->params) && f->is_strict == e->strict &&
           !has_special_variable(f->scope);
}

static const ejs__function *callback_of(const ejs__emitter *e,
                                        const ejs__node *node)
{
    if (node->kind != NODE_CALL || node->as.call.optional ||
        node->as.call.args.count != 1 || e->compiler->plain[e->code->index])
        return NULL;
    const ejs__node *callee = node->as.call.callee;
    const ejs__node *arg = node->as.call.args.items[0];
    if (callee->kind != NODE_MEMBER || callee->as.member.optional ||
        callee->as.member.is_private ||
        callee->as.member.object->kind == NODE_SUPER ||
        callee->as.member.name.size != 7 ||
        memcmp(callee->as.member.name.data, "forEach", 7) != 0 ||
        arg->kind != NODE_FUNCTION || !is_inlinable(e, arg->as.function))
        return NULL;
    return arg->as.function;
}

/* The parameter's own register, if it is a plain variable; else a new one. */
static uint32_t parameter_register(ejs__emitter *e, const ejs__function *f,
                                   uint32_t i)
{
    uint32_t r;
    if (i < f->params.count && f->params.items[i]->kind == NODE_NAME &&
        ejs__is_register(e, &f->params.items[i]->as.name.ref, &r) &&
        !f->params.items[i]->as.name.ref.variable->needs_tdz)
        return r;
    return ejs__temp(e);
}

typedef struct each_body {
    ejs__body body; /* first */
    uint32_t values[MAX_PARAMETERS];
} each_body;

static void bind_values(ejs__emitter *e, const ejs__function *f)
{
    const each_body *each = (const each_body *)e->body;
    for (uint32_t i = 0; i < f->params.count; i++)
        ejs__bind_parameter(e, f->params.items[i], each->values[i]);
}

static void loop(ejs__emitter *e, const ejs__function *f, uint32_t array,
                 uint32_t turns, ejs__label *done)
{
    ejs__label *again = ejs__label_new(e);
    each_body each = {.body = {.function = f,
                               .outer = e->body,
                               .base = ejs__temps(e, f->n_slots),
                               .end = ejs__label_new(e),
                               .entry = e->context}};
    e->body = &each.body;
    each.values[0] = parameter_register(e, f, 0);
    each.values[1] = parameter_register(e, f, 1);
    each.values[2] = array;
    ejs__label_bind(e, again);
    JUMP(e, done, EACH_NEXT, each.values[0], each.values[1], array, turns);
    ejs__function_body(e, f, bind_values);
    ejs__label_bind(e, each.body.end);
    JUMP0(e, again, LOOP);
    e->body = each.body.outer;
}

bool ejs__each(ejs__emitter *e, const ejs__node *node)
{
    const ejs__function *f = callback_of(e, node);
    if (!f)
        return false;
    const ejs__node *callee = node->as.call.callee;
    ejs__label *call = ejs__label_new(e), *done = ejs__label_new(e);
    const uint32_t array = ejs__temp(e), turns = ejs__temps(e, 2);
    const uint32_t site = ejs__site(e, callee->as.member.name);
    e->compiler->plain[f->index] = true;
    ejs__into(e, callee->as.member.object, array);
    ejs__emit_place(e, node);
    JUMP(e, call, EACH, turns, array, site);
    loop(e, f, array, turns, done);
    ejs__label_bind(e, call);
    const uint32_t callback = ejs__temp(e);
    ejs__closure_into(e, f, callback);
    ejs__emit_place(e, node);
    EMIT(e, CALL_METHOD, callback, array, site, callback, 1,
         ejs__pool_callee(e, node));
    ejs__label_bind(e, done);
    return true;
}
