/* ast_dump.c - prints the tree for people: `mvcgen dump --ast`. */
#include <inttypes.h>

#include "base/number.h"
#include "ejs/syntax/front.h"

typedef struct dumper {
    const ejs__script *script;
    FILE *out;
    int depth;
} dumper;

static void dump(dumper *d, const char *label, const ejs__node *node);

/* ORDER node */
static const char *const kinds[] = {
    "NUMBER",
    "STRING",
    "TEMPLATE",
    "REGEXP",
    "NULL",
    "TRUE",
    "FALSE",
    "THIS",
    "NAME",
    "ARRAY",
    "OBJECT",
    "PROPERTY",
    "FUNCTION",
    "CLASS",
    "UNARY",
    "UPDATE",
    "BINARY",
    "LOGICAL",
    "CONDITIONAL",
    "ASSIGN",
    "COMMA",
    "MEMBER",
    "INDEX",
    "CHAIN",
    "CALL",
    "NEW",
    "SPREAD",
    "SUPER",
    "NEW_TARGET",
    "YIELD",
    "INVALID",
    "ARRAY_PATTERN",
    "OBJECT_PATTERN",
    "DEFAULT",
    "REST",
    "TEXT",
    "OUTPUT",
    "LINE",
    "EXPRESSION",
    "DECLARATION",
    "FUNCTION_DECLARATION",
    "CLASS_DECLARATION",
    "RETURN",
    "IF",
    "FOR",
    "FOR_IN",
    "FOR_OF",
    "WHILE",
    "DO",
    "BREAK",
    "CONTINUE",
    "THROW",
    "TRY",
    "SWITCH",
    "LABELED",
    "BLOCK",
    "EMPTY",
};

static const char *const operators[] = {
    "=",   "+", "-",  "*",      "/",          "%",      "**",  "<<",  ">>",
    ">>>", "&", "|",  "^",      "==",         "!=",     "===", "!==", "<",
    "<=",  ">", ">=", "in",     "instanceof", "&&",     "||",  "?\?", "!",
    "-",   "+", "~",  "typeof", "void",       "delete", "++",  "--",
};

static void indent(const dumper *d)
{
    fprintf(d->out, "%*s", 2 * d->depth, "");
}

