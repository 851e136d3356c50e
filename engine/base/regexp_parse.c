/*
 * Reads a regular expression: ECMAScript 2020 patterns with Annex B, early
 * errors in V8's words.
 *
 * Without u a pattern is a sequence of UTF-16 units, with it of code points;
 * the text is spread into an array of one or the other first.
 */
#include "base/regexp_tree.h"

#include "base/utf8.h"

#include <string.h>

#include <unicode/uchar.h>

#define END UINT32_MAX
#define MAX_DEPTH 256
#define MAX_GROUPS 32767

typedef struct parser {
    base_arena *arena;
    const uint32_t *text;
    uint32_t size, at;
    unsigned flags;
    bool unicode;
    bool has_names;      /* there is a (?<name>) somewhere */
    uint32_t all_groups; /* in the whole pattern, with group 0 */
    uint32_t groups;     /* opened so far, with group 0 */
    uint32_t depth;
    base_regexp_name *names, *wanted; /* arrays in the arena */
    uint32_t n_names, n_wanted;
    base_regexp_node **references; /* the nodes of `wanted` */
    const char *reason;            /* NULL after a failure: no memory */
    bool failed;
} parser;

static void *fail(parser *p, const char *reason)
{
    if (!p->failed)
        p->reason = reason;
    p->failed = true;
    return NULL;
}

static uint32_t peek_at(const parser *p, uint32_t offset)
{
    return p->size - p->at > offset ? p->text[p->at + offset] : END;
}

static uint32_t peek(const parser *p)
{
    return peek_at(p, 0);
}

