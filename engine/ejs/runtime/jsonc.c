/* jsonc.c - does json-c lay its nodes out as we believe? */
#include "ejs/runtime/jsonc.h"

#include <string.h>

enum { FIRST_KNOWN = 15 << 8, FIRST_UNKNOWN = 19 << 8 }; /* 0.15 .. 0.18 */

static bool is_text(struct json_object *node, const char *text)
{
    size_t size = 0;
    if (!node || ejs__jsonc_of(node)->type != json_type_string)
        return false;
    const char *at = ejs__jsonc_text(ejs__jsonc_of(node), &size);
    return size == strlen(text) && at == json_object_get_string(node) &&
           memcmp(at, text, size) == 0;
}

/* A text of its own, and one that has replaced a shorter one. */
static bool strings_agree(void)
{
    static const char text[] = "a text that is longer than any node";
    static int mark;
    struct json_object *node = json_object_new_string("few");
    bool agree = is_text(node, "few") && json_object_set_string(node, text) &&
                 is_text(node, text);
    if (agree) {
        json_object_set_userdata(node, &mark, NULL);
        agree = ejs__jsonc_of(node)->user_data == &mark;
    }
    json_object_put(node);
    return agree;
}

static bool integer_is(struct json_object *node, bool is_unsigned,
                       int64_t value)
{
    const ejs__jsonc *n = ejs__jsonc_of(node);
    const bool agree = n && n->type == json_type_int &&
                       (n->as.integer.is_unsigned != 0) == is_unsigned &&
                       n->as.integer.value == value;
    json_object_put(node);
    return agree;
}

static bool numbers_agree(void)
{
    struct json_object *number = json_object_new_double(0.375);
    struct json_object *yes = json_object_new_boolean(1);
    struct json_object *no = json_object_new_boolean(0);
    const ejs__jsonc *n = ejs__jsonc_of(number), *y = ejs__jsonc_of(yes),
                     *f = ejs__jsonc_of(no);
    const bool agree = n && y && f && n->type == json_type_double &&
                       n->as.number == 0.375 && y->type == json_type_boolean &&
                       y->as.boolean && f->type == json_type_boolean &&
                       !f->as.boolean;
    json_object_put(number);
    json_object_put(yes);
    json_object_put(no);
    return agree && integer_is(json_object_new_int64(-7), false, -7) &&
           integer_is(json_object_new_int64(INT64_MAX), false, INT64_MAX) &&
           integer_is(json_object_new_uint64(UINT64_MAX), true, -1);
}

static bool containers_agree(void)
{
    struct json_object *array = json_object_new_array();
    struct json_object *object = json_object_new_object();
    const ejs__jsonc *a = ejs__jsonc_of(array), *o = ejs__jsonc_of(object);
    const bool agree = a && o && a->type == json_type_array &&
                       o->type == json_type_object &&
                       a->as.array == json_object_get_array(array) &&
                       o->as.object == json_object_get_object(object);
    json_object_put(array);
    json_object_put(object);
    return agree;
}

bool ejs__jsonc_probe(void)
{
    const int version = json_c_version_num();
    return version >= FIRST_KNOWN && version < FIRST_UNKNOWN &&
           strings_agree() && numbers_agree() && containers_agree();
}
