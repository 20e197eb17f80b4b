#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "error.h"
#include "syslog-fixture.h"

/* Whatever stands under the spool's name: the line is lost, counted, at once, and that thing is untouched. */
static void the_spool_refuses(int dir_fd, int want) {
    struct sr_syslog log = {.fd = -1, .dir_fd = dir_fd};
    struct sr_syslog_line line = small("x");
    CHECK_INT(sr_syslog_send(&log, &line, 60000), want);
    CHECK_INT(log.lost, 1);
    CHECK_INT(log.spooled, 0);
}

static void a_spool_name_that_is_squatted_loses_the_line_and_never_hangs(void) {
    int dir_fd = enter();
    char path[300], other[300], got[100];
    snprintf(path, sizeof path, "%s/" SR_SYSLOG_SPOOL_NAME, dir);
    snprintf(other, sizeof other, "%s/other", dir);
    fclose(fopen(other, "w"));

    CHECK(symlink(other, path) == 0);
    the_spool_refuses(dir_fd, -ELOOP);
    CHECK(unlink(path) == 0 && symlink("/nowhere/at/all", path) == 0);
    the_spool_refuses(dir_fd, -ELOOP);
    CHECK(unlink(path) == 0 && link(other, path) == 0);
    the_spool_refuses(dir_fd, -SR_E_BAD_FILE);
    CHECK_INT(slurp(dir_fd, "other", got, sizeof got), 0);
    CHECK(unlink(path) == 0 && mkfifo(path, 0666) == 0);
    the_spool_refuses(dir_fd, -ENXIO);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    the_spool_refuses(dir_fd, -SR_E_BAD_FILE);
    CHECK_INT(read(reader, got, sizeof got), 0);
    close(reader);
    CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
    the_spool_refuses(dir_fd, -EISDIR);
    leave(dir_fd);
}

static void without_a_spool_the_logs_own_failure_is_told(void) {
    struct sr_syslog log;
    struct sr_syslog_line line = small("x");
    int pipe_fd[2];
    CHECK_INT(open_pipe_log(&log, -1, pipe_fd, false), 0);
    close(pipe_fd[0]);
    pipe_fd[0] = -1;
    CHECK_INT(sr_syslog_send(&log, &line, 0), -EPIPE);
    CHECK_INT(log.lost, 1);
    sr_syslog_close(&log);
    CHECK_INT(sr_syslog_send(&log, &line, 0), -EBADF);
    close(pipe_fd[1]);
}

static void after_a_torn_line_the_next_one_starts_on_a_line_of_its_own(void) {
    int dir_fd = enter();
    char path[300], got[1000];
    struct sr_syslog log;
    struct sr_syslog_line line = small("0123456789"), next = small("next");
    struct rlimit before, limit;
    snprintf(path, sizeof path, "%s/log", dir);
    fclose(fopen(path, "w"));
    CHECK_INT(sr_syslog_open(&log, path, dir_fd), 0);
    /* The log may grow by 50 bytes only: the first write is cut short there. The spool is below the limit by less than a line,
     * too. */
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    limit = before;
    limit.rlim_cur = 50;
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    int torn = sr_syslog_send(&log, &line, 50);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK_INT(torn, -EFBIG);
    CHECK(log.torn && log.spool_torn);
    CHECK_INT(log.lost, 1);
    CHECK_INT(sr_syslog_send(&log, &next, 50), 0);
    slurp(dir_fd, "log", got, sizeof got);
    CHECK(memcmp(got, line.text, 50) == 0 && got[50] == '\n');
    CHECK_STR(got + 51, next.text);
    sr_syslog_close(&log);
    CHECK_INT(sr_syslog_send(&log, &next, 50), 1);
    slurp(dir_fd, SR_SYSLOG_SPOOL_NAME, got, sizeof got);
    CHECK_STR(got + 51, next.text);
    leave(dir_fd);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    CHECK_RUN(a_spool_name_that_is_squatted_loses_the_line_and_never_hangs);
    CHECK_RUN(without_a_spool_the_logs_own_failure_is_told);
    CHECK_RUN(after_a_torn_line_the_next_one_starts_on_a_line_of_its_own);
    return check_end();
}
