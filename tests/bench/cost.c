/*
 * cost.c - what a render costs apart from time: renders a page TURNS times and
 * says, as JSON, what it took from malloc.
 *
 *     bench-cost DATA_FOLDER VIEWS native|interpreter|text TURNS NAME
 *
 * cost.mjs runs it, under callgrind too.
 */
#include <ejs.h>
#include <json-c/json.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "bench.h"

extern const ejs_unit *const views[];

/* malloc, counted --------------------------------------------------------- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

static size_t n_calls, live, peak;

static void *counted(void *p)
{
    n_calls++;
    live += p ? malloc_usable_size(p) : 0;
    peak = live > peak ? live : peak;
    return p;
}

void *malloc(size_t size)
{
    return counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return counted(__libc_calloc(count, size));
}

void *realloc(void *p, size_t size)
{
    live -= p ? malloc_usable_size(p) : 0;
    return counted(__libc_realloc(p, size));
}

void free(void *p)
{
    live -= p ? malloc_usable_size(p) : 0;
    __libc_free(p);
}

/* renders ------------------------------------------------------------------ */

typedef struct job {
    const ejs_template *tpl;
    json_object *tree; /* NULL: render the text */
    char *json;
    size_t json_size;
} job;

static void render(const job *j)
{
    ejs_error err;
    check(j->tree ? ejs_render(j->tpl, j->tree, ignore, NULL, &err)
                  : ejs_render_json(j->tpl, j->json, j->json_size, ignore, NULL,
                                    &err),
          &err);
}

static void measure(const job *j, int turns)
{
    for (int i = 0; i < 3; i++)
        render(j);
    const size_t kept = live, calls = n_calls;
    peak = live;
    for (int i = 0; i < turns; i++)
        render(j);
    printf("{\"calls\":%.1f,\"peak\":%zu}\n",
           (double)(n_calls - calls) / (turns ? turns : 1), peak - kept);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: bench-cost DATA VIEWS LANE TURNS NAME\n");
        return 2;
    }
    const char *data = argv[1], *lane = argv[3], *name = argv[5];
    const char *folders[] = {argv[2], NULL};
    const ejs_options options = {.views = folders, .roots = folders};
    ejs_error err;
    char path[1000];
    snprintf(path, sizeof path, "%s/%s.json", data, name);
    job j = {.json = base_file_read(path, 0, &j.json_size)};
    ejs_engine *engine = ejs_engine_new(&options, &err);
    check(engine != NULL, &err);
    if (!j.json) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    if (strcmp(lane, "interpreter") != 0)
        check(ejs_engine_add_units(engine, views, &err), &err);
    ejs_template *tpl = ejs_load(engine, name, &err);
    check(tpl != NULL, &err);
    j.tpl = tpl;
    if (strcmp(lane, "text") != 0)
        j.tree = json_tokener_parse(j.json);
    measure(&j, atoi(argv[4]));
    json_object_put(j.tree);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    free(j.json);
    return 0;
}
