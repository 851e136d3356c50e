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

#if defined(__SANITIZE_THREAD__)
#define BASE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BASE_TSAN 1
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

/* May bytes past the end of what was given be read, where they cannot be on
 * another page, and be ignored?  The sanitizers would object. */
#if defined(BASE_ASAN) || defined(BASE_TSAN)
#define BASE_MAY_READ_PAST 0
#else
#define BASE_MAY_READ_PAST 1
#endif

#endif
