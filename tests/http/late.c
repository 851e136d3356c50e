/* late.c - bodies that are read only once somebody asks for them. */
#include "ask.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <mvc/middleware.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

static mvc_app *app;
static char folder[64];
static atomic_int refused, asked_twice;

/* An app with uploads behind a login
 * ---------------------------------------------------------------------------
 */

static void need_login(mvc_req *req, mvc_res *res)
{
    if (mvc_header(req, "Authorization")) {
        mvc_next(req, res);
        return;
    }
    atomic_fetch_add(&refused, 1);
    mvc_status(res, 401);
    /* What is too large for its route cannot be asked for, but be refused. */
    const bool plain = strcmp(mvc_original_url(req), "/admin/plain") == 0;
    mvc_send(res, !plain && mvc_body(req) ? "read already" : "who are you?");
}

static void *answer_later(void *data)
{
    mvc_req *req = data;
    usleep(20000);
    need_login(req, mvc_res_of(req));
    return NULL;
}

static void need_login_later(mvc_req *req, mvc_res *res)
{
    pthread_t thread;
    mvc_defer(req, res);
    assert_int_equal(pthread_create(&thread, NULL, answer_later, req), 0);
    pthread_detach(thread);
}

/* A middleware that cannot do without. */
static void want_body(mvc_req *req, mvc_res *res)
{
    if (!mvc_query(req, "token")) {
        mvc_next(req, res);
        return;
    }
    atomic_fetch_add(&asked_twice, 1);
    if (!mvc_await_body(req, res))
        return;
    const char *token = mvc_body_text(req, "token");
    if (token && strcmp(token, "right") == 0)
        mvc_next(req, res);
    else
        mvc_fail(req, res, 403, "wrong token");
}

static void tell(mvc_req *req, mvc_res *res)
{
    const mvc_file *f = mvc_file_of(req, "f");
    const char *a = mvc_body_text(req, "a");
    mvc_sendf(res, "a=%s f=%llu", a ? a : "", f ? (long long)f->size : 0);
}

static const mvc_upload_field fields[] = {{"f", 1}, {0}};
static const mvc_upload upload = {.folder = folder, .fields = fields};
static const mvc_upload limited = {
    .folder = folder, .fields = fields, .max_file_size = 1000};
static const mvc_route_options with_upload = {.upload = &upload};
static const mvc_route_options with_limit = {.upload = &limited};
static const mvc_route_options on_worker = {.upload = &upload,
                                            .blocking = true};

#define POST(options, path, ...)                                               \
    MVC_ROUTE_WITH(options, MVC_POST, path, __VA_ARGS__)

/* The filter sees each file that is about to be stored. */
static atomic_int stored;

static bool count_file(mvc_req *req, const mvc_file *file)
{
    (void)req, (void)file;
    atomic_fetch_add(&stored, 1);
    return true;
}

static void show_token(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_csrf_token(req));
}

static const mvc_upload counted = {
    .folder = folder, .fields = fields, .filter = count_file};
static const mvc_body_options megabytes = {.max = 2000000};
static const mvc_route_options with_large = {.body = &megabytes};
static const mvc_route_options with_count = {.upload = &counted};
static const mvc_route csrf_routes[] = {
    MVC_GET("/", show_token),
    POST(&with_count, "/upload", tell),
    {0},
};

static const mvc_route below[] = {
    POST(&with_upload, "/upload", tell),
    {0},
};

static const mvc_route routes[] = {
    MVC_USE("/", want_body),
    POST(&with_upload, "/upload", need_login, mvc_read_body, tell),
    POST(&with_limit, "/limited", need_login, mvc_read_body, tell),
    POST(&on_worker, "/worker", need_login, mvc_read_body, tell),
    POST(&with_upload, "/later", need_login_later, mvc_read_body, tell),
    MVC_POST("/form", need_login, mvc_read_body, tell),
    MVC_USE("/admin", need_login),
    POST(&with_upload, "/admin/upload", tell),
    POST(&with_large, "/admin/import", tell),
    MVC_POST("/admin/plain", tell),
    MVC_MOUNT("/admin/below", below),
    MVC_GET("/", tell),
    {0},
};

static int start(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mvc-late-XXXXXX");
    assert_non_null(mkdtemp(folder));
    app = app_with(
        routes,
        &(mvc_config){.threads = 2, .development = true, .body.max = 5000});
    assert_true(mvc_start(app, "127.0.0.1", 0));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mvc__app_destroy(app);
    return rmdir(folder); /* fails when something is left in it */
}

/* A client
 * ---------------------------------------------------------------------------
 */

static void put(int fd, const char *text, size_t size)
{
    assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
}

