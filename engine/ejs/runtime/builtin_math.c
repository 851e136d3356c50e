/* Math.  What libm rounds otherwise than V8 does is in exact_math.c. */
#include "ejs/runtime/exact_math.h"
#include "ejs/runtime/object.h"

#include <sys/random.h>
#include <time.h>

/* one argument ------------------------------------------------------------- */

static double math_sign(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static double math_fround(double x)
{
    return (float)x;
}

#define UNARY(name, function)                                                  \
    static ejs_value name(ejs_call *call)                                      \
    {                                                                          \
        double x;                                                              \
        if (EJS_LIKELY(call->argc > 0 && ejs__is_number(call->args[0])))       \
            return ejs__number(function(call->args[0].as.number));             \
        if (!ejs__arg_number(call, 0, &x))                                     \
            return ejs__thrown();                                              \
        return ejs__number(function(x));                                       \
    }
UNARY(math_fn_abs, fabs)
UNARY(math_fn_acos, ejs__acos)
UNARY(math_fn_acosh, ejs__acosh)
UNARY(math_fn_asin, ejs__asin)
UNARY(math_fn_asinh, ejs__asinh)
UNARY(math_fn_atan, ejs__atan)
UNARY(math_fn_atanh, ejs__atanh)
UNARY(math_fn_cbrt, ejs__cbrt)
UNARY(math_fn_ceil, ceil)
UNARY(math_fn_cos, ejs__cos)
UNARY(math_fn_cosh, ejs__cosh)
UNARY(math_fn_exp, ejs__exp)
UNARY(math_fn_expm1, ejs__expm1)
UNARY(math_fn_floor, floor)
UNARY(math_fn_fround, math_fround)
UNARY(math_fn_log, ejs__log)
UNARY(math_fn_log1p, ejs__log1p)
UNARY(math_fn_log10, ejs__log10)
UNARY(math_fn_log2, ejs__log2)
UNARY(math_fn_round, ejs__round)
UNARY(math_fn_sign, math_sign)
UNARY(math_fn_sin, ejs__sin)
UNARY(math_fn_sinh, ejs__sinh)
UNARY(math_fn_sqrt, sqrt)
UNARY(math_fn_tan, ejs__tan)
UNARY(math_fn_tanh, ejs__tanh)
UNARY(math_fn_trunc, trunc)
#undef UNARY

/* more arguments ----------------------------------------------------------- */

static ejs_value math_fn_atan2(ejs_call *call)
{
    double y, x;
    if (!ejs__arg_number(call, 0, &y) || !ejs__arg_number(call, 1, &x))
        return ejs__thrown();
    return ejs__number(ejs__atan2(y, x));
}

static ejs_value math_fn_pow(ejs_call *call)
{
    double x, y;
    if (!ejs__arg_number(call, 0, &x) || !ejs__arg_number(call, 1, &y))
        return ejs__thrown();
    return ejs__number(ejs__pow(x, y));
}

static ejs_value math_fn_imul(ejs_call *call)
{
    uint32_t a, b;
    if (!ejs__to_uint32(call->ctx, ejs__arg(call, 0), &a) ||
        !ejs__to_uint32(call->ctx, ejs__arg(call, 1), &b))
        return ejs__thrown();
    return ejs__number((int32_t)(a * b));
}

static ejs_value math_fn_clz32(ejs_call *call)
{
    uint32_t x;
    if (!ejs__to_uint32(call->ctx, ejs__arg(call, 0), &x))
        return ejs__thrown();
    return ejs__number(x ? __builtin_clz(x) : 32);
}

static ejs_value math_fn_max(ejs_call *call)
{
    double max = -INFINITY;
    for (uint32_t i = 0; i < call->argc; i++) {
        double x;
        if (!ejs__arg_number(call, i, &x))
            return ejs__thrown();
        max = ejs__max(max, x);
    }
    return ejs__number(max);
}

static ejs_value math_fn_min(ejs_call *call)
{
    double min = INFINITY;
    for (uint32_t i = 0; i < call->argc; i++) {
        double x;
        if (!ejs__arg_number(call, i, &x))
            return ejs__thrown();
        min = ejs__min(min, x);
    }
    return ejs__number(min);
}

/* Scaled by the largest, summed with Kahan's compensation, as V8 does. */
static ejs_value math_fn_hypot(ejs_call *call)
{
    double max = 0, sum = 0, compensation = 0;
    bool nan = false;
    double *x = ejs__alloc(call->ctx, (call->argc + (size_t)1) * sizeof *x);
    if (!x)
        return ejs__thrown();
    for (uint32_t i = 0; i < call->argc; i++) {
        if (!ejs__arg_number(call, i, &x[i]))
            return ejs__thrown();
        x[i] = fabs(x[i]);
        nan = nan || isnan(x[i]);
        max = x[i] > max ? x[i] : max;
    }
    if (isinf(max))
        return ejs__number(INFINITY);
    if (nan || max == 0)
        return ejs__number(nan ? NAN : 0);
    for (uint32_t i = 0; i < call->argc; i++) {
        const double n = x[i] / max;
        const double summand = n * n - compensation;
        const double preliminary = sum + summand;
        compensation = (preliminary - sum) - summand;
        sum = preliminary;
    }
    return ejs__number(sqrt(sum) * max);
}

/* random ------------------------------------------------------------------- */

/* Steele, Lea and Flood's SplitMix64: one state word a render. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static ejs_value math_fn_random(ejs_call *call)
{
    void **place = ejs__builtin_state(call->ctx, EJS_CLASS_MATH);
    if (!*place) {
        uint64_t *seed = ejs__alloc(call->ctx, sizeof *seed);
        struct timespec now;
        if (!seed)
            return ejs__thrown();
        if (getrandom(seed, sizeof *seed, GRND_NONBLOCK) != sizeof *seed) {
            clock_gettime(CLOCK_MONOTONIC, &now);
            *seed = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)seed << 20;
        }
        *place = seed;
    }
    return ejs__number((double)(next_random(*place) >> 11) * 0x1p-53);
}

/* clang-format off */
const ejs__builtin ejs__math_functions[] = {
    {"abs",    math_fn_abs,    1, EJS_ROW_METHOD},
    {"acos",   math_fn_acos,   1, EJS_ROW_METHOD},
    {"acosh",  math_fn_acosh,  1, EJS_ROW_METHOD},
    {"asin",   math_fn_asin,   1, EJS_ROW_METHOD},
    {"asinh",  math_fn_asinh,  1, EJS_ROW_METHOD},
    {"atan",   math_fn_atan,   1, EJS_ROW_METHOD},
    {"atan2",  math_fn_atan2,  2, EJS_ROW_METHOD},
    {"atanh",  math_fn_atanh,  1, EJS_ROW_METHOD},
    {"cbrt",   math_fn_cbrt,   1, EJS_ROW_METHOD},
    {"ceil",   math_fn_ceil,   1, EJS_ROW_METHOD},
    {"clz32",  math_fn_clz32,  1, EJS_ROW_METHOD},
    {"cos",    math_fn_cos,    1, EJS_ROW_METHOD},
    {"cosh",   math_fn_cosh,   1, EJS_ROW_METHOD},
    {"exp",    math_fn_exp,    1, EJS_ROW_METHOD},
    {"expm1",  math_fn_expm1,  1, EJS_ROW_METHOD},
    {"floor",  math_fn_floor,  1, EJS_ROW_METHOD},
    {"fround", math_fn_fround, 1, EJS_ROW_METHOD},
    {"hypot",  math_fn_hypot,  2, EJS_ROW_METHOD},
    {"imul",   math_fn_imul,   2, EJS_ROW_METHOD},
    {"log",    math_fn_log,    1, EJS_ROW_METHOD},
    {"log10",  math_fn_log10,  1, EJS_ROW_METHOD},
    {"log1p",  math_fn_log1p,  1, EJS_ROW_METHOD},
    {"log2",   math_fn_log2,   1, EJS_ROW_METHOD},
    {"max",    math_fn_max,    2, EJS_ROW_METHOD},
    {"min",    math_fn_min,    2, EJS_ROW_METHOD},
    {"pow",    math_fn_pow,    2, EJS_ROW_METHOD},
    {"random", math_fn_random, 0, EJS_ROW_METHOD},
    {"round",  math_fn_round,  1, EJS_ROW_METHOD},
    {"sign",   math_fn_sign,   1, EJS_ROW_METHOD},
    {"sin",    math_fn_sin,    1, EJS_ROW_METHOD},
    {"sinh",   math_fn_sinh,   1, EJS_ROW_METHOD},
    {"sqrt",   math_fn_sqrt,   1, EJS_ROW_METHOD},
    {"tan",    math_fn_tan,    1, EJS_ROW_METHOD},
    {"tanh",   math_fn_tanh,   1, EJS_ROW_METHOD},
    {"trunc",  math_fn_trunc,  1, EJS_ROW_METHOD},
    {0},
};

const ejs__constant ejs__math_constants[] = {
    {"E",       2.718281828459045},
    {"LN10",    2.302585092994046},
    {"LN2",     0.6931471805599453},
    {"LOG10E",  0.4342944819032518},
    {"LOG2E",   1.4426950408889634},
    {"PI",      3.141592653589793},
    {"SQRT1_2", 0.7071067811865476},
    {"SQRT2",   1.4142135623730951},
    {0},
};
/* clang-format on */
