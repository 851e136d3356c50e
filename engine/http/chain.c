/*
 * chain.c - runs a request through routers, middleware, routes and error
 * handlers.
 *
 * A router at work is a frame; a mounted one is pushed on the one above it.
 * Each turn of the loop takes what the last handler asked for (its action),
 * finds the next handler and calls it, so handlers never nest.
 */
#include <string.h>

#include "http/exchange.h"
#include "http/target.h"

#undef mvc_fail /* the macro, where MVC_INTERNAL is not set */

typedef enum stage {
    SEARCH,   /* for the next layer that matches */
    PARAMS,   /* calling back for its parameters */
    HANDLERS, /* running its handlers */
} stage;

/* A parameter value that callbacks have seen already, and what came of it. */
typedef struct seen {
    const char *name, *value;
    const mvc__param *param; /* with the value they have given it */
    bool left;               /* they went on to the next route */
    struct seen *next;
} seen;

struct mvc__frame {
    mvc__frame *parent;
    const mvc_router *router;
    stage stage;

    mvc__candidates found;
    const char *found_path; /* what `found` was looked up for */
    size_t next;
    unsigned last; /* layer number tried last, plus one */

    const mvc__layer *layer;
    size_t handler;
    const char *base;         /* outside this router */
    mvc__param *outer_params; /* likewise */
    const char *whole_path;   /* before the layer's prefix was taken off */
    const char *trimmed_path; /* after that; NULL: nothing was taken off */
    size_t trimmed;
    bool slash_added;

    const mvc__param *param; /* whose callbacks run */
    const mvc__param_callback *callback;
    seen *seen;
    uint64_t allowed;
};

/* going on ---------------------------------------------------------------- */

void mvc__chain_wake(mvc_req *req)
{
    mvc_res *res = req->res;
    mvc__exchange *x = (mvc__exchange *)req;
    if (res->deferred &&
        atomic_fetch_sub_explicit(&res->parties, 1, memory_order_acq_rel) == 1)
        x->driver->resume(x);
}

static void act(mvc_req *req, mvc__action action)
{
    if (req->action == MVC__FAILED)
        return;
    const bool first = req->action == MVC__NOTHING;
    req->action = action;
    if (first && !req->res->answered)
        mvc__chain_wake(req);
}

void mvc_next(mvc_req *req, mvc_res *res)
{
    (void)res;
    act(req, MVC__NEXT);
}

void mvc_next_route(mvc_req *req, mvc_res *res)
{
    (void)res;
    act(req, MVC__NEXT_ROUTE);
}

void mvc_next_router(mvc_req *req, mvc_res *res)
{
    (void)res;
    act(req, MVC__NEXT_ROUTER);
}

void mvc_pass(mvc_req *req, mvc_res *res)
{
    if (req->handling && !res->failed)
        mvc_fail_with(req, res, req->handling);
}

static const char *keep(mvc_req *req, const char *text)
{
    return text ? base_arena_dup(&req->arena, text, strlen(text)) : NULL;
}

void mvc_fail_with(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    if (res->failed)
        return;
    mvc_failure *f = &res->failure;
    *f = *failure;
    if (f->status < 400 || f->status > 599)
        f->status = 500;
    f->expose |= f->status < 500;
    f->message = keep(req, f->message ? f->message : mvc_reason(f->status));
    if (!f->message)
        f->message = "out of memory";
    f->code = keep(req, f->code);
    f->file = keep(req, f->file);
    f->detail = keep(req, f->detail);
    res->failed = true;
    act(req, MVC__FAILED);
}

void mvc_fail(mvc_req *req, mvc_res *res, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = base_arena_vprintf(&req->arena, format, args);
    va_end(args);
    mvc_fail_with(req, res, &(mvc_failure){.status = status, .message = text});
}

void mvc_fail_at(mvc_req *req, mvc_res *res, const char *file, int line,
                 int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = base_arena_vprintf(&req->arena, format, args);
    va_end(args);
    mvc_fail_with(
        req, res,
        &(mvc_failure){
            .status = status, .message = text, .file = file, .line = line});
}

