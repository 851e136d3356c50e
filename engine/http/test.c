/* test.c - a request through the whole stack, without a socket. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "http/exchange.h"
#include "http/guard.h"
#include "http/server.h"

/* Stands in for a connection: where a suspended request waits. */
typedef struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool suspended;
} waiter;

static void suspend(void *exchange)
{
    waiter *w = ((mvc__exchange *)exchange)->connection;
    pthread_mutex_lock(&w->lock);
    w->suspended = true;
    pthread_mutex_unlock(&w->lock);
}

static void resume(void *exchange)
{
    waiter *w = ((mvc__exchange *)exchange)->connection;
    pthread_mutex_lock(&w->lock);
    w->suspended = false;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static const mvc__driver driver = {suspend, resume};

/* False when nobody resumed the request for `seconds`. */
static bool wait_for(waiter *w, int seconds)
{
    struct timespec until;
    int error = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&w->lock);
    while (w->suspended && error == 0)
        error = pthread_cond_timedwait(&w->changed, &w->lock, &until);
    const bool resumed = !w->suspended;
    pthread_mutex_unlock(&w->lock);
    return resumed;
}

static void add_header(mvc_req *req, const char *name, size_t name_size,
                       const char *value, size_t value_size)
{
    const char *own_name = base_arena_dup(&req->arena, name, name_size);
    const char *own_value = base_arena_dup(&req->arena, value, value_size);
    if (own_name && own_value)
        mvc__req_add_header(req, own_name, name_size, own_value, value_size);
}

static void add_headers(mvc_req *req, const char *text)
{
    while (text && *text) {
        const size_t size = strcspn(text, "\r\n");
        const char *colon = memchr(text, ':', size);
        if (colon) {
            const char *value = colon + 1;
            const char *end = text + size;
            while (value < end && *value == ' ')
                value++;
            add_header(req, text, (size_t)(colon - text), value,
                       (size_t)(end - value));
        }
        text += size;
        text += strspn(text, "\r\n");
    }
}

static bool take_in(mvc_req *req, const mvc_test_request *t)
{
    const char *target = t->path ? t->path : "/";
    const mvc_method method = t->method ? t->method : MVC_GET;
    char *copy = base_arena_dup(&req->arena, target, strlen(target));
    if (!copy || !mvc__req_begin(req, mvc_method_name(method), copy))
        return false;
    req->headers_1_1 = true;
    req->started = mvc_now();
    req->peer_text = t->ip ? t->ip : "127.0.0.1";
    add_headers(req, t->headers);
    if (!mvc__req_header(req, "Host"))
        add_header(req, "Host", 4, "localhost", 9);
    if (t->cookie)
        add_header(req, "Cookie", 6, t->cookie, strlen(t->cookie));
    if (t->body) {
        char length[24];
        const size_t size = t->body_size ? t->body_size : strlen(t->body);
        const char *type = t->content_type
                               ? t->content_type
                               : "application/x-www-form-urlencoded";
        const int n = snprintf(length, sizeof length, "%zu", size);
        if (!mvc__req_header(req, "Content-Type"))
            add_header(req, "Content-Type", 12, type, strlen(type));
        if (!mvc__req_header(req, "Content-Length") &&
            !mvc__req_header(req, "Transfer-Encoding"))
            add_header(req, "Content-Length", 14, length, (size_t)n);
    }
    return true;
}

static void read_all(mvc_req *req, const mvc_test_request *t)
{
    req->body_pending = false;
    mvc__body_begin(req, mvc__chain_foresee(req));
    mvc__body_feed(req, t->body, t->body_size ? t->body_size : strlen(t->body));
    mvc__body_end(req);
}

static void run(mvc__exchange *x, const mvc_test_request *t)
{
    enum { PATIENCE = 30 };
    for (;;) {
        switch (mvc__chain_run(&x->req)) {
        case MVC__DONE:
            return;
        case MVC__NEEDS_BODY:
            read_all(&x->req, t);
            break;
        case MVC__NEEDS_WORKER:
            x->req.on_worker = true;
            break;
        case MVC__WAITS:
            if (!wait_for(x->connection, PATIENCE))
                return;
            break;
        }
    }
}

