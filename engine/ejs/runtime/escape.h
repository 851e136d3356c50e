/*
 * escape.h - text and small numbers onto the page, for the few places that all
 * output goes through.
 */
#ifndef EJS_RUNTIME_ESCAPE_H
#define EJS_RUNTIME_ESCAPE_H

#include <ejs/runtime.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { EJS_MOST_ENTITY = 5 }; /* bytes of the longest entity */

/* 0 .. 999 as three digits, and how many of them count. */
typedef struct ejs__small {
    char text[3];
    uint8_t size;
} ejs__small;
extern const ejs__small ejs__smalls[1000];

/* The numbers that pages are full of: below EJS_SMALL.  `out` has room for
 * EJS_SMALL_ROOM bytes. */
enum { EJS_SMALL = 1000000, EJS_SMALL_ROOM = 8 };

static inline size_t ejs__put_small(char *out, uint32_t n)
{
    const char *const digits = (const char *)ejs__smalls;
    const uint32_t high = n / 1000, low = n % 1000;
    const uint32_t first = high ? high : n;
    const size_t size = ejs__smalls[first].size;
    memcpy(out, digits + 4 * first + (3 - size), 4);
    if (!high)
        return size;
    memcpy(out + size, digits + 4 * low, 4);
    return size + 3;
}

typedef struct ejs__entity {
    char text[7];
    uint8_t size;
} ejs__entity;
extern const ejs__entity ejs__entities[64];

static inline bool ejs__is_special(unsigned char c)
{
    return c < 64 && ejs__entities[c].size;
}

static inline char *ejs__put_entity(char *out, unsigned char c)
{
    memcpy(out, ejs__entities[c].text, 5);
    return out + ejs__entities[c].size;
}

static inline char *ejs__escape_bytes(char *out, const char *at,
                                      const char *end)
{
    for (; at < end; at++) {
        if (ejs__is_special((unsigned char)*at))
            out = ejs__put_entity(out, (unsigned char)*at);
        else
            *out++ = *at;
    }
    return out;
}

#if defined(__SSE2__)
/* A bit for each byte of the sixteen that has to be escaped. */
static inline unsigned ejs__special_mask(__m128i x)
{
    const __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
    const __m128i amp = /* & and ' differ in the last bit */
        _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(1)), _mm_set1_epi8('\''));
    const __m128i angle = /* < and > differ in the one before */
        _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(quote, _mm_or_si128(amp, angle)));
}

/* Copies sixteen bytes, then looks where the first special one was.  Writes up
 * to 16 bytes past the result's end. */
static inline char *ejs__escape_wide(char *out, const char **from,
                                     const char *end)
{
    const char *at = *from;
    while (end - at >= 16) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned mask = ejs__special_mask(x);
        _mm_storeu_si128((__m128i *)(void *)out, x);
        if (EJS_LIKELY(mask == 0)) {
            at += 16;
            out += 16;
            continue;
        }
        const unsigned n = (unsigned)__builtin_ctz(mask);
        out = ejs__put_entity(out + n, (unsigned char)at[n]);
        at += n + 1;
    }
    *from = at;
    return out;
}

/* Copies 4 .. 15 bytes by two overlapping words; true when none is special. */
static inline bool ejs__copy_clean_few(char *out, const char *at, size_t size)
{
    uint64_t words[2];
    if (size >= 8) {
        memcpy(&words[0], at, 8);
        memcpy(&words[1], at + size - 8, 8);
        memcpy(out, &words[0], 8);
        memcpy(out + size - 8, &words[1], 8);
    } else {
        uint32_t first, last;
        memcpy(&first, at, 4);
        memcpy(&last, at + size - 4, 4);
        memcpy(out, &first, 4);
        memcpy(out + size - 4, &last, 4);
        words[0] = words[1] = (uint64_t)first << 32 | last;
    }
    const __m128i x = _mm_set_epi64x((long long)words[1], (long long)words[0]);
    return ejs__special_mask(x) == 0;
}
#else
static inline char *ejs__escape_wide(char *out, const char **from,
                                     const char *end)
{
    (void)from;
    (void)end;
    return out;
}

static inline bool ejs__copy_clean_few(char *out, const char *at, size_t size)
{
    (void)out;
    (void)at;
    (void)size;
    return false;
}
#endif

/* `out` has room for EJS_MOST_ENTITY bytes a byte and 16 more. */
static inline char *ejs__escape(char *out, const char *text, size_t size)
{
    const char *at = text, *end = text + size;
    if (size >= 16)
        out = ejs__escape_wide(out, &at, end);
    const size_t rest = (size_t)(end - at);
    if (rest >= 4 && rest < 16 && ejs__copy_clean_few(out, at, rest))
        return out + rest;
    return ejs__escape_bytes(out, at, end);
}

#endif
