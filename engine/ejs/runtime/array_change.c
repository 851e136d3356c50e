/* Array.prototype's methods that change the array: push, splice, reverse ... */
#include "ejs/runtime/array.h"

/*
 * Each method has two ways: in the storage of a native array (or of the copy
 * that stands for a JSON one), and step by step as ECMA-262 says, for anything
 * else with a length, and for frozen arrays to fail at the right place.
 */
static ejs__array *writable(ejs_context *ctx, ejs_value v, bool *thrown)
{
    *thrown = false;
    return ejs__is_array(v) ? ejs__writable_array(ctx, v, thrown) : NULL;
}

static ejs_value hole_to_undefined(ejs_value v)
{
    return v.tag == EJS_TAG_HOLE ? ejs__undefined() : v;
}

/* v[to] = v[from], or deletes v[to] where v[from] is a hole. */
static bool move(ejs_context *ctx, ejs_value v, double from, double to)
{
    ejs_value item;
    if (!ejs__step(ctx))
        return false;
    const int found = ejs__array_at(ctx, v, from, &item);
    if (found < 0)
        return false;
    return found ? ejs__set_element(ctx, v, to, item)
                 : ejs__delete_element(ctx, v, to);
}

/* ends --------------------------------------------------------------------- */

ejs_value ejs__array_push_method(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    bool thrown;
    ejs__array *array = writable(ctx, call->self, &thrown);
    if (array && array->object.length + (double)call->argc <= EJS__MAX_ARRAY) {
        for (uint32_t i = 0; i < call->argc; i++) {
            if (!ejs__append(ctx, array, call->args[i]))
                return ejs__thrown();
        }
        return ejs__number(array->object.length);
    }
    ejs_value object;
    double length;
    if (thrown || !ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (length + call->argc > EJS__MAX_LENGTH)
        return ejs__throw_error(
            ctx, EJS_TYPE_ERROR,
            "Pushing %u elements on an array-like of length %.0f is disallowed,"
            " as the total surpasses 2**53-1",
            call->argc, length);
    for (uint32_t i = 0; i < call->argc; i++) {
        if (!ejs__set_element(ctx, object, length + i, call->args[i]))
            return ejs__thrown();
    }
    length += call->argc;
    return ejs__set_length(ctx, object, length) ? ejs__number(length)
                                                : ejs__thrown();
}

ejs_value ejs__array_pop(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    bool thrown;
    ejs__array *array = writable(ctx, call->self, &thrown);
    if (array) {
        return array->object.length == 0
                   ? ejs__undefined()
                   : hole_to_undefined(array->items[--array->object.length]);
    }
    ejs_value object;
    double length;
    if (thrown || !ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (length == 0)
        return ejs__set_length(ctx, object, 0) ? ejs__undefined()
                                               : ejs__thrown();
    const ejs_value last = ejs__element(ctx, object, length - 1);
    if (ejs__is_thrown(last) || !ejs__delete_element(ctx, object, length - 1) ||
        !ejs__set_length(ctx, object, length - 1))
        return ejs__thrown();
    return last;
}

static ejs_value shift_slowly(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value object;
    double length;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (length == 0)
        return ejs__set_length(ctx, object, 0) ? ejs__undefined()
                                               : ejs__thrown();
    const ejs_value first = ejs__element(ctx, object, 0);
    if (ejs__is_thrown(first))
        return first;
    for (double i = 1; i < length; i++) {
        if (!move(ctx, object, i, i - 1))
            return ejs__thrown();
    }
    if (!ejs__delete_element(ctx, object, length - 1) ||
        !ejs__set_length(ctx, object, length - 1))
        return ejs__thrown();
    return first;
}

ejs_value ejs__array_shift(ejs_call *call)
{
    bool thrown;
    ejs__array *array = writable(call->ctx, call->self, &thrown);
    if (thrown)
        return ejs__thrown();
    if (!array)
        return shift_slowly(call);
    if (array->object.length == 0)
        return ejs__undefined();
    /* The arena frees nothing, so the storage may as well begin later. */
    const ejs_value first = array->items[0];
    array->items++;
    array->capacity--;
    array->object.length--;
    return hole_to_undefined(first);
}

/* Opens (or closes) a gap: moves what follows `at` + `old` to `at` + `new_`. */
static bool make_gap(ejs_context *ctx, ejs__array *array, uint32_t at,
                     uint32_t old, uint32_t new_)
{
    const uint32_t length = array->object.length;
    if (new_ > old && !ejs__array_reserve(ctx, array, length + (new_ - old)))
        return false;
    if (!ejs__fuel(ctx, (length - at) / 16 + 1))
        return false;
    if (length > at + old)
        memmove(array->items + at + new_, array->items + at + old,
                (size_t)(length - at - old) * sizeof *array->items);
    array->object.length = length - old + new_;
    return true;
}

static void put_all(ejs__array *array, uint32_t at, const ejs_value *items,
                    uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        array->items[at + i] = items[i];
}

static ejs_value unshift_slowly(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value object;
    double length;
    const double n = call->argc;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (n > 0 && length + n > EJS__MAX_LENGTH)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR, "Invalid array length");
    for (double i = n > 0 ? length : 0; i > 0; i--) {
        if (!move(ctx, object, i - 1, i + n - 1))
            return ejs__thrown();
    }
    for (uint32_t i = 0; i < call->argc; i++) {
        if (!ejs__set_element(ctx, object, i, call->args[i]))
            return ejs__thrown();
    }
    return ejs__set_length(ctx, object, length + n) ? ejs__number(length + n)
                                                    : ejs__thrown();
}

ejs_value ejs__array_unshift(ejs_call *call)
{
    bool thrown;
    ejs__array *array = writable(call->ctx, call->self, &thrown);
    if (thrown)
        return ejs__thrown();
    if (!array || array->object.length + (double)call->argc > EJS__MAX_ARRAY)
        return unshift_slowly(call);
    if (!make_gap(call->ctx, array, 0, 0, call->argc))
        return ejs__thrown();
    put_all(array, 0, call->args, call->argc);
    return ejs__number(array->object.length);
}

/* splice ------------------------------------------------------------------- */

typedef struct splice {
    ejs_value object;
    double length, start, skip;
    const ejs_value *added;
    uint32_t n_added;
} splice;

static bool splice_arguments(ejs_call *call, splice *s)
{
    if (!ejs__array_receiver(call, NULL, &s->object, &s->length) ||
        !ejs__arg_index(call, 0, s->length, 0, &s->start))
        return false;
    s->skip = 0;
    if (call->argc == 1)
        s->skip = s->length - s->start;
    else if (!ejs__arg_integer(call, 1, &s->skip))
        return false;
    s->skip = fmin(fmax(s->skip, 0), s->length - s->start);
    s->added = call->args + 2;
    s->n_added = call->argc > 2 ? call->argc - 2 : 0;
    if (s->length + s->n_added - s->skip <= EJS__MAX_LENGTH)
        return true;
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR, "Invalid array length");
    return false;
}

