#include "syslog.h"

#include "check.h"
#include "utf8.h"

#define AT_NS (1795433707627773000LL)
#define HEAD "<134>1 2026-11-23T11:35:07.627773+00:00 web01 sessrec - session_started [relay@55555"

static struct sr_syslog_line begun(void) {
    struct sr_syslog_line line;
    sr_syslog_begin(&line, AT_NS, "web01", "session_started");
    return line;
}

static void a_line_is_rfc_5424(void) {
    struct sr_syslog_line line = begun();
    sr_syslog_param(&line, "sid", "0b1c");
    sr_syslog_param(&line, "src_ip", NULL);
    sr_syslog_param_u64(&line, "bytes", 0);
    sr_syslog_param_u64(&line, "max", UINT64_MAX);
    sr_syslog_param(&line, "empty", "");
    sr_syslog_end(&line);
    CHECK_STR(line.text, HEAD " sid=\"0b1c\" src_ip=\"-\" bytes=\"0\" max=\"18446744073709551615\" empty=\"\"]\n");
    CHECK_INT(line.len, strlen(line.text));
}

static void values_are_escaped_and_control_characters_dropped(void) {
    struct sr_syslog_line line = begun();
    static const char value[] = "a\"b\\c]d[e\x1b[31m\r\n\t\x7f\x01\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0\xc3\xa4";
    CHECK_INT(sr_syslog_param(&line, "user", value), sizeof value - 1);
    CHECK_INT(sr_syslog_param_bytes(&line, "nul", "a\0b", 3), 3);
    sr_syslog_end(&line);
    CHECK_STR(line.text, HEAD " user=\"a\\\"b\\\\c\\]d[e[31m\xc2\xa0\xc3\xa4\" nul=\"ab\"]\n");
}

static void ill_formed_utf8_becomes_replacement_characters(void) {
    struct sr_syslog_line line = begun();
    CHECK_INT(sr_syslog_param(&line, "d",
                              "\xff"
                              "a\xe2\x82"
                              "b\x80\xf0\x9f\x98"),
              9);
    sr_syslog_end(&line);
    CHECK_STR(line.text, HEAD " d=\"\xef\xbf\xbd"
                              "a\xef\xbf\xbd"
                              "b\xef\xbf\xbd\xef\xbf\xbd\"]\n");
}

static void a_host_is_printable_ascii_or_a_dash(void) {
    static const struct {
        const char *host, *want;
    } rows[] = {{NULL, " - sessrec"}, {"", " - sessrec"}, {" \n\x1b", " - sessrec"}, {"a b\nc\xc3\xa4", " abc sessrec"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sr_syslog_line line;
        sr_syslog_begin(&line, AT_NS, rows[i].host, "x");
        CHECK(strncmp(line.text + 39, rows[i].want, strlen(rows[i].want)) == 0);
    }
    char longest[1000];
    struct sr_syslog_line line;
    memset(longest, 'h', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    sr_syslog_begin(&line, AT_NS, longest, longest);
    CHECK_INT(line.len, 40 + 255 + strlen(" sessrec - ") + 32 + strlen(" [relay@55555"));
}

/* The line ends as it must, within its bound, in valid UTF-8. */
static bool well_ended(const struct sr_syslog_line *line) {
    size_t at = 0;
    if (line->len > SR_SYSLOG_LINE_MAX || memcmp(line->text + line->len - 3, "\"]\n", 3) != 0 || line->text[line->len] != '\0')
        return false;
    while (at < line->len) {
        int n = sr_utf8_next((const uint8_t *)line->text + at, line->len - at);
        if (n < 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static void a_long_value_is_cut_between_characters_and_says_how_much_was_taken(void) {
    static const char *const units[] = {"x", "\"", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\x1b", "a]\xc3\xa4"};
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        for (size_t shift = 0; shift < 5; shift++) {
            static char value[40001];
            size_t unit = strlen(units[u]), len = 0;
            struct sr_syslog_line line = begun();
            memset(value, 'p', shift);
            for (len = shift; len + unit <= 40000; len += unit)
                memcpy(value + len, units[u], unit);
            size_t room = sr_syslog_room(&line, "command"), before = line.len;
            size_t taken = sr_syslog_param_bytes(&line, "command", value, len);
            CHECK(line.len - before <= room + strlen(" command=\"\""));
            sr_syslog_end(&line);
            CHECK(well_ended(&line));
            if (*units[u] == '\x1b') {
                CHECK_INT(taken, len); /* dropped characters need no room */
            } else {
                CHECK(line.len > SR_SYSLOG_LINE_MAX - 4);
                /* What was taken alone gives the same line: nothing beyond it was used. */
                struct sr_syslog_line same = begun();
                CHECK_INT(sr_syslog_param_bytes(&same, "command", value, taken), taken);
                sr_syslog_end(&same);
                CHECK_STR(same.text, line.text);
            }
        }
    }
}

static void a_value_that_just_fits_is_whole_and_one_more_byte_is_cut(void) {
    char value[SR_SYSLOG_LINE_MAX];
    struct sr_syslog_line line = begun();
    size_t room = sr_syslog_room(&line, "v");
    memset(value, 'v', sizeof value);
    CHECK_INT(sr_syslog_param_bytes(&line, "v", value, room), room);
    sr_syslog_end(&line);
    CHECK_INT(line.len, SR_SYSLOG_LINE_MAX);
    CHECK(well_ended(&line));
    line = begun();
    CHECK_INT(sr_syslog_param_bytes(&line, "v", value, room + 1), room);
}

static void parameters_beyond_a_full_line_are_left_out_whole(void) {
    char value[SR_SYSLOG_LINE_MAX];
    memset(value, 'v', sizeof value);
    for (size_t spare = 0; spare < 40; spare++) {
        struct sr_syslog_line line = begun();
        sr_syslog_param_bytes(&line, "v", value, sr_syslog_room(&line, "v") - spare);
        size_t full = line.len;
        for (int i = 0; i < 20; i++)
            sr_syslog_param(&line, "reason", "exit");
        CHECK(spare >= strlen(" reason=\"\"") || line.len == full);
        CHECK(sr_syslog_room(&line, "reason") == 0 || spare > 10);
        sr_syslog_end(&line);
        CHECK(well_ended(&line));
    }
}

int main(void) {
    CHECK_RUN(a_line_is_rfc_5424);
    CHECK_RUN(values_are_escaped_and_control_characters_dropped);
    CHECK_RUN(ill_formed_utf8_becomes_replacement_characters);
    CHECK_RUN(a_host_is_printable_ascii_or_a_dash);
    CHECK_RUN(a_long_value_is_cut_between_characters_and_says_how_much_was_taken);
    CHECK_RUN(a_value_that_just_fits_is_whole_and_one_more_byte_is_cut);
    CHECK_RUN(parameters_beyond_a_full_line_are_left_out_whole);
    return check_end();
}
