/*
 * load.c - from a name to a template: units, files, the cache, and what
 * include() may reach.
 *
 * Where include(name) looks (EJS's rules):
 *   "/x"   in the first root that has it
 *   "x"    beside the including file, then in the views folders
 * An extension is added to names without one.  The file found has to lie below
 * a root, a views folder, an allowed one or the page's own, links resolved,
 * unless the engine is unconfined.
 */
#include "ejs/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ejs/runtime/object.h"

enum {
    MAX_SOURCE = 64 << 20, /* bytes of one template */
    SOME_HELD = 8,         /* recent includes that are looked through */
};

/* compiling -------------------------------------------------------------------
 */

/* EJS's words around V8's. */
bool ejs__fail_syntax(ejs_error *err, const ejs__syntax_error *e,
                      const char *filename)
{
    if (e->out_of_memory)
        return ejs__fail_memory(err);
    if (!err)
        return false;
    if (e->is_plain_error)
        ejs__fail(err, EJS_SYNTAX, "Error", "%s", e->message);
    else if (e->is_refusal)
        ejs__fail(err, EJS_SYNTAX, "SyntaxError", "%s:%u:%u: %s; %s",
                  filename ? filename : "ejs", e->line, e->column, e->message,
                  e->hint);
    else
        ejs__fail(err, EJS_SYNTAX, "SyntaxError",
                  "%s%s%s while compiling ejs\n\n"
                  "If the above error is not helpful, you may want to try "
                  "EJS-Lint:\nhttps://github.com/RyanZim/EJS-Lint\n"
                  "Or, if you meant to create an async function, pass "
                  "`async: true` as an option.",
                  e->message, filename ? " in " : "", filename ? filename : "");
    err->line = (int)e->line;
    err->column = (int)e->column;
    snprintf(err->file, sizeof err->file, "%s", filename ? filename : "");
    snprintf(err->summary, sizeof err->summary, "%s", e->message);
    snprintf(err->hint, sizeof err->hint, "%s", e->hint);
    return false;
}

static ejs_template *new_template(ejs_engine *engine, const char *path)
{
    ejs_template *tpl = calloc(1, sizeof *tpl);
    if (!tpl)
        return NULL;
    base_arena_init(&tpl->arena, 0);
    atomic_init(&tpl->refs, 1);
    tpl->engine = engine;
    if (path &&
        !(tpl->path = base_arena_dup(&tpl->arena, path, strlen(path)))) {
        ejs_template_free(tpl);
        return NULL;
    }
    return tpl;
}

/* "posts/show" for views/posts/show.ejs; the file's name outside the views. */
static const char *view_name(const ejs_engine *engine, base_arena *arena,
                             const char *path)
{
    const char *const *views = engine->options.views;
    const char *name = path ? base_path_basename(path) : "";
    for (size_t i = 0; path && views && views[i]; i++) {
        char *dir = base_path_absolute(views[i]);
        const size_t size = dir ? strlen(dir) : 0;
        if (size && base_path_is_below(dir, path) && path[size] == '/') {
            name = path + size + 1;
            free(dir);
            break;
        }
        free(dir);
    }
    const char *extension = base_path_extension(name);
    return base_arena_dup(arena, name, (size_t)(extension - name));
}

/* Text to tree to code; `name` is the view's.  False: *err says why. */
static bool translate(ejs_template *tpl, const char *source, size_t size,
                      const char *filename, const ejs__syntax_options *options,
                      const char *name, ejs_error *err)
{
    ejs__syntax_error syntax = {0};
    tpl->script =
        ejs__parse(&tpl->arena, source, size, filename, options, &syntax);
    if (!tpl->script)
        return ejs__fail_syntax(err, &syntax, filename);
    tpl->program = ejs__compile(tpl->script, name);
    if (!tpl->program)
        return ejs__fail_memory(err);
    tpl->unit = &tpl->program->unit;
    return true;
}

