#include "clock.h"

#include <time.h>

#include "check.h"

static int64_t at(int64_t seconds, int64_t ns) {
    return seconds * SR_CLOCK_NS_PER_S + ns;
}

static void a_day_is_named_by_its_utc_date(void) {
    static const struct {
        int64_t seconds, ns;
        const char *day;
    } rows[] = {
        {0, 0, "1970-01-01"},
        {0, -1, "1969-12-31"},
        {86399, 999999999, "1970-01-01"},
        {86400, 0, "1970-01-02"},
        {951782399, 999999999, "2000-02-28"},
        {951782400, 0, "2000-02-29"}, /* divisible by 400: a leap year */
        {951868799, 999999999, "2000-02-29"},
        {951868800, 0, "2000-03-01"},
        {1709164800, 0, "2024-02-29"},
        {1709251200, 0, "2024-03-01"},
        {1735689599, 999999999, "2024-12-31"},
        {1740700800, 0, "2025-02-28"},
        {1740787200, 0, "2025-03-01"},
        {2147483647, 999999999, "2038-01-19"}, /* where 32 bits end */
        {2147483648, 0, "2038-01-19"},
        {4107542399, 999999999, "2100-02-28"},
        {4107542400, 0, "2100-03-01"}, /* divisible by 100: no leap year */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char day[SR_CLOCK_DAY_SIZE];
        sr_clock_day(at(rows[i].seconds, rows[i].ns), day);
        CHECK_STR(day, rows[i].day);
    }
}

static void a_moment_is_written_with_microseconds_and_an_offset(void) {
    char text[SR_CLOCK_RFC3339_SIZE];
    sr_clock_rfc3339(at(1795433707, 627773000), text);
    CHECK_STR(text, "2026-11-23T11:35:07.627773+00:00");
    sr_clock_rfc3339(0, text);
    CHECK_STR(text, "1970-01-01T00:00:00.000000+00:00");
}

static void the_last_nanosecond_of_a_day_stays_in_it(void) {
    char text[SR_CLOCK_RFC3339_SIZE], day[SR_CLOCK_DAY_SIZE];
    int64_t last = at(4102444800, -1); /* before 2100-01-01 */
    sr_clock_rfc3339(last, text);
    CHECK_STR(text, "2099-12-31T23:59:59.999999+00:00");
    sr_clock_day(last, day);
    CHECK_STR(day, "2099-12-31");
    sr_clock_rfc3339(-1, text);
    CHECK_STR(text, "1969-12-31T23:59:59.999999+00:00");
}

static void every_day_that_int64_can_hold_agrees_with_gmtime(void) {
    /* Every day from 1677 to 2262, each at other hours. */
    for (int64_t s = -9223372000; s < 9223372000; s += 86399 / 7 * 3 + 11) {
        time_t when = (time_t)s;
        struct tm tm;
        char want_day[16], want_time[32], day[SR_CLOCK_DAY_SIZE], text[SR_CLOCK_RFC3339_SIZE];
        CHECK(gmtime_r(&when, &tm));
        strftime(want_day, sizeof want_day, "%Y-%m-%d", &tm);
        strftime(want_time, sizeof want_time, "%Y-%m-%dT%H:%M:%S.", &tm);
        sr_clock_day(at(s, 123456789), day);
        CHECK_STR(day, want_day);
        sr_clock_rfc3339(at(s, 123456789), text);
        CHECK(strncmp(text, want_time, 20) == 0);
        CHECK_STR(text + 20, "123456+00:00");
    }
}

static void the_extremes_of_int64_are_days_too(void) {
    char day[SR_CLOCK_DAY_SIZE];
    sr_clock_day(INT64_MAX, day);
    CHECK_STR(day, "2262-04-11");
    sr_clock_day(INT64_MIN, day);
    CHECK_STR(day, "1677-09-21");
}

static void the_monotonic_clock_goes_on_and_the_real_one_is_the_systems(void) {
    int64_t a = sr_clock_mono_ns(), before = time(NULL), real, after, b;
    real = sr_clock_real_ns();
    after = time(NULL);
    b = sr_clock_mono_ns();
    CHECK(a > 0 && b >= a);
    /* time() may lag the fine clock by a tick. */
    CHECK(real >= at(before, 0) && real < at(after + 2, 0));
}

int main(void) {
    CHECK_RUN(a_day_is_named_by_its_utc_date);
    CHECK_RUN(a_moment_is_written_with_microseconds_and_an_offset);
    CHECK_RUN(the_last_nanosecond_of_a_day_stays_in_it);
    CHECK_RUN(every_day_that_int64_can_hold_agrees_with_gmtime);
    CHECK_RUN(the_extremes_of_int64_are_days_too);
    CHECK_RUN(the_monotonic_clock_goes_on_and_the_real_one_is_the_systems);
    return check_end();
}
