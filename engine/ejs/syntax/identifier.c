/*
 * identifier.c - which characters names may have: Unicode 17, as in Node 20.
 *
 * The ICU we are built with may be older, so what Unicode 15.1, 16 and 17 added
 * to it is listed here.
 */
#include <unicode/uchar.h>

#include "ejs/syntax/lex.h"

typedef struct range {
    uint32_t first, last;
} range;

/* clang-format off */
static const range new_starts[] = { /* ID_Start since Unicode 15.0 */
    {0x88F, 0x88F}, {0xC5C, 0xC5C}, {0xCDC, 0xCDC}, {0x1C89, 0x1C8A},
    {0xA7CB, 0xA7CF}, {0xA7D2, 0xA7D2}, {0xA7D4, 0xA7D4}, {0xA7DA, 0xA7DC},
    {0xA7F1, 0xA7F1}, {0x105C0, 0x105F3}, {0x10940, 0x10959},
    {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC7},
    {0x11380, 0x11389}, {0x1138B, 0x1138B}, {0x1138E, 0x1138E},
    {0x11390, 0x113B5}, {0x113B7, 0x113B7}, {0x113D1, 0x113D1},
    {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x11DB0, 0x11DDB},
    {0x13460, 0x143FA}, {0x16100, 0x1611D}, {0x16D40, 0x16D6C},
    {0x16EA0, 0x16EB8}, {0x16EBB, 0x16ED3}, {0x16FF2, 0x16FF6},
    {0x187F8, 0x187FF}, {0x18CFF, 0x18CFF}, {0x18D09, 0x18D1E},
    {0x18D80, 0x18DF2}, {0x1E5D0, 0x1E5ED}, {0x1E5F0, 0x1E5F0},
    {0x1E6C0, 0x1E6DE}, {0x1E6E0, 0x1E6E2}, {0x1E6E4, 0x1E6E5},
    {0x1E6E7, 0x1E6ED}, {0x1E6F0, 0x1E6F4}, {0x1E6FE, 0x1E6FF},
    {0x2B73A, 0x2B73F}, {0x2CEA2, 0x2CEAD}, {0x2EBF0, 0x2EE5D},
    {0x323B0, 0x33479},
};

static const range new_parts[] = { /* ID_Continue, not ID_Start */
    {0x897, 0x897}, {0x1ACF, 0x1ADD}, {0x1AE0, 0x1AEB}, {0x30FB, 0x30FB},
    {0xFF65, 0xFF65}, {0x10D40, 0x10D49}, {0x10D69, 0x10D6D},
    {0x10EFA, 0x10EFC}, {0x113B8, 0x113C0}, {0x113C2, 0x113C2},
    {0x113C5, 0x113C5}, {0x113C7, 0x113CA}, {0x113CC, 0x113D0},
    {0x113D2, 0x113D2}, {0x113E1, 0x113E2}, {0x116D0, 0x116E3},
    {0x11B60, 0x11B67}, {0x11BF0, 0x11BF9}, {0x11DE0, 0x11DE9},
    {0x11F5A, 0x11F5A}, {0x1611E, 0x16139}, {0x16D70, 0x16D79},
    {0x1CCF0, 0x1CCF9}, {0x1E5EE, 0x1E5EF}, {0x1E5F1, 0x1E5FA},
    {0x1E6E3, 0x1E6E3}, {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF},
    {0x1E6F5, 0x1E6F5},
};
/* clang-format on */

static bool is_in(const range *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code >= ranges[low].first;
}

bool ejs__is_name_start(uint32_t code)
{
    if (code < 128)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
               code == '_' || code == '$';
    return u_hasBinaryProperty((UChar32)code, UCHAR_ID_START) ||
           is_in(new_starts, sizeof new_starts / sizeof *new_starts, code);
}

bool ejs__is_name_part(uint32_t code)
{
    if (code < 128)
        return ejs__is_name_start(code) || (code >= '0' && code <= '9');
    return code == 0x200C || code == 0x200D || ejs__is_name_start(code) ||
           u_hasBinaryProperty((UChar32)code, UCHAR_ID_CONTINUE) ||
           is_in(new_parts, sizeof new_parts / sizeof *new_parts, code);
}
