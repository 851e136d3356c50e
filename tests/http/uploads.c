/* uploads.c - multipart/form-data as multer takes it, and as attackers send it.
 */
#include "ask.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[64];

#define BOUNDARY "XyZ"
#define TYPE "multipart/form-data; boundary=" BOUNDARY
#define PART(headers, body) "--" BOUNDARY "\r\n" headers "\r\n\r\n" body "\r\n"
#define FIELD(name, value)                                                     \
    PART("Content-Disposition: form-data; name=\"" name "\"", value)
#define FILE_PART(name, filename, body)                                        \
    PART("Content-Disposition: form-data; name=\"" name                        \
         "\"; filename=\"" filename "\"\r\nContent-Type: image/png",           \
         body)
#define END "--" BOUNDARY "--\r\n"

/* Says what came: {"body":{…},"files":["field name type size bytes" …]} */
static void say(mvc_req *req, mvc_res *res)
{
    json_object *o = json_object_new_object();
    json_object *files = json_object_new_array();
    json_object_object_add(o, "body", json_object_get(mvc_body(req)));
    for (size_t i = 0; i < mvc_file_count(req); i++) {
        const mvc_file *f = mvc_file_at(req, i);
        char bytes[64] = "";
        if (f->data) {
            snprintf(bytes, sizeof bytes, "%s", f->data);
        } else {
            FILE *in = fopen(f->path, "r");
            assert_non_null(in);
            bytes[fread(bytes, 1, sizeof bytes - 1, in)] = '\0';
            fclose(in);
        }
        json_object_array_add(
            files, json_object_new_string(mvc_format(
                       req, "%s %s %s %llu %s", f->field, f->name, f->type,
                       (unsigned long long)f->size, bytes)));
    }
    json_object_object_add(o, "files", files);
    mvc_send_json(res, o);
    json_object_put(o);
}

static char kept[100]; /* where a file is moved to */

static void keep(mvc_req *req, mvc_res *res)
{
    const mvc_file *f = mvc_file_of(req, "f");
    mvc_send(res, f && mvc_keep_file(req, f, kept) ? "kept" : "not kept");
}

static bool only_pngs(mvc_req *req, const mvc_file *file)
{
    if (strcmp(file->name, "refused") == 0)
        mvc_fail(req, mvc_res_of(req), 415, "no such files here");
    return strcmp(file->type, "image/png") == 0 &&
           strcmp(file->name, "skipped") != 0;
}

static const mvc_upload_field one[] = {{"f", 1}, {0}};
static const mvc_upload_field two[] = {{"f", 2}, {"g", 1}, {0}};
static const mvc_upload single = {.folder = folder, .fields = one};
static const mvc_upload several = {.fields = two};
static const mvc_upload anything = {.any = true, .filter = only_pngs};
static const mvc_upload none = {0};
static const mvc_upload nowhere = {.folder = "/nowhere/at/all", .fields = one};
static const mvc_upload deep = {.max_field_name = 1000};
static const mvc_upload limited = {.folder = folder,
                                   .any = true,
                                   .max_field_name = 5,
                                   .max_field_size = 8,
                                   .max_file_size = 10,
                                   .max_fields = 2,
                                   .max_files = 2,
                                   .max_parts = 3,
                                   .max_header_pairs = 3,
                                   .max_nesting = 2};

#define UPLOAD(path, upload_, handler)                                         \
    MVC_ROUTE_WITH((&(const mvc_route_options){.upload = &upload_}), MVC_POST, \
                   path, handler)

static const mvc_route routes[] = {
    UPLOAD("/single", single, say),
    UPLOAD("/keep", single, keep),
    UPLOAD("/keep-bytes", several, keep),
    UPLOAD("/nowhere", nowhere, say),
    UPLOAD("/several", several, say),
    UPLOAD("/any", anything, say),
    UPLOAD("/none", none, say),
    UPLOAD("/limited", limited, say),
    UPLOAD("/deep", deep, say),
    MVC_POST("/plain", say),
    {0},
};

static mvc_app *app;

static int start(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mvc-uploads-XXXXXX");
    assert_non_null(mkdtemp(folder));
    app = app_with(routes, &(mvc_config){.development = true});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mvc__app_destroy(app);
    assert_int_equal(rmdir(folder), 0); /* nothing has been left behind */
    return 0;
}

