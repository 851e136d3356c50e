/*
 * attacks.c - what is sent to break an application, and what comes of it.
 *
 * wire.c has what is wrong with a request as such, files.c what leaves a
 * folder, uploads.c what is in forms with files, sessions.c what steals one.
 */
#include "ask.h"

#include <brotli/encode.h>
#include <fcntl.h>
#include <mvc/middleware.h>
#include <sys/stat.h>
#include <time.h>
#include <zlib.h>

static char root[64];
static mvc_app *app;

static const char *in_root(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

/* An app that trusts what it is sent more than it should
 * ---------------------------------------------------------------------------
 */

static void render_named(mvc_req *req, mvc_res *res)
{
    mvc_render(res, mvc_query(req, "view"));
}

/* Whatever a form holds becomes locals. */
static void render_all(mvc_req *req, mvc_res *res)
{
    json_object_object_foreach(mvc_body(req), name, value)
    {
        mvc_local(res, name, value);
    }
    mvc_render(res, "page");
}

static void echo(mvc_req *req, mvc_res *res)
{
    mvc_send_json(res, mvc_body(req));
}

static void echo_query(mvc_req *req, mvc_res *res)
{
    mvc_send_json(res, mvc_query_doc(req));
}

static void fail_with_query(mvc_req *req, mvc_res *res)
{
    mvc_fail(req, res, 500, "no such thing: %s", mvc_query(req, "q"));
}

static void who(mvc_req *req, mvc_res *res)
{
    mvc_sendf(res, "%s %s %s %s %d", mvc_ip(req), mvc_protocol(req),
              mvc_host(req), mvc_hostname(req), mvc_is_secure(req));
}

/* A page of one's own, that caches must keep apart. */
static void mine(mvc_req *req, mvc_res *res)
{
    mvc_set_header(res, "Cache-Control", "private");
    mvc_sendf(res, "the page of %s", mvc_header(req, "X-User"));
}

static void text(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_file(res, "digits.txt", &(mvc_static_options){.root = root});
}

static const mvc_body_options nested = {
    .extended = true, .max = 1 << 20, .not_strict = true};
static const mvc_route_options with_nested = {.body = &nested};
static const mvc_route routes[] = {
    MVC_GET("/render", render_named),
    MVC_POST("/render", render_all),
    MVC_POST("/echo", echo),
    MVC_ROUTE_WITH(&with_nested, MVC_POST, "/nested", echo),
    MVC_GET("/query", echo_query),
    MVC_GET("/fail", fail_with_query),
    MVC_GET("/who", who),
    MVC_GET("/mine", mine),
    MVC_GET("/digits", text),
    {0},
};

static int start(void **state)
{
    (void)state;
    strcpy(root, "/tmp/mvc-attacks-XXXXXX");
    assert_non_null(mkdtemp(root));
    mkdir(in_root("views"), 0700);
    put_file(root, "views/page.ejs", "<p><%= locals.name %></p>");
    put_file(root, "secret.ejs", "secret");
    put_file(root, "secret.txt", "secret");
    put_file(root, "digits.txt", "0123456789");
    assert_int_equal(symlink("../secret.ejs", in_root("views/link.ejs")), 0);
    app = mvc_app_new(&(mvc_config){
        .views = in_root("views"), .query = MVC_QUERY_EXTENDED, .quiet = true});
    assert_non_null(app);
    mvc_routes(app, routes);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    char command[100];
    mvc_app_free(app);
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static mvc_test_response get(const char *path, const char *headers)
{
    return mvc_test(app, &(mvc_test_request){.path = path, .headers = headers});
}

static mvc_test_response post(const char *path, const char *type,
                              const char *body, size_t size)
{
    return mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                             .path = path,
                                             .content_type = type,
                                             .body = body,
                                             .body_size = size});
}

/* The body must be this; else it is shown. */
static void gives(mvc_test_response r, const char *asked, int status,
                  const char *body)
{
    if (r.status != status || (body && strcmp(r.body, body) != 0))
        fail_msg("%s: %d %s", asked, r.status, r.body);
    mvc_test_done(&r);
}

static const char json[] = "application/json";
static const char form[] = "application/x-www-form-urlencoded";

/* Templates
 * ---------------------------------------------------------------------------
 */

