/* response.c - status, headers and sending. */
#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/etag.h"
#include "http/exchange.h"
#include "http/json.h"
#include "http/mime.h"
#include "http/target.h"

mvc_req *mvc_req_of(const mvc_res *res)
{
    return res->req;
}

static bool is_closed(const mvc_res *res)
{
    return res->answered || res->failed;
}

static void no_memory(mvc_res *res)
{
    static const mvc_failure failure = {.status = 500,
                                        .message = "out of memory"};
    mvc_fail_with(res->req, res, &failure);
}

/* status --------------------------------------------------------------------
 */

void mvc_status(mvc_res *res, int code)
{
    if (code < 100 || code > 999)
        mvc_fail(res->req, res, 500,
                 "status %d is outside the range of 100 to 999", code);
    else if (!is_closed(res))
        res->status = code;
}

int mvc_status_of(const mvc_res *res)
{
    return res->status;
}

bool mvc_is_sent(const mvc_res *res)
{
    return res->answered;
}

const mvc_failure *mvc_failure_of(const mvc_res *res)
{
    return res->failed ? &res->failure : res->req->handling;
}

/* headers -------------------------------------------------------------------
 */

const mvc__header *mvc__res_find_header(const mvc_res *res, const char *name,
                                        size_t size)
{
    if (res->tag_due && strcasecmp(name, "ETag") == 0)
        mvc__res_tag((mvc_res *)res);
    for (size_t i = 0; i < res->n_headers; i++) {
        const mvc__header *h = &res->headers[i];
        if (h->name_size == size && strcasecmp(h->name, name) == 0)
            return h;
    }
    return NULL;
}

static bool make_room(mvc_res *res)
{
    if (res->n_headers < res->max_headers)
        return true;
    const size_t max = res->max_headers ? 2 * res->max_headers : 16;
    mvc__header *more = base_arena_alloc(&res->req->arena, max * sizeof *more);
    if (!more) {
        no_memory(res);
        return false;
    }
    if (res->n_headers)
        memcpy(more, res->headers, res->n_headers * sizeof *more);
    res->headers = more;
    res->max_headers = max;
    return true;
}

static inline void append_header(mvc_res *res, const char *name,
                                 const char *value)
{
    const mvc__header h = {name, value, strlen(name), strlen(value)};
    if (make_room(res))
        res->headers[res->n_headers++] = h;
}

void mvc__res_tag(mvc_res *res)
{
    if (!res->tag_due)
        return;
    res->tag_due = false;
    char *tag = base_arena_alloc(&res->req->arena, MVC__ETAG_SIZE);
    if (!tag)
        return;
    mvc__etag(tag, mvc__digest_of(res->data, res->size), res->size,
              res->req->app->config.etag == MVC_ETAG_WEAK);
    append_header(res, "ETag", tag);
}

void mvc_remove_header(mvc_res *res, const char *name)
{
    const size_t size = strlen(name);
    if (strcasecmp(name, "ETag") == 0)
        res->tag_due = false;
    size_t kept = 0;
    for (size_t i = 0; i < res->n_headers; i++) {
        const mvc__header h = res->headers[i];
        if (h.name_size != size || strcasecmp(h.name, name) != 0)
            res->headers[kept++] = h;
    }
    res->n_headers = kept;
}

void mvc__res_put(mvc_res *res, const char *name, const char *value)
{
    mvc__header *h = (mvc__header *)mvc__res_header(res, name);
    if (!h) {
        append_header(res, name, value);
        return;
    }
    *h = (mvc__header){name, value, strlen(name), strlen(value)};
    /* Others of the same name go, as with Node's setHeader. */
    const size_t size = strlen(name);
    size_t kept = (size_t)(h - res->headers) + 1;
    for (size_t i = kept; i < res->n_headers; i++) {
        const mvc__header other = res->headers[i];
        if (other.name_size != size || strcasecmp(other.name, name) != 0)
            res->headers[kept++] = other;
    }
    res->n_headers = kept;
}

static bool is_token(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
            return false;
    return true;
}

