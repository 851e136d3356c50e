/*
 * infer.c - variables that never hold anything but numbers.
 *
 * scope.c tells of every store whose value is known.  A variable may be of that
 * kind when those are all its stores and none of its readers comes before the
 * first.  All such variables are taken to be numbers until a store contradicts,
 * and that again and again until none does.
 */
#include "ejs/syntax/scope.h"

struct ejs__store {
    ejs__declared *to;
    const ejs__node *value; /* NULL: a number whatever happens */
    ejs__store *next;
};

void ejs__infer_store(ejs__resolver *r, const ejs__node *target,
                      const ejs__node *value)
{
    if (target->kind != NODE_NAME || target->as.name.ref.kind != REF_LOCAL)
        return;
    ejs__store *store = ejs__front_alloc(r->front, 1, sizeof *store);
    store->to = (ejs__declared *)(void *)target->as.name.ref.variable;
    store->to->n_known++;
    store->value = value;
    store->next = r->stores;
    r->stores = store;
}

/* x op= value */
void ejs__infer_assignment(ejs__resolver *r, const ejs__node *node)
{
    const bool is_number =
        node->op > OP_ADD && node->op <= OP_BIT_XOR; /* ORDER operator */
    ejs__infer_store(r, node->as.assign.target,
                     is_number ? NULL : node->as.assign.value);
}

/* `var x = ...` that runs before whatever stands after it, up to `end`. */
void ejs__infer_first(const ejs__node *declaration, uint32_t end)
{
    if (!declaration || declaration->kind != NODE_DECLARATION)
        return;
    const ejs__list *list = &declaration->as.declaration.declarators;
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *target = list->items[i]->as.assign.target;
        if (target->kind != NODE_NAME ||
            target->as.name.ref.kind != REF_LOCAL ||
            !list->items[i]->as.assign.value)
            continue;
        ejs__declared *d =
            (ejs__declared *)(void *)target->as.name.ref.variable;
        if (target->start == d->first_use)
            d->sure_until = end > d->sure_until ? end : d->sure_until;
    }
}

static bool may_be_number(const ejs__declared *d)
{
    const ejs__variable *v = &d->variable;
    if (v->captured || v->needs_tdz || v->initial || d->n_known != d->n_writes)
        return false;
    return v->kind == VARIABLE_LET || v->kind == VARIABLE_CONST ||
           (v->kind == VARIABLE_VAR && d->last_use < d->sure_until);
}

static bool is_number(const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_UPDATE:
        return true;
    case NODE_NAME:
        return node->as.name.ref.kind == REF_LOCAL &&
               node->as.name.ref.variable->is_number;
    case NODE_UNARY:
        return node->op == OP_NEG || node->op == OP_PLUS ||
               node->op == OP_BIT_NOT;
    case NODE_BINARY:
        return node->op == OP_ADD ? is_number(node->as.binary.left) &&
                                        is_number(node->as.binary.right)
                                  : node->op <= OP_BIT_XOR;
    case NODE_CONDITIONAL:
        return is_number(node->as.conditional.yes) &&
               is_number(node->as.conditional.no);
    default:
        return false;
    }
}

void ejs__infer(ejs__resolver *r)
{
    bool changed = true;
    for (const ejs__store *s = r->stores; s; s = s->next)
        s->to->variable.is_number = may_be_number(s->to);
    while (changed) {
        changed = false;
        for (const ejs__store *s = r->stores; s; s = s->next) {
            if (!s->to->variable.is_number || !s->value || is_number(s->value))
                continue;
            s->to->variable.is_number = false;
            changed = true;
        }
    }
}
