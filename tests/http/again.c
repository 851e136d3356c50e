/*
 * again.c - requests that come one after the other: what a loop keeps of one
 * must not be seen in the next, and what it has sent before is sent again only
 * when it is the same.
 */
#include "ask.h"

static mvc_app *app;
static int connection = -1;

enum { SIZE = 5000 };

/* SIZE bytes that are all alike but for one at the place asked for. */
static void spot(mvc_req *req, mvc_res *res)
{
    char *page = mvc_alloc(req, SIZE + 1);
    const char *at = mvc_query(req, "at");
    const char *header = mvc_query(req, "header");
    memset(page, 'a', SIZE);
    page[SIZE] = '\0';
    page[atoi(at ? at : "0") % SIZE] = 'b';
    if (header)
        mvc_set_header(res, "X-Header", header);
    if (mvc_query(req, "cookie"))
        mvc_set_cookie(res, "c", mvc_query(req, "cookie"), NULL);
    mvc_send(res, page);
}

static void set_locals(mvc_req *req, mvc_res *res)
{
    for (int i = 0; i < atoi(mvc_query(req, "n")); i++)
        mvc_local_int(res, mvc_format(req, "local%d", i), i);
    mvc_local_str(res, "everywhere", "changed");
    mvc_local_str(res, "everywhere", "changed again");
    mvc_send(res, mvc_format(
                      req, "%zu",
                      (size_t)json_object_object_length(mvc__res_locals(res))));
}

static void all_locals(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send(res, json_object_to_json_string(mvc__res_locals(res)));
}

static const mvc_route routes[] = {
    MVC_GET("/spot", spot),
    MVC_GET("/set", set_locals),
    MVC_GET("/all", all_locals),
    {0},
};

static int start(void **state)
{
    (void)state;
    app = app_with(routes, &(mvc_config){.threads = 1});
    mvc_app_local_str(app, "everywhere", "kept");
    assert_true(mvc_start(app, "127.0.0.1", 0));
    connection = dial_app(app);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    close(connection);
    mvc__app_destroy(app);
    return 0;
}

/* a client that stays connected ---------------------------------------------
 */

typedef struct answer {
    int status;
    const char *body;
    char text[16384];
} answer;

/* Whether the whole answer is there. */
static bool is_whole(answer *a, size_t size)
{
    const char *end = strstr(a->text, "\r\n\r\n");
    const char *length = strstr(a->text, "Content-Length: ");
    if (!end)
        return false;
    a->status = atoi(a->text + strlen("HTTP/1.1 "));
    a->body = end + 4;
    const size_t body = length && length < end && a->status != 304
                            ? (size_t)atoi(length + strlen("Content-Length: "))
                            : 0;
    return size == (size_t)(a->body - a->text) + body;
}

/* The answer is there until the next one. */
static const answer *get(const char *target, const char *headers)
{
    static answer a;
    char request[512];
    size_t size = 0;
    const int n =
        snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", target, headers);
    assert_int_equal(send(connection, request, (size_t)n, MSG_NOSIGNAL), n);
    memset(&a, 0, sizeof a);
    while (!is_whole(&a, size)) {
        const ssize_t got =
            recv(connection, a.text + size, sizeof a.text - 1 - size, 0);
        assert_true(got > 0);
        size += (size_t)got;
    }
    return &a;
}

static const char *header_of(const answer *a, const char *name, char value[200])
{
    const char *at = strstr(a->text, name);
    if (!at || at > a->body)
        return NULL;
    at += strlen(name) + 2;
    snprintf(value, 200, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

/* -----------------------------------------------------------------------------
 */

static void spot_is(const answer *a, int at)
{
    assert_int_equal(a->status, 200);
    assert_int_equal(strlen(a->body), SIZE);
    assert_int_equal(strcspn(a->body, "b"), at);
    assert_int_equal(strspn(a->body + at + 1, "a"), SIZE - at - 1);
}

/* Of one size, and unlike in one byte only: twice each, and all once more. */
static void sends_no_other_page(void **state)
{
    (void)state;
    enum { PAGES = 100 };
    static char tags[PAGES][200];
    char target[40], tag[200];
    for (int i = 0; i < 3 * PAGES; i++) {
        const int page = i < 2 * PAGES ? i / 2 : i - 2 * PAGES;
        const int at = page * 4999 / (PAGES - 1);
        snprintf(target, sizeof target, "/spot?at=%d", at);
        const answer *a = get(target, "");
        spot_is(a, at);
        assert_non_null(header_of(a, "ETag", tag));
        if (i >= 2 * PAGES || i % 2)
            assert_string_equal(tag, tags[page]);
        snprintf(tags[page], sizeof tags[page], "%s", tag);
    }
    for (int i = 1; i < PAGES; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tags[i], tags[j]);
}

/* The same body each time. */
static void sends_no_other_headers(void **state)
{
    (void)state;
    char target[60], value[200];
    for (int i = 0; i < 40; i++) {
        snprintf(target, sizeof target, "/spot?header=%d", i / 3 % 10);
        const answer *a = get(target, "");
        spot_is(a, 0);
        assert_non_null(header_of(a, "X-Header", value));
        assert_int_equal(atoi(value), i / 3 % 10);
        snprintf(target, sizeof target, "/spot?cookie=%d", i / 3);
        a = get(target, "");
        assert_non_null(header_of(a, "Set-Cookie", value));
        assert_int_equal(atoi(value + strlen("c=")), i / 3);
        a = get("/spot", "");
        assert_null(header_of(a, "X-Header", value));
        assert_null(header_of(a, "Set-Cookie", value));
    }
}

static void knows_the_tag_of_what_it_keeps(void **state)
{
    (void)state;
    char tag[200], again[200], wanted[300];
    for (int i = 0; i < 5; i++) {
        const answer *a = get("/spot?at=17", "");
        assert_non_null(header_of(a, "ETag", tag));
        snprintf(wanted, sizeof wanted, "If-None-Match: %s\r\n", tag);
        a = get("/spot?at=17", wanted);
        assert_int_equal(a->status, 304);
        assert_string_equal(header_of(a, "ETag", again), tag);
        a = get("/spot?at=18", wanted);
        spot_is(a, 18);
    }
}

/* Few and many, so that their table is kept or not. */
static void forgets_locals(void **state)
{
    (void)state;
    static const int counts[] = {0, 1, 10, 12, 40, 200, 3, 500, 12, 12, 12};
    char target[40];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        snprintf(target, sizeof target, "/set?n=%d", counts[i]);
        const answer *a = get(target, "");
        assert_int_equal(atoi(a->body), counts[i] + 1);
        a = get("/all", "");
        assert_string_equal(a->body, "{ \"everywhere\": \"kept\" }");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_no_other_page),
        cmocka_unit_test(sends_no_other_headers),
        cmocka_unit_test(knows_the_tag_of_what_it_keeps),
        cmocka_unit_test(forgets_locals),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
