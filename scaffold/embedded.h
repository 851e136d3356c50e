/* embedded.h - the skeletons in templates/, carried inside the program. */
#ifndef SCAFFOLD_EMBEDDED_H
#define SCAFFOLD_EMBEDDED_H

#include <stddef.h>

typedef struct embedded_file {
    const char *path; /* below templates/: "project/main.c.ejs" */
    const unsigned char *data;
    size_t size;
} embedded_file;

extern const embedded_file skeletons[]; /* ended by {0} */

#endif
