#include "peer-proc.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include "check.h"
#include "error.h"
#include "fake-proc.h"

/* qemu-user answers a read of the caller's own /proc/PID/stat itself, with the name of the program in it. */
static bool own_stat_is_emulated(void) {
    return getenv("SR_TEST_EMULATED") != NULL;
}

static void a_process_has_a_parent_and_a_name(void) {
    if (own_stat_is_emulated())
        CHECK_SKIP("the emulator answers for /proc");
    struct sr_peer_process process;
    char name[16] = "";
    CHECK(prctl(PR_GET_NAME, name) == 0);
    CHECK_INT(sr_peer_process_read("/proc", getpid(), &process), 0);
    CHECK_INT(process.pid, getpid());
    CHECK_INT(process.parent, getppid());
    CHECK_STR(process.comm, name);
    CHECK_INT(sr_peer_process_read("/proc", 0x7ffffffe, &process), -ENOENT);
}

static void a_name_with_brackets_blanks_and_lf_does_not_hide_the_parent(void) {
    static const char *const names[] = {"a) S 1 (b", ") S 99 1 1", "((((", "))))", "x) R 7", "a\nb) Z 3\n", "", " "};
    struct sr_peer_process process;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fake_process(70, names[i], 12345, "0\t0\t0\t0");
        CHECK_INT(sr_peer_process_read(fake_dir, 70, &process), 0);
        CHECK_INT(process.parent, 12345);
        CHECK_STR(process.comm, names[i]);
    }
    /* And as the kernel itself writes it. */
    if (own_stat_is_emulated())
        CHECK_SKIP("the emulator answers for /proc");
    CHECK(prctl(PR_SET_NAME, "a) S 1 (b c)") == 0);
    CHECK_INT(sr_peer_process_read("/proc", getpid(), &process), 0);
    CHECK_STR(process.comm, "a) S 1 (b c)");
    CHECK_INT(process.parent, getppid());
}

static void a_stat_that_cannot_be_is_refused(void) {
    static const char *const texts[] = {"",
                                        "70",
                                        "70 (a",
                                        "70 (a)",
                                        "70 (a) S",
                                        "70 (a) S ",
                                        "70 (a) S x",
                                        "70 (a) S -1 ",
                                        "70 )a( S 1 ",
                                        "70 (a)S 1 ",
                                        "70 (a) S 99999999999999 ",
                                        "70 (a) S 1"};
    struct sr_peer_process process;
    fake_process(70, "x", 1, "0\t0\t0\t0");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fake_text("70/stat", texts[i]);
        CHECK_INT(sr_peer_process_read(fake_dir, 70, &process), -SR_E_BAD_VALUE);
    }
}

static void a_process_is_a_users_only_if_all_its_uids_are(void) {
    uid_t other = getuid() + 1;
    CHECK(sr_peer_process_is_uid("/proc", getpid(), getuid()));
    CHECK(!sr_peer_process_is_uid("/proc", getpid(), other));
    CHECK(!sr_peer_process_is_uid("/proc", 0x7ffffffe, getuid()));
    fake_process(70, "x", 1, "5\t5\t5\t9");
    CHECK(sr_peer_process_is_uid(fake_dir, 70, 5));
    fake_process(70, "x", 1, "5\t0\t0\t0");
    CHECK(!sr_peer_process_is_uid(fake_dir, 70, 5) && !sr_peer_process_is_uid(fake_dir, 70, 0));
    fake_process(70, "x", 1, "0\t0\t5\t0");
    CHECK(!sr_peer_process_is_uid(fake_dir, 70, 0));
    fake_process(70, "Uid:\t0\t0\t0", 1, "5\t5\t5\t5"); /* a name that looks like the answer */
    CHECK(!sr_peer_process_is_uid(fake_dir, 70, 0));
    fake_text("70/status", "Name:\tx\nUid:\t0\t0\n");
    CHECK(!sr_peer_process_is_uid(fake_dir, 70, 0));
    fake_text("70/status", "");
    CHECK(!sr_peer_process_is_uid(fake_dir, 70, 0));
}

/* Whether the process with these uids, undumpable, counts as 65534's and as root's: bits 0 and 1; -1 = could not be tried. */
static int judged(uid_t real, uid_t effective, uid_t saved) {
    int ready[2], verdict = -1;
    char byte;
    if (pipe(ready) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        if (setresuid(real, effective, saved) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 || write(ready[1], "", 1) < 0)
            _exit(1);
        pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) == 1)
        verdict = sr_peer_process_is_uid("/proc", child, 65534) | sr_peer_process_is_uid("/proc", child, 0) << 1;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    return verdict;
}

static void undumpable_and_setuid_processes_are_not_roots(void) {
    if (getuid() != 0)
        CHECK_SKIP("needs root to be another user");
    CHECK_INT(judged(65534, 65534, 65534), 1);
    CHECK_INT(judged(65534, 0, 0), 0);
    CHECK_INT(judged(65534, 65534, 0), 0);
    CHECK_INT(judged(0, 0, 0), 2);
}

static void a_socket_is_found_among_the_fds_by_its_inode(void) {
    fake_process(70, "x", 1, "0\t0\t0\t0");
    CHECK_INT(sr_peer_process_holds(fake_dir, 70, 123), 0);
    fake_fd(70, 0, "/dev/pts/1");
    fake_fd(70, 1, "socket:[1234]");
    fake_fd(70, 2, "pipe:[123]");
    fake_fd(70, 3, "socket:[12]");
    fake_fd(70, 4, "/very/long/name/that/goes/on/beyond/any/buffer/of/ours/and/then/some/more/socket:[123]");
    CHECK_INT(sr_peer_process_holds(fake_dir, 70, 123), 0);
    fake_fd(70, 5, "socket:[123]");
    CHECK_INT(sr_peer_process_holds(fake_dir, 70, 123), 1);
    CHECK_INT(sr_peer_process_holds(fake_dir, 71, 123), -ENOENT);
}

static int ask_holds(void) {
    return -sr_peer_process_holds(fake_dir, 70, 123);
}

static void hidden_fds_are_told_from_missing_ones(void) {
    fake_hide_fds(70, 0444);
    CHECK_INT(fake_ask_as_nobody(ask_holds), EACCES);
    fake_hide_fds(70, 0000);
    CHECK_INT(fake_ask_as_nobody(ask_holds), EACCES);
    fake_hide_fds(70, 0755);
}

int main(void) {
    fake_make();
    CHECK_RUN(a_process_has_a_parent_and_a_name);
    CHECK_RUN(a_name_with_brackets_blanks_and_lf_does_not_hide_the_parent);
    CHECK_RUN(a_stat_that_cannot_be_is_refused);
    CHECK_RUN(a_process_is_a_users_only_if_all_its_uids_are);
    CHECK_RUN(undumpable_and_setuid_processes_are_not_roots);
    CHECK_RUN(a_socket_is_found_among_the_fds_by_its_inode);
    CHECK_RUN(hidden_fds_are_told_from_missing_ones);
    fake_remove();
    return check_end();
}
