/* sessions.c - what is tried to get at somebody's session, or at all of them.
 */
#include "ask.h"

#include <mvc/middleware.h>
#include <pthread.h>
#include <time.h>

#include "base/sanitize.h"

static void read_session(mvc_req *req, mvc_res *res)
{
    const char *name = mvc_session_text(req, "name");
    mvc_send(res, name ? name : "nobody");
}

static void write_session(mvc_req *req, mvc_res *res)
{
    mvc_session_set(req, "name", mvc_query(req, "name"));
    mvc_send(res, "");
}

/* Somebody logs out, elsewhere, while this one is at work. */
static atomic_int at_work, logged_out;

static void write_slowly(mvc_req *req, mvc_res *res)
{
    mvc_session_set(req, "name", "undead");
    atomic_store(&at_work, 1);
    for (int i = 0; i < 500 && !atomic_load(&logged_out); i++)
        usleep(10000);
    mvc_send(res, "");
}

static void log_in(mvc_req *req, mvc_res *res)
{
    mvc_session_regenerate(req);
    mvc_session_set(req, "name", "ann");
    mvc_send(res, "");
}

static void log_out(mvc_req *req, mvc_res *res)
{
    mvc_session_destroy(req);
    mvc_send(res, "");
}

/* A counter that many requests add to at once. */
static void count(mvc_req *req, mvc_res *res)
{
    json_object *values = mvc_session_of(req), *n = NULL;
    json_object_object_get_ex(values, "n", &n);
    json_object_object_add(values, "n",
                           json_object_new_int(json_object_get_int(n) + 1));
    mvc_send_json(res, values);
}

static const mvc_route routes[] = {
    MVC_GET("/", read_session),
    MVC_GET("/write", write_session),
    MVC_GET("/in", log_in),
    MVC_GET("/out", log_out),
    MVC_GET("/count", count),
    MVC_GET("/slow", write_slowly),
    {0},
};

static mvc_app *app_of(const mvc_session_options *options, const char *secret)
{
    mvc_app *app = app_with(NULL, &(mvc_config){.secret = secret});
    mvc_use_with(app, "/", mvc_session, (void *)(uintptr_t)options, NULL);
    mvc_routes(app, routes);
    return app;
}

/* Asks with this cookie; one that is set takes its place, of 300 bytes. */
static void visit(mvc_app *app, const char *path, char *cookie,
                  const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = path, .cookie = cookie});
    if (r.status != 200 || (body && strcmp(r.body, body) != 0))
        fail_msg("%s: %d %s instead of %s", path, r.status, r.body,
                 body ? body : "200");
    const char *set = mvc_test_header(&r, "Set-Cookie");
    if (set)
        snprintf(cookie, 300, "%.*s", (int)strcspn(set, ";"), set);
    mvc_test_done(&r);
}

/* The cookie
 * ---------------------------------------------------------------------------
 */

static void cookie_has(const mvc_session_options *options, const char *headers,
                       const char *const parts[], const char *const not_parts[])
{
    mvc_app *app = app_of(options, "s");
    mvc_test_response r = mvc_test(
        app, &(mvc_test_request){.path = "/write?name=x", .headers = headers});
    const char *set = mvc_test_header(&r, "Set-Cookie");
    assert_non_null(set);
    for (size_t i = 0; parts[i]; i++)
        if (!strstr(set, parts[i]))
            fail_msg("no %s in %s", parts[i], set);
    for (size_t i = 0; not_parts[i]; i++)
        if (strstr(set, not_parts[i]))
            fail_msg("%s in %s", not_parts[i], set);
    mvc_test_done(&r);
    mvc_app_free(app);
}

static void guards_its_cookie(void **state)
{
    (void)state;
    cookie_has(NULL, NULL,
               (const char *const[]){"sid=s%3A", "; HttpOnly", "; Path=/",
                                     "; SameSite=Lax", "Max-Age=86400", NULL},
               (const char *const[]){"Secure", "Domain", NULL});
    static const mvc_session_options strict = {
        .name = "id", .secure = true, .same_site = MVC_SAME_SITE_STRICT};
    cookie_has(&strict, NULL,
               (const char *const[]){"id=s%3A", "; Secure", "; HttpOnly",
                                     "SameSite=Strict", NULL},
               (const char *const[]){NULL});
}