void mvc__fail_code(mvc_req *req, int status, const char *code,
                    const char *format, ...)
{
    const char *text = mvc_reason(status);
    if (format) {
        va_list args;
        va_start(args, format);
        text = base_arena_vprintf(&req->arena, format, args);
        va_end(args);
    }
    mvc_fail_with(
        req, req->res,
        &(mvc_failure){.status = status, .message = text, .code = code});
}

void mvc_defer(mvc_req *req, mvc_res *res)
{
    mvc__exchange *x = (mvc__exchange *)req;
    if (res->deferred || res->answered || req->action != MVC__NOTHING)
        return;
    atomic_store_explicit(&res->parties, 2, memory_order_relaxed);
    res->deferred = true;
    x->driver->suspend(x);
}

void *mvc_data(const mvc_req *req)
{
    return req->layer ? req->layer->data : NULL;
}

const char *mvc_route_path(const mvc_req *req)
{
    return req->route ? req->route->pattern.source : NULL;
}

const char *mvc_handler_name(const mvc_req *req)
{
    return req->layer ? req->layer->label : NULL;
}

/* paths and parameters ------------------------------------------------------
 */

static mvc__frame *push(mvc_req *req, const mvc_router *router)
{
    mvc__frame *f = base_arena_zalloc(&req->arena, 1, sizeof *f);
    if (!f)
        return NULL;
    f->parent = req->frame;
    f->router = router;
    f->base = req->base_url;
    f->outer_params = req->params;
    req->frame = f;
    return f;
}

/* Takes the matched prefix off the path; false when out of memory. */
static bool trim(mvc_req *req, mvc__frame *f, size_t size)
{
    f->trimmed_path = NULL;
    if (size == 0)
        return true;
    f->whole_path = req->path;
    f->trimmed = size;
    f->slash_added = req->path[size] != '/';
    const char *removed = f->whole_path;
    const size_t kept = removed[size - 1] == '/' ? size - 1 : size;
    const size_t base_size = strlen(f->base);
    char *base = base_arena_alloc(&req->arena, base_size + kept + 1);
    if (!base)
        return false;
    memcpy(base, f->base, base_size);
    memcpy(base + base_size, removed, kept);
    base[base_size + kept] = '\0';
    req->base_url = base;
    req->path = f->slash_added
                    ? base_arena_printf(&req->arena, "/%s", req->path + size)
                    : req->path + size;
    f->trimmed_path = req->path;
    return req->path != NULL;
}

/* Puts the prefix back, in front of what a handler may have rewritten. */
static bool restore(mvc_req *req, mvc__frame *f)
{
    req->base_url = f->base;
    if (!f->trimmed_path)
        return true;
    if (req->path == f->trimmed_path) {
        req->path = f->whole_path;
    } else {
        const char *path = req->path;
        const bool ends = f->whole_path[f->trimmed - 1] == '/';
        if (f->slash_added && (path[1] == '\0' || ends) && path[0] == '/')
            path++;
        req->path = base_arena_printf(&req->arena, "%.*s%s", (int)f->trimmed,
                                      f->whole_path, path);
    }
    f->trimmed_path = NULL;
    return req->path != NULL;
}

static void fail_now(mvc_req *req, int status, const char *message)
{
    mvc_failure *f = base_arena_zalloc(&req->arena, 1, sizeof *f);
    static const mvc_failure no_memory = {.status = 500,
                                          .message = "out of memory"};
    if (f)
        *f = (mvc_failure){
            .status = status, .message = message, .expose = status < 500};
    if (!req->handling)
        req->handling = f ? f : &no_memory;
}

