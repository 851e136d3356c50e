/*
 * scan.c - turns a template into the JavaScript that EJS would compile.
 *
 * EJS does not parse JavaScript: it cuts the template at its tags and writes
 * each part down as a line of code.  What a template means is what those lines
 * mean, even where a comment, a string or a missing brace reaches from one tag
 * into the next, so the same lines are written here and then parsed:
 *
 *     <ul>                              ; __append("<ul>\n")
 *                                       ; __line = 2
 *     <% items.forEach(i => { %>        ;  items.forEach(i => {
 *     <li><%= i %></li>                 ; __append("\n<li>")
 *                                       ; __line = 3
 *                                       ; __append(escapeFn( i ))
 *
 * Every line is a piece.  The parser is told where the pieces are, so that it
 * need not read back the strings we escaped, and a map leads from the text to
 * the template.
 *
 * White space goes in this order: rmWhitespace rewrites the whole template,
 * then `<%_` and `_%>` take the blanks around them, and at last a closing tag
 * with - or _ takes one line end from the next text that is appended.
 */
#include <stdio.h>

#include "base/utf8.h"
#include "ejs/syntax/lex.h"
#include "ejs/syntax/mapping.h"

/* Generated text grows by at most 2x + 32 a piece; offsets are 32 bits. */
#define MAX_SOURCE (64u * 1024 * 1024)

typedef enum tag {
    TAG_LITERAL_OPEN, /* ORDER tag: as EJS's expression tries them */
    TAG_LITERAL_CLOSE,
    TAG_ESCAPED,
    TAG_RAW,
    TAG_SLURP,
    TAG_COMMENT,
    TAG_CODE,
    TAG_CLOSE,
    TAG_CLOSE_TRIM,
    TAG_CLOSE_SLURP,
    N_TAGS,
} tag;

typedef enum mode {
    MODE_NONE,
    MODE_CODE,
    MODE_ESCAPED,
    MODE_RAW,
    MODE_COMMENT,
    MODE_LITERAL,
} mode;

struct part { /* a tag, or what is between two */
    uint32_t start, size;
    bool is_tag;
};

typedef struct scanner {
    ejs__front *front;
    ejs__script *script;
    ejs__slice tags[N_TAGS];
    struct part *parts;
    uint32_t n_parts, parts_capacity;
    uint32_t pieces_capacity, map_capacity, lines_capacity;
    char *out; /* the generated text */
    uint32_t out_size, out_capacity;
    mode mode;
    bool truncate;
    uint32_t line;
} scanner;

/* rewriting the template --------------------------------------------------- */

static ejs__slice join(scanner *s, const char *a, const char *b, const char *c)
{
    size_t size = strlen(a) + strlen(b) + strlen(c);
    char *text = ejs__front_alloc(s->front, size + 1, 1);
    strcat(strcat(strcat(text, a), b), c);
    return (ejs__slice){text, (uint32_t)size};
}

static void name_tags(scanner *s) /* ORDER tag */
{
    const ejs__syntax_options *options = &s->script->options;
    const char *o = options->open, *d = options->delimiter, *c = options->close;
    char *dd = (char *)join(s, d, d, "").data;
    s->tags[TAG_LITERAL_OPEN] = join(s, o, dd, "");
    s->tags[TAG_LITERAL_CLOSE] = join(s, dd, c, "");
    s->tags[TAG_ESCAPED] = join(s, o, d, "=");
    s->tags[TAG_RAW] = join(s, o, d, "-");
    s->tags[TAG_SLURP] = join(s, o, d, "_");
    s->tags[TAG_COMMENT] = join(s, o, d, "#");
    s->tags[TAG_CODE] = join(s, o, d, "");
    s->tags[TAG_CLOSE] = join(s, d, c, "");
    s->tags[TAG_CLOSE_TRIM] = join(s, "-", d, c);
    s->tags[TAG_CLOSE_SLURP] = join(s, "_", d, c);
}

/* Well-formed UTF-8 in memory of our own, which the rewriting may change. */
static char *copy_source(scanner *s, const char *source, size_t *size)
{
    if (base_utf8_valid(source, *size, false))
        return (char *)ejs__front_copy(s->front, source, *size).data;
    base_buf repaired = {0};
    base_utf8_repair(&repaired, source, *size);
    char *copy = repaired.failed ? NULL
                                 : base_arena_dup(s->front->arena,
                                                  repaired.data, repaired.size);
    *size = repaired.size;
    base_buf_free(&repaired);
    if (!copy)
        ejs__front_no_memory(s->front);
    return copy;
}

