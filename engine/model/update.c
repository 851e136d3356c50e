/* update.c - MongoDB's update operators on json-c documents. */
#include "model/update.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/cast.h"
#include "model/schema.h"
#include "model/time.h"

enum { MAX_INDEX = 100000 }; /* an array is not padded beyond this */

typedef struct applier applier;
typedef bool (*apply_change)(applier *a, const mvc__change *change);

/* One path of one operator. */
struct mvc__change {
    const char *name; /* "$set" */
    apply_change apply;
    mvc__path path, target; /* target: of $rename */
    json_object *value;     /* $push and the like: an array of values */
    mvc__match *condition;  /* of $pull, or NULL */
    mvc__path sort;         /* of $push; n is 0 for the elements themselves */
    bool sorts, descending, slices, at_position, only_new;
    int64_t slice, position;
    mvc__change *next;
};

struct applier {
    mvc_db *db;
    const mvc_model *model;
    json_object *doc;
    bool inserting;
    mvc_error *err;
};

/* places ------------------------------------------------------------------- */

/* The member named by one part; false when there is none. */
static bool member_of(json_object *parent, const char *part,
                      json_object **value)
{
    const mvc__path one = {.parts = &part, .n = 1};
    return mvc__path_get(parent, &one, value);
}

static bool put_element(json_object *array, const char *part,
                        json_object *value)
{
    size_t index;
    bool ok = mvc__array_index(part, &index) && index < MAX_INDEX;
    while (ok && json_object_array_length(array) < index)
        ok = json_object_array_add(array, NULL) == 0;
    if (ok && json_object_array_put_idx(array, index, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

/* Takes over the reference. */
static bool put_member(json_object *parent, const char *part,
                       json_object *value)
{
    if (json_object_is_type(parent, json_type_object))
        return mvc__set(parent, part, value);
    if (json_object_is_type(parent, json_type_array))
        return put_element(parent, part, value);
    json_object_put(value);
    return false;
}

bool mvc__put_at(json_object *doc, const mvc__path *path, json_object *value)
{
    json_object *parent = doc;
    for (size_t i = 0; i + 1 < path->n; i++) {
        json_object *next;
        if (!member_of(parent, path->parts[i], &next)) {
            next = json_object_new_object();
            if (!next || !put_member(parent, path->parts[i], next)) {
                json_object_put(value);
                return false;
            }
        }
        parent = next;
    }
    return put_member(parent, path->parts[path->n - 1], value);
}

static bool get(const applier *a, const mvc__change *change,
                json_object **value)
{
    return mvc__path_get(a->doc, &change->path, value);
}

/* Whether something on the way can have no members, or not that one. */
static bool is_blocked(json_object *value, const mvc__path *path)
{
    for (size_t i = 0; i < path->n; i++) {
        size_t index;
        if (json_object_is_type(value, json_type_array)
                ? !mvc__array_index(path->parts[i], &index) ||
                      index >= MAX_INDEX
                : !json_object_is_type(value, json_type_object))
            return true;
        if (!member_of(value, path->parts[i], &value))
            return false;
    }
    return false;
}

static bool put_path(applier *a, const mvc__change *change,
                     const mvc__path *path, json_object *value)
{
    if (mvc__put_at(a->doc, path, value))
        return true;
    if (!is_blocked(a->doc, path))
        return mvc__no_memory(a->err);
    return mvc__fail(a->err, MVC_INVALID,
                     "%s: cannot create '%s' within what is no document",
                     change->name, path->text);
}

static bool put(applier *a, const mvc__change *change, json_object *value)
{
    return put_path(a, change, &change->path, value);
}

/* Takes a member out; an array's element becomes null, as in MongoDB. */
static void take_out(json_object *doc, const mvc__path *path)
{
    json_object *parent, *value;
    const mvc__path above = {.parts = path->parts, .n = path->n - 1};
    const char *last = path->parts[path->n - 1];
    if (!mvc__path_get(doc, &above, &parent) ||
        !member_of(parent, last, &value))
        return;
    if (json_object_is_type(parent, json_type_array))
        put_element(parent, last, NULL);
    else
        json_object_object_del(parent, last);
}

/* The type that the schema gives the path's value, or its elements. */
static mvc_type type_at(const applier *a, const mvc__path *path)
{
    mvc__place place;
    if (!mvc__schema_find(a->model, path, &place))
        return MVC_JSON;
    if (place.type != MVC_ARRAY)
        return place.type;
    return place.field->fields ? MVC_OBJECT : place.field->of;
}

/* An operand cast to its field's type; *out is a new reference. */
static bool cast_operand(applier *a, const mvc__change *change,
                         json_object *value, json_object **out)
{
    const mvc_type type = type_at(a, &change->path);
    *out = json_object_get(value);
    if (!value || type >= MVC_ARRAY || type == MVC_JSON)
        return true;
    json_object_put(*out);
    switch (mvc__cast(type, value, out)) {
    case CAST_OK:
        return true;
    case CAST_NO_MEMORY:
        return mvc__no_memory(a->err);
    case CAST_IMPOSSIBLE:
        break;
    }
    *out = NULL;
    mvc__cast_problem(a->err, a->model, change->path.text, change->path.text,
                      type, value);
    mvc__summarise(a->err, a->model->name);
    return false;
}

/* single values ------------------------------------------------------------ */

static bool apply_set(applier *a, const mvc__change *change)
{
    json_object *copy;
    if (!mvc__copy(change->value, &copy))
        return mvc__no_memory(a->err);
    return put(a, change, copy);
}

static bool apply_set_on_insert(applier *a, const mvc__change *change)
{
    return !a->inserting || apply_set(a, change);
}

static bool apply_unset(applier *a, const mvc__change *change)
{
    take_out(a->doc, &change->path);
    return true;
}

static bool not_a_number(applier *a, const mvc__change *change)
{
    return mvc__fail(a->err, MVC_INVALID, "%s: '%s' is not a number",
                     change->name, change->path.text);
}

static bool combine_whole(int64_t x, int64_t y, bool multiply, int64_t *result)
{
    return !(multiply ? __builtin_mul_overflow(x, y, result)
                      : __builtin_add_overflow(x, y, result));
}

static bool both_ints(json_object *x, json_object *y)
{
    return json_object_is_type(x, json_type_int) &&
           json_object_is_type(y, json_type_int);
}

/* $inc and $mul: whole as long as both are, and never wrapping around. */
static bool combine(applier *a, const mvc__change *change, bool multiply)
{
    json_object *old = NULL, *by, *result;
    int64_t i = 0, j, whole;
    const bool there = get(a, change, &old);
    if (mvc__cast(MVC_REAL, change->value, &by) != CAST_OK || !by)
        return not_a_number(a, change);
    if (json_object_is_type(change->value, json_type_int)) {
        json_object_put(by);
        by = json_object_get(change->value);
    }
    if (there && mvc__kind_of(old) != KIND_NUMBER) {
        json_object_put(by);
        return not_a_number(a, change);
    }
    const bool ints =
        there ? both_ints(old, by) : json_object_is_type(by, json_type_int);
    const double x = there ? mvc__number(old) : 0, y = mvc__number(by);
    const bool fits = ints && (!there || mvc__whole(old, &i)) &&
                      mvc__whole(by, &j) &&
                      combine_whole(i, j, multiply, &whole);
    json_object_put(by);
    if (ints && !fits)
        return mvc__fail(a->err, MVC_INVALID, "%s: '%s' would overflow",
                         change->name, change->path.text);
    const double real = multiply ? x * y : x + y;
    if (!isfinite(real))
        return not_a_number(a, change);
    result = ints ? json_object_new_int64(whole) : json_object_new_double(real);
    return result ? put(a, change, result) : mvc__no_memory(a->err);
}

static bool apply_inc(applier *a, const mvc__change *change)
{
    return combine(a, change, false);
}

static bool apply_mul(applier *a, const mvc__change *change)
{
    return combine(a, change, true);
}

static bool keep_extreme(applier *a, const mvc__change *change, int sign)
{
    json_object *old, *value;
    if (!cast_operand(a, change, change->value, &value))
        return false;
    if (get(a, change, &old) && mvc__compare(value, old) * sign <= 0) {
        json_object_put(value);
        return true;
    }
    return put(a, change, value);
}

static bool apply_min(applier *a, const mvc__change *change)
{
    return keep_extreme(a, change, -1);
}

static bool apply_max(applier *a, const mvc__change *change)
{
    return keep_extreme(a, change, 1);
}

static bool apply_rename(applier *a, const mvc__change *change)
{
    json_object *value;
    if (!get(a, change, &value))
        return true;
    json_object_get(value);
    take_out(a->doc, &change->path);
    return put_path(a, change, &change->target, value);
}

static bool apply_current_date(applier *a, const mvc__change *change)
{
    char text[MVC__TIME_SIZE];
    mvc__time_format(mvc__time_now(), text);
    json_object *now = json_object_new_string(text);
    return now ? put(a, change, now) : mvc__no_memory(a->err);
}

/* arrays ------------------------------------------------------------------- */

/* The array at the path; with `make` a missing one is made.  May be NULL. */
static bool find_array(applier *a, const mvc__change *change, bool make,
                       json_object **array)
{
    if (get(a, change, array)) {
        if (json_object_is_type(*array, json_type_array))
            return true;
        return mvc__fail(a->err, MVC_INVALID, "%s: '%s' is not an array",
                         change->name, change->path.text);
    }
    if (!make)
        return true;
    *array = json_object_new_array();
    return *array ? put(a, change, *array) : mvc__no_memory(a->err);
}

/* Puts an array of other elements in its place; takes over the reference. */
static bool replace_array(applier *a, const mvc__change *change,
                          json_object *with)
{
    return with ? put(a, change, with) : mvc__no_memory(a->err);
}

static bool contains(json_object *array, json_object *value)
{
    for (size_t i = 0; i < json_object_array_length(array); i++)
        if (mvc__equal(json_object_array_get_idx(array, i), value))
            return true;
    return false;
}

/* Appends the elements from..to; they may belong to another array. */
static bool append_range(json_object *to, json_object *from, size_t start,
                         size_t end)
{
    for (size_t i = start; i < end; i++) {
        json_object *element = json_object_array_get_idx(from, i);
        if (!mvc__append(to, json_object_get(element)))
            return false;
    }
    return true;
}

static size_t position_of(const mvc__change *change, size_t length)
{
    if (!change->at_position || change->position > (int64_t)length)
        return length;
    if (change->position >= 0)
        return (size_t)change->position;
    return change->position < -(int64_t)length
               ? 0
               : length - (size_t)-change->position;
}

/* The new elements, cast, without those the set already has. */
static json_object *additions(applier *a, const mvc__change *change,
                              json_object *array)
{
    json_object *list = json_object_new_array();
    if (!list)
        mvc__no_memory(a->err);
    const size_t n = json_object_array_length(change->value);
    for (size_t i = 0; list && i < n; i++) {
        json_object *given = json_object_array_get_idx(change->value, i);
        json_object *cast = NULL, *copy = NULL;
        bool ok = cast_operand(a, change, given, &cast);
        const bool is_new =
            ok && !(change->only_new &&
                    (contains(array, cast) || contains(list, cast)));
        if (ok && is_new)
            ok = (mvc__copy(cast, &copy) && mvc__append(list, copy)) ||
                 mvc__no_memory(a->err);
        json_object_put(cast);
        if (!ok) {
            json_object_put(list);
            list = NULL;
        }
    }
    return list;
}

typedef struct sortable {
    json_object *element, *key;
    size_t index; /* equal ones keep their order */
    int sign;
} sortable;

static int compare_sortables(const void *left, const void *right)
{
    const sortable *x = left, *y = right;
    const int order = mvc__compare(x->key, y->key) * x->sign;
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static bool sort_array(const mvc__change *change, json_object **array)
{
    const size_t n = json_object_array_length(*array);
    sortable *items = calloc(n ? n : 1, sizeof *items);
    json_object *sorted = json_object_new_array();
    bool ok = items && sorted;
    for (size_t i = 0; ok && i < n; i++) {
        items[i].element = json_object_array_get_idx(*array, i);
        items[i].key = change->sort.n
                           ? mvc__sort_value(items[i].element, &change->sort,
                                             change->descending)
                           : items[i].element;
        items[i].index = i;
        items[i].sign = change->descending ? -1 : 1;
    }
    if (ok)
        qsort(items, n, sizeof *items, compare_sortables);
    for (size_t i = 0; ok && i < n; i++)
        ok = mvc__append(sorted, json_object_get(items[i].element));
    free(items);
    json_object_put(ok ? *array : sorted);
    if (ok)
        *array = sorted;
    return ok;
}

/* The first n, or with a negative slice the last; takes a reference. */
static json_object *sliced(const mvc__change *change, json_object *array)
{
    const int64_t n = (int64_t)json_object_array_length(array);
    const int64_t slice = change->slice;
    if (slice >= n || slice <= -n)
        return array;
    json_object *part = json_object_new_array();
    const bool ok =
        part && (slice >= 0 ? append_range(part, array, 0, (size_t)slice)
                            : append_range(part, array, (size_t)(n + slice),
                                           (size_t)n));
    json_object_put(array);
    if (ok)
        return part;
    json_object_put(part);
    return NULL;
}

/* $push and $addToSet: insert, then sort, then slice. */
static bool apply_push(applier *a, const mvc__change *change)
{
    json_object *array;
    if (!find_array(a, change, true, &array))
        return false;
    json_object *added = additions(a, change, array);
    if (!added)
        return false;
    const size_t n = json_object_array_length(array);
    const size_t at = position_of(change, n);
    json_object *result = json_object_new_array();
    bool ok = result && append_range(result, array, 0, at) &&
              append_range(result, added, 0, json_object_array_length(added)) &&
              append_range(result, array, at, n);
    json_object_put(added);
    if (ok && change->sorts)
        ok = sort_array(change, &result);
    if (ok && change->slices)
        ok = (result = sliced(change, result)) != NULL;
    if (!ok) {
        json_object_put(result);
        result = NULL;
    }
    return replace_array(a, change, result);
}

/* Whether $pull or $pullAll takes this element. */
static bool is_pulled(const mvc__change *change, json_object *values,
                      json_object *element)
{
    if (change->condition)
        return mvc__match_value(change->condition, element);
    return contains(values, element);
}

static bool cast_values(applier *a, const mvc__change *change,
                        json_object *into)
{
    const size_t n = json_object_array_length(change->value);
    for (size_t i = 0; i < n; i++) {
        json_object *cast;
        if (!cast_operand(a, change,
                          json_object_array_get_idx(change->value, i), &cast))
            return false;
        if (!mvc__append(into, cast))
            return mvc__no_memory(a->err);
    }
    return true;
}

static bool apply_pull(applier *a, const mvc__change *change)
{
    json_object *array;
    if (!find_array(a, change, false, &array) || !array)
        return a->err->status == MVC_OK;
    json_object *left = json_object_new_array();
    json_object *values = json_object_new_array();
    bool ok = (left && values) || mvc__no_memory(a->err);
    if (ok && !change->condition)
        ok = cast_values(a, change, values);
    for (size_t i = 0; ok && i < json_object_array_length(array); i++) {
        json_object *element = json_object_array_get_idx(array, i);
        if (!is_pulled(change, values, element))
            ok = mvc__append(left, json_object_get(element)) ||
                 mvc__no_memory(a->err);
    }
    json_object_put(values);
    if (ok)
        return replace_array(a, change, left);
    json_object_put(left);
    return false;
}

static bool apply_pop(applier *a, const mvc__change *change)
{
    json_object *array;
    if (!find_array(a, change, false, &array) || !array)
        return a->err->status == MVC_OK;
    const size_t n = json_object_array_length(array);
    if (n > 0)
        json_object_array_del_idx(array, change->position < 0 ? 0 : n - 1, 1);
    return true;
}

/* compiling ---------------------------------------------------------------- */

typedef struct compiler {
    mvc_db *db;
    mvc_error *err;
} compiler;

static bool wrong(compiler *c, const char *name, const char *expected)
{
    return mvc__fail(c->err, MVC_MISUSE, "%s: expected %s", name, expected);
}

static bool value_of(compiler *c, const mvc__node *node, json_object **value)
{
    return mvc__node_value(c->db, node, value, c->err);
}

static bool compile_value(compiler *c, const mvc__node *node,
                          mvc__change *change)
{
    return value_of(c, node, &change->value);
}

static bool compile_nothing(compiler *c, const mvc__node *node,
                            mvc__change *change)
{
    (void)c, (void)node, (void)change;
    return true;
}

static bool split(compiler *c, const char *text, mvc__path *path)
{
    if (!mvc__path_split(&c->db->arena, text, path))
        return mvc__no_memory(c->err);
    bool ok = path->n > 0;
    for (size_t i = 0; ok && i < path->n; i++)
        ok = *path->parts[i] && path->parts[i][0] != '$';
    return ok || mvc__fail(c->err, MVC_MISUSE,
                           "'%s' is no path: expected names and indexes "
                           "with dots between",
                           text);
}

static bool compile_rename(compiler *c, const mvc__node *node,
                           mvc__change *change)
{
    json_object *to;
    if (!value_of(c, node, &to))
        return false;
    if (!json_object_is_type(to, json_type_string))
        return wrong(c, "$rename", "the new name as a text");
    return split(c, json_object_get_string(to), &change->target);
}

/* A list of one, which the handle keeps. */
static bool compile_single(compiler *c, const mvc__node *node,
                           mvc__change *change)
{
    json_object *value;
    if (!value_of(c, node, &value))
        return false;
    change->value = mvc__keep(c->db, json_object_new_array());
    return (change->value &&
            mvc__append(change->value, json_object_get(value))) ||
           mvc__no_memory(c->err);
}

static bool compile_list(compiler *c, const mvc__node *node,
                         mvc__change *change)
{
    if (!value_of(c, node, &change->value))
        return false;
    return json_object_is_type(change->value, json_type_array) ||
           wrong(c, change->name, "an array");
}

static bool whole_of(compiler *c, const mvc__node *node, int64_t *whole)
{
    json_object *value;
    if (!value_of(c, node, &value))
        return false;
    if (mvc__kind_of(value) != KIND_NUMBER || !mvc__whole(value, whole) ||
        *whole > INT_MAX || *whole < -INT_MAX)
        return wrong(c, node->key ? node->key : "a number", "a whole number");
    return true;
}

// sort = 1 | -1 | "{" path ":" (1 | -1) "}"
static bool compile_sort(compiler *c, const mvc__node *node,
                         mvc__change *change)
{
    int64_t direction;
    change->sorts = true;
    if (node->kind == NODE_OBJECT) {
        if (!node->children || node->children->next)
            return wrong(c, "$sort", "1, -1 or one path with 1 or -1");
        node = node->children;
        if (!split(c, node->key, &change->sort))
            return false;
    }
    if (!whole_of(c, node, &direction))
        return false;
    change->descending = direction < 0;
    return direction == 1 || direction == -1 || wrong(c, "$sort", "1 or -1");
}

static bool compile_modifier(compiler *c, const mvc__node *node,
                             mvc__change *change)
{
    if (strcmp(node->key, "$each") == 0)
        return compile_list(c, node, change);
    if (!change->only_new && strcmp(node->key, "$slice") == 0)
        return (change->slices = true) && whole_of(c, node, &change->slice);
    if (!change->only_new && strcmp(node->key, "$position") == 0)
        return (change->at_position = true) &&
               whole_of(c, node, &change->position);
    if (!change->only_new && strcmp(node->key, "$sort") == 0)
        return compile_sort(c, node, change);
    return mvc__fail(c->err, MVC_MISUSE, "unknown modifier '%s' of %s",
                     node->key, change->name);
}

static bool compile_push(compiler *c, const mvc__node *node,
                         mvc__change *change)
{
    if (!mvc__node_is_operators(node))
        return compile_single(c, node, change);
    for (const mvc__node *child = node->children; child; child = child->next)
        if (!compile_modifier(c, child, change))
            return false;
    return change->value != NULL || wrong(c, change->name, "$each");
}

static bool compile_add(compiler *c, const mvc__node *node, mvc__change *change)
{
    change->only_new = true;
    return compile_push(c, node, change);
}

/* A plain value is pulled by equality, an object describes what to pull. */
static bool compile_pull(compiler *c, const mvc__node *node,
                         mvc__change *change)
{
    if (node->kind != NODE_OBJECT && node->kind != NODE_REGEX)
        return compile_single(c, node, change);
    change->condition = mvc__match_compile_element(c->db, node, c->err);
    return change->condition != NULL;
}

static bool compile_pop(compiler *c, const mvc__node *node, mvc__change *change)
{
    if (!whole_of(c, node, &change->position))
        return false;
    return change->position == 1 || change->position == -1 ||
           wrong(c, "$pop", "1 or -1");
}

typedef struct operator_row {
    const char *name;
    bool (*compile)(compiler *c, const mvc__node *node, mvc__change *change);
    apply_change apply;
} operator_row;

static const operator_row *operator_named(const char *name)
{
    static const operator_row rows[] = {
        {"$set", compile_value, apply_set},
        {"$unset", compile_nothing, apply_unset},
        {"$inc", compile_value, apply_inc},
        {"$mul", compile_value, apply_mul},
        {"$min", compile_value, apply_min},
        {"$max", compile_value, apply_max},
        {"$rename", compile_rename, apply_rename},
        {"$currentDate", compile_nothing, apply_current_date},
        {"$setOnInsert", compile_value, apply_set_on_insert},
        {"$push", compile_push, apply_push},
        {"$addToSet", compile_add, apply_push},
        {"$pull", compile_pull, apply_pull},
        {"$pullAll", compile_list, apply_pull},
        {"$pop", compile_pop, apply_pop},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(name, rows[i].name) == 0)
            return &rows[i];
    return NULL;
}

/* Whether one path is the other or leads through it. */
static bool overlaps(const mvc__path *a, const mvc__path *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (strcmp(a->parts[i], b->parts[i]) != 0)
            return false;
    return a->n > 0 && b->n > 0;
}

static bool check_conflicts(compiler *c, const mvc__change *changes,
                            const mvc__change *added)
{
    for (; changes; changes = changes->next)
        if (overlaps(&changes->path, &added->path) ||
            overlaps(&changes->target, &added->path) ||
            overlaps(&changes->path, &added->target) ||
            overlaps(&changes->target, &added->target))
            return mvc__fail(c->err, MVC_MISUSE,
                             "updating '%s' twice would create a conflict",
                             added->path.text);
    return true;
}

static mvc__change *compile_change(compiler *c, const operator_row *row,
                                   const mvc__node *node)
{
    mvc__change *change = base_arena_zalloc(&c->db->arena, 1, sizeof *change);
    if (!change) {
        mvc__no_memory(c->err);
        return NULL;
    }
    change->name = row->name;
    change->apply = row->apply;
    if (!split(c, node->key, &change->path) || !row->compile(c, node, change))
        return NULL;
    return change;
}

/* The members of one operator, each a path. */
static bool compile_operator(compiler *c, const operator_row *row,
                             const mvc__node *node, mvc__change **changes)
{
    if (node->kind != NODE_OBJECT)
        return wrong(c, row->name, "an object of paths");
    for (const mvc__node *child = node->children; child; child = child->next) {
        mvc__change *change = compile_change(c, row, child);
        if (!change || !check_conflicts(c, *changes, change))
            return false;
        mvc__change **tail = changes;
        while (*tail)
            tail = &(*tail)->next;
        *tail = change;
    }
    return true;
}

// update = "{" (operator ":" "{" (path ":" value)* "}")* "}" | fields to $set
static bool compile(compiler *c, const mvc__node *node, mvc__change **changes)
{
    if (node->kind != NODE_OBJECT)
        return wrong(c, "an update", "an object");
    if (!mvc__node_is_operators(node))
        return compile_operator(c, operator_named("$set"), node, changes);
    for (const mvc__node *child = node->children; child; child = child->next) {
        const operator_row *row = operator_named(child->key);
        if (!row)
            return mvc__fail(c->err, MVC_MISUSE, "unknown update operator '%s'",
                             child->key);
        if (!compile_operator(c, row, child, changes))
            return false;
    }
    return true;
}

static const mvc_update no_memory = {.status = MVC_NOMEM,
                                     .problem = "out of memory"};

const mvc_update *mvc_change(mvc_db *db, const char *format, ...)
{
    mvc_error err;
    mvc__enter(&err, NULL);
    va_list args;
    va_start(args, format);
    const mvc__node *node = mvc__format_parse(db, format, args, &err);
    va_end(args);
    mvc_update *update = base_arena_zalloc(&db->arena, 1, sizeof *update);
    mvc__change *changes = NULL;
    if (!update)
        return &no_memory;
    if (node && compile(&(compiler){db, &err}, node, &changes))
        update->changes = changes;
    update->status = err.status;
    update->problem =
        base_arena_dup(&db->arena, err.message, strlen(err.message));
    mvc__leave(db, &err);
    return update->problem ? update : &no_memory;
}

bool mvc__update_apply(mvc_db *db, const mvc_model *model,
                       const mvc_update *update, json_object *doc,
                       bool inserting, mvc_error *err)
{
    applier a = {db, model, doc, inserting, err};
    for (const mvc__change *change = update->changes; change;
         change = change->next)
        if (!change->apply(&a, change))
            return false;
    return true;
}
