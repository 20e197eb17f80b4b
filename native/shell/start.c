#include "start.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define START_FILES_MIN 256

static void start_open_stdio(struct sr_start *s) {
    for (int fd = 0; fd < 3; fd++) {
        s->closed[fd] = fcntl(fd, F_GETFD) < 0;
        if (s->closed[fd])
            open("/dev/null", O_RDWR); /* the lowest free number: fd itself, as those below are open */
    }
}

/* The kernel's own mask: a libc hides the signals that it keeps for itself, and musl keeps one that glibc's programs use (34). */
static void start_mask(const sigset_t *set, sigset_t *was) {
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, set, was, SR_START_SIGNALS / 8);
}

static void start_stop_timers(void) {
    const struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    setitimer(ITIMER_VIRTUAL, &never, NULL);
    setitimer(ITIMER_PROF, &never, NULL);
}

/* soft = as much of `want` as may be had: the hard limit is lifted too where that is allowed. */
static void start_lift(struct sr_start *s, int resource, rlim_t want) {
    struct rlimit now, up;
    if (getrlimit((__typeof__(RLIMIT_CPU))resource, &now) < 0)
        return;
    s->limits[resource] = now;
    s->changed[resource] = true;
    if (now.rlim_cur != RLIM_INFINITY && (want == RLIM_INFINITY || now.rlim_cur < want)) {
        up = (struct rlimit){want, now.rlim_max == RLIM_INFINITY || now.rlim_max >= want ? now.rlim_max : want};
        if (setrlimit((__typeof__(RLIMIT_CPU))resource, &up) < 0) {
            up = (struct rlimit){now.rlim_max, now.rlim_max};
            setrlimit((__typeof__(RLIMIT_CPU))resource, &up);
        }
    }
}

/* Where every number below the soft limit is taken, nothing could be opened: all that is allowed, at the least our own few. */
static void start_lift_files(struct sr_start *s) {
    struct rlimit now;
    start_lift(s, RLIMIT_NOFILE, START_FILES_MIN);
    if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur < now.rlim_max) {
        now.rlim_cur = now.rlim_max;
        setrlimit(RLIMIT_NOFILE, &now);
    }
}

static void start_lift_limits(struct sr_start *s) {
    struct rlimit core;
    start_lift(s, RLIMIT_FSIZE, RLIM_INFINITY);
    start_lift(s, RLIMIT_CPU, RLIM_INFINITY);
    start_lift(s, RLIMIT_NPROC, RLIM_INFINITY);
    start_lift(s, RLIMIT_AS, RLIM_INFINITY);
    start_lift(s, RLIMIT_DATA, RLIM_INFINITY);
    start_lift_files(s);
    if (getrlimit(RLIMIT_CORE, &core) == 0) {
        s->limits[RLIMIT_CORE] = core;
        s->changed[RLIMIT_CORE] = true;
        core.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &core);
    }
}

void sr_start_take(struct sr_start *s) {
    struct sigaction chld = {.sa_handler = SIG_DFL}, was;
    sigset_t all;
    *s = (struct sr_start){0};
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    sigfillset(&all);
    start_mask(NULL, &s->mask);
    sigprocmask(SIG_SETMASK, &all, NULL);
    start_lift_limits(s);
    start_open_stdio(s);
    start_stop_timers();
    /* With SIGCHLD ignored the kernel would reap the shell for us and its status would be lost. */
    sigemptyset(&chld.sa_mask);
    sigaction(SIGCHLD, &chld, &was);
    s->chld_ignored = was.sa_handler == SIG_IGN;
    s->umask = umask(077);
}

void sr_start_give_back(const struct sr_start *s) {
    struct sigaction chld = {.sa_handler = s->chld_ignored ? SIG_IGN : SIG_DFL};
    for (int fd = 0; fd < 3; fd++)
        if (s->closed[fd])
            close(fd);
    sigemptyset(&chld.sa_mask);
    sigaction(SIGCHLD, &chld, NULL);
    umask(s->umask);
    for (int resource = 0; resource < SR_START_LIMITS; resource++)
        if (s->changed[resource])
            setrlimit((__typeof__(RLIMIT_CPU))resource, &s->limits[resource]);
    start_mask(&s->mask, NULL);
}
