/* routes.c - which request goes to which controller; tried from the top. */
#include "routes/routes.h"

#include "controllers/home.h"

const mvc_route routes[] = {
    MVC_GET("/", home_index),
    {0},
};
