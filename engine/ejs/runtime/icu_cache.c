/* Formatters and other costly things of ICU, kept by each thread. */
#include "ejs/runtime/icu_cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 16,
    WAYS = 16,
    ROOM = 4 << 20,
};

typedef struct entry {
    void *key, *value;
    size_t size;
    ejs__icu_close *close;
    uint64_t used; /* when: a count of look-ups */
} entry;

typedef struct cache {
    entry entries[BUCKETS][WAYS];
    uint64_t clock;
} cache;

static pthread_key_t thread_cache;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool usable;

static void empty(entry *e)
{
    if (e->value)
        e->close(e->value);
    free(e->key);
    *e = (entry){0};
}

static void free_cache(void *data)
{
    cache *c = data;
    for (int b = 0; b < BUCKETS; b++) {
        for (int w = 0; w < WAYS; w++)
            empty(&c->entries[b][w]);
    }
    free(c);
}

static void make_key(void)
{
    usable = pthread_key_create(&thread_cache, free_cache) == 0;
}

static cache *this_cache(void)
{
    pthread_once(&once, make_key);
    if (!usable)
        return NULL;
    cache *c = pthread_getspecific(thread_cache);
    if (!c && (c = calloc(1, sizeof *c)) &&
        pthread_setspecific(thread_cache, c) != 0) {
        free(c);
        c = NULL;
    }
    return c;
}

static entry *bucket_of(cache *c, const void *key, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)key)[i]) * 16777619u;
    return c->entries[(hash ^ hash >> 16) % BUCKETS];
}

bool ejs__icu_has_room(void)
{
    void *volatile room = malloc(ROOM); /* not left out */
    free(room);
    return room;
}

void *ejs__icu_cache_get(const void *key, size_t size)
{
    cache *c = this_cache();
    if (!c)
        return NULL;
    entry *ways = bucket_of(c, key, size);
    for (int w = 0; w < WAYS; w++) {
        if (ways[w].value && ways[w].size == size &&
            memcmp(ways[w].key, key, size) == 0) {
            ways[w].used = ++c->clock;
            return ways[w].value;
        }
    }
    return NULL;
}

void *ejs__icu_cache_put(const void *key, size_t size, void *value,
                         ejs__icu_close *close)
{
    cache *c = this_cache();
    void *copy = c ? malloc(size ? size : 1) : NULL;
    if (!copy) {
        close(value);
        return NULL;
    }
    memcpy(copy, key, size);
    entry *ways = bucket_of(c, key, size), *oldest = ways;
    for (int w = 1; w < WAYS; w++) {
        if (ways[w].used < oldest->used)
            oldest = &ways[w];
    }
    empty(oldest);
    *oldest = (entry){copy, value, size, close, ++c->clock};
    return value;
}
