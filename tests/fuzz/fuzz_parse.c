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

/* What is being checked: a script, and the function its nodes stand in. */
static const ejs__script *script;

static void check_ref(const ejs__function *function, const ejs__ref *ref)
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

static void check(const ejs__function *f, const ejs__node *node);

static void check_list(const ejs__function *f, ejs__list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        check(f, list.items[i]);
}

static void check_body(const ejs__function *f)
{
    check_list(f, f->params);
    check_list(f, f->body);
}

static void check_class(const ejs__function *f, const ejs__node *node)
{
    if (node->as.class_.name.size > 0)
        check_ref(f, &node->as.class_.inner);
    check(f, node->as.class_.base);
    check_body(node->as.class_.constructor);
    check_list(f, node->as.class_.members);
}

static void check_cases(const ejs__function *f, const ejs__node *node)
{
    check(f, node->as.switch_.value);
    for (uint32_t i = 0; i < node->as.switch_.n_cases; i++) {
        check(f, node->as.switch_.cases[i].test);
        check_list(f, node->as.switch_.cases[i].body);
    }
}

static void check_statement(const ejs__function *f, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_FUNCTION_DECLARATION:
        check_ref(f, &node->as.function_declaration.ref);
        if (node->as.function_declaration.has_outer)
            check_ref(f, &node->as.function_declaration.outer);
        check_body(node->as.function_declaration.function);
        return;
    case NODE_CLASS_DECLARATION:
        check_ref(f, &node->as.class_declaration.ref);
        check(f, node->as.class_declaration.class_);
        return;
    case NODE_FOR:
        check(f, node->as.for_.init);
        check(f, node->as.for_.test);
        check(f, node->as.for_.update);
        check(f, node->as.for_.body);
        return;
    case NODE_FOR_IN:
    case NODE_FOR_OF:
        check(f, node->as.for_each.target);
        check(f, node->as.for_each.object);
        check(f, node->as.for_each.body);
        return;
    case NODE_WHILE:
    case NODE_DO:
        check(f, node->as.loop.test);
        check(f, node->as.loop.body);
        return;
    case NODE_TRY:
        check(f, node->as.try_.block);
        check(f, node->as.try_.parameter);
        check(f, node->as.try_.handler);
        check(f, node->as.try_.finalizer);
        return;
    case NODE_SWITCH:
        check_cases(f, node);
        return;
    case NODE_BREAK:
    case NODE_CONTINUE:
        assert(node->as.jump.target);
        return;
    case NODE_LABELED:
        check(f, node->as.labeled.body);
        return;
    case NODE_BLOCK:
        check_list(f, node->as.block.body);
        return;
    case NODE_OUTPUT:
        check_list(f, node->as.output.args);
        return;
    case NODE_DECLARATION:
        check_list(f, node->as.declaration.declarators);
        return;
    default:
        return;
    }
}

static void check(const ejs__function *f, const ejs__node *node)
{
    if (!node)
        return;
    assert(node->start <= node->end && node->end <= script->text.size);
    switch (node->kind) {
    case NODE_NAME:
        check_ref(f, &node->as.name.ref);
        return;
    case NODE_ARRAY:
    case NODE_OBJECT:
    case NODE_COMMA:
    case NODE_ARRAY_PATTERN:
    case NODE_OBJECT_PATTERN:
        check_list(f, node->as.list);
        return;
    case NODE_TEMPLATE:
        check(f, node->as.template_.tag);
        check_list(f, node->as.template_.values);
        return;
    case NODE_PROPERTY:
        check(f, node->as.property.key);
        check(f, node->as.property.value);
        return;
    case NODE_FUNCTION:
        check_body(node->as.function);
        return;
    case NODE_CLASS:
        check_class(f, node);
        return;
    case NODE_UNARY:
    case NODE_UPDATE:
    case NODE_CHAIN:
    case NODE_SPREAD:
    case NODE_YIELD:
    case NODE_REST:
    case NODE_EXPRESSION:
    case NODE_RETURN:
    case NODE_THROW:
        check(f, node->as.unary.operand);
        return;
    case NODE_BINARY:
    case NODE_LOGICAL:
        check(f, node->as.binary.left);
        check(f, node->as.binary.right);
        return;
    case NODE_CONDITIONAL:
    case NODE_IF:
        check(f, node->as.conditional.test);
        check(f, node->as.conditional.yes);
        check(f, node->as.conditional.no);
        return;
    case NODE_ASSIGN:
    case NODE_DEFAULT:
        check(f, node->as.assign.target);
        check(f, node->as.assign.value);
        return;
    case NODE_MEMBER:
        check(f, node->as.member.object);
        return;
    case NODE_INDEX:
        check(f, node->as.index.object);
        check(f, node->as.index.index);
        return;
    case NODE_CALL:
    case NODE_NEW:
        check(f, node->as.call.callee);
        check_list(f, node->as.call.args);
        return;
    default:
        check_statement(f, node);
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

static void check_functions(void)
{
    assert(script->functions[0] == script->main);
    for (uint32_t i = 0; i < script->n_functions; i++) {
        const ejs__function *function = script->functions[i];
        assert(function->index == i);
        assert(i == 0 || function->parent->index < i);
        check_function(function);
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
    script = ejs__parse(&arena, (const char *)data + (size > 0),
                        size ? size - 1 : 0, NULL, &options, &error);
    if (script) {
        check_functions();
        check_body(script->main);
        ejs__ast_dump(script, nowhere);
    } else {
        check_error(&error);
    }
    base_arena_free(&arena);
    return 0;
}
