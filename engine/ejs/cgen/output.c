/*
 * output.c - text and output tags as C.
 *
 * What is known when the template is compiled goes out as text, escaped
 * already; strings that would be joined only to be printed are printed one by
 * one.
 */
#include "ejs/cgen/writer.h"

#include "base/utf8.h"

#include <string.h>

/* text
 * ---------------------------------------------------------------- */

bool ejs__c_is_own_code(const writer *w)
{
    return w->host->function->kind == FUNCTION_TEMPLATE;
}

void ejs__c_text(writer *w, ejs__slice text)
{
    base_buf literal = {0};
    const char *line_break = "\n            ";
    ejs__c_put_c_string(&literal, text.data, text.size, line_break);
    base_buf_putc(&literal, '\0');
    if (literal.failed)
        w->failed = true;
    else
        ejs__c_emit(
            w,
            "if (EJS_UNLIKELY(!ejs__put%s(%s,\n            %s, %u))) goto %s;",
            ejs__c_is_own_code(w) ? "_own" : "", ejs__c_frame_of(w),
            literal.data, text.size, ejs__c_fail_label(w));
    base_buf_free(&literal);
}

/* Text, then more text after a line mark: one piece. */
uint32_t ejs__c_text_run(writer *w, const ejs__list *list, uint32_t first)
{
    base_buf text = {0};
    uint32_t i = first, line = 0;
    for (; i < list->count; i++) {
        const ejs__node *node = list->items[i];
        if (node->kind == NODE_TEXT)
            base_buf_put(&text, node->as.string.data, node->as.string.size);
        else if (node->kind == NODE_LINE)
            line = node->as.line;
        else
            break;
    }
    if (text.failed)
        w->failed = true;
    if (text.size)
        ejs__c_text(w, (ejs__slice){text.data, (uint32_t)text.size});
    if (line)
        ejs__c_emit(w, "%s->line = %u;", ejs__c_frame_of(w), line);
    base_buf_free(&text);
    return i;
}

void ejs__c_constant(base_buf *page, ejs__slice text, bool escaped)
{
    for (uint32_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        const char *entity = !escaped    ? NULL
                             : c == '&'  ? "&amp;"
                             : c == '<'  ? "&lt;"
                             : c == '>'  ? "&gt;"
                             : c == '"'  ? "&#34;"
                             : c == '\'' ? "&#39;"
                                         : NULL;
        if (entity)
            base_buf_puts(page, entity);
        else
            base_buf_putc(page, c);
    }
}

/* A string that the template has written down.  Halves of surrogate pairs,
 * which only strings that are not ASCII may have, are the runtime's business.
 */
static void put_constant(writer *w, ejs__slice text, bool escaped)
{
    if (!base_utf8_is_ascii(text.data, text.size)) {
        ejs__c_emit_try(w, "%s(%s, ejs__string(%s, %u, 0))",
                        escaped ? "ejs__put_escaped" : "ejs__put_raw",
                        ejs__c_frame_of(w), ejs__c_c_string(w, text),
                        text.size);
        return;
    }
    base_buf page = {0};
    ejs__c_constant(&page, text, escaped);
    if (page.failed)
        w->failed = true;
    else if (page.size)
        ejs__c_text(w, (ejs__slice){page.data, (uint32_t)page.size});
    base_buf_free(&page);
}

/* strings that are joined
 * ---------------------------------------------------------------- */

enum { MOST_PARTS = 64 };

typedef struct part {
    const ejs__node *value; /* NULL: a text */
    bool in_template;       /* converted as `${value}` is, not as in a sum */
    ejs__slice text;
} part;

typedef struct parts {
    part list[MOST_PARTS];
    uint32_t count;
    bool full;
} parts;

static void add_part(parts *p, part more)
{
    if (p->count == MOST_PARTS) {
        p->full = true;
        return;
    }
    if (more.value || more.text.size)
        p->list[p->count++] = more;
}

/* Surely a string, made of parts?  In a sum the left side is converted after
 * the right one was computed; that nobody sees when the right one is a literal.
 */
static bool is_joined(const ejs__node *node)
{
    switch (node->kind) {
    case NODE_STRING:
        return true;
    case NODE_TEMPLATE:
        return !node->as.template_.tag;
    case NODE_BINARY:
        return node->op == OP_ADD &&
               (is_joined(node->as.binary.left) ||
                node->as.binary.right->kind == NODE_STRING);
    default:
        return false;
    }
}

static void take_parts(parts *p, const ejs__node *node)
{
    if (!is_joined(node)) {
        add_part(p, (part){.value = node});
        return;
    }
    switch (node->kind) {
    case NODE_STRING:
        add_part(p, (part){.text = node->as.string});
        break;
    case NODE_TEMPLATE:
        for (uint32_t i = 0; i <= node->as.template_.values.count; i++) {
            add_part(p, (part){.text = node->as.template_.cooked[i]});
            if (i < node->as.template_.values.count)
                add_part(p, (part){.value = node->as.template_.values.items[i],
                                   .in_template = true});
        }
        break;
    default:
        take_parts(p, node->as.binary.left);
        take_parts(p, node->as.binary.right);
    }
}

