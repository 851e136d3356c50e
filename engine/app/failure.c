/* failure.c - what a request that failed is answered with. */
#include "app/app.h"

#include <json-c/json.h>
#include <string.h>

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
    json_object_object_add(body, "error", error);
    mvc_send_json(res, body);
    json_object_put(body);
}

static json_object *request_facts(mvc_req *req)
{
    json_object *facts = json_object_new_object();
    json_object *headers = json_object_new_object();
    json_object *params = json_object_new_object();
    set(facts, "method", mvc_method_text(req));
    set(facts, "url", mvc_original_url(req));
    set(facts, "route", mvc_route_path(req));
    set(facts, "handler", mvc_handler_name(req));
    mvc_each_header(req, add_pair, headers);
    json_object_object_del(headers, "cookie");
    json_object_object_del(headers, "authorization");
    mvc_each_param(req, add_pair, params);
    json_object_object_add(facts, "headers", headers);
    json_object_object_add(facts, "params", params);
    json_object_object_add(facts, "query", json_object_get(mvc_query_doc(req)));
    return facts;
}

static json_object *page_locals(mvc_req *req, mvc_res *res,
                                const mvc_failure *failure)
{
    json_object *locals = json_object_new_object();
    const char *reason = mvc_reason(failure->status);
    json_object_object_add(locals, "status",
                           json_object_new_int(failure->status));
    set(locals, "reason", reason ? reason : "Error");
    set(locals, "message", visible(req, failure));
    set(locals, "app", mvc_app_name(req->app));
    if (!req->app->config.development)
        return locals;
    set(locals, "file", failure->file);
    json_object_object_add(locals, "line", json_object_new_int(failure->line));
    set(locals, "detail", failure->detail);
    json_object_object_add(locals, "request", request_facts(req));
    json_object_object_add(locals, "locals_",
                           json_object_get(mvc__res_locals(res)));
    return locals;
}

/* views/errors/404.ejs, else views/errors/error.ejs, of the application. */
static bool render_own(mvc__views_of *views, json_object *locals, mvc_res *res,
                       int status)
{
    char name[32];
    snprintf(name, sizeof name, "errors/%d", status);
    return mvc__render_with(views->engine, name, locals, res, NULL) ||
           mvc__render_with(views->engine, "errors/error", locals, res, NULL);
}

/* A new application without a route for its start page is not broken. */
static bool is_welcome(mvc_req *req, const mvc_failure *failure)
{
    return req->app->config.development && failure->status == 404 &&
           strcmp(mvc_original_url(req), "/") == 0;
}

/* A page of ours: it shows what was sent, and needs no more than its style. */
static bool render_ours(mvc__views_of *views, const char *name,
                        json_object *locals, mvc_res *res)
{
    mvc_set_header(res, "Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'");
    return mvc__render_with(views->own, name, locals, res, NULL);
}

void mvc__error_page(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    mvc_status(res, failure->status);
    mvc_set_header(res, "X-Content-Type-Options", "nosniff");
    if (prefers_json(req)) {
        send_json(req, res, failure);
        return;
    }
    mvc__views_of *views = req->app->views;
    const bool development = req->app->config.development;
    json_object *locals = page_locals(req, res, failure);
    if (is_welcome(req, failure)) {
        mvc_status(res, 200);
        render_ours(views, "welcome", locals, res);
    } else if ((development ||
                !render_own(views, locals, res, failure->status)) &&
               !render_ours(views, development ? "development" : "error",
                            locals, res)) {
        mvc_set_type(res, "txt");
        mvc_send(res, visible(req, failure));
    }
    json_object_put(locals);
}
