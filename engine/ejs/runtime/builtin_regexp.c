/*
 * RegExp, and the halves of match, replace, search and split that use one.
 *
 * Compiled expressions are shared by all renders of the process: two tables
 * that only ever fill up, one for literals, of which there are finitely many,
 * and one for patterns made at run time.  What finds no room is compiled into
 * the render's own memory.
 */
#include "ejs/runtime/regexp.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

enum {
    LITERAL_SLOTS = 4096,
    DYNAMIC_SLOTS = 512,
    PROBES = 8,
    MAX_CACHED = 4096,   /* bytes of a pattern worth remembering */
    MAX_DYNAMIC = 65536, /* bytes of a pattern made at run time */
    MAX_STEPS = 5000000, /* backtracks of one match */
    STEPS_PER_FUEL = 8,
};

/* the cache ---------------------------------------------------------------- */

typedef struct cached {
    uint32_t hash, size;
    unsigned flags;
    const base_regexp *code;
    char pattern[];
} cached;

typedef struct cache {
    _Atomic(cached *) *slots;
    uint32_t size; /* a power of two */
} cache;

static _Atomic(cached *) literal_slots[LITERAL_SLOTS];
static _Atomic(cached *) dynamic_slots[DYNAMIC_SLOTS];
static const cache literal_cache = {literal_slots, LITERAL_SLOTS};
static const cache dynamic_cache = {dynamic_slots, DYNAMIC_SLOTS};

static bool is_entry(const cached *entry, ejs_value pattern, uint32_t hash,
                     unsigned flags)
{
    return entry->hash == hash && entry->flags == flags &&
           entry->size == pattern.size &&
           memcmp(entry->pattern, pattern.as.text, pattern.size) == 0;
}

static const base_regexp *cache_find(const cache *where, ejs_value pattern,
                                     uint32_t hash, unsigned flags)
{
    for (uint32_t i = 0; i < PROBES; i++) {
        cached *entry = atomic_load_explicit(
            &where->slots[(hash + i) & (where->size - 1)],
            memory_order_acquire);
        if (!entry)
            return NULL;
        if (is_entry(entry, pattern, hash, flags))
            return entry->code;
    }
    return NULL;
}

/* Gives the code to the cache; false: there is no room. */
static bool cache_add(const cache *where, ejs_value pattern, uint32_t hash,
                      unsigned flags, const base_regexp *code)
{
    if (pattern.size > MAX_CACHED)
        return false;
    cached *entry = malloc(sizeof *entry + pattern.size);
    if (!entry)
        return false;
    *entry = (cached){hash, pattern.size, flags, code};
    memcpy(entry->pattern, pattern.as.text, pattern.size);
    for (uint32_t i = 0; i < PROBES; i++) {
        cached *none = NULL;
        if (atomic_compare_exchange_strong(
                &where->slots[(hash + i) & (where->size - 1)], &none, entry))
            return true;
    }
    free(entry);
    return false;
}

static void *alloc_in_render(void *ctx, size_t size)
{
    return ejs__alloc(ctx, size);
}

static void throw_bad_pattern(ejs_context *ctx, ejs_value pattern,
                              ejs_value flags, const char *reason)
{
    ejs__throw_error(ctx, EJS_SYNTAX_ERROR,
                     "Invalid regular expression: /%.*s/%.*s: %s",
                     (int)pattern.size, pattern.as.text, (int)flags.size,
                     flags.as.text, reason);
}

/* The code for a pattern; NULL: thrown. */
static const base_regexp *code_for(ejs_context *ctx, const cache *where,
                                   ejs_value pattern, unsigned flags,
                                   ejs_value flags_text)
{
    const uint32_t hash = ejs__hash(pattern.as.text, pattern.size);
    const base_regexp *found = cache_find(where, pattern, hash, flags);
    if (found)
        return found;
    const char *reason;
    base_regexp *made =
        base_regexp_new(pattern.as.text, pattern.size, flags, &reason);
    if (!made) {
        if (reason)
            throw_bad_pattern(ctx, pattern, flags_text, reason);
        else
            ejs__throw_no_memory(ctx);
        return NULL;
    }
    if (cache_add(where, pattern, hash, flags, made))
        return made;
    base_regexp *own = base_regexp_copy(made, alloc_in_render, ctx);
    base_regexp_free(made);
    return own;
}

/* making ------------------------------------------------------------------- */

static ejs__regexp *allocate(ejs_context *ctx, ejs_object *proto)
{
    ejs__regexp *re =
        ejs__object_alloc(ctx, sizeof *re, EJS_OBJECT_REGEXP, proto);
    if (!re || !ejs__define_name(ctx, &re->object, "lastIndex", ejs__number(0),
                                 EJS_WRITABLE))
        return NULL;
    return re;
}

static ejs_value *last_index(ejs__regexp *re)
{
    return &re->object.properties.list[0].value;
}