static bool is_line_end(uint32_t code)
{
    return code == '\n' || code == '\r' || code == 0x2028 || code == 0x2029;
}

/* The end of the run of white space at `at`; *last is the last place in it,
   after its first character, where a line ends (or 0). */
static size_t white_run(const char *text, size_t size, size_t at, size_t *last)
{
    size_t i = at;
    *last = 0;
    while (i < size) {
        uint32_t code;
        size_t n = base_utf8_decode(text + i, size - i, &code);
        if (n == 0 || !base_utf8_is_space(code))
            break;
        if (i > at && is_line_end(code))
            *last = i;
        i += n;
    }
    return i;
}

/*
 * What stays of a run of white space under /^\s+|\s+$/gm, in place: the line
 * end that neither half of the expression reaches, if there is one.
 */
static size_t keep_of_run(char *text, size_t size, size_t start, size_t end,
                          size_t last, size_t out)
{
    uint32_t code;
    size_t n = base_utf8_decode(text + start, size - start, &code);
    if (start == 0 || end == size)
        return out;
    if (last == 0 && !is_line_end(code)) {
        memmove(text + out, text + start, end - start);
        return out + (end - start);
    }
    size_t kept = last ? last : start;
    if (last) {
        uint32_t before;
        base_utf8_decode_last(text, last, &before);
        if (is_line_end(before))
            return out;
        n = base_utf8_decode(text + last, size - last, &code);
    }
    memmove(text + out, text + kept, n);
    return out + n;
}

static size_t remove_white_space(char *text, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < size; i++) { /* /[\r\n]+/g becomes one LF */
        bool is_break = text[i] == '\n' || text[i] == '\r';
        if (is_break && out > 0 && i > 0 &&
            (text[i - 1] == '\n' || text[i - 1] == '\r'))
            continue;
        text[out++] = is_break ? '\n' : text[i];
    }
    size = out;
    out = 0;
    for (size_t i = 0; i < size;) {
        size_t last, end = white_run(text, size, i, &last);
        if (end == i) {
            text[out++] = text[i++];
            continue;
        }
        out = keep_of_run(text, size, i, end, last, out);
        i = end;
    }
    return out;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool starts_with(const char *text, size_t size, ejs__slice prefix)
{
    return size >= prefix.size && memcmp(text, prefix.data, prefix.size) == 0;
}

/* /[ \t]*<%_/g becomes the tag.  The tag itself may begin with a blank. */
static size_t slurp_before(char *text, size_t size, ejs__slice mark)
{
    size_t out = 0, i = 0;
    while (i < size) {
        size_t end = i;
        while (end < size && is_blank(text[end]))
            end++;
        size_t at = end;
        while (at > i && !starts_with(text + at, size - at, mark))
            at--;
        if (starts_with(text + at, size - at, mark)) {
            memmove(text + out, text + at, mark.size);
            out += mark.size;
            i = at + mark.size;
            continue;
        }
        memmove(text + out, text + i, end - i);
        out += end - i;
        i = end;
        if (i < size)
            text[out++] = text[i++];
    }
    return out;
}

static size_t slurp_after(char *text, size_t size, ejs__slice mark)
{
    size_t out = 0, i = 0;
    while (i < size) {
        if (!starts_with(text + i, size - i, mark)) {
            text[out++] = text[i++];
            continue;
        }
        memmove(text + out, text + i, mark.size);
        out += mark.size;
        i += mark.size;
        while (i < size && is_blank(text[i]))
            i++;
    }
    return out;
}

static void rewrite(scanner *s, const char *source, size_t size)
{
    char *text = copy_source(s, source, &size);
    if (s->script->options.rm_whitespace)
        size = remove_white_space(text, size);
    size = slurp_before(text, size, s->tags[TAG_SLURP]);
    size = slurp_after(text, size, s->tags[TAG_CLOSE_SLURP]);
    text[size] = '\0';
    s->script->source = (ejs__slice){text, (uint32_t)size};
}

