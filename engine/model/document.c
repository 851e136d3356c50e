/* document.c - ids, and reading and setting members of documents. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "model/db.h"
#include "model/format.h"
#include "model/time.h"
#include "model/value.h"

/* ids ---------------------------------------------------------------------- */

static struct {
    pthread_once_t once;
    unsigned char process[5]; /* drawn at first use, and by a forked child */
    atomic_uint counter;
    atomic_bool ready;
} ids = {.once = PTHREAD_ONCE_INIT};

static bool random_bytes(void *out, size_t size)
{
    ssize_t n;
    do
        n = getrandom(out, size, 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)size;
}

static void seed(void)
{
    unsigned start = 0;
    const bool ok = random_bytes(ids.process, sizeof ids.process) &&
                    random_bytes(&start, sizeof start);
    atomic_store(&ids.counter, start);
    atomic_store(&ids.ready, ok);
}

static void seed_first(void)
{
    seed();
    pthread_atfork(NULL, NULL, seed);
}

/* Seconds, five random bytes of the process, a counter: as ObjectId is made. */
bool mvc_object_id(char out[25])
{
    pthread_once(&ids.once, seed_first);
    if (!atomic_load(&ids.ready))
        return false;
    const unsigned now = (unsigned)time(NULL);
    const unsigned count = atomic_fetch_add(&ids.counter, 1) & 0xFFFFFF;
    snprintf(out, 25, "%08x%02x%02x%02x%02x%02x%06x", now, ids.process[0],
             ids.process[1], ids.process[2], ids.process[3], ids.process[4],
             count);
    return true;
}

bool mvc_uuid(char out[37])
{
    unsigned char b[16];
    if (!random_bytes(b, sizeof b))
        return false;
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
             b[11], b[12], b[13], b[14], b[15]);
    return true;
}

const char *mvc_id(mvc_doc *doc)
{
    return mvc_doc_text(doc, "id");
}

/* reading ------------------------------------------------------------------ */

/* Goes along the path without splitting it first: parts are short. */
mvc_doc *mvc_doc_at(mvc_doc *doc, const char *path)
{
    while (doc && *path) {
        char part[128];
        const size_t size = strcspn(path, ".");
        if (size >= sizeof part)
            return NULL;
        memcpy(part, path, size);
        part[size] = '\0';
        path += size + (path[size] == '.');
        const char *name = part;
        const mvc__path one = {.parts = &name, .n = 1};
        if (!mvc__path_get(doc, &one, &doc))
            return NULL;
    }
    return doc;
}

const char *mvc_doc_text(mvc_doc *doc, const char *path)
{
    json_object *value = mvc_doc_at(doc, path);
    return json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

int64_t mvc_doc_int(mvc_doc *doc, const char *path)
{
    int64_t whole;
    json_object *value = mvc_doc_at(doc, path);
    if (mvc__kind_of(value) != KIND_NUMBER)
        return 0;
    return mvc__whole(value, &whole) ? whole : json_object_get_int64(value);
}

double mvc_doc_real(mvc_doc *doc, const char *path)
{
    json_object *value = mvc_doc_at(doc, path);
    return mvc__kind_of(value) == KIND_NUMBER ? mvc__number(value) : 0;
}

bool mvc_doc_bool(mvc_doc *doc, const char *path)
{
    json_object *value = mvc_doc_at(doc, path);
    return json_object_is_type(value, json_type_boolean) &&
           json_object_get_boolean(value);
}

double mvc_doc_time(mvc_doc *doc, const char *path)
{
    json_object *value = mvc_doc_at(doc, path);
    double ms;
    if (json_object_is_type(value, json_type_string) &&
        mvc__time_parse(json_object_get_string(value), &ms))
        return ms;
    return mvc__kind_of(value) == KIND_NUMBER ? mvc__number(value) : NAN;
}

/* setting ------------------------------------------------------------------ */

bool mvc_doc_set(mvc_doc *doc, const char *name, mvc_doc *value)
{
    return mvc__set(doc, name, value);
}

/* For values that have just been made, where NULL means no memory. */
static bool set_made(mvc_doc *doc, const char *name, json_object *value)
{
    return value && mvc__set(doc, name, value);
}

bool mvc_doc_set_text(mvc_doc *doc, const char *name, const char *value)
{
    return value ? set_made(doc, name, json_object_new_string(value))
                 : mvc__set(doc, name, NULL);
}

bool mvc_doc_set_int(mvc_doc *doc, const char *name, int64_t value)
{
    return set_made(doc, name, json_object_new_int64(value));
}

bool mvc_doc_set_real(mvc_doc *doc, const char *name, double value)
{
    return set_made(doc, name, json_object_new_double(value));
}

bool mvc_doc_set_bool(mvc_doc *doc, const char *name, bool value)
{
    return set_made(doc, name, json_object_new_boolean(value));
}

bool mvc_doc_set_time(mvc_doc *doc, const char *name, double ms)
{
    if (!(fabs(ms) <= MVC__TIME_MAX))
        return mvc__set(doc, name, NULL);
    return set_made(doc, name, mvc__make_date(ms));
}

mvc_doc *mvc_make(mvc_db *db, const char *format, ...)
{
    mvc_error err;
    mvc__enter(&err, NULL);
    va_list args;
    va_start(args, format);
    const mvc__node *node = mvc__format_parse(db, format, args, &err);
    va_end(args);
    json_object *doc = NULL;
    if (node && node->kind != NODE_OBJECT)
        mvc__fail(&err, MVC_MISUSE, "a document must be an object: \"%s\"",
                  format);
    else if (node && !mvc__node_value(db, node, &doc, &err))
        doc = NULL;
    mvc__leave(db, &err);
    return doc;
}

bool mvc_is_changed(mvc_db *db, mvc_doc *doc, const char *path)
{
    return !db->before ||
           !mvc__equal(mvc_doc_at(db->before, path), mvc_doc_at(doc, path));
}
