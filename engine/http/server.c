/*
 * server.c - the only file that sees <microhttpd.h>: loops, connections, and
 * the way of an exchange through them.
 *
 *   request line ─▶ take an exchange
 *   headers ─▶ guard ─▶ (body chunks) ─▶ chain ─┬─ done ─▶ queue the response
 *                                               ├─ waits ─▶ suspended ─┐
 *                                               ├─ worker ─▶ suspended ┴▶ again
 *                                               └─ body (late) ─▶ chunks ─▶
 * again completed ─▶ finish hooks, exchange back to the loop's pool
 *
 * Answering before the last call of the handler makes the library close the
 * connection, which is what a refused request or body deserves and nothing
 * else does.
 */
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "http/cache.h"
#include "http/guard.h"
#include "http/listen.h"
#include "http/stream.h"
#include "http/timers.h"
#include "http/tls.h"
#include "http/watch.h"
#include "http/workers.h"

enum { STREAM_BLOCK = 32 * 1024, SPARE_EXCHANGES = 64 };

typedef struct loop {
    mvc__server *server;
    struct MHD_Daemon *daemon;
    mvc__exchange *spare;
    unsigned n_spare;
    mvc__cache cache;
    atomic_uint in_flight; /* requests; the loop's thread alone writes it */
    int quiesced; /* its listener, once it accepts no more; 0: none yet */
} loop;

struct mvc__server {
    mvc_app *app;
    loop *loops;
    unsigned n_loops;
    int listener;
    mvc__watch *watch;
    mvc__workers *workers;
    mvc__tls *tls; /* NULL: no HTTPS */
    atomic_bool draining;
};

typedef enum stage {
    FRESH, /* headers are there, nothing looked at */
    BODY,
    RUNNING,
    ENDED, /* a response is on its way */
} stage;

typedef struct connection {
    mvc__connection watched;
    loop *loop;
    struct MHD_Connection *mhd;
    struct sockaddr_storage peer;
    stage stage;
    size_t room; /* in the pool, for the response's head */
    bool suspended;
    bool waits; /* a stream has nothing yet, and will resume */
} connection;

/* waiting and going on --------------------------------------------------------
 */

static void suspend(void *exchange)
{
    connection *c = ((mvc__exchange *)exchange)->connection;
    c->waits = true;
    if (!c->suspended) {
        c->suspended = true;
        MHD_suspend_connection(c->mhd);
    }
}

static void resume(void *exchange)
{
    connection *c = ((mvc__exchange *)exchange)->connection;
    c->suspended = false;
    MHD_resume_connection(c->mhd);
}

static const mvc__driver driver = {suspend, resume};

/* On a worker: the connection is suspended already. */
static void run_on_worker(void *job)
{
    mvc__exchange *x = job;
    x->req.on_worker = true;
    if (mvc__chain_run(&x->req) != MVC__WAITS)
        resume(x); /* it is done, or the loop must read the body */
}

/* exchanges -------------------------------------------------------------------
 */

static void count_in_flight(loop *l, int more)
{
    const unsigned now =
        atomic_load_explicit(&l->in_flight, memory_order_relaxed);
    atomic_store_explicit(&l->in_flight, now + (unsigned)more,
                          memory_order_release);
}

static mvc__exchange *take_exchange(loop *l)
{
    mvc__exchange *x = l->spare;
    if (x) {
        l->spare = x->next;
        l->n_spare--;
        x->next = NULL;
    } else {
        x = mvc__exchange_new(l->server->app);
    }
    if (x)
        x->driver = &driver;
    return x;
}

static void give_back(loop *l, mvc__exchange *x)
{
    if (l->n_spare >= SPARE_EXCHANGES) {
        mvc__exchange_free(x);
        return;
    }
    mvc__exchange_reset(x);
    x->next = l->spare;
    l->spare = x;
    l->n_spare++;
}

void mvc__run_finish_hooks(mvc__exchange *x, bool sent)
{
    mvc__hook *hooks = x->res.hooks;
    x->res.hooks = NULL;
    for (mvc__hook *h = hooks; h; h = h->next)
        if (h->on_finish)
            h->on_finish(&x->req, &x->res, sent, h->data);
}

/* responses -------------------------------------------------------------------
 */

