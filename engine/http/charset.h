/* charset.h - bodies that are not in UTF-8. */
#ifndef HTTP_CHARSET_H
#define HTTP_CHARSET_H

#include "base/buf.h"

typedef enum mvc__charset {
    MVC__CHARSET_DECODED,
    MVC__CHARSET_UNKNOWN,
    MVC__CHARSET_NO_MEMORY,
} mvc__charset;

/*
 * Makes UTF-8 of text in the charset of this name, in any case.  What is
 * malformed becomes U+FFFD, and a byte order mark goes, as with iconv-lite.
 */
mvc__charset mvc__charset_decode(base_buf *text, const char *name);

#endif
