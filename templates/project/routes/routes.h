/* routes.h - which request goes to which controller. */
#ifndef ROUTES_ROUTES_H
#define ROUTES_ROUTES_H

#include <mvc.h>

extern const mvc_route routes[];

#endif
