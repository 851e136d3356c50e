/* encodeURIComponent, decodeURIComponent, encodeURI, decodeURI, escape and
 * unescape. */
#include "base/utf8.h"
#include "ejs/runtime/object.h"

#define LETTERS_AND_DIGITS                                                     \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char unreserved[] = LETTERS_AND_DIGITS "-_.!~*'()";
static const char uri_characters[] =
    LETTERS_AND_DIGITS "-_.!~*'();/?:@&=+$,#";
static const char escape_keeps[] = LETTERS_AND_DIGITS "@*_+-./";
static const char reserved[] = ";/?:@&=+$,#";

static const char hex[] = "0123456789ABCDEF";

static bool is_one_of(const char *set, char c)
{
    return c && strchr(set, c);
}

static ejs_value malformed(ejs_context *ctx)
{
    return ejs__throw_error(ctx, EJS_URI_ERROR, "URI malformed");
}

static void put_percent(ejs__builder *out, unsigned char byte)
{
    const char text[] = {'%', hex[byte >> 4], hex[byte & 15]};
    ejs__builder_put(out, text, 3);
}

static ejs_value encode(ejs_call *call, const char *keep)
{
    ejs_value s = ejs__arg_string(call, 0);
    if (ejs__is_thrown(s))
        return s;
    if (!ejs__string_is_ascii(&s) &&
        base_utf8_has_surrogates(s.as.text, s.size))
        return malformed(call->ctx);
    ejs__builder out = ejs__builder_new(call->ctx);
    for (uint32_t i = 0; i < s.size;) {
        uint32_t end = i;
        while (end < s.size && is_one_of(keep, s.as.text[end]))
            end++;
        if (end - i == s.size)
            return s;
        ejs__builder_put(&out, s.as.text + i, end - i);
        if (end < s.size)
            put_percent(&out, (unsigned char)s.as.text[end++]);
        i = end;
    }
    return ejs__builder_take(&out);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `n` hex digits at text; -1 when they are not there. */
static int32_t hex_number(const char *text, const char *end, int n)
{
    int32_t x = 0;
    if (end - text < n)
        return -1;
    for (int i = 0; i < n; i++) {
        const int digit = hex_value(text[i]);
        if (digit < 0)
            return -1;
        x = x * 16 + digit;
    }
    return x;
}

/* The byte of "%XX" at text, or -1. */
static int percent_byte(const char *text, const char *end)
{
    return text < end && *text == '%' ? hex_number(text + 1, end, 2) : -1;
}

/*
 * The %XX sequence at *text, which makes one character; false when malformed.
 * One in `keep` stays as it is written.
 */
static bool put_decoded(ejs__builder *out, const char **text, const char *end,
                        const char *keep)
{
    char bytes[4];
    const int first = percent_byte(*text, end);
    if (first < 0)
        return false;
    const size_t count = first < 0x80   ? 1
                         : first < 0xC2 ? 0
                         : first < 0xE0 ? 2
                         : first < 0xF0 ? 3
                         : first < 0xF5 ? 4
                                        : 0;
    for (size_t i = 0; i < count; i++) {
        const int byte = percent_byte(*text + i * 3, end);
        if (byte < 0)
            return false;
        bytes[i] = (char)byte;
    }
    if (count == 0 || !base_utf8_valid(bytes, count, false))
        return false;
    if (count == 1 && is_one_of(keep, bytes[0]))
        ejs__builder_put(out, *text, 3);
    else
        ejs__builder_put(out, bytes, count);
    *text += count * 3;
    return true;
}

static ejs_value decode(ejs_call *call, const char *keep)
{
    const ejs_value s = ejs__arg_string(call, 0);
    if (ejs__is_thrown(s))
        return s;
    const char *text = s.as.text, *end = text + s.size;
    if (s.size == 0 || !memchr(text, '%', s.size))
        return s;
    ejs__builder out = ejs__builder_new(call->ctx);
    while (text < end) {
        const char *percent = memchr(text, '%', (size_t)(end - text));
        const char *plain = percent ? percent : end;
        ejs__builder_put(&out, text, (size_t)(plain - text));
        text = plain;
        if (percent && !put_decoded(&out, &text, end, keep))
            return malformed(call->ctx);
    }
    return ejs__builder_take(&out);
}

static ejs_value encode_uri_component(ejs_call *call)
{
    return encode(call, unreserved);
}

static ejs_value encode_uri(ejs_call *call)
{
    return encode(call, uri_characters);
}

static ejs_value decode_uri_component(ejs_call *call)
{
    return decode(call, "");
}

static ejs_value decode_uri(ejs_call *call)
{
    return decode(call, reserved);
}

/* escape() knows UTF-16 units: %XX or %uXXXX. */
static void put_escaped(ejs__builder *out, uint32_t unit)
{
    if (unit > 0xFF) {
        ejs__builder_puts(out, "%u");
        ejs__builder_putc(out, hex[unit >> 12 & 15]);
        ejs__builder_putc(out, hex[unit >> 8 & 15]);
        ejs__builder_putc(out, hex[unit >> 4 & 15]);
        ejs__builder_putc(out, hex[unit & 15]);
    } else {
        put_percent(out, (unsigned char)unit);
    }
}

static ejs_value uri_escape(ejs_call *call)
{
    const ejs_value s = ejs__arg_string(call, 0);
    if (ejs__is_thrown(s))
        return s;
    ejs__builder out = ejs__builder_new(call->ctx);
    for (uint32_t i = 0; i < s.size;) {
        uint32_t code;
        const size_t used = base_utf8_decode(s.as.text + i, s.size - i, &code);
        if (code < 128 && is_one_of(escape_keeps, (char)code)) {
            ejs__builder_putc(&out, (char)code);
        } else if (code > 0xFFFF) {
            put_escaped(&out, 0xD800 + ((code - 0x10000) >> 10));
            put_escaped(&out, 0xDC00 + ((code - 0x10000) & 0x3FF));
        } else {
            put_escaped(&out, code);
        }
        i += (uint32_t)(used ? used : 1);
    }
    return ejs__builder_take(&out);
}

static ejs_value uri_unescape(ejs_call *call)
{
    const ejs_value s = ejs__arg_string(call, 0);
    if (ejs__is_thrown(s))
        return s;
    const char *text = s.as.text, *end = text + s.size;
    ejs__builder out = ejs__builder_new(call->ctx);
    while (text < end) {
        const char *percent = memchr(text, '%', (size_t)(end - text));
        const char *plain = percent ? percent : end;
        ejs__builder_put_string(
            &out, ejs__string(text, (uint32_t)(plain - text), 0));
        if (!percent)
            break;
        text = percent + 1;
        const bool wide = text < end && *text == 'u';
        const int32_t unit = wide ? hex_number(text + 1, end, 4)
                                  : hex_number(text, end, 2);
        if (unit < 0)
            ejs__builder_putc(&out, '%');
        else
            ejs__builder_put_code(&out, (uint32_t)unit);
        if (unit >= 0)
            text += wide ? 5 : 2;
    }
    return ejs__builder_take(&out);
}

/* clang-format off */
const ejs__builtin ejs__uri_functions[] = {
    {"decodeURI",          decode_uri,           1, EJS_ROW_METHOD},
    {"decodeURIComponent", decode_uri_component, 1, EJS_ROW_METHOD},
    {"encodeURI",          encode_uri,           1, EJS_ROW_METHOD},
    {"encodeURIComponent", encode_uri_component, 1, EJS_ROW_METHOD},
    {"escape",             uri_escape,           1, EJS_ROW_METHOD},
    {"unescape",           uri_unescape,         1, EJS_ROW_METHOD},
    {0},
};
/* clang-format on */