static bool is_value(const char *text)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

/* Copies of both, checked; false has failed the response. */
static bool take(mvc_res *res, const char **name, const char **value)
{
    mvc_req *req = res->req;
    if (is_closed(res))
        return false;
    if (!is_token(*name) || !*value || !is_value(*value)) {
        mvc__fail_code(req, 500, "ERR_INVALID_CHAR",
                       "a header's name or value holds a character that may "
                       "not be sent");
        return false;
    }
    *name = base_arena_dup(&req->arena, *name, strlen(*name));
    *value = base_arena_dup(&req->arena, *value, strlen(*value));
    if (*name && *value)
        return true;
    no_memory(res);
    return false;
}

/* A textual type without a charset gets one. */
static const char *with_charset(mvc_res *res, const char *type)
{
    if (strcasestr(type, "charset") || !mvc__is_text_type(type))
        return type;
    const char *full =
        base_arena_printf(&res->req->arena, "%s; charset=utf-8", type);
    return full ? full : type;
}

void mvc_set_header(mvc_res *res, const char *name, const char *value)
{
    if (!take(res, &name, &value))
        return;
    if (strcasecmp(name, "Content-Type") == 0) {
        if (!strchr(value, '/')) {
            mvc_set_type(res, value);
            return;
        }
        value = with_charset(res, value);
    }
    mvc__res_put(res, name, value);
}

void mvc_add_header(mvc_res *res, const char *name, const char *value)
{
    if (take(res, &name, &value))
        append_header(res, name, value);
}

const char *mvc_get_header(const mvc_res *res, const char *name)
{
    const mvc__header *h = mvc__res_header(res, name);
    return h ? h->value : NULL;
}

void mvc_set_type(mvc_res *res, const char *type)
{
    if (is_closed(res))
        return;
    if (strchr(type, '/')) {
        if (take(res, &(const char *){"Content-Type"}, &type))
            mvc__res_put(res, "Content-Type", with_charset(res, type));
        return;
    }
    const char *full = mvc_mime_type(type);
    full = full ? with_charset(res, full) : "application/octet-stream";
    mvc__res_put(res, "Content-Type", full);
}

static bool lists(const char *list, const char *field, size_t size)
{
    while (*list) {
        list += strspn(list, ", ");
        const size_t n = strcspn(list, ", ");
        if (n == size && strncasecmp(list, field, n) == 0)
            return true;
        list += n;
    }
    return false;
}

void mvc_vary(mvc_res *res, const char *field)
{
    const char *old = mvc_get_header(res, "Vary");
    if (strcmp(field, "*") == 0 || !old) {
        mvc_set_header(res, "Vary", field);
        return;
    }
    if (strcmp(old, "*") == 0)
        return;
    const char *all = old;
    while (*field) {
        field += strspn(field, ", ");
        const size_t n = strcspn(field, ", ");
        if (n && all && !lists(all, field, n))
            all = base_arena_printf(&res->req->arena, "%s, %.*s", all, (int)n,
                                    field);
        field += n;
    }
    if (all && all != old)
        mvc_set_header(res, "Vary", all);
}

void mvc_location(mvc_res *res, const char *url)
{
    if (is_closed(res))
        return;
    const char *encoded = mvc__encode_url(&res->req->arena, url);
    if (encoded)
        mvc__res_put(res, "Location", encoded);
    else
        no_memory(res);
}

void mvc_link(mvc_res *res, const char *rel, const char *url)
{
    const char *old = mvc_get_header(res, "Link");
    const char *all =
        base_arena_printf(&res->req->arena, "%s%s<%s>; rel=\"%s\"",
                          old ? old : "", old ? ", " : "", url, rel);
    if (all)
        mvc_set_header(res, "Link", all);
}

/* locals --------------------------------------------------------------------
 */

/* A local whose key lives as long as the request; takes `value`. */
static void add_local(struct json_object *locals, const char *key,
                      struct json_object *value)
{
    if (json_object_object_add_ex(locals, key, value,
                                  JSON_C_OBJECT_ADD_CONSTANT_KEY) != 0)
        json_object_put(value);
}

