/* multipart.c - a multipart/form-data reader that keeps little in memory. */
#include "http/multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "http/exchange.h"
#include "http/form.h"
#include "http/target.h"

enum { MAX_DELIMITER = 4 + 70, MAX_PART_HEADERS = 16 * 1024 };

typedef enum state {
    PREAMBLE, /* before the first boundary */
    BOUNDARY, /* right after one */
    HEADERS,
    DATA,
    EPILOGUE,
} state;

typedef struct stored {
    mvc_file file;
    base_buf bytes; /* in memory */
    bool is_closed, is_forgotten;
    struct stored *next;
} stored;

struct mvc__multipart {
    mvc_req *req;
    const mvc_upload *upload;
    mvc_upload limits; /* of `upload`, with the defaults filled in */
    char delimiter[MAX_DELIMITER + 1];
    size_t delimiter_size;
    size_t matched; /* bytes of the delimiter seen so far */
    state state;
    base_buf text; /* a part's headers, then a field's value */

    char *name; /* of the part at hand */
    stored *current;
    void *handle; /* of its storage */
    bool skipping;

    struct json_object *fields;
    size_t fields_left; /* bytes */
    unsigned n_parts, n_fields, n_files;
    stored *files, **tail;
    bool failed;
};

/* failing -------------------------------------------------------------------
 */

static void *file_open(mvc__multipart *m);
static bool file_write(mvc__multipart *m, const char *data, size_t size);
static void file_discard(mvc__multipart *m, stored *s);

static bool fail(mvc__multipart *m, int status, const char *code,
                 const char *message)
{
    if (m->failed)
        return false;
    m->failed = true;
    m->req->body_failure = (mvc_failure){.status = status,
                                         .message = message,
                                         .code = code,
                                         .expose = status < 500};
    for (stored *s = m->files; s; s = s->next)
        file_discard(m, s);
    return false;
}

static bool no_memory(mvc__multipart *m)
{
    return fail(m, 500, NULL, "out of memory");
}

/* For the log, as the client can do nothing about it: which folder, and why. */
static bool fail_to_store(mvc__multipart *m)
{
    const char *folder = m->upload->storage ? NULL : m->upload->folder;
    const char *reason = strerror(errno);
    const char *message =
        folder ? base_arena_printf(&m->req->arena,
                                   "cannot store an upload in %s: %s", folder,
                                   reason)
               : "cannot store an upload";
    return fail(m, 500, NULL, message ? message : reason);
}

/* storage -------------------------------------------------------------------
 */

