/* parity.c - the application of app.mjs, on libmvc.  Prints its ports. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/exchange.h"

/* A handler that sends a constant. */
#define TEXT(name, text)                                                       \
    static void name(mvc_req *req, mvc_res *res)                               \
    {                                                                          \
        (void)req;                                                             \
        mvc_send(res, text);                                                   \
    }

static const char *public_dir;

static json_object *string(const char *text)
{
    return text ? json_object_new_string(text) : NULL;
}

static void add(json_object *o, const char *name, json_object *value)
{
    json_object_object_add(o, name, value);
}

static void send_doc(mvc_res *res, json_object *o)
{
    mvc_send_json(res, o);
    json_object_put(o);
}

typedef struct params {
    mvc_req *req;
    json_object *object;
} params;

static void add_param(void *data, const char *name, const char *value)
{
    params *p = data;
    size_t n;
    const char *const *parts = mvc_param_list(p->req, name, &n);
    json_object *old, *list = NULL;
    if (json_object_object_get_ex(p->object, name, &old))
        return;
    for (size_t i = 0; parts && i < n; i++) {
        if (!list)
            list = json_object_new_array();
        json_object_array_add(list, string(parts[i]));
    }
    add(p->object, name, list ? list : string(value));
}

static void show(mvc_req *req, mvc_res *res)
{
    json_object *o = json_object_new_object();
    params p = {req, json_object_new_object()};
    mvc_each_param(req, add_param, &p);
    add(o, "params", p.object);
    add(o, "url", string(mvc_url(req)));
    add(o, "base", string(mvc_base_url(req)));
    add(o, "original", string(mvc_original_url(req)));
    add(o, "path", string(mvc_path(req)));
    send_doc(res, o);
}

/* routes ----------------------------------------------------------------------
 */

TEXT(home, "home")
TEXT(mixed, "mixed")
TEXT(slash, "slash")
TEXT(created, "created")
TEXT(put, "put")
TEXT(patched, "patched")
TEXT(deleted, "deleted")
TEXT(multi_get, "multi get")
TEXT(multi_post, "multi post")
TEXT(get, "get")
TEXT(wrong, "wrong")
TEXT(other_route, "other route")
TEXT(after_router, "after router")
TEXT(inner_text, "inner")
TEXT(inner_post, "inner post")
TEXT(foo, "Foo")
TEXT(bar, "bar/")
TEXT(skipped, "skipped")
TEXT(recovered, "recovered")
TEXT(two, "two")

static void all(mvc_req *req, mvc_res *res)
{
    mvc_sendf(res, "all %s", mvc_method_text(req));
}

static void head_only(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "X-Head", "yes");
    mvc_end(res);
}

static void own_options(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "X-Own", "1");
    mvc_send(res, "own");
}

static void one(mvc_req *req, mvc_res *res)
{
    mvc_set_header(res, "X-One", "1");
    mvc_next(req, res);
}

static void middleware(mvc_req *req, mvc_res *res)
{
    mvc_set_header(res, "X-Mw",
                   mvc_format(req, "%s|%s", mvc_path(req), mvc_base_url(req)));
    mvc_next(req, res);
}

static void rewrite(mvc_req *req, mvc_res *res)
{
    mvc_set_url(req, "/users/9?x=1");
    mvc_next(req, res);
}

static const mvc_route skipping[] = {
    MVC_GET("/", mvc_next_router),
    MVC_GET("/", wrong),
    {0},
};

static const mvc_route rewritten[] = {MVC_GET("/users/:id", show), {0}};

static const mvc_route inner[] = {
    MVC_GET("/", show),
    MVC_GET("/item/:item", show),
    MVC_GET("/only/get", inner_text),
    MVC_POST("/only/get", inner_post),
    {0},
};
static const mvc_route plain[] = {MVC_GET("/item/:item", show), {0}};
static const mvc_route deeper[] = {MVC_GET("/leaf", show), {0}};
static const mvc_route deep[] = {MVC_MOUNT("/deeper", deeper), {0}};
static const mvc_route strict[] = {
    MVC_GET("/Foo", foo),
    MVC_GET("/bar/", bar),
    {0},
};
static const mvc_route_options merging = {.merge_params = true};
static const mvc_route_options strictly = {.strict = true,
                                           .case_sensitive = true};

