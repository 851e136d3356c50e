/* value.c - compares, copies and prints values, and follows paths. */
#include "model/value.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

mvc__kind mvc__kind_of(json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        return KIND_NULL;
    case json_type_int:
    case json_type_double:
        return KIND_NUMBER;
    case json_type_string:
        return KIND_TEXT;
    case json_type_object:
        return KIND_OBJECT;
    case json_type_array:
        return KIND_ARRAY;
    case json_type_boolean:
        return KIND_BOOLEAN;
    }
    return KIND_NULL;
}

double mvc__number(json_object *value)
{
    return json_object_get_double(value);
}

bool mvc__whole(json_object *value, int64_t *whole)
{
    if (json_object_is_type(value, json_type_int)) {
        *whole = json_object_get_int64(value);
        return json_object_get_uint64(value) <= INT64_MAX || *whole < 0;
    }
    const double x = json_object_get_double(value);
    if (!(x >= -0x1p63 && x < 0x1p63) || x != floor(x))
        return false;
    *whole = (int64_t)x;
    return true;
}

bool mvc__whole_part(json_object *value, int64_t *whole)
{
    if (mvc__kind_of(value) != KIND_NUMBER)
        return false;
    if (mvc__whole(value, whole))
        return true;
    const double x = trunc(mvc__number(value));
    if (!(x >= -0x1p63 && x < 0x1p63))
        return false;
    *whole = (int64_t)x;
    return true;
}

/* Exact, though one side may be a double and the other above 2^53. */
static int compare_numbers(json_object *a, json_object *b)
{
    int64_t i, j;
    if (mvc__whole(a, &i) && mvc__whole(b, &j))
        return (i > j) - (i < j);
    const double x = mvc__number(a), y = mvc__number(b);
    return (x > y) - (x < y);
}

static int compare_texts(json_object *a, json_object *b)
{
    const size_t m = (size_t)json_object_get_string_len(a);
    const size_t n = (size_t)json_object_get_string_len(b);
    const int order = memcmp(json_object_get_string(a),
                             json_object_get_string(b), m < n ? m : n);
    return order ? order : (m > n) - (m < n);
}

static int compare_arrays(json_object *a, json_object *b)
{
    const size_t m = json_object_array_length(a);
    const size_t n = json_object_array_length(b);
    for (size_t i = 0; i < m && i < n; i++) {
        const int order = mvc__compare(json_object_array_get_idx(a, i),
                                       json_object_array_get_idx(b, i));
        if (order)
            return order;
    }
    return (m > n) - (m < n);
}

/* Member by member in their order: kind, then name, then value. */
static int compare_objects(json_object *a, json_object *b)
{
    struct json_object_iterator i = json_object_iter_begin(a);
    struct json_object_iterator j = json_object_iter_begin(b);
    const struct json_object_iterator i_end = json_object_iter_end(a);
    const struct json_object_iterator j_end = json_object_iter_end(b);
    while (!json_object_iter_equal(&i, &i_end) &&
           !json_object_iter_equal(&j, &j_end)) {
        json_object *x = json_object_iter_peek_value(&i);
        json_object *y = json_object_iter_peek_value(&j);
        int order = (int)mvc__kind_of(x) - (int)mvc__kind_of(y);
        if (!order)
            order = strcmp(json_object_iter_peek_name(&i),
                           json_object_iter_peek_name(&j));
        if (!order)
            order = mvc__compare(x, y);
        if (order)
            return order;
        json_object_iter_next(&i);
        json_object_iter_next(&j);
    }
    return !json_object_iter_equal(&i, &i_end) -
           !json_object_iter_equal(&j, &j_end);
}

