#include "json.h"

#include "check.h"
#include "utf8.h"

static void assert_copy(const char *bytes, size_t n, size_t room, const char *want, size_t want_used) {
    char out[256];
    size_t used, len = sr_json_copy(out, room, (const uint8_t *)bytes, n, &used);
    CHECK(len <= room);
    out[len] = 0;
    CHECK_STR(out, want);
    CHECK_INT(used, want_used);
}

static void escapes_are_those_of_JSON_stringify(void) {
    assert_copy("a\"b\\c\b\t\n\f\r\x1b\x7f/", 13, 200, "a\\\"b\\\\c\\b\\t\\n\\f\\r\\u001b\x7f/", 13);
    assert_copy("\x00\x01\x1f", 3, 200, "\\u0000\\u0001\\u001f", 3);
}

static void well_formed_characters_pass_as_they_are(void) {
    assert_copy("é漢😀", 9, 200, "é漢😀", 9);
    /* Each within a run long enough for the wide path, at each of its places. */
    for (size_t at = 0; at < 40; at++) {
        char in[64], want[80];
        memset(in, 'x', 43);
        memcpy(in + at, "漢", 3);
        memcpy(want, in, 43);
        want[43] = 0;
        assert_copy(in, 43, 80, want, 43);
    }
}

static void copying_stops_before_what_is_ill_formed(void) {
    assert_copy("abc\xff xyz", 8, 200, "abc", 3);
    assert_copy("abc\xed\xa0\x80", 6, 200, "abc", 3); /* a surrogate */
    assert_copy("abc\xe0\x80\x80", 6, 200, "abc", 3); /* overlong */
    assert_copy("abc\xc3", 4, 200, "abc", 3);         /* cut off */
}

static void nothing_is_ever_cut_in_the_middle_for_lack_of_room(void) {
    const char text[] = "0123456789abcde\x1bé漢😀\n0123456789abcdef\"";
    size_t n = sizeof text - 1;
    for (size_t room = 0; room < 80; room++) {
        char out[80], rest[80];
        size_t used, used_rest, len = sr_json_copy(out, room, (const uint8_t *)text, n, &used);
        CHECK(len <= room);
        size_t rest_len = sr_json_copy(rest, sizeof rest, (const uint8_t *)text + used, n - used, &used_rest);
        CHECK_INT(used + used_rest, n); /* the rest begins at a character, or it would stop there */
        char whole[160], joined[160];
        size_t whole_len = sr_json_copy(whole, sizeof whole, (const uint8_t *)text, n, &used);
        memcpy(joined, out, len);
        memcpy(joined + len, rest, rest_len);
        CHECK_INT(len + rest_len, whole_len);
        CHECK(memcmp(joined, whole, whole_len) == 0);
    }
}

/* What sr_json_copy promises, a character at a time. */
static size_t copy_by_character(char *out, size_t room, const uint8_t *p, size_t n, size_t *used) {
    size_t len = 0, i = 0;
    while (i < n) {
        char piece[SR_JSON_ESCAPE_MAX];
        int step = sr_utf8_next(p + i, n - i);
        size_t need = step == 1 ? sr_json_escape(piece, p[i]) : (size_t)step;
        if (step < 0 || need > room - len)
            break;
        memcpy(out + len, step == 1 ? (const void *)piece : p + i, need);
        len += need;
        i += (size_t)step;
    }
    *used = i;
    return len;
}

static void any_bytes_are_copied_as_they_would_be_one_by_one(void) {
    /* Whole characters and, now and then, the bytes at the edges of what is one. */
    static const char *const pieces[] = {
        "a", "bcdefghijkl",      "\x1b[0m",         "\r\n", "\"", "\\", "é", "ß", "ࠀ", "漢", "퟿", "", "😀",
        "𐀀", "\xf4\x8f\xbf\xbf", "0123456789abcdef"};
    static const uint8_t edges[] = {0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
                                    0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
    unsigned dice = 1;
    for (int turn = 0; turn < 40000; turn++) {
        uint8_t in[80];
        char got[200], want[200];
        size_t n = 0, used, want_used;
        while (n < 60) {
            dice = dice * 1664525 + 1013904223;
            unsigned throw = dice >> 16;
            if (throw % 16 == 0) { /* a lead and a second byte, each at an edge, and what would follow them */
                in[n++] = edges[throw / 16 % sizeof edges];
                in[n++] = edges[throw / 512 % sizeof edges];
                for (unsigned more = throw / 16384 % 3; more > 0; more--)
                    in[n++] = 0x80;
                continue;
            }
            const char *piece = pieces[throw / 16 % (sizeof pieces / sizeof *pieces)];
            memcpy(in + n, piece, strlen(piece));
            n += strlen(piece);
        }
        size_t room = turn % 2 ? sizeof got : 20 + (dice >> 20) % 60;
        size_t len = sr_json_copy(got, room, in, n, &used);
        CHECK_INT(len, copy_by_character(want, room, in, n, &want_used));
        CHECK_INT(used, want_used);
        CHECK(memcmp(got, want, len) == 0);
    }
}

static void text_replaces_what_is_ill_formed(void) {
    char out[64];
    size_t len = sr_json_text(out, sizeof out,
                              (const uint8_t *)"a\xff\xe6\xbc"
                                               "b",
                              5);
    out[len] = 0;
    CHECK_STR(out, "a\xef\xbf\xbd\xef\xbf\xbd"
                   "b");
    CHECK_INT(sr_json_text(out, 4, (const uint8_t *)"ab\x1b", 3), 2);
}

static void base64_is_that_of_RFC_4648(void) {
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char out[16];
        size_t len = sr_json_base64(out, (const uint8_t *)vectors[i][0], strlen(vectors[i][0]));
        out[len] = 0;
        CHECK_STR(out, vectors[i][1]);
    }
}

int main(void) {
    CHECK_RUN(escapes_are_those_of_JSON_stringify);
    CHECK_RUN(well_formed_characters_pass_as_they_are);
    CHECK_RUN(copying_stops_before_what_is_ill_formed);
    CHECK_RUN(nothing_is_ever_cut_in_the_middle_for_lack_of_room);
    CHECK_RUN(any_bytes_are_copied_as_they_would_be_one_by_one);
    CHECK_RUN(text_replaces_what_is_ill_formed);
    CHECK_RUN(base64_is_that_of_RFC_4648);
    return check_end();
}