static void post(const char *path, const char *body, size_t size, int status,
                 const char *expected)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = path,
                                          .content_type = TYPE,
                                          .body = body,
                                          .body_size = size});
    if (r.status != status || (expected && !strstr(r.body, expected)))
        fail_msg("%s: %d instead of %d: %s\n%s", path, r.status, status, r.body,
                 body);
    mvc_test_done(&r);
    assert_int_equal(count_files(folder), 0);
}

static void takes(void **state)
{
    (void)state;
    post("/single", FIELD("a", "1") FILE_PART("f", "x.png", "bytes") END, 0,
         200,
         "{\"body\":{\"a\":\"1\"},\"files\":[\"f x.png image/png 5 bytes\"]}");
    post("/several",
         FILE_PART("f", "1", "one") FILE_PART("g", "2", "")
             FILE_PART("f", "3", "three") END,
         0, 200,
         "[\"f 1 image/png 3 one\",\"g 2 image/png 0 \","
         "\"f 3 image/png 5 three\"]");
    post("/any", FILE_PART("whatever", "w", "w") END, 0, 200, "whatever");
    post("/none", FIELD("a", "1") END, 0, 200, "{\"a\":\"1\"}");
    post("/plain", FIELD("a", "1") FIELD("b[c]", "2") FIELD("d[]", "3") END, 0,
         200, "{\"a\":\"1\",\"b\":{\"c\":\"2\"},\"d\":[\"3\"]}");
    post("/single", FILE_PART("f", "", "") END, 0, 200, "\"files\":[]");
    post("/single", "preamble\r\n" FIELD("a", "1") END "epilogue", 0, 200,
         "{\"a\":\"1\"}");
    post("/any",
         PART("content-disposition:form-data;name=f;filename=plain;x=\"y\"\r\n"
              "Content-Type: image/png; q=1",
              "v") END,
         0, 200, "f plain image/png 1 v");
    post("/any",
         PART("Content-Disposition: form-data; name=\"f\"; filename=\"x\"; "
              "filename*=UTF-8''gr%C3%BC%C3%9Fe.png\r\nContent-Type: image/png",
              "v") END,
         0, 200, "f grüße.png image/png 1 v");
    post("/none", END, 0, 200, "{\"body\":{},\"files\":[]}");
}

static void is_not_led_astray_by_data(void **state)
{
    (void)state;
    static const char tricky[] = "\r\n--"
                                 "\r\n--Xy"
                                 "\r\r\n"
                                 "\r\n-"
                                 "--XyZ"
                                 "\r\n--Xyz";
    char body[400];
    const int n = snprintf(body, sizeof body, "%s%s\r\n%s",
                           "--XyZ\r\nContent-Disposition: form-data; "
                           "name=\"a\"\r\n\r\n",
                           tricky, END);
    post("/plain", body, (size_t)n, 200,
         "\\r\\n--\\r\\n--Xy\\r\\r\\n\\r\\n---XyZ\\r\\n--Xyz\"");
}

static void sanitises_names(void **state)
{
    (void)state;
    post("/any", FILE_PART("f", "../../etc/passwd", "v") END, 0, 200,
         "f passwd image");
    post("/any", FILE_PART("f", "C:\\\\dir\\\\x.exe", "v") END, 0, 200,
         "f x.exe image");
    post("/any", FILE_PART("f", "..", "v") END, 0, 200, "f  image");
    post("/any", FILE_PART("f", "a\tb", "v") END, 0, 200, "f a_b image");
    post("/any", FILE_PART("f", "\xff.png", "v") END, 0, 200, "f \xEF\xBF\xBD");
    /* text turned around: "exe.gpj" would be shown as "jpg.exe", reversed */
    post("/any", FILE_PART("f", "\xE2\x80\xAEgpj.exe", "v") END, 0, 200,
         "f ___gpj.exe image");
    post("/any", FILE_PART("f", "a\xE2\x81\xA7z\xE2\x80\xA6", "v") END, 0, 200,
         "f a___z\xE2\x80\xA6 image");
    post("/any",
         PART("Content-Disposition: form-data; name=f; "
              "filename*=UTF-8''..%2F..%2Fetc%2Fpasswd%00.png\r\n"
              "Content-Type: image/png",
              "v") END,
         0, 200, NULL);
}

static void filters(void **state)
{
    (void)state;
    post("/any", FILE_PART("f", "skipped", "v") FIELD("a", "1") END, 0, 200,
         "{\"body\":{\"a\":\"1\"},\"files\":[]}");
    post("/any", FILE_PART("f", "refused", "v") END, 0, 415,
         "no such files here");
}

