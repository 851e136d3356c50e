/*
 * helpers.c - C helpers as templates use them: functions, methods of objects,
 * and closures that C keeps and calls; interpreted and as C.
 */
#include <ejs.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

extern const ejs_unit *const views[];

/* helpers ------------------------------------------------------------------ */

static ejs_value shout(ejs_call *call)
{
    const ejs_text s = ejs_to_text(call, ejs_arg(call, 0));
    return ejs_textf(call, "%.*s%s", (int)s.size, s.data,
                     (const char *)ejs_user(call));
}

static ejs_value count(ejs_call *call)
{
    return ejs_number((double)ejs_argc(call));
}

static ejs_value refuse(ejs_call *call)
{
    return ejs_throw(call, "refused by %s", "C");
}

/* A method: the sum of this.items' prices, and this.fee. */
static ejs_value total(ejs_call *call)
{
    const ejs_value self = ejs_this(call);
    const ejs_value items = ejs_get(call, self, "items");
    const ejs_value length = ejs_get(call, items, "length");
    double sum = ejs_to_number(call, ejs_get(call, self, "fee"));
    for (int i = 0; i < ejs_to_number(call, length); i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        const ejs_value item = ejs_get(call, items, key);
        sum += ejs_to_number(call, ejs_get(call, item, "price"));
    }
    return ejs_number(sum);
}

/* f(1) + f(2), or the texts behind each other */
static ejs_value twice(ejs_call *call)
{
    const ejs_value f = ejs_arg(call, 0);
    if (!ejs_is_function(f))
        return ejs_throw(call, "twice() needs a function");
    const ejs_value one = ejs_number(1), two = ejs_number(2);
    const ejs_value a = ejs_invoke(call, f, ejs_undefined(), &one, 1);
    if (ejs_is_thrown(a))
        return a;
    const ejs_value b = ejs_invoke(call, f, ejs_undefined(), &two, 1);
    if (ejs_is_thrown(b))
        return b;
    const double sum = ejs_to_number(call, a) + ejs_to_number(call, b);
    if (sum == sum)
        return ejs_number(sum);
    const ejs_text s = ejs_to_text(call, a), t = ejs_to_text(call, b);
    return ejs_textf(call, "%.*s %.*s", (int)s.size, s.data, (int)t.size,
                     t.data);
}

/* Calls a function that writes text of the template. */
static ejs_value wrap(ejs_call *call)
{
    return ejs_invoke(call, ejs_arg(call, 1), ejs_undefined(), NULL, 0);
}

typedef struct kept {
    ejs_value functions[4];
    size_t count;
} kept;

/* Keeps a closure for flush(), in the same render. */
static ejs_value later(ejs_call *call)
{
    kept *k = ejs_user(call);
    k->functions[k->count++ % 4] = ejs_arg(call, 0);
    return ejs_undefined();
}

static ejs_value flush(ejs_call *call)
{
    kept *k = ejs_user(call);
    for (size_t i = 0; i < k->count; i++) {
        const ejs_value v =
            ejs_invoke(call, k->functions[i], ejs_undefined(), NULL, 0);
        if (ejs_is_thrown(v))
            return v;
    }
    k->count = 0;
    return ejs_undefined();
}

/* A copy of an array of three, sorted by the template's function. */
static ejs_value sorted(ejs_call *call)
{
    ejs_value v[3];
    for (int i = 0; i < 3; i++) {
        const char key[2] = {(char)('0' + i), '\0'};
        v[i] = ejs_get(call, ejs_arg(call, 0), key);
    }
    for (int i = 0; i < 3; i++) {
        for (int k = i + 1; k < 3; k++) {
            const ejs_value pair[2] = {v[i], v[k]};
            const ejs_value order =
                ejs_invoke(call, ejs_arg(call, 1), ejs_undefined(), pair, 2);
            if (ejs_is_thrown(order))
                return order;
            if (ejs_to_number(call, order) > 0) {
                v[i] = pair[1];
                v[k] = pair[0];
            }
        }
    }
    return ejs_textf(call, "%g < %g < %g", ejs_to_number(call, v[0]),
                     ejs_to_number(call, v[1]), ejs_to_number(call, v[2]));
}

/* engines ------------------------------------------------------------------ */

static kept waiting;

/* Native views or the files they were made of. */
static ejs_engine *new_engine(bool native, bool layouts)
{
    static const char *const native_folder[] = {NULL};
    static const char *const folder[] = {VIEWS, NULL};
    static char once[] = "!", loud[] = "!!", asking[] = "?";
    static const struct {
        const char *name;
        ejs_function function;
        void *user;
    } helpers[] = {
        {"shout", shout, once},         {"say.loud", shout, loud},
        {"say.deep.er", shout, asking}, {"count", count, NULL},
        {"refuse", refuse, NULL},       {"total", total, NULL},
        {"twice", twice, NULL},         {"wrap", wrap, NULL},
        {"later", later, &waiting},     {"flush", flush, &waiting},
        {"sorted", sorted, NULL},
    };
    ejs_error err;
    ejs_engine *engine =
        ejs_engine_new(&(ejs_options){.views = native ? native_folder : folder,
                                      .layouts = layouts},
                       &err);
    assert_non_null(engine);
    if (native)
        assert_true(ejs_engine_add_units(engine, views, &err));
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++)
        assert_true(ejs_define(engine, helpers[i].name, helpers[i].function,
                               helpers[i].user));
    return engine;
}

