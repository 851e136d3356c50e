/* middleware.c - each middleware, asked through the whole stack. */
#include "ask.h"

#include <fcntl.h>
#include <mvc/middleware.h>
#include <zlib.h>

static mvc_test_response ask(mvc_app *app, mvc_method method,
                             const char *headers)
{
    return mvc_test(app,
                    &(mvc_test_request){.method = method, .headers = headers});
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

static const char *api_key(mvc_req *req)
{
    return mvc_header(req, "X-Key");
}

/* Who has no key is known by the address. */
static void limits_by_key(void **state)
{
    (void)state;
    static const mvc_rate_limit_options options = {.limit = 1, .key = api_key};
    mvc_app *app = app_using(mvc_rate_limit, &options);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(status_from(app, "127.0.0.1"), i ? 429 : 200);
        assert_int_equal(status_from(app, "127.0.0.2"), i ? 429 : 200);
        mvc_test_response r = ask(app, MVC_GET, "X-Key: k");
        assert_int_equal(r.status, i ? 429 : 200);
        mvc_test_done(&r);
    }
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

    char again[MVC_PASSWORD_HASH], most[74] = "";
    memset(most, 'x', 73);
    char made[MVC_PASSWORD_HASH];
    assert_true(mvc_password_hash_bcrypt(made, "geheim ü", 4));
    assert_true(mvc_password_hash_bcrypt(again, "geheim ü", 4));
    assert_int_equal(strncmp(made, "$2b$04$", 7), 0);
    assert_string_not_equal(made, again); /* a salt of its own */
    assert_true(mvc_password_verify(made, "geheim ü"));
    assert_false(mvc_password_verify(made, "geheim"));
    assert_false(mvc_password_hash_bcrypt(made, most, 4));
    assert_string_equal(made, "");
    most[72] = '\0';
    assert_true(mvc_password_hash_bcrypt(made, most, 4));
    assert_false(mvc_password_hash_bcrypt(made, "x", 3));
    assert_false(mvc_password_hash_bcrypt(made, "x", 32));
}

/* logger, helmet, compression
 * ------------------------------------------------------ */

/* The line that a request with these headers leaves in the log. */
static void log_of(mvc_log_format format, const char *headers, char *line,
                   size_t size)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    const mvc_logger_options options = {.format = format, .fd = ends[1]};
    mvc_app *app = app_using(mvc_logger, &options);
    mvc_test_response r = ask(app, MVC_GET, headers);
    mvc_test_done(&r);
    mvc_app_free(app);
    const ssize_t n = read(ends[0], line, size - 1);
    assert_true(n > 0);
    line[n] = '\0';
    close(ends[0]);
    close(ends[1]);
}

static void assert_within(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in: %s", part, text);
}

static void logs_in_each_format(void **state)
{
    (void)state;
    char line[1024];
    log_of(MVC_LOG_TINY, NULL, line, sizeof line);
    assert_memory_equal(line, "GET / 200 2 - ", 14);
    log_of(MVC_LOG_SHORT, NULL, line, sizeof line);
    assert_within(line, "127.0.0.1 - GET / HTTP/1.1 200 2 - ");
    log_of(MVC_LOG_DEV, NULL, line, sizeof line); /* a pipe has no colours */
    assert_memory_equal(line, "GET / 200 ", 10);
    log_of(MVC_LOG_COMMON, NULL, line, sizeof line);
    assert_within(line, "127.0.0.1 - - [");
    assert_within(line, " +0000] \"GET / HTTP/1.1\" 200 2\n");
    log_of(MVC_LOG_COMBINED, "Referer: /a\nUser-Agent: b", line, sizeof line);
    assert_within(line, "\"GET / HTTP/1.1\" 200 2 \"/a\" \"b\"\n");
    log_of(MVC_LOG_JSON, NULL, line, sizeof line);
    json_object *o = json_tokener_parse(line), *status;
    assert_true(json_object_object_get_ex(o, "status", &status));
    assert_int_equal(json_object_get_int(status), 200);
    json_object_put(o);
}

