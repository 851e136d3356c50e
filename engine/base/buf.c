/* buf.c - a growing byte buffer with a sticky failure. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

bool base_buf_reserve(base_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (buf->capacity - buf->size >= more)
        return true;
    size_t capacity = buf->capacity < 32 ? 64 : buf->capacity * 2;
    size_t needed;
    if (!base_size_add(buf->size, more, &needed)) {
        buf->failed = true;
        return false;
    }
    if (capacity < needed)
        capacity = needed;
    char *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void base_buf_put(base_buf *buf, const void *data, size_t size)
{
    if (size == 0 || !base_buf_reserve(buf, size))
        return;
    memcpy(buf->data + buf->size, data, size);
    buf->size += size;
}

void base_buf_puts(base_buf *buf, const char *text)
{
    base_buf_put(buf, text, strlen(text));
}

void base_buf_putc(base_buf *buf, char c)
{
    base_buf_put(buf, &c, 1);
}

void base_buf_vprintf(base_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int size = vsnprintf(NULL, 0, format, args);
    if (size >= 0 && base_buf_reserve(buf, (size_t)size + 1)) {
        vsnprintf(buf->data + buf->size, (size_t)size + 1, format, again);
        buf->size += (size_t)size;
    }
    va_end(again);
}

void base_buf_printf(base_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    base_buf_vprintf(buf, format, args);
    va_end(args);
}

char *base_buf_take(base_buf *buf, size_t *size)
{
    const size_t taken = buf->size;
    base_buf_putc(buf, '\0');
    if (buf->failed) {
        base_buf_free(buf);
        return NULL;
    }
    char *data = buf->data;
    if (size)
        *size = taken;
    *buf = (base_buf){0};
    return data;
}

void base_buf_clear(base_buf *buf)
{
    buf->size = 0;
    buf->failed = false;
}

void base_buf_free(base_buf *buf)
{
    free(buf->data);
    *buf = (base_buf){0};
}
