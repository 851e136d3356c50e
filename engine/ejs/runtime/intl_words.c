/* Plural forms, lists, relative times and collation through ICU. */
#include "ejs/runtime/intl_words.h"

#include "ejs/runtime/array.h"
#include "ejs/runtime/icu_cache.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#include <unicode/ucol.h>
#include <unicode/uenum.h>
#include <unicode/uformattedvalue.h>
#include <unicode/ulistformatter.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ureldatefmt.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/* ORDER: words count from 1. */
#define PLURAL_TYPES "cardinal ordinal"
#define LIST_TYPES "conjunction disjunction unit"
#define LENGTHS "long short narrow"
#define NUMERICS "always auto"
#define USAGES "sort search"
#define SENSITIVITIES "base accent case variant"
#define CASE_FIRSTS "upper lower false"

static bool word(ejs__options *o, const char *name, const char *words,
                 int fallback, uint8_t *out)
{
    const int v = ejs__option_word(o, name, words);
    *out = (uint8_t)(v > 0 ? v : fallback);
    return v >= 0;
}

static bool matcher(ejs__options *o, ejs__word_options *out)
{
    uint8_t ignored;
    memset(out, 0, sizeof *out);
    return word(o, "localeMatcher", "lookup best fit", 1, &ignored);
}

/* The cached thing for kind, options and locale; `open` makes it. */
static void *cached(ejs_context *ctx, char kind, const ejs__locale *locale,
                    const ejs__word_options *o,
                    void *(*open)(const ejs__locale *,
                                  const ejs__word_options *),
                    ejs__icu_close *close)
{
    char key[1 + sizeof *o + EJS__TAG_SIZE];
    const size_t n = strlen(locale->icu), size = 1 + sizeof *o + n;
    key[0] = kind;
    memcpy(key + 1, o, sizeof *o);
    memcpy(key + 1 + sizeof *o, locale->icu, n);
    void *value = ejs__icu_cache_get(key, size);
    if (!value && ejs__icu_has_room() && (value = open(locale, o)))
        value = ejs__icu_cache_put(key, size, value, close);
    if (!value)
        ejs__throw_no_memory(ctx);
    return value;
}

static ejs_value from_units(ejs_context *ctx, const UChar *text, int32_t n)
{
    return ejs__string_from_units(ctx, (const uint16_t *)text, (size_t)n);
}

/* A string as UTF-16 in the arena; NULL: thrown. */
static UChar *to_units(ejs_context *ctx, ejs_value s, int32_t *length)
{
    UChar *units = ejs__alloc(ctx, ((size_t)s.size + 1) * sizeof *units);
    if (units)
        *length =
            (int32_t)base_utf16_from_utf8(s.as.text, s.size, (uint16_t *)units);
    return units;
}

static ejs__shower begin_show(ejs_context *ctx, const ejs__locale *locale,
                              ejs_value object)
{
    ejs__shower s = {ctx, object, true};
    ejs__show(&s, "locale",
              ejs__string_copy(ctx, locale->tag, strlen(locale->tag)));
    return s;
}

/* PluralRules -------------------------------------------------------------- */

typedef struct plural {
    UPluralRules *rules;
    UNumberFormatter *number;
    UFormattedNumber *result;
} plural;

bool ejs__plural_options_read(ejs__options *o, ejs__locale *locale,
                              ejs__word_options *out)
{
    (void)locale;
    ejs__number_options *digits = &out->digits;
    if (!matcher(o, out))
        return false;
    digits->min_fraction = digits->max_fraction = -1;
    digits->min_significant = digits->max_significant = -1;
    digits->notation = 1;
    return word(o, "type", PLURAL_TYPES, 1, &out->type) &&
           ejs__digit_options_read(o, 0, 3, digits);
}

static void close_plural(void *value)
{
    plural *p = value;
    uplrules_close(p->rules);
    unumf_closeResult(p->result);
    unumf_close(p->number);
    free(p);
}

