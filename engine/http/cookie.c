/* cookie.c - reads, writes and signs cookies. */
#include <ctype.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http/etag.h"
#include "http/exchange.h"
#include "http/json.h"
#include "http/target.h"

enum { MAX_COOKIES = 300 };

/* reading -------------------------------------------------------------------
 */

static const char *decode_value(mvc_req *req, const char *at, size_t size)
{
    if (size >= 2 && at[0] == '"' && at[size - 1] == '"') {
        at++;
        size -= 2;
    }
    const char *plain = mvc__decode_component(&req->arena, at, size);
    return plain ? plain : base_arena_dup(&req->arena, at, size);
}

static void parse(mvc_req *req, const char *text)
{
    mvc__param **tail = &req->cookies;
    for (unsigned n = 0; *text && n < MAX_COOKIES; n++) {
        const size_t size = strcspn(text, ";");
        const char *equals = memchr(text, '=', size);
        const char *name = text + strspn(text, " \t");
        if (equals && name <= equals) {
            size_t name_size = (size_t)(equals - name);
            while (name_size &&
                   (name[name_size - 1] == ' ' || name[name_size - 1] == '\t'))
                name_size--;
            const char *value = equals + 1 + strspn(equals + 1, " \t");
            const char *end = text + size;
            while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
            mvc__param *p = base_arena_zalloc(&req->arena, 1, sizeof *p);
            if (!p)
                return;
            p->name = base_arena_dup(&req->arena, name, name_size);
            p->value = value < end
                           ? decode_value(req, value, (size_t)(end - value))
                           : "";
            if (!p->name || !p->value)
                return;
            *tail = p;
            tail = &p->next;
        }
        text += size + (text[size] == ';');
    }
}

static void need_cookies(mvc_req *req)
{
    if (req->cookies_parsed)
        return;
    req->cookies_parsed = true;
    const char *header = mvc_header(req, "Cookie");
    if (header)
        parse(req, header);
}

/* The first of a name counts, as in the cookie package. */
const char *mvc_cookie(mvc_req *req, const char *name)
{
    need_cookies(req);
    for (const mvc__param *p = req->cookies; p; p = p->next)
        if (strcmp(p->name, name) == 0)
            return p->value;
    return NULL;
}

void mvc_each_cookie(mvc_req *req,
                     void (*call)(void *data, const char *name,
                                  const char *value),
                     void *data)
{
    need_cookies(req);
    for (const mvc__param *p = req->cookies; p; p = p->next)
        call(data, p->name, p->value);
}

static void put_doc(void *doc)
{
    json_object_put(doc);
}

mvc_doc *mvc_cookie_doc(mvc_req *req, const char *name)
{
    enum { MAX_DEPTH = 32 };
    const char *text = mvc_cookie(req, name);
    if (text && strncmp(text, "s:", 2) == 0)
        text = mvc_signed_cookie(req, name);
    if (!text || strncmp(text, "j:", 2) != 0)
        return NULL;
    bool is_null;
    const char *message;
    mvc_doc *doc = mvc__json_read(text + 2, strlen(text + 2), MAX_DEPTH,
                                  &is_null, &message);
    if (doc && !mvc_attach(req, &put_doc, doc, put_doc))
        return NULL;
    return doc;
}

/* signing -------------------------------------------------------------------
 */

enum { SIGNATURE_SIZE = 43 }; /* base64 of 32 bytes without '=' */

static void sign(char out[SIGNATURE_SIZE + 2], const char *value, size_t size,
                 const char *secret)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret,
                                strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)value, size);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2base64(out, SIGNATURE_SIZE + 2, mac, sizeof mac,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

char *mvc_sign(mvc_req *req, const char *value)
{
    const char **secrets = req->app->secrets;
    if (!secrets || !secrets[0])
        return NULL;
    char signature[SIGNATURE_SIZE + 2];
    sign(signature, value, strlen(value), secrets[0]);
    return base_arena_printf(&req->arena, "%s.%s", value, signature);
}

const char *mvc_unsign(mvc_req *req, const char *text)
{
    const char *dot = strrchr(text, '.');
    if (!dot || !req->app->secrets || strlen(dot + 1) != SIGNATURE_SIZE)
        return NULL;
    for (const char **s = req->app->secrets; *s; s++) {
        char expected[SIGNATURE_SIZE + 2];
        sign(expected, text, (size_t)(dot - text), *s);
        if (sodium_memcmp(expected, dot + 1, SIGNATURE_SIZE) == 0)
            return base_arena_dup(&req->arena, text, (size_t)(dot - text));
    }
    return NULL;
}

const char *mvc_signed_cookie(mvc_req *req, const char *name)
{
    const char *value = mvc_cookie(req, name);
    if (!value || strncmp(value, "s:", 2) != 0)
        return NULL;
    return mvc_unsign(req, value + 2);
}

/* writing -------------------------------------------------------------------
 */

static void refuse(mvc_res *res, const char *what, const char *value)
{
    (void)value;
    mvc__fail_code(mvc_req_of(res), 500, "ERR_INVALID_COOKIE",
                   "a cookie's %s holds a character that may not be sent",
                   what);
}

static bool is_name(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
            return false;
    return true;
}

static bool is_path(const char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text == 0x7F || *text == ';')
            return false;
    return true;
}

