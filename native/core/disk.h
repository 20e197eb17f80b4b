/* Free space, as an unprivileged writer sees it. */
#ifndef SR_DISK_H
#define SR_DISK_H

#include <stdint.h>

struct sr_disk {
    uint64_t free_bytes;  /* f_bavail * f_frsize: what a process without privilege can still write */
    uint64_t total_bytes; /* f_blocks * f_frsize */
    uint64_t free_inodes; /* f_favail; UINT64_MAX where the file system does not count inodes */
};

/* Of the file system that holds `fd`. 0, or -errno. */
int sr_disk_stat(int fd, struct sr_disk *out);

/* The same for a path. 0, or -errno. */
int sr_disk_stat_path(const char *path, struct sr_disk *out);

#endif