static void add_headers(struct MHD_Response *r, mvc_res *res)
{
    mvc__res_tag(res);
    for (size_t i = 0; i < res->n_headers; i++) {
        const mvc__header *h = &res->headers[i];
        /* The library counts for itself, and minds what we say about it. */
        if (strcasecmp(h->name, "Content-Length") != 0 &&
            strcasecmp(h->name, "Transfer-Encoding") != 0 &&
            strcasecmp(h->name, "Date") != 0)
            MHD_add_response_header(r, h->name, h->value);
    }
    if (res->close)
        MHD_add_response_header(r, "Connection", "close");
}

static ssize_t read_stream(void *data, uint64_t position, char *buffer,
                           size_t max)
{
    mvc__exchange *x = data;
    connection *c = x->connection;
    c->waits = false;
    const int64_t n =
        x->res.stream.read(x->res.stream.data, position, buffer, max);
    if (n > 0) {
        x->res.bytes_sent += (uint64_t)n;
        atomic_fetch_add_explicit(&c->watched.bytes, (unsigned long long)n,
                                  memory_order_relaxed);
    }
    /* Nothing yet, and nobody to wait for: an error, or it would spin. */
    if ((n > 0 && (uint64_t)n <= max) || (n == 0 && c->waits))
        return (ssize_t)n;
    if (n == MVC_STREAM_END)
        return MHD_CONTENT_READER_END_OF_STREAM;
    /* The library forgets to close at once. */
    shutdown(c->watched.fd, SHUT_RDWR);
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static struct MHD_Response *make_stream(mvc__exchange *x)
{
    const int64_t size = x->res.stream.size;
    struct MHD_Response *r = MHD_create_response_from_callback(
        size >= 0 ? (uint64_t)size : MHD_SIZE_UNKNOWN, STREAM_BLOCK,
        read_stream, x, NULL);
    /* To HEAD the library sends the last chunk of none, which a client takes
     * for its next answer: no chunks, then, and no next answer. */
    if (r && size < 0 && x->req.method == MVC_HEAD)
        MHD_set_response_options(r, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                                 MHD_RO_END);
    return r;
}

/* `kept`: a copy of the body for the response to own, or NULL. */
static struct MHD_Response *make_response(mvc__exchange *x, char *kept)
{
    mvc_res *res = &x->res;
    if (kept)
        return MHD_create_response_from_buffer_with_free_callback(res->size,
                                                                  kept, free);
    if (res->kind == MVC_BODY_FILE && res->length > 0) {
        struct MHD_Response *r = MHD_create_response_from_fd_at_offset64(
            res->length, res->fd, res->offset);
        if (r)
            res->fd = -1; /* the response's now */
        return r;
    }
    if (res->kind == MVC_BODY_STREAM)
        return make_stream(x);
    if (res->status == 304 && res->length > 0)
        /* Not sent, but its length is what the answer of 200 would have. */
        return MHD_create_response_from_callback(res->length, 1, read_stream, x,
                                                 NULL);
    /* The bytes live until the exchange is given back, after the sending. */
    const bool any = res->kind == MVC_BODY_BYTES && res->size > 0;
    return MHD_create_response_from_buffer(
        any ? res->size : 0, any ? (void *)(uintptr_t)res->data : NULL,
        MHD_RESPMEM_PERSISTENT);
}

static void destroy_response(void *response)
{
    MHD_destroy_response(response);
}

static uint64_t body_size(const mvc_res *res)
{
    return res->kind == MVC_BODY_FILE    ? res->length
           : res->kind == MVC_BODY_BYTES ? res->size
                                         : 0;
}

/*
 * Whether the answer's head has room in the connection's pool, beside the
 * request's; if not, the library would hang up without a word.
 */
static bool head_fits(const connection *c, const mvc_res *res)
{
    enum { STATUS_LINE_AND_SUCH = 256 };
    size_t size = STATUS_LINE_AND_SUCH;
    for (size_t i = 0; i < res->n_headers; i++)
        size += res->headers[i].name_size + res->headers[i].value_size + 4;
    return size < c->room;
}

/* An error in the answer's place, which middleware has seen go already. */
static void replace_answer(const connection *c, mvc__exchange *x)
{
    mvc_res *res = &x->res;
    const unsigned memory = x->req.app->config.head_memory;
    const bool crowded = c->room < memory / 2;
    for (mvc__hook *h = res->hooks; h; h = h->next)
        h->on_send = NULL;
    res->n_headers = 0;
    res->answered = false;
    const char *why = base_arena_printf(
        &x->req.arena,
        "%s headers are larger than mvc_config.head_memory, %u bytes, allows",
        crowded ? "the request's and the answer's" : "the answer's", memory);
    mvc__default_page(&x->req, res,
                      &(mvc_failure){.status = crowded ? 431 : 500,
                                     .message = why ? why : "out of memory"});
}

static enum MHD_Result queue(connection *c, mvc__exchange *x)
{
    loop *l = c->loop;
    mvc_res *res = &x->res;
    mvc__cache_slot *slot;
    res->close |=
        x->req.body_pending || /* what is to come is not looked at */
        atomic_load_explicit(&l->server->draining, memory_order_relaxed);
    c->stage = ENDED;
    mvc__watch_phase(l->server->watch, &c->watched, MVC__PHASE_WRITE,
                     body_size(res));
    struct MHD_Response *r = mvc__cache_find(&l->cache, res, &slot);
    if (r)
        return MHD_queue_response(c->mhd, (unsigned)res->status, r);
    r = make_response(x, slot ? slot->key : NULL);
    if (!r)
        return MHD_NO;
    add_headers(r, res);
    const enum MHD_Result ok =
        MHD_queue_response(c->mhd, (unsigned)res->status, r);
    if (slot)
        mvc__cache_keep(slot, r);
    else
        MHD_destroy_response(r);
    return ok;
}

/* The least an answer is, where the library has no room left for any. */
static enum MHD_Result hang_up(const connection *c, int status)
{
    char text[128];
    const int n = snprintf(text, sizeof text,
                           "HTTP/1.1 %d %s\r\nConnection: close\r\n"
                           "Content-Length: 0\r\n\r\n",
                           status, mvc_reason(status));
    send(c->watched.fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    return MHD_NO;
}

static enum MHD_Result refuse(connection *c, mvc__exchange *x, int status,
                              const char *why)
{
    enum { LEAST = 768 };
    mvc_res *res = &x->res;
    if (c->room < LEAST && !x->req.is_tls)
        return hang_up(c, status);
    res->status = status;
    res->close = true;
    res->answered = true;
    const char *text =
        base_arena_printf(&x->req.arena, "%s: %s\n", mvc_reason(status), why);
    mvc__res_put(res, "Content-Type", "text/plain; charset=utf-8");
    mvc_replace_bytes(res, (char *)(uintptr_t)(text ? text : why),
                      strlen(text ? text : why), NULL);
    return queue(c, x);
}

/* the way of a request
 * ----------------------------------------------------------- */

/*
 * Whether to let a body come that nobody wants, so that the connection can go
 * on: a small one, unless the client waits for our leave to send it.
 */
static bool is_worth_skipping(const mvc_req *req)
{
    const mvc__header *length = mvc__req_header(req, "Content-Length");
    return length && !mvc__req_header(req, "Expect") &&
           strtoull(length->value, NULL, 10) <= req->app->config.body.max;
}

static enum MHD_Result skip_body(connection *c, mvc__exchange *x)
{
    c->stage = BODY;
    x->req.body_pending = false;
    x->req.body_state = MVC__BODY_REFUSED;
    mvc__watch_phase(c->loop->server->watch, &c->watched, MVC__PHASE_BODY, 0);
    return MHD_YES;
}

static enum MHD_Result run(connection *c, mvc__exchange *x);

/* Has the body sent, which was not until now. */
static enum MHD_Result read_body(connection *c, mvc__exchange *x)
{
    mvc_req *req = &x->req;
    c->stage = BODY;
    req->body_pending = false;
    mvc__watch_phase(c->loop->server->watch, &c->watched, MVC__PHASE_BODY, 0);
    mvc__body_begin(req, mvc__chain_foresee(req));
    if (req->body_state != MVC__BODY_REFUSED)
        return MHD_YES;
    x->res.close = true;
    return run(c, x);
}

static enum MHD_Result run(connection *c, mvc__exchange *x)
{
    mvc__server *s = c->loop->server;
    c->stage = RUNNING;
    if (!x->req.ended_chain) {
        x->req.on_worker = false;
        switch (mvc__chain_run(&x->req)) {
        case MVC__DONE:
            break;
        case MVC__WAITS:
            return MHD_YES;
        case MVC__NEEDS_BODY:
            return read_body(c, x);
        case MVC__NEEDS_WORKER:
            suspend(x);
            if (mvc__workers_submit(s->workers, x))
                return MHD_YES;
            resume(x);
            mvc__default_page(
                &x->req, &x->res,
                &(mvc_failure){.status = 503, .message = "no worker is free"});
            x->req.ended_chain = true;
            return MHD_YES; /* called again, and then it is queued */
        }
    }
    if (x->req.body_pending && is_worth_skipping(&x->req))
        return skip_body(c, x);
    if (!head_fits(c, &x->res))
        replace_answer(c, x);
    return queue(c, x);
}

static enum MHD_Result take_header(void *data, enum MHD_ValueKind kind,
                                   const char *name, size_t name_size,
                                   const char *value, size_t value_size)
{
    (void)kind;
    mvc__req_add_header(data, name, name_size, value ? value : "",
                        value ? value_size : 0);
    return MHD_YES;
}

static bool has_body(const mvc_req *req)
{
    const mvc__header *length = mvc__req_header(req, "Content-Length");
    return (length && strcmp(length->value, "0") != 0) ||
           mvc__req_header(req, "Transfer-Encoding");
}

/* What the library keeps of a header besides its text. */
enum { INDEX = 64 };

/* Cookies are copied and have an index each. */
static size_t size_of_cookies(const mvc__header *h)
{
    size_t size = h->value_size + INDEX;
    for (const char *c = h->value; (c = strchr(c, ';')); c++)
        size += INDEX;
    return size;
}

/*
 * The library's pool holds the request's head, its index and the response's
 * head.  It refuses what does not fit, and just hangs up when the response's
 * head no longer does.  So some of it is kept free.  0: it will do.
 */
static int too_large(connection *c, const mvc_req *req)
{
    enum { LEAST = 1024 };
    const size_t memory = req->app->config.head_memory;
    const size_t target = strlen(req->original_url);
    size_t size = target, kept = 0;
    for (size_t i = 0; i < req->n_headers; i++) {
        const mvc__header *h = &req->headers[i];
        size += h->name_size + h->value_size + 4;
        kept += INDEX;
        if (h->name_size == 6 && strcasecmp(h->name, "Cookie") == 0)
            kept += size_of_cookies(h);
    }
    c->room = size + kept < memory ? memory - size - kept : 0;
    return target > memory / 3 * 2                    ? 414
           : size > memory / 3 * 2 || c->room < LEAST ? 431
                                                      : 0;
}

/* The status to refuse the head with, 0 for none; *why is one sentence. */
static int what_is_wrong(connection *c, const mvc_req *req,
                         const char *version, const char **why)
{
    const int large = too_large(c, req); /* it notes how much room is left */
    const int unsafe = mvc__guard(req, why);
    if (!req->headers_1_1 && strcmp(version, "HTTP/1.0") != 0) {
        *why = "versions are HTTP/1.0 and HTTP/1.1";
        return 505;
    }
    if (!unsafe && large)
        *why = "the request's head is larger than this server takes";
    return unsafe ? unsafe : large;
}

static enum MHD_Result begin(connection *c, mvc__exchange *x,
                             const char *method, const char *version)
{
    mvc_req *req = &x->req;
    mvc__server *s = c->loop->server;
    const char *why;
    req->headers_1_1 = strcmp(version, "HTTP/1.1") == 0;
    req->is_tls = s->tls != NULL;
    req->peer = &c->peer;
    req->started = mvc_now();
    MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, take_header, req);
    if (!mvc__req_begin(req, method, req->original_url))
        return MHD_NO;
    const int wrong = what_is_wrong(c, req, version, &why);
    if (wrong)
        return refuse(c, x, wrong, why);
    mvc__req_trim(req);
    req->body_pending = has_body(req);
    if (req->body_pending && !mvc__chain_is_late(req))
        return read_body(c, x);
    mvc__watch_phase(s->watch, &c->watched, MVC__PHASE_WORK, 0);
    if (req->body_pending)
        return run(c, x);
    c->stage = BODY;
    return MHD_YES;
}

static enum MHD_Result handle(void *data, struct MHD_Connection *mhd,
                              const char *url, const char *method,
                              const char *version, const char *bytes,
                              size_t *size, void **state)
{
    (void)data, (void)mhd, (void)url;
    mvc__exchange *x = *state;
    if (!x)
        return MHD_NO;
    connection *c = x->connection;
    switch (c->stage) {
    case FRESH:
        return begin(c, x, method, version);
    case BODY:
        if (*size > 0) {
            atomic_fetch_add_explicit(&c->watched.bytes, *size,
                                      memory_order_relaxed);
            mvc__body_feed(&x->req, bytes, *size);
            *size = 0;
            return MHD_YES;
        }
        mvc__body_end(&x->req);
        mvc__watch_phase(c->loop->server->watch, &c->watched, MVC__PHASE_WORK,
                         0);
        return run(c, x);
    case RUNNING:
        *size = 0;
        return run(c, x);
    case ENDED:
        break;
    }
    return MHD_YES;
}

/*
 * The library would index the query's parameters, which nobody asks it for: in
 * the connection's own memory, so that a few hundred of them leave no room for
 * an answer and the connection hangs.  `target` lies in that memory, too.
 */
static void hide_query(const char *target)
{
    char *mark = (char *)(uintptr_t)strchr(target, '?');
    if (mark && mark[1])
        mark[1] = '\0';
}

/* The request line has come: `target` is what it says, untouched. */
static void *request_line(void *data, const char *target,
                          struct MHD_Connection *mhd)
{
    loop *l = data;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    connection *c = info ? info->socket_context : NULL;
    mvc__exchange *x = c ? take_exchange(l) : NULL;
    if (!x)
        return NULL;
    x->connection = c;
    c->stage = FRESH;
    x->req.original_url = base_arena_dup(&x->req.arena, target, strlen(target));
    if (!x->req.original_url) {
        mvc__exchange_free(x);
        return NULL;
    }
    count_in_flight(l, 1);
    hide_query(target);
    mvc__watch_head(l->server->watch, &c->watched);
    return x;
}

static void completed(void *data, struct MHD_Connection *mhd, void **state,
                      enum MHD_RequestTerminationCode how)
{
    loop *l = data;
    mvc__exchange *x = *state;
    (void)mhd;
    if (!x)
        return;
    connection *c = x->connection;
    const bool sent = how == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (sent && x->res.kind != MVC_BODY_STREAM)
        x->res.bytes_sent = x->req.method == MVC_HEAD ? 0 : body_size(&x->res);
    mvc__run_finish_hooks(x, sent);
    give_back(l, x);
    *state = NULL;
    mvc__watch_phase(l->server->watch, &c->watched, MVC__PHASE_IDLE, 0);
    count_in_flight(l, -1);
}

static void open_connection(loop *l, struct MHD_Connection *mhd, void **context)
{
    connection *c = calloc(1, sizeof *c);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!c || !fd) {
        free(c);
        return;
    }
    c->loop = l;
    c->mhd = mhd;
    c->watched.fd = fd->connect_fd; /* newer versions have one `fd` for all */
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (peer && peer->client_addr) {
        const struct sockaddr *address = peer->client_addr;
        memcpy(&c->peer, address,
               address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                              : sizeof(struct sockaddr_in));
    }
    mvc__watch_add(l->server->watch, &c->watched);
    mvc__tls_show(l->server->tls); /* the handshake is on this thread */
    *context = c;
}

