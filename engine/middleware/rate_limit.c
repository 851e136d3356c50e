/* rate_limit.c - so many requests a client and window, counted in memory. */
#include <mvc/middleware.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

/* More clients than this push out those whose windows end first. */
enum { MOST = 200000, SWEEP_EVERY = 1000 };

typedef struct client {
    uint64_t ends; /* of its window, by mvc_now() */
    unsigned hits;
    char key[];
} client;

static struct {
    pthread_mutex_t lock;
    base_map clients;
    unsigned added;
} memory = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const mvc_rate_limit_options defaults;

static void drop(client *c)
{
    base_map_remove(&memory.clients, c->key, strlen(c->key));
    free(c);
}

/* One whose window is over by `until`; *earliest is the first end after it. */
static client *find_over(uint64_t until, uint64_t *earliest, size_t *at)
{
    const base_map_entry *e;
    while ((e = base_map_next(&memory.clients, at))) {
        client *c = e->value;
        if (c->ends <= until)
            return c;
        if (c->ends < *earliest)
            *earliest = c->ends;
    }
    return NULL;
}

/* The map may not change during a walk: what is over is listed first. */
static uint64_t sweep(uint64_t until)
{
    uint64_t earliest = UINT64_MAX;
    size_t at = 0, n = 0;
    client **over = malloc(memory.clients.count * sizeof *over), *c;
    if (!over)
        return until;
    while ((c = find_over(until, &earliest, &at)))
        over[n++] = c;
    while (n)
        drop(over[--n]);
    free(over);
    return earliest;
}

static void make_room(uint64_t now)
{
    if (memory.clients.count < MOST && ++memory.added % SWEEP_EVERY)
        return;
    if (!memory.clients.count)
        return;
    const uint64_t earliest = sweep(now);
    if (memory.clients.count >= MOST)
        sweep(earliest);
}

static client *add(const char *key, uint64_t now)
{
    const size_t size = strlen(key);
    make_room(now);
    client *c = calloc(1, sizeof *c + size + 1);
    if (!c)
        return NULL;
    memcpy(c->key, key, size + 1);
    if (base_map_put(&memory.clients, c->key, size, c))
        return c;
    free(c);
    return NULL;
}

/* Counts a request: its number in the window and the window's end. */
static bool count(const char *key, double window, unsigned *hits,
                  uint64_t *left)
{
    const uint64_t now = mvc_now();
    pthread_mutex_lock(&memory.lock);
    client *c = base_map_get(&memory.clients, key, strlen(key));
    if (!c)
        c = add(key, now);
    if (c) {
        if (c->ends <= now) {
            c->hits = 0;
            c->ends = now + (uint64_t)(window * 1e9);
        }
        if (c->hits < UINT32_MAX)
            c->hits++;
        *hits = c->hits;
        *left = c->ends - now;
    }
    pthread_mutex_unlock(&memory.lock);
    return c != NULL;
}

/* What the answer says after all is not to be counted. */
typedef struct counted {
    const mvc_rate_limit_options *options;
    const char *key;
} counted;

static void take_back(mvc_req *req, mvc_res *res, bool sent, void *data)
{
    const counted *c = data;
    const bool failed = !sent || mvc_status_of(res) >= 400;
    (void)req;
    if (failed ? !c->options->skip_failed : !c->options->skip_successful)
        return;
    pthread_mutex_lock(&memory.lock);
    client *who = base_map_get(&memory.clients, c->key, strlen(c->key));
    if (who && who->hits > 0)
        who->hits--;
    pthread_mutex_unlock(&memory.lock);
}

static bool will_take_back(mvc_req *req, mvc_res *res,
                           const mvc_rate_limit_options *o, const char *key)
{
    if (!o->skip_failed && !o->skip_successful)
        return true;
    counted *c = mvc_alloc(req, sizeof *c);
    if (!c)
        return false;
    *c = (counted){o, key};
    return mvc_on_finish(res, take_back, c);
}

/* One household has a whole IPv6 subnet: its addresses are one client. */
static const char *client_of(mvc_req *req, int bits)
{
    const char *ip = mvc_ip(req);
    struct in6_addr a;
    char text[INET6_ADDRSTRLEN];
    if (!ip)
        return "";
    if (inet_pton(AF_INET6, ip, &a) != 1 || IN6_IS_ADDR_V4MAPPED(&a))
        return ip;
    for (int i = 0; i < 128; i++)
        if (i >= bits)
            a.s6_addr[i / 8] &= (unsigned char)~(0x80 >> i % 8);
    inet_ntop(AF_INET6, &a, text, sizeof text);
    return mvc_format(req, "%s/%d", text, bits);
}

static void set_number(mvc_req *req, mvc_res *res, const char *name,
                       unsigned long long value)
{
    const char *text = mvc_format(req, "%llu", value);
    if (text)
        mvc_set_header(res, name, text);
}

static void refuse(mvc_res *res, const mvc_rate_limit_options *o)
{
    mvc_status(res, o->status ? o->status : 429);
    mvc_send(res, o->message ? o->message
                             : "Too many requests, please try again later.");
}

static void limit(mvc_req *req, mvc_res *res, const mvc_rate_limit_options *o,
                  const char *key)
{
    const double window = o->window > 0 ? o->window : 60;
    const unsigned most = o->limit ? o->limit : 5;
    unsigned hits = 0;
    uint64_t left = 0;
    if (!key || !count(key, window, &hits, &left) ||
        !will_take_back(req, res, o, key)) {
        mvc_fail(req, res, 503, "out of memory for counting requests");
        return;
    }
    const uint64_t reset = (left + 999999999) / 1000000000;
    if (!o->no_headers) {
        const char *policy =
            mvc_format(req, "%u;w=%lld", most, (long long)(window + 0.999));
        if (policy)
            mvc_set_header(res, "RateLimit-Policy", policy);
        set_number(req, res, "RateLimit-Limit", most);
        set_number(req, res, "RateLimit-Remaining",
                   hits < most ? most - hits : 0);
        set_number(req, res, "RateLimit-Reset", reset);
    }
    if (hits <= most) {
        mvc_next(req, res);
        return;
    }
    set_number(req, res, "Retry-After", reset);
    refuse(res, o);
}

void mvc_rate_limit(mvc_req *req, mvc_res *res)
{
    const mvc_rate_limit_options *o = mvc_data(req);
    if (!o)
        o = &defaults;
    if (o->skip && o->skip(req)) {
        mvc_next(req, res);
        return;
    }
    const int bits = o->ipv6_subnet ? (int)o->ipv6_subnet : 56;
    const char *who = o->key ? o->key(req) : NULL;
    if (!who)
        who = client_of(req, bits);
    /* The options' address keeps one limit's clients from another's. */
    limit(req, res, o,
          who ? mvc_format(req, "%p %s", (const void *)o, who) : NULL);
}
