/* The table of built-in classes, and objects made of its rows when wanted. */
#include <assert.h>

#include "ejs/runtime/realm.h"

#include <pthread.h>

#include "ejs/runtime/escape.h"
#include "ejs/runtime/internal.h"
#include "ejs/runtime/jsonc.h"

/* clang-format off */
/* ORDER class: ejs__class_id in realm.h */
const ejs__builtin_class ejs__classes[EJS_N_CLASSES] = {
    [EJS_CLASS_OBJECT] = {"Object", 0, 0, ejs__object_construct, 1, ejs__object_methods, ejs__object_statics, NULL},
    [EJS_CLASS_FUNCTION] = {"Function", EJS_CLASS_OBJECT, 0, ejs__function_construct, 1, ejs__function_methods, NULL, NULL},
    [EJS_CLASS_ARRAY] = {"Array", EJS_CLASS_OBJECT, 0, ejs__array_construct, 1, ejs__array_methods, ejs__array_statics, NULL},
    [EJS_CLASS_STRING] = {"String", EJS_CLASS_OBJECT, 0, ejs__string_construct, 1, ejs__string_methods, ejs__string_statics, NULL},
    [EJS_CLASS_NUMBER] = {"Number", EJS_CLASS_OBJECT, 0, ejs__number_construct, 1, ejs__number_methods, ejs__number_statics, ejs__number_constants},
    [EJS_CLASS_BOOLEAN] = {"Boolean", EJS_CLASS_OBJECT, 0, ejs__boolean_construct, 1, ejs__boolean_methods, NULL, NULL},
    [EJS_CLASS_ERROR] = {"Error", EJS_CLASS_OBJECT, 0, ejs__error_construct, 1, ejs__error_methods, NULL, NULL},
    [EJS_CLASS_TYPE_ERROR] = {"TypeError", EJS_CLASS_ERROR, 0, ejs__type_error_construct, 1, NULL, NULL, NULL},
    [EJS_CLASS_RANGE_ERROR] = {"RangeError", EJS_CLASS_ERROR, 0, ejs__range_error_construct, 1, NULL, NULL, NULL},
    [EJS_CLASS_SYNTAX_ERROR] = {"SyntaxError", EJS_CLASS_ERROR, 0, ejs__syntax_error_construct, 1, NULL, NULL, NULL},
    [EJS_CLASS_REFERENCE_ERROR] = {"ReferenceError", EJS_CLASS_ERROR, 0, ejs__reference_error_construct, 1, NULL, NULL, NULL},
    [EJS_CLASS_URI_ERROR] = {"URIError", EJS_CLASS_ERROR, 0, ejs__uri_error_construct, 1, NULL, NULL, NULL},
    [EJS_CLASS_EVAL_ERROR] = {"EvalError", EJS_CLASS_ERROR, 0, ejs__eval_error_construct, 1, NULL, NULL, NULL},
    [EJS_CLASS_DATE] = {"Date", EJS_CLASS_OBJECT, 0, ejs__date_construct, 7, ejs__date_methods, ejs__date_statics, NULL},
    [EJS_CLASS_REGEXP] = {"RegExp", EJS_CLASS_OBJECT, 0, ejs__regexp_construct, 2, ejs__regexp_methods, ejs__regexp_statics, NULL},
    [EJS_CLASS_MAP] = {"Map", EJS_CLASS_OBJECT, 0, ejs__map_construct, 0, ejs__map_methods, ejs__map_statics, NULL},
    [EJS_CLASS_SET] = {"Set", EJS_CLASS_OBJECT, 0, ejs__set_construct, 0, ejs__set_methods, NULL, NULL},
    [EJS_CLASS_ITERATOR] = {"Iterator", EJS_CLASS_OBJECT, 0, NULL, 0, NULL, NULL, NULL},
    [EJS_CLASS_ARRAY_ITERATOR] = {"Array Iterator", EJS_CLASS_ITERATOR, 0, NULL, 0, ejs__iterator_methods, NULL, NULL},
    [EJS_CLASS_MAP_ITERATOR] = {"Map Iterator", EJS_CLASS_ITERATOR, 0, NULL, 0, ejs__iterator_methods, NULL, NULL},
    [EJS_CLASS_SET_ITERATOR] = {"Set Iterator", EJS_CLASS_ITERATOR, 0, NULL, 0, ejs__iterator_methods, NULL, NULL},
    [EJS_CLASS_STRING_ITERATOR] = {"String Iterator", EJS_CLASS_ITERATOR, 0, NULL, 0, ejs__iterator_methods, NULL, NULL},
    [EJS_CLASS_REGEXP_ITERATOR] = {"RegExp String Iterator", EJS_CLASS_ITERATOR, 0, NULL, 0, ejs__iterator_methods, NULL, NULL},
    [EJS_CLASS_GENERATOR] = {"Generator", EJS_CLASS_ITERATOR, 0, NULL, 0, ejs__generator_methods, NULL, NULL},
    [EJS_CLASS_GENERATOR_FUNCTION] = {"GeneratorFunction", EJS_CLASS_FUNCTION, 0, NULL, 0, NULL, NULL, NULL},
    [EJS_CLASS_MATH] = {"Math", EJS_CLASS_OBJECT, 0, NULL, 0, NULL, ejs__math_functions, ejs__math_constants},
    [EJS_CLASS_JSON] = {"JSON", EJS_CLASS_OBJECT, 0, NULL, 0, NULL, ejs__json_functions, NULL},
    [EJS_CLASS_CONSOLE] = {"console", EJS_CLASS_OBJECT, 0, NULL, 0, NULL, ejs__console_functions, NULL},
    [EJS_CLASS_INTL] = {"Intl", EJS_CLASS_OBJECT, 0, NULL, 0, NULL, ejs__intl_functions, NULL},
    [EJS_CLASS_NUMBER_FORMAT] = {"NumberFormat", EJS_CLASS_OBJECT, EJS_CLASS_INTL, ejs__number_format_construct, 0, ejs__number_format_methods, ejs__intl_class_statics, NULL},
    [EJS_CLASS_DATE_TIME_FORMAT] = {"DateTimeFormat", EJS_CLASS_OBJECT, EJS_CLASS_INTL, ejs__date_time_format_construct, 0, ejs__date_time_format_methods, ejs__intl_class_statics, NULL},
    [EJS_CLASS_PLURAL_RULES] = {"PluralRules", EJS_CLASS_OBJECT, EJS_CLASS_INTL, ejs__plural_rules_construct, 0, ejs__plural_rules_methods, ejs__intl_class_statics, NULL},
    [EJS_CLASS_LIST_FORMAT] = {"ListFormat", EJS_CLASS_OBJECT, EJS_CLASS_INTL, ejs__list_format_construct, 0, ejs__list_format_methods, ejs__intl_class_statics, NULL},
    [EJS_CLASS_RELATIVE_TIME_FORMAT] = {"RelativeTimeFormat", EJS_CLASS_OBJECT, EJS_CLASS_INTL, ejs__relative_time_format_construct, 0, ejs__relative_time_format_methods, ejs__intl_class_statics, NULL},
    [EJS_CLASS_COLLATOR] = {"Collator", EJS_CLASS_OBJECT, EJS_CLASS_INTL, ejs__collator_construct, 0, ejs__collator_methods, ejs__intl_class_statics, NULL},
    [EJS_CLASS_URL] = {"URL", EJS_CLASS_OBJECT, 0, ejs__url_construct, 1, ejs__url_methods, ejs__url_statics, NULL},
    [EJS_CLASS_URL_SEARCH_PARAMS] = {"URLSearchParams", EJS_CLASS_OBJECT, 0, ejs__url_search_params_construct, 0, ejs__url_search_params_methods, NULL, NULL},
    [EJS_CLASS_GLOBAL] = {"globalThis", EJS_CLASS_OBJECT, 0, NULL, 0, NULL, ejs__uri_functions, NULL},
};
/* The other tables of the global object. */
static const ejs__builtin *const more_globals[] = {
    ejs__number_globals, ejs__clone_functions,
};
/* clang-format on */

