/*
 * exchange.h - one request, its response, and the app they belong to.
 *
 * An exchange is taken from its loop's pool when a request line has come and
 * goes back once the response is sent.  All it needs lies in its arena.
 *
 * Who touches it when: the loop's thread reads headers and body, then runs the
 * chain; a blocking or deferred handler gets the exchange for itself until it
 * is woken again (`parties`), and only then does the loop go on with it.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <mvc.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/router.h"

struct json_object;

/* app ---------------------------------------------------------------------- */

typedef struct mvc__named {
    const char *name;
    void *value;
    struct mvc__named *next;
} mvc__named;

typedef struct mvc__closer {
    void (*call)(void *data);
    void *data;
    struct mvc__closer *next;
} mvc__closer;

typedef struct mvc__server mvc__server;
typedef struct mvc__timers mvc__timers;
typedef struct mvc__trust mvc__trust;

/* Channels that are open, of all responses. */
typedef struct mvc__channels {
    pthread_mutex_t lock;
    mvc_channel *first;
    atomic_bool ending; /* the server stops: so shall they */
} mvc__channels;

struct mvc_app {
    mvc_config config; /* with every default filled in */
    base_arena arena;
    mvc_router *root;
    mvc__trust *trust;
    const char **secrets; /* today's first; NULL-ended */
    mvc__server *server;
    atomic_uint port; /* it listens on; 0: it does not */
    int stop_event;   /* what mvc_stop() writes to */
    mvc__timers *timers;
    struct json_object *locals;
    mvc__named *values;
    mvc__closer *closers;
    mvc__channels channels;
    mvc__closer *hangups; /* what SIGHUP calls, in order */
    bool out_of_memory;
    bool abandoned; /* handlers are still at work after the last deadline */

    /* Set by the floor above; NULL: none. */
    void (*error_page)(mvc_req *req, mvc_res *res, const mvc_failure *failure);
    void (*request_done)(mvc_req *req); /* frees what was made on demand */
    void *views, *models;
};

/* The part of mvc_app_new() that knows of no views and no databases. */
mvc_app *mvc__app_create(const mvc_config *config);
void mvc__app_destroy(mvc_app *app);
bool mvc__app_prepare(mvc_app *app); /* compiles the routes, reports */

/* Whether `address` may tell us, by header, whom it speaks for. */
mvc__trust *mvc__trust_parse(const char *text, base_arena *arena);
bool mvc__is_trusted(const mvc__trust *trust, const char *address,
                     unsigned hop);

/* request ------------------------------------------------------------------ */

typedef struct mvc__header {
    const char *name, *value; /* NUL-terminated */
    size_t name_size, value_size;
} mvc__header;

typedef struct mvc__param {
    const char *name;
    const char *value;        /* decoded */
    const char *const *parts; /* of a wildcard */
    size_t n_parts;
    struct mvc__param *next;
} mvc__param;

typedef struct mvc__attached {
    const void *key;
    void *value;
    void (*free_value)(void *value);
    struct mvc__attached *next;
} mvc__attached;

typedef enum mvc__action {
    MVC__NOTHING,
    MVC__NEXT,
    MVC__NEXT_ROUTE,
    MVC__NEXT_ROUTER,
    MVC__AGAIN, /* the same handler, once the body is there */
    MVC__FAILED,
} mvc__action;

/* A router at work; see chain.c. */
typedef struct mvc__frame mvc__frame;

typedef struct mvc__multipart mvc__multipart;

typedef enum mvc__body_state {
    MVC__BODY_UNREAD, /* or there is none */
    MVC__BODY_READ,
    MVC__BODY_REFUSED, /* `body_failure` says why */
} mvc__body_state;

struct mvc_req {
    mvc_app *app;
    mvc_res *res;
    base_arena arena; /* of the response, too */

