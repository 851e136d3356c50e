/*
 * The output buffer: appending, escaping for HTML, writing out in pieces.
 *
 * All frames share one buffer.  The innermost one appends at the end; a frame
 * further out (one of its functions was called from an included template)
 * inserts before its child's text.
 */
#include <stdlib.h>

#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/escape.h"
#include "ejs/runtime/internal.h"

enum {
    FIRST_OUT = 4096,
    FLUSH_AT = 64 * 1024, /* when streaming */
    ESCAPE_PIECE = 4096,  /* text escaped at a time */
};

/* room
 * ------------------------------------------------------------------------------
 */

bool ejs__out_reserve(ejs_context *ctx, size_t more)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (ctx->out_capacity - ctx->out_size >= more)
        return true;
    size_t needed, capacity = ctx->out_capacity * 2;
    if (!base_size_add(ctx->out_size, more, &needed))
        return ejs__throw_no_memory(ctx), false;
    if (capacity < realm->last_size + FIRST_OUT)
        capacity = realm->last_size + FIRST_OUT;
    if (capacity < needed)
        capacity = needed;
    char *out = realloc(ctx->out, capacity);
    if (!out)
        return ejs__throw_no_memory(ctx), false;
    ctx->out = out;
    ctx->out_capacity = capacity;
    return true;
}

/* After text was appended: is it too much, or enough to be written out? */
static bool check_size(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    const size_t max = realm->settings->max_output;
    if (max && realm->flushed + ctx->out_size > max) {
        ejs__throw_limit(ctx, "output limit of the render exceeded");
        return false;
    }
    if (realm->write && ctx->out_size >= FLUSH_AT)
        return ejs__flush(ctx, false);
    return true;
}

/* Growth of the buffer is where the limit is looked at; between growths the
 * output is at most twice as long.  ejs__put appends without asking. */
static bool reserve(ejs_context *ctx, size_t more)
{
    return ctx->out_capacity - ctx->out_size >= more ||
           (check_size(ctx) && ejs__out_reserve(ctx, more));
}

/* writing out
 * ------------------------------------------------------------------------- */

/* Bytes at the start that nobody can change any more. */
static size_t settled(ejs_context *ctx)
{
    size_t size = ctx->out_size;
    const ejs_frame *child = NULL;
    for (const ejs_frame *f = ctx->out_frame; f; f = f->more->below) {
        size_t own = size;
        if (f->unit->returns)
            own = f->out_start;
        else if (child && f->more->has_closures)
            own = child->out_start;
        if (own < size)
            size = own;
        child = f;
    }
    /* A high surrogate at the end may still find its other half. */
    if (ejs__realm_of(ctx)->has_halves && size >= 3 &&
        (unsigned char)ctx->out[size - 3] == 0xED)
        size -= 3;
    return size;
}

static bool write_out(ejs__realm *realm, size_t size)
{
    if (!realm->has_halves)
        return realm->write(realm->write_user, realm->ctx.out, size);
    base_buf buf = {0};
    base_utf8_repair(&buf, realm->ctx.out, size);
    const bool written =
        !buf.failed && realm->write(realm->write_user, buf.data, buf.size);
    base_buf_free(&buf);
    return written;
}

bool ejs__flush(ejs_context *ctx, bool all)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (!realm->write || realm->captures)
        return true;
    const size_t size = all ? ctx->out_size : settled(ctx);
    if (size == 0 || (!all && size < FLUSH_AT / 2))
        return true;
    if (!write_out(realm, size)) {
        realm->write_failed = true;
        ejs__throw_limit(ctx, "writing the output failed");
        realm->status = EJS_IO;
        return false;
    }
    ctx->out_size -= size;
    if (ctx->out_size)
        memmove(ctx->out, ctx->out + size, ctx->out_size);
    realm->flushed += size;
    for (ejs_frame *f = ctx->out_frame; f; f = f->more->below)
        f->out_start = f->out_start > size ? f->out_start - size : 0;
    return true;
}

/* appending
 * ------------------------------------------------------------------------------
 */

bool ejs__is_live(ejs_frame *frame)
{
    const ejs_frame *f = frame->ctx->out_frame;
    while (f && f != frame)
        f = f->more->below;
    return f != NULL;
}

