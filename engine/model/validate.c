/* validate.c - required, min, max, enum, match and check, in that order. */
#include "model/validate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "model/cast.h"
#include "model/db.h"
#include "model/pattern.h"
#include "model/schema.h"
#include "model/time.h"
#include "model/value.h"

typedef struct checker {
    const mvc_model *model;
    mvc_error *err;
    char path[256];
} checker;

static const char *bound_text(mvc_type type, double bound, char out[64])
{
    if (type == MVC_TIME && bound >= -MVC__TIME_MAX && bound <= MVC__TIME_MAX)
        mvc__time_format(bound, out);
    else
        out[base_number_format(bound + 0.0, out)] = '\0';
    return out;
}

static const char *shown(json_object *value, char out[MVC__SHOWN])
{
    return mvc__show(value, out);
}

/* Adds a problem, in the field's own words when it has some; false. */
static bool problem(checker *c, const mvc_field *field, const char *kind,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool problem(checker *c, const mvc_field *field, const char *kind,
                    const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mvc__problem(c->err, c->path, kind, "%s",
                 field->message ? field->message : text);
    return false;
}

static bool check_length(checker *c, const mvc_field *field, json_object *value,
                         size_t length)
{
    char text[MVC__SHOWN], bound[64];
    if (mvc__has_bound(field->min) && (double)length < field->min)
        return problem(
            c, field, "minlength",
            "Path `%s` (`%s`, length %zu) is shorter than the minimum "
            "allowed length (%s).",
            field->name, shown(value, text), length,
            bound_text(MVC_REAL, field->min, bound));
    if (mvc__has_bound(field->max) && (double)length > field->max)
        return problem(
            c, field, "maxlength",
            "Path `%s` (`%s`, length %zu) is longer than the maximum "
            "allowed length (%s).",
            field->name, shown(value, text), length,
            bound_text(MVC_REAL, field->max, bound));
    return true;
}

static bool check_range(checker *c, const mvc_field *field, json_object *value)
{
    char text[MVC__SHOWN], bound[64];
    const bool is_time = field->type == MVC_TIME;
    double x = mvc__number(value);
    if (is_time && !mvc__time_parse(json_object_get_string(value), &x))
        return true;
    if (mvc__has_bound(field->min) && x < field->min)
        return problem(
            c, field, "min", "Path `%s` (%s) is %s minimum allowed value (%s).",
            field->name, shown(value, text), is_time ? "before" : "less than",
            bound_text(field->type, field->min, bound));
    if (mvc__has_bound(field->max) && x > field->max)
        return problem(
            c, field, "max", "Path `%s` (%s) is %s maximum allowed value (%s).",
            field->name, shown(value, text), is_time ? "after" : "more than",
            bound_text(field->type, field->max, bound));
    return true;
}

static bool check_one_of(checker *c, const mvc_field *field, json_object *value)
{
    char text[MVC__SHOWN];
    if (!field->one_of)
        return true;
    for (size_t i = 0; field->one_of[i]; i++)
        if (strcmp(field->one_of[i], json_object_get_string(value)) == 0)
            return true;
    return problem(c, field, "enum",
                   "`%s` is not a valid enum value for path `%s`.",
                   shown(value, text), field->name);
}

/* An empty text passes, as in Mongoose: that is for `required` to say. */
static bool check_match(checker *c, const mvc_field *field, json_object *value)
{
    char text[MVC__SHOWN];
    const size_t size = (size_t)json_object_get_string_len(value);
    if (!field->match || size == 0)
        return true;
    mvc__pattern *pattern = mvc__pattern_new(field->match, NULL, c->err);
    if (!pattern)
        return false;
    const bool ok =
        mvc__pattern_matches(pattern, json_object_get_string(value), size);
    mvc__pattern_free(pattern);
    if (!ok)
        return problem(c, field, "regexp", "Path `%s` is invalid (%s).",
                       field->name, shown(value, text));
    return true;
}

static bool check_by_function(checker *c, const mvc_field *field,
                              json_object *value)
{
    const char *problem = field->check ? field->check(value) : NULL;
    if (problem)
        mvc__problem(c->err, c->path, "user defined", "%s", problem);
    return !problem;
}

/* Whether the cast succeeded; what it could not cast has its problem. */
static bool fits(mvc_type type, json_object *value)
{
    switch (type) {
    case MVC_TEXT:
    case MVC_TIME:
    case MVC_REF:
        return json_object_is_type(value, json_type_string);
    case MVC_INTEGER:
    case MVC_REAL:
        return mvc__kind_of(value) == KIND_NUMBER;
    case MVC_BOOLEAN:
        return json_object_is_type(value, json_type_boolean);
    case MVC_ARRAY:
        return json_object_is_type(value, json_type_array);
    case MVC_OBJECT:
        return json_object_is_type(value, json_type_object);
    case MVC_JSON:
        return true;
    }
    return false;
}

static void check_fields(checker *c, const mvc_field *fields,
                         json_object *object, json_object *before);

static void check_elements(checker *c, const mvc_field *field,
                           json_object *array);

static void check_value(checker *c, const mvc_field *field, json_object *value)
{
    bool ok = true;
    if (mvc_error_of(c->err, c->path))
        return;
    switch (field->type) {
    case MVC_TEXT:
        ok = check_length(c, field, value,
                          base_utf16_length(
                              json_object_get_string(value),
                              (size_t)json_object_get_string_len(value))) &&
             check_one_of(c, field, value) && check_match(c, field, value);
        break;
    case MVC_INTEGER:
    case MVC_REAL:
    case MVC_TIME:
        ok = check_range(c, field, value);
        break;
    case MVC_ARRAY:
        ok = check_length(c, field, value, json_object_array_length(value));
        check_elements(c, field, value);
        break;
    case MVC_OBJECT:
        check_fields(c, field->fields, value, NULL);
        break;
    default:
        break;
    }
    if (ok)
        check_by_function(c, field, value);
}

static bool is_missing(const mvc_field *field, json_object *value)
{
    return !value || ((field->type == MVC_TEXT || field->type == MVC_REF) &&
                      json_object_is_type(value, json_type_string) &&
                      json_object_get_string_len(value) == 0);
}

static bool check_required(checker *c, const mvc_field *field)
{
    return problem(c, field, "required", "Path `%s` is required.", field->name);
}

static size_t push(checker *c, const char *part)
{
    const size_t size = strlen(c->path);
    snprintf(c->path + size, sizeof c->path - size, "%s%s", size ? "." : "",
             part);
    return size;
}

static void check_elements(checker *c, const mvc_field *field,
                           json_object *array)
{
    /* An element of single values is checked as a field of its own. */
    mvc_field one = {.name = field->name,
                     .type = field->fields ? MVC_OBJECT : field->of,
                     .one_of = field->one_of,
                     .match = field->match,
                     .message = field->message,
                     .fields = field->fields};
    if (one.type != MVC_OBJECT && !one.one_of && !one.match)
        return;
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *element = json_object_array_get_idx(array, i);
        char part[24];
        snprintf(part, sizeof part, "%zu", i);
        const size_t size = push(c, part);
        if (element && fits(one.type, element))
            check_value(c, &one, element);
        c->path[size] = '\0';
    }
}

