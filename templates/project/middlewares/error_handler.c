/* error_handler.c - answers for requests that failed. */
#include "middlewares/error_handler.h"

#include <string.h>

static bool wants_json(mvc_req *req)
{
    const char *type = mvc_accepts(req, (const char *[]){"html", "json", NULL});
    return type && strcmp(type, "json") == 0;
}

/* In development the framework's own page tells more. */
void error_handler(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    if (mvc_is_development(mvc_app_of(req)) || wants_json(req)) {
        mvc_pass(req, res);
        return;
    }
    const char *reason = mvc_reason(failure->status);
    mvc_status(res, failure->status);
    mvc_local_int(res, "status", failure->status);
    mvc_local_str(res, "title", reason ? reason : "Error");
    mvc_local_str(res, "message",
                  failure->expose ? failure->message
                                  : "Something went wrong on our side.");
    mvc_render(res, "errors/error");
}
