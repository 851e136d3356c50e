/*
 * The URL Standard's parser: it accepts whatever browsers accept and writes one
 * canonical form.  Windows drive letters have no special meaning here.
 */
#include "ejs/runtime/url.h"

#include <arpa/inet.h>
#include <stdio.h>

#include <unicode/uidna.h>

#include "base/utf8.h"

typedef struct parser {
    ejs_context *ctx;
    const char *at, *end;
    ejs__url *url;
    bool special;
} parser;

static const struct {
    const char *name;
    int port; /* -1: none */
} special_schemes[] = {
    {"http", 80}, {"https", 443}, {"ws", 80},
    {"wss", 443}, {"ftp", 21},    {"file", -1},
};

static int special_index(ejs_value scheme)
{
    for (int i = 0; i < 6; i++)
        if (ejs__string_is(scheme, special_schemes[i].name))
            return i;
    return -1;
}

bool ejs__url_is_special(const ejs__url *url)
{
    return special_index(url->scheme) >= 0;
}

/* percent-encoding --------------------------------------------------------- */

/* ASCII characters that each set encodes beside controls and non-ASCII. */
static const char in_fragment[] = " \"<>`";
static const char in_query[] = " \"#<>";
static const char in_special_query[] = " \"#<>'";
static const char in_path[] = " \"#<>?`{}";
static const char in_userinfo[] = " \"#<>?`{}/:;=@[\\]^|";
static const char in_nothing[] = "";

static bool is_encoded(unsigned char c, const char *set)
{
    return c < 0x20 || c > 0x7E || strchr(set, c);
}

static void put_encoded(ejs__builder *out, const char *text, size_t size,
                        const char *set)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (is_encoded(c, set)) {
            const char escape[] = {'%', hex[c >> 4], hex[c & 15]};
            ejs__builder_put(out, escape, 3);
        } else {
            ejs__builder_put(out, text + i, 1);
        }
    }
}

static ejs_value encoded(ejs_context *ctx, const char *text, size_t size,
                         const char *set)
{
    ejs__builder out = ejs__builder_new(ctx);
    put_encoded(&out, text, size, set);
    return ejs__builder_take(&out);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static ejs_value decoded(ejs_context *ctx, const char *text, size_t size)
{
    char *out = ejs__alloc(ctx, size + 1);
    size_t n = 0;
    if (!out)
        return ejs__thrown();
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '%' && i + 2 < size && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            out[n++] = (char)(hex_value(text[i + 1]) * 16 +
                              hex_value(text[i + 2]));
            i += 2;
        } else {
            out[n++] = text[i];
        }
    }
    return ejs__string(out, (uint32_t)n, 0);
}

/* hosts -------------------------------------------------------------------- */

/* One number of an IPv4 address: decimal, 0x hex or 0 octal; false: none. */
static bool ipv4_number(const char *text, size_t size, uint64_t *value)
{
    unsigned radix = 10;
    if (size >= 2 && text[0] == '0' && (text[1] | 32) == 'x') {
        radix = 16;
        text += 2;
        size -= 2;
    } else if (size >= 2 && text[0] == '0') {
        radix = 8;
        text++;
        size--;
    }
    *value = 0;
    for (size_t i = 0; i < size; i++) {
        const int digit = hex_value(text[i]);
        if (digit < 0 || (unsigned)digit >= radix)
            return false;
        if (*value < UINT64_C(1) << 40)
            *value = *value * radix + (unsigned)digit;
    }
    return true;
}

/* Whether a host's last label is a number, which makes the host an address. */
static bool ends_in_number(const char *host, size_t size)
{
    uint64_t value;
    if (size && host[size - 1] == '.')
        size--;
    size_t start = size;
    bool digits = size > 0;
    while (start > 0 && host[start - 1] != '.') {
        start--;
        digits = digits && host[start] >= '0' && host[start] <= '9';
    }
    if (start == size)
        return false;
    return digits || (size - start >= 2 && host[start] == '0' &&
                      (host[start + 1] | 32) == 'x' &&
                      ipv4_number(host + start, size - start, &value));
}

