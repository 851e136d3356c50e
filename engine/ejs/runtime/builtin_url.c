/* URL, whose parts are read-only here, and URLSearchParams. */
#include "base/utf8.h"
#include "ejs/runtime/url.h"

typedef struct params {
    ejs_object object;
    ejs__array *names, *values; /* of the same length */
    struct url_object *owner;   /* whose query follows, or NULL */
} params;

typedef struct url_object {
    ejs_object object;
    ejs__url url;
    params *params; /* searchParams, once wanted */
} url_object;

/* application/x-www-form-urlencoded ---------------------------------------- */

static void put_form_encoded(ejs__builder *out, ejs_value s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (uint32_t i = 0; i < s.size; i++) {
        const unsigned char c = (unsigned char)s.as.text[i];
        const bool plain = (c >= '0' && c <= '9') ||
                           ((c | 32) >= 'a' && (c | 32) <= 'z') ||
                           (c && strchr("*-._", c));
        if (plain) {
            ejs__builder_putc(out, (char)c);
        } else if (c == ' ') {
            ejs__builder_putc(out, '+');
        } else {
            const char escape[] = {'%', hex[c >> 4], hex[c & 15]};
            ejs__builder_put(out, escape, 3);
        }
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Text with what is not UTF-8, and halves of pairs, replaced. */
static ejs_value well_formed(ejs_context *ctx, const char *text, size_t size)
{
    if (base_utf8_valid(text, size, false))
        return ejs__string_copy(ctx, text, size);
    base_buf fixed = {0};
    base_utf8_repair(&fixed, text, size);
    const ejs_value s = fixed.failed
                            ? ejs__throw_no_memory(ctx)
                            : ejs__string_copy(ctx, fixed.data, fixed.size);
    base_buf_free(&fixed);
    return s;
}

static ejs_value form_decoded(ejs_context *ctx, const char *text, size_t size)
{
    char *out = ejs__alloc(ctx, size + 1);
    size_t n = 0;
    if (!out)
        return ejs__thrown();
    for (size_t i = 0; i < size; i++) {
        const int high = i + 2 < size ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < size ? hex_value(text[i + 2]) : -1;
        if (text[i] == '%' && high >= 0 && low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = text[i] == '+' ? ' ' : text[i];
        }
    }
    return well_formed(ctx, out, n);
}

/* the list ----------------------------------------------------------------- */

static bool add_pair(ejs_context *ctx, params *p, ejs_value name,
                     ejs_value value)
{
    return !ejs__is_thrown(name) && !ejs__is_thrown(value) &&
           ejs__array_push(ctx, p->names, name) &&
           ejs__array_push(ctx, p->values, value);
}

static bool read_query(ejs_context *ctx, params *p, ejs_value query)
{
    const char *at = query.as.text, *end = at + query.size;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        if (!stop)
            stop = end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        const char *name_end = equals ? equals : stop;
        const char *value = equals ? equals + 1 : stop;
        if (stop > at &&
            !add_pair(ctx, p, form_decoded(ctx, at, (size_t)(name_end - at)),
                      form_decoded(ctx, value, (size_t)(stop - value))))
            return false;
        at = stop + 1;
    }
    return true;
}

static params *new_params(ejs_context *ctx, ejs_object *proto)
{
    params *p = proto ? ejs__object_alloc(ctx, sizeof *p, EJS_OBJECT_HOST,
                                          proto)
                      : NULL;
    if (!p)
        return NULL;
    p->object.class_id = EJS_CLASS_URL_SEARCH_PARAMS * 4;
    p->names = ejs__array_new(ctx, 4);
    p->values = ejs__array_new(ctx, 4);
    return p->names && p->values ? p : NULL;
}

static ejs_value params_text(ejs_context *ctx, const params *p)
{
    ejs__builder out = ejs__builder_new(ctx);
    for (uint32_t i = 0; i < p->names->object.length; i++) {
        if (i)
            ejs__builder_putc(&out, '&');
        put_form_encoded(&out, p->names->items[i]);
        ejs__builder_putc(&out, '=');
        put_form_encoded(&out, p->values->items[i]);
    }
    return ejs__builder_take(&out);
}

/* Tells the URL it belongs to; the result of a changing method. */
static ejs_value changed(ejs_context *ctx, params *p)
{
    if (p->owner) {
        const ejs_value text = params_text(ctx, p);
        if (ejs__is_thrown(text))
            return text;
        p->owner->url.query = text.size ? text : ejs__undefined();
    }
    return ejs__undefined();
}

/* making ------------------------------------------------------------------- */

/* A string argument as the standard's USVString. */
static ejs_value usv_string(ejs_context *ctx, ejs_value v)
{
    v = ejs__to_string(ctx, v);
    if (ejs__is_thrown(v) || ejs__string_is_ascii(&v) ||
        !base_utf8_has_surrogates(v.as.text, v.size))
        return v;
    return well_formed(ctx, v.as.text, v.size);
}

static bool read_pairs(ejs_context *ctx, params *p, ejs_value list)
{
    ejs__iterator it;
    ejs_value pair;
    int more;
    if (!ejs__iterate(ctx, &it, list, "init"))
        return false;
    while ((more = ejs__next(ctx, &it, &pair)) > 0) {
        double length = 0;
        if (ejs__is_object(pair) && !ejs__length_of(ctx, pair, &length))
            return false;
        if (length != 2) {
            ejs__throw_error(ctx, EJS_TYPE_ERROR,
                             "Each query pair must be an iterable [name, "
                             "value] tuple");
            return false;
        }
        if (!add_pair(ctx, p, usv_string(ctx, ejs__element(ctx, pair, 0)),
                      usv_string(ctx, ejs__element(ctx, pair, 1))))
            return false;
    }
    return more == 0;
}

static bool read_record(ejs_context *ctx, params *p, ejs_value record)
{
    ejs__keys keys;
    if (!ejs__own_keys(ctx, record, &keys))
        return false;
    for (uint32_t i = 0; i < keys.count; i++) {
        const ejs_value v = ejs__get_index(ctx, record, keys.list[i]);
        if (ejs__is_thrown(v) ||
            !add_pair(ctx, p, usv_string(ctx, keys.list[i]),
                      usv_string(ctx, v)))
            return false;
    }
    return true;
}

static const params *as_params(ejs_value v)
{
    return ejs__is_kind(v, EJS_OBJECT_HOST) &&
                   v.as.object->class_id == EJS_CLASS_URL_SEARCH_PARAMS * 4
               ? (const params *)v.as.object
               : NULL;
}

static bool read_init(ejs_context *ctx, params *p, ejs_value init)
{
    const params *other = as_params(init);
    if (ejs__is_nullish(init))
        return true;
    if (other) {
        for (uint32_t i = 0; i < other->names->object.length; i++)
            if (!add_pair(ctx, p, other->names->items[i],
                          other->values->items[i]))
                return false;
        return true;
    }
    if (ejs__is_array(init) || ejs__is_kind(init, EJS_OBJECT_MAP) ||
        ejs__is_kind(init, EJS_OBJECT_SET) ||
        ejs__is_kind(init, EJS_OBJECT_ITERATOR) ||
        ejs__is_kind(init, EJS_OBJECT_GENERATOR))
        return read_pairs(ctx, p, init);
    if (ejs__is_object(init))
        return read_record(ctx, p, init);
    ejs_value text = usv_string(ctx, init);
    if (ejs__is_thrown(text))
        return false;
    if (text.size && text.as.text[0] == '?') {
        text.as.text++;
        text.size--;
    }
    return read_query(ctx, p, text);
}

static ejs_value needs_new(ejs_call *call, const char *name)
{
    return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                            "Class constructor %s cannot be invoked without "
                            "'new'",
                            name);
}

