/* Numbers by locale: options to ICU skeletons, texts and parts. */
#include "ejs/runtime/intl.h"

#include "ejs/runtime/icu_cache.h"
#include "ejs/runtime/intl_drift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <unicode/ucurr.h>
#include <unicode/uformattedvalue.h>
#include <unicode/unum.h>
#include <unicode/unumberformatter.h>
#include <unicode/unumsys.h>
#include <unicode/ustring.h>

/* ORDER: the words below and the enums after them count alike, from 1. */
#define STYLES "decimal percent currency unit"
#define CURRENCY_DISPLAYS "code symbol narrowSymbol name"
#define CURRENCY_SIGNS "standard accounting"
#define UNIT_DISPLAYS "short narrow long"
#define NOTATIONS "standard scientific engineering compact"
#define COMPACT_DISPLAYS "short long"
#define SIGN_DISPLAYS "auto never always exceptZero negative"
#define GROUPINGS "min2 auto always false"
#define ROUNDING_MODES                                                         \
    "ceil floor expand trunc halfCeil halfFloor halfExpand halfTrunc halfEven"
#define ROUNDING_PRIORITIES "auto morePrecision lessPrecision"
#define TRAILING_ZEROS "auto stripIfInteger"

enum { DECIMAL = 1, PERCENT, CURRENCY, UNIT };
enum { COMPACT = 4 };
enum { MIN2 = 1, AUTO, ALWAYS, OFF };

/* reading ------------------------------------------------------------------ */

static bool word(ejs__options *o, const char *name, const char *words,
                 int fallback, int8_t *out)
{
    const int v = ejs__option_word(o, name, words);
    *out = (int8_t)(v > 0 ? v : fallback);
    return v >= 0;
}

/* Upper-cases a currency code of three letters; false: thrown. */
static bool read_currency(ejs__options *o, ejs__number_options *out)
{
    char code[32] = "";
    const int given = ejs__option_text(o, "currency", code, sizeof code);
    if (given < 0)
        return false;
    bool ok = strlen(code) == 3;
    for (int i = 0; i < 3 && ok; i++) {
        code[i] &= ~32;
        ok = code[i] >= 'A' && code[i] <= 'Z';
    }
    if (given && !ok) {
        ejs__option_text(o, "currency", code, sizeof code);
        ejs__throw_error(o->ctx, EJS_RANGE_ERROR, "Invalid currency code : %s",
                         code);
        return false;
    }
    if (given && out->style == CURRENCY)
        memcpy(out->currency, code, 4);
    if (!given && out->style == CURRENCY) {
        ejs__throw_error(o->ctx, EJS_TYPE_ERROR,
                         "Currency code is required with currency style.");
        return false;
    }
    return true;
}

/* The units ECMA-402 allows, which may be joined by "-per-". */
static bool is_simple_unit(const char *unit, size_t size)
{
    static const char known[] =
        " acre bit byte celsius centimeter day degree fahrenheit fluid-ounce "
        "foot gallon gigabit gigabyte gram hectare hour inch kilobit kilobyte "
        "kilogram kilometer liter megabit megabyte meter microsecond mile "
        "mile-scandinavian milliliter millimeter millisecond minute month "
        "nanosecond ounce percent petabyte pound second stone terabit terabyte "
        "week yard year ";
    char wanted[64];
    if (size == 0 || size > 40 || memchr(unit, ' ', size))
        return false;
    snprintf(wanted, sizeof wanted, " %.*s ", (int)size, unit);
    return strstr(known, wanted) != NULL;
}

static bool is_unit(const char *unit)
{
    const char *per = strstr(unit, "-per-");
    return per ? is_simple_unit(unit, (size_t)(per - unit)) &&
                     is_simple_unit(per + 5, strlen(per + 5))
               : is_simple_unit(unit, strlen(unit));
}

static bool read_unit(ejs__options *o, ejs__number_options *out)
{
    char unit[sizeof out->unit] = "";
    const int given = ejs__option_text(o, "unit", unit, sizeof unit);
    if (given < 0)
        return false;
    if (given ? !is_unit(unit) : out->style == UNIT) {
        ejs__throw_error(o->ctx, given ? EJS_RANGE_ERROR : EJS_TYPE_ERROR,
                         "Invalid unit argument for %s() '%s'", o->service,
                         unit);
        return false;
    }
    if (out->style == UNIT)
        memcpy(out->unit, unit, sizeof unit);
    return true;
}

