/*
 * value.h - values as MongoDB sees them: their order, and where paths lead.
 *
 * A value is a json-c object; JSON's null is NULL, so functions that tell null
 * from "not there" take or give a flag as well.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* The kinds in the order in which MongoDB sorts them. */
typedef enum mvc__kind {
    KIND_NULL,
    KIND_NUMBER,
    KIND_TEXT,
    KIND_OBJECT,
    KIND_ARRAY,
    KIND_BOOLEAN,
} mvc__kind;

mvc__kind mvc__kind_of(json_object *value);

/* Below, equal or above 0; a total order, 1 equals 1.0. */
int mvc__compare(json_object *a, json_object *b);
bool mvc__equal(json_object *a, json_object *b);

/* A number as a double, and whether it is whole and fits 64 bits. */
double mvc__number(json_object *value);
bool mvc__whole(json_object *value, int64_t *whole);

/* A number cut off towards zero; false for what is none or does not fit. */
bool mvc__whole_part(json_object *value, int64_t *whole);

/*
 * Where in a document: "comments.0.author" in its parts.  No part at all is
 * the value itself.
 */
typedef struct mvc__path {
    const char *text;
    const char **parts;
    size_t n;
} mvc__path;

/*
 * Splits `text` ("_id" at its start becomes "id"); false when out of memory.
 */
bool mvc__path_split(base_arena *arena, const char *text, mvc__path *path);

/* Whether a part is an array index, and which. */
bool mvc__array_index(const char *part, size_t *index);

/* The member at the path, arrays by index only; false when not there. */
bool mvc__path_get(json_object *value, const mvc__path *path,
                   json_object **found);

/*
 * Visits what a path leads to, as MongoDB's queries do: arrays on the way are
 * searched element by element, and with `expand` so is one at the end, before
 * it is visited itself.  Stops, and returns true, when `visit` does.
 */
typedef bool (*mvc__visit)(void *context, json_object *value, bool missing);
bool mvc__walk(json_object *value, const mvc__path *path, bool expand,
               mvc__visit visit, void *context);

/*
 * The value by which a path sorts a document: of an array its least element,
 * or its greatest when descending.
 */
json_object *mvc__sort_value(json_object *doc, const mvc__path *path,
                             bool descending);

/* Bytes that memcmp orders as mvc__compare orders values. */
void mvc__sort_bytes(json_object *value, base_buf *out);

/* Appends JSON; NULL is null. */
void mvc__print(json_object *value, base_buf *out);

/* A copy without a common part, for changing.  False when out of memory. */
bool mvc__copy(json_object *value, json_object **copy);

/* Sets a member; takes over the reference even when it fails. */
bool mvc__set(json_object *object, const char *key, json_object *value);

/* Appends to an array; takes over the reference even when it fails. */
bool mvc__append(json_object *array, json_object *value);

#endif
