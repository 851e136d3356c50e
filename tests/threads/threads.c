/*
 * threads.c - eight threads render one engine's templates at once, and all get
 * the page that one thread alone gets.  Run it under ThreadSanitizer:
 * `tests/run --sanitize thread threads`.
 *
 *     threads VIEWS_FOLDER DATA_FOLDER NAME...
 */
#include <ejs.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_THREADS = 8, TURNS = 25, MOST = 32 };

typedef struct page {
    const char *name;
    json_object *locals; /* shared: a render never changes it */
    char *html;
    size_t size;
} page;

static ejs_engine *engine;
static page pages[MOST];
static int n_pages;

static char *render(const page *p, size_t *size)
{
    ejs_error err = {0};
    ejs_template *tpl = ejs_load(engine, p->name, &err);
    char *html = tpl ? ejs_render_string(tpl, p->locals, size, &err) : NULL;
    if (!html)
        ejs_error_print(&err, stderr);
    ejs_template_free(tpl);
    return html;
}

static void *work(void *argument)
{
    const size_t first = (size_t)argument;
    size_t wrong = 0;
    for (size_t i = 0; i < (size_t)TURNS * (size_t)n_pages; i++) {
        const page *p = &pages[(first + i) % (size_t)n_pages];
        size_t size = 0;
        char *html = render(p, &size);
        wrong += !html || size != p->size || memcmp(html, p->html, size) != 0;
        free(html);
    }
    return (void *)wrong;
}

static int race(void)
{
    pthread_t threads[N_THREADS];
    size_t wrong = 0;
    for (size_t i = 0; i < N_THREADS; i++) {
        if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
            return 1;
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (size_t)result;
    }
    printf("%d threads, %d pages, %zu wrong\n", N_THREADS,
           N_THREADS * TURNS * n_pages, wrong);
    return wrong ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc - 3 > MOST)
        return 2;
    const char *folders[] = {argv[1], NULL};
    const ejs_options options = {.roots = folders, .views = folders};
    engine = ejs_engine_new(&options, NULL);
    for (int i = 3; engine && i < argc; i++) {
        char path[1000];
        page *p = &pages[n_pages++];
        snprintf(path, sizeof path, "%s/%s.json", argv[2], argv[i]);
        p->name = argv[i];
        p->locals = json_object_from_file(path);
        p->html = p->locals ? render(p, &p->size) : NULL;
        if (!p->html)
            return 1;
    }
    ejs_engine_clear_cache(engine); /* compiling is raced for too */
    const int status = engine ? race() : 1;
    for (int i = 0; i < n_pages; i++) {
        json_object_put(pages[i].locals);
        free(pages[i].html);
    }
    ejs_engine_free(engine);
    return status;
}
