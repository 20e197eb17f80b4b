/* login-session: the login shell that records.
 *
 * Installed setuid-root as the shell of every login of a decky. It starts the real shell on a terminal of its own, relays what
 * passes and writes it down. Whoever logs in is an attacker, and may be root on this machine a minute later. What must hold,
 * whatever they do:
 *
 *  1. The login MUST get its shell. Whatever fails in recording, the real shell runs, and one event says what failed.
 *  2. Before anything is opened or believed, the start state MUST be put right: descriptors 0-2, timers, signal mask, SIGCHLD,
 *     umask, limits (start.c). The shell MUST get it back as it was.
 *  3. Nothing that the starter chooses MUST decide what is opened with rights: the configuration's path is fixed at build,
 * `--config` is the shell's where this file is installed or runs setuid, no environment variable names a file (invocation.c).
 * LOGNAME only chooses between names of one uid; SSH_CONNECTION is believed only where the kernel agrees (core/peer.c). The
 * starter's descriptors are opened anew only for what they are open for already (core/port.c).
 *  4. Rights MUST end before the first byte of the session is read: the relay drops real, effective and saved ids and all groups
 * to a uid that is neither root's nor the user's, is undumpable and gains no new rights (identity.c). It keeps what is open:
 * terminal, shard, log, utmp.
 *  5. Only the child MUST become the user, for good, right before its exec. Nothing of ours is open in it (all is close-on-exec).
 *  6. A shard file MUST be a regular file with one link that only the recorder or root can have made (core/shard.c); the spool
 * likewise.
 *  7. The outer terminal MUST be exclusive while the shell runs, and open again, in its old mode, on every way out (outer.c).
 *  8. A login is nested only if the terminal on fd 0 is the inner one of a living recorder, by a lock that only who can open the
 *     transcripts directory could hold, asked while privileged (outer.c). Ancestry, names and variables count for nothing.
 *  9. What comes in MUST be bounded: every buffer, queue, budget, retry and wait has its limit beside its name.
 * 10. The way out MUST be the shell's: its status, or its signal.
 *
 * Attack surface while privileged: descriptors 0-2 (whatever they are), argv (copied, never parsed beyond -c), the environment
 * (LOGNAME, SSH_CONNECTION, SSH_TTY, TERM: bounded), the root-owned configuration, /etc/passwd, utmp, /proc/net/tcp and /proc/PID
 * (read as data), the names in the transcripts directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "login.h"
#include "outer.h"
#include "report.h"
#include "session.h"

#define MAIN_ENV_EXTRA 2 /* SHELL may be new, and the NULL */

extern char **environ;

static char main_shell_variable[sizeof "SHELL=" + SR_CONFIG_TEXT_SIZE];

/* A copy of the list, with the real shell in SHELL: it was ours only because we stand in its place. */
static int main_copy_env(struct sr_login *l) {
    size_t n = 0;
    while (environ[n])
        n++;
    l->envp = calloc(n + MAIN_ENV_EXTRA, sizeof *l->envp);
    if (!l->envp)
        return -ENOMEM;
    memcpy(l->envp, environ, n * sizeof *l->envp);
    snprintf(main_shell_variable, sizeof main_shell_variable, "SHELL=%s", l->config.shell);
    sr_login_set_env(l->envp, main_shell_variable);
    return 0;
}

/* The transcripts directory. Made where its parent is there: a kit that forgot it must not cost the recording. */
static int main_open_dir(const struct sr_login *l) {
    const char *path = l->config.transcripts_dir;
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = open(path, flags);
    if (fd >= 0 || errno != ENOENT || mkdir(path, 0750) < 0)
        return fd;
    fd = open(path, flags | O_NOFOLLOW);
    if (fd >= 0 && fchmod(fd, 02750) == 0 && l->id.privileged && fchown(fd, SR_RELAY_UID, (gid_t)-1) < 0)
        return fd; /* stays root's: parts are made at the start of each login only */
    return fd;
}

