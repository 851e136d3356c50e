/*
 * ast.h - the tree that both back ends read.
 *
 * EJS turns a template into JavaScript text and compiles that.  We do the same:
 * `text` below is that JavaScript, byte for byte as EJS 7 generates the body
 * of its function (without the prologue), and every position in the tree is an
 * offset into it.  ejs__script_position() leads back to the template.
 *
 *   template ──scan──▶ text + map ──lex, parse──▶ nodes ──scope──▶ refs filled in
 *
 * Nodes live in the script's arena.  ORDER node: ast.h, ast_dump.c.
 *
 * Trees are at most EJS__MAX_HEIGHT (parse.h: 2000) high, left-leaning chains
 * like a + b + c and else-ifs included: recursion over them is safe.
 *
 * Notes on some shapes:
 *  - Empty statements in a list are dropped.
 *  - A class field with a value: a NODE_FUNCTION of kind FUNCTION_FIELDS whose
 *    body is one NODE_RETURN; called with the instance (or class) as `this`.
 *    A static block likewise, with the block's statements.
 *  - `#x in o`: OP_IN whose left side is a NODE_MEMBER with object NULL.
 *  - `for (var x = 1 in o)`: the declarator of a NODE_FOR_IN has a value.
 *  - Private names are without their `#`, and from the script's second class on
 *    numbered: two classes' `#x` are called `x` and `x'2`.
 *  - `__proto__: x` in an object literal is an ordinary PROPERTY_VALUE, not
 *    computed; it sets the prototype.  The shorthand and method do not.
 *  - A default in a pattern: the property's value is a NODE_DEFAULT.
 *  - Destructured locals: with `with_locals` nothing stands in the tree (the
 *    names are found in the locals anyway); without, NODE_DECLARATIONs
 *    `var n = locals.n` at offset 0 lead the template's body.
 *  - The output function's name is looked up like any other name (is_own).
 *  - `var x` at template level is dynamic (is_var) while with_locals; else an
 *    ordinary variable, unless x is_own.
 *  - A hoisted function may be called before a let of its block: refs in it
 *    have check_tdz.
 *  - NODE_SPREAD's op is for the parser only.
 */
#ifndef EJS_SYNTAX_AST_H
#define EJS_SYNTAX_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"

/* A borrowed run of bytes: WTF-8, not NUL-terminated unless said so. */
typedef struct ejs__slice {
    const char *data;
    uint32_t size;
} ejs__slice;

