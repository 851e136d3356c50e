/*
 * stream.c - pages that leave as they are made: constant memory, whatever their
 * length, and an end as soon as the receiver wants no more.
 */
#include <json-c/json.h>
#include <string.h>
#include <sys/resource.h>

#include "lanes.h"

typedef struct receiver {
    size_t bytes, calls, largest;
    size_t refuse_at; /* the call that says no; 0: none */
    size_t after;     /* calls after that one */
} receiver;

static bool receive(void *user, const char *data, size_t size)
{
    receiver *r = user;
    r->calls++;
    r->bytes += size;
    r->largest = size > r->largest ? size : r->largest;
    if (r->refuse_at && r->calls > r->refuse_at)
        r->after++;
    assert_true(size > 0 && data);
    return r->calls != r->refuse_at;
}

static struct json_object *rows(int n)
{
    struct json_object *data = json_object_new_object();
    json_object_object_add(data, "rows", json_object_new_int(n));
    json_object_object_add(
        data, "text", json_object_new_string("forty characters of text, <escaped> even"));
    return data;
}

/* The most memory this program has had, in bytes. */
static size_t most_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}

/* A page of about 90 bytes a row. */
static void long_page(bool native, int n, size_t least)
{
    ejs_engine *engine = new_engine(
        (ejs_options){.max_output = 1u << 30, .max_memory = 4 << 20}, native);
    ejs_template *tpl = load(engine, "stream/rows");
    struct json_object *some = rows(10000), *many = rows(n);
    receiver warm = {0}, r = {0};
    ejs_error err;
    assert_true(ejs_render(tpl, some, receive, &warm, &err));
    const size_t before = most_memory();
    if (!ejs_render(tpl, many, receive, &r, &err))
        fail_msg("%s", err.message);
    assert_true(r.bytes > least);
    assert_true(r.largest < 1 << 20);
    assert_true(most_memory() - before < 4 << 20);
    json_object_put(some);
    json_object_put(many);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

static void native_page(void **state)
{
    (void)state;
    long_page(true, 1200000, 100000000);
}

static void interpreted_page(void **state)
{
    (void)state;
    long_page(false, 300000, 25000000);
}

/* The page ends where the receiver said no, and nothing in it can go on. */
static void refused(bool native, const char *name, size_t at)
{
    ejs_engine *engine = new_engine((ejs_options){0}, native);
    ejs_template *tpl = load(engine, name);
    struct json_object *data = rows(1000000);
    receiver r = {.refuse_at = at};
    ejs_error err;
    assert_false(ejs_render(tpl, data, receive, &r, &err));
    assert_int_equal(err.status, EJS_IO);
    assert_int_equal(r.calls, at);
    assert_int_equal(r.after, 0);

    /* The engine serves the next one as if nothing had been. */
    struct json_object *few = rows(1);
    receiver next = {0};
    ejs_template *cell = load(engine, "stream/cell");
    assert_true(ejs_render(cell, few, receive, &next, &err));
    assert_int_equal(next.bytes, strlen("<b>forty characters of text, "
                                        "&lt;escaped&gt; even</b>"));
    json_object_put(few);
    json_object_put(data);
    ejs_template_free(cell);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
}

static void refusals(void **state)
{
    (void)state;
    for (int native = 0; native < 2; native++) {
        refused(native, "stream/rows", 1);
        refused(native, "stream/rows", 7);
        refused(native, "stream/cells", 5);
        refused(native, "stream/catch", 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_page),
        cmocka_unit_test(interpreted_page),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
