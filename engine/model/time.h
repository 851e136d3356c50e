/* time.h - times as ISO 8601 text with milliseconds, in UTC. */
#ifndef MODEL_TIME_H
#define MODEL_TIME_H

#include <stdbool.h>
#include <stddef.h>

/* "2026-11-21T08:30:00.000Z", or "+012026-..." beyond four digits; and NUL. */
#define MVC__TIME_SIZE 32

/* Milliseconds since 1970 that JavaScript's Date can hold. */
#define MVC__TIME_MAX 8.64e15

/* `ms` is finite and within MVC__TIME_MAX. */
void mvc__time_format(double ms, char out[MVC__TIME_SIZE]);

/*
 * Reads "2026-11-21", "2026-11-21T08:30", with seconds, fraction and "Z" or
 * "+01:00"; without a zone it is UTC, wherever the program runs.
 */
bool mvc__time_parse(const char *text, double *ms);

double mvc__time_now(void);

#endif
