/* escape.c - escaping long texts, with the widest registers there are. */
#include "ejs/runtime/escape.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define WITH_AVX2 1
#include <immintrin.h>
#endif

static char *escape_plainly(char *out, const char *at, size_t size, bool ascii)
{
    return ejs__escape_as(out, at, size, ascii);
}

#ifdef WITH_AVX2
enum { WIDE = 32 };

/* As ejs__escape_marked; all of the block counts. */
__attribute__((target("avx2"))) static char *
escape_marked(char *out, const char *at, uint32_t mask)
{
    size_t done = 0;
    do {
        const size_t n = (size_t)__builtin_ctz(mask);
        _mm256_storeu_si256(
            (__m256i *)(void *)out,
            _mm256_loadu_si256((const __m256i *)(const void *)(at + done)));
        out = ejs__put_entity(out + (n - done), (unsigned char)at[n]);
        done = n + 1;
        mask &= mask - 1;
    } while (mask);
    _mm256_storeu_si256(
        (__m256i *)(void *)out,
        _mm256_loadu_si256((const __m256i *)(const void *)(at + done)));
    return out + (WIDE - done);
}

/* The five special characters differ in their low half: a byte is special when
 * it is what the table has for its own. */
__attribute__((target("avx2"))) static char *
escape_avx2(char *out, const char *at, size_t size, bool ascii)
{
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        1, 0, '"', 0, 0, 0, '&', '\'', 0, 0, 0, 0, '<', 0, '>', 0));
    uint32_t wide = 0;
    for (; size >= WIDE; size -= WIDE, at += WIDE) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)at);
        const uint32_t special = (uint32_t)_mm256_movemask_epi8(
            _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, x), x));
        wide |= (uint32_t)_mm256_movemask_epi8(x);
        _mm256_storeu_si256((__m256i *)(void *)out, x);
        if (EJS_LIKELY(!special)) {
            out += WIDE;
            continue;
        }
        char copy[2 * WIDE];
        const char *from = at;
        if (size < sizeof copy) {
            memcpy(copy, at, WIDE);
            memset(copy + WIDE, 0, WIDE);
            from = copy;
        }
        out = escape_marked(out, from, special);
    }
    if (ascii && EJS_UNLIKELY(wide))
        return NULL;
    return ejs__escape_as(out, at, size, ascii);
}
#endif

ejs__escape_fn *ejs__escape_long = escape_plainly;

void ejs__escape_prepare(void)
{
#ifdef WITH_AVX2
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        ejs__escape_long = escape_avx2;
#endif
}
