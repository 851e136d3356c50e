/*
 * json-c data, read where it lies and never written.
 *
 * A member is found through the slot it had last time, checked by comparing
 * the key, and else by json-c's own hash; both need its table's layout, which
 * linkhash.h shows.  Only calls that do not change the tree are made: several
 * threads may be rendering it.
 *
 * The first write to a node makes a native copy of that one node, kept in a
 * table by the node's address.  The value stays JSON and every access asks the
 * table first, so all paths to the node see the copy.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/escape.h"
#include "ejs/runtime/internal.h"
#include "ejs/runtime/jsonc.h"

/* dates
 * ---------------------------------------------------------------------------
 */

/* A date is a JSON string (its ISO form) whose user data is this address. */
static const char date_mark;
enum { ISO_LEAST = 24, ISO_MOST = 27 };

static void put_digits(char *at, int n, int64_t value)
{
    while (n-- > 0) {
        at[n] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Days since 1970 to year, month, day of the proleptic Gregorian calendar. */
static void civil(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468; /* from 0000-03-01 */
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t of_era = days - era * 146097;
    const int64_t y =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    const int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t y = year - era * 400;
    const int64_t of_year =
        (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + y * 365 + y / 4 - y / 100 + of_year - 719468;
}

static int iso(double ms, char out[ISO_MOST + 1])
{
    const int64_t t = (int64_t)ms, day_ms = 86400000;
    const int64_t days = (t >= 0 ? t : t - day_ms + 1) / day_ms;
    const int64_t rest = t - days * day_ms;
    int64_t year;
    int month, day;
    char *at = out;
    civil(days, &year, &month, &day);
    if (year >= 0 && year <= 9999) {
        put_digits(at, 4, year);
        at += 4;
    } else {
        *at = year < 0 ? '-' : '+';
        put_digits(at + 1, 6, year < 0 ? -year : year);
        at += 7;
    }
    memcpy(at, "-00-00T00:00:00.000Z", 21);
    put_digits(at + 1, 2, month);
    put_digits(at + 4, 2, day);
    put_digits(at + 7, 2, rest / 3600000);
    put_digits(at + 10, 2, rest / 60000 % 60);
    put_digits(at + 13, 2, rest / 1000 % 60);
    put_digits(at + 16, 3, rest % 1000);
    return (int)(at + 20 - out);
}

static int64_t digits(const char *at, int n)
{
    int64_t value = 0;
    while (n-- > 0)
        value = value * 10 + (*at++ - '0');
    return value;
}

/* Reads back what iso() wrote. */
static double from_iso(const char *text, int size)
{
    const bool expanded = size == ISO_MOST;
    int64_t year = expanded ? digits(text + 1, 6) : digits(text, 4);
    if (expanded && text[0] == '-')
        year = -year;
    const char *at = text + (expanded ? 7 : 4);
    const int64_t days =
        days_of(year, (int)digits(at + 1, 2), (int)digits(at + 4, 2));
    return (double)(days * 86400000 + digits(at + 7, 2) * 3600000 +
                    digits(at + 10, 2) * 60000 + digits(at + 13, 2) * 1000 +
                    digits(at + 16, 3));
}

struct json_object *ejs__json_date(double ms)
{
    char text[ISO_MOST + 1];
    if (!(fabs(ms) <= 8.64e15)) /* an invalid Date serialises as null */
        return NULL;
    const int size = iso(trunc(ms), text);
    struct json_object *node = json_object_new_string_len(text, size);
    if (node)
        json_object_set_userdata(node, (void *)(uintptr_t)&date_mark, NULL);
    return node;
}

static bool is_date(struct json_object *node, const char *text, int size,
                    double *ms)
{
    if ((size != ISO_LEAST && size != ISO_MOST) || text[size - 1] != 'Z' ||
        json_object_get_userdata(node) != (const void *)&date_mark)
        return false;
    *ms = from_iso(text, size);
    return true;
}

bool ejs__json_is_date(struct json_object *node, double *ms)
{
    return json_object_get_type(node) == json_type_string &&
           is_date(node, json_object_get_string(node),
                   json_object_get_string_len(node), ms);
}

/* shadows
 * -----------------------------------------------------------------------------
 */

static size_t shadow_home(const ejs__realm *realm, const void *node)
{
    const uint64_t h = (uint64_t)(uintptr_t)node * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 40) & (realm->shadow_size - 1);
}

static ejs_object *shadow_find(const ejs__realm *realm, const void *node)
{
    if (realm->n_shadows == 0)
        return NULL;
    for (size_t i = shadow_home(realm, node); realm->shadows[i].node;
         i = (i + 1) & (realm->shadow_size - 1))
        if (realm->shadows[i].node == node)
            return realm->shadows[i].object;
    return NULL;
}

ejs_object *ejs__shadow_of(ejs_context *ctx, ejs_value v)
{
    return shadow_find(ejs__realm_of(ctx), v.as.json);
}

static void shadow_insert(ejs__realm *realm, const struct json_object *node,
                          ejs_object *object)
{
    size_t i = shadow_home(realm, node);
    while (realm->shadows[i].node)
        i = (i + 1) & (realm->shadow_size - 1);
    realm->shadows[i] = (ejs__shadow){node, object};
}

static bool shadow_grow(ejs__realm *realm)
{
    const uint32_t old_size = realm->shadow_size;
    const ejs__shadow *old = realm->shadows;
    const uint32_t size = old_size ? old_size * 2 : 16;
    ejs__shadow *table = ejs__alloc(&realm->ctx, size * sizeof *table);
    if (!table)
        return false;
    memset(table, 0, size * sizeof *table);
    realm->shadows = table;
    realm->shadow_size = size;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].node)
            shadow_insert(realm, old[i].node, old[i].object);
    return true;
}

