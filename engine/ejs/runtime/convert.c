/* Conversions between types, as the abstract operations of ECMAScript. */
#include "base/number.h"
#include "base/utf8.h"
#include "ejs/runtime/internal.h"

bool ejs__truthy_slow(ejs_value v)
{
    return ejs__truthy(v);
}

ejs_value ejs__typeof(ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_BOOLEAN:
        return EJS_LITERAL("boolean");
    case EJS_TAG_NUMBER:
        return EJS_LITERAL("number");
    case EJS_TAG_STRING:
        return EJS_LITERAL("string");
    case EJS_TAG_OBJECT:
        if (v.as.object->kind == EJS_OBJECT_FUNCTION)
            return EJS_LITERAL("function");
        return EJS_LITERAL("object");
    case EJS_TAG_NULL:
    case EJS_TAG_JSON:
        return EJS_LITERAL("object");
    default:
        return EJS_LITERAL("undefined");
    }
}

/* to primitive
 * -------------------------------------------------------------------- */

ejs_value ejs__to_primitive(ejs_context *ctx, ejs_value v, ejs__hint hint)
{
    static const char *const methods[] = {"toString", "valueOf"};
    if (!ejs__is_object(v))
        return v;
    if (hint == EJS_HINT_DEFAULT)
        hint = ejs__is_kind(v, EJS_OBJECT_DATE) ? EJS_HINT_STRING
                                                : EJS_HINT_NUMBER;
    const int first = hint == EJS_HINT_STRING ? 0 : 1;
    if (!ejs__check_stack(ctx))
        return ejs__thrown();
    for (int i = 0; i < 2; i++) {
        ejs_value result;
        const int found =
            ejs__try_method(ctx, v, methods[first ^ i], NULL, 0, &result);
        if (found < 0 || (found && !ejs__is_object(result)))
            return found < 0 ? ejs__thrown() : result;
    }
    return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                            "Cannot convert object to primitive value");
}

/* to string
 * -------------------------------------------------------------------------- */

ejs_value ejs__to_string(ejs_context *ctx, ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_STRING:
        return v;
    case EJS_TAG_UNDEFINED:
        return EJS_LITERAL("undefined");
    case EJS_TAG_NULL:
        return EJS_LITERAL("null");
    case EJS_TAG_BOOLEAN:
        return v.as.bits ? EJS_LITERAL("true") : EJS_LITERAL("false");
    case EJS_TAG_NUMBER:
        return ejs__number_to_string(ctx, v.as.number);
    case EJS_TAG_OBJECT:
    case EJS_TAG_JSON:
        v = ejs__to_primitive(ctx, v, EJS_HINT_STRING);
        return ejs__is_thrown(v) ? v : ejs__to_string(ctx, v);
    default:
        return ejs__is_thrown(v) ? v : EJS_LITERAL("undefined");
    }
}

ejs_value ejs__to_property_key(ejs_context *ctx, ejs_value v)
{
    return ejs__to_string(ctx, v);
}

/* to number
 * ----------------------------------------------------------------------------
 */

static void trim(const char **text, size_t *size)
{
    uint32_t code;
    size_t n;
    while (*size && (n = base_utf8_decode(*text, *size, &code)) &&
           base_utf8_is_space(code)) {
        *text += n;
        *size -= n;
    }
    while (*size && (n = base_utf8_decode_last(*text, *size, &code)) &&
           base_utf8_is_space(code))
        *size -= n;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 36;
}

/* 0x.., 0o.., 0b..: no sign, no fraction. */
static double radix_number(const char *text, size_t size, int radix)
{
    for (size_t i = 0; i < size; i++)
        if (digit_of(text[i]) >= radix)
            return NAN;
    return size ? base_number_parse_radix(text, size, radix) : NAN;
}

static bool is_infinity(const char *text, size_t size)
{
    if (size && (*text == '+' || *text == '-')) {
        text++;
        size--;
    }
    return size == 8 && memcmp(text, "Infinity", 8) == 0;
}

double ejs__string_to_number(const char *text, size_t size)
{
    trim(&text, &size);
    if (size == 0)
        return 0;
    if (size > 2 && text[0] == '0') {
        const char kind = text[1] | 0x20;
        const int radix = kind == 'x' ? 16 : kind == 'o' ? 8 : 2;
        if (kind == 'x' || kind == 'o' || kind == 'b')
            return radix_number(text + 2, size - 2, radix);
    }
    if (is_infinity(text, size))
        return *text == '-' ? -INFINITY : INFINITY;
    size_t used;
    const double n = base_number_parse(text, size, &used);
    return used == size ? n : NAN;
}

