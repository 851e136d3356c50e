/* numbers.c - answers numbers.mjs with what engine/base/number.c makes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Writes the answer to one question. */
static void answer(char op, double x, const char *argument)
{
    static char out[BASE_NUMBER_RADIX_SIZE];
    const int n = atoi(argument);
    size_t size = 0;
    switch (op) {
    case 's':
        size = base_number_format(x, out);
        break;
    case 'f':
        size = base_number_fixed(x, n, out);
        break;
    case 'p':
        size = base_number_precision(x, n, out);
        break;
    case 'e':
        size = base_number_exponential(x, n, out);
        break;
    case 'r':
        size = base_number_radix(x, n, out);
        break;
    case 'i':
        size = base_number_format_int(base_number_to_int32(x), out);
        break;
    case 'n':
        x = base_number_parse(argument, strlen(argument), &size);
        if (size != strlen(argument))
            x = -1;
        size = (size_t)sprintf(out, "%" PRIx64, bits_of(x));
        break;
    case 'd':
        x = base_number_parse_radix(argument, strlen(argument), (int)x);
        size = (size_t)sprintf(out, "%" PRIx64, bits_of(x));
        break;
    }
    fwrite(out, 1, size, stdout);
    putchar('\n');
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stdin)) > 0) {
        line[length - 1] = '\0';
        char *end;
        const uint64_t bits = strtoull(line + 2, &end, 16);
        double x;
        memcpy(&x, &bits, sizeof x);
        answer(line[0], x, end + 1);
    }
    free(line);
    return 0;
}
