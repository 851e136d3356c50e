/* slow.c - the server that slow.mjs lets slow clients loose on. */
#include <mvc.h>

#include <stdio.h>
#include <string.h>

static char page[1 << 20];

static void show(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_static(res, page, sizeof page);
}

static void hello(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "hello");
}

static void take(mvc_req *req, mvc_res *res)
{
    size_t size;
    mvc_body_bytes(req, &size);
    mvc_sendf(res, "%zu bytes", size);
}

static void say_port(void *app)
{
    printf("%u\n", mvc_port(app));
    fflush(stdout);
}

static const mvc_route routes[] = {
    MVC_GET("/", hello),
    MVC_GET("/page", show),
    MVC_POST("/", take),
    {0},
};

int main(void)
{
    /* The defaults, in a fifth of their time. */
    mvc_app *app = mvc_app_new(&(mvc_config){
        .threads = 1,
        .quiet = true,
        .timeouts = {.headers = 2, .body = 4, .keep_alive = 1, .write = 2}});
    if (!app)
        return 2;
    memset(page, 'x', sizeof page);
    mvc_routes(app, routes);
    mvc_after(app, 0.05, say_port, app);
    const int status = mvc_listen(app, "127.0.0.1", 0);
    mvc_app_free(app);
    return status;
}