static void main_report_config(struct sr_login *l, const struct sr_config_faults *faults) {
    char detail[160];
    for (unsigned i = 0; i < faults->count && i < SR_CONFIG_FAULTS_MAX; i++) {
        const struct sr_config_fault *f = &faults->fault[i];
        snprintf(detail, sizeof detail, "line %u: %s: %s", f->line, f->key[0] ? f->key : "file", f->reason);
        sr_report_notice(l, "bad_config", detail);
    }
}

static void main_find_terminal(struct sr_login *l) {
    l->on_terminal = isatty(0) == 1;
    if (l->on_terminal && ttyname_r(0, l->outer_path, sizeof l->outer_path) != 0)
        l->outer_path[0] = 0;
}

/* All that needs rights or the untouched start, in the order in which each may be believed. < 0: not even a shell's argv can be
 * had. */
static int main_read_login(struct sr_login *l, int argc, char **argv) {
    struct sr_config_faults faults = {0};
    int rc;
    l->t0_mono_ns = sr_clock_mono_ns();
    l->t0_real_ns = sr_clock_real_ns();
    sr_start_take(&l->start);
    if (sr_uuid_v4(l->sid) < 0)
        l->sid[0] = 0;
    sr_identity_find(&l->id);
    sr_identity_leave_user(&l->id);
    sr_disguise_find(&l->disguise, argv, environ);
    sr_config_defaults(&l->config);
    rc = sr_invocation_read(&l->inv, argc, argv, &l->id);
    if (rc < 0)
        return rc;
    sr_config_load(&l->config, l->inv.config_path, l->id.setuid ? 0 : l->id.uid, &faults);
    sr_invocation_name_shell(&l->inv, argc > 0 ? argv[0] : NULL, l->config.shell);
    rc = main_copy_env(l);
    if (rc < 0)
        return rc;
    main_find_terminal(l);
    l->dir_fd = main_open_dir(l);
    if (l->dir_fd >= 0)
        sr_identity_choose_relay(&l->id, l->dir_fd);
    sr_syslog_open(&l->log, l->config.log_path, l->dir_fd);
    if (l->id.privileged) {
        l->log.spool_owner = l->id.relay_uid;
        l->log.spool_group = l->id.relay_gid;
    }
    main_report_config(l, &faults);
    return 0;
}

/* Why this login cannot or need not be recorded, or NULL with its record open. */
static const char *main_open_record(struct sr_login *l, struct sr_record **record) {
    if (l->dir_fd >= 0 && l->on_terminal && sr_outer_is_nested(l->dir_fd, 0))
        return "nested";
    return sr_session_open_record(l, record);
}

/* As the shell ended: a signal is died of, with nothing left behind. */
static int main_end_like(const struct sr_session_end *end) {
    sigset_t only;
    if (end->signal == 0)
        return end->status < 0 ? EXIT_FAILURE : end->status;
    signal(end->signal, SIG_DFL);
    sigemptyset(&only);
    sigaddset(&only, end->signal);
    kill(getpid(), end->signal);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    return 128 + end->signal; /* a signal that does not kill */
}

int main(int argc, char **argv) {
    static struct sr_login login = {.dir_fd = -1, .log = {.fd = -1, .dir_fd = -1}};
    struct sr_login *l = &login;
    struct sr_session_end end = {0};
    struct sr_record *record = NULL;
    const char *failed = NULL;
    if (main_read_login(l, argc, argv) < 0) {
        l->inv.argv = argv; /* no memory for better ones */
        l->envp = environ;
        exit(sr_login_become_shell(l));
    }
    if (l->inv.command && !l->on_terminal) {
        if (sr_session_run_exec(l, &end, &failed) == 0)
            exit(main_end_like(&end));
    } else {
        failed = main_open_record(l, &record);
        if (!failed && sr_session_run(l, record, &end, &failed) == 0)
            exit(main_end_like(&end));
    }
    sr_login_find_peer(l);
    sr_report_skipped(l, failed);
    exit(sr_login_become_shell(l));
}