static void a_log_line_stays_one(void **state)
{
    (void)state;
    char line[1024];
    log_of(MVC_LOG_COMBINED, "User-Agent: a\"b\\c", line, sizeof line);
    assert_within(line, "\"a\\\"b\\\\c\"\n");
}

static void helmet_protects(void **state)
{
    (void)state;
    mvc_app *app = app_using(mvc_helmet, NULL);
    mvc_test_response r = ask(app, MVC_GET, NULL);
    header_is(&r, "X-Content-Type-Options", "nosniff");
    header_is(&r, "X-Frame-Options", "SAMEORIGIN");
    header_is(&r, "Strict-Transport-Security",
              "max-age=31536000; includeSubDomains");
    header_is(&r, "Referrer-Policy", "no-referrer");
    header_is(&r, "X-XSS-Protection", "0");
    assert_within(mvc_test_header(&r, "Content-Security-Policy"),
                  "script-src 'self'");
    mvc_test_done(&r);
    mvc_app_free(app);
    static const mvc_helmet_options options = {.x_frame_options = "DENY",
                                               .referrer_policy = ""};
    app = app_using(mvc_helmet, &options);
    r = ask(app, MVC_GET, NULL);
    header_is(&r, "X-Frame-Options", "DENY");
    header_is(&r, "Referrer-Policy", NULL);
    mvc_test_done(&r);
    mvc_app_free(app);
}

static void show_nonce(mvc_req *req, mvc_res *res)
{
    mvc_doc *local = mvc_local_of(res, "cspNonce");
    const char *nonce = mvc_csp_nonce(req);
    mvc_set_header(res, "X-Nonce", nonce);
    mvc_send(res, local ? json_object_get_string(local) : "none");
}

/* One a request, wherever the policies ask for it. */
static void helmet_makes_nonces(void **state)
{
    (void)state;
    static const mvc_helmet_options options = {
        .content_security_policy =
            "script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'",
        .content_security_policy_report_only = "script-src 'nonce-{nonce}'"};
    char first[100] = "", policy[200];
    mvc_app *app = app_with(NULL, NULL);
    mvc_use_with(app, "/", mvc_helmet, (void *)(uintptr_t)&options, NULL);
    mvc_get(app, "/", show_nonce);
    for (int i = 0; i < 2; i++) {
        mvc_test_response r = ask(app, MVC_GET, NULL);
        assert_int_equal(r.body_size, 24);
        header_is(&r, "X-Nonce", r.body);
        snprintf(policy, sizeof policy,
                 "script-src 'nonce-%s'; style-src 'nonce-%s'", r.body, r.body);
        header_is(&r, "Content-Security-Policy", policy);
        snprintf(policy, sizeof policy, "script-src 'nonce-%s'", r.body);
        header_is(&r, "Content-Security-Policy-Report-Only", policy);
        assert_string_not_equal(first, r.body);
        snprintf(first, sizeof first, "%s", r.body);
        mvc_test_done(&r);
    }
    mvc_app_free(app);
}

static void send_much(mvc_req *req, mvc_res *res)
{
    char text[5001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    if (mvc_query(req, "keep"))
        mvc_set_header(res, "Cache-Control", "no-transform");
    mvc_send(res, text);
}

static void compresses_and_back(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, NULL);
    mvc_use(app, "/", mvc_compression);
    mvc_get(app, "/", send_much);
    mvc_get(app, "/little", ok);
    mvc_test_response r = ask(app, MVC_GET, "Accept-Encoding: gzip");
    header_is(&r, "Content-Encoding", "gzip");
    header_is(&r, "Vary", "Accept-Encoding");
    assert_true(r.body_size < 200);
    char text[6000];
    z_stream z = {.next_in = (Bytef *)r.body,
                  .avail_in = (uInt)r.body_size,
                  .next_out = (Bytef *)text,
                  .avail_out = sizeof text};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, 5000);
    assert_int_equal(text[4999], 'x');
    inflateEnd(&z);
    mvc_test_done(&r);
    static const char *const plain[][2] = {
        {"/", NULL},
        {"/?keep=1", "Accept-Encoding: gzip"},
        {"/little", "Accept-Encoding: gzip"}};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        r = mvc_test(app, &(mvc_test_request){.path = plain[i][0],
                                              .headers = plain[i][1]});
        header_is(&r, "Content-Encoding", NULL);
        mvc_test_done(&r);
    }
    mvc_app_free(app);
}

