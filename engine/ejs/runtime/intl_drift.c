/* What changed between the CLDR of distributions' ICUs and Node 20's. */
#include "ejs/runtime/intl_drift.h"

#include <string.h>

#include <unicode/ustring.h>

/* Whether `locale` is `wanted` or below it: "es" covers "es_MX@calendar=...".
 */
static bool covers(const char *wanted, const char *locale)
{
    const size_t n = strlen(wanted);
    return strncmp(wanted, locale, n) == 0 &&
           (locale[n] == '\0' || locale[n] == '_' || locale[n] == '@');
}

bool ejs__drift_to_12_hours(const char *locale)
{
    static const char known[][8] = {
        "es_419", "es_AR", "es_BO", "es_CL", "es_CR", "es_CU", "es_EC", "es_GT",
        "es_HN",  "es_MX", "es_NI", "es_PE", "es_PY", "es_SV", "es_UY"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (covers(known[i], locale))
            return true;
    }
    return false;
}

const char *ejs__drift_keyword(const char *locale, const char **value)
{
    if (strcmp(locale, "ar") == 0) {
        *value = "latn";
        return "numbers";
    }
    if (strcmp(locale, "ar_SA") == 0) {
        *value = "gregorian";
        return "calendar";
    }
    return NULL;
}

bool ejs__drift_grouping(const char *locale)
{
    return covers("it", locale) || covers("hu", locale) ||
           covers("sl", locale) || covers("hy", locale);
}

/* patterns ----------------------------------------------------------------- */

/* `from` beginning with ^ is meant at the start, = the whole; with - it is not
 * for styles. */
/* clang-format off */
static const struct {
    const char *locale, *from, *to;
} patterns[] = {
    {"en_CA", "^MM/dd/yy",   "yy-MM-dd"},
    {"en_CA", "M/d/yy",      "y-MM-dd"},
    {"en_CA", "^MM/y",       "y-MM"},
    {"en_CA", "MM/dd/y",     "y-MM-dd"},
    {"en_CA", "M/d/y",       "y-MM-dd"},
    {"en_CA", "=M/d",        "MM-dd"},
    {"fr_CA", "=M-d",        "MM-dd"},
    {"en_GB", "=EEE, d MMM", "EEE d MMM"},
    {"en_GB", "=EEE, dd MMM", "EEE dd MMM"},
    {"en_GB", "^EEE, d MMM,", "EEE d MMM,"},
    {"en_GB", "^EEE, dd MMM,", "EEE dd MMM,"},
    {"en_AU", "-EEEE, d",    "EEEE d"},
    {"en_IN", "MMMM, y",     "MMMM y"},
    {"en_IN", "-EEEE, d MMM, y", "EEEE, d MMM y"},
    {"en_IN", "-EEEE, dd MMM, y", "EEEE, dd MMM y"},
    {"en_IN", "-dd-MMM-y",   "dd MMM y"},
    {"en_IN", "dd-MMM-y",    "d MMM y"},
    {"de",    "^MM.y",       "MM/y"},
    {"it",    "=d/M",        "dd/MM"},
    {"it",    "^d/M/y",      "dd/MM/y"},
    {"sr",    "d.M.yy.",     "d. M. y."},
    {"nl",    "y HH",        "y, HH"},
    {"nl",    "MMM H",       "MMM, H"},
    {"da",    "y HH",        "y, HH"},
    {"da",    "MMM H",       "MMM, H"},
    {"es",    "^d 'de' MMMM 'de' y, ", "d 'de' MMMM 'de' y 'a las' "},
    {"ca",    "'de' y",      "'del' y"},
    {"zh_TW", "-d\xE6\x97\xA5 E", "d\xE6\x97\xA5" "E"},
    {"zh_Hant", "-d\xE6\x97\xA5 E", "d\xE6\x97\xA5" "E"},
    {"zh_TW", "d ah",        "d\xE2\x80\x89" "ah"},
    {"zh_TW", "d Bh",        "d\xE2\x80\x89" "Bh"},
    {"zh_HK", "y ah",        "y\xE2\x80\x89" "ah"},
    {"bg",    " '\xD1\x87'.", ""},
    {"fi",    "y H",         "y 'klo' H"},
    {"fi",    "d. MMM y",    "d.M.y"},
    {"fi",    "=d. MMM",     "d.M."},
    {"fi",    "=ccc d. MMM", "ccc d.M."},
    {"fi",    "^d. MMM 'klo'", "d.M. 'klo'"},
    {"tr",    "=d MMMM EEE", "d MMM EEE"},
    {"tr",    "^dd MMMM EEE", "dd MMM EEE"},
    {"uk",    "^LLL y",      "MMM y"},
};
/* clang-format on */

