/* The terminal that the login came in on: sshd's or telnetd's pty. The user's shell gets another one. */
#ifndef SR_OUTER_H
#define SR_OUTER_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

struct sr_outer {
    int fd; /* 0; -1 = taken none */
    bool has_termios;
    struct termios termios; /* as found */
};

/* Exclusive (nobody opens it beside us) and raw. The termios found are the inner terminal's to begin with. */
void sr_outer_take(struct sr_outer *outer, int fd);

/* As found, open to others. Safe to call twice. */
void sr_outer_give_back(struct sr_outer *outer);

/* "pts/3" of a terminal's "/dev/pts/3"; NULL stays NULL. */
const char *sr_outer_line(const char *path);

/* Nested: is the terminal `fd` the inner one of a living login-session? Whoever records a terminal holds a lock on a byte of the
 * transcripts directory that stands for it: only who can open that directory could pretend, and the kernel forgets it with its
 * holder. */
bool sr_outer_is_nested(int dir_fd, int fd);

/* Says so of the inner terminal `fd`, for as long as dir_fd is open. 0 or -errno. */
int sr_outer_claim(int dir_fd, int fd);

#endif
