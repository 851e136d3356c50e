/*
 * emit.c - collects instructions, constants, labels and handlers of a function.
 */
#include "ejs/vm/emit.h"

#include <string.h>

void *ejs__emit_alloc(ejs__emitter *e, size_t size)
{
    void *p = base_arena_zalloc(e->compiler->arena, 1, size);
    if (!p)
        e->compiler->failed = true;
    return p;
}

/* `items` is the address of the array's pointer. */
bool ejs__emit_grow(ejs__emitter *e, void *items, uint32_t count,
                    uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    const uint32_t wider = *capacity ? *capacity * 2 : 16;
    void *old, *wide = base_arena_zalloc(e->compiler->arena, wider, size);
    if (!wide) {
        e->compiler->failed = true;
        return false;
    }
    memcpy(&old, items, sizeof old);
    if (count)
        memcpy(wide, old, count * size);
    memcpy(items, &wide, sizeof wide);
    *capacity = wider;
    return true;
}

#define APPEND(e, list, item)                                                  \
    (ejs__emit_grow((e), &(list).items, (list).count, &(list).capacity,        \
                    sizeof *(list).items)                                      \
         ? (void)((list).items[(list).count++] = (item))                       \
         : (void)0)

void ejs__emit(ejs__emitter *e, ejs__opcode op, uint32_t n,
               const uint32_t *operands)
{
    /* `print text` and `line = n` come in pairs. */
    if (op == VM_LINE && e->may_fuse && e->words.count == e->last + 2 &&
        e->words.items[e->last] == VM_TEXT) {
        e->words.items[e->last] = VM_TEXT_LINE;
        APPEND(e, e->words, operands[0]);
        return;
    }
    e->last = e->words.count;
    e->may_fuse = true;
    APPEND(e, e->words, (uint32_t)op);
    for (uint32_t i = 0; i < n; i++)
        APPEND(e, e->words, operands[i]);
}

static void add_place(ejs__emitter *e, uint32_t at, uint32_t offset)
{
    const uint32_t n = e->places.count;
    if (n && e->places.items[n - 1].offset == offset)
        return;
    if (n && e->places.items[n - 1].at == at) {
        e->places.items[n - 1].offset = offset;
        return;
    }
    APPEND(e, e->places, ((ejs__place){at, offset}));
}

void ejs__emit_place(ejs__emitter *e, const ejs__node *node)
{
    add_place(e, e->words.count, ejs__node_place(node));
}

void ejs__emit_places(ejs__emitter *e, const ejs__node *first,
                      const ejs__node *second)
{
    add_place(e, e->words.count, ejs__node_place(first));
    add_place(e, e->words.count + 1, ejs__node_place(second));
}

/* labels ------------------------------------------------------------------- */

ejs__label *ejs__label_new(ejs__emitter *e)
{
    ejs__label *label = ejs__emit_alloc(e, sizeof *label);
    return label ? label : &e->nowhere;
}

void ejs__label_bind(ejs__emitter *e, ejs__label *label)
{
    if (e->compiler->failed)
        return;
    label->at = e->words.count;
    label->bound = true;
    e->may_fuse = false;
    for (uint32_t i = 0; i < label->uses.count; i++)
        e->words.items[label->uses.items[i]] = label->at;
    for (uint32_t i = 0; i < label->handlers.count; i++)
        e->handlers.items[label->handlers.items[i]].target = label->at;
}

void ejs__emit_jump(ejs__emitter *e, ejs__label *label, ejs__opcode op,
                    uint32_t n, const uint32_t *operands)
{
    if (e->compiler->failed)
        return;
    ejs__emit(e, op, n, operands);
    if (!label->bound)
        APPEND(e, label->uses, e->words.count);
    APPEND(e, e->words, label->at);
}

/* constants ---------------------------------------------------------------- */

static uint32_t constant_hash(ejs_value v)
{
    uint32_t h = 2166136261u ^ v.tag;
    if (v.tag == EJS_TAG_STRING) {
        for (uint32_t i = 0; i < v.size; i++)
            h = (h ^ (uint8_t)v.as.text[i]) * 16777619u;
        return h;
    }
    return (h ^ (uint32_t)v.as.bits ^ (uint32_t)(v.as.bits >> 32) * 31u) *
           2654435761u;
}

static bool same_constant(ejs_value a, ejs_value b)
{
    if (a.tag != b.tag)
        return false;
    if (a.tag == EJS_TAG_STRING)
        return a.size == b.size && memcmp(a.as.text, b.as.text, a.size) == 0;
    return a.as.bits == b.as.bits;
}

static void index_constants(ejs__emitter *e)
{
    const uint32_t size = e->constant_index_size * 2;
    uint32_t *index =
        base_arena_zalloc(e->compiler->arena, size, sizeof *index);
    if (!index) {
        e->compiler->failed = true;
        return;
    }
    for (uint32_t i = 0; i < e->constants.count; i++) {
        uint32_t at = constant_hash(e->constants.items[i]) & (size - 1);
        while (index[at])
            at = (at + 1) & (size - 1);
        index[at] = i + 1;
    }
    e->constant_index = index;
    e->constant_index_size = size;
}