typedef enum ejs__node_kind {
    /* expressions */
    NODE_NUMBER,      /* number */
    NODE_STRING,      /* string: the cooked value */
    NODE_TEMPLATE,    /* template_: `a${b}c`, tagged when tag is set */
    NODE_REGEXP,      /* regexp */
    NODE_NULL,        /* - */
    NODE_TRUE,        /* - */
    NODE_FALSE,       /* - */
    NODE_THIS,        /* - */
    NODE_NAME,        /* name: a reference, or a binding in a pattern */
    NODE_ARRAY,       /* list: elements; NULL is a hole; may be NODE_SPREAD */
    NODE_OBJECT,      /* list: of NODE_PROPERTY and NODE_SPREAD */
    NODE_PROPERTY,    /* property */
    NODE_FUNCTION,    /* function: expression, arrow or method */
    NODE_CLASS,       /* class_ */
    NODE_UNARY,       /* op, unary.operand: ! - + ~ typeof void delete */
    NODE_UPDATE,      /* op, unary.operand, unary.prefix: ++ -- */
    NODE_BINARY,      /* op, binary */
    NODE_LOGICAL,     /* op, binary: && || ?? */
    NODE_CONDITIONAL, /* conditional: a ? b : c */
    NODE_ASSIGN,      /* op, assign: target may be a pattern when op is OP_NONE */
    NODE_COMMA,       /* list */
    NODE_MEMBER,      /* member: a.b, a?.b, a.#b */
    NODE_INDEX,       /* index: a[b], a?.[b] */
    NODE_CHAIN,       /* unary.operand: where a short-circuited ?. ends */
    NODE_CALL,        /* call: f(...), f?.(...) */
    NODE_NEW,         /* call */
    NODE_SPREAD,      /* unary.operand: ...a in calls, arrays, objects */
    NODE_SUPER,       /* - : only as object of a member or callee of a call */
    NODE_NEW_TARGET,  /* - */
    NODE_YIELD,       /* unary.operand or NULL; unary.prefix: yield* */
    NODE_INVALID,     /* string: throws a ReferenceError with these words; the
                         index of a call that is assigned to: f() = 1 */

    /* patterns; a leaf is NODE_NAME, or NODE_MEMBER/NODE_INDEX in assignments */
    NODE_ARRAY_PATTERN,  /* list: NULL is an elision; NODE_DEFAULT, NODE_REST */
    NODE_OBJECT_PATTERN, /* list: NODE_PROPERTY (value: the target), NODE_REST */
    NODE_DEFAULT,        /* assign: target = value */
    NODE_REST,           /* unary.operand */

    /* statements */
    NODE_TEXT,        /* string: literal template text to append */
    NODE_OUTPUT,      /* output: <%= args %> or <%- args %> */
    NODE_LINE,        /* line: EJS's `__line = n` */
    NODE_EXPRESSION,  /* unary.operand */
    NODE_DECLARATION, /* declaration: var, let, const */
    NODE_FUNCTION_DECLARATION, /* function_declaration */
    NODE_CLASS_DECLARATION,    /* class_declaration */
    NODE_RETURN,      /* unary.operand or NULL */
    NODE_IF,          /* conditional: no may be NULL */
    NODE_FOR,         /* for_ */
    NODE_FOR_IN,      /* for_each */
    NODE_FOR_OF,      /* for_each */
    NODE_WHILE,       /* loop */
    NODE_DO,          /* loop */
    NODE_BREAK,       /* jump */
    NODE_CONTINUE,    /* jump */
    NODE_THROW,       /* unary.operand */
    NODE_TRY,         /* try_ */
    NODE_SWITCH,      /* switch_ */
    NODE_LABELED,     /* labeled */
    NODE_BLOCK,       /* block */
    NODE_EMPTY,       /* - ; also `debugger` */
} ejs__node_kind;

typedef enum ejs__operator { /* ORDER operator: ast_dump.c, node_text.c */
    OP_NONE, /* plain `=` in NODE_ASSIGN */
    /* binary and compound assignment */
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_POW,
    OP_SHL, OP_SHR, OP_USHR, OP_BIT_AND, OP_BIT_OR, OP_BIT_XOR,
    OP_EQ, OP_NE, OP_STRICT_EQ, OP_STRICT_NE,
    OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_INSTANCEOF,
    /* logical, and their assignments */
    OP_AND, OP_OR, OP_NULLISH,
    /* unary */
    OP_NOT, OP_NEG, OP_PLUS, OP_BIT_NOT, OP_TYPEOF, OP_VOID, OP_DELETE,
    /* update */
    OP_INC, OP_DEC,
} ejs__operator;

typedef struct ejs__node ejs__node;
typedef struct ejs__function ejs__function;
typedef struct ejs__scope ejs__scope;
typedef struct ejs__variable ejs__variable;
typedef struct ejs__script ejs__script;

typedef struct ejs__list {
    ejs__node **items;
    uint32_t count;
} ejs__list;

/* Where a name leads; filled in by scope.c. */
typedef enum ejs__ref_kind {
    REF_UNRESOLVED,
    REF_LOCAL,   /* index: slot of the function the reference stands in */
    REF_UPVALUE, /* index: into that function's upvalues */
    REF_DYNAMIC, /* index: into script->names; looked up while running */
} ejs__ref_kind;

typedef struct ejs__ref {
    ejs__ref_kind kind;
    uint32_t index;
    ejs__variable *variable; /* NULL when dynamic */
    bool check_tdz; /* the variable may not be initialised yet here */
} ejs__ref;

