/*
 * exp, log, pow and cbrt after the algorithms of Sun's fdlibm: argument reduction to
 * a small interval, and there a polynomial with the published coefficients.
 */
#include "ejs/runtime/exact_math.h"

#include <stdint.h>
#include <string.h>

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static int32_t high_word(double x)
{
    return (int32_t)(bits_of(x) >> 32);
}

static uint32_t low_word(double x)
{
    return (uint32_t)bits_of(x);
}

/* x with the lower half of its bits cleared. */
static double high_part(double x)
{
    return from_bits(bits_of(x) & UINT64_C(0xFFFFFFFF00000000));
}

static double add_to_high_word(double x, int32_t n)
{
    return from_bits(bits_of(x) + ((uint64_t)(uint32_t)n << 32));
}

static const double ln2_high = 6.93147180369123816490e-01;
static const double ln2_low = 1.90821492927058770002e-10;

/* exp ---------------------------------------------------------------------- */

/* R(r) = r (exp(r) + 1) / (exp(r) - 1) = 2 + P1 r^2 + P2 r^4 + ... */
static const double P1 = 1.66666666666666019037e-01;
static const double P2 = -2.77777777770155933842e-03;
static const double P3 = 6.61375632143793436117e-05;
static const double P4 = -1.65339022054652515390e-06;
static const double P5 = 4.13813679705723846039e-08;

static double exp_polynomial(double t)
{
    return t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
}

double ejs__exp(double x)
{
    const uint32_t size = (uint32_t)high_word(x) & 0x7FFFFFFF;
    const int negative = high_word(x) < 0;
    double high = 0, low = 0;
    int32_t k = 0;
    if (size >= 0x7FF00000)
        return isnan(x) ? x : negative ? 0 : x;
    if (x > 7.09782712893383973096e+02)
        return INFINITY;
    if (x < -7.45133219101941108420e+02)
        return 0;
    if (size > 0x3FD62E42) { /* above 0.5 ln 2: reduce */
        if (size < 0x3FF0A2B2) { /* below 1.5 ln 2 */
            if (x == 1.0)
                return 2.718281828459045;
            k = negative ? -1 : 1;
            high = x - (negative ? -ln2_high : ln2_high);
            low = negative ? -ln2_low : ln2_low;
        } else {
            k = (int32_t)(1.44269504088896338700 * x + (negative ? -0.5 : 0.5));
            high = x - k * ln2_high;
            low = k * ln2_low;
        }
        x = high - low;
    } else if (size < 0x3E300000) { /* below 2^-28 */
        return 1 + x;
    }
    const double t = x * x;
    const double c = x - exp_polynomial(t);
    if (k == 0)
        return 1 - ((x * c) / (c - 2.0) - x);
    const double y = 1 - ((low - (x * c) / (2.0 - c)) - high);
    if (k == 1024)
        return y * 2.0 * 0x1p1023;
    if (k >= -1021)
        return y * from_bits((uint64_t)(uint32_t)(0x3FF00000 + k * 0x100000)
                             << 32);
    return y *
           from_bits((uint64_t)(uint32_t)(0x3FF00000 + (k + 1000) * 0x100000)
                     << 32) *
           0x1p-1000;
}

/* log ---------------------------------------------------------------------- */

/* log((1 + s) / (1 - s)) = 2 s + s R(s^2), R = Lg1 z + Lg2 z^2 + ... */
static const double Lg1 = 6.666666666666735130e-01;
static const double Lg2 = 3.999999999940941908e-01;
static const double Lg3 = 2.857142874366239149e-01;
static const double Lg4 = 2.222219843214978396e-01;
static const double Lg5 = 1.818357216161805012e-01;
static const double Lg6 = 1.531383769920937332e-01;
static const double Lg7 = 1.479819860511658591e-01;

/* log(1 + f) + k ln 2 for |f| < 2^-20 */
static double log_near_one(double f, int32_t k)
{
    if (f == 0)
        return k ? k * ln2_high + k * ln2_low : 0;
    const double r = f * f * (0.5 - 0.33333333333333333 * f);
    if (k == 0)
        return f - r;
    return k * ln2_high - ((r - k * ln2_low) - f);
}

