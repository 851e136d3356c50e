/* Number, and the globals parseInt, parseFloat, isNaN and isFinite. */
#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/intl.h"

#define MAX_SAFE 9007199254740991.0

/* receivers ---------------------------------------------------------------- */

static bool this_number(ejs_call *call, const char *name, double *x)
{
    ejs_value v = call->self;
    if (ejs__is_kind(v, EJS_OBJECT_NUMBER))
        v = ((const ejs__wrapper *)v.as.object)->value;
    if (EJS_LIKELY(ejs__is_number(v))) {
        *x = v.as.number;
        return true;
    }
    if (ejs__is_prototype(v, EJS_CLASS_NUMBER)) {
        *x = 0;
        return true;
    }
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                     "%s requires that 'this' be a Number", name);
    return false;
}

/* The digits argument of toFixed and its like; *given tells undefined. */
static bool digits_argument(ejs_call *call, double *digits, bool *given)
{
    *given = ejs__arg(call, 0).tag != EJS_TAG_UNDEFINED;
    return ejs__arg_integer(call, 0, digits);
}

/* writing ------------------------------------------------------------------ */

static ejs_value number_to_string(ejs_call *call)
{
    char out[BASE_NUMBER_RADIX_SIZE];
    double x, radix;
    bool given;
    if (!this_number(call, "Number.prototype.toString", &x) ||
        !digits_argument(call, &radix, &given))
        return ejs__thrown();
    if (!given || radix == 10)
        return ejs__number_to_string(call->ctx, x);
    if (!(radix >= 2 && radix <= 36))
        return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                "toString() radix argument must be between 2 "
                                "and 36");
    return ejs__string_copy(call->ctx, out,
                            base_number_radix(x, (int)radix, out));
}

static ejs_value number_to_fixed(ejs_call *call)
{
    char out[BASE_NUMBER_DIGITS_SIZE];
    double x, digits;
    bool given;
    if (!this_number(call, "Number.prototype.toFixed", &x) ||
        !digits_argument(call, &digits, &given))
        return ejs__thrown();
    if (!(digits >= 0 && digits <= 100))
        return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                "toFixed() digits argument must be between 0 "
                                "and 100");
    if (!(fabs(x) < 1e21))
        return ejs__number_to_string(call->ctx, x);
    return ejs__string_copy(call->ctx, out,
                            base_number_fixed(x, (int)digits, out));
}

static ejs_value number_to_precision(ejs_call *call)
{
    char out[BASE_NUMBER_DIGITS_SIZE];
    double x, digits;
    bool given;
    if (!this_number(call, "Number.prototype.toPrecision", &x) ||
        !digits_argument(call, &digits, &given))
        return ejs__thrown();
    if (!given || !isfinite(x))
        return ejs__number_to_string(call->ctx, x);
    if (!(digits >= 1 && digits <= 100))
        return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                "toPrecision() argument must be between 1 and "
                                "100");
    return ejs__string_copy(call->ctx, out,
                            base_number_precision(x, (int)digits, out));
}

static ejs_value number_to_exponential(ejs_call *call)
{
    char out[BASE_NUMBER_DIGITS_SIZE];
    double x, digits;
    bool given;
    if (!this_number(call, "Number.prototype.toExponential", &x) ||
        !digits_argument(call, &digits, &given))
        return ejs__thrown();
    if (!isfinite(x))
        return ejs__number_to_string(call->ctx, x);
    if (!(digits >= 0 && digits <= 100))
        return ejs__throw_error(call->ctx, EJS_RANGE_ERROR,
                                "toExponential() argument must be between 0 "
                                "and 100");
    return ejs__string_copy(
        call->ctx, out,
        base_number_exponential(x, given ? (int)digits : -1, out));
}

/*
 * The number 0.DIGITS * 10^point rounded to three decimals, halves up: what
 * en-US shows.  Rounding looks at the shortest decimal digits, as ICU does.
 * `digits` has room for one more.
 */
static int round_to_thousandths(char *digits, int n, int *point)
{
    const int keep = *point + 3;
    if (keep >= n)
        return n;
    if (keep < 0)
        return 0;
    const bool up = digits[keep] >= '5';
    n = keep;
    if (up) {
        int i = n;
        while (i > 0 && digits[i - 1] == '9')
            i--;
        if (i == 0) {
            digits[0] = '1';
            ++*point;
            return 1;
        }
        digits[i - 1]++;
        return i;
    }
    while (n > 0 && digits[n - 1] == '0')
        n--;
    return n;
}