typedef enum ejs__property_kind {
    PROPERTY_VALUE,     /* key: value, method(){}, class field */
    PROPERTY_SHORTHAND, /* { a } */
    PROPERTY_GET,
    PROPERTY_SET,
    PROPERTY_METHOD,
    PROPERTY_FIELD,  /* class bodies only; value may be NULL */
    PROPERTY_STATIC_BLOCK, /* class bodies only; value is a NODE_FUNCTION */
} ejs__property_kind;

typedef enum ejs__declaration_kind {
    DECLARE_VAR,
    DECLARE_LET,
    DECLARE_CONST,
} ejs__declaration_kind;

struct ejs__node {
    uint8_t kind; /* ejs__node_kind */
    uint8_t op;   /* ejs__operator */
    bool parenthesized;
    uint32_t start, end; /* bytes of script->text */
    union {
        double number;
        ejs__slice string;
        uint32_t line;
        ejs__list list;
        ejs__function *function;
        struct {
            ejs__slice text;
            ejs__ref ref;
        } name;
        struct {
            ejs__node *tag;     /* NULL: not tagged */
            ejs__slice *cooked; /* values.count + 1 of them; data NULL: invalid
                                   escape in a tagged template */
            ejs__slice *raw;    /* the same, as written (CR LF made LF) */
            ejs__list values;
            uint32_t site;      /* number of the tagged template in the script */
        } template_;
        struct {
            ejs__slice pattern, flags;
            uint32_t index; /* number of the literal in the script */
        } regexp;
        struct {
            ejs__property_kind kind;
            bool computed;
            bool is_static;  /* class bodies */
            bool is_private; /* #name: key is NODE_STRING without the # */
            ejs__node *key;  /* NODE_STRING unless computed (numbers are
                                turned into their property name) */
            ejs__node *value;
        } property;
        struct {
            ejs__node *operand;
            bool prefix;
        } unary;
        struct {
            ejs__node *left, *right;
        } binary;
        struct {
            ejs__node *test, *yes, *no;
        } conditional;
        struct {
            ejs__node *target, *value;
        } assign;
        struct {
            ejs__node *object;
            ejs__slice name;
            bool optional, is_private;
        } member;
        struct {
            ejs__node *object, *index;
            bool optional;
        } index;
        struct {
            ejs__node *callee;
            ejs__list args;
            bool optional;
            bool iterated; /* what it returns is walked through at once */
        } call;
        struct {
            ejs__slice name; /* size 0: anonymous */
            ejs__node *base; /* extends; may be NULL */
            ejs__function *constructor; /* never NULL after parsing */
            bool has_constructor; /* written by the user */
            ejs__list members;    /* NODE_PROPERTY, without the constructor */
            ejs__scope *scope;    /* holds the inner binding of its name */
            ejs__ref inner;       /* that binding; REF_UNRESOLVED: anonymous */
        } class_;
        struct {
            bool escaped;   /* <%= */
            ejs__list args; /* the first is printed, all are evaluated */
        } output;
        struct {
            ejs__declaration_kind kind;
            ejs__list declarators; /* of NODE_DEFAULT; value may be NULL */
        } declaration;
        struct {
            ejs__function *function;
            ejs__ref ref;    /* the binding in its block, set on block entry */
            bool has_outer;  /* Annex B.3.3: when reached, also copied to ... */
            ejs__ref outer;  /* ... this function-level variable.  Dynamic: the
                                template's var itself, never the locals' key */
        } function_declaration;
        struct {
            ejs__node *class_; /* NODE_CLASS */
            ejs__ref ref;
        } class_declaration;
        struct {
            ejs__node *init; /* NODE_DECLARATION, NODE_EXPRESSION or NULL */
            ejs__node *test, *update; /* expressions or NULL */
            ejs__node *body;
            ejs__scope *scope; /* let/const of init; NULL without */
        } for_;
        struct {
            ejs__node *target; /* NODE_DECLARATION with one declarator, or an
                                  assignment target or pattern */
            ejs__node *object;
            ejs__node *body;
            ejs__scope *scope; /* let/const of target; NULL without */
        } for_each;
        struct {
            ejs__node *test, *body;
        } loop;
        struct {
            ejs__slice label;  /* size 0: none */
            ejs__node *target; /* the loop, switch or NODE_LABELED it leaves or
                                  continues; set by the parser */
        } jump;
        struct {
            ejs__node *block;     /* NODE_BLOCK */
            ejs__node *parameter; /* name, pattern or NULL */
            ejs__node *handler;   /* NODE_BLOCK or NULL */
            ejs__node *finalizer; /* NODE_BLOCK or NULL */
            ejs__scope *scope;    /* of the parameter; NULL without */
        } try_;
        struct {
            ejs__node *value;
            struct ejs__case *cases;
            uint32_t n_cases;
            ejs__scope *scope; /* lexical names of all cases; may be NULL */
        } switch_;
        struct {
            ejs__slice label;
            ejs__node *body;
        } labeled;
        struct {
            ejs__list body;
            ejs__scope *scope; /* NULL when nothing is declared in it */
        } block;
    } as;
};

