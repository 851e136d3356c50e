/* class.c - classes: the constructor, its prototype, and fields. */
#include "ejs/vm/emit.h"

static uint32_t member_key(ejs__emitter *e, const ejs__node *member)
{
    const ejs__node *key = member->as.property.key;
    if (!key)
        return ejs__constant_undefined(e);
    if (member->as.property.is_private)
        return ejs__constant_text(e, ejs__private_key(e, key->as.string));
    if (!member->as.property.computed)
        return ejs__constant_text(e, key->as.string);
    const uint32_t t = ejs__temp(e);
    ejs__into(e, key, t);
    EMIT(e, TO_KEY, t, t);
    return t;
}

static ejs__field_kind field_kind(ejs__property_kind kind)
{
    switch (kind) {
    case PROPERTY_GET:
        return EJS_FIELD_GETTER;
    case PROPERTY_SET:
        return EJS_FIELD_SETTER;
    case PROPERTY_METHOD:
        return EJS_FIELD_METHOD;
    default:
        return EJS_FIELD_VALUE;
    }
}

/* Private methods belong to each instance, others to the prototype. */
static void method(ejs__emitter *e, const ejs__node *member, uint32_t class_,
                   uint32_t object, uint32_t key)
{
    const ejs__property_kind kind = member->as.property.kind;
    const uint32_t f = ejs__temp(e);
    ejs__emit_property(e, member, object, key, f);
    if (member->as.property.is_private && !member->as.property.is_static)
        EMIT(e, FIELD, class_, field_kind(kind), key, f);
    else if (kind == PROPERTY_METHOD)
        EMIT(e, DEFINE_METHOD, object, key, f);
    else
        EMIT(e, ACCESSOR, object, key, f, kind == PROPERTY_SET, false);
}

/* What initialises a field or is a static block; undefined for `x;`. */
static uint32_t field_code(ejs__emitter *e, const ejs__node *member,
                           uint32_t object)
{
    if (!member->as.property.value)
        return ejs__constant_undefined(e);
    const uint32_t f = ejs__temp(e);
    ejs__into(e, member->as.property.value, f);
    EMIT(e, HOME, f, object);
    return f;
}

static void run_static(ejs__emitter *e, const ejs__node *member,
                       uint32_t class_, uint32_t key, uint32_t code)
{
    const uint32_t v = ejs__temp(e);
    if (ejs__is_constant(code))
        EMIT(e, MOVE, v, code);
    else
        EMIT(e, CALL, v, code, class_, v, 0, EJS__NO_TEXT);
    if (member->as.property.kind == PROPERTY_FIELD)
        EMIT(e, DEFINE_INDEX, class_, key, v);
}

typedef struct later {
    uint32_t key, code;
} later;

static void members(ejs__emitter *e, const ejs__node *node, uint32_t class_,
                    uint32_t proto)
{
    const ejs__list *list = &node->as.class_.members;
    later *statics = ejs__emit_alloc(e, (list->count + 1) * sizeof *statics);
    if (!statics)
        return;
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *member = list->items[i];
        const bool is_static = member->as.property.is_static;
        const uint32_t object = is_static ? class_ : proto;
        const ejs__property_kind kind = member->as.property.kind;
        const uint32_t key = member_key(e, member);
        if (kind != PROPERTY_FIELD && kind != PROPERTY_STATIC_BLOCK) {
            method(e, member, class_, object, key);
            continue;
        }
        statics[i] = (later){key, field_code(e, member, object)};
        if (!is_static)
            EMIT(e, FIELD, class_, EJS_FIELD_VALUE, key, statics[i].code);
    }
    if (node->as.class_.inner.kind != REF_UNRESOLVED)
        ejs__store_ref(e, &node->as.class_.inner, node->as.class_.name, class_,
                       STORE_INITIALISE);
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__property_kind kind = list->items[i]->as.property.kind;
        if (list->items[i]->as.property.is_static &&
            (kind == PROPERTY_FIELD || kind == PROPERTY_STATIC_BLOCK))
            run_static(e, list->items[i], class_, statics[i].key,
                       statics[i].code);
    }
}

void ejs__class_into(ejs__emitter *e, const ejs__node *node, uint32_t target)
{
    const bool was_strict = e->strict;
    const uint32_t mark = e->next;
    const ejs__function *constructor = node->as.class_.constructor;
    e->strict = true;
    e->compiler->implicit[constructor->index] =
        !node->as.class_.has_constructor;
    ejs__enter_scope(e, node->as.class_.scope);
    const uint32_t base = node->as.class_.base
                              ? ejs__operand(e, node->as.class_.base)
                              : ejs__constant(e, ejs__tagged(EJS_TAG_HOLE));
    const uint32_t class_ = ejs__temp(e), proto = ejs__temp(e);
    ejs__closure_into(e, constructor, class_);
    ejs__emit_place(e, node);
    EMIT(e, CLASS, proto, class_, base);
    members(e, node, class_, proto);
    EMIT(e, MOVE, target, class_);
    e->strict = was_strict;
    e->next = mark;
}
