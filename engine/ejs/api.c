/* api.c - rendering, and what C helpers use: the rest of <ejs.h>. */
#include "ejs/engine.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "ejs/cgen/cgen.h"
#include "ejs/runtime/json.h"
#include "ejs/runtime/object.h"

enum { KEEP_MEMORY = 1 << 20 }; /* bytes a pooled context may hold on to */

/* contexts
 * ---------------------------------------------------------------------- */

/* Where this thread begins to look: threads seldom meet. */
static unsigned home(void)
{
    static _Thread_local char mine;
    const uint64_t h = (uint64_t)(uintptr_t)&mine * 0x9E3779B97F4A7C15u;
    return (unsigned)(h >> 32) % EJS__POOLED;
}

/* In a place whose context is in use. */
static char in_use;
#define IN_USE ((ejs_context *)(void *)&in_use)

static ejs_context *new_context(ejs__pool_place *place)
{
    ejs_context *ctx = ejs__context_new();
    if (ctx)
        ejs__realm_of(ctx)->pool_place = place;
    else if (place)
        atomic_store_explicit(&place->ctx, NULL, memory_order_release);
    return ctx;
}

static ejs_context *take_context(ejs_engine *engine)
{
    for (unsigned i = 0, at = home(); i < EJS__POOLED; i++) {
        ejs__pool_place *place = &engine->pool[(at + i) % EJS__POOLED];
        if (atomic_load_explicit(&place->ctx, memory_order_relaxed) == IN_USE)
            continue;
        ejs_context *ctx =
            atomic_exchange_explicit(&place->ctx, IN_USE, memory_order_acquire);
        if (ctx != IN_USE)
            return ctx ? ctx : new_context(place);
    }
    return new_context(NULL);
}

ejs_context *ejs__begin_render(ejs_engine *engine, ejs_write_fn write,
                               void *user)
{
    ejs_context *ctx = take_context(engine);
    if (ctx)
        ejs__context_begin(ctx, &engine->settings, write, user);
    return ctx;
}

void ejs__end_render(ejs_context *ctx)
{
    ejs__pool_place *place = ejs__realm_of(ctx)->pool_place;
    ejs__context_end(ctx, KEEP_MEMORY);
    if (place)
        atomic_store_explicit(&place->ctx, ctx, memory_order_release);
    else
        ejs__context_free(ctx);
}

/* rendering
 * ------------------------------------------------------------------------- */

/* Where the data come from: a json-c node, or JSON text. */
typedef struct data_source {
    struct json_object *node;
    const char *json;
    size_t json_size;
    const char *block; /* the only part that is wanted; NULL: the page */
} data_source;

bool ejs__render_data(ejs_context *ctx, const ejs_template *tpl, ejs_value data,
                      const char *block, ejs_error *err)
{
    ejs__render_state state = {0};
    ejs__realm_of(ctx)->engine_state = &state;
    const bool is_data_error = ejs__is_thrown(data);
    const bool done =
        !is_data_error && (tpl->engine->options.layouts
                               ? ejs__render_with_layout(ctx, tpl, data, block)
                               : ejs__render_page(ctx, tpl->unit, tpl, data));
    if (!done)
        ejs__report(ctx, err);
    if (!done && err && is_data_error && err->status == EJS_RUNTIME)
        err->status = EJS_DATA;
    ejs__drop_includes(ctx);
    return done;
}

static bool render_in(ejs_context *ctx, const ejs_template *tpl,
                      const data_source *source, ejs_error *err)
{
    ejs_value data = ejs__undefined();
    if (source->node)
        data = ejs__from_json(ctx, source->node);
    else if (source->json)
        data = ejs__json_parse(
            ctx, source->json, source->json_size,
            EJS_JSON_BYTES | (tpl->engine->options.typed ? EJS_JSON_TYPED : 0));
    return ejs__render_data(ctx, tpl, data, source->block, err);
}

static bool render(const ejs_template *tpl, const data_source *source,
                   ejs_write_fn write, void *user, ejs_error *err)
{
    ejs_engine *engine = tpl->engine;
    ejs_context *ctx = ejs__begin_render(engine, write, user);
    ejs__clear_error(err);
    if (!ctx)
        return ejs__fail_memory(err);
    const bool done = render_in(ctx, tpl, source, err);
    ejs__end_render(ctx);
    return done;
}

bool ejs_render(const ejs_template *tpl, struct json_object *locals,
                ejs_write_fn write, void *user, ejs_error *err)
{
    const data_source source = {.node = locals};
    return render(tpl, &source, write, user, err);
}

bool ejs_render_json(const ejs_template *tpl, const char *json,
                     size_t json_size, ejs_write_fn write, void *user,
                     ejs_error *err)
{
    const data_source source = {.json = json, .json_size = json_size};
    return render(tpl, &source, write, user, err);
}

