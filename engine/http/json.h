/* json.h - JSON as JavaScript writes it, and a strict way to read it. */
#ifndef HTTP_JSON_H
#define HTTP_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct json_object;

/*
 * What JSON.stringify(value, null, spaces) gives.  `escape` writes < > & as
 * \u escapes; `for_script` U+2028 and U+2029, which end lines in old scripts.
 */
void mvc__json_write(base_buf *out, struct json_object *value, unsigned spaces,
                     bool escape, bool for_script);

/*
 * What JSON.parse takes and nothing else; NULL with a message when it is
 * something else, nested deeper than max_depth, or memory is out.  *is_null
 * tells the value null from that.
 */
struct json_object *mvc__json_read(const char *text, size_t size,
                                   unsigned max_depth, bool *is_null,
                                   const char **message);

#endif
