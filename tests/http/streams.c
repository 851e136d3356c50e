/* streams.c - bodies made while they are sent, over a real connection. */
#include "ask.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

static mvc_app *app;
static atomic_int closed, finished;

/* A callback
 * ------------------------------------------------------------------- */

enum { TOTAL = 3000000 };

static int64_t read_some(void *data, uint64_t position, char *buffer,
                         size_t max)
{
    (void)data;
    if (position >= TOTAL)
        return MVC_STREAM_END;
    const size_t n = TOTAL - position < max ? TOTAL - position : max;
    for (size_t i = 0; i < n; i++)
        buffer[i] = (char)('a' + (position + i) % 26);
    return (int64_t)n;
}

static int64_t read_and_fail(void *data, uint64_t position, char *buffer,
                             size_t max)
{
    return position > 100000 ? MVC_STREAM_ERROR
                             : read_some(data, position, buffer, max);
}

static void note_close(void *data)
{
    (void)data;
    atomic_fetch_add(&closed, 1);
}

static void note_finish(mvc_req *req, mvc_res *res, bool sent, void *data)
{
    (void)req, (void)res, (void)data;
    atomic_fetch_add(&finished, sent ? 1 : 100);
}

static void stream(mvc_req *req, mvc_res *res)
{
    const char *how = mvc_param(req, "how");
    mvc_on_finish(res, note_finish, NULL);
    mvc_send_stream(
        res, &(mvc_stream){.read = strcmp(how, "fails") == 0 ? read_and_fail
                                                             : read_some,
                           .close = note_close,
                           .size = strcmp(how, "sized") == 0 ? TOTAL : -1});
}

/* A channel
 * --------------------------------------------------------------------- */

static void *write_slowly(void *data)
{
    mvc_channel *c = data;
    for (int i = 0; i < 5; i++) {
        char text[20];
        snprintf(text, sizeof text, "event %d", i);
        mvc_send_event(c, &(mvc_event){.data = text, .name = "tick"});
        usleep(10000);
    }
    mvc_channel_close(c);
    return NULL;
}

static void events(mvc_req *req, mvc_res *res)
{
    (void)req;
    pthread_t thread;
    mvc_channel *c = mvc_open_events(res);
    assert_int_equal(pthread_create(&thread, NULL, write_slowly, c), 0);
    pthread_detach(thread);
}

static void *write_until_gone(void *data)
{
    mvc_channel *c = data;
    while (mvc_channel_is_open(c)) {
        mvc_write(c, "x", 1);
        usleep(1000);
    }
    mvc_channel_close(c);
    atomic_fetch_add(&closed, 1);
    return NULL;
}

static void endless(mvc_req *req, mvc_res *res)
{
    (void)req;
    pthread_t thread;
    mvc_channel *c = mvc_open_channel(res, 10);
    assert_false(mvc_write(c, "more than fits", 14));
    assert_int_equal(pthread_create(&thread, NULL, write_until_gone, c), 0);
    pthread_detach(thread);
}

static const mvc_route routes[] = {
    MVC_GET("/stream/:how", stream),
    MVC_GET("/events", events),
    MVC_GET("/endless", endless),
    {0},
};

static int start(void **state)
{
    (void)state;
    app = app_with(routes, &(mvc_config){.threads = 2});
    assert_true(mvc_start(app, "127.0.0.1", 0));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mvc__app_destroy(app);
    return 0;
}

static int dial(const char *path)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(mvc_port(app)),
                                        .sin_addr.s_addr =
                                            htonl(INADDR_LOOPBACK)};
    char request[200];
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    const int n = snprintf(request, sizeof request,
                           "GET %s HTTP/1.1\r\nHost: a\r\n"
                           "Connection: close\r\n\r\n",
                           path);
    assert_int_equal(send(fd, request, (size_t)n, 0), n);
    return fd;
}

/* All there is until the end; the caller frees it. */
static char *read_all(int fd, size_t *size)
{
    char *text = malloc(TOTAL + 1000000);
    *size = 0;
    for (ssize_t n; (n = read(fd, text + *size, TOTAL + 999999 - *size)) > 0;)
        *size += (size_t)n;
    text[*size] = '\0';
    close(fd);
    return text;
}

static void wait_for(atomic_int *counter, int value)
{
    for (int i = 0; i < 500 && atomic_load(counter) != value; i++)
        usleep(10000);
    assert_int_equal(atomic_load(counter), value);
}

static void streams_from_a_callback(void **state)
{
    (void)state;
    size_t size;
    char *text = read_all(dial("/stream/sized"), &size);
    const char *body = strstr(text, "\r\n\r\n") + 4;
    assert_non_null(strstr(text, "Content-Length: 3000000\r\n"));
    assert_int_equal(size - (size_t)(body - text), TOTAL);
    for (size_t i = 0; i < TOTAL; i++)
        assert_int_equal(body[i], 'a' + i % 26);
    free(text);

    text = read_all(dial("/stream/chunked"), &size);
    assert_non_null(strstr(text, "Transfer-Encoding: chunked\r\n"));
    assert_memory_equal(text + size - 5, "0\r\n\r\n", 5);
    free(text);
    wait_for(&closed, 2);
    wait_for(&finished, 2);
}

static void cuts_a_stream_that_fails(void **state)
{
    (void)state;
    size_t size;
    char *text = read_all(dial("/stream/fails"), &size);
    assert_true(size > 100000 && size < 300000);
    assert_memory_not_equal(text + size - 5, "0\r\n\r\n", 5);
    free(text);
    wait_for(&closed, 3);
    wait_for(&finished, 102);
}

static void closes_when_the_client_goes(void **state)
{
    (void)state;
    close(dial("/stream/chunked"));
    wait_for(&closed, 4);
    const int fd = dial("/endless");
    char c[200];
    assert_true(read(fd, c, sizeof c) > 0);
    close(fd);
    wait_for(&closed, 5);
}

static void sends_events(void **state)
{
    (void)state;
    size_t size;
    char *text = read_all(dial("/events"), &size);
    assert_non_null(
        strstr(text, "Content-Type: text/event-stream; charset=utf-8\r\n"));
    for (int i = 0; i < 5; i++) {
        char event[100];
        snprintf(event, sizeof event, "event: tick\ndata: event %d\n\n", i);
        assert_non_null(strstr(text, event));
    }
    assert_memory_equal(text + size - 5, "0\r\n\r\n", 5);
    free(text);
}

static void ends_channels_when_stopping(void **state)
{
    (void)state;
    size_t size;
    const int fd = dial("/endless");
    char c[100];
    assert_true(read(fd, c, sizeof c) > 0);
    const uint64_t begin = mvc_now();
    mvc_shutdown(app);
    assert_true(mvc_now() - begin < UINT64_C(3000000000));
    free(read_all(fd, &size));
    wait_for(&closed, 6);
    assert_true(mvc_start(app, "127.0.0.1", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_from_a_callback),
        cmocka_unit_test(cuts_a_stream_that_fails),
        cmocka_unit_test(closes_when_the_client_goes),
        cmocka_unit_test(sends_events),
        cmocka_unit_test(ends_channels_when_stopping),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
