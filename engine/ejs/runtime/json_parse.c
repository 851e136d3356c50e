/*
 * Reads JSON text as V8 does: the same grammar, the same complaints.
 *
 * The strings of clean text are slices of it, so a page's data costs one pass
 * and little memory.  The members of the object being read are collected in
 * scratch memory and copied once their number is known.
 *
 * Each value of an array is expected to be like the one before: an object like
 * another takes its keys, their hashes and their index from there, and has its
 * values read in place.  One comparison a key, nothing hashed, nothing copied.
 */
#include "ejs/runtime/json.h"

#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/gather.h"
#include "ejs/runtime/json_read.h"

typedef struct reader {
    ejs__json_text text;
    bool typed;
    bool escaped_keys; /* some key is not as it stands in the text */
    ejs__gather open;  /* the arrays and objects being read */
} reader;

static const char *fail(reader *r, const char *at, const char *message)
{
    return ejs__json_fail(&r->text, at, message);
}

static inline const char *skip_space(const reader *r, const char *at)
{
    return ejs__json_space(at, r->text.end);
}

static inline bool is_at(const reader *r, const char *at, char c)
{
    return EJS_LIKELY(at < r->text.end) && *at == c;
}

/* strings ------------------------------------------------------------------ */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* XXXX after \u. */
static const char *unicode_escape(reader *r, const char *at, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++, at++) {
        const int digit = at < r->text.end ? hex_digit(*at) : -1;
        if (digit < 0)
            return fail(r, at, "Bad Unicode escape");
        *unit = *unit * 16 + (uint32_t)digit;
    }
    return at;
}

/* An escape, the backslash read, into `unit`. */
static const char *escape(reader *r, const char *at, uint32_t *unit)
{
    static const char units[128] = {
        ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
    };
    if (at == r->text.end)
        return ejs__json_fail_at_end(&r->text);
    const unsigned char c = (unsigned char)*at;
    if (c == 'u')
        return unicode_escape(r, at + 1, unit);
    if (c > 0xC3) /* above U+00FF V8 speaks of a token */
        return ejs__json_fail_at_token(&r->text, at);
    if (c >= 128 || !units[c])
        return fail(r, at, "Bad escaped character");
    *unit = (uint32_t)units[c];
    return at + 1;
}

/* The quote that ends the string around `at`; the text's end when none does. */
static const char *closing_quote(const reader *r, const char *at)
{
    unsigned wide = 0;
    const char *end = r->text.end;
    while (is_at(r, at, '\\'))
        at = end - at < 2 ? end : ejs__json_plain(at + 2, end, &wide);
    return at;
}

/* Appends `size` bytes of well-formed text to that from `start` to `to`: halves
 * of a pair that meet become one. */
static char *join(const char *start, char *to, const char *text, size_t size)
{
    uint32_t high, low;
    if (base_utf8_joins(start, (size_t)(to - start), text, size)) {
        base_utf8_decode_last(start, (size_t)(to - start), &high);
        base_utf8_decode(text, size, &low);
        to -= 3;
        to += base_utf8_encode(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF),
                               to);
        text += 3;
        size -= 3;
    }
    memcpy(to, text, size);
    return to + size;
}

/* The rest of a string from `start` on, whose first escape is at `at` and after
 * ASCII unless `wide`.  No escape is shorter than what it stands for. */
static const char *string_with_escapes(reader *r, const char *start,
                                       const char *at, unsigned wide,
                                       ejs_value *out)
{
    const size_t room = (size_t)(closing_quote(r, at) - start);
    char *text = ejs__alloc(r->text.ctx, room), *to = text;
    if (!text)
        return NULL;
    to = join(text, to, start, (size_t)(at - start));
    while (is_at(r, at, '\\')) {
        uint32_t unit = 0;
        char bytes[4];
        at = escape(r, at + 1, &unit);
        if (!at)
            return NULL;
        wide |= unit & ~0x7Fu;
        to = join(text, to, bytes, base_utf8_encode(unit, bytes));
        start = at;
        at = ejs__json_plain(at, r->text.end, &wide);
        to = join(text, to, start, (size_t)(at - start));
    }
    *out = ejs__string(text, (uint32_t)(to - text),
                       wide ? EJS_STRING_WIDE : EJS_STRING_ASCII);
    return at;
}

