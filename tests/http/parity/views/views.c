/* views.c - the application of app.mjs, on libmvc.  Prints its port. */
#include <mvc.h>

#include <json-c/json.h>
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
    mvc_doc *call = json_tokener_parse("{\"call\": \"call\"}");
    mvc_render_with(res, "locals", call);
    json_object_put(call);
}

static void text(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_doc *call = json_tokener_parse("{\"call\": \"text\"}");
    mvc_doc *answer = json_object_new_object();
    char *html = mvc_render_text(res, "locals", call);
    json_object_object_add(answer, "text", json_object_new_string(html));
    json_object_object_add(answer, "after",
                           json_object_get(mvc_local_of(res, "call")));
    mvc_send_json(res, answer);
    json_object_put(answer);
    json_object_put(call);
}

static void missing_text(mvc_req *req, mvc_res *res)
{
    (void)req;
    if (mvc_render_text(res, "nowhere", NULL))
        mvc_send(res, "there is one");
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
    MVC_GET("/text", text),
    MVC_GET("/text-missing", missing_text),
    MVC_GET("/status", status),
    MVC_GET("/view/*name", view),
    MVC_GET("/caught/*name", view),
    MVC_ERRORS("/caught", caught),
    MVC_ERRORS("/text-missing", caught),
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
