/*
 * static.c - files as responses: serve-static and res.sendFile.
 *
 * Paths are resolved below a folder by the kernel (RESOLVE_BENEATH), so neither
 * "..", nor a link, nor a race leads out of it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "http/etag.h"
#include "http/exchange.h"
#include "http/mime.h"
#include "http/target.h"

/* A file to be sent, found and open. */
typedef struct found {
    int fd;
    struct stat status;
    const char *path;     /* as asked for, with an extension added if it was */
    const char *encoding; /* of a precompressed sibling, or NULL */
} found;

/* opening -------------------------------------------------------------------
 */

/* For kernels without openat2: each part in turn, following no link. */
static int open_by_parts(int root, const char *path)
{
    int dir = dup(root);
    while (dir >= 0) {
        path += strspn(path, "/");
        const size_t size = strcspn(path, "/");
        char name[NAME_MAX + 1];
        const bool last = path[size + strspn(path + size, "/")] == '\0';
        int fd = -1;
        if (size > 0 && size <= NAME_MAX &&
            !(size == 2 && memcmp(path, "..", 2) == 0)) {
            memcpy(name, path, size);
            name[size] = '\0';
            fd = openat(dir, name,
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        } else {
            errno = ENOENT;
        }
        const int error = errno;
        close(dir);
        errno = error;
        if (last)
            return fd;
        dir = fd;
        path += size;
    }
    return -1;
}

static int open_below(int root, const char *path)
{
    const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                                 .resolve =
                                     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    path += strspn(path, "/");
    if (!*path)
        path = ".";
    const long fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd < 0 && errno == ENOSYS)
        return open_by_parts(root, path);
    return (int)fd;
}

/* `root` -1: the path is absolute, and the program's own. */
static bool open_file(int root, const char *path, found *f)
{
    f->fd = root >= 0 ? open_below(root, path)
                      : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0)
        return false;
    if (fstat(f->fd, &f->status) == 0 &&
        (S_ISREG(f->status.st_mode) || S_ISDIR(f->status.st_mode))) {
        f->path = path;
        return true;
    }
    close(f->fd);
    f->fd = -1;
    errno = ENOENT;
    return false;
}

static bool is_folder(const found *f)
{
    return S_ISDIR(f->status.st_mode);
}

/* Tries path.ext for each extension. */
static bool open_extended(mvc_req *req, int root, const char *path,
                          const mvc_static_options *o, found *f)
{
    for (const char *const *e = o->extensions; e && *e; e++) {
        const char *longer = base_arena_printf(&req->arena, "%s.%s", path, *e);
        if (!longer || !open_file(root, longer, f))
            continue;
        if (!is_folder(f))
            return true;
        close(f->fd);
    }
    return false;
}

/* A sibling "a.js.br" in place of "a.js", when the client takes it. */
static void open_compressed(mvc_req *req, mvc_res *res, int root, found *f)
{
    static const struct {
        const char *encoding, *suffix;
    } kinds[] = {{"br", ".br"}, {"gzip", ".gz"}};
    mvc_vary(res, "Accept-Encoding");
    for (size_t i = 0; i < 2; i++) {
        const char *const wanted[] = {kinds[i].encoding, NULL};
        if (!mvc_accepts_encodings(req, wanted))
            continue;
        found other;
        const char *path =
            base_arena_printf(&req->arena, "%s%s", f->path, kinds[i].suffix);
        if (!path || !open_file(root, path, &other))
            continue;
        if (is_folder(&other)) {
            close(other.fd);
            continue;
        }
        close(f->fd);
        other.path = f->path;
        other.encoding = kinds[i].encoding;
        *f = other;
        return;
    }
}

/* conditions ----------------------------------------------------------------
 */

static bool precondition_fails(mvc_req *req, mvc_res *res)
{
    const char *match = mvc_header(req, "If-Match");
    const char *etag = mvc_get_header(res, "ETag");
    if (match)
        return !etag || !mvc__etag_listed(match, etag, true);
    const char *since = mvc_header(req, "If-Unmodified-Since");
    const char *modified = mvc_get_header(res, "Last-Modified");
    const time_t limit = since ? mvc__date_parse(since) : -1;
    return limit != -1 && !(modified && mvc__date_parse(modified) <= limit);
}

static bool range_is_fresh(mvc_req *req, mvc_res *res)
{
    const char *condition = mvc_header(req, "If-Range");
    if (!condition || !*condition)
        return true;
    const char *etag = mvc_get_header(res, "ETag");
    if (strchr(condition, '"'))
        return etag && strstr(condition, etag) != NULL;
    const char *modified = mvc_get_header(res, "Last-Modified");
    const time_t then = mvc__date_parse(condition);
    return modified && then != -1 && mvc__date_parse(modified) <= then;
}