ejs_value ejs__url_search_params_construct(ejs_call *call)
{
    if (!call->construct)
        return needs_new(call, "URLSearchParams");
    params *p = new_params(
        call->ctx, ejs__construct_proto(call, EJS_CLASS_URL_SEARCH_PARAMS));
    if (!p || !read_init(call->ctx, p, ejs__arg(call, 0)))
        return ejs__thrown();
    return ejs__object(&p->object);
}

/* methods of URLSearchParams ----------------------------------------------- */

static params *this_params(ejs_call *call)
{
    if (ejs__is_kind(call->self, EJS_OBJECT_HOST) &&
        call->self.as.object->class_id == EJS_CLASS_URL_SEARCH_PARAMS * 4)
        return (params *)call->self.as.object;
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                     "Value of \"this\" must be of type URLSearchParams");
    return NULL;
}

/* `this` and the first `n` arguments, which must be there. */
static params *params_and(ejs_call *call, uint32_t n, ejs_value *name,
                          ejs_value *value)
{
    params *p = this_params(call);
    if (!p)
        return NULL;
    if (call->argc < n) {
        ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                         n == 1 ? "The \"name\" argument must be specified"
                                : "The \"name\" and \"value\" arguments must "
                                  "be specified");
        return NULL;
    }
    *name = usv_string(call->ctx, ejs__arg(call, 0));
    *value = ejs__arg(call, 1);
    if (value->tag != EJS_TAG_UNDEFINED || n == 2)
        *value = usv_string(call->ctx, *value);
    return ejs__is_thrown(*name) || ejs__is_thrown(*value) ? NULL : p;
}

