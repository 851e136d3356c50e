/* failure.c - what a request that failed is answered with. */
#include "app/app.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "http/exchange.h"

static void set(json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, text ? json_object_new_string(text) : NULL);
}

static void add_pair(void *data, const char *name, const char *value)
{
    set(data, name, value);
}

static bool prefers_json(mvc_req *req)
{
    const char *best = mvc_accepts(req, (const char *[]){"html", "json", NULL});
    return best && strcmp(best, "json") == 0;
}

/* A client may see the sentence when it is its own doing, or in development. */
static const char *visible(const mvc_req *req, const mvc_failure *failure)
{
    const char *reason = mvc_reason(failure->status);
    const bool may = failure->expose || req->app->config.development;
    return may && failure->message ? failure->message
           : reason                ? reason
                                   : "Error";
}

static void send_json(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    json_object *error = json_object_new_object();
    json_object *body = json_object_new_object();
    json_object_object_add(error, "status",
                           json_object_new_int(failure->status));
    set(error, "message", visible(req, failure));
    if (failure->code)
        set(error, "code", failure->code);
    if (req->app->config.development && failure->file) {
        set(error, "file", failure->file);
        json_object_object_add(error, "line",
                               json_object_new_int(failure->line));
    }
    json_object_object_add(body, "error", error);
    mvc_send_json(res, body);
    json_object_put(body);
}

/* What the client's log-in would be worth to others stays out of pictures. */
static json_object *headers_of(mvc_req *req)
{
    json_object *headers = json_object_new_object();
    mvc_each_header(req, add_pair, headers);
    json_object_object_foreach(headers, name, value)
    {
        (void)value;
        if (strcasecmp(name, "Cookie") == 0 ||
            strcasecmp(name, "Authorization") == 0)
            set(headers, name, "(hidden)");
    }
    return headers;
}

static json_object *request_facts(mvc_req *req)
{
    json_object *facts = json_object_new_object();
    json_object *params = json_object_new_object();
    const mvc__layer *layer = req->route ? req->route : req->layer;
    for (const mvc__param *p = req->route_params; p; p = p->next)
        set(params, p->name, p->value);
    set(facts, "method", mvc_original_method(req));
    set(facts, "url", mvc_original_url(req));
    set(facts, "route", req->route ? req->route->whole_path : NULL);
    set(facts, "handler", layer ? layer->label : NULL);
    /* Rows made while running have no place. */
    if (layer && layer->line) {
        set(facts, "file", layer->file);
        json_object_object_add(facts, "line", json_object_new_int(layer->line));
    }
    json_object_object_add(facts, "headers", headers_of(req));
    json_object_object_add(facts, "params", params);
    json_object_object_add(facts, "query", json_object_get(mvc_query_doc(req)));
    if (json_object_is_type(req->body_doc, json_type_object))
        json_object_object_add(facts, "body", json_object_get(req->body_doc));
    return facts;
}

/* The lines around one of a file, as {number, text}; NULL when it is not to be
 * had: the program may run far from its sources. */
static json_object *excerpt(const char *file, int line)
{
    enum { AROUND = 4, LARGEST = 1 << 20 };
    size_t size;
    char *text = file && line > 0 ? base_file_read(file, LARGEST, &size) : NULL;
    if (!text)
        return NULL;
    json_object *lines = json_object_new_array();
    int number = 1;
    for (const char *at = text; *at && number <= line + AROUND; number++) {
        const size_t length = strcspn(at, "\r\n");
        if (number >= line - AROUND) {
            json_object *one = json_object_new_object();
            json_object_object_add(one, "number", json_object_new_int(number));
            json_object_object_add(one, "text",
                                   json_object_new_string_len(at, (int)length));
            json_object_array_add(lines, one);
        }
        at += length;
        at += at[0] == '\r' && at[1] == '\n' ? 2 : *at ? 1 : 0;
    }
    free(text);
    if (number > line)
        return lines;
    json_object_put(lines);
    return NULL;
}

static void add_route(void *data, const mvc_route_info *route)
{
    json_object *one = json_object_new_object();
    if (route->middleware) {
        json_object_put(one);
        return;
    }
    set(one, "method", route->method);
    set(one, "path", route->path);
    set(one, "handler", route->handler);
    set(one, "file", route->file);
    json_object_object_add(one, "line", json_object_new_int(route->line));
    json_object_array_add(data, one);
}

static bool is_no_route(const mvc_failure *failure)
{
    return failure->code && strcmp(failure->code, MVC__NO_ROUTE) == 0;
}

