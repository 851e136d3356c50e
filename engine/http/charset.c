/* charset.c - text of other charsets to UTF-8, by ICU. */
#include "http/charset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ustring.h>

#include "base/utf8.h"

enum { LARGEST = INT32_MAX / 8, REPLACEMENT = 0xFFFD };

/* ICU takes paths and options, too; nobody else's charset has such a name. */
static bool is_name(const char *name)
{
    const size_t size = strlen(name);
    return size > 0 && size < UCNV_MAX_CONVERTER_NAME_LENGTH &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789-_.:+") == size;
}

/* Without a mark the order shows by where the zeros of Latin letters are;
 * iconv-lite takes the little end for granted. */
static const char *with_order(const char *name, const base_buf *text)
{
    const bool is_16 = strcasecmp(name, "utf-16") == 0;
    const size_t unit = is_16 ? 2 : 4;
    if (!is_16 && strcasecmp(name, "utf-32") != 0)
        return name;
    const unsigned char *at = (const unsigned char *)text->data;
    const bool has_any = text->size >= unit;
    const bool is_big = has_any && ((at[0] == 0 && at[unit - 1] != 0) ||
                                    (is_16 && at[0] == 0xFE && at[1] == 0xFF));
    return is_16    ? is_big ? "utf-16be" : "utf-16le"
           : is_big ? "utf-32be"
                    : "utf-32le";
}

static void drop_mark(base_buf *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (text->size < 3 || memcmp(text->data, mark, 3) != 0)
        return;
    text->size -= 3;
    memmove(text->data, text->data + 3, text->size);
}

static mvc__charset repair(base_buf *text)
{
    if (base_utf8_valid(text->data, text->size, false))
        return MVC__CHARSET_DECODED;
    base_buf whole = {0};
    base_utf8_repair(&whole, text->data, text->size);
    if (whole.failed) {
        base_buf_free(&whole);
        return MVC__CHARSET_NO_MEMORY;
    }
    base_buf_free(text);
    *text = whole;
    return MVC__CHARSET_DECODED;
}

/* ICU's own choice is U+001A for some charsets. */
static void replace_malformed(const void *context,
                              UConverterToUnicodeArgs *args, const char *units,
                              int32_t length, UConverterCallbackReason reason,
                              UErrorCode *error)
{
    static const UChar replacement = REPLACEMENT;
    (void)context, (void)units, (void)length;
    if (reason > UCNV_IRREGULAR)
        return;
    *error = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &replacement, 1, 0, error);
}

/* UTF-16 of the text, malloc'd; NULL when out of memory. */
static UChar *to_units(UConverter *from, const base_buf *text, int32_t *length)
{
    UErrorCode error = U_ZERO_ERROR;
    const int32_t size = (int32_t)text->size;
    *length = ucnv_toUChars(from, NULL, 0, text->data, size, &error);
    UChar *units = malloc(((size_t)*length + 1) * sizeof *units);
    error = U_ZERO_ERROR;
    if (units)
        ucnv_toUChars(from, units, *length + 1, text->data, size, &error);
    if (U_SUCCESS(error))
        return units;
    free(units);
    return NULL;
}

static bool put_units(base_buf *out, const UChar *units, int32_t length)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t size = 0;
    if (!base_buf_reserve(out, 3 * (size_t)length + 1))
        return false;
    u_strToUTF8WithSub(
        out->data,
        (int32_t)(out->capacity < INT32_MAX ? out->capacity : INT32_MAX), &size,
        units, length, REPLACEMENT, NULL, &error);
    out->size = (size_t)size;
    return U_SUCCESS(error);
}

static mvc__charset convert(base_buf *text, const char *name)
{
    UErrorCode error = U_ZERO_ERROR;
    UConverter *from = ucnv_open(with_order(name, text), &error);
    if (U_FAILURE(error))
        return error == U_MEMORY_ALLOCATION_ERROR ? MVC__CHARSET_NO_MEMORY
                                                  : MVC__CHARSET_UNKNOWN;
    ucnv_setToUCallBack(from, replace_malformed, NULL, NULL, NULL, &error);
    base_buf out = {0};
    int32_t length;
    UChar *units = text->size <= LARGEST ? to_units(from, text, &length) : NULL;
    const bool ok = units && put_units(&out, units, length);
    free(units);
    ucnv_close(from);
    if (!ok) {
        base_buf_free(&out);
        return MVC__CHARSET_NO_MEMORY;
    }
    base_buf_free(text);
    *text = out;
    return MVC__CHARSET_DECODED;
}

mvc__charset mvc__charset_decode(base_buf *text, const char *name)
{
    const bool is_utf8 =
        strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0;
    if (!is_utf8 && !is_name(name))
        return MVC__CHARSET_UNKNOWN;
    const mvc__charset status = is_utf8 ? repair(text) : convert(text, name);
    if (status == MVC__CHARSET_DECODED)
        drop_mark(text);
    return status;
}
