/* engine.c - engines: their options, helpers, native views and caches. */
#include "ejs/engine.h"

#include <stdarg.h>
#include <stdlib.h>

/* errors
 * ----------------------------------------------------------------------- */

void ejs__clear_error(ejs_error *err)
{
    if (!err) /* it is 5 KB: not worth zeroing for every render */
        return;
    err->status = EJS_OK;
    err->line = err->column = 0;
    *err->file = *err->name = *err->summary = *err->message = *err->hint = '\0';
}

bool ejs__fail(ejs_error *err, ejs_status status, const char *name,
               const char *format, ...)
{
    va_list args;
    if (!err)
        return false;
    ejs__clear_error(err);
    err->status = status;
    snprintf(err->name, sizeof err->name, "%s", name);
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    snprintf(err->summary, sizeof err->summary, "%.*s",
             (int)sizeof err->summary - 1, err->message);
    return false;
}

bool ejs__fail_memory(ejs_error *err)
{
    return ejs__fail(err, EJS_NOMEM, "Error", "out of memory");
}

/* options
 * ------------------------------------------------------------------------ */

static bool copy_text(base_arena *arena, const char **text)
{
    if (*text)
        *text = base_arena_dup(arena, *text, strlen(*text));
    return true;
}

static bool copy_list(base_arena *arena, const char *const **list)
{
    size_t n = 0;
    if (!*list)
        return true;
    while ((*list)[n])
        n++;
    const char **copy = base_arena_zalloc(arena, n + 1, sizeof *copy);
    if (!copy)
        return false;
    for (size_t i = 0; i < n; i++) {
        copy[i] = base_arena_dup(arena, (*list)[i], strlen((*list)[i]));
        if (!copy[i])
            return false;
    }
    *list = copy;
    return true;
}

static bool copy_options(ejs_engine *engine, const ejs_options *options)
{
    base_arena *arena = &engine->arena;
    ejs_options *o = &engine->options;
    if (options)
        *o = *options;
    const char **texts[] = {&o->locals_name,
                            &o->open_delimiter,
                            &o->delimiter,
                            &o->close_delimiter,
                            &o->output_function_name,
                            &o->extension,
                            &o->time_zone,
                            &o->locale,
                            &o->layout};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const bool had = *texts[i] != NULL;
        copy_text(arena, texts[i]);
        if (had && !*texts[i])
            return false;
    }
    return copy_list(arena, &o->roots) && copy_list(arena, &o->views) &&
           copy_list(arena, &o->allowed) &&
           copy_list(arena, &o->destructured_locals);
}

static void set_defaults(ejs_options *o)
{
    if (!o->extension || !*o->extension)
        o->extension = "ejs";
    if (!o->max_output)
        o->max_output = (size_t)32 << 20;
    if (!o->max_memory)
        o->max_memory = (size_t)256 << 20;
    if (!o->max_steps)
        o->max_steps = 50 * 1000 * 1000;
    if (!o->max_depth)
        o->max_depth = 5000;
    if (!o->max_includes)
        o->max_includes = 200;
}

static void set_syntax(ejs_engine *engine)
{
    const ejs_options *o = &engine->options;
    engine->syntax = (ejs__syntax_options){
        .open = o->open_delimiter,
        .delimiter = o->delimiter,
        .close = o->close_delimiter,
        .locals_name = o->locals_name,
        .output_function_name = o->output_function_name,
        .destructured_locals = o->destructured_locals,
        .strict = o->strict,
        .no_with = o->no_with,
        .rm_whitespace = o->rm_whitespace,
        .no_debug = o->no_compile_debug,
        .legacy_include = o->legacy_include,
        .own_escape = o->own_escape,
    };
}

static void set_settings(ejs_engine *engine)
{
    const ejs_options *o = &engine->options;
    engine->settings = (ejs__settings){
        .engine = engine,
        .resolve = ejs__find_include,
        .hosts = &engine->hosts,
        .max_output = o->max_output,
        .max_memory = o->max_memory,
        .max_steps = o->max_steps,
        .max_depth = o->max_depth,
        .max_includes = o->max_includes,
        .max_time_ms = o->max_time_ms,
        .time_zone = o->time_zone,
        .locale = o->locale,
        .now = o->has_now ? o->now : NAN,
        .self = o->self,
        .typed = o->typed,
        .unsafe_locals = o->unsafe_prototype_locals || o->legacy_include,
    };
}

/* life
 * ---------------------------------------------------------------------------------
 */

ejs_engine *ejs_engine_new(const ejs_options *options, ejs_error *err)
{
    ejs_engine *engine = calloc(1, sizeof *engine);
    ejs__clear_error(err);
    if (!engine) {
        ejs__fail_memory(err);
        return NULL;
    }
    base_arena_init(&engine->arena, 0);
    if (!copy_options(engine, options)) {
        base_arena_free(&engine->arena);
        free(engine);
        ejs__fail_memory(err);
        return NULL;
    }
    set_defaults(&engine->options);
    if (!engine->options.time_zone) {
        const char *zone = getenv("TZ");
        if (zone && *zone)
            engine->options.time_zone =
                base_arena_dup(&engine->arena, zone, strlen(zone));
    }
    set_syntax(engine);
    set_settings(engine);
    pthread_rwlock_init(&engine->lock, NULL);
    if (engine->options.layouts && !ejs__define_layouts(engine)) {
        ejs_engine_free(engine);
        ejs__fail_memory(err);
        return NULL;
    }
    return engine;
}

