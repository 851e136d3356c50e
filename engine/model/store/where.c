/*
 * where.c - translates filters to SQL where SQL means the same.
 *
 * The schema says which paths hold one value of one type; comparisons of those
 * are SQL on json_extract(), which an index can answer.  Everything else, be it
 * an undeclared path, an array, a regular expression, goes to mvc_match().
 *
 * SQL's NULL counts as false, so under NOT it is made 0 first.
 */
#include "model/store/where.h"

#include <stdlib.h>
#include <string.h>

#include "model/schema.h"

typedef struct writer {
    const mvc_model *model;
    base_buf *sql;
    mvc__bindings *bindings;
    bool failed;
} writer;

void mvc__bindings_free(mvc__bindings *bindings)
{
    free(bindings->list);
    *bindings = (mvc__bindings){0};
}

/* Writes ?n for a new binding. */
static void bind(writer *w, mvc__binding binding)
{
    mvc__bindings *b = w->bindings;
    if (b->n == b->capacity) {
        const size_t capacity = b->capacity ? b->capacity * 2 : 8;
        mvc__binding *list = realloc(b->list, capacity * sizeof *list);
        if (!list) {
            w->failed = true;
            return;
        }
        b->list = list;
        b->capacity = capacity;
    }
    b->list[b->n++] = binding;
    base_buf_printf(w->sql, "?%zu", b->n);
}

static void bind_value(writer *w, json_object *value)
{
    bind(w, (mvc__binding){.kind = BIND_VALUE, .value = value});
}

/* Names come from the schema, which allows no quotes in them. */
static void put_path(const char *path, base_buf *sql)
{
    base_buf_puts(sql, "'$.\"");
    for (; *path; path++) {
        if (*path == '.')
            base_buf_puts(sql, "\".\"");
        else
            base_buf_putc(sql, *path);
    }
    base_buf_puts(sql, "\"'");
}

void mvc__sql_field(const mvc_model *model, const char *path, base_buf *sql)
{
    (void)model;
    if (strcmp(path, "id") == 0) {
        base_buf_puts(sql, "id");
        return;
    }
    base_buf_puts(sql, "json_extract(body, ");
    put_path(path, sql);
    base_buf_puts(sql, ")");
}

static void put_field(writer *w, const mvc__path *path)
{
    mvc__sql_field(w->model, path->text, w->sql);
}

/* which parts are SQL's -----------------------------------------------------
 */

static mvc__kind kind_of_type(mvc_type type)
{
    switch (type) {
    case MVC_INTEGER:
    case MVC_REAL:
        return KIND_NUMBER;
    case MVC_BOOLEAN:
        return KIND_BOOLEAN;
    default:
        return KIND_TEXT;
    }
}

static bool all_of_kind(json_object *list, mvc__kind kind)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const mvc__kind k = mvc__kind_of(json_object_array_get_idx(list, i));
        if (k != kind && k != KIND_NULL)
            return false;
    }
    return true;
}

static bool is_sql(const mvc_model *model, const mvc__match *match)
{
    mvc__place place;
    if (match->op == MATCH_AND || match->op == MATCH_OR ||
        match->op == MATCH_NOT) {
        for (const mvc__match *child = match->children; child;
             child = child->next)
            if (!is_sql(model, child))
                return false;
        return true;
    }
    if (match->op > MATCH_EXISTS ||
        !mvc__schema_find(model, &match->path, &place) || !place.is_scalar)
        return false;
    if (match->op == MATCH_EXISTS)
        return true;
    const mvc__kind kind = kind_of_type(place.type);
    if (match->op == MATCH_IN)
        return all_of_kind(match->value, kind);
    return mvc__kind_of(match->value) == kind ||
           (match->op == MATCH_EQ && !match->value);
}

/* writing it ----------------------------------------------------------------
 */

static void put_match(writer *w, const mvc__match *match);

static void put_children(writer *w, const mvc__match *match, const char *none,
                         const char *between)
{
    if (!match->children)
        base_buf_puts(w->sql, none);
    for (const mvc__match *child = match->children; child;
         child = child->next) {
        base_buf_puts(w->sql, child == match->children ? "(" : between);
        put_match(w, child);
    }
    if (match->children)
        base_buf_puts(w->sql, ")");
}

static void put_compare(writer *w, const mvc__match *match, const char *op)
{
    put_field(w, &match->path);
    base_buf_printf(w->sql, " %s ", op);
    bind_value(w, match->value);
}

static bool has_null(json_object *list)
{
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (!json_object_array_get_idx(list, i))
            return true;
    return false;
}