double ejs__log(double x)
{
    int32_t high = high_word(x), k = 0;
    if (x == 0)
        return -INFINITY;
    if (isnan(x) || x < 0)
        return NAN;
    if (isinf(x))
        return x;
    if (high < 0x00100000) { /* subnormal */
        k -= 54;
        x *= 0x1p54;
        high = high_word(x);
    }
    k += (high >> 20) - 1023;
    high &= 0x000FFFFF;
    const int32_t up = (high + 0x95F64) & 0x100000;
    x = from_bits((uint64_t)(uint32_t)(high | (up ^ 0x3FF00000)) << 32 |
                  low_word(x));
    k += up >> 20;
    const double f = x - 1.0;
    if ((0x000FFFFF & (2 + high)) < 3)
        return log_near_one(f, k);
    const double s = f / (2.0 + f);
    const double z = s * s, w = z * z;
    const double t1 = w * (Lg2 + w * (Lg4 + w * Lg6));
    const double t2 = z * (Lg1 + w * (Lg3 + w * (Lg5 + w * Lg7)));
    const double r = t2 + t1;
    if (((high - 0x6147A) | (0x6B851 - high)) > 0) {
        const double half = 0.5 * f * f;
        if (k == 0)
            return f - (half - s * (half + r));
        return k * ln2_high - ((half - (s * (half + r) + k * ln2_low)) - f);
    }
    if (k == 0)
        return f - s * (f - r);
    return k * ln2_high - ((s * (f - r) - k * ln2_low) - f);
}

/* pow ---------------------------------------------------------------------- */

static const double L1 = 5.99999999999994648725e-01;
static const double L2 = 4.28571428578550184252e-01;
static const double L3 = 3.33333329818377432918e-01;
static const double L4 = 2.72728123808534006489e-01;
static const double L5 = 2.30660745775561754067e-01;
static const double L6 = 2.06975017800338417784e-01;
static const double cp = 9.61796693925975554329e-01; /* 2 / (3 ln 2) */
static const double cp_high = 9.61796700954437255859e-01;
static const double cp_low = -7.02846165095275826516e-09;
static const double log2_3_2_high = 5.84962487220764160156e-01;
static const double log2_3_2_low = 1.35003920212974897128e-08;

/* log2(ax) = result + *low, to about 70 bits, for a finite ax > 0. */
static double log2_of(double ax, double *low)
{
    int32_t n = 0;
    int32_t high = high_word(ax);
    if (high < 0x00100000) {
        ax *= 0x1p53;
        n -= 53;
        high = high_word(ax);
    }
    n += (high >> 20) - 0x3FF;
    const int32_t j = high & 0x000FFFFF;
    int k = 0; /* the interval: around 1 or around 1.5 */
    high = j | 0x3FF00000;
    if (j > 0x3988E && j < 0xBB67A) {
        k = 1;
    } else if (j >= 0xBB67A) {
        n += 1;
        high -= 0x00100000;
    }
    ax = from_bits((uint64_t)(uint32_t)high << 32 | low_word(ax));
    const double centre = k ? 1.5 : 1.0;
    double u = ax - centre;
    double v = 1.0 / (ax + centre);
    const double ss = u * v;
    const double s_high = high_part(ss);
    double t_high = from_bits(
        (uint64_t)(uint32_t)(((high >> 1) | 0x20000000) + 0x00080000 +
                             (k << 18))
        << 32);
    double t_low = ax - (t_high - centre);
    const double s_low = v * ((u - s_high * t_high) - s_high * t_low);
    double s2 = ss * ss;
    double r = s2 * s2 *
               (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * (L5 + s2 * L6)))));
    r += s_low * (s_high + ss);
    s2 = s_high * s_high;
    t_high = high_part(3.0 + s2 + r);
    t_low = r - ((t_high - 3.0) - s2);
    u = s_high * t_high;
    v = s_low * t_high + t_low * ss;
    const double p_high = high_part(u + v);
    const double p_low = v - (p_high - u);
    const double z_high = cp_high * p_high;
    const double z_low =
        cp_low * p_high + p_low * cp + (k ? log2_3_2_low : 0.0);
    const double base = k ? log2_3_2_high : 0.0;
    const double sum = high_part(((z_high + z_low) + base) + n);
    *low = z_low - (((sum - n) - base) - z_high);
    return sum;
}

/* The same for |ax - 1| <= 2^-20. */
static double log2_near_one(double ax, double *low)
{
    static const double inverse = 1.44269504088896338700e+00; /* 1 / ln 2 */
    static const double inverse_high = 1.44269502162933349609e+00;
    static const double inverse_low = 1.92596299112661746887e-08;
    const double t = ax - 1.0;
    const double w =
        (t * t) * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
    const double u = inverse_high * t;
    const double v = t * inverse_low - w * inverse;
    const double sum = high_part(u + v);
    *low = v - (sum - u);
    return sum;
}

