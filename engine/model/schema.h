/* schema.h - what a model declares: finding fields, checking tables. */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include <mvc/model.h>

#include "model/value.h"

/* What a path leads to. */
typedef struct mvc__place {
    const mvc_field *field;
    mvc_type type;  /* of an array's element where the path ends in one */
    bool is_scalar; /* one value a document: no array, nothing inside */
} mvc__place;

/* False when the schema does not declare the path. */
bool mvc__schema_find(const mvc_model *model, const mvc__path *path,
                      mvc__place *place);

/* The field of that name in a table; NULL when there is none. */
const mvc_field *mvc__field_named(const mvc_field *fields, const char *name);

/* Whether each document has such a member beside the schema's fields. */
bool mvc__is_builtin(const mvc_model *model, const char *name);

/* Whether the tables make sense; MVC_MISUSE says what does not. */
bool mvc__schema_check(const mvc_model *model, mvc_error *err);

/* A bound that is set: not 0, or MVC_ZERO. */
bool mvc__has_bound(double bound);

/*
 * Cuts the next word off a list such as "-createdAt title"; false at the end.
 * *sign is '-', '+' or 0.  `out` has `room` bytes; a longer word is cut.
 */
bool mvc__next_word(const char **list, char *sign, char *out, size_t room);

#endif
