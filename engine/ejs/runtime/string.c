/*
 * Strings: slices of WTF-8 that count as UTF-16 at the surface.
 *
 * Concatenation grows in place: the context remembers a few strings that end
 * where free memory begins, so `s += x` in a loop copies each byte about twice
 * however long s gets.  Bytes that anybody can see never change, so older
 * slices of the same memory stay what they were.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/object.h"

/* making
 * ------------------------------------------------------------------------ */

ejs_value ejs__string_copy(ejs_context *ctx, const char *text, size_t size)
{
    if (size > EJS_MAX_STRING)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    char *copy = ejs__alloc(ctx, size);
    if (!copy)
        return ejs__thrown();
    if (size)
        memcpy(copy, text, size);
    return ejs__string(copy, (uint32_t)size,
                       base_utf8_is_ascii(text, size) ? EJS_STRING_ASCII
                                                      : EJS_STRING_WIDE);
}

ejs_value ejs__string_format(ejs_context *ctx, const char *format, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    ejs_value v = ejs__thrown();
    if (n >= 0 && (size_t)n < sizeof small) {
        v = ejs__string_copy(ctx, small, (size_t)n);
    } else if (n >= 0) {
        char *big = ejs__alloc(ctx, (size_t)n + 1);
        if (big) {
            vsnprintf(big, (size_t)n + 1, format, again);
            v = ejs__string(big, (uint32_t)n, 0);
        }
    }
    va_end(again);
    return v;
}

ejs_value ejs__string_from_units(ejs_context *ctx, const uint16_t *units,
                                 size_t count)
{
    if (count > EJS_MAX_STRING / 3)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    char *text = ejs__alloc(ctx, count * 3);
    if (!text)
        return ejs__thrown();
    const size_t size = base_utf8_from_utf16(units, count, text);
    return ejs__string(text, (uint32_t)size,
                       size == count ? EJS_STRING_ASCII : EJS_STRING_WIDE);
}

/* All the ASCII characters, so that one of them needs no memory. */
static const char ascii[128] = {
    0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,
    15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25,  26,  27,  28,  29,
    30,  31,  32,  33,  34,  35,  36,  37,  38,  39,  40,  41,  42,  43,  44,
    45,  46,  47,  48,  49,  50,  51,  52,  53,  54,  55,  56,  57,  58,  59,
    60,  61,  62,  63,  64,  65,  66,  67,  68,  69,  70,  71,  72,  73,  74,
    75,  76,  77,  78,  79,  80,  81,  82,  83,  84,  85,  86,  87,  88,  89,
    90,  91,  92,  93,  94,  95,  96,  97,  98,  99,  100, 101, 102, 103, 104,
    105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119,
    120, 121, 122, 123, 124, 125, 126, 127,
};

ejs_value ejs__string_from_code(ejs_context *ctx, uint32_t code)
{
    if (code < 128)
        return ejs__string(&ascii[code], 1, EJS_STRING_ASCII);
    char *text = ejs__alloc(ctx, 4);
    if (!text)
        return ejs__thrown();
    return ejs__string(text, (uint32_t)base_utf8_encode(code, text),
                       EJS_STRING_WIDE);
}

static const char two_digits[] =
    "00010203040506070809101112131415161718192021222324252627282930313233"
    "34353637383940414243444546474849505152535455565758596061626364656667"
    "6869707172737475767778798081828384858687888990919293949596979899";

ejs_value ejs__number_to_string(ejs_context *ctx, double n)
{
    if (n >= 0 && n < 100 && n == (int)n) {
        const int i = (int)n;
        return i < 10 ? ejs__string(&two_digits[2 * i + 1], 1, EJS_STRING_ASCII)
                      : ejs__string(&two_digits[2 * i], 2, EJS_STRING_ASCII);
    }
    char text[BASE_NUMBER_SIZE];
    const size_t size = base_number_format(n, text);
    char *copy = ejs__alloc(ctx, size);
    if (!copy)
        return ejs__thrown();
    memcpy(copy, text, size);
    return ejs__string(copy, (uint32_t)size, EJS_STRING_ASCII);
}

