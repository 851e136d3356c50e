/*
 * form.c - urlencoded text, read as Node's querystring or as qs does.
 *
 * In the extended way each pair becomes a small tree ("a[b][]=1" is
 * {a: {b: [1]}}), which is merged into what is there.  A gap in an array is a
 * NULL member until the end.
 */
#include "http/form.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "http/target.h"

typedef struct json_object json;

/* decoding ------------------------------------------------------------------
 */

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

/* querystring: what is not UTF-8 becomes U+FFFD.  qs: it stays escaped. */
static char *decode(base_arena *arena, const char *text, size_t size,
                    bool extended, size_t *out_size)
{
    bool broken = false;
    char *out = unescape(arena, text, size, out_size, &broken);
    if (!out)
        return NULL;
    const bool right = base_utf8_valid(out, *out_size, false);
    if (extended && (broken || !right)) {
        out = base_arena_dup(arena, text, size);
        for (size_t i = 0; out && i < size; i++)
            if (out[i] == '+')
                out[i] = ' ';
        *out_size = size;
        return out;
    }
    if (right)
        return out;
    base_buf repaired = {0};
    base_utf8_repair(&repaired, out, *out_size);
    *out_size = repaired.size;
    out = repaired.failed ? NULL
                          : base_arena_dup(arena, repaired.data, repaired.size);
    base_buf_free(&repaired);
    return out;
}

/* simple ---------------------------------------------------------------------
 */

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

static json *merge(json *target, json *source);

static json *array_to_object(json *array)
{
    json *object = json_object_new_object();
    const size_t n = json_object_array_length(array);
    for (size_t i = 0; object && i < n; i++) {
        char name[24];
        json *item = json_object_array_get_idx(array, i);
        snprintf(name, sizeof name, "%zu", i);
        if (item)
            set(object, name, json_object_get(item));
    }
    json_object_put(array);
    return object;
}

static bool is_tree(json *value)
{
    return json_object_is_type(value, json_type_object) ||
           json_object_is_type(value, json_type_array);
}

static json *merge_arrays(json *target, json *source)
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
                                      merge(json_object_get(old), item));
        else
            push(target, item);
    }
    json_object_put(source);
    return target;
}

static json *merge_objects(json *target, json *source)
{
    json_object_object_foreach(source, name, value)
    {
        json *old = NULL;
        json_object_get(value);
        if (json_object_object_get_ex(target, name, &old))
            value = merge(json_object_get(old), value);
        set(target, name, value);
    }
    json_object_put(source);
    return target;
}

/* qs: a text beside a tree is a member named so, or one more of an array. */
static json *merge_text(json *target, json *source)
{
    if (json_object_is_type(target, json_type_array)) {
        push(target, source);
        return target;
    }
    if (json_object_is_type(target, json_type_object)) {
        set(target, json_object_get_string(source), json_object_new_boolean(1));
        json_object_put(source);
        return target;
    }
    json *both = json_object_new_array();
    push(both, target);
    push(both, source);
    return both;
}

/* Takes over both references; the result is the caller's. */
static json *merge(json *target, json *source)
{
    if (!source)
        return target;
    if (!is_tree(source))
        return merge_text(target, source);
    const bool from_array = json_object_is_type(source, json_type_array);
    if (!is_tree(target)) {
        json *list = json_object_new_array();
        push(list, target);
        if (!from_array) {
            push(list, source);
            return list;
        }
        for (size_t i = 0; i < json_object_array_length(source); i++)
            push(list, json_object_get(json_object_array_get_idx(source, i)));
        json_object_put(source);
        return list;
    }
    if (json_object_is_type(target, json_type_array)) {
        if (from_array)
            return merge_arrays(target, source);
        target = array_to_object(target);
    } else if (from_array) {
        source = array_to_object(source);
    }
    return target && source ? merge_objects(target, source) : target;
}

enum { MAX_KEYS = 64 };

/* One step of a nested name: `a`, then `[b]`, `[]` or `[3]`. */
typedef struct key {
    const char *text; /* without its brackets */
    size_t size;
    bool bracketed;
} key;

/* A bracket pair without brackets inside; NULL when there is none. */
static const char *find_bracket(const char *at, const char **close)
{
    for (;;) {
        at = strchr(at, '[');
        if (!at)
            return NULL;
        const size_t inside = strcspn(at + 1, "[]");
        *close = at + 1 + inside;
        if (**close == ']')
            return at;
        at++;
    }
}

