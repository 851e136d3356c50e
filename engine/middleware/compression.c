/* compression.c - brotli, gzip or deflate for the clients that take it. */
#include <mvc/middleware.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/buf.h"
#include "http/exchange.h"
#include "middleware/brotli.h"

enum { THRESHOLD = 1024, LEVEL = 6, QUALITY = 4, WINDOW = 15, CHUNK = 16384 };

static const mvc_compression_options defaults;

/* what to compress --------------------------------------------------------- */

/* Besides text/..., ...+json, ...+text and ...+xml: as mime-db says. */
static const char *const compressible[] = {
    "application/dart",
    "application/ecmascript",
    "application/javascript",
    "application/json",
    "application/octet-stream",
    "application/postscript",
    "application/raml+yaml",
    "application/rtf",
    "application/tar",
    "application/toml",
    "application/vnd.dart",
    "application/vnd.ms-fontobject",
    "application/vnd.ms-opentype",
    "application/wasm",
    "application/x-httpd-php",
    "application/x-javascript",
    "application/x-ns-proxy-autoconfig",
    "application/x-sh",
    "application/x-tar",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/xml-dtd",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.adobe.photoshop",
    "image/vnd.microsoft.icon",
    "image/vnd.ms-dds",
    "image/x-icon",
    "image/x-ms-bmp",
    "message/rfc822",
    "model/gltf-binary",
    "x-shader/x-fragment",
    "x-shader/x-vertex",
};

static bool is_text(const char *type, size_t size, const char *text)
{
    return strlen(text) == size && strncasecmp(type, text, size) == 0;
}

static bool ends_with(const char *type, size_t size, const char *end)
{
    const size_t n = strlen(end);
    return size >= n && strncasecmp(type + size - n, end, n) == 0;
}

static bool is_compressible(const mvc_res *res)
{
    const char *type = mvc_get_header(res, "Content-Type");
    if (!type)
        return false;
    const size_t size = strcspn(type, "; \t");
    if (strncasecmp(type, "text/", 5) == 0 || ends_with(type, size, "+json") ||
        ends_with(type, size, "+text") || ends_with(type, size, "+xml"))
        return true;
    for (size_t i = 0; i < sizeof compressible / sizeof compressible[0]; i++)
        if (is_text(type, size, compressible[i]))
            return true;
    return false;
}

static bool forbids_transformation(const mvc_res *res)
{
    static const char word[] = "no-transform";
    const char *at = mvc_get_header(res, "Cache-Control");
    while (at && *at) {
        at += strspn(at, ", \t");
        size_t size = strcspn(at, ",");
        while (size && (at[size - 1] == ' ' || at[size - 1] == '\t'))
            size--;
        if (is_text(at, size, word))
            return true;
        at += strcspn(at, ",");
    }
    return false;
}

static bool is_encoded(const mvc_res *res)
{
    const char *encoding = mvc_get_header(res, "Content-Encoding");
    return encoding && strcasecmp(encoding, "identity") != 0;
}

/* What the client likes best; of what it likes equally, the smallest. */
static const char *choose(mvc_req *req, const mvc_compression_options *o)
{
    static const char *const all[] = {"br", "gzip", "deflate", "identity",
                                      NULL};
    const char *const *offers = all + (o->no_brotli ? 1 : 0);
    const char *best = mvc_accepts_encodings(req, offers);
    const double q = best ? mvc__encoding_quality(req, best) : 0;
    if (!best || q <= 0)
        return NULL;
    if (!o->no_brotli && mvc__encoding_quality(req, "br") >= q)
        return "br";
    if (mvc__encoding_quality(req, "gzip") >= q)
        return "gzip";
    return strcmp(best, "identity") != 0 ? best : NULL;
}

/* encoders ----------------------------------------------------------------- */

typedef enum flush {
    LATER,  /* as it comes */
    NOW,    /* all that was put in comes out */
    FINISH, /* and it is the end */
} flush;

typedef struct encoder {
    mvc__brotli *brotli; /* NULL: z */
    z_stream z;
    const unsigned char *next; /* what is still to be put in */
    size_t left;
    bool done;
} encoder;

static bool begin(encoder *e, const char *coding,
                  const mvc_compression_options *o)
{
    const int level = o->level ? o->level : LEVEL;
    if (strcmp(coding, "br") == 0) {
        e->brotli =
            mvc__brotli_new(o->brotli_quality ? o->brotli_quality : QUALITY);
        return e->brotli != NULL;
    }
    const int window = WINDOW + (strcmp(coding, "gzip") == 0 ? 16 : 0);
    return deflateInit2(&e->z, level, Z_DEFLATED, window, 8,
                        Z_DEFAULT_STRATEGY) == Z_OK;
}

static void end(encoder *e)
{
    if (e->brotli)
        mvc__brotli_free(e->brotli);
    else
        deflateEnd(&e->z);
}

static int64_t encode_brotli(encoder *e, flush how, char *out, size_t max)
{
    static const BrotliEncoderOperation operations[] = {
        BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
        BROTLI_OPERATION_FINISH};
    size_t room = max;
    unsigned char *at = (unsigned char *)out;
    if (!mvc__brotli_run(e->brotli, operations[how], &e->next, &e->left, &at,
                         &room))
        return MVC_STREAM_ERROR;
    e->done = mvc__brotli_is_done(e->brotli);
    return (int64_t)(max - room);
}

