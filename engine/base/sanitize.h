/* sanitize.h - what the sanitizers want to know; nothing in other builds. */
#ifndef BASE_SANITIZE_H
#define BASE_SANITIZE_H

#if defined(__SANITIZE_ADDRESS__)
#define BASE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BASE_ASAN 1
#endif
#endif

#ifdef BASE_ASAN
#include <sanitizer/asan_interface.h>
#define BASE_POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define BASE_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define BASE_POISON(p, n) ((void)(p), (void)(n))
#define BASE_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* Before a function that reads past the end of what it was given, to the end of
 * a word or block that cannot be on another page, and ignores what it read. */
#if defined(__clang__) || defined(__GNUC__)
#define BASE_READS_PAST                                                        \
    __attribute__((no_sanitize_address, no_sanitize_thread))
#else
#define BASE_READS_PAST
#endif

#endif
