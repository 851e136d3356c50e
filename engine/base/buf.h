/*
 * buf.h - a growing byte buffer.
 *
 * The first failure sticks: later calls do nothing, and the caller asks
 * `failed` once at the end.  A zeroed base_buf is an empty buffer.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct base_buf {
    char *data; /* malloc'd; not NUL-terminated until base_buf_take */
    size_t size, capacity;
    bool failed; /* out of memory */
} base_buf;

/* Makes room for `more` bytes after the present ones; false when it cannot. */
bool base_buf_reserve(base_buf *buf, size_t more);

void base_buf_put(base_buf *buf, const void *data, size_t size);
void base_buf_puts(base_buf *buf, const char *text);
void base_buf_putc(base_buf *buf, char c);
void base_buf_printf(base_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void base_buf_vprintf(base_buf *buf, const char *format, va_list args);

/*
 * Hands the bytes over, NUL-terminated, and empties the buffer.  The caller
 * frees them.  NULL when the buffer had failed; *size may be NULL.
 */
char *base_buf_take(base_buf *buf, size_t *size);

/* Forgets the contents, keeps the memory. */
void base_buf_clear(base_buf *buf);
void base_buf_free(base_buf *buf);

#endif