static bool matches(const params *p, uint32_t i, ejs_value name,
                    ejs_value value)
{
    return ejs__string_equal(p->names->items[i], name) &&
           (value.tag == EJS_TAG_UNDEFINED ||
            ejs__string_equal(p->values->items[i], value));
}

static ejs_value params_append(ejs_call *call)
{
    ejs_value name, value;
    params *p = params_and(call, 2, &name, &value);
    if (!p || !add_pair(call->ctx, p, name, value))
        return ejs__thrown();
    return changed(call->ctx, p);
}

/* Takes out what matches from place `from` on. */
static void remove_matching(params *p, uint32_t from, ejs_value name,
                            ejs_value value)
{
    uint32_t n = from;
    for (uint32_t i = from; i < p->names->object.length; i++) {
        if (matches(p, i, name, value))
            continue;
        p->names->items[n] = p->names->items[i];
        p->values->items[n++] = p->values->items[i];
    }
    p->names->object.length = p->values->object.length = n;
}

static ejs_value params_delete(ejs_call *call)
{
    ejs_value name, value;
    params *p = params_and(call, 1, &name, &value);
    if (!p)
        return ejs__thrown();
    remove_matching(p, 0, name, value);
    return changed(call->ctx, p);
}

static ejs_value params_get(ejs_call *call)
{
    ejs_value name, value;
    const params *p = params_and(call, 1, &name, &value);
    if (!p)
        return ejs__thrown();
    for (uint32_t i = 0; i < p->names->object.length; i++)
        if (matches(p, i, name, ejs__undefined()))
            return p->values->items[i];
    return ejs__null();
}

static ejs_value params_get_all(ejs_call *call)
{
    ejs_value name, value;
    const params *p = params_and(call, 1, &name, &value);
    ejs__array *all = p ? ejs__array_new(call->ctx, 4) : NULL;
    if (!all)
        return ejs__thrown();
    for (uint32_t i = 0; i < p->names->object.length; i++)
        if (matches(p, i, name, ejs__undefined()) &&
            !ejs__array_push(call->ctx, all, p->values->items[i]))
            return ejs__thrown();
    return ejs__object(&all->object);
}

static ejs_value params_has(ejs_call *call)
{
    ejs_value name, value;
    const params *p = params_and(call, 1, &name, &value);
    if (!p)
        return ejs__thrown();
    for (uint32_t i = 0; i < p->names->object.length; i++)
        if (matches(p, i, name, value))
            return ejs__boolean(true);
    return ejs__boolean(false);
}

