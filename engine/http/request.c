/* request.c - what a handler asks of a request, but for its body. */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/exchange.h"
#include "http/form.h"
#include "http/target.h"

mvc_app *mvc_app_of(const mvc_req *req)
{
    return req->app;
}

mvc_res *mvc_res_of(const mvc_req *req)
{
    return req->res;
}

mvc_method mvc_method_of(const mvc_req *req)
{
    return req->method;
}

const char *mvc_method_text(const mvc_req *req)
{
    return req->method_text;
}

const char *mvc_original_method(const mvc_req *req)
{
    return req->original_method ? req->original_method : req->method_text;
}

uint64_t mvc_started(const mvc_req *req)
{
    return req->started;
}

char *mvc_escape(mvc_req *req, const char *text)
{
    return mvc__escape_html(&req->arena, text);
}

/* paths and parameters
 * ---------------------------------------------------------- */

const char *mvc_path(const mvc_req *req)
{
    return req->path;
}

const char *mvc_base_url(const mvc_req *req)
{
    return req->base_url;
}

const char *mvc_original_url(const mvc_req *req)
{
    return req->original_url;
}

const char *mvc_url(const mvc_req *req)
{
    base_arena *arena = (base_arena *)&req->arena;
    const char *url =
        req->query ? base_arena_printf(arena, "%s?%s", req->path, req->query)
                   : req->path;
    return url ? url : req->path;
}