static void check_id(mvc_req *req, mvc_res *res, const char *name,
                     const char *value)
{
    (void)name;
    if (strcmp(value, "bad") == 0) {
        mvc_fail(req, res, 422, "bad id");
    } else if (strcmp(value, "skip") == 0) {
        mvc_next_route(req, res);
    } else {
        mvc_add_header(res, "X-Param", value);
        mvc_next(req, res);
    }
}

static void mark_id(mvc_req *req, mvc_res *res, const char *name,
                    const char *value)
{
    const char *marked = mvc_format(req, "%s!", mvc_param(req, name));
    mvc_add_header(res, "X-Second", mvc_param(req, name));
    mvc_set_param(req, name, marked);
    if (strcmp(value, "leave") == 0)
        mvc_next_route(req, res);
    else if (strcmp(value, "router") == 0)
        mvc_next_router(req, res);
    else
        mvc_next(req, res);
}

static void unless_left(mvc_req *req, mvc_res *res)
{
    if (strcmp(mvc_param(req, "id"), "leave!") == 0)
        mvc_send(res, "not left");
    else
        mvc_next(req, res);
}

static mvc_router *with_param(void)
{
    mvc_router *r = mvc_router_new(NULL);
    mvc_router_param(r, "id", check_id);
    mvc_router_param(r, "id", mark_id);
    MVC_ADD(r, MVC_GET("/:id", mvc_next));
    MVC_ADD(r, MVC_GET("/:id", unless_left));
    MVC_ADD(r, MVC_GET("/:id/:other", show));
    MVC_ADD(r, MVC_GET("/:other/:id", show));
    MVC_ADD(r, MVC_GET("/:id", show));
    MVC_ADD(r, MVC_GET("/skip", skipped));
    return r;
}

/* errors ----------------------------------------------------------------------
 */

static void fail_status(mvc_req *req, mvc_res *res)
{
    mvc_fail(req, res, atoi(mvc_param(req, "status")), "failed");
}

static void fail_late(mvc_req *req, mvc_res *res)
{
    mvc_set_header(res, "X-Before", "1");
    mvc_set_header(res, "ETag", "\"x\"");
    mvc_status(res, 201);
    mvc_fail(req, res, 500, "late");
}

static void fail_first(mvc_req *req, mvc_res *res)
{
    mvc_fail(req, res, 500, "first");
}

static void fail_second(mvc_req *req, mvc_res *res)
{
    mvc_fail(req, res, 409, "second");
}

static void fail_third(mvc_req *req, mvc_res *res)
{
    mvc_fail(req, res, 500, "third");
}

static void note_error(mvc_req *req, mvc_res *res, const mvc_failure *f)
{
    mvc_add_header(res, "X-Error", f->message);
    if (strcmp(f->message, "third") == 0)
        mvc_next(req, res);
    else
        mvc_pass(req, res);
}

static void handle_error(mvc_req *req, mvc_res *res, const mvc_failure *f)
{
    if (strcmp(f->message, "second") != 0) {
        mvc_pass(req, res);
        return;
    }
    mvc_status(res, f->status);
    mvc_sendf(res, "handled %s", f->message);
}

static const mvc_route failing[] = {
    MVC_GET("/a", fail_first),
    MVC_GET("/b", fail_second),
    MVC_GET("/c", fail_third),
    MVC_ERRORS("/", note_error),
    MVC_ERRORS("/", handle_error),
    MVC_GET("/c", recovered),
    {0},
};

/* answers
 * ---------------------------------------------------------------------- */

TEXT(send_html, "<p>hi</p>")
TEXT(send_empty, "")
TEXT(send_utf8, "grüße ✓")

static void send_buffer(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_bytes(res, "bytes", 5);
}

static void send_typed(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "text/plain");
    mvc_send(res, "plain");
}

static void send_xml(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "application/xml");
    mvc_send(res, "<a/>");
}

static void send_svg(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "svg");
    mvc_send(res, "<svg/>");
}

