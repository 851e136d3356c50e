/* class.c - classes: methods, fields, static blocks and private names. */
#include "ejs/syntax/parse.h"

/* private names ------------------------------------------------------------ */

static _Noreturn void fail_undeclared(ejs__parser *p, ejs__slice name,
                                      uint32_t at)
{
    ejs__front_fail(p->front, at, NULL,
                    "Private field '#%.*s' must be declared in an enclosing "
                    "class",
                    (int)name.size, name.data);
}

void ejs__parse_private_name(ejs__parser *p, ejs__slice *place)
{
    *place = p->token.text;
    if (!p->class_)
        fail_undeclared(p, *place, p->token.start);
    ejs__private *use = ejs__front_alloc(p->front, 1, sizeof *use);
    use->name = p->token.text;
    use->place = place;
    use->at = p->token.start;
    use->next = p->class_->used;
    p->class_->used = use;
    ejs__parse_next(p);
}

static ejs__private *find_private(ejs__private *list, ejs__slice name)
{
    while (list && !ejs__same_name(list->name, name))
        list = list->next;
    return list;
}

static _Noreturn void fail_redeclared(ejs__parser *p, ejs__slice name,
                                      uint32_t at)
{
    ejs__front_fail(p->front, at, NULL,
                    "Identifier '#%.*s' has already been declared",
                    (int)name.size, name.data);
}

/* A getter and a setter may share a name; nothing else may. */
static void declare_private(ejs__parser *p, const ejs__node *member)
{
    ejs__slice name = member->as.property.key->as.string;
    uint8_t kind = (uint8_t)member->as.property.kind;
    uint32_t at = member->as.property.key->start;
    ejs__private *found = find_private(p->class_->declared, name);
    if (found) {
        bool is_pair = (found->kind == PROPERTY_GET && kind == PROPERTY_SET) ||
                       (found->kind == PROPERTY_SET && kind == PROPERTY_GET);
        if (!is_pair || found->has_pair ||
            found->is_static != member->as.property.is_static)
            fail_redeclared(p, name, at);
        found->has_pair = true;
        return;
    }
    ejs__private *item = ejs__front_alloc(p->front, 1, sizeof *item);
    item->name = name;
    item->at = at;
    item->kind = kind;
    item->is_static = member->as.property.is_static;
    item->next = p->class_->declared;
    p->class_->declared = item;
}

/*
 * What a private name is called in the tree.  Two classes may have names that
 * look alike but are different, so from the second class on they are numbered,
 * behind a character that no name contains.
 */
static ejs__slice unique_name(ejs__parser *p, ejs__slice name)
{
    if (p->n_classes == 0)
        return name;
    const char *text = base_arena_printf(p->front->arena, "%s'%u", name.data,
                                         p->n_classes + 1);
    if (!text)
        ejs__front_no_memory(p->front);
    return ejs__front_intern(p->front, text, strlen(text));
}

/* Uses that no class around declares are errors; the rest go outwards. */
static void resolve_private(ejs__parser *p, ejs__class_context *context)
{
    ejs__private *next;
    for (ejs__private *use = context->used; use; use = next) {
        next = use->next;
        if (find_private(context->declared, use->name)) {
            *use->place = unique_name(p, use->name);
            continue;
        }
        if (!context->outer)
            fail_undeclared(p, use->name, use->at);
        use->next = context->outer->used;
        context->outer->used = use;
    }
}

static void resolve_declared(ejs__parser *p, const ejs__node *class_)
{
    for (uint32_t i = 0; i < class_->as.class_.members.count; i++) {
        const ejs__node *member = class_->as.class_.members.items[i];
        if (!member->as.property.is_private)
            continue;
        ejs__node *key = member->as.property.key;
        key->as.string = unique_name(p, key->as.string);
    }
}

/* members ------------------------------------------------------------------ */

static bool ends_key(const ejs__token *token)
{
    switch (token->kind) {
    case TOKEN_LEFT_PAREN:
    case TOKEN_ASSIGN:
    case TOKEN_SEMICOLON:
    case TOKEN_RIGHT_BRACE:
    case TOKEN_END:
        return true;
    default:
        return false;
    }
}

