/* compression.c - bodies that are compressed as they are written, and files. */
#include "ask.h"

#include <arpa/inet.h>
#include <brotli/decode.h>
#include <mvc/middleware.h>
#include <pthread.h>
#include <zlib.h>

/* a client ----------------------------------------------------------------- */

/* What came of a chunked body, unpacked. */
typedef struct client {
    int fd;
    char raw[65536], text[65536];
    size_t raw_size, text_size;
    size_t at; /* of the next chunk's size */
    z_stream z;
    BrotliDecoderState *brotli;
} client;

static void dial(client *c, mvc_app *app, const char *path, const char *coding)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(mvc_port(app)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    memset(c, 0, sizeof *c);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof to), 0);
    dprintf(c->fd, "GET %s HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n\r\n",
            path, coding);
    if (strcmp(coding, "br") == 0)
        c->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    else
        assert_int_equal(inflateInit2(&c->z, 15 + 16), Z_OK);
}

static void hang_up(client *c)
{
    if (c->brotli)
        BrotliDecoderDestroyInstance(c->brotli);
    else
        inflateEnd(&c->z);
    close(c->fd);
}

static void unpack(client *c, const char *data, size_t size)
{
    size_t room = sizeof c->text - 1 - c->text_size;
    const uint8_t *in = (const uint8_t *)data;
    uint8_t *out = (uint8_t *)c->text + c->text_size;
    if (c->brotli) {
        BrotliDecoderDecompressStream(c->brotli, &size, &in, &room, &out, NULL);
    } else {
        c->z.next_in = (Bytef *)(uintptr_t)data;
        c->z.avail_in = (uInt)size;
        c->z.next_out = out;
        c->z.avail_out = (uInt)room;
        assert_true(inflate(&c->z, Z_SYNC_FLUSH) >= 0);
        out = c->z.next_out;
    }
    c->text_size = (size_t)((char *)out - c->text);
    c->text[c->text_size] = '\0';
}

/* Unpacks the chunks that are there whole; true after the last one. */
static bool take_chunks(client *c)
{
    for (;;) {
        char *end;
        c->raw[c->raw_size] = '\0';
        char *line = strstr(c->raw + c->at, "\r\n");
        if (!line)
            return false;
        const size_t size = strtoul(c->raw + c->at, &end, 16);
        const size_t begin = (size_t)(line - c->raw) + 2;
        if (begin + size + 2 > c->raw_size)
            return false;
        unpack(c, c->raw + begin, size);
        c->at = begin + size + 2;
        if (size == 0)
            return true;
    }
}

/* Reads until this is the whole text; NULL: until the body's end. */
static void read_until(client *c, const char *text)
{
    bool ended = false;
    while (!ended && !(text && strcmp(c->text, text) == 0)) {
        const ssize_t n =
            read(c->fd, c->raw + c->raw_size, sizeof c->raw - 1 - c->raw_size);
        assert_true(n > 0);
        c->raw_size += (size_t)n;
        c->raw[c->raw_size] = '\0';
        const char *body = strstr(c->raw, "\r\n\r\n");
        if (!c->at && body)
            c->at = (size_t)(body - c->raw) + 4;
        if (c->at)
            ended = take_chunks(c);
    }
    if (text)
        assert_string_equal(c->text, text);
}

/* live streams ------------------------------------------------------------- */

static mvc_channel *_Atomic opened;

static void live(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "text");
    opened = mvc_open_channel(res, 0);
}

/* Each part has arrived before the next one is written. */
static void parts_arrive_at_once(mvc_app *app, const char *coding)
{
    client c;
    char header[64];
    opened = NULL;
    dial(&c, app, "/live", coding);
    while (!opened)
        usleep(1000);
    assert_true(mvc_write(opened, "one\n", 4));
    read_until(&c, "one\n");
    snprintf(header, sizeof header, "\r\nContent-Encoding: %s\r\n", coding);
    assert_non_null(strstr(c.raw, header));
    assert_true(mvc_write(opened, "two\n", 4));
    read_until(&c, "one\ntwo\n");
    usleep(50000); /* nothing is there: it must neither end nor send */
    const size_t before = c.raw_size;
    assert_true(mvc_write(opened, "three\n", 6));
    read_until(&c, "one\ntwo\nthree\n");
    assert_true(c.raw_size - before < 100);
    mvc_channel_close(opened);
    read_until(&c, NULL);
    assert_string_equal(c.text, "one\ntwo\nthree\n");
    hang_up(&c);
}

static void streams_are_live(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, &(mvc_config){.threads = 1});
    mvc_use(app, "/", mvc_compression);
    mvc_get(app, "/live", live);
    assert_true(mvc_start(app, "127.0.0.1", 0));
    parts_arrive_at_once(app, "gzip");
    parts_arrive_at_once(app, "br");
    mvc_app_free(app);
}

