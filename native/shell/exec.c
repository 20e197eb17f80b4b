#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "pty.h"
#include "report.h"
#include "session.h"

/* Ours must not be held open beside the command's: whoever reads its output waits for the last one to close. */
static void exec_release_stdio(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
}

/* Until the command ends, or somebody tells us to (*told). wait status, or -1 where that is not known. */
static int exec_wait(pid_t child, int *told) {
    sigset_t set;
    int status;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    for (;;) {
        pid_t got = waitpid(child, &status, WNOHANG);
        if (got == child)
            return status;
        if (got < 0 && errno == ECHILD)
            return -1; /* somebody else has its status */
        int sig = sigwaitinfo(&set, NULL);
        if (sig == SIGHUP || sig == SIGTERM) {
            *told = sig;
            return -1;
        }
    }
}

/* The shard's share of a login whose log line cannot hold its command: header, the command, end. */
static void exec_record_command(struct sr_login *l, struct sr_record *record) {
    const struct sr_event_header header = {
        .width = 80,
        .height = 24,
        .t0_real_ns = l->t0_real_ns,
        .shell = l->config.shell,
        .service = l->config.service,
        .user = l->id.user,
        .src_ip = sr_login_src_ip(l),
    };
    sr_record_header(record, &header);
    sr_record_data(record, sr_clock_mono_ns() - l->t0_mono_ns, SR_CH_COMMAND, (const uint8_t *)l->inv.command,
                   strlen(l->inv.command), false);
}

static void exec_record_end(struct sr_record *record, const struct sr_report_exec *e, int told) {
    const struct sr_event_end end = {
        .reason = told == SIGHUP    ? "hangup"
                  : told == SIGTERM ? "terminated"
                  : e->signal       ? "signal"
                                    : "exit",
        .status = e->status,
        .signal_name = sr_pty_signal_name(e->signal),
    };
    sr_record_end(record, e->duration_ns, &end);
    sr_record_destroy(record);
}

int sr_session_run_exec(struct sr_login *l, struct sr_session_end *end, const char **failed) {
    const struct sr_pty_child command = {
        .file = l->config.shell,
        .fallback = "/bin/sh",
        .argv = l->inv.argv,
        .envp = l->envp,
        .stdio = {0, 1, 2},
        .new_session = getsid(0) == getpid(),
        .prepare = sr_login_prepare_shell,
        .prepare_arg = l,
    };
    struct sr_record *record = NULL;
    struct sr_report_exec e = {.status = -1};
    int told = 0, status, rc;
    pid_t child;
    const char *cut = sr_report_exec_fits(l) ? NULL : sr_session_open_record(l, &record);
    if (cut)
        sr_report_notice(l, "command_cut", cut);
    *failed = "fork_failed";
    rc = sr_pty_spawn(&command, &child);
    if (rc < 0) {
        sr_record_destroy(record);
        return rc;
    }
    sr_login_find_peer(l);
    exec_release_stdio();
    sr_session_become_relay(l);
    if (record)
        exec_record_command(l, record);
    sr_disguise_wear(&l->disguise, l->config.disguise, l->config.service, l->id.user, NULL);
    status = exec_wait(child, &told);
    e.duration_ns = sr_clock_mono_ns() - l->t0_mono_ns;
    if (!told && WIFEXITED(status))
        e.status = WEXITSTATUS(status);
    if (!told && WIFSIGNALED(status))
        e.signal = WTERMSIG(status);
    if (record)
        exec_record_end(record, &e, told);
    sr_report_exec(l, &e);
    *end = (struct sr_session_end){.status = e.status, .signal = told ? told : e.signal};
    return 0;
}
