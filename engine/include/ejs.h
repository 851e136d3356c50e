/*
 * ejs.h - compile and render EJS templates from C.
 *
 *     ejs_error err;
 *     char *html = ejs_render_file("views/hello.ejs", locals, NULL, &err);
 *
 * This header is the whole public API of libejs.  It knows nothing of HTTP.
 *
 * Ownership, everywhere below:
 *   - `locals` is borrowed: a render takes no reference and leaves none behind,
 *     and never changes it.  NULL means {}.
 *   - A returned `char *` is malloc'd; the caller frees it.
 *   - Everything else a render allocates lives in one arena and dies with it.
 *   - An ejs_error owns no memory; drop it whenever you like.  `err` may be
 *     NULL everywhere.
 *
 * Threads: an ejs_engine and its templates may be used from many threads at
 * once, as long as nobody is still calling ejs_define() or ejs_engine_add_units()
 * on that engine.
 */
#ifndef EJS_H
#define EJS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef EJS_API
#define EJS_API __attribute__((visibility("default")))
#endif

struct json_object;

#define EJS_VERSION "0.1.0"

/* Configuration and template cache, usually one per program. */
typedef struct ejs_engine ejs_engine;

/* One compiled template: immutable and reference counted. */
typedef struct ejs_template ejs_template;

/* A view compiled ahead of time by `mvcgen compile`; see ejs/runtime.h. */
typedef struct ejs_unit ejs_unit;

typedef enum ejs_status {
    EJS_OK = 0,
    EJS_SYNTAX,    /* the template does not parse */
    EJS_RUNTIME,   /* the template threw while rendering */
    EJS_NOT_FOUND, /* no such template */
    EJS_LIMIT,     /* output, memory, step, depth or time limit reached */
    EJS_IO,        /* reading a template or writing the output failed */
    EJS_DATA,      /* the JSON text given as data does not parse */
    EJS_NOMEM,
} ejs_status;

/* What went wrong and where.  Lines and columns count from 1; 0 is unknown. */
typedef struct ejs_error {
    ejs_status status;
    int line, column;
    char file[256];
    char name[32];      /* the JavaScript error's class: "TypeError" ... */
    char summary[512];  /* the sentence alone: "x is not defined" */
    char hint[256];     /* what may help: "did you mean 'y'?"; or "" */
    char message[4096]; /* the whole, as EJS 7 words it: place, excerpt, sentence;
                           cut in the middle where that is too long */
} ejs_error;

/* All members are optional; zero means the EJS default. */
typedef struct ejs_options {
    const char *const *roots; /* where include("/x") starts; NULL-ended */
    const char *const *views; /* further directories to search, NULL-ended */
    const char *const *allowed; /* what include() may reach besides roots, views
                                   and the page's own folder; NULL-ended */
    const char *locals_name;  /* "locals" */
    const char *open_delimiter, *delimiter, *close_delimiter; /* < % > */
    const char *output_function_name;
    const char *const *destructured_locals; /* NULL-ended */
    const char *extension;  /* "ejs": appended to names without one */
    const char *time_zone;  /* "America/New_York"; NULL: TZ, else UTC */
    const char *locale;     /* "en-US" */
    const char *layout;     /* with `layouts`: around each page that names none */
    struct json_object *self; /* `this` of templates, borrowed; NULL: none */
    bool strict;            /* strict mode, no `with`: locals.x only */
    bool no_with;           /* `_with: false` */
    bool rm_whitespace;
    bool no_compile_debug;  /* errors without place and excerpt */
    bool own_escape;        /* to compile for ejs_engine_set_escape() ahead of time */
    bool unsafe_prototype_locals; /* includes see reassigned names */
    bool legacy_include;    /* `<% include x %>` of EJS 1 and 2, whose includes
                               see reassigned names */
    bool typed;             /* {"$date": ...} in the data is a Date */
    bool layouts;           /* pages may call layout(), block(), contentFor(),
                               defineContent(), fragment() and partial() */
    bool extract_scripts;   /* with `layouts`: <script>s leave the body for the */
    bool extract_styles;    /* layout's `script`, <style>s and <link>s for its */
    bool extract_metas;     /* `style`, <meta>s for its `meta` */
    bool reload;            /* recompile a template whose file changed */
    bool unconfined;        /* let include() leave the roots and views */
    bool has_now;           /* `now` below is the clock */
    double now;             /* ms since 1970: what Date.now() says */
    size_t max_output;      /* bytes one render may write; 0: 32 MiB */
    size_t max_memory;      /* bytes one render may use; 0: 256 MiB */
    uint64_t max_steps;     /* loop turns and calls; 0: 50 million */
    unsigned max_depth;     /* function calls; 0: 5000 */
    unsigned max_includes;  /* nested includes; 0: 200 */
    unsigned max_time_ms;   /* 0: none */
} ejs_options;