static bool shadow_put(ejs__realm *realm, const struct json_object *node,
                       ejs_object *object)
{
    if ((realm->n_shadows + 1) * 2 > realm->shadow_size && !shadow_grow(realm))
        return false;
    shadow_insert(realm, node, object);
    realm->n_shadows++;
    return true;
}

/* values
 * ----------------------------------------------------------------------------------
 */

/* The Date that stands for a node, the same one each time. */
static ejs_value date_value(ejs_context *ctx, const struct json_object *node,
                            double ms)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    ejs_object *known = shadow_find(realm, node);
    if (known)
        return ejs__object(known);
    const ejs_value date = ejs__date_new(ctx, ms);
    if (!ejs__is_thrown(date) && !shadow_put(realm, node, date.as.object))
        return ejs__thrown();
    return date;
}

/* {"$date": "2024-..."} or {"$date": ms}, when the data is typed. */
static bool typed_date(ejs_context *ctx, struct json_object *node, double *ms)
{
    struct json_object *inner;
    if (json_object_object_length(node) != 1 ||
        !json_object_object_get_ex(node, "$date", &inner))
        return false;
    switch (json_object_get_type(inner)) {
    case json_type_string:
        *ms = ejs__date_parse(ctx, json_object_get_string(inner),
                              (size_t)json_object_get_string_len(inner));
        return true;
    case json_type_int:
    case json_type_double:
        *ms = json_object_get_double(inner);
        return true;
    case json_type_null:
        *ms = NAN;
        return true;
    default:
        return false;
    }
}

/* Bytes that are not UTF-8 read as U+FFFD, as they would after JSON.parse. */
static ejs_value repaired(ejs_context *ctx, const char *text, size_t size)
{
    base_buf buf = {0};
    base_utf8_repair(&buf, text, size);
    const ejs_value v = buf.failed ? ejs__throw_no_memory(ctx)
                                   : ejs__string_copy(ctx, buf.data, buf.size);
    base_buf_free(&buf);
    return v;
}

/* Most strings are short and ASCII: loads that overlap settle it. */
static inline bool is_ascii(const char *text, size_t size)
{
    const uint64_t high = 0x8080808080808080u;
    uint64_t a, b;
    if (size > 32)
        return base_utf8_is_ascii(text, size);
    if (size < 8) {
        uint32_t first, last;
        if (size < 4)
            return size == 0 ||
                   !((text[0] | text[size >> 1] | text[size - 1]) & 0x80);
        memcpy(&first, text, 4);
        memcpy(&last, text + size - 4, 4);
        return ((first | last) & (uint32_t)high) == 0;
    }
    memcpy(&a, text, 8);
    memcpy(&b, text + size - 8, 8);
    uint64_t any = a | b;
    if (size > 16) {
        memcpy(&a, text + 8, 8);
        memcpy(&b, text + size - 16, 8);
        any |= a | b;
    }
    return (any & high) == 0;
}

