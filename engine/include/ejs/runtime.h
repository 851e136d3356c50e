/*
 * ejs/runtime.h - what generated C calls; the interpreter calls the same.
 *
 * Not for people's programs: it may change with every EJS_ABI.  Use <ejs.h>.
 *
 * Values.  An ejs_value is 16 bytes, passed in two registers:
 *
 *      tag  flags  -    size          payload
 *     ┌────┬─────┬─────┬────────────┬──────────────────────────┐
 *     │ u8 │ u8  │ u16 │ u32        │ number | text | object … │
 *     └────┴─────┴─────┴────────────┴──────────────────────────┘
 *
 *  - All zero bytes are `undefined`.
 *  - A string is a slice: `size` bytes of WTF-8 at `as.text` that nobody ever
 *    changes; it may lie in the arena, in .rodata or inside a json-c object.
 *    STRING_ASCII in flags: known to be ASCII; STRING_WIDE: known not to be.
 *  - A JSON value is a json-c object or array, looked at where it lies.  json-c
 *    scalars become ordinary values when they are read.  The first write to one
 *    makes a native copy; ctx remembers which (language.md 5.9), so identity
 *    and later reads through any path agree.
 *  - THROWN is what a function returns when it threw; the exception itself is
 *    in ctx->exception, and ctx->fatal tells that nobody may catch it.
 *  - HOLE is an array hole, UNINITIALIZED a let before its declaration; neither
 *    is ever seen by a template.
 *
 * Convention: functions that can throw return a THROWN value, or false, or a
 * negative int; the caller tests and passes it on at once.
 */
#ifndef EJS_RUNTIME_H
#define EJS_RUNTIME_H

#include <math.h>
#include <string.h>

#include <ejs.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EJS_ABI 4

#define EJS_LIKELY(x) __builtin_expect(!!(x), 1)
#define EJS_UNLIKELY(x) __builtin_expect(!!(x), 0)

typedef enum ejs__tag {
    EJS_TAG_UNDEFINED,
    EJS_TAG_NULL,
    EJS_TAG_BOOLEAN, /* as.bits: 0 or 1 */
    EJS_TAG_NUMBER,
    EJS_TAG_STRING,
    EJS_TAG_OBJECT,
    EJS_TAG_JSON, /* a json-c object or array */
    EJS_TAG_HOLE,
    EJS_TAG_UNINITIALIZED,
    EJS_TAG_THROWN,
} ejs__tag;

enum { EJS_STRING_ASCII = 1, EJS_STRING_WIDE = 2 };

typedef struct ejs_context ejs_context; /* one render in progress */
typedef struct ejs_frame ejs_frame;     /* one template being rendered in it */

/* making values ---------------------------------------------------------- */

static inline ejs_value ejs__undefined(void)
{
    ejs_value v = {0};
    return v;
}
static inline ejs_value ejs__tagged(ejs__tag tag)
{
    ejs_value v = {0};
    v.tag = (uint8_t)tag;
    return v;
}
static inline ejs_value ejs__null(void) { return ejs__tagged(EJS_TAG_NULL); }
static inline ejs_value ejs__thrown(void) { return ejs__tagged(EJS_TAG_THROWN); }
static inline ejs_value ejs__boolean(bool b)
{
    ejs_value v = ejs__tagged(EJS_TAG_BOOLEAN);
    v.as.bits = b;
    return v;
}
static inline ejs_value ejs__number(double n)
{
    ejs_value v = ejs__tagged(EJS_TAG_NUMBER);
    v.as.number = n;
    return v;
}
/* A slice that outlives the render; flags: EJS_STRING_ASCII when known. */
static inline ejs_value ejs__string(const char *text, uint32_t size,
                                    uint8_t flags)
{
    ejs_value v = ejs__tagged(EJS_TAG_STRING);
    v.flags = flags;
    v.size = size;
    v.as.text = text;
    return v;
}
static inline ejs_value ejs__object(ejs_object *object)
{
    ejs_value v = ejs__tagged(EJS_TAG_OBJECT);
    v.as.object = object;
    return v;
}
/* A literal: EJS_LITERAL("abc"). */
#define EJS_LITERAL(s) ejs__string((s), (uint32_t)sizeof(s) - 1, EJS_STRING_ASCII)

static inline bool ejs__is_thrown(ejs_value v) { return EJS_UNLIKELY(v.tag == EJS_TAG_THROWN); }
static inline bool ejs__is_nullish(ejs_value v) { return v.tag <= EJS_TAG_NULL; }
static inline bool ejs__is_number(ejs_value v) { return v.tag == EJS_TAG_NUMBER; }
static inline bool ejs__is_string(ejs_value v) { return v.tag == EJS_TAG_STRING; }
static inline bool ejs__is_object(ejs_value v) { return v.tag == EJS_TAG_OBJECT || v.tag == EJS_TAG_JSON; }

/* objects ------------------------------------------------------------------ */

typedef enum ejs__object_kind {
    EJS_OBJECT_PLAIN,
    EJS_OBJECT_ARRAY,
    EJS_OBJECT_FUNCTION,
    EJS_OBJECT_LOCALS, /* a template's `locals`: data seen lazily + changes */
    EJS_OBJECT_ARGUMENTS,
    EJS_OBJECT_ERROR,
    EJS_OBJECT_DATE,
    EJS_OBJECT_REGEXP,
    EJS_OBJECT_MAP,
    EJS_OBJECT_SET,
    EJS_OBJECT_BOOLEAN, /* wrapper objects */
    EJS_OBJECT_NUMBER,
    EJS_OBJECT_STRING,
    EJS_OBJECT_ITERATOR, /* array, map, set, string and regexp iterators */
    EJS_OBJECT_GENERATOR,
    EJS_OBJECT_HOST, /* Intl formatters, URL, ...: data with a class */
} ejs__object_kind;