/* -u-nu- and numberingSystem: "latn"; -1 thrown. */
static int read_system(ejs__options *o, char *out, size_t size)
{
    char text[64];
    const int given = ejs__option_text(o, "numberingSystem", text, sizeof text);
    if (given <= 0)
        return given;
    if (!ejs__is_extension(text)) {
        ejs__throw_error(o->ctx, EJS_RANGE_ERROR,
                         "Invalid numberingSystem : %s", text);
        return -1;
    }
    UErrorCode status = U_ZERO_ERROR;
    UNumberingSystem *known = unumsys_openByName(text, &status);
    const bool usable = U_SUCCESS(status) && !unumsys_isAlgorithmic(known);
    unumsys_close(known);
    if (usable && strlen(text) < size)
        strcpy(out, text);
    return 1;
}

static bool is_increment(int n)
{
    while (n % 10 == 0)
        n /= 10;
    return n == 1 || n == 2 || n == 5 || n == 25;
}

bool ejs__digit_options_read(ejs__options *o, int min_default, int max_default,
                             ejs__number_options *out)
{
    int min_int = 1, min_fd = -1, max_fd = -1, min_sd = -1, max_sd = -1,
        increment = 1;
    if (ejs__option_number(o, "minimumIntegerDigits", 1, 21, &min_int) < 0 ||
        ejs__option_number(o, "minimumFractionDigits", 0, 20, &min_fd) < 0 ||
        ejs__option_number(o, "maximumFractionDigits", 0, 20, &max_fd) < 0 ||
        ejs__option_number(o, "minimumSignificantDigits", 1, 21, &min_sd) < 0)
        return false;
    if (ejs__option_number(o, "maximumSignificantDigits",
                           min_sd < 1 ? 1 : min_sd, 21, &max_sd) < 0 ||
        ejs__option_number(o, "roundingIncrement", 1, 5000, &increment) < 0 ||
        !word(o, "roundingMode", ROUNDING_MODES, 7, &out->rounding_mode) ||
        !word(o, "roundingPriority", ROUNDING_PRIORITIES, 1,
              &out->rounding_priority) ||
        !word(o, "trailingZeroDisplay", TRAILING_ZEROS, 1,
              &out->trailing_zeros))
        return false;
    if (!is_increment(increment)) {
        ejs__throw_error(o->ctx, EJS_RANGE_ERROR,
                         "roundingIncrement value is out of range.");
        return false;
    }
    if (increment != 1)
        max_default = min_default;
    const bool has_sd = min_sd > 0 || max_sd > 0;
    const bool has_fd = min_fd >= 0 || max_fd >= 0;
    const bool by_priority = out->rounding_priority > 1;
    const bool need_sd = by_priority || has_sd;
    const bool need_fd =
        by_priority || !(need_sd || (!has_fd && out->notation == COMPACT));
    out->min_integer = (int8_t)min_int;
    out->rounding_increment = (int16_t)increment;
    if (need_sd) {
        out->min_significant = (int8_t)(min_sd > 0 ? min_sd : 1);
        out->max_significant = (int8_t)(max_sd > 0 ? max_sd : 21);
    }
    if (need_fd) {
        if (min_fd >= 0 && max_fd >= 0 && min_fd > max_fd) {
            ejs__throw_error(o->ctx, EJS_RANGE_ERROR,
                             "maximumFractionDigits value is out of range.");
            return false;
        }
        if (min_fd < 0)
            min_fd = max_fd >= 0 && max_fd < min_default ? max_fd : min_default;
        if (max_fd < 0)
            max_fd = min_fd > max_default ? min_fd : max_default;
        out->min_fraction = (int8_t)min_fd;
        out->max_fraction = (int8_t)max_fd;
    }
    if (!need_sd && !need_fd) {
        out->relaxed_compact = true;
        out->min_fraction = out->max_fraction = 0;
        out->min_significant = 1;
        out->max_significant = 2;
    }
    return true;
}

