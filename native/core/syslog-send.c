/* The second half of syslog.h: where lines go. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "syslog.h"

/* Pause where poll() says "writable" and write() says "not now", as when other writers are quicker. */
#define SYSLOG_PAUSE_MS 1
#define SYSLOG_SPOOL_MODE 0640

int sr_syslog_open(struct sr_syslog *log, const char *path, int dir_fd) {
    struct stat st;
    int rc;

    *log = (struct sr_syslog){.fd = -1, .dir_fd = dir_fd};
    /* Not O_NOFOLLOW: the usual path is a link of /proc. */
    int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        rc = -errno;
    else if (!S_ISFIFO(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
        rc = -SR_E_BAD_FILE;
    else
        rc = 0;
    if (rc < 0)
        close(fd);
    else
        log->fd = fd;
    return rc;
}

/* Waits until `fd` may take more; `in_vain` says that this was tried before. False = the patience is over. */
static bool syslog_wait(int fd, int64_t deadline_ns, bool in_vain) {
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    int64_t left_ns = deadline_ns - sr_clock_mono_ns();
    if (left_ns <= 0)
        return false;
    if (in_vain)
        poll(NULL, 0, SYSLOG_PAUSE_MS);
    /* Rounded up: a wait of 0 ms would spin through the last one. */
    poll(&poller, 1, (int)((left_ns + SR_CLOCK_NS_PER_MS - 1) / SR_CLOCK_NS_PER_MS));
    return true;
}

/* Writes the line, after an LF if the one before was torn. A pipe takes a line whole or not at all; a terminal or a full disk may
 * take a part, and the rest is tried as long as patience lasts. 0 or -errno. */
static int syslog_write(int fd, const struct sr_syslog_line *line, bool *torn, int64_t deadline_ns) {
    char text[SR_SYSLOG_LINE_MAX + 1];
    size_t len = 0, done = 0;
    bool waited = false;

    if (*torn)
        text[len++] = '\n';
    memcpy(text + len, line->text, line->len);
    len += line->len;
    while (done < len) {
        ssize_t n = write(fd, text + done, len - done);
        int failure = n < 0 ? errno : n == 0 ? EIO : 0;
        if (n > 0) {
            done += (size_t)n;
            *torn = text[done - 1] != '\n';
        } else if (failure == EAGAIN) {
            if (!syslog_wait(fd, deadline_ns, waited))
                return -failure;
            waited = true;
        } else if (failure != EINTR) {
            return -failure;
        }
    }
    return 0;
}

/* A spool that a privileged start has just made must be the relay's, and its readers' group's, whatever the umask: the next login
 * adds to it without rights. */
static int syslog_hand_over(const struct sr_syslog *log, int fd, const struct stat *st) {
    if (st->st_uid != geteuid())
        return 0;
    if ((st->st_mode & 07777) != SYSLOG_SPOOL_MODE && fchmod(fd, SYSLOG_SPOOL_MODE) < 0)
        return -errno;
    if (log->spool_owner != 0 && st->st_uid != log->spool_owner && fchown(fd, log->spool_owner, log->spool_group) < 0)
        return -errno;
    return 0;
}

static int syslog_spool(struct sr_syslog *log, const struct sr_syslog_line *line) {
    struct stat st;
    int rc;
    int fd = openat(log->dir_fd, SR_SYSLOG_SPOOL_NAME,
                    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, SYSLOG_SPOOL_MODE);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        rc = -errno;
    else if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
        rc = -SR_E_BAD_FILE;
    else
        rc = syslog_hand_over(log, fd, &st);
    if (rc == 0)
        rc = syslog_write(fd, line, &log->spool_torn, 0);
    close(fd);
    return rc;
}

int sr_syslog_send(struct sr_syslog *log, const struct sr_syslog_line *line, int patience_ms) {
    int rc = -EBADF;

    if (log->fd >= 0)
        rc = syslog_write(log->fd, line, &log->torn, sr_clock_mono_ns() + patience_ms * SR_CLOCK_NS_PER_MS);
    if (rc == 0)
        return 0;
    if (log->dir_fd >= 0)
        rc = syslog_spool(log, line);
    if (rc < 0) {
        log->lost++;
        return rc;
    }
    log->spooled++;
    return 1;
}

void sr_syslog_close(struct sr_syslog *log) {
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}
