/* filter.c - compiles filters and casts their operands. */
#include "model/filter.h"

#include <string.h>

#include "model/cast.h"
#include "model/pattern.h"
#include "model/schema.h"
#include "model/update.h"

/* compiling ---------------------------------------------------------------- */

typedef struct compiler {
    mvc_db *db;
    mvc_error *err;
} compiler;

static mvc__match *new_match(compiler *c, mvc__op op, const mvc__path *path)
{
    mvc__match *match = base_arena_zalloc(&c->db->arena, 1, sizeof *match);
    if (!match) {
        mvc__no_memory(c->err);
        return NULL;
    }
    match->op = op;
    if (path)
        match->path = *path;
    return match;
}

/* Wraps a match; passes a failure on. */
static mvc__match *wrap(compiler *c, mvc__op op, mvc__match *child)
{
    mvc__match *match = child ? new_match(c, op, NULL) : NULL;
    if (match)
        match->children = child;
    return match;
}

static void *wrong(compiler *c, const char *name, const char *expected)
{
    mvc__fail(c->err, MVC_MISUSE, "%s: expected %s", name, expected);
    return NULL;
}

static mvc__match *compile_predicate(compiler *c, const mvc__path *path,
                                     const mvc__node *node);
static mvc__match *compile_object(compiler *c, const mvc__node *node);

static mvc__match *compile_pattern(compiler *c, const mvc__path *path,
                                   const char *source, const char *flags)
{
    mvc__pattern *pattern = mvc__pattern_new(source, flags, c->err);
    if (!pattern)
        return NULL;
    mvc__pattern_chain(&c->db->patterns, pattern);
    mvc__match *match = new_match(c, MATCH_REGEX, path);
    if (match)
        match->pattern = pattern;
    return match;
}

/* $eq and the like; a regular expression is an equality in MongoDB. */
static mvc__match *compile_value(compiler *c, const mvc__path *path, mvc__op op,
                                 const mvc__node *node)
{
    if (node->kind == NODE_REGEX && op == MATCH_EQ)
        return compile_pattern(c, path, node->source, node->flags);
    mvc__match *match = new_match(c, op, path);
    if (!match || !mvc__node_value(c->db, node, &match->value, c->err))
        return NULL;
    return match;
}

static mvc__match *compile_ne(compiler *c, const mvc__path *path,
                              const mvc__node *node)
{
    return wrap(c, MATCH_NOT, compile_value(c, path, MATCH_EQ, node));
}

/* Regular expressions in the list become alternatives beside it. */
static mvc__match *compile_in(compiler *c, const mvc__path *path,
                              const mvc__node *node)
{
    mvc__match *in = new_match(c, MATCH_IN, path);
    if (!in)
        return NULL;
    if (node->kind == NODE_VALUE &&
        json_object_is_type(node->value, json_type_array)) {
        in->value = node->value;
        return in;
    }
    if (node->kind != NODE_ARRAY)
        return wrong(c, "$in", "an array");
    in->value = mvc__keep(c->db, json_object_new_array());
    mvc__match *any = wrap(c, MATCH_OR, in);
    if (!in->value || !any) {
        mvc__no_memory(c->err);
        return NULL;
    }
    mvc__match **tail = &in->next;
    for (const mvc__node *item = node->children; item; item = item->next) {
        json_object *value;
        if (item->kind == NODE_REGEX) {
            *tail = compile_pattern(c, path, item->source, item->flags);
            if (!*tail)
                return NULL;
            tail = &(*tail)->next;
        } else if (!mvc__node_value(c->db, item, &value, c->err)) {
            return NULL;
        } else if (!mvc__append(in->value, json_object_get(value))) {
            mvc__no_memory(c->err);
            return NULL;
        }
    }
    return in->next ? any : in;
}

static mvc__match *compile_nin(compiler *c, const mvc__path *path,
                               const mvc__node *node)
{
    return wrap(c, MATCH_NOT, compile_in(c, path, node));
}

static mvc__match *compile_exists(compiler *c, const mvc__path *path,
                                  const mvc__node *node)
{
    json_object *value;
    if (!mvc__node_value(c->db, node, &value, c->err))
        return NULL;
    const bool yes = json_object_get_boolean(value);
    mvc__match *match = new_match(c, MATCH_EXISTS, path);
    return yes ? match : wrap(c, MATCH_NOT, match);
}

