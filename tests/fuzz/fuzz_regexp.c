/*
 * fuzz_regexp.c - libFuzzer target: any bytes as flags, pattern and subject; that
 * the check and the compiler agree, and that captures lie inside the subject.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/regexp.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_captures(const int32_t *captures, uint32_t groups,
                           size_t length)
{
    for (uint32_t i = 0; i < groups; i++) {
        const int32_t start = captures[i * 2], end = captures[i * 2 + 1];
        assert((start == -1) == (end == -1));
        assert(start >= -1 && start <= end && (size_t)(end + 1) <= length + 1);
    }
}

static void match(const base_regexp *re, const char *text, size_t size)
{
    const uint32_t groups = base_regexp_groups(re);
    int32_t *captures = calloc(groups * 2, sizeof *captures);
    uint16_t *units = calloc(size + 1, sizeof *units);
    assert(captures && units);
    base_regexp_subject subject = {.ascii = text, .length = size};
    if (!base_utf8_is_ascii(text, size))
        subject = (base_regexp_subject){
            NULL, units, base_utf16_from_utf8(text, size, units)};
    for (size_t start = 0; start <= subject.length; start += 3) {
        int64_t steps = 20000;
        if (base_regexp_match(re, &subject, start, start & 1, captures,
                              &steps) == BASE_REGEXP_FOUND)
            check_captures(captures, groups, subject.length);
    }
    free(captures);
    free(units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 4096)
        return 0;
    const unsigned flags = data[0] & 63;
    const char *pattern = (const char *)data + 1;
    const char *split = memchr(pattern, '\n', size - 1);
    const size_t pattern_size =
        split ? (size_t)(split - pattern) : size - 1;
    const char *text = split ? split + 1 : "aabbc";
    const size_t text_size =
        split ? size - 2 - pattern_size : strlen("aabbc");
    const char *reason;
    base_regexp *re = base_regexp_new(pattern, pattern_size, flags, &reason);
    assert(base_regexp_check(pattern, pattern_size, flags) == reason);
    if (re && base_utf8_valid(text, text_size, true))
        match(re, text, text_size);
    base_regexp_free(re);
    return 0;
}
