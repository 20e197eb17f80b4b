#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

#include "check.h"

static void a_file_system_states_what_a_writer_without_privilege_can_use(void) {
    struct sr_disk disk;
    struct statvfs fs;
    CHECK_INT(sr_disk_stat_path("/tmp", &disk), 0);
    CHECK(statvfs("/tmp", &fs) == 0);
    CHECK(disk.total_bytes == (uint64_t)fs.f_blocks * fs.f_frsize);
    CHECK(disk.free_bytes <= disk.total_bytes && disk.free_bytes > 0);
    CHECK(disk.free_inodes > 0);
}

static void what_is_reserved_for_root_is_not_free(void) {
    struct sr_disk disk;
    struct statvfs fs;
    CHECK_INT(sr_disk_stat_path("/", &disk), 0);
    CHECK(statvfs("/", &fs) == 0);
    uint64_t reserved = (uint64_t)(fs.f_bfree - fs.f_bavail) * fs.f_frsize, slack = 64 << 20;
    if (reserved < 2 * slack)
        CHECK_SKIP("/ keeps nothing back for root");
    /* Others write meanwhile: free space moves, but not by as much as the reserve. */
    CHECK(disk.free_bytes < (uint64_t)fs.f_bfree * fs.f_frsize - reserved + slack);
    CHECK(disk.free_bytes + slack > (uint64_t)fs.f_bavail * fs.f_frsize);
}

static void a_descriptor_and_its_path_agree(void) {
    struct sr_disk by_path, by_fd;
    int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK_INT(sr_disk_stat(fd, &by_fd), 0);
    CHECK_INT(sr_disk_stat_path("/proc", &by_path), 0);
    close(fd);
    CHECK_INT(by_fd.total_bytes, by_path.total_bytes);
    CHECK_INT(by_fd.free_bytes, by_path.free_bytes); /* of /proc, where both are 0 */
}

static void a_file_system_that_counts_no_inodes_never_runs_out_of_them(void) {
    struct sr_disk disk;
    CHECK_INT(sr_disk_stat_path("/proc", &disk), 0);
    CHECK(disk.free_inodes == UINT64_MAX);
}

static void what_cannot_be_asked_is_an_errno(void) {
    struct sr_disk disk;
    CHECK_INT(sr_disk_stat(-1, &disk), -EBADF);
    CHECK_INT(sr_disk_stat_path("/nowhere/at/all", &disk), -ENOENT);
}

int main(void) {
    CHECK_RUN(a_file_system_states_what_a_writer_without_privilege_can_use);
    CHECK_RUN(what_is_reserved_for_root_is_not_free);
    CHECK_RUN(a_descriptor_and_its_path_agree);
    CHECK_RUN(a_file_system_that_counts_no_inodes_never_runs_out_of_them);
    CHECK_RUN(what_cannot_be_asked_is_an_errno);
    return check_end();
}