static void believes_no_cookie_it_has_not_made(void **state)
{
    (void)state;
    static char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef";
    mvc_app *app = app_of(NULL, "s"), *other = app_of(NULL, "another secret");
    char cookie[300], theirs[300] = "";
    snprintf(cookie, sizeof cookie, "sid=%s", id);
    visit(app, "/", cookie, "nobody");
    visit(app, "/write?name=x", cookie, NULL); /* it gets another id */
    assert_null(strstr(cookie, id));
    visit(app, "/", cookie, "x");
    /* every byte of it counts */
    for (size_t i = strlen("sid=s%3A"); cookie[i]; i++) {
        char bad[300];
        memcpy(bad, cookie, sizeof bad);
        if (bad[i] == '%')
            i += 2;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        visit(app, "/", bad, "nobody");
    }
    visit(other, "/write?name=y", theirs, NULL);
    visit(app, "/", theirs, "nobody");
    static const char *const odd[] = {
        "sid=",
        "sid=s%3A",
        "sid=s%3A.",
        "sid=j%3A%7B%7D",
        "sid=s%3A..%2F..%2Fx.y",
        "sid=s%3A'%20OR%201%3D1--.x",
        "sid=%00",
        "SID=x; sid",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        snprintf(theirs, sizeof theirs, "%s", odd[i]);
        visit(app, "/", theirs, "nobody");
    }
    mvc_app_free(app);
    mvc_app_free(other);
}

/* Logging in and out
 * ---------------------------------------------------------------------------
 */

static void changes_ids_at_log_in(void **state)
{
    (void)state;
    mvc_app *app = app_of(NULL, "s");
    char cookie[300] = "", planted[300];
    visit(app, "/write?name=planted", cookie, NULL);
    memcpy(planted, cookie, sizeof planted); /* an attacker knows this one */
    visit(app, "/in", cookie, NULL);
    visit(app, "/", cookie, "ann");
    visit(app, "/", planted, "nobody");
    assert_string_not_equal(cookie, planted);
    mvc_app_free(app);
}

static void *work(void *data)
{
    char cookie[300];
    void **both = data;
    snprintf(cookie, sizeof cookie, "%s", (const char *)both[1]);
    visit(both[0], "/slow", cookie, NULL);
    return NULL;
}

static void stays_logged_out(void **state)
{
    (void)state;
    mvc_app *app = app_of(NULL, "s");
    char cookie[300] = "", mine[300];
    pthread_t thread;
    visit(app, "/in", cookie, NULL);
    memcpy(mine, cookie, sizeof mine);
    assert_int_equal(pthread_create(&thread, NULL, work, (void *[]){app, mine}),
                     0);
    while (!atomic_load(&at_work))
        usleep(1000);
    visit(app, "/out", cookie, NULL);
    atomic_store(&logged_out, 1);
    pthread_join(thread, NULL);
    visit(app, "/", mine, "nobody");
    mvc_app_free(app);
}

/* Time and number
 * ---------------------------------------------------------------------------
 */

static char *text_in(const mvc_session_store *store, const char *id)
{
    char *text;
    assert_true(store->get(store->data, id, &text));
    return text;
}

static void ends_sessions(const mvc_session_store *store)
{
    const int64_t now = (int64_t)time(NULL);
    assert_true(store->set(store->data, "past", "{}", now - 1));
    assert_true(store->set(store->data, "later", "{}", now + 1000));
    assert_null(text_in(store, "past"));
    char *text = text_in(store, "later");
    assert_string_equal(text, "{}");
    free(text);
    assert_true(store->touch(store->data, "later", now - 1));
    assert_null(text_in(store, "later"));
    assert_true(store->destroy(store->data, "later"));
    assert_true(store->destroy(store->data, "never was"));
}

static void *add(void *app)
{
    char *cookie = mvc_app_get(app, "cookie");
    for (int i = 0; i < 200; i++) {
        char mine[300];
        snprintf(mine, sizeof mine, "%s", cookie);
        mvc_test_response r = mvc_test(
            app, &(mvc_test_request){.path = "/count", .cookie = mine});
        json_object *values = json_tokener_parse(r.body);
        if (r.status != 200 || !values) /* whole, whoever wrote last */
            abort();
        json_object_put(values);
        mvc_test_done(&r);
    }
    return NULL;
}

