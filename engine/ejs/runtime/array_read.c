/* Array.prototype's methods that make something new: slice, join, concat ... */
#include "ejs/runtime/array.h"

/* elements ----------------------------------------------------------------- */

ejs_value ejs__array_at_method(ejs_call *call)
{
    ejs_value object;
    double length, i;
    if (!ejs__array_receiver(call, NULL, &object, &length) ||
        !ejs__arg_integer(call, 0, &i))
        return ejs__thrown();
    if (i < 0)
        i += length;
    return i >= 0 && i < length ? ejs__element(call->ctx, object, i)
                                : ejs__undefined();
}

/* Appends elements from .. to of v with their holes. */
static bool append_range(ejs_context *ctx, ejs__array *out, ejs_value v,
                         double from, double to)
{
    const ejs__array *dense = ejs__dense(ctx, v);
    if (dense && to <= dense->object.length && from < to) {
        const uint32_t n = (uint32_t)(to - from), at = out->object.length;
        if (!ejs__fuel(ctx, n / 16 + 1) ||
            !ejs__array_reserve(ctx, out, at + n))
            return false;
        memcpy(out->items + at, dense->items + (uint32_t)from,
               n * sizeof *out->items);
        out->object.length = at + n;
        return true;
    }
    for (double i = from; i < to; i++) {
        ejs_value item;
        if (!ejs__step(ctx))
            return false;
        const int found = ejs__array_at(ctx, v, i, &item);
        if (found < 0 ||
            !ejs__append(ctx, out, found ? item : ejs__tagged(EJS_TAG_HOLE)))
            return false;
    }
    return true;
}

ejs_value ejs__array_slice(ejs_call *call)
{
    ejs_value object;
    double length, from, to;
    if (!ejs__array_receiver(call, NULL, &object, &length) ||
        !ejs__arg_index(call, 0, length, 0, &from) ||
        !ejs__arg_index(call, 1, length, length, &to))
        return ejs__thrown();
    ejs__array *out = ejs__array_for(call->ctx, to > from ? to - from : 0);
    if (!out || !append_range(call->ctx, out, object, from, to))
        return ejs__thrown();
    return ejs__object(&out->object);
}

static bool append_spread(ejs_context *ctx, ejs__array *out, ejs_value v)
{
    double length;
    if (!ejs__is_array(v))
        return ejs__append(ctx, out, v);
    if (!ejs__length_of(ctx, v, &length))
        return false;
    if (out->object.length + length > EJS__MAX_ARRAY) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid array length");
        return false;
    }
    return append_range(ctx, out, v, 0, length);
}

ejs_value ejs__array_concat(ejs_call *call)
{
    const ejs_value self =
        ejs__is_object(call->self)
            ? call->self
            : ejs__this_object(call, "Array.prototype.concat");
    ejs__array *out = ejs__array_new(call->ctx, 0);
    if (ejs__is_thrown(self) || !out || !append_spread(call->ctx, out, self))
        return ejs__thrown();
    for (uint32_t i = 0; i < call->argc; i++) {
        if (!append_spread(call->ctx, out, call->args[i]))
            return ejs__thrown();
    }
    return ejs__object(&out->object);
}

/* searching ---------------------------------------------------------------- */

ejs_value ejs__array_index_of(ejs_call *call)
{
    ejs_value object, item;
    double length, i;
    if (!ejs__array_receiver(call, "Array.prototype.indexOf", &object, &length))
        return ejs__thrown();
    if (length == 0)
        return ejs__number(-1);
    if (!ejs__arg_index(call, 1, length, 0, &i))
        return ejs__thrown();
    const ejs_value wanted = ejs__arg(call, 0);
    for (; i < length; i++) {
        if (!ejs__step(call->ctx))
            return ejs__thrown();
        const int found = ejs__array_at(call->ctx, object, i, &item);
        if (found < 0)
            return ejs__thrown();
        if (found && ejs__strict_equal(item, wanted))
            return ejs__number(i);
    }
    return ejs__number(-1);
}

ejs_value ejs__array_last_index_of(ejs_call *call)
{
    ejs_value object, item;
    double length, i;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    i = length - 1;
    if (call->argc > 1 && length > 0) { /* an explicit undefined is 0 here */
        if (!ejs__arg_integer(call, 1, &i))
            return ejs__thrown();
        i = i < 0 ? length + i : fmin(i, length - 1);
    }
    const ejs_value wanted = ejs__arg(call, 0);
    for (; i >= 0; i--) {
        if (!ejs__step(call->ctx))
            return ejs__thrown();
        const int found = ejs__array_at(call->ctx, object, i, &item);
        if (found < 0)
            return ejs__thrown();
        if (found && ejs__strict_equal(item, wanted))
            return ejs__number(i);
    }
    return ejs__number(-1);
}

