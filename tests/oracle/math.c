/* math.c - answers math.mjs: NAME X Y in, the value out, numbers as bits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ejs/runtime/exact_math.h"

static double number(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double value(char name, double x, double y)
{
    switch (name) {
    case 'p':
        return ejs__pow(x, y);
    case 'e':
        return ejs__exp(x);
    case 'l':
        return ejs__log(x);
    default:
        return ejs__cbrt(x);
    }
}

int main(void)
{
    char name;
    uint64_t x, y;
    while (scanf(" %c %" SCNx64 " %" SCNx64, &name, &x, &y) == 3) {
        const double result = value(name, number(x), number(y));
        uint64_t bits;
        memcpy(&bits, &result, sizeof bits);
        printf("%016" PRIx64 "\n", isnan(result) ? 0 : bits);
    }
    return 0;
}
