/* method_override.c - other methods for forms, which only know GET and POST. */
#include <mvc/middleware.h>

#include <ctype.h>
#include <string.h>

#include "http/exchange.h"

/* By header or query: known before the body is. */
static const char *said(mvc_req *req)
{
    static const char header[] = "X-HTTP-Method-Override";
    const char *method = mvc_header(req, header);
    mvc_vary(mvc_res_of(req), header);
    if (!method)
        return mvc_query(req, "_method");
    const size_t first = strcspn(method, ", \t"); /* of several headers */
    return method[first] ? mvc_format(req, "%.*s", (int)first, method) : method;
}

void mvc_method_override(mvc_req *req, mvc_res *res)
{
    const bool is_post = mvc_method_of(req) == MVC_POST;
    const char *method = is_post ? said(req) : NULL;
    char upper[16];
    if (is_post && !method && mvc_is(req, "urlencoded")) {
        if (!mvc_await_body(req, res))
            return;
        method = mvc_body_text(req, "_method");
    }
    if (method && *method && strlen(method) < sizeof upper) {
        size_t n = 0;
        for (; method[n]; n++)
            upper[n] = (char)toupper((unsigned char)method[n]);
        upper[n] = '\0';
        if (mvc__method_parse(upper) != MVC_OTHER)
            mvc_set_method(req, upper);
    }
    mvc_next(req, res);
}
