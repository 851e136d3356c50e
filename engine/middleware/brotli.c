/*
 * brotli.c - a brotli encoder that survives a lack of memory.
 *
 * The library ends the whole process when it gets none (BROTLI_ENCODER_EXIT_
 * ON_OOM, which distributions set).  So it asks us: what it has is on a list,
 * and when there is no more we jump out of it and free the list.
 */
#include "middleware/brotli.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct block {
    struct block *previous, *next;
    alignas(max_align_t) unsigned char bytes[];
} block;

struct mvc__brotli {
    BrotliEncoderState *state; /* NULL: memory ran out */
    block all;                 /* a ring; its first member is this one */
    jmp_buf out_of_memory;
};

static void *take(void *opaque, size_t size)
{
    mvc__brotli *b = opaque;
    block *one =
        size < SIZE_MAX - sizeof *one ? malloc(sizeof *one + size) : NULL;
    if (!one)
        longjmp(b->out_of_memory, 1);
    one->previous = &b->all;
    one->next = b->all.next;
    one->next->previous = one;
    b->all.next = one;
    return one->bytes;
}

static void give_back(void *opaque, void *bytes)
{
    (void)opaque;
    if (!bytes)
        return;
    block *one =
        (block *)(void *)((unsigned char *)bytes - offsetof(block, bytes));
    one->previous->next = one->next;
    one->next->previous = one->previous;
    free(one);
}

static void give_all_back(mvc__brotli *b)
{
    while (b->all.next != &b->all)
        give_back(b, b->all.next->bytes);
    b->state = NULL;
}

static bool begin(mvc__brotli *b, int quality)
{
    if (setjmp(b->out_of_memory)) {
        give_all_back(b);
        return false;
    }
    b->state = BrotliEncoderCreateInstance(take, give_back, b);
    BrotliEncoderSetParameter(b->state, BROTLI_PARAM_QUALITY,
                              (uint32_t)quality);
    return true;
}

mvc__brotli *mvc__brotli_new(int quality)
{
    mvc__brotli *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->all.previous = b->all.next = &b->all;
    if (begin(b, quality))
        return b;
    free(b);
    return NULL;
}

bool mvc__brotli_run(mvc__brotli *b, BrotliEncoderOperation operation,
                     const unsigned char **data, size_t *left,
                     unsigned char **out, size_t *room)
{
    if (!b->state)
        return false;
    if (setjmp(b->out_of_memory)) {
        give_all_back(b);
        return false;
    }
    return BrotliEncoderCompressStream(b->state, operation, left, data, room,
                                       out, NULL);
}

bool mvc__brotli_is_done(const mvc__brotli *b)
{
    return b->state && BrotliEncoderIsFinished(b->state);
}

void mvc__brotli_free(mvc__brotli *b)
{
    if (!b)
        return;
    give_all_back(b); /* there is nothing in it but memory */
    free(b);
}
