/* https.c - sends who comes without encryption to the same page with it. */
#include <mvc/middleware.h>

#include <string.h>

static const mvc_https_options defaults;

/* The host the client named, without its port, or the one of the options. */
static const char *host_of(mvc_req *req, const mvc_https_options *o)
{
    return o->host ? o->host : mvc_hostname(req);
}

void mvc_https(mvc_req *req, mvc_res *res)
{
    const mvc_https_options *o = mvc_data(req);
    if (mvc_is_secure(req)) {
        mvc_next(req, res);
        return;
    }
    if (!o)
        o = &defaults;
    const char *host = host_of(req, o);
    if (!host || !*host) {
        mvc_fail(req, res, 400, "a Host header is needed");
        return;
    }
    const bool is_usual = o->port == 0 || o->port == 443;
    const char *port = is_usual ? "" : mvc_format(req, ":%u", o->port);
    const char *url = port ? mvc_format(req, "https://%s%s%s", host, port,
                                        mvc_original_url(req))
                           : NULL;
    /* 308 keeps a form's method; old clients only know 301. */
    const mvc_method method = mvc_method_of(req);
    const bool is_safe = method == MVC_GET || method == MVC_HEAD;
    if (url)
        mvc_redirect_with(res,
                          o->temporary ? is_safe ? 302 : 307
                          : is_safe    ? 301
                                       : 308,
                          url);
    else
        mvc_fail(req, res, 500, "out of memory");
}