static ejs_value params_set(ejs_call *call)
{
    ejs_value name, value;
    params *p = params_and(call, 2, &name, &value);
    if (!p)
        return ejs__thrown();
    uint32_t i = 0;
    while (i < p->names->object.length &&
           !matches(p, i, name, ejs__undefined()))
        i++;
    if (i == p->names->object.length) {
        if (!add_pair(call->ctx, p, name, value))
            return ejs__thrown();
    } else {
        p->values->items[i] = value;
        remove_matching(p, i + 1, name, ejs__undefined());
    }
    return changed(call->ctx, p);
}

/* By name, equal names in the order they have. */
static ejs_value params_sort(ejs_call *call)
{
    params *p = this_params(call);
    if (!p)
        return ejs__thrown();
    ejs_value *names = p->names->items, *values = p->values->items;
    const uint32_t n = p->names->object.length;
    if (!ejs__fuel(call->ctx, (uint64_t)n * n / 16))
        return ejs__thrown();
    for (uint32_t i = 1; i < n; i++) {
        const ejs_value name = names[i], value = values[i];
        uint32_t k = i;
        for (; k > 0 && ejs__string_compare(names[k - 1], name) > 0; k--) {
            names[k] = names[k - 1];
            values[k] = values[k - 1];
        }
        names[k] = name;
        values[k] = value;
    }
    return changed(call->ctx, p);
}

static ejs_value params_to_string(ejs_call *call)
{
    const params *p = this_params(call);
    return p ? params_text(call->ctx, p) : ejs__thrown();
}

static ejs_value params_size(ejs_call *call)
{
    const params *p = this_params(call);
    return p ? ejs__number(p->names->object.length) : ejs__thrown();
}

static ejs_value params_for_each(ejs_call *call)
{
    const params *p = this_params(call);
    ejs__callback cb;
    if (!p || !ejs__callback_init(call->ctx, &cb, ejs__arg(call, 0),
                                  ejs__arg(call, 1)))
        return ejs__thrown();
    for (uint32_t i = 0; i < p->names->object.length; i++) {
        cb.args[0] = p->values->items[i];
        cb.args[1] = p->names->items[i];
        cb.args[2] = call->self;
        if (ejs__is_thrown(ejs__callback_run(&cb, 3)) ||
            !ejs__fuel(call->ctx, 1))
            return ejs__thrown();
    }
    return ejs__undefined();
}

enum { KEYS, VALUES, ENTRIES };

static int params_next(ejs_context *ctx, ejs__iterator_object *it, ejs_value *v)
{
    const params *p = (const params *)it->source.as.object;
    if (it->i >= p->names->object.length)
        return 0;
    const uint32_t i = (uint32_t)it->i++;
    if (it->what == ENTRIES)
        *v = ejs__pair(ctx, p->names->items[i], p->values->items[i]);
    else
        *v = it->what == KEYS ? p->names->items[i] : p->values->items[i];
    return ejs__is_thrown(*v) ? -1 : 1;
}

static ejs_value iterate(ejs_call *call, uint32_t what)
{
    if (!this_params(call))
        return ejs__thrown();
    ejs__iterator_object *it = ejs__iterator_new(
        call->ctx, EJS_CLASS_ITERATOR, call->self, params_next);
    if (!it)
        return ejs__thrown();
    it->what = what;
    return ejs__object(&it->object);
}

static ejs_value params_keys(ejs_call *call)
{
    return iterate(call, KEYS);
}

static ejs_value params_values(ejs_call *call)
{
    return iterate(call, VALUES);
}

static ejs_value params_entries(ejs_call *call)
{
    return iterate(call, ENTRIES);
}

/* URL ---------------------------------------------------------------------- */

