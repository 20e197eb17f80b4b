#include "peer-utmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "peer-address.h"
#include "peer-proc.h"

#define PEER_UTMP_USER_PROCESS 7
#define PEER_UTMP_TYPE_AT 0 /* 16 bits */
#define PEER_UTMP_PID_AT 4  /* 32 bits */
#define PEER_UTMP_LINE_AT 8
#define PEER_UTMP_LINE_SIZE 32 /* filled up with NULs, but full without one */
#define PEER_UTMP_HOST_AT 76
#define PEER_UTMP_HOST_SIZE 256
#define PEER_UTMP_BATCH 16

const struct sr_peer_utmp_layout sr_peer_utmp_384 = {384, 348};
const struct sr_peer_utmp_layout sr_peer_utmp_400 = {400, 360};

/* `pid` and its ancestors, nearest first. */
struct peer_utmp_line {
    pid_t pid[SR_PEER_ANCESTORS_MAX];
    int count;
};

static void peer_utmp_ancestors(const char *proc, pid_t pid, struct peer_utmp_line *out) {
    struct sr_peer_process process;
    out->count = 0;
    while (pid > 0 && out->count < SR_PEER_ANCESTORS_MAX && sr_peer_process_read(proc, pid, &process) == 0) {
        out->pid[out->count++] = pid;
        pid = process.parent;
    }
}

static bool peer_utmp_address(const struct sr_peer_utmp_layout *layout, const uint8_t *record, struct sr_peer_address *out) {
    static const uint8_t zero[12];
    const uint8_t *address = record + layout->address_at;
    const char *host = (const char *)record + PEER_UTMP_HOST_AT;

    /* IPv4 stands in the first word alone. */
    if (memcmp(address + 4, zero, sizeof zero) == 0)
        sr_peer_address_from_v4(out, address);
    else
        memcpy(out->bytes, address, sizeof out->bytes);
    if (!sr_peer_address_is_zero(out))
        return true;
    return sr_peer_address_parse(out, host, strnlen(host, PEER_UTMP_HOST_SIZE)) == 0 && !sr_peer_address_is_zero(out);
}

/* How near the record's process is (0 = `pid` itself), or -1 where the record is not of this login. */
static int peer_utmp_distance(const uint8_t *record, const char *line, const struct peer_utmp_line *ancestors) {
    const char *record_line = (const char *)record + PEER_UTMP_LINE_AT;
    size_t len = strnlen(record_line, PEER_UTMP_LINE_SIZE);
    int16_t type;
    int32_t pid;

    memcpy(&type, record + PEER_UTMP_TYPE_AT, sizeof type);
    memcpy(&pid, record + PEER_UTMP_PID_AT, sizeof pid);
    if (type != PEER_UTMP_USER_PROCESS || len != strlen(line) || memcmp(record_line, line, len) != 0)
        return -1;
    for (int i = 0; i < ancestors->count; i++)
        if (ancestors->pid[i] == pid)
            return i;
    return -1;
}

/* As many whole records as one read gives, or fewer at the end. */
static ssize_t peer_utmp_fill(int fd, uint8_t *out, size_t size) {
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, out + got, size - got);
        if (n > 0)
            got += (size_t)n;
        else if (n == 0)
            break;
        else if (errno != EINTR)
            return -errno;
    }
    return (ssize_t)got;
}

int sr_peer_utmp_read(const struct sr_peer_paths *paths, const struct sr_peer_utmp_layout *layout, const char *line, pid_t pid,
                      char out[SR_PEER_ADDR_SIZE]) {
    uint8_t batch[PEER_UTMP_BATCH * SR_PEER_UTMP_RECORD_SIZE_MAX];
    struct peer_utmp_line ancestors;
    struct stat st;
    int nearest = SR_PEER_ANCESTORS_MAX;
    int rc = 0;

    out[0] = '\0';
    if (!*line)
        return -SR_E_NOT_FOUND;
    int fd = open(paths->utmp, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        rc = -errno;
    else if (!S_ISREG(st.st_mode))
        rc = -SR_E_BAD_FILE;
    peer_utmp_ancestors(paths->proc, pid, &ancestors);

    for (int read_records = 0; rc == 0 && read_records < SR_PEER_UTMP_RECORDS_MAX; read_records += PEER_UTMP_BATCH) {
        ssize_t n = peer_utmp_fill(fd, batch, PEER_UTMP_BATCH * layout->record_size);
        if (n < (ssize_t)layout->record_size) {
            rc = n < 0 ? (int)n : 0;
            break;
        }
        for (const uint8_t *record = batch; record + layout->record_size <= batch + n; record += layout->record_size) {
            struct sr_peer_address address;
            int distance = peer_utmp_distance(record, line, &ancestors);
            if (distance < 0 || distance > nearest || !peer_utmp_address(layout, record, &address))
                continue;
            nearest = distance;
            sr_peer_address_print(&address, out);
        }
    }
    close(fd);
    return rc < 0 ? rc : out[0] ? 0 : -SR_E_NOT_FOUND;
}