static ejs__regexp *make(ejs_context *ctx, ejs_object *proto, ejs_value pattern,
                         ejs_value flags_text)
{
    const int flags = base_regexp_flags(flags_text.as.text, flags_text.size);
    if (flags < 0) {
        ejs__throw_error(ctx, EJS_SYNTAX_ERROR,
                         "Invalid flags supplied to RegExp constructor '%.*s'",
                         (int)flags_text.size, flags_text.as.text);
        return NULL;
    }
    if (pattern.size > MAX_DYNAMIC) {
        throw_bad_pattern(ctx, pattern, flags_text,
                          "Regular expression too large");
        return NULL;
    }
    const base_regexp *code =
        code_for(ctx, &dynamic_cache, pattern, (unsigned)flags, flags_text);
    ejs__regexp *re = code ? allocate(ctx, proto) : NULL;
    if (!re)
        return NULL;
    re->code = code;
    re->pattern = pattern;
    re->flags = (unsigned)flags;
    return re;
}

ejs__regexp *ejs__regexp_new(ejs_context *ctx, ejs_value pattern,
                             ejs_value flags)
{
    if (pattern.tag == EJS_TAG_UNDEFINED)
        pattern = EJS_LITERAL("");
    if (flags.tag == EJS_TAG_UNDEFINED)
        flags = EJS_LITERAL("");
    pattern = ejs__to_string(ctx, pattern);
    if (ejs__is_thrown(pattern))
        return NULL;
    flags = ejs__to_string(ctx, flags);
    if (ejs__is_thrown(flags))
        return NULL;
    return make(ctx, ejs__proto(ctx, EJS_CLASS_REGEXP), pattern, flags);
}

/* The first evaluation of a literal leaves a model that later ones copy. */
ejs_value ejs__regexp_literal(ejs_frame *frame, uint32_t index,
                              const char *pattern, uint32_t pattern_size,
                              const char *flags, uint32_t flags_size)
{
    ejs_context *ctx = frame->ctx;
    ejs_value *model = frame->regexps ? &frame->regexps[index] : NULL;
    ejs__regexp *re = allocate(ctx, ejs__proto(ctx, EJS_CLASS_REGEXP));
    if (!re)
        return ejs__thrown();
    if (model && model->tag == EJS_TAG_OBJECT) {
        const ejs__regexp *first = (const ejs__regexp *)model->as.object;
        re->code = first->code;
        re->pattern = first->pattern;
        re->flags = first->flags;
        return ejs__object(&re->object);
    }
    const ejs_value flags_text = ejs__string(flags, flags_size, 0);
    const int parsed = base_regexp_flags(flags, flags_size);
    if (parsed < 0)
        return ejs__throw_error(ctx, EJS_SYNTAX_ERROR,
                                "Invalid regular expression flags");
    re->pattern = ejs__string(pattern, pattern_size, 0);
    re->flags = (unsigned)parsed;
    re->code =
        code_for(ctx, &literal_cache, re->pattern, re->flags, flags_text);
    if (!re->code)
        return ejs__thrown();
    if (model)
        *model = ejs__object(&re->object);
    return ejs__object(&re->object);
}

static size_t flag_letters(unsigned flags, char out[8])
{
    static const char letters[] = "gimsuy"; /* ORDER flag */
    size_t n = 0;
    for (size_t i = 0; i < sizeof letters - 1; i++)
        if (flags & (1u << i))
            out[n++] = letters[i];
    return n;
}

static ejs_value flags_of(ejs_context *ctx, const ejs__regexp *re)
{
    char letters[8];
    const size_t n = flag_letters(re->flags, letters);
    return ejs__string_copy(ctx, letters, n);
}

ejs_value ejs__regexp_construct(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value pattern = ejs__arg(call, 0), flags = ejs__arg(call, 1);
    if (ejs__is_regexp(pattern)) {
        const ejs__regexp *from = (const ejs__regexp *)pattern.as.object;
        if (!call->construct && flags.tag == EJS_TAG_UNDEFINED) {
            const ejs_value maker = ejs__get_name(ctx, pattern, "constructor");
            if (ejs__is_thrown(maker))
                return maker;
            if (maker.tag == EJS_TAG_OBJECT &&
                maker.as.object == call->callee)
                return pattern;
        }
        if (flags.tag == EJS_TAG_UNDEFINED)
            flags = flags_of(ctx, from);
        if (ejs__is_thrown(flags))
            return flags;
        pattern = from->pattern;
    }
    ejs__regexp *re = ejs__regexp_new(ctx, pattern, flags);
    if (!re)
        return ejs__thrown();
    if (call->construct) {
        re->object.proto = ejs__construct_proto(call, EJS_CLASS_REGEXP);
        if (!re->object.proto)
            return ejs__thrown();
    }
    return ejs__object(&re->object);
}

/* matching ----------------------------------------------------------------- */

enum { REMEMBERED = 10 }; /* groups that RegExp.$1 and its like can show */

/* What a render remembers: RegExp.$1, and the last string as UTF-16. */
typedef struct regexp_state {
    ejs_value input;
    int32_t captures[REMEMBERED * 2];
    uint32_t groups; /* 0: nothing has matched yet */
    const char *text;
    uint32_t size, length;
    uint16_t *units;
} regexp_state;

static regexp_state *state_of(ejs_context *ctx)
{
    void **place = ejs__builtin_state(ctx, EJS_CLASS_REGEXP);
    if (!*place) {
        regexp_state *made = ejs__alloc(ctx, sizeof *made);
        if (!made)
            return NULL;
        memset(made, 0, sizeof *made);
        *place = made;
    }
    return *place;
}

