/*
 * client.c - asks for one thing over and over, and never sleeps.
 *
 * A client that sleeps has to be woken, by the server whose answer it waits for
 * and at the server's cost: a microsecond or two, for each answer when the
 * server is the slower of the two and for hardly any when it is the faster one.
 * That would be measured with the server, so this client looks for answers all
 * the time.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, SAMPLES = 1 << 16 };

typedef struct connection {
    int fd;
    size_t left; /* bytes of the answer still to come; 0: all of it */
    uint64_t asked;
} connection;

static char request[1024];
static size_t request_size;
static unsigned samples[SAMPLES]; /* nanoseconds from request to answer */
static size_t n_answers;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "client: %s\n", what);
    exit(1);
}

static void ask(connection *c)
{
    c->asked = now();
    if (send(c->fd, request, request_size, MSG_NOSIGNAL) !=
        (ssize_t)request_size)
        die("the request is not taken");
}

static int dial(uint16_t port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(port),
                                        .sin_addr.s_addr =
                                            htonl(INADDR_LOOPBACK)};
    const int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        die("nobody listens");
    return fd;
}

/* How long the answer is that begins here; its head comes in one piece. */
static size_t size_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");
    if (strncmp(text, "HTTP/1.1 200 ", 13) != 0 || !end || !length ||
        length > end)
        die("an answer is not 200 with a length");
    return (size_t)(end + 4 - text) + strtoul(length + 17, NULL, 10);
}

/* Takes what has come, asks again when that is all. */
static void take(connection *c)
{
    static char text[1 << 16];
    const ssize_t n = recv(c->fd, text, sizeof text - 1, 0);
    if (n <= 0)
        die("the connection was closed");
    text[n] = '\0';
    if (c->left == 0)
        c->left = size_of(text);
    if (c->left < (size_t)n)
        die("an answer is longer than it says");
    c->left -= (size_t)n;
    if (c->left)
        return;
    samples[n_answers++ % SAMPLES] = (unsigned)(now() - c->asked);
    ask(c);
}

static int ascending(const void *a, const void *b)
{
    const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static double median(void)
{
    const size_t n = n_answers < SAMPLES ? n_answers : SAMPLES;
    qsort(samples, n, sizeof *samples, ascending);
    return samples[n / 2] / 1e3;
}

/* PORT TARGET SECONDS CONNECTIONS: how many answers came, and the median of
 * their latencies in microseconds. */
int main(int argc, char **argv)
{
    static connection connections[MOST];
    if (argc < 5 || atoi(argv[4]) < 1 || atoi(argv[4]) > MOST)
        return 2;
    const uint16_t port = (uint16_t)atoi(argv[1]);
    request_size = (size_t)snprintf(
        request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", argv[2], port);
    const int set = epoll_create1(0);
    const uint64_t end = now() + (uint64_t)(atof(argv[3]) * 1e9);
    for (int i = 0; i < atoi(argv[4]); i++) {
        connection *c = &connections[i];
        struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = c};
        c->fd = dial(port);
        epoll_ctl(set, EPOLL_CTL_ADD, c->fd, &wanted);
        ask(c);
    }
    while (now() < end) {
        struct epoll_event events[64];
        const int n = epoll_wait(set, events, 64, 0);
        for (int i = 0; i < n; i++)
            take(events[i].data.ptr);
    }
    printf("%zu %.1f\n", n_answers, median());
    return 0;
}
