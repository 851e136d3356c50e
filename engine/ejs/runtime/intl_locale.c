/* Language tags and the option objects of Intl. */
#include "ejs/runtime/intl.h"

#include "ejs/runtime/array.h"
#include "ejs/runtime/icu_cache.h"
#include "ejs/runtime/intl_drift.h"

#include <stdio.h>
#include <stdlib.h>

#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/utypes.h>

/* tags --------------------------------------------------------------------- */

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Are the `n` characters letters (digits too with `digits`)? */
static bool is_run(const char *s, size_t n, bool letters, bool digits)
{
    for (size_t i = 0; i < n; i++) {
        if (!(letters && is_alpha(s[i])) && !(digits && is_digit(s[i])))
            return false;
    }
    return true;
}

static bool is_variant(const char *s, size_t n)
{
    return (n >= 5 && n <= 8 && is_run(s, n, true, true)) ||
           (n == 4 && is_digit(*s) && is_run(s, n, true, true));
}

/* language ("-" script)? ("-" region)? ("-" variant)* and then an extension */
static bool is_well_formed(const char *tag)
{
    enum { LANGUAGE, SCRIPT, REGION, VARIANT } expected = LANGUAGE;
    while (*tag) {
        const size_t n = strcspn(tag, "-");
        if (expected == LANGUAGE) {
            if (n < 2 || n == 4 || n > 8 || !is_run(tag, n, true, false))
                return false;
            expected = SCRIPT;
        } else if (expected <= SCRIPT && n == 4 &&
                   is_run(tag, n, true, false)) {
            expected = REGION;
        } else if (expected <= REGION &&
                   ((n == 2 && is_run(tag, n, true, false)) ||
                    (n == 3 && is_run(tag, n, false, true)))) {
            expected = VARIANT;
        } else if (is_variant(tag, n)) {
            expected = VARIANT;
        } else {
            return n == 1;
        }
        tag += n;
        if (*tag == '-')
            tag++;
    }
    return expected != LANGUAGE;
}

static bool bad_tag(ejs_context *ctx)
{
    ejs__throw_error(ctx, EJS_RANGE_ERROR,
                     "Incorrect locale information provided");
    return false;
}

/* The canonical ICU identifier of a tag; false: thrown. */
static bool canonical_id(ejs_context *ctx, ejs_value tag,
                         char out[EJS__TAG_SIZE])
{
    char text[EJS__TAG_SIZE], id[EJS__TAG_SIZE];
    if (tag.size >= sizeof text || memchr(tag.as.text, 0, tag.size))
        return bad_tag(ctx);
    for (uint32_t i = 0; i < tag.size; i++) {
        const char c = tag.as.text[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    text[tag.size] = '\0';
    if (!is_well_formed(text))
        return bad_tag(ctx);
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed = 0;
    uloc_forLanguageTag(text, id, sizeof id, &parsed, &status);
    if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING ||
        parsed != (int32_t)tag.size) {
        ejs__throw_error(ctx, EJS_RANGE_ERROR, "Invalid language tag: %s",
                         text);
        return false;
    }
    uloc_canonicalize(id, out, EJS__TAG_SIZE, &status);
    return !U_FAILURE(status) || bad_tag(ctx);
}

/* what there is ------------------------------------------------------------ */

static bool is_available(const char *id)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *all =
        uloc_openAvailableByType(ULOC_AVAILABLE_WITH_LEGACY_ALIASES, &status);
    bool found = false;
    const char *one;
    while (!found && U_SUCCESS(status) &&
           (one = uenum_next(all, NULL, &status)))
        found = strcmp(one, id) == 0;
    uenum_close(all);
    return found;
}

/* Shortens "de_XX_1996" from the right until there is data for it. */
static bool shorten(char *id)
{
    while (*id) {
        if (is_available(id))
            return true;
        char *cut = strrchr(id, '_');
        if (!cut)
            return false;
        while (cut > id && cut[-1] == '_')
            cut--;
        *cut = '\0';
    }
    return false;
}