static ejs_value splice_fast(ejs_context *ctx, ejs__array *array,
                             const splice *s)
{
    const uint32_t at = (uint32_t)s->start, skip = (uint32_t)s->skip;
    const ejs_value removed = ejs__array_from(ctx, array->items + at, skip);
    if (ejs__is_thrown(removed) || !make_gap(ctx, array, at, skip, s->n_added))
        return ejs__thrown();
    put_all(array, at, s->added, s->n_added);
    return removed;
}

/* The part that stays behind moves to its new place, from the safe end. */
static bool splice_rest(ejs_context *ctx, const splice *s)
{
    const double first = s->start + s->skip, shift = s->n_added - s->skip;
    if (shift < 0) {
        for (double i = first; i < s->length; i++) {
            if (!move(ctx, s->object, i, i + shift))
                return false;
        }
        for (double i = s->length; i > s->length + shift; i--) {
            if (!ejs__step(ctx) || !ejs__delete_element(ctx, s->object, i - 1))
                return false;
        }
    } else if (shift > 0) {
        for (double i = s->length; i > first; i--) {
            if (!move(ctx, s->object, i - 1, i - 1 + shift))
                return false;
        }
    }
    return true;
}

static ejs_value splice_slowly(ejs_context *ctx, const splice *s)
{
    ejs__array *removed = ejs__array_for(ctx, s->skip);
    if (!removed)
        return ejs__thrown();
    for (double i = 0; i < s->skip; i++) {
        ejs_value item;
        const int found = ejs__array_at(ctx, s->object, s->start + i, &item);
        if (found < 0 || !ejs__step(ctx) ||
            !ejs__append(ctx, removed,
                         found ? item : ejs__tagged(EJS_TAG_HOLE)))
            return ejs__thrown();
    }
    if (!splice_rest(ctx, s))
        return ejs__thrown();
    for (uint32_t i = 0; i < s->n_added; i++) {
        if (!ejs__set_element(ctx, s->object, s->start + i, s->added[i]))
            return ejs__thrown();
    }
    return ejs__set_length(ctx, s->object, s->length + s->n_added - s->skip)
               ? ejs__object(&removed->object)
               : ejs__thrown();
}

