#include "telnet.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "peer-proc.h"
#include "peer.h"

#define TELNET_LOOK_MS 2
#define TELNET_LOOKS_AT_REST 5 /* one is not enough: the kernel passes a terminal's bytes on in its own time */
#define TELNET_PATIENCE_MS 500

void sr_telnet_let_read(const struct sr_login *l) {
    const char *proc = sr_peer_system_paths.proc;
    int64_t deadline_ns = sr_clock_mono_ns() + TELNET_PATIENCE_MS * SR_CLOCK_NS_PER_MS;
    struct sr_peer_process process;
    if (!l->on_terminal || strcmp(l->config.service, "telnet") != 0)
        return;
    pid_t telnetd = sr_peer_telnetd(&sr_peer_system_paths, getpid());
    for (int at_rest = 0; telnetd > 0 && at_rest < TELNET_LOOKS_AT_REST && sr_clock_mono_ns() < deadline_ns;) {
        poll(NULL, 0, TELNET_LOOK_MS);
        if (sr_peer_process_read(proc, telnetd, &process) < 0)
            return;
        at_rest = process.state == 'S' ? at_rest + 1 : 0;
    }
}
