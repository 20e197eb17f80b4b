#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "disk.h"
#include "error.h"

#define WRITER_ENTRIES 64
#define WRITER_OUTPUT_ENTRIES 48 /* of them at most for output: input finds room */
#define WRITER_STALL_MS 35       /* a write() that takes longer than this, */
#define WRITER_WATCH_MS 10       /* looked at this often, keeps within SR_RECORD_HOLD_MS */
#define WRITER_IDLE_TICKS 100    /* looks without a write before the guard sleeps */
#define WRITER_PATIENCE_MS 5000  /* output waits this long for a writer that makes no progress */
#define WRITER_CHECK_NS SR_CLOCK_NS_PER_S
#define WRITER_GUARD_STACK 65536

struct sr_writer {
    pthread_mutex_t lock; /* everything below but `entry[]` between reserve and commit, and `shard`, the writing thread's own */
    pthread_cond_t work;  /* to the writer: an entry, or the end */
    pthread_cond_t moved; /* to the relay: an entry is done */
    pthread_cond_t watch; /* to the guard: writes have begun again, or the end */

    struct sr_shard shard;
    char sid[SR_UUID_SIZE];
    uint64_t min_free_bytes;
    int64_t t0_mono_ns;
    int64_t checked_ns; /* last look for a newer part and at the disk */

    struct sr_sha256 digest;
    struct sr_record_anchor anchor; /* all but sha256 */
    _Atomic(const char *) stop_reason;
    atomic_uint parts;

    bool guarded, taken, closing, guard_sleeps;
    pthread_t guard;
    pid_t writer_tid;
    void (*run)(void *arg);
    void *run_arg;
    int64_t write_since_ns; /* 0 = not in write() */
    uint64_t writes;

    unsigned head, count;
    struct sr_writer_entry entry[WRITER_ENTRIES]; /* last: pages that are never used stay untouched */
};

