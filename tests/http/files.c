/* files.c - serving folders: where they end, and what is beside a file. */
#include "ask.h"

#include <sys/stat.h>

static char root[64];

static const char *in_root(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void send_named(mvc_req *req, mvc_res *res)
{
    static char public_dir[200];
    snprintf(public_dir, sizeof public_dir, "%s/public", root);
    mvc_send_file(res, mvc_query(req, "name"),
                  &(mvc_static_options){.root = public_dir});
}

static void send_relative(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_send_file(res, "a.txt", NULL);
}

static void download_named(mvc_req *req, mvc_res *res)
{
    static char public_dir[200];
    snprintf(public_dir, sizeof public_dir, "%s/public", root);
    mvc_download(res, "a.txt", mvc_query(req, "name"),
                 &(mvc_static_options){.root = public_dir});
}

static const mvc_route routes[] = {
    MVC_GET("/send", send_named),
    MVC_GET("/relative", send_relative),
    MVC_GET("/download", download_named),
    {0},
};

static const mvc_embedded embedded[] = {
    {"/app.css", "body{}", 6},
    {"/index.html", "<p>", 3},
    {0},
};

static mvc_app *app;

static int start(void **state)
{
    (void)state;
    strcpy(root, "/tmp/mvc-files-XXXXXX");
    assert_non_null(mkdtemp(root));
    mkdir(in_root("public"), 0700);
    mkdir(in_root("public/.git"), 0700);
    put_file(root, "secret.txt", "secret");
    put_file(root, "public/a.txt", "a");
    put_file(root, "public/.git/config", "secret");
    put_file(root, "public/app.js", "plain");
    put_file(root, "public/app.js.gz", "gzipped");
    put_file(root, "public/app.js.br", "brotli");
    put_file(root, "public/b.js", "b");
    assert_int_equal(symlink("../secret.txt", in_root("public/out")), 0);
    assert_int_equal(symlink("..", in_root("public/up")), 0);
    assert_int_equal(symlink("/etc", in_root("public/etc")), 0);
    assert_int_equal(symlink("a.txt", in_root("public/in")), 0);
    app = app_with(routes, NULL);
    mvc_static(app, "/files", in_root("public"),
               &(mvc_static_options){.precompressed = true});
    mvc_static(app, "/later", in_root("later"), NULL);
    mvc_static_embedded(app, "/own", embedded, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    char command[100];
    mvc__app_destroy(app);
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static void does_not_leave_its_folder(void **state)
{
    (void)state;
    static const char *const paths[] = {"/../secret.txt",
                                        "/%2e%2e/secret.txt",
                                        "/..%2fsecret.txt",
                                        "/..%5csecret.txt",
                                        "/%252e%252e/secret.txt",
                                        "/%c0%ae%c0%ae/secret.txt",
                                        "/%c0%ae./secret.txt",
                                        "/./../secret.txt",
                                        "/a/../../secret.txt",
                                        "//etc/passwd",
                                        "/%2fetc/passwd",
                                        "/out",
                                        "/up/secret.txt",
                                        "/etc/passwd",
                                        "/.git/config",
                                        "/%2egit/config",
                                        "/.%67it/config",
                                        "/....//secret.txt",
                                        "/..;/secret.txt",
                                        "/a.txt/../../secret.txt",
                                        "/a.txt/",
                                        "/a.txt/b",
                                        "/%00",
                                        "/a.txt%00.png",
                                        "/\\..\\secret.txt",
                                        "/%5c..%5csecret.txt",
                                        "/../public/../secret.txt"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char path[200];
        snprintf(path, sizeof path, "/files%s", paths[i]);
        mvc_test_response r = mvc_test(app, &(mvc_test_request){.path = path});
        if (r.status < 400 || strstr(r.body, "secret\n") ||
            strcmp(r.body, "secret") == 0 || strstr(r.body, "root:"))
            fail_msg("%s: %d %s", path, r.status, r.body);
        mvc_test_done(&r);

        snprintf(path, sizeof path, "/send?name=%s", paths[i]);
        r = mvc_test(app, &(mvc_test_request){.path = path});
        if (r.status < 400)
            fail_msg("%s: %d %s", path, r.status, r.body);
        mvc_test_done(&r);
    }
    expect(app, MVC_GET, "/files/a.txt", 200, "a");
    expect(app, MVC_GET, "/files/in", 200, "a"); /* a link that stays inside */
    expect(app, MVC_GET, "/send?name=a.txt", 200, "a");
    expect(app, MVC_GET, "/relative", 500, NULL);
}

static void get(const char *path, const char *accept, const char *body,
                const char *encoding)
{
    char headers[100] = "";
    if (accept)
        snprintf(headers, sizeof headers, "Accept-Encoding: %s", accept);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = path, .headers = headers});
    assert_string_equal(r.body, body);
    assert_string_equal(mvc_test_header(&r, "Vary"), "Accept-Encoding");
    assert_string_equal(mvc_test_header(&r, "Content-Type"),
                        "text/javascript; charset=utf-8");
    const char *is = mvc_test_header(&r, "Content-Encoding");
    assert_true(encoding ? is && strcmp(is, encoding) == 0 : !is);
    mvc_test_done(&r);
}

static void serves_what_was_compressed_before(void **state)
{
    (void)state;
    get("/files/app.js", NULL, "plain", NULL);
    get("/files/app.js", "gzip", "gzipped", "gzip");
    get("/files/app.js", "gzip, br", "brotli", "br");
    get("/files/app.js", "br;q=0, gzip", "gzipped", "gzip");
    get("/files/app.js", "deflate", "plain", NULL);
    get("/files/b.js", "gzip, br", "b", NULL);
}

static void finds_folders_made_later(void **state)
{
    (void)state;
    expect(app, MVC_GET, "/later/x.txt", 404, NULL);
    mkdir(in_root("later"), 0700);
    put_file(root, "later/x.txt", "x");
    expect(app, MVC_GET, "/later/x.txt", 200, "x");
}

static void serves_what_is_in_the_program(void **state)
{
    (void)state;
    expect(app, MVC_GET, "/own/app.css", 200, "body{}");
    expect(app, MVC_GET, "/own/", 200, "<p>");
    expect(app, MVC_GET, "/own/missing", 404, NULL);
    expect(app, MVC_POST, "/own/app.css", 404, NULL);
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = "/own/app.css"});
    char header[100];
    snprintf(header, sizeof header, "If-None-Match: %s",
             mvc_test_header(&r, "ETag"));
    mvc_test_done(&r);
    r = mvc_test(
        app, &(mvc_test_request){.path = "/own/app.css", .headers = header});
    assert_int_equal(r.status, 304);
    mvc_test_done(&r);
}