/* Parses the two arguments: 1, 0 or -1. */
static int parse_arguments(ejs_call *call, ejs__url *out)
{
    ejs__url base;
    const bool has_base = ejs__arg(call, 1).tag != EJS_TAG_UNDEFINED;
    const ejs_value text = usv_string(call->ctx, ejs__arg(call, 0));
    if (ejs__is_thrown(text))
        return -1;
    if (has_base) {
        const ejs_value base_text = usv_string(call->ctx, call->args[1]);
        if (ejs__is_thrown(base_text))
            return -1;
        const int ok = ejs__url_parse(call->ctx, base_text, NULL, &base);
        if (ok <= 0)
            return ok;
    }
    return ejs__url_parse(call->ctx, text, has_base ? &base : NULL, out);
}

static ejs_value missing_url(ejs_call *call)
{
    return ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                            "The \"url\" argument must be specified");
}

ejs_value ejs__url_construct(ejs_call *call)
{
    ejs__url parsed;
    if (!call->construct)
        return needs_new(call, "URL");
    if (call->argc == 0)
        return missing_url(call);
    ejs_object *proto = ejs__construct_proto(call, EJS_CLASS_URL);
    const int ok = proto ? parse_arguments(call, &parsed) : -1;
    if (ok < 0)
        return ejs__thrown();
    if (!ok)
        return ejs__throw_error(call->ctx, EJS_TYPE_ERROR, "Invalid URL");
    url_object *made =
        ejs__object_alloc(call->ctx, sizeof *made, EJS_OBJECT_HOST, proto);
    if (!made)
        return ejs__thrown();
    made->object.class_id = EJS_CLASS_URL * 4;
    made->url = parsed;
    return ejs__object(&made->object);
}

static ejs_value url_can_parse(ejs_call *call)
{
    ejs__url parsed;
    if (call->argc == 0)
        return missing_url(call);
    const int ok = parse_arguments(call, &parsed);
    return ok < 0 ? ejs__thrown() : ejs__boolean(ok);
}

static url_object *this_url(ejs_call *call)
{
    if (ejs__is_kind(call->self, EJS_OBJECT_HOST) &&
        call->self.as.object->class_id == EJS_CLASS_URL * 4)
        return (url_object *)call->self.as.object;
    ejs__throw_error(call->ctx, EJS_TYPE_ERROR,
                     "Receiver must be an instance of class URL");
    return NULL;
}

static ejs_value url_href(ejs_call *call)
{
    const url_object *o = this_url(call);
    return o ? ejs__url_href(call->ctx, &o->url) : ejs__thrown();
}

/* before + s, or '' when s is missing or empty. */
static ejs_value prefixed(ejs_context *ctx, const char *before, ejs_value s)
{
    if (s.tag != EJS_TAG_STRING || s.size == 0)
        return EJS_LITERAL("");
    return ejs__string_format(ctx, "%s%.*s", before, (int)s.size, s.as.text);
}

static ejs_value url_origin(ejs_call *call)
{
    const url_object *o = this_url(call);
    if (!o)
        return ejs__thrown();
    if (!ejs__url_is_special(&o->url) ||
        ejs__string_is(o->url.scheme, "file"))
        return EJS_LITERAL("null");
    const ejs_value host = ejs__url_host(call->ctx, &o->url);
    if (ejs__is_thrown(host))
        return host;
    return ejs__string_format(call->ctx, "%.*s://%.*s",
                              (int)o->url.scheme.size, o->url.scheme.as.text,
                              (int)host.size, host.as.text);
}

static ejs_value url_protocol(ejs_call *call)
{
    const url_object *o = this_url(call);
    if (!o)
        return ejs__thrown();
    return ejs__string_format(call->ctx, "%.*s:", (int)o->url.scheme.size,
                              o->url.scheme.as.text);
}

static ejs_value url_host_and_port(ejs_call *call)
{
    const url_object *o = this_url(call);
    return o ? ejs__url_host(call->ctx, &o->url) : ejs__thrown();
}