/* 1, 0 or -1. */
static int ipv4_host(ejs_context *ctx, const char *host, size_t size,
                     ejs_value *out)
{
    uint64_t parts[4], address;
    int n = 0;
    if (size && host[size - 1] == '.')
        size--;
    for (size_t i = 0; i <= size; i++) {
        size_t end = i;
        while (end < size && host[end] != '.')
            end++;
        if (n == 4 || end == i || !ipv4_number(host + i, end - i, &parts[n]))
            return 0;
        n++;
        i = end;
    }
    address = parts[n - 1];
    if (address >= UINT64_C(1) << (8 * (5 - n)))
        return 0;
    for (int i = 0; i < n - 1; i++) {
        if (parts[i] > 255)
            return 0;
        address |= parts[i] << (8 * (3 - i));
    }
    *out = ejs__string_format(
        ctx, "%u.%u.%u.%u", (unsigned)(address >> 24 & 255),
        (unsigned)(address >> 16 & 255), (unsigned)(address >> 8 & 255),
        (unsigned)(address & 255));
    return ejs__is_thrown(*out) ? -1 : 1;
}

/* The first longest run of zero pieces, of two at least; *length 0: none. */
static int longest_zeros(const uint16_t pieces[8], int *length)
{
    int best = 0;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && pieces[i + n] == 0)
            n++;
        if (n > *length) {
            best = i;
            *length = n;
        }
    }
    if (*length < 2)
        *length = 0;
    return best;
}

static int ipv6_host(ejs_context *ctx, const char *host, size_t size,
                     ejs_value *out)
{
    char text[64], written[64];
    unsigned char bytes[16];
    uint16_t pieces[8];
    if (size >= sizeof text)
        return 0;
    memcpy(text, host, size);
    text[size] = '\0';
    if (inet_pton(AF_INET6, text, bytes) != 1)
        return 0;
    for (int i = 0; i < 8; i++)
        pieces[i] = (uint16_t)(bytes[i * 2] << 8 | bytes[i * 2 + 1]);
    int n_zeros, n = 0;
    const int zeros = longest_zeros(pieces, &n_zeros);
    written[n++] = '[';
    for (int i = 0; i < 8; i++) {
        if (n_zeros && i == zeros) {
            written[n++] = ':';
            if (i == 0)
                written[n++] = ':';
            i += n_zeros - 1;
            continue;
        }
        n += snprintf(written + n, sizeof written - (size_t)n, "%x%s",
                      pieces[i], i < 7 ? ":" : "");
    }
    written[n++] = ']';
    *out = ejs__string_copy(ctx, written, (size_t)n);
    return ejs__is_thrown(*out) ? -1 : 1;
}

static bool has_one_of(ejs_value s, const char *set)
{
    for (uint32_t i = 0; i < s.size; i++) {
        const unsigned char c = (unsigned char)s.as.text[i];
        if (c < 0x21 || c == 0x7F || strchr(set, c))
            return true;
    }
    return false;
}

static const UIDNA *idna(void)
{
    static const UIDNA *shared; /* the same for all, whoever opens it */
    const UIDNA *opened = __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
    if (!opened) {
        UErrorCode status = U_ZERO_ERROR;
        UIDNA *mine = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                          UIDNA_NONTRANSITIONAL_TO_ASCII |
                                          UIDNA_NONTRANSITIONAL_TO_UNICODE,
                                      &status);
        if (U_FAILURE(status))
            return NULL;
        if (__atomic_compare_exchange_n(&shared, &opened, mine, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            opened = mine;
        else
            uidna_close(mine);
    }
    return opened;
}

/* A domain in lower case and in ASCII: 1, 0 or -1. */
static int domain_to_ascii(ejs_context *ctx, ejs_value name, ejs_value *out)
{
    const UIDNA *rules = idna();
    const int32_t capacity = (int32_t)name.size * 8 + 64;
    char *ascii = rules ? ejs__alloc(ctx, (size_t)capacity) : NULL;
    if (!ascii) {
        if (!rules)
            ejs__throw_no_memory(ctx);
        return -1;
    }
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    const int32_t n =
        uidna_nameToASCII_UTF8(rules, name.as.text, (int32_t)name.size, ascii,
                               capacity, &info, &status);
    const uint32_t harmless = UIDNA_ERROR_EMPTY_LABEL |
                              UIDNA_ERROR_LABEL_TOO_LONG |
                              UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
                              UIDNA_ERROR_LEADING_HYPHEN |
                              UIDNA_ERROR_TRAILING_HYPHEN |
                              UIDNA_ERROR_HYPHEN_3_4;
    if (U_FAILURE(status) || n > capacity || (info.errors & ~harmless))
        return 0;
    *out = ejs__string(ascii, (uint32_t)n, 0);
    return 1;
}

static int parse_host(parser *p, const char *host, size_t size)
{
    ejs_context *ctx = p->ctx;
    ejs__url *url = p->url;
    if (size && host[0] == '[') {
        if (host[size - 1] != ']')
            return 0;
        return ipv6_host(ctx, host + 1, size - 2, &url->host);
    }
    if (!p->special) {
        const ejs_value raw = ejs__string(host, (uint32_t)size, 0);
        if (has_one_of(raw, "#/:<>?@[\\]^|"))
            return 0;
        url->host = encoded(ctx, host, size, in_nothing);
        return ejs__is_thrown(url->host) ? -1 : 1;
    }
    ejs_value name = decoded(ctx, host, size);
    if (ejs__is_thrown(name))
        return -1;
    if (!base_utf8_valid(name.as.text, name.size, false))
        return 0;
    const int ok = domain_to_ascii(ctx, name, &name);
    if (ok <= 0)
        return ok;
    if (name.size == 0 || has_one_of(name, "#/:<>?@[\\]^|%"))
        return 0;
    if (ends_in_number(name.as.text, name.size))
        return ipv4_host(ctx, name.as.text, name.size, &url->host);
    url->host = name;
    return 1;
}

/* authority ---------------------------------------------------------------- */

static bool parse_port(parser *p, const char *text, const char *end)
{
    int32_t port = 0;
    if (text == end)
        return true;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        port = port * 10 + (*text - '0');
        if (port > 65535)
            return false;
    }
    const int index = special_index(p->url->scheme);
    if (index < 0 || special_schemes[index].port != port)
        p->url->port = port;
    return true;
}