/* The cached answer for a base name: "" when there is no data. */
static const char *best_available(const char *base)
{
    char key[EJS__TAG_SIZE + 1];
    const int size = snprintf(key, sizeof key, "L%s", base);
    const char *known = ejs__icu_cache_get(key, (size_t)size);
    if (known)
        return known;
    static _Thread_local char found[EJS__TAG_SIZE];
    snprintf(found, sizeof found, "%s", base);
    if (!shorten(found))
        *found = '\0';
    char *kept = strdup(found); /* without memory it is looked for again */
    if (kept)
        ejs__icu_cache_put(key, (size_t)size, kept, free);
    return found;
}

/* Copies those keywords of `from` (numbers, calendar ...) that count. */
static void copy_keywords(const char *from, const char *keywords, char *to)
{
    static const struct {
        const char *letters, *icu;
    } known[] = {{"nu", "numbers"},    {"ca", "calendar"},
                 {"hc", "hours"},      {"co", "collation"},
                 {"kn", "colnumeric"}, {"kf", "colcasefirst"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char value[ULOC_KEYWORDS_CAPACITY];
        UErrorCode status = U_ZERO_ERROR;
        if (!strstr(keywords, known[i].letters) ||
            uloc_getKeywordValue(from, known[i].icu, value, sizeof value,
                                 &status) <= 0 ||
            U_FAILURE(status))
            continue;
        status = U_ZERO_ERROR;
        uloc_setKeywordValue(known[i].icu, value, to, EJS__TAG_SIZE, &status);
    }
}

static void set_tag(ejs__locale *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    uloc_toLanguageTag(locale->icu, locale->tag, EJS__TAG_SIZE, false, &status);
    if (U_FAILURE(status))
        strcpy(locale->tag, "en-US");
}

/* Is there data for the identifier?  Then *out is what it leads to. */
static bool match(const char *id, const char *keywords, ejs__locale *out)
{
    char base[EJS__TAG_SIZE];
    UErrorCode status = U_ZERO_ERROR;
    uloc_getBaseName(id, base, sizeof base, &status);
    if (U_FAILURE(status))
        return false;
    const char *best = best_available(base);
    if (!best || !*best)
        return false;
    snprintf(out->icu, sizeof out->icu, "%s", best);
    const char *value, *keyword = ejs__drift_keyword(best, &value);
    copy_keywords(id, keywords, out->icu);
    set_tag(out);
    if (keyword && !strchr(out->icu, '@'))
        ejs__locale_set(out, keyword, value);
    return true;
}

/* lists of locales --------------------------------------------------------- */

/* The i-th tag asked for: 1, 0 past the end, -1 thrown. */
static int requested(ejs_context *ctx, ejs_value locales, double i,
                     char id[EJS__TAG_SIZE])
{
    ejs_value tag = locales;
    double length;
    if (locales.tag == EJS_TAG_STRING) {
        if (i > 0)
            return 0;
    } else {
        if (locales.tag == EJS_TAG_UNDEFINED)
            return 0;
        const ejs_value list = ejs__to_object(ctx, locales);
        if (ejs__is_thrown(list) || !ejs__length_of(ctx, list, &length))
            return -1;
        if (i >= length)
            return 0;
        tag = ejs__element(ctx, list, i);
        if (!ejs__is_thrown(tag) && tag.tag != EJS_TAG_STRING &&
            !ejs__is_object(tag))
            tag = ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                   "Language ID should be string or object.");
        if (ejs__is_object(tag))
            tag = ejs__to_string(ctx, tag);
        if (ejs__is_thrown(tag))
            return -1;
    }
    return canonical_id(ctx, tag, id) ? 1 : -1;
}

/* The locale of the render's settings. */
static bool default_locale(ejs_context *ctx, ejs__locale *out)
{
    char id[EJS__TAG_SIZE];
    const char *own = ejs__realm_of(ctx)->settings->locale;
    if (own &&
        !canonical_id(ctx, ejs__string(own, (uint32_t)strlen(own), 0), id))
        return false;
    if (own && match(id, "nu ca hc co kn kf", out))
        return true;
    strcpy(out->icu, "en_US");
    strcpy(out->tag, "en-US");
    return true;
}

