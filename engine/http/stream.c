/* stream.c - bodies made while they are sent: callbacks, channels, events. */
#include "http/stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/exchange.h"

void mvc_send_stream(mvc_res *res, const mvc_stream *stream)
{
    if (res->answered || res->failed) {
        if (stream->close)
            stream->close(stream->data);
        return;
    }
    if (!mvc__res_header(res, "Content-Type"))
        mvc__res_put(res, "Content-Type", "application/octet-stream");
    mvc_replace_stream(res, stream);
    mvc__res_answer(res);
}

/* channels --------------------------------------------------------------------
 */

/* Shared by its writer and the response; the last one frees it. */
struct mvc_channel {
    pthread_mutex_t lock;
    mvc__exchange *exchange;
    base_buf pending;
    size_t taken, max;
    bool waiting; /* the connection sleeps until there is something */
    bool ended;   /* the writer is done */
    bool gone;    /* the client is */
    mvc_app *app;
    mvc_channel *next, *previous; /* of the app's */
};

static void enlist(mvc_channel *c)
{
    mvc__channels *all = &c->app->channels;
    pthread_mutex_lock(&all->lock);
    c->next = all->first;
    if (all->first)
        all->first->previous = c;
    all->first = c;
    pthread_mutex_unlock(&all->lock);
}

static void delist(mvc_channel *c)
{
    mvc__channels *all = &c->app->channels;
    pthread_mutex_lock(&all->lock);
    if (c->previous)
        c->previous->next = c->next;
    else
        all->first = c->next;
    if (c->next)
        c->next->previous = c->previous;
    pthread_mutex_unlock(&all->lock);
}

static void free_channel(mvc_channel *c)
{
    pthread_mutex_destroy(&c->lock);
    base_buf_free(&c->pending);
    free(c);
}

static int64_t read_channel(void *data, uint64_t position, char *buffer,
                            size_t max)
{
    mvc_channel *c = data;
    (void)position;
    pthread_mutex_lock(&c->lock);
    const size_t left = c->pending.size - c->taken;
    int64_t n = (int64_t)(left < max ? left : max);
    if (n > 0) {
        memcpy(buffer, c->pending.data + c->taken, (size_t)n);
        c->taken += (size_t)n;
        if (c->taken == c->pending.size) {
            base_buf_clear(&c->pending);
            c->taken = 0;
        }
    } else if (c->ended || atomic_load(&c->app->channels.ending)) {
        n = MVC_STREAM_END;
    } else if (!c->waiting) {
        c->waiting = true;
        c->exchange->driver->suspend(c->exchange);
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

/* The response is over, one way or the other. */
static void response_over(void *data)
{
    mvc_channel *c = data;
    delist(c);
    pthread_mutex_lock(&c->lock);
    c->gone = true;
    const bool last = c->ended;
    pthread_mutex_unlock(&c->lock);
    if (last)
        free_channel(c);
}

/* The lock is held. */
static void wake(mvc_channel *c)
{
    if (!c->waiting || c->gone)
        return;
    c->waiting = false;
    c->exchange->driver->resume(c->exchange);
}

mvc_channel *mvc_open_channel(mvc_res *res, size_t max_pending)
{
    enum { DEFAULT_PENDING = 1 << 20 };
    if (res->answered || res->failed)
        return NULL;
    mvc_channel *c = calloc(1, sizeof *c);
    if (!c) {
        mvc__fail_code(res->req, 500, NULL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    c->exchange = (mvc__exchange *)res->req;
    c->app = res->req->app;
    c->max = max_pending ? max_pending : DEFAULT_PENDING;
    enlist(c);
    mvc_send_stream(res, &(mvc_stream){read_channel, response_over, c, -1});
    if (res->answered)
        return c;
    mvc__res_drop_body(res); /* a send hook has failed it */
    mvc_channel_close(c);
    return NULL;
}

bool mvc_write(mvc_channel *c, const void *data, size_t size)
{
    pthread_mutex_lock(&c->lock);
    bool ok = !c->gone && size <= c->max &&
              c->pending.size - c->taken <= c->max - size;
    if (ok) {
        base_buf_put(&c->pending, data, size);
        ok = !c->pending.failed;
        wake(c);
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}

bool mvc_channel_is_open(mvc_channel *c)
{
    pthread_mutex_lock(&c->lock);
    const bool open = !c->gone;
    pthread_mutex_unlock(&c->lock);
    return open;
}

void mvc_channel_close(mvc_channel *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->ended = true;
    const bool last = c->gone;
    wake(c);
    pthread_mutex_unlock(&c->lock);
    if (last)
        free_channel(c);
}

void mvc__channels_end(mvc_app *app)
{
    mvc__channels *all = &app->channels;
    atomic_store(&all->ending, true);
    pthread_mutex_lock(&all->lock);
    for (mvc_channel *c = all->first; c; c = c->next) {
        pthread_mutex_lock(&c->lock);
        wake(c);
        pthread_mutex_unlock(&c->lock);
    }
    pthread_mutex_unlock(&all->lock);
}

/* events ----------------------------------------------------------------------
 */

mvc_channel *mvc_open_events(mvc_res *res)
{
    mvc__res_put(res, "Content-Type", "text/event-stream; charset=utf-8");
    mvc__res_put(res, "Cache-Control", "no-cache, no-transform");
    mvc__res_put(res, "X-Accel-Buffering", "no");
    return mvc_open_channel(res, 0);
}

/* Each line of the text gets the field's name in front. */
static void put_lines(base_buf *out, const char *field, const char *text)
{
    while (text) {
        const size_t size = strcspn(text, "\r\n");
        base_buf_printf(out, "%s: %.*s\n", field, (int)size, text);
        text += size;
        if (!*text)
            break;
        text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
    }
}

bool mvc_send_event(mvc_channel *channel, const mvc_event *e)
{
    base_buf out = {0};
    if (e->comment)
        put_lines(&out, "", e->comment);
    if (e->name)
        base_buf_printf(&out, "event: %.*s\n", (int)strcspn(e->name, "\r\n"),
                        e->name);
    if (e->id)
        base_buf_printf(&out, "id: %.*s\n", (int)strcspn(e->id, "\r\n"), e->id);
    if (e->retry)
        base_buf_printf(&out, "retry: %u\n", e->retry);
    put_lines(&out, "data", e->data);
    base_buf_putc(&out, '\n');
    const bool ok = !out.failed && mvc_write(channel, out.data, out.size);
    base_buf_free(&out);
    return ok;
}
