/* escape.c - <%= with a function of the program's own, interpreted and as C. */
#include "api/lanes.h"

#include <ejs/runtime.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* [value], nothing for null; "bad" is refused. */
static ejs_value bracket(ejs_call *call)
{
    const ejs_value v = ejs_arg(call, 0);
    const ejs_text text = ejs_to_text(call, v);
    ++*(int *)ejs_user(call);
    if (text.size == 3 && memcmp(text.data, "bad", 3) == 0)
        return ejs_throw(call, "no %.*s here", (int)text.size, text.data);
    if (text.size == 4 && memcmp(text.data, "null", 4) == 0)
        return ejs_null();
    return ejs_textf(call, "[%.*s]", (int)text.size, text.data);
}

static char *render(bool native, const char *name, int *calls, ejs_error *err)
{
    static const char *const folders[] = {VIEWS, NULL};
    ejs_engine *engine = ejs_engine_new(&(ejs_options){.views = folders}, err);
    assert_non_null(engine);
    ejs_engine_set_escape(engine, bracket, calls);
    if (native)
        assert_true(ejs_engine_add_units(engine, views, err));
    ejs_template *page = load(engine, name);
    struct json_object *data =
        json_tokener_parse("{\"name\": \"<n>\", \"tags\": [\"a&b\", \"c\"]}");
    char *text = ejs_render_string(page, data, NULL, err);
    json_object_put(data);
    ejs_template_free(page);
    ejs_engine_free(engine);
    return text;
}

static void gives(const char *name, const char *expected, int expected_calls)
{
    for (int native = 0; native < 2; native++) {
        int calls = 0;
        ejs_error err;
        char *text = render(native, name, &calls, &err);
        if (!text)
            fail_msg("%s", err.message);
        assert_string_equal(text, expected);
        assert_int_equal(calls, expected_calls);
        free(text);
    }
}

static void escapes_values(void **state)
{
    (void)state;
    gives("page",
          "[<n>]|<n>||[undefined]|[<b>]|[1,<]\n"
          "[a&b],[c],[a&b<c]|[[x]]\n"
          "part [a&b];[part [<n>];][1][a&b]\n",
          15);
}

static void throws(void **state)
{
    (void)state;
    gives("throws", "caught no bad here", 1);
}

static void names_files(void **state)
{
    (void)state;
    gives("missing", "Could not find the include file \"[<none>]\"", 1);
    for (int native = 0; native < 2; native++) {
        int calls = 0;
        ejs_error err;
        assert_null(render(native, "fails", &calls, &err));
        assert_int_equal(err.message[0], '[');
        assert_non_null(
            strstr(err.message, "fails.ejs]:1\n >> 1| <%= nowhere"));
        assert_int_equal(calls, 1);
    }
}

/* A unit that was made for HTML is not taken. */
static void refuses_units(void **state)
{
    (void)state;
    int calls = 0;
    ejs_error err;
    ejs_engine *engine = ejs_engine_new(NULL, &err);
    ejs_engine_set_escape(engine, bracket, &calls);
    ejs_unit unit = *views[0];
    unit.own_escape = false;
    const ejs_unit *const list[] = {&unit, NULL};
    assert_false(ejs_engine_add_units(engine, list, &err));
    assert_non_null(strstr(err.message, "--own-escape"));
    ejs_engine_set_escape(engine, NULL, NULL);
    assert_true(ejs_engine_add_units(engine, list, &err));
    ejs_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_values),
        cmocka_unit_test(throws),
        cmocka_unit_test(names_files),
        cmocka_unit_test(refuses_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