static bool resolve(ejs_context *ctx, ejs_value locales, const char *keywords,
                    ejs__locale *out)
{
    char id[EJS__TAG_SIZE];
    int more;
    bool found = false;
    for (double i = 0; (more = requested(ctx, locales, i, id)) > 0; i++) {
        if (!found)
            found = match(id, keywords, out);
    }
    return more == 0 && (found || default_locale(ctx, out));
}

bool ejs__locale_resolve(ejs_context *ctx, ejs_value locales,
                         const char *keywords, ejs__locale *out)
{
    /* One tag, or none: usual, and worth remembering. */
    const char *own = ejs__realm_of(ctx)->settings->locale;
    char key[4 * EJS__TAG_SIZE];
    int size = -1;
    if (locales.tag == EJS_TAG_UNDEFINED)
        size = snprintf(key, sizeof key, "D%s %s", keywords, own ? own : "");
    else if (locales.tag == EJS_TAG_STRING && locales.size < EJS__TAG_SIZE)
        size = snprintf(key, sizeof key, "T%s %.*s %s", keywords,
                        (int)locales.size, locales.as.text, own ? own : "");
    if (size >= (int)sizeof key)
        size = -1;
    const ejs__locale *known =
        size > 0 ? ejs__icu_cache_get(key, (size_t)size) : NULL;
    if (known) {
        *out = *known;
        return true;
    }
    *out = (ejs__locale){0};
    if (!resolve(ctx, locales, keywords, out))
        return false;
    ejs__locale *kept = size > 0 ? malloc(sizeof *kept) : NULL;
    if (kept) {
        *kept = *out;
        ejs__icu_cache_put(key, (size_t)size, kept, free);
    }
    return true;
}

ejs_value ejs__locale_list(ejs_context *ctx, ejs_value locales, bool supported)
{
    ejs__array *list = ejs__array_new(ctx, 0);
    char id[EJS__TAG_SIZE];
    int more;
    if (!list)
        return ejs__thrown();
    for (double i = 0; (more = requested(ctx, locales, i, id)) > 0; i++) {
        ejs__locale asked = {0}, found;
        snprintf(asked.icu, sizeof asked.icu, "%s", id);
        set_tag(&asked);
        if (supported && !match(id, "", &found))
            continue;
        const ejs_value tag =
            ejs__string_copy(ctx, asked.tag, strlen(asked.tag));
        bool known = false;
        for (uint32_t k = 0; k < list->object.length; k++)
            known = known || ejs__strict_equal(list->items[k], tag);
        if (!known && (ejs__is_thrown(tag) || !ejs__append(ctx, list, tag)))
            return ejs__thrown();
    }
    return more < 0 ? ejs__thrown() : ejs__object(&list->object);
}

void ejs__locale_set(ejs__locale *locale, const char *keyword,
                     const char *value)
{
    UErrorCode status = U_ZERO_ERROR;
    uloc_setKeywordValue(keyword, value, locale->icu, EJS__TAG_SIZE, &status);
}

/* options ------------------------------------------------------------------ */

bool ejs__options_open(ejs_context *ctx, const char *service, ejs_value options,
                       ejs__options *out)
{
    *out = (ejs__options){ctx, service, options};
    if (options.tag != EJS_TAG_UNDEFINED)
        out->object = ejs__to_object(ctx, options);
    return !ejs__is_thrown(out->object);
}

ejs_value ejs__option(ejs__options *o, const char *name)
{
    return o->object.tag == EJS_TAG_UNDEFINED
               ? ejs__undefined()
               : ejs__get_name(o->ctx, o->object, name);
}

int ejs__option_word(ejs__options *o, const char *name, const char *words)
{
    ejs_value v = ejs__option(o, name);
    if (v.tag == EJS_TAG_UNDEFINED)
        return 0;
    if (!ejs__is_thrown(v))
        v = ejs__to_string(o->ctx, v);
    if (ejs__is_thrown(v))
        return -1;
    int index = 1;
    for (const char *w = words; *w; index++) {
        const size_t n = strcspn(w, " ");
        if (n == v.size && memcmp(w, v.as.text, n) == 0)
            return index;
        w += n + (w[n] == ' ');
    }
    ejs__throw_error(o->ctx, EJS_RANGE_ERROR,
                     "Value %.*s out of range for %s options property %s",
                     (int)v.size, v.as.text, o->service, name);
    return -1;
}

