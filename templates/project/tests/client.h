/* client.h - a browser for tests: keeps cookies and the forms' CSRF token. */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include "tests/check.h"

typedef struct client {
    mvc_app *app;
    mvc_test_response res; /* to the last request */
    char cookie[512];
    char token[128];
} client;

static inline client client_new(mvc_app *app)
{
    return (client){.app = app};
}

static inline void client_done(client *c)
{
    mvc_test_done(&c->res);
}

/* The text between `before` and the next `end`, if there is any. */
static inline void client_cut(char *out, size_t size, const char *text,
                              const char *before, char end)
{
    const char *start = text ? strstr(text, before) : NULL;
    if (!start)
        return;
    start += strlen(before);
    const char *stop = strchr(start, end);
    const size_t length = stop ? (size_t)(stop - start) : strlen(start);
    if (length < size) {
        memcpy(out, start, length);
        out[length] = '\0';
    }
}

static inline void client_send(client *c, const mvc_test_request *request)
{
    mvc_test_done(&c->res);
    c->res = mvc_test(c->app, request);
    client_cut(c->cookie, sizeof c->cookie,
               mvc_test_header(&c->res, "Set-Cookie"), "", ';');
    client_cut(c->token, sizeof c->token, c->res.body,
               "name=\"_csrf\" value=\"", '"');
}

static inline void client_get(client *c, const char *path)
{
    client_send(c, &(mvc_test_request){.path = path, .cookie = c->cookie});
}

/* Sends a form without the token. */
static inline void client_post_bare(client *c, const char *path,
                                    const char *form)
{
    client_send(c, &(mvc_test_request){
                       .method = MVC_POST,
                       .path = path,
                       .body = form,
                       .cookie = c->cookie,
                   });
}

static inline void client_post(client *c, const char *path, const char *form)
{
    char body[4096];
    snprintf(body, sizeof body, "_csrf=%s&%s", c->token, form);
    client_post_bare(c, path, body);
}

#endif