enum { /* property flags; ordinary assignment makes all three */
    EJS_WRITABLE = 1,
    EJS_ENUMERABLE = 2,
    EJS_CONFIGURABLE = 4,
    EJS_ACCESSOR = 8, /* value.as.object is an ejs__accessor */
    EJS_ORDINARY = 7,
};

typedef struct ejs__property {
    const char *key; /* WTF-8; index-like keys are stored as text too */
    uint32_t size;
    uint32_t hash; /* ejs__hash */
    ejs_value value;
    uint8_t flags;
} ejs__property;

/* Insertion-ordered; a hash index appears when there are many.  A deleted
 * property has key NULL. */
typedef struct ejs__properties {
    ejs__property *list;
    uint32_t *index;
    uint32_t count, capacity, index_size;
    uint32_t deleted;
} ejs__properties;

struct ejs_object {
    uint8_t kind;  /* ejs__object_kind */
    uint8_t flags; /* EJS_FROZEN ... */
    uint16_t class_id; /* which realm object it is, or the error class ... */
    uint32_t length;   /* arrays: number of elements in use; built-in
                          constructors and namespaces: of properties at first */
    ejs_object *proto; /* NULL: none */
    ejs__properties properties;
};
enum {
    EJS_NOT_EXTENSIBLE = 1,
    EJS_FROZEN_ELEMENTS = 2,
    EJS_SEALED_ELEMENTS = 4,
    EJS_LENGTH_READONLY = 8,
};

typedef struct ejs__array {
    ejs_object object; /* object.length elements in use */
    ejs_value *items;  /* HOLE where there is none; far indices beyond a dense
                          array are kept as properties */
    uint32_t capacity;
    uint32_t far_length; /* 0: all elements lie in items; else what `length`
                            says (some indices are kept as properties) */
} ejs__array;

/*
 * Private names (#x) are properties whose key begins with this byte, which no
 * string can contain: "\xff#x".  Nothing enumerates them; reading or writing one
 * that is not there throws.  ejs__define makes them.
 */
#define EJS_PRIVATE "\xff"

typedef struct ejs__accessor {
    ejs_object *get, *set; /* functions or NULL */
} ejs__accessor;

struct ejs_call {
    ejs_context *ctx;
    ejs_object *callee;    /* the function object; NULL for a built-in that was
                              called without being made an object */
    ejs_value self;        /* this */
    const ejs_value *args;
    uint32_t argc;
    bool construct;        /* called by `new` or super() */
    ejs_object *new_target; /* when construct */
    void *user;            /* ejs_define's */
};

/* What a function object runs and what it closes over. */
typedef struct ejs__function_object {
    ejs_object object;
    ejs_function entry;
    const struct ejs__function_info *info; /* name, length, source, kind */
    const void *code;   /* the interpreter's; a builtin's table row */
    ejs_frame *frame;   /* the template it was made in; NULL: built in */
    ejs_value **cells;  /* captured variables, one cell each */
    ejs_value self;     /* arrows: the outer this */
    ejs_object *home;   /* methods: where super starts */
    ejs_object *outer_function; /* arrows: the function whose new.target,
                                   super and arguments they use */
    void *user;
    ejs_value fields;   /* class constructors: initialiser function or undefined */
} ejs__function_object;

typedef enum ejs__code_kind {
    EJS_CODE_NORMAL,
    EJS_CODE_ARROW,
    EJS_CODE_METHOD,
    EJS_CODE_CLASS,
    EJS_CODE_DERIVED_CLASS,
    EJS_CODE_GENERATOR,
    EJS_CODE_BUILTIN,
} ejs__code_kind;

/* The constant part of a function; static in generated C. */
typedef struct ejs__function_info {
    const char *name;
    const char *source; /* for toString(); NULL: native code */
    uint32_t name_size, source_size;
    uint32_t length;
    uint8_t kind; /* ejs__code_kind */
    bool strict;
} ejs__function_info;

/*
 * A property name at one place of the code, with what was learnt there.  The
 * cached slots are hints: every use verifies them, so relaxed races between
 * threads are harmless.
 */
typedef struct ejs_site {
    const char *key;
    uint32_t size;
    uint32_t hash;       /* ejs__hash(key, size); 0: not computed yet */
    uint32_t json_hash;  /* json-c's hash of it; 0: not computed yet */
    uint32_t slot;       /* where it was last time */
    uint32_t proto_slot; /* where in the builtin's method table */
    uint64_t head[2], mask[2]; /* the key's first 16 bytes as they lie in memory,
                            and which bits of them count: with its NUL when it
                            is shorter; 0: to be compared byte by byte */
} ejs_site;
/* Fills in head and mask. */
static inline void ejs__site_mark(ejs_site *site)
{
    const size_t n = site->size < 16 ? site->size : 16;
    memset(site->head, 0, sizeof site->head);
    memset(site->mask, 0, sizeof site->mask);
    if (memchr(site->key, 0, n))
        return;
    memcpy(site->head, site->key, n);
    memset(site->mask, 0xFF, n < 16 ? n + 1 : 16);
}
/* Both as a little-endian machine has them. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EJS_HEAD(h0, h1, m0, m1) {(h0), (h1)}, {(m0), (m1)}
#else
#define EJS_HEAD(h0, h1, m0, m1) {0, 0}, {0, 0}
#endif
#define EJS_SITE(s) {(s), (uint32_t)sizeof(s) - 1, 0, 0, 0, 0, {0, 0}, {0, 0}}

/* templates ------------------------------------------------------------------ */

