/* The hash table behind Map and Set, and the methods both have. */
#include "ejs/runtime/collection.h"

#include "ejs/runtime/array.h"

/* the table ---------------------------------------------------------------- */

static uint32_t mix(uint64_t bits)
{
    bits *= UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(bits >> 32);
}

/* Equal by SameValueZero: the same hash. */
static uint32_t hash_of(ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_STRING:
        return ejs__hash(v.as.text, v.size);
    case EJS_TAG_NUMBER:
        if (v.as.number != v.as.number)
            return 7;
        v.as.number += 0.0; /* -0 */
        return mix(v.as.bits);
    default: /* tag and pointer or boolean */
        return mix(v.as.bits ^ v.tag);
    }
}

static void link_entry(ejs__collection *c, uint32_t i)
{
    uint32_t *bucket = &c->buckets[c->entries[i].hash & (c->capacity - 1)];
    c->entries[i].next = *bucket;
    *bucket = i + 1;
}

/* Makes room for one more, dropping the gaps. */
static bool grow(ejs_context *ctx, ejs__collection *c)
{
    const uint32_t capacity = c->live < 4                  ? 8
                              : c->live * 2 >= c->capacity ? c->capacity * 2
                                                           : c->capacity;
    if (capacity > UINT32_C(1) << 24) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Map maximum size exceeded");
        return false;
    }
    ejs__entry *entries = ejs__alloc(ctx, capacity * sizeof *entries);
    uint32_t *buckets = ejs__alloc(ctx, capacity * sizeof *buckets);
    if (!entries || !buckets || !ejs__fuel(ctx, c->used + 1))
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->used; i++) {
        if (c->entries[i].key.tag != EJS_TAG_HOLE)
            entries[n++] = c->entries[i];
    }
    memset(buckets, 0, capacity * sizeof *buckets);
    c->entries = entries;
    c->buckets = buckets;
    c->capacity = capacity;
    c->used = n;
    for (uint32_t i = 0; i < n; i++)
        link_entry(c, i);
    return true;
}

static ejs__entry *find(ejs__collection *c, ejs_value key, uint32_t hash)
{
    if (c->live == 0)
        return NULL;
    uint32_t i = c->buckets[hash & (c->capacity - 1)];
    for (; i; i = c->entries[i - 1].next) {
        ejs__entry *e = &c->entries[i - 1];
        if (e->hash == hash && e->key.tag != EJS_TAG_HOLE &&
            ejs__same_value_zero(e->key, key))
            return e;
    }
    return NULL;
}

ejs__entry *ejs__collection_find(ejs__collection *c, ejs_value key)
{
    return c->live ? find(c, key, hash_of(key)) : NULL;
}

ejs__entry *ejs__collection_add(ejs_context *ctx, ejs__collection *c,
                                ejs_value key)
{
    if (key.tag == EJS_TAG_NUMBER)
        key.as.number += 0.0; /* -0 is kept as 0 */
    const uint32_t hash = hash_of(key);
    ejs__entry *e = find(c, key, hash);
    if (e)
        return e;
    if (c->used == c->capacity && !grow(ctx, c))
        return NULL;
    e = &c->entries[c->used];
    *e = (ejs__entry){.key = key, .hash = hash, .number = c->next_number++};
    link_entry(c, c->used++);
    c->live++;
    return e;
}

bool ejs__collection_delete(ejs__collection *c, ejs_value key)
{
    ejs__entry *e = ejs__collection_find(c, key);
    if (!e)
        return false;
    e->key = e->value = ejs__tagged(EJS_TAG_HOLE);
    c->live--;
    return true;
}

void ejs__collection_clear(ejs__collection *c)
{
    c->used = c->live = 0;
    if (c->buckets)
        memset(c->buckets, 0, c->capacity * sizeof *c->buckets);
}

ejs__entry *ejs__collection_step(ejs__collection *c, uint64_t *number)
{
    /* Without gaps the number tells the place; otherwise it is before that. */
    const uint64_t first = c->used ? c->entries[0].number : 0;
    uint32_t low = 0, high = c->used;
    if (*number > first && *number - first < c->used) {
        high = (uint32_t)(*number - first);
        if (c->entries[high].number == *number)
            low = high;
    }
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (c->entries[middle].number < *number)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < c->used; low++) {
        ejs__entry *e = &c->entries[low];
        if (e->key.tag == EJS_TAG_HOLE)
            continue;
        *number = e->number + 1;
        return e;
    }
    return NULL;
}

