/* writer.c - text, temporaries, variables and jumps of generated C. */
#include "ejs/cgen/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ejs/runtime.h"

/* text ----------------------------------------------------------------------
 */

static void indent(writer *w)
{
    for (unsigned i = 0; i < w->host->indent; i++)
        base_buf_puts(&w->host->body, "    ");
}

void ejs__c_emit(writer *w, const char *format, ...)
{
    indent(w);
    base_buf *body = &w->host->body;
    const size_t start = body->size;
    va_list args;
    va_start(args, format);
    base_buf_vprintf(body, format, args);
    va_end(args);
    base_buf_putc(body, '\n');
    for (size_t i = start; i < body->size; i++)
        w->host->line += body->data[i] == '\n';
}

void ejs__c_emit_line(writer *w, const ejs__node *node)
{
    uint32_t line, column;
    ejs__script_position(w->script, node->start, &line, &column);
    if (w->host->line == line)
        return;
    base_buf_printf(
        &w->host->body, "#line %u %s\n", line,
        ejs__c_c_string(w,
                        (ejs__slice){w->options->filename,
                                     (uint32_t)strlen(w->options->filename)}));
    w->host->line = line;
}

const char *ejs__c_format(writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = base_arena_vprintf(&w->arena, format, args);
    va_end(args);
    if (!text) {
        w->failed = true;
        return "";
    }
    return text;
}

void ejs__c_put_c_string(base_buf *out, const char *text, size_t size,
                         const char *line_break)
{
    base_buf_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\' || c == '?')
            base_buf_printf(out, "\\%c", c);
        else if (c == '\n')
            base_buf_puts(out, "\\n");
        else if (c < 32 || c >= 127)
            base_buf_printf(out, "\\%03o", c);
        else
            base_buf_putc(out, (char)c);
        if (c == '\n' && line_break && i + 1 < size)
            base_buf_printf(out, "\"%s\"", line_break);
    }
    base_buf_putc(out, '"');
}

const char *ejs__c_c_string(writer *w, ejs__slice text)
{
    base_buf buf = {0};
    ejs__c_put_c_string(&buf, text.data, text.size, NULL);
    const char *copy =
        buf.failed ? NULL : base_arena_dup(&w->arena, buf.data, buf.size);
    base_buf_free(&buf);
    if (!copy) {
        w->failed = true;
        return "\"\"";
    }
    return copy;
}

const char *ejs__c_kept_text(writer *w, const char *text)
{
    if (!text)
        w->failed = true;
    return text;
}

const char *ejs__c_c_text(writer *w, const char *text)
{
    return text ? ejs__c_c_string(w, (ejs__slice){text, (uint32_t)strlen(text)})
                : "NULL";
}

void ejs__c_put_site(base_buf *out, ejs__slice key)
{
    uint64_t head[2] = {0}, mask[2] = {0};
    const uint32_t n = key.size < 16 ? key.size : 16;
    const bool has_nul = memchr(key.size ? key.data : "", 0, n);
    for (uint32_t i = 0; i <= n && i < 16 && !has_nul; i++) {
        const unsigned char c = i < n ? (unsigned char)key.data[i] : 0;
        head[i / 8] |= (uint64_t)c << (8 * (i % 8));
        mask[i / 8] |= (uint64_t)0xFF << (8 * (i % 8));
    }
    base_buf_puts(out, "    {");
    ejs__c_put_c_string(out, key.data, key.size, NULL);
    base_buf_printf(out,
                    ", %u, 0, 0, 0, 0, EJS_HEAD(0x%" PRIx64 ", 0x%" PRIx64
                    ", 0x%" PRIx64 ", 0x%" PRIx64 ")},\n",
                    key.size, head[0], head[1], mask[0], mask[1]);
}

unsigned ejs__c_site(writer *w, ejs__slice key)
{
    ejs__c_put_site(&w->tables, key);
    return w->n_sites++;
}

/* temporaries
 * ------------------------------------------------------------------ */

const char *ejs__c_new_value(writer *w)
{
    host *h = w->host;
    const unsigned n = h->n_values++;
    if (h->n_values > h->max_values)
        h->max_values = h->n_values;
    return ejs__c_format(w, "t%u", n);
}

