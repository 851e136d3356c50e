/* form.h - urlencoded text to documents: query strings and forms. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct json_object;

typedef struct mvc__form_options {
    bool nested;         /* qs: names nest by brackets */
    bool latin1;         /* bytes are ISO 8859-1 */
    unsigned parameters; /* most pairs; further ones are dropped, */
    bool strict_count;   /* or an error */
    unsigned depth;      /* most brackets, 0 for none; the rest is a name, */
    bool strict_depth;   /* or an error */
    size_t array_limit;  /* longer arrays are objects with numbers */
} mvc__form_options;

typedef enum mvc__form_status {
    MVC__FORM_OK,
    MVC__FORM_TOO_MANY,
    MVC__FORM_TOO_DEEP,
    MVC__FORM_NO_MEMORY,
} mvc__form_status;

/* An object, for the caller to put; NULL unless the status is OK. */
struct json_object *mvc__form_parse(const char *text, size_t size,
                                    const mvc__form_options *options,
                                    base_arena *arena,
                                    mvc__form_status *status);

/*
 * Adds one decoded pair by the rules above: what multipart forms need.  Takes
 * over `value`.
 */
mvc__form_status mvc__form_add(struct json_object *form, const char *name,
                               struct json_object *value,
                               const mvc__form_options *options,
                               base_arena *arena);

/* Finishes an object made by mvc__form_add(): closes gaps in arrays. */
void mvc__form_compact(struct json_object *form);

#endif