ejs_value ejs__to_number(ejs_context *ctx, ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_NUMBER:
        return v;
    case EJS_TAG_NULL:
        return ejs__number(0);
    case EJS_TAG_BOOLEAN:
        return ejs__number((double)v.as.bits);
    case EJS_TAG_STRING:
        return ejs__number(ejs__string_to_number(v.as.text, v.size));
    case EJS_TAG_OBJECT:
    case EJS_TAG_JSON:
        v = ejs__to_primitive(ctx, v, EJS_HINT_NUMBER);
        return ejs__is_thrown(v) ? v : ejs__to_number(ctx, v);
    default:
        return ejs__is_thrown(v) ? v : ejs__number(NAN);
    }
}

bool ejs__to_int32(ejs_context *ctx, ejs_value v, int32_t *out)
{
    v = ejs__to_number(ctx, v);
    if (ejs__is_thrown(v))
        return false;
    *out = base_number_to_int32(v.as.number);
    return true;
}

bool ejs__to_uint32(ejs_context *ctx, ejs_value v, uint32_t *out)
{
    int32_t n;
    if (!ejs__to_int32(ctx, v, &n))
        return false;
    *out = (uint32_t)n;
    return true;
}

bool ejs__to_integer(ejs_context *ctx, ejs_value v, double *out)
{
    v = ejs__to_number(ctx, v);
    if (ejs__is_thrown(v))
        return false;
    *out = isnan(v.as.number) ? 0 : trunc(v.as.number) + 0.0;
    return true;
}

bool ejs__to_length(ejs_context *ctx, ejs_value v, double *out)
{
    if (!ejs__to_integer(ctx, v, out))
        return false;
    if (*out < 0)
        *out = 0;
    if (*out > 9007199254740991.0)
        *out = 9007199254740991.0;
    return true;
}

double ejs__relative_index(double index, double length)
{
    if (index < 0)
        return index + length < 0 ? 0 : index + length;
    return index < length ? index : length;
}

/* to object
 * ------------------------------------------------------------------------------
 */

static ejs_value wrap(ejs_context *ctx, ejs_value v, ejs__object_kind kind,
                      ejs__class_id id)
{
    ejs__wrapper *w =
        ejs__object_alloc(ctx, sizeof *w, kind, ejs__proto(ctx, id));
    if (!w)
        return ejs__thrown();
    w->value = v;
    return ejs__object(&w->object);
}

ejs_value ejs__to_object(ejs_context *ctx, ejs_value v)
{
    switch ((ejs__tag)v.tag) {
    case EJS_TAG_OBJECT:
    case EJS_TAG_JSON:
    case EJS_TAG_THROWN:
        return v;
    case EJS_TAG_STRING:
        return wrap(ctx, v, EJS_OBJECT_STRING, EJS_CLASS_STRING);
    case EJS_TAG_NUMBER:
        return wrap(ctx, v, EJS_OBJECT_NUMBER, EJS_CLASS_NUMBER);
    case EJS_TAG_BOOLEAN:
        return wrap(ctx, v, EJS_OBJECT_BOOLEAN, EJS_CLASS_BOOLEAN);
    default:
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "Cannot convert undefined or null to object");
    }
}

ejs_value ejs__sloppy_this(ejs_context *ctx, ejs_value self)
{
    if (ejs__is_object(self))
        return self;
    if (!ejs__is_nullish(self))
        return ejs__to_object(ctx, self);
    ejs_object *global = ejs__global_object(ctx);
    return global ? ejs__object(global) : ejs__thrown();
}

/* arguments and receivers
 * ------------------------------------------------------------------- */

bool ejs__arg_number(ejs_call *call, uint32_t i, double *out)
{
    const ejs_value v = ejs__to_number(call->ctx, ejs__arg(call, i));
    if (ejs__is_thrown(v))
        return false;
    *out = v.as.number;
    return true;
}

bool ejs__arg_integer(ejs_call *call, uint32_t i, double *out)
{
    return ejs__to_integer(call->ctx, ejs__arg(call, i), out);
}

ejs_value ejs__arg_string(ejs_call *call, uint32_t i)
{
    return ejs__to_string(call->ctx, ejs__arg(call, i));
}

static void *incompatible(ejs_call *call, const char *name)
{
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                     "Method %s called on incompatible receiver %s", name,
                     ejs__describe(call->ctx, call->self));
    return NULL;
}

void *ejs__receiver(ejs_call *call, ejs__object_kind kind, const char *name)
{
    if (ejs__is_kind(call->self, kind))
        return call->self.as.object;
    return incompatible(call, name);
}

void *ejs__host_receiver(ejs_call *call, ejs__class_id id, const char *name)
{
    if (ejs__is_kind(call->self, EJS_OBJECT_HOST) &&
        ejs__class_of(call->self.as.object) == id)
        return call->self.as.object;
    return incompatible(call, name);
}

