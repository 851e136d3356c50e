/* Operators on operands that are not both numbers, and comparisons. */
#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/exact_math.h"
#include "ejs/runtime/internal.h"

/* arithmetic
 * ---------------------------------------------------------------------- */

ejs_value ejs__add_slow(ejs_context *ctx, ejs_value a, ejs_value b)
{
    if (a.tag == EJS_TAG_STRING && b.tag == EJS_TAG_STRING) {
        const ejs_value both[] = {a, b};
        return ejs__concat(ctx, both, 2);
    }
    a = ejs__to_primitive(ctx, a, EJS_HINT_DEFAULT);
    if (ejs__is_thrown(a))
        return a;
    b = ejs__to_primitive(ctx, b, EJS_HINT_DEFAULT);
    if (ejs__is_thrown(b))
        return b;
    if (a.tag == EJS_TAG_STRING || b.tag == EJS_TAG_STRING) {
        const ejs_value parts[2] = {a, b};
        return ejs__concat(ctx, parts, 2);
    }
    a = ejs__to_number(ctx, a);
    b = ejs__to_number(ctx, b);
    return ejs__number(a.as.number + b.as.number);
}

ejs_value ejs__to_summand(ejs_context *ctx, ejs_value v)
{
    if (EJS_LIKELY(v.tag == EJS_TAG_STRING || v.tag == EJS_TAG_NUMBER))
        return v;
    v = ejs__to_primitive(ctx, v, EJS_HINT_DEFAULT);
    return ejs__is_thrown(v) ? v : ejs__to_string(ctx, v);
}

double ejs__fmod_slow(double a, double b)
{
    return a == 0 && b > 0 ? a : fmod(a, b);
}

static double bitwise(ejs__arith op, double a, double b)
{
    const int32_t x = base_number_to_int32(a), y = base_number_to_int32(b);
    const uint32_t shift = (uint32_t)y & 31;
    switch (op) {
    case EJS_SHL:
        return (int32_t)((uint32_t)x << shift);
    case EJS_SHR:
        return x >> shift;
    case EJS_USHR:
        return (uint32_t)x >> shift;
    case EJS_AND:
        return x & y;
    case EJS_OR:
        return x | y;
    default:
        return x ^ y;
    }
}

ejs_value ejs__arith_slow(ejs_context *ctx, ejs__arith op, ejs_value a,
                          ejs_value b)
{
    a = ejs__to_number(ctx, a);
    if (ejs__is_thrown(a))
        return a;
    b = ejs__to_number(ctx, b);
    if (ejs__is_thrown(b))
        return b;
    const double x = a.as.number, y = b.as.number;
    switch (op) {
    case EJS_SUB:
        return ejs__number(x - y);
    case EJS_MUL:
        return ejs__number(x * y);
    case EJS_DIV:
        return ejs__number(x / y);
    case EJS_MOD:
        return ejs__number(ejs__fmod(x, y));
    case EJS_POW:
        return ejs__number(ejs__pow(x, y));
    default:
        return ejs__number(bitwise(op, x, y));
    }
}

ejs_value ejs__negate(ejs_context *ctx, ejs_value v)
{
    v = ejs__to_number(ctx, v);
    return ejs__is_thrown(v) ? v : ejs__number(-v.as.number);
}

ejs_value ejs__bit_not(ejs_context *ctx, ejs_value v)
{
    int32_t n;
    return ejs__to_int32(ctx, v, &n) ? ejs__number(~n) : ejs__thrown();
}

/* equality
 * ----------------------------------------------------------------------------
 */

bool ejs__strict_equal_slow(ejs_value a, ejs_value b)
{
    if (a.tag != b.tag)
        return false;
    switch ((ejs__tag)a.tag) {
    case EJS_TAG_BOOLEAN:
        return a.as.bits == b.as.bits;
    case EJS_TAG_NUMBER:
        return a.as.number == b.as.number;
    case EJS_TAG_STRING:
        return ejs__string_equal(a, b);
    case EJS_TAG_OBJECT:
        return a.as.object == b.as.object;
    case EJS_TAG_JSON:
        return a.as.json == b.as.json;
    default:
        return true;
    }
}

