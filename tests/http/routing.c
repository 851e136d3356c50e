/* routing.c - patterns, registration, the chain, and what routing costs. */
#include "ask.h"

#include <limits.h>
#include <time.h>

static void show(mvc_req *req, mvc_res *res)
{
    mvc_sendf(res, "%s %s", mvc_handler_name(req), mvc_route_path(req));
}

static void id(mvc_req *req, mvc_res *res)
{
    mvc_sendf(res, "id %s", mvc_param(req, "id"));
}

static void nothing(mvc_req *req, mvc_res *res)
{
    (void)req, (void)res;
}

/* registration
 * ------------------------------------------------------------------- */

typedef struct reports {
    unsigned errors, warnings;
    char text[1024];
} reports;

static void note(void *data, bool is_error, const char *text)
{
    reports *r = data;
    *(is_error ? &r->errors : &r->warnings) += 1;
    snprintf(r->text, sizeof r->text, "%s", text);
}

static void refuses_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *path, *message;
    } rows[] = {
        {"/a(b)", "Unexpected ( at index 2"},
        {"/a)", "Unexpected ) at index 2"},
        {"/a[b]", "Unexpected [ at index 2"},
        {"/a]", "Unexpected ] at index 2"},
        {"/a+", "Unexpected + at index 2"},
        {"/a?", "Unexpected ? at index 2"},
        {"/a!", "Unexpected ! at index 2"},
        {"/a}", "Unexpected } at index 2"},
        {"/a{b", "Unexpected end, expected }"},
        {"/:", "Missing parameter name at index 2"},
        {"/*", "Missing parameter name at index 2"},
        {"/:1", "Missing parameter name at index 2"},
        {"/:\"a", "Unterminated quote"},
        {"/:a:b", "Missing text before \"b\" param"},
        {"/:a*b", "Missing text before \"b\" wildcard"},
        {"/a\\", "Unexpected end after \\"},
        {"{a}{b}{c}{d}{e}{f}{g}{h}{i}", "Too many path combinations"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reports r = {0};
        mvc_app *app = app_with(NULL, NULL);
        mvc_get(app, rows[i].path, show);
        assert_false(mvc_routes_ok(app, note, &r));
        assert_int_equal(r.errors, 1);
        if (!strstr(r.text, rows[i].message) || !strstr(r.text, rows[i].path) ||
            !strstr(r.text, "routing.c:"))
            fail_msg("%s: %s", rows[i].path, r.text);
        mvc__app_destroy(app);
    }
}

static void warns_of_shadowed_routes(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        unsigned warnings;
    } rows[] = {
        {"/posts/:id", "/posts/new", 1},
        {"/posts/new", "/posts/:id", 0},
        {"/a", "/A", 1},
        {"/x/*rest", "/x/y/z", 1},
        {"/x/*rest", "/x", 0},
        {"/:a/:b", "/x/:c", 1},
        {"/:a/x", "/y/:b", 0},
        {"/a{/:b}", "/a", 1},
        {"/a-:b", "/a-1", 1},
        {"/v:a", "/w1", 0},
        {"/:a", "/:b/c", 0},
        {"/:a", "/b{/c}", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        reports r = {0};
        mvc_app *app = app_with(NULL, NULL);
        mvc_get(app, rows[i].first, show);
        mvc_get(app, rows[i].second, nothing);
        assert_true(mvc_routes_ok(app, note, &r));
        if (r.warnings != rows[i].warnings ||
            (r.warnings && (!strstr(r.text, rows[i].first) ||
                            !strstr(r.text, rows[i].second))))
            fail_msg("%s, %s: %u %s", rows[i].first, rows[i].second, r.warnings,
                     r.text);
        mvc__app_destroy(app);
    }
}

static void collect(void *data, const mvc_route_info *route)
{
    char *text = data;
    sprintf(text + strlen(text), "%s %s %s\n", route->method, route->path,
            route->handler);
    assert_true(route->line > 0);
    assert_non_null(strstr(route->file, "routing.c"));
}

static const mvc_route below[] = {
    MVC_GET("/", show),
    MVC_GET("/:id", id),
    {0},
};
static const mvc_resource things = {.index = show,
                                    .make = show,
                                    .create = show,
                                    .show = id,
                                    .edit = show,
                                    .update = show,
                                    .destroy = show};