/* One captured value, decoded; NULL when it cannot be. */
static mvc__param *make_param(mvc_req *req, const mvc__capture *c)
{
    mvc__param *p = base_arena_zalloc(&req->arena, 1, sizeof *p);
    if (!p)
        return NULL;
    p->name = c->token->text.data;
    if (c->token->type == MVC__TOKEN_PARAM) {
        p->value = mvc__decode_component(&req->arena, c->data, c->size);
        return p->value ? p : NULL;
    }
    size_t n = 1;
    for (size_t i = 0; i < c->size; i++)
        n += c->data[i] == '/';
    const char **parts = base_arena_zalloc(&req->arena, n + 1, sizeof *parts);
    base_buf joined = {0};
    const char *at = c->data, *end = c->data + c->size;
    for (size_t i = 0; parts && i < n; i++) {
        const char *stop = memchr(at, '/', (size_t)(end - at));
        stop = stop ? stop : end;
        parts[i] = mvc__decode_component(&req->arena, at, (size_t)(stop - at));
        if (!parts[i])
            break;
        if (i)
            base_buf_putc(&joined, '/');
        base_buf_puts(&joined, parts[i]);
        p->n_parts = i + 1;
        at = stop + 1;
    }
    p->parts = parts;
    p->value = joined.failed || p->n_parts < n
                   ? NULL
                   : base_arena_dup(&req->arena, joined.data, joined.size);
    base_buf_free(&joined);
    return p->value ? p : NULL;
}

/* The captures as parameters, in order; false when one does not decode. */
static bool make_params(mvc_req *req, const mvc__match *match,
                        mvc__param **head)
{
    mvc__param **tail = head;
    *head = NULL;
    for (size_t i = 0; i < match->n_captures; i++) {
        const mvc__capture *c = &match->captures[i];
        *tail = make_param(req, c);
        if (!*tail) {
            fail_now(req, 400,
                     base_arena_printf(&req->arena,
                                       "Failed to decode param '%.*s'",
                                       (int)c->size, c->data));
            return false;
        }
        tail = &(*tail)->next;
    }
    return true;
}

/* searching --------------------------------------------------------------- */

static bool handles(const mvc__layer *l, mvc_method method)
{
    return l->method == MVC_ANY || (l->method == method) ||
           (method == MVC_HEAD && l->method == MVC_GET);
}

static bool look_up(mvc_req *req, mvc__frame *f, size_t size)
{
    if (f->found_path == req->path)
        return true;
    f->found_path = req->path;
    if (!mvc__router_find(f->router, req->path, size, &req->arena, &f->found))
        return false;
    f->next = 0;
    while (f->next < f->found.count && f->found.numbers[f->next] < f->last)
        f->next++;
    return true;
}

/* Whether this kind of layer is wanted now, before its path is compared. */
static bool is_wanted(mvc_req *req, const mvc__layer *l)
{
    return (req->handling != NULL) == (l->kind == MVC__LAYER_ERRORS);
}

static bool enter(mvc_req *req, mvc__frame *f, const mvc__layer *l,
                  const mvc__match *match, mvc__param *params)
{
    if (f->router->merge_params && f->outer_params) {
        mvc__param **tail = &params;
        while (*tail)
            tail = &(*tail)->next;
        *tail = f->outer_params;
    }
    req->params = params;
    if (l->kind == MVC__LAYER_ROUTE) {
        req->route = l;
        req->route_params = params;
    } else if (!trim(req, f, match->size)) {
        return false;
    }
    f->layer = l;
    f->handler = 0;
    f->param = match->n_captures ? params : NULL;
    f->callback = f->param ? f->router->params : NULL;
    f->stage = f->callback ? PARAMS : HANDLERS;
    return true;
}

/* Finds the frame's next layer; false when there is none. */
static bool search(mvc_req *req, mvc__frame *f)
{
    const bool restored = restore(req, f);
    const size_t size = restored ? strlen(req->path) : 0;
    if (!restored || !look_up(req, f, size)) {
        fail_now(req, 500, "out of memory");
        return false;
    }
    while (f->next < f->found.count) {
        const unsigned number = f->found.numbers[f->next++];
        const mvc__layer *l = f->router->layers[number];
        mvc__match match;
        mvc__param *params;
        f->last = number + 1;
        if (!is_wanted(req, l) ||
            !mvc__pattern_match(&l->pattern, req->path, size, &match))
            continue;
        const bool other =
            l->kind == MVC__LAYER_ROUTE && !handles(l, req->method);
        if (other)
            f->allowed |= UINT64_C(1) << l->method;
        /* What cannot be decoded is an error, whichever method it is for. */
        if ((other && !strchr(req->path, '%')) ||
            !make_params(req, &match, &params) || other)
            continue;
        if (enter(req, f, l, &match, params))
            return true;
        fail_now(req, 500, "out of memory");
    }
    return false;
}

