/* error_handler.h - answers for requests that failed. */
#ifndef MIDDLEWARES_ERROR_HANDLER_H
#define MIDDLEWARES_ERROR_HANDLER_H

#include <mvc.h>

void error_handler(mvc_req *req, mvc_res *res, const mvc_failure *failure);

#endif
