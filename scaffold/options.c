/* options.c - reads options from the command line and from JSON. */
#include "scaffold/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/file.h"
#include "scaffold/commands.h"

/* messages
 * ----------------------------------------------------------------------- */

int usage_error(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("mvcgen: ", stderr);
    vfprintf(stderr, format, args);
    fprintf(stderr, "\nTry 'mvcgen help %s' for more information.\n", command);
    va_end(args);
    return STATUS_USAGE;
}

int failure(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("mvcgen: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return STATUS_FAILED;
}

char *read_input(const char *path, size_t *size)
{
    char *data = strcmp(path, "-") == 0
                     ? base_file_read_fd(STDIN_FILENO, 0, size)
                     : base_file_read(path, 0, size);
    if (!data && errno == ENOENT)
        failure("ENOENT: no such file or directory, open '%s'", path);
    else if (!data)
        failure("'%s' cannot be read: %s", path, strerror(errno));
    return data;
}

/* templates
 * ------------------------------------------------------------------------ */

/* As Node words it. */
static void fail_file(ejs_error *err, const char *path, int code)
{
    const bool is_missing = code == ENOENT || code == ENOTDIR;
    if (!err)
        return;
    memset(err, 0, sizeof *err);
    err->status = is_missing ? EJS_NOT_FOUND : EJS_IO;
    snprintf(err->name, sizeof err->name, "Error");
    if (code == EISDIR)
        snprintf(err->message, sizeof err->message,
                 "EISDIR: illegal operation on a directory, read");
    else if (is_missing)
        snprintf(err->message, sizeof err->message,
                 "ENOENT: no such file or directory, open '%s'", path);
    else
        snprintf(err->message, sizeof err->message, "%s, open '%s'",
                 strerror(code), path);
    snprintf(err->summary, sizeof err->summary, "%.*s",
             (int)sizeof err->summary - 1, err->message);
}

char *read_template(const char *file, bool strip_bom, char **path, size_t *size,
                    ejs_error *err)
{
    *path = base_path_absolute(file);
    char *source = *path ? base_file_read(*path, 0, size) : NULL;
    if (!source)
        fail_file(err, *path ? *path : file, errno);
    if (source && strip_bom && *size >= 3 &&
        memcmp(source, "\xef\xbb\xbf", 3) == 0)
        memmove(source, source + 3, *size -= 3);
    return source;
}

ejs_template *load_template(ejs_engine *engine, const char *file,
                            bool strip_bom, ejs_error *err)
{
    char *path;
    size_t size;
    char *source = read_template(file, strip_bom, &path, &size, err);
    ejs_template *tpl =
        source ? ejs_compile(engine, source, size, path, err) : NULL;
    free(source);
    free(path);
    return tpl;
}

/* values
 * ---------------------------------------------------------------------------
 */

/* Adds to a NULL-ended list; false when out of memory. */
static bool append(options *o, const char *const **list, const char *text)
{
    size_t n = 0;
    while (*list && (*list)[n])
        n++;
    const char **longer = base_arena_zalloc(&o->arena, n + 2, sizeof *longer);
    char *copy = base_arena_dup(&o->arena, text, strlen(text));
    if (!longer || !copy)
        return false;
    if (n)
        memcpy(longer, *list, n * sizeof *longer);
    longer[n] = copy;
    *list = longer;
    return true;
}

static bool append_words(options *o, const char *const **list,
                         const char *words)
{
    while (*words) {
        const size_t size = strcspn(words, ", ");
        char *word = base_arena_dup(&o->arena, words, size);
        if (!word || (size && !append(o, list, word)))
            return false;
        words += size + (words[size] != '\0');
    }
    return true;
}

static bool read_number(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return *text && *end == '\0' && *out == *out;
}

/* the command line
 * ------------------------------------------------------------------ */

typedef enum flag_id {
    FLAG_OUTPUT,
    FLAG_DATA_FILE,
    FLAG_DATA_INPUT,
    FLAG_DELIMITER,
    FLAG_OPEN,
    FLAG_CLOSE,
    FLAG_LOCALS,
    FLAG_STRICT,
    FLAG_NO_WITH,
    FLAG_RM_WHITESPACE,
    FLAG_DEBUG,
    FLAG_HELP,
    FLAG_VERSION,
    FLAG_ROOT,
    FLAG_VIEWS,
    FLAG_ALLOW,
    FLAG_OUTPUT_FUNCTION,
    FLAG_DESTRUCTURED,
    FLAG_NO_DEBUG,
    FLAG_UNSAFE,
    FLAG_OPTIONS,
    FLAG_TYPED,
    FLAG_NOW,
    FLAG_TZ,
    FLAG_LOCALE,
    FLAG_LEGACY,
    FLAG_OWN_ESCAPE,
    FLAG_STEPS,
    FLAG_OUTPUT_LIMIT,
    FLAG_TIME,
    FLAG_MEMORY,
    FLAG_DEPTH,
    FLAG_INCLUDES,
    FLAG_BATCH,
    FLAG_NATIVE,
    FLAG_UNITS,
    FLAG_UNCONFINED,
    FLAG_EXTENSION,
    FLAG_SYMBOL,
    FLAG_SPLIT,
    FLAG_JSON,
    FLAG_AST,
    FLAG_CODE,
    FLAG_C,
    FLAG_LAYOUTS,
    FLAG_LAYOUT,
    FLAG_BLOCK,
    FLAG_FIX,
    FLAG_MAX_WARNINGS,
} flag_id;

/* clang-format off */
static const struct flag {
    char letter;
    const char *name;
    bool takes_value;
    flag_id id;
} flags[] = {
    {'o', "output-file", true, FLAG_OUTPUT},
    {'f', "data-file", true, FLAG_DATA_FILE},
    {'i', "data-input", true, FLAG_DATA_INPUT},
    {'m', "delimiter", true, FLAG_DELIMITER},
    {'p', "open-delimiter", true, FLAG_OPEN},
    {'c', "close-delimiter", true, FLAG_CLOSE},
    {'l', "locals-name", true, FLAG_LOCALS},
    {'s', "strict", false, FLAG_STRICT},
    {'n', "no-with", false, FLAG_NO_WITH},
    {'w', "rm-whitespace", false, FLAG_RM_WHITESPACE},
    {'d', "debug", false, FLAG_DEBUG},
    {'h', "help", false, FLAG_HELP},
    {'V', "version", false, FLAG_VERSION},
    {'v', "version", false, FLAG_VERSION},
    {0, "root", true, FLAG_ROOT},
    {0, "views", true, FLAG_VIEWS},
    {0, "allow", true, FLAG_ALLOW},
    {0, "output-function-name", true, FLAG_OUTPUT_FUNCTION},
    {0, "destructured-locals", true, FLAG_DESTRUCTURED},
    {0, "no-compile-debug", false, FLAG_NO_DEBUG},
    {0, "unsafe-prototype-locals", false, FLAG_UNSAFE},
    {0, "options-json", true, FLAG_OPTIONS},
    {0, "typed", false, FLAG_TYPED},
    {0, "now", true, FLAG_NOW},
    {0, "tz", true, FLAG_TZ},
    {0, "locale", true, FLAG_LOCALE},
    {0, "legacy-include", false, FLAG_LEGACY},
    {0, "own-escape", false, FLAG_OWN_ESCAPE},
    {0, "limit-steps", true, FLAG_STEPS},
    {0, "limit-output", true, FLAG_OUTPUT_LIMIT},
    {0, "limit-time", true, FLAG_TIME},
    {0, "limit-memory", true, FLAG_MEMORY},
    {0, "limit-depth", true, FLAG_DEPTH},
    {0, "limit-includes", true, FLAG_INCLUDES},
    {0, "batch", true, FLAG_BATCH},
    {0, "native", false, FLAG_NATIVE},
    {0, "units", true, FLAG_UNITS},
    {0, "unconfined", false, FLAG_UNCONFINED},
    {0, "extension", true, FLAG_EXTENSION},
    {0, "symbol", true, FLAG_SYMBOL},
    {0, "split", true, FLAG_SPLIT},
    {0, "json", false, FLAG_JSON},
    {0, "ast", false, FLAG_AST},
    {0, "code", false, FLAG_CODE},
    {0, "c", false, FLAG_C},
    {0, "fix", false, FLAG_FIX},
    {0, "max-warnings", true, FLAG_MAX_WARNINGS},
    {0, "layouts", false, FLAG_LAYOUTS},
    {0, "layout", true, FLAG_LAYOUT},
    {0, "block", true, FLAG_BLOCK},
};
/* clang-format on */

static bool read_options_file(options *o, const char *path)
{
    size_t size;
    const char *problem = "it is not a JSON object";
    char *text = read_input(path, &size);
    if (!text)
        return false;
    struct json_object *object = json_tokener_parse(text);
    free(text);
    const bool good = json_object_is_type(object, json_type_object) &&
                      options_from_json(o, object, &problem);
    json_object_put(object);
    if (!good)
        failure("'%s' holds no options: %s", path, problem);
    return good;
}

/* clang-format off */
static bool set_switch(options *o, flag_id id)
{
    switch (id) {
    case FLAG_STRICT: return o->ejs.strict = true;
    case FLAG_NO_WITH: return o->ejs.no_with = true;
    case FLAG_RM_WHITESPACE: return o->ejs.rm_whitespace = true;
    case FLAG_DEBUG: return o->debug = true;
    case FLAG_HELP: return o->help = true;
    case FLAG_VERSION: return o->version = true;
    case FLAG_NO_DEBUG: return o->ejs.no_compile_debug = true;
    case FLAG_UNSAFE: return o->ejs.unsafe_prototype_locals = true;
    case FLAG_TYPED: return o->ejs.typed = true;
    case FLAG_LEGACY: return o->ejs.legacy_include = true;
    case FLAG_OWN_ESCAPE: return o->ejs.own_escape = true;
    case FLAG_NATIVE: return o->native = true;
    case FLAG_UNCONFINED: return o->ejs.unconfined = true;
    case FLAG_JSON: return o->json = true;
    case FLAG_AST: return o->ast = true;
    case FLAG_CODE: return o->code = true;
    case FLAG_C: return o->c = true;
    case FLAG_FIX: return o->fix = true;
    case FLAG_LAYOUTS: return o->ejs.layouts = true;
    default: return false;
    }
}

/* clang-format on */

static bool set_limit(options *o, flag_id id, const char *value)
{
    double n;
    if (!read_number(value, &n) || (n < 0 && id != FLAG_NOW))
        return false;
    switch (id) {
    case FLAG_NOW:
        o->ejs.has_now = true;
        o->ejs.now = n;
        break;
    case FLAG_STEPS:
        o->ejs.max_steps = (uint64_t)n;
        break;
    case FLAG_OUTPUT_LIMIT:
        o->ejs.max_output = (size_t)n;
        break;
    case FLAG_TIME:
        o->ejs.max_time_ms = (unsigned)n;
        break;
    case FLAG_MEMORY:
        o->ejs.max_memory = (size_t)n;
        break;
    case FLAG_DEPTH:
        o->ejs.max_depth = (unsigned)n;
        break;
    case FLAG_MAX_WARNINGS:
        o->has_max_warnings = true;
        o->max_warnings = (unsigned)n;
        break;
    default:
        o->ejs.max_includes = (unsigned)n;
        break;
    }
    return true;
}

/* clang-format off */
/* STATUS_DONE, or what to exit with; the message has been printed. */
static int set_value(options *o, const char *command, const struct flag *flag,
                     const char *value)
{
    switch (flag->id) {
    case FLAG_OUTPUT: o->output_file = value; break;
    case FLAG_DATA_FILE: o->data_file = value; break;
    case FLAG_DATA_INPUT: o->data_input = value; break;
    case FLAG_DELIMITER: o->ejs.delimiter = value; break;
    case FLAG_OPEN: o->ejs.open_delimiter = value; break;
    case FLAG_CLOSE: o->ejs.close_delimiter = value; break;
    case FLAG_LOCALS: o->ejs.locals_name = value; break;
    case FLAG_ROOT: append(o, &o->ejs.roots, value); break;
    case FLAG_VIEWS: append(o, &o->ejs.views, value); break;
    case FLAG_ALLOW: append(o, &o->ejs.allowed, value); break;
    case FLAG_OUTPUT_FUNCTION: o->ejs.output_function_name = value; break;
    case FLAG_DESTRUCTURED:
        append_words(o, &o->ejs.destructured_locals, value);
        break;
    case FLAG_OPTIONS:
        return read_options_file(o, value) ? STATUS_DONE : STATUS_FAILED;
    case FLAG_TZ: o->ejs.time_zone = value; break;
    case FLAG_LOCALE: o->ejs.locale = value; break;
    case FLAG_BATCH: o->batch = value; break;
    case FLAG_UNITS: o->units = value; break;
    case FLAG_EXTENSION: o->ejs.extension = value; break;
    case FLAG_SYMBOL: o->symbol = value; break;
    case FLAG_SPLIT: o->split = value; break;
    case FLAG_LAYOUT: o->ejs.layout = value; o->ejs.layouts = true; break;
    case FLAG_BLOCK: o->block = value; o->ejs.layouts = true; break;
    default:
        if (!set_limit(o, flag->id, value))
            return usage_error(command, "option '--%s' wants a number, not "
                               "'%s'", flag->name, value);
        break;
    }
    return STATUS_DONE;
}

/* clang-format on */

static const struct flag *flag_named(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strlen(flags[i].name) == size &&
            memcmp(flags[i].name, name, size) == 0)
            return &flags[i];
    }
    return NULL;
}

