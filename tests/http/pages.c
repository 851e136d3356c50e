/* pages.c - views and the pages of errors: in development, in production, as
 * JSON, and the application's own. */
#include "ask.h"

#include <ejs.h>
#include <sys/stat.h>

static char folder[] = "/tmp/pages-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void forget(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    remove(path);
}

static void broken(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_local_str(res, "title", "<Shop>");
    mvc_local_take(res, "list", json_tokener_parse("[1, {\"a\": 2}]"));
    mvc_render(res, "broken");
}

enum { FAILS_AT = __LINE__ + 4 };
static void fail_here(mvc_req *req, mvc_res *res)
{
    const char *secret = mvc_body_text(req, "word");
    mvc_fail(req, res, 500, "the safe said %s", secret ? secret : "nothing");
}

static void forbidden(mvc_req *req, mvc_res *res)
{
    mvc_local_str(res, "visitor", "ann");
    mvc_fail(req, res, 403, "not for <you>");
}

static void render_named(mvc_req *req, mvc_res *res)
{
    mvc_render(res, mvc_param(req, "view"));
}

static const mvc_route inner[] = {MVC_GET("/:id/broken", broken), {0}};
static const mvc_route routes[] = {
    MVC_MOUNT("/shops", inner),
    MVC_ANY("/fail", fail_here),
    MVC_GET("/forbidden", forbidden),
    MVC_GET("/render/:view", render_named),
    MVC_POST("/posts", mvc_next, broken),
    {0},
};

static mvc_app *app_in(bool development)
{
    mvc_app *app = mvc_app_new(&(mvc_config){.name = "shop",
                                             .quiet = true,
                                             .development = development,
                                             .views = folder});
    assert_non_null(app);
    mvc_app_local_str(app, "site", "S");
    mvc_routes(app, routes);
    return app;
}