const char *ejs__c_new_boolean(writer *w)
{
    host *h = w->host;
    const unsigned n = h->n_booleans++;
    if (h->n_booleans > h->max_booleans)
        h->max_booleans = h->n_booleans;
    return ejs__c_format(w, "b%u", n);
}

operand ejs__c_value_operand(const char *text)
{
    return (operand){KIND_VALUE, text, false};
}

const char *ejs__c_as_value(writer *w, operand o)
{
    if (o.kind == KIND_NUMBER)
        return ejs__c_format(w, "ejs__number(%s)", o.text);
    if (o.kind == KIND_BOOLEAN)
        return ejs__c_format(w, "ejs__boolean(%s)", o.text);
    return o.text;
}

const char *ejs__c_as_condition(writer *w, operand o)
{
    if (o.kind == KIND_VALUE)
        return ejs__c_format(w, "ejs__truthy(%s)", o.text);
    if (o.kind == KIND_NUMBER)
        return ejs__c_format(w, "ejs__is_nonzero(%s)", o.text);
    return o.text;
}

const char *ejs__c_as_number(writer *w, operand o)
{
    return o.kind == KIND_NUMBER  ? o.text
           : o.kind == KIND_VALUE ? ejs__c_format(w, "%s.as.number", o.text)
                                  : ejs__c_format(w, "(double)(%s)", o.text);
}

operand ejs__c_hold(writer *w, operand o)
{
    if (o.kind == KIND_BOOLEAN) {
        const char *b = ejs__c_new_boolean(w);
        ejs__c_emit(w, "%s = %s;", b, o.text);
        return (operand){KIND_BOOLEAN, b, false};
    }
    const char *t = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = %s;", t, ejs__c_as_value(w, o));
    if (o.kind == KIND_NUMBER)
        return (operand){KIND_NUMBER, ejs__c_format(w, "%s.as.number", t),
                         false};
    return ejs__c_value_operand(t);
}

/* failing
 * ------------------------------------------------------------------------- */

static const char *fail_target(writer *w)
{
    for (control *c = w->host->control; c; c = c->outer) {
        if (c->kind == CONTROL_CATCH || c->kind == CONTROL_FINALLY ||
            c->kind == CONTROL_ITERATE) {
            c->throws = true;
            return ejs__c_format(w, "catch_%u", c->id);
        }
    }
    w->host->fails = true;
    return "fail";
}

/* A stub behind the function tells the place and goes on to the target: what
 * does not fail pays nothing for it. */
const char *ejs__c_fail_label(writer *w)
{
    const char *target = fail_target(w);
    host *h = w->host;
    if (!w->at)
        return target;
    for (unsigned i = h->n_stubs; i > 0 && i + 8 > h->n_stubs; i--) {
        const stub *s = &h->stubs[i - 1];
        if (s->at == w->at && strcmp(s->target, target) == 0)
            return ejs__c_format(w, "at_%u", i);
    }
    if (h->n_stubs == h->stubs_size) {
        const unsigned size = h->stubs_size ? h->stubs_size * 2 : 16;
        stub *stubs = base_arena_zalloc(&w->arena, size, sizeof *stubs);
        if (!stubs) {
            w->failed = true;
            return target;
        }
        if (h->n_stubs)
            memcpy(stubs, h->stubs, h->n_stubs * sizeof *stubs);
        h->stubs = stubs;
        h->stubs_size = size;
    }
    h->stubs[h->n_stubs++] = (stub){w->at, target};
    return ejs__c_format(w, "at_%u", h->n_stubs);
}

void ejs__c_emit_stubs(writer *w)
{
    const host *h = w->host;
    for (unsigned i = 0; i < h->n_stubs; i++) {
        uint32_t line, column;
        ejs__script_position(w->script, h->stubs[i].at, &line, &column);
        ejs__c_emit(w, "EJS_FAILED_AT(at_%u, HERE, %u, %s);", i + 1,
                    line << 12 | (column < 4096 ? column : 0),
                    h->stubs[i].target);
    }
}

void ejs__c_emit_check(writer *w, const char *value)
{
    ejs__c_emit(w, "if (ejs__is_thrown(%s)) goto %s;", value,
                ejs__c_fail_label(w));
}

void ejs__c_emit_try(writer *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *call = base_arena_vprintf(&w->arena, format, args);
    va_end(args);
    if (!call) {
        w->failed = true;
        return;
    }
    ejs__c_emit(w, "if (EJS_UNLIKELY(!%s)) goto %s;", call,
                ejs__c_fail_label(w));
}