typedef struct ejs__unit_name {
    const char *text;
    uint32_t size;
    bool is_var; /* the template itself declares it with `var` */
} ejs__unit_name;

/* A compiled template, whichever back end made it. */
struct ejs_unit {
    uint32_t abi;          /* EJS_ABI */
    const char *name;      /* "posts/show": relative to the views folder */
    const char *filename;  /* as shown in messages */
    const char *source;    /* for error excerpts; NULL with compileDebug off */
    uint32_t source_size;
    const ejs__unit_name *names; /* ORDER name: as script->names */
    uint32_t n_names;
    bool with_locals;      /* names are looked up in the locals */
    bool strict;
    bool returns;          /* may end by `return value`: no early flush */
    bool debug;            /* compileDebug: messages get place and excerpt */
    bool own_escape;       /* <%= calls what the program has set */
    const char *locals_name;
    const char *output_function_name; /* or NULL */
    uint32_t n_regexps, n_template_sites; /* per-render caches to provide */
    uint32_t n_includes; /* literal includes: places that are remembered */
    /* Runs the template in `frame`.  Returns undefined normally, THROWN, or
     * with *returned set the value of a template-level `return`. */
    ejs_value (*run)(ejs_frame *frame, bool *returned);
    const void *code; /* the interpreter's */
    ejs_site *name_sites; /* ORDER name: where the names were found last time;
                             NULL: looked up afresh in each render */
};

/*
 * One dynamic name of one frame.  While `epoch` is the context's, `*where` is
 * the value; whatever could change where a name leads starts a new epoch.
 */
typedef struct ejs__name_slot {
    ejs_value *where;
    uint64_t epoch;
    ejs_value cached;   /* data seen through json-c, or a built-in */
    ejs_value variable; /* the template's own var */
} ejs__name_slot;

struct ejs_frame {
    ejs_context *ctx;
    const ejs_unit *unit;
    ejs_frame *includer;     /* NULL: the page itself */
    ejs__name_slot *names;   /* unit->n_names */
    uint32_t line;           /* EJS's __line */
    bool finished;
    ejs_value self;          /* this */
    ejs_object *locals;      /* EJS_OBJECT_LOCALS, made when first needed */
    ejs_value data;          /* what was passed in: JSON, OBJECT or undefined */
    ejs_value include_data;  /* an include's second argument */
    struct ejs__frame_private *more; /* engine's and runtime's own */
    ejs_value *regexps;      /* unit->n_regexps: literal caches */
    ejs_value *template_sites;
    size_t out_start;        /* where this template's output begins in ctx->out */
};

/* The fields generated code touches; the rest is runtime/context.h's. */
struct ejs_context {
    char *out;               /* output so far: out[0 .. out_size) */
    size_t out_size, out_capacity;
    ejs_frame *out_frame;    /* the frame that may append directly */
    int64_t fuel;            /* loop turns and calls until ejs__refuel */
    uint64_t epoch;          /* see ejs__name_slot */
    uint32_t depth;          /* function calls below this one */
    bool fatal;              /* the exception is a limit: not to be caught */
    bool json_quick;         /* json-c nodes may be looked at as jsonc.h does */
    ejs_value exception;     /* valid after something returned THROWN */
    char *arena_cursor, *arena_limit; /* bump allocation, 16-byte steps */
    const char *stack_limit; /* C stack addresses below this are refused */
};

/* limits: call at loop back-edges and on function entry ---------------------- */

EJS_API bool ejs__refuel(ejs_context *ctx); /* false: a limit, now thrown */

static inline bool ejs__step(ejs_context *ctx)
{
    return EJS_LIKELY(--ctx->fuel > 0) || ejs__refuel(ctx);
}

/* memory: NULL after throwing the memory limit -------------------------------- */

EJS_API void *ejs__alloc_slow(ejs_context *ctx, size_t size);
static inline void *ejs__alloc(ejs_context *ctx, size_t size)
{
    const size_t rounded = (size + 15) & ~(size_t)15;
    if (EJS_LIKELY(rounded <= (size_t)(ctx->arena_limit - ctx->arena_cursor) &&
                   size <= rounded)) {
        void *p = ctx->arena_cursor;
        ctx->arena_cursor += rounded;
        return p;
    }
    return ejs__alloc_slow(ctx, size);
}
/* A cell for a captured variable, holding `initial`. */
static inline ejs_value *ejs__cell(ejs_context *ctx, ejs_value initial)
{
    ejs_value *cell = (ejs_value *)ejs__alloc(ctx, sizeof *cell);
    if (cell)
        *cell = initial;
    return cell;
}

/* output ------------------------------------------------------------------------ */

