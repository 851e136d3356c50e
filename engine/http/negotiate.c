/* negotiate.c - Accept, Accept-Charset, -Encoding, -Language, Content-Type. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/exchange.h"

/* One entry of an Accept-like header, as `value;params;q=0.5`. */
typedef struct entry {
    const char *value;
    size_t size;
    const char *params; /* after the value's ';', without q; or NULL */
    size_t params_size;
    double q;
    int order;
} entry;

enum { MAX_ENTRIES = 64 };

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static size_t trimmed(const char *at, size_t size)
{
    while (size && (at[size - 1] == ' ' || at[size - 1] == '\t'))
        size--;
    return size;
}

/* Reads one entry that ends before `end`. */
static entry read_entry(const char *at, const char *end, int order)
{
    entry e = {.q = 1, .order = order};
    at = skip_blanks(at);
    const char *semi = memchr(at, ';', (size_t)(end - at));
    e.value = at;
    e.size = trimmed(at, (size_t)((semi ? semi : end) - at));
    while (semi) {
        at = skip_blanks(semi + 1);
        semi = at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
        const size_t size =
            at < end ? trimmed(at, (size_t)((semi ? semi : end) - at)) : 0;
        if (size >= 2 && (at[0] == 'q' || at[0] == 'Q') && at[1] == '=') {
            e.q = strtod(at + 2, NULL);
            e.q = e.q < 0 ? 0 : e.q > 1 ? 1 : e.q;
            break;
        }
        if (!e.params && size) {
            e.params = at;
            e.params_size = size;
        }
    }
    return e;
}

static size_t read_list(const char *text, entry entries[MAX_ENTRIES])
{
    size_t n = 0;
    while (text && *text && n < MAX_ENTRIES) {
        const char *end = text;
        bool quoted = false;
        for (; *end && (quoted || *end != ','); end++)
            quoted ^= *end == '"';
        const entry e = read_entry(text, end, (int)n);
        if (e.size)
            entries[n++] = e;
        text = *end ? end + 1 : end;
    }
    return n;
}

static bool is_text(const entry *e, const char *text, size_t size)
{
    return e->size == size && strncasecmp(e->value, text, size) == 0;
}

/* How exactly an entry names an offer; -1: not at all. */
typedef int (*matcher)(const entry *e, const char *offer);

static int match_type(const entry *e, const char *offer)
{
    const char *slash = memchr(e->value, '/', e->size);
    const char *offered = strchr(offer, '/');
    if (!slash || !offered)
        return -1;
    const size_t major = (size_t)(slash - e->value);
    const size_t minor = e->size - major - 1;
    const size_t offered_minor = strcspn(offered + 1, "; ");
    int score = 0;
    if (strncasecmp(e->value, offer, major + 1) == 0 &&
        (size_t)(offered - offer) == major)
        score |= 4;
    else if (!(major == 1 && *e->value == '*'))
        return -1;
    if (minor == offered_minor &&
        strncasecmp(slash + 1, offered + 1, minor) == 0)
        score |= 2;
    else if (!(minor == 1 && slash[1] == '*'))
        return -1;
    if (e->params) {
        const char *params = strchr(offer, ';');
        params = params ? skip_blanks(params + 1) : "";
        if (strlen(params) != e->params_size ||
            strncasecmp(params, e->params, e->params_size) != 0)
            return -1;
        score |= 1;
    }
    return score;
}

static int match_name(const entry *e, const char *offer)
{
    if (is_text(e, offer, strlen(offer)))
        return 1;
    return e->size == 1 && *e->value == '*' ? 0 : -1;
}

static int match_language(const entry *e, const char *offer)
{
    const size_t size = strlen(offer);
    const size_t entry_prefix = strcspn(e->value, "-,; ");
    const size_t prefix = strcspn(offer, "-");
    if (is_text(e, offer, size))
        return 4;
    if (entry_prefix == size && strncasecmp(e->value, offer, size) == 0)
        return 2;
    if (is_text(e, offer, prefix))
        return 1;
    return e->size == 1 && *e->value == '*' ? 0 : -1;
}

typedef struct rank {
    double q;
    int score, order;
} rank;

static rank rank_of(const char *offer, const entry *entries, size_t n,
                    matcher match)
{
    rank best = {0, -1, 0};
    for (size_t i = 0; i < n; i++) {
        const int score = match(&entries[i], offer);
        if (score > best.score)
            best = (rank){entries[i].q, score, entries[i].order};
    }
    return best;
}

static bool is_better(rank a, rank b)
{
    if (a.q != b.q)
        return a.q > b.q;
    if (a.score != b.score)
        return a.score > b.score;
    return a.order < b.order;
}

