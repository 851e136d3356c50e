/* fields.c - "title:string body:text!" as data for the skeletons. */
#include "scaffold/fields.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "scaffold/names.h"

typedef struct field_type {
    const char *name, *mvc, *input, *sample;
    bool required, trim;
    const char *max, *step, *match, *fallback;
    const char *help;
} field_type;

/* clang-format off */
static const field_type types[] = {
    {"string",   "MVC_TEXT",    "text",     "Some+text", true, true, "255", NULL, NULL, NULL, "one line of text; required"},
    {"text",     "MVC_TEXT",    "textarea", "Longer+text", false, false, NULL, NULL, NULL, NULL, "many lines of text"},
    {"integer",  "MVC_INTEGER", "number",   "42", false, false, NULL, "1", NULL, NULL, "a whole number (also int)"},
    {"int",      "MVC_INTEGER", "number",   "42", false, false, NULL, "1", NULL, NULL, NULL},
    {"number",   "MVC_REAL",    "number",   "1.5", false, false, NULL, "any", NULL, NULL, "any number (also float)"},
    {"float",    "MVC_REAL",    "number",   "1.5", false, false, NULL, "any", NULL, NULL, NULL},
    {"bool",     "MVC_BOOLEAN", "checkbox", "true", false, false, NULL, NULL, NULL, "false", "yes or no (also boolean)"},
    {"boolean",  "MVC_BOOLEAN", "checkbox", "true", false, false, NULL, NULL, NULL, "false", NULL},
    {"date",     "MVC_TIME",    "date",     "2026-01-31", false, false, NULL, NULL, NULL, NULL, "a day"},
    {"datetime", "MVC_TIME",    "datetime-local", "2026-01-31T12:00", false, false, NULL, NULL, NULL, NULL, "a day and time"},
    {"email",    "MVC_TEXT",    "email",    "ann%40example.org", true, true, "254", NULL, "^[^@ ]+@[^@ ]+$", NULL, "an e-mail address; required"},
    {"url",      "MVC_TEXT",    "url",      "https%3A%2F%2Fexample.org", false, true, "2000", NULL, "^https?://", NULL, "a web address"},
    {"enum",     "MVC_TEXT",    "select",   NULL, true, false, NULL, NULL, NULL, NULL, "one of some words: size:enum:small,large"},
    {"ref",      "MVC_REF",     "text",     "000000000000000000000000", false, false, NULL, NULL, NULL, NULL, "another model's document: author:ref:user"},
};
/* clang-format on */

enum { N_TYPES = sizeof types / sizeof types[0] };

void fields_help(FILE *out)
{
    fprintf(out, "Fields are NAME:TYPE, with ! after the type for required or "
                 "? for optional:\n");
    for (int i = 0; i < N_TYPES; i++) {
        if (types[i].help)
            fprintf(out, "  %-10s %s\n", types[i].name, types[i].help);
    }
    fprintf(out, "and further words after it: title:string:unique, "
                 "slug:string:index\n");
}

static bool complain(const char *word, const char *what)
{
    fprintf(stderr, "mvcgen: field '%s': %s\n", word, what);
    return false;
}

static const field_type *find_type(const char *name)
{
    for (int i = 0; i < N_TYPES; i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    }
    return NULL;
}

static void set_text(json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, text ? json_object_new_string(text) : NULL);
}

static void set_bool(json_object *o, const char *key, bool value)
{
    json_object_object_add(o, key, json_object_new_boolean(value));
}

static const char *get_text(json_object *o, const char *key)
{
    json_object *v;
    return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v)
                                                 : NULL;
}

static bool set_choices(json_object *field, char *list, const char *word)
{
    json_object *choices = json_object_new_array();
    char *rest = NULL;
    for (char *c = strtok_r(list, ",", &rest); c;
         c = strtok_r(NULL, ",", &rest)) {
        if (strpbrk(c, "\"\\'&<>")) {
            json_object_put(choices);
            return complain(word, "a choice may not hold quotes or markup");
        }
        json_object_array_add(choices, json_object_new_string(c));
    }
    if (json_object_array_length(choices) == 0) {
        json_object_put(choices);
        return complain(word, "expected choices: size:enum:small,large");
    }
    set_text(field, "sample",
             json_object_get_string(json_object_array_get_idx(choices, 0)));
    json_object_object_add(field, "choices", choices);
    return true;
}

static bool modifier(json_object *field, const field_type *type, char *text,
                     const char *word, bool first)
{
    if (strcmp(text, "unique") == 0 || strcmp(text, "index") == 0 ||
        strcmp(text, "required") == 0) {
        set_bool(field, text, true);
        return true;
    }
    if (first && strcmp(type->name, "enum") == 0)
        return set_choices(field, text, word);
    if (first && strcmp(type->name, "ref") == 0) {
        const char *problem;
        if (!name_is_good(text, &problem))
            return complain(word, problem);
        char *snake = name_snake(text);
        set_text(field, "ref", snake);
        free(snake);
        return true;
    }
    fprintf(stderr,
            "mvcgen: field '%s': unknown modifier '%s', expected "
            "unique, index or required\n",
            word, text);
    return false;
}