/* sessions, flash
 * --------------------------------------------------------------------- */

static void read_session(mvc_req *req, mvc_res *res)
{
    const char *name = mvc_session_text(req, "name");
    mvc_send(res, name ? name : "nobody");
}

static void write_session(mvc_req *req, mvc_res *res)
{
    mvc_session_set(req, "name", "tobi");
    mvc_send(res, "");
}

static void log_in(mvc_req *req, mvc_res *res)
{
    mvc_session_regenerate(req);
    mvc_send(res, "");
}

static void log_out(mvc_req *req, mvc_res *res)
{
    mvc_session_destroy(req);
    mvc_send(res, "");
}

static void add_flash(mvc_req *req, mvc_res *res)
{
    mvc_flash_add(req, "success", "Saved.");
    mvc_redirect(res, "/flash");
}

static void show_flash(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_json(res, mvc_local_of(res, "flash"));
}

static const mvc_route visits[] = {
    MVC_GET("/", read_session),    MVC_GET("/write", write_session),
    MVC_GET("/in", log_in),        MVC_GET("/out", log_out),
    MVC_USE("/", mvc_flash),       MVC_GET("/add", add_flash),
    MVC_GET("/flash", show_flash), {0},
};

static mvc_app *visited(const mvc_session_options *options)
{
    mvc_app *app = app_with(NULL, &(mvc_config){.secret = "s"});
    mvc_use_with(app, "/", mvc_session, (void *)(uintptr_t)options, NULL);
    mvc_routes(app, visits);
    return app;
}

/* Visits a page; a cookie that is sent goes into `cookie`, of 300 bytes. */
static void visit(mvc_app *app, const char *path, char *cookie,
                  const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = path, .cookie = cookie});
    if (body && strcmp(r.body, body) != 0)
        fail_msg("%s: %s instead of %s", path, r.body, body);
    const char *set = mvc_test_header(&r, "Set-Cookie");
    if (set)
        snprintf(cookie, 300, "%.*s", (int)strcspn(set, ";"), set);
    mvc_test_done(&r);
}

static void visit_all(const mvc_session_options *options)
{
    mvc_app *app = visited(options);
    char cookie[300] = "", old[300], bad[300];
    visit(app, "/", cookie, "nobody");
    assert_string_equal(cookie, ""); /* nothing in it, nothing sent */
    visit(app, "/write", cookie, NULL);
    assert_memory_equal(cookie, "sid=s%3A", 8);
    visit(app, "/", cookie, "tobi");

    memcpy(bad, cookie, sizeof bad); /* another id, the same signature */
    bad[8] = bad[8] == 'a' ? 'b' : 'a';
    visit(app, "/", bad, "nobody");

    memcpy(old, cookie, sizeof old);
    visit(app, "/in", cookie, NULL);
    assert_string_not_equal(cookie, old);
    visit(app, "/", cookie, "tobi");
    visit(app, "/", old, "nobody");

    memcpy(old, cookie, sizeof old);
    visit(app, "/out", cookie, NULL);
    visit(app, "/", old, "nobody");
    visit(app, "/write", old, NULL); /* a dead id is not used again */
    assert_string_not_equal(cookie, old);

    visit(app, "/add", old, NULL);
    visit(app, "/flash", old, "{\"success\":[\"Saved.\"]}");
    visit(app, "/flash", old, "{}");
    mvc_app_free(app);
}

static void keeps_sessions_in_memory(void **state)
{
    (void)state;
    visit_all(NULL);
}

