/* Set. */
#include "ejs/runtime/collection.h"

#define RECEIVER(name)                                                         \
    ejs__receiver(call, EJS_OBJECT_SET, "Set.prototype." name)

ejs_object *ejs__set_new(ejs_context *ctx)
{
    return ejs__object_alloc(ctx, sizeof(ejs__collection), EJS_OBJECT_SET,
                             ejs__proto(ctx, EJS_CLASS_SET));
}

bool ejs__set_put(ejs_context *ctx, ejs_object *set, ejs_value key)
{
    return ejs__collection_add(ctx, (ejs__collection *)set, key) != NULL;
}

int ejs__set_step(ejs_object *set, uint64_t *i, ejs_value *key)
{
    const ejs__entry *e = ejs__collection_step((ejs__collection *)set, i);
    if (!e)
        return 0;
    *key = e->key;
    return 1;
}

static bool add_value(ejs_context *ctx, ejs_object *set, ejs_value v,
                      ejs_value adder)
{
    if (adder.tag == EJS_TAG_HOLE)
        return ejs__set_put(ctx, set, v);
    return !ejs__is_thrown(
        ejs__call(ctx, adder, ejs__object(set), &v, 1, "add"));
}

static ejs_value add(ejs_call *call);

/* new Set(iterable) */
ejs_value ejs__set_construct(ejs_call *call)
{
    ejs__collection *set =
        ejs__collection_construct(call, EJS_OBJECT_SET, EJS_CLASS_SET, "Set");
    if (!set)
        return ejs__thrown();
    if (ejs__is_nullish(ejs__arg(call, 0)))
        return ejs__object(&set->object);
    ejs__iterator it;
    ejs_value v, adder;
    int more;
    if (!ejs__collection_adder(call->ctx, set, "add", add, &adder) ||
        !ejs__collection_source(call, &it))
        return ejs__thrown();
    while ((more = ejs__next(call->ctx, &it, &v)) > 0) {
        if (!ejs__step(call->ctx))
            return ejs__thrown();
        if (!add_value(call->ctx, &set->object, v, adder))
            return ejs__collection_drop(call->ctx, &it);
    }
    return more < 0 ? ejs__thrown() : ejs__object(&set->object);
}

static ejs_value add(ejs_call *call)
{
    ejs__collection *set = RECEIVER("add");
    return set && ejs__set_put(call->ctx, &set->object, ejs__arg(call, 0))
               ? call->self
               : ejs__thrown();
}

static ejs_value has(ejs_call *call)
{
    ejs__collection *set = RECEIVER("has");
    return set ? ejs__boolean(ejs__collection_find(set, ejs__arg(call, 0)))
               : ejs__thrown();
}

static ejs_value delete_(ejs_call *call)
{
    ejs__collection *set = RECEIVER("delete");
    return set ? ejs__boolean(ejs__collection_delete(set, ejs__arg(call, 0)))
               : ejs__thrown();
}

static ejs_value clear(ejs_call *call)
{
    ejs__collection *set = RECEIVER("clear");
    if (!set)
        return ejs__thrown();
    ejs__collection_clear(set);
    return ejs__undefined();
}

static ejs_value size(ejs_call *call)
{
    const ejs__collection *set =
        ejs__receiver(call, EJS_OBJECT_SET, "get Set.prototype.size");
    return set ? ejs__number(set->live) : ejs__thrown();
}

static ejs_value for_each(ejs_call *call)
{
    return ejs__collection_for_each(call, EJS_OBJECT_SET,
                                    "Set.prototype.forEach");
}

/* Set.prototype.keys is the same function as values, name and all. */
static ejs_value values(ejs_call *call)
{
    return ejs__collection_iterator(call, EJS_OBJECT_SET, EJS__VALUES,
                                    "Set.prototype.values");
}

static ejs_value entries(ejs_call *call)
{
    return ejs__collection_iterator(call, EJS_OBJECT_SET, EJS__ENTRIES,
                                    "Set.prototype.entries");
}

/* clang-format off */
const ejs__builtin ejs__set_methods[] = {
    {"add",     add,      1, 0},
    {"clear",   clear,    0, 0},
    {"delete",  delete_,  1, 0},
    {"entries", entries,  0, 0},
    {"forEach", for_each, 1, 0},
    {"has",     has,      1, 0},
    {"keys",    values,   0, 0},
    {"size",    size,     0, EJS_ROW_GETTER},
    {"values",  values,   0, 0},
    {0},
};
/* clang-format on */