/* sending -------------------------------------------------------------------
 */

static void put_validators(mvc_res *res, const found *f,
                           const mvc_static_options *o)
{
    mvc_req *req = res->req;
    const bool weak = req->app->config.etag != MVC_ETAG_STRONG;
    if (!o->no_ranges && !mvc__res_header(res, "Accept-Ranges"))
        mvc__res_put(res, "Accept-Ranges", "bytes");
    if (!o->no_cache_control && !mvc__res_header(res, "Cache-Control")) {
        const double most = 365.0 * 24 * 3600;
        const double age = o->max_age > most ? most : o->max_age;
        const char *text = base_arena_printf(
            &req->arena, "public, max-age=%.0f%s", age > 0 ? age : 0,
            o->immutable ? ", immutable" : "");
        if (text)
            mvc__res_put(res, "Cache-Control", text);
    }
    char *date = base_arena_alloc(&req->arena, MVC__DATE_SIZE);
    if (date && !o->no_last_modified &&
        !mvc__res_header(res, "Last-Modified")) {
        mvc__date(date, f->status.st_mtime);
        mvc__res_put(res, "Last-Modified", date);
    }
    char *etag = base_arena_alloc(&req->arena, MVC__ETAG_SIZE);
    if (etag && !o->no_etag && !mvc__res_header(res, "ETag")) {
        mvc__etag_of_file(etag, (uint64_t)f->status.st_size, &f->status.st_mtim,
                          weak);
        mvc__res_put(res, "ETag", etag);
    }
}

static void put_type(mvc_res *res, const found *f)
{
    if (mvc__res_header(res, "Content-Type"))
        return;
    const char *type = mvc_mime_type(f->path);
    const char *base = strrchr(f->path, '/');
    if (!strchr(base ? base : f->path, '.') || !type)
        type = "application/octet-stream";
    if (mvc__is_text_type(type))
        type = base_arena_printf(&res->req->arena, "%s; charset=utf-8", type);
    if (type)
        mvc__res_put(res, "Content-Type", type);
}

static void refuse_range(mvc_res *res, uint64_t size)
{
    mvc__res_put(res, "Content-Range",
                 base_arena_printf(&res->req->arena, "bytes */%llu",
                                   (unsigned long long)size)
                     ?: "bytes */*");
    mvc__fail_code(res->req, 416, NULL, "Range Not Satisfiable");
}

/* The file is open: headers, conditions, ranges.  Takes over the descriptor. */
static void send_found(mvc_req *req, mvc_res *res, const found *f,
                       const mvc_static_options *o)
{
    const uint64_t size = (uint64_t)f->status.st_size;
    put_validators(res, f, o);
    put_type(res, f);
    if (f->encoding)
        mvc__res_put(res, "Content-Encoding", f->encoding);
    if (o->set_headers)
        o->set_headers(res, f->path);
    if (precondition_fails(req, res)) {
        close(f->fd);
        mvc__fail_code(req, 412, NULL, "Precondition Failed");
        return;
    }
    uint64_t offset = 0, length = size;
    const mvc_range *ranges = NULL;
    const int n = !o->no_ranges && range_is_fresh(req, res)
                      ? mvc_ranges(req, size, true, &ranges)
                      : 0;
    if (n == -1 && !mvc_is_fresh(req)) {
        close(f->fd);
        refuse_range(res, size);
        return;
    }
    if (n == 1 && !mvc_is_fresh(req)) {
        offset = ranges[0].start;
        length = ranges[0].end - ranges[0].start + 1;
        const char *text = base_arena_printf(
            &req->arena, "bytes %llu-%llu/%llu",
            (unsigned long long)ranges[0].start,
            (unsigned long long)ranges[0].end, (unsigned long long)size);
        if (text)
            mvc__res_put(res, "Content-Range", text);
        mvc_status(res, 206);
    }
    if (res->failed || res->answered) {
        close(f->fd);
        return;
    }
    res->kind = MVC_BODY_FILE;
    res->fd = f->fd;
    res->offset = offset;
    res->length = length;
    mvc__res_answer(res);
}

/* finding -------------------------------------------------------------------
 */

/* Parts of a path that are not plain names. */
typedef struct traits {
    bool climbs; /* above where it starts; or by a backslash, for others */
    bool has_dotfile;
} traits;

