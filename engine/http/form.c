/*
 * form.c - urlencoded text, read as Node's querystring or as qs does.
 *
 * In the extended way each pair becomes a small tree ("a[b][]=1" is
 * {a: {b: [1]}}), which is merged into what is there.  A gap in an array is a
 * NULL member until the end.
 */
#include "http/form.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "http/target.h"

typedef struct json_object json;

/* decoding ----------------------------------------------------------------- */

static bool is_escape(const char *at, const char *end)
{
    return end - at > 2 && mvc__hex(at[1]) >= 0 && mvc__hex(at[2]) >= 0;
}

/* '+' and %XX undone; broken escapes stay.  NULL when out of memory. */
static char *unescape(base_arena *arena, const char *at, size_t size,
                      size_t *out_size, bool *broken)
{
    const char *end = at + size;
    char *out = base_arena_alloc(arena, size + 1);
    size_t n = 0;
    for (; out && at < end; at++) {
        if (*at == '%' && is_escape(at, end)) {
            out[n++] = (char)(mvc__hex(at[1]) * 16 + mvc__hex(at[2]));
            at += 2;
        } else {
            *broken |= *at == '%';
            out[n++] = *at == '+' ? ' ' : *at;
        }
    }
    if (out)
        out[n] = '\0';
    *out_size = n;
    return out;
}

/* Bytes of ISO 8859-1 as UTF-8. */
static char *from_latin1(base_arena *arena, const char *text, size_t *size)
{
    char *out = base_arena_alloc(arena, 2 * *size + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < *size; i++)
        n += base_utf8_encode((unsigned char)text[i], out + n);
    if (out)
        out[n] = '\0';
    *size = n;
    return out;
}

/* What is not UTF-8 becomes U+FFFD. */
static char *repair(base_arena *arena, char *text, size_t *size)
{
    if (base_utf8_valid(text, *size, false))
        return text;
    base_buf whole = {0};
    base_utf8_repair(&whole, text, *size);
    *size = whole.size;
    text = whole.failed ? NULL : base_arena_dup(arena, whole.data, whole.size);
    base_buf_free(&whole);
    return text;
}

/* querystring: escapes of what is not UTF-8 are undone.  qs: they stay. */
static char *decode(base_arena *arena, const char *text, size_t size,
                    const mvc__form_options *o, size_t *out_size)
{
    bool broken = false;
    char *out = unescape(arena, text, size, out_size, &broken);
    if (!out)
        return NULL;
    if (o->latin1)
        return from_latin1(arena, out, out_size);
    if (o->nested && (broken || !base_utf8_valid(out, *out_size, false))) {
        out = base_arena_dup(arena, text, size);
        for (size_t i = 0; out && i < size; i++)
            if (out[i] == '+')
                out[i] = ' ';
        *out_size = size;
    }
    return out ? repair(arena, out, out_size) : NULL;
}

/* simple ------------------------------------------------------------------- */

