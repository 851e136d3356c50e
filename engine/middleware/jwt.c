/*
 * jwt.c - JSON Web Tokens (RFC 7519), signed: made, checked, asked for.
 *
 *     base64url(header) "." base64url(claims) "." base64url(signature)
 *
 * The sentences of errors are those of npm's jsonwebtoken.
 */
#include "middleware/jwt_key.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "http/json.h"

enum { DEEPEST = 32, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static const char attached;

/* making ------------------------------------------------------------------- */

static void put_base64(base_buf *out, const void *data, size_t size)
{
    const size_t room = sodium_base64_encoded_len(size, VARIANT);
    if (!base_buf_reserve(out, room))
        return;
    sodium_bin2base64(out->data + out->size, room, data, size, VARIANT);
    out->size += room - 1; /* without the NUL */
}

static void put_json(base_buf *out, json_object *value)
{
    base_buf text = {0};
    mvc__json_write(&text, value, 0, false, false);
    put_base64(out, text.data, text.size);
    out->failed |= text.failed;
    base_buf_free(&text);
}

/* Takes the value over; false when there is none: out of memory. */
static bool add(json_object *o, const char *name, json_object *value)
{
    if (value && json_object_object_add(o, name, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static void put_header(base_buf *out, const mvc_jwt_key *key, const char *id)
{
    json_object *header = json_object_new_object();
    const char *algorithm = mvc__jwt_algorithm(key);
    out->failed |= !header ||
                   !add(header, "alg", json_object_new_string(algorithm)) ||
                   !add(header, "typ", json_object_new_string("JWT")) ||
                   (id && !add(header, "kid", json_object_new_string(id)));
    put_json(out, header);
    json_object_put(header);
}

/* Adds to the claims what the options say; false when it is said already. */
static bool add_options(json_object *all, const mvc_jwt_claims *o,
                        mvc_error *err)
{
    const struct {
        const char *name, *text;
        int64_t time;
    } added[] = {{"nbf", NULL, o->not_before}, {"exp", NULL, o->lifetime},
                 {"aud", o->audience, 0},      {"iss", o->issuer, 0},
                 {"sub", o->subject, 0},       {"jti", o->id, 0}};
    const int64_t now = (int64_t)time(NULL);
    bool ok = true;
    if (!o->no_issued_at && !json_object_object_get_ex(all, "iat", NULL))
        ok = add(all, "iat", json_object_new_int64(now));
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
        if (!added[i].text && !added[i].time)
            continue;
        if (json_object_object_get_ex(all, added[i].name, NULL))
            return mvc__jwt_error(err, MVC_MISUSE,
                                  "the claims have \"%s\" already: expected "
                                  "it there or in the options",
                                  added[i].name);
        ok &= add(all, added[i].name,
                  added[i].text ? json_object_new_string(added[i].text)
                                : json_object_new_int64(now + added[i].time));
    }
    return ok || mvc__jwt_error(err, MVC_NOMEM, "out of memory");
}

static json_object *copy_claims(mvc_doc *claims)
{
    json_object *all = json_object_new_object();
    if (!all || !claims)
        return all;
    json_object_object_foreach(claims, name, value)
    {
        if (json_object_object_add(all, name, json_object_get(value)) != 0) {
            json_object_put(value);
            json_object_put(all);
            return NULL;
        }
    }
    return all;
}

char *mvc_jwt_sign(const mvc_jwt_key *key, mvc_doc *claims,
                   const mvc_jwt_claims *options, mvc_error *err)
{
    static const mvc_jwt_claims none;
    const mvc_jwt_claims *o = options ? options : &none;
    unsigned char signature[MVC__JWT_SIGNATURE];
    base_buf token = {0};
    if (claims && !json_object_is_type(claims, json_type_object)) {
        mvc__jwt_error(err, MVC_MISUSE, "expected the claims to be an object");
        return NULL;
    }
    json_object *all = copy_claims(claims);
    if (!all)
        mvc__jwt_error(err, MVC_NOMEM, "out of memory");
    if (!all || !add_options(all, o, err)) {
        json_object_put(all);
        return NULL;
    }
    put_header(&token, key, o->key_id);
    base_buf_putc(&token, '.');
    put_json(&token, all);
    json_object_put(all);
    const size_t size =
        token.failed ? 0
                     : mvc__jwt_sign(key, token.data, token.size, signature);
    base_buf_putc(&token, '.');
    put_base64(&token, signature, size);
    if (token.failed)
        mvc__jwt_error(err, MVC_NOMEM, "out of memory");
    else if (size)
        return base_buf_take(&token, NULL);
    else
        mvc__jwt_error(err, MVC_MISUSE,
                       "this key cannot sign: expected a private key");
    base_buf_free(&token);
    return NULL;
}

/* checking ----------------------------------------------------------------- */

typedef struct part {
    const char *text;
    size_t size;
} part;

/* Three parts with dots between them. */
static bool cut(const char *token, part parts[3])
{
    for (int i = 0; i < 3; i++) {
        parts[i] = (part){token, strcspn(token, ".")};
        token += parts[i].size;
        if (*token != (i < 2 ? '.' : '\0'))
            return false;
        token++;
    }
    return true;
}

/* The part's bytes, NUL-terminated and malloc'd; NULL when it is no base64. */
static unsigned char *decode(const part *p, size_t *size)
{
    unsigned char *bytes = malloc(p->size + 1);
    if (!bytes)
        return NULL;
    if (p->size == 0) {
        *size = 0;
    } else if (sodium_base642bin(bytes, p->size, p->text, p->size, NULL, size,
                                 NULL, VARIANT) != 0) {
        free(bytes);
        return NULL;
    }
    bytes[*size] = '\0';
    return bytes;
}

static json_object *decode_object(const part *p)
{
    size_t size;
    bool is_null;
    const char *message;
    unsigned char *text = decode(p, &size);
    json_object *value = text ? mvc__json_read((const char *)text, size,
                                               DEEPEST, &is_null, &message)
                              : NULL;
    free(text);
    if (json_object_is_type(value, json_type_object))
        return value;
    json_object_put(value);
    return NULL;
}

static const char *text_of(json_object *o, const char *name)
{
    json_object *value;
    return json_object_object_get_ex(o, name, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

/* Whether the header is right for one of the keys, and the signature too. */
static bool is_signed(const char *token, const part parts[3],
                      json_object *header, const mvc_jwt_options *o,
                      mvc_error *err)
{
    const char *algorithm = text_of(header, "alg");
    const size_t signed_size = parts[0].size + 1 + parts[1].size;
    bool fits = false, right = false;
    size_t size = 0;
    if (json_object_object_get_ex(header, "crit", NULL))
        return mvc__jwt_error(err, MVC_INVALID,
                              "invalid token: its header has \"crit\"");
    unsigned char *signature = decode(&parts[2], &size);
    for (int i = -1; signature && (i < 0 || (o->old_keys && o->old_keys[i]));
         i++) {
        const mvc_jwt_key *key = i < 0 ? o->key : o->old_keys[i];
        if (!algorithm || strcmp(algorithm, mvc__jwt_algorithm(key)) != 0)
            continue;
        fits = true;
        right |= mvc__jwt_verify(key, token, signed_size, signature, size);
    }
    free(signature);
    if (right)
        return true;
    return mvc__jwt_error(err, MVC_INVALID, "%s",
                          parts[2].size == 0 ? "jwt signature is required"
                          : !signature       ? "jwt malformed"
                          : fits             ? "invalid signature"
                                             : "invalid algorithm");
}

/* A claim's time: false when it is there and no number. */
static bool time_of(json_object *claims, const char *name, bool *is_there,
                    double *when, mvc_error *err)
{
    json_object *value;
    *is_there = json_object_object_get_ex(claims, name, &value);
    if (!*is_there)
        return true;
    if (!json_object_is_type(value, json_type_int) &&
        !json_object_is_type(value, json_type_double))
        return mvc__jwt_error(err, MVC_INVALID, "invalid %s value", name);
    *when = json_object_get_double(value);
    return true;
}

static bool is_in_time(json_object *claims, const mvc_jwt_options *o,
                       mvc_error *err)
{
    const double now = (double)time(NULL), leeway = (double)o->leeway;
    bool has_start, has_end, has_birth;
    double start = 0, end = 0, birth = 0;
    if (!time_of(claims, "nbf", &has_start, &start, err) ||
        !time_of(claims, "exp", &has_end, &end, err) ||
        !time_of(claims, "iat", &has_birth, &birth, err))
        return false;
    if (has_start && start > now + leeway)
        return mvc__jwt_error(err, MVC_INVALID, "jwt not active");
    if (has_end && now >= end + leeway)
        return mvc__jwt_error(err, MVC_INVALID, "jwt expired");
    if (o->max_age && !has_birth)
        return mvc__jwt_error(err, MVC_INVALID,
                              "iat required when maxAge is specified");
    if (o->max_age && now >= birth + (double)o->max_age + leeway)
        return mvc__jwt_error(err, MVC_INVALID, "maxAge exceeded");
    return true;
}

/* "aud" is a text or a list of them. */
static bool is_for(json_object *claims, const char *audience)
{
    json_object *value;
    const char *one = text_of(claims, "aud");
    if (one)
        return strcmp(one, audience) == 0;
    if (!json_object_object_get_ex(claims, "aud", &value) ||
        !json_object_is_type(value, json_type_array))
        return false;
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        json_object *item = json_object_array_get_idx(value, i);
        if (json_object_is_type(item, json_type_string) &&
            strcmp(json_object_get_string(item), audience) == 0)
            return true;
    }
    return false;
}

static bool is_right(json_object *claims, const mvc_jwt_options *o,
                     mvc_error *err)
{
    const char *issuer = text_of(claims, "iss");
    const char *subject = text_of(claims, "sub");
    if (!is_in_time(claims, o, err))
        return false;
    if (o->audience && !is_for(claims, o->audience))
        return mvc__jwt_error(err, MVC_INVALID,
                              "jwt audience invalid. expected: %s",
                              o->audience);
    if (o->issuer && (!issuer || strcmp(issuer, o->issuer) != 0))
        return mvc__jwt_error(err, MVC_INVALID,
                              "jwt issuer invalid. expected: %s", o->issuer);
    if (o->subject && (!subject || strcmp(subject, o->subject) != 0))
        return mvc__jwt_error(err, MVC_INVALID,
                              "jwt subject invalid. expected: %s", o->subject);
    return true;
}

mvc_doc *mvc_jwt_verify(const char *token, const mvc_jwt_options *options,
                        mvc_error *err)
{
    part parts[3];
    if (!options || !options->key) {
        mvc__jwt_error(err, MVC_MISUSE, "a key is needed to verify a token");
        return NULL;
    }
    if (!cut(token, parts)) {
        mvc__jwt_error(err, MVC_INVALID, "jwt malformed");
        return NULL;
    }
    json_object *header = decode_object(&parts[0]);
    if (!header) {
        mvc__jwt_error(err, MVC_INVALID, "invalid token");
        return NULL;
    }
    /* What the token claims is not even read unless it is signed. */
    const bool ok = is_signed(token, parts, header, options, err);
    json_object_put(header);
    json_object *claims = ok ? decode_object(&parts[1]) : NULL;
    if (ok && !claims)
        mvc__jwt_error(err, MVC_INVALID, "invalid token");
    if (!claims || is_right(claims, options, err))
        return claims;
    json_object_put(claims);
    return NULL;
}

/* the middleware ----------------------------------------------------------- */

/* RFC 6750: the reason is for the client's developer, in quotes. */
static void refuse(mvc_req *req, mvc_res *res, const char *realm,
                   const char *reason)
{
    char *quoted = mvc_format(req, "%s", reason ? reason : "");
    for (char *c = quoted; c && *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' ||
            (unsigned char)*c >= 0x7F)
            *c = '\'';
    const char *value = mvc_format(
        req, "Bearer realm=\"%s\"%s%s%s", realm ? realm : "Restricted",
        reason ? ", error=\"invalid_token\", error_description=\"" : "",
        quoted ? quoted : "", reason ? "\"" : "");
    if (value)
        mvc_set_header(res, "WWW-Authenticate", value);
    mvc_fail_with(req, res,
                  &(mvc_failure){
                      .status = 401,
                      .message = reason ? reason : "a token is needed",
                      .code = reason ? "invalid_token" : "credentials_required",
                      .expose = true,
                  });
}

/* The token, or NULL with *reason set when there is something else instead. */
static const char *find_token(mvc_req *req, const mvc_jwt_options *o,
                              const char **reason)
{
    const char *header = mvc_header(req, "Authorization");
    if (header && strncasecmp(header, "Bearer ", 7) == 0)
        return header + 7 + strspn(header + 7, " ");
    const char *cookie = o->cookie ? mvc_cookie(req, o->cookie) : NULL;
    if (!cookie && header)
        *reason = "expected \"Authorization: Bearer\" and the token";
    return cookie;
}

static void put_claims(void *claims)
{
    json_object_put(claims);
}

void mvc_jwt(mvc_req *req, mvc_res *res)
{
    const mvc_jwt_options *o = mvc_data(req);
    const char *reason = NULL;
    mvc_error err;
    if (!o || !o->key) {
        mvc_fail(req, res, 500, "mvc_jwt needs a key");
        return;
    }
    const char *token = find_token(req, o, &reason);
    if (!token && !reason && o->optional) {
        mvc_next(req, res);
        return;
    }
    if (!token) {
        refuse(req, res, o->realm, reason);
        return;
    }
    mvc_doc *claims = mvc_jwt_verify(token, o, &err);
    if (!claims) {
        refuse(req, res, o->realm, err.message);
        return;
    }
    if (!mvc_attach(req, &attached, claims, put_claims)) {
        json_object_put(claims);
        mvc_fail(req, res, 500, "out of memory");
        return;
    }
    if (o->check && !o->check(req, claims))
        refuse(req, res, o->realm, "the token has been revoked");
    else
        mvc_next(req, res);
}

mvc_doc *mvc_jwt_of(const mvc_req *req)
{
    return mvc_attached(req, &attached);
}
