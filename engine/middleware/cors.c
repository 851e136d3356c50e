/* cors.c - which other sites' scripts may use this one; as cors 2 says it. */
#include <mvc/middleware.h>

#include <string.h>

static const mvc_cors_options defaults;

static bool is_listed(const char *const *origins, const char *origin)
{
    for (; *origins; origins++)
        if (strcmp(*origins, origin) == 0)
            return true;
    return false;
}

/* An answer that depends on the origin says so, also when it is refused. */
static void allow_origin(mvc_req *req, mvc_res *res, const mvc_cors_options *o)
{
    const char *origin = mvc_header(req, "Origin");
    const char *allowed = o->origin ? o->origin : "*";
    if (o->allow)
        allowed = origin && o->allow(req, origin) ? origin : NULL;
    else if (o->origins)
        allowed = origin && is_listed(o->origins, origin) ? origin : NULL;
    else if (o->any_origin)
        allowed = origin;
    const bool everybody = allowed && strcmp(allowed, "*") == 0 &&
                           !o->allow && !o->origins && !o->any_origin;
    if (!everybody)
        mvc_vary(res, "Origin");
    if (allowed)
        mvc_set_header(res, "Access-Control-Allow-Origin", allowed);
    if (o->credentials)
        mvc_set_header(res, "Access-Control-Allow-Credentials", "true");
    if (o->exposed_headers)
        mvc_set_header(res, "Access-Control-Expose-Headers",
                       o->exposed_headers);
}

static void allow_rest(mvc_req *req, mvc_res *res, const mvc_cors_options *o)
{
    const char *headers = o->allowed_headers;
    mvc_set_header(res, "Access-Control-Allow-Methods",
                   o->methods ? o->methods : "GET,HEAD,PUT,PATCH,POST,DELETE");
    if (!headers) {
        headers = mvc_header(req, "Access-Control-Request-Headers");
        mvc_vary(res, "Access-Control-Request-Headers");
    }
    if (headers && *headers)
        mvc_set_header(res, "Access-Control-Allow-Headers", headers);
    if (!o->max_age)
        return;
    const char *age =
        mvc_format(req, "%lld", (long long)(o->max_age > 0 ? o->max_age : 0));
    if (age)
        mvc_set_header(res, "Access-Control-Max-Age", age);
}

void mvc_cors(mvc_req *req, mvc_res *res)
{
    const mvc_cors_options *o = mvc_data(req);
    if (!o)
        o = &defaults;
    allow_origin(req, res, o);
    if (mvc_method_of(req) != MVC_OPTIONS) {
        mvc_next(req, res);
        return;
    }
    allow_rest(req, res, o);
    if (o->preflight_continue) {
        mvc_next(req, res);
        return;
    }
    mvc_status(res, o->success_status ? o->success_status : 204);
    mvc_end(res);
}
