/*
 * router.h - layers in the order they were added, and a tree to find them.
 *
 * A router is a list of layers.  Which of them match a path is answered by a
 * tree of segments, so the cost depends on the path and on what matches, not
 * on how many layers there are:
 *
 *     ""──"posts"──(any)──"edit"      literals by hash, one parameter edge,
 *               └──"new"              mixed segments ("v:major") tried in turn
 *
 * A node lists the layers that end there, that cover all below (`use`) and
 * that go on with a wildcard.  The tree finds candidates; mvc__pattern_match
 * decides and captures.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <mvc.h>

#include "base/arena.h"
#include "http/pattern.h"

typedef enum mvc__layer_kind {
    MVC__LAYER_ROUTE,
    MVC__LAYER_USE,
    MVC__LAYER_MOUNT,
    MVC__LAYER_ERRORS,
} mvc__layer_kind;

typedef struct mvc__layer {
    mvc__layer_kind kind;
    mvc_method method; /* of a route; MVC_ANY matches each */
    mvc__pattern pattern;
    const mvc_handler *handlers;
    size_t n_handlers;
    mvc_error_handler on_error;
    mvc_router *child;
    const mvc_upload *upload;
    const mvc_body_options *body;
    bool blocking;
    bool reads_body; /* a route: mvc_read_body is one of its handlers */
    void *data;
    const char *label, *file;
    int line;
    const char *whole_path; /* with the mounts'; see mvc_each_route() */
    struct mvc__layer *next;
} mvc__layer;

typedef struct mvc__param_callback {
    const char *name;
    mvc_param_handler handler;
    struct mvc__param_callback *next;
} mvc__param_callback;

typedef struct mvc__node mvc__node;

/* Mistakes, from patterns that do not parse to lack of memory. */
typedef struct mvc__complaint {
    bool is_error;
    const char *text;
    struct mvc__complaint *next;
} mvc__complaint;

typedef struct mvc__owned {
    void *data;
    void (*free_data)(void *data);
    struct mvc__owned *next;
} mvc__owned;

struct mvc_router {
    base_arena arena;
    bool case_sensitive, strict, merge_params;
    bool compiled, mounted, out_of_memory;
    mvc__layer *first, *last; /* as added */
    mvc__layer **layers;      /* the same, by number; set when compiled */
    size_t n_layers;
    mvc__node *tree;
    mvc__param_callback *params;
    mvc__complaint *complaints, *last_complaint;
    mvc__owned *owned;
};

/* Builds the trees of the router and those mounted on it. */
bool mvc__router_compile(mvc_router *router);

/*
 * Numbers of the layers that may match the path, ascending and each once, in
 * the arena; false when out of memory.
 */
typedef struct mvc__candidates {
    unsigned *numbers;
    size_t count;
} mvc__candidates;
bool mvc__router_find(const mvc_router *router, const char *path, size_t size,
                      base_arena *arena, mvc__candidates *found);

#endif
