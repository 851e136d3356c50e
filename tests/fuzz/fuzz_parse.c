/*
 * fuzz_parse.c - libFuzzer target: the scanner, lexer, parser and scope
 * analysis on any bytes.  The first byte chooses options.
 *
 *   fuzz-parse CORPUS_FOLDER ../golden
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ejs/syntax/ast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ref(const ejs__script *script, const ejs__function *function,
                      const ejs__ref *ref)
{
    switch (ref->kind) {
    case REF_LOCAL:
        assert(ref->index < function->n_slots);
        assert(ref->variable->function == function);
        return;
    case REF_UPVALUE:
        assert(ref->index < function->n_upvalues);
        assert(function->upvalues[ref->index].variable == ref->variable);
        assert(ref->variable->captured);
        return;
    case REF_DYNAMIC:
        assert(ref->index < script->n_names);
        return;
    case REF_UNRESOLVED:
        assert(!"a name without meaning");
    }
}

/* Every upvalue comes from a captured variable of the function around. */
static void check_function(const ejs__function *function)
{
    for (uint32_t i = 0; i < function->n_upvalues; i++) {
        const ejs__upvalue *upvalue = &function->upvalues[i];
        const ejs__function *parent = function->parent;
        assert(upvalue->variable->captured);
        if (upvalue->from_parent_slot)
            assert(upvalue->variable->function == parent &&
                   upvalue->index == upvalue->variable->slot);
        else
            assert(parent->upvalues[upvalue->index].variable ==
                   upvalue->variable);
    }
}

static void check_functions(const ejs__script *script)
{
    assert(script->functions[0] == script->main);
    for (uint32_t i = 0; i < script->n_functions; i++) {
        const ejs__function *function = script->functions[i];
        assert(function->index == i);
        assert(i == 0 || function->parent->index < i);
        check_function(function);
        for (uint32_t k = 0; k < function->scope->n_functions; k++)
            check_ref(
                script, function,
                &function->scope->functions[k]->as.function_declaration.ref);
    }
}

static void check_error(const ejs__syntax_error *error)
{
    assert(error->message[0] && !error->out_of_memory);
    assert(memchr(error->message, '\0', sizeof error->message));
    assert(memchr(error->hint, '\0', sizeof error->hint));
    assert(error->line > 0 && error->column > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "include", NULL};
    static FILE *nowhere;
    uint8_t flags = size ? *data : 0;
    ejs__syntax_options options = {
        .strict = flags & 1,
        .no_with = flags & 2,
        .rm_whitespace = flags & 4,
        .no_debug = flags & 8,
        .legacy_include = flags & 16,
        .delimiter = flags & 32 ? "?" : NULL,
        .destructured_locals = flags & 64 ? names : NULL,
        .output_function_name = flags & 128 ? "print" : NULL,
    };
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    base_arena arena;
    ejs__syntax_error error;
    base_arena_init(&arena, 0);
    ejs__script *script =
        ejs__parse(&arena, (const char *)data + (size > 0), size ? size - 1 : 0,
                   NULL, &options, &error);
    if (script) {
        check_functions(script);
        ejs__ast_dump(script, nowhere);
    } else {
        check_error(&error);
    }
    base_arena_free(&arena);
    return 0;
}
