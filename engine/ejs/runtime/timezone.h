/*
 * timezone.h - time zones: offsets from UTC at any moment, and their names.
 *
 * Zones come from the system's TZif files, which are kept up to date, and from
 * ICU where there are none.  A zone is made once, never changes and is never
 * freed: there are a few hundred at most.
 */
#ifndef EJS_RUNTIME_TIMEZONE_H
#define EJS_RUNTIME_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ejs__zone ejs__zone;

/* The zone of that IANA name in any case; NULL when there is none, or no
 * memory. Names of up to 63 bytes. */
const ejs__zone *ejs__zone_get(const char *name, size_t size);

/* The zone without rules, which needs no data. */
const ejs__zone *ejs__zone_utc(void);

/* Its name as IANA writes it, "America/New_York". */
const char *ejs__zone_name(const ejs__zone *zone);

/* Seconds to add to UTC at the moment `t` (ms since 1970); *dst (may be NULL)
 * tells whether that is daylight-saving time. */
int32_t ejs__zone_offset(const ejs__zone *zone, double t, bool *dst);

/*
 * The UTC time value of a local one.  A local time that a change of clocks
 * skipped or repeats is read with the offset from before the change.
 */
double ejs__zone_to_utc(const ejs__zone *zone, double local);

/* The English long name at that moment ("Eastern Daylight Time"), NUL-ended
 * and cut to `size`. */
void ejs__zone_long_name(const ejs__zone *zone, double t, char *out,
                         size_t size);

#endif
