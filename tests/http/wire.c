/*
 * wire.c - what hostile clients send, byte for byte, and what they get.
 *
 * The rows are the ones that libmicrohttpd itself was measured to let through.
 */
#include "ask.h"

#include <arpa/inet.h>
#include <poll.h>
#include <time.h>

static mvc_app *app;

static void hello(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "hello");
}

static void count(mvc_req *req, mvc_res *res)
{
    size_t size;
    mvc_body_bytes(req, &size);
    mvc_sendf(res, "%zu bytes", size);
}

static void slow(mvc_req *req, mvc_res *res)
{
    (void)req;
    usleep(300 * 1000);
    mvc_send(res, "slow");
}

static int64_t endless(void *data, uint64_t position, char *buffer, size_t max)
{
    (void)data, (void)position;
    memset(buffer, 'x', max);
    return (int64_t)max;
}

static void flood(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_stream(res, &(mvc_stream){.read = endless, .size = -1});
}

static void boast(mvc_req *req, mvc_res *res)
{
    const int n = atoi(mvc_query(req, "n"));
    char *text = mvc_alloc(req, (size_t)n + 1);
    memset(text, 'x', (size_t)n);
    text[n] = '\0';
    mvc_set_header(res, "X-Long", text);
    mvc_send(res, "boasted");
}

static const mvc_route routes[] = {
    MVC_GET("/", hello),
    MVC_GET("/boast", boast),
    MVC_GET("/flood", flood),
    MVC_POST("/", count),
    MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/slow", slow),
    {0},
};

static int start(void **state)
{
    (void)state;
    app = mvc__app_create(&(mvc_config){
        .threads = 1,
        .quiet = true,
        .body.max = 1000,
        .timeouts = {.headers = 1, .body = 2, .keep_alive = 1, .write = 1}});
    assert_non_null(app);
    mvc_routes(app, routes);
    assert_true(mvc_start(app, "127.0.0.1", 0));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mvc__app_destroy(app);
    return 0;
}

/* a client --------------------------------------------------------------------
 */

static double seconds(void)
{
    return (double)mvc_now() / 1e9;
}

/* Reads until the server closes (true) or is silent for `patience` ms. */
static bool read_all(int fd, char *out, size_t room, int patience)
{
    size_t size = 0;
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        if (poll(&p, 1, patience) <= 0)
            break;
        char rest[4096];
        const ssize_t n = size + 1 < room
                              ? read(fd, out + size, room - size - 1)
                              : read(fd, rest, sizeof rest);
        if (n <= 0) {
            out[size] = '\0';
            return true;
        }
        size += size + 1 < room ? (size_t)n : 0;
    }
    out[size] = '\0';
    return false;
}

static void send_all(int fd, const char *data, size_t size)
{
    assert_int_equal(send(fd, data, size, MSG_NOSIGNAL), (ssize_t)size);
}

typedef struct answer {
    int status; /* 0: none */
    unsigned responses;
    bool closed;
    char text[65536];
} answer;

static const answer *ask(const char *data, size_t size)
{
    static answer a;
    const int fd = dial_app(app);
    send_all(fd, data, size);
    a.closed = read_all(fd, a.text, sizeof a.text, 300);
    close(fd);
    a.status = 0;
    a.responses = 0;
    sscanf(a.text, "HTTP/1.%*d %d", &a.status);
    for (const char *at = a.text; (at = strstr(at, "HTTP/1.1 ")); at += 9)
        a.responses++;
    return &a;
}

/* requests that must be refused
 * --------------------------------------------------- */

typedef struct row {
    const char *name, *request;
    int status; /* 0: the connection is closed without a word */
} row;

#define HOST "Host: a\r\n"
#define CLOSE "Connection: close\r\n"
#define SECOND "GET /second HTTP/1.1\r\n" HOST "\r\n"