static void send_charset(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "Content-Type", "text/plain; charset=latin1");
    mvc_send(res, "x");
}

static void send_status(mvc_req *req, mvc_res *res)
{
    mvc_send_status(res, atoi(mvc_param(req, "code")));
}

static void send_with(mvc_req *req, mvc_res *res)
{
    mvc_status(res, atoi(mvc_param(req, "code")));
    mvc_send(res, "body");
}

static void send_etag(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "ETag", "\"mine\"");
    mvc_send(res, "tagged");
}

static void send_modified(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
    mvc_send(res, "dated");
}

static void send_text_as_doc(mvc_res *res, const char *text)
{
    send_doc(res, json_tokener_parse(text));
}

static void json_obj(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_text_as_doc(res, "{\"a\":1,\"b\":[true,null,1.5,\"x\"],\"c\":{\"d\":"
                          "1e21,\"e\":1e-7,\"f\":-0.5}}");
}

static void json_array(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_text_as_doc(res, "[]");
}

static void json_empty(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_text_as_doc(res, "{}");
}

static void json_nothing(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_json(res, NULL);
}

static void json_text(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_doc(res, string("a \"quoted\" \\ \n \xE2\x80\xA8 <b>"));
}

static void json_number(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_doc(res, json_object_new_int(42));
}

static void json_typed(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "application/problem+json");
    send_text_as_doc(res, "{\"a\":1}");
}

static void json_status(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_status(res, 201);
    send_text_as_doc(res, "{\"made\":true}");
}

static void jsonp(mvc_req *req, mvc_res *res)
{
    (void)req;
    json_object *o = json_object_new_object();
    add(o, "a", string("\xE2\x80\xA8<&>"));
    mvc_send_jsonp(res, o);
    json_object_put(o);
}

static void end(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_end(res);
}

static void redirect(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect(res, "/target");
}

static void redirect_status(mvc_req *req, mvc_res *res)
{
    mvc_redirect_with(res, atoi(mvc_param(req, "status")),
                      "http://example.com/a b?q=<x>");
}

static void redirect_back(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect(res, "back");
}

static void redirect_utf8(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect(res, "/grüße?q=✓#f");
}

static void redirect_crlf(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect(res, "/a\r\nX-Evil: 1");
}

static void redirect_percent(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect_with(res, 302, "/a%20b%zz");
}

static void location(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_location(res, "/somewhere else");
    mvc_send(res, "see");
}

TEXT(format_text, "text")
TEXT(format_html, "<p>html</p>")
TEXT(format_x, "x")
TEXT(format_default_text, "default")

static void format_json(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_text_as_doc(res, "{\"json\":true}");
}

static void format(mvc_req *req, mvc_res *res)
{
    static const mvc_choice choices[] = {{"text", format_text},
                                         {"html", format_html},
                                         {"json", format_json},
                                         {0}};
    mvc_negotiate(req, res, choices);
}

static void format_default(mvc_req *req, mvc_res *res)
{
    static const mvc_choice choices[] = {
        {"application/vnd.x+json", format_x}, {NULL, format_default_text}, {0}};
    mvc_negotiate(req, res, choices);
}

static void vary(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_vary(res, "Accept");
    mvc_vary(res, "accept");
    mvc_vary(res, "Origin");
    mvc_send(res, "v");
}

static void vary_star(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_vary(res, "Accept");
    mvc_vary(res, "*");
    mvc_send(res, "v");
}

static void links(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_link(res, "next", "/p/2");
    mvc_link(res, "last", "/p/5");
    mvc_send(res, "l");
}

static void append(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_add_header(res, "X-A", "1");
    mvc_add_header(res, "X-A", "2");
    mvc_add_header(res, "Warning", "w");
    mvc_send(res, "a");
}

static void set_remove(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "X-Gone", "1");
    mvc_remove_header(res, "X-Gone");
    mvc_set_header(res, "X-Kept", "2");
    mvc_send(res, "s");
}

static void attachment(mvc_req *req, mvc_res *res)
{
    mvc_attachment(res, mvc_param(req, "name"));
    mvc_send(res, "a");
}

