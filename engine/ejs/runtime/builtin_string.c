/* String and String.prototype; regular expressions are builtin_regexp.c's. */
#define _GNU_SOURCE /* memmem */
#include "ejs/runtime/regexp.h"

#include <stdatomic.h>

#include <unicode/ucol.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/utf8.h"
#include "ejs/runtime/icu_cache.h"
#include "ejs/runtime/intl.h"

#define NOT_FOUND UINT32_MAX

/* searching ---------------------------------------------------------------- */

/*
 * Looks for one string in another.  Bytes are compared, which is right for all
 * but needles with half a surrogate pair; those are looked for in UTF-16.
 */
typedef struct finder {
    ejs_context *ctx;
    ejs_value s, needle;
    uint16_t *units, *needle_units; /* NULL: bytes will do */
    uint32_t n_units, n_needle_units;
    uint32_t needle_length; /* in units */
} finder;

static uint16_t *units_of(ejs_context *ctx, ejs_value s, uint32_t *length)
{
    *length = ejs__units(ctx, s);
    uint16_t *units = ejs__alloc(ctx, *length * sizeof *units + 2);
    if (units && s.size)
        base_utf16_from_utf8(s.as.text, s.size, units);
    return units;
}

static bool finder_init(ejs_context *ctx, finder *f, ejs_value s,
                        ejs_value needle)
{
    *f = (finder){.ctx = ctx, .s = s, .needle = needle};
    ejs__string_is_ascii(&f->s);
    if (ejs__string_is_ascii(&f->needle)) {
        f->needle_length = needle.size;
        return true;
    }
    f->needle_length = ejs__units(ctx, needle);
    if (!base_utf8_has_surrogates(needle.as.text, needle.size) ||
        (f->s.flags & EJS_STRING_ASCII))
        return true;
    f->units = units_of(ctx, s, &f->n_units);
    f->needle_units = units_of(ctx, needle, &f->n_needle_units);
    return f->units && f->needle_units;
}

static uint32_t find_units(const finder *f, uint32_t from)
{
    const size_t size = f->n_needle_units * sizeof *f->needle_units;
    for (uint32_t i = from; i + f->n_needle_units <= f->n_units; i++)
        if (memcmp(f->units + i, f->needle_units, size) == 0)
            return i;
    return NOT_FOUND;
}

static const char *find_bytes(const char *text, size_t size, ejs_value needle)
{
    if (needle.size == 0)
        return text;
    if (needle.size == 1)
        return size ? memchr(text, needle.as.text[0], size) : NULL;
    return size < needle.size
               ? NULL
               : memmem(text, size, needle.as.text, needle.size);
}

/* The first place from unit `from` (at most the length) on, or NOT_FOUND. */
static uint32_t find(const finder *f, uint32_t from)
{
    if (f->needle_length == 0)
        return from;
    if (f->units)
        return find_units(f, from);
    bool inside = false;
    uint32_t start = from;
    if (!(f->s.flags & EJS_STRING_ASCII))
        start = ejs__byte_offset(f->ctx, f->s, from, &inside);
    if (inside)
        start += 4; /* from inside a pair: after it */
    if (start > f->s.size)
        return NOT_FOUND;
    const char *found =
        find_bytes(f->s.as.text + start, f->s.size - start, f->needle);
    if (!found)
        return NOT_FOUND;
    const uint32_t at = (uint32_t)(found - f->s.as.text);
    return f->s.flags & EJS_STRING_ASCII ? at
                                         : ejs__unit_offset(f->ctx, f->s, at);
}

/* The last place that is not after unit `from`. */
static uint32_t find_last(const finder *f, uint32_t from)
{
    uint32_t n_units = f->n_units;
    uint32_t n_needle = f->n_needle_units;
    const uint16_t *units = f->units, *needle = f->needle_units;
    if (f->s.flags & EJS_STRING_ASCII) {
        if (f->needle.size > f->s.size)
            return NOT_FOUND;
        uint32_t i = f->s.size - f->needle.size;
        for (i = i < from ? i : from;; i--) {
            if (memcmp(f->s.as.text + i, f->needle.as.text, f->needle.size) ==
                0)
                return i;
            if (i == 0)
                return NOT_FOUND;
        }
    }
    if (!units) {
        units = units_of(f->ctx, f->s, &n_units);
        needle = units_of(f->ctx, f->needle, &n_needle);
    }
    if (!units || !needle || n_needle > n_units)
        return NOT_FOUND;
    uint32_t i = n_units - n_needle;
    for (i = i < from ? i : from;; i--) {
        if (memcmp(units + i, needle, n_needle * sizeof *units) == 0)
            return i;
        if (i == 0)
            return NOT_FOUND;
    }
}

/* `this` and the first argument as strings. */
static bool two_strings(ejs_call *call, const char *name, ejs_value *s,
                        ejs_value *other)
{
    *s = ejs__this_string(call, name);
    if (ejs__is_thrown(*s))
        return false;
    *other = ejs__arg_string(call, 0);
    return !ejs__is_thrown(*other);
}

static uint32_t clamp(double x, uint32_t max)
{
    return x <= 0 ? 0 : x >= max ? max : (uint32_t)x;
}

/* includes, startsWith, endsWith refuse regular expressions. */
static bool search_arguments(ejs_call *call, const char *name, ejs_value *s,
                             ejs_value *needle)
{
    *s = ejs__this_string(call, name);
    if (ejs__is_thrown(*s))
        return false;
    if (ejs__is_regexp(ejs__arg(call, 0))) {
        ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                         "First argument to %s must not be a regular "
                         "expression",
                         name);
        return false;
    }
    *needle = ejs__arg_string(call, 0);
    return !ejs__is_thrown(*needle);
}

