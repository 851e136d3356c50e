/*
 * context.h - one render in progress, the whole of it, and how the engine
 * starts, feeds and ends one.
 *
 *     ejs_context *ctx = ejs__context_new();          pooled by the engine
 *     ejs__context_begin(ctx, &settings, NULL, NULL);
 *     if (ejs__render_page(ctx, unit, tpl, data))
 *         ... ctx->out, ctx->out_size ...
 *     else
 *         ejs__report(ctx, err);
 *     ejs__context_end(ctx);                          back to the pool
 *
 * Frames.  Each template being rendered has an ejs_frame on the C stack;
 * ctx->out_frame is the innermost, and frame->includer leads outwards.  All
 * append to one buffer: a frame's text runs from its out_start to its child's,
 * the innermost one's to the end.
 */
#ifndef EJS_RUNTIME_CONTEXT_H
#define EJS_RUNTIME_CONTEXT_H

#include <ejs/runtime.h>

#include "base/arena.h"
#include "base/map.h"
#include "ejs/runtime/realm.h"

/* What ejs_define made.  An object ("flash" of "flash.get") has members and no
 * function.  All borrowed from the engine. */
typedef struct ejs__host {
    const char *name;
    ejs_function function;
    void *user;
    base_map members; /* name -> ejs__host */
    ejs__builtin row; /* of function objects made of it */
} ejs__host;

/*
 * Finds what include(path) means for the template of `frame`.  Sets *tpl, which
 * the included frame's more->tpl will be.  `place` numbers a unit's literal
 * includes, each of which always has the same path.  NULL: thrown.
 */
#define EJS_NO_PLACE UINT32_MAX
typedef const ejs_unit *ejs__resolve_fn(ejs_frame *frame, uint32_t place,
                                        ejs_value path, const void **tpl);

/* The same for all renders of an engine. */
typedef struct ejs__settings {
    void *engine; /* whose renders they are */
    ejs__resolve_fn *resolve;
    const base_map *hosts;         /* name -> ejs__host; may be NULL */
    const ejs__host *escape;       /* instead of HTML's; NULL: none */
    size_t max_output, max_memory; /* 0: no limit */
    uint64_t max_steps;
    unsigned max_depth, max_includes, max_time_ms;
    const char *time_zone;    /* NULL: UTC */
    const char *locale;       /* NULL: "en-US" */
    double now;               /* NaN: the system's clock, read once */
    struct json_object *self; /* a page's `this`; NULL: undefined */
    bool typed;               /* {"$date": ...} is a Date */
    bool unsafe_locals;       /* includes see reassigned names */
} ejs__settings;

/* The engine's and the runtime's part of a frame. */
struct ejs__frame_private {
    const void *tpl;       /* the engine's template */
    void *engine_data;     /* layouts and blocks: the engine's own */
    ejs_object *arguments; /* the template's `arguments`, once wanted */
    unsigned n_included;   /* includes between the page and this */
    bool has_closures;     /* a function of it may still be called */
    ejs_frame *below;      /* the innermost frame when this one began */
    ejs_object *include;   /* EJS's `include` as a value, once wanted */
};

/* A string that concatenation may grow in place: its last byte is at end - 1,
 * and nobody else has used what follows. */
typedef struct ejs__growable {
    char *end, *limit;
} ejs__growable;

/* Where we were in a string that is not ASCII. */
typedef struct ejs__cursor {
    const char *text;
    uint32_t size, units; /* units: UINT32_MAX until known */
    uint32_t unit, byte;
} ejs__cursor;

enum { EJS_N_GROWABLE = 4, EJS_N_CURSORS = 4 };

/* A json-c node and what stands for it: its native copy, or a Date. */
typedef struct ejs__shadow {
    const struct json_object *node; /* NULL: free */
    ejs_object *object;
} ejs__shadow;

