#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "flow.h"

#define RELAY_INPUT_SIZE 4096
#define RELAY_BURST 8          /* reads of output before input and signals get their turn */
#define RELAY_DELIVER_MS 2000  /* a client that does not read holds the end for this long */
#define RELAY_GOODBYE_MS 500   /* a shell whose terminal is gone has this long to say how it ended */
#define RELAY_TICK_MS 1000
#define RELAY_FIRST_CHECKPOINT_S 10

/* A session's life. Draining, waiting and delivering each end by themselves. */
enum relay_phase { RELAY_RUNNING, RELAY_DRAINING, RELAY_WAITING, RELAY_DELIVERING, RELAY_ENDING, RELAY_DONE };

/* What the client typed and the shell has not taken yet. */
struct relay_input {
    uint8_t data[RELAY_INPUT_SIZE];
    size_t off, len;
    size_t mark; /* recorded up to here: data[off..mark) may be forwarded */
    int64_t t_ns;
    bool ended;
};

/* All state of a relay. When a disk holds the thread that runs it, another goes on from this: so everything is in
 * order here before each call that records (sr_record_guard). */
struct relay {
    struct sr_relay_options o;
    struct sr_relay_client client;
    struct sr_port shell_in, shell_out, shell_err; /* on a pty, in and out are one descriptor */
    struct sr_flow out, err;
    struct relay_input in;
    enum relay_phase phase;
    bool client_tty, resized, reaped, ending_early, drain_begun;
    enum sr_relay_reason early_reason;
    int wait_status, pid_fd;
    size_t drained;
    uint64_t bytes_in;
    int64_t deadline_ns, ticked_ns, checkpoint_ns;
    unsigned parts;
    struct sr_relay_result result;
};

enum { RELAY_OVER = 1 }; /* this thread is no longer the relay: out, without a touch */

static int64_t relay_now(const struct relay *r)
{
    return sr_clock_mono_ns() - r->o.t0_mono_ns;
}

void sr_relay_client_open(struct sr_relay_client *c, int in, int out, int err)
{
    sr_port_open(&c->in, in, O_RDONLY);
    sr_port_open(&c->out, out, O_WRONLY);
    sr_port_open(&c->err, err, O_WRONLY);
}

const char *sr_relay_reason_name(enum sr_relay_reason reason)
{
    static const char *const names[] = {"exit", "signal", "hangup", "terminated"};
    return names[reason];
}

static void relay_end_early(struct relay *r, enum sr_relay_reason reason)
{
    if (r->ending_early)
        return;
    r->ending_early = true;
    r->early_reason = reason;
}

/* --- signals -------------------------------------------------------------------------------------- */

static void relay_reap(struct relay *r)
{
    if (r->o.child > 0 && !r->reaped && waitpid(r->o.child, &r->wait_status, WNOHANG) == r->o.child)
        r->reaped = true;
}