static bool is_slash(const parser *p, const char *at)
{
    return at < p->end && (*at == '/' || (p->special && *at == '\\'));
}

/* [user[:password]@]host[:port], up to the path: 1, 0 or -1. */
static int parse_authority(parser *p)
{
    const char *start = p->at, *end = p->at;
    while (end < p->end && !is_slash(p, end) && *end != '?' && *end != '#')
        end++;
    p->at = end;
    const char *sign = end;
    while (sign > start && sign[-1] != '@')
        sign--;
    if (sign > start) {
        const char *colon = memchr(start, ':', (size_t)(sign - 1 - start));
        const char *name_end = colon ? colon : sign - 1;
        p->url->username = encoded(p->ctx, start, (size_t)(name_end - start),
                                   in_userinfo);
        if (colon)
            p->url->password =
                encoded(p->ctx, colon + 1, (size_t)(sign - 1 - colon - 1),
                        in_userinfo);
        if (ejs__is_thrown(p->url->username) ||
            ejs__is_thrown(p->url->password))
            return -1;
        if (sign == end)
            return 0;
    }
    const char *colon = end;
    while (colon > sign && colon[-1] != ':' && colon[-1] != ']')
        colon--;
    const bool has_port = colon > sign && colon[-1] == ':';
    const char *host_end = has_port ? colon - 1 : end;
    if (host_end == sign && (p->special || has_port))
        return 0;
    const int ok = parse_host(p, sign, (size_t)(host_end - sign));
    if (ok <= 0)
        return ok;
    return !has_port || parse_port(p, colon, end);
}

/* path --------------------------------------------------------------------- */

/* 1 for a segment that means "here", 2 for "up", else 0. */
static int dots(const char *text, size_t size)
{
    int n = 0;
    while (size > 0 && n < 3) {
        if (text[0] == '.') {
            text++;
            size--;
        } else if (size >= 3 && text[0] == '%' && text[1] == '2' &&
                   (text[2] | 32) == 'e') {
            text += 3;
            size -= 3;
        } else {
            return 0;
        }
        n++;
    }
    return n < 3 ? n : 0;
}

/* Drops the last segment. */
static void shorten(ejs__builder *path)
{
    while (path->size > 0 && path->data[--path->size] != '/')
        ;
}

/* Segments from p->at on, after what `path` has already. */
static void parse_path(parser *p, ejs__builder *path)
{
    for (;;) {
        const char *start = p->at;
        while (p->at < p->end && !is_slash(p, p->at) && *p->at != '?' &&
               *p->at != '#')
            p->at++;
        const size_t size = (size_t)(p->at - start);
        const bool last = !is_slash(p, p->at);
        const int up = dots(start, size);
        if (up == 2)
            shorten(path);
        if (!up) {
            ejs__builder_putc(path, '/');
            put_encoded(path, start, size, in_path);
        } else if (last) {
            ejs__builder_putc(path, '/');
        }
        if (last)
            return;
        p->at++;
    }
}

static bool take_path(parser *p, ejs__builder *path)
{
    p->url->path = ejs__builder_take(path);
    return !ejs__is_thrown(p->url->path);
}