typedef struct ejs__realm {
    ejs_context ctx; /* first: an ejs_context is the start of its realm */
    const ejs__settings *settings;
    ejs_write_fn write; /* NULL: the output stays in ctx.out */
    void *write_user;
    base_arena arena;
    size_t chunk;     /* size of the next piece to take from the arena */
    char *only_chunk; /* all that was taken from it; NULL: none, or several */
    void *pool_place; /* the engine's: where the context is kept */

    ejs_object protos[EJS_N_CLASSES];
    ejs_object *makers[EJS_N_CLASSES]; /* constructors and namespaces */
    bool has_state;                    /* some builtin_state is set */
    bool used;                         /* some proto or maker is not pristine */
    bool changed;       /* some proto has got properties or another proto */
    ejs_object *global; /* implicit globals; NULL until needed */

    ejs__growable growable[EJS_N_GROWABLE];
    ejs__cursor cursors[EJS_N_CURSORS];
    uint8_t next_growable, next_cursor;
    bool has_hints; /* some growable or cursor is set */

    ejs__shadow *shadows; /* open addressing */
    uint32_t n_shadows, shadow_size;
    uint32_t n_copies; /* shadows that are copies of changed nodes */

    int64_t fuel_left;   /* beyond ctx.fuel, which is handed out in slices */
    int64_t deadline_ns; /* CLOCK_MONOTONIC; 0: none */
    double now;          /* ms since 1970, NaN until asked for */
    unsigned captures;   /* > 0: the output must stay in memory */
    bool has_halves;     /* lone surrogates may be in the output */
    size_t flushed;      /* bytes already written out */
    bool write_failed;
    size_t last_size; /* output of the last render: first guess for next */

    ejs_status status; /* of the exception: EJS_RUNTIME, EJS_LIMIT ... */
    bool placed;       /* the following four are set */
    ejs_value summary; /* the message before rethrow wrapped it */
    const char *file;
    uint32_t line;
    const struct ejs_object *placed_exception;
    bool has_thrown; /* the next three are set; see ejs__thrown_at */
    const struct ejs_object *thrown_exception; /* NULL: not an object */
    const char *thrown_file;
    const struct ejs_object *hint_exception; /* what `hint` is about */
    char hint[128];
    uint32_t thrown_at;

    void *builtin_state[EJS_N_CLASSES];   /* see ejs__builtin_state */
    void *engine_state;                   /* the engine's, per render */
    ejs_value *registers, *registers_end; /* the interpreter's free ones */
    struct ejs__register_block *register_block; /* which they are part of */
} ejs__realm;

static inline ejs__realm *ejs__realm_of(ejs_context *ctx)
{
    return (ejs__realm *)ctx;
}
static inline ejs_object *ejs__proto(ejs_context *ctx, ejs__class_id id)
{
    return &ejs__realm_of(ctx)->protos[id];
}

/* life ------------------------------------------------------------------------
 */

ejs_context *ejs__context_new(void); /* NULL: out of memory */
void ejs__context_free(ejs_context *ctx);
/* `settings` must outlive the render; `write` may be NULL. */
void ejs__context_begin(ejs_context *ctx, const ejs__settings *settings,
                        ejs_write_fn write, void *user);
/* Where the output goes, told after beginning; the time limit starts anew. */
void ejs__context_write_to(ejs_context *ctx, ejs_write_fn write, void *user);
/* Forgets the render; keeps up to `keep` bytes of memory for the next. */
void ejs__context_end(ejs_context *ctx, size_t keep);

/* Where a built-in file keeps its own of a render: arena memory, NULL at
 * first. */
void **ejs__builtin_state(ejs_context *ctx, ejs__class_id id);

/* The clock: ms since 1970, the same during the whole render. */
double ejs__now(ejs_context *ctx);

/* rendering (include.c)
 * --------------------------------------------------------- */

/* Renders the page; the output is in ctx->out (or written).  False: thrown. */
bool ejs__render_page(ejs_context *ctx, const ejs_unit *unit, const void *tpl,
                      ejs_value data);

/* Renders `unit` below `frame` as include() does, straight into the output. */
bool ejs__include_put(ejs_frame *frame, const ejs_unit *unit, const void *tpl,
                      ejs_value data, bool escaped);
/* The same as a value: a STRING (or what the template returned), or THROWN. */
ejs_value ejs__include_value(ejs_frame *frame, const ejs_unit *unit,
                             const void *tpl, ejs_value data);

/* Output between begin and end becomes a string; nest them properly. */
size_t ejs__capture_begin(ejs_frame *frame);
ejs_value ejs__capture_end(ejs_frame *frame, size_t mark, bool keep);

/* Writes out what is finished, when streaming; false: thrown. */
bool ejs__flush(ejs_context *ctx, bool all);

/* locals (names.c)
 * ----------------------------------------------------------------- */

/* The template's `locals` object; NULL: thrown. */
ejs_object *ejs__locals(ejs_frame *frame);
/* A name in the data of this frame or outer ones, not in `locals` itself. */
bool ejs__data_get(ejs_frame *frame, const char *key, uint32_t size,
                   ejs_site *site, ejs_value *v);

/* errors (error.c)
 * --------------------------------------------------------------------- */

/* EJS's rethrow: place and excerpt before the message of ctx->exception. */
void ejs__rethrow(ejs_frame *frame);
/* Whether the place where ctx->exception was thrown is known. */
bool ejs__knows_thrown(ejs_context *ctx);
/* Describes ctx->exception. */
void ejs__report(ejs_context *ctx, ejs_error *err);

/* json-c (jsonview.c)
 * -------------------------------------------------------------------- */

/* A node as a value; NULL is null.  THROWN: no memory. */
ejs_value ejs__from_json(ejs_context *ctx, struct json_object *node);

/* The maker and the mark of ejs_json_date's values. */
struct json_object *ejs__json_date(double ms);
bool ejs__json_is_date(struct json_object *node, double *ms);

#endif
