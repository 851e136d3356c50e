/* Sets of code points for regular expressions: classes, properties, case. */
#include "base/regexp_tree.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

bool base_regexp_set_add(base_arena *arena, base_regexp_set *set, uint32_t low,
                         uint32_t high)
{
    if (set->count == set->capacity) {
        const uint32_t capacity = set->capacity ? set->capacity * 2 : 8;
        base_regexp_range *ranges =
            base_arena_zalloc(arena, capacity, sizeof *ranges);
        if (!ranges)
            return false;
        if (set->count)
            memcpy(ranges, set->ranges, set->count * sizeof *ranges);
        set->ranges = ranges;
        set->capacity = capacity;
    }
    set->ranges[set->count++] = (base_regexp_range){low, high};
    return true;
}

bool base_regexp_set_add_all(base_arena *arena, base_regexp_set *set,
                             const base_regexp_set *more)
{
    for (uint32_t i = 0; i < more->count; i++)
        if (!base_regexp_set_add(arena, set, more->ranges[i].low,
                                 more->ranges[i].high))
            return false;
    return true;
}

static int compare_ranges(const void *a, const void *b)
{
    const base_regexp_range *x = a, *y = b;
    return (x->low > y->low) - (x->low < y->low);
}

void base_regexp_set_tidy(base_regexp_set *set)
{
    if (set->count < 2)
        return;
    qsort(set->ranges, set->count, sizeof *set->ranges, compare_ranges);
    uint32_t n = 0;
    for (uint32_t i = 1; i < set->count; i++) {
        base_regexp_range *top = &set->ranges[n];
        const base_regexp_range r = set->ranges[i];
        if (r.low <= top->high + 1)
            top->high = r.high > top->high ? r.high : top->high;
        else
            set->ranges[++n] = r;
    }
    set->count = n + 1;
}

bool base_regexp_set_invert(base_arena *arena, base_regexp_set *set)
{
    base_regexp_set out = {0};
    uint32_t low = 0;
    base_regexp_set_tidy(set);
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->ranges[i].low > low &&
            !base_regexp_set_add(arena, &out, low, set->ranges[i].low - 1))
            return false;
        low = set->ranges[i].high + 1;
    }
    if (low <= BASE_REGEXP_MAX_CODE &&
        !base_regexp_set_add(arena, &out, low, BASE_REGEXP_MAX_CODE))
        return false;
    *set = out;
    return true;
}

bool base_regexp_set_has(const base_regexp_set *set, uint32_t code)
{
    uint32_t low = 0, high = set->count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (code > set->ranges[middle].high)
            low = middle + 1;
        else if (code < set->ranges[middle].low)
            high = middle;
        else
            return true;
    }
    return false;
}

/* escapes ------------------------------------------------------------------ */