struct json_object *mvc__res_locals(mvc_res *res)
{
    mvc_req *req = res->req;
    if (res->locals)
        return res->locals;
    res->locals =
        req->spare_locals ? req->spare_locals : json_object_new_object();
    req->spare_locals = NULL;
    if (!res->locals)
        no_memory(res);
    else if (req->app->locals) {
        json_object_object_foreach(req->app->locals, key, value)
        {
            add_local(res->locals, key, json_object_get(value));
        }
    }
    return res->locals;
}

void mvc_local_take(mvc_res *res, const char *name, mvc_doc *value)
{
    struct json_object *locals = mvc__res_locals(res);
    char *key = base_arena_dup(&res->req->arena, name, strlen(name));
    if (!locals || !key)
        json_object_put(value);
    else
        add_local(locals, key, value);
}

void mvc_local(mvc_res *res, const char *name, mvc_doc *value)
{
    mvc_local_take(res, name, json_object_get(value));
}

void mvc_local_str(mvc_res *res, const char *name, const char *value)
{
    mvc_local_take(res, name, value ? json_object_new_string(value) : NULL);
}

void mvc_local_int(mvc_res *res, const char *name, int64_t value)
{
    mvc_local_take(res, name, json_object_new_int64(value));
}

void mvc_local_bool(mvc_res *res, const char *name, bool value)
{
    mvc_local_take(res, name, json_object_new_boolean(value));
}

mvc_doc *mvc_local_of(const mvc_res *res, const char *name)
{
    struct json_object *value = NULL;
    if (res->locals && json_object_object_get_ex(res->locals, name, &value))
        return value;
    const mvc_app *app = res->req->app;
    if (!res->locals && app->locals)
        json_object_object_get_ex(app->locals, name, &value);
    return value;
}

/* answering -----------------------------------------------------------------
 */

void mvc__res_drop_body(mvc_res *res)
{
    if (res->free_data)
        res->free_data((void *)(uintptr_t)res->data);
    if (res->kind == MVC_BODY_FILE && res->fd >= 0)
        close(res->fd);
    if (res->kind == MVC_BODY_STREAM && res->stream.close)
        res->stream.close(res->stream.data);
    res->kind = MVC_BODY_NONE;
    res->data = NULL;
    res->size = 0;
    res->tag_due = false;
    res->free_data = NULL;
    res->fd = -1;
    res->stream = (mvc_stream){0};
}

/* What certain statuses may not carry. */
static void strip(mvc_res *res)
{
    if (res->status == 204 || res->status == 205 || res->status == 304)
        mvc__res_tag(res);
    if (res->status == 304)
        res->length = res->kind == MVC_BODY_BYTES ? res->size : res->length;
    if (res->status == 204 || res->status == 304) {
        mvc_remove_header(res, "Content-Type");
        mvc_remove_header(res, "Content-Length");
        mvc_remove_header(res, "Transfer-Encoding");
        mvc__res_drop_body(res);
    } else if (res->status == 205) {
        mvc_remove_header(res, "Transfer-Encoding");
        mvc__res_drop_body(res);
    }
}

static bool is_tag_due(const mvc_res *res)
{
    return !res->no_etag && res->kind == MVC_BODY_BYTES &&
           res->req->app->config.etag != MVC_ETAG_OFF &&
           !mvc__res_header(res, "ETag");
}

void mvc__res_answer(mvc_res *res)
{
    mvc_req *req = res->req;
    res->tag_due = is_tag_due(res);
    if (mvc_is_fresh(req))
        res->status = 304;
    strip(res);
    for (mvc__hook *h = res->hooks; h; h = h->next) {
        if (!h->on_send)
            continue;
        mvc__res_tag(res); /* of the bytes as they are now */
        h->on_send(req, res, h->data);
    }
    if (res->failed)
        return; /* a hook has failed it: not answered yet */
    res->answered = true;
    if (req->action == MVC__NOTHING)
        mvc__chain_wake(req);
}