/* OPTIONS ------------------------------------------------------------------ */

static const char *allow_text(mvc_req *req, uint64_t allowed)
{
    static const mvc_method sorted[] = {
        MVC_CONNECT, MVC_COPY,  MVC_DELETE,   MVC_GET,       MVC_HEAD,
        MVC_LINK,    MVC_LOCK,  MVC_MKCOL,    MVC_MOVE,      MVC_OPTIONS,
        MVC_PATCH,   MVC_POST,  MVC_PROPFIND, MVC_PROPPATCH, MVC_PURGE,
        MVC_PUT,     MVC_QUERY, MVC_REPORT,   MVC_SEARCH,    MVC_TRACE,
        MVC_UNLINK,  MVC_UNLOCK};
    if (allowed & UINT64_C(1) << MVC_GET)
        allowed |= UINT64_C(1) << MVC_HEAD;
    const char *text = "";
    for (size_t i = 0; text && i < sizeof sorted / sizeof *sorted; i++)
        if (allowed & UINT64_C(1) << sorted[i])
            text = base_arena_printf(&req->arena, "%s%s%s", text,
                                     *text ? ", " : "",
                                     mvc_method_name(sorted[i]));
    return text ? text : "";
}

static void answer_options(mvc_req *req, uint64_t allowed)
{
    mvc_res *res = req->res;
    const char *text = allow_text(req, allowed);
    mvc_status(res, 200);
    mvc__res_put(res, "Allow", text);
    mvc__res_put(res, "Content-Type", "text/plain");
    mvc__res_put(res, "X-Content-Type-Options", "nosniff");
    res->no_etag = true;
    mvc_send_bytes(res, text, strlen(text));
}

/* Leaves a router whose layers have all been tried; false at the root. */
static bool pop(mvc_req *req)
{
    mvc__frame *f = req->frame;
    if (req->method == MVC_OPTIONS && f->allowed && !req->handling &&
        !req->res->answered) {
        answer_options(req, f->allowed);
        return false;
    }
    req->allowed |= f->allowed;
    req->params = f->outer_params;
    req->frame = f->parent;
    if (!f->parent)
        return false;
    f->parent->stage = SEARCH;
    return true;
}

/* turns -------------------------------------------------------------------- */

static seen *find_seen(const mvc__frame *f)
{
    seen *s = f->seen;
    while (s && (strcmp(s->name, f->param->name) != 0 ||
                 strcmp(s->value, f->param->value) != 0))
        s = s->next;
    return s;
}

/* Goes to the parameter's next callback; false when there are no more. */
static bool find_callback(mvc__frame *f)
{
    while (f->callback && strcmp(f->callback->name, f->param->name) != 0)
        f->callback = f->callback->next;
    return f->callback;
}

typedef enum turn { CALL, PASS, LEAVE } turn;

/* The turn of a parameter whose first callback is next. */
static turn begin_param(mvc_req *req, mvc__frame *f)
{
    seen *s = find_seen(f);
    if (s) { /* as before, without asking again */
        ((mvc__param *)f->param)->value = s->param->value;
        return s->left ? LEAVE : PASS;
    }
    if (!find_callback(f))
        return PASS;
    s = base_arena_zalloc(&req->arena, 1, sizeof *s);
    if (!s) {
        fail_now(req, 500, "out of memory");
        return LEAVE;
    }
    *s = (seen){f->param->name, f->param->value, f->param, false, f->seen};
    f->seen = s;
    return CALL;
}

/* To the next callback for a value not seen yet; PASS: to the handlers. */
static turn next_callback(mvc_req *req, mvc__frame *f)
{
    for (; f->param && f->param != f->outer_params; f->param = f->param->next) {
        const bool first = f->callback == f->router->params;
        const turn t = first              ? begin_param(req, f)
                       : find_callback(f) ? CALL
                                          : PASS;
        if (t != PASS)
            return t;
        f->callback = f->router->params;
    }
    return PASS;
}

