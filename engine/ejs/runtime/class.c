/* class.c - what a class gives its instances before the constructor goes on. */
#include "ejs/runtime/internal.h"

/* What run_fields finds in the function object that a class keeps. */
typedef struct field {
    struct field *next;
    ejs__field_kind kind;
    ejs_value key, function;
} field;

typedef struct field_list {
    field *first, **last;
} field_list;

static bool add_field(ejs_context *ctx, ejs_value self, const field *f)
{
    ejs_object *object = self.as.object;
    ejs_value v = f->function;
    if (f->kind == EJS_FIELD_GETTER || f->kind == EJS_FIELD_SETTER)
        return ejs__define_accessor(ctx, object, f->key, v,
                                    f->kind == EJS_FIELD_SETTER, false);
    if (f->kind == EJS_FIELD_VALUE && v.tag == EJS_TAG_OBJECT)
        v = ejs__call(ctx, v, self, NULL, 0, NULL);
    if (ejs__is_thrown(v))
        return false;
    return f->kind == EJS_FIELD_METHOD
               ? ejs__define_method(ctx, object, f->key, v)
               : ejs__define_index(ctx, object, f->key, v);
}

/* Methods come before values, whatever their order in the text. */
static ejs_value run_fields(ejs_call *call)
{
    const field_list *list = call->user;
    if (call->self.tag != EJS_TAG_OBJECT)
        return ejs__undefined();
    for (int values = 0; values < 2; values++) {
        for (const field *f = list->first; f; f = f->next) {
            if ((f->kind == EJS_FIELD_VALUE) == (values == 1) &&
                !add_field(call->ctx, call->self, f))
                return ejs__thrown();
        }
    }
    return ejs__undefined();
}

static const ejs__function_info fields_info = {
    .name = "", .kind = EJS_CODE_METHOD, .strict = true};

static bool begin_fields(ejs_context *ctx, ejs__function_object *class_)
{
    ejs__function_object *f =
        ejs__closure(ctx, class_->frame, &fields_info, run_fields, NULL, 0);
    field_list *list = f ? ejs__alloc(ctx, sizeof *list) : NULL;
    if (!list)
        return false;
    list->first = NULL;
    list->last = &list->first;
    f->user = list;
    class_->fields = ejs__object(&f->object);
    return true;
}

bool ejs__class_field(ejs_context *ctx, ejs_value class_, ejs__field_kind kind,
                      ejs_value key, ejs_value function)
{
    ejs__function_object *c = ejs__as_function(class_.as.object);
    if (c->fields.tag != EJS_TAG_OBJECT && !begin_fields(ctx, c))
        return false;
    field *f = ejs__alloc(ctx, sizeof *f);
    if (!f)
        return false;
    *f = (field){NULL, kind, key, function};
    field_list *list = ejs__as_function(c->fields.as.object)->user;
    *list->last = f;
    list->last = &f->next;
    return true;
}

ejs_value ejs__throw_no_this(ejs_context *ctx)
{
    return ejs__throw_error(ctx, EJS_REFERENCE_ERROR,
                            "Must call super constructor in derived class "
                            "before accessing 'this' or returning from derived "
                            "constructor");
}
