/*
 * hand.h - what a C programmer writes without a template engine: the measure.
 *
 * hand_pages.inc is compiled twice: over json-c, with a slot cache for keys,
 * and over plain structs, which is the limit.  Both escape 16 bytes at a time.
 */
#ifndef BENCH_HAND_H
#define BENCH_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct json_object;

typedef struct page {
    char *data;
    size_t size, capacity;
} page;

static inline void room(page *p, size_t more)
{
    if (p->capacity - p->size >= more)
        return;
    p->capacity = (p->size + more) * 2;
    p->data = realloc(p->data, p->capacity);
    if (!p->data)
        abort();
}

static inline void put(page *p, const char *text, size_t size)
{
    room(p, size);
    memcpy(p->data + p->size, text, size);
    p->size += size;
}

#define PUT(text) put(p, text, sizeof text - 1)

static inline const char *entity(char c, size_t *size)
{
    switch (c) {
    case '&':
        *size = 5;
        return "&amp;";
    case '<':
        *size = 4;
        return "&lt;";
    case '>':
        *size = 4;
        return "&gt;";
    case '"':
        *size = 5;
        return "&#34;";
    case '\'':
        *size = 5;
        return "&#39;";
    default:
        return NULL;
    }
}

/* The length of the run at `s` that needs no escaping. */
static inline size_t clean(const char *s, size_t n)
{
    size_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= n; i += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(s + i));
        __m128i hit = _mm_cmpeq_epi8(v, _mm_set1_epi8('&'));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('>')));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
        const int mask = _mm_movemask_epi8(hit);
        if (mask)
            return i + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    size_t size;
    while (i < n && !entity(s[i], &size))
        i++;
    return i;
}

static inline void put_escaped(page *p, const char *s, size_t n)
{
    for (;;) {
        const size_t run = clean(s, n);
        put(p, s, run);
        if (run == n)
            return;
        size_t size = 0;
        const char *e = entity(s[run], &size);
        put(p, e, size);
        s += run + 1;
        n -= run + 1;
    }
}

static inline void put_int(page *p, int64_t n)
{
    char digits[24];
    size_t i = sizeof digits;
    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[--i] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (n < 0)
        digits[--i] = '-';
    put(p, digits + i, sizeof digits - i);
}

typedef void hand_fn(page *p, void *data);
typedef struct hand_page {
    const char *name;
    hand_fn *over_json;                      /* data: the json-c tree */
    hand_fn *over_structs;                   /* data: what load gave */
    void *(*load)(struct json_object *tree); /* not timed */
} hand_page;

extern const hand_page hand_json_pages[], hand_struct_pages[];

#endif