static ejs_value string_includes(ejs_call *call)
{
    ejs_value s, needle;
    double from;
    finder f;
    if (!search_arguments(call, "String.prototype.includes", &s, &needle) ||
        !ejs__arg_integer(call, 1, &from) ||
        !finder_init(call->ctx, &f, s, needle))
        return ejs__thrown();
    const uint32_t start = from > 0 ? clamp(from, ejs__units(call->ctx, s)) : 0;
    return ejs__boolean(find(&f, start) != NOT_FOUND);
}

static ejs_value string_index_of(ejs_call *call)
{
    ejs_value s, needle;
    double from;
    finder f;
    if (!two_strings(call, "String.prototype.indexOf", &s, &needle) ||
        !ejs__arg_integer(call, 1, &from) ||
        !finder_init(call->ctx, &f, s, needle))
        return ejs__thrown();
    const uint32_t start = from > 0 ? clamp(from, ejs__units(call->ctx, s)) : 0;
    const uint32_t at = find(&f, start);
    return ejs__number(at == NOT_FOUND ? -1 : (double)at);
}

static ejs_value string_last_index_of(ejs_call *call)
{
    ejs_value s, needle;
    double from;
    finder f;
    if (!two_strings(call, "String.prototype.lastIndexOf", &s, &needle) ||
        !ejs__arg_number(call, 1, &from) ||
        !finder_init(call->ctx, &f, s, needle))
        return ejs__thrown();
    if (isnan(from))
        from = INFINITY;
    const uint32_t at = find_last(&f, clamp(from, ejs__units(call->ctx, s)));
    return ejs__number(at == NOT_FOUND ? -1 : (double)at);
}

/* Whether the needle stands at that unit. */
static bool stands_at(ejs_context *ctx, ejs_value s, ejs_value needle,
                      uint32_t at)
{
    const uint32_t length = ejs__units(ctx, s), n = ejs__units(ctx, needle);
    if (n > length - at)
        return false;
    return ejs__string_equal(ejs__substring(ctx, s, at, at + n), needle);
}

static ejs_value string_starts_with(ejs_call *call)
{
    ejs_value s, needle;
    double from;
    if (!search_arguments(call, "String.prototype.startsWith", &s, &needle) ||
        !ejs__arg_integer(call, 1, &from))
        return ejs__thrown();
    const uint32_t at = clamp(from, ejs__units(call->ctx, s));
    return ejs__boolean(stands_at(call->ctx, s, needle, at));
}

static ejs_value string_ends_with(ejs_call *call)
{
    ejs_value s, needle;
    if (!search_arguments(call, "String.prototype.endsWith", &s, &needle))
        return ejs__thrown();
    const uint32_t length = ejs__units(call->ctx, s);
    const uint32_t n = ejs__units(call->ctx, needle);
    double end = length;
    if (ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED &&
        !ejs__arg_integer(call, 1, &end))
        return ejs__thrown();
    const uint32_t to = clamp(end, length);
    return ejs__boolean(n <= to && stands_at(call->ctx, s, needle, to - n));
}

/* parts -------------------------------------------------------------------- */

static ejs_value unit_string(ejs_context *ctx, ejs_value s, uint32_t i)
{
    return ejs__substring(ctx, s, i, i + 1);
}

/* `this` and an integer argument. */
static bool string_and_integer(ejs_call *call, const char *name, ejs_value *s,
                               double *i)
{
    *s = ejs__this_string(call, name);
    if (ejs__is_thrown(*s) || !ejs__arg_integer(call, 0, i))
        return false;
    ejs__string_is_ascii(s);
    return true;
}

static ejs_value string_at(ejs_call *call)
{
    ejs_value s;
    double i;
    if (!string_and_integer(call, "String.prototype.at", &s, &i))
        return ejs__thrown();
    const double length = ejs__units(call->ctx, s);
    if (i < 0)
        i += length;
    if (i < 0 || i >= length)
        return ejs__undefined();
    return unit_string(call->ctx, s, (uint32_t)i);
}

static ejs_value string_char_at(ejs_call *call)
{
    ejs_value s;
    double i;
    if (!string_and_integer(call, "String.prototype.charAt", &s, &i))
        return ejs__thrown();
    if (i < 0 || i >= ejs__units(call->ctx, s))
        return EJS_LITERAL("");
    return unit_string(call->ctx, s, (uint32_t)i);
}

static ejs_value string_char_code_at(ejs_call *call)
{
    ejs_value s;
    double i;
    if (!string_and_integer(call, "String.prototype.charCodeAt", &s, &i))
        return ejs__thrown();
    if (i < 0 || i >= ejs__units(call->ctx, s))
        return ejs__number(NAN);
    return ejs__number(ejs__unit_at(call->ctx, s, (uint32_t)i));
}

