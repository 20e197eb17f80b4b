/* A proc tree of a test's own making, and utmp records in both of glibc's layouts. */
#ifndef SR_FAKE_PROC_H
#define SR_FAKE_PROC_H

#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check.h"
#include "peer.h"

static char fake_dir[128], fake_utmp[160];
static struct sr_peer_paths fake_paths;

static inline void fake_make(void) {
    check_make_dir(fake_dir, sizeof fake_dir);
    chmod(fake_dir, 0755); /* some tests look at it as another user */
    snprintf(fake_utmp, sizeof fake_utmp, "%s/utmp", fake_dir);
    fake_paths = (struct sr_peer_paths){fake_dir, fake_utmp};
    char path[200];
    snprintf(path, sizeof path, "%s/net", fake_dir);
    mkdir(path, 0755);
}

static inline void fake_remove(void) {
    check_remove_dir(fake_dir);
}

static inline void fake_write(const char *name, const void *text, size_t len) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", fake_dir, name);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(text, 1, len, f) != len || fclose(f) != 0)
        printf("    could not write %s\n", path);
}

static inline void fake_text(const char *name, const char *text) {
    fake_write(name, text, strlen(text));
}

/* A process; `uids` as in status ("0\t0\t0\t0"). Replaces one of that pid. */
static inline void fake_process(pid_t pid, const char *comm, pid_t parent, const char *uids) {
    char name[200], text[512];
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s/%d%s", fake_dir, (int)pid, i ? "/fd" : "");
        mkdir(name, 0755);
    }
    snprintf(name, sizeof name, "%d/stat", (int)pid);
    snprintf(text, sizeof text, "%d (%s) S %d 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 1 1 1\n", (int)pid, comm, (int)parent);
    fake_text(name, text);
    snprintf(name, sizeof name, "%d/status", (int)pid);
    snprintf(text, sizeof text,
             "Name:\t%.15s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nPPid:\t%d\nUid:\t%s\nGid:\t0\t0\t0\t0\n", comm,
             (int)pid, (int)parent, uids);
    fake_text(name, text);
}

static inline void fake_fd(pid_t pid, int fd, const char *target) {
    char name[256];
    snprintf(name, sizeof name, "%s/%d/fd/%d", fake_dir, (int)pid, fd);
    unlink(name);
    if (symlink(target, name) < 0)
        printf("    could not make %s\n", name);
}

/* The mode of PID/fd: 0444 shows the names and hides what they are, as the kernel does. */
static inline void fake_hide_fds(pid_t pid, mode_t mode) {
    char name[256];
    snprintf(name, sizeof name, "%s/%d/fd", fake_dir, (int)pid);
    chmod(name, mode);
}

/* What `ask` says when an unprivileged user asks; root passes every mode. */
static inline int fake_ask_as_nobody(int (*ask)(void)) {
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setresuid(65534, 65534, 65534) < 0)
            _exit(98);
        _exit(ask());
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
