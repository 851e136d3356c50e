/* middleware.c - each middleware, asked through the whole stack. */
#include "ask.h"

#include <mvc/middleware.h>

static void ok(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "ok");
}

static mvc_app *app_using(mvc_handler handler, const void *options)
{
    mvc_app *app = app_with(NULL, &(mvc_config){.secret = "s"});
    mvc_use_with(app, "/", handler, (void *)(uintptr_t)options, NULL);
    mvc_any(app, "/", ok);
    return app;
}

static mvc_test_response ask(mvc_app *app, mvc_method method,
                             const char *headers)
{
    return mvc_test(app,
                    &(mvc_test_request){.method = method, .headers = headers});
}

/* The header's value must be this; NULL: there must be none. */
static void header_is(mvc_test_response *r, const char *name, const char *value)
{
    const char *got = mvc_test_header(r, name);
    if (!got != !value || (got && strcmp(got, value) != 0))
        fail_msg("%s: %s instead of %s", name, got ? got : "(none)",
                 value ? value : "(none)");
}

/* cors --------------------------------------------------------------------- */

static void cors_lets_everybody_in(void **state)
{
    (void)state;
    mvc_app *app = app_using(mvc_cors, NULL);
    mvc_test_response r = ask(app, MVC_GET, "Origin: http://a.example");
    assert_int_equal(r.status, 200);
    header_is(&r, "Access-Control-Allow-Origin", "*");
    header_is(&r, "Access-Control-Allow-Methods", NULL);
    mvc_test_done(&r);
    r = ask(app, MVC_OPTIONS,
            "Origin: http://a.example\nAccess-Control-Request-Headers: X-A");
    assert_int_equal(r.status, 204);
    header_is(&r, "Access-Control-Allow-Methods",
              "GET,HEAD,PUT,PATCH,POST,DELETE");
    header_is(&r, "Access-Control-Allow-Headers", "X-A");
    header_is(&r, "Vary", "Access-Control-Request-Headers");
    mvc_test_done(&r);
    mvc_app_free(app);
}

static void cors_knows_its_origins(void **state)
{
    (void)state;
    static const char *const origins[] = {"http://a.example", NULL};
    static const mvc_cors_options options = {
        .origins = origins,
        .credentials = true,
        .exposed_headers = "X-B",
        .allowed_headers = "X-C",
        .methods = "GET",
        .max_age = 60,
        .success_status = 200,
    };
    mvc_app *app = app_using(mvc_cors, &options);
    mvc_test_response r = ask(app, MVC_OPTIONS, "Origin: http://a.example");
    assert_int_equal(r.status, 200);
    header_is(&r, "Access-Control-Allow-Origin", "http://a.example");
    header_is(&r, "Access-Control-Allow-Credentials", "true");
    header_is(&r, "Access-Control-Expose-Headers", "X-B");
    header_is(&r, "Access-Control-Allow-Headers", "X-C");
    header_is(&r, "Access-Control-Allow-Methods", "GET");
    header_is(&r, "Access-Control-Max-Age", "60");
    header_is(&r, "Vary", "Origin");
    mvc_test_done(&r);
    r = ask(app, MVC_GET, "Origin: http://a.example.evil");
    header_is(&r, "Access-Control-Allow-Origin", NULL);
    header_is(&r, "Vary", "Origin");
    mvc_test_done(&r);
    mvc_app_free(app);
}

static bool ends_in_example(mvc_req *req, const char *origin)
{
    (void)req;
    const size_t size = strlen(origin);
    return size > 8 && strcmp(origin + size - 8, ".example") == 0;
}

static void cors_asks_a_rule(void **state)
{
    (void)state;
    static const mvc_cors_options options = {.allow = ends_in_example,
                                             .preflight_continue = true};
    mvc_app *app = app_using(mvc_cors, &options);
    mvc_test_response r = ask(app, MVC_OPTIONS, "Origin: http://b.example");
    assert_string_equal(r.body, "ok");
    header_is(&r, "Access-Control-Allow-Origin", "http://b.example");
    mvc_test_done(&r);
    r = ask(app, MVC_GET, "Origin: http://b.test");
    header_is(&r, "Access-Control-Allow-Origin", NULL);
    mvc_test_done(&r);
    mvc_app_free(app);
}

/* rate limit ------------------------------------------------------------------
 */

static int status_from(mvc_app *app, const char *ip)
{
    mvc_test_response r = mvc_test(app, &(mvc_test_request){.ip = ip});
    const int status = r.status;
    mvc_test_done(&r);
    return status;
}

static void limits_the_rate(void **state)
{
    (void)state;
    static const mvc_rate_limit_options options = {.limit = 2, .window = 30};
    mvc_app *app = app_using(mvc_rate_limit, &options);
    mvc_test_response r = ask(app, MVC_GET, NULL);
    assert_int_equal(r.status, 200);
    header_is(&r, "RateLimit-Policy", "2;w=30");
    header_is(&r, "RateLimit-Limit", "2");
    header_is(&r, "RateLimit-Remaining", "1");
    header_is(&r, "RateLimit-Reset", "30");
    header_is(&r, "Retry-After", NULL);
    mvc_test_done(&r);
    assert_int_equal(status_from(app, "127.0.0.1"), 200);
    r = ask(app, MVC_GET, NULL);
    assert_int_equal(r.status, 429);
    header_is(&r, "RateLimit-Remaining", "0");
    header_is(&r, "Retry-After", "30");
    assert_string_equal(r.body, "Too many requests, please try again later.");
    mvc_test_done(&r);
    assert_int_equal(status_from(app, "127.0.0.2"), 200);
    mvc_app_free(app);
}

