/* log.c - loggers, what the request logger writes into them, and UUIDs. */
#include "ask.h"

#include <fcntl.h>
#include <mvc/middleware.h>
#include <pthread.h>
#include <pty.h>
#include <regex.h>
#include <signal.h>

static bool matches(const char *text, const char *pattern)
{
    regex_t re;
    assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
    const bool yes = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return yes;
}

static void assert_matches(const char *text, const char *pattern)
{
    if (!matches(text, pattern))
        fail_msg("%s does not match %s", text, pattern);
}

/* A pipe's two ends; what was written to it, as text. */
static void read_pipe(const int ends[2], char *text, size_t size)
{
    const ssize_t n = read(ends[0], text, size - 1);
    text[n > 0 ? n : 0] = '\0';
}

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z"

static void writes_lines(void **state)
{
    (void)state;
    int ends[2];
    char text[2000];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    mvc_app *app = app_with(NULL, NULL);
    mvc_log *log = mvc_log_open(app, &(mvc_log_options){.fd = ends[1]});
    json_object *fields = json_tokener_parse(
        "{\"n\": 1, \"word\": \"w\", \"two\": \"a b\", \"list\": [true]}");
    mvc_log_line(log, MVC_LEVEL_WARN, fields, "saved %d", 3);
    read_pipe(ends, text, sizeof text);
    assert_matches(text, "^" TIME " warn saved 3 n=1 word=w two=\"a b\" "
                         "list=\\[true\\]\n$");
    json_object_put(fields);

    /* below the level: nothing */
    mvc_log_debug(log, "not seen");
    mvc_log_set_level(log, MVC_LEVEL_DEBUG);
    mvc_log_debug(log, "seen");
    mvc_log_set_level(log, MVC_LEVEL_SILENT);
    mvc_log_error(log, "not seen");
    mvc_log_line(NULL, MVC_LEVEL_ERROR, NULL, "to nobody");
    read_pipe(ends, text, sizeof text);
    assert_matches(text, "^[^\n]* debug seen\n$");
    mvc_app_free(app);
    close(ends[0]);
    close(ends[1]);
}

static void children_bind_members(void **state)
{
    (void)state;
    int ends[2];
    char text[2000];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    mvc_app *app = app_with(NULL, NULL);
    mvc_log *log =
        mvc_log_open(app, &(mvc_log_options){.fd = ends[1], .json = true});
    mvc_log_bind(log, "app", json_object_new_string("shop"));
    mvc_log *child =
        mvc_log_child(log, json_tokener_parse("{\"part\": \"mail\"}"));
    mvc_log *grandchild = mvc_log_child(child, NULL);
    mvc_log_bind(grandchild, "part", json_object_new_string("smtp"));
    mvc_log_info(grandchild, "sent");
    read_pipe(ends, text, sizeof text);
    assert_matches(text, "^\\{\"time\":\"" TIME "\",\"level\":\"info\","
                         "\"msg\":\"sent\",\"part\":\"smtp\",\"app\":\"shop\"}"
                         "\n$");
    /* a level of its own, else the parent's */
    mvc_log_set_level(log, MVC_LEVEL_ERROR);
    mvc_log_info(grandchild, "not seen");
    mvc_log_set_level(grandchild, MVC_LEVEL_TRACE);
    mvc_log_line(grandchild, MVC_LEVEL_TRACE, NULL, "seen");
    read_pipe(ends, text, sizeof text);
    assert_matches(text, "^[^\n]*\"level\":\"trace\"[^\n]*\n$");
    mvc_log_free(grandchild);
    mvc_log_free(child);
    mvc_app_free(app);
    close(ends[0]);
    close(ends[1]);
}

/* Control characters, also of C1 and in UTF-8, and bytes that are no UTF-8. */
static void a_line_stays_one(void **state)
{
    (void)state;
    static const char odd[] =
        "a\nb\x1b[31m\x7f\xC2\x9b\xE2\x80\xA8\xFF \"q\\\" \xC3\xA9";
    int ends[2];
    char text[2000];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    mvc_app *app = app_with(NULL, NULL);
    mvc_log *log = mvc_log_open(app, &(mvc_log_options){.fd = ends[1]});
    mvc_log_info(log, "%s", odd);
    read_pipe(ends, text, sizeof text);
    assert_string_equal(strstr(text, "info ") + 5,
                        "a\\nb\\u001b[31m\\u007f\\u009b\\u2028\\xff "
                        "\\\"q\\\\\\\" \xC3\xA9\n");
    mvc_log *json =
        mvc_log_open(app, &(mvc_log_options){.fd = ends[1], .json = true});
    mvc_log_info(json, "%s", odd);
    read_pipe(ends, text, sizeof text);
    assert_string_equal(strstr(text, "\"msg\""),
                        "\"msg\":\"a\\nb\\u001b[31m\\u007f\\u009b\\u2028\\ufffd"
                        " \\\"q\\\\\\\" \xC3\xA9\"}\n");
    mvc_app_free(app);
    close(ends[0]);
    close(ends[1]);
}

