/* hand_json.c - the pages over json-c: keys hashed once, slots remembered. */
#include <json-c/json.h>
#include <json-c/linkhash.h>

#include "hand.h"

typedef struct key {
    const char *name;
    unsigned long hash;
    unsigned slot;
} key;

static struct json_object *get_slow(struct lh_table *table, key *k)
{
    if (!k->hash)
        k->hash = lh_get_hash(table, k->name);
    const struct lh_entry *e =
        lh_table_lookup_entry_w_hash(table, k->name, k->hash);
    if (!e)
        return NULL;
    k->slot = (unsigned)(e - table->table);
    return (struct json_object *)(uintptr_t)e->v;
}

static inline struct json_object *get(struct json_object *o, key *k)
{
    struct lh_table *table = json_object_get_object(o);
    if (k->slot < (unsigned)table->size) {
        const struct lh_entry *e = &table->table[k->slot];
        if (e->k != LH_EMPTY && e->k != LH_FREED &&
            strcmp((const char *)e->k, k->name) == 0)
            return (struct json_object *)(uintptr_t)e->v;
    }
    return get_slow(table, k);
}

static inline void put_text(page *p, struct json_object *v)
{
    put_escaped(p, json_object_get_string(v),
                (size_t)json_object_get_string_len(v));
}

static inline void put_tenths(page *p, double n)
{
    const int64_t tenths = (int64_t)(n * 10 + 0.5);
    put_int(p, tenths / 10);
    if (tenths % 10) {
        const char tail[2] = {'.', (char)('0' + tenths % 10)};
        put(p, tail, 2);
    }
}

#define OBJECT(type) struct json_object
#define GET(o, f)                                                              \
    ({                                                                         \
        static key k = {#f, 0, 0};                                             \
        get(o, &k);                                                            \
    })
#define MEMBER(o, f) GET(o, f)
#define LIST(o, f) GET(o, f)
#define COUNT(list) json_object_array_length(list)
#define TEXT(o, f) put_text(p, GET(o, f))
#define INTEGER(o, f) json_object_get_int64(GET(o, f))
#define INT(o, f) put_int(p, INTEGER(o, f))
#define TENTHS(o, f) put_tenths(p, json_object_get_double(GET(o, f)))
#define BOOLEAN(o, f) json_object_get_boolean(GET(o, f))
#define EACH(type, v, list)                                                    \
    struct json_object *v##_list = list;                                       \
    const size_t v##_n = json_object_array_length(v##_list);                   \
    struct json_object *v;                                                     \
    for (size_t v##_i = 0;                                                     \
         v##_i < v##_n && (v = json_object_array_get_idx(v##_list, v##_i), 1); \
         v##_i++)
#define EACH_TEXT(v, list) EACH(, v, list)
#define EACH_INT(v, list) EACH(, v, list)
#define EACH_LIST(v, list) EACH(, v, list)
#define VALUE_TEXT(v) put_text(p, v)
#define VALUE_INT(v) put_int(p, json_object_get_int64(v))

#include "hand_pages.inc"

#define PAGE(name)                                                             \
    static void run_##name(page *p, void *data)                                \
    {                                                                          \
        page_##name(p, data);                                                  \
    }
PAGE(friends)
PAGE(search)
PAGE(projects)
PAGE(table)
PAGE(teams)
PAGE(blog)
PAGE(page)

const hand_page hand_json_pages[] = {
    {"friends", run_friends, NULL, NULL}, {"search", run_search, NULL, NULL},
    {"projects", run_projects, NULL, NULL}, {"table100", run_table, NULL, NULL},
    {"table1000", run_table, NULL, NULL}, {"teams", run_teams, NULL, NULL},
    {"blog", run_blog, NULL, NULL},       {"page", run_page, NULL, NULL},
    {0},
};
