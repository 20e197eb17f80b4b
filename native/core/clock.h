/* Times, as the recorder stamps and names them. */
#ifndef SR_CLOCK_H
#define SR_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define SR_CLOCK_NS_PER_S 1000000000LL
#define SR_CLOCK_NS_PER_MS 1000000LL

#define SR_CLOCK_DAY_SIZE 11     /* "2026-04-24" and its NUL */
#define SR_CLOCK_RFC3339_SIZE 33 /* "2026-11-23T11:35:07.627773+00:00" and its NUL */

/* CLOCK_MONOTONIC in ns. */
int64_t sr_clock_mono_ns(void);

/* CLOCK_REALTIME in ns since the epoch. */
int64_t sr_clock_real_ns(void);

/* The UTC day of `real_ns`, "YYYY-MM-DD". Own arithmetic: no locale, no TZ, no allocation. */
void sr_clock_day(int64_t real_ns, char out[SR_CLOCK_DAY_SIZE]);

/* `real_ns` as RFC 3339 with microseconds and "+00:00". */
void sr_clock_rfc3339(int64_t real_ns, char out[SR_CLOCK_RFC3339_SIZE]);

#endif
