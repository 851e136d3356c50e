/* listen.c - listening sockets, and errors that say what to do about them. */
#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static int bind_to(const struct addrinfo *a)
{
    const int on = 1, off = 0;
    const int fd =
        socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void complain(const char *host, uint16_t port, const char *reason)
{
    fprintf(stderr, "mvc: cannot listen on %s port %u: %s\n",
            host ? host : "any address,", port, reason);
    if (errno == EADDRINUSE)
        fprintf(stderr,
                "mvc: another program uses port %u; stop it or "
                "choose another port\n",
                port);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)&address)->sin6_port
                     : ((struct sockaddr_in *)&address)->sin_port);
}

int mvc__listen_socket(const char *host, uint16_t port, uint16_t *bound)
{
    char service[8];
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    snprintf(service, sizeof service, "%u", port);
    const int error = getaddrinfo(host, service, &hints, &list);
    if (error != 0) {
        errno = 0;
        complain(host, port, gai_strerror(error));
        return -1;
    }
    int fd = -1;
    /* "::" takes IPv4 as well, so IPv6 is tried first for every address. */
    for (int round = 0; round < 2 && fd < 0; round++)
        for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
            if ((a->ai_family == AF_INET6) == (round == (host ? 1 : 0)) &&
                !(fd < 0 && round && errno == EADDRINUSE))
                fd = bind_to(a);
    if (fd < 0)
        complain(host, port, strerror(errno));
    else
        *bound = port_of(fd);
    freeaddrinfo(list);
    return fd;
}
