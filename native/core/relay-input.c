#include "relay-state.h"

#include <errno.h>
#include <termios.h>

/* The next piece to record: on a pty up to and with a CR or LF, since the program's answer to a line may be to switch echo off.
 */
static size_t relay_piece_end(const struct relay *r) {
    size_t i = r->in.mark;
    if (!r->o.pty)
        return r->in.len;
    while (i < r->in.len && r->in.data[i] != '\r' && r->in.data[i] != '\n')
        i++;
    return i < r->in.len ? i + 1 : i;
}

/* Whether what is typed now is read as a line and not shown: how programs ask for passwords. */
static bool relay_is_noecho(const struct relay *r) {
    struct termios t;
    return r->o.pty && tcgetattr(r->shell_in.fd, &t) == 0 && (t.c_lflag & ICANON) != 0 && (t.c_lflag & ECHO) == 0;
}

static int relay_record_piece(struct relay *r) {
    struct relay_input *in = &r->in;
    size_t from = in->mark;
    bool noecho = relay_is_noecho(r);
    in->mark = relay_piece_end(r);
    if (!r->o.record)
        return 0;
    return sr_record_data(r->o.record, in->t_ns, SR_CH_IN, in->data + from, in->mark - from, noecho) ? RELAY_OVER : 0;
}

/* What is recorded goes to the shell, as far as it takes it, and what is not is recorded first. 0 or RELAY_OVER. */
static int relay_forward_input(struct relay *r) {
    struct relay_input *in = &r->in;
    while (in->off < in->len) {
        if (in->off == in->mark && relay_record_piece(r))
            return RELAY_OVER;
        ssize_t n = sr_port_write(&r->shell_in, in->data + in->off, in->mark - in->off);
        if (n == -EAGAIN)
            return 0;
        if (n < 0) { /* nobody reads there any more: that it is recorded is all there is to do with it */
            n = (ssize_t)(in->mark - in->off);
            if (!r->o.pty)
                sr_port_close(&r->shell_in);
        }
        in->off += (size_t)n;
    }
    in->off = in->len = in->mark = 0;
    return 0;
}

int sr_relay_end_input(struct relay *r) {
    if (relay_forward_input(r))
        return RELAY_OVER;
    while (r->in.mark < r->in.len)
        if (relay_record_piece(r))
            return RELAY_OVER;
    return 0;
}

static void relay_lose_input(struct relay *r) {
    r->in.ended = true;
    sr_relay_miss_client(r);
}

int sr_relay_pump_in(struct relay *r) {
    struct relay_input *in = &r->in;
    if (in->len == 0 && !in->ended && r->shell_in.fd >= 0) {
        ssize_t n = sr_port_read(&r->client.in, in->data, sizeof in->data);
        if (n > 0) {
            in->t_ns = sr_relay_now(r);
            in->len = (size_t)n;
            r->bytes_in += (uint64_t)n;
        } else if (n != -EAGAIN) {
            relay_lose_input(r);
        }
    }
    if (relay_forward_input(r) == RELAY_OVER)
        return RELAY_OVER;
    if (in->ended && in->len == 0 && !r->o.pty)
        sr_port_close(&r->shell_in);
    return 0;
}