static void takes_many_writers(const mvc_session_store *store)
{
    enum { WRITERS = 4 };
    const mvc_session_options options = {.store = store};
    mvc_app *app = app_of(&options, "s");
    char cookie[300] = "";
    pthread_t threads[WRITERS];
    visit(app, "/count", cookie, "{\"n\":1}");
    mvc_app_set(app, "cookie", cookie);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add, app), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = "/count", .cookie = cookie});
    json_object *values = json_tokener_parse(r.body), *n = NULL;
    assert_true(json_object_object_get_ex(values, "n", &n));
    assert_in_range(json_object_get_int(n), 202, WRITERS * 200 + 2);
    json_object_put(values);
    mvc_test_done(&r);
    mvc_app_free(app);
}

static void drop_table(mvc_req *req, mvc_res *res)
{
    mvc_session_store *store = mvc_app_get(mvc_app_of(req), "store");
    mvc_db *db = mvc_pool_take(store->data, NULL);
    assert_true(mvc_db_exec(db, "DROP TABLE sessions", NULL));
    mvc_pool_give(store->data, db);
    log_out(req, res);
}

static void tell(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    (void)req;
    mvc_status(res, failure->status);
    mvc_set_type(res, "text");
    mvc_send(res, failure->message);
}

/* What cannot be read is not "nobody": the error handlers hear of it; and who
 * leaves is told when they have not left. */
static void fails_without_a_table(mvc_session_store *store)
{
    const mvc_session_options options = {.store = store};
    mvc_app *app = app_of(&options, "s");
    char cookie[300] = "";
    mvc_app_set(app, "store", store);
    mvc_get(app, "/drop", drop_table);
    mvc_on_error(app, tell);
    visit(app, "/count", cookie, "{\"n\":1}");
    const mvc_test_request requests[] = {
        {.path = "/drop", .cookie = cookie},
        {.path = "/count", .cookie = cookie},
        {.path = "/count"}};
    for (size_t i = 0; i < 3; i++) {
        mvc_test_response r = mvc_test(app, &requests[i]);
        assert_int_equal(r.status, 500);
        if (i == 1)
            assert_string_equal(r.body, "the session could not be read");
        mvc_test_done(&r);
    }
    mvc_app_free(app);
}

static void memory_keeps(void **state)
{
    (void)state;
    ends_sessions(&mvc_memory_sessions);
    takes_many_writers(&mvc_memory_sessions);
}

static void sqlite_keeps(void **state)
{
    (void)state;
    char url[64] = "sqlite:/tmp/mvc-sessions-XXXXXX";
    mvc_error err = {0};
    const int fd = mkstemp(url + strlen("sqlite:"));
    assert_true(fd >= 0);
    close(fd);
    mvc_session_store *store = mvc_sqlite_sessions(url, &err);
    if (!store)
        fail_msg("%s", err.message);
    ends_sessions(store);
    takes_many_writers(store);
    fails_without_a_table(store);
    mvc_sqlite_sessions_close(store);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s%s", url + strlen("sqlite:"), ends[i]);
        unlink(path);
    }
}

#if defined(BASE_ASAN) || defined(BASE_TSAN)
static const long most_memory = 1L << 30; /* with what sanitizers add */
#else
static const long most_memory = 64L << 20;
#endif

static long resident(void)
{
    long pages = 0;
    FILE *in = fopen("/proc/self/statm", "r");
    assert_int_equal(fscanf(in, "%*s %ld", &pages), 1);
    fclose(in);
    return pages * sysconf(_SC_PAGESIZE);
}

/* More of them than are kept: the first to end go, memory stays bounded. */
static void bounds_their_number(void **state)
{
    (void)state;
    enum { MANY = 150000 };
    const mvc_session_store *s = &mvc_memory_sessions;
    const int64_t now = (int64_t)time(NULL);
    const long before = resident();
    const clock_t begin = clock();
    char id[49];
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "%08x%040d", (unsigned)i * 2654435761u, i);
        /* a thousand start in each second */
        assert_true(s->set(s->data, id, "{\"name\":\"somebody\"}",
                           now + 1000 + i / 1000));
    }
    char *text = text_in(s, id);
    assert_non_null(text); /* the newest is there */
    free(text);
    snprintf(id, sizeof id, "%08x%040d", 0u, 0);
    assert_null(text_in(s, id)); /* the oldest is not */
    assert_true(resident() - before < most_memory);
    assert_true(clock() - begin < 20 * CLOCKS_PER_SEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guards_its_cookie),
        cmocka_unit_test(believes_no_cookie_it_has_not_made),
        cmocka_unit_test(changes_ids_at_log_in),
        cmocka_unit_test(stays_logged_out),
        cmocka_unit_test(memory_keeps),
        cmocka_unit_test(sqlite_keeps),
        cmocka_unit_test(bounds_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
