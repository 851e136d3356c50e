/*
 * replay.c - answers a JSON line a case, for comparing with other libraries.
 *
 *     {"model": "loose", "docs": [...]}         stores these documents
 *     {"find": "{a: 1}", "sort": "-a"}          -> {"ids": [...]}
 *     {"update": "{$inc: {a: 1}}", "doc": {}}   -> {"doc": {...}}
 *     {"validate": {...}}                       -> {"problems": {...}}
 *
 * Formats come as text, with '%' doubled by the sender.
 */
/* The formats come from the oracle: they hold no conversions. */
#pragma GCC diagnostic ignored "-Wformat-security"

#include <json-c/json.h>
#include <mvc/model.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing declared: every answer comes from the matcher. */
static const mvc_field no_fields[] = {{0}};
static const mvc_model loose_model = {
    .name = "Loose", .table = "loose", .fields = no_fields, .loose = true};

/* Single values of known types: most answers come from SQL. */
static const mvc_field address_fields[] = {{.name = "city", .type = MVC_TEXT},
                                           {.name = "no", .type = MVC_INTEGER},
                                           {0}};
static const mvc_field typed_fields[] = {
    {.name = "n", .type = MVC_INTEGER, .index = true},
    {.name = "r", .type = MVC_REAL},
    {.name = "s", .type = MVC_TEXT, .index = true},
    {.name = "b", .type = MVC_BOOLEAN},
    {.name = "o", .type = MVC_OBJECT, .fields = address_fields},
    {0}};
static const mvc_model typed_model = {
    .name = "Typed", .table = "typed", .fields = typed_fields, .loose = true};

/* ORDER post: tests/oracle/model.mjs has the same schema for Mongoose. */
static const char *const kinds[] = {"a", "b", NULL};
static const mvc_field comment_fields[] = {
    {.name = "body", .type = MVC_TEXT, .required = true},
    {.name = "n", .type = MVC_REAL, .max = 5},
    {0}};
static const mvc_field city_fields[] = {
    {.name = "city", .type = MVC_TEXT, .required = true}, {0}};
static const mvc_model user_model = {
    .name = "User", .table = "users", .fields = no_fields};
static const mvc_field post_fields[] = {
    {.name = "title",
     .type = MVC_TEXT,
     .required = true,
     .min = 3,
     .max = 5,
     .match = "^[a-z]+$",
     .trim = true},
    {.name = "views", .type = MVC_REAL, .min = MVC_ZERO, .max = 10},
    {.name = "kind", .type = MVC_TEXT, .one_of = kinds},
    {.name = "shown", .type = MVC_BOOLEAN, .required = true},
    {.name = "at", .type = MVC_TIME},
    {.name = "author", .type = MVC_REF, .ref = &user_model},
    {.name = "tags", .type = MVC_ARRAY, .of = MVC_TEXT},
    {.name = "marks", .type = MVC_ARRAY, .of = MVC_REAL},
    {.name = "address", .type = MVC_OBJECT, .fields = city_fields},
    {.name = "comments", .type = MVC_ARRAY, .fields = comment_fields},
    {0}};
static const mvc_model post_model = {
    .name = "Post", .table = "posts", .fields = post_fields};

static const mvc_model *model = &loose_model;

static json_object *member(json_object *object, const char *name)
{
    json_object *value = NULL;
    json_object_object_get_ex(object, name, &value);
    return value;
}

static const char *text_of(json_object *object, const char *name)
{
    return json_object_get_string(member(object, name));
}

static json_object *failure(const mvc_error *err)
{
    json_object *answer = json_object_new_object();
    json_object_object_add(answer, "error",
                           json_object_new_string(err->message));
    return answer;
}

static json_object *store(mvc_db *db, json_object *line)
{
    mvc_error err;
    model = strcmp(text_of(line, "model"), "typed") == 0 ? &typed_model
                                                         : &loose_model;
    mvc_delete_many(db, model, mvc_all(), NULL);
    if (!mvc_insert_many(db, model, member(line, "docs"), &err))
        return failure(&err);
    return json_object_new_object();
}

static json_object *find(mvc_db *db, json_object *line)
{
    mvc_error err;
    const mvc_filter *filter = mvc_where(db, text_of(line, "find"));
    mvc_doc *docs =
        mvc_find(db, model, filter,
                 &(mvc_find_options){.sort = text_of(line, "sort")}, &err);
    if (!docs)
        return failure(&err);
    json_object *ids = json_object_new_array();
    for (size_t i = 0; i < json_object_array_length(docs); i++)
        json_object_array_add(ids, json_object_new_string(mvc_id(
                                       json_object_array_get_idx(docs, i))));
    json_object *answer = json_object_new_object();
    json_object_object_add(answer, "ids", ids);
    json_object_object_add(
        answer, "count",
        json_object_new_int64(mvc_count(db, model, filter, NULL)));
    return answer;
}

static json_object *update(mvc_db *db, json_object *line)
{
    mvc_error err;
    mvc_delete_many(db, &loose_model, mvc_all(), NULL);
    mvc_doc *doc = member(line, "doc");
    if (!mvc_insert(db, &loose_model, doc, &err) ||
        mvc_update_one(db, &loose_model, mvc_all(),
                       mvc_change(db, text_of(line, "update")), &err) < 0)
        return failure(&err);
    mvc_doc *after = mvc_find_one(db, &loose_model, NULL, NULL, &err);
    json_object *answer = json_object_new_object();
    json_object_object_add(answer, "doc", json_object_get(after));
    return answer;
}

static json_object *validate(json_object *line)
{
    mvc_error err;
    json_object *doc = member(line, "validate");
    mvc_validate(&post_model, doc, &err);
    json_object *answer = json_object_new_object();
    json_object *problems = json_object_new_object();
    for (size_t i = 0; i < err.n_invalid; i++) {
        json_object *one = json_object_new_object();
        json_object_object_add(one, "kind",
                               json_object_new_string(err.invalid[i].kind));
        json_object_object_add(one, "message",
                               json_object_new_string(err.invalid[i].problem));
        json_object_object_add(problems, err.invalid[i].field, one);
    }
    json_object_object_add(answer, "problems", problems);
    json_object_object_add(answer, "doc", json_object_get(doc));
    return answer;
}

static json_object *answer_to(mvc_db *db, json_object *line)
{
    if (member(line, "docs"))
        return store(db, line);
    if (member(line, "find"))
        return find(db, line);
    if (member(line, "update"))
        return update(db, line);
    return validate(line);
}

int main(void)
{
    mvc_error err;
    mvc_db *db = mvc_db_open(":memory:", &err);
    const mvc_model *const models[] = {&loose_model, &typed_model, NULL};
    if (!db || !mvc_db_migrate(db, models, &err)) {
        fprintf(stderr, "replay: %s\n", err.message);
        return 1;
    }
    char *text = NULL;
    size_t capacity = 0;
    while (getline(&text, &capacity, stdin) > 0) {
        json_object *line = json_tokener_parse(text);
        json_object *answer = answer_to(db, line);
        puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
        fflush(stdout);
        json_object_put(answer);
        json_object_put(line);
        mvc_db_release(db);
    }
    free(text);
    mvc_db_close(db);
    return 0;
}
