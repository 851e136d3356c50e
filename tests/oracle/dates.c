/* dates.c - answers dates.mjs with what the runtime's date files make. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ejs/runtime/date.h"

/* P TEXT: the time value it parses to. */
static void answer_parse(const char *text, const ejs__zone *zone)
{
    const double t = ejs__parse_date(text, strlen(text), zone);
    if (isnan(t))
        puts("NaN");
    else
        printf("%.0f\n", t);
}

/* F TIME: the texts of a time value, and the way from local time back. */
static void answer_format(double t, const ejs__zone *zone)
{
    char text[EJS__DATE_TEXT_SIZE];
    for (int style = EJS__DATE_AND_TIME; style <= EJS__DATE_ISO; style++) {
        size_t size =
            ejs__date_format(t, (ejs__date_style)style, zone, text);
        const char *name = style <= EJS__TIME_ONLY ? memchr(text, '(', size)
                                                   : NULL;
        if (name) /* zones' names differ with the versions of CLDR */
            size = (size_t)(name - text);
        printf("%.*s|", (int)size, text);
    }
    ejs__civil c;
    ejs__civil_split(t, &c);
    const double local = ejs__make_date(
        ejs__make_day(c.year, c.month, c.day),
        ejs__make_time(c.hour, c.minute, c.second, c.ms));
    printf("%d|%.0f\n", c.weekday, ejs__zone_to_utc(zone, local));
}

int main(int argc, char **argv)
{
    const ejs__zone *zone =
        argc > 1 ? ejs__zone_get(argv[1], strlen(argv[1])) : NULL;
    if (!zone) {
        fprintf(stderr, "usage: %s ZONE, questions on standard input\n", *argv);
        return 2;
    }
    static char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == 'P')
            answer_parse(line + 1, zone);
        else
            answer_format(strtod(line + 1, NULL), zone);
    }
    return 0;
}