/* methods ------------------------------------------------------------------ */

static int next(ejs_context *ctx, ejs__iterator_object *it, ejs_value *v)
{
    ejs__collection *c = (ejs__collection *)it->source.as.object;
    const ejs__entry *e = ejs__collection_step(c, &it->i);
    if (!e)
        return 0;
    const ejs_value value =
        c->object.kind == EJS_OBJECT_SET ? e->key : e->value;
    *v = it->what == EJS__KEYS     ? e->key
         : it->what == EJS__VALUES ? value
                                   : ejs__pair(ctx, e->key, value);
    return ejs__is_thrown(*v) ? -1 : 1;
}

ejs_value ejs__collection_iterator(ejs_call *call, ejs__object_kind kind,
                                   uint32_t what, const char *name)
{
    if (!ejs__receiver(call, kind, name))
        return ejs__thrown();
    ejs__iterator_object *it =
        ejs__iterator_new(call->ctx,
                          kind == EJS_OBJECT_MAP ? EJS_CLASS_MAP_ITERATOR
                                                 : EJS_CLASS_SET_ITERATOR,
                          call->self, next);
    if (!it)
        return ejs__thrown();
    it->what = what;
    return ejs__object(&it->object);
}

ejs_value ejs__collection_for_each(ejs_call *call, ejs__object_kind kind,
                                   const char *name)
{
    ejs__collection *c = ejs__receiver(call, kind, name);
    if (!c)
        return ejs__thrown();
    const ejs_value function = ejs__arg(call, 0);
    if (!ejs__is_callable(function))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "%s is not a function",
                                ejs__call_site(call->ctx, function));
    ejs__callback cb;
    if (!ejs__callback_init(call->ctx, &cb, function, ejs__arg(call, 1)))
        return ejs__thrown();
    uint64_t number = 0;
    const ejs__entry *e;
    while ((e = ejs__collection_step(c, &number))) {
        cb.args[0] = kind == EJS_OBJECT_SET ? e->key : e->value;
        cb.args[1] = e->key;
        cb.args[2] = call->self;
        if (!ejs__step(call->ctx) || ejs__is_thrown(ejs__callback_run(&cb, 3)))
            return ejs__thrown();
    }
    return ejs__undefined();
}

ejs__collection *ejs__collection_construct(ejs_call *call,
                                           ejs__object_kind kind,
                                           ejs__class_id id, const char *name)
{
    if (!call->construct) {
        ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                         "Constructor %s requires 'new'", name);
        return NULL;
    }
    ejs_object *proto = ejs__construct_proto(call, id);
    return proto ? ejs__object_alloc(call->ctx, sizeof(ejs__collection), kind,
                                     proto)
                 : NULL;
}

bool ejs__collection_source(ejs_call *call, ejs__iterator *it)
{
    ejs_context *ctx = call->ctx;
    const ejs_value v = ejs__arg(call, 0);
    if (ejs__is_iterable(v))
        return ejs__iterate(ctx, it, v, "object");
    ejs__throw_error(
        ctx, EJS_TYPE_ERROR,
        "%s is not iterable (cannot read property Symbol(Symbol.iterator))",
        ejs__call_site(ctx, v));
    return false;
}

bool ejs__collection_adder(ejs_context *ctx, ejs__collection *c,
                           const char *name, ejs_function built_in,
                           ejs_value *adder)
{
    if (!ejs__replaced_method(ctx, ejs__object(&c->object), name, built_in,
                              adder))
        return false;
    if (adder->tag == EJS_TAG_HOLE || ejs__is_callable(*adder))
        return true;
    ejs__throw_error(ctx, EJS_TYPE_ERROR,
                     "'%s' returned for property '%s' of object '#<%s>' is not "
                     "a function",
                     ejs__describe(ctx, *adder), name,
                     c->object.kind == EJS_OBJECT_MAP ? "Map" : "Set");
    return false;
}

ejs_value ejs__collection_drop(ejs_context *ctx, ejs__iterator *it)
{
    const ejs_value exception = ctx->exception;
    ejs__iterate_end(ctx, it);
    if (!ctx->fatal)
        ctx->exception = exception;
    return ejs__thrown();
}