static bool is_dots(const char *part, size_t size)
{
    return size == 2 && part[0] == '.' && part[1] == '.';
}

static traits look_at(const char *path)
{
    traits t = {false, false};
    int depth = 0;
    for (const char *at = path; *at; at += *at == '/') {
        const size_t size = strcspn(at, "/");
        if (is_dots(at, size))
            t.climbs |= --depth < 0;
        else if (size > 0 && !(size == 1 && *at == '.'))
            depth++;
        if (size > 1 && *at == '.' && !is_dots(at, size))
            t.has_dotfile = true;
        for (const char *part = at; part < at + size; part++) {
            const size_t n = strcspn(part, "/\\");
            t.climbs |= n != size && is_dots(part, n);
            part += n;
        }
        at += size;
    }
    return t;
}

static void redirect_to_folder(mvc_req *req, mvc_res *res)
{
    const char *url = req->original_url;
    while (url[0] == '/' && url[1] == '/')
        url++;
    const size_t path_size = strcspn(url, "?");
    const char *to = base_arena_printf(&req->arena, "%.*s/%s", (int)path_size,
                                       url, url + path_size);
    const char *encoded = to ? mvc__encode_url(&req->arena, to) : NULL;
    const char *shown = encoded ? mvc__escape_html(&req->arena, encoded) : NULL;
    if (!shown) {
        mvc__fail_code(req, 500, NULL, "out of memory");
        return;
    }
    mvc_status(res, 301);
    mvc__res_put(res, "Content-Type", "text/html; charset=UTF-8");
    mvc__res_put(res, "Content-Security-Policy", "default-src 'none'");
    mvc__res_put(res, "X-Content-Type-Options", "nosniff");
    mvc__res_put(res, "Location", encoded);
    res->no_etag = true;
    mvc_sendf(res,
              "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
              "<meta charset=\"utf-8\">\n<title>Redirecting</title>\n</head>\n"
              "<body>\n<pre>Redirecting to %s</pre>\n</body>\n</html>\n",
              shown);
}

static bool open_index(mvc_req *req, int root, const char *folder,
                       const char *name, found *f)
{
    const char *path = base_arena_printf(&req->arena, "%s%s", folder, name);
    if (!path || !open_file(root, path, f))
        return false;
    if (!is_folder(f))
        return true;
    close(f->fd);
    return false;
}

static bool open_another_index(mvc_req *req, int root, const char *folder,
                               const mvc_static_options *o, found *f)
{
    for (const char *const *name = o->more_index; name && *name; name++)
        if (open_index(req, root, folder, *name, f))
            return true;
    return false;
}

/*
 * Finds what a decoded path means; 0, or the status that says why not.
 * MOVED: it is a folder, asked for without its last slash.
 */
enum { MOVED = 301 };

static int find(mvc_req *req, int root, const char *path,
                const mvc_static_options *o, found *f)
{
    const traits t = root >= 0 ? look_at(path) : (traits){false, false};
    if (t.climbs)
        return 403;
    if (o->dotfiles != MVC_DOTFILES_ALLOW && t.has_dotfile)
        return o->dotfiles == MVC_DOTFILES_DENY ? 403 : 404;
    const size_t size = strlen(path);
    const bool slash = size == 0 || path[size - 1] == '/';
    const char *index = o->index ? o->index : "index.html";
    if (slash && *index && (size > 0 || root >= 0))
        return open_index(req, root, path, index, f) ||
                       open_another_index(req, root, path, o, f)
                   ? 0
                   : 404;
    if (!open_file(root, path, f)) {
        const bool missing = errno == ENOENT;
        const char *base = strrchr(path, '/');
        const bool bare = !strchr(base ? base : path, '.');
        if (errno == EMFILE || errno == ENFILE)
            return 503;
        return missing && bare && !slash && open_extended(req, root, path, o, f)
                   ? 0
                   : 404;
    }
    if (is_folder(f)) {
        close(f->fd);
        return slash ? 404 : MOVED;
    }
    if (slash) {
        close(f->fd);
        return 404;
    }
    return 0;
}

/* serving a folder ----------------------------------------------------------
 */

typedef struct folder {
    char *path;
    int fd;
    mvc_static_options options;
    char *index;
    char **more_index, **extensions;
} folder;

static void free_list(char **list)
{
    for (char **one = list; one && *one; one++)
        free(*one);
    free(list);
}

static void free_folder(void *data)
{
    folder *d = data;
    if (d->fd >= 0)
        close(d->fd);
    free_list(d->more_index);
    free_list(d->extensions);
    free(d->index);
    free(d->path);
    free(d);
}