static bool is_unchanged(json_object *before, const char *name,
                         json_object *value)
{
    json_object *old;
    return before && json_object_object_get_ex(before, name, &old) &&
           mvc__equal(old, value);
}

static void check_fields(checker *c, const mvc_field *fields,
                         json_object *object, json_object *before)
{
    for (const mvc_field *field = fields; field->name; field++) {
        json_object *value = NULL;
        json_object_object_get_ex(object, field->name, &value);
        if (is_unchanged(before, field->name, value) ||
            (before && !value &&
             !json_object_object_get_ex(before, field->name, NULL)))
            continue;
        const size_t size = push(c, field->name);
        if (field->required && is_missing(field, value))
            check_required(c, field);
        else if (value && fits(field->type, value))
            check_value(c, field, value);
        c->path[size] = '\0';
    }
}

bool mvc__check_document(const mvc_model *model, json_object *doc,
                         json_object *before, mvc_error *err)
{
    checker c = {.model = model, .err = err};
    check_fields(&c, model->fields, doc, before);
    mvc__summarise(err, model->name);
    return err->status == MVC_OK;
}

bool mvc_validate(const mvc_model *model, mvc_doc *doc, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    if (!json_object_is_type(doc, json_type_object))
        return mvc__fail(err, MVC_MISUSE, "a document must be an object");
    const bool ok = mvc__cast_document(model, doc, true, err) &&
                    mvc__check_document(model, doc, NULL, err);
    return (mvc__dress(model, doc) || mvc__no_memory(err)) && ok;
}
