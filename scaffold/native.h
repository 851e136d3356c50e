/*
 * native.h - templates compiled to machine code while the program runs, for
 * `render --native`.
 */
#ifndef SCAFFOLD_NATIVE_H
#define SCAFFOLD_NATIVE_H

#include <stdbool.h>

#include <ejs.h>

/* All that was compiled so far; NULL when out of memory. */
typedef struct native native;
native *native_new(void);
void native_free(native *n);

/* Whether the compiler has refused something: it was interpreted instead. */
bool native_has_failed(const native *n);

/* Templates of this engine run as native code from now on. */
void native_use(native *n, ejs_engine *engine);

/* Between these two, the templates that engines compile are collected; then
 * they are built together, in a few files. */
void native_collect(native *n);
void native_build(native *n);

#endif
