/*
 * render.c - `mvcgen render`: one page, as EJS's own command does it; many go
 * to batch.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/file.h"
#include "scaffold/batch.h"
#include "scaffold/commands.h"
#include "scaffold/native.h"
#include "scaffold/options.h"

void render_help(FILE *out)
{
    fputs(
        "usage: mvcgen render [OPTIONS] TEMPLATE [NAME=VALUE ...]\n"
        "       mvcgen render --batch FILE|-\n"
        "       mvcgen render --units LIB.so NAME [NAME=VALUE ...]\n"
        "\n"
        "Renders a template with data from -f, -i, standard input or "
        "NAME=VALUE.\n"
        "\n"
        "  -o, --output-file FILE      write there instead of standard output\n"
        "  -f, --data-file FILE        JSON data\n"
        "  -i, --data-input STRING     JSON data, URI-encoded\n"
        "  -m, --delimiter C           between < and >, instead of %\n"
        "  -p, --open-delimiter C      instead of <\n"
        "  -c, --close-delimiter C     instead of >\n"
        "  -s, --strict                strict mode; names only through locals\n"
        "  -n, --no-with               names only through locals\n"
        "  -l, --locals-name NAME      the object of all data, instead of "
        "locals\n"
        "  -w, --rm-whitespace         trim lines and drop empty ones\n"
        "  -d, --debug                 print the tree on standard error as "
        "well\n"
        "      --root DIR              where include('/x') starts; repeatable\n"
        "      --views DIR             where include('x') is looked for\n"
        "      --allow DIR             let includes reach into DIR as well\n"
        "      --unconfined            let includes leave all these folders\n"
        "      --extension EXT         added to names without one: ejs\n"
        "      --output-function-name NAME\n"
        "      --destructured-locals NAME,NAME...\n"
        "      --no-compile-debug      errors without place and excerpt\n"
        "      --unsafe-prototype-locals\n"
        "      --options-json FILE     EJS's options as an object\n"
        "      --typed                 {\"$date\": ...} in the data is a Date\n"
        "      --now MS  --tz ZONE  --locale TAG\n"
        "      --legacy-include        <% include x %> of EJS 1 and 2\n"
        "      --limit-steps N  --limit-output BYTES  --limit-time MS\n"
        "      --limit-memory BYTES  --limit-depth N  --limit-includes N\n"
        "      --layouts               layout(), block(), contentFor(), "
        "partial()\n"
        "      --layout NAME           around pages that name none\n"
        "      --block NAME            only that part of the page\n"
        "      --native                compile to C and run that\n"
        "      --units LIB.so          render a view from a built library\n"
        "      --batch FILE            many pages, one JSON line each\n"
        "\n"
        "Includes stay in the folders that are named and the page's own; where "
        "none\n"
        "is named they may go anywhere, as with EJS.  Those of a batch may "
        "reach "
        "into\n"
        "the working directory unless the command names folders.\n",
        out);
}

/* data
 * --------------------------------------------------------------------------------
 */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* decodeURIComponent in place; false: malformed. */
static bool decode(char *text, size_t *size)
{
    char *to = text;
    for (const char *from = text; *from;) {
        if (*from != '%') {
            *to++ = *from++;
            continue;
        }
        const int high = hex(from[1]), low = high < 0 ? -1 : hex(from[2]);
        if (low < 0)
            return false;
        *to++ = (char)(high * 16 + low);
        from += 3;
    }
    *to = '\0';
    *size = (size_t)(to - text);
    return true;
}

static void put_json_text(base_buf *out, const char *text, size_t size)
{
    base_buf_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            base_buf_printf(out, "\\%c", c);
        else if (c < 0x20)
            base_buf_printf(out, "\\u%04x", c);
        else
            base_buf_putc(out, (char)c);
    }
    base_buf_putc(out, '"');
}

/* Data that are an array name its elements 0, 1 ...; false: no memory. */
static bool name_elements(base_buf *data)
{
    base_buf_putc(data, '\0');
    data->size--;
    struct json_object *array =
        data->failed ? NULL : json_tokener_parse(data->data);
    if (json_object_is_type(array, json_type_array)) {
        data->size = 0;
        for (size_t i = 0; i < json_object_array_length(array); i++)
            base_buf_printf(data, "%s\"%zu\":%s", i ? "," : "{", i,
                            json_object_to_json_string(
                                json_object_array_get_idx(array, i)));
        base_buf_puts(data, data->size ? "}" : "{}");
    }
    json_object_put(array);
    return !data->failed;
}

/*
 * NAME=VALUE operands win over JSON data: later keys of the same object do, so
 * they are appended to its text.
 */
