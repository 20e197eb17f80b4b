/* Inside the relay: its state, and what its files do for each other. Nobody else includes this. */
#ifndef SR_RELAY_STATE_H
#define SR_RELAY_STATE_H

#include "flow.h"
#include "relay.h"

#define RELAY_INPUT_SIZE 4096
#define RELAY_TICK_MS 1000
#define RELAY_HELD_MS 10 /* how soon held output is looked at again */

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
    bool client_tty, resized, held, reaped, status_lost, ending_early;
    enum sr_relay_reason early_reason;
    int wait_status, pid_fd;
    size_t drained;
    uint64_t bytes_in;
    int64_t deadline_ns, ticked_ns, checkpoint_ns;
    unsigned parts;
    struct sr_relay_result result;
};

enum { RELAY_OVER = 1 }; /* this thread is no longer the relay: out, without a touch */

/* relay-state.c. ns since the session's start. */
int64_t sr_relay_now(const struct relay *r);

/* The session ends before its shell does; the first reason stands. */
void sr_relay_end_early(struct relay *r, enum sr_relay_reason reason);

/* One of the client's descriptors has ended. Is that its going? A terminal's client goes as a whole; over pipes it is gone when
 * it neither sends nor takes anything any more. */
void sr_relay_miss_client(struct relay *r);

/* relay-input.c. Each 0 or RELAY_OVER. pump: one turn's worth; end: the shell has its last chance, and all that was read is
 * recorded, taken or not. */
int sr_relay_pump_in(struct relay *r);
int sr_relay_end_input(struct relay *r);

/* relay-output.c. pump: one turn's worth; drain: what the shell wrote before its end, to the last byte. Each 0 or RELAY_OVER. */
int sr_relay_pump_out(struct relay *r, struct sr_flow *f, enum sr_event_ch ch);
int sr_relay_drain(struct relay *r, struct sr_flow *f, enum sr_event_ch ch);
void sr_relay_deliver(struct relay *r, struct sr_flow *f);
void sr_relay_lose_client(struct relay *r, struct sr_flow *f);

/* relay-poll.c: waits for something to do, and takes note of signals and of a client that has gone. */
void sr_relay_poll(struct relay *r);

#endif
