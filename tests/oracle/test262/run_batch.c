/*
 * run_batch.c - renders many templates in one process, for run.mjs.
 *
 * Records on stdin are as in ../syntax/parse_batch.c: "FLAGS SIZE" and SIZE
 * bytes, with s for strict.  The answer is "ok SIZE" and the page, or
 * "error SIZE" and "Name: sentence"; limits and failures of the engine itself
 * have their status for a name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ejs.h>

static void answer(const char *kind, const char *data, size_t size)
{
    printf("%s %zu\n", kind, size);
    fwrite(data, 1, size, stdout);
    putchar('\n');
    fflush(stdout);
}

static void answer_error(const ejs_error *error)
{
    char text[700];
    const char *name = error->name[0] ? error->name
                                      : ejs_strerror(error->status);
    int n = snprintf(text, sizeof text, "%s: %s", name, error->summary);
    answer("error", text, (size_t)n);
}

static void render(ejs_engine *engine, const char *source, size_t size)
{
    ejs_error error;
    size_t length;
    ejs_template *tpl = ejs_compile(engine, source, size, NULL, &error);
    char *page = tpl ? ejs_render_string(tpl, NULL, &length, &error) : NULL;
    if (page)
        answer("ok", page, length);
    else
        answer_error(&error);
    free(page);
    ejs_template_free(tpl);
}

static ejs_engine *make_engine(bool strict)
{
    ejs_options options = {
        .open_delimiter = "\1",
        .delimiter = "\2",
        .close_delimiter = "\3",
        .strict = strict,
        .no_compile_debug = true,
        .max_time_ms = 5000,
    };
    return ejs_engine_new(&options, NULL);
}

int main(void)
{
    char flags[16];
    size_t size;
    ejs_engine *engines[2] = {make_engine(false), make_engine(true)};
    if (!engines[0] || !engines[1])
        return 1;
    while (scanf("%15s %zu", flags, &size) == 2 && getchar() == '\n') {
        char *source = malloc(size + 1);
        if (!source || fread(source, 1, size, stdin) != size)
            return 1;
        render(engines[strchr(flags, 's') != NULL], source, size);
        free(source);
    }
    ejs_engine_free(engines[0]);
    ejs_engine_free(engines[1]);
    return 0;
}
