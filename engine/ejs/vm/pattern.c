/*
 * pattern.c - names: where they lead, reading them, and assigning to them and
 * to members and patterns.
 */
#include "ejs/vm/emit.h"

#include <string.h>

ejs__location ejs__locate(const ejs__body *body, bool is_upvalue,
                          uint32_t index, const ejs__variable *variable)
{
    if (!is_upvalue) {
        return (ejs__location){false, variable && variable->captured,
                               body->base + index};
    }
    if (!body->outer)
        return (ejs__location){true, true, index};
    const ejs__upvalue *up = &body->function->upvalues[index];
    return ejs__locate(body->outer, !up->from_parent_slot, up->index,
                       up->variable);
}

static ejs__location locate(const ejs__emitter *e, const ejs__ref *ref)
{
    return ejs__locate(e->body, ref->kind == REF_UPVALUE, ref->index,
                       ref->variable);
}

bool ejs__is_register(ejs__emitter *e, const ejs__ref *ref, uint32_t *r)
{
    if (ref->kind != REF_LOCAL && ref->kind != REF_UPVALUE)
        return false;
    const ejs__location at = locate(e, ref);
    *r = at.index;
    return !at.is_outer && !at.is_cell;
}

static void check(ejs__emitter *e, const ejs__location *at, ejs__slice name)
{
    const uint32_t text = ejs__pool(e, name);
    if (at->is_outer)
        EMIT(e, OUTER_CHECK, at->index, text);
    else if (at->is_cell)
        EMIT(e, CELL_CHECK, at->index, text);
    else
        EMIT(e, CHECK, at->index, text);
}

void ejs__load(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const ejs__ref *ref = &node->as.name.ref;
    ejs__emit_place(e, node);
    if (ref->kind != REF_LOCAL && ref->kind != REF_UPVALUE) {
        EMIT(e, NAME, target, ref->index);
        return;
    }
    const ejs__location at = locate(e, ref);
    if (ref->check_tdz)
        check(e, &at, node->as.name.text);
    if (at.is_outer)
        EMIT(e, OUTER_GET, target, at.index);
    else if (at.is_cell)
        EMIT(e, CELL_GET, target, at.index);
    else if (at.index != target)
        EMIT(e, MOVE, target, at.index);
}

/* Whether assigning is refused; the refusal is emitted. */
static bool refuse_constant(ejs__emitter *e, const ejs__ref *ref)
{
    const ejs__variable_kind kind = ref->variable->kind;
    if (kind == VARIABLE_SELF) {
        if (e->strict)
            EMIT0(e, THROW_CONST);
        return true;
    }
    if (kind != VARIABLE_CONST)
        return false;
    EMIT0(e, THROW_CONST);
    return true;
}

void ejs__store_ref(ejs__emitter *e, const ejs__ref *ref, ejs__slice name,
                    uint32_t value, ejs__store how)
{
    if (ref->kind != REF_LOCAL && ref->kind != REF_UPVALUE) {
        EMIT(e, NAME_SET, ref->index, value, e->strict);
        return;
    }
    const ejs__location at = locate(e, ref);
    if (how == STORE_ASSIGN) {
        if (ref->check_tdz)
            check(e, &at, name);
        if (refuse_constant(e, ref))
            return;
    }
    if (at.is_outer)
        EMIT(e, OUTER_SET, at.index, value);
    else if (at.is_cell)
        EMIT(e, CELL_SET, at.index, value);
    else if (at.index != value)
        EMIT(e, MOVE, at.index, value);
}

static void assign_member(ejs__emitter *e, const ejs__node *target,
                          uint32_t value)
{
    const ejs__node *object = target->as.member.object;
    if (object->kind == NODE_SUPER) {
        EMIT(e, SUPER_SET, ejs__constant_text(e, target->as.member.name), value,
             ejs__emit_this(e), e->strict);
        return;
    }
    const uint32_t o = ejs__operand(e, object);
    ejs__emit_place(e, target);
    EMIT(e, SET, o, ejs__member_site(e, target), value, e->strict);
}

static void assign_index(ejs__emitter *e, const ejs__node *target,
                         uint32_t value)
{
    const ejs__node *object = target->as.index.object;
    if (object->kind == NODE_SUPER) {
        ejs__emit_this(e);
        const uint32_t key = ejs__operand(e, target->as.index.index);
        EMIT(e, SUPER_SET, key, value, e->self, e->strict);
        return;
    }
    const uint32_t o = ejs__stable(e, object, target->as.index.index);
    const uint32_t key = ejs__operand(e, target->as.index.index);
    ejs__emit_place(e, target);
    EMIT(e, SET_INDEX, o, key, value, e->strict);
}

static void assign_default(ejs__emitter *e, const ejs__node *target,
                           uint32_t value, ejs__store how, const char *text)
{
    const ejs__node *inner = target->as.assign.target;
    ejs__label *given = ejs__label_new(e);
    const uint32_t t = ejs__temp(e);
    EMIT(e, MOVE, t, value);
    JUMP(e, given, JUMP_DEFINED, t);
    ejs__into(e, target->as.assign.value, t);
    ejs__label_bind(e, given);
    ejs__assign(
        e, inner, t, how,
        ejs__kept_text(e, ejs__default_text(e->compiler->arena, target, text)));
}

