/*
 * file.h - files, folders and paths.
 *
 * Functions that fail leave the reason in errno.  Returned strings are
 * malloc'd and the caller frees them; NULL is out of memory or the failure
 * named.  Paths use '/'.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The whole regular file, with a NUL after the *size bytes.  `max` is the most
 * bytes to read, 0 for no limit; a longer file fails with EFBIG.
 */
char *base_file_read(const char *path, size_t max, size_t *size);

/* The same from an open descriptor, which may be a pipe; it stays open. */
char *base_file_read_fd(int fd, size_t max, size_t *size);

/*
 * Replaces the file at once: readers see the old or the new bytes, never a
 * part.  An existing file keeps its permissions, a new one gets 0666 & ~umask.
 */
bool base_file_write(const char *path, const void *data, size_t size);

bool base_file_exists(const char *path);
bool base_dir_exists(const char *path);

/* Makes the folder and those above it; one that is there is no failure. */
bool base_dir_make(const char *path);

/*
 * All regular files below the folder, as paths relative to it, sorted by bytes
 * and ended by NULL.  Links to files are listed, links to folders not followed.
 * With `hidden` false, names that begin with a dot are left out.
 */
char **base_dir_list(const char *path, bool hidden, size_t *count);
void base_dir_list_free(char **list);

/* `name` below `dir`; `name` itself when it is absolute or `dir` is "". */
char *base_path_join(const char *dir, const char *name);

/* Resolves "." and ".." and doubled slashes in the text alone; never "". */
char *base_path_normalise(const char *path);

/* What stands before the last slash; "." when there is none, "/" for "/x". */
char *base_path_dirname(const char *path);

/* Where the last part begins, and where its extension (".ejs") does; the
 * extension is "" when there is none.  Both point into `path`. */
const char *base_path_basename(const char *path);
const char *base_path_extension(const char *path);

/* The same path from the root, normalised; NULL: no memory. */
char *base_path_absolute(const char *path);

/* Whether normalised `path` is `root` or lies below it, in the text alone. */
bool base_path_is_below(const char *root, const char *path);

/*
 * The true path, free of links, of `path` (relative to `root` unless absolute),
 * if that lies below `root`'s; otherwise NULL with EACCES (ENOMEM: not known).
 */
char *base_path_confine(const char *root, const char *path);

/* Opens a regular file for reading if base_path_confine allows it; or -1. */
int base_file_open_below(const char *root, const char *path);

#endif
