/*
 * pattern.h - regular expressions with bounded time and memory.
 *
 * A pattern may come with a request, so neither it nor the text may make a
 * match run for long: PCRE2's match limit counts the steps.
 */
#ifndef MODEL_PATTERN_H
#define MODEL_PATTERN_H

#include <mvc/model.h>

typedef struct mvc__pattern mvc__pattern;

/* `flags` of MongoDB: i m s x (u is taken and always on); NULL for none. */
mvc__pattern *mvc__pattern_new(const char *source, const char *flags,
                               mvc_error *err);
void mvc__pattern_free(mvc__pattern *pattern);

/*
 * Whether any part of the text matches.  A match that hits the limit is none.
 */
bool mvc__pattern_matches(const mvc__pattern *pattern, const char *text,
                          size_t size);

/* Chains a pattern to a handle's list, and frees such a list. */
void mvc__pattern_chain(mvc__pattern **list, mvc__pattern *pattern);
void mvc__patterns_free(mvc__pattern **list);

#endif