/* Reads the word if it is a modifier here, and not the member's own name. */
static bool modifier(ejs__parser *p, ejs__slice word)
{
    if (!ejs__parse_is_name(p, word))
        return false;
    ejs__token next = ejs__parse_peek(p);
    bool is_static = ejs__same_name(word, p->front->names.static_);
    if (ends_key(&next) || (!is_static && next.kind == TOKEN_STAR))
        return false;
    ejs__parse_next(p);
    return true;
}

static void check_no_async(ejs__parser *p)
{
    if (!ejs__parse_is_name(p, p->front->names.async))
        return;
    ejs__token next = ejs__parse_peek(p);
    if (!ends_key(&next) && !next.newline_before)
        ejs__parse_fail_async(p, p->token.start, "methods");
}

static void member_key(ejs__parser *p, ejs__node *node)
{
    if (!ejs__parse_is(p, TOKEN_PRIVATE_NAME)) {
        node->as.property.key =
            ejs__parse_property_key(p, &node->as.property.computed);
        return;
    }
    ejs__node *key = ejs__parse_node(p, NODE_STRING, p->token.start);
    key->as.string = p->token.text;
    ejs__parse_next(p);
    node->as.property.key = ejs__parse_end(p, key);
    node->as.property.is_private = true;
}

static bool is_key(const ejs__node *node, ejs__slice name)
{
    return !node->as.property.computed && !node->as.property.is_private &&
           ejs__slice_is(node->as.property.key->as.string, name.data,
                         name.size);
}

static _Noreturn void fail_member(ejs__parser *p, const ejs__node *node,
                                  const char *message)
{
    ejs__front_fail(p->front, node->as.property.key->start, NULL, "%s",
                    message);
}

/* What the names constructor and prototype are not allowed for. */
static void check_special_names(ejs__parser *p, const ejs__node *node,
                                bool is_generator)
{
    const ejs__known_names *names = &p->front->names;
    ejs__property_kind kind = node->as.property.kind;
    bool is_constructor = is_key(node, names->constructor);
    if (node->as.property.is_private &&
        ejs__same_name(node->as.property.key->as.string, names->constructor))
        fail_member(p, node,
                    "Classes may not have a field named 'constructor'");
    if (is_constructor && kind == PROPERTY_FIELD)
        fail_member(p, node,
                    "Classes may not have a field named 'constructor'");
    if (node->as.property.is_static) {
        if (is_key(node, names->prototype))
            fail_member(p, node,
                        "Classes may not have a static property "
                        "named 'prototype'");
        return;
    }
    if (is_constructor && is_generator)
        fail_member(p, node, "Class constructor may not be a generator");
    if (is_constructor && kind != PROPERTY_METHOD)
        fail_member(p, node, "Class constructor may not be an accessor");
}

static void name_member(ejs__parser *p, const ejs__node *node)
{
    if (node->as.property.computed)
        return;
    ejs__slice name = node->as.property.key->as.string;
    if (node->as.property.is_private) {
        char *text = ejs__front_alloc(p->front, name.size + 2, 1);
        text[0] = '#';
        memcpy(text + 1, name.data, name.size);
        name = (ejs__slice){text, name.size + 1};
    }
    ejs__parse_name_function(node->as.property.value, name);
}

static void class_method(ejs__parser *p, ejs__node *node, ejs__node *class_,
                         bool is_generator)
{
    bool is_constructor = !node->as.property.is_static &&
                          node->as.property.kind == PROPERTY_METHOD &&
                          is_key(node, p->front->names.constructor);
    bool is_derived = class_->as.class_.base != NULL;
    ejs__method_form form = {.kind = FUNCTION_METHOD,
                             .is_generator = is_generator,
                             .super_property = true,
                             .property = (uint8_t)node->as.property.kind};
    check_special_names(p, node, is_generator);
    if (is_constructor) {
        form.kind = is_derived ? FUNCTION_DERIVED_CONSTRUCTOR
                               : FUNCTION_CLASS_CONSTRUCTOR;
        form.super_call = is_derived;
        if (class_->as.class_.has_constructor)
            fail_member(p, node, "A class may only have one constructor");
    }
    node->as.property.value = ejs__parse_method(p, node->start, &form);
    if (is_constructor) {
        class_->as.class_.has_constructor = true;
        class_->as.class_.constructor = node->as.property.value->as.function;
        return;
    }
    name_member(p, node);
}

