/* plan.c - checks, then writes, what a generator makes. */
#include "scaffold/plan.h"

#include <ejs.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "scaffold/embedded.h"

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "mvcgen: %s: %s\n", path, what);
    return false;
}

/* Takes over path and data. */
static bool add_file(plan *p, char *path, char *data, size_t size, bool is_edit)
{
    if (p->count == p->capacity) {
        const size_t capacity = p->capacity ? p->capacity * 2 : 16;
        planned_file *files = realloc(p->files, capacity * sizeof *files);
        if (!files) {
            complain(path, "out of memory");
            free(path);
            free(data);
            return false;
        }
        p->files = files;
        p->capacity = capacity;
    }
    p->files[p->count++] = (planned_file){path, data, size, is_edit};
    return true;
}

static planned_file *find_file(plan *p, const char *path)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->files[i].path, path) == 0)
            return &p->files[i];
    }
    return NULL;
}

/* skeletons
 * ------------------------------------------------------------------------ */

/* "main.c.ejs" is rendered, "index.ejs" is a view to be copied. */
static bool is_rendered(const char *path)
{
    const size_t n = strlen(path);
    if (n < 5 || strcmp(path + n - 4, ".ejs") != 0)
        return false;
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    return memchr(base + 1, '.', (size_t)(path + n - 4 - base - 1)) != NULL;
}

static char *target_path(const char *path, json_object *locals)
{
    base_buf out = {0};
    const size_t n = strlen(path) - (is_rendered(path) ? 4 : 0);
    for (size_t i = 0; i < n;) {
        const char *end =
            strncmp(path + i, "__", 2) == 0 ? strstr(path + i + 2, "__") : NULL;
        if (!end) {
            base_buf_putc(&out, path[i++]);
            continue;
        }
        char key[32];
        snprintf(key, sizeof key, "%.*s", (int)(end - (path + i + 2)),
                 path + i + 2);
        json_object *value;
        if (json_object_object_get_ex(locals, key, &value))
            base_buf_puts(&out, json_object_get_string(value));
        i = (size_t)(end + 2 - path);
    }
    return base_buf_take(&out, NULL);
}

static char *render(const embedded_file *file, json_object *locals,
                    size_t *size)
{
    ejs_error err;
    const ejs_options options = {.delimiter = "?"};
    ejs_engine *engine = ejs_engine_new(&options, &err);
    ejs_template *tpl = engine ? ejs_compile(engine, (const char *)file->data,
                                             file->size, file->path, &err)
                               : NULL;
    char *text = tpl ? ejs_render_string(tpl, locals, size, &err) : NULL;
    if (!text)
        ejs_error_print(&err, stderr);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    return text;
}

static char *contents(const embedded_file *file, json_object *locals,
                      size_t *size)
{
    if (is_rendered(file->path))
        return render(file, locals, size);
    char *copy = malloc(file->size + 1);
    if (copy) {
        memcpy(copy, file->data, file->size);
        copy[file->size] = '\0';
        *size = file->size;
    }
    return copy;
}

typedef bool visit_fn(plan *p, char *path, char *data, size_t size);

static bool each_skeleton(plan *p, const char *kind, json_object *locals,
                          visit_fn *visit)
{
    const size_t n = strlen(kind);
    for (const embedded_file *f = skeletons; f->path; f++) {
        if (strncmp(f->path, kind, n) != 0 || f->path[n] != '/')
            continue;
        size_t size;
        char *path = target_path(f->path + n + 1, locals);
        char *data = path ? contents(f, locals, &size) : NULL;
        if (!data) {
            free(path);
            return false;
        }
        if (!visit(p, path, data, size))
            return false;
    }
    return true;
}

static bool visit_add(plan *p, char *path, char *data, size_t size)
{
    return add_file(p, path, data, size, false);
}

bool plan_skeleton(plan *p, const char *kind, json_object *locals)
{
    return each_skeleton(p, kind, locals, visit_add);
}

static char *read_project_file(const plan *p, const char *path, size_t *size)
{
    char *full = base_path_join(p->root, path);
    char *data =
        full && base_file_exists(full) ? base_file_read(full, 0, size) : NULL;
    free(full);
    return data;
}

static bool visit_remove(plan *p, char *path, char *data, size_t size)
{
    size_t old_size;
    char *old = read_project_file(p, path, &old_size);
    const bool exists = old != NULL;
    const bool changed =
        exists && (old_size != size || memcmp(old, data, size) != 0);
    free(old);
    free(data);
    if (changed && !p->force) {
        complain(path, "changed since it was made, not removed (--force "
                       "removes it)");
        free(path);
        return true;
    }
    if (!exists) {
        free(path);
        return true;
    }
    return add_file(p, path, NULL, 0, false);
}

bool plan_removal(plan *p, const char *kind, json_object *locals)
{
    return each_skeleton(p, kind, locals, visit_remove);
}

/* edits
 * --------------------------------------------------------------------------------
 */

