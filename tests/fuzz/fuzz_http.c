/*
 * fuzz_http.c - any bytes as what a client sends: target, query, cookie, form,
 * multipart, range and header values.
 *
 * With libFuzzer FUZZ_TARGET names one of the functions below, and more of it
 * is `fuzz-http-NAME FOLDER`.  Without, the program replays a corpus: a folder
 * with a folder for each target in it.
 */
#include <assert.h>
#include <dirent.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a handler is given, read in every way there is. */
static char *input; /* NUL-terminated, without NULs */

static void touch(void *data, const char *name, const char *value)
{
    size_t *sum = data;
    *sum += strlen(name) + strlen(value);
}

static void read_all(mvc_req *req, mvc_res *res)
{
    size_t sum = 0, n;
    const mvc_range *ranges;
    static const char *const types[] = {"html", "json", "text/*", NULL};
    mvc_each_param(req, touch, &sum);
    mvc_each_cookie(req, touch, &sum);
    mvc_signed_cookie(req, "s");
    mvc_cookie_doc(req, "j");
    mvc_query(req, "a");
    mvc_query_doc(req);
    mvc_accepts(req, types);
    mvc_accepts_charsets(req, types);
    mvc_accepts_encodings(req, types);
    mvc_accepts_languages(req, types);
    mvc_is(req, "json");
    mvc_hostname(req);
    mvc_ips(req);
    mvc_subdomains(req);
    const int count = mvc_ranges(req, 1000, true, &ranges);
    for (int i = 0; i < count; i++)
        assert(ranges[i].start <= ranges[i].end && ranges[i].end < 1000);
    mvc_param_list(req, "rest", &n);
    mvc_send_json(res, mvc_body(req));
}

static void write_all(mvc_req *req, mvc_res *res)
{
    const char *how = mvc_param(req, "how");
    switch (*how) {
    case 'h':
        mvc_set_header(res, "X-Value", input);
        break;
    case 'n':
        if (strcasecmp(input, "X-Evil") != 0) /* which ask() looks for */
            mvc_set_header(res, input, "value");
        break;
    case 'c':
        mvc_set_cookie(res, "c", input, NULL);
        mvc_set_cookie(res, "d", "v", &(mvc_cookie_options){.path = input});
        break;
    case 'a':
        mvc_attachment(res, input);
        break;
    case 'v':
        mvc_vary(res, input);
        break;
    case 't':
        mvc_set_type(res, input);
        break;
    default:
        mvc_redirect_local(res, input, "/");
        return;
    }
    mvc_send(res, "sent");
}

static const mvc_upload upload = {.any = true, .max_file_size = 10000};
static const mvc_body_options extended = {.extended = true};
static const mvc_route routes[] = {
    MVC_GET("/write/:how", write_all),
    MVC_ROUTE_WITH((&(const mvc_route_options){.upload = &upload}), MVC_POST,
                   "/upload", read_all),
    MVC_ROUTE_WITH((&(const mvc_route_options){.body = &extended}), MVC_POST,
                   "/extended", read_all),
    MVC_POST("/body", read_all),
    MVC_GET("/users/:id{.:format}", read_all),
    MVC_GET("/f/:a-:b.:c", read_all),
    MVC_GET("/two/*a/x/*rest", read_all),
    MVC_GET("/opt{/:a{/:b}}", read_all),
    MVC_GET("/", read_all),
    {0},
};

static mvc_app *app, *other;

static void start(void)
{
    if (app)
        return;
    app = mvc__app_create(&(mvc_config){.quiet = true, .secret = "s"});
    other = mvc__app_create(&(mvc_config){.quiet = true,
                                          .secret = "s",
                                          .trust_proxy = "true",
                                          .query = MVC_QUERY_EXTENDED});
    assert(app && other);
    mvc_routes(app, routes);
    mvc_static(app, "/static", ".", &(mvc_static_options){0});
    mvc_routes(other, routes);
}

static void ask(mvc_app *of, const mvc_test_request *request)
{
    mvc_test_response r = mvc_test(of, request);
    assert(r.status >= 100 && r.headers);
    for (const char *c = r.headers; *c; c++) /* nothing that was smuggled in */
        assert((unsigned char)*c >= 0x20 || *c == '\t' ||
               (*c == '\r' && c[1] == '\n') || (*c == '\n' && c[-1] == '\r'));
    assert(!mvc_test_header(&r, "X-Evil"));
    mvc_test_done(&r);
}

/* targets ---------------------------------------------------------------------
 */

static char *with_prefix(const char *prefix)
{
    char *text = malloc(strlen(prefix) + strlen(input) + 1);
    assert(text);
    strcpy(text, prefix);
    strcat(text, input);
    return text;
}

