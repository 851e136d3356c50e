/*
 * realm.h - the built-in classes and who defines their tables.
 *
 * A built-in is a row in a constant table; nothing is made of it before
 * somebody wants it as a value.  Prototypes lie in the context, one for each
 * class, and begin empty: looking a name up in one tries its own properties
 * first (a template may have added some) and then the class's table.  A row
 * wanted as a value becomes a function object and an own property of the
 * prototype, so it is the same object ever after; a row that is only called
 * is called as it is.
 *
 * Each builtin_*.c defines the tables named after it below, ended by {0}.
 */
#ifndef EJS_RUNTIME_REALM_H
#define EJS_RUNTIME_REALM_H

#include <ejs/runtime.h>

enum { EJS_ROW_METHOD, EJS_ROW_GETTER, EJS_ROW_ACCESSOR };

typedef struct ejs__builtin {
    const char *name;
    ejs_function function;
    uint8_t length; /* what the function's .length says */
    uint8_t kind;   /* EJS_ROW_GETTER: an accessor without setter; _ACCESSOR:
                       with one, the same function given an argument */
} ejs__builtin;

/* Read-only, not enumerable: Math.PI and its like. */
typedef struct ejs__constant {
    const char *name;
    double value;
} ejs__constant;

/* ORDER class: the rows of ejs__classes in realm.c */
typedef enum ejs__class_id {
    EJS_CLASS_NONE,
    EJS_CLASS_OBJECT,
    EJS_CLASS_FUNCTION,
    EJS_CLASS_ARRAY,
    EJS_CLASS_STRING,
    EJS_CLASS_NUMBER,
    EJS_CLASS_BOOLEAN,
    EJS_CLASS_ERROR, /* ORDER error: these follow ejs__error_class */
    EJS_CLASS_TYPE_ERROR,
    EJS_CLASS_RANGE_ERROR,
    EJS_CLASS_SYNTAX_ERROR,
    EJS_CLASS_REFERENCE_ERROR,
    EJS_CLASS_URI_ERROR,
    EJS_CLASS_EVAL_ERROR,
    EJS_CLASS_DATE,
    EJS_CLASS_REGEXP,
    EJS_CLASS_MAP,
    EJS_CLASS_SET,
    EJS_CLASS_ITERATOR, /* what all iterators inherit: next */
    EJS_CLASS_ARRAY_ITERATOR,
    EJS_CLASS_MAP_ITERATOR,
    EJS_CLASS_SET_ITERATOR,
    EJS_CLASS_STRING_ITERATOR,
    EJS_CLASS_REGEXP_ITERATOR,
    EJS_CLASS_GENERATOR,
    EJS_CLASS_GENERATOR_FUNCTION, /* what generator functions inherit */
    EJS_CLASS_MATH, /* namespaces: no constructor; members are statics */
    EJS_CLASS_JSON,
    EJS_CLASS_CONSOLE,
    EJS_CLASS_INTL,
    EJS_CLASS_NUMBER_FORMAT, /* these seven are members of Intl */
    EJS_CLASS_DATE_TIME_FORMAT,
    EJS_CLASS_PLURAL_RULES,
    EJS_CLASS_LIST_FORMAT,
    EJS_CLASS_RELATIVE_TIME_FORMAT,
    EJS_CLASS_COLLATOR,
    EJS_CLASS_URL,
    EJS_CLASS_URL_SEARCH_PARAMS,
    EJS_CLASS_GLOBAL, /* parseInt ...: statics of the global object */
    EJS_N_CLASSES,
} ejs__class_id;

/* ejs_object.class_id of a realm object is class * 4 + role; of an ordinary
 * HOST or ERROR object class * 4; of all others 0. */
typedef enum ejs__role {
    EJS_ROLE_INSTANCE,
    EJS_ROLE_PROTOTYPE,
    EJS_ROLE_CONSTRUCTOR,
    EJS_ROLE_NAMESPACE, /* Math, JSON, Intl, console and the global object */
} ejs__role;

typedef struct ejs__builtin_class {
    const char *name;
    ejs__class_id parent;           /* whose prototype its prototype inherits */
    ejs__class_id home;             /* namespace it is found in */
    ejs_function construct;         /* NULL: cannot be named by templates */
    uint8_t length;                 /* of the constructor */
    const ejs__builtin *methods;    /* of the prototype; NULL: none */
    const ejs__builtin *statics;    /* of the constructor or namespace */
    const ejs__constant *constants; /* likewise */
} ejs__builtin_class;

extern const ejs__builtin_class ejs__classes[EJS_N_CLASSES];

