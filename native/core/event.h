/* The lines of a shard (docs/shard-format.md): one JSON object, LF included, at most SR_EVENT_LINE_MAX bytes. */
#ifndef SR_EVENT_H
#define SR_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sha256.h"
#include "uuid.h"

/* One less than the format's 4096: a line that follows a torn one is written with an LF before it. */
#define SR_EVENT_LINE_MAX 4095

/* What a stream carries: as in the line's `ch`. */
enum sr_event_ch { SR_CH_IN = 'i', SR_CH_OUT = 'o', SR_CH_ERR = 'e', SR_CH_COMMAND = 'c' };

/* What the header line says. Texts are UTF-8 or not: invalid bytes become U+FFFD; each is cut at 128 bytes. */
struct sr_event_header {
    unsigned width, height; /* columns, rows */
    int64_t t0_real_ns;     /* CLOCK_REALTIME at t = 0 */
    const char *shell;      /* env.SHELL */
    const char *term;       /* env.TERM; NULL = left out */
    const char *service;
    const char *user;
    const char *src_ip; /* NULL = null */
    const char *tty;    /* "pts/3"; NULL = null: a login without one */
};

/* Why a session ended; `signal_name` without SIG, NULL for none; status < 0 = not known (null). */
struct sr_event_end {
    const char *reason; /* exit, signal, hangup, terminated */
    int status;
    const char *signal_name;
    uint64_t bytes_in, bytes_out, undelivered, lines;
    const char *sha256;
};

/* Each writes one whole line to `out` (room for SR_EVENT_LINE_MAX) and returns its length. `t_ns` is ns since the session's
 * start. */
size_t sr_event_header(char *out, const char *sid, const struct sr_event_header *h);
size_t sr_event_resize(char *out, const char *sid, int64_t t_ns, unsigned width, unsigned height);
size_t sr_event_trunc(char *out, const char *sid, int64_t t_ns, enum sr_event_ch ch, const char *why);
size_t sr_event_cont(char *out, const char *sid, int64_t t_ns, unsigned n, const char *prev);
size_t sr_event_end(char *out, const char *sid, int64_t t_ns, const struct sr_event_end *e);

/* A data line of as many of the n bytes (n > 0) as fit, `*used` of them (at least one). Valid UTF-8 goes to `d` alone; where
 * bytes are invalid `b` has the exact bytes. Never splits a well-formed character. */
size_t sr_event_data(char *out, const char *sid, int64_t t_ns, enum sr_event_ch ch, const uint8_t *bytes, size_t n, bool noecho,
                     size_t *used);

#endif
