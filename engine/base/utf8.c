/* utf8.c - decodes, checks, counts and converts UTF-8 with lone surrogates. */
#include "base/utf8.h"

#include <string.h>

/* The top bit of each of 8 bytes, set in those that are not ASCII. */
#define HIGH_BITS 0x8080808080808080u

static uint64_t load8(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

static bool is_tail(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

static bool is_high(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low(uint32_t code)
{
    return code >= 0xDC00 && code <= 0xDFFF;
}

/*
 * How many bytes a sequence with this lead has, 0 when it is no lead, and
 * the range its second byte must lie in: that range is what keeps overlong
 * forms and code points above 10FFFF out.
 */
static size_t sequence(unsigned char lead, unsigned char *low,
                       unsigned char *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

size_t base_utf8_decode(const char *data, size_t size, uint32_t *code)
{
    if (size == 0)
        return 0;
    const unsigned char *byte = (const unsigned char *)data;
    unsigned char low, high;
    const size_t n = sequence(byte[0], &low, &high);
    if (n == 1)
        *code = byte[0];
    if (n <= 1)
        return n;
    if (size < n || byte[1] < low || byte[1] > high)
        return 0;
    uint32_t value = byte[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (!is_tail(byte[i]))
            return 0;
        value = value << 6 | (byte[i] & 0x3F);
    }
    *code = value;
    return n;
}

size_t base_utf8_decode_last(const char *data, size_t size, uint32_t *code)
{
    for (size_t n = 1; n <= 4 && n <= size; n++) {
        if (is_tail((unsigned char)data[size - n]))
            continue;
        return base_utf8_decode(data + size - n, n, code) == n ? n : 0;
    }
    return 0;
}

size_t base_utf8_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

size_t base_utf8_ascii_prefix(const char *data, size_t size)
{
    size_t i = 0;
    for (; size - i >= 16; i += 16)
        if ((load8(data + i) | load8(data + i + 8)) & HIGH_BITS)
            break;
    while (i < size && !(data[i] & 0x80))
        i++;
    return i;
}

bool base_utf8_is_ascii(const char *data, size_t size)
{
    uint64_t any = 0;
    size_t i = 0;
    if (size < 16)
        return base_utf8_ascii_prefix(data, size) == size;
    for (; size - i >= 32 && !(any & HIGH_BITS); i += 32)
        any |= load8(data + i) | load8(data + i + 8) | load8(data + i + 16) |
               load8(data + i + 24);
    if (size - i >= 16)
        any |= load8(data + i) | load8(data + i + 8);
    any |= load8(data + size - 16) | load8(data + size - 8);
    return (any & HIGH_BITS) == 0;
}

bool base_utf8_valid(const char *data, size_t size, bool surrogates)
{
    for (size_t i = 0;;) {
        i += base_utf8_ascii_prefix(data + i, size - i);
        if (i == size)
            return true;
        uint32_t code;
        const size_t n = base_utf8_decode(data + i, size - i, &code);
        if (n == 0 || (!surrogates && (is_high(code) || is_low(code))))
            return false;
        i += n;
    }
}

bool base_utf8_has_surrogates(const char *text, size_t size)
{
    const char *end = text + size;
    while ((text = memchr(text, '\xED', (size_t)(end - text)))) {
        if (end - text >= 3 && (unsigned char)text[1] >= 0xA0)
            return true;
        text++;
    }
    return false;
}

/* The bytes at the start that one U+FFFD replaces: the longest prefix of a
 * good sequence, or one byte. */
static size_t malformed(const char *data, size_t size)
{
    const unsigned char *byte = (const unsigned char *)data;
    unsigned char low, high;
    const size_t n = sequence(byte[0], &low, &high);
    if (byte[0] == 0xED) /* half a surrogate begins no good sequence */
        high = 0x9F;
    if (n < 2 || size < 2 || byte[1] < low || byte[1] > high)
        return 1;
    size_t i = 2;
    while (i < n && i < size && is_tail(byte[i]))
        i++;
    return i;
}

void base_utf8_repair(base_buf *out, const char *data, size_t size)
{
    size_t good = 0; /* where the bytes begin that are not yet copied */
    for (size_t i = 0;;) {
        i += base_utf8_ascii_prefix(data + i, size - i);
        uint32_t code;
        size_t n = base_utf8_decode(data + i, size - i, &code);
        if (n && !is_high(code) && !is_low(code)) {
            i += n;
            continue;
        }
        base_buf_put(out, data + good, i - good);
        if (i == size)
            return;
        base_buf_puts(out, "\xEF\xBF\xBD");
        i += n ? n : malformed(data + i, size - i);
        good = i;
    }
}

/* Units of 8 bytes: one a lead byte, one more where the lead is F0 to F4. */
static size_t units8(uint64_t word)
{
    const uint64_t b7 = word >> 7, b6 = word >> 6, b5 = word >> 5,
                   b4 = word >> 4, ones = 0x0101010101010101u;
    const uint64_t tails = b7 & ~b6 & ones;
    const uint64_t fours = b7 & b6 & b5 & b4 & ones;
    /* Each byte of the sum is at most 2, so the product cannot carry. */
    return ((ones - tails + fours) * ones) >> 56;
}

size_t base_utf16_length(const char *text, size_t size)
{
    size_t i = 0, units = 0;
    for (; size - i >= 8; i += 8) {
        const uint64_t word = load8(text + i);
        units += word & HIGH_BITS ? units8(word) : 8;
    }
    for (; i < size; i++)
        units +=
            !is_tail((unsigned char)text[i]) + ((unsigned char)text[i] >= 0xF0);
    return units;
}

size_t base_utf16_offset(const char *text, size_t size, size_t unit,
                         bool *inside)
{
    size_t i = 0;
    *inside = false;
    for (; size - i >= 8; i += 8) {
        const uint64_t word = load8(text + i);
        const size_t units = word & HIGH_BITS ? units8(word) : 8;
        if (units > unit)
            break;
        unit -= units;
    }
    /* The eight bytes may have ended inside a sequence. */
    while (i < size && is_tail((unsigned char)text[i]))
        i++;
    while (i < size && unit > 0) {
        const bool pair = (unsigned char)text[i] >= 0xF0;
        if (pair && unit == 1) {
            *inside = true;
            return i;
        }
        unit -= pair ? 2 : 1;
        i++;
        while (i < size && is_tail((unsigned char)text[i]))
            i++;
    }
    return i;
}

size_t base_utf16_from_utf8(const char *text, size_t size, uint16_t *out)
{
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        uint32_t code = BASE_UTF8_REPLACEMENT;
        const size_t n = base_utf8_decode(text + i, size - i, &code);
        i += n ? n : 1;
        if (code >= 0x10000) {
            out[length++] = (uint16_t)(0xD7C0 + (code >> 10));
            code = 0xDC00 | (code & 0x3FF);
        }
        out[length++] = (uint16_t)code;
    }
    return length;
}

size_t base_utf8_from_utf16(const uint16_t *units, size_t length, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        uint32_t code = units[i];
        if (is_high(code) && i + 1 < length && is_low(units[i + 1]))
            code = 0x10000 + ((code & 0x3FF) << 10) + (units[++i] & 0x3FF);
        char bytes[4];
        const size_t n = base_utf8_encode(code, bytes);
        memcpy(out + size, bytes, n);
        size += n;
    }
    return size;
}

/*
 * The order of UTF-16 differs from that of bytes only where a pair (lead F0 to
 * F4) meets U+E000..U+FFFF (EE, EF): pairs begin with D800, so they are less.
 */
static int rank(unsigned char byte)
{
    return byte >= 0xF0 ? 0xED : byte == 0xEE || byte == 0xEF ? byte + 2 : byte;
}

int base_utf16_compare(const char *a, size_t a_size, const char *b,
                       size_t b_size)
{
    const size_t common = a_size < b_size ? a_size : b_size;
    size_t i = 0;
    while (common - i >= 8 && load8(a + i) == load8(b + i))
        i += 8;
    while (i < common && a[i] == b[i])
        i++;
    if (i == common)
        return (a_size > b_size) - (a_size < b_size);
    const unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
    /* A lone surrogate (ED A0..) against a pair: compare the units. */
    uint32_t code_x, code_y;
    if ((x >= 0xED && y >= 0xED) &&
        base_utf8_decode(a + i, a_size - i, &code_x) &&
        base_utf8_decode(b + i, b_size - i, &code_y)) {
        const uint32_t unit_x =
            code_x >= 0x10000 ? 0xD7C0 + (code_x >> 10) : code_x;
        const uint32_t unit_y =
            code_y >= 0x10000 ? 0xD7C0 + (code_y >> 10) : code_y;
        if (unit_x != unit_y)
            return unit_x < unit_y ? -1 : 1;
        /* A pair and its lone first half: what follows the half decides. */
        if ((code_x >= 0x10000) != (code_y >= 0x10000)) {
            const bool x_is_pair = code_x >= 0x10000;
            const uint32_t second =
                0xDC00 | ((x_is_pair ? code_x : code_y) & 0x3FF);
            const char *rest = (x_is_pair ? b : a) + i + 3;
            const size_t left = (x_is_pair ? b_size : a_size) - i - 3;
            uint32_t next = 0;
            if (base_utf8_decode(rest, left, &next) && next >= 0x10000)
                next = 0xD7C0 + (next >> 10);
            const bool pair_is_less = left > 0 && second < next;
            return pair_is_less == x_is_pair ? -1 : 1;
        }
    }
    return rank(x) < rank(y) ? -1 : 1;
}

bool base_utf8_joins(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size < 3 || b_size < 3 || a[a_size - 3] != '\xED' || b[0] != '\xED')
        return false;
    const unsigned char high = (unsigned char)a[a_size - 2];
    const unsigned char low = (unsigned char)b[1];
    return high >= 0xA0 && high <= 0xAF && low >= 0xB0;
}

bool base_utf8_is_space(uint32_t code)
{
    if (code <= 0x20)
        return code == ' ' || (code >= '\t' && code <= '\r');
    if (code < 0xA0)
        return false;
    return code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F ||
           code == 0x3000 || code == 0xFEFF;
}