static void renders_no_other_files(void **state)
{
    (void)state;
    static const char *const views[] = {
        "../secret",
        "../secret.ejs",
        "..%2fsecret",
        "/etc/passwd",
        "../secret.txt",
        "page/../../secret",
        "./../secret.ejs",
        "....//secret",
        "..%5csecret",
        "%2e%2e/secret",
        "page%0a",
        "link",
        "~/.profile",
        "http://evil/x.ejs",
        "",
        "page.ejs/../../secret.ejs",
    };
    gives(get("/render?view=page", NULL), "page", 200, "<p></p>");
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        char path[200];
        snprintf(path, sizeof path, "/render?view=%s", views[i]);
        mvc_test_response r = get(path, NULL);
        if (r.status != 500 || strstr(r.body, "secret") ||
            strstr(r.body, root) || strstr(r.body, "root:"))
            fail_msg("%s: %d %s", views[i], r.status, r.body);
        mvc_test_done(&r);
    }
    char path[200];
    snprintf(path, sizeof path, "/render?view=%s/secret.ejs", root);
    gives(get(path, NULL), path, 500, NULL);
}

/* What EJS has been led to run by (CVE-2022-29078 and its kin). */
static void takes_no_options_from_data(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"name\":\"<b>\",\"settings\":{\"view options\":{"
        "\"outputFunctionName\":\"x;process.exit(1);s\"}}}",
        "{\"name\":\"<b>\",\"settings\":{\"view options\":{"
        "\"escapeFunction\":\"1\",\"client\":true,\"debug\":true}}}",
        "{\"name\":\"<b>\",\"delimiter\":\"?\",\"openDelimiter\":\"[\","
        "\"closeDelimiter\":\"]\"}",
        "{\"name\":\"<b>\",\"escape\":\"x\",\"client\":true,\"strict\":true,"
        "\"cache\":false,\"filename\":\"/etc/passwd\",\"root\":\"/\","
        "\"views\":[\"/\"],\"_with\":false,\"localsName\":\"a\","
        "\"rmWhitespace\":true,\"context\":{},\"async\":true,"
        "\"destructuredLocals\":"
        "[\"a = 1\"],\"compileDebug\":false,\"legacyInclude\":true}",
        "{\"name\":\"<b>\",\"__proto__\":{\"client\":true},\"constructor\":"
        "{\"prototype\":{\"escape\":1}},\"toString\":1}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        gives(post("/render", json, bodies[i], 0), bodies[i], 200,
              "<p>&lt;b&gt;</p>");
    gives(post("/render", json, "{\"name\":\"<%= 7 * 7 %>\"}", 0), "a tag", 200,
          "<p>&lt;%= 7 * 7 %&gt;</p>");
}

/* Pages of our own
 * ---------------------------------------------------------------------------
 */

static void escapes_in_its_own_pages(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/<script>alert(1)</script>",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/fail?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/a\"onload=alert(1)'<script>",
    };
    static const char *const accept[] = {"Accept: text/html",
                                         "Accept: application/json"};
    mvc_app *development = mvc_app_new(&(mvc_config){
        .views = in_root("views"), .quiet = true, .development = true});
    mvc_app *http_only = app_with(routes, NULL);
    mvc_app *const apps[] = {app, http_only, development};
    mvc_routes(development, routes);
    for (size_t i = 0; i < 24; i++) {
        mvc_test_response r = mvc_test(
            apps[i / 8], &(mvc_test_request){.path = paths[i % 4],
                                             .headers = accept[i / 4 % 2]});
        const char *type = mvc_test_header(&r, "Content-Type");
        assert_true(r.status >= 400);
        const bool is_html = strstr(type, "html") != NULL;
        if (is_html && strstr(r.body, "<script>alert"))
            fail_msg("%s: %s", paths[i % 4], r.body);
        assert_string_equal(mvc_test_header(&r, "X-Content-Type-Options"),
                            "nosniff");
        const char *policy = mvc_test_header(&r, "Content-Security-Policy");
        if (is_html)
            assert_memory_equal(policy, "default-src 'none'", 18);
        mvc_test_done(&r);
    }
    mvc__app_destroy(http_only);
    mvc_app_free(development);
}