/* comparing
 * ------------------------------------------------------------------------ */

bool ejs__string_is_ascii(ejs_value *s)
{
    if (!(s->flags & (EJS_STRING_ASCII | EJS_STRING_WIDE)))
        s->flags |= base_utf8_is_ascii(s->as.text, s->size) ? EJS_STRING_ASCII
                                                            : EJS_STRING_WIDE;
    return s->flags & EJS_STRING_ASCII;
}

bool ejs__string_equal(ejs_value a, ejs_value b)
{
    return a.size == b.size && (a.as.text == b.as.text || a.size == 0 ||
                                memcmp(a.as.text, b.as.text, a.size) == 0);
}

bool ejs__string_is(ejs_value s, const char *text)
{
    const size_t size = strlen(text);
    return s.size == size && memcmp(s.as.text, text, size) == 0;
}

int ejs__string_compare(ejs_value a, ejs_value b)
{
    return base_utf16_compare(a.as.text, a.size, b.as.text, b.size);
}

/* by unit
 * ----------------------------------------------------------------------------
 */

static ejs__cursor *cursor_of(ejs_context *ctx, ejs_value s)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    for (int i = 0; i < EJS_N_CURSORS; i++) {
        ejs__cursor *c = &realm->cursors[i];
        if (c->text == s.as.text && c->size == s.size)
            return c;
    }
    ejs__cursor *c = &realm->cursors[realm->next_cursor++ % EJS_N_CURSORS];
    realm->has_hints = true;
    *c = (ejs__cursor){s.as.text, s.size, UINT32_MAX, 0, 0};
    return c;
}

uint32_t ejs__units(ejs_context *ctx, ejs_value s)
{
    if (s.flags & EJS_STRING_ASCII || s.size == 0)
        return s.size;
    ejs__cursor *c = cursor_of(ctx, s);
    if (c->units == UINT32_MAX)
        c->units = (uint32_t)base_utf16_length(s.as.text, s.size);
    return c->units;
}

static uint32_t units_of_lead(unsigned char lead)
{
    return lead >= 0xF0 ? 2 : 1;
}

