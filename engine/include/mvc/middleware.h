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

/* logs --------------------------------------------------------------------- */

typedef enum mvc_log_level {
    MVC_LEVEL_UNSET, /* $MVC_LOG_LEVEL ("debug"), else info; a child's: as its
                        parent's */
    MVC_LEVEL_TRACE,
    MVC_LEVEL_DEBUG,
    MVC_LEVEL_INFO,
    MVC_LEVEL_WARN,
    MVC_LEVEL_ERROR,
    MVC_LEVEL_FATAL,
    MVC_LEVEL_SILENT, /* no line at all */
} mvc_log_level;

typedef struct mvc_log mvc_log;

typedef struct mvc_log_options {
    const char *path; /* appended to, made when missing; NULL: fd */
    int fd;           /* 0: standard output */
    mvc_log_level level;
    bool json; /* an object a line, instead of words */
} mvc_log_options;

/*
 * The app's, which closes it.  SIGHUP opens the path again, as logrotate wants
 * it.  NULL, with the reason on stderr, when it cannot be opened.
 */
mvc_log *mvc_log_open(mvc_app *app, const mvc_log_options *options);
void mvc_log_set_level(mvc_log *log, mvc_log_level level);

/*
 * A logger whose lines have these members too (an object, handed over, or
 * NULL); free it before its parent.
 */
mvc_log *mvc_log_child(mvc_log *parent, mvc_doc *fields);
void mvc_log_free(mvc_log *child); /* NULL is fine */
void mvc_log_bind(mvc_log *log, const char *name, mvc_doc *value); /* taken */

/*
 * One line, if the level is high enough: time, level, message, members.
 * `fields` is borrowed, or NULL.  Whatever the texts hold, the line stays one.
 * A NULL log takes nothing.  Any thread may call it.
 */
