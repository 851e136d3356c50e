/* app.c - what is measured: libmvc with one loop, and views compiled to C. */
#include <mvc.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern const struct ejs_unit *const views[];

static json_object *posts;

static void hello(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "Hello, World!");
}

static void page(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_local(res, "posts", posts);
    mvc_local_str(res, "title", "The blog");
    mvc_render(res, "page");
}

/* The same with other bytes each time. */
static void fresh(mvc_req *req, mvc_res *res)
{
    static unsigned n;
    char title[32];
    (void)req;
    snprintf(title, sizeof title, "The blog %u", ++n);
    mvc_local(res, "posts", posts);
    mvc_local_str(res, "title", title);
    mvc_render(res, "page");
}

static void item(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_param(req, "id"));
}

static void wait_a_second(mvc_req *req, mvc_res *res)
{
    (void)req;
    nanosleep(&(struct timespec){1, 0}, NULL);
    mvc_send(res, "done");
}

static const mvc_route routes[] = {
    MVC_GET("/", hello),
    MVC_GET("/page", page),
    MVC_GET("/fresh", fresh),
    MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/wait", wait_a_second),
    {0},
};

/* PORT DATA [ROUTES]: that many routes besides; the last is /section/x/last. */
int main(int argc, char **argv)
{
    posts = argc > 2 ? json_object_from_file(argv[2]) : NULL;
    const int n = argc > 3 ? atoi(argv[3]) : 10;
    mvc_app *app = mvc_app_new(&(mvc_config){
        .threads = 1,
        .quiet = true,
        .units = views,
        .views = ".",
        .head_memory = 4096, /* as raw.c's pool */
    });
    if (!posts || !app)
        return 2;
    mvc_routes(app, routes);
    for (int i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof path, "/section%d/:id/item%d", i % 50, i);
        mvc_get(app, path, item);
    }
    mvc_get(app, "/section/:id/last", item);
    const int status = mvc_listen(app, "127.0.0.1", (uint16_t)atoi(argv[1]));
    mvc_app_free(app);
    json_object_put(posts);
    return status;
}
