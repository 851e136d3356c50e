/* cast.c - casts single values as Mongoose does, and says when it cannot. */
#include "model/cast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "model/db.h"
#include "model/schema.h"
#include "model/time.h"
#include "model/value.h"

enum { MAX_JSON_DEPTH = 60 };

/* scalars ------------------------------------------------------------------ */

static mvc__cast_result made(json_object *value, json_object **out)
{
    *out = value;
    return value ? CAST_OK : CAST_NO_MEMORY;
}

/* A NUL would end the text early in databases. */
static bool is_clean(json_object *text)
{
    const char *data = json_object_get_string(text);
    const size_t size = (size_t)json_object_get_string_len(text);
    return !memchr(data, '\0', size) && base_utf8_valid(data, size, false);
}

static mvc__cast_result cast_text(json_object *value, json_object **out)
{
    char digits[BASE_NUMBER_SIZE];
    int64_t whole;
    size_t size;
    switch (mvc__kind_of(value)) {
    case KIND_TEXT:
        if (!is_clean(value))
            return CAST_IMPOSSIBLE;
        return made(json_object_get(value), out);
    case KIND_NUMBER:
        size = mvc__whole(value, &whole)
                   ? base_number_format_int(whole, digits)
                   : base_number_format(mvc__number(value), digits);
        return made(json_object_new_string_len(digits, (int)size), out);
    case KIND_BOOLEAN:
        return made(json_object_new_string(
                        json_object_get_boolean(value) ? "true" : "false"),
                    out);
    default:
        return CAST_IMPOSSIBLE;
    }
}

/* The number that is all of the text but blanks around it. */
static bool read_number(json_object *text, double *x, int64_t *whole,
                        bool *is_whole)
{
    const char *data = json_object_get_string(text);
    size_t size = (size_t)json_object_get_string_len(text);
    while (size > 0 && strchr(" \t\r\n", data[size - 1]))
        size--;
    const size_t blank = strspn(data, " \t\r\n");
    if (blank >= size)
        return false;
    data += blank;
    size -= blank;
    size_t used;
    *x = base_number_parse(data, size, &used);
    if (used == 0 || used != size || !isfinite(*x))
        return false;
    *is_whole = strspn(data + (*data == '-' || *data == '+'), "0123456789") +
                        (*data == '-' || *data == '+') >=
                    size &&
                size < 19;
    if (*is_whole)
        *whole = strtoll(data, NULL, 10);
    return true;
}

static mvc__cast_result new_number(mvc_type type, double x, json_object **out)
{
    if (!isfinite(x))
        return CAST_IMPOSSIBLE;
    if (type == MVC_REAL)
        return made(json_object_new_double(x), out);
    if (x != floor(x) || !(x >= -0x1p63 && x < 0x1p63))
        return CAST_IMPOSSIBLE;
    return made(json_object_new_int64((int64_t)x), out);
}

static bool is_blank(json_object *text)
{
    const char *data = json_object_get_string(text);
    return data[strspn(data, " \t\r\n")] == '\0';
}

static mvc__cast_result cast_number(mvc_type type, json_object *value,
                                    json_object **out)
{
    double x;
    int64_t whole;
    bool is_whole;
    switch (mvc__kind_of(value)) {
    case KIND_NUMBER:
        if (type == MVC_INTEGER && mvc__whole(value, &whole))
            return made(json_object_new_int64(whole), out);
        return new_number(type, mvc__number(value), out);
    case KIND_TEXT:
        if (is_blank(value))
            return CAST_OK;
        if (!read_number(value, &x, &whole, &is_whole))
            return CAST_IMPOSSIBLE;
        if (is_whole && type == MVC_INTEGER)
            return made(json_object_new_int64(whole), out);
        return new_number(type, x, out);
    case KIND_BOOLEAN:
        return new_number(type, json_object_get_boolean(value) ? 1 : 0, out);
    default:
        return CAST_IMPOSSIBLE;
    }
}

