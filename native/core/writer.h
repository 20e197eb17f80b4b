/* Lines on their way to the disk.
 *
 * Normally the thread that relays also writes: a line costs one write() and no hand-over. A guard thread sleeps on a timer that a
 * write arms. When it finds that a write() has not come back within WRITER_STALL_MS (a frozen, full or dying disk), and not for
 * want of a processor, the guard takes the relay over and goes on with it, and the thread that hangs in write() is from then on
 * the writer of the lines the guard queues. Nobody waits for a disk.
 */
#ifndef SR_WRITER_H
#define SR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "record.h"
#include "shard.h"

struct sr_writer;

enum sr_writer_kind {
    SR_WRITER_OUTPUT, /* dropped first when the disk cannot keep up or is full */
    SR_WRITER_OTHER,
    SR_WRITER_CUT,  /* says that a stream ends early: said later where the disk has no byte for it now */
    SR_WRITER_END,  /* completed with the digest when its turn comes */
    SR_WRITER_TICK, /* no line: looks for a newer part and at the disk */
};

/* What a line needs besides its text. */
struct sr_writer_entry {
    enum sr_writer_kind kind;
    int64_t t_ns;
    struct sr_event_end end; /* END: all but lines and sha256 */
    size_t len;
    char line[SR_EVENT_LINE_MAX];
};

/* Takes the shard over, also on failure. 0 or -errno. */
int sr_writer_create(struct sr_writer **out, struct sr_shard *shard, const char *sid, uint64_t min_free_bytes,
                     int64_t t0_mono_ns);

/* Room for one entry, to be filled and committed by the same thread; NULL = there is none (the line is lost, and counted). */
struct sr_writer_entry *sr_writer_reserve(struct sr_writer *w, enum sr_writer_kind kind);
void sr_writer_commit(struct sr_writer *w);

/* Whether output of one read finds room. false: the disk stands still, and the output is better left where it is for now; never
 * for longer than WRITER_PATIENCE_MS without a line written, then output stops ("write") and what comes is dropped. */
bool sr_writer_takes_output(struct sr_writer *w);

/* Writes what was committed, or has it written. hold: not before it is written, up to SR_RECORD_HOLD_MS. 0; 1 = taken over
 * (record.h). */
int sr_writer_flush(struct sr_writer *w, bool hold);

/* Why output is to stop ("disk", "write", "cap"), or NULL. */
const char *sr_writer_stop_reason(struct sr_writer *w);

/* Whether a line of output is missing from the shard. */
bool sr_writer_lost_output(struct sr_writer *w);

/* Parts with lines of this session; 0 before the first line. */
unsigned sr_writer_parts(struct sr_writer *w);

void sr_writer_anchor(struct sr_writer *w, struct sr_record_anchor *out);

/* Starts the guard: `run(arg)` is what it goes on with after taking over, to the session's end. 0 or -errno. */
int sr_writer_guard(struct sr_writer *w, void (*run)(void *arg), void *arg);

/* Waits for the guard's end. The caller is the thread that started it. */
void sr_writer_unguard(struct sr_writer *w);

void sr_writer_destroy(struct sr_writer *w);

#endif