bool ejs_render_into(const ejs_template *tpl, struct json_object *locals,
                     ejs_buffer *page, ejs_error *err)
{
    const data_source source = {.node = locals};
    ejs_context *ctx = ejs__begin_render(tpl->engine, NULL, NULL);
    page->size = 0;
    ejs__clear_error(err);
    if (!ctx)
        return ejs__fail_memory(err);
    char *const own = ctx->out;
    const size_t own_capacity = ctx->out_capacity;
    ctx->out = page->data;
    ctx->out_capacity = page->capacity;
    const bool done = render_in(ctx, tpl, &source, err);
    *page = (ejs_buffer){ctx->out, done ? ctx->out_size : 0, ctx->out_capacity};
    ctx->out = own;
    ctx->out_capacity = own_capacity;
    ejs__end_render(ctx);
    return done;
}

static char *copy_output(const ejs_context *ctx, size_t *size)
{
    char *page = malloc(ctx->out_size + 1);
    if (!page)
        return NULL;
    if (ctx->out_size)
        memcpy(page, ctx->out, ctx->out_size);
    page[ctx->out_size] = '\0';
    if (size)
        *size = ctx->out_size;
    return page;
}

static char *render_string(const ejs_template *tpl, const data_source *source,
                           size_t *size, ejs_error *err)
{
    ejs_engine *engine = tpl->engine;
    ejs_context *ctx = ejs__begin_render(engine, NULL, NULL);
    char *page = NULL;
    ejs__clear_error(err);
    if (!ctx) {
        ejs__fail_memory(err);
        return NULL;
    }
    if (render_in(ctx, tpl, source, err)) {
        page = copy_output(ctx, size);
        if (!page)
            ejs__fail_memory(err);
    }
    ejs__end_render(ctx);
    return page;
}

char *ejs_render_string(const ejs_template *tpl, struct json_object *locals,
                        size_t *size, ejs_error *err)
{
    const data_source source = {.node = locals};
    return render_string(tpl, &source, size, err);
}

char *ejs_render_block(const ejs_template *tpl, const char *block,
                       struct json_object *locals, size_t *size, ejs_error *err)
{
    const data_source source = {.node = locals, .block = block};
    if (tpl->engine->options.layouts)
        return render_string(tpl, &source, size, err);
    ejs__fail(err, EJS_NOT_FOUND, "Error",
              "the engine's option `layouts` is not set: pages have no blocks");
    return NULL;
}

char *ejs_render_file(const char *path, struct json_object *locals,
                      size_t *size, ejs_error *err)
{
    ejs_engine *engine = ejs_engine_new(NULL, err);
    char *page = NULL;
    if (!engine)
        return NULL;
    ejs_template *tpl = ejs_load(engine, path, err);
    if (tpl)
        page = ejs_render_string(tpl, locals, size, err);
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    return page;
}

/* looking inside
 * ------------------------------------------------------------------------ */

static bool fail_native(ejs_error *err, const ejs_template *tpl)
{
    return ejs__fail(err, EJS_IO, "Error",
                     "'%s' is native code already: its text is not here",
                     tpl->unit->name);
}

bool ejs_emit_c(const ejs_template *tpl, const char *symbol, FILE *out,
                ejs_error *err)
{
    base_buf text = {0};
    char c_file[128];
    ejs__clear_error(err);
    snprintf(c_file, sizeof c_file, "%s.c", symbol);
    if (!tpl->script)
        return fail_native(err, tpl);
    const ejs__cgen_options options = {
        .symbol = symbol,
        .name = tpl->unit->name,
        .filename = tpl->script->filename,
        .c_file = c_file,
        .first_line = 2,
    };
    base_buf_puts(&text, "#include <ejs/runtime.h>\n");
    const bool made = ejs__cgen(tpl->script, &options, &text) && !text.failed;
    bool written = made && fwrite(text.data, 1, text.size, out) == text.size;
    base_buf_free(&text);
    if (!made)
        return ejs__fail_memory(err);
    return written || ejs__fail(err, EJS_IO, "Error", "writing C failed");
}

void ejs_dump_ast(const ejs_template *tpl, FILE *out)
{
    if (tpl->script)
        ejs__ast_dump(tpl->script, out);
}

void ejs_dump_code(const ejs_template *tpl, FILE *out)
{
    if (tpl->program)
        ejs__disassemble(tpl->program, out);
}

/* errors and text
 * -------------------------------------------------------------------------- */

const char *ejs_strerror(ejs_status status)
{
    switch (status) {
    case EJS_OK:
        return "no error";
    case EJS_SYNTAX:
        return "syntax error";
    case EJS_RUNTIME:
        return "error while rendering";
    case EJS_NOT_FOUND:
        return "template not found";
    case EJS_LIMIT:
        return "limit reached";
    case EJS_IO:
        return "reading or writing failed";
    case EJS_DATA:
        return "invalid JSON data";
    case EJS_NOMEM:
        return "out of memory";
    }
    return "unknown error";
}

