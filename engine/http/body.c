/* body.c - takes bodies in, inflates them and makes documents of them. */
#include <brotli/decode.h>
#include <ctype.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "http/charset.h"
#include "http/exchange.h"
#include "http/form.h"
#include "http/json.h"
#include "http/multipart.h"

/* arriving ------------------------------------------------------------------
 */

static void refuse(mvc_req *req, int status, const char *code,
                   const char *message)
{
    req->body_state = MVC__BODY_REFUSED;
    req->body_failure = (mvc_failure){
        .status = status, .message = message, .code = code, .expose = true};
    base_buf_free(&req->body);
}

static void refuse_too_large(mvc_req *req)
{
    refuse(req, 413, "entity.too.large", "request entity too large");
}

/* The boundary parameter of a multipart type; NULL when there is none. */
static const char *boundary(const char *type, size_t *size)
{
    const char *at = strcasestr(type, "boundary=");
    if (!at)
        return NULL;
    at += strlen("boundary=");
    if (*at == '"') {
        at++;
        *size = strcspn(at, "\"");
    } else {
        *size = strcspn(at, "; \t");
    }
    return *size >= 1 && *size <= 70 ? at : NULL;
}

static void begin_multipart(mvc_req *req, const char *type)
{
    enum { FIELD_SHARE = 16 };
    size_t size = 0;
    const char *mark = boundary(type, &size);
    if (!mark) {
        refuse(req, 400, NULL, "Multipart: Boundary not found");
        return;
    }
    const mvc_upload *upload = req->upload;
    const size_t share = !upload ? req->body_options->max
                         : upload->max_field_size
                             ? FIELD_SHARE * upload->max_field_size
                             : FIELD_SHARE << 20;
    req->multipart = mvc__multipart_new(req, mark, size, upload, share);
    if (!req->multipart)
        refuse(req, 500, NULL, "out of memory");
}

void mvc__body_begin(mvc_req *req, const mvc__layer *route)
{
    const mvc_body_options *o =
        route && route->body ? route->body : &req->app->config.body;
    req->body_options = o;
    req->upload = route ? route->upload : NULL;
    req->body_limit = o->max ? o->max : req->app->config.body.max;
    const char *type = mvc_header(req, "Content-Type");
    const char *length = mvc_header(req, "Content-Length");
    if (!req->upload && length && strtoull(length, NULL, 10) > req->body_limit)
        refuse_too_large(req);
    else if (type && strncasecmp(type, "multipart/form-data", 19) == 0)
        begin_multipart(req, type);
}

void mvc__body_feed(mvc_req *req, const char *data, size_t size)
{
    if (req->body_state == MVC__BODY_REFUSED)
        return;
    if (req->multipart) {
        if (!mvc__multipart_feed(req->multipart, data, size))
            req->body_state = MVC__BODY_REFUSED;
        return;
    }
    if (size > req->body_limit - req->body.size) {
        refuse_too_large(req);
        return;
    }
    base_buf_put(&req->body, data, size);
    if (req->body.failed)
        refuse(req, 500, NULL, "out of memory");
}

void mvc__body_end(mvc_req *req)
{
    if (req->body_state == MVC__BODY_REFUSED)
        return;
    if (req->multipart && !mvc__multipart_end(req->multipart))
        req->body_state = MVC__BODY_REFUSED;
    else
        req->body_state = MVC__BODY_READ;
}

/* inflating ------------------------------------------------------------------
 */

typedef enum inflated {
    INFLATED,
    TOO_LARGE,
    MALFORMED,
} inflated;

static inflated inflate_zlib(const base_buf *in, base_buf *out, size_t limit,
                             int window_bits)
{
    z_stream z = {.next_in = (unsigned char *)in->data,
                  .avail_in = (unsigned)in->size};
    if (inflateInit2(&z, window_bits) != Z_OK)
        return MALFORMED;
    int status = Z_OK;
    while (status == Z_OK && out->size <= limit) {
        if (!base_buf_reserve(out, 16384))
            break;
        z.next_out = (unsigned char *)out->data + out->size;
        z.avail_out = 16384;
        status = inflate(&z, Z_NO_FLUSH);
        out->size += 16384 - z.avail_out;
        if (status == Z_STREAM_END && z.avail_in > 0 && window_bits > 15)
            status = inflateReset(&z); /* gzip may have several members */
    }
    inflateEnd(&z);
    return out->size > limit        ? TOO_LARGE
           : status == Z_STREAM_END ? INFLATED
                                    : MALFORMED;
}

