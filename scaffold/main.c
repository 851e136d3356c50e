/* main.c - the mvcgen program: finds the command and runs it. */
#include <signal.h>
#include <string.h>

#include <ejs.h>

#include "scaffold/commands.h"
#include "scaffold/new.h"
#include "scaffold/options.h"
#include "scaffold/project.h"

static int command_help(int argc, char **argv);
static int command_version(int argc, char **argv);

static const struct command {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"new", "make a project, or add a part to one", command_new},
    {"destroy", "take away what `new` added", command_destroy},
    {"build", "build the project", command_build},
    {"start", "build and run the project", command_start},
    {"test", "build the project and run its tests", command_test},
    {"render", "render a template", command_render},
    {"compile", "turn templates into C", command_compile},
    {"check", "find what is wrong with templates", command_check},
    {"dump", "show a template's tree or code", command_dump},
    {"help", "explain a command", command_help},
    {"version", "print the version", command_version},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static void overview(FILE *out)
{
    fputs("usage: mvcgen COMMAND [ARGUMENTS]\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].what);
    fputs("\n`mvcgen help COMMAND` tells more.\n", out);
}

static int command_help(int argc, char **argv)
{
    char help[] = "--help";
    if (argc < 2) {
        overview(stdout);
        return STATUS_DONE;
    }
    const struct command *command = find(argv[1]);
    if (!command)
        return usage_error("", "there is no command '%s'", argv[1]);
    if (command->run == command_new || command->run == command_destroy) {
        new_help(stdout);
        return STATUS_DONE;
    }
    if (command->run == command_render || command->run == command_compile ||
        command->run == command_check || command->run == command_dump) {
        char *words[] = {argv[1], help, NULL};
        return command->run(2, words);
    }
    printf("usage: mvcgen %s\n\nTo %s.\n", command->name, command->what);
    return STATUS_DONE;
}

static int command_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("mvcgen %s\n", EJS_VERSION);
    return STATUS_DONE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        overview(stderr);
        return STATUS_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
        name = "help";
    if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0)
        name = "version";
    const struct command *command = find(name);
    if (!command)
        return usage_error("", "there is no command '%s'", name);
    return command->run(argc - 1, argv + 1);
}
