/* log.h - loggers as the request logger uses them. */
#ifndef MIDDLEWARE_LOG_H
#define MIDDLEWARE_LOG_H

#include <mvc/middleware.h>

#include <pthread.h>

#include "base/buf.h"

/* Where lines go. */
typedef struct mvc__sink {
    pthread_mutex_t lock; /* of a write: lines stay whole */
    int fd;
    char *path; /* NULL: not ours to open anew */
    bool json;
} mvc__sink;

struct mvc_log {
    mvc__sink *sink;
    const mvc_log *parent; /* whose level counts; NULL: this one's own */
    _Atomic int level;     /* an mvc_log_level */
    struct json_object *fields;
};

/* Lines to standard output. */
extern mvc__sink mvc__standard_sink;

bool mvc__log_wants(const mvc_log *log, mvc_log_level level);
mvc_log_level mvc__log_default_level(void);

/* Writes the line and a line feed, unless memory ran out. */
void mvc__log_write(mvc__sink *sink, base_buf *line);

/*
 * Appends text so that it cannot end its line, nor its quotes, nor tell a
 * terminal anything.  `json`: it is JSON already, quoted and all.
 */
void mvc__log_escape(base_buf *out, const char *text, size_t size, bool json);

/* {"time", "level", ...}, for the caller to put; NULL when out of memory. */
struct json_object *mvc__log_object(mvc_log_level level);

/* Adds the members; what is there already stays. */
void mvc__log_merge(struct json_object *line, struct json_object *fields);
void mvc__log_put_json(base_buf *out, struct json_object *line);

#endif