int mvc__compare(json_object *a, json_object *b)
{
    const mvc__kind kind = mvc__kind_of(a);
    const int order = (int)kind - (int)mvc__kind_of(b);
    if (order)
        return order;
    switch (kind) {
    case KIND_NULL:
        return 0;
    case KIND_NUMBER:
        return compare_numbers(a, b);
    case KIND_TEXT:
        return compare_texts(a, b);
    case KIND_OBJECT:
        return compare_objects(a, b);
    case KIND_ARRAY:
        return compare_arrays(a, b);
    case KIND_BOOLEAN:
        return (json_object_get_boolean(a) != 0) -
               (json_object_get_boolean(b) != 0);
    }
    return 0;
}

bool mvc__equal(json_object *a, json_object *b)
{
    return a == b || mvc__compare(a, b) == 0;
}

/* paths -------------------------------------------------------------------- */

bool mvc__path_split(base_arena *arena, const char *text, mvc__path *path)
{
    size_t n = 1;
    for (const char *c = text; *c; c++)
        n += *c == '.';
    if (strncmp(text, "_id", 3) == 0 && (text[3] == '\0' || text[3] == '.'))
        text++;
    path->n = *text ? n : 0;
    path->text = base_arena_dup(arena, text, strlen(text));
    path->parts = base_arena_zalloc(arena, n, sizeof *path->parts);
    char *rest = base_arena_dup(arena, text, strlen(text));
    if (!path->text || !path->parts || !rest)
        return false;
    for (size_t i = 0; i < path->n; i++) {
        path->parts[i] = rest;
        char *dot = strchr(rest, '.');
        if (!dot)
            break;
        *dot = '\0';
        rest = dot + 1;
    }
    return true;
}

bool mvc__array_index(const char *part, size_t *index)
{
    size_t n = 0;
    if (!*part || (part[0] == '0' && part[1]) || strlen(part) > 9)
        return false;
    for (; *part; part++) {
        if (*part < '0' || *part > '9')
            return false;
        n = n * 10 + (size_t)(*part - '0');
    }
    *index = n;
    return true;
}

/* One step; false when there is nothing there. */
static bool step(json_object *value, const char *part, json_object **found)
{
    size_t index;
    if (json_object_is_type(value, json_type_object))
        return json_object_object_get_ex(value, part, found);
    if (!json_object_is_type(value, json_type_array) ||
        !mvc__array_index(part, &index) ||
        index >= json_object_array_length(value))
        return false;
    *found = json_object_array_get_idx(value, index);
    return true;
}

bool mvc__path_get(json_object *value, const mvc__path *path,
                   json_object **found)
{
    *found = NULL;
    for (size_t i = 0; i < path->n; i++)
        if (!step(value, path->parts[i], &value))
            return false;
    *found = value;
    return true;
}

typedef struct walk {
    const mvc__path *path;
    bool expand;
    mvc__visit visit;
    void *context;
} walk;

static bool walk_leaf(const walk *w, json_object *value)
{
    if (w->expand && json_object_is_type(value, json_type_array)) {
        const size_t n = json_object_array_length(value);
        for (size_t i = 0; i < n; i++)
            if (w->visit(w->context, json_object_array_get_idx(value, i),
                         false))
                return true;
    }
    return w->visit(w->context, value, false);
}

static bool walk_from(const walk *w, json_object *value, size_t at);

/* Objects in the array, and, when the part is a number, the element there. */
static bool walk_array(const walk *w, json_object *array, size_t at)
{
    const size_t n = json_object_array_length(array);
    for (size_t i = 0; i < n; i++) {
        json_object *element = json_object_array_get_idx(array, i);
        if (json_object_is_type(element, json_type_object) &&
            walk_from(w, element, at))
            return true;
    }
    size_t index;
    return mvc__array_index(w->path->parts[at], &index) && index < n &&
           walk_from(w, json_object_array_get_idx(array, index), at + 1);
}

static bool walk_from(const walk *w, json_object *value, size_t at)
{
    if (at == w->path->n)
        return walk_leaf(w, value);
    if (json_object_is_type(value, json_type_array))
        return walk_array(w, value, at);
    json_object *member;
    if (json_object_is_type(value, json_type_object) &&
        json_object_object_get_ex(value, w->path->parts[at], &member))
        return walk_from(w, member, at + 1);
    return w->visit(w->context, NULL, true);
}