/* Appends to the output of `frame`, which need not be the innermost one. */
EJS_API bool ejs__put_slow(ejs_frame *frame, const char *text, size_t size);
static inline bool ejs__put(ejs_frame *frame, const char *text, size_t size)
{
    ejs_context *ctx = frame->ctx;
    /* more than size: there may be no buffer yet for nothing */
    if (EJS_LIKELY(ctx->out_frame == frame &&
                   ctx->out_capacity - ctx->out_size > size)) {
        memcpy(ctx->out + ctx->out_size, text, size);
        ctx->out_size += size;
        return true;
    }
    return ejs__put_slow(frame, text, size);
}
/* The same from a template's own code, which runs only while nobody else's
 * output comes after its own. */
static inline bool ejs__put_own(ejs_frame *frame, const char *text, size_t size)
{
    ejs_context *ctx = frame->ctx;
    if (EJS_LIKELY(ctx->out_capacity - ctx->out_size >= size)) {
        memcpy(ctx->out + ctx->out_size, text, size);
        ctx->out_size += size;
        return true;
    }
    return ejs__put_slow(frame, text, size);
}
EJS_API bool ejs__put_escaped(ejs_frame *frame, ejs_value v); /* <%= v %> */
EJS_API bool ejs__put_raw(ejs_frame *frame, ejs_value v);     /* <%- v %> */
/* <%= object.key %>: ejs__get and ejs__put_escaped in one. */
EJS_API bool ejs__put_member(ejs_frame *frame, ejs_value object, ejs_site *site);
/* <%= array.join(separator) %> over data that nobody has changed: 1 printed, 0
 * not that plain, nothing printed: to be called as it stands, -1 thrown. */
EJS_API int ejs__put_joined(ejs_frame *frame, ejs_value array, ejs_value separator, bool escaped);
/* <%= v %> where ejs__loop_item or ejs__next_item may have given v. */
EJS_API bool ejs__put_item(ejs_frame *frame, ejs_value v);
/* <%- include(path, data) %> where `include` is EJS's own: rendered straight
 * into the output.  `path` and `data` as given, undefined when missing. */
EJS_API bool ejs__put_include(ejs_frame *frame, ejs_value path, ejs_value data,
                              bool escaped);
/* The same with the literal path of one of the unit's includes: what a view
 * among views has found there once is called at once from then on. */
enum {
    EJS_INCLUDE_ESCAPED = 1,
    EJS_INCLUDE_FRESH = 2, /* `data` was made by ejs__record for this alone */
};
EJS_API bool ejs__put_include_at(ejs_frame *frame, uint32_t place,
                                 ejs_value path, ejs_value data, unsigned how);

/*
 * Runs.  Between ejs__run_begin and ejs__run_end a template's own code has the
 * end of the page in a variable, `out`, and only these may print.  `rest` is how
 * many bytes of text follow in the run: there is room for them at any time.
 */
EJS_API char *ejs__run_room(ejs_context *ctx, size_t rest);
/* The end of the page; NULL: thrown. */
static inline char *ejs__run_begin(ejs_context *ctx, size_t rest)
{
    /* more than rest: there may be no buffer yet for nothing */
    if (EJS_LIKELY(ctx->out_capacity - ctx->out_size > rest))
        return ctx->out + ctx->out_size;
    return ejs__run_room(ctx, rest);
}
static inline void ejs__run_end(ejs_context *ctx, const char *out)
{
    ctx->out_size = (size_t)(out - ctx->out);
}
/* What one of these printed ends where the result points to; NULL: thrown. */
EJS_API char *ejs__run_value(ejs_frame *frame, char *out, size_t rest, ejs_value v);
EJS_API char *ejs__run_item(ejs_frame *frame, char *out, size_t rest, ejs_value v); /* see ejs__put_item */
EJS_API char *ejs__run_member(ejs_frame *frame, char *out, size_t rest, ejs_value object, ejs_site *site);
/* array[key].name over data that nobody has changed; NULL: it is not that simple
 * and nothing was done. */
EJS_API char *ejs__run_member_at(ejs_frame *frame, char *out, size_t rest, ejs_value array, ejs_value key, ejs_site *site);

/* names -------------------------------------------------------------------------- */

EJS_API ejs_value ejs__name_load(ejs_frame *frame, uint32_t i);
static inline bool ejs__name_is_known(const ejs_frame *frame, uint32_t i)
{
    return frame->names[i].epoch == frame->ctx->epoch;
}
static inline ejs_value ejs__name_get(ejs_frame *frame, uint32_t i)
{
    if (EJS_LIKELY(ejs__name_is_known(frame, i)))
        return *frame->names[i].where;
    return ejs__name_load(frame, i);
}
EJS_API bool ejs__name_set(ejs_frame *frame, uint32_t i, ejs_value v, bool strict);
/* The same, quick while the name is known to lead to the template's own var. */
static inline bool ejs__name_put(ejs_frame *frame, uint32_t i, ejs_value v, bool strict)
{
    ejs__name_slot *slot = &frame->names[i];
    if (EJS_LIKELY(slot->epoch == frame->ctx->epoch &&
                   slot->where == &slot->variable)) {
        slot->variable = v;
        return true;
    }
    return ejs__name_set(frame, i, v, strict);
}
/* Sets the template's own var, whatever the name leads to. */
static inline void ejs__name_put_var(ejs_frame *frame, uint32_t i, ejs_value v)
{
    frame->names[i].variable = v;
    frame->ctx->epoch++;
}
EJS_API ejs_value ejs__name_typeof(ejs_frame *frame, uint32_t i);
EJS_API ejs_value ejs__name_delete(ejs_frame *frame, uint32_t i);
/* The name as a callee: also sets *self (the locals object is `this` of a
 * function found in the locals, as `with` has it). */