static bool is_namespace(ejs__class_id id)
{
    return (id >= EJS_CLASS_MATH && id <= EJS_CLASS_INTL) ||
           id == EJS_CLASS_GLOBAL;
}

/* the indexes of the tables
 * --------------------------------------------------------- */

static_assert(EJS_IS_MATH == EJS_CLASS_MATH * 4 + EJS_ROLE_NAMESPACE,
              "runtime.h: what generated code compares");
static_assert(EJS_IS_STRING == EJS_CLASS_STRING * 4 + EJS_ROLE_CONSTRUCTOR,
              "runtime.h: what generated code compares");
static_assert(EJS_IS_NUMBER == EJS_CLASS_NUMBER * 4 + EJS_ROLE_CONSTRUCTOR,
              "runtime.h: what generated code compares");

enum { MOST_ROWS = 96, INDEX_SIZE = 256 };

typedef struct row_index {
    uint8_t slots[INDEX_SIZE]; /* number of the row + 1 */
    uint32_t hashes[MOST_ROWS];
    const ejs__builtin *rows[MOST_ROWS];
    uint32_t count;
    uint32_t id; /* from 1 */
} row_index;

/* Filled in once, before the first context, and read only after that. */
static row_index *methods_of[EJS_N_CLASSES], *statics_of[EJS_N_CLASSES];
static row_index indexes[EJS_N_CLASSES * 2];
static row_index class_names; /* rows unused: numbers are class ids */

