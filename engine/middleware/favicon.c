/* favicon.c - the icon that browsers ask every site for. */
#include <mvc/middleware.h>

#include <string.h>

enum { YEAR = 365 * 24 * 3600 };

static const mvc_favicon_options none;

static void send_icon(mvc_req *req, mvc_res *res, const mvc_favicon_options *o)
{
    const int64_t age = o->max_age ? o->max_age : YEAR;
    mvc_set_type(res, "image/x-icon");
    if (o->data) {
        const char *cache = mvc_format(req, "public, max-age=%lld",
                                       (long long)(age > 0 ? age : 0));
        if (cache)
            mvc_set_header(res, "Cache-Control", cache);
        mvc_send_bytes(res, o->data, o->size);
        return;
    }
    mvc_send_file(res, o->path,
                  &(mvc_static_options){.root = *o->path == '/' ? NULL : ".",
                                        .max_age = age > 0 ? (double)age : 0});
}

void mvc_favicon(mvc_req *req, mvc_res *res)
{
    const mvc_favicon_options *options = mvc_data(req);
    const mvc_method method = mvc_method_of(req);
    if (strcmp(mvc_path(req), "/favicon.ico") != 0) {
        mvc_next(req, res);
        return;
    }
    if (method != MVC_GET && method != MVC_HEAD) {
        mvc_status(res, method == MVC_OPTIONS ? 200 : 405);
        mvc_set_header(res, "Allow", "GET, HEAD, OPTIONS");
        mvc_end(res);
        return;
    }
    if (!options)
        options = &none;
    if (options->data || options->path) {
        send_icon(req, res, options);
        return;
    }
    mvc_status(res, 204);
    mvc_end(res);
}
