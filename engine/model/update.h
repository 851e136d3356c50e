/* update.h - updates as a list of changes, and applying them. */
#ifndef MODEL_UPDATE_H
#define MODEL_UPDATE_H

#include <json-c/json.h>
#include <mvc/model.h>

#include "model/filter.h"

typedef struct mvc__change mvc__change;

struct mvc_update {
    const mvc__change *changes;
    mvc_status_code status; /* not MVC_OK: broken, and why */
    const char *problem;
};

/*
 * Applies an update to a document in place; `inserting` for $setOnInsert.
 * `doc` has no part in common with another document.
 */
bool mvc__update_apply(mvc_db *db, const mvc_model *model,
                       const mvc_update *update, json_object *doc,
                       bool inserting, mvc_error *err);

/*
 * Sets what a path leads to, making objects on the way; takes over the
 * reference.  False when out of memory or something else is in the way.
 */
bool mvc__put_at(json_object *doc, const mvc__path *path, json_object *value);

#endif