static ejs_template *compile(ejs_engine *engine, const char *source,
                             size_t size, const char *filename,
                             const char *path, ejs_error *err)
{
    ejs_template *tpl = new_template(engine, path);
    const char *name = tpl ? view_name(engine, &tpl->arena, tpl->path) : NULL;
    if (!name)
        ejs__fail_memory(err);
    if (!name ||
        !translate(tpl, source, size, filename, &engine->syntax, name, err)) {
        ejs_template_free(tpl);
        return NULL;
    }
    if (engine->native) {
        const ejs_unit *unit = engine->native(engine->native_user, tpl);
        if (unit && unit->run)
            tpl->unit = unit;
    }
    return tpl;
}

/* A unit that C could not be written for carries its text instead. */
static bool interpret_unit(ejs_template *tpl, const ejs_unit *unit,
                           ejs_error *err)
{
    ejs__syntax_options options = tpl->engine->syntax;
    if (!unit->source)
        return ejs__fail(err, EJS_IO, "Error",
                         "view '%s' has no native code: compile it with "
                         "compileDebug, so that it can be interpreted",
                         unit->name);
    options.strict = unit->strict;
    options.no_with = !unit->with_locals && !unit->strict;
    options.locals_name = unit->locals_name;
    options.output_function_name = unit->output_function_name;
    return translate(tpl, unit->source, unit->source_size, unit->filename,
                     &options, unit->name, err);
}

ejs_template *ejs__unit_template(ejs_engine *engine, const ejs_unit *unit,
                                 ejs_error *err)
{
    ejs_template *tpl = new_template(engine, NULL);
    if (!tpl) {
        ejs__fail_memory(err);
        return NULL;
    }
    tpl->unit = unit;
    tpl->known =
        base_arena_zalloc(&tpl->arena, unit->n_includes, sizeof *tpl->known);
    if (!tpl->known && unit->n_includes) {
        ejs_template_free(tpl);
        ejs__fail_memory(err);
        return NULL;
    }
    if (unit->run || interpret_unit(tpl, unit, err))
        return tpl;
    ejs_template_free(tpl);
    return NULL;
}

ejs_template *ejs_compile(ejs_engine *engine, const char *source, size_t size,
                          const char *filename, ejs_error *err)
{
    char *path = filename ? base_path_absolute(filename) : NULL;
    ejs_template *tpl = NULL;
    ejs__clear_error(err);
    if (filename && !path)
        ejs__fail_memory(err);
    else
        tpl = compile(engine, source, size, filename, path, err);
    free(path);
    return tpl;
}

ejs_template *ejs_template_ref(ejs_template *tpl)
{
    atomic_fetch_add_explicit(&tpl->refs, 1, memory_order_relaxed);
    return tpl;
}

void ejs_template_free(ejs_template *tpl)
{
    if (!tpl ||
        atomic_fetch_sub_explicit(&tpl->refs, 1, memory_order_acq_rel) != 1)
        return;
    base_arena_free(&tpl->arena);
    free(tpl);
}

/* files
 * -------------------------------------------------------------------------- */

static const char *errno_code(int code, const char **words)
{
    switch (code) {
    case ENOENT:
        *words = "no such file or directory, open";
        return "ENOENT";
    case ENOTDIR:
        *words = "not a directory, open";
        return "ENOTDIR";
    case EACCES:
        *words = "permission denied, open";
        return "EACCES";
    case EISDIR:
        *words = "illegal operation on a directory, open";
        return "EISDIR";
    case EFBIG:
        *words = "file too large, open";
        return "EFBIG";
    default:
        *words = "cannot be read, open";
        return "EIO";
    }
}

static bool fail_read(ejs_error *err, const char *path, int code)
{
    const char *words;
    const char *name = errno_code(code, &words);
    if (code == ENOMEM)
        return ejs__fail_memory(err);
    return ejs__fail(err,
                     code == ENOENT || code == ENOTDIR ? EJS_NOT_FOUND : EJS_IO,
                     "Error", "%s: %s '%s'", name, words, path);
}

