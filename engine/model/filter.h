/*
 * filter.h - filters as a tree, and whether a document matches.
 *
 *     {a: {$gt: 1, $ne: 5}, $or: [{b: 2}, {c: /x/}]}
 *
 *     AND ─┬─ GT a 1
 *          ├─ NOT ── EQ a 5
 *          └─ OR ─┬─ EQ b 2
 *                 └─ REGEX c /x/
 *
 * mvc__match_document() is what a filter means; a store may answer parts of
 * it by other means (an index) as long as the answer is the same.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <json-c/json.h>
#include <mvc/model.h>

#include "model/format.h"
#include "model/value.h"

typedef enum mvc__op {
    MATCH_AND,
    MATCH_OR, /* without children: never */
    MATCH_NOT,
    MATCH_EQ,
    MATCH_GT,
    MATCH_GTE,
    MATCH_LT,
    MATCH_LTE,
    MATCH_IN,
    MATCH_EXISTS,
    MATCH_TYPE,
    MATCH_SIZE,
    MATCH_MOD,
    MATCH_REGEX,
    MATCH_ELEMENT, /* $elemMatch: the child describes an element */
} mvc__op;

typedef struct mvc__match mvc__match;
struct mvc__match {
    mvc__op op;
    mvc__path path;     /* not of AND, OR, NOT */
    json_object *value; /* operand; of IN an array; kept by the handle */
    const mvc__pattern *pattern;
    int64_t divisor, remainder;
    unsigned kinds; /* of TYPE: bits of `1 << kind`, and below */
    mvc__match *children, *next;
};

/* Numbers by how they are written, for $type. */
enum { TYPE_INTEGER = 1 << 16, TYPE_REAL = 1 << 17 };

struct mvc_filter {
    const mvc__match *where;
    mvc_status_code status; /* not MVC_OK: broken, and why */
    const char *problem;
};

/* Whether a filter means every document: NULL, or "{}". */
bool mvc__filter_is_empty(const mvc_filter *filter);

/*
 * Compiles what describes one value or document: {$gt: 1} or {a: 1}; NULL on
 * failure.  For $pull and $elemMatch, where both may stand.
 */
mvc__match *mvc__match_compile_element(mvc_db *db, const mvc__node *node,
                                       mvc_error *err);

/*
 * The filter's tree with operands cast to the model's types; *where is NULL
 * for all documents.  The result lives in the handle's arena.
 */
bool mvc__filter_cast(mvc_db *db, const mvc_model *model,
                      const mvc_filter *filter, const mvc__match **where,
                      mvc_error *err);

bool mvc__match_document(const mvc__match *match, json_object *doc);

/* The same for a single value, arrays not searched: for elements. */
bool mvc__match_value(const mvc__match *match, json_object *value);

/* Sets what the equalities of a filter demand, as an upsert starts out. */
bool mvc__filter_seed(const mvc__match *match, json_object *doc);

#endif
