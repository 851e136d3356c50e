/* match.c - decides whether a document is what a filter describes. */
#include "model/filter.h"

#include <string.h>

#include "model/pattern.h"

static bool has_type(unsigned wanted, json_object *value)
{
    if (json_object_is_type(value, json_type_int))
        return wanted & TYPE_INTEGER;
    if (json_object_is_type(value, json_type_double))
        return wanted & TYPE_REAL;
    return wanted & 1u << mvc__kind_of(value);
}

static bool compare(const mvc__match *match, json_object *value)
{
    if (mvc__kind_of(value) != mvc__kind_of(match->value))
        return false;
    const int order = mvc__compare(value, match->value);
    switch (match->op) {
    case MATCH_GT:
        return order > 0;
    case MATCH_GTE:
        return order >= 0;
    case MATCH_LT:
        return order < 0;
    case MATCH_LTE:
        return order <= 0;
    default:
        return order == 0;
    }
}

static bool is_in(json_object *list, json_object *value)
{
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (mvc__equal(json_object_array_get_idx(list, i), value))
            return true;
    return false;
}

static bool has_element(const mvc__match *match, json_object *array)
{
    if (!json_object_is_type(array, json_type_array))
        return false;
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *element = json_object_array_get_idx(array, i);
        const bool nested = json_object_is_type(element, json_type_object) ||
                            json_object_is_type(element, json_type_array);
        if (match->kinds
                ? nested && mvc__match_document(match->children, element)
                : mvc__match_value(match->children, element))
            return true;
    }
    return false;
}

static bool leaves(const mvc__match *match, json_object *value)
{
    int64_t whole;
    return mvc__whole_part(value, &whole) && match->divisor != 0 &&
           (match->divisor == -1 ? 0 : whole % match->divisor) ==
               match->remainder;
}

/* What one value says to a predicate; a missing one is null to some. */
static bool visit(void *context, json_object *value, bool missing)
{
    const mvc__match *match = context;
    switch (match->op) {
    case MATCH_IN:
        return is_in(match->value, value);
    case MATCH_EXISTS:
        return !missing;
    case MATCH_TYPE:
        return !missing && has_type(match->kinds, value);
    case MATCH_SIZE:
        return json_object_is_type(value, json_type_array) &&
               json_object_array_length(value) == (size_t)match->remainder;
    case MATCH_MOD:
        return leaves(match, value);
    case MATCH_REGEX:
        return json_object_is_type(value, json_type_string) &&
               mvc__pattern_matches(match->pattern,
                                    json_object_get_string(value),
                                    (size_t)json_object_get_string_len(value));
    case MATCH_ELEMENT:
        return has_element(match, value);
    default:
        return compare(match, value);
    }
}

typedef bool (*match_leaf)(const mvc__match *match, json_object *value);

static bool match_tree(const mvc__match *match, json_object *value,
                       match_leaf leaf)
{
    switch (match->op) {
    case MATCH_AND:
        for (const mvc__match *child = match->children; child;
             child = child->next)
            if (!match_tree(child, value, leaf))
                return false;
        return true;
    case MATCH_OR:
        for (const mvc__match *child = match->children; child;
             child = child->next)
            if (match_tree(child, value, leaf))
                return true;
        return false;
    case MATCH_NOT:
        return !match_tree(match->children, value, leaf);
    default:
        return leaf(match, value);
    }
}

static bool leaf_in_document(const mvc__match *match, json_object *doc)
{
    const bool expand = match->op != MATCH_EXISTS && match->op != MATCH_SIZE &&
                        match->op != MATCH_ELEMENT;
    return mvc__walk(doc, &match->path, expand, visit, (void *)match);
}

/* A path is possible here too: {$pull: {comments: {$or: [{by: ..}]}}}. */
static bool leaf_in_value(const mvc__match *match, json_object *value)
{
    return match->path.n ? leaf_in_document(match, value)
                         : visit((void *)match, value, false);
}

bool mvc__match_document(const mvc__match *match, json_object *doc)
{
    return !match || match_tree(match, doc, leaf_in_document);
}

bool mvc__match_value(const mvc__match *match, json_object *value)
{
    return match_tree(match, value, leaf_in_value);
}
