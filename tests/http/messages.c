/* messages.c - requests and responses, beyond what Express also does. */
#include "ask.h"

#include <ctype.h>
#include <zlib.h>

#include "http/guard.h"

static const mvc_config with_secrets = {
    .secret = "today", .old_secrets = (const char *const[]){"yesterday", NULL}};

/* Asks with one header line or NULL; the body must be as said. */
static void ask(mvc_app *app, const char *path, const char *headers,
                const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = path, .headers = headers});
    if (strcmp(r.body, body) != 0)
        fail_msg("%s %s: %s", path, headers ? headers : "", r.body);
    mvc_test_done(&r);
}

/* cookies
 * ----------------------------------------------------------------------- */

static void read_signed(mvc_req *req, mvc_res *res)
{
    const char *value = mvc_signed_cookie(req, "c");
    mvc_send(res, value ? value : "none");
}

static void write_signed(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_cookie(res, "c", "tobi", &(mvc_cookie_options){.is_signed = true});
    mvc_send(res, "");
}

static void read_doc(mvc_req *req, mvc_res *res)
{
    mvc_send_json(res, mvc_cookie_doc(req, "d"));
}

static void read_plain(mvc_req *req, mvc_res *res)
{
    const char *value = mvc_cookie(req, "a");
    mvc_send(res, value ? value : "none");
}

static const mvc_route cookies[] = {
    MVC_GET("/read", read_signed),
    MVC_GET("/write", write_signed),
    MVC_GET("/doc", read_doc),
    MVC_GET("/plain", read_plain),
    {0},
};

static void signs_cookies_as_express_does(void **state)
{
    (void)state;
    mvc_app *app = app_with(cookies, &with_secrets);
    mvc_test_response r = mvc_test(app, &(mvc_test_request){.path = "/write"});
    /* cookie-signature: sign("tobi", "today"), then encodeURIComponent. */
    assert_string_equal(
        mvc_test_header(&r, "Set-Cookie"),
        "c=s%3Atobi.sFLUXoPHHfczLBCPpvffYMizXDot%2BIMG4XxoDDpYZeI; Path=/");
    mvc_test_done(&r);
    ask(app, "/read",
        "Cookie: c=s%3Atobi.sFLUXoPHHfczLBCPpvffYMizXDot%2BIMG4XxoDDpYZeI",
        "tobi");
    ask(app, "/read",
        "Cookie: c=s%3Atobi.aGIttYbKffqqgNxJM5yVOz62%2FcOu68x6feIuDMQmijk",
        "tobi");
    ask(app, "/read",
        "Cookie: c=s%3Atobo.sFLUXoPHHfczLBCPpvffYMizXDot%2BIMG4XxoDDpYZeI",
        "none");
    ask(app, "/read", "Cookie: c=s%3Atobi.", "none");
    ask(app, "/read", "Cookie: c=tobi", "none");
    ask(app, "/read", "Cookie: c=s%3A", "none");
    mvc__app_destroy(app);
}

static void needs_a_secret_to_sign(void **state)
{
    (void)state;
    mvc_app *app = app_with(cookies, NULL);
    expect(app, MVC_GET, "/write", 500, NULL);
    expect(app, MVC_GET, "/read", 200, "none");
    mvc__app_destroy(app);
}

static void reads_cookies(void **state)
{
    (void)state;
    mvc_app *app = app_with(cookies, NULL);
    ask(app, "/doc", "Cookie: d=j%3A%7B%22a%22%3A1%7D", "{\"a\":1}");
    ask(app, "/doc", "Cookie: d=j%3A%7B", "null");
    ask(app, "/plain", "Cookie: a=1; a=2", "1");
    ask(app, "/plain", "Cookie: b=2; a = x y ", "x y");
    ask(app, "/plain", "Cookie: a=\"quoted\"", "quoted");
    ask(app, "/plain", "Cookie: a=%zz", "%zz");
    ask(app, "/plain", "Cookie: a=%C3%A9", "é");
    ask(app, "/plain", "Cookie: =; ;;a", "none");
    enum { MANY = 300, SIZE = 50000 };
    char *many = malloc(SIZE);
    int n = sprintf(many, "Cookie: ");
    for (int i = 0; i < MANY; i++)
        n += sprintf(many + n, "c%d=%0100d; ", i, i);
    sprintf(many + n, "a=after");
    ask(app, "/plain", many, "none"); /* beyond the most that are read */
    free(many);
    mvc__app_destroy(app);
}