static void production_tells_nothing(void **state)
{
    (void)state;
    mvc_test_response r = get("/fail?q=token", "Accept: text/html");
    assert_null(strstr(r.body, "token"));
    assert_null(strstr(r.body, "attacks.c"));
    mvc_test_done(&r);
    r = get("/render?view=missing", "Accept: application/json");
    assert_null(strstr(r.body, root));
    mvc_test_done(&r);
}

/* Query and forms
 * ---------------------------------------------------------------------------
 */

static void reads_odd_queries(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a[__proto__][x]=1", "{\"a\":{}}"},
        {"__proto__[x]=1&b=2", "{\"b\":\"2\"}"},
        {"a=1&a[b]=2", "{\"a\":[\"1\",{\"b\":\"2\"}]}"},
        {"a[]=", "{\"a\":[\"\"]}"},
        {"a[]", "{\"a\":[\"\"]}"},
        {"[[]", "{\"[[]\":\"\"}"},
        {"[]=1", "{\"0\":\"1\"}"},
        {"a[999999999]=1", "{\"a\":{\"999999999\":\"1\"}}"},
        {"a[-1]=1", "{\"a\":{\"-1\":\"1\"}}"},
        {"%zz=%zz&%E9=%E9", NULL},
        {"=", "{}"},
        {"&&&&", "{}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[200];
        snprintf(path, sizeof path, "/query?%s", rows[i][0]);
        gives(get(path, NULL), rows[i][0], 200, rows[i][1]);
    }
    mvc_test_response r = get("/query?constructor[prototype][x]=1", NULL);
    mvc_test_response again = get("/query?constructor[prototype][x]=1", NULL);
    assert_string_equal(r.body, again.body);
    mvc_test_done(&r);
    mvc_test_done(&again);
}

/* `unit`, many times, after `head` and before `tail`. */
static char *many(const char *head, const char *unit, size_t times,
                  const char *tail)
{
    const size_t n = strlen(unit);
    char *all = malloc(strlen(head) + n * times + strlen(tail) + 1);
    assert_non_null(all);
    char *at = all + sprintf(all, "%s", head);
    for (size_t i = 0; i < times; i++, at += n)
        memcpy(at, unit, n);
    strcpy(at, tail);
    return all;
}

static void bounds_queries_and_forms(void **state)
{
    (void)state;
    char *text = many("/query?", "&", 5000, "a=1");
    mvc_test_response r = get(text, NULL);
    assert_int_equal(r.status, 200);
    mvc_test_done(&r);
    free(text);

    text = many("/query?", "a=1&", 1001, "last=1"); /* the rest is not read */
    r = get(text, NULL);
    assert_int_equal(r.status, 200);
    assert_null(strstr(r.body, "last"));
    mvc_test_done(&r);
    free(text);

    text = many("a", "[b]", 33, "=1");
    gives(post("/nested", form, text, 0), "33 deep", 400, NULL);
    free(text);
    text = many("a", "[b]", 32, "=1");
    gives(post("/nested", form, text, 0), "32 deep", 200, NULL);
    free(text);
    text = many("a", "[b]", 10000, "=1");
    gives(post("/nested", form, text, 0), "10,000 deep", 400, NULL);
    free(text);
    text = many("/query?a", "[b]", 2000, "=1"); /* a name beyond the depth */
    gives(get(text, NULL), "a deep query", 200, NULL);
    free(text);
}

/* JSON
 * ---------------------------------------------------------------------------
 */

