/* shape.c - brings documents into their schema's shape, and dates back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "model/cast.h"
#include "model/db.h"
#include "model/schema.h"
#include "model/time.h"
#include "model/value.h"

enum { PATH_SIZE = 256 };

typedef struct caster {
    const mvc_model *model;
    bool fill;
    mvc_error *err;
    char path[PATH_SIZE]; /* where we are; a longer one is cut */
} caster;

/* Appends a part to the path; returns the length to cut back to. */
static size_t push(caster *c, const char *part)
{
    const size_t size = strlen(c->path);
    snprintf(c->path + size, sizeof c->path - size, "%s%s", size ? "." : "",
             part);
    return size;
}

static bool cast_members(caster *c, const mvc_field *fields,
                         json_object *object);

/* White space as JavaScript's trim() has it. */
static json_object *trimmed(const char *text, size_t size)
{
    uint32_t code;
    size_t used;
    while ((used = base_utf8_decode(text, size, &code)) &&
           base_utf8_is_space(code)) {
        text += used;
        size -= used;
    }
    while ((used = base_utf8_decode_last(text, size, &code)) &&
           base_utf8_is_space(code))
        size -= used;
    return json_object_new_string_len(text, (int)size);
}

/* ASCII letters only: what e-mail addresses and the like need. */
static json_object *recased(json_object *text, bool upper)
{
    const char *data = json_object_get_string(text);
    const int size = json_object_get_string_len(text);
    char *copy = malloc((size_t)size + 1);
    if (!copy)
        return NULL;
    for (int i = 0; i < size; i++) {
        const char c = data[i];
        const bool turn = upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
        copy[i] = (char)(turn ? c ^ 0x20 : c);
    }
    json_object *result = json_object_new_string_len(copy, size);
    free(copy);
    return result;
}

/* Applies trim, lowercase and uppercase; takes and gives a reference. */
static json_object *tidied(const mvc_field *field, json_object *text)
{
    if (text && field->trim) {
        json_object *old = text;
        text = trimmed(json_object_get_string(old),
                       (size_t)json_object_get_string_len(old));
        json_object_put(old);
    }
    if (text && (field->lowercase || field->uppercase)) {
        json_object *old = text;
        text = recased(old, field->uppercase);
        json_object_put(old);
    }
    return text;
}

/* Casts one value; *out is a new reference. */
static bool cast_one(caster *c, const mvc_field *field, mvc_type type,
                     const char *name, json_object *value, json_object **out)
{
    *out = NULL;
    if (!value)
        return true;
    switch (mvc__cast(type, value, out)) {
    case CAST_OK:
        break;
    case CAST_IMPOSSIBLE:
        mvc__cast_problem(c->err, c->model, c->path, name, type, value);
        *out = json_object_get(value);
        return true;
    case CAST_NO_MEMORY:
        return mvc__no_memory(c->err);
    }
    if (type == MVC_TEXT && *out && !(*out = tidied(field, *out)))
        return mvc__no_memory(c->err);
    return true;
}

static bool cast_object(caster *c, const mvc_field *field, const char *name,
                        json_object *value, json_object **out)
{
    *out = NULL;
    if (!value)
        return true;
    if (!json_object_is_type(value, json_type_object)) {
        mvc__cast_problem(c->err, c->model, c->path, name, MVC_OBJECT, value);
        *out = json_object_get(value);
        return true;
    }
    if (!mvc__copy(value, out))
        return mvc__no_memory(c->err);
    /* It may be new even if the document is not. */
    const bool fill = c->fill;
    c->fill = true;
    const bool ok = cast_members(c, field->fields, *out);
    c->fill = fill;
    if (!ok) {
        json_object_put(*out);
        *out = NULL;
    }
    return ok;
}

static bool cast_element(caster *c, const mvc_field *field, size_t index,
                         json_object *value, json_object **out)
{
    char part[24];
    snprintf(part, sizeof part, "%zu", index);
    const size_t size = push(c, part);
    const bool ok = field->fields
                        ? cast_object(c, field, part, value, out)
                        : cast_one(c, field, field->of, part, value, out);
    c->path[size] = '\0';
    return ok;
}

/* A single value becomes an array of it, as in Mongoose. */
static bool cast_array(caster *c, const mvc_field *field, json_object *value,
                       json_object **out)
{
    *out = NULL;
    if (!value)
        return true;
    const bool many = json_object_is_type(value, json_type_array);
    const size_t n = many ? json_object_array_length(value) : 1;
    json_object *array = json_object_new_array();
    if (!array)
        return mvc__no_memory(c->err);
    for (size_t i = 0; i < n; i++) {
        json_object *element =
            many ? json_object_array_get_idx(value, i) : value;
        json_object *cast = NULL;
        if (!cast_element(c, field, i, element, &cast) ||
            !mvc__append(array, cast)) {
            json_object_put(array);
            return mvc__no_memory(c->err);
        }
    }
    *out = array;
    return true;
}

