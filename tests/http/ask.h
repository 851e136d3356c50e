/* ask.h - what each test of the HTTP core begins with. */
#ifndef TESTS_HTTP_ASK_H
#define TESTS_HTTP_ASK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/exchange.h"

/* An app with these routes; the test destroys it. */
static inline mvc_app *app_with(const mvc_route routes[],
                                const mvc_config *config)
{
    mvc_config c = config ? *config : (mvc_config){0};
    c.quiet = true;
    mvc_app *app = mvc__app_create(&c);
    assert_non_null(app);
    if (routes)
        mvc_routes(app, routes);
    return app;
}

/* Asks and checks status and, unless NULL, the body. */
static inline void expect(mvc_app *app, mvc_method method, const char *path,
                          int status, const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = method, .path = path});
    if (r.status != status || (body && strcmp(r.body, body) != 0))
        fail_msg("%s %s: %d instead of %d: %s", mvc_method_name(method), path,
                 r.status, status, r.body);
    mvc_test_done(&r);
}

/* The header's value must be this; NULL: there must be none. */
static inline void header_is(mvc_test_response *r, const char *name,
                             const char *value)
{
    const char *got = mvc_test_header(r, name);
    const char *wanted = value ? value : "(none)";
    if (strcmp(got ? got : "(none)", wanted) != 0)
        fail_msg("%s: %s instead of %s", name, got ? got : "(none)", wanted);
}

static inline void ok(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "ok");
}

/* An app whose one page, behind this middleware, says "ok". */
static inline mvc_app *app_using(mvc_handler handler, const void *options)
{
    mvc_app *app = app_with(NULL, &(mvc_config){.secret = "s"});
    mvc_use_with(app, "/", handler, (void *)(uintptr_t)options, NULL);
    mvc_any(app, "/", ok);
    return app;
}

/* A connection to the app, which listens on 127.0.0.1. */
static inline int dial_app(mvc_app *app)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(mvc_port(app)),
                                        .sin_addr.s_addr =
                                            htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* How many files there are, hidden ones not counted. */
static inline unsigned count_files(const char *folder)
{
    unsigned n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static inline void put_file(const char *folder, const char *name,
                            const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

#endif