static void target(const char *data, size_t size)
{
    (void)data, (void)size;
    static const char *const prefixes[] = {"/",   "/static/", "/users/",
                                           "/f/", "/two/",    "/opt/"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        char *path = with_prefix(prefixes[i]);
        ask(app, &(mvc_test_request){.path = path});
        free(path);
    }
}

static void query(const char *data, size_t size)
{
    (void)data, (void)size;
    char *path = with_prefix("/?");
    ask(app, &(mvc_test_request){.path = path});
    ask(other, &(mvc_test_request){.path = path});
    free(path);
}

static void cookie(const char *data, size_t size)
{
    (void)data, (void)size;
    ask(app, &(mvc_test_request){.cookie = input});
}

static void form(const char *data, size_t size)
{
    static const char *const types[] = {"application/x-www-form-urlencoded",
                                        "application/json", "text/plain"};
    for (size_t i = 0; size > 0 && i < 3; i++) {
        mvc_test_request r = {.method = MVC_POST,
                              .path = "/body",
                              .content_type = types[i],
                              .body = data,
                              .body_size = size};
        ask(app, &r);
        r.path = "/extended";
        ask(app, &r);
        r.headers = "Content-Encoding: gzip";
        ask(app, &r);
    }
}

static void multipart(const char *data, size_t size)
{
    static const char type[] = "multipart/form-data; boundary=b";
    if (size < 2)
        return;
    const size_t chunk = (unsigned char)*data % 32 + 1;
    mvc__exchange *x = mvc__exchange_new(app);
    assert(x && mvc__app_prepare(app));
    mvc_req *req = &x->req;
    mvc__req_begin(req, "POST", "/upload");
    mvc__req_add_header(req, "Content-Type", 12, type, sizeof type - 1);
    mvc__body_begin(req, mvc__chain_foresee(req));
    for (size_t at = 1; at < size; at += chunk)
        mvc__body_feed(req, data + at, size - at < chunk ? size - at : chunk);
    mvc__body_end(req);
    mvc_body(req);
    for (size_t i = 0; i < mvc_file_count(req); i++)
        assert(!strchr(mvc_file_at(req, i)->name, '/'));
    mvc__exchange_free(x);
}

static void header_named(const char *name)
{
    char *line = with_prefix(name);
    ask(app, &(mvc_test_request){.headers = line});
    ask(other, &(mvc_test_request){.headers = line, .path = "/?a"});
    free(line);
}

static void range(const char *data, size_t size)
{
    (void)data, (void)size;
    header_named("Range: ");
    header_named("Range: bytes=");
}

static void header(const char *data, size_t size)
{
    (void)data, (void)size;
    static const char *const paths[] = {"/write/h", "/write/n", "/write/c",
                                        "/write/a", "/write/v", "/write/t",
                                        "/write/r"};
    static const char *const names[] = {"Accept: ",
                                        "Accept-Encoding: ",
                                        "Accept-Language: ",
                                        "X-Forwarded-For: ",
                                        "Host: ",
                                        "If-None-Match: ",
                                        "If-Range: ",
                                        "If-Modified-Since: ",
                                        ""};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ask(app, &(mvc_test_request){.path = paths[i]});
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        header_named(names[i]);
}

static const struct {
    const char *name;
    void (*run)(const char *data, size_t size);
} targets[] = {
    {"target", target},       {"query", query}, {"cookie", cookie},
    {"form", form},           {"range", range}, {"header", header},
    {"multipart", multipart},
};

static void run(void (*one)(const char *data, size_t size), const uint8_t *data,
                size_t size)
{
    start();
    size_t n = 0;
    input = malloc(size + 1);
    char *copy = malloc(size + 1); /* of its own, so overruns are seen */
    assert(input && copy);
    for (size_t i = 0; i < size; i++)
        if (data[i])
            input[n++] = (char)data[i];
    input[n] = '\0';
    if (size)
        memcpy(copy, data, size);
    one(copy, size);
    free(copy);
    free(input);
}

#ifdef FUZZ_TARGET
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run(FUZZ_TARGET, data, size);
    return 0;
}
#else
static unsigned replay(const char *folder,
                       void (*one)(const char *data, size_t size))
{
    unsigned count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char path[1400];
        static uint8_t data[1 << 20];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        FILE *in = *e->d_name == '.' ? NULL : fopen(path, "rb");
        if (!in)
            continue;
        run(one, data, fread(data, 1, sizeof data, in));
        fclose(in);
        count++;
    }
    if (dir)
        closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    const char *corpus = argc > 1 ? argv[1] : "corpus/http";
    bool all = true;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char folder[1024];
        snprintf(folder, sizeof folder, "%s/%s", corpus, targets[i].name);
        const unsigned n = replay(folder, targets[i].run);
        printf("%s: %u\n", targets[i].name, n);
        all &= n > 0;
    }
    mvc__app_destroy(app);
    mvc__app_destroy(other);
    return all ? 0 : 1;
}
#endif
