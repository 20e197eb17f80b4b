#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "disk.h"
#include "outer.h"
#include "pty.h"
#include "relay.h"
#include "report.h"
#include "telnet.h"
#include "utmp.h"

/* Everything that lives as long as one recorded login. Descriptors are -1 until there is one. */
struct session {
    struct sr_login *login;
    struct sr_record *record;
    struct sr_outer outer;
    struct sr_utmp utmp;
    struct sr_relay_client client;
    int signal_fd;
    int shell_in, shell_out, shell_err; /* ours; on a pty the master is in, and out its copy */
    int stdio[3];                       /* the shell's */
    char inner_path[SR_PTY_NAME_SIZE];
    char ssh_tty[sizeof "SSH_TTY=" + SR_PTY_NAME_SIZE];
    const char *old_ssh_tty; /* the value, in environ's own "SSH_TTY=…" */
    struct sr_pty_size size;
    pid_t child;
    unsigned squatted; /* names passed over that were told of */
};

static int session_open_shard(struct sr_login *l, struct sr_record **out) {
    struct sr_record_options options = {
        .session_cap_bytes = l->config.session_cap_bytes,
        .input_reserve_bytes = l->config.input_reserve_bytes,
        .min_free_bytes = l->config.min_free_bytes,
        .t0_mono_ns = l->t0_mono_ns,
    };
    uid_t owner = l->id.privileged ? l->id.relay_uid : l->id.uid;
    int dir_fd = fcntl(l->dir_fd, F_DUPFD_CLOEXEC, 3), rc;
    if (dir_fd < 0)
        return -errno;
    rc = sr_shard_open(&options.shard, dir_fd, owner, l->id.privileged ? owner : (uid_t)-1,
                       l->id.privileged ? l->id.relay_gid : (gid_t)-1, l->t0_real_ns);
    if (rc < 0)
        return rc;
    options.shard.max_day_bytes = l->config.max_day_bytes;
    return sr_record_create(out, &options, l->sid);
}

const char *sr_session_open_record(struct sr_login *l, struct sr_record **out) {
    struct sr_disk disk;
    if (l->dir_fd < 0)
        return "shard_open_failed";
    if (l->sid[0] == 0)
        return "no_sid";
    if (sr_disk_stat(l->dir_fd, &disk) == 0 && disk.free_bytes < l->config.min_free_bytes)
        return "disk_pressure";
    return session_open_shard(l, out) < 0 ? "shard_open_failed" : NULL;
}

static int session_open_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* The inner terminal: the outer one's settings and size, owned and moded as a login's terminal is. */
static int session_open_pty(struct session *s) {
    struct sr_login *l = s->login;
    struct termios t;
    struct stat st;
    int slave, rc = sr_pty_open(&s->shell_in, &slave, s->inner_path);
    if (rc < 0)
        return rc;
    s->stdio[0] = s->stdio[1] = s->stdio[2] = slave;
    s->shell_out = s->shell_in;
    s->size = sr_pty_get_size(0);
    sr_pty_set_size(s->shell_in, s->size);
    if (tcgetattr(0, &t) == 0)
        tcsetattr(slave, TCSANOW, &t);
    if (l->id.privileged && fstat(0, &st) == 0) {
        if (fchown(slave, l->id.uid, st.st_gid) < 0 || fchmod(slave, st.st_mode & 0777) < 0)
            sr_report_notice(l, "pty_mode", s->inner_path);
    }
    sr_outer_claim(l->dir_fd, slave);
    s->old_ssh_tty = getenv("SSH_TTY");
    snprintf(s->ssh_tty, sizeof s->ssh_tty, "SSH_TTY=%s", s->inner_path);
    if (s->old_ssh_tty)
        sr_login_set_env(l->envp, s->ssh_tty);
    return 0;
}

static int session_open_pipes(struct session *s) {
    int in[2], out[2], err[2];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        return -errno; /* the program goes on to become the shell: what was opened closes with it */
    s->shell_in = in[1];
    s->shell_out = out[0];
    s->shell_err = err[0];
    s->stdio[0] = in[0];
    s->stdio[1] = out[1];
    s->stdio[2] = err[1];
    s->size = (struct sr_pty_size){80, 24};
    return 0;
}

static int session_start_shell(struct session *s) {
    struct sr_login *l = s->login;
    const struct sr_pty_child child = {
        .file = l->config.shell,
        .fallback = "/bin/sh",
        .argv = l->inv.argv,
        .envp = l->envp,
        .stdio = {s->stdio[0], s->stdio[1], s->stdio[2]},
        /* A login shell leads its session; one that was called inside somebody else's stays there. */
        .new_session = l->on_terminal || getsid(0) == getpid(),
        .ctty = l->on_terminal,
        .prepare = sr_login_prepare_shell,
        .prepare_arg = l,
    };
    return sr_pty_spawn(&child, &s->child);
}

/* The shell's ends of the pipes are the shell's alone: the relay must see them close. A pty's slave stays open here, so that a
 * shell without descriptors on it does not look like an end. */
static void session_release_stdio(struct session *s) {
    for (int i = 0; i < 3 && !s->login->on_terminal; i++)
        close(s->stdio[i]);
}

void sr_session_become_relay(struct sr_login *l) {
    int rc = sr_identity_become_relay(&l->id);
    l->dropped = l->id.privileged && rc == 0;
    if (rc < 0)
        sr_report_notice(l, "drop_failed", "the relay kept its rights");
    if (chdir("/") < 0)
        sr_report_notice(l, "chdir_failed", "/");
}

