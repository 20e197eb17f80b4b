#include "outer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void sr_outer_take(struct sr_outer *outer, int fd) {
    struct termios raw;
    *outer = (struct sr_outer){.fd = fd};
    ioctl(fd, TIOCEXCL);
    if (tcgetattr(fd, &outer->termios) < 0)
        return;
    outer->has_termios = true;
    raw = outer->termios;
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
}

void sr_outer_give_back(struct sr_outer *outer) {
    if (outer->fd < 0)
        return;
    /* Not TCSADRAIN: a client that does not read would hold us here. */
    if (outer->has_termios)
        tcsetattr(outer->fd, TCSANOW, &outer->termios);
    ioctl(outer->fd, TIOCNXCL);
    outer->fd = -1;
}

const char *sr_outer_line(const char *path) {
    return path && strncmp(path, "/dev/", 5) == 0 ? path + 5 : path;
}

/* A byte far beyond any directory's size that stands for one terminal of one devpts instance. */
static bool outer_lock_for(int fd, short type, struct flock *lock) {
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode))
        return false;
    *lock = (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_len = 1};
    lock->l_start = (off_t)(((uint64_t)1 << 61) | (((uint64_t)st.st_dev & 0xffffffff) << 28) | (minor(st.st_rdev) & 0xfffffff));
    return true;
}

bool sr_outer_is_nested(int dir_fd, int fd) {
    struct flock lock;
    return outer_lock_for(fd, F_WRLCK, &lock) && fcntl(dir_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int sr_outer_claim(int dir_fd, int fd) {
    struct flock lock;
    if (!outer_lock_for(fd, F_RDLCK, &lock))
        return -EINVAL;
    return fcntl(dir_fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}
