/* class.c - classes, `super` and private names as C. */
#include "ejs/cgen/writer.h"

#include <string.h>

#include <ejs/runtime.h>

/* private names and super
 * ----------------------------------------------------------------- */

static ejs__slice private_key(writer *w, ejs__slice name)
{
    const char *key =
        ejs__c_format(w, "%s#%.*s", EJS_PRIVATE, (int)name.size, name.data);
    return (ejs__slice){key, name.size + 2};
}

unsigned ejs__c_member_site(writer *w, const ejs__node *member)
{
    const ejs__slice name = member->as.member.name;
    return ejs__c_site(w, member->as.member.is_private ? private_key(w, name)
                                                       : name);
}

const char *ejs__c_private_text(writer *w, ejs__slice name)
{
    return ejs__c_as_value(w, ejs__c_string(w, private_key(w, name)));
}

bool ejs__c_is_super(const ejs__node *node)
{
    return (node->kind == NODE_MEMBER &&
            node->as.member.object->kind == NODE_SUPER) ||
           (node->kind == NODE_INDEX &&
            node->as.index.object->kind == NODE_SUPER);
}

const char *ejs__c_super_key(writer *w, const ejs__node *node)
{
    const operand key = node->kind == NODE_MEMBER
                            ? ejs__c_string(w, node->as.member.name)
                            : ejs__c_expression(w, node->as.index.index);
    return ejs__c_as_value(w, ejs__c_hold(w, key));
}

const char *ejs__c_home_of(writer *w)
{
    w->host->needs_me = true;
    return "me->home";
}

operand ejs__c_super_get(writer *w, const ejs__node *node)
{
    const char *t = ejs__c_new_value(w), *self = ejs__c_self_of(w);
    const char *key = ejs__c_super_key(w, node);
    ejs__c_emit(w, "%s = ejs__get_super(ctx, %s, %s, %s);", t,
                ejs__c_home_of(w), key, self);
    ejs__c_emit_check(w, t);
    return ejs__c_value_operand(t);
}

/* super(...): only where the call that is to get its `this` is at hand. */
operand ejs__c_super_call(writer *w, const ejs__list *args)
{
    const char *t = ejs__c_new_value(w);
    if (w->host->function->kind != FUNCTION_DERIVED_CONSTRUCTOR) {
        w->unsupported = "super() in an arrow function";
        return ejs__c_value_operand(t);
    }
    ejs__c_emit(w, "%s = ejs__super_call(ctx, call, %s);", t,
                args ? ejs__c_arguments(w, args) : "call->args, call->argc");
    ejs__c_emit_check(w, t);
    ejs__c_emit_try(w, "ejs__init_fields(ctx, call->callee, %s)", t);
    return ejs__c_value_operand(t);
}

/* classes
 * -------------------------------------------------------------------------- */

typedef struct class_ {
    const char *maker, *prototype; /* values */
} class_;

static const char *member_key(writer *w, const ejs__node *member)
{
    const ejs__node *key = member->as.property.key;
    if (!key)
        return "ejs__undefined()";
    if (member->as.property.computed)
        return ejs__c_computed_key(w, key).text;
    const ejs__slice name = key->as.string;
    return ejs__c_as_value(w, ejs__c_string(w, member->as.property.is_private
                                                   ? private_key(w, name)
                                                   : name));
}

static const char *function_of(writer *w, const char *value)
{
    return ejs__c_format(w, "((ejs__function_object *)(void *)%s.as.object)",
                         value);
}

/* A method or initialiser that knows where `super` starts. */
static const char *member_function(writer *w, const ejs__node *member,
                                   const char *object)
{
    const ejs__slice none = {"", 0};
    const ejs__node *value = member->as.property.value;
    const char *f = ejs__c_closure(w, value->as.function, none).text;
    ejs__c_emit(w, "%s->home = %s.as.object;", function_of(w, f), object);
    return f;
}

