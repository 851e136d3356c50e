/*
 * plan.h - what a generator is about to do to a folder: all of it is checked
 * before any of it is done.
 */
#ifndef SCAFFOLD_PLAN_H
#define SCAFFOLD_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

typedef struct planned_file {
    char *path; /* below the project */
    char *data; /* NULL: to be removed */
    size_t size;
    bool is_edit; /* an existing file with lines put in or taken out */
} planned_file;

typedef struct plan {
    const char *root; /* the project's folder */
    planned_file *files;
    size_t count, capacity;
    bool force, dry_run;
} plan;

/*
 * Adds the files of templates/KIND: `.ejs` behind another extension is rendered
 * with `locals` and taken off, `__name__` in paths stands for the local.  False
 * after saying why.
 */
bool plan_skeleton(plan *p, const char *kind, struct json_object *locals);

/* The same files, to be removed; those changed since need `force`. */
bool plan_removal(plan *p, const char *kind, struct json_object *locals);

/*
 * Puts `line` into a file of the project before the first line that is `before`
 * and, when `after` is given, behind the last line that begins with it; does
 * nothing when it is there already.  plan_unedit() takes it out.
 */
bool plan_insert(plan *p, const char *path, const char *line, const char *after,
                 const char *before);
bool plan_unedit(plan *p, const char *path, const char *line);

/* Does it, naming each file; false after saying why, with nothing half done. */
bool plan_apply(plan *p);
void plan_free(plan *p);

#endif
