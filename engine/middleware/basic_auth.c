/* basic_auth.c - a name and a password by the browser's own dialogue. */
#include "middleware/basic_auth.h"

#include <mvc/middleware.h>

#include <sodium.h>
#include <string.h>
#include <strings.h>

static const char attached;

/* Hashes have one length, so that comparing tells nothing about a text's. */
static bool same(const char *a, const char *b)
{
    unsigned char x[crypto_generichash_BYTES], y[crypto_generichash_BYTES];
    crypto_generichash(x, sizeof x, (const unsigned char *)a, strlen(a), NULL,
                       0);
    crypto_generichash(y, sizeof y, (const unsigned char *)b, strlen(b), NULL,
                       0);
    return sodium_memcmp(x, y, sizeof x) == 0;
}

/* Looks at all of them, whoever it is. */
static bool is_listed(const mvc_credentials *users, const char *name,
                      const char *password)
{
    bool found = false;
    for (; users && users->name; users++) {
        const bool right_name = same(users->name, name);
        const bool right_password = same(users->password, password);
        found |= right_name & right_password;
    }
    return found;
}

char *mvc__basic_auth_decode(mvc_req *req)
{
    const char *header = mvc_header(req, "Authorization");
    if (!header || strncasecmp(header, "Basic ", 6) != 0)
        return NULL;
    header += 6;
    while (*header == ' ')
        header++;
    const size_t length = strlen(header);
    char *text = mvc_alloc(req, length + 1);
    size_t size;
    if (!text)
        return NULL;
    if (sodium_base642bin((unsigned char *)text, length, header, length, NULL,
                          &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return NULL;
    text[size] = '\0';
    return strlen(text) == size ? text : NULL;
}

static void refuse(mvc_req *req, mvc_res *res, const char *realm)
{
    const char *value = mvc_format(req, "Basic realm=\"%s\", charset=\"UTF-8\"",
                                   realm ? realm : "Restricted");
    if (value)
        mvc_set_header(res, "WWW-Authenticate", value);
    mvc_send_status(res, 401);
}

void mvc_basic_auth(mvc_req *req, mvc_res *res)
{
    const mvc_basic_auth_options *o = mvc_data(req);
    if (!o || (!o->users && !o->check) || sodium_init() < 0) {
        mvc_fail(req, res, 500, "mvc_basic_auth needs users, or a check");
        return;
    }
    char *name = mvc__basic_auth_decode(req);
    char *colon = name ? strchr(name, ':') : NULL;
    if (!colon) {
        refuse(req, res, o->realm);
        return;
    }
    *colon = '\0';
    if (!is_listed(o->users, name, colon + 1) &&
        !(o->check && o->check(req, name, colon + 1))) {
        refuse(req, res, o->realm);
        return;
    }
    if (!mvc_attach(req, &attached, name, NULL)) {
        mvc_fail(req, res, 500, "out of memory");
        return;
    }
    mvc_next(req, res);
}

const char *mvc_basic_auth_user(const mvc_req *req)
{
    return mvc_attached(req, &attached);
}