const char *ejs__c_frame_of(writer *w)
{
    w->host->needs_frame = true;
    return "frame";
}

/* `this` where the statement stands: callbacks run in place never use theirs.
 */
const char *ejs__c_self_of(writer *w)
{
    if (w->host->function->kind == FUNCTION_DERIVED_CONSTRUCTOR) {
        ejs__c_emit(w,
                    "if (call->self.tag == EJS_TAG_UNINITIALIZED) { "
                    "ejs__throw_no_this(ctx); goto %s; }",
                    ejs__c_fail_label(w));
        return "call->self";
    }
    w->host->needs_self = true;
    return "self";
}

static const ejs__function *current_function(const writer *w)
{
    const host *h = w->host;
    return h->n_inlined ? h->inlined[h->n_inlined - 1] : h->function;
}

bool ejs__c_is_strict(const writer *w)
{
    return current_function(w)->is_strict;
}

/* variables
 * ---------------------------------------------------------------------------
 */

static bool is_hosted(const host *h, const ejs__function *function)
{
    if (h->function == function)
        return true;
    for (unsigned i = 0; i < h->n_inlined; i++) {
        if (h->inlined[i] == function)
            return true;
    }
    return false;
}

static const char *sanitized(writer *w, const ejs__variable *v)
{
    char name[40];
    size_t n = 0;
    for (uint32_t i = 0; i < v->name.size && n < sizeof name - 1; i++) {
        const char c = v->name.data[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_';
        name[n++] = plain ? c : '_';
    }
    name[n] = '\0';
    return ejs__c_format(w, "v%u_%s", w->n_variables++, name);
}

static bool grow_variables(writer *w)
{
    const unsigned size = w->variables_size ? w->variables_size * 2 : 64;
    named_variable *table = calloc(size, sizeof *table);
    if (!table)
        return false;
    for (unsigned i = 0; i < w->variables_size; i++) {
        const named_variable *old = &w->variables[i];
        if (!old->variable)
            continue;
        unsigned at = (unsigned)((uintptr_t)old->variable >> 4) & (size - 1);
        while (table[at].variable)
            at = (at + 1) & (size - 1);
        table[at] = *old;
    }
    free(w->variables);
    w->variables = table;
    w->variables_size = size;
    return true;
}

/* A callback is written twice, in place and on its own: each host declares its
 * variables anew. */
static void declare(writer *w, named_variable *entry)
{
    base_buf *d = &w->host->declarations;
    entry->host = w->host;
    entry->name = sanitized(w, entry->variable);
    entry->is_number = entry->variable->is_number;
    if (entry->is_number)
        base_buf_printf(d, "    double %s = 0;\n", entry->name);
    else if (entry->variable->captured)
        base_buf_printf(d,
                        "    ejs_value %s_here = {0};\n"
                        "    ejs_value *%s = &%s_here;\n",
                        entry->name, entry->name, entry->name);
    else
        base_buf_printf(d, "    ejs_value %s = {0};\n", entry->name);
}

/* The variables of a template written in parts are members of one struct. */
static void share(writer *w, named_variable *entry)
{
    const char *name = sanitized(w, entry->variable);
    entry->is_number = entry->variable->is_number;
    if (entry->is_number)
        base_buf_printf(&w->shared, "    double %s;\n", name);
    else if (entry->variable->captured)
        base_buf_printf(&w->shared,
                        "    ejs_value %s_here;\n    ejs_value *%s;\n", name,
                        name);
    else
        base_buf_printf(&w->shared, "    ejs_value %s;\n", name);
    entry->name = ejs__c_format(w, "V->%s", name);
}

/* The variable's place in the table; NULL: no memory. */
static named_variable *entry_of(writer *w, const ejs__variable *v)
{
    if (w->n_variables * 2 >= w->variables_size && !grow_variables(w)) {
        w->failed = true;
        return NULL;
    }
    const unsigned mask = w->variables_size - 1;
    unsigned at = (unsigned)((uintptr_t)v >> 4) & mask;
    while (w->variables[at].variable && w->variables[at].variable != v)
        at = (at + 1) & mask;
    named_variable *entry = &w->variables[at];
    entry->variable = v;
    return entry;
}

static const named_variable *local(writer *w, const ejs__variable *v)
{
    static const named_variable none = {.name = "v"};
    named_variable *entry = entry_of(w, v);
    if (!entry)
        return &none;
    if (w->split && v->function == w->script->main) {
        if (!entry->name)
            share(w, entry);
    } else if (entry->host != w->host) {
        declare(w, entry);
    }
    return entry;
}

static const char *local_name(writer *w, const ejs__variable *v)
{
    return local(w, v)->name;
}

bool ejs__c_is_number(writer *w, const ejs__variable *v)
{
    return is_hosted(w->host, v->function) && local(w, v)->is_number;
}

void ejs__c_alias_number(writer *w, const ejs__variable *v, const char *text)
{
    named_variable *entry = entry_of(w, v);
    if (!entry)
        return;
    if (!entry->name)
        w->n_variables++;
    entry->host = w->host;
    entry->name = text;
    entry->is_number = true;
}

static unsigned upvalue_of(writer *w, const ejs__variable *v)
{
    const ejs__function *f = w->host->function;
    for (uint32_t i = 0; i < f->n_upvalues; i++) {
        if (f->upvalues[i].variable == v)
            return i;
    }
    w->unsupported = "a variable out of reach";
    return 0;
}

const char *ejs__c_variable(writer *w, const ejs__variable *v)
{
    if (!is_hosted(w->host, v->function)) {
        w->host->needs_me = true;
        return ejs__c_format(w, "(*me->cells[%u])", upvalue_of(w, v));
    }
    const char *name = local_name(w, v);
    return v->captured ? ejs__c_format(w, "(*%s)", name) : name;
}

const char *ejs__c_cell(writer *w, const ejs__variable *v)
{
    if (!is_hosted(w->host, v->function)) {
        w->host->needs_me = true;
        return ejs__c_format(w, "me->cells[%u]", upvalue_of(w, v));
    }
    const char *name = local_name(w, v);
    ejs__c_emit(
        w, "if (%s == &%s_here && !(%s = ejs__cell(ctx, %s_here))) goto %s;",
        name, name, name, name, ejs__c_fail_label(w));
    return name;
}

/* Every entry of a scope makes its variables anew. */
void ejs__c_enter_scope(writer *w, const ejs__scope *scope)
{
    for (uint32_t i = 0; scope && i < scope->n_variables; i++) {
        const ejs__variable *v = scope->variables[i];
        const char *name = local_name(w, v);
        if (v->captured)
            ejs__c_emit(w, "%s = &%s_here;", name, name);
        const bool is_given =
            v->kind == VARIABLE_PARAMETER || v->kind == VARIABLE_CATCH;
        if (is_given && !v->needs_tdz)
            continue;
        if (ejs__c_is_number(w, v))
            continue;
        const bool lexical = is_given || v->kind == VARIABLE_LET ||
                             v->kind == VARIABLE_CONST ||
                             v->kind == VARIABLE_CLASS;
        ejs__c_emit(w, "%s = %s;", ejs__c_variable(w, v),
                    lexical && v->needs_tdz
                        ? "ejs__tagged(EJS_TAG_UNINITIALIZED)"
                        : "ejs__undefined()");
    }
}

void ejs__c_make_functions(writer *w, const ejs__scope *scope)
{
    for (uint32_t i = 0; scope && i < scope->n_functions; i++) {
        const ejs__node *node = scope->functions[i];
        const ejs__function *f = node->as.function_declaration.function;
        const operand made = ejs__c_closure(w, f, f->name);
        const ejs__ref *ref = &node->as.function_declaration.ref;
        if (ref->kind == REF_DYNAMIC)
            ejs__c_emit_try(w, "ejs__name_put(%s, %u, %s, false)",
                            ejs__c_frame_of(w), ref->index, made.text);
        else
            ejs__c_emit(w, "%s = %s;", ejs__c_variable(w, ref->variable),
                        made.text);
    }
}

/* jumps
 * ------------------------------------------------------------------------------------
 */

control *ejs__c_push_control(writer *w, control *c, control_kind kind,
                             const ejs__node *node)
{
    *c = (control){.outer = w->host->control,
                   .kind = kind,
                   .node = node,
                   .id = w->n_controls++};
    w->host->control = c;
    return c;
}

void ejs__c_pop_control(writer *w)
{
    w->host->control = w->host->control->outer;
}

static void defer_jump(writer *w, control *c, pending p)
{
    pending *grown =
        base_arena_alloc(&w->arena, (c->n_pending + 1) * sizeof *grown);
    if (!grown) {
        w->failed = true;
        return;
    }
    if (c->n_pending)
        memcpy(grown, c->pending, c->n_pending * sizeof *grown);
    grown[c->n_pending++] = p;
    c->pending = grown;
    ejs__c_emit(w, "resume_%u = %u;", c->id, c->n_pending + 1);
    ejs__c_emit(w, "goto finally_%u;", c->id);
}

/* Whether leaving towards `target` passes this for-of's end. */
static bool leaves_iteration(const control *c, const ejs__node *target,
                             bool is_continue)
{
    return !(is_continue && c->outer && c->outer->node == target);
}

void ejs__c_emit_jump(writer *w, const ejs__node *target, bool is_continue)
{
    for (control *c = w->host->control; c; c = c->outer) {
        if (c->kind == CONTROL_FINALLY) {
            defer_jump(w, c, (pending){target, is_continue});
            return;
        }
        if (c->kind == CONTROL_ITERATE &&
            leaves_iteration(c, target, is_continue)) {
            control *const innermost = w->host->control;
            w->host->control = c->outer;
            ejs__c_emit_try(w, "ejs__iterate_end(ctx, &it_%u)", c->id);
            w->host->control = innermost;
        }
        if (c->kind == CONTROL_TARGET && c->node == target) {
            *(is_continue ? &c->continues : &c->breaks) = true;
            ejs__c_emit(w, "goto %s_%u;", is_continue ? "continue" : "break",
                        c->id);
            return;
        }
    }
    w->unsupported = "a jump out of its function";
}

void ejs__c_emit_return(writer *w, const char *value)
{
    const char *held = NULL;
    for (control *c = w->host->control; c; c = c->outer) {
        if (c->kind == CONTROL_CALL) {
            c->returns = true;
            if (c->result && value && value != c->result)
                ejs__c_emit(w, "%s = %s;", c->result, value);
            ejs__c_emit(w, "goto return_%u;", c->id);
            return;
        }
        if (c->kind != CONTROL_FINALLY && c->kind != CONTROL_ITERATE)
            continue;
        if (!held) { /* outlives what runs before the function is left */
            held = "result";
            if (value && strcmp(value, "result") != 0)
                ejs__c_emit(w, "result = %s;", value);
            value = "result";
        }
        if (c->kind == CONTROL_FINALLY) {
            defer_jump(w, c, (pending){NULL, false});
            return;
        }
        control *const innermost = w->host->control;
        w->host->control = c->outer;
        ejs__c_emit_try(w, "ejs__iterate_end(ctx, &it_%u)", c->id);
        w->host->control = innermost;
    }
    if (value && strcmp(value, "result") != 0)
        ejs__c_emit(w, "result = %s;", value);
    if (!w->host->function->parent && !w->host->is_part)
        ejs__c_emit(w, "*returned = true;");
    w->host->leaves = true;
    ejs__c_emit(w, "goto leave;");
}

void ejs__c_end_iteration(writer *w, unsigned id, const char *condition)
{
    ejs__c_emit(w, "if (0) {");
    ejs__c_emit(w, "catch_%u:", id);
    ejs__c_emit(w, "    if (%s!ctx->fatal) {", condition);
    ejs__c_emit(w, "        const ejs_value kept = ctx->exception;");
    ejs__c_emit(w, "        (void)ejs__iterate_end(ctx, &it_%u);", id);
    ejs__c_emit(w, "        ctx->exception = kept;");
    ejs__c_emit(w, "    }");
    ejs__c_emit(w, "    goto %s;", ejs__c_fail_label(w));
    ejs__c_emit(w, "}");
}

void ejs__c_emit_pending(writer *w, const pending *p)
{
    if (p->target)
        ejs__c_emit_jump(w, p->target, p->is_continue);
    else
        ejs__c_emit_return(w, "result");
}

host *ejs__c_push_host(writer *w, host *h, const ejs__function *function)
{
    *h = (host){.outer = w->host, .function = function, .indent = 1};
    w->host = h;
    return h;
}
