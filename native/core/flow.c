#include "flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sr_flow_open(struct sr_flow *f, struct sr_port *from, struct sr_port *to) {
    f->from = from;
    f->to = to;
    f->ended = from->fd < 0;
    f->taken = f->given = 0;
    f->data = f->chunk;
    f->size = sizeof f->chunk;
    f->off = f->len = 0;
}

int sr_flow_deliver(struct sr_flow *f) {
    while (f->off < f->len) {
        ssize_t n = sr_port_write(f->to, f->data + f->off, f->len - f->off);
        if (n < 0)
            return (int)n;
        f->off += (size_t)n;
        f->given += (uint64_t)n;
    }
    f->off = f->len = 0;
    return 0;
}

long sr_flow_read(struct sr_flow *f, const uint8_t **bytes) {
    size_t room = f->size - f->len;
    if (room > SR_FLOW_READ)
        room = SR_FLOW_READ;
    if (room == 0)
        return -ENOBUFS;
    ssize_t n = sr_port_read(f->from, f->data + f->len, room);
    if (n <= 0)
        return n;
    *bytes = f->data + f->len;
    f->len += (size_t)n;
    f->taken += (uint64_t)n;
    return n;
}

int sr_flow_widen(struct sr_flow *f) {
    if (f->data != f->chunk)
        return 0;
    uint8_t *wide = malloc(sizeof f->chunk + SR_FLOW_DRAIN_MAX);
    if (!wide)
        return -ENOMEM;
    memcpy(wide, f->chunk, f->len);
    f->data = wide;
    f->size = sizeof f->chunk + SR_FLOW_DRAIN_MAX;
    return 0;
}

void sr_flow_drop(struct sr_flow *f) {
    f->off = f->len = 0;
}

bool sr_flow_waits(const struct sr_flow *f) {
    return f->off < f->len;
}

void sr_flow_close(struct sr_flow *f) {
    if (f->data != f->chunk)
        free(f->data);
    f->data = f->chunk;
}
