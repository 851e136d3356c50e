/* listen.c - a program that serves: signals, timers, several loops. */
#include "ask.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int to_parent; /* what the program has to tell */

static void tell(const char *text)
{
    assert_int_equal(write(to_parent, text, strlen(text)),
                     (ssize_t)strlen(text));
}

static void on_hangup(void *data)
{
    (void)data;
    tell("hangup\n");
}

static void on_close(void *data)
{
    tell(data);
}

static void on_timer(void *data)
{
    char text[40];
    snprintf(text, sizeof text, "listens on %u\n", mvc_port(data));
    tell(text);
}

static void hello(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "hello");
}

static void slow(mvc_req *req, mvc_res *res)
{
    (void)req;
    tell("slow begins\n");
    usleep(500 * 1000);
    mvc_send(res, "slow but done");
}

static void stuck(mvc_req *req, mvc_res *res)
{
    (void)req;
    tell("stuck\n");
    sleep(5);
    mvc_send(res, "too late");
}

static const mvc_route routes[] = {
    MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/stuck", stuck),
    MVC_GET("/", hello),
    MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/slow", slow),
    {0},
};

static void *does_nothing(void *data)
{
    (void)data;
    for (;;)
        pause();
    return NULL;
}

/* The program; what it returns is its exit status. */
static int serve(uint16_t port)
{
    pthread_t thread; /* from before mvc_listen(): it minds all signals */
    if (pthread_create(&thread, NULL, does_nothing, NULL) != 0)
        return 2;
    mvc_app *app =
        app_with(routes, &(mvc_config){.threads = 3, .timeouts.stop = 1.5});
    mvc_on_hangup(app, on_hangup, NULL);
    mvc_on_close(app, on_close, (void *)"closed\n");
    mvc_after(app, 0.1, on_timer, app);
    const int status = mvc_listen(app, "127.0.0.1", port);
    mvc__app_destroy(app);
    return status;
}

typedef struct program {
    pid_t pid;
    FILE *said;
    unsigned port;
} program;

static program start(void)
{
    int ends[2];
    program p;
    assert_int_equal(pipe(ends), 0);
    p.pid = fork();
    if (p.pid == 0) {
        to_parent = ends[1];
        _exit(serve(0));
    }
    close(ends[1]);
    p.said = fdopen(ends[0], "r");
    char line[100] = "";
    assert_non_null(fgets(line, sizeof line, p.said));
    assert_int_equal(sscanf(line, "listens on %u", &p.port), 1);
    return p;
}

static void expect_line(program *p, const char *line)
{
    char text[100] = "";
    assert_non_null(fgets(text, sizeof text, p->said));
    assert_string_equal(text, line);
}

static void expect_exit(program *p, int status)
{
    int how;
    assert_int_equal(waitpid(p->pid, &how, 0), p->pid);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), status);
    fclose(p->said);
}

static int dial(const program *p, const char *path)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)p->port),
                                        .sin_addr.s_addr =
                                            htonl(INADDR_LOOPBACK)};
    char request[100];
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    const int n = snprintf(request, sizeof request,
                           "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    assert_int_equal(send(fd, request, (size_t)n, 0), n);
    return fd;
}

static void expect_answer(int fd, const char *body)
{
    char text[1000];
    const ssize_t n = read(fd, text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = '\0';
    assert_non_null(strstr(text, body));
    close(fd);
}

static void stops_on(int number)
{
    program p = start();
    expect_answer(dial(&p, "/"), "hello");
    const int slow_one = dial(&p, "/slow");
    expect_line(&p, "slow begins\n");
    assert_int_equal(kill(p.pid, number), 0);
    expect_answer(slow_one, "slow but done");
    expect_line(&p, "closed\n");
    expect_exit(&p, 0);
}

static void finishes_on_sigterm(void **state)
{
    (void)state;
    stops_on(SIGTERM);
}

static void finishes_on_sigint(void **state)
{
    (void)state;
    stops_on(SIGINT);
}

/* As what a shell runs in the background does, which has it ignored. */
static void ignores_sigint_if_told_to(void **state)
{
    (void)state;
    signal(SIGINT, SIG_IGN); /* what the program inherits */
    program p = start();
    signal(SIGINT, SIG_DFL);
    assert_int_equal(kill(p.pid, SIGINT), 0);
    expect_answer(dial(&p, "/"), "hello");
    assert_int_equal(kill(p.pid, SIGHUP), 0);
    expect_line(&p, "hangup\n");
    expect_answer(dial(&p, "/"), "hello");
    kill(p.pid, SIGTERM);
    expect_line(&p, "closed\n");
    expect_exit(&p, 0);
}

static void does_not_wait_for_ever(void **state)
{
    (void)state;
    program p = start();
    const int fd = dial(&p, "/stuck");
    expect_line(&p, "stuck\n");
    const uint64_t begin = mvc_now();
    kill(p.pid, SIGTERM);
    expect_exit(&p, 0); /* without a word from on_close: it is still in use */
    assert_true(mvc_now() - begin < UINT64_C(4000000000));
    close(fd);
}

/* A client that has not sent all of its request does not keep it from ending as
 * it should. */
static void does_not_wait_for_clients(void **state)
{
    (void)state;
    program p = start();
    const int fd = dial(&p, "/ HTTP/1.1\r\nContent-Length: 9\r\nX:");
    const int whole = dial(&p, "/");
    expect_answer(whole, "hello");
    kill(p.pid, SIGTERM);
    expect_line(&p, "closed\n");
    expect_exit(&p, 0);
    close(fd);
}

static void calls_back_on_sighup(void **state)
{
    (void)state;
    program p = start();
    assert_int_equal(kill(p.pid, SIGHUP), 0);
    expect_line(&p, "hangup\n");
    expect_answer(dial(&p, "/"), "hello");
    kill(p.pid, SIGTERM);
    expect_line(&p, "closed\n");
    expect_exit(&p, 0);
}

static void fails_when_the_port_is_taken(void **state)
{
    (void)state;
    program p = start();
    const pid_t pid = fork();
    if (pid == 0) {
        to_parent = open("/dev/null", O_WRONLY);
        _exit(serve((uint16_t)p.port));
    }
    int how;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_int_equal(WEXITSTATUS(how), 1);
    kill(p.pid, SIGTERM);
    expect_line(&p, "closed\n");
    expect_exit(&p, 0);
}

/* Timers ---------------------------------------------------------------------
 */

static atomic_uint ticks;

static void tick(void *data)
{
    (void)data;
    atomic_fetch_add(&ticks, 1);
}

static void runs_timers(void **state)
{
    (void)state;
    mvc_app *app = app_with(routes, NULL);
    const uint64_t again = mvc_every(app, 0.01, tick, NULL);
    const uint64_t never = mvc_after(app, 0.05, tick, NULL);
    mvc_cancel(app, never);
    for (int i = 0; i < 200 && atomic_load(&ticks) < 5; i++)
        usleep(10000);
    mvc_cancel(app, again);
    usleep(20000); /* one that runs may still count */
    const unsigned then = atomic_load(&ticks);
    assert_true(then >= 5);
    usleep(50000);
    assert_int_equal(atomic_load(&ticks), then);
    mvc__app_destroy(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finishes_on_sigterm),
        cmocka_unit_test(finishes_on_sigint),
        cmocka_unit_test(ignores_sigint_if_told_to),
        cmocka_unit_test(does_not_wait_for_ever),
        cmocka_unit_test(does_not_wait_for_clients),
        cmocka_unit_test(calls_back_on_sighup),
        cmocka_unit_test(fails_when_the_port_is_taken),
        cmocka_unit_test(runs_timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