static const mvc_route listed[] = {
    MVC_USE("/", mvc_next),
    MVC_MOUNT("/below", below),
    MVC_RESOURCES("/things", &things),
    MVC_POST("/many", mvc_next, show),
    {0},
};

static void lists_routes(void **state)
{
    (void)state;
    char text[2048] = "";
    mvc_app *app = app_with(listed, NULL);
    mvc_each_route(app, collect, text);
    assert_string_equal(text, "* / mvc_next\n"
                              "GET /below show\n"
                              "GET /below/:id id\n"
                              "GET /things things.index\n"
                              "GET /things/new things.make\n"
                              "POST /things things.create\n"
                              "GET /things/:id things.show\n"
                              "GET /things/:id/edit things.edit\n"
                              "PATCH /things/:id things.update\n"
                              "PUT /things/:id things.update\n"
                              "DELETE /things/:id things.destroy\n"
                              "POST /many mvc_next, show\n");
    mvc__app_destroy(app);
}

static void serves_resources(void **state)
{
    (void)state;
    mvc_app *app = app_with(listed, NULL);
    expect(app, MVC_GET, "/things", 200, "things.index /things");
    expect(app, MVC_GET, "/things/new", 200, "things.make /things/new");
    expect(app, MVC_GET, "/things/7", 200, "id 7");
    expect(app, MVC_GET, "/things/7/edit", 200, "things.edit /things/:id/edit");
    expect(app, MVC_PATCH, "/things/7", 200, "things.update /things/:id");
    expect(app, MVC_PUT, "/things/7", 200, "things.update /things/:id");
    expect(app, MVC_DELETE, "/things/7", 200, "things.destroy /things/:id");
    expect(app, MVC_POST, "/things", 200, "things.create /things");
    expect(app, MVC_POST, "/things/7", 404, NULL);
    mvc__app_destroy(app);
}

static void answers_405_when_asked_to(void **state)
{
    (void)state;
    mvc_app *app = app_with(listed, &(mvc_config){.method_not_allowed = true});
    mvc_test_response r = mvc_test(
        app, &(mvc_test_request){.method = MVC_POST, .path = "/things/7"});
    assert_int_equal(r.status, 405);
    assert_string_equal(mvc_test_header(&r, "Allow"),
                        "DELETE, GET, HEAD, PATCH, PUT");
    mvc_test_done(&r);
    expect(app, MVC_POST, "/nowhere", 404, NULL);
    mvc__app_destroy(app);
}

static void reports_handlers_that_do_nothing(void **state)
{
    (void)state;
    static const mvc_route routes[] = {MVC_GET("/", nothing), {0}};
    mvc_app *app = app_with(routes, &(mvc_config){.development = true});
    mvc_test_response r = mvc_test(app, NULL);
    assert_int_equal(r.status, 500);
    assert_non_null(strstr(r.body, "neither answered nor went on"));
    assert_non_null(strstr(r.body, "nothing"));
    mvc_test_done(&r);
    mvc__app_destroy(app);
}

/* middleware with data
 * ---------------------------------------------------------------- */

static unsigned freed;

static void count_free(void *data)
{
    freed++;
    free(data);
}

static void greet(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_data(req));
}

static void gives_middleware_its_data(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, NULL);
    freed = 0;
    mvc_use_with(app, "/a", greet, strdup("A"), count_free);
    mvc_use_with(app, "/b", greet, strdup("B"), count_free);
    expect(app, MVC_GET, "/a/x", 200, "A");
    expect(app, MVC_GET, "/b", 200, "B");
    mvc__app_destroy(app);
    assert_int_equal(freed, 2);
}

/* deferred answers
 * ---------------------------------------------------------------------- */

static void answer_later(void *data)
{
    mvc_send(data, "later");
}

static void go_on_later(void *data)
{
    mvc_res *res = data;
    mvc_next(mvc_req_of(res), res);
}

static void fail_later(void *data)
{
    mvc_res *res = data;
    mvc_fail(mvc_req_of(res), res, 409, "too late");
}

