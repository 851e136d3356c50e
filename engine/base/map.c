/* map.c - an open-addressing hash map, at most three quarters full. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_CAPACITY 8

static uint64_t mix(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Folds 8 bytes at a time through a 64x64 to 128 bit multiplication with both
 * factors made unknown by the seed.
 */
static uint64_t hash_of(uint64_t seed, const char *key, size_t size)
{
    uint64_t hash = seed ^ size;
    while (size >= 8) {
        uint64_t word;
        memcpy(&word, key, 8);
        hash = mix(hash ^ 0x9E3779B97F4A7C15u, word ^ seed);
        key += 8;
        size -= 8;
    }
    uint64_t word = 0;
    memcpy(&word, key, size);
    return mix(hash ^ 0x9E3779B97F4A7C15u, word ^ seed ^ 0xD1B54A32D192ED03u);
}

/* The key's entry, or the free one where it belongs. */
static base_map_entry *slot(const base_map *map, const char *key, size_t size,
                            uint64_t hash)
{
    for (size_t i = hash;; i++) {
        base_map_entry *entry = &map->entries[i & (map->capacity - 1)];
        if (!entry->key || (entry->hash == hash && entry->size == size &&
                            memcmp(entry->key, key, size) == 0))
            return entry;
    }
}

static uint64_t new_seed(const base_map *map)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = (uintptr_t)map * 0x9E3779B97F4A7C15u;
    return seed;
}

static bool grow(base_map *map)
{
    base_map bigger = *map;
    bigger.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    bigger.entries = calloc(bigger.capacity, sizeof *bigger.entries);
    if (!bigger.entries)
        return false;
    if (!map->entries)
        bigger.seed = new_seed(map);
    for (size_t i = 0; i < map->capacity; i++) {
        const base_map_entry *old = &map->entries[i];
        if (old->key)
            *slot(&bigger, old->key, old->size, old->hash) = *old;
    }
    free(map->entries);
    *map = bigger;
    return true;
}

void *base_map_get(const base_map *map, const char *key, size_t size)
{
    if (map->count == 0)
        return NULL;
    return slot(map, key, size, hash_of(map->seed, key, size))->value;
}

bool base_map_put(base_map *map, const char *key, size_t size, void *value)
{
    if (map->count >= map->capacity / 4 * 3 && !grow(map))
        return false;
    const uint64_t hash = hash_of(map->seed, key, size);
    base_map_entry *entry = slot(map, key, size, hash);
    map->count += !entry->key;
    *entry = (base_map_entry){key, size, hash, value};
    return true;
}

void *base_map_remove(base_map *map, const char *key, size_t size)
{
    if (map->count == 0)
        return NULL;
    const size_t mask = map->capacity - 1;
    base_map_entry *gap = slot(map, key, size, hash_of(map->seed, key, size));
    if (!gap->key)
        return NULL;
    void *value = gap->value;
    /* Close the gap: move back each later entry that may stand in it. */
    size_t hole = (size_t)(gap - map->entries);
    for (size_t i = (hole + 1) & mask; map->entries[i].key;
         i = (i + 1) & mask) {
        const size_t home = map->entries[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        map->entries[hole] = map->entries[i];
        hole = i;
    }
    map->entries[hole] = (base_map_entry){0};
    map->count--;
    return value;
}

const base_map_entry *base_map_next(const base_map *map, size_t *at)
{
    while (*at < map->capacity) {
        const base_map_entry *entry = &map->entries[(*at)++];
        if (entry->key)
            return entry;
    }
    return NULL;
}

void base_map_free(base_map *map)
{
    free(map->entries);
    *map = (base_map){0};
}