static bool subject_of(ejs_context *ctx, ejs_value s,
                       base_regexp_subject *subject)
{
    *subject = (base_regexp_subject){0};
    if (ejs__string_is_ascii(&s)) {
        subject->ascii = s.size ? s.as.text : "";
        subject->length = s.size;
        return true;
    }
    regexp_state *state = state_of(ctx);
    if (!state)
        return false;
    if (state->text != s.as.text || state->size != s.size || !state->units) {
        const uint32_t length = ejs__units(ctx, s);
        uint16_t *units = ejs__alloc(ctx, length * sizeof *units);
        if (!units)
            return false;
        base_utf16_from_utf8(s.as.text, s.size, units);
        state->text = s.as.text;
        state->size = s.size;
        state->units = units;
        state->length = length;
    }
    subject->units = state->units;
    subject->length = state->length;
    return true;
}

static void remember(regexp_state *state, ejs_value s, const int32_t *captures,
                     uint32_t groups)
{
    const uint32_t n = groups < REMEMBERED ? groups : REMEMBERED;
    state->input = s;
    state->groups = n;
    memcpy(state->captures, captures, n * 2 * sizeof *captures);
}

/* 1: found, 0: not, -1: thrown.  `captures` has room for all groups. */
static int match_from(ejs_context *ctx, const ejs__regexp *re, ejs_value s,
                      size_t start, bool sticky, int32_t *captures)
{
    base_regexp_subject subject;
    int64_t steps = MAX_STEPS;
    regexp_state *state = state_of(ctx);
    if (!state || !subject_of(ctx, s, &subject))
        return -1;
    const base_regexp_result result = base_regexp_match(
        re->code, &subject, start, sticky, captures, &steps);
    if (!ejs__fuel(ctx, 1 + (uint64_t)(MAX_STEPS - steps) / STEPS_PER_FUEL))
        return -1;
    switch (result) {
    case BASE_REGEXP_FOUND:
        remember(state, s, captures, base_regexp_groups(re->code));
        return 1;
    case BASE_REGEXP_NONE:
        return 0;
    case BASE_REGEXP_LIMIT:
        ejs__throw_limit(ctx, "a regular expression takes too many steps");
        return -1;
    default:
        ejs__throw_no_memory(ctx);
        return -1;
    }
}

static int32_t *captures_for(ejs_context *ctx, const ejs__regexp *re)
{
    return ejs__alloc(ctx, base_regexp_groups(re->code) * 2 *
                               sizeof(int32_t));
}

static bool moves(const ejs__regexp *re)
{
    return re->flags & (BASE_REGEXP_GLOBAL | BASE_REGEXP_STICKY);
}

/* lastIndex = value, as an assignment in strict code does it. */
static bool set_last_index(ejs_context *ctx, ejs__regexp *re, double value)
{
    const ejs__property *property = &re->object.properties.list[0];
    if (property->flags & EJS_WRITABLE) {
        *last_index(re) = ejs__number(value);
        return true;
    }
    return ejs__set_name(ctx, ejs__object(&re->object), "lastIndex",
                         ejs__number(value));
}

/* RegExpBuiltinExec without the result array: minds lastIndex. */
static int exec(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                int32_t *captures)
{
    double start;
    if (!ejs__to_length(ctx, *last_index(re), &start))
        return -1;
    if (!moves(re))
        start = 0;
    int found = 0;
    if (start <= ejs__units(ctx, s))
        found = match_from(ctx, re, s, (size_t)start,
                           re->flags & BASE_REGEXP_STICKY, captures);
    if (found < 0 || !moves(re))
        return found;
    if (!set_last_index(ctx, re, found ? captures[1] : 0))
        return -1;
    return found;
}

static ejs_value capture_value(ejs_context *ctx, ejs_value s,
                               const int32_t *captures, uint32_t i)
{
    if (captures[i * 2] < 0)
        return ejs__undefined();
    return ejs__substring(ctx, s, (uint32_t)captures[i * 2],
                          (uint32_t)captures[i * 2 + 1]);
}

/* { name: text } of the named groups, undefined when there are none. */
static ejs_value groups_value(ejs_context *ctx, const base_regexp *code,
                              ejs_value s, const int32_t *captures)
{
    if (!base_regexp_has_names(code))
        return ejs__undefined();
    ejs_object *groups = ejs__object_new(ctx);
    if (!groups)
        return ejs__thrown();
    groups->proto = NULL;
    for (uint32_t i = 1; i < base_regexp_groups(code); i++) {
        size_t size;
        const char *name = base_regexp_group_name(code, i, &size);
        if (!name)
            continue;
        const ejs_value key = ejs__string_copy(ctx, name, size);
        const ejs_value text = capture_value(ctx, s, captures, i);
        if (ejs__is_thrown(key) || ejs__is_thrown(text) ||
            !ejs__define_key(ctx, groups, key, text, EJS_ORDINARY))
            return ejs__thrown();
    }
    return ejs__object(groups);
}

/* The array that exec gives: texts, index, input, groups. */
static ejs_value match_array(ejs_context *ctx, const base_regexp *code,
                             ejs_value s, const int32_t *captures)
{
    const uint32_t n = base_regexp_groups(code);
    ejs__array *array = ejs__array_new(ctx, n);
    if (!array)
        return ejs__thrown();
    for (uint32_t i = 0; i < n; i++) {
        const ejs_value text = capture_value(ctx, s, captures, i);
        if (ejs__is_thrown(text) || !ejs__array_push(ctx, array, text))
            return ejs__thrown();
    }
    const ejs_value groups = groups_value(ctx, code, s, captures);
    ejs_object *object = &array->object;
    if (ejs__is_thrown(groups) ||
        !ejs__define_name(ctx, object, "index", ejs__number(captures[0]),
                          EJS_ORDINARY) ||
        !ejs__define_name(ctx, object, "input", s, EJS_ORDINARY) ||
        !ejs__define_name(ctx, object, "groups", groups, EJS_ORDINARY))
        return ejs__thrown();
    return ejs__object(object);
}

