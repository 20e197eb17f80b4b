#include "event.h"

#include "check.h"

#define SID "9e7b213c-7086-40c1-a5b8-43792f9c8a40"
#define BEGIN "{\"sid\":\"" SID "\","

static char line[SR_EVENT_LINE_MAX + 1];

static const char *text(size_t len) {
    line[len] = 0;
    return line;
}

static void a_header_line_is_as_the_format_page_shows_it(void) {
    struct sr_event_header h = {.width = 80,
                                .height = 24,
                                .t0_real_ns = 1795433706123456789,
                                .shell = "/bin/bash",
                                .term = "xterm",
                                .service = "ssh",
                                .user = "root",
                                .src_ip = "203.0.113.9",
                                .tty = "pts/3"};
    CHECK_STR(
        text(sr_event_header(line, SID, &h)), BEGIN
        "\"hdr\":{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1795433706,\"env\":{\"SHELL\":\"/bin/"
        "bash\",\"TERM\":\"xterm\"},"
        "\"login\":{\"format\":1,\"t0_ns\":1795433706123456789,\"service\":\"ssh\",\"user\":\"root\",\"src_ip\":\"203.0.113.9\","
        "\"tty\":\"pts/3\"}}}\n");
    h.src_ip = h.tty = h.term = NULL;
    CHECK(strstr(text(sr_event_header(line, SID, &h)), "\"src_ip\":null,\"tty\":null}}}\n"));
    CHECK(strstr(line, "\"env\":{\"SHELL\":\"/bin/bash\"},"));
}

static void a_hostile_header_text_is_bounded_and_stays_valid(void) {
    char term[400];
    memset(term, 1, sizeof term - 1);
    term[sizeof term - 1] = 0;
    struct sr_event_header h = {.shell = term, .term = term, .service = term, .user = "\"}\n", .src_ip = term, .tty = term};
    size_t len = sr_event_header(line, SID, &h);
    CHECK(len <= SR_EVENT_LINE_MAX);
    CHECK(strcmp(line + len - 4, "}}}\n") == 0 || memcmp(line + len - 4, "}}}\n", 4) == 0);
    CHECK(strstr(text(len), "\"user\":\"\\\"}\\n\""));
}

static void time_is_seconds_with_six_decimals_cut(void) {
    size_t used;
    CHECK_STR(text(sr_event_data(line, SID, 597562999, SR_CH_OUT, (const uint8_t *)"x", 1, false, &used)),
              BEGIN "\"t\":0.597562,\"ch\":\"o\",\"d\":\"x\"}\n");
    CHECK_STR(text(sr_event_resize(line, SID, 86400000000001, 120, 40)),
              BEGIN "\"t\":86400.000000,\"ch\":\"r\",\"d\":\"120x40\"}\n");
    CHECK_STR(text(sr_event_trunc(line, SID, -5, SR_CH_OUT, "cap")),
              BEGIN "\"t\":0.000000,\"trunc\":true,\"ch\":\"o\",\"why\":\"cap\"}\n");
}

static void what_is_not_shown_is_marked_last(void) {
    size_t used;
    CHECK_STR(text(sr_event_data(line, SID, 0, SR_CH_IN, (const uint8_t *)"pw\r", 3, true, &used)),
              BEGIN "\"t\":0.000000,\"ch\":\"i\",\"d\":\"pw\\r\",\"noecho\":true}\n");
    CHECK_STR(text(sr_event_data(line, SID, 0, SR_CH_IN, (const uint8_t *)"\xff", 1, true, &used)),
              BEGIN "\"t\":0.000000,\"ch\":\"i\",\"d\":\"\xef\xbf\xbd\",\"b\":\"/w==\",\"noecho\":true}\n");
}

static void a_line_goes_on_in_a_part_and_ends_as_the_format_page_shows(void) {
    struct sr_event_end e = {.reason = "exit", .status = 3, .bytes_in = 72, .bytes_out = 671, .lines = 15, .sha256 = "ab"};
    CHECK_STR(text(sr_event_cont(line, SID, 1000, 2, "sessions-2026-04-24.1.jsonl")),
              BEGIN "\"t\":0.000001,\"cont\":{\"n\":2,\"prev\":\"sessions-2026-04-24.1.jsonl\"}}\n");
    CHECK_STR(text(sr_event_end(line, SID, 0, &e)),
              BEGIN "\"t\":0.000000,\"end\":{\"reason\":\"exit\",\"status\":3,\"signal\":null,\"bytes_in\":72,"
                    "\"bytes_out\":671,\"undelivered\":0,\"lines\":15,\"sha256\":\"ab\"}}\n");
    e.status = -1;
    e.signal_name = "KILL";
    CHECK(strstr(text(sr_event_end(line, SID, 0, &e)), "\"status\":null,\"signal\":\"KILL\""));
}

/* Whatever the bytes: lines are within bounds, something is always taken, and no well-formed character is split. */
static void assert_any_bytes_fit(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n;) {
        size_t used = 0, len = sr_event_data(line, SID, 123456789012345, SR_CH_OUT, bytes + i, n - i, true, &used);
        CHECK(len <= SR_EVENT_LINE_MAX && used > 0 && used <= n - i);
        CHECK(line[len - 1] == '\n' && !memchr(line, '\n', len - 1));
        i += used;
        if (i < n && !strstr(text(len), "\"b\":"))
            CHECK((bytes[i] & 0xc0) != 0x80 || used < 3); /* the next line begins with a character */
    }
}

static void any_bytes_fit_line_by_line(void) {
    static uint8_t bytes[20000];
    memset(bytes, 'x', sizeof bytes);
    assert_any_bytes_fit(bytes, sizeof bytes);
    memset(bytes, 1, sizeof bytes);
    assert_any_bytes_fit(bytes, sizeof bytes);
    memset(bytes, 0xff, sizeof bytes);
    assert_any_bytes_fit(bytes, sizeof bytes);
    for (size_t i = 0; i + 3 <= sizeof bytes; i += 3)
        memcpy(bytes + i, "漢", 3);
    assert_any_bytes_fit(bytes, sizeof bytes / 3 * 3);
    srand(1);
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(rand() % (round % 2 ? 256 : 140));
        assert_any_bytes_fit(bytes, sizeof bytes / 10);
    }
}

static void a_line_of_plain_text_holds_what_the_relay_reads_at_once(void) {
    uint8_t bytes[3840];
    size_t used;
    memset(bytes, 'x', sizeof bytes);
    sr_event_data(line, SID, 123456789012345, SR_CH_OUT, bytes, sizeof bytes, false, &used);
    CHECK_INT(used, sizeof bytes);
}

int main(void) {
    CHECK_RUN(a_header_line_is_as_the_format_page_shows_it);
    CHECK_RUN(a_hostile_header_text_is_bounded_and_stays_valid);
    CHECK_RUN(time_is_seconds_with_six_decimals_cut);
    CHECK_RUN(what_is_not_shown_is_marked_last);
    CHECK_RUN(a_line_goes_on_in_a_part_and_ends_as_the_format_page_shows);
    CHECK_RUN(any_bytes_fit_line_by_line);
    CHECK_RUN(a_line_of_plain_text_holds_what_the_relay_reads_at_once);
    return check_end();
}