static bool type_bits(json_object *name, unsigned *bits)
{
    static const struct {
        const char *name;
        int code;
        unsigned bits;
    } types[] = {
        {"double", 1, TYPE_REAL},
        {"string", 2, 1u << KIND_TEXT},
        {"object", 3, 1u << KIND_OBJECT},
        {"array", 4, 1u << KIND_ARRAY},
        {"bool", 8, 1u << KIND_BOOLEAN},
        {"null", 10, 1u << KIND_NULL},
        {"int", 16, TYPE_INTEGER},
        {"long", 18, TYPE_INTEGER},
        {"number", -9, TYPE_INTEGER | TYPE_REAL},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (json_object_is_type(name, json_type_string)
                ? strcmp(json_object_get_string(name), types[i].name) == 0
                : mvc__kind_of(name) == KIND_NUMBER &&
                      mvc__number(name) == types[i].code) {
            *bits |= types[i].bits;
            return true;
        }
    }
    return false;
}

static mvc__match *compile_type(compiler *c, const mvc__path *path,
                                const mvc__node *node)
{
    json_object *value;
    mvc__match *match = new_match(c, MATCH_TYPE, path);
    if (!match || !mvc__node_value(c->db, node, &value, c->err))
        return NULL;
    bool ok = true;
    if (json_object_is_type(value, json_type_array))
        for (size_t i = 0; ok && i < json_object_array_length(value); i++)
            ok = type_bits(json_object_array_get_idx(value, i), &match->kinds);
    else
        ok = type_bits(value, &match->kinds);
    return ok ? match
              : wrong(c, "$type",
                      "string, number, int, double, bool, object, array, null "
                      "or their codes");
}

static mvc__match *compile_size(compiler *c, const mvc__path *path,
                                const mvc__node *node)
{
    mvc__match *match = new_match(c, MATCH_SIZE, path);
    json_object *value;
    if (!match || !mvc__node_value(c->db, node, &value, c->err))
        return NULL;
    if (mvc__kind_of(value) != KIND_NUMBER ||
        !mvc__whole(value, &match->remainder) || match->remainder < 0)
        return wrong(c, "$size", "a whole number from 0");
    return match;
}

static mvc__match *compile_mod(compiler *c, const mvc__path *path,
                               const mvc__node *node)
{
    mvc__match *match = new_match(c, MATCH_MOD, path);
    json_object *value;
    if (!match || !mvc__node_value(c->db, node, &value, c->err))
        return NULL;
    if (!json_object_is_type(value, json_type_array) ||
        json_object_array_length(value) != 2 ||
        !mvc__whole_part(json_object_array_get_idx(value, 0),
                         &match->divisor) ||
        !mvc__whole_part(json_object_array_get_idx(value, 1),
                         &match->remainder) ||
        match->divisor == 0)
        return wrong(c, "$mod", "[divisor, remainder], the divisor not 0");
    return match;
}

static mvc__match *compile_element(compiler *c, const mvc__path *path,
                                   const mvc__node *node)
{
    if (node->kind != NODE_OBJECT)
        return wrong(c, "$elemMatch", "an object");
    mvc__match *match = new_match(c, MATCH_ELEMENT, path);
    mvc__match *child = mvc__match_compile_element(c->db, node, c->err);
    if (!match || !child)
        return NULL;
    match->children = child;
    /* Members can only be found in an object; {} matches no plain value. */
    match->kinds = mvc__node_is_operators(node) ? 0 : 1;
    return match;
}

static mvc__match *compile_not(compiler *c, const mvc__path *path,
                               const mvc__node *node)
{
    if (node->kind != NODE_REGEX && !mvc__node_is_operators(node))
        return wrong(c, "$not", "operators or a regular expression");
    return wrap(c, MATCH_NOT, compile_predicate(c, path, node));
}