static bool add_operands(const options *o, base_buf *data)
{
    if (!name_elements(data))
        return false;
    while (data->size && strchr(" \t\r\n", data->data[data->size - 1]))
        data->size--;
    size_t start = 0;
    while (start < data->size && strchr(" \t\r\n", data->data[start]))
        start++;
    const bool is_object = data->size > start + 1 && data->data[start] == '{' &&
                           data->data[data->size - 1] == '}';
    if (is_object)
        data->size--;
    else
        data->size = 0;
    bool is_empty = true;
    for (size_t i = start + 1; is_object && i < data->size; i++)
        is_empty = is_empty && strchr(" \t\r\n", data->data[i]);
    if (!is_object)
        base_buf_putc(data, '{');
    for (int i = 1; i < o->n_operands; i++) {
        const char *equals = strchr(o->operands[i], '=');
        if (!is_empty)
            base_buf_putc(data, ',');
        is_empty = false;
        put_json_text(data, o->operands[i], (size_t)(equals - o->operands[i]));
        base_buf_putc(data, ':');
        put_json_text(data, equals + 1, strlen(equals + 1));
    }
    base_buf_putc(data, '}');
    return !data->failed;
}

/* A string as data gives no names, unlike the library, which sees its letters.
 */
static bool is_text(const base_buf *data)
{
    size_t start = 0;
    while (start < data->size && strchr(" \t\r\n", data->data[start]))
        start++;
    if (start == data->size || data->data[start] != '"')
        return false;
    char *copy = strndup(data->data + start, data->size - start);
    struct json_object *value = copy ? json_tokener_parse(copy) : NULL;
    const bool is_string = json_object_is_type(value, json_type_string);
    json_object_put(value);
    free(copy);
    return is_string;
}

/* STATUS_DONE with the data's JSON text, empty when there is none. */
static int read_data(const options *o, base_buf *data)
{
    size_t size = 0;
    char *text = NULL;
    if (o->data_input) {
        text = strdup(o->data_input);
        if (!text || !decode(text, &size)) {
            free(text);
            return failure("URI malformed");
        }
    } else if (o->data_file) {
        text = read_input(o->data_file, &size);
    } else if (o->n_operands < 2 && !isatty(STDIN_FILENO)) {
        text = read_input("-", &size);
    } else {
        text = strdup("");
    }
    if (!text)
        return STATUS_FAILED;
    base_buf_put(data, text, size);
    free(text);
    if (data->failed)
        return failure("out of memory");
    return STATUS_DONE;
}

/* the page
 * ----------------------------------------------------------------------------------
 */

static bool put(void *user, const char *data, size_t size)
{
    base_buf *page = user;
    base_buf_put(page, data, size);
    return !page->failed;
}

static int report(const ejs_error *err)
{
    if (err->status == EJS_DATA)
        return failure("could not parse data as JSON: %s", err->message);
    if (err->line && (err->status == EJS_SYNTAX || err->column))
        fprintf(stderr, "%s:%d:%d: error: %s%s%s\n",
                *err->file ? err->file : "ejs", err->line, err->column,
                err->summary, *err->hint ? "; " : "", err->hint);
    return failure("%s", err->message);
}

static int write_page(const options *o, const base_buf *page)
{
    if (o->output_file) {
        if (base_file_write(o->output_file, page->data, page->size))
            return STATUS_DONE;
        if (errno == ENOENT)
            return failure("ENOENT: no such file or directory, open '%s'",
                           o->output_file);
        return failure("'%s' cannot be written: %s", o->output_file,
                       strerror(errno));
    }
    if (page->size)
        fwrite(page->data, 1, page->size, stdout);
    return fflush(stdout) == 0 ? STATUS_DONE
                               : failure("writing the page failed");
}

static bool render_block(const ejs_template *tpl, const options *o,
                         const base_buf *data, base_buf *page, ejs_error *err)
{
    size_t size;
    struct json_tokener *tokener = json_tokener_new_ex(512);
    struct json_object *locals =
        tokener && data->size
            ? json_tokener_parse_ex(tokener, data->data, (int)data->size)
            : NULL;
    const bool parsed =
        tokener && (!data->size ||
                    json_tokener_get_error(tokener) == json_tokener_success);
    json_tokener_free(tokener);
    if (!parsed) {
        memset(err, 0, sizeof *err);
        err->status = EJS_DATA;
        snprintf(err->message, sizeof err->message, "it is not a JSON text");
        return false;
    }
    char *text = ejs_render_block(tpl, o->block, locals, &size, err);
    if (text)
        base_buf_put(page, text, size);
    free(text);
    json_object_put(locals);
    return text && !page->failed;
}