/* string = '"' ... '"', after the first quote */
static const char *string(reader *r, const char *at, ejs_value *out)
{
    const char *start = at;
    unsigned wide = 0;
    at = ejs__json_plain(at, r->text.end, &wide);
    if (EJS_LIKELY(is_at(r, at, '"'))) {
        *out = ejs__string(start, (uint32_t)(at - start),
                           wide ? EJS_STRING_WIDE : EJS_STRING_ASCII);
        return at + 1;
    }
    if (is_at(r, at, '\\'))
        at = string_with_escapes(r, start, at, wide, out);
    if (!at)
        return NULL;
    if (at == r->text.end)
        return fail(r, at, "Unterminated string");
    if (*at != '"')
        return fail(r, at, "Bad control character in string literal");
    return at + 1;
}

/* numbers and words -------------------------------------------------------- */

/* The digits of a number as one integer; no longer exact when there are more
 * than MOST_DIGITS. */
typedef struct digits {
    uint64_t value;
    int count;    /* leading zeros too */
    int exponent; /* of the last digit */
} digits;

enum { MOST_DIGITS = 19 };

static inline bool is_digit(const reader *r, const char *at)
{
    return at < r->text.end && (unsigned char)(*at - '0') < 10;
}

static inline const char *read_digits(const reader *r, const char *at,
                                      digits *d)
{
    const char *start = at;
    uint64_t x = d->value;
    for (; is_digit(r, at); at++)
        x = x * 10 + (uint64_t)(*at - '0');
    d->value = x;
    d->count = at - start > MOST_DIGITS ? MOST_DIGITS + 1
                                        : d->count + (int)(at - start);
    return at;
}

/* The digits after the point, which is read. */
static const char *fraction(reader *r, const char *at, digits *d)
{
    if (!is_digit(r, at))
        return fail(r, at, "Unterminated fractional number");
    const char *end = read_digits(r, at, d);
    d->exponent = d->count > MOST_DIGITS ? 0 : -(int)(end - at);
    return end;
}

/* What follows the e. */
static const char *exponent(reader *r, const char *at, digits *d)
{
    const bool negative = is_at(r, at, '-');
    int n = 0;
    if (negative || is_at(r, at, '+'))
        at++;
    if (!is_digit(r, at))
        return fail(r, at, "Exponent part is missing a number");
    for (; is_digit(r, at); at++)
        n = n < 10000 ? n * 10 + (*at - '0') : n;
    d->exponent += negative ? -n : n;
    return at;
}

/* number = "-"? ("0" | digit+) ("." digit+)? ([eE] [+-]? digit+)? */
static const char *number(reader *r, const char *start, ejs_value *out)
{
    const char *at = start;
    const bool negative = *at == '-';
    digits d = {0};
    at += negative;
    if (!is_digit(r, at))
        return fail(r, at, "No number after minus sign");
    if (*at == '0' && is_digit(r, at + 1))
        return fail(r, at + 1, "Unexpected number");
    at = read_digits(r, at, &d);
    if (is_at(r, at, '.') && !(at = fraction(r, at + 1, &d)))
        return NULL;
    if (at < r->text.end && (*at | 32) == 'e' &&
        !(at = exponent(r, at + 1, &d)))
        return NULL;
    double x;
    size_t used;
    if (d.count <= MOST_DIGITS &&
        base_number_from_digits(d.value, d.exponent, &x))
        *out = ejs__number(negative ? -x : x);
    else
        *out = ejs__number(
            base_number_parse(start, (size_t)(at - start), &used));
    return at;
}

/* true, false, null */
static const char *word(reader *r, const char *at, const char *name,
                        ejs_value v, ejs_value *out)
{
    for (; *name; name++, at++)
        if (!is_at(r, at, *name))
            return ejs__json_fail_at_token(&r->text, at);
    *out = v;
    return at;
}

/* arrays ------------------------------------------------------------------- */

static const char *value(reader *r, const char *at, ejs_value like,
                         ejs_value *out);

/* What the elements of an array like that one may be like. */
static ejs_value first_of(ejs_value like)
{
    const ejs__array *a = (const ejs__array *)(const void *)like.as.object;
    if (like.tag != EJS_TAG_OBJECT || a->object.kind != EJS_OBJECT_ARRAY ||
        a->object.length == 0)
        return ejs__undefined();
    return a->items[0];
}