bool mvc_on_send(mvc_res *res, mvc_send_hook hook, void *data)
{
    mvc__hook *h = base_arena_zalloc(&res->req->arena, 1, sizeof *h);
    if (!h)
        return false;
    *h = (mvc__hook){.on_send = hook, .data = data, .next = res->hooks};
    res->hooks = h;
    return true;
}

bool mvc_on_finish(mvc_res *res, mvc_finish_hook hook, void *data)
{
    mvc__hook *h = base_arena_zalloc(&res->req->arena, 1, sizeof *h);
    if (!h)
        return false;
    *h = (mvc__hook){.on_finish = hook, .data = data, .next = res->hooks};
    res->hooks = h;
    return true;
}

/* Takes the bytes as the body, frees them if the response is closed. */
static void send_body(mvc_res *res, const char *data, size_t size,
                      void (*free_data)(void *data))
{
    if (is_closed(res)) {
        if (free_data)
            free_data((void *)(uintptr_t)data);
        return;
    }
    mvc_replace_bytes(res, (char *)(uintptr_t)data, size, free_data);
    mvc__res_answer(res);
}

static void send_copy(mvc_res *res, const char *data, size_t size)
{
    if (is_closed(res))
        return;
    char *copy = base_arena_dup(&res->req->arena, data, size);
    if (copy)
        send_body(res, copy, size, NULL);
    else
        no_memory(res);
}

static void default_type(mvc_res *res, const char *type)
{
    if (!is_closed(res) && !mvc__res_header(res, "Content-Type"))
        append_header(res, "Content-Type", type);
}

/* A text body: HTML unless a type is set, and always said to be UTF-8. */
static void text_type(mvc_res *res)
{
    if (is_closed(res))
        return;
    const mvc__header *h = mvc__res_header(res, "Content-Type");
    if (!h)
        append_header(res, "Content-Type", "text/html; charset=utf-8");
    if (!h || strcasestr(h->value, "charset=utf-8"))
        return;
    const char *charset = strcasestr(h->value, "charset=");
    const size_t size = charset ? (size_t)(charset - h->value) : h->value_size;
    const char *type =
        base_arena_printf(&res->req->arena, "%.*s%scharset=utf-8", (int)size,
                          h->value, charset ? "" : "; ");
    if (type)
        mvc__res_put(res, "Content-Type", type);
}

void mvc_send(mvc_res *res, const char *text)
{
    text_type(res);
    send_copy(res, text ? text : "", text ? strlen(text) : 0);
}

void mvc_sendf(mvc_res *res, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = base_arena_vprintf(&res->req->arena, format, args);
    va_end(args);
    text_type(res);
    if (text)
        send_body(res, text, strlen(text), NULL);
    else
        no_memory(res);
}

void mvc_send_bytes(mvc_res *res, const void *data, size_t size)
{
    default_type(res, "application/octet-stream");
    send_copy(res, data, size);
}

void mvc_send_static(mvc_res *res, const char *data, size_t size)
{
    text_type(res);
    send_body(res, data, size, NULL);
}

void mvc_send_take(mvc_res *res, char *data, size_t size,
                   void (*free_data)(void *data))
{
    text_type(res);
    send_body(res, data, size, free_data ? free_data : free);
}

void mvc__send_html(mvc_res *res, char *html, size_t size,
                    void (*free_data)(void *data))
{
    mvc_send_take(res, html, size, free_data);
}

void mvc_end(mvc_res *res)
{
    if (!is_closed(res)) {
        res->kind = MVC_BODY_NONE;
        mvc__res_answer(res);
    }
}

void mvc_send_status(mvc_res *res, int code)
{
    const char *reason = mvc_reason(code);
    mvc_status(res, code);
    mvc_set_type(res, "txt");
    if (reason)
        send_copy(res, reason, strlen(reason));
    else
        mvc_sendf(res, "%d", code);
}

