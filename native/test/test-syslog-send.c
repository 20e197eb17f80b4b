#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "clock.h"
#include "error.h"
#include "syslog-fixture.h"

static void a_line_goes_to_a_pipe_opened_through_proc(void) {
    int dir_fd = enter(), pipe_fd[2];
    char path[64], got[200];
    struct sr_syslog log;
    struct sr_syslog_line line = small("1");
    CHECK(pipe(pipe_fd) == 0);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), pipe_fd[1]);
    CHECK_INT(sr_syslog_open(&log, path, dir_fd), 0);
    CHECK_INT(sr_syslog_send(&log, &line, 0), 0);
    CHECK_INT(read(pipe_fd[0], got, sizeof got), line.len);
    CHECK(memcmp(got, line.text, line.len) == 0);
    CHECK(fcntl(log.fd, F_GETFL) & O_NONBLOCK);
    CHECK(!(fcntl(pipe_fd[1], F_GETFL) & O_NONBLOCK)); /* PID 1's own end stays as it was */
    sr_syslog_close(&log);
    CHECK_INT(log.fd, -1);
    close(pipe_fd[0]), close(pipe_fd[1]);
    leave(dir_fd);
}

static void a_full_pipe_is_waited_for_and_then_the_line_is_spooled(void) {
    int dir_fd = enter(), pipe_fd[2];
    char got[1000];
    struct sr_syslog log;
    struct sr_syslog_line line = small("full");
    struct stat st;
    CHECK_INT(open_pipe_log(&log, dir_fd, pipe_fd, true), 0);
    umask(0);
    int64_t before = sr_clock_mono_ns();
    clock_t cpu_before = clock();
    CHECK_INT(sr_syslog_send(&log, &line, 200), 1);
    CHECK(sr_clock_mono_ns() - before >= 200 * SR_CLOCK_NS_PER_MS);
    CHECK(clock() - cpu_before < CLOCKS_PER_SEC / 50); /* asleep, not spinning */
    CHECK_INT(log.spooled, 1);
    CHECK_INT(sr_syslog_send(&log, &line, 0), 1); /* appended */
    CHECK_INT(slurp(dir_fd, SR_SYSLOG_SPOOL_NAME, got, sizeof got), 2 * line.len);
    CHECK(memcmp(got, line.text, line.len) == 0 && strcmp(got + line.len, line.text) == 0);
    CHECK(fstatat(dir_fd, SR_SYSLOG_SPOOL_NAME, &st, 0) == 0);
    CHECK_INT(st.st_mode & 07777, 0640);
    close_pipe_log(&log, pipe_fd);
    leave(dir_fd);
}

static void a_reader_that_comes_back_within_the_patience_gets_the_line(void) {
    int dir_fd = enter(), pipe_fd[2];
    char drain[4096];
    struct sr_syslog log;
    struct sr_syslog_line line = small("late");
    CHECK_INT(open_pipe_log(&log, dir_fd, pipe_fd, true), 0);
    pid_t reader = fork();
    if (reader == 0) {
        poll(NULL, 0, 30);
        while (read(pipe_fd[0], drain, sizeof drain) > 0)
            ;
        _exit(0);
    }
    CHECK_INT(sr_syslog_send(&log, &line, 20000), 0);
    CHECK_INT(log.spooled, 0);
    waitpid(reader, NULL, 0);
    close_pipe_log(&log, pipe_fd);
    leave(dir_fd);
}

static void a_pipe_with_too_little_room_takes_no_part_of_a_line(void) {
    int dir_fd = enter(), pipe_fd[2];
    char got[8192], value[4000];
    struct sr_syslog log;
    struct sr_syslog_line line = begun(), short_line = small("s");
    memset(value, 'v', sizeof value);
    sr_syslog_param_bytes(&line, "v", value, sizeof value);
    sr_syslog_end(&line);
    CHECK_INT(open_pipe_log(&log, dir_fd, pipe_fd, false), 0);
    CHECK(write(pipe_fd[1], value, 500) == 500);
    CHECK_INT(sr_syslog_send(&log, &line, 20), 1);
    CHECK_INT(read(pipe_fd[0], got, sizeof got), 500);
    CHECK_INT(sr_syslog_send(&log, &short_line, 20), 0);
    CHECK_INT(read(pipe_fd[0], got, sizeof got), short_line.len); /* no LF before it: nothing was torn */
    close_pipe_log(&log, pipe_fd);
    leave(dir_fd);
}

static void a_reader_that_is_gone_sends_the_line_to_the_spool(void) {
    int dir_fd = enter(), pipe_fd[2];
    char got[1000];
    struct sr_syslog log;
    struct sr_syslog_line line = small("gone");
    CHECK_INT(open_pipe_log(&log, dir_fd, pipe_fd, false), 0);
    close(pipe_fd[0]);
    pipe_fd[0] = -1;
    int64_t before = sr_clock_mono_ns();
    CHECK_INT(sr_syslog_send(&log, &line, 60000), 1);
    CHECK((sr_clock_mono_ns() - before) / SR_CLOCK_NS_PER_S < 30); /* at once, not after the patience */
    slurp(dir_fd, SR_SYSLOG_SPOOL_NAME, got, sizeof got);
    CHECK_STR(got, line.text);
    close_pipe_log(&log, pipe_fd);
    leave(dir_fd);
}