static void connection_changed(void *data, struct MHD_Connection *mhd,
                               void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    loop *l = data;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        open_connection(l, mhd, context);
    } else if (*context) {
        connection *c = *context;
        mvc__watch_remove(l->server->watch, &c->watched);
        free(c);
        *context = NULL;
    }
}

/* starting
 * --------------------------------------------------------------------- */

/* Escapes stay: the target is decoded by us, after it was split. */
static size_t keep_escapes(void *data, struct MHD_Connection *mhd, char *text)
{
    (void)data, (void)mhd;
    return strlen(text);
}

static unsigned count_cores(void)
{
    cpu_set_t set;
    const int n =
        sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (unsigned)n : 1;
}

/* Newer versions of the library have a strictness of their own. */
#if MHD_VERSION >= 0x00097701
#define STRICTNESS                                                             \
    {                                                                          \
        MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, NULL                              \
    }
#else
#define STRICTNESS                                                             \
    {                                                                          \
        MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL                                  \
    }
#endif

static bool start_loop(mvc__server *s, loop *l)
{
    const mvc_config *config = &s->app->config;
    const bool tls = s->tls != NULL;
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, config->head_memory, NULL},
        {MHD_OPTION_CONNECTION_LIMIT,
         (config->max_connections + s->n_loops - 1) / s->n_loops, NULL},
        STRICTNESS,
        {tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, 0,
         (void *)(uintptr_t)mvc__tls_priorities},
        {MHD_OPTION_END, 0, NULL}};
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO |
                           MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0);
    const int fd = fcntl(s->listener, F_DUPFD_CLOEXEC, 0);
    l->server = s;
    l->cache.free_response = destroy_response;
    if (fd < 0)
        return false;
    l->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, l, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_URI_LOG_CALLBACK, request_line, l,
        MHD_OPTION_NOTIFY_COMPLETED, completed, l, MHD_OPTION_NOTIFY_CONNECTION,
        connection_changed, l, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_ARRAY, options,
        tls ? MHD_OPTION_HTTPS_CERT_CALLBACK : MHD_OPTION_END, mvc__tls_choose,
        MHD_OPTION_END);
    if (!l->daemon)
        close(fd);
    return l->daemon != NULL;
}