static int open_folder(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* 503: it may well be there, but the process has as many files as it may. */
static void fail_to_find(mvc_req *req, int status)
{
    mvc__fail_code(req, status, NULL, "%s",
                   status == 503 ? "too many open files" : mvc_reason(status));
}

/* No such file: an error, or somebody else's business. */
static void miss(mvc_req *req, mvc_res *res, const mvc_static_options *o,
                 int status)
{
    if (status < 500 && !o->no_fallthrough)
        mvc_next(req, res);
    else
        fail_to_find(req, status);
}

static bool is_readable(mvc_req *req, mvc_res *res, const mvc_static_options *o)
{
    if (req->method == MVC_GET || req->method == MVC_HEAD)
        return true;
    if (!o->no_fallthrough) {
        mvc_next(req, res);
        return false;
    }
    mvc_status(res, 405);
    mvc__res_put(res, "Allow", "GET, HEAD");
    mvc_end(res);
    return false;
}

/* The path below the mount, decoded; "" for the mount without its slash. */
static char *wanted(mvc_req *req)
{
    const char *path = req->path;
    const size_t size = strcspn(req->original_url, "?");
    if (strcmp(path, "/") == 0 && req->original_url[size - 1] != '/')
        path = "";
    return mvc__decode_component(&req->arena, path, strlen(path));
}

static void serve(mvc_req *req, mvc_res *res)
{
    const folder *d = mvc_data(req);
    const mvc_static_options *o = &d->options;
    if (!is_readable(req, res, o))
        return;
    const char *path = wanted(req);
    if (!path) {
        miss(req, res, o, 400);
        return;
    }
    /* A folder that was not there at the start may be there now. */
    const int root = d->fd >= 0 ? d->fd : open_folder(d->path);
    found f = {.fd = -1};
    const int status = root < 0        ? 404
                       : *path == '\0' ? MOVED
                                       : find(req, root, path, o, &f);
    if (status == 0 && o->precompressed)
        open_compressed(req, res, root, &f);
    if (root >= 0 && root != d->fd)
        close(root);
    if (status == 0)
        send_found(req, res, &f, o);
    else if (status == MOVED && !o->no_redirect)
        redirect_to_folder(req, res);
    else
        miss(req, res, o, status == MOVED ? 404 : status);
}

static char **copy_list(const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    char **copy = calloc(n + 1, sizeof *copy);
    for (size_t i = 0; copy && i < n; i++)
        copy[i] = strdup(list[i]);
    return copy;
}

void mvc_router_static(mvc_router *router, const char *path, const char *name,
                       const mvc_static_options *options)
{
    folder *d = calloc(1, sizeof *d);
    if (d) {
        if (options)
            d->options = *options;
        d->path = strdup(name);
        d->fd = open_folder(name);
        d->index = d->options.index ? strdup(d->options.index) : NULL;
        d->more_index = copy_list(d->options.more_index);
        d->extensions = copy_list(d->options.extensions);
        d->options.index = d->index;
        d->options.more_index = (const char *const *)d->more_index;
        d->options.extensions = (const char *const *)d->extensions;
    }
    if (!d || !d->path || !d->more_index || !d->extensions) {
        if (d)
            free_folder(d);
        router->out_of_memory = true;
        return;
    }
    mvc_router_use_with(router, path, serve, d, free_folder, "static");
}

void mvc_static(mvc_app *app, const char *path, const char *name,
                const mvc_static_options *options)
{
    mvc_router_static(app->root, path, name, options);
}

/* one file -------------------------------------------------------------------
 */

void mvc_send_file(mvc_res *res, const char *path,
                   const mvc_static_options *options)
{
    static const mvc_static_options none = {0};
    const mvc_static_options *o = options ? options : &none;
    mvc_req *req = res->req;
    if (res->answered || res->failed)
        return;
    if (!o->root && path[0] != '/') {
        mvc_fail(req, res, 500,
                 "path must be absolute or specify root to "
                 "mvc_send_file");
        return;
    }
    const int root = o->root ? open_folder(o->root) : -1;
    found f = {.fd = -1};
    const int status = o->root && root < 0 ? 404 : find(req, root, path, o, &f);
    if (status == 0 && o->precompressed)
        open_compressed(req, res, root, &f);
    if (root >= 0)
        close(root);
    if (status == 0)
        send_found(req, res, &f, o);
    else if (status == MOVED)
        mvc_next(req, res);
    else
        fail_to_find(req, status);
}

/* A file name as Content-Disposition has it (RFC 6266). */
void mvc_attachment(mvc_res *res, const char *filename)
{
    mvc_req *req = res->req;
    if (!filename) {
        mvc_set_header(res, "Content-Disposition", "attachment");
        return;
    }
    const char *slash = strrchr(filename, '/');
    const char *name = slash ? slash + 1 : filename;
    const char *type = strchr(name, '.') ? mvc_mime_type(name) : NULL;
    mvc_set_type(res, type ? type : "bin");
    bool is_token = *name != '\0', is_plain = true;
    base_buf fallback = {0}, encoded = {0};
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        const bool letter = (*c >= 'a' && *c <= 'z') ||
                            (*c >= 'A' && *c <= 'Z') ||
                            (*c >= '0' && *c <= '9');
        const bool plain = letter || strchr("!#$&+-.^_`|~", *c);
        is_token &= plain || strchr("%'*", *c);
        /* Some clients undo escapes in a plain name. */
        is_plain &= *c >= 0x20 && *c < 0x7F &&
                    !(*c == '%' && isxdigit(c[1]) && isxdigit(c[2]));
        if (*c == '"' || *c == '\\')
            base_buf_putc(&fallback, '\\');
        /* One '?' for a UTF-16 unit, as JavaScript counts. */
        if ((*c & 0xC0) != 0x80)
            base_buf_putc(&fallback, *c >= 0x20 && *c < 0x7F ? (char)*c : '?');
        if (*c >= 0xF0)
            base_buf_putc(&fallback, '?');
        if (plain)
            base_buf_putc(&encoded, (char)*c);
        else
            base_buf_printf(&encoded, "%%%02X", *c);
    }
    base_buf_putc(&fallback, '\0');
    base_buf_putc(&encoded, '\0');
    const char *text = NULL;
    if (!fallback.failed && !encoded.failed)
        text = base_arena_printf(&req->arena, "attachment; filename=%s%s%s%s%s",
                                 is_token ? "" : "\"", fallback.data,
                                 is_token ? "" : "\"",
                                 is_plain ? "" : "; filename*=UTF-8''",
                                 is_plain ? "" : encoded.data);
    base_buf_free(&fallback);
    base_buf_free(&encoded);
    if (text)
        mvc_set_header(res, "Content-Disposition", text);
    else
        mvc__fail_code(req, 500, NULL, "out of memory");
}

