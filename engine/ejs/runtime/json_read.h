/*
 * json_read.h - what json_parse.c reads JSON text with: its scanning, sixteen
 * bytes at a time where the processor can, and its complaints.
 *
 * Positions are plain pointers that functions take and return, so that they
 * stay in registers; NULL means it has thrown.
 */
#ifndef EJS_RUNTIME_JSON_READ_H
#define EJS_RUNTIME_JSON_READ_H

#include "ejs/runtime/object.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef struct ejs__json_text {
    ejs_context *ctx;
    const char *start, *end;
} ejs__json_text;

/* complaints in V8's words (json_error.c); all return NULL ------------------ */

/* "MESSAGE in JSON at position N" */
const char *ejs__json_fail(const ejs__json_text *text, const char *at,
                           const char *message);
const char *ejs__json_fail_at_end(const ejs__json_text *text);
/* Something that no value begins with. */
const char *ejs__json_fail_at_token(const ejs__json_text *text, const char *at);
/* Something after the value. */
const char *ejs__json_fail_after(const ejs__json_text *text, const char *at);

/* scanning ------------------------------------------------------------------ */

static inline const char *ejs__json_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* What ends a run of plain text inside a string. */
static inline bool ejs__json_stops(unsigned char c)
{
    return c == '"' || c == '\\' || c < 0x20;
}

/* One by one; *wide becomes non-zero when some are not ASCII. */
static inline const char *ejs__json_plain_bytes(const char *at, const char *end,
                                                unsigned *wide)
{
    for (; at < end && !ejs__json_stops((unsigned char)*at); at++)
        *wide |= (unsigned char)*at & 0x80;
    return at;
}

#if defined(__SSE2__)

/* From `at` to the quote, backslash or control character; the end if none. */
static inline const char *ejs__json_plain(const char *at, const char *end,
                                          unsigned *wide)
{
    for (; end - at >= 16; at += 16) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
        const __m128i control =
            _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);
        const __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
        const __m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
        const unsigned stops = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(control, _mm_or_si128(quote, slash)));
        const unsigned high = (unsigned)_mm_movemask_epi8(x);
        if (stops) { /* x & (x ^ x - 1): the bits below the lowest */
            *wide |= high & (stops ^ (stops - 1));
            return at + __builtin_ctz(stops);
        }
        *wide |= high;
    }
    return ejs__json_plain_bytes(at, end, wide);
}

#else

static inline uint64_t ejs__json_each(unsigned char byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

/* Non-zero when one of eight bytes ends plain text or is not ASCII. */
static inline uint64_t ejs__json_interesting(uint64_t bytes)
{
    const uint64_t quote = bytes ^ ejs__json_each('"');
    const uint64_t slash = bytes ^ ejs__json_each('\\');
    return ((bytes - ejs__json_each(0x20)) | (quote - ejs__json_each(1)) |
            (slash - ejs__json_each(1)) | bytes) &
           ejs__json_each(0x80);
}

static inline const char *ejs__json_plain(const char *at, const char *end,
                                          unsigned *wide)
{
    while (end - at >= 8) {
        uint64_t bytes;
        memcpy(&bytes, at, 8);
        if (!ejs__json_interesting(bytes)) {
            at += 8;
            continue;
        }
        const char *stop = ejs__json_plain_bytes(at, at + 8, wide);
        if (stop < at + 8)
            return stop;
        at = stop;
    }
    return ejs__json_plain_bytes(at, end, wide);
}

#endif

/* memcmp() == 0 for what is usually a few bytes. */
static inline bool ejs__json_same(const char *a, const char *b, size_t size)
{
    uint64_t x, y, p, q;
    if (size >= 8) {
        if (size > 16)
            return memcmp(a, b, size) == 0;
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(&p, a + size - 8, 8);
        memcpy(&q, b + size - 8, 8);
        return x == y && p == q;
    }
    if (size >= 4) {
        uint32_t s, t, v, w;
        memcpy(&s, a, 4);
        memcpy(&t, b, 4);
        memcpy(&v, a + size - 4, 4);
        memcpy(&w, b + size - 4, 4);
        return s == t && v == w;
    }
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

#endif
