/*
 * layout.c - pages within layouts, as ejs-mate and express-ejs-layouts have
 * them.
 *
 * In a page                              in its layout
 *     <% layout('layouts/main') %>           <%- body %>
 *     <% block('head').append('...') %>      <%- block('head') %>
 *     <%- contentFor('side') %> ...          <%- defineContent('side') %>
 *                                            or <%- side %>
 *     <%- partial('row', {x: 1}) %>
 *
 * Such a page is rendered below a template of our own, `outside`, which then
 * renders the layout around what came out, and so on for the layout's layout.
 */
#include "ejs/engine.h"

#include "ejs/runtime/internal.h"

/* Between these, contentFor() writes a section's name into the output; no
 * UTF-8 text contains the bytes. */
static const char mark[] = "\xff\xfe";
enum { MARK_SIZE = sizeof mark - 1 };

static ejs__render_state *state_of(ejs_context *ctx)
{
    return ejs__realm_of(ctx)->engine_state;
}

static ejs_site site_of(const char *name)
{
    return (ejs_site){name, (uint32_t)strlen(name), 0, 0, 0, 0, 0, 0};
}

/* functions of the page -------------------------------------------------------
 */

static ejs_value choose_layout(ejs_call *call)
{
    const ejs_value name = ejs__arg(call, 0);
    ejs__render_state *state = state_of(call->ctx);
    state->layout = ejs__truthy(name) ? name : ejs__undefined();
    return ejs__undefined();
}

/* A block is an object with `html`, an array, and these methods. */
static ejs_value change_block(ejs_call *call, bool in_front, bool instead)
{
    ejs_context *ctx = call->ctx;
    ejs_site html = site_of("html");
    const ejs_value text = ejs__to_string(ctx, ejs__arg(call, 0));
    const ejs_value old = ejs__get(ctx, call->self, &html);
    ejs__array *parts = ejs__array_new(ctx, 4);
    if (ejs__is_thrown(text) || ejs__is_thrown(old) || !parts ||
        (in_front && !ejs__array_push(ctx, parts, text)) ||
        (!instead && !ejs__array_spread(ctx, parts, old)) ||
        (!in_front && !ejs__array_push(ctx, parts, text)) ||
        !ejs__set(ctx, call->self, &html, ejs__object(&parts->object), false))
        return ejs__thrown();
    return call->self;
}

static ejs_value append(ejs_call *call)
{
    return change_block(call, false, false);
}

static ejs_value prepend(ejs_call *call)
{
    return change_block(call, true, false);
}

static ejs_value replace(ejs_call *call)
{
    return change_block(call, false, true);
}

static ejs_value block_text(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_site html = site_of("html"), join = site_of("join");
    const ejs_value parts = ejs__get(ctx, call->self, &html);
    const ejs_value between = EJS_LITERAL("\n");
    if (ejs__is_thrown(parts))
        return parts;
    return ejs__call_method(ctx, parts, &join, &between, 1, "html.join");
}

static const ejs__builtin block_methods[] = {
    {"append", append, 1, EJS_ROW_METHOD},
    {"prepend", prepend, 1, EJS_ROW_METHOD},
    {"replace", replace, 1, EJS_ROW_METHOD},
    {"toString", block_text, 0, EJS_ROW_METHOD},
};

static ejs_value new_block(ejs_context *ctx)
{
    ejs_object *block = ejs__object_new(ctx);
    ejs__array *parts = ejs__array_new(ctx, 4);
    ejs_site html = site_of("html");
    if (!block || !parts ||
        !ejs__define(ctx, block, &html, ejs__object(&parts->object)))
        return ejs__thrown();
    for (size_t i = 0; i < sizeof block_methods / sizeof *block_methods; i++) {
        ejs_site name = site_of(block_methods[i].name);
        ejs__function_object *f = ejs__builtin_function(ctx, &block_methods[i]);
        if (!f || !ejs__define(ctx, block, &name, ejs__object(&f->object)))
            return ejs__thrown();
    }
    return ejs__object(block);
}

/* block(name) or block(name, html) */
static ejs_value block(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs__render_state *state = state_of(ctx);
    const ejs_value name = ejs__to_string(ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(name))
        return name;
    if (!state->blocks && !(state->blocks = ejs__object_new(ctx)))
        return ejs__thrown();
    const ejs_value all = ejs__object(state->blocks);
    ejs_site site = {name.as.text, name.size, 0, 0, 0, 0, 0, 0};
    const int known = ejs__has_own(ctx, all, name);
    ejs_value found = known > 0 ? ejs__get(ctx, all, &site) : new_block(ctx);
    if (known < 0 || ejs__is_thrown(found) ||
        (!known && !ejs__define(ctx, state->blocks, &site, found)))
        return ejs__thrown();
    if (call->argc > 1) {
        ejs_site method = site_of("append");
        const ejs_value html = ejs__arg(call, 1);
        return ejs__call_method(ctx, found, &method, &html, 1, "append");
    }
    return found;
}

static ejs_value content_for(ejs_call *call)
{
    const ejs_value around = ejs__string(mark, MARK_SIZE, EJS_STRING_WIDE);
    const ejs_value parts[3] = {around, ejs__arg(call, 0), around};
    return ejs__concat(call->ctx, parts, 3);
}