static bool read_grouping(ejs__options *o, ejs__number_options *out)
{
    const ejs_value v = ejs__option(o, "useGrouping");
    out->grouping = out->notation == COMPACT ? MIN2 : AUTO;
    if (ejs__is_thrown(v))
        return false;
    if (v.tag == EJS_TAG_UNDEFINED)
        return true;
    if (v.tag == EJS_TAG_BOOLEAN || !ejs__truthy(v)) {
        out->grouping = ejs__truthy(v) ? ALWAYS : OFF;
        return true;
    }
    const int w =
        ejs__option_word(o, "useGrouping", "min2 auto always true false");
    if (w > 0 && w <= ALWAYS) /* "true" and "false" mean the default */
        out->grouping = (int8_t)w;
    return w >= 0;
}

bool ejs__number_options_read(ejs__options *o, ejs__number_options *out)
{
    int8_t ignored;
    memset(out, 0, sizeof *out);
    out->min_fraction = out->max_fraction = -1;
    out->min_significant = out->max_significant = -1;
    if (!word(o, "localeMatcher", "lookup best fit", 1, &ignored) ||
        read_system(o, out->numbering, sizeof out->numbering) < 0 ||
        !word(o, "style", STYLES, DECIMAL, &out->style) ||
        !read_currency(o, out) ||
        !word(o, "currencyDisplay", CURRENCY_DISPLAYS, 2,
              &out->currency_display) ||
        !word(o, "currencySign", CURRENCY_SIGNS, 1, &out->currency_sign) ||
        !read_unit(o, out) ||
        !word(o, "unitDisplay", UNIT_DISPLAYS, 1, &out->unit_display) ||
        !word(o, "notation", NOTATIONS, 1, &out->notation))
        return false;
    int low = 0, high = out->style == PERCENT ? 0 : 3;
    if (out->style == CURRENCY) {
        UChar code[4];
        UErrorCode status = U_ZERO_ERROR;
        u_charsToUChars(out->currency, code, 4);
        low = high = ucurr_getDefaultFractionDigits(code, &status);
    }
    return ejs__digit_options_read(o, low, high, out) &&
           word(o, "compactDisplay", COMPACT_DISPLAYS, 1,
                &out->compact_display) &&
           read_grouping(o, out) &&
           word(o, "signDisplay", SIGN_DISPLAYS, 1, &out->sign_display);
}

/* skeletons ---------------------------------------------------------------- */

static void add(char *out, size_t size, const char *text)
{
    const size_t used = strlen(out);
    snprintf(out + used, size - used, "%s", text);
}

static void add_times(char *out, size_t size, char c, int times)
{
    char text[24];
    for (; times > 0; times -= 20) {
        const int n = times < 20 ? times : 20;
        memset(text, c, (size_t)n);
        text[n] = '\0';
        add(out, size, text);
    }
}

static void add_fraction(const ejs__number_options *o, char *out, size_t size)
{
    add(out, size, " .");
    add_times(out, size, '0', o->min_fraction);
    add_times(out, size, '#', o->max_fraction - o->min_fraction);
}

static void add_significant(const ejs__number_options *o, char *out,
                            size_t size)
{
    add_times(out, size, '@', o->min_significant);
    add_times(out, size, '#', o->max_significant - o->min_significant);
}

/* precision-increment/0.05: the increment in units of the last digit. */
static void add_increment(const ejs__number_options *o, char *out, size_t size)
{
    char digits[160], text[192];
    const int n = snprintf(digits, sizeof digits, "%0*d", o->max_fraction + 1,
                           o->rounding_increment);
    const int whole = n - o->max_fraction;
    snprintf(text, sizeof text, " precision-increment/%.*s%s%s", whole, digits,
             o->max_fraction ? "." : "", digits + whole);
    add(out, size, text);
}

void ejs__digit_skeleton(const ejs__number_options *o, char *out, size_t size)
{
    static const char modes[][32] = {
        "rounding-mode-ceiling",      "rounding-mode-floor",
        "rounding-mode-up",           "rounding-mode-down",
        "rounding-mode-half-ceiling", "rounding-mode-half-floor",
        "rounding-mode-half-up",      "rounding-mode-half-down",
        "rounding-mode-half-even"};
    const bool has_fd = o->min_fraction >= 0, has_sd = o->min_significant > 0;
    if (o->relaxed_compact) {
        /* ICU's default for compact notation is just this. */
    } else if (o->rounding_increment > 1 && has_fd) {
        add_increment(o, out, size);
    } else if (has_fd) {
        add_fraction(o, out, size);
        if (has_sd) {
            add(out, size, "/");
            add_significant(o, out, size);
            add(out, size, o->rounding_priority == 2 ? "r" : "s");
        }
    } else if (has_sd) {
        add(out, size, " ");
        add_significant(o, out, size);
    }
    if (o->trailing_zeros == 2 && !o->relaxed_compact)
        add(out, size, "/w");
    add(out, size, " ");
    add(out, size, modes[o->rounding_mode - 1]);
    if (o->min_integer > 1) {
        add(out, size, " integer-width/+");
        add_times(out, size, '0', o->min_integer);
    }
}

