/* helmet.c - security headers, as helmet 8 sends them. */
#include <mvc/middleware.h>

#include <sodium.h>
#include <stddef.h>
#include <string.h>

typedef struct row {
    const char *name, *fallback;
    size_t member; /* of mvc_helmet_options */
} row;

#define ROW(name, fallback, member)                                            \
    {                                                                          \
        name, fallback, offsetof(mvc_helmet_options, member)                   \
    }

enum { POLICIES = 2 }; /* the first rows, which may have nonces in them */

static const row rows[] = {
    ROW("Content-Security-Policy",
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;"
        "form-action 'self';frame-ancestors 'self';img-src 'self' data:;"
        "object-src 'none';script-src 'self';script-src-attr 'none';"
        "style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
        content_security_policy),
    ROW("Content-Security-Policy-Report-Only", "",
        content_security_policy_report_only),
    ROW("Cross-Origin-Embedder-Policy", "", cross_origin_embedder_policy),
    ROW("Cross-Origin-Opener-Policy", "same-origin",
        cross_origin_opener_policy),
    ROW("Cross-Origin-Resource-Policy", "same-origin",
        cross_origin_resource_policy),
    ROW("Origin-Agent-Cluster", "?1", origin_agent_cluster),
    ROW("Referrer-Policy", "no-referrer", referrer_policy),
    ROW("Strict-Transport-Security", "max-age=31536000; includeSubDomains",
        strict_transport_security),
    ROW("X-Content-Type-Options", "nosniff", x_content_type_options),
    ROW("X-DNS-Prefetch-Control", "off", x_dns_prefetch_control),
    ROW("X-Download-Options", "noopen", x_download_options),
    ROW("X-Frame-Options", "SAMEORIGIN", x_frame_options),
    ROW("X-Permitted-Cross-Domain-Policies", "none",
        x_permitted_cross_domain_policies),
    ROW("X-XSS-Protection", "0", x_xss_protection),
};

static const char attached;

const char *mvc_csp_nonce(mvc_req *req)
{
    enum {
        BYTES = 16,
        SIZE = sodium_base64_ENCODED_LEN(BYTES, sodium_base64_VARIANT_ORIGINAL)
    };
    unsigned char bytes[BYTES];
    char *nonce = mvc_attached(req, &attached);
    if (nonce)
        return nonce;
    nonce = mvc_alloc(req, SIZE);
    if (!nonce || sodium_init() < 0)
        return NULL;
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(nonce, SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_ORIGINAL);
    return mvc_attach(req, &attached, nonce, NULL) ? nonce : NULL;
}

/* The policy with this request's nonce wherever it asks for one. */
static const char *with_nonce(mvc_req *req, mvc_res *res, const char *policy)
{
    static const char place[] = "{nonce}";
    const char *at;
    while (policy && (at = strstr(policy, place))) {
        const char *nonce = mvc_csp_nonce(req);
        if (!nonce)
            return NULL;
        policy = mvc_format(req, "%.*s%s%s", (int)(at - policy), policy, nonce,
                            at + sizeof place - 1);
        mvc_local_str(res, "cspNonce", nonce);
    }
    return policy;
}

void mvc_helmet(mvc_req *req, mvc_res *res)
{
    const char *options = mvc_data(req);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *value =
            options
                ? *(const char *const *)(const void *)(options + rows[i].member)
                : NULL;
        if (!value)
            value = rows[i].fallback;
        if (i < POLICIES && !(value = with_nonce(req, res, value))) {
            mvc_fail(req, res, 500, "out of memory");
            return;
        }
        if (*value)
            mvc_set_header(res, rows[i].name, value);
    }
    mvc_remove_header(res, "X-Powered-By");
    mvc_next(req, res);
}
