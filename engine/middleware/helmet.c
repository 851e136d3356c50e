/* helmet.c - security headers, as helmet 8 sends them. */
#include <mvc/middleware.h>

#include <stddef.h>

typedef struct row {
    const char *name, *fallback;
    size_t member; /* of mvc_helmet_options */
} row;

#define ROW(name, fallback, member)                                            \
    {                                                                          \
        name, fallback, offsetof(mvc_helmet_options, member)                   \
    }

static const row rows[] = {
    ROW("Content-Security-Policy",
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;"
        "form-action 'self';frame-ancestors 'self';img-src 'self' data:;"
        "object-src 'none';script-src 'self';script-src-attr 'none';"
        "style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
        content_security_policy),
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
        if (*value)
            mvc_set_header(res, rows[i].name, value);
    }
    mvc_remove_header(res, "X-Powered-By");
    mvc_next(req, res);
}