static void keeps_sessions_in_sqlite(void **state)
{
    (void)state;
    mvc_error err = {0};
    mvc_session_store *store = mvc_sqlite_sessions("sqlite::memory:", &err);
    if (!store)
        fail_msg("%s", err.message);
    visit_all(&(mvc_session_options){.store = store});
    mvc_sqlite_sessions_close(store);
}

/* CSRF, method override
 * ------------------------------------------------------------------ */

static void show_token(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_csrf_token(req));
}

static void show_method(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_method_text(req));
}

static mvc_app *guarded(void)
{
    mvc_app *app = app_with(NULL, &(mvc_config){.secret = "s"});
    mvc_use(app, "/", mvc_session, mvc_method_override, mvc_csrf);
    mvc_get(app, "/token", show_token);
    mvc_any(app, "/", show_method);
    return app;
}

/* Gets a token, and the cookie of its session. */
static void get_token(mvc_app *app, char *token, char *cookie)
{
    mvc_test_response r = mvc_test(app, &(mvc_test_request){.path = "/token"});
    snprintf(token, 100, "_csrf=%s", r.body);
    const char *set = mvc_test_header(&r, "Set-Cookie");
    assert_non_null(set);
    snprintf(cookie, 300, "%.*s", (int)strcspn(set, ";"), set);
    mvc_test_done(&r);
}

static int post(mvc_app *app, const char *path, const char *cookie,
                const char *body)
{
    mvc_test_response r = mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                                            .path = path,
                                                            .cookie = cookie,
                                                            .body = body});
    const int status = r.status;
    mvc_test_done(&r);
    return status;
}

static void csrf_wants_its_token(void **state)
{
    (void)state;
    mvc_app *app = guarded();
    char token[100], cookie[300], others[100], other_cookie[300];
    get_token(app, token, cookie);
    get_token(app, others, other_cookie);
    assert_int_equal(post(app, "/", cookie, token), 200);
    assert_int_equal(post(app, "/", cookie, "a=b"), 403);
    assert_int_equal(post(app, "/", cookie, others), 403);
    assert_int_equal(post(app, "/", NULL, token), 403);
    /* a POST does not become a GET that needs none */
    assert_int_equal(post(app, "/?_method=GET", cookie, "a=b"), 403);
    assert_int_equal(post(app, "/?_method=DELETE", cookie, "a=b"), 403);
    assert_int_equal(post(app, "/?_method=DELETE", cookie, token), 200);
    mvc_app_free(app);
}

static int post_with(mvc_app *app, const char *cookie, const char *headers,
                     const char *type, const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .headers = headers,
                                          .cookie = cookie,
                                          .content_type = type,
                                          .body = body});
    const int status = r.status;
    mvc_test_done(&r);
    return status;
}

static void csrf_takes_its_token_from(void **state)
{
    (void)state;
    mvc_app *app = guarded();
    char token[100], cookie[300], text[400];
    get_token(app, token, cookie);
    const char *bare = token + strlen("_csrf=");
    snprintf(text, sizeof text, "{\"_csrf\":\"%s\"}", bare);
    assert_int_equal(
        post_with(app, cookie, NULL, "application/json", "{\"a\":1}"), 403);
    assert_int_equal(post_with(app, cookie, NULL, "application/json", text),
                     200);
    /* a simple type that no preflight asks about, with JSON in it */
    assert_int_equal(post_with(app, cookie, NULL, "text/plain", text), 403);
    snprintf(text, sizeof text, "X-CSRF-Token: %s", bare);
    assert_int_equal(post_with(app, cookie, text, "text/plain", "a"), 200);
    snprintf(text, sizeof text, "/?%s", token);
    assert_int_equal(post(app, text, cookie, "a=b"), 200);
    snprintf(text, sizeof text,
             "--B\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n"
             "%s\r\n--B--\r\n",
             bare);
    const char *type = "multipart/form-data; boundary=B";
    assert_int_equal(post_with(app, cookie, NULL, type, text), 200);
    text[strlen(text) - 20] ^= 1;
    assert_int_equal(post_with(app, cookie, NULL, type, text), 403);
    /* a token does not make a GET something else */
    mvc_test_response r = mvc_test(
        app, &(mvc_test_request){.path = "/?_method=DELETE", .cookie = cookie});
    assert_string_equal(r.body, "GET");
    mvc_test_done(&r);
    mvc_app_free(app);
}