static bool is_domain(const char *text)
{
    const char *at = text + (*text == '.');
    if (!*at)
        return false;
    for (; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '-' && *at != '.')
            return false;
    return true;
}

/* encodeURIComponent */
static void encode(base_buf *out, const char *text)
{
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) || strchr("-_.!~*'()", *text))
            base_buf_putc(out, *text);
        else
            base_buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

static const char *priority_name(const char *text)
{
    return strcasecmp(text, "low") == 0      ? "Low"
           : strcasecmp(text, "medium") == 0 ? "Medium"
           : strcasecmp(text, "high") == 0   ? "High"
                                             : NULL;
}

/* Attributes in the order the cookie package writes them. */
static void attributes(base_buf *out, const mvc_cookie_options *o,
                       bool has_expiry)
{
    static const char *const same_sites[] = {
        [MVC_SAME_SITE_LAX] = "Lax",
        [MVC_SAME_SITE_STRICT] = "Strict",
        [MVC_SAME_SITE_NONE] = "None",
    };
    char date[MVC__DATE_SIZE];
    if (o->max_age)
        base_buf_printf(out, "; Max-Age=%lld", (long long)o->max_age);
    if (o->domain)
        base_buf_printf(out, "; Domain=%s", o->domain);
    base_buf_printf(out, "; Path=%s", o->path ? o->path : "/");
    if (has_expiry) {
        mvc__date(date,
                  o->max_age ? time(NULL) + o->max_age : (time_t)o->expires);
        base_buf_printf(out, "; Expires=%s", date);
    }
    if (o->http_only)
        base_buf_puts(out, "; HttpOnly");
    if (o->secure)
        base_buf_puts(out, "; Secure");
    if (o->partitioned)
        base_buf_puts(out, "; Partitioned");
    if (o->priority)
        base_buf_printf(out, "; Priority=%s", priority_name(o->priority));
    if (o->same_site != MVC_SAME_SITE_UNSET)
        base_buf_printf(out, "; SameSite=%s", same_sites[o->same_site]);
}

static void put_cookie(mvc_res *res, const char *name, const char *value,
                       const mvc_cookie_options *o, bool has_expiry)
{
    mvc_req *req = mvc_req_of(res);
    if (!is_name(name)) {
        refuse(res, "name", name);
    } else if (o->path && !is_path(o->path)) {
        refuse(res, "path", o->path);
    } else if (o->domain && !is_domain(o->domain)) {
        refuse(res, "domain", o->domain);
    } else if (o->priority && !priority_name(o->priority)) {
        refuse(res, "priority", o->priority);
    } else {
        base_buf out = {0};
        base_buf_printf(&out, "%s=", name);
        encode(&out, value);
        attributes(&out, o, has_expiry);
        const char *text =
            out.failed ? NULL : base_arena_dup(&req->arena, out.data, out.size);
        base_buf_free(&out);
        if (text)
            mvc_add_header(res, "Set-Cookie", text);
        else
            mvc__fail_code(req, 500, NULL, "out of memory");
    }
}

void mvc_set_cookie(mvc_res *res, const char *name, const char *value,
                    const mvc_cookie_options *options)
{
    mvc_req *req = mvc_req_of(res);
    const mvc_cookie_options o = options ? *options : (mvc_cookie_options){0};
    if (o.is_signed) {
        value = mvc_sign(req, value);
        value = value ? base_arena_printf(&req->arena, "s:%s", value) : NULL;
        if (!value) {
            mvc_fail(req, res, 500,
                     "a signed cookie needs a secret in mvc_config");
            return;
        }
    }
    put_cookie(res, name, value, &o, o.max_age != 0 || o.expires != 0);
}

void mvc_set_cookie_doc(mvc_res *res, const char *name, mvc_doc *value,
                        const mvc_cookie_options *options)
{
    base_buf out = {0};
    base_buf_puts(&out, "j:");
    mvc__json_write(&out, value, 0, false, false);
    base_buf_putc(&out, '\0');
    if (out.failed)
        mvc__fail_code(mvc_req_of(res), 500, NULL, "out of memory");
    else
        mvc_set_cookie(res, name, out.data, options);
    base_buf_free(&out);
}

void mvc_clear_cookie(mvc_res *res, const char *name,
                      const mvc_cookie_options *options)
{
    mvc_cookie_options o = options ? *options : (mvc_cookie_options){0};
    o.max_age = 0;
    o.expires = 0;
    put_cookie(res, name, "", &o, true);
}
