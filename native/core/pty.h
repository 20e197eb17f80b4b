/* Pseudo-terminals and the child on one. */
#ifndef SR_PTY_H
#define SR_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#define SR_PTY_NAME_SIZE 64 /* "/dev/pts/3" */

struct sr_pty_size {
    unsigned cols, rows;
};

/* A new pty pair, both O_CLOEXEC|O_NOCTTY, unlocked. 0 or -errno. */
int sr_pty_open(int *master, int *slave, char name[SR_PTY_NAME_SIZE]);

/* The size of the terminal `fd`; 0x0, or a failure, gives 80x24. */
struct sr_pty_size sr_pty_get_size(int fd);
int sr_pty_set_size(int fd, struct sr_pty_size size);

/* A child to be started. Between fork and exec only async-signal-safe calls are made. */
struct sr_pty_child {
    const char *file;     /* absolute */
    const char *fallback; /* tried where `file` cannot be executed; NULL = none */
    char *const *argv;
    char *const *envp;
    int stdio[3];              /* become 0, 1, 2; -1 = that one is closed; equal to its number = left as it is */
    bool new_session;          /* setsid() */
    bool ctty;                 /* stdio[0] becomes the controlling terminal (with new_session) */
    int (*prepare)(void *arg); /* last thing before exec: signals, limits, ids; < 0 = do not exec */
    void *prepare_arg;
    bool report; /* wait for the exec and return its failure; else the child exits 127 */
};

/* 0 with *pid, or -errno. */
int sr_pty_spawn(const struct sr_pty_child *child, pid_t *pid);

/* "HUP" for SIGHUP, …; "RTMIN+3"; NULL for no signal (0). The text is static. */
const char *sr_pty_signal_name(int sig);

#endif
