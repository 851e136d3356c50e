/* Date.parse: ISO 8601 first, then the loose grammar browsers have always had.
 */
#include "ejs/runtime/date.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

/*
 * The text becomes tokens: numbers, words, signs and space.  The ISO form is
 * tried on them; where it ends before the text does, what was read so far is
 * kept and the loose rules take over at the next token, as V8 does it:
 *
 *  - a number before ':' is a part of the time, others are parts of the day;
 *  - a month's name, am/pm and a few zone names are known; other words are
 *    passed over, but only before the first number;
 *  - a sign after a time or zone name begins an offset from UTC;
 *  - text in parentheses is a remark.
 *
 * So "Feb 30, 2024" is March 1st and "2024-02-29 12:34" is local time.
 */

typedef enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_SYMBOL, /* : - + . ) */
    TOKEN_SPACE,
    TOKEN_WORD,  /* a word without meaning */
    TOKEN_MONTH, /* value: 1 to 12 */
    TOKEN_NOON,  /* am or pm, value: 0 or 12 */
    TOKEN_ZONE,  /* value: hours from UTC */
    TOKEN_T,     /* between an ISO day and time */
    TOKEN_OTHER,
    TOKEN_INVALID, /* not a token: gives up */
} token_kind;

typedef struct token {
    token_kind kind;
    int value, size; /* size: number of digits */
    char symbol;
    bool is_z;
} token;

#define NONE INT32_MAX

typedef struct parser {
    const char *at, *end;
    token next; /* not yet taken */
    int day[3], n_day, month_name;
    int time[4], n_time, noon;
    int zone_sign, zone_hour, zone_minute;
    bool is_iso;
} parser;

/* tokens ------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the white space at `at`, 0 when there is none. */
static size_t space_size(const parser *p)
{
    uint32_t code;
    const size_t n = base_utf8_decode(p->at, (size_t)(p->end - p->at), &code);
    return n && base_utf8_is_space(code) ? n : 0;
}

static token read_number(parser *p)
{
    token t = {.kind = TOKEN_NUMBER};
    const char *start = p->at;
    while (p->at < p->end && *p->at == '0')
        p->at++;
    for (int i = 0; p->at < p->end && is_digit(*p->at); p->at++, i++) {
        if (i < 9) /* further digits count for nothing */
            t.value = t.value * 10 + (*p->at - '0');
    }
    const ptrdiff_t size = p->at - start;
    t.size = size < NONE ? (int)size : NONE;
    return t;
}

static bool is_word_byte(const parser *p)
{
    return (unsigned char)*p->at >= 'A' && !space_size(p);
}

static token read_word(parser *p)
{
    static const struct {
        char name[4];
        token_kind kind;
        int value;
    } known[] = {
        {"jan", TOKEN_MONTH, 1},  {"feb", TOKEN_MONTH, 2},
        {"mar", TOKEN_MONTH, 3},  {"apr", TOKEN_MONTH, 4},
        {"may", TOKEN_MONTH, 5},  {"jun", TOKEN_MONTH, 6},
        {"jul", TOKEN_MONTH, 7},  {"aug", TOKEN_MONTH, 8},
        {"sep", TOKEN_MONTH, 9},  {"oct", TOKEN_MONTH, 10},
        {"nov", TOKEN_MONTH, 11}, {"dec", TOKEN_MONTH, 12},
        {"am", TOKEN_NOON, 0},    {"pm", TOKEN_NOON, 12},
        {"ut", TOKEN_ZONE, 0},    {"utc", TOKEN_ZONE, 0},
        {"z", TOKEN_ZONE, 0},     {"gmt", TOKEN_ZONE, 0},
        {"cdt", TOKEN_ZONE, -5},  {"cst", TOKEN_ZONE, -6},
        {"edt", TOKEN_ZONE, -4},  {"est", TOKEN_ZONE, -5},
        {"mdt", TOKEN_ZONE, -6},  {"mst", TOKEN_ZONE, -7},
        {"pdt", TOKEN_ZONE, -7},  {"pst", TOKEN_ZONE, -8},
        {"t", TOKEN_T, 0},
    };
    char prefix[4] = "";
    size_t size = 0;
    for (; p->at < p->end && is_word_byte(p); p->at++, size++) {
        if (size < 3)
            prefix[size] =
                (char)(*p->at >= 'A' && *p->at <= 'Z' ? *p->at | 32 : *p->at);
    }
    token t = {.kind = TOKEN_WORD};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, prefix) != 0)
            continue;
        if (size > 3 && known[i].kind != TOKEN_MONTH)
            continue; /* "january" is a month, "gmtx" no zone */
        t.kind = known[i].kind;
        t.value = known[i].value;
        t.is_z = size == 1 && t.kind == TOKEN_ZONE;
        break;
    }
    return t;
}