/* The code of a field or static block is a function of its own. */
static ejs__node *begin_code(ejs__parser *p, ejs__function_context *context)
{
    ejs__node *node = ejs__parse_node(p, NODE_FUNCTION, p->token.start);
    node->as.function =
        ejs__parse_begin_function(p, context, FUNCTION_FIELDS, p->token.start);
    node->as.function->has_simple_params = true;
    context->super_property = true;
    context->in_class_field = true;
    return node;
}

static ejs__node *end_code(ejs__parser *p, ejs__function_context *context,
                           ejs__node *node)
{
    node->as.function->end = p->previous_end;
    ejs__parse_end_function(p, context);
    return ejs__parse_end(p, node);
}

/* field = key ("=" assignment)? ";" */
static void field(ejs__parser *p, ejs__node *node)
{
    ejs__function_context context;
    node->as.property.kind = PROPERTY_FIELD;
    check_special_names(p, node, false);
    if (ejs__parse_accept(p, TOKEN_ASSIGN)) {
        ejs__node *code = begin_code(p, &context);
        ejs__node *value = ejs__parse_node(p, NODE_RETURN, p->token.start);
        ejs__node *initial = ejs__parse_assignment(p);
        value->as.unary.operand = initial;
        node->as.property.value = initial;
        name_member(p, node);
        uint32_t mark = ejs__parse_begin_list(p);
        ejs__parse_push(p, ejs__parse_end(p, value));
        code->as.function->body = ejs__parse_end_list(p, mark);
        node->as.property.value = end_code(p, &context, code);
    }
    ejs__parse_semicolon(p);
}

/* static block = "static" "{" statements "}" */
static void static_block(ejs__parser *p, ejs__node *node)
{
    ejs__function_context context;
    node->as.property.kind = PROPERTY_STATIC_BLOCK;
    node->as.property.is_static = true;
    ejs__node *code = begin_code(p, &context);
    context.in_static_block = true;
    ejs__parse_expect(p, TOKEN_LEFT_BRACE);
    code->as.function->body = ejs__parse_statements(p);
    ejs__parse_expect(p, TOKEN_RIGHT_BRACE);
    node->as.property.value = end_code(p, &context, code);
}

/* A private method or field is declared before its code is read. */
static void member_rest(ejs__parser *p, ejs__node *node, ejs__node *class_,
                        bool is_generator, const ejs__token *key)
{
    if (ejs__parse_is(p, TOKEN_COMMA) || ejs__parse_is(p, TOKEN_COLON))
        ejs__parse_unexpected(p, key);
    bool is_method = is_generator || ejs__parse_is(p, TOKEN_LEFT_PAREN) ||
                     node->as.property.kind != PROPERTY_METHOD;
    if (!is_method)
        node->as.property.kind = PROPERTY_FIELD;
    if (node->as.property.is_private)
        declare_private(p, node);
    if (is_method)
        class_method(p, node, class_, is_generator);
    else
        field(p, node);
}

/* member = "static"? ("get" | "set" | "*")? key (method | field)
          | "static" block */
