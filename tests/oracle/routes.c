/*
 * routes.c - the applications of routes.mjs, on libmvc.
 *
 * Reads one as JSON a line, {"strict", "case", "rows": [{"method", "path",
 * "actions": ["next" …], "rows": […], "merge"} …], "asked": [[method, path]
 * …]}, and writes what each request came to: its status and the handlers it
 * met; or that a pattern is refused.
 */
#include <mvc.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_object *member(json_object *o, const char *name)
{
    return json_object_object_get(o, name);
}

static const char *text(json_object *o, const char *name)
{
    return json_object_get_string(member(o, name));
}

/* handlers -----------------------------------------------------------------
 */

static void add_param(void *data, const char *name, const char *value)
{
    json_object_object_add(data, name, json_object_new_string(value));
}

/* Leaves a header that says who was met, and where. */
static void note(mvc_req *req, mvc_res *res, const char *action)
{
    json_object *params = json_object_new_object();
    mvc_each_param(req, add_param, params);
    json_object *met = json_object_new_array();
    const char *const words[] = {mvc_handler_name(req), action,
                                 mvc_base_url(req), mvc_path(req)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        json_object_array_add(met, json_object_new_string(words[i]));
    json_object_array_add(met, params);
    mvc_add_header(
        res, "X-Met",
        json_object_to_json_string_ext(
            met, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(met);
}

static void act_send(mvc_req *req, mvc_res *res)
{
    note(req, res, "send");
    mvc_send(res, "");
}

static void act_next(mvc_req *req, mvc_res *res)
{
    note(req, res, "next");
    mvc_next(req, res);
}

static void act_route(mvc_req *req, mvc_res *res)
{
    note(req, res, "route");
    mvc_next_route(req, res);
}

static void act_router(mvc_req *req, mvc_res *res)
{
    note(req, res, "router");
    mvc_next_router(req, res);
}

static void act_fail(mvc_req *req, mvc_res *res)
{
    note(req, res, "fail");
    mvc_fail(req, res, 418, "as told");
}

static void pass_error(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    mvc_add_header(res, "X-Met", mvc_format(req, "error %d", failure->status));
    mvc_pass(req, res);
}

static mvc_handler handler_of(const char *action)
{
    return strcmp(action, "send") == 0     ? act_send
           : strcmp(action, "next") == 0   ? act_next
           : strcmp(action, "route") == 0  ? act_route
           : strcmp(action, "router") == 0 ? act_router
                                           : act_fail;
}

/* building -----------------------------------------------------------------
 */

static int method_of(const char *name)
{
    for (int m = MVC_ANY; m < MVC_OTHER; m++)
        if (strcmp(mvc_method_name((mvc_method)m), name) == 0)
            return m;
    return strcmp(name, "error") == 0 ? MVC_ERRORS : MVC_USE;
}

static void add_rows(mvc_router *router, json_object *rows)
{
    static const mvc_route_options merging = {.merge_params = true};
    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        json_object *row = json_object_array_get_idx(rows, i);
        json_object *below = member(row, "rows");
        if (below) {
            mvc_router *child = mvc_router_new(
                json_object_get_boolean(member(row, "merge")) ? &merging
                                                              : NULL);
            add_rows(child, below);
            mvc_router_mount(router, text(row, "path"), child);
            continue;
        }
        mvc_route r = {.method = method_of(text(row, "method")),
                       .path = text(row, "path"),
                       .label = text(row, "label"),
                       .file = "routes.mjs",
                       .line = 1,
                       .on_error = pass_error};
        json_object *actions = member(row, "actions");
        for (size_t k = 0; k < json_object_array_length(actions); k++)
            r.handlers[k] = handler_of(
                json_object_get_string(json_object_array_get_idx(actions, k)));
        mvc_router_add(router, &r);
    }
}

static void ignore(void *data, bool is_error, const char *message)
{
    (void)data, (void)is_error, (void)message;
}

/* asking -------------------------------------------------------------------
 */

static json_object *ask(mvc_app *app, json_object *request)
{
    const char *method =
        json_object_get_string(json_object_array_get_idx(request, 0));
    mvc_test_response r = mvc_test(
        app, &(mvc_test_request){.method = (mvc_method)method_of(method),
                                 .path = json_object_get_string(
                                     json_object_array_get_idx(request, 1))});
    json_object *got = json_object_new_array();
    json_object_array_add(got, json_object_new_int(r.status));
    for (const char *at = r.headers; (at = strstr(at, "X-Met: "));) {
        at += strlen("X-Met: ");
        const size_t size = strcspn(at, "\r");
        json_object_array_add(got, json_object_new_string_len(at, (int)size));
    }
    const char *allow = mvc_test_header(&r, "Allow");
    if (allow)
        json_object_array_add(got, json_object_new_string(allow));
    mvc_test_done(&r);
    return got;
}

static void answer(json_object *c)
{
    mvc_app *app = mvc_app_new(&(mvc_config){
        .quiet = true,
        .strict = json_object_get_boolean(member(c, "strict")),
        .case_sensitive = json_object_get_boolean(member(c, "case"))});
    json_object *asked = member(c, "asked");
    json_object *answers = json_object_new_array();
    add_rows(mvc_root(app), member(c, "rows"));
    const bool ok = mvc_routes_ok(app, ignore, NULL);
    for (size_t i = 0; ok && i < json_object_array_length(asked); i++)
        json_object_array_add(answers,
                              ask(app, json_object_array_get_idx(asked, i)));
    puts(ok ? json_object_to_json_string_ext(answers, JSON_C_TO_STRING_PLAIN)
            : "\"refused\"");
    json_object_put(answers);
    mvc_app_free(app);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        json_object *c = json_tokener_parse(line);
        answer(c);
        json_object_put(c);
    }
    free(line);
    return 0;
}