static void say(int fd, const char *text)
{
    put(fd, text, strlen(text));
}

/* Reads until `part` has come; the text so far, "" when it did not. */
static const char *hear(int fd, const char *part)
{
    static char text[8192];
    size_t n = 0;
    struct pollfd p = {fd, POLLIN, 0};
    *text = '\0';
    while (n < sizeof text - 1 && poll(&p, 1, 5000) > 0) {
        const ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        text[n] = '\0';
        if (strstr(text, part))
            return text;
    }
    fail_msg("no '%s' in '%s'", part, text);
    return "";
}

/* Files come and go on the loop's thread. */
static void wait_for_files(unsigned n)
{
    for (int i = 0; i < 500 && count_files(folder) != n; i++)
        usleep(10000);
    assert_int_equal(count_files(folder), n);
}

/* Nothing more comes, not even a second answer. */
static void expect_end(int fd)
{
    char c;
    struct pollfd p = {fd, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 5000), 1);
    assert_true(recv(fd, &c, 1, 0) <= 0);
    close(fd);
}

#define HEAD(path, length, more)                                               \
    "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: " length             \
    "\r\nContent-Type: multipart/form-data; boundary=B\r\n" more "\r\n"
#define LOGIN "Authorization: me\r\n"
#define FIRST                                                                  \
    "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"           \
    "--B\r\nContent-Disposition: form-data; name=\"f\"; "                      \
    "filename=\"x\"\r\n\r\n"
#define LAST "\r\n--B--\r\n"
#define SMALL FIRST "12345" LAST

static const char *length_of_small(void)
{
    static char text[20];
    sprintf(text, "%zu", strlen(SMALL));
    return text;
}

/* The head of a small upload, and all of it. */
static int post(const char *path, const char *more)
{
    char head[400];
    const int fd = dial_app(app);
    sprintf(head,
            "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n"
            "Content-Type: multipart/form-data; boundary=B\r\n%s\r\n",
            path, length_of_small(), more);
    say(fd, head);
    say(fd, SMALL);
    return fd;
}

/* What happens
 * ---------------------------------------------------------------------------
 */

static void refuses_before_the_body_has_come(void **state)
{
    (void)state;
    static const char *const heads[] = {
        HEAD("/upload", "1000000", ""),
        HEAD("/worker", "1000000", ""),
        HEAD("/later", "1000000", ""),
        HEAD("/admin/upload", "1000000", ""),
        HEAD("/admin/import", "1000000", ""),
        HEAD("/admin/plain", "100000000", ""),
        "POST /admin/plain HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000"
        "\r\n\r\n",
        HEAD("/admin/below/upload", "1000000", ""),
        HEAD("/upload", "1000", "Expect: 100-continue\r\n"),
        "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        "Content-Type: multipart/form-data; boundary=B\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const int fd = dial_app(app);
        say(fd, heads[i]);
        const char *text = hear(fd, "who are you?");
        assert_memory_equal(text, "HTTP/1.1 401", 12);
        assert_non_null(strstr(text, "Connection: close"));
        expect_end(fd);
    }
    assert_int_equal(count_files(folder), 0);
}

/* A little that is on its way already does not cost the connection. */
static void keeps_the_connection_over_a_small_body(void **state)
{
    (void)state;
    const int fd = post("/upload", "");
    const char *text = hear(fd, "who are you?");
    assert_null(strstr(text, "Connection: close"));
    say(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    hear(fd, "a= f=0");
    close(fd);
}

static void reads_what_is_welcome(void **state)
{
    (void)state;
    static const char *const paths[] = {"/upload",
                                        "/worker",
                                        "/later",
                                        "/admin/upload",
                                        "/admin/import",
                                        "/admin/below/upload",
                                        "/form",
                                        "/upload?_method=x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const bool is_form = strcmp(paths[i], "/form") == 0 ||
                             strcmp(paths[i], "/admin/import") == 0;
        const int fd = post(paths[i], LOGIN);
        const char *text = hear(fd, is_form ? "Unexpected" : "a=1 f=5");
        assert_memory_equal(text + 9, is_form ? "400" : "200", 3);
        close(fd);
    }
}

static void says_when_to_go_on(void **state)
{
    (void)state;
    char head[400];
    const int fd = dial_app(app);
    sprintf(head,
            "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n"
            "Content-Type: multipart/form-data; boundary=B\r\n" LOGIN
            "Expect: 100-continue\r\n\r\n",
            length_of_small());
    say(fd, head);
    hear(fd, "100 Continue\r\n\r\n");
    say(fd, SMALL);
    hear(fd, "a=1 f=5");
    close(fd);
}

static void gives_middleware_the_body_it_awaits(void **state)
{
    (void)state;
    atomic_store(&asked_twice, 0);
    const int fd = post("/upload?token=1", LOGIN);
    hear(fd, "wrong token");
    close(fd);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = "/form?token=1",
                                          .headers = "Authorization: me",
                                          .body = "token=right&a=2"});
    assert_string_equal(r.body, "a=2 f=0");
    mvc_test_done(&r);
    assert_int_equal(atomic_load(&asked_twice) % 2, 0);
}