static bool accept(parser *p, uint32_t c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(uint32_t c)
{
    if (is_digit(c))
        return (int)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (int)(c - 'a' + 10) : -1;
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* nodes -------------------------------------------------------------------- */

static base_regexp_node *node(parser *p, base_regexp_kind kind)
{
    base_regexp_node *made = base_arena_zalloc(p->arena, 1, sizeof *made);
    if (!made)
        return fail(p, NULL);
    made->kind = kind;
    return made;
}

static base_regexp_node *character(parser *p, uint32_t code)
{
    base_regexp_node *made = node(p, REGEXP_CHAR);
    if (made)
        made->code = code;
    return made;
}

static void append(base_regexp_node *list, base_regexp_node *child)
{
    if (list->last)
        list->last->next = child;
    else
        list->child = child;
    list->last = child;
}

/* escapes ------------------------------------------------------------------ */

/* Hex digits: exactly n of them, or nothing is read. */
static bool hex_digits(parser *p, uint32_t n, uint32_t *value)
{
    uint32_t x = 0;
    for (uint32_t i = 0; i < n; i++) {
        const int digit = hex_value(peek_at(p, i));
        if (digit < 0)
            return false;
        x = x * 16 + (uint32_t)digit;
    }
    p->at += n;
    *value = x;
    return true;
}

/* After `\u`: {X...}, XXXX or, joined, XXXX\uXXXX.  Nothing is read if none. */
static bool unicode_escape(parser *p, bool braces, uint32_t *value)
{
    const uint32_t start = p->at;
    if (braces && accept(p, '{')) {
        uint32_t x = 0;
        bool any = false;
        for (int digit; (digit = hex_value(peek(p))) >= 0; p->at++) {
            x = x * 16 + (uint32_t)digit;
            any = true;
            if (x > BASE_REGEXP_MAX_CODE)
                break;
        }
        if (any && x <= BASE_REGEXP_MAX_CODE && accept(p, '}')) {
            *value = x;
            return true;
        }
        p->at = start;
        return false;
    }
    if (!hex_digits(p, 4, value))
        return false;
    if (braces && *value >= 0xD800 && *value < 0xDC00 && peek(p) == '\\' &&
        peek_at(p, 1) == 'u') {
        const uint32_t after = p->at;
        uint32_t low;
        p->at += 2;
        if (hex_digits(p, 4, &low) && low >= 0xDC00 && low < 0xE000)
            *value = 0x10000 + ((*value - 0xD800) << 10) + (low - 0xDC00);
        else
            p->at = after;
    }
    return true;
}

/* Up to three octal digits, at most 0377: \101 of Annex B. */
static uint32_t legacy_octal(parser *p)
{
    uint32_t value = peek(p) - '0';
    p->at++;
    for (int i = 0; i < 2; i++) {
        const uint32_t c = peek(p);
        if (c < '0' || c > '7' || value * 8 + (c - '0') > 0377)
            break;
        value = value * 8 + (c - '0');
        p->at++;
    }
    return value;
}

/* An escape that stands for one character, after the backslash. */
static bool character_escape(parser *p, bool in_class, uint32_t *value)
{
    const uint32_t c = peek(p);
    switch (c) {
    case 'f':
    case 'n':
    case 'r':
    case 't':
    case 'v':
        p->at++;
        *value = c == 'f'   ? '\f'
                 : c == 'n' ? '\n'
                 : c == 'r' ? '\r'
                 : c == 't' ? '\t'
                            : '\v';
        return true;
    case 'c': {
        const uint32_t letter = peek_at(p, 1);
        if (is_letter(letter) || (in_class && !p->unicode &&
                                  (is_digit(letter) || letter == '_'))) {
            p->at += 2;
            *value = letter & 31;
            return true;
        }
        if (p->unicode)
            return fail(p, "Invalid Unicode escape");
        *value = '\\'; /* and the c is read next */
        return true;
    }
    case '0':
        if (!is_digit(peek_at(p, 1))) {
            p->at++;
            *value = 0;
            return true;
        }
        /* fall through */
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
        if (p->unicode)
            return fail(p, in_class   ? "Invalid class escape"
                           : c == '0' ? "Invalid decimal escape"
                                      : "Invalid escape");
        *value = legacy_octal(p);
        return true;
    case 'x':
        p->at++;
        if (hex_digits(p, 2, value))
            return true;
        if (p->unicode)
            return fail(p, "Invalid escape");
        *value = 'x';
        return true;
    case 'u':
        p->at++;
        if (unicode_escape(p, p->unicode, value))
            return true;
        if (p->unicode)
            return fail(p, "Invalid Unicode escape");
        *value = 'u';
        return true;
    default:
        break;
    }
    if (p->unicode && !(c < 128 && strchr("^$\\.*+?()[]{}|/", (int)c) && c) &&
        !(in_class && c == '-'))
        return fail(p, "Invalid escape");
    if (p->has_names && c == 'k' && !in_class)
        return fail(p, "Invalid escape");
    p->at++;
    *value = c;
    return true;
}

static bool is_property_name_char(uint32_t c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

/* {Name} or {Name=Value} after \p, into the two texts. */
static bool property_names(parser *p, char name[64], char value[64],
                           bool *has_value)
{
    size_t n = 0;
    *has_value = false;
    if (!accept(p, '{'))
        return false;
    while (is_property_name_char(peek(p)) && n < 63)
        name[n++] = (char)p->text[p->at++];
    name[n] = '\0';
    if (n && accept(p, '=')) {
        *has_value = true;
        for (n = 0; is_property_name_char(peek(p)) && n < 63;)
            value[n++] = (char)p->text[p->at++];
        value[n] = '\0';
    }
    return n && accept(p, '}');
}

/*
 * \d \D \s \S \w \W, and with u \p{} \P{}, after the backslash: added to the
 * set.  *found: whether it was one of them.
 */
static bool set_escape(parser *p, base_regexp_set *set, bool in_class,
                       bool *found)
{
    const uint32_t c = peek(p);
    *found = true;
    if (c != END && c < 128 && c && strchr("dDsSwW", (int)c)) {
        p->at++;
        return base_regexp_set_add_escape(p->arena, set, c, p->flags) ||
               fail(p, NULL);
    }
    if (!p->unicode || (c != 'p' && c != 'P')) {
        *found = false;
        return true;
    }
    char name[64], value[64];
    bool has_value, known = false;
    p->at++;
    if (property_names(p, name, value, &has_value) &&
        !base_regexp_set_add_property(p->arena, set, name,
                                      has_value ? value : NULL, c == 'P',
                                      &known))
        return fail(p, NULL);
    if (!known)
        return fail(p, in_class ? "Invalid property name in character class"
                                : "Invalid property name");
    return true;
}

/* classes ------------------------------------------------------------------ */

/* One end of a range: a character, or a set (then *is_set) already added. */
static bool class_atom(parser *p, base_regexp_set *set, bool *is_set,
                       uint32_t *code)
{
    *is_set = false;
    *code = p->text[p->at++];
    if (*code != '\\')
        return true;
    if (peek(p) == END)
        return fail(p, "\\ at end of pattern");
    if (!set_escape(p, set, true, is_set))
        return false;
    if (*is_set)
        return true;
    if (accept(p, 'b')) {
        *code = '\b';
        return true;
    }
    return character_escape(p, true, code);
}

/* What follows `a-` in a class: the range, or the three apart. */
static bool class_range(parser *p, base_regexp_set *set, bool low_is_set,
                        uint32_t low)
{
    bool high_is_set;
    uint32_t high;
    if (peek(p) == ']' || peek(p) == END)
        return (low_is_set ||
                base_regexp_set_add(p->arena, set, low, low)) &&
               base_regexp_set_add(p->arena, set, '-', '-');
    if (!class_atom(p, set, &high_is_set, &high))
        return false;
    if (low_is_set || high_is_set) {
        if (p->unicode)
            return fail(p, "Invalid character class");
        return (low_is_set ||
                base_regexp_set_add(p->arena, set, low, low)) &&
               (high_is_set ||
                base_regexp_set_add(p->arena, set, high, high)) &&
               base_regexp_set_add(p->arena, set, '-', '-');
    }
    if (low > high)
        return fail(p, "Range out of order in character class");
    return base_regexp_set_add(p->arena, set, low, high);
}

/* class = "[" "^"? (atom ("-" atom)?)* "]", after the bracket */
static base_regexp_node *class(parser *p)
{
    base_regexp_node *made = node(p, REGEXP_SET);
    if (!made)
        return NULL;
    made->inverted = accept(p, '^');
    while (peek(p) != ']') {
        bool is_set, ok;
        uint32_t code;
        if (peek(p) == END)
            return fail(p, "Unterminated character class");
        if (!class_atom(p, &made->set, &is_set, &code))
            return fail(p, NULL);
        if (accept(p, '-'))
            ok = class_range(p, &made->set, is_set, code);
        else
            ok = is_set ||
                 base_regexp_set_add(p->arena, &made->set, code, code);
        if (!ok)
            return fail(p, NULL);
    }
    p->at++;
    return made;
}

/* groups ------------------------------------------------------------------- */

/* One character of a group's name, escapes and pairs taken together. */
static bool name_character(parser *p, uint32_t *code)
{
    *code = peek(p);
    if (*code == END)
        return false;
    p->at++;
    if (*code == '\\') {
        if (!accept(p, 'u') || !unicode_escape(p, true, code))
            return fail(p, "Invalid Unicode escape");
        return true;
    }
    const uint32_t low = peek(p);
    if (*code >= 0xD800 && *code < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        p->at++;
        *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
    }
    return true;
}

static bool is_name_start(uint32_t c)
{
    return c == '$' || c == '_' || u_hasBinaryProperty((UChar32)c, UCHAR_ID_START);
}

static bool is_name_part(uint32_t c)
{
    return c == '$' || c == 0x200C || c == 0x200D ||
           u_hasBinaryProperty((UChar32)c, UCHAR_ID_CONTINUE);
}

/* name ">" ; what is before has been read. */
static bool group_name(parser *p, base_regexp_name *name)
{
    const uint32_t room = (p->size - p->at) * 4 + 4;
    char *text = base_arena_alloc(p->arena, room);
    uint32_t size = 0;
    if (!text)
        return fail(p, NULL);
    for (;;) {
        uint32_t code;
        if (!name_character(p, &code))
            return fail(p, "Invalid capture group name");
        if (code == '>')
            break;
        if (!(size ? is_name_part(code) : is_name_start(code)))
            return fail(p, "Invalid capture group name");
        size += (uint32_t)base_utf8_encode(code, text + size);
    }
    if (!size)
        return fail(p, "Invalid capture group name");
    name->text = text;
    name->size = size;
    return true;
}

static const base_regexp_name *find_name(const parser *p,
                                         const base_regexp_name *name)
{
    for (uint32_t i = 0; i < p->n_names; i++)
        if (p->names[i].size == name->size &&
            !memcmp(p->names[i].text, name->text, name->size))
            return &p->names[i];
    return NULL;
}

static base_regexp_node *disjunction(parser *p);

/* Gives the group its name; V8 does so when the group ends. */
static bool add_name(parser *p, base_regexp_name *name, uint32_t index)
{
    if (find_name(p, name))
        return fail(p, "Duplicate capture group name");
    name->index = index;
    p->names[p->n_names++] = *name;
    return true;
}

/* What follows "(?": the node, or the name of a group. */
static bool group_start(parser *p, base_regexp_node **made,
                        base_regexp_name *name)
{
    const uint32_t c = peek(p);
    if (accept(p, ':')) {
        *made = node(p, REGEXP_SEQUENCE);
        return *made;
    }
    const bool behind = c == '<' && (peek_at(p, 1) == '=' || peek_at(p, 1) == '!');
    if (behind)
        p->at++;
    if (behind || c == '=' || c == '!') {
        *made = node(p, REGEXP_LOOK);
        if (!*made)
            return false;
        (*made)->inverted = p->text[p->at++] == '!';
        (*made)->backward = behind;
        (*made)->first_group = p->groups;
        return true;
    }
    if (accept(p, '<'))
        return group_name(p, name);
    return fail(p, "Invalid group");
}

/* group = "(" ("?:" | "?=" | "?!" | "?<=" | "?<!" | "?<" name ">")?
 *         disjunction ")", after the parenthesis */
static base_regexp_node *group(parser *p)
{
    base_regexp_node *made = NULL;
    base_regexp_name name = {0};
    if (accept(p, '?') && !group_start(p, &made, &name))
        return fail(p, NULL);
    if (!made) {
        made = node(p, REGEXP_GROUP);
        if (!made)
            return NULL;
        if (p->groups >= MAX_GROUPS)
            return fail(p, "Too many captures");
        made->index = p->groups++;
    }
    if (++p->depth > MAX_DEPTH)
        return fail(p, "Regular expression too large");
    base_regexp_node *inside = disjunction(p);
    p->depth--;
    if (!inside)
        return NULL;
    if (!accept(p, ')'))
        return fail(p, "Unterminated group");
    if (name.text && !add_name(p, &name, made->index))
        return NULL;
    append(made, inside);
    made->end_group = p->groups;
    return made;
}

/* references --------------------------------------------------------------- */

/* \N, when there are that many groups; else NULL and nothing is read. */
static base_regexp_node *numbered_reference(parser *p)
{
    const uint32_t start = p->at;
    uint32_t n = 0;
    while (is_digit(peek(p)) && n <= MAX_GROUPS)
        n = n * 10 + (p->text[p->at++] - '0');
    if (n < p->all_groups) {
        base_regexp_node *made = node(p, REGEXP_BACKREF);
        if (made)
            made->index = n;
        return made;
    }
    p->at = start;
    return NULL;
}

/* \k<name>, after the k; resolved when all groups are known. */
static base_regexp_node *named_reference(parser *p)
{
    base_regexp_node *made = node(p, REGEXP_BACKREF);
    if (!made)
        return NULL;
    if (!accept(p, '<'))
        return fail(p, "Invalid named reference");
    base_regexp_name name;
    if (!group_name(p, &name))
        return NULL;
    p->references[p->n_wanted] = made;
    p->wanted[p->n_wanted++] = name;
    return made;
}

static bool resolve_references(parser *p)
{
    for (uint32_t i = 0; i < p->n_wanted; i++) {
        const base_regexp_name *found = find_name(p, &p->wanted[i]);
        if (!found)
            return fail(p, "Invalid named capture referenced");
        p->references[i]->index = found->index;
    }
    return true;
}

/* terms -------------------------------------------------------------------- */

/* An escape outside classes, after the backslash. */
static base_regexp_node *atom_escape(parser *p)
{
    const uint32_t c = peek(p);
    if (c == END)
        return fail(p, "\\ at end of pattern");
    if (c == 'b' || c == 'B') {
        base_regexp_node *made = node(p, REGEXP_WORD_EDGE);
        p->at++;
        if (made)
            made->inverted = c == 'B';
        return made;
    }
    if (c >= '1' && c <= '9') {
        base_regexp_node *made = numbered_reference(p);
        if (made || p->failed)
            return made;
        if (p->unicode)
            return fail(p, "Invalid escape");
    }
    if (c == 'k' && (p->unicode || p->has_names)) {
        p->at++;
        return named_reference(p);
    }
    base_regexp_set set = {0};
    bool is_set;
    if (!set_escape(p, &set, false, &is_set))
        return NULL;
    if (is_set) {
        base_regexp_node *made = node(p, REGEXP_SET);
        if (made)
            made->set = set;
        return made;
    }
    uint32_t code;
    return character_escape(p, false, &code) ? character(p, code) : NULL;
}

static uint32_t decimal(parser *p)
{
    uint64_t n = 0;
    while (is_digit(peek(p))) {
        n = n * 10 + (p->text[p->at++] - '0');
        if (n >= BASE_REGEXP_FOREVER)
            n = BASE_REGEXP_FOREVER;
    }
    return (uint32_t)n;
}

/* {n} {n,} {n,m}: nothing is read when it is not one. */
static bool braces(parser *p, uint32_t *min, uint32_t *max)
{
    const uint32_t start = p->at;
    if (accept(p, '{') && is_digit(peek(p))) {
        *min = *max = decimal(p);
        if (accept(p, ','))
            *max = is_digit(peek(p)) ? decimal(p) : BASE_REGEXP_FOREVER;
        if (accept(p, '}'))
            return true;
    }
    p->at = start;
    return false;
}

/* quantifier = ("*" | "+" | "?" | "{n}" | "{n,}" | "{n,m}") "?"? */
static bool quantifier(parser *p, uint32_t *min, uint32_t *max)
{
    *min = 0;
    *max = BASE_REGEXP_FOREVER;
    if (accept(p, '*'))
        return true;
    if (accept(p, '?')) {
        *max = 1;
        return true;
    }
    if (accept(p, '+')) {
        *min = 1;
        return true;
    }
    if (braces(p, min, max)) {
        if (*min > *max)
            fail(p, "numbers out of order in {} quantifier");
        return true;
    }
    if (p->unicode && peek(p) == '{')
        fail(p, "Incomplete quantifier");
    return false;
}

/* An atom or an assertion. */
static base_regexp_node *atom(parser *p)
{
    const uint32_t c = p->text[p->at++];
    uint32_t min, max;
    switch (c) {
    case '^':
        return node(p, REGEXP_LINE_START);
    case '$':
        return node(p, REGEXP_LINE_END);
    case '.':
        return node(p, REGEXP_ANY);
    case '(':
        return group(p);
    case '[':
        return class(p);
    case '\\':
        return atom_escape(p);
    case '*':
    case '+':
    case '?':
        return fail(p, "Nothing to repeat");
    case '{':
        p->at--;
        if (braces(p, &min, &max))
            return fail(p, "Nothing to repeat");
        p->at++;
        /* fall through */
    case '}':
    case ']':
        if (p->unicode)
            return fail(p, "Lone quantifier brackets");
        return character(p, c);
    default:
        return character(p, c);
    }
}

static bool is_repeatable(const parser *p, const base_regexp_node *n)
{
    if (n->kind == REGEXP_LINE_START || n->kind == REGEXP_LINE_END ||
        n->kind == REGEXP_WORD_EDGE)
        return false;
    return n->kind != REGEXP_LOOK || !(n->backward || p->unicode);
}

/* term = atom quantifier? */
static base_regexp_node *term(parser *p)
{
    const uint32_t first = p->groups;
    base_regexp_node *what = atom(p);
    if (!what)
        return NULL;
    if (what->kind == REGEXP_LINE_START || what->kind == REGEXP_LINE_END ||
        what->kind == REGEXP_WORD_EDGE)
        return what; /* a quantifier after it has nothing to repeat */
    uint32_t min, max;
    if (!quantifier(p, &min, &max))
        return p->failed ? NULL : what;
    if (p->failed)
        return NULL;
    if (!is_repeatable(p, what))
        return fail(p, "Invalid quantifier");
    base_regexp_node *made = node(p, REGEXP_REPEAT);
    if (!made)
        return NULL;
    made->greedy = !accept(p, '?');
    made->min = min;
    made->max = max;
    made->first_group = first;
    made->end_group = p->groups;
    append(made, what);
    return made;
}

/* alternative = term* */
static base_regexp_node *alternative(parser *p)
{
    base_regexp_node *list = node(p, REGEXP_SEQUENCE);
    while (list && peek(p) != END && peek(p) != '|' && peek(p) != ')') {
        base_regexp_node *next = term(p);
        if (!next)
            return NULL;
        append(list, next);
    }
    return list;
}

/* disjunction = alternative ("|" alternative)* */
static base_regexp_node *disjunction(parser *p)
{
    base_regexp_node *first = alternative(p);
    if (!first || peek(p) != '|')
        return first;
    base_regexp_node *choice = node(p, REGEXP_CHOICE);
    if (!choice)
        return NULL;
    append(choice, first);
    while (accept(p, '|')) {
        base_regexp_node *next = alternative(p);
        if (!next)
            return NULL;
        append(choice, next);
    }
    return choice;
}

/* the whole ---------------------------------------------------------------- */

/* Counts groups and finds names: \8 and \k mean different things with them. */
static void count_groups(parser *p)
{
    bool in_class = false;
    p->all_groups = 1;
    for (uint32_t i = 0; i < p->size; i++) {
        const uint32_t c = p->text[i];
        if (c == '\\') {
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
        } else if (c == '(') {
            const uint32_t next = i + 1 < p->size ? p->text[i + 1] : END;
            const uint32_t third = i + 2 < p->size ? p->text[i + 2] : END;
            const uint32_t fourth = i + 3 < p->size ? p->text[i + 3] : END;
            const bool named = next == '?' && third == '<' && fourth != '=' &&
                               fourth != '!';
            p->all_groups += next != '?' || named;
            p->has_names |= named;
        }
    }
}

/* Spreads WTF-8 into units or, with u, code points. */
static bool spread(parser *p, const char *pattern, size_t size)
{
    uint32_t *text = base_arena_zalloc(p->arena, size + 1, sizeof *text);
    uint32_t n = 0;
    if (!text)
        return false;
    for (size_t i = 0; i < size;) {
        uint32_t code;
        const size_t used = base_utf8_decode(pattern + i, size - i, &code);
        if (!used)
            code = BASE_UTF8_REPLACEMENT;
        i += used ? used : 1;
        if (code > 0xFFFF && !p->unicode) {
            text[n++] = 0xD800 + ((code - 0x10000) >> 10);
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        text[n++] = code;
    }
    p->text = text;
    p->size = n;
    return true;
}

static bool prepare(parser *p, const char *pattern, size_t size)
{
    if (!spread(p, pattern, size))
        return false;
    count_groups(p);
    const size_t references = p->size / 3 + 1; /* \k< is the shortest */
    p->names = base_arena_zalloc(p->arena, p->all_groups, sizeof *p->names);
    p->wanted = base_arena_zalloc(p->arena, references, sizeof *p->wanted);
    p->references =
        base_arena_zalloc(p->arena, references, sizeof(void *));
    p->groups = 1;
    return p->names && p->wanted && p->references;
}

bool base_regexp_parse(base_arena *arena, const char *pattern, size_t size,
                       unsigned flags, base_regexp_tree *tree,
                       const char **reason)
{
    parser p = {.arena = arena,
                .flags = flags,
                .unicode = (flags & BASE_REGEXP_UNICODE) != 0};
    *reason = NULL;
    if (size > (1u << 24)) {
        *reason = "Regular expression too large";
        return false;
    }
    if (!prepare(&p, pattern, size))
        return false;
    base_regexp_node *root = disjunction(&p);
    if (root && peek(&p) == ')')
        root = fail(&p, "Unmatched ')'");
    if (!root || !resolve_references(&p)) {
        *reason = p.reason;
        return false;
    }
    *tree = (base_regexp_tree){root,    p.groups, flags,
                               p.names, p.n_names};
    return true;
}

int base_regexp_flags(const char *text, size_t size)
{
    static const char letters[] = "gimsuy"; /* ORDER flag: as the enum */
    unsigned flags = 0;
    for (size_t i = 0; i < size; i++) {
        const char *letter = text[i] ? strchr(letters, text[i]) : NULL;
        const unsigned flag = letter ? 1u << (letter - letters) : 0;
        if (!flag || (flags & flag))
            return -1;
        flags |= flag;
    }
    return (int)flags;
}

const char *base_regexp_check(const char *pattern, size_t size, unsigned flags)
{
    base_arena arena;
    base_regexp_tree tree;
    const char *reason = NULL;
    base_arena_init(&arena, 0);
    base_regexp_parse(&arena, pattern, size, flags, &tree, &reason);
    base_arena_free(&arena);
    return reason;
}
