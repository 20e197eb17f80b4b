/* A directory, a pipe and a line for the tests of sending. */
#ifndef SR_SYSLOG_FIXTURE_H
#define SR_SYSLOG_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "syslog.h"

#define AT_NS (1795433707627773000LL)
#define HEAD "<134>1 2026-11-23T11:35:07.627773+00:00 web01 sessrec - session_started [relay@55555"

static inline struct sr_syslog_line begun(void) {
    struct sr_syslog_line line;
    sr_syslog_begin(&line, AT_NS, "web01", "session_started");
    return line;
}

/* Each test has a directory and a log; what went where is read back. */

static char dir[256];

static inline int enter(void) {
    check_make_dir(dir, sizeof dir);
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline void leave(int dir_fd) {
    close(dir_fd);
    check_remove_dir(dir);
}

static inline size_t slurp(int dir_fd, const char *name, char *out, size_t size) {
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* A pipe of one page, full or not, and a log opened on it as on PID 1's stdout. */
static inline int open_pipe_log(struct sr_syslog *log, int dir_fd, int pipe_fd[2], bool full) {
    char path[64], fill[4096] = {0};
    if (pipe2(pipe_fd, O_NONBLOCK) < 0 || fcntl(pipe_fd[1], F_SETPIPE_SZ, 4096) < 4096)
        return -errno;
    while (full && write(pipe_fd[1], fill, sizeof fill) > 0)
        ;
    snprintf(path, sizeof path, "/proc/self/fd/%d", pipe_fd[1]);
    return sr_syslog_open(log, path, dir_fd);
}

static inline void close_pipe_log(struct sr_syslog *log, int pipe_fd[2]) {
    sr_syslog_close(log);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

static inline struct sr_syslog_line small(const char *sid) {
    struct sr_syslog_line line = begun();
    sr_syslog_param(&line, "sid", sid);
    sr_syslog_end(&line);
    return line;
}

#endif