/* Passes over nested parentheses; a missing one ends with the text. */
static void skip_parentheses(parser *p)
{
    int depth = 0;
    do {
        if (*p->at == '(')
            depth++;
        else if (*p->at == ')')
            depth--;
        p->at++;
    } while (depth > 0 && p->at < p->end);
}

static token read_token(parser *p)
{
    token t = {.kind = TOKEN_END};
    if (p->at >= p->end)
        return t;
    if (is_digit(*p->at))
        return read_number(p);
    if (strchr(":-+.)", *p->at) && *p->at) {
        t.kind = TOKEN_SYMBOL;
        t.symbol = *p->at++;
        return t;
    }
    if (is_word_byte(p))
        return read_word(p);
    const size_t space = space_size(p);
    t.kind = space ? TOKEN_SPACE : TOKEN_OTHER;
    if (!space && *p->at == '(')
        skip_parentheses(p);
    else
        p->at += space ? space : 1;
    return t;
}

static token take(parser *p)
{
    const token t = p->next;
    p->next = read_token(p);
    return t;
}

static bool next_is(const parser *p, char symbol)
{
    return p->next.kind == TOKEN_SYMBOL && p->next.symbol == symbol;
}

static bool skip(parser *p, char symbol)
{
    const bool found = next_is(p, symbol);
    if (found)
        take(p);
    return found;
}

static bool is_sign(token t)
{
    return t.kind == TOKEN_SYMBOL && (t.symbol == '+' || t.symbol == '-');
}

static bool is_number(token t, int size, int low, int high)
{
    return t.kind == TOKEN_NUMBER && t.size == size && t.value >= low &&
           t.value <= high;
}

/* parts -------------------------------------------------------------------- */

static bool add_day(parser *p, int n)
{
    if (p->n_day == 3)
        return false;
    p->day[p->n_day++] = n;
    return true;
}

static bool add_time(parser *p, int n)
{
    if (p->n_time == 4)
        return false;
    p->time[p->n_time++] = n;
    return true;
}

static void finish_time(parser *p, int n)
{
    add_time(p, n);
    while (p->n_time < 4)
        add_time(p, 0);
}

/* Whether n can be the next part of the time: minute, second or ms. */
static bool time_expects(const parser *p, int n)
{
    return (p->n_time == 1 && n < 60) || (p->n_time == 2 && n < 60) ||
           (p->n_time == 3 && n < 1000);
}

static void set_zone(parser *p, int hours)
{
    p->zone_sign = hours < 0 ? -1 : 1;
    p->zone_hour = hours < 0 ? -hours : hours;
    p->zone_minute = 0;
}

/* The first three digits of a fraction, as milliseconds. */
static int fraction(token t)
{
    int value = t.value, size = t.size < 9 ? t.size : 9;
    for (; size < 3; size++)
        value *= 10;
    for (; size > 3; size--)
        value /= 10;
    return value;
}

/* ISO ---------------------------------------------------------------------- */

static const token invalid = {.kind = TOKEN_INVALID};

/* zone = "Z" | sign hh ":"? mm */
static bool parse_iso_zone(parser *p)
{
    if (p->next.is_z) {
        take(p);
        set_zone(p, 0);
        return true;
    }
    if (!is_sign(p->next))
        return true;
    p->zone_sign = take(p).symbol == '-' ? -1 : 1;
    if (p->next.kind == TOKEN_NUMBER && p->next.size == 4) {
        const int n = take(p).value;
        p->zone_hour = n / 100;
        p->zone_minute = n % 100;
        return p->zone_hour < 24 && p->zone_minute < 60;
    }
    if (!is_number(p->next, 2, 0, 23))
        return false;
    p->zone_hour = take(p).value;
    if (!skip(p, ':') || !is_number(p->next, 2, 0, 59))
        return false;
    p->zone_minute = take(p).value;
    return true;
}

