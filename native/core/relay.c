#include "relay-state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define RELAY_DELIVER_MS 2000 /* a client that does not read holds the end for this long */
#define RELAY_GOODBYE_MS 500  /* a shell whose terminal is gone has this long to say how it ended */
#define RELAY_FIRST_CHECKPOINT_S 10

void sr_relay_client_open(struct sr_relay_client *c, int in, int out, int err) {
    sr_port_open(&c->in, in, O_RDONLY);
    sr_port_open(&c->out, out, O_WRONLY);
    sr_port_open(&c->err, err, O_WRONLY);
}

const char *sr_relay_reason_name(enum sr_relay_reason reason) {
    static const char *const names[] = {"exit", "signal", "hangup", "terminated"};
    return names[reason];
}

static int relay_pass_size(struct relay *r) {
    struct sr_pty_size size;
    if (!r->resized)
        return 0;
    r->resized = false;
    if (!r->o.pty)
        return 0;
    size = sr_pty_get_size(r->o.client_in);
    sr_pty_set_size(r->shell_in.fd, size);
    return r->o.record ? sr_record_resize(r->o.record, sr_relay_now(r), size.cols, size.rows) : 0;
}

static void relay_close_shell(struct relay *r) {
    r->shell_out.fd = r->o.pty ? -1 : r->shell_out.fd;
    sr_port_close(&r->shell_in);
    sr_port_close(&r->shell_out);
    sr_port_close(&r->shell_err);
    r->out.ended = r->err.ended = true;
}

static void relay_set_result(struct relay *r) {
    struct sr_relay_result *result = &r->result;
    result->status = -1;
    result->reason = SR_REASON_EXIT;
    if (r->reaped && !r->status_lost && WIFEXITED(r->wait_status))
        result->status = WEXITSTATUS(r->wait_status);
    if (r->reaped && !r->status_lost && WIFSIGNALED(r->wait_status)) {
        result->signal = WTERMSIG(r->wait_status);
        result->reason = SR_REASON_SIGNAL;
    }
    if (r->ending_early)
        result->reason = r->early_reason;
    result->bytes_in = r->bytes_in;
    result->bytes_out = r->out.taken + r->err.taken;
    result->undelivered = result->bytes_out - r->out.given - r->err.given;
    result->duration_ns = sr_relay_now(r);
}

static int relay_end(struct relay *r) {
    const struct sr_relay_result *result = &r->result;
    struct sr_event_end end;
    relay_set_result(r);
    end = (struct sr_event_end){
        .reason = sr_relay_reason_name(result->reason),
        .status = result->status,
        .signal_name = sr_pty_signal_name(result->signal),
        .bytes_in = result->bytes_in,
        .bytes_out = result->bytes_out,
        .undelivered = result->undelivered,
    };
    r->phase = RELAY_DONE;
    return r->o.record ? sr_record_end(r->o.record, result->duration_ns, &end) : 0;
}

static int relay_run_phase(struct relay *r) {
    r->held = false;
    if (relay_pass_size(r) || sr_relay_pump_in(r) || sr_relay_pump_out(r, &r->out, SR_CH_OUT) ||
        sr_relay_pump_out(r, &r->err, SR_CH_ERR))
        return RELAY_OVER;
    bool shell_silent = r->out.ended && r->err.ended;
    bool over = r->o.child > 0 ? r->reaped && (r->o.pty || shell_silent) : shell_silent;
    if (over || r->ending_early)
        r->phase = RELAY_DRAINING;
    return 0;
}

static int relay_drain_phase(struct relay *r) {
    /* What the client typed last is in the recording, whether or not the shell was there to read it. */
    if (sr_relay_end_input(r) || sr_relay_drain(r, &r->out, SR_CH_OUT) || sr_relay_drain(r, &r->err, SR_CH_ERR))
        return RELAY_OVER;
    if (!r->ending_early) {
        r->phase = RELAY_DELIVERING;
        r->deadline_ns = sr_relay_now(r) + RELAY_DELIVER_MS * SR_CLOCK_NS_PER_MS;
        return 0;
    }
    relay_close_shell(r); /* the kernel tells the shell: SIGHUP on a pty, end of file on pipes */
    r->phase = RELAY_WAITING;
    r->deadline_ns = sr_relay_now(r) + RELAY_GOODBYE_MS * SR_CLOCK_NS_PER_MS;
    return 0;
}

