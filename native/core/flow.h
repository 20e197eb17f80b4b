/* Bytes on their way from the shell to the client: bounded, and already recorded when they wait here. */
#ifndef SR_FLOW_H
#define SR_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

/* One read's worth. A line of the shard holds it as long as not too much of it needs escaping, so that one read() is one write().
 */
#define SR_FLOW_READ 3840

/* More than a pty or pipe can hold: after a shell's end, what it wrote before is within this. */
#define SR_FLOW_DRAIN_MAX 262144

struct sr_flow {
    struct sr_port *from, *to;
    bool ended;            /* nothing more comes from `from` */
    uint64_t taken, given; /* bytes read and delivered */
    uint8_t *data;         /* `chunk`, or the bigger buffer of a drain */
    size_t size, off, len; /* data[off..len) waits to be delivered */
    uint8_t chunk[SR_FLOW_READ];
};

void sr_flow_open(struct sr_flow *f, struct sr_port *from, struct sr_port *to);

/* Delivers what waits. 0 = all of it, -EAGAIN = the client takes no more now, another -errno = it is gone. */
int sr_flow_deliver(struct sr_flow *f);

/* Reads once behind what waits and tells where the new bytes are. Their number; 0 = end; -errno; -ENOBUFS = no room. */
long sr_flow_read(struct sr_flow *f, const uint8_t **bytes);

/* Makes room for a drain while the client does not read. 0 or -ENOMEM. */
int sr_flow_widen(struct sr_flow *f);

/* Forgets what waits: the client is gone. */
void sr_flow_drop(struct sr_flow *f);

bool sr_flow_waits(const struct sr_flow *f);
void sr_flow_close(struct sr_flow *f);

#endif