/* Replaces `from` in `text` by `to` once; false when it is not there. */
static bool replace(char *text, size_t size, const char *from, const char *to)
{
    const bool start = *from == '^', whole = *from == '=';
    from += start || whole;
    char *at = strstr(text, from);
    const size_t n = strlen(from), used = strlen(text);
    if (!at || ((start || whole) && at != text) || (whole && at[n]) ||
        used - n + strlen(to) >= size)
        return false;
    memmove(at + strlen(to), at + n, used - (size_t)(at - text) - n + 1);
    memcpy(at, to, strlen(to));
    return true;
}

void ejs__drift_pattern(const char *locale, bool styled, UChar *pattern,
                        size_t size)
{
    char text[512];
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text, sizeof text, NULL, pattern, -1, &status);
    if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING)
        return;
    bool changed = false;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const char *from = patterns[i].from;
        if (!covers(patterns[i].locale, locale) || (*from == '-' && styled))
            continue;
        changed |=
            replace(text, sizeof text, from + (*from == '-'), patterns[i].to);
    }
    UChar units[512];
    int32_t length = 0;
    if (!changed)
        return;
    u_strFromUTF8(units, 512, &length, text, -1, &status);
    if (U_SUCCESS(status) && (size_t)length < size)
        u_strcpy(pattern, units);
}

/* What the generator of patterns would otherwise take from its locale. */
static const struct {
    const char *locale;
    UChar pattern[16];
} added[] = {{"en_IN", u"d MMM y"}, {"en_IN", u"EEE, d MMM, y"}};

void ejs__drift_generator(const char *locale, UDateTimePatternGenerator *g)
{
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        UErrorCode status = U_ZERO_ERROR;
        if (covers(added[i].locale, locale))
            udatpg_addPattern(g, added[i].pattern, -1, true, NULL, 0, NULL,
                              &status);
    }
}

/* words -------------------------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *locale;
    UDateFormatSymbolType type;
    int32_t first;
    const char *words[8];
} words[] = {
    {"es",     UDAT_AM_PMS, 0, {"a. m.", "p. m."}},
    {"es_419", UDAT_AM_PMS, 0, {"a.m.", "p.m."}},
    {"es_CU",  UDAT_AM_PMS, 0, {"a.m.", "p.m."}},
    {"es_MX",  UDAT_AM_PMS, 0, {"a.m.", "p.m."}},
    {"es_US",  UDAT_AM_PMS, 0, {"a.m.", "p.m."}},
    {"ca",     UDAT_AM_PMS, 0, {"a. m.", "p. m."}},
    {"en_IE",  UDAT_AM_PMS, 0, {"am", "pm"}},
    {"ko",     UDAT_AM_PMS, 0, {"AM", "PM"}},
    {"th",     UDAT_AM_PMS, 0, {"AM", "PM"}},
    {"th", UDAT_SHORT_WEEKDAYS, 1,
        {"อาทิตย์", "จันทร์", "อังคาร", "พุธ", "พฤหัส", "ศุกร์", "เสาร์"}},
    {"th", UDAT_STANDALONE_SHORT_WEEKDAYS, 1,
        {"อาทิตย์", "จันทร์", "อังคาร", "พุธ", "พฤหัส", "ศุกร์", "เสาร์"}},
    {"vi", UDAT_SHORT_WEEKDAYS, 1,
        {"CN", "Thứ 2", "Thứ 3", "Thứ 4", "Thứ 5", "Thứ 6", "Thứ 7"}},
    {"vi", UDAT_STANDALONE_SHORT_WEEKDAYS, 1,
        {"CN", "Thứ 2", "Thứ 3", "Thứ 4", "Thứ 5", "Thứ 6", "Thứ 7"}},
};
/* clang-format on */

void ejs__drift_symbols(const char *locale, UDateFormat *format)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!covers(words[i].locale, locale))
            continue;
        for (int32_t k = 0; words[i].words[k]; k++) {
            UChar text[64];
            UErrorCode status = U_ZERO_ERROR;
            u_strFromUTF8(text, 64, NULL, words[i].words[k], -1, &status);
            if (U_SUCCESS(status))
                udat_setSymbols(format, words[i].type, words[i].first + k, text,
                                -1, &status);
        }
    }
}
