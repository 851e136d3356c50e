/* epoll.c - the limit: a loop that knows requests end with a blank line. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char page[1 << 16], response[1 << 17];
static size_t page_size;

static size_t write_response(const char *body, size_t size)
{
    char date[64];
    const time_t now = time(NULL);
    struct tm t;
    strftime(date, sizeof date, "%a, %d %b %Y %T GMT", gmtime_r(&now, &t));
    const int n = sprintf(response,
                          "HTTP/1.1 200 OK\r\nDate: %s\r\n"
                          "Content-Type: text/html; charset=utf-8\r\n"
                          "ETag: W/\"d-uCe08V6egUAuCe08V6egUA\"\r\n"
                          "Content-Length: %zu\r\n\r\n",
                          date, size);
    memcpy(response + n, body, size);
    return (size_t)n + size;
}

static void serve(int fd)
{
    char request[4096];
    const ssize_t n = read(fd, request, sizeof request - 1);
    if (n <= 0) {
        close(fd);
        return;
    }
    request[n] = '\0';
    const int is_page = strncmp(request, "GET /page ", 10) == 0;
    const size_t size = is_page ? write_response(page, page_size)
                                : write_response("Hello, World!", 13);
    for (char *at = request; (at = strstr(at, "\r\n\r\n")); at += 4)
        if (send(fd, response, size, MSG_NOSIGNAL) < 0)
            return;
}

int main(int argc, char **argv)
{
    FILE *in = argc > 2 ? fopen(argv[2], "rb") : NULL;
    const int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    if (!in)
        return 2;
    page_size = fread(page, 1, sizeof page, in);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) ||
        listen(listener, 1024))
        return 1;
    const int set = epoll_create1(0);
    struct epoll_event e = {EPOLLIN, {.fd = listener}}, events[64];
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        const int n = epoll_wait(set, events, 64, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd);
                continue;
            }
            e = (struct epoll_event){EPOLLIN,
                                     {.fd = accept(listener, NULL, NULL)}};
            epoll_ctl(set, EPOLL_CTL_ADD, e.data.fd, &e);
        }
    }
}