static __attribute__((noinline)) ejs_value
string_value(ejs_context *ctx, struct json_object *node)
{
    const char *text = json_object_get_string(node);
    const int size = json_object_get_string_len(node);
    double ms;
    if (EJS_UNLIKELY(is_date(node, text, size, &ms)))
        return date_value(ctx, node, ms);
    if (EJS_LIKELY(is_ascii(text, (size_t)size)))
        return ejs__string(text, (uint32_t)size, EJS_STRING_ASCII);
    if (!base_utf8_valid(text, (size_t)size, true))
        return repaired(ctx, text, (size_t)size);
    return ejs__string(text, (uint32_t)size, EJS_STRING_WIDE);
}

static ejs_value container(struct json_object *node, uint8_t flags)
{
    ejs_value v = ejs__tagged(EJS_TAG_JSON);
    v.flags = flags;
    v.as.json = node;
    return v;
}

static inline ejs_value number_value(struct json_object *node)
{
    const int64_t n = json_object_get_int64(node);
    if (EJS_LIKELY(n != INT64_MAX))
        return ejs__number((double)n);
    return ejs__number(json_object_get_double(node)); /* perhaps larger */
}

static inline ejs_value object_value(ejs_context *ctx, struct json_object *node)
{
    double ms;
    if (ejs__realm_of(ctx)->settings->typed && typed_date(ctx, node, &ms))
        return date_value(ctx, node, ms);
    return container(node, EJS_JSON_OBJECT);
}

static inline __attribute__((always_inline)) ejs_value
read_node(ejs_context *ctx, struct json_object *node)
{
    switch (json_object_get_type(node)) {
    case json_type_string:
        return string_value(ctx, node);
    case json_type_int:
        return number_value(node);
    case json_type_boolean:
        return ejs__boolean(json_object_get_boolean(node));
    case json_type_double:
        return ejs__number(json_object_get_double(node));
    case json_type_array:
        return container(node, EJS_JSON_ARRAY);
    case json_type_object:
        return object_value(ctx, node);
    default:
        return ejs__null();
    }
}

static __attribute__((noinline)) ejs_value
look_at_text(ejs_context *ctx, struct json_object *node)
{
    const ejs__jsonc *n = ejs__jsonc_of(node);
    size_t size;
    const char *text = ejs__jsonc_text(n, &size);
    if (EJS_LIKELY(n->user_data != &date_mark && is_ascii(text, size)))
        return ejs__string(text, (uint32_t)size, EJS_STRING_ASCII);
    return string_value(ctx, node);
}

/* The same without asking json-c, where the context allows it. */
static inline __attribute__((always_inline)) ejs_value
look_at_node(ejs_context *ctx, struct json_object *node)
{
    const ejs__jsonc *n = ejs__jsonc_of(node);
    if (!n)
        return ejs__null();
    switch (n->type) {
    case json_type_string:
        return look_at_text(ctx, node);
    case json_type_object:
        return container(node, EJS_JSON_OBJECT);
    case json_type_array:
        return container(node, EJS_JSON_ARRAY);
    case json_type_int:
        if (EJS_LIKELY(!n->as.integer.is_unsigned))
            return ejs__number((double)n->as.integer.value);
        return number_value(node);
    case json_type_double:
        return ejs__number(n->as.number);
    case json_type_boolean:
        return ejs__boolean(n->as.boolean);
    default:
        return ejs__null();
    }
}

ejs_value ejs__from_json(ejs_context *ctx, struct json_object *node)
{
    return ctx->json_quick ? look_at_node(ctx, node) : read_node(ctx, node);
}

/* members
 * ----------------------------------------------------------------------------------
 */

bool ejs__json_is_array(ejs_value v)
{
    if (v.flags)
        return v.flags == EJS_JSON_ARRAY;
    return json_object_get_type(v.as.json) == json_type_array;
}

uint32_t ejs__json_length(ejs_value v)
{
    return (uint32_t)(ejs__jsonc_known
                          ? ejs__jsonc_of(v.as.json)->as.array->length
                          : json_object_get_array(v.as.json)->length);
}

ejs_value ejs__json_item(ejs_context *ctx, ejs_value v, uint32_t i)
{
    return ejs__from_json(ctx, json_object_get_array(v.as.json)->array[i]);
}