static void names_downloads(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"x.txt", "attachment; filename=x.txt"},
        {"a%20b.txt", "attachment; filename=\"a b.txt\""},
        {"..%2F..%2Fetc%2Fpasswd", "attachment; filename=passwd"},
        {"a%22%5Cb.txt", "attachment; filename=\"a\\\"\\\\b.txt\""},
        {"%E2%82%AC.txt",
         "attachment; filename=\"?.txt\"; filename*=UTF-8''%E2%82%AC.txt"},
        {"a%0d%0ab.txt",
         "attachment; filename=\"a??b.txt\"; filename*=UTF-8''a%0D%0Ab.txt"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[100];
        snprintf(path, sizeof path, "/download?name=%s", rows[i][0]);
        mvc_test_response r = mvc_test(app, &(mvc_test_request){.path = path});
        assert_int_equal(r.status, 200);
        assert_string_equal(mvc_test_header(&r, "Content-Disposition"),
                            rows[i][1]);
        mvc_test_done(&r);
    }
}

static void copes_with_many_ranges(void **state)
{
    (void)state;
    char *header = malloc(20000);
    int n = sprintf(header, "Range: bytes=0-0");
    for (int i = 0; i < 3000; i++)
        n += sprintf(header + n, ",0-0");
    mvc_test_response r = mvc_test(
        app, &(mvc_test_request){.path = "/files/a.txt", .headers = header});
    assert_int_equal(r.status, 200);
    mvc_test_done(&r);
    free(header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_not_leave_its_folder),
        cmocka_unit_test(serves_what_was_compressed_before),
        cmocka_unit_test(finds_folders_made_later),
        cmocka_unit_test(serves_what_is_in_the_program),
        cmocka_unit_test(names_downloads),
        cmocka_unit_test(copes_with_many_ranges),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
