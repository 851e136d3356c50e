/*
 * part.c - a long template as several C functions.
 *
 * A part runs some of the template's own statements.  Their variables are
 * members of a struct that all parts share (V); everything else a statement
 * needs is local to it.  A part returns what happened:
 *
 *     0  go on     1  something was thrown     2  `return`, with V->result
 */
#include "ejs/cgen/writer.h"

/* A part ends when its text is longer than this; a shorter one stays in the
 * function it was written for. */
enum { LONG_ENOUGH = 16000, TOO_SHORT = 4000 };

static bool can_split(const host *h)
{
    return !h->function->parent && !h->control && !h->n_inlined;
}

/* Ends the part's text and puts it among the functions. */
static void finish_part(writer *w, host *h, unsigned id)
{
    base_buf *out = &w->functions;
    const char *symbol = w->options->symbol;
    ejs__c_emit(w, "return 0;");
    if (h->leaves)
        ejs__c_emit(w, "\nleave:\n    V->result = result;\n    return 2;");
    ejs__c_emit_stubs(w);
    if (h->fails)
        ejs__c_emit(w, "\nfail:\n    return 1;");
    base_buf_printf(out,
                    "static int %s_part%u(ejs_frame *frame, struct %s_shared "
                    "*const V)\n{\n"
                    "    ejs_context *const ctx = frame->ctx;\n"
                    "    ejs_value result = ejs__undefined();\n"
                    "    (void)ctx;\n    (void)V;\n    (void)result;\n",
                    symbol, id, symbol);
    if (h->needs_self)
        base_buf_printf(out, "    const ejs_value self = %s;\n",
                        ejs__c_page_self(w));
    base_buf_put(out, h->declarations.data, h->declarations.size);
    ejs__c_declare_temporaries(out, h);
    base_buf_putc(out, '\n');
    base_buf_put(out, h->body.data, h->body.size);
    base_buf_puts(out, "}\n\n#line LINE_HERE\n");
    base_buf_printf(&w->prototypes,
                    "struct %s_shared;\nstatic int %s_part%u(ejs_frame *frame, "
                    "struct %s_shared *const V);\n",
                    symbol, symbol, id, symbol);
}

static void call_part(writer *w, unsigned id, bool fails, bool leaves)
{
    const char *b = ejs__c_new_boolean(w);
    ejs__c_emit(w, "%s = %s_part%u(%s, V);", b, w->options->symbol, id,
                ejs__c_frame_of(w));
    if (fails)
        ejs__c_emit(w, "if (%s == 1) goto %s;", b, ejs__c_fail_label(w));
    if (leaves) {
        ejs__c_emit(w, "if (%s == 2) {", b);
        w->host->indent++;
        ejs__c_emit_return(w, "V->result");
        w->host->indent--;
        ejs__c_emit(w, "}");
    }
}

static uint32_t write_part(writer *w, const ejs__list *list, uint32_t from)
{
    host h;
    const unsigned id = w->n_parts++;
    const size_t functions = w->functions.size;
    ejs__c_push_host(w, &h, w->script->main);
    h.is_part = true;
    uint32_t i = from;
    while (i < list->count && h.body.size < LONG_ENOUGH)
        i = ejs__c_next_statement(w, list, i);
    const bool is_short =
        h.body.size < TOO_SHORT && w->functions.size == functions;
    const bool fails = h.fails, leaves = h.leaves;
    if (!is_short)
        finish_part(w, &h, id);
    ejs__c_free_host(w, &h);
    if (!is_short) {
        call_part(w, id, fails, leaves);
        return i;
    }
    while (from < i) /* again, in the function around it */
        from = ejs__c_next_statement(w, list, from);
    return i;
}

bool ejs__c_write_parts(writer *w, const ejs__list *list)
{
    if (!can_split(w->host))
        return false;
    for (uint32_t i = 0; i < list->count;)
        i = write_part(w, list, i);
    return true;
}