static ejs_value exec_value(ejs_context *ctx, ejs__regexp *re, ejs_value s)
{
    int32_t *captures = captures_for(ctx, re);
    if (!captures)
        return ejs__thrown();
    const int found = exec(ctx, re, s, captures);
    if (found < 0)
        return ejs__thrown();
    return found ? match_array(ctx, re->code, s, captures) : ejs__null();
}

/* Where to look after an empty match at `i`. */
static size_t advance(ejs_context *ctx, const ejs__regexp *re, ejs_value s,
                      size_t i)
{
    if (!(re->flags & BASE_REGEXP_UNICODE) || ejs__string_is_ascii(&s))
        return i + 1;
    const int32_t high = ejs__unit_at(ctx, s, (uint32_t)i);
    const int32_t low = ejs__unit_at(ctx, s, (uint32_t)i + 1);
    return i + ((high & ~0x3FF) == 0xD800 && (low & ~0x3FF) == 0xDC00 ? 2 : 1);
}

/* The loop of all g methods: the next match from *at on, which moves past it. */
static int next_match(ejs_context *ctx, const ejs__regexp *re, ejs_value s,
                      size_t *at, int32_t *captures)
{
    if (*at > ejs__units(ctx, s))
        return 0;
    const int found = match_from(ctx, re, s, *at,
                                 re->flags & BASE_REGEXP_STICKY, captures);
    if (found > 0)
        *at = captures[1] > captures[0]
                  ? (size_t)captures[1]
                  : advance(ctx, re, s, (size_t)captures[1]);
    return found;
}

/* match, matchAll, search, split ------------------------------------------- */

ejs_value ejs__regexp_match(ejs_context *ctx, ejs__regexp *re, ejs_value s)
{
    if (!(re->flags & BASE_REGEXP_GLOBAL))
        return exec_value(ctx, re, s);
    int32_t *captures = captures_for(ctx, re);
    ejs__array *all = NULL;
    size_t at = 0;
    int found;
    if (!captures || !set_last_index(ctx, re, 0))
        return ejs__thrown();
    while ((found = next_match(ctx, re, s, &at, captures)) > 0) {
        const ejs_value text = capture_value(ctx, s, captures, 0);
        if (!all && !(all = ejs__array_new(ctx, 4)))
            return ejs__thrown();
        if (ejs__is_thrown(text) || !ejs__array_push(ctx, all, text))
            return ejs__thrown();
    }
    if (found < 0)
        return ejs__thrown();
    return all ? ejs__object(&all->object) : ejs__null();
}

static int match_all_next(ejs_context *ctx, ejs__iterator_object *it,
                          ejs_value *v)
{
    ejs__regexp *re = (ejs__regexp *)it->source.as.object;
    int32_t *captures = captures_for(ctx, re);
    if (!captures)
        return -1;
    if (it->done)
        return 0;
    const int found = exec(ctx, re, it->extra, captures);
    if (found <= 0)
        return found;
    if (!(re->flags & BASE_REGEXP_GLOBAL))
        it->done = true;
    else if (captures[0] == captures[1] &&
             !set_last_index(ctx, re, (double)advance(ctx, re, it->extra,
                                                      (size_t)captures[1])))
        return -1;
    *v = match_array(ctx, re->code, it->extra, captures);
    return ejs__is_thrown(*v) ? -1 : 1;
}

ejs_value ejs__regexp_match_all(ejs_context *ctx, ejs__regexp *re, ejs_value s)
{
    ejs__regexp *own = allocate(ctx, ejs__proto(ctx, EJS_CLASS_REGEXP));
    double start;
    if (!own || !ejs__to_length(ctx, *last_index(re), &start))
        return ejs__thrown();
    own->code = re->code;
    own->pattern = re->pattern;
    own->flags = re->flags;
    *last_index(own) = ejs__number(start);
    ejs__iterator_object *it =
        ejs__iterator_new(ctx, EJS_CLASS_REGEXP_ITERATOR,
                          ejs__object(&own->object), match_all_next);
    if (!it)
        return ejs__thrown();
    it->extra = s;
    return ejs__object(&it->object);
}

ejs_value ejs__regexp_search(ejs_context *ctx, ejs__regexp *re, ejs_value s)
{
    int32_t *captures = captures_for(ctx, re);
    if (!captures)
        return ejs__thrown();
    const int found = match_from(ctx, re, s, 0, re->flags & BASE_REGEXP_STICKY,
                                 captures);
    if (found < 0)
        return ejs__thrown();
    return ejs__number(found ? captures[0] : -1);
}

static bool push_capped(ejs_context *ctx, ejs__array *array, ejs_value v,
                        uint32_t limit, bool *full)
{
    if (ejs__is_thrown(v) || !ejs__array_push(ctx, array, v))
        return false;
    *full = array->object.length >= limit;
    return true;
}

