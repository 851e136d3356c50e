/* Running templates: the page, and what it includes. */
#include <stdlib.h>

#include "base/utf8.h"
#include "ejs/runtime/internal.h"

/* frames
 * ------------------------------------------------------------------------------
 */

/* A frame lies in the arena, for functions made in it may outlive it. */
static ejs_frame *new_frame(ejs_context *ctx, const ejs_unit *unit)
{
    const size_t caches = (size_t)unit->n_regexps + unit->n_template_sites;
    const size_t size = sizeof(ejs_frame) + sizeof(struct ejs__frame_private) +
                        unit->n_names * sizeof(ejs__name_slot) +
                        caches * sizeof(ejs_value);
    ejs_frame *frame = ejs__alloc(ctx, size);
    if (!frame)
        return NULL;
    memset(frame, 0, size);
    frame->ctx = ctx;
    frame->unit = unit;
    frame->names = (ejs__name_slot *)(void *)(frame + 1);
    frame->regexps = (ejs_value *)(void *)(frame->names + unit->n_names);
    frame->template_sites = frame->regexps + unit->n_regexps;
    frame->more =
        (struct ejs__frame_private *)(void *)(frame->regexps + caches);
    frame->line = 1;
    return frame;
}

static inline bool enter_frame(ejs_frame *frame, const void *tpl,
                               ejs_frame *includer)
{
    ejs_context *ctx = frame->ctx;
    const unsigned max = ejs__realm_of(ctx)->settings->max_includes;
    frame->includer = includer;
    frame->more->tpl = tpl;
    frame->more->below = ctx->out_frame;
    frame->out_start = ctx->out_size;
    if (includer) {
        frame->more->n_included = includer->more->n_included + 1;
        frame->more->engine_data = includer->more->engine_data;
    }
    if ((max && frame->more->n_included > max) || !ejs__check_stack(ctx)) {
        if (!ctx->fatal)
            ejs__throw_error(ctx, EJS_RANGE_ERROR,
                             "Maximum call stack size exceeded");
        return false;
    }
    ctx->out_frame = frame;
    return true;
}

/* Forgets what the frame has put out. */
static void drop_output(ejs_frame *frame)
{
    if (frame->out_start < frame->ctx->out_size)
        frame->ctx->out_size = frame->out_start;
}

/* Runs the template; *value is what it returned, HOLE when it just ended. */
static bool run_frame(ejs_frame *frame, const void *tpl, ejs_frame *includer,
                      ejs_value *value)
{
    ejs_context *ctx = frame->ctx;
    bool returned = false;
    if (!enter_frame(frame, tpl, includer))
        return false;
    *value = frame->unit->run(frame, &returned);
    const bool thrown = ejs__is_thrown(*value);
    if (thrown)
        ejs__rethrow(frame);
    if (thrown || returned)
        drop_output(frame);
    if (!thrown && !returned)
        *value = ejs__tagged(EJS_TAG_HOLE);
    ctx->out_frame = frame->more->below;
    frame->finished = true;
    return !thrown;
}

/* The page
 * ---------------------------------------------------------------------------------
 */

static bool finish_page(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    const size_t max = realm->settings->max_output;
    if (max && realm->flushed + ctx->out_size > max) {
        ejs__throw_limit(ctx, "output limit of the render exceeded");
        return false;
    }
    if (realm->write)
        return ejs__flush(ctx, true);
    if (!realm->has_halves)
        return true;
    base_buf buf = {0};
    base_utf8_repair(&buf, ctx->out, ctx->out_size);
    if (buf.failed) {
        base_buf_free(&buf);
        ejs__throw_no_memory(ctx);
        return false;
    }
    free(ctx->out);
    ctx->out = buf.data;
    ctx->out_size = buf.size;
    ctx->out_capacity = buf.capacity;
    return true;
}

bool ejs__render_page(ejs_context *ctx, const ejs_unit *unit, const void *tpl,
                      ejs_value data)
{
    struct json_object *self = ejs__realm_of(ctx)->settings->self;
    ejs_value value;
    ejs_frame *frame = new_frame(ctx, unit);
    if (!frame)
        return false;
    frame->data = data;
    if (self) {
        frame->self = ejs__from_json(ctx, self);
        if (ejs__is_thrown(frame->self))
            return false;
    }
    if (!run_frame(frame, tpl, NULL, &value))
        return false;
    if (value.tag != EJS_TAG_HOLE) { /* the page returned its text */
        ctx->out_frame = frame;
        const bool put = ejs__put_raw(frame, value);
        ctx->out_frame = NULL;
        if (!put)
            return false;
    }
    return finish_page(ctx);
}

/* include
 * ------------------------------------------------------------------------------------
 */

/* Renders below `frame`; the text stands at the end of the output. */
static bool include(ejs_frame *frame, const ejs_unit *unit, const void *tpl,
                    ejs_value data, bool is_fresh, ejs_value *value)
{
    ejs_context *ctx = frame->ctx;
    ejs_frame *child = new_frame(ctx, unit);
    if (!child)
        return false;
    child->data = frame->data;
    child->self = frame->self;
    if (is_fresh) {
        data.as.object->proto = NULL;
        child->include_data = data;
    } else if (ejs__truthy(data)) {
        child->include_data = ejs__snapshot(ctx, data);
        if (ejs__is_thrown(child->include_data))
            return false;
    }
    return run_frame(child, tpl, frame, value);
}

