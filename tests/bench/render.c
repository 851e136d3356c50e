/*
 * render.c - one round of the contenders in C: nanoseconds a render, as JSON.
 *
 *     bench-render DATA_FOLDER VIEWS SECONDS CHECK_FOLDER [NAME...]
 *
 * Each page is compared with CHECK_FOLDER/NAME.html, what EJS gives, before
 * anything is timed.
 */
#include <ejs.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "bench.h"
#include "hand.h"

extern const ejs_unit *const views[];

typedef struct job {
    const char *name;
    const ejs_template *native, *interpreted;
    json_object *tree;
    char *json;
    size_t json_size;
    const hand_page *hand_json, *hand_struct;
    void *structs;
    page page;
} job;

static double seconds_per_contender;

static bool collect(void *user, const char *data, size_t size)
{
    put(user, data, size);
    return true;
}

static void run_native(job *j)
{
    ejs_error err;
    check(ejs_render(j->native, j->tree, collect, &j->page, &err), &err);
}

static void run_interpreted(job *j)
{
    ejs_error err;
    check(ejs_render(j->interpreted, j->tree, collect, &j->page, &err), &err);
}

static void run_json(job *j)
{
    ejs_error err;
    check(ejs_render_json(j->native, j->json, j->json_size, collect, &j->page,
                          &err),
          &err);
}

static void run_hand_json(job *j)
{
    j->hand_json->over_json(&j->page, j->tree);
}

static void run_hand_struct(job *j)
{
    j->hand_struct->over_structs(&j->page, j->structs);
}

/* Only the parsing that run_json's contenders must do as well. */
static void run_parse(job *j)
{
    json_tokener *t = json_tokener_new_ex(64);
    json_object_put(json_tokener_parse_ex(t, j->json, (int)j->json_size));
    json_tokener_free(t);
}

static double measure(job *j, void (*run)(job *j))
{
    for (int i = 0; i < 3; i++) {
        j->page.size = 0;
        run(j);
    }
    uint64_t n = 0;
    double spent = 0;
    while (spent < seconds_per_contender) {
        const uint64_t turns = n / 8 + 1;
        const double start = now(CLOCK_MONOTONIC);
        for (uint64_t i = 0; i < turns; i++) {
            j->page.size = 0;
            run(j);
        }
        spent += now(CLOCK_MONOTONIC) - start;
        n += turns;
    }
    return spent / (double)n * 1e9;
}

static void verify(job *j, const char *what, void (*run)(job *j),
                   const char *want, size_t size)
{
    j->page.size = 0;
    run(j);
    if (j->page.size == size && memcmp(j->page.data, want, size) == 0)
        return;
    fprintf(stderr, "%s: %s differs from EJS\n", j->name, what);
    fwrite(j->page.data, 1, j->page.size, stderr);
    exit(1);
}

static char *read_file(const char *dir, const char *name, const char *end,
                       size_t *size)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s%s", dir, name, end);
    char *text = base_file_read(path, 0, size);
    if (!text) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    return text;
}

static const hand_page *find(const hand_page *pages, const char *name)
{
    for (; pages->name; pages++) {
        if (strcmp(pages->name, name) == 0)
            return pages;
    }
    return NULL;
}

static void round_of(const char *name, char **argv, ejs_engine *native,
                     ejs_engine *interpreter, bool first)
{
    ejs_error err;
    job j = {.name = name};
    j.json = read_file(argv[1], name, ".json", &j.json_size);
    j.tree = json_tokener_parse(j.json);
    ejs_template *a = ejs_load(native, name, &err);
    check(a != NULL, &err);
    ejs_template *b = ejs_load(interpreter, name, &err);
    check(b != NULL, &err);
    j.native = a;
    j.interpreted = b;
    j.hand_json = find(hand_json_pages, name);
    j.hand_struct = find(hand_struct_pages, name);
    size_t size;
    char *want = read_file(argv[4], name, ".html", &size);
    verify(&j, "native", run_native, want, size);
    verify(&j, "interpreted", run_interpreted, want, size);
    verify(&j, "from JSON text", run_json, want, size);
    printf("%s\"%s\":{\"native\":%.0f,\"interpreter\":%.0f,\"text\":%.0f,"
           "\"parse\":%.0f",
           first ? "" : ",", name, measure(&j, run_native),
           measure(&j, run_interpreted), measure(&j, run_json),
           measure(&j, run_parse));
    if (j.hand_json) {
        j.structs = j.hand_struct->load(j.tree);
        verify(&j, "by hand over json-c", run_hand_json, want, size);
        verify(&j, "by hand over structs", run_hand_struct, want, size);
        printf(",\"hand\":%.0f,\"structs\":%.0f", measure(&j, run_hand_json),
               measure(&j, run_hand_struct));
    }
    printf("}");
    ejs_template_free(a);
    ejs_template_free(b);
    free(want);
    free(j.page.data);
    json_object_put(j.tree);
    free(j.json);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr,
                "usage: bench-render DATA VIEWS SECONDS CHECK NAME...\n");
        return 2;
    }
    seconds_per_contender = atof(argv[3]);
    ejs_error err;
    const char *folders[] = {argv[2], NULL};
    const ejs_options options = {.views = folders, .roots = folders};
    ejs_engine *native = ejs_engine_new(&options, &err);
    check(native && ejs_engine_add_units(native, views, &err), &err);
    ejs_engine *interpreter = ejs_engine_new(&options, &err);
    check(interpreter != NULL, &err);
    printf("{");
    for (int i = 5; i < argc; i++)
        round_of(argv[i], argv, native, interpreter, i == 5);
    printf("}\n");
    ejs_engine_free(native);
    ejs_engine_free(interpreter);
    return 0;
}