/* Fills `out` with the pieces; stops when there are `limit`. */
static bool split_into(ejs_context *ctx, const ejs__regexp *re, ejs_value s,
                       uint32_t limit, int32_t *captures, ejs__array *out)
{
    const uint32_t length = ejs__units(ctx, s);
    uint32_t piece = 0; /* where the present one begins */
    bool full = false;
    for (size_t at = 0; at < length;) {
        const int found = match_from(ctx, re, s, at, false, captures);
        if (found < 0)
            return false;
        if (!found || (uint32_t)captures[0] >= length)
            break;
        const uint32_t start = (uint32_t)captures[0];
        const uint32_t end = (uint32_t)captures[1];
        if (end == piece) {
            at = advance(ctx, re, s, start);
            continue;
        }
        if (!push_capped(ctx, out, ejs__substring(ctx, s, piece, start), limit,
                         &full))
            return false;
        for (uint32_t i = 1; i < base_regexp_groups(re->code) && !full; i++)
            if (!push_capped(ctx, out, capture_value(ctx, s, captures, i),
                             limit, &full))
                return false;
        if (full)
            return true;
        piece = end;
        at = end;
    }
    return push_capped(ctx, out, ejs__substring(ctx, s, piece, length), limit,
                       &full);
}

ejs_value ejs__regexp_split(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                            uint32_t limit)
{
    int32_t *captures = captures_for(ctx, re);
    ejs__array *out = ejs__array_new(ctx, 4);
    if (!captures || !out)
        return ejs__thrown();
    if (limit == 0)
        return ejs__object(&out->object);
    if (s.size == 0) {
        const int found = match_from(ctx, re, s, 0, true, captures);
        if (found < 0 || (!found && !ejs__array_push(ctx, out, s)))
            return ejs__thrown();
    } else if (!split_into(ctx, re, s, limit, captures, out)) {
        return ejs__thrown();
    }
    return ejs__object(&out->object);
}

/* replace ------------------------------------------------------------------ */

void ejs__put_units(ejs__builder *out, ejs_value s, uint32_t from, uint32_t to)
{
    if (from >= to)
        return;
    if (s.flags & EJS_STRING_ASCII) {
        ejs__builder_put(out, s.as.text + from, to - from);
        return;
    }
    const ejs_value part = ejs__substring(out->ctx, s, from, to);
    if (ejs__is_thrown(part))
        out->failed = true;
    else
        ejs__builder_put_string(out, part);
}

static void put_capture(ejs__builder *out, ejs_value s, const int32_t *captures,
                        uint32_t i)
{
    if (captures[i * 2] >= 0)
        ejs__put_units(out, s, (uint32_t)captures[i * 2],
                       (uint32_t)captures[i * 2 + 1]);
}

/* $N and $NN: how many bytes of the text they take; 0: it is none. */
static size_t numbered_group(const char *text, size_t size, uint32_t groups,
                             uint32_t *group)
{
    const bool two = size > 1 && text[1] >= '0' && text[1] <= '9';
    *group = (uint32_t)(text[0] - '0');
    if (two) {
        const uint32_t both = *group * 10 + (uint32_t)(text[1] - '0');
        if (both > 0 && both < groups) {
            *group = both;
            return 2;
        }
    }
    return *group > 0 && *group < groups ? 1 : 0;
}

/* $<name>: bytes taken after the $; 0: it is no such thing. */
static size_t put_named(ejs__builder *out, const char *text, size_t size,
                        ejs_value s, const int32_t *captures,
                        const base_regexp *code)
{
    const char *close = memchr(text, '>', size);
    if (!code || !base_regexp_has_names(code) || !close)
        return 0;
    const size_t wanted = (size_t)(close - text) - 1;
    for (uint32_t i = 1; i < base_regexp_groups(code); i++) {
        size_t n;
        const char *name = base_regexp_group_name(code, i, &n);
        if (name && n == wanted && memcmp(name, text + 1, n) == 0)
            put_capture(out, s, captures, i);
    }
    return wanted + 2;
}

/* What stands after a $: puts its meaning, returns the bytes it takes. */
static size_t put_dollar(ejs__builder *out, const char *text, size_t size,
                         ejs_value s, const int32_t *captures, uint32_t groups,
                         const base_regexp *code)
{
    uint32_t group;
    size_t used;
    switch (size ? text[0] : '\0') {
    case '$':
        ejs__builder_putc(out, '$');
        return 1;
    case '&':
        put_capture(out, s, captures, 0);
        return 1;
    case '`':
        ejs__put_units(out, s, 0, (uint32_t)captures[0]);
        return 1;
    case '\'':
        ejs__put_units(out, s, (uint32_t)captures[1], ejs__units(out->ctx, s));
        return 1;
    case '<':
        used = put_named(out, text, size, s, captures, code);
        break;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        used = numbered_group(text, size, groups, &group);
        if (used)
            put_capture(out, s, captures, group);
        break;
    default:
        used = 0;
        break;
    }
    if (!used)
        ejs__builder_putc(out, '$');
    return used;
}

