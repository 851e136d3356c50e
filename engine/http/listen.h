/* listen.h - listening sockets. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <stdint.h>

/*
 * Binds and listens; -1 with the reason on stderr when it cannot.  `host` NULL
 * is every address, of IPv6 and IPv4; `port` 0 any free one.  *bound is the
 * port it got.
 */
int mvc__listen_socket(const char *host, uint16_t port, uint16_t *bound);

#endif
