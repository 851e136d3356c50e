/*
 * writer.h - what the parts of the C generator share.
 *
 * The generator walks the tree once and writes statements.  An expression
 * becomes an operand: a C expression without side effects that may be read
 * once, at once or later in the same statement, usually a temporary `tN`.
 *
 *   JavaScript function ──▶ host: one C function, with
 *     variables   `name_3`, or `*name_3` pointing to a cell when captured
 *     temporaries `t0 …` (values), `b0 …` (int), taken and given back by
 *                 statement
 *     controls    what encloses the statement being written: loops, try, ...
 *
 * Lazy cells.  A captured variable lives in `name_3_here` and is reached
 * through the pointer `name_3`; only when a closure is really made does it move
 * to the arena.  So a callback that runs in place costs no allocation.
 */
#ifndef EJS_CGEN_WRITER_H
#define EJS_CGEN_WRITER_H

#include "ejs/cgen/cgen.h"

typedef enum operand_kind {
    KIND_VALUE,  /* an ejs_value */
    KIND_NUMBER, /* a double */
    KIND_BOOLEAN /* an int, 0 or 1 */
} operand_kind;

typedef struct operand {
    operand_kind kind;
    const char *text;
    bool fragile; /* reads a variable: later assignments would show */
} operand;

typedef enum control_kind {
    CONTROL_TARGET,  /* loop, switch or labelled statement */
    CONTROL_CATCH,   /* the block of a try with a handler */
    CONTROL_FINALLY, /* block and handler of a try with a finalizer */
    CONTROL_ITERATE, /* the body of a for-of: must end its iterator */
    CONTROL_CALL,    /* the body of a callback run in place */
} control_kind;

/* A jump that has to run a finalizer first. */
typedef struct pending {
    const ejs__node *target; /* NULL: return */
    bool is_continue;
} pending;

typedef struct control control;
struct control {
    control *outer;
    control_kind kind;
    const ejs__node *node;                   /* CONTROL_TARGET */
    unsigned id;                             /* numbers its labels */
    bool breaks, continues, throws, returns; /* which labels are used */
    pending *pending;                        /* CONTROL_FINALLY */
    unsigned n_pending;
    const char *result; /* CONTROL_CALL: where a return leaves its value */
    unsigned resume;    /* CONTROL_FINALLY: number of its state variable */
};

/* Where a failure at a place in the text goes. */
typedef struct stub {
    uint32_t at;
    const char *target;
} stub;

typedef struct host host;
struct host {
    host *outer;
    const ejs__function *function;
    base_buf body;
    base_buf declarations;
    unsigned n_values, max_values; /* tN in use, and ever */
    unsigned n_booleans, max_booleans;
    control *control;
    const ejs__function *inlined[32];
    unsigned n_inlined;
    bool fails, leaves, needs_me, needs_frame, needs_self;
    bool in_run;            /* the page's end is in `out`; see run.c */
    uint32_t rest;          /* bytes of text that the run still has to print */
    bool has_run, has_item; /* `out` and `next` are used */
    bool no_inline; /* stands in for a callback that could not run in place */
    bool is_part;   /* a piece of the template's own function; see part.c */
    stub *stubs;    /* label at_1 ... */
    unsigned n_stubs, stubs_size;
    const char *enter; /* written between declarations and body; or NULL */
    unsigned indent;
    unsigned line; /* what the compiler takes the current line for; 0: none */
};

typedef struct named_variable {
    const ejs__variable *variable;
    const char *name;
    const host *host; /* where it is declared */
    bool is_number;   /* a double */
} named_variable;

typedef struct writer {
    base_arena arena;
    const ejs__script *script;
    const ejs__cgen_options *options;
    base_buf tables;    /* sites */
    base_buf functions; /* finished C functions, inner before outer */
    base_buf prototypes;
    unsigned n_sites, n_includes;
    unsigned n_controls, n_variables, n_functions, n_blocks;
    named_variable *variables; /* open addressing by pointer */
    unsigned variables_size;
    host *host;
    uint32_t at;     /* the place in the text that is being written; 0: none */
    bool implicit;   /* the constructor being written is nobody's */
    bool split;      /* the template is written in parts */
    base_buf shared; /* then: its variables, as members of a struct */
    unsigned n_parts;
    size_t main_size;        /* of the template's own function */
    bool failed;             /* out of memory */
    const char *unsupported; /* a form only the interpreter runs */
} writer;

