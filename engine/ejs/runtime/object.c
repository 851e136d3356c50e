/* Objects and arrays as memory: property lists, elements, growth. */
#include <assert.h>

#include "ejs/runtime/internal.h"

enum {
    FIRST_PROPERTIES = 4,
    INDEX_ABOVE = 8,      /* properties that are searched one by one */
    MOST_HOLES = 1 << 16, /* gap that is filled with holes at once */
    MOST_DENSE = 1 << 20, /* new Array(n) up to here has its elements */
};

/* hashing
 * ------------------------------------------------------------------------ */

/* Where the program was loaded differs from run to run: seed enough to keep
 * strangers from preparing colliding keys. */
static uint64_t seed(void)
{
    static const char here;
    return (uint64_t)(uintptr_t)&here * 0x9E3779B97F4A7C15u;
}

uint32_t ejs__hash(const char *key, uint32_t size)
{
    uint64_t h = seed() ^ size, word;
    while (size >= 8) {
        memcpy(&word, key, 8);
        h = (h ^ word) * 0xFF51AFD7ED558CCDu;
        h ^= h >> 32;
        key += 8;
        size -= 8;
    }
    if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, key, 4);
        memcpy(&last, key + size - 4, 4);
        word = (uint64_t)first << 32 | last;
    } else if (size > 0) {
        word = (uint64_t)(unsigned char)key[0] << 16 |
               (uint64_t)(unsigned char)key[size / 2] << 8 |
               (unsigned char)key[size - 1];
    } else {
        word = 0;
    }
    h = (h ^ word) * 0xC4CEB9FE1A85EC53u;
    h ^= h >> 29;
    const uint32_t hash = (uint32_t)(h ^ h >> 32);
    return hash ? hash : 1;
}

/* property lists
 * ------------------------------------------------------------------- */

static ejs__property *find_indexed(const ejs_object *o, ejs_site *site,
                                   uint32_t hash)
{
    const ejs__properties *ps = &o->properties;
    const uint32_t mask = ps->index_size - 1;
    for (uint32_t i = hash & mask; ps->index[i]; i = (i + 1) & mask) {
        const uint32_t slot = ps->index[i] - 1;
        ejs__property *p = &ps->list[slot];
        if (ejs__property_is(p, site->key, site->size, hash)) {
            ejs__relax(&site->slot, slot);
            return p;
        }
    }
    return NULL;
}

ejs__property *ejs__find_slow(const ejs_object *o, ejs_site *site)
{
    const uint32_t hash = ejs__site_hash(site);
    const ejs__properties *ps = &o->properties;
    const uint32_t hint = ejs__relaxed(&site->slot);
    if (hint < ps->count &&
        ejs__property_is(&ps->list[hint], site->key, site->size, hash))
        return &ps->list[hint];
    if (ps->index)
        return find_indexed(o, site, hash);
    for (uint32_t i = 0; i < ps->count; i++) {
        if (ejs__property_is(&ps->list[i], site->key, site->size, hash)) {
            ejs__relax(&site->slot, i);
            return &ps->list[i];
        }
    }
    return NULL;
}

static void index_put(ejs__properties *ps, uint32_t slot)
{
    const uint32_t mask = ps->index_size - 1;
    uint32_t i = ps->list[slot].hash & mask;
    while (ps->index[i])
        i = (i + 1) & mask;
    ps->index[i] = slot + 1;
}

static bool new_index(ejs_context *ctx, ejs__properties *ps)
{
    uint32_t size = 32;
    while (size < ps->capacity * 2)
        size *= 2;
    uint32_t *index = ejs__alloc(ctx, size * sizeof *index);
    if (!index)
        return false;
    memset(index, 0, size * sizeof *index);
    ps->index = index;
    ps->index_size = size;
    return true;
}

static bool build_index(ejs_context *ctx, ejs__properties *ps)
{
    if (!new_index(ctx, ps))
        return false;
    for (uint32_t i = 0; i < ps->count; i++)
        if (ps->list[i].key)
            index_put(ps, i);
    return true;
}

int ejs__index_distinct(ejs_context *ctx, ejs__properties *ps)
{
    if (!new_index(ctx, ps))
        return -1;
    const uint32_t mask = ps->index_size - 1;
    for (uint32_t slot = 0; slot < ps->count; slot++) {
        const ejs__property *p = &ps->list[slot];
        uint32_t i = p->hash & mask;
        for (; ps->index[i]; i = (i + 1) & mask)
            if (ejs__property_is(&ps->list[ps->index[i] - 1], p->key, p->size,
                                 p->hash))
                return 0;
        ps->index[i] = slot + 1;
    }
    return 1;
}

/* A larger list without the deleted ones. */
static bool grow_properties(ejs_context *ctx, ejs__properties *ps)
{
    const uint32_t live = ps->count - ps->deleted;
    uint32_t capacity = live < FIRST_PROPERTIES ? FIRST_PROPERTIES : live * 2;
    if (live > UINT32_MAX / 128)
        return ejs__throw_no_memory(ctx), false;
    ejs__property *list = ejs__alloc(ctx, capacity * sizeof *list);
    if (!list)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < ps->count; i++)
        if (ps->list[i].key)
            list[n++] = ps->list[i];
    ps->list = list;
    ps->count = n;
    ps->capacity = capacity;
    ps->deleted = 0;
    return capacity <= INDEX_ABOVE || build_index(ctx, ps);
}

