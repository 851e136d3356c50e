/*
 * morgan.c - the server that morgan.mjs asks: one app for each format, whose
 * ports it prints, each logging into a file FOLDER/NUMBER.
 */
#include <mvc/middleware.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void page(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "a page");
}

static void nothing(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "");
}

static void status(mvc_req *req, mvc_res *res)
{
    int64_t code = 0;
    mvc_param_int(req, "code", &code);
    mvc_status(res, (int)code);
    mvc_send(res, "body");
}

static void move(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_add_header(res, "Set-Cookie", "a=1");
    mvc_add_header(res, "Set-Cookie", "b=\"2\"");
    mvc_redirect(res, "/elsewhere");
}

static int64_t read_some(void *data, uint64_t position, char *buffer,
                         size_t max)
{
    (void)data, (void)max;
    if (position >= 3)
        return MVC_STREAM_END;
    buffer[0] = 'x';
    return 1;
}

static void stream(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "text");
    mvc_send_stream(res, &(mvc_stream){.read = read_some, .size = -1});
}

static const mvc_route routes[] = {
    MVC_ANY("/", page),
    MVC_GET("/empty", nothing),
    MVC_GET("/status/:code", status),
    MVC_GET("/move", move),
    MVC_GET("/stream", stream),
    {0},
};

/* morgan.token('shout', ...) */
static const char *shout(mvc_req *req, mvc_res *res, const char *name,
                         const char *argument)
{
    (void)res;
    return strcmp(name, "shout") == 0 && *argument
               ? mvc_format(req, "%s!", argument)
               : NULL;
}

int main(int argc, char **argv)
{
    enum { NAMED = 5, MOST = 20 };
    mvc_logger_options options[MOST];
    mvc_app *apps[MOST];
    const int count = argc - 2; /* named formats, then patterns */
    char path[4096], c;
    for (int i = 0; i < count && i < MOST; i++) {
        apps[i] = mvc_app_new(&(mvc_config){.threads = 1, .quiet = true});
        if (!apps[i] || argc < 2)
            return 1;
        snprintf(path, sizeof path, "%s/%d", argv[1], i);
        mvc_log *log = mvc_log_open(apps[i], &(mvc_log_options){.path = path});
        options[i] = (mvc_logger_options){
            .format = i < NAMED ? (mvc_log_format)(MVC_LOG_COMBINED + i) : 0,
            .pattern = i < NAMED ? NULL : argv[i + 2],
            .token = shout,
            .log = log};
        mvc_use_with(apps[i], "/", mvc_logger, &options[i], NULL);
        mvc_routes(apps[i], routes);
        if (!log || !mvc_start(apps[i], "127.0.0.1", 0))
            return 1;
        printf("%u%s", mvc_port(apps[i]), i + 1 < count ? " " : "\n");
    }
    fflush(stdout);
    while (read(0, &c, 1) > 0) /* until the parent goes */
        ;
    for (int i = 0; i < count; i++)
        mvc_app_free(apps[i]);
    return 0;
}
