/* home.c - the start page. */
#include "controllers/home.h"

void home_index(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_local_str(res, "title", "Welcome");
    mvc_render(res, "home/index");
}