static inflated inflate_brotli(const base_buf *in, base_buf *out, size_t limit)
{
    BrotliDecoderState *b = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    const unsigned char *next_in = (const unsigned char *)in->data;
    size_t left_in = in->size;
    BrotliDecoderResult status = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (b && status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT &&
           out->size <= limit && base_buf_reserve(out, 16384)) {
        unsigned char *next_out = (unsigned char *)out->data + out->size;
        size_t left_out = 16384;
        status = BrotliDecoderDecompressStream(b, &left_in, &next_in, &left_out,
                                               &next_out, NULL);
        out->size += 16384 - left_out;
    }
    BrotliDecoderDestroyInstance(b);
    return out->size > limit                         ? TOO_LARGE
           : status == BROTLI_DECODER_RESULT_SUCCESS ? INFLATED
                                                     : MALFORMED;
}

static bool inflate_body(mvc_req *req, const char *encoding)
{
    base_buf out = {0};
    inflated result;
    if (req->body_options->no_inflate)
        result = MALFORMED;
    else if (strcasecmp(encoding, "gzip") == 0)
        result = inflate_zlib(&req->body, &out, req->body_limit, 15 + 16);
    else if (strcasecmp(encoding, "deflate") == 0)
        result = inflate_zlib(&req->body, &out, req->body_limit, 15);
    else if (strcasecmp(encoding, "br") == 0)
        result = inflate_brotli(&req->body, &out, req->body_limit);
    else {
        mvc__fail_code(req, 415, "encoding.unsupported",
                       "unsupported content encoding \"%s\"", encoding);
        return false;
    }
    if (result == INFLATED && !out.failed) {
        base_buf_free(&req->body);
        req->body = out;
        return true;
    }
    base_buf_free(&out);
    if (req->body_options->no_inflate)
        mvc__fail_code(req, 415, "encoding.unsupported",
                       "content encoding unsupported");
    else if (result == TOO_LARGE)
        mvc__fail_code(req, 413, "entity.too.large",
                       "request entity too large");
    else
        mvc__fail_code(req, 400, NULL,
                       "the compressed body is not well formed");
    return false;
}

/* The bytes are there and inflated; false when there are none or wrong. */
static bool have_bytes(mvc_req *req)
{
    if (req->body_state == MVC__BODY_REFUSED) {
        mvc_fail_with(req, req->res, &req->body_failure);
        return false;
    }
    if (req->body.size == 0)
        return false;
    if (req->is_inflated)
        return true;
    const char *encoding = mvc_header(req, "Content-Encoding");
    if (encoding && *encoding && strcasecmp(encoding, "identity") != 0 &&
        !inflate_body(req, encoding))
        return false;
    req->is_inflated = true;
    base_buf_putc(&req->body, '\0'); /* text functions may rely on it */
    if (req->body.failed) {
        mvc__fail_code(req, 500, NULL, "out of memory");
        return false;
    }
    req->body.size--;
    return true;
}

const char *mvc_body_bytes(mvc_req *req, size_t *size)
{
    const bool any = have_bytes(req);
    *size = any ? req->body.size : 0;
    return any ? req->body.data : NULL;
}

/* documents -------------------------------------------------------------------
 */

static bool is_type(const char *type, const char *wanted)
{
    const size_t size = strcspn(type, "; \t");
    return size == strlen(wanted) && strncasecmp(type, wanted, size) == 0;
}