static void session_record_start(struct session *s, const char *tty) {
    struct sr_login *l = s->login;
    const struct sr_event_header header = {
        .width = s->size.cols,
        .height = s->size.rows,
        .t0_real_ns = l->t0_real_ns,
        .shell = l->config.shell,
        .term = getenv("TERM"),
        .service = l->config.service,
        .user = l->id.user,
        .src_ip = sr_login_src_ip(l),
        .tty = tty,
    };
    sr_record_header(s->record, &header);
    /* On a terminal no session_exec line says what was run: the recording does. */
    if (l->inv.command)
        sr_record_data(s->record, sr_clock_mono_ns() - l->t0_mono_ns, SR_CH_COMMAND, (const uint8_t *)l->inv.command,
                       strlen(l->inv.command), false);
}

/* Somebody put things under names that parts are to have: told once for each time it got in the way. */
static void session_report_squatted(struct session *s, const struct sr_record_anchor *anchor) {
    if (anchor->squatted == s->squatted)
        return;
    s->squatted = anchor->squatted;
    sr_report_notice(s->login, "part_squatted", anchor->shard);
}

static void session_checkpoint(void *arg) {
    struct session *s = arg;
    struct sr_record_anchor anchor;
    sr_record_anchor(s->record, &anchor);
    session_report_squatted(s, &anchor);
    sr_report_checkpoint(s->login, &anchor);
}

static void session_relay(struct session *s, struct sr_relay_result *result) {
    const struct sr_relay_options options = {
        .record = s->record,
        .client = &s->client,
        .client_in = 0,
        .client_out = 1,
        .client_err = s->login->on_terminal ? -1 : 2,
        .shell_in = s->shell_in,
        .shell_out = s->shell_out,
        .shell_err = s->shell_err,
        .pty = s->login->on_terminal,
        .signal_fd = s->signal_fd,
        .stop_fd = -1,
        .child = s->child,
        .t0_mono_ns = s->login->t0_mono_ns,
        .on_checkpoint = session_checkpoint,
        .on_checkpoint_arg = s,
        .checkpoint_s = s->login->config.checkpoint_s,
    };
    *result = (struct sr_relay_result){.reason = SR_REASON_TERMINATED, .status = -1};
    if (sr_relay_run(&options, result) < 0)
        sr_report_notice(s->login, "relay_failed", "no memory");
}

/* Everything up to the shell's start, while still privileged. 0, or < 0 with nothing left behind but closed-on-exec descriptors.
 */
static int session_open(struct session *s, const char **failed) {
    struct sr_login *l = s->login;
    int rc;
    *failed = "signalfd_failed";
    s->signal_fd = session_open_signals();
    if (s->signal_fd < 0)
        return s->signal_fd;
    sr_relay_client_open(&s->client, 0, 1, l->on_terminal ? -1 : 2);
    *failed = l->on_terminal ? "pty_failed" : "pipe_failed";
    rc = l->on_terminal ? session_open_pty(s) : session_open_pipes(s);
    if (rc < 0)
        return rc;
    if (l->on_terminal) {
        /* Read before it names the inner terminal. sshd's word needs the kernel's whole table: that waits for the shell's start.
         */
        if (strcmp(l->config.service, "ssh") != 0 || !getenv("SSH_CONNECTION"))
            sr_login_find_peer(l);
        sr_utmp_move(&s->utmp, sr_peer_system_paths.utmp, sr_outer_line(l->outer_path), sr_outer_line(s->inner_path));
        sr_outer_take(&s->outer, 0);
    }
    *failed = "fork_failed";
    return session_start_shell(s);
}

static void session_undo(struct session *s) {
    sr_outer_give_back(&s->outer);
    sr_utmp_end(&s->utmp);
    sr_port_close(&s->client.in);
    sr_port_close(&s->client.out);
    sr_port_close(&s->client.err);
    sr_record_destroy(s->record);
    if (s->old_ssh_tty)
        sr_login_set_env(s->login->envp, s->old_ssh_tty - strlen("SSH_TTY="));
}

int sr_session_run(struct sr_login *l, struct sr_record *record, struct sr_session_end *end, const char **failed) {
    struct session s = {
        .login = l,
        .record = record,
        .outer = {.fd = -1},
        .utmp = {.fd = -1},
        .client = {{.fd = -1}, {.fd = -1}, {.fd = -1}},
        .shell_err = -1,
    };
    struct sr_relay_result result;
    struct sr_record_anchor anchor;
    int rc = session_open(&s, failed);
    if (rc < 0) {
        session_undo(&s);
        return rc;
    }
    sr_login_find_peer(l);
    session_release_stdio(&s);
    sr_session_become_relay(l);
    const char *tty = l->on_terminal ? sr_outer_line(s.inner_path) : NULL;
    session_record_start(&s, tty);
    sr_disguise_wear(&l->disguise, l->config.disguise, l->config.service, l->id.user, tty);
    sr_record_anchor(record, &anchor);
    sr_report_started(l, tty, &anchor);
    session_report_squatted(&s, &anchor);
    session_relay(&s, &result);
    sr_telnet_let_read(l);
    sr_outer_give_back(&s.outer);
    sr_utmp_end(&s.utmp);
    sr_record_anchor(record, &anchor);
    session_report_squatted(&s, &anchor);
    if (anchor.failed > 0)
        sr_report_notice(l, "lines_lost", anchor.shard);
    sr_report_recorded(l, &result, &anchor);
    sr_record_destroy(record);
    *end = (struct sr_session_end){.status = result.status, .signal = result.signal};
    if (result.reason == SR_REASON_HANGUP && result.status < 0 && result.signal == 0)
        end->signal = SIGHUP;
    if (result.reason == SR_REASON_TERMINATED)
        end->signal = SIGTERM;
    return 0;
}
