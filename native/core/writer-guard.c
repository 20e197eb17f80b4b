#include "writer-state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

#define WRITER_STALL_MS 35    /* a write() that takes longer than this, */
#define WRITER_WATCH_MS 10    /* looked at this often, keeps within SR_RECORD_HOLD_MS */
#define WRITER_IDLE_TICKS 100 /* looks without a write before the guard sleeps */
#define WRITER_GUARD_STACK 65536

/* Lock held. Whether the writer hangs rather than being just about to go on. */
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

static void *writer_guard_main(void *arg) {
    struct sr_writer *w = arg;
    uint64_t seen = 0;
    unsigned quiet = 0;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        if (sr_writer_hangs(w) && !writer_is_runnable(w->writer_tid)) {
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
            sr_writer_in(&until, WRITER_WATCH_MS);
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