static void index_add(row_index *index, const char *name, uint32_t number)
{
    const uint32_t hash = ejs__hash(name, (uint32_t)strlen(name));
    uint32_t i = hash % INDEX_SIZE;
    while (index->slots[i])
        i = (i + 1) % INDEX_SIZE;
    index->slots[i] = (uint8_t)(number + 1);
    index->hashes[number] = hash;
}

static void index_rows(row_index *index, const ejs__builtin *rows)
{
    index->id = (uint32_t)(index - indexes) + 1;
    for (; rows->name && index->count < MOST_ROWS; rows++) {
        index->rows[index->count] = rows;
        index_add(index, rows->name, index->count++);
    }
}

bool ejs__jsonc_known;

static void prepare(void)
{
    ejs__jsonc_known = ejs__jsonc_probe();
    ejs__escape_prepare();
    row_index *next = indexes;
    for (int id = 1; id < EJS_N_CLASSES; id++) {
        const ejs__builtin_class *c = &ejs__classes[id];
        if (c->methods)
            index_rows(methods_of[id] = next++, c->methods);
        if (c->statics)
            index_rows(statics_of[id] = next++, c->statics);
        if ((c->construct || is_namespace((ejs__class_id)id)) && !c->home)
            index_add(&class_names, c->name, (uint32_t)id);
    }
    for (size_t i = 0; i < sizeof more_globals / sizeof *more_globals; i++)
        index_rows(statics_of[EJS_CLASS_GLOBAL], more_globals[i]);
}

bool ejs__realm_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    return pthread_once(&once, prepare) == 0;
}

static bool named(const char *name, const char *key, uint32_t size)
{
    return strncmp(name, key, size) == 0 && name[size] == '\0';
}

/* A hint belongs to one key: the number of an index, and of the row there. */
enum { HINT_ROWS = 256 };

static const ejs__builtin *index_find(const row_index *index, const char *key,
                                      uint32_t size, uint32_t hash,
                                      uint32_t *hint)
{
    for (uint32_t i = hash % INDEX_SIZE; index->slots[i];
         i = (i + 1) % INDEX_SIZE) {
        const uint32_t n = index->slots[i] - 1u;
        if (index->hashes[n] == hash &&
            named(index->rows[n]->name, key, size)) {
            if (hint)
                ejs__relax(hint, index->id * HINT_ROWS + n);
            return index->rows[n];
        }
    }
    return NULL;
}

const ejs__builtin *ejs__builtin_find(const ejs_object *o, const char *key,
                                      uint32_t size, uint32_t hash,
                                      uint32_t *hint)
{
    const row_index *index = ejs__role_of(o) == EJS_ROLE_PROTOTYPE
                                 ? methods_of[ejs__class_of(o)]
                                 : statics_of[ejs__class_of(o)];
    if (EJS_UNLIKELY(!index))
        return NULL;
    const uint32_t known = hint ? ejs__relaxed(hint) : 0;
    if (EJS_LIKELY(known / HINT_ROWS == index->id))
        return index->rows[known % HINT_ROWS];
    return index_find(index, key, size, hash, hint);
}

