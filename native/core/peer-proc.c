#include "peer-proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

#define PEER_PATH_SIZE 320

/* The first bytes of PROC/PID/`name`, NUL-terminated. 0 or -errno. */
static int peer_read(const char *proc, pid_t pid, const char *name, char *out, size_t size) {
    char path[PEER_PATH_SIZE];
    size_t got = 0;
    ssize_t n = 0;

    int len = snprintf(path, sizeof path, "%s/%d/%s", proc, (int)pid, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while (got < size - 1 && (n = read(fd, out + got, size - 1 - got)) != 0) {
        if (n > 0)
            got += (size_t)n;
        else if (errno != EINTR)
            break;
    }
    int rc = n < 0 ? -errno : 0;
    close(fd);
    out[got] = '\0';
    return rc;
}

int sr_peer_process_read(const char *proc, pid_t pid, struct sr_peer_process *out) {
    char text[512];
    int rc = peer_read(proc, pid, "stat", text, sizeof text);
    if (rc < 0)
        return rc;

    /* "PID (COMM) STATE PARENT ...": COMM may hold brackets, blanks and LF, but nothing after it does. */
    char *open_at = strchr(text, '('), *close_at = strrchr(text, ')'), *end;
    if (!open_at || !close_at || close_at < open_at || close_at[1] != ' ' || !close_at[2] || close_at[3] != ' ')
        return -SR_E_BAD_VALUE;
    long parent = strtol(close_at + 4, &end, 10);
    if (end == close_at + 4 || *end != ' ' || parent < 0 || parent > INT32_MAX)
        return -SR_E_BAD_VALUE;

    *close_at = '\0';
    *out = (struct sr_peer_process){.pid = pid, .parent = (pid_t)parent, .state = close_at[2]};
    /* Kernel threads have longer names; cut, they are still none of ours. */
    strncpy(out->comm, open_at + 1, sizeof out->comm - 1);
    return 0;
}

bool sr_peer_process_is_uid(const char *proc, pid_t pid, uid_t uid) {
    static const char label[] = "\nUid:";
    char text[2048], *end;

    if (peer_read(proc, pid, "status", text, sizeof text) < 0)
        return false;
    /* At a line's start only; in the name, the one text there that others choose, the kernel escapes LF. */
    const char *p = strstr(text, label);
    if (!p)
        return false;
    p += strlen(label);
    for (int i = 0; i < 3; i++, p = end) { /* real, effective, saved */
        if (*p != '\t' || p[1] < '0' || p[1] > '9' || strtoul(p, &end, 10) != uid)
            return false;
    }
    return true;
}

int sr_peer_process_holds(const char *proc, pid_t pid, uint64_t inode) {
    char path[PEER_PATH_SIZE], want[40], link[64];
    struct dirent *entry;
    int found = 0;

    snprintf(want, sizeof want, "socket:[%llu]", (unsigned long long)inode);
    int len = snprintf(path, sizeof path, "%s/%d/fd", proc, (int)pid);
    if (len < 0 || (size_t)len >= sizeof path)
        return -ENAMETOOLONG;
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    while (found <= 0 && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
        if (n < 0) {
            if (errno == EACCES || errno == EPERM) {
                found = -errno;
                break;
            }
            continue; /* closed meanwhile */
        }
        link[n] = '\0';
        found = strcmp(link, want) == 0;
    }
    closedir(dir);
    return found;
}

int sr_peer_process_socket(const char *proc, pid_t pid, int fd, uint64_t *inode) {
    static const char prefix[] = "socket:[";
    char path[PEER_PATH_SIZE], link[64], *end;

    int len = snprintf(path, sizeof path, "%s/%d/fd/%d", proc, (int)pid, fd);
    if (len < 0 || (size_t)len >= sizeof path)
        return -ENAMETOOLONG;
    ssize_t n = readlink(path, link, sizeof link - 1);
    if (n < 0)
        return -errno;
    link[n] = '\0';
    if (strncmp(link, prefix, sizeof prefix - 1) != 0)
        return -SR_E_NOT_FOUND;
    *inode = strtoull(link + sizeof prefix - 1, &end, 10);
    return *inode > 0 && strcmp(end, "]") == 0 ? 0 : -SR_E_NOT_FOUND;
}