void mvc_download(mvc_res *res, const char *path, const char *name,
                  const mvc_static_options *options)
{
    const char *type = mvc_get_header(res, "Content-Type");
    mvc_attachment(res, name ? name : path);
    if (!type)
        mvc_remove_header(res, "Content-Type"); /* the file's own counts */
    mvc_send_file(res, path, options);
    if (res->failed)
        mvc_remove_header(res, "Content-Disposition");
}

/* files in the program
 * --------------------------------------------------------- */

typedef struct embedded {
    const mvc_embedded *files;
    mvc_static_options options;
} embedded;

static void serve_embedded(mvc_req *req, mvc_res *res)
{
    const embedded *e = mvc_data(req);
    const mvc_static_options *o = &e->options;
    if (!is_readable(req, res, o))
        return;
    const char *path = wanted(req);
    const char *index = o->index ? o->index : "index.html";
    if (path && *path && path[strlen(path) - 1] == '/')
        path = base_arena_printf(&req->arena, "%s%s", path, index);
    const mvc_embedded *file = path ? e->files : NULL;
    while (file && file->path && strcmp(file->path, path) != 0)
        file++;
    if (!file || !file->path) {
        miss(req, res, o, 404);
        return;
    }
    put_type(res, &(found){.path = file->path});
    if (!o->no_cache_control)
        mvc__res_put(res, "Cache-Control",
                     base_arena_printf(&req->arena, "public, max-age=%.0f%s",
                                       o->max_age,
                                       o->immutable ? ", immutable" : "")
                         ?: "no-cache");
    if (o->set_headers)
        o->set_headers(res, file->path);
    mvc_replace_bytes(res, (char *)(uintptr_t)file->data, file->size, NULL);
    mvc__res_answer(res);
}

void mvc_static_embedded(mvc_app *app, const char *path,
                         const mvc_embedded files[],
                         const mvc_static_options *options)
{
    embedded *e = calloc(1, sizeof *e);
    if (!e) {
        app->out_of_memory = true;
        return;
    }
    e->files = files;
    if (options)
        e->options = *options;
    mvc_router_use_with(app->root, path, serve_embedded, e, free,
                        "static_embedded");
}
