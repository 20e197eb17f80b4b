/* How the login shell was called: what sshd, telnetd, login, su and people put on its command line. */
#ifndef SR_INVOCATION_H
#define SR_INVOCATION_H

#include <stdbool.h>

#include "identity.h"

/* Where the installed program is, and the file it reads. Fixed at build: nobody who logs in can choose them. */
#ifndef SR_INSTALLED_PATH
#define SR_INSTALLED_PATH "/usr/libexec/login-session"
#endif
#ifndef SR_CONFIG_PATH
#define SR_CONFIG_PATH "/etc/security/login-session.conf"
#endif

struct sr_invocation {
    const char *config_path;
    const char *command; /* of -c, NULL = none */
    char **argv;         /* for the shell: its own name as argv[0], everything else untouched; allocated */
};

/* Reads argc/argv. `--config FILE` is taken only by an executable that is not the installed one and not started setuid; anywhere
 * else the words are the shell's. 0 or -ENOMEM (then argv is not usable). */
int sr_invocation_read(struct sr_invocation *inv, int argc, char **argv, const struct sr_identity *id);

/* argv[0] that `shell` would have had: "-bash" where ours began with a dash, else "bash". */
void sr_invocation_name_shell(struct sr_invocation *inv, const char *own_name, const char *shell);

#endif