static void *open_plural(const ejs__locale *locale, const ejs__word_options *o)
{
    char skeleton[256] = "";
    UChar units[256];
    UErrorCode status = U_ZERO_ERROR;
    plural *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    ejs__digit_skeleton(&o->digits, skeleton, sizeof skeleton);
    u_charsToUChars(skeleton, units, (int32_t)strlen(skeleton) + 1);
    p->rules = uplrules_openForType(
        locale->icu,
        o->type == 2 ? UPLURAL_TYPE_ORDINAL : UPLURAL_TYPE_CARDINAL, &status);
    p->number = unumf_openForSkeletonAndLocale(units + (*skeleton == ' '), -1,
                                               locale->icu, &status);
    p->result = unumf_openResult(&status);
    if (U_SUCCESS(status))
        return p;
    close_plural(p);
    return NULL;
}

ejs_value ejs__plural_select(ejs_context *ctx, const ejs__locale *locale,
                             const ejs__word_options *o, double n)
{
    const plural *p = cached(ctx, 'P', locale, o, open_plural, close_plural);
    if (!p)
        return ejs__thrown();
    UChar keyword[16];
    UErrorCode status = U_ZERO_ERROR;
    unumf_formatDouble(p->number, n, p->result, &status);
    const int32_t length =
        uplrules_selectFormatted(p->rules, p->result, keyword, 16, &status);
    return U_SUCCESS(status) ? from_units(ctx, keyword, length)
                             : ejs__throw_no_memory(ctx);
}

/* The categories of the locale; V8 lists them as ICU does, "other" last. */
static ejs_value categories(ejs_context *ctx, const plural *p)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *all = uplrules_getKeywords(p->rules, &status);
    ejs__array *list = ejs__array_new(ctx, 6);
    static const char *const order[] = {"few", "many", "one",
                                        "two", "zero", "other"};
    bool ok = list != NULL;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *keyword;
        if (U_SUCCESS(status))
            uenum_reset(all, &status);
        while (ok && U_SUCCESS(status) &&
               (keyword = uenum_next(all, NULL, &status))) {
            if (strcmp(keyword, order[i]) == 0)
                ok = ejs__append(ctx, list,
                                 ejs__string(order[i],
                                             (uint32_t)strlen(order[i]),
                                             EJS_STRING_ASCII));
        }
    }
    uenum_close(all);
    return ok ? ejs__object(&list->object) : ejs__thrown();
}

bool ejs__plural_show(ejs_context *ctx, const ejs__locale *locale,
                      const ejs__word_options *o, ejs_value object)
{
    const plural *p = cached(ctx, 'P', locale, o, open_plural, close_plural);
    if (!p)
        return false;
    ejs__shower s = begin_show(ctx, locale, object);
    const ejs__number_options *d = &o->digits;
    ejs__show_word(&s, "type", PLURAL_TYPES, o->type);
    ejs__show(&s, "minimumIntegerDigits", ejs__number(d->min_integer));
    if (d->min_significant > 0) {
        ejs__show(&s, "minimumSignificantDigits",
                  ejs__number(d->min_significant));
        ejs__show(&s, "maximumSignificantDigits",
                  ejs__number(d->max_significant));
    } else {
        ejs__show(&s, "minimumFractionDigits", ejs__number(d->min_fraction));
        ejs__show(&s, "maximumFractionDigits", ejs__number(d->max_fraction));
    }
    ejs__show(&s, "pluralCategories", categories(ctx, p));
    return s.ok;
}

/* ListFormat --------------------------------------------------------------- */

bool ejs__list_options_read(ejs__options *o, ejs__locale *locale,
                            ejs__word_options *out)
{
    (void)locale;
    return matcher(o, out) && word(o, "type", LIST_TYPES, 1, &out->type) &&
           word(o, "style", LENGTHS, 1, &out->style);
}

static void close_list(void *value)
{
    ulistfmt_close(value);
}

