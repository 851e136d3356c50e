/*
 * regexps.c - answers regexps.mjs: one line FLAGS TAB PATTERN TAB SUBJECT (the
 * latter two in hexadecimal WTF-8, preceded by a letter each) gives the
 * captures' positions, "null" or "E" and what is wrong with the pattern.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/regexp.h"
#include "base/utf8.h"

static int digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* In place; returns how many bytes there are. */
static size_t unhex(char *text)
{
    size_t n = 0;
    for (const char *p = text; p[0] && p[1]; p += 2)
        text[n++] = (char)(digit(p[0]) * 16 + digit(p[1]));
    return n;
}

static void print_captures(const int32_t *captures, uint32_t groups)
{
    for (uint32_t i = 0; i < groups * 2; i++)
        printf("%s%d", i ? "," : "", captures[i]);
    putchar('\n');
}

static void match(const base_regexp *re, const char *text, size_t size,
                  bool sticky)
{
    const uint32_t groups = base_regexp_groups(re);
    int32_t *captures = calloc(groups * 2, sizeof *captures);
    uint16_t *units = calloc(size + 1, sizeof *units);
    int64_t steps = 2000000;
    base_regexp_subject subject = {.ascii = text, .length = size};
    if (!captures || !units)
        exit(2);
    if (!base_utf8_is_ascii(text, size))
        subject = (base_regexp_subject){
            NULL, units, base_utf16_from_utf8(text, size, units)};
    const base_regexp_result result =
        base_regexp_match(re, &subject, 0, sticky, captures, &steps);
    if (result == BASE_REGEXP_FOUND)
        print_captures(captures, groups);
    else
        puts(result == BASE_REGEXP_NONE ? "null" : "limit");
    free(captures);
    free(units);
}

static void answer(char *line)
{
    char *rest = line;
    const char *flags_text = strsep(&rest, "\t") + 1;
    char *pattern = strsep(&rest, "\t") + 1, *text = rest + 1;
    const char *reason;
    const int flags = base_regexp_flags(flags_text, strlen(flags_text));
    const size_t size = unhex(pattern), text_size = unhex(text);
    base_regexp *re = base_regexp_new(pattern, size, (unsigned)flags, &reason);
    const char *checked = base_regexp_check(pattern, size, (unsigned)flags);
    if (checked != reason)
        exit(2);
    if (re)
        match(re, text, text_size, flags & BASE_REGEXP_STICKY);
    else
        printf("E %s\n", reason);
    base_regexp_free(re);
}

int main(void)
{
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        answer(line);
    }
    return 0;
}
