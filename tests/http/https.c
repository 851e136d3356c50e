/*
 * https.c - the server that https.mjs asks: HTTPS, and HTTP that redirects to
 * it.  Prints both ports.
 *
 *   http-https CERTIFICATE KEY FOLDER
 */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void about(mvc_req *req, mvc_res *res)
{
    json_object *o = json_object_new_object();
    json_object_object_add(o, "protocol",
                           json_object_new_string(mvc_protocol(req)));
    json_object_object_add(o, "secure",
                           json_object_new_boolean(mvc_is_secure(req)));
    mvc_send_json(res, o);
    json_object_put(o);
}

static void visit(mvc_req *req, mvc_res *res)
{
    mvc_session_set(req, "name", "ann");
    mvc_send(res, "visited");
}

static void count(mvc_req *req, mvc_res *res)
{
    size_t size;
    mvc_body_bytes(req, &size);
    mvc_set_type(res, "text");
    mvc_sendf(res, "%zu", size);
}

static void *tell(void *data)
{
    mvc_channel *channel = data;
    for (int i = 0; i < 3; i++) {
        usleep(20000);
        mvc_send_event(channel, &(mvc_event){.data = "tick"});
    }
    mvc_channel_close(channel);
    return NULL;
}

static void events(mvc_req *req, mvc_res *res)
{
    pthread_t thread;
    (void)req;
    mvc_channel *channel = mvc_open_events(res);
    if (channel && pthread_create(&thread, NULL, tell, channel) == 0)
        pthread_detach(thread);
}

static void slow(mvc_req *req, mvc_res *res)
{
    (void)req;
    usleep(20000);
    mvc_send(res, "slow");
}

static const mvc_body_options much = {.max = 4 << 20};
static const mvc_route_options takes_much = {.body = &much};

static const mvc_route routes[] = {
    MVC_USE("/", mvc_https, mvc_helmet, mvc_session),
    MVC_GET("/about", about),
    MVC_GET("/visit", visit),
    MVC_ROUTE_WITH(&takes_much, MVC_POST, "/count", count),
    MVC_GET("/events", events),
    MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/slow", slow),
    {0},
};

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    mvc_app *app = mvc_app_new(&(mvc_config){.threads = 1,
                                             .quiet = true,
                                             .secret = "s",
                                             .tls_certificate = argv[1],
                                             .tls_key = argv[2]});
    mvc_app *plain = mvc_app_new(&(mvc_config){.threads = 1, .quiet = true});
    int status = 1;
    if (!app || !plain)
        goto done;
    mvc_static(app, "/files", argv[3], NULL);
    mvc_routes(app, routes);
    if (!mvc_start(app, NULL, 0))
        goto done;
    const mvc_https_options options = {.port = mvc_port(app)};
    mvc_use_with(plain, "/", mvc_https, (void *)(uintptr_t)&options, NULL);
    mvc_use(plain, "/", mvc_helmet);
    if (!mvc_start(plain, NULL, 0))
        goto done;
    printf("%u %u\n", mvc_port(app), mvc_port(plain));
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) /* until the parent goes */
        ;
    status = 0;
done:
    mvc_app_free(plain);
    mvc_app_free(app);
    return status;
}