int ejs__option_text(ejs__options *o, const char *name, char *out, size_t size)
{
    ejs_value v = ejs__option(o, name);
    if (v.tag == EJS_TAG_UNDEFINED)
        return 0;
    if (!ejs__is_thrown(v))
        v = ejs__to_string(o->ctx, v);
    if (ejs__is_thrown(v))
        return -1;
    const size_t n = v.size < size ? v.size : size - 1;
    memcpy(out, v.as.text, n);
    out[n] = '\0';
    return 1;
}

int ejs__option_flag(ejs__options *o, const char *name)
{
    const ejs_value v = ejs__option(o, name);
    if (v.tag == EJS_TAG_UNDEFINED)
        return 0;
    return ejs__is_thrown(v) ? -1 : 1 + ejs__truthy(v);
}

int ejs__option_number(ejs__options *o, const char *name, int low, int high,
                       int *out)
{
    ejs_value v = ejs__option(o, name);
    if (v.tag == EJS_TAG_UNDEFINED)
        return 0;
    if (!ejs__is_thrown(v))
        v = ejs__to_number(o->ctx, v);
    if (ejs__is_thrown(v))
        return -1;
    if (!(v.as.number >= low && v.as.number <= high)) {
        ejs__throw_error(o->ctx, EJS_RANGE_ERROR, "%s value is out of range.",
                         name);
        return -1;
    }
    *out = (int)floor(v.as.number);
    return 1;
}

bool ejs__is_extension(const char *text)
{
    for (;; text++) {
        const size_t n = strcspn(text, "-");
        if (n < 3 || n > 8 || !is_run(text, n, true, true))
            return false;
        text += n;
        if (!*text)
            return true;
    }
}

/* resolvedOptions ---------------------------------------------------------- */

void ejs__show(ejs__shower *s, const char *name, ejs_value v)
{
    s->ok = s->ok && !ejs__is_thrown(v) &&
            ejs__set_name(s->ctx, s->object, name, v);
}

void ejs__show_text(ejs__shower *s, const char *name, const char *text)
{
    ejs__show(s, name, ejs__string_copy(s->ctx, text, strlen(text)));
}

void ejs__show_word(ejs__shower *s, const char *name, const char *words, int i)
{
    while (--i > 0)
        words += strcspn(words, " ") + 1;
    ejs__show(s, name, ejs__string_copy(s->ctx, words, strcspn(words, " ")));
}

/* parts -------------------------------------------------------------------- */

static bool add_part(ejs_context *ctx, ejs__array *list, const char *type,
                     const UChar *text, int32_t length)
{
    ejs_object *part = ejs__object_new(ctx);
    const ejs_value value =
        ejs__string_from_units(ctx, (const uint16_t *)text, (size_t)length);
    return part && !ejs__is_thrown(value) &&
           ejs__define_name(
               ctx, part, "type",
               ejs__string(type, (uint32_t)strlen(type), EJS_STRING_ASCII),
               EJS_ORDINARY) &&
           ejs__define_name(ctx, part, "value", value, EJS_ORDINARY) &&
           ejs__append(ctx, list, ejs__object(part));
}

ejs_value ejs__parts(ejs_context *ctx, const UChar *text, const int8_t *kinds,
                     int32_t length, const char *(*name)(int kind))
{
    ejs__array *list = ejs__array_new(ctx, 8);
    if (!list)
        return ejs__thrown();
    for (int32_t i = 0, end; i < length; i = end) {
        end = i + 1;
        while (end < length && kinds[end] == kinds[i])
            end++;
        if (!add_part(ctx, list, name(kinds[i]), text + i, end - i))
            return ejs__thrown();
    }
    return ejs__object(&list->object);
}
