/* suggest.c - what may help where names and members are not there: "did you
 * mean ...?", or what to write instead of what the language leaves out. */
#include <json-c/json.h>

#include "ejs/runtime/internal.h"

enum {
    LONGEST = 40,    /* names longer than this are not compared */
    MOST_KEYS = 500, /* of one object */
};

/* The best candidate so far. */
typedef struct search {
    const char *name;
    uint32_t size;
    unsigned distance; /* of the best one; more than may be: none */
    const char *best;
    uint32_t best_size;
} search;

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return (a | 0x20) == (b | 0x20);
}

/* Letters added, dropped, changed or swapped between a and b; the case of
 * letters does not count. */
static unsigned distance(const char *a, uint32_t n, const char *b, uint32_t m)
{
    unsigned rows[3][LONGEST + 1];
    for (uint32_t k = 0; k <= m; k++)
        rows[0][k] = k;
    for (uint32_t i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
        const unsigned *swap = rows[(i + 1) % 3];
        row[0] = i;
        for (uint32_t k = 1; k <= m; k++) {
            row[k] = above[k - 1] + !same_letter(a[i - 1], b[k - 1]);
            row[k] = least(row[k], least(row[k - 1], above[k]) + 1);
            if (i > 1 && k > 1 && same_letter(a[i - 1], b[k - 2]) &&
                same_letter(a[i - 2], b[k - 1]))
                row[k] = least(row[k], swap[k - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

static void consider(search *s, const char *name, size_t size)
{
    if (size == 0 || size > LONGEST || size > s->size + 2u ||
        size + 2 < s->size || (unsigned char)name[0] == 0xFF ||
        (size == s->size && memcmp(name, s->name, size) == 0))
        return;
    const unsigned d = distance(s->name, s->size, name, (uint32_t)size);
    if (d >= s->distance)
        return;
    s->distance = d;
    s->best = name;
    s->best_size = (uint32_t)size;
}

static search search_for(const char *name, uint32_t size)
{
    const unsigned most = size < 3 ? 0 : size < 6 ? 1 : 2;
    return (search){name, size, size > LONGEST ? 0 : most + 1, NULL, 0};
}

static void consider_rows(search *s, const ejs__builtin *rows)
{
    for (; rows && rows->name; rows++)
        consider(s, rows->name, strlen(rows->name));
}

static void consider_object(search *s, const ejs_object *o)
{
    for (; o; o = o->proto) {
        const ejs__builtin_class *c = &ejs__classes[ejs__class_of(o)];
        for (uint32_t i = 0; i < o->properties.count && i < MOST_KEYS; i++)
            if (o->properties.list[i].key)
                consider(s, o->properties.list[i].key,
                         o->properties.list[i].size);
        if (ejs__has_rows(o))
            consider_rows(s, ejs__role_of(o) == EJS_ROLE_PROTOTYPE
                                 ? c->methods
                                 : c->statics);
    }
}

/* Only looks: nothing is made, so nothing can fail. */
static void consider_value(search *s, ejs_context *ctx, ejs_value v)
{
    if (v.tag == EJS_TAG_JSON && !ejs__json_is_array(v)) {
        unsigned n = 0;
        json_object_object_foreach(v.as.json, key, member)
        {
            (void)member;
            if (n++ == MOST_KEYS)
                break;
            consider(s, key, strlen(key));
        }
    }
    consider_object(s, ejs__lookup_start(ctx, v));
}

static void consider_globals(search *s, ejs_context *ctx)
{
    const base_map *hosts = ejs__realm_of(ctx)->settings->hosts;
    size_t at = 0;
    const base_map_entry *e;
    while (hosts && (e = base_map_next(hosts, &at)) != NULL)
        consider(s, e->key, e->size);
    for (int id = 1; id < EJS_N_CLASSES; id++)
        if (ejs__classes[id].construct && !ejs__classes[id].home)
            consider(s, ejs__classes[id].name, strlen(ejs__classes[id].name));
    consider_rows(s, ejs__uri_functions);
    consider_rows(s, ejs__number_globals);
    static const char *const more[] = {"Math",    "JSON",      "Intl",
                                       "console", "undefined", "Infinity",
                                       "include", "locals"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        consider(s, more[i], strlen(more[i]));
}

/* left out
 * ---------------------------------------------------------------------------
 */

/* Names, each between spaces, that Node, browsers or the layouts have. */
static const struct {
    const char *names, *hint;
    bool surely; /* data would hardly have such names */
} absent[] = {
    {" process ",
     "templates do not see the environment: pass what they may know of it with "
     "the data",
     true},
    {" require __dirname __filename ",
     "templates load no modules: pass what they need with the data, or as a "
     "helper",
     true},
    {" module exports ",
     "templates load no modules: pass what they need with the data, or as a "
     "helper",
     false},
    {" Promise setTimeout setInterval setImmediate clearTimeout clearInterval "
     "clearImmediate queueMicrotask ",
     "templates do not wait: have the values before rendering and pass them",
     true},
    {" fetch ",
     "templates do not wait: have the values before rendering and pass them",
     false},
    {" Symbol Proxy Reflect ", "not in templates: use plain objects", true},
    {" WeakMap WeakSet WeakRef FinalizationRegistry ",
     "not in templates: use Map and Set", true},
    {" BigInt ",
     "not in templates: whole numbers are exact up to 9007199254740991; pass "
     "longer ones as text",
     true},
    {" Buffer ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array "
     "Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array "
     "Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array "
     "TextEncoder TextDecoder ",
     "not in templates: pass the result with the data, or a helper", true},
    {" Blob atob btoa crypto performance ",
     "not in templates: pass the result with the data, or a helper", false},
    {" global ", "its name is globalThis", false},
    {" window document navigator location localStorage sessionStorage alert "
     "jQuery $ ",
     "templates run before there is a browser: was this meant for a <script>?",
     false},
    {" layout block contentFor defineContent partial fragment ",
     "it is there with the option `layouts` (mvcgen render --layouts)", false},
    {" body ",
     "layouts have a body, with the option `layouts` (mvcgen render --layouts)",
     false},
};

const char *ejs__absence_of(const char *name, uint32_t size, bool surely)
{
    char word[LONGEST + 3];
    if (size > LONGEST)
        return NULL;
    snprintf(word, sizeof word, " %.*s ", (int)size, name);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (absent[i].surely >= surely && strstr(absent[i].names, word))
            return absent[i].hint;
    return NULL;
}

/* What is said of the exception on its way; "" when there is nothing. */
static void keep(ejs_context *ctx, const search *s, const char *hint)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    realm->hint[0] = '\0';
    realm->hint_exception =
        ctx->exception.tag == EJS_TAG_OBJECT ? ctx->exception.as.object : NULL;
    if (hint)
        snprintf(realm->hint, sizeof realm->hint, "%s", hint);
    else if (s->best)
        snprintf(realm->hint, sizeof realm->hint, "did you mean '%.*s'?",
                 (int)s->best_size, s->best);
}

void ejs__suggest_name(ejs_frame *frame, const char *name, uint32_t size)
{
    search s = search_for(name, size);
    const ejs_frame *f = frame;
    for (uint32_t i = 0; i < frame->unit->n_names; i++)
        if (frame->unit->names[i].is_var)
            consider(&s, frame->unit->names[i].text,
                     frame->unit->names[i].size);
    for (; f; f = f->includer)
        consider_value(&s, frame->ctx, f->include_data);
    consider_value(&s, frame->ctx, frame->data);
    consider_globals(&s, frame->ctx);
    keep(frame->ctx, &s, ejs__absence_of(name, size, false));
}

void ejs__suggest_member(ejs_context *ctx, ejs_value object, const char *name,
                         uint32_t size)
{
    search s = search_for(name, size);
    consider_value(&s, ctx, object);
    keep(ctx, &s, NULL);
}
