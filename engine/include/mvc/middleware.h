/*
 * mvc/middleware.h - the middlewares that Express applications always add.
 *
 * Each is a handler, used as it is with its defaults, or with options:
 *
 *     mvc_use(app, "/", mvc_logger);
 *
 *     static const mvc_logger_options quiet = {.format = MVC_LOG_TINY};
 *     mvc_use_with(app, "/", mvc_logger, (void *)&quiet, NULL);
 *
 * Options are borrowed and must live as long as the app; a member left zero
 * means the default.  Order matters: mvc_session before what uses sessions
 * (mvc_flash, mvc_csrf), mvc_method_override before mvc_csrf.
 */
#ifndef MVC_MIDDLEWARE_H
#define MVC_MIDDLEWARE_H

#include <mvc.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* logger ------------------------------------------------------------------- */

typedef enum mvc_log_format {
    MVC_LOG_AUTO, /* dev in development, else combined */
    MVC_LOG_COMBINED,
    MVC_LOG_COMMON,
    MVC_LOG_SHORT,
    MVC_LOG_TINY,
    MVC_LOG_DEV, /* coloured by status on a terminal */
    MVC_LOG_JSON,
} mvc_log_format;

typedef struct mvc_logger_options {
    mvc_log_format format;
    int fd; /* 0: standard output */
    bool (*skip)(const mvc_req *req, const mvc_res *res); /* true: no line */
} mvc_logger_options;

/* One line a request, when it is done; morgan's formats, or JSON.  Control
 * characters and backslashes from the client are escaped, so it stays one. */
void mvc_logger(mvc_req *req, mvc_res *res);

/* helmet ------------------------------------------------------------------- */

/* A header's value; NULL: helmet's default, "": the header is not sent. */
typedef struct mvc_helmet_options {
    const char *content_security_policy;
    const char *cross_origin_opener_policy;
    const char *cross_origin_resource_policy;
    const char *origin_agent_cluster;
    const char *referrer_policy;
    const char *strict_transport_security;
    const char *x_content_type_options;
    const char *x_dns_prefetch_control;
    const char *x_download_options;
    const char *x_frame_options;
    const char *x_permitted_cross_domain_policies;
    const char *x_xss_protection;
} mvc_helmet_options;

/* Security headers, as helmet 8 sends them. */
void mvc_helmet(mvc_req *req, mvc_res *res);

/* compression --------------------------------------------------------------- */

typedef struct mvc_compression_options {
    size_t threshold; /* smaller bodies stay as they are; 0: 1024 bytes */
    int level;        /* 1 to 9; 0: 6 */
    bool (*filter)(mvc_req *req, mvc_res *res); /* NULL: text-like types */
} mvc_compression_options;

/* gzip for clients that take it; leaves Cache-Control: no-transform alone. */
void mvc_compression(mvc_req *req, mvc_res *res);

/* method-override ------------------------------------------------------------ */

/* A POST whose query or form says `_method`, or that has the header
 * X-HTTP-Method-Override, gets that method. */
void mvc_method_override(mvc_req *req, mvc_res *res);

/* sessions -------------------------------------------------------------------- */

/*
 * Where sessions are kept, as JSON text by id.  `get` returns malloc'd text or
 * NULL; times are seconds since 1970.  Called from several threads at once.
 */
typedef struct mvc_session_store {
    char *(*get)(void *data, const char *id);
    bool (*set)(void *data, const char *id, const char *json, int64_t expires);
    bool (*touch)(void *data, const char *id, int64_t expires);
    bool (*destroy)(void *data, const char *id);
    void *data;
} mvc_session_store;

/* Keeps them in memory: gone with the process, the default. */
extern const mvc_session_store mvc_memory_sessions;

/*
 * Keeps them in a SQLite database ("sqlite:sessions.db"), made when missing.
 * NULL, with *err filled in, when it cannot be opened.
 */
mvc_session_store *mvc_sqlite_sessions(const char *url, mvc_error *err);
void mvc_sqlite_sessions_close(mvc_session_store *store);

typedef struct mvc_session_options {
    const char *name;     /* of the cookie; "sid" */
    int64_t max_age;      /* seconds a session lives unused; 0: a day */
    bool browser_only;    /* the cookie goes when the browser closes */
    bool rolling;         /* sends the cookie again with every response */
    bool secure;          /* HTTPS only; done anyway on HTTPS */
    mvc_same_site same_site; /* unset: lax */
    const mvc_session_store *store;
} mvc_session_options;

/*
 * A session by signed cookie (the app needs a secret).  A new session is
 * stored, and its cookie sent, only once something is in it.
 */
void mvc_session(mvc_req *req, mvc_res *res);

/* The session's values, to read and change until the response is sent; NULL
 * when mvc_session is not used (and the request has failed). */
mvc_doc *mvc_session_of(mvc_req *req);
const char *mvc_session_text(mvc_req *req, const char *name); /* or NULL */
void mvc_session_set(mvc_req *req, const char *name, const char *value);

/* A new id with the same values: do it when somebody logs in. */
void mvc_session_regenerate(mvc_req *req);
/* Forgets it, on the server too. */
void mvc_session_destroy(mvc_req *req);
const char *mvc_session_id(mvc_req *req); /* NULL before it is stored */

/* flash -------------------------------------------------------------------------- */

/* Messages for the next page, kept in the session.  Views find them in the
 * local `flash`: {"success": ["Post created."]}; {} when there are none. */
void mvc_flash(mvc_req *req, mvc_res *res);
void mvc_flash_add(mvc_req *req, const char *kind, const char *message);

/* CSRF --------------------------------------------------------------------------- */

/*
 * Refuses with 403 what changes something and does not carry the session's
 * token, in the form or query as `_csrf` or in a header X-CSRF-Token,
 * CSRF-Token or X-XSRF-Token.  GET, HEAD and OPTIONS pass.  Views find the
 * token in the local `csrfToken`.
 */
void mvc_csrf(mvc_req *req, mvc_res *res);
const char *mvc_csrf_token(mvc_req *req);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