static void refuses_what_is_over_limits(void **state)
{
    (void)state;
    post("/single", FILE_PART("g", "x", "v") END, 0, 400, "Unexpected file field");
    post("/single", FILE_PART("f", "x", "v") FILE_PART("f", "y", "v") END, 0,
         400, "Unexpected file field");
    post("/none", FILE_PART("f", "x", "v") END, 0, 400, "Unexpected file field");
    post("/plain", FILE_PART("f", "x", "v") END, 0, 400, "Unexpected file field");
    post("/limited", FIELD("toolong", "1") END, 0, 400, "Field name too long");
    post("/limited", FIELD("a", "123456789") END, 0, 413,
         "Field value too long");
    post("/limited", FILE_PART("f", "x", "12345678901") END, 0, 413,
         "File too large");
    post("/limited", FIELD("a", "") FIELD("b", "") FIELD("c", "") END, 0, 400,
         "Too many fields");
    post("/limited",
         FILE_PART("a", "x", "") FILE_PART("b", "x", "") FILE_PART("c", "x", "")
             END,
         0, 400, "Too many files");
    post("/limited",
         FIELD("a", "") FIELD("b", "") FILE_PART("c", "x", "")
             FILE_PART("d", "x", "") END,
         0, 400, "Too many parts");
    post("/limited",
         PART("Content-Disposition: form-data; name=\"a\"\r\nA: b\r\nC: d\r\n"
              "E: f",
              "") END,
         0, 400, "Too many header pairs");
    post("/limited", FIELD("a[b]", "1") END, 0, 200, "{\"b\":\"1\"}");
    post("/none",
         FIELD("a[b][b][b][b][b][b][b][b][b][b][b][b][b][b][b][b][b][b][b][b]"
               "[b][b][b][b][b][b][b][b][b][b][b][b][b][b]",
               "1") END,
         0, 400, "Field name too long");
    post("/plain", FIELD("a[999999999]", "1") END, 0, 200,
         "{\"a\":{\"999999999\":\"1\"}}");
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    post("/single", FIELD("a", "1"), 0, 400, "Unexpected end of form");
    post("/single", FILE_PART("f", "x", "half") "", 0, 400,
         "Unexpected end of form");
    post("/single", "", 1, 400, "Unexpected end of form");
    post("/single", "--XyZ", 0, 400, "Unexpected end of form");
    post("/single", "--XyZoops\r\n", 0, 400, "Malformed multipart boundary");
    post("/single", PART("Content-Disposition: form-data", "1") END, 0, 400,
         "Field name missing");
    post("/single", PART("Content-Disposition: form-data; name=\"\"", "1") END,
         0, 400, "Field name missing");
    post("/single", PART("no colon", "1") END, 0, 400, "Malformed part header");
    post("/single", PART(": x", "1") END, 0, 400, "Malformed part header");
    post("/single",
         "--XyZ\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\n"
         "\r\n--XyZ--\r\n",
         64, 400, "Malformed part header");
    char *large = malloc(70000);
    int n = sprintf(large, "--XyZ\r\nX: ");
    memset(large + n, 'x', 65536);
    post("/single", large, (size_t)n + 65536, 400, "Malformed part header");
    n = 0;
    for (int i = 0; i < 1200; i++)
        n += sprintf(large + n, "--XyZ\r\nContent-Disposition: form-data; "
                                "name=\"a\"\r\n\r\n\r\n");
    post("/none", large, (size_t)n, 400, "Too many fields");
    free(large);
}

/* Parameters without end must not each cost a copy of the rest of the line. */
static void bounds_what_a_header_costs(void **state)
{
    (void)state;
    enum { PARTS = 100, HEADER = 16000 };
    char *body = malloc(PARTS * (HEADER + 100));
    size_t n = 0;
    for (int i = 0; i < PARTS; i++) {
        n += (size_t)sprintf(body + n, "--XyZ\r\nContent-Disposition: "
                                       "form-data; name=\"a\"");
        for (size_t end = n + HEADER - 100; n < end; n += 3)
            memcpy(body + n, ";b=", 3);
        n += (size_t)sprintf(body + n, "\r\n\r\nv\r\n");
    }
    n += (size_t)sprintf(body + n, END);
    mvc__exchange *x = mvc__exchange_new(app);
    mvc_req *req = &x->req;
    mvc__req_begin(req, "POST", "/none");
    mvc__req_add_header(req, "Content-Type", 12, TYPE, strlen(TYPE));
    mvc__body_begin(req, mvc__chain_foresee(req));
    mvc__body_feed(req, body, n);
    mvc__body_end(req);
    assert_int_equal(req->body_state, MVC__BODY_READ);
    assert_true(req->arena.reserved < 4 * n);
    mvc__exchange_free(x);
    free(body);
}

