/* include() among native views: what it leads to is the engine's own affair. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"

#include <ejs/runtime.h> /* what an ejs_unit holds */

static void gives(ejs_engine *engine, const char *expected)
{
    ejs_error err;
    ejs_template *tpl = load(engine, "include/page");
    struct json_object *data = json_tokener_parse("{\"title\": \"page\"}");
    for (int turn = 0; turn < 2; turn++) {
        char *page = ejs_render_string(tpl, data, NULL, &err);
        if (!page)
            fail_msg("%s", err.message);
        assert_string_equal(page, expected);
        free(page);
    }
    json_object_put(data);
    ejs_template_free(tpl);
}

static const ejs_unit *unit_named(const char *name)
{
    size_t i = 0;
    while (strcmp(views[i]->name, name) != 0)
        i++;
    return views[i];
}

static const char with_part[] = "part 1 &lt;1&gt;\n"
                                "part 2 &lt;2&gt;!\n"
                                "part 3 &lt;3&gt;\n"
                                "part 4 page\n"
                                "part  page\n";

static void is_the_same_in_both_lanes(void **state)
{
    (void)state;
    for (int native = 0; native < 2; native++) {
        ejs_engine *engine = new_engine((ejs_options){0}, native);
        gives(engine, with_part);
        ejs_engine_free(engine);
    }
}

/* Another engine's unit of that name is another view. */
static void is_found_by_each_engine(void **state)
{
    ejs_error err;
    ejs_unit part = *unit_named("include/other");
    part.name = "include/part";
    const ejs_unit *const others[] = {unit_named("include/page"), &part, NULL};
    (void)state;
    ejs_engine *first = new_engine((ejs_options){0}, true);
    ejs_engine *second = ejs_engine_new(&(ejs_options){0}, &err);
    assert_true(ejs_engine_add_units(second, others, &err));
    gives(first, with_part);
    gives(second, "other 1 title,n\n"
                  "other 2 title,n\n"
                  "other 3 title,n\n"
                  "other 4 title,n\n"
                  "other  title\n");
    gives(first, with_part);
    ejs_engine_free(second);
    ejs_engine_free(first);
}

/* A unit without the included one: the file, then, and again. */
static void may_lead_to_a_file(void **state)
{
    ejs_error err;
    static const char *const folders[] = {VIEWS, VIEWS "/include", NULL};
    const ejs_unit *const page[] = {unit_named("include/page"), NULL};
    (void)state;
    ejs_engine *engine = ejs_engine_new(&(ejs_options){.views = folders}, &err);
    assert_true(ejs_engine_add_units(engine, page, &err));
    gives(engine, with_part);
    ejs_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_same_in_both_lanes),
        cmocka_unit_test(is_found_by_each_engine),
        cmocka_unit_test(may_lead_to_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
