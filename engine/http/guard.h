/* guard.h - refuses requests that two servers could read differently. */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "http/exchange.h"

/*
 * 0 for a sound request, else the status to refuse it with; the connection is
 * then closed, since what follows on it cannot be trusted.  *why is one
 * sentence.  The parser below accepts all of these (measured for 0.9.75).
 */
int mvc__guard(const mvc_req *req, const char **why);

#endif