typedef struct ejs__case {
    ejs__node *test; /* NULL: default */
    ejs__list body;
} ejs__case;

typedef enum ejs__variable_kind {
    VARIABLE_VAR,
    VARIABLE_LET,
    VARIABLE_CONST,
    VARIABLE_CLASS,
    VARIABLE_FUNCTION,
    VARIABLE_PARAMETER,
    VARIABLE_CATCH,
    VARIABLE_ARGUMENTS, /* the `arguments` object, when used */
    VARIABLE_SELF,      /* a function expression's own name; constant */
} ejs__variable_kind;

/*
 * A name bound statically.  Each has a slot of its own in its function's frame
 * (slots of scopes that are never alive together may be shared).  A captured
 * variable's slot holds a cell: a fresh one for each entry of its scope, and
 * for each iteration of a `for (let ...)`.
 */
struct ejs__variable {
    ejs__slice name;
    ejs__variable_kind kind;
    uint32_t slot;
    bool captured;  /* an inner function refers to it */
    bool assigned;  /* written after its initialisation */
    bool needs_tdz; /* some reference has check_tdz: start as uninitialised */
    bool is_number; /* holds numbers only, and one before it is read; see infer.c */
    uint32_t n_reads, n_printed; /* how often it is read, and by `<%= it %>` */
    ejs__function *function;
    ejs__scope *scope;
    ejs__variable *initial; /* in a body_scope: the parameter (or `arguments`)
                               whose value this var starts with; else NULL */
};

struct ejs__scope {
    ejs__scope *outer;
    ejs__function *function;
    ejs__variable **variables;
    uint32_t n_variables;
    ejs__node **functions; /* NODE_FUNCTION_DECLARATIONs to make on entry */
    uint32_t n_functions;
    bool has_captured; /* at least one variable is captured */
};

/* Where a closure takes a captured variable's cell from when it is made. */
typedef struct ejs__upvalue {
    bool from_parent_slot; /* else: from the parent's upvalues */
    uint32_t index;
    ejs__variable *variable;
} ejs__upvalue;

typedef enum ejs__function_kind {
    FUNCTION_TEMPLATE, /* the whole template */
    FUNCTION_NORMAL,
    FUNCTION_ARROW,
    FUNCTION_METHOD, /* also getters and setters: not constructors */
    FUNCTION_CLASS_CONSTRUCTOR,
    FUNCTION_DERIVED_CONSTRUCTOR,
    FUNCTION_FIELDS, /* initialises a class's fields, or a static block */
} ejs__function_kind;