static void type(mvc_req *req, mvc_res *res)
{
    mvc_set_type(res, mvc_param(req, "ext"));
    static char body[] = "x";
    mvc_replace_bytes(res, body, 1, NULL);
    res->no_etag = true;
    mvc__res_answer(res);
}

static void cookies_set(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_cookie(res, "plain", "value", NULL);
    mvc_set_cookie(res, "odd", "a b;c=\"é\"", NULL);
    mvc_set_cookie(res, "opts", "1",
                   &(mvc_cookie_options){.domain = "example.com",
                                         .path = "/admin",
                                         .http_only = true,
                                         .secure = true,
                                         .same_site = MVC_SAME_SITE_LAX,
                                         .priority = "high",
                                         .partitioned = true});
    mvc_set_cookie(res, "strict", "1",
                   &(mvc_cookie_options){.same_site = MVC_SAME_SITE_STRICT});
    mvc_set_cookie(
        res, "none", "1",
        &(mvc_cookie_options){.same_site = MVC_SAME_SITE_NONE, .secure = true});
    mvc_set_cookie(res, "age", "1", &(mvc_cookie_options){.max_age = 60});
    json_object *o = json_tokener_parse("{\"a\":[1,2]}");
    mvc_set_cookie_doc(res, "json", o, NULL);
    json_object_put(o);
    mvc_send(res, "set");
}

static void cookies_clear(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_clear_cookie(res, "gone", NULL);
    mvc_clear_cookie(res, "gone2",
                     &(mvc_cookie_options){.path = "/x", .http_only = true});
    mvc_send(res, "cleared");
}

/* requests
 * ------------------------------------------------------------------------ */

static void query(mvc_req *req, mvc_res *res)
{
    mvc_send_json(res, mvc_query_doc(req));
}

static void send_got(mvc_res *res, const char *got)
{
    json_object *o = json_object_new_object();
    add(o, "got", string(got));
    send_doc(res, o);
}

static void accepts(mvc_req *req, mvc_res *res)
{
    send_got(res, mvc_accepts(req, (const char *const[]){"html", "json", "text",
                                                         NULL}));
}

static void accepts2(mvc_req *req, mvc_res *res)
{
    send_got(res, mvc_accepts(req, (const char *const[]){"application/json",
                                                         "image/png", "text/*",
                                                         NULL}));
}

static void charsets(mvc_req *req, mvc_res *res)
{
    send_got(res, mvc_accepts_charsets(
                      req, (const char *const[]){"utf-8", "iso-8859-1", NULL}));
}

static void encodings(mvc_req *req, mvc_res *res)
{
    send_got(res,
             mvc_accepts_encodings(
                 req, (const char *const[]){"br", "gzip", "identity", NULL}));
}

static void languages(mvc_req *req, mvc_res *res)
{
    send_got(res, mvc_accepts_languages(
                      req, (const char *const[]){"en", "de-AT", "fr", NULL}));
}

static void is(mvc_req *req, mvc_res *res)
{
    static const char *const names[] = {"json", "any", "form", "multi",
                                        "suffix"};
    static const char *const types[] = {"json", "text/*", "urlencoded",
                                        "multipart", "+json"};
    json_object *o = json_object_new_object();
    for (int i = 0; i < 5; i++)
        add(o, names[i], json_object_new_boolean(mvc_is(req, types[i])));
    send_doc(res, o);
}

static json_object *list(const char *const *items)
{
    json_object *l = json_object_new_array();
    for (; *items; items++)
        json_object_array_add(l, string(*items));
    return l;
}

static json_object *who_doc(mvc_req *req, bool with_xhr)
{
    json_object *o = json_object_new_object();
    add(o, "protocol", string(mvc_protocol(req)));
    add(o, "secure", json_object_new_boolean(mvc_is_secure(req)));
    add(o, "host", string(mvc_host(req)));
    add(o, "hostname", string(mvc_hostname(req)));
    add(o, "subdomains", list(mvc_subdomains(req)));
    if (with_xhr)
        add(o, "xhr", json_object_new_boolean(mvc_is_xhr(req)));
    add(o, "ip", string(mvc_ip(req)));
    add(o, "ips", list(mvc_ips(req)));
    return o;
}