static void *open_list(const ejs__locale *locale, const ejs__word_options *o)
{
    static const UListFormatterType types[] = {
        ULISTFMT_TYPE_AND, ULISTFMT_TYPE_AND, ULISTFMT_TYPE_OR,
        ULISTFMT_TYPE_UNITS};
    static const UListFormatterWidth widths[] = {
        ULISTFMT_WIDTH_WIDE, ULISTFMT_WIDTH_WIDE, ULISTFMT_WIDTH_SHORT,
        ULISTFMT_WIDTH_NARROW};
    UErrorCode status = U_ZERO_ERROR;
    UListFormatter *f = ulistfmt_openForType(locale->icu, types[o->type],
                                             widths[o->style], &status);
    if (U_SUCCESS(status))
        return f;
    ulistfmt_close(f);
    return NULL;
}

/* The strings of an iterable as an array; false: thrown. */
static bool collect(ejs_context *ctx, ejs_value list, ejs__array *out)
{
    ejs__iterator it;
    ejs_value v;
    int more;
    if (list.tag == EJS_TAG_UNDEFINED)
        return true;
    if (!ejs__is_iterable(list)) {
        ejs__throw_error(ctx, EJS_TYPE_ERROR,
                         "%s is not iterable (cannot read property "
                         "Symbol(Symbol.iterator))",
                         ejs__call_site(ctx, list));
        return false;
    }
    if (!ejs__iterate(ctx, &it, list, "object"))
        return false;
    while ((more = ejs__next(ctx, &it, &v)) > 0) {
        if (v.tag != EJS_TAG_STRING) {
            ejs__iterate_end(ctx, &it);
            ejs__throw_error(ctx, EJS_TYPE_ERROR,
                             "Iterable yielded %s which is not a string",
                             ejs__describe(ctx, v));
            return false;
        }
        if (!ejs__step(ctx) || !ejs__append(ctx, out, v))
            return false;
    }
    return more == 0;
}

/* The kind of part that a field of ICU's is; -1: none. */
typedef int part_kind_fn(int32_t category, int32_t field);

/* Kind 0 is a literal; larger ones win where fields overlap. */
static ejs_value parts_of(ejs_context *ctx, const UFormattedValue *value,
                          part_kind_fn *kind_of, const char *(*name)(int kind))
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = 0;
    const UChar *text = ufmtval_getString(value, &length, &status);
    UConstrainedFieldPosition *at = ucfpos_open(&status);
    int8_t *kinds = ejs__alloc(ctx, (size_t)length + 1);
    if (kinds && U_SUCCESS(status)) {
        memset(kinds, 0, (size_t)length);
        while (ufmtval_nextPosition(value, at, &status)) {
            int32_t from = 0, to = 0;
            ucfpos_getIndexes(at, &from, &to, &status);
            const int kind = kind_of(ucfpos_getCategory(at, &status),
                                     ucfpos_getField(at, &status));
            for (int32_t i = from; i < to; i++)
                kinds[i] = kind > kinds[i] ? (int8_t)kind : kinds[i];
        }
    }
    ucfpos_close(at);
    if (!kinds)
        return ejs__thrown();
    return U_SUCCESS(status) ? ejs__parts(ctx, text, kinds, length, name)
                             : ejs__throw_no_memory(ctx);
}

/* What ICU gave: its text, or with `kind_of` its parts. */
static ejs_value formatted(ejs_context *ctx, const UFormattedValue *value,
                           UErrorCode status, part_kind_fn *kind_of,
                           const char *(*name)(int kind))
{
    int32_t length = 0;
    if (U_SUCCESS(status) && kind_of)
        return parts_of(ctx, value, kind_of, name);
    const UChar *text = ufmtval_getString(value, &length, &status);
    return U_SUCCESS(status) ? from_units(ctx, text, length)
                             : ejs__throw_no_memory(ctx);
}

static int list_part_kind(int32_t category, int32_t field)
{
    return category == UFIELD_CATEGORY_LIST && field == ULISTFMT_ELEMENT_FIELD;
}

static const char *list_part_name(int kind)
{
    return kind == 1 ? "element" : "literal";
}