void ejs__put_substitution(ejs__builder *out, ejs_value template_text,
                           ejs_value s, const int32_t *captures,
                           uint32_t groups, const base_regexp *code)
{
    const char *at = template_text.as.text;
    const char *end = at + template_text.size;
    ejs__string_is_ascii(&s);
    while (at < end) {
        const char *dollar = memchr(at, '$', (size_t)(end - at));
        const char *plain = dollar ? dollar : end;
        if (at == template_text.as.text && plain == end) {
            ejs__builder_put_string(out, template_text);
            return;
        }
        ejs__builder_put_string(
            out, ejs__string(at, (uint32_t)(plain - at), 0));
        if (!dollar)
            return;
        at = dollar + 1;
        at += put_dollar(out, at, (size_t)(end - at), s, captures, groups,
                         code);
    }
}

/* replacement(match, p1, ..., position, string, groups) as a string. */
static bool put_replaced(ejs__builder *out, ejs__callback *cb,
                         const base_regexp *code, ejs_value s,
                         const int32_t *captures)
{
    ejs_context *ctx = out->ctx;
    const uint32_t n = base_regexp_groups(code);
    ejs_value *args = ejs__alloc(ctx, (n + 3) * sizeof *args);
    uint32_t argc = 0;
    if (!args)
        return false;
    for (; argc < n; argc++) {
        args[argc] = capture_value(ctx, s, captures, argc);
        if (ejs__is_thrown(args[argc]))
            return false;
    }
    args[argc++] = ejs__number(captures[0]);
    args[argc++] = s;
    if (base_regexp_has_names(code)) {
        args[argc] = groups_value(ctx, code, s, captures);
        if (ejs__is_thrown(args[argc++]))
            return false;
    }
    cb->call.self = cb->self;
    cb->call.args = args;
    cb->call.argc = argc;
    ejs_value text = cb->entry(&cb->call);
    if (!ejs__is_thrown(text))
        text = ejs__to_string(ctx, text);
    if (ejs__is_thrown(text))
        return false;
    ejs__builder_put_string(out, text);
    return true;
}

typedef struct replacement {
    ejs_value text; /* a STRING, or */
    bool is_function;
    bool has_dollar;
    ejs__callback cb;
} replacement;

static bool prepare_replacement(ejs_context *ctx, ejs_value v, replacement *r)
{
    r->is_function = ejs__is_callable(v);
    if (r->is_function)
        return ejs__callback_init(ctx, &r->cb, v, ejs__undefined());
    r->text = ejs__to_string(ctx, v);
    if (ejs__is_thrown(r->text))
        return false;
    r->has_dollar =
        r->text.size && memchr(r->text.as.text, '$', r->text.size) != NULL;
    return true;
}

static bool put_replacement(ejs__builder *out, replacement *r,
                            const base_regexp *code, ejs_value s,
                            const int32_t *captures)
{
    if (r->is_function)
        return put_replaced(out, &r->cb, code, s, captures);
    if (r->has_dollar)
        ejs__put_substitution(out, r->text, s, captures,
                              base_regexp_groups(code), code);
    else
        ejs__builder_put_string(out, r->text);
    return true;
}

static ejs_value replace_one(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                             replacement *r, int32_t *captures)
{
    const int found = exec(ctx, re, s, captures);
    if (found <= 0)
        return found ? ejs__thrown() : s;
    const uint32_t start = (uint32_t)captures[0], end = (uint32_t)captures[1];
    ejs__builder out = ejs__builder_new(ctx);
    ejs__put_units(&out, s, 0, start);
    if (!put_replacement(&out, r, re->code, s, captures))
        return ejs__thrown();
    ejs__put_units(&out, s, end, ejs__units(ctx, s));
    return ejs__builder_take(&out);
}

static ejs_value replace_all(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                             replacement *r, int32_t *captures)
{
    ejs__builder out = ejs__builder_new(ctx);
    uint32_t done = 0;
    size_t at = 0;
    bool any = false;
    int found;
    if (!set_last_index(ctx, re, 0))
        return ejs__thrown();
    while ((found = next_match(ctx, re, s, &at, captures)) > 0) {
        const uint32_t end = (uint32_t)captures[1];
        any = true;
        ejs__put_units(&out, s, done, (uint32_t)captures[0]);
        if (!put_replacement(&out, r, re->code, s, captures))
            return ejs__thrown();
        done = end;
    }
    if (found < 0)
        return ejs__thrown();
    if (!any)
        return s;
    ejs__put_units(&out, s, done, ejs__units(ctx, s));
    return ejs__builder_take(&out);
}

ejs_value ejs__regexp_replace(ejs_context *ctx, ejs__regexp *re, ejs_value s,
                              ejs_value with)
{
    replacement r;
    int32_t *captures = captures_for(ctx, re);
    ejs__string_is_ascii(&s);
    if (!captures || !prepare_replacement(ctx, with, &r))
        return ejs__thrown();
    if (re->flags & BASE_REGEXP_GLOBAL)
        return replace_all(ctx, re, s, &r, captures);
    return replace_one(ctx, re, s, &r, captures);
}

/* methods ------------------------------------------------------------------ */

static ejs__regexp *receiver(ejs_call *call, const char *name)
{
    return ejs__receiver(call, EJS_OBJECT_REGEXP, name);
}

static ejs_value regexp_exec(ejs_call *call)
{
    ejs__regexp *re = receiver(call, "RegExp.prototype.exec");
    if (!re)
        return ejs__thrown();
    const ejs_value s = ejs__arg_string(call, 0);
    return ejs__is_thrown(s) ? s : exec_value(call->ctx, re, s);
}