/* `offers` and `names` go in step: the full form and what is returned. */
static const char *choose(const char *const *offers, const char *const *names,
                          const entry *entries, size_t n, matcher match)
{
    const char *best = NULL;
    rank best_rank = {0, -1, 0};
    for (size_t i = 0; offers[i]; i++) {
        const rank r = rank_of(offers[i], entries, n, match);
        if (r.score >= 0 && r.q > 0 && (!best || is_better(r, best_rank))) {
            best = names[i];
            best_rank = r;
        }
    }
    return best;
}

const char *mvc_accepts(mvc_req *req, const char *const types[])
{
    const char *header = mvc_header(req, "Accept");
    if (!header || !*header)
        return types[0];
    enum { MAX_OFFERS = 64 };
    const char *offers[MAX_OFFERS + 1];
    size_t n = 0;
    for (; types[n] && n < MAX_OFFERS; n++) {
        const char *full =
            strchr(types[n], '/') ? types[n] : mvc_mime_type(types[n]);
        offers[n] = full ? full : "?";
    }
    offers[n] = NULL;
    entry entries[MAX_ENTRIES];
    return choose(offers, types, entries, read_list(header, entries),
                  match_type);
}

const char *mvc_accepts_charsets(mvc_req *req, const char *const names[])
{
    const char *header = mvc_header(req, "Accept-Charset");
    if (!header)
        return names[0];
    entry entries[MAX_ENTRIES];
    return choose(names, names, entries, read_list(header, entries),
                  match_name);
}

/* The header's entries, with the one for "identity" that it implies. */
static size_t read_encodings(const mvc_req *req, entry entries[MAX_ENTRIES + 1])
{
    size_t n = read_list(mvc_header(req, "Accept-Encoding"), entries);
    bool named = false;
    double least = 1;
    for (size_t i = 0; i < n; i++) {
        named |= match_name(&entries[i], "identity") >= 0;
        least = entries[i].q < least ? entries[i].q : least;
    }
    if (!named) /* what is not refused is accepted as it is, as a last choice */
        entries[n] =
            (entry){"identity", 8, NULL, 0, least > 0 ? least : 1, (int)n},
        n++;
    return n;
}

const char *mvc_accepts_encodings(mvc_req *req, const char *const names[])
{
    entry entries[MAX_ENTRIES + 1];
    const size_t n = read_encodings(req, entries);
    return choose(names, names, entries, n, match_name);
}

double mvc__encoding_quality(const mvc_req *req, const char *name)
{
    entry entries[MAX_ENTRIES + 1];
    const size_t n = read_encodings(req, entries);
    const rank r = rank_of(name, entries, n, match_name);
    return r.score < 0 ? 0 : r.q;
}

const char *mvc_accepts_languages(mvc_req *req, const char *const names[])
{
    const char *header = mvc_header(req, "Accept-Language");
    if (!header)
        return names[0];
    entry entries[MAX_ENTRIES];
    return choose(names, names, entries, read_list(header, entries),
                  match_language);
}

/* the body's type
 * --------------------------------------------------------------- */

static bool same_half(const char *pattern, size_t pattern_size,
                      const char *text, size_t size)
{
    if (pattern_size == 1 && *pattern == '*')
        return true;
    if (pattern_size > 2 && pattern[0] == '*' && pattern[1] == '+') {
        pattern++; /* a suffix: "*+json" */
        pattern_size--;
        return size > pattern_size && strncasecmp(text + size - pattern_size,
                                                  pattern, pattern_size) == 0;
    }
    return pattern_size == size && strncasecmp(pattern, text, size) == 0;
}

bool mvc_is(mvc_req *req, const char *type)
{
    const char *given = mvc_header(req, "Content-Type");
    const bool has_body = mvc__req_header(req, "Content-Length") ||
                          mvc__req_header(req, "Transfer-Encoding");
    if (!given || !has_body)
        return false;
    const char *slash = strchr(given, '/');
    const size_t size = trimmed(given, strcspn(given, ";"));
    if (!slash || slash >= given + size)
        return false;
    if (strcmp(type, "urlencoded") == 0)
        type = "application/x-www-form-urlencoded";
    else if (strcmp(type, "multipart") == 0)
        type = "multipart/*";
    else if (*type == '+')
        type = mvc_format(req, "*/*%s", type);
    else if (!strchr(type, '/'))
        type = mvc_mime_type(type);
    const char *middle = type ? strchr(type, '/') : NULL;
    if (!middle)
        return false;
    return same_half(type, (size_t)(middle - type), given,
                     (size_t)(slash - given)) &&
           same_half(middle + 1, strcspn(middle + 1, ";"), slash + 1,
                     size - (size_t)(slash + 1 - given));
}
