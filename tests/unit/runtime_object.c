/* runtime_object.c - properties, arrays, json-c nodes and their copies. */
#include <json-c/json.h>
#include <stdio.h>

#include "unit/runtime.h"

static ejs_value number_key(ejs_context *ctx, const char *prefix, int i)
{
    return ejs__string_format(ctx, "%s%d", prefix, i);
}

static void finds_among_many_properties(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    ejs_object *o = ejs__object_new(ctx);
    const ejs_value v = ejs__object(o);
    for (int i = 0; i < 500; i++)
        assert_true(
            ejs__define_index(ctx, o, number_key(ctx, "k", i), ejs__number(i)));
    for (int i = 0; i < 500; i += 2)
        assert_int_equal(
            ejs__delete(ctx, v, number_key(ctx, "k", i), true).as.bits, 1);
    for (int i = 0; i < 500; i++) {
        const ejs_value got = ejs__get_index(ctx, v, number_key(ctx, "k", i));
        if (i % 2)
            assert_true(got.as.number == i);
        else
            assert_int_equal(got.tag, EJS_TAG_UNDEFINED);
    }
    ejs__keys keys;
    assert_true(ejs__own_keys(ctx, v, &keys));
    assert_int_equal(keys.count, 250);
    assert_text(keys.list[0], "k1");
    end(ctx);
}

static void lists_indices_first(void **state)
{
    (void)state;
    static const char *const given[] = {"b", "10", "a", "2", "-1", "02", "0"};
    static const char *const sorted[] = {"0", "2", "10", "b", "a", "-1", "02"};
    ejs_context *ctx = begin(NULL);
    ejs_object *o = ejs__object_new(ctx);
    for (int i = 0; i < 7; i++)
        assert_true(
            ejs__define_name(ctx, o, given[i], ejs__null(), EJS_ORDINARY));
    ejs__keys keys;
    assert_true(ejs__own_keys(ctx, ejs__object(o), &keys));
    assert_int_equal(keys.count, 7);
    for (int i = 0; i < 7; i++)
        assert_text(keys.list[i], sorted[i]);
    end(ctx);
}

static void keeps_far_elements_apart(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    ejs__array *a = ejs__array_new(ctx, 0);
    const ejs_value v = ejs__object(&a->object);
    assert_true(ejs__set_element(ctx, v, 0, text("first")));
    assert_true(ejs__set_element(ctx, v, 4000000000.0, text("far")));
    double length;
    assert_true(ejs__length_of(ctx, v, &length));
    assert_true(length == 4000000001.0);
    assert_int_equal(a->object.length, 1);
    assert_text(ejs__element(ctx, v, 4000000000.0), "far");
    assert_int_equal(ejs__element(ctx, v, 5).tag, EJS_TAG_UNDEFINED);
    assert_true(ejs__set_length(ctx, v, 1));
    assert_int_equal(ejs__element(ctx, v, 4000000000.0).tag, EJS_TAG_UNDEFINED);
    end(ctx);
}

static void built_ins_keep_their_identity(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    const ejs_value a = ejs__array_from(ctx, NULL, 0);
    const ejs_value b = ejs__array_from(ctx, NULL, 0);
    const ejs_value push = ejs__get_name(ctx, a, "push");
    assert_true(ejs__is_callable(push));
    assert_true(ejs__strict_equal(push, ejs__get_name(ctx, b, "push")));
    assert_text(ejs__get_name(ctx, push, "name"), "push");
    end(ctx);
}

static void a_write_copies_the_node_only(void **state)
{
    (void)state;
    struct json_object *root =
        json_tokener_parse("{\"list\":[3,1],\"in\":{\"x\":1},\"s\":\"t\"}");
    ejs_context *ctx = begin(NULL);
    const ejs_value data = ejs__from_json(ctx, root);
    const ejs_value list = ejs__get_name(ctx, data, "list");
    assert_int_equal(list.tag, EJS_TAG_JSON);
    assert_true(ejs__set_element(ctx, list, 2, ejs__number(7)));
    assert_true(ejs__get_length(ctx, list).as.number == 3);
    const ejs_value again = ejs__get_name(ctx, data, "list");
    assert_true(ejs__strict_equal(list, again));
    assert_true(ejs__element(ctx, again, 2).as.number == 7);
    assert_int_equal(ejs__realm_of(ctx)->n_shadows, 1);
    assert_true(ejs__set_name(ctx, data, "s", text("new")));
    assert_text(ejs__get_name(ctx, data, "s"), "new");
    assert_true(ejs__strict_equal(ejs__get_name(ctx, data, "list"), list));
    end(ctx);
    struct json_object *untouched;
    json_object_object_get_ex(root, "list", &untouched);
    assert_int_equal(json_object_array_length(untouched), 2);
    json_object_put(root);
}

