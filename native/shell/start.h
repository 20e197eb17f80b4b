/* The state a program is started in is the starter's choice, and here the starter may be an attacker: put right before
 * anything else, and given back to the shell unchanged. */
#ifndef SR_START_H
#define SR_START_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#define SR_START_SIGNALS 65
#define SR_START_LIMITS 16

struct sr_start {
    sigset_t mask;
    bool chld_ignored;
    mode_t umask;
    struct rlimit limits[SR_START_LIMITS]; /* by resource number; only those in `changed` */
    bool changed[SR_START_LIMITS];
    bool closed[3]; /* of 0, 1, 2: were not open, /dev/null stands in */
};

/* Blocks every signal, lifts limits as far as allowed, no core, opens 0-2, stops timers, takes SIGCHLD back, umask 077,
 * undumpable. Cannot fail in a way that matters: what cannot be put right is felt later, as a failure with a code. */
void sr_start_take(struct sr_start *s);

/* Gives the shell what it would have had: signals, umask, limits, closed descriptors. Async-signal-safe. */
void sr_start_give_back(const struct sr_start *s);

#endif
