/* memory.c - tests base/arena.h and base/buf.h. */
#include "base/arena.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "unit/test.h"

static void arena_gives_aligned_memory(void **state)
{
    (void)state;
    base_arena arena;
    base_arena_init(&arena, 0);
    for (size_t size = 0; size < 5000; size += 7) {
        char *memory = base_arena_alloc(&arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        memset(memory, 1, size);
    }
    base_arena_reset(&arena, 4096);
    const int *zeros = base_arena_zalloc(&arena, 100, sizeof *zeros);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeros[i], 0);
    assert_string_equal(base_arena_dup(&arena, "abc", 2), "ab");
    assert_string_equal(base_arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    base_arena_free(&arena);
}

static void arena_stops_at_its_limit(void **state)
{
    (void)state;
    base_arena arena;
    base_arena_init(&arena, 64 * 1024);
    assert_null(base_arena_alloc(&arena, 1 << 20));
    assert_true(arena.exhausted);
    assert_null(base_arena_zalloc(&arena, SIZE_MAX / 2, 3));
    assert_non_null(base_arena_alloc(&arena, 100));
    base_arena_free(&arena);
}

static void sizes_do_not_wrap(void **state)
{
    (void)state;
    size_t result;
    assert_true(base_size_add(1, 2, &result));
    assert_int_equal(result, 3);
    assert_false(base_size_add(SIZE_MAX, 1, &result));
    assert_false(base_size_mul(SIZE_MAX / 2, 3, &result));
}

static void buf_grows_and_hands_over(void **state)
{
    (void)state;
    base_buf buf = {0};
    for (int i = 0; i < 1000; i++)
        base_buf_printf(&buf, "%03d", i);
    base_buf_puts(&buf, "end");
    base_buf_putc(&buf, '.');
    size_t size;
    char *text = base_buf_take(&buf, &size);
    assert_int_equal(size, 3004);
    assert_memory_equal(text + 2997, "999end.", 8);
    assert_null(buf.data);
    free(text);
}

static void buf_keeps_its_failure(void **state)
{
    (void)state;
    base_buf buf = {0};
    base_buf_puts(&buf, "kept");
    assert_false(base_buf_reserve(&buf, SIZE_MAX));
    base_buf_puts(&buf, "dropped");
    assert_true(buf.failed);
    assert_null(base_buf_take(&buf, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_aligned_memory),
        cmocka_unit_test(arena_stops_at_its_limit),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(buf_grows_and_hands_over),
        cmocka_unit_test(buf_keeps_its_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
