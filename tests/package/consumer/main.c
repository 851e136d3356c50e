/* main.c - renders a view that was compiled into the program. */
#include <ejs.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>

extern const ejs_unit *const views[];

/* The names of libejs's own parts are free for the program that links it. */
int arena_alloc(void);
int arena_alloc(void)
{
    return 1;
}

int main(void)
{
    ejs_error err;
    ejs_engine *engine = ejs_engine_new(NULL, &err);
    if (!engine || !ejs_engine_add_units(engine, views, &err)) {
        ejs_error_print(&err, stderr);
        return EXIT_FAILURE;
    }
    ejs_template *tpl = ejs_load(engine, "hello", &err);
    json_object *locals = json_tokener_parse("{\"name\": \"<Ada>\"}");
    char *page = tpl ? ejs_render_string(tpl, locals, NULL, &err) : NULL;
    if (page)
        fputs(page, stdout);
    else
        ejs_error_print(&err, stderr);
    free(page);
    json_object_put(locals);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    return page && arena_alloc() ? EXIT_SUCCESS : EXIT_FAILURE;
}