static void free_loop(loop *l)
{
    while (l->spare) {
        mvc__exchange *x = l->spare;
        l->spare = x->next;
        mvc__exchange_free(x);
    }
    mvc__cache_free(&l->cache);
    if (l->quiesced > 0)
        close(l->quiesced);
}

static void free_server(mvc__server *s)
{
    for (unsigned i = 0; i < s->n_loops && s->loops; i++)
        if (s->loops[i].daemon)
            MHD_stop_daemon(s->loops[i].daemon);
    mvc__workers_free(s->workers);
    mvc__watch_free(s->watch);
    for (unsigned i = 0; i < s->n_loops && s->loops; i++)
        free_loop(&s->loops[i]);
    if (s->listener >= 0)
        close(s->listener);
    mvc__tls_free(s->tls);
    free(s->loops);
    free(s);
}

/* Their threads take no signals: those are the program's, and a file or a pipe
 * that takes no more is an error like any other, not the end. */
static bool start_loops(mvc__server *s)
{
    sigset_t all, before;
    unsigned n = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n < s->n_loops && start_loop(s, &s->loops[n]))
        n++;
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (n < s->n_loops)
        fprintf(stderr, "mvc: the event loop does not start: %s\n",
                strerror(error));
    return n == s->n_loops;
}

static bool open_tls(mvc__server *s)
{
    const mvc_config *config = &s->app->config;
    if (!config->tls_certificate && !config->tls_key)
        return true;
    s->tls = mvc__tls_open(config->tls_certificate, config->tls_key);
    return s->tls != NULL;
}