static bool set(json *object, const char *name, json *value)
{
    if (json_object_object_add(object, name, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static bool push(json *array, json *value)
{
    if (array && json_object_array_add(array, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

/* A second value of a name makes an array of both. */
static bool add_simple(json *form, const char *name, json *value)
{
    json *old = NULL;
    if (!json_object_object_get_ex(form, name, &old))
        return set(form, name, value);
    if (json_object_is_type(old, json_type_array))
        return push(old, value);
    json *both = json_object_new_array();
    if (!push(both, json_object_get(old)) || !push(both, value)) {
        json_object_put(both);
        return false;
    }
    return set(form, name, both);
}

/* extended
 * --------------------------------------------------------------------- */

/*
 * An object that was an array, or could not be one for its size, goes on
 * counting: what is added without a name gets the next number.  The number
 * is kept as the object's user data.
 */
static size_t next_number(json *object)
{
    return (size_t)(uintptr_t)json_object_get_userdata(object);
}

static void number_from(json *object, size_t next)
{
    json_object_set_userdata(object, (void *)(uintptr_t)next, NULL);
}

static bool set_number(json *object, size_t number, json *value)
{
    char name[24];
    snprintf(name, sizeof name, "%zu", number);
    if (number >= next_number(object))
        number_from(object, number + 1);
    return set(object, name, value);
}

static bool is_array(json *value)
{
    return json_object_is_type(value, json_type_array);
}

static bool is_tree(json *value)
{
    return json_object_is_type(value, json_type_object) || is_array(value);
}

static json *array_to_object(json *array)
{
    json *object = json_object_new_object();
    const size_t n = json_object_array_length(array);
    for (size_t i = 0; object && i < n; i++) {
        json *item = json_object_array_get_idx(array, i);
        if (item)
            set_number(object, i, json_object_get(item));
    }
    json_object_put(array);
    return object;
}

/* An array with more members than may be becomes an object. */
static json *limit_array(json *array, size_t limit)
{
    const size_t n = json_object_array_length(array);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += json_object_array_get_idx(array, i) != NULL;
    return count > limit ? array_to_object(array) : array;
}

static json *merge(json *target, json *source, size_t limit);

static json *merge_arrays(json *target, json *source, size_t limit)
{
    const size_t n = json_object_array_length(source);
    for (size_t i = 0; i < n; i++) {
        json *item = json_object_get(json_object_array_get_idx(source, i));
        json *old = json_object_array_get_idx(target, i);
        if (!item)
            continue;
        if (!old)
            json_object_array_put_idx(target, i, item);
        else if (is_tree(old) && is_tree(item))
            json_object_array_put_idx(target, i,
                                      merge(json_object_get(old), item, limit));
        else
            push(target, item);
    }
    json_object_put(source);
    return limit_array(target, limit);
}

static json *merge_objects(json *target, json *source, size_t limit)
{
    json_object_object_foreach(source, name, value)
    {
        json *old = NULL;
        json_object_get(value);
        if (json_object_object_get_ex(target, name, &old))
            value = merge(json_object_get(old), value, limit);
        set(target, name, value);
    }
    if (next_number(source) > next_number(target))
        number_from(target, next_number(source));
    json_object_put(source);
    return target;
}

static json *pair(json *first, json *second)
{
    json *both = json_object_new_array();
    push(both, first);
    push(both, second);
    return both;
}

static json *merge_text(json *target, json *source, size_t limit)
{
    if (is_array(target)) {
        push(target, source);
        return limit_array(target, limit);
    }
    if (json_object_is_type(target, json_type_object) &&
        next_number(target) > 0) {
        set_number(target, next_number(target), source);
        return target;
    }
    return pair(target, source);
}

/* Takes over both references; the result is the caller's. */
static json *merge(json *target, json *source, size_t limit)
{
    if (!source)
        return target;
    if (!is_tree(source))
        return merge_text(target, source, limit);
    if (!is_tree(target)) {
        if (!is_array(source))
            return pair(target, source);
        json *list = json_object_new_array();
        push(list, target);
        for (size_t i = 0; i < json_object_array_length(source); i++)
            push(list, json_object_get(json_object_array_get_idx(source, i)));
        json_object_put(source);
        return list ? limit_array(list, limit) : NULL;
    }
    if (is_array(target) && is_array(source))
        return merge_arrays(target, source, limit);
    if (is_array(target))
        target = array_to_object(target);
    if (is_array(source))
        source = array_to_object(source);
    return target && source ? merge_objects(target, source, limit) : target;
}

enum { MAX_KEYS = 64 };

/* One step of a nested name: `a`, then `[b]`, `[]` or `[3]`. */
typedef struct key {
    const char *text; /* without its brackets */
    size_t size;
    bool bracketed;
} key;

/* Where the bracket that opens at `open` closes; NULL when it does not. */
static const char *closing(const char *open)
{
    unsigned level = 0;
    for (const char *at = open; *at; at++) {
        if (*at == '[')
            level++;
        else if (*at == ']' && --level == 0)
            return at;
    }
    return NULL;
}

static key whole_key(const char *name)
{
    const size_t size = strlen(name);
    const bool wrapped = size >= 2 && *name == '[' && name[size - 1] == ']';
    return wrapped ? (key){name + 1, size - 2, true} : (key){name, size, false};
}

static mvc__form_status split_keys(const char *name, key keys[MAX_KEYS],
                                   size_t *count, const mvc__form_options *o)
{
    const unsigned depth = o->depth < MAX_KEYS - 2 ? o->depth : MAX_KEYS - 2;
    const char *open = depth ? strchr(name, '[') : NULL;
    size_t n = 0;
    if (depth == 0)
        keys[n++] = whole_key(name);
    else if (!open || open > name)
        keys[n++] =
            (key){name, open ? (size_t)(open - name) : strlen(name), false};
    for (unsigned i = 0; open && i < depth; i++) {
        const char *close = closing(open);
        if (!close) { /* the rest is a name as it stands */
            keys[n++] = (key){open, strlen(open), false};
            *count = n;
            return MVC__FORM_OK;
        }
        keys[n++] = (key){open + 1, (size_t)(close - open - 1), true};
        open = strchr(close + 1, '[');
    }
    *count = n;
    if (!open)
        return MVC__FORM_OK;
    if (o->strict_depth)
        return MVC__FORM_TOO_DEEP;
    keys[n] = (key){open, strlen(open), false};
    *count = n + 1;
    return MVC__FORM_OK;
}

/* "3" when it is written so and within reason; else -1. */
static long index_of(const key *k)
{
    if (!k->bracketed || k->size == 0 || k->size > 9 ||
        (k->text[0] == '0' && k->size > 1))
        return -1;
    long value = 0;
    for (size_t i = 0; i < k->size; i++) {
        if (k->text[i] < '0' || k->text[i] > '9')
            return -1;
        value = value * 10 + (k->text[i] - '0');
    }
    return value;
}

static json *wrap_in_list(json *leaf, size_t limit)
{
    if (is_array(leaf))
        return limit_array(leaf, limit);
    if (json_object_is_type(leaf, json_type_object) && next_number(leaf) > 0)
        return leaf;
    json *list = json_object_new_array();
    push(list, leaf);
    return list ? limit_array(list, limit) : NULL;
}

/* Wraps `leaf` into what one key stands for. */
static json *wrap(const key *k, json *leaf, const mvc__form_options *o,
                  base_arena *arena)
{
    const long index = index_of(k);
    if (k->bracketed && k->size == 0)
        return wrap_in_list(leaf, o->array_limit);
    if (index >= 0 && (unsigned long)index < o->array_limit) {
        json *list = json_object_new_array();
        if (!list || json_object_array_put_idx(list, (size_t)index, leaf) != 0)
            json_object_put(leaf);
        return list;
    }
    json *object = json_object_new_object();
    const char *name = base_arena_dup(arena, k->text, k->size);
    if (object && index >= 0)
        set_number(object, (size_t)index, leaf);
    else if (object && name && strcmp(name, "__proto__") != 0)
        set(object, name, leaf);
    else
        json_object_put(leaf);
    return object;
}

static mvc__form_status add_nested(json *form, const char *name, json *value,
                                   const mvc__form_options *o,
                                   base_arena *arena)
{
    key keys[MAX_KEYS];
    size_t n;
    const mvc__form_status status = split_keys(name, keys, &n, o);
    if (status != MVC__FORM_OK || n == 0) {
        json_object_put(value);
        return status;
    }
    json *tree = value;
    while (n > 0 && tree)
        tree = wrap(&keys[--n], tree, o, arena);
    /* "[]=1" and "[0]=1" are lists at the top: their members have numbers. */
    if (is_array(tree))
        tree = array_to_object(tree);
    if (!tree)
        return MVC__FORM_NO_MEMORY;
    merge_objects(form, tree, o->array_limit);
    return MVC__FORM_OK;
}

mvc__form_status mvc__form_add(json *form, const char *name, json *value,
                               const mvc__form_options *options,
                               base_arena *arena)
{
    if (options->nested)
        return add_nested(form, name, value, options, arena);
    return add_simple(form, name, value) ? MVC__FORM_OK : MVC__FORM_NO_MEMORY;
}

static json *compact(json *value)
{
    if (json_object_is_type(value, json_type_object)) {
        mvc__form_compact(value);
        return NULL;
    }
    if (!json_object_is_type(value, json_type_array))
        return NULL;
    bool gaps = false;
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        json *item = json_object_array_get_idx(value, i);
        gaps |= !item;
        json *denser = compact(item);
        if (denser)
            json_object_array_put_idx(value, i, denser);
    }
    json *dense = gaps ? json_object_new_array() : NULL;
    for (size_t i = 0; dense && i < json_object_array_length(value); i++) {
        json *item = json_object_array_get_idx(value, i);
        if (item)
            push(dense, json_object_get(item));
    }
    return dense;
}

void mvc__form_compact(json *form)
{
    json_object_object_foreach(form, name, value)
    {
        json *dense = compact(value);
        if (dense)
            set(form, name, dense);
    }
}

/* both
 * -------------------------------------------------------------------------- */

/* Where a pair's name ends: qs takes "]=" before the first "=". */
static const char *find_equals(const char *at, const char *end, bool nested)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    if (!nested || !equals)
        return equals;
    const char *bracket = memmem(at, (size_t)(end - at), "]=", 2);
    return bracket ? bracket + 1 : equals;
}

/* Adds one pair to the flat form, in which a name's values are gathered. */
static mvc__form_status add_pair(json *flat, const char *at, const char *end,
                                 const mvc__form_options *o, base_arena *arena)
{
    const char *equals = find_equals(at, end, o->nested);
    const char *name_end = equals ? equals : end;
    size_t name_size, value_size = 0;
    const char *name =
        decode(arena, at, (size_t)(name_end - at), o, &name_size);
    const char *value = equals
                            ? decode(arena, equals + 1,
                                     (size_t)(end - equals - 1), o, &value_size)
                            : "";
    if (!name || !value)
        return MVC__FORM_NO_MEMORY;
    if (strlen(name) != name_size)
        return MVC__FORM_OK; /* a NUL in a name: nothing can be called so */
    if (o->nested && name_size == 0)
        return MVC__FORM_OK;
    json *text = json_object_new_string_len(value, (int)value_size);
    return text && add_simple(flat, name, text) ? MVC__FORM_OK
                                                : MVC__FORM_NO_MEMORY;
}

/* qs reads escaped brackets as brackets, in names and in values. */
static const char *unescape_brackets(base_arena *arena, const char *text,
                                     size_t *size)
{
    if (!memmem(text, *size, "%5", 2))
        return text;
    char *out = base_arena_alloc(arena, *size);
    size_t n = 0;
    for (size_t i = 0; out && i < *size; i++) {
        const bool found = *size - i > 2 && text[i] == '%' &&
                           text[i + 1] == '5' && strchr("bBdD", text[i + 2]) &&
                           text[i + 2];
        out[n++] = !found ? text[i] : (text[i + 2] | 0x20) == 'b' ? '[' : ']';
        i += found ? 2 : 0;
    }
    *size = n;
    return out;
}

static mvc__form_status gather(json *flat, const char *at, const char *end,
                               const mvc__form_options *o, base_arena *arena)
{
    mvc__form_status status = MVC__FORM_OK;
    for (unsigned count = 0; at < end && status == MVC__FORM_OK; count++) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        if (count == o->parameters)
            return o->strict_count ? MVC__FORM_TOO_MANY : MVC__FORM_OK;
        if (stop > at)
            status = add_pair(flat, at, stop, o, arena);
        at = stop + 1;
    }
    return status;
}

static mvc__form_status nest(json *form, json *flat, const mvc__form_options *o,
                             base_arena *arena)
{
    mvc__form_status status = MVC__FORM_OK;
    json_object_object_foreach(flat, name, value)
    {
        json_object_get(value);
        if (is_array(value))
            value = limit_array(value, o->array_limit);
        if (status == MVC__FORM_OK)
            status = add_nested(form, name, value, o, arena);
        else
            json_object_put(value);
    }
    mvc__form_compact(form);
    return status;
}

json *mvc__form_parse(const char *text, size_t size,
                      const mvc__form_options *options, base_arena *arena,
                      mvc__form_status *status)
{
    json *flat = json_object_new_object(), *form = flat;
    *status = MVC__FORM_NO_MEMORY;
    if (options->nested)
        text = unescape_brackets(arena, text, &size);
    if (flat && text)
        *status = gather(flat, text, text + size, options, arena);
    if (options->nested && *status == MVC__FORM_OK) {
        form = json_object_new_object();
        *status = form ? nest(form, flat, options, arena) : MVC__FORM_NO_MEMORY;
        json_object_put(flat);
    }
    if (*status == MVC__FORM_OK)
        return form;
    json_object_put(form);
    return NULL;
}