static mvc__form_status split_keys(const char *name, key keys[MAX_KEYS],
                                   size_t *count, const mvc__form_options *o)
{
    const unsigned depth = o->depth < MAX_KEYS - 2 ? o->depth : MAX_KEYS - 2;
    const char *close = NULL;
    const char *open = find_bracket(name, &close);
    size_t n = 0;
    if (!open || open > name)
        keys[n++] =
            (key){name, open ? (size_t)(open - name) : strlen(name), false};
    for (unsigned i = 0; open && i < depth; i++) {
        keys[n++] = (key){open + 1, (size_t)(close - open - 1), true};
        open = find_bracket(close + 1, &close);
    }
    *count = n;
    if (!open)
        return MVC__FORM_OK;
    if (o->strict_depth)
        return MVC__FORM_TOO_DEEP;
    keys[n] = (key){open, strlen(open), true};
    *count = n + 1;
    return MVC__FORM_OK;
}

/* "3" when it is written so and within the limit; else -1. */
static long index_of(const key *k, unsigned limit)
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
    return value <= (long)limit ? value : -1;
}

/* Wraps `leaf` into what one key stands for. */
static json *wrap(const key *k, json *leaf, const mvc__form_options *o,
                  base_arena *arena)
{
    const long index = index_of(k, o->array_limit);
    if (k->bracketed && k->size == 0) {
        if (json_object_is_type(leaf, json_type_array))
            return leaf;
        json *list = json_object_new_array();
        push(list, leaf);
        return list;
    }
    if (index >= 0) {
        json *list = json_object_new_array();
        if (!list || json_object_array_put_idx(list, (size_t)index, leaf) != 0)
            json_object_put(leaf);
        return list;
    }
    json *object = json_object_new_object();
    const char *name = base_arena_dup(arena, k->text, k->size);
    if (object && name && strcmp(name, "__proto__") != 0)
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
    if (status != MVC__FORM_OK) {
        json_object_put(value);
        return status;
    }
    json *tree = value;
    while (n > 0 && tree)
        tree = wrap(&keys[--n], tree, o, arena);
    if (!tree)
        return MVC__FORM_NO_MEMORY;
    /* "[]=1" and "[0]=1" are lists at the top: their members have numbers. */
    if (json_object_is_type(tree, json_type_array))
        tree = array_to_object(tree);
    if (!json_object_is_type(tree, json_type_object)) {
        json_object_put(tree);
        return MVC__FORM_OK;
    }
    merge_objects(form, tree);
    return MVC__FORM_OK;
}

mvc__form_status mvc__form_add(json *form, const char *name, json *value,
                               const mvc__form_options *options,
                               base_arena *arena)
{
    if (options->extended)
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
static const char *find_equals(const char *at, const char *end, bool extended)
{
    const char *equals = memchr(at, '=', (size_t)(end - at));
    if (!extended || !equals)
        return equals;
    const char *bracket = memmem(at, (size_t)(end - at), "]=", 2);
    return bracket ? bracket + 1 : equals;
}

static mvc__form_status add_pair(json *form, const char *at, const char *end,
                                 const mvc__form_options *o, base_arena *arena)
{
    const char *equals = find_equals(at, end, o->extended);
    const char *name_end = equals ? equals : end;
    size_t name_size, value_size = 0;
    const char *name =
        decode(arena, at, (size_t)(name_end - at), o->extended, &name_size);
    const char *value =
        equals ? decode(arena, equals + 1, (size_t)(end - equals - 1),
                        o->extended, &value_size)
               : "";
    if (!name || !value)
        return MVC__FORM_NO_MEMORY;
    if (strlen(name) != name_size)
        return MVC__FORM_OK; /* a NUL in a name: nothing can be called so */
    if (o->extended && name_size == 0)
        return MVC__FORM_OK;
    json *text = json_object_new_string_len(value, (int)value_size);
    return text ? mvc__form_add(form, name, text, o, arena)
                : MVC__FORM_NO_MEMORY;
}

json *mvc__form_parse(const char *text, size_t size,
                      const mvc__form_options *options, base_arena *arena,
                      mvc__form_status *status)
{
    json *form = json_object_new_object();
    const char *at = text, *end = text + size;
    unsigned count = 0;
    *status = form ? MVC__FORM_OK : MVC__FORM_NO_MEMORY;
    while (form && at < end && *status == MVC__FORM_OK) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        if (count++ == options->parameters) {
            if (options->strict_count)
                *status = MVC__FORM_TOO_MANY;
            break;
        }
        if (stop > at)
            *status = add_pair(form, at, stop, options, arena);
        at = stop + 1;
    }
    if (*status != MVC__FORM_OK) {
        json_object_put(form);
        return NULL;
    }
    if (options->extended)
        mvc__form_compact(form);
    return form;
}
