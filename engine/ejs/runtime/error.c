/*
 * Throwing, EJS's rethrow, and telling the caller what went wrong.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "ejs/runtime/escape.h"
#include "ejs/runtime/internal.h"

/* throwing
 * ------------------------------------------------------------------------ */

ejs_value ejs__throw_value(ejs_context *ctx, ejs_value v)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (!ctx->fatal) {
        ctx->exception = v;
        realm->status = EJS_RUNTIME;
        realm->placed = false;
    }
    return ejs__thrown();
}

ejs_object *ejs__error_new(ejs_context *ctx, ejs__class_id id,
                           ejs_object *proto, ejs_value message)
{
    ejs_object *o = ejs__object_alloc(ctx, sizeof *o, EJS_OBJECT_ERROR, proto);
    if (!o)
        return NULL;
    o->class_id = (uint16_t)(id * 4 + EJS_ROLE_INSTANCE);
    if (message.tag == EJS_TAG_STRING &&
        !ejs__define_name(ctx, o, "message", message,
                          EJS_WRITABLE | EJS_CONFIGURABLE))
        return NULL;
    return o;
}

ejs_value ejs__throw_error(ejs_context *ctx, ejs__error_class cls,
                           const char *format, ...)
{
    const ejs__class_id id = (ejs__class_id)(EJS_CLASS_ERROR + cls);
    char small[400], *text = small;
    va_list args, again;
    if (ctx->fatal)
        return ejs__thrown();
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (size >= (int)sizeof small &&
        (text = ejs__alloc(ctx, (size_t)size + 1)) != NULL)
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    if (size < 0 || !text)
        return ejs__thrown();
    const ejs_value message = ejs__string_copy(ctx, text, (size_t)size);
    ejs_object *o = ejs__is_thrown(message)
                        ? NULL
                        : ejs__error_new(ctx, id, ejs__proto(ctx, id), message);
    return o ? ejs__throw_value(ctx, ejs__object(o)) : ejs__thrown();
}

ejs_value ejs__catch(ejs_context *ctx)
{
    if (ctx->fatal)
        return ejs__thrown();
    ejs__realm_of(ctx)->placed = false;
    const ejs_value v = ctx->exception;
    if (v.tag != EJS_TAG_OBJECT)
        ejs__realm_of(ctx)->has_thrown = false;
    ctx->exception = ejs__undefined();
    return v;
}

ejs_value ejs__throw_tdz(ejs_context *ctx, const char *name)
{
    return ejs__throw_error(ctx, EJS_REFERENCE_ERROR,
                            "Cannot access '%s' before initialization", name);
}

ejs_value ejs__throw_const(ejs_context *ctx)
{
    return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                            "Assignment to constant variable.");
}

ejs_value ejs__throw_destructure(ejs_context *ctx, ejs_value v,
                                 const char *property, const char *text)
{
    const char *what = v.tag == EJS_TAG_NULL ? "null" : "undefined";
    if (!text || (!*text && !property))
        text = v.tag == EJS_TAG_NULL ? "object null" : "undefined";
    if (!*text)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "Cannot read properties of %s (reading '%s')",
                                what, property);
    if (!property)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "Cannot destructure '%s' as it is %s.", text,
                                what);
    return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                            "Cannot destructure property '%s' of '%s' as it "
                            "is %s.",
                            property, text, what);
}

/* What .stack of an error is: there is no stack to show, only its head. */
ejs_value ejs__error_stack(ejs_context *ctx, ejs_object *o)
{
    const ejs_value head = EJS_LITERAL("Error");
    ejs_value parts[4] = {head, EJS_LITERAL(": "), EJS_LITERAL(""),
                          EJS_LITERAL("\n    at template")};
    ejs_site name = ejs__site_named("name"),
             message = ejs__site_named("message");
    const ejs_value v = ejs__object(o);
    if (ejs__chain_get(ctx, o, &name, v, &parts[0]) < 0 ||
        ejs__chain_get(ctx, o, &message, v, &parts[2]) < 0)
        return ejs__thrown();
    if (parts[2].tag == EJS_TAG_STRING && parts[2].size == 0)
        parts[1] = parts[2];
    return ejs__concat(ctx, parts, 4);
}

/* places
 * -------------------------------------------------------------------------- */

static const ejs_object *exception_object(const ejs_context *ctx)
{
    return ctx->exception.tag == EJS_TAG_OBJECT ? ctx->exception.as.object
                                                : NULL;
}

