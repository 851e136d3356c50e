/*
 * failing.c - preloaded, makes one allocation of a program fail.
 *
 * FAIL_AT=N   the Nth allocation gives NULL
 * FAIL_ON=1   and so do all after it
 *
 * ICU's own allocations neither fail nor count: ICU 72 follows the NULL it gets
 * (in Locale::operator=, DecimalFormat::setupFastFormat and more).
 *
 * When the program ends it says on descriptor 3, if that is open, how many
 * allocations there were.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What glibc calls its own, beneath the names that can be replaced. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long made;
static long fail_at;
static int fail_on;

enum { MAX_RANGES = 16 };
static struct {
    uintptr_t from, to;
} icu[MAX_RANGES];
static int n_icu;

static int note_icu(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size, (void)unused;
    if (!strstr(info->dlpi_name, "/libicu"))
        return 0;
    for (int i = 0; i < info->dlpi_phnum && n_icu < MAX_RANGES; i++) {
        if (info->dlpi_phdr[i].p_type != PT_LOAD)
            continue;
        icu[n_icu].from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        icu[n_icu].to = icu[n_icu].from + info->dlpi_phdr[i].p_memsz;
        n_icu++;
    }
    return 0;
}

static int is_icu(const void *caller)
{
    const uintptr_t at = (uintptr_t)caller;
    for (int i = 0; i < n_icu; i++) {
        if (at >= icu[i].from && at < icu[i].to)
            return 1;
    }
    return 0;
}

__attribute__((constructor)) static void read_environment(void)
{
    const char *at = getenv("FAIL_AT"), *on = getenv("FAIL_ON");
    fail_on = on && *on == '1';
    dl_iterate_phdr(note_icu, NULL);
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

static int fails(const void *caller)
{
    if (is_icu(caller))
        return 0;
    const long n = atomic_fetch_add(&made, 1) + 1;
    if (!fail_at || !(n == fail_at || (fail_on && n > fail_at)))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
                                              : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL
                                              : __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0))
               ? NULL
               : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (fails(__builtin_return_address(0)))
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
