/*
 * fuzz_date.c - libFuzzer target: Date.parse on any bytes, and that what it
 * accepts survives the way through toString, toUTCString and toISOString.
 */
#include <assert.h>
#include <math.h>

#include "ejs/runtime/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(double t, const ejs__zone *zone)
{
    char text[EJS__DATE_TEXT_SIZE];
    for (int style = EJS__DATE_AND_TIME; style <= EJS__DATE_ISO; style++) {
        const size_t size =
            ejs__date_format(t, (ejs__date_style)style, zone, text);
        assert(size > 0 && size < sizeof text);
        const double again = ejs__parse_date(text, size, zone);
        if (style == EJS__DATE_ISO)
            assert(again == t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ejs__zone *zone = ejs__zone_get("America/New_York", 16);
    if (!zone)
        zone = ejs__zone_utc();
    const double t = ejs__parse_date((const char *)data, size, zone);
    if (!isnan(t)) {
        assert(fabs(t) <= EJS__TIME_MAX && t == floor(t));
        check_texts(t, zone);
    }
    return 0;
}
