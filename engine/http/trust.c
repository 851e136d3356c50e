/* trust.c - which proxies are believed: all, so many hops, or a list. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "http/exchange.h"

typedef struct subnet {
    int family;
    unsigned char address[16];
    unsigned bits;
} subnet;

struct mvc__trust {
    bool all;
    unsigned hops; /* when neither all nor a list */
    subnet *subnets;
    size_t n_subnets;
};

static bool parse_address(const char *text, subnet *s)
{
    if (inet_pton(AF_INET, text, s->address) == 1) {
        s->family = AF_INET;
        s->bits = 32;
        return true;
    }
    if (inet_pton(AF_INET6, text, s->address) != 1)
        return false;
    s->family = AF_INET6;
    s->bits = 128;
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    if (memcmp(s->address, mapped, 12) == 0) {
        memmove(s->address, s->address + 12, 4);
        s->family = AF_INET;
        s->bits = 32;
    }
    return true;
}

static bool parse_subnet(const char *text, subnet *s)
{
    char address[64];
    const size_t size = strcspn(text, "/");
    if (size >= sizeof address)
        return false;
    memcpy(address, text, size);
    address[size] = '\0';
    if (!parse_address(address, s))
        return false;
    if (text[size] == '\0')
        return true;
    char *end;
    const unsigned long bits = strtoul(text + size + 1, &end, 10);
    if (*end || end == text + size + 1 || bits > s->bits)
        return false;
    s->bits = (unsigned)bits;
    return true;
}

static const char *expand(const char *name)
{
    return strcmp(name, "loopback") == 0    ? "127.0.0.1/8, ::1/128"
           : strcmp(name, "linklocal") == 0 ? "169.254.0.0/16, fe80::/10"
           : strcmp(name, "uniquelocal") == 0
               ? "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7"
               : NULL;
}

static bool add_list(mvc__trust *trust, const char *text, base_arena *arena)
{
    while (*text) {
        text += strspn(text, ", \t");
        const size_t size = strcspn(text, ", \t");
        if (size == 0)
            break;
        char *item = base_arena_dup(arena, text, size);
        if (!item)
            return false;
        const char *more = expand(item);
        if (more) {
            if (!add_list(trust, more, arena))
                return false;
        } else {
            subnet *list =
                base_arena_zalloc(arena, trust->n_subnets + 1, sizeof *list);
            if (!list || !parse_subnet(item, &list[trust->n_subnets]))
                return false;
            if (trust->n_subnets)
                memcpy(list, trust->subnets, trust->n_subnets * sizeof *list);
            trust->subnets = list;
            trust->n_subnets++;
        }
        text += size;
    }
    return true;
}

mvc__trust *mvc__trust_parse(const char *text, base_arena *arena)
{
    mvc__trust *trust = base_arena_zalloc(arena, 1, sizeof *trust);
    if (!trust)
        return NULL;
    if (strcmp(text, "true") == 0) {
        trust->all = true;
        return trust;
    }
    if (text[strspn(text, "0123456789")] == '\0') {
        trust->hops = (unsigned)strtoul(text, NULL, 10);
        return trust;
    }
    return add_list(trust, text, arena) ? trust : NULL;
}

static bool same_bits(const unsigned char *a, const unsigned char *b,
                      unsigned bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    const unsigned rest = bits % 8;
    return rest == 0 ||
           (a[bits / 8] >> (8 - rest)) == (b[bits / 8] >> (8 - rest));
}

bool mvc__is_trusted(const mvc__trust *trust, const char *address, unsigned hop)
{
    if (trust->all)
        return true;
    if (trust->n_subnets == 0)
        return hop < trust->hops;
    subnet a;
    if (!parse_address(address, &a))
        return false;
    for (size_t i = 0; i < trust->n_subnets; i++) {
        const subnet *s = &trust->subnets[i];
        if (s->family == a.family && same_bits(s->address, a.address, s->bits))
            return true;
    }
    return false;
}
