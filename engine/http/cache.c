/* cache.c - finds a response that was sent before. */
#include "http/cache.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/etag.h"

static bool is_cacheable(const mvc_res *res)
{
    if (res->kind > MVC_BODY_BYTES || res->size > MVC__CACHE_LARGEST ||
        res->close || res->status == 304)
        return false;
    for (size_t i = 0; i < res->n_headers; i++)
        if (strcasecmp(res->headers[i].name, "Set-Cookie") == 0)
            return false;
    return true;
}

/* Status and headers; the body is compared where it lies. */
static void write_key(base_buf *out, const mvc_res *res)
{
    base_buf_clear(out);
    base_buf_put(out, &res->status, sizeof res->status);
    for (size_t i = 0; i < res->n_headers; i++) {
        const mvc__header *h = &res->headers[i];
        base_buf_put(out, h->name, h->name_size + 1);
        base_buf_put(out, h->value, h->value_size + 1);
    }
    base_buf_put(out, "", 1);
}

static uint64_t hash_of(const base_buf *key, mvc_res *res)
{
    if (!res->has_digest)
        res->digest = mvc__digest_of(res->data, res->size);
    res->has_digest = true;
    const mvc__digest head = mvc__digest_of(key->data, key->size);
    return (head.a ^ res->digest.a) | 1;
}

static bool is_same(const mvc__cache_slot *s, const base_buf *key,
                    const mvc_res *res)
{
    return s->head_size == key->size && s->body_size == res->size &&
           memcmp(s->key, key->data, key->size) == 0 &&
           (res->size == 0 ||
            memcmp(s->key + key->size, res->data, res->size) == 0);
}

void *mvc__cache_find(mvc__cache *cache, mvc_res *res, mvc__cache_slot **slot)
{
    *slot = NULL;
    if (!is_cacheable(res))
        return NULL;
    base_buf *key = &cache->scratch;
    write_key(key, res);
    if (key->failed)
        return NULL;
    const uint64_t hash = hash_of(key, res);
    mvc__cache_slot *s = &cache->slots[(hash >> 8) % MVC__CACHE_SLOTS];
    if (s->hash != hash) {
        if (!s->response)
            s->hash = hash; /* kept when it is seen again */
        else if ((hash & 0xF00000) == 0)
            *slot = s; /* now and then another one takes the place */
    } else if (!s->response) {
        *slot = s;
    } else if (is_same(s, key, res)) {
        return s->response;
    }
    return NULL;
}

void *mvc__cache_keep(mvc__cache *cache, mvc__cache_slot *slot, mvc_res *res,
                      void *response)
{
    const base_buf *head = &cache->scratch;
    char *key = malloc(head->size + res->size);
    if (!key)
        return response; /* not kept: the caller's to free */
    void *old = slot->response;
    memcpy(key, head->data, head->size);
    if (res->size)
        memcpy(key + head->size, res->data, res->size);
    free(slot->key);
    *slot = (mvc__cache_slot){.hash = hash_of(head, res),
                              .key = key,
                              .head_size = head->size,
                              .body_size = res->size,
                              .response = response};
    return old;
}