static ejs__class_id find_class(ejs_site *site)
{
    const uint32_t hash = ejs__site_hash(site);
    for (uint32_t i = hash % INDEX_SIZE; class_names.slots[i];
         i = (i + 1) % INDEX_SIZE) {
        const uint32_t id = class_names.slots[i] - 1u;
        if (class_names.hashes[id] == hash &&
            named(ejs__classes[id].name, site->key, site->size))
            return (ejs__class_id)id;
    }
    return EJS_CLASS_NONE;
}

/* making objects of rows
 * ---------------------------------------------------------------- */

ejs__function_object *ejs__builtin_function(ejs_context *ctx,
                                            const ejs__builtin *row)
{
    ejs__function_object *f =
        ejs__object_alloc(ctx, sizeof *f, EJS_OBJECT_FUNCTION,
                          ejs__proto(ctx, EJS_CLASS_FUNCTION));
    if (!f)
        return NULL;
    f->entry = row->function;
    f->code = row;
    return f;
}

static bool define_constants(ejs_context *ctx, ejs_object *o,
                             const ejs__constant *c)
{
    for (; c && c->name; c++)
        if (!ejs__define_name(ctx, o, c->name, ejs__number(c->value), 0))
            return false;
    return true;
}

/* A constructor begins with length, name and prototype, as V8's do. */
static bool dress_constructor(ejs_context *ctx, ejs_object *o, ejs__class_id id)
{
    const ejs__builtin_class *c = &ejs__classes[id];
    const ejs_value name =
        ejs__string(c->name, (uint32_t)strlen(c->name), EJS_STRING_ASCII);
    o->flags |= EJS_MATERIALIZED; /* for the moment: no rows, no lookups */
    const bool done =
        ejs__define_name(ctx, o, "length", ejs__number(c->length),
                         EJS_CONFIGURABLE) &&
        ejs__define_name(ctx, o, "name", name, EJS_CONFIGURABLE) &&
        ejs__define_name(ctx, o, "prototype", ejs__object(ejs__proto(ctx, id)),
                         0) &&
        define_constants(ctx, o, c->constants);
    o->flags &= (uint8_t)~EJS_MATERIALIZED;
    return done;
}

ejs__function_object *ejs__constructor_of(ejs_context *ctx, ejs__class_id id)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (realm->makers[id])
        return ejs__as_function(realm->makers[id]);
    const ejs__builtin_class *c = &ejs__classes[id];
    ejs_object *proto = ejs__proto(ctx, EJS_CLASS_FUNCTION);
    if (c->parent == EJS_CLASS_ERROR) {
        ejs__function_object *parent = ejs__constructor_of(ctx, c->parent);
        if (!parent)
            return NULL;
        proto = &parent->object;
    }
    ejs__function_object *f =
        ejs__object_alloc(ctx, sizeof *f, EJS_OBJECT_FUNCTION, proto);
    if (!f)
        return NULL;
    f->entry = c->construct;
    f->object.class_id = (uint16_t)(id * 4 + EJS_ROLE_CONSTRUCTOR);
    if (!dress_constructor(ctx, &f->object, id))
        return NULL;
    f->object.length = f->object.properties.count;
    realm->used = true;
    return ejs__as_function(realm->makers[id] = &f->object);
}

ejs_object *ejs__namespace_of(ejs_context *ctx, ejs__class_id id)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (realm->makers[id])
        return realm->makers[id];
    ejs_object *o = ejs__object_new(ctx);
    if (!o)
        return NULL;
    o->class_id = (uint16_t)(id * 4 + EJS_ROLE_NAMESPACE);
    o->flags |= EJS_MATERIALIZED;
    const bool done = define_constants(ctx, o, ejs__classes[id].constants);
    o->flags &= (uint8_t)~EJS_MATERIALIZED;
    if (!done)
        return NULL;
    o->length = o->properties.count;
    if (id == EJS_CLASS_GLOBAL)
        o->flags |= EJS_WATCHED;
    realm->used = true;
    return realm->makers[id] = o;
}

