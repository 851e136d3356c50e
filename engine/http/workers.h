/* workers.h - threads for handlers that wait. */
#ifndef HTTP_WORKERS_H
#define HTTP_WORKERS_H

#include <stdbool.h>

typedef struct mvc__workers mvc__workers;

/* At most `max` threads, started as they are needed. */
mvc__workers *mvc__workers_new(unsigned max, void (*run)(void *job));

/* Queues a job; false when there is no memory for it, or no thread at all. */
bool mvc__workers_submit(mvc__workers *workers, void *job);

/* Waits for jobs that run, drops none that are queued; NULL is fine. */
void mvc__workers_free(mvc__workers *workers);

#endif
