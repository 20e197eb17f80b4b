#include "writer-state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define WRITER_OUTPUT_BURST 10  /* lines: what one read of a relay can become */
#define WRITER_PATIENCE_MS 5000 /* output waits this long for a disk that stands still */

/* CLOCK_MONOTONIC `ms` from now. */
static void writer_in(struct timespec *ts, int ms) {
    int64_t at = sr_clock_mono_ns() + ms * SR_CLOCK_NS_PER_MS;
    ts->tv_sec = (time_t)(at / SR_CLOCK_NS_PER_S);
    ts->tv_nsec = (long)(at % SR_CLOCK_NS_PER_S);
}

int sr_writer_create(struct sr_writer **out, struct sr_shard *shard, const char *sid, uint64_t min_free_bytes,
                     int64_t t0_mono_ns) {
    struct sr_writer *w = calloc(1, sizeof *w);
    pthread_condattr_t attr;
    if (!w) {
        sr_shard_close(shard);
        return -ENOMEM;
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->work, &attr);
    pthread_cond_init(&w->moved, &attr);
    pthread_condattr_destroy(&attr);
    w->shard = *shard;
    shard->fd = shard->dir_fd = -1;
    memcpy(w->sid, sid, sizeof w->sid);
    w->min_free_bytes = min_free_bytes;
    w->t0_mono_ns = t0_mono_ns;
    sr_sha256_init(&w->digest);
    memcpy(w->anchor.shard, w->shard.name, sizeof w->anchor.shard);
    w->anchor.protected_part = w->shard.protected_part;
    w->anchor.squatted = w->shard.squatted;
    w->checked_ns = sr_clock_mono_ns();
    *out = w;
    return 0;
}

/* Lock held. The rest of this thread's life with the record: writing what the guard, now the relay, queues. */
static void writer_serve(struct sr_writer *w) {
    for (;;) {
        sr_writer_drain(w);
        if (w->closing)
            return;
        pthread_cond_wait(&w->work, &w->lock);
    }
}

/* Lock held. Input waits no longer than a key may be held; output, that nobody could leave where it was, for the disk's return.
 */
static void writer_wait_for_room(struct sr_writer *w, enum sr_writer_kind kind) {
    struct timespec until;
    writer_in(&until, kind == SR_WRITER_OUTPUT ? WRITER_PATIENCE_MS : SR_RECORD_HOLD_MS);
    while (!sr_writer_queue_has_room(w, kind, 1))
        if (pthread_cond_timedwait(&w->moved, &w->lock, &until) == ETIMEDOUT)
            return;
}

struct sr_writer_entry *sr_writer_reserve(struct sr_writer *w, enum sr_writer_kind kind) {
    struct sr_writer_entry *e = NULL;
    pthread_mutex_lock(&w->lock);
    if (w->taken && !sr_writer_queue_has_room(w, kind, 1))
        writer_wait_for_room(w, kind);
    if (sr_writer_queue_has_room(w, kind, 1))
        e = sr_writer_queue_place(w);
    if (e) {
        e->kind = kind;
        e->len = 0;
    } else {
        w->anchor.failed++;
        if (kind == SR_WRITER_OUTPUT) {
            atomic_store(&w->lost_output, true);
            sr_writer_stop_output(w, "write");
        }
    }
    pthread_mutex_unlock(&w->lock);
    return e;
}

void sr_writer_commit(struct sr_writer *w) {
    pthread_mutex_lock(&w->lock);
    sr_writer_queue_add(w);
    pthread_mutex_unlock(&w->lock);
}

bool sr_writer_takes_output(struct sr_writer *w) {
    bool takes = true;
    pthread_mutex_lock(&w->lock);
    if (!w->taken || sr_writer_stop_reason(w) || sr_writer_queue_has_room(w, SR_WRITER_OUTPUT, WRITER_OUTPUT_BURST)) {
        w->held_since_ns = 0;
    } else {
        int64_t now = sr_clock_mono_ns();
        if (w->held_since_ns == 0 || w->held_at_write != w->writes) {
            w->held_since_ns = now;
            w->held_at_write = w->writes;
        }
        takes = now - w->held_since_ns > WRITER_PATIENCE_MS * SR_CLOCK_NS_PER_MS;
        if (takes)
            sr_writer_stop_output(w, "write");
    }
    pthread_mutex_unlock(&w->lock);
    return takes;
}

/* Lock held. The relay's wait for a key to be on disk before the shell gets it. */
static void writer_hold(struct sr_writer *w) {
    struct timespec until;
    writer_in(&until, SR_RECORD_HOLD_MS);
    while (w->count > 0 && !sr_writer_hangs(w))
        if (pthread_cond_timedwait(&w->moved, &w->lock, &until) == ETIMEDOUT)
            return;
}

int sr_writer_flush(struct sr_writer *w, bool hold) {
    int over = 0;
    pthread_mutex_lock(&w->lock);
    if (w->taken) {
        pthread_cond_signal(&w->work);
        if (hold)
            writer_hold(w);
    } else {
        sr_writer_drain(w);
        /* Taken over while the disk held this thread: the relay is somebody else's now. */
        if (w->taken) {
            writer_serve(w);
            over = 1;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return over;
}

const char *sr_writer_stop_reason(struct sr_writer *w) {
    return atomic_load_explicit(&w->stop_reason, memory_order_relaxed);
}

bool sr_writer_lost_output(struct sr_writer *w) {
    return atomic_load_explicit(&w->lost_output, memory_order_relaxed);
}

unsigned sr_writer_parts(struct sr_writer *w) {
    return atomic_load_explicit(&w->parts, memory_order_relaxed);
}

void sr_writer_anchor(struct sr_writer *w, struct sr_record_anchor *out) {
    pthread_mutex_lock(&w->lock);
    *out = w->anchor;
    sr_sha256_hex(&w->digest, out->sha256);
    out->truncated = sr_writer_stop_reason(w) != NULL || w->anchor.failed > 0;
    pthread_mutex_unlock(&w->lock);
}

void sr_writer_destroy(struct sr_writer *w) {
    if (!w)
        return;
    sr_writer_unguard(w);
    sr_shard_close(&w->shard);
    pthread_cond_destroy(&w->moved);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
