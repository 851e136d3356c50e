/* select.c - removes the members that were not asked for. */
#include "model/select.h"

#include <stdio.h>
#include <string.h>

#include "model/db.h"
#include "model/schema.h"

static bool add_path(base_arena *arena, mvc__selection *s, char sign,
                     const char *name, bool *mixed)
{
    if (strcmp(name, "_id") == 0)
        name++;
    if (sign == '-' && strcmp(name, "id") == 0) {
        s->without_id = true;
        return true;
    }
    char *copy = base_arena_dup(arena, name, strlen(name));
    if (!copy)
        return false;
    if (sign == '+') {
        s->shown[s->n_shown++] = copy;
        return true;
    }
    *mixed = s->n > 0 && s->exclude != (sign == '-');
    s->exclude = sign == '-';
    s->paths[s->n++] = copy;
    return true;
}

bool mvc__selection_make(base_arena *arena, const char *select,
                         mvc__selection *selection, mvc_error *err)
{
    *selection = (mvc__selection){0};
    if (!select)
        return true;
    const size_t most = strlen(select) / 2 + 1;
    selection->paths = base_arena_zalloc(arena, most, sizeof(char *));
    selection->shown = base_arena_zalloc(arena, most, sizeof(char *));
    if (!selection->paths || !selection->shown)
        return mvc__no_memory(err);
    char sign, name[256];
    bool mixed = false;
    const char *list = select;
    while (!mixed && mvc__next_word(&list, &sign, name, sizeof name))
        if (!add_path(arena, selection, sign, name, &mixed))
            return mvc__no_memory(err);
    return !mixed || mvc__fail(err, MVC_MISUSE,
                               "select \"%s\": expected names to show or names "
                               "to leave out, not both",
                               select);
}

/* Whether `path` is `other` or lies within it. */
static bool within(const char *path, const char *other)
{
    const size_t size = strlen(other);
    return strncmp(path, other, size) == 0 &&
           (path[size] == '\0' || path[size] == '.');
}

typedef enum verdict { DROP, KEEP, LOOK_INSIDE } verdict;

static verdict judge(const mvc__selection *s, const char *path)
{
    verdict result = s->exclude || s->n == 0 ? KEEP : DROP;
    for (size_t i = 0; i < s->n; i++) {
        if (within(path, s->paths[i]))
            return s->exclude ? DROP : KEEP;
        if (within(s->paths[i], path))
            result = LOOK_INSIDE;
    }
    return result;
}

static bool is_named(const char *const *names, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], path) == 0)
            return true;
    return false;
}

static bool stays_hidden(const mvc__selection *s, const mvc_field *field,
                         const char *path)
{
    return field && field->hidden && !is_named(s->shown, s->n_shown, path) &&
           (s->exclude || !is_named(s->paths, s->n, path));
}

typedef struct pruner {
    const mvc__selection *selection;
    char path[256];
} pruner;

static void prune(pruner *p, const mvc_field *fields, json_object *object);

static void prune_inside(pruner *p, const mvc_field *field, json_object *value)
{
    const mvc_field *fields = field ? field->fields : NULL;
    if (json_object_is_type(value, json_type_object))
        prune(p, fields, value);
    else if (json_object_is_type(value, json_type_array))
        for (size_t i = 0; i < json_object_array_length(value); i++)
            prune_inside(p, field, json_object_array_get_idx(value, i));
}

static void prune(pruner *p, const mvc_field *fields, json_object *object)
{
    const size_t size = strlen(p->path);
    json_object_object_foreach(object, key, value)
    {
        const mvc_field *field = mvc__field_named(fields, key);
        snprintf(p->path + size, sizeof p->path - size, "%s%s", size ? "." : "",
                 key);
        const bool is_id = size == 0 && strcmp(key, "id") == 0;
        const verdict found = is_id ? (p->selection->without_id ? DROP : KEEP)
                                    : judge(p->selection, p->path);
        if (found == DROP || stays_hidden(p->selection, field, p->path))
            json_object_object_del(object, key);
        else if (found == LOOK_INSIDE || (field && field->fields))
            prune_inside(p, field, value);
        p->path[size] = '\0';
    }
}

void mvc__select(const mvc_model *model, const mvc__selection *selection,
                 json_object *doc)
{
    pruner p = {.selection = selection};
    prune(&p, model->fields, doc);
}