bool mvc_reload_certificate(mvc_app *app)
{
    mvc__server *s = app->server;
    return !s || !s->tls || mvc__tls_reload(s->tls);
}

bool mvc_start(mvc_app *app, const char *host, uint16_t port)
{
    if (app->server || !mvc__app_prepare(app))
        return false;
    mvc__server *s = calloc(1, sizeof *s);
    if (!s)
        return false;
    const mvc_config *config = &app->config;
    s->app = app;
    s->n_loops = config->threads ? config->threads : count_cores();
    s->listener = mvc__listen_socket(host, port, &port);
    s->loops = calloc(s->n_loops, sizeof *s->loops);
    s->watch = mvc__watch_new(&config->timeouts);
    s->workers = mvc__workers_new(config->workers, run_on_worker);
    atomic_store(&app->channels.ending, false);
    if (s->listener < 0 || !s->loops || !s->watch || !s->workers ||
        !open_tls(s) || !start_loops(s)) {
        free_server(s);
        return false;
    }
    app->server = s;
    atomic_store(&app->port, port);
    return true;
}

uint16_t mvc_port(const mvc_app *app)
{
    return (uint16_t)atomic_load(&app->port);
}

/* stopping
 * --------------------------------------------------------------------- */

static void sleep_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static unsigned in_flight(mvc__server *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->n_loops; i++)
        n += atomic_load_explicit(&s->loops[i].in_flight, memory_order_acquire);
    return n;
}

