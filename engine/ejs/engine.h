/*
 * engine.h - what engine.c, load.c, render.c and api.c share.
 */
#ifndef EJS_ENGINE_H
#define EJS_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

#include <ejs.h>

#include "base/arena.h"
#include "base/map.h"
#include "ejs/runtime/context.h"
#include "ejs/syntax/ast.h"
#include "ejs/vm/code.h"

/* A file as it was when it was read. */
typedef struct ejs__stamp {
    struct timespec modified;
    off_t size;
    ino_t inode;
} ejs__stamp;

struct ejs_template {
    atomic_uint refs;
    ejs_engine *engine;
    base_arena arena; /* of all below */
    const char *path; /* absolute; NULL: text without a file, or native */
    const ejs_unit *unit;
    ejs__script *script;   /* NULL: native */
    ejs__program *program; /* likewise */
    ejs__stamp stamp;
    bool is_read; /* from a file: `stamp` says when */
    /* Of a unit: what its literal includes lead to, units too, once known. */
    _Atomic(const ejs_template *) *known;
};

/* A template that a render in progress may still run, and the include that
 * led to it first. */
typedef struct ejs__held {
    ejs_template *tpl;
    const ejs_template *from;
    ejs_value path;
    struct ejs__held *next;
} ejs__held;

/* What the engine keeps of a render; the realm's engine_state. */
typedef struct ejs__render_state {
    ejs__held *held;
    const ejs_template *page;
    ejs_value layout;     /* the name of the layout, or undefined */
    ejs_object *blocks;   /* by name; NULL: none */
    ejs_object *sections; /* of contentFor(), by name; NULL: none */
    const char *block;    /* the only part of the page wanted; NULL: all */
    ejs_value fragment;   /* what fragment(block, ...) wrote, or undefined */
} ejs__render_state;

/* What include(name) in one template means. */
typedef struct ejs__include {
    ejs_template *tpl;
    bool is_inside; /* below the roots, views and allowed folders, whoever
                       includes it */
    char key[];     /* the includer's path, NUL, the name */
} ejs__include;

enum { EJS__POOLED = 8 }; /* contexts kept for the next renders */

/* A place for one, on a cache line that no other thread's is on.  Whoever takes
 * the context leaves a mark there, and alone may put one back. */
typedef struct ejs__pool_place {
    _Atomic(ejs_context *) ctx;
    char apart[64 - sizeof(ejs_context *)];
} ejs__pool_place;

struct ejs_engine {
    ejs_options options; /* all strings are copies */
    ejs__syntax_options syntax;
    ejs__settings settings; /* of all renders */
    base_arena arena;       /* of options, hosts and units */
    base_map hosts;   /* name -> ejs__host */
    ejs__host escape; /* the program's own; without a function: HTML's */
    base_map units;   /* name -> ejs_template, native */
    ejs_native_fn native;
    void *native_user;
    pthread_rwlock_t lock; /* of the two caches */
    base_map templates;    /* path -> ejs_template */
    base_map includes;     /* key -> ejs__include */
    /* Contexts that wait; each thread looks at a place of its own first. */
    ejs__pool_place pool[EJS__POOLED];
};

/* Fills in an error; err may be NULL.  Returns false. */
bool ejs__fail(ejs_error *err, ejs_status status, const char *name,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
bool ejs__fail_memory(ejs_error *err);
void ejs__clear_error(ejs_error *err);

/* api.c ----------------------------------------------------------------------
 */

/* A context of the engine's in which a render begins; NULL: out of memory. */
ejs_context *ejs__begin_render(ejs_engine *engine, ejs_write_fn write,
                               void *user);
void ejs__end_render(ejs_context *ctx);

/* Renders the page, or only its block of that name; data may be THROWN, which
 * is reported.  False: *err says why. */
bool ejs__render_data(ejs_context *ctx, const ejs_template *tpl, ejs_value data,
                      const char *block, ejs_error *err);

/* load.c ---------------------------------------------------------------------
 */

/* The template at a path, from the cache or read; with a reference for the
 * caller.  NULL: *err says why. */
ejs_template *ejs__load_path(ejs_engine *engine, const char *path,
                             ejs_error *err);

/* Fills in an error of a template's text; returns false. */
bool ejs__fail_syntax(ejs_error *err, const ejs__syntax_error *e,
                      const char *filename);

/* Whether include(name) finds something, in the file at an absolute path. */
bool ejs__include_exists(const ejs_engine *engine, const char *path,
                         const char *name);

/* A native view as a template; NULL: *err says why. */
ejs_template *ejs__unit_template(ejs_engine *engine, const ejs_unit *unit,
                                 ejs_error *err);

/* The ejs__resolve_fn of the renders. */
const ejs_unit *ejs__find_include(ejs_frame *frame, uint32_t place,
                                  ejs_value path, const void **tpl);
typedef enum ejs__sought {
    EJS__INCLUDE,
    EJS__LAYOUT,
    EJS__PARTIAL
} ejs__sought;
/* The same for a layout's or a partial's name. */
const ejs_unit *ejs__find_other(ejs_frame *frame, ejs_value name,
                                ejs__sought what, const void **tpl);
/* Gives up what the includes of a render took. */
void ejs__drop_includes(ejs_context *ctx);

/* layout.c -------------------------------------------------------------------
 */

/* layout(), block(), contentFor() ... for the engine; false: no memory. */
bool ejs__define_layouts(ejs_engine *engine);

/* ejs__render_page within the layouts that the page asks for; or only the
 * block of that name. */
bool ejs__render_with_layout(ejs_context *ctx, const ejs_template *page,
                             ejs_value data, const char *block);

#endif
