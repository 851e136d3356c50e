/* routes.c - adding rows, tables, resources and routers to a router. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/router.h"

mvc_router *mvc_router_new(const mvc_route_options *options)
{
    mvc_router *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    base_arena_init(&r->arena, 0);
    if (options) {
        r->case_sensitive = options->case_sensitive;
        r->strict = options->strict;
        r->merge_params = options->merge_params;
    }
    return r;
}

void mvc_router_free(mvc_router *r)
{
    if (!r)
        return;
    for (mvc__layer *l = r->first; l; l = l->next)
        if (l->kind == MVC__LAYER_MOUNT)
            mvc_router_free(l->child);
    for (mvc__owned *o = r->owned; o; o = o->next)
        o->free_data(o->data);
    base_arena_free(&r->arena);
    free(r);
}

static void complain(mvc_router *r, const mvc_route *row, const char *message)
{
    mvc__complaint *c = base_arena_zalloc(&r->arena, 1, sizeof *c);
    const char *text = base_arena_printf(
        &r->arena, "%s:%d: route path '%s': %s", row->file ? row->file : "?",
        row->line, row->path ? row->path : "", message ? message : "no memory");
    if (!c || !text || !message) {
        r->out_of_memory = true;
        return;
    }
    *c = (mvc__complaint){true, text, NULL};
    if (r->last_complaint)
        r->last_complaint->next = c;
    else
        r->complaints = c;
    r->last_complaint = c;
}

/* A `use` path and one that is not strict lose their last slashes. */
static char *loosen(mvc_router *r, const char *path, bool keep)
{
    size_t size = strlen(path);
    while (!keep && size > 1 && path[size - 1] == '/')
        size--;
    return base_arena_dup(&r->arena, path, size);
}

static mvc__layer *new_layer(mvc_router *r, mvc__layer_kind kind,
                             const mvc_route *row)
{
    mvc__layer *l = base_arena_zalloc(&r->arena, 1, sizeof *l);
    const char *path = row->path ? row->path : "/";
    const bool is_route = kind == MVC__LAYER_ROUTE;
    const char *source = loosen(r, path, is_route && r->strict);
    const char *label = row->label ? row->label : "";
    const char *file = row->file ? row->file : "?";
    label = base_arena_dup(&r->arena, label, strlen(label));
    file = base_arena_dup(&r->arena, file, strlen(file));
    if (!l || !source || !label || !file) {
        r->out_of_memory = true;
        return NULL;
    }
    const char *message;
    if (!mvc__pattern_compile(&l->pattern, source, &r->arena, &message)) {
        complain(r, row, message);
        return NULL;
    }
    l->kind = kind;
    l->label = label;
    l->file = file;
    l->line = row->line;
    l->pattern.ends = is_route;
    l->pattern.trailing = !is_route || !r->strict;
    l->pattern.sensitive = r->case_sensitive;
    l->pattern.any = !is_route && strcmp(source, "/") == 0;
    return l;
}

static void append(mvc_router *r, mvc__layer *l)
{
    if (r->last)
        r->last->next = l;
    else
        r->first = l;
    r->last = l;
    r->n_layers++;
    r->compiled = false;
}

