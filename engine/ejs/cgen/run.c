/*
 * run.c - runs: text and plain values that the template prints one after
 * another.
 *
 * In a run the page's end is in a C variable, so each piece goes behind the one
 * before without asking memory where that is:
 *
 *     if (!(out = ejs__run_begin(ctx, 9))) goto fail;
 *     memcpy(out, "<li>", 4); out += 4;
 *     if (!(out = ejs__run_member(frame, out, 5, item, &SITES[0]))) goto at_1;
 *     memcpy(out, "</li>", 5); out += 5;
 *     ejs__run_end(ctx, out);
 *
 * The text of a run is known, so room for all of it is made at its beginning;
 * what prints a value is told how many bytes of text still follow and leaves
 * room for them.  Nothing in a run may look at the output or call what might,
 * but where it says so: between ejs__run_end and another ejs__run_begin.
 */
#include "ejs/cgen/writer.h"

#include "base/utf8.h"

/* what fits in
 * ---------------------------------------------------------------- */

/* Runs nobody's code and throws nothing, but where a name is first looked up,
 * which ejs__c_load_name takes care of. */
static bool is_quiet(const ejs__node *node)
{
    switch (node->kind) {
    case NODE_NUMBER:
    case NODE_STRING:
    case NODE_NULL:
    case NODE_TRUE:
    case NODE_FALSE:
        return true;
    case NODE_NAME:
        return node->as.name.ref.kind == REF_DYNAMIC ||
               !node->as.name.ref.check_tdz;
    case NODE_UNARY:
        return node->op == OP_NOT && is_quiet(node->as.unary.operand);
    case NODE_LOGICAL:
        return is_quiet(node->as.binary.left) &&
               is_quiet(node->as.binary.right);
    case NODE_BINARY:
        return (node->op == OP_STRICT_EQ || node->op == OP_STRICT_NE) &&
               is_quiet(node->as.binary.left) &&
               is_quiet(node->as.binary.right);
    default:
        return false;
    }
}

/* array[key] */
static bool is_item(const ejs__node *node)
{
    return node->kind == NODE_INDEX && !node->as.index.optional &&
           node->as.index.object->kind != NODE_SUPER;
}

static bool fits(const ejs__node *value, bool escaped)
{
    if (value->kind == NODE_STRING)
        return base_utf8_is_ascii(value->as.string.data, value->as.string.size);
    if (value->kind == NODE_CONDITIONAL)
        return is_quiet(value->as.conditional.test) &&
               fits(value->as.conditional.yes, escaped) &&
               fits(value->as.conditional.no, escaped);
    if (!escaped)
        return false;
    if (!ejs__c_is_plain_member(value))
        return value->kind == NODE_NAME && is_quiet(value);
    const ejs__node *object = value->as.member.object;
    if (is_item(object))
        return is_quiet(object->as.index.object) &&
               is_quiet(object->as.index.index);
    return is_quiet(object);
}

static bool is_fitting_output(const ejs__node *node)
{
    const ejs__list *args = &node->as.output.args;
    return node->kind == NODE_OUTPUT && args->count == 1 &&
           args->items[0]->kind != NODE_SPREAD &&
           fits(args->items[0], node->as.output.escaped);
}

/* Where the run that begins at `first` ends; `first` itself: none does, for
 * text alone is none. */
static uint32_t run_end(const ejs__list *list, uint32_t first)
{
    bool has_output = false;
    uint32_t i = first;
    for (; i < list->count; i++) {
        const ejs__node *node = list->items[i];
        const bool is_output = is_fitting_output(node);
        if (!is_output && node->kind != NODE_TEXT && node->kind != NODE_LINE)
            break;
        has_output = has_output || is_output;
    }
    return has_output ? i : first;
}

/* The most text that printing it may take. */
static uint32_t text_of(const ejs__node *value, bool escaped)
{
    if (value->kind == NODE_STRING) {
        base_buf text = {0};
        ejs__c_constant(&text, value->as.string, escaped);
        const size_t size = text.size;
        base_buf_free(&text);
        return (uint32_t)size;
    }
    if (value->kind != NODE_CONDITIONAL)
        return 0;
    const uint32_t yes = text_of(value->as.conditional.yes, escaped);
    const uint32_t no = text_of(value->as.conditional.no, escaped);
    return yes > no ? yes : no;
}

static uint32_t text_of_statement(const ejs__node *node)
{
    if (node->kind == NODE_TEXT)
        return node->as.string.size;
    return node->kind == NODE_OUTPUT
               ? text_of(node->as.output.args.items[0], node->as.output.escaped)
               : 0;
}

/* writing it
 * ---------------------------------------------------------------- */

void ejs__c_begin_run(writer *w)
{
    w->host->has_run = w->host->in_run = true;
    ejs__c_emit_try(w, "(out = ejs__run_begin(ctx, %u))", w->host->rest);
}

void ejs__c_end_run(writer *w)
{
    w->host->in_run = false;
    ejs__c_emit(w, "ejs__run_end(ctx, out);");
}

