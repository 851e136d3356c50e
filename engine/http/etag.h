/* etag.h - entity tags, and whether a client's copy is still good. */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { MVC__ETAG_SIZE = 64, MVC__DATE_SIZE = 80 };

/*
 * W/"<size in hex>-<22 characters of a 128-bit hash>".  Express has base64 of
 * a SHA-1 there; the hash need not resist attack, and this one costs a tenth.
 */
typedef struct mvc__digest {
    uint64_t a, b;
} mvc__digest;

mvc__digest mvc__digest_of(const void *data, size_t size);
void mvc__etag(char out[MVC__ETAG_SIZE], mvc__digest digest, size_t size,
               bool weak);

/* Of a file, by size and time: W/"<size>-<milliseconds>", both in hex. */
void mvc__etag_of_file(char out[MVC__ETAG_SIZE], uint64_t size,
                       const struct timespec *changed, bool weak);

/* "Sun, 06 Nov 1994 08:49:37 GMT", and back; -1 when it is no such date. */
void mvc__date(char out[MVC__DATE_SIZE], time_t when);
time_t mvc__date_parse(const char *text);

/* Whether an If-None-Match or If-Match list names the tag. */
bool mvc__etag_listed(const char *list, const char *etag, bool weakly);

#endif
