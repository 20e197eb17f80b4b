/* The relay: bytes both ways between a login and its shell, each recorded.
 *
 * Input: record, then forward. Output: forward, then record. Non-blocking on every side, bounded buffers; stalls on
 * one side never stop the other. Makes no policy, installs no handler, exits nothing: signals come in by a signalfd.
 */
#ifndef SR_RELAY_H
#define SR_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "port.h"
#include "pty.h"
#include "record.h"

/* The login's side, opened so that it cannot block. A program that gives up rights between start and relay opens it itself, while
 * it still may. */
struct sr_relay_client {
    struct sr_port in, out, err;
};
void sr_relay_client_open(struct sr_relay_client *c, int in, int out, int err);

struct sr_relay_options {
    struct sr_record *record;              /* borrowed; NULL = relay only (benchmarks) */
    int client_in, client_out, client_err; /* the login's side, borrowed; client_err -1 on a pty */
    struct sr_relay_client *client;        /* the same, already open; taken over. NULL = the relay opens it */
    int shell_in, shell_out,
        shell_err; /* the shell's side: the pty master as both in and out, err -1; or three pipes. Taken over and closed */
    bool pty; /* shell_in is a pty master: termios are sampled, sizes are passed on. With a child, the caller keeps the slave open
                 as well, or a shell without descriptors on it looks like an end */
    int signal_fd; /* a signalfd with any of SIGCHLD SIGWINCH SIGHUP SIGTERM, or -1 */
    int stop_fd;   /* readable = end as terminated; or -1 */
    pid_t child;   /* reaped here; -1 = none: the end is the shell side's EOF */
    int64_t t0_mono_ns;
    void (*on_checkpoint)(void *arg); /* called at 10 s, then every checkpoint_s, and at each new part; may be NULL */
    void *on_checkpoint_arg;
    uint64_t checkpoint_s; /* 0 = only the one at 10 s */
};

enum sr_relay_reason { SR_REASON_EXIT, SR_REASON_SIGNAL, SR_REASON_HANGUP, SR_REASON_TERMINATED };

struct sr_relay_result {
    enum sr_relay_reason reason;
    int status;                   /* exit status, -1 = not known */
    int signal;                   /* that ended the child, 0 = none */
    uint64_t bytes_in, bytes_out; /* relayed raw bytes: read from the client; read from the shell */
    uint64_t undelivered;         /* of bytes_out, not taken by the client within the 2 s at the end */
    int64_t duration_ns;
};

/* Runs to the end of the session, writes the record's end line, returns 0, or -errno if it could not start (nothing recorded). */
int sr_relay_run(const struct sr_relay_options *options, struct sr_relay_result *result);

/* "exit", "signal", "hangup", "terminated". */
const char *sr_relay_reason_name(enum sr_relay_reason reason);

#endif