/* The planned contents of a file, else those on disk. */
static planned_file *edited_file(plan *p, const char *path)
{
    planned_file *planned = find_file(p, path);
    if (planned)
        return planned;
    size_t size;
    char *data = read_project_file(p, path, &size);
    char *copy = data ? strdup(path) : NULL;
    if (!copy || !add_file(p, copy, data, size, true)) {
        if (!data)
            complain(path, "not found; is this a project of mvcgen's?");
        return NULL;
    }
    return &p->files[p->count - 1];
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

static bool is_line(const char *at, const char *line)
{
    const size_t n = strlen(line);
    return strncmp(at, line, n) == 0 && (at[n] == '\n' || at[n] == '\0');
}

static const char *find_line(const char *text, const char *line)
{
    for (const char *at = text; *at; at = next_line(at)) {
        if (is_line(at, line))
            return at;
    }
    return NULL;
}

static const char *insertion_point(const char *text, const char *after,
                                   const char *before)
{
    const char *found = NULL;
    if (!after)
        return find_line(text, before);
    for (const char *at = text; *at; at = next_line(at)) {
        if (strncmp(at, after, strlen(after)) == 0)
            found = next_line(at);
    }
    return found;
}

static bool replace(planned_file *file, size_t at, size_t drop,
                    const char *text)
{
    base_buf out = {0};
    base_buf_put(&out, file->data, at);
    base_buf_puts(&out, text);
    base_buf_put(&out, file->data + at + drop, file->size - at - drop);
    size_t size;
    char *data = base_buf_take(&out, &size);
    if (!data)
        return complain(file->path, "out of memory");
    free(file->data);
    file->data = data;
    file->size = size;
    return true;
}

bool plan_insert(plan *p, const char *path, const char *line, const char *after,
                 const char *before)
{
    planned_file *file = edited_file(p, path);
    if (!file)
        return false;
    if (find_line(file->data, line))
        return true;
    const char *at = insertion_point(file->data, after, before);
    if (!at) {
        fprintf(stderr,
                "mvcgen: %s: found no place for this line, please "
                "put it in yourself:\n%s\n",
                path, line);
        return true;
    }
    char text[400];
    snprintf(text, sizeof text, "%s\n", line);
    return replace(file, (size_t)(at - file->data), 0, text);
}

bool plan_unedit(plan *p, const char *path, const char *line)
{
    planned_file *file = edited_file(p, path);
    if (!file)
        return false;
    const char *at = find_line(file->data, line);
    if (!at)
        return true;
    return replace(file, (size_t)(at - file->data),
                   (size_t)(next_line(at) - at), "");
}

/* doing it
 * ---------------------------------------------------------------------------------
 */

typedef enum action {
    CREATE,
    IDENTICAL,
    OVERWRITE,
    EDIT,
    REMOVE,
    REFUSE
} action;

static action action_for(const plan *p, const planned_file *file)
{
    if (!file->data)
        return REMOVE;
    size_t size;
    char *old = read_project_file(p, file->path, &size);
    if (!old)
        return CREATE;
    const bool same = size == file->size && memcmp(old, file->data, size) == 0;
    free(old);
    if (same)
        return IDENTICAL;
    if (file->is_edit)
        return EDIT;
    return p->force ? OVERWRITE : REFUSE;
}

static bool check(const plan *p)
{
    bool ok = true;
    for (size_t i = 0; i < p->count; i++) {
        if (action_for(p, &p->files[i]) == REFUSE)
            ok = complain(p->files[i].path,
                          "exists and is different; nothing was written "
                          "(--force overwrites it)");
    }
    return ok;
}

static void remove_empty_parents(const plan *p, const char *path)
{
    char *dir = base_path_dirname(path);
    while (dir && strcmp(dir, ".") != 0 && strchr(dir, '/')) {
        char *full = base_path_join(p->root, dir);
        const bool removed = full && rmdir(full) == 0;
        free(full);
        if (!removed)
            break;
        char *up = base_path_dirname(dir);
        free(dir);
        dir = up;
    }
    free(dir);
}

static bool write_file(const plan *p, const planned_file *file, action what)
{
    char *full = base_path_join(p->root, file->path);
    char *dir = full ? base_path_dirname(full) : NULL;
    bool ok;
    if (what == REMOVE)
        ok = full && unlink(full) == 0;
    else
        ok = dir && base_dir_make(dir) &&
             base_file_write(full, file->data, file->size);
    if (!ok)
        complain(full ? full : file->path, strerror(errno));
    else if (what == REMOVE)
        remove_empty_parents(p, file->path);
    free(full);
    free(dir);
    return ok;
}

bool plan_apply(plan *p)
{
    static const char *const words[] = {
        [CREATE] = "create",       [IDENTICAL] = "identical",
        [OVERWRITE] = "overwrite", [EDIT] = "edit",
        [REMOVE] = "remove",       [REFUSE] = "refuse",
    };
    if (!check(p))
        return false;
    for (size_t i = 0; i < p->count; i++) {
        const planned_file *file = &p->files[i];
        const action what = action_for(p, file);
        if (!p->dry_run && what != IDENTICAL && !write_file(p, file, what))
            return false;
        if (strcmp(p->root, ".") == 0)
            printf("%10s  %s\n", words[what], file->path);
        else
            printf("%10s  %s/%s\n", words[what], p->root, file->path);
    }
    return true;
}

void plan_free(plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->files[i].path);
        free(p->files[i].data);
    }
    free(p->files);
    *p = (plan){0};
}