static void *disk_open(const mvc_upload *upload, base_arena *arena,
                       mvc_file *file)
{
    unsigned char random[16];
    char name[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(name, sizeof name, random, sizeof random);
    char *path = base_arena_printf(arena, "%s/%s", upload->folder, name);
    if (!path)
        return NULL;
    const int fd =
        open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return NULL;
    file->path = path;
    file->filename = strrchr(path, '/') + 1;
    return (void *)((intptr_t)fd + 1); /* 0 is a descriptor, NULL none */
}

static int fd_of(void *handle)
{
    return (int)((intptr_t)handle - 1);
}

static bool disk_write(int fd, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static void *file_open(mvc__multipart *m)
{
    const mvc_upload *u = m->upload;
    if (u->storage)
        return u->storage->open(u->storage->data, m->req, &m->current->file);
    return u->folder ? disk_open(u, &m->req->arena, &m->current->file) : m;
}

static bool file_write(mvc__multipart *m, const char *data, size_t size)
{
    const mvc_upload *u = m->upload;
    if (u->storage)
        return u->storage->write(u->storage->data, m->handle, data, size);
    if (u->folder)
        return disk_write(fd_of(m->handle), data, size);
    base_buf_put(&m->current->bytes, data, size);
    return !m->current->bytes.failed;
}

static bool file_close(mvc__multipart *m, bool ok)
{
    const mvc_upload *u = m->upload;
    stored *s = m->current;
    void *handle = m->handle;
    m->handle = NULL;
    s->is_closed = true;
    if (u->storage)
        return u->storage->close(u->storage->data, handle, &s->file, ok);
    if (u->folder)
        return close(fd_of(handle)) == 0;
    base_buf_putc(&s->bytes, '\0');
    s->file.data = s->bytes.data;
    return !s->bytes.failed;
}

static void file_discard(mvc__multipart *m, stored *s)
{
    const mvc_upload *u = m->upload;
    if (s == m->current && m->handle) {
        file_close(m, false);
        m->current = NULL;
    }
    base_buf_free(&s->bytes);
    s->file.data = NULL;
    if (s->is_forgotten)
        return;
    s->is_forgotten = true;
    if (u->storage && u->storage->discard)
        u->storage->discard(u->storage->data, &s->file);
    else if (!u->storage && s->file.path)
        unlink(s->file.path);
}

/* part headers ----------------------------------------------------------------
 */

/* Copies a value, unquoted, to `out` unless that is NULL; where it ends. */
static const char *read_value(const char *value, char *out)
{
    size_t n = 0;
    if (*value != '"') {
        n = strcspn(value, "; \t");
        if (out)
            memcpy(out, value, n);
        value += n;
    } else {
        for (value++; *value && *value != '"'; value++) {
            if (*value == '\\' && (value[1] == '"' || value[1] == '\\'))
                value++;
            if (out)
                out[n++] = *value;
        }
    }
    if (out)
        out[n] = '\0';
    return value;
}

/* A parameter of Content-Disposition, unquoted; NULL when it is not there. */
static char *parameter(mvc__multipart *m, const char *line, const char *name)
{
    const size_t name_size = strlen(name);
    const char *at = strchr(line, ';');
    while (at) {
        at++;
        at += strspn(at, " \t");
        const bool found =
            strncasecmp(at, name, name_size) == 0 && at[name_size] == '=';
        const char *value = strpbrk(at, "=;");
        if (!value || *value == ';') {
            at = value;
            continue;
        }
        value++;
        if (found) {
            char *out = base_arena_alloc(&m->req->arena, strlen(value) + 1);
            if (out)
                read_value(value, out);
            return out;
        }
        at = strchr(read_value(value, NULL), ';');
    }
    return NULL;
}

/* RFC 5987: utf-8''percent-encoded */
static char *extended_parameter(mvc__multipart *m, const char *line,
                                const char *name)
{
    const char *value = parameter(m, line, name);
    if (!value || strncasecmp(value, "utf-8'", 6) != 0)
        return NULL;
    value = strchr(value + 6, '\'');
    return value ? mvc__decode_component(&m->req->arena, value + 1,
                                         strlen(value + 1))
                 : NULL;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069 turn text around, so that
 * "gpj.exe" may look like "exe.jpg". */
static bool turns_around(const char *c)
{
    const unsigned char *u = (const unsigned char *)c;
    return u[0] == 0xE2 &&
           ((u[1] == 0x80 && (u[2] == 0x8E || u[2] == 0x8F ||
                              (u[2] >= 0xAA && u[2] <= 0xAE))) ||
            (u[1] == 0x81 && u[2] >= 0xA6 && u[2] <= 0xA9));
}

/* The last part of what may be a path on somebody's disk, made printable. */
static const char *safe_name(mvc__multipart *m, const char *name)
{
    const char *base = name;
    for (const char *c = name; *c; c++)
        if (*c == '/' || *c == '\\')
            base = c + 1;
    if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        base = "";
    base_buf repaired = {0};
    base_utf8_repair(&repaired, base, strlen(base));
    char *copy = repaired.failed ? NULL
                                 : base_arena_dup(&m->req->arena, repaired.data,
                                                  repaired.size);
    base_buf_free(&repaired);
    for (char *c = copy; c && *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '_';
        else if (turns_around(c))
            memset(c, '_', 3);
    }
    return copy;
}

typedef struct part {
    char *disposition, *type, *encoding;
} part;

/* Lines of "Name: value"; the text is cut up in place. */
static bool read_headers(mvc__multipart *m, char *text, part *p)
{
    unsigned pairs = 0;
    for (char *line = text; *line;) {
        char *end = strstr(line, "\r\n");
        if (!end || end == line)
            break; /* the blank line after the headers */
        *end = '\0';
        char *colon = strchr(line, ':');
        if (!colon || colon == line)
            return fail(m, 400, NULL, "Malformed part header");
        if (++pairs > m->limits.max_header_pairs)
            return fail(m, 400, "LIMIT_HEADER_PAIRS", "Too many header pairs");
        *colon = '\0';
        char *value = colon + 1 + strspn(colon + 1, " \t");
        if (strcasecmp(line, "Content-Disposition") == 0)
            p->disposition = value;
        else if (strcasecmp(line, "Content-Type") == 0)
            p->type = value;
        else if (strcasecmp(line, "Content-Transfer-Encoding") == 0)
            p->encoding = value;
        line = end + 2;
    }
    return true;
}

static const mvc_upload_field *find_field(const mvc_upload *u, const char *name)
{
    for (const mvc_upload_field *f = u->fields; f && f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static bool is_expected(const mvc__multipart *m, const char *name)
{
    const mvc_upload *u = m->upload;
    if (!u)
        return false;
    if (u->any)
        return true;
    const mvc_upload_field *f = find_field(u, name);
    unsigned seen = 0;
    for (const stored *s = m->files; s; s = s->next)
        seen += strcmp(s->file.field, name) == 0;
    return f && (f->max == 0 || seen < f->max);
}

/* What somebody who was asked has failed: it fails the body, and so the route,
 * not what comes before that. */
static bool fail_as_told(mvc__multipart *m)
{
    mvc_res *res = m->req->res;
    res->failed = false;
    m->req->action = MVC__NOTHING;
    return fail(m, res->failure.status, res->failure.code,
                res->failure.message);
}

static bool are_files_allowed(mvc__multipart *m)
{
    mvc_req *req = m->req;
    if (m->n_files > 0 || !req->allow_files || req->allow_files(req, m->fields))
        return true;
    if (req->res->failed)
        return fail_as_told(m);
    return fail(m, 403, NULL, "Files are not allowed");
}

static bool begin_file(mvc__multipart *m, const part *p, const char *filename)
{
    base_arena *arena = &m->req->arena;
    if (!*filename) {
        m->skipping = true; /* a file input left empty */
        return true;
    }
    if (!is_expected(m, m->name))
        return fail(m, 400, "LIMIT_UNEXPECTED_FILE", "Unexpected file field");
    if (!are_files_allowed(m))
        return false;
    if (++m->n_files > m->limits.max_files)
        return fail(m, 400, "LIMIT_FILE_COUNT", "Too many files");
    stored *s = base_arena_zalloc(arena, 1, sizeof *s);
    const char *type = p->type ? p->type : "text/plain";
    const char *encoding = p->encoding ? p->encoding : "7bit";
    if (!s)
        return no_memory(m);
    s->file = (mvc_file){
        .field = m->name,
        .name = safe_name(m, filename),
        .type = base_arena_dup(arena, type, strcspn(type, " \t;")),
        .encoding = base_arena_dup(arena, encoding, strlen(encoding))};
    if (!s->file.name || !s->file.type || !s->file.encoding)
        return no_memory(m);
    if (m->upload->filter && !m->upload->filter(m->req, &s->file)) {
        m->skipping = true;
        return m->req->res->failed ? fail_as_told(m) : true;
    }
    m->current = s;
    m->handle = file_open(m);
    if (!m->handle)
        return fail_to_store(m);
    *m->tail = s;
    m->tail = &s->next;
    return true;
}

static bool begin_part(mvc__multipart *m)
{
    part p = {0};
    m->skipping = false;
    m->current = NULL;
    base_buf_putc(&m->text, '\0');
    if (m->text.failed)
        return no_memory(m);
    if (strlen(m->text.data) != m->text.size - 1)
        return fail(m, 400, NULL, "Malformed part header");
    if (!read_headers(m, m->text.data, &p))
        return false;
    if (!p.disposition || strncasecmp(p.disposition, "form-data", 9) != 0) {
        m->skipping = true;
        base_buf_clear(&m->text);
        return true;
    }
    if (++m->n_parts > m->limits.max_parts)
        return fail(m, 400, "LIMIT_PART_COUNT", "Too many parts");
    m->name = parameter(m, p.disposition, "name");
    if (!m->name || !*m->name)
        return fail(m, 400, "MISSING_FIELD_NAME", "Field name missing");
    if (strlen(m->name) > m->limits.max_field_name)
        return fail(m, 400, "LIMIT_FIELD_KEY", "Field name too long");
    const char *filename = extended_parameter(m, p.disposition, "filename*");
    if (!filename)
        filename = parameter(m, p.disposition, "filename");
    bool ok = true;
    if (filename)
        ok = begin_file(m, &p, filename);
    else if (++m->n_fields > m->limits.max_fields)
        ok = fail(m, 400, "LIMIT_FIELD_COUNT", "Too many fields");
    base_buf_clear(&m->text);
    return ok;
}

/* part data
 * -------------------------------------------------------------------- */

static bool part_data(mvc__multipart *m, const char *data, size_t size)
{
    if (m->skipping || size == 0)
        return true;
    if (!m->current) {
        if (size > m->limits.max_field_size - m->text.size ||
            size > m->fields_left)
            return fail(m, 413, "LIMIT_FIELD_VALUE", "Field value too long");
        m->fields_left -= size;
        base_buf_put(&m->text, data, size);
        return m->text.failed ? no_memory(m) : true;
    }
    m->current->file.size += size;
    if (m->current->file.size > m->limits.max_file_size)
        return fail(m, 413, "LIMIT_FILE_SIZE", "File too large");
    if (!file_write(m, data, size))
        return fail_to_store(m);
    return true;
}

/* Whether a name like a[b][7] has a larger index. */
static bool exceeds_index(const char *name, unsigned limit)
{
    for (const char *at = strchr(name, '['); at; at = strchr(at + 1, '[')) {
        const size_t digits = strspn(at + 1, "0123456789");
        if (at != name && digits > 0 && at[1 + digits] == ']' &&
            (digits > 9 || strtoul(at + 1, NULL, 10) > limit))
            return true;
    }
    return false;
}

static bool add_field(mvc__multipart *m)
{
    const unsigned most = m->limits.max_array_index;
    const mvc__form_options options = {.nested = true,
                                       .depth = m->limits.max_nesting,
                                       .strict_depth = true,
                                       .array_limit = 100};
    base_buf text = {0};
    if (most && exceeds_index(m->name, most))
        return fail(m, 400, "LIMIT_FIELD_ARRAY_INDEX",
                    "Field name array index too large");
    base_utf8_repair(&text, m->text.data, m->text.size);
    struct json_object *value =
        text.failed ? NULL
                    : json_object_new_string_len(text.data ? text.data : "",
                                                 (int)text.size);
    base_buf_free(&text);
    base_buf_clear(&m->text);
    if (!value)
        return no_memory(m);
    switch (
        mvc__form_add(m->fields, m->name, value, &options, &m->req->arena)) {
    case MVC__FORM_OK:
        return true;
    case MVC__FORM_TOO_DEEP:
        return fail(m, 400, "LIMIT_FIELD_NESTING",
                    "Field name nesting too deep");
    default:
        return no_memory(m);
    }
}

static bool end_part(mvc__multipart *m)
{
    if (m->state != DATA || m->skipping)
        return true;
    if (!m->current)
        return add_field(m);
    if (!file_close(m, true))
        return fail_to_store(m);
    m->current = NULL;
    return true;
}

/* the machine
 * --------------------------------------------------------------------- */

/*
 * Copies data up to the next delimiter.  Its first byte, a carriage return, is
 * nowhere else in it, so a failed match never has to be looked at again.
 */
static const char *scan(mvc__multipart *m, const char *at, const char *end)
{
    while (at < end) {
        if (m->matched == 0) {
            const char *cr = memchr(at, '\r', (size_t)(end - at));
            const char *stop = cr ? cr : end;
            if (m->state == DATA && !part_data(m, at, (size_t)(stop - at)))
                return NULL;
            at = stop;
            if (!cr)
                return at;
        }
        while (at < end && m->matched < m->delimiter_size &&
               *at == m->delimiter[m->matched]) {
            m->matched++;
            at++;
        }
        if (m->matched == m->delimiter_size) {
            m->matched = 0;
            if (!end_part(m))
                return NULL;
            m->state = BOUNDARY;
            base_buf_clear(&m->text);
            return at;
        }
        if (at < end) {
            const size_t matched = m->matched;
            m->matched = 0;
            if (m->state == DATA && !part_data(m, m->delimiter, matched))
                return NULL;
        }
    }
    return at;
}

/* After a boundary: "--" ends the form, a line's end begins a part. */
static bool after_boundary(mvc__multipart *m, char c)
{
    base_buf_putc(&m->text, c);
    const size_t n = m->text.size;
    if (m->text.failed)
        return no_memory(m);
    if (n == 2 && memcmp(m->text.data, "--", 2) == 0) {
        m->state = EPILOGUE;
        return true;
    }
    if (c == '\n' && n >= 2 && m->text.data[n - 2] == '\r') {
        base_buf_clear(&m->text);
        m->state = HEADERS;
        return true;
    }
    const bool fine =
        c == '\r' || c == ' ' || c == '\t' || (c == '-' && n == 1);
    return fine && n < 64 ? true
                          : fail(m, 400, NULL, "Malformed multipart boundary");
}

static bool header_byte(mvc__multipart *m, char c)
{
    base_buf_putc(&m->text, c);
    const size_t n = m->text.size;
    if (m->text.failed)
        return no_memory(m);
    if (n > MAX_PART_HEADERS)
        return fail(m, 400, NULL, "Malformed part header");
    const char *end = m->text.data + n;
    if (c != '\n' || !((n == 2 && end[-2] == '\r') ||
                       (n >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0)))
        return true;
    if (!begin_part(m))
        return false;
    m->state = DATA;
    m->matched = 0;
    return true;
}

bool mvc__multipart_feed(mvc__multipart *m, const char *data, size_t size)
{
    const char *at = data, *end = data + size;
    while (at && at < end && !m->failed) {
        if (m->state == EPILOGUE)
            return true;
        if (m->state == BOUNDARY)
            after_boundary(m, *at++);
        else if (m->state == HEADERS)
            header_byte(m, *at++);
        else
            at = scan(m, at, end);
    }
    return !m->failed;
}

bool mvc__multipart_end(mvc__multipart *m)
{
    if (m->failed)
        return false;
    if (m->state != EPILOGUE)
        return fail(m, 400, NULL, "Unexpected end of form");
    mvc__form_compact(m->fields);
    return true;
}

/* making and freeing
 * ---------------------------------------------------------------- */

static void fill_in(mvc_upload *u, const mvc_upload *given)
{
    if (given)
        *u = *given;
    const uint64_t file_size =
        u->folder || u->storage ? UINT64_C(1) << 30 : UINT64_C(16) << 20;
    u->max_field_name = u->max_field_name ? u->max_field_name : 100;
    u->max_field_size = u->max_field_size ? u->max_field_size : 1 << 20;
    u->max_file_size = u->max_file_size ? u->max_file_size : file_size;
    u->max_fields = u->max_fields ? u->max_fields : 1000;
    u->max_files = u->max_files ? u->max_files : 100;
    u->max_parts = u->max_parts ? u->max_parts : 1100;
    u->max_header_pairs = u->max_header_pairs ? u->max_header_pairs : 2000;
    u->max_nesting = u->max_nesting ? u->max_nesting : 32;
}

mvc__multipart *mvc__multipart_new(mvc_req *req, const char *boundary,
                                   size_t boundary_size,
                                   const mvc_upload *upload,
                                   size_t max_fields_size)
{
    mvc__multipart *m = base_arena_zalloc(&req->arena, 1, sizeof *m);
    if (!m || boundary_size > MAX_DELIMITER - 4)
        return NULL;
    m->fields = json_object_new_object();
    if (!m->fields)
        return NULL;
    m->req = req;
    m->upload = upload;
    fill_in(&m->limits, upload);
    m->fields_left = max_fields_size;
    m->tail = &m->files;
    m->delimiter_size = (size_t)sprintf(m->delimiter, "\r\n--%.*s",
                                        (int)boundary_size, boundary);
    m->matched = 2; /* as if a line had just ended before the body */
    return m;
}

void mvc__multipart_free(mvc__multipart *m)
{
    const bool keep =
        m->upload && m->upload->keep && !m->failed && m->state == EPILOGUE;
    for (stored *s = m->files; s; s = s->next) {
        s->is_forgotten |= keep;
        file_discard(m, s);
    }
    base_buf_free(&m->text);
    json_object_put(m->fields);
}

struct json_object *mvc__multipart_fields(mvc__multipart *m)
{
    return m->fields;
}

size_t mvc__multipart_count(const mvc__multipart *m)
{
    size_t n = 0;
    for (const stored *s = m->files; s && !m->failed; s = s->next)
        n++;
    return n;
}

const mvc_file *mvc__multipart_file(const mvc__multipart *m, size_t i)
{
    const stored *s = m->files;
    while (i-- > 0)
        s = s->next;
    return &s->file;
}

static bool put_file(const char *path, const char *data, size_t size)
{
    const int fd =
        open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    const bool ok = disk_write(fd, data, size);
    if (close(fd) == 0 && ok)
        return true;
    unlink(path);
    return false;
}

/* To another disk, where a file cannot just be renamed. */
static bool copy_file(const char *from, const char *to)
{
    char block[64 * 1024];
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out =
        open(to, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t n = -1;
    while (in >= 0 && out >= 0 && (n = read(in, block, sizeof block)) > 0)
        if (!disk_write(out, block, (size_t)n))
            break;
    if (in >= 0)
        close(in);
    if (out >= 0 && (close(out) != 0 || n != 0))
        unlink(to);
    return n == 0;
}

static bool move_file(const mvc_file *file, const char *path)
{
    if (!file->path)
        return file->data && put_file(path, file->data, file->size);
    if (rename(file->path, path) == 0)
        return true;
    if (errno != EXDEV || !copy_file(file->path, path))
        return false;
    unlink(file->path);
    return true;
}

bool mvc_keep_file(mvc_req *req, const mvc_file *file, const char *path)
{
    stored *s = req->multipart ? req->multipart->files : NULL;
    while (s && &s->file != file)
        s = s->next;
    if (!s || s->is_forgotten || !move_file(file, path))
        return false;
    s->is_forgotten |= file->path != NULL;
    return true;
}