static ejs_value string_code_point_at(ejs_call *call)
{
    ejs_value s;
    double i;
    if (!string_and_integer(call, "String.prototype.codePointAt", &s, &i))
        return ejs__thrown();
    if (i < 0 || i >= ejs__units(call->ctx, s))
        return ejs__undefined();
    const int32_t high = ejs__unit_at(call->ctx, s, (uint32_t)i);
    const int32_t low = ejs__unit_at(call->ctx, s, (uint32_t)i + 1);
    if ((high & ~0x3FF) == 0xD800 && low >= 0 && (low & ~0x3FF) == 0xDC00)
        return ejs__number(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return ejs__number(high);
}

/* The i-th argument as an integer, or `otherwise` when it is undefined. */
static bool integer_or(ejs_call *call, uint32_t i, double otherwise,
                       double *out)
{
    *out = otherwise;
    return ejs__arg(call, i).tag == EJS_TAG_UNDEFINED ||
           ejs__arg_integer(call, i, out);
}

static ejs_value string_slice(ejs_call *call)
{
    ejs_value s;
    double from, to;
    if (!string_and_integer(call, "String.prototype.slice", &s, &from))
        return ejs__thrown();
    const double length = ejs__units(call->ctx, s);
    if (!integer_or(call, 1, length, &to))
        return ejs__thrown();
    from = ejs__relative_index(from, length);
    to = ejs__relative_index(to, length);
    return ejs__substring(call->ctx, s, (uint32_t)from,
                          (uint32_t)(to > from ? to : from));
}

static ejs_value string_substring(ejs_call *call)
{
    ejs_value s;
    double from, to;
    if (!string_and_integer(call, "String.prototype.substring", &s, &from))
        return ejs__thrown();
    const uint32_t length = ejs__units(call->ctx, s);
    if (!integer_or(call, 1, length, &to))
        return ejs__thrown();
    const uint32_t a = clamp(from, length), b = clamp(to, length);
    return ejs__substring(call->ctx, s, a < b ? a : b, a < b ? b : a);
}

static ejs_value string_substr(ejs_call *call)
{
    ejs_value s;
    double from, count;
    if (!string_and_integer(call, "String.prototype.substr", &s, &from))
        return ejs__thrown();
    const double length = ejs__units(call->ctx, s);
    if (!integer_or(call, 1, length, &count))
        return ejs__thrown();
    from = ejs__relative_index(from, length);
    if (count > length - from)
        count = length - from;
    if (count <= 0)
        return EJS_LITERAL("");
    return ejs__substring(call->ctx, s, (uint32_t)from,
                          (uint32_t)(from + count));
}

static uint32_t leading_space(ejs_value s)
{
    uint32_t at = 0;
    while (at < s.size) {
        uint32_t code;
        const size_t used =
            base_utf8_decode(s.as.text + at, s.size - at, &code);
        if (!used || !base_utf8_is_space(code))
            break;
        at += (uint32_t)used;
    }
    return at;
}

static uint32_t without_trailing_space(ejs_value s, uint32_t from)
{
    uint32_t end = s.size;
    while (end > from) {
        uint32_t code;
        const size_t used = base_utf8_decode_last(s.as.text, end, &code);
        if (!used || !base_utf8_is_space(code))
            break;
        end -= (uint32_t)used;
    }
    return end;
}

static ejs_value trim(ejs_call *call, const char *name, bool start, bool end)
{
    const ejs_value s = ejs__this_string(call, name);
    if (ejs__is_thrown(s))
        return s;
    const uint32_t from = start ? leading_space(s) : 0;
    const uint32_t to = end ? without_trailing_space(s, from) : s.size;
    if (to - from == s.size)
        return s;
    return ejs__string(s.as.text + from, to - from,
                       s.flags & EJS_STRING_ASCII);
}

static ejs_value string_trim(ejs_call *call)
{
    return trim(call, "String.prototype.trim", true, true);
}

static ejs_value string_trim_start(ejs_call *call)
{
    return trim(call, "String.prototype.trimLeft", true, false);
}

static ejs_value string_trim_end(ejs_call *call)
{
    return trim(call, "String.prototype.trimRight", false, true);
}

/* joining ------------------------------------------------------------------ */

static ejs_value string_concat(ejs_call *call)
{
    ejs_value s = ejs__this_string(call, "String.prototype.concat");
    if (ejs__is_thrown(s))
        return s;
    ejs_value *parts =
        ejs__alloc(call->ctx, (call->argc + (size_t)1) * sizeof *parts);
    if (!parts)
        return ejs__thrown();
    parts[0] = s;
    for (uint32_t i = 0; i < call->argc; i++) {
        parts[i + 1] = ejs__to_string(call->ctx, call->args[i]);
        if (ejs__is_thrown(parts[i + 1]))
            return ejs__thrown();
    }
    return ejs__concat(call->ctx, parts, call->argc + 1);
}

static ejs_value too_long(ejs_context *ctx)
{
    return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
}

/* `count` copies of s; the caller has checked the length. */
static ejs_value repeat(ejs_context *ctx, ejs_value s, uint32_t count)
{
    const size_t total = (size_t)s.size * count;
    if (total > EJS_MAX_STRING)
        return too_long(ctx);
    if (total == 0)
        return EJS_LITERAL("");
    if (!ejs__fuel(ctx, total / 64))
        return ejs__thrown();
    if (!ejs__string_is_ascii(&s) &&
        base_utf8_joins(s.as.text, s.size, s.as.text, s.size)) {
        ejs__builder out = ejs__builder_new(ctx);
        for (uint32_t i = 0; i < count; i++)
            ejs__builder_put_string(&out, s);
        return ejs__builder_take(&out);
    }
    char *text = ejs__alloc(ctx, total);
    if (!text)
        return ejs__thrown();
    memcpy(text, s.as.text, s.size);
    for (size_t done = s.size; done < total;) {
        const size_t more = done < total - done ? done : total - done;
        memcpy(text + done, text, more);
        done += more;
    }
    return ejs__string(text, (uint32_t)total, s.flags);
}

static ejs_value string_repeat(ejs_call *call)
{
    ejs_value s;
    double count;
    if (!string_and_integer(call, "String.prototype.repeat", &s, &count))
        return ejs__thrown();
    if (count < 0 || isinf(count)) {
        const ejs_value text = ejs__to_string(call->ctx, ejs__arg(call, 0));
        if (ejs__is_thrown(text))
            return text;
        return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                "Invalid count value: %.*s", (int)text.size,
                                text.as.text);
    }
    if (s.size == 0 || count == 0)
        return EJS_LITERAL("");
    if (count * ejs__units(call->ctx, s) > EJS_MAX_STRING)
        return too_long(call->ctx);
    return repeat(call->ctx, s, (uint32_t)count);
}