static const struct flag *flag_of(char letter)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (flags[i].letter && flags[i].letter == letter)
            return &flags[i];
    }
    return NULL;
}

typedef struct words {
    int argc, at;
    char **argv;
} words;

/* The next word as a value: it must not look like an option. */
static const char *next_value(words *w, const struct flag *flag)
{
    const char *next = w->at < w->argc ? w->argv[w->at] : NULL;
    if (!next || (*next == '-' && !(flag->id == FLAG_BATCH && !next[1])))
        return NULL;
    w->at++;
    return next;
}

static int read_long(options *o, words *w, const char *word)
{
    const char *equals = strchr(word, '=');
    const size_t size = equals ? (size_t)(equals - word) : strlen(word);
    const struct flag *flag = flag_named(word + 2, size - 2);
    if (!flag)
        return usage_error(w->argv[0], "unrecognized option '%.*s'", (int)size,
                           word);
    if (!flag->takes_value) {
        if (equals)
            return usage_error(
                w->argv[0], "option '--%s' does not take a value", flag->name);
        set_switch(o, flag->id);
        return STATUS_DONE;
    }
    const char *value = equals ? equals + 1 : next_value(w, flag);
    if (!value)
        return usage_error(w->argv[0], "option '--%s' requires a value",
                           flag->name);
    return set_value(o, w->argv[0], flag, value);
}

