/*
 * locals.c - render data made in C, without a tree between: ejs_locals.
 *
 * The values are made where the render will look for them, in the arena of a
 * context that is taken when building begins.  Rendering uses that context up.
 */
#include "base/utf8.h"
#include "ejs/engine.h"
#include "ejs/runtime/gather.h"

#include <stdarg.h>
#include <stdlib.h>

/* An object or array that is not yet ended. */
typedef struct level {
    struct level *outer; /* NULL: the locals themselves */
    bool is_array;
    bool alike;         /* all keys so far are the model's */
    size_t first;       /* where its values or members begin */
    ejs__property name; /* what it will be in the outer object */
    ejs_value like;     /* a value it may be like */
} level;

struct ejs_locals {
    ejs_engine *engine;
    ejs_context *ctx;
    const char *misuse; /* the first wrong call; NULL: none */
    bool failed;        /* that, or something was thrown */
    level root, *at, *spare;
    ejs__gather open;
};

ejs_locals *ejs_locals_new(ejs_engine *engine, ejs_error *err)
{
    ejs__clear_error(err);
    ejs_context *ctx = ejs__begin_render(engine, NULL, NULL);
    ejs_locals *l = ctx ? ejs__alloc(ctx, sizeof *l) : NULL;
    if (!l) {
        if (ctx)
            ejs__end_render(ctx);
        ejs__fail_memory(err);
        return NULL;
    }
    l->engine = engine;
    l->ctx = ctx;
    l->misuse = NULL;
    l->failed = false;
    l->root = (level){.alike = true};
    l->at = &l->root;
    l->spare = NULL;
    ejs__gather_init(&l->open, ctx);
    return l;
}

void ejs_locals_free(ejs_locals *l)
{
    if (!l)
        return;
    ejs__gather_end(&l->open);
    ejs__end_render(l->ctx); /* l is part of it */
}

/* After the first failure nothing more is added. */
static bool check(ejs_locals *l, bool ok)
{
    l->failed = l->failed || !ok;
    return ok;
}

static void misuse(ejs_locals *l, const char *what)
{
    l->misuse = what;
    l->failed = true;
}

/* text ----------------------------------------------------------------------- */

/* A copy in which what is not UTF-8 is U+FFFD. */
static ejs_value repaired(ejs_context *ctx, const char *text, size_t size)
{
    base_buf fixed = {0};
    base_utf8_repair(&fixed, text, size);
    const ejs_value copy = fixed.failed
                               ? ejs__throw_no_memory(ctx)
                               : ejs__string_copy(ctx, fixed.data, fixed.size);
    base_buf_free(&fixed);
    return copy;
}

static ejs_value text_value(ejs_context *ctx, const char *text, size_t size)
{
    if (size > EJS_MAX_STRING)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid string length");
    if (base_utf8_is_ascii(text, size))
        return ejs__string(text, (uint32_t)size, EJS_STRING_ASCII);
    if (base_utf8_valid(text, size, false))
        return ejs__string(text, (uint32_t)size, EJS_STRING_WIDE);
    return repaired(ctx, text, size);
}

/* members and elements --------------------------------------------------------- */

static size_t count(const ejs_locals *l)
{
    return (l->at->is_array ? l->open.n_values : l->open.n_members) -
           l->at->first;
}

/* The member of the model at the place of the next one; NULL: none. */
static const ejs__property *counterpart(const ejs_locals *l)
{
    const ejs_object *model = ejs__gather_model(l->at->like);
    const size_t i = count(l);
    return l->at->alike && model && i < model->properties.count
               ? &model->properties.list[i]
               : NULL;
}

/* The next member's key: the model's, or a copy. */
static bool set_name(ejs_locals *l, const char *name, ejs__property *m)
{
    const ejs__property *there = counterpart(l);
    const size_t size = strlen(name);
    if (there && there->size == size && memcmp(there->key, name, size) == 0) {
        *m = *there;
        return true;
    }
    l->at->alike = false;
    ejs_value key = text_value(l->ctx, name, size);
    if (!ejs__is_thrown(key) && key.as.text == name)
        key = ejs__string_copy(l->ctx, name, size);
    if (ejs__is_thrown(key))
        return false;
    *m = (ejs__property){.key = key.size ? key.as.text : "",
                         .size = key.size,
                         .hash = ejs__hash(key.as.text, key.size),
                         .flags = EJS_ORDINARY};
    return true;
}

/* Can something be added now?  In an object it is called `name`. */
static bool prepare(ejs_locals *l, const char *name, ejs__property *m)
{
    if (!l || l->failed)
        return false;
    if (l->at->is_array)
        return true;
    if (name)
        return check(l, set_name(l, name, m));
    misuse(l, "a member of an object needs a name");
    return false;
}

static void add(ejs_locals *l, ejs__property *m, ejs_value v)
{
    if (!check(l, !ejs__is_thrown(v)))
        return;
    if (l->at->is_array) {
        check(l, ejs__gather_value(&l->open, v));
        return;
    }
    m->value = v;
    check(l, ejs__gather_member(&l->open, m));
}

void ejs_locals_put(ejs_locals *l, const char *name, ejs_value v)
{
    ejs__property m;
    if (!prepare(l, name, &m))
        return;
    if (v.tag <= EJS_TAG_NUMBER)
        add(l, &m, v);
    else
        misuse(l, "ejs_locals_put() takes undefined, null, booleans and "
                  "numbers only");
}

