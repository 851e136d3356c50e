/*
 * batch.c - renders the pages that JSON lines describe:
 *
 *     {"id": 1, "file": "a.ejs", "data": "{\"x\": 1}", "options": {...}}
 *
 * With "output" the page goes to that file, or a message to OUTPUT.err; without
 * it, one line of JSON comes out for each that goes in.
 *
 * Roots and views differ from line to line, so the folders are no border
 * between the pages of a batch; the border around all of them is the working
 * directory, where the command names no folder.
 */
#include "scaffold/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "scaffold/commands.h"
#include "scaffold/native.h"

typedef struct batch {
    const options *common;
    native *native;
    base_map engines; /* the options' JSON -> engine_entry */
} batch;

typedef struct engine_entry {
    options options;
    ejs_engine *engine; /* NULL: the options are wrong, see problem */
    const char *problem;
    char key[];
} engine_entry;

/* engines
 * -----------------------------------------------------------------------------
 */

static struct json_object *member(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    json_object_object_get_ex(o, name, &v);
    return v;
}

static const char *text(struct json_object *line, const char *name)
{
    struct json_object *v = member(line, name);
    return json_object_is_type(v, json_type_string) ? json_object_get_string(v)
                                                    : NULL;
}

static void read_options(engine_entry *entry, const options *common,
                         struct json_object *line)
{
    options_init(&entry->options);
    entry->options.ejs = common->ejs;
    json_object_get(entry->options.ejs.self);
    struct json_object *given = member(line, "options");
    struct json_object *now = member(line, "now");
    struct json_object *timeout = member(line, "timeout_ms");
    if (now) {
        entry->options.ejs.has_now = true;
        entry->options.ejs.now = json_object_get_double(now);
    }
    if (timeout)
        entry->options.ejs.max_time_ms =
            (unsigned)json_object_get_int64(timeout);
    if (json_object_is_type(given, json_type_object))
        options_from_json(&entry->options, given, &entry->problem);
}

static engine_entry *new_engine(batch *b, struct json_object *line,
                                const char *key)
{
    ejs_error err;
    engine_entry *entry = calloc(1, sizeof *entry + strlen(key) + 1);
    if (!entry)
        return NULL;
    memcpy(entry->key, key, strlen(key) + 1);
    read_options(entry, b->common, line);
    static const char *const here[] = {".", NULL};
    const ejs_options *common = &b->common->ejs;
    ejs_options *o = &entry->options.ejs;
    if (!common->roots && !common->views && !common->allowed)
        o->allowed = here;
    options_confine(o);
    if (!entry->problem && (entry->engine = ejs_engine_new(o, &err)) != NULL &&
        b->native)
        native_use(b->native, entry->engine);
    if (base_map_put(&b->engines, entry->key, strlen(entry->key), entry))
        return entry;
    ejs_engine_free(entry->engine);
    options_free(&entry->options);
    free(entry);
    return NULL;
}

static engine_entry *engine_for(batch *b, struct json_object *line)
{
    base_buf key = {0};
    static const char *const parts[] = {"options", "now", "timeout_ms"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct json_object *v = member(line, parts[i]);
        base_buf_puts(&key, v ? json_object_to_json_string(v) : "");
        base_buf_putc(&key, '\n');
    }
    char *k = base_buf_take(&key, NULL);
    engine_entry *entry = k ? base_map_get(&b->engines, k, strlen(k)) : NULL;
    if (k && !entry)
        entry = new_engine(b, line, k);
    free(k);
    return entry;
}

static void free_engines(base_map *engines)
{
    size_t at = 0;
    const base_map_entry *e;
    while ((e = base_map_next(engines, &at)) != NULL) {
        engine_entry *entry = e->value;
        ejs_engine_free(entry->engine);
        options_free(&entry->options);
        free(entry);
    }
    base_map_free(engines);
}

/* answers
 * ---------------------------------------------------------------------------------
 */

static void put_json(const char *data, size_t size)
{
    putchar('"');
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)data[i];
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c == '\n')
            fputs("\\n", stdout);
        else if (c < 0x20)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void answer_line(struct json_object *line, const base_buf *page,
                        const ejs_error *err)
{
    struct json_object *id = member(line, "id");
    printf("{\"id\":%s,\"ok\":%s,",
           id ? json_object_to_json_string(id) : "null",
           err ? "false" : "true");
    if (err) {
        fputs("\"name\":", stdout);
        put_json(err->name, strlen(err->name));
        fputs(",\"message\":", stdout);
        put_json(err->message, strlen(err->message));
        printf(",\"line\":%d,\"column\":%d", err->line, err->column);
        if (*err->hint) {
            fputs(",\"hint\":", stdout);
            put_json(err->hint, strlen(err->hint));
        }
        fputs("}\n", stdout);
    } else {
        fputs("\"out\":", stdout);
        put_json(page->data, page->size);
        fputs("}\n", stdout);
    }
    fflush(stdout);
}

