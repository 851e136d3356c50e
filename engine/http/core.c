/* core.c - the app without its views and databases: settings and registries. */
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/exchange.h"
#include "http/server.h"
#include "http/timers.h"

/* settings -------------------------------------------------------------------
 */

static const char *keep(mvc_app *app, const char *text, const char *fallback)
{
    text = text ? text : fallback;
    if (!text)
        return NULL;
    const char *copy = base_arena_dup(&app->arena, text, strlen(text));
    app->out_of_memory |= !copy;
    return copy;
}

static const char *const *keep_list(mvc_app *app, const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    const char **copy = base_arena_zalloc(&app->arena, n + 1, sizeof *copy);
    app->out_of_memory |= !copy;
    for (size_t i = 0; copy && i < n; i++)
        copy[i] = keep(app, list[i], NULL);
    return copy;
}

static void fill(double *value, double fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void fill_count(unsigned *value, unsigned fallback)
{
    if (*value == 0)
        *value = fallback;
}

static void fill_in(mvc_app *app, const mvc_config *given)
{
    mvc_config *c = &app->config;
    if (given)
        *c = *given;
    const char *env = getenv("MVC_ENV");
    c->development |= env && strcmp(env, "development") == 0;
    c->name = keep(app, c->name, "mvcgen");
    c->views = keep(app, c->views, "views");
    c->more_views = keep_list(app, c->more_views);
    c->view_extension = keep(app, c->view_extension, "ejs");
    c->database = keep(app, c->database, NULL);
    c->trust_proxy = keep(app, c->trust_proxy, NULL);
    c->jsonp_callback = keep(app, c->jsonp_callback, "callback");
    c->tls_certificate = keep(app, c->tls_certificate, NULL);
    c->tls_key = keep(app, c->tls_key, NULL);
    fill_count(&c->workers, 64);
    fill_count(&c->max_connections, 10000);
    fill_count(&c->head_memory, 24 * 1024);
    if (c->head_memory < 4 * 1024)
        c->head_memory = 4 * 1024;
    fill_count(&c->query_parameters, 1000);
    fill_count(&c->subdomain_offset, 2);
    if (c->body.max == 0)
        c->body.max = 100 * 1024;
    fill(&c->timeouts.headers, 10);
    fill(&c->timeouts.body, 300);
    fill(&c->timeouts.keep_alive, 5);
    fill(&c->timeouts.write, 20);
    fill(&c->timeouts.stop, 10);
    fill(&c->timeouts.min_rate, 256);
}

static void take_secrets(mvc_app *app)
{
    const mvc_config *c = &app->config;
    size_t n = 0;
    while (c->old_secrets && c->old_secrets[n])
        n++;
    app->secrets = base_arena_zalloc(&app->arena, n + 2, sizeof *app->secrets);
    if (!app->secrets) {
        app->out_of_memory = true;
        return;
    }
    size_t count = 0;
    if (c->secret)
        app->secrets[count++] = keep(app, c->secret, NULL);
    for (size_t i = 0; c->secret && i < n; i++)
        app->secrets[count++] = keep(app, c->old_secrets[i], NULL);
}

mvc_app *mvc__app_create(const mvc_config *config)
{
    if (sodium_init() < 0) {
        fprintf(stderr, "mvc: the random generator does not start\n");
        return NULL;
    }
    mvc_app *app = calloc(1, sizeof *app);
    if (!app)
        return NULL;
    app->stop_event = -1;
    base_arena_init(&app->arena, 0);
    pthread_mutex_init(&app->channels.lock, NULL);
    fill_in(app, config);
    take_secrets(app);
    app->root = mvc_router_new(
        &(mvc_route_options){.case_sensitive = app->config.case_sensitive,
                             .strict = app->config.strict});
    app->timers = mvc__timers_new();
    app->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const char *proxies = app->config.trust_proxy;
    if (proxies && *proxies && strcmp(proxies, "false") != 0) {
        app->trust = mvc__trust_parse(proxies, &app->arena);
        if (!app->trust) {
            fprintf(stderr,
                    "mvc: trust_proxy '%s' is neither \"true\", a "
                    "number of hops nor a list of addresses\n",
                    proxies);
            app->out_of_memory = true;
        }
    }
    if (app->out_of_memory || !app->root || !app->timers ||
        app->stop_event < 0) {
        mvc__app_destroy(app);
        return NULL;
    }
    return app;
}

void mvc__app_destroy(mvc_app *app)
{
    if (!app)
        return;
    mvc_shutdown(app);
    if (app->abandoned)
        return;
    mvc__timers_free(app->timers);
    for (mvc__closer *c = app->closers; c; c = c->next)
        c->call(c->data);
    mvc_router_free(app->root);
    if (app->stop_event >= 0)
        close(app->stop_event);
    json_object_put(app->locals);
    pthread_mutex_destroy(&app->channels.lock);
    base_arena_free(&app->arena);
    free(app);
}

/* registries
 * -------------------------------------------------------------------- */

mvc_router *mvc_root(mvc_app *app)
{
    return app->root;
}

bool mvc_is_development(const mvc_app *app)
{
    return app->config.development;
}

const char *mvc_app_name(const mvc_app *app)
{
    return app->config.name;
}

void mvc_on_hangup(mvc_app *app, void (*call)(void *data), void *data)
{
    mvc__closer *c = base_arena_zalloc(&app->arena, 1, sizeof *c);
    if (!c) {
        app->out_of_memory = true;
        return;
    }
    *c = (mvc__closer){call, data, NULL};
    mvc__closer **tail = &app->hangups;
    while (*tail)
        tail = &(*tail)->next;
    *tail = c;
}

void mvc_on_close(mvc_app *app, void (*call)(void *data), void *data)
{
    mvc__closer *c = base_arena_zalloc(&app->arena, 1, sizeof *c);
    if (!c) {
        app->out_of_memory = true;
        return;
    }
    *c = (mvc__closer){call, data, app->closers};
    app->closers = c;
}

void mvc_app_local(mvc_app *app, const char *name, mvc_doc *value)
{
    if (!app->locals)
        app->locals = json_object_new_object();
    if (!app->locals || json_object_object_add(app->locals, name, value) != 0) {
        json_object_put(value);
        app->out_of_memory = true;
    }
}

void mvc_app_local_str(mvc_app *app, const char *name, const char *value)
{
    mvc_app_local(app, name, value ? json_object_new_string(value) : NULL);
}

void mvc_app_set(mvc_app *app, const char *name, void *value)
{
    for (mvc__named *n = app->values; n; n = n->next) {
        if (strcmp(n->name, name) == 0) {
            n->value = value;
            return;
        }
    }
    mvc__named *n = base_arena_zalloc(&app->arena, 1, sizeof *n);
    const char *copy = keep(app, name, NULL);
    if (!n || !copy) {
        app->out_of_memory = true;
        return;
    }
    *n = (mvc__named){copy, value, app->values};
    app->values = n;
}

void *mvc_app_get(const mvc_app *app, const char *name)
{
    for (const mvc__named *n = app->values; n; n = n->next)
        if (strcmp(n->name, name) == 0)
            return n->value;
    return NULL;
}

/* the routes as a whole
 * ------------------------------------------------------------ */

typedef struct reporter {
    void (*report)(void *data, bool is_error, const char *text);
    void *data;
    bool errors;
} reporter;

static void print(void *data, bool is_error, const char *text)
{
    const mvc_app *app = data;
    if (is_error || !app->config.quiet)
        fprintf(stderr, "mvc: %s%s\n", is_error ? "" : "warning: ", text);
}

static void report_all(reporter *r, const mvc_router *router)
{
    for (const mvc__complaint *c = router->complaints; c; c = c->next) {
        r->errors |= c->is_error;
        r->report(r->data, c->is_error, c->text);
    }
    if (router->out_of_memory) {
        r->errors = true;
        r->report(r->data, true, "out of memory while adding routes");
    }
    for (const mvc__layer *l = router->first; l; l = l->next)
        if (l->child)
            report_all(r, l->child);
}

bool mvc_routes_ok(mvc_app *app,
                   void (*report)(void *data, bool is_error, const char *text),
                   void *data)
{
    reporter r = {report ? report : print, app, false};
    if (report)
        r.data = data;
    const bool compiled = mvc__router_compile(app->root);
    report_all(&r, app->root);
    return compiled && !r.errors;
}

/* The path a layer has within the app: named once, as mounts do not change. */
static const char *whole_path(mvc_app *app, mvc__layer *layer, const char *base)
{
    const char *own = layer->pattern.source;
    const bool is_root = strcmp(own, "/") == 0;
    if (!layer->whole_path && is_root && *base)
        layer->whole_path = base;
    else if (!layer->whole_path)
        layer->whole_path = base_arena_printf(&app->arena, "%s%s", base, own);
    return layer->whole_path;
}

typedef struct lister {
    void (*call)(void *data, const mvc_route_info *route);
    void *data;
    mvc_app *app;
} lister;

static void list(lister *l, const mvc_router *router, const char *base)
{
    for (mvc__layer *layer = router->first; layer; layer = layer->next) {
        const char *path = whole_path(l->app, layer, base);
        if (!path)
            return;
        if (layer->child) {
            list(l, layer->child, strcmp(path, "/") == 0 ? "" : path);
            continue;
        }
        const bool is_route = layer->kind == MVC__LAYER_ROUTE;
        l->call(l->data,
                &(mvc_route_info){
                    .method = is_route ? mvc_method_name(layer->method) : "*",
                    .path = path,
                    .handler = layer->label,
                    .file = layer->file,
                    .line = layer->line,
                    .middleware = !is_route});
    }
}

void mvc_each_route(mvc_app *app,
                    void (*call)(void *data, const mvc_route_info *route),
                    void *data)
{
    lister l = {call, data, app};
    list(&l, app->root, "");
}

static void pass_over(void *data, const mvc_route_info *route)
{
    (void)data, (void)route;
}

bool mvc__app_prepare(mvc_app *app)
{
    if (app->root->compiled)
        return true;
    if (app->out_of_memory) {
        fprintf(stderr, "mvc: out of memory while setting the app up\n");
        return false;
    }
    mvc_each_route(app, pass_over, NULL); /* pages may list them later */
    return mvc_routes_ok(app, NULL, NULL);
}