/* An absolute path, or none. */
static bool parse_rooted_path(parser *p)
{
    ejs__builder path = ejs__builder_new(p->ctx);
    if (is_slash(p, p->at))
        p->at++;
    else if (!p->special && (p->at == p->end || *p->at == '?' ||
                             *p->at == '#'))
        return take_path(p, &path);
    parse_path(p, &path);
    return take_path(p, &path);
}

static bool parse_opaque_path(parser *p)
{
    const char *start = p->at;
    while (p->at < p->end && *p->at != '?' && *p->at != '#')
        p->at++;
    p->url->opaque_path = true;
    p->url->path =
        encoded(p->ctx, start, (size_t)(p->at - start), in_nothing);
    return !ejs__is_thrown(p->url->path);
}

/* ?query#fragment */
static bool parse_rest(parser *p)
{
    if (p->at < p->end && *p->at == '?') {
        const char *start = ++p->at;
        while (p->at < p->end && *p->at != '#')
            p->at++;
        p->url->query = encoded(p->ctx, start, (size_t)(p->at - start),
                                p->special ? in_special_query : in_query);
    }
    if (p->at < p->end) {
        p->at++;
        p->url->fragment = encoded(p->ctx, p->at, (size_t)(p->end - p->at),
                                   in_fragment);
    }
    return !ejs__is_thrown(p->url->query) && !ejs__is_thrown(p->url->fragment);
}

static int parse_after_authority(parser *p)
{
    return parse_rooted_path(p) && parse_rest(p) ? 1 : -1;
}

/* //authority/path */
static int parse_from_authority(parser *p)
{
    const int ok = parse_authority(p);
    return ok > 0 ? parse_after_authority(p) : ok;
}

/* file: with or without host. */
static int parse_file(parser *p, const ejs__url *base)
{
    p->url->host = EJS_LITERAL("");
    if (is_slash(p, p->at) && is_slash(p, p->at + 1)) {
        p->at += 2;
        if (p->at == p->end || is_slash(p, p->at) || *p->at == '?' ||
            *p->at == '#')
            return parse_after_authority(p);
        const int ok = parse_authority(p);
        if (ok > 0 && ejs__string_is(p->url->host, "localhost"))
            p->url->host = EJS_LITERAL("");
        return ok > 0 ? parse_after_authority(p) : ok;
    }
    if (is_slash(p, p->at) || !base ||
        !ejs__string_is(base->scheme, "file"))
        return parse_after_authority(p);
    return 2; /* relative */
}

/* A reference without scheme, or with the base's: 1, 0 or -1. */
static int parse_relative(parser *p, const ejs__url *base)
{
    ejs__url *url = p->url;
    if (is_slash(p, p->at) && is_slash(p, p->at + 1)) {
        p->at += 2;
        while (p->special && is_slash(p, p->at))
            p->at++;
        return parse_from_authority(p);
    }
    url->username = base->username;
    url->password = base->password;
    url->host = base->host;
    url->port = base->port;
    if (is_slash(p, p->at))
        return parse_after_authority(p);
    url->path = base->path;
    url->query = base->query;
    if (p->at == p->end || *p->at == '#')
        return parse_rest(p) ? 1 : -1;
    url->query = ejs__undefined();
    if (*p->at != '?') {
        ejs__builder path = ejs__builder_new(p->ctx);
        ejs__builder_put_string(&path, base->path);
        shorten(&path);
        parse_path(p, &path);
        if (!take_path(p, &path))
            return -1;
    }
    return parse_rest(p) ? 1 : -1;
}

/* the whole ---------------------------------------------------------------- */

/* The text without blanks around and without tabs and line ends in it. */
static ejs_value cleaned(ejs_context *ctx, ejs_value text)
{
    ejs__builder out = ejs__builder_new(ctx);
    const char *start = text.as.text, *end = start + text.size;
    while (start < end && (unsigned char)*start <= 0x20)
        start++;
    while (end > start && (unsigned char)end[-1] <= 0x20)
        end--;
    for (; start < end; start++)
        if (*start != '\t' && *start != '\n' && *start != '\r')
            ejs__builder_put(&out, start, 1);
    return ejs__builder_take(&out);
}

/* scheme ":" in lower case; undefined when there is none. */
static ejs_value parse_scheme(parser *p)
{
    const char *at = p->at;
    for (; at < p->end; at++) {
        const char c = *at;
        const bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        const bool later = (c >= '0' && c <= '9') || c == '+' || c == '-' ||
                           c == '.';
        if (!letter && !(later && at > p->at))
            break;
    }
    if (at == p->at || at == p->end || *at != ':')
        return ejs__undefined();
    ejs__builder out = ejs__builder_new(p->ctx);
    for (; p->at < at; p->at++)
        ejs__builder_putc(&out, *p->at >= 'A' && *p->at <= 'Z'
                                    ? (char)(*p->at | 32)
                                    : *p->at);
    p->at++;
    return ejs__builder_take(&out);
}