ejs_object *ejs__global_object(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (!realm->global)
        realm->global = ejs__namespace_of(ctx, EJS_CLASS_GLOBAL);
    return realm->global;
}

/* The class `name` as found in a namespace: 1, 0, -1. */
static int class_value(ejs_context *ctx, ejs__class_id id, ejs_value *out)
{
    ejs_object *o;
    if (id == EJS_CLASS_NONE)
        return 0;
    if (is_namespace(id)) {
        o = id == EJS_CLASS_GLOBAL ? ejs__global_object(ctx)
                                   : ejs__namespace_of(ctx, id);
    } else {
        ejs__function_object *f = ejs__constructor_of(ctx, id);
        o = f ? &f->object : NULL;
    }
    if (!o)
        return -1;
    *out = ejs__object(o);
    return 1;
}

static ejs__class_id find_member_class(ejs__class_id home, ejs_site *site)
{
    if (home == EJS_CLASS_GLOBAL)
        return find_class(site);
    for (int id = 1; id < EJS_N_CLASSES; id++)
        if (ejs__classes[id].home == home && home != EJS_CLASS_NONE &&
            named(ejs__classes[id].name, site->key, site->size))
            return (ejs__class_id)id;
    return EJS_CLASS_NONE;
}

static int global_constant(ejs_site *site, ejs_value *out)
{
    if (ejs__site_is(site, "undefined", 9))
        *out = ejs__undefined();
    else if (ejs__site_is(site, "NaN", 3))
        *out = ejs__number(NAN);
    else if (ejs__site_is(site, "Infinity", 8))
        *out = ejs__number(INFINITY);
    else
        return 0;
    return 1;
}

/* What prototypes have beside methods: `name` and `message` those of errors;
 * those of Function, Array and String are a function, an array and a string
 * themselves, with a length. */
static int proto_constant(ejs_context *ctx, ejs__class_id id,
                          const ejs_site *site, ejs_value *out)
{
    if (id == EJS_CLASS_GENERATOR_FUNCTION &&
        ejs__site_is(site, "prototype", 9)) {
        *out = ejs__object(ejs__proto(ctx, EJS_CLASS_GENERATOR));
        return 1;
    }
    if (id == EJS_CLASS_GENERATOR && ejs__site_is(site, "constructor", 11)) {
        *out = ejs__object(ejs__proto(ctx, EJS_CLASS_GENERATOR_FUNCTION));
        return 1;
    }
    const bool is_error = id >= EJS_CLASS_ERROR && id <= EJS_CLASS_EVAL_ERROR;
    const char *name = is_error ? ejs__classes[id].name : "";
    if (is_error && ejs__site_is(site, "message", 7))
        *out = EJS_LITERAL("");
    else if ((is_error || id == EJS_CLASS_FUNCTION) &&
             ejs__site_is(site, "name", 4))
        *out = ejs__string(name, (uint32_t)strlen(name), EJS_STRING_ASCII);
    else if (id >= EJS_CLASS_FUNCTION && id <= EJS_CLASS_STRING &&
             ejs__site_is(site, "length", 6))
        *out = ejs__number(0);
    else
        return 0;
    return 1;
}

/* Methods that are another one under an older name: the same function. */
static const char *const aliases[][2] = {
    {"keys", "values"}, /* of Set */
    {"toGMTString", "toUTCString"},
    {"trimLeft", "trimStart"},
    {"trimRight", "trimEnd"},
};

/* The function that o already has, or gets, for the row that this one is an
 * alias of; NULL: none, or *thrown. */
static ejs__function_object *aliased(ejs_context *ctx, ejs_object *o,
                                     const ejs__builtin *row, bool *thrown)
{
    *thrown = false;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        ejs_site site = ejs__site_named(aliases[i][1]);
        if (strcmp(row->name, aliases[i][0]) != 0)
            continue;
        const ejs__property *p = ejs__own(ctx, o, &site, thrown);
        if (p && ejs__is_callable(p->value) &&
            ejs__as_function(p->value.as.object)->entry == row->function)
            return ejs__as_function(p->value.as.object);
        return NULL;
    }
    return NULL;
}