static void find_lines(scanner *s)
{
    ejs__script *script = s->script;
    uint32_t at = 0;
    for (;;) {
        script->lines =
            ejs__front_grow(s->front, script->lines, script->n_lines,
                            &s->lines_capacity, sizeof *script->lines);
        script->lines[script->n_lines++] = at;
        const char *rest = script->source.data + at;
        const char *lf = memchr(rest, '\n', script->source.size - at);
        if (!lf)
            return;
        at += (uint32_t)(lf - rest) + 1;
    }
}

/* cutting at the tags ------------------------------------------------------ */

static uint32_t tag_at(const scanner *s, uint32_t at)
{
    const ejs__slice source = s->script->source;
    for (int i = 0; i < N_TAGS; i++)
        if (starts_with(source.data + at, source.size - at, s->tags[i]))
            return s->tags[i].size;
    return 0;
}

static void add_part(scanner *s, uint32_t start, uint32_t end, bool is_tag)
{
    if (start == end)
        return;
    s->parts = ejs__front_grow(s->front, s->parts, s->n_parts,
                               &s->parts_capacity, sizeof *s->parts);
    s->parts[s->n_parts++] = (struct part){start, end - start, is_tag};
}

static void cut(scanner *s)
{
    bool may_begin[256] = {false};
    for (int i = 0; i < N_TAGS; i++)
        may_begin[(unsigned char)s->tags[i].data[0]] = true;
    const ejs__slice source = s->script->source;
    uint32_t start = 0, at = 0;
    while (at < source.size) {
        uint32_t n = 0;
        if (may_begin[(unsigned char)source.data[at]])
            n = tag_at(s, at);
        if (n == 0) {
            at++;
            continue;
        }
        add_part(s, start, at, false);
        add_part(s, at, at + n, true);
        start = at += n;
    }
    add_part(s, start, at, false);
}

static ejs__slice text_of(const scanner *s, const struct part *part)
{
    return (ejs__slice){s->script->source.data + part->start, part->size};
}

static bool same(ejs__slice a, ejs__slice b)
{
    return ejs__slice_is(a, b.data, b.size);
}

static bool is_close(const scanner *s, uint32_t index)
{
    if (index >= s->n_parts)
        return false;
    ejs__slice text = text_of(s, &s->parts[index]);
    return same(text, s->tags[TAG_CLOSE]) ||
           same(text, s->tags[TAG_CLOSE_TRIM]) ||
           same(text, s->tags[TAG_CLOSE_SLURP]);
}

static uint32_t end_of_part(const scanner *s, uint32_t index)
{
    if (index >= s->n_parts)
        return s->script->source.size;
    return s->parts[index].start + s->parts[index].size;
}

/* An opening tag needs exactly one part of content and then a closing tag. */
static void check_pairing(scanner *s, uint32_t index)
{
    const struct part *part = &s->parts[index];
    ejs__slice text = text_of(s, part);
    if (!starts_with(text.data, text.size, s->tags[TAG_CODE]) ||
        starts_with(text.data, text.size, s->tags[TAG_LITERAL_OPEN]) ||
        is_close(s, index + 2))
        return;
    s->front->unclosed = (ejs__unclosed){
        .start = part->start,
        .end = part->start + part->size,
        .next = end_of_part(s, index + (is_close(s, index + 1) ? 1 : 2)),
        .is_found = true,
        .is_empty = is_close(s, index + 1),
        .is_code = same(text, s->tags[TAG_CODE]) ||
                   same(text, s->tags[TAG_SLURP]),
    };
    const char *hint = "close it before the next tag opens";
    if (is_close(s, index + 1))
        hint = "the tag is empty: write something in it, or remove it";
    else if (index + 2 < s->n_parts && s->parts[index + 2].is_tag)
        hint = "there is another tag inside: in a string, split the tag's "
               "characters, as in '<' + '%'";
    ejs__front_fail_plain(s->front, part->start, hint,
                          "Could not find matching close tag for \"%.*s\".",
                          (int)text.size, text.data);
}

/* writing the code --------------------------------------------------------- */

static void put(scanner *s, const char *data, uint32_t size)
{
    if (s->out_capacity - s->out_size <= size) {
        uint32_t capacity = s->out_capacity;
        while (capacity - s->out_size <= size)
            capacity *= 2;
        char *grown = ejs__front_alloc(s->front, capacity, 1);
        memcpy(grown, s->out, s->out_size);
        s->out = grown;
        s->out_capacity = capacity;
    }
    memcpy(s->out + s->out_size, data, size);
    s->out_size += size;
}