static bool stamp_of(const char *path, ejs__stamp *stamp)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    *stamp = (ejs__stamp){st.st_mtim, st.st_size, st.st_ino};
    return true;
}

static bool is_current(const ejs_template *tpl)
{
    ejs__stamp now;
    return stamp_of(tpl->path, &now) &&
           now.modified.tv_sec == tpl->stamp.modified.tv_sec &&
           now.modified.tv_nsec == tpl->stamp.modified.tv_nsec &&
           now.size == tpl->stamp.size && now.inode == tpl->stamp.inode;
}

static ejs_template *read_template(ejs_engine *engine, const char *path,
                                   ejs_error *err)
{
    static const char bom[] = "\xef\xbb\xbf";
    ejs__stamp stamp = {0};
    size_t size;
    const bool has_stamp = stamp_of(path, &stamp);
    char *source = base_file_read(path, MAX_SOURCE, &size);
    if (!source) {
        fail_read(err, path, errno);
        return NULL;
    }
    const size_t skip = size >= 3 && memcmp(source, bom, 3) == 0 ? 3 : 0;
    ejs_template *tpl =
        compile(engine, source + skip, size - skip, path, path, err);
    free(source);
    if (tpl) {
        tpl->stamp = stamp;
        tpl->is_read = has_stamp;
    }
    return tpl;
}

static ejs_template *cached(ejs_engine *engine, const char *path)
{
    pthread_rwlock_rdlock(&engine->lock);
    ejs_template *tpl = base_map_get(&engine->templates, path, strlen(path));
    if (tpl)
        ejs_template_ref(tpl);
    pthread_rwlock_unlock(&engine->lock);
    return tpl;
}

/* Puts the template in the cache, which takes a reference of its own. */
static bool keep(ejs_engine *engine, ejs_template *tpl)
{
    const size_t size = strlen(tpl->path);
    pthread_rwlock_wrlock(&engine->lock);
    ejs_template *old = base_map_remove(&engine->templates, tpl->path, size);
    const bool kept = base_map_put(&engine->templates, tpl->path, size,
                                   ejs_template_ref(tpl));
    pthread_rwlock_unlock(&engine->lock);
    if (!kept)
        ejs_template_free(tpl);
    ejs_template_free(old);
    return kept;
}

ejs_template *ejs__load_path(ejs_engine *engine, const char *path,
                             ejs_error *err)
{
    ejs_template *tpl = cached(engine, path);
    if (tpl && (!engine->options.reload || is_current(tpl)))
        return tpl;
    ejs_template_free(tpl);
    tpl = read_template(engine, path, err);
    if (tpl && !keep(engine, tpl)) {
        ejs_template_free(tpl);
        ejs__fail_memory(err);
        return NULL;
    }
    return tpl;
}

/* names
 * ------------------------------------------------------------------------------
 *
 * What looks for a file returns NULL when there is none, or with ENOMEM in
 * errno, which must not pass for that.
 */