/* After the scheme. */
static int parse_absolute(parser *p, const ejs__url *base)
{
    const bool same = base && p->special &&
                      ejs__string_equal(base->scheme, p->url->scheme);
    if (ejs__string_is(p->url->scheme, "file")) {
        const int ok = parse_file(p, base);
        return ok == 2 ? parse_relative(p, base) : ok;
    }
    if (same && !(is_slash(p, p->at) && is_slash(p, p->at + 1)))
        return parse_relative(p, base);
    if (p->special) {
        while (is_slash(p, p->at))
            p->at++;
        return parse_from_authority(p);
    }
    if (is_slash(p, p->at) && is_slash(p, p->at + 1)) {
        p->at += 2;
        return parse_from_authority(p);
    }
    if (is_slash(p, p->at))
        return parse_after_authority(p);
    return parse_opaque_path(p) && parse_rest(p) ? 1 : -1;
}

static int parse_without_scheme(parser *p, const ejs__url *base)
{
    if (!base)
        return 0;
    if (base->opaque_path && (p->at == p->end || *p->at != '#'))
        return 0;
    if (base->opaque_path) {
        *p->url = *base;
        p->url->fragment = ejs__undefined();
        return parse_rest(p) ? 1 : -1;
    }
    p->url->scheme = base->scheme;
    p->special = ejs__url_is_special(p->url);
    if (ejs__string_is(p->url->scheme, "file")) {
        const int ok = parse_file(p, base);
        return ok == 2 ? parse_relative(p, base) : ok;
    }
    return parse_relative(p, base);
}

int ejs__url_parse(ejs_context *ctx, ejs_value text, const ejs__url *base,
                   ejs__url *out)
{
    const ejs_value clean = cleaned(ctx, text);
    if (ejs__is_thrown(clean))
        return -1;
    const char *start = clean.size ? clean.as.text : "";
    parser p = {.ctx = ctx, .at = start, .end = start + clean.size, .url = out};
    *out = (ejs__url){.port = -1};
    out->username = out->password = out->path = EJS_LITERAL("");
    const ejs_value scheme = parse_scheme(&p);
    if (ejs__is_thrown(scheme))
        return -1;
    if (scheme.tag == EJS_TAG_UNDEFINED)
        return parse_without_scheme(&p, base);
    out->scheme = scheme;
    p.special = ejs__url_is_special(out);
    return parse_absolute(&p, base);
}

/* writing ------------------------------------------------------------------ */

static void put_host(ejs__builder *out, const ejs__url *url)
{
    char port[16];
    if (url->host.tag == EJS_TAG_STRING)
        ejs__builder_put_string(out, url->host);
    if (url->port >= 0) {
        snprintf(port, sizeof port, ":%d", (int)url->port);
        ejs__builder_puts(out, port);
    }
}

ejs_value ejs__url_host(ejs_context *ctx, const ejs__url *url)
{
    ejs__builder out = ejs__builder_new(ctx);
    put_host(&out, url);
    return ejs__builder_take(&out);
}

static void put_credentials(ejs__builder *out, const ejs__url *url)
{
    if (!url->username.size && !url->password.size)
        return;
    ejs__builder_put_string(out, url->username);
    if (url->password.size) {
        ejs__builder_putc(out, ':');
        ejs__builder_put_string(out, url->password);
    }
    ejs__builder_putc(out, '@');
}

ejs_value ejs__url_href(ejs_context *ctx, const ejs__url *url)
{
    ejs__builder out = ejs__builder_new(ctx);
    ejs__builder_put_string(&out, url->scheme);
    ejs__builder_putc(&out, ':');
    if (url->host.tag == EJS_TAG_STRING) {
        ejs__builder_puts(&out, "//");
        put_credentials(&out, url);
        put_host(&out, url);
    } else if (!url->opaque_path && url->path.size > 1 &&
               url->path.as.text[0] == '/' && url->path.as.text[1] == '/') {
        ejs__builder_puts(&out, "/."); /* else the path would be a host */
    }
    ejs__builder_put_string(&out, url->path);
    if (url->query.tag == EJS_TAG_STRING) {
        ejs__builder_putc(&out, '?');
        ejs__builder_put_string(&out, url->query);
    }
    if (url->fragment.tag == EJS_TAG_STRING) {
        ejs__builder_putc(&out, '#');
        ejs__builder_put_string(&out, url->fragment);
    }
    return ejs__builder_take(&out);
}
