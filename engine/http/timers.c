/* timers.c - callbacks after a while, on a thread started at the first one. */
#include "http/timers.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "http/exchange.h"

typedef struct timer {
    uint64_t id, due, again; /* nanoseconds */
    void (*call)(void *data);
    void *data;
    struct timer *next; /* by due time */
} timer;

struct mvc__timers {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool started, stopping;
    timer *first;
    uint64_t last_id, cancelled; /* the running one was cancelled */
};

mvc__timers *mvc__timers_new(void)
{
    mvc__timers *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

static void insert(mvc__timers *t, timer *item)
{
    timer **at = &t->first;
    while (*at && (*at)->due <= item->due)
        at = &(*at)->next;
    item->next = *at;
    *at = item;
}

static void wait_for_due(mvc__timers *t, uint64_t due)
{
    const struct timespec when = {(time_t)(due / 1000000000u),
                                  (long)(due % 1000000000u)};
    pthread_cond_timedwait(&t->changed, &t->lock, &when);
}

static void run_first(mvc__timers *t)
{
    timer *item = t->first;
    t->first = item->next;
    t->cancelled = 0;
    pthread_mutex_unlock(&t->lock);
    item->call(item->data);
    pthread_mutex_lock(&t->lock);
    if (item->again && t->cancelled != item->id) {
        item->due = mvc_now() + item->again;
        insert(t, item);
    } else {
        free(item);
    }
}

static void *run(void *data)
{
    mvc__timers *t = data;
    pthread_mutex_lock(&t->lock);
    while (!t->stopping) {
        if (!t->first)
            pthread_cond_wait(&t->changed, &t->lock);
        else if (t->first->due > mvc_now())
            wait_for_due(t, t->first->due);
        else
            run_first(t);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static bool start(mvc__timers *t)
{
    sigset_t all, before;
    if (t->started)
        return true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    t->started = pthread_create(&t->thread, NULL, run, t) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return t->started;
}

uint64_t mvc__timers_add(mvc__timers *t, double after, double again,
                         void (*call)(void *data), void *data)
{
    timer *item = calloc(1, sizeof *item);
    if (!item)
        return 0;
    *item = (timer){.due = mvc_now() + (uint64_t)(after * 1e9),
                    .again = (uint64_t)(again * 1e9),
                    .call = call,
                    .data = data};
    pthread_mutex_lock(&t->lock);
    const uint64_t id = item->id = ++t->last_id;
    const bool ok = start(t);
    if (ok)
        insert(t, item);
    else
        free(item);
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    return ok ? id : 0;
}

void mvc__timers_cancel(mvc__timers *t, uint64_t id)
{
    pthread_mutex_lock(&t->lock);
    timer **at = &t->first;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    timer *found = *at;
    if (found)
        *at = found->next;
    else
        t->cancelled = id;
    pthread_mutex_unlock(&t->lock);
    free(found);
}

void mvc__timers_free(mvc__timers *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    const bool started = t->started;
    pthread_cond_signal(&t->changed);
    pthread_mutex_unlock(&t->lock);
    if (started)
        pthread_join(t->thread, NULL);
    while (t->first) {
        timer *item = t->first;
        t->first = item->next;
        free(item);
    }
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

uint64_t mvc_after(mvc_app *app, double seconds, void (*call)(void *data),
                   void *data)
{
    return mvc__timers_add(app->timers, seconds, 0, call, data);
}

uint64_t mvc_every(mvc_app *app, double seconds, void (*call)(void *data),
                   void *data)
{
    return mvc__timers_add(app->timers, seconds, seconds > 0 ? seconds : 1e-3,
                           call, data);
}

void mvc_cancel(mvc_app *app, uint64_t id)
{
    mvc__timers_cancel(app->timers, id);
}