static void relay_take_signals(struct relay *r)
{
    struct signalfd_siginfo info;
    while (read(r->o.signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        switch (info.ssi_signo) {
        case SIGCHLD:
            relay_reap(r);
            break;
        case SIGWINCH:
            r->resized = true;
            break;
        case SIGHUP:
            relay_end_early(r, SR_REASON_HANGUP);
            break;
        case SIGTERM:
            relay_end_early(r, SR_REASON_TERMINATED);
            break;
        default:
            break;
        }
    }
}

static int relay_pass_size(struct relay *r)
{
    struct sr_pty_size size;
    if (!r->resized)
        return 0;
    r->resized = false;
    if (!r->o.pty)
        return 0;
    size = sr_pty_get_size(r->o.client_in);
    sr_pty_set_size(r->shell_in.fd, size);
    return r->o.record ? sr_record_resize(r->o.record, relay_now(r), size.cols, size.rows) : 0;
}

/* --- input: record, then forward ------------------------------------------------------------------ */

/* The next piece to record: on a pty up to and with a CR or LF, since the program's answer to a line may be to switch echo off. */
static size_t relay_piece_end(const struct relay *r)
{
    size_t i = r->in.mark;
    if (!r->o.pty)
        return r->in.len;
    while (i < r->in.len && r->in.data[i] != '\r' && r->in.data[i] != '\n')
        i++;
    return i < r->in.len ? i + 1 : i;
}

/* Whether what is typed now is read as a line and not shown: how programs ask for passwords. */
static bool relay_is_noecho(const struct relay *r)
{
    struct termios t;
    return r->o.pty && tcgetattr(r->shell_in.fd, &t) == 0 && (t.c_lflag & ICANON) != 0 && (t.c_lflag & ECHO) == 0;
}

static int relay_forward_input(struct relay *r)
{
    struct relay_input *in = &r->in;
    while (in->off < in->len) {
        if (in->off == in->mark) {
            size_t from = in->mark;
            bool noecho = relay_is_noecho(r);
            in->mark = relay_piece_end(r);
            if (r->o.record && sr_record_data(r->o.record, in->t_ns, SR_CH_IN, in->data + from, in->mark - from, noecho))
                return RELAY_OVER;
        }
        ssize_t n = sr_port_write(&r->shell_in, in->data + in->off, in->mark - in->off);
        if (n == -EAGAIN)
            return 0;
        if (n < 0) { /* nobody reads there any more: said is recorded, and that is all there is to do with it */
            in->off = in->len = in->mark = 0;
            if (!r->o.pty)
                sr_port_close(&r->shell_in);
            return 0;
        }
        in->off += (size_t)n;
    }
    in->off = in->len = in->mark = 0;
    return 0;
}

static void relay_end_input(struct relay *r)
{
    r->in.ended = true;
    if (r->o.pty || r->client.out.fd < 0)
        relay_end_early(r, SR_REASON_HANGUP);
}

static int relay_pump_in(struct relay *r)
{
    struct relay_input *in = &r->in;
    if (in->len == 0 && !in->ended && r->shell_in.fd >= 0) {
        ssize_t n = sr_port_read(&r->client.in, in->data, sizeof in->data);
        if (n > 0) {
            in->t_ns = relay_now(r);
            in->len = (size_t)n;
            r->bytes_in += (uint64_t)n;
        } else if (n != -EAGAIN) {
            relay_end_input(r);
        }
    }
    if (relay_forward_input(r) == RELAY_OVER)
        return RELAY_OVER;
    if (in->ended && in->len == 0 && !r->o.pty)
        sr_port_close(&r->shell_in);
    return 0;
}

/* --- output: forward, then record ----------------------------------------------------------------- */

/* The client takes no more. With a terminal that is the end; a pipe's shell learns it as it would without us, by its own write. */
static void relay_lose_client(struct relay *r, struct sr_flow *f)
{
    sr_flow_drop(f);
    sr_port_close(f->to);
    if (r->o.pty || r->in.ended)
        relay_end_early(r, SR_REASON_HANGUP);
    else if (r->phase == RELAY_RUNNING) {
        sr_port_close(f->from);
        f->ended = true;
    }
}

/* One read, handed on as far as the client takes it, and recorded. 0 = go on; -EAGAIN = nothing there; RELAY_OVER. */
static int relay_move(struct relay *r, struct sr_flow *f, enum sr_event_ch ch)
{
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
    t_ns = relay_now(r);
    if (f->to->fd < 0)
        sr_flow_drop(f);
    else if ((rc = sr_flow_deliver(f)) < 0 && rc != -EAGAIN)
        relay_lose_client(r, f);
    if (r->o.record && sr_record_data(r->o.record, t_ns, ch, bytes, (size_t)n, false))
        return RELAY_OVER;
    return n < SR_FLOW_READ ? -EAGAIN : 0;
}

static void relay_deliver(struct relay *r, struct sr_flow *f)
{
    int rc = sr_flow_waits(f) && f->to->fd >= 0 ? sr_flow_deliver(f) : 0;
    if (rc < 0 && rc != -EAGAIN)
        relay_lose_client(r, f);
}

static int relay_pump_out(struct relay *r, struct sr_flow *f, enum sr_event_ch ch)
{
    relay_deliver(r, f);
    for (int i = 0; i < RELAY_BURST && !f->ended && !sr_flow_waits(f); i++) {
        int rc = relay_move(r, f, ch);
        if (rc != 0)
            return rc == RELAY_OVER ? RELAY_OVER : 0;
    }
    return 0;
}

/* What the shell wrote before its end, read to the last byte, client or no client. */
static int relay_drain(struct relay *r, struct sr_flow *f, enum sr_event_ch ch)
{
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

/* --- the loop ------------------------------------------------------------------------------------- */

static void relay_close_shell(struct relay *r)
{
    r->shell_out.fd = r->o.pty ? -1 : r->shell_out.fd;
    sr_port_close(&r->shell_in);
    sr_port_close(&r->shell_out);
    sr_port_close(&r->shell_err);
    r->out.ended = r->err.ended = true;
}

static void relay_set_result(struct relay *r)
{
    struct sr_relay_result *result = &r->result;
    result->status = -1;
    result->reason = SR_REASON_EXIT;
    if (r->reaped && WIFEXITED(r->wait_status))
        result->status = WEXITSTATUS(r->wait_status);
    if (r->reaped && WIFSIGNALED(r->wait_status)) {
        result->signal = WTERMSIG(r->wait_status);
        result->reason = SR_REASON_SIGNAL;
    }
    if (r->ending_early)
        result->reason = r->early_reason;
    result->bytes_in = r->bytes_in;
    result->bytes_out = r->out.taken + r->err.taken;
    result->undelivered = result->bytes_out - r->out.given - r->err.given;
    result->duration_ns = relay_now(r);
}

static int relay_end(struct relay *r)
{
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

static int relay_run_phase(struct relay *r)
{
    if (relay_pass_size(r) || relay_pump_in(r) || relay_pump_out(r, &r->out, SR_CH_OUT) || relay_pump_out(r, &r->err, SR_CH_ERR))
        return RELAY_OVER;
    bool shell_silent = r->out.ended && r->err.ended;
    bool over = r->o.child > 0 ? r->reaped && (r->o.pty || shell_silent) : shell_silent;
    if (over || r->ending_early)
        r->phase = RELAY_DRAINING;
    return 0;
}

static int relay_drain_phase(struct relay *r)
{
    /* What the client typed last is in the recording, whether or not the shell was there to read it. */
    if (relay_forward_input(r) || relay_drain(r, &r->out, SR_CH_OUT) || relay_drain(r, &r->err, SR_CH_ERR))
        return RELAY_OVER;
    if (!r->ending_early) {
        r->phase = RELAY_DELIVERING;
        r->deadline_ns = relay_now(r) + RELAY_DELIVER_MS * SR_CLOCK_NS_PER_MS;
        return 0;
    }
    relay_close_shell(r); /* the kernel tells the shell: SIGHUP on a pty, end of file on pipes */
    r->phase = RELAY_WAITING;
    r->deadline_ns = relay_now(r) + RELAY_GOODBYE_MS * SR_CLOCK_NS_PER_MS;
    return 0;
}

/* One phase's work; relay_loop comes back without waiting for as long as that leads to another phase. */
static int relay_step(struct relay *r)
{
    switch (r->phase) {
    case RELAY_RUNNING:
        return relay_run_phase(r);
    case RELAY_DRAINING:
        return relay_drain_phase(r);
    case RELAY_WAITING:
        relay_deliver(r, &r->out);
        relay_deliver(r, &r->err);
        if (r->o.child <= 0 || r->reaped || relay_now(r) >= r->deadline_ns) {
            r->phase = RELAY_DELIVERING;
            r->deadline_ns += (RELAY_DELIVER_MS - RELAY_GOODBYE_MS) * SR_CLOCK_NS_PER_MS;
        }
        return 0;
    case RELAY_DELIVERING:
        relay_deliver(r, &r->out);
        relay_deliver(r, &r->err);
        if ((!sr_flow_waits(&r->out) && !sr_flow_waits(&r->err)) || relay_now(r) >= r->deadline_ns)
            r->phase = RELAY_ENDING;
        return 0;
    case RELAY_ENDING:
        return relay_end(r);
    case RELAY_DONE:
        break;
    }
    return 0;
}

enum { RELAY_P_SIGNAL, RELAY_P_STOP, RELAY_P_CHILD, RELAY_P_IN, RELAY_P_SHELL_IN, RELAY_P_SHELL_OUT, RELAY_P_SHELL_ERR,
       RELAY_P_OUT, RELAY_P_ERR, RELAY_P_COUNT };

/* A descriptor that we want nothing of is left out: poll would report its hangup again and again. */
static struct pollfd relay_poll_for(int fd, short events)
{
    return (struct pollfd){.fd = events ? fd : -1, .events = events};
}

static void relay_poll_set(const struct relay *r, struct pollfd p[RELAY_P_COUNT])
{
    bool running = r->phase == RELAY_RUNNING;
    bool wants_input = running && r->in.len == 0 && !r->in.ended && r->shell_in.fd >= 0;
    short shell_in = running && r->in.len > 0 ? POLLOUT : 0;
    short shell_out = running && !r->out.ended && !sr_flow_waits(&r->out) ? POLLIN : 0;
    short shell_err = running && !r->err.ended && !sr_flow_waits(&r->err) ? POLLIN : 0;
    p[RELAY_P_SIGNAL] = relay_poll_for(r->o.signal_fd, POLLIN);
    p[RELAY_P_STOP] = relay_poll_for(r->o.stop_fd, r->ending_early ? 0 : POLLIN);
    p[RELAY_P_CHILD] = relay_poll_for(r->pid_fd, r->reaped ? 0 : POLLIN);
    p[RELAY_P_IN] = relay_poll_for(r->client.in.fd, wants_input ? POLLIN : 0);
    p[RELAY_P_SHELL_IN] = relay_poll_for(r->o.pty ? -1 : r->shell_in.fd, shell_in);
    p[RELAY_P_SHELL_OUT] = relay_poll_for(r->shell_out.fd, (short)(shell_out | (r->o.pty ? shell_in : 0)));
    p[RELAY_P_SHELL_ERR] = relay_poll_for(r->shell_err.fd, shell_err);
    p[RELAY_P_OUT] = relay_poll_for(r->client.out.fd, sr_flow_waits(&r->out) ? POLLOUT : 0);
    p[RELAY_P_ERR] = relay_poll_for(r->client.err.fd, sr_flow_waits(&r->err) ? POLLOUT : 0);
    /* The client's going is news at any time, and told once: then its port is closed. */
    if (running && r->client_tty)
        p[RELAY_P_IN].fd = r->client.in.fd;
    if (running) {
        p[RELAY_P_OUT].fd = r->client.out.fd;
        p[RELAY_P_ERR].fd = r->client.err.fd;
    }
}

static int relay_timeout_ms(const struct relay *r)
{
    int64_t at;
    if (r->phase == RELAY_WAITING || r->phase == RELAY_DELIVERING)
        at = r->deadline_ns;
    else if (r->o.record)
        at = r->ticked_ns + RELAY_TICK_MS * SR_CLOCK_NS_PER_MS;
    else
        return -1;
    at -= relay_now(r);
    return at <= 0 ? 0 : (int)((at + SR_CLOCK_NS_PER_MS - 1) / SR_CLOCK_NS_PER_MS);
}

static void relay_poll(struct relay *r)
{
    const short gone = POLLERR | POLLHUP | POLLNVAL;
    struct pollfd p[RELAY_P_COUNT];
    relay_poll_set(r, p);
    if (poll(p, RELAY_P_COUNT, relay_timeout_ms(r)) <= 0)
        return;
    if (p[RELAY_P_SIGNAL].revents)
        relay_take_signals(r);
    if (p[RELAY_P_CHILD].revents)
        relay_reap(r);
    if (p[RELAY_P_STOP].revents)
        relay_end_early(r, SR_REASON_TERMINATED);
    if (r->phase != RELAY_RUNNING)
        return;
    if (r->client_tty && p[RELAY_P_IN].revents & gone)
        relay_end_early(r, SR_REASON_HANGUP);
    if (p[RELAY_P_OUT].revents & gone)
        relay_lose_client(r, &r->out);
    if (p[RELAY_P_ERR].revents & gone)
        relay_lose_client(r, &r->err);
}

/* Once a second, and wherever the recording has moved to a new part. */
static int relay_tick(struct relay *r)
{
    int64_t now;
    unsigned parts;
    if (!r->o.record)
        return 0;
    now = relay_now(r);
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
        r->checkpoint_ns = r->o.checkpoint_s ? now + (int64_t)r->o.checkpoint_s * SR_CLOCK_NS_PER_S : INT64_MAX;
    if (r->o.on_checkpoint)
        r->o.on_checkpoint(r->o.on_checkpoint_arg);
    return 0;
}

static int relay_loop(struct relay *r)
{
    while (r->phase != RELAY_DONE) {
        enum relay_phase before = r->phase;
        if (relay_step(r))
            return RELAY_OVER;
        if (r->phase != before)
            continue;
        if (relay_tick(r))
            return RELAY_OVER;
        relay_poll(r);
    }
    return 0;
}

static void relay_go_on(void *arg)
{
    relay_loop(arg);
}

static void relay_open(struct relay *r)
{
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
    r->pid_fd = o->child > 0 && o->signal_fd < 0 ? (int)syscall(SYS_pidfd_open, o->child, 0) : -1;
    r->ticked_ns = relay_now(r);
    r->checkpoint_ns = RELAY_FIRST_CHECKPOINT_S * SR_CLOCK_NS_PER_S;
}

int sr_relay_run(const struct sr_relay_options *options, struct sr_relay_result *result)
{
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