/* time = "T" HH ":" mm (":" ss ("." s+)?)? zone?; 24:00:00.0 is allowed */
static bool parse_iso_time(parser *p)
{
    take(p);
    if (!is_number(p->next, 2, 0, 24))
        return false;
    const bool is_24 = p->next.value == 24;
    add_time(p, take(p).value);
    if (!skip(p, ':') || !is_number(p->next, 2, 0, is_24 ? 0 : 59))
        return false;
    add_time(p, take(p).value);
    if (skip(p, ':')) {
        if (!is_number(p->next, 2, 0, is_24 ? 0 : 59))
            return false;
        add_time(p, take(p).value);
        if (skip(p, '.')) {
            if (p->next.kind != TOKEN_NUMBER || (is_24 && p->next.value > 0))
                return false;
            add_time(p, fraction(take(p)));
        }
    }
    return parse_iso_zone(p) && p->next.kind == TOKEN_END;
}

/*
 * iso = (sign yyyyyy | yyyy) ("-" MM ("-" DD)?)? time?
 * Returns the token where the loose grammar has to go on: TOKEN_END when all
 * was ISO.
 */
static token parse_iso(parser *p)
{
    if (is_sign(p->next)) {
        const token sign = take(p);
        if (!is_number(p->next, 6, 0, 999999))
            return sign;
        const int year = take(p).value;
        if (sign.symbol == '-' && year == 0)
            return sign;
        add_day(p, sign.symbol == '-' ? -year : year);
    } else if (is_number(p->next, 4, 0, 9999)) {
        add_day(p, take(p).value);
    } else {
        return take(p);
    }
    for (int i = 0; i < 2 && skip(p, '-'); i++) {
        if (!is_number(p->next, 2, 1, i == 0 ? 12 : 31))
            return take(p);
        add_day(p, take(p).value);
    }
    if (p->next.kind == TOKEN_T) {
        if (!parse_iso_time(p))
            return invalid;
    } else if (p->next.kind != TOKEN_END) {
        return take(p);
    }
    if (!p->zone_sign && p->n_time == 0)
        set_zone(p, 0);
    p->is_iso = true;
    return p->next; /* the end */
}

/* the loose grammar -------------------------------------------------------- */

static bool loose_number(parser *p, int n)
{
    if (skip(p, ':')) {
        if (skip(p, ':')) { /* "10::30" has no minutes */
            if (p->n_time > 0)
                return false;
            add_time(p, n);
            return add_time(p, 0);
        }
        if (!add_time(p, n))
            return false;
        skip(p, '.');
        return true;
    }
    if (next_is(p, '.') && (take(p), time_expects(p, n))) {
        add_time(p, n);
        if (p->next.kind != TOKEN_NUMBER)
            return false;
        finish_time(p, fraction(take(p)));
        return true;
    }
    if (p->zone_hour != NONE && p->zone_minute == NONE && n < 60) {
        p->zone_minute = n;
        return true;
    }
    if (time_expects(p, n)) {
        finish_time(p, n);
        const token t = p->next;
        return t.kind == TOKEN_END || t.kind == TOKEN_SPACE || t.is_z ||
               is_sign(t);
    }
    if (!add_day(p, n))
        return false;
    skip(p, '-');
    return true;
}

static bool loose_offset(parser *p, char sign)
{
    token n = {.kind = TOKEN_NUMBER};
    p->zone_sign = sign == '-' ? -1 : 1;
    if (p->next.kind == TOKEN_NUMBER)
        n = take(p);
    if (next_is(p, ':')) {
        p->zone_hour = n.value;
        p->zone_minute = NONE;
    } else if (n.size == 1 || n.size == 2) {
        p->zone_hour = n.value;
        p->zone_minute = 0;
    } else if (n.size == 3 || n.size == 4) {
        p->zone_hour = n.value / 100;
        p->zone_minute = n.value % 100;
    } else {
        return false;
    }
    return true;
}