/* One phase's work; relay_loop comes back without waiting for as long as that leads to another phase. */
static int relay_step(struct relay *r) {
    switch (r->phase) {
    case RELAY_RUNNING:
        return relay_run_phase(r);
    case RELAY_DRAINING:
        return relay_drain_phase(r);
    case RELAY_WAITING:
        sr_relay_deliver(r, &r->out);
        sr_relay_deliver(r, &r->err);
        if (r->o.child <= 0 || r->reaped || sr_relay_now(r) >= r->deadline_ns) {
            r->phase = RELAY_DELIVERING;
            r->deadline_ns += (RELAY_DELIVER_MS - RELAY_GOODBYE_MS) * SR_CLOCK_NS_PER_MS;
        }
        return 0;
    case RELAY_DELIVERING:
        sr_relay_deliver(r, &r->out);
        sr_relay_deliver(r, &r->err);
        if ((!sr_flow_waits(&r->out) && !sr_flow_waits(&r->err)) || sr_relay_now(r) >= r->deadline_ns)
            r->phase = RELAY_ENDING;
        return 0;
    case RELAY_ENDING:
        return relay_end(r);
    case RELAY_DONE:
        break;
    }
    return 0;
}

/* INT64_MAX = none: asked for, or so far away that nobody lives to see it. */
static int64_t relay_next_checkpoint(const struct relay *r, int64_t now) {
    uint64_t s = r->o.checkpoint_s;
    return s == 0 || s > (uint64_t)((INT64_MAX - now) / SR_CLOCK_NS_PER_S) ? INT64_MAX : now + (int64_t)s * SR_CLOCK_NS_PER_S;
}

/* Once a second, and wherever the recording has moved to a new part. */
static int relay_tick(struct relay *r) {
    int64_t now;
    unsigned parts;
    if (!r->o.record)
        return 0;
    now = sr_relay_now(r);
    if (now - r->ticked_ns >= RELAY_TICK_MS * SR_CLOCK_NS_PER_MS) {
        r->ticked_ns = now;
        if (sr_record_tick(r->o.record))
            return RELAY_OVER;
    }
    parts = sr_record_parts(r->o.record);
    if (now < r->checkpoint_ns && (parts == r->parts || r->parts == 0)) {
        r->parts = parts;
        return 0;
    }
    r->parts = parts;
    if (now >= r->checkpoint_ns)
        r->checkpoint_ns = relay_next_checkpoint(r, now);
    if (r->o.on_checkpoint)
        r->o.on_checkpoint(r->o.on_checkpoint_arg);
    return 0;
}

static int relay_loop(struct relay *r) {
    while (r->phase != RELAY_DONE) {
        enum relay_phase before = r->phase;
        if (relay_step(r))
            return RELAY_OVER;
        if (r->phase != before)
            continue;
        if (relay_tick(r))
            return RELAY_OVER;
        sr_relay_poll(r);
    }
    return 0;
}

static void relay_go_on(void *arg) {
    relay_loop(arg);
}

static void relay_open(struct relay *r) {
    const struct sr_relay_options *o = &r->o;
    r->client_tty = isatty(o->client_in);
    if (o->client)
        r->client = *o->client;
    else
        sr_relay_client_open(&r->client, o->client_in, o->client_out, o->client_err);
    sr_port_own(&r->shell_in, o->shell_in);
    sr_port_own(&r->shell_out, o->shell_out);
    sr_port_own(&r->shell_err, o->shell_err);
    sr_flow_open(&r->out, &r->shell_out, &r->client.out);
    sr_flow_open(&r->err, &r->shell_err, &r->client.err);
    r->pid_fd = o->child > 0 ? (int)syscall(SYS_pidfd_open, o->child, 0) : -1; /* else SIGCHLD tells */
    r->ticked_ns = sr_relay_now(r);
    r->checkpoint_ns = RELAY_FIRST_CHECKPOINT_S * SR_CLOCK_NS_PER_S;
}

int sr_relay_run(const struct sr_relay_options *options, struct sr_relay_result *result) {
    struct relay *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->o = *options;
    relay_open(r);
    /* Without a guard (no more threads to be had) a stalled disk is felt; the session is recorded all the same. */
    if (r->o.record)
        sr_record_guard(r->o.record, relay_go_on, r);
    relay_loop(r);
    if (r->o.record)
        sr_record_unguard(r->o.record);
    *result = r->result;
    relay_close_shell(r);
    if (r->pid_fd >= 0)
        close(r->pid_fd);
    sr_port_close(&r->client.in);
    sr_port_close(&r->client.out);
    sr_port_close(&r->client.err);
    sr_flow_close(&r->out);
    sr_flow_close(&r->err);
    free(r);
    return 0;
}