/* x in en-US with grouping and at most three decimals. */
static ejs_value format_en_us(ejs_context *ctx, double x)
{
    char digits[20], out[512];
    size_t size = 0;
    int point = 0, n = 0;
    if (isnan(x))
        return EJS_LITERAL("NaN");
    if (signbit(x))
        out[size++] = '-';
    if (isinf(x)) {
        memcpy(out + size, "\xE2\x88\x9E", 3);
        return ejs__string_copy(ctx, out, size + 3);
    }
    if (x != 0) {
        n = base_number_shortest(fabs(x), digits, &point);
        n = round_to_thousandths(digits, n, &point);
    }
    if (n == 0 || point <= 0)
        out[size++] = '0';
    for (int i = 0; n > 0 && i < point; i++) {
        out[size++] = i < n ? digits[i] : '0';
        if ((point - i) % 3 == 1 && i + 1 < point)
            out[size++] = ',';
    }
    if (n > point && n > 0) {
        out[size++] = '.';
        for (int i = point; i < n; i++)
            out[size++] = i < 0 ? '0' : digits[i];
    }
    return ejs__string_copy(ctx, out, size);
}

static bool is_en_us(ejs_context *ctx, ejs_value locales)
{
    const char *locale = ejs__realm_of(ctx)->settings->locale;
    if (locales.tag == EJS_TAG_UNDEFINED)
        return !locale || strcmp(locale, "en-US") == 0;
    return ejs__is_string(locales) &&
           (ejs__string_is(locales, "en-US") || ejs__string_is(locales, "en"));
}

static ejs_value number_to_locale_string(ejs_call *call)
{
    double x;
    if (!this_number(call, "Number.prototype.toLocaleString", &x))
        return ejs__thrown();
    const ejs_value locales = ejs__arg(call, 0), options = ejs__arg(call, 1);
    if (options.tag == EJS_TAG_UNDEFINED && is_en_us(call->ctx, locales))
        return format_en_us(call->ctx, x);
    return ejs__number_to_locale_string(call->ctx, x, locales, options);
}

static ejs_value number_value_of(ejs_call *call)
{
    double x;
    if (!this_number(call, "Number.prototype.valueOf", &x))
        return ejs__thrown();
    return ejs__number(x);
}

/* reading ------------------------------------------------------------------ */

