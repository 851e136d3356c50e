/*
 * number.h - numbers to text and back, digit for digit as JavaScript does it.
 *
 * Nothing here looks at the locale.  The `base_number_` writers return how many
 * bytes they wrote and add no NUL.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any number in the notation of Number.prototype.toString(). */
#define BASE_NUMBER_SIZE 32

/* Room for toFixed, toPrecision and toExponential with up to 100 digits. */
#define BASE_NUMBER_DIGITS_SIZE 136

/* Room for toString(radix) of any number in any radix. */
#define BASE_NUMBER_RADIX_SIZE 2200

/* x.toString(): the shortest digits that read back as x, closest to it. */
size_t base_number_format(double x, char out[BASE_NUMBER_SIZE]);

/* The same for an integer. */
size_t base_number_format_int(int64_t x, char out[BASE_NUMBER_SIZE]);

/*
 * The shortest digits alone, for a finite x > 0: 1 to 17 of them, the first and
 * the last not '0'.  The value is 0.DIGITS * 10^*point.
 */
int base_number_shortest(double x, char digits[17], int *point);

/* x.toFixed(digits), 0 to 100. */
size_t base_number_fixed(double x, int digits,
                         char out[BASE_NUMBER_DIGITS_SIZE]);

/* x.toPrecision(digits), 1 to 100. */
size_t base_number_precision(double x, int digits,
                             char out[BASE_NUMBER_DIGITS_SIZE]);

/* x.toExponential(digits), 0 to 100; -1: as many as needed. */
size_t base_number_exponential(double x, int digits,
                               char out[BASE_NUMBER_DIGITS_SIZE]);

/* x.toString(radix), 2 to 36; with the fraction digits that V8 chooses. */
size_t base_number_radix(double x, int radix, char out[BASE_NUMBER_RADIX_SIZE]);

/*
 * The double nearest to the decimal number at the start of `text`, ties to
 * even; *used is its length, 0 when there is none.  The grammar is
 *     [+-]? (digits [. digits?]? | . digits) ([eE] [+-]? digits)?
 * and what is not in it (blanks, Infinity, 0x, _) is left to the caller.
 */
double base_number_parse(const char *text, size_t size, size_t *used);

/*
 * digits * 10^exponent, when one multiplication or division of doubles gives the
 * nearest one: nearly always.  Otherwise false, and base_number_parse is needed.
 */
bool base_number_from_digits(uint64_t digits, int exponent, double *x);

/*
 * The double nearest to `size` digits of a radix that is 2 to 36, for parseInt
 * and for literals like 0xff.  The digits have been checked.  Radixes that are
 * powers of two and 10 are rounded exactly, others as V8 multiplies them up.
 */
double base_number_parse_radix(const char *digits, size_t size, int radix);

/* ToInt32: modulo 2^32, NaN and infinities give 0. */
int32_t base_number_to_int32(double x);

#endif
