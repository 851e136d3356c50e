/* error.c - fills errors: one sentence, or the problems of a document. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/db.h"

mvc_error *mvc__enter(mvc_error *err, mvc_error *local)
{
    if (!err)
        err = local;
    err->status = MVC_OK;
    err->message[0] = '\0';
    err->n_invalid = 0;
    return err;
}

void mvc__leave(mvc_db *db, const mvc_error *err)
{
    db->problem.status = err->status;
    memcpy(db->problem.message, err->message, sizeof err->message);
    db->problem.n_invalid = err->n_invalid;
    memcpy(db->problem.invalid, err->invalid,
           err->n_invalid * sizeof err->invalid[0]);
}

/* Formats into a fixed room, cut before a character that does not fit. */
static void put(char *out, size_t room, const char *format, va_list args)
{
    const int needed = vsnprintf(out, room, format, args);
    if (needed < 0) {
        out[0] = '\0';
        return;
    }
    if ((size_t)needed < room)
        return;
    size_t end = room - 1;
    size_t start = end;
    while (start > 0 && ((unsigned char)out[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    const unsigned char lead = (unsigned char)out[start - 1];
    const size_t length = lead >= 0xF0   ? 4
                          : lead >= 0xE0 ? 3
                          : lead >= 0xC0 ? 2
                                         : 1;
    if (lead >= 0xC0 && start - 1 + length > end)
        end = start - 1;
    out[end] = '\0';
}

bool mvc__fail(mvc_error *err, mvc_status_code status, const char *format, ...)
{
    if (err->status != MVC_OK)
        return false;
    err->status = status;
    va_list args;
    va_start(args, format);
    put(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool mvc__no_memory(mvc_error *err)
{
    return mvc__fail(err, MVC_NOMEM, "out of memory");
}

static void put_text(char *out, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put_text(char *out, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put(out, room, format, args);
    va_end(args);
}

static mvc_problem *find_problem(mvc_error *err, const char *field)
{
    for (size_t i = 0; i < err->n_invalid; i++)
        if (strcmp(err->invalid[i].field, field) == 0)
            return &err->invalid[i];
    return NULL;
}

/* A field has one problem, its first. */
static void add_problem(mvc_error *err, const char *field, const char *kind,
                        const char *format, va_list args)
{
    if (err->status == MVC_OK)
        err->status = MVC_INVALID;
    if (err->n_invalid == MVC_MAX_PROBLEMS || find_problem(err, field))
        return;
    mvc_problem *problem = &err->invalid[err->n_invalid++];
    put_text(problem->field, sizeof problem->field, "%s", field);
    put_text(problem->kind, sizeof problem->kind, "%s", kind);
    put(problem->problem, sizeof problem->problem, format, args);
}

void mvc__problem(mvc_error *err, const char *field, const char *kind,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_problem(err, field, kind, format, args);
    va_end(args);
}

bool mvc_invalid(mvc_error *err, const char *field, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    add_problem(err, field, "user defined", format, args);
    va_end(args);
    return false;
}

void mvc__summarise(mvc_error *err, const char *model)
{
    if (err->n_invalid == 0 || err->message[0])
        return;
    char *out = err->message;
    const size_t room = sizeof err->message;
    put_text(out, room, "%s validation failed", model);
    for (size_t i = 0; i < err->n_invalid; i++) {
        const size_t size = strlen(out);
        put_text(out + size, room - size, "%s %s: %s", i ? "," : ":",
                 err->invalid[i].field, err->invalid[i].problem);
    }
}

const char *mvc_error_of(const mvc_error *err, const char *field)
{
    for (size_t i = 0; err && i < err->n_invalid; i++)
        if (strcmp(err->invalid[i].field, field) == 0)
            return err->invalid[i].problem;
    return NULL;
}

mvc_doc *mvc_error_fields(const mvc_error *err)
{
    json_object *fields = json_object_new_object();
    for (size_t i = 0; fields && err && i < err->n_invalid; i++) {
        const mvc_problem *problem = &err->invalid[i];
        json_object *text = json_object_new_string(problem->problem);
        if (!text ||
            json_object_object_add(fields, problem->field, text) != 0) {
            json_object_put(text);
            json_object_put(fields);
            return NULL;
        }
    }
    return fields;
}