/* Receives output as it is produced.  Returns false to stop the render. */
typedef bool (*ejs_write_fn)(void *user, const char *data, size_t size);

/* engine ------------------------------------------------------------------ */

EJS_API ejs_engine *ejs_engine_new(const ejs_options *options, ejs_error *err);
EJS_API void ejs_engine_free(ejs_engine *engine);
EJS_API void ejs_engine_clear_cache(ejs_engine *engine);

/* Native views: looked up by name before any file.  `units` is NULL-ended and
 * must outlive the engine. */
EJS_API bool ejs_engine_add_units(ejs_engine *engine,
                                  const ejs_unit *const units[],
                                  ejs_error *err);

/*
 * Called for each template that was compiled from a file or from text: may
 * return native code for it, which then runs instead, or NULL to interpret it.
 * What is returned must outlive the engine.  For tools; set it before use.
 */
typedef const ejs_unit *(*ejs_native_fn)(void *user, const ejs_template *tpl);
EJS_API void ejs_engine_set_native(ejs_engine *engine, ejs_native_fn native,
                                   void *user);

/* templates ---------------------------------------------------------------- */

/* `filename` places errors and relative includes; NULL: neither. */
EJS_API ejs_template *ejs_compile(ejs_engine *engine, const char *source,
                                  size_t size, const char *filename,
                                  ejs_error *err);

/* A view by name ("posts/show") or path, from units, cache or disk. */
EJS_API ejs_template *ejs_load(ejs_engine *engine, const char *name,
                               ejs_error *err);
EJS_API ejs_template *ejs_template_ref(ejs_template *tpl);
EJS_API void ejs_template_free(ejs_template *tpl);

/*
 * All problems of a template, without making one of it.  After an error the
 * check goes on where nothing that follows can depend on it, else that error is
 * the last.  Warnings: include("x") finds no file; names such as `process` and
 * `require`, which templates do not have.  In order of their places;
 * false when there was an error.
 */
typedef void (*ejs_problem_fn)(void *user, const ejs_error *problem,
                               bool is_warning);
EJS_API bool ejs_check(ejs_engine *engine, const char *source, size_t size,
                       const char *filename, ejs_problem_fn report, void *user);

/* rendering ------------------------------------------------------------------ */

EJS_API bool ejs_render(const ejs_template *tpl, struct json_object *locals,
                        ejs_write_fn write, void *user, ejs_error *err);
EJS_API char *ejs_render_string(const ejs_template *tpl,
                                struct json_object *locals, size_t *size,
                                ejs_error *err);

/* A page in memory that serves again; {0} to begin with. */
typedef struct ejs_buffer {
    char *data; /* malloc'd, not NUL-terminated; the caller frees it */
    size_t size, capacity;
} ejs_buffer;

/* Renders into the buffer, over what is in it; it grows when need be.  After a
 * failure its size is 0. */
EJS_API bool ejs_render_into(const ejs_template *tpl,
                             struct json_object *locals, ejs_buffer *page,
                             ejs_error *err);
