/* watch.c - the thread that cuts slow clients off. */
#include "http/watch.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum { TICK_MS = 250, RATE_GRACE = 5 };

struct mvc__watch {
    mvc_timeouts limits;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    pthread_t thread;
    bool stopping;
    atomic_uint now; /* milliseconds since the start, by ticks */
    mvc__connection *first;
};

static bool is_over(double seconds, double limit)
{
    return limit >= 0 && seconds > limit;
}

static bool is_slow(const mvc_timeouts *t, double seconds,
                    unsigned long long bytes)
{
    return t->min_rate > 0 && seconds > RATE_GRACE &&
           (double)bytes < t->min_rate * (seconds - RATE_GRACE);
}

/*
 * A client that takes nothing, or too little.  How much the kernel still holds
 * for it tells; how much it was given is known of streams alone.
 */
static bool is_reading_late(const mvc_timeouts *t, mvc__connection *c,
                            unsigned now, unsigned since,
                            unsigned long long bytes)
{
    const unsigned long long expected =
        atomic_load_explicit(&c->expected, memory_order_relaxed);
    const double seconds = (int)(now - since) / 1000.0;
    int held = 0;
    if (t->write < 0 || ioctl(c->fd, TIOCOUTQ, &held) != 0 || held == 0)
        return false;
    const unsigned long long mark = (bytes << 24) + (unsigned)held;
    if (mark != c->mark || (int)(c->marked - since) < 0) {
        c->mark = mark;
        c->marked = now;
    }
    if ((int)(now - c->marked) / 1000.0 > t->write)
        return true;
    const double grace = t->write + (double)expected / t->min_rate;
    const double taken = bytes > (unsigned)held ? (double)bytes - held : 0;
    return t->min_rate > 0 && seconds > grace &&
           taken < t->min_rate * (seconds - grace);
}

/* For how many seconds the client has sent nothing; 0 when nobody knows. */
static double silence(const mvc__connection *c)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    return getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
               ? info.tcpi_last_data_recv / 1000.0
               : 0;
}

static double seconds_in_phase(const mvc__watch *w, mvc__connection *c)
{
    const unsigned now = atomic_load_explicit(&w->now, memory_order_relaxed);
    const unsigned since =
        atomic_load_explicit(&c->since, memory_order_relaxed);
    return (int)(now - since) / 1000.0;
}

/* Part of the next request's head may have come already. */
static bool is_idle(const mvc__watch *w, mvc__connection *c)
{
    const double limit = w->limits.keep_alive;
    return atomic_load_explicit(&c->phase, memory_order_acquire) ==
               MVC__PHASE_IDLE &&
           is_over(seconds_in_phase(w, c), limit) && is_over(silence(c), limit);
}

static bool is_late(const mvc__watch *w, mvc__connection *c)
{
    const mvc_timeouts *t = &w->limits;
    const unsigned now = atomic_load_explicit(&w->now, memory_order_relaxed);
    const unsigned since =
        atomic_load_explicit(&c->since, memory_order_relaxed);
    const unsigned long long bytes =
        atomic_load_explicit(&c->bytes, memory_order_relaxed);
    const double seconds = seconds_in_phase(w, c);
    switch (atomic_load_explicit(&c->phase, memory_order_acquire)) {
    case MVC__PHASE_FIRST:
    case MVC__PHASE_HEADERS:
        return is_over(seconds, t->headers);
    case MVC__PHASE_IDLE: /* one that is not silent, see is_idle() */
        return t->keep_alive >= 0 && t->headers >= 0 &&
               is_over(seconds, t->keep_alive + t->headers);
    case MVC__PHASE_BODY:
        return is_over(seconds, t->body) || is_slow(t, seconds, bytes);
    case MVC__PHASE_WRITE:
        return is_reading_late(t, c, now, since, bytes);
    case MVC__PHASE_WORK:
        break;
    }
    return false;
}

/* What waits for the client is thrown away, or it would stay for minutes. */
static void cut(const mvc__connection *c)
{
    const struct linger none = {1, 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    shutdown(c->fd, SHUT_RDWR);
}

static void tick(mvc__watch *w)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&w->stop, &w->lock, &until);
    atomic_store_explicit(&w->now, (unsigned)(mvc_now() / 1000000u),
                          memory_order_relaxed);
    for (mvc__connection *c = w->first; c; c = c->next) {
        if (is_idle(w, c))
            shutdown(c->fd, SHUT_RDWR);
        else if (is_late(w, c))
            cut(c);
    }
}

static void *run(void *data)
{
    mvc__watch *w = data;
    pthread_mutex_lock(&w->lock);
    while (!w->stopping)
        tick(w);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

mvc__watch *mvc__watch_new(const mvc_timeouts *timeouts)
{
    mvc__watch *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    pthread_condattr_t attributes;
    sigset_t all, before;
    w->limits = *timeouts;
    atomic_init(&w->now, (unsigned)(mvc_now() / 1000000u));
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&w->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&w->lock, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        return w;
    pthread_cond_destroy(&w->stop);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return NULL;
}

void mvc__watch_free(mvc__watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->stop);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->stop);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void mvc__watch_phase(mvc__watch *w, mvc__connection *c, mvc__phase phase,
                      unsigned long long expected)
{
    atomic_store_explicit(&c->expected, expected, memory_order_relaxed);
    atomic_store_explicit(&c->bytes, 0, memory_order_relaxed);
    atomic_store_explicit(&c->since,
                          atomic_load_explicit(&w->now, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&c->phase, phase, memory_order_release);
}

/* The head has one deadline, which its first byte has set going: unknown to us,
 * but not later than the end of the time that the connection may be silent. */
void mvc__watch_head(mvc__watch *w, mvc__connection *c)
{
    const double limit = w->limits.keep_alive;
    const unsigned now = atomic_load_explicit(&w->now, memory_order_relaxed);
    const unsigned since =
        atomic_load_explicit(&c->since, memory_order_relaxed);
    const bool first = atomic_load_explicit(&c->phase, memory_order_relaxed) ==
                       MVC__PHASE_FIRST;
    const double used = (int)(now - since) - (first ? 0 : limit * 1000);
    mvc__watch_phase(w, c, MVC__PHASE_HEADERS, 0);
    if (used > 0 && (first || limit >= 0))
        atomic_store_explicit(&c->since, now - (unsigned)used,
                              memory_order_relaxed);
}

void mvc__watch_add(mvc__watch *w, mvc__connection *c)
{
    mvc__watch_phase(w, c, MVC__PHASE_FIRST, 0);
    pthread_mutex_lock(&w->lock);
    c->previous = NULL;
    c->next = w->first;
    if (w->first)
        w->first->previous = c;
    w->first = c;
    pthread_mutex_unlock(&w->lock);
}

void mvc__watch_remove(mvc__watch *w, mvc__connection *c)
{
    pthread_mutex_lock(&w->lock);
    if (c->previous)
        c->previous->next = c->next;
    else
        w->first = c->next;
    if (c->next)
        c->next->previous = c->previous;
    pthread_mutex_unlock(&w->lock);
}

void mvc__watch_close(mvc__watch *w, bool at_once)
{
    pthread_mutex_lock(&w->lock);
    for (mvc__connection *c = w->first; c; c = c->next) {
        const mvc__phase phase =
            atomic_load_explicit(&c->phase, memory_order_acquire);
        const bool idle = phase == MVC__PHASE_IDLE || phase == MVC__PHASE_FIRST;
        if (idle || (at_once && phase != MVC__PHASE_WORK))
            shutdown(c->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&w->lock);
}
