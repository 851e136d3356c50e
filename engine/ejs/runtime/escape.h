/*
 * escape.h - text and small numbers onto the page, for the few places that all
 * output goes through.
 */
#ifndef EJS_RUNTIME_ESCAPE_H
#define EJS_RUNTIME_ESCAPE_H

#include <ejs/runtime.h>

#include "base/sanitize.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum {
    EJS_MOST_ENTITY = 5,  /* bytes of the longest entity */
    EJS_ESCAPE_ROOM = 64, /* what may be written past the end of the result */
};

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

/* Writes 8 bytes; what counts of them is where the result ends. */
static inline char *ejs__put_entity(char *out, unsigned char c)
{
    const ejs__entity *e = &ejs__entities[c];
    memcpy(out, e, sizeof *e);
    return out + e->size;
}

static inline char *ejs__escape_bytes(char *out, const char *at, size_t size)
{
    for (const char *end = at + size; at < end; at++) {
        if (ejs__is_special((unsigned char)*at))
            out = ejs__put_entity(out, (unsigned char)*at);
        else
            *out++ = *at;
    }
    return out;
}

enum { EJS_BLOCK = 16 };

#if defined(__SSE2__)
#define EJS_HAS_BLOCKS 1
typedef __m128i ejs__block;

static inline ejs__block ejs__block_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}
static inline void ejs__block_store(char *out, ejs__block x)
{
    _mm_storeu_si128((__m128i *)(void *)out, x);
}
/* A bit for each byte that has to be escaped. */
static inline uint32_t ejs__block_special(ejs__block x)
{
    const __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
    const __m128i amp = /* & and ' differ in the last bit */
        _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(1)), _mm_set1_epi8('\''));
    const __m128i angle = /* < and > differ in the one before */
        _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    return (uint32_t)_mm_movemask_epi8(
        _mm_or_si128(quote, _mm_or_si128(amp, angle)));
}
/* A bit for each byte that is not ASCII. */
static inline uint32_t ejs__block_wide(ejs__block x)
{
    return (uint32_t)_mm_movemask_epi8(x);
}

#elif defined(__aarch64__)
#define EJS_HAS_BLOCKS 1
typedef uint8x16_t ejs__block;

static inline ejs__block ejs__block_load(const char *at)
{
    return vld1q_u8((const uint8_t *)at);
}
static inline void ejs__block_store(char *out, ejs__block x)
{
    vst1q_u8((uint8_t *)out, x);
}
/* A bit for each byte that is all ones. */
static inline uint32_t ejs__block_bits(uint8x16_t x)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                     1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t marked = vandq_u8(x, vld1q_u8(bits));
    return vaddv_u8(vget_low_u8(marked)) |
           (uint32_t)vaddv_u8(vget_high_u8(marked)) << 8;
}
static inline uint32_t ejs__block_special(ejs__block x)
{
    const uint8x16_t quote = vceqq_u8(x, vdupq_n_u8('"'));
    const uint8x16_t amp =
        vceqq_u8(vorrq_u8(x, vdupq_n_u8(1)), vdupq_n_u8('\''));
    const uint8x16_t angle =
        vceqq_u8(vorrq_u8(x, vdupq_n_u8(2)), vdupq_n_u8('>'));
    return ejs__block_bits(vorrq_u8(quote, vorrq_u8(amp, angle)));
}
static inline uint32_t ejs__block_wide(ejs__block x)
{
    return ejs__block_bits(vcgeq_u8(x, vdupq_n_u8(128)));
}
#endif

#ifdef EJS_HAS_BLOCKS
/* May sixteen bytes be read from here?  They lie on one page. */
static inline bool ejs__block_readable(const char *at)
{
    return BASE_MAY_READ_PAST && ((uintptr_t)at & 4095) <= 4096 - EJS_BLOCK;
}

/* The block at `at`, of which `size` bytes count, with `mask` of its special
 * ones: between two of them all is copied by whole blocks.  `at` has room for a
 * block behind each byte that counts. */