/*
 * One part of a page, for an engine with `layouts`: what stands behind
 * contentFor(block), what block(block) has collected, or what
 * fragment(block, function) writes; "body" is the page without its layout.
 * malloc'd.  EJS_NOT_FOUND when the page has no such part.
 */
EJS_API char *ejs_render_block(const ejs_template *tpl, const char *block,
                               struct json_object *locals, size_t *size,
                               ejs_error *err);
EJS_API char *ejs_render_file(const char *path, struct json_object *locals,
                              size_t *size, ejs_error *err);

/* From JSON text straight to the page, without a json-c tree between. */
EJS_API bool ejs_render_json(const ejs_template *tpl, const char *json,
                             size_t json_size, ejs_write_fn write, void *user,
                             ejs_error *err);

/* ahead of time: write `tpl` as one C translation unit defining `symbol` */
EJS_API bool ejs_emit_c(const ejs_template *tpl, const char *symbol, FILE *out,
                        ejs_error *err);

/* looking inside --------------------------------------------------------------- */

EJS_API void ejs_dump_ast(const ejs_template *tpl, FILE *out);
EJS_API void ejs_dump_code(const ejs_template *tpl, FILE *out);

/* errors and text ---------------------------------------------------------------- */

EJS_API const char *ejs_strerror(ejs_status status);
EJS_API void ejs_error_print(const ejs_error *err, FILE *out);
EJS_API char *ejs_escape_html(const char *text, size_t size);

/* A json-c value that serialises as an ISO string and that templates see as a
 * Date; `ms` since 1970.  The caller owns it.  NULL when out of memory. */
EJS_API struct json_object *ejs_json_date(double ms);

/*
 * Helpers: C functions a template can call ------------------------------------
 *
 *     static ejs_value shout(ejs_call *call)
 *     {
 *         ejs_text s = ejs_to_text(call, ejs_arg(call, 0));
 *         return ejs_textf(call, "%.*s!", (int)s.size, s.data);
 *     }
 *     ejs_define(engine, "shout", shout, NULL);
 *
 * A helper that calls back into the template (ejs_invoke) must return at once
 * when the result ejs_is_thrown().  A conversion that throws (of an object
 * whose toString does) gives "" or NaN; whatever the helper returns then, the
 * exception goes on when it has returned.
 */
typedef struct ejs_call ejs_call;
typedef struct ejs_object ejs_object;

typedef struct ejs_text {
    const char *data; /* UTF-8, not necessarily NUL-terminated */
    size_t size;
} ejs_text;

/* A JavaScript value, passed by value; read it through the functions below. */
typedef struct ejs_value {
    uint8_t tag, flags;
    uint16_t reserved;
    uint32_t size;
    union {
        double number;
        uint64_t bits;
        const char *text;
        ejs_object *object;
        struct json_object *json;
    } as;
} ejs_value;

typedef ejs_value (*ejs_function)(ejs_call *call);

/* Makes `name` callable from every template of the engine.  A dotted name
 * ("flash.get") is a method of an object.  False when out of memory. */
EJS_API bool ejs_define(ejs_engine *engine, const char *name, ejs_function fn,
                        void *user);
/*
 * What <%= value %> does instead of escaping for HTML, EJS's option `escape`:
 * `fn` is given the value, also undefined and null, and what it returns is
 * written.  It is asked about names in messages, too.  Set it before templates
 * are compiled and units added; units need `mvcgen compile --own-escape`.
 */
EJS_API void ejs_engine_set_escape(ejs_engine *engine, ejs_function fn,
                                   void *user);
EJS_API void *ejs_user(const ejs_call *call);
EJS_API size_t ejs_argc(const ejs_call *call);
EJS_API ejs_value ejs_arg(const ejs_call *call, size_t i); /* undefined past the end */
EJS_API ejs_value ejs_this(const ejs_call *call);

EJS_API ejs_text ejs_to_text(ejs_call *call, ejs_value v);
EJS_API double ejs_to_number(ejs_call *call, ejs_value v);
EJS_API bool ejs_to_bool(ejs_call *call, ejs_value v);
EJS_API bool ejs_is_thrown(ejs_value v);
EJS_API bool ejs_is_undefined(ejs_value v);
EJS_API bool ejs_is_function(ejs_value v);
EJS_API bool ejs_has_thrown(const ejs_call *call); /* a conversion failed */