static void puts_(scanner *s, const char *text)
{
    put(s, text, (uint32_t)strlen(text));
}

static void map_to(scanner *s, uint32_t source, bool is_verbatim)
{
    ejs__script *script = s->script;
    script->map = ejs__front_grow(s->front, script->map, script->n_map,
                                  &s->map_capacity, sizeof *script->map);
    script->map[script->n_map++] =
        (ejs__mapping){s->out_size, source, is_verbatim};
}

/* Writes "    ; " and begins a piece that comes from `source`. */
static ejs__piece *begin_piece(scanner *s, ejs__piece_kind kind,
                               uint32_t source)
{
    ejs__front *front = s->front;
    front->pieces = ejs__front_grow(front, front->pieces, front->n_pieces,
                                    &s->pieces_capacity, sizeof *front->pieces);
    ejs__piece *piece = &front->pieces[front->n_pieces++];
    memset(piece, 0, sizeof *piece);
    map_to(s, source, false);
    puts_(s, "    ; ");
    piece->kind = kind;
    piece->start = s->out_size;
    piece->source = source;
    return piece;
}

static void end_piece(scanner *s, ejs__piece *piece)
{
    piece->end = s->out_size;
    puts_(s, "\n");
}

/* The inside of a string as EJS escapes it, or (json) as JSON.stringify. */
static void put_escaped(scanner *s, ejs__slice text, bool json)
{
    uint32_t done = 0;
    for (uint32_t i = 0; i < text.size; i++) {
        char c = text.data[i], unicode[8];
        const char *escape = NULL;
        if (c == '\\')
            escape = "\\\\";
        else if (c == '\n')
            escape = "\\n";
        else if (c == '\r')
            escape = "\\r";
        else if (c == '"')
            escape = "\\\"";
        else if (json && c == '\t')
            escape = "\\t";
        else if (json && (unsigned char)c < ' ') {
            snprintf(unicode, sizeof unicode, "\\u%04x", (unsigned)c);
            escape = c == '\b' ? "\\b" : c == '\f' ? "\\f" : unicode;
        }
        if (!escape)
            continue;
        put(s, text.data + done, i - done);
        puts_(s, escape);
        done = i + 1;
    }
    put(s, text.data + done, text.size - done);
}

static void append_text(scanner *s, ejs__slice text, uint32_t source, bool json)
{
    ejs__piece *piece = begin_piece(s, PIECE_TEXT, source);
    piece->text = text;
    puts_(s, "__append(\"");
    put_escaped(s, text, json);
    puts_(s, "\")");
    end_piece(s, piece);
}

/* Text of the template: the first after a trimming tag loses a line end. */
static void add_text(scanner *s, const struct part *part)
{
    ejs__slice text = text_of(s, part);
    if (s->truncate) {
        uint32_t n = 0;
        if (text.size > 1 && text.data[0] == '\r' && text.data[1] == '\n')
            n = 2;
        else if (text.data[0] == '\r' || text.data[0] == '\n')
            n = 1;
        text.data += n;
        text.size -= n;
        s->truncate = false;
    }
    if (text.size > 0)
        append_text(s, text, part->start, false);
}

/* Where a final `;` stands that only white space follows; else the size. */
static uint32_t final_semicolon(ejs__slice code)
{
    uint32_t at = code.size;
    while (at > 0) {
        uint32_t c;
        size_t n = base_utf8_decode_last(code.data, at, &c);
        if (n == 0 || !base_utf8_is_space(c))
            break;
        at -= (uint32_t)n;
    }
    return at > 0 && code.data[at - 1] == ';' ? at - 1 : code.size;
}

/* Whether code ends in what may be a line comment, which needs a line end. */
static bool ends_in_comment(ejs__slice code)
{
    for (uint32_t i = code.size; i-- > 0;) {
        if (code.data[i] == '\n')
            return false;
        if (code.data[i] == '/' && i > 0 && code.data[i - 1] == '/')
            return true;
    }
    return false;
}