/* `before` and the parts of a sum that surely is a string, joined at once: what
 * s += 'a' + b + 'c' does goes straight behind s. */
bool ejs__c_join(writer *w, const ejs__node *node, const operand *before,
                 operand *result)
{
    parts p = {.count = 0};
    if (!is_joined(node))
        return false;
    take_parts(&p, node);
    if (p.full || p.count < 2)
        return false;
    const unsigned id = w->n_blocks++;
    const uint32_t first = before != NULL;
    for (uint32_t i = 0; i < p.count; i++) {
        if (!p.list[i].value) {
            ejs__c_emit(w, "p%u[%u] = %s;", id, first + i,
                        ejs__c_string(w, p.list[i].text).text);
            continue;
        }
        const operand o = ejs__c_expression(w, p.list[i].value);
        ejs__c_emit(w, "p%u[%u] = ejs__to_%s(ctx, %s);", id, first + i,
                    p.list[i].in_template ? "string" : "summand",
                    ejs__c_as_value(w, o));
        ejs__c_emit_check(w, ejs__c_format(w, "p%u[%u]", id, first + i));
    }
    if (before) {
        ejs__c_emit(w, "p%u[0] = ejs__to_summand(ctx, %s);", id,
                    ejs__c_as_value(w, *before));
        ejs__c_emit_check(w, ejs__c_format(w, "p%u[0]", id));
    }
    const char *t = ejs__c_new_value(w);
    base_buf_printf(&w->host->declarations, "    ejs_value p%u[%u];\n", id,
                    first + p.count);
    ejs__c_emit(w, "%s = ejs__concat(ctx, p%u, %u);", t, id, first + p.count);
    ejs__c_emit_check(w, t);
    *result = ejs__c_value_operand(t);
    return true;
}

/* All values are computed before the first is printed, as the string would be.
 */
static void put_parts(writer *w, const parts *p, bool escaped)
{
    const unsigned id = w->n_blocks++;
    uint32_t n_values = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->list[i].value)
            continue;
        const operand o = ejs__c_expression(w, p->list[i].value);
        ejs__c_emit(w, "p%u[%u] = ejs__to_%s(ctx, %s);", id, n_values,
                    p->list[i].in_template ? "string" : "summand",
                    ejs__c_as_value(w, o));
        ejs__c_emit_check(w, ejs__c_format(w, "p%u[%u]", id, n_values));
        n_values++;
    }
    if (n_values)
        base_buf_printf(&w->host->declarations, "    ejs_value p%u[%u];\n", id,
                        n_values);
    n_values = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        if (!p->list[i].value)
            put_constant(w, p->list[i].text, escaped);
        else
            ejs__c_emit_try(w, "%s(%s, p%u[%u])",
                            escaped ? "ejs__put_escaped" : "ejs__put_raw",
                            ejs__c_frame_of(w), id, n_values++);
    }
}

/* values
 * ---------------------------------------------------------------- */

bool ejs__c_is_plain_member(const ejs__node *node)
{
    return node->kind == NODE_MEMBER &&
           node->as.member.object->kind != NODE_SUPER &&
           !node->as.member.is_private && !node->as.member.optional &&
           (node->as.member.name.size != 6 ||
            memcmp(node->as.member.name.data, "length", 6) != 0);
}

static void output_member(writer *w, const ejs__node *node)
{
    const ejs__node *object = node->as.member.object;
    const operand o = ejs__c_expression(w, object);
    ejs__c_emit_try(w, "ejs__put_member(%s, %s, &SITES[%u])",
                    ejs__c_frame_of(w), ejs__c_as_value(w, o),
                    ejs__c_site(w, node->as.member.name));
}

bool ejs__c_only_printed(const ejs__node *name)
{
    if (name->kind != NODE_NAME || name->as.name.ref.kind != REF_LOCAL)
        return false;
    const ejs__variable *v = name->as.name.ref.variable;
    return !v->captured && !v->assigned && !v->needs_tdz &&
           v->n_reads == v->n_printed;
}

/* <%= list.join(', ') %> */
static bool is_join(const ejs__node *node)
{
    if (node->kind != NODE_CALL || node->as.call.optional)
        return false;
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    return callee->kind == NODE_MEMBER && !callee->as.member.optional &&
           !callee->as.member.is_private &&
           callee->as.member.object->kind != NODE_SUPER &&
           callee->as.member.name.size == 4 &&
           memcmp(callee->as.member.name.data, "join", 4) == 0 &&
           (args->count == 0 ||
            (args->count == 1 && args->items[0]->kind == NODE_STRING));
}