/* -o FILE, -oFILE, -o=FILE, and switches in a group: -sdw */
static int read_short(options *o, words *w, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        const struct flag *flag = flag_of(*c);
        if (!flag)
            return usage_error(w->argv[0], "unrecognized option '-%c'", *c);
        if (flag->takes_value) {
            const char *value = c[1] == '=' ? c + 2
                                : c[1]      ? c + 1
                                            : next_value(w, flag);
            if (!value)
                return usage_error(w->argv[0], "option '-%c' requires a value",
                                   *c);
            return set_value(o, w->argv[0], flag, value);
        }
        set_switch(o, flag->id);
    }
    return STATUS_DONE;
}

void options_init(options *o)
{
    memset(o, 0, sizeof *o);
    base_arena_init(&o->arena, 0);
}

void options_confine(ejs_options *o)
{
    if (!o->roots && !o->views && !o->allowed)
        o->unconfined = true;
}

void options_free(options *o)
{
    json_object_put(o->ejs.self);
    base_arena_free(&o->arena);
}

/* Help and version win over everything, even over mistakes. */
static void find_help(options *o, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) == 0) {
            o->help |= strcmp(word, "--help") == 0;
            o->version |= strcmp(word, "--version") == 0;
            continue;
        }
        for (const char *c = word + 1; *word == '-' && *c; c++) {
            const struct flag *flag = flag_of(*c);
            if (flag && flag->takes_value)
                break;
            o->help |= flag && flag->id == FLAG_HELP;
            o->version |= flag && flag->id == FLAG_VERSION;
        }
    }
}