/* array = "[" (value ("," value)*)? "]", after the bracket */
static const char *array(reader *r, const char *at, ejs_value like,
                         ejs_value *out)
{
    const size_t first = r->open.n_values;
    at = skip_space(r, at);
    if (is_at(r, at, ']'))
        return ejs__gather_array(&r->open, first, out) ? at + 1 : NULL;
    ejs_value item = first_of(like);
    for (;;) {
        at = value(r, at, item, &item);
        if (!at || !ejs__gather_value(&r->open, item))
            return NULL;
        at = skip_space(r, at);
        if (!is_at(r, at, ','))
            break;
        at++;
    }
    if (!is_at(r, at, ']'))
        return fail(r, at, "Expected ',' or ']' after array element");
    return ejs__gather_array(&r->open, first, out) ? at + 1 : NULL;
}

/* objects ------------------------------------------------------------------ */

/* {"$date": "2024-..."} or {"$date": ms}: 1 a Date, 0 not, -1 thrown. */
static int typed_date(reader *r, const ejs__property *m, size_t n,
                      ejs_value *out)
{
    if (!r->typed || n != 1 || m->size != 5 || memcmp(m->key, "$date", 5) != 0)
        return 0;
    double ms;
    if (m->value.tag == EJS_TAG_NUMBER)
        ms = m->value.as.number;
    else if (m->value.tag == EJS_TAG_STRING)
        ms = ejs__date_parse(r->text.ctx, m->value.as.text, m->value.size);
    else
        return 0;
    *out = ejs__date_new(r->text.ctx, ms);
    return ejs__is_thrown(*out) ? -1 : 1;
}

/* Makes the members above `first` an object and takes them off. */
static bool close_object(reader *r, size_t first, ejs_value *out)
{
    const int date = typed_date(r, r->open.members + first,
                                r->open.n_members - first, out);
    if (!date)
        return ejs__gather_object(&r->open, first, out);
    r->open.n_members = first;
    return date > 0;
}

/* After a key: the colon and the value. */
static inline const char *member_value(reader *r, const char *at, bool is_first,
                                       ejs_value like, ejs_value *out)
{
    at = skip_space(r, at);
    if (EJS_LIKELY(is_at(r, at, ':')))
        return value(r, at + 1, like, out);
    return is_first ? fail(r, at, "Expected ':' after property name")
                    : ejs__json_fail_at_token(&r->text, at);
}

/* member = string ":" value */
static const char *member(reader *r, const char *at, bool is_first)
{
    ejs__property m = {.flags = EJS_ORDINARY};
    ejs_value key;
    if (!is_at(r, at, '"'))
        return fail(r, at,
                    is_first ? "Expected property name or '}'"
                             : "Expected double-quoted property name");
    const char *start = at + 1;
    at = string(r, start, &key);
    if (!at)
        return NULL;
    r->escaped_keys |= key.as.text != start;
    m.key = key.size ? key.as.text : "";
    m.size = key.size;
    m.hash = ejs__hash(m.key, m.size);
    at = member_value(r, at, is_first, ejs__undefined(), &m.value);
    return at && ejs__gather_member(&r->open, &m) ? at : NULL;
}

/* The members from `at` on, of which those above `first` have been read. */
static const char *members(reader *r, const char *at, size_t first,
                           ejs_value *out)
{
    for (;;) {
        at = member(r, at, r->open.n_members == first);
        if (!at)
            return NULL;
        at = skip_space(r, at);
        if (!is_at(r, at, ','))
            break;
        at = skip_space(r, at + 1);
    }
    if (!is_at(r, at, '}'))
        return fail(r, at, "Expected ',' or '}' after property value");
    return close_object(r, first, out) ? at + 1 : NULL;
}

/* Whether the key at `at` is `key`: then what follows it, else NULL. */
static inline const char *same_key(const reader *r, const char *at,
                                   const ejs__property *key)
{
    const size_t size = key->size;
    if ((size_t)(r->text.end - at) < size + 2 || *at != '"' ||
        at[size + 1] != '"' || !ejs__json_same(at + 1, key->key, size))
        return NULL;
    return at + size + 2;
}

/* An object that can be a model; its keys stand in the text as they are. */
static const ejs_object *model_of(const reader *r, ejs_value like)
{
    return r->escaped_keys ? NULL : ejs__gather_model(like);
}

/* The first n of the model's properties have been read into o. */
static bool close_like(reader *r, ejs_object *o, const ejs_object *model,
                       uint32_t n, ejs_value *out)
{
    const int date = typed_date(r, o->properties.list, n, out);
    if (date)
        return date > 0;
    o->properties.count = o->properties.capacity = n;
    if (n == model->properties.count) {
        o->properties.index = model->properties.index;
        o->properties.index_size = model->properties.index_size;
    } else if (n > EJS_FEW && ejs__index_distinct(r->text.ctx, &o->properties) < 0) {
        return false;
    }
    *out = ejs__object(o);
    return true;
}

