/* fix.h - rewriting what EJS no longer takes. */
#ifndef SCAFFOLD_FIX_H
#define SCAFFOLD_FIX_H

#include "base/buf.h"
#include "scaffold/options.h"

/* Appends the template to `out` with each `<% include x %>` of EJS 1 and 2
 * written as `<%- include('x') %>`; returns how many there were. */
unsigned fix_includes(const options *o, const char *source, size_t size,
                      base_buf *out);

#endif