static bool loose_word(parser *p, token t, bool seen_number)
{
    if (t.kind == TOKEN_NOON && p->n_time > 0) {
        p->noon = t.value;
    } else if (t.kind == TOKEN_MONTH) {
        p->month_name = t.value;
        skip(p, '-');
    } else if (t.kind == TOKEN_ZONE && seen_number) {
        set_zone(p, t.value);
    } else {
        /* Other words have to come before the first number, and not touch it.
         */
        return !seen_number && p->next.kind != TOKEN_NUMBER;
    }
    return true;
}

static bool parse_loose(parser *p, token t)
{
    bool seen_number = p->n_day > 0;
    for (; t.kind != TOKEN_END; t = take(p)) {
        const bool is_utc = p->zone_hour == 0 && p->zone_minute == 0;
        if (t.kind == TOKEN_INVALID)
            return false;
        if (t.kind == TOKEN_NUMBER) {
            seen_number = true;
            if (!loose_number(p, t.value))
                return false;
        } else if (t.kind >= TOKEN_WORD && t.kind <= TOKEN_T) {
            if (!loose_word(p, t, seen_number))
                return false;
        } else if (is_sign(t) && (is_utc || p->n_time > 0)) {
            if (!loose_offset(p, t.symbol))
                return false;
            seen_number = true;
        } else if ((is_sign(t) ||
                    (t.kind == TOKEN_SYMBOL && t.symbol == ')')) &&
                   seen_number) {
            return false;
        }
    }
    return true;
}

/* putting together --------------------------------------------------------- */

static bool is_day(int n)
{
    return n >= 1 && n <= 31;
}

/* Finds out which of the numbers is what; false when they make no date. */
static bool day_of(parser *p, double *out)
{
    if (p->n_day == 0)
        return false;
    while (p->n_day < 3)
        add_day(p, 1);
    const int *n = p->day;
    int year = 0, month = p->month_name, day;
    if (p->month_name == NONE && (p->is_iso || !is_day(n[0]))) {
        year = n[0];
        month = n[1];
        day = n[2];
    } else if (p->month_name == NONE) {
        month = n[0];
        day = n[1];
        year = n[2];
    } else if (!is_day(n[0])) {
        year = n[0];
        day = n[1];
    } else {
        day = n[0];
        year = n[1];
    }
    if (!p->is_iso && year >= 0 && year <= 99)
        year += year < 50 ? 2000 : 1900;
    if (month < 1 || month > 12 || !is_day(day))
        return false;
    *out = ejs__make_day(year, month - 1, day);
    return true;
}

static bool time_of(parser *p, double *out)
{
    while (p->n_time < 4)
        add_time(p, 0);
    int *n = p->time;
    if (p->noon != NONE) {
        if (n[0] > 12)
            return false;
        n[0] = n[0] % 12 + p->noon;
    }
    const bool fits = n[0] < 24 && n[1] < 60 && n[2] < 60 && n[3] < 1000;
    if (!fits && !(n[0] == 24 && n[1] == 0 && n[2] == 0 && n[3] == 0))
        return false;
    *out = ejs__make_time(n[0], n[1], n[2], n[3]);
    return true;
}

static double to_utc(const parser *p, double t, const ejs__zone *zone)
{
    if (p->zone_sign == 0) {
        /* A day more than the range, so that offsets can bring it back. */
        return fabs(t) <= EJS__TIME_MAX + EJS__MS_PER_DAY
                   ? ejs__zone_to_utc(zone, t)
                   : NAN;
    }
    /* "+999999999:00" is taken modulo 2^32 seconds, like V8's. */
    const uint32_t hours = p->zone_hour == NONE ? 0 : (uint32_t)p->zone_hour;
    const uint32_t minutes =
        p->zone_minute == NONE ? 0 : (uint32_t)p->zone_minute;
    const uint32_t seconds = hours * 3600u + minutes * 60u;
    return seconds <= INT32_MAX ? t - p->zone_sign * (seconds * 1e3) : NAN;
}

double ejs__parse_date(const char *text, size_t size, const ejs__zone *zone)
{
    parser p = {.at = text,
                .end = text + size,
                .month_name = NONE,
                .noon = NONE,
                .zone_hour = NONE,
                .zone_minute = NONE};
    p.next = read_token(&p);
    double day, time;
    if (!parse_loose(&p, parse_iso(&p)) || !day_of(&p, &day) ||
        !time_of(&p, &time))
        return NAN;
    return ejs__time_clip(to_utc(&p, ejs__make_date(day, time), zone));
}