static void who(mvc_req *req, mvc_res *res)
{
    send_doc(res, who_doc(req, true));
}

static void who_proxied(mvc_req *req, mvc_res *res)
{
    send_doc(res, who_doc(req, false));
}

static void header(mvc_req *req, mvc_res *res)
{
    json_object *o = json_object_new_object();
    add(o, "ref", string(mvc_header(req, "Referrer")));
    add(o, "ref2", string(mvc_header(req, "referer")));
    add(o, "x", string(mvc_header(req, "X-Many")));
    add(o, "ua", string(mvc_header(req, "USER-AGENT")));
    send_doc(res, o);
}

static void ranges(mvc_req *req, mvc_res *res)
{
    const mvc_range *r;
    const char *combine = mvc_header(req, "X-Combine");
    const int n =
        mvc_ranges(req, 100, combine && strcmp(combine, "1") == 0, &r);
    json_object *o = json_object_new_object();
    json_object *got = json_object_new_int(n);
    if (n > 0) {
        json_object_put(got);
        got = json_object_new_array();
    }
    for (int i = 0; i < n; i++) {
        json_object *pair = json_object_new_array();
        json_object_array_add(pair, json_object_new_int64((int64_t)r[i].start));
        json_object_array_add(pair, json_object_new_int64((int64_t)r[i].end));
        json_object_array_add(got, pair);
    }
    add(o, "got", got);
    add(o, "type", n > 0 ? string("bytes") : NULL);
    send_doc(res, o);
}

/* bodies
 * ------------------------------------------------------------------------------
 */

static void echo(mvc_req *req, mvc_res *res)
{
    mvc_doc *body = mvc_body(req);
    json_object *o = json_object_new_object();
    add(o, "body", json_object_get(body));
    send_doc(res, o);
}

static void echo_none(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_text_as_doc(res, "{\"body\":null}");
}

static const mvc_body_options extended = {.extended = true};
static const mvc_body_options small = {.max = 20};
static const mvc_body_options loose = {.not_strict = true};
static const mvc_body_options few = {.max_parameters = 3};
static const char *const more_json[] = {"+json", "text/x-json", NULL};
static const mvc_body_options typed = {.json_types = more_json};

/* files
 * ----------------------------------------------------------------------------------
 */

static mvc_static_options below(void)
{
    return (mvc_static_options){.root = public_dir};
}

static void file(mvc_req *req, mvc_res *res)
{
    (void)req;
    const mvc_static_options o = below();
    mvc_send_file(res, "a.txt", &o);
}

static void file_up(mvc_req *req, mvc_res *res)
{
    (void)req;
    const mvc_static_options o = below();
    mvc_send_file(res, "../requests.mjs", &o);
}

static void file_dot(mvc_req *req, mvc_res *res)
{
    (void)req;
    const mvc_static_options o = below();
    mvc_send_file(res, ".hidden", &o);
}

static void file_missing(mvc_req *req, mvc_res *res)
{
    (void)req;
    const mvc_static_options o = below();
    mvc_send_file(res, "missing.txt", &o);
}

static void download(mvc_req *req, mvc_res *res)
{
    (void)req;
    const mvc_static_options o = below();
    mvc_download(res, "a.txt", NULL, &o);
}

static void download_as(mvc_req *req, mvc_res *res)
{
    (void)req;
    const mvc_static_options o = below();
    mvc_download(res, "a.txt", "grüße \"x\".txt", &o);
}

static void mark(mvc_res *res, const char *path)
{
    (void)path;
    mvc_set_header(res, "X-Static", "1");
}

#define BODY(options, path)                                                    \
    MVC_ROUTE_WITH((&(const mvc_route_options){.body = options}), MVC_POST,    \
                   path, echo)