static void put_text(const dumper *d, ejs__slice text)
{
    fputc('"', d->out);
    for (uint32_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            fprintf(d->out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", d->out);
        else if (c < ' ')
            fprintf(d->out, "\\x%02x", c);
        else
            fputc(c, d->out);
    }
    fputc('"', d->out);
}

static void put_slice(const dumper *d, ejs__slice text)
{
    fprintf(d->out, "%.*s", (int)text.size, text.data ? text.data : "");
}

static void put_ref(const dumper *d, const ejs__ref *ref)
{
    static const char *const names[] = {"?", "local", "upvalue", "dynamic"};
    if (ref->kind == REF_UNRESOLVED)
        return;
    fprintf(d->out, " %s %" PRIu32 "%s", names[ref->kind], ref->index,
            ref->check_tdz ? " tdz" : "");
    if (ref->kind == REF_DYNAMIC && d->script->names[ref->index].is_var)
        fputs(" var", d->out);
}

static void dump_list(dumper *d, const char *label, ejs__list list)
{
    for (uint32_t i = 0; i < list.count; i++)
        dump(d, label, list.items[i]);
}

static void dump_scope(dumper *d, const ejs__scope *scope)
{
    static const char *const names[] = {"var",   "let",       "const",
                                        "class", "function",  "parameter",
                                        "catch", "arguments", "self"};
    for (uint32_t i = 0; scope && i < scope->n_variables; i++) {
        const ejs__variable *v = scope->variables[i];
        indent(d);
        fprintf(d->out, "~ %s ", names[v->kind]);
        put_slice(d, v->name);
        fprintf(d->out, " slot %" PRIu32 "%s%s%s\n", v->slot,
                v->captured ? " captured" : "", v->assigned ? " assigned" : "",
                v->needs_tdz ? " tdz" : "");
    }
}

static void dump_function(dumper *d, const ejs__function *f)
{
    static const char *const names[] = {"template",    "function",
                                        "arrow",       "method",
                                        "constructor", "derived constructor",
                                        "fields"};
    indent(d);
    fprintf(d->out, "- %s %" PRIu32 " ", names[f->kind], f->index);
    put_slice(d, f->name);
    fprintf(d->out, "%s%s%s%s%s slots %" PRIu32 "\n",
            f->is_generator ? " generator" : "", f->is_strict ? " strict" : "",
            f->uses_this ? " this" : "", f->uses_arguments ? " arguments" : "",
            f->writes_output ? " output" : "", f->n_slots);
    d->depth++;
    for (uint32_t i = 0; i < f->n_upvalues; i++) {
        indent(d);
        fprintf(d->out, "^ ");
        put_slice(d, f->upvalues[i].variable->name);
        fprintf(d->out, " from %s %" PRIu32 "\n",
                f->upvalues[i].from_parent_slot ? "slot" : "upvalue",
                f->upvalues[i].index);
    }
    dump_scope(d, f->scope);
    dump_scope(d, f->body_scope);
    dump_list(d, "param", f->params);
    dump_list(d, "", f->body);
    d->depth--;
}

static void dump_class(dumper *d, const ejs__node *node)
{
    dump_scope(d, node->as.class_.scope);
    if (node->as.class_.base)
        dump(d, "extends", node->as.class_.base);
    dump_function(d, node->as.class_.constructor);
    dump_list(d, "", node->as.class_.members);
}

static void dump_switch(dumper *d, const ejs__node *node)
{
    dump(d, "value", node->as.switch_.value);
    dump_scope(d, node->as.switch_.scope);
    for (uint32_t i = 0; i < node->as.switch_.n_cases; i++) {
        const ejs__case *item = &node->as.switch_.cases[i];
        if (item->test)
            dump(d, "case", item->test);
        else
            dump(d, "default", NULL);
        d->depth++;
        dump_list(d, "", item->body);
        d->depth--;
    }
}

/* What stands on the node's own line. */
static void put_details(const dumper *d, const ejs__node *node)
{
    char digits[BASE_NUMBER_SIZE];
    switch (node->kind) {
    case NODE_NUMBER:
        fprintf(d->out, " %.*s",
                (int)base_number_format(node->as.number, digits), digits);
        return;
    case NODE_STRING:
    case NODE_INVALID:
    case NODE_TEXT:
        fputc(' ', d->out);
        put_text(d, node->as.string);
        return;
    case NODE_LINE:
        fprintf(d->out, " %" PRIu32, node->as.line);
        return;
    case NODE_NAME:
        fputc(' ', d->out);
        put_slice(d, node->as.name.text);
        put_ref(d, &node->as.name.ref);
        return;
    case NODE_REGEXP:
        fputs(" /", d->out);
        put_slice(d, node->as.regexp.pattern);
        fputc('/', d->out);
        put_slice(d, node->as.regexp.flags);
        return;
    case NODE_UNARY:
    case NODE_BINARY:
    case NODE_LOGICAL:
    case NODE_ASSIGN:
        fprintf(d->out, " %s", operators[node->op]);
        return;
    case NODE_UPDATE:
        fprintf(d->out, " %s%s", node->as.unary.prefix ? "prefix " : "",
                operators[node->op]);
        return;
    case NODE_MEMBER:
        fprintf(d->out, " %s%s", node->as.member.optional ? "?." : ".",
                node->as.member.is_private ? "#" : "");
        put_slice(d, node->as.member.name);
        return;
    case NODE_OUTPUT:
        fputs(node->as.output.escaped ? " escaped" : " raw", d->out);
        return;
    case NODE_DECLARATION: {
        static const char *const names[] = {"var", "let", "const"};
        fprintf(d->out, " %s", names[node->as.declaration.kind]);
        return;
    }
    case NODE_FUNCTION_DECLARATION:
        put_ref(d, &node->as.function_declaration.ref);
        if (node->as.function_declaration.has_outer) {
            fputs(" and", d->out);
            put_ref(d, &node->as.function_declaration.outer);
        }
        return;
    case NODE_CLASS_DECLARATION:
        put_ref(d, &node->as.class_declaration.ref);
        return;
    case NODE_BREAK:
    case NODE_CONTINUE:
        fprintf(d->out, " to %" PRIu32, node->as.jump.target->start);
        return;
    case NODE_LABELED:
        fputc(' ', d->out);
        put_slice(d, node->as.labeled.label);
        return;
    case NODE_PROPERTY: {
        static const char *const names[] = {"value",       "shorthand", "get",
                                            "set",         "method",    "field",
                                            "static block"};
        fprintf(d->out, " %s%s", node->as.property.is_static ? "static " : "",
                names[node->as.property.kind]);
        return;
    }
    default:
        return;
    }
}

static void dump_template(dumper *d, const ejs__node *node)
{
    if (node->as.template_.tag)
        dump(d, "tag", node->as.template_.tag);
    for (uint32_t i = 0; i <= node->as.template_.values.count; i++) {
        indent(d);
        put_text(d, node->as.template_.cooked[i]);
        fputc('\n', d->out);
        if (i < node->as.template_.values.count)
            dump(d, "", node->as.template_.values.items[i]);
    }
}

static void dump_parts(dumper *d, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_ARRAY:
    case NODE_OBJECT:
    case NODE_COMMA:
    case NODE_ARRAY_PATTERN:
    case NODE_OBJECT_PATTERN:
        dump_list(d, "", node->as.list);
        return;
    case NODE_TEMPLATE:
        dump_template(d, node);
        return;
    case NODE_PROPERTY:
        if (node->as.property.key)
            dump(d, node->as.property.computed ? "computed" : "key",
                 node->as.property.key);
        dump(d, "value", node->as.property.value);
        return;
    case NODE_FUNCTION:
        dump_function(d, node->as.function);
        return;
    case NODE_FUNCTION_DECLARATION:
        dump_function(d, node->as.function_declaration.function);
        return;
    case NODE_CLASS:
        dump_class(d, node);
        return;
    case NODE_CLASS_DECLARATION:
        dump(d, "", node->as.class_declaration.class_);
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
        if (node->as.unary.operand)
            dump(d, "", node->as.unary.operand);
        return;
    case NODE_BINARY:
    case NODE_LOGICAL:
        dump(d, "", node->as.binary.left);
        dump(d, "", node->as.binary.right);
        return;
    case NODE_CONDITIONAL:
    case NODE_IF:
        dump(d, "test", node->as.conditional.test);
        dump(d, "yes", node->as.conditional.yes);
        if (node->as.conditional.no)
            dump(d, "no", node->as.conditional.no);
        return;
    case NODE_ASSIGN:
    case NODE_DEFAULT:
        dump(d, "target", node->as.assign.target);
        if (node->as.assign.value)
            dump(d, "value", node->as.assign.value);
        return;
    case NODE_MEMBER:
        if (node->as.member.object)
            dump(d, "", node->as.member.object);
        return;
    case NODE_INDEX:
        dump(d, "", node->as.index.object);
        dump(d, "index", node->as.index.index);
        return;
    case NODE_CALL:
    case NODE_NEW:
        dump(d, "callee", node->as.call.callee);
        dump_list(d, "", node->as.call.args);
        return;
    case NODE_OUTPUT:
        dump_list(d, "", node->as.output.args);
        return;
    case NODE_DECLARATION:
        dump_list(d, "", node->as.declaration.declarators);
        return;
    case NODE_FOR:
        dump_scope(d, node->as.for_.scope);
        dump(d, "init", node->as.for_.init);
        dump(d, "test", node->as.for_.test);
        dump(d, "update", node->as.for_.update);
        dump(d, "body", node->as.for_.body);
        return;
    case NODE_FOR_IN:
    case NODE_FOR_OF:
        dump_scope(d, node->as.for_each.scope);
        dump(d, "target", node->as.for_each.target);
        dump(d, "object", node->as.for_each.object);
        dump(d, "body", node->as.for_each.body);
        return;
    case NODE_WHILE:
    case NODE_DO:
        dump(d, "test", node->as.loop.test);
        dump(d, "body", node->as.loop.body);
        return;
    case NODE_TRY:
        dump(d, "", node->as.try_.block);
        dump_scope(d, node->as.try_.scope);
        if (node->as.try_.parameter)
            dump(d, "catch", node->as.try_.parameter);
        if (node->as.try_.handler)
            dump(d, "catch", node->as.try_.handler);
        if (node->as.try_.finalizer)
            dump(d, "finally", node->as.try_.finalizer);
        return;
    case NODE_SWITCH:
        dump_switch(d, node);
        return;
    case NODE_LABELED:
        dump(d, "", node->as.labeled.body);
        return;
    case NODE_BLOCK:
        dump_scope(d, node->as.block.scope);
        dump_list(d, "", node->as.block.body);
        return;
    default:
        return;
    }
}

static void dump(dumper *d, const char *label, const ejs__node *node)
{
    indent(d);
    if (*label)
        fprintf(d->out, "%s: ", label);
    if (!node) {
        fputs("-\n", d->out);
        return;
    }
    uint32_t line, column;
    ejs__script_position(d->script, node->start, &line, &column);
    fputs(kinds[node->kind], d->out);
    put_details(d, node);
    fprintf(d->out, " @%" PRIu32 ":%" PRIu32 "\n", line, column);
    d->depth++;
    dump_parts(d, node);
    d->depth--;
}

void ejs__ast_dump(const ejs__script *script, FILE *out)
{
    dumper d = {script, out, 0};
    for (uint32_t i = 0; i < script->n_names; i++) {
        const ejs__name *name = &script->names[i];
        fprintf(out, "name %" PRIu32 " ", i);
        put_slice(&d, name->text);
        fprintf(out, "%s%s%s\n", name->is_var ? " var" : "",
                name->assigned ? " assigned" : "", name->is_own ? " own" : "");
    }
    dump_function(&d, script->main);
}
