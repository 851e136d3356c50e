/*
 * compile.c - `mvcgen compile DIR|FILE... -o views.c`: templates as C, in one
 * file or with --split in a file each, of which only those are written whose
 * text is another than before.
 *
 *     const ejs_unit *const views[] = {...};    for ejs_engine_add_units()
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "scaffold/commands.h"
#include "scaffold/options.h"

typedef struct output {
    FILE *file; /* all, or with `folder` the list alone */
    const char *symbol;
    const char *folder; /* where each template gets a file; NULL: nowhere */
    base_buf list;      /* the units' addresses */
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
        "      --split FOLDER      each template as FOLDER/NAME.ejs.c, written if\n"
        "                          it is not so yet; FILE is the list of them\n"
        "      --symbol NAME       of the list of units: views\n"
        "      --own-escape        for ejs_engine_set_escape()\n"
        "and the options of `mvcgen render` that say what a template means.\n",
        out);
}

static bool failed_to_write(const char *path)
{
    failure("'%s' cannot be written", path);
    return false;
}

/* Leaves a file that has this text already as it is, and its time. */
static bool write_if_changed(const char *path, const char *text, size_t size)
{
    size_t old_size;
    char *old = base_file_read(path, 0, &old_size);
    const bool same =
        old && old_size == size && memcmp(old, text, size) == 0;
    free(old);
    if (same)
        return true;
    char *folder = base_path_dirname(path);
    const bool done = folder && base_dir_make(folder) &&
                      base_file_write(path, text, size);
    free(folder);
    return done || failed_to_write(path);
}

/* views_posts_2fshow: the same whatever other templates there are. */
static void put_symbol(base_buf *symbol, const output *out, const char *name)
{
    const size_t size =
        (size_t)(base_path_extension(base_path_basename(name)) - name);
    base_buf_printf(symbol, "%s_", out->symbol);
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)name[i];
        if (isalnum(c) && c < 128)
            base_buf_putc(symbol, (char)c);
        else
            base_buf_printf(symbol, "_%02x", c);
    }
    base_buf_putc(symbol, '\0');
}

static bool emit_split(const output *out, const ejs_template *tpl,
                       const char *name, const char *symbol)
{
    char *text = NULL;
    size_t size = 0;
    ejs_error err = {0};
    base_buf path = {0};
    FILE *file = open_memstream(&text, &size);
    bool done = file && ejs_emit_c(tpl, symbol, file, &err);
    if (!file || fclose(file) != 0)
        done = failure("out of memory") == STATUS_DONE;
    else if (!done)
        ejs_error_print(&err, stderr);
    base_buf_printf(&path, "%s/%s.c", out->folder, name);
    base_buf_putc(&path, '\0');
    done = done && !path.failed && write_if_changed(path.data, text, size);
    base_buf_free(&path);
    free(text);
    return done;
}

static bool emit(output *out, const ejs_template *tpl, const char *name)
{
    ejs_error err;
    base_buf symbol = {0};
    if (out->folder)
        put_symbol(&symbol, out, name);
    else
        base_buf_printf(&symbol, "%s_%u%c", out->symbol, out->count, '\0');
    bool done = !symbol.failed;
    if (!done) {
        failure("out of memory");
    } else if (out->folder) {
        done = emit_split(out, tpl, name, symbol.data);
        fprintf(out->file, "extern const ejs_unit %s;\n", symbol.data);
    } else if (!(done = ejs_emit_c(tpl, symbol.data, out->file, &err))) {
        ejs_error_print(&err, stderr);
    }
    base_buf_printf(&out->list, "    &%s,\n", done ? symbol.data : "");
    out->count++;
    base_buf_free(&symbol);
    return done;
}

/* `name` is the path below the folder that was named. */
static void compile_file(output *out, ejs_engine *engine, const char *path,
                         const char *name)
{
    ejs_error err;
    ejs_template *tpl = load_template(engine, path, true, &err);
    if (!tpl)
        ejs_error_print(&err, stderr);
    out->failed |= !tpl || !emit(out, tpl, name);
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
            compile_file(out, engine, path, files[i]);
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
        compile_file(out, engine, operand, base_path_basename(operand));
    ejs_engine_free(engine);
}

static void write_list(const output *out)
{
    fprintf(out->file,
            "extern const ejs_unit *const %s[];\n"
            "const ejs_unit *const %s[] = {\n"
            "%.*s    0,\n};\n",
            out->symbol, out->symbol, (int)out->list.size,
            out->list.size ? out->list.data : "");
}

static int write_output(const options *o, const char *text, size_t size)
{
    if (!o->output_file)
        return fwrite(text, 1, size, stdout) == size
                   ? STATUS_DONE
                   : failure("writing failed");
    if (o->split)
        return write_if_changed(o->output_file, text, size) ? STATUS_DONE
                                                            : STATUS_FAILED;
    return base_file_write(o->output_file, text, size)
               ? STATUS_DONE
               : failure("'%s' cannot be written", o->output_file);
}

static int compile_all(const options *o)
{
    char *text = NULL;
    size_t size = 0;
    output out = {.file = open_memstream(&text, &size),
                  .symbol = o->symbol ? o->symbol : "views",
                  .folder = o->split};
    int status = STATUS_FAILED;
    if (!out.file)
        return failure("out of memory");
    if (out.folder)
        fputs("#include <ejs/runtime.h>\n", out.file);
    for (int i = 0; i < o->n_operands; i++)
        compile_operand(&out, o, o->operands[i]);
    write_list(&out);
    if (fclose(out.file) != 0 || out.list.failed)
        failure("out of memory");
    else if (!out.failed)
        status = write_output(o, text, size);
    base_buf_free(&out.list);
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
