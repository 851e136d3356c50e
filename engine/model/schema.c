/* schema.c - finds fields by path and checks that a model makes sense. */
#include "model/schema.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "model/db.h"
#include "model/pattern.h"

enum { MAX_NESTING = 16, MAX_NAME = 60 };

static const mvc_field id_field = {.name = "id", .type = MVC_REF};
static const mvc_field time_fields[] = {
    {.name = "createdAt", .type = MVC_TIME, .immutable = true},
    {.name = "updatedAt", .type = MVC_TIME},
    {0},
};

const mvc_field *mvc__field_named(const mvc_field *fields, const char *name)
{
    for (; fields && fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

static const mvc_field *builtin_named(const mvc_model *model, const char *name)
{
    if (strcmp(name, "id") == 0)
        return &id_field;
    return model->timestamps ? mvc__field_named(time_fields, name) : NULL;
}

bool mvc__is_builtin(const mvc_model *model, const char *name)
{
    return builtin_named(model, name) != NULL;
}

/* Goes into an array by its index, which a path may leave out. */
static bool enter_array(const mvc_field *field, const mvc__path *path,
                        size_t *at, mvc__place *place)
{
    size_t index;
    place->is_scalar = false;
    if (*at < path->n && mvc__array_index(path->parts[*at], &index)) {
        ++*at;
        place->type = field->fields ? MVC_OBJECT : field->of;
    }
    return true;
}

bool mvc__schema_find(const mvc_model *model, const mvc__path *path,
                      mvc__place *place)
{
    const mvc_field *fields = model->fields;
    *place = (mvc__place){.is_scalar = true};
    for (size_t at = 0; at < path->n;) {
        const mvc_field *field = mvc__field_named(fields, path->parts[at]);
        if (!field && fields == model->fields)
            field = builtin_named(model, path->parts[at]);
        if (!field)
            return false;
        at++;
        place->field = field;
        place->type = field->type;
        if (field->type == MVC_ARRAY)
            enter_array(field, path, &at, place);
        fields = field->fields;
    }
    if (place->type >= MVC_ARRAY || place->type == MVC_JSON)
        place->is_scalar = false;
    return place->field != NULL;
}

bool mvc__has_bound(double bound)
{
    return bound != 0 || signbit(bound);
}

bool mvc__next_word(const char **list, char *sign, char *out, size_t room)
{
    const char *start = *list + strspn(*list, " \t\n,");
    *sign = *start == '-' || *start == '+' ? *start++ : 0;
    const size_t size = strcspn(start, " \t\n,");
    *list = start + size;
    const size_t kept = size < room ? size : room - 1;
    memcpy(out, start, kept);
    out[kept] = '\0';
    return size > 0;
}

/* checks ------------------------------------------------------------------- */

static bool is_scalar_type(mvc_type type)
{
    return type != MVC_ARRAY && type != MVC_OBJECT && type != MVC_JSON;
}

static bool wrong_field(mvc_error *err, const mvc_model *model,
                        const mvc_field *field, const char *what)
{
    return mvc__fail(err, MVC_MISUSE, "%s.%s: %s", model->name, field->name,
                     what);
}

static bool check_fallback(const mvc_model *model, const mvc_field *field,
                           mvc_error *err)
{
    if (!field->fallback ||
        (field->type == MVC_TIME && strcmp(field->fallback, "now") == 0))
        return true;
    enum json_tokener_error problem;
    json_object_put(json_tokener_parse_verbose(field->fallback, &problem));
    return problem == json_tokener_success ||
           wrong_field(err, model, field, "fallback is not JSON");
}

static bool check_match(const mvc_model *model, const mvc_field *field,
                        mvc_error *err)
{
    if (!field->match)
        return true;
    mvc__pattern *pattern = mvc__pattern_new(field->match, NULL, err);
    if (pattern)
        mvc__pattern_free(pattern);
    else if (err->status != MVC_NOMEM)
        err->status = MVC_MISUSE;
    (void)model;
    return pattern != NULL;
}

static bool check_fields(const mvc_model *model, const mvc_field *fields,
                         int depth, bool in_array, mvc_error *err);

static bool check_field(const mvc_model *model, const mvc_field *field,
                        int depth, bool in_array, mvc_error *err)
{
    const mvc_type of = field->type == MVC_ARRAY ? field->of : field->type;
    const bool nested = field->type == MVC_OBJECT || field->fields;
    if (!*field->name || field->name[0] == '$' ||
        strpbrk(field->name, ".\"'`") || strlen(field->name) > MAX_NAME)
        return wrong_field(
            err, model, field,
            "a name is 1 to 60 characters without . $ or quotes");
    if (depth == 0 && (mvc__is_builtin(model, field->name) ||
                       strcmp(field->name, "_id") == 0))
        return wrong_field(err, model, field, "the name is taken");
    if (field->type > MVC_OBJECT || field->of > MVC_OBJECT ||
        field->of == MVC_ARRAY)
        return wrong_field(err, model, field, "unknown type");
    if ((field->unique || field->index) &&
        (in_array || !is_scalar_type(field->type)))
        return wrong_field(err, model, field,
                           "only single values can be indexed");
    if (of == MVC_REF && !field->fields && !field->ref)
        return wrong_field(err, model, field, "a reference needs .ref");
    if (nested && !(field->fields &&
                    (field->type == MVC_OBJECT || field->type == MVC_ARRAY)))
        return wrong_field(err, model, field,
                           "subdocuments are MVC_OBJECT or MVC_ARRAY with "
                           ".fields");
    return check_fallback(model, field, err) &&
           check_match(model, field, err) &&
           (!nested || check_fields(model, field->fields, depth + 1,
                                    in_array || field->type == MVC_ARRAY, err));
}

static bool check_fields(const mvc_model *model, const mvc_field *fields,
                         int depth, bool in_array, mvc_error *err)
{
    if (depth == MAX_NESTING)
        return mvc__fail(err, MVC_MISUSE, "%s: nested too deep", model->name);
    for (const mvc_field *field = fields; field->name; field++) {
        if (mvc__field_named(field + 1, field->name))
            return wrong_field(err, model, field, "declared twice");
        if (!check_field(model, field, depth, in_array, err))
            return false;
    }
    return true;
}

static bool check_index(const mvc_model *model, const mvc_index *index,
                        mvc_error *err)
{
    const char *list = index->fields;
    char sign, name[128];
    size_t n = 0;
    while (mvc__next_word(&list, &sign, name, sizeof name)) {
        base_arena arena;
        base_arena_init(&arena, 0);
        mvc__path path;
        mvc__place place = {0};
        const bool split = mvc__path_split(&arena, name, &path);
        const bool found = split && mvc__schema_find(model, &path, &place);
        base_arena_free(&arena);
        if (!split)
            return mvc__no_memory(err);
        if (!found || !place.is_scalar)
            return mvc__fail(err, MVC_MISUSE,
                             "%s: the index \"%s\" needs single values that "
                             "the schema declares, not '%s'",
                             model->name, index->fields, name);
        n++;
    }
    return n > 0 || mvc__fail(err, MVC_MISUSE, "%s: an index without fields",
                              model->name);
}

static bool is_identifier(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    return name && *name && strspn(name, allowed) == strlen(name) &&
           strlen(name) <= MAX_NAME && strncmp(name, "sqlite_", 7) != 0;
}

bool mvc__schema_check(const mvc_model *model, mvc_error *err)
{
    if (!model->name || !is_identifier(model->table))
        return mvc__fail(err, MVC_MISUSE,
                         "model %s: a table's name is 1 to 60 letters, "
                         "digits and _",
                         model->name ? model->name : "without a name");
    if (!model->fields)
        return mvc__fail(err, MVC_MISUSE, "model %s: no fields", model->name);
    if (!check_fields(model, model->fields, 0, false, err))
        return false;
    for (const mvc_index *i = model->indexes; i && i->fields; i++)
        if (!check_index(model, i, err))
            return false;
    return true;
}
