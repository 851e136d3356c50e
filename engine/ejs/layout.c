/*
 * layout.c - pages within layouts, as ejs-mate and express-ejs-layouts have
 * them.
 *
 * In a page                              in its layout
 *     <% layout('main') %>                   <%- body %>
 *     <% block('head').append('...') %>      <%- block('head') %>
 *     <%- contentFor('side') %> ...          <%- defineContent('side') %>
 *                                            or <%- side %>
 *     <%- partial('row') %>
 *     <% fragment('list', () => { %> ... <% }) %>
 *
 * Such a page is rendered below a template of our own, `outside`, which then
 * renders the layout around what came out, and so on for the layout's layout;
 * or it writes only the part of the page that is wanted.
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
    return (ejs_site){.key = name, .size = (uint32_t)strlen(name)};
}

/* functions of the page -------------------------------------------------------
 */

/* layout(true) is the layout of that name; false is none. */
static ejs_value layout_name(ejs_value v)
{
    if (v.tag == EJS_TAG_BOOLEAN && ejs__truthy(v))
        return EJS_LITERAL("layout");
    return ejs__truthy(v) ? v : ejs__undefined();
}

static ejs_value choose_layout(ejs_call *call)
{
    state_of(call->ctx)->layout = layout_name(ejs__arg(call, 0));
    return ejs__undefined();
}

/* A block is an object with `html`, an array, and these methods. */
static ejs_value change_block(ejs_call *call, const char *how)
{
    ejs_context *ctx = call->ctx;
    ejs_site html = site_of("html"), method = site_of(how);
    const ejs_value text = ejs__arg(call, 0);
    const ejs_value parts = ejs__get(ctx, call->self, &html);
    if (ejs__is_thrown(parts) ||
        ejs__is_thrown(ejs__call_method(ctx, parts, &method, &text, 1, how)))
        return ejs__thrown();
    return ejs__undefined();
}

static ejs_value append(ejs_call *call)
{
    return change_block(call, "push");
}

static ejs_value prepend(ejs_call *call)
{
    return change_block(call, "unshift");
}

static ejs_value replace(ejs_call *call)
{
    ejs_site html = site_of("html");
    const ejs_value text = ejs__arg(call, 0);
    const ejs_value parts = ejs__array_from(call->ctx, &text, 1);
    if (ejs__is_thrown(parts) ||
        !ejs__set(call->ctx, call->self, &html, parts, false))
        return ejs__thrown();
    return ejs__undefined();
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
    ejs_site site = {.key = name.as.text, .size = name.size};
    const int known = ejs__has_own(ctx, all, name);
    ejs_value found = known > 0 ? ejs__get(ctx, all, &site) : new_block(ctx);
    if (known < 0 || ejs__is_thrown(found) ||
        (!known && !ejs__define(ctx, state->blocks, &site, found)))
        return ejs__thrown();
    const ejs_value html = ejs__arg(call, 1);
    ejs_site method = site_of("append");
    if (ejs__truthy(html) && ejs__is_thrown(ejs__call_method(
                                 ctx, found, &method, &html, 1, "append")))
        return ejs__thrown();
    return found;
}

static ejs_value content_for(ejs_call *call)
{
    const ejs_value around = ejs__string(mark, MARK_SIZE, EJS_STRING_WIDE);
    const ejs_value parts[3] = {around, ejs__arg(call, 0), around};
    return ejs__concat(call->ctx, parts, 3);
}

/* A section, or what the data have by that name. */
static ejs_value define_content(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs__render_state *state = state_of(ctx);
    const ejs_value name = ejs__to_string(ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(name))
        return name;
    ejs_value v = ejs__undefined();
    if (state->sections)
        v = ejs__get_index(ctx, ejs__object(state->sections), name);
    if (v.tag == EJS_TAG_UNDEFINED)
        ejs__data_get(ctx->out_frame, name.as.text, name.size, NULL, &v);
    return ejs__is_thrown(v) || ejs__truthy(v) ? v : EJS_LITERAL("");
}

/* Partials of partials lie beside the page too, not beside each other. */
static ejs_value partial(ejs_call *call)
{
    ejs_frame *frame = call->ctx->out_frame, *page = frame;
    const void *tpl = NULL;
    while (page->includer && page->includer->includer)
        page = page->includer;
    const ejs_unit *unit =
        ejs__find_other(page, ejs__arg(call, 0), EJS__PARTIAL, &tpl);
    if (!unit)
        return ejs__thrown();
    return ejs__include_value(frame, unit, tpl, ejs__arg(call, 1));
}

/* fragment(name, function): the function's text stands in the page, and is all
 * of it when only that part is wanted. */