ejs__property *ejs__append(ejs_context *ctx, ejs_object *o, ejs_site *site,
                           ejs_value v, uint8_t flags)
{
    ejs__properties *ps = &o->properties;
    if (ps->count == ps->capacity && !grow_properties(ctx, ps))
        return NULL;
    if (o->class_id & 3)
        ejs__note_change(ctx, o);
    ejs__touch(ctx, o);
    ejs__property *p = &ps->list[ps->count++];
    p->key = site->key;
    p->size = site->size;
    p->hash = ejs__site_hash(site);
    p->value = v;
    p->flags = flags;
    if (ps->index)
        index_put(ps, ps->count - 1);
    return p;
}

void ejs__remove(ejs_context *ctx, ejs_object *o, ejs__property *p)
{
    ejs__properties *ps = &o->properties;
    p->key = NULL; /* the index keeps leading here, as to a tombstone */
    p->size = UINT32_MAX;
    p->value = ejs__undefined();
    ps->deleted++;
    ejs__touch(ctx, o);
}

/* objects
 * ------------------------------------------------------------------------------
 */

void *ejs__object_alloc(ejs_context *ctx, size_t size, ejs__object_kind kind,
                        ejs_object *proto)
{
    ejs_object *o = ejs__alloc(ctx, size);
    if (!o)
        return NULL;
    memset(o, 0, size);
    o->kind = (uint8_t)kind;
    o->proto = proto;
    return o;
}

ejs_object *ejs__object_new(ejs_context *ctx)
{
    return ejs__object_alloc(ctx, sizeof(ejs_object), EJS_OBJECT_PLAIN,
                             ejs__proto(ctx, EJS_CLASS_OBJECT));
}

ejs_object *ejs__record(ejs_context *ctx, ejs_site *sites,
                        const ejs_value *values, uint32_t n)
{
    assert(n <= EJS_RECORD_MOST && n <= INDEX_ABOVE);
    ejs_object *o = ejs__alloc(ctx, sizeof *o + n * sizeof(ejs__property));
    if (!o)
        return NULL;
    ejs__property *list = (ejs__property *)(void *)(o + 1);
    *o = (ejs_object){.kind = EJS_OBJECT_PLAIN,
                      .proto = ejs__proto(ctx, EJS_CLASS_OBJECT),
                      .properties = {.list = list, .count = n, .capacity = n}};
    for (uint32_t i = 0; i < n; i++)
        list[i] =
            (ejs__property){sites[i].key, sites[i].size,
                            ejs__site_hash(&sites[i]), values[i], EJS_ORDINARY};
    return o;
}

/* arrays
 * --------------------------------------------------------------------------------
 */

ejs__array *ejs__array_new(ejs_context *ctx, uint32_t capacity)
{
    ejs__array *a = ejs__object_alloc(ctx, sizeof *a, EJS_OBJECT_ARRAY,
                                      ejs__proto(ctx, EJS_CLASS_ARRAY));
    if (a && capacity && !ejs__array_reserve(ctx, a, capacity))
        return NULL;
    return a;
}

bool ejs__array_reserve(ejs_context *ctx, ejs__array *a, uint32_t capacity)
{
    if (a->capacity >= capacity)
        return true;
    uint32_t grown = a->capacity < 4 ? 4 : a->capacity;
    if (grown < UINT32_MAX / 2)
        grown += a->capacity ? grown / 2 + 4 : 0;
    if (grown < capacity)
        grown = capacity;
    ejs_value *items = ejs__alloc(ctx, (size_t)grown * sizeof *items);
    if (!items)
        return false;
    if (a->object.length)
        memcpy(items, a->items, a->object.length * sizeof *items);
    a->items = items;
    a->capacity = grown;
    return true;
}

bool ejs__array_push(ejs_context *ctx, ejs__array *a, ejs_value v)
{
    if (EJS_UNLIKELY(a->object.length == a->capacity &&
                     !ejs__array_reserve(ctx, a, a->object.length + 1)))
        return false;
    a->items[a->object.length++] = v;
    return true;
}

ejs_value ejs__array_from(ejs_context *ctx, const ejs_value *items,
                          uint32_t count)
{
    const size_t size = (size_t)count * sizeof *items;
    ejs__array *a = ejs__alloc(ctx, sizeof *a + size);
    if (!a)
        return ejs__thrown();
    *a = (ejs__array){
        .object = {.kind = EJS_OBJECT_ARRAY,
                   .length = count,
                   .proto = ejs__proto(ctx, EJS_CLASS_ARRAY)},
        .items = (ejs_value *)(void *)(a + 1),
        .capacity = count,
    };
    if (size)
        memcpy(a->items, items, size);
    return ejs__object(&a->object);
}