static ejs_value regexp_test(ejs_call *call)
{
    ejs__regexp *re = receiver(call, "RegExp.prototype.exec");
    if (!re)
        return ejs__thrown();
    const ejs_value s = ejs__arg_string(call, 0);
    int32_t *captures = captures_for(call->ctx, re);
    if (ejs__is_thrown(s) || !captures)
        return ejs__thrown();
    const int found = exec(call->ctx, re, s, captures);
    return found < 0 ? ejs__thrown() : ejs__boolean(found);
}

/* The pattern with slashes and line ends escaped, so /source/ reads back. */
static ejs_value source_of(ejs_context *ctx, const ejs__regexp *re)
{
    const char *text = re->pattern.as.text;
    bool in_class = false, escaped = false;
    ejs__builder out = ejs__builder_new(ctx);
    if (re->pattern.size == 0)
        return EJS_LITERAL("(?:)");
    for (uint32_t i = 0; i < re->pattern.size; i++) {
        const char c = text[i];
        const bool is_line_separator =
            c == '\xE2' && i + 2 < re->pattern.size && text[i + 1] == '\x80' &&
            ((unsigned char)text[i + 2] | 1) == 0xA9;
        if (is_line_separator) {
            ejs__builder_puts(&out, escaped ? "" : "\\");
            ejs__builder_puts(&out, text[i + 2] == '\xA8' ? "u2028" : "u2029");
            i += 2;
        } else if (c == '\n' || c == '\r') {
            ejs__builder_puts(&out, escaped ? "" : "\\");
            ejs__builder_putc(&out, c == '\n' ? 'n' : 'r');
        } else {
            if (c == '/' && !in_class && !escaped)
                ejs__builder_putc(&out, '\\');
            ejs__builder_put(&out, &text[i], 1);
        }
        if (!escaped)
            in_class = c == '[' || (in_class && c != ']');
        escaped = c == '\\' && !escaped;
    }
    const ejs_value source = ejs__builder_take(&out);
    return ejs__is_thrown(source) ? source
                                  : ejs__string(source.as.text, source.size, 0);
}

static ejs_value regexp_to_string(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value source, flags;
    if (ejs__is_regexp(call->self)) {
        const ejs__regexp *re = (const ejs__regexp *)call->self.as.object;
        source = source_of(ctx, re);
        flags = flags_of(ctx, re);
    } else if (ejs__is_object(call->self)) {
        source = ejs__get_name(ctx, call->self, "source");
        if (ejs__is_thrown(source))
            return source;
        flags = ejs__get_name(ctx, call->self, "flags");
    } else {
        return ejs__throw_error(
            ctx, EJS_TYPE_ERROR,
            "Method RegExp.prototype.toString called on incompatible receiver "
            "%s",
            ejs__describe(ctx, call->self));
    }
    if (ejs__is_thrown(source) || ejs__is_thrown(flags))
        return ejs__thrown();
    const ejs_value parts[] = {EJS_LITERAL("/"), source, EJS_LITERAL("/"),
                               flags};
    return ejs__concat(ctx, parts, 4);
}

/* Getters also answer for RegExp.prototype, which is no RegExp. */
static const ejs__regexp *getter(ejs_call *call, const char *name)
{
    if (ejs__is_regexp(call->self))
        return (const ejs__regexp *)call->self.as.object;
    if (call->self.tag != EJS_TAG_OBJECT ||
        call->self.as.object != ejs__proto(call->ctx, EJS_CLASS_REGEXP))
        ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                         "%s getter called on non-RegExp object", name);
    return NULL;
}

static ejs_value no_regexp(ejs_call *call, ejs_value otherwise)
{
    return call->self.tag == EJS_TAG_OBJECT &&
                   call->self.as.object ==
                       ejs__proto(call->ctx, EJS_CLASS_REGEXP)
               ? otherwise
               : ejs__thrown();
}

static ejs_value regexp_source(ejs_call *call)
{
    const ejs__regexp *re = getter(call, "RegExp.prototype.source");
    return re ? source_of(call->ctx, re)
              : no_regexp(call, EJS_LITERAL("(?:)"));
}

static ejs_value regexp_flags(ejs_call *call)
{
    const ejs__regexp *re = getter(call, "RegExp.prototype.flags");
    return re ? flags_of(call->ctx, re) : no_regexp(call, EJS_LITERAL(""));
}

#define FLAG_GETTER(name, text, flag)                                          \
    static ejs_value regexp_##name(ejs_call *call)                             \
    {                                                                          \
        const ejs__regexp *re = getter(call, "RegExp.prototype." text);        \
        return re ? ejs__boolean(re->flags & (flag))                           \
                  : no_regexp(call, ejs__undefined());                         \
    }
FLAG_GETTER(global, "global", BASE_REGEXP_GLOBAL)
FLAG_GETTER(ignore_case, "ignoreCase", BASE_REGEXP_IGNORE_CASE)
FLAG_GETTER(multiline, "multiline", BASE_REGEXP_MULTILINE)
FLAG_GETTER(dot_all, "dotAll", BASE_REGEXP_DOT_ALL)
FLAG_GETTER(unicode, "unicode", BASE_REGEXP_UNICODE)
FLAG_GETTER(sticky, "sticky", BASE_REGEXP_STICKY)
FLAG_GETTER(has_indices, "hasIndices", 0)
FLAG_GETTER(unicode_sets, "unicodeSets", 0)
#undef FLAG_GETTER