/* "on" is what a checkbox without a value sends. */
static mvc__cast_result cast_boolean(json_object *value, json_object **out)
{
    static const char *const yes[] = {"true", "1", "yes", "on", NULL};
    static const char *const no[] = {"false", "0", "no", "off", NULL};
    const mvc__kind kind = mvc__kind_of(value);
    if (kind == KIND_BOOLEAN)
        return made(json_object_get(value), out);
    if (kind == KIND_NUMBER) {
        const double x = mvc__number(value);
        if (x != 0 && x != 1)
            return CAST_IMPOSSIBLE;
        return made(json_object_new_boolean(x == 1), out);
    }
    for (size_t i = 0; kind == KIND_TEXT && yes[i]; i++) {
        if (strcmp(json_object_get_string(value), yes[i]) == 0)
            return made(json_object_new_boolean(1), out);
        if (strcmp(json_object_get_string(value), no[i]) == 0)
            return made(json_object_new_boolean(0), out);
    }
    return CAST_IMPOSSIBLE;
}

/* What a date of any maker says: its ISO text or its milliseconds. */
static bool read_time(json_object *value, double *ms)
{
    int64_t whole;
    bool is_whole;
    const char *text;
    switch (mvc__kind_of(value)) {
    case KIND_NUMBER:
        *ms = mvc__number(value);
        break;
    case KIND_TEXT:
        text = json_object_get_string(value);
        if (!mvc__time_parse(text, ms) &&
            !(strlen(text) > 4 && read_number(value, ms, &whole, &is_whole)))
            return false;
        break;
    default:
        return false;
    }
    return fabs(*ms) <= MVC__TIME_MAX;
}

static mvc__cast_result cast_time(json_object *value, json_object **out)
{
    double ms;
    if (json_object_is_type(value, json_type_string) && is_blank(value))
        return CAST_OK;
    /* A date that is no text to json-c still prints as one. */
    if (json_object_is_type(value, json_type_double) ||
        json_object_is_type(value, json_type_object)) {
        const char *json = json_object_to_json_string(value);
        char text[MVC__TIME_SIZE];
        if (json && json[0] == '"' && strlen(json) < sizeof text) {
            snprintf(text, sizeof text, "%.*s", (int)strlen(json) - 2,
                     json + 1);
            if (mvc__time_parse(text, &ms)) {
                mvc__time_format(ms, text);
                return made(json_object_new_string(text), out);
            }
        }
    }
    if (!read_time(value, &ms))
        return CAST_IMPOSSIBLE;
    char text[MVC__TIME_SIZE];
    mvc__time_format(ms, text);
    return made(json_object_new_string(text), out);
}

/* An id, or the document that has it, as populate leaves behind. */
static mvc__cast_result cast_ref(json_object *value, json_object **out)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (json_object_is_type(value, json_type_object) &&
        !json_object_object_get_ex(value, "id", &value))
        return CAST_IMPOSSIBLE;
    if (!json_object_is_type(value, json_type_string))
        return CAST_IMPOSSIBLE;
    const char *id = json_object_get_string(value);
    const size_t size = (size_t)json_object_get_string_len(value);
    if (size == 0)
        return CAST_OK;
    if (size > 63 || strspn(id, allowed) != size)
        return CAST_IMPOSSIBLE;
    return made(json_object_get(value), out);
}

static bool is_storable(json_object *value, int depth);

static bool members_storable(json_object *object, int depth)
{
    json_object_object_foreach(object, key, member)
    {
        if (key[0] == '$' || strchr(key, '.') ||
            !base_utf8_valid(key, strlen(key), false) ||
            !is_storable(member, depth + 1))
            return false;
    }
    return true;
}

/* Neither operators nor dots as keys, nor anything a store would refuse. */
static bool is_storable(json_object *value, int depth)
{
    if (depth == MAX_JSON_DEPTH)
        return false;
    switch (mvc__kind_of(value)) {
    case KIND_TEXT:
        return is_clean(value);
    case KIND_NUMBER:
        return isfinite(mvc__number(value));
    case KIND_OBJECT:
        return members_storable(value, depth);
    case KIND_ARRAY:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            if (!is_storable(json_object_array_get_idx(value, i), depth + 1))
                return false;
        return true;
    default:
        return true;
    }
}

