/* exchange.c - makes, reuses and frees exchanges; takes in what was asked. */
#include "http/exchange.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "http/multipart.h"

enum { KEPT_ARENA = 64 * 1024, KEPT_BODY = 64 * 1024 };

uint64_t mvc_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void link_up(mvc__exchange *x, mvc_app *app)
{
    x->req.app = app;
    x->req.res = &x->res;
    x->res.req = &x->req;
    x->res.status = 200;
    x->res.fd = -1;
    x->req.base_url = "";
}

mvc__exchange *mvc__exchange_new(mvc_app *app)
{
    mvc__exchange *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    base_arena_init(&x->req.arena, 0);
    link_up(x, app);
    return x;
}

/* Frees what does not lie in the arena. */
static void let_go(mvc__exchange *x)
{
    mvc_req *req = &x->req;
    mvc_res *res = &x->res;
    for (mvc__attached *a = req->attached; a; a = a->next)
        if (a->free_value)
            a->free_value(a->value);
    if (req->app->request_done)
        req->app->request_done(req);
    mvc__res_drop_body(res);
    if (req->multipart)
        mvc__multipart_free(req->multipart);
    if (req->body_doc)
        json_object_put(req->body_doc);
    if (req->query_doc)
        json_object_put(req->query_doc);
}

/* Making an object costs more than filling one: empty, it serves again. */
static struct json_object *emptied(struct json_object *locals)
{
    enum { KEPT_SIZE = 64 };
    struct lh_table *t = locals ? json_object_get_object(locals) : NULL;
    if (!t || t->size > KEPT_SIZE) {
        json_object_put(locals);
        return NULL;
    }
    struct lh_entry *entry, *next;
    lh_foreach_safe(t, entry, next)
    {
        lh_table_delete_entry(t, entry);
        entry->k = LH_EMPTY; /* as all are: no search has to go past it */
    }
    return locals;
}

void mvc__exchange_reset(mvc__exchange *x)
{
    let_go(x);
    base_arena arena = x->req.arena;
    base_buf body = x->req.body, page = x->req.page;
    struct json_object *locals =
        x->res.locals ? emptied(x->res.locals) : x->req.spare_locals;
    mvc_app *app = x->req.app;
    base_arena_reset(&arena, KEPT_ARENA);
    if (body.capacity > KEPT_BODY)
        base_buf_free(&body);
    base_buf_clear(&body);
    if (page.capacity > KEPT_BODY)
        base_buf_free(&page);
    base_buf_clear(&page);
    memset(x, 0, sizeof *x);
    x->req.arena = arena;
    x->req.body = body;
    x->req.page = page;
    x->req.spare_locals = locals;
    link_up(x, app);
}

void mvc__exchange_free(mvc__exchange *x)
{
    let_go(x);
    json_object_put(x->res.locals);
    json_object_put(x->req.spare_locals);
    base_arena_free(&x->req.arena);
    base_buf_free(&x->req.body);
    base_buf_free(&x->req.page);
    free(x);
}

/* methods ------------------------------------------------------------------ */

static const char *const method_names[] = {
    [MVC_ANY] = "*",
    [MVC_GET] = "GET",
    [MVC_HEAD] = "HEAD",
    [MVC_POST] = "POST",
    [MVC_PUT] = "PUT",
    [MVC_PATCH] = "PATCH",
    [MVC_DELETE] = "DELETE",
    [MVC_OPTIONS] = "OPTIONS",
    [MVC_TRACE] = "TRACE",
    [MVC_CONNECT] = "CONNECT",
    [MVC_PROPFIND] = "PROPFIND",
    [MVC_PROPPATCH] = "PROPPATCH",
    [MVC_MKCOL] = "MKCOL",
    [MVC_COPY] = "COPY",
    [MVC_MOVE] = "MOVE",
    [MVC_LOCK] = "LOCK",
    [MVC_UNLOCK] = "UNLOCK",
    [MVC_SEARCH] = "SEARCH",
    [MVC_PURGE] = "PURGE",
    [MVC_REPORT] = "REPORT",
    [MVC_QUERY] = "QUERY",
    [MVC_LINK] = "LINK",
    [MVC_UNLINK] = "UNLINK",
};

const char *mvc_method_name(mvc_method method)
{
    const unsigned m = (unsigned)method & ~(unsigned)MVC_BLOCKING;
    return m > 0 && m < MVC_OTHER ? method_names[m] : "";
}