/* the request logger ------------------------------------------------------- */

static void work(mvc_req *req, mvc_res *res)
{
    mvc_log *log = mvc_log_of(req);
    mvc_log_bind(log, "user", json_object_new_string("ann"));
    mvc_log_info(log, "at work");
    mvc_send(res, mvc_request_id(req) ? mvc_request_id(req) : "none");
}

/* One request; its line or lines go to `text`. */
static mvc_test_response logged(mvc_logger_options options, const char *path,
                                const char *headers, bool json, char *text,
                                size_t size)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    mvc_app *app = app_with(NULL, NULL);
    options.log =
        mvc_log_open(app, &(mvc_log_options){.fd = ends[1], .json = json});
    mvc_use_with(app, "/", mvc_logger, &options, NULL);
    mvc_get(app, "/", work);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = path, .headers = headers});
    read_pipe(ends, text, size);
    mvc_app_free(app);
    close(ends[0]);
    close(ends[1]);
    return r;
}

#define UUID7                                                                  \
    "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

static void gives_ids(void **state)
{
    (void)state;
    char text[2000];
    mvc_test_response r = logged((mvc_logger_options){.request_ids = true},
                                 "/?a=\x80", NULL, true, text, sizeof text);
    assert_matches(mvc_test_header(&r, "X-Request-Id"), "^" UUID7 "$");
    assert_matches(r.body, "^" UUID7 "$");
    assert_matches(
        text, "^\\{[^\n]*\"msg\":\"at work\",\"id\":\"" UUID7 "\",\"user\":"
              "\"ann\"}\n"
              "\\{\"time\":\"" TIME "\",\"level\":\"info\",\"method\":\"GET\","
              "\"url\":\"/\\?a=\\\\ufffd\",\"status\":200,\"ms\":[0-9.]+,"
              "\"bytes\":36,\"ip\":\"127.0.0.1\",\"id\":\"" UUID7 "\","
              "\"user\":\"ann\"}\n$");
    mvc_test_done(&r);

    r = logged((mvc_logger_options){.request_ids = true}, "/",
               "X-Request-Id: from-proxy/1", true, text, sizeof text);
    header_is(&r, "X-Request-Id", "from-proxy/1");
    assert_string_equal(r.body, "from-proxy/1");
    mvc_test_done(&r);

    static const char *const refused[] = {
        "X-Request-Id: a b", "X-Request-Id: a\"b", "X-Request-Id:"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        r = logged((mvc_logger_options){.request_ids = true}, "/", refused[i],
                   true, text, sizeof text);
        assert_matches(r.body, "^" UUID7 "$");
        mvc_test_done(&r);
    }

    r = logged((mvc_logger_options){.request_ids = true,
                                    .ignore_sent_ids = true,
                                    .id_header = "Trace"},
               "/", "Trace: mine", true, text, sizeof text);
    assert_matches(mvc_test_header(&r, "Trace"), "^" UUID7 "$");
    header_is(&r, "X-Request-Id", NULL);
    mvc_test_done(&r);

    r = logged((mvc_logger_options){0}, "/", NULL, false, text, sizeof text);
    header_is(&r, "X-Request-Id", NULL);
    assert_string_equal(r.body, "none");
    assert_matches(text, " info at work user=ann\n127.0.0.1 - - \\[");
    mvc_test_done(&r);
}

static void has_levels_for_requests(void **state)
{
    (void)state;
    char text[2000];
    mvc_test_response r = logged((mvc_logger_options){.format = MVC_LOG_JSON},
                                 "/missing", NULL, false, text, sizeof text);
    assert_matches(text, "^[^\n]*\"level\":\"warn\"[^\n]*\"status\":404");
    mvc_test_done(&r);
    assert_int_equal(setenv("MVC_LOG_LEVEL", "error", 1), 0);
    r = logged((mvc_logger_options){.format = MVC_LOG_JSON}, "/missing", NULL,
               false, text, sizeof text);
    assert_string_equal(text, "");
    mvc_test_done(&r);
    assert_int_equal(unsetenv("MVC_LOG_LEVEL"), 0);
}