static char *many(const char *unit, size_t times, const char *tail,
                  size_t *size)
{
    const size_t n = strlen(unit);
    char *all = malloc(n * times + strlen(tail) + 1);
    *all = '\0';
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * n, unit, n);
    strcpy(all + n * times, tail);
    *size = n * times + strlen(tail);
    return all;
}

static void bounds_parts_and_nesting(void **state)
{
    (void)state;
    size_t size;
    char *body = many(FIELD("a", "1"), 10000, END, &size);
    post("/none", body, size, 400, "Too many fields");
    free(body);
    body = many(FILE_PART("f", "x", "v"), 10000, END, &size);
    post("/any", body, size, 400, "Too many files");
    free(body);
    char *name = many("[b]", 10000, "", &size);
    body = malloc(size + 200);
    sprintf(body,
            "--XyZ\r\nContent-Disposition: form-data; name=a%s\r\n\r\n1"
            "\r\n" END,
            name);
    post("/deep", body, strlen(body), 400, NULL);
    name[300] = '\0'; /* a hundred */
    sprintf(body,
            "--XyZ\r\nContent-Disposition: form-data; name=a%s\r\n\r\n1"
            "\r\n" END,
            name);
    post("/deep", body, strlen(body), 400, "Field name nesting too deep");
    free(body);
    free(name);
}

static void checks_the_boundary(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        int status;
    } rows[] = {
        {"multipart/form-data", 400},
        {"multipart/form-data; boundary=", 400},
        {"multipart/form-data; boundary=\"XyZ\"", 200},
        {"multipart/form-data; charset=utf-8; boundary=XyZ", 200},
        {"multipart/form-data; boundary=\"XyZ", 200},
        {"multipart/form-data; boundary=XyZZ", 400},
        {"multipart/form-dataX", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mvc_test_response r =
            mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                              .path = "/none",
                                              .content_type = rows[i].type,
                                              .body = FIELD("a", "1") END});
        if (r.status != rows[i].status)
            fail_msg("%s: %d", rows[i].type, r.status);
        mvc_test_done(&r);
    }
    static const struct {
        size_t size;
        int status;
    } sizes[] = {{1, 200}, {70, 200}, {71, 400}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char type[200], body[400], mark[100] = "";
        memset(mark, 'b', sizes[i].size);
        sprintf(type, "multipart/form-data; boundary=%s", mark);
        sprintf(body,
                "--%s\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"
                "\r\n--%s--\r\n",
                mark, mark);
        mvc_test_response r =
            mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                              .path = "/none",
                                              .content_type = type,
                                              .body = body});
        assert_int_equal(r.status, sizes[i].status);
        mvc_test_done(&r);
    }
    char type[300] = "multipart/form-data; boundary=";
    memset(type + strlen(type), 'b', 200);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = MVC_POST,
                                          .path = "/none",
                                          .content_type = type,
                                          .body = END});
    assert_int_equal(r.status, 400);
    mvc_test_done(&r);
}

/* The same whatever the chunks are that it comes in. */
static void does_not_care_for_chunks(void **state)
{
    (void)state;
    static const char body[] =
        FIELD("a", "one\r\n--X") FILE_PART("f", "x", "\r\n\r\nbytes\r") END;
    for (size_t chunk = 1; chunk < sizeof body; chunk++) {
        mvc__exchange *x = mvc__exchange_new(app);
        mvc_req *req = &x->req;
        mvc__req_begin(req, "POST", "/single");
        mvc__req_add_header(req, "Content-Type", 12, TYPE, strlen(TYPE));
        assert_true(mvc__app_prepare(app));
        mvc__body_begin(req, mvc__chain_foresee(req));
        for (size_t at = 0; at < sizeof body - 1; at += chunk) {
            const size_t left = sizeof body - 1 - at;
            mvc__body_feed(req, body + at, left < chunk ? left : chunk);
        }
        mvc__body_end(req);
        assert_int_equal(req->body_state, MVC__BODY_READ);
        assert_int_equal(mvc_file_count(req), 1);
        assert_int_equal(mvc_file_at(req, 0)->size, 10);
        assert_string_equal(mvc_body_text(req, "a"), "one\r\n--X");
        mvc__exchange_free(x);
    }
    assert_int_equal(count_files(folder), 0);
}

