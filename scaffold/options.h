/*
 * options.h - the options of render, compile, check and dump: those of EJS 7's
 * own command and ours, from the command line or from JSON.
 */
#ifndef SCAFFOLD_OPTIONS_H
#define SCAFFOLD_OPTIONS_H

#include <stdbool.h>

#include <ejs.h>

#include "base/arena.h"

struct json_object;

typedef struct options {
    base_arena arena; /* of all that follows */
    ejs_options ejs;
    const char *output_file, *data_file, *data_input;
    const char *batch;  /* --batch: a file, or "-" */
    const char *units;  /* --units: a shared object */
    const char *symbol, *split; /* compile */
    const char *block;  /* --block: the part of the page that is wanted */
    unsigned max_warnings; /* check, when has_max_warnings */
    bool has_max_warnings;
    bool native, json, fix, ast, code, c, debug, help, version;
    const char **operands;
    int n_operands;
} options;

/* Reads argv[1 ..].  STATUS_DONE, or the exit status after saying on stderr
 * what is wrong.  options_free() in any case. */
int options_read(options *o, int argc, char **argv);

/* Takes EJS's option names from an object; false after filling in *problem. */
bool options_from_json(options *o, struct json_object *object,
                       const char **problem);

/* Where no folder is named, includes may go anywhere, as EJS's do: a template's
 * author names them. */
void options_confine(ejs_options *o);

void options_init(options *o);
void options_free(options *o);

/* "mvcgen: MESSAGE" and where to find help; returns STATUS_USAGE. */
int usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "mvcgen: MESSAGE"; returns STATUS_FAILED. */
int failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A whole file, or standard input for "-", with a NUL behind it; NULL after
 * saying why on stderr as EJS does. */
char *read_input(const char *path, size_t *size);

/* A template's text from a file, whatever its extension, and the file's
 * absolute path; both malloc'd.  EJS takes a BOM off the files it reads itself,
 * but not off the text its command gives it.  NULL: *err says why. */
char *read_template(const char *file, bool strip_bom, char **path, size_t *size,
                    ejs_error *err);

/* The template of such a file. */
ejs_template *load_template(ejs_engine *engine, const char *file,
                            bool strip_bom, ejs_error *err);

#endif