static void add_style(const ejs__number_options *o, char *out, size_t size)
{
    static const char currencies[][24] = {
        " unit-width-iso-code", " unit-width-short", " unit-width-narrow",
        " unit-width-full-name"};
    static const char units[][24] = {" unit-width-short", " unit-width-narrow",
                                     " unit-width-full-name"};
    if (o->style == PERCENT) {
        add(out, size, " percent scale/100");
    } else if (o->style == CURRENCY) {
        add(out, size, " currency/");
        add(out, size, o->currency);
        add(out, size, currencies[o->currency_display - 1]);
    } else if (o->style == UNIT) {
        add(out, size, " unit/");
        add(out, size, o->unit);
        add(out, size, units[o->unit_display - 1]);
    }
}

static void make_skeleton(const ejs__locale *locale,
                          const ejs__number_options *o, char *out, size_t size)
{
    static const char notations[][16] = {"", " scientific", " engineering", ""};
    static const char groupings[][20] = {" group-min2", " group-auto",
                                         " group-on-aligned", " group-off"};
    static const char signs[][18] = {"auto", "never", "always", "except-zero",
                                     "negative"};
    static const char accounting[][32] = {
        "accounting", "never", "accounting-always", "accounting-except-zero",
        "accounting-negative"};
    *out = '\0';
    ejs__digit_skeleton(o, out, size);
    add_style(o, out, size);
    add(out, size, notations[o->notation - 1]);
    if (o->notation == COMPACT)
        add(out, size,
            o->compact_display == 2 ? " compact-long" : " compact-short");
    const bool by_two = o->grouping == AUTO && ejs__drift_grouping(locale->icu);
    add(out, size, groupings[by_two ? MIN2 - 1 : o->grouping - 1]);
    const bool is_accounting = o->style == CURRENCY && o->currency_sign == 2;
    add(out, size, " sign-");
    add(out, size,
        is_accounting ? accounting[o->sign_display - 1]
                      : signs[o->sign_display - 1]);
    if (*o->numbering) {
        add(out, size, " numbering-system/");
        add(out, size, o->numbering);
    }
}

/* formatting --------------------------------------------------------------- */

typedef struct formatter {
    UNumberFormatter *number;
    UFormattedNumber *result; /* reused */
} formatter;

static void close_formatter(void *value)
{
    formatter *f = value;
    unumf_closeResult(f->result);
    unumf_close(f->number);
    free(f);
}

static formatter *open_formatter(const ejs__locale *locale,
                                 const ejs__number_options *o)
{
    char skeleton[384];
    UChar units[384];
    make_skeleton(locale, o, skeleton, sizeof skeleton);
    u_charsToUChars(skeleton, units, (int32_t)strlen(skeleton) + 1);
    UErrorCode status = U_ZERO_ERROR;
    formatter *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->number = unumf_openForSkeletonAndLocale(units + (*skeleton == ' '), -1,
                                               locale->icu, &status);
    f->result = unumf_openResult(&status);
    if (U_SUCCESS(status))
        return f;
    close_formatter(f);
    return NULL;
}

/* The thread's formatter for these options; NULL: thrown. */
static formatter *formatter_of(ejs_context *ctx, const ejs__locale *locale,
                               const ejs__number_options *o)
{
    char key[1 + sizeof *o + EJS__TAG_SIZE];
    const size_t n = strlen(locale->icu);
    key[0] = 'N';
    memcpy(key + 1, o, sizeof *o);
    memcpy(key + 1 + sizeof *o, locale->icu, n);
    const size_t size = 1 + sizeof *o + n;
    formatter *f = ejs__icu_cache_get(key, size);
    if (!f && ejs__icu_has_room() && (f = open_formatter(locale, o)))
        f = ejs__icu_cache_put(key, size, f, close_formatter);
    if (!f)
        ejs__throw_no_memory(ctx);
    return f;
}