static void method(writer *w, const ejs__node *member, const class_ *c,
                   const char *object)
{
    static const char *const kinds[] = {
        [PROPERTY_METHOD] = "EJS_FIELD_METHOD",
        [PROPERTY_GET] = "EJS_FIELD_GETTER",
        [PROPERTY_SET] = "EJS_FIELD_SETTER",
    };
    static const char *const prefixes[] = {
        [PROPERTY_METHOD] = "NULL",
        [PROPERTY_GET] = "\"get\"",
        [PROPERTY_SET] = "\"set\"",
    };
    const ejs__property_kind kind = member->as.property.kind;
    const char *key = member_key(w, member);
    const char *f = member_function(w, member, object);
    ejs__c_emit(w, "ejs__name_function(ctx, %s, %s, %s);", f, key,
                prefixes[kind]);
    if (member->as.property.is_private && !member->as.property.is_static)
        ejs__c_emit_try(w, "ejs__class_field(ctx, %s, %s, %s, %s)", c->maker,
                        kinds[kind], key, f);
    else if (kind == PROPERTY_METHOD)
        ejs__c_emit_try(w, "ejs__define_method(ctx, %s.as.object, %s, %s)",
                        object, key, f);
    else
        ejs__c_emit_try(w,
                        "ejs__define_accessor(ctx, %s.as.object, %s, %s, %s, "
                        "false)",
                        object, key, f,
                        kind == PROPERTY_SET ? "true" : "false");
}

/* What a field begins with, or a static block, runs once all is defined. */
static void run_static(writer *w, const ejs__node *member, const class_ *c,
                       const char *key, const char *code)
{
    const char *v = ejs__c_new_value(w);
    if (strcmp(code, "ejs__undefined()") == 0) {
        ejs__c_emit(w, "%s = ejs__undefined();", v);
    } else {
        ejs__c_emit(w, "%s = ejs__call(ctx, %s, %s, NULL, 0, NULL);", v, code,
                    c->maker);
        ejs__c_emit_check(w, v);
    }
    if (member->as.property.kind == PROPERTY_FIELD)
        ejs__c_emit_try(w, "ejs__define_index(ctx, %s.as.object, %s, %s)",
                        c->maker, key, v);
}

typedef struct later {
    const char *key, *code;
} later;

static bool is_static_code(const ejs__node *member)
{
    const ejs__property_kind kind = member->as.property.kind;
    return member->as.property.is_static &&
           (kind == PROPERTY_FIELD || kind == PROPERTY_STATIC_BLOCK);
}

static void members(writer *w, const ejs__node *node, const class_ *c)
{
    const ejs__list *list = &node->as.class_.members;
    later *statics =
        base_arena_zalloc(&w->arena, list->count + 1, sizeof *statics);
    if (!statics) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const ejs__node *member = list->items[i];
        const ejs__property_kind kind = member->as.property.kind;
        const char *object =
            member->as.property.is_static ? c->maker : c->prototype;
        if (kind != PROPERTY_FIELD && kind != PROPERTY_STATIC_BLOCK) {
            method(w, member, c, object);
            continue;
        }
        statics[i].key = member_key(w, member);
        statics[i].code = member->as.property.value
                              ? member_function(w, member, object)
                              : "ejs__undefined()";
        if (!member->as.property.is_static)
            ejs__c_emit_try(w,
                            "ejs__class_field(ctx, %s, EJS_FIELD_VALUE, %s, "
                            "%s)",
                            c->maker, statics[i].key, statics[i].code);
    }
    const ejs__ref *inner = &node->as.class_.inner;
    if (inner->kind != REF_UNRESOLVED)
        ejs__c_emit(w, "%s = %s;", ejs__c_variable(w, inner->variable),
                    c->maker);
    for (uint32_t i = 0; i < list->count; i++) {
        if (is_static_code(list->items[i]))
            run_static(w, list->items[i], c, statics[i].key, statics[i].code);
    }
}

operand ejs__c_class(writer *w, const ejs__node *node)
{
    const ejs__function *constructor = node->as.class_.constructor;
    class_ c;
    ejs__c_enter_scope(w, node->as.class_.scope);
    const char *base = "ejs__tagged(EJS_TAG_HOLE)";
    if (node->as.class_.base)
        base = ejs__c_as_value(
            w, ejs__c_hold(w, ejs__c_expression(w, node->as.class_.base)));
    const bool was_implicit = w->implicit;
    w->implicit = !node->as.class_.has_constructor;
    c.maker = ejs__c_closure(w, constructor, constructor->name).text;
    w->implicit = was_implicit;
    c.prototype = ejs__c_new_value(w);
    ejs__c_emit(w, "%s = ejs__class(ctx, %s, %s);", c.prototype,
                function_of(w, c.maker), base);
    ejs__c_emit_check(w, c.prototype);
    members(w, node, &c);
    return ejs__c_value_operand(c.maker);
}

void ejs__c_class_declaration(writer *w, const ejs__node *node)
{
    const operand made = ejs__c_class(w, node->as.class_declaration.class_);
    ejs__c_emit(w, "%s = %s;",
                ejs__c_variable(w, node->as.class_declaration.ref.variable),
                made.text);
}
