#include "shard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "error.h"

/* From linux/fs.h, which not every libc's headers can include. */
#define SHARD_IOC_GETFLAGS _IOR('f', 1, long)
#define SHARD_APPEND_FL 0x20

#define SHARD_OPEN_FLAGS (O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define SHARD_MODE 0640

static void shard_name(char out[SR_SHARD_NAME_SIZE], const char *day, unsigned part) {
    if (part == 0)
        snprintf(out, SR_SHARD_NAME_SIZE, "sessions-%.10s.jsonl", day);
    else
        snprintf(out, SR_SHARD_NAME_SIZE, "sessions-%.10s.%u.jsonl", day, part);
}

static bool shard_exists(int dir_fd, const char *day, unsigned part) {
    char name[SR_SHARD_NAME_SIZE];
    struct stat st;
    shard_name(name, day, part);
    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whether what was opened is a part that only the recorder (or root) can have made and can write. */
static int shard_check(int fd, uid_t owner) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || (st.st_uid != owner && st.st_uid != 0) || (st.st_mode & 022) != 0)
        return -SR_E_BAD_FILE;
    return 0;
}

static bool shard_is_append_only(int fd) {
    long flags = 0;
    return ioctl(fd, SHARD_IOC_GETFLAGS, &flags) == 0 && (flags & SHARD_APPEND_FL) != 0;
}

/* A part that somebody else cut short in the middle of a line must not swallow our first one. */
static bool shard_ends_torn(int dir_fd, const char *name, int fd) {
    struct stat st;
    char last = '\n';
    if (fstat(fd, &st) < 0 || st.st_size == 0)
        return false;
    int reader = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (reader < 0)
        return true; /* an empty line costs a reader nothing; a lost one would */
    if (pread(reader, &last, 1, st.st_size - 1) != 1)
        last = 0;
    close(reader);
    return last != '\n';
}

/* A part that was not there before. fd or -errno. */
static int shard_create_name(int dir_fd, const char *name, uid_t create_owner, gid_t create_group) {
    int fd = openat(dir_fd, name, SHARD_OPEN_FLAGS | O_CREAT | O_EXCL, SHARD_MODE), rc;
    if (fd < 0)
        return -errno;
    /* The mode was cut by a umask; a part has the mode that its readers' group counts on. */
    if (fchmod(fd, SHARD_MODE) < 0 || (create_owner != (uid_t)-1 && fchown(fd, create_owner, create_group) < 0)) {
        rc = -errno;
        close(fd);
        return rc;
    }
    return fd;
}

/* Opens one name, creating it where there is none. fd, -SR_E_BAD_FILE for something that is no part of ours, or -errno. */
static int shard_open_name(int dir_fd, const char *name, uid_t owner, uid_t create_owner, gid_t create_group) {
    struct stat st;
    int fd, rc;
    /* Looked at first: O_CREAT waits for a frozen disk even where the file is there, a plain open of a name just seen does not.
     */
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        rc = shard_create_name(dir_fd, name, create_owner, create_group);
        if (rc != -EEXIST)
            return rc;
    }
    fd = openat(dir_fd, name, SHARD_OPEN_FLAGS);
    if (fd < 0) {
        /* Errors that a squatter's link, FIFO, socket, directory or mode gives, as opposed to a machine in trouble. */
        bool squatted =
            errno == ELOOP || errno == ENXIO || errno == EISDIR || errno == EACCES || errno == EPERM || errno == ENODEV;
        return squatted ? -SR_E_BAD_FILE : -errno;
    }
    rc = shard_check(fd, owner);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}

/* Opens the live part of `day`, from `part` on, and makes it the shard's. The old fd is closed only on success. */
static int shard_move(struct sr_shard *s, const char *day, unsigned part, uid_t create_owner, gid_t create_group) {
    char name[SR_SHARD_NAME_SIZE];
    int fd = -SR_E_NO_PART;
    while (part < SR_SHARD_PARTS_MAX && shard_exists(s->dir_fd, day, part + 1))
        part++;
    for (; part < SR_SHARD_PARTS_MAX; part++) {
        shard_name(name, day, part);
        fd = shard_open_name(s->dir_fd, name, s->owner, create_owner, create_group);
        if (fd != -SR_E_BAD_FILE)
            break;
        s->squatted++;
    }
    if (fd < 0)
        return fd == -SR_E_BAD_FILE ? -SR_E_NO_PART : fd;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = fd;
    s->part = part;
    memcpy(s->day, day, sizeof s->day);
    memcpy(s->name, name, sizeof s->name);
    s->torn = shard_ends_torn(s->dir_fd, name, fd);
    s->protected_part = shard_is_append_only(fd);
    return 0;
}

int sr_shard_open(struct sr_shard *s, int dir_fd, uid_t owner, uid_t create_owner, gid_t create_group, int64_t real_ns) {
    char day[SR_CLOCK_DAY_SIZE];
    int rc;
    *s = (struct sr_shard){.dir_fd = dir_fd, .fd = -1, .owner = owner};
    sr_clock_day(real_ns, day);
    rc = shard_move(s, day, 0, create_owner, create_group);
    if (rc < 0)
        sr_shard_close(s);
    return rc;
}

int sr_shard_follow(struct sr_shard *s, int64_t real_ns) {
    char day[SR_CLOCK_DAY_SIZE];
    int rc;
    sr_clock_day(real_ns, day);
    /* Text order is day order; a clock that was set back does not move a session back. */
    if (strcmp(day, s->day) > 0)
        rc = shard_move(s, day, 0, (uid_t)-1, (gid_t)-1);
    else if (shard_exists(s->dir_fd, s->day, s->part + 1))
        rc = shard_move(s, s->day, s->part + 1, (uid_t)-1, (gid_t)-1);
    else
        return 0;
    return rc < 0 ? rc : 1;
}

int sr_shard_append(struct sr_shard *s, const char *line, size_t len) {
    struct iovec pieces[2] = {{.iov_base = (char[]){'\n'}, .iov_len = 1}, {.iov_base = (void *)(uintptr_t)line, .iov_len = len}};
    size_t whole = len + (s->torn ? 1 : 0);
    ssize_t n;
    do
        n = s->torn ? writev(s->fd, pieces, 2) : write(s->fd, line, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    if ((size_t)n < whole) {
        s->torn = true;
        /* Cut right before its LF, a line is whole: the next write brings the LF. */
        return (size_t)n == whole - 1 ? 0 : -SR_E_TORN;
    }
    s->torn = false;
    return 0;
}

void sr_shard_close(struct sr_shard *s) {
    if (s->fd >= 0)
        close(s->fd);
    if (s->dir_fd >= 0)
        close(s->dir_fd);
    s->fd = s->dir_fd = -1;
}
