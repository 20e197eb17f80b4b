/* One session's recording: bytes and happenings in, digested lines in the shard out.
 *
 * A record is used by one relay. Its writer half may move to another thread when the disk stalls (writer.h); nothing
 * in this interface waits for a disk longer than SR_RECORD_HOLD_MS.
 */
#ifndef SR_RECORD_H
#define SR_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "shard.h"

#define SR_RECORD_HOLD_MS 50

struct sr_record;

struct sr_record_options {
    struct sr_shard shard;        /* open; taken over */
    uint64_t session_cap_bytes;   /* raw bytes */
    uint64_t input_reserve_bytes; /* of the cap, for everything but output */
    uint64_t min_free_bytes;      /* output stops below */
    int64_t t0_mono_ns;           /* t = 0 */
};

/* What was recorded up to now: an anchor outside the decky. */
struct sr_record_anchor {
    uint64_t lines, bytes; /* written lines of this sid and their bytes, LF included; never the end line, which states them */
    char sha256[SR_SHA256_HEX_SIZE];
    char shard[SR_SHARD_NAME_SIZE];
    unsigned parts; /* parts this session has lines in */
    bool protected_part;
    bool truncated;    /* some stream ended early */
    unsigned squatted; /* part names passed over (sr_shard) */
    unsigned failed;   /* lines that could not be written */
    int failure;       /* why the last of them could not: -errno, or -SR_E_*; 0 = none failed in writing */
};

/* 0 or -errno. Allocates; the shard is closed on failure. */
int sr_record_create(struct sr_record **out, const struct sr_record_options *options, const char *sid);

/* Each stamps `t_ns` (ns since t0; taken right after the read). All of them return 0, or 1 = "taken over": this thread became the
 * writer, has finished that work, and must leave the relay without touching it again (relay.c). */
int sr_record_header(struct sr_record *r, const struct sr_event_header *h); /* 0: queued, written with what comes next */
int sr_record_data(struct sr_record *r, int64_t t_ns, enum sr_event_ch ch, const uint8_t *bytes, size_t n, bool noecho);
int sr_record_resize(struct sr_record *r, int64_t t_ns, unsigned width, unsigned height);

/* Whether output is to be read now; false = a disk that stands still has no room for it, ask again in a moment
 * (sr_writer_takes_output). Data that comes all the same makes its caller wait. */
bool sr_record_takes_output(struct sr_record *r);

/* Flushes carried bytes, writes the end line (lines and sha256 filled in here), stops the writer. */
int sr_record_end(struct sr_record *r, int64_t t_ns, const struct sr_event_end *end);

/* A relay's idle tick, about once a second: newer parts and a full disk are noticed. */
int sr_record_tick(struct sr_record *r);

/* Parts with lines of this session so far; 0 before the first. */
unsigned sr_record_parts(struct sr_record *r);

/* From now on `run(arg)`, on a thread of the record's own, takes the relay over should the disk hold this thread. 0 or -errno.
 * sr_record_unguard waits for that thread's end; only the thread that called sr_record_guard calls it. */
int sr_record_guard(struct sr_record *r, void (*run)(void *arg), void *arg);
void sr_record_unguard(struct sr_record *r);

void sr_record_anchor(struct sr_record *r, struct sr_record_anchor *out);
void sr_record_destroy(struct sr_record *r);

#endif