static void reads_json_exactly_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
        const char *answer;
    } rows[] = {
        {"{\"a\":1,\"a\":2}", 200, "{\"a\":2}"},
        {"\xEF\xBB\xBF{\"a\":1}", 200, "{\"a\":1}"},
        {"[9007199254740993]", 200, "[9007199254740993]"},
        {"[12345678901234567890123]", 200, "[1.2345678901234568e+22]"},
        {"[1e400]", 200, "[null]"}, /* Infinity, as Express has it */
        {"[-1e400]", 200, "[null]"},
        {"[NaN]", 400, NULL},
        {"[\"\\ud800\"]", 400, NULL},
        {"[\"\\u0000\"]", 400, NULL},
        {"[\"\\ud83d\\ude00\"]", 200, "[\"\xF0\x9F\x98\x80\"]"},
        {"[1e-400]", 200, "[0]"},
        {"[-0]", 200, NULL},
        {"{\"__proto__\":{\"x\":1}}", 200, "{\"__proto__\":{\"x\":1}}"},
        {"[1,]", 400, NULL},
        {"{'a':1}", 400, NULL},
        {"\xFF\xFE[\0]\0", 400, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        gives(post("/echo", json, rows[i].body, 0), rows[i].body,
              rows[i].status, rows[i].answer);
}

/* Compressed bodies
 * ---------------------------------------------------------------------------
 */

static size_t deflated(unsigned char *out, size_t room, size_t zeros, int bits)
{
    unsigned char *in = calloc(1, zeros);
    z_stream z = {.next_in = in,
                  .avail_in = (unsigned)zeros,
                  .next_out = out,
                  .avail_out = (unsigned)room};
    deflateInit2(&z, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    free(in);
    return z.total_out;
}

static size_t brotlied(unsigned char *out, size_t room, size_t zeros)
{
    unsigned char *in = calloc(1, zeros);
    size_t size = room;
    assert_true(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, zeros, in,
                                      &size, out));
    free(in);
    return size;
}

static int send_packed(const char *encoding, const unsigned char *data,
                       size_t size)
{
    char header[60];
    snprintf(header, sizeof header, "Content-Encoding: %s", encoding);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = "/echo",
                                          .headers = header,
                                          .content_type = "text/plain",
                                          .body = (const char *)data,
                                          .body_size = size});
    const int status = r.status;
    mvc_test_done(&r);
    return status;
}

static void bounds_what_is_unpacked(void **state)
{
    (void)state;
    enum { BOMB = 10 << 20, FINE = 50000 };
    static unsigned char data[40000];
    size_t n = deflated(data, sizeof data, BOMB, 15 + 16);
    assert_int_equal(send_packed("gzip", data, n), 413);
    n = deflated(data, sizeof data, BOMB, 15);
    assert_int_equal(send_packed("deflate", data, n), 413);
    n = brotlied(data, sizeof data, BOMB);
    assert_int_equal(send_packed("br", data, n), 413);
    n = brotlied(data, sizeof data, FINE);
    assert_int_equal(send_packed("br", data, n), 200);
    memcpy(data + n, "junk", 4);
    assert_int_equal(send_packed("br", data, n - 1), 400);
    n = deflated(data, sizeof data, FINE, 15);
    assert_int_equal(send_packed("deflate", data, n), 200);
    assert_int_equal(send_packed("gzip", data, n), 400);
    assert_int_equal(send_packed("zstd", data, n), 415);
    assert_int_equal(send_packed("gzip, gzip", data, n), 415);
    n = deflated(data, sizeof data, FINE, 15 + 16);
    memcpy(data + n, "junk", 4);
    assert_int_equal(send_packed("gzip", data, n + 4), 400);
}

/* Proxies
 * ---------------------------------------------------------------------------
 */

static void believes_no_stranger(void **state)
{
    (void)state;
    static const char forged[] = "Host: own.example:8080\n"
                                 "X-Forwarded-For: 6.6.6.6\n"
                                 "X-Forwarded-Proto: https\n"
                                 "X-Forwarded-Host: evil.example\n"
                                 "Forwarded: for=6.6.6.6;proto=https\n"
                                 "X-Real-IP: 6.6.6.6\n";
    gives(get("/who", forged), "forged", 200,
          "127.0.0.1 http own.example:8080 own.example 0");
    gives(get("/who", "Host: [::1]:3000"), "IPv6", 200,
          "127.0.0.1 http [::1]:3000 [::1] 0");
}

static void trusts_a_proxy(void **state)
{
    (void)state;
    mvc_app *behind = app_with(routes, &(mvc_config){.trust_proxy = "1"});
    mvc_test_response r = mvc_test(
        behind,
        &(mvc_test_request){.path = "/who",
                            .headers = "X-Forwarded-For: 6.6.6.6, 5.5.5.5\n"
                                       "X-Forwarded-Proto: https, http\n"
                                       "X-Forwarded-Host: a.example:81, b\n"});
    gives(r, "trusted", 200, "5.5.5.5 https a.example:81 a.example 1");
    mvc__app_destroy(behind);
}