static const base_regexp_range digits[] = {{'0', '9'}};
static const base_regexp_range words[] = {
    {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
/* with i and u, the two letters that fold to ASCII ones are word characters */
static const base_regexp_range folding_words[] = {
    {'0', '9'}, {'A', 'Z'},     {'_', '_'},
    {'a', 'z'}, {0x17F, 0x17F}, {0x212A, 0x212A}};
static const base_regexp_range spaces[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
    {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

bool base_regexp_set_add_escape(base_arena *arena, base_regexp_set *set,
                                uint32_t letter, unsigned flags)
{
    const unsigned both = BASE_REGEXP_IGNORE_CASE | BASE_REGEXP_UNICODE;
    const uint32_t lower = letter | 0x20;
    const base_regexp_range *ranges = words;
    size_t count = COUNT(words);
    if (lower == 'd') {
        ranges = digits;
        count = COUNT(digits);
    } else if (lower == 's') {
        ranges = spaces;
        count = COUNT(spaces);
    } else if ((flags & both) == both) {
        ranges = folding_words;
        count = COUNT(folding_words);
    }
    base_regexp_set found = {0};
    for (size_t i = 0; i < count; i++)
        if (!base_regexp_set_add(arena, &found, ranges[i].low, ranges[i].high))
            return false;
    if (letter != lower && !base_regexp_set_invert(arena, &found))
        return false;
    return base_regexp_set_add_all(arena, set, &found);
}

/* properties --------------------------------------------------------------- */

/* The binary properties that ECMAScript names, of all that ICU knows. */
static const UProperty binary_properties[] = {
    UCHAR_ASCII_HEX_DIGIT,
    UCHAR_ALPHABETIC,
    UCHAR_BIDI_CONTROL,
    UCHAR_BIDI_MIRRORED,
    UCHAR_CASE_IGNORABLE,
    UCHAR_CASED,
    UCHAR_CHANGES_WHEN_CASEFOLDED,
    UCHAR_CHANGES_WHEN_CASEMAPPED,
    UCHAR_CHANGES_WHEN_LOWERCASED,
    UCHAR_CHANGES_WHEN_NFKC_CASEFOLDED,
    UCHAR_CHANGES_WHEN_TITLECASED,
    UCHAR_CHANGES_WHEN_UPPERCASED,
    UCHAR_DASH,
    UCHAR_DEFAULT_IGNORABLE_CODE_POINT,
    UCHAR_DEPRECATED,
    UCHAR_DIACRITIC,
    UCHAR_EMOJI,
    UCHAR_EMOJI_COMPONENT,
    UCHAR_EMOJI_MODIFIER,
    UCHAR_EMOJI_MODIFIER_BASE,
    UCHAR_EMOJI_PRESENTATION,
    UCHAR_EXTENDED_PICTOGRAPHIC,
    UCHAR_EXTENDER,
    UCHAR_GRAPHEME_BASE,
    UCHAR_GRAPHEME_EXTEND,
    UCHAR_HEX_DIGIT,
    UCHAR_IDS_BINARY_OPERATOR,
    UCHAR_IDS_TRINARY_OPERATOR,
    UCHAR_ID_CONTINUE,
    UCHAR_ID_START,
    UCHAR_IDEOGRAPHIC,
    UCHAR_JOIN_CONTROL,
    UCHAR_LOGICAL_ORDER_EXCEPTION,
    UCHAR_LOWERCASE,
    UCHAR_MATH,
    UCHAR_NONCHARACTER_CODE_POINT,
    UCHAR_PATTERN_SYNTAX,
    UCHAR_PATTERN_WHITE_SPACE,
    UCHAR_QUOTATION_MARK,
    UCHAR_RADICAL,
    UCHAR_REGIONAL_INDICATOR,
    UCHAR_S_TERM,
    UCHAR_SOFT_DOTTED,
    UCHAR_TERMINAL_PUNCTUATION,
    UCHAR_UNIFIED_IDEOGRAPH,
    UCHAR_UPPERCASE,
    UCHAR_VARIATION_SELECTOR,
    UCHAR_WHITE_SPACE,
    UCHAR_XID_CONTINUE,
    UCHAR_XID_START,
};

/* ICU matches names loosely, ECMAScript to the letter. */
static bool is_property_name(UProperty property, const char *name)
{
    for (int i = 0; i < 8; i++) {
        const char *known =
            u_getPropertyName(property, (UPropertyNameChoice)i);
        if (known && !strcmp(known, name))
            return true;
    }
    return false;
}

static bool is_value_name(UProperty property, int32_t value, const char *name)
{
    for (int i = 0; i < 8; i++) {
        const char *known =
            u_getPropertyValueName(property, value, (UPropertyNameChoice)i);
        if (known && !strcmp(known, name))
            return true;
    }
    return false;
}

static bool find_value(UProperty property, const char *name, int32_t *value)
{
    *value = u_getPropertyValueEnum(property, name);
    return *value != UCHAR_INVALID_CODE &&
           is_value_name(property, *value, name);
}

static bool find_binary(const char *name, UProperty *property)
{
    for (size_t i = 0; i < COUNT(binary_properties); i++) {
        if (is_property_name(binary_properties[i], name)) {
            *property = binary_properties[i];
            return true;
        }
    }
    return false;
}

/* Which ICU property and value the names mean; false: none. */
static bool find_property(const char *name, const char *value,
                          UProperty *property, int32_t *number)
{
    if (!value) {
        *property = UCHAR_GENERAL_CATEGORY_MASK;
        if (find_value(*property, name, number))
            return true;
        *number = 1;
        return find_binary(name, property);
    }
    if (!strcmp(name, "General_Category") || !strcmp(name, "gc"))
        *property = UCHAR_GENERAL_CATEGORY_MASK;
    else if (!strcmp(name, "Script") || !strcmp(name, "sc"))
        *property = UCHAR_SCRIPT;
    else if (!strcmp(name, "Script_Extensions") || !strcmp(name, "scx"))
        *property = UCHAR_SCRIPT_EXTENSIONS;
    else
        return false;
    const UProperty names = *property == UCHAR_SCRIPT_EXTENSIONS
                                ? UCHAR_SCRIPT
                                : *property;
    return find_value(names, value, number);
}

static bool add_icu_set(base_arena *arena, base_regexp_set *set,
                        const USet *found)
{
    const int32_t n = uset_getItemCount(found);
    for (int32_t i = 0; i < n; i++) {
        UChar32 low = 0, high = 0;
        UErrorCode status = U_ZERO_ERROR;
        if (uset_getItem(found, i, &low, &high, NULL, 0, &status) != 0)
            continue; /* a string */
        if (!base_regexp_set_add(arena, set, (uint32_t)low, (uint32_t)high))
            return false;
    }
    return true;
}

static bool add_icu_property(base_arena *arena, base_regexp_set *set,
                             UProperty property, int32_t value, bool *known)
{
    UErrorCode status = U_ZERO_ERROR;
    USet *found = uset_openEmpty();
    if (!found)
        return false;
    uset_applyIntPropertyValue(found, property, value, &status);
    *known = U_SUCCESS(status);
    const bool ok = *known && add_icu_set(arena, set, found);
    uset_close(found);
    return ok || !*known;
}

bool base_regexp_set_add_property(base_arena *arena, base_regexp_set *set,
                                  const char *name, const char *value,
                                  bool inverted, bool *known)
{
    base_regexp_set found = {0};
    UProperty property = UCHAR_INVALID_CODE;
    int32_t number = 0;
    *known = true;
    if (!value && !strcmp(name, "Any")) {
        if (!base_regexp_set_add(arena, &found, 0, BASE_REGEXP_MAX_CODE))
            return false;
    } else if (!value && !strcmp(name, "ASCII")) {
        if (!base_regexp_set_add(arena, &found, 0, 0x7F))
            return false;
    } else if (!value && !strcmp(name, "Assigned")) {
        inverted = !inverted;
        if (!add_icu_property(arena, &found, UCHAR_GENERAL_CATEGORY_MASK,
                              U_GC_CN_MASK, known))
            return false;
    } else if (!find_property(name, value, &property, &number)) {
        *known = false;
        return true;
    } else if (!add_icu_property(arena, &found, property, number, known)) {
        return false;
    }
    if (inverted && !base_regexp_set_invert(arena, &found))
        return false;
    return base_regexp_set_add_all(arena, set, &found);
}

/* case --------------------------------------------------------------------- */

/* Canonicalize(ch) of the specification, without u: the upper-case letter, if
 * it is one UTF-16 unit and does not lead from outside ASCII into it. */
static uint32_t fold_plain(uint32_t code)
{
    if (code > 0xFFFF)
        return code;
    const UChar unit = (UChar)code;
    UChar upper[8];
    UErrorCode status = U_ZERO_ERROR;
    const int32_t n = u_strToUpper(upper, 8, &unit, 1, "", &status);
    if (U_FAILURE(status) || n != 1 || (code >= 128 && upper[0] < 128))
        return code;
    return upper[0];
}

uint32_t base_regexp_fold(uint32_t code, bool unicode)
{
    if (code < 128) {
        if (unicode)
            return code >= 'A' && code <= 'Z' ? code + 32 : code;
        return code >= 'a' && code <= 'z' ? code - 32 : code;
    }
    if (unicode)
        return (uint32_t)u_foldCase((UChar32)code, U_FOLD_CASE_DEFAULT);
    return fold_plain(code);
}

/* The cased letters of [low, high], each as what it folds to. */
static bool add_folded(base_arena *arena, base_regexp_set *set, uint32_t low,
                       uint32_t high, bool unicode, const USet *cased)
{
    const int32_t n = uset_getItemCount(cased);
    for (int32_t i = 0; i < n; i++) {
        UChar32 first = 0, last = 0;
        UErrorCode status = U_ZERO_ERROR;
        if (uset_getItem(cased, i, &first, &last, NULL, 0, &status) != 0)
            continue;
        const uint32_t from = low > (uint32_t)first ? low : (uint32_t)first;
        const uint32_t to = high < (uint32_t)last ? high : (uint32_t)last;
        for (uint32_t c = from; c <= to; c++) {
            const uint32_t folded = base_regexp_fold(c, unicode);
            if (folded != c && !base_regexp_set_add(arena, set, folded, folded))
                return false;
        }
    }
    return true;
}

static bool add_folded_ascii(base_arena *arena, base_regexp_set *set,
                             uint32_t low, uint32_t high, bool unicode)
{
    for (uint32_t c = low; c <= high; c++) {
        const uint32_t folded = base_regexp_fold(c, unicode);
        if (folded != c && !base_regexp_set_add(arena, set, folded, folded))
            return false;
    }
    return true;
}

bool base_regexp_set_fold(base_arena *arena, base_regexp_set *set, bool unicode)
{
    base_regexp_set_tidy(set);
    const uint32_t n = set->count;
    for (uint32_t i = 0; i < n; i++) {
        const base_regexp_range r = set->ranges[i];
        const uint32_t high = r.high < 0x7F ? r.high : 0x7F;
        if (!add_folded_ascii(arena, set, r.low, high, unicode))
            return false;
        if (r.high <= 0x7F)
            continue;
        UErrorCode status = U_ZERO_ERROR;
        const USet *cased = u_getBinaryPropertySet(
            UCHAR_CHANGES_WHEN_CASEMAPPED, &status);
        if (U_FAILURE(status))
            return false;
        if (!add_folded(arena, set, r.low > 0x80 ? r.low : 0x80, r.high,
                        unicode, cased))
            return false;
    }
    base_regexp_set_tidy(set);
    return true;
}
