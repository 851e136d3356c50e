/*
 * code.h - the program that compile.c makes of a tree and run.c runs.
 *
 * A register machine.  A function's registers are
 *
 *     ┌───────────────┬──────────────┬──────────────────────────┐
 *     │ slots         │ this         │ temporaries              │
 *     └───────────────┴──────────────┴──────────────────────────┘
 *      ast.h's slots,   when used      a stack while compiling,
 *      cells if                        also slots of callbacks
 *      captured                        that became loops
 *
 * Constants are addressed by negative numbers, so that most operands may be
 * either.  Code is immutable but for the hints in the sites.
 */
#ifndef EJS_VM_CODE_H
#define EJS_VM_CODE_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "ejs/syntax/ast.h"
#include <ejs/runtime.h>

typedef enum ejs__opcode {
#define OP(name, operands, meaning) VM_##name,
#include "ejs/vm/opcode.def"
#undef OP
    VM_COUNT
} ejs__opcode;

/* Where an exception in [start, end) goes; the first that fits wins. */
typedef struct ejs__handler {
    uint32_t start, end, target;
    uint32_t exception; /* the register that receives it */
} ejs__handler;

/* Code from `at` on stems from this offset into script->text. */
typedef struct ejs__place {
    uint32_t at, offset;
} ejs__place;

typedef struct ejs__program ejs__program;

typedef struct ejs__code {
    const ejs__program *program;
    ejs__function_info info;
    const uint32_t *words;
    uint32_t n_words;
    const ejs_value *constants; /* constants[i] is operand ~i */
    uint32_t n_constants;
    ejs_site *sites;
    uint32_t n_sites;
    const char *const *strings;
    uint32_t n_strings;
    const ejs__handler *handlers;
    uint32_t n_handlers;
    const ejs__place *places;
    uint32_t n_places;
    uint32_t index; /* in program->functions */
    uint32_t n_registers, n_slots;
    uint32_t n_parameters; /* the leading arguments that are slots 0, 1, ... */
    uint32_t n_cells;
    uint32_t self; /* the register of `this`, when has_self */
    bool is_generator, is_arrow, is_derived, has_self;
} ejs__code;

/* A whole template. */
struct ejs__program {
    ejs_unit unit; /* unit.code points to this program */
    const ejs__script *script;
    ejs__code **functions; /* as script->functions; the template is 0 */
};

/*
 * Compiles a tree.  All memory is the script's arena's.  `name` is the unit's
 * and must live as long.  NULL when out of memory.
 */
ejs__program *ejs__compile(const ejs__script *script, const char *name);

/* What ejs_unit.run and the entry of every interpreted function are. */
ejs_value ejs__run_unit(ejs_frame *frame, bool *returned);
ejs_value ejs__run_function(ejs_call *call);

/* Prints the instructions of all functions, for people. */
void ejs__disassemble(const ejs__program *program, FILE *out);

#endif