/* morgan's colours, on a terminal. */
static void is_coloured_on_a_terminal(void **state)
{
    (void)state;
    int host, terminal;
    char text[500];
    unsetenv("NO_COLOR");
    assert_int_equal(openpty(&host, &terminal, NULL, NULL, NULL), 0);
    const mvc_logger_options options = {.format = MVC_LOG_DEV, .fd = terminal};
    mvc_app *app = app_using(mvc_logger, &options);
    expect(app, MVC_GET, "/", 200, NULL);
    text[read(host, text, sizeof text - 1)] = '\0';
    assert_matches(text, "^\x1b\\[0mGET / \x1b\\[32m200\x1b\\[0m [0-9.]+ ms - 2"
                         "\x1b\\[0m\r\n$");
    expect(app, MVC_GET, "/missing", 404, NULL);
    text[read(host, text, sizeof text - 1)] = '\0';
    assert_matches(text, "\x1b\\[33m404\x1b\\[0m");
    mvc_app_free(app);
    close(terminal);
    close(host);
}

/* rotation ----------------------------------------------------------------- */

static size_t size_of(const char *path)
{
    char text[4096];
    const int fd = open(path, O_RDONLY);
    const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    return n > 0 ? (size_t)n : 0;
}

static void *listen_here(void *data)
{
    mvc_listen(data, "127.0.0.1", 0);
    return NULL;
}

static void hangup_opens_the_file_again(void **state)
{
    (void)state;
    char folder[] = "/tmp/log-XXXXXX", path[64], old[64];
    pthread_t thread;
    sigset_t hangup;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(old, sizeof old, "%s/log.1", folder);
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP); /* the server's thread takes it */
    pthread_sigmask(SIG_BLOCK, &hangup, NULL);
    mvc_app *app = app_with(NULL, NULL);
    mvc_log *log = mvc_log_open(app, &(mvc_log_options){.path = path});
    assert_non_null(log);
    assert_int_equal(pthread_create(&thread, NULL, listen_here, app), 0);
    while (mvc_port(app) == 0)
        usleep(1000);
    mvc_log_info(log, "first");
    const size_t first = size_of(path);
    assert_true(first > 0);
    assert_int_equal(rename(path, old), 0);
    mvc_log_info(log, "still to the old one");
    assert_int_not_equal(access(path, F_OK), 0);
    assert_true(size_of(old) > first);
    kill(getpid(), SIGHUP);
    while (access(path, F_OK) != 0)
        usleep(1000);
    const size_t before = size_of(old);
    while (size_of(path) == 0) { /* made, and then put in its place */
        mvc_log_info(log, "to the new one");
        usleep(1000);
    }
    const size_t after = size_of(old);
    mvc_log_info(log, "and again");
    assert_true(after >= before && size_of(old) == after);
    mvc_stop(app);
    pthread_join(thread, NULL);
    mvc_app_free(app);
    unlink(path);
    unlink(old);
    rmdir(folder);
}

static void says_what_cannot_be_opened(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, NULL);
    assert_null(
        mvc_log_open(app, &(mvc_log_options){.path = "/no/such/folder/log"}));
    mvc_app_free(app);
}

/* UUIDs -------------------------------------------------------------------- */

enum { MANY = 2000 };

static void *make_many(void *data)
{
    char(*texts)[MVC_UUID] = data;
    for (int i = 0; i < MANY; i++)
        mvc_uuid7(texts[i]);
    return NULL;
}

static void makes_uuids(void **state)
{
    (void)state;
    static char texts[2][MANY][MVC_UUID];
    char a[MVC_UUID], b[MVC_UUID];
    assert_matches(mvc_uuid4(a), "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                 "[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
    assert_string_not_equal(mvc_uuid4(a), mvc_uuid4(b));
    assert_matches(mvc_uuid7(a), "^" UUID7 "$");
    /* its first 48 bits are the time */
    char digits[13] = "";
    memcpy(digits, a, 8);
    memcpy(digits + 8, a + 9, 4);
    const long long ms = strtoll(digits, NULL, 16);
    assert_true(llabs(ms / 1000 - (long long)time(NULL)) < 60);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, make_many, texts[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        for (int k = 1; k < MANY; k++) /* in the order of the calls */
            assert_true(strcmp(texts[i][k - 1], texts[i][k]) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_lines),
        cmocka_unit_test(children_bind_members),
        cmocka_unit_test(a_line_stays_one),
        cmocka_unit_test(gives_ids),
        cmocka_unit_test(has_levels_for_requests),
        cmocka_unit_test(is_coloured_on_a_terminal),
        cmocka_unit_test(hangup_opens_the_file_again),
        cmocka_unit_test(says_what_cannot_be_opened),
        cmocka_unit_test(makes_uuids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