/* Appends for a frame that is not the innermost: before its child's text. */
static bool insert(ejs_frame *frame, const char *text, size_t size)
{
    ejs_context *ctx = frame->ctx;
    ejs_frame *child = ctx->out_frame;
    if (!ejs__is_live(frame))
        return true; /* its template has ended: the text goes nowhere */
    if (!reserve(ctx, size))
        return false;
    while (child->more->below != frame)
        child = child->more->below;
    const size_t at = child->out_start;
    memmove(ctx->out + at + size, ctx->out + at, ctx->out_size - at);
    memcpy(ctx->out + at, text, size);
    ctx->out_size += size;
    for (ejs_frame *f = ctx->out_frame; f != frame; f = f->more->below)
        f->out_start += size;
    return true;
}

bool ejs__put_slow(ejs_frame *frame, const char *text, size_t size)
{
    ejs_context *ctx = frame->ctx;
    if (size == 0)
        return true;
    if (ctx->out_frame != frame)
        return insert(frame, text, size);
    if (!reserve(ctx, size))
        return false;
    memcpy(ctx->out + ctx->out_size, text, size);
    ctx->out_size += size;
    return true;
}

/* Two halves of a pair that meet in the output become one character. */
static bool join_half(ejs_frame *frame, ejs_value *s)
{
    ejs_context *ctx = frame->ctx;
    char *end = ctx->out + ctx->out_size;
    uint32_t high, low;
    if (ctx->out_frame != frame || ctx->out_size < frame->out_start + 3 ||
        !base_utf8_joins(end - 3, 3, s->as.text, s->size))
        return true;
    base_utf8_decode(end - 3, 3, &high);
    base_utf8_decode(s->as.text, s->size, &low);
    if (!reserve(ctx, 1))
        return false;
    end = ctx->out + ctx->out_size;
    base_utf8_encode(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00),
                     end - 3);
    ctx->out_size++;
    s->as.text += 3;
    s->size -= 3;
    return true;
}

/* Strings with lone surrogates are rare: notice them, join what belongs. */
static bool mind_wide(ejs_frame *frame, ejs_value *s)
{
    if (s->size < 3 || !memchr(s->as.text, 0xED, s->size))
        return true;
    ejs__realm *realm = ejs__realm_of(frame->ctx);
    realm->has_halves =
        realm->has_halves || base_utf8_has_surrogates(s->as.text, s->size);
    return (unsigned char)s->as.text[0] != 0xED || join_half(frame, s);
}

#define DIGITS(ht, o)                                                          \
    {                                                                          \
        {'0' + (ht) / 10, '0' + (ht) % 10, '0' + (o)}, (ht) > 9 ? 3            \
                                                       : (ht)   ? 2            \
                                                                : 1            \
    }
#define TEN(ht)                                                                \
    DIGITS(ht, 0), DIGITS(ht, 1), DIGITS(ht, 2), DIGITS(ht, 3), DIGITS(ht, 4), \
        DIGITS(ht, 5), DIGITS(ht, 6), DIGITS(ht, 7), DIGITS(ht, 8),            \
        DIGITS(ht, 9)
#define HUNDRED(h)                                                             \
    TEN(h * 10), TEN(h * 10 + 1), TEN(h * 10 + 2), TEN(h * 10 + 3),            \
        TEN(h * 10 + 4), TEN(h * 10 + 5), TEN(h * 10 + 6), TEN(h * 10 + 7),    \
        TEN(h * 10 + 8), TEN(h * 10 + 9)
const ejs__small ejs__smalls[1000] = {
    HUNDRED(0), HUNDRED(1), HUNDRED(2), HUNDRED(3), HUNDRED(4),
    HUNDRED(5), HUNDRED(6), HUNDRED(7), HUNDRED(8), HUNDRED(9),
};

static inline bool mind_halves(ejs_frame *frame, ejs_value *s)
{
    return s->flags & EJS_STRING_ASCII || mind_wide(frame, s);
}

static bool put_number(ejs_frame *frame, double n)
{
    ejs_context *ctx = frame->ctx;
    if (ctx->out_frame == frame && reserve(ctx, BASE_NUMBER_SIZE)) {
        ctx->out_size += base_number_format(n, ctx->out + ctx->out_size);
        return true;
    }
    char text[BASE_NUMBER_SIZE];
    return !ctx->fatal && ejs__put(frame, text, base_number_format(n, text));
}

bool ejs__put_raw(ejs_frame *frame, ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_UNDEFINED:
    case EJS_TAG_NULL:
    case EJS_TAG_HOLE:
        return true;
    case EJS_TAG_NUMBER:
        return put_number(frame, v.as.number);
    case EJS_TAG_STRING:
        break;
    case EJS_TAG_OBJECT:
    case EJS_TAG_JSON:
        v = ejs__to_primitive(frame->ctx, v, EJS_HINT_DEFAULT);
        /* fall through */
    default:
        if (!ejs__is_thrown(v))
            v = ejs__to_string(frame->ctx, v);
        if (ejs__is_thrown(v))
            return false;
    }
    return mind_halves(frame, &v) && ejs__put(frame, v.as.text, v.size);
}

