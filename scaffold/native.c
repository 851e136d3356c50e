/*
 * native.c - templates as C, through the C compiler, into this program.
 *
 * A template's C text is its identity: its hash names the symbol, the file and
 * the shared object, so the same template is built once.
 */
#include "scaffold/native.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "scaffold/options.h"

enum { BATCH_BYTES = 1 << 20 }; /* of C in one file */

typedef struct built {
    char symbol[24];
    const ejs_unit *unit; /* NULL: not built (yet), or it cannot be */
    char *text;           /* C that is waiting to be built */
} built;

struct native {
    char folder[64];
    base_map units; /* symbol -> built */
    void **libraries;
    size_t n_libraries;
    unsigned n_files;
    bool is_collecting, has_failed;
};

/* life
 * ----------------------------------------------------------------------------
 */

native *native_new(void)
{
    native *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    const char *tmp = getenv("TMPDIR");
    snprintf(n->folder, sizeof n->folder, "%s/mvcgen-XXXXXX",
             tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    if (!mkdtemp(n->folder)) {
        free(n);
        return NULL;
    }
    return n;
}

static void remove_folder(const char *folder)
{
    size_t count;
    char **files = base_dir_list(folder, true, &count);
    for (size_t i = 0; files && i < count; i++) {
        char *path = base_path_join(folder, files[i]);
        if (path)
            unlink(path);
        free(path);
    }
    base_dir_list_free(files);
    rmdir(folder);
}

void native_free(native *n)
{
    size_t at = 0;
    const base_map_entry *entry;
    if (!n)
        return;
    while ((entry = base_map_next(&n->units, &at)) != NULL) {
        free(((built *)entry->value)->text);
        free(entry->value);
    }
    base_map_free(&n->units);
    for (size_t i = 0; i < n->n_libraries; i++)
        dlclose(n->libraries[i]);
    free(n->libraries);
    remove_folder(n->folder);
    free(n);
}

bool native_has_failed(const native *n)
{
    return n && n->has_failed;
}

/* the compiler
 * ------------------------------------------------------------------------ */

/* Where <ejs/runtime.h> is: beside the installed program, or in the source. */
static void include_folder(char *out, size_t size)
{
    char self[400];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    snprintf(out, size, "%s", MVCGEN_INCLUDE_DIR);
    if (n <= 0)
        return;
    self[n] = '\0';
    char *dir = base_path_dirname(self);
    char path[512];
    snprintf(path, sizeof path, "%s/../include/ejs/runtime.h", dir ? dir : ".");
    if (dir && base_file_exists(path))
        snprintf(out, size, "%s/../include", dir);
    free(dir);
}

static bool run_compiler(const char *source, const char *object)
{
    char include[512];
    const char *cc = getenv("CC");
    include_folder(include, sizeof include);
    const pid_t pid = fork();
    if (pid == 0) {
        execlp(cc && *cc ? cc : "cc", "cc", "-std=gnu11", "-O1", "-w",
               "-shared", "-fPIC", "-I", include, "-o", object, source, "-lm",
               (char *)NULL);
        _exit(127);
    }
    int status = 1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void *load_library(native *n, const char *text, size_t size)
{
    char source[120], object[120];
    snprintf(source, sizeof source, "%s/views%u.c", n->folder, n->n_files);
    snprintf(object, sizeof object, "%s/views%u.so", n->folder, n->n_files++);
    if (!base_file_write(source, text, size) || !run_compiler(source, object)) {
        failure("'%s' could not be compiled", source);
        n->has_failed = true;
        return NULL;
    }
    void *library = dlopen(object, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        failure("%s", dlerror());
        return NULL;
    }
    void **more = realloc(n->libraries, (n->n_libraries + 1) * sizeof *more);
    if (!more)
        return NULL;
    n->libraries = more;
    n->libraries[n->n_libraries++] = library;
    return library;
}

/* units
 * -----------------------------------------------------------------------------------
 */

static uint64_t hash(const char *text, size_t size)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)text[i]) * 1099511628211u;
    return h;
}

/* The C of a template; NULL when there is none. */
static char *emit(const ejs_template *tpl, const char *symbol, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    const bool done = ejs_emit_c(tpl, symbol, out, NULL);
    if (fclose(out) == 0 && done)
        return text;
    free(text);
    return NULL;
}

static void build(native *n, built **list, size_t count)
{
    base_buf text = {0};
    for (size_t i = 0; i < count; i++)
        base_buf_puts(&text, list[i]->text);
    void *library = text.failed ? NULL : load_library(n, text.data, text.size);
    base_buf_free(&text);
    for (size_t i = 0; i < count; i++) {
        free(list[i]->text);
        list[i]->text = NULL;
        if (library)
            list[i]->unit = dlsym(library, list[i]->symbol);
    }
}

static built *new_built(native *n, const char *symbol)
{
    built *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    snprintf(b->symbol, sizeof b->symbol, "%s", symbol);
    if (base_map_put(&n->units, b->symbol, strlen(b->symbol), b))
        return b;
    free(b);
    return NULL;
}

static const ejs_unit *native_unit(void *user, const ejs_template *tpl)
{
    native *n = user;
    size_t size;
    char symbol[24];
    char *text = emit(tpl, "u", &size);
    if (!text)
        return NULL;
    snprintf(symbol, sizeof symbol, "u_%016llx",
             (unsigned long long)hash(text, size));
    free(text);
    built *b = base_map_get(&n->units, symbol, strlen(symbol));
    if (!b && (b = new_built(n, symbol)) != NULL) {
        b->text = emit(tpl, symbol, &size);
        if (b->text && !n->is_collecting)
            build(n, &b, 1);
    }
    return b ? b->unit : NULL;
}

void native_use(native *n, ejs_engine *engine)
{
    ejs_engine_set_native(engine, native_unit, n);
}

void native_collect(native *n)
{
    n->is_collecting = true;
}

void native_build(native *n)
{
    size_t at = 0, count = 0, bytes = 0;
    const base_map_entry *entry;
    built **waiting = calloc(n->units.count + 1, sizeof *waiting);
    n->is_collecting = false;
    if (!waiting)
        return;
    while ((entry = base_map_next(&n->units, &at)) != NULL) {
        built *b = entry->value;
        if (!b->text)
            continue;
        bytes += strlen(b->text);
        waiting[count++] = b;
        if (bytes > BATCH_BYTES) {
            build(n, waiting, count);
            count = bytes = 0;
        }
    }
    if (count)
        build(n, waiting, count);
    free(waiting);
}
