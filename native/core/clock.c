#include "clock.h"

#include <time.h>

#define CLOCK_S_PER_DAY 86400
/* Days from 0000-03-01 (proleptic Gregorian) to 1970-01-01. */
#define CLOCK_DAYS_TO_EPOCH 719468
#define CLOCK_DAYS_PER_ERA 146097 /* 400 years */

static int64_t clock_now_ns(clockid_t id) {
    struct timespec ts;
    /* Neither clock can fail on Linux; a time of 0 is better than garbage if one ever does. */
    if (clock_gettime(id, &ts) < 0)
        return 0;
    return ts.tv_sec * SR_CLOCK_NS_PER_S + ts.tv_nsec;
}

int64_t sr_clock_mono_ns(void) {
    return clock_now_ns(CLOCK_MONOTONIC);
}

int64_t sr_clock_real_ns(void) {
    return clock_now_ns(CLOCK_REALTIME);
}

/* Division that rounds down, so that moments before the epoch fall in the day they are in. */
static int64_t clock_div_floor(int64_t a, int64_t b) {
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

/* `value` as exactly `digits` decimal digits, no NUL. */
static void clock_digits(char *out, int digits, unsigned value) {
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

/* "YYYY-MM-DD" without a NUL. Years start in March here: the leap day is then a year's last, and months have a regular rhythm. */
static void clock_put_date(char *out, int64_t days_since_epoch) {
    int64_t days = days_since_epoch + CLOCK_DAYS_TO_EPOCH;
    int64_t era = clock_div_floor(days, CLOCK_DAYS_PER_ERA);
    unsigned day_of_era = (unsigned)(days - era * CLOCK_DAYS_PER_ERA);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    unsigned year = (unsigned)(era * 400 + year_of_era + (month <= 2));

    clock_digits(out, 4, year);
    out[4] = '-';
    clock_digits(out + 5, 2, month);
    out[7] = '-';
    clock_digits(out + 8, 2, day);
}

void sr_clock_day(int64_t real_ns, char out[SR_CLOCK_DAY_SIZE]) {
    clock_put_date(out, clock_div_floor(real_ns, CLOCK_S_PER_DAY * SR_CLOCK_NS_PER_S));
    out[SR_CLOCK_DAY_SIZE - 1] = '\0';
}

void sr_clock_rfc3339(int64_t real_ns, char out[SR_CLOCK_RFC3339_SIZE]) {
    int64_t seconds = clock_div_floor(real_ns, SR_CLOCK_NS_PER_S);
    unsigned micros = (unsigned)((real_ns - seconds * SR_CLOCK_NS_PER_S) / 1000);
    int64_t days = clock_div_floor(seconds, CLOCK_S_PER_DAY);
    unsigned second_of_day = (unsigned)(seconds - days * CLOCK_S_PER_DAY);
    static const char offset[] = "+00:00";

    clock_put_date(out, days);
    out[10] = 'T';
    clock_digits(out + 11, 2, second_of_day / 3600);
    out[13] = ':';
    clock_digits(out + 14, 2, second_of_day / 60 % 60);
    out[16] = ':';
    clock_digits(out + 17, 2, second_of_day % 60);
    out[19] = '.';
    clock_digits(out + 20, 6, micros);
    for (unsigned i = 0; i < sizeof offset; i++)
        out[26 + i] = offset[i];
}
