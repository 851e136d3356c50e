/* workers.c - a queue of jobs and the threads that take from it. */
#include "http/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

typedef struct job {
    void *data;
    struct job *next;
} job;

struct mvc__workers {
    pthread_mutex_t lock;
    pthread_cond_t more;
    void (*run)(void *data);
    job *first, **last;
    pthread_t *threads;
    unsigned n_threads, max, idle, queued;
    bool stopping;
};

mvc__workers *mvc__workers_new(unsigned max, void (*run)(void *data))
{
    mvc__workers *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->threads = calloc(max, sizeof *w->threads);
    if (!w->threads) {
        free(w);
        return NULL;
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    w->max = max;
    w->run = run;
    w->last = &w->first;
    return w;
}

static void *work(void *data)
{
    mvc__workers *w = data;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->first && !w->stopping) {
            w->idle++;
            pthread_cond_wait(&w->more, &w->lock);
            w->idle--;
        }
        job *j = w->first;
        if (!j)
            break;
        w->first = j->next;
        if (!w->first)
            w->last = &w->first;
        w->queued--;
        pthread_mutex_unlock(&w->lock);
        w->run(j->data);
        free(j);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void start_thread(mvc__workers *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&w->threads[w->n_threads], NULL, work, w) == 0)
        w->n_threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool mvc__workers_submit(mvc__workers *w, void *data)
{
    job *j = malloc(sizeof *j);
    if (!j)
        return false;
    *j = (job){data, NULL};
    pthread_mutex_lock(&w->lock);
    if (w->queued >= w->idle && w->n_threads < w->max)
        start_thread(w);
    const bool ok = w->n_threads > 0;
    if (ok) {
        *w->last = j;
        w->last = &j->next;
        w->queued++;
        pthread_cond_signal(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
    if (!ok)
        free(j);
    return ok;
}

void mvc__workers_free(mvc__workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->more);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->n_threads; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w->threads);
    free(w);
}
