/* log.c - loggers: levels, members bound to them, files that are rotated. */
#include "middleware/log.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"
#include "http/json.h"

mvc__sink mvc__standard_sink = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                .fd = STDOUT_FILENO};

static const char *const level_names[] = {
    "", "trace", "debug", "info", "warn", "error", "fatal", "silent",
};

/* levels ------------------------------------------------------------------- */

mvc_log_level mvc__log_default_level(void)
{
    const char *name = getenv("MVC_LOG_LEVEL");
    for (int i = MVC_LEVEL_TRACE; name && i <= MVC_LEVEL_SILENT; i++)
        if (strcmp(name, level_names[i]) == 0)
            return (mvc_log_level)i;
    return MVC_LEVEL_INFO;
}

bool mvc__log_wants(const mvc_log *log, mvc_log_level level)
{
    while (log->parent && !log->level)
        log = log->parent;
    return (int)level >= log->level && level < MVC_LEVEL_SILENT;
}

void mvc_log_set_level(mvc_log *log, mvc_log_level level)
{
    log->level = level || log->parent ? level : mvc__log_default_level();
}

/* lines -------------------------------------------------------------------- */

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

void mvc__log_write(mvc__sink *sink, base_buf *line)
{
    base_buf_putc(line, '\n');
    if (line->failed)
        return;
    pthread_mutex_lock(&sink->lock);
    write_all(sink->fd, line->data, line->size);
    pthread_mutex_unlock(&sink->lock);
}

static char letter(uint32_t code)
{
    static const char controls[] = "\b\f\n\r\t", letters[] = "bfnrt";
    const char *at = code && code < 32 ? strchr(controls, (int)code) : NULL;
    return at ? letters[at - controls] : '\0';
}

/* What morgan escapes, as it does. */
static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 ||
           code == 0x2029;
}

void mvc__log_escape(base_buf *out, const char *text, size_t size, bool json)
{
    for (size_t i = 0, n; i < size; i += n) {
        uint32_t code;
        n = base_utf8_decode(text + i, size - i, &code);
        if (n == 0) {
            n = 1;
            base_buf_printf(out, json ? "\\ufffd" : "\\x%02x",
                            (unsigned char)text[i]);
        } else if (letter(code)) {
            base_buf_printf(out, "\\%c", letter(code));
        } else if (is_unsafe(code)) {
            base_buf_printf(out, "\\u%04x", code);
        } else {
            if (!json && (code == '"' || code == '\\'))
                base_buf_putc(out, '\\');
            base_buf_put(out, text + i, n);
        }
    }
}

