/*
 * Names that only the run decides on: what EJS's `with (locals)` means.
 *
 * In this order: own keys of the locals; the template's own `var`s and what EJS
 * passes in (locals, include ...); globals assigned during this render; host
 * functions and built-ins.  Where a name led is remembered in its slot until
 * the context's epoch says that some name may lead elsewhere.
 *
 * `locals` as an object is made only when somebody wants it.  Until then, and
 * for keys it was not given itself, the data is looked at where it lies: the
 * include's argument first, then those of the includes around it, then the
 * page's data.
 */
#include "ejs/runtime/escape.h"
#include "ejs/runtime/internal.h"

typedef struct locals_object {
    ejs_object object;
    ejs_frame *frame;
    bool full; /* holds all of the data: look no further */
} locals_object;

static inline bool is_hidden(const ejs_site *site)
{
    return (site->size == 9 && memcmp(site->key, "__proto__", 9) == 0) ||
           (site->size == 11 && memcmp(site->key, "constructor", 11) == 0);
}

/* data
 * -------------------------------------------------------------------------------
 */

/* An own enumerable member of what was passed in: 1, 0, -1. */
static int layer_get(ejs_context *ctx, ejs_value layer, ejs_site *site,
                     ejs_value *out)
{
    if (layer.tag == EJS_TAG_JSON && !ejs__native(ctx, layer))
        return ejs__json_member(ctx, layer, site, out);
    if (!ejs__is_object(layer) && layer.tag != EJS_TAG_STRING)
        return 0;
    const ejs_object *o = ejs__native(ctx, layer);
    if (o && o->kind == EJS_OBJECT_PLAIN) {
        const ejs__property *p = ejs__find(o, site);
        if (!p || !(p->flags & EJS_ENUMERABLE))
            return 0;
        *out = ejs__property_value(ctx, p, layer);
        return ejs__is_thrown(*out) ? -1 : 1;
    }
    if (ejs__site_is(site, "length", 6))
        return 0;
    const int found = ejs__has_own(ctx, layer, ejs__site_key(site));
    if (found > 0)
        *out = ejs__get(ctx, layer, site);
    return found > 0 && ejs__is_thrown(*out) ? -1 : found;
}

static int data_get(ejs_frame *frame, ejs_site *site, ejs_value *out)
{
    ejs_context *ctx = frame->ctx;
    const bool unsafe = ejs__realm_of(ctx)->settings->unsafe_locals;
    if (is_hidden(site) && !unsafe)
        return 0;
    for (ejs_frame *f = frame; f; f = f->includer) {
        if (unsafe && f != frame && f->locals) {
            const ejs__property *p = ejs__find(f->locals, site);
            if (p) {
                *out = p->value;
                return 1;
            }
        }
        if (f->include_data.tag != EJS_TAG_UNDEFINED) {
            const int found = layer_get(ctx, f->include_data, site, out);
            if (found)
                return found;
        }
    }
    return layer_get(ctx, frame->data, site, out);
}

bool ejs__data_get(ejs_frame *frame, const char *key, uint32_t size,
                   ejs_site *site, ejs_value *v)
{
    ejs_site own = {.key = key, .size = size};
    return data_get(frame, site ? site : &own, v) > 0;
}

