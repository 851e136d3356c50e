/* mime.h - media types; mvc_mime_type() and mvc_reason() are public. */
#ifndef HTTP_MIME_H
#define HTTP_MIME_H

#include <stdbool.h>

/* Whether a charset belongs to the type. */
bool mvc__is_text_type(const char *type);

#endif
