/* The second half of config.h: the file, and whether to believe it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "error.h"

/* What stands against believing the file, or NULL. */
static const char *config_distrust(const struct stat *st, uid_t owner) {
    if (!S_ISREG(st->st_mode))
        return "not a regular file";
    if (st->st_uid != 0 && st->st_uid != owner)
        return owner == 0 ? "not owned by root" : "not owned by its user or root";
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return "writable by group or others";
    if (st->st_size > SR_CONFIG_FILE_MAX)
        return "too large";
    return NULL;
}

int sr_config_load(struct sr_config *c, const char *path, uid_t owner, struct sr_config_faults *faults) {
    struct stat st;
    const char *reason = "cannot be read";
    char *text = NULL;
    size_t len = 0;
    ssize_t n;
    int rc = 0;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        rc = -errno;
        if (rc == -ELOOP)
            reason = "a symbolic link";
        goto out;
    }
    if (fstat(fd, &st) < 0) {
        rc = -errno;
        goto out;
    }
    const char *distrust = config_distrust(&st, owner);
    if (distrust) {
        reason = distrust;
        rc = -SR_E_BAD_FILE;
        goto out;
    }
    /* Room for one byte too many: the file may grow while it is read. */
    text = malloc(SR_CONFIG_FILE_MAX + 1);
    if (!text) {
        rc = -ENOMEM;
        goto out;
    }
    while (len <= SR_CONFIG_FILE_MAX && (n = read(fd, text + len, SR_CONFIG_FILE_MAX + 1 - len)) != 0) {
        if (n > 0) {
            len += (size_t)n;
        } else if (errno != EINTR) {
            rc = -errno;
            goto out;
        }
    }
    if (len > SR_CONFIG_FILE_MAX) {
        reason = "too large";
        rc = -SR_E_BAD_FILE;
        goto out;
    }
    sr_config_parse(c, text, len, faults);
out:
    if (rc < 0 && rc != -ENOENT) {
        if (faults->count < SR_CONFIG_FAULTS_MAX)
            faults->fault[faults->count] = (struct sr_config_fault){.reason = reason};
        faults->count++;
    }
    free(text);
    if (fd >= 0)
        close(fd);
    return rc;
}
