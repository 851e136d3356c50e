/* check.c - all problems of a template: its errors, includes of nothing and
 * names that nobody has. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ejs/engine.h"
#include "ejs/runtime/object.h"

typedef struct problem {
    ejs_error err;
    bool is_warning;
} problem;

typedef struct problems {
    const char *filename;
    problem **list;
    size_t count, capacity;
    base_arena arena; /* of all */
    bool has_errors, failed;
} problems;

static bool has_room(problems *p)
{
    if (p->count < p->capacity)
        return true;
    const size_t capacity = p->capacity ? 2 * p->capacity : 16;
    problem **longer = base_arena_zalloc(&p->arena, capacity, sizeof *longer);
    if (!longer)
        return false;
    if (p->count)
        memcpy(longer, p->list, p->count * sizeof *longer);
    p->list = longer;
    p->capacity = capacity;
    return true;
}

static problem *add(problems *p)
{
    problem *one = base_arena_zalloc(&p->arena, 1, sizeof *one);
    if (!one || !has_room(p)) {
        p->failed = true;
        return NULL;
    }
    p->list[p->count++] = one;
    return one;
}

static void add_error(void *user, const ejs__syntax_error *error)
{
    problems *p = user;
    problem *one = add(p);
    p->has_errors = true;
    if (one)
        ejs__fail_syntax(&one->err, error, p->filename);
}

static void add_missing(problems *p, const ejs__script *script,
                        const ejs__node *call, const char *name)
{
    uint32_t line, column;
    problem *one = add(p);
    if (!one)
        return;
    ejs__script_position(script, call->as.call.args.items[0]->start, &line,
                         &column);
    one->is_warning = true;
    ejs__fail(&one->err, EJS_NOT_FOUND, "Error", "include('%s') finds no file",
              name);
    one->err.line = (int)line;
    one->err.column = (int)column;
    snprintf(one->err.file, sizeof one->err.file, "%s", p->filename);
    snprintf(one->err.hint, sizeof one->err.hint, "%s",
             *name == '/'
                 ? "such a name is looked for in the roots"
                 : "it is neither beside this file nor in the views folders");
}

/* Calls of EJS's include, not of a function that has its name. */
static void check_includes(problems *p, const ejs_engine *engine,
                           const ejs__script *script, const char *path)
{
    for (uint32_t i = 0; i < script->n_includes; i++) {
        const ejs__node *call = script->includes[i];
        const ejs__slice text = call->as.call.args.items[0]->as.string;
        const char *name = base_arena_dup(&p->arena, text.data, text.size);
        if (call->as.call.callee->as.name.ref.kind == REF_DYNAMIC && name &&
            strlen(name) == text.size &&
            !ejs__include_exists(engine, path, name))
            add_missing(p, script, call, name);
        p->failed |= !name;
    }
}

static void add_absent(problems *p, const ejs__script *script,
                       const ejs__name *name, const char *hint)
{
    uint32_t line, column;
    problem *one = add(p);
    if (!one)
        return;
    ejs__script_position(script, name->read->start, &line, &column);
    one->is_warning = true;
    ejs__fail(&one->err, EJS_RUNTIME, "Error",
              "%.*s is not there unless the data have it", (int)name->text.size,
              name->text.data);
    one->err.line = (int)line;
    one->err.column = (int)column;
    snprintf(one->err.file, sizeof one->err.file, "%s", p->filename);
    snprintf(one->err.hint, sizeof one->err.hint, "%s", hint);
}

/* Names that Node has and templates have not. */
static void check_names(problems *p, const ejs_engine *engine,
                        const ejs__script *script)
{
    for (uint32_t i = 0; i < script->n_names; i++) {
        const ejs__name *name = &script->names[i];
        const char *hint =
            ejs__absence_of(name->text.data, name->text.size, true);
        if (hint && name->read && !name->is_var && !name->assigned &&
            !name->tested &&
            !base_map_get(&engine->hosts, name->text.data, name->text.size))
            add_absent(p, script, name, hint);
    }
}

static int compare(const void *a, const void *b)
{
    const ejs_error *x = &(*(problem *const *)a)->err;
    const ejs_error *y = &(*(problem *const *)b)->err;
    return x->line != y->line ? x->line - y->line : x->column - y->column;
}

static void report_all(const problems *p, ejs_problem_fn report, void *user)
{
    ejs_error err;
    if (p->count)
        qsort(p->list, p->count, sizeof *p->list, compare);
    for (size_t i = 0; i < p->count; i++)
        report(user, &p->list[i]->err, p->list[i]->is_warning);
    if (p->failed) {
        ejs__fail_memory(&err);
        report(user, &err, false);
    }
}

bool ejs_check(ejs_engine *engine, const char *source, size_t size,
               const char *filename, ejs_problem_fn report, void *user)
{
    problems p = {.filename = filename ? filename : ""};
    char *path = base_path_absolute(p.filename);
    base_arena_init(&p.arena, 0);
    const ejs__script *script = ejs__check(&p.arena, source, size, filename,
                                           &engine->syntax, add_error, &p);
    if (script && path)
        check_includes(&p, engine, script, path);
    if (script)
        check_names(&p, engine, script);
    p.failed |= !path;
    report_all(&p, report, user);
    base_arena_free(&p.arena);
    free(path);
    return !p.has_errors && !p.failed;
}
