#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int port_reopen(int fd, int mode) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Whether a descriptor with these flags is open for `mode`. One of O_PATH is open for nothing: whoever has it need not have had
 * any right to the file. */
static bool port_allows(int flags, int mode) {
    int access = flags & (O_ACCMODE | O_PATH);
    return flags >= 0 && (access == O_RDWR || access == mode);
}

void sr_port_open(struct sr_port *p, int fd, int mode) {
    struct stat st;
    *p = (struct sr_port){.fd = fd, .restore = -1};
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    if (S_ISSOCK(st.st_mode)) {
        p->socket = true;
        return;
    }
    if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
        return; /* these never make anyone wait */
    int flags = fcntl(fd, F_GETFL);
    if (port_allows(flags, mode) && (S_ISFIFO(st.st_mode) || isatty(fd))) {
        int again = port_reopen(fd, mode);
        if (again >= 0) {
            p->fd = again;
            p->owned = true;
            return;
        }
    }
    if (flags >= 0 && !(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
        p->restore = flags;
}

void sr_port_own(struct sr_port *p, int fd) {
    *p = (struct sr_port){.fd = fd, .owned = true, .restore = -1};
    if (fd >= 0) {
        int flags = fcntl(fd, F_GETFL);
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    }
}

ssize_t sr_port_read(const struct sr_port *p, void *to, size_t n) {
    ssize_t got;
    do
        got = p->socket ? recv(p->fd, to, n, MSG_DONTWAIT) : read(p->fd, to, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t sr_port_write(const struct sr_port *p, const void *from, size_t n) {
    ssize_t put;
    do
        put = p->socket ? send(p->fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL) : write(p->fd, from, n);
    while (put < 0 && errno == EINTR);
    return put < 0 ? -errno : put;
}

void sr_port_close(struct sr_port *p) {
    if (p->fd < 0)
        return;
    if (p->restore >= 0)
        fcntl(p->fd, F_SETFL, p->restore);
    if (p->owned)
        close(p->fd);
    p->fd = -1;
}