static void free_templates(base_map *map)
{
    size_t at = 0;
    const base_map_entry *entry;
    while ((entry = base_map_next(map, &at)) != NULL)
        ejs_template_free(entry->value);
    base_map_free(map);
}

void ejs_engine_clear_cache(ejs_engine *engine)
{
    size_t at = 0;
    const base_map_entry *entry;
    pthread_rwlock_wrlock(&engine->lock);
    while ((entry = base_map_next(&engine->includes, &at)) != NULL) {
        ejs__include *include = entry->value;
        ejs_template_free(include->tpl);
        free(include);
    }
    base_map_free(&engine->includes);
    free_templates(&engine->templates);
    memset(&engine->includes, 0, sizeof engine->includes);
    memset(&engine->templates, 0, sizeof engine->templates);
    pthread_rwlock_unlock(&engine->lock);
}

static void free_hosts(base_map *hosts)
{
    size_t at = 0;
    const base_map_entry *entry;
    while ((entry = base_map_next(hosts, &at)) != NULL)
        free_hosts(&((ejs__host *)entry->value)->members);
    base_map_free(hosts);
}

void ejs_engine_free(ejs_engine *engine)
{
    if (!engine)
        return;
    ejs_engine_clear_cache(engine);
    free_templates(&engine->units);
    free_hosts(&engine->hosts);
    for (int i = 0; i < EJS__POOLED; i++)
        ejs__context_free(engine->pool[i].ctx);
    pthread_rwlock_destroy(&engine->lock);
    base_arena_free(&engine->arena);
    free(engine);
}

/* native views
 * ---------------------------------------------------------------------------
 */

static bool add_unit(ejs_engine *engine, const ejs_unit *unit, ejs_error *err)
{
    if (unit->abi != EJS_ABI)
        return ejs__fail(err, EJS_IO, "Error",
                         "view '%s' was compiled for version %u of the "
                         "runtime, this is %d: compile it again",
                         unit->name, unit->abi, EJS_ABI);
    if (engine->settings.escape && !unit->own_escape)
        return ejs__fail(err, EJS_IO, "Error",
                         "the unit '%s' escapes for HTML, this engine has an "
                         "escape function of its own: compile it with "
                         "--own-escape",
                         unit->name);
    const size_t size = strlen(unit->name);
    if (base_map_get(&engine->units, unit->name, size))
        return true; /* the first one added is the one that counts */
    ejs_template *tpl = ejs__unit_template(engine, unit, err);
    if (!tpl)
        return false;
    if (base_map_put(&engine->units, unit->name, size, tpl))
        return true;
    ejs_template_free(tpl);
    return ejs__fail_memory(err);
}

void ejs_engine_set_escape(ejs_engine *engine, ejs_function fn, void *user)
{
    engine->escape = (ejs__host){
        .name = "escapeFn",
        .function = fn,
        .user = user,
        .row = {"escapeFn", fn, 1, EJS_ROW_METHOD},
    };
    engine->settings.escape = fn ? &engine->escape : NULL;
    engine->syntax.own_escape = fn || engine->options.own_escape;
}

bool ejs_engine_add_units(ejs_engine *engine, const ejs_unit *const units[],
                          ejs_error *err)
{
    ejs__clear_error(err);
    for (size_t i = 0; units[i]; i++) {
        if (!add_unit(engine, units[i], err))
            return false;
    }
    return true;
}

void ejs_engine_set_native(ejs_engine *engine, ejs_native_fn native, void *user)
{
    engine->native = native;
    engine->native_user = user;
}

/* helpers
 * ------------------------------------------------------------------------------------
 */

static ejs__host *host_at(ejs_engine *engine, base_map *map, const char *name,
                          size_t size)
{
    ejs__host *host = base_map_get(map, name, size);
    if (host)
        return host;
    host = base_arena_zalloc(&engine->arena, 1, sizeof *host);
    if (!host)
        return NULL;
    host->name = base_arena_dup(&engine->arena, name, size);
    if (!host->name || !base_map_put(map, host->name, size, host))
        return NULL;
    return host;
}

bool ejs_define(ejs_engine *engine, const char *name, ejs_function fn,
                void *user)
{
    base_map *map = &engine->hosts;
    for (;;) {
        const size_t size = strcspn(name, ".");
        ejs__host *host = host_at(engine, map, name, size);
        if (!host)
            return false;
        if (name[size] == '\0') {
            host->function = fn;
            host->user = user;
            host->row = (ejs__builtin){host->name, fn, 0, EJS_ROW_METHOD};
            return true;
        }
        map = &host->members;
        name += size + 1;
    }
}
