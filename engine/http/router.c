/* router.c - the tree that finds the layers for a path. */
#include "http/router.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* the tree ----------------------------------------------------------------- */

typedef struct list {
    unsigned *items;
    size_t count, capacity;
} list;

typedef struct edge {
    const char *text; /* of a literal, or a mixed segment as it is written */
    size_t size;
    unsigned hash;
    mvc__node *node;
} edge;

struct mvc__node {
    edge *literals; /* open addressing; the size is a power of two */
    size_t n_literals, capacity;
    mvc__node *param;
    edge *mixed;
    size_t n_mixed;
    list ends;   /* layers whose pattern ends here */
    list covers; /* layers that match here and all below */
    list rests;  /* layers that go on with a wildcard */
};

static unsigned hash_of(const char *text, size_t size, bool sensitive)
{
    unsigned hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (!sensitive && c >= 'A' && c <= 'Z')
            c |= 0x20;
        hash = (hash ^ c) * 16777619u;
    }
    return hash;
}

static bool same(const char *a, const char *b, size_t size, bool sensitive)
{
    return sensitive ? memcmp(a, b, size) == 0 : strncasecmp(a, b, size) == 0;
}

static edge *slot(const mvc__node *node, const char *text, size_t size,
                  unsigned hash, bool sensitive)
{
    for (size_t i = hash;; i++) {
        edge *e = &node->literals[i & (node->capacity - 1)];
        if (!e->node || (e->hash == hash && e->size == size &&
                         same(e->text, text, size, sensitive)))
            return e;
    }
}

static mvc__node *literal(const mvc__node *node, const char *text, size_t size,
                          bool sensitive)
{
    if (node->n_literals == 0)
        return NULL;
    return slot(node, text, size, hash_of(text, size, sensitive), sensitive)
        ->node;
}

static mvc__node *new_node(mvc_router *r)
{
    return base_arena_zalloc(&r->arena, 1, sizeof(mvc__node));
}

static bool grow_literals(mvc_router *r, mvc__node *node)
{
    mvc__node old = *node;
    node->capacity = old.capacity ? old.capacity * 2 : 4;
    node->literals = base_arena_zalloc(&r->arena, node->capacity, sizeof(edge));
    if (!node->literals)
        return false;
    for (size_t i = 0; i < old.capacity; i++) {
        const edge *e = &old.literals[i];
        if (e->node)
            *slot(node, e->text, e->size, e->hash, r->case_sensitive) = *e;
    }
    return true;
}

static mvc__node *add_literal(mvc_router *r, mvc__node *node, mvc__text text)
{
    if (2 * (node->n_literals + 1) > node->capacity && !grow_literals(r, node))
        return NULL;
    const unsigned hash = hash_of(text.data, text.size, r->case_sensitive);
    edge *e = slot(node, text.data, text.size, hash, r->case_sensitive);
    if (!e->node) {
        *e = (edge){text.data, text.size, hash, new_node(r)};
        node->n_literals++;
    }
    return e->node;
}

static mvc__node *add_mixed(mvc_router *r, mvc__node *node, mvc__text prefix)
{
    for (size_t i = 0; i < node->n_mixed; i++) {
        const edge *e = &node->mixed[i];
        if (e->size == prefix.size &&
            same(e->text, prefix.data, prefix.size, r->case_sensitive))
            return e->node;
    }
    edge *mixed =
        base_arena_zalloc(&r->arena, node->n_mixed + 1, sizeof *mixed);
    if (!mixed)
        return NULL;
    if (node->n_mixed)
        memcpy(mixed, node->mixed, node->n_mixed * sizeof *mixed);
    node->mixed = mixed;
    mixed[node->n_mixed] = (edge){prefix.data, prefix.size, 0, new_node(r)};
    return mixed[node->n_mixed++].node;
}

static bool put(mvc_router *r, list *l, unsigned item)
{
    if (l->count && l->items[l->count - 1] == item)
        return true;
    if (l->count == l->capacity) {
        const size_t capacity = l->capacity ? l->capacity * 2 : 2;
        unsigned *items = base_arena_zalloc(&r->arena, capacity, sizeof *items);
        if (!items)
            return false;
        if (l->count)
            memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
        l->capacity = capacity;
    }
    l->items[l->count++] = item;
    return true;
}

/* building ----------------------------------------------------------------- */