bool mvc__walk(json_object *value, const mvc__path *path, bool expand,
               mvc__visit visit, void *context)
{
    const walk w = {path, expand, visit, context};
    return walk_from(&w, value, 0);
}

/* sorting ------------------------------------------------------------------ */

typedef struct extreme {
    bool descending, any;
    json_object *value;
    bool any_array, any_element; /* an empty array sorts below null */
} extreme;

static bool consider(void *context, json_object *value, bool missing)
{
    extreme *best = context;
    (void)missing;
    const int order = best->any ? mvc__compare(value, best->value) : 0;
    if (!best->any || (best->descending ? order > 0 : order < 0))
        best->value = value;
    best->any = true;
    return false;
}

/* An array that the path ends in counts by its elements, not as a whole. */
static bool consider_leaf(void *context, json_object *value, bool missing)
{
    if (!json_object_is_type(value, json_type_array))
        return consider(context, value, missing);
    const size_t n = json_object_array_length(value);
    for (size_t i = 0; i < n; i++)
        consider(context, json_object_array_get_idx(value, i), false);
    return false;
}

json_object *mvc__sort_value(json_object *doc, const mvc__path *path,
                             bool descending)
{
    extreme best = {.descending = descending};
    mvc__walk(doc, path, false, consider_leaf, &best);
    return best.value;
}

/* Big-endian with the sign turned over, so that bytes order as doubles do. */
static void put_double(double x, base_buf *out)
{
    uint64_t bits;
    x += 0.0; /* -0 and 0 are equal */
    memcpy(&bits, &x, sizeof bits);
    bits = bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
    for (int shift = 56; shift >= 0; shift -= 8)
        base_buf_putc(out, (char)(bits >> shift));
}

/*
 * Whole numbers above 2^53 share doubles with their neighbours: what the
 * double lost follows it.
 */
static void put_number(json_object *value, base_buf *out)
{
    const double x = mvc__number(value);
    int64_t whole, lost = 0;
    put_double(x, out);
    if (mvc__whole(value, &whole) && x >= -0x1p63 && x < 0x1p63)
        lost = whole - (int64_t)x;
    else if (x == 0x1p63 && mvc__whole(value, &whole))
        lost = whole - INT64_MAX - 1;
    put_double((double)lost, out);
}

/* Ends with 0 0; a zero byte within is 0 1, so a prefix sorts first. */
static void put_bytes(const char *text, size_t size, base_buf *out)
{
    for (size_t i = 0; i < size; i++) {
        base_buf_putc(out, text[i]);
        if (text[i] == '\0')
            base_buf_putc(out, 1);
    }
    base_buf_put(out, "\0\0", 2);
}

static void put_members(json_object *object, base_buf *out)
{
    json_object_object_foreach(object, key, member)
    {
        base_buf_putc(out, (char)(1 + mvc__kind_of(member)));
        put_bytes(key, strlen(key), out);
        mvc__sort_bytes(member, out);
    }
    base_buf_putc(out, 0);
}

void mvc__sort_bytes(json_object *value, base_buf *out)
{
    const mvc__kind kind = mvc__kind_of(value);
    base_buf_putc(out, (char)(1 + kind));
    switch (kind) {
    case KIND_NULL:
        break;
    case KIND_NUMBER:
        put_number(value, out);
        break;
    case KIND_TEXT:
        put_bytes(json_object_get_string(value),
                  (size_t)json_object_get_string_len(value), out);
        break;
    case KIND_OBJECT:
        put_members(value, out);
        break;
    case KIND_ARRAY:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            mvc__sort_bytes(json_object_array_get_idx(value, i), out);
        base_buf_putc(out, 0);
        break;
    case KIND_BOOLEAN:
        base_buf_putc(out, json_object_get_boolean(value) ? 1 : 0);
        break;
    }
}

