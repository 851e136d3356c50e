/*
 * https.c - the server that https.mjs asks: HTTPS, and HTTP that redirects to
 * it.  Prints both ports.
 *
 *   http-https CERTIFICATE KEY FOLDER
 */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <poll.h>
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

/* Both apps; the plain one can only start when the other's port is known. */
typedef struct pair {
    mvc_app *app, *plain;
    bool ok;
} pair;

static void *redirect(void *data)
{
    pair *p = data;
    while (!mvc_port(p->app))
        usleep(1000);
    const mvc_https_options options = {.port = mvc_port(p->app)};
    mvc_use_with(p->plain, "/", mvc_https, (void *)(uintptr_t)&options, NULL);
    mvc_use(p->plain, "/", mvc_helmet);
    p->ok = mvc_start(p->plain, NULL, 0);
    printf("%u %u\n", mvc_port(p->app), mvc_port(p->plain));
    fflush(stdout);
    /* Until the parent goes; ThreadSanitizer lets signals in at poll, not at
     * read. */
    struct pollfd in = {0, POLLIN, 0};
    char c;
    while (poll(&in, 1, -1) < 0 || read(0, &c, 1) > 0)
        ;
    mvc_shutdown(p->plain);
    mvc_stop(p->app);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    pair p = {.app = mvc_app_new(&(mvc_config){.threads = 2,
                                               .quiet = true,
                                               .secret = "s",
                                               .tls_certificate = argv[1],
                                               .tls_key = argv[2]}),
              .plain = mvc_app_new(&(mvc_config){.threads = 1, .quiet = true})};
    pthread_t thread;
    if (!p.app || !p.plain)
        return 1;
    mvc_static(p.app, "/files", argv[3], NULL);
    mvc_routes(p.app, routes);
    if (pthread_create(&thread, NULL, redirect, &p) != 0)
        return 1;
    if (mvc_listen(p.app, NULL, 0) != 0)
        _exit(1); /* the thread waits in vain */
    pthread_join(thread, NULL);
    mvc_app_free(p.plain);
    mvc_app_free(p.app);
    return p.ok ? 0 : 1;
}
