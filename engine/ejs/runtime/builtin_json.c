/* JSON.parse with its reviver, and JSON.stringify. */
#include "base/utf8.h"
#include "ejs/runtime/json.h"

/* parse -------------------------------------------------------------------- */

typedef struct reviver {
    ejs_context *ctx;
    ejs__callback cb;
} reviver;

static ejs_value revive(reviver *r, ejs_value holder, ejs_value key);

/* Puts what the reviver makes of holder[key] there; undefined deletes it. */
static bool revive_member(reviver *r, ejs_value holder, ejs_value key)
{
    const ejs_value v = revive(r, holder, key);
    if (ejs__is_thrown(v))
        return false;
    if (v.tag == EJS_TAG_UNDEFINED)
        return !ejs__is_thrown(ejs__delete(r->ctx, holder, key, false));
    return ejs__set_index(r->ctx, holder, key, v, false);
}

static bool revive_members(reviver *r, ejs_value v)
{
    if (ejs__is_array(v)) {
        double length;
        if (!ejs__length_of(r->ctx, v, &length))
            return false;
        for (double i = 0; i < length; i++) {
            const ejs_value key = ejs__number_to_string(r->ctx, i);
            if (ejs__is_thrown(key) || !revive_member(r, v, key))
                return false;
        }
        return true;
    }
    ejs__keys keys;
    if (!ejs__own_keys(r->ctx, v, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++)
        if (!revive_member(r, v, keys.list[i]))
            return false;
    return true;
}

static ejs_value revive(reviver *r, ejs_value holder, ejs_value key)
{
    const ejs_value v = ejs__get_index(r->ctx, holder, key);
    if (ejs__is_thrown(v) || !ejs__check_stack(r->ctx) ||
        !ejs__fuel(r->ctx, 1))
        return ejs__thrown();
    if (ejs__is_object(v) && !revive_members(r, v))
        return ejs__thrown();
    r->cb.self = holder;
    r->cb.args[0] = key;
    r->cb.args[1] = v;
    return ejs__callback_run(&r->cb, 2);
}

static ejs_value json_parse(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value text = ejs__arg_string(call, 0);
    if (ejs__is_thrown(text))
        return text;
    const ejs_value v = ejs__json_parse(
        ctx, text.size ? text.as.text : "", text.size, 0);
    if (ejs__is_thrown(v) || !ejs__is_callable(ejs__arg(call, 1)))
        return v;
    reviver r = {.ctx = ctx};
    ejs_object *holder = ejs__object_new(ctx);
    if (!holder || !ejs__define_name(ctx, holder, "", v, EJS_ORDINARY) ||
        !ejs__callback_init(ctx, &r.cb, call->args[1], ejs__undefined()))
        return ejs__thrown();
    return revive(&r, ejs__object(holder), EJS_LITERAL(""));
}

/* stringify ---------------------------------------------------------------- */

/* An object being written: what of, and under which key its holder has it. */
typedef struct level {
    struct level *outer;
    ejs_value object;
    ejs_value key; /* a STRING, or a NUMBER in arrays */
} level;

typedef struct writer {
    ejs_context *ctx;
    ejs__builder out;
    bool has_replacer;
    ejs__callback replacer;
    ejs__array *only; /* the keys that a replacer array names, or NULL */
    char gap[40];     /* indentation of one level */
    uint32_t gap_size;
    uint32_t depth;
    level *innermost;
} writer;

/* \uXXXX */
static void put_unicode_escape(ejs__builder *out, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";
    const char text[] = {'\\',
                         'u',
                         hex[unit >> 12 & 15],
                         hex[unit >> 8 & 15],
                         hex[unit >> 4 & 15],
                         hex[unit & 15]};
    ejs__builder_put(out, text, sizeof text);
}

static void put_control(ejs__builder *out, unsigned char c)
{
    static const char letters[] = "btn\0fr"; /* from \b = 8 on */
    if (c >= 8 && c <= 13 && c != 11) {
        ejs__builder_putc(out, '\\');
        ejs__builder_putc(out, letters[c - 8]);
    } else {
        put_unicode_escape(out, c);
    }
}

/* Half a pair at text: how many bytes it takes, 0 when it is none. */
static size_t put_half(ejs__builder *out, const char *text, size_t size)
{
    uint32_t code;
    const size_t used = base_utf8_decode(text, size, &code);
    if (used != 3 || code < 0xD800 || code > 0xDFFF)
        return 0;
    put_unicode_escape(out, code);
    return used;
}

static void put_quoted(ejs__builder *out, ejs_value s)
{
    const char *at = s.as.text, *end = at + s.size, *plain = at;
    ejs__builder_putc(out, '"');
    while (at < end) {
        const unsigned char c = (unsigned char)*at;
        const bool half = c == 0xED && end - at >= 3 &&
                          (unsigned char)at[1] >= 0xA0;
        if (c >= 0x20 && c != '"' && c != '\\' && !half) {
            at++;
            continue;
        }
        ejs__builder_put(out, plain, (size_t)(at - plain));
        if (half) {
            at += put_half(out, at, (size_t)(end - at));
        } else {
            if (c < 0x20) {
                put_control(out, c);
            } else {
                ejs__builder_putc(out, '\\');
                ejs__builder_putc(out, (char)c);
            }
            at++;
        }
        plain = at;
    }
    ejs__builder_put(out, plain, (size_t)(at - plain));
    ejs__builder_putc(out, '"');
}

static void put_line(writer *w)
{
    if (!w->gap_size)
        return;
    ejs__builder_putc(&w->out, '\n');
    for (uint32_t i = 0; i < w->depth; i++)
        ejs__builder_put(&w->out, w->gap, w->gap_size);
}

/* cycles */

static bool same_object(ejs_value a, ejs_value b)
{
    return a.tag == b.tag && a.as.bits == b.as.bits;
}

/* The name of what made the object; Object when there is none. */
static ejs_value constructor_name(ejs_context *ctx, ejs_value v)
{
    const ejs_value constructor = ejs__get_name(ctx, v, "constructor");
    if (ejs__is_callable(constructor)) {
        const ejs_value name = ejs__get_name(ctx, constructor, "name");
        if (ejs__is_string(name) && name.size)
            return name;
    }
    return EJS_LITERAL("Object");
}

/* property 'key' or index N */
static void put_key(ejs__builder *out, ejs_value key)
{
    if (ejs__is_number(key)) {
        const ejs_value text = ejs__number_to_string(out->ctx, key.as.number);
        ejs__builder_puts(out, "index ");
        if (ejs__is_thrown(text))
            out->failed = true;
        else
            ejs__builder_put_string(out, text);
        return;
    }
    ejs__builder_puts(out, "property '");
    ejs__builder_put_string(out, key);
    ejs__builder_puts(out, "'");
}

static void put_constructor(ejs__builder *out, ejs_value object)
{
    ejs__builder_puts(out, "object with constructor '");
    ejs__builder_put_string(out, constructor_name(out->ctx, object));
    ejs__builder_puts(out, "'");
}

/* The way from `start` to the innermost level: the first two steps, dots, the
 * last one. */
static void put_steps(ejs__builder *out, const level *start,
                      const level *innermost)
{
    uint32_t steps = 0;
    for (const level *l = innermost; l != start; l = l->outer)
        steps++;
    for (uint32_t i = 1; i <= steps; i++) {
        const level *l = innermost;
        for (uint32_t k = i; k < steps; k++)
            l = l->outer;
        if (i > 2 && i < steps) {
            if (i == 3)
                ejs__builder_puts(out, "\n    |     ...");
            i = steps - 1;
            continue;
        }
        ejs__builder_puts(out, "\n    |     ");
        put_key(out, l->key);
        ejs__builder_puts(out, " -> ");
        put_constructor(out, l->object);
    }
}

/* Throws V8's drawing of the cycle from `start` back to it by `key`. */
static bool throw_cycle(writer *w, const level *start, ejs_value key)
{
    ejs__builder text = ejs__builder_new(w->ctx);
    ejs__builder_puts(&text, "Converting circular structure to JSON\n    --> "
                             "starting at ");
    put_constructor(&text, start->object);
    put_steps(&text, start, w->innermost);
    ejs__builder_puts(&text, "\n    --- ");
    put_key(&text, key);
    ejs__builder_puts(&text, " closes the circle");
    const ejs_value message = ejs__builder_take(&text);
    if (!ejs__is_thrown(message))
        ejs__throw_error(w->ctx, EJS_TYPE_ERROR, "%.*s", (int)message.size,
                         message.as.text);
    return false;
}

enum { MAX_LEVELS = 5000 }; /* V8's stack ends sooner; each looks at all */

static bool enter(writer *w, level *l, ejs_value object, ejs_value key)
{
    if (w->depth == MAX_LEVELS) {
        ejs__throw_error(w->ctx, EJS_RANGE_ERROR,
                         "Maximum call stack size exceeded");
        return false;
    }
    for (const level *outer = w->innermost; outer; outer = outer->outer)
        if (same_object(outer->object, object))
            return throw_cycle(w, outer, key);
    *l = (level){w->innermost, object, key};
    w->innermost = l;
    w->depth++;
    return ejs__check_stack(w->ctx) && ejs__fuel(w->ctx, 1);
}

static void leave(writer *w)
{
    w->innermost = w->innermost->outer;
    w->depth--;
}

/* values */

static ejs_value key_text(ejs_context *ctx, ejs_value key)
{
    return ejs__is_number(key) ? ejs__number_to_string(ctx, key.as.number)
                               : key;
}

/* Applies toJSON and the replacer, unwraps Number, String and Boolean. */
static ejs_value prepared(writer *w, ejs_value holder, ejs_value key,
                          ejs_value v)
{
    ejs_context *ctx = w->ctx;
    if (ejs__is_object(v)) {
        const ejs_value method = ejs__get_name(ctx, v, "toJSON");
        if (ejs__is_thrown(method))
            return method;
        const ejs_value text = key_text(ctx, key);
        if (ejs__is_callable(method))
            v = ejs__is_thrown(text)
                    ? text
                    : ejs__call(ctx, method, v, &text, 1, "toJSON");
    }
    if (w->has_replacer && !ejs__is_thrown(v)) {
        ejs__callback cb = w->replacer;
        cb.self = holder;
        cb.args[0] = key_text(ctx, key);
        cb.args[1] = v;
        if (ejs__is_thrown(cb.args[0]))
            return ejs__thrown();
        v = ejs__callback_run(&cb, 2);
    }
    if (ejs__is_kind(v, EJS_OBJECT_NUMBER))
        return ejs__to_number(ctx, v);
    if (ejs__is_kind(v, EJS_OBJECT_STRING))
        return ejs__to_string(ctx, v);
    if (ejs__is_kind(v, EJS_OBJECT_BOOLEAN))
        return ((const ejs__wrapper *)v.as.object)->value;
    return v;
}

static bool is_written(ejs_value v)
{
    return v.tag != EJS_TAG_UNDEFINED && !ejs__is_callable(v);
}

static bool put_value(writer *w, ejs_value key, ejs_value v);

static bool put_array(writer *w, ejs_value key, ejs_value v)
{
    level here;
    double length;
    bool any = false;
    if (!enter(w, &here, v, key) || !ejs__length_of(w->ctx, v, &length))
        return false;
    ejs__builder_putc(&w->out, '[');
    for (double i = 0; i < length; i++) {
        ejs_value item = ejs__element(w->ctx, v, i);
        if (!ejs__is_thrown(item))
            item = prepared(w, v, ejs__number(i), item);
        if (ejs__is_thrown(item) || !ejs__fuel(w->ctx, 1))
            return false;
        if (any)
            ejs__builder_putc(&w->out, ',');
        any = true;
        put_line(w);
        if (!is_written(item))
            item = ejs__null();
        if (!put_value(w, ejs__number(i), item))
            return false;
    }
    leave(w);
    if (any)
        put_line(w);
    ejs__builder_putc(&w->out, ']');
    return true;
}

static bool put_object(writer *w, ejs_value key, ejs_value v)
{
    level here;
    ejs__keys keys;
    bool any = false;
    if (!enter(w, &here, v, key))
        return false;
    if (w->only)
        keys = (ejs__keys){w->only->items, w->only->object.length};
    else if (!ejs__own_keys(w->ctx, v, &keys))
        return false;
    ejs__builder_putc(&w->out, '{');
    for (uint32_t i = 0; i < keys.count; i++) {
        const ejs_value name = keys.list[i];
        ejs_value item = ejs__get_index(w->ctx, v, name);
        if (!ejs__is_thrown(item))
            item = prepared(w, v, name, item);
        if (ejs__is_thrown(item) || !ejs__fuel(w->ctx, 1))
            return false;
        if (!is_written(item))
            continue;
        if (any)
            ejs__builder_putc(&w->out, ',');
        any = true;
        put_line(w);
        put_quoted(&w->out, name);
        ejs__builder_puts(&w->out, w->gap_size ? ": " : ":");
        if (!put_value(w, name, item))
            return false;
    }
    leave(w);
    if (any)
        put_line(w);
    ejs__builder_putc(&w->out, '}');
    return true;
}

/* A prepared value that is written: not undefined, no function. */
static bool put_value(writer *w, ejs_value key, ejs_value v)
{
    switch (v.tag) {
    case EJS_TAG_STRING:
        put_quoted(&w->out, v);
        return true;
    case EJS_TAG_BOOLEAN:
        ejs__builder_puts(&w->out, v.as.bits ? "true" : "false");
        return true;
    case EJS_TAG_NUMBER:
        if (isfinite(v.as.number)) {
            const ejs_value text =
                ejs__number_to_string(w->ctx, v.as.number);
            if (ejs__is_thrown(text))
                return false;
            ejs__builder_put(&w->out, text.as.text, text.size);
            return true;
        }
        break;
    case EJS_TAG_OBJECT:
    case EJS_TAG_JSON:
        return ejs__is_array(v) ? put_array(w, key, v) : put_object(w, key, v);
    default:
        break;
    }
    ejs__builder_puts(&w->out, "null");
    return true;
}

/* the arguments of stringify */

static bool contains(const ejs__array *list, ejs_value key)
{
    for (uint32_t i = 0; i < list->object.length; i++)
        if (ejs__string_equal(list->items[i], key))
            return true;
    return false;
}

/* The keys an array as replacer names, each once. */
static bool read_key_list(writer *w, ejs_value list)
{
    double length;
    w->only = ejs__array_new(w->ctx, 4);
    if (!w->only || !ejs__length_of(w->ctx, list, &length))
        return false;
    for (double i = 0; i < length; i++) {
        const ejs_value item = ejs__element(w->ctx, list, i);
        if (ejs__is_thrown(item) || !ejs__fuel(w->ctx, 1))
            return false;
        if (!ejs__is_string(item) && !ejs__is_number(item) &&
            !ejs__is_kind(item, EJS_OBJECT_STRING) &&
            !ejs__is_kind(item, EJS_OBJECT_NUMBER))
            continue;
        const ejs_value key = ejs__to_string(w->ctx, item);
        if (ejs__is_thrown(key))
            return false;
        if (!contains(w->only, key) && !ejs__array_push(w->ctx, w->only, key))
            return false;
    }
    return true;
}

/* The space argument: up to ten blanks or the first ten units of a text. */
static bool read_gap(writer *w, ejs_value space)
{
    if (ejs__is_kind(space, EJS_OBJECT_NUMBER))
        space = ejs__to_number(w->ctx, space);
    else if (ejs__is_kind(space, EJS_OBJECT_STRING))
        space = ejs__to_string(w->ctx, space);
    if (ejs__is_thrown(space))
        return false;
    if (ejs__is_number(space)) {
        const double n = space.as.number;
        w->gap_size = n >= 10 ? 10 : n >= 1 ? (uint32_t)n : 0;
        memset(w->gap, ' ', w->gap_size);
    } else if (ejs__is_string(space)) {
        const uint32_t length = ejs__units(w->ctx, space);
        space = ejs__substring(w->ctx, space, 0, length < 10 ? length : 10);
        if (ejs__is_thrown(space))
            return false;
        w->gap_size = space.size;
        if (space.size)
            memcpy(w->gap, space.as.text, space.size);
    }
    return true;
}

static ejs_value json_stringify(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value replacer = ejs__arg(call, 1);
    writer w = {.ctx = ctx, .out = ejs__builder_new(ctx)};
    ejs_value holder = ejs__undefined();
    if (ejs__is_callable(replacer)) {
        ejs_object *object = ejs__object_new(ctx);
        if (!object ||
            !ejs__define_name(ctx, object, "", ejs__arg(call, 0),
                              EJS_ORDINARY) ||
            !ejs__callback_init(ctx, &w.replacer, replacer, ejs__undefined()))
            return ejs__thrown();
        holder = ejs__object(object);
        w.has_replacer = true;
    } else if (ejs__is_array(replacer) && !read_key_list(&w, replacer)) {
        return ejs__thrown();
    }
    if (!read_gap(&w, ejs__arg(call, 2)))
        return ejs__thrown();
    const ejs_value v =
        prepared(&w, holder, EJS_LITERAL(""), ejs__arg(call, 0));
    if (ejs__is_thrown(v) || !is_written(v))
        return ejs__is_thrown(v) ? v : ejs__undefined();
    if (!put_value(&w, EJS_LITERAL(""), v))
        return ejs__thrown();
    return ejs__builder_take(&w.out);
}

/* clang-format off */
const ejs__builtin ejs__json_functions[] = {
    {"parse",     json_parse,     2, EJS_ROW_METHOD},
    {"stringify", json_stringify, 3, EJS_ROW_METHOD},
    {0},
};
/* clang-format on */