/* what must never go out
 * ----------------------------------------------------------- */

static const char *hostile;

static void set_value(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, "X-A", hostile);
    mvc_send(res, "sent");
}

static void set_name(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_header(res, hostile, "v");
    mvc_send(res, "sent");
}

static void set_cookie_value(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_cookie(res, "a", hostile, NULL);
    mvc_send(res, "sent");
}

static void set_cookie_name(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_cookie(res, hostile, "v", NULL);
    mvc_send(res, "sent");
}

static void set_cookie_path(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_cookie(res, "a", "v", &(mvc_cookie_options){.path = hostile});
    mvc_send(res, "sent");
}

static void set_cookie_domain(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_cookie(res, "a", "v", &(mvc_cookie_options){.domain = hostile});
    mvc_send(res, "sent");
}

static void redirect(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect_with(res, 302, hostile);
}

static void attach(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_attachment(res, hostile);
    mvc_send(res, "sent");
}

static const mvc_route injections[] = {
    MVC_GET("/value", set_value),
    MVC_GET("/name", set_name),
    MVC_GET("/cookie-value", set_cookie_value),
    MVC_GET("/cookie-name", set_cookie_name),
    MVC_GET("/cookie-path", set_cookie_path),
    MVC_GET("/cookie-domain", set_cookie_domain),
    MVC_GET("/redirect", redirect),
    MVC_GET("/attachment", attach),
    {0},
};

static void never_sends_control_bytes(void **state)
{
    (void)state;
    static const char *const values[] = {"a\r\nX-Evil: 1", "a\nX-Evil: 1",
                                         "a\rX-Evil: 1",   "a\x01z",
                                         "a\x7Fz",         "\r\n\r\n<script>"};
    mvc_app *app = app_with(injections, NULL);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        hostile = values[i];
        for (const mvc_route *row = injections; row->method; row++) {
            mvc_test_response r =
                mvc_test(app, &(mvc_test_request){.path = row->path});
            assert_null(mvc_test_header(&r, "X-Evil"));
            for (const char *c = r.headers; *c; c++)
                if ((unsigned char)*c < 0x20 && *c != '\r' && *c != '\n')
                    fail_msg("%s: %s", row->path, r.headers);
            assert_null(strstr(r.headers, "\n\n"));
            mvc_test_done(&r);
        }
    }
    mvc__app_destroy(app);
}

/* redirects
 * ----------------------------------------------------------------------------
 */

static int guard(mvc__exchange *x, const char *name, const char *value,
                 size_t size)
{
    const char *why;
    x->req.n_headers = 0;
    mvc__req_add_header(&x->req, "Host", 4, "a", 1);
    mvc__req_add_header(&x->req, name, strlen(name), value, size);
    return mvc__guard(&x->req, &why);
}

/* Each byte at each place of a name and a value, among text or not. */
static void takes_no_control_bytes(void **state)
{
    (void)state;
    enum { SIZE = 19 };
    mvc_app *app = app_with(NULL, NULL);
    mvc__exchange *x = mvc__exchange_new(app);
    assert_true(mvc__req_begin(&x->req, "GET", "/"));
    for (int c = 0; c < 256; c++) {
        const bool fits = (c >= 0x20 && c != 0x7F) || c == '\t';
        const bool names =
            c && (isalnum(c) ? c < 0x80 : strchr("!#$%&'*+-.^_`|~", c) != NULL);
        for (int i = 0; i < 2 * SIZE; i++) {
            char text[SIZE + 1] = "";
            memset(text, i < SIZE ? 'a' : 0xC3, SIZE);
            text[i % SIZE] = (char)c;
            assert_int_equal(guard(x, "X", text, SIZE), fits ? 0 : 400);
            if (c && i < SIZE)
                assert_int_equal(guard(x, text, "v", 1), names ? 0 : 400);
        }
    }
    mvc__exchange_free(x);
    mvc__app_destroy(app);
}