static void put_code(scanner *s, const struct part *part, bool is_output)
{
    ejs__slice code = text_of(s, part);
    uint32_t semicolon = is_output ? final_semicolon(code) : code.size;
    map_to(s, part->start, true);
    put(s, code.data, semicolon);
    if (semicolon < code.size) {
        map_to(s, part->start + semicolon + 1, true);
        put(s, code.data + semicolon + 1, code.size - semicolon - 1);
    }
    map_to(s, part->start + part->size, false);
    if (ends_in_comment(code))
        puts_(s, "\n");
}

/*
 * The path of EJS 2's directive, `include path` in a tag that is not escaped;
 * size 0 when it is none.  What looks like a call or an assignment is none.
 */
static ejs__slice directive_path(const scanner *s, const struct part *part)
{
    ejs__slice none = {NULL, 0}, code = text_of(s, part);
    if (s->mode != MODE_CODE && s->mode != MODE_RAW)
        return none;
    uint32_t at[3] = {0, 0, 0}, i = 0;
    for (int k = 0; k < 3; k++) {
        uint32_t c;
        size_t n;
        while ((n = base_utf8_decode(code.data + i, code.size - i, &c)) > 0 &&
               base_utf8_is_space(c) == (k < 2))
            i += (uint32_t)n;
        at[k] = i;
        if (k == 0) {
            if (!starts_with(code.data + i, code.size - i,
                             (ejs__slice){"include", 7}))
                return none;
            i += 7;
            at[0] = i;
        }
    }
    if (at[1] == at[0] || at[2] == at[1] || strchr("('\"`=", code.data[at[1]]))
        return none;
    return (ejs__slice){code.data + at[1], at[2] - at[1]};
}

/* Returns whether the part was a directive, which then is written. */
static bool add_directive(scanner *s, const struct part *part)
{
    ejs__slice path = directive_path(s, part);
    if (path.size == 0 || !s->script->options.legacy_include)
        return false;
    ejs__piece *piece = begin_piece(s, PIECE_RAW, part->start);
    puts_(s, "__append(");
    piece->source_end = part->start + part->size;
    piece->inner = s->out_size;
    puts_(s, "include(\"");
    put_escaped(s, path, true);
    puts_(s, "\"))");
    end_piece(s, piece);
    return true;
}

static void add_code(scanner *s, const struct part *part)
{
    static const ejs__piece_kind kinds[] = {
        [MODE_CODE] = PIECE_CODE,
        [MODE_ESCAPED] = PIECE_ESCAPED,
        [MODE_RAW] = PIECE_RAW,
    };
    ejs__piece *piece = begin_piece(s, kinds[s->mode], part->start);
    piece->is_directive = directive_path(s, part).size > 0;
    piece->source_end = part->start + part->size;
    if (s->mode != MODE_CODE)
        puts_(s, s->mode == MODE_RAW ? "__append(" : "__append(escapeFn(");
    piece->inner = s->out_size;
    put_code(s, part, s->mode != MODE_CODE);
    if (s->mode != MODE_CODE)
        puts_(s, s->mode == MODE_RAW ? ")" : "))");
    end_piece(s, piece);
}

static void add_content(scanner *s, const struct part *part)
{
    switch (s->mode) {
    case MODE_COMMENT:
        return;
    case MODE_NONE:
    case MODE_LITERAL:
        add_text(s, part);
        return;
    default:
        add_code(s, part);
    }
}

static void add_close(scanner *s, const struct part *part)
{
    if (s->mode == MODE_LITERAL)
        add_text(s, part);
    s->mode = MODE_NONE;
    char first = s->script->source.data[part->start];
    s->truncate = first == '-' || first == '_';
}

static void add_literal(scanner *s, const struct part *part, tag meaning)
{
    s->mode = MODE_LITERAL;
    append_text(s, s->tags[meaning], part->start, true);
}

/* EJS's scanLine: with odd delimiters tags look alike; the order decides. */
static void add_part_code(scanner *s, const struct part *part)
{
    static const struct {
        tag tag;
        mode mode;
    } opening[] = {
        {TAG_CODE, MODE_CODE},       {TAG_SLURP, MODE_CODE},
        {TAG_ESCAPED, MODE_ESCAPED}, {TAG_RAW, MODE_RAW},
        {TAG_COMMENT, MODE_COMMENT},
    };
    ejs__slice text = text_of(s, part);
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++)
        if (same(text, s->tags[opening[i].tag])) {
            s->mode = opening[i].mode;
            return;
        }
    if (same(text, s->tags[TAG_LITERAL_OPEN]))
        add_literal(s, part, TAG_CODE);
    else if (same(text, s->tags[TAG_LITERAL_CLOSE]))
        add_literal(s, part, TAG_CLOSE);
    else if (is_close(s, (uint32_t)(part - s->parts)))
        add_close(s, part);
    else
        add_content(s, part);
}