static void answer_file(const char *output, const base_buf *page,
                        const ejs_error *err)
{
    base_buf words = {0};
    if (!err) {
        if (!base_file_write(output, page->size ? page->data : "", page->size))
            failure("'%s' cannot be written", output);
        return;
    }
    if (err->status == EJS_SYNTAX && err->line)
        base_buf_printf(&words, "%s:%d:%d: error: %s%s%s\n", err->file,
                        err->line, err->column, err->summary,
                        *err->hint ? "; " : "", err->hint);
    else
        base_buf_printf(&words, "%s: %s\n", err->name, err->summary);
    base_buf_printf(&words, "%s\n", err->message);
    char *path = malloc(strlen(output) + 5);
    if (path) {
        sprintf(path, "%s.err", output);
        if (!base_file_write(path, words.data, words.size))
            failure("'%s' cannot be written", path);
    }
    free(path);
    base_buf_free(&words);
}

/* pages
 * -------------------------------------------------------------------------------------
 */

static bool put(void *user, const char *data, size_t size)
{
    base_buf *page = user;
    base_buf_put(page, data, size);
    return !page->failed;
}

static bool fail(ejs_error *err, ejs_status status, const char *message)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    snprintf(err->name, sizeof err->name, "Error");
    snprintf(err->message, sizeof err->message, "%s", message);
    snprintf(err->summary, sizeof err->summary, "%s", message);
    return false;
}

static bool render_block(const ejs_template *tpl, struct json_object *line,
                         base_buf *page, ejs_error *err)
{
    size_t size;
    struct json_object *data = member(line, "data");
    struct json_object *locals =
        json_object_is_type(data, json_type_string)
            ? json_tokener_parse(json_object_get_string(data))
            : json_object_get(data);
    char *block =
        ejs_render_block(tpl, text(line, "block"), locals, &size, err);
    if (block)
        base_buf_put(page, block, size);
    free(block);
    json_object_put(locals);
    return block && !page->failed;
}

static bool render_with(const ejs_template *tpl, struct json_object *line,
                        base_buf *page, ejs_error *err)
{
    const char *file = text(line, "data_file"), *data = text(line, "data");
    struct json_object *value = member(line, "data");
    if (text(line, "block"))
        return render_block(tpl, line, page, err);
    if (value && !data) /* an object as it is */
        data = json_object_to_json_string(value);
    if (!file && !data)
        return ejs_render(tpl, NULL, put, page, err);
    if (!file)
        return ejs_render_json(tpl, data, strlen(data), put, page, err);
    size_t size;
    char *json = base_file_read(file, 0, &size);
    if (!json)
        return fail(err, EJS_IO, "the data file cannot be read");
    const bool done = ejs_render_json(tpl, json, size, put, page, err);
    free(json);
    return done;
}

static bool render_line(batch *b, struct json_object *line, base_buf *page,
                        ejs_error *err)
{
    const char *file = text(line, "file");
    engine_entry *entry = engine_for(b, line);
    if (!file)
        return fail(err, EJS_IO, "a line needs \"file\"");
    if (!entry || !entry->engine)
        return fail(err, EJS_IO,
                    entry && entry->problem ? entry->problem : "out of memory");
    ejs_template *tpl = load_template(entry->engine, file, true, err);
    const bool done = tpl && render_with(tpl, line, page, err);
    ejs_template_free(tpl);
    return done;
}

static void answer(batch *b, struct json_object *line)
{
    ejs_error err;
    base_buf page = {0};
    const char *output = text(line, "output");
    const bool done = render_line(b, line, &page, &err);
    if (output)
        answer_file(output, &page, done ? NULL : &err);
    else
        answer_line(line, &page, done ? NULL : &err);
    base_buf_free(&page);
}

static struct json_object *parse_line(const char *start, size_t size)
{
    struct json_tokener *tokener = json_tokener_new_ex(512);
    struct json_object *line =
        tokener ? json_tokener_parse_ex(tokener, start, (int)size) : NULL;
    if (line && !json_object_is_type(line, json_type_object)) {
        json_object_put(line);
        line = NULL;
    }
    json_tokener_free(tokener);
    return line;
}

/* Compiles all templates at once before the first one is needed. */
static void collect(batch *b, const char *input, size_t size)
{
    native_collect(b->native);
    for (const char *at = input, *end = input + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        struct json_object *line = parse_line(at, (size_t)(stop - at));
        const char *file = line ? text(line, "file") : NULL;
        engine_entry *entry = file ? engine_for(b, line) : NULL;
        if (entry && entry->engine)
            ejs_template_free(load_template(entry->engine, file, true, NULL));
        json_object_put(line);
        at = stop + 1;
    }
    native_build(b->native);
}

static int run_lines(batch *b, const char *input, size_t size)
{
    int status = STATUS_DONE;
    for (const char *at = input, *end = input + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (stop > at) {
            struct json_object *line = parse_line(at, (size_t)(stop - at));
            if (line)
                answer(b, line);
            else
                status = failure("not a JSON object: %.*s",
                                 stop - at > 60 ? 60 : (int)(stop - at), at);
            json_object_put(line);
        }
        at = stop + 1;
    }
    return status;
}

int render_batch(const options *o)
{
    size_t size;
    batch b = {.common = o};
    char *input = read_input(o->batch, &size);
    if (!input)
        return STATUS_FAILED;
    if (o->native) {
        b.native = native_new();
        if (!b.native) {
            free(input);
            return failure("no folder to compile in");
        }
        collect(&b, input, size);
    }
    int status = run_lines(&b, input, size);
    if (native_has_failed(b.native))
        status = STATUS_FAILED;
    free_engines(&b.engines);
    native_free(b.native);
    free(input);
    return status;
}
