/*
 * json.h - reads the documents that a store holds.
 *
 * json-c's own reader crashes when memory runs out in the middle; this one
 * gives up, and is several times as fast.
 */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum mvc__json_result {
    JSON_OK,
    JSON_WRONG, /* not JSON, or nested too deep */
    JSON_NO_MEMORY,
} mvc__json_result;

/*
 * A NUL follows the text.  *value is a new reference, NULL for null and on
 * failure.
 */
mvc__json_result mvc__json_parse(const char *text, size_t size,
                                 json_object **value);

#endif
