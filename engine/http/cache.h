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

#include "http/exchange.h"

enum { MVC__CACHE_SLOTS = 64, MVC__CACHE_LARGEST = 16 * 1024 };

typedef struct mvc__cache_slot {
    uint64_t hash;               /* 0: empty */
    char *key;                   /* NULL: seen once, nothing kept yet */
    size_t head_size, body_size; /* of the key */
    unsigned missed;             /* others have come since it was sent */
    void *response;
} mvc__cache_slot;

typedef struct mvc__cache {
    mvc__cache_slot slots[MVC__CACHE_SLOTS];
    void (*free_response)(void *response);
} mvc__cache;

/*
 * The kept response for this one, or NULL; then *slot, if not NULL, is where
 * the one to be made goes (mvc__cache_keep).  The key is without the ETag that
 * a response is due: the same bytes have the same.
 */
void *mvc__cache_find(mvc__cache *cache, const mvc_res *res,
                      mvc__cache_slot **slot);

/* Takes the response over: it is the answer to what was looked for last, sends
 * the body at the slot's key, and frees that when it is freed itself. */
void mvc__cache_keep(mvc__cache_slot *slot, void *response);

void mvc__cache_free(mvc__cache *cache);

#endif