static void skip_space(const char **text, const char *end)
{
    uint32_t code;
    size_t used;
    while ((used = base_utf8_decode(*text, (size_t)(end - *text), &code)) &&
           base_utf8_is_space(code))
        *text += used;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* parseInt of a text; radix 0 means find out. */
static double parse_int(const char *text, size_t size, int32_t radix)
{
    const char *end = text + size;
    bool negative = false;
    skip_space(&text, end);
    if (text < end && (*text == '-' || *text == '+'))
        negative = *text++ == '-';
    if (radix != 0 && (radix < 2 || radix > 36))
        return NAN;
    if ((radix == 0 || radix == 16) && end - text >= 2 && text[0] == '0' &&
        (text[1] | 32) == 'x') {
        text += 2;
        radix = 16;
    }
    if (radix == 0)
        radix = 10;
    const char *digits = text;
    while (text < end && digit_value(*text) < radix)
        text++;
    if (text == digits)
        return NAN;
    const double x =
        base_number_parse_radix(digits, (size_t)(text - digits), radix);
    return negative ? -x : x;
}

static ejs_value number_parse_int(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    int32_t radix = 0;
    if (ejs__is_number(v) && call->argc < 2) {
        const double x = v.as.number, size = fabs(x);
        if (size >= 1e-6 && size < 1e21)
            return ejs__number(trunc(x));
        if (x == 0)
            return ejs__number(0);
    }
    const ejs_value text = ejs__arg_string(call, 0);
    if (ejs__is_thrown(text) ||
        !ejs__to_int32(call->ctx, ejs__arg(call, 1), &radix))
        return ejs__thrown();
    return ejs__number(parse_int(text.as.text, text.size, radix));
}

static ejs_value number_parse_float(ejs_call *call)
{
    if (ejs__is_number(ejs__arg(call, 0)))
        return ejs__number(call->args[0].as.number + 0); /* -0 reads "0" */
    const ejs_value s = ejs__arg_string(call, 0);
    if (ejs__is_thrown(s))
        return s;
    const char *text = s.as.text, *end = text + s.size;
    skip_space(&text, end);
    size_t used = 0;
    const double x = base_number_parse(text, (size_t)(end - text), &used);
    if (used)
        return ejs__number(x);
    const bool sign = text < end && (*text == '-' || *text == '+');
    const bool negative = sign && *text == '-';
    text += sign;
    if (end - text >= 8 && memcmp(text, "Infinity", 8) == 0)
        return ejs__number(negative ? -INFINITY : INFINITY);
    return ejs__number(NAN);
}

/* asking ------------------------------------------------------------------- */

static ejs_value global_is_nan(ejs_call *call)
{
    double x;
    if (!ejs__arg_number(call, 0, &x))
        return ejs__thrown();
    return ejs__boolean(isnan(x));
}

static ejs_value global_is_finite(ejs_call *call)
{
    double x;
    if (!ejs__arg_number(call, 0, &x))
        return ejs__thrown();
    return ejs__boolean(isfinite(x));
}

static ejs_value number_is_nan(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    return ejs__boolean(ejs__is_number(v) && isnan(v.as.number));
}

static ejs_value number_is_finite(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    return ejs__boolean(ejs__is_number(v) && isfinite(v.as.number));
}

static bool is_integer(ejs_value v)
{
    return ejs__is_number(v) && isfinite(v.as.number) &&
           trunc(v.as.number) == v.as.number;
}

static ejs_value number_is_integer(ejs_call *call)
{
    return ejs__boolean(is_integer(ejs__arg(call, 0)));
}

static ejs_value number_is_safe_integer(ejs_call *call)
{
    const ejs_value v = ejs__arg(call, 0);
    return ejs__boolean(is_integer(v) && fabs(v.as.number) <= MAX_SAFE);
}

ejs_value ejs__number_construct(ejs_call *call)
{
    double x = 0;
    if (call->argc > 0 && !ejs__arg_number(call, 0, &x))
        return ejs__thrown();
    if (!call->construct)
        return ejs__number(x);
    ejs_object *proto = ejs__construct_proto(call, EJS_CLASS_NUMBER);
    ejs__wrapper *wrapper =
        proto ? ejs__object_alloc(call->ctx, sizeof *wrapper,
                                  EJS_OBJECT_NUMBER, proto)
              : NULL;
    if (!wrapper)
        return ejs__thrown();
    wrapper->value = ejs__number(x);
    return ejs__object(&wrapper->object);
}

/* clang-format off */
const ejs__builtin ejs__number_methods[] = {
    {"toExponential",  number_to_exponential,   1, EJS_ROW_METHOD},
    {"toFixed",        number_to_fixed,         1, EJS_ROW_METHOD},
    {"toLocaleString", number_to_locale_string, 0, EJS_ROW_METHOD},
    {"toPrecision",    number_to_precision,     1, EJS_ROW_METHOD},
    {"toString",       number_to_string,        1, EJS_ROW_METHOD},
    {"valueOf",        number_value_of,         0, EJS_ROW_METHOD},
    {0},
};

const ejs__builtin ejs__number_statics[] = {
    {"isFinite",      number_is_finite,       1, EJS_ROW_METHOD},
    {"isInteger",     number_is_integer,      1, EJS_ROW_METHOD},
    {"isNaN",         number_is_nan,          1, EJS_ROW_METHOD},
    {"isSafeInteger", number_is_safe_integer, 1, EJS_ROW_METHOD},
    {"parseFloat",    number_parse_float,     1, EJS_ROW_METHOD},
    {"parseInt",      number_parse_int,       2, EJS_ROW_METHOD},
    {0},
};

const ejs__constant ejs__number_constants[] = {
    {"EPSILON",           0x1p-52},
    {"MAX_SAFE_INTEGER",  MAX_SAFE},
    {"MAX_VALUE",         0x1.fffffffffffffp1023},
    {"MIN_SAFE_INTEGER",  -MAX_SAFE},
    {"MIN_VALUE",         0x1p-1074},
    {"NEGATIVE_INFINITY", -INFINITY},
    {"NaN",               NAN},
    {"POSITIVE_INFINITY", INFINITY},
    {0},
};

const ejs__builtin ejs__number_globals[] = {
    {"isFinite",   global_is_finite,   1, EJS_ROW_METHOD},
    {"isNaN",      global_is_nan,      1, EJS_ROW_METHOD},
    {"parseFloat", number_parse_float, 1, EJS_ROW_METHOD},
    {"parseInt",   number_parse_int,   2, EJS_ROW_METHOD},
    {0},
};
/* clang-format on */