/* Formats into f->result; the units and their number.  NULL: thrown. */
static const UChar *format(ejs_context *ctx, formatter *f, double n,
                           int32_t *length)
{
    UErrorCode status = U_ZERO_ERROR;
    /* NaN has no sign, but ICU would print its bit */
    unumf_formatDouble(f->number, isnan(n) ? NAN : n, f->result, &status);
    const UFormattedValue *value = unumf_resultAsValue(f->result, &status);
    const UChar *text = ufmtval_getString(value, length, &status);
    if (U_SUCCESS(status))
        return text;
    ejs__throw_no_memory(ctx);
    return NULL;
}

ejs_value ejs__number_format(ejs_context *ctx, const ejs__locale *locale,
                             const ejs__number_options *o, double n)
{
    formatter *f = formatter_of(ctx, locale, o);
    int32_t length;
    const UChar *text = f ? format(ctx, f, n, &length) : NULL;
    return text ? ejs__string_from_units(ctx, (const uint16_t *)text,
                                         (size_t)length)
                : ejs__thrown();
}

ejs_value ejs__number_to_locale_string(ejs_context *ctx, double n,
                                       ejs_value locales, ejs_value options)
{
    ejs__locale locale;
    ejs__options reader;
    ejs__number_options o;
    const char *service = "Number.prototype.toLocaleString";
    if (!ejs__locale_resolve(ctx, locales, "nu", &locale))
        return ejs__thrown();
    if (options.tag == EJS_TAG_NULL)
        return ejs__throw_error(ctx, EJS_TYPE_ERROR,
                                "%s called on null or undefined", service);
    if (!ejs__options_open(ctx, service, options, &reader) ||
        !ejs__number_options_read(&reader, &o))
        return ejs__thrown();
    return ejs__number_format(ctx, &locale, &o, n);
}

/* parts -------------------------------------------------------------------- */

/* Kinds of parts: ICU's fields, and those that depend on the value. */
enum { LITERAL = -1, NAN_PART = 100, INFINITY_PART, PLUS, UNIT_PART };

static const char *part_name(int kind)
{
    switch (kind) {
    case UNUM_INTEGER_FIELD:
        return "integer";
    case UNUM_FRACTION_FIELD:
        return "fraction";
    case UNUM_DECIMAL_SEPARATOR_FIELD:
        return "decimal";
    case UNUM_EXPONENT_SYMBOL_FIELD:
        return "exponentSeparator";
    case UNUM_EXPONENT_SIGN_FIELD:
        return "exponentMinusSign";
    case UNUM_EXPONENT_FIELD:
        return "exponentInteger";
    case UNUM_GROUPING_SEPARATOR_FIELD:
        return "group";
    case UNUM_CURRENCY_FIELD:
        return "currency";
    case UNUM_PERCENT_FIELD:
        return "percentSign";
    case UNUM_SIGN_FIELD:
        return "minusSign";
    case PLUS:
        return "plusSign";
    case UNUM_MEASURE_UNIT_FIELD:
    case UNIT_PART:
        return "unit";
    case UNUM_COMPACT_FIELD:
        return "compact";
    case NAN_PART:
        return "nan";
    case INFINITY_PART:
        return "infinity";
    default:
        return "literal";
    }
}

static int kind_of(int32_t field, const ejs__number_options *o, double n)
{
    if (field == UNUM_INTEGER_FIELD && isnan(n))
        return NAN_PART;
    if (field == UNUM_INTEGER_FIELD && isinf(n))
        return INFINITY_PART;
    if (field == UNUM_SIGN_FIELD && !signbit(n))
        return PLUS;
    if (field == UNUM_PERCENT_FIELD && o->style == UNIT)
        return UNIT_PART;
    return field;
}

