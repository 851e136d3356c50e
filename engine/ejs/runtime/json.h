/* json.h - JSON text to values, for JSON.parse and for ejs_render_json. */
#ifndef EJS_RUNTIME_JSON_H
#define EJS_RUNTIME_JSON_H

#include "ejs/runtime/object.h"

enum {
    EJS_JSON_TYPED = 1, /* {"$date": ...} is a Date */
    EJS_JSON_BYTES = 2, /* the text comes from outside and may be any bytes:
                           what is not UTF-8 becomes U+FFFD */
};

/*
 * The value that the text describes, or THROWN: a SyntaxError in V8's words.
 * The text must outlive the render, because strings without escapes are slices
 * of it; it is WTF-8 unless flags say EJS_JSON_BYTES.
 */
ejs_value ejs__json_parse(ejs_context *ctx, const char *text, size_t size,
                          unsigned flags);

#endif
