/*
 * node_text.c - an expression as V8 prints it in "x is not a function".
 *
 * V8 prints from its tree, not from the source: strings get double quotes,
 * operators parentheses, calls "(...)", and what it has no text for becomes
 * "(intermediate value)".  The oddities below are V8's.
 */
#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "ejs/syntax/ast.h"

static const char unknown[] = "(intermediate value)";

typedef struct printer {
    base_buf text;
    bool is_iterated; /* the expression is not iterable: V8 leaves the "(...)"
                         of calls in it out */
} printer;

static void put(printer *p, const ejs__node *node);

static void put_called(printer *p)
{
    if (!p->is_iterated)
        base_buf_puts(&p->text, "(...)");
}

static void put_slice(printer *p, ejs__slice text)
{
    base_buf_put(&p->text, text.data, text.size);
}

static void put_number(printer *p, double value)
{
    char digits[BASE_NUMBER_SIZE];
    base_buf_put(&p->text, digits, base_number_format(value, digits));
}

static void put_quoted(printer *p, ejs__slice text)
{
    base_buf_putc(&p->text, '"');
    put_slice(p, text);
    base_buf_putc(&p->text, '"');
}

static const char *operator_text(uint8_t op)
{
    static const char *const texts[] = {
        /* ORDER operator */
        "=",  "+",          "-",       "*",     "/",       "%",  "**",
        "<<", ">>",         ">>>",     "&",     "|",       "^",  "==",
        "!=", "===",        "!==",     "<",     "<=",      ">",  ">=",
        "in", "instanceof", "&&",      "||",    "?\?",     "!",  "-",
        "+",  "~",          "typeof ", "void ", "delete ", "++", "--",
    };
    return texts[op];
}

/* a + b + c is one operation with three operands. */
static void put_binary(printer *p, const ejs__node *node)
{
    const ejs__node *left = node->as.binary.left;
    if (left->kind == node->kind && left->op == node->op &&
        node->op != OP_POW && (node->op < OP_EQ || node->op > OP_INSTANCEOF)) {
        put_binary(p, left);
        p->text.size -= p->text.failed ? 0 : 1; /* its `)` */
    } else {
        base_buf_putc(&p->text, '(');
        put(p, left);
    }
    base_buf_printf(&p->text, " %s ", operator_text(node->op));
    put(p, node->as.binary.right);
    base_buf_putc(&p->text, ')');
}

static void put_unary(printer *p, const ejs__node *node)
{
    const ejs__node *operand = node->as.unary.operand;
    if (node->op == OP_NEG && operand->kind == NODE_NUMBER) {
        put_number(p, -operand->as.number);
        return;
    }
    base_buf_printf(&p->text, "(%s", operator_text(node->op));
    put(p, operand);
    base_buf_putc(&p->text, ')');
}

static void put_update(printer *p, const ejs__node *node)
{
    const char *op = operator_text(node->op);
    base_buf_printf(&p->text, "(%s", node->as.unary.prefix ? op : "");
    put(p, node->as.unary.operand);
    base_buf_printf(&p->text, "%s)", node->as.unary.prefix ? "" : op);
}

static void put_list(printer *p, ejs__list list, const char *separator)
{
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0)
            base_buf_puts(&p->text, separator);
        if (list.items[i])
            put(p, list.items[i]);
        else
            base_buf_puts(&p->text, unknown);
    }
}

static void put_array(printer *p, const ejs__node *node)
{
    base_buf_putc(&p->text, '[');
    put_list(p, node->as.list, ",");
    base_buf_putc(&p->text, ']');
}

static void put_object(printer *p, const ejs__node *node)
{
    base_buf_putc(&p->text, '{');
    for (uint32_t i = 0; i < node->as.list.count; i++)
        base_buf_puts(&p->text, unknown);
    base_buf_putc(&p->text, '}');
}

/* Of a template literal V8 prints the values alone. */
static void put_template(printer *p, const ejs__node *node)
{
    if (node->as.template_.tag) {
        put(p, node->as.template_.tag);
        put_called(p);
    } else if (node->as.template_.values.count == 0) {
        put_quoted(p, node->as.template_.cooked[0]);
    } else {
        put_list(p, node->as.template_.values, "");
    }
}

