/* compression.c - gzip for the clients that take it. */
#include <mvc/middleware.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { THRESHOLD = 1024, LEVEL = 6, GZIP_WINDOW = 15 + 16, CHUNK = 16384 };

static const mvc_compression_options defaults;

static bool is_compressible(const mvc_res *res)
{
    static const char *const starts[] = {"text/", "application/json",
                                         "application/javascript",
                                         "application/xml", "image/svg+xml"};
    const char *type = mvc_get_header(res, "Content-Type");
    if (!type || strncmp(type, "text/event-stream", 17) == 0)
        return false;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncmp(type, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return strstr(type, "+json") || strstr(type, "+xml");
}

static bool is_wanted(mvc_req *req, mvc_res *res,
                      const mvc_compression_options *o)
{
    const char *control = mvc_get_header(res, "Cache-Control");
    if (mvc_get_header(res, "Content-Encoding") ||
        mvc_get_header(res, "Content-Range") ||
        (control && strstr(control, "no-transform")))
        return false;
    return o->filter ? o->filter(req, res) : is_compressible(res);
}

static char *gzip(const char *data, size_t size, int level, size_t *out_size)
{
    z_stream z = {0};
    if (size > UINT32_MAX / 2 ||
        deflateInit2(&z, level, Z_DEFLATED, GZIP_WINDOW, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    const uLong bound = deflateBound(&z, (uLong)size);
    char *out = malloc(bound);
    if (out) {
        z.next_in = (Bytef *)(uintptr_t)data;
        z.avail_in = (uInt)size;
        z.next_out = (Bytef *)out;
        z.avail_out = (uInt)bound;
        if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
            free(out);
            out = NULL;
        }
        *out_size = z.total_out;
    }
    deflateEnd(&z);
    return out;
}

/* streams: compressed as they are read */

typedef struct squeezed {
    mvc_stream inner;
    z_stream z;
    char in[CHUNK];
    uint64_t position;
    bool ended, done;
} squeezed;

static bool refill(squeezed *s)
{
    const int64_t n =
        s->inner.read(s->inner.data, s->position, s->in, sizeof s->in);
    if (n == MVC_STREAM_ERROR)
        return false;
    if (n == MVC_STREAM_END) {
        s->ended = true;
    } else {
        s->position += (uint64_t)n;
        s->z.next_in = (Bytef *)s->in;
        s->z.avail_in = (uInt)n;
    }
    return true;
}

static int64_t squeezed_read(void *data, uint64_t position, char *buffer,
                             size_t max)
{
    (void)position;
    squeezed *s = data;
    if (s->done)
        return MVC_STREAM_END;
    s->z.next_out = (Bytef *)buffer;
    s->z.avail_out = max > UINT32_MAX ? UINT32_MAX : (uInt)max;
    const uInt room = s->z.avail_out;
    while (s->z.avail_out == room && !s->done) {
        if (!s->z.avail_in && !s->ended && !refill(s))
            return MVC_STREAM_ERROR;
        const int status = deflate(&s->z, s->ended ? Z_FINISH : Z_SYNC_FLUSH);
        s->done = status == Z_STREAM_END;
        if (status == Z_STREAM_ERROR)
            return MVC_STREAM_ERROR;
    }
    return room - s->z.avail_out ? (int64_t)(room - s->z.avail_out)
                                 : MVC_STREAM_END;
}

static void squeezed_close(void *data)
{
    squeezed *s = data;
    deflateEnd(&s->z);
    if (s->inner.close)
        s->inner.close(s->inner.data);
    free(s);
}

static bool squeeze_stream(mvc_res *res, int level)
{
    squeezed *s = calloc(1, sizeof *s);
    if (!s || deflateInit2(&s->z, level, Z_DEFLATED, GZIP_WINDOW, 8,
                           Z_DEFAULT_STRATEGY) != Z_OK) {
        free(s);
        return false;
    }
    if (!mvc_take_stream(res, &s->inner)) {
        deflateEnd(&s->z);
        free(s);
        return false;
    }
    mvc_replace_stream(res, &(mvc_stream){.read = squeezed_read,
                                          .close = squeezed_close,
                                          .data = s,
                                          .size = -1});
    return true;
}

static bool squeeze_bytes(mvc_res *res, size_t threshold, int level)
{
    size_t size, out_size;
    const char *data = mvc_sent_bytes(res, &size);
    if (!data || size < threshold)
        return false;
    char *out = gzip(data, size, level, &out_size);
    if (!out)
        return false;
    mvc_replace_bytes(res, out, out_size, free);
    return true;
}

static void compress_response(mvc_req *req, mvc_res *res, void *data)
{
    const mvc_compression_options *o = data;
    const mvc_body_kind kind = mvc_body_kind_of(res);
    if (kind == MVC_BODY_NONE || !is_wanted(req, res, o))
        return;
    mvc_vary(res, "Accept-Encoding");
    const char *best =
        mvc_accepts_encodings(req, (const char *[]){"gzip", "identity", NULL});
    if (!best || strcmp(best, "gzip") != 0)
        return;
    const int level = o->level ? o->level : LEVEL;
    const size_t threshold = o->threshold ? o->threshold : THRESHOLD;
    if (kind == MVC_BODY_BYTES ? squeeze_bytes(res, threshold, level)
                               : squeeze_stream(res, level))
        mvc_set_header(res, "Content-Encoding", "gzip");
}

void mvc_compression(mvc_req *req, mvc_res *res)
{
    const mvc_compression_options *options = mvc_data(req);
    mvc_on_send(res, compress_response,
                (void *)(uintptr_t)(options ? options : &defaults));
    mvc_next(req, res);
}