/* `length` units of filler, the last copy cut. */
static ejs_value fill(ejs_context *ctx, ejs_value filler, uint32_t length)
{
    const uint32_t n = ejs__units(ctx, filler);
    const ejs_value whole = repeat(ctx, filler, length / n);
    if (ejs__is_thrown(whole) || length % n == 0)
        return whole;
    const ejs_value rest = ejs__substring(ctx, filler, 0, length % n);
    if (ejs__is_thrown(rest))
        return rest;
    const ejs_value parts[] = {whole, rest};
    return ejs__concat(ctx, parts, 2);
}

static ejs_value pad(ejs_call *call, const char *name, bool at_start)
{
    ejs_context *ctx = call->ctx;
    ejs_value filler = EJS_LITERAL(" ");
    double length;
    const ejs_value s = ejs__this_string(call, name);
    if (ejs__is_thrown(s) ||
        !ejs__to_length(ctx, ejs__arg(call, 0), &length))
        return ejs__thrown();
    const uint32_t present = ejs__units(ctx, s);
    if (length <= present)
        return s;
    if (ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED)
        filler = ejs__arg_string(call, 1);
    if (ejs__is_thrown(filler) || filler.size == 0)
        return ejs__is_thrown(filler) ? filler : s;
    if (length > EJS_MAX_STRING)
        return too_long(ctx);
    const ejs_value more = fill(ctx, filler, (uint32_t)length - present);
    if (ejs__is_thrown(more))
        return more;
    const ejs_value parts[] = {at_start ? more : s, at_start ? s : more};
    return ejs__concat(ctx, parts, 2);
}

static ejs_value string_pad_start(ejs_call *call)
{
    return pad(call, "String.prototype.padStart", true);
}

static ejs_value string_pad_end(ejs_call *call)
{
    return pad(call, "String.prototype.padEnd", false);
}

/* case, normal forms, order ------------------------------------------------ */

static ejs_value ascii_case(ejs_context *ctx, ejs_value s, char first)
{
    uint32_t i = 0;
    while (i < s.size && (unsigned char)(s.as.text[i] - first) >= 26)
        i++;
    if (i == s.size)
        return s; /* nothing to change */
    char *text = ejs__alloc(ctx, s.size);
    if (!text)
        return ejs__thrown();
    for (uint32_t k = 0; k < s.size; k++) {
        const char c = s.as.text[k];
        text[k] = (char)(c ^ ((unsigned char)(c - first) < 26) << 5);
    }
    return ejs__string(text, s.size, EJS_STRING_ASCII);
}

typedef int32_t case_mapper(UChar *out, int32_t capacity, const UChar *text,
                            int32_t length, const char *locale,
                            UErrorCode *status);

/* Full case mapping by ICU; it may make the text longer. */
static ejs_value map_case(ejs_context *ctx, ejs_value s, bool upper,
                          const char *locale)
{
    case_mapper *map = upper ? u_strToUpper : u_strToLower;
    const bool plain = !*locale;
    if (plain && ejs__string_is_ascii(&s))
        return ascii_case(ctx, s, upper ? 'a' : 'A');
    uint32_t length;
    const uint16_t *units = units_of(ctx, s, &length);
    if (!units)
        return ejs__thrown();
    UErrorCode status = U_ZERO_ERROR;
    int32_t capacity = (int32_t)length + 16;
    for (;;) {
        UChar *out = ejs__alloc(ctx, (size_t)capacity * sizeof *out);
        if (!out)
            return ejs__thrown();
        status = U_ZERO_ERROR;
        const int32_t n = map(out, capacity, (const UChar *)units,
                              (int32_t)length, locale, &status);
        if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
            return ejs__throw_no_memory(ctx);
        if (n <= capacity)
            return ejs__string_from_units(ctx, out, (size_t)n);
        capacity = n;
    }
}

static ejs_value string_to_upper_case(ejs_call *call)
{
    const ejs_value s =
        ejs__this_string(call, "String.prototype.toUpperCase");
    return ejs__is_thrown(s) ? s : map_case(call->ctx, s, true, "");
}

static ejs_value string_to_lower_case(ejs_call *call)
{
    const ejs_value s =
        ejs__this_string(call, "String.prototype.toLowerCase");
    return ejs__is_thrown(s) ? s : map_case(call->ctx, s, false, "");
}

/* The first of the `locales` argument; undefined when there is none. */
static ejs_value first_locale(ejs_call *call, uint32_t i)
{
    ejs_value locale = ejs__arg(call, i);
    if (ejs__is_array(locale))
        locale = ejs__element(call->ctx, locale, 0);
    return ejs__is_string(locale) ? locale : ejs__undefined();
}

/* A tag of letters and digits between single hyphens, "en" "tr-TR"? */
static bool is_language_tag(ejs_value tag)
{
    uint32_t part = 0, parts = 0;
    for (uint32_t i = 0; i <= tag.size; i++) {
        const char c = i < tag.size ? tag.as.text[i] : '-';
        const bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (c != '-' && !letter && !(parts && c >= '0' && c <= '9'))
            return false;
        if (c == '-') {
            if (part == 0 || part > 8 || (parts == 0 && part < 2))
                return false;
            parts++;
            part = 0;
        } else {
            part++;
        }
    }
    return true;
}

/* Turkish, Azeri, Lithuanian and Greek have rules of their own. */
static ejs_value locale_case(ejs_call *call, const char *name, bool upper)
{
    const ejs_value s = ejs__this_string(call, name);
    if (ejs__is_thrown(s))
        return s;
    const ejs_value tag = first_locale(call, 0);
    char language[4] = "";
    if (tag.tag != EJS_TAG_UNDEFINED) {
        if (!is_language_tag(tag))
            return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                    "Incorrect locale information provided");
        const char *text = tag.as.text;
        static const char special[][3] = {"tr", "az", "lt", "el"};
        for (size_t i = 0; i < sizeof special / sizeof *special; i++)
            if ((text[0] | 32) == special[i][0] &&
                (text[1] | 32) == special[i][1] &&
                (tag.size == 2 || text[2] == '-'))
                memcpy(language, special[i], 3);
    }
    return map_case(call->ctx, s, upper, language);
}

