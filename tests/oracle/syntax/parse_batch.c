/*
 * parse_batch.c - parses many templates in one process, for the scripts here.
 *
 * Each record on stdin is a line "FLAGS SIZE" and SIZE bytes of template; the
 * answer is a line "ok SIZE" or "error SIZE" and SIZE bytes: the generated
 * text, or "line:column: message" and the hint on a second line.  FLAGS are
 * letters: s strict, w _with: false, n compileDebug: false, r rmWhitespace,
 * l legacyInclude, q the delimiter is ?, x the tags are \1\2 and \2\3,
 * d destructured locals a and b; and - for none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ejs/syntax/ast.h"

static void answer(const char *kind, const char *data, size_t size)
{
    printf("%s %zu\n", kind, size);
    fwrite(data, 1, size, stdout);
    putchar('\n');
}

static void parse(const char *flags, const char *source, size_t size)
{
    static const char *const names[] = {"a", "b", NULL};
    ejs__syntax_options options = {
        .strict = strchr(flags, 's') != NULL,
        .no_with = strchr(flags, 'w') != NULL,
        .no_debug = strchr(flags, 'n') != NULL,
        .rm_whitespace = strchr(flags, 'r') != NULL,
        .legacy_include = strchr(flags, 'l') != NULL,
        .open = strchr(flags, 'x') ? "\1" : NULL,
        .delimiter = strchr(flags, 'x')   ? "\2"
                     : strchr(flags, 'q') ? "?"
                                          : NULL,
        .close = strchr(flags, 'x') ? "\3" : NULL,
        .destructured_locals = strchr(flags, 'd') ? names : NULL,
    };
    base_arena arena;
    ejs__syntax_error error;
    char text[600];
    base_arena_init(&arena, 0);
    ejs__script *script =
        ejs__parse(&arena, source, size, NULL, &options, &error);
    if (script) {
        answer("ok", script->text.data, script->text.size);
    } else {
        int n = snprintf(text, sizeof text, "%u:%u: %s\n%s", error.line,
                         error.column, error.message, error.hint);
        answer("error", text, (size_t)n);
    }
    base_arena_free(&arena);
}

int main(void)
{
    char flags[16];
    size_t size;
    while (scanf("%15s %zu", flags, &size) == 2 && getchar() == '\n') {
        char *source = malloc(size + 1);
        if (!source || fread(source, 1, size, stdin) != size)
            return 1;
        parse(flags, source, size);
        free(source);
    }
    return 0;
}