static void run_request(mvc__exchange *x, const mvc_test_request *t)
{
    mvc_req *req = &x->req;
    const char *why;
    const int refused = mvc__guard(req, &why);
    if (refused) {
        mvc__default_page(
            req, &x->res,
            &(mvc_failure){.status = refused, .message = why, .expose = true});
        return;
    }
    if (t->body && mvc__chain_is_late(req))
        req->body_pending = true;
    else if (t->body)
        read_all(req, t);
    run(x, t);
}

/* Reads what a stream gives until it ends or is silent for a while. */
static void read_stream(mvc__exchange *x, base_buf *out)
{
    const mvc_stream *s = &x->res.stream;
    int64_t n = 0;
    while (base_buf_reserve(out, 32768)) {
        n = s->read(s->data, out->size, out->data + out->size, 32768);
        if (n > 0)
            out->size += (size_t)n;
        else if (n < 0 || !wait_for(x->connection, 1))
            break;
    }
    if (n == 0) /* a channel that stays open */
        resume(x);
}

static void read_body(mvc__exchange *x, base_buf *out)
{
    mvc_res *res = &x->res;
    if (x->req.method == MVC_HEAD)
        return;
    if (res->kind == MVC_BODY_BYTES)
        base_buf_put(out, res->data, res->size);
    else if (res->kind == MVC_BODY_STREAM)
        read_stream(x, out);
    else if (res->kind == MVC_BODY_FILE && base_buf_reserve(out, res->length)) {
        const ssize_t n =
            pread(res->fd, out->data, res->length, (off_t)res->offset);
        out->size = n > 0 ? (size_t)n : 0;
    }
}

static void write_headers(mvc_res *res, base_buf *out)
{
    mvc__res_tag(res);
    for (size_t i = 0; i < res->n_headers; i++)
        if (strcasecmp(res->headers[i].name, "Content-Length") != 0)
            base_buf_printf(out, "%s: %s\r\n", res->headers[i].name,
                            res->headers[i].value);
    const bool has_none = res->status == 204 || res->status == 304;
    if (res->kind != MVC_BODY_STREAM && !has_none)
        base_buf_printf(
            out, "Content-Length: %llu\r\n",
            (unsigned long long)(res->kind == MVC_BODY_FILE    ? res->length
                                 : res->kind == MVC_BODY_BYTES ? res->size
                                                               : 0));
}

mvc_test_response mvc_test(mvc_app *app, const mvc_test_request *request)
{
    static const mvc_test_request plain = {0};
    mvc_test_response response = {0};
    waiter w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    const mvc_test_request *t = request ? request : &plain;
    if (!mvc__app_prepare(app))
        return response;
    mvc__exchange *x = mvc__exchange_new(app);
    if (!x)
        return response;
    x->driver = &driver;
    x->connection = &w;
    base_buf headers = {0}, body = {0};
    if (take_in(&x->req, t)) {
        run_request(x, t);
        write_headers(&x->res, &headers);
        read_body(x, &body);
        x->res.bytes_sent = body.size;
        response.status = x->res.status;
        response.headers = base_buf_take(&headers, NULL);
        response.body = base_buf_take(&body, &response.body_size);
        mvc__run_finish_hooks(x, true);
    }
    mvc__exchange_free(x);
    return response;
}

const char *mvc_test_header(mvc_test_response *response, const char *name)
{
    const size_t size = strlen(name);
    const char *line = response->headers;
    while (line && *line) {
        const size_t length = strcspn(line, "\r");
        if (strncasecmp(line, name, size) == 0 && line[size] == ':') {
            free(response->scratch);
            response->scratch = strndup(line + size + 2, length - size - 2);
            return response->scratch;
        }
        line += length;
        line += *line ? 2 : 0;
    }
    return NULL;
}

void mvc_test_done(mvc_test_response *response)
{
    free(response->headers);
    free(response->body);
    free(response->scratch);
    *response = (mvc_test_response){0};
}
