/* mapping.h - one stretch of generated text and the source it came from. */
#ifndef EJS_SYNTAX_MAPPING_H
#define EJS_SYNTAX_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

/* Reaches to the next one's text offset. */
typedef struct ejs__mapping {
    uint32_t text, source;
    bool is_verbatim; /* byte for byte; else all of it is from one place */
} ejs__mapping;

#endif
