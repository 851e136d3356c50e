/* guard.c - what a request must not hold. */
#include "http/guard.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* A bit for each character that a name may be made of. */
static const uint32_t token_characters[8] = {
    0, 0x03FF6CFA, /* ! # $ % & ' * + - . 0-9 */
    0xC7FFFFFE,    /* A-Z ^ _ */
    0x57FFFFFF,    /* ` a-z | ~ */
};

static bool is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (!(token_characters[c >> 5] >> (c & 31) & 1))
            return false;
    }
    return size > 0;
}

static bool are_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

/* Not 0 when one of the eight bytes is below 0x20 or 0x7F; perhaps also when
 * one is not ASCII. */
static uint64_t controls(const char *text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return ((word - 0x20 * ones) | ((word ^ 0x7F * ones) - ones)) & ones << 7;
}

static bool is_value(const char *text, size_t size)
{
    enum { STEP = sizeof(uint64_t) };
    uint64_t found = size < STEP;
    for (size_t i = 0; i + STEP < size; i += STEP)
        found |= controls(text + i);
    if (size >= STEP)
        found |= controls(text + size - STEP);
    return !found || are_plain(text, size);
}

static bool is_target(const char *target)
{
    if (*target != '/')
        return false;
    for (const char *c = target; *c; c++) {
        if ((unsigned char)*c <= 0x20 || *c == 0x7F)
            return false;
        if (c[0] == '%' && c[1] == '0' && c[2] == '0')
            return false;
    }
    return true;
}

static bool is_host(const char *host)
{
    return host[strcspn(host, " \t/\\@?#,<>\"")] == '\0';
}

static bool is_number(const char *text)
{
    const size_t size = strspn(text, "0123456789");
    return size > 0 && size < 19 && text[size] == '\0';
}

typedef struct framing {
    unsigned lengths, encodings, hosts;
    bool chunked, number, host;
} framing;

static bool is_named(const mvc__header *h, const char *name, size_t size)
{
    return h->name_size == size && strcasecmp(h->name, name) == 0;
}

static void note(framing *f, const mvc__header *h)
{
    if (is_named(h, "Content-Length", 14)) {
        f->lengths++;
        f->number = is_number(h->value);
    } else if (is_named(h, "Transfer-Encoding", 17)) {
        f->encodings++;
        f->chunked = strcasecmp(h->value, "chunked") == 0;
    } else if (is_named(h, "Host", 4)) {
        f->hosts++;
        f->host = is_host(h->value);
    }
}

static const char *wrong_framing(const framing *f, bool http_1_1)
{
    if (f->lengths > 1 || (f->lengths && !f->number))
        return "Content-Length must be one decimal number";
    if (f->encodings > 1 || (f->encodings && !f->chunked))
        return "Transfer-Encoding must be chunked";
    if (f->encodings && f->lengths)
        return "Content-Length and Transfer-Encoding exclude each other";
    if (f->encodings && !http_1_1)
        return "HTTP/1.0 has no Transfer-Encoding";
    if (f->hosts > 1 || (http_1_1 && f->hosts == 0))
        return "there must be one Host";
    return f->hosts && !f->host ? "Host must be a host name" : NULL;
}

int mvc__guard(const mvc_req *req, const char **why)
{
    framing f = {0};
    *why = NULL;
    if (!is_target(req->original_url))
        *why = "the target must be a path";
    for (size_t i = 0; i < req->n_headers && !*why; i++) {
        const mvc__header *h = &req->headers[i];
        if (!is_token(h->name, h->name_size))
            *why = "a header's name holds a character that may not be there";
        else if (!is_value(h->value, h->value_size))
            *why = "a header's value holds a control character";
        note(&f, h);
    }
    if (!*why)
        *why = wrong_framing(&f, req->headers_1_1);
    if (*why)
        return 400;
    const mvc__header *expect = mvc__req_header(req, "Expect");
    if (expect && req->headers_1_1 &&
        strcasecmp(expect->value, "100-continue") != 0) {
        *why = "only 100-continue can be expected";
        return 417;
    }
    if (req->method == MVC_OTHER || req->method == MVC_CONNECT) {
        *why = "this method is not implemented";
        return 501;
    }
    return 0;
}