ejs_value ejs__json_at(ejs_context *ctx, ejs_value v, uint32_t i)
{
    const bool quick = ctx->json_quick;
    const struct array_list *list = quick ? ejs__jsonc_of(v.as.json)->as.array
                                          : json_object_get_array(v.as.json);
    if (i >= list->length)
        return ejs__tagged(EJS_TAG_HOLE);
    return quick ? look_at_node(ctx, list->array[i])
                 : read_node(ctx, list->array[i]);
}

int ejs__json_element(ejs_context *ctx, ejs_value v, uint32_t i, ejs_value *out)
{
    *out = ejs__json_at(ctx, v, i);
    return out->tag == EJS_TAG_HOLE ? 0 : ejs__is_thrown(*out) ? -1 : 1;
}

ejs_value ejs__json_node_at(ejs_value v, uint32_t i)
{
    const struct array_list *list = ejs__jsonc_of(v.as.json)->as.array;
    return i < list->length ? container(list->array[i], EJS_JSON_NODE)
                            : ejs__tagged(EJS_TAG_HOLE);
}

static inline bool has_nul(uint64_t word)
{
    return ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0;
}

/* The 1 .. 7 bytes of a key as a word, by loads that overlap. */
static inline uint64_t few_bytes(const char *key, uint32_t size)
{
    if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, key, 4);
        memcpy(&last, key + size - 4, 4);
        return first | (uint64_t)last << (8 * (size - 4));
    }
    const unsigned char *k = (const unsigned char *)key;
    return k[0] | (uint64_t)k[size >> 1] << (8 * (size >> 1)) |
           (uint64_t)k[size - 1] << (8 * (size - 1));
}

/* Are the `size` bytes of the key, then NUL, what stands at k?  Keys of json-c
 * end at their NUL and are nearly always allocated, so aligned: words of them
 * may be read up to the one that holds the NUL, for no page ends inside it.
 * What marks free entries is not aligned. */
static inline bool is_key(const char *k, const char *key, uint32_t size)
{
    if (EJS_LIKELY(BASE_MAY_READ_PAST && ((uintptr_t)k & 7) == 0)) {
        uint64_t word, wanted;
        for (; size >= 8; size -= 8, k += 8, key += 8) {
            word = *(const uint64_t *)(const void *)k;
            memcpy(&wanted, key, 8);
            if (word != wanted || has_nul(word))
                return false;
        }
        word = *(const uint64_t *)(const void *)k;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (size)
            return word << (8 * (7 - size)) == few_bytes(key, size)
                                                   << (8 * (7 - size));
        return (word & 0xFF) == 0;
#endif
    }
    if (k == LH_EMPTY || k == LH_FREED)
        return false;
    for (uint32_t i = 0; i < size; i++)
        if (k[i] != key[i] || k[i] == '\0')
            return false;
    return k[size] == '\0';
}

/* json-c's hash of the key, which has to end in NUL for that. */
static uint32_t key_hash(const struct lh_table *t, const char *key,
                         uint32_t size)
{
    char few[128], *copy = size < sizeof few ? few : malloc((size_t)size + 1);
    if (!copy)
        return 0;
    memcpy(copy, key, size);
    copy[size] = '\0';
    const uint32_t hash = (uint32_t)t->hash_fn(copy);
    if (copy != few)
        free(copy);
    return hash;
}