static void put_text(writer *w, const char *text, size_t size)
{
    base_buf literal = {0};
    ejs__c_put_c_string(&literal, text, size, "\n            ");
    base_buf_putc(&literal, '\0');
    if (literal.failed)
        w->failed = true;
    else if (size)
        ejs__c_emit(w, "memcpy(out,\n            %s, %zu); out += %zu;",
                    literal.data, size, size);
    base_buf_free(&literal);
    w->host->rest -= (uint32_t)size;
}

/* At once where all is plain, else step by step. */
static void put_item_member(writer *w, const ejs__node *value)
{
    const ejs__node *item = value->as.member.object;
    const uint32_t at = w->at;
    const char *t = ejs__c_new_value(w);
    const operand array =
        ejs__c_hold(w, ejs__c_expression(w, item->as.index.object));
    const operand key = ejs__c_expression(w, item->as.index.index);
    const unsigned site = ejs__c_site(w, value->as.member.name);
    w->host->has_item = true;
    ejs__c_emit(w,
                "next = ejs__run_member_at(%s, out, %u, %s, %s, &SITES[%u]);",
                ejs__c_frame_of(w), w->host->rest, ejs__c_as_value(w, array),
                ejs__c_as_value(w, key), site);
    ejs__c_emit(w, "if (EJS_LIKELY(next != 0)) out = next;");
    ejs__c_emit(w, "else {");
    w->host->indent++;
    ejs__c_end_run(w);
    w->at = ejs__node_place(item);
    ejs__c_emit(w, "%s = ejs__get_index(ctx, %s, %s);", t,
                ejs__c_as_value(w, array), ejs__c_as_value(w, key));
    ejs__c_emit_check(w, t);
    w->at = at;
    ejs__c_emit_try(w, "ejs__put_member(%s, %s, &SITES[%u])",
                    ejs__c_frame_of(w), t, site);
    ejs__c_begin_run(w);
    w->host->indent--;
    ejs__c_emit(w, "}");
}

static void put_plain(writer *w, const ejs__node *value)
{
    const bool is_member = ejs__c_is_plain_member(value);
    const ejs__node *from = is_member ? value->as.member.object : value;
    const operand o = ejs__c_expression(w, from);
    if (is_member)
        ejs__c_emit_try(
            w, "(out = ejs__run_member(%s, out, %u, %s, &SITES[%u]))",
            ejs__c_frame_of(w), w->host->rest, ejs__c_as_value(w, o),
            ejs__c_site(w, value->as.member.name));
    else
        ejs__c_emit_try(w, "(out = ejs__run_%s(%s, out, %u, %s))",
                        ejs__c_only_printed(value) ? "item" : "value",
                        ejs__c_frame_of(w), w->host->rest,
                        ejs__c_as_value(w, o));
}

static void put(writer *w, const ejs__node *value, bool escaped);

static void put_choice(writer *w, const ejs__node *value, bool escaped)
{
    const operand test = ejs__c_condition(w, value->as.conditional.test);
    const uint32_t rest = w->host->rest - text_of(value, escaped);
    const ejs__node *const ways[2] = {value->as.conditional.yes,
                                      value->as.conditional.no};
    ejs__c_emit(w, "if (%s) {", ejs__c_as_condition(w, test));
    for (int i = 0; i < 2; i++) {
        w->host->rest = rest + text_of(ways[i], escaped);
        w->host->indent++;
        put(w, ways[i], escaped);
        w->host->indent--;
        ejs__c_emit(w, i ? "}" : "} else {");
    }
    w->host->rest = rest;
}

static void put(writer *w, const ejs__node *value, bool escaped)
{
    if (value->kind == NODE_CONDITIONAL) {
        put_choice(w, value, escaped);
    } else if (value->kind == NODE_STRING) {
        base_buf text = {0};
        ejs__c_constant(&text, value->as.string, escaped);
        w->failed = w->failed || text.failed;
        put_text(w, text.data, text.size);
        base_buf_free(&text);
    } else if (ejs__c_is_plain_member(value) &&
               is_item(value->as.member.object)) {
        put_item_member(w, value);
    } else {
        put_plain(w, value);
    }
}

static void put_statement(writer *w, const ejs__node *node)
{
    const unsigned values = w->host->n_values;
    const unsigned booleans = w->host->n_booleans;
    ejs__c_emit_line(w, node);
    w->at = node->kind == NODE_OUTPUT ? ejs__node_place(node) : 0;
    if (node->kind == NODE_TEXT)
        put_text(w, node->as.string.data, node->as.string.size);
    else if (node->kind == NODE_LINE)
        ejs__c_emit(w, "%s->line = %u;", ejs__c_frame_of(w), node->as.line);
    else
        put(w, node->as.output.args.items[0], node->as.output.escaped);
    w->host->n_values = values;
    w->host->n_booleans = booleans;
}

uint32_t ejs__c_run(writer *w, const ejs__list *list, uint32_t first)
{
    const uint32_t end = ejs__c_is_own_code(w) ? run_end(list, first) : first;
    const uint32_t at = w->at;
    if (end == first)
        return first;
    w->at = 0;
    w->host->rest = 0;
    for (uint32_t i = first; i < end; i++)
        w->host->rest += text_of_statement(list->items[i]);
    ejs__c_begin_run(w);
    for (uint32_t i = first; i < end; i++)
        put_statement(w, list->items[i]);
    ejs__c_end_run(w);
    w->at = at;
    return end;
}