static void counts_clients_by_their_address(void **state)
{
    (void)state;
    static const mvc_rate_limit_options options = {.limit = 2};
    mvc_app *limited = app_with(NULL, NULL);
    mvc_use_with(limited, "/", mvc_rate_limit, (void *)(uintptr_t)&options,
                 NULL);
    mvc_get(limited, "/", who);
    for (int i = 0; i < 4; i++) {
        char headers[60];
        snprintf(headers, sizeof headers, "X-Forwarded-For: 6.6.6.%d", i);
        mvc_test_response r =
            mvc_test(limited, &(mvc_test_request){.headers = headers});
        assert_int_equal(r.status, i < 2 ? 200 : 429);
        mvc_test_done(&r);
    }
    mvc__app_destroy(limited);
}

/* Tags and ranges
 * ---------------------------------------------------------------------------
 */

static void tags_tell_no_secrets(void **state)
{
    (void)state;
    struct stat s;
    char inode[40];
    assert_int_equal(stat(in_root("digits.txt"), &s), 0);
    mvc_test_response r = get("/digits", NULL);
    const char *tag = mvc_test_header(&r, "ETag");
    for (int base = 0; base < 2; base++) {
        snprintf(inode, sizeof inode, base ? "%lx" : "%lu",
                 (unsigned long)s.st_ino);
        assert_null(strstr(tag, inode));
    }
    assert_memory_equal(tag, "W/\"a-", 5); /* size and time */
    mvc_test_done(&r);
}

static void keeps_private_pages_apart(void **state)
{
    (void)state;
    char headers[200];
    mvc_test_response r = get("/mine", "X-User: ann");
    snprintf(headers, sizeof headers, "X-User: ann\nIf-None-Match: %s",
             mvc_test_header(&r, "ETag"));
    mvc_test_done(&r);
    r = get("/mine", headers);
    assert_int_equal(r.status, 304);
    assert_string_equal(mvc_test_header(&r, "Cache-Control"), "private");
    mvc_test_done(&r);
    memcpy(headers + 8, "bob", 3);
    gives(get("/mine", headers), "bob", 200, "the page of bob");
    gives(get("/mine", "X-User: bob\nIf-None-Match: \"x\", W/\"y"), "bob", 200,
          NULL);
}

static void serves_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        int status;
        const char *body;
    } rows[] = {
        {"bytes=2-4", 206, "234"},
        {"bytes=-3", 206, "789"},
        {"bytes=8-", 206, "89"},
        {"bytes=0-99", 206, "0123456789"},
        {"bytes=10-", 416, NULL},
        {"bytes=5-2", 416, NULL},
        {"bytes=-0", 416, NULL},
        {"bytes=a-b", 200, NULL},
        {"lines=1-2", 200, NULL},
        {"bytes=0-5,3-8", 206, "012345678"},
        {"bytes=0-1,4-5", 200, NULL},
        {"bytes=99999999999999999999-", 416, NULL},
        {"bytes=-99999999999999999999", 206, "0123456789"},
        {"bytes=0-18446744073709551615", 206, "0123456789"},
        {"bytes=", 200, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char header[100];
        snprintf(header, sizeof header, "Range: %s", rows[i].range);
        gives(get("/digits", header), header, rows[i].status, rows[i].body);
    }
    char header[200];
    mvc_test_response r = get("/digits", NULL);
    snprintf(header, sizeof header, "Range: bytes=0-1\nIf-Range: %s",
             mvc_test_header(&r, "Last-Modified"));
    mvc_test_done(&r);
    gives(get("/digits", header), header, 206, "01");
    gives(get("/digits", "Range: bytes=0-1\nIf-Range: \"other\""), "If-Range",
          200, "0123456789");
    gives(get("/digits",
              "Range: bytes=0-1\nIf-Range: Mon, 01 Jan 1990 00:00:00 GMT"),
          "If-Range", 200, "0123456789");
}

/* What is written down
 * ---------------------------------------------------------------------------
 */

