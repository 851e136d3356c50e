/* oom.c - each allocation of a request fails once, and of an app's start. */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <mvc/middleware.h>

/* What glibc calls its own, beneath the names that are replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

/* Shared libraries, json-c above all, are to meet them, too. */
#define VISIBLE __attribute__((visibility("default")))

static long made, fail_at; /* 0: none fails */

static bool fails(void)
{
    if (fail_at == 0 || ++made != fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

VISIBLE void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

VISIBLE void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

VISIBLE void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

static void all(mvc_req *req, mvc_res *res)
{
    const mvc_range *ranges;
    mvc_local_str(res, "a", "b");
    mvc_set_cookie(res, "c", "v", &(mvc_cookie_options){.is_signed = true});
    mvc_set_cookie_doc(res, "d", mvc_query_doc(req), NULL);
    mvc_signed_cookie(req, "s");
    mvc_cookie_doc(req, "j");
    mvc_vary(res, "Accept");
    mvc_vary(res, "Origin");
    mvc_link(res, "next", "/x");
    mvc_attachment(res, "grüße \"x\".txt");
    mvc_ranges(req, 100, true, &ranges);
    mvc_ips(req);
    mvc_subdomains(req);
    mvc_form(req, (const char *const[]){"a", NULL});
    mvc_send_json(res, mvc_body(req));
}

static void redirect(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect(res, "/to %s", "there");
}

static void jsonp(mvc_req *req, mvc_res *res)
{
    mvc_send_jsonp(res, mvc_query_doc(req));
}

static void broken(mvc_req *req, mvc_res *res)
{
    mvc_fail(req, res, 500, "it is %s", "broken");
}

static void handle(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    (void)failure;
    mvc_pass(req, res);
}

static void channel(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_channel *c = mvc_open_events(res);
    if (!c)
        return;
    mvc_send_event(c, &(mvc_event){.data = "a\nb", .name = "n"});
    mvc_channel_close(c);
}

static void timer(void *data)
{
    mvc_send(data, "later");
}

static void deferred(mvc_req *req, mvc_res *res)
{
    mvc_defer(req, res);
    if (mvc_after(mvc_app_of(req), 0, timer, res) == 0)
        mvc_send(res, "at once");
}

/* Through middleware, in a body large enough to be compressed. */
static void packed(mvc_req *req, mvc_res *res)
{
    char *text = mvc_alloc(req, 5000);
    mvc_session_set(req, "name", "ann");
    mvc_flash_add(req, "success", "saved");
    mvc_log_bind(mvc_log_of(req), "user", json_object_new_string("ann"));
    mvc_log_info(mvc_log_of(req), "packs %d bytes", 4999);
    if (!text) {
        mvc_fail(req, res, 500, "out of memory");
        return;
    }
    memset(text, 'x', 4999);
    text[4999] = '\0';
    mvc_send(res, text);
}

static mvc_jwt_key *jwt_key;

static void tokens(mvc_req *req, mvc_res *res)
{
    mvc_error err;
    char *token =
        mvc_jwt_sign(jwt_key, NULL,
                     &(mvc_jwt_claims){.subject = "ann", .lifetime = 60}, &err);
    mvc_doc *claims =
        token ? mvc_jwt_verify(token, &(mvc_jwt_options){.key = jwt_key}, &err)
              : NULL;
    if (claims)
        mvc_send_json(res, claims);
    else
        mvc_fail(req, res, 500, "%s", err.message);
    json_object_put(claims);
    free(token);
}

static mvc_logger_options logger = {.format = MVC_LOG_JSON,
                                    .request_ids = true};
static const mvc_rate_limit_options limit = {.limit = 1000000};

static const mvc_upload upload = {.any = true};
static const mvc_body_options extended = {.extended = true};
static const mvc_route below[] = {MVC_GET("/*rest", all), {0}};
static const mvc_route routes[] = {
    MVC_USE("/", mvc_next),
    MVC_GET("/redirect", redirect),
    MVC_GET("/jsonp", jsonp),
    MVC_GET("/broken", broken),
    MVC_GET("/channel", channel),
    MVC_GET("/deferred", deferred),
    MVC_USE("/packed", mvc_compression, mvc_helmet, mvc_cors, mvc_response_time,
            mvc_session, mvc_flash, mvc_csrf),
    MVC_GET("/packed", packed),
    MVC_GET("/tokens", tokens),
    MVC_ROUTE_WITH((&(const mvc_route_options){.upload = &upload}), MVC_POST,
                   "/upload", all),
    MVC_ROUTE_WITH((&(const mvc_route_options){.body = &extended}), MVC_POST,
                   "/form{/:id}", all),
    MVC_MOUNT("/below/:id", below),
    MVC_ERRORS("/", handle),
    {0},
};

#define HEADERS                                                                \
    "Cookie: s=s%3Aa.b; j=j%3A%7B%7D; x=y\r\nX-Forwarded-For: 1.1.1.1\r\n"     \
    "Range: bytes=0-1,5-6\r\nAccept: text/html"

static const mvc_test_request requests[] = {
    {.path = "/redirect", .headers = HEADERS},
    {.path = "/jsonp?callback=f&a=1", .headers = HEADERS},
    {.path = "/broken"},
    {.path = "/missing/%3Cx%3E"},
    {.path = "/channel"},
    {.path = "/deferred"},
    {.path = "/below/1/a/b%20c?a=1&a=2", .headers = HEADERS},
    {.path = "/packed", .headers = "Accept-Encoding: gzip\r\nOrigin: a"},
    {.path = "/packed", .headers = "Accept-Encoding: br\r\n" HEADERS},
    {.path = "/tokens"},
    {.method = MVC_POST,
     .path = "/form",
     .content_type = "text/plain; charset=koi8-r",
     .body = "\xC1\xC2"},
    {.method = MVC_POST,
     .path = "/form",
     .content_type = "application/x-www-form-urlencoded; charset=iso-8859-1",
     .body = "a=%E9"},
    {.method = MVC_OPTIONS, .path = "/redirect"},
    {.path = "/static/routing.c", .headers = "Range: bytes=0-9"},
    {.path = "/static/parity"},
    {.method = MVC_POST,
     .path = "/form/1",
     .headers = HEADERS,
     .body = "a[b]=1&a[c][]=2&a[c][]=3&d=4&d=5&a[0]=x"},
    {.method = MVC_POST,
     .path = "/form",
     .content_type = "application/json",
     .body = "{\"a\":[1,\"two\",{\"three\":null}]}"},
    {.method = MVC_POST,
     .path = "/form",
     .content_type = "application/json",
     .body = "{\"a\""},
    {.method = MVC_POST,
     .path = "/upload",
     .content_type = "multipart/form-data; boundary=b",
     .body = "--b\r\nContent-Disposition: form-data; name=\"a[b]\"\r\n\r\n1\r\n"
             "--b\r\nContent-Disposition: form-data; name=\"f\"; "
             "filename=\"x\"\r\n\r\ndata\r\n--b--\r\n"},
};

static mvc_app *make(void)
{
    mvc_app *app = mvc__app_create(&(mvc_config){.quiet = true,
                                                 .secret = "s",
                                                 .trust_proxy = "loopback",
                                                 .query = MVC_QUERY_EXTENDED});
    if (!app)
        return NULL;
    if (!logger.fd)
        logger.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    mvc_use_with(app, "/packed", mvc_logger, &logger, NULL);
    mvc_use_with(app, "/packed", mvc_rate_limit, (void *)(uintptr_t)&limit,
                 NULL);
    mvc_routes(app, routes);
    mvc_static(app, "/static", ".", NULL);
    mvc_app_local_str(app, "title", "t");
    return app;
}

static void survives_requests(void **state)
{
    (void)state;
    mvc_app *app = make();
    assert_non_null(app);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        long n = 0;
        do {
            made = 0;
            fail_at = ++n;
            mvc_test_response r = mvc_test(app, &requests[i]);
            fail_at = 0;
            if (r.headers && (r.status < 100 || r.status > 599))
                fail_msg("%s, allocation %ld: %d", requests[i].path, n,
                         r.status);
            mvc_test_done(&r);
        } while (made >= n);
        assert_true(n > 1);
    }
    mvc__app_destroy(app);
}

static void survives_its_start(void **state)
{
    (void)state;
    long n = 0;
    do {
        made = 0;
        fail_at = ++n;
        mvc_app *app = make();
        const bool ok = app && mvc__app_prepare(app);
        fail_at = 0;
        if (ok)
            expect(app, MVC_GET, "/redirect", 302, NULL);
        mvc__app_destroy(app);
    } while (made >= n);
    assert_true(n > 10);
}

int main(void)
{
    static const char secret[] = "thirty-two bytes of a secret, yes";
    jwt_key = mvc_jwt_secret(secret, sizeof secret - 1, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_requests),
        cmocka_unit_test(survives_its_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