/* sign * 2 ** (high + low) */
static double exp2_of(double sign, double high, double low)
{
    static const double slack = 8.0085662595372944372e-0017;
    double z = high + low;
    const int32_t j = high_word(z);
    const int32_t i = j & 0x7FFFFFFF;
    if (j >= 0x40900000) { /* z >= 1024 */
        if (z > 1024 || low + slack > z - high)
            return sign * INFINITY;
    } else if (i >= 0x4090CC00) { /* z <= -1075 */
        if (z < -1075 || (j < 0 && low <= z - high))
            return sign * 0.0;
    }
    int32_t n = 0;
    if (i > 0x3FE00000) { /* |z| > 0.5: n = [z + 0.5] */
        int32_t k = (i >> 20) - 0x3FF;
        n = j + (0x00100000 >> (k + 1));
        k = ((n & 0x7FFFFFFF) >> 20) - 0x3FF;
        const double whole = from_bits(
            (uint64_t)(uint32_t)(n & ~(0x000FFFFF >> k)) << 32);
        n = ((n & 0x000FFFFF) | 0x00100000) >> (20 - k);
        if (j < 0)
            n = -n;
        high -= whole;
    }
    double t = high_part(low + high);
    const double u = t * 6.93147182464599609375e-01;
    const double v = (low - (t - high)) * 6.93147180559945286227e-01 +
                     t * -1.90465429995776804525e-09;
    z = u + v;
    const double w = v - (z - u);
    t = z * z;
    const double t1 = z - exp_polynomial(t);
    /* V8 has its brackets here, and not after `- 2.0`, as fdlibm has */
    const double r = (z * t1) / ((t1 - 2.0) - (w + z * w));
    z = 1.0 - (r - z);
    if (high_word(z) + (int32_t)((uint32_t)n << 20) < 0x00100000 ||
        n < -1021)
        return sign * scalbn(z, n);
    return sign * add_to_high_word(z, (int32_t)((uint32_t)n << 20));
}

/* 0: y is no integer, 1: odd, 2: even */
static int parity(double y)
{
    if (fabs(y) >= 0x1p53)
        return 2;
    if (floor(y) != y)
        return 0;
    return fmod(y, 2) != 0 ? 1 : 2;
}

/* The cases that need no arithmetic; false: there is some to do. */
static int special_power(double x, double y, double *result)
{
    const double ax = fabs(x);
    if (y == 0)
        *result = 1;
    else if (isnan(x) || isnan(y) || (ax == 1 && isinf(y)))
        *result = NAN;
    else if (isinf(y))
        *result = (ax > 1) == (y > 0) ? INFINITY : 0;
    else if (y == 1)
        *result = x;
    else if (y == -1)
        *result = 1 / x;
    else if (y == 2)
        *result = x * x;
    else if (y == 0.5 && x >= 0)
        *result = sqrt(x + 0.0);
    else if (ax == 0 || isinf(ax) || ax == 1) {
        double z = y < 0 ? 1 / ax : ax;
        if (x < 0 || (x == 0 && signbit(x))) {
            if (ax == 1 && parity(y) == 0)
                z = NAN;
            else if (parity(y) == 1)
                z = -z;
        }
        *result = z;
    } else if (x < 0 && parity(y) == 0)
        *result = NAN;
    else
        return 0;
    return 1;
}

double ejs__pow(double x, double y)
{
    double result;
    if (special_power(x, y, &result))
        return result;
    const double ax = fabs(x);
    const double sign = x < 0 && parity(y) == 1 ? -1 : 1;
    const int32_t size = high_word(ax);
    double low, high;
    if (fabs(y) > 0x1p31) { /* then any x but the nearest to 1 is too far */
        if (size < 0x3FEFFFFF)
            return y < 0 ? sign * INFINITY : sign * 0.0;
        if (size > 0x3FF00000)
            return y > 0 ? sign * INFINITY : sign * 0.0;
        high = log2_near_one(ax, &low);
    } else {
        high = log2_of(ax, &low);
    }
    const double y_high = high_part(y);
    const double p_low = (y - y_high) * high + y * low;
    return exp2_of(sign, y_high * high, p_low);
}

/* cbrt --------------------------------------------------------------------- */

/* A guess from the exponent, a polynomial to 23 bits, one step of Newton. */
double ejs__cbrt(double x)
{
    static const double p0 = 1.87595182427177009643;
    static const double p1 = -1.88497979543377169875;
    static const double p2 = 1.621429720105354466140;
    static const double p3 = -0.758397934778766047437;
    static const double p4 = 0.145996192886612446982;
    const uint64_t sign = bits_of(x) & UINT64_C(0x8000000000000000);
    uint32_t size = (uint32_t)high_word(x) & 0x7FFFFFFF, guess = 715094163;
    if (size >= 0x7FF00000 || x == 0)
        return x;
    if (size < 0x00100000) { /* subnormal */
        size = (uint32_t)high_word(x * 0x1p54) & 0x7FFFFFFF;
        guess = 696219795;
    }
    double t = from_bits(sign | (uint64_t)(size / 3 + guess) << 32);
    double r = (t * t) * (t / x);
    t = t * ((p0 + r * (p1 + r * p2)) + ((r * r) * r) * (p3 + r * p4));
    t = from_bits((bits_of(t) + 0x80000000u) & UINT64_C(0xFFFFFFFFC0000000));
    r = x / (t * t);
    return t + t * ((r - t) / (t + t + r));
}