/* Operands of unlike types; neither or both are objects when it is called
 * again with what became of them. */
static int loose_unlike(ejs_context *ctx, ejs_value a, ejs_value b)
{
    if (ejs__is_nullish(a) || ejs__is_nullish(b))
        return ejs__is_nullish(a) && ejs__is_nullish(b);
    const bool a_object = ejs__is_object(a), b_object = ejs__is_object(b);
    if (a_object && b_object)
        return ejs__strict_equal(a, b);
    if (a_object || b_object) {
        ejs_value *object = a_object ? &a : &b;
        *object = ejs__to_primitive(ctx, *object, EJS_HINT_DEFAULT);
        if (ejs__is_thrown(*object))
            return -1;
        return ejs__loose_equal(ctx, a, b);
    }
    a = ejs__to_number(ctx, a);
    b = ejs__to_number(ctx, b);
    return a.as.number == b.as.number;
}

int ejs__loose_equal(ejs_context *ctx, ejs_value a, ejs_value b)
{
    if (a.tag == b.tag)
        return ejs__strict_equal(a, b);
    return loose_unlike(ctx, a, b);
}

bool ejs__same_value_zero(ejs_value a, ejs_value b)
{
    if (a.tag == EJS_TAG_NUMBER && b.tag == EJS_TAG_NUMBER)
        return a.as.number == b.as.number ||
               (isnan(a.as.number) && isnan(b.as.number));
    return ejs__strict_equal(a, b);
}

bool ejs__same_value(ejs_value a, ejs_value b)
{
    if (a.tag == EJS_TAG_NUMBER && b.tag == EJS_TAG_NUMBER &&
        a.as.number == 0 && b.as.number == 0)
        return signbit(a.as.number) == signbit(b.as.number);
    return ejs__same_value_zero(a, b);
}

/* order
 * ----------------------------------------------------------------------------------
 */

static bool ordered(ejs__order op, int difference)
{
    switch (op) {
    case EJS_LESS:
        return difference < 0;
    case EJS_LESS_EQUAL:
        return difference <= 0;
    case EJS_GREATER:
        return difference > 0;
    default:
        return difference >= 0;
    }
}

int ejs__compare_slow(ejs_context *ctx, ejs__order op, ejs_value a, ejs_value b)
{
    a = ejs__to_primitive(ctx, a, EJS_HINT_NUMBER);
    if (ejs__is_thrown(a))
        return -1;
    b = ejs__to_primitive(ctx, b, EJS_HINT_NUMBER);
    if (ejs__is_thrown(b))
        return -1;
    if (a.tag == EJS_TAG_STRING && b.tag == EJS_TAG_STRING)
        return ordered(op, ejs__string_compare(a, b));
    a = ejs__to_number(ctx, a);
    b = ejs__to_number(ctx, b);
    return ejs__compare(ctx, op, a, b);
}

/* instanceof
 * ------------------------------------------------------------------------------
 */

int ejs__instanceof(ejs_context *ctx, ejs_value v, ejs_value constructor)
{
    if (!ejs__is_callable(constructor)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         ejs__is_object(constructor)
                             ? "Right-hand side of 'instanceof' is not callable"
                             : "Right-hand side of 'instanceof' is not an "
                               "object");
        return -1;
    }
    const ejs_object *bound = ejs__bound_target(constructor.as.object);
    if (bound)
        return ejs__instanceof(ctx, v, ejs__object((ejs_object *)bound));
    if (!ejs__is_object(v))
        return 0;
    const ejs_value proto = ejs__get_name(ctx, constructor, "prototype");
    if (ejs__is_thrown(proto))
        return -1;
    if (!ejs__is_object(proto)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "Function has non-object prototype '%s' in "
                         "instanceof check",
                         ejs__describe(ctx, proto));
        return -1;
    }
    const ejs_object *wanted = ejs__writable(ctx, proto);
    if (!wanted)
        return -1;
    const ejs_object *o = ejs__lookup_start(ctx, v);
    if (v.tag == EJS_TAG_OBJECT || ejs__native(ctx, v))
        o = o->proto;
    for (; o; o = o->proto)
        if (o == wanted)
            return 1;
    return 0;
}
