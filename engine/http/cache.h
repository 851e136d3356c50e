/*
 * cache.h - responses made once and sent often.
 *
 * Making a response costs libmicrohttpd several allocations per header.  A
 * loop therefore keeps those it has seen twice, whole, and sends them again
 * when status, headers and body are the same bytes.
 */
#ifndef HTTP_CACHE_H
#define HTTP_CACHE_H

#include <stdbool.h>

#include "base/buf.h"
#include "http/exchange.h"

enum { MVC__CACHE_SLOTS = 64, MVC__CACHE_LARGEST = 16 * 1024 };

typedef struct mvc__cache_slot {
    uint64_t hash;               /* 0: empty */
    char *key;                   /* NULL: seen once, nothing kept yet */
    size_t head_size, body_size; /* of the key */
    void *response;
} mvc__cache_slot;

typedef struct mvc__cache {
    mvc__cache_slot slots[MVC__CACHE_SLOTS];
    base_buf scratch;
} mvc__cache;

/*
 * The kept response for this one, or NULL; then *slot, if not NULL, is where
 * the caller may keep the one it makes (mvc__cache_keep).
 */
void *mvc__cache_find(mvc__cache *cache, mvc_res *res, mvc__cache_slot **slot);

/* Gives what the slot held before, for the caller to free, or NULL. */
void *mvc__cache_keep(mvc__cache *cache, mvc__cache_slot *slot, mvc_res *res,
                      void *response);

#endif
