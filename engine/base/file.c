/* file.c - reads and writes whole files, lists folders, works on paths. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* How deep base_dir_list goes before it takes the tree for a loop. */
#define MAX_DEPTH 64

/* --- reading ------------------------------------------------------------ */

/* Reads on until the end; false leaves the reason in errno. */
static bool read_all(int fd, size_t max, base_buf *buf)
{
    for (;;) {
        if (!base_buf_reserve(buf, 4096)) {
            errno = ENOMEM;
            return false;
        }
        const ssize_t n =
            read(fd, buf->data + buf->size, buf->capacity - buf->size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        buf->size += (size_t)n;
        if (max && buf->size > max) {
            errno = EFBIG;
            return false;
        }
    }
}

char *base_file_read_fd(int fd, size_t max, size_t *size)
{
    base_buf buf = {0};
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size > 0 && (!max || (size_t)status.st_size <= max))
        base_buf_reserve(&buf, (size_t)status.st_size + 4096);
    if (!read_all(fd, max, &buf)) {
        base_buf_free(&buf);
        return NULL;
    }
    char *data = base_buf_take(&buf, size);
    if (!data)
        errno = ENOMEM;
    return data;
}

static void close_quietly(int fd)
{
    const int reason = errno;
    close(fd);
    errno = reason;
}

/* Opens a regular file for reading; a FIFO must not make us wait. */
static int open_regular(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -1;
    struct stat status;
    if (fstat(fd, &status) == 0) {
        if (S_ISREG(status.st_mode))
            return fd;
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    }
    close_quietly(fd);
    return -1;
}

char *base_file_read(const char *path, size_t max, size_t *size)
{
    const int fd = open_regular(path);
    if (fd < 0)
        return NULL;
    char *data = base_file_read_fd(fd, max, size);
    close_quietly(fd);
    return data;
}

/* --- writing ------------------------------------------------------------ */

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

/*
 * Makes a file beside `path` to be renamed to it; *temporary names it.  Unlike
 * mkstemp, open() applies the umask, which cannot be read without changing it.
 */
static int open_beside(const char *path, char **temporary)
{
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        if (asprintf(temporary, "%s.%ld-%u.tmp", path, (long)getpid(),
                     attempt) < 0) {
            *temporary = NULL;
            errno = ENOMEM;
            return -1;
        }
        const int fd =
            open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        const int reason = errno;
        free(*temporary);
        *temporary = NULL;
        errno = reason;
        if (reason != EEXIST)
            return -1;
    }
    return -1;
}

bool base_file_write(const char *path, const void *data, size_t size)
{
    /* A link stays a link: what it leads to is replaced. */
    char *target = realpath(path, NULL);
    const char *name = target ? target : path;
    char *temporary = NULL;
    const int fd = open_beside(name, &temporary);
    bool done = fd >= 0;
    if (done) {
        struct stat old;
        done = write_all(fd, data, size) &&
               (stat(name, &old) != 0 || fchmod(fd, old.st_mode & 07777) == 0);
        done = (close(fd) == 0) && done;
        done = done && rename(temporary, name) == 0;
        const int reason = errno;
        if (!done)
            unlink(temporary);
        errno = reason;
    }
    free(temporary);
    free(target);
    return done;
}

/* --- folders ------------------------------------------------------------ */

bool base_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool base_dir_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool make_one(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return true;
    const int reason = errno;
    if (base_dir_exists(path))
        return true;
    errno = reason == EEXIST ? ENOTDIR : reason;
    return false;
}

bool base_dir_make(const char *path)
{
    char *copy = strdup(path);
    if (!copy)
        return false;
    bool done = true;
    for (char *slash = copy + 1; done && *copy && *slash; slash++) {
        if (*slash != '/')
            continue;
        *slash = '\0';
        done = make_one(copy);
        *slash = '/';
    }
    done = done && make_one(path);
    free(copy);
    return done;
}

typedef struct listing {
    const char *root;
    char **paths;
    size_t count, capacity;
    bool hidden;
} listing;

static bool add_path(listing *list, char *path)
{
    if (list->count + 1 >= list->capacity) {
        const size_t capacity = list->capacity * 2 + 16;
        char **paths = reallocarray(list->paths, capacity, sizeof *paths);
        if (!paths)
            return false;
        list->paths = paths;
        list->capacity = capacity;
    }
    list->paths[list->count++] = path;
    list->paths[list->count] = NULL;
    return true;
}

static bool list_below(listing *list, const char *folder, int depth);