mvc__cast_result mvc__cast(mvc_type type, json_object *value, json_object **out)
{
    *out = NULL;
    switch (type) {
    case MVC_TEXT:
        return cast_text(value, out);
    case MVC_INTEGER:
    case MVC_REAL:
        return cast_number(type, value, out);
    case MVC_BOOLEAN:
        return cast_boolean(value, out);
    case MVC_TIME:
        return cast_time(value, out);
    case MVC_REF:
        return cast_ref(value, out);
    default:
        if (!is_storable(value, 0))
            return CAST_IMPOSSIBLE;
        return made(json_object_get(value), out);
    }
}

/* messages ----------------------------------------------------------------- */

static void show(json_object *value, bool nested, base_buf *out);

static void show_members(json_object *object, base_buf *out)
{
    const char *comma = "{ ";
    json_object_object_foreach(object, key, member)
    {
        base_buf_printf(out, "%s%s: ", comma, key);
        show(member, true, out);
        comma = ", ";
    }
    base_buf_puts(out, *comma == '{' ? "{}" : " }");
}

static void show_elements(json_object *array, base_buf *out)
{
    const size_t n = json_object_array_length(array);
    for (size_t i = 0; i < n; i++) {
        base_buf_puts(out, i ? ", " : "[ ");
        show(json_object_array_get_idx(array, i), true, out);
    }
    base_buf_puts(out, n ? " ]" : "[]");
}

static void show(json_object *value, bool nested, base_buf *out)
{
    char digits[BASE_NUMBER_SIZE];
    if (out->size > MVC__SHOWN * 2)
        return;
    switch (json_object_get_type(value)) {
    case json_type_object:
        show_members(value, out);
        break;
    case json_type_array:
        show_elements(value, out);
        break;
    case json_type_string:
        base_buf_puts(out, nested ? "'" : "");
        base_buf_puts(out, json_object_get_string(value));
        base_buf_puts(out, nested ? "'" : "");
        break;
    case json_type_double:
        base_buf_put(out, digits,
                     base_number_format(mvc__number(value), digits));
        break;
    default:
        mvc__print(value, out);
    }
}

const char *mvc__show(json_object *value, char out[MVC__SHOWN])
{
    base_buf text = {0};
    show(value, false, &text);
    base_buf_putc(&text, '\0');
    if (text.failed) {
        out[0] = '\0';
    } else if (text.size <= MVC__SHOWN - 24) {
        memcpy(out, text.data, text.size);
    } else {
        size_t end = MVC__SHOWN - 24;
        while (end > 0 && ((unsigned char)text.data[end] & 0xC0) == 0x80)
            end--;
        memcpy(out, text.data, end);
        memcpy(out + end, "...", 4);
    }
    base_buf_free(&text);
    return out;
}

static const char *type_of(json_object *value)
{
    static const char *const names[] = {
        [KIND_NULL] = "null",   [KIND_NUMBER] = "number",
        [KIND_TEXT] = "string", [KIND_OBJECT] = "Object",
        [KIND_ARRAY] = "Array", [KIND_BOOLEAN] = "boolean",
    };
    return names[mvc__kind_of(value)];
}

/* A whole number is only asked for once it is a number. */
static const char *cast_name(mvc_type type, json_object *value)
{
    json_object *number = NULL;
    switch (type) {
    case MVC_TEXT:
        return "string";
    case MVC_INTEGER:
        if (mvc__cast(MVC_REAL, value, &number) != CAST_OK)
            return "Number";
        json_object_put(number);
        return "Integer";
    case MVC_REAL:
        return "Number";
    case MVC_BOOLEAN:
        return "Boolean";
    case MVC_TIME:
        return "date";
    case MVC_REF:
        return "ObjectId";
    case MVC_ARRAY:
        return "Array";
    case MVC_OBJECT:
        return "Embedded";
    case MVC_JSON:
        break;
    }
    return "Mixed";
}

void mvc__cast_problem(mvc_error *err, const mvc_model *model, const char *path,
                       const char *name, mvc_type type, json_object *value)
{
    char shown[MVC__SHOWN];
    const char *kind = cast_name(type, value);
    mvc__problem(err, path, kind,
                 "Cast to %s failed for value \"%s\" (type %s) at path \"%s\""
                 " for model \"%s\"",
                 kind, mvc__show(value, shown), type_of(value), name,
                 model->name);
}