/*
 * Waits until nothing is in flight; false when handlers are still at work after
 * the deadline.  Who has not sent its request until then, or not taken its
 * answer, is cut off.
 */
static bool drain(mvc__server *s)
{
    const double limit = s->app->config.timeouts.stop, grace = 1;
    const uint64_t start = mvc_now();
    for (;;) {
        const double seconds = (double)(mvc_now() - start) / 1e9;
        const bool late = limit >= 0 && seconds > limit;
        mvc__watch_close(s->watch, late);
        mvc__channels_end(s->app);
        if (in_flight(s) == 0)
            return true;
        if (late && seconds > limit + grace)
            return false;
        sleep_ms(10);
    }
}

void mvc_shutdown(mvc_app *app)
{
    mvc__server *s = app->server;
    if (!s)
        return;
    atomic_store(&s->draining, true);
    for (unsigned i = 0; i < s->n_loops; i++) {
        /* The loop may still be about to forget it: closed at the end. */
        s->loops[i].quiesced = MHD_quiesce_daemon(s->loops[i].daemon);
    }
    shutdown(s->listener, SHUT_RDWR); /* who comes now is refused */
    const bool drained = drain(s);
    app->server = NULL;
    atomic_store(&app->port, 0);
    /*
     * Handlers that are still at work use their exchanges and connections, and
     * cannot be stopped; what they use is left to the end of the process.
     */
    if (drained) {
        free_server(s);
        return;
    }
    app->abandoned = true;
    fprintf(stderr, "mvc: %u requests did not end in time\n", in_flight(s));
}

