/*
 * mvc.h - the framework: applications, routes, requests and responses.
 *
 * A handler reads from `req`, writes to `res` and returns nothing:
 *
 *     static void posts_show(mvc_req *req, mvc_res *res)
 *     {
 *         mvc_doc *post = mvc_find_by_id(mvc_db_of(req), &post_model,
 *                                        mvc_param(req, "id"), NULL);
 *         if (!post) {
 *             mvc_fail(req, res, 404, "no such post");
 *             return;
 *         }
 *         mvc_local(res, "post", post);
 *         mvc_render(res, "posts/show");
 *     }
 *
 *     static const mvc_route routes[] = {
 *         MVC_GET("/posts/:id", posts_show),
 *         MVC_POST("/posts", require_login, posts_create),
 *         {0},
 *     };
 *
 *     int main(void)
 *     {
 *         mvc_app *app = mvc_app_new(&(mvc_config){.views = "views"});
 *         mvc_static(app, "/", "public", NULL);
 *         mvc_routes(app, routes);
 *         const int status = mvc_listen(app, NULL, 3000);
 *         mvc_app_free(app);
 *         return status;
 *     }
 *
 * Ownership, everywhere below: a handler frees nothing.  What it gets from a
 * request or a response belongs to that and goes once the response is sent;
 * what it passes in is copied, unless a comment says otherwise.
 *
 * Errors: a response remembers its first failure.  Sending after that does
 * nothing, and the error handlers answer once the handler has returned; so a
 * handler need not check each step.
 *
 * Threads: handlers run on an event loop's thread and must not wait.  One that
 * does is registered as blocking and runs on a pool of workers.  A request and
 * its response belong to one thread at a time.
 *
 * Options are structs to be filled with designated initialisers; a member left
 * zero, or a NULL pointer to the whole, means what Express 5 does by default.
 */
#ifndef MVC_H
#define MVC_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mvc/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A shared build of the library exports what is declared here. */
#pragma GCC visibility push(default)

struct ejs_engine;
struct ejs_unit;

typedef struct mvc_app mvc_app;
typedef struct mvc_router mvc_router;
typedef struct mvc_req mvc_req;
typedef struct mvc_res mvc_res;

/* One type for controllers and middleware alike. */
typedef void (*mvc_handler)(mvc_req *req, mvc_res *res);

/* failures ---------------------------------------------------------------- */

/* What an error handler is told.  Lives as long as the request. */
typedef struct mvc_failure {
    int status;          /* 400 to 599 */
    const char *message; /* one sentence */
    const char *code;    /* "entity.too.large", "LIMIT_FILE_SIZE", or NULL */
    bool expose;        /* the client may read the message; below 500 by rule */
    const char *file;   /* where: a template or a C file, or NULL */
    int line, column;   /* 0: unknown */
    const char *detail; /* more lines, for development: an excerpt; or NULL */
} mvc_failure;

/*
 * Answers for a handler that failed.  mvc_next() goes on with the handlers
 * after this one as if nothing had happened; mvc_pass() asks the next error
 * handler; calling neither and sending nothing shows the error page.
 */
typedef void (*mvc_error_handler)(mvc_req *req, mvc_res *res,
                                  const mvc_failure *failure);

/* Called for each value of a named parameter; then mvc_next() or mvc_fail(). */
typedef void (*mvc_param_handler)(mvc_req *req, mvc_res *res, const char *name,
                                  const char *value);

/* application ------------------------------------------------------------- */

typedef enum mvc_query_mode {
    MVC_QUERY_SIMPLE,   /* a=1&a=2 -> ["1","2"]; a[b] is a plain name */
    MVC_QUERY_EXTENDED, /* qs: a[b]=1 -> {"a":{"b":"1"}} */
    MVC_QUERY_OFF,
} mvc_query_mode;

typedef enum mvc_etag_mode {
    MVC_ETAG_WEAK,
    MVC_ETAG_STRONG,
    MVC_ETAG_OFF,
} mvc_etag_mode;

/* How bodies are read.  Zero is body-parser's default, each time. */
typedef struct mvc_body_options {
    size_t max;              /* bytes after inflating; 0: 100 KiB */
    bool extended;           /* urlencoded forms may nest: a[b]=1 */
    unsigned max_parameters; /* of a form; 0: 1000 */
    unsigned max_depth;      /* of a form's names or of JSON; 0: 32 */
    bool not_strict;         /* JSON may be any value, not only {} and [] */
    bool no_inflate;         /* refuse gzip, deflate and brotli with 415 */
    /* Read as JSON, too, as mvc_is() has it: "+json"; NULL-ended, or NULL */
    const char *const *json_types;
} mvc_body_options;

/* Seconds, except rates; 0 means the default, negative means no limit. */
typedef struct mvc_timeouts {
    double headers;    /* request line and headers together; 10 */
    double body;       /* the whole body; 300 */
    double keep_alive; /* idle between requests; 5 */
    double write;      /* grace before min_rate counts while sending; 20 */
    double stop;       /* for requests in flight when stopping; 10 */
    double min_rate;   /* bytes a second, both ways, after 5 seconds; 256 */
} mvc_timeouts;