static void reports_what_is_wrong_with_the_body(void **state)
{
    (void)state;
    const int fd = dial_app(app);
    char *large = malloc(10000);
    const int n = sprintf(large, HEAD("/limited", "9000", LOGIN) FIRST);
    memset(large + n, 'x', (size_t)(9999 - n));
    put(fd, large, 9999);
    const char *text = hear(fd, "File too large");
    assert_memory_equal(text, "HTTP/1.1 413", 12);
    close(fd);
    free(large);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = "/upload",
                                          .headers = "Authorization: me",
                                          .content_type = "multipart/form-data",
                                          .body = SMALL});
    assert_int_equal(r.status, 400);
    mvc_test_done(&r);
}

/* A token after the files is too late: they would have been stored. */
static void csrf_wants_its_token_before_files(void **state)
{
    (void)state;
    mvc_app *guarded = mvc_app_new(&(mvc_config){.quiet = true, .secret = "s"});
    mvc_use(guarded, "/", mvc_session, mvc_csrf);
    mvc_routes(guarded, csrf_routes);
    mvc_test_response r = mvc_test(guarded, NULL);
    char cookie[300], token[200], body[600], file[200];
    const char *set = mvc_test_header(&r, "Set-Cookie");
    snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(set, ";"), set);
    snprintf(token, sizeof token,
             "--B\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n"
             "%s\r\n",
             r.body);
    snprintf(file, sizeof file,
             "--B\r\nContent-Disposition: form-data; name=\"f\"; "
             "filename=\"x\"\r\n\r\n12345\r\n");
    mvc_test_done(&r);
    const char *const bodies[][2] = {{token, file}, {file, token}, {file, ""}};
    for (size_t i = 0; i < 3; i++) {
        snprintf(body, sizeof body, "%s%s--B--\r\n", bodies[i][0],
                 bodies[i][1]);
        atomic_store(&stored, 0);
        r = mvc_test(guarded,
                     &(mvc_test_request){.method = MVC_POST,
                                         .path = "/upload",
                                         .cookie = cookie,
                                         .content_type =
                                             "multipart/form-data; boundary=B",
                                         .body = body});
        assert_int_equal(r.status, i ? 403 : 200);
        assert_int_equal(atomic_load(&stored), i ? 0 : 1);
        mvc_test_done(&r);
    }
    mvc_app_free(guarded);
}

static long resident(void)
{
    long pages = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    assert_int_equal(fscanf(in, "%*s %ld", &pages), 1);
    fclose(in);
    return pages * sysconf(_SC_PAGESIZE);
}

static void stores_large_files_in_little_memory(void **state)
{
    (void)state;
    enum { BLOCK = 1 << 16, BLOCKS = 512 };
    static char block[BLOCK];
    char head[400];
    memset(block, 'x', sizeof block);
    const int fd = dial_app(app);
    sprintf(head,
            "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n"
            "Content-Type: multipart/form-data; boundary=B\r\n" LOGIN "\r\n",
            strlen(FIRST LAST) + (size_t)BLOCK * BLOCKS);
    say(fd, head);
    say(fd, FIRST);
    const long before = resident();
    for (int i = 0; i < BLOCKS; i++)
        put(fd, block, sizeof block);
    assert_true(resident() - before < 8 << 20);
    assert_int_equal(count_files(folder), 1);
    say(fd, LAST);
    hear(fd, "a=1 f=33554432");
    close(fd);
    wait_for_files(0);
}

static void forgets_what_was_broken_off(void **state)
{
    (void)state;
    const int fd = dial_app(app);
    say(fd, HEAD("/upload", "1000000", LOGIN) FIRST "12345");
    wait_for_files(1);
    close(fd);
    wait_for_files(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_before_the_body_has_come),
        cmocka_unit_test(keeps_the_connection_over_a_small_body),
        cmocka_unit_test(reads_what_is_welcome),
        cmocka_unit_test(says_when_to_go_on),
        cmocka_unit_test(gives_middleware_the_body_it_awaits),
        cmocka_unit_test(reports_what_is_wrong_with_the_body),
        cmocka_unit_test(csrf_wants_its_token_before_files),
        cmocka_unit_test(stores_large_files_in_little_memory),
        cmocka_unit_test(forgets_what_was_broken_off),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