static void member(ejs__parser *p, ejs__node *class_)
{
    const ejs__known_names *names = &p->front->names;
    ejs__node *node = ejs__parse_node(p, NODE_PROPERTY, p->token.start);
    node->as.property.is_static = modifier(p, names->static_);
    node->as.property.kind = PROPERTY_METHOD;
    bool is_generator = false;
    if (node->as.property.is_static && ejs__parse_is(p, TOKEN_LEFT_BRACE)) {
        static_block(p, node);
        ejs__parse_push(p, ejs__parse_end(p, node));
        return;
    }
    check_no_async(p);
    if (modifier(p, names->get))
        node->as.property.kind = PROPERTY_GET;
    else if (modifier(p, names->set))
        node->as.property.kind = PROPERTY_SET;
    else
        is_generator = ejs__parse_accept(p, TOKEN_STAR);
    ejs__token key = p->token;
    member_key(p, node);
    bool had_constructor = class_->as.class_.has_constructor;
    member_rest(p, node, class_, is_generator, &key);
    if (class_->as.class_.has_constructor == had_constructor)
        ejs__parse_push(p, ejs__parse_end(p, node));
}

/* classes ------------------------------------------------------------------ */

/* The constructor of a class that has none of its own. */
static ejs__function *default_constructor(ejs__parser *p,
                                          const ejs__node *class_)
{
    ejs__function_context context;
    ejs__function *function = ejs__parse_begin_function(
        p, &context,
        class_->as.class_.base ? FUNCTION_DERIVED_CONSTRUCTOR
                               : FUNCTION_CLASS_CONSTRUCTOR,
        class_->start);
    function->has_simple_params = true;
    ejs__parse_end_function(p, &context);
    return function;
}

static void class_body(ejs__parser *p, ejs__node *node)
{
    ejs__class_context context = {.outer = p->class_};
    bool no_in = p->no_in;
    p->no_in = false;
    p->class_ = &context;
    uint32_t mark = ejs__parse_begin_list(p);
    ejs__parse_expect(p, TOKEN_LEFT_BRACE);
    while (!ejs__parse_is(p, TOKEN_RIGHT_BRACE))
        if (!ejs__parse_accept(p, TOKEN_SEMICOLON))
            member(p, node);
    ejs__parse_next(p);
    node->as.class_.members = ejs__parse_end_list(p, mark);
    p->class_ = context.outer;
    p->no_in = no_in;
    resolve_private(p, &context);
    resolve_declared(p, node);
    p->n_classes++;
}

static void class_name(ejs__parser *p, ejs__node *node, bool declaration)
{
    const ejs__known_names *names = &p->front->names;
    if (!ejs__parse_is(p, TOKEN_NAME)) {
        if (declaration)
            ejs__parse_unexpected(p, &p->token);
        return;
    }
    ejs__slice name = p->token.text;
    ejs__parse_check_name(p, name, p->token.start);
    if (ejs__same_name(name, names->eval) ||
        ejs__same_name(name, names->arguments))
        ejs__front_fail(p->front, p->token.start, NULL,
                        "Unexpected eval or arguments in strict mode");
    node->as.class_.name = name;
    ejs__parse_next(p);
}

/* class = "class" name? ("extends" left-hand)? "{" member* "}", all strict */
ejs__node *ejs__parse_class(ejs__parser *p, bool declaration)
{
    ejs__node *node = ejs__parse_node(p, NODE_CLASS, p->token.start);
    bool was_strict = p->function->is_strict;
    uint32_t cover = p->cover;
    uint32_t entered = ejs__parse_enter(p);
    if (p->token.escaped)
        ejs__parse_unexpected(p, &p->token);
    ejs__parse_next(p);
    p->function->is_strict = true;
    p->cover = 0;
    class_name(p, node, declaration);
    if (ejs__parse_accept(p, TOKEN_EXTENDS)) {
        node->as.class_.base = ejs__parse_left_hand(p);
        ejs__parse_check_cover(p);
    }
    class_body(p, node);
    ejs__function **constructor = &node->as.class_.constructor;
    if (!*constructor)
        *constructor = default_constructor(p, node);
    (*constructor)->name = node->as.class_.name;
    (*constructor)->has_own_name = false;
    (*constructor)->start = node->start;
    (*constructor)->end = p->previous_end;
    p->function->is_strict = was_strict;
    p->cover = cover;
    ejs__parse_leave(p, entered);
    return ejs__parse_end(p, node);
}
