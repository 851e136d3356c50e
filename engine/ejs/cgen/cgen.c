/* cgen.c - one template as a C translation unit. */
#include "ejs/cgen/cgen.h"

#include <stdlib.h>
#include <string.h>

#include "ejs/cgen/writer.h"

static void put_slice(base_buf *out, ejs__slice text, const char *line_break)
{
    ejs__c_put_c_string(out, text.data, text.size, line_break);
}

static void put_text(base_buf *out, const char *text)
{
    if (text)
        ejs__c_put_c_string(out, text, strlen(text), NULL);
    else
        base_buf_puts(out, "NULL");
}

static void put_names(base_buf *out, const ejs__script *script,
                      const char *symbol)
{
    if (!script->n_names)
        return;
    base_buf_printf(out, "static const ejs__unit_name %s_names[] = {\n",
                    symbol);
    for (uint32_t i = 0; i < script->n_names; i++) {
        const ejs__name *name = &script->names[i];
        base_buf_puts(out, "    {");
        put_slice(out, name->text, NULL);
        base_buf_printf(out, ", %u, %s},\n", name->text.size,
                        name->is_var ? "true" : "false");
    }
    base_buf_puts(out, "};\n");
    base_buf_printf(out, "static ejs_site %s_name_sites[] = {\n", symbol);
    for (uint32_t i = 0; i < script->n_names; i++)
        ejs__c_put_site(out, script->names[i].text);
    base_buf_puts(out, "};\n");
}

static void put_unit(base_buf *out, const writer *w)
{
    const ejs__script *script = w->script;
    const char *symbol = w->options->symbol;
    const char *boolean[] = {"false", "true"};
    base_buf_printf(
        out,
        "const ejs_unit %s = {\n    .abi = EJS_ABI,\n    .name = ", symbol);
    put_text(out, w->options->name);
    base_buf_puts(out, ",\n    .filename = ");
    put_text(out, w->options->filename);
    base_buf_printf(out,
                    ",\n    .source = %s_source,\n    .source_size = %u,\n",
                    symbol, script->source.size);
    if (script->n_names)
        base_buf_printf(out,
                        "    .names = %s_names,\n    .n_names = %u,\n"
                        "    .name_sites = %s_name_sites,\n",
                        symbol, script->n_names, symbol);
    base_buf_printf(out, "    .with_locals = %s,\n    .strict = %s,\n",
                    boolean[script->with_locals], boolean[script->is_strict]);
    base_buf_printf(out,
                    "    .returns = %s,\n    .debug = %s,\n"
                    "    .own_escape = %s,\n",
                    boolean[script->returns],
                    boolean[!script->options.no_debug],
                    boolean[script->options.own_escape]);
    base_buf_puts(out, "    .locals_name = ");
    put_text(out, script->options.locals_name ? script->options.locals_name
                                              : "locals");
    base_buf_puts(out, ",\n    .output_function_name = ");
    put_text(out, script->options.output_function_name);
    base_buf_printf(out,
                    ",\n    .n_regexps = %u,\n    .n_template_sites = %u,\n",
                    script->n_regexps, script->n_template_sites);
    if (!w->unsupported)
        base_buf_printf(out, "    .n_includes = %u,\n", w->n_includes);
    if (!w->unsupported)
        base_buf_printf(out, "    .run = %s_run,\n", symbol);
    base_buf_puts(out, "};\n");
}

/* Copies finished functions, filling in each `#line LINE_HERE`. */
static void put_functions(base_buf *out, const base_buf *functions,
                          const ejs__cgen_options *options)
{
    static const char mark[] = "#line LINE_HERE\n";
    const char *p = functions->data, *end = p + functions->size;
    size_t counted = 0;
    unsigned line = options->first_line;
    while (p < end) {
        const char *found = memmem(p, (size_t)(end - p), mark, sizeof mark - 1);
        const char *stop = found ? found : end;
        base_buf_put(out, p, (size_t)(stop - p));
        if (!found)
            break;
        for (; counted < out->size; counted++)
            line += out->data[counted] == '\n';
        base_buf_printf(out, "#line %u ", line + 1);
        put_text(out, options->c_file);
        base_buf_putc(out, '\n');
        p = found + sizeof mark - 1;
    }
}

static void put_all(base_buf *out, const writer *w)
{
    const ejs__script *script = w->script;
    const char *symbol = w->options->symbol;
    /* An expression evaluated for its effects leaves a temporary unread. */
    base_buf_puts(out, "#pragma GCC diagnostic push\n"
                       "#pragma GCC diagnostic ignored "
                       "\"-Wunused-but-set-variable\"\n"
                       "#ifdef __clang__\n"
                       "#pragma GCC diagnostic ignored "
                       "\"-Wparentheses-equality\"\n"
                       "#endif\n");
    base_buf_printf(out, "static const char %s_source[] =\n    ", symbol);
    put_slice(out, script->source, "\n    ");
    base_buf_puts(out, ";\n");
    if (!w->unsupported) {
        if (w->n_functions) {
            base_buf_printf(out, "static const char %s_text[] =\n    ", symbol);
            put_slice(out, script->text, "\n    ");
            base_buf_puts(out, ";\n");
        }
        if (w->n_sites) {
            base_buf_printf(out, "static ejs_site %s_sites[] = {\n", symbol);
            base_buf_put(out, w->tables.data, w->tables.size);
            base_buf_printf(out, "};\n#define SITES %s_sites\n", symbol);
        }
        base_buf_puts(out, "#define HERE ");
        put_text(out, w->options->filename);
        base_buf_putc(out, '\n');
        base_buf_put(out, w->prototypes.data, w->prototypes.size);
        if (w->split) {
            base_buf_printf(out, "struct %s_shared {\n    ejs_value result;\n",
                            symbol);
            base_buf_put(out, w->shared.data, w->shared.size);
            base_buf_puts(out, "};\n");
        }
        base_buf_putc(out, '\n');
        put_functions(out, &w->functions, w->options);
        if (w->n_sites)
            base_buf_puts(out, "#undef SITES\n");
        base_buf_puts(out, "#undef HERE\n");
    }
    put_names(out, script, symbol);
    put_unit(out, w);
    base_buf_puts(out, "#pragma GCC diagnostic pop\n");
}

static void free_writer(writer *w)
{
    base_buf_free(&w->tables);
    base_buf_free(&w->functions);
    base_buf_free(&w->prototypes);
    base_buf_free(&w->shared);
    free(w->variables);
    base_arena_free(&w->arena);
}

static void write_unit(writer *w, const ejs__script *script,
                       const ejs__cgen_options *options, bool split)
{
    *w = (writer){.script = script, .options = options, .split = split};
    base_arena_init(&w->arena, 0);
    ejs__c_write_main(w);
    w->failed |= w->tables.failed || w->functions.failed ||
                 w->prototypes.failed || w->shared.failed;
}

/* Compilers take more than twice as long for a function twice as long. */
enum { LONGEST_FUNCTION = 60000 };

bool ejs__cgen(const ejs__script *script, const ejs__cgen_options *options,
               base_buf *out)
{
    writer w;
    write_unit(&w, script, options, false);
    if (w.main_size > LONGEST_FUNCTION && !w.failed && !w.unsupported) {
        free_writer(&w);
        write_unit(&w, script, options, true);
    }
    base_buf text = {0};
    if (!w.failed)
        put_all(&text, &w);
    const bool ok = !w.failed && !text.failed;
    if (ok)
        base_buf_put(out, text.data, text.size);
    base_buf_free(&text);
    free_writer(&w);
    return ok && !out->failed;
}
