/* logger.c - a line a request: morgan's formats, or JSON. */
#include "middleware/log.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "http/etag.h"
#include "http/exchange.h"
#include "middleware/basic_auth.h"

enum { LONGEST_ID = 128 };

/* What a request's line needs to know. */
typedef struct record {
    const mvc_logger_options *options;
    const char *id;    /* NULL: none */
    uint64_t answered; /* when the headers were known; 0: not yet */
    mvc_log log;       /* of the request */
    mvc__sink sink;    /* of options->fd, if there is no log */
} record;

static const mvc_logger_options defaults;
static const char attached;

/* parts -------------------------------------------------------------------- */

static void put_text(base_buf *out, const char *text)
{
    if (text && *text)
        mvc__log_escape(out, text, strlen(text), false);
    else
        base_buf_putc(out, '-');
}

/* Apache's form, 21/Nov/2026:08:30:00 +0000; ISO's; or that of HTTP. */
static void put_date(base_buf *out, const char *form)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[MVC__DATE_SIZE];
    struct timespec now;
    struct tm t;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &t);
    if (strcmp(form, "clf") == 0) {
        base_buf_printf(out, "%02d/%.3s/%d:%02d:%02d:%02d +0000", t.tm_mday,
                        months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour,
                        t.tm_min, t.tm_sec);
    } else if (strcmp(form, "iso") == 0) {
        base_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                        t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
                        t.tm_min, t.tm_sec, (int)(now.tv_nsec / 1000000));
    } else if (!*form || strcmp(form, "web") == 0) {
        mvc__date(text, now.tv_sec);
        base_buf_puts(out, text);
    } else {
        base_buf_putc(out, '-');
    }
}

/* From the request's headers to the answer's. */
static double elapsed_ms(const mvc_req *req, const record *r)
{
    return (double)(r->answered - mvc_started(req)) / 1e6;
}

static void put_ms(base_buf *out, double ms, const char *digits)
{
    const int n = *digits ? atoi(digits) : 3;
    base_buf_printf(out, "%.*f", n < 0 || n > 20 ? 3 : n, ms);
}

static char *user_of(mvc_req *req)
{
    char *name = mvc__basic_auth_decode(req);
    char *colon = name ? strchr(name, ':') : NULL;
    if (!colon)
        return NULL;
    *colon = '\0';
    return name;
}

/* A header of the answer, which may be there several times. */
static void put_sent_header(base_buf *out, const mvc_res *res, const char *name)
{
    uint64_t length;
    if (strcasecmp(name, "Content-Length") == 0 &&
        mvc__res_length(res, &length)) {
        base_buf_printf(out, "%llu", (unsigned long long)length);
        return;
    }
    bool any = false;
    for (size_t i = 0; i < res->n_headers; i++) {
        if (strcasecmp(res->headers[i].name, name) != 0)
            continue;
        base_buf_puts(out, any ? ", " : "");
        put_text(out, res->headers[i].value);
        any = true;
    }
    if (!any)
        base_buf_putc(out, '-');
}

/* tokens ------------------------------------------------------------------- */

enum { LONGEST_NAME = 64 };

typedef struct token {
    char name[LONGEST_NAME], argument[LONGEST_NAME]; /* "": none */
} token;

typedef struct writer {
    base_buf *out;
    mvc_req *req;
    mvc_res *res;
    const record *record;
} writer;

/* What a token stands for when it is text of the request or the program. */
static const char *text_of(const writer *w, const token *t)
{
    mvc_req *req = w->req;
    const mvc_logger_options *o = w->record->options;
    if (strcmp(t->name, "method") == 0)
        return mvc_original_method(req);
    if (strcmp(t->name, "url") == 0)
        return mvc_original_url(req);
    if (strcmp(t->name, "remote-addr") == 0)
        return mvc_ip(req);
    if (strcmp(t->name, "remote-user") == 0)
        return user_of(req);
    if (strcmp(t->name, "referrer") == 0)
        return mvc_header(req, "Referer");
    if (strcmp(t->name, "user-agent") == 0)
        return mvc_header(req, "User-Agent");
    if (strcmp(t->name, "http-version") == 0)
        return req->headers_1_1 ? "1.1" : "1.0";
    if (strcmp(t->name, "req") == 0)
        return mvc_header(req, t->argument);
    return o->token ? o->token(req, w->res, t->name, t->argument) : NULL;
}

