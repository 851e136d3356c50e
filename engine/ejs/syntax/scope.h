/*
 * scope.h - what the two halves of scope analysis share.
 *
 * declare.c walks a function and makes its scopes and variables, hoisted ones
 * too; scope.c then walks it again and finds out what each name means.  Inner
 * functions follow while their surroundings are still in place.
 *
 * A name's meanings at one place are a stack on its atom, innermost on top, so
 * that looking one up costs the same however many names there are.
 */
#ifndef EJS_SYNTAX_SCOPE_H
#define EJS_SYNTAX_SCOPE_H

#include "ejs/syntax/front.h"

typedef struct ejs__frame ejs__frame;
typedef struct ejs__state ejs__state;

/* A variable, and from where on it is surely initialised. */
typedef struct ejs__declared {
    ejs__variable variable; /* must be first */
    uint32_t ready;         /* text offset */
    uint32_t at;            /* where it is declared */
    bool is_lexical;        /* a var of its name is an error beside it */
    bool is_simple_catch;   /* ... but not beside `catch (e)` */
    bool is_generator;
    uint32_t n_writes, n_known;   /* infer.c: all stores, and those it saw */
    uint32_t first_use, last_use; /* where its name stands */
    uint32_t sure_until; /* first_use sets it for all that stands before here */
} ejs__declared;

typedef struct ejs__binding {
    struct ejs__binding *shadowed; /* what the name means outside */
    struct ejs__binding *next;     /* of the same frame */
    ejs__frame *frame;
    ejs__atom *atom;
    ejs__declared *declared;
    const ejs__function *seen_from; /* the last one that captured it ... */
    uint32_t upvalue;               /* ... as this upvalue */
} ejs__binding;

/* A scope that is being walked. */
struct ejs__frame {
    ejs__frame *outer;
    ejs__state *state;
    ejs__scope *scope; /* NULL until something is declared */
    ejs__binding *bindings;
    uint32_t variables_capacity, functions_capacity; /* of the scope's lists */
    uint32_t start; /* where its hoisted functions begin to exist */
    bool is_catch;  /* of a catch's parameter */
    bool is_switch;
};

/* A function that is being walked. */
struct ejs__state {
    ejs__state *outer;
    ejs__function *function;
    ejs__frame *params, *vars; /* the same unless there is a body_scope */
    uint32_t position;         /* from where on it may be called */
    uint32_t upvalues_capacity;
};

typedef struct ejs__store ejs__store;

typedef struct ejs__resolver {
    ejs__front *front;
    ejs__script *script;
    ejs__state *state;
    ejs__frame *frame;
    uint32_t names_capacity, functions_capacity;
    ejs__store *stores; /* infer.c */
} ejs__resolver;

/* declare.c */

void ejs__scope_push(ejs__resolver *r, ejs__frame *frame, uint32_t start);

/* Leaves the innermost frame; its scope's lists are complete. */
void ejs__scope_pop(ejs__resolver *r);

/* Enters a frame again for a scope that was declared. */
void ejs__scope_enter(ejs__resolver *r, ejs__frame *frame, ejs__scope *scope);

/* Makes a variable in a frame, below the frames inside it. */
ejs__declared *ejs__scope_add(ejs__resolver *r, ejs__frame *frame,
                              ejs__slice name, ejs__variable_kind kind,
                              uint32_t at, uint32_t ready);

/* What the name means in this very frame; NULL: nothing. */
ejs__binding *ejs__scope_find(const ejs__frame *frame, ejs__slice name);

/* Declares everything in a function that is being entered. */
void ejs__scope_declare(ejs__resolver *r, ejs__state *state);

/* infer.c */

/* The value becomes the target's, if that is a local variable; NULL: some
   number does. */
void ejs__infer_store(ejs__resolver *r, const ejs__node *target,
                      const ejs__node *value);
void ejs__infer_assignment(ejs__resolver *r, const ejs__node *node);

/* Once all of a function is resolved: a statement that runs before whatever
   stands after it, up to `end`. */
void ejs__infer_first(const ejs__node *declaration, uint32_t end);

/* Finds the variables that are numbers. */
void ejs__infer(ejs__resolver *r);

/* scope.c */

/* The place in script->names, until the next one is added, of a name that is
   looked up while running. */
ejs__name *ejs__scope_dynamic(ejs__resolver *r, ejs__slice name);

/* Whether the template's var of this name is looked up while running. */
bool ejs__scope_is_dynamic_var(const ejs__resolver *r, ejs__slice name);

#endif
