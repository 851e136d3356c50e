/* middleware.c - the application of app.mjs, on libmvc.  Prints its port. */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/exchange.h"

enum { LINES = 400 };
static char big[13 * LINES + 1];

static void ok(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "ok");
}

/* compression
 * --------------------------------------------------------------------- */

static void send_big(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, big);
}

static void send_small(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "small");
}

static void send_size(mvc_req *req, mvc_res *res)
{
    int64_t n = 0;
    mvc_param_int(req, "n", &n);
    char *text = mvc_alloc(req, (size_t)n + 1);
    memset(text, 'x', (size_t)n);
    text[n] = '\0';
    mvc_send(res, text);
}

/* As res.end() does it: no type, no tag. */
static void end_with(mvc_res *res, const char *text)
{
    mvc_replace_bytes(res, (char *)(uintptr_t)text, strlen(text), NULL);
    res->no_etag = true;
    mvc__res_answer(res);
}

static void send_typed(mvc_req *req, mvc_res *res)
{
    mvc__res_put(res, "Content-Type", mvc_param(req, "type"));
    end_with(res, big);
}

static void send_untyped(mvc_req *req, mvc_res *res)
{
    (void)req;
    end_with(res, big);
}

static void send_controlled(mvc_req *req, mvc_res *res)
{
    mvc_set_header(res, "Cache-Control", mvc_query(req, "v"));
    mvc_send(res, big);
}

static void send_encoded(mvc_req *req, mvc_res *res)
{
    mvc_set_header(res, "Content-Encoding", mvc_query(req, "v"));
    mvc_send(res, big);
}

static void send_varied(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "Vary", "Accept-Language");
    mvc_send(res, big);
}

static void send_json(mvc_req *req, mvc_res *res)
{
    (void)req;
    json_object *o = json_object_new_object();
    json_object_object_add(o, "text", json_object_new_string(big));
    mvc_send_json(res, o);
    json_object_put(o);
}

static void move(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect(res, "/elsewhere");
}

static void send_none(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_status(res, 204);
    mvc_end(res);
}

static int64_t read_bits(void *data, uint64_t position, char *buffer,
                         size_t max)
{
    (void)data;
    const size_t size = sizeof big - 1;
    if (position == 20 * size)
        return MVC_STREAM_END;
    size_t n = size - position % size;
    n = n < max ? n : max;
    memcpy(buffer, big + position % size, n);
    return (int64_t)n;
}

static void send_stream(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "text");
    mvc_send_stream(res, &(mvc_stream){.read = read_bits, .size = -1});
}

static const mvc_route pages[] = {
    MVC_GET("/big", send_big),
    MVC_GET("/small", send_small),
    MVC_GET("/size/:n", send_size),
    MVC_GET("/type/*type", send_typed),
    MVC_GET("/untyped", send_untyped),
    MVC_GET("/no-transform", send_controlled),
    MVC_GET("/encoded", send_encoded),
    MVC_GET("/varied", send_varied),
    MVC_GET("/json", send_json),
    MVC_GET("/moved", move),
    MVC_GET("/none", send_none),
    MVC_GET("/stream", send_stream),
    {0},
};

static bool is_wanted(mvc_req *req, mvc_res *res)
{
    (void)res;
    return mvc_query(req, "skip") == NULL;
}

/* sessions
 * ------------------------------------------------------------------------ */

static void read_name(mvc_req *req, mvc_res *res)
{
    const char *name = mvc_session_text(req, "name");
    mvc_send(res, name ? name : "nobody");
}

static void set_name(mvc_req *req, mvc_res *res)
{
    mvc_session_set(req, "name", mvc_param(req, "name"));
    mvc_send(res, "set");
}

static void log_in(mvc_req *req, mvc_res *res)
{
    mvc_session_regenerate(req);
    mvc_send(res, "in");
}

static void log_out(mvc_req *req, mvc_res *res)
{
    mvc_session_destroy(req);
    mvc_send(res, "out");
}

static const mvc_route visits[] = {
    MVC_GET("/", read_name),
    MVC_GET("/set/:name", set_name),
    MVC_GET("/in", log_in),
    MVC_GET("/out", log_out),
    {0},
};

static void show_method(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_method_text(req));
}

