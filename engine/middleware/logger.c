/* logger.c - a line a request: morgan's formats, or JSON. */
#include "middleware/log.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

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

/* Apache's form: 21/Nov/2026:08:30:00 +0000 */
static void put_clf_date(base_buf *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const time_t now = time(NULL);
    struct tm t;
    gmtime_r(&now, &t);
    base_buf_printf(out, "%02d/%.3s/%d:%02d:%02d:%02d +0000", t.tm_mday,
                    months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour,
                    t.tm_min, t.tm_sec);
}

/* From the request's headers to the answer's. */
static double elapsed_ms(const mvc_req *req, const record *r)
{
    return (double)(r->answered - mvc_started(req)) / 1e6;
}

static void put_elapsed(base_buf *out, const mvc_req *req, const record *r)
{
    if (r->answered)
        base_buf_printf(out, "%.3f ms", elapsed_ms(req, r));
    else
        base_buf_puts(out, "- ms");
}

static void put_length(base_buf *out, const mvc_res *res)
{
    uint64_t length;
    if (mvc_is_sent(res) && mvc__res_length(res, &length))
        base_buf_printf(out, "%llu", (unsigned long long)length);
    else
        base_buf_putc(out, '-');
}

/* A client that went before there was an answer has seen no status. */
static void put_status(base_buf *out, const mvc_res *res)
{
    if (mvc_is_sent(res))
        base_buf_printf(out, "%d", mvc_status_of(res));
    else
        base_buf_putc(out, '-');
}

static void put_request_line(base_buf *out, const mvc_req *req)
{
    put_text(out, mvc_original_method(req));
    base_buf_putc(out, ' ');
    put_text(out, mvc_original_url(req));
}

static void put_version(base_buf *out, const mvc_req *req)
{
    base_buf_puts(out, req->headers_1_1 ? " HTTP/1.1" : " HTTP/1.0");
}

static void put_user(base_buf *out, mvc_req *req)
{
    char *name = mvc__basic_auth_decode(req);
    char *colon = name ? strchr(name, ':') : NULL;
    if (colon)
        *colon = '\0';
    put_text(out, colon ? name : NULL);
}

/* formats ------------------------------------------------------------------ */

static void put_common(base_buf *out, mvc_req *req, const mvc_res *res)
{
    put_text(out, mvc_ip(req));
    base_buf_puts(out, " - ");
    put_user(out, req);
    base_buf_puts(out, " [");
    put_clf_date(out);
    base_buf_puts(out, "] \"");
    put_request_line(out, req);
    put_version(out, req);
    base_buf_puts(out, "\" ");
    put_status(out, res);
    base_buf_putc(out, ' ');
    put_length(out, res);
}

static void put_combined(base_buf *out, mvc_req *req, const mvc_res *res)
{
    put_common(out, req, res);
    base_buf_puts(out, " \"");
    put_text(out, mvc_header(req, "Referer"));
    base_buf_puts(out, "\" \"");
    put_text(out, mvc_header(req, "User-Agent"));
    base_buf_putc(out, '"');
}

static void put_short(base_buf *out, mvc_req *req, const mvc_res *res,
                      const record *r)
{
    put_text(out, mvc_ip(req));
    base_buf_putc(out, ' ');
    put_user(out, req);
    base_buf_putc(out, ' ');
    put_request_line(out, req);
    put_version(out, req);
    base_buf_putc(out, ' ');
    put_status(out, res);
    base_buf_putc(out, ' ');
    put_length(out, res);
    base_buf_puts(out, " - ");
    put_elapsed(out, req, r);
}

static void put_tiny(base_buf *out, const mvc_req *req, const mvc_res *res,
                     const record *r)
{
    put_request_line(out, req);
    base_buf_putc(out, ' ');
    put_status(out, res);
    base_buf_putc(out, ' ');
    put_length(out, res);
    base_buf_puts(out, " - ");
    put_elapsed(out, req, r);
}

static int colour_of(const mvc_res *res)
{
    const int status = mvc_is_sent(res) ? mvc_status_of(res) : 0;
    return status >= 500   ? 31
           : status >= 400 ? 33
           : status >= 300 ? 36
           : status >= 200 ? 32
                           : 0;
}

static void put_dev(base_buf *out, const mvc_req *req, const mvc_res *res,
                    const record *r)
{
    const char *no_colour = getenv("NO_COLOR");
    const bool colours = isatty(r->log.sink->fd) && !(no_colour && *no_colour);
    base_buf_puts(out, colours ? "\x1b[0m" : "");
    put_request_line(out, req);
    base_buf_putc(out, ' ');
    if (colours)
        base_buf_printf(out, "\x1b[%dm", colour_of(res));
    put_status(out, res);
    base_buf_puts(out, colours ? "\x1b[0m " : " ");
    put_elapsed(out, req, r);
    base_buf_puts(out, " - ");
    put_length(out, res);
    base_buf_puts(out, colours ? "\x1b[0m" : "");
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
    switch (format_of(req, r)) {
    case MVC_LOG_COMMON:
        put_common(out, req, res);
        break;
    case MVC_LOG_SHORT:
        put_short(out, req, res, r);
        break;
    case MVC_LOG_TINY:
        put_tiny(out, req, res, r);
        break;
    case MVC_LOG_DEV:
        put_dev(out, req, res, r);
        break;
    case MVC_LOG_JSON:
        put_json(out, req, res, r, level);
        break;
    default:
        put_combined(out, req, res);
    }
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