/* Takes the text from `start` on out of the output. */
static ejs_value take_output(ejs_context *ctx, size_t start)
{
    const ejs_value text =
        ctx->out_size == start
            ? EJS_LITERAL("")
            : ejs__string_copy(ctx, ctx->out + start, ctx->out_size - start);
    ctx->out_size = start;
    return text;
}

static ejs_value include_value(ejs_frame *frame, const ejs_unit *unit,
                               const void *tpl, ejs_value data, bool is_fresh)
{
    ejs_context *ctx = frame->ctx;
    ejs__realm *realm = ejs__realm_of(ctx);
    const size_t start = ctx->out_size;
    ejs_value value;
    realm->captures++;
    const bool done = include(frame, unit, tpl, data, is_fresh, &value);
    realm->captures--;
    if (!done)
        return ejs__thrown();
    return value.tag == EJS_TAG_HOLE ? take_output(ctx, start) : value;
}

ejs_value ejs__include_value(ejs_frame *frame, const ejs_unit *unit,
                             const void *tpl, ejs_value data)
{
    return include_value(frame, unit, tpl, data, false);
}

/* `how` as ejs__put_include_at has it. */
static bool include_put(ejs_frame *frame, const ejs_unit *unit, const void *tpl,
                        ejs_value data, unsigned how)
{
    ejs_value value;
    const bool escaped = how & EJS_INCLUDE_ESCAPED;
    const bool is_fresh = how & EJS_INCLUDE_FRESH;
    if (escaped || frame->ctx->out_frame != frame) {
        value = include_value(frame, unit, tpl, data, is_fresh);
        if (ejs__is_thrown(value))
            return false;
        return escaped ? ejs__put_escaped(frame, value)
                       : ejs__put_raw(frame, value);
    }
    if (!include(frame, unit, tpl, data, is_fresh, &value))
        return false;
    return value.tag == EJS_TAG_HOLE || ejs__put_raw(frame, value);
}

bool ejs__include_put(ejs_frame *frame, const ejs_unit *unit, const void *tpl,
                      ejs_value data, bool escaped)
{
    return include_put(frame, unit, tpl, data,
                       escaped ? EJS_INCLUDE_ESCAPED : 0);
}

static const ejs_unit *resolve(ejs_frame *frame, uint32_t place, ejs_value path,
                               const void **tpl)
{
    const ejs__settings *s = ejs__realm_of(frame->ctx)->settings;
    *tpl = NULL;
    if (s->resolve)
        return s->resolve(frame, place, path, tpl);
    ejs__throw_error(frame->ctx, EJS_ERROR,
                     "Could not find the include file \"%s\"",
                     ejs__describe(frame->ctx, path));
    return NULL;
}

bool ejs__put_include_at(ejs_frame *frame, uint32_t place, ejs_value path,
                         ejs_value data, unsigned how)
{
    const void *tpl;
    const ejs_unit *unit = resolve(frame, place, path, &tpl);
    return unit && include_put(frame, unit, tpl, data, how);
}

bool ejs__put_include(ejs_frame *frame, ejs_value path, ejs_value data,
                      bool escaped)
{
    return ejs__put_include_at(frame, EJS_NO_PLACE, path, data,
                               escaped ? EJS_INCLUDE_ESCAPED : 0);
}

/* `include` as a value. */
static ejs_value call_include(ejs_call *call)
{
    ejs_frame *frame = ejs__as_function(call->callee)->frame;
    const void *tpl;
    const ejs_unit *unit =
        resolve(frame, EJS_NO_PLACE, ejs__arg(call, 0), &tpl);
    return unit ? ejs__include_value(frame, unit, tpl, ejs__arg(call, 1))
                : ejs__thrown();
}

ejs_value ejs__include_function(ejs_frame *frame)
{
    static const ejs__builtin row = {"include", call_include, 2, 0};
    if (!frame->more->include) {
        ejs__function_object *f = ejs__builtin_function(frame->ctx, &row);
        if (!f)
            return ejs__thrown();
        f->frame = frame;
        frame->more->include = &f->object;
    }
    return ejs__object(frame->more->include);
}

/* capturing
 * -------------------------------------------------------------------------------------
 */

size_t ejs__capture_begin(ejs_frame *frame)
{
    ejs__realm_of(frame->ctx)->captures++;
    return frame->ctx->out_size;
}

ejs_value ejs__capture_end(ejs_frame *frame, size_t mark, bool keep)
{
    ejs_context *ctx = frame->ctx;
    ejs__realm_of(ctx)->captures--;
    if (mark > ctx->out_size)
        mark = ctx->out_size;
    const size_t end = ctx->out_size;
    const ejs_value text = take_output(ctx, mark);
    if (keep)
        ctx->out_size = end;
    return text;
}