EJS_API ejs_value ejs__name_callee(ejs_frame *frame, uint32_t i, ejs_value *self);
/* True when the name leads to EJS's own include / the built-in of that name. */
EJS_API bool ejs__name_is_include(ejs_frame *frame, uint32_t i);
/* Where the exception on its way was thrown, unless that is known already:
 * `at` is line * 4096 + column, both from 1; column 0: further right. */
EJS_API void ejs__thrown_at(ejs_context *ctx, const char *file, uint32_t at);
/* Generated C, behind a function's end: a failure's place, then where it goes. */
#if defined(__GNUC__) && !defined(__clang__)
#define EJS_COLD_LABEL __attribute__((cold))
#else
#define EJS_COLD_LABEL
#endif
#define EJS_FAILED_AT(label, file, at, next)                                   \
    label:                                                                     \
    EJS_COLD_LABEL;                                                            \
    ejs__thrown_at(ctx, file, at);                                             \
    goto next
EJS_API ejs_value ejs__throw_tdz(ejs_context *ctx, const char *name);
EJS_API ejs_value ejs__throw_const(ejs_context *ctx); /* Assignment to constant variable. */
/* `this` of a sloppy function called with undefined or null, boxed otherwise. */
EJS_API ejs_value ejs__sloppy_this(ejs_context *ctx, ejs_value self);

/* conversions ---------------------------------------------------------------------- */

EJS_API bool ejs__truthy_slow(ejs_value v);
static inline bool ejs__truthy(ejs_value v)
{
    if (v.tag == EJS_TAG_BOOLEAN)
        return v.as.bits != 0;
    if (v.tag <= EJS_TAG_NULL)
        return false;
    if (v.tag == EJS_TAG_STRING)
        return v.size != 0;
    if (v.tag == EJS_TAG_NUMBER)
        return v.as.number == v.as.number && v.as.number != 0;
    return true;
}
static inline bool ejs__is_nonzero(double n) { return n == n && n != 0; } /* truthy */
typedef enum ejs__hint { EJS_HINT_DEFAULT, EJS_HINT_STRING, EJS_HINT_NUMBER } ejs__hint;
EJS_API ejs_value ejs__to_primitive(ejs_context *ctx, ejs_value v, ejs__hint hint);
EJS_API ejs_value ejs__to_string(ejs_context *ctx, ejs_value v); /* a STRING or THROWN */
/* What a sum with a string prints of v: a STRING, a NUMBER or THROWN. */
EJS_API ejs_value ejs__to_summand(ejs_context *ctx, ejs_value v);
EJS_API ejs_value ejs__to_number(ejs_context *ctx, ejs_value v); /* a NUMBER or THROWN */
EJS_API ejs_value ejs__to_object(ejs_context *ctx, ejs_value v); /* OBJECT, JSON or THROWN */
EJS_API ejs_value ejs__to_property_key(ejs_context *ctx, ejs_value v); /* a STRING or THROWN */
EJS_API bool ejs__to_int32(ejs_context *ctx, ejs_value v, int32_t *out);
EJS_API ejs_value ejs__typeof(ejs_value v); /* a STRING */

/* operators -------------------------------------------------------------------------- */

EJS_API ejs_value ejs__add_slow(ejs_context *ctx, ejs_value a, ejs_value b);
static inline ejs_value ejs__add(ejs_context *ctx, ejs_value a, ejs_value b)
{
    if (a.tag == EJS_TAG_NUMBER && b.tag == EJS_TAG_NUMBER)
        return ejs__number(a.as.number + b.as.number);
    return ejs__add_slow(ctx, a, b);
}
/* - * / % ** << >> >>> & | ^ ; op as in ast.h's ejs__operator, ORDER arith */
typedef enum ejs__arith {
    EJS_SUB, EJS_MUL, EJS_DIV, EJS_MOD, EJS_POW,
    EJS_SHL, EJS_SHR, EJS_USHR, EJS_AND, EJS_OR, EJS_XOR,
} ejs__arith;
EJS_API ejs_value ejs__arith_slow(ejs_context *ctx, ejs__arith op, ejs_value a, ejs_value b);
#define EJS__NUMERIC(name, op, expression)                                     \
    static inline ejs_value ejs__##name(ejs_context *ctx, ejs_value a, ejs_value b) \
    {                                                                          \
        if (a.tag == EJS_TAG_NUMBER && b.tag == EJS_TAG_NUMBER)                \
            return ejs__number(expression);                                    \
        return ejs__arith_slow(ctx, op, a, b);                                 \
    }
EJS__NUMERIC(sub, EJS_SUB, a.as.number - b.as.number)
EJS__NUMERIC(mul, EJS_MUL, a.as.number * b.as.number)
EJS__NUMERIC(div, EJS_DIV, a.as.number / b.as.number)
EJS_API double ejs__fmod_slow(double a, double b);
static inline double ejs__fmod(double a, double b)
{
    if (EJS_LIKELY(a > 0 && a <= 4294967295.0 && b > 0 && b <= 4294967295.0)) {
        const uint32_t i = (uint32_t)a, k = (uint32_t)b;
        if (EJS_LIKELY(i == a && k == b))
            return i % k;
    }
    return ejs__fmod_slow(a, b);
}
EJS__NUMERIC(mod, EJS_MOD, ejs__fmod(a.as.number, b.as.number))
#undef EJS__NUMERIC
EJS_API ejs_value ejs__negate(ejs_context *ctx, ejs_value v);
EJS_API ejs_value ejs__bit_not(ejs_context *ctx, ejs_value v);