static void gives(const char *view, const char *data, const char *expected)
{
    for (int native = 0; native < 2; native++) {
        ejs_error err;
        ejs_engine *engine = new_engine(native, false);
        struct json_object *locals = json_tokener_parse(data);
        ejs_template *tpl = ejs_load(engine, view, &err);
        char *page = tpl ? ejs_render_string(tpl, locals, NULL, &err) : NULL;
        if (!page)
            fail_msg("%s: %s", view, err.message);
        assert_string_equal(page, expected);
        free(page);
        ejs_template_free(tpl);
        json_object_put(locals);
        ejs_engine_free(engine);
    }
}

/* tests -------------------------------------------------------------------- */

static void are_functions(void **state)
{
    (void)state;
    gives("helpers/functions", "{}",
          "a! 1.5! undefined! 3\n"
          "x! y! function object shout\n"
          "a!! b? deep,loud\n");
}

static void are_methods(void **state)
{
    (void)state;
    gives("helpers/methods", "{}", "6 7 6\n9 6\n");
}

static void call_closures(void **state)
{
    (void)state;
    gives("helpers/closures", "{\"factor\": 10}",
          "4 3 30\n"
          "inside text!\n"
          "before[later 1 changed][later 2][later 3]after\n"
          "1 &lt; 2 &lt; 3\n"
          "9 object object\n");
}

static void throw_errors(void **state)
{
    (void)state;
    gives("helpers/errors", "{}",
          "Error: refused by C\n"
          "Error: twice() needs a function\n"
          "RangeError: from within\n"
          "ReferenceError: nowhere is not defined\n"
          "TypeError: Cannot convert object to primitive value\n"
          "TypeError: Cannot read properties of undefined (reading 'x')\n"
          "TypeError: shout is not a constructor\n");
}

static void work_in_includes(void **state)
{
    (void)state;
    gives("helpers/included", "{}",
          "<i>a!!</i>\n<i>again!</i>\n<i>again!</i>\n");
}

static void errors_have_a_place(void **state)
{
    (void)state;
    for (int native = 0; native < 2; native++) {
        ejs_error err;
        ejs_engine *engine = new_engine(native, false);
        ejs_template *tpl = ejs_load(engine, "helpers/thrown", &err);
        assert_null(ejs_render_string(tpl, NULL, NULL, &err));
        assert_string_equal(err.summary, "refused by C");
        assert_int_equal(err.status, EJS_RUNTIME);
        assert_int_equal(err.line, 3);
        assert_int_equal(err.column, 6);
        ejs_template_free(tpl);
        ejs_engine_free(engine);
    }
}

/* ejs_render_block --------------------------------------------------------- */

static void block_is(const ejs_template *tpl, struct json_object *locals,
                     const char *block, const char *expected)
{
    ejs_error err;
    size_t size;
    char *text = ejs_render_block(tpl, block, locals, &size, &err);
    if (!text)
        fail_msg("%s: %s", block, err.message);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void renders_blocks(void **state)
{
    (void)state;
    struct json_object *locals =
        json_tokener_parse("{\"title\": \"T\", \"rows\": [\"a\", \"<b>\"]}");
    for (int native = 0; native < 2; native++) {
        ejs_error err;
        ejs_engine *engine = new_engine(native, true);
        ejs_template *tpl = ejs_load(engine, "blocks/page", &err);
        char *page = ejs_render_string(tpl, locals, NULL, &err);
        if (!page)
            fail_msg("%s", err.message);
        assert_string_equal(page, "<title>T</title>\n<main><ul>\n<li>a</li>\n"
                                  "<li>&lt;b&gt;</li>\n</ul></main>\n"
                                  "<aside><p>2 rows</p>\n</aside>\n");
        free(page);
        block_is(tpl, locals, "rows", "<li>a</li>\n<li>&lt;b&gt;</li>\n");
        block_is(tpl, locals, "side", "<p>2 rows</p>\n");
        block_is(tpl, locals, "title", "T");
        block_is(tpl, locals, "body",
                 "<ul>\n<li>a</li>\n<li>&lt;b&gt;</li>\n</ul>");
        assert_null(ejs_render_block(tpl, "none", locals, NULL, &err));
        assert_int_equal(err.status, EJS_NOT_FOUND);
        assert_string_equal(err.message, "the page has no block \"none\"");
        ejs_template_free(tpl);
        ejs_engine_free(engine);
    }
    json_object_put(locals);
}

static void needs_layouts(void **state)
{
    (void)state;
    ejs_error err;
    ejs_engine *engine = new_engine(true, false);
    ejs_template *tpl = ejs_load(engine, "helpers/row", &err);
    assert_null(ejs_render_block(tpl, "x", NULL, NULL, &err));
    assert_int_equal(err.status, EJS_NOT_FOUND);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_functions),
        cmocka_unit_test(are_methods),
        cmocka_unit_test(call_closures),
        cmocka_unit_test(throw_errors),
        cmocka_unit_test(work_in_includes),
        cmocka_unit_test(errors_have_a_place),
        cmocka_unit_test(renders_blocks),
        cmocka_unit_test(needs_layouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