void ejs_locals_text(ejs_locals *l, const char *name, const char *text,
                     size_t size)
{
    ejs__property m;
    if (prepare(l, name, &m))
        add(l, &m, text_value(l->ctx, text, size));
}

void ejs_locals_copy(ejs_locals *l, const char *name, const char *text,
                     size_t size)
{
    ejs__property m;
    if (!prepare(l, name, &m))
        return;
    char *copy = ejs__alloc(l->ctx, size + 1);
    if (copy && size)
        memcpy(copy, text, size);
    add(l, &m, copy ? text_value(l->ctx, copy, size) : ejs__thrown());
}

void ejs_locals_format(ejs_locals *l, const char *name, const char *format,
                       ...)
{
    ejs__property m;
    if (!prepare(l, name, &m))
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int size = vsnprintf(NULL, 0, format, args);
    char *text = size < 0 ? NULL : ejs__alloc(l->ctx, (size_t)size + 1);
    if (text)
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(args);
    if (size < 0)
        misuse(l, "ejs_locals_format() got a format that fails");
    else
        add(l, &m,
            text ? text_value(l->ctx, text, (size_t)size) : ejs__thrown());
}

void ejs_locals_date(ejs_locals *l, const char *name, double ms)
{
    ejs__property m;
    if (prepare(l, name, &m))
        add(l, &m, ejs__date_new(l->ctx, ms));
}

void ejs_locals_json(ejs_locals *l, const char *name,
                     struct json_object *borrowed)
{
    ejs__property m;
    if (prepare(l, name, &m))
        add(l, &m, ejs__from_json(l->ctx, borrowed));
}

/* objects and arrays ------------------------------------------------------------- */

/* What the next value may be like: the one before it in an array, the one in
 * its place in an object like ours. */
static ejs_value likely(const ejs_locals *l, const ejs__property *m)
{
    if (!l->at->is_array)
        return l->at->alike ? m->value : ejs__undefined();
    if (count(l) > 0)
        return l->open.values[l->open.n_values - 1];
    const ejs_value like = l->at->like;
    if (!ejs__is_kind(like, EJS_OBJECT_ARRAY) || like.as.object->length == 0)
        return ejs__undefined();
    return ejs__as_array(like.as.object)->items[0];
}

static void open_level(ejs_locals *l, const char *name, bool is_array)
{
    ejs__property m = {0};
    if (!prepare(l, name, &m))
        return;
    level *inner = l->spare;
    if (inner)
        l->spare = inner->outer;
    else if (!check(l, (inner = ejs__alloc(l->ctx, sizeof *inner))))
        return;
    *inner = (level){
        .outer = l->at,
        .is_array = is_array,
        .alike = true,
        .first = is_array ? l->open.n_values : l->open.n_members,
        .name = m,
        .like = likely(l, &m),
    };
    l->at = inner;
}

void ejs_locals_object(ejs_locals *l, const char *name)
{
    open_level(l, name, false);
}

void ejs_locals_array(ejs_locals *l, const char *name)
{
    open_level(l, name, true);
}

/* The level at hand as a value. */
static ejs_value closed(ejs_locals *l)
{
    const level *at = l->at;
    const ejs_object *model = ejs__gather_model(at->like);
    ejs_value v = ejs__thrown();
    bool made;
    if (at->is_array)
        made = ejs__gather_array(&l->open, at->first, &v);
    else if (at->alike && model && count(l) == model->properties.count)
        made = ejs__gather_like(&l->open, at->first, model, &v);
    else
        made = ejs__gather_object(&l->open, at->first, &v);
    return made ? v : ejs__thrown();
}

void ejs_locals_end(ejs_locals *l)
{
    if (!l || l->failed)
        return;
    if (l->at == &l->root) {
        misuse(l, "ejs_locals_end() without an object or array to end");
        return;
    }
    level *inner = l->at;
    const ejs_value v = closed(l);
    l->at = inner->outer;
    inner->outer = l->spare;
    l->spare = inner;
    add(l, &inner->name, v);
}

/* rendering ---------------------------------------------------------------------- */

static bool render(const ejs_template *tpl, ejs_locals *l, ejs_write_fn write,
                   void *user, ejs_error *err)
{
    if (tpl->engine != l->engine)
        return ejs__fail(err, EJS_DATA, "Error",
                         "the locals were made for another engine than the "
                         "template's");
    if (!l->failed && l->at != &l->root)
        misuse(l, "an object or array of the locals is not ended");
    if (l->misuse)
        return ejs__fail(err, EJS_DATA, "Error", "%s", l->misuse);
    const ejs_value data = l->failed ? ejs__thrown() : closed(l);
    ejs__context_write_to(l->ctx, write, user);
    return ejs__render_data(l->ctx, tpl, data, NULL, err);
}

bool ejs_render_locals(const ejs_template *tpl, ejs_locals *l,
                       ejs_write_fn write, void *user, ejs_error *err)
{
    ejs__clear_error(err);
    if (!l)
        return ejs__fail_memory(err);
    const bool done = render(tpl, l, write, user, err);
    ejs_locals_free(l);
    return done;
}