static ejs_value define_content(ejs_call *call)
{
    const ejs__render_state *state = state_of(call->ctx);
    const ejs_value name = ejs__arg(call, 0);
    if (!state->sections)
        return EJS_LITERAL("");
    const ejs_value sections = ejs__object(state->sections);
    const int known = ejs__has_own(call->ctx, sections, name);
    if (known < 0)
        return ejs__thrown();
    return known ? ejs__get_index(call->ctx, sections, name) : EJS_LITERAL("");
}

static ejs_value include_from(ejs_frame *frame, ejs_value name, ejs_value data)
{
    const void *tpl = NULL;
    const ejs_unit *unit = ejs__find_include(frame, name, &tpl);
    return unit ? ejs__include_value(frame, unit, tpl, data) : ejs__thrown();
}

static ejs_value partial(ejs_call *call)
{
    return include_from(call->ctx->out_frame, ejs__arg(call, 0),
                        ejs__arg(call, 1));
}

bool ejs__define_layouts(ejs_engine *engine)
{
    return ejs_define(engine, "layout", choose_layout, NULL) &&
           ejs_define(engine, "block", block, NULL) &&
           ejs_define(engine, "contentFor", content_for, NULL) &&
           ejs_define(engine, "defineContent", define_content, NULL) &&
           ejs_define(engine, "partial", partial, NULL);
}

/* around the page
 * ------------------------------------------------------------------ */

static const char *find_mark(const char *at, const char *end)
{
    for (; at + MARK_SIZE <= end; at++) {
        if (memcmp(at, mark, MARK_SIZE) == 0)
            return at;
    }
    return NULL;
}

static bool add_section(ejs_context *ctx, ejs_value data, const char *name,
                        size_t name_size, const char *text, size_t size)
{
    ejs__render_state *state = state_of(ctx);
    const ejs_value value = ejs__string_copy(ctx, text, size);
    const ejs_value key = ejs__string_copy(ctx, name, name_size);
    if (!state->sections && !(state->sections = ejs__object_new(ctx)))
        return false;
    return !ejs__is_thrown(value) && !ejs__is_thrown(key) &&
           ejs__define_index(ctx, state->sections, key, value) &&
           ejs__define_index(ctx, data.as.object, key, value);
}

/* What follows a mark, up to the next, is a section; a line feed beside a mark
 * goes with it.  *body becomes what stands before the first. */
static bool take_sections(ejs_context *ctx, ejs_value data, ejs_value *body)
{
    const char *at = body->as.text, *end = at + body->size;
    const char *begin = find_mark(at, end);
    const char *body_end = begin ? begin : end;
    if (begin > at && begin[-1] == '\n')
        body_end--;
    while (begin) {
        const char *name = begin + MARK_SIZE;
        const char *name_end = find_mark(name, end);
        if (!name_end)
            break;
        const char *text = name_end + MARK_SIZE;
        text += text < end && *text == '\n';
        begin = find_mark(text, end);
        const char *stop = begin ? begin : end;
        if (begin > text && begin[-1] == '\n')
            stop--;
        if (!add_section(ctx, data, name, (size_t)(name_end - name), text,
                         (size_t)(stop - text)))
            return false;
    }
    *body = ejs__string_copy(ctx, at, (size_t)(body_end - at));
    return !ejs__is_thrown(*body);
}

static ejs_value render_layout(ejs_frame *frame, ejs_value body)
{
    ejs_context *ctx = frame->ctx;
    ejs__render_state *state = state_of(ctx);
    const ejs_value name = state->layout;
    ejs_site key = site_of("body");
    ejs_object *data = ejs__object_new(ctx);
    state->layout = ejs__undefined();
    if (!data || !take_sections(ctx, ejs__object(data), &body) ||
        !ejs__define(ctx, data, &key, body))
        return ejs__thrown();
    return include_from(frame, name, ejs__object(data));
}

static ejs_value run_outside(ejs_frame *frame, bool *returned)
{
    ejs__render_state *state = state_of(frame->ctx);
    const ejs_template *page = state->page;
    ejs_value body =
        ejs__include_value(frame, page->unit, page, ejs__undefined());
    (void)returned;
    if (!ejs__is_thrown(body))
        body = ejs__to_string(frame->ctx, body);
    while (!ejs__is_thrown(body) && state->layout.tag != EJS_TAG_UNDEFINED) {
        body = render_layout(frame, body);
        if (!ejs__is_thrown(body))
            body = ejs__to_string(frame->ctx, body);
    }
    if (ejs__is_thrown(body) || !ejs__put_raw(frame, body))
        return ejs__thrown();
    return ejs__undefined();
}

static const ejs_unit outside = {
    .abi = EJS_ABI,
    .name = "",
    .locals_name = "locals",
    .run = run_outside,
};

bool ejs__render_with_layout(ejs_context *ctx, const ejs_template *page,
                             ejs_value data, ejs_value self)
{
    ejs__render_state *state = state_of(ctx);
    const char *layout = page->engine->options.layout;
    state->page = page;
    if (layout)
        state->layout = ejs__string(layout, (uint32_t)strlen(layout), 0);
    return ejs__render_page(ctx, &outside, page, data, self);
}
