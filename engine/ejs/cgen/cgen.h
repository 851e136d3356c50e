/*
 * cgen.h - a template as a C translation unit.
 *
 * One JavaScript function becomes one C function; `#line` leads each statement
 * back to the template.  What generated code calls is <ejs/runtime.h>.
 */
#ifndef EJS_CGEN_CGEN_H
#define EJS_CGEN_CGEN_H

#include <stdbool.h>

#include "base/buf.h"
#include "ejs/syntax/ast.h"

/*
 * Appends the C text of `script` to `out`: static tables and functions, then
 * `const ejs_unit SYMBOL`.  `symbol` also begins the names of all statics, so
 * that several units may stand in one file.  `name` is the view's name
 * ("posts/show"), `filename` what messages show.  The text starts on line
 * `first_line` of the file `c_file`, which #line returns to.
 * False when out of memory.
 */
typedef struct ejs__cgen_options {
    const char *symbol, *name, *filename, *c_file;
    unsigned first_line;
} ejs__cgen_options;

bool ejs__cgen(const ejs__script *script, const ejs__cgen_options *options,
               base_buf *out);

#endif