static void go_local(mvc_req *req, mvc_res *res)
{
    mvc_redirect_local(res, mvc_query(req, "next"), "/home");
}

static void go_back(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_redirect_back(res, "/home");
}

static const mvc_route redirects[] = {
    MVC_GET("/local", go_local),
    MVC_GET("/back", go_back),
    {0},
};

static void stays_on_this_site(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"/local?next=/a?b=c", "/a?b=c"},
        {"/local?next=//evil", "/home"},
        {"/local?next=/%5Cevil", "/home"},
        {"/local?next=https:evil", "/home"},
        {"/local?next=https://evil", "/home"},
        {"/local?next=/%09/evil", "/home"},
        {"/local?next=/%2509/evil", "/home"},
        {"/local?next=evil", "/home"},
        {"/local?next=", "/home"},
        {"/local", "/home"},
        {"/local?next=/%0d%0aX-Evil:1", "/home"},
    };
    mvc_app *app = app_with(redirects, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mvc_test_response r =
            mvc_test(app, &(mvc_test_request){.path = rows[i][0]});
        const char *to = mvc_test_header(&r, "Location");
        if (r.status != 302 || strcmp(to, rows[i][1]) != 0)
            fail_msg("%s: %d %s", rows[i][0], r.status, to);
        mvc_test_done(&r);
    }
    static const char *const referers[][2] = {
        {"Referer: http://localhost/from?x", "/from?x"},
        {"Referer: http://evil/from", "/home"},
        {"Referer: http://localhost.evil/from", "/home"},
        {"Referer: /from", "/home"},
    };
    for (size_t i = 0; i < sizeof referers / sizeof *referers; i++) {
        mvc_test_response r =
            mvc_test(app, &(mvc_test_request){.path = "/back",
                                              .headers = referers[i][0]});
        const char *to = mvc_test_header(&r, "Location");
        if (strcmp(to, referers[i][1]) != 0)
            fail_msg("%s: %s", referers[i][0], to);
        mvc_test_done(&r);
    }
    mvc__app_destroy(app);
}

/* proxies
 * ---------------------------------------------------------------------------------
 */

static void address(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_ip(req));
}

static const mvc_route addresses[] = {MVC_GET("/", address), {0}};

static void believes_trusted_proxies_only(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {NULL, "1.1.1.1, 2.2.2.2", "9.9.9.9"},
        {"true", "1.1.1.1, 2.2.2.2", "1.1.1.1"},
        {"1", "1.1.1.1, 2.2.2.2", "2.2.2.2"},
        {"2", "1.1.1.1, 2.2.2.2", "1.1.1.1"},
        {"9.9.9.0/24", "1.1.1.1, 2.2.2.2", "2.2.2.2"},
        {"9.9.9.9, 2.0.0.0/8", "1.1.1.1, 2.2.2.2", "1.1.1.1"},
        {"loopback", "1.1.1.1", "9.9.9.9"},
        {"false", "1.1.1.1", "9.9.9.9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mvc_app *app =
            app_with(addresses, &(mvc_config){.trust_proxy = rows[i][0]});
        char headers[100];
        snprintf(headers, sizeof headers, "X-Forwarded-For: %s", rows[i][1]);
        mvc_test_response r = mvc_test(
            app, &(mvc_test_request){.headers = headers, .ip = "9.9.9.9"});
        assert_string_equal(r.body, rows[i][2]);
        mvc_test_done(&r);
        mvc__app_destroy(app);
    }
    assert_null(
        mvc__app_create(&(mvc_config){.trust_proxy = "not an address"}));
}

