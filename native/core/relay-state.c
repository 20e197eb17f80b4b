#include "relay-state.h"

#include "clock.h"

int64_t sr_relay_now(const struct relay *r) {
    return sr_clock_mono_ns() - r->o.t0_mono_ns;
}

void sr_relay_end_early(struct relay *r, enum sr_relay_reason reason) {
    if (r->ending_early)
        return;
    r->ending_early = true;
    r->early_reason = reason;
}

void sr_relay_miss_client(struct relay *r) {
    if (r->o.pty || (r->in.ended && r->client.out.fd < 0 && r->client.err.fd < 0))
        sr_relay_end_early(r, SR_REASON_HANGUP);
}
