/* One end of a byte stream that must never block its reader or writer, nor change how anybody else sees it. */
#ifndef SR_PORT_H
#define SR_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sr_port {
    int fd;      /* -1 = closed */
    bool owned;  /* closed with the port */
    bool socket; /* non-blocking by flag of each call */
    int restore; /* fcntl flags to be put back, -1 = none */
};

/* A terminal or pipe is opened anew through /proc/self/fd with O_NONBLOCK: the flag is then ours alone, while fcntl would set it
 * for everyone who shares the description. That is done only for what `fd` itself is open for: the caller may have rights that
 * whoever handed `fd` in has not. Where it is refused, and for other files that can make one wait, fcntl is used and undone at
 * the close. `mode` is O_RDONLY or O_WRONLY; fd -1 gives a closed port. */
void sr_port_open(struct sr_port *p, int fd, int mode);

/* A descriptor that nobody else has: O_NONBLOCK is set, and it is closed with the port. */
void sr_port_own(struct sr_port *p, int fd);

/* Bytes moved (0 = end of file on a read), or -errno; -EAGAIN = not now. */
ssize_t sr_port_read(const struct sr_port *p, void *to, size_t n);
ssize_t sr_port_write(const struct sr_port *p, const void *from, size_t n);

void sr_port_close(struct sr_port *p);

#endif