static void put_in(writer *w, const mvc__match *match)
{
    const bool or_null = has_null(match->value);
    base_buf_puts(w->sql, or_null ? "(" : "");
    put_field(w, &match->path);
    base_buf_puts(w->sql, " IN (SELECT value FROM json_each(");
    bind(w, (mvc__binding){.kind = BIND_LIST, .value = match->value});
    base_buf_puts(w->sql, "))");
    if (or_null) {
        base_buf_puts(w->sql, " OR ");
        put_field(w, &match->path);
        base_buf_puts(w->sql, " IS NULL)");
    }
}

static void put_match(writer *w, const mvc__match *match)
{
    switch (match->op) {
    case MATCH_AND:
        put_children(w, match, "1", " AND ");
        break;
    case MATCH_OR:
        put_children(w, match, "0", " OR ");
        break;
    case MATCH_NOT:
        base_buf_puts(w->sql, "NOT coalesce(");
        put_match(w, match->children);
        base_buf_puts(w->sql, ", 0)");
        break;
    case MATCH_EQ:
        if (match->value) {
            put_compare(w, match, "=");
        } else {
            put_field(w, &match->path);
            base_buf_puts(w->sql, " IS NULL");
        }
        break;
    case MATCH_GT:
        put_compare(w, match, ">");
        break;
    case MATCH_GTE:
        put_compare(w, match, ">=");
        break;
    case MATCH_LT:
        put_compare(w, match, "<");
        break;
    case MATCH_LTE:
        put_compare(w, match, "<=");
        break;
    case MATCH_IN:
        put_in(w, match);
        break;
    default: /* MATCH_EXISTS: is_sql() lets no other through */
        base_buf_puts(w->sql, "json_type(body, ");
        put_path(match->path.text, w->sql);
        base_buf_puts(w->sql, ") IS NOT NULL");
    }
}

static void put_term(writer *w, const mvc__match *match)
{
    if (is_sql(w->model, match)) {
        put_match(w, match);
        return;
    }
    base_buf_puts(w->sql, "mvc_match(body, ");
    bind(w, (mvc__binding){.kind = BIND_MATCH, .match = match});
    base_buf_puts(w->sql, ")");
}

/*
 * The terms of the outermost $and: those in SQL first, so that the others look
 * at fewer documents.
 */
bool mvc__sql_where(const mvc__query *query, base_buf *sql,
                    mvc__bindings *bindings)
{
    writer w = {query->model, sql, bindings, false};
    const mvc__match *where = query->where;
    if (!where)
        return !sql->failed;
    base_buf_puts(sql, " WHERE ");
    if (where->op != MATCH_AND) {
        put_term(&w, where);
        return !w.failed && !sql->failed;
    }
    const char *and = "";
    for (int pass = 0; pass < 2; pass++) {
        for (const mvc__match *term = where->children; term;
             term = term->next) {
            if (is_sql(query->model, term) != (pass == 0))
                continue;
            base_buf_puts(sql, and);
            put_term(&w, term);
            and = " AND ";
        }
    }
    if (!*and)
        base_buf_puts(sql, "1");
    return !w.failed && !sql->failed;
}

static void put_sort_key(writer *w, const mvc__sort_key *key)
{
    mvc__place place;
    if (mvc__schema_find(w->model, &key->path, &place) && place.is_scalar) {
        put_field(w, &key->path);
    } else {
        base_buf_puts(w->sql, "mvc_sort(body, ");
        bind(w, (mvc__binding){.kind = BIND_SORT, .sort = key});
        base_buf_puts(w->sql, ")");
    }
    base_buf_puts(w->sql, key->descending ? " DESC, " : ", ");
}

bool mvc__sql_order(const mvc__query *query, base_buf *sql,
                    mvc__bindings *bindings)
{
    writer w = {query->model, sql, bindings, false};
    base_buf_puts(sql, " ORDER BY ");
    for (size_t i = 0; i < query->n_sort; i++)
        put_sort_key(&w, &query->sort[i]);
    base_buf_puts(sql, "seq");
    if (query->limit > 0 || query->skip > 0) {
        base_buf_puts(sql, " LIMIT ");
        bind(&w, (mvc__binding){.kind = BIND_INTEGER,
                                .integer = query->limit ? query->limit : -1});
        base_buf_puts(sql, " OFFSET ");
        bind(&w, (mvc__binding){.kind = BIND_INTEGER, .integer = query->skip});
    }
    return !w.failed && !sql->failed;
}
