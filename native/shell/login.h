/* One login: everything that is known of it before it is decided what to do. */
#ifndef SR_LOGIN_H
#define SR_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "disguise.h"
#include "identity.h"
#include "invocation.h"
#include "peer.h"
#include "start.h"
#include "syslog.h"
#include "uuid.h"

struct sr_login {
    struct sr_start start;
    struct sr_identity id;
    struct sr_invocation inv;
    struct sr_config config;
    struct sr_disguise disguise;
    struct sr_syslog log;
    char **envp;
    char src_ip[SR_PEER_ADDR_SIZE]; /* "" = not known */
    char outer_path[64];            /* "/dev/pts/1", "" = no terminal on fd 0 */
    char sid[SR_UUID_SIZE];
    int dir_fd;       /* the transcripts directory; -1 = none */
    bool on_terminal; /* fd 0 is one */
    bool peer_sought;
    bool dropped; /* this process has become the relay */
    int64_t t0_mono_ns, t0_real_ns;
};

/* The source address for a log line: NULL where it is not known. */
static inline const char *sr_login_src_ip(const struct sr_login *l) {
    return l->src_ip[0] ? l->src_ip : NULL;
}

/* Fills src_ip, once. While privileged; on a large machine the kernel takes a millisecond for it, so a login whose shell can
 * start first does that first. */
void sr_login_find_peer(struct sr_login *l);

/* Last thing in a child before the shell: what a plain login would have, as the user. For sr_pty_child.prepare; arg is the login.
 */
int sr_login_prepare_shell(void *arg);

/* This process becomes the shell, unrecorded. Returns only where no shell can be executed: the exit status to leave with. */
int sr_login_become_shell(struct sr_login *l);

/* Sets a variable in envp, which has room for one more. `text` is "NAME=value" and stays. */
void sr_login_set_env(char **envp, const char *text);

#endif
