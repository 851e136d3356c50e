/*
 * utf8.h - UTF-8 as templates need it: with lone surrogates, counted as UTF-16.
 *
 * Text inside the engine is WTF-8: UTF-8 in which half of a surrogate pair may
 * stand alone as three bytes (ED A0..BF xx), because JavaScript strings may
 * hold such halves.  Functions that take "text" expect well-formed WTF-8 unless
 * they say otherwise; base_utf8_decode, _valid and _repair take any bytes.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define BASE_UTF8_REPLACEMENT 0xFFFDu

/*
 * Reads the code point at the start of any `size` bytes.  Returns the bytes it
 * takes; 0 when there is none or it is malformed.  Lone surrogates are read.
 */
size_t base_utf8_decode(const char *data, size_t size, uint32_t *code);

/* Reads the code point that ends at `data + size`; bytes taken, or 0. */
size_t base_utf8_decode_last(const char *data, size_t size, uint32_t *code);

/* Writes a code point up to 10FFFF, surrogates too; returns 1 to 4 bytes. */
size_t base_utf8_encode(uint32_t code, char out[4]);

/* How many bytes at the start are ASCII; `size` when all are. */
size_t base_utf8_ascii_prefix(const char *data, size_t size);
bool base_utf8_is_ascii(const char *data, size_t size);

/* Whether the bytes are UTF-8; with `surrogates`, lone ones are allowed. */
bool base_utf8_valid(const char *data, size_t size, bool surrogates);

/* Whether text contains a lone surrogate, which UTF-8 proper cannot hold. */
bool base_utf8_has_surrogates(const char *text, size_t size);

/*
 * Appends the bytes with each malformed sequence and each lone surrogate
 * replaced by U+FFFD, one for each maximal part as the WHATWG decoder does, so
 * a lone surrogate's three bytes give one and not three.
 */
void base_utf8_repair(base_buf *out, const char *data, size_t size);

/* The length of text in UTF-16 code units: what JavaScript's `length` says. */
size_t base_utf16_length(const char *text, size_t size);

/*
 * The byte offset of UTF-16 unit `unit` in text, at most `size`.  When the unit
 * is the second half of a pair, the offset is the pair's and *inside is true.
 */
size_t base_utf16_offset(const char *text, size_t size, size_t unit,
                         bool *inside);

/* Converts text to units; `out` has room for base_utf16_length; returns it. */
size_t base_utf16_from_utf8(const char *text, size_t size, uint16_t *out);

/* Converts units to text, joining pairs; `out` has room for 3 bytes a unit. */
size_t base_utf8_from_utf16(const uint16_t *units, size_t length, char *out);

/* Orders text by UTF-16 code units, as JavaScript's `<` does: <0, 0 or >0. */
int base_utf16_compare(const char *a, size_t a_size, const char *b,
                       size_t b_size);

/*
 * Whether `a` ends in a high and `b` begins with a low surrogate: when they are
 * joined, the two 3-byte sequences have to become one of 4 bytes.
 */
bool base_utf8_joins(const char *a, size_t a_size, const char *b,
                     size_t b_size);

/* JavaScript's WhiteSpace and LineTerminator: what trim() and \s take. */
bool base_utf8_is_space(uint32_t code);

#endif
