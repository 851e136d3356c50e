/* map.c - tests base/map.h against a plain array. */
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

static void is_empty_when_zeroed(void **state)
{
    (void)state;
    base_map map = {0};
    size_t at = 0;
    assert_null(base_map_get(&map, "x", 1));
    assert_null(base_map_remove(&map, "x", 1));
    assert_null(base_map_next(&map, &at));
    base_map_free(&map);
}

static void replaces_the_value_of_a_key(void **state)
{
    (void)state;
    base_map map = {0};
    int a, b;
    assert_true(base_map_put(&map, "key", 3, &a));
    assert_true(base_map_put(&map, "key", 3, &b));
    assert_int_equal(map.count, 1);
    assert_ptr_equal(base_map_get(&map, "key", 3), &b);
    assert_null(base_map_get(&map, "key", 2));
    assert_ptr_equal(base_map_remove(&map, "key", 3), &b);
    assert_null(base_map_get(&map, "key", 3));
    base_map_free(&map);
}

static void keeps_bytes_apart_that_contain_nul(void **state)
{
    (void)state;
    base_map map = {0};
    int a, b;
    assert_true(base_map_put(&map, "a\0b", 3, &a));
    assert_true(base_map_put(&map, "a\0c", 3, &b));
    assert_ptr_equal(base_map_get(&map, "a\0b", 3), &a);
    assert_ptr_equal(base_map_get(&map, "a\0c", 3), &b);
    base_map_free(&map);
}

#define KEYS 500

static void behaves_like_an_array(void **state)
{
    (void)state;
    static char keys[KEYS][24];
    static int slots[KEYS];
    void *expected[KEYS] = {0};
    base_map map = {0};
    srand(2);
    for (int i = 0; i < KEYS; i++)
        snprintf(keys[i], sizeof keys[i], "%*d", 1 + i % 20, i);
    for (int round = 0; round < 50000; round++) {
        const int i = rand() % KEYS;
        const size_t size = strlen(keys[i]);
        assert_ptr_equal(base_map_get(&map, keys[i], size), expected[i]);
        if (rand() % 2) {
            expected[i] = &slots[rand() % KEYS];
            assert_true(base_map_put(&map, keys[i], size, expected[i]));
        } else {
            assert_ptr_equal(base_map_remove(&map, keys[i], size), expected[i]);
            expected[i] = NULL;
        }
    }
    size_t count = 0, at = 0;
    for (int i = 0; i < KEYS; i++)
        count += expected[i] != NULL;
    assert_int_equal(map.count, count);
    while (base_map_next(&map, &at))
        count--;
    assert_int_equal(count, 0);
    base_map_free(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_when_zeroed),
        cmocka_unit_test(replaces_the_value_of_a_key),
        cmocka_unit_test(keeps_bytes_apart_that_contain_nul),
        cmocka_unit_test(behaves_like_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