static inline char *ejs__escape_marked(char *out, const char *at, size_t size,
                                       uint32_t mask)
{
    size_t done = 0;
    do {
        const size_t n = (size_t)__builtin_ctz(mask);
        ejs__block_store(out, ejs__block_load(at + done));
        out = ejs__put_entity(out + (n - done), (unsigned char)at[n]);
        done = n + 1;
        mask &= mask - 1;
    } while (mask);
    ejs__block_store(out, ejs__block_load(at + done));
    return out + (size - done);
}

/* The last bytes, fewer than a block and one more; NULL when they are to be
 * ASCII and are not. */
static inline char *ejs__escape_last(char *out, const char *at, size_t size,
                                     bool ascii)
{
    char copy[2 * EJS_BLOCK];
    const uint32_t counts = (1u << size) - 1;
    if (size == 0)
        return out;
    if (EJS_UNLIKELY(!ejs__block_readable(at)))
        at = memcpy(copy, at, size);
    const ejs__block x = ejs__block_load(at);
    const uint32_t special = ejs__block_special(x) & counts;
    if (ascii && EJS_UNLIKELY(ejs__block_wide(x) & counts))
        return NULL;
    ejs__block_store(out, x);
    if (EJS_LIKELY(!special))
        return out + size;
    ejs__block_store(copy, x);
    return ejs__escape_marked(out, copy, size, special);
}

static inline __attribute__((always_inline)) char *
ejs__escape_as(char *out, const char *at, size_t size, bool ascii)
{
    uint32_t wide = 0;
    for (; size > EJS_BLOCK; size -= EJS_BLOCK, at += EJS_BLOCK) {
        const ejs__block x = ejs__block_load(at);
        const uint32_t special = ejs__block_special(x);
        wide |= ejs__block_wide(x);
        ejs__block_store(out, x);
        if (EJS_LIKELY(!special)) {
            out += EJS_BLOCK;
            continue;
        }
        char copy[2 * EJS_BLOCK];
        const char *from = at;
        if (size < 2 * EJS_BLOCK) {
            ejs__block_store(copy, x);
            from = copy;
        }
        out = ejs__escape_marked(out, from, EJS_BLOCK, special);
    }
    if (ascii && EJS_UNLIKELY(wide))
        return NULL;
    return ejs__escape_last(out, at, size, ascii);
}
#else
static inline char *ejs__escape_as(char *out, const char *at, size_t size,
                                   bool ascii)
{
    unsigned char wide = 0;
    for (size_t i = 0; ascii && i < size; i++)
        wide |= (unsigned char)at[i];
    return wide & 0x80 ? NULL : ejs__escape_bytes(out, at, size);
}
#endif

/* Copies up to EJS_FEW bytes, writing as many; false when they have to be
 * escaped or are not all ASCII.  `text` is aligned as malloc does. */
enum { EJS_FEW = 16 };
static inline bool ejs__copy_few(char *out, const char *text, size_t size)
{
#ifdef EJS_HAS_BLOCKS
    if (!BASE_MAY_READ_PAST || ((uintptr_t)text & 15))
        return false;
    const ejs__block x = ejs__block_load(text);
    const uint32_t counts = (1u << size) - 1;
    ejs__block_store(out, x);
    return !((ejs__block_special(x) | ejs__block_wide(x)) & counts);
#else
    (void)out, (void)text, (void)size;
    return false;
#endif
}

/* As ejs__escape_as, for EJS_LONG bytes or more; chosen by what the machine can
 * do before the first context is made. */
typedef char *ejs__escape_fn(char *out, const char *at, size_t size,
                             bool ascii);
extern ejs__escape_fn *ejs__escape_long;
void ejs__escape_prepare(void);
enum { EJS_LONG = 32 };

/* Escapes for HTML; returns the result's end.  `out` has room for
 * EJS_MOST_ENTITY bytes a byte and EJS_ESCAPE_ROOM more. */
static inline char *ejs__escape(char *out, const char *text, size_t size)
{
    return size < EJS_LONG ? ejs__escape_as(out, text, size, false)
                           : ejs__escape_long(out, text, size, false);
}

/* The same; NULL when the text is not ASCII. */
static inline char *ejs__escape_ascii(char *out, const char *text, size_t size)
{
    return size < EJS_LONG ? ejs__escape_as(out, text, size, true)
                           : ejs__escape_long(out, text, size, true);
}

#endif
