/* front.c - runs the stages of the front end; keeps its names and errors. */
#include "ejs/syntax/front.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ejs/syntax/lex.h"

_Noreturn void ejs__front_no_memory(ejs__front *front)
{
    front->error->out_of_memory = true;
    strcpy(front->error->message, "out of memory");
    longjmp(front->failed, 1);
}

void *ejs__front_alloc(ejs__front *front, size_t count, size_t size)
{
    void *memory = base_arena_zalloc(front->arena, count ? count : 1, size);
    if (!memory)
        ejs__front_no_memory(front);
    return memory;
}

ejs__slice ejs__front_copy(ejs__front *front, const char *data, size_t size)
{
    char *copy = base_arena_dup(front->arena, data, size);
    if (!copy)
        ejs__front_no_memory(front);
    return (ejs__slice){copy, (uint32_t)size};
}

void *ejs__front_grow(ejs__front *front, void *items, uint32_t count,
                      uint32_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    uint32_t wanted = *capacity ? 2 * *capacity : 8;
    void *grown = ejs__front_alloc(front, wanted, item_size);
    if (count)
        memcpy(grown, items, count * item_size);
    *capacity = wanted;
    return grown;
}

static _Noreturn void fail_at(ejs__front *front, uint32_t source_offset,
                              const char *hint, const char *format,
                              va_list args)
{
    ejs__syntax_error *error = front->error;
    error->offset = source_offset;
    ejs__source_position(front->script, source_offset, &error->line,
                         &error->column);
    vsnprintf(error->message, sizeof error->message, format, args);
    /* What we leave out says so, in these words and no others. */
    error->is_refusal = strstr(error->message, "not supported") != NULL;
    if (hint)
        snprintf(error->hint, sizeof error->hint, "%s", hint);
    longjmp(front->failed, 1);
}

_Noreturn void ejs__front_fail(ejs__front *front, uint32_t text_offset,
                               const char *hint, const char *format, ...)
{
    va_list args;
    front->failed_at = text_offset;
    va_start(args, format);
    fail_at(front, ejs__front_source_offset(front->script, text_offset), hint,
            format, args);
}

_Noreturn void ejs__front_fail_plain(ejs__front *front, uint32_t source_offset,
                                     const char *hint, const char *format, ...)
{
    front->error->is_plain_error = true;
    va_list args;
    va_start(args, format);
    fail_at(front, source_offset, hint, format, args);
}

/* names -------------------------------------------------------------------- */

static uint32_t hash_of(const char *data, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)data[i]) * 16777619u;
    return hash;
}

static void rehash(ejs__front *front)
{
    uint32_t n = front->n_buckets ? 2 * front->n_buckets : 256;
    ejs__atom **buckets = ejs__front_alloc(front, n, sizeof *buckets);
    for (uint32_t i = 0; i < front->n_buckets; i++) {
        ejs__atom *next;
        for (ejs__atom *atom = front->buckets[i]; atom; atom = next) {
            next = atom->next;
            atom->next = buckets[atom->hash & (n - 1)];
            buckets[atom->hash & (n - 1)] = atom;
        }
    }
    front->buckets = buckets;
    front->n_buckets = n;
}

ejs__slice ejs__front_intern(ejs__front *front, const char *data, size_t size)
{
    uint32_t hash = hash_of(data, size);
    if (front->n_atoms >= front->n_buckets)
        rehash(front);
    ejs__atom **bucket = &front->buckets[hash & (front->n_buckets - 1)];
    for (ejs__atom *atom = *bucket; atom; atom = atom->next)
        if (atom->hash == hash && atom->size == size &&
            memcmp(atom->text, data, size) == 0)
            return (ejs__slice){atom->text, atom->size};
    ejs__atom *atom = ejs__front_alloc(front, 1, sizeof *atom + size + 1);
    memcpy(atom->text, data, size);
    atom->size = (uint32_t)size;
    atom->hash = hash;
    atom->token = TOKEN_NAME;
    atom->next = *bucket;
    *bucket = atom;
    front->n_atoms++;
    return (ejs__slice){atom->text, atom->size};
}

