/* timers.h - the thread that calls back after a while. */
#ifndef HTTP_TIMERS_H
#define HTTP_TIMERS_H

#include <stdint.h>

typedef struct mvc__timers mvc__timers;

mvc__timers *mvc__timers_new(void);

/* Ends the thread, waiting for a call in progress; NULL is fine. */
void mvc__timers_free(mvc__timers *timers);

/* `again` 0: once.  Seconds.  Returns an id, 0 when out of memory. */
uint64_t mvc__timers_add(mvc__timers *timers, double after, double again,
                         void (*call)(void *data), void *data);
void mvc__timers_cancel(mvc__timers *timers, uint64_t id);

#endif