uint32_t ejs__constant(ejs__emitter *e, ejs_value v)
{
    if (e->constants.count * 2 >= e->constant_index_size) {
        if (!e->constant_index_size)
            e->constant_index_size = 16;
        index_constants(e);
    }
    if (e->compiler->failed)
        return ~0u;
    const uint32_t mask = e->constant_index_size - 1;
    uint32_t at = constant_hash(v) & mask;
    for (uint32_t found; (found = e->constant_index[at]) != 0;
         at = (at + 1) & mask) {
        if (same_constant(e->constants.items[found - 1], v))
            return ~(found - 1);
    }
    APPEND(e, e->constants, v);
    e->constant_index[at] = e->constants.count;
    return ~(e->constants.count - 1);
}

static uint8_t text_flags(ejs__slice text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        if ((uint8_t)text.data[i] >= 0x80)
            return EJS_STRING_WIDE;
    }
    return EJS_STRING_ASCII;
}

uint32_t ejs__constant_text(ejs__emitter *e, ejs__slice text)
{
    return ejs__constant(e, ejs__string(text.size ? text.data : "", text.size,
                                        text_flags(text)));
}

uint32_t ejs__constant_undefined(ejs__emitter *e)
{
    return ejs__constant(e, ejs__undefined());
}

uint32_t ejs__site(ejs__emitter *e, ejs__slice name)
{
    ejs_site site = EJS_SITE("");
    if (name.size) {
        site.key = name.data;
        site.size = name.size;
    }
    ejs__site_mark(&site);
    APPEND(e, e->sites, site);
    return e->sites.count - 1;
}

ejs__slice ejs__private_key(ejs__emitter *e, ejs__slice name)
{
    const uint32_t size = name.size + 2;
    char *key = ejs__emit_alloc(e, size);
    if (!key)
        return name;
    memcpy(key, EJS_PRIVATE "#", 2);
    memcpy(key + 2, name.data, name.size);
    return (ejs__slice){key, size};
}

uint32_t ejs__emit_this(ejs__emitter *e)
{
    if (e->in_derived)
        EMIT(e, THIS_CHECK, e->self);
    return e->self;
}

uint32_t ejs__member_site(ejs__emitter *e, const ejs__node *member)
{
    const ejs__slice name = member->as.member.name;
    return ejs__site(e, member->as.member.is_private ? ejs__private_key(e, name)
                                                     : name);
}

uint32_t ejs__pool(ejs__emitter *e, ejs__slice text)
{
    const char *copy = base_arena_dup(e->compiler->arena, text.data, text.size);
    if (!copy)
        e->compiler->failed = true;
    APPEND(e, e->strings, copy);
    return e->strings.count - 1;
}

const char *ejs__kept_text(ejs__emitter *e, const char *text)
{
    if (!text)
        e->compiler->failed = true;
    return text;
}

static uint32_t pool_text(ejs__emitter *e, const char *text)
{
    text = ejs__kept_text(e, text);
    APPEND(e, e->strings, text);
    return e->strings.count - 1;
}

uint32_t ejs__pool_node(ejs__emitter *e, const ejs__node *node)
{
    return pool_text(e, ejs__node_text(e->compiler->arena, node));
}

uint32_t ejs__pool_callee(ejs__emitter *e, const ejs__node *call)
{
    return pool_text(e, ejs__callee_text(e->compiler->arena, call));
}

uint32_t ejs__pool_iterable(ejs__emitter *e, const ejs__node *node)
{
    return pool_text(e, ejs__iterable_text(e->compiler->arena, node));
}

uint32_t ejs__pool_spread(ejs__emitter *e, const ejs__list *args, uint32_t i)
{
    return pool_text(e, ejs__spread_text(e->compiler->arena, args, i));
}

uint32_t ejs__pool_for_of(ejs__emitter *e, const ejs__node *node)
{
    return pool_text(e, ejs__for_of_text(e->compiler->arena, node));
}

/* registers ------------------------------------------------------------------
 */

uint32_t ejs__temps(ejs__emitter *e, uint32_t n)
{
    const uint32_t first = e->next;
    e->next += n;
    if (e->next > e->n_registers)
        e->n_registers = e->next;
    return first;
}

uint32_t ejs__temp(ejs__emitter *e)
{
    return ejs__temps(e, 1);
}

/* handlers -------------------------------------------------------------------
 */

void ejs__protect(ejs__emitter *e, ejs__context *context)
{
    context->start = e->words.count;
    context->is_open = true;
}

void ejs__unprotect(ejs__emitter *e, ejs__context *context)
{
    if (!context->is_open)
        return;
    context->is_open = false;
    if (context->start == e->words.count)
        return;
    APPEND(e, e->handlers,
           ((ejs__handler){context->start, e->words.count, 0,
                           context->exception}));
    if (!e->compiler->failed)
        APPEND(e, context->handler->handlers, e->handlers.count - 1);
}

void ejs__emit_finish(ejs__emitter *e)
{
    ejs__code *code = e->code;
    code->words = e->words.items;
    code->n_words = e->words.count;
    code->constants = e->constants.items;
    code->n_constants = e->constants.count;
    code->sites = e->sites.items;
    code->n_sites = e->sites.count;
    code->strings = e->strings.items;
    code->n_strings = e->strings.count;
    code->handlers = e->handlers.items;
    code->n_handlers = e->handlers.count;
    code->places = e->places.items;
    code->n_places = e->places.count;
    code->n_registers = e->n_registers;
}
