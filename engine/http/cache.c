/* cache.c - finds a response that was sent before. */
#include "http/cache.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATIENCE = 16 }; /* others that may come before a response is given up */

static bool is_cacheable(const mvc_res *res)
{
    if (res->kind > MVC_BODY_BYTES || res->size > MVC__CACHE_LARGEST ||
        res->close || res->status == 304)
        return false;
    for (size_t i = 0; i < res->n_headers; i++)
        if (res->headers[i].name_size == strlen("Set-Cookie") &&
            strcasecmp(res->headers[i].name, "Set-Cookie") == 0)
            return false;
    return true;
}

/* where it may be ------------------------------------------------------------
 */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9FB21C651E98DF25);
    return hash ^ hash >> 32;
}

/* The size, the ends and a few places between: who is found is compared. */
static uint64_t sample(uint64_t hash, const char *data, size_t size)
{
    enum { PLACES = 8 };
    uint64_t word = 0;
    hash = mix(hash, size);
    if (size < sizeof word) {
        if (size)
            memcpy(&word, data, size);
        return mix(hash, word);
    }
    const size_t last = size - sizeof word, step = last / PLACES + 1;
    for (size_t at = 0; at < last; at += step) {
        memcpy(&word, data + at, sizeof word);
        hash = mix(hash, word);
    }
    memcpy(&word, data + last, sizeof word);
    return mix(hash, word);
}

static uint64_t hash_of(const mvc_res *res)
{
    uint64_t hash = (uint64_t)res->status << 1 | res->tag_due;
    for (size_t i = 0; i < res->n_headers; i++)
        hash = sample(hash, res->headers[i].value, res->headers[i].value_size);
    return sample(hash, res->data, res->size) | 1;
}

/* what it is ------------------------------------------------------------------
 */

/* Of status and headers, NUL after each. */
static size_t head_size(const mvc_res *res)
{
    size_t size = sizeof res->status + sizeof res->tag_due;
    for (size_t i = 0; i < res->n_headers; i++)
        size += res->headers[i].name_size + res->headers[i].value_size + 2;
    return size;
}

static char *put(char *out, const void *data, size_t size)
{
    if (size)
        memcpy(out, data, size);
    return out + size;
}

static void write_key(char *out, const mvc_res *res)
{
    out = put(out, res->data, res->size);
    out = put(out, &res->status, sizeof res->status);
    out = put(out, &res->tag_due, sizeof res->tag_due);
    for (size_t i = 0; i < res->n_headers; i++) {
        const mvc__header *h = &res->headers[i];
        out = put(out, h->name, h->name_size + 1);
        out = put(out, h->value, h->value_size + 1);
    }
}

/* Whether `size` bytes at *key are these; goes past them. */
static bool passes(const char **key, const void *data, size_t size)
{
    const char *at = *key;
    *key += size;
    return size == 0 || memcmp(at, data, size) == 0;
}

static bool is_same(const mvc__cache_slot *s, const mvc_res *res)
{
    const char *key = s->key;
    if (s->body_size != res->size || s->head_size != head_size(res) ||
        !passes(&key, res->data, res->size) ||
        !passes(&key, &res->status, sizeof res->status) ||
        !passes(&key, &res->tag_due, sizeof res->tag_due))
        return false;
    for (size_t i = 0; i < res->n_headers; i++) {
        const mvc__header *h = &res->headers[i];
        if (!passes(&key, h->name, h->name_size + 1) ||
            !passes(&key, h->value, h->value_size + 1))
            return false;
    }
    return true;
}

/* finding and keeping ---------------------------------------------------------
 */

static void empty(mvc__cache *cache, mvc__cache_slot *s)
{
    if (s->response)
        cache->free_response(s->response);
    else
        free(s->key);
    *s = (mvc__cache_slot){0};
}

/* Makes the slot this response's; NULL when it cannot be. */
static mvc__cache_slot *take(mvc__cache *cache, mvc__cache_slot *s,
                             uint64_t hash, const mvc_res *res)
{
    const size_t head = head_size(res);
    empty(cache, s);
    char *key = malloc(res->size + head);
    if (!key)
        return NULL;
    write_key(key, res);
    *s = (mvc__cache_slot){
        .hash = hash, .key = key, .body_size = res->size, .head_size = head};
    return s;
}

void *mvc__cache_find(mvc__cache *cache, const mvc_res *res,
                      mvc__cache_slot **slot)
{
    *slot = NULL;
    if (!is_cacheable(res))
        return NULL;
    const uint64_t hash = hash_of(res);
    mvc__cache_slot *s = &cache->slots[(hash >> 8) % MVC__CACHE_SLOTS];
    if (s->response && s->hash == hash && is_same(s, res)) {
        s->missed = 0;
        return s->response;
    }
    if (!s->response && s->hash != hash)
        s->hash = hash; /* kept when it is seen again */
    else if (!s->response || ++s->missed > PATIENCE)
        *slot = take(cache, s, hash, res);
    return NULL;
}

void mvc__cache_keep(mvc__cache_slot *slot, void *response)
{
    slot->response = response;
}

void mvc__cache_free(mvc__cache *cache)
{
    for (size_t i = 0; i < MVC__CACHE_SLOTS; i++)
        empty(cache, &cache->slots[i]);
}