static const mvc__param *find_param(const mvc_req *req, const char *name)
{
    for (const mvc__param *p = req->params; p; p = p->next)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

const char *mvc_param(const mvc_req *req, const char *name)
{
    const mvc__param *p = find_param(req, name);
    return p ? p->value : NULL;
}

bool mvc_param_int(const mvc_req *req, const char *name, int64_t *value)
{
    const char *text = mvc_param(req, name);
    char *end;
    if (!text || !((*text >= '0' && *text <= '9') || *text == '-'))
        return false;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (errno || *end || end == text)
        return false;
    *value = number;
    return true;
}

const char *const *mvc_param_list(const mvc_req *req, const char *name,
                                  size_t *count)
{
    const mvc__param *p = find_param(req, name);
    *count = p ? p->n_parts : 0;
    return p ? p->parts : NULL;
}

void mvc_set_param(mvc_req *req, const char *name, const char *value)
{
    mvc__param *p = base_arena_zalloc(&req->arena, 1, sizeof *p);
    const char *copy = base_arena_dup(&req->arena, value, strlen(value));
    const char *own_name = base_arena_dup(&req->arena, name, strlen(name));
    if (!p || !copy || !own_name)
        return;
    mvc__param *old = (mvc__param *)find_param(req, name);
    if (old) {
        old->value = copy;
        return;
    }
    *p = (mvc__param){.name = own_name, .value = copy, .next = req->params};
    req->params = p;
}

void mvc_each_param(const mvc_req *req,
                    void (*call)(void *data, const char *name,
                                 const char *value),
                    void *data)
{
    for (const mvc__param *p = req->params; p; p = p->next)
        if (find_param(req, p->name) ==
            p) /* not one of a mount, hidden by it */
            call(data, p->name, p->value);
}

/* the query
 * ------------------------------------------------------------------------ */

mvc_doc *mvc_query_doc(mvc_req *req)
{
    if (req->query_doc)
        return req->query_doc;
    const mvc_config *c = &req->app->config;
    const mvc__form_options options = {
        .nested = c->query == MVC_QUERY_EXTENDED,
        .parameters = c->query_parameters,
        .depth = 5,
        .array_limit = 20,
    };
    const bool none = !req->query || c->query == MVC_QUERY_OFF;
    mvc__form_status status;
    req->query_doc =
        mvc__form_parse(none ? "" : req->query, none ? 0 : strlen(req->query),
                        &options, &req->arena, &status);
    if (!req->query_doc)
        mvc__fail_code(req, 500, NULL, "out of memory");
    return req->query_doc;
}

const char *mvc_query(mvc_req *req, const char *name)
{
    mvc_doc *value = NULL;
    mvc_doc *all = req->query ? mvc_query_doc(req) : NULL;
    if (!all || !json_object_object_get_ex(all, name, &value))
        return NULL;
    if (json_object_is_type(value, json_type_array))
        value = json_object_array_get_idx(value, 0);
    return json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

/* headers
 * ---------------------------------------------------------------------------
 */

/* Node keeps the first of these; others it joins. */
static bool is_single(const char *name)
{
    static const char *const single[] = {"age",
                                         "authorization",
                                         "content-length",
                                         "content-type",
                                         "etag",
                                         "expires",
                                         "from",
                                         "host",
                                         "if-modified-since",
                                         "if-unmodified-since",
                                         "last-modified",
                                         "location",
                                         "max-forwards",
                                         "proxy-authorization",
                                         "referer",
                                         "retry-after",
                                         "server",
                                         "user-agent"};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (strcasecmp(single[i], name) == 0)
            return true;
    return false;
}

static const char *join(const mvc_req *req, const mvc__header *first)
{
    base_arena *arena = (base_arena *)&req->arena;
    const char *separator =
        strcasecmp(first->name, "cookie") == 0 ? "; " : ", ";
    const char *all = first->value;
    const mvc__header *end = req->headers + req->n_headers;
    for (const mvc__header *h = first + 1; h < end && all; h++)
        if (h->name_size == first->name_size &&
            strcasecmp(h->name, first->name) == 0)
            all = base_arena_printf(arena, "%s%s%s", all, separator, h->value);
    return all ? all : first->value;
}

const char *mvc_header(const mvc_req *req, const char *name)
{
    const bool is_referrer =
        strcasecmp(name, "referrer") == 0 || strcasecmp(name, "referer") == 0;
    const mvc__header *h =
        is_referrer ? mvc__req_header(req, "Referrer") : NULL;
    if (!h)
        h = mvc__req_header(req, is_referrer ? "Referer" : name);
    if (!h)
        return NULL;
    for (const mvc__header *o = h + 1; o < req->headers + req->n_headers; o++)
        if (o->name_size == h->name_size && strcasecmp(o->name, h->name) == 0)
            return is_single(h->name) ? h->value : join(req, h);
    return h->value;
}

void mvc_each_header(const mvc_req *req,
                     void (*call)(void *data, const char *name,
                                  const char *value),
                     void *data)
{
    for (size_t i = 0; i < req->n_headers; i++)
        call(data, req->headers[i].name, req->headers[i].value);
}

bool mvc_is_xhr(const mvc_req *req)
{
    const char *value = mvc_header(req, "X-Requested-With");
    return value && strcasecmp(value, "xmlhttprequest") == 0;
}

/* who asks, and whom
 * ------------------------------------------------------------------ */

static const char *peer(const mvc_req *req)
{
    mvc_req *own = (mvc_req *)req;
    if (req->peer_text)
        return req->peer_text;
    char *text = base_arena_alloc(&own->arena, INET6_ADDRSTRLEN);
    if (!text)
        return "";
    *text = '\0';
    if (req->peer && req->peer->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)req->peer;
        inet_ntop(AF_INET, &in->sin_addr, text, INET6_ADDRSTRLEN);
    } else if (req->peer && req->peer->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)req->peer;
        if (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr))
            inet_ntop(AF_INET, in->sin6_addr.s6_addr + 12, text,
                      INET6_ADDRSTRLEN);
        else
            inet_ntop(AF_INET6, &in->sin6_addr, text, INET6_ADDRSTRLEN);
    }
    own->peer_text = text;
    return text;
}

static bool trusts_peer(const mvc_req *req)
{
    return req->app->trust && mvc__is_trusted(req->app->trust, peer(req), 0);
}