/* The row becomes an own property, so that it is the same function ever after.
 */
static ejs__property *realize(ejs_context *ctx, ejs_object *o, ejs_site *site,
                              const ejs__builtin *row)
{
    bool thrown;
    ejs__function_object *f = aliased(ctx, o, row, &thrown);
    if (!f && !thrown)
        f = ejs__builtin_function(ctx, row);
    if (!f)
        return NULL;
    ejs_site own = {
        .key = row->name, .size = site->size, .hash = ejs__site_hash(site)};
    if (row->kind == EJS_ROW_METHOD)
        return ejs__append(ctx, o, &own, ejs__object(&f->object),
                           EJS_WRITABLE | EJS_CONFIGURABLE);
    ejs__accessor *accessor = ejs__alloc(ctx, sizeof *accessor);
    if (!accessor)
        return NULL;
    *accessor = (ejs__accessor){
        &f->object, row->kind == EJS_ROW_ACCESSOR ? &f->object : NULL};
    ejs_value v = ejs__undefined();
    v.as.object = (ejs_object *)(void *)accessor;
    return ejs__append(ctx, o, &own, v, EJS_ACCESSOR | EJS_CONFIGURABLE);
}

/* The virtual own property of a realm object as a real one; NULL: none, or
 * *thrown. */
static ejs__property *own_row(ejs_context *ctx, ejs_object *o, ejs_site *site,
                              bool *thrown)
{
    ejs__property *p = NULL;
    ejs_value v;
    const ejs__builtin *row = ejs__builtin_find(
        o, site->key, site->size, ejs__site_hash(site), &site->proto_slot);
    const ejs__class_id id = ejs__class_of(o);
    if (row) {
        p = realize(ctx, o, site, row);
        *thrown = !p;
        return p;
    }
    int found = 0;
    uint8_t flags = EJS_WRITABLE | EJS_CONFIGURABLE;
    if (ejs__role_of(o) == EJS_ROLE_PROTOTYPE) {
        if (ejs__site_is(site, "constructor", 11) && ejs__classes[id].construct)
            found = class_value(ctx, id, &v);
        if (!found)
            found = proto_constant(ctx, id, site, &v);
    } else if (ejs__role_of(o) == EJS_ROLE_NAMESPACE) {
        found = class_value(ctx, find_member_class(id, site), &v);
        if (!found && id == EJS_CLASS_GLOBAL &&
            (found = global_constant(site, &v)))
            flags = 0;
    }
    if (found > 0)
        p = ejs__append(ctx, o, site, v, flags);
    *thrown = found < 0 || (found && !p);
    return p;
}

int ejs__builtin_global(ejs_context *ctx, ejs_site *site, ejs_value *out)
{
    int found = global_constant(site, out);
    if (!found)
        found = class_value(ctx, find_class(site), out);
    if (found)
        return found;
    if (!index_find(statics_of[EJS_CLASS_GLOBAL], site->key, site->size,
                    ejs__site_hash(site), &site->proto_slot))
        return 0;
    bool thrown;
    ejs_object *global = ejs__global_object(ctx);
    const ejs__property *p =
        global ? ejs__own(ctx, global, site, &thrown) : NULL;
    if (!p)
        return -1;
    *out = p->value;
    return 1;
}

/* functions, errors
 * -------------------------------------------------------------------------- */

static bool function_is_constructor(const ejs__function_object *f)
{
    return f->info && f->info->kind == EJS_CODE_NORMAL;
}

/* What the generators that the function makes inherit. */
static bool append_generator_prototype(ejs_context *ctx, ejs_object *function,
                                       ejs_site *site)
{
    ejs_object *proto = ejs__object_new(ctx);
    if (!proto)
        return false;
    proto->proto = ejs__proto(ctx, EJS_CLASS_GENERATOR);
    return ejs__append(ctx, function, site, ejs__object(proto), EJS_WRITABLE);
}