/* What the last handler asked for, in the frame it ran in. */
static bool follow(mvc_req *req, mvc__action action)
{
    mvc__frame *f = req->frame;
    const mvc__layer *l = f->layer;
    if (action == MVC__NEXT_ROUTER) {
        restore(req, f);
        return pop(req);
    }
    if (action == MVC__FAILED) {
        f->stage = SEARCH;
        return true;
    }
    if (f->stage == PARAMS) {
        f->callback = f->callback->next;
        if (action == MVC__NEXT_ROUTE) {
            f->stage = SEARCH;
            f->seen->left = true;
        }
        return true;
    }
    if (l && l->kind == MVC__LAYER_ERRORS)
        req->handling = NULL;
    if (l && l->kind == MVC__LAYER_ROUTE && action == MVC__NEXT_ROUTE)
        f->stage = SEARCH;
    else if (!l || ++f->handler >= l->n_handlers)
        f->stage = SEARCH;
    return true;
}

/* Goes to the next handler to call; false when the chain has ended. */
static bool advance(mvc_req *req)
{
    for (;;) {
        mvc__frame *f = req->frame;
        if (f->stage == SEARCH && !search(req, f)) {
            if (!pop(req))
                return false;
            continue;
        }
        if (f->stage == PARAMS) {
            const turn t = next_callback(req, f);
            if (t == CALL)
                return true;
            f->stage = t == LEAVE ? SEARCH : HANDLERS;
            if (t == LEAVE)
                continue;
        }
        if (f->layer->kind != MVC__LAYER_MOUNT)
            return true;
        if (!push(req, f->layer->child)) {
            fail_now(req, 500, "out of memory");
            f->stage = SEARCH;
        }
    }
}

static void call(mvc_req *req)
{
    mvc__frame *f = req->frame;
    const mvc__layer *l = f->layer;
    req->layer = l;
    if (f->stage == PARAMS) {
        const mvc__param_callback *c = f->callback;
        c->handler(req, req->res, f->param->name, f->seen->value);
        return;
    }
    if (l->kind == MVC__LAYER_ERRORS) {
        req->in_error_handler = true;
        l->on_error(req, req->res, req->handling);
        return;
    }
    /* What is wrong with an upload is known before its handlers run. */
    if (l->upload && f->handler == 0 && req->body_state == MVC__BODY_REFUSED) {
        mvc_fail_with(req, req->res, &req->body_failure);
        return;
    }
    l->handlers[f->handler](req, req->res);
}

/* The handler to be called is the first one that counts on the body. */
static bool needs_body(const mvc_req *req)
{
    const mvc__frame *f = req->frame;
    return req->body_pending &&
           (req->awaits_body ||
            (f->layer->kind == MVC__LAYER_ROUTE && f->stage == HANDLERS &&
             !f->layer->reads_body));
}

bool mvc_await_body(mvc_req *req, mvc_res *res)
{
    (void)res;
    if (!req->body_pending)
        return true;
    req->awaits_body = true;
    act(req, MVC__AGAIN);
    return false;
}

void mvc_read_body(mvc_req *req, mvc_res *res)
{
    if (!mvc_await_body(req, res))
        return;
    if (req->body_state == MVC__BODY_REFUSED)
        mvc_fail_with(req, res, &req->body_failure);
    else
        mvc_next(req, res);
}

/* The handler is back without having been deferred. */
static void settle(mvc_req *req)
{
    mvc_res *res = req->res;
    if (res->failed) {
        res->failed = false;
        mvc_failure *copy = base_arena_zalloc(&req->arena, 1, sizeof *copy);
        if (copy)
            *copy = res->failure;
        req->handling = copy ? copy : &res->failure;
        req->action = MVC__FAILED;
        if (res->answered) /* nobody else will say it */
            mvc__report_failure(req, req->handling);
    } else if (req->action == MVC__NOTHING && !res->answered &&
               !req->in_error_handler) {
        fail_now(req, 500,
                 base_arena_printf(
                     &req->arena, "%s (%s:%d) neither answered nor went on",
                     req->layer->label, req->layer->file, req->layer->line));
        req->action = MVC__FAILED;
    }
    req->in_error_handler = false;
}

