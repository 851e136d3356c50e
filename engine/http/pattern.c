/* pattern.c - parses and matches the paths of routes. */
#include "http/pattern.h"

#include <string.h>
#include <strings.h>

/* parsing ----------------------------------------------------------------- */

/* A parsed pattern before its groups are spread out: a list of nodes. */
typedef struct node {
    bool is_group;
    mvc__token token;
    struct node *inside; /* of a group */
    struct node *next;
} node;

typedef struct parser {
    const char *source;
    size_t at;
    base_arena *arena;
    const char *message;
    bool failed;
    unsigned depth;
} parser;

enum { MAX_DEPTH = 32, MAX_TOKENS = 256 };

static node *fail(parser *p, const char *what, char c, size_t at)
{
    if (!p->failed)
        p->message =
            c ? base_arena_printf(p->arena, "%s %c at index %zu", what, c, at)
              : base_arena_printf(p->arena, "%s at index %zu", what, at);
    p->failed = true;
    return NULL;
}

static bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static bool continues_name(char c)
{
    return starts_name(c) || (c >= '0' && c <= '9');
}

/* quoted = '"' (char | "\" char)* '"' */
static bool quoted_name(parser *p, char *out, size_t *size)
{
    const size_t start = p->at++;
    while (p->source[p->at] && p->source[p->at] != '"') {
        if (p->source[p->at] == '\\' && p->source[p->at + 1])
            p->at++;
        out[(*size)++] = p->source[p->at++];
    }
    if (!p->source[p->at]) {
        fail(p, "Unterminated quote", 0, start);
        return false;
    }
    p->at++;
    return true;
}

/* name = identifier | quoted */
static bool name(parser *p, mvc__text *result)
{
    char *out = base_arena_alloc(p->arena, strlen(p->source + p->at) + 1);
    size_t size = 0;
    if (!out) {
        p->failed = true;
        return false;
    }
    if (starts_name(p->source[p->at])) {
        while (continues_name(p->source[p->at]))
            out[size++] = p->source[p->at++];
    } else if (p->source[p->at] == '"' && !quoted_name(p, out, &size)) {
        return false;
    }
    if (size == 0) {
        fail(p, "Missing parameter name", 0, p->at);
        return false;
    }
    out[size] = '\0';
    *result = (mvc__text){out, size};
    return true;
}

static node *append(parser *p, node ***tail)
{
    node *n = base_arena_zalloc(p->arena, 1, sizeof *n);
    if (!n) {
        p->failed = true;
        return NULL;
    }
    **tail = n;
    *tail = &n->next;
    return n;
}

/* text = (char | "\" char)+ */
static void text(parser *p, node ***tail)
{
    node *n = append(p, tail);
    char *out = base_arena_alloc(p->arena, strlen(p->source + p->at) + 1);
    if (!n || !out) {
        p->failed = true;
        return;
    }
    size_t size = 0;
    for (;;) {
        char c = p->source[p->at];
        if (!c || strchr(":*{}()[]+?!", c))
            break;
        if (c == '\\') {
            c = p->source[++p->at];
            if (!c) {
                fail(p, "Unexpected end after \\", 0, p->at);
                return;
            }
        }
        out[size++] = c;
        p->at++;
    }
    out[size] = '\0';
    n->token = (mvc__token){.type = MVC__TOKEN_TEXT, .text = {out, size}};
}

static node *sequence(parser *p, char end);

/* group = "{" sequence "}" */
static void group(parser *p, node ***tail)
{
    node *n = append(p, tail);
    if (!n)
        return;
    n->is_group = true;
    p->at++;
    if (++p->depth > MAX_DEPTH) {
        fail(p, "Groups nested too deeply", 0, p->at);
        return;
    }
    n->inside = sequence(p, '}');
    p->depth--;
}

/* capture = (":" | "*") name */
static void capture(parser *p, node ***tail)
{
    const char c = p->source[p->at++];
    node *n = append(p, tail);
    if (!n)
        return;
    n->token.type = c == ':' ? MVC__TOKEN_PARAM : MVC__TOKEN_WILDCARD;
    name(p, &n->token.text);
}