struct ejs__function {
    ejs__slice name; /* its own, or of what it is assigned to (`f` in
                        `var f = () => 1`); a class's for its constructor */
    bool has_own_name;   /* written after `function` */
    bool binds_own_name; /* and it is an expression: VARIABLE_SELF */
    ejs__function_kind kind;
    bool is_generator;
    bool is_strict;
    bool has_simple_params;  /* names only: no default, rest or pattern */
    bool has_parameter_closure; /* a function or class in their defaults */
    bool uses_this;          /* itself or an arrow inside */
    bool uses_arguments;     /* variable `arguments` exists */
    bool leaks_arguments;    /* it is written to, or handed on */
    bool maps_arguments;     /* its elements are the parameters' variables: a
                                sloppy function where that would show; the
                                parameters count as captured */
    bool uses_super;         /* itself or an arrow inside */
    bool uses_new_target;    /* itself or an arrow inside */
    bool writes_output;      /* it or a nested function holds text or output */
    uint32_t index;          /* in script->functions; the template is 0 */
    uint32_t length;         /* the JavaScript `length` */
    uint32_t start, end;     /* source text, for toString(); a constructor
                                has its class's */
    ejs__list params;        /* names, patterns, NODE_DEFAULT, NODE_REST */
    ejs__list body;          /* an arrow's expression is a NODE_RETURN */
    ejs__scope *scope;       /* parameters, vars, top-level lexical names,
                                `arguments`, own name: all in one scope unless
                                the parameters are not simple: then vars with a
                                parameter's name get that one's value first */
    ejs__scope *body_scope;  /* that second scope of non-simple parameters when
                                it is needed (a closure in the parameters);
                                else NULL */
    ejs__upvalue *upvalues;
    uint32_t n_upvalues;
    uint32_t n_slots;
    ejs__function *parent; /* NULL for the template */
};

/*
 * A name that is looked up while running, in this order: own key of locals,
 * the template's own `var` of that name, EJS's parameters, globals made by
 * assignment, built-ins and helpers.  With `strict` or `_with: false` the
 * locals are left out, and a template-level var is then an ordinary variable.
 */
typedef struct ejs__name {
    ejs__slice text;
    bool is_var;   /* the template declares it with var (or Annex B function) */
    bool assigned; /* some code writes it */
    bool tested;   /* some code asks for its type */
    bool is_own;   /* one of EJS's: locals, include, escapeFn, rethrow, __append,
                      __output, __line, the output function ... or `arguments`.
                      Its var (is_var is set when it is assigned, too) starts
                      with EJS's value: `var locals = locals || {}` works */
    const ejs__node *read; /* the first of what reads it; NULL: nothing */
} ejs__name;

/* What the front end must know of EJS's options. */
typedef struct ejs__syntax_options {
    const char *open, *delimiter, *close; /* NULL or "": "<" "%" ">" */
    const char *locals_name;              /* NULL: "locals" */
    const char *output_function_name;     /* NULL: none */
    const char *const *destructured_locals; /* NULL-ended, or NULL */
    bool strict;        /* strict mode, no locals scope */
    bool no_with;       /* `_with: false` */
    bool rm_whitespace;
    bool no_debug;      /* `compileDebug: false`: no NODE_LINE */
    bool legacy_include; /* `<% include x %>` means `<%- include('x') %>` */
    bool own_escape;     /* `<%= v %>` calls escapeFn, which is not HTML's */
} ejs__syntax_options;

struct ejs__script {
    base_arena *arena;
    const char *filename; /* as shown in messages; NULL: "ejs" in EJS's texts */
    ejs__slice source;    /* the template after rmWhitespace and slurping: what
                             EJS's error excerpts show */
    ejs__slice text;      /* the generated JavaScript */
    struct ejs__mapping *map; /* scan.c: text offset -> source offset */
    uint32_t n_map;
    uint32_t *lines; /* where in source each line begins; only LF ends one */
    uint32_t n_lines;
    ejs__function *main;
    ejs__function **functions; /* all, outer before inner */
    uint32_t n_functions;
    ejs__name *names;
    uint32_t n_names;
    ejs__node **includes; /* calls of `include` with a string */
    uint32_t n_includes;
    uint32_t n_regexps, n_template_sites;
    bool with_locals;   /* names are looked up in the locals */
    bool is_strict;
    bool returns;       /* a `return` at template level */
    ejs__syntax_options options; /* borrowed strings are copied */
};

