/* cast.h - turns what was given into what a schema wants. */
#ifndef MODEL_CAST_H
#define MODEL_CAST_H

#include <json-c/json.h>
#include <mvc/model.h>

typedef enum mvc__cast_result {
    CAST_OK,
    CAST_IMPOSSIBLE,
    CAST_NO_MEMORY,
} mvc__cast_result;

/*
 * `value`, not null, as `type`, which is none of MVC_ARRAY and MVC_OBJECT.
 * *out is a new reference; NULL is null, as which empty texts are read where
 * there is no number, time or reference in them.
 */
mvc__cast_result mvc__cast(mvc_type type, json_object *value,
                           json_object **out);

/*
 * Casts the members of a document in place, drops what the schema lacks, and
 * with `fill` sets defaults.  What cannot be cast stays, with a problem.
 * False when out of memory.
 */
bool mvc__cast_document(const mvc_model *model, json_object *doc, bool fill,
                        mvc_error *err);

/* Turns stored times into dates for views; false when out of memory. */
bool mvc__dress(const mvc_model *model, json_object *doc);

/* 'Cast to Number failed for value "x" (type string) at path "views" ...' */
void mvc__cast_problem(mvc_error *err, const mvc_model *model, const char *path,
                       const char *name, mvc_type type, json_object *value);

/* The value for a message, as Node's inspect shows it, cut when long. */
enum { MVC__SHOWN = 72 };
const char *mvc__show(json_object *value, char out[MVC__SHOWN]);

#endif