static bool find_hashed(struct lh_table *t, ejs_site *site, uint32_t *slot)
{
    /* All tables of a process nearly always share one hash function; a site
     * remembers the hash only for the first that was seen. */
    static _Atomic(uintptr_t) usual;
    uintptr_t none = 0;
    const uintptr_t mine = (uintptr_t)t->hash_fn;
    if (!__atomic_load_n((uintptr_t *)&usual, __ATOMIC_RELAXED))
        __atomic_compare_exchange_n((uintptr_t *)&usual, &none, mine, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    const bool is_usual =
        __atomic_load_n((uintptr_t *)&usual, __ATOMIC_RELAXED) == mine;

    uint32_t hash = is_usual ? ejs__relaxed(&site->json_hash) : 0;
    if (hash == 0) {
        hash = key_hash(t, site->key, site->size);
        if (is_usual)
            ejs__relax(&site->json_hash, hash);
    }
    uint32_t n = hash % (uint32_t)t->size;
    for (int tries = 0; tries < t->size; tries++) {
        if (t->table[n].k == LH_EMPTY)
            return false;
        if (is_key(t->table[n].k, site->key, site->size)) {
            *slot = n;
            return true;
        }
        n = n + 1 == (uint32_t)t->size ? 0 : n + 1;
    }
    return false;
}

/* Numeric text as an index, for keys that are not known to be numbers. */
static int array_member(ejs_context *ctx, ejs_value v, ejs_site *site,
                        ejs_value *out)
{
    uint32_t i;
    if (ejs__site_is(site, "length", 6)) {
        *out = ejs__number(ejs__json_length(v));
        return 1;
    }
    if (!ejs__is_index(site->key, site->size, &i) || i >= ejs__json_length(v))
        return 0;
    *out = ejs__json_item(ctx, v, i);
    return ejs__is_thrown(*out) ? -1 : 1;
}

static __attribute__((noinline)) const struct lh_entry *
find_anew(struct lh_table *t, ejs_site *site)
{
    uint32_t slot;
    if (!find_hashed(t, site, &slot))
        return NULL;
    ejs__relax(&site->slot, slot);
    return &t->table[slot];
}

/* Is it the key of the site?  As is_key, by one or two comparisons; longer keys
 * and those of sites without a head are left to is_key. */
static inline bool is_short_site(const char *k, const ejs_site *site)
{
    const uint64_t *word = (const uint64_t *)(const void *)k;
    return BASE_MAY_READ_PAST && ((uintptr_t)k & 7) == 0 && site->mask[0] &&
           (word[0] & site->mask[0]) == site->head[0] &&
           (site->size < 8 ||
            (site->size < 16 && (word[1] & site->mask[1]) == site->head[1]));
}

static __attribute__((noinline)) bool is_long_site(const char *k,
                                                   const ejs_site *site)
{
    return is_key(k, site->key, site->size);
}

/* The entry where the site found its key last time; NULL: it is another, or the
 * key is long. */
static inline const struct lh_entry *entry_at(const struct lh_table *t,
                                              const ejs_site *site)
{
    const uint32_t slot = ejs__relaxed(&site->slot);
    if (EJS_UNLIKELY(slot >= (uint32_t)t->size))
        return NULL;
    const struct lh_entry *e = &t->table[slot];
    return EJS_LIKELY(is_short_site(e->k, site)) ? e : NULL;
}

/* The entry of the key in a json-c object; NULL: none. */
static inline const struct lh_entry *find_entry(struct lh_table *t,
                                                ejs_site *site)
{
    const struct lh_entry *e = entry_at(t, site);
    if (EJS_LIKELY(e != NULL))
        return e;
    const uint32_t slot = ejs__relaxed(&site->slot);
    if (slot < (uint32_t)t->size && is_long_site(t->table[slot].k, site))
        return &t->table[slot];
    return find_anew(t, site);
}

ejs_value ejs__json_quick_member(ejs_context *ctx, ejs_value v,
                                 const ejs_site *site)
{
    if (v.tag != EJS_TAG_JSON || v.flags != EJS_JSON_OBJECT || !ctx->json_quick)
        return ejs__tagged(EJS_TAG_HOLE);
    const struct lh_entry *e =
        entry_at(ejs__jsonc_of(v.as.json)->as.object, site);
    return e ? look_at_node(ctx, (struct json_object *)(uintptr_t)e->v)
             : ejs__tagged(EJS_TAG_HOLE);
}

int ejs__json_member(ejs_context *ctx, ejs_value v, ejs_site *site,
                     ejs_value *out)
{
    if (EJS_UNLIKELY(v.flags != EJS_JSON_OBJECT && ejs__json_is_array(v)))
        return array_member(ctx, v, site, out);
    const bool quick = ctx->json_quick;
    const struct lh_entry *e =
        find_entry(quick ? ejs__jsonc_of(v.as.json)->as.object
                         : json_object_get_object(v.as.json),
                   site);
    if (!e)
        return 0;
    struct json_object *node = (struct json_object *)(uintptr_t)e->v;
    *out = quick ? look_at_node(ctx, node) : read_node(ctx, node);
    return ejs__is_thrown(*out) ? -1 : 1;
}

/* reading, where most of it happens
 * ------------------------------------------------------------------ */

ejs_value ejs__get(ejs_context *ctx, ejs_value object, ejs_site *site)
{
    if (EJS_LIKELY(object.tag == EJS_TAG_JSON &&
                   object.flags == EJS_JSON_OBJECT && ctx->json_quick)) {
        const struct lh_entry *e =
            entry_at(ejs__jsonc_of(object.as.json)->as.object, site);
        if (EJS_LIKELY(e != NULL))
            return look_at_node(ctx, (struct json_object *)(uintptr_t)e->v);
    }
    return ejs__get_any(ctx, object, site);
}

/* Where an item of unchanged data lies; NULL: it is not that simple. */
static inline struct json_object **item_at(const ejs_context *ctx,
                                           ejs_value array, ejs_value key)
{
    if (EJS_UNLIKELY(key.tag != EJS_TAG_NUMBER || array.tag != EJS_TAG_JSON ||
                     array.flags != EJS_JSON_ARRAY || !ctx->json_quick))
        return NULL;
    const struct array_list *list = ejs__jsonc_of(array.as.json)->as.array;
    const double n = key.as.number;
    const uint32_t i = (uint32_t)(int32_t)(n <= INT32_MAX ? n : -1);
    if (EJS_UNLIKELY(i != n || i >= list->length))
        return NULL;
    return (struct json_object **)&list->array[i];
}

ejs_value ejs__get_index(ejs_context *ctx, ejs_value object, ejs_value key)
{
    struct json_object **item = item_at(ctx, object, key);
    return EJS_LIKELY(item != NULL) ? look_at_node(ctx, *item)
                                    : ejs__get_index_any(ctx, object, key);
}

ejs_value ejs__get_length(ejs_context *ctx, ejs_value object)
{
    if (EJS_LIKELY(object.tag == EJS_TAG_JSON &&
                   object.flags == EJS_JSON_ARRAY && ctx->json_quick))
        return ejs__number(
            (double)ejs__jsonc_of(object.as.json)->as.array->length);
    return ejs__get_length_any(ctx, object);
}

/* printing
 * ------------------------------------------------------------------ */

/* The node as the value that it is. */
static __attribute__((noinline)) bool put_value(ejs_frame *frame,
                                                struct json_object *node)
{
    const ejs_value v = read_node(frame->ctx, node);
    return !ejs__is_thrown(v) && ejs__put_escaped(frame, v);
}

/* Plain nodes are put out at `out`, escaped, where there is `room`.  The result
 * is where they end; NULL: the node is not plain, or too long. */
static __attribute__((noinline)) char *
plain_text(char *out, size_t room, const struct json_object *node)
{
    size_t size;
    const char *text = ejs__jsonc_text(ejs__jsonc_of(node), &size);
    if (EJS_UNLIKELY(ejs__jsonc_of(node)->user_data == &date_mark ||
                     size * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM > room))
        return NULL;
    return ejs__escape_ascii(out, text, size);
}

static __attribute__((noinline)) char *
plain_double(char *out, size_t room, const struct json_object *node)
{
    return room < BASE_NUMBER_SIZE
               ? NULL
               : out + base_number_format(ejs__jsonc_of(node)->as.number, out);
}

/* What is usual is short: no call but the last. */
static inline __attribute__((always_inline)) char *
plain_node(char *out, size_t room, const struct json_object *node)
{
    const ejs__jsonc *n = ejs__jsonc_of(node);
    if (EJS_UNLIKELY(!n))
        return out;
    if (EJS_LIKELY(n->type == json_type_string)) {
        const size_t size = (size_t)n->as.string.size; /* dates are longer */
        if (size > EJS_FEW || room < EJS_FEW ||
            !ejs__copy_few(out, n->as.string.text.here, size))
            return plain_text(out, room, node);
        return out + size;
    }
    if (n->type == json_type_double)
        return plain_double(out, room, node);
    if (n->type != json_type_int || room < EJS_SMALL_ROOM ||
        (uint64_t)n->as.integer.value >= EJS_SMALL)
        return NULL;
    return out + ejs__put_small(out, (uint32_t)n->as.integer.value);
}

/* Puts the node out, escaped. */
static inline __attribute__((always_inline)) bool
put_node(ejs_frame *frame, struct json_object *node)
{
    ejs_context *ctx = frame->ctx;
    const size_t room = ctx->out_capacity - ctx->out_size;
    const char *end =
        room ? plain_node(ctx->out + ctx->out_size, room, node) : NULL;
    if (EJS_UNLIKELY(!end))
        return put_value(frame, node);
    ctx->out_size = (size_t)(end - ctx->out);
    return true;
}

static __attribute__((noinline)) bool
put_member_slow(ejs_frame *frame, ejs_value object, ejs_site *site)
{
    const ejs_value v = ejs__get(frame->ctx, object, site);
    return !ejs__is_thrown(v) && ejs__put_escaped(frame, v);
}

bool ejs__put_member(ejs_frame *frame, ejs_value object, ejs_site *site)
{
    ejs_context *ctx = frame->ctx;
    if (EJS_LIKELY(object.tag == EJS_TAG_JSON &&
                   object.flags == EJS_JSON_OBJECT && ctx->out_frame == frame &&
                   ctx->json_quick)) {
        const struct lh_entry *e =
            entry_at(ejs__jsonc_of(object.as.json)->as.object, site);
        if (EJS_LIKELY(e != NULL))
            return put_node(frame, (struct json_object *)(uintptr_t)e->v);
    }
    return put_member_slow(frame, object, site);
}

bool ejs__put_item(ejs_frame *frame, ejs_value v)
{
    ejs_context *ctx = frame->ctx;
    if (v.tag != EJS_TAG_JSON || v.flags != EJS_JSON_NODE)
        return ejs__put_escaped(frame, v);
    if (EJS_LIKELY(ctx->out_frame == frame && ctx->json_quick))
        return put_node(frame, v.as.json);
    return put_value(frame, v.as.json);
}

/* in runs
 * ------------------------------------------------------------------ */

static __attribute__((noinline)) char *
run_member_slow(ejs_frame *frame, const char *out, size_t rest,
                ejs_value object, ejs_site *site)
{
    ejs__run_end(frame->ctx, out);
    return ejs__run_on(frame->ctx, rest, ejs__put_member(frame, object, site));
}

char *ejs__run_member(ejs_frame *frame, char *out, size_t rest,
                      ejs_value object, ejs_site *site)
{
    const ejs_context *ctx = frame->ctx;
    if (EJS_LIKELY(object.tag == EJS_TAG_JSON &&
                   object.flags == EJS_JSON_OBJECT && ctx->json_quick)) {
        const struct lh_entry *e =
            entry_at(ejs__jsonc_of(object.as.json)->as.object, site);
        char *end =
            e ? plain_node(out, ejs__run_left(ctx, out, rest), e->v) : NULL;
        if (EJS_LIKELY(end != NULL))
            return end;
    }
    return run_member_slow(frame, out, rest, object, site);
}

char *ejs__run_member_at(ejs_frame *frame, char *out, size_t rest,
                         ejs_value array, ejs_value key, ejs_site *site)
{
    const ejs_context *ctx = frame->ctx;
    struct json_object **item = item_at(ctx, array, key);
    if (EJS_UNLIKELY(!item || !*item ||
                     ejs__jsonc_of(*item)->type != json_type_object))
        return NULL;
    const struct lh_entry *e = entry_at(ejs__jsonc_of(*item)->as.object, site);
    return EJS_LIKELY(e != NULL)
               ? plain_node(out, ejs__run_left(ctx, out, rest), e->v)
               : NULL;
}

char *ejs__run_item(ejs_frame *frame, char *out, size_t rest, ejs_value v)
{
    ejs_context *ctx = frame->ctx;
    if (v.tag != EJS_TAG_JSON || v.flags != EJS_JSON_NODE)
        return ejs__run_value(frame, out, rest, v);
    char *end = ctx->json_quick
                    ? plain_node(out, ejs__run_left(ctx, out, rest), v.as.json)
                    : NULL;
    if (EJS_LIKELY(end != NULL))
        return end;
    ejs__run_end(ctx, out);
    return ejs__run_on(ctx, rest, put_value(frame, v.as.json));
}

/* Is there no array or object in the list?  Those have a join of their own. */
static bool holds_scalars(const struct array_list *list)
{
    for (size_t i = 0; i < list->length; i++) {
        const ejs__jsonc *n = ejs__jsonc_of(list->array[i]);
        if (n && (n->type == json_type_array || n->type == json_type_object))
            return false;
    }
    return true;
}

int ejs__put_joined(ejs_frame *frame, ejs_value array, ejs_value separator,
                    bool escaped)
{
    ejs_context *ctx = frame->ctx;
    if (array.tag != EJS_TAG_JSON || array.flags != EJS_JSON_ARRAY ||
        !ctx->json_quick || ejs__realm_of(ctx)->changed ||
        ctx->out_frame != frame)
        return 0;
    const struct array_list *list = ejs__jsonc_of(array.as.json)->as.array;
    if (!holds_scalars(list))
        return 0;
    for (size_t i = 0; i < list->length; i++) {
        struct json_object *node = list->array[i];
        if (!ejs__step(ctx))
            return -1;
        if (i > 0 && !(escaped ? ejs__put_escaped(frame, separator)
                               : ejs__put_raw(frame, separator)))
            return -1;
        if (!(escaped ? put_node(frame, node)
                      : ejs__put_raw(frame, look_at_node(ctx, node))))
            return -1;
    }
    return 1;
}

bool ejs__json_keys(ejs_context *ctx, ejs_value v, ejs__keys *keys)
{
    if (ejs__json_is_array(v)) {
        const uint32_t n = ejs__json_length(v);
        if (!(keys->list = ejs__alloc(ctx, n * sizeof *keys->list)))
            return false;
        for (keys->count = 0; keys->count < n; keys->count++) {
            const ejs_value key = ejs__number_to_string(ctx, keys->count);
            if (ejs__is_thrown(key))
                return false;
            keys->list[keys->count] = key;
        }
        return true;
    }
    const struct lh_table *t = json_object_get_object(v.as.json);
    if (!(keys->list = ejs__alloc(ctx, (size_t)t->count * sizeof *keys->list)))
        return false;
    keys->count = 0;
    for (const struct lh_entry *e = t->head; e; e = e->next)
        keys->list[keys->count++] =
            ejs__string(e->k, (uint32_t)strlen(e->k), 0);
    return true;
}

/* copying on the first write
 * ------------------------------------------------------------ */

static ejs_object *copy_array(ejs_context *ctx, ejs_value v)
{
    const uint32_t n = ejs__json_length(v);
    ejs__array *a = ejs__array_new(ctx, n);
    for (uint32_t i = 0; a && i < n; i++) {
        const ejs_value item = ejs__json_item(ctx, v, i);
        if (ejs__is_thrown(item))
            return NULL;
        a->items[a->object.length++] = item;
    }
    return a ? &a->object : NULL;
}

static ejs_object *copy_object(ejs_context *ctx, ejs_value v)
{
    ejs_object *o = ejs__object_new(ctx);
    const struct lh_table *t = json_object_get_object(v.as.json);
    for (const struct lh_entry *e = t->head; o && e; e = e->next) {
        ejs_site site = ejs__site_named(e->k);
        const ejs_value member =
            ejs__from_json(ctx, (struct json_object *)(uintptr_t)e->v);
        if (ejs__is_thrown(member) ||
            !ejs__append(ctx, o, &site, member, EJS_ORDINARY))
            return NULL;
    }
    return o;
}

/* A template's data is a snapshot of what was passed in: a node about to change
 * that some template was given stays in its data as it was. */
static bool settle_data(ejs_context *ctx, ejs_value v)
{
    for (ejs_frame *f = ctx->out_frame; f; f = f->more->below) {
        ejs_value *const given[] = {&f->data, &f->include_data};
        for (int i = 0; i < 2; i++) {
            if (given[i]->tag != EJS_TAG_JSON || given[i]->as.json != v.as.json)
                continue;
            ejs_object *copy = ejs__json_is_array(v) ? copy_array(ctx, v)
                                                     : copy_object(ctx, v);
            if (!copy)
                return false;
            *given[i] = ejs__object(copy);
        }
    }
    return true;
}

ejs_object *ejs__writable(ejs_context *ctx, ejs_value v)
{
    if (v.tag == EJS_TAG_OBJECT)
        return v.as.object;
    ejs__realm *realm = ejs__realm_of(ctx);
    ejs_object *o = shadow_find(realm, v.as.json);
    if (o)
        return o;
    if (!settle_data(ctx, v))
        return NULL;
    o = ejs__json_is_array(v) ? copy_array(ctx, v) : copy_object(ctx, v);
    if (!o || !shadow_put(realm, v.as.json, o))
        return NULL;
    realm->n_copies++;
    ctx->json_quick = false;
    return o;
}