EJS_API ejs_value ejs_undefined(void);
EJS_API ejs_value ejs_null(void);
EJS_API ejs_value ejs_bool(bool b);
EJS_API ejs_value ejs_number(double n);
EJS_API ejs_value ejs_string(ejs_call *call, const char *data, size_t size);
EJS_API ejs_value ejs_textf(ejs_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
EJS_API ejs_value ejs_json(ejs_call *call, struct json_object *borrowed);
EJS_API ejs_value ejs_get(ejs_call *call, ejs_value object, const char *name);
EJS_API ejs_value ejs_invoke(ejs_call *call, ejs_value function,
                             ejs_value self, const ejs_value *args, size_t n);
EJS_API ejs_value ejs_throw(ejs_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
EJS_API void *ejs_alloc(ejs_call *call, size_t size); /* lives as long as the render */

/*
 * Locals made in C, without a json-c tree between -----------------------------
 *
 *     ejs_locals *l = ejs_locals_new(engine, &err);
 *     ejs_locals_text(l, "title", "Posts", 5);
 *     ejs_locals_array(l, "posts");
 *     for (size_t i = 0; i < n; i++) {
 *         ejs_locals_object(l, NULL);
 *         ejs_locals_put(l, "id", ejs_number(posts[i].id));
 *         ejs_locals_text(l, "title", posts[i].title, posts[i].title_size);
 *         ejs_locals_end(l);
 *     }
 *     ejs_locals_end(l);
 *     if (!ejs_render_locals(tpl, l, write, user, &err)) ...
 *
 * What is put lies in the memory of the render to come, within its limits;
 * ejs_render_locals() uses the locals up, whether it succeeds or not.  Nothing
 * here has to be checked: the first mistake or failure is kept, later calls do
 * nothing, a NULL `l` is one that failed, and ejs_render_locals() says why.
 *
 * `name` is that of the member of the object at hand and copied; in an array it
 * is ignored.  Text is UTF-8; bytes that are not become U+FFFD.  Of equal names
 * the last counts.  One thread at a time may use the same locals.
 */
typedef struct ejs_locals ejs_locals;

EJS_API ejs_locals *ejs_locals_new(ejs_engine *engine, ejs_error *err);
/* For locals that were not rendered after all.  NULL is fine. */
EJS_API void ejs_locals_free(ejs_locals *l);

/* ejs_undefined(), ejs_null(), ejs_bool() or ejs_number(). */
EJS_API void ejs_locals_put(ejs_locals *l, const char *name, ejs_value v);
/* Borrowed: `text` must stay as it is until the render is over. */
EJS_API void ejs_locals_text(ejs_locals *l, const char *name, const char *text,
                             size_t size);
/* Copied. */
EJS_API void ejs_locals_copy(ejs_locals *l, const char *name, const char *text,
                             size_t size);
EJS_API void ejs_locals_format(ejs_locals *l, const char *name,
                               const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A Date; `ms` since 1970. */
EJS_API void ejs_locals_date(ejs_locals *l, const char *name, double ms);
/* Borrowed like the locals of ejs_render(). */
EJS_API void ejs_locals_json(ejs_locals *l, const char *name,
                             struct json_object *borrowed);

/* Begin an object or array, which takes what follows until its end. */
EJS_API void ejs_locals_object(ejs_locals *l, const char *name);
EJS_API void ejs_locals_array(ejs_locals *l, const char *name);
EJS_API void ejs_locals_end(ejs_locals *l);

/* Renders with them, as ejs_render() does, and frees them.  `tpl` must be of
 * the same engine. */
EJS_API bool ejs_render_locals(const ejs_template *tpl, ejs_locals *l,
                               ejs_write_fn write, void *user, ejs_error *err);

#ifdef __cplusplus
}
#endif

#endif
