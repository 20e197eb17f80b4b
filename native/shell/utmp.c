#include "utmp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* glibc's records, read as bytes: musl has no utmp, and its struct is another. The leading fields are the same everywhere. */
#ifdef __aarch64__
#define UTMP_RECORD_SIZE 400
#else
#define UTMP_RECORD_SIZE 384
#endif
#define UTMP_RECORDS_MAX 4096
#define UTMP_USER_PROCESS 7
#define UTMP_DEAD_PROCESS 8

struct utmp_head {
    short type;
    int pid;
    char line[32];
    char id[4];
    char user[32];
    char host[256];
};
_Static_assert(sizeof(struct utmp_head) == 332, "the leading fields of a utmp record");

/* fcntl's, as getutent's users take it; never waited for. */
static bool utmp_lock(int fd, short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &lock) == 0;
}

static bool utmp_is_login_on(const struct utmp_head *head, const char *line) {
    bool alive = head->pid > 0 && (kill(head->pid, 0) == 0 || errno == EPERM);
    return head->type == UTMP_USER_PROCESS && strncmp(head->line, line, sizeof head->line) == 0 && alive;
}

void sr_utmp_move(struct sr_utmp *u, const char *path, const char *outer, const char *inner) {
    char record[UTMP_RECORD_SIZE];
    struct utmp_head head;
    const char *number = strrchr(inner, '/');
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *u = (struct sr_utmp){.fd = -1};
    if (fd < 0)
        return;
    for (off_t i = 0; i < UTMP_RECORDS_MAX; i++) {
        off_t at = i * UTMP_RECORD_SIZE;
        if (pread(fd, record, sizeof record, at) != (ssize_t)sizeof record)
            break;
        memcpy(&head, record, sizeof head);
        if (!utmp_is_login_on(&head, outer))
            continue;
        if (!utmp_lock(fd, F_WRLCK))
            break;
        memset(head.line, 0, sizeof head.line);
        memset(head.id, 0, sizeof head.id);
        memcpy(head.line, inner, strnlen(inner, sizeof head.line - 1));
        if (number) /* "/3", "/12": as OpenSSH names them */
            memcpy(head.id, number, strnlen(number, sizeof head.id));
        if (pwrite(fd, &head, sizeof head, at) == (ssize_t)sizeof head)
            *u = (struct sr_utmp){.fd = fd, .at = at};
        utmp_lock(fd, F_UNLCK);
        break;
    }
    if (u->fd < 0)
        close(fd);
}

void sr_utmp_end(struct sr_utmp *u) {
    struct utmp_head head;
    if (u->fd < 0)
        return;
    if (pread(u->fd, &head, sizeof head, u->at) == (ssize_t)sizeof head) {
        head.type = UTMP_DEAD_PROCESS;
        memset(head.user, 0, sizeof head.user);
        memset(head.host, 0, sizeof head.host);
        if (utmp_lock(u->fd, F_WRLCK) && pwrite(u->fd, &head, sizeof head, u->at) < 0)
            u->at = 0; /* nothing more can be done about a stale entry */
    }
    close(u->fd);
    u->fd = -1;
}