static void finish(mvc_req *req)
{
    mvc_res *res = req->res;
    req->ended_chain = true;
    if (res->answered)
        return;
    const mvc_failure *failure = req->handling;
    const bool not_allowed = req->app->config.method_not_allowed;
    mvc_failure missing = {
        .status = 404, .code = MVC__NO_ROUTE, .expose = true};
    if (!failure && not_allowed && req->allowed) {
        missing.status = 405;
        missing.message = mvc_reason(405);
        mvc__res_put(res, "Allow", allow_text(req, req->allowed));
    } else if (!failure) {
        missing.message =
            base_arena_printf(&req->arena, "Cannot %s %s", req->method_text,
                              mvc__shown_path(req));
    }
    if (!failure && !missing.message)
        missing = (mvc_failure){.status = 500, .message = "out of memory"};
    mvc__default_page(req, res, failure ? failure : &missing);
}

mvc__outcome mvc__chain_run(mvc_req *req)
{
    mvc_res *res = req->res;
    if (!req->started_chain) {
        req->started_chain = true;
        req->action = MVC__NOTHING;
        if (req->app->config.powered_by)
            mvc__res_put(res, "X-Powered-By", "mvcgen");
        if (!push(req, req->app->root)) {
            fail_now(req, 500, "out of memory");
            finish(req);
            return MVC__DONE;
        }
        if (!advance(req)) {
            finish(req);
            return MVC__DONE;
        }
    } else if (res->deferred) {
        res->deferred = false;
        goto returned;
    }
    for (;;) {
        if (needs_body(req))
            return MVC__NEEDS_BODY;
        if (req->frame->layer->blocking && !req->on_worker)
            return MVC__NEEDS_WORKER;
        call(req);
        if (res->deferred) {
            mvc__chain_wake(req); /* our half; see exchange.h */
            return MVC__WAITS;
        }
    returned:
        settle(req);
        const mvc__action action = req->action;
        req->action = MVC__NOTHING;
        if (action == MVC__AGAIN)
            continue;
        if (action == MVC__NOTHING || !follow(req, action) || !advance(req)) {
            finish(req);
            return MVC__DONE;
        }
    }
}

/* foresight ---------------------------------------------------------------- */

typedef bool wanted(const mvc_req *req, const mvc__layer *route);

static const mvc__layer *foresee(mvc_req *req, const mvc_router *router,
                                 const char *path, wanted *is_it)
{
    mvc__candidates found;
    if (!mvc__router_find(router, path, strlen(path), &req->arena, &found))
        return NULL;
    for (size_t i = 0; i < found.count; i++) {
        const mvc__layer *l = router->layers[found.numbers[i]];
        mvc__match match;
        if (l->kind != MVC__LAYER_ROUTE && l->kind != MVC__LAYER_MOUNT)
            continue;
        if (!mvc__pattern_match(&l->pattern, path, strlen(path), &match))
            continue;
        if (l->kind == MVC__LAYER_ROUTE && is_it(req, l))
            return l;
        if (l->kind == MVC__LAYER_MOUNT) {
            const char *rest = path + match.size;
            const mvc__layer *below =
                foresee(req, l->child, *rest == '/' ? rest : "/", is_it);
            if (below)
                return below;
        }
    }
    return NULL;
}

static bool has_method(const mvc_req *req, const mvc__layer *route)
{
    return handles(route, req->method);
}

/* A POST may become something else before its route is looked for. */
static bool is_late(const mvc_req *req, const mvc__layer *route)
{
    const bool large =
        route->body && route->body->max > req->app->config.body.max;
    return (route->upload || route->reads_body || large) &&
           (handles(route, req->method) || req->method == MVC_POST);
}

const mvc__layer *mvc__chain_foresee(mvc_req *req)
{
    const mvc__frame *f = req->frame;
    if (f && f->layer && f->layer->kind == MVC__LAYER_ROUTE)
        return f->layer; /* it has come to it */
    return foresee(req, req->app->root, req->target, has_method);
}

bool mvc__chain_is_late(mvc_req *req)
{
    return foresee(req, req->app->root, req->target, is_late) != NULL;
}
