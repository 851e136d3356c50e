/*
 * threads.c - one engine, one template, several threads: renders a second, and
 * the processor time of one render, which grows when threads get in each
 * other's way and not because the machine is busy.
 *
 *     bench-threads DATA_FOLDER VIEWS SECONDS ROUNDS NAME...
 */
#include <ejs.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "bench.h"

enum { MOST_THREADS = 2, MOST_ROUNDS = 50 };

extern const ejs_unit *const views[];

static atomic_bool going;

typedef struct worker {
    pthread_t thread;
    const ejs_template *tpl;
    json_object *tree;
    uint64_t renders;
    double cpu;
} worker;

static void *work(void *user)
{
    worker *w = user;
    ejs_error err;
    const double start = now(CLOCK_THREAD_CPUTIME_ID);
    while (atomic_load_explicit(&going, memory_order_relaxed)) {
        for (int i = 0; i < 16; i++)
            check(ejs_render(w->tpl, w->tree, ignore, NULL, &err), &err);
        w->renders += 16;
    }
    w->cpu = now(CLOCK_THREAD_CPUTIME_ID) - start;
    return NULL;
}

typedef struct result {
    double per_second, ns; /* ns: of processor time, a render */
} result;

static result measure(const ejs_template *tpl, const char *json, int n,
                      double seconds)
{
    worker workers[MOST_THREADS] = {{0}};
    const double start = now(CLOCK_MONOTONIC);
    atomic_store(&going, true);
    for (int i = 0; i < n; i++) {
        workers[i].tpl = tpl;
        workers[i].tree = json_tokener_parse(json); /* json-c shares badly */
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    const struct timespec pause = {(time_t)seconds,
                                   (long)((seconds - (long)seconds) * 1e9)};
    nanosleep(&pause, NULL);
    atomic_store(&going, false);
    uint64_t renders = 0;
    double cpu = 0;
    for (int i = 0; i < n; i++) {
        pthread_join(workers[i].thread, NULL);
        renders += workers[i].renders;
        cpu += workers[i].cpu;
        json_object_put(workers[i].tree);
    }
    const double spent = now(CLOCK_MONOTONIC) - start;
    return (result){(double)renders / spent, cpu / (double)renders * 1e9};
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *list, int n)
{
    qsort(list, (size_t)n, sizeof *list, compare);
    return list[n / 2];
}

static void row(ejs_engine *engine, const char *data, const char *name,
                double seconds, int rounds)
{
    char path[1000];
    size_t size;
    ejs_error err;
    snprintf(path, sizeof path, "%s/%s.json", data, name);
    char *json = base_file_read(path, 0, &size);
    ejs_template *tpl = ejs_load(engine, name, &err);
    check(json && tpl, &err);
    double rate[MOST_THREADS][MOST_ROUNDS], ns[MOST_THREADS][MOST_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        for (int n = 0; n < MOST_THREADS; n++) {
            const result r = measure(tpl, json, n + 1, seconds);
            rate[n][i] = r.per_second;
            ns[n][i] = r.ns;
        }
    }
    const double one = median(rate[0], rounds), two = median(rate[1], rounds);
    const double one_ns = median(ns[0], rounds), two_ns = median(ns[1], rounds);
    printf("%-10s%14.0f%14.0f%8.2f%14.0f%14.0f%8.2f\n", name, one, two,
           two / one, one_ns, two_ns, one_ns / two_ns);
    ejs_template_free(tpl);
    free(json);
}

int main(int argc, char **argv)
{
    const int rounds = argc > 4 ? atoi(argv[4]) : 0;
    if (argc < 6 || rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr,
                "usage: bench-threads DATA VIEWS SECONDS ROUNDS NAME...\n");
        return 2;
    }
    ejs_error err;
    const char *folders[] = {argv[2], NULL};
    const ejs_options options = {.views = folders, .roots = folders};
    ejs_engine *engine = ejs_engine_new(&options, &err);
    check(engine && ejs_engine_add_units(engine, views, &err), &err);
    printf("%-10s%14s%14s%8s%14s%14s%8s\n", "page", "1 thread /s",
           "2 threads /s", "ratio", "1: CPU ns", "2: CPU ns", "ratio");
    for (int i = 5; i < argc; i++)
        row(engine, argv[1], argv[i], atof(argv[3]), rounds);
    ejs_engine_free(engine);
    return 0;
}
