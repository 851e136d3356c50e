/*
 * icu_cache.h - formatters and other costly things of ICU, kept by each thread.
 *
 * A value stays valid until 16 further ones were put; use it at once and look
 * it up again next time.  At the end of a thread all its values are closed.
 */
#ifndef EJS_RUNTIME_ICU_CACHE_H
#define EJS_RUNTIME_ICU_CACHE_H

#include <stdbool.h>
#include <stddef.h>

typedef void ejs__icu_close(void *value);

/*
 * Whether there is as much memory as opening something takes at most: ICU 72
 * follows, in places, the NULL that it gets when there is none.
 */
bool ejs__icu_has_room(void);

/* The value under these bytes, NULL when there is none. */
void *ejs__icu_cache_get(const void *key, size_t size);

/* Keeps `value` (not NULL).  Without memory it is closed, and NULL returned;
 * otherwise `value`. */
void *ejs__icu_cache_put(const void *key, size_t size, void *value,
                         ejs__icu_close *close);

#endif
