/* Array.prototype.sort and toSorted. */
#include "ejs/runtime/array.h"
#include "ejs/runtime/sort.h"

/* What there was to sort: elements without holes, undefined apart. */
typedef struct sorting {
    ejs__sortable *items;
    uint32_t count, n_undefined;
} sorting;

/* The comparator of a template. */
static bool by_callback(void *user, const ejs__sortable *a,
                        const ejs__sortable *b, double *order)
{
    ejs__callback *cb = user;
    cb->args[0] = a->value;
    cb->args[1] = b->value;
    ejs_value r = ejs__callback_run(cb, 2);
    if (r.tag != EJS_TAG_NUMBER && !ejs__is_thrown(r))
        r = ejs__to_number(cb->call.ctx, r);
    *order = r.as.number == r.as.number ? r.as.number : 0;
    return !ejs__is_thrown(r) && ejs__step(cb->call.ctx);
}

/* Without one, by the UTF-16 units of the strings, made beforehand. */
static bool by_text(void *user, const ejs__sortable *a, const ejs__sortable *b,
                    double *order)
{
    *order = ejs__string_compare(a->key, b->key);
    return ejs__step(user);
}

/* Copies the elements out; with `holes`, those count as undefined. */
static bool collect(ejs_context *ctx, ejs_value object, double length,
                    bool holes, sorting *out)
{
    *out = (sorting){0};
    if (length > EJS__MAX_ARRAY) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid array length");
        return false;
    }
    uint32_t capacity = 0;
    for (double i = 0; i < length; i++) {
        ejs_value item;
        const int found = ejs__array_at(ctx, object, i, &item);
        if (found < 0 || !ejs__step(ctx))
            return false;
        if (!found && !holes)
            continue;
        if (!found || item.tag == EJS_TAG_UNDEFINED) {
            out->n_undefined++;
            continue;
        }
        if (out->count == capacity) {
            /* At first as many as there seem to be, if that is credible. */
            capacity = capacity         ? 2 * capacity
                       : length < 65536 ? (uint32_t)length
                                        : 65536;
            ejs__sortable *grown = ejs__alloc(ctx, capacity * sizeof *grown);
            if (!grown)
                return false;
            if (out->count)
                memcpy(grown, out->items, out->count * sizeof *grown);
            out->items = grown;
        }
        out->items[out->count++].value = item;
    }
    return true;
}

static bool order(ejs_call *call, sorting *s)
{
    ejs_context *ctx = call->ctx;
    if (ejs__arg(call, 0).tag != EJS_TAG_UNDEFINED) {
        ejs__callback cb;
        return ejs__callback_init(ctx, &cb, call->args[0], ejs__undefined()) &&
               ejs__sort(ctx, s->items, s->count, by_callback, &cb);
    }
    for (uint32_t i = 0; i < s->count && s->count > 1; i++) {
        s->items[i].key = ejs__to_string(ctx, s->items[i].value);
        if (ejs__is_thrown(s->items[i].key))
            return false;
    }
    return ejs__sort(ctx, s->items, s->count, by_text, ctx);
}

static bool check_comparator(ejs_call *call)
{
    const ejs_value compare = ejs__arg(call, 0);
    if (compare.tag == EJS_TAG_UNDEFINED || ejs__is_callable(compare))
        return true;
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                     "The comparison function must be either a function or "
                     "undefined");
    return false;
}

/* Puts the sorted elements back, then undefined, then deletes what is left. */
static bool put_back(ejs_context *ctx, ejs_value object, double length,
                     const sorting *s)
{
    bool thrown = false;
    ejs__array *array = ejs__is_array(object)
                            ? ejs__writable_array(ctx, object, &thrown)
                            : NULL;
    const double filled = (double)s->count + s->n_undefined;
    for (double i = 0; i < filled && !thrown; i++) {
        const ejs_value v =
            i < s->count ? s->items[(uint32_t)i].value : ejs__undefined();
        if (array && i < array->object.length)
            array->items[(uint32_t)i] = v;
        else if (!ejs__set_element(ctx, object, i, v))
            return false;
    }
    for (double i = filled; i < length && !thrown; i++) {
        if (!ejs__step(ctx) || !ejs__delete_element(ctx, object, i))
            return false;
    }
    return !thrown;
}

ejs_value ejs__array_sort(ejs_call *call)
{
    ejs_value object;
    double length;
    sorting s;
    if (!check_comparator(call) ||
        !ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (length < 2)
        return object;
    if (!collect(call->ctx, object, length, false, &s) || !order(call, &s) ||
        !put_back(call->ctx, object, length, &s))
        return ejs__thrown();
    return object;
}

ejs_value ejs__array_to_sorted(ejs_call *call)
{
    ejs_value object;
    double length;
    sorting s;
    if (!check_comparator(call) ||
        !ejs__array_receiver(call, NULL, &object, &length) ||
        !collect(call->ctx, object, length, true, &s) || !order(call, &s))
        return ejs__thrown();
    ejs__array *out = ejs__array_for(call->ctx, length);
    if (!out)
        return ejs__thrown();
    for (uint32_t i = 0; i < s.count; i++) {
        if (!ejs__append(call->ctx, out, s.items[i].value))
            return ejs__thrown();
    }
    for (uint32_t i = 0; i < s.n_undefined; i++) {
        if (!ejs__append(call->ctx, out, ejs__undefined()))
            return ejs__thrown();
    }
    return ejs__object(&out->object);
}