ejs_value ejs__list_format(ejs_context *ctx, const ejs__locale *locale,
                           const ejs__word_options *o, ejs_value list,
                           bool parts)
{
    UListFormatter *f = cached(ctx, 'J', locale, o, open_list, close_list);
    ejs__array *items = ejs__array_new(ctx, 4);
    if (!f || !items || !collect(ctx, list, items))
        return ejs__thrown();
    const uint32_t n = items->object.length;
    const UChar **texts = ejs__alloc(ctx, (n + 1) * sizeof *texts);
    int32_t *lengths = ejs__alloc(ctx, (n + 1) * sizeof *lengths);
    if (!texts || !lengths)
        return ejs__thrown();
    for (uint32_t i = 0; i < n; i++) {
        texts[i] = to_units(ctx, items->items[i], &lengths[i]);
        if (!texts[i])
            return ejs__thrown();
    }
    UErrorCode status = U_ZERO_ERROR;
    UFormattedList *result = ulistfmt_openResult(&status);
    ulistfmt_formatStringsToResult(f, texts, lengths, (int32_t)n, result,
                                   &status);
    const UFormattedValue *value = ulistfmt_resultAsValue(result, &status);
    const ejs_value v = formatted(
        ctx, value, status, parts ? list_part_kind : NULL, list_part_name);
    ulistfmt_closeResult(result);
    return v;
}

bool ejs__list_show(ejs_context *ctx, const ejs__locale *locale,
                    const ejs__word_options *o, ejs_value object)
{
    ejs__shower s = begin_show(ctx, locale, object);
    ejs__show_word(&s, "type", LIST_TYPES, o->type);
    ejs__show_word(&s, "style", LENGTHS, o->style);
    return s.ok;
}

/* RelativeTimeFormat ------------------------------------------------------- */

bool ejs__relative_options_read(ejs__options *o, ejs__locale *locale,
                                ejs__word_options *out)
{
    char system[16];
    if (!matcher(o, out))
        return false;
    const int given =
        ejs__option_text(o, "numberingSystem", system, sizeof system);
    if (given > 0)
        ejs__locale_set(locale, "numbers", system);
    return given >= 0 && word(o, "style", LENGTHS, 1, &out->style) &&
           word(o, "numeric", NUMERICS, 1, &out->numeric);
}

static void close_relative(void *value)
{
    ureldatefmt_close(value);
}

static void *open_relative(const ejs__locale *locale,
                           const ejs__word_options *o)
{
    static const UDateRelativeDateTimeFormatterStyle styles[] = {
        UDAT_STYLE_LONG, UDAT_STYLE_LONG, UDAT_STYLE_SHORT, UDAT_STYLE_NARROW};
    UErrorCode status = U_ZERO_ERROR;
    URelativeDateTimeFormatter *f =
        ureldatefmt_open(locale->icu, NULL, styles[o->style],
                         UDISPCTX_CAPITALIZATION_NONE, &status);
    if (U_SUCCESS(status))
        return f;
    ureldatefmt_close(f);
    return NULL;
}

typedef struct relative_unit {
    const char *name;
    URelativeDateTimeUnit unit;
} relative_unit;

/* "day" or "days"; NULL for other words. */
static const relative_unit *unit_of(ejs_value unit)
{
    static const relative_unit known[] = {
        {"second", UDAT_REL_UNIT_SECOND},   {"minute", UDAT_REL_UNIT_MINUTE},
        {"hour", UDAT_REL_UNIT_HOUR},       {"day", UDAT_REL_UNIT_DAY},
        {"week", UDAT_REL_UNIT_WEEK},       {"month", UDAT_REL_UNIT_MONTH},
        {"quarter", UDAT_REL_UNIT_QUARTER}, {"year", UDAT_REL_UNIT_YEAR}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const size_t n = strlen(known[i].name);
        const bool several = unit.size == n + 1 && unit.as.text[n] == 's';
        if ((unit.size == n || several) &&
            memcmp(unit.as.text, known[i].name, n) == 0)
            return &known[i];
    }
    return NULL;
}

