/*
 * format.h - reads the formats of mvc_where(), mvc_change() and mvc_make().
 *
 *     {published: true, views: {$gt: %d}, 'a.b': [%s, 1.5], title: /^a/i}
 *
 * The result keeps apart what the code wrote and what was bound to it: a bound
 * value is one node of kind NODE_VALUE, whatever it contains, so it can never
 * be taken for an operator.
 */
#ifndef MODEL_FORMAT_H
#define MODEL_FORMAT_H

#include <stdarg.h>

#include "model/db.h"

typedef enum mvc__node_kind {
    NODE_VALUE, /* a literal or a bound value */
    NODE_OBJECT,
    NODE_ARRAY,
    NODE_REGEX,
} mvc__node_kind;

typedef struct mvc__node mvc__node;
struct mvc__node {
    mvc__node_kind kind;
    const char *key;            /* in an object */
    mvc__node *next;            /* in an object or array */
    mvc__node *children;        /* of an object or array */
    json_object *value;         /* of a NODE_VALUE; the handle keeps it */
    const char *source, *flags; /* of a NODE_REGEX */
};

/* NULL on failure.  Nodes live in the handle's arena. */
mvc__node *mvc__format_parse(mvc_db *db, const char *format, va_list args,
                             mvc_error *err);

/*
 * The node as a value; the handle keeps it.  False when out of memory or, with
 * an error, when it contains a regular expression or a key with a '$'.
 */
bool mvc__node_value(mvc_db *db, const mvc__node *node, json_object **value,
                     mvc_error *err);

/* Whether it is an object with at least one key that begins with '$'. */
bool mvc__node_is_operators(const mvc__node *node);

#endif