static ejs_value regexp_compile(ejs_call *call)
{
    ejs__regexp *re = receiver(call, "RegExp.prototype.compile");
    if (!re)
        return ejs__thrown();
    if (ejs__is_regexp(ejs__arg(call, 0)) &&
        ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED)
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "Invalid flags supplied to RegExp constructor");
    ejs_call inner = *call;
    inner.construct = false;
    ejs_value made = ejs__regexp_construct(&inner);
    if (ejs__is_thrown(made))
        return made;
    const ejs__regexp *from = (const ejs__regexp *)made.as.object;
    re->code = from->code;
    re->pattern = from->pattern;
    re->flags = from->flags;
    return set_last_index(call->ctx, re, 0) ? call->self : ejs__thrown();
}

/* RegExp.$1 ... ------------------------------------------------------------ */

static ejs_value remembered(ejs_call *call, uint32_t group)
{
    regexp_state *state = state_of(call->ctx);
    if (!state)
        return ejs__thrown();
    if (group >= state->groups || state->captures[group * 2] < 0)
        return EJS_LITERAL("");
    return capture_value(call->ctx, state->input, state->captures, group);
}

#define GROUP_GETTER(n)                                                        \
    static ejs_value regexp_group_##n(ejs_call *call)                          \
    {                                                                          \
        return remembered(call, n);                                            \
    }
GROUP_GETTER(0)
GROUP_GETTER(1)
GROUP_GETTER(2)
GROUP_GETTER(3)
GROUP_GETTER(4)
GROUP_GETTER(5)
GROUP_GETTER(6)
GROUP_GETTER(7)
GROUP_GETTER(8)
GROUP_GETTER(9)
#undef GROUP_GETTER

static ejs_value regexp_input(ejs_call *call)
{
    const regexp_state *state = state_of(call->ctx);
    if (!state)
        return ejs__thrown();
    return state->groups ? state->input : EJS_LITERAL("");
}

static ejs_value regexp_left(ejs_call *call)
{
    const regexp_state *state = state_of(call->ctx);
    if (!state)
        return ejs__thrown();
    if (!state->groups)
        return EJS_LITERAL("");
    return ejs__substring(call->ctx, state->input, 0,
                          (uint32_t)state->captures[0]);
}

static ejs_value regexp_right(ejs_call *call)
{
    const regexp_state *state = state_of(call->ctx);
    if (!state)
        return ejs__thrown();
    if (!state->groups)
        return EJS_LITERAL("");
    return ejs__substring(call->ctx, state->input,
                          (uint32_t)state->captures[1],
                          ejs__units(call->ctx, state->input));
}

/* clang-format off */
const ejs__builtin ejs__regexp_methods[] = {
    {"exec",        regexp_exec,         1, EJS_ROW_METHOD},
    {"test",        regexp_test,         1, EJS_ROW_METHOD},
    {"toString",    regexp_to_string,    0, EJS_ROW_METHOD},
    {"compile",     regexp_compile,      2, EJS_ROW_METHOD},
    {"source",      regexp_source,       0, EJS_ROW_GETTER},
    {"flags",       regexp_flags,        0, EJS_ROW_GETTER},
    {"global",      regexp_global,       0, EJS_ROW_GETTER},
    {"ignoreCase",  regexp_ignore_case,  0, EJS_ROW_GETTER},
    {"multiline",   regexp_multiline,    0, EJS_ROW_GETTER},
    {"dotAll",      regexp_dot_all,      0, EJS_ROW_GETTER},
    {"unicode",     regexp_unicode,      0, EJS_ROW_GETTER},
    {"sticky",      regexp_sticky,       0, EJS_ROW_GETTER},
    {"hasIndices",  regexp_has_indices,  0, EJS_ROW_GETTER},
    {"unicodeSets", regexp_unicode_sets, 0, EJS_ROW_GETTER},
    {0},
};

const ejs__builtin ejs__regexp_statics[] = {
    {"$1",           regexp_group_1, 0, EJS_ROW_GETTER},
    {"$2",           regexp_group_2, 0, EJS_ROW_GETTER},
    {"$3",           regexp_group_3, 0, EJS_ROW_GETTER},
    {"$4",           regexp_group_4, 0, EJS_ROW_GETTER},
    {"$5",           regexp_group_5, 0, EJS_ROW_GETTER},
    {"$6",           regexp_group_6, 0, EJS_ROW_GETTER},
    {"$7",           regexp_group_7, 0, EJS_ROW_GETTER},
    {"$8",           regexp_group_8, 0, EJS_ROW_GETTER},
    {"$9",           regexp_group_9, 0, EJS_ROW_GETTER},
    {"lastMatch",    regexp_group_0, 0, EJS_ROW_GETTER},
    {"$&",           regexp_group_0, 0, EJS_ROW_GETTER},
    {"input",        regexp_input,   0, EJS_ROW_GETTER},
    {"$_",           regexp_input,   0, EJS_ROW_GETTER},
    {"leftContext",  regexp_left,    0, EJS_ROW_GETTER},
    {"$`",           regexp_left,    0, EJS_ROW_GETTER},
    {"rightContext", regexp_right,   0, EJS_ROW_GETTER},
    {"$'",           regexp_right,   0, EJS_ROW_GETTER},
    {0},
};
/* clang-format on */
