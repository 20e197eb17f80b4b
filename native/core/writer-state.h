/* Inside the writer: its state, and what its files do for each other. Nobody else includes this. */
#ifndef SR_WRITER_STATE_H
#define SR_WRITER_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "writer.h"

#define WRITER_CUTS 4           /* as many as streams can end */
#define WRITER_CUT_LINE_MAX 160 /* such a line has about 100 bytes */
#define WRITER_QUEUE_BYTES 262144
#define WRITER_QUEUE_OTHERS 65536 /* of them never for output: input finds room */

struct sr_writer {
    /* Everything below but what a relay fills between reserve and commit, and `shard`, the writing thread's own. */
    pthread_mutex_t lock;
    pthread_cond_t work;  /* to the writer: an entry, or the end */
    pthread_cond_t moved; /* to the relay: an entry is done */

    struct sr_shard shard;
    char sid[SR_UUID_SIZE];
    uint64_t min_free_bytes;
    int64_t t0_mono_ns;
    int64_t checked_ns; /* last look for a newer part and at the disk */

    struct sr_sha256 digest;
    struct sr_record_anchor anchor; /* all but sha256 */
    _Atomic(const char *) stop_reason;
    atomic_uint parts;
    atomic_bool lost_output;

    unsigned cuts; /* lines of SR_WRITER_CUT that are still to be written */
    struct writer_cut {
        size_t len;
        char line[WRITER_CUT_LINE_MAX];
    } cut[WRITER_CUTS];

    bool guarded, taken, closing;
    bool watched; /* the guard's timer runs */
    int timer_fd;
    pthread_t guard;
    pid_t writer_tid;
    void (*run)(void *arg);
    void *run_arg;
    int64_t write_since_ns; /* 0 = in no system call that may hang */
    uint64_t writes;

    int64_t held_since_ns; /* output finds no room since, and nothing was written; 0 = it finds room */
    uint64_t held_at_write;

    /* A ring of entries of their own lengths, none of them over its end. */
    unsigned count;
    size_t head, tail, used; /* where the first begins; where the next goes; bytes of all */
    size_t wrap;             /* behind the last entry before the ring's end when they go on at its start; 0 = they do not */
    size_t reserved;         /* where the relay fills the next one */
    _Alignas(16) unsigned char queue[WRITER_QUEUE_BYTES]; /* last: pages that are never used stay untouched */
};

/* writer-disk.c. Lock held; it is given up during system calls that may hang. Writes what is queued, in order. */
void sr_writer_drain(struct sr_writer *w);
void sr_writer_stop_output(struct sr_writer *w, const char *why);

/* writer-queue.c. Lock held. Room for an entry of any length behind the last, or NULL; what was placed becomes the last, at its
 * own length; the first, or NULL; the first is done with. */
struct sr_writer_entry *sr_writer_queue_place(struct sr_writer *w);
void sr_writer_queue_add(struct sr_writer *w);
struct sr_writer_entry *sr_writer_queue_first(struct sr_writer *w);
void sr_writer_queue_drop(struct sr_writer *w);
bool sr_writer_queue_has_room(const struct sr_writer *w, enum sr_writer_kind kind, unsigned entries);

/* writer-guard.c. Lock held. Whether the writer hangs rather than being just about to go on. */
bool sr_writer_hangs(const struct sr_writer *w);

/* Lock held. A system call that may hang begins: the guard will look whether it has ended. */
void sr_writer_watch(struct sr_writer *w);

#endif