static ejs_value url_port(ejs_call *call)
{
    const url_object *o = this_url(call);
    if (!o)
        return ejs__thrown();
    return o->url.port < 0 ? EJS_LITERAL("")
                           : ejs__number_to_string(call->ctx, o->url.port);
}

static ejs_value url_search(ejs_call *call)
{
    const url_object *o = this_url(call);
    return o ? prefixed(call->ctx, "?", o->url.query) : ejs__thrown();
}

static ejs_value url_hash(ejs_call *call)
{
    const url_object *o = this_url(call);
    return o ? prefixed(call->ctx, "#", o->url.fragment) : ejs__thrown();
}

#define PART_GETTER(name)                                                      \
    static ejs_value url_##name(ejs_call *call)                                \
    {                                                                          \
        const url_object *o = this_url(call);                                  \
        if (!o)                                                                \
            return ejs__thrown();                                              \
        return o->url.name.tag == EJS_TAG_STRING ? o->url.name                 \
                                                 : EJS_LITERAL("");            \
    }
PART_GETTER(username)
PART_GETTER(password)
PART_GETTER(host)
PART_GETTER(path)
#undef PART_GETTER

static ejs_value url_search_params(ejs_call *call)
{
    url_object *o = this_url(call);
    if (!o)
        return ejs__thrown();
    if (!o->params) {
        params *p = new_params(
            call->ctx, ejs__proto(call->ctx, EJS_CLASS_URL_SEARCH_PARAMS));
        if (!p || (o->url.query.tag == EJS_TAG_STRING &&
                   !read_query(call->ctx, p, o->url.query)))
            return ejs__thrown();
        p->owner = o;
        o->params = p;
    }
    return ejs__object(&o->params->object);
}

/* clang-format off */
const ejs__builtin ejs__url_methods[] = {
    {"toString",     url_href,          0, EJS_ROW_METHOD},
    {"toJSON",       url_href,          0, EJS_ROW_METHOD},
    {"href",         url_href,          0, EJS_ROW_GETTER},
    {"origin",       url_origin,        0, EJS_ROW_GETTER},
    {"protocol",     url_protocol,      0, EJS_ROW_GETTER},
    {"username",     url_username,      0, EJS_ROW_GETTER},
    {"password",     url_password,      0, EJS_ROW_GETTER},
    {"host",         url_host_and_port, 0, EJS_ROW_GETTER},
    {"hostname",     url_host,          0, EJS_ROW_GETTER},
    {"port",         url_port,          0, EJS_ROW_GETTER},
    {"pathname",     url_path,          0, EJS_ROW_GETTER},
    {"search",       url_search,        0, EJS_ROW_GETTER},
    {"searchParams", url_search_params, 0, EJS_ROW_GETTER},
    {"hash",         url_hash,          0, EJS_ROW_GETTER},
    {0},
};

const ejs__builtin ejs__url_statics[] = {
    {"canParse", url_can_parse, 1, EJS_ROW_METHOD},
    {0},
};

const ejs__builtin ejs__url_search_params_methods[] = {
    {"append",   params_append,    2, EJS_ROW_METHOD},
    {"delete",   params_delete,    1, EJS_ROW_METHOD},
    {"entries",  params_entries,   0, EJS_ROW_METHOD},
    {"forEach",  params_for_each,  1, EJS_ROW_METHOD},
    {"get",      params_get,       1, EJS_ROW_METHOD},
    {"getAll",   params_get_all,   1, EJS_ROW_METHOD},
    {"has",      params_has,       1, EJS_ROW_METHOD},
    {"keys",     params_keys,      0, EJS_ROW_METHOD},
    {"set",      params_set,       2, EJS_ROW_METHOD},
    {"size",     params_size,      0, EJS_ROW_GETTER},
    {"sort",     params_sort,      0, EJS_ROW_METHOD},
    {"toString", params_to_string, 0, EJS_ROW_METHOD},
    {"values",   params_values,    0, EJS_ROW_METHOD},
    {0},
};
/* clang-format on */