typedef struct mvc_config {
    const char *name;                    /* for logs and error pages */
    bool development;                    /* or MVC_ENV=development */
    const char *views;                   /* folder of templates; "views" */
    const char *const *more_views;       /* searched after it; NULL-ended */
    const char *view_extension;          /* "ejs" */
    const struct ejs_unit *const *units; /* compiled views, NULL-ended */
    const char *database;                /* "sqlite:app.db" ..., NULL: none */
    const mvc_model *const *models;      /* NULL-ended */
    const char *secret;                  /* signs cookies and sessions */
    const char *const *old_secrets;      /* still accepted; NULL-ended */
    unsigned threads;                    /* event loops; 0: one per core */
    unsigned workers;                    /* for blocking handlers; 0: 64 */
    unsigned max_connections;            /* 0: 10000 */
    unsigned head_memory; /* bytes a connection has for the heads of a request
                             and its response; 0: 24 KiB, 4 KiB at least.  Two
                             thirds are the most a request's may be.  It is
                             cleared for each request: less is faster. */
    mvc_body_options body;
    mvc_timeouts timeouts;

    mvc_query_mode query;
    unsigned query_parameters; /* 0: 1000 */
    mvc_etag_mode etag;
    const char *trust_proxy;     /* "true", hops as "1", or a list:
                                    "loopback, 10.0.0.0/8" */
    unsigned subdomain_offset;   /* 0: 2 */
    unsigned json_spaces;        /* indent of mvc_send_json(); 0: none */
    bool json_escape;            /* < > & as \u003c ... in JSON */
    const char *jsonp_callback;  /* query name; "callback" */
    bool case_sensitive, strict; /* routes: /Foo, /foo/ differ */
    bool method_not_allowed;     /* 405 and Allow instead of 404 */
    bool powered_by;             /* send X-Powered-By: mvcgen */
    bool quiet;                  /* do not report failures on stderr */

    /* PEM files, the chain's own certificate first: serves HTTPS by TLS 1.2
       and 1.3.  SIGHUP reads them again, see mvc_reload_certificate(). */
    const char *tls_certificate, *tls_key;
} mvc_config;

/*
 * NULL, with the reason on stderr, when it cannot be made.  The structs the
 * configuration points to (units, models) must outlive the app; strings are
 * copied.
 */
mvc_app *mvc_app_new(const mvc_config *config);
void mvc_app_free(mvc_app *app); /* stops it first; NULL is fine */

/*
 * Serves until SIGTERM, SIGINT or mvc_stop(), then lets requests in flight end
 * (timeouts.stop) and returns 0.  Returns 1, with the reason on stderr, when
 * the routes are wrong or the port cannot be had.  `host` NULL is every
 * address; port 0 is any free one.  SIGHUP reads a renewed certificate and
 * calls what mvc_on_hangup() added.
 */
int mvc_listen(mvc_app *app, const char *host, uint16_t port);

/* The same without waiting or touching signals: false when it cannot. */
bool mvc_start(mvc_app *app, const char *host, uint16_t port);
void mvc_shutdown(mvc_app *app); /* ends what mvc_start() began */
uint16_t mvc_port(const mvc_app *app);

/*
 * Reads tls_certificate and tls_key again, which were renewed: connections from
 * now on get the new ones, those that are open go on.  False, with the reason
 * on stderr, when they cannot be used; then the old ones stay.  mvc_listen()
 * does it at SIGHUP; an app that was started does it by a call, from any thread.
 */
bool mvc_reload_certificate(mvc_app *app);

void mvc_stop(mvc_app *app); /* may be called from a signal handler */
void mvc_on_hangup(mvc_app *app, void (*call)(void *data), void *data);

/* Runs when the app is freed, last added first. */
void mvc_on_close(mvc_app *app, void (*call)(void *data), void *data);

bool mvc_is_development(const mvc_app *app);
const char *mvc_app_name(const mvc_app *app);
struct ejs_engine *mvc_views(mvc_app *app);

/*
 * Values every view sees, under those of the response.  Set them before
 * listening.  mvc_app_local() hands over the caller's reference.
 */
void mvc_app_local(mvc_app *app, const char *name, mvc_doc *value);
void mvc_app_local_str(mvc_app *app, const char *name, const char *value);

/* A value of the program's own, found again by mvc_app_get(); borrowed. */
void mvc_app_set(mvc_app *app, const char *name, void *value);
void *mvc_app_get(const mvc_app *app, const char *name);

/*
 * Calls back after `seconds`, once or again and again.  Calls come one at a
 * time on the app's timer thread, also before it listens: from there a deferred
 * request may be answered, failed or gone on with, any channel written to, and
 * timers added and cancelled; what handlers use, too, wants a lock, as it does
 * among the loops.  A call that waits delays other timers, but no request.
 * Returns an id for mvc_cancel(), 0 when out of memory.
 */
uint64_t mvc_after(mvc_app *app, double seconds, void (*call)(void *data),
                   void *data);
uint64_t mvc_every(mvc_app *app, double seconds, void (*call)(void *data),
                   void *data);
void mvc_cancel(mvc_app *app, uint64_t id);

/* routes ------------------------------------------------------------------ */