static void *not_found(void)
{
    errno = ENOENT;
    return NULL;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

/* As path.extname() has it: of "a.ejs/" too, not of ".." or ".hidden". */
static bool has_extension(const char *name)
{
    size_t end = strlen(name);
    while (end > 0 && name[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && name[start - 1] != '/')
        start--;
    const char *dot =
        memchr(name + start + (end > start), '.', end - start - (end > start));
    return dot && (end - start != 2 || name[start] != '.');
}

/* dir/name, normalised, with the extension; malloc'd. */
static char *candidate(const ejs_engine *engine, const char *dir,
                       const char *name)
{
    char *joined = base_path_join(dir, name);
    char *normal = joined ? base_path_absolute(joined) : NULL;
    free(joined);
    if (!normal || has_extension(name))
        return normal;
    const size_t size = strlen(normal) + strlen(engine->options.extension) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s.%s", normal, engine->options.extension);
    free(normal);
    return path;
}

/* The first folder that has the file; NULL when none has. */
static char *search(const ejs_engine *engine, const char *const *dirs,
                    const char *name)
{
    for (size_t i = 0; dirs && dirs[i]; i++) {
        char *path = candidate(engine, dirs[i], name);
        if (!path)
            return no_memory();
        if (base_file_exists(path))
            return path;
        free(path);
    }
    return not_found();
}

/* ENOMEM stays in errno from one call to the next. */
static bool is_below_any(const char *const *dirs, const char *path)
{
    bool is_known = errno != ENOMEM;
    for (size_t i = 0; dirs && dirs[i]; i++) {
        char *true_path = base_path_confine(dirs[i], path);
        is_known &= true_path || errno != ENOMEM;
        free(true_path);
        if (true_path)
            return true;
    }
    errno = is_known ? EACCES : ENOMEM;
    return false;
}

/* A native view: "posts/show", also with the extension; NULL: none. */
static ejs_template *unit_named(const ejs_engine *engine, const char *name)
{
    if (!engine->units.count)
        return NULL;
    while (*name == '/')
        name++;
    ejs_template *tpl = base_map_get(&engine->units, name, strlen(name));
    if (tpl)
        return ejs_template_ref(tpl);
    char *normal = base_path_normalise(name);
    if (!normal)
        return NULL;
    const size_t size = strlen(normal);
    const size_t ext = strlen(engine->options.extension);
    tpl = base_map_get(&engine->units, normal, size);
    if (!tpl && size > ext + 1 && normal[size - ext - 1] == '.' &&
        strcmp(normal + size - ext, engine->options.extension) == 0)
        tpl = base_map_get(&engine->units, normal, size - ext - 1);
    free(normal);
    return tpl ? ejs_template_ref(tpl) : NULL;
}

/* A view's file: name.ejs or name/index.ejs in the views folders. */
static char *find_view(const ejs_engine *engine, const char *name)
{
    char *path = search(engine, engine->options.views, name);
    if (path || errno == ENOMEM || has_extension(name))
        return path;
    char *index = base_path_join(name, "index");
    if (!index)
        return no_memory();
    path = search(engine, engine->options.views, index);
    free(index);
    return path;
}

static bool fail_view(ejs_error *err, const ejs_engine *engine,
                      const char *name)
{
    char folders[400] = "";
    size_t size = 0;
    for (size_t i = 0; engine->options.views && engine->options.views[i] &&
                       size < sizeof folders;
         i++)
        size +=
            (size_t)snprintf(folders + size, sizeof folders - size, "%s\"%s\"",
                             i ? " or " : "", engine->options.views[i]);
    return ejs__fail(err, EJS_NOT_FOUND, "Error",
                     "Failed to lookup view \"%s\" in views %s %s", name,
                     engine->options.views && engine->options.views[0] &&
                             engine->options.views[1]
                         ? "directories"
                         : "directory",
                     *folders ? folders : "\".\"");
}

/* After a search that failed: errno says why. */
static bool fail_lookup(ejs_error *err, const ejs_engine *engine,
                        const char *name)
{
    return errno == ENOMEM ? ejs__fail_memory(err)
                           : fail_view(err, engine, name);
}

ejs_template *ejs_load(ejs_engine *engine, const char *name, ejs_error *err)
{
    ejs_template *tpl = unit_named(engine, name);
    ejs__clear_error(err);
    if (tpl)
        return tpl;
    char *path = *name == '/' ? not_found() : find_view(engine, name);
    errno = path ? 0 : errno;
    if (path && !engine->options.unconfined &&
        !is_below_any(engine->options.views, path)) {
        fail_lookup(err, engine, name);
        free(path);
        return NULL;
    }
    if (!path && (*name == '/' || !engine->options.views))
        path = candidate(engine, "", name);
    if (path)
        tpl = ejs__load_path(engine, path, err);
    else
        fail_lookup(err, engine, name);
    free(path);
    return tpl;
}

/* include
 * -------------------------------------------------------------------------------
 */

static const ejs_template *page_of(const ejs_frame *frame)
{
    while (frame->includer)
        frame = frame->includer;
    return frame->more->tpl;
}

/* A unit's includes are looked for among the units, beside it and at the top.
 */
static ejs_template *find_unit(const ejs_engine *engine,
                               const ejs_template *from, const char *name)
{
    ejs_template *tpl = NULL;
    if (from && !from->path && *name != '/') {
        char *dir = base_path_dirname(from->unit->name);
        char *path = dir ? base_path_join(dir, name) : NULL;
        tpl = path ? unit_named(engine, path) : NULL;
        free(path);
        free(dir);
    }
    return tpl ? tpl : unit_named(engine, name);
}

/* The file that include(name) of `from` means, malloc'd; NULL: none. */
static char *find_file(const ejs_engine *engine, const ejs_template *from,
                       const char *name)
{
    const char *const *roots = engine->options.roots;
    if (*name == '/') {
        while (*name == '/')
            name++;
        if (!roots || !roots[0])
            return candidate(engine, "/", name);
        if (!roots[1])
            return candidate(engine, roots[0], name);
        return search(engine, roots, name);
    }
    if (from && from->path) {
        char *dir = base_path_dirname(from->path);
        char *path = dir ? candidate(engine, dir, name) : NULL;
        free(dir);
        if (!path)
            return no_memory();
        if (base_file_exists(path))
            return path;
        free(path);
    }
    return search(engine, engine->options.views, name);
}

bool ejs__include_exists(const ejs_engine *engine, const char *path,
                         const char *name)
{
    ejs_template *unit = unit_named(engine, name);
    const ejs_template from = {.path = (char *)path};
    char *file = unit ? NULL : find_file(engine, &from, name);
    const bool is_known = unit || file || errno != ENOMEM;
    const bool exists = unit || (file && base_file_exists(file));
    ejs_template_free(unit);
    free(file);
    return exists || !is_known;
}

static ejs_template *throw_no_memory(ejs_context *ctx)
{
    ejs__throw_no_memory(ctx);
    return NULL;
}

static ejs_template *throw_missing(ejs_context *ctx, const char *name)
{
    if (*name == '/') {
        ejs__throw_error(ctx, EJS_ERROR,
                         "Internal EJS error: no file name or template "
                         "provided");
        return NULL;
    }
    const ejs_value escaped = ejs__escaped_text(ctx, name);
    if (!ejs__is_thrown(escaped))
        ejs__throw_error(ctx, EJS_ERROR,
                         "Could not find the include file \"%s\"",
                         ejs__describe(ctx, escaped));
    return NULL;
}

/* An error of loading becomes one of the template that includes. */
static ejs_template *throw_load(ejs_context *ctx, const ejs_error *err)
{
    if (err->status == EJS_NOMEM)
        ejs__throw_no_memory(ctx);
    else
        ejs__throw_error(ctx,
                         strcmp(err->name, "SyntaxError") == 0
                             ? EJS_SYNTAX_ERROR
                             : EJS_ERROR,
                         "%s", err->message);
    return NULL;
}

static bool may_include(const ejs_engine *engine, ejs_frame *frame,
                        const char *path, bool is_inside)
{
    if (is_inside || engine->options.unconfined)
        return true;
    const ejs_template *page = page_of(frame);
    char *dir = page && page->path ? base_path_dirname(page->path) : NULL;
    const char *const dirs[] = {dir, NULL};
    const bool allowed = is_below_any(dirs, path);
    free(dir);
    return allowed;
}

/* After may_include(). */
static ejs_template *throw_outside(ejs_context *ctx, const char *name)
{
    if (errno == ENOMEM)
        return throw_no_memory(ctx);
    char *escaped = ejs_escape_html(name, strlen(name));
    ejs__throw_error(ctx, EJS_ERROR,
                     "include of \"%s\" leads out of the folders of the views",
                     escaped ? escaped : "");
    free(escaped);
    return NULL;
}

/* The cache of includes: a reference to what was found before, or NULL. */
static ejs_template *known_include(ejs_engine *engine, const char *key,
                                   size_t size, bool *is_inside)
{
    ejs_template *tpl = NULL;
    pthread_rwlock_rdlock(&engine->lock);
    const ejs__include *known = base_map_get(&engine->includes, key, size);
    if (known) {
        tpl = ejs_template_ref(known->tpl);
        *is_inside = known->is_inside;
    }
    pthread_rwlock_unlock(&engine->lock);
    return tpl;
}

/* A cache that cannot be written to only costs time. */
static void remember_include(ejs_engine *engine, const char *key, size_t size,
                             ejs_template *tpl, bool is_inside)
{
    ejs__include *include = malloc(sizeof *include + size);
    if (!include)
        return;
    memcpy(include->key, key, size);
    include->is_inside = is_inside;
    include->tpl = ejs_template_ref(tpl);
    pthread_rwlock_wrlock(&engine->lock);
    ejs__include *old = base_map_remove(&engine->includes, key, size);
    const bool kept =
        base_map_put(&engine->includes, include->key, size, include);
    pthread_rwlock_unlock(&engine->lock);
    if (!kept)
        old = include;
    if (old) {
        ejs_template_free(old->tpl);
        free(old);
    }
}

/* `path` is malloc'd and freed here. */
static ejs_template *load_file(ejs_engine *engine, ejs_frame *frame, char *path,
                               const char *name, bool *is_inside)
{
    ejs_template *tpl = NULL;
    ejs_error err;
    errno = 0;
    *is_inside = is_below_any(engine->options.roots, path) ||
                 is_below_any(engine->options.views, path) ||
                 is_below_any(engine->options.allowed, path);
    if (base_file_exists(path) && !may_include(engine, frame, path, *is_inside))
        throw_outside(frame->ctx, name);
    else if (!(tpl = ejs__load_path(engine, path, &err)))
        throw_load(frame->ctx, &err);
    free(path);
    return tpl;
}

static ejs_template *find_include(ejs_engine *engine, ejs_frame *frame,
                                  const char *name, bool *is_inside)
{
    const ejs_template *from = frame->more->tpl;
    ejs_context *ctx = frame->ctx;
    *is_inside = true;
    if (from && !from->path) {
        ejs_template *unit = find_unit(engine, from, name);
        if (unit)
            return unit;
    }
    char *path = find_file(engine, from, name);
    if (path)
        return load_file(engine, frame, path, name, is_inside);
    if (errno == ENOMEM)
        return throw_no_memory(ctx);
    ejs_template *unit = find_unit(engine, from, name);
    return unit ? unit : throw_missing(ctx, name);
}

/* layout, partial
 * ----------------------------------------------------------------------- */

/* A layout is a view; one that is not among them is sought as an include. */
static ejs_template *find_layout(ejs_engine *engine, ejs_frame *frame,
                                 const char *name, bool *is_inside)
{
    const char *plain = name;
    while (*plain == '/')
        plain++;
    ejs_template *unit = unit_named(engine, plain);
    *is_inside = true;
    if (unit)
        return unit;
    char *path = find_view(engine, plain);
    if (!path && errno == ENOMEM)
        return throw_no_memory(frame->ctx);
    return path ? load_file(engine, frame, path, name, is_inside)
                : find_include(engine, frame, name, is_inside);
}

/* `name` with `format` for its last part, "a/b" as "a/_b"; malloc'd. */
static char *variant(const char *name, const char *format)
{
    const char *base = base_path_basename(name);
    const size_t size = strlen(name) + strlen(format) + 1;
    char *text = malloc(size);
    if (!text)
        return NULL;
    const int n = snprintf(text, size, "%.*s", (int)(base - name), name);
    if (strcmp(format, "_") == 0)
        snprintf(text + n, size - (size_t)n, "_%s", base);
    else
        snprintf(text + n, size - (size_t)n, "%s%s", base, format);
    return text;
}

/* The partial in a folder: _name, name, or name/index. */
static char *search_partial(const ejs_engine *engine, const char *const *dirs,
                            const char *name)
{
    static const char *const formats[] = {"_", "", "/index"};
    char *path = NULL;
    for (size_t d = 0; dirs && dirs[d] && !path; d++) {
        const char *const one[] = {dirs[d], NULL};
        for (size_t i = 0; i < 3 && !path; i++) {
            char *text = variant(name, formats[i]);
            if (!text)
                return no_memory();
            path = search(engine, one, text);
            free(text);
            if (!path && errno == ENOMEM)
                return NULL;
        }
    }
    return path;
}

/* The same among native views, those of a folder first. */
static ejs_template *partial_unit(const ejs_engine *engine,
                                  const ejs_template *from, const char *name)
{
    static const char *const formats[] = {"_", "", "/index"};
    ejs_template *tpl = NULL;
    for (size_t i = 0; i < 3 && !tpl; i++) {
        char *text = variant(name, formats[i]);
        tpl = text ? find_unit(engine, from, text) : NULL;
        free(text);
    }
    return tpl;
}

static ejs_template *find_partial(ejs_engine *engine, ejs_frame *frame,
                                  const char *name, bool *is_inside)
{
    const ejs_template *from = frame->more->tpl;
    ejs_template *unit = partial_unit(engine, from, name);
    *is_inside = true;
    if (unit)
        return unit;
    char *dir = from && from->path ? base_path_dirname(from->path) : NULL;
    const char *const beside[] = {dir, NULL};
    char *path = search_partial(engine, beside, name);
    free(dir);
    if (!path && errno != ENOMEM)
        path = search_partial(engine, engine->options.views, name);
    if (path)
        return load_file(engine, frame, path, name, is_inside);
    if (errno == ENOMEM)
        return throw_no_memory(frame->ctx);
    ejs__throw_error(frame->ctx, EJS_ERROR, "Could not find partial '%s'",
                     name);
    return NULL;
}

/* finding and keeping
 * ------------------------------------------------------------------- */

typedef ejs_template *find_fn(ejs_engine *engine, ejs_frame *frame,
                              const char *name, bool *is_inside);
static find_fn *const finders[] = {
    [EJS__INCLUDE] = find_include,
    [EJS__LAYOUT] = find_layout,
    [EJS__PARTIAL] = find_partial,
};

/* As Node says it of a path that is no string. */
static void throw_path_type(ejs_context *ctx, ejs_value path)
{
    static const char begin[] =
        "The \"paths[1]\" argument must be of type string. Received";
    if (ejs__is_nullish(path)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s %s", begin,
                         path.tag == EJS_TAG_NULL ? "null" : "undefined");
    } else if (ejs__is_callable(path)) {
        const ejs__function_object *f =
            (const ejs__function_object *)(const void *)path.as.object;
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s function %.*s", begin,
                         f->info ? (int)f->info->name_size : 0,
                         f->info ? f->info->name : "");
    } else if (ejs__is_object(path)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s an instance of %s", begin,
                         ejs__is_array(path) ? "Array" : "Object");
    } else {
        const ejs_value type = ejs__typeof(path);
        ejs__throw_error(ctx, EJS_TYPE_ERROR, "%s type %.*s (%s)", begin,
                         (int)type.size, type.as.text,
                         ejs__describe(ctx, path));
    }
}

