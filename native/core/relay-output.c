#include "relay-state.h"

#include <errno.h>

#define RELAY_BURST 8 /* reads of output before input and signals get their turn */

/* The client takes no more. With a terminal that is the end; a pipe's shell learns it as it would without us, by its own write.
 */
void sr_relay_lose_client(struct relay *r, struct sr_flow *f) {
    sr_flow_drop(f);
    sr_port_close(f->to);
    sr_relay_miss_client(r);
    if (!r->ending_early && r->phase == RELAY_RUNNING) {
        sr_port_close(f->from);
        f->ended = true;
    }
}

/* One read, handed on as far as the client takes it, and recorded. 0 = go on; -EAGAIN = nothing there; RELAY_OVER. */
static int relay_move(struct relay *r, struct sr_flow *f, enum sr_event_ch ch) {
    const uint8_t *bytes;
    long n = sr_flow_read(f, &bytes);
    int64_t t_ns;
    int rc;
    if (n == -EAGAIN || n == -ENOBUFS)
        return -EAGAIN;
    if (n <= 0) {
        f->ended = true;
        return -EAGAIN;
    }
    t_ns = sr_relay_now(r);
    if (f->to->fd < 0)
        sr_flow_drop(f);
    else if ((rc = sr_flow_deliver(f)) < 0 && rc != -EAGAIN)
        sr_relay_lose_client(r, f);
    if (r->o.record && sr_record_data(r->o.record, t_ns, ch, bytes, (size_t)n, false))
        return RELAY_OVER;
    return n < SR_FLOW_READ ? -EAGAIN : 0;
}

void sr_relay_deliver(struct relay *r, struct sr_flow *f) {
    int rc = sr_flow_waits(f) && f->to->fd >= 0 ? sr_flow_deliver(f) : 0;
    if (rc < 0 && rc != -EAGAIN)
        sr_relay_lose_client(r, f);
}

/* A disk that stands still holds output, never input: what finds no room in its queue waits in the shell's terminal. */
static bool relay_is_held(struct relay *r) {
    r->held = r->o.record && !sr_record_takes_output(r->o.record);
    return r->held;
}

int sr_relay_pump_out(struct relay *r, struct sr_flow *f, enum sr_event_ch ch) {
    sr_relay_deliver(r, f);
    for (int i = 0; i < RELAY_BURST && !f->ended && !sr_flow_waits(f) && !relay_is_held(r); i++) {
        int rc = relay_move(r, f, ch);
        if (rc != 0)
            return rc == RELAY_OVER ? RELAY_OVER : 0;
    }
    return 0;
}

/* What the shell wrote before its end, read to the last byte, client or no client. */
int sr_relay_drain(struct relay *r, struct sr_flow *f, enum sr_event_ch ch) {
    sr_flow_widen(f);
    while (!f->ended && r->drained < SR_FLOW_DRAIN_MAX) {
        uint64_t before = f->taken;
        /* Drained is counted first: whoever goes on after a stall must not get another full measure. */
        r->drained += SR_FLOW_READ;
        int rc = relay_move(r, f, ch);
        if (rc == RELAY_OVER)
            return RELAY_OVER;
        if (f->taken == before)
            break;
        r->drained -= SR_FLOW_READ - (size_t)(f->taken - before);
    }
    return 0;
}