ejs_value ejs__array_includes(ejs_call *call)
{
    ejs_value object;
    double length, i;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (length == 0)
        return ejs__boolean(false);
    if (!ejs__arg_index(call, 1, length, 0, &i))
        return ejs__thrown();
    const ejs_value wanted = ejs__arg(call, 0);
    for (; i < length; i++) {
        if (!ejs__step(call->ctx))
            return ejs__thrown();
        const ejs_value item = ejs__element(call->ctx, object, i);
        if (ejs__is_thrown(item))
            return item;
        if (ejs__same_value_zero(item, wanted))
            return ejs__boolean(true);
    }
    return ejs__boolean(false);
}

/* join --------------------------------------------------------------------- */

/* Arrays being joined, innermost first: one inside itself gives ''. */
typedef struct joining {
    ejs_value object;
    struct joining *outer;
} joining;

static void **joining_of(ejs_context *ctx)
{
    return ejs__builtin_state(ctx, EJS_CLASS_ARRAY);
}

static bool is_joining(ejs_context *ctx, ejs_value object)
{
    for (const joining *j = *joining_of(ctx); j; j = j->outer) {
        if (ejs__strict_equal(j->object, object))
            return true;
    }
    return false;
}

/* How one element is put: by String(), or by its toLocaleString(args). */
static bool put_item(ejs__builder *b, ejs_value item, const ejs_call *locale)
{
    if (ejs__is_nullish(item))
        return true;
    if (locale)
        item = ejs__invoke_name(b->ctx, item, "toLocaleString", locale->args,
                                locale->argc > 2 ? 2 : locale->argc);
    if (item.tag == EJS_TAG_NUMBER)
        item = ejs__number_to_string(b->ctx, item.as.number);
    else if (item.tag != EJS_TAG_STRING && !ejs__is_thrown(item))
        item = ejs__to_string(b->ctx, item);
    if (ejs__is_thrown(item))
        return false;
    ejs__builder_put_string(b, item);
    return !b->failed;
}

static ejs_value join(ejs_context *ctx, ejs_value object, double length,
                      ejs_value separator, const ejs_call *locale)
{
    if (is_joining(ctx, object))
        return EJS_LITERAL("");
    if (!ejs__check_stack(ctx))
        return ejs__thrown();
    joining here = {object, *joining_of(ctx)};
    *joining_of(ctx) = &here;
    ejs__builder b = ejs__builder_new(ctx);
    bool ok = true;
    for (double i = 0; ok && i < length; i++) {
        if (i > 0 && separator.size)
            ejs__builder_put_string(&b, separator);
        const ejs_value item = ejs__element(ctx, object, i);
        ok = ejs__step(ctx) && !ejs__is_thrown(item) && !b.failed &&
             put_item(&b, item, locale);
    }
    *joining_of(ctx) = here.outer;
    return ok ? ejs__builder_take(&b) : ejs__thrown();
}

ejs_value ejs__array_join(ejs_call *call)
{
    ejs_value object, separator = EJS_LITERAL(",");
    double length;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    if (ejs__arg(call, 0).tag != EJS_TAG_UNDEFINED)
        separator = ejs__to_string(call->ctx, call->args[0]);
    if (ejs__is_thrown(separator))
        return separator;
    return join(call->ctx, object, length, separator, NULL);
}

ejs_value ejs__array_to_locale_string(ejs_call *call)
{
    ejs_value object;
    double length;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    return join(call->ctx, object, length, EJS_LITERAL(","), call);
}

ejs_value ejs__array_to_string(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    const ejs_value self = ejs__to_object(ctx, call->self);
    if (ejs__is_thrown(self))
        return self;
    ejs_value method = ejs__get_name(ctx, self, "join");
    if (!ejs__is_thrown(method) && !ejs__is_callable(method))
        method = ejs__get_name(
            ctx, ejs__object(ejs__proto(ctx, EJS_CLASS_OBJECT)), "toString");
    if (ejs__is_thrown(method))
        return method;
    return ejs__call(ctx, method, self, NULL, 0, "join");
}

/* changed copies ----------------------------------------------------------- */