static ejs_value string_to_locale_upper_case(ejs_call *call)
{
    return locale_case(call, "String.prototype.toLocaleUpperCase", true);
}

static ejs_value string_to_locale_lower_case(ejs_call *call)
{
    return locale_case(call, "String.prototype.toLocaleLowerCase", false);
}

static const UNormalizer2 *normalizer(ejs_value form, UErrorCode *status)
{
    if (ejs__string_is(form, "NFC"))
        return unorm2_getNFCInstance(status);
    if (ejs__string_is(form, "NFD"))
        return unorm2_getNFDInstance(status);
    if (ejs__string_is(form, "NFKC"))
        return unorm2_getNFKCInstance(status);
    if (ejs__string_is(form, "NFKD"))
        return unorm2_getNFKDInstance(status);
    return NULL;
}

static ejs_value string_normalize(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value s = ejs__this_string(call, "String.prototype.normalize");
    if (ejs__is_thrown(s))
        return s;
    ejs_value form = EJS_LITERAL("NFC");
    if (ejs__arg(call, 0).tag != EJS_TAG_UNDEFINED)
        form = ejs__arg_string(call, 0);
    if (ejs__is_thrown(form))
        return form;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *with = normalizer(form, &status);
    if (!with)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR,
                                "The normalization form should be one of NFC, "
                                "NFD, NFKC, NFKD.");
    ejs_value plain = s;
    if (ejs__string_is_ascii(&plain))
        return s;
    uint32_t length;
    const uint16_t *units = units_of(ctx, s, &length);
    int32_t capacity = (int32_t)length * 2 + 32;
    for (;;) {
        UChar *out = units ? ejs__alloc(ctx, (size_t)capacity * sizeof *out)
                           : NULL;
        if (!out)
            return ejs__thrown();
        status = U_ZERO_ERROR;
        const int32_t n =
            unorm2_normalize(with, (const UChar *)units, (int32_t)length, out,
                             capacity, &status);
        if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
            return ejs__throw_no_memory(ctx);
        if (n <= capacity)
            return ejs__string_from_units(ctx, out, (size_t)n);
        capacity = n;
    }
}

/* The collator of the default locale; comparing does not change it, so all
 * threads share one. */
static const UCollator *default_collator(void)
{
    static _Atomic(UCollator *) shared;
    UCollator *collator = atomic_load(&shared);
    if (collator)
        return collator;
    UErrorCode status = U_ZERO_ERROR;
    if (!ejs__icu_has_room())
        return NULL;
    UCollator *opened = ucol_open("en_US", &status);
    if (U_FAILURE(status))
        return NULL;
    ucol_setAttribute(opened, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
    UCollator *none = NULL;
    if (atomic_compare_exchange_strong(&shared, &none, opened))
        return opened;
    ucol_close(opened);
    return none;
}

static bool is_default_locale(ejs_context *ctx)
{
    const char *locale = ejs__realm_of(ctx)->settings->locale;
    return !locale || strcmp(locale, "en-US") == 0;
}

static ejs_value string_locale_compare(ejs_call *call)
{
    ejs_value s, other;
    if (!two_strings(call, "String.prototype.localeCompare", &s, &other))
        return ejs__thrown();
    if (ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED ||
        ejs__arg(call, 2).tag != EJS_TAG_UNDEFINED ||
        !is_default_locale(call->ctx)) {
        int order;
        if (!ejs__locale_compare(call->ctx, s, other, ejs__arg(call, 1),
                                 ejs__arg(call, 2), &order))
            return ejs__thrown();
        return ejs__number(order);
    }
    const UCollator *collator = default_collator();
    if (!collator)
        return ejs__throw_no_memory(call->ctx);
    UErrorCode status = U_ZERO_ERROR;
    const UCollationResult order = ucol_strcollUTF8(
        collator, s.size ? s.as.text : "", (int32_t)s.size,
        other.size ? other.as.text : "", (int32_t)other.size, &status);
    return ejs__number(order);
}

/* replace, split ----------------------------------------------------------- */

/* Adds what stands for a match of `length` units at `at`. */
static bool put_replacement(ejs__builder *out, ejs__callback *cb,
                            ejs_value with, ejs_value s, uint32_t at,
                            uint32_t length)
{
    if (!cb) {
        const int32_t place[] = {(int32_t)at, (int32_t)(at + length)};
        ejs__put_substitution(out, with, s, place, 1, NULL);
        return true;
    }
    cb->args[0] = ejs__substring(out->ctx, s, at, at + length);
    cb->args[1] = ejs__number(at);
    cb->args[2] = s;
    if (ejs__is_thrown(cb->args[0]))
        return false;
    ejs_value text = ejs__callback_run(cb, 3);
    if (!ejs__is_thrown(text))
        text = ejs__to_string(out->ctx, text);
    if (ejs__is_thrown(text))
        return false;
    ejs__builder_put_string(out, text);
    return true;
}

static ejs_value replace_text(ejs_call *call, ejs_value s, bool all)
{
    ejs_context *ctx = call->ctx;
    ejs_value with = ejs__arg(call, 1);
    ejs__callback function, *cb = NULL;
    finder f;
    const ejs_value needle = ejs__arg_string(call, 0);
    if (ejs__is_thrown(needle) || !finder_init(ctx, &f, s, needle))
        return ejs__thrown();
    if (ejs__is_callable(with)) {
        cb = &function;
        if (!ejs__callback_init(ctx, cb, with, ejs__undefined()))
            return ejs__thrown();
    } else if (ejs__is_thrown(with = ejs__to_string(ctx, with))) {
        return with;
    }
    uint32_t at = find(&f, 0), done = 0;
    if (at == NOT_FOUND)
        return s;
    const uint32_t length = ejs__units(ctx, s);
    ejs__builder out = ejs__builder_new(ctx);
    while (at != NOT_FOUND) {
        ejs__put_units(&out, f.s, done, at);
        if (!put_replacement(&out, cb, with, f.s, at, f.needle_length) ||
            !ejs__fuel(ctx, 1))
            return ejs__thrown();
        done = at + f.needle_length;
        const uint32_t next = f.needle_length ? done : at + 1;
        at = all && next <= length ? find(&f, next) : NOT_FOUND;
    }
    ejs__put_units(&out, f.s, done, length);
    return ejs__builder_take(&out);
}

static bool is_global(ejs_value re)
{
    return ((const ejs__regexp *)re.as.object)->flags & BASE_REGEXP_GLOBAL;
}

static ejs_value string_replace(ejs_call *call)
{
    const ejs_value s = ejs__this_string(call, "String.prototype.replace");
    const ejs_value what = ejs__arg(call, 0);
    if (ejs__is_thrown(s))
        return s;
    if (ejs__is_regexp(what))
        return ejs__regexp_replace(call->ctx, (ejs__regexp *)what.as.object, s,
                                   ejs__arg(call, 1));
    return replace_text(call, s, false);
}

static ejs_value string_replace_all(ejs_call *call)
{
    const ejs_value s = ejs__this_string(call, "String.prototype.replaceAll");
    const ejs_value what = ejs__arg(call, 0);
    if (ejs__is_thrown(s))
        return s;
    if (!ejs__is_regexp(what))
        return replace_text(call, s, true);
    if (!is_global(what))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "String.prototype.replaceAll called with a "
                                "non-global RegExp argument");
    return ejs__regexp_replace(call->ctx, (ejs__regexp *)what.as.object, s,
                               ejs__arg(call, 1));
}

