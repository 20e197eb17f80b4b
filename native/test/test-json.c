#include "json.h"

#include "check.h"

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
    CHECK_RUN(text_replaces_what_is_ill_formed);
    CHECK_RUN(base64_is_that_of_RFC_4648);
    return check_end();
}