void ejs_error_print(const ejs_error *err, FILE *out)
{
    if (err->line && (err->status == EJS_SYNTAX || err->column))
        fprintf(out, "%s:%d:%d: error: %s%s%s\n",
                *err->file ? err->file : "ejs", err->line, err->column,
                err->summary, *err->hint ? "; " : "", err->hint);
    if (err->status != EJS_SYNTAX || !err->line)
        fprintf(out, "%s: %s\n", *err->name ? err->name : "Error",
                err->message);
}

char *ejs_escape_html(const char *text, size_t size)
{
    static const char *const entities[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;",   ['>'] = "&gt;",
        ['"'] = "&#34;", ['\''] = "&#39;",
    };
    base_buf out = {0};
    size_t clean = 0;
    for (size_t i = 0; i < size; i++) {
        const char *entity = entities[(unsigned char)text[i]];
        if (!entity)
            continue;
        base_buf_put(&out, text + clean, i - clean);
        base_buf_puts(&out, entity);
        clean = i + 1;
    }
    base_buf_put(&out, text + clean, size - clean);
    return base_buf_take(&out, NULL);
}

struct json_object *ejs_json_date(double ms)
{
    return ejs__json_date(ms);
}

/* helpers: calls
 * ------------------------------------------------------------------------------
 */

void *ejs_user(const ejs_call *call)
{
    return call->user;
}

size_t ejs_argc(const ejs_call *call)
{
    return call->argc;
}

ejs_value ejs_arg(const ejs_call *call, size_t i)
{
    return i < call->argc ? call->args[i] : ejs__undefined();
}

ejs_value ejs_this(const ejs_call *call)
{
    return call->self;
}

ejs_text ejs_to_text(ejs_call *call, ejs_value v)
{
    const ejs_value s = ejs__to_string(call->ctx, v);
    if (ejs__is_thrown(s))
        return (ejs_text){"", 0};
    return (ejs_text){s.as.text, s.size};
}

double ejs_to_number(ejs_call *call, ejs_value v)
{
    const ejs_value n = ejs__to_number(call->ctx, v);
    return ejs__is_thrown(n) ? NAN : n.as.number;
}

bool ejs_to_bool(ejs_call *call, ejs_value v)
{
    (void)call;
    return ejs__truthy(v);
}

bool ejs_is_thrown(ejs_value v)
{
    return ejs__is_thrown(v);
}

bool ejs_is_undefined(ejs_value v)
{
    return v.tag == EJS_TAG_UNDEFINED;
}

bool ejs_is_function(ejs_value v)
{
    return ejs__is_callable(v);
}

bool ejs_has_thrown(const ejs_call *call)
{
    return call->ctx->exception.tag != EJS_TAG_UNDEFINED;
}

/* helpers: values
 * ----------------------------------------------------------------------------------
 */

ejs_value ejs_undefined(void)
{
    return ejs__undefined();
}

ejs_value ejs_null(void)
{
    return ejs__null();
}

ejs_value ejs_bool(bool b)
{
    return ejs__boolean(b);
}

ejs_value ejs_number(double n)
{
    return ejs__number(n);
}

ejs_value ejs_string(ejs_call *call, const char *data, size_t size)
{
    return ejs__string_copy(call->ctx, data, size);
}

static ejs_value format(ejs_context *ctx, const char *pattern, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int size = vsnprintf(NULL, 0, pattern, args);
    char *text = size < 0 ? NULL : ejs__alloc(ctx, (size_t)size + 1);
    if (text)
        vsnprintf(text, (size_t)size + 1, pattern, again);
    va_end(again);
    if (size < 0)
        return EJS_LITERAL("");
    return text ? ejs__string_copy(ctx, text, (size_t)size) : ejs__thrown();
}

ejs_value ejs_textf(ejs_call *call, const char *pattern, ...)
{
    va_list args;
    va_start(args, pattern);
    const ejs_value text = format(call->ctx, pattern, args);
    va_end(args);
    return text;
}

ejs_value ejs_throw(ejs_call *call, const char *pattern, ...)
{
    va_list args;
    va_start(args, pattern);
    const ejs_value text = format(call->ctx, pattern, args);
    va_end(args);
    if (ejs__is_thrown(text))
        return text;
    return ejs__throw_error(call->ctx, EJS_ERROR, "%.*s", (int)text.size,
                            text.as.text);
}

ejs_value ejs_json(ejs_call *call, struct json_object *borrowed)
{
    return ejs__from_json(call->ctx, borrowed);
}

ejs_value ejs_get(ejs_call *call, ejs_value object, const char *name)
{
    const ejs_value key = ejs__string_copy(call->ctx, name, strlen(name));
    return ejs__is_thrown(key) ? key : ejs__get_index(call->ctx, object, key);
}

ejs_value ejs_invoke(ejs_call *call, ejs_value function, ejs_value self,
                     const ejs_value *args, size_t n)
{
    return ejs__call(
        call->ctx, function, self, args, (uint32_t)n,
        ejs__is_callable(function) ? "" : ejs__describe(call->ctx, function));
}

void *ejs_alloc(ejs_call *call, size_t size)
{
    return ejs__alloc(call->ctx, size);
}