/* sequence = (text | group | capture)* */
static node *sequence(parser *p, char end)
{
    node *head = NULL;
    node **tail = &head;
    while (!p->failed) {
        const char c = p->source[p->at];
        if (c == end) {
            if (c)
                p->at++;
            return head;
        }
        if (!c)
            return fail(p, "Unexpected end, expected", end, p->at);
        if (c == '{')
            group(p, &tail);
        else if (c == ':' || c == '*')
            capture(p, &tail);
        else if (strchr("}()[]+?!", c))
            return fail(p, "Unexpected", c, p->at);
        else
            text(p, &tail);
    }
    return NULL;
}

/* spreading groups -------------------------------------------------------- */

typedef struct spread {
    parser *parser;
    const mvc__token *row[MAX_TOKENS];
    mvc__alternative found[MVC__MAX_ALTERNATIVES];
    size_t n_found;
} spread;

/* Where to go on after the nodes at hand: those after the enclosing group. */
typedef struct after {
    const node *nodes;
    const struct after *then;
} after;

static bool bound_tokens(parser *p, mvc__token *tokens, size_t count);

static void add_alternative(spread *s, size_t n)
{
    parser *p = s->parser;
    if (s->n_found == MVC__MAX_ALTERNATIVES) {
        p->message = "Too many path combinations";
        p->failed = true;
        return;
    }
    mvc__token *tokens = base_arena_zalloc(p->arena, n + 1, sizeof *tokens);
    if (!tokens) {
        p->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        tokens[i] = *s->row[i];
    if (!bound_tokens(p, tokens, n)) {
        p->failed = true;
        return;
    }
    s->found[s->n_found++] = (mvc__alternative){tokens, n};
}

/* With a group first, then without it, as path-to-regexp orders them. */
static void flatten(spread *s, const node *nodes, size_t n, const after *then)
{
    for (; nodes; nodes = nodes->next) {
        if (s->parser->failed)
            return;
        if (nodes->is_group) {
            const after rest = {nodes->next, then};
            flatten(s, nodes->inside, n, &rest);
            continue;
        }
        if (n == MAX_TOKENS) {
            s->parser->message = "Pattern too long";
            s->parser->failed = true;
            return;
        }
        s->row[n++] = &nodes->token;
    }
    if (then)
        flatten(s, then->nodes, n, then->then);
    else
        add_alternative(s, n);
}

/* bounds of captures ------------------------------------------------------ */

static const mvc__text slash = {"/", 1};

static bool has_slash(const mvc__token *t)
{
    return memchr(t->text.data, '/', t->text.size) != NULL;
}

static bool wildcard_ahead(const mvc__token *t, const mvc__token *end)
{
    for (; t < end; t++) {
        if (t->type == MVC__TOKEN_WILDCARD)
            return true;
        if (t->type == MVC__TOKEN_TEXT && has_slash(t))
            return false;
    }
    return false;
}

/* The texts from `from` up to the next capture, joined. */
static bool join(parser *p, const mvc__token *from, const mvc__token *end,
                 mvc__text *result)
{
    size_t size = 0;
    for (const mvc__token *t = from; t < end && t->type == MVC__TOKEN_TEXT; t++)
        size += t->text.size;
    char *data = base_arena_alloc(p->arena, size + 1);
    if (!data)
        return false;
    size = 0;
    for (const mvc__token *t = from; t < end && t->type == MVC__TOKEN_TEXT;
         t++) {
        memcpy(data + size, t->text.data, t->text.size);
        size += t->text.size;
    }
    data[size] = '\0';
    *result = (mvc__text){data, size};
    return true;
}

typedef struct bounds {
    mvc__text before;     /* text since the last capture */
    mvc__text wildcard;   /* text after the last wildcard */
    mvc__token_type last; /* TEXT: no capture yet */
    bool param, star;     /* seen in this segment */
} bounds;

static bool bound_param(parser *p, mvc__token *t, const mvc__token *end,
                        const bounds *b)
{
    t->stop = slash;
    if (b->star) {
        t->stop_too = b->before;
    } else if (wildcard_ahead(t + 1, end)) {
        return join(p, t + 1, end, &t->stop_too);
    } else if (b->param) {
        t->stop_too = b->before;
        t->else_text = b->before;
    }
    return true;
}

static void bound_wildcard(mvc__token *t, const bounds *b)
{
    if (b->star) {
        t->stop = b->before;
    } else if (b->wildcard.size) {
        t->stop = b->wildcard;
        t->or_segment = true;
    }
}

/* Keeps captures from backtracking over each other, as path-to-regexp does. */
static bool bound_tokens(parser *p, mvc__token *tokens, size_t count)
{
    bounds b = {.last = MVC__TOKEN_TEXT};
    size_t captures = 0;
    const mvc__token *end = tokens + count;
    for (mvc__token *t = tokens; t < end; t++) {
        if (t->type == MVC__TOKEN_TEXT) {
            /* Texts stand side by side where a group was left out. */
            if (t == tokens || t[-1].type != MVC__TOKEN_TEXT) {
                if (!join(p, t, end, &b.before))
                    return false;
                if (b.last == MVC__TOKEN_WILDCARD)
                    b.wildcard = b.before;
            }
            if (has_slash(t))
                b.param = b.star = false;
            continue;
        }
        const bool is_param = t->type == MVC__TOKEN_PARAM;
        if (b.last != MVC__TOKEN_TEXT && b.before.size == 0) {
            p->message = base_arena_printf(
                p->arena, "Missing text before \"%s\" %s", t->text.data,
                is_param ? "param" : "wildcard");
            return false;
        }
        if (++captures > MVC__MAX_CAPTURES) {
            p->message = "Too many parameters";
            return false;
        }
        if (is_param && !bound_param(p, t, end, &b))
            return false;
        if (!is_param) {
            bound_wildcard(t, &b);
            b.wildcard = (mvc__text){NULL, 0};
        }
        *(is_param ? &b.param : &b.star) = true;
        b.last = t->type;
        b.before = (mvc__text){NULL, 0};
    }
    return true;
}

bool mvc__pattern_compile(mvc__pattern *pattern, const char *source,
                          base_arena *arena, const char **message)
{
    parser p = {.source = source, .arena = arena};
    *pattern = (mvc__pattern){.source = source};
    *message = NULL;
    const node *nodes = sequence(&p, '\0');
    if (!p.failed) {
        spread s = {.parser = &p};
        flatten(&s, nodes, 0, NULL);
        pattern->n_alternatives = s.n_found;
        pattern->alternatives = (mvc__alternative *)base_arena_dup(
            arena, (const char *)s.found, s.n_found * sizeof *s.found);
        p.failed |= !pattern->alternatives;
    }
    *message = p.message;
    return !p.failed;
}

/* matching ---------------------------------------------------------------- */

typedef struct matcher {
    const mvc__pattern *pattern;
    const mvc__token *end;
    const char *path_end;
    mvc__match *match;
} matcher;

static bool same(const matcher *m, const char *at, mvc__text text)
{
    if ((size_t)(m->path_end - at) < text.size)
        return false;
    return m->pattern->sensitive ? memcmp(at, text.data, text.size) == 0
                                 : strncasecmp(at, text.data, text.size) == 0;
}

/* Whether the path may end here; *end is where the match ends. */
static bool ends_here(const matcher *m, const char *at, const char **end)
{
    const size_t left = (size_t)(m->path_end - at);
    *end = at;
    if (left == 0)
        return true;
    if (m->pattern->trailing && left == 1 && *at == '/') {
        *end = at + 1;
        return true;
    }
    return !m->pattern->ends && *at == '/';
}

static bool match_from(matcher *m, const mvc__token *t, const char *at,
                       const char **end);

/* The longest run from `at` over which no bound begins. */
static const char *longest(const matcher *m, const mvc__token *t,
                           const char *at)
{
    for (; at < m->path_end; at++) {
        if (t->stop.size && same(m, at, t->stop))
            break;
        if (t->stop_too.size && same(m, at, t->stop_too))
            break;
    }
    return at;
}

static bool try_capture(matcher *m, const mvc__token *t, const char *from,
                        const char *to, const char **end)
{
    mvc__capture *c = &m->match->captures[m->match->n_captures++];
    *c = (mvc__capture){t, from, (size_t)(to - from)};
    if (match_from(m, t + 1, to, end))
        return true;
    m->match->n_captures--;
    return false;
}

static bool match_capture(matcher *m, const mvc__token *t, const char *at,
                          const char **end)
{
    const mvc__token *next = t + 1;
    const bool text_next = next < m->end && next->type == MVC__TOKEN_TEXT;
    for (const char *to = longest(m, t, at); to > at; to--) {
        if (text_next && !same(m, to, next->text))
            continue;
        if (try_capture(m, t, at, to, end))
            return true;
        if (next == m->end && m->pattern->ends && to + 1 < m->path_end)
            break; /* a shorter one cannot reach the end either */
    }
    if (t->else_text.size && same(m, at, t->else_text) &&
        try_capture(m, t, at, at + t->else_text.size, end))
        return true;
    if (!t->or_segment)
        return false;
    const char *to = memchr(at, '/', (size_t)(m->path_end - at));
    for (to = to ? to : m->path_end; to > at; to--)
        if (try_capture(m, t, at, to, end))
            return true;
    return false;
}

static bool match_from(matcher *m, const mvc__token *t, const char *at,
                       const char **end)
{
    for (; t < m->end && t->type == MVC__TOKEN_TEXT; t++) {
        if (!same(m, at, t->text))
            return false;
        at += t->text.size;
    }
    return t == m->end ? ends_here(m, at, end) : match_capture(m, t, at, end);
}

bool mvc__pattern_match(const mvc__pattern *pattern, const char *path,
                        size_t size, mvc__match *match)
{
    match->n_captures = 0;
    match->size = 0;
    if (pattern->any)
        return true;
    for (size_t i = 0; i < pattern->n_alternatives; i++) {
        const mvc__alternative *a = &pattern->alternatives[i];
        matcher m = {pattern, a->tokens + a->n_tokens, path + size, match};
        const char *end;
        match->n_captures = 0;
        if (match_from(&m, a->tokens, path, &end)) {
            match->size = (size_t)(end - path);
            return true;
        }
    }
    return false;
}

/* covering ---------------------------------------------------------------- */

/*
 * One alternative over another, token by token: a parameter stands for any
 * whole segment, a wildcard for any rest.
 */
static bool covers(const mvc__alternative *a, const mvc__alternative *b,
                   bool sensitive)
{
    const mvc__token *s = a->tokens, *s_end = s + a->n_tokens;
    const mvc__token *t = b->tokens, *t_end = t + b->n_tokens;
    size_t i = 0, j = 0; /* within texts */
    while (s < s_end) {
        if (s->type == MVC__TOKEN_WILDCARD)
            return s + 1 == s_end && t < t_end;
        if (t == t_end)
            return false;
        if (s->type == MVC__TOKEN_TEXT) {
            if (t->type != MVC__TOKEN_TEXT)
                return false;
            const char c = s->text.data[i++], d = t->text.data[j++];
            if (sensitive ? c != d : strncasecmp(&c, &d, 1) != 0)
                return false;
        } else {
            const size_t before = j;
            const mvc__token *start = t;
            while (t < t_end && t->type != MVC__TOKEN_WILDCARD) {
                if (t->type == MVC__TOKEN_TEXT && j < t->text.size &&
                    t->text.data[j] == '/')
                    break;
                if (t->type == MVC__TOKEN_PARAM || ++j >= t->text.size)
                    t++, j = 0;
            }
            if ((t == start && j == before) ||
                (t < t_end && t->type == MVC__TOKEN_WILDCARD))
                return false;
            s++, i = 0;
            continue;
        }
        if (i == s->text.size)
            s++, i = 0;
        if (j == t->text.size)
            t++, j = 0;
    }
    return t == t_end;
}

bool mvc__pattern_covers(const mvc__pattern *a, const mvc__pattern *b)
{
    for (size_t j = 0; j < b->n_alternatives; j++) {
        bool covered = false;
        for (size_t i = 0; i < a->n_alternatives && !covered; i++)
            covered =
                covers(&a->alternatives[i], &b->alternatives[j], a->sensitive);
        if (!covered)
            return false;
    }
    return b->n_alternatives > 0;
}