/* What is wrong with a template's text, and where.  Owns no memory. */
typedef struct ejs__syntax_error {
    bool is_plain_error; /* EJS throws Error, not SyntaxError, for this one */
    bool is_refusal;     /* JavaScript that we leave out, and EJS takes */
    bool out_of_memory;
    uint32_t offset;     /* in script->source */
    uint32_t line, column; /* from 1; column counts code points */
    char message[224];   /* V8's words where V8 has some */
    char hint[224];      /* what to write instead; may be "" */
} ejs__syntax_error;

/*
 * Parses a template and resolves its names.  Everything is allocated in
 * `arena`; `source` is copied.  NULL on failure, with *error filled in.
 */
ejs__script *ejs__parse(base_arena *arena, const char *source, size_t size,
                        const char *filename,
                        const ejs__syntax_options *options,
                        ejs__syntax_error *error);

/*
 * Reports all errors that can be told apart: after one, what it is about is
 * taken out, a tag or part of one, and the rest is parsed again, as long as
 * nothing that follows can depend on it.  They come in no order.  Returns what
 * has become of the template, or NULL when the last error had to end it.
 */
typedef void (*ejs__report_fn)(void *user, const ejs__syntax_error *error);
ejs__script *ejs__check(base_arena *arena, const char *source, size_t size,
                        const char *filename,
                        const ejs__syntax_options *options,
                        ejs__report_fn report, void *user);

/* The template position of an offset into script->text. */
void ejs__script_position(const ejs__script *script, uint32_t text_offset,
                          uint32_t *line, uint32_t *column);

/* Where in script->text an error of this node is: a member's name, not the
 * object before it. */
uint32_t ejs__node_place(const ejs__node *node);

/* Line and column, both from 1, of an offset into script->source. */
void ejs__source_position(const ejs__script *script, uint32_t offset,
                          uint32_t *line, uint32_t *column);

/*
 * The source of an expression as V8 prints it in messages ("a.b.c",
 * "o.x(...)", "(intermediate value)"), NUL-terminated in the arena; NULL: no memory.
 */
const char *ejs__node_text(base_arena *arena, const ejs__node *node);

/* The same for the callee of a call; where the result is iterated over, the
 * whole sentence that V8 has then, which ends in "is not iterable". */
const char *ejs__callee_text(base_arena *arena, const ejs__node *call);

/* The same for what is iterated over: of a call, "f is not a function or its
 * return value".  "" where V8 goes by the value, as in all texts below. */
const char *ejs__iterable_text(base_arena *arena, const ejs__node *node);
const char *ejs__for_of_text(base_arena *arena, const ejs__node *node);

/* The same for the i-th of a call's arguments, a spread one: with "..." in front
 * where it is the only one and the last, which V8 words differently. */
const char *ejs__spread_text(base_arena *arena, const ejs__list *args,
                             uint32_t i);

/* The same for a value that a pattern takes apart. */
const char *ejs__pattern_text(base_arena *arena, const ejs__node *pattern,
                              const ejs__node *value, bool declares);

/* What a pattern with a default takes apart, given the text without: NULL for
 * a parameter. */
const char *ejs__default_text(base_arena *arena, const ejs__node *node,
                              const char *text);

/* What patterns without a value beside them take apart. */
const char *ejs__for_of_item_text(const ejs__node *target);
const char *ejs__caught_text(const ejs__node *target);

/* The first property that an object pattern reads, for messages, or NULL, and
 * `text`, of what it is read: "" where V8 names neither pattern nor value. */
const ejs__node *ejs__first_property(const ejs__node *pattern,
                                     const char **text);

/* Whether making these arguments can throw or change anything. */
bool ejs__arguments_matter(const ejs__list *args);

/* Prints the tree, one node a line, for people. */
void ejs__ast_dump(const ejs__script *script, FILE *out);

#endif
