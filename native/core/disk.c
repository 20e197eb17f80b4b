#include "disk.h"

#include <errno.h>
#include <sys/statvfs.h>

static void disk_fill(struct sr_disk *out, const struct statvfs *fs) {
    /* f_frsize is 0 on some odd file systems, which then count in f_bsize. */
    uint64_t unit = fs->f_frsize ? fs->f_frsize : fs->f_bsize;
    out->free_bytes = (uint64_t)fs->f_bavail * unit;
    out->total_bytes = (uint64_t)fs->f_blocks * unit;
    /* btrfs and many FUSE file systems state 0 of 0 inodes: they make them as they go. */
    out->free_inodes = fs->f_files ? (uint64_t)fs->f_favail : UINT64_MAX;
}

int sr_disk_stat(int fd, struct sr_disk *out) {
    struct statvfs fs;
    if (fstatvfs(fd, &fs) < 0)
        return -errno;
    disk_fill(out, &fs);
    return 0;
}

int sr_disk_stat_path(const char *path, struct sr_disk *out) {
    struct statvfs fs;
    if (statvfs(path, &fs) < 0)
        return -errno;
    disk_fill(out, &fs);
    return 0;
}