static bool is_nullish_receiver(ejs_call *call, const char *name)
{
    if (!ejs__is_nullish(call->self))
        return false;
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                     "%s called on null or undefined", name);
    return true;
}

ejs_value ejs__this_string(ejs_call *call, const char *name)
{
    if (call->self.tag == EJS_TAG_STRING)
        return call->self;
    if (is_nullish_receiver(call, name))
        return ejs__thrown();
    return ejs__to_string(call->ctx, call->self);
}

ejs_value ejs__this_object(ejs_call *call, const char *name)
{
    if (ejs__is_object(call->self))
        return call->self;
    if (is_nullish_receiver(call, name))
        return ejs__thrown();
    return ejs__to_object(call->ctx, call->self);
}

/* for messages
 * ---------------------------------------------------------------------------------
 */

static const char *text_of(ejs_context *ctx, ejs_value s)
{
    char *text =
        s.tag == EJS_TAG_STRING ? ejs__alloc(ctx, (size_t)s.size + 1) : NULL;
    if (!text)
        return "?";
    memcpy(text, s.as.text, s.size);
    text[s.size] = '\0';
    return text;
}

/* The name of the constructor an object would say it has. */
static ejs_value constructor_name(ejs_context *ctx, ejs_value v)
{
    ejs_value name = EJS_LITERAL("Object");
    ejs_site site = ejs__site_named("constructor");
    ejs_value maker;
    bool thrown = false;
    for (ejs_object *o = ejs__lookup_start(ctx, v); o; o = o->proto) {
        ejs__property *p = ejs__own(ctx, o, &site, &thrown);
        if (!p)
            continue;
        if (p->flags & EJS_ACCESSOR || !ejs__is_callable(p->value))
            break;
        maker = p->value;
        site = ejs__site_named("name");
        p = ejs__own(ctx, maker.as.object, &site, &thrown);
        if (p && p->value.tag == EJS_TAG_STRING && p->value.size)
            name = p->value;
        break;
    }
    return name;
}

static ejs_value describe_error(ejs_context *ctx, ejs_object *o)
{
    ejs_value parts[3] = {ejs__undefined(), EJS_LITERAL(": "),
                          ejs__undefined()};
    ejs_site name = ejs__site_named("name"),
             message = ejs__site_named("message");
    const ejs_value v = ejs__object(o);
    if (ejs__chain_get(ctx, o, &name, v, &parts[0]) < 0 ||
        ejs__chain_get(ctx, o, &message, v, &parts[2]) < 0)
        return ejs__thrown();
    if (parts[2].tag != EJS_TAG_STRING || parts[2].size == 0)
        return ejs__to_string(ctx, parts[0]);
    return ejs__concat(ctx, parts, 3);
}

/* Whether text comes of v as it does of plain objects. */
static bool has_plain_text(ejs_context *ctx, ejs_value v)
{
    ejs_site site = ejs__site_named("toString");
    bool thrown = false;
    ejs_object *o = ejs__lookup_start(ctx, v);
    while (o && !ejs__own(ctx, o, &site, &thrown))
        o = o->proto;
    return o && o == ejs__proto(ctx, EJS_CLASS_OBJECT);
}

bool ejs__is_describable(ejs_context *ctx, ejs_value v)
{
    return !ejs__is_object(v) || ejs__is_callable(v) ||
           ejs__is_kind(v, EJS_OBJECT_ERROR) ||
           (!ejs__is_array(v) && has_plain_text(ctx, v));
}

const char *ejs__describe(ejs_context *ctx, ejs_value v)
{
    if (!ejs__is_object(v))
        return text_of(ctx, ejs__to_string(ctx, v));
    switch (v.tag == EJS_TAG_OBJECT ? v.as.object->kind : EJS_OBJECT_PLAIN) {
    case EJS_OBJECT_FUNCTION:
        return text_of(ctx, ejs__to_string(ctx, v));
    case EJS_OBJECT_ARRAY:
        return "[object Array]";
    case EJS_OBJECT_REGEXP:
        return "[object RegExp]";
    case EJS_OBJECT_DATE:
        return "[object Date]";
    case EJS_OBJECT_STRING:
        return "[object String]";
    case EJS_OBJECT_NUMBER:
        return "[object Number]";
    case EJS_OBJECT_BOOLEAN:
        return "[object Boolean]";
    case EJS_OBJECT_ERROR:
        return text_of(ctx, describe_error(ctx, v.as.object));
    default:
        break;
    }
    if (ejs__is_array(v))
        return "[object Array]";
    if (!has_plain_text(ctx, v))
        return "[object Object]";
    const ejs_value name = constructor_name(ctx, v);
    const ejs_value parts[3] = {EJS_LITERAL("#<"), name, EJS_LITERAL(">")};
    return text_of(ctx, ejs__concat(ctx, parts, 3));
}