/* The default; NULL with no error when there is none. */
static json_object *default_of(caster *c, const mvc_field *field)
{
    json_object *value = NULL;
    enum json_tokener_error problem = json_tokener_success;
    if (!field->fallback) {
        if (field->type == MVC_ARRAY && !(value = json_object_new_array()))
            mvc__no_memory(c->err);
        return value;
    }
    if (field->type == MVC_TIME && strcmp(field->fallback, "now") == 0) {
        char text[MVC__TIME_SIZE];
        mvc__time_format(mvc__time_now(), text);
        value = json_object_new_string(text);
    } else {
        value = json_tokener_parse_verbose(field->fallback, &problem);
    }
    if (!value && strcmp(field->fallback, "null") != 0)
        mvc__no_memory(c->err);
    return value;
}

static bool cast_field(caster *c, const mvc_field *field, json_object *object)
{
    json_object *value, *given = NULL, *cast = NULL;
    if (!json_object_object_get_ex(object, field->name, &value)) {
        if (!c->fill || !(value = given = default_of(c, field)))
            return c->err->status != MVC_NOMEM;
    }
    const size_t size = push(c, field->name);
    bool ok;
    if (field->type == MVC_ARRAY)
        ok = cast_array(c, field, value, &cast);
    else if (field->type == MVC_OBJECT)
        ok = cast_object(c, field, field->name, value, &cast);
    else
        ok = cast_one(c, field, field->type, field->name, value, &cast);
    c->path[size] = '\0';
    json_object_put(given);
    if (!ok) {
        json_object_put(cast);
        return false;
    }
    return mvc__set(object, field->name, cast) || mvc__no_memory(c->err);
}

static bool is_storable(json_object *value)
{
    json_object *same = NULL;
    const bool ok = !value || mvc__cast(MVC_JSON, value, &same) == CAST_OK;
    json_object_put(same);
    return ok;
}

/* Members outside the schema go, or with .loose stay if they can be stored. */
static bool cast_stranger(caster *c, json_object *object, const char *key,
                          json_object *value)
{
    if (!c->model->loose) {
        json_object_object_del(object, key);
        return true;
    }
    if (key[0] != '$' && !strchr(key, '.') && is_storable(value))
        return true;
    const size_t size = push(c, key);
    mvc__cast_problem(c->err, c->model, c->path, key, MVC_JSON, value);
    c->path[size] = '\0';
    return true;
}

static bool cast_members(caster *c, const mvc_field *fields,
                         json_object *object)
{
    for (const mvc_field *field = fields; field->name; field++)
        if (!cast_field(c, field, object))
            return false;
    const bool top = c->path[0] == '\0';
    json_object_object_foreach(object, key, member)
    {
        if (mvc__field_named(fields, key) ||
            (top && mvc__is_builtin(c->model, key)))
            continue;
        if (!cast_stranger(c, object, key, member))
            return false;
    }
    return true;
}

bool mvc__cast_document(const mvc_model *model, json_object *doc, bool fill,
                        mvc_error *err)
{
    caster c = {.model = model, .fill = fill, .err = err};
    return cast_members(&c, model->fields, doc);
}

/* dressing ----------------------------------------------------------------- */

static bool dress_fields(const mvc_field *fields, json_object *object);

/* *out is a new reference when it is to replace the value. */
static bool dress_value(const mvc_field *field, mvc_type type,
                        json_object *value, json_object **out)
{
    double ms;
    *out = NULL;
    if (field->fields && json_object_is_type(value, json_type_object))
        return dress_fields(field->fields, value);
    if (type != MVC_TIME || !json_object_is_type(value, json_type_string) ||
        !mvc__time_parse(json_object_get_string(value), &ms))
        return true;
    *out = mvc__make_date(ms);
    return *out != NULL;
}

static bool dress_array(const mvc_field *field, json_object *array)
{
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *date;
        if (!dress_value(field, field->of, json_object_array_get_idx(array, i),
                         &date))
            return false;
        if (date && json_object_array_put_idx(array, i, date) != 0) {
            json_object_put(date);
            return false;
        }
    }
    return true;
}

static bool dress_field(const mvc_field *field, json_object *object)
{
    json_object *value, *date;
    if (!json_object_object_get_ex(object, field->name, &value) || !value)
        return true;
    if (json_object_is_type(value, json_type_array))
        return field->type != MVC_ARRAY || dress_array(field, value);
    if (!dress_value(field, field->type, value, &date))
        return false;
    return !date || mvc__set(object, field->name, date);
}

static bool dress_fields(const mvc_field *fields, json_object *object)
{
    for (const mvc_field *field = fields; field->name; field++) {
        const bool holds_time =
            field->type == MVC_TIME || field->fields ||
            (field->type == MVC_ARRAY && field->of == MVC_TIME);
        if (holds_time && !dress_field(field, object))
            return false;
    }
    return true;
}

bool mvc__dress(const mvc_model *model, json_object *doc)
{
    static const mvc_field stamps[] = {
        {.name = "createdAt", .type = MVC_TIME},
        {.name = "updatedAt", .type = MVC_TIME},
        {0},
    };
    return dress_fields(model->fields, doc) &&
           (!model->timestamps || dress_fields(stamps, doc));
}
