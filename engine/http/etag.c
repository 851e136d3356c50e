/* etag.c - entity tags, HTTP dates and freshness. */
#include "http/etag.h"

#include <stdio.h>
#include <string.h>

#include "http/exchange.h"

/* digests -------------------------------------------------------------------
 */

/* Multiply-and-fold over 16 bytes at a time. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const unsigned char *p, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, p, size < 8 ? size : 8);
    return word;
}

/* Lanes that do not wait for each other, for the multiplier is pipelined. */
enum { LANES = 4, LANE = 16 };

mvc__digest mvc__digest_of(const void *data, size_t size)
{
    static const uint64_t k[LANES] = {
        UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db),
        UINT64_C(0x8ebc6af09c88c6e3), UINT64_C(0x589965cc75374cc3)};
    const unsigned char *p = data;
    uint64_t lane[LANES];
    memcpy(lane, k, sizeof lane);
    size_t left = size;
    for (; left >= LANES * LANE; left -= LANES * LANE, p += LANES * LANE)
        for (size_t i = 0; i < LANES; i++)
            lane[i] = fold(load(p + LANE * i, 8) ^ k[1],
                           load(p + LANE * i + 8, 8) ^ lane[i]);
    for (size_t i = 0; left; i++) {
        const size_t n = left < LANE ? left : LANE;
        lane[i] =
            fold(load(p, n) ^ k[1], (n > 8 ? load(p + 8, n - 8) : 0) ^ lane[i]);
        left -= n;
        p += n;
    }
    const uint64_t a = fold(lane[0] ^ k[1], lane[1] ^ k[2]);
    const uint64_t b = fold(lane[2] ^ k[3], lane[3] ^ k[0]);
    return (mvc__digest){fold(a ^ k[3], b ^ size ^ k[1]),
                         fold(b ^ k[0], (a << 32 | a >> 32) ^ size ^ k[2])};
}

/* tags ----------------------------------------------------------------------
 */

static char *put_hex(char *out, uint64_t n)
{
    int shift = 0;
    while (shift < 60 && n >> shift >> 4)
        shift += 4;
    for (; shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[n >> shift & 15];
    return out;
}

static char *put_base64(char *out, uint64_t word)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 11; i++, word >>= 6)
        *out++ = digits[word & 63];
    return out;
}

void mvc__etag(char out[MVC__ETAG_SIZE], mvc__digest digest, size_t size,
               bool weak)
{
    char *end = stpcpy(out, weak ? "W/\"" : "\"");
    end = put_hex(end, size);
    *end++ = '-';
    end = put_base64(end, digest.a);
    end = put_base64(end, digest.b);
    memcpy(end, "\"", 2);
}

void mvc__etag_of_file(char out[MVC__ETAG_SIZE], uint64_t size,
                       const struct timespec *changed, bool weak)
{
    const uint64_t ms =
        (uint64_t)changed->tv_sec * 1000 +
        ((uint64_t)changed->tv_nsec + 500000) / 1000000; /* Node rounds */
    sprintf(out, "%s\"%llx-%llx\"", weak ? "W/" : "", (unsigned long long)size,
            (unsigned long long)ms);
}