/* The template that include(path) means, with a reference; NULL: thrown. */
static ejs_template *include_named(ejs_frame *frame, ejs_value path,
                                   ejs__sought what)
{
    ejs_context *ctx = frame->ctx;
    ejs_engine *engine = ejs__realm_of(ctx)->settings->engine;
    const ejs_template *from = frame->more->tpl;
    bool is_inside = false;
    /* key: the includer's path, NUL, what is sought, the name, NUL */
    const char *where = from->path ? from->path : from->unit->name;
    const size_t prefix = strlen(where) + 2, size = prefix + path.size;
    char *key = ejs__alloc(ctx, size + 1);
    if (!key)
        return NULL;
    memcpy(key, where, prefix - 1);
    key[prefix - 1] = (char)('0' + what);
    memcpy(key + prefix, path.as.text, path.size);
    key[size] = '\0';
    const char *name = key + prefix;
    errno = 0;
    if (strlen(name) != path.size)
        return throw_missing(ctx, name);
    ejs_template *found = engine->options.reload
                              ? NULL
                              : known_include(engine, key, size, &is_inside);
    if (!found) {
        found = finders[what](engine, frame, name, &is_inside);
        if (found)
            remember_include(engine, key, size, found, is_inside);
    } else if (found->path &&
               !may_include(engine, frame, found->path, is_inside)) {
        ejs_template_free(found);
        return throw_outside(ctx, name);
    }
    return found;
}

