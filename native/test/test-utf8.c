#include "utf8.h"

#include <stdint.h>

#include "check.h"

/* The oracle: table 3-7 as a table. A row is a lead range and the ranges of the bytes after it. */
static const struct {
    uint8_t range[4][2];
    int length;
} table[] = {
    {{{0x00, 0x7f}}, 1},
    {{{0xc2, 0xdf}, {0x80, 0xbf}}, 2},
    {{{0xe0, 0xe0}, {0xa0, 0xbf}, {0x80, 0xbf}}, 3},
    {{{0xe1, 0xec}, {0x80, 0xbf}, {0x80, 0xbf}}, 3},
    {{{0xed, 0xed}, {0x80, 0x9f}, {0x80, 0xbf}}, 3},
    {{{0xee, 0xef}, {0x80, 0xbf}, {0x80, 0xbf}}, 3},
    {{{0xf0, 0xf0}, {0x90, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}}, 4},
    {{{0xf1, 0xf3}, {0x80, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}}, 4},
    {{{0xf4, 0xf4}, {0x80, 0x8f}, {0x80, 0xbf}, {0x80, 0xbf}}, 4},
};

/* How many bytes of p fit the row from its start. */
static int fits(size_t row, const uint8_t *p, size_t n) {
    int i = 0;
    while (i < table[row].length && (size_t)i < n && p[i] >= table[row].range[i][0] && p[i] <= table[row].range[i][1])
        i++;
    return i;
}

static int oracle_next(const uint8_t *p, size_t n) {
    int longest = 1;
    for (size_t row = 0; row < sizeof table / sizeof table[0]; row++) {
        int good = fits(row, p, n);
        if (good == table[row].length)
            return good;
        if (good > longest)
            longest = good;
    }
    return -longest;
}

static size_t oracle_tail(const uint8_t *p, size_t n) {
    for (size_t back = n < 3 ? n : 3; back > 0; back--)
        for (size_t row = 0; row < sizeof table / sizeof table[0]; row++)
            if ((size_t)table[row].length > back && (size_t)fits(row, p + n - back, back) == back)
                return back;
    return 0;
}

/* An exact copy on the heap, so that the sanitizer sees a read past the end. */
static bool agrees(const uint8_t *p, size_t n) {
    uint8_t *copy = malloc(n);
    memcpy(copy, p, n);
    bool same = sr_utf8_next(copy, n) == oracle_next(p, n) && sr_utf8_tail(copy, n) == oracle_tail(p, n);
    free(copy);
    if (!same)
        printf("    %02x %02x %02x %02x, n %zu: next %d, tail %zu\n", p[0], n > 1 ? p[1] : 0, n > 2 ? p[2] : 0, n > 3 ? p[3] : 0,
               n, sr_utf8_next(p, n), sr_utf8_tail(p, n));
    return same;
}

static void every_sequence_of_one_or_two_bytes_is_judged_as_by_the_table(void) {
    for (unsigned a = 0; a < 256; a++) {
        CHECK(agrees((uint8_t[]){(uint8_t)a}, 1));
        for (unsigned b = 0; b < 256; b++)
            CHECK(agrees((uint8_t[]){(uint8_t)a, (uint8_t)b}, 2));
    }
}

static void every_sequence_at_the_edges_of_the_ranges_is_judged_as_by_the_table(void) {
    static const uint8_t edge[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                   0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
    size_t n = sizeof edge;
    for (size_t i = 0; i < n * n * n * n; i++) {
        uint8_t p[4] = {edge[i / n / n / n], edge[i / n / n % n], edge[i / n % n], edge[i % n]};
        CHECK(agrees(p, 4));
        CHECK(agrees(p, 3));
    }
}

static void random_sequences_of_three_to_six_bytes_are_judged_as_by_the_table(void) {
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 1000000; i++) {
        uint8_t p[6];
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        memcpy(p, &x, sizeof p);
        /* Half of them begin like long characters: pure chance seldom does. */
        if (x >> 63)
            p[0] |= 0xe0, p[1] = (uint8_t)(0x80 | (p[1] & 0x3f));
        CHECK(agrees(p, 3 + (x >> 60) % 4));
    }
}

static void every_scalar_value_is_one_character(void) {
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        uint8_t p[4];
        int n = 0;
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        if (c < 0x80)
            p[n++] = (uint8_t)c;
        else if (c < 0x800)
            p[n++] = (uint8_t)(0xc0 | c >> 6);
        else if (c < 0x10000)
            p[n++] = (uint8_t)(0xe0 | c >> 12), p[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        else
            p[n++] = (uint8_t)(0xf0 | c >> 18), p[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f)),
            p[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        if (c >= 0x80)
            p[n++] = (uint8_t)(0x80 | (c & 0x3f));
        CHECK_INT(sr_utf8_next(p, (size_t)n), n);
        CHECK_INT(sr_utf8_tail(p, (size_t)n), 0);
        for (int cut = 1; cut < n; cut++) {
            CHECK_INT(sr_utf8_next(p, (size_t)cut), -cut);
            CHECK_INT(sr_utf8_tail(p, (size_t)cut), cut);
        }
    }
}

static void one_replacement_stands_for_a_maximal_subpart(void) {
    /* The Unicode standard's own example (table 3-8): 61 F1 80 80 E1 80 C2 62 80 63 80 BF 64. */
    static const uint8_t text[] = {0x61, 0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63, 0x80, 0xbf, 0x64};
    static const int want[] = {1, -3, -2, -1, 1, -1, 1, -1, -1, 1};
    size_t at = 0, i = 0;
    for (; at < sizeof text; i++) {
        int step = sr_utf8_next(text + at, sizeof text - at);
        CHECK(i < sizeof want / sizeof want[0]);
        CHECK_INT(step, want[i]);
        at += (size_t)(step < 0 ? -step : step);
    }
    CHECK_INT(i, sizeof want / sizeof want[0]);
}

static void an_empty_buffer_has_no_tail(void) {
    CHECK_INT(sr_utf8_tail((const uint8_t *)"", 0), 0);
}

int main(void) {
    CHECK_RUN(every_sequence_of_one_or_two_bytes_is_judged_as_by_the_table);
    CHECK_RUN(every_sequence_at_the_edges_of_the_ranges_is_judged_as_by_the_table);
    CHECK_RUN(random_sequences_of_three_to_six_bytes_are_judged_as_by_the_table);
    CHECK_RUN(every_scalar_value_is_one_character);
    CHECK_RUN(one_replacement_stands_for_a_maximal_subpart);
    CHECK_RUN(an_empty_buffer_has_no_tail);
    return check_end();
}