/* builtin_string.c */
extern const ejs__builtin ejs__string_methods[], ejs__string_statics[];
ejs_value ejs__string_construct(ejs_call *call);
/* builtin_regexp.c (ejs__regexp_literal too) */
extern const ejs__builtin ejs__regexp_methods[];
extern const ejs__builtin ejs__regexp_statics[]; /* RegExp.$1 ... */
ejs_value ejs__regexp_construct(ejs_call *call);
/* builtin_number.c */
extern const ejs__builtin ejs__number_methods[], ejs__number_statics[];
extern const ejs__constant ejs__number_constants[];
ejs_value ejs__number_construct(ejs_call *call);
/* builtin_math.c */
extern const ejs__builtin ejs__math_functions[];
extern const ejs__constant ejs__math_constants[];
/* builtin_json.c */
extern const ejs__builtin ejs__json_functions[];
/* builtin_uri.c: encodeURIComponent ... escape unescape; builtin_number.c:
 * parseInt parseFloat isNaN isFinite (the same functions as Number's) */
extern const ejs__builtin ejs__uri_functions[], ejs__number_globals[];
/* builtin_array.c */
extern const ejs__builtin ejs__array_methods[], ejs__array_statics[];
ejs_value ejs__array_construct(ejs_call *call);
/* builtin_map.c, builtin_set.c */
extern const ejs__builtin ejs__map_methods[], ejs__map_statics[];
extern const ejs__builtin ejs__set_methods[];
ejs_value ejs__map_construct(ejs_call *call);
ejs_value ejs__set_construct(ejs_call *call);
/* builtin_date.c */
extern const ejs__builtin ejs__date_methods[], ejs__date_statics[];
ejs_value ejs__date_construct(ejs_call *call);
/* builtin_intl.c */
extern const ejs__builtin ejs__number_format_methods[];
extern const ejs__builtin ejs__date_time_format_methods[];
extern const ejs__builtin ejs__plural_rules_methods[];
extern const ejs__builtin ejs__list_format_methods[];
extern const ejs__builtin ejs__relative_time_format_methods[];
extern const ejs__builtin ejs__collator_methods[];
extern const ejs__builtin ejs__intl_functions[]; /* Intl.getCanonicalLocales */
extern const ejs__builtin ejs__intl_class_statics[]; /* supportedLocalesOf */
ejs_value ejs__number_format_construct(ejs_call *call);
ejs_value ejs__date_time_format_construct(ejs_call *call);
ejs_value ejs__plural_rules_construct(ejs_call *call);
ejs_value ejs__list_format_construct(ejs_call *call);
ejs_value ejs__relative_time_format_construct(ejs_call *call);
ejs_value ejs__collator_construct(ejs_call *call);
/* builtin_url.c */
extern const ejs__builtin ejs__url_methods[], ejs__url_statics[];
extern const ejs__builtin ejs__url_search_params_methods[];
ejs_value ejs__url_construct(ejs_call *call);
ejs_value ejs__url_search_params_construct(ejs_call *call);
/* builtin_object.c, _function.c, _error.c, _boolean.c, _console.c; iterate.c */
extern const ejs__builtin ejs__object_methods[], ejs__object_statics[];
ejs_value ejs__object_construct(ejs_call *call);
extern const ejs__builtin ejs__function_methods[];
ejs_value ejs__function_construct(ejs_call *call);
extern const ejs__builtin ejs__error_methods[];
ejs_value ejs__error_construct(ejs_call *call);
ejs_value ejs__type_error_construct(ejs_call *call);
ejs_value ejs__range_error_construct(ejs_call *call);
ejs_value ejs__syntax_error_construct(ejs_call *call);
ejs_value ejs__reference_error_construct(ejs_call *call);
ejs_value ejs__uri_error_construct(ejs_call *call);
ejs_value ejs__eval_error_construct(ejs_call *call);
extern const ejs__builtin ejs__boolean_methods[];
ejs_value ejs__boolean_construct(ejs_call *call);
extern const ejs__builtin ejs__console_functions[];
extern const ejs__builtin ejs__clone_functions[]; /* structuredClone */
extern const ejs__builtin ejs__iterator_methods[], ejs__generator_methods[];

/* looking rows up (realm.c) ------------------------------------------------ */

/* Builds the hashed indexes of the tables, once per process; false when that
 * failed for want of memory.  Called for every new context. */
bool ejs__realm_prepare(void);

/* The row of a realm object's table for the key, NULL when there is none;
 * *hint (may be NULL) is where it was last time. */
const ejs__builtin *ejs__builtin_find(const ejs_object *object, const char *key,
                                      uint32_t size, uint32_t hash,
                                      uint32_t *hint);

/* The function object that a built-in constructor is; NULL: thrown. */
ejs__function_object *ejs__constructor_of(ejs_context *ctx, ejs__class_id id);
/* Math, JSON ..., or the global object; NULL: thrown. */
ejs_object *ejs__namespace_of(ejs_context *ctx, ejs__class_id id);
/* A new function object that runs `function`; NULL: thrown. */
ejs__function_object *ejs__builtin_function(ejs_context *ctx,
                                            const ejs__builtin *row);

#endif