static const mvc_route plain[] = {MVC_ANY("/", ok), {0}};
static const mvc_route only_get[] = {MVC_GET("/", ok), {0}};
static const mvc_route overridden[] = {MVC_ANY("/", show_method), {0}};

static void under(mvc_app *app, const char *base, mvc_handler handler,
                  const void *options, const mvc_route *rows)
{
    mvc_router *router = mvc_router_new(NULL);
    mvc_use_with(app, base, handler, (void *)(uintptr_t)options, NULL);
    mvc_router_table(router, rows);
    mvc_mount(app, base, router);
}

/* options
 * ------------------------------------------------------------------------- */

static const mvc_compression_options compressed = {
    .threshold = 10, .level = 1, .filter = is_wanted};
static const mvc_helmet_options helmeted = {
    .x_frame_options = "DENY",
    .referrer_policy = "",
    .strict_transport_security = "max-age=60; includeSubDomains",
    .cross_origin_embedder_policy = "require-corp"};
static const mvc_cors_options one = {.origin = "http://a.example",
                                     .credentials = true,
                                     .exposed_headers = "A,B",
                                     .max_age = 60,
                                     .methods = "GET,PUT",
                                     .allowed_headers = "X-A"};
static const char *const some[] = {"http://a.example", "http://b.example",
                                   NULL};
static const mvc_cors_options listed = {.origins = some, .success_status = 200};
static const mvc_cors_options any = {.any_origin = true,
                                     .preflight_continue = true};
static const mvc_session_options browser = {.browser_only = true};
static const mvc_session_options rolling = {.browser_only = true,
                                            .rolling = true};
static const mvc_session_options placed = {
    .browser_only = true, .path = "/session-path", .domain = "a.example"};
static const mvc_rate_limit_options limited = {.limit = 2};
static const mvc_rate_limit_options failed_limited = {.limit = 2,
                                                      .skip_successful = true};
static const mvc_rate_limit_options fine_limited = {.limit = 2,
                                                    .skip_failed = true};

static void send_asked(mvc_req *req, mvc_res *res)
{
    mvc_send_status(res, atoi(mvc_param(req, "status")));
}

static const mvc_route statuses[] = {MVC_GET("/:status", send_asked), {0}};

int main(int argc, char **argv)
{
    char icon[4096];
    snprintf(icon, sizeof icon, "%s/a.txt", argc > 1 ? argv[1] : "public");
    const mvc_favicon_options favicon = {.path = icon};
    for (int i = 0; i < LINES; i++)
        memcpy(big + 13 * i, "line of text\n", 13);
    static const char *const older[] = {"older", NULL};
    mvc_app *app = mvc__app_create(&(mvc_config){
        .threads = 1, .quiet = true, .secret = "s", .old_secrets = older});
    if (!app)
        return 1;
    under(app, "/compress", mvc_compression, NULL, pages);
    under(app, "/compress-opts", mvc_compression, &compressed, pages);
    mvc_use(app, "/files", mvc_compression);
    mvc_static(app, "/files", argc > 1 ? argv[1] : "public", NULL);
    under(app, "/helmet", mvc_helmet, NULL, only_get);
    under(app, "/helmet-opts", mvc_helmet, &helmeted, only_get);
    under(app, "/cors", mvc_cors, NULL, plain);
    under(app, "/cors-one", mvc_cors, &one, plain);
    under(app, "/cors-list", mvc_cors, &listed, plain);
    under(app, "/cors-any", mvc_cors, &any, plain);
    mvc_use_with(app, "/", mvc_favicon, (void *)(uintptr_t)&favicon, NULL);
    under(app, "/override", mvc_method_override, NULL, overridden);
    under(app, "/time", mvc_response_time, NULL, only_get);
    under(app, "/session", mvc_session, NULL, visits);
    under(app, "/session-browser", mvc_session, &browser, visits);
    under(app, "/session-path", mvc_session, &placed, visits);
    under(app, "/session-rolling", mvc_session, &rolling, visits);
    under(app, "/limit", mvc_rate_limit, &limited, only_get);
    under(app, "/limit-failed", mvc_rate_limit, &failed_limited, statuses);
    under(app, "/limit-fine", mvc_rate_limit, &fine_limited, statuses);
    if (!mvc_start(app, "127.0.0.1", 0))
        return 1;
    printf("%u\n", mvc_port(app));
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) /* until the parent goes */
        ;
    mvc__app_destroy(app);
    return 0;
}