/* A pattern's segment: one literal, one parameter, or anything else. */
typedef struct segment {
    mvc__text text; /* of a literal; how a mixed one begins */
    bool is_param, is_mixed, has_wildcard;
} segment;

typedef struct reader {
    const mvc__token *token, *end;
    size_t at; /* within a text token */
} reader;

/*
 * Reads one segment, up to a slash or the end; false when there is none left.
 * `token` and `at` start behind the slash that begins it.
 */
static bool next_segment(mvc_router *r, reader *in, segment *s)
{
    base_arena *arena = &r->arena;
    char *text = base_arena_alloc(arena, 1);
    size_t size = 0, pieces = 0;
    *s = (segment){{text, 0}, false, false, false};
    bool literal_so_far = true;
    while (text && in->token < in->end) {
        const mvc__token *t = in->token;
        if (t->type != MVC__TOKEN_TEXT) {
            s->has_wildcard |= t->type == MVC__TOKEN_WILDCARD;
            literal_so_far = false;
            pieces++;
            in->token++;
            continue;
        }
        const char *from = t->text.data + in->at;
        const char *stop = memchr(from, '/', t->text.size - in->at);
        const size_t n = stop ? (size_t)(stop - from) : t->text.size - in->at;
        if (n) {
            pieces++;
            if (literal_so_far) {
                char *longer = base_arena_alloc(arena, size + n);
                if (!longer)
                    return false;
                memcpy(longer, text, size);
                memcpy(longer + size, from, n);
                text = longer;
                size += n;
            }
        }
        in->at += n;
        if (stop)
            break;
        in->token++;
        in->at = 0;
    }
    s->text = (mvc__text){text, size};
    s->is_param = !literal_so_far && pieces == 1 && !s->has_wildcard;
    s->is_mixed = !literal_so_far && !s->is_param;
    return text != NULL;
}

static bool place(mvc_router *r, const mvc__alternative *a, bool ends,
                  unsigned number)
{
    mvc__node *node = r->tree;
    reader in = {a->tokens, a->tokens + a->n_tokens, 0};
    /* A pattern that does not begin with a slash is tried for every path. */
    if (a->n_tokens == 0 || in.token->type != MVC__TOKEN_TEXT ||
        in.token->text.data[0] != '/')
        return put(r, &node->rests, number);
    while (in.token < in.end) {
        segment s;
        if (++in.at >= in.token->text.size) { /* over the slash */
            in.token++;
            in.at = 0;
        }
        if (!next_segment(r, &in, &s))
            return false;
        if (s.has_wildcard)
            return put(r, &node->rests, number);
        if (s.is_param) {
            if (!node->param)
                node->param = new_node(r);
            node = node->param;
        } else if (s.is_mixed) {
            node = add_mixed(r, node, s.text);
        } else {
            node = add_literal(r, node, s.text);
        }
        if (!node)
            return false;
    }
    return put(r, ends ? &node->ends : &node->covers, number);
}

static bool place_layer(mvc_router *r, const mvc__layer *layer, unsigned number)
{
    const mvc__pattern *p = &layer->pattern;
    if (p->any)
        return put(r, &r->tree->covers, number);
    for (size_t i = 0; i < p->n_alternatives; i++)
        if (!place(r, &p->alternatives[i], p->ends, number))
            return false;
    return true;
}

static void complain(mvc_router *r, bool is_error, const char *text)
{
    mvc__complaint *c = base_arena_zalloc(&r->arena, 1, sizeof *c);
    if (!c || !text) {
        r->out_of_memory = true;
        return;
    }
    *c = (mvc__complaint){is_error, text, NULL};
    if (r->last_complaint)
        r->last_complaint->next = c;
    else
        r->complaints = c;
    r->last_complaint = c;
}

static bool shadows(const mvc__layer *a, const mvc__layer *b)
{
    return a->kind == MVC__LAYER_ROUTE && a->method == b->method &&
           a->method != MVC_ANY && a->n_handlers &&
           mvc__pattern_covers(&a->pattern, &b->pattern);
}

/* Of several handlers the first may be there to choose. */
static const char *shadow_text(mvc_router *r, const mvc__layer *a,
                               const mvc__layer *b)
{
    return base_arena_printf(
        &r->arena,
        "%s:%d: route %s %s (%s) %s: %s %s (%s) at %s:%d comes first", b->file,
        b->line, mvc_method_name(b->method), b->pattern.source, b->label,
        a->n_handlers == 1 ? "can never match"
                           : "can only be reached by mvc_next_route()",
        mvc_method_name(a->method), a->pattern.source, a->label, a->file,
        a->line);
}