static const char *const taken[] = {
    "id", "_id", "createdAt", "updatedAt", "errors", "title_", "csrfToken"};

static bool good_name(const char *name, const char *word)
{
    const char *problem;
    if (!name_is_good(name, &problem))
        return complain(word, problem);
    if (strchr(name, '-'))
        return complain(word, "expected '_' instead of '-' in a field's name");
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(name, taken[i]) == 0)
            return complain(word, "this name is the framework's own");
    }
    return true;
}

static bool fill(json_object *field, char *text, const char *word)
{
    char *rest = NULL;
    char *name = strtok_r(text, ":", &rest);
    char *type_name = strtok_r(NULL, ":", &rest);
    if (!name || !good_name(name, word))
        return name ? false : complain(word, "expected NAME:TYPE");
    char default_type[] = "string";
    if (!type_name)
        type_name = default_type;
    const size_t n = strlen(type_name);
    const char mark = n ? type_name[n - 1] : '\0';
    if (mark == '!' || mark == '?')
        type_name[n - 1] = '\0';
    const field_type *type = find_type(type_name);
    if (!type) {
        fprintf(stderr,
                "mvcgen: field '%s': unknown type '%s', expected "
                "one of:",
                word, type_name);
        for (int i = 0; i < N_TYPES; i++)
            fprintf(stderr, " %s", types[i].name);
        fprintf(stderr, "\n");
        return false;
    }
    set_text(field, "name", name);
    char *label = name_human(name, true);
    set_text(field, "label", label);
    free(label);
    set_text(field, "mvc", type->mvc);
    set_text(field, "input", type->input);
    set_text(field, "sample", type->sample);
    set_text(field, "max", type->max);
    set_text(field, "step", type->step);
    set_text(field, "match", type->match);
    set_text(field, "fallback", type->fallback);
    set_bool(field, "trim", type->trim);
    set_bool(field, "required", mark == '!' || (mark != '?' && type->required));
    set_bool(field, "unique", false);
    set_bool(field, "index", false);
    set_text(field, "choices", NULL);
    set_text(field, "ref", NULL);
    bool first = true;
    for (char *m = strtok_r(NULL, ":", &rest); m;
         m = strtok_r(NULL, ":", &rest)) {
        if (!modifier(field, type, m, word, first))
            return false;
        first = false;
    }
    if (strcmp(type->name, "enum") == 0 && !get_text(field, "choices"))
        return complain(word, "expected choices: size:enum:small,large");
    if (strcmp(type->name, "ref") == 0 && !get_text(field, "ref"))
        return complain(word, "expected the model: author:ref:user");
    return true;
}

static bool is_twice(json_object *fields, const char *name)
{
    for (size_t i = 0; i < json_object_array_length(fields); i++) {
        if (strcmp(get_text(json_object_array_get_idx(fields, i), "name"),
                   name) == 0)
            return true;
    }
    return false;
}

/* What the list shows, and what the tests send. */
static void add_derived(json_object *locals, json_object *fields)
{
    json_object *columns = json_object_new_array();
    char form[4000] = "";
    const char *required = NULL;
    const size_t n = json_object_array_length(fields);
    for (size_t i = 0; i < n; i++) {
        json_object *field = json_object_array_get_idx(fields, i);
        json_object *is_required = NULL;
        json_object_object_get_ex(field, "required", &is_required);
        if (!required && json_object_get_boolean(is_required))
            required = get_text(field, "name");
        if (json_object_array_length(columns) < 4 &&
            strcmp(get_text(field, "input"), "textarea") != 0)
            json_object_array_add(columns, json_object_get(field));
        const size_t used = strlen(form);
        snprintf(form + used, sizeof form - used, "%s%s=%s", used ? "&" : "",
                 get_text(field, "name"), get_text(field, "sample"));
    }
    if (json_object_array_length(columns) == 0)
        json_object_array_add(
            columns, json_object_get(json_object_array_get_idx(fields, 0)));
    json_object_object_add(locals, "columns", columns);
    set_text(locals, "requiredField", required);
    set_text(locals, "sampleForm", form);
}

bool fields_add(json_object *locals, char *const *words, int count)
{
    if (count == 0) {
        fprintf(stderr, "mvcgen: expected at least one field, as "
                        "title:string\n");
        return false;
    }
    json_object *fields = json_object_new_array();
    json_object_object_add(locals, "fields", fields);
    for (int i = 0; i < count; i++) {
        json_object *field = json_object_new_object();
        char *copy = strdup(words[i]);
        bool ok = copy && fill(field, copy, words[i]);
        if (ok && is_twice(fields, get_text(field, "name")))
            ok = complain(words[i], "the name stands twice");
        free(copy);
        if (!ok) {
            json_object_put(field);
            return false;
        }
        json_object_array_add(fields, field);
    }
    add_derived(locals, fields);
    return true;
}