/* name, length and prototype of a function; realm constructors have theirs. */
static bool dress_function(ejs_context *ctx, ejs_object *o)
{
    const ejs__function_object *f = ejs__as_function(o);
    const ejs__builtin *row = f->info ? NULL : f->code;
    const char *name = f->info ? f->info->name : row ? row->name : "";
    const uint32_t size = f->info ? f->info->name_size : (uint32_t)strlen(name);
    const double length = f->info ? f->info->length : row ? row->length : 0;
    o->flags |= EJS_MATERIALIZED;
    if (o->flags & EJS_NOT_EXTENSIBLE)
        return true;
    ejs_site site = ejs__site_named("length");
    if (!ejs__find(o, &site) &&
        !ejs__append(ctx, o, &site, ejs__number(length), EJS_CONFIGURABLE))
        return false;
    site = ejs__site_named("name");
    if (!ejs__find(o, &site) &&
        !ejs__append(ctx, o, &site, ejs__string(name, size, 0),
                     EJS_CONFIGURABLE))
        return false;
    site = ejs__site_named("prototype");
    if (ejs__find(o, &site))
        return true;
    if (f->info && f->info->kind == EJS_CODE_GENERATOR)
        return append_generator_prototype(ctx, o, &site);
    if (!function_is_constructor(f))
        return true;
    ejs_object *proto = ejs__object_new(ctx);
    return proto &&
           ejs__define_name(ctx, proto, "constructor", ejs__object(o),
                            EJS_WRITABLE | EJS_CONFIGURABLE) &&
           ejs__append(ctx, o, &site, ejs__object(proto), EJS_WRITABLE);
}

bool ejs__materialize_rows(ejs_context *ctx, ejs_object *o)
{
    const row_index *index = ejs__role_of(o) == EJS_ROLE_PROTOTYPE
                                 ? methods_of[ejs__class_of(o)]
                                 : statics_of[ejs__class_of(o)];
    bool thrown = false;
    for (uint32_t i = 0; index && i < index->count; i++) {
        ejs_site site = ejs__site_named(index->rows[i]->name);
        if (!ejs__find(o, &site) && !own_row(ctx, o, &site, &thrown))
            return false;
    }
    if (ejs__role_of(o) == EJS_ROLE_PROTOTYPE) {
        ejs_site site = ejs__site_named("constructor");
        if (!ejs__find(o, &site))
            own_row(ctx, o, &site, &thrown);
    }
    o->flags |= EJS_MATERIALIZED;
    return !thrown;
}

bool ejs__materialize(ejs_context *ctx, ejs_object *o)
{
    if (o->kind == EJS_OBJECT_LOCALS)
        return ejs__locals_materialize(ctx, o);
    if (o->flags & EJS_MATERIALIZED)
        return true;
    if (o->class_id & 3)
        return ejs__materialize_rows(ctx, o);
    return o->kind != EJS_OBJECT_FUNCTION || dress_function(ctx, o);
}

ejs__property *ejs__own(ejs_context *ctx, ejs_object *o, ejs_site *site,
                        bool *thrown)
{
    *thrown = false;
    ejs__property *p = ejs__find(o, site);
    if (p)
        return p;
    if (ejs__has_rows(o))
        return own_row(ctx, o, site, thrown);
    if (o->kind == EJS_OBJECT_FUNCTION && !(o->flags & EJS_MATERIALIZED) &&
        (ejs__site_is(site, "name", 4) || ejs__site_is(site, "length", 6) ||
         ejs__site_is(site, "prototype", 9))) {
        *thrown = !dress_function(ctx, o);
        return *thrown ? NULL : ejs__find(o, site);
    }
    if (o->kind == EJS_OBJECT_ERROR && !(o->flags & EJS_MATERIALIZED) &&
        ejs__site_is(site, "stack", 5)) {
        o->flags |= EJS_MATERIALIZED;
        const ejs_value stack = ejs__error_stack(ctx, o);
        if (!ejs__is_thrown(stack))
            p = ejs__append(ctx, o, site, stack,
                            EJS_WRITABLE | EJS_CONFIGURABLE);
        *thrown = !p;
    }
    if (o->kind == EJS_OBJECT_LOCALS) {
        ejs_value v;
        const int found = ejs__locals_own(ctx, o, site, &v);
        if (found > 0)
            p = ejs__append(ctx, o, site, v, EJS_ORDINARY);
        *thrown = found < 0 || (found && !p);
    }
    return p;
}
