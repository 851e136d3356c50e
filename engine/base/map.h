/*
 * map.h - a hash map from byte strings to pointers.
 *
 * A zeroed base_map is an empty map.  Keys are borrowed: they usually lie in
 * the value or in an arena and must outlive their entry.  The hash is keyed
 * anew for each map, so keys from strangers cannot be made to collide.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct base_map_entry {
    const char *key; /* NULL: free */
    size_t size;
    uint64_t hash;
    void *value;
} base_map_entry;

typedef struct base_map {
    base_map_entry *entries; /* malloc'd; NULL while the map is empty */
    size_t count, capacity;  /* capacity: 0 or a power of two */
    uint64_t seed;
} base_map;

/* The value at the key, NULL when there is none. */
void *base_map_get(const base_map *map, const char *key, size_t size);

/* Sets the value (not NULL) at the key; false when out of memory. */
bool base_map_put(base_map *map, const char *key, size_t size, void *value);

/* Takes the entry out and returns its value; NULL when there was none. */
void *base_map_remove(base_map *map, const char *key, size_t size);

/*
 * Walks the entries in no particular order: start with *at = 0; NULL ends.
 * The map must not change meanwhile.
 */
const base_map_entry *base_map_next(const base_map *map, size_t *at);

/* Frees the map, not the keys and values. */
void base_map_free(base_map *map);

#endif