/* A row's method; or one of them with MVC_BLOCKING added. */
typedef enum mvc_method {
    MVC_NO_METHOD, /* ends a table */
    MVC_ANY,
    MVC_GET,
    MVC_HEAD,
    MVC_POST,
    MVC_PUT,
    MVC_PATCH,
    MVC_DELETE,
    MVC_OPTIONS,
    MVC_TRACE,
    MVC_CONNECT,
    MVC_PROPFIND,
    MVC_PROPPATCH,
    MVC_MKCOL,
    MVC_COPY,
    MVC_MOVE,
    MVC_LOCK,
    MVC_UNLOCK,
    MVC_SEARCH,
    MVC_PURGE,
    MVC_REPORT,
    MVC_QUERY,
    MVC_LINK,
    MVC_UNLINK,
    MVC_OTHER, /* a request whose method is none of these */

    MVC_USE = 40,  /* middleware for every path under this one */
    MVC_MOUNT,     /* a table for every path under this one */
    MVC_RESOURCES, /* the seven actions of a resource */
    MVC_ERRORS,    /* an error handler for every path under this one */
    MVC_BLOCKING = 64,
} mvc_method;

const char *mvc_method_name(mvc_method method);

/* The seven conventional actions; a NULL member adds no route. */
typedef struct mvc_resource {
    mvc_handler index;   /* GET /posts */
    mvc_handler make;    /* GET /posts/new */
    mvc_handler create;  /* POST /posts */
    mvc_handler show;    /* GET /posts/:id */
    mvc_handler edit;    /* GET /posts/:id/edit */
    mvc_handler update;  /* PATCH and PUT /posts/:id */
    mvc_handler destroy; /* DELETE /posts/:id */
    mvc_handler before;  /* runs before each of them */
    bool blocking;
} mvc_resource;

typedef struct mvc_upload mvc_upload;

/* What a route may need beyond its handlers. */
typedef struct mvc_route_options {
    bool blocking;                /* its handlers wait: run them on a worker */
    const mvc_upload *upload;     /* accepts files this way */
    const mvc_body_options *body; /* instead of the app's */
    bool merge_params;            /* a mount: sees the parameters above it */
    bool case_sensitive, strict;  /* a mount: for the routes in it */
} mvc_route_options;

enum { MVC_MAX_HANDLERS = 8 };

/*
 * One row of a table; rows are tried from the top, and {0} ends the table.
 * Write rows with the macros below, which also note where they stand.
 */
typedef struct mvc_route {
    int method;       /* an mvc_method */
    const char *path; /* Express 5 syntax: "/posts/:id{.:format}" */
    mvc_handler handlers[MVC_MAX_HANDLERS];
    const struct mvc_route *routes;   /* MVC_MOUNT */
    const mvc_resource *resource;     /* MVC_RESOURCES */
    mvc_error_handler on_error;       /* MVC_ERRORS */
    const mvc_route_options *options; /* NULL: none */
    const char *label;                /* the handlers' names */
    const char *file;
    int line;
} mvc_route;

/* clang-format off */
#define MVC_ROUTE_WITH(options, method, path, ...)                           \
    {method, path, {__VA_ARGS__}, NULL, NULL, NULL, options, #__VA_ARGS__,   \
     __FILE__, __LINE__}
#define MVC_ROUTE(method, path, ...) \
    MVC_ROUTE_WITH(NULL, method, path, __VA_ARGS__)

#define MVC_ANY(path, ...)     MVC_ROUTE(MVC_ANY, path, __VA_ARGS__)
#define MVC_GET(path, ...)     MVC_ROUTE(MVC_GET, path, __VA_ARGS__)
#define MVC_POST(path, ...)    MVC_ROUTE(MVC_POST, path, __VA_ARGS__)
#define MVC_PUT(path, ...)     MVC_ROUTE(MVC_PUT, path, __VA_ARGS__)
#define MVC_PATCH(path, ...)   MVC_ROUTE(MVC_PATCH, path, __VA_ARGS__)
#define MVC_DELETE(path, ...)  MVC_ROUTE(MVC_DELETE, path, __VA_ARGS__)
#define MVC_HEAD(path, ...)    MVC_ROUTE(MVC_HEAD, path, __VA_ARGS__)
#define MVC_OPTIONS(path, ...) MVC_ROUTE(MVC_OPTIONS, path, __VA_ARGS__)
#define MVC_USE(path, ...)     MVC_ROUTE(MVC_USE, path, __VA_ARGS__)

/* Handlers that wait: MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/report", report). */

#define MVC_MOUNT_WITH(options, path, table)                                 \
    {MVC_MOUNT, path, {NULL}, table, NULL, NULL, options, #table,            \
     __FILE__, __LINE__}
#define MVC_MOUNT(path, table) MVC_MOUNT_WITH(NULL, path, table)
#define MVC_RESOURCES(path, resource)                                        \
    {MVC_RESOURCES, path, {NULL}, NULL, resource, NULL, NULL, #resource,     \
     __FILE__, __LINE__}
#define MVC_ERRORS(path, handler)                                            \
    {MVC_ERRORS, path, {NULL}, NULL, NULL, handler, NULL, #handler,          \
     __FILE__, __LINE__}
/* clang-format on */

/*
 * Adding rows one at a time, to an app or a router, after those already there.
 * A wrong pattern is remembered and reported, with its place, by
 * mvc_routes_ok(), mvc_start() and mvc_listen(), which then refuse.
 */
