#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441 /* since Linux 4.13; needs no path, so it works where /dev/pts is not mounted where we look */
#endif

#define PTY_DEFAULT_COLS 80
#define PTY_DEFAULT_ROWS 24

static int pty_open_slave(int master, const char *name) {
    /* Not with O_CLOEXEC: this call leaves the flag on the open file, where the shell on it would see what no other terminal
     * shows. */
    int fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    else
        fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int sr_pty_open(int *master, int *slave, char name[SR_PTY_NAME_SIZE]) {
    int m = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), rc;
    unsigned index;
    int unlock = 0;
    if (m < 0)
        return -errno;
    if (ioctl(m, TIOCSPTLCK, &unlock) < 0 || ioctl(m, TIOCGPTN, &index) < 0) {
        rc = -errno;
        goto out;
    }
    snprintf(name, SR_PTY_NAME_SIZE, "/dev/pts/%u", index);
    rc = pty_open_slave(m, name);
    if (rc < 0)
        goto out;
    *slave = rc;
    *master = m;
    return 0;
out:
    close(m);
    return rc;
}

struct sr_pty_size sr_pty_get_size(int fd) {
    struct winsize w = {0};
    if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col == 0 || w.ws_row == 0)
        return (struct sr_pty_size){PTY_DEFAULT_COLS, PTY_DEFAULT_ROWS};
    return (struct sr_pty_size){w.ws_col, w.ws_row};
}

int sr_pty_set_size(int fd, struct sr_pty_size size) {
    struct winsize w = {.ws_col = (unsigned short)size.cols, .ws_row = (unsigned short)size.rows};
    return ioctl(fd, TIOCSWINSZ, &w) < 0 ? -errno : 0;
}

/* dup2 in the face of overlaps: sources are first moved above 2, so that no target destroys a later source. */
static int pty_place_stdio(const int stdio[3]) {
    int moved[3];
    for (int i = 0; i < 3; i++) {
        moved[i] = stdio[i];
        if (stdio[i] >= 0 && stdio[i] <= 2 && stdio[i] != i) {
            moved[i] = fcntl(stdio[i], F_DUPFD_CLOEXEC, 3);
            if (moved[i] < 0)
                return -errno;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (moved[i] < 0) {
            close(i);
        } else if (moved[i] == i) {
            int flags = fcntl(i, F_GETFD);
            if (flags >= 0)
                fcntl(i, F_SETFD, flags & ~FD_CLOEXEC);
        } else if (dup2(moved[i], i) < 0) {
            return -errno;
        }
    }
    return 0;
}

/* The forked child up to the exec; only async-signal-safe calls. Returns -errno if it could not become the program. */
static int pty_child_become(const struct sr_pty_child *c) {
    int rc;
    if (c->new_session && setsid() < 0)
        return -errno;
    if (c->ctty && ioctl(c->stdio[0], TIOCSCTTY, 0) < 0)
        return -errno;
    rc = pty_place_stdio(c->stdio);
    if (rc < 0)
        return rc;
    if (c->prepare && (rc = c->prepare(c->prepare_arg)) < 0)
        return rc;
    execve(c->file, c->argv, c->envp);
    rc = -errno;
    if (c->fallback) {
        execve(c->fallback, c->argv, c->envp);
        rc = -errno;
    }
    return rc;
}

/* The child's failure as it came through the pipe; 0 when the exec closed it. */
static int pty_read_report(int fd) {
    int failure = 0;
    ssize_t n;
    do
        n = read(fd, &failure, sizeof failure);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof failure ? failure : 0;
}

int sr_pty_spawn(const struct sr_pty_child *child, pid_t *pid) {
    int report[2] = {-1, -1}, rc = 0;
    if (child->report && pipe2(report, O_CLOEXEC) < 0)
        return -errno;
    pid_t p = fork();
    if (p < 0) {
        rc = -errno;
        goto out;
    }
    if (p == 0) {
        /* The report must survive dup2 onto 0..2. */
        int up = report[1] >= 0 && report[1] <= 2 ? fcntl(report[1], F_DUPFD_CLOEXEC, 3) : report[1];
        rc = pty_child_become(child);
        if (up >= 0 && write(up, &rc, sizeof rc) < 0)
            rc = -errno;
        _exit(127);
    }
    if (child->report) {
        close(report[1]);
        report[1] = -1;
        rc = pty_read_report(report[0]);
        if (rc < 0) {
            while (waitpid(p, NULL, 0) < 0 && errno == EINTR)
                ;
            goto out;
        }
    }
    *pid = p;
out:
    if (report[0] >= 0)
        close(report[0]);
    if (report[1] >= 0)
        close(report[1]);
    return rc;
}

const char *sr_pty_signal_name(int sig) {
    static const char *const names[] = {
        NULL,   "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
        "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
        "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
    };
    static const char *const realtime[] = {
        "RTMIN",    "RTMIN+1",  "RTMIN+2",  "RTMIN+3",  "RTMIN+4",  "RTMIN+5",  "RTMIN+6",  "RTMIN+7",  "RTMIN+8",
        "RTMIN+9",  "RTMIN+10", "RTMIN+11", "RTMIN+12", "RTMIN+13", "RTMIN+14", "RTMIN+15", "RTMIN+16", "RTMIN+17",
        "RTMIN+18", "RTMIN+19", "RTMIN+20", "RTMIN+21", "RTMIN+22", "RTMIN+23", "RTMIN+24", "RTMIN+25", "RTMIN+26",
        "RTMIN+27", "RTMIN+28", "RTMIN+29", "RTMIN+30", "RTMIN+31", "RTMIN+32",
    };
    /* The kernel's RTMIN (32), not libc's, which keeps two or three for itself: the numbers that wait() reports. */
    if (sig >= 32 && sig < 32 + (int)(sizeof realtime / sizeof *realtime))
        return realtime[sig - 32];
    if (sig > 0 && sig < (int)(sizeof names / sizeof *names))
        return names[sig];
    return NULL;
}
