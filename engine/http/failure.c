/* failure.c - the answer to a failure that nobody else has answered. */
#include <stdio.h>
#include <string.h>

#include "http/exchange.h"
#include "http/target.h"

/* A message may quote what was sent: no line of it may look like one of ours,
 * nor move a terminal's cursor. */
static const char *one_line(mvc_req *req, const char *text)
{
    char *copy = base_arena_dup(&req->arena, text, strlen(text));
    for (unsigned char *c = (unsigned char *)copy; c && *c; c++)
        if (*c < 0x20 || *c == 0x7F || (*c == 0xC2 && c[1] < 0xA0))
            *c = '?';
    return copy ? copy : "out of memory";
}

void mvc__report_failure(mvc_req *req, const mvc_failure *f)
{
    if (req->app->config.quiet || f->status < 500)
        return;
    /* One write, so lines of several loops do not mix; controls are escaped
     * by the URL's own encoding. */
    const char *shown = mvc__shown_path(req);
    const bool has_place = f->file && *f->file;
    const char *where = has_place    ? f->file
                        : req->layer ? req->layer->file
                                     : "";
    const int line = has_place ? f->line : req->layer ? req->layer->line : 0;
    /* Rows made while running have no place. */
    const char *place =
        line > 0 ? base_arena_printf(&req->arena, " (%s:%d)", where, line) : "";
    fprintf(stderr, "%s: %d %s %s: %s%s\n", mvc_app_name(req->app), f->status,
            mvc_method_name(req->method), shown, one_line(req, f->message),
            place ? place : "");
}

/* What the client may know. */
static const char *public_message(const mvc_req *req, const mvc_failure *f)
{
    if (req->app->config.development ||
        (f->code && strcmp(f->code, MVC__NO_ROUTE) == 0))
        return f->message;
    const char *reason = mvc_reason(f->status);
    return reason ? reason : "Error";
}

static void plain_page(mvc_req *req, mvc_res *res, const char *message)
{
    const char *shown = mvc__escape_html(&req->arena, message);
    const char *html = base_arena_printf(
        &req->arena,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
        "charset=\"utf-8\">\n"
        "<title>Error</title>\n</head>\n<body>\n<pre>%s</pre>\n</body>\n"
        "</html>\n",
        shown ? shown : "Error");
    mvc__res_put(res, "Content-Security-Policy", "default-src 'none'");
    mvc__res_put(res, "X-Content-Type-Options", "nosniff");
    mvc__res_put(res, "Content-Type", "text/html; charset=utf-8");
    res->no_etag = true;
    mvc_send_static(res, html ? html : "", html ? strlen(html) : 0);
}

void mvc__default_page(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    mvc__report_failure(req, failure);
    res->failed = false;
    res->deferred = false;
    mvc__res_drop_body(res);
    mvc_remove_header(res, "Content-Encoding");
    mvc_remove_header(res, "Content-Language");
    if (failure->status != 416)
        mvc_remove_header(res, "Content-Range");
    mvc_remove_header(res, "Content-Length");
    mvc_remove_header(res, "Content-Type");
    mvc_remove_header(res, "ETag");
    mvc_remove_header(res, "Last-Modified");
    mvc_remove_header(res, "Cache-Control");
    res->status = failure->status;
    if (req->app->error_page)
        req->app->error_page(req, res, failure);
    if (res->answered)
        return;
    /* A page that fails must not bring itself up again. */
    res->failed = false;
    res->status = failure->status;
    plain_page(req, res, public_message(req, failure));
    res->failed = false;
    res->answered = true;
}