static uint32_t bytes_of_lead(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static void cursor_back(ejs__cursor *c)
{
    do
        c->byte--;
    while (c->byte > 0 && ((unsigned char)c->text[c->byte] & 0xC0) == 0x80);
    c->unit -= units_of_lead((unsigned char)c->text[c->byte]);
}

/* Moves to the character that unit `unit` belongs to. */
static void cursor_seek(ejs__cursor *c, uint32_t unit)
{
    if (unit < c->unit / 2)
        c->unit = c->byte = 0;
    while (c->unit > unit)
        cursor_back(c);
    while (c->byte < c->size) {
        const unsigned char lead = (unsigned char)c->text[c->byte];
        if (c->unit + units_of_lead(lead) > unit)
            break;
        c->unit += units_of_lead(lead);
        c->byte += bytes_of_lead(lead);
    }
}

uint32_t ejs__byte_offset(ejs_context *ctx, ejs_value s, uint32_t unit,
                          bool *inside)
{
    *inside = false;
    if (s.flags & EJS_STRING_ASCII)
        return unit < s.size ? unit : s.size;
    ejs__cursor *c = cursor_of(ctx, s);
    cursor_seek(c, unit);
    *inside = c->unit < unit && c->byte < s.size;
    return c->byte;
}

uint32_t ejs__unit_offset(ejs_context *ctx, ejs_value s, uint32_t byte)
{
    if (s.flags & EJS_STRING_ASCII)
        return byte;
    ejs__cursor *c = cursor_of(ctx, s);
    if (byte < c->byte / 2)
        c->unit = c->byte = 0;
    while (c->byte > byte)
        cursor_back(c);
    while (c->byte < byte) {
        const unsigned char lead = (unsigned char)c->text[c->byte];
        c->unit += units_of_lead(lead);
        c->byte += bytes_of_lead(lead);
    }
    return c->unit;
}

int32_t ejs__unit_at(ejs_context *ctx, ejs_value s, uint32_t i)
{
    if (s.flags & EJS_STRING_ASCII)
        return i < s.size ? (unsigned char)s.as.text[i] : -1;
    bool inside;
    uint32_t code;
    const uint32_t byte = ejs__byte_offset(ctx, s, i, &inside);
    if (byte >= s.size ||
        !base_utf8_decode(s.as.text + byte, s.size - byte, &code))
        return -1;
    if (code < 0x10000)
        return (int32_t)code;
    return (int32_t)(inside ? 0xDC00 + ((code - 0x10000) & 0x3FF)
                            : 0xD800 + ((code - 0x10000) >> 10));
}

/* A slice whose ends cut pairs in half. */
static ejs_value split_substring(ejs_context *ctx, ejs_value s, uint32_t from,
                                 uint32_t to)
{
    ejs__builder b = ejs__builder_new(ctx);
    bool from_inside, to_inside;
    uint32_t start = ejs__byte_offset(ctx, s, from, &from_inside);
    if (from_inside) {
        ejs__builder_put_code(&b, (uint32_t)ejs__unit_at(ctx, s, from));
        start += 4;
    }
    const uint32_t end = ejs__byte_offset(ctx, s, to, &to_inside);
    if (end > start)
        ejs__builder_put(&b, s.as.text + start, end - start);
    if (to_inside && to - 1 > from)
        ejs__builder_put_code(&b, (uint32_t)ejs__unit_at(ctx, s, to - 1));
    else if (to_inside && !from_inside)
        ejs__builder_put_code(&b, (uint32_t)ejs__unit_at(ctx, s, to - 1));
    return ejs__builder_take(&b);
}

ejs_value ejs__substring(ejs_context *ctx, ejs_value s, uint32_t from,
                         uint32_t to)
{
    if (from >= to)
        return EJS_LITERAL("");
    if (s.flags & EJS_STRING_ASCII) {
        if (to > s.size)
            to = s.size;
        return from >= to
                   ? EJS_LITERAL("")
                   : ejs__string(s.as.text + from, to - from, EJS_STRING_ASCII);
    }
    bool from_inside, to_inside;
    const uint32_t start = ejs__byte_offset(ctx, s, from, &from_inside);
    const uint32_t end = ejs__byte_offset(ctx, s, to, &to_inside);
    if (from_inside || to_inside)
        return split_substring(ctx, s, from, to);
    return ejs__string(s.as.text + start, end - start, 0);
}

/* joining
 * ------------------------------------------------------------------------------
 */

static ejs__growable *growable_at(ejs_context *ctx, const char *end)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    for (int i = 0; i < EJS_N_GROWABLE; i++)
        if (realm->growable[i].end == end)
            return &realm->growable[i];
    return NULL;
}

/* Makes `size` more bytes free after g->end if that needs no copying. */
static bool grow_in_place(ejs_context *ctx, ejs__growable *g, size_t size)
{
    if ((size_t)(g->limit - g->end) >= size)
        return true;
    if (g->limit != ctx->arena_cursor)
        return false;
    const size_t more = (size - (size_t)(g->limit - g->end) + 15) & ~(size_t)15;
    if ((size_t)(ctx->arena_limit - ctx->arena_cursor) < more)
        return false;
    ctx->arena_cursor += more;
    g->limit += more;
    return true;
}

/* Room for a string of `total` bytes, of which the caller fills all but may
 * leave `spare` more for later; remembers its end. */
static char *new_growable(ejs_context *ctx, ejs__growable *g, size_t total,
                          size_t spare)
{
    const size_t capacity = (total + spare + 15) & ~(size_t)15;
    char *text = ejs__alloc(ctx, capacity);
    if (!text)
        return NULL;
    if (!g) {
        ejs__realm *realm = ejs__realm_of(ctx);
        realm->has_hints = true;
        g = &realm->growable[realm->next_growable++ % EJS_N_GROWABLE];
    }
    g->end = text + total;
    g->limit = text + capacity;
    return text;
}