int options_read(options *o, int argc, char **argv)
{
    words w = {argc, 1, argv};
    bool is_over = false;
    int status = STATUS_DONE;
    options_init(o);
    find_help(o, argc, argv);
    if (o->help || o->version)
        return STATUS_DONE;
    o->operands =
        base_arena_zalloc(&o->arena, (size_t)argc + 1, sizeof *o->operands);
    if (!o->operands)
        return failure("out of memory");
    while (w.at < argc && status == STATUS_DONE) {
        char *word = argv[w.at++];
        if (is_over || *word != '-')
            o->operands[o->n_operands++] = word;
        else if (strcmp(word, "--") == 0)
            is_over = true;
        else if (word[1] == '-')
            status = read_long(o, &w, word);
        else if (word[1] == '\0')
            status = usage_error(argv[0], "unrecognized option '-'");
        else
            status = read_short(o, &w, word);
    }
    return status;
}

/* JSON
 * ----------------------------------------------------------------------------------
 */

static bool is_true(struct json_object *v)
{
    return v && json_object_get_boolean(v);
}

static const char *text_of(options *o, struct json_object *v)
{
    if (!json_object_is_type(v, json_type_string))
        return NULL;
    return base_arena_dup(&o->arena, json_object_get_string(v),
                          (size_t)json_object_get_string_len(v));
}