static ejs_value fragment(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs__render_state *state = state_of(ctx);
    const ejs_value name = ejs__to_string(ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(name))
        return name;
    ejs_frame *frame = ctx->out_frame;
    const size_t start = ejs__capture_begin(frame);
    const ejs_value done = ejs__call(ctx, ejs__arg(call, 1), ejs__undefined(),
                                     NULL, 0, "fragment's function");
    const ejs_value text = ejs__capture_end(frame, start, true);
    if (ejs__is_thrown(done) || ejs__is_thrown(text))
        return ejs__thrown();
    if (!state->block || !ejs__string_is(name, state->block))
        return ejs__undefined();
    const ejs_value parts[2] = {state->fragment.tag == EJS_TAG_STRING
                                    ? state->fragment
                                    : EJS_LITERAL(""),
                                text};
    state->fragment = ejs__concat(ctx, parts, 2);
    return ejs__is_thrown(state->fragment) ? ejs__thrown() : ejs__undefined();
}

bool ejs__define_layouts(ejs_engine *engine)
{
    return ejs_define(engine, "layout", choose_layout, NULL) &&
           ejs_define(engine, "block", block, NULL) &&
           ejs_define(engine, "contentFor", content_for, NULL) &&
           ejs_define(engine, "defineContent", define_content, NULL) &&
           ejs_define(engine, "fragment", fragment, NULL) &&
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

/* Where the line end at `at` ends. */
static const char *skip_line_end(const char *at, const char *end)
{
    at += at < end && *at == '\r';
    return at + (at < end && *at == '\n');
}

/* Where the line end before `at` begins. */
static const char *cut_line_end(const char *at, const char *begin)
{
    at -= at > begin && at[-1] == '\n';
    return at - (at > begin && at[-1] == '\r');
}

/* What follows a mark, up to the next, is a section; a line end beside a mark
 * goes with it.  *body becomes what stands before the first. */
static bool take_sections(ejs_context *ctx, ejs_value data, ejs_value *body)
{
    const char *at = body->as.text, *end = at + body->size;
    const char *begin = find_mark(at, end);
    const char *body_end = begin ? cut_line_end(begin, at) : end;
    while (begin) {
        const char *name = begin + MARK_SIZE;
        const char *name_end = find_mark(name, end);
        if (!name_end)
            break;
        const char *text = skip_line_end(name_end + MARK_SIZE, end);
        begin = find_mark(text, end);
        const char *stop = begin ? cut_line_end(begin, text) : end;
        if (!add_section(ctx, data, name, (size_t)(name_end - name), text,
                         (size_t)(stop - text)))
            return false;
    }
    *body = ejs__string_copy(ctx, at, (size_t)(body_end - at));
    return !ejs__is_thrown(*body);
}

/* elements that the layout wants elsewhere
 * ------------------------------------------ */

/* An element from `begin`, through the next '>', up to the end of `close`. */
typedef struct element {
    const char *begin;
    const char *close; /* NULL: a tag alone */
    bool maybe;        /* `close` is part of it only where it follows at once */
} element;

static const element scripts[] = {{"<script", "</script>", false}, {0}};
static const element styles[] = {
    {"<style", "</style>", false}, {"<link", "</link>", true}, {0}};
static const element metas[] = {{"<meta", NULL, false}, {0}};

static const char *find_text(const char *at, const char *end, const char *text)
{
    return at < end ? memmem(at, (size_t)(end - at), text, strlen(text)) : NULL;
}

/* Where such an element that begins at `at` ends; NULL: none does. */
static const char *element_end(const element *e, const char *at,
                               const char *end)
{
    for (; e->begin; e++) {
        const size_t size = strlen(e->begin);
        if ((size_t)(end - at) < size || memcmp(at, e->begin, size) != 0)
            continue;
        const char *stop = find_text(at + size, end, ">");
        if (!stop)
            return NULL;
        stop++;
        if (!e->close)
            return stop;
        const char *close = find_text(stop, end, e->close);
        if (!e->maybe)
            return close ? close + strlen(e->close) : NULL;
        return close == stop ? close + strlen(e->close) : stop;
    }
    return NULL;
}

/* Moves the elements out of the body into data[name], a line each. */
static bool extract(ejs_context *ctx, ejs_value data, ejs_value *body,
                    const char *name, const element *elements)
{
    ejs__builder rest = ejs__builder_new(ctx), taken = ejs__builder_new(ctx);
    const char *at = body->as.text, *end = at + body->size, *kept = at;
    while (at < end && (at = memchr(at, '<', (size_t)(end - at)))) {
        const char *stop = element_end(elements, at, end);
        if (!stop) {
            at++;
            continue;
        }
        if (taken.size)
            ejs__builder_putc(&taken, '\n');
        ejs__builder_put(&taken, at, (size_t)(stop - at));
        ejs__builder_put(&rest, kept, (size_t)(at - kept));
        kept = at = stop;
    }
    ejs__builder_put(&rest, kept, (size_t)(end - kept));
    const ejs_value v = ejs__builder_take(&taken);
    *body = ejs__builder_take(&rest);
    return !ejs__is_thrown(v) && !ejs__is_thrown(*body) &&
           ejs__define_name(ctx, data.as.object, name, v, EJS_ORDINARY);
}

static bool extract_all(ejs_context *ctx, ejs_value data, ejs_value *body)
{
    const ejs_options *o = &state_of(ctx)->page->engine->options;
    return (!o->extract_scripts ||
            extract(ctx, data, body, "script", scripts)) &&
           (!o->extract_styles || extract(ctx, data, body, "style", styles)) &&
           (!o->extract_metas || extract(ctx, data, body, "meta", metas));
}

/* outside
 * ---------------------------------------------------------------------------
 */

static ejs_value render_layout(ejs_frame *frame, ejs_value body)
{
    ejs_context *ctx = frame->ctx;
    ejs__render_state *state = state_of(ctx);
    const ejs_value name = state->layout;
    ejs_site key = site_of("body");
    ejs_object *data = ejs__object_new(ctx);
    state->layout = ejs__undefined();
    if (!data || !extract_all(ctx, ejs__object(data), &body) ||
        !take_sections(ctx, ejs__object(data), &body) ||
        !ejs__define(ctx, data, &key, body))
        return ejs__thrown();
    const void *tpl = NULL;
    const ejs_unit *unit = ejs__find_other(frame, name, EJS__LAYOUT, &tpl);
    return unit ? ejs__include_value(frame, unit, tpl, ejs__object(data))
                : ejs__thrown();
}

/* The wanted block of the page that came out as `body`. */
static ejs_value pick_block(ejs_context *ctx, ejs_value body)
{
    const ejs__render_state *state = state_of(ctx);
    const ejs_value name =
        ejs__string(state->block, (uint32_t)strlen(state->block), 0);
    ejs_object *data = ejs__object_new(ctx);
    if (state->fragment.tag == EJS_TAG_STRING)
        return state->fragment;
    if (!data || !take_sections(ctx, ejs__object(data), &body))
        return ejs__thrown();
    if (strcmp(state->block, "body") == 0)
        return body;
    ejs_object *const places[] = {state->sections, state->blocks};
    for (size_t i = 0; i < 2; i++) {
        const ejs_value all = ejs__object(places[i]);
        const int known = places[i] ? ejs__has_own(ctx, all, name) : 0;
        if (known)
            return known > 0 ? ejs__get_index(ctx, all, name) : ejs__thrown();
    }
    ejs__throw_error(ctx, EJS_ERROR, "the page has no block \"%s\"",
                     state->block);
    ejs__realm_of(ctx)->status = EJS_NOT_FOUND;
    return ejs__thrown();
}

static ejs_value run_outside(ejs_frame *frame, bool *returned)
{
    ejs_context *ctx = frame->ctx;
    ejs__render_state *state = state_of(ctx);
    const ejs_template *page = state->page;
    ejs_value body =
        ejs__include_value(frame, page->unit, page, ejs__undefined());
    (void)returned;
    if (!ejs__is_thrown(body))
        body = ejs__to_string(ctx, body);
    if (state->block && !ejs__is_thrown(body))
        body = pick_block(ctx, body);
    while (!ejs__is_thrown(body) && !state->block &&
           state->layout.tag != EJS_TAG_UNDEFINED) {
        body = render_layout(frame, body);
        if (!ejs__is_thrown(body))
            body = ejs__to_string(ctx, body);
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

/* The engine's layout, or the one that the data name as `layout`. */
static bool default_layout(ejs_context *ctx, const ejs_options *options,
                           ejs_value data)
{
    ejs__render_state *state = state_of(ctx);
    ejs_value chosen = ejs__undefined();
    if (ejs__is_object(data))
        chosen = ejs__get_name(ctx, data, "layout");
    if (ejs__is_thrown(chosen))
        return false;
    const char *name = options->layout;
    if (chosen.tag == EJS_TAG_STRING || chosen.tag == EJS_TAG_BOOLEAN)
        state->layout = layout_name(chosen);
    else if (name)
        state->layout = ejs__string(name, (uint32_t)strlen(name), 0);
    return true;
}

bool ejs__render_with_layout(ejs_context *ctx, const ejs_template *page,
                             ejs_value data, const char *block)
{
    ejs__render_state *state = state_of(ctx);
    state->page = page;
    state->block = block;
    return default_layout(ctx, &page->engine->options, data) &&
           ejs__render_page(ctx, &outside, page, data);
}