/* writer.c ----------------------------------------------------------------- */

void ejs__c_emit(writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ejs__c_emit_line(writer *w,
                      const ejs__node *node); /* #line when it changed */
const char *ejs__c_format(writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* `text` as the inside of a C string literal. */
void ejs__c_put_c_string(base_buf *out, const char *text, size_t size,
                         const char *line_break);
const char *ejs__c_c_string(writer *w, ejs__slice text);
/* The text; none is a failure for want of memory. */
const char *ejs__c_kept_text(writer *w, const char *text);
const char *ejs__c_c_text(writer *w,
                          const char *text);     /* the same; NULL: "NULL" */
unsigned ejs__c_site(writer *w, ejs__slice key); /* a new ejs_site's number */
void ejs__c_put_site(base_buf *out, ejs__slice key); /* its row */

const char *ejs__c_new_value(writer *w);   /* "tN" */
const char *ejs__c_new_boolean(writer *w); /* "bN" */
operand ejs__c_value_operand(const char *text);
const char *ejs__c_as_value(writer *w, operand o);
const char *ejs__c_as_condition(writer *w, operand o);
const char *ejs__c_as_number(writer *w, operand o); /* of what surely is one */
/* The operand in a temporary of its own, safe from anything that follows. */
operand ejs__c_hold(writer *w, operand o);

const char *ejs__c_fail_label(writer *w);
/* What those labels need behind the function's last return. */
void ejs__c_emit_stubs(writer *w);
void ejs__c_emit_check(writer *w, const char *value); /* if thrown, goto ... */
void ejs__c_emit_try(writer *w, const char *format,
                     ...) /* if (!call) goto ... */
    __attribute__((format(printf, 2, 3)));
const char *ejs__c_frame_of(writer *w);
const char *ejs__c_self_of(writer *w);
bool ejs__c_is_strict(const writer *w);

const char *ejs__c_variable(writer *w, const ejs__variable *v); /* an lvalue */
/* Whether that is a double. */
bool ejs__c_is_number(writer *w, const ejs__variable *v);
/* In this host the variable is the number `text`. */
void ejs__c_alias_number(writer *w, const ejs__variable *v, const char *text);
const char *ejs__c_cell(writer *w,
                        const ejs__variable *v); /* moved to the arena */
/* Fresh variables; NULL: none. */
void ejs__c_enter_scope(writer *w, const ejs__scope *scope);
/* The closures of the functions declared in it. */
void ejs__c_make_functions(writer *w, const ejs__scope *scope);

control *ejs__c_push_control(writer *w, control *c, control_kind kind,
                             const ejs__node *node);
void ejs__c_pop_control(writer *w);
void ejs__c_emit_jump(writer *w, const ejs__node *target, bool is_continue);
void ejs__c_emit_return(writer *w, const char *value);
/* Where what was thrown in iteration `id` comes to: ends the iterator, when
 * `condition` ("" or "x && ") holds too, and throws on. */
void ejs__c_end_iteration(writer *w, unsigned id, const char *condition);
void ejs__c_emit_pending(writer *w, const pending *p);

host *ejs__c_push_host(writer *w, host *h, const ejs__function *function);

/* expression.c ---------------------------------------------------------------
 */

operand ejs__c_expression(writer *w, const ejs__node *node);
operand ejs__c_string(writer *w, ejs__slice text);
/* {a, b: c}: a few plain properties, made in one go. */
bool ejs__c_is_record(const ejs__node *node);
/* o[key] as a property's key, evaluated. */
operand ejs__c_computed_key(writer *w, const ejs__node *key);
void ejs__c_discard(writer *w, const ejs__node *node); /* for its effects */
operand ejs__c_condition(writer *w, const ejs__node *node); /* truthiness */
bool ejs__c_has_effects(const ejs__node *node); /* may change variables */
/* `name` names an anonymous function or class. */
operand ejs__c_named_expression(writer *w, const ejs__node *node,
                                ejs__slice name);
const char *ejs__c_array_literal(writer *w, const ejs__list *items,
                                 bool in_call); /* "aN" */
/* a?.b: undefined and null leave the whole chain. */
void ejs__c_optional_exit(writer *w, const char *value);
operand ejs__c_binary_operator(writer *w, int op, operand a, operand b);
operand ejs__c_load_name(writer *w, const ejs__node *node);

/* assign.c --------------------------------------------------------------------
 */

operand ejs__c_assignment(writer *w, const ejs__node *node, bool wanted);
operand ejs__c_update(writer *w, const ejs__node *node, bool wanted);
void ejs__c_store_name(writer *w, const ejs__node *name, operand value,
                       bool initialise);
/* Binds or assigns `value` to a name, member or pattern.  `source_text` is the
 * value as written, for messages; NULL: a part of a pattern. */
void ejs__c_store(writer *w, const ejs__node *target, operand value,
                  bool initialise, const char *source_text);

/* call.c
 * ------------------------------------------------------------------------ */

operand ejs__c_call(writer *w, const ejs__node *node);
operand ejs__c_new_expression(writer *w, const ejs__node *node);
/* Arguments as "pointer, count" for the runtime. */
const char *ejs__c_arguments(writer *w, const ejs__list *args);
bool ejs__c_has_spread(const ejs__list *list);

/* class.c
 * ----------------------------------------------------------------------- */

operand ejs__c_class(writer *w, const ejs__node *node);
void ejs__c_class_declaration(writer *w, const ejs__node *node);
/* super.x and super[x]; its parts, to assign to it. */
bool ejs__c_is_super(const ejs__node *node);
operand ejs__c_super_get(writer *w, const ejs__node *node);
const char *ejs__c_super_key(writer *w, const ejs__node *node);
const char *ejs__c_home_of(writer *w);
/* super(...args); NULL: with the arguments of the constructor itself. */
operand ejs__c_super_call(writer *w, const ejs__list *args);
/* The site of a.b and a.#b, and #b as a value. */
unsigned ejs__c_member_site(writer *w, const ejs__node *member);
const char *ejs__c_private_text(writer *w, ejs__slice name);

/* loop.c: callbacks run in place; false: not that shape */
bool ejs__c_inline_loop(writer *w, const ejs__node *node, operand *result);

/* statement.c
 * --------------------------------------------------------------------- */

void ejs__c_statement(writer *w, const ejs__node *node);
void ejs__c_statements(writer *w, const ejs__list *list);
/* One statement, or a run of text; the index after it. */
uint32_t ejs__c_next_statement(writer *w, const ejs__list *list, uint32_t i);
void ejs__c_block_body(writer *w, const ejs__node *block);

/* output.c
 * ----------------------------------------------------------------------- */

void ejs__c_output(writer *w, const ejs__node *node);
void ejs__c_text(writer *w, ejs__slice text);
/* Text, then more text after a line mark; the index after it. */
uint32_t ejs__c_text_run(writer *w, const ejs__list *list, uint32_t first);
/* A sum or template literal behind `before`, which may be NULL; false: it is
 * not sure to be a string, or not worth it. */
bool ejs__c_join(writer *w, const ejs__node *node, const operand *before,
                 operand *result);
/* A variable that is never read but by <%= it %>. */
bool ejs__c_only_printed(const ejs__node *name);
/* `object.key`, to be printed. */
bool ejs__c_is_plain_member(const ejs__node *node);
/* A string as it is printed. */
void ejs__c_constant(base_buf *page, ejs__slice text, bool escaped);
/* The template's own code prints while no other template does. */
bool ejs__c_is_own_code(const writer *w);

/* run.c
 * ----------------------------------------------------------------------- */

/* The index after the run that begins there; the same: none does. */
uint32_t ejs__c_run(writer *w, const ejs__list *list, uint32_t first);
/* Around what may print, throw or run somebody's code inside a run. */
void ejs__c_end_run(writer *w);
void ejs__c_begin_run(writer *w);

/* function.c
 * ----------------------------------------------------------------------- */

operand ejs__c_closure(writer *w, const ejs__function *function,
                       ejs__slice name);
/* Parameters and hoisted declarations; `args` and `argc` are C expressions. */
void ejs__c_bind_parameters(writer *w, const ejs__function *function,
                            const char *args, const char *argc);
void ejs__c_declare_temporaries(base_buf *out, const host *h);
void ejs__c_free_host(writer *w, host *h);
const char *ejs__c_page_self(const writer *w);
void ejs__c_write_main(writer *w);

/* part.c: a list of statements as functions of their own, where the template is
 * long and nothing jumps out of them; false: to be written in place. */
bool ejs__c_write_parts(writer *w, const ejs__list *list);

#endif