/* Asks; each of `parts` has to be in the body, and none of `not`. */
static void look(bool development, const mvc_test_request *request, int status,
                 const char *const parts[], const char *const not [])
{
    mvc_app *app = app_in(development);
    mvc_test_response r = mvc_test(app, request);
    assert_int_equal(r.status, status);
    for (; parts && *parts; parts++)
        if (!strstr(r.body, *parts))
            fail_msg("no %s in %s", *parts, r.body);
    for (; not &&*not ; not ++)
        if (strstr(r.body, *not ))
            fail_msg("%s in %s", *not, r.body);
    mvc_test_done(&r);
    mvc_app_free(app);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void development_shows_the_template(void **state)
{
    (void)state;
    look(true,
         &(mvc_test_request){.path = "/shops/a%20b/broken?sort=up",
                             .headers = "Accept: text/html\nX-Mine: yes\n"
                                        "Authorization: Bearer hush\n"
                                        "Cookie: sid=hush"},
         500,
         PARTS("TypeError: Cannot read properties of undefined",
               "broken.ejs:2</code>", "<i>1</i><code>&lt;h1&gt;",
               "<div class=\"here\"><i>2</i><code>&lt;%= list[7].name %&gt;",
               "/shops/:id/broken", ">broken<", "pages.c:", /* the route */
               "<th>id</th>", ">a b<",                      /* a parameter */
               "<th>sort</th>", ">up<",                     /* the query */
               "<th>title</th>", "&lt;Shop&gt;",            /* locals */
               "[1,{&#34;a&#34;:2}]", "<th>X-Mine</th>" /* headers */),
         PARTS("hush", "<Shop>"));
}

static void development_shows_the_handler(void **state)
{
    (void)state;
    char place[64], line[64];
    snprintf(place, sizeof place, "pages.c:%d</code>", FAILS_AT);
    snprintf(line, sizeof line, "<div class=\"here\"><i>%d</i>", FAILS_AT);
    look(true,
         &(mvc_test_request){
             .method = MVC_POST, .path = "/fail", .body = "word=open"},
         500,
         PARTS("the safe said open", place, line, "mvc_fail(req, res, 500, ",
               ">fail_here<", "<th>word</th>"),
         NULL);
}

static void development_points_into_syntax(void **state)
{
    (void)state;
    look(true, &(mvc_test_request){.path = "/render/syntax"}, 500,
         PARTS("SyntaxError", "syntax.ejs:2",
               "<div class=\"here\"><i>2</i><code>&lt;% if (user { %&gt;",
               "<code>            ^</code>"),
         NULL);
    look(true, &(mvc_test_request){.path = "/render/nowhere"}, 500,
         PARTS("<h1>Failed to lookup view &#34;nowhere&#34; in views "
               "directory &#34;"),
         PARTS("class=\"excerpt\""));
}

static void development_lists_routes(void **state)
{
    (void)state;
    look(true, &(mvc_test_request){.path = "/shop"}, 404,
         PARTS("Cannot GET /shop", "<th>GET</th>", "/shops/:id/broken",
               "<th>POST</th>", "/posts", "mvc_next, broken", "pages.c:"),
         NULL);
    look(true, &(mvc_test_request){.path = "/"}, 200, PARTS("shop is running"),
         NULL);
}

static void production_tells_nothing(void **state)
{
    (void)state;
    look(false, &(mvc_test_request){.path = "/shops/1/broken"}, 500,
         PARTS("500", "Internal Server Error"),
         PARTS("TypeError", "broken", "Shop", "list"));
    look(false, &(mvc_test_request){.path = "/fail"}, 500,
         PARTS("Internal Server Error"), PARTS("safe"));
    /* a client's own doing it is told */
    look(false, &(mvc_test_request){.path = "/forbidden"}, 403,
         PARTS("Forbidden", "not for &lt;you&gt;"), PARTS("<you>"));
    look(false, &(mvc_test_request){.path = "/a%3Cb"}, 404,
         PARTS("Not Found", "Cannot GET /a%3Cb"), NULL);
}

static void answers_json_in_json(void **state)
{
    (void)state;
    const char *json = "Accept: application/json";
    look(false, &(mvc_test_request){.path = "/fail", .headers = json}, 500,
         PARTS("{\"error\":{\"status\":500,\"message\":\"Internal Server "
               "Error\"}}"),
         NULL);
    look(false, &(mvc_test_request){.path = "/forbidden", .headers = json}, 403,
         PARTS("{\"error\":{\"status\":403,\"message\":\"not for <you>\"}}"),
         NULL);
    look(true, &(mvc_test_request){.path = "/fail", .headers = json}, 500,
         PARTS("\"message\":\"the safe said nothing\"", "pages.c\",\"line\":"),
         NULL);
    look(false,
         &(mvc_test_request){.path = "/forbidden",
                             .headers = "Accept: text/html, */*;q=0.1"},
         403, PARTS("<!DOCTYPE html>"), NULL);
}

static void own_pages_win(void **state)
{
    (void)state;
    char path[200];
    snprintf(path, sizeof path, "%s/errors", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    put("errors/error.ejs", "our <%= status %>: <%= message %>");
    put("errors/404.ejs", "nothing at <%= app %>");
    look(false, &(mvc_test_request){.path = "/fail"}, 500,
         PARTS("our 500: Internal Server Error"), PARTS("<html"));
    look(false, &(mvc_test_request){.path = "/nowhere"}, 404,
         PARTS("nothing at shop"), PARTS("<html"));
    /* in development those of a status that is no fault of the program */
    look(true, &(mvc_test_request){.path = "/nowhere"}, 404,
         PARTS("nothing at shop"), PARTS("<html"));
    look(true, &(mvc_test_request){.path = "/"}, 404, PARTS("nothing at shop"),
         NULL);
    look(true, &(mvc_test_request){.path = "/forbidden"}, 403,
         PARTS("<html", "/forbidden", "pages.c:"), PARTS("our 403"));
    put("errors/500.ejs", "our own 500");
    look(true, &(mvc_test_request){.path = "/fail"}, 500,
         PARTS("<html", "the safe said nothing"), PARTS("our own 500"));
    look(false, &(mvc_test_request){.path = "/fail"}, 500, PARTS("our own 500"),
         NULL);
    forget("errors/500.ejs");
    /* what middleware has set for every page is there for these */
    put("errors/403.ejs", "<%= visitor %>, <%= site %>: <%= message %>");
    look(false, &(mvc_test_request){.path = "/forbidden"}, 403,
         PARTS("ann, S: not for &lt;you&gt;"), NULL);
    forget("errors/403.ejs");
    /* a page that fails itself gives way to ours */
    put("errors/404.ejs", "<%= no.such.thing %>");
    put("errors/error.ejs", "<%= no.such.thing %>");
    look(false, &(mvc_test_request){.path = "/nowhere"}, 404,
         PARTS("<html", "Not Found"), NULL);
    forget("errors/404.ejs");
    forget("errors/error.ejs");
    forget("errors");
}

static void pages_are_guarded(void **state)
{
    (void)state;
    for (int development = 0; development < 2; development++) {
        mvc_app *app = app_in(development);
        mvc_test_response r =
            mvc_test(app, &(mvc_test_request){.path = "/fail"});
        header_is(&r, "Content-Security-Policy",
                  "default-src 'none'; style-src 'unsafe-inline'");
        header_is(&r, "X-Content-Type-Options", "nosniff");
        header_is(&r, "Content-Type", "text/html; charset=utf-8");
        header_is(&r, "ETag", NULL);
        mvc_test_done(&r);
        mvc_app_free(app);
    }
}

/* views -------------------------------------------------------------------- */

static bool body_is(mvc_app *app, const char *path, const char *body)
{
    mvc_test_response r = mvc_test(app, &(mvc_test_request){.path = path});
    const bool same = strcmp(r.body, body) == 0;
    mvc_test_done(&r);
    return same;
}

/* In development a changed file is served at once, in production it is not. */
static void development_reads_views_again(void **state)
{
    (void)state;
    for (int development = 0; development < 2; development++) {
        put("changing.ejs", "first");
        mvc_app *app = app_in(development);
        assert_true(body_is(app, "/render/changing", "first"));
        put("changing.ejs", "and second");
        assert_int_equal(body_is(app, "/render/changing", "and second"),
                         development);
        mvc_app_free(app);
    }
    forget("changing.ejs");
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    put("broken.ejs", "<h1><%= title %></h1>\n<%= list[7].name %>\n<p>end</p>");
    put("syntax.ejs", "<p>\n<% if (user { %>\nhello\n<% } %>\n</p>");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forget("broken.ejs");
    forget("syntax.ejs");
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(development_shows_the_template),
        cmocka_unit_test(development_shows_the_handler),
        cmocka_unit_test(development_points_into_syntax),
        cmocka_unit_test(development_lists_routes),
        cmocka_unit_test(production_tells_nothing),
        cmocka_unit_test(answers_json_in_json),
        cmocka_unit_test(own_pages_win),
        cmocka_unit_test(pages_are_guarded),
        cmocka_unit_test(development_reads_views_again),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