static void writer_timespec_in(struct timespec *ts, int ms) {
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
    pthread_cond_init(&w->watch, &attr);
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

static void writer_stop_output(struct sr_writer *w, const char *why) {
    const char *none = NULL;
    atomic_compare_exchange_strong(&w->stop_reason, &none, why);
}

/* The lock is given up for the time of a system call that may hang, with the time it began on record for the guard. */
static void writer_enter_disk(struct sr_writer *w) {
    w->write_since_ns = sr_clock_mono_ns();
    w->writes++;
    if (w->guard_sleeps) {
        w->guard_sleeps = false;
        pthread_cond_signal(&w->watch);
    }
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
    writer_stop_output(w, rc == -ENOSPC || rc == -EDQUOT || rc == -SR_E_TORN ? "disk" : "write");
    return rc;
}

/* What output may no longer cost: free space below the reserve, or a part that is full. */
static void writer_check_disk(struct sr_writer *w) {
    struct sr_disk disk;
    struct stat st;
    if (sr_disk_stat(w->shard.fd, &disk) == 0 && disk.free_bytes < w->min_free_bytes)
        writer_stop_output(w, "disk");
    if (w->shard.max_day_bytes > 0 && fstat(w->shard.fd, &st) == 0 && (uint64_t)st.st_size >= w->shard.max_day_bytes)
        writer_stop_output(w, "cap");
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

/* Lock held. Writes what is queued, in order. */
static void writer_drain(struct sr_writer *w) {
    while (w->count > 0) {
        struct sr_writer_entry *e = &w->entry[w->head];
        /* Tick or line, the part is looked for first: a line goes to the live one. */
        writer_check(w);
        if (e->kind == SR_WRITER_END)
            writer_end(w, e);
        if (e->kind != SR_WRITER_TICK && writer_append(w, e->kind, e->line, e->len) == 0 && w->anchor.parts == 0) {
            w->anchor.parts = 1;
            atomic_store(&w->parts, 1);
        }
        w->head = (w->head + 1) % WRITER_ENTRIES;
        w->count--;
        if (w->taken)
            pthread_cond_broadcast(&w->moved);
    }
    if (!w->taken)
        w->head = 0; /* the first pages of entry[] serve a whole session */
}

/* Lock held. The rest of this thread's life with the record: writing what the guard, now the relay, queues. */
static void writer_serve(struct sr_writer *w) {
    for (;;) {
        writer_drain(w);
        if (w->closing)
            return;
        pthread_cond_wait(&w->work, &w->lock);
    }
}

/* Lock held. Whether the writer hangs rather than being just about to go on. */
static bool writer_hangs(const struct sr_writer *w) {
    return w->write_since_ns != 0 && sr_clock_mono_ns() - w->write_since_ns > WRITER_STALL_MS * SR_CLOCK_NS_PER_MS;
}

struct sr_writer_entry *sr_writer_reserve(struct sr_writer *w, enum sr_writer_kind kind) {
    const unsigned limit = kind == SR_WRITER_OUTPUT ? WRITER_OUTPUT_ENTRIES : WRITER_ENTRIES;
    const int patience_ms = kind == SR_WRITER_OUTPUT ? WRITER_PATIENCE_MS : SR_RECORD_HOLD_MS;
    struct sr_writer_entry *e = NULL;
    pthread_mutex_lock(&w->lock);
    while (w->taken && w->count >= limit) {
        struct timespec until;
        unsigned before = w->count;
        writer_timespec_in(&until, patience_ms);
        if (pthread_cond_timedwait(&w->moved, &w->lock, &until) == ETIMEDOUT && w->count >= before)
            break;
    }
    if (w->count < limit) {
        e = &w->entry[(w->head + w->count) % WRITER_ENTRIES];
        e->kind = kind;
    } else {
        w->anchor.failed++;
        if (kind == SR_WRITER_OUTPUT)
            writer_stop_output(w, "write");
    }
    pthread_mutex_unlock(&w->lock);
    return e;
}

void sr_writer_commit(struct sr_writer *w) {
    pthread_mutex_lock(&w->lock);
    w->count++;
    pthread_mutex_unlock(&w->lock);
}

/* Lock held. The relay's wait for a key to be on disk before the shell gets it. */
static void writer_hold(struct sr_writer *w) {
    struct timespec until;
    writer_timespec_in(&until, SR_RECORD_HOLD_MS);
    while (w->count > 0 && !writer_hangs(w))
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
        writer_drain(w);
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

/* A writer that only waits for a processor is in no disk's hands: on a crowded machine that is no stall. */
static bool writer_is_runnable(pid_t tid) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = 0;
    const char *close_paren = strrchr(text, ')');
    return close_paren && close_paren[1] == ' ' && close_paren[2] == 'R';
}

static void *writer_guard_main(void *arg) {
    struct sr_writer *w = arg;
    uint64_t seen = 0;
    unsigned quiet = 0;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        if (writer_hangs(w) && !writer_is_runnable(w->writer_tid)) {
            w->taken = true;
            pthread_mutex_unlock(&w->lock);
            w->run(w->run_arg);
            pthread_mutex_lock(&w->lock);
            w->closing = true;
            pthread_cond_signal(&w->work);
            break;
        }
        quiet = w->writes == seen && w->write_since_ns == 0 ? quiet + 1 : 0;
        seen = w->writes;
        if (quiet < WRITER_IDLE_TICKS) {
            struct timespec until;
            writer_timespec_in(&until, WRITER_WATCH_MS);
            pthread_cond_timedwait(&w->watch, &w->lock, &until);
        } else {
            w->guard_sleeps = true;
            pthread_cond_wait(&w->watch, &w->lock);
            w->guard_sleeps = false;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int sr_writer_guard(struct sr_writer *w, void (*run)(void *arg), void *arg) {
    pthread_attr_t attr;
    int rc;
    w->run = run;
    w->run_arg = arg;
    w->writer_tid = (pid_t)syscall(SYS_gettid);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WRITER_GUARD_STACK);
    rc = pthread_create(&w->guard, &attr, writer_guard_main, w);
    pthread_attr_destroy(&attr);
    w->guarded = rc == 0;
    return -rc;
}

void sr_writer_unguard(struct sr_writer *w) {
    if (!w->guarded)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_signal(&w->watch);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->guard, NULL);
    w->guarded = false;
}

void sr_writer_destroy(struct sr_writer *w) {
    if (!w)
        return;
    sr_writer_unguard(w);
    sr_shard_close(&w->shard);
    pthread_cond_destroy(&w->watch);
    pthread_cond_destroy(&w->moved);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
