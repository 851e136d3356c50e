/* project.c - `mvcgen build`, `start` and `test`, inside a project. */
#include "scaffold/project.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { DONE = 0, FAILED = 1, USAGE = 2 };

/* Runs a program and waits; its exit status, or FAILED after saying why. */
static int run(const char *const argv[])
{
    const pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], (char *const *)argv); /* it does not write to them */
        fprintf(stderr, "mvcgen: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        fprintf(stderr, "mvcgen: %s: %s\n", argv[0], strerror(errno));
        return FAILED;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? DONE : FAILED;
}

static int no_arguments(int argc, char **argv)
{
    if (argc <= 1)
        return DONE;
    fprintf(stderr, "mvcgen: unexpected argument '%s' of %s\n", argv[1],
            argv[0]);
    return USAGE;
}

/* The project's name, which its program has too; the caller frees it. */
static char *project_name(void)
{
    size_t size;
    char *text = base_file_exists("mvcgen.json")
                     ? base_file_read("mvcgen.json", 1 << 20, &size)
                     : NULL;
    if (!text) {
        fprintf(stderr, "mvcgen: there is no mvcgen.json here; expected the "
                        "folder of a project\n");
        return NULL;
    }
    json_object *manifest = json_tokener_parse(text), *value;
    char *name = NULL;
    if (manifest && json_object_object_get_ex(manifest, "name", &value) &&
        json_object_is_type(value, json_type_string))
        name = strdup(json_object_get_string(value));
    else
        fprintf(stderr, "mvcgen: mvcgen.json: expected a \"name\"\n");
    json_object_put(manifest);
    free(text);
    return name;
}

/*
 * Where CMake finds the package: beside this program, be it installed in
 * PREFIX/bin or just built in BUILD/scaffold.
 */
static bool package_option(char *out, size_t size)
{
    char program[1000];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n < 0)
        return false;
    program[n] = '\0';
    *strrchr(program, '/') = '\0';
    char config[1100];
    snprintf(config, sizeof config, "%s/mvcgenConfig.cmake", program);
    if (base_file_exists(config)) {
        snprintf(out, size, "-Dmvcgen_DIR=%s", program);
        return true;
    }
    *strrchr(program, '/') = '\0';
    snprintf(out, size, "-DCMAKE_PREFIX_PATH=%s", program);
    return true;
}

/* Ninja where it is installed: it is quicker, and make may not be there. */
static void prefer_ninja(void)
{
    if (!getenv("CMAKE_GENERATOR") &&
        system("command -v ninja >/dev/null 2>&1") == 0)
        setenv("CMAKE_GENERATOR", "Ninja", 0);
}

static int build(void)
{
    char package[1200];
    if (!base_file_exists("build/CMakeCache.txt")) {
        prefer_ninja();
        const char *configure[] = {"cmake", "-S",    ".", "-B",
                                   "build", package, NULL};
        if (!package_option(package, sizeof package))
            configure[5] = NULL;
        if (run(configure) != DONE)
            return FAILED;
    }
    const char *const compile[] = {"cmake", "--build", "build", NULL};
    return run(compile);
}

int command_build(int argc, char **argv)
{
    const int status = no_arguments(argc, argv);
    if (status != DONE)
        return status;
    char *name = project_name();
    free(name);
    return name ? build() : FAILED;
}

int command_start(int argc, char **argv)
{
    const int status = no_arguments(argc, argv);
    if (status != DONE)
        return status;
    char *name = project_name();
    if (!name || build() != DONE) {
        free(name);
        return FAILED;
    }
    char program[300];
    snprintf(program, sizeof program, "build/%s", name);
    free(name);
    execl(program, program, (char *)NULL);
    fprintf(stderr, "mvcgen: %s: %s\n", program, strerror(errno));
    return FAILED;
}

int command_test(int argc, char **argv)
{
    const int status = no_arguments(argc, argv);
    if (status != DONE)
        return status;
    char *name = project_name();
    free(name);
    if (!name || build() != DONE)
        return FAILED;
    const char *const ctest[] = {"ctest", "--test-dir", "build",
                                 "--output-on-failure", NULL};
    return run(ctest);
}
