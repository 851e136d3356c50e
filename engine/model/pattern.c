/* pattern.c - PCRE2 behind a small door, with limits. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "model/db.h"

enum {
    MAX_PATTERN = 1024, /* bytes of source */
    MAX_STEPS = 200000, /* a few milliseconds */
    MAX_HEAP = 1024,    /* KiB */
};

struct mvc__pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    mvc__pattern *next;
};

static bool read_flags(const char *flags, uint32_t *options, mvc_error *err)
{
    for (; flags && *flags; flags++) {
        switch (*flags) {
        case 'i':
            *options |= PCRE2_CASELESS;
            break;
        case 'm':
            *options |= PCRE2_MULTILINE;
            break;
        case 's':
            *options |= PCRE2_DOTALL;
            break;
        case 'x':
            *options |= PCRE2_EXTENDED;
            break;
        case 'u':
            break;
        default:
            return mvc__fail(err, MVC_MISUSE,
                             "regular expression flag '%c' is none of i m s x",
                             *flags);
        }
    }
    return true;
}

static pcre2_code *compile(const char *source, const char *flags,
                           mvc_error *err)
{
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    if (!read_flags(flags, &options, err))
        return NULL;
    const size_t size = strlen(source);
    if (size > MAX_PATTERN) {
        mvc__fail(err, MVC_INVALID,
                  "regular expression of %zu bytes is longer than %d", size,
                  MAX_PATTERN);
        return NULL;
    }
    int code;
    PCRE2_SIZE at;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)source, size, options, &code, &at, NULL);
    if (!compiled && code == PCRE2_ERROR_NOMEMORY) {
        mvc__no_memory(err);
    } else if (!compiled) {
        PCRE2_UCHAR reason[128] = "";
        pcre2_get_error_message(code, reason, sizeof reason);
        mvc__fail(err, MVC_INVALID, "regular expression /%s/: %s at %zu",
                  source, (const char *)reason, (size_t)at);
    }
    return compiled;
}

mvc__pattern *mvc__pattern_new(const char *source, const char *flags,
                               mvc_error *err)
{
    mvc__pattern *pattern = calloc(1, sizeof *pattern);
    if (!pattern) {
        mvc__no_memory(err);
        return NULL;
    }
    pattern->code = compile(source, flags, err);
    if (pattern->code) {
        pattern->data = pcre2_match_data_create(1, NULL);
        pattern->context = pcre2_match_context_create(NULL);
    }
    if (!pattern->data || !pattern->context) {
        mvc__no_memory(err);
        mvc__pattern_free(pattern);
        return NULL;
    }
    pcre2_set_match_limit(pattern->context, MAX_STEPS);
    pcre2_set_heap_limit(pattern->context, MAX_HEAP);
    return pattern;
}

void mvc__pattern_free(mvc__pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_match_context_free(pattern->context);
    pcre2_match_data_free(pattern->data);
    pcre2_code_free(pattern->code);
    free(pattern);
}

bool mvc__pattern_matches(const mvc__pattern *pattern, const char *text,
                          size_t size)
{
    return pcre2_match(pattern->code, (PCRE2_SPTR)text, size, 0, 0,
                       pattern->data, pattern->context) >= 0;
}

void mvc__pattern_chain(mvc__pattern **list, mvc__pattern *pattern)
{
    pattern->next = *list;
    *list = pattern;
}

void mvc__patterns_free(mvc__pattern **list)
{
    while (*list) {
        mvc__pattern *next = (*list)->next;
        mvc__pattern_free(*list);
        *list = next;
    }
}
