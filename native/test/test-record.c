#include "record.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include "check.h"
#include "error.h"

#define SID "9e7b213c-7086-40c1-a5b8-43792f9c8a40"
#define BEGIN "{\"sid\":\"" SID "\",\"t\":0.000000,"

static char dir[256];
static char *content;

static struct sr_record *open_record(uint64_t cap, uint64_t reserve) {
    struct sr_record_options o = {.session_cap_bytes = cap, .input_reserve_bytes = reserve, .t0_mono_ns = sr_clock_mono_ns()};
    struct sr_record *r = NULL;
    if (dir[0])
        check_remove_dir(dir);
    check_make_dir(dir, sizeof dir);
    if (sr_shard_open(&o.shard, open(dir, O_RDONLY | O_DIRECTORY), geteuid(), (uid_t)-1, (gid_t)-1, sr_clock_real_ns()) == 0)
        sr_record_create(&r, &o, SID);
    return r;
}

static const char *read_part(const char *name) {
    char path[400];
    struct stat st = {0};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY);
    fstat(fd, &st);
    free(content);
    content = calloc(1, (size_t)st.st_size + 1);
    if (read(fd, content, (size_t)st.st_size) != st.st_size)
        perror(path);
    close(fd);
    return content;
}

static const char *text_of(struct sr_record *r) {
    struct sr_record_anchor a;
    sr_record_anchor(r, &a);
    return read_part(a.shard);
}

static void put(struct sr_record *r, enum sr_event_ch ch, const char *text, bool noecho) {
    sr_record_data(r, 0, ch, (const uint8_t *)text, strlen(text), noecho);
}

static void a_character_that_comes_in_two_reads_is_on_one_line(void) {
    struct sr_record *r = open_record(1000, 100);
    put(r, SR_CH_OUT, "a\xe6\xbc", false);
    put(r, SR_CH_IN, "i\xc3", false); /* each stream carries its own */
    put(r, SR_CH_OUT, "\xa2z", false);
    put(r, SR_CH_IN, "\xa9", false);
    CHECK_STR(text_of(r), BEGIN "\"ch\":\"o\",\"d\":\"a\"}\n" BEGIN "\"ch\":\"i\",\"d\":\"i\"}\n" BEGIN
                                "\"ch\":\"o\",\"d\":\"漢z\"}\n" BEGIN "\"ch\":\"i\",\"d\":\"é\"}\n");
    sr_record_destroy(r);
}

static void a_character_that_never_ends_is_written_at_the_end(void) {
    struct sr_record *r = open_record(1000, 100);
    const struct sr_event_end end = {.reason = "exit"};
    put(r, SR_CH_OUT, "\xe6\xbc", false);
    CHECK_STR(text_of(r), "");
    sr_record_end(r, 0, &end);
    CHECK(strstr(text_of(r), BEGIN "\"ch\":\"o\",\"d\":\"\xef\xbf\xbd\",\"b\":\"5rw=\"}\n") == content);
    sr_record_destroy(r);
}

static void a_carried_byte_keeps_its_own_no_echo_mark(void) {
    struct sr_record *r = open_record(1000, 100);
    put(r, SR_CH_IN, "\xc3", true);
    put(r, SR_CH_IN, "x", false);
    CHECK_STR(text_of(r),
              BEGIN "\"ch\":\"i\",\"d\":\"\xef\xbf\xbd\",\"b\":\"ww==\",\"noecho\":true}\n" BEGIN "\"ch\":\"i\",\"d\":\"x\"}\n");
    sr_record_destroy(r);
}

static void a_flood_of_output_does_not_cost_a_key(void) {
    struct sr_record *r = open_record(100, 20);
    struct sr_record_anchor a;
    for (int i = 0; i < 20; i++)
        put(r, SR_CH_OUT, "0123456789", false);
    put(r, SR_CH_IN, "typed", false);
    text_of(r);
    CHECK(strstr(content, BEGIN "\"trunc\":true,\"ch\":\"o\",\"why\":\"cap\"}\n"));
    CHECK(!strstr(strstr(content, "\"trunc\"") + 1, "\"trunc\"")); /* once */
    CHECK(strstr(content, "\"d\":\"typed\""));
    size_t recorded = 0;
    for (const char *p = content; (p = strstr(p, "\"d\":\"0123456789\"")) != NULL; p++)
        recorded += 10;
    CHECK_INT(recorded, 80); /* the cap less what is kept for everything else */
    sr_record_anchor(r, &a);
    CHECK(a.truncated);
    sr_record_destroy(r);
}

