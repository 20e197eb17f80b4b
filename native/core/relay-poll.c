#include "relay-state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

static void relay_reap(struct relay *r) {
    if (r->o.child <= 0 || r->reaped)
        return;
    pid_t got = waitpid(r->o.child, &r->wait_status, WNOHANG);
    /* Somebody else has its status: how it ended is not known, that it did is. */
    r->status_lost = got < 0 && errno == ECHILD;
    r->reaped = got == r->o.child || r->status_lost;
}

static void relay_take_signals(struct relay *r) {
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
            sr_relay_end_early(r, SR_REASON_HANGUP);
            break;
        case SIGTERM:
            sr_relay_end_early(r, SR_REASON_TERMINATED);
            break;
        default:
            break;
        }
    }
}

enum {
    RELAY_P_SIGNAL,
    RELAY_P_STOP,
    RELAY_P_CHILD,
    RELAY_P_IN,
    RELAY_P_SHELL_IN,
    RELAY_P_SHELL_OUT,
    RELAY_P_SHELL_ERR,
    RELAY_P_OUT,
    RELAY_P_ERR,
    RELAY_P_COUNT
};

/* A descriptor that we want nothing of is left out: poll would report its hangup again and again. */
static struct pollfd relay_poll_for(int fd, short events) {
    return (struct pollfd){.fd = events ? fd : -1, .events = events};
}

static void relay_poll_set(const struct relay *r, struct pollfd p[RELAY_P_COUNT]) {
    bool running = r->phase == RELAY_RUNNING;
    bool wants_input = running && r->in.len == 0 && !r->in.ended && r->shell_in.fd >= 0;
    short shell_in = running && r->in.len > 0 ? POLLOUT : 0;
    short shell_out = running && !r->held && !r->out.ended && !sr_flow_waits(&r->out) ? POLLIN : 0;
    short shell_err = running && !r->held && !r->err.ended && !sr_flow_waits(&r->err) ? POLLIN : 0;
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

static int relay_timeout_ms(const struct relay *r) {
    int64_t at;
    if (r->phase == RELAY_WAITING || r->phase == RELAY_DELIVERING)
        at = r->deadline_ns;
    else if (r->held)
        return RELAY_HELD_MS;
    else if (r->o.record)
        at = r->ticked_ns + RELAY_TICK_MS * SR_CLOCK_NS_PER_MS;
    else
        return -1;
    at -= sr_relay_now(r);
    return at <= 0 ? 0 : (int)((at + SR_CLOCK_NS_PER_MS - 1) / SR_CLOCK_NS_PER_MS);
}

void sr_relay_poll(struct relay *r) {
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
        sr_relay_end_early(r, SR_REASON_TERMINATED);
    if (r->phase != RELAY_RUNNING)
        return;
    if (r->client_tty && p[RELAY_P_IN].revents & gone)
        sr_relay_end_early(r, SR_REASON_HANGUP);
    if (p[RELAY_P_OUT].revents & gone)
        sr_relay_lose_client(r, &r->out);
    if (p[RELAY_P_ERR].revents & gone)
        sr_relay_lose_client(r, &r->err);
}