static int64_t break_off(void *data, uint64_t position, char *buffer,
                         size_t max)
{
    (void)data;
    if (position > 0)
        return MVC_STREAM_ERROR;
    memset(buffer, 'x', max);
    return (int64_t)max;
}

static atomic_int closings;

static void count_close(void *data)
{
    (void)data;
    closings++;
}

static void broken(mvc_req *req, mvc_res *res)
{
    (void)req;
    mvc_set_type(res, "text");
    mvc_send_stream(res, &(mvc_stream){.read = break_off,
                                       .close = count_close,
                                       .size = 1 << 20});
}

/* The client sees that the body is not whole; the stream is closed once. */
static void errors_cut_it_off(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, &(mvc_config){.threads = 1});
    mvc_use(app, "/", mvc_compression);
    mvc_get(app, "/", broken);
    assert_true(mvc_start(app, "127.0.0.1", 0));
    client c;
    dial(&c, app, "/", "gzip");
    ssize_t n;
    while ((n = read(c.fd, c.raw + c.raw_size, sizeof c.raw - 1 - c.raw_size)) >
           0)
        c.raw_size += (size_t)n;
    c.raw[c.raw_size] = '\0';
    assert_true(c.raw_size < 5 ||
                memcmp(c.raw + c.raw_size - 5, "0\r\n\r\n", 5) != 0);
    hang_up(&c);
    mvc_app_free(app);
    assert_int_equal(closings, 1);
}

/* files -------------------------------------------------------------------- */

static void write_file(const char *path, const char *text, size_t times)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    while (times--)
        fputs(text, out);
    fclose(out);
}

static void expect_coding(mvc_app *app, const char *path, const char *headers,
                          const char *coding, const char *etag_begins)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = path, .headers = headers});
    header_is(&r, "Content-Encoding", coding);
    const char *etag = mvc_test_header(&r, "ETag");
    assert_non_null(etag);
    assert_memory_equal(etag, etag_begins, strlen(etag_begins));
    mvc_test_done(&r);
}

static void files_are_compressed_once(void **state)
{
    (void)state;
    char folder[] = "/tmp/files-XXXXXX", path[64], packed[64], small[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.css", folder);
    snprintf(packed, sizeof packed, "%s/b.css.br", folder);
    snprintf(small, sizeof small, "%s/b.css", folder);
    write_file(path, "body {}\n", 1000);
    write_file(small, "body {}\n", 1000);
    write_file(packed, "packed already", 200);
    mvc_app *app = app_with(NULL, &(mvc_config){.etag = MVC_ETAG_STRONG});
    mvc_use(app, "/", mvc_compression);
    mvc_static(app, "/", folder, &(mvc_static_options){.precompressed = true});
    expect_coding(app, "/a.css", "Accept-Encoding: br", "br", "W/\"");
    expect_coding(app, "/a.css", NULL, NULL, "\"");
    /* a part of it is not */
    expect_coding(app, "/a.css", "Accept-Encoding: br\nRange: bytes=0-1999",
                  NULL, "\"");
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.path = "/b.css",
                                          .headers = "Accept-Encoding: br"});
    header_is(&r, "Content-Encoding", "br");
    assert_memory_equal(r.body, "packed already", 14);
    assert_int_equal(r.body_size, 14 * 200);
    mvc_test_done(&r);
    mvc_app_free(app);
    unlink(path);
    unlink(packed);
    unlink(small);
    rmdir(folder);
}

static void send_pages(mvc_req *req, mvc_res *res)
{
    (void)req;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    mvc_send(res, text);
}

static void strong_tags_become_weak(void **state)
{
    (void)state;
    mvc_app *app = app_with(NULL, &(mvc_config){.etag = MVC_ETAG_STRONG});
    mvc_use(app, "/", mvc_compression);
    mvc_get(app, "/", send_pages);
    expect_coding(app, "/", NULL, NULL, "\"");
    expect_coding(app, "/", "Accept-Encoding: gzip", "gzip", "W/\"");
    mvc_app_free(app);
}

static void brotli_may_be_left_out(void **state)
{
    (void)state;
    static const mvc_compression_options options = {.no_brotli = true};
    mvc_app *app = app_with(NULL, NULL);
    mvc_use_with(app, "/", mvc_compression, (void *)(uintptr_t)&options, NULL);
    mvc_get(app, "/", send_pages);
    expect_coding(app, "/", "Accept-Encoding: br", NULL, "W/\"");
    expect_coding(app, "/", "Accept-Encoding: br, gzip", "gzip", "W/\"");
    mvc_app_free(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_live),
        cmocka_unit_test(errors_cut_it_off),
        cmocka_unit_test(files_are_compressed_once),
        cmocka_unit_test(strong_tags_become_weak),
        cmocka_unit_test(brotli_may_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
