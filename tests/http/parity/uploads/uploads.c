/* uploads.c - the application of app.mjs, on libmvc.  Prints its port. */
#include <mvc.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add(json_object *o, const char *name, json_object *value)
{
    json_object_object_add(o, name, value);
}

/* Bytes as the characters of ISO 8859-1. */
static json_object *bytes(const mvc_file *f)
{
    char *text = malloc(2 * f->size + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->size; i++) {
        const unsigned char c = (unsigned char)f->data[i];
        if (c >= 0x80)
            text[n++] = (char)(0xC0 | c >> 6);
        text[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
    }
    json_object *s = json_object_new_string_len(text, (int)n);
    free(text);
    return s;
}

static json_object *describe(const mvc_file *f)
{
    json_object *o = json_object_new_object();
    add(o, "field", json_object_new_string(f->field));
    add(o, "name", json_object_new_string(f->name));
    add(o, "type", json_object_new_string(f->type));
    add(o, "encoding", json_object_new_string(f->encoding));
    add(o, "size", json_object_new_int64((int64_t)f->size));
    add(o, "data", bytes(f));
    return o;
}

static int by_field(const void *a, const void *b)
{
    const mvc_file *x = *(const mvc_file *const *)a;
    const mvc_file *y = *(const mvc_file *const *)b;
    const int order = strcmp(x->field, y->field);
    return order ? order : x < y ? -1 : 1;
}

static void show(mvc_req *req, mvc_res *res)
{
    enum { MOST = 100 };
    const mvc_file *sorted[MOST];
    const size_t n = mvc_file_count(req);
    json_object *o = json_object_new_object();
    json_object *files = json_object_new_array();
    add(o, "body", json_object_get(mvc_body(req)));
    for (size_t i = 0; i < n; i++)
        sorted[i] = mvc_file_at(req, i);
    qsort(sorted, n, sizeof sorted[0], by_field);
    for (size_t i = 0; i < n; i++)
        json_object_array_add(files, describe(sorted[i]));
    add(o, "files", files);
    mvc_send_json(res, o);
    json_object_put(o);
}

static bool filter(mvc_req *req, const mvc_file *file)
{
    if (strcmp(file->type, "text/html") == 0)
        mvc_fail_with(req, mvc_res_of(req),
                      &(mvc_failure){.status = 400, .code = "PAGE"});
    return strcmp(file->type, "image/png") == 0;
}

static void failed(mvc_req *req, mvc_res *res, const mvc_failure *failure)
{
    (void)req;
    mvc_status(res, 400);
    mvc_send(res, failure->code ? failure->code : "malformed");
}

static const mvc_upload_field one[] = {{"picture", 1}, {0}};
static const mvc_upload_field two[] = {{"pictures", 2}, {0}};
static const mvc_upload_field some[] = {{"a", 1}, {"b", 2}, {0}};

#define TAKE(path, ...)                                                        \
    MVC_ROUTE_WITH((&(const mvc_route_options){                                \
                       .upload = &(const mvc_upload){__VA_ARGS__}}),           \
                   MVC_POST, path, show)

static const mvc_route routes[] = {
    TAKE("/single", .fields = one),
    TAKE("/array", .fields = two),
    TAKE("/fields", .fields = some),
    TAKE("/none", .fields = NULL),
    TAKE("/any", .any = true),
    TAKE("/filter", .any = true, .filter = filter),
    TAKE("/size", .any = true, .max_file_size = 10),
    TAKE("/files", .any = true, .max_files = 2),
    TAKE("/names", .any = true, .max_field_name = 5),
    TAKE("/values", .any = true, .max_field_size = 5),
    TAKE("/count", .any = true, .max_fields = 2),
    TAKE("/parts", .any = true, .max_parts = 3),
    TAKE("/nesting", .any = true, .max_nesting = 2),
    TAKE("/index", .any = true, .max_array_index = 5),
    MVC_ERRORS("/", failed),
    {0},
};

int main(void)
{
    mvc_app *app = mvc_app_new(&(mvc_config){.threads = 1, .quiet = true});
    if (!app)
        return 1;
    mvc_routes(app, routes);
    if (!mvc_start(app, "127.0.0.1", 0))
        return 1;
    printf("%u\n", mvc_port(app));
    fflush(stdout);
    char c;
    while (read(0, &c, 1) > 0) /* until the parent goes */
        ;
    mvc_app_free(app);
    return 0;
}