/* Warns of routes that an earlier one always takes the requests of. */
static void warn_shadowed(mvc_router *r)
{
    for (size_t j = 1; j < r->n_layers; j++) {
        const mvc__layer *b = r->layers[j];
        for (size_t i = 0; b->kind == MVC__LAYER_ROUTE && i < j; i++) {
            const mvc__layer *a = r->layers[i];
            if (!shadows(a, b))
                continue;
            complain(r, false, shadow_text(r, a, b));
            break;
        }
    }
}

static bool build(mvc_router *r)
{
    r->tree = new_node(r);
    r->layers =
        base_arena_zalloc(&r->arena, r->n_layers + 1, sizeof *r->layers);
    if (!r->tree || !r->layers)
        return false;
    unsigned number = 0;
    for (mvc__layer *l = r->first; l; l = l->next) {
        r->layers[number] = l;
        if (!place_layer(r, l, number++))
            return false;
        if (l->child && !mvc__router_compile(l->child))
            return false;
    }
    warn_shadowed(r);
    return !r->out_of_memory;
}

bool mvc__router_compile(mvc_router *r)
{
    if (!r->compiled && build(r))
        r->compiled = true;
    return r->compiled;
}

/* finding ------------------------------------------------------------------ */

enum { MAX_FOUND_ON_STACK = 64 };

typedef struct search {
    const mvc_router *router;
    const char *end;
    base_arena *arena;
    unsigned *found;
    size_t count, capacity;
    bool failed;
} search;

static void collect(search *s, const list *l)
{
    if (l->count == 0 || s->failed)
        return;
    if (s->count + l->count > s->capacity) {
        const size_t capacity = 2 * (s->count + l->count);
        unsigned *more = base_arena_alloc(s->arena, capacity * sizeof *more);
        if (!more) {
            s->failed = true;
            return;
        }
        memcpy(more, s->found, s->count * sizeof *more);
        s->found = more;
        s->capacity = capacity;
    }
    memcpy(s->found + s->count, l->items, l->count * sizeof *l->items);
    s->count += l->count;
}

/* `at` is at the slash before the next segment, or at the end of the path. */
static void walk(search *s, const mvc__node *node, const char *at)
{
    collect(s, &node->covers);
    collect(s, &node->rests);
    if (at == s->end || (at + 1 == s->end && *at == '/'))
        collect(s, &node->ends);
    if (at == s->end || *at != '/')
        return;
    const char *text = at + 1;
    const char *stop = memchr(text, '/', (size_t)(s->end - text));
    const char *next = stop ? stop : s->end;
    const size_t size = (size_t)(next - text);
    const bool sensitive = s->router->case_sensitive;
    const mvc__node *found = literal(node, text, size, sensitive);
    if (found)
        walk(s, found, next);
    if (node->param && size)
        walk(s, node->param, next);
    for (size_t i = 0; i < node->n_mixed; i++) {
        const edge *e = &node->mixed[i];
        if (e->size < size && same(e->text, text, e->size, sensitive))
            walk(s, e->node, next);
    }
}

static int ascending(const void *a, const void *b)
{
    const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static size_t sort_unique(unsigned *numbers, size_t count)
{
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = numbers[i - 1] < numbers[i];
    if (sorted)
        return count;
    qsort(numbers, count, sizeof *numbers, ascending);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (numbers[i] != numbers[kept - 1])
            numbers[kept++] = numbers[i];
    return kept;
}

bool mvc__router_find(const mvc_router *router, const char *path, size_t size,
                      base_arena *arena, mvc__candidates *found)
{
    unsigned stack[MAX_FOUND_ON_STACK];
    search s = {.router = router,
                .end = path + size,
                .arena = arena,
                .found = stack,
                .capacity = MAX_FOUND_ON_STACK};
    walk(&s, router->tree, path);
    if (s.failed)
        return false;
    s.count = sort_unique(s.found, s.count);
    if (s.found == stack) {
        found->numbers = base_arena_alloc(arena, sizeof stack);
        if (!found->numbers)
            return false;
        memcpy(found->numbers, stack, s.count * sizeof *stack);
    } else {
        found->numbers = s.found;
    }
    found->count = s.count;
    return true;
}
