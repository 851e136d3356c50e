/* syntax.h - what the tests of ejs/syntax share. */
#ifndef UNIT_SYNTAX_H
#define UNIT_SYNTAX_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ejs/syntax/ast.h"

#include "unit/test.h"

static base_arena arena;
static ejs__syntax_error error;

static int set_up(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    base_arena_free(&arena);
    return 0;
}

/* The script of a template that is right. */
static inline ejs__script *parse(const char *source,
                                 const ejs__syntax_options *options)
{
    ejs__script *script =
        ejs__parse(&arena, source, strlen(source), NULL, options, &error);
    if (!script)
        fail_msg("%s: %u:%u: %s", source, error.line, error.column,
                 error.message);
    return script;
}

/* "line:column: message" of a template that is wrong. */
static inline const char *refuse(const char *source,
                                 const ejs__syntax_options *options)
{
    if (ejs__parse(&arena, source, strlen(source), NULL, options, &error))
        fail_msg("%s: accepted", source);
    return base_arena_printf(&arena, "%u:%u: %s", error.line, error.column,
                             error.message);
}

/* The tree as ejs__ast_dump prints it. */
static inline const char *dump(const ejs__script *script)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    ejs__ast_dump(script, out);
    fclose(out);
    const char *copy = base_arena_dup(&arena, text, size);
    free(text);
    return copy;
}

static inline void assert_dump(const char *source,
                               const ejs__syntax_options *options,
                               const char *expected)
{
    assert_string_equal(dump(parse(source, options)), expected);
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
