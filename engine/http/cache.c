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
    base_buf_put(out, res->data, res->size);
}

void *mvc__cache_find(mvc__cache *cache, const mvc_res *res,
                      mvc__cache_slot **slot)
{
    *slot = NULL;
    if (!is_cacheable(res))
        return NULL;
    base_buf *key = &cache->scratch;
    write_key(key, res);
    if (key->failed)
        return NULL;
    const uint64_t hash = mvc__hash(key->data, key->size, 3) | 1;
    mvc__cache_slot *s = &cache->slots[(hash >> 8) % MVC__CACHE_SLOTS];
    if (s->hash != hash) {
        if (!s->response) /* what is kept stays until it is seen less */
            s->hash = hash;
        else if (s->key_size > 0 && (hash & 0xF00000) == 0)
            *slot = s; /* now and then another one takes its place */
        return NULL;
    }
    if (!s->response)
        *slot = s;
    else if (s->key_size == key->size &&
             memcmp(s->key, key->data, key->size) == 0)
        return s->response;
    return NULL;
}

void *mvc__cache_keep(mvc__cache *cache, mvc__cache_slot *slot, void *response)
{
    char *key = malloc(cache->scratch.size);
    if (!key)
        return response; /* not kept: the caller's to free */
    void *old = slot->response;
    memcpy(key, cache->scratch.data, cache->scratch.size);
    free(slot->key);
    slot->key = key;
    slot->key_size = cache->scratch.size;
    slot->hash = mvc__hash(key, slot->key_size, 3) | 1;
    slot->response = response;
    return old;
}