static bool split_units(ejs_context *ctx, ejs_value s, uint32_t limit,
                        ejs__array *out)
{
    const uint32_t length = ejs__units(ctx, s);
    const uint32_t n = length < limit ? length : limit;
    if (!ejs__fuel(ctx, n / 8) || !ejs__array_reserve(ctx, out, n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const ejs_value unit = unit_string(ctx, s, i);
        if (ejs__is_thrown(unit) || !ejs__array_push(ctx, out, unit))
            return false;
    }
    return true;
}

static bool split_at(ejs_context *ctx, const finder *f, uint32_t limit,
                     ejs__array *out)
{
    uint32_t piece = 0, at;
    while ((at = find(f, piece)) != NOT_FOUND) {
        const ejs_value part = ejs__substring(ctx, f->s, piece, at);
        if (ejs__is_thrown(part) || !ejs__array_push(ctx, out, part) ||
            !ejs__fuel(ctx, 1))
            return false;
        if (out->object.length >= limit)
            return true;
        piece = at + f->needle_length;
    }
    const ejs_value rest =
        ejs__substring(ctx, f->s, piece, ejs__units(ctx, f->s));
    return !ejs__is_thrown(rest) && ejs__array_push(ctx, out, rest);
}

static ejs_value string_split(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value s = ejs__this_string(call, "String.prototype.split");
    const ejs_value by = ejs__arg(call, 0);
    uint32_t limit = UINT32_MAX;
    if (ejs__is_thrown(s))
        return s;
    if (ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED &&
        !ejs__to_uint32(ctx, call->args[1], &limit))
        return ejs__thrown();
    if (ejs__is_regexp(by))
        return ejs__regexp_split(ctx, (ejs__regexp *)by.as.object, s, limit);
    const ejs_value text = ejs__arg_string(call, 0);
    ejs__array *out = ejs__array_new(ctx, 4);
    finder f;
    bool ok = true;
    ejs__string_is_ascii(&s);
    if (ejs__is_thrown(text) || !out || !finder_init(ctx, &f, s, text))
        return ejs__thrown();
    if (limit == 0)
        return ejs__object(&out->object);
    if (by.tag == EJS_TAG_UNDEFINED)
        ok = ejs__array_push(ctx, out, s);
    else if (text.size == 0)
        ok = split_units(ctx, s, limit, out);
    else
        ok = split_at(ctx, &f, limit, out);
    return ok ? ejs__object(&out->object) : ejs__thrown();
}

/* match, search ------------------------------------------------------------ */

/* The first argument as a RegExp, made of it with these flags unless it is one. */
static ejs__regexp *regexp_argument(ejs_call *call, const char *flags)
{
    const ejs_value v = ejs__arg(call, 0);
    if (ejs__is_regexp(v))
        return (ejs__regexp *)v.as.object;
    return ejs__regexp_new(
        call->ctx, v,
        ejs__string(flags, (uint32_t)strlen(flags), EJS_STRING_ASCII));
}

static ejs_value string_match(ejs_call *call)
{
    const ejs_value s = ejs__this_string(call, "String.prototype.match");
    if (ejs__is_thrown(s))
        return s;
    ejs__regexp *re = regexp_argument(call, "");
    return re ? ejs__regexp_match(call->ctx, re, s) : ejs__thrown();
}

static ejs_value string_match_all(ejs_call *call)
{
    const ejs_value s = ejs__this_string(call, "String.prototype.matchAll");
    const ejs_value what = ejs__arg(call, 0);
    if (ejs__is_thrown(s))
        return s;
    if (ejs__is_regexp(what) && !is_global(what))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "String.prototype.matchAll called with a "
                                "non-global RegExp argument");
    ejs__regexp *re = regexp_argument(call, "g");
    return re ? ejs__regexp_match_all(call->ctx, re, s) : ejs__thrown();
}

