/* response_time.c - how long the answer took, in a header. */
#include <mvc/middleware.h>

static const mvc_response_time_options defaults;

static void tell(mvc_req *req, mvc_res *res, void *data)
{
    const mvc_response_time_options *o = data;
    const char *name = o->header ? o->header : "X-Response-Time";
    if (mvc_get_header(res, name))
        return; /* the program knows better */
    const double ms = (double)(mvc_now() - mvc_started(req)) / 1e6;
    const int digits = o->digits ? o->digits : 3;
    const char *value = mvc_format(req, "%.*f%s", digits > 0 ? digits : 0, ms,
                                   o->no_suffix ? "" : "ms");
    if (value)
        mvc_set_header(res, name, value);
}

void mvc_response_time(mvc_req *req, mvc_res *res)
{
    const mvc_response_time_options *options = mvc_data(req);
    mvc_on_send(res, tell, (void *)(uintptr_t)(options ? options : &defaults));
    mvc_next(req, res);
}