EJS_API bool ejs__strict_equal_slow(ejs_value a, ejs_value b);
static inline bool ejs__strict_equal(ejs_value a, ejs_value b)
{
    if (a.tag == EJS_TAG_NUMBER && b.tag == EJS_TAG_NUMBER)
        return a.as.number == b.as.number;
    return ejs__strict_equal_slow(a, b);
}
EJS_API int ejs__loose_equal(ejs_context *ctx, ejs_value a, ejs_value b); /* 1 0 -1 */
typedef enum ejs__order { EJS_LESS, EJS_LESS_EQUAL, EJS_GREATER, EJS_GREATER_EQUAL } ejs__order;
EJS_API int ejs__compare_slow(ejs_context *ctx, ejs__order op, ejs_value a, ejs_value b); /* 1 0 -1 */
static inline int ejs__compare(ejs_context *ctx, ejs__order op, ejs_value a, ejs_value b)
{
    if (a.tag == EJS_TAG_NUMBER && b.tag == EJS_TAG_NUMBER) {
        switch (op) {
        case EJS_LESS: return a.as.number < b.as.number;
        case EJS_LESS_EQUAL: return a.as.number <= b.as.number;
        case EJS_GREATER: return a.as.number > b.as.number;
        default: return a.as.number >= b.as.number;
        }
    }
    return ejs__compare_slow(ctx, op, a, b);
}
EJS_API bool ejs__same_value(ejs_value a, ejs_value b);
EJS_API bool ejs__same_value_zero(ejs_value a, ejs_value b);
EJS_API int ejs__in(ejs_context *ctx, ejs_value key, ejs_value object); /* 1 0 -1 */
EJS_API int ejs__private_in(ejs_context *ctx, ejs_value key, ejs_value object); /* #x in o */
EJS_API int ejs__instanceof(ejs_context *ctx, ejs_value v, ejs_value constructor);

/* Template literals and long sums: all converted with ToString and joined. */
EJS_API ejs_value ejs__concat(ejs_context *ctx, const ejs_value *parts, uint32_t n);

/* properties ------------------------------------------------------------------------------ */

EJS_API ejs_value ejs__get(ejs_context *ctx, ejs_value object, ejs_site *site);
EJS_API ejs_value ejs__get_index(ejs_context *ctx, ejs_value object, ejs_value key);
EJS_API ejs_value ejs__get_length(ejs_context *ctx, ejs_value object); /* .length */
/* Before a method's arguments are made: throws when object is undefined or null. */
static inline bool ejs__readable(ejs_context *ctx, ejs_value object, ejs_site *site)
{
    return EJS_LIKELY(!ejs__is_nullish(object)) || !ejs__is_thrown(ejs__get(ctx, object, site));
}
EJS_API bool ejs__set(ejs_context *ctx, ejs_value object, ejs_site *site, ejs_value v, bool strict);
/* The key of o[key] op= v, which is converted once. */
static inline ejs_value ejs__place_key(ejs_context *ctx, ejs_value object, ejs_value key)
{
    if (EJS_LIKELY(!ejs__is_object(key)) || ejs__is_nullish(object))
        return key;
    return ejs__to_property_key(ctx, key);
}
EJS_API bool ejs__set_index(ejs_context *ctx, ejs_value object, ejs_value key, ejs_value v, bool strict);
EJS_API ejs_value ejs__delete(ejs_context *ctx, ejs_value object, ejs_value key, bool strict); /* BOOLEAN or THROWN */
/* super.x and super[x]: looked up in home's prototype with this receiver. */
EJS_API ejs_value ejs__get_super(ejs_context *ctx, ejs_object *home, ejs_value key, ejs_value self);
EJS_API bool ejs__set_super(ejs_context *ctx, ejs_object *home, ejs_value key, ejs_value v, ejs_value self, bool strict);

/* making objects ----------------------------------------------------------------------------- */

EJS_API ejs_object *ejs__object_new(ejs_context *ctx); /* {} ; NULL: thrown */
/* {a: values[0], ...} with the keys of `n` sites, all different; NULL: thrown. */
enum { EJS_RECORD_MOST = 8 };
EJS_API ejs_object *ejs__record(ejs_context *ctx, ejs_site *sites, const ejs_value *values, uint32_t n);
EJS_API ejs__array *ejs__array_new(ejs_context *ctx, uint32_t capacity);
EJS_API bool ejs__array_push(ejs_context *ctx, ejs__array *array, ejs_value v);
/* [...v]: appends what iterating v gives. */
/* `text` names it in errors, see ejs__iterate; in calls it begins with "...". */
EJS_API bool ejs__array_spread(ejs_context *ctx, ejs__array *array, ejs_value v, const char *text);
/* { key: v } in a literal: defines, does not assign. */
EJS_API bool ejs__define(ejs_context *ctx, ejs_object *object, ejs_site *site, ejs_value v);
EJS_API bool ejs__define_index(ejs_context *ctx, ejs_object *object, ejs_value key, ejs_value v);
EJS_API bool ejs__define_accessor(ejs_context *ctx, ejs_object *object, ejs_value key, ejs_value function, bool is_setter, bool enumerable);
EJS_API bool ejs__define_method(ejs_context *ctx, ejs_object *object, ejs_value key, ejs_value function); /* classes: not enumerable */
EJS_API bool ejs__object_spread(ejs_context *ctx, ejs_object *object, ejs_value v); /* {...v} */
/* { __proto__: v } in a literal. */
EJS_API bool ejs__set_proto_literal(ejs_context *ctx, ejs_object *object, ejs_value v);
/* const {a, ...rest} = v: all own enumerable ones but those named. */
EJS_API ejs_value ejs__object_rest(ejs_context *ctx, ejs_value v, const ejs_value *taken, uint32_t n);
EJS_API ejs_value ejs__regexp_literal(ejs_frame *frame, uint32_t index, const char *pattern, uint32_t pattern_size, const char *flags, uint32_t flags_size);
EJS_API ejs_value ejs__template_object(ejs_frame *frame, uint32_t site, const ejs_value *cooked, const ejs_value *raw, uint32_t n);
EJS_API ejs_value ejs__arguments(ejs_context *ctx, ejs_call *call, bool strict);
/* arguments[i], if there is one, and the parameter in the cell become one. */
EJS_API bool ejs__map_argument(ejs_context *ctx, ejs_value arguments, uint32_t i, ejs_value *cell);
/* Arguments from `first` on, as an array: a rest parameter. */
EJS_API ejs_value ejs__rest(ejs_context *ctx, const ejs_call *call, uint32_t first);