static bool fill_holes(ejs_context *ctx, ejs__array *a, uint32_t length)
{
    if (!ejs__array_reserve(ctx, a, length))
        return false;
    while (a->object.length < length)
        a->items[a->object.length++] = ejs__tagged(EJS_TAG_HOLE);
    return true;
}

ejs_value ejs__array_of_length(ejs_context *ctx, uint32_t length)
{
    ejs__array *a = ejs__array_new(ctx, 0);
    if (!a)
        return ejs__thrown();
    if (length > MOST_DENSE)
        a->far_length = length;
    else if (!fill_holes(ctx, a, length))
        return ejs__thrown();
    return ejs__object(&a->object);
}

ejs_value ejs__pair(ejs_context *ctx, ejs_value a, ejs_value b)
{
    const ejs_value items[2] = {a, b};
    return ejs__array_from(ctx, items, 2);
}

/* An element that is kept as a property. */
static int put_far(ejs_context *ctx, ejs__array *a, uint32_t i, ejs_value v)
{
    const ejs_value key = ejs__number_to_string(ctx, i);
    if (ejs__is_thrown(key))
        return -1;
    ejs_site site = ejs__site_of(key);
    ejs__property *p = ejs__find(&a->object, &site);
    if (p) {
        if (!(p->flags & EJS_WRITABLE))
            return 0;
        p->value = v;
        return 1;
    }
    if (a->object.flags & EJS_NOT_EXTENSIBLE)
        return 0;
    const uint32_t length = ejs__array_length(&a->object);
    if (i >= length && a->object.flags & EJS_LENGTH_READONLY)
        return 0;
    if (!ejs__append(ctx, &a->object, &site, v, EJS_ORDINARY))
        return -1;
    a->far_length = i >= length ? i + 1 : length;
    return 1;
}

void ejs__unmap(ejs_object *o)
{
    for (uint32_t i = 0; o->kind == EJS_OBJECT_ARGUMENTS && i < o->length;
         i++) {
        ejs_value **cell = ejs__mapped(o, i);
        if (!cell)
            continue;
        ejs__as_array(o)->items[i] = **cell;
        *cell = NULL;
    }
}

/* An element beyond those that a function was called with. */
static int put_argument(ejs_context *ctx, ejs__array *a, uint32_t i,
                        ejs_value v)
{
    const int done = put_far(ctx, a, i, v);
    a->far_length = 0;
    return done;
}

static int put_hole(ejs__array *a, uint32_t i, ejs_value v)
{
    ejs_value **cell = ejs__mapped(&a->object, i);
    if (cell)
        **cell = v;
    else if (a->object.flags & EJS_NOT_EXTENSIBLE)
        return 0;
    else
        a->items[i] = v;
    return 1;
}

int ejs__array_put(ejs_context *ctx, ejs__array *a, uint32_t i, ejs_value v)
{
    const uint32_t length = a->object.length;
    const uint8_t flags = a->object.flags;
    if (i < length) {
        if (flags & EJS_FROZEN_ELEMENTS)
            return 0;
        if (EJS_UNLIKELY(a->items[i].tag == EJS_TAG_HOLE))
            return put_hole(a, i, v);
        a->items[i] = v;
        return 1;
    }
    if (EJS_UNLIKELY(a->object.kind == EJS_OBJECT_ARGUMENTS))
        return put_argument(ctx, a, i, v);
    if (a->far_length)
        return put_far(ctx, a, i, v);
    if (flags & (EJS_NOT_EXTENSIBLE | EJS_LENGTH_READONLY))
        return 0;
    if (i == length)
        return ejs__array_push(ctx, a, v) ? 1 : -1;
    if (i - length > MOST_HOLES)
        return put_far(ctx, a, i, v);
    if (!fill_holes(ctx, a, i) || !ejs__array_push(ctx, a, v))
        return -1;
    return 1;
}

/* Drops the far elements from `length` on. */
static void cut_far(ejs_context *ctx, ejs__array *a, uint32_t length)
{
    ejs__properties *ps = &a->object.properties;
    for (uint32_t k = 0; k < ps->count; k++) {
        uint32_t i;
        if (ps->list[k].key &&
            ejs__is_index(ps->list[k].key, ps->list[k].size, &i) && i >= length)
            ejs__remove(ctx, &a->object, &ps->list[k]);
    }
}

int ejs__array_set_length(ejs_context *ctx, ejs__array *a, double length)
{
    if (!(length >= 0 && length <= 4294967295.0) || length != floor(length)) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid array length");
        return -1;
    }
    const uint32_t n = (uint32_t)length, old = ejs__array_length(&a->object);
    if (a->object.flags & EJS_LENGTH_READONLY)
        return 0;
    if (n == old)
        return 1;
    if (a->object.flags & EJS_FROZEN_ELEMENTS)
        return 0;
    if (n < old && a->object.flags & EJS_SEALED_ELEMENTS)
        return 0;
    if (n < old && a->far_length)
        cut_far(ctx, a, n);
    if (n <= a->object.length) {
        a->object.length = n;
        a->far_length = 0;
        return 1;
    }
    if (!a->far_length && n - a->object.length <= MOST_DENSE)
        return fill_holes(ctx, a, n) ? 1 : -1;
    a->far_length = n;
    return 1;
}