static ejs_value string_search(ejs_call *call)
{
    const ejs_value s = ejs__this_string(call, "String.prototype.search");
    if (ejs__is_thrown(s))
        return s;
    ejs__regexp *re = regexp_argument(call, "");
    return re ? ejs__regexp_search(call->ctx, re, s) : ejs__thrown();
}

/* the rest ----------------------------------------------------------------- */

static ejs_value value_of(ejs_call *call, const char *name)
{
    if (ejs__is_string(call->self))
        return call->self;
    if (ejs__is_kind(call->self, EJS_OBJECT_STRING))
        return ((const ejs__wrapper *)call->self.as.object)->value;
    if (ejs__is_prototype(call->self, EJS_CLASS_STRING))
        return EJS_LITERAL("");
    return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                            "%s requires that 'this' be a String", name);
}

static ejs_value string_to_string(ejs_call *call)
{
    return value_of(call, "String.prototype.toString");
}

static ejs_value string_value_of(ejs_call *call)
{
    return value_of(call, "String.prototype.valueOf");
}

static ejs_value string_is_well_formed(ejs_call *call)
{
    ejs_value s = ejs__this_string(call, "String.prototype.isWellFormed");
    if (ejs__is_thrown(s))
        return s;
    return ejs__boolean(ejs__string_is_ascii(&s) ||
                        !base_utf8_has_surrogates(s.as.text, s.size));
}

static ejs_value string_to_well_formed(ejs_call *call)
{
    ejs_value s = ejs__this_string(call, "String.prototype.toWellFormed");
    if (ejs__is_thrown(s) || ejs__string_is_ascii(&s) ||
        !base_utf8_has_surrogates(s.as.text, s.size))
        return s;
    ejs__builder out = ejs__builder_new(call->ctx);
    for (uint32_t at = 0; at < s.size;) {
        uint32_t code;
        const size_t used =
            base_utf8_decode(s.as.text + at, s.size - at, &code);
        if (!used || (code >= 0xD800 && code <= 0xDFFF))
            code = BASE_UTF8_REPLACEMENT;
        ejs__builder_put_code(&out, code);
        at += (uint32_t)(used ? used : 1);
    }
    return ejs__builder_take(&out);
}

static ejs_value string_from_char_code(ejs_call *call)
{
    ejs__builder out = ejs__builder_new(call->ctx);
    for (uint32_t i = 0; i < call->argc; i++) {
        uint32_t unit;
        if (!ejs__to_uint32(call->ctx, call->args[i], &unit))
            return ejs__thrown();
        ejs__builder_put_code(&out, unit & 0xFFFF);
    }
    return ejs__builder_take(&out);
}

static ejs_value string_from_code_point(ejs_call *call)
{
    ejs__builder out = ejs__builder_new(call->ctx);
    for (uint32_t i = 0; i < call->argc; i++) {
        double code;
        if (!ejs__arg_number(call, i, &code))
            return ejs__thrown();
        if (!(code >= 0 && code <= 0x10FFFF) || code != floor(code)) {
            const ejs_value text = ejs__number_to_string(call->ctx, code);
            if (ejs__is_thrown(text))
                return text;
            return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                    "Invalid code point %.*s", (int)text.size,
                                    text.as.text);
        }
        ejs__builder_put_code(&out, (uint32_t)code);
    }
    return ejs__builder_take(&out);
}

static ejs_value string_raw(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value cooked = ejs__to_object(ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(cooked))
        return cooked;
    ejs_value raw = ejs__get_name(ctx, cooked, "raw");
    if (!ejs__is_thrown(raw))
        raw = ejs__to_object(ctx, raw);
    double length;
    if (ejs__is_thrown(raw) || !ejs__length_of(ctx, raw, &length))
        return ejs__thrown();
    ejs__builder out = ejs__builder_new(ctx);
    for (double i = 0; i < length; i++) {
        ejs_value part = ejs__to_string(ctx, ejs__element(ctx, raw, i));
        if (ejs__is_thrown(part) || !ejs__fuel(ctx, 1))
            return ejs__thrown();
        ejs__builder_put_string(&out, part);
        if (i + 1 >= length || i + 1 >= call->argc)
            continue;
        part = ejs__to_string(ctx, call->args[(uint32_t)i + 1]);
        if (ejs__is_thrown(part))
            return part;
        ejs__builder_put_string(&out, part);
    }
    return ejs__builder_take(&out);
}

ejs_value ejs__string_construct(ejs_call *call)
{
    ejs_value s = EJS_LITERAL("");
    if (call->argc > 0)
        s = ejs__arg_string(call, 0);
    if (ejs__is_thrown(s) || !call->construct)
        return s;
    ejs_object *proto = ejs__construct_proto(call, EJS_CLASS_STRING);
    ejs__wrapper *wrapper =
        proto ? ejs__object_alloc(call->ctx, sizeof *wrapper,
                                  EJS_OBJECT_STRING, proto)
              : NULL;
    if (!wrapper)
        return ejs__thrown();
    wrapper->value = s;
    return ejs__object(&wrapper->object);
}

/*
 * Annex B's HTML methods.  Nobody calls them, but pages print `item.link` of a
 * text by mistake, and EJS then shows the function.
 */
static ejs_value html(ejs_call *call, const char *name, const char *tag,
                      const char *attribute)
{
    const ejs_value text = ejs__this_string(call, name);
    if (ejs__is_thrown(text))
        return text;
    ejs__builder b = ejs__builder_new(call->ctx);
    ejs__builder_putc(&b, '<');
    ejs__builder_puts(&b, tag);
    if (attribute) {
        const ejs_value value = ejs__arg_string(call, 0);
        if (ejs__is_thrown(value))
            return value;
        ejs__builder_putc(&b, ' ');
        ejs__builder_puts(&b, attribute);
        ejs__builder_puts(&b, "=\"");
        uint32_t from = 0;
        for (uint32_t i = 0; i <= value.size; i++) {
            if (i < value.size && value.as.text[i] != '"')
                continue;
            ejs__builder_put_string(
                &b, ejs__string(value.as.text + from, i - from, 0));
            if (i < value.size)
                ejs__builder_puts(&b, "&quot;");
            from = i + 1;
        }
        ejs__builder_putc(&b, '"');
    }
    ejs__builder_putc(&b, '>');
    ejs__builder_put_string(&b, text);
    ejs__builder_puts(&b, "</");
    ejs__builder_puts(&b, tag);
    ejs__builder_putc(&b, '>');
    return ejs__builder_take(&b);
}