/* The first item of a list in a forwarded header, if its sender is trusted. */
static const char *forwarded(const mvc_req *req, const char *name)
{
    const char *value = trusts_peer(req) ? mvc_header(req, name) : NULL;
    if (!value || !*value)
        return NULL;
    value += strspn(value, " \t");
    size_t size = strcspn(value, ",");
    while (size && (value[size - 1] == ' ' || value[size - 1] == '\t'))
        size--;
    return base_arena_dup((base_arena *)&req->arena, value, size);
}

/* The peer and those it speaks for, nearest first, as far as trusted. */
static const char **addresses(const mvc_req *req, size_t *count)
{
    enum { MAX = 32 };
    base_arena *arena = (base_arena *)&req->arena;
    const char **list = base_arena_zalloc(arena, MAX + 1, sizeof *list);
    const char *header = mvc_header(req, "X-Forwarded-For");
    *count = 0;
    if (!list)
        return NULL;
    list[(*count)++] = peer(req);
    const char *end = header ? header + strlen(header) : NULL;
    while (header && end > header && *count < MAX && req->app->trust &&
           mvc__is_trusted(req->app->trust, list[*count - 1],
                           (unsigned)*count - 1)) {
        const char *start = end;
        while (start > header && start[-1] != ',')
            start--;
        const char *from = start + strspn(start, " \t");
        const char *to = end;
        while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
        if (to > from) {
            list[*count] = base_arena_dup(arena, from, (size_t)(to - from));
            if (!list[*count])
                break;
            (*count)++;
        }
        end = start > header ? start - 1 : header;
    }
    return list;
}

const char *mvc_ip(const mvc_req *req)
{
    if (!req->app->trust)
        return peer(req);
    size_t n;
    const char **list = addresses(req, &n);
    return list ? list[n - 1] : "";
}

const char *const *mvc_ips(mvc_req *req)
{
    static const char *const none[] = {NULL};
    size_t n;
    const char **list = req->app->trust ? addresses(req, &n) : NULL;
    if (!list)
        return none;
    for (size_t i = 0, j = n - 1; i < j; i++, j--) {
        const char *other = list[i];
        list[i] = list[j];
        list[j] = other;
    }
    list[n - 1] = NULL; /* the peer itself is not one of them */
    return list;
}

const char *mvc_protocol(const mvc_req *req)
{
    const char *said = forwarded(req, "X-Forwarded-Proto");
    return said ? said : req->is_tls ? "https" : "http";
}

bool mvc_is_secure(const mvc_req *req)
{
    return strcmp(mvc_protocol(req), "https") == 0;
}

const char *mvc_host(const mvc_req *req)
{
    const char *said = forwarded(req, "X-Forwarded-Host");
    const char *host = said ? said : mvc_header(req, "Host");
    return host && *host ? host : NULL;
}

const char *mvc_hostname(const mvc_req *req)
{
    const char *host = mvc_host(req);
    if (!host || !*host)
        return NULL;
    const char *after = *host == '[' ? strchr(host, ']') : host;
    const char *colon = after ? strchr(after, ':') : NULL;
    const size_t size = colon ? (size_t)(colon - host) : strlen(host);
    return base_arena_dup((base_arena *)&req->arena, host, size);
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return *host == '[' || inet_pton(AF_INET, host, &address) == 1;
}

const char *const *mvc_subdomains(mvc_req *req)
{
    enum { MAX = 32 };
    const char *host = mvc_hostname(req);
    const unsigned offset = req->app->config.subdomain_offset;
    const char **list = mvc_alloc(req, (MAX + 1) * sizeof *list);
    size_t n = 0;
    unsigned part = 0;
    if (!list) {
        static const char *const none[] = {NULL};
        return none;
    }
    const bool has_parts = host && !is_address(host);
    const char *end = has_parts ? host + strlen(host) : host;
    while (has_parts && n < MAX) {
        const char *start = end;
        while (start > host && start[-1] != '.')
            start--;
        if (part++ >= offset)
            list[n++] =
                base_arena_dup(&req->arena, start, (size_t)(end - start));
        if (start == host)
            break;
        end = start - 1;
    }
    list[n] = NULL;
    return list;
}