/* bodies
 * --------------------------------------------------------------------------------------
 */

static void echo(mvc_req *req, mvc_res *res)
{
    mvc_send_json(res, mvc_body(req));
}

static void some(mvc_req *req, mvc_res *res)
{
    mvc_send_json(res, mvc_form(req, (const char *const[]){"a", "b", NULL}));
}

static const mvc_body_options deep = {.max = 1 << 20, .max_depth = 10};
static const mvc_route_options deeper = {.body = &deep};
static const mvc_route bodies[] = {
    MVC_POST("/", echo),
    MVC_POST("/some", some),
    MVC_ROUTE_WITH(&deeper, MVC_POST, "/deep", echo),
    {0},
};

static int post(mvc_app *app, const char *path, const char *type,
                const char *encoding, const char *body, size_t size)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = path,
                                          .headers = encoding,
                                          .content_type = type,
                                          .body = body,
                                          .body_size = size});
    const int status = r.status;
    mvc_test_done(&r);
    return status;
}

static void takes_what_a_form_may_set(void **state)
{
    (void)state;
    mvc_app *app = app_with(bodies, NULL);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = "/some",
                                          .body = "a=1&is_admin=1&b=2"});
    assert_string_equal(r.body, "{\"a\":\"1\",\"b\":\"2\"}");
    mvc_test_done(&r);
    mvc__app_destroy(app);
}