#define HTML(method, tag, attribute)                                           \
    static ejs_value string_##method(ejs_call *call)                           \
    {                                                                          \
        return html(call, "String.prototype." #method, tag, attribute);        \
    }
HTML(anchor, "a", "name")
HTML(big, "big", NULL)
HTML(blink, "blink", NULL)
HTML(bold, "b", NULL)
HTML(fixed, "tt", NULL)
HTML(fontcolor, "font", "color")
HTML(fontsize, "font", "size")
HTML(italics, "i", NULL)
HTML(link, "a", "href")
HTML(small, "small", NULL)
HTML(strike, "strike", NULL)
HTML(sub, "sub", NULL)
HTML(sup, "sup", NULL)
#undef HTML

/* clang-format off */
const ejs__builtin ejs__string_methods[] = {
    {"anchor",            string_anchor,              1, EJS_ROW_METHOD},
    {"big",               string_big,                 0, EJS_ROW_METHOD},
    {"blink",             string_blink,               0, EJS_ROW_METHOD},
    {"bold",              string_bold,                0, EJS_ROW_METHOD},
    {"fixed",             string_fixed,               0, EJS_ROW_METHOD},
    {"fontcolor",         string_fontcolor,           1, EJS_ROW_METHOD},
    {"fontsize",          string_fontsize,            1, EJS_ROW_METHOD},
    {"italics",           string_italics,             0, EJS_ROW_METHOD},
    {"link",              string_link,                1, EJS_ROW_METHOD},
    {"small",             string_small,               0, EJS_ROW_METHOD},
    {"strike",            string_strike,              0, EJS_ROW_METHOD},
    {"sub",               string_sub,                 0, EJS_ROW_METHOD},
    {"sup",               string_sup,                 0, EJS_ROW_METHOD},
    {"at",                string_at,                   1, EJS_ROW_METHOD},
    {"charAt",            string_char_at,              1, EJS_ROW_METHOD},
    {"charCodeAt",        string_char_code_at,         1, EJS_ROW_METHOD},
    {"codePointAt",       string_code_point_at,        1, EJS_ROW_METHOD},
    {"concat",            string_concat,               1, EJS_ROW_METHOD},
    {"endsWith",          string_ends_with,            1, EJS_ROW_METHOD},
    {"includes",          string_includes,             1, EJS_ROW_METHOD},
    {"indexOf",           string_index_of,             1, EJS_ROW_METHOD},
    {"isWellFormed",      string_is_well_formed,       0, EJS_ROW_METHOD},
    {"lastIndexOf",       string_last_index_of,        1, EJS_ROW_METHOD},
    {"localeCompare",     string_locale_compare,       1, EJS_ROW_METHOD},
    {"match",             string_match,                1, EJS_ROW_METHOD},
    {"matchAll",          string_match_all,            1, EJS_ROW_METHOD},
    {"normalize",         string_normalize,            0, EJS_ROW_METHOD},
    {"padEnd",            string_pad_end,              1, EJS_ROW_METHOD},
    {"padStart",          string_pad_start,            1, EJS_ROW_METHOD},
    {"repeat",            string_repeat,               1, EJS_ROW_METHOD},
    {"replace",           string_replace,              2, EJS_ROW_METHOD},
    {"replaceAll",        string_replace_all,          2, EJS_ROW_METHOD},
    {"search",            string_search,               1, EJS_ROW_METHOD},
    {"slice",             string_slice,                2, EJS_ROW_METHOD},
    {"split",             string_split,                2, EJS_ROW_METHOD},
    {"startsWith",        string_starts_with,          1, EJS_ROW_METHOD},
    {"substr",            string_substr,               2, EJS_ROW_METHOD},
    {"substring",         string_substring,            2, EJS_ROW_METHOD},
    {"toLocaleLowerCase", string_to_locale_lower_case, 0, EJS_ROW_METHOD},
    {"toLocaleUpperCase", string_to_locale_upper_case, 0, EJS_ROW_METHOD},
    {"toLowerCase",       string_to_lower_case,        0, EJS_ROW_METHOD},
    {"toString",          string_to_string,            0, EJS_ROW_METHOD},
    {"toUpperCase",       string_to_upper_case,        0, EJS_ROW_METHOD},
    {"toWellFormed",      string_to_well_formed,       0, EJS_ROW_METHOD},
    {"trim",              string_trim,                 0, EJS_ROW_METHOD},
    {"trimEnd",           string_trim_end,             0, EJS_ROW_METHOD},
    {"trimLeft",          string_trim_start,           0, EJS_ROW_METHOD},
    {"trimRight",         string_trim_end,             0, EJS_ROW_METHOD},
    {"trimStart",         string_trim_start,           0, EJS_ROW_METHOD},
    {"valueOf",           string_value_of,             0, EJS_ROW_METHOD},
    {0},
};

const ejs__builtin ejs__string_statics[] = {
    {"fromCharCode",  string_from_char_code,  1, EJS_ROW_METHOD},
    {"fromCodePoint", string_from_code_point, 1, EJS_ROW_METHOD},
    {"raw",           string_raw,             1, EJS_ROW_METHOD},
    {0},
};
/* clang-format on */