/* Adds the file, or what the folder holds. */
static bool list_entry(listing *list, const char *folder, const char *name,
                       int depth)
{
    char *path = base_path_join(folder, name);
    char *full = path ? base_path_join(list->root, path) : NULL;
    struct stat status;
    bool done = full != NULL, kept = false;
    if (full && lstat(full, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            done = list_below(list, path, depth + 1);
        else if (base_file_exists(full))
            done = kept = add_path(list, path);
    }
    free(full);
    if (!kept)
        free(path);
    return done;
}

static bool list_below(listing *list, const char *folder, int depth)
{
    if (depth > MAX_DEPTH) {
        errno = ELOOP;
        return false;
    }
    char *full = base_path_join(list->root, folder);
    if (!full)
        return false;
    DIR *dir = opendir(full);
    free(full);
    if (!dir)
        return false;
    bool done = true;
    const struct dirent *entry;
    while (done && (entry = readdir(dir))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            (name[0] == '.' && !list->hidden))
            continue;
        done = list_entry(list, folder, name, depth);
    }
    const int reason = errno;
    closedir(dir);
    errno = reason;
    return done;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **base_dir_list(const char *path, bool hidden, size_t *count)
{
    listing list = {.root = path, .hidden = hidden};
    list.paths = calloc(1, sizeof *list.paths);
    if (!list.paths || !list_below(&list, "", 0)) {
        const int reason = errno;
        base_dir_list_free(list.paths);
        errno = reason;
        return NULL;
    }
    qsort(list.paths, list.count, sizeof *list.paths, by_bytes);
    if (count)
        *count = list.count;
    return list.paths;
}

void base_dir_list_free(char **list)
{
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

/* --- paths -------------------------------------------------------------- */

char *base_path_join(const char *dir, const char *name)
{
    if (name[0] == '/' || dir[0] == '\0')
        return strdup(name);
    if (name[0] == '\0')
        return strdup(dir);
    const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
    char *path;
    return asprintf(&path, "%s%s%s", dir, slash, name) < 0 ? NULL : path;
}

/* Whether the last part of out[0..size) is "..", which ".." cannot undo. */
static bool ends_in_parent(const char *out, size_t size)
{
    return size >= 2 && memcmp(out + size - 2, "..", 2) == 0 &&
           (size == 2 || out[size - 3] == '/');
}

char *base_path_normalise(const char *path)
{
    char *out = malloc(strlen(path) + 2);
    if (!out)
        return NULL;
    const size_t root = path[0] == '/';
    size_t size = root;
    if (root)
        out[0] = '/';
    while (*path) {
        const size_t n = strcspn(path, "/");
        const bool parent = n == 2 && memcmp(path, "..", 2) == 0;
        if (n == 0 || (n == 1 && path[0] == '.') ||
            (parent && root && size == 1)) {
            /* nothing to add, and nothing lies above the root */
        } else if (parent && size > root && !ends_in_parent(out, size)) {
            while (size > root && out[size - 1] != '/')
                size--;
            size -= size > root;
        } else {
            if (size > root)
                out[size++] = '/';
            memcpy(out + size, path, n);
            size += n;
        }
        path += n;
        path += *path == '/';
    }
    if (size == 0)
        out[size++] = '.';
    out[size] = '\0';
    return out;
}

char *base_path_dirname(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *base_path_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *base_path_extension(const char *path)
{
    const char *name = base_path_basename(path);
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? dot : name + strlen(name);
}

bool base_path_is_below(const char *root, const char *path)
{
    size_t n = strlen(root);
    if (n > 0 && root[n - 1] == '/')
        n--;
    return strncmp(root, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

char *base_path_absolute(const char *path)
{
    char *here = *path == '/' ? NULL : getcwd(NULL, 0);
    char *joined = base_path_join(here ? here : "", path);
    char *normal = joined ? base_path_normalise(joined) : NULL;
    free(here);
    free(joined);
    return normal;
}

char *base_path_confine(const char *root, const char *path)
{
    char *joined = base_path_join(root, path);
    if (!joined) {
        errno = ENOMEM;
        return NULL;
    }
    char *true_root = realpath(root, NULL);
    char *true_path = realpath(joined, NULL);
    if (true_root && true_path && !base_path_is_below(true_root, true_path)) {
        free(true_path);
        true_path = NULL;
        errno = EACCES;
    }
    const int reason = errno;
    if (!true_root) {
        free(true_path);
        true_path = NULL;
    }
    free(true_root);
    free(joined);
    errno = reason;
    return true_path;
}

int base_file_open_below(const char *root, const char *path)
{
    char *confined = base_path_confine(root, path);
    if (!confined)
        return -1;
    const int fd = open_regular(confined);
    const int reason = errno;
    free(confined);
    errno = reason;
    return fd;
}