static void limits_ipv6_by_subnet(void **state)
{
    (void)state;
    static const mvc_rate_limit_options options = {.limit = 1};
    mvc_app *app = app_using(mvc_rate_limit, &options);
    assert_int_equal(status_from(app, "2001:db8:0:1::1"), 200);
    assert_int_equal(status_from(app, "2001:db8:0:ff::2"), 429); /* its /56 */
    assert_int_equal(status_from(app, "2001:db8:0:100::1"), 200);
    mvc_app_free(app);
}

static void rate_windows_end(void **state)
{
    (void)state;
    static const mvc_rate_limit_options options = {.limit = 1, .window = 0.05};
    mvc_app *app = app_using(mvc_rate_limit, &options);
    assert_int_equal(status_from(app, NULL), 200);
    assert_int_equal(status_from(app, NULL), 429);
    usleep(60000);
    assert_int_equal(status_from(app, NULL), 200);
    mvc_app_free(app);
}

/* response time, favicon
 * ------------------------------------------------------- */

static void tells_the_response_time(void **state)
{
    (void)state;
    mvc_app *app = app_using(mvc_response_time, NULL);
    mvc_test_response r = ask(app, MVC_GET, NULL);
    const char *text = mvc_test_header(&r, "X-Response-Time");
    assert_non_null(text);
    char *end;
    assert_true(strtod(text, &end) >= 0);
    assert_string_equal(end, "ms");
    assert_int_equal(end - strchr(text, '.'), 4);
    mvc_test_done(&r);
    mvc_app_free(app);
}

static void sends_the_favicon(void **state)
{
    (void)state;
    static const mvc_favicon_options options = {.data = "icon", .size = 4};
    mvc_app *app = app_using(mvc_favicon, &options);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = "/favicon.ico"});
    assert_string_equal(r.body, "icon");
    header_is(&r, "Content-Type", "image/x-icon");
    header_is(&r, "Cache-Control", "public, max-age=31536000");
    assert_non_null(mvc_test_header(&r, "ETag"));
    mvc_test_done(&r);
    expect(app, MVC_POST, "/favicon.ico", 405, "");
    expect(app, MVC_GET, "/", 200, "ok");
    mvc_app_free(app);
    app = app_using(mvc_favicon, NULL);
    expect(app, MVC_GET, "/favicon.ico", 204, "");
    mvc_app_free(app);
}

/* basic authentication, passwords
 * ----------------------------------------------- */

static void who(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_basic_auth_user(req));
}

static void asks_for_a_password(void **state)
{
    (void)state;
    static const mvc_credentials users[] = {{"Aladdin", "open sesame"}, {0}};
    static const mvc_basic_auth_options options = {.users = users};
    static const char *const wrong[] = {
        NULL,
        "Authorization: Basic QWxhZGRpbjpvcGVu", /* Aladdin:open */
        "Authorization: Basic QWxhZGRpbg==",     /* no colon */
        "Authorization: Basic ###",
        "Authorization: Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQB4", /* NUL */
    };
    mvc_app *app = app_with(NULL, NULL);
    mvc_use_with(app, "/", mvc_basic_auth, (void *)(uintptr_t)&options, NULL);
    mvc_get(app, "/", who);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        mvc_test_response r = ask(app, MVC_GET, wrong[i]);
        assert_int_equal(r.status, 401);
        header_is(&r, "WWW-Authenticate",
                  "Basic realm=\"Restricted\", charset=\"UTF-8\"");
        mvc_test_done(&r);
    }
    /* RFC 7617's example */
    mvc_test_response r =
        ask(app, MVC_GET, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_string_equal(r.body, "Aladdin");
    mvc_test_done(&r);
    mvc_app_free(app);
    app = app_using(mvc_basic_auth, NULL); /* nobody rather than everybody */
    expect(app, MVC_GET, "/", 500, NULL);
    mvc_app_free(app);
}

static void hashes_passwords(void **state)
{
    (void)state;
    char hash[MVC_PASSWORD_HASH];
    assert_true(mvc_password_hash(hash, "secret"));
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_true(mvc_password_verify(hash, "secret"));
    assert_false(mvc_password_verify(hash, "Secret"));
    assert_false(mvc_password_is_old(hash));
    assert_false(mvc_password_verify(NULL, "secret"));
    assert_false(mvc_password_verify("", ""));
    assert_false(mvc_password_verify("secret", "secret"));
}

static void knows_bcrypt(void **state)
{
    (void)state;
    /* crypt_blowfish's first test vector */
    static const char hash[] =
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    assert_true(mvc_password_verify(hash, "U*U"));
    assert_false(mvc_password_verify(hash, "U*"));
    assert_true(mvc_password_is_old(hash));
    /* DES of crypt(3) is refused, though libxcrypt could */
    assert_false(mvc_password_verify("rl.3StKT.4T8M", "rasmuslerdorf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cors_lets_everybody_in),
        cmocka_unit_test(cors_knows_its_origins),
        cmocka_unit_test(cors_asks_a_rule),
        cmocka_unit_test(limits_the_rate),
        cmocka_unit_test(limits_ipv6_by_subnet),
        cmocka_unit_test(rate_windows_end),
        cmocka_unit_test(tells_the_response_time),
        cmocka_unit_test(sends_the_favicon),
        cmocka_unit_test(asks_for_a_password),
        cmocka_unit_test(hashes_passwords),
        cmocka_unit_test(knows_bcrypt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
