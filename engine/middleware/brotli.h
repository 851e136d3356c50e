/* brotli.h - a brotli encoder that survives a lack of memory. */
#ifndef MIDDLEWARE_BROTLI_H
#define MIDDLEWARE_BROTLI_H

#include <brotli/encode.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct mvc__brotli mvc__brotli;

mvc__brotli *mvc__brotli_new(int quality); /* NULL: out of memory */

/*
 * Takes from *data and puts into *out what there is and fits, moving all four
 * on.  False when memory is out; then it can only be freed.
 */
bool mvc__brotli_run(mvc__brotli *b, BrotliEncoderOperation operation,
                     const unsigned char **data, size_t *left,
                     unsigned char **out, size_t *room);
bool mvc__brotli_is_done(const mvc__brotli *b);
void mvc__brotli_free(mvc__brotli *b); /* NULL is fine */

#endif
