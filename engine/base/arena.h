/*
 * arena.h - allocate freely, free once.
 *
 * A render, a request and a compilation each own an arena.  Blocks grow
 * geometrically; nothing is freed before base_arena_reset or base_arena_free.
 * Under AddressSanitizer the unused part of each block is poisoned.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct base_arena_block base_arena_block;

typedef struct base_arena {
    char *cursor, *limit;    /* the free part of the newest block */
    base_arena_block *block; /* newest first */
    size_t reserved;         /* bytes in all blocks */
    size_t first;            /* size of the first block, when there is none */
    size_t max;              /* most bytes to reserve; 0: no limit */
    bool exhausted;          /* `max` was hit (else a failure is malloc's) */
} base_arena;

/* Makes an empty arena that holds at most `max` bytes (0: no limit). */
void base_arena_init(base_arena *arena, size_t max);

/* Frees all that was allocated, keeps up to `keep` bytes of blocks for reuse. */
void base_arena_reset(base_arena *arena, size_t keep);

/* Gives all memory back; the arena is then as base_arena_init left it. */
void base_arena_free(base_arena *arena);

/* Has nothing been allocated since it was made or reset? */
bool base_arena_is_fresh(const base_arena *arena);

/* The slow half of base_arena_alloc: takes a new block.  NULL when it cannot. */
void *base_arena_grow(base_arena *arena, size_t size);

/* `size` bytes, aligned for any type, uninitialised; NULL when out of memory. */
void *base_arena_alloc(base_arena *arena, size_t size);

/* The same, zeroed, for `count` things of `size` bytes; checks the product. */
void *base_arena_zalloc(base_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of `size` bytes at `data`; NULL when out of memory. */
char *base_arena_dup(base_arena *arena, const char *data, size_t size);

/* A formatted, NUL-terminated string; NULL when out of memory. */
char *base_arena_printf(base_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *base_arena_vprintf(base_arena *arena, const char *format, va_list args);

/* *sum = a + b and *product = a * b; false when the result does not fit. */
bool base_size_add(size_t a, size_t b, size_t *sum);
bool base_size_mul(size_t a, size_t b, size_t *product);

#endif
