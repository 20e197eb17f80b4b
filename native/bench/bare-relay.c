/* What the recorder is measured against: a login's relay that records nothing.
 *
 *   bare-relay SHELL ARG...    on a terminal
 *
 * The core's own loop with `record` NULL, and around it only what a relay cannot do without: a second pty with the first one's
 * settings, the outer terminal in raw mode, the shell's status. No configuration, no log, no identities, no recording.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "clock.h"
#include "relay.h"

extern char **environ;

static int bare_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int bare_unblock(void *arg) {
    sigset_t none;
    (void)arg;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

int main(int argc, char **argv) {
    struct sr_relay_result result = {.status = -1};
    struct termios outer, raw;
    char name[SR_PTY_NAME_SIZE];
    int master, slave;
    pid_t child;
    if (argc < 2 || tcgetattr(0, &outer) < 0 || sr_pty_open(&master, &slave, name) < 0)
        return EXIT_FAILURE;
    int signal_fd = bare_signals();
    tcsetattr(slave, TCSANOW, &outer);
    sr_pty_set_size(master, sr_pty_get_size(0));
    raw = outer;
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
    const struct sr_pty_child shell = {
        .file = argv[1],
        .argv = argv + 1,
        .envp = environ,
        .stdio = {slave, slave, slave},
        .new_session = true,
        .ctty = true,
        .prepare = bare_unblock,
    };
    if (sr_pty_spawn(&shell, &child) < 0)
        return EXIT_FAILURE;
    const struct sr_relay_options options = {
        .client_in = 0,
        .client_out = 1,
        .client_err = -1,
        .shell_in = master,
        .shell_out = master,
        .shell_err = -1,
        .pty = true,
        .signal_fd = signal_fd,
        .stop_fd = -1,
        .child = child,
        .t0_mono_ns = sr_clock_mono_ns(),
    };
    sr_relay_run(&options, &result);
    tcsetattr(0, TCSANOW, &outer);
    return result.status < 0 ? EXIT_FAILURE : result.status;
}
