#include "writer-state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

#define WRITER_STALL_MS 40 /* a write() that takes longer: within SR_RECORD_HOLD_MS */
#define WRITER_AGAIN_MS 5  /* then, where the machine and not the disk is busy */
#define WRITER_GUARD_STACK 65536

bool sr_writer_hangs(const struct sr_writer *w) {
    return w->write_since_ns != 0 && sr_clock_mono_ns() - w->write_since_ns > WRITER_STALL_MS * SR_CLOCK_NS_PER_MS;
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

/* A timer, not a condition: to arm it costs a key no thread's waking, and an idle session sleeps. */
static void writer_arm(const struct sr_writer *w, int64_t after_ns) {
    const struct itimerspec at = {
        .it_value = {.tv_sec = (time_t)(after_ns / SR_CLOCK_NS_PER_S), .tv_nsec = (long)(after_ns % SR_CLOCK_NS_PER_S)}};
    timerfd_settime(w->timer_fd, 0, &at, NULL);
}

void sr_writer_watch(struct sr_writer *w) {
    if (!w->guarded || w->watched)
        return;
    w->watched = true;
    writer_arm(w, WRITER_STALL_MS * SR_CLOCK_NS_PER_MS);
}

static void *writer_guard_main(void *arg) {
    struct sr_writer *w = arg;
    uint64_t fired;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        pthread_mutex_unlock(&w->lock);
        while (read(w->timer_fd, &fired, sizeof fired) < 0 && errno == EINTR)
            ;
        pthread_mutex_lock(&w->lock);
        if (w->closing)
            break;
        if (w->write_since_ns == 0) {
            w->watched = false; /* the next write arms it again */
            continue;
        }
        int64_t left_ns = w->write_since_ns + WRITER_STALL_MS * SR_CLOCK_NS_PER_MS - sr_clock_mono_ns();
        if (left_ns > 0 || writer_is_runnable(w->writer_tid)) {
            writer_arm(w, left_ns > 0 ? left_ns : WRITER_AGAIN_MS * SR_CLOCK_NS_PER_MS);
            continue;
        }
        w->taken = true;
        pthread_mutex_unlock(&w->lock);
        w->run(w->run_arg);
        pthread_mutex_lock(&w->lock);
        w->closing = true;
        pthread_cond_signal(&w->work);
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
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (w->timer_fd < 0)
        return -errno;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WRITER_GUARD_STACK);
    rc = pthread_create(&w->guard, &attr, writer_guard_main, w);
    pthread_attr_destroy(&attr);
    w->guarded = rc == 0;
    if (!w->guarded)
        close(w->timer_fd);
    return -rc;
}

void sr_writer_unguard(struct sr_writer *w) {
    if (!w->guarded)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    writer_arm(w, 1);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->guard, NULL);
    close(w->timer_fd);
    w->guarded = false;
}