/* What the page of development shows besides. */
static void add_details(json_object *locals, mvc_req *req, mvc_res *res,
                        const mvc_failure *failure)
{
    json_object *routes = NULL;
    if (is_no_route(failure)) {
        routes = json_object_new_array();
        mvc_each_route(req->app, add_route, routes);
    }
    set(locals, "file", failure->file);
    json_object_object_add(locals, "line", json_object_new_int(failure->line));
    json_object_object_add(locals, "column",
                           json_object_new_int(failure->column));
    json_object_object_add(locals, "excerpt",
                           excerpt(failure->file, failure->line));
    set(locals, "detail", failure->detail);
    json_object_object_add(locals, "routes", routes);
    json_object_object_add(locals, "request", request_facts(req));
    json_object_object_add(locals, "locals_",
                           json_object_get(mvc__res_locals(res)));
}

/* What every page of an error is told. */
static void add_facts(json_object *locals, const mvc_req *req,
                      const mvc_failure *failure)
{
    const char *reason = mvc_reason(failure->status);
    json_object_object_add(locals, "status",
                           json_object_new_int(failure->status));
    set(locals, "reason", reason ? reason : "Error");
    set(locals, "message", visible(req, failure));
    set(locals, "app", mvc_app_name(req->app));
}

/* For a page of the application: its layout may need what others do. */
static json_object *own_locals(mvc_req *req, mvc_res *res,
                               const mvc_failure *failure)
{
    json_object *locals = json_object_new_object();
    json_object *others = mvc__res_locals(res);
    if (others) {
        json_object_object_foreach(others, name, value)
        {
            json_object_object_add(locals, name, json_object_get(value));
        }
    }
    add_facts(locals, req, failure);
    return locals;
}

/* False when there is no such view, or it fails, which is said. */
static bool render_view(mvc_req *req, mvc_res *res, const char *view,
                        json_object *locals)
{
    mvc__views_of *views = req->app->views;
    ejs_error err = {0};
    if (mvc__render_with(views->engine, view, locals, res, &err))
        return true;
    const bool missing = err.status == EJS_NOT_FOUND && !err.line;
    if (!missing && !req->app->config.quiet)
        fprintf(stderr, "%s: the view %s cannot be shown: %s: %s (%s:%d)\n",
                mvc_app_name(req->app), view, err.name, err.summary, err.file,
                err.line);
    return false;
}

/*
 * views/errors/404.ejs, else views/errors/error.ejs, of the application.  In
 * development our page tells more, but what is no fault of the program gets the
 * page that was made for it, which is being developed, too.
 */
static bool render_own(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    const bool development = req->app->config.development;
    char name[32];
    if (development && failure->status >= 500)
        return false;
    json_object *locals = own_locals(req, res, failure);
    snprintf(name, sizeof name, "errors/%d", failure->status);
    const bool done =
        render_view(req, res, name, locals) ||
        (!development && render_view(req, res, "errors/error", locals));
    json_object_put(locals);
    return done;
}

/* A new application without a route for its start page is not broken. */
static bool is_welcome(mvc_req *req, const mvc_failure *failure)
{
    return req->app->config.development && failure->status == 404 &&
           strcmp(mvc_original_url(req), "/") == 0;
}

/* A page of ours: it shows what was sent, and needs no more than its style. */
static bool render_ours(mvc_req *req, mvc_res *res, const mvc_failure *failure,
                        const char *view)
{
    mvc__views_of *views = req->app->views;
    json_object *locals = json_object_new_object();
    add_facts(locals, req, failure);
    if (req->app->config.development)
        add_details(locals, req, res, failure);
    mvc_set_header(res, "Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'");
    const bool ok = mvc__render_with(views->own, view, locals, res, NULL);
    json_object_put(locals);
    return ok;
}

static const char *our_page(mvc_req *req, const mvc_failure *failure)
{
    return is_welcome(req, failure)       ? "welcome"
           : req->app->config.development ? "development"
                                          : "error";
}

void mvc__error_page(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    mvc_status(res, failure->status);
    res->no_etag = true;
    mvc_set_header(res, "X-Content-Type-Options", "nosniff");
    if (prefers_json(req)) {
        send_json(req, res, failure);
        return;
    }
    if (render_own(req, res, failure))
        return;
    if (is_welcome(req, failure))
        mvc_status(res, 200);
    if (render_ours(req, res, failure, our_page(req, failure)))
        return;
    mvc_set_type(res, "txt");
    mvc_send(res, visible(req, failure));
}