static int relative_part_kind(int32_t category, int32_t field)
{
    if (category != UFIELD_CATEGORY_NUMBER)
        return -1;
    switch (field) {
    case UNUM_INTEGER_FIELD:
        return 1;
    case UNUM_GROUPING_SEPARATOR_FIELD:
        return 2;
    case UNUM_DECIMAL_SEPARATOR_FIELD:
        return 3;
    case UNUM_FRACTION_FIELD:
        return 4;
    default:
        return -1;
    }
}

static const char *relative_part_name(int kind)
{
    static const char *const names[] = {"literal", "integer", "group",
                                        "decimal", "fraction"};
    return names[kind];
}

/* Each part of a number also says what it counts; false: thrown. */
static bool add_unit(ejs_context *ctx, ejs_value parts, const char *unit)
{
    const ejs__array *list = (const ejs__array *)(const void *)parts.as.object;
    for (uint32_t i = 0; i < list->object.length; i++) {
        ejs_site site = EJS_SITE("unit");
        const ejs_value type = ejs__get_name(ctx, list->items[i], "type");
        if (!ejs__same_value(type, EJS_LITERAL("literal")) &&
            !ejs__define(
                ctx, list->items[i].as.object, &site,
                ejs__string(unit, (uint32_t)strlen(unit), EJS_STRING_ASCII)))
            return false;
    }
    return true;
}

ejs_value ejs__relative_format(ejs_context *ctx, const ejs__locale *locale,
                               const ejs__word_options *o, double n,
                               ejs_value unit, bool parts)
{
    const char *name = parts
                           ? "Intl.RelativeTimeFormat.prototype.formatToParts()"
                           : "Intl.RelativeTimeFormat.prototype.format()";
    if (!isfinite(n))
        return ejs__throw_error(ctx, EJS_RANGE_ERROR,
                                "Value need to be finite number for %s", name);
    const relative_unit *u = unit_of(unit);
    if (!u)
        return ejs__throw_error(ctx, EJS_RANGE_ERROR,
                                "Invalid unit argument for %s '%.*s'", name,
                                (int)unit.size, unit.as.text);
    URelativeDateTimeFormatter *f =
        cached(ctx, 'R', locale, o, open_relative, close_relative);
    if (!f)
        return ejs__thrown();
    UErrorCode status = U_ZERO_ERROR;
    UFormattedRelativeDateTime *result = ureldatefmt_openResult(&status);
    if (o->numeric == 2)
        ureldatefmt_formatToResult(f, n, u->unit, result, &status);
    else
        ureldatefmt_formatNumericToResult(f, n, u->unit, result, &status);
    const UFormattedValue *value = ureldatefmt_resultAsValue(result, &status);
    ejs_value v =
        formatted(ctx, value, status, parts ? relative_part_kind : NULL,
                  relative_part_name);
    if (parts && !ejs__is_thrown(v) && !add_unit(ctx, v, u->name))
        v = ejs__thrown();
    ureldatefmt_closeResult(result);
    return v;
}

bool ejs__relative_show(ejs_context *ctx, const ejs__locale *locale,
                        const ejs__word_options *o, ejs_value object)
{
    char system[16];
    ejs__shower s = begin_show(ctx, locale, object);
    ejs__numbering_system(locale, system);
    ejs__show_word(&s, "style", LENGTHS, o->style);
    ejs__show_word(&s, "numeric", NUMERICS, o->numeric);
    ejs__show(&s, "numberingSystem",
              ejs__string_copy(ctx, system, strlen(system)));
    return s.ok;
}

/* Collator ----------------------------------------------------------------- */

static bool is_keyword(const ejs__locale *locale, const char *keyword,
                       const char *wanted)
{
    char value[32];
    UErrorCode status = U_ZERO_ERROR;
    return uloc_getKeywordValue(locale->icu, keyword, value, sizeof value,
                                &status) > 0 &&
           U_SUCCESS(status) && strcmp(value, wanted) == 0;
}

