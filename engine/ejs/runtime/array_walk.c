/* Array.prototype's methods that call back: forEach, map, reduce ... */
#include "ejs/runtime/array.h"

/*
 * One pass over an array or array-like, calling fn(item, index, object).  The
 * length is fixed at the start, the elements are read when their turn comes, as
 * the callback may change them; one ejs_call serves all calls.
 */
typedef struct walk {
    ejs_context *ctx;
    ejs_value object, item; /* item: what the last call was made with */
    double length, i;       /* i: the next index */
    ejs__callback cb;
} walk;

static bool walk_begin(walk *w, ejs_call *call, const char *name)
{
    w->ctx = call->ctx;
    w->i = 0;
    return ejs__array_receiver(call, name, &w->object, &w->length) &&
           ejs__callback_init(call->ctx, &w->cb, ejs__arg(call, 0),
                              ejs__arg(call, 1));
}

static int walk_call(walk *w, double i, ejs_value *result)
{
    w->cb.args[0] = w->item;
    w->cb.args[1] = ejs__number(i);
    w->cb.args[2] = w->object;
    *result = ejs__callback_run(&w->cb, 3);
    return ejs__is_thrown(*result) ? -1 : 1;
}

/* Calls for the next element that there is: 1, 0 at the end, -1 thrown. */
static int walk_next(walk *w, ejs_value *result)
{
    while (w->i < w->length) {
        const double i = w->i++;
        if (!ejs__step(w->ctx))
            return -1;
        const int found = ejs__array_at(w->ctx, w->object, i, &w->item);
        if (found)
            return found < 0 ? -1 : walk_call(w, i, result);
    }
    return 0;
}

/* Calls for index i, a hole or not. */
static int walk_at(walk *w, double i, ejs_value *result)
{
    if (!ejs__step(w->ctx))
        return -1;
    w->item = ejs__element(w->ctx, w->object, i);
    return ejs__is_thrown(w->item) ? -1 : walk_call(w, i, result);
}

ejs_value ejs__array_for_each(ejs_call *call)
{
    walk w;
    ejs_value ignored;
    if (!walk_begin(&w, call, "Array.prototype.forEach"))
        return ejs__thrown();
    int more;
    while ((more = walk_next(&w, &ignored)) > 0)
        ;
    return more < 0 ? ejs__thrown() : ejs__undefined();
}

ejs_value ejs__array_map(ejs_call *call)
{
    walk w;
    if (!walk_begin(&w, call, "Array.prototype.map"))
        return ejs__thrown();
    ejs__array *out = ejs__array_for(w.ctx, w.length);
    if (!out)
        return ejs__thrown();
    ejs_value v;
    int more;
    while ((more = walk_next(&w, &v)) > 0) {
        while (out->object.length < w.i - 1) { /* holes stay holes */
            if (!ejs__append(w.ctx, out, ejs__tagged(EJS_TAG_HOLE)))
                return ejs__thrown();
        }
        if (!ejs__append(w.ctx, out, v))
            return ejs__thrown();
    }
    const ejs_value result = ejs__object(&out->object);
    if (more < 0 || (out->object.length < w.length &&
                     !ejs__set_length(w.ctx, result, w.length)))
        return ejs__thrown();
    return result;
}

ejs_value ejs__array_filter(ejs_call *call)
{
    walk w;
    if (!walk_begin(&w, call, "Array.prototype.filter"))
        return ejs__thrown();
    ejs__array *out = ejs__array_new(w.ctx, 0);
    if (!out)
        return ejs__thrown();
    ejs_value v;
    int more;
    while ((more = walk_next(&w, &v)) > 0) {
        if (ejs__truthy(v) && !ejs__append(w.ctx, out, w.item))
            return ejs__thrown();
    }
    return more < 0 ? ejs__thrown() : ejs__object(&out->object);
}

/* Walks until a result's truth is `wanted`; the answer is whether one was. */
static ejs_value search(ejs_call *call, const char *name, bool wanted)
{
    walk w;
    if (!walk_begin(&w, call, name))
        return ejs__thrown();
    ejs_value v;
    int more;
    while ((more = walk_next(&w, &v)) > 0) {
        if (ejs__truthy(v) == wanted)
            return ejs__boolean(wanted);
    }
    return more < 0 ? ejs__thrown() : ejs__boolean(!wanted);
}

ejs_value ejs__array_some(ejs_call *call)
{
    return search(call, "Array.prototype.some", true);
}

ejs_value ejs__array_every(ejs_call *call)
{
    return search(call, "Array.prototype.every", false);
}