/* Printed item by item where that is the same, else called and printed. */
static void put_join(writer *w, const ejs__node *node, bool escaped)
{
    const ejs__node *callee = node->as.call.callee;
    const ejs__list *args = &node->as.call.args;
    const uint32_t at = w->at;
    const char *done = ejs__c_new_boolean(w), *t = ejs__c_new_value(w);
    const operand list =
        ejs__c_hold(w, ejs__c_expression(w, callee->as.member.object));
    const operand separator = args->count
                                  ? ejs__c_expression(w, args->items[0])
                                  : ejs__c_value_operand("EJS_LITERAL(\",\")");
    ejs__c_emit(w, "%s = ejs__put_joined(%s, %s, %s, %s);", done,
                ejs__c_frame_of(w), ejs__c_as_value(w, list),
                ejs__c_as_value(w, separator), escaped ? "true" : "false");
    ejs__c_emit(w, "if (%s < 0) goto %s;", done, ejs__c_fail_label(w));
    ejs__c_emit(w, "if (!%s) {", done);
    w->host->indent++;
    w->at = ejs__node_place(node);
    const char *text = ejs__node_text(&w->arena, callee);
    ejs__c_emit(w, "%s = ejs__call_method(ctx, %s, &SITES[%u], %s, %s);", t,
                ejs__c_as_value(w, list),
                ejs__c_site(w, callee->as.member.name),
                ejs__c_arguments(w, args), ejs__c_c_text(w, text ? text : ""));
    ejs__c_emit_check(w, t);
    w->at = at;
    ejs__c_emit_try(w, "%s(%s, %s)",
                    escaped ? "ejs__put_escaped" : "ejs__put_raw",
                    ejs__c_frame_of(w), t);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

/* <%= test ? 'a' : b %> is an `if` when that saves a string. */
static bool is_choice(const ejs__node *node)
{
    return node->kind == NODE_CONDITIONAL &&
           (is_joined(node->as.conditional.yes) ||
            is_joined(node->as.conditional.no) ||
            is_choice(node->as.conditional.yes) ||
            is_choice(node->as.conditional.no));
}

static void put_value(writer *w, const ejs__node *node, bool escaped);

static void put_choice(writer *w, const ejs__node *node, bool escaped)
{
    const operand test = ejs__c_condition(w, node->as.conditional.test);
    ejs__c_emit(w, "if (%s) {", ejs__c_as_condition(w, test));
    w->host->indent++;
    put_value(w, node->as.conditional.yes, escaped);
    w->host->indent--;
    ejs__c_emit(w, "} else {");
    w->host->indent++;
    put_value(w, node->as.conditional.no, escaped);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

static void put_value(writer *w, const ejs__node *node, bool escaped)
{
    const char *put = escaped ? "ejs__put_escaped" : "ejs__put_raw";
    if (is_choice(node)) {
        put_choice(w, node, escaped);
        return;
    }
    if (is_joined(node)) {
        parts p = {.count = 0};
        take_parts(&p, node);
        if (!p.full) {
            put_parts(w, &p, escaped);
            return;
        }
    }
    if (is_join(node)) {
        put_join(w, node, escaped);
        return;
    }
    if (escaped && ejs__c_is_plain_member(node)) {
        output_member(w, node);
        return;
    }
    if (escaped && ejs__c_only_printed(node))
        put = "ejs__put_item";
    const operand o = ejs__c_expression(w, node);
    ejs__c_emit_try(w, "%s(%s, %s)", put, ejs__c_frame_of(w),
                    ejs__c_as_value(w, o));
}

/* include
 * ---------------------------------------------------------------- */

static const ejs__node *include_call(const ejs__node *node)
{
    const ejs__list *args = &node->as.output.args;
    if (args->count != 1 || args->items[0]->kind != NODE_CALL)
        return NULL;
    const ejs__node *call = args->items[0];
    const ejs__node *callee = call->as.call.callee;
    if (callee->kind != NODE_NAME || callee->as.name.ref.kind != REF_DYNAMIC ||
        callee->as.name.text.size != 7 ||
        memcmp(callee->as.name.text.data, "include", 7) != 0 ||
        call->as.call.optional || call->as.call.args.count > 2 ||
        call->as.call.args.count == 0 || ejs__c_has_spread(&call->as.call.args))
        return NULL;
    return call;
}

/* {title: 'x'}: nobody else sees the object, and nothing in it is hidden. */
static bool is_fresh_data(const ejs__node *node)
{
    if (!ejs__c_is_record(node))
        return false;
    for (uint32_t i = 0; i < node->as.list.count; i++) {
        const ejs__slice key =
            node->as.list.items[i]->as.property.key->as.string;
        if (key.size == 11 && memcmp(key.data, "constructor", 11) == 0)
            return false;
    }
    return true;
}

static void put_include(writer *w, const ejs__list *args, operand path,
                        operand data, bool escaped)
{
    static const char *const hows[] = {"0", "EJS_INCLUDE_ESCAPED",
                                       "EJS_INCLUDE_FRESH",
                                       "EJS_INCLUDE_ESCAPED | "
                                       "EJS_INCLUDE_FRESH"};
    const bool is_fresh = args->count == 2 && is_fresh_data(args->items[1]);
    if (args->items[0]->kind == NODE_STRING)
        ejs__c_emit_try(w, "ejs__put_include_at(%s, %u, %s, %s, %s)",
                        ejs__c_frame_of(w), w->n_includes++,
                        ejs__c_as_value(w, path), ejs__c_as_value(w, data),
                        hows[escaped + 2 * is_fresh]);
    else
        ejs__c_emit_try(w, "ejs__put_include(%s, %s, %s, %s)",
                        ejs__c_frame_of(w), ejs__c_as_value(w, path),
                        ejs__c_as_value(w, data), escaped ? "true" : "false");
}

/* <%- include('x', data) %>: rendered straight into the page. */
static void output_include(writer *w, const ejs__node *call, bool escaped)
{
    const ejs__list *args = &call->as.call.args;
    const uint32_t index = call->as.call.callee->as.name.ref.index;
    const char *own = ejs__c_new_boolean(w);
    const char *f = ejs__c_new_value(w), *self = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__name_is_include(%s, %u);", own,
                ejs__c_frame_of(w), index);
    ejs__c_emit(w, "%s = ejs__undefined();", f);
    ejs__c_emit(w, "if (!%s) {", own);
    ejs__c_emit(w, "    %s = ejs__name_callee(%s, %u, &%s);", f,
                ejs__c_frame_of(w), index, self);
    ejs__c_emit(w, "    if (ejs__is_thrown(%s)) goto %s;", f,
                ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
    const operand path = ejs__c_hold(w, ejs__c_expression(w, args->items[0]));
    const operand data =
        args->count == 2 ? ejs__c_hold(w, ejs__c_expression(w, args->items[1]))
                         : ejs__c_value_operand("ejs__undefined()");
    ejs__c_emit(w, "if (%s) {", own);
    w->host->indent++;
    put_include(w, args, path, data, escaped);
    w->host->indent--;
    ejs__c_emit(w, "} else {");
    w->host->indent++;
    ejs__c_emit(w,
                "%s = ejs__call(ctx, %s, %s, (const ejs_value[2]){%s, %s}, %u, "
                "\"include\");",
                f, f, self, ejs__c_as_value(w, path), ejs__c_as_value(w, data),
                args->count);
    ejs__c_emit_check(w, f);
    ejs__c_emit_try(w, "%s(%s, %s)",
                    escaped ? "ejs__put_escaped" : "ejs__put_raw",
                    ejs__c_frame_of(w), f);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

/* tags
 * ---------------------------------------------------------------- */

/* None, or with `...list` among them: the first of what comes together. */
static void output_spread(writer *w, const ejs__list *args, const char *put)
{
    const char *list = ejs__c_arguments(w, args);
    const unsigned id = w->n_blocks++;
    base_buf_printf(&w->host->declarations,
                    "    struct { const ejs_value *items; uint32_t n; } "
                    "l%u;\n",
                    id);
    ejs__c_emit(w, "l%u.items = 0; l%u.n = 0;", id, id);
    if (args->count) {
        const char *comma = strstr(list, ", ");
        ejs__c_emit(w, "l%u.items = %.*s; l%u.n = %s;", id, (int)(comma - list),
                    list, id, comma + 2);
    }
    ejs__c_emit_try(w, "%s(%s, l%u.n ? l%u.items[0] : ejs__undefined())", put,
                    ejs__c_frame_of(w), id, id);
}

void ejs__c_output(writer *w, const ejs__node *node)
{
    const bool escaped = node->as.output.escaped;
    const ejs__list *args = &node->as.output.args;
    const char *put = escaped ? "ejs__put_escaped" : "ejs__put_raw";
    const ejs__node *call = include_call(node);
    if (call) {
        output_include(w, call, escaped);
    } else if (args->count == 0 || ejs__c_has_spread(args)) {
        output_spread(w, args, put);
    } else if (args->count == 1) {
        put_value(w, args->items[0], escaped);
    } else {
        const operand o = ejs__c_hold(w, ejs__c_expression(w, args->items[0]));
        for (uint32_t i = 1; i < args->count; i++)
            ejs__c_discard(w, args->items[i]);
        ejs__c_emit_try(w, "%s(%s, %s)", put, ejs__c_frame_of(w),
                        ejs__c_as_value(w, o));
    }
}