void mvc_router_add(mvc_router *router, const mvc_route *row);
void mvc_router_table(mvc_router *router, const mvc_route rows[]);

/* The handler may ask for `data` by mvc_data(); free_data may be NULL. */
void mvc_router_use_with(mvc_router *router, const char *path,
                         mvc_handler handler, void *data,
                         void (*free_data)(void *data), const char *label);
void mvc_router_param(mvc_router *router, const char *name,
                      mvc_param_handler handler);

/* A router of its own, to be mounted; the one it is mounted on frees it. */
mvc_router *mvc_router_new(const mvc_route_options *options);
void mvc_router_mount(mvc_router *router, const char *path, mvc_router *child);
void mvc_router_free(mvc_router *router); /* for one never mounted */
mvc_router *mvc_root(mvc_app *app);

/* clang-format off */
#define mvc_routes(app, rows) mvc_router_table(mvc_root(app), rows)
#define mvc_mount(app, path, child) mvc_router_mount(mvc_root(app), path, child)
#define mvc_on_param(app, name, fn) mvc_router_param(mvc_root(app), name, fn)
#define mvc_use_with(app, path, fn, data, free_data) \
    mvc_router_use_with(mvc_root(app), path, fn, data, free_data, #fn)

#define MVC_ADD(router, ...) \
    mvc_router_add(router, &(const mvc_route)__VA_ARGS__)
#define mvc_route_add(app, method, path, ...) \
    MVC_ADD(mvc_root(app), MVC_ROUTE(method, path, __VA_ARGS__))
#define mvc_use(app, path, ...) \
    mvc_route_add(app, MVC_USE, path, __VA_ARGS__)
#define mvc_any(app, path, ...) \
    mvc_route_add(app, MVC_ANY, path, __VA_ARGS__)
#define mvc_get(app, path, ...) \
    mvc_route_add(app, MVC_GET, path, __VA_ARGS__)
#define mvc_post(app, path, ...) \
    mvc_route_add(app, MVC_POST, path, __VA_ARGS__)
#define mvc_put(app, path, ...) \
    mvc_route_add(app, MVC_PUT, path, __VA_ARGS__)
#define mvc_patch(app, path, ...) \
    mvc_route_add(app, MVC_PATCH, path, __VA_ARGS__)
#define mvc_delete(app, path, ...) \
    mvc_route_add(app, MVC_DELETE, path, __VA_ARGS__)
#define mvc_resources(app, path, resource) \
    MVC_ADD(mvc_root(app), MVC_RESOURCES(path, resource))
#define mvc_on_error(app, handler) \
    MVC_ADD(mvc_root(app), MVC_ERRORS("/", handler))
/* clang-format on */

/*
 * Compiles the routes now.  False when a pattern is wrong; warnings (a route
 * that can never match) do not count.  Both go to stderr, or to `report`.
 */
bool mvc_routes_ok(mvc_app *app,
                   void (*report)(void *data, bool is_error, const char *text),
                   void *data);

/* One row of the list of all routes; strings live as long as the app. */
typedef struct mvc_route_info {
    const char *method;  /* "GET", or "*" */
    const char *path;    /* with the paths it is mounted under */
    const char *handler; /* "require_login, posts_create" */
    const char *file;
    int line;
    bool middleware;
} mvc_route_info;

void mvc_each_route(mvc_app *app,
                    void (*call)(void *data, const mvc_route_info *route),
                    void *data);

/*
 * Going on.  The rest of the chain runs after the handler has returned, so
 * these are its last act; to do something when the response is done, see
 * mvc_on_finish().
 */
void mvc_next(mvc_req *req, mvc_res *res);
void mvc_next_route(mvc_req *req, mvc_res *res);  /* next('route') */
void mvc_next_router(mvc_req *req, mvc_res *res); /* next('router') */
void mvc_pass(mvc_req *req, mvc_res *res); /* an error handler's next(err) */

/* Ends the handler's part with an error; a status outside 400-599 is 500. */
void mvc_fail(mvc_req *req, mvc_res *res, int status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with the place, which the log and the development page tell. */
void mvc_fail_at(mvc_req *req, mvc_res *res, const char *file, int line,
                 int status, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#ifndef MVC_INTERNAL
#define mvc_fail(req, res, ...) \
    mvc_fail_at(req, res, __FILE__, __LINE__, __VA_ARGS__)
#endif
void mvc_fail_with(mvc_req *req, mvc_res *res, const mvc_failure *failure);

/*
 * Says that the answer comes after the handler has returned, from any one
 * thread, by a call that sends, fails or goes on.  Until then nobody else may
 * touch the request.
 */
void mvc_defer(mvc_req *req, mvc_res *res);

/* What mvc_use_with() was given for the handler that runs now. */
void *mvc_data(const mvc_req *req);

/* request ----------------------------------------------------------------- */

mvc_app *mvc_app_of(const mvc_req *req);
mvc_res *mvc_res_of(const mvc_req *req);
mvc_method mvc_method_of(const mvc_req *req);
const char *mvc_method_text(const mvc_req *req); /* "GET", as it came */

/* Changes the method from here on; what it was stays in the original. */
void mvc_set_method(mvc_req *req, const char *method);
const char *mvc_original_method(const mvc_req *req);

/* As Express has them; all of them still percent-encoded. */
const char *mvc_path(const mvc_req *req);     /* below the mount, no query */
const char *mvc_base_url(const mvc_req *req); /* the mount; "" at the root */
const char *mvc_original_url(const mvc_req *req); /* with the query */
const char *mvc_url(const mvc_req *req);          /* path and query */
void mvc_set_url(mvc_req *req, const char *url);  /* rewrites path and query */

/* The pattern of the route that runs ("/posts/:id"), or NULL. */
const char *mvc_route_path(const mvc_req *req);
const char *mvc_handler_name(const mvc_req *req);

/* Decoded; NULL when there is none.  A wildcard's parts are joined by '/'. */
const char *mvc_param(const mvc_req *req, const char *name);
bool mvc_param_int(const mvc_req *req, const char *name, int64_t *value);

/* A wildcard's parts, each decoded; NULL when there is none. */
const char *const *mvc_param_list(const mvc_req *req, const char *name,
                                  size_t *count);
void mvc_set_param(mvc_req *req, const char *name, const char *value);
void mvc_each_param(const mvc_req *req,
                    void (*call)(void *data, const char *name,
                                 const char *value),
                    void *data);

/* The first value of a name, or NULL; and all of it as a document. */
const char *mvc_query(mvc_req *req, const char *name);
mvc_doc *mvc_query_doc(mvc_req *req);

/* Any case; several of one name are joined by ", " (cookies by "; "). */
const char *mvc_header(const mvc_req *req, const char *name);
void mvc_each_header(const mvc_req *req,
                     void (*call)(void *data, const char *name,
                                  const char *value),
                     void *data);

const char *mvc_cookie(mvc_req *req, const char *name); /* decoded */
mvc_doc *mvc_cookie_doc(mvc_req *req,
                        const char *name); /* a "j:" one, or NULL */

/* The value if its signature is right, by today's or an old secret. */
const char *mvc_signed_cookie(mvc_req *req, const char *name);
void mvc_each_cookie(mvc_req *req,
                     void (*call)(void *data, const char *name,
                                  const char *value),
                     void *data);

/*
 * The body by its Content-Type: urlencoded and multipart forms and JSON as
 * documents, text as a string.  NULL when there is none or it is of another
 * type; also NULL when it is wrong or too large, and then the request has
 * failed with 400, 413 or 415.  All of it is UTF-8, whatever charset the type
 * names: any for text, UTF-8, -16 or -32 for JSON, UTF-8 or ISO 8859-1 for forms;
 * 415 for others.  What is malformed becomes U+FFFD.
 */
mvc_doc *mvc_body(mvc_req *req);
mvc_doc *mvc_body_as(mvc_req *req, const mvc_body_options *options);

/* One text of a form, or NULL. */
const char *mvc_body_text(mvc_req *req, const char *name);

/* The bytes as they were sent, inflated; not NULL when *size is not 0. */
const char *mvc_body_bytes(mvc_req *req, size_t *size);

/*
 * When the body is read: before any handler runs, unless the route that is
 * asked for takes an upload or larger bodies than the app's body.max, or has
 * mvc_read_body among its handlers.  Then
 * middleware runs first, without a body, and so do the handlers before
 * mvc_read_body; who refuses there spares reading the rest:
 *
 *     MVC_ROUTE_WITH(&photo, MVC_POST, "/photos", need_login, mvc_read_body,
 *                    photos_create)
 *
 * A middleware that wants the body even so calls mvc_await_body() and returns
 * at once when that is false: it is called again once the body is there.
 */
void mvc_read_body(mvc_req *req, mvc_res *res);
bool mvc_await_body(mvc_req *req, mvc_res *res);

/*
 * The named members of the body that were sent, and no others: what a form
 * may set.  Names end with NULL.  Never NULL but when out of memory.
 */
mvc_doc *mvc_form(mvc_req *req, const char *const names[]);

/*
 * Content negotiation: the best of `types` (ended by NULL) for this client,
 * NULL when none will do.  Types may be MIME types or extensions ("json").
 */
const char *mvc_accepts(mvc_req *req, const char *const types[]);
const char *mvc_accepts_charsets(mvc_req *req, const char *const names[]);
const char *mvc_accepts_encodings(mvc_req *req, const char *const names[]);
const char *mvc_accepts_languages(mvc_req *req, const char *const names[]);

/* Whether the body is of this type: "json", "text/plain", "multipart". A star
 * may stand for either half. */
bool mvc_is(mvc_req *req, const char *type);

bool mvc_is_fresh(mvc_req *req); /* the client's copy is good */
bool mvc_is_xhr(const mvc_req *req);
bool mvc_is_secure(const mvc_req *req);
const char *mvc_protocol(const mvc_req *req); /* "http" or "https" */
const char *mvc_host(const mvc_req *req);     /* with the port; or NULL */
const char *mvc_hostname(const mvc_req *req); /* without */
const char *mvc_ip(const mvc_req *req);

/* Ended by NULL: the proxies' list, client first; "tobi.ferrets" backwards. */
const char *const *mvc_ips(mvc_req *req);
const char *const *mvc_subdomains(mvc_req *req);

typedef struct mvc_range {
    uint64_t start, end; /* both within */
} mvc_range;

/*
 * The byte ranges asked for, of `size` bytes.  Returns how many there are, 0
 * when the header is missing or not understood, -1 when none can be satisfied.
 */
int mvc_ranges(mvc_req *req, uint64_t size, bool combine,
               const mvc_range **ranges);

/* Memory that lives as long as the request; NULL when out of memory. */
void *mvc_alloc(mvc_req *req, size_t size);
char *mvc_format(mvc_req *req, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A pointer kept with the request under a key, which is an address that is
 * yours (of a static variable).  free_value may be NULL.
 */
bool mvc_attach(mvc_req *req, const void *key, void *value,
                void (*free_value)(void *value));
void *mvc_attached(const mvc_req *req, const void *key);

/* A handle for this request, opened at its first use.  NULL has failed it. */
mvc_db *mvc_db_of(mvc_req *req);

/* uploads ----------------------------------------------------------------- */

typedef struct mvc_file {
    const char *field;    /* the form's name for it */
    const char *name;     /* what the client calls it: never a path to trust */
    const char *type;     /* what the client says it is */
    const char *encoding; /* "7bit" */
    uint64_t size;
    const char *path;     /* where it was stored; NULL in memory */
    const char *filename; /* the last part of that */
    const char *data;     /* its bytes when in memory, else NULL */
} mvc_file;

typedef struct mvc_upload_field {
    const char *name;
    unsigned max; /* how many files; 0: any number */
} mvc_upload_field;

/*
 * Where files go.  `open` returns a handle or NULL; `close` ends one file,
 * well or not (`ok` false: forget it); `discard` undoes a closed one when the
 * request fails later on.  `file` may be written to: path, filename.
 */
typedef struct mvc_storage {
    void *(*open)(void *data, mvc_req *req, mvc_file *file);
    bool (*write)(void *data, void *handle, const char *bytes, size_t size);
    bool (*close)(void *data, void *handle, mvc_file *file, bool ok);
    void (*discard)(void *data, const mvc_file *file);
    void *data;
} mvc_storage;

/* Which files a route takes; like multer's options. */
struct mvc_upload {
    const char *folder;             /* stored there; NULL: kept in memory */
    const mvc_upload_field *fields; /* ended by a NULL name; NULL: none */
    bool any;                       /* files of every name */
    /* Whether to store the file; false leaves it out, mvc_fail() refuses. */
    bool (*filter)(mvc_req *req, const mvc_file *file);
    const mvc_storage *storage; /* instead of the two above */
    size_t max_field_name;      /* 0: 100 bytes */
    size_t max_field_size;      /* 0: 1 MiB */
    uint64_t max_file_size;     /* 0: 16 MiB in memory, else 1 GiB */
    unsigned max_fields;        /* 0: 1000 */
    unsigned max_files;         /* 0: 100 */
    unsigned max_parts;         /* 0: 1100 */
    unsigned max_header_pairs;  /* 0: 2000 */
    unsigned max_nesting;       /* of a[b][c]; 0: 32 */
    unsigned max_array_index;   /* of a[9]; 0: any, from 101 on as a member */
    bool keep;                  /* stored files stay when the handler is
                                   done; else they go with the request */
};

/*
 * For a middleware that awaits the body: what it has to say when the first
 * file begins, given the form's fields before that.  False, with mvc_fail() or
 * with 403, and none is stored.
 */
void mvc_before_files(mvc_req *req,
                      bool (*allow)(mvc_req *req, mvc_doc *fields));

/*
 * Files received, in order.  mvc_keep_file() moves one to a path of the
 * program's own, on whichever disk, or writes it there; false, with errno set,
 * when it cannot.
 */
size_t mvc_file_count(mvc_req *req);
const mvc_file *mvc_file_at(mvc_req *req, size_t i);
const mvc_file *mvc_file_of(mvc_req *req, const char *field); /* the first */
bool mvc_keep_file(mvc_req *req, const mvc_file *file, const char *path);

/* response ---------------------------------------------------------------- */

mvc_req *mvc_req_of(const mvc_res *res);

void mvc_status(mvc_res *res, int code); /* 100 to 999, else a failure */
int mvc_status_of(const mvc_res *res);

/*
 * Headers.  A name or value with a control byte fails the response.  Content
 * types without a charset get one where text needs it.
 */
void mvc_set_header(mvc_res *res, const char *name, const char *value);
void mvc_add_header(mvc_res *res, const char *name, const char *value);
const char *mvc_get_header(const mvc_res *res,
                           const char *name); /* the first */
void mvc_remove_header(mvc_res *res, const char *name);
void mvc_set_type(mvc_res *res, const char *type); /* "html", "image/png" */
void mvc_vary(mvc_res *res, const char *field);
void mvc_location(mvc_res *res, const char *url);
void mvc_link(mvc_res *res, const char *rel, const char *url);
void mvc_attachment(mvc_res *res, const char *filename); /* NULL: no name */

typedef enum mvc_same_site {
    MVC_SAME_SITE_UNSET,
    MVC_SAME_SITE_LAX,
    MVC_SAME_SITE_STRICT,
    MVC_SAME_SITE_NONE,
} mvc_same_site;

typedef struct mvc_cookie_options {
    const char *path; /* "/" */
    const char *domain;
    int64_t max_age; /* seconds; 0: until the browser closes */
    int64_t expires; /* seconds since 1970; 0: as max_age says */
    bool http_only, secure, partitioned, is_signed;
    mvc_same_site same_site;
    const char *priority; /* "low", "medium", "high" */
} mvc_cookie_options;

void mvc_set_cookie(mvc_res *res, const char *name, const char *value,
                    const mvc_cookie_options *options);
void mvc_set_cookie_doc(mvc_res *res, const char *name, mvc_doc *value,
                        const mvc_cookie_options *options);
void mvc_clear_cookie(mvc_res *res, const char *name,
                      const mvc_cookie_options *options);

/*
 * Values for the view.  mvc_local() takes a reference of its own;
 * mvc_local_take() the caller's.
 */
void mvc_local(mvc_res *res, const char *name, mvc_doc *value);
void mvc_local_take(mvc_res *res, const char *name, mvc_doc *value);
void mvc_local_str(mvc_res *res, const char *name, const char *value);
void mvc_local_int(mvc_res *res, const char *name, int64_t value);
void mvc_local_bool(mvc_res *res, const char *name, bool value);
mvc_doc *mvc_local_of(const mvc_res *res, const char *name); /* borrowed */

/*
 * A view as text, for a mail or a part of an answer; nothing is sent.  It lives
 * as long as the request.  NULL has failed the response.
 */
char *mvc_render_text(mvc_res *res, const char *view, mvc_doc *locals);

/* Sending.  The first one counts; each ends the response. */
void mvc_render(mvc_res *res, const char *view);

/* With values of this call alone, over those of the response and the app:
 * `locals` is an object, borrowed, or NULL. */
void mvc_render_with(mvc_res *res, const char *view, mvc_doc *locals);
void mvc_send(mvc_res *res,
              const char *text); /* as HTML unless a type is set */
void mvc_sendf(mvc_res *res, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void mvc_send_bytes(mvc_res *res, const void *data, size_t size);
void mvc_send_json(mvc_res *res, mvc_doc *value); /* borrowed */
void mvc_send_jsonp(mvc_res *res, mvc_doc *value);
void mvc_send_status(mvc_res *res, int code); /* with its phrase as the text */
void mvc_end(mvc_res *res);                   /* no body, no type */

/* The same bytes, not copied: for constants, and with a way to free them. */
void mvc_send_static(mvc_res *res, const char *data, size_t size);
void mvc_send_take(mvc_res *res, char *data, size_t size,
                   void (*free_data)(void *data));

/* 302 to a URL made like printf; with mvc_redirect_with another status. */
void mvc_redirect(mvc_res *res, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void mvc_redirect_with(mvc_res *res, int status, const char *url);

/* To `url` if it is a path of this site, else to `fallback`. */
void mvc_redirect_local(mvc_res *res, const char *url, const char *fallback);
void mvc_redirect_back(mvc_res *res, const char *fallback); /* by Referer */

/* Calls the handler of the type the client likes best, or fails with 406. */
typedef struct mvc_choice {
    const char *type; /* "html", "json"; NULL with a handler: the default */
    mvc_handler handler;
} mvc_choice;
void mvc_negotiate(mvc_req *req, mvc_res *res, const mvc_choice choices[]);

typedef enum mvc_dotfiles {
    MVC_DOTFILES_IGNORE,
    MVC_DOTFILES_ALLOW,
    MVC_DOTFILES_DENY,
} mvc_dotfiles;

/* Zero is serve-static's default, each time. */
typedef struct mvc_static_options {
    const char *root; /* for mvc_send_file(): the path is below it */
    mvc_dotfiles dotfiles;
    const char *index;             /* "index.html"; "" for none */
    const char *const *more_index; /* tried after it; NULL-ended */
    const char *const *extensions; /* tried when nothing is there; NULL-ended */
    double max_age;                /* seconds, for Cache-Control */
    bool immutable;
    bool no_etag, no_last_modified, no_ranges, no_cache_control;
    bool no_redirect;    /* of a folder without the last slash */
    bool no_fallthrough; /* answer 404, 405 instead of going on */
    bool precompressed;  /* serve a.js.br or a.js.gz for a.js */
    void (*set_headers)(mvc_res *res, const char *path);
} mvc_static_options;

/* Serves the files of a folder under a path. */
void mvc_static(mvc_app *app, const char *path, const char *folder,
                const mvc_static_options *options);
void mvc_router_static(mvc_router *router, const char *path, const char *folder,
                       const mvc_static_options *options);

/* Files that are part of the program. */
typedef struct mvc_embedded {
    const char *path; /* "/app.css"; NULL ends a table */
    const void *data;
    size_t size;
} mvc_embedded;
void mvc_static_embedded(mvc_app *app, const char *path,
                         const mvc_embedded files[],
                         const mvc_static_options *options);

/* `path` is absolute, or below options->root, which it cannot leave. */
void mvc_send_file(mvc_res *res, const char *path,
                   const mvc_static_options *options);

/* The same as a download; `name` NULL is the path's last part. */
void mvc_download(mvc_res *res, const char *path, const char *name,
                  const mvc_static_options *options);

enum { MVC_STREAM_END = -1, MVC_STREAM_ERROR = -2 };

/*
 * A body made while it is sent: `read` puts up to `max` bytes into `buffer`
 * and returns how many, or MVC_STREAM_END or MVC_STREAM_ERROR (cuts the
 * connection).  It is called when the client has taken what was there, on the
 * loop's thread.  `close` is called once, also when the client goes away.
 * `size` is the whole length, or -1 when it is not known.
 */
typedef struct mvc_stream {
    int64_t (*read)(void *data, uint64_t position, char *buffer, size_t max);
    void (*close)(void *data);
    void *data;
    int64_t size;
} mvc_stream;
void mvc_send_stream(mvc_res *res, const mvc_stream *stream);

/*
 * A body written to from elsewhere, by any thread.  mvc_write() returns false
 * when the client has gone or has not taken `max_pending` bytes (1 MiB) yet;
 * mvc_channel_close() ends the response and gives the channel back.
 */
typedef struct mvc_channel mvc_channel;
mvc_channel *mvc_open_channel(mvc_res *res, size_t max_pending);
bool mvc_write(mvc_channel *channel, const void *data, size_t size);
bool mvc_channel_is_open(mvc_channel *channel); /* the client is there */
void mvc_channel_close(mvc_channel *channel);

/* Server-sent events over such a channel; members left NULL are left out. */
typedef struct mvc_event {
    const char *data, *name, *id, *comment;
    unsigned retry; /* milliseconds */
} mvc_event;
mvc_channel *mvc_open_events(mvc_res *res);
bool mvc_send_event(mvc_channel *channel, const mvc_event *event);

/* for middleware ---------------------------------------------------------- */

/*
 * mvc_on_send(): called when the answer is known, before its headers are
 * final; last added first.  mvc_on_finish(): called once the response was sent
 * or the client has gone (`sent` false).
 */
typedef void (*mvc_send_hook)(mvc_req *req, mvc_res *res, void *data);
typedef void (*mvc_finish_hook)(mvc_req *req, mvc_res *res, bool sent,
                                void *data);
bool mvc_on_send(mvc_res *res, mvc_send_hook hook, void *data);
bool mvc_on_finish(mvc_res *res, mvc_finish_hook hook, void *data);

bool mvc_is_sent(const mvc_res *res); /* an answer was given */

/* The failure the response has, or NULL. */
const mvc_failure *mvc_failure_of(const mvc_res *res);

/* In a send hook: what is about to be sent. */
typedef enum mvc_body_kind {
    MVC_BODY_NONE,
    MVC_BODY_BYTES,
    MVC_BODY_FILE,
    MVC_BODY_STREAM,
} mvc_body_kind;
mvc_body_kind mvc_body_kind_of(const mvc_res *res);
const char *mvc_sent_bytes(const mvc_res *res, size_t *size);

/* In a send hook: puts others in their place; frees them with free_data. */
void mvc_replace_bytes(mvc_res *res, char *data, size_t size,
                       void (*free_data)(void *data));

/*
 * In a send hook, for a file or a stream: gives the stream that is sent, and
 * replaces it.  The new one must close the old one.
 */
bool mvc_take_stream(mvc_res *res, mvc_stream *stream);
void mvc_replace_stream(mvc_res *res, const mvc_stream *stream);

/* Nanoseconds of the monotonic clock: when the headers had come, and now. */
uint64_t mvc_started(const mvc_req *req);
uint64_t mvc_now(void);
uint64_t mvc_bytes_sent(const mvc_res *res); /* of the body, when finished */

/* base64(HMAC-SHA256), as cookie-signature: "value.signature"; or NULL. */
char *mvc_sign(mvc_req *req, const char *value);
const char *mvc_unsign(mvc_req *req, const char *text);

/* HTML-escaped; and "text/html" for "html" or "x.html", or NULL. */
char *mvc_escape(mvc_req *req, const char *text);
const char *mvc_mime_type(const char *name);
const char *mvc_reason(int status); /* "Not Found"; NULL when unknown */

/* tests: send a request through the whole stack without a socket ----------- */

typedef struct mvc_test_request {
    mvc_method method;        /* MVC_NO_METHOD: GET */
    const char *path;         /* with the query; NULL: "/" */
    const char *headers;      /* "Name: value\r\n..." or with '\n'; or NULL */
    const char *body;         /* or NULL */
    size_t body_size;         /* 0: strlen(body) */
    const char *content_type; /* NULL with a body: urlencoded */
    const char *cookie;       /* a Cookie header */
    const char *ip;           /* "127.0.0.1" */
} mvc_test_request;

typedef struct mvc_test_response {
    int status;
    char *headers; /* "Name: value\r\n..." */
    char *body;    /* NUL-terminated */
    size_t body_size;
    char *scratch; /* of mvc_test_header() */
} mvc_test_response;

/*
 * Waits for deferred and blocking handlers.  mvc_test_done() frees what the
 * response holds; mvc_test_header() finds a header, NULL when there is none,
 * and its value lives until the next call of it on this response.
 */
mvc_test_response mvc_test(mvc_app *app, const mvc_test_request *request);
const char *mvc_test_header(mvc_test_response *response, const char *name);
void mvc_test_done(mvc_test_response *response);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