static ejs_value join_halves(ejs_context *ctx, ejs_value a, ejs_value b)
{
    ejs__builder builder = ejs__builder_new(ctx);
    ejs__builder_reserve(&builder, (size_t)a.size + b.size);
    ejs__builder_put_string(&builder, a);
    ejs__builder_put_string(&builder, b);
    return ejs__builder_take(&builder);
}

static uint8_t joined_flags(ejs_value a, ejs_value b)
{
    return (uint8_t)((a.flags & b.flags & EJS_STRING_ASCII) |
                     ((a.flags | b.flags) & EJS_STRING_WIDE));
}

static ejs_value concat_two(ejs_context *ctx, ejs_value a, ejs_value b)
{
    if (a.size == 0)
        return b;
    if (b.size == 0)
        return a;
    const size_t total = (size_t)a.size + b.size;
    if (total > EJS_MAX_STRING)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    const uint8_t flags = joined_flags(a, b);
    if (!((a.flags | b.flags) & EJS_STRING_ASCII) &&
        base_utf8_joins(a.as.text, a.size, b.as.text, b.size))
        return join_halves(ctx, a, b);

    ejs__growable *g = growable_at(ctx, a.as.text + a.size);
    if (g && grow_in_place(ctx, g, b.size)) {
        memcpy(g->end, b.as.text, b.size);
        g->end += b.size;
        return ejs__string(a.as.text, (uint32_t)total, flags);
    }
    char *text = new_growable(ctx, g, total, g ? total : 0);
    if (!text)
        return ejs__thrown();
    memcpy(text, a.as.text, a.size);
    memcpy(text + a.size, b.as.text, b.size);
    return ejs__string(text, (uint32_t)total, flags);
}

enum { FEW = 32 };

/* Two short ASCII strings: not worth the room to grow. */
static ejs_value concat_few(ejs_context *ctx, ejs_value a, ejs_value b)
{
    char *text = ejs__alloc(ctx, FEW);
    if (!text)
        return ejs__thrown();
    if (a.size)
        memcpy(text, a.as.text, a.size);
    if (b.size)
        memcpy(text + a.size, b.as.text, b.size);
    return ejs__string(text, a.size + b.size, EJS_STRING_ASCII);
}

static ejs_value concat_strings(ejs_context *ctx, const ejs_value *parts,
                                uint32_t n)
{
    ejs_value v = parts[0];
    if (n == 2 && parts[0].flags & parts[1].flags & EJS_STRING_ASCII &&
        (size_t)parts[0].size + parts[1].size <= FEW)
        return concat_few(ctx, parts[0], parts[1]);
    size_t total = 0;
    bool halves = false;
    uint8_t ascii_flag = EJS_STRING_ASCII, wide = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += parts[i].size;
        ascii_flag &= parts[i].flags;
        wide |= parts[i].flags & EJS_STRING_WIDE;
        halves |=
            parts[i].size >= 3 && (unsigned char)parts[i].as.text[0] == 0xED;
    }
    if (n == 2 || halves) {
        for (uint32_t i = 1; i < n && !ejs__is_thrown(v); i++)
            v = concat_two(ctx, v, parts[i]);
        return v;
    }
    if (total > EJS_MAX_STRING)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    ejs__growable *g = v.size ? growable_at(ctx, v.as.text + v.size) : NULL;
    const char *text = v.as.text;
    char *at;
    uint32_t i = 0;
    if (g && grow_in_place(ctx, g, total - v.size)) {
        at = g->end;
        g->end += total - v.size;
        i = 1;
    } else if (!(text = at = new_growable(ctx, g, total, g ? total : 0))) {
        return ejs__thrown();
    }
    for (; i < n; i++) {
        if (parts[i].size)
            memcpy(at, parts[i].as.text, parts[i].size);
        at += parts[i].size;
    }
    return ejs__string(text, (uint32_t)total, ascii_flag | wide);
}

