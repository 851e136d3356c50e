/* project.h - `mvcgen build`, `start` and `test`, inside a project. */
#ifndef SCAFFOLD_PROJECT_H
#define SCAFFOLD_PROJECT_H

int command_build(int argc, char **argv);
int command_start(int argc, char **argv);
int command_test(int argc, char **argv);

#endif