/* built-ins called as they are ------------------------------------------------------------------- */

/* class_id of Math, String and Number. */
enum { EJS_IS_MATH = 107, EJS_IS_STRING = 18, EJS_IS_NUMBER = 22 };
/* Is it that built-in, and have no members of it been changed? */
static inline bool ejs__is_pristine(ejs_value v, uint16_t class_id)
{
    return v.tag == EJS_TAG_OBJECT && v.as.object->class_id == class_id &&
           v.as.object->properties.count == v.as.object->length;
}
static inline bool ejs__is_builtin(ejs_value v, uint16_t class_id)
{
    return v.tag == EJS_TAG_OBJECT && v.as.object->class_id == class_id;
}
static inline double ejs__round(double x)
{
    if (!(fabs(x) < 4503599627370496.0))
        return x;
    const double below = floor(x);
    return copysign(x - below >= 0.5 ? below + 1 : below, x);
}
/* NaN wins over all, and 0 is above -0. */
static inline double ejs__max(double a, double b)
{
    if (a != a || b != b)
        return NAN;
    if (a == b)
        return signbit(a) ? b : a;
    return a > b ? a : b;
}
static inline double ejs__min(double a, double b) { return -ejs__max(-a, -b); }

/* functions and calls ---------------------------------------------------------------------------- */

/* A closure with room for `n_cells` cells, which the caller fills in.  NULL: thrown. */
EJS_API ejs__function_object *ejs__closure(ejs_context *ctx, ejs_frame *frame, const ejs__function_info *info, ejs_function entry, const void *code, uint32_t n_cells);
/* Gives an anonymous function the name of what it is assigned to. */
EJS_API void ejs__name_function(ejs_context *ctx, ejs_value function, ejs_value name, const char *prefix);

/* `text` is the callee as V8 prints it, for "a.b is not a function", or a whole
 * sentence that ends in "is not iterable". */
EJS_API ejs_value ejs__call(ejs_context *ctx, ejs_value function, ejs_value self, const ejs_value *args, uint32_t argc, const char *text);
/* object.key(args): finds and calls; built-in methods without making objects. */
EJS_API ejs_value ejs__call_method(ejs_context *ctx, ejs_value object, ejs_site *site, const ejs_value *args, uint32_t argc, const char *text);
/* The two halves of it, for arguments that may change where the name leads: what
 * object.key is, for ejs__call_found only, which calls it. */
EJS_API ejs_value ejs__find_method(ejs_context *ctx, ejs_value object, ejs_site *site);
EJS_API ejs_value ejs__find_method_at(ejs_context *ctx, ejs_value object, ejs_value key);
EJS_API ejs_value ejs__call_found(ejs_context *ctx, ejs_value function, ejs_value object, ejs_value name, const ejs_value *args, uint32_t argc, const char *text);
EJS_API ejs_value ejs__call_index(ejs_context *ctx, ejs_value object, ejs_value key, const ejs_value *args, uint32_t argc, const char *text);
EJS_API ejs_value ejs__new(ejs_context *ctx, ejs_value constructor, const ejs_value *args, uint32_t argc, const char *text);
/* super(...args) of the derived constructor running in `call`; sets its this. */
EJS_API ejs_value ejs__super_call(ejs_context *ctx, ejs_call *call, const ejs_value *args, uint32_t argc);
/* What follows it: the fields of the derived class. */
EJS_API bool ejs__init_fields(ejs_context *ctx, const ejs_object *constructor, ejs_value self);
EJS_API ejs_value ejs__throw_no_this(ejs_context *ctx); /* super() was not called */
/* new.target of the function running in `call`. */
static inline ejs_value ejs__new_target(const ejs_call *call)
{
    if (!call->construct)
        return ejs__undefined();
    return ejs__object(call->new_target ? call->new_target : call->callee);
}
/* What an instance is given before its constructor goes on. */
typedef enum ejs__field_kind {
    EJS_FIELD_VALUE, /* what calling the function returns */
    EJS_FIELD_METHOD,
    EJS_FIELD_GETTER,
    EJS_FIELD_SETTER,
} ejs__field_kind;
EJS_API bool ejs__class_field(ejs_context *ctx, ejs_value class_, ejs__field_kind kind, ejs_value key, ejs_value function);
/* class ... : constructor and prototype from the constructor's closure; base is
 * HOLE without `extends`. */
