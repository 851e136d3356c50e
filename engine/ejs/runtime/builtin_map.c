/* Map. */
#include "ejs/runtime/collection.h"

#define RECEIVER(name)                                                         \
    ejs__receiver(call, EJS_OBJECT_MAP, "Map.prototype." name)

ejs_object *ejs__map_new(ejs_context *ctx)
{
    return ejs__object_alloc(ctx, sizeof(ejs__collection), EJS_OBJECT_MAP,
                             ejs__proto(ctx, EJS_CLASS_MAP));
}

bool ejs__map_put(ejs_context *ctx, ejs_object *map, ejs_value key,
                  ejs_value value)
{
    ejs__entry *e = ejs__collection_add(ctx, (ejs__collection *)map, key);
    if (e)
        e->value = value;
    return e != NULL;
}

int ejs__map_step(ejs_object *map, uint64_t *i, ejs_value *key,
                  ejs_value *value)
{
    const ejs__entry *e = ejs__collection_step((ejs__collection *)map, i);
    if (!e)
        return 0;
    *key = e->key;
    *value = e->value;
    return 1;
}

/* Adds what an iterable of [key, value] gave; false: thrown. */
static bool add_pair(ejs_context *ctx, ejs_object *map, ejs_value pair,
                     ejs_value adder)
{
    if (!ejs__is_object(pair)) {
        const ejs_value shown = ejs__to_string(ctx, pair);
        if (!ejs__is_thrown(shown))
            ejs__throw_error(ctx, EJS_TYPE_ERROR,
                             "Iterator value %.*s is not an entry object",
                             (int)shown.size, shown.as.text);
        return false;
    }
    const ejs_value key = ejs__element(ctx, pair, 0);
    if (ejs__is_thrown(key))
        return false;
    const ejs_value value = ejs__element(ctx, pair, 1);
    if (ejs__is_thrown(value))
        return false;
    if (adder.tag == EJS_TAG_HOLE)
        return ejs__map_put(ctx, map, key, value);
    const ejs_value args[2] = {key, value};
    return !ejs__is_thrown(
        ejs__call(ctx, adder, ejs__object(map), args, 2, "set"));
}

static ejs_value set(ejs_call *call);

/* new Map(iterable) */
ejs_value ejs__map_construct(ejs_call *call)
{
    ejs__collection *map =
        ejs__collection_construct(call, EJS_OBJECT_MAP, EJS_CLASS_MAP, "Map");
    if (!map)
        return ejs__thrown();
    if (ejs__is_nullish(ejs__arg(call, 0)))
        return ejs__object(&map->object);
    ejs__iterator it;
    ejs_value pair, adder;
    int more;
    if (!ejs__collection_adder(call->ctx, map, "set", set, &adder) ||
        !ejs__collection_source(call, &it))
        return ejs__thrown();
    while ((more = ejs__next(call->ctx, &it, &pair)) > 0) {
        if (!ejs__step(call->ctx))
            return ejs__thrown();
        if (!add_pair(call->ctx, &map->object, pair, adder))
            return ejs__collection_drop(call->ctx, &it);
    }
    return more < 0 ? ejs__thrown() : ejs__object(&map->object);
}

static ejs_value get(ejs_call *call)
{
    ejs__collection *map = RECEIVER("get");
    if (!map)
        return ejs__thrown();
    const ejs__entry *e = ejs__collection_find(map, ejs__arg(call, 0));
    return e ? e->value : ejs__undefined();
}

static ejs_value set(ejs_call *call)
{
    ejs__collection *map = RECEIVER("set");
    if (!map || !ejs__map_put(call->ctx, &map->object, ejs__arg(call, 0),
                              ejs__arg(call, 1)))
        return ejs__thrown();
    return call->self;
}

static ejs_value has(ejs_call *call)
{
    ejs__collection *map = RECEIVER("has");
    return map ? ejs__boolean(ejs__collection_find(map, ejs__arg(call, 0)))
               : ejs__thrown();
}

static ejs_value delete_(ejs_call *call)
{
    ejs__collection *map = RECEIVER("delete");
    return map ? ejs__boolean(ejs__collection_delete(map, ejs__arg(call, 0)))
               : ejs__thrown();
}

static ejs_value clear(ejs_call *call)
{
    ejs__collection *map = RECEIVER("clear");
    if (!map)
        return ejs__thrown();
    ejs__collection_clear(map);
    return ejs__undefined();
}

static ejs_value size(ejs_call *call)
{
    const ejs__collection *map =
        ejs__receiver(call, EJS_OBJECT_MAP, "get Map.prototype.size");
    return map ? ejs__number(map->live) : ejs__thrown();
}

static ejs_value for_each(ejs_call *call)
{
    return ejs__collection_for_each(call, EJS_OBJECT_MAP,
                                    "Map.prototype.forEach");
}

static ejs_value keys(ejs_call *call)
{
    return ejs__collection_iterator(call, EJS_OBJECT_MAP, EJS__KEYS,
                                    "Map.prototype.keys");
}

static ejs_value values(ejs_call *call)
{
    return ejs__collection_iterator(call, EJS_OBJECT_MAP, EJS__VALUES,
                                    "Map.prototype.values");
}

static ejs_value entries(ejs_call *call)
{
    return ejs__collection_iterator(call, EJS_OBJECT_MAP, EJS__ENTRIES,
                                    "Map.prototype.entries");
}

/* clang-format off */
const ejs__builtin ejs__map_statics[] = {
    {0},
};

const ejs__builtin ejs__map_methods[] = {
    {"clear",   clear,    0, 0},
    {"delete",  delete_,  1, 0},
    {"entries", entries,  0, 0},
    {"forEach", for_each, 1, 0},
    {"get",     get,      1, 0},
    {"has",     has,      1, 0},
    {"keys",    keys,     0, 0},
    {"set",     set,      2, 0},
    {"size",    size,     0, EJS_ROW_GETTER},
    {"values",  values,   0, 0},
    {0},
};
/* clang-format on */