static bool copy_handlers(mvc_router *r, mvc__layer *l,
                          const mvc_handler handlers[])
{
    size_t n = 0;
    while (n < MVC_MAX_HANDLERS && handlers[n])
        n++;
    mvc_handler *copy = base_arena_zalloc(&r->arena, n + 1, sizeof *copy);
    if (!copy) {
        r->out_of_memory = true;
        return false;
    }
    memcpy(copy, handlers, n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        l->reads_body |= handlers[i] == mvc_read_body;
    l->handlers = copy;
    l->n_handlers = n;
    return true;
}

static void add_handlers(mvc_router *r, const mvc_route *row)
{
    const mvc_method method = (mvc_method)(row->method & ~MVC_BLOCKING);
    const bool is_use = method == MVC_USE;
    mvc__layer *l =
        new_layer(r, is_use ? MVC__LAYER_USE : MVC__LAYER_ROUTE, row);
    if (!l || !copy_handlers(r, l, row->handlers))
        return;
    if (l->n_handlers == 0) {
        complain(r, row, "a handler is required");
        return;
    }
    l->method = is_use ? MVC_ANY : method;
    l->blocking = row->method & MVC_BLOCKING;
    if (row->options) {
        l->blocking |= row->options->blocking;
        l->upload = row->options->upload;
        l->body = row->options->body;
    }
    append(r, l);
}

static void add_mount(mvc_router *r, const mvc_route *row, mvc_router *child)
{
    mvc__layer *l = new_layer(r, MVC__LAYER_MOUNT, row);
    if (!l || !child || child->mounted) {
        if (child && child->mounted)
            complain(r, row, "this router is mounted already");
        else
            mvc_router_free(child);
        return;
    }
    child->mounted = true;
    l->child = child;
    append(r, l);
}

static void add_table(mvc_router *r, const mvc_route *row)
{
    mvc_route_options options = {0};
    if (row->options)
        options = *row->options;
    options.case_sensitive |= r->case_sensitive;
    options.strict |= r->strict;
    mvc_router *child = mvc_router_new(&options);
    if (!child || !row->routes) {
        r->out_of_memory |= !child;
        mvc_router_free(child);
        if (child)
            complain(r, row, "a table is required");
        return;
    }
    mvc_router_table(child, row->routes);
    add_mount(r, row, child);
}

static void add_action(mvc_router *r, const mvc_route *row, mvc_method method,
                       const char *below, const char *name, mvc_handler handler)
{
    if (!handler)
        return;
    const mvc_resource *resource = row->resource;
    const char *path = base_arena_printf(
        &r->arena, "%s%s",
        strcmp(row->path, "/") == 0 && *below ? "" : row->path, below);
    const char *whole = row->label ? row->label : "";
    const char *label =
        base_arena_printf(&r->arena, "%s.%s", whole + (*whole == '&'), name);
    if (!path || !label) {
        r->out_of_memory = true;
        return;
    }
    mvc_route one = *row;
    one.method = (int)method | (resource->blocking ? MVC_BLOCKING : 0);
    one.path = path;
    one.label = label;
    one.handlers[0] = resource->before ? resource->before : handler;
    one.handlers[1] = resource->before ? handler : NULL;
    add_handlers(r, &one);
}

static void add_resource(mvc_router *r, const mvc_route *row)
{
    const mvc_resource *a = row->resource;
    if (!a || !row->path) {
        complain(r, row, "a path and a resource are required");
        return;
    }
    add_action(r, row, MVC_GET, "", "index", a->index);
    add_action(r, row, MVC_GET, "/new", "make", a->make);
    add_action(r, row, MVC_POST, "", "create", a->create);
    add_action(r, row, MVC_GET, "/:id", "show", a->show);
    add_action(r, row, MVC_GET, "/:id/edit", "edit", a->edit);
    add_action(r, row, MVC_PATCH, "/:id", "update", a->update);
    add_action(r, row, MVC_PUT, "/:id", "update", a->update);
    add_action(r, row, MVC_DELETE, "/:id", "destroy", a->destroy);
}

static void add_errors(mvc_router *r, const mvc_route *row)
{
    mvc__layer *l = new_layer(r, MVC__LAYER_ERRORS, row);
    if (!l)
        return;
    l->on_error = row->on_error;
    append(r, l);
}

void mvc_router_add(mvc_router *r, const mvc_route *row)
{
    switch (row->method & ~MVC_BLOCKING) {
    case MVC_MOUNT:
        add_table(r, row);
        break;
    case MVC_RESOURCES:
        add_resource(r, row);
        break;
    case MVC_ERRORS:
        add_errors(r, row);
        break;
    default:
        add_handlers(r, row);
    }
}

void mvc_router_table(mvc_router *r, const mvc_route rows[])
{
    for (; rows->method != MVC_NO_METHOD; rows++)
        mvc_router_add(r, rows);
}

void mvc_router_mount(mvc_router *r, const char *path, mvc_router *child)
{
    add_mount(r, &(mvc_route){.path = path, .label = "router"}, child);
}

void mvc_router_use_with(mvc_router *r, const char *path, mvc_handler handler,
                         void *data, void (*free_data)(void *data),
                         const char *label)
{
    mvc__owned *owned = base_arena_zalloc(&r->arena, 1, sizeof *owned);
    const mvc_route row = {
        .method = MVC_USE, .path = path, .handlers = {handler}, .label = label};
    mvc__layer *l = new_layer(r, MVC__LAYER_USE, &row);
    if (!owned || !l || !copy_handlers(r, l, row.handlers)) {
        r->out_of_memory |= !owned;
        if (free_data)
            free_data(data);
        return;
    }
    l->method = MVC_ANY;
    l->data = data;
    append(r, l);
    if (free_data) {
        *owned = (mvc__owned){data, free_data, r->owned};
        r->owned = owned;
    }
}

void mvc_router_param(mvc_router *r, const char *name,
                      mvc_param_handler handler)
{
    mvc__param_callback *c = base_arena_zalloc(&r->arena, 1, sizeof *c);
    char *copy = base_arena_dup(&r->arena, name, strlen(name));
    if (!c || !copy) {
        r->out_of_memory = true;
        return;
    }
    *c = (mvc__param_callback){copy, handler, NULL};
    mvc__param_callback **tail = &r->params;
    while (*tail)
        tail = &(*tail)->next;
    *tail = c;
}