    mvc_method method;
    const char *method_text, *original_method;
    const char *original_url; /* the raw target */
    const char *path;         /* raw, below the mount */
    const char *query;        /* raw, without '?'; or NULL */
    const char *base_url;
    mvc__header *headers;
    size_t n_headers;
    uint64_t names;   /* mvc__name_bit of each header */
    bool headers_1_1; /* HTTP/1.1, not 1.0 */
    bool is_tls;
    const struct sockaddr_storage *peer; /* the connection's */
    const char *peer_text;               /* instead, when not NULL */
    uint64_t started;

    base_buf page; /* of a view; as `body`, kept for the next request */
    base_buf body;
    struct json_object *spare_locals; /* empty, for the response's */
    mvc__body_state body_state;
    bool body_pending;  /* not asked for yet; see mvc__chain_is_late() */
    bool awaits_body;   /* a handler has asked */
    const char *target; /* the path that was asked for, before any mount */
    size_t body_limit;  /* of the bytes as they come */
    mvc_failure body_failure;
    const mvc_body_options *body_options;
    const mvc_upload *upload;
    mvc__multipart *multipart;
    bool (*allow_files)(mvc_req *req, mvc_doc *fields);
    struct json_object *body_doc, *query_doc;
    const char *inflated;
    size_t inflated_size;
    bool body_parsed, is_inflated, cookies_parsed;
    mvc__param *cookies;

    mvc__frame *frame;
    const mvc__layer *layer; /* whose handler runs */
    const mvc__layer *route; /* the last route met */
    mvc__param *params;
    const mvc__param *route_params; /* of `route` */
    mvc__action action;
    bool started_chain, ended_chain, on_worker, in_error_handler;
    const mvc_failure *handling; /* what the error handlers are dealing with */
    bool answer_allow;           /* OPTIONS, or 405 wanted */
    uint64_t allowed;            /* methods of routes whose path matched */

    mvc__attached *attached;
    mvc_db *db;
};

/* response ----------------------------------------------------------------- */

typedef struct mvc__hook {
    mvc_send_hook on_send;
    mvc_finish_hook on_finish;
    void *data;
    struct mvc__hook *next;
} mvc__hook;

struct mvc_res {
    mvc_req *req;
    int status;
    mvc__header *headers;
    size_t n_headers, max_headers;

    mvc_body_kind kind;
    const char *data; /* MVC_BODY_BYTES */
    size_t size;
    void (*free_data)(void *data);
    int fd; /* MVC_BODY_FILE */
    uint64_t offset, length;
    mvc_stream stream; /* MVC_BODY_STREAM */

    bool tag_due;  /* the bytes have an ETag, made when it is looked at */
    bool answered; /* something was sent */
    bool failed;   /* `failure` waits for the error handlers */
    bool deferred; /* the handler has returned or will, without an answer */
    bool close;    /* end the connection after this response */
    bool no_etag;  /* of this body */
    mvc_failure failure;
    atomic_int parties; /* who still has to come before the chain goes on */

    mvc__hook *hooks;
    struct json_object *locals; /* their keys lie in the arena */
    uint64_t bytes_sent;
};

/* How the chain asks whoever drives it to wait and to go on. */
typedef struct mvc__driver {
    void (*suspend)(void *exchange);
    void (*resume)(void *exchange);
} mvc__driver;

typedef struct mvc__exchange {
    mvc_req req; /* first: a request is its exchange */
    mvc_res res;
    const mvc__driver *driver;
    void *connection; /* the driver's */
    struct mvc__exchange *next;
} mvc__exchange;

mvc__exchange *mvc__exchange_new(mvc_app *app);
/* Ready for the next request; frees all that belongs to this one. */
void mvc__exchange_reset(mvc__exchange *x);
void mvc__exchange_free(mvc__exchange *x);

/* Takes "GET" and the raw target; false when the target is not to be had. */
bool mvc__req_begin(mvc_req *req, const char *method, const char *target);
void mvc__req_add_header(mvc_req *req, const char *name, size_t name_size,
                         const char *value, size_t value_size);