void mvc_send_json(mvc_res *res, mvc_doc *value)
{
    if (is_closed(res))
        return;
    const mvc_config *c = &res->req->app->config;
    base_buf out = {0};
    mvc__json_write(&out, value, c->json_spaces, c->json_escape, false);
    size_t size;
    char *text = base_buf_take(&out, &size);
    if (!text) {
        no_memory(res);
        return;
    }
    default_type(res, "application/json; charset=utf-8");
    text_type(res);
    send_body(res, text, size, free);
}

static char *callback_name(mvc_req *req)
{
    const char *given = mvc_query(req, req->app->config.jsonp_callback);
    char *name = base_arena_dup(&req->arena, given ? given : "",
                                given ? strlen(given) : 0);
    size_t n = 0;
    for (char *at = name; name && *at; at++)
        if (isalnum((unsigned char)*at) || strchr("_$.[]", *at))
            name[n++] = *at;
    if (name)
        name[n] = '\0';
    return given && *given ? name : NULL;
}

void mvc_send_jsonp(mvc_res *res, mvc_doc *value)
{
    if (is_closed(res))
        return;
    const char *name = callback_name(res->req);
    if (!name) {
        if (!mvc__res_header(res, "Content-Type"))
            mvc__res_put(res, "X-Content-Type-Options", "nosniff");
        mvc_send_json(res, value);
        return;
    }
    const mvc_config *c = &res->req->app->config;
    base_buf out = {0};
    /* The comment keeps the body from being read as another format. */
    base_buf_printf(&out, "/**/ typeof %s === 'function' && %s(", name, name);
    mvc__json_write(&out, value, c->json_spaces, c->json_escape, true);
    base_buf_puts(&out, ");");
    size_t size;
    char *text = base_buf_take(&out, &size);
    if (!text) {
        no_memory(res);
        return;
    }
    mvc__res_put(res, "X-Content-Type-Options", "nosniff");
    mvc__res_put(res, "Content-Type", "text/javascript; charset=utf-8");
    send_body(res, text, size, free);
}

/* redirects ------------------------------------------------------------------
 */

void mvc_redirect_with(mvc_res *res, int status, const char *url)
{
    mvc_req *req = res->req;
    mvc_location(res, url);
    if (is_closed(res))
        return;
    const char *address = mvc_get_header(res, "Location");
    const char *reason = mvc_reason(status) ? mvc_reason(status) : "";
    const char *type =
        mvc_accepts(req, (const char *const[]){"text", "html", NULL});
    const char *body = "";
    mvc_vary(res, "Accept");
    if (type && strcmp(type, "text") == 0) {
        mvc__res_put(res, "Content-Type", "text/plain; charset=utf-8");
        body = base_arena_printf(&req->arena, "%s. Redirecting to %s", reason,
                                 address);
    } else if (type) {
        const char *shown = mvc__escape_html(&req->arena, address);
        mvc__res_put(res, "Content-Type", "text/html; charset=utf-8");
        body = base_arena_printf(&req->arena,
                                 "<!DOCTYPE html><head><title>%s</title></head>"
                                 "<body><p>%s. Redirecting to %s</p></body>",
                                 reason, reason, shown ? shown : "");
    }
    if (!body) {
        no_memory(res);
        return;
    }
    mvc_status(res, status);
    res->no_etag = true;
    send_body(res, body, strlen(body), NULL);
}

void mvc_redirect(mvc_res *res, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *url = base_arena_vprintf(&res->req->arena, format, args);
    va_end(args);
    if (url)
        mvc_redirect_with(res, 302, url);
    else
        no_memory(res);
}

/* A path of this site: browsers read "//x" and "/\x" as another one. */
static bool is_local(const char *url)
{
    if (!url || url[0] != '/' || url[1] == '/' || url[1] == '\\')
        return false;
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F || *c == '\\')
            return false;
    return strncmp(url, "/%09", 4) != 0 && strncasecmp(url, "/%5c", 4) != 0 &&
           strncasecmp(url, "/%2f", 4) != 0;
}

void mvc_redirect_local(mvc_res *res, const char *url, const char *fallback)
{
    mvc_redirect_with(res, 302, is_local(url) ? url : fallback);
}

