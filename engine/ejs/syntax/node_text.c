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

static void put(base_buf *out, const ejs__node *node);

static void put_slice(base_buf *out, ejs__slice text)
{
    base_buf_put(out, text.data, text.size);
}

static void put_number(base_buf *out, double value)
{
    char digits[BASE_NUMBER_SIZE];
    base_buf_put(out, digits, base_number_format(value, digits));
}

static void put_quoted(base_buf *out, ejs__slice text)
{
    base_buf_putc(out, '"');
    put_slice(out, text);
    base_buf_putc(out, '"');
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
static void put_binary(base_buf *out, const ejs__node *node)
{
    const ejs__node *left = node->as.binary.left;
    if (left->kind == node->kind && left->op == node->op &&
        node->op != OP_POW && (node->op < OP_EQ || node->op > OP_INSTANCEOF)) {
        put_binary(out, left);
        out->size -= out->failed ? 0 : 1; /* its `)` */
    } else {
        base_buf_putc(out, '(');
        put(out, left);
    }
    base_buf_printf(out, " %s ", operator_text(node->op));
    put(out, node->as.binary.right);
    base_buf_putc(out, ')');
}

static void put_unary(base_buf *out, const ejs__node *node)
{
    const ejs__node *operand = node->as.unary.operand;
    if (node->op == OP_NEG && operand->kind == NODE_NUMBER) {
        put_number(out, -operand->as.number);
        return;
    }
    base_buf_printf(out, "(%s", operator_text(node->op));
    put(out, operand);
    base_buf_putc(out, ')');
}

static void put_update(base_buf *out, const ejs__node *node)
{
    const char *op = operator_text(node->op);
    base_buf_printf(out, "(%s", node->as.unary.prefix ? op : "");
    put(out, node->as.unary.operand);
    base_buf_printf(out, "%s)", node->as.unary.prefix ? "" : op);
}

static void put_list(base_buf *out, ejs__list list, const char *separator)
{
    for (uint32_t i = 0; i < list.count; i++) {
        if (i > 0)
            base_buf_puts(out, separator);
        if (list.items[i])
            put(out, list.items[i]);
        else
            base_buf_puts(out, unknown);
    }
}

static void put_array(base_buf *out, const ejs__node *node)
{
    base_buf_putc(out, '[');
    put_list(out, node->as.list, ",");
    base_buf_putc(out, ']');
}

static void put_object(base_buf *out, const ejs__node *node)
{
    base_buf_putc(out, '{');
    for (uint32_t i = 0; i < node->as.list.count; i++)
        base_buf_puts(out, unknown);
    base_buf_putc(out, '}');
}

/* Of a template literal V8 prints the values alone. */
static void put_template(base_buf *out, const ejs__node *node)
{
    if (node->as.template_.tag) {
        put(out, node->as.template_.tag);
        base_buf_puts(out, "(...)");
    } else if (node->as.template_.values.count == 0) {
        put_quoted(out, node->as.template_.cooked[0]);
    } else {
        put_list(out, node->as.template_.values, "");
    }
}

static void put_member(base_buf *out, const ejs__node *node)
{
    put(out, node->as.member.object);
    base_buf_puts(out, node->as.member.optional ? "?." : ".");
    ejs__slice name = node->as.member.name;
    if (node->as.member.is_private) {
        const char *number = memchr(name.data, '\'', name.size);
        if (number)
            name.size = (uint32_t)(number - name.data);
        base_buf_putc(out, '#');
    }
    put_slice(out, name);
}

static void put_index(base_buf *out, const ejs__node *node)
{
    const ejs__node *key = node->as.index.index;
    put(out, node->as.index.object);
    if (node->as.index.optional)
        base_buf_puts(out, "?.");
    bool is_template = key->kind == NODE_TEMPLATE &&
                       key->as.template_.values.count == 0 &&
                       !key->as.template_.tag;
    if (key->kind == NODE_STRING || is_template) {
        if (!node->as.index.optional)
            base_buf_putc(out, '.');
        put_slice(out,
                  is_template ? key->as.template_.cooked[0] : key->as.string);
        return;
    }
    base_buf_putc(out, '[');
    put(out, key);
    base_buf_putc(out, ']');
}

static void put_regexp(base_buf *out, const ejs__node *node)
{
    base_buf_putc(out, '/');
    put_slice(out, node->as.regexp.pattern);
    base_buf_putc(out, '/');
    put_slice(out, node->as.regexp.flags);
}

static void put_conditional(base_buf *out, const ejs__node *node)
{
    (void)node;
    for (int i = 0; i < 3; i++)
        base_buf_puts(out, unknown);
}

static void put(base_buf *out, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
        put_number(out, node->as.number);
        return;
    case NODE_STRING:
        put_quoted(out, node->as.string);
        return;
    case NODE_NULL:
        base_buf_puts(out, "null");
        return;
    case NODE_TRUE:
        base_buf_puts(out, "true");
        return;
    case NODE_FALSE:
        base_buf_puts(out, "false");
        return;
    case NODE_THIS:
        base_buf_puts(out, "this");
        return;
    case NODE_NAME:
        put_slice(out, node->as.name.text);
        return;
    case NODE_TEMPLATE:
        put_template(out, node);
        return;
    case NODE_REGEXP:
        put_regexp(out, node);
        return;
    case NODE_ARRAY:
    case NODE_ARRAY_PATTERN:
        put_array(out, node);
        return;
    case NODE_OBJECT:
    case NODE_OBJECT_PATTERN:
        put_object(out, node);
        return;
    case NODE_COMMA:
        base_buf_putc(out, '(');
        put_list(out, node->as.list, " , ");
        base_buf_putc(out, ')');
        return;
    case NODE_UNARY:
        put_unary(out, node);
        return;
    case NODE_UPDATE:
        put_update(out, node);
        return;
    case NODE_BINARY:
    case NODE_LOGICAL:
        put_binary(out, node);
        return;
    case NODE_CONDITIONAL:
        put_conditional(out, node);
        return;
    case NODE_ASSIGN:
        put(out, node->as.assign.target);
        return;
    case NODE_MEMBER:
        put_member(out, node);
        return;
    case NODE_INDEX:
        put_index(out, node);
        return;
    case NODE_CALL:
        put(out, node->as.call.callee);
        base_buf_puts(out, "(...)");
        return;
    case NODE_SPREAD:
        base_buf_puts(out, "(...");
        put(out, node->as.unary.operand);
        base_buf_putc(out, ')');
        return;
    default:
        base_buf_puts(out, unknown);
    }
}

static const char *finish(base_arena *arena, base_buf *taken)
{
    base_buf out = *taken;
    const char *text =
        out.failed ? NULL : base_arena_dup(arena, out.data, out.size);
    base_buf_free(&out);
    return text;
}

const char *ejs__node_text(base_arena *arena, const ejs__node *node)
{
    base_buf out = {0};
    put(&out, node);
    return finish(arena, &out);
}

static const char *or_its_value(base_arena *arena, const ejs__node *call,
                                const char *end)
{
    base_buf out = {0};
    put(&out, call->as.call.callee);
    base_buf_puts(&out, " is not a function or its return value");
    base_buf_puts(&out, end);
    return finish(arena, &out);
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
               : ejs__node_text(arena, node);
}

const char *ejs__for_of_text(base_arena *arena, const ejs__node *node)
{
    switch (node->kind) {
    case NODE_LOGICAL:
        return node->op == OP_NULLISH ? ejs__node_text(arena, node) : "";
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
    base_buf out = {0};
    base_buf_puts(&out, "...");
    put(&out, args->items[i]->as.unary.operand);
    return finish(arena, &out);
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
    base_buf out = {0};
    put_conditional(&out, node);
    return finish(arena, &out);
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
