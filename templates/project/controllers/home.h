/* home.h - the start page. */
#ifndef CONTROLLERS_HOME_H
#define CONTROLLERS_HOME_H

#include <mvc.h>

void home_index(mvc_req *req, mvc_res *res);

#endif
