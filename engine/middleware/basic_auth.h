/* basic_auth.h - what an Authorization header of HTTP's own log-in says. */
#ifndef MIDDLEWARE_BASIC_AUTH_H
#define MIDDLEWARE_BASIC_AUTH_H

#include <mvc.h>

/* "name:password", the request's, or NULL; RFC 7617 allows no NUL in it. */
char *mvc__basic_auth_decode(mvc_req *req);

#endif
