/* locals.c - ejs_locals: data made in C, without a tree. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"

typedef struct page {
    char text[4000];
    size_t size;
} page;

static bool collect(void *user, const char *data, size_t size)
{
    page *p = user;
    if (size >= sizeof p->text - p->size)
        return false;
    memcpy(p->text + p->size, data, size);
    p->size += size;
    p->text[p->size] = '\0';
    return true;
}

/* Renders with the locals and compares. */
static void gives(ejs_template *tpl, ejs_locals *l, const char *expected)
{
    static page p;
    ejs_error err;
    p.size = 0;
    if (!ejs_render_locals(tpl, l, collect, &p, &err))
        fail_msg("%s", err.message);
    assert_string_equal(p.text, expected);
}

static void fails(ejs_template *tpl, ejs_locals *l, ejs_status status,
                  const char *message)
{
    static page p;
    ejs_error err;
    p.size = 0;
    assert_false(ejs_render_locals(tpl, l, collect, &p, &err));
    assert_int_equal(err.status, status);
    assert_non_null(strstr(err.message, message));
    assert_int_equal(p.size, 0);
}

/* a page as programs make it ------------------------------------------------- */

static void put_post(ejs_locals *l, int id, const char *title)
{
    ejs_locals_object(l, NULL);
    ejs_locals_put(l, "id", ejs_number(id));
    ejs_locals_text(l, "title", title, strlen(title));
    ejs_locals_object(l, "author");
    ejs_locals_format(l, "name", "Author %d", id);
    ejs_locals_end(l);
    ejs_locals_array(l, "tags");
    for (int i = 0; i < id; i++)
        ejs_locals_format(l, NULL, "t%d", i);
    ejs_locals_end(l);
    ejs_locals_end(l);
}

static void test_page(bool native)
{
    ejs_engine *engine = new_engine((ejs_options){0}, native);
    ejs_template *tpl = load(engine, "data/posts");
    struct json_object *extra = json_tokener_parse("{\"a\": [1, 2]}");
    for (int turn = 0; turn < 3; turn++) {
        char title[] = "A <title>", name[8] = "title";
        ejs_locals *l = ejs_locals_new(engine, NULL);
        ejs_locals_copy(l, name, title, strlen(title));
        strcpy(title, "gone");
        strcpy(name, "posts");
        ejs_locals_array(l, name);
        put_post(l, 1, "One");
        put_post(l, 2, "Zwei — \xC3\xA9");
        put_post(l, 3, "");
        ejs_locals_end(l);
        ejs_locals_date(l, "when", 86400000);
        ejs_locals_put(l, "missing", ejs_undefined());
        ejs_locals_put(l, "nothing", ejs_null());
        ejs_locals_json(l, "extra", extra);
        gives(tpl, l,
              "<h1>A &lt;title&gt;</h1>\n"
              "\n<p>1 One Author 1 t0</p>\n"
              "\n<p>2 Zwei — \xC3\xA9 Author 2 t0+t1</p>\n"
              "\n<p>3  Author 3 t0+t1+t2</p>\n"
              "\n\n<p>changed id,title,author,tags,more "
              "id,title,author,tags,extra</p>\n"
              "<p>1970-01-02T00:00:00.000Z true 2</p>\n");
    }
    json_object_put(extra);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

static void interpreted_page(void **state)
{
    (void)state;
    test_page(false);
}

static void native_page(void **state)
{
    (void)state;
    test_page(true);
}

/* any data: built up from a tree, they are the same --------------------------- */

static void build(ejs_locals *l, const char *name, struct json_object *v)
{
    switch (json_object_get_type(v)) {
    case json_type_object: {
        ejs_locals_object(l, name);
        json_object_object_foreach(v, key, member) build(l, key, member);
        ejs_locals_end(l);
        break;
    }
    case json_type_array:
        ejs_locals_array(l, name);
        for (size_t i = 0; i < json_object_array_length(v); i++)
            build(l, name, json_object_array_get_idx(v, i));
        ejs_locals_end(l);
        break;
    case json_type_string:
        ejs_locals_text(l, name, json_object_get_string(v),
                        (size_t)json_object_get_string_len(v));
        break;
    case json_type_boolean:
        ejs_locals_put(l, name, ejs_bool(json_object_get_boolean(v)));
        break;
    case json_type_null:
        ejs_locals_put(l, name, ejs_null());
        break;
    default:
        ejs_locals_put(l, name, ejs_number(json_object_get_double(v)));
    }
}

static void same_as_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"v\":[]}",
        "{\"v\":{}}",
        "{\"v\":[{},{},{\"a\":1},{}]}",
        "{\"v\":[{\"a\":1},{\"a\":2,\"b\":3},{\"b\":4},{\"a\":5}]}",
        "{\"v\":[{\"a\":[{\"x\":1},{\"x\":2}]},{\"a\":[{\"x\":3},{\"y\":4}]},"
        "{\"a\":{\"x\":5}}]}",
        "{\"v\":[{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,"
        "\"h\":8,\"i\":9},{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,"
        "\"g\":7,\"h\":8,\"i\":null},{\"a\":1,\"b\":2,\"c\":3,\"d\":4,"
        "\"e\":5,\"f\":6,\"g\":7,\"h\":8}]}",
        "{\"v\":[[[1,[true,[false,null]]]],\"\",\"\xF0\x9F\x98\x80\",-0.5]}",
    };
    ejs_engine *engine = new_engine((ejs_options){0}, true);
    ejs_template *tpl = load(engine, "data/all");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_object *tree = json_tokener_parse(texts[i]);
        ejs_locals *l = ejs_locals_new(engine, NULL);
        build(l, "v", json_object_object_get(tree, "v"));
        gives(tpl, l, texts[i]);
        json_object_put(tree);
    }
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