/* The charset a type names, or "utf-8". */
static const char *charset_of(mvc_req *req, const char *type)
{
    static const char key[] = "charset=";
    const char *at = type;
    while ((at = strchr(at, ';'))) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, key, sizeof key - 1) != 0)
            continue;
        at += sizeof key - 1;
        at += *at == '"';
        const char *name =
            base_arena_dup(&req->arena, at, strcspn(at, "\"; \t"));
        return name && *name ? name : "utf-8";
    }
    return "utf-8";
}

static void refuse_charset(mvc_req *req, const char *charset)
{
    char *upper = base_arena_dup(&req->arena, charset, strlen(charset));
    for (char *c = upper; c && *c; c++)
        *c = (char)toupper((unsigned char)*c);
    mvc__fail_code(req, 415, "charset.unsupported",
                   "unsupported charset \"%s\"", upper ? upper : charset);
}

/* The body in UTF-8; false has failed the request. */
static bool decode(mvc_req *req, const char *charset)
{
    const mvc__charset status = mvc__charset_decode(&req->body, charset);
    base_buf_putc(&req->body, '\0'); /* text functions may rely on it */
    if (status == MVC__CHARSET_UNKNOWN) {
        refuse_charset(req, charset);
        return false;
    }
    if (status == MVC__CHARSET_NO_MEMORY || req->body.failed) {
        mvc__fail_code(req, 500, NULL, "out of memory");
        return false;
    }
    req->body.size--;
    return true;
}

static unsigned or_default(unsigned value, unsigned fallback)
{
    return value ? value : fallback;
}

static mvc_doc *read_json(mvc_req *req)
{
    const mvc_body_options *o = req->body_options;
    const char *text = req->body.data;
    const size_t size = req->body.size;
    const size_t blanks = strspn(text, " \t\r\n");
    if (!o->not_strict && blanks < size && text[blanks] != '{' &&
        text[blanks] != '[') {
        mvc__fail_code(req, 400, "entity.parse.failed",
                       "JSON body must be an object or an array");
        return NULL;
    }
    bool is_null;
    const char *message = NULL;
    mvc_doc *doc = mvc__json_read(text, size, or_default(o->max_depth, 32),
                                  &is_null, &message);
    if (!doc && !is_null)
        mvc__fail_code(req, 400, "entity.parse.failed", "%s",
                       message ? message : "JSON body is not well formed");
    return doc;
}

static mvc_doc *read_form(mvc_req *req, bool is_latin1)
{
    const mvc_body_options *o = req->body_options;
    size_t pairs = 1;
    for (size_t i = 0; i < req->body.size; i++)
        pairs += req->body.data[i] == '&';
    const mvc__form_options options = {
        .nested = true,
        .latin1 = is_latin1,
        .parameters = or_default(o->max_parameters, 1000),
        .strict_count = true,
        .depth = o->extended ? or_default(o->max_depth, 32) : 0,
        .strict_depth = o->extended,
        .array_limit = o->extended && pairs < 100 ? 100 : pairs,
    };
    mvc__form_status status;
    mvc_doc *doc = mvc__form_parse(req->body.data, req->body.size, &options,
                                   &req->arena, &status);
    if (status == MVC__FORM_TOO_MANY)
        mvc__fail_code(req, 413, "parameters.too.many", "too many parameters");
    else if (status == MVC__FORM_TOO_DEEP)
        mvc__fail_code(req, 400, "querystring.parse.rangeError",
                       "The input exceeded the depth");
    else if (!doc)
        mvc__fail_code(req, 500, NULL, "out of memory");
    return doc;
}

static bool is_json_type(mvc_req *req, const char *type)
{
    const char *const *listed = req->body_options->json_types;
    if (is_type(type, "application/json"))
        return true;
    while (listed && *listed && !mvc_is(req, *listed))
        listed++;
    return listed && *listed;
}