/* All that Object.assign would copy from v, without what EJS leaves out. */
static bool copy_members(ejs_context *ctx, ejs_object *to, ejs_value v)
{
    ejs__keys keys;
    if (!ejs__own_keys(ctx, v, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++) {
        ejs_site site = ejs__site_of(keys.list[i]);
        if (is_hidden(&site))
            continue;
        const ejs_value member = ejs__get(ctx, v, &site);
        if (ejs__is_thrown(member) || !ejs__define(ctx, to, &site, member))
            return false;
    }
    return true;
}

/* A few ordinary properties, which may be copied as they stand? */
static bool is_plain(const ejs_object *o)
{
    const ejs__properties *p = &o->properties;
    if (o->kind != EJS_OBJECT_PLAIN || o->class_id || p->index || p->deleted)
        return false;
    for (uint32_t i = 0; i < p->count; i++) {
        const ejs__property *q = &p->list[i];
        const ejs_site site = {.key = q->key, .size = q->size};
        if (q->flags != EJS_ORDINARY || is_hidden(&site) ||
            ejs__is_private(&site))
            return false;
    }
    return true;
}

static bool copy_plain(ejs_context *ctx, ejs_object *to, const ejs_object *from)
{
    const uint32_t n = from->properties.count;
    if (n == 0)
        return true;
    ejs__property *list = ejs__alloc(ctx, n * sizeof *list);
    if (!list)
        return false;
    memcpy(list, from->properties.list, n * sizeof *list);
    to->properties.list = list;
    to->properties.count = to->properties.capacity = n;
    return true;
}

ejs_value ejs__snapshot(ejs_context *ctx, ejs_value data)
{
    if (data.tag == EJS_TAG_JSON && !ejs__native(ctx, data))
        return data; /* json-c's own: ejs__writable takes care of it */
    if (!ejs__is_object(data) && data.tag != EJS_TAG_STRING)
        return ejs__undefined();
    ejs_object *copy = ejs__object_new(ctx);
    if (!copy)
        return ejs__thrown();
    copy->proto = NULL;
    if (data.tag == EJS_TAG_OBJECT && is_plain(data.as.object))
        return copy_plain(ctx, copy, data.as.object) ? ejs__object(copy)
                                                     : ejs__thrown();
    return copy_members(ctx, copy, data) ? ejs__object(copy) : ejs__thrown();
}

/* locals
 * -------------------------------------------------------------------------------
 */

ejs_object *ejs__locals(ejs_frame *frame)
{
    if (!frame->locals) {
        locals_object *l =
            ejs__object_alloc(frame->ctx, sizeof *l, EJS_OBJECT_LOCALS, NULL);
        if (!l)
            return NULL;
        l->frame = frame;
        l->object.flags = EJS_WATCHED;
        frame->locals = &l->object;
    }
    return frame->locals;
}

int ejs__locals_own(ejs_context *ctx, ejs_object *o, ejs_site *site,
                    ejs_value *out)
{
    const locals_object *l = (const locals_object *)(const void *)o;
    (void)ctx;
    return l->full ? 0 : data_get(l->frame, site, out);
}

/* The keys of the data in the order EJS copies them: the page's first. */
static bool copy_layers(ejs_frame *frame, ejs_object *to)
{
    ejs_context *ctx = frame->ctx;
    if (frame->includer && !copy_layers(frame->includer, to))
        return false;
    const ejs_value layer = frame->includer ? frame->include_data : frame->data;
    return (!ejs__is_object(layer) && layer.tag != EJS_TAG_STRING) ||
           copy_members(ctx, to, layer);
}

bool ejs__locals_materialize(ejs_context *ctx, ejs_object *o)
{
    locals_object *l = (locals_object *)(void *)o;
    if (l->full)
        return true;
    ejs_object *all = ejs__object_new(ctx);
    if (!all || !copy_layers(l->frame, all))
        return false;
    const ejs__properties *own = &o->properties;
    for (uint32_t i = 0; i < own->count; i++) {
        const ejs__property *p = &own->list[i];
        ejs_site site = {.key = p->key, .size = p->size, .hash = p->hash};
        if (!p->key)
            continue;
        ejs__property *there = ejs__find(all, &site);
        if (there)
            there->value = p->value;
        else if (!(there = ejs__append(ctx, all, &site, p->value, 0)))
            return false;
        there->flags = p->flags;
    }
    o->properties = all->properties;
    l->full = true;
    ctx->epoch++;
    return true;
}

/* what EJS passes in
 * ------------------------------------------------------------------------ */

static ejs_value call_append(ejs_call *call)
{
    ejs_frame *frame = ejs__as_function(call->callee)->frame;
    return ejs__put_raw(frame, ejs__arg(call, 0)) ? ejs__undefined()
                                                  : ejs__thrown();
}

static ejs_value call_escape(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    if (ejs__is_nullish(v))
        return EJS_LITERAL("");
    const ejs_value s = ejs__to_string(call->ctx, v);
    if (ejs__is_thrown(s))
        return s;
    char *out = ejs__alloc(call->ctx,
                           (size_t)s.size * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM);
    if (!out)
        return ejs__thrown();
    const size_t n = (size_t)(ejs__escape_into(out, s.as.text, s.size) - out);
    return ejs__string_copy(call->ctx, out, n);
}

static ejs_value call_rethrow(ejs_call *call)
{
    return ejs__throw_value(call->ctx, ejs__arg(call, 0));
}

static ejs_value frame_function(ejs_frame *frame, const ejs__builtin *row)
{
    ejs__function_object *f = ejs__builtin_function(frame->ctx, row);
    if (!f)
        return ejs__thrown();
    f->frame = frame;
    return ejs__object(&f->object);
}

static ejs_value output_so_far(ejs_frame *frame)
{
    const ejs_context *ctx = frame->ctx;
    size_t end = ctx->out_size;
    for (const ejs_frame *f = ctx->out_frame; f && f != frame;
         f = f->more->below)
        end = f->out_start;
    if (frame->finished || end < frame->out_start)
        return EJS_LITERAL("");
    return ejs__string_copy(frame->ctx, ctx->out + frame->out_start,
                            end - frame->out_start);
}

static const ejs__builtin escape_row = {"escapeXML", call_escape, 1, 0};
static const ejs__builtin rethrow_row = {"rethrow", call_rethrow, 5, 0};
static const ejs__builtin append_row = {"__append", call_append, 1, 0};

static ejs_value host_value(ejs_context *ctx, const ejs__host *host);

static ejs_value escape_function(ejs_frame *frame)
{
    const ejs__host *own = ejs__realm_of(frame->ctx)->settings->escape;
    return own ? host_value(frame->ctx, own)
               : frame_function(frame, &escape_row);
}

/* The four parameters of the function that EJS compiles a template to. */
static ejs_value template_arguments(ejs_frame *frame)
{
    ejs_object *locals = ejs__locals(frame);
    if (!locals)
        return ejs__thrown();
    const ejs_value args[4] = {ejs__object(locals), escape_function(frame),
                               ejs__include_function(frame),
                               frame_function(frame, &rethrow_row)};
    for (int i = 1; i < 4; i++)
        if (ejs__is_thrown(args[i]))
            return args[i];
    ejs_call call = {frame->ctx, NULL, ejs__undefined(), args, 4, false,
                     NULL,       NULL};
    const ejs_value v = ejs__arguments(frame->ctx, &call, true);
    if (!ejs__is_thrown(v))
        frame->more->arguments = v.as.object;
    return v;
}

static bool names_output(const ejs_unit *unit, const ejs_site *site)
{
    return unit->output_function_name &&
           ejs__site_is(site, unit->output_function_name,
                        (uint32_t)strlen(unit->output_function_name));
}

/* `stable`: the value may be remembered.  1, 0, -1. */
static int passed_in(ejs_frame *frame, const ejs_site *site, ejs_value *out,
                     bool *stable)
{
    const ejs_unit *unit = frame->unit;
    *stable = true;
    if (ejs__site_is(site, unit->locals_name,
                     (uint32_t)strlen(unit->locals_name))) {
        ejs_object *locals = ejs__locals(frame);
        *out = locals ? ejs__object(locals) : ejs__thrown();
    } else if (ejs__site_is(site, "include", 7)) {
        *out = ejs__include_function(frame);
    } else if (names_output(unit, site) || ejs__site_is(site, "__append", 8)) {
        *out = frame_function(frame, &append_row);
    } else if (ejs__site_is(site, "escapeFn", 8)) {
        *out = escape_function(frame);
    } else if (ejs__site_is(site, "rethrow", 7)) {
        *out = frame_function(frame, &rethrow_row);
    } else if (ejs__site_is(site, "arguments", 9)) {
        *out = frame->more->arguments ? ejs__object(frame->more->arguments)
                                      : template_arguments(frame);
    } else if (ejs__site_is(site, "__output", 8)) {
        *stable = false;
        *out = output_so_far(frame);
    } else if (ejs__site_is(site, "__lines", 7)) {
        *out = ejs__string(unit->source ? unit->source : "",
                           unit->source ? unit->source_size : 0, 0);
    } else if (ejs__site_is(site, "__filename", 10)) {
        *out = unit->filename ? ejs__string(unit->filename,
                                            (uint32_t)strlen(unit->filename), 0)
                              : ejs__undefined();
    } else if (ejs__site_is(site, "__line", 6)) {
        *stable = false;
        *out = ejs__number(frame->line);
    } else {
        return 0;
    }
    return ejs__is_thrown(*out) ? -1 : 1;
}

/* hosts
 * ----------------------------------------------------------------------------------------
 */

/* A helper that did not ask whether a conversion had failed has thrown all the
 * same. */
static ejs_value call_host(ejs_call *call)
{
    const ejs__builtin *row = ejs__as_function(call->callee)->code;
    const bool clean = call->ctx->exception.tag == EJS_TAG_UNDEFINED;
    const ejs_value v = row->function(call);
    if (EJS_UNLIKELY(clean && call->ctx->exception.tag != EJS_TAG_UNDEFINED))
        return ejs__thrown();
    return v;
}

static ejs_value host_value(ejs_context *ctx, const ejs__host *host)
{
    ejs_object *o;
    if (host->function) {
        ejs__function_object *f =
            ejs__object_alloc(ctx, sizeof *f, EJS_OBJECT_FUNCTION,
                              ejs__proto(ctx, EJS_CLASS_FUNCTION));
        if (!f)
            return ejs__thrown();
        f->entry = call_host;
        f->code = &host->row;
        f->user = host->user;
        o = &f->object;
    } else if (!(o = ejs__object_new(ctx))) {
        return ejs__thrown();
    }
    size_t at = 0;
    const base_map_entry *e;
    while ((e = base_map_next(&host->members, &at)) != NULL) {
        const ejs_value member =
            ejs__check_stack(ctx) ? host_value(ctx, e->value) : ejs__thrown();
        ejs_site site = {.key = e->key, .size = (uint32_t)e->size};
        if (ejs__is_thrown(member) || !ejs__define(ctx, o, &site, member))
            return ejs__thrown();
    }
    return ejs__object(o);
}

ejs_value ejs__escaped_text(ejs_context *ctx, const char *text)
{
    const size_t size = text ? strlen(text) : 0;
    const ejs__host *own = ejs__realm_of(ctx)->settings->escape;
    if (own && !ctx->fatal) {
        const ejs_value arg =
            text ? ejs__string_copy(ctx, text, size) : ejs__undefined();
        ejs_value v = ejs__is_thrown(arg) ? arg : host_value(ctx, own);
        if (!ejs__is_thrown(v))
            v = ejs__call(ctx, v, ejs__undefined(), &arg, 1, NULL);
        return ejs__is_nullish(v) || ejs__is_thrown(v) ? v
                                                       : ejs__to_string(ctx, v);
    }
    char *out = ejs__alloc(ctx, size * EJS_MOST_ENTITY + EJS_ESCAPE_ROOM);
    if (!out)
        return ejs__thrown();
    const size_t n = (size_t)(ejs__escape_into(out, text, size) - out);
    return ejs__string_copy(ctx, out, n);
}

/* A host's name becomes a global when it is first used: 1, 0, -1. */
static int host_global(ejs_context *ctx, ejs_site *site)
{
    const base_map *hosts = ejs__realm_of(ctx)->settings->hosts;
    const ejs__host *host =
        hosts ? base_map_get(hosts, site->key, site->size) : NULL;
    if (!host)
        return 0;
    ejs_object *global = ejs__global_object(ctx);
    const ejs_value v = global ? host_value(ctx, host) : ejs__thrown();
    if (ejs__is_thrown(v) ||
        !ejs__append(ctx, global, site, v, EJS_WRITABLE | EJS_CONFIGURABLE))
        return -1;
    return 1;
}

/* resolving
 * -------------------------------------------------------------------------------------
 */

/* Where a name leads. */
typedef enum place {
    NOWHERE,
    IN_LOCALS,   /* a key of the locals object itself: `property` */
    IN_DATA,     /* a key of the data: `value` */
    IN_VARIABLE, /* the slot's variable */
    IN_PASSED,   /* what EJS passes in: `value` */
    IN_GLOBAL,   /* `property` of the global object */
    IN_BUILTIN,  /* `value` */
    FAILED,
} place;

typedef struct lookup {
    place where;
    ejs__property *property;
    ejs_value value;
    bool stable;
} lookup;

static ejs_site *site_of(ejs_frame *frame, uint32_t i, ejs_site *own)
{
    const ejs_unit *unit = frame->unit;
    if (unit->name_sites)
        return &unit->name_sites[i];
    *own = (ejs_site){.key = unit->names[i].text, .size = unit->names[i].size};
    return own;
}

static lookup find_local(ejs_frame *frame, ejs_site *site)
{
    lookup l = {.where = NOWHERE, .stable = true};
    if (frame->locals && (l.property = ejs__find(frame->locals, site))) {
        l.where = IN_LOCALS;
        return l;
    }
    if (frame->locals && ((locals_object *)(void *)frame->locals)->full)
        return l;
    const int found = data_get(frame, site, &l.value);
    l.where = found < 0 ? FAILED : found ? IN_DATA : NOWHERE;
    return l;
}

static lookup find_global(ejs_context *ctx, ejs_site *site)
{
    lookup l = {.where = NOWHERE, .stable = true};
    ejs_object *global = ejs__realm_of(ctx)->global;
    if (global && (l.property = ejs__find(global, site))) {
        l.where = IN_GLOBAL;
        return l;
    }
    int found = host_global(ctx, site);
    if (!found) {
        found = ejs__builtin_global(ctx, site, &l.value);
        l.where = IN_BUILTIN;
    }
    if (found > 0 && (global = ejs__realm_of(ctx)->global) &&
        (l.property = ejs__find(global, site)))
        l.where = IN_GLOBAL;
    if (found <= 0)
        l.where = found ? FAILED : NOWHERE;
    return l;
}

/* A parameter of EJS's function that was assigned to is kept in its slot's
 * variable from then on, which this mark tells. */
enum {
    ASSIGNED = 1,
    BY_LOCALS = 2, /* the name leads to the locals or the data this epoch */
};

static bool is_assigned(const ejs__name_slot *slot)
{
    return slot->variable.reserved & ASSIGNED;
}

static lookup find_name(ejs_frame *frame, uint32_t i, ejs_site *site)
{
    lookup l = {.where = NOWHERE, .stable = true};
    if (frame->unit->with_locals) {
        l = find_local(frame, site);
        if (l.where != NOWHERE)
            return l;
    }
    const bool assigned = is_assigned(&frame->names[i]);
    const int found =
        assigned ? 0 : passed_in(frame, site, &l.value, &l.stable);
    if (found) {
        l.where = found < 0 ? FAILED : IN_PASSED;
        return l;
    }
    if (assigned || frame->unit->names[i].is_var) {
        l.where = IN_VARIABLE;
        return l;
    }
    return find_global(frame->ctx, site);
}

/* Remembers where the name led, if it leads there until the epoch ends. */
static void remember(ejs_frame *frame, ejs__name_slot *slot, const lookup *l,
                     ejs_value v)
{
    if (!l->stable)
        return;
    if (l->property && l->property->flags & EJS_ACCESSOR)
        return;
    if (l->where == IN_VARIABLE && !is_assigned(slot)) {
        slot->where = &slot->variable;
    } else if (l->property && l->property->flags & EJS_WRITABLE) {
        slot->where = &l->property->value;
    } else { /* may be read there, not written */
        slot->cached = v;
        slot->where = &slot->cached;
    }
    slot->epoch = frame->ctx->epoch;
    slot->variable.reserved &= ASSIGNED;
    if (l->where == IN_LOCALS || l->where == IN_DATA)
        slot->variable.reserved |= BY_LOCALS;
}

static ejs_value value_of(ejs_frame *frame, const ejs__name_slot *slot,
                          const lookup *l)
{
    if (l->where == IN_VARIABLE) {
        ejs_value v = slot->variable;
        v.reserved = 0; /* the mark is the slot's */
        return v;
    }
    if (!l->property)
        return l->value;
    ejs_object *holder = l->where == IN_LOCALS
                             ? frame->locals
                             : ejs__realm_of(frame->ctx)->global;
    return ejs__property_value(frame->ctx, l->property, ejs__object(holder));
}

/* The value of the name; *where NOWHERE when there is none (undefined then). */
static ejs_value load(ejs_frame *frame, uint32_t i, place *where)
{
    ejs_site own;
    ejs__name_slot *slot = &frame->names[i];
    const lookup l = find_name(frame, i, site_of(frame, i, &own));
    *where = l.where;
    if (l.where == NOWHERE)
        return ejs__undefined();
    if (l.where == FAILED)
        return ejs__thrown();
    const ejs_value v = value_of(frame, slot, &l);
    if (!ejs__is_thrown(v))
        remember(frame, slot, &l, v);
    return v;
}

static ejs_value throw_undefined_name(ejs_frame *frame, uint32_t i)
{
    const ejs__unit_name *name = &frame->unit->names[i];
    ejs__throw_error(frame->ctx, EJS_REFERENCE_ERROR, "%.*s is not defined",
                     (int)name->size, name->text);
    ejs__suggest_name(frame, name->text, name->size);
    return ejs__thrown();
}

/* A page's data are nearly always a json-c object that nobody changed.  HOLE:
 * not so, or the key is not where it was last time. */
static inline ejs_value quick_data(const ejs_frame *frame, uint32_t i)
{
    const ejs_site *site = &frame->unit->name_sites[i];
    if (frame->includer || is_hidden(site))
        return ejs__tagged(EJS_TAG_HOLE);
    return ejs__json_quick_member(frame->ctx, frame->data, site);
}

static inline ejs_value remember_data(ejs_frame *frame, uint32_t i, ejs_value v)
{
    ejs__name_slot *slot = &frame->names[i];
    slot->cached = v;
    slot->where = &slot->cached;
    slot->epoch = frame->ctx->epoch;
    slot->variable.reserved = (slot->variable.reserved & ASSIGNED) | BY_LOCALS;
    return v;
}

/* `is_data`: it can only be a key of the data, if it is one at all. */
static __attribute__((noinline)) ejs_value load_slow(ejs_frame *frame,
                                                     uint32_t i, bool is_data)
{
    place where;
    ejs_value v;
    if (is_data) {
        const int found = data_get(frame, &frame->unit->name_sites[i], &v);
        if (found)
            return found > 0 ? remember_data(frame, i, v) : ejs__thrown();
    }
    v = load(frame, i, &where);
    return where == NOWHERE ? throw_undefined_name(frame, i) : v;
}

ejs_value ejs__name_load(ejs_frame *frame, uint32_t i)
{
    const ejs_unit *unit = frame->unit;
    const bool is_data =
        unit->with_locals && unit->name_sites && !frame->locals;
    if (is_data) {
        const ejs_value v = quick_data(frame, i);
        if (EJS_LIKELY(v.tag < EJS_TAG_HOLE))
            return remember_data(frame, i, v);
    }
    return load_slow(frame, i, is_data);
}

ejs_value ejs__name_typeof(ejs_frame *frame, uint32_t i)
{
    place where;
    const ejs__name_slot *slot = &frame->names[i];
    if (slot->epoch == frame->ctx->epoch)
        return ejs__typeof(*slot->where);
    const ejs_value v = load(frame, i, &where);
    return ejs__is_thrown(v) ? v : ejs__typeof(v);
}

ejs_value ejs__name_callee(ejs_frame *frame, uint32_t i, ejs_value *self)
{
    place where;
    const ejs__name_slot *slot = &frame->names[i];
    *self = ejs__undefined();
    if (slot->epoch == frame->ctx->epoch &&
        !(slot->variable.reserved & BY_LOCALS))
        return *slot->where;
    const ejs_value v = load(frame, i, &where);
    if (where == NOWHERE)
        return throw_undefined_name(frame, i);
    if ((where == IN_LOCALS || where == IN_DATA) && ejs__is_callable(v)) {
        ejs_object *locals = ejs__locals(frame);
        if (!locals)
            return ejs__thrown();
        *self = ejs__object(locals);
    }
    return v;
}

bool ejs__name_is_include(ejs_frame *frame, uint32_t i)
{
    place where;
    const ejs__name_slot *slot = &frame->names[i];
    if (slot->epoch != frame->ctx->epoch &&
        ejs__is_thrown(load(frame, i, &where)))
        return false;
    return slot->epoch == frame->ctx->epoch && slot->where == &slot->cached &&
           slot->cached.tag == EJS_TAG_OBJECT &&
           slot->cached.as.object == frame->more->include;
}

/* assigning
 * ----------------------------------------------------------------------------------------
 */

/* A key that only the data has gets an own value in `locals`. */
static bool overlay(ejs_frame *frame, ejs_site *site, ejs_value v)
{
    ejs_object *locals = ejs__locals(frame);
    return locals && ejs__append(frame->ctx, locals, site, v, EJS_ORDINARY);
}

static bool set_unknown(ejs_frame *frame, uint32_t i, ejs_site *site,
                        ejs_value v, bool strict)
{
    if (strict) {
        throw_undefined_name(frame, i);
        return false;
    }
    ejs_object *global = ejs__global_object(frame->ctx);
    return global && ejs__append(frame->ctx, global, site, v, EJS_ORDINARY);
}

static bool set_builtin(ejs_frame *frame, ejs_site *site, ejs_value v,
                        bool strict)
{
    ejs_object *global = ejs__global_object(frame->ctx);
    return global && ejs__set(frame->ctx, ejs__object(global), site, v, strict);
}

static bool set_passed(ejs_frame *frame, ejs__name_slot *slot,
                       const ejs_site *site, ejs_value v)
{
    if (ejs__site_is(site, "__line", 6)) {
        const ejs_value n = ejs__to_number(frame->ctx, v);
        if (ejs__is_thrown(n))
            return false;
        frame->line =
            n.as.number >= 0 && n.as.number < 2e9 ? (uint32_t)n.as.number : 0;
        return true;
    }
    if (ejs__site_is(site, "__output", 8)) {
        const ejs_value s = ejs__to_string(frame->ctx, v);
        if (ejs__is_thrown(s) || frame->ctx->out_frame != frame)
            return !ejs__is_thrown(s);
        frame->ctx->out_size = frame->out_start;
        return ejs__put(frame, s.as.text, s.size);
    }
    slot->variable = v;
    slot->variable.reserved = ASSIGNED;
    frame->ctx->epoch++;
    return true;
}

bool ejs__name_set(ejs_frame *frame, uint32_t i, ejs_value v, bool strict)
{
    ejs_context *ctx = frame->ctx;
    ejs__name_slot *slot = &frame->names[i];
    ejs_site own, *site = site_of(frame, i, &own);
    v.reserved = 0;
    if (slot->epoch == ctx->epoch && slot->where != &slot->cached) {
        *slot->where = v;
        return true;
    }
    const lookup l = find_name(frame, i, site);
    switch (l.where) {
    case IN_LOCALS:
        if (l.property->flags & EJS_WRITABLE)
            remember(frame, slot, &l, v);
        return ejs__set(ctx, ejs__object(frame->locals), site, v, strict);
    case IN_DATA:
        return overlay(frame, site, v);
    case IN_VARIABLE:
        if (is_assigned(slot))
            return set_passed(frame, slot, site, v);
        slot->variable = v;
        remember(frame, slot, &l, v);
        return true;
    case IN_PASSED:
        return set_passed(frame, slot, site, v);
    case IN_GLOBAL:
        return ejs__set(ctx, ejs__object(ejs__realm_of(ctx)->global), site, v,
                        strict);
    case IN_BUILTIN:
        return set_builtin(frame, site, v, strict);
    case NOWHERE:
        return set_unknown(frame, i, site, v, strict);
    default:
        return false;
    }
}

ejs_value ejs__name_delete(ejs_frame *frame, uint32_t i)
{
    ejs_site own, *site = site_of(frame, i, &own);
    const ejs_value key = ejs__site_key(site);
    const lookup l = find_name(frame, i, site);
    ejs_object *holder = NULL;
    switch (l.where) {
    case IN_LOCALS:
    case IN_DATA:
        holder = ejs__locals(frame);
        break;
    case IN_GLOBAL:
    case IN_BUILTIN:
        holder = ejs__global_object(frame->ctx);
        break;
    case NOWHERE:
        return ejs__boolean(true);
    case FAILED:
        return ejs__thrown();
    default:
        return ejs__boolean(false);
    }
    if (!holder)
        return ejs__thrown();
    return ejs__delete(frame->ctx, ejs__object(holder), key, false);
}