static ejs__slice intern_text(ejs__front *front, const char *text)
{
    return ejs__front_intern(front, text, strlen(text));
}

void ejs__front_init_names(ejs__front *front)
{
    static const struct {
        const char *text;
        ejs__token_kind token;
    } keywords[] = {
#define TOKEN(name, text)
#define BINARY(name, text, precedence, op)
#define ASSIGN(name, text, op)
#define KEYWORD(name, text) {text, TOKEN_##name},
#include "ejs/syntax/token.def"
#undef TOKEN
#undef BINARY
#undef ASSIGN
#undef KEYWORD
    };
    static const char *const strict[] = {
        "implements", "interface", "let",    "package", "private",
        "protected",  "public",    "static", "yield",
    };
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        ejs__atom_of(intern_text(front, keywords[i].text))->token =
            (uint8_t)keywords[i].token;
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++)
        ejs__atom_of(intern_text(front, strict[i]))->strict_reserved = true;

    ejs__known_names *names = &front->names;
    names->arguments = intern_text(front, "arguments");
    names->async = intern_text(front, "async");
    names->await = intern_text(front, "await");
    names->constructor = intern_text(front, "constructor");
    names->eval = intern_text(front, "eval");
    names->from = intern_text(front, "from");
    names->Function = intern_text(front, "Function");
    names->get = intern_text(front, "get");
    names->let = intern_text(front, "let");
    names->of = intern_text(front, "of");
    names->proto = intern_text(front, "__proto__");
    names->prototype = intern_text(front, "prototype");
    names->set = intern_text(front, "set");
    names->static_ = intern_text(front, "static");
    names->target = intern_text(front, "target");
    names->yield = intern_text(front, "yield");
}

/* entry -------------------------------------------------------------------- */

static const char *copy_text(ejs__front *front, const char *text,
                             const char *otherwise)
{
    if (!text || !*text)
        text = otherwise;
    return text ? ejs__front_copy(front, text, strlen(text)).data : NULL;
}

static void copy_options(ejs__front *front, const ejs__syntax_options *given)
{
    ejs__syntax_options *options = &front->script->options;
    if (given)
        *options = *given;
    options->open = copy_text(front, options->open, "<");
    options->delimiter = copy_text(front, options->delimiter, "%");
    options->close = copy_text(front, options->close, ">");
    options->locals_name = copy_text(front, options->locals_name, "locals");
    options->output_function_name =
        copy_text(front, options->output_function_name, NULL);
    if (!options->destructured_locals)
        return;
    size_t n = 0;
    while (options->destructured_locals[n])
        n++;
    const char **names = ejs__front_alloc(front, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = copy_text(front, options->destructured_locals[i], "");
    options->destructured_locals = names;
}

static void copy_filename(ejs__front *front, const char *filename)
{
    if (filename)
        front->script->filename =
            ejs__front_copy(front, filename, strlen(filename)).data;
}

bool ejs__front_run(ejs__front *front, const char *source, size_t size,
                    const char *filename, const ejs__syntax_options *options)
{
    memset(front->error, 0, sizeof *front->error);
    front->failed_at = EJS__NOWHERE;
    if (setjmp(front->failed))
        return false;
    front->script = ejs__front_alloc(front, 1, sizeof *front->script);
    front->script->arena = front->arena;
    copy_filename(front, filename);
    copy_options(front, options);
    front->script->is_strict = front->script->options.strict;
    front->script->with_locals =
        !front->script->options.strict && !front->script->options.no_with;
    ejs__front_init_names(front);
    ejs__scan(front, source, size);
    ejs__parse_text(front);
    ejs__resolve(front);
    return true;
}

ejs__script *ejs__parse(base_arena *arena, const char *source, size_t size,
                        const char *filename,
                        const ejs__syntax_options *options,
                        ejs__syntax_error *error)
{
    ejs__syntax_error ignored;
    ejs__front front;
    memset(&front, 0, sizeof front);
    front.arena = arena;
    front.error = error ? error : &ignored;
    return ejs__front_run(&front, source, size, filename, options)
               ? front.script
               : NULL;
}
