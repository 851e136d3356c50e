/* app.h - where templates, HTTP and models meet. */
#ifndef APP_APP_H
#define APP_APP_H

#include <ejs.h>
#include <mvc.h>

struct json_object;

/* What mvc_app.views points to. */
typedef struct mvc__views_of {
    ejs_engine *engine; /* the application's views */
    ejs_engine *own;    /* the framework's pages */
} mvc__views_of;

/* Sends a view of that engine; false, with nothing sent, when it fails.  `err`
 * may be NULL. */
bool mvc__render_with(ejs_engine *engine, const char *view,
                      struct json_object *locals, mvc_res *res, ejs_error *err);

/* Answers a request that failed: the app's views/errors/, else ours. */
void mvc__error_page(mvc_req *req, mvc_res *res, const mvc_failure *failure);

#endif
