#include "writer-state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "disk.h"
#include "error.h"

#define WRITER_CHECK_NS SR_CLOCK_NS_PER_S

void sr_writer_stop_output(struct sr_writer *w, const char *why) {
    const char *none = NULL;
    atomic_compare_exchange_strong(&w->stop_reason, &none, why);
}

/* The lock is given up for the time of a system call that may hang, with the time it began on record for the guard. */
static void writer_enter_disk(struct sr_writer *w) {
    w->write_since_ns = sr_clock_mono_ns();
    w->writes++;
    sr_writer_watch(w);
    pthread_mutex_unlock(&w->lock);
}

static void writer_leave_disk(struct sr_writer *w) {
    pthread_mutex_lock(&w->lock);
    w->write_since_ns = 0;
}

/* One line of this session; what is in the file is in the digest, and nothing else is. */
static int writer_append(struct sr_writer *w, enum sr_writer_kind kind, const char *line, size_t len) {
    int rc;
    writer_enter_disk(w);
    rc = sr_shard_append(&w->shard, line, len);
    if (rc == -SR_E_TORN && kind != SR_WRITER_OUTPUT)
        rc = sr_shard_append(&w->shard, line, len);
    writer_leave_disk(w);
    if (rc == 0 && kind == SR_WRITER_END)
        return 0; /* it states the digest of the others */
    if (rc == 0) {
        sr_sha256_update(&w->digest, line, len);
        w->anchor.lines++;
        w->anchor.bytes += len;
        return 0;
    }
    w->anchor.failed++;
    w->anchor.failure = rc;
    if (kind == SR_WRITER_OUTPUT)
        atomic_store(&w->lost_output, true);
    sr_writer_stop_output(w, rc == -ENOSPC || rc == -EDQUOT || rc == -SR_E_TORN ? "disk" : "write");
    return rc;
}

/* What output may no longer cost: free space below the reserve, or a part that is full. */
static void writer_check_disk(struct sr_writer *w) {
    struct sr_disk disk;
    struct stat st;
    if (sr_disk_stat(w->shard.fd, &disk) == 0 && disk.free_bytes < w->min_free_bytes)
        sr_writer_stop_output(w, "disk");
    if (w->shard.max_day_bytes > 0 && fstat(w->shard.fd, &st) == 0 && (uint64_t)st.st_size >= w->shard.max_day_bytes)
        sr_writer_stop_output(w, "cap");
}

/* At most once a second: the newest part, and the disk. A session's first line in a further part says where it came from. */
static void writer_check(struct sr_writer *w) {
    int64_t now = sr_clock_mono_ns();
    char prev[SR_SHARD_NAME_SIZE], line[SR_EVENT_LINE_MAX];
    int moved;
    if (now - w->checked_ns < WRITER_CHECK_NS)
        return;
    w->checked_ns = now;
    memcpy(prev, w->shard.name, sizeof prev);
    writer_enter_disk(w);
    moved = sr_shard_follow(&w->shard, sr_clock_real_ns());
    writer_check_disk(w);
    writer_leave_disk(w);
    w->anchor.squatted = w->shard.squatted;
    if (moved != 1)
        return;
    memcpy(w->anchor.shard, w->shard.name, sizeof w->anchor.shard);
    w->anchor.protected_part = w->shard.protected_part;
    if (w->anchor.parts == 0)
        return;
    if (writer_append(w, SR_WRITER_OTHER, line, sr_event_cont(line, w->sid, now - w->t0_mono_ns, w->anchor.parts + 1, prev)) == 0)
        w->anchor.parts++;
    atomic_store(&w->parts, w->anchor.parts);
}

static void writer_end(struct sr_writer *w, struct sr_writer_entry *e) {
    char sha256[SR_SHA256_HEX_SIZE];
    sr_sha256_hex(&w->digest, sha256);
    e->end.lines = w->anchor.lines;
    e->end.sha256 = sha256;
    e->len = sr_event_end(e->line, w->sid, e->t_ns, &e->end);
}

/* Where a stream ends early is said before anything that comes after it, as soon as the disk has room for that much again. */
static void writer_say_cuts(struct sr_writer *w) {
    while (w->cuts > 0 && writer_append(w, SR_WRITER_OTHER, w->cut[0].line, w->cut[0].len) == 0)
        memmove(&w->cut[0], &w->cut[1], --w->cuts * sizeof w->cut[0]);
}

static void writer_keep_cut(struct sr_writer *w, const struct sr_writer_entry *e) {
    if (w->cuts == WRITER_CUTS || e->len > WRITER_CUT_LINE_MAX)
        return;
    w->cut[w->cuts].len = e->len;
    memcpy(w->cut[w->cuts].line, e->line, e->len);
    w->cuts++;
}

/* One entry's line. The session has begun in the shard once one of its lines is there. */
static void writer_put(struct sr_writer *w, struct sr_writer_entry *e) {
    writer_say_cuts(w);
    if (e->kind == SR_WRITER_END)
        writer_end(w, e);
    if (writer_append(w, e->kind, e->line, e->len) < 0) {
        if (e->kind == SR_WRITER_CUT)
            writer_keep_cut(w, e);
    } else if (w->anchor.parts == 0) {
        w->anchor.parts = 1;
        atomic_store(&w->parts, 1);
    }
}

/* Lock held. Writes what is queued, in order. */
void sr_writer_drain(struct sr_writer *w) {
    for (struct sr_writer_entry *e; (e = sr_writer_queue_first(w)) != NULL;) {
        /* Tick or line, the part is looked for first: a line goes to the live one. */
        writer_check(w);
        if (e->kind != SR_WRITER_TICK)
            writer_put(w, e);
        sr_writer_queue_drop(w);
        if (w->taken)
            pthread_cond_broadcast(&w->moved);
    }
}