static void list_of(options *o, const char *const **list,
                    struct json_object *array)
{
    const size_t n = json_object_array_length(array);
    *list = NULL;
    for (size_t i = 0; i < n; i++) {
        const char *text = text_of(o, json_object_array_get_idx(array, i));
        if (text)
            append(o, list, text);
    }
}

/* An array of one root is not the same as that root: nothing is opened in it
 * without looking first.  Twice the same folder says so. */
static void set_roots(options *o, struct json_object *v)
{
    if (json_object_is_type(v, json_type_array)) {
        list_of(o, &o->ejs.roots, v);
        if (json_object_array_length(v) == 1 && o->ejs.roots)
            append(o, &o->ejs.roots, o->ejs.roots[0]);
    } else if (json_object_is_type(v, json_type_string)) {
        o->ejs.roots = NULL;
        append(o, &o->ejs.roots, json_object_get_string(v));
    }
}

static bool set_text_option(options *o, const char *key, struct json_object *v)
{
    const struct {
        const char *key, **text;
    } texts[] = {
        {"delimiter", &o->ejs.delimiter},
        {"openDelimiter", &o->ejs.open_delimiter},
        {"closeDelimiter", &o->ejs.close_delimiter},
        {"localsName", &o->ejs.locals_name},
        {"outputFunctionName", &o->ejs.output_function_name},
        {"timeZone", &o->ejs.time_zone},
        {"tz", &o->ejs.time_zone},
        {"locale", &o->ejs.locale},
        {"extension", &o->ejs.extension},
        {"layout", &o->ejs.layout},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(key, texts[i].key) == 0) {
            *texts[i].text = text_of(o, v);
            return true;
        }
    }
    return false;
}

static bool set_switch_option(options *o, const char *key,
                              struct json_object *v)
{
    const bool is_false =
        json_object_is_type(v, json_type_boolean) && !is_true(v);
    const struct {
        const char *key;
        bool *option, value;
    } switches[] = {
        {"strict", &o->ejs.strict, is_true(v)},
        {"_with", &o->ejs.no_with, is_false},
        {"rmWhitespace", &o->ejs.rm_whitespace, is_true(v)},
        {"compileDebug", &o->ejs.no_compile_debug, is_false},
        {"unsafePrototypeLocals", &o->ejs.unsafe_prototype_locals, is_true(v)},
        {"typed", &o->ejs.typed, is_true(v)},
        {"legacyInclude", &o->ejs.legacy_include, is_true(v)},
        {"unconfined", &o->ejs.unconfined, is_true(v)},
        {"layouts", &o->ejs.layouts, is_true(v)},
        {"extractScripts", &o->ejs.extract_scripts, is_true(v)},
        {"extractStyles", &o->ejs.extract_styles, is_true(v)},
        {"extractMetas", &o->ejs.extract_metas, is_true(v)},
    };
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (strcmp(key, switches[i].key) == 0) {
            *switches[i].option = switches[i].value;
            return true;
        }
    }
    return false;
}

static bool set_number_option(options *o, const char *key,
                              struct json_object *v)
{
    static const struct {
        const char *key;
        flag_id id;
    } numbers[] = {
        {"now", FLAG_NOW},
        {"limitSteps", FLAG_STEPS},
        {"limitOutput", FLAG_OUTPUT_LIMIT},
        {"limitTime", FLAG_TIME},
        {"limitMemory", FLAG_MEMORY},
        {"limitDepth", FLAG_DEPTH},
        {"limitIncludes", FLAG_INCLUDES},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(key, numbers[i].key) == 0)
            return set_limit(o, numbers[i].id, json_object_get_string(v));
    }
    return false;
}

bool options_from_json(options *o, struct json_object *object,
                       const char **problem)
{
    json_object_object_foreach(object, key, v)
    {
        if (strcmp(key, "root") == 0) {
            set_roots(o, v);
        } else if (strcmp(key, "views") == 0) {
            if (json_object_is_type(v, json_type_array))
                list_of(o, &o->ejs.views, v);
        } else if (strcmp(key, "destructuredLocals") == 0) {
            if (json_object_is_type(v, json_type_array))
                list_of(o, &o->ejs.destructured_locals, v);
        } else if (strcmp(key, "context") == 0) {
            json_object_put(o->ejs.self);
            o->ejs.self = json_object_get(v);
        } else if (strcmp(key, "async") == 0 && is_true(v)) {
            *problem = "async templates are not supported: await the values "
                       "before rendering";
            return false;
        } else if (!set_text_option(o, key, v) &&
                   !set_switch_option(o, key, v)) {
            set_number_option(o, key,
                              v); /* EJS ignores what it does not know */
        }
    }
    return true;
}