static void put_time(char text[40])
{
    struct timespec now;
    struct tm t;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &t);
    const size_t n = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &t);
    snprintf(text + n, 40 - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static void add_text(json_object *o, const char *name, const char *text)
{
    json_object_object_add(o, name, json_object_new_string(text));
}

json_object *mvc__log_object(mvc_log_level level)
{
    json_object *line = json_object_new_object();
    char when[40];
    if (!line)
        return NULL;
    put_time(when);
    add_text(line, "time", when);
    add_text(line, "level", level_names[level]);
    return line;
}

void mvc__log_merge(json_object *line, json_object *fields)
{
    if (!fields)
        return;
    json_object_object_foreach(fields, name, value)
    {
        if (!json_object_object_get_ex(line, name, NULL))
            json_object_object_add(line, name, json_object_get(value));
    }
}

void mvc__log_put_json(base_buf *out, json_object *line)
{
    base_buf text = {0};
    mvc__json_write(&text, line, 0, false, false);
    out->failed |= text.failed;
    mvc__log_escape(out, text.data, text.size, true);
    base_buf_free(&text);
}

/* name=value: texts that are words need no quotes. */
static void put_pair(base_buf *out, const char *name, json_object *value)
{
    base_buf_putc(out, ' ');
    mvc__log_escape(out, name, strlen(name), false);
    base_buf_putc(out, '=');
    if (!json_object_is_type(value, json_type_string)) {
        mvc__log_put_json(out, value);
        return;
    }
    const char *text = json_object_get_string(value);
    const bool is_word = *text && !strpbrk(text, " =\"\\");
    base_buf_puts(out, is_word ? "" : "\"");
    mvc__log_escape(out, text, strlen(text), false);
    base_buf_puts(out, is_word ? "" : "\"");
}

static void put_text_line(base_buf *out, json_object *line)
{
    json_object_object_foreach(line, name, value)
    {
        const bool is_bare = strcmp(name, "time") == 0 ||
                             strcmp(name, "level") == 0 ||
                             strcmp(name, "msg") == 0;
        if (!is_bare) {
            put_pair(out, name, value);
            continue;
        }
        const char *text = json_object_get_string(value);
        if (!text)
            continue; /* memory ran out */
        base_buf_puts(out, out->size ? " " : "");
        mvc__log_escape(out, text, strlen(text), false);
    }
}

static void write_message(mvc_log *log, mvc_log_level level, mvc_doc *fields,
                          const char *message)
{
    json_object *line = mvc__log_object(level);
    base_buf out = {0};
    if (!line)
        return;
    add_text(line, "msg", message);
    mvc__log_merge(line, fields);
    for (const mvc_log *from = log; from; from = from->parent)
        mvc__log_merge(line, from->fields);
    if (log->sink->json)
        mvc__log_put_json(&out, line);
    else
        put_text_line(&out, line);
    mvc__log_write(log->sink, &out);
    base_buf_free(&out);
    json_object_put(line);
}

void mvc_log_line(mvc_log *log, mvc_log_level level, mvc_doc *fields,
                  const char *format, ...)
{
    base_buf message = {0};
    if (!log || !mvc__log_wants(log, level))
        return;
    va_list args;
    va_start(args, format);
    base_buf_vprintf(&message, format, args);
    va_end(args);
    char *text = base_buf_take(&message, NULL);
    if (text)
        write_message(log, level, fields, text);
    free(text);
}

/* loggers ------------------------------------------------------------------ */

void mvc_log_bind(mvc_log *log, const char *name, mvc_doc *value)
{
    if (!log->fields)
        log->fields = json_object_new_object();
    if (!log->fields || json_object_object_add(log->fields, name, value) != 0)
        json_object_put(value);
}

mvc_log *mvc_log_child(mvc_log *parent, mvc_doc *fields)
{
    mvc_log *log = calloc(1, sizeof *log);
    if (!log) {
        json_object_put(fields);
        return NULL;
    }
    log->sink = parent->sink;
    log->parent = parent;
    log->fields = fields;
    return log;
}

void mvc_log_free(mvc_log *log)
{
    if (!log)
        return;
    json_object_put(log->fields);
    free(log);
}

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

/* Its old file has been renamed: takes the place of the new one's number, so
 * that nobody who writes meanwhile meets a closed one. */
static void reopen(void *data)
{
    const mvc_log *log = data;
    const int fd = open_file(log->sink->path);
    if (fd < 0 || dup3(fd, log->sink->fd, O_CLOEXEC) < 0)
        fprintf(stderr, "mvc: cannot open the log %s again: %s\n",
                log->sink->path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void close_log(void *data)
{
    mvc_log *log = data;
    if (log->sink->path)
        close(log->sink->fd);
    free(log->sink->path);
    pthread_mutex_destroy(&log->sink->lock);
    free(log->sink);
    mvc_log_free(log);
}

static bool open_sink(mvc__sink *sink, const mvc_log_options *o)
{
    pthread_mutex_init(&sink->lock, NULL);
    sink->json = o->json;
    sink->fd = o->fd ? o->fd : STDOUT_FILENO;
    if (!o->path)
        return true;
    sink->fd = open_file(o->path);
    if (sink->fd >= 0)
        sink->path = strdup(o->path);
    if (sink->path)
        return true;
    fprintf(stderr, "mvc: cannot open the log %s: %s\n", o->path,
            strerror(errno));
    if (sink->fd >= 0)
        close(sink->fd);
    return false;
}

mvc_log *mvc_log_open(mvc_app *app, const mvc_log_options *options)
{
    static const mvc_log_options defaults;
    const mvc_log_options *o = options ? options : &defaults;
    mvc_log *log = calloc(1, sizeof *log);
    mvc__sink *sink = calloc(1, sizeof *sink);
    if (!log || !sink || !open_sink(sink, o)) {
        free(log);
        free(sink);
        return NULL;
    }
    log->sink = sink;
    mvc_log_set_level(log, o->level);
    mvc_on_close(app, close_log, log);
    if (sink->path)
        mvc_on_hangup(app, reopen, log);
    return log;
}