static mvc__match *compile_all(compiler *c, const mvc__path *path,
                               const mvc__node *node)
{
    const bool bound = node->kind == NODE_VALUE &&
                       json_object_is_type(node->value, json_type_array);
    if (node->kind != NODE_ARRAY && !bound)
        return wrong(c, "$all", "an array");
    mvc__match *all = new_match(c, MATCH_AND, NULL);
    if (!all)
        return NULL;
    mvc__match **tail = &all->children;
    for (const mvc__node *item = node->children; item; item = item->next) {
        *tail = mvc__node_is_operators(item)
                    ? compile_predicate(c, path, item)
                    : compile_value(c, path, MATCH_EQ, item);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    for (size_t i = 0; bound && i < json_object_array_length(node->value);
         i++) {
        if (!(*tail = new_match(c, MATCH_EQ, path)))
            return NULL;
        (*tail)->value = json_object_array_get_idx(node->value, i);
        tail = &(*tail)->next;
    }
    if (!all->children)
        all->op = MATCH_OR;
    return all;
}

static mvc__match *compile_compare(compiler *c, const mvc__path *path,
                                   const mvc__node *node)
{
    static const struct {
        const char *name;
        mvc__op op;
    } ops[] = {{"$eq", MATCH_EQ},
               {"$gt", MATCH_GT},
               {"$gte", MATCH_GTE},
               {"$lt", MATCH_LT},
               {"$lte", MATCH_LTE}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (strcmp(node->key, ops[i].name) == 0)
            return compile_value(c, path, ops[i].op, node);
    return NULL;
}

typedef mvc__match *(*compile_operator)(compiler *c, const mvc__path *path,
                                        const mvc__node *node);

static compile_operator operator_named(const char *name)
{
    static const struct {
        const char *name;
        compile_operator compile;
    } operators[] = {
        {"$eq", compile_compare},
        {"$gt", compile_compare},
        {"$gte", compile_compare},
        {"$lt", compile_compare},
        {"$lte", compile_compare},
        {"$ne", compile_ne},
        {"$in", compile_in},
        {"$nin", compile_nin},
        {"$exists", compile_exists},
        {"$type", compile_type},
        {"$size", compile_size},
        {"$mod", compile_mod},
        {"$elemMatch", compile_element},
        {"$not", compile_not},
        {"$all", compile_all},
    };
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strcmp(name, operators[i].name) == 0)
            return operators[i].compile;
    return NULL;
}

static const mvc__node *sibling(const mvc__node *node, const char *key)
{
    for (const mvc__node *child = node->children; child; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

static const char *text_of(const mvc__node *node)
{
    return node && node->kind == NODE_VALUE &&
                   json_object_is_type(node->value, json_type_string)
               ? json_object_get_string(node->value)
               : NULL;
}

/* $regex and the $options beside it. */
static mvc__match *compile_regex(compiler *c, const mvc__path *path,
                                 const mvc__node *operators,
                                 const mvc__node *node)
{
    const mvc__node *options = sibling(operators, "$options");
    const char *flags = text_of(options);
    if (options && !flags)
        return wrong(c, "$options", "a text of i m s x");
    if (node->kind == NODE_REGEX)
        return compile_pattern(c, path, node->source,
                               flags ? flags : node->flags);
    const char *source = text_of(node);
    return source ? compile_pattern(c, path, source, flags)
                  : wrong(c, "$regex", "a text or a regular expression");
}

// operators = "{" (operator ":" value)* "}"
static mvc__match *compile_operators(compiler *c, const mvc__path *path,
                                     const mvc__node *node)
{
    mvc__match *all = new_match(c, MATCH_AND, NULL);
    if (!all)
        return NULL;
    mvc__match **tail = &all->children;
    for (const mvc__node *child = node->children; child; child = child->next) {
        if (strcmp(child->key, "$options") == 0 && sibling(node, "$regex"))
            continue;
        const compile_operator compile = operator_named(child->key);
        if (strcmp(child->key, "$regex") == 0) {
            *tail = compile_regex(c, path, node, child);
        } else if (compile) {
            *tail = compile(c, path, child);
        } else {
            mvc__fail(c->err, MVC_MISUSE, "unknown operator '%s' for '%s'",
                      child->key, path->text);
        }
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return all->children && !all->children->next ? all->children : all;
}

static mvc__match *compile_predicate(compiler *c, const mvc__path *path,
                                     const mvc__node *node)
{
    return mvc__node_is_operators(node)
               ? compile_operators(c, path, node)
               : compile_value(c, path, MATCH_EQ, node);
}

/* $and, $or, $nor */
static mvc__match *compile_branches(compiler *c, const mvc__node *node)
{
    const bool nor = strcmp(node->key, "$nor") == 0;
    const bool and = strcmp(node->key, "$and") == 0;
    if (!nor && !and&&strcmp(node->key, "$or") != 0) {
        mvc__fail(c->err, MVC_MISUSE, "unknown operator '%s'", node->key);
        return NULL;
    }
    if (node->kind != NODE_ARRAY || !node->children)
        return wrong(c, node->key, "an array of at least one filter");
    mvc__match *all = new_match(c, and? MATCH_AND : MATCH_OR, NULL);
    mvc__match **tail = all ? &all->children : NULL;
    for (const mvc__node *item = node->children; all && item;
         item = item->next) {
        if (item->kind != NODE_OBJECT)
            return wrong(c, node->key, "an array of filters");
        if (!(*tail = compile_object(c, item)))
            return NULL;
        tail = &(*tail)->next;
    }
    return nor ? wrap(c, MATCH_NOT, all) : all;
}

// filter = "{" (("$and" | "$or" | "$nor") ":" "[" filter... | path ":" ...)*
// "}"
static mvc__match *compile_object(compiler *c, const mvc__node *node)
{
    mvc__match *all = new_match(c, MATCH_AND, NULL);
    if (!all)
        return NULL;
    mvc__match **tail = &all->children;
    for (const mvc__node *child = node->children; child; child = child->next) {
        mvc__path path;
        if (child->key[0] == '$') {
            *tail = compile_branches(c, child);
        } else if (!mvc__path_split(&c->db->arena, child->key, &path)) {
            mvc__no_memory(c->err);
            return NULL;
        } else {
            *tail = compile_predicate(c, &path, child);
        }
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return all;
}

mvc__match *mvc__match_compile_element(mvc_db *db, const mvc__node *node,
                                       mvc_error *err)
{
    compiler c = {db, err};
    const mvc__path here = {.text = "its elements"};
    for (const mvc__node *child = node->children;
         node->kind == NODE_OBJECT && child; child = child->next)
        if (strcmp(child->key, "$and") == 0 || strcmp(child->key, "$or") == 0 ||
            strcmp(child->key, "$nor") == 0)
            return compile_object(&c, node);
    return mvc__node_is_operators(node) || node->kind != NODE_OBJECT
               ? compile_predicate(&c, &here, node)
               : compile_object(&c, node);
}

/* public ------------------------------------------------------------------- */

static const mvc_filter no_memory = {.status = MVC_NOMEM,
                                     .problem = "out of memory"};

/* A filter with which every call fails, so a mistake never means "all". */
static const mvc_filter *broken(mvc_db *db, const mvc_error *err)
{
    mvc_filter *filter = base_arena_zalloc(&db->arena, 1, sizeof *filter);
    const char *problem =
        base_arena_dup(&db->arena, err->message, strlen(err->message));
    if (!filter || !problem || err->status == MVC_NOMEM)
        return &no_memory;
    filter->status = err->status;
    filter->problem = problem;
    return filter;
}

const mvc_filter *mvc_where(mvc_db *db, const char *format, ...)
{
    mvc_error err;
    mvc__enter(&err, NULL);
    va_list args;
    va_start(args, format);
    const mvc__node *node = mvc__format_parse(db, format, args, &err);
    va_end(args);
    if (node && node->kind != NODE_OBJECT)
        mvc__fail(&err, MVC_MISUSE, "a filter must be an object: \"%s\"",
                  format);
    mvc_filter *filter = NULL;
    if (err.status == MVC_OK) {
        filter = base_arena_zalloc(&db->arena, 1, sizeof *filter);
        if (filter)
            filter->where = compile_object(&(compiler){db, &err}, node);
        else
            mvc__no_memory(&err);
    }
    mvc__leave(db, &err);
    return err.status == MVC_OK ? filter : broken(db, &err);
}

const mvc_filter *mvc_all(void)
{
    static const mvc_filter all = {0};
    return &all;
}

const mvc_filter *mvc_and(mvc_db *db, const mvc_filter *a, const mvc_filter *b)
{
    if (!a || a->status != MVC_OK)
        return a ? a : (b ? b : mvc_all());
    if (!b || b->status != MVC_OK)
        return b ? b : a;
    if (!a->where || !b->where)
        return a->where ? a : b;
    mvc_error err;
    mvc__enter(&err, NULL);
    compiler c = {db, &err};
    mvc_filter *both = base_arena_zalloc(&db->arena, 1, sizeof *both);
    mvc__match *all = new_match(&c, MATCH_AND, NULL);
    mvc__match *left = new_match(&c, MATCH_AND, NULL);
    mvc__match *right = new_match(&c, MATCH_AND, NULL);
    if (!both || !all || !left || !right)
        return &no_memory;
    *left = *a->where;
    *right = *b->where;
    left->next = right;
    right->next = NULL;
    all->children = left;
    both->where = all;
    return both;
}

const char *mvc_regex_escape(mvc_db *db, const char *text)
{
    char *out = base_arena_alloc(&db->arena, strlen(text) * 2 + 1);
    char *end = out;
    for (; out && *text; text++) {
        if (strchr("\\^$.|?*+()[]{}-/#", *text))
            *end++ = '\\';
        *end++ = *text;
    }
    if (out)
        *end = '\0';
    return out;
}

bool mvc__filter_is_empty(const mvc_filter *filter)
{
    return !filter ||
           (filter->status == MVC_OK && filter->where &&
            filter->where->op == MATCH_AND && !filter->where->children);
}

/* casting ------------------------------------------------------------------ */

/* Casts one operand; a null stays null. */
static bool cast_operand(mvc_db *db, const mvc_model *model,
                         const mvc__path *path, const mvc__place *place,
                         json_object **value, mvc_error *err)
{
    mvc_type type = place->type;
    if (type == MVC_ARRAY && !json_object_is_type(*value, json_type_array))
        type = place->field->fields ? MVC_OBJECT : place->field->of;
    if (!*value || type == MVC_JSON || type == MVC_ARRAY || type == MVC_OBJECT)
        return true;
    json_object *cast;
    switch (mvc__cast(type, *value, &cast)) {
    case CAST_OK:
        break;
    case CAST_IMPOSSIBLE:
        mvc__cast_problem(err, model, path->text, path->text, type, *value);
        mvc__summarise(err, model->name);
        return false;
    case CAST_NO_MEMORY:
        return mvc__no_memory(err);
    }
    *value = cast;
    return !cast || mvc__keep(db, cast) || mvc__no_memory(err);
}

static bool cast_list(mvc_db *db, const mvc_model *model, const mvc__path *path,
                      const mvc__place *place, json_object **list,
                      mvc_error *err)
{
    json_object *cast = json_object_new_array();
    if (!cast || !mvc__keep(db, cast))
        return mvc__no_memory(err);
    for (size_t i = 0; i < json_object_array_length(*list); i++) {
        json_object *value = json_object_array_get_idx(*list, i);
        if (!cast_operand(db, model, path, place, &value, err))
            return false;
        if (!mvc__append(cast, json_object_get(value)))
            return mvc__no_memory(err);
    }
    *list = cast;
    return true;
}

/* Copies the tree, since another model may use the filter too. */
static mvc__match *cast_tree(mvc_db *db, const mvc_model *model,
                             const mvc__match *match, mvc_error *err)
{
    mvc__match *copy = base_arena_alloc(&db->arena, sizeof *copy);
    if (!copy) {
        mvc__no_memory(err);
        return NULL;
    }
    *copy = *match;
    mvc__place place;
    bool ok = true;
    if (match->op >= MATCH_EQ && match->op <= MATCH_IN &&
        mvc__schema_find(model, &match->path, &place))
        ok = match->op == MATCH_IN
                 ? cast_list(db, model, &copy->path, &place, &copy->value, err)
                 : cast_operand(db, model, &copy->path, &place, &copy->value,
                                err);
    if (!ok)
        return NULL;
    if (match->op == MATCH_ELEMENT) /* paths begin anew in an element */
        return copy;
    mvc__match **tail = &copy->children;
    for (const mvc__match *child = match->children; child;
         child = child->next) {
        if (!(*tail = cast_tree(db, model, child, err)))
            return NULL;
        tail = &(*tail)->next;
    }
    *tail = NULL;
    return copy;
}

bool mvc__filter_cast(mvc_db *db, const mvc_model *model,
                      const mvc_filter *filter, const mvc__match **where,
                      mvc_error *err)
{
    *where = NULL;
    if (!filter)
        return true;
    if (filter->status != MVC_OK)
        return mvc__fail(err, filter->status, "%s", filter->problem);
    if (!filter->where || mvc__filter_is_empty(filter))
        return true;
    *where = cast_tree(db, model, filter->where, err);
    return *where != NULL;
}

/* upserting ---------------------------------------------------------------- */

bool mvc__filter_seed(const mvc__match *match, json_object *doc)
{
    if (!match)
        return true;
    if (match->op == MATCH_EQ) {
        json_object *copy;
        return mvc__copy(match->value, &copy) &&
               mvc__put_at(doc, &match->path, copy);
    }
    if (match->op != MATCH_AND)
        return true;
    for (const mvc__match *child = match->children; child; child = child->next)
        if (!mvc__filter_seed(child, doc))
            return false;
    return true;
}
