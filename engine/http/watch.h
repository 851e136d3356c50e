/*
 * watch.h - deadlines for connections.
 *
 * The parser below only knows a time-out between two bytes; a client that
 * sends or takes one now and then stays for ever.  So the loops note what each
 * connection is about, and a thread closes those that take too long in all.
 */
#ifndef HTTP_WATCH_H
#define HTTP_WATCH_H

#include <mvc.h>

#include <stdatomic.h>

typedef enum mvc__phase {
    MVC__PHASE_FIRST,   /* connected, nothing understood yet */
    MVC__PHASE_IDLE,    /* between requests */
    MVC__PHASE_HEADERS, /* the request line has come */
    MVC__PHASE_BODY,
    MVC__PHASE_WORK, /* a handler runs, or somebody waits */
    MVC__PHASE_WRITE,
} mvc__phase;

typedef struct mvc__connection {
    int fd;
    _Atomic mvc__phase phase;
    atomic_uint since;      /* the watch's time when the phase began */
    atomic_ullong bytes;    /* come or gone in this phase */
    atomic_ullong expected; /* bytes of the response */

    /* The watch's own: what it saw last of the bytes on their way, and when. */
    unsigned long long mark;
    unsigned marked;
    struct mvc__connection *next, *previous;
} mvc__connection;

typedef struct mvc__watch mvc__watch;

mvc__watch *mvc__watch_new(const mvc_timeouts *timeouts);
void mvc__watch_free(mvc__watch *watch); /* NULL is fine */

void mvc__watch_add(mvc__watch *watch, mvc__connection *c);
void mvc__watch_remove(mvc__watch *watch, mvc__connection *c);

/* Enters a phase; `expected` is what is to be written. */
void mvc__watch_phase(mvc__watch *watch, mvc__connection *c, mvc__phase phase,
                      unsigned long long expected);

/* The request line has come. */
void mvc__watch_head(mvc__watch *watch, mvc__connection *c);

/* Closes the connections on which nothing has been asked; at_once: all but
 * those whose handlers are at work. */
void mvc__watch_close(mvc__watch *watch, bool at_once);

#endif
