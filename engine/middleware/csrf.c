/*
 * csrf.c - a token that only our own pages know.
 *
 * The session holds a secret; a page gets it masked with fresh random bytes,
 * so that compressing the page tells nothing about it (BREACH):
 *
 *     token = hex(mask) hex(mask XOR secret)
 */
#include <mvc/middleware.h>

#include <sodium.h>
#include <string.h>

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

static const char *sent_token(mvc_req *req)
{
    static const char *const headers[] = {"X-CSRF-Token", "CSRF-Token",
                                          "X-XSRF-Token"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const char *token = mvc_header(req, headers[i]);
        if (token)
            return token;
    }
    const char *token = mvc_body_text(req, "_csrf");
    return token ? token : mvc_query(req, "_csrf");
}

static bool is_safe(mvc_req *req)
{
    const mvc_method method = mvc_method_of(req);
    return method == MVC_GET || method == MVC_HEAD || method == MVC_OPTIONS;
}

void mvc_csrf(mvc_req *req, mvc_res *res)
{
    if (sodium_init() < 0) {
        mvc_fail(req, res, 500, "libsodium cannot be used");
        return;
    }
    /* What came as POST is no safe request, whatever it was turned into. */
    const bool came_as_post = strcmp(mvc_original_method(req), "POST") == 0;
    if ((!is_safe(req) || came_as_post) && !is_right(req, sent_token(req))) {
        mvc_fail_with(req, res,
                      &(mvc_failure){
                          .status = 403,
                          .message = "invalid csrf token: expected the form's "
                                     "own, please load the page again",
                          .code = "EBADCSRFTOKEN",
                          .expose = true,
                      });
        return;
    }
    const char *token = mvc_csrf_token(req);
    if (!token)
        return; /* without sessions it has failed */
    mvc_local_str(res, "csrfToken", token);
    mvc_next(req, res);
}