static const row refused[] = {
    {"both lengths",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND,
     400},
    {"unknown coding",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"
     "0\r\n\r\n" SECOND,
     400},
    {"two codings",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity, chunked\r\n\r\n"
     "0\r\n\r\n" SECOND,
     400},
    {"coding twice",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SECOND,
     400},
    {"blank before the colon",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n"
     "0\r\n\r\n" SECOND,
     400},
    {"two lengths",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n"
     "Content-Length: 5\r\n\r\nabcd" SECOND,
     400},
    {"the same length twice",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n"
     "Content-Length: 4\r\n\r\nabcd" SECOND,
     400},
    {"signed length",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc" SECOND, 400},
    {"negative length",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nabc" SECOND, 400},
    {"hexadecimal length",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\nabc" SECOND, 400},
    {"listed length",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\nabc" SECOND, 400},
    {"two hosts", "GET / HTTP/1.1\r\n" HOST "Host: b\r\n\r\n" SECOND, 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n" SECOND, 400},
    {"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" SECOND, 400},
    {"absolute target", "GET http://evil/x HTTP/1.1\r\n" HOST "\r\n" SECOND,
     400},
    {"target without a slash", "GET x HTTP/1.1\r\n" HOST "\r\n" SECOND, 400},
    {"asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n" SECOND, 400},
    {"NUL in the path", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n" SECOND, 400},
    {"NUL in the query", "GET /?a=%00 HTTP/1.1\r\n" HOST "\r\n" SECOND, 400},
    {"control byte in a value",
     "GET / HTTP/1.1\r\n" HOST "X: a\x01z\r\n\r\n" SECOND, 400},
    {"carriage return in a value",
     "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n" SECOND, 400},
    {"blank in a name", "GET / HTTP/1.1\r\n" HOST "X y: z\r\n\r\n" SECOND, 400},
    {"lower-case method", "get / HTTP/1.1\r\n" HOST "\r\n" SECOND, 501},
    {"unknown method", "BREW / HTTP/1.1\r\n" HOST "\r\n" SECOND, 501},
    {"another version", "GET / HTTP/1.2\r\n" HOST "\r\n" SECOND, 505},
    {"another expectation",
     "GET / HTTP/1.1\r\n" HOST "Expect: a-miracle\r\n\r\n" SECOND, 417},
    {"coding in HTTP/1.0",
     "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n" SECOND,
     400},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const row *r = &refused[i];
        const answer *a = ask(r->request, strlen(r->request));
        if (a->status != r->status || !a->closed ||
            strstr(a->text, "HTTP/1.1 200") || strstr(a->text, "/second"))
            fail_msg("%s: %d instead of %d, %s\n%s", r->name, a->status,
                     r->status, a->closed ? "closed" : "left open", a->text);
    }
}

/* What the library refuses by itself: any of these will do, nothing runs. */
static void refuses_versions(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\n" HOST "\r\n",
        "GET /a b HTTP/1.1\r\n" HOST "\r\n",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const answer *a = ask(requests[i], strlen(requests[i]));
        if (!a->closed || (a->status != 0 && a->status < 400))
            fail_msg("%s: %d, %s", requests[i], a->status, a->text);
    }
}

static void limits_the_head(void **state)
{
    (void)state;
    enum { LARGE = 40000 };
    char *request = malloc(LARGE + 200);
    int n = sprintf(request, "GET /");
    memset(request + n, 'a', LARGE);
    sprintf(request + n + LARGE, " HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(ask(request, strlen(request))->status, 414);

    n = sprintf(request, "GET / HTTP/1.1\r\n" HOST "X: ");
    memset(request + n, 'a', LARGE);
    sprintf(request + n + LARGE, "\r\n\r\n");
    assert_int_equal(ask(request, strlen(request))->status, 431);

    /* Whatever the size. */
    for (size_t size = 16000; size < 26000; size += 50) {
        const bool fits = size <= 16350;
        n = sprintf(request, "GET /");
        memset(request + n, 'a', size);
        sprintf(request + n + size, " HTTP/1.1\r\n" HOST CLOSE "\r\n");
        int status = ask(request, strlen(request))->status;
        if (status != (fits ? 404 : 414) && (fits || status != 431))
            fail_msg("a target of %zu: %d", size, status);
        n = sprintf(request, "GET / HTTP/1.1\r\n" HOST CLOSE "X: ");
        memset(request + n, 'a', size);
        sprintf(request + n + size, "\r\n\r\n");
        status = ask(request, strlen(request))->status;
        if (status != (fits ? 200 : 431))
            fail_msg("a header of %zu: %d", size, status);
    }

    /* As many parameters as there is room for. */
    n = sprintf(request, "GET /?");
    for (int i = 0; i < 4000; i++)
        n += sprintf(request + n, "a=1&");
    sprintf(request + n, " HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_int_equal(ask(request, strlen(request))->status, 200);

    /* Cookies as large as Node takes them, but for many small ones. */
    n = sprintf(request, "GET / HTTP/1.1\r\n" HOST "Cookie: a=");
    memset(request + n, 'a', 8192);
    sprintf(request + n + 8192, "\r\n\r\n");
    assert_int_equal(ask(request, strlen(request))->status, 200);
    for (int count = 1; count < 1500; count += 13) {
        n = sprintf(request, "GET / HTTP/1.1\r\n" HOST CLOSE "Cookie: ");
        for (int i = 0; i < count; i++)
            n += sprintf(request + n, "a%d=1; ", i);
        n += sprintf(request + n, "\r\n\r\n");
        const int status = ask(request, (size_t)n)->status;
        if (status != (count < 290 ? 200 : 431))
            fail_msg("%d cookies: %d", count, status);
    }

    n = sprintf(request, "GET / HTTP/1.1\r\n" HOST "Cookie: a=");
    memset(request + n, 'a', LARGE);
    sprintf(request + n + LARGE, "\r\n\r\n");
    assert_int_equal(ask(request, strlen(request))->status, 431);

    n = sprintf(request, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 2000; i++)
        n += sprintf(request + n, "A%d: b\r\n", i);
    n += sprintf(request + n, "\r\n");
    assert_int_equal(ask(request, (size_t)n)->status, 431);
    free(request);
}

/* An answer's head that is too large is an error, not the end of the
 * connection without a word. */
static void limits_the_answers_head(void **state)
{
    (void)state;
    for (int size = 1000; size < 40000; size += 500) {
        char request[100];
        const int n = snprintf(request, sizeof request,
                               "GET /boast?n=%d HTTP/1.1\r\n" HOST
                               "Connection: close\r\n\r\n",
                               size);
        const int status = ask(request, (size_t)n)->status;
        if (status != (size <= 24000 ? 200 : 500))
            fail_msg("a header of %d: %d", size, status);
    }
}

/* An answer to HEAD ends with its head, whatever kind it is of. */
static void sends_no_body_to_head(void **state)
{
    (void)state;
    static const char *const paths[] = {"/", "/flood", "/none"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char request[100];
        const int n = snprintf(request, sizeof request,
                               "HEAD %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
        const answer *a = ask(request, (size_t)n);
        const char *end = strstr(a->text, "\r\n\r\n");
        if (!end || end[4])
            fail_msg("%s: %s", paths[i], a->text);
    }
}

static int status_with(const char *before, size_t size)
{
    static char request[1 << 15];
    const int n = sprintf(request, "%s", before);
    memset(request + n, 'a', size);
    sprintf(request + n + size, "%s",
            strchr(before, '\n') ? "\r\n\r\n" : " HTTP/1.1\r\n" HOST "\r\n");
    return ask(request, strlen(request))->status;
}

/* Two thirds of the head's memory, whatever that is. */
static void takes_heads_as_configured(void **state)
{
    (void)state;
    static const char header[] = "GET / HTTP/1.1\r\n" HOST "X: ";
    static const unsigned memory[] = {1, 4096, 24 * 1024};
    mvc_app *usual = app;
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
        const unsigned most = (memory[i] < 4096 ? 4096 : memory[i]) / 3 * 2;
        app = app_with(routes,
                       &(mvc_config){.threads = 1, .head_memory = memory[i]});
        assert_true(mvc_start(app, "127.0.0.1", 0));
        assert_int_equal(status_with(header, most - 50), 200);
        assert_int_equal(status_with(header, most + 1), 431);
        assert_int_equal(status_with("GET /", most - 50), 404);
        assert_int_equal(status_with("GET /", most + 1), 414);
        mvc__app_destroy(app);
    }
    app = usual;
}

static void limits_bodies(void **state)
{
    (void)state;
    char request[4096];
    int n = sprintf(request,
                    "POST / HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n");
    const answer *a = ask(request, (size_t)n);
    assert_int_equal(a->status, 413); /* before a byte of it has come */
    assert_true(a->closed);

    n = sprintf(request, "POST / HTTP/1.1\r\n" HOST
                         "Transfer-Encoding: chunked\r\n\r\n5dc\r\n");
    memset(request + n, 'x', 1500);
    n += 1500;
    n += sprintf(request + n, "\r\n0\r\n\r\n");
    assert_int_equal(ask(request, (size_t)n)->status, 413);

    static const char huge[] = "POST / HTTP/1.1\r\n" HOST
                               "Content-Length: 99999999999999999999\r\n\r\n";
    a = ask(huge, sizeof huge - 1);
    assert_true(a->closed);
    assert_true(a->status == 413 || a->status == 400);
}

/* requests that must be answered
 * --------------------------------------------------- */

static void answers(void **state)
{
    (void)state;
    static const char get[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
    const answer *a = ask(get, sizeof get - 1);
    assert_int_equal(a->status, 200);
    assert_non_null(strstr(a->text, "hello"));
    assert_false(a->closed); /* kept for the next request */

    static const char two[] = "GET / HTTP/1.1\r\n" HOST "\r\n"
                              "GET / HTTP/1.1\r\n" HOST "\r\n";
    assert_int_equal(ask(two, sizeof two - 1)->responses, 2);

    static const char chunked[] =
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n";
    assert_non_null(strstr(ask(chunked, sizeof chunked - 1)->text, "3 bytes"));

    /* Read as nothing by older versions of the library, refused by newer. */
    static const char extended[] =
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\n0\r\n\r\n";
    a = ask(extended, sizeof extended - 1);
    assert_true(strstr(a->text, "3 bytes") || (a->status == 400 && a->closed));

    static const char old[] = "GET / HTTP/1.0\r\n\r\n";
    a = ask(old, sizeof old - 1);
    assert_int_equal(a->status, 200);
    assert_true(a->closed);

    static const char dots[] = "GET /%2e%2e%2fx HTTP/1.1\r\n" HOST "\r\n";
    a = ask(dots, sizeof dots - 1);
    assert_int_equal(a->status, 404);
    assert_non_null(strstr(a->text, "/%2e%2e%2fx")); /* not decoded */
}

/* slow clients
 * ------------------------------------------------------------------------ */

/* Sends one byte each 100 ms; how long until the server had enough. */
static double drip(const char *first, const char *bytes)
{
    const int fd = dial_app(app);
    const double start_time = seconds();
    char text[1024];
    send_all(fd, first, strlen(first));
    for (size_t i = 0; seconds() - start_time < 12; i++) {
        const char c = bytes[i % strlen(bytes)];
        if (send(fd, &c, 1, MSG_NOSIGNAL) != 1 ||
            read_all(fd, text, sizeof text, 100))
            break;
    }
    close(fd);
    return seconds() - start_time;
}

static void cuts_slow_heads(void **state)
{
    (void)state;
    const double line = drip("GET /", "a");
    const double headers = drip("GET / HTTP/1.1\r\n" HOST, "X: y\r\n");
    const double silent = drip("", "\r\n");
    assert_true(line < 4);
    assert_true(headers < 4);
    assert_true(silent < 4);
}

/* One deadline for the whole head: the headers have no time of their own. */
static void counts_the_line_among_the_headers(void **state)
{
    (void)state;
    mvc_app *usual = app;
    app = app_with(routes,
                   &(mvc_config){.threads = 1, .timeouts = {.headers = 2}});
    assert_true(mvc_start(app, "127.0.0.1", 0));
    const int fd = dial_app(app);
    const double start_time = seconds();
    char text[1024];
    send_all(fd, "GET / HT", 8);
    usleep(1500000);
    send_all(fd, "TP/1.1\r\nHost", 12);
    read_all(fd, text, sizeof text, 5000);
    assert_true(seconds() - start_time < 3.2);
    close(fd);
    mvc__app_destroy(app);
    app = usual;
}

static void cuts_slow_bodies(void **state)
{
    (void)state;
    const double total =
        drip("POST / HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\n", "x");
    assert_true(total < 5);
}

static void cuts_those_who_do_not_read(void **state)
{
    (void)state;
    const int fd = dial_app(app);
    static const char request[] = "GET /flood HTTP/1.1\r\n" HOST "\r\n";
    send_all(fd, request, sizeof request - 1);
    const double start_time = seconds();
    struct pollfd p = {fd, 0, 0}; /* only POLLHUP, POLLERR */
    const int n = poll(&p, 1, 8000);
    close(fd);
    assert_int_equal(n, 1);
    assert_true(seconds() - start_time < 8);
    /* Others are served all the while. */
    static const char get[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
    assert_int_equal(ask(get, sizeof get - 1)->status, 200);
}

static void is_closed_after(mvc_app *where, const char *sent)
{
    const int fd = dial_app(where);
    char text[1024];
    send_all(fd, sent, strlen(sent));
    assert_true(read_all(fd, text, sizeof text, 10000));
    assert_non_null(strstr(text, "hello"));
    close(fd);
}

/* Whether a head may take its time or not. */
static void closes_idle_connections(void **state)
{
    (void)state;
    static const char get[] = "GET / HTTP/1.1\r\n" HOST "\r\n";
    static const char more[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP";
    mvc_app *patient = app_with(
        routes, &(mvc_config){.threads = 1,
                              .timeouts = {.headers = -1, .keep_alive = 0.5}});
    assert_true(mvc_start(patient, "127.0.0.1", 0));
    is_closed_after(app, get);
    is_closed_after(app, more);
    is_closed_after(patient, get);
    is_closed_after(patient, more);
    mvc__app_destroy(patient);
}

static void serves_others_while_handlers_wait(void **state)
{
    (void)state;
    enum { WAITING = 32 };
    int fds[WAITING];
    static const char wait[] =
        "GET /slow HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    static const char get[] =
        "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    for (int i = 0; i < WAITING; i++) {
        fds[i] = dial_app(app);
        send_all(fds[i], wait, sizeof wait - 1);
    }
    const double start_time = seconds();
    assert_int_equal(ask(get, sizeof get - 1)->status, 200);
    assert_true(seconds() - start_time < 0.25);
    for (int i = 0; i < WAITING; i++) {
        char text[1024];
        assert_true(read_all(fds[i], text, sizeof text, 5000));
        assert_non_null(strstr(text, "slow"));
        close(fds[i]);
    }
}

/* stopping
 * ------------------------------------------------------------------------------
 */

static void finishes_what_is_in_flight(void **state)
{
    (void)state;
    const int fd = dial_app(app);
    static const char wait[] = "GET /slow HTTP/1.1\r\n" HOST "\r\n";
    char text[1024];
    send_all(fd, wait, sizeof wait - 1);
    usleep(100 * 1000);
    mvc_shutdown(app);
    assert_true(read_all(fd, text, sizeof text, 1000));
    assert_non_null(strstr(text, "slow"));
    assert_non_null(strstr(text, "Connection: close"));
    close(fd);
    assert_true(mvc_start(app, "127.0.0.1", 0));
}

static void says_that_a_port_is_taken(void **state)
{
    (void)state;
    mvc_app *second = mvc__app_create(&(mvc_config){.quiet = true});
    assert_false(mvc_start(second, "127.0.0.1", mvc_port(app)));
    mvc__app_destroy(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_versions),
        cmocka_unit_test(limits_the_head),
        cmocka_unit_test(limits_the_answers_head),
        cmocka_unit_test(sends_no_body_to_head),
        cmocka_unit_test(takes_heads_as_configured),
        cmocka_unit_test(limits_bodies),
        cmocka_unit_test(cuts_slow_heads),
        cmocka_unit_test(counts_the_line_among_the_headers),
        cmocka_unit_test(cuts_slow_bodies),
        cmocka_unit_test(cuts_those_who_do_not_read),
        cmocka_unit_test(closes_idle_connections),
        cmocka_unit_test(serves_others_while_handlers_wait),
        cmocka_unit_test(finishes_what_is_in_flight),
        cmocka_unit_test(says_that_a_port_is_taken),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
