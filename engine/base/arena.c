/* arena.c - bump allocation from geometrically growing blocks. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitize.h"

enum { ALIGNMENT = 16, FIRST_BLOCK = 4096, LARGEST_STEP = 1 << 20 };

struct base_arena_block {
    base_arena_block *previous;
    size_t size; /* of the whole block, this header included */
};

/* What an allocation takes: at least one unit, so that none gives NULL. */
static size_t align_up(size_t n)
{
    return ((n ? n : 1) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

enum { HEADER = (sizeof(base_arena_block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1) };

bool base_size_add(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

bool base_size_mul(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

void base_arena_init(base_arena *arena, size_t max)
{
    *arena = (base_arena){.max = max};
}

static void use_block(base_arena *arena, base_arena_block *block)
{
    arena->block = block;
    arena->cursor = (char *)block + HEADER;
    arena->limit = (char *)block + block->size;
    BASE_POISON(arena->cursor, (size_t)(arena->limit - arena->cursor));
}

static void free_block(base_arena_block *block)
{
    BASE_UNPOISON(block, block->size);
    free(block);
}

/* Frees all blocks but one; their sizes together. */
static size_t free_others(base_arena_block *block,
                          const base_arena_block *kept)
{
    size_t total = 0;
    while (block) {
        base_arena_block *previous = block->previous;
        total += block->size;
        if (block != kept)
            free_block(block);
        block = previous;
    }
    return total;
}

void base_arena_reset(base_arena *arena, size_t keep)
{
    base_arena_block *kept = arena->block;
    for (base_arena_block *b = kept; b; b = b->previous)
        kept = b->size > kept->size ? b : kept;
    if (kept && kept->size > keep)
        kept = NULL;
    const size_t total = free_others(arena->block, kept);
    if (kept && total != kept->size && total <= keep) {
        /* one block as large as all of them will serve next time */
        free_block(kept);
        kept = NULL;
    }
    arena->first = kept || total > keep ? 0 : total;
    arena->reserved = 0;
    arena->block = NULL;
    arena->cursor = arena->limit = NULL;
    arena->exhausted = false;
    if (kept) {
        kept->previous = NULL;
        arena->reserved = kept->size;
        use_block(arena, kept);
    }
}

void base_arena_free(base_arena *arena)
{
    base_arena_reset(arena, 0);
}

bool base_arena_is_fresh(const base_arena *arena)
{
    const base_arena_block *b = arena->block;
    return !b || (!b->previous && arena->cursor == (const char *)b + HEADER);
}

/* Each block is as large as all before it together, within limits. */
static size_t next_block_size(const base_arena *arena, size_t needed)
{
    size_t size = arena->block ? arena->reserved : arena->first;
    if (size < FIRST_BLOCK)
        size = FIRST_BLOCK;
    if (arena->block && size > LARGEST_STEP)
        size = LARGEST_STEP;
    if (size < needed)
        size = needed;
    if (arena->max && size > arena->max - arena->reserved)
        size = needed;
    return size;
}

void *base_arena_grow(base_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2 - HEADER)
        return NULL;
    const size_t needed = align_up(size) + HEADER;
    if (arena->max && needed > arena->max - arena->reserved) {
        arena->exhausted = true;
        return NULL;
    }
    const size_t block_size = next_block_size(arena, needed);
    base_arena_block *block = malloc(block_size);
    if (!block)
        return NULL;
    block->size = block_size;
    block->previous = arena->block;
    arena->reserved += block_size;

    /* A large one-off block must not waste what is left of the current one. */
    const size_t left = (size_t)(arena->limit - arena->cursor);
    if (arena->block && block_size == needed && left > needed / 8) {
        block->previous = arena->block->previous;
        arena->block->previous = block;
        return (char *)block + HEADER;
    }
    use_block(arena, block);
    return base_arena_alloc(arena, size);
}

void *base_arena_alloc(base_arena *arena, size_t size)
{
    const size_t left = (size_t)(arena->limit - arena->cursor);
    if (size > left || align_up(size) > left)
        return base_arena_grow(arena, size);
    void *result = arena->cursor;
    arena->cursor += align_up(size);
    BASE_UNPOISON(result, size);
    return result;
}

void *base_arena_zalloc(base_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (!base_size_mul(count, size, &total))
        return NULL;
    void *result = base_arena_alloc(arena, total);
    if (result)
        memset(result, 0, total);
    return result;
}

char *base_arena_dup(base_arena *arena, const char *data, size_t size)
{
    char *copy = base_arena_alloc(arena, size + 1);
    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *base_arena_vprintf(base_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int size = vsnprintf(NULL, 0, format, args);
    char *text = size < 0 ? NULL : base_arena_alloc(arena, (size_t)size + 1);
    if (text)
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

char *base_arena_printf(base_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = base_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}