void mvc_log_line(mvc_log *log, mvc_log_level level, mvc_doc *fields,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* clang-format off */
#define mvc_log_debug(log, ...) \
    mvc_log_line(log, MVC_LEVEL_DEBUG, NULL, __VA_ARGS__)
#define mvc_log_info(log, ...) \
    mvc_log_line(log, MVC_LEVEL_INFO, NULL, __VA_ARGS__)
#define mvc_log_warn(log, ...) \
    mvc_log_line(log, MVC_LEVEL_WARN, NULL, __VA_ARGS__)
#define mvc_log_error(log, ...) \
    mvc_log_line(log, MVC_LEVEL_ERROR, NULL, __VA_ARGS__)
/* clang-format on */

/* logger ------------------------------------------------------------------- */

typedef enum mvc_log_format {
    MVC_LOG_AUTO, /* dev in development, else combined; JSON if the log is */
    MVC_LOG_COMBINED,
    MVC_LOG_COMMON,
    MVC_LOG_SHORT,
    MVC_LOG_TINY,
    MVC_LOG_DEV, /* coloured by status on a terminal, unless $NO_COLOR */
    MVC_LOG_JSON,
} mvc_log_format;

typedef struct mvc_logger_options {
    mvc_log_format format;
    /* Instead: text with morgan's tokens, ":method :url :res[content-length]";
     * what is not known, or not there, is "-".  Of the program's own: `token`,
     * whose argument is "" without brackets. */
    const char *pattern;
    const char *(*token)(mvc_req *req, mvc_res *res, const char *name,
                         const char *argument);
    mvc_log *log; /* where to; NULL: fd */
    int fd;       /* 0: standard output */
    bool (*skip)(const mvc_req *req, const mvc_res *res); /* true: no line */

    /* Gives each request an id, sends it back, and has it in JSON lines. */
    bool request_ids;
    const char *id_header; /* "X-Request-Id" */
    bool ignore_sent_ids;  /* else a client's or proxy's own id is kept, if it
                              is at most 128 letters, digits and -._:/+=@ */
} mvc_logger_options;

/* One line a request, when it is done; morgan's formats, or JSON.  Control
 * characters and backslashes from the client are escaped, so it stays one.
 * Its level is error from 500 on, warn from 400 on, else info. */
void mvc_logger(mvc_req *req, mvc_res *res);

/* The request's id; NULL when mvc_logger gives none. */
const char *mvc_request_id(const mvc_req *req);

/*
 * The request's own child of the logger, with its id; gone with the request.
 * What is bound to it is in the line about the request, too, if that is JSON.
 * NULL only when out of memory.
 */
mvc_log *mvc_log_of(mvc_req *req);

/* UUIDs -------------------------------------------------------------------- */

enum { MVC_UUID = 37 };

/* RFC 9562: random; and one that sorts by time, in the order of the calls.
 * Both return `text`. */
const char *mvc_uuid4(char text[MVC_UUID]);
const char *mvc_uuid7(char text[MVC_UUID]);

/* HTTPS -------------------------------------------------------------------- */

typedef struct mvc_https_options {
    unsigned port;    /* of HTTPS; 0: 443 */
    const char *host; /* instead of the one that was asked for */
    bool temporary;   /* 302 and 307 instead of 301 and 308 */
} mvc_https_options;

/*
 * Redirects requests that came without TLS to the same URL with it.  Put it
 * before mvc_helmet: Strict-Transport-Security means nothing without TLS.
 * Behind a proxy that ends TLS set mvc_config.trust_proxy.
 */
void mvc_https(mvc_req *req, mvc_res *res);

/* helmet ------------------------------------------------------------------- */

/* A header's value; NULL: helmet's default, "": the header is not sent. */
typedef struct mvc_helmet_options {
    const char *content_security_policy; /* may have 'nonce-{nonce}' in it */
    const char *content_security_policy_report_only; /* not sent unless set */
    const char *cross_origin_embedder_policy;        /* likewise */
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

/*
 * What stands for {nonce} in this request's policy, and what <script nonce="…">
 * must say to be let run: random, in base64.  Views find it in the local
 * `cspNonce` when the policy has one.  NULL when out of memory.
 */
const char *mvc_csp_nonce(mvc_req *req);

/* compression -------------------------------------------------------------- */

typedef struct mvc_compression_options {
    size_t threshold;   /* smaller bodies stay as they are; 0: 1024 bytes */
    int level;          /* of gzip and deflate, 1 to 9; 0: 6 */
    int brotli_quality; /* 1 to 11; 0: 4 */
    bool no_brotli;
    bool (*filter)(mvc_req *req, mvc_res *res); /* NULL: text-like types */
} mvc_compression_options;

/*
 * Brotli, gzip or deflate, whichever the client likes best and in this order;
 * streams too, of which each part arrives as soon as it is written.  Leaves
 * alone what is encoded already, parts of files, and what Cache-Control:
 * no-transform forbids.  An ETag becomes a weak one.
 */
void mvc_compression(mvc_req *req, mvc_res *res);

/* method-override ---------------------------------------------------------- */

/* A POST whose query or form says `_method`, or that has the header
 * X-HTTP-Method-Override, gets that method. */
void mvc_method_override(mvc_req *req, mvc_res *res);

/* sessions ----------------------------------------------------------------- */

/*
 * Where sessions are kept, as JSON text by id.  `get` gives malloc'd text, NULL
 * when there is no such session; false is a failure of the store, which makes
 * the request one of 500.  Times are seconds since 1970.  Called from several
 * threads at once.
 */
typedef struct mvc_session_store {
    bool (*get)(void *data, const char *id, char **json);
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
    const char *name;        /* of the cookie; "sid" */
    const char *path;        /* of the cookie; "/" */
    const char *domain;      /* of the cookie; this host alone */
    int64_t max_age;         /* seconds a session lives unused; 0: a day */
    bool browser_only;       /* the cookie goes when the browser closes */
    bool rolling;            /* sends the cookie again with every response, not
                                only when something has changed */
    bool secure;             /* HTTPS only; done anyway on HTTPS */
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

/* flash -------------------------------------------------------------------- */

/* Messages for the next page, kept in the session.  Views find them in the
 * local `flash`: {"success": ["Post created."]}; {} when there are none. */
void mvc_flash(mvc_req *req, mvc_res *res);
void mvc_flash_add(mvc_req *req, const char *kind, const char *message);

/* CSRF --------------------------------------------------------------------- */

typedef struct mvc_csrf_options {
    const char *const *origins; /* other sites whose pages may send here, as
                                   "https://a.example"; ended by NULL */
} mvc_csrf_options;

/*
 * Refuses with 403 what changes something and does not carry the session's
 * token, in a header X-CSRF-Token, CSRF-Token or X-XSRF-Token, or in the query
 * or form as `_csrf`; or what a browser says another site's page has sent
 * (Sec-Fetch-Site, Origin).  GET, HEAD and OPTIONS pass.  Views find the token
 * in the local `csrfToken`.  In a form with files `_csrf` has to come before
 * them; in header or query it has a wrong one refused before the body is read.
 */
void mvc_csrf(mvc_req *req, mvc_res *res);
const char *mvc_csrf_token(mvc_req *req);

/* CORS --------------------------------------------------------------------- */

/*
 * Whose scripts may read the answers.  The first of allow, origins, any_origin
 * and origin that is set decides; none: "*", everybody's.
 */
typedef struct mvc_cors_options {
    const char *origin;         /* "https://a.example", always said */
    const char *const *origins; /* or one of these; ended by NULL */
    bool any_origin;            /* or whichever asks, by its name */
    bool (*allow)(mvc_req *req, const char *origin); /* or a rule */
    const char *methods;         /* "GET,HEAD,PUT,PATCH,POST,DELETE" */
    const char *allowed_headers; /* "A,B"; NULL: those asked for */
    const char *exposed_headers; /* "A,B" that scripts may read */
    bool credentials;            /* with cookies; not together with "*" */
    int64_t max_age;             /* seconds; 0: not said, negative: says 0 */
    bool preflight_continue;     /* OPTIONS goes on to the routes */
    int success_status;          /* of a preflight; 204 */
} mvc_cors_options;

/* As cors 2: the headers, and an answer to every OPTIONS request. */
void mvc_cors(mvc_req *req, mvc_res *res);

/* rate limit --------------------------------------------------------------- */

typedef struct mvc_rate_limit_options {
    double window;                    /* seconds; 0: 60 */
    unsigned limit;                   /* requests in it; 0: 5 */
    unsigned ipv6_subnet;             /* bits that make a client; 0: 56 */
    /* Who it is; by address when there is no such function, or it says NULL. */
    const char *(*key)(mvc_req *req);
    bool (*skip)(mvc_req *req); /* true: not counted */
    bool skip_failed;     /* nor those answered with 400 and above, */
    bool skip_successful; /* or those below: for guesses at passwords */
    const char *message; /* "Too many requests, please try again later." */
    int status;          /* 429 */
    bool no_headers;     /* only Retry-After */
} mvc_rate_limit_options;

/*
 * Counts requests in this process's memory and refuses those over the limit,
 * with Retry-After; tells the others by RateLimit headers (draft 6).  A
 * client's window begins with its first request.  Uses with the same options
 * count together.  Behind a proxy set mvc_config.trust_proxy, else all are one
 * client.
 */
void mvc_rate_limit(mvc_req *req, mvc_res *res);

/* response time ------------------------------------------------------------ */

typedef struct mvc_response_time_options {
    const char *header; /* "X-Response-Time" */
    int digits;         /* after the point; 0: 3, negative: none */
    bool no_suffix;     /* "1.234" instead of "1.234ms" */
} mvc_response_time_options;

/* Milliseconds from the request's headers to the answer's. */
void mvc_response_time(mvc_req *req, mvc_res *res);

/* basic authentication ----------------------------------------------------- */

typedef struct mvc_credentials {
    const char *name, *password;
} mvc_credentials;

typedef struct mvc_basic_auth_options {
    const mvc_credentials *users; /* ended by a NULL name; or NULL */
    /* Whether it is somebody; asked for those not in the list. */
    bool (*check)(mvc_req *req, const char *name, const char *password);
    const char *realm; /* what the dialogue says; "Restricted" */
} mvc_basic_auth_options;

/*
 * HTTP's own log-in (RFC 7617): 401 unless name and password are right, in a
 * time that does not tell which was not.  500 without options.  Use HTTPS.
 */
void mvc_basic_auth(mvc_req *req, mvc_res *res);
const char *mvc_basic_auth_user(const mvc_req *req); /* who; NULL: nobody */

/* JSON Web Tokens ---------------------------------------------------------- */

/*
 * A key has one algorithm, so a token's own word never chooses one: a secret
 * makes and checks HS256, an RSA key RS256, a key of the curve P-256 ES256.  A
 * token that says otherwise, or "none", is refused.  Used by any thread.
 */
typedef struct mvc_jwt_key mvc_jwt_key;

/* At least 32 random bytes, copied.  NULL, with *err filled in, when they do
 * not do. */
mvc_jwt_key *mvc_jwt_secret(const void *secret, size_t size, mvc_error *err);

/*
 * Text in PEM: a private key signs and verifies, a public key or a certificate
 * verifies.  RSA has to have 2048 bits.  NULL, with *err filled in, for others.
 */
mvc_jwt_key *mvc_jwt_pem(const char *pem, mvc_error *err);
void mvc_jwt_key_free(mvc_jwt_key *key); /* NULL is fine */

/* What a token claims besides the document's own members; NULL and 0: not. */
typedef struct mvc_jwt_claims {
    int64_t lifetime;   /* seconds from now: "exp" */
    int64_t not_before; /* seconds from now: "nbf" */
    const char *issuer, *audience, *subject, *id;
    const char *key_id; /* "kid" of the header */
    bool no_issued_at;  /* leave "iat" out */
} mvc_jwt_claims;

/*
 * A token of these claims, malloc'd: free() it.  `claims` is an object,
 * borrowed, or NULL.  NULL, with *err filled in, when the key cannot sign or a
 * claim is given twice.
 */
char *mvc_jwt_sign(const mvc_jwt_key *key, mvc_doc *claims,
                   const mvc_jwt_claims *options, mvc_error *err);

typedef struct mvc_jwt_options {
    const mvc_jwt_key *key;                  /* needed */
    const mvc_jwt_key *const *old_keys;      /* still accepted; NULL-ended */
    const char *issuer, *audience, *subject; /* wanted; NULL: whatever */
    int64_t leeway;     /* seconds that clocks may differ */
    int64_t max_age;    /* seconds since "iat"; 0: no limit */
    bool optional;      /* requests without a token go on */
    const char *cookie; /* where it is when no header has it: a SameSite one,
                           as browsers send cookies with forged forms, too */
    const char *realm;  /* "Restricted" */
    bool (*check)(mvc_req *req, mvc_doc *claims); /* false: it was revoked */
} mvc_jwt_options;

/*
 * The claims of a token that is signed by one of the keys and in time; the
 * caller owns them.  NULL, with *err saying what jsonwebtoken would ("jwt
 * expired", "invalid signature"), when it is not.  Only the first six options
 * are looked at.
 */
mvc_doc *mvc_jwt_verify(const char *token, const mvc_jwt_options *options,
                        mvc_error *err);

/*
 * Lets requests with `Authorization: Bearer TOKEN` through; the others fail
 * with 401 and say why in WWW-Authenticate (RFC 6750).  500 without a key.
 */
void mvc_jwt(mvc_req *req, mvc_res *res);
mvc_doc *mvc_jwt_of(const mvc_req *req); /* the claims; NULL: no token */

/* favicon ------------------------------------------------------------------ */

typedef struct mvc_favicon_options {
    const void *data; /* the icon itself, borrowed */
    size_t size;
    const char *path; /* or a file */
    int64_t max_age;  /* seconds; 0: a year, negative: 0 */
} mvc_favicon_options;

/* Answers /favicon.ico; before the logger it also keeps it out of the log.
 * Without an icon the answer is 204, and the browser asks no more. */
void mvc_favicon(mvc_req *req, mvc_res *res);

/* passwords ---------------------------------------------------------------- */

enum { MVC_PASSWORD_HASH = 128 };

/* For a database that others read who know bcrypt alone ("$2b$"): `cost`
 * doubles the time, 0: 12.  False when it is out of range (4 to 31), the
 * password has more than bcrypt's 72 bytes, or memory is out. */
bool mvc_password_hash_bcrypt(char hash[MVC_PASSWORD_HASH],
                              const char *password, int cost);

/*
 * An Argon2id hash with a salt of its own, to be stored as it is: "$argon2id$".
 * Takes 64 MiB and tens of milliseconds, so call it, and the next, in blocking
 * handlers.  False when out of memory.
 */
bool mvc_password_hash(char hash[MVC_PASSWORD_HASH], const char *password);

/*
 * Whether it is the password: of such a hash, or of bcrypt's ($2a$, $2b$, $2y$;
 * bcrypt reads 72 bytes).  With a NULL hash, for a name that nobody has, it is
 * false after as long a time.
 */
bool mvc_password_verify(const char *hash, const char *password);

/* Whether to hash anew, now that the password is known: bcrypt's are old. */
bool mvc_password_is_old(const char *hash);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