static void a_fifo_without_a_reader_or_no_log_at_all_still_spools(void) {
    int dir_fd = enter();
    char path[300], got[1000];
    struct sr_syslog log;
    struct sr_syslog_line line = small("x");
    snprintf(path, sizeof path, "%s/fifo", dir);
    CHECK(mkfifo(path, 0600) == 0);
    CHECK_INT(sr_syslog_open(&log, path, dir_fd), -ENXIO);
    CHECK_INT(log.fd, -1);
    CHECK_INT(sr_syslog_send(&log, &line, 60000), 1);
    CHECK_INT(sr_syslog_open(&log, "/nowhere/at/all", dir_fd), -ENOENT);
    CHECK_INT(sr_syslog_send(&log, &line, 60000), 1);
    CHECK_INT(slurp(dir_fd, SR_SYSLOG_SPOOL_NAME, got, sizeof got), 2 * line.len);
    sr_syslog_close(&log);
    leave(dir_fd);
}

static void a_socket_or_directory_is_no_log(void) {
    int dir_fd = enter(), socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct sr_syslog log;
    snprintf(name.sun_path, sizeof name.sun_path, "%.80s/s", dir);
    CHECK(bind(socket_fd, (struct sockaddr *)&name, sizeof name) == 0);
    CHECK_INT(sr_syslog_open(&log, name.sun_path, dir_fd), -ENXIO);
    CHECK_INT(sr_syslog_open(&log, dir, dir_fd), -EISDIR);
    close(socket_fd);
    leave(dir_fd);
}

static void a_regular_file_is_appended_to(void) {
    int dir_fd = enter();
    char path[300], got[1000];
    struct sr_syslog log;
    struct sr_syslog_line line = small("x");
    snprintf(path, sizeof path, "%s/log", dir);
    FILE *f = fopen(path, "w");
    fputs("older\n", f);
    fclose(f);
    CHECK_INT(sr_syslog_open(&log, path, dir_fd), 0);
    CHECK_INT(sr_syslog_send(&log, &line, 100), 0);
    size_t n = slurp(dir_fd, "log", got, sizeof got);
    CHECK_INT(n, 6 + line.len);
    CHECK(memcmp(got, "older\n", 6) == 0);
    CHECK_STR(got + 6, line.text);
    sr_syslog_close(&log);
    leave(dir_fd);
}

static void many_writers_to_one_pipe_never_mix_their_lines(void) {
    enum { WRITERS = 8, LINES = 200 };
    int dir_fd = enter(), pipe_fd[2], status, sent = 0;
    char path[64];
    CHECK(pipe(pipe_fd) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", pipe_fd[1]);
    for (int w = 0; w < WRITERS; w++) {
        if (fork() != 0)
            continue;
        struct sr_syslog log;
        char value[3900];
        int rc = sr_syslog_open(&log, path, dir_fd);
        memset(value, 'a' + w, sizeof value);
        for (int i = 0; i < LINES && rc == 0; i++) {
            struct sr_syslog_line line = begun();
            sr_syslog_param_bytes(&line, "v", value, (size_t)(i * 19 + 1));
            sr_syslog_end(&line);
            rc = sr_syslog_send(&log, &line, 30000);
        }
        _exit(rc != 0);
    }
    close(pipe_fd[1]);
    FILE *in = fdopen(pipe_fd[0], "r");
    static char text[8192];
    bool whole = true;
    while (fgets(text, sizeof text, in)) {
        char *v = strstr(text, " v=\"");
        whole = whole && strncmp(text, HEAD, strlen(HEAD)) == 0 && v && strspn(v + 4, (char[]){v[4], 0}) == strlen(v + 4) - 3;
        sent++;
    }
    for (int w = 0; w < WRITERS; w++)
        whole = wait(&status) > 0 && status == 0 && whole;
    fclose(in);
    leave(dir_fd);
    CHECK(whole);
    CHECK_INT(sent, WRITERS * LINES);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    CHECK_RUN(a_line_goes_to_a_pipe_opened_through_proc);
    CHECK_RUN(a_full_pipe_is_waited_for_and_then_the_line_is_spooled);
    CHECK_RUN(a_reader_that_comes_back_within_the_patience_gets_the_line);
    CHECK_RUN(a_pipe_with_too_little_room_takes_no_part_of_a_line);
    CHECK_RUN(a_reader_that_is_gone_sends_the_line_to_the_spool);
    CHECK_RUN(a_fifo_without_a_reader_or_no_log_at_all_still_spools);
    CHECK_RUN(a_socket_or_directory_is_no_log);
    CHECK_RUN(a_regular_file_is_appended_to);
    CHECK_RUN(many_writers_to_one_pipe_never_mix_their_lines);
    return check_end();
}