/* Groups lie inside integers: smaller regions are painted over larger ones. */
static bool paint(formatter *f, const ejs__number_options *o, double n,
                  int8_t *kinds, int32_t length)
{
    UErrorCode status = U_ZERO_ERROR;
    UConstrainedFieldPosition *at = ucfpos_open(&status);
    const UFormattedValue *value = unumf_resultAsValue(f->result, &status);
    memset(kinds, LITERAL, (size_t)length);
    while (U_SUCCESS(status) && ufmtval_nextPosition(value, at, &status)) {
        int32_t from = 0, to = 0;
        const int32_t field = ucfpos_getField(at, &status);
        ucfpos_getIndexes(at, &from, &to, &status);
        for (int32_t i = from; i < to && i < length; i++) {
            const bool inner = kinds[i] == UNUM_GROUPING_SEPARATOR_FIELD &&
                               field == UNUM_INTEGER_FIELD;
            if (!inner)
                kinds[i] = (int8_t)kind_of(field, o, n);
        }
    }
    ucfpos_close(at);
    return U_SUCCESS(status);
}

ejs_value ejs__number_format_parts(ejs_context *ctx, const ejs__locale *locale,
                                   const ejs__number_options *o, double n)
{
    formatter *f = formatter_of(ctx, locale, o);
    int32_t length;
    const UChar *text = f ? format(ctx, f, n, &length) : NULL;
    if (!text)
        return ejs__thrown();
    int8_t *kinds = ejs__alloc(ctx, (size_t)length + 1);
    if (!kinds)
        return ejs__thrown();
    if (!paint(f, o, n, kinds, length))
        return ejs__throw_no_memory(ctx);
    return ejs__parts(ctx, text, kinds, length, part_name);
}

/* resolvedOptions ---------------------------------------------------------- */

void ejs__numbering_system(const ejs__locale *locale, char out[16])
{
    UErrorCode status = U_ZERO_ERROR;
    UNumberingSystem *system = unumsys_open(locale->icu, &status);
    snprintf(out, 16, "%s",
             U_SUCCESS(status) ? unumsys_getName(system) : "latn");
    unumsys_close(system);
}

static void show_number(ejs__shower *s, const char *name, int n)
{
    if (n >= 0)
        ejs__show(s, name, ejs__number(n));
}

static void show_digits(ejs__shower *s, const ejs__number_options *o)
{
    show_number(s, "minimumIntegerDigits", o->min_integer);
    if (o->min_significant > 0) {
        show_number(s, "minimumSignificantDigits", o->min_significant);
        show_number(s, "maximumSignificantDigits", o->max_significant);
    }
    show_number(s, "minimumFractionDigits", o->min_fraction);
    show_number(s, "maximumFractionDigits", o->max_fraction);
}

bool ejs__number_options_show(ejs_context *ctx, const ejs__locale *locale,
                              const ejs__number_options *o, ejs_value object)
{
    ejs__shower s = {ctx, object, true};
    char system[16];
    ejs__numbering_system(locale, system);
    ejs__show_text(&s, "locale", locale->tag);
    ejs__show_text(&s, "numberingSystem",
                   *o->numbering ? o->numbering : system);
    ejs__show_word(&s, "style", STYLES, o->style);
    if (o->style == CURRENCY) {
        ejs__show_text(&s, "currency", o->currency);
        ejs__show_word(&s, "currencyDisplay", CURRENCY_DISPLAYS,
                       o->currency_display);
        ejs__show_word(&s, "currencySign", CURRENCY_SIGNS, o->currency_sign);
    } else if (o->style == UNIT) {
        ejs__show_text(&s, "unit", o->unit);
        ejs__show_word(&s, "unitDisplay", UNIT_DISPLAYS, o->unit_display);
    }
    show_digits(&s, o);
    if (o->grouping == OFF)
        ejs__show(&s, "useGrouping", ejs__boolean(false));
    else
        ejs__show_word(&s, "useGrouping", GROUPINGS, o->grouping);
    ejs__show_word(&s, "notation", NOTATIONS, o->notation);
    if (o->notation == COMPACT)
        ejs__show_word(&s, "compactDisplay", COMPACT_DISPLAYS,
                       o->compact_display);
    ejs__show_word(&s, "signDisplay", SIGN_DISPLAYS, o->sign_display);
    ejs__show_word(&s, "roundingMode", ROUNDING_MODES, o->rounding_mode);
    show_number(&s, "roundingIncrement", o->rounding_increment);
    ejs__show_word(&s, "trailingZeroDisplay", TRAILING_ZEROS,
                   o->trailing_zeros);
    ejs__show_word(&s, "roundingPriority", ROUNDING_PRIORITIES,
                   o->relaxed_compact ? 2 : o->rounding_priority);
    return s.ok;
}