static void put_member(printer *p, const ejs__node *node)
{
    put(p, node->as.member.object);
    base_buf_puts(&p->text, node->as.member.optional ? "?." : ".");
    ejs__slice name = node->as.member.name;
    if (node->as.member.is_private) {
        const char *number = memchr(name.data, '\'', name.size);
        if (number)
            name.size = (uint32_t)(number - name.data);
        base_buf_putc(&p->text, '#');
    }
    put_slice(p, name);
}

static void put_index(printer *p, const ejs__node *node)
{
    const ejs__node *key = node->as.index.index;
    put(p, node->as.index.object);
    if (node->as.index.optional)
        base_buf_puts(&p->text, "?.");
    bool is_template = key->kind == NODE_TEMPLATE &&
                       key->as.template_.values.count == 0 &&
                       !key->as.template_.tag;
    if (key->kind == NODE_STRING || is_template) {
        if (!node->as.index.optional)
            base_buf_putc(&p->text, '.');
        put_slice(p,
                  is_template ? key->as.template_.cooked[0] : key->as.string);
        return;
    }
    base_buf_putc(&p->text, '[');
    put(p, key);
    base_buf_putc(&p->text, ']');
}

static void put_regexp(printer *p, const ejs__node *node)
{
    base_buf_putc(&p->text, '/');
    put_slice(p, node->as.regexp.pattern);
    base_buf_putc(&p->text, '/');
    put_slice(p, node->as.regexp.flags);
}

static void put_conditional(printer *p, const ejs__node *node)
{
    (void)node;
    for (int i = 0; i < 3; i++)
        base_buf_puts(&p->text, unknown);
}

static void put(printer *p, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
        put_number(p, node->as.number);
        return;
    case NODE_STRING:
        put_quoted(p, node->as.string);
        return;
    case NODE_NULL:
        base_buf_puts(&p->text, "null");
        return;
    case NODE_TRUE:
        base_buf_puts(&p->text, "true");
        return;
    case NODE_FALSE:
        base_buf_puts(&p->text, "false");
        return;
    case NODE_THIS:
        base_buf_puts(&p->text, "this");
        return;
    case NODE_NAME:
        put_slice(p, node->as.name.text);
        return;
    case NODE_TEMPLATE:
        put_template(p, node);
        return;
    case NODE_REGEXP:
        put_regexp(p, node);
        return;
    case NODE_ARRAY:
    case NODE_ARRAY_PATTERN:
        put_array(p, node);
        return;
    case NODE_OBJECT:
    case NODE_OBJECT_PATTERN:
        put_object(p, node);
        return;
    case NODE_COMMA:
        base_buf_putc(&p->text, '(');
        put_list(p, node->as.list, " , ");
        base_buf_putc(&p->text, ')');
        return;
    case NODE_UNARY:
        put_unary(p, node);
        return;
    case NODE_UPDATE:
        put_update(p, node);
        return;
    case NODE_BINARY:
    case NODE_LOGICAL:
        put_binary(p, node);
        return;
    case NODE_CONDITIONAL:
        put_conditional(p, node);
        return;
    case NODE_ASSIGN:
        put(p, node->as.assign.target);
        return;
    case NODE_MEMBER:
        put_member(p, node);
        return;
    case NODE_INDEX:
        put_index(p, node);
        return;
    case NODE_CALL:
        put(p, node->as.call.callee);
        put_called(p);
        return;
    case NODE_SPREAD:
        base_buf_puts(&p->text, "(...");
        put(p, node->as.unary.operand);
        base_buf_putc(&p->text, ')');
        return;
    default:
        base_buf_puts(&p->text, unknown);
    }
}

static const char *finish(base_arena *arena, printer *p)
{
    const char *text = p->text.failed
                           ? NULL
                           : base_arena_dup(arena, p->text.data, p->text.size);
    base_buf_free(&p->text);
    return text;
}

const char *ejs__node_text(base_arena *arena, const ejs__node *node)
{
    printer p = {0};
    put(&p, node);
    return finish(arena, &p);
}

static const char *iterated_text(base_arena *arena, const ejs__node *node)
{
    printer p = {.is_iterated = true};
    put(&p, node);
    return finish(arena, &p);
}