static void resizes_without_end_are_paid_from_the_budget_of_input(void) {
    struct sr_record *r = open_record(100000, 500);
    for (unsigned i = 0; i < 100; i++)
        sr_record_resize(r, 0, 80 + i, 24);
    text_of(r);
    CHECK(strlen(content) < 800);
    CHECK(strstr(content, "\"trunc\":true,\"ch\":\"r\",\"why\":\"cap\"}\n"));
    put(r, SR_CH_OUT, "goes on", false);
    CHECK(strstr(text_of(r), "goes on"));
    sr_record_destroy(r);
}

static void the_end_line_states_count_and_digest_of_all_before_it(void) {
    struct sr_record *r = open_record(1 << 20, 1000);
    const struct sr_event_header h = {.width = 80, .height = 24, .shell = "/bin/bash", .service = "ssh", .user = "root"};
    const struct sr_event_end end = {.reason = "exit", .status = 3};
    struct sr_record_anchor a;
    struct sr_sha256 sum;
    char hex[SR_SHA256_HEX_SIZE], want[120];
    sr_record_header(r, &h);
    put(r, SR_CH_OUT, "$ ", false);
    put(r, SR_CH_IN, "exit 3\r", false);
    sr_record_end(r, 0, &end);
    text_of(r);
    const char *last = strstr(content, BEGIN "\"end\":");
    CHECK(last != NULL);
    sr_sha256_init(&sum);
    sr_sha256_update(&sum, content, (size_t)(last - content));
    sr_sha256_hex(&sum, hex);
    snprintf(want, sizeof want, "\"lines\":3,\"sha256\":\"%s\"}}\n", hex);
    CHECK(strstr(last, want));
    sr_record_anchor(r, &a); /* the log's anchor says the same */
    CHECK_INT(a.lines, 3);
    CHECK_INT(a.bytes, last - content);
    CHECK_STR(a.sha256, hex);
    sr_record_destroy(r);
}

static void a_session_goes_on_in_the_next_part_and_says_so_first(void) {
    struct sr_record *r = open_record(1 << 20, 1000);
    struct sr_record_anchor a;
    char name[SR_SHARD_NAME_SIZE], first[SR_SHARD_NAME_SIZE], path[400];
    put(r, SR_CH_OUT, "one", false);
    sr_record_anchor(r, &a);
    memcpy(first, a.shard, sizeof first);
    snprintf(name, sizeof name, "%.19s.1.jsonl", a.shard);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    close(open(path, O_CREAT | O_WRONLY, 0640));
    for (int i = 0; i < 300 && sr_record_parts(r) < 2; i++) {
        poll(NULL, 0, 10); /* the look for parts is once a second */
        sr_record_tick(r);
    }
    put(r, SR_CH_OUT, "two", false);
    CHECK(strstr(read_part(first), "one") && !strstr(content, "two"));
    read_part(name);
    CHECK(strstr(content, "\"cont\":{\"n\":2,\"prev\":\"sessions-") && strstr(content, first));
    CHECK(strstr(content, "cont") < strstr(content, "two"));
    sr_record_destroy(r);
}

static void a_disk_below_its_reserve_takes_no_more_output_but_every_key(void) {
    struct sr_record_options o = {.session_cap_bytes = 1000, .input_reserve_bytes = 100, .min_free_bytes = UINT64_MAX};
    struct sr_record *r;
    o.t0_mono_ns = sr_clock_mono_ns();
    sr_record_destroy(open_record(10, 10));
    CHECK_INT(sr_shard_open(&o.shard, open(dir, O_RDONLY | O_DIRECTORY), geteuid(), (uid_t)-1, (gid_t)-1, sr_clock_real_ns()), 0);
    CHECK_INT(sr_record_create(&r, &o, SID), 0);
    for (int i = 0; i < 300 && !strstr(text_of(r), "\"why\":\"disk\""); i++) {
        poll(NULL, 0, 10);
        put(r, SR_CH_OUT, "o", false);
    }
    put(r, SR_CH_OUT, "unseen", false);
    put(r, SR_CH_IN, "typed", false);
    CHECK(strstr(text_of(r), "\"trunc\":true,\"ch\":\"o\",\"why\":\"disk\"") && !strstr(content, "unseen") &&
          strstr(content, "typed"));
    sr_record_destroy(r);
}

int main(void) {
    CHECK_RUN(a_character_that_comes_in_two_reads_is_on_one_line);
    CHECK_RUN(a_character_that_never_ends_is_written_at_the_end);
    CHECK_RUN(a_carried_byte_keeps_its_own_no_echo_mark);
    CHECK_RUN(a_flood_of_output_does_not_cost_a_key);
    CHECK_RUN(resizes_without_end_are_paid_from_the_budget_of_input);
    CHECK_RUN(the_end_line_states_count_and_digest_of_all_before_it);
    CHECK_RUN(a_session_goes_on_in_the_next_part_and_says_so_first);
    CHECK_RUN(a_disk_below_its_reserve_takes_no_more_output_but_every_key);
    check_remove_dir(dir);
    free(content);
    return check_end();
}