bool ejs__knows_thrown(ejs_context *ctx)
{
    const ejs__realm *realm = ejs__realm_of(ctx);
    return realm->has_thrown &&
           realm->thrown_exception == exception_object(ctx);
}

void ejs__thrown_at(ejs_context *ctx, const char *file, uint32_t at)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (ejs__knows_thrown(ctx))
        return;
    realm->has_thrown = true;
    realm->thrown_exception = exception_object(ctx);
    realm->thrown_file = file;
    realm->thrown_at = at;
}

/* rethrow
 * ---------------------------------------------------------------------------
 */

static const char *line_end(const char *at, const char *end)
{
    const char *lf = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return lf ? lf : end;
}

/* The lines around `line`, as EJS prints them, without a last line feed. */
static void put_excerpt(ejs__builder *b, const ejs_unit *unit, uint32_t line)
{
    const char *at = unit->source, *end = at + unit->source_size;
    const uint32_t first = line > 3 ? line - 3 : 0;
    bool any = false;
    for (uint32_t n = 0; at && n < line + 3; n++) {
        const char *stop = line_end(at, end);
        if (n >= first) {
            char number[32];
            snprintf(number, sizeof number, "%s%s%u| ", any ? "\n" : "",
                     n + 1 == line ? " >> " : "    ", n + 1);
            ejs__builder_puts(b, number);
            ejs__builder_put(b, at, (size_t)(stop - at));
            any = true;
        }
        if (stop == end)
            break;
        at = stop + 1;
    }
}

static ejs_value placed_message(ejs_frame *frame, ejs_value filename,
                                ejs_value message)
{
    ejs__builder b = ejs__builder_new(frame->ctx);
    char line[32];
    ejs__builder_put_string(&b, filename.tag == EJS_TAG_STRING && filename.size
                                    ? filename
                                    : EJS_LITERAL("ejs"));
    snprintf(line, sizeof line, ":%u\n", frame->line);
    ejs__builder_puts(&b, line);
    put_excerpt(&b, frame->unit, frame->line);
    ejs__builder_puts(&b, "\n\n");
    ejs__builder_put_string(&b, message);
    return ejs__builder_take(&b);
}

/* Remembers where the exception was thrown, innermost template first. */
static void remember_place(ejs_frame *frame, ejs_value exception,
                           ejs_value message)
{
    ejs__realm *realm = ejs__realm_of(frame->ctx);
    const ejs_object *o =
        exception.tag == EJS_TAG_OBJECT ? exception.as.object : NULL;
    if (realm->placed && realm->placed_exception == o)
        return;
    realm->placed = true;
    realm->placed_exception = o;
    realm->summary = message;
    realm->file = frame->unit->filename;
    realm->line = frame->line;
}

static void rethrow_limit(ejs_frame *frame)
{
    ejs_context *ctx = frame->ctx;
    const ejs_value old = ctx->exception;
    remember_place(frame, old, old);
    if (!frame->unit->debug || old.tag != EJS_TAG_STRING)
        return;
    const ejs_value filename = ejs__escaped_text(ctx, frame->unit->filename);
    if (ejs__is_thrown(filename))
        return;
    const ejs_value message = placed_message(frame, filename, old);
    if (!ejs__is_thrown(message))
        ctx->exception = message;
}

/* The function that escapes may be the program's, and sees no exception. */
static ejs_value escaped_filename(ejs_context *ctx, const char *name)
{
    const ejs_value e = ctx->exception;
    ctx->exception = ejs__undefined();
    const ejs_value text = ejs__escaped_text(ctx, name);
    if (!ctx->fatal)
        ctx->exception = e;
    return text;
}

