/* check.c - `mvcgen check DIR|FILE...`: what does not compile, and where. */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/file.h"
#include "scaffold/commands.h"
#include "scaffold/fix.h"
#include "scaffold/options.h"

typedef struct checker {
    const options *options;
    ejs_engine *engine;
    const char *path;             /* of the file at hand */
    struct json_object *problems; /* with --json */
    unsigned errors, warnings;
    bool failed; /* a file could not be rewritten */
} checker;

static void help(FILE *out)
{
    fputs(
        "usage: mvcgen check [OPTIONS] DIR|FILE...\n"
        "\n"
        "Checks templates without rendering them and prints a line for\n"
        "each problem: FILE:LINE:COLUMN: error: WHAT; WHAT TO DO.\n"
        "A `warning:` is a name that Node has and templates have not, such as\n"
        "process, or an include of a file that is not there; files are\n"
        "looked for beside the file, in DIR or --views, and in --root.\n"
        "The exit status is 1 when there are errors.\n"
        "\n"
        "      --json  a JSON array of {file, line, column, severity,\n"
        "              message, hint} instead\n"
        "      --fix   write <% include x %> of EJS 1 and 2 as\n"
        "              <%- include('x') %> first\n"
        "      --max-warnings N\n"
        "              exit with 1 when there are more warnings\n"
        "and the options of `mvcgen render` that say what a template means.\n",
        out);
}

static void add_json(checker *c, const ejs_error *err, const char *severity)
{
    struct json_object *problem = json_object_new_object();
    json_object_object_add(problem, "file", json_object_new_string(c->path));
    json_object_object_add(problem, "line", json_object_new_int(err->line));
    json_object_object_add(problem, "column", json_object_new_int(err->column));
    json_object_object_add(problem, "severity",
                           json_object_new_string(severity));
    json_object_object_add(problem, "message",
                           json_object_new_string(err->summary));
    json_object_object_add(problem, "hint", json_object_new_string(err->hint));
    json_object_array_add(c->problems, problem);
}

/* Writes the file again when there is something to fix in it. */
static void fix_file(checker *c, const char *path)
{
    base_buf fixed = {0};
    size_t size;
    char *source = base_file_read(path, 0, &size);
    const unsigned n =
        source ? fix_includes(c->options, source, size, &fixed) : 0;
    if (n && (fixed.failed || !base_file_write(path, fixed.data, fixed.size))) {
        failure("'%s' cannot be written", path);
        c->failed = true;
    } else if (n && !c->problems) {
        printf("%s: %u include%s rewritten\n", path, n, n == 1 ? "" : "s");
    }
    base_buf_free(&fixed);
    free(source);
}

static void report(void *user, const ejs_error *err, bool is_warning)
{
    checker *c = user;
    const char *severity = is_warning ? "warning" : "error";
    c->warnings += is_warning;
    c->errors += !is_warning;
    if (c->problems)
        add_json(c, err, severity);
    else
        printf("%s:%d:%d: %s: %s%s%s\n", c->path, err->line, err->column,
               severity, err->summary, *err->hint ? "; " : "", err->hint);
}

static void check_file(checker *c, const char *path)
{
    ejs_error err;
    size_t size;
    char *absolute;
    c->path = path;
    if (c->options->fix)
        fix_file(c, path);
    char *source = read_template(path, true, &absolute, &size, &err);
    if (source)
        ejs_check(c->engine, source, size, absolute, report, c);
    else
        report(c, &err, false);
    free(source);
    free(absolute);
}

static void check_folder(checker *c, const char *operand)
{
    size_t count;
    const char *extension = c->options->ejs.extension;
    extension = extension ? extension : "ejs";
    char **files = base_dir_list(operand, false, &count);
    for (size_t i = 0; files && i < count; i++) {
        const char *found = base_path_extension(base_path_basename(files[i]));
        char *path = base_path_join(operand, files[i]);
        if (path && *found && strcmp(found + 1, extension) == 0)
            check_file(c, path);
        free(path);
    }
    base_dir_list_free(files);
}

/* A folder is a views folder, unless --views names others. */
static bool check_operand(checker *c, const char *operand)
{
    ejs_error err;
    const bool is_folder = base_dir_exists(operand);
    const char *const views[] = {operand, NULL};
    ejs_options ejs = c->options->ejs;
    if (is_folder && !ejs.views)
        ejs.views = views;
    c->engine = ejs_engine_new(&ejs, &err);
    if (!c->engine)
        return failure("%s", err.message) == STATUS_DONE;
    if (is_folder)
        check_folder(c, operand);
    else
        check_file(c, operand);
    ejs_engine_free(c->engine);
    return true;
}

static int check_all(const options *o)
{
    checker c = {.options = o};
    if (o->json)
        c.problems = json_object_new_array();
    for (int i = 0; i < o->n_operands; i++)
        c.failed |= !check_operand(&c, o->operands[i]);
    if (o->json)
        puts(json_object_to_json_string_ext(
            c.problems,
            JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(c.problems);
    c.failed |= o->has_max_warnings && c.warnings > o->max_warnings;
    return c.errors || c.failed ? STATUS_FAILED : STATUS_DONE;
}

int command_check(int argc, char **argv)
{
    options o;
    int status = options_read(&o, argc, argv);
    if (status == STATUS_DONE && o.help)
        help(stdout);
    else if (status == STATUS_DONE && !o.n_operands)
        status = usage_error("check", "please name a folder or templates");
    else if (status == STATUS_DONE)
        status = check_all(&o);
    options_free(&o);
    return status;
}