static bool render_template(const ejs_template *tpl, const options *o,
                            base_buf *data, base_buf *page, ejs_error *err)
{
    base_buf_putc(data, '\0');
    data->size--;
    if (o->block)
        return render_block(tpl, o, data, page, err);
    if (!data->size)
        return ejs_render(tpl, NULL, put, page, err);
    return ejs_render_json(tpl, data->data, data->size, put, page, err);
}

/* Whether the data parse, found out with an empty page. */
static bool check_data(ejs_engine *engine, base_buf *data, ejs_error *err)
{
    base_buf page = {0};
    ejs_template *tpl = ejs_compile(engine, "", 0, NULL, err);
    base_buf_putc(data, '\0');
    data->size -= !data->failed;
    const bool parses =
        tpl && ejs_render_json(tpl, data->data, data->size, put, &page, err);
    ejs_template_free(tpl);
    base_buf_free(&page);
    return parses;
}

/* The data and the operands joined, as JSON text; empty when there are none. */
static int gather_data(const options *o, ejs_engine *engine, base_buf *data)
{
    ejs_error err;
    const int status = read_data(o, data);
    if (status != STATUS_DONE)
        return status;
    if (o->n_operands > 1 && data->size && !check_data(engine, data, &err))
        return report(&err);
    if (is_text(data))
        data->size = 0;
    if (o->n_operands < 2)
        return STATUS_DONE;
    return add_operands(o, data) ? STATUS_DONE : failure("out of memory");
}

static int render_page(const options *o, ejs_engine *engine)
{
    ejs_error err;
    base_buf data = {0}, page = {0};
    int status = gather_data(o, engine, &data);
    if (status == STATUS_DONE) {
        ejs_template *tpl =
            o->units ? ejs_load(engine, o->operands[0], &err)
                     : load_template(engine, o->operands[0], false, &err);
        if (tpl && o->debug)
            ejs_dump_ast(tpl, stderr);
        const bool done = tpl && render_template(tpl, o, &data, &page, &err);
        status = done ? write_page(o, &page) : report(&err);
        ejs_template_free(tpl);
    }
    base_buf_free(&page);
    base_buf_free(&data);
    return status;
}

/* Units of a library: the list that `mvcgen compile` gave the name `symbol`. */
static void *add_library(const options *o, ejs_engine *engine)
{
    ejs_error err;
    const char *symbol = o->symbol ? o->symbol : "views";
    char *path = strchr(o->units, '/') ? strdup(o->units)
                                       : base_path_join(".", o->units);
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    free(path);
    if (!library) {
        failure("%s", dlerror());
        return NULL;
    }
    const ejs_unit *const *units = dlsym(library, symbol);
    if (units && ejs_engine_add_units(engine, units, &err))
        return library;
    failure("'%s': %s", o->units,
            units ? err.message
                  : "has no list of views of that name; see "
                    "--symbol");
    dlclose(library);
    return NULL;
}

static int render_one(options *o)
{
    ejs_error err;
    void *library = NULL;
    native *compiled = NULL;
    int status = STATUS_FAILED;
    options_confine(&o->ejs);
    ejs_engine *engine = ejs_engine_new(&o->ejs, &err);
    if (!engine)
        return report(&err);
    if (o->native && (compiled = native_new()) != NULL)
        native_use(compiled, engine);
    if (!o->units || (library = add_library(o, engine)) != NULL)
        status = render_page(o, engine);
    if (native_has_failed(compiled))
        status = STATUS_FAILED;
    ejs_engine_free(engine);
    native_free(compiled);
    if (library)
        dlclose(library);
    return status;
}

static int check_operands(const options *o)
{
    if (!o->n_operands)
        return usage_error("render", "please provide a template path");
    const bool is_pair = strchr(o->operands[0], '=') != NULL;
    for (int i = 1; i < o->n_operands; i++) {
        if (strchr(o->operands[i], '='))
            continue;
        if (is_pair)
            return usage_error("render",
                               "the template path must come first, before data "
                               "values (got '%s')",
                               o->operands[0]);
        return usage_error("render",
                           "unexpected argument '%s' (data must be name=value)",
                           o->operands[i]);
    }
    if (o->data_file && o->data_input)
        return usage_error("render", "please pass data only one way: stdin, "
                                     "-i, or -f");
    return STATUS_DONE;
}

int command_render(int argc, char **argv)
{
    options o;
    int status = options_read(&o, argc, argv);
    if (status == STATUS_DONE && o.help)
        render_help(stdout);
    else if (status == STATUS_DONE && o.version)
        printf("%s\n", EJS_VERSION);
    else if (status == STATUS_DONE && o.batch)
        status = render_batch(&o);
    else if (status == STATUS_DONE &&
             (status = check_operands(&o)) == STATUS_DONE)
        status = render_one(&o);
    options_free(&o);
    return status;
}