static void csrf_knows_where_it_comes_from(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        int status;
    } rows[] = {
        {"Origin: http://localhost", 200},
        {"Origin: https://localhost", 200}, /* a proxy ends its TLS */
        {"Origin: http://evil.example", 403},
        {"Origin: http://localhost.evil.example", 403},
        {"Origin: http://localhost:81", 403},
        {"Origin: null", 403},
        {"Origin: https://friend.example", 200},
        {"Sec-Fetch-Site: same-origin", 200},
        {"Sec-Fetch-Site: cross-site", 403},
        {"Sec-Fetch-Site: cross-site\nOrigin: https://friend.example", 200},
        /* behind a proxy that changes Host, this says more than that */
        {"Sec-Fetch-Site: same-origin\nOrigin: https://outside", 200},
    };
    static const char *const friends[] = {"https://friend.example", NULL};
    static const mvc_csrf_options options = {.origins = friends};
    mvc_app *app = app_with(NULL, &(mvc_config){.secret = "s"});
    mvc_use(app, "/", mvc_session);
    mvc_use_with(app, "/", mvc_csrf, (void *)(uintptr_t)&options, NULL);
    mvc_get(app, "/token", show_token);
    mvc_any(app, "/", show_method);
    char token[100], cookie[300];
    get_token(app, token, cookie);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int status = post_with(app, cookie, rows[i].headers, NULL, token);
        if (status != rows[i].status)
            fail_msg("%s: %d", rows[i].headers, status);
    }
    mvc_app_free(app);
}

static void overrides_methods(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, NULL);
    mvc_use(app, "/", mvc_method_override);
    mvc_any(app, "/", show_method);
    static const mvc_test_request asked[] = {
        {.method = MVC_POST, .path = "/?_method=put"},
        {.method = MVC_POST, .body = "_method=PUT"},
        {.method = MVC_POST, .headers = "X-HTTP-Method-Override: PUT"},
        {.method = MVC_GET, .path = "/?_method=PUT"}, /* only a POST's */
        {.method = MVC_POST, .path = "/?_method=P%20T"},
    };
    static const char *const methods[] = {"PUT", "PUT", "PUT", "GET", "POST"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        mvc_test_response r = mvc_test(app, &asked[i]);
        assert_string_equal(r.body, methods[i]);
        mvc_test_done(&r);
    }
    mvc_app_free(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cors_lets_everybody_in),
        cmocka_unit_test(cors_knows_its_origins),
        cmocka_unit_test(cors_asks_a_rule),
        cmocka_unit_test(limits_the_rate),
        cmocka_unit_test(limits_ipv6_by_subnet),
        cmocka_unit_test(limits_by_key),
        cmocka_unit_test(rate_windows_end),
        cmocka_unit_test(tells_the_response_time),
        cmocka_unit_test(sends_the_favicon),
        cmocka_unit_test(asks_for_a_password),
        cmocka_unit_test(hashes_passwords),
        cmocka_unit_test(knows_bcrypt),
        cmocka_unit_test(logs_in_each_format),
        cmocka_unit_test(a_log_line_stays_one),
        cmocka_unit_test(helmet_protects),
        cmocka_unit_test(helmet_makes_nonces),
        cmocka_unit_test(compresses_and_back),
        cmocka_unit_test(keeps_sessions_in_memory),
        cmocka_unit_test(keeps_sessions_in_sqlite),
        cmocka_unit_test(csrf_wants_its_token),
        cmocka_unit_test(csrf_takes_its_token_from),
        cmocka_unit_test(csrf_knows_where_it_comes_from),
        cmocka_unit_test(overrides_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