static mvc_doc *read_body(mvc_req *req, const char *type)
{
    const bool is_json = is_json_type(req, type);
    const bool is_form = is_type(type, "application/x-www-form-urlencoded");
    const bool is_text = !is_json && strncasecmp(type, "text/", 5) == 0;
    if (!is_json && !is_form && !is_text)
        return NULL;
    /* Text may be in any charset, JSON in Unicode's, forms in one of two. */
    const char *charset = charset_of(req, type);
    const bool is_latin1 = is_form && strcasecmp(charset, "iso-8859-1") == 0;
    if ((is_json && strncasecmp(charset, "utf-", 4) != 0) ||
        (is_form && !is_latin1 && strcasecmp(charset, "utf-8") != 0)) {
        refuse_charset(req, charset);
        return NULL;
    }
    const bool any = have_bytes(req);
    if (req->res->failed)
        return NULL;
    if (req->body_options->max && req->body.size > req->body_options->max) {
        mvc__fail_code(req, 413, "entity.too.large",
                       "request entity too large");
        return NULL;
    }
    /* A form's escapes are bytes of its charset: undone when it is read. */
    if (!is_form && !decode(req, charset))
        return NULL;
    if (is_text)
        return json_object_new_string_len(any ? req->body.data : "",
                                          any ? (int)req->body.size : 0);
    if (!any)
        return json_object_new_object();
    return is_json ? read_json(req) : read_form(req, is_latin1);
}

mvc_doc *mvc_body_as(mvc_req *req, const mvc_body_options *options)
{
    if (req->body_parsed || req->body_pending)
        return req->body_doc;
    const char *type = mvc_header(req, "Content-Type");
    const bool has_body = mvc__req_header(req, "Content-Length") ||
                          mvc__req_header(req, "Transfer-Encoding");
    const mvc_body_options *own = req->body_options;
    if (options)
        req->body_options = options;
    if (req->multipart && req->body_state == MVC__BODY_READ) {
        req->body_doc = json_object_get(mvc__multipart_fields(req->multipart));
    } else if (req->body_state == MVC__BODY_REFUSED) {
        mvc_fail_with(req, req->res, &req->body_failure);
    } else if (has_body && type) {
        if (!req->body_options) /* one of no bytes */
            req->body_options = &req->app->config.body;
        req->body_doc = read_body(req, type);
    }
    req->body_options = own;
    req->body_parsed = true;
    return req->body_doc;
}

mvc_doc *mvc_body(mvc_req *req)
{
    return mvc_body_as(req, NULL);
}

const char *mvc_body_text(mvc_req *req, const char *name)
{
    mvc_doc *body = mvc_body(req), *value = NULL;
    if (!json_object_is_type(body, json_type_object) ||
        !json_object_object_get_ex(body, name, &value))
        return NULL;
    if (json_object_is_type(value, json_type_array))
        value = json_object_array_get_idx(value, 0);
    return json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

static void put_doc(void *doc)
{
    json_object_put(doc);
}

mvc_doc *mvc_form(mvc_req *req, const char *const names[])
{
    static const char key = 0;
    mvc_doc *form = json_object_new_object();
    mvc_doc *body = mvc_body(req);
    const bool any = json_object_is_type(body, json_type_object);
    if (!form || !mvc_attach(req, &key, form, put_doc)) {
        mvc__fail_code(req, 500, NULL, "out of memory");
        return NULL;
    }
    for (size_t i = 0; any && names[i]; i++) {
        mvc_doc *value = NULL;
        if (json_object_object_get_ex(body, names[i], &value))
            json_object_object_add(form, names[i], json_object_get(value));
    }
    return form;
}

/* files -----------------------------------------------------------------------
 */

void mvc_before_files(mvc_req *req,
                      bool (*allow)(mvc_req *req, mvc_doc *fields))
{
    req->allow_files = allow;
}

size_t mvc_file_count(mvc_req *req)
{
    return req->multipart ? mvc__multipart_count(req->multipart) : 0;
}

const mvc_file *mvc_file_at(mvc_req *req, size_t i)
{
    return i < mvc_file_count(req) ? mvc__multipart_file(req->multipart, i)
                                   : NULL;
}

const mvc_file *mvc_file_of(mvc_req *req, const char *field)
{
    for (size_t i = 0; i < mvc_file_count(req); i++) {
        const mvc_file *file = mvc_file_at(req, i);
        if (strcmp(file->field, field) == 0)
            return file;
    }
    return NULL;
}