/* dates -------------------------------------------------------------------- */

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void mvc__date(char out[MVC__DATE_SIZE], time_t when)
{
    struct tm t;
    if (!gmtime_r(&when, &t) || t.tm_year > 8099 || t.tm_year < -1900) {
        when = 0;
        gmtime_r(&when, &t);
    }
    snprintf(out, MVC__DATE_SIZE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
             days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon,
             t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static bool read_month(struct tm *t, const char *name)
{
    const char *at = strlen(name) == 3 ? strstr(months, name) : NULL;
    if (!at || (at - months) % 3)
        return false;
    t->tm_mon = (int)(at - months) / 3;
    return true;
}

/* The three forms of RFC 9110, 5.6.7, of which the first is today's. */
static bool read_date(const char *text, struct tm *t, char month[4])
{
    char zone[4] = "";
    const size_t day = strcspn(text, ", ");
    if (text[day] == ' ')
        return sscanf(text, "%*3s %3s %2d %2d:%2d:%2d %4d", month, &t->tm_mday,
                      &t->tm_hour, &t->tm_min, &t->tm_sec, &t->tm_year) == 6;
    if (text[day] != ',')
        return false;
    text += day + 1;
    if (sscanf(text, " %2d %3s %4d %2d:%2d:%2d %3s", &t->tm_mday, month,
               &t->tm_year, &t->tm_hour, &t->tm_min, &t->tm_sec, zone) != 7) {
        if (sscanf(text, " %2d-%3[A-Za-z]-%2d %2d:%2d:%2d %3s", &t->tm_mday,
                   month, &t->tm_year, &t->tm_hour, &t->tm_min, &t->tm_sec,
                   zone) != 7)
            return false;
        t->tm_year += t->tm_year < 50 ? 2000 : 1900;
    }
    return strcmp(zone, "GMT") == 0;
}

time_t mvc__date_parse(const char *text)
{
    struct tm t = {0};
    char month[4] = "";
    if (strlen(text) > 40 || !read_date(text, &t, month) ||
        !read_month(&t, month) || t.tm_mday < 1 || t.tm_mday > 31 ||
        t.tm_hour > 23 || t.tm_min > 59 || t.tm_sec > 60)
        return -1;
    t.tm_year -= 1900;
    return timegm(&t);
}

/* freshness ------------------------------------------------------------------
 */

static const char *opaque(const char *tag, size_t *size)
{
    if (*size > 2 && tag[0] == 'W' && tag[1] == '/') {
        *size -= 2;
        return tag + 2;
    }
    return tag;
}

bool mvc__etag_listed(const char *list, const char *etag, bool weakly)
{
    if (strcmp(list, "*") == 0)
        return true;
    size_t size = strlen(etag);
    const char *tag = weakly ? opaque(etag, &size) : etag;
    while (*list) {
        list += strspn(list, ", \t");
        size_t n = strcspn(list, ",");
        const size_t whole = n;
        while (n && (list[n - 1] == ' ' || list[n - 1] == '\t'))
            n--;
        const char *item = weakly ? opaque(list, &n) : list;
        if (n == size && memcmp(item, tag, n) == 0 &&
            (weakly || strncmp(tag, "W/", 2) != 0))
            return true;
        list += whole;
    }
    return false;
}

static bool forbids_cache(const char *control)
{
    const char *at = control ? strcasestr(control, "no-cache") : NULL;
    return at && (at == control || at[-1] == ',' || at[-1] == ' ') &&
           (at[8] == '\0' || at[8] == ',' || at[8] == ' ');
}

bool mvc_is_fresh(mvc_req *req)
{
    const mvc_res *res = req->res;
    if ((req->method != MVC_GET && req->method != MVC_HEAD &&
         req->method != MVC_QUERY) ||
        ((res->status < 200 || res->status > 299) && res->status != 304))
        return false;
    const mvc__header *none = mvc__req_header(req, "If-None-Match");
    const mvc__header *since = mvc__req_header(req, "If-Modified-Since");
    if (!none && !since)
        return false;
    if (forbids_cache(mvc_header(req, "Cache-Control")))
        return false;
    if (none) {
        const mvc__header *etag = mvc__res_header(res, "ETag");
        if (strcmp(none->value, "*") == 0)
            return true;
        return etag && mvc__etag_listed(mvc_header(req, "If-None-Match"),
                                        etag->value, true);
    }
    const mvc__header *modified = mvc__res_header(res, "Last-Modified");
    const time_t then = modified ? mvc__date_parse(modified->value) : -1;
    const time_t asked = mvc__date_parse(since->value);
    return then != -1 && asked != -1 && then <= asked;
}
