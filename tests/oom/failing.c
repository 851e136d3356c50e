/*
 * failing.c - preloaded, makes one allocation of a program fail.
 *
 * FAIL_AT=N   the Nth allocation gives NULL
 * FAIL_ON=1   and so do all after it
 *
 * When the program ends it says on descriptor 3, if that is open, how many
 * allocations there were.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What glibc calls its own, beneath the names that can be replaced. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long made;
static long fail_at;
static int fail_on;

__attribute__((constructor)) static void read_environment(void)
{
    const char *at = getenv("FAIL_AT"), *on = getenv("FAIL_ON");
    fail_on = on && *on == '1';
    made = 0;
    fail_at = at ? atol(at) : 0;
}

__attribute__((destructor)) static void report(void)
{
    char text[24];
    const int size = snprintf(text, sizeof text, "%ld\n", (long)made);
    if (write(3, text, (size_t)size) < 0)
        errno = 0;
}

static int fails(void)
{
    const long n = atomic_fetch_add(&made, 1) + 1;
    if (!fail_at || !(n == fail_at || (fail_on && n > fail_at)))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (fails())
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