ejs_value ejs__array_splice(ejs_call *call)
{
    splice s;
    bool thrown;
    if (!splice_arguments(call, &s))
        return ejs__thrown();
    ejs__array *array = writable(call->ctx, s.object, &thrown);
    if (thrown)
        return ejs__thrown();
    /* Converting the arguments may have changed the array. */
    const bool fast = array && array->object.length == s.length &&
                      s.length + s.n_added - s.skip <= EJS__MAX_ARRAY;
    return fast ? splice_fast(call->ctx, array, &s)
                : splice_slowly(call->ctx, &s);
}

/* in place ----------------------------------------------------------------- */

/* Swaps the elements at i and j, either of which may be a hole. */
static bool swap(ejs_context *ctx, ejs_value v, double i, double j)
{
    ejs_value a, b;
    const int has_a = ejs__array_at(ctx, v, i, &a);
    const int has_b = has_a < 0 ? -1 : ejs__array_at(ctx, v, j, &b);
    if (has_b < 0 || !ejs__step(ctx))
        return false;
    if (has_b ? !ejs__set_element(ctx, v, i, b)
              : has_a && !ejs__delete_element(ctx, v, i))
        return false;
    return has_a ? ejs__set_element(ctx, v, j, a)
                 : !has_b || ejs__delete_element(ctx, v, j);
}

ejs_value ejs__array_reverse(ejs_call *call)
{
    bool thrown;
    ejs_value object;
    double length;
    ejs__array *array = writable(call->ctx, call->self, &thrown);
    if (thrown)
        return ejs__thrown();
    if (array) {
        if (!ejs__fuel(call->ctx, array->object.length / 16 + 1))
            return ejs__thrown();
        for (uint32_t i = 0, j = array->object.length; i + 1 < j; i++) {
            const ejs_value kept = array->items[i];
            array->items[i] = array->items[--j];
            array->items[j] = kept;
        }
        return call->self;
    }
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    for (double i = 0; i < floor(length / 2); i++) {
        if (!swap(call->ctx, object, i, length - 1 - i))
            return ejs__thrown();
    }
    return object;
}

ejs_value ejs__array_fill(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    bool thrown;
    ejs_value object;
    double length, from, to;
    if (!ejs__array_receiver(call, NULL, &object, &length) ||
        !ejs__arg_index(call, 1, length, 0, &from) ||
        !ejs__arg_index(call, 2, length, length, &to))
        return ejs__thrown();
    const ejs_value v = ejs__arg(call, 0);
    ejs__array *array = writable(ctx, object, &thrown);
    if (thrown)
        return ejs__thrown();
    for (double i = from; i < to; i++) {
        if (!ejs__step(ctx))
            return ejs__thrown();
        if (array && i < array->object.length)
            array->items[(uint32_t)i] = v;
        else if (!ejs__set_element(ctx, object, i, v))
            return ejs__thrown();
    }
    return object;
}

ejs_value ejs__array_copy_within(ejs_call *call)
{
    ejs_value object;
    double length, to, from, end;
    if (!ejs__array_receiver(call, NULL, &object, &length) ||
        !ejs__arg_index(call, 0, length, 0, &to) ||
        !ejs__arg_index(call, 1, length, 0, &from) ||
        !ejs__arg_index(call, 2, length, length, &end))
        return ejs__thrown();
    const double n = fmin(end - from, length - to);
    const bool backwards = from < to && to < from + n;
    for (double k = 0; k < n; k++) {
        const double i = backwards ? n - 1 - k : k;
        if (!move(call->ctx, object, from + i, to + i))
            return ejs__thrown();
    }
    return object;
}