static void limits_json(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    mvc_app *app = app_with(bodies, NULL);
    char *text = malloc(2 * DEEP);
    memset(text, '[', DEEP);
    memset(text + DEEP, ']', DEEP);
    assert_int_equal(
        post(app, "/deep", "application/json", NULL, text, 2 * DEEP), 400);
    assert_int_equal(
        post(app, "/deep", "application/json", NULL, text + DEEP - 10, 20),
        200);
    assert_int_equal(
        post(app, "/deep", "application/json", NULL, text + DEEP - 11, 22),
        400);
    free(text);
    static const char *const wrong[] = {
        "[NaN]",     "[Infinity]",    "[-]",         "[1.]",
        "[.5]",      "[01]",          "['a']",       "[\"\\ud800\"]",
        "[\"\\x\"]", "[\"\\u0000\"]", "[\"a\x01\"]", "[1] 2",
        "[1]/**/",   "[tru]",         "{\"a\"}",     "{\"a\":}",
        "{,}",       "[\"a]",         "\"a\"",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (post(app, "/", "application/json", NULL, wrong[i],
                 strlen(wrong[i])) != 400)
            fail_msg("%s", wrong[i]);
    mvc__app_destroy(app);
}

static void limits_forms(void **state)
{
    (void)state;
    enum { MANY = 1001 };
    mvc_app *app = app_with(bodies, NULL);
    char text[4 * MANY];
    for (int i = 0; i < MANY; i++)
        memcpy(text + 4 * i, "a=1&", 4);
    const char *type = "application/x-www-form-urlencoded";
    assert_int_equal(post(app, "/", type, NULL, text, 4 * MANY - 1), 413);
    assert_int_equal(post(app, "/", type, NULL, text, 4 * MANY - 5), 200);
    mvc__app_destroy(app);
}

/* A gzip member of `size` zeros. */
static size_t pack(char *out, size_t room, size_t size)
{
    z_stream z = {0};
    char *zeros = calloc(1, size);
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    z.next_in = (unsigned char *)zeros;
    z.avail_in = (unsigned)size;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    free(zeros);
    return z.total_out;
}

static void limits_what_is_inflated(void **state)
{
    (void)state;
    static char bomb[20000];
    mvc_app *app = app_with(bodies, NULL);
    const char *gzip = "Content-Encoding: gzip";
    size_t size = pack(bomb, sizeof bomb, 10 << 20);
    assert_int_equal(post(app, "/", "text/plain", gzip, bomb, size), 413);
    size = pack(bomb, sizeof bomb, 50000);
    assert_int_equal(post(app, "/", "text/plain", gzip, bomb, size), 200);
    /* Three members together are too large, two are not. */
    memcpy(bomb + size, bomb, size);
    memcpy(bomb + 2 * size, bomb, size);
    assert_int_equal(post(app, "/", "text/plain", gzip, bomb, 2 * size), 200);
    assert_int_equal(post(app, "/", "text/plain", gzip, bomb, 3 * size), 413);
    assert_int_equal(post(app, "/", "text/plain", gzip, bomb, size - 3), 400);
    memcpy(bomb + size, "junk", 4);
    assert_int_equal(post(app, "/", "text/plain", gzip, bomb, size + 4), 400);
    mvc__app_destroy(app);
}

/* hooks
 * -----------------------------------------------------------------------------------------
 */

static char log_text[200];

static void on_send(mvc_req *req, mvc_res *res, void *data)
{
    (void)req;
    mvc_set_header(res, "X-Hook", data);
    strcat(log_text, data);
}

static void on_finish(mvc_req *req, mvc_res *res, bool sent, void *data)
{
    sprintf(log_text + strlen(log_text), "|%s %d %d %llu %s",
            mvc_method_text(req), mvc_status_of(res), sent,
            (unsigned long long)mvc_bytes_sent(res), (const char *)data);
}

static void hook(mvc_req *req, mvc_res *res)
{
    mvc_on_send(res, on_send, (void *)"a");
    mvc_on_send(res, on_send, (void *)"b");
    mvc_on_finish(res, on_finish, (void *)"done");
    mvc_next(req, res);
}

static void calls_hooks(void **state)
{
    (void)state;
    static const mvc_route routes[] = {
        MVC_USE("/", hook), MVC_GET("/", address), {0}};
    mvc_app *app = app_with(routes, NULL);
    *log_text = '\0';
    mvc_test_response r = mvc_test(app, NULL);
    assert_string_equal(log_text, "ba|GET 200 1 9 done");
    assert_string_equal(mvc_test_header(&r, "X-Hook"), "a");
    mvc_test_done(&r);
    *log_text = '\0';
    expect(app, MVC_GET, "/missing", 404, NULL);
    assert_memory_equal(log_text, "ba|GET 404 1 ", 13);
    mvc__app_destroy(app);
}

/* failures that nobody sees ------------------------------------------------ */

static void fail_afterwards(mvc_req *req, mvc_res *res)
{
    mvc_send(res, "answered");
    mvc_fail(req, res, 500, "and then\nit broke");
}

/* What has been answered stays; the log knows. */
static void reports_failures_after_the_answer(void **state)
{
    (void)state;
    char said[300] = "";
    int ends[2];
    mvc_app *app = mvc__app_create(NULL);
    mvc_get(app, "/late", fail_afterwards);
    assert_int_equal(pipe(ends), 0);
    const int before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    expect(app, MVC_GET, "/late", 200, "answered");
    dup2(before, STDERR_FILENO);
    close(ends[1]);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    assert_non_null(strstr(said, "mvcgen: 500 GET /late: and then?it broke ("));
    close(ends[0]);
    close(before);
    mvc__app_destroy(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_cookies_as_express_does),
        cmocka_unit_test(needs_a_secret_to_sign),
        cmocka_unit_test(reads_cookies),
        cmocka_unit_test(never_sends_control_bytes),
        cmocka_unit_test(takes_no_control_bytes),
        cmocka_unit_test(stays_on_this_site),
        cmocka_unit_test(believes_trusted_proxies_only),
        cmocka_unit_test(takes_what_a_form_may_set),
        cmocka_unit_test(limits_json),
        cmocka_unit_test(limits_forms),
        cmocka_unit_test(limits_what_is_inflated),
        cmocka_unit_test(calls_hooks),
        cmocka_unit_test(reports_failures_after_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
