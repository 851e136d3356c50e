/* bench.h - what the benchmarks of libejs in C share. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <ejs.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds by a clock. */
static inline double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void check(bool ok, const ejs_error *err)
{
    if (ok)
        return;
    ejs_error_print(err, stderr);
    exit(1);
}

/* Takes a page's pieces and does nothing with them. */
static inline bool ignore(void *user, const char *data, size_t size)
{
    (void)user;
    (void)data;
    (void)size;
    return true;
}

#endif
