/*
 * emit.h - puts one function's instructions together.
 *
 * What the parts of the compiler (compile.c, statement.c, expression.c,
 * pattern.c) share.  Memory failures stick: `failed` is asked at the end.
 */
#ifndef EJS_VM_EMIT_H
#define EJS_VM_EMIT_H

#include "ejs/vm/code.h"

/* A growing array in the arena. */
#define EJS__LIST(type)                                                        \
    struct {                                                                   \
        type *items;                                                           \
        uint32_t count, capacity;                                              \
    }

/* What all functions of a template have in common while compiling. */
typedef struct ejs__compiler {
    base_arena *arena;
    const ejs__script *script;
    ejs__program *program;
    bool *plain;    /* by function: callbacks in it do not become loops */
    bool *implicit; /* by function: a derived constructor nobody wrote */
    bool failed;
} ejs__compiler;

/*
 * A function whose names are being compiled: the one that `ejs__emitter` makes
 * code for, or, inside it, a callback that became a loop.
 */
typedef struct ejs__body {
    const ejs__function *function;
    struct ejs__body *outer;    /* NULL: not inlined */
    uint32_t base;              /* register of its slot 0 */
    struct ejs__label *end;     /* inlined: where `return` goes */
    struct ejs__context *entry; /* inlined: the contexts outside of it */
} ejs__body;

/* A place to jump to, perhaps not known yet. */
typedef struct ejs__label {
    uint32_t at;
    bool bound;
    EJS__LIST(uint32_t) uses;     /* words that are to hold it */
    EJS__LIST(uint32_t) handlers; /* handlers that lead to it */
} ejs__label;

typedef enum ejs__context_kind {
    CONTEXT_TARGET,   /* a statement that break or continue may name */
    CONTEXT_ITERATOR, /* a for-of or pattern whose iterator is open */
    CONTEXT_FINALLY,  /* a try block, or catch block, before a finally */
    CONTEXT_CATCH,    /* a try block before a catch */
} ejs__context_kind;

/* How a finally block ends: by going on to `label` after an exit was asked. */
typedef struct ejs__exit {
    const ejs__node *target; /* NULL: return */
    bool is_continue;
    ejs__label *label;
} ejs__exit;

/* What surrounds the statement being compiled, innermost first. */
typedef struct ejs__context {
    ejs__context_kind kind;
    struct ejs__context *outer;
    const ejs__node *node;      /* TARGET */
    ejs__label *leave, *again;  /* TARGET */
    uint32_t iterator;          /* ITERATOR: its register */
    uint32_t exception;         /* where the handler wants the exception */
    ejs__label *handler;        /* not TARGET: of exceptions inside */
    uint32_t start;             /* not TARGET: protected from here on */
    bool is_open;               /* not TARGET: it is being protected */
    uint32_t state;             /* FINALLY: register of kind; value follows */
    ejs__label *finalizer;      /* FINALLY */
    EJS__LIST(ejs__exit) exits; /* FINALLY: their number is 2 + index */
} ejs__context;

/* Where a `?.` that found nothing goes. */
typedef struct ejs__chain {
    ejs__label *nothing;
    struct ejs__chain *outer;
} ejs__chain;

typedef struct ejs__emitter {
    ejs__compiler *compiler;
    ejs__code *code;
    ejs__body *body;
    ejs__context *context;
    ejs__chain *chain;
    EJS__LIST(uint32_t) words;
    EJS__LIST(ejs_value) constants;
    EJS__LIST(ejs_site) sites;
    EJS__LIST(const char *) strings;
    EJS__LIST(ejs__handler) handlers;
    EJS__LIST(ejs__place) places;
    uint32_t *constant_index, constant_index_size; /* open hash, 1 + index */
    uint32_t next, n_registers; /* first free temporary; most ever used */
    uint32_t self;              /* register of `this` */
    bool has_self, strict;
    bool in_derived;    /* super() may not have been called yet */
    uint32_t last;      /* where the last instruction begins */
    bool may_fuse;      /* nothing jumps to the present place */
    ejs__label nowhere; /* stands in when memory is out */
} ejs__emitter;

/* memory: NULL or false when there is none, and then `failed` is set */
void *ejs__emit_alloc(ejs__emitter *e, size_t size);
bool ejs__emit_grow(ejs__emitter *e, void *items, uint32_t count,
                    uint32_t *capacity, size_t size);

/* Appends an instruction of n operands. */
void ejs__emit(ejs__emitter *e, ejs__opcode op, uint32_t n,
               const uint32_t *operands);
#define EMIT(e, op, ...)                                                       \
    ejs__emit((e), VM_##op,                                                    \
              sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t),            \
              (uint32_t[]){__VA_ARGS__})
#define EMIT0(e, op) ejs__emit((e), VM_##op, 0, NULL)

/* What follows stems from this node. */
void ejs__emit_place(ejs__emitter *e, const ejs__node *node);
/* The next instruction does what two nodes ask for; where it fails at the
 * second, it says so by pc + 1. */
void ejs__emit_places(ejs__emitter *e, const ejs__node *first,
                      const ejs__node *second);

/* labels: the last operand of the instruction is the target */
ejs__label *ejs__label_new(ejs__emitter *e);
void ejs__label_bind(ejs__emitter *e, ejs__label *label);
void ejs__emit_jump(ejs__emitter *e, ejs__label *label, ejs__opcode op,
                    uint32_t n, const uint32_t *operands);
#define JUMP(e, label, op, ...)                                                \
    ejs__emit_jump((e), (label), VM_##op,                                      \
                   sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t),       \
                   (uint32_t[]){__VA_ARGS__})