/* ranges
 * ----------------------------------------------------------------------------
 */

enum { MAX_RANGES = 1000 };

/* One of "a-b", "a-", "-n"; false when it is none. */
static bool read_range(const char *at, size_t size, uint64_t total,
                       mvc_range *range, bool *satisfiable)
{
    char text[64];
    const char *dash;
    if (size >= sizeof text)
        return false;
    memcpy(text, at, size);
    text[size] = '\0';
    const char *from = text + strspn(text, " \t");
    dash = strchr(from, '-');
    const size_t first = strspn(from, "0123456789");
    if (!dash || from + first != dash)
        return false;
    const size_t second = strspn(dash + 1, "0123456789");
    if (dash[1 + second + strspn(dash + 1 + second, " \t")] != '\0' ||
        first + second == 0)
        return false;
    const uint64_t a = strtoull(from, NULL, 10); /* too large: the largest */
    const uint64_t b = strtoull(dash + 1, NULL, 10);
    if (first == 0) {
        range->start = b > total ? 0 : total - b;
        range->end = total - 1;
        *satisfiable = b > 0 && total > 0;
        return true;
    }
    range->start = a;
    range->end = second && b < total ? b : total - 1;
    *satisfiable = total > 0 && a <= range->end && a < total;
    return true;
}

typedef struct ordered_range {
    mvc_range range;
    int order;
} ordered_range;

static int by_start(const void *a, const void *b)
{
    const uint64_t x = ((const ordered_range *)a)->range.start;
    const uint64_t y = ((const ordered_range *)b)->range.start;
    return (x > y) - (x < y);
}

static int by_order(const void *a, const void *b)
{
    return ((const ordered_range *)a)->order -
           ((const ordered_range *)b)->order;
}

/* Joins ranges that overlap or touch, and keeps the order they came in. */
static int combine_ranges(mvc_req *req, mvc_range *ranges, int n)
{
    ordered_range *r = mvc_alloc(req, (size_t)n * sizeof *r);
    int kept = 0;
    if (!r)
        return n;
    for (int i = 0; i < n; i++)
        r[i] = (ordered_range){ranges[i], i};
    qsort(r, (size_t)n, sizeof *r, by_start);
    for (int i = 1; i < n; i++) {
        if (r[i].range.start > r[kept].range.end + 1) {
            r[++kept] = r[i];
            continue;
        }
        if (r[i].range.end > r[kept].range.end)
            r[kept].range.end = r[i].range.end;
        if (r[i].order < r[kept].order)
            r[kept].order = r[i].order;
    }
    qsort(r, (size_t)kept + 1, sizeof *r, by_order);
    for (int i = 0; i <= kept; i++)
        ranges[i] = r[i].range;
    return kept + 1;
}

int mvc_ranges(mvc_req *req, uint64_t size, bool combine,
               const mvc_range **ranges)
{
    const char *header = mvc_header(req, "Range");
    *ranges = NULL;
    if (!header || strncmp(header, "bytes=", 6) != 0)
        return 0;
    size_t commas = 1;
    for (const char *c = header; *c; c++)
        commas += *c == ',';
    if (commas > MAX_RANGES)
        return 0;
    mvc_range *list = mvc_alloc(req, commas * sizeof *list);
    int n = 0;
    for (const char *at = header + 6; list;) {
        const size_t item = strcspn(at, ",");
        bool satisfiable = false;
        if (!read_range(at, item, size, &list[n], &satisfiable))
            return 0;
        n += satisfiable;
        if (!at[item])
            break;
        at += item + 1;
    }
    *ranges = list;
    if (!list)
        return 0;
    return n == 0 ? -1 : combine ? combine_ranges(req, list, n) : n;
}