/* printing ----------------------------------------------------------------- */

static void print_text(const char *text, size_t size, base_buf *out)
{
    size_t plain = 0;
    base_buf_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        base_buf_put(out, text + plain, i - plain);
        plain = i + 1;
        if (c < 0x20)
            base_buf_printf(out, "\\u%04x", c);
        else
            base_buf_printf(out, "\\%c", c);
    }
    base_buf_put(out, text + plain, size - plain);
    base_buf_putc(out, '"');
}

/* Shortest digits that read back; a double stays one when read again. */
static void print_double(double x, base_buf *out)
{
    char digits[BASE_NUMBER_SIZE];
    if (!isfinite(x)) {
        base_buf_puts(out, "null");
        return;
    }
    const size_t size = base_number_format(x, digits);
    base_buf_put(out, digits, size);
    if (!memchr(digits, '.', size) && !memchr(digits, 'e', size))
        base_buf_puts(out, ".0");
}

static void print_object(json_object *object, base_buf *out)
{
    const char *comma = "";
    base_buf_putc(out, '{');
    json_object_object_foreach(object, key, member)
    {
        base_buf_puts(out, comma);
        print_text(key, strlen(key), out);
        base_buf_putc(out, ':');
        mvc__print(member, out);
        comma = ",";
    }
    base_buf_putc(out, '}');
}

static void print_array(json_object *array, base_buf *out)
{
    base_buf_putc(out, '[');
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        if (i > 0)
            base_buf_putc(out, ',');
        mvc__print(json_object_array_get_idx(array, i), out);
    }
    base_buf_putc(out, ']');
}

/*
 * json-c's own printer cuts the text short when memory is, without a word, and
 * a document cut short must never be stored: hence this one.
 */
void mvc__print(json_object *value, base_buf *out)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        base_buf_puts(out, "null");
        break;
    case json_type_boolean:
        base_buf_puts(out, json_object_get_boolean(value) ? "true" : "false");
        break;
    case json_type_int:
        if (json_object_get_int64(value) < 0)
            base_buf_printf(out, "%lld",
                            (long long)json_object_get_int64(value));
        else
            base_buf_printf(out, "%llu",
                            (unsigned long long)json_object_get_uint64(value));
        break;
    case json_type_double:
        print_double(json_object_get_double(value), out);
        break;
    case json_type_string:
        print_text(json_object_get_string(value),
                   (size_t)json_object_get_string_len(value), out);
        break;
    case json_type_object:
        print_object(value, out);
        break;
    case json_type_array:
        print_array(value, out);
        break;
    }
}

/* making ------------------------------------------------------------------- */

bool mvc__set(json_object *object, const char *key, json_object *value)
{
    if (json_object_object_add(object, key, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

bool mvc__append(json_object *array, json_object *value)
{
    if (json_object_array_add(array, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static bool copy_members(json_object *from, json_object *to)
{
    json_object_object_foreach(from, key, member)
    {
        json_object *copy;
        if (!mvc__copy(member, &copy) || !mvc__set(to, key, copy))
            return false;
    }
    return true;
}

static bool copy_elements(json_object *from, json_object *to)
{
    for (size_t i = 0; i < json_object_array_length(from); i++) {
        json_object *copy;
        if (!mvc__copy(json_object_array_get_idx(from, i), &copy) ||
            !mvc__append(to, copy))
            return false;
    }
    return true;
}

/* Texts, numbers and dates never change, so copies share them. */
bool mvc__copy(json_object *value, json_object **copy)
{
    bool ok = true;
    switch (json_object_get_type(value)) {
    case json_type_object:
        *copy = json_object_new_object();
        ok = *copy && copy_members(value, *copy);
        break;
    case json_type_array:
        *copy = json_object_new_array();
        ok = *copy && copy_elements(value, *copy);
        break;
    default:
        *copy = json_object_get(value);
    }
    if (!ok) {
        json_object_put(*copy);
        *copy = NULL;
    }
    return ok;
}