static void defer(mvc_req *req, mvc_res *res)
{
    const char *how = mvc_param(req, "how");
    mvc_defer(req, res);
    mvc_after(mvc_app_of(req), 0.02,
              strcmp(how, "send") == 0   ? answer_later
              : strcmp(how, "next") == 0 ? go_on_later
                                         : fail_later,
              res);
}

static void defer_and_send(mvc_req *req, mvc_res *res)
{
    mvc_defer(req, res);
    mvc_send(res, "at once");
}

static void last(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, "last");
}

static void waits_for_deferred_answers(void **state)
{
    (void)state;
    static const mvc_route routes[] = {
        MVC_GET("/at-once", defer_and_send),
        MVC_GET("/:how", defer, last),
        MVC_ROUTE(MVC_GET | MVC_BLOCKING, "/blocking/:how", defer, last),
        {0},
    };
    mvc_app *app = app_with(routes, NULL);
    expect(app, MVC_GET, "/send", 200, "later");
    expect(app, MVC_GET, "/next", 200, "last");
    expect(app, MVC_GET, "/fail", 409, NULL);
    expect(app, MVC_GET, "/at-once", 200, "at once");
    expect(app, MVC_GET, "/blocking/next", 200, "last");
    mvc__app_destroy(app);
}

/* cost
 * -------------------------------------------------------------------------------------
 */

static void is_linear_on_long_paths(void **state)
{
    (void)state;
    enum { SIZE = 8000 };
    static const mvc_route hard[] = {
        MVC_GET("/:a-:b-:c-:d-:e-:f-:g-:h.end", show),
        MVC_GET("/*a/x/*b/x/*c/x/*d.end", show),
        MVC_GET("/a{/:b}{/:c}{/:d}{/:e}{/:f}{/:g}{/:h}.end", show),
        {0},
    };
    mvc_app *app = app_with(hard, NULL);
    char *path = malloc(SIZE + 1);
    static const char *const units[] = {"-", "a-", "x/", "/", "/x", "a."};
    const clock_t start = clock(); /* of this process: others may be busy */
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const size_t n = strlen(units[i]);
        path[0] = '/';
        for (size_t at = 1; at < SIZE; at++)
            path[at] = units[i][(at - 1) % n];
        path[SIZE] = '\0';
        expect(app, MVC_GET, path, 404, NULL);
    }
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    free(path);
    mvc__app_destroy(app);
}

static clock_t time_of(mvc_app *app, const char *path)
{
    enum { TIMES = 1000 };
    const clock_t start = clock();
    for (int i = 0; i < TIMES; i++) {
        mvc_test_response r = mvc_test(app, &(mvc_test_request){.path = path});
        mvc_test_done(&r);
    }
    return clock() - start;
}

static mvc_app *app_of(unsigned n)
{
    mvc_app *app = app_with(NULL, NULL);
    for (unsigned i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof path, "/section%u/:id/item%u", i % 50, i);
        mvc_get(app, path, id);
    }
    return app;
}

static void costs_the_same_for_many_routes(void **state)
{
    (void)state;
    mvc_app *few = app_of(10), *many = app_of(1000);
    expect(few, MVC_GET, "/section9/x/item9", 200, "id x");
    expect(many, MVC_GET, "/section49/y/item999", 200, "id y");
    clock_t ten = LONG_MAX, thousand = LONG_MAX; /* the best of each */
    for (int i = 0; i < 7; i++) {
        const clock_t a = time_of(few, "/section9/x/item9");
        const clock_t b = time_of(many, "/section49/y/item999");
        ten = a < ten ? a : ten;
        thousand = b < thousand ? b : thousand;
    }
    assert_true(thousand < 2 * ten);
    mvc__app_destroy(few);
    mvc__app_destroy(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_patterns),
        cmocka_unit_test(warns_of_shadowed_routes),
        cmocka_unit_test(lists_routes),
        cmocka_unit_test(serves_resources),
        cmocka_unit_test(answers_405_when_asked_to),
        cmocka_unit_test(reports_handlers_that_do_nothing),
        cmocka_unit_test(gives_middleware_its_data),
        cmocka_unit_test(waits_for_deferred_answers),
        cmocka_unit_test(is_linear_on_long_paths),
        cmocka_unit_test(costs_the_same_for_many_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
