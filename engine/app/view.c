/* view.c - mvc_render: a view of the application as the response. */
#include "app/app.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "http/exchange.h"

/* The page lies in the request, which outlives the response. */
static void stays(void *html)
{
    (void)html;
}

/* The template's file and line reach the error page; the client of a production
 * server sees none of it. */
static void fail(mvc_res *res, const ejs_error *err)
{
    mvc_req *req = res->req;
    const bool missing = err->status == EJS_NOT_FOUND && !err->line;
    mvc_fail_with(
        req, res,
        &(mvc_failure){
            .status = 500,
            .message =
                missing ? err->summary
                        : mvc_format(req, "%s: %s%s%s", err->name, err->summary,
                                     *err->hint ? "; " : "", err->hint),
            .file = mvc_format(req, "%s", err->file),
            .line = err->line,
            .column = err->column,
            .detail = mvc_format(req, "%s", err->message),
        });
}

bool mvc__render_with(ejs_engine *engine, const char *view,
                      struct json_object *locals, mvc_res *res, ejs_error *err)
{
    base_buf *page = &res->req->page;
    if (res->answered)
        return true; /* from those bytes, perhaps */
    ejs_buffer html = {page->data, 0, page->capacity};
    ejs_template *tpl = ejs_load(engine, view, err);
    const bool ok = tpl && ejs_render_into(tpl, locals, &html, err);
    *page = (base_buf){html.data, html.size, html.capacity, false};
    if (ok)
        mvc__send_html(res, html.data, html.size, stays);
    ejs_template_free(tpl);
    return ok;
}

/* A view is below the views, wherever its name comes from. */
static const char *below(const char *view)
{
    return view + strspn(view, "/");
}

/* What the call says over what the response does; NULL has failed it. */
static struct json_object *merged(mvc_res *res, mvc_doc *call)
{
    struct json_object *locals = mvc__res_locals(res);
    if (!locals || !json_object_is_type(call, json_type_object))
        return json_object_get(locals);
    struct json_object *all = json_object_new_object();
    if (!all) {
        mvc__fail_code(res->req, 500, NULL, "out of memory");
        return NULL;
    }
    json_object_object_foreach(locals, name, value)
    {
        json_object_object_add(all, name, json_object_get(value));
    }
    json_object_object_foreach(call, own, other)
    {
        json_object_object_add(all, own, json_object_get(other));
    }
    return all;
}

void mvc_render_with(mvc_res *res, const char *view, mvc_doc *call)
{
    mvc__views_of *views = res->req->app->views;
    ejs_error err; /* large, and filled in when there is one */
    struct json_object *locals = merged(res, call);
    if (locals &&
        !mvc__render_with(views->engine, below(view), locals, res, &err))
        fail(res, &err);
    json_object_put(locals);
}

void mvc_render(mvc_res *res, const char *view)
{
    mvc_render_with(res, view, NULL);
}

char *mvc_render_text(mvc_res *res, const char *view, mvc_doc *call)
{
    mvc_req *req = res->req;
    mvc__views_of *views = req->app->views;
    ejs_error err;
    ejs_buffer html = {0};
    char *text = NULL;
    struct json_object *locals = merged(res, call);
    ejs_template *tpl =
        locals ? ejs_load(views->engine, below(view), &err) : NULL;
    if (tpl && ejs_render_into(tpl, locals, &html, &err)) {
        text =
            base_arena_dup(&req->arena, html.data ? html.data : "", html.size);
        if (!text)
            mvc__fail_code(req, 500, NULL, "out of memory");
    } else if (locals) {
        fail(res, &err);
    }
    ejs_template_free(tpl);
    free(html.data);
    json_object_put(locals);
    return text;
}
