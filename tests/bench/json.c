/*
 * json.c - one round of reading JSON text: nanoseconds a text, as JSON.
 *
 *     bench-json SECONDS FILE...
 *
 * Ours is ejs_render_json of a page that is one string: the parser, and what
 * beginning and ending a render cost.
 */
#include <ejs.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "bench.h"
#ifdef HAVE_YYJSON
#include <yyjson.h>
#endif

typedef struct job {
    const ejs_template *tpl;
    char *json;
    size_t size;
} job;

static double seconds_per_contender;

static bool run_ours(const job *j)
{
    return ejs_render_json(j->tpl, j->json, j->size, ignore, NULL, NULL);
}

static bool run_json_c(const job *j)
{
    json_tokener *t = json_tokener_new_ex(64);
    json_object *tree = json_tokener_parse_ex(t, j->json, (int)j->size);
    json_tokener_free(t);
    return tree && json_object_put(tree);
}

#ifdef HAVE_YYJSON
static bool run_yyjson(const job *j)
{
    yyjson_doc *doc = yyjson_read(j->json, j->size, 0);
    yyjson_doc_free(doc);
    return doc != NULL;
}
#endif

static void measure(const char *name, const job *j, bool (*run)(const job *j))
{
    uint64_t n = 0;
    double spent = 0;
    while (spent < seconds_per_contender) {
        const uint64_t turns = n / 8 + 1;
        const double start = now(CLOCK_MONOTONIC);
        for (uint64_t i = 0; i < turns; i++) {
            if (run(j))
                continue;
            fprintf(stderr, "%s cannot read it\n", name);
            exit(1);
        }
        spent += now(CLOCK_MONOTONIC) - start;
        n += turns;
    }
    printf(",\"%s\":%.0f", name, spent / (double)n * 1e9);
}

static void round_of(const char *file, const ejs_template *tpl)
{
    job j = {.tpl = tpl, .json = base_file_read(file, 0, &j.size)};
    if (!j.json) {
        fprintf(stderr, "cannot read %s\n", file);
        exit(1);
    }
    printf("{\"bytes\":%zu", j.size);
    measure("ours", &j, run_ours);
    measure("jsonc", &j, run_json_c);
#ifdef HAVE_YYJSON
    measure("yyjson", &j, run_yyjson);
#endif
    printf("}");
    free(j.json);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench-json SECONDS FILE...\n");
        return 2;
    }
    seconds_per_contender = atof(argv[1]);
    ejs_error err;
    ejs_engine *engine = ejs_engine_new(NULL, &err);
    ejs_template *tpl =
        engine ? ejs_compile(engine, "page", 4, NULL, &err) : NULL;
    if (!tpl) {
        ejs_error_print(&err, stderr);
        return 1;
    }
    printf("[");
    for (int i = 2; i < argc; i++) {
        if (i > 2)
            printf(",");
        round_of(argv[i], tpl);
    }
    printf("]\n");
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    return 0;
}
