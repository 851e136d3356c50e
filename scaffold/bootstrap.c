/* bootstrap.c - `mvcgen compile` alone: it compiles the views of libmvc, which
 * the whole program would have to be built after. */
#include "scaffold/commands.h"

int main(int argc, char **argv)
{
    return command_compile(argc - 1, argv + 1);
}
