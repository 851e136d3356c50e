/* ejs.c - ejs.h from outside: rendering, helpers, errors, limits, reloading. */
#include <ejs.h>

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/test.h"

/* What the engine makes of `source` and JSON data; freed by the caller. */
static char *render(ejs_engine *engine, const char *source, const char *data,
                    ejs_error *err)
{
    ejs_template *tpl =
        ejs_compile(engine, source, strlen(source), NULL, err);
    if (!tpl)
        return NULL;
    struct json_object *locals = data ? json_tokener_parse(data) : NULL;
    char *page = ejs_render_string(tpl, locals, NULL, err);
    json_object_put(locals);
    ejs_template_free(tpl);
    return page;
}

static void gives(ejs_engine *engine, const char *source, const char *data,
                  const char *expected)
{
    ejs_error err;
    char *page = render(engine, source, data, &err);
    if (!page)
        fail_msg("%s: %s", source, err.message);
    assert_string_equal(page, expected);
    free(page);
}

static ejs_error fails(ejs_engine *engine, const char *source,
                       ejs_status status)
{
    ejs_error err;
    char *page = render(engine, source, NULL, &err);
    assert_null(page);
    assert_int_equal(err.status, status);
    return err;
}

static ejs_engine *new_engine(const ejs_options *options)
{
    ejs_error err;
    ejs_engine *engine = ejs_engine_new(options, &err);
    assert_non_null(engine);
    return engine;
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* rendering */

typedef struct sink {
    char text[256];
    size_t size;
    bool stop;
} sink;

static bool into(void *user, const char *data, size_t size)
{
    sink *s = user;
    if (s->stop)
        return false;
    assert_true(s->size + size < sizeof s->text);
    memcpy(s->text + s->size, data, size);
    s->size += size;
    s->text[s->size] = '\0';
    return true;
}

static void renders_ways(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine(NULL);
    static const char source[] = "Hi <%= name %>";
    ejs_template *tpl = ejs_compile(engine, source, strlen(source), NULL, NULL);
    assert_non_null(tpl);
    struct json_object *locals = json_tokener_parse("{\"name\":\"<A>\"}");

    sink s = {.size = 0};
    assert_true(ejs_render(tpl, locals, into, &s, NULL));
    assert_string_equal(s.text, "Hi &lt;A&gt;");

    size_t size = 0;
    char *page = ejs_render_string(tpl, locals, &size, NULL);
    assert_string_equal(page, "Hi &lt;A&gt;");
    assert_int_equal(size, strlen(page));
    free(page);

    /* The buffer serves again, longer or shorter, after a failure too. */
    ejs_buffer b = {0};
    assert_true(ejs_render_into(tpl, locals, &b, NULL));
    assert_int_equal(b.size, strlen("Hi &lt;A&gt;"));
    assert_memory_equal(b.data, "Hi &lt;A&gt;", b.size);
    char *const first = b.data;
    assert_false(ejs_render_into(tpl, NULL, &b, NULL));
    assert_int_equal(b.size, 0);
    assert_true(ejs_render_into(tpl, locals, &b, NULL));
    assert_memory_equal(b.data, "Hi &lt;A&gt;", b.size);
    assert_ptr_equal(b.data, first);
    const size_t capacity = b.capacity;
    struct json_object *much = json_object_new_object();
    char *name = malloc(capacity + 1);
    memset(name, 'a', capacity);
    json_object_object_add(much, "name",
                           json_object_new_string_len(name, (int)capacity));
    assert_true(ejs_render_into(tpl, much, &b, NULL));
    assert_int_equal(b.size, capacity + 3);
    assert_memory_equal(b.data + 3, name, capacity);
    json_object_put(much);
    free(name);
    free(b.data);

    static const char json[] = "{\"name\": \"B\"}";
    s = (sink){.size = 0};
    assert_true(ejs_render_json(tpl, json, strlen(json), into, &s, NULL));
    assert_string_equal(s.text, "Hi B");

    ejs_error err;
    assert_false(ejs_render_json(tpl, "{oops", 5, into, &s, &err));
    assert_int_equal(err.status, EJS_DATA);
    s.stop = true;
    assert_false(ejs_render(tpl, locals, into, &s, &err));
    assert_int_equal(err.status, EJS_IO);

    /* A template outlives the caller's first reference. */
    ejs_template *again = ejs_template_ref(tpl);
    ejs_template_free(tpl);
    page = ejs_render_string(again, locals, NULL, NULL);
    assert_string_equal(page, "Hi &lt;A&gt;");
    free(page);
    ejs_template_free(again);
    json_object_put(locals);
    ejs_engine_free(engine);
}

static void loads_files(void **state)
{
    (void)state;
    mkdir("views", 0777);
    write_file("views/page.ejs", "<%- include('part') %>!");
    write_file("views/part.ejs", "<%= 1 + 1 %>");
    ejs_engine *engine = new_engine(
        &(ejs_options){.views = (const char *const[]){"views", NULL}});
    ejs_error err;
    ejs_template *tpl = ejs_load(engine, "page", &err);
    assert_non_null(tpl);
    char *page = ejs_render_string(tpl, NULL, NULL, &err);
    assert_string_equal(page, "2!");
    free(page);
    ejs_template_free(tpl);
    assert_null(ejs_load(engine, "nowhere", &err));
    assert_int_equal(err.status, EJS_NOT_FOUND);
    ejs_engine_free(engine);

    page = ejs_render_file("views/part.ejs", NULL, NULL, &err);
    assert_string_equal(page, "2");
    free(page);
    assert_null(ejs_render_file("views/none.ejs", NULL, NULL, &err));
    assert_int_equal(err.status, EJS_NOT_FOUND);
}

static void reloads(void **state)
{
    (void)state;
    static const char path[] = "changing.ejs";
    for (int reload = 0; reload <= 1; reload++) {
        ejs_engine *engine = new_engine(
            &(ejs_options){.views = (const char *const[]){".", NULL},
                           .reload = reload == 1});
        static const char *const texts[] = {"first", "and second"};
        for (int i = 0; i < 2; i++) {
            write_file(path, texts[i]);
            ejs_template *tpl = ejs_load(engine, "changing", NULL);
            char *page = ejs_render_string(tpl, NULL, NULL, NULL);
            assert_string_equal(page, texts[reload ? i : 0]);
            free(page);
            ejs_template_free(tpl);
        }
        ejs_engine_clear_cache(engine);
        ejs_template *tpl = ejs_load(engine, "changing", NULL);
        char *page = ejs_render_string(tpl, NULL, NULL, NULL);
        assert_string_equal(page, texts[1]);
        free(page);
        ejs_template_free(tpl);
        ejs_engine_free(engine);
    }
    unlink(path);
}

/* helpers */

static ejs_value shout(ejs_call *call)
{
    const ejs_text s = ejs_to_text(call, ejs_arg(call, 0));
    return ejs_textf(call, "%.*s%s", (int)s.size, s.data,
                     (const char *)ejs_user(call));
}

static ejs_value count_args(ejs_call *call)
{
    assert_true(ejs_is_undefined(ejs_arg(call, 99)));
    return ejs_number((double)ejs_argc(call));
}

static ejs_value refuse(ejs_call *call)
{
    return ejs_throw(call, "not %d", 7);
}

static ejs_value twice(ejs_call *call)
{
    const ejs_value f = ejs_arg(call, 0);
    if (!ejs_is_function(f))
        return ejs_throw(call, "twice() needs a function");
    double sum = 0;
    for (int i = 1; i <= 2; i++) {
        const ejs_value n = ejs_number(i);
        const ejs_value v = ejs_invoke(call, f, ejs_undefined(), &n, 1);
        if (ejs_is_thrown(v))
            return v;
        sum += ejs_to_number(call, v);
    }
    return ejs_number(sum);
}

static ejs_value title_of(ejs_call *call)
{
    return ejs_get(call, ejs_arg(call, 0), "title");
}

static ejs_value config(ejs_call *call)
{
    return ejs_json(call, ejs_user(call));
}

static void calls_helpers(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine(NULL);
    struct json_object *given = json_tokener_parse("{\"a\":[1,2]}");
    assert_true(ejs_define(engine, "shout", shout, (void *)"!"));
    assert_true(ejs_define(engine, "say.loud", shout, (void *)"!!"));
    assert_true(ejs_define(engine, "count", count_args, NULL));
    assert_true(ejs_define(engine, "refuse", refuse, NULL));
    assert_true(ejs_define(engine, "twice", twice, NULL));
    assert_true(ejs_define(engine, "titleOf", title_of, NULL));
    assert_true(ejs_define(engine, "config", config, given));

    gives(engine, "<%= shout('a') %> <%= shout(1.5) %>", NULL, "a! 1.5!");
    gives(engine, "<%= say.loud('a') %>", NULL, "a!!");
    gives(engine, "<%= count() %><%= count(1, 2) %>", NULL, "02");
    gives(engine, "<% let k = 10 %><%= twice(n => n * k) %>", NULL, "30");
    gives(engine, "<%= titleOf(post) %>", "{\"post\":{\"title\":\"T\"}}", "T");
    gives(engine, "<%= config().a.length %>", NULL, "2");
    gives(engine, "<% try { refuse() } catch (e) { %><%= e.message %><% } %>",
          NULL, "not 7");
    gives(engine,
          "<% try { twice(() => { throw new TypeError('in') }) }"
          " catch (e) { %><%= e.name %><% } %>",
          NULL, "TypeError");
    /* Data hide helpers. */
    gives(engine, "<%= count %>", "{\"count\":3}", "3");
    fails(engine, "<% refuse() %>", EJS_RUNTIME);
    json_object_put(given);
    ejs_engine_free(engine);
}

static void passes_dates(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine(NULL);
    struct json_object *locals = json_object_new_object();
    json_object_object_add(locals, "at", ejs_json_date(86400000));
    static const char source[] = "<%= at.getTime() %> <%= at.getUTCDate() %>";
    ejs_template *tpl = ejs_compile(engine, source, strlen(source), NULL, NULL);
    char *page = ejs_render_string(tpl, locals, NULL, NULL);
    assert_string_equal(page, "86400000 2");
    free(page);
    assert_non_null(strstr(json_object_to_json_string(locals),
                           "\"1970-01-02T00:00:00.000Z\""));
    ejs_template_free(tpl);
    json_object_put(locals);
    ejs_engine_free(engine);
}

/* failures */

static void write_problem(void *user, const ejs_error *problem, bool is_warning)
{
    char *out = user;
    sprintf(out + strlen(out), "%d:%d %s%s; ", problem->line, problem->column,
            is_warning ? "warning " : "", problem->summary);
}

static void checks(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine(NULL);
    static const char bad[] = "<%- include('nope') %>\n<%= a b %> <%= c d %>";
    static const char good[] = "<%- include('nope') %> <%= a %>";
    char found[400] = "";
    assert_false(ejs_check(engine, bad, strlen(bad), "a/b.ejs", write_problem,
                           found));
    assert_string_equal(found,
                        "1:13 warning include('nope') finds no file; "
                        "2:7 missing ) after argument list; "
                        "2:18 missing ) after argument list; ");
    *found = '\0';
    assert_true(
        ejs_check(engine, good, strlen(good), NULL, write_problem, found));
    assert_string_equal(found, "1:13 warning include('nope') finds no file; ");
    ejs_engine_free(engine);
}

static void says_where(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine(NULL);
    static const char source[] = "one\n<%= nobody %>";
    ejs_error err;
    ejs_template *tpl =
        ejs_compile(engine, source, strlen(source), "a/b.ejs", &err);
    assert_null(ejs_render_string(tpl, NULL, NULL, &err));
    assert_int_equal(err.status, EJS_RUNTIME);
    assert_int_equal(err.line, 2);
    assert_string_equal(err.name, "ReferenceError");
    assert_string_equal(err.summary, "nobody is not defined");
    assert_non_null(strstr(err.file, "b.ejs"));
    assert_non_null(strstr(err.message, ">> 2|"));
    ejs_template_free(tpl);

    err = fails(engine, "\n<% if ( %>", EJS_SYNTAX);
    assert_string_equal(err.name, "SyntaxError");
    assert_int_equal(err.line, 2);
    assert_non_null(ejs_strerror(EJS_SYNTAX));
    ejs_engine_free(engine);
}

/* An excerpt that is too long does not hide the sentence behind it. */
static void says_long_lines(void **state)
{
    (void)state;
    static const char tail[] = "\n<%= nobody %>\n",
                      end[] = "\n >> 2| <%= nobody %>\n    3| \n\n"
                              "nobody is not defined";
    ejs_engine *engine = new_engine(NULL);
    char *source = malloc(6000 + sizeof tail);
    for (int i = 0; i < 6000; i += 3)
        memcpy(source + i, "d\xC3\xA9", 3);
    memcpy(source + 6000, tail, sizeof tail);
    const ejs_error err = fails(engine, source, EJS_RUNTIME);
    assert_memory_equal(err.message, "ejs:2\n    1| d", 14);
    assert_non_null(strstr(err.message, "d ...\n... "));
    assert_string_equal(err.message + strlen(err.message) - strlen(end), end);
    free(source);
    ejs_engine_free(engine);
}

static void keeps_limits(void **state)
{
    (void)state;
    ejs_engine *engine = new_engine(&(ejs_options){.max_steps = 10000,
                                                   .max_output = 1000,
                                                   .max_memory = 4 << 20,
                                                   .max_depth = 50});
    fails(engine, "<% for (;;) {} %>", EJS_LIMIT);
    fails(engine, "<% for (;;) { try { for (;;) {} } catch { } } %>",
          EJS_LIMIT);
    fails(engine, "<%= 'x'.repeat(2000) %>", EJS_LIMIT);
    fails(engine, "<% let s = 'x'; for (;;) s += s %>", EJS_LIMIT);
    gives(engine, "<%= 'fine' %>", NULL, "fine");
    ejs_engine_free(engine);
    engine = new_engine(&(ejs_options){.max_time_ms = 20});
    fails(engine, "<% for (;;) {} %>", EJS_LIMIT);
    ejs_engine_free(engine);
}

static void escapes(void **state)
{
    (void)state;
    char *text = ejs_escape_html("<a href=\"x\">'&", 15);
    assert_string_equal(text, "&lt;a href=&#34;x&#34;&gt;&#39;&amp;");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_ways), cmocka_unit_test(loads_files),
        cmocka_unit_test(reloads),      cmocka_unit_test(calls_helpers),
        cmocka_unit_test(passes_dates), cmocka_unit_test(says_where),
        cmocka_unit_test(says_long_lines),
        cmocka_unit_test(keeps_limits), cmocka_unit_test(escapes),
        cmocka_unit_test(checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