static int64_t encode_zlib(encoder *e, flush how, char *out, size_t max)
{
    static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    const size_t most = UINT32_MAX / 2;
    const bool all = e->left <= most;
    e->z.next_in = (Bytef *)(uintptr_t)e->next;
    e->z.avail_in = (uInt)(all ? e->left : most);
    e->z.next_out = (Bytef *)out;
    e->z.avail_out = (uInt)(max < most ? max : most);
    const uInt room = e->z.avail_out;
    const int status = deflate(&e->z, all ? flushes[how] : Z_NO_FLUSH);
    if (status == Z_STREAM_ERROR)
        return MVC_STREAM_ERROR;
    e->left -= (size_t)(e->z.next_in - e->next);
    e->next = e->z.next_in;
    e->done = status == Z_STREAM_END;
    return room - e->z.avail_out;
}

/* How many bytes came out, at most `max`, or MVC_STREAM_ERROR. */
static int64_t encode(encoder *e, flush how, char *out, size_t max)
{
    return e->brotli ? encode_brotli(e, how, out, max)
                     : encode_zlib(e, how, out, max);
}

/* bodies ------------------------------------------------------------------- */

static bool squeeze_bytes(mvc_res *res, const char *coding,
                          const mvc_compression_options *o)
{
    encoder e = {0};
    base_buf out = {0};
    if (!begin(&e, coding, o)) {
        end(&e);
        return false;
    }
    e.next = (const unsigned char *)mvc_sent_bytes(res, &e.left);
    bool ok = true;
    while (ok && !e.done) {
        ok = base_buf_reserve(&out, CHUNK);
        const int64_t n =
            ok ? encode(&e, FINISH, out.data + out.size, CHUNK) : 0;
        ok &= n >= 0;
        out.size += ok ? (size_t)n : 0;
    }
    end(&e);
    const size_t size = out.size;
    if (ok)
        mvc_replace_bytes(res, out.data, size, free);
    else
        base_buf_free(&out);
    return ok;
}

/* A stream that is compressed as it is read. */
typedef struct squeezed {
    mvc_stream inner;
    encoder encoder;
    char in[CHUNK];
    uint64_t position;
    bool ended;
} squeezed;

/* What is there of the inner stream; its answer, as read()'s. */
static int64_t refill(squeezed *s)
{
    const int64_t n =
        s->inner.read(s->inner.data, s->position, s->in, sizeof s->in);
    if (n == MVC_STREAM_END)
        s->ended = true;
    if (n > 0) {
        s->position += (uint64_t)n;
        s->encoder.next = (const unsigned char *)s->in;
        s->encoder.left = (size_t)n;
    }
    return n;
}

static int64_t squeezed_read(void *data, uint64_t position, char *buffer,
                             size_t max)
{
    (void)position;
    squeezed *s = data;
    /* Who sends bit by bit wants each bit to arrive. */
    const flush how = s->inner.size < 0 ? NOW : LATER;
    while (!s->encoder.done) {
        const int64_t n =
            s->position || s->ended
                ? encode(&s->encoder, s->ended ? FINISH : how, buffer, max)
                : 0;
        if (n != 0)
            return n;
        const int64_t more = s->ended ? 0 : refill(s);
        if (!s->ended && more <= 0)
            return more; /* nothing yet, or an error */
    }
    return MVC_STREAM_END;
}

static void squeezed_close(void *data)
{
    squeezed *s = data;
    end(&s->encoder);
    if (s->inner.close)
        s->inner.close(s->inner.data);
    free(s);
}

static bool squeeze_stream(mvc_res *res, const char *coding,
                           const mvc_compression_options *o)
{
    squeezed *s = calloc(1, sizeof *s);
    if (!s)
        return false;
    if (!begin(&s->encoder, coding, o) || !mvc_take_stream(res, &s->inner)) {
        end(&s->encoder);
        free(s);
        return false;
    }
    mvc_replace_stream(res, &(mvc_stream){.read = squeezed_read,
                                          .close = squeezed_close,
                                          .data = s,
                                          .size = -1});
    return true;
}

/* the response ------------------------------------------------------------- */

/* Other bytes are another representation: a strong tag is no longer true. */
static void weaken_etag(mvc_req *req, mvc_res *res)
{
    const char *tag = mvc_get_header(res, "ETag");
    const char *weak = tag && *tag == '"' ? mvc_format(req, "W/%s", tag) : NULL;
    if (weak)
        mvc_set_header(res, "ETag", weak);
}

static void compress_response(mvc_req *req, mvc_res *res, void *data)
{
    const mvc_compression_options *o = data;
    const size_t threshold = o->threshold ? o->threshold : THRESHOLD;
    uint64_t length;
    if (mvc_body_kind_of(res) == MVC_BODY_NONE || forbids_transformation(res) ||
        !(o->filter ? o->filter(req, res) : is_compressible(res)))
        return;
    mvc_vary(res, "Accept-Encoding");
    /* A part of a file is to be put together with others. */
    if (mvc_get_header(res, "Content-Range") ||
        (mvc__res_length(res, &length) && length < threshold) ||
        is_encoded(res) || mvc_method_of(req) == MVC_HEAD)
        return;
    const char *coding = choose(req, o);
    if (!coding)
        return;
    if (mvc_body_kind_of(res) == MVC_BODY_BYTES
            ? !squeeze_bytes(res, coding, o)
            : !squeeze_stream(res, coding, o))
        return;
    mvc_set_header(res, "Content-Encoding", coding);
    weaken_etag(req, res);
}

void mvc_compression(mvc_req *req, mvc_res *res)
{
    const mvc_compression_options *options = mvc_data(req);
    mvc_on_send(res, compress_response,
                (void *)(uintptr_t)(options ? options : &defaults));
    mvc_next(req, res);
}
