/* select.h - which members of a document a caller gets to see. */
#ifndef MODEL_SELECT_H
#define MODEL_SELECT_H

#include <json-c/json.h>
#include <mvc/model.h>

#include "base/arena.h"

typedef struct mvc__selection {
    const char **paths; /* to show, or with `exclude` to leave out */
    size_t n;
    bool exclude, without_id;
    const char **shown; /* hidden ones to show all the same: "+password" */
    size_t n_shown;
} mvc__selection;

/* Reads "title author", "-body", "+password"; NULL is everything. */
bool mvc__selection_make(base_arena *arena, const char *select,
                         mvc__selection *selection, mvc_error *err);

/* Removes what is not selected. */
void mvc__select(const mvc_model *model, const mvc__selection *selection,
                 json_object *doc);

#endif
