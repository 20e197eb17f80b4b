#include "uuid.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <unistd.h>

/* For kernels and seccomp filters that refuse getrandom. */
static int uuid_read_device(uint8_t *bytes, size_t n) {
    size_t got = 0;
    int rc = 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    while (got < n) {
        ssize_t part = read(fd, bytes + got, n - got);
        if (part > 0) {
            got += (size_t)part;
        } else if (part == 0 || errno != EINTR) {
            rc = part == 0 ? -EIO : -errno;
            break;
        }
    }
    close(fd);
    return rc;
}

static int uuid_random(uint8_t *bytes, size_t n) {
    size_t got = 0;
    while (got < n) {
        /* Never waits for the pool at boot: a login must not hang on it, and the device does not wait either. */
        ssize_t part = getrandom(bytes + got, n - got, GRND_NONBLOCK);
        if (part > 0)
            got += (size_t)part;
        else if (part == 0 || errno != EINTR)
            return uuid_read_device(bytes, n);
    }
    return 0;
}

int sr_uuid_v4(char out[SR_UUID_SIZE]) {
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[16];
    char *p = out;

    int rc = uuid_random(bytes, sizeof bytes);
    if (rc < 0) {
        *out = '\0';
        return rc;
    }
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* the RFC's variant */
    for (unsigned i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[bytes[i] >> 4];
        *p++ = hex[bytes[i] & 15];
    }
    *p = '\0';
    return 0;
}