bool ejs__collator_options_read(ejs__options *o, ejs__locale *locale,
                                ejs__word_options *out)
{
    uint8_t sensitivity, case_first;
    if (!matcher(o, out) || !word(o, "usage", USAGES, 1, &out->usage))
        return false;
    const int numeric = ejs__option_flag(o, "numeric");
    if (numeric < 0 || !word(o, "caseFirst", CASE_FIRSTS, 0, &case_first) ||
        !word(o, "sensitivity", SENSITIVITIES, 4, &sensitivity))
        return false;
    const int ignore = ejs__option_flag(o, "ignorePunctuation");
    out->numeric = (uint8_t)(numeric                                   ? numeric
                             : is_keyword(locale, "colnumeric", "yes") ? 2
                                                                       : 1);
    if (!case_first)
        case_first = is_keyword(locale, "colcasefirst", "upper")   ? 1
                     : is_keyword(locale, "colcasefirst", "lower") ? 2
                                                                   : 3;
    out->case_first = case_first;
    out->sensitivity = sensitivity;
    out->ignore_punctuation = (uint8_t)(ignore > 0 ? ignore : 0);
    return ignore >= 0;
}

static void close_collator(void *value)
{
    ucol_close(value);
}

static void *open_collator(const ejs__locale *locale,
                           const ejs__word_options *o)
{
    static const UCollationStrength strengths[] = {UCOL_TERTIARY, UCOL_PRIMARY,
                                                   UCOL_SECONDARY, UCOL_PRIMARY,
                                                   UCOL_TERTIARY};
    UErrorCode status = U_ZERO_ERROR;
    ejs__locale wanted = *locale;
    if (o->usage == 2)
        ejs__locale_set(&wanted, "collation", "search");
    UCollator *c = ucol_open(wanted.icu, &status);
    if (U_FAILURE(status)) {
        ucol_close(c);
        return NULL;
    }
    ucol_setStrength(c, strengths[o->sensitivity]);
    if (o->sensitivity == 3) /* case matters, accents do not */
        ucol_setAttribute(c, UCOL_CASE_LEVEL, UCOL_ON, &status);
    ucol_setAttribute(c, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
    ucol_setAttribute(c, UCOL_NUMERIC_COLLATION,
                      o->numeric == 2 ? UCOL_ON : UCOL_OFF, &status);
    if (o->case_first < 3)
        ucol_setAttribute(
            c, UCOL_CASE_FIRST,
            o->case_first == 1 ? UCOL_UPPER_FIRST : UCOL_LOWER_FIRST, &status);
    if (o->ignore_punctuation)
        ucol_setAttribute(c, UCOL_ALTERNATE_HANDLING,
                          o->ignore_punctuation == 2 ? UCOL_SHIFTED
                                                     : UCOL_NON_IGNORABLE,
                          &status);
    return c;
}

bool ejs__collate(ejs_context *ctx, const ejs__locale *locale,
                  const ejs__word_options *o, ejs_value a, ejs_value b,
                  int *order)
{
    const UCollator *c =
        cached(ctx, 'C', locale, o, open_collator, close_collator);
    if (!c)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    *order =
        ucol_strcollUTF8(c, a.size ? a.as.text : "", (int32_t)a.size,
                         b.size ? b.as.text : "", (int32_t)b.size, &status);
    return true;
}

bool ejs__collator_show(ejs_context *ctx, const ejs__locale *locale,
                        const ejs__word_options *o, ejs_value object)
{
    char collation[32] = "default";
    UErrorCode status = U_ZERO_ERROR;
    ejs__shower s = begin_show(ctx, locale, object);
    if (uloc_getKeywordValue(locale->icu, "collation", collation,
                             sizeof collation, &status) <= 0)
        strcpy(collation, "default");
    ejs__show_word(&s, "usage", USAGES, o->usage);
    ejs__show_word(&s, "sensitivity", SENSITIVITIES, o->sensitivity);
    ejs__show(&s, "ignorePunctuation",
              ejs__boolean(o->ignore_punctuation == 2));
    ejs__show(&s, "collation",
              ejs__string_copy(ctx, collation, strlen(collation)));
    ejs__show(&s, "numeric", ejs__boolean(o->numeric == 2));
    ejs__show_word(&s, "caseFirst", CASE_FIRSTS, o->case_first);
    return s.ok;
}
