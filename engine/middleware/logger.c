/* logger.c - a line a request: morgan's formats, or JSON. */
#include <mvc/middleware.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

static const mvc_logger_options defaults;

/* A client's text: one line it stays (morgan 1.12 escapes the same). */
static void put_text(base_buf *out, const char *text)
{
    if (!text) {
        base_buf_putc(out, '-');
        return;
    }
    for (const char *p = text; *p; p++) {
        const unsigned char c = (unsigned char)*p;
        if (c < 32 || c == 127)
            base_buf_printf(out, "\\x%02x", c);
        else if (c == '\\' || c == '"')
            base_buf_printf(out, "\\%c", c);
        else
            base_buf_putc(out, (char)c);
    }
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

static double elapsed_ms(const mvc_req *req)
{
    return (double)(mvc_now() - mvc_started(req)) / 1e6;
}

static void put_length(base_buf *out, const mvc_res *res)
{
    if (mvc_bytes_sent(res))
        base_buf_printf(out, "%llu", (unsigned long long)mvc_bytes_sent(res));
    else
        base_buf_putc(out, '-');
}

static void put_request_line(base_buf *out, const mvc_req *req)
{
    put_text(out, mvc_original_method(req));
    base_buf_putc(out, ' ');
    put_text(out, mvc_original_url(req));
}

static void put_common(base_buf *out, const mvc_req *req, const mvc_res *res)
{
    put_text(out, mvc_ip(req));
    base_buf_puts(out, " - - [");
    put_clf_date(out);
    base_buf_puts(out, "] \"");
    put_request_line(out, req);
    base_buf_printf(out, " HTTP/1.1\" %d ", mvc_status_of(res));
    put_length(out, res);
}

static void put_combined(base_buf *out, const mvc_req *req, const mvc_res *res)
{
    put_common(out, req, res);
    base_buf_puts(out, " \"");
    put_text(out, mvc_header(req, "Referer"));
    base_buf_puts(out, "\" \"");
    put_text(out, mvc_header(req, "User-Agent"));
    base_buf_putc(out, '"');
}

static void put_short(base_buf *out, const mvc_req *req, const mvc_res *res)
{
    put_text(out, mvc_ip(req));
    base_buf_puts(out, " - ");
    put_request_line(out, req);
    base_buf_printf(out, " HTTP/1.1 %d ", mvc_status_of(res));
    put_length(out, res);
    base_buf_printf(out, " - %.3f ms", elapsed_ms(req));
}

static void put_tiny(base_buf *out, const mvc_req *req, const mvc_res *res)
{
    put_request_line(out, req);
    base_buf_printf(out, " %d ", mvc_status_of(res));
    put_length(out, res);
    base_buf_printf(out, " - %.3f ms", elapsed_ms(req));
}

static void put_dev(base_buf *out, const mvc_req *req, const mvc_res *res,
                    bool colours)
{
    const int status = mvc_status_of(res);
    const int colour = status >= 500   ? 31
                       : status >= 400 ? 33
                       : status >= 300 ? 36
                                       : 32;
    put_request_line(out, req);
    if (colours)
        base_buf_printf(out, " \x1b[%dm%d\x1b[0m", colour, status);
    else
        base_buf_printf(out, " %d", status);
    base_buf_printf(out, " %.3f ms - ", elapsed_ms(req));
    put_length(out, res);
}

static void put_json(base_buf *out, const mvc_req *req, const mvc_res *res)
{
    json_object *line = json_object_new_object();
    const int status = mvc_status_of(res);
    const char *level = status >= 500   ? "error"
                        : status >= 400 ? "warn"
                                        : "info";
    char when[40];
    struct timespec now;
    struct tm t;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &t);
    const size_t n = strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &t);
    snprintf(when + n, sizeof when - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
    json_object_object_add(line, "time", json_object_new_string(when));
    json_object_object_add(line, "level", json_object_new_string(level));
    json_object_object_add(line, "method",
                           json_object_new_string(mvc_original_method(req)));
    json_object_object_add(line, "url",
                           json_object_new_string(mvc_original_url(req)));
    json_object_object_add(line, "status", json_object_new_int(status));
    json_object_object_add(line, "ms", json_object_new_double(elapsed_ms(req)));
    json_object_object_add(line, "bytes",
                           json_object_new_int64((int64_t)mvc_bytes_sent(res)));
    json_object_object_add(line, "ip", json_object_new_string(mvc_ip(req)));
    base_buf_puts(out,
                  json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
    json_object_put(line);
}

static void write_all(int fd, const char *data, size_t size)
{
    while (size) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody to tell */
        data += n;
        size -= (size_t)n;
    }
}

static void log_request(mvc_req *req, mvc_res *res, bool sent, void *data)
{
    (void)sent;
    const mvc_logger_options *o = data;
    if (o->skip && o->skip(req, res))
        return;
    const int fd = o->fd ? o->fd : STDOUT_FILENO;
    mvc_log_format format = o->format;
    if (format == MVC_LOG_AUTO)
        format = mvc_is_development(mvc_app_of(req)) ? MVC_LOG_DEV
                                                     : MVC_LOG_COMBINED;
    base_buf line = {0};
    switch (format) {
    case MVC_LOG_COMMON:
        put_common(&line, req, res);
        break;
    case MVC_LOG_SHORT:
        put_short(&line, req, res);
        break;
    case MVC_LOG_TINY:
        put_tiny(&line, req, res);
        break;
    case MVC_LOG_DEV:
        put_dev(&line, req, res, isatty(fd));
        break;
    case MVC_LOG_JSON:
        put_json(&line, req, res);
        break;
    default:
        put_combined(&line, req, res);
    }
    base_buf_putc(&line, '\n');
    if (!line.failed)
        write_all(fd, line.data, line.size);
    base_buf_free(&line);
}

void mvc_logger(mvc_req *req, mvc_res *res)
{
    const mvc_logger_options *options = mvc_data(req);
    mvc_on_finish(res, log_request,
                  (void *)(uintptr_t)(options ? options : &defaults));
    mvc_next(req, res);
}
