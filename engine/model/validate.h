/* validate.h - checks cast documents against their schema. */
#ifndef MODEL_VALIDATE_H
#define MODEL_VALIDATE_H

#include <json-c/json.h>
#include <mvc/model.h>

/*
 * Adds the problems of a cast document.  With `before`, only members that
 * differ from it are looked at.  False when there are problems (of the cast
 * too) or memory is short.
 */
bool mvc__check_document(const mvc_model *model, json_object *doc,
                         json_object *before, mvc_error *err);

#endif
