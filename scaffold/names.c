/* names.c - plurals, capitals and C identifiers. */
#include "scaffold/names.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char *const c_words[] = {
    "auto",     "break",  "case",     "char",   "const",     "continue",
    "default",  "do",     "double",   "else",   "enum",      "extern",
    "float",    "for",    "goto",     "if",     "inline",    "int",
    "long",     "main",   "register", "return", "short",     "signed",
    "sizeof",   "static", "struct",   "switch", "typedef",   "union",
    "unsigned", "void",   "volatile", "while",  "bool",      "true",
    "false",    "form",   "find",     "refuse", "show_form", "permitted",
};

bool name_is_good(const char *name, const char **problem)
{
    if (!isalpha((unsigned char)name[0])) {
        *problem = "expected a letter first";
        return false;
    }
    for (const char *p = name; *p; p++) {
        if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-') {
            *problem = "expected letters, digits, '_' and '-' only";
            return false;
        }
    }
    if (strlen(name) > 60) {
        *problem = "expected at most 60 characters";
        return false;
    }
    for (size_t i = 0; i < sizeof c_words / sizeof c_words[0]; i++) {
        if (strcmp(name, c_words[i]) == 0) {
            *problem = "the word has a meaning of its own in the C code";
            return false;
        }
    }
    return true;
}

static char *finish(base_buf *buf)
{
    return base_buf_take(buf, NULL);
}

char *name_snake(const char *name)
{
    base_buf out = {0};
    for (const char *p = name; *p; p++) {
        const unsigned char c = (unsigned char)*p;
        const bool starts_word =
            isupper(c) && p > name && islower((unsigned char)p[-1]);
        if (starts_word)
            base_buf_putc(&out, '_');
        base_buf_putc(&out, isalnum(c) ? (char)tolower(c) : '_');
    }
    return finish(&out);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static const char *const irregular[][2] = {
    {"person", "people"},
    {"child", "children"},
    {"man", "men"},
    {"woman", "women"},
    {"mouse", "mice"},
    {"goose", "geese"},
    {"foot", "feet"},
    {"tooth", "teeth"},
    {"datum", "data"},
    {"news", "news"},
    {"series", "series"},
    {"sheep", "sheep"},
    {"fish", "fish"},
    {"equipment", "equipment"},
    {"information", "information"},
};

static bool is_vowel(char c)
{
    return strchr("aeiou", c) != NULL;
}

char *name_plural(const char *snake)
{
    base_buf out = {0};
    size_t n = strlen(snake);
    const char *word = strrchr(snake, '_');
    word = word ? word + 1 : snake;
    for (size_t i = 0; i < sizeof irregular / sizeof irregular[0]; i++) {
        if (strcmp(word, irregular[i][0]) == 0) {
            base_buf_put(&out, snake, (size_t)(word - snake));
            base_buf_puts(&out, irregular[i][1]);
            return finish(&out);
        }
    }
    const char *suffix = "s";
    if (n > 1 && snake[n - 1] == 'y' && !is_vowel(snake[n - 2])) {
        n--;
        suffix = "ies";
    } else if (ends_with(snake, "s") || ends_with(snake, "x") ||
               ends_with(snake, "z") || ends_with(snake, "ch") ||
               ends_with(snake, "sh")) {
        suffix = "es";
    }
    base_buf_put(&out, snake, n);
    base_buf_puts(&out, suffix);
    return finish(&out);
}

char *name_human(const char *snake, bool capital)
{
    base_buf out = {0};
    for (const char *p = snake; *p; p++)
        base_buf_putc(&out, *p == '_' ? ' ' : *p);
    if (capital && out.size)
        out.data[0] = (char)toupper((unsigned char)out.data[0]);
    return finish(&out);
}

static char *mapped(const char *snake, char underscore, bool upper)
{
    base_buf out = {0};
    for (const char *p = snake; *p; p++)
        base_buf_putc(&out, *p == '_' ? underscore
                            : upper   ? (char)toupper((unsigned char)*p)
                                      : *p);
    return finish(&out);
}

static char *camel(const char *snake)
{
    base_buf out = {0};
    bool capital = true;
    for (const char *p = snake; *p; p++) {
        if (*p != '_')
            base_buf_putc(&out,
                          capital ? (char)toupper((unsigned char)*p) : *p);
        capital = *p == '_';
    }
    return finish(&out);
}

/* Takes over `text`. */
static bool add(json_object *locals, const char *key, char *text)
{
    json_object *value = text ? json_object_new_string(text) : NULL;
    free(text);
    return value && json_object_object_add(locals, key, value) == 0;
}

bool names_add(json_object *locals, const char *name)
{
    char *snake = name_snake(name);
    char *plural = snake ? name_plural(snake) : NULL;
    const bool ok = plural && add(locals, "camel", camel(snake)) &&
                    add(locals, "human", name_human(snake, false)) &&
                    add(locals, "humans", name_human(plural, false)) &&
                    add(locals, "Human", name_human(snake, true)) &&
                    add(locals, "Humans", name_human(plural, true)) &&
                    add(locals, "upper", mapped(snake, '_', true)) &&
                    add(locals, "uppers", mapped(plural, '_', true)) &&
                    add(locals, "path", mapped(plural, '-', false)) &&
                    json_object_object_add(
                        locals, "name", json_object_new_string(snake)) == 0 &&
                    json_object_object_add(locals, "plural",
                                           json_object_new_string(plural)) == 0;
    free(snake);
    free(plural);
    return ok;
}