/* Functions that an included template has made may be called until the render
 * ends, so all templates live until then. */
static bool hold(ejs_frame *frame, ejs_value path, ejs_template *tpl)
{
    ejs_context *ctx = frame->ctx;
    ejs__render_state *state = ejs__realm_of(ctx)->engine_state;
    ejs__held *held = ejs__alloc(ctx, sizeof *held);
    if (!held) {
        ejs_template_free(tpl);
        return false;
    }
    *held = (ejs__held){tpl, frame->more->tpl, path, state->held};
    state->held = held;
    return true;
}

/* The same text in the same template again: what a loop of includes asks. */
static ejs_template *held_already(ejs_frame *frame, ejs_value path)
{
    const ejs__realm *realm = ejs__realm_of(frame->ctx);
    const ejs_engine *engine = realm->settings->engine;
    const ejs__render_state *state = realm->engine_state;
    const ejs__held *held = engine->options.reload ? NULL : state->held;
    for (int i = 0; i < SOME_HELD && held; i++, held = held->next)
        if (held->path.as.text == path.as.text &&
            held->path.size == path.size && held->from == frame->more->tpl)
            return held->tpl;
    return NULL;
}

void ejs__drop_includes(ejs_context *ctx)
{
    const ejs__render_state *state = ejs__realm_of(ctx)->engine_state;
    for (ejs__held *held = state->held; held; held = held->next)
        ejs_template_free(held->tpl);
}