/* Runs `body` items while the iterator is open, and closes it. */
static void array_items(ejs__emitter *e, const ejs__list *list, uint32_t it,
                        ejs__store how)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *item = list->items[i];
        const uint32_t mark = e->next, t = ejs__temp(e);
        if (item && item->kind == NODE_REST) {
            EMIT(e, ITERATE_REST, t, it);
            ejs__assign(e, item->as.unary.operand, t, how, "");
        } else {
            EMIT(e, NEXT_OR_END, t, it);
            if (item)
                ejs__assign(e, item, t, how, "");
        }
        e->next = mark;
    }
}

static void array_pattern(ejs__emitter *e, const ejs__node *target,
                          uint32_t value, ejs__store how, const char *text)
{
    const uint32_t it = ejs__temps(e, 5);
    ejs__label *done = ejs__label_new(e);
    const ejs__slice words = {text ? text : "", text ? strlen(text) : 0};
    ejs__emit_place(e, target);
    EMIT(e, ITERATE, it, value, text ? ejs__pool(e, words) : EJS__NO_TEXT);
    ejs__context context = {.kind = CONTEXT_ITERATOR,
                            .outer = e->context,
                            .iterator = it,
                            .exception = ejs__temp(e),
                            .handler = ejs__label_new(e)};
    e->context = &context;
    ejs__protect(e, &context);
    array_items(e, &target->as.list, it, how);
    ejs__unprotect(e, &context);
    e->context = context.outer;
    EMIT(e, ITERATE_END, it);
    JUMP0(e, done, JUMP);
    ejs__label_bind(e, context.handler);
    EMIT(e, ITERATE_DROP, it);
    EMIT(e, RETHROW, context.exception);
    ejs__label_bind(e, done);
}

/* The key as a constant, or in a register when it is computed. */
static uint32_t property_key(ejs__emitter *e, const ejs__node *property)
{
    const ejs__node *key = property->as.property.key;
    if (!property->as.property.computed)
        return ejs__constant_text(e, key->as.string);
    const uint32_t t = ejs__temp(e);
    ejs__into(e, key, t);
    EMIT(e, TO_KEY, t, t);
    return t;
}

static void object_property(ejs__emitter *e, const ejs__node *item,
                            uint32_t value, uint32_t key, ejs__store how)
{
    const uint32_t mark = e->next, t = ejs__temp(e);
    ejs__emit_place(e, item);
    if (ejs__is_constant(key))
        EMIT(e, GET, t, value, ejs__site(e, item->as.property.key->as.string));
    else
        EMIT(e, INDEX, t, value, key);
    ejs__assign(e, item->as.property.value, t, how, "");
    e->next = mark;
}

static void object_pattern(ejs__emitter *e, const ejs__node *target,
                           uint32_t value, ejs__store how, const char *text)
{
    const ejs__list *list = &target->as.list;
    const uint32_t n = list->count;
    const bool has_rest = n && list->items[n - 1]->kind == NODE_REST;
    const uint32_t taken = ejs__temps(e, has_rest ? n - 1 : 0);
    const ejs__node *first = ejs__first_property(target, &text);
    const ejs__slice words = {text ? text : "", text ? strlen(text) : 0};
    ejs__emit_place(e, target);
    EMIT(e, DESTRUCTURE, value,
         first ? ejs__pool(e, first->as.string) : EJS__NO_TEXT,
         text ? ejs__pool(e, words) : EJS__NO_TEXT);
    for (uint32_t i = 0; i < n; i++) {
        const ejs__node *item = list->items[i];
        const uint32_t mark = e->next;
        if (item->kind == NODE_REST) {
            const uint32_t t = ejs__temp(e);
            EMIT(e, OBJECT_REST, t, value, taken, n - 1);
            ejs__assign(e, item->as.unary.operand, t, how, NULL);
        } else {
            const uint32_t key = property_key(e, item);
            if (has_rest)
                EMIT(e, MOVE, taken + i, key);
            object_property(e, item, value, key, how);
        }
        e->next = mark;
    }
}

void ejs__assign(ejs__emitter *e, const ejs__node *target, uint32_t value,
                 ejs__store how, const char *text)
{
    const uint32_t mark = e->next;
    switch (target->kind) {
    case NODE_NAME:
        ejs__emit_place(e, target);
        ejs__store_ref(e, &target->as.name.ref, target->as.name.text, value,
                       how);
        break;
    case NODE_MEMBER:
        assign_member(e, target, value);
        break;
    case NODE_INDEX:
        assign_index(e, target, value);
        break;
    case NODE_DEFAULT:
        assign_default(e, target, value, how, text);
        break;
    case NODE_ARRAY_PATTERN:
        array_pattern(e, target, value, how, text);
        break;
    case NODE_OBJECT_PATTERN:
        object_pattern(e, target, value, how, text);
        break;
    case NODE_DECLARATION: /* of for-in and for-of */
        ejs__assign(
            e, target->as.declaration.declarators.items[0]->as.assign.target,
            value,
            target->as.declaration.kind == DECLARE_VAR ? STORE_ASSIGN
                                                       : STORE_INITIALISE,
            text);
        break;
    default: /* the parser lets nothing else through */
        break;
    }
    e->next = mark;
}
