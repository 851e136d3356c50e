/*
 * compile.c - `mvcgen compile DIR|FILE... -o views.c`: templates as one C file.
 *
 *     const ejs_unit *const views[] = {...};    for ejs_engine_add_units()
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "scaffold/commands.h"
#include "scaffold/options.h"

typedef struct output {
    FILE *file;
    const char *symbol;
    unsigned count;
    bool failed;
} output;

static void help(FILE *out)
{
    fputs(
        "usage: mvcgen compile [OPTIONS] DIR|FILE... -o views.c\n"
        "\n"
        "Writes the templates as C; their names are relative to DIR.\n"
        "\n"
        "  -o, --output-file FILE  instead of standard output\n"
        "      --symbol NAME       of the list of units: views\n"
        "and the options of `mvcgen render` that say what a template means.\n",
        out);
}

static void compile_file(output *out, ejs_engine *engine, const char *path)
{
    ejs_error err;
    char symbol[200];
    snprintf(symbol, sizeof symbol, "%s_%u", out->symbol, out->count);
    ejs_template *tpl = load_template(engine, path, true, &err);
    if (tpl && ejs_emit_c(tpl, symbol, out->file, &err)) {
        out->count++;
    } else {
        ejs_error_print(&err, stderr);
        out->failed = true;
    }
    ejs_template_free(tpl);
}

static bool has_extension(const char *path, const char *extension)
{
    const char *found = base_path_extension(base_path_basename(path));
    return *found && strcmp(found + 1, extension) == 0;
}

static void compile_folder(output *out, ejs_engine *engine, const options *o,
                           const char *folder)
{
    size_t count;
    const char *extension = o->ejs.extension ? o->ejs.extension : "ejs";
    char **files = base_dir_list(folder, false, &count);
    if (!files) {
        failure("'%s' cannot be read", folder);
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!has_extension(files[i], extension))
            continue;
        char *path = base_path_join(folder, files[i]);
        if (path)
            compile_file(out, engine, path);
        out->failed |= !path;
        free(path);
    }
    base_dir_list_free(files);
}

/* Each operand has an engine of its own, whose views folder gives the names. */
static void compile_operand(output *out, const options *o, const char *operand)
{
    ejs_error err;
    const bool is_folder = base_dir_exists(operand);
    const char *const views[] = {operand, NULL};
    ejs_options ejs = o->ejs;
    if (is_folder)
        ejs.views = views;
    ejs_engine *engine = ejs_engine_new(&ejs, &err);
    if (!engine) {
        ejs_error_print(&err, stderr);
        out->failed = true;
        return;
    }
    if (is_folder)
        compile_folder(out, engine, o, operand);
    else
        compile_file(out, engine, operand);
    ejs_engine_free(engine);
}

static void write_list(const output *out)
{
    fprintf(out->file,
            "extern const ejs_unit *const %s[];\n"
            "const ejs_unit *const %s[] = {\n",
            out->symbol, out->symbol);
    for (unsigned i = 0; i < out->count; i++)
        fprintf(out->file, "    &%s_%u,\n", out->symbol, i);
    fputs("    0,\n};\n", out->file);
}

static int compile_all(const options *o)
{
    char *text = NULL;
    size_t size = 0;
    output out = {open_memstream(&text, &size), o->symbol ? o->symbol : "views",
                  0, false};
    int status = STATUS_FAILED;
    if (!out.file)
        return failure("out of memory");
    for (int i = 0; i < o->n_operands; i++)
        compile_operand(&out, o, o->operands[i]);
    write_list(&out);
    if (fclose(out.file) != 0)
        failure("out of memory");
    else if (!out.failed && !o->output_file)
        status = fwrite(text, 1, size, stdout) == size
                     ? STATUS_DONE
                     : failure("writing failed");
    else if (!out.failed)
        status = base_file_write(o->output_file, text, size)
                     ? STATUS_DONE
                     : failure("'%s' cannot be written", o->output_file);
    free(text);
    return status;
}

int command_compile(int argc, char **argv)
{
    options o;
    int status = options_read(&o, argc, argv);
    if (status == STATUS_DONE && o.help)
        help(stdout);
    else if (status == STATUS_DONE && !o.n_operands)
        status = usage_error("compile", "please name a folder or templates");
    else if (status == STATUS_DONE)
        status = compile_all(&o);
    options_free(&o);
    return status;
}
