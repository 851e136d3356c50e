/*
 * csrf.c - a token that only our own pages know.
 *
 * The session holds a secret; a page gets it masked with fresh random bytes,
 * so that compressing the page tells nothing about it (BREACH):
 *
 *     token = hex(mask) hex(mask XOR secret)
 */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

enum { SECRET = 16, TOKEN = 4 * SECRET };

static const char key[] = "csrfSecret";
static const char attached;

static bool from_hex(const char *text, size_t digits, unsigned char *out)
{
    size_t size;
    return sodium_hex2bin(out, digits / 2, text, digits, NULL, &size, NULL) ==
               0 &&
           size == digits / 2;
}

static bool stored_secret(mvc_req *req, unsigned char *secret)
{
    const char *text = mvc_session_text(req, key);
    return text && strlen(text) == (size_t)2 * SECRET &&
           from_hex(text, (size_t)2 * SECRET, secret);
}

static bool secret_of(mvc_req *req, unsigned char *secret)
{
    char text[2 * SECRET + 1];
    if (stored_secret(req, secret))
        return true;
    if (!mvc_session_of(req))
        return false;
    randombytes_buf(secret, SECRET);
    sodium_bin2hex(text, sizeof text, secret, SECRET);
    mvc_session_set(req, key, text);
    return true;
}

const char *mvc_csrf_token(mvc_req *req)
{
    unsigned char both[2 * SECRET], secret[SECRET];
    const char *known = mvc_attached(req, &attached);
    if (known)
        return known;
    if (!secret_of(req, secret))
        return NULL;
    randombytes_buf(both, SECRET);
    for (int i = 0; i < SECRET; i++)
        both[SECRET + i] = both[i] ^ secret[i];
    char *token = mvc_alloc(req, TOKEN + 1);
    if (!token)
        return NULL;
    sodium_bin2hex(token, TOKEN + 1, both, sizeof both);
    mvc_attach(req, &attached, token, NULL);
    return token;
}

static bool is_right(mvc_req *req, const char *token)
{
    unsigned char both[2 * SECRET], secret[SECRET];
    if (!token || strlen(token) != TOKEN || !from_hex(token, TOKEN, both) ||
        !stored_secret(req, secret))
        return false;
    for (int i = 0; i < SECRET; i++)
        both[i] ^= both[SECRET + i];
    return sodium_memcmp(both, secret, SECRET) == 0;
}

/* By header or query: known before the body is. */
static const char *said_token(mvc_req *req)
{
    static const char *const headers[] = {"X-CSRF-Token", "CSRF-Token",
                                          "X-XSRF-Token"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *token = mvc_header(req, headers[i]);
        if (token)
            return token;
    }
    return mvc_query(req, "_csrf");
}

static bool is_listed(const mvc_req *req, const char *origin)
{
    const mvc_csrf_options *o = mvc_data(req);
    for (size_t i = 0; o && o->origins && o->origins[i]; i++)
        if (strcasecmp(o->origins[i], origin) == 0)
            return true;
    return false;
}

/*
 * A page of another site sent it, and the browser says so.  Not all browsers
 * say it in both ways, and other clients say nothing.
 */
static bool is_foreign(mvc_req *req)
{
    const char *origin = mvc_header(req, "Origin");
    const char *site = mvc_header(req, "Sec-Fetch-Site");
    if (origin && is_listed(req, origin))
        return false;
    if (site)
        return strcmp(site, "cross-site") == 0;
    const char *host = origin ? strstr(origin, "://") : NULL;
    const char *own = mvc_host(req);
    return origin && (!host || !own || strcasecmp(host + 3, own) != 0);
}

static bool is_safe(mvc_req *req)
{
    const mvc_method method = mvc_method_of(req);
    return method == MVC_GET || method == MVC_HEAD || method == MVC_OPTIONS;
}

static void refuse(mvc_req *req, mvc_res *res, const char *message)
{
    mvc_fail_with(req, res,
                  &(mvc_failure){.status = 403,
                                 .message = message,
                                 .code = "EBADCSRFTOKEN",
                                 .expose = true});
}

static const char wrong_token[] =
    "invalid csrf token: expected the form's own, please load the page again";

/* Nothing is stored for a form that does not begin with its token. */
static bool begins_with_token(mvc_req *req, mvc_doc *fields)
{
    json_object *token = NULL;
    json_object_object_get_ex(fields, "_csrf", &token);
    if (is_right(req, json_object_get_string(token)))
        return true;
    refuse(req, mvc_res_of(req), wrong_token);
    return false;
}

/* False: it has been refused, or waits for the body. */
static bool is_allowed(mvc_req *req, mvc_res *res)
{
    if (is_foreign(req)) {
        refuse(req, res, "the request comes from a page of another site");
        return false;
    }
    const char *token = said_token(req);
    if (!token) {
        mvc_before_files(req, begins_with_token);
        if (!mvc_await_body(req, res))
            return false;
        token = mvc_body_text(req, "_csrf");
    }
    if (is_right(req, token))
        return true;
    refuse(req, res, wrong_token);
    return false;
}

void mvc_csrf(mvc_req *req, mvc_res *res)
{
    if (sodium_init() < 0) {
        mvc_fail(req, res, 500, "libsodium cannot be used");
        return;
    }
    /* What came as POST is no safe request, whatever it was turned into. */
    const bool came_as_post = strcmp(mvc_original_method(req), "POST") == 0;
    if ((!is_safe(req) || came_as_post) && !is_allowed(req, res))
        return;
    const char *token = mvc_csrf_token(req);
    if (!token)
        return; /* without sessions it has failed */
    mvc_local_str(res, "csrfToken", token);
    mvc_next(req, res);
}