/* Appends elements from .. to of v, holes as undefined. */
static bool append_filled(ejs_context *ctx, ejs__array *out, ejs_value v,
                          double from, double to)
{
    for (double i = from; i < to; i++) {
        const ejs_value item = ejs__element(ctx, v, i);
        if (!ejs__step(ctx) || ejs__is_thrown(item) ||
            !ejs__append(ctx, out, item))
            return false;
    }
    return true;
}

ejs_value ejs__array_to_reversed(ejs_call *call)
{
    ejs_value object;
    double length;
    if (!ejs__array_receiver(call, NULL, &object, &length))
        return ejs__thrown();
    ejs__array *out = ejs__array_for(call->ctx, length);
    if (!out)
        return ejs__thrown();
    for (double i = length - 1; i >= 0; i--) {
        if (!append_filled(call->ctx, out, object, i, i + 1))
            return ejs__thrown();
    }
    return ejs__object(&out->object);
}

ejs_value ejs__array_to_spliced(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value object;
    double length, start, skip = 0;
    if (!ejs__array_receiver(call, NULL, &object, &length) ||
        !ejs__arg_index(call, 0, length, 0, &start))
        return ejs__thrown();
    if (call->argc == 1)
        skip = length - start;
    else if (!ejs__arg_integer(call, 1, &skip))
        return ejs__thrown();
    skip = fmin(fmax(skip, 0), length - start);
    const uint32_t added = call->argc > 2 ? call->argc - 2 : 0;
    const double total = length + added - skip;
    if (total > EJS__MAX_LENGTH)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR, "Invalid array length");
    ejs__array *out = ejs__array_for(ctx, total);
    if (!out || !append_filled(ctx, out, object, 0, start))
        return ejs__thrown();
    for (uint32_t i = 0; i < added; i++) {
        if (!ejs__append(ctx, out, call->args[2 + i]))
            return ejs__thrown();
    }
    if (!append_filled(ctx, out, object, start + skip, length))
        return ejs__thrown();
    return ejs__object(&out->object);
}

ejs_value ejs__array_with(ejs_call *call)
{
    ejs_context *ctx = call->ctx;
    ejs_value object;
    double length, i;
    if (!ejs__array_receiver(call, NULL, &object, &length) ||
        !ejs__arg_integer(call, 0, &i))
        return ejs__thrown();
    if (i < 0)
        i += length;
    if (!(i >= 0 && i < length)) {
        const ejs_value shown = ejs__to_string(ctx, ejs__arg(call, 0));
        if (ejs__is_thrown(shown))
            return shown;
        return ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid index : %.*s",
                                (int)shown.size, shown.as.text);
    }
    ejs__array *out = ejs__array_for(ctx, length);
    if (!out || !append_filled(ctx, out, object, 0, i) ||
        !ejs__append(ctx, out, ejs__arg(call, 1)) ||
        !append_filled(ctx, out, object, i + 1, length))
        return ejs__thrown();
    return ejs__object(&out->object);
}

/* iterators ---------------------------------------------------------------- */

enum { KEYS, VALUES, ENTRIES };

static int step(ejs_context *ctx, ejs__iterator_object *it, ejs_value *v)
{
    double length;
    if (!ejs__length_of(ctx, it->source, &length))
        return -1;
    if ((double)it->i >= length)
        return 0;
    const double i = (double)it->i++;
    *v = ejs__number(i);
    if (it->what != KEYS)
        *v = ejs__element(ctx, it->source, i);
    if (it->what == ENTRIES && !ejs__is_thrown(*v))
        *v = ejs__pair(ctx, ejs__number(i), *v);
    return ejs__is_thrown(*v) ? -1 : 1;
}

static ejs_value iterator(ejs_call *call, uint32_t what)
{
    const ejs_value self = ejs__to_object(call->ctx, call->self);
    if (ejs__is_thrown(self))
        return self;
    ejs__iterator_object *it =
        ejs__iterator_new(call->ctx, EJS_CLASS_ARRAY_ITERATOR, self, step);
    if (!it)
        return ejs__thrown();
    it->what = what;
    return ejs__object(&it->object);
}

ejs_value ejs__array_keys(ejs_call *call)
{
    return iterator(call, KEYS);
}

ejs_value ejs__array_values(ejs_call *call)
{
    return iterator(call, VALUES);
}

ejs_value ejs__array_entries(ejs_call *call)
{
    return iterator(call, ENTRIES);
}
