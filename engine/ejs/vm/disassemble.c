/* disassemble.c - prints code for people: one instruction a line. */
#include "ejs/vm/code.h"

static const struct {
    const char *name, *operands;
} opcodes[] = {
#define OP(name, operands, meaning) {#name, operands},
#include "ejs/vm/opcode.def"
#undef OP
};

static void print_text(const char *text, uint32_t size, FILE *out)
{
    fputc('"', out);
    for (uint32_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            fputs("\\n", out);
        else if (text[i] == '"' || text[i] == '\\')
            fprintf(out, "\\%c", text[i]);
        else if ((unsigned char)text[i] < 0x20)
            fprintf(out, "\\x%02x", text[i]);
        else
            fputc(text[i], out);
    }
    fputc('"', out);
}

static void print_constant(ejs_value v, FILE *out)
{
    switch (v.tag) {
    case EJS_TAG_UNDEFINED:
        fputs("undefined", out);
        break;
    case EJS_TAG_NULL:
        fputs("null", out);
        break;
    case EJS_TAG_BOOLEAN:
        fputs(v.as.bits ? "true" : "false", out);
        break;
    case EJS_TAG_NUMBER:
        fprintf(out, "%.17g", v.as.number);
        break;
    case EJS_TAG_STRING:
        print_text(v.as.text, v.size, out);
        break;
    case EJS_TAG_HOLE:
        fputs("nothing", out);
        break;
    default:
        fputs("uninitialized", out);
        break;
    }
}

static void print_register(const ejs__code *code, uint32_t operand, FILE *out)
{
    if ((int32_t)operand < 0)
        print_constant(code->constants[~operand], out);
    else
        fprintf(out, "r%u", operand);
}

static void print_operand(const ejs__code *code, char kind, uint32_t operand,
                          FILE *out)
{
    const ejs__script *script = code->program->script;
    fputc(' ', out);
    switch (kind) {
    case 'r':
    case 'x':
        print_register(code, operand, out);
        break;
    case 'j':
        fprintf(out, "->%u", operand);
        break;
    case 'n':
        fprintf(out, "%.*s", (int)script->names[operand].text.size,
                script->names[operand].text.data);
        break;
    case 's':
        fprintf(out, ".%.*s", (int)code->sites[operand].size,
                code->sites[operand].key);
        break;
    case 't':
        fprintf(out, "`%s`",
                operand < code->n_strings ? code->strings[operand] : "");
        break;
    case 'f':
        fprintf(out, "function %u", operand);
        break;
    default:
        fprintf(out, "%d", (int)operand);
        break;
    }
}

/* Prints the instruction at `at`; returns where the next one begins. */
static uint32_t print_instruction(const ejs__code *code, uint32_t at, FILE *out)
{
    const uint32_t op = code->words[at];
    const char *operands = opcodes[op].operands;
    uint32_t next = at + 1, last = 0;
    fprintf(out, "%6u  %-16s", at, opcodes[op].name);
    for (; *operands && *operands != '*'; operands++) {
        last = code->words[next++];
        print_operand(code, *operands, last, out);
    }
    if (*operands == '*') {
        while (last--)
            print_operand(code, 'i', code->words[next++], out);
    }
    fputc('\n', out);
    return next;
}

static void print_handlers(const ejs__code *code, FILE *out)
{
    for (uint32_t i = 0; i < code->n_handlers; i++) {
        const ejs__handler *h = &code->handlers[i];
        fprintf(out, "        exceptions in %u..%u: r%u, ->%u\n", h->start,
                h->end, h->exception, h->target);
    }
}

static void print_function(const ejs__code *code, uint32_t index, FILE *out)
{
    if (index == 0)
        fputs("template", out);
    else
        fprintf(out, "\nfunction %u %.*s", index, (int)code->info.name_size,
                code->info.name);
    fprintf(out, ": %u registers, %u cells\n", code->n_registers,
            code->n_cells);
    for (uint32_t at = 0; at < code->n_words;)
        at = print_instruction(code, at, out);
    print_handlers(code, out);
}

void ejs__disassemble(const ejs__program *program, FILE *out)
{
    for (uint32_t i = 0; i < program->script->n_functions; i++)
        print_function(program->functions[i], i, out);
}
