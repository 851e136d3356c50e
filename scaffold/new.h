/* new.h - `mvcgen new` and `mvcgen destroy`. */
#ifndef SCAFFOLD_NEW_H
#define SCAFFOLD_NEW_H

#include <stdio.h>

/* argv[0] is the command's name; the result is the exit status. */
int command_new(int argc, char **argv);
int command_destroy(int argc, char **argv);
void new_help(FILE *out);

#endif