/* `; __line = n` after a part in which lines end. */
static void add_line(scanner *s, const struct part *part)
{
    ejs__slice text = text_of(s, part);
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.size; i++)
        n += text.data[i] == '\n';
    if (n == 0 || s->script->options.no_debug)
        return;
    s->line += n;
    ejs__piece *piece = begin_piece(s, PIECE_LINE, part->start + part->size);
    piece->line = s->line;
    char number[16];
    snprintf(number, sizeof number, "%u", s->line);
    puts_(s, "__line = ");
    puts_(s, number);
    end_piece(s, piece);
}

/*
 * What EJS closes its function with.  The parser sees it, so that an open
 * brace or parenthesis ends in the same error as there; script->text does not.
 */
static void put_closing(scanner *s)
{
    s->script->text.size = s->out_size;
    map_to(s, s->script->source.size, false);
    if (s->script->with_locals)
        puts_(s, "  }\n");
    puts_(s, "  return __output;\n");
    if (!s->script->options.no_debug)
        puts_(s, "} catch (e) {\n"
                 "  rethrow(e, __lines, __filename, __line, escapeFn);\n}\n");
    puts_(s, "\n})");
    s->front->text_size = s->out_size;
    s->out[s->out_size] = '\0';
    s->script->text.data = s->out;
}

/* the options -------------------------------------------------------------- */

static bool is_identifier(const char *text)
{
    for (const char *c = text; *c; c++) {
        bool is_digit = *c >= '0' && *c <= '9';
        bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!is_letter && *c != '_' && *c != '$' && (!is_digit || c == text))
            return false;
    }
    return *text != '\0';
}

static void check_option_name(scanner *s, const char *name, const char *option)
{
    static const char hint[] = "use letters, digits, _ and $";
    if (!name)
        return;
    if (!is_identifier(name))
        ejs__front_fail_plain(s->front, 0, hint,
                              "%s is not a valid JS identifier.", option);
    const ejs__slice word = ejs__front_intern(s->front, name, strlen(name));
    const bool is_strict = s->script->options.strict;
    char used[64];
    snprintf(used, sizeof used, "it is given as %s", option);
    if (ejs__atom_of(word)->token != TOKEN_NAME)
        ejs__front_fail(s->front, 0, used, "Unexpected token '%s'", name);
    if (is_strict && ejs__atom_of(word)->strict_reserved)
        ejs__front_fail(s->front, 0, used,
                        "Unexpected strict mode reserved word");
    if (is_strict && (ejs__same_name(word, s->front->names.eval) ||
                      ejs__same_name(word, s->front->names.arguments)))
        ejs__front_fail(s->front, 0, used,
                        "Unexpected eval or arguments in strict mode");
}

static void check_options(scanner *s)
{
    const ejs__syntax_options *options = &s->script->options;
    check_option_name(s, options->output_function_name, "outputFunctionName");
    check_option_name(s, options->locals_name, "localsName");
    const char *const *names = options->destructured_locals;
    for (int i = 0; names && names[i]; i++) {
        char option[40];
        snprintf(option, sizeof option, "destructuredLocals[%d]", i);
        check_option_name(s, names[i], option);
    }
}

void ejs__scan(ejs__front *front, const char *source, size_t size)
{
    scanner s = {.front = front, .script = front->script, .line = 1};
    if (size > MAX_SOURCE)
        ejs__front_fail_plain(front, 0, "split it into includes",
                              "the template is larger than 64 MiB");
    s.out_capacity = 1024 + (uint32_t)size;
    s.out = ejs__front_alloc(front, s.out_capacity, 1);
    name_tags(&s);
    rewrite(&s, source, size);
    find_lines(&s);
    cut(&s);
    for (uint32_t i = 0; i < s.n_parts; i++) {
        check_pairing(&s, i);
        const struct part *part = &s.parts[i];
        if (!add_directive(&s, part)) {
            add_part_code(&s, part);
            add_line(&s, part);
        }
    }
    check_options(&s);
    put_closing(&s);
}