static void reports_on_one_line(void **state)
{
    (void)state;
    int ends[2], before = dup(2);
    char said[4000];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    mvc_app *loud = mvc__app_create(NULL);
    mvc_routes(loud, routes);
    dup2(ends[1], 2);
    mvc_test_response r = mvc_test(
        loud, &(mvc_test_request){
                  .path = "/fail?q=a%0d%0amvcgen:%20all%20is%20well%1b[2J"
                          "%c2%9b31m"});
    dup2(before, 2);
    close(before);
    mvc_test_done(&r);
    const ssize_t n = read(ends[0], said, sizeof said - 1);
    assert_true(n > 0);
    said[n] = '\0';
    assert_ptr_equal(strchr(said, '\n'), said + n - 1);
    assert_null(strchr(said, '\r'));
    assert_null(strchr(said, '\x1b'));
    assert_null(strstr(said, "\xc2\x9b"));
    close(ends[0]);
    close(ends[1]);
    mvc__app_destroy(loud);
}

static void logs_requests_on_one_line(void **state)
{
    (void)state;
    int ends[2];
    static char said[40000];
    for (int format = MVC_LOG_AUTO; format <= MVC_LOG_JSON; format++) {
        assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
        const mvc_logger_options options = {.format = (mvc_log_format)format,
                                            .fd = ends[1]};
        mvc_app *logged = app_with(NULL, NULL);
        mvc_use_with(logged, "/", mvc_logger, (void *)(uintptr_t)&options,
                     NULL);
        char *headers = many("User-Agent: ", "a\xC2\x85\"\\", 2000,
                             "\nReferer: \xE2\x80\xA8\xC2\x9b[2J");
        mvc_test_response r =
            mvc_test(logged, &(mvc_test_request){.path = "/a%0d%0ab%1b[2J\"<x>",
                                                 .headers = headers});
        mvc_test_done(&r);
        free(headers);
        mvc__app_destroy(logged);
        const ssize_t n = read(ends[0], said, sizeof said - 1);
        assert_true(n > 0);
        said[n] = '\0';
        assert_ptr_equal(strchr(said, '\n'), said + n - 1);
        for (const char *c = said; c < said + n - 1; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
        assert_null(strstr(said, "\xC2\x85"));
        assert_null(strstr(said, "\xC2\x9b"));
        assert_null(strstr(said, "\xE2\x80\xA8"));
        close(ends[0]);
        close(ends[1]);
    }
}

/* Passwords
 * ---------------------------------------------------------------------------
 */

static clock_t time_to_refuse(const char *hash)
{
    const clock_t begin = clock();
    assert_false(mvc_password_verify(hash, "wrong"));
    return clock() - begin;
}

static void does_not_tell_who_exists(void **state)
{
    (void)state;
    char hash[MVC_PASSWORD_HASH];
    assert_true(mvc_password_hash(hash, "right"));
    clock_t known = 0, unknown = 0; /* processor time: others may be busy */
    for (int i = 0; i < 3; i++) {
        known += time_to_refuse(hash);
        unknown += time_to_refuse(NULL);
    }
    assert_true(unknown > known / 3 && unknown < known * 3);
}

/* bcrypt reads 72 bytes, so two long ones might open the same door. */
static void tells_long_passwords_apart(void **state)
{
    (void)state;
    char hash[MVC_PASSWORD_HASH];
    char *one = many("", "a", 80, "b"), *other = many("", "a", 80, "c");
    assert_true(mvc_password_hash(hash, one));
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_true(mvc_password_verify(hash, one));
    assert_false(mvc_password_verify(hash, other));
    assert_false(mvc_password_verify("", one));
    assert_false(mvc_password_verify("$1$weak$x", one));
    free(one);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_no_other_files),
        cmocka_unit_test(takes_no_options_from_data),
        cmocka_unit_test(escapes_in_its_own_pages),
        cmocka_unit_test(production_tells_nothing),
        cmocka_unit_test(reads_odd_queries),
        cmocka_unit_test(bounds_queries_and_forms),
        cmocka_unit_test(reads_json_exactly_or_not_at_all),
        cmocka_unit_test(bounds_what_is_unpacked),
        cmocka_unit_test(believes_no_stranger),
        cmocka_unit_test(trusts_a_proxy),
        cmocka_unit_test(counts_clients_by_their_address),
        cmocka_unit_test(tags_tell_no_secrets),
        cmocka_unit_test(keeps_private_pages_apart),
        cmocka_unit_test(serves_ranges),
        cmocka_unit_test(reports_on_one_line),
        cmocka_unit_test(logs_requests_on_one_line),
        cmocka_unit_test(does_not_tell_who_exists),
        cmocka_unit_test(tells_long_passwords_apart),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