/* Takes the blanks behind values off; for the guard they are still there. */
void mvc__req_trim(mvc_req *req);

const mvc__header *mvc__req_find_header(const mvc_req *req, const char *name,
                                        size_t size);

/* One of 64, by first letter and length: most headers asked for are not there,
 * which is then seen at once. */
static inline uint64_t mvc__name_bit(const char *name, size_t size)
{
    return UINT64_C(1) << (((unsigned)name[0] % 32 + 7 * size) % 64);
}

static inline const mvc__header *mvc__req_header(const mvc_req *req,
                                                 const char *name)
{
    const size_t size = strlen(name);
    return req->names & mvc__name_bit(name, size)
               ? mvc__req_find_header(req, name, size)
               : NULL;
}

mvc_method mvc__method_parse(const char *text);

/* How much the client likes an encoding, 0 to 1; 0: not at all. */
double mvc__encoding_quality(const mvc_req *req, const char *name);

/* The failure a request has; takes the status' name when format is NULL. */
void mvc__fail_code(mvc_req *req, int status, const char *code,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* chain -------------------------------------------------------------------- */

typedef enum mvc__outcome {
    MVC__DONE,        /* the response is ready to be sent */
    MVC__WAITS,       /* suspended; resume will be called */
    MVC__NEEDS_BODY,  /* read it, with body_pending off, then run again */
    MVC__NEEDS_WORKER /* run again on a worker, suspended */
} mvc__outcome;

/* Runs handlers until there is an answer, or somebody has to wait. */
mvc__outcome mvc__chain_run(mvc_req *req);

/* Called by whatever ends a deferred handler's part. */
void mvc__chain_wake(mvc_req *req);

/* Finds the route the request will likely come to, before its body is read. */
const mvc__layer *mvc__chain_foresee(mvc_req *req);

/*
 * Whether the chain runs before the body is read, up to where it is asked for:
 * uploads, and bodies of which a route takes more than others do, may be large,
 * and who may not send one is told so at once.
 */
bool mvc__chain_is_late(mvc_req *req);

/* The failure code of a request that no route is for. */
#define MVC__NO_ROUTE "route.not.found"

/* To stderr: what the program has done wrong. */
void mvc__report_failure(mvc_req *req, const mvc_failure *failure);

/* The answer when nobody else gave one: chain -> app's page -> plain text. */
void mvc__default_page(mvc_req *req, mvc_res *res, const mvc_failure *failure);

/* response, to the server ---------------------------------------------------
 */

const mvc__header *mvc__res_find_header(const mvc_res *res, const char *name,
                                        size_t size);

static inline const mvc__header *mvc__res_header(const mvc_res *res,
                                                 const char *name)
{
    return mvc__res_find_header(res, name, strlen(name));
}

/* Sets a header that needs no checks; `value` is not copied. */
void mvc__res_put(mvc_res *res, const char *name, const char *value);

/* Adds the ETag that is due, if one is. */
void mvc__res_tag(mvc_res *res);

/* The answer is known: hooks, freshness, what a status forbids. */
void mvc__res_answer(mvc_res *res);

/* What Content-Length says, or would; false when there is none. */
bool mvc__res_length(const mvc_res *res, uint64_t *length);

/* Forgets an answer that has not gone out, keeping headers. */
void mvc__res_drop_body(mvc_res *res);

/* Locals of this response over those of the app; made when first asked for. */
struct json_object *mvc__res_locals(mvc_res *res);

/* HTML from a view, handed over: malloc'd, or with its own free_data. */
void mvc__send_html(mvc_res *res, char *html, size_t size,
                    void (*free_data)(void *data));

/* body --------------------------------------------------------------------- */

/* Before the body: what to do with it, by route and headers. */
void mvc__body_begin(mvc_req *req, const mvc__layer *route);
void mvc__body_feed(mvc_req *req, const char *data, size_t size);
void mvc__body_end(mvc_req *req);

#endif