/* A client that went before there was an answer has seen none of it. */
static void put_token(const writer *w, const token *t)
{
    const record *r = w->record;
    const bool is_sent = mvc_is_sent(w->res);
    if (strcmp(t->name, "date") == 0)
        put_date(w->out, t->argument);
    else if (strcmp(t->name, "pid") == 0)
        base_buf_printf(w->out, "%d", (int)getpid());
    else if (strcmp(t->name, "status") == 0 && is_sent)
        base_buf_printf(w->out, "%d", mvc_status_of(w->res));
    else if (strcmp(t->name, "res") == 0 && is_sent)
        put_sent_header(w->out, w->res, t->argument);
    else if (strcmp(t->name, "response-time") == 0 && r->answered)
        put_ms(w->out, elapsed_ms(w->req, r), t->argument);
    else if (strcmp(t->name, "total-time") == 0 && r->answered)
        put_ms(w->out, (double)(mvc_now() - mvc_started(w->req)) / 1e6,
               t->argument);
    else
        put_text(w->out, text_of(w, t));
}

static bool take(char part[LONGEST_NAME], const char *text, size_t size)
{
    if (size >= LONGEST_NAME)
        return false;
    memcpy(part, text, size);
    part[size] = '\0';
    return true;
}

/* Reads ":name" or ":name[argument]"; its size, 0 when it is neither. */
static size_t read_token(const char *text, token *t)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-_0123456789"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t name = *text == ':' ? strspn(text + 1, letters) : 0;
    *t = (token){0};
    if (name < 2 || !take(t->name, text + 1, name))
        return 0;
    const char *end = text + 1 + name;
    const size_t argument = *end == '[' ? strcspn(end + 1, "]") : 0;
    if (argument && end[1 + argument] && take(t->argument, end + 1, argument))
        end += argument + 2;
    return (size_t)(end - text);
}

static void put_pattern(const writer *w, const char *pattern)
{
    while (*pattern) {
        token t;
        const size_t size = read_token(pattern, &t);
        if (size)
            put_token(w, &t);
        else
            base_buf_putc(w->out, *pattern);
        pattern += size ? size : 1;
    }
}

/* formats ------------------------------------------------------------------ */

#define COMMON                                                                 \
    ":remote-addr - :remote-user [:date[clf]] \":method :url "                 \
    "HTTP/:http-version\" :status :res[content-length]"
#define TIMES ":res[content-length] - :response-time ms"

static const char *const patterns[] = {
    [MVC_LOG_COMBINED] = COMMON " \":referrer\" \":user-agent\"",
    [MVC_LOG_COMMON] = COMMON,
    [MVC_LOG_SHORT] = ":remote-addr :remote-user :method :url "
                      "HTTP/:http-version :status " TIMES,
    [MVC_LOG_TINY] = ":method :url :status " TIMES,
    [MVC_LOG_DEV] = ":method :url :status :response-time ms - "
                    ":res[content-length]",
};

static int colour_of(const mvc_res *res)
{
    const int status = mvc_is_sent(res) ? mvc_status_of(res) : 0;
    return status >= 500   ? 31
           : status >= 400 ? 33
           : status >= 300 ? 36
           : status >= 200 ? 32
                           : 0;
}

static void put_coloured(const writer *w)
{
    base_buf_puts(w->out, "\x1b[0m");
    put_pattern(w, ":method :url ");
    base_buf_printf(w->out, "\x1b[%dm", colour_of(w->res));
    put_pattern(w, ":status\x1b[0m :response-time ms - :res[content-length]"
                   "\x1b[0m");
}

static bool has_colours(const record *r)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(r->log.sink->fd) && !(no_colour && *no_colour);
}

static void add_text(json_object *o, const char *name, const char *text)
{
    if (text)
        json_object_object_add(o, name, json_object_new_string(text));
}

static void put_json(base_buf *out, mvc_req *req, const mvc_res *res,
                     const record *r, mvc_log_level level)
{
    json_object *line = mvc__log_object(level);
    out->failed |= !line;
    if (!line)
        return;
    add_text(line, "method", mvc_original_method(req));
    add_text(line, "url", mvc_original_url(req));
    json_object_object_add(
        line, "status",
        mvc_is_sent(res) ? json_object_new_int(mvc_status_of(res)) : NULL);
    if (r->answered)
        json_object_object_add(line, "ms",
                               json_object_new_double(elapsed_ms(req, r)));
    json_object_object_add(line, "bytes",
                           json_object_new_int64((int64_t)mvc_bytes_sent(res)));
    add_text(line, "ip", mvc_ip(req));
    for (const mvc_log *log = &r->log; log; log = log->parent)
        mvc__log_merge(line, log->fields);
    mvc__log_put_json(out, line);
    json_object_put(line);
}

