/*
 * number.c - numbers to text and back, digit for digit as JavaScript does it.
 *
 * Shortest digits come from Giulietti's Schubfach: the interval that rounds to
 * the double is scaled by a 128-bit power of ten until it holds one or a few
 * integers, and one of those is the answer.  The scaled bounds are rounded to
 * odd, which keeps every comparison with them exact.
 *
 * Reading goes the other way with the same table: the digits times the power's
 * lower and upper bound are both rounded to doubles.  When they agree, that is
 * the answer; when not, the digits are compared with the point half way between
 * the two as big integers.
 */
#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define SIGNIFICAND_BITS 53
#define HIDDEN_BIT ((uint64_t)1 << 52)
#define EXPONENT_BIAS 1075 /* of a significand that is an integer */
#define LEAST_EXPONENT (1 - EXPONENT_BIAS)

typedef unsigned __int128 uint128;

typedef struct pow10_entry {
    uint64_t high, low;
} pow10_entry;

#define POW10_FIRST (-342)
#define POW10_LAST 324

/* 10^k rounded up to 128 bits with the top bit set; exact for 0 <= k <= 55. */
static const pow10_entry pow10_table[] = {
#include "base/pow10.inc"
};

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

/* floor(log2(10^k)), good for all k of the table. */
static int log2_of_pow10(int k)
{
    return (k * 1741647) >> 19;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = *significand * 2^result, for a finite x >= 0. */
static int split(double x, uint64_t *significand)
{
    const uint64_t bits = bits_of(x);
    const int exponent = (int)(bits >> 52);
    *significand = bits & (HIDDEN_BIT - 1);
    if (exponent == 0)
        return LEAST_EXPONENT;
    *significand |= HIDDEN_BIT;
    return exponent - EXPONENT_BIAS;
}

static size_t put(char *out, const char *text)
{
    const size_t n = strlen(text);
    memcpy(out, text, n);
    return n;
}

/* --- integers ------------------------------------------------------------- */

static int count_digits(uint64_t n)
{
    int count = 1;
    for (; n >= 10000; n /= 10000)
        count += 4;
    return count + (n >= 10) + (n >= 100) + (n >= 1000);
}

/* Writes the last `count` digits of n. */
static void put_digits(char *out, uint64_t n, int count)
{
    while (count >= 2) {
        count -= 2;
        memcpy(out + count, digit_pairs + n % 100 * 2, 2);
        n /= 100;
    }
    if (count)
        out[0] = (char)('0' + n % 10);
}

static size_t put_integer(char *out, uint64_t n)
{
    const int count = count_digits(n);
    put_digits(out, n, count);
    return (size_t)count;
}

size_t base_number_format_int(int64_t x, char out[BASE_NUMBER_SIZE])
{
    if (x >= 0)
        return put_integer(out, (uint64_t)x);
    out[0] = '-';
    return 1 + put_integer(out + 1, 0 - (uint64_t)x);
}

/* --- shortest digits ------------------------------------------------------ */

/* The top of g * n; its lowest bit also says that something was cut off. */
static uint64_t multiply_to_odd(pow10_entry g, uint64_t n)
{
    const uint128 low = (uint128)g.low * n;
    const uint128 high = (uint128)g.high * n + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The shortest n with n * 10^*exponent in the interval of m * 2^q. */
static uint64_t shortest(uint64_t m, int q, int *exponent)
{
    /* Below a power of two the doubles lie twice as close. */
    const bool closer = m == HIDDEN_BIT && q > LEAST_EXPONENT;
    const int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22;
    const int shift = q + log2_of_pow10(-k) + 1;
    const pow10_entry g = pow10_table[-k - POW10_FIRST];
    /* All in quarters, so that the ends of the interval are integers. */
    const uint64_t left = multiply_to_odd(g, (4 * m - 2 + closer) << shift);
    const uint64_t middle = multiply_to_odd(g, (4 * m) << shift);
    const uint64_t right = multiply_to_odd(g, (4 * m + 2) << shift);
    /* The ends themselves round to an even significand only. */
    const uint64_t least = left + (m & 1), most = right - (m & 1);
    const uint64_t n = middle / 4;
    const uint64_t tens = n / 10;
    if (tens > 0) {
        const bool down = least <= 40 * tens, up = 40 * tens + 40 <= most;
        if (down != up) {
            *exponent = k + 1;
            return tens + up;
        }
    }
    *exponent = k;
    const bool down = least <= 4 * n, up = 4 * n + 4 <= most;
    if (down != up)
        return n + up;
    const uint64_t half = 4 * n + 2;
    return n + (middle > half || (middle == half && (n & 1)));
}

/*
 * Most fractions in templates are prices and the like: try n / 10^k with few
 * digits first.  At most 15 digits tell doubles apart, so the first n found is
 * the only one.
 */
static bool short_decimal(double x, uint64_t *n, int *exponent)
{
    static const double power[] = {1, 10, 100, 1000};
    if (!(x < 1e12) || x < 1e-3)
        return false;
    for (int k = 1; k <= 3; k++) {
        const uint64_t candidate = (uint64_t)(x * power[k] + 0.5);
        if ((double)candidate / power[k] == x) {
            *n = candidate;
            *exponent = -k;
            return true;
        }
    }
    return false;
}

/* Writes the shortest digits of a finite x > 0, see base_number_shortest. */
static int shortest_digits(double x, char digits[20], int *point)
{
    uint64_t n;
    int exponent = 0;
    if (!short_decimal(x, &n, &exponent)) {
        uint64_t m;
        const int q = split(x, &m);
        n = shortest(m, q, &exponent);
    }
    int count = count_digits(n);
    put_digits(digits, n, count);
    *point = count + exponent;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

int base_number_shortest(double x, char digits[17], int *point)
{
    char room[20];
    const int count = shortest_digits(x, room, point);
    memcpy(digits, room, (size_t)count);
    return count;
}

/* --- notation ------------------------------------------------------------- */

/* Digits that stand before, around and after the point, without exponent. */
static size_t put_plain(char *out, const char *digits, int count, int point)
{
    char *at = out;
    if (point <= 0) {
        at += put(at, "0.");
        memset(at, '0', (size_t)-point);
        at += -point;
        point = 0;
    } else {
        const int before = count < point ? count : point;
        memcpy(at, digits, (size_t)before);
        memset(at + before, '0', (size_t)(point - before));
        at += point;
        if (count <= point)
            return (size_t)(at - out);
        *at++ = '.';
    }
    memcpy(at, digits + point, (size_t)(count - point));
    return (size_t)(at - out) + (size_t)(count - point);
}

/* n / 10^places, of which the last digit is not 0. */
static size_t put_decimal(char *out, uint64_t n, int places)
{
    static const uint32_t power[] = {1, 10, 100, 1000};
    const uint64_t whole = n / power[places];
    uint32_t rest = (uint32_t)(n - whole * power[places]);
    const size_t before = put_integer(out, whole);
    out[before] = '.';
    for (int i = places; i > 0; i--, rest /= 10)
        out[before + (size_t)i] = (char)('0' + rest % 10);
    return before + 1 + (size_t)places;
}

/* d.ddde+x */
static size_t put_scientific(char *out, const char *digits, int count,
                             int point)
{
    char *at = out;
    *at++ = digits[0];
    if (count > 1) {
        *at++ = '.';
        memcpy(at, digits + 1, (size_t)count - 1);
        at += count - 1;
    }
    const int exponent = point - 1;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    at += put_integer(at, (uint64_t)(exponent < 0 ? -exponent : exponent));
    return (size_t)(at - out);
}

/* NaN, the infinities and zero; 0 when x is none of them. */
static size_t put_special(double x, char *out)
{
    if (isnan(x))
        return put(out, "NaN");
    if (isinf(x))
        return put(out, x < 0 ? "-Infinity" : "Infinity");
    return x == 0 ? put(out, "0") : 0;
}

size_t base_number_format(double x, char out[BASE_NUMBER_SIZE])
{
    if (fabs(x) < 9007199254740992.0 && (double)(int64_t)x == x)
        return base_number_format_int((int64_t)x, out);
    const size_t special = put_special(x, out);
    if (special)
        return special;
    const size_t sign = x < 0;
    uint64_t n;
    int exponent;
    if (sign)
        *out++ = '-';
    if (short_decimal(fabs(x), &n, &exponent))
        return sign + put_decimal(out, n, -exponent);
    char digits[20];
    int point;
    const int count = shortest_digits(fabs(x), digits, &point);
    if (point > -6 && point <= 21)
        return sign + put_plain(out, digits, count, point);
    return sign + put_scientific(out, digits, count, point);
}

/* --- exact digits --------------------------------------------------------- */

/* The longest are compared in reading: 800 digits and 10^-1142. */
#define BIG_LIMBS 160

/* A natural number, least limb first; limb[size - 1] is not 0. */
typedef struct big {
    int size;
    uint32_t limb[BIG_LIMBS];
} big;

static void big_multiply_add(big *n, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (int i = 0; i < n->size; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        n->limb[n->size++] = (uint32_t)carry;
}

/* Divides by 10^9 and returns the rest. */
static uint32_t big_take_digits(big *n)
{
    uint64_t rest = 0;
    for (int i = n->size; i-- > 0;) {
        rest = rest << 32 | n->limb[i];
        n->limb[i] = (uint32_t)(rest / 1000000000);
        rest %= 1000000000;
    }
    while (n->size > 0 && n->limb[n->size - 1] == 0)
        n->size--;
    return (uint32_t)rest;
}

static void big_shift_left(big *n, int bits)
{
    const int limbs = bits / 32;
    if (n->size == 0)
        return;
    memmove(n->limb + limbs, n->limb, (size_t)n->size * sizeof n->limb[0]);
    memset(n->limb, 0, (size_t)limbs * sizeof n->limb[0]);
    n->size += limbs;
    big_multiply_add(n, (uint32_t)1 << bits % 32, 0);
}

static big big_of(uint64_t value)
{
    big n = {.size = 0};
    for (; value; value >>= 32)
        n.limb[n.size++] = (uint32_t)value;
    return n;
}

/* Room for the digits of 2^1024 or for 100 after 9 more and a point. */
#define EXACT_SIZE 448

/* How far exact digits are wanted: whichever limit is met first. */
typedef struct exact_limit {
    int significant; /* counted from the first that is not 0 */
    int fraction;    /* counted from the point */
} exact_limit;

/* The integer m * 2^q, all digits of it. */
static int integer_digits(uint64_t m, int q, char *digits)
{
    big n = big_of(m);
    big_shift_left(&n, q);
    char reversed[EXACT_SIZE];
    int at = EXACT_SIZE;
    while (n.size > 0) {
        at -= 9;
        put_digits(reversed + at, big_take_digits(&n), 9);
    }
    while (at < EXACT_SIZE && reversed[at] == '0')
        at++;
    memcpy(digits, reversed + at, (size_t)(EXACT_SIZE - at));
    return EXACT_SIZE - at;
}

/*
 * Appends digits of the fraction m * 2^-bits < 1 to `count` ones, up to the
 * limits and as many as 8 further; drops zeros in front, moving *point.
 */
static int fraction_digits(uint64_t m, int bits, exact_limit limit,
                           char *digits, int count, int *point)
{
    big n = big_of(m);
    big_shift_left(&n, (32 - bits % 32) % 32);
    const int limbs = (bits + 31) / 32;
    int written = 0;
    while (n.size > 0 && written < limit.fraction &&
           count < limit.significant) {
        big_multiply_add(&n, 1000000000, 0);
        uint32_t chunk = 0;
        if (n.size > limbs)
            chunk = n.limb[--n.size];
        while (n.size > 0 && n.limb[n.size - 1] == 0)
            n.size--;
        put_digits(digits + count, chunk, 9);
        written += 9;
        int zeros = 0;
        while (count == 0 && zeros < 9 && digits[zeros] == '0')
            zeros++;
        *point -= zeros;
        memmove(digits + count, digits + count + zeros, (size_t)(9 - zeros));
        count += 9 - zeros;
    }
    return count;
}

/* Digits of a finite x > 0 as in base_number_shortest, but of its exact value.
 * Digits that are not written and lie within the limit are 0. */
static int exact_digits(double x, exact_limit limit, char digits[EXACT_SIZE],
                        int *point)
{
    uint64_t m;
    const int q = split(x, &m);
    if (q >= 0) {
        *point = integer_digits(m, q, digits);
        return *point;
    }
    const uint64_t whole = q > -64 ? m >> -q : 0;
    const uint64_t rest = q > -64 ? m & (((uint64_t)1 << -q) - 1) : m;
    const int count = whole ? (int)put_integer(digits, whole) : 0;
    *point = count;
    return fraction_digits(rest, -q, limit, digits, count, point);
}

/*
 * Rounds to `wanted` digits, half upwards: of the exact value the next digit
 * alone decides.  Pads with zeros.  True when it carried into a new digit: then
 * the digits are 1000..., `wanted` + 1 of them, and the point moves right.
 */
static bool round_digits(char *digits, int count, int wanted)
{
    const bool up = wanted < count && digits[wanted] >= '5';
    if (wanted > count)
        memset(digits + count, '0', (size_t)(wanted - count));
    if (!up)
        return false;
    int i = wanted;
    while (i > 0 && digits[i - 1] == '9')
        digits[--i] = '0';
    if (i > 0) {
        digits[i - 1]++;
        return false;
    }
    digits[0] = '1';
    memset(digits + 1, '0', (size_t)wanted);
    return true;
}

/*
 * toFixed when the scaled number fits into 128 bits: prices take this way.
 * Returns the number rounded half up to an integer, or UINT64_MAX.
 */
static uint64_t fixed_integer(double x, int digits)
{
    static const uint64_t power[] = {1,      10,      100,      1000,     10000,
                                     100000, 1000000, 10000000, 100000000};
    uint64_t m;
    const int q = split(x, &m);
    if (digits > 8 || q >= 0 || q < -126 || x >= 1e9)
        return UINT64_MAX;
    const uint128 scaled = (uint128)m * power[digits];
    return (uint64_t)((scaled + ((uint128)1 << (-q - 1))) >> -q);
}

size_t base_number_fixed(double x, int digits,
                         char out[BASE_NUMBER_DIGITS_SIZE])
{
    if (!(fabs(x) < 1e21))
        return base_number_format(x, out);
    const size_t sign = x < 0;
    if (sign)
        *out++ = '-';
    x = fabs(x);
    char room[EXACT_SIZE];
    int point = 0, count = 0;
    const uint64_t n = fixed_integer(x, digits);
    if (n != UINT64_MAX) {
        count = (int)put_integer(room, n);
        point = n ? count - digits : 0;
        count = n ? count : 0;
    } else if (x > 0) {
        const exact_limit limit = {EXACT_SIZE, digits + 1};
        count = exact_digits(x, limit, room, &point);
        /* Digits that end before the point's last one round to 0 or to 1. */
        const int wanted = point + digits;
        if (wanted < 0)
            count = 0;
        else
            point += round_digits(room, count, wanted);
        if (count)
            count = point + digits;
    }
    if (count == 0)
        point = 0;
    if (count < point + digits) {
        memset(room + count, '0', (size_t)(point + digits - count));
        count = point + digits;
    }
    if (count == 0)
        return sign + put(out, "0");
    return sign + put_plain(out, room, count, point);
}

/* The first `wanted` digits of x; *point as in base_number_shortest. */
static void rounded_digits(double x, int wanted, char room[EXACT_SIZE],
                           int *point)
{
    *point = 1;
    int count = 0;
    if (x > 0) {
        const exact_limit limit = {wanted + 1, 1100};
        count = exact_digits(x, limit, room, point);
    }
    *point += round_digits(room, count, wanted);
}

size_t base_number_precision(double x, int digits,
                             char out[BASE_NUMBER_DIGITS_SIZE])
{
    if (!isfinite(x))
        return put_special(x, out);
    const size_t sign = x < 0;
    if (sign)
        *out++ = '-';
    char room[EXACT_SIZE];
    int point;
    rounded_digits(fabs(x), digits, room, &point);
    if (point > -6 && point <= digits)
        return sign + put_plain(out, room, digits, point);
    return sign + put_scientific(out, room, digits, point);
}

size_t base_number_exponential(double x, int digits,
                               char out[BASE_NUMBER_DIGITS_SIZE])
{
    if (!isfinite(x))
        return put_special(x, out);
    const size_t sign = x < 0;
    if (sign)
        *out++ = '-';
    x = fabs(x);
    char room[EXACT_SIZE];
    int point, count = digits + 1;
    if (digits < 0 && x > 0)
        count = shortest_digits(x, room, &point);
    else
        rounded_digits(x, count = count ? count : 1, room, &point);
    return sign + put_scientific(out, room, count, point);
}

/* --- other radixes -------------------------------------------------------- */

static const char digit_names[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static int digit_value(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Adds one to the last of `count` digits; false: it carried out of them, and
 * none is left. */
static bool increment(char *digits, int *count, int radix)
{
    while (*count > 0) {
        const int digit = digit_value(digits[*count - 1]) + 1;
        if (digit < radix) {
            digits[*count - 1] = digit_names[digit];
            return true;
        }
        --*count;
    }
    return false;
}

/*
 * Digits of 0 <= fraction < 1 until what is left is below half the distance to
 * the next double; *carry when they round up to 1.
 */
static int radix_fraction(double fraction, double delta, int radix,
                          char *digits, bool *carry)
{
    int count = 0;
    *carry = false;
    while (fraction >= delta) {
        fraction *= radix;
        delta *= radix;
        const int digit = (int)fraction;
        digits[count++] = digit_names[digit];
        fraction -= digit;
        const bool up = fraction > 0.5 || (fraction == 0.5 && (digit & 1));
        if (up && fraction + delta > 1) {
            *carry = !increment(digits, &count, radix);
            break;
        }
    }
    return count;
}

/* Digits of an integer, written so that they end at `end`; where they begin.
 * Low ones are 0 while those above them already need more than 53 bits. */
static char *radix_integer(double integer, int radix, char *end)
{
    while (integer / radix >= 9007199254740992.0) {
        integer /= radix;
        *--end = '0';
    }
    do {
        const double rest = fmod(integer, radix);
        *--end = digit_names[(int)rest];
        integer = (integer - rest) / radix;
    } while (integer > 0);
    return end;
}

size_t base_number_radix(double x, int radix, char out[BASE_NUMBER_RADIX_SIZE])
{
    if (radix == 10 || !isfinite(x) || x == 0)
        return base_number_format(x, out);
    char *at = out;
    if (x < 0)
        *at++ = '-';
    x = fabs(x);
    const double above = double_of(bits_of(x) + 1);
    const double delta = fmax(0.5 * (above - x), double_of(1));
    double integer = floor(x);
    char fraction[1100], room[1100];
    bool carry;
    const int count =
        radix_fraction(x - integer, delta, radix, fraction, &carry);
    integer += carry;
    char *end = room + sizeof room;
    const char *begin = radix_integer(integer, radix, end);
    memcpy(at, begin, (size_t)(end - begin));
    at += end - begin;
    if (count) {
        *at++ = '.';
        memcpy(at, fraction, (size_t)count);
        at += count;
    }
    return (size_t)(at - out);
}

/* --- reading -------------------------------------------------------------- */

/* A decimal number as it stands in the text. */
typedef struct decimal {
    const char *digits; /* the first that is not 0; a '.' may come between */
    const char *end;    /* after the last digit */
    uint64_t leading;   /* the first 19 digits as an integer */
    int64_t exponent;   /* of the last digit in `leading` */
    bool cut;           /* there are further digits, not all 0 */
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads the digits and the point; NULL when there is no digit. */
static const char *scan_digits(const char *at, const char *end, decimal *d)
{
    int count = 0; /* of the digits in `leading` */
    bool point = false, any = false;
    for (; at < end; at++) {
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*at))
            break;
        any = true;
        if (count == 0 && *at != '0')
            d->digits = at;
        if (count < 19) {
            d->leading = d->leading * 10 + (uint64_t)(*at - '0');
            count += d->leading != 0;
            d->exponent -= point;
        } else {
            d->cut |= *at != '0';
            d->exponent += !point;
        }
    }
    d->end = at;
    return any ? at : NULL;
}

/* Reads an exponent, or nothing when its digits are missing. */
static const char *scan_exponent(const char *at, const char *end, decimal *d)
{
    const char *start = at;
    if (at == end || (*at != 'e' && *at != 'E'))
        return start;
    at++;
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || !is_digit(*at))
        return start;
    int64_t exponent = 0;
    for (; at < end && is_digit(*at); at++)
        if (exponent < (int64_t)1 << 56)
            exponent = exponent * 10 + (*at - '0');
    d->exponent += negative ? -exponent : exponent;
    return at;
}

/* Rounds (high * 2^64 + low and, if `more`, a bit) * 2^exponent, ties to even.
 * The top bit of `high` is set. */
static double round_to_double(uint64_t high, uint64_t low, bool more,
                              int exponent)
{
    int q = exponent + 64 + 11; /* of the 53 highest bits */
    if (q > 971)
        return INFINITY;
    int drop = 11;
    if (q < LEAST_EXPONENT) {
        drop += LEAST_EXPONENT - q;
        q = LEAST_EXPONENT;
    }
    if (drop > 64)
        return 0;
    const uint64_t kept = drop == 64 ? 0 : high >> drop;
    const uint64_t rest = drop == 64 ? high : high << (64 - drop);
    const uint64_t half = (uint64_t)1 << 63;
    const bool beyond = rest > half || (rest == half && (low || more));
    const bool up = beyond || (rest == half && (kept & 1));
    const uint64_t m = kept + up;
    /* Adding the significand with its hidden bit lets a carry move up. */
    return double_of(((uint64_t)(q - LEAST_EXPONENT) << 52) + m);
}

/* n * g * 2^exponent as a double, for a g with its top bit set. */
static double scale(uint64_t n, uint128 g, int exponent)
{
    const int zeros = __builtin_clzll(n);
    n <<= zeros;
    const uint128 low = (uint128)n * (uint64_t)g;
    uint128 high = (uint128)n * (uint64_t)(g >> 64) + (uint64_t)(low >> 64);
    uint64_t last = (uint64_t)low;
    exponent += 64 - zeros;
    if (!(high >> 127)) {
        high = high << 1 | last >> 63;
        last <<= 1;
        exponent--;
    }
    return round_to_double((uint64_t)(high >> 64), (uint64_t)high, last != 0,
                           exponent);
}

/* Of digits beyond these it only matters whether they are all 0. */
#define MOST_DIGITS 800

/* The number's digits as an integer; *exponent is that of the last one. */
static big read_digits(const decimal *d, int64_t *exponent)
{
    big n = {.size = 0};
    int count = 0;
    bool more = false;
    for (const char *at = d->digits; at < d->end && !more; at++) {
        if (*at == '.')
            continue;
        if (count == MOST_DIGITS) {
            more = *at != '0';
            continue;
        }
        big_multiply_add(&n, 10, (uint32_t)(*at - '0'));
        count++;
        *exponent -= count > 19;
    }
    if (more) {
        big_multiply_add(&n, 10, 1);
        --*exponent;
    }
    return n;
}

static void big_multiply_pow10(big *n, int64_t power)
{
    for (; power >= 9; power -= 9)
        big_multiply_add(n, 1000000000, 0);
    for (; power > 0; power--)
        big_multiply_add(n, 10, 0);
}

static int big_compare(const big *a, const big *b)
{
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    for (int i = a->size; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* Of two neighbours the one that is nearest to the number. */
static double nearest(const decimal *d, double below, double above)
{
    uint64_t m;
    const int q = split(below, &m) - 1; /* half way is (2m + 1) * 2^q */
    int64_t exponent = d->exponent;
    big number = read_digits(d, &exponent);
    big half = big_of(2 * m + 1);
    big_multiply_pow10(exponent > 0 ? &number : &half,
                       exponent > 0 ? exponent : -exponent);
    big_shift_left(q > 0 ? &half : &number, q > 0 ? q : -q);
    const int order = big_compare(&number, &half);
    if (order == 0)
        return m & 1 ? above : below;
    return order < 0 ? below : above;
}

bool base_number_from_digits(uint64_t digits, int exponent, double *x)
{
    static const double exact[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (digits > (uint64_t)1 << SIGNIFICAND_BITS || exponent < -22 ||
        exponent > 22)
        return false;
    *x = exponent < 0 ? (double)digits / exact[-exponent]
                      : (double)digits * exact[exponent];
    return true;
}

static double convert(const decimal *d)
{
    const uint64_t n = d->leading;
    if (n == 0 || d->exponent < POW10_FIRST)
        return 0;
    if (d->exponent > 308)
        return INFINITY;
    const int k = (int)d->exponent;
    double x;
    if (!d->cut && base_number_from_digits(n, k, &x))
        return x;
    const pow10_entry entry = pow10_table[k - POW10_FIRST];
    const uint128 g = (uint128)entry.high << 64 | entry.low;
    const bool is_exact = k >= 0 && k <= 55;
    const int exponent = log2_of_pow10(k) - 127;
    const double above = scale(n + d->cut, g, exponent);
    /* g - 1 keeps its top bit: only exact powers are 2^127. */
    const double below = scale(n, g - !is_exact, exponent);
    return below == above ? above : nearest(d, below, above);
}

double base_number_parse(const char *text, size_t size, size_t *used)
{
    const char *at = text, *end = text + size;
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    decimal d = {0};
    at = scan_digits(at, end, &d);
    *used = 0;
    if (!at)
        return 0;
    at = scan_exponent(at, end, &d);
    *used = (size_t)(at - text);
    const double x = convert(&d);
    return negative ? -x : x;
}

/* Digits of a radix that is a power of two, 2^bits. */
static double parse_bits(const char *digits, size_t size, int bits)
{
    uint64_t high = 0; /* the first digits, at most 64 bits of them */
    bool more = false;
    int exponent = 0;
    for (size_t i = 0; i < size; i++) {
        const uint64_t digit = (uint64_t)digit_value(digits[i]);
        if (high >> (64 - bits)) {
            more |= digit != 0;
            exponent += exponent < 5000 ? bits : 0;
        } else {
            high = high << bits | digit;
        }
    }
    if (high == 0)
        return 0;
    const int zeros = __builtin_clzll(high);
    return round_to_double(high << zeros, 0, more, exponent - zeros - 64);
}

double base_number_parse_radix(const char *digits, size_t size, int radix)
{
    size_t used;
    if (radix == 10)
        return base_number_parse(digits, size, &used);
    if ((radix & (radix - 1)) == 0)
        return parse_bits(digits, size, __builtin_ctz((unsigned)radix));
    /* V8 skips zeros, then takes digits while radix^n is within 2^32 / 36. */
    size_t i = 0;
    while (i < size && digits[i] == '0')
        i++;
    double value = 0;
    while (i < size) {
        uint32_t part = 0, factor = 1;
        while (i < size && factor * (uint32_t)radix <= UINT32_MAX / 36) {
            part = part * (uint32_t)radix + (uint32_t)digit_value(digits[i++]);
            factor *= (uint32_t)radix;
        }
        value = value * factor + part;
    }
    return value;
}

int32_t base_number_to_int32(double x)
{
    if (fabs(x) < 2147483648.0)
        return (int32_t)x;
    if (!isfinite(x))
        return 0;
    double rest = fmod(trunc(x), 4294967296.0);
    if (rest < 0)
        rest += 4294967296.0;
    return (int32_t)(uint32_t)rest;
}