void mvc_redirect_back(mvc_res *res, const char *fallback)
{
    mvc_req *req = res->req;
    const char *from = mvc_header(req, "Referer");
    const char *host = mvc_host(req);
    const char *at = from ? strstr(from, "://") : NULL;
    if (at && host && strncasecmp(at + 3, host, strlen(host)) == 0)
        at += 3 + strlen(host);
    else
        at = NULL;
    mvc_redirect_local(res, at && *at ? at : NULL, fallback);
}

/* choosing -------------------------------------------------------------------
 */

void mvc_negotiate(mvc_req *req, mvc_res *res, const mvc_choice choices[])
{
    enum { MAX = 32 };
    const char *types[MAX + 1];
    size_t n = 0;
    const mvc_choice *fallback = NULL;
    for (const mvc_choice *c = choices; c->handler; c++) {
        if (!c->type)
            fallback = c;
        else if (n < MAX)
            types[n++] = c->type;
    }
    types[n] = NULL;
    const char *best = n ? mvc_accepts(req, types) : NULL;
    mvc_vary(res, "Accept");
    for (const mvc_choice *c = choices; best && c->handler; c++) {
        if (c->type && strcmp(c->type, best) == 0) {
            mvc_set_type(res, best);
            c->handler(req, res);
            return;
        }
    }
    if (fallback)
        fallback->handler(req, res);
    else
        mvc__fail_code(req, 406, NULL, NULL);
}

/* for middleware
 * ---------------------------------------------------------------- */

mvc_body_kind mvc_body_kind_of(const mvc_res *res)
{
    return res->kind;
}

const char *mvc_sent_bytes(const mvc_res *res, size_t *size)
{
    *size = res->size;
    return res->data;
}

void mvc_replace_bytes(mvc_res *res, char *data, size_t size,
                       void (*free_data)(void *data))
{
    mvc__res_drop_body(res);
    res->kind = MVC_BODY_BYTES;
    res->data = data;
    res->size = size;
    res->free_data = free_data;
}

void mvc_replace_stream(mvc_res *res, const mvc_stream *stream)
{
    if (res->kind != MVC_BODY_STREAM)
        mvc__res_drop_body(res);
    res->kind = MVC_BODY_STREAM;
    res->stream = *stream;
}

typedef struct file_stream {
    int fd;
    uint64_t offset;
} file_stream;

static int64_t read_file(void *data, uint64_t position, char *buffer,
                         size_t max)
{
    const file_stream *f = data;
    const ssize_t n = pread(f->fd, buffer, max, (off_t)(f->offset + position));
    return n > 0 ? n : n == 0 ? MVC_STREAM_END : MVC_STREAM_ERROR;
}

static void close_file(void *data)
{
    const file_stream *f = data;
    close(f->fd);
}

bool mvc_take_stream(mvc_res *res, mvc_stream *stream)
{
    if (res->kind == MVC_BODY_STREAM) {
        *stream = res->stream;
        return true;
    }
    file_stream *f = base_arena_alloc(&res->req->arena, sizeof *f);
    if (res->kind != MVC_BODY_FILE || !f)
        return false;
    *f = (file_stream){res->fd, res->offset};
    *stream = (mvc_stream){read_file, close_file, f, (int64_t)res->length};
    res->fd = -1;
    res->kind = MVC_BODY_STREAM;
    res->stream = *stream;
    return true;
}

bool mvc__res_length(const mvc_res *res, uint64_t *length)
{
    if (res->status == 204 || res->status == 304)
        return false;
    if (res->kind == MVC_BODY_STREAM && res->stream.size < 0)
        return false;
    *length = res->kind == MVC_BODY_STREAM  ? (uint64_t)res->stream.size
              : res->kind == MVC_BODY_FILE  ? res->length
              : res->kind == MVC_BODY_BYTES ? res->size
                                            : 0;
    return true;
}

uint64_t mvc_bytes_sent(const mvc_res *res)
{
    return res->bytes_sent;
}
