/*
 * fuzz_native.c - any bytes as a template, interpreted and as C: both give the
 * same page, or the same error at the same place.
 *
 * The C is compiled in memory by libtcc, within milliseconds.  With libFuzzer
 * this is fuzz-native; without, the program replays files and folders of them.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include <libtcc.h>

#include <ejs/runtime.h>

#include "base/buf.h"
#include "input.h"

/* The same random numbers in both lanes: Math.random() begins with this. */
ssize_t getrandom(void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    memset(bytes, 7, size);
    return (ssize_t)size;
}

/* the native lane ---------------------------------------------------------- */

typedef struct native {
    TCCState *units[64]; /* the template and what it includes */
    unsigned count;
    bool failed;
} native;

static unsigned n_native; /* templates that ran as C */

static void report(void *user, const char *message)
{
    (void)user;
    fprintf(stderr, "libtcc: %s\n", message);
}

static char *emit(const ejs_template *tpl)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const bool done = out && ejs_emit_c(tpl, "unit", out, NULL);
    if (out && fclose(out) == 0 && done)
        return text;
    free(text);
    return NULL;
}

static TCCState *compile(const char *text)
{
    TCCState *tcc = tcc_new();
    tcc_set_error_func(tcc, NULL, report);
    tcc_set_options(tcc, "-w");
    tcc_set_output_type(tcc, TCC_OUTPUT_MEMORY);
    tcc_add_include_path(tcc, RUNTIME_INCLUDE);
    if (tcc_compile_string(tcc, text) == 0 &&
        tcc_relocate(tcc, TCC_RELOCATE_AUTO) == 0)
        return tcc;
    tcc_delete(tcc);
    return NULL;
}

static const ejs_unit *native_unit(void *user, const ejs_template *tpl)
{
    native *n = user;
    if (n->count == sizeof n->units / sizeof *n->units)
        return NULL; /* what comes now is interpreted */
    char *text = emit(tpl);
    TCCState *tcc = text ? compile(text) : NULL;
    if (!tcc) {
        fprintf(stderr, "no native code: %s\n", text ? text : "not emitted");
        n->failed = true;
    }
    free(text);
    if (!tcc)
        return NULL;
    n->units[n->count++] = tcc;
    const ejs_unit *unit = tcc_get_symbol(tcc, "unit");
    n_native += unit && unit->run;
    return unit;
}

/* rendering ------------------------------------------------------------------
 */

typedef struct result {
    bool done;
    base_buf page;
    ejs_error err;
} result;

static bool keep(void *user, const char *text, size_t size)
{
    base_buf *page = user;
    base_buf_put(page, text, size);
    return !page->failed;
}

static void render(const input *in, native *lane, result *r)
{
    static const char *const views[] = {VIEWS, NULL};
    ejs_options options = in->options;
    options.views = options.roots = views;
    options.max_depth = 1000000; /* more than there are steps */
    *r = (result){0};
    ejs_engine *engine = ejs_engine_new(&options, &r->err);
    if (!engine)
        return;
    if (lane)
        ejs_engine_set_native(engine, native_unit, lane);
    ejs_template *tpl =
        ejs_compile(engine, in->text, in->text_size, "fuzz.ejs", &r->err);
    r->done = tpl && input_render(in, tpl, keep, &r->page, &r->err);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

/* How much is used up differs between the lanes, and so when a limit ends it.
 */
static bool is_limit(const result *r)
{
    return !r->done && (r->err.status == EJS_LIMIT ||
                        r->err.status == EJS_NOMEM || r->page.failed);
}

static bool is_same(const result *a, const result *b)
{
    if (a->done != b->done)
        return false;
    if (a->done)
        return a->page.size == b->page.size &&
               (a->page.size == 0 ||
                memcmp(a->page.data, b->page.data, a->page.size) == 0);
    return a->err.status == b->err.status && a->err.line == b->err.line &&
           a->err.column == b->err.column &&
           strcmp(a->err.name, b->err.name) == 0 &&
           strcmp(a->err.hint, b->err.hint) == 0 &&
           strcmp(a->err.message, b->err.message) == 0;
}

static void show(const char *lane, const result *r)
{
    if (r->done)
        fprintf(stderr, "--- %s:\n%.*s\n", lane, (int)r->page.size,
                r->page.size ? r->page.data : "");
    else
        fprintf(stderr, "--- %s, %d:%d: %s: %s %s\n", lane, r->err.line,
                r->err.column, r->err.name, r->err.message, r->err.hint);
}

typedef struct comparison {
    const uint8_t *bytes;
    size_t size;
    bool same;
} comparison;

static void *compare(void *user)
{
    comparison *c = user;
    input in;
    result interpreted, compiled;
    native lane = {0};
    c->same = true;
    if (!input_read(&in, c->bytes, c->size))
        return NULL;
    render(&in, NULL, &interpreted);
    render(&in, &lane, &compiled);
    if (lane.failed || !(is_limit(&interpreted) || is_limit(&compiled) ||
                         is_same(&interpreted, &compiled))) {
        show("interpreted", &interpreted);
        show("compiled", &compiled);
        c->same = false;
    }
    base_buf_free(&interpreted.page);
    base_buf_free(&compiled.page);
    while (lane.count)
        tcc_delete(lane.units[--lane.count]);
    return NULL;
}

/* On a stack so large that the steps end each recursion, not its depth: a
 * template may catch that error, and the lanes need different room for a call.
 */
static bool same_in_both_lanes(const uint8_t *bytes, size_t size)
{
    comparison c = {bytes, size, false};
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, (size_t)1 << 30);
    if (pthread_create(&thread, &attr, compare, &c) == 0)
        pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    return c.same;
}

#ifdef LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!same_in_both_lanes(bytes, size))
        abort();
    return 0;
}
#else
static unsigned files, differences;

static void replay_file(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *in = fopen(path, "rb");
    if (!in)
        return;
    const size_t size = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    files++;
    if (same_in_both_lanes(bytes, size))
        return;
    fprintf(stderr, "=== %s\n", path);
    differences++;
}

static void replay(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        replay_file(path);
        return;
    }
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char name[1400];
        if (*e->d_name == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        replay_file(name);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%u inputs, %u units of C, %u differ\n", files, n_native,
           differences);
    return n_native && !differences ? 0 : 1;
}
#endif