static const mvc_route routes[] = {
    MVC_GET("/", home),
    MVC_GET("/users/:id", show),
    MVC_GET("/users/:id/posts/:post", show),
    MVC_GET("/files/*rest", show),
    MVC_GET("/mid/*rest/end", show),
    MVC_GET("/opt{/:id}", show),
    MVC_GET("/opt2{/:a{/:b}}", show),
    MVC_GET("/f/:name.:ext", show),
    MVC_GET("/range/:from-:to", show),
    MVC_GET("/v:major.:minor", show),
    MVC_GET("/quoted/:\"my id\"", show),
    MVC_GET("/esc\\:aped", show),
    MVC_GET("/pre*rest", show),
    MVC_GET("/two/*a/x/*b", show),
    MVC_GET("/Case/Mixed", mixed),
    MVC_GET("/slash/", slash),
    MVC_POST("/users", created),
    MVC_PUT("/users/:id", put),
    MVC_PATCH("/users/:id", patched),
    MVC_DELETE("/users/:id", deleted),
    MVC_ANY("/all", all),
    MVC_GET("/multi", multi_get),
    MVC_POST("/multi", multi_post),
    MVC_HEAD("/headonly", head_only),
    MVC_OPTIONS("/ownoptions", own_options),
    MVC_GET("/ownoptions", get),
    MVC_GET("/next", one, two),
    MVC_GET("/next-route", mvc_next_route, wrong),
    MVC_GET("/next-route", other_route),
    MVC_MOUNT("/next-router", skipping),
    MVC_GET("/next-router", after_router),
    MVC_USE("/mw", middleware),
    MVC_GET("/mw", show),
    MVC_GET("/mw/below", show),
    MVC_USE("/mw/only", show),
    MVC_USE("/rewrite", rewrite),
    MVC_MOUNT("/rewrite", rewritten),
    MVC_MOUNT_WITH(&merging, "/org/:org", inner),
    MVC_MOUNT("/plain/:org", plain),
    MVC_MOUNT("/deep", deep),
    MVC_MOUNT_WITH(&strictly, "/strict", strict),
    MVC_GET("/fail/:status", fail_status),
    MVC_GET("/fail-late", fail_late),
    MVC_MOUNT("/failing", failing),
    MVC_GET("/send/html", send_html),
    MVC_GET("/send/empty", send_empty),
    MVC_GET("/send/utf8", send_utf8),
    MVC_GET("/send/buffer", send_buffer),
    MVC_GET("/send/typed", send_typed),
    MVC_GET("/send/xml", send_xml),
    MVC_GET("/send/svg", send_svg),
    MVC_GET("/send/charset", send_charset),
    MVC_GET("/send/status/:code", send_status),
    MVC_GET("/send/with/:code", send_with),
    MVC_GET("/send/etag", send_etag),
    MVC_GET("/send/modified", send_modified),
    MVC_GET("/json/object", json_obj),
    MVC_GET("/json/array", json_array),
    MVC_GET("/json/empty", json_empty),
    MVC_GET("/json/null", json_nothing),
    MVC_GET("/json/string", json_text),
    MVC_GET("/json/number", json_number),
    MVC_GET("/json/typed", json_typed),
    MVC_GET("/json/status", json_status),
    MVC_GET("/jsonp", jsonp),
    MVC_GET("/end", end),
    MVC_GET("/redirect", redirect),
    MVC_GET("/redirect/:status", redirect_status),
    MVC_GET("/redirect-back", redirect_back),
    MVC_GET("/redirect-utf8", redirect_utf8),
    MVC_GET("/redirect-crlf", redirect_crlf),
    MVC_GET("/redirect-percent", redirect_percent),
    MVC_GET("/location", location),
    MVC_GET("/format", format),
    MVC_GET("/format-default", format_default),
    MVC_GET("/vary", vary),
    MVC_GET("/vary-star", vary_star),
    MVC_GET("/links", links),
    MVC_GET("/append", append),
    MVC_GET("/set-remove", set_remove),
    MVC_GET("/attachment", attachment),
    MVC_GET("/attachment/:name", attachment),
    MVC_GET("/type/:ext", type),
    MVC_GET("/cookies/set", cookies_set),
    MVC_GET("/cookies/clear", cookies_clear),
    MVC_GET("/query", query),
    MVC_GET("/accepts", accepts),
    MVC_GET("/accepts2", accepts2),
    MVC_GET("/charsets", charsets),
    MVC_GET("/encodings", encodings),
    MVC_GET("/languages", languages),
    MVC_ANY("/is", is),
    MVC_GET("/who", who),
    MVC_GET("/header", header),
    MVC_GET("/ranges", ranges),
    MVC_POST("/body", echo),
    BODY(&extended, "/body-extended"),
    BODY(&small, "/body-small"),
    BODY(&loose, "/body-loose"),
    BODY(&few, "/body-few"),
    BODY(&typed, "/body-types"),
    MVC_POST("/body-none", echo_none),
    MVC_GET("/file", file),
    MVC_GET("/file-up", file_up),
    MVC_GET("/file-dot", file_dot),
    MVC_GET("/file-missing", file_missing),
    MVC_GET("/download", download),
    MVC_GET("/download-as", download_as),
    {0},
};