void mvc_stop(mvc_app *app)
{
    const uint64_t one = 1;
    if (write(app->stop_event, &one, sizeof one) < 0)
        return; /* it has been told already */
}

static int wait_for_stop(mvc_app *app, int signals)
{
    struct pollfd fds[] = {{signals, POLLIN, 0}, {app->stop_event, POLLIN, 0}};
    for (;;) {
        struct signalfd_siginfo info;
        uint64_t told;
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (fds[1].revents)
            return read(app->stop_event, &told, sizeof told) > 0 ? 0 : 1;
        if (!fds[0].revents || read(signals, &info, sizeof info) <= 0)
            continue;
        if (info.ssi_signo != SIGHUP)
            return 0;
        mvc_reload_certificate(app);
        for (const mvc__closer *c = app->hangups; c; c = c->next)
            c->call(c->data);
    }
}

/* signals ---------------------------------------------------------------------
 */

static const int heeded[] = {SIGTERM, SIGINT, SIGHUP};
enum { N_HEEDED = sizeof heeded / sizeof heeded[0] };

/* What was set before mvc_listen(), to be put back. */
typedef struct signals {
    sigset_t mask;
    struct sigaction actions[N_HEEDED];
    int fd; /* tells of them */
} signals;

static pthread_t heeding;

/* A thread that the program began earlier does not block them, and got it. */
static void pass_on(int number)
{
    const int error = errno;
    pthread_kill(heeding, number);
    errno = error;
}

static void heed(signals *s)
{
    const struct sigaction action = {.sa_handler = pass_on,
                                     .sa_flags = SA_RESTART};
    sigset_t set;
    sigemptyset(&set);
    heeding = pthread_self();
    for (int i = 0; i < N_HEEDED; i++) {
        sigaction(heeded[i], NULL, &s->actions[i]);
        /* A shell has what runs in the background ignore its ^C. */
        if (heeded[i] != SIGINT || s->actions[i].sa_handler != SIG_IGN)
            sigaddset(&set, heeded[i]);
    }
    /* First: what this thread passed on to itself would come again and again.
     */
    pthread_sigmask(SIG_BLOCK, &set, &s->mask);
    for (int i = 0; i < N_HEEDED; i++)
        if (sigismember(&set, heeded[i]))
            sigaction(heeded[i], &action, NULL);
    s->fd = signalfd(-1, &set, SFD_CLOEXEC);
}

static void heed_no_more(signals *s)
{
    for (int i = 0; i < N_HEEDED; i++)
        sigaction(heeded[i], &s->actions[i], NULL);
    if (s->fd >= 0)
        close(s->fd);
    pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
}

int mvc_listen(mvc_app *app, const char *host, uint16_t port)
{
    signals s;
    heed(&s);
    int status = 1;
    if (s.fd >= 0 && mvc_start(app, host, port)) {
        if (!app->config.quiet)
            fprintf(stderr, "%s listens on %s://%s%s%s:%u\n", app->config.name,
                    app->config.tls_certificate ? "https" : "http",
                    host && strchr(host, ':') ? "[" : "",
                    host ? host : "localhost",
                    host && strchr(host, ':') ? "]" : "", mvc_port(app));
        status = wait_for_stop(app, s.fd);
        mvc_shutdown(app);
    }
    heed_no_more(&s);
    return status;
}