static const char *or_its_value(base_arena *arena, const ejs__node *call,
                                const char *end)
{
    printer p = {.is_iterated = true};
    put(&p, call->as.call.callee);
    base_buf_puts(&p.text, " is not a function or its return value");
    base_buf_puts(&p.text, end);
    return finish(arena, &p);
}

const char *ejs__callee_text(base_arena *arena, const ejs__node *call)
{
    return call->kind == NODE_CALL && call->as.call.iterated
               ? or_its_value(arena, call, " is not iterable")
               : ejs__node_text(arena, call->as.call.callee);
}

const char *ejs__iterable_text(base_arena *arena, const ejs__node *node)
{
    return node->kind == NODE_CALL || node->kind == NODE_NEW
               ? or_its_value(arena, node, "")
               : iterated_text(arena, node);
}

const char *ejs__for_of_text(base_arena *arena, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_LOGICAL:
        return node->op == OP_NULLISH ? iterated_text(arena, node) : "";
    case NODE_CONDITIONAL:
    case NODE_CHAIN:
        return "";
    default:
        return ejs__iterable_text(arena, node);
    }
}

const char *ejs__spread_text(base_arena *arena, const ejs__list *args,
                             uint32_t i)
{
    for (uint32_t k = 0; k < args->count; k++)
        if (k != i && args->items[k]->kind == NODE_SPREAD)
            return "";
    if (i + 1 < args->count)
        return "";
    printer p = {0};
    base_buf_puts(&p.text, "...");
    put(&p, args->items[i]->as.unary.operand);
    return finish(arena, &p);
}

const char *ejs__pattern_text(base_arena *arena, const ejs__node *pattern,
                              const ejs__node *value, bool declares)
{
    if (pattern->kind != NODE_ARRAY_PATTERN)
        return ejs__node_text(arena, value);
    if (value->parenthesized || !declares)
        return "";
    switch (value->kind) {
    case NODE_CALL:
        if (value->as.call.callee->kind != NODE_NAME)
            return "";
        /* fall through */
    case NODE_NUMBER:
    case NODE_STRING:
    case NODE_REGEXP:
    case NODE_NULL:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_THIS:
    case NODE_NAME:
    case NODE_UNARY:
    case NODE_OBJECT:
    case NODE_CONDITIONAL:
    case NODE_NEW:
        return ejs__iterable_text(arena, value);
    default:
        return "";
    }
}

const char *ejs__default_text(base_arena *arena, const ejs__node *node,
                              const char *text)
{
    if (node->as.assign.target->kind != NODE_OBJECT_PATTERN)
        return "";
    if (text)
        return ejs__node_text(arena, node->as.assign.value);
    printer p = {0};
    put_conditional(&p, node);
    return finish(arena, &p);
}

const char *ejs__for_of_item_text(const ejs__node *target)
{
    return target->kind == NODE_DECLARATION ? ".for" : "";
}

const char *ejs__caught_text(const ejs__node *target)
{
    return target->kind == NODE_OBJECT_PATTERN ? ".catch" : "";
}

const ejs__node *ejs__first_property(const ejs__node *pattern,
                                     const char **text)
{
    const ejs__node *first =
        pattern->as.list.count ? pattern->as.list.items[0] : NULL;
    if (!first || first->kind != NODE_PROPERTY || first->as.property.computed)
        return NULL;
    const ejs__node *target = first->as.property.value;
    if (target->kind == NODE_DEFAULT || target->kind == NODE_MEMBER ||
        target->kind == NODE_INDEX)
        *text = "";
    return first->as.property.key;
}

static bool matters(const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_STRING:
    case NODE_REGEXP:
    case NODE_NULL:
    case NODE_TRUE:
    case NODE_FALSE:
    case NODE_FUNCTION:
        return false;
    case NODE_NAME:
        return node->as.name.ref.kind == REF_DYNAMIC ||
               node->as.name.ref.check_tdz;
    default:
        return true;
    }
}

bool ejs__arguments_matter(const ejs__list *args)
{
    for (uint32_t i = 0; i < args->count; i++) {
        if (matters(args->items[i]))
            return true;
    }
    return false;
}