static void slots_are_only_hints(void **state)
{
    (void)state;
    struct json_object *rows =
        json_tokener_parse("[{\"a\":1,\"b\":2},{\"b\":3},{\"c\":1},{\"x\":0,"
                           "\"y\":0,\"a\":0,\"b\":4}]");
    static const double expected[] = {2, 3, NAN, 4};
    ejs_site site = EJS_SITE("b");
    ejs_context *ctx = begin(NULL);
    const ejs_value v = ejs__from_json(ctx, rows);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            const ejs_value b = ejs__get(ctx, ejs__element(ctx, v, i), &site);
            if (isnan(expected[i]))
                assert_int_equal(b.tag, EJS_TAG_UNDEFINED);
            else
                assert_true(b.as.number == expected[i]);
        }
    }
    end(ctx);
    json_object_put(rows);
}

static void dates_cross_from_json(void **state)
{
    (void)state;
    static const double times[] = {
        0, 1700000000123.0, -1, -62198755200001.0, 8.64e15, -8.64e15};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        double ms = NAN;
        struct json_object *date = ejs__json_date(times[i]);
        assert_non_null(date);
        assert_true(ejs__json_is_date(date, &ms));
        assert_true(ms == times[i]);
        ejs_context *ctx = begin(NULL);
        const ejs_value v = ejs__from_json(ctx, date);
        assert_true(ejs__is_kind(v, EJS_OBJECT_DATE));
        assert_true(ejs__strict_equal(v, ejs__from_json(ctx, date)));
        end(ctx);
        json_object_put(date);
    }
    assert_null(ejs__json_date(NAN));
}

static void bad_utf8_is_replaced(void **state)
{
    (void)state;
    struct json_object *s = json_object_new_string_len("a\xFF\xC3z", 4);
    ejs_context *ctx = begin(NULL);
    assert_text(ejs__from_json(ctx, s), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    end(ctx);
    json_object_put(s);
}

static void refusals_are_v8s(void **state)
{
    (void)state;
    ejs_context *ctx = begin(NULL);
    ejs_site x = EJS_SITE("x");
    assert_int_equal(ejs__get(ctx, ejs__null(), &x).tag, EJS_TAG_THROWN);
    assert_thrown(ctx, "Cannot read properties of null (reading 'x')");
    assert_false(ejs__set(ctx, ejs__undefined(), &x, ejs__null(), false));
    assert_thrown(ctx, "Cannot set properties of undefined (setting 'x')");
    assert_true(ejs__set(ctx, text("s"), &x, ejs__null(), false));
    assert_false(ejs__set(ctx, text("s"), &x, ejs__null(), true));
    assert_thrown(ctx, "Cannot create property 'x' on string 's'");
    assert_int_equal(
        ejs__call(ctx, ejs__number(5), ejs__null(), NULL, 0, "a.b").tag,
        EJS_TAG_THROWN);
    assert_thrown(ctx, "a.b is not a function");
    end(ctx);
}

static void limits_cannot_be_caught(void **state)
{
    (void)state;
    const ejs__settings few = {.max_steps = 100, .max_depth = 5, .now = 0};
    ejs_context *ctx = begin(&few);
    int turns = 0;
    while (ejs__step(ctx))
        turns++;
    assert_in_range(turns, 98, 101);
    assert_true(ctx->fatal);
    assert_int_equal(ejs__catch(ctx).tag, EJS_TAG_THROWN);
    ejs_error err;
    ejs__report(ctx, &err);
    assert_int_equal(err.status, EJS_LIMIT);
    end(ctx);

    const ejs__settings small = {.max_memory = 1 << 20, .now = 0};
    ctx = begin(&small);
    while (ejs__alloc(ctx, 1000))
        continue;
    ejs__report(ctx, &err);
    assert_int_equal(err.status, EJS_LIMIT);
    end(ctx);

    ctx = begin(&few);
    int depth = 0;
    while (ejs__enter(ctx))
        depth++;
    assert_int_equal(depth, 5);
    assert_false(ctx->fatal);
    assert_thrown(ctx, "Maximum call stack size exceeded");
    end(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_among_many_properties),
        cmocka_unit_test(lists_indices_first),
        cmocka_unit_test(keeps_far_elements_apart),
        cmocka_unit_test(built_ins_keep_their_identity),
        cmocka_unit_test(a_write_copies_the_node_only),
        cmocka_unit_test(slots_are_only_hints),
        cmocka_unit_test(dates_cross_from_json),
        cmocka_unit_test(bad_utf8_is_replaced),
        cmocka_unit_test(refusals_are_v8s),
        cmocka_unit_test(limits_cannot_be_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