EJS_API ejs_value ejs__class(ejs_context *ctx, ejs__function_object *constructor, ejs_value base);
/* Entry of every compiled function: depth, C stack and fuel.  False: thrown. */
EJS_API bool ejs__enter_slow(ejs_context *ctx);
static inline bool ejs__enter(ejs_context *ctx)
{
    char here;
    return EJS_LIKELY(ctx->depth++ < 4900 && &here > ctx->stack_limit &&
                      --ctx->fuel > 0) ||
           ejs__enter_slow(ctx); /* undoes depth when false */
}
static inline void ejs__leave(ejs_context *ctx) { ctx->depth--; }

/* generators: the back end's part is `resume` and whatever follows the struct.
 * `mode` says how the generator goes on, `sent` with what; the result is 1 with
 * the yielded value, 0 with the returned one, or -1 when it threw.  The runtime
 * calls it only on a generator that is not running and not done; a fresh one
 * that gets EJS_RESUME_RETURN or _THROW is finished without a call. */
typedef enum ejs__resume_mode {
    EJS_RESUME_NEXT,
    EJS_RESUME_THROW,
    EJS_RESUME_RETURN,
} ejs__resume_mode;
typedef struct ejs__generator {
    ejs_object object; /* EJS_OBJECT_GENERATOR */
    int (*resume)(ejs_context *ctx, struct ejs__generator *generator,
                  ejs__resume_mode mode, ejs_value sent, ejs_value *result);
    bool started, running, done;
} ejs__generator;
/* What calling a generator function returns: `size` bytes, the rest zero, with
 * the prototype of `callee`.  NULL: thrown. */
EJS_API ejs__generator *ejs__generator_new(ejs_context *ctx, ejs_object *callee, size_t size);

/* iteration --------------------------------------------------------------------------------------- */

typedef struct ejs__iterator {
    uint32_t kind, flags;
    uint64_t i;
    ejs_value object, extra;
    void *state;
} ejs__iterator;
/* for-of, spread, destructuring.  `text` names the expression in errors; without
 * it, or with "", they go by the value. */
EJS_API bool ejs__iterate(ejs_context *ctx, ejs__iterator *it, ejs_value v, const char *text);
EJS_API int ejs__next(ejs_context *ctx, ejs__iterator *it, ejs_value *v); /* 1 value, 0 end, -1 thrown */
/* The same for a value that is only printed, by ejs__put_item. */
EJS_API int ejs__next_item(ejs_context *ctx, ejs__iterator *it, ejs_value *v);
/* Leaving early (break, return, throw, a pattern that took enough). */
EJS_API bool ejs__iterate_end(ejs_context *ctx, ejs__iterator *it);
/* for-in: keys as strings; those deleted meanwhile are skipped. */
EJS_API bool ejs__enumerate(ejs_context *ctx, ejs__iterator *it, ejs_value v);
EJS_API int ejs__next_key(ejs_context *ctx, ejs__iterator *it, ejs_value *key);

/*
 * Array methods with a literal callback, run as a loop in place (loop.c).
 * Opens when `receiver` is an array, native or json-c's, and `method` leads to
 * the built-in of that name; *length is what the method would take.
 */
EJS_API bool ejs__loop_open(ejs_context *ctx, ejs_value receiver, ejs_site *method, uint32_t *length);
EJS_API ejs_value ejs__loop_at_slow(ejs_context *ctx, ejs_value receiver, uint32_t i);
/* Like ejs__loop_at for an element that is only printed, by ejs__put_item: what
 * kind of value it is may be left open. */
EJS_API ejs_value ejs__loop_item(ejs_context *ctx, ejs_value receiver, uint32_t i);
/* Element i; HOLE when there is none. */
static inline ejs_value ejs__loop_at(ejs_context *ctx, ejs_value receiver, uint32_t i)
{
    if (receiver.tag == EJS_TAG_OBJECT) {
        const ejs__array *array = (const ejs__array *)(const void *)receiver.as.object;
        if (EJS_LIKELY(i < array->object.length && i < array->capacity &&
                       array->items[i].tag != EJS_TAG_HOLE))
            return array->items[i];
    }
    return ejs__loop_at_slow(ctx, receiver, i);
}

/* exceptions ---------------------------------------------------------------------------------------- */

typedef enum ejs__error_class {
    EJS_ERROR, EJS_TYPE_ERROR, EJS_RANGE_ERROR, EJS_SYNTAX_ERROR,
    EJS_REFERENCE_ERROR, EJS_URI_ERROR, EJS_EVAL_ERROR,
} ejs__error_class;
/* Throws a new error object; always returns THROWN. */
EJS_API ejs_value ejs__throw_error(ejs_context *ctx, ejs__error_class cls, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
EJS_API ejs_value ejs__throw_value(ejs_context *ctx, ejs_value v);
/* In a catch: takes the exception, or THROWN again when it must not be caught. */
EJS_API ejs_value ejs__catch(ejs_context *ctx);
/* Destructuring undefined or null; `text` the value's source, NULL of arguments,
 * "" within patterns; `property` the first property wanted or NULL. */
EJS_API ejs_value ejs__throw_destructure(ejs_context *ctx, ejs_value v, const char *property, const char *text);

#ifdef __cplusplus
}
#endif

#endif