/* Members as long as they are the model's, then any others. */
static const char *members_like(reader *r, const char *at,
                                const ejs_object *model, ejs_value *out)
{
    const uint32_t n = model->properties.count;
    const ejs__property *there = model->properties.list;
    ejs_object *o = ejs__gathered(r->text.ctx, n);
    if (!o)
        return NULL;
    ejs__property *here = o->properties.list;
    uint32_t i = 0;
    for (; i < n; i++) {
        const char *after = same_key(r, at, &there[i]);
        if (!after)
            break;
        here[i] = there[i];
        at = member_value(r, after, i == 0, there[i].value,
                          &here[i].value);
        if (!at)
            return NULL;
        at = skip_space(r, at);
        if (is_at(r, at, ',')) {
            at = skip_space(r, at + 1);
            continue;
        }
        if (!is_at(r, at, '}'))
            return fail(r, at, "Expected ',' or '}' after property value");
        return close_like(r, o, model, i + 1, out) ? at + 1 : NULL;
    }
    const size_t first = r->open.n_members;
    for (uint32_t k = 0; k < i; k++)
        if (!ejs__gather_member(&r->open, &here[k]))
            return NULL;
    return members(r, at, first, out);
}

/* object = "{" (member ("," member)*)? "}", after the brace */
static const char *object(reader *r, const char *at, ejs_value like,
                          ejs_value *out)
{
    at = skip_space(r, at);
    if (is_at(r, at, '}'))
        return close_object(r, r->open.n_members, out) ? at + 1 : NULL;
    const ejs_object *model = model_of(r, like);
    return model ? members_like(r, at, model, out)
                 : members(r, at, r->open.n_members, out);
}

/* the whole ---------------------------------------------------------------- */

static inline bool has_stack(ejs_context *ctx)
{
    return EJS_LIKELY((const char *)__builtin_frame_address(0) >
                      ctx->stack_limit) ||
           ejs__check_stack(ctx);
}

static const char *value(reader *r, const char *at, ejs_value like,
                         ejs_value *out)
{
    at = skip_space(r, at);
    if (at == r->text.end)
        return ejs__json_fail_at_end(&r->text);
    switch (*at) {
    case '"':
        return string(r, at + 1, out);
    case '{':
        return has_stack(r->text.ctx) ? object(r, at + 1, like, out) : NULL;
    case '[':
        return has_stack(r->text.ctx) ? array(r, at + 1, like, out) : NULL;
    case 't':
        return word(r, at, "true", ejs__boolean(true), out);
    case 'f':
        return word(r, at, "false", ejs__boolean(false), out);
    case 'n':
        return word(r, at, "null", ejs__null(), out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return number(r, at, out);
    default:
        return ejs__json_fail_at_token(&r->text, at);
    }
}

static bool whole(reader *r, ejs_value *out)
{
    const char *at = value(r, r->text.start, ejs__undefined(), out);
    if (!at)
        return false;
    at = skip_space(r, at);
    return at == r->text.end || ejs__json_fail_after(&r->text, at);
}

/* Replaces what is not UTF-8, in the arena. */
static bool repair(ejs_context *ctx, const char **text, size_t *size)
{
    base_buf fixed = {0};
    base_utf8_repair(&fixed, *text, *size);
    char *copy = fixed.failed ? NULL : ejs__alloc(ctx, fixed.size + 1);
    if (fixed.failed)
        ejs__throw_no_memory(ctx);
    if (copy) {
        memcpy(copy, fixed.data, fixed.size);
        *text = copy;
        *size = fixed.size;
    }
    base_buf_free(&fixed);
    return copy;
}

ejs_value ejs__json_parse(ejs_context *ctx, const char *text, size_t size,
                          unsigned flags)
{
    ejs_value result = ejs__thrown();
    if (size > EJS_MAX_STRING)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    if ((flags & EJS_JSON_BYTES) && !base_utf8_valid(text, size, false) &&
        !repair(ctx, &text, &size))
        return result;
    reader r;
    r.text = (ejs__json_text){ctx, text, text + size};
    r.typed = flags & EJS_JSON_TYPED;
    r.escaped_keys = false;
    ejs__gather_init(&r.open, ctx);
    if (!whole(&r, &result))
        result = ejs__thrown();
    ejs__gather_end(&r.open);
    if (!ejs__is_thrown(result) && !ejs__fuel(ctx, size / 64))
        return ejs__thrown();
    return result;
}