void ejs__rethrow(ejs_frame *frame)
{
    ejs_context *ctx = frame->ctx;
    if (ctx->fatal) {
        rethrow_limit(frame);
        return;
    }
    const ejs_value e = ctx->exception;
    ejs__realm *realm = ejs__realm_of(ctx);
    const bool placed = realm->placed;
    const ejs_value filename =
        frame->unit->debug ? escaped_filename(ctx, frame->unit->filename)
                           : ejs__undefined();
    if (ejs__is_thrown(filename) || !frame->unit->debug) {
        if (!placed && ejs__is_object(e))
            remember_place(frame, e, ejs__get_name(ctx, e, "message"));
        ctx->exception = e;
        return;
    }
    const bool known = ejs__knows_thrown(ctx);
    if (!ejs__set_name(ctx, e, "path", filename)) {
        /* the new error is what EJS's rethrow would die of */
        const ejs_value new_ = ctx->exception;
        if (known)
            realm->thrown_exception = exception_object(ctx);
        if (!ctx->fatal && ejs__is_object(new_))
            remember_place(frame, new_, ejs__get_name(ctx, new_, "message"));
        return;
    }
    ejs_value message = ejs__get_name(ctx, e, "message");
    if (!ejs__is_thrown(message))
        message = ejs__to_string(ctx, message);
    if (ejs__is_thrown(message))
        return;
    remember_place(frame, e, message);
    message = placed_message(frame, filename, message);
    if (!ejs__is_thrown(message) && ejs__set_name(ctx, e, "message", message))
        ctx->exception = e;
}

/* reporting
 * -------------------------------------------------------------------------- */

/* Copies text, cut at a character if need be, lone surrogates replaced. */
static void copy_text(char *to, size_t room, ejs_value s)
{
    to[0] = '\0';
    if (s.tag != EJS_TAG_STRING)
        return;
    base_buf buf = {0};
    const size_t most = s.size < room ? s.size : room - 1;
    base_utf8_repair(&buf, s.as.text, most);
    size_t size = buf.failed ? 0 : buf.size;
    if (size >= room)
        size = room - 1;
    while (size > 0 && s.size > most &&
           ((unsigned char)buf.data[size - 1] & 0xC0) == 0x80)
        size--;
    if (size)
        memcpy(to, buf.data, size);
    to[size] = '\0';
    base_buf_free(&buf);
}

/* The same, cut in the middle: an excerpt with long lines must not hide the
 * sentence at its end. */
static void copy_message(char *to, size_t room, ejs_value s)
{
    static const char gap[] = " ...\n... ";
    const size_t tail = room / 4, head = room - tail - strlen(gap);
    if (s.tag != EJS_TAG_STRING || s.size < room) {
        copy_text(to, room, s);
        return;
    }
    copy_text(to, head, s);
    const size_t n = strlen(to);
    memcpy(to + n, gap, strlen(gap));
    const char *rest = s.as.text + s.size - tail + 1;
    while (((unsigned char)*rest & 0xC0) == 0x80)
        rest++;
    copy_text(to + n + strlen(gap), tail,
              ejs__string(rest, (uint32_t)(s.as.text + s.size - rest), 0));
}

/* A property as text, whatever happens; undefined when that fails. */
static ejs_value text_property(ejs_context *ctx, ejs_value v, const char *name)
{
    ejs_value s = ejs__is_thrown(v) ? v : ejs__get_name(ctx, v, name);
    if (!ejs__is_thrown(s) && s.tag != EJS_TAG_UNDEFINED)
        s = ejs__to_string(ctx, s);
    return ejs__is_thrown(s) ? ejs__undefined() : s;
}

void ejs__report(ejs_context *ctx, ejs_error *err)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    const ejs_value e = ctx->exception;
    ejs_value message = e, name = EJS_LITERAL("");
    if (!err)
        return;
    *err = (ejs_error){.status = realm->status};
    if (ctx->fatal) {
        name = EJS_LITERAL("Limit");
    } else if (ejs__is_object(e)) {
        name = text_property(ctx, e, "name");
        if (name.tag != EJS_TAG_STRING) /* no error: its class, as {message} */
            name = text_property(ctx, ejs__get_name(ctx, e, "constructor"),
                                 "name");
        message = text_property(ctx, e, "message");
    } else {
        message = ejs__to_string(ctx, e);
    }
    copy_text(err->name, sizeof err->name, name);
    copy_message(err->message, sizeof err->message, message);
    copy_text(err->summary, sizeof err->summary,
              realm->placed ? realm->summary : message);
    if (realm->hint_exception && ejs__is_kind(e, EJS_OBJECT_ERROR) &&
        realm->hint_exception == e.as.object)
        snprintf(err->hint, sizeof err->hint, "%s", realm->hint);
    if (!realm->placed)
        return;
    err->line = (int)realm->line;
    const char *file = realm->file;
    if (ejs__knows_thrown(ctx)) { /* more exactly than EJS says it */
        err->line = (int)(realm->thrown_at >> 12);
        err->column = (int)(realm->thrown_at & 0xFFF);
        file = realm->thrown_file;
    }
    if (file)
        snprintf(err->file, sizeof err->file, "%s", file);
}
