#include "shard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "check.h"
#include "error.h"

#define DAY_NS (86400LL * SR_CLOCK_NS_PER_S)
#define NOON (20000 * DAY_NS + DAY_NS / 2) /* 2024-10-04 */
#define FIRST "sessions-2024-10-04.jsonl"

static char dir[256];

static int open_dir(void) {
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_shard(struct sr_shard *s, int64_t at) {
    return sr_shard_open(s, open_dir(), geteuid(), (uid_t)-1, (gid_t)-1, at);
}

static const char *path_of(const char *name) {
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void make_file(const char *name, const char *text, mode_t mode) {
    int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0)
        perror(name);
    close(fd);
}

static const char *content_of(const char *name) {
    static char text[4096];
    int fd = open(path_of(name), O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    close(fd);
    return text;
}

static void fresh(void) {
    if (dir[0])
        check_remove_dir(dir);
    check_make_dir(dir, sizeof dir);
}

static void a_days_first_part_is_made_with_the_readers_mode_whatever_the_umask(void) {
    struct sr_shard s;
    struct stat st;
    fresh();
    mode_t was = umask(0777);
    CHECK_INT(open_shard(&s, NOON), 0);
    umask(was);
    CHECK_STR(s.name, FIRST);
    CHECK_INT(stat(path_of(FIRST), &st), 0);
    CHECK_INT(st.st_mode & 07777, 0640);
    sr_shard_close(&s);
}

static void the_highest_part_is_live(void) {
    struct sr_shard s;
    fresh();
    make_file(FIRST, "a\n", 0640);
    make_file("sessions-2024-10-04.1.jsonl", "b\n", 0640);
    make_file("sessions-2024-10-04.2.jsonl", "", 0640);
    CHECK_INT(open_shard(&s, NOON), 0);
    CHECK_STR(s.name, "sessions-2024-10-04.2.jsonl");
    sr_shard_close(&s);
}

static void a_new_part_and_a_new_day_are_followed_and_nothing_goes_back(void) {
    struct sr_shard s;
    fresh();
    CHECK_INT(open_shard(&s, NOON), 0);
    CHECK_INT(sr_shard_follow(&s, NOON), 0);
    make_file("sessions-2024-10-04.1.jsonl", "", 0640);
    CHECK_INT(sr_shard_follow(&s, NOON), 1);
    CHECK_STR(s.name, "sessions-2024-10-04.1.jsonl");
    CHECK_INT(sr_shard_append(&s, "x\n", 2), 0);
    CHECK_STR(content_of("sessions-2024-10-04.1.jsonl"), "x\n");
    CHECK_INT(sr_shard_follow(&s, NOON + DAY_NS / 2 - 1), 0); /* 23:59:59.999999999 */
    CHECK_INT(sr_shard_follow(&s, NOON + DAY_NS / 2), 1);     /* midnight */
    CHECK_STR(s.name, "sessions-2024-10-05.jsonl");
    CHECK_INT(sr_shard_follow(&s, NOON), 0); /* the clock was set back */
    CHECK_STR(s.name, "sessions-2024-10-05.jsonl");
    sr_shard_close(&s);
}

static void a_name_that_is_no_file_of_ours_is_passed_over_for_the_next(void) {
    struct sr_shard s;
    fresh();
    make_file("elsewhere", "keep\n", 0640);
    CHECK_INT(symlink("elsewhere", path_of(FIRST)), 0);
    CHECK_INT(mkfifo(path_of("sessions-2024-10-04.1.jsonl"), 0600), 0);
    CHECK_INT(mkdir(path_of("sessions-2024-10-04.2.jsonl"), 0700), 0);
    make_file("sessions-2024-10-04.3.jsonl", "", 0666); /* anybody may write it */
    char other[400];
    snprintf(other, sizeof other, "%s", path_of("elsewhere"));
    CHECK_INT(link(other, path_of("sessions-2024-10-04.4.jsonl")), 0);
    CHECK_INT(open_shard(&s, NOON), 0);
    CHECK_STR(s.name, "sessions-2024-10-04.5.jsonl");
    CHECK_INT(s.squatted, 1); /* only the highest is looked at: the others are not live */
    CHECK_STR(content_of("elsewhere"), "keep\n");
    sr_shard_close(&s);
}

static void a_foreign_owners_file_is_no_part(void) {
    struct sr_shard s;
    fresh();
    if (geteuid() != 0)
        CHECK_SKIP("only root can give files away");
    make_file(FIRST, "", 0640);
    CHECK_INT(chown(path_of(FIRST), 4242, 4242), 0);
    CHECK_INT(open_shard(&s, NOON), 0);
    CHECK_STR(s.name, "sessions-2024-10-04.1.jsonl");
    sr_shard_close(&s);
}

static void a_squatted_next_part_is_passed_over_while_a_session_runs(void) {
    struct sr_shard s;
    fresh();
    CHECK_INT(open_shard(&s, NOON), 0);
    CHECK_INT(mkfifo(path_of("sessions-2024-10-04.1.jsonl"), 0600), 0);
    CHECK_INT(sr_shard_follow(&s, NOON), 1);
    CHECK_STR(s.name, "sessions-2024-10-04.2.jsonl");
    CHECK_INT(s.squatted, 1);
    CHECK_INT(sr_shard_follow(&s, NOON), 0);
    sr_shard_close(&s);
}

static void a_torn_end_that_another_left_does_not_swallow_our_line(void) {
    struct sr_shard s;
    fresh();
    make_file(FIRST, "{\"torn", 0640);
    CHECK_INT(open_shard(&s, NOON), 0);
    CHECK_INT(sr_shard_append(&s, "ours\n", 5), 0);
    CHECK_INT(sr_shard_append(&s, "too\n", 4), 0);
    CHECK_STR(content_of(FIRST), "{\"torn\nours\ntoo\n");
    sr_shard_close(&s);
}

/* No file grows past `bytes` from here on. Returns what stood before. */
static rlim_t limit_files_to(rlim_t bytes) {
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
        perror("getrlimit");
    rlim_t was = limit.rlim_cur;
    limit.rlim_cur = bytes;
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        perror("setrlimit");
    return was;
}

static void after_a_short_write_the_next_line_starts_with_LF(void) {
    struct sr_shard s;
    fresh();
    CHECK_INT(open_shard(&s, NOON), 0);
    rlim_t was = limit_files_to(7);
    int whole = sr_shard_append(&s, "abc\n", 4), torn = sr_shard_append(&s, "defgh\n", 6), full = sr_shard_append(&s, "x\n", 2);
    limit_files_to(was);
    CHECK_INT(whole, 0);
    CHECK_INT(torn, -SR_E_TORN);
    CHECK_INT(full, -EFBIG);
    CHECK_INT(sr_shard_append(&s, "ok\n", 3), 0);
    CHECK_INT(sr_shard_append(&s, "ok\n", 3), 0);
    CHECK_STR(content_of(FIRST), "abc\ndef\nok\nok\n");
    sr_shard_close(&s);
}

static void a_line_that_lost_only_its_LF_counts_as_written(void) {
    struct sr_shard s;
    fresh();
    CHECK_INT(open_shard(&s, NOON), 0);
    rlim_t was = limit_files_to(3);
    int cut = sr_shard_append(&s, "abc\n", 4);
    limit_files_to(was);
    CHECK_INT(cut, 0);
    CHECK_INT(sr_shard_append(&s, "de\n", 3), 0);
    CHECK_STR(content_of(FIRST), "abc\nde\n");
    sr_shard_close(&s);
}

static void a_directory_that_refuses_says_why(void) {
    struct sr_shard s;
    fresh();
    CHECK_INT(sr_shard_open(&s, open("/proc/self", O_RDONLY | O_DIRECTORY), geteuid(), (uid_t)-1, (gid_t)-1, NOON), -ENOENT);
    CHECK_INT(s.fd, -1);
    CHECK_INT(s.dir_fd, -1);
}

int main(void) {
    CHECK_RUN(a_days_first_part_is_made_with_the_readers_mode_whatever_the_umask);
    CHECK_RUN(the_highest_part_is_live);
    CHECK_RUN(a_new_part_and_a_new_day_are_followed_and_nothing_goes_back);
    CHECK_RUN(a_name_that_is_no_file_of_ours_is_passed_over_for_the_next);
    CHECK_RUN(a_foreign_owners_file_is_no_part);
    CHECK_RUN(a_squatted_next_part_is_passed_over_while_a_session_runs);
    CHECK_RUN(a_torn_end_that_another_left_does_not_swallow_our_line);
    CHECK_RUN(after_a_short_write_the_next_line_starts_with_LF);
    CHECK_RUN(a_line_that_lost_only_its_LF_counts_as_written);
    CHECK_RUN(a_directory_that_refuses_says_why);
    check_remove_dir(dir);
    return check_end();
}