static void odd_texts(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine((ejs_options){0}, false);
    ejs_template *tpl = load(engine, "data/all");
    ejs_locals *l = ejs_locals_new(engine, NULL);
    ejs_locals_text(l, "bad", "a\xFF\xC3", 3);
    ejs_locals_copy(l, "b\xFF", "\xED\xA0\x80", 3);
    ejs_locals_text(l, "nul", "a\0b", 3);
    ejs_locals_text(l, "", "", 0);
    ejs_locals_put(l, "twice", ejs_number(1));
    ejs_locals_put(l, "last", ejs_bool(true));
    ejs_locals_put(l, "twice", ejs_number(2));
    gives(tpl, l,
          "{\"bad\":\"a\xEF\xBF\xBD\xEF\xBF\xBD\",\"b\xEF\xBF\xBD\":"
          "\"\xEF\xBF\xBD\",\"nul\":\"a\\u0000b\",\"\":\"\",\"twice\":2,"
          "\"last\":true}");
    gives(tpl, ejs_locals_new(engine, NULL), "{}");
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

/* mistakes and limits ----------------------------------------------------------- */

static void misuse(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine((ejs_options){0}, false);
    ejs_engine *other = new_engine((ejs_options){0}, false);
    ejs_template *tpl = load(engine, "data/all");

    ejs_locals *l = ejs_locals_new(engine, NULL);
    ejs_locals_array(l, "list");
    fails(tpl, l, EJS_DATA, "not ended");

    l = ejs_locals_new(engine, NULL);
    ejs_locals_end(l);
    ejs_locals_put(l, NULL, ejs_null());
    fails(tpl, l, EJS_DATA, "without an object or array to end");

    l = ejs_locals_new(engine, NULL);
    ejs_locals_put(l, NULL, ejs_null());
    ejs_locals_array(l, "a");
    fails(tpl, l, EJS_DATA, "needs a name");

    l = ejs_locals_new(engine, NULL);
    ejs_locals_put(l, "v", (ejs_value){.tag = 200});
    fails(tpl, l, EJS_DATA, "undefined, null, booleans and numbers only");

    fails(tpl, ejs_locals_new(other, NULL), EJS_DATA, "another engine");

    l = NULL;
    ejs_locals_put(l, "v", ejs_null());
    ejs_locals_object(l, "o");
    ejs_locals_end(l);
    fails(tpl, l, EJS_NOMEM, "");

    ejs_locals_free(NULL);
    l = ejs_locals_new(engine, NULL);
    ejs_locals_array(l, "unused");
    for (int i = 0; i < 1000; i++)
        ejs_locals_copy(l, NULL, "x", 1);
    ejs_locals_free(l);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    ejs_engine_free(other);
}

static void within_limits(void **state)
{
    (void)state;
    ejs_engine *engine =
        new_engine((ejs_options){.max_memory = 1 << 20}, false);
    ejs_template *tpl = load(engine, "data/all");
    static const char text[1000];
    ejs_locals *l = ejs_locals_new(engine, NULL);
    ejs_locals_array(l, "many");
    for (int i = 0; i < 10000; i++)
        ejs_locals_copy(l, NULL, text, sizeof text);
    ejs_locals_end(l);
    fails(tpl, l, EJS_LIMIT, "memory limit");
    gives(tpl, ejs_locals_new(engine, NULL), "{}");
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interpreted_page), cmocka_unit_test(native_page),
        cmocka_unit_test(same_as_json),     cmocka_unit_test(odd_texts),
        cmocka_unit_test(misuse),           cmocka_unit_test(within_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