ejs_value ejs__concat(ejs_context *ctx, const ejs_value *parts, uint32_t n)
{
    ejs_value few[12], *strings = few;
    if (n == 0)
        return EJS_LITERAL("");
    if (n > 12 && !(strings = ejs__alloc(ctx, n * sizeof *strings)))
        return ejs__thrown();
    for (uint32_t i = 0; i < n; i++) {
        strings[i] = ejs__to_string(ctx, parts[i]);
        if (ejs__is_thrown(strings[i]))
            return strings[i];
    }
    return concat_strings(ctx, strings, n);
}

/* builder
 * --------------------------------------------------------------------------------
 */

bool ejs__builder_reserve(ejs__builder *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->capacity - b->size >= more)
        return true;
    if (b->size + more > EJS_MAX_STRING) {
        ejs__throw_error(b->ctx, EJS_RANGE_ERROR, "Invalid string length");
        b->failed = true;
        return false;
    }
    size_t capacity = b->capacity ? b->capacity * 2 : 64;
    if (capacity < b->size + more)
        capacity = b->size + more;
    capacity = (capacity + 15) & ~(size_t)15;
    char *data = ejs__alloc(b->ctx, capacity);
    if (!data) {
        b->failed = true;
        return false;
    }
    if (b->size)
        memcpy(data, b->data, b->size);
    b->data = data;
    b->capacity = capacity;
    return true;
}

void ejs__builder_put(ejs__builder *b, const char *text, size_t size)
{
    if (size == 0 || !ejs__builder_reserve(b, size))
        return;
    memcpy(b->data + b->size, text, size);
    b->size += size;
    b->wide = b->wide || !base_utf8_is_ascii(text, size);
}

void ejs__builder_puts(ejs__builder *b, const char *text)
{
    ejs__builder_put(b, text, strlen(text));
}

void ejs__builder_putc(ejs__builder *b, char c)
{
    if (ejs__builder_reserve(b, 1))
        b->data[b->size++] = c;
}

/* If the builder ends in a high surrogate and `low` is a low one: one sign. */
static bool builder_join(ejs__builder *b, uint32_t low)
{
    uint32_t high;
    if (low < 0xDC00 || low > 0xDFFF || b->size < 3 ||
        (unsigned char)b->data[b->size - 3] != 0xED ||
        base_utf8_decode(b->data + b->size - 3, 3, &high) != 3 ||
        high < 0xD800 || high > 0xDBFF)
        return false;
    if (!ejs__builder_reserve(b, 1))
        return true;
    base_utf8_encode(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00),
                     b->data + b->size - 3);
    b->size++;
    return true;
}

void ejs__builder_put_code(ejs__builder *b, uint32_t code)
{
    if (code < 0x80) {
        ejs__builder_putc(b, (char)code);
        return;
    }
    if (builder_join(b, code) || !ejs__builder_reserve(b, 4))
        return;
    b->size += base_utf8_encode(code, b->data + b->size);
    b->wide = true;
}

void ejs__builder_put_string(ejs__builder *b, ejs_value s)
{
    uint32_t code;
    if (s.size >= 3 && (unsigned char)s.as.text[0] == 0xED &&
        base_utf8_decode(s.as.text, 3, &code) == 3 && builder_join(b, code)) {
        s.as.text += 3;
        s.size -= 3;
    }
    if (s.size == 0 || !ejs__builder_reserve(b, s.size))
        return;
    memcpy(b->data + b->size, s.as.text, s.size);
    b->size += s.size;
    b->wide = b->wide || !ejs__string_is_ascii(&s);
}

ejs_value ejs__builder_take(ejs__builder *b)
{
    if (b->failed)
        return ejs__thrown();
    if (b->size == 0)
        return EJS_LITERAL("");
    return ejs__string(b->data, (uint32_t)b->size,
                       b->wide ? EJS_STRING_WIDE : EJS_STRING_ASCII);
}