static void add_folders(mvc_app *app)
{
    static const char *const extensions[] = {"html", "txt", NULL};
    mvc_static(app, "/static", public_dir, NULL);
    mvc_static(app, "/static-strict", public_dir,
               &(mvc_static_options){.no_fallthrough = true});
    mvc_static(app, "/static-opts", public_dir,
               &(mvc_static_options){.dotfiles = MVC_DOTFILES_ALLOW,
                                     .index = "",
                                     .max_age = 86400,
                                     .immutable = true,
                                     .no_redirect = true,
                                     .extensions = extensions,
                                     .set_headers = mark});
    mvc_static(app, "/static-deny", public_dir,
               &(mvc_static_options){.dotfiles = MVC_DOTFILES_DENY});
    mvc_static(app, "/static-bare", public_dir,
               &(mvc_static_options){.no_etag = true,
                                     .no_last_modified = true,
                                     .no_cache_control = true,
                                     .no_ranges = true});
    static const char *const more[] = {"dir", "a.txt", "index.html", NULL};
    mvc_static(app, "/static-indexes", public_dir,
               &(mvc_static_options){.index = "none.html", .more_index = more});
    mvc_static(app, "/static-index", public_dir,
               &(mvc_static_options){.index = "a.txt"});
}

static void escaped_json(mvc_req *req, mvc_res *res)
{
    (void)req;
    send_text_as_doc(res, "{\"a\":[\"<&>\",{},[]],\"b\":{\"c\":1}}");
}

static void plain_jsonp(mvc_req *req, mvc_res *res)
{
    (void)req;
    json_object *o = json_tokener_parse("{\"a\":1}");
    mvc_send_jsonp(res, o);
    json_object_put(o);
}

TEXT(strong, "strong")
TEXT(exact, "exact")

static const mvc_route other_routes[] = {
    MVC_GET("/who", who_proxied),
    MVC_GET("/query", query),
    MVC_GET("/json", escaped_json),
    MVC_GET("/etag", strong),
    MVC_GET("/Exact", exact),
    MVC_GET("/jsonp", plain_jsonp),
    {0},
};

int main(int argc, char **argv)
{
    public_dir = argc > 1 ? argv[1] : "public";
    mvc_app *app = mvc__app_create(&(mvc_config){.threads = 1, .quiet = true});
    mvc_app *other =
        mvc__app_create(&(mvc_config){.threads = 1,
                                      .quiet = true,
                                      .trust_proxy = "loopback, 10.0.0.0/8",
                                      .query = MVC_QUERY_EXTENDED,
                                      .json_spaces = 2,
                                      .json_escape = true,
                                      .etag = MVC_ETAG_STRONG,
                                      .case_sensitive = true,
                                      .strict = true,
                                      .jsonp_callback = "cb",
                                      .subdomain_offset = 1});
    if (!app || !other)
        return 1;
    mvc_routes(app, routes);
    mvc_mount(app, "/param", with_param());
    add_folders(app);
    mvc_routes(other, other_routes);
    if (!mvc_start(app, "127.0.0.1", 0) || !mvc_start(other, "127.0.0.1", 0))
        return 1;
    printf("%u %u\n", mvc_port(app), mvc_port(other));
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) /* until the parent goes */
        ;
    mvc__app_destroy(app);
    mvc__app_destroy(other);
    return 0;
}
