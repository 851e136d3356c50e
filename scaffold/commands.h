/* commands.h - the commands that work on templates. */
#ifndef SCAFFOLD_COMMANDS_H
#define SCAFFOLD_COMMANDS_H

#include <stdio.h>

/* argv[0] is the command's name; the result is the exit status. */
int command_render(int argc, char **argv);
int command_compile(int argc, char **argv);
int command_check(int argc, char **argv);
int command_dump(int argc, char **argv);

void render_help(FILE *out);

enum { STATUS_DONE, STATUS_FAILED, STATUS_USAGE };

#endif
