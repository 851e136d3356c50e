/* server.h - sockets and HTTP/1.1; server.c alone sees <microhttpd.h>. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/exchange.h"

/* The finish hooks, once; `sent` says the client has it all. */
void mvc__run_finish_hooks(mvc__exchange *x, bool sent);

#endif