/* the line ----------------------------------------------------------------- */

static mvc_log_format format_of(const mvc_req *req, const record *r)
{
    if (r->options->format)
        return r->options->format;
    return r->log.sink->json                     ? MVC_LOG_JSON
           : mvc_is_development(mvc_app_of(req)) ? MVC_LOG_DEV
                                                 : MVC_LOG_COMBINED;
}

static void put_line(base_buf *out, mvc_req *req, mvc_res *res, const record *r,
                     mvc_log_level level)
{
    const writer w = {out, req, res, r};
    const mvc_log_format format = format_of(req, r);
    if (r->options->pattern)
        put_pattern(&w, r->options->pattern);
    else if (format == MVC_LOG_JSON)
        put_json(out, req, res, r, level);
    else if (format == MVC_LOG_DEV && has_colours(r))
        put_coloured(&w);
    else
        put_pattern(&w, patterns[format]);
}

static void log_request(mvc_req *req, mvc_res *res, bool sent, void *data)
{
    (void)sent;
    const record *r = data;
    const int status = mvc_status_of(res);
    const mvc_log_level level = status >= 500   ? MVC_LEVEL_ERROR
                                : status >= 400 ? MVC_LEVEL_WARN
                                                : MVC_LEVEL_INFO;
    if (!mvc__log_wants(&r->log, level) ||
        (r->options->skip && r->options->skip(req, res)))
        return;
    base_buf line = {0};
    put_line(&line, req, res, r, level);
    mvc__log_write(r->log.sink, &line);
    base_buf_free(&line);
}

static void note_time(mvc_req *req, mvc_res *res, void *data)
{
    (void)req, (void)res;
    record *r = data;
    r->answered = mvc_now();
}

/* ids ---------------------------------------------------------------------- */

/* What may go into logs and headers of ours without a second thought. */
static bool is_id(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/+=@";
    const size_t size = text ? strspn(text, letters) : 0;
    return size > 0 && size <= LONGEST_ID && text[size] == '\0';
}

static const char *choose_id(mvc_req *req, const mvc_logger_options *o,
                             const char *header)
{
    const char *sent = o->ignore_sent_ids ? NULL : mvc_header(req, header);
    if (is_id(sent))
        return sent;
    char *made = mvc_alloc(req, MVC_UUID);
    return made ? mvc_uuid7(made) : NULL;
}

static bool give_id(mvc_req *req, mvc_res *res, record *r)
{
    const char *header = r->options->id_header;
    if (!header)
        header = "X-Request-Id";
    r->id = choose_id(req, r->options, header);
    if (!r->id)
        return false;
    mvc_set_header(res, header, r->id);
    mvc_log_bind(&r->log, "id", json_object_new_string(r->id));
    return true;
}

/* records ------------------------------------------------------------------ */

static void free_record(void *value)
{
    record *r = value;
    json_object_put(r->log.fields);
    pthread_mutex_destroy(&r->sink.lock);
}

/* The request's record, or NULL when out of memory. */
static record *new_record(mvc_req *req, const mvc_logger_options *o)
{
    record *r = mvc_alloc(req, sizeof *r);
    if (!r)
        return NULL;
    *r = (record){.options = o, .log = {.parent = o->log}};
    pthread_mutex_init(&r->sink.lock, NULL);
    r->sink.fd = o->fd;
    r->log.sink = o->log  ? o->log->sink
                  : o->fd ? &r->sink
                          : &mvc__standard_sink;
    if (!o->log)
        r->log.level = mvc__log_default_level();
    if (mvc_attach(req, &attached, r, free_record))
        return r;
    free_record(r);
    return NULL;
}

void mvc_logger(mvc_req *req, mvc_res *res)
{
    const mvc_logger_options *options = mvc_data(req);
    record *r = new_record(req, options ? options : &defaults);
    if (!r || (r->options->request_ids && !give_id(req, res, r)) ||
        !mvc_on_send(res, note_time, r) ||
        !mvc_on_finish(res, log_request, r)) {
        mvc_fail(req, res, 500, "out of memory");
        return;
    }
    mvc_next(req, res);
}

const char *mvc_request_id(const mvc_req *req)
{
    const record *r = mvc_attached(req, &attached);
    return r ? r->id : NULL;
}

mvc_log *mvc_log_of(mvc_req *req)
{
    record *r = mvc_attached(req, &attached);
    if (!r)
        r = new_record(req, &defaults);
    return r ? &r->log : NULL;
}