/* escaping
 * -------------------------------------------------------------------------------------
 */

const ejs__entity ejs__entities[64] = {
    ['"'] = {"&#34;", 5}, ['&'] = {"&amp;", 5}, ['\''] = {"&#39;", 5},
    ['<'] = {"&lt;", 4},  ['>'] = {"&gt;", 4},
};

char *ejs__escape_into(char *out, const char *text, size_t size)
{
    return ejs__escape(out, text, size);
}

static bool put_escaped_text(ejs_frame *frame, const char *text, size_t size)
{
    ejs_context *ctx = frame->ctx;
    while (size) {
        const size_t piece = size < ESCAPE_PIECE ? size : ESCAPE_PIECE;
        const size_t most = piece * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM;
        if (EJS_UNLIKELY(ctx->out_capacity - ctx->out_size < most &&
                         !reserve(ctx, most)))
            return false;
        char *out = ctx->out + ctx->out_size;
        ctx->out_size += (size_t)(ejs__escape_into(out, text, piece) - out);
        text += piece;
        size -= piece;
    }
    return true;
}

/* For a frame that is not the innermost. */
static bool insert_escaped(ejs_frame *frame, const char *text, size_t size)
{
    while (size) {
        char out[512 * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM];
        const size_t piece = size < 512 ? size : 512;
        const size_t n = (size_t)(ejs__escape_into(out, text, piece) - out);
        if (!ejs__put_slow(frame, out, n))
            return false;
        text += piece;
        size -= piece;
    }
    return true;
}

static __attribute__((noinline)) bool put_escaped_slow(ejs_frame *frame,
                                                       ejs_value v)
{
    if (v.tag != EJS_TAG_STRING) {
        if (v.tag <= EJS_TAG_NULL)
            return true;
        if (v.tag == EJS_TAG_NUMBER)
            return put_number(frame, v.as.number);
        v = ejs__to_string(frame->ctx, v);
        if (ejs__is_thrown(v))
            return false;
    }
    if (!mind_halves(frame, &v))
        return false;
    if (EJS_LIKELY(frame->ctx->out_frame == frame))
        return put_escaped_text(frame, v.as.text, v.size);
    return insert_escaped(frame, v.as.text, v.size);
}

/* A plain value is put out at `out` where there is `room`; NULL: it is not. */
static inline __attribute__((always_inline)) char *
plain_value(char *out, size_t room, ejs_value v)
{
    if (EJS_LIKELY(v.tag == EJS_TAG_STRING && v.flags & EJS_STRING_ASCII &&
                   (size_t)v.size * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM <= room))
        return ejs__escape(out, v.as.text, v.size);
    if (v.tag == EJS_TAG_NUMBER && v.as.number >= 0 &&
        v.as.number < EJS_SMALL && room >= EJS_SMALL_ROOM) {
        const int32_t n = (int32_t)v.as.number;
        if (EJS_LIKELY(n == v.as.number))
            return out + ejs__put_small(out, (uint32_t)n);
    }
    return NULL;
}

bool ejs__put_escaped(ejs_frame *frame, ejs_value v)
{
    ejs_context *ctx = frame->ctx;
    const size_t room = ctx->out_capacity - ctx->out_size;
    if (EJS_UNLIKELY(ctx->out_frame != frame || room == 0)) /* no buffer yet? */
        return put_escaped_slow(frame, v);
    const char *end = plain_value(ctx->out + ctx->out_size, room, v);
    if (EJS_UNLIKELY(!end))
        return put_escaped_slow(frame, v);
    ctx->out_size = (size_t)(end - ctx->out);
    return true;
}

char *ejs__run_room(ejs_context *ctx, size_t rest)
{
    return reserve(ctx, rest + 1) ? ctx->out + ctx->out_size : NULL;
}

char *ejs__run_value(ejs_frame *frame, char *out, size_t rest, ejs_value v)
{
    ejs_context *ctx = frame->ctx;
    char *end = plain_value(out, ejs__run_left(ctx, out, rest), v);
    if (EJS_LIKELY(end != NULL))
        return end;
    ejs__run_end(ctx, out);
    return ejs__run_on(ctx, rest, put_escaped_slow(frame, v));
}