mvc_method mvc__method_parse(const char *text)
{
    for (int m = MVC_GET; m < MVC_OTHER; m++)
        if (strcmp(method_names[m], text) == 0)
            return (mvc_method)m;
    return MVC_OTHER;
}

void mvc_set_method(mvc_req *req, const char *method)
{
    char *copy = base_arena_dup(&req->arena, method, strlen(method));
    if (!copy)
        return;
    if (!req->original_method)
        req->original_method = req->method_text;
    req->method_text = copy;
    req->method = mvc__method_parse(copy);
}

/* what was asked ----------------------------------------------------------- */

/* A fragment, which no browser sends, is no part of either. */
static bool split(mvc_req *req, const char *url)
{
    const char *fragment = strchr(url, '#');
    if (fragment)
        url = base_arena_dup(&req->arena, url, (size_t)(fragment - url));
    if (!url)
        return false;
    const char *mark = strchr(url, '?');
    req->path =
        mark ? base_arena_dup(&req->arena, url, (size_t)(mark - url)) : url;
    req->query = mark ? mark + 1 : NULL;
    return req->path != NULL;
}

bool mvc__req_begin(mvc_req *req, const char *method, const char *target)
{
    req->method_text = method;
    req->method = mvc__method_parse(method);
    req->original_url = target;
    const bool ok = split(req, target);
    req->target = req->path;
    return ok;
}

void mvc_set_url(mvc_req *req, const char *url)
{
    char *copy = base_arena_dup(&req->arena, url, strlen(url));
    const char *old_path = req->path;
    if (!copy || !split(req, *copy ? copy : "/"))
        req->path = old_path;
    if (req->query_doc)
        json_object_put(req->query_doc);
    req->query_doc = NULL;
}

void mvc__req_add_header(mvc_req *req, const char *name, size_t name_size,
                         const char *value, size_t value_size)
{
    enum { FIRST = 24 };
    mvc__header *h = req->headers;
    const size_t n = req->n_headers;
    /* Room doubles at FIRST, 2 * FIRST, 4 * FIRST ... */
    const bool full = n == 0 || (n >= FIRST && n % FIRST == 0 &&
                                 ((n / FIRST) & (n / FIRST - 1)) == 0);
    if (full) {
        h = base_arena_alloc(&req->arena, (n ? 2 * n : FIRST) * sizeof *h);
        if (!h)
            return;
        if (n)
            memcpy(h, req->headers, n * sizeof *h);
        req->headers = h;
    }
    h[req->n_headers++] = (mvc__header){name, value, name_size, value_size};
    req->names |= mvc__name_bit(name, name_size);
}

void mvc__req_trim(mvc_req *req)
{
    for (size_t i = 0; i < req->n_headers; i++) {
        mvc__header *h = &req->headers[i];
        size_t size = h->value_size;
        while (size &&
               (h->value[size - 1] == ' ' || h->value[size - 1] == '\t'))
            size--;
        if (size == h->value_size)
            continue;
        const char *copy = base_arena_dup(&req->arena, h->value, size);
        if (copy)
            *h = (mvc__header){h->name, copy, h->name_size, size};
    }
}

const mvc__header *mvc__req_find_header(const mvc_req *req, const char *name,
                                        size_t size)
{
    for (size_t i = 0; i < req->n_headers; i++) {
        const mvc__header *h = &req->headers[i];
        if (h->name_size == size && strcasecmp(h->name, name) == 0)
            return h;
    }
    return NULL;
}

/* memory and attachments ----------------------------------------------------
 */

void *mvc_alloc(mvc_req *req, size_t size)
{
    return base_arena_alloc(&req->arena, size);
}

char *mvc_format(mvc_req *req, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = base_arena_vprintf(&req->arena, format, args);
    va_end(args);
    return text;
}

bool mvc_attach(mvc_req *req, const void *key, void *value,
                void (*free_value)(void *value))
{
    mvc__attached *a = base_arena_zalloc(&req->arena, 1, sizeof *a);
    if (!a) {
        if (free_value)
            free_value(value);
        return false;
    }
    *a = (mvc__attached){key, value, free_value, req->attached};
    req->attached = a;
    return true;
}

void *mvc_attached(const mvc_req *req, const void *key)
{
    for (const mvc__attached *a = req->attached; a; a = a->next)
        if (a->key == key)
            return a->value;
    return NULL;
}