static void expect_kept(const char *path, const char *where)
{
    char text[10] = "";
    snprintf(kept, sizeof kept, "%s/kept", where);
    mvc_test_response r = mvc_test(
        app, &(mvc_test_request){.method = MVC_POST,
                                 .path = path,
                                 .content_type = TYPE,
                                 .body = FILE_PART("f", "x", "v") END});
    assert_string_equal(r.body, "kept");
    mvc_test_done(&r);
    FILE *in = fopen(kept, "r");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof text, in));
    fclose(in);
    assert_string_equal(text, "v");
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(count_files(folder), 0);
}

static void keeps_files_that_are_moved(void **state)
{
    (void)state;
    expect_kept("/keep", folder);
    expect_kept("/keep-bytes", folder);
    char other[] = "/dev/shm/mvc-uploads-XXXXXX"; /* another disk, mostly */
    if (!mkdtemp(other))
        return;
    expect_kept("/keep", other);
    assert_int_equal(rmdir(other), 0);
    snprintf(kept, sizeof kept, "%s/x", other); /* which has gone */
    post("/keep", FILE_PART("f", "x", "v") END, 0, 200, "not kept");
}

static const char *reason;

static void note(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    (void)res;
    reason = failure->expose ? "told the client" : strdup(failure->message);
    mvc_pass(req, res);
}

static void says_why_it_cannot_store(void **state)
{
    (void)state;
    mvc_app *other = app_with(routes, NULL);
    mvc_on_error(other, note);
    mvc_test_response r = mvc_test(
        other, &(mvc_test_request){.method = MVC_POST,
                                   .path = "/nowhere",
                                   .content_type = TYPE,
                                   .body = FILE_PART("f", "x", "v") END});
    assert_int_equal(r.status, 500);
    assert_null(strstr(r.body, "nowhere"));
    assert_string_equal(reason, "cannot store an upload in /nowhere/at/all: No "
                                "such file or directory");
    free((char *)(uintptr_t)reason);
    mvc_test_done(&r);
    mvc__app_destroy(other);
}

/* The server's own threads; exits with 0 when it lives and answers 500. */
static int upload_too_much(void)
{
    enum { SIZE = 50000, LIMIT = 10000 };
    static char body[SIZE + 500], answer[100];
    const struct rlimit limit = {LIMIT, LIMIT};
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!mvc_start(app, "127.0.0.1", 0))
        return 2;
    int n = sprintf(body, "--" BOUNDARY "\r\nContent-Disposition: form-data; "
                          "name=\"f\"; filename=\"x\"\r\n\r\n");
    memset(body + n, 'x', SIZE);
    n += SIZE + sprintf(body + n + SIZE, "\r\n" END);
    const int fd = dial_app(app);
    dprintf(fd,
            "POST /single HTTP/1.1\r\nHost: a\r\nContent-Type: " TYPE
            "\r\nContent-Length: %d\r\n\r\n",
            n);
    for (int at = 0; at < n;) {
        const ssize_t sent =
            send(fd, body + at, (size_t)(n - at), MSG_NOSIGNAL);
        if (sent <= 0)
            return 3;
        at += (int)sent;
    }
    if (read(fd, answer, sizeof answer - 1) <= 0)
        return 4;
    return strncmp(answer, "HTTP/1.1 500 ", 13) == 0 ? 0 : 5;
}

static void lives_when_the_disk_is_full(void **state)
{
    (void)state;
    const pid_t pid = fork();
    if (pid == 0)
        _exit(upload_too_much());
    int how;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    assert_int_equal(count_files(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes),
        cmocka_unit_test(is_not_led_astray_by_data),
        cmocka_unit_test(sanitises_names),
        cmocka_unit_test(filters),
        cmocka_unit_test(refuses_what_is_over_limits),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(bounds_what_a_header_costs),
        cmocka_unit_test(bounds_parts_and_nesting),
        cmocka_unit_test(checks_the_boundary),
        cmocka_unit_test(does_not_care_for_chunks),
        cmocka_unit_test(keeps_files_that_are_moved),
        cmocka_unit_test(says_why_it_cannot_store),
        cmocka_unit_test(lives_when_the_disk_is_full),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