/* A unit's include that leads to a unit always does: the engine keeps both. */
static const ejs_template *known_at(const ejs_template *from, uint32_t place)
{
    return place == EJS_NO_PLACE || !from->known
               ? NULL
               : atomic_load_explicit(&from->known[place],
                                      memory_order_acquire);
}

static void remember_at(const ejs_template *from, uint32_t place,
                        const ejs_template *tpl)
{
    if (place != EJS_NO_PLACE && from->known && !tpl->path)
        atomic_store_explicit(&from->known[place], tpl, memory_order_release);
}

const ejs_unit *ejs__find_include(ejs_frame *frame, uint32_t place,
                                  ejs_value path, const void **tpl)
{
    const ejs_template *from = frame->more->tpl;
    const ejs_template *known = known_at(from, place);
    if (known) {
        *tpl = known;
        return known->unit;
    }
    ejs_template *found = NULL;
    if (path.tag != EJS_TAG_STRING)
        throw_path_type(frame->ctx, path);
    else if (!(found = held_already(frame, path))) {
        found = include_named(frame, path, EJS__INCLUDE);
        if (found && !hold(frame, path, found))
            return NULL;
    }
    if (!found)
        return NULL;
    remember_at(from, place, found);
    *tpl = found;
    return found->unit;
}

const ejs_unit *ejs__find_other(ejs_frame *frame, ejs_value name,
                                ejs__sought what, const void **tpl)
{
    if (name.tag != EJS_TAG_STRING) {
        throw_path_type(frame->ctx, name);
        return NULL;
    }
    /* held_already() knows includes by where their text lies */
    const ejs_value copy =
        ejs__string_copy(frame->ctx, name.as.text, name.size);
    ejs_template *found =
        ejs__is_thrown(copy) ? NULL : include_named(frame, copy, what);
    if (!found || !hold(frame, copy, found))
        return NULL;
    *tpl = found;
    return found->unit;
}
