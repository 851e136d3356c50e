/* views.c - the application of app.mjs, on libmvc.  Prints its port. */
#include <mvc.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void set_locals(mvc_req *req, mvc_res *res)
{
    mvc_local_str(res, "res", "res");
    mvc_local_str(res, "call", "res");
    mvc_next(req, res);
}

static void locals(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_local_str(res, "call", "call");
    mvc_render(res, "locals");
}

static void status(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_status(res, 201);
    mvc_set_type(res, "txt");
    mvc_render(res, "bare");
}

static void view(mvc_req *req, mvc_res *res)
{
    mvc_render(res, mvc_param(req, "name"));
}

static void caught(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    static const char missing[] =
        "Failed to lookup view \"nowhere\" in views directories \"";
    const char *message = failure->message;
    mvc_status(res, 503);
    if (strncmp(message, missing, sizeof missing - 1) == 0)
        mvc_send(res, "not found");
    else
        mvc_send(res,
                 mvc_format(req, "%.*s", (int)strcspn(message, ":"), message));
}

static const mvc_route routes[] = {
    MVC_USE("/", set_locals),
    MVC_GET("/locals", locals),
    MVC_GET("/status", status),
    MVC_GET("/view/*name", view),
    MVC_GET("/caught/*name", view),
    MVC_ERRORS("/caught", caught),
    {0},
};

int main(int argc, char **argv)
{
    char first[4096], second[4096];
    const char *folder = argc > 1 ? argv[1] : "public";
    snprintf(first, sizeof first, "%s/../views/first", folder);
    snprintf(second, sizeof second, "%s/../views/second", folder);
    const char *const more[] = {second, NULL};
    mvc_app *app = mvc_app_new(&(mvc_config){
        .threads = 1, .quiet = true, .views = first, .more_views = more});
    if (!app)
        return 1;
    mvc_app_local_str(app, "title", "Views");
    mvc_app_local_str(app, "app", "app");
    mvc_app_local_str(app, "res", "app");
    mvc_app_local_str(app, "call", "app");
    mvc_routes(app, routes);
    if (!mvc_start(app, "127.0.0.1", 0))
        return 1;
    printf("%u\n", mvc_port(app));
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) /* until the parent goes */
        ;
    mvc_app_free(app);
    return 0;
}