/* find, findIndex, findLast and findLastIndex see holes as undefined. */
static ejs_value find(ejs_call *call, const char *name, bool last, bool index)
{
    walk w;
    if (!walk_begin(&w, call, name))
        return ejs__thrown();
    for (double n = 0; n < w.length; n++) {
        const double i = last ? w.length - 1 - n : n;
        ejs_value v;
        if (walk_at(&w, i, &v) < 0)
            return ejs__thrown();
        if (ejs__truthy(v))
            return index ? ejs__number(i) : w.item;
    }
    return index ? ejs__number(-1) : ejs__undefined();
}

ejs_value ejs__array_find(ejs_call *call)
{
    return find(call, "Array.prototype.find", false, false);
}

ejs_value ejs__array_find_index(ejs_call *call)
{
    return find(call, "Array.prototype.findIndex", false, true);
}

ejs_value ejs__array_find_last(ejs_call *call)
{
    return find(call, "Array.prototype.findLast", true, false);
}

ejs_value ejs__array_find_last_index(ejs_call *call)
{
    return find(call, "Array.prototype.findLastIndex", true, true);
}

/* reduce ------------------------------------------------------------------- */

static ejs_value reduce(ejs_call *call, const char *name, bool right)
{
    walk w;
    if (!walk_begin(&w, call, name))
        return ejs__thrown();
    w.cb.self = ejs__undefined();
    bool have = call->argc > 1;
    ejs_value sum = ejs__arg(call, 1);
    for (double n = 0; n < w.length; n++) {
        const double i = right ? w.length - 1 - n : n;
        if (!ejs__step(w.ctx))
            return ejs__thrown();
        const int found = ejs__array_at(w.ctx, w.object, i, &w.item);
        if (found < 0)
            return ejs__thrown();
        if (!found)
            continue;
        if (!have) {
            have = true;
            sum = w.item;
            continue;
        }
        w.cb.args[0] = sum;
        w.cb.args[1] = w.item;
        w.cb.args[2] = ejs__number(i);
        w.cb.args[3] = w.object;
        sum = ejs__callback_run(&w.cb, 4);
        if (ejs__is_thrown(sum))
            return sum;
    }
    if (!have)
        return ejs__throw_error(w.ctx, EJS_TYPE_ERROR,
                                "Reduce of empty array with no initial value");
    return sum;
}

ejs_value ejs__array_reduce(ejs_call *call)
{
    return reduce(call, "Array.prototype.reduce", false);
}

ejs_value ejs__array_reduce_right(ejs_call *call)
{
    return reduce(call, "Array.prototype.reduceRight", true);
}

/* flat --------------------------------------------------------------------- */

/* Appends the elements of v, those that are arrays flattened to `depth`. */
static bool flatten(ejs_context *ctx, ejs__array *out, ejs_value v,
                    double depth)
{
    double length;
    if (!ejs__check_stack(ctx) || !ejs__length_of(ctx, v, &length))
        return false;
    for (double i = 0; i < length; i++) {
        ejs_value item;
        if (!ejs__step(ctx))
            return false;
        const int found = ejs__array_at(ctx, v, i, &item);
        if (found < 0)
            return false;
        if (!found)
            continue;
        const bool deeper = depth > 0 && ejs__is_array(item);
        if (deeper ? !flatten(ctx, out, item, depth - 1)
                   : !ejs__append(ctx, out, item))
            return false;
    }
    return true;
}

ejs_value ejs__array_flat(ejs_call *call)
{
    ejs_value object;
    double length, depth = 1;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (ejs__arg(call, 0).tag != EJS_TAG_UNDEFINED &&
        !ejs__arg_integer(call, 0, &depth))
        return ejs__thrown();
    ejs__array *out = ejs__array_new(call->ctx, 0);
    if (!out || !flatten(call->ctx, out, object, depth))
        return ejs__thrown();
    return ejs__object(&out->object);
}

ejs_value ejs__array_flat_map(ejs_call *call)
{
    walk w;
    if (ejs__is_nullish(call->self))
        return ejs__to_object(call->ctx, call->self);
    if (!ejs__is_callable(ejs__arg(call, 0)))
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                                "flatMap mapper function is not callable");
    ejs__array *out = ejs__array_new(call->ctx, 0);
    if (!out || !walk_begin(&w, call, "Array.prototype.flatMap"))
        return ejs__thrown();
    ejs_value v;
    int more;
    while ((more = walk_next(&w, &v)) > 0) {
        if (ejs__is_array(v) ? !flatten(w.ctx, out, v, 0)
                             : !ejs__append(w.ctx, out, v))
            return ejs__thrown();
    }
    return more < 0 ? ejs__thrown() : ejs__object(&out->object);
}