#define JUMP0(e, label, op) ejs__emit_jump((e), (label), VM_##op, 0, NULL)

/* constants as operands */
uint32_t ejs__constant(ejs__emitter *e, ejs_value v);
uint32_t ejs__constant_text(ejs__emitter *e, ejs__slice text);
uint32_t ejs__constant_undefined(ejs__emitter *e);
static inline bool ejs__is_constant(uint32_t operand)
{
    return (int32_t)operand < 0;
}

/* The register of `this`, checked where super() may be missing. */
uint32_t ejs__emit_this(ejs__emitter *e);

/* A site of its own for a property's name. */
uint32_t ejs__site(ejs__emitter *e, ejs__slice name);

/* The same for a.b and a.#b. */
uint32_t ejs__member_site(ejs__emitter *e, const ejs__node *member);
/* How #name is kept: EJS_PRIVATE "#name". */
ejs__slice ejs__private_key(ejs__emitter *e, ejs__slice name);

#define EJS__NO_TEXT UINT32_MAX

/* Text for messages: a slice, or an expression as V8 prints it. */
uint32_t ejs__pool(ejs__emitter *e, ejs__slice text);
/* The text; none is a failure for want of memory. */
const char *ejs__kept_text(ejs__emitter *e, const char *text);
uint32_t ejs__pool_node(ejs__emitter *e, const ejs__node *node);
uint32_t ejs__pool_callee(ejs__emitter *e, const ejs__node *call);
uint32_t ejs__pool_iterable(ejs__emitter *e, const ejs__node *node);
uint32_t ejs__pool_spread(ejs__emitter *e, const ejs__list *args, uint32_t i);
uint32_t ejs__pool_for_of(ejs__emitter *e, const ejs__node *node);

/* Temporaries are a stack: remember e->next, take some, set it back. */
uint32_t ejs__temp(ejs__emitter *e);
uint32_t ejs__temps(ejs__emitter *e, uint32_t n);

/* Protection of what follows by context->handler, and its end. */
void ejs__protect(ejs__emitter *e, ejs__context *context);
void ejs__unprotect(ejs__emitter *e, ejs__context *context);

/* Moves what was collected into e->code. */
void ejs__emit_finish(ejs__emitter *e);

/* expression.c: evaluate to an operand, into a register, for its effects */
uint32_t ejs__operand(ejs__emitter *e, const ejs__node *node);
void ejs__into(ejs__emitter *e, const ejs__node *node, uint32_t target);
void ejs__effect(ejs__emitter *e, const ejs__node *node);
/* Goes to the label when the node's truth is `sense`. */
void ejs__branch(ejs__emitter *e, const ejs__node *node, bool sense,
                 ejs__label *label);
/* An operand that stays what it is while `later` is evaluated. */
uint32_t ejs__stable(ejs__emitter *e, const ejs__node *node,
                     const ejs__node *later);
void ejs__closure_into(ejs__emitter *e, const ejs__function *function,
                       uint32_t target);
/* The value of a property of a literal or class: methods know their home. */
void ejs__emit_property(ejs__emitter *e, const ejs__node *property,
                        uint32_t object, uint32_t key, uint32_t value);
/* The callee r, r+1 of an output that may be EJS's include; or false. */
bool ejs__output_include(ejs__emitter *e, const ejs__node *node, bool escaped);
/* each.c: a statement that is array.forEach(callback), as a loop; or false. */
bool ejs__each(ejs__emitter *e, const ejs__node *node);

/* class.c */
void ejs__class_into(ejs__emitter *e, const ejs__node *node, uint32_t target);

/* pattern.c: names and targets of assignment */
typedef enum ejs__store {
    STORE_ASSIGN,     /* a = v */
    STORE_INITIALISE, /* let a = v, parameters, functions, catch */
} ejs__store;
void ejs__load(ejs__emitter *e, const ejs__node *name, uint32_t target);
void ejs__store_ref(ejs__emitter *e, const ejs__ref *ref, ejs__slice name,
                    uint32_t value, ejs__store how);
/* Stores an operand in a name, member or pattern. */
void ejs__assign(ejs__emitter *e, const ejs__node *target, uint32_t value,
                 ejs__store how, const char *text);
/* The register of a name that lives in one as it is; or false. */
bool ejs__is_register(ejs__emitter *e, const ejs__ref *ref, uint32_t *r);
/* What a reference of the present body means in the code being made. */
typedef struct ejs__location {
    bool is_outer; /* cells[index], else register index */
    bool is_cell;  /* the register holds a cell */
    uint32_t index;
} ejs__location;
ejs__location ejs__locate(const ejs__body *body, bool is_upvalue,
                          uint32_t index, const ejs__variable *variable);

/* statement.c */
void ejs__statements(ejs__emitter *e, const ejs__list *list);
void ejs__statement(ejs__emitter *e, const ejs__node *node);
/* Makes a scope's variables and then its functions; scope may be NULL. */
void ejs__enter_scope(ejs__emitter *e, const ejs__scope *scope);
void ejs__scope_variables(ejs__emitter *e, const ejs__scope *scope);
void ejs__scope_functions(ejs__emitter *e, const ejs__scope *scope);
/* Return: value is an operand. */
void ejs__return(ejs__emitter *e, uint32_t value);

/* compile.c: the scopes and statements of a function whose arguments it gets
 * by ejs__bind_parameter */
typedef void ejs__bind_fn(ejs__emitter *e, const ejs__function *function);
void ejs__function_body(ejs__emitter *e, const ejs__function *function,
                        ejs__bind_fn *bind);
/* A parameter gets the operand as its value. */
void ejs__bind_parameter(ejs__emitter *e, const ejs__node *parameter,
                         uint32_t value);

#endif
