#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"

#define FLOOD_READ 32768 /* about what sshd takes at a time */

void client_flood(char **numbers, char ***programs, size_t n) {
    static char got[FLOOD_READ];
    struct client_login c;
    struct stat st;
    siginfo_t ended;
    int fd = open(numbers[0], O_RDONLY);
    size_t at = 0, len;
    bool same = true;
    (void)n;
    if (fd < 0 || fstat(fd, &st) < 0)
        client_fail(numbers[0]);
    const size_t size = (size_t)st.st_size;
    const char *want = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (want == MAP_FAILED)
        client_fail("mmap");
    client_open(&c, programs[0]);
    while ((len = client_read(&c, got, sizeof got)) > 0) {
        same = same && len <= size - at && memcmp(got, want + at, len) == 0;
        at += len;
    }
    const int64_t wall_ns = sr_clock_mono_ns() - c.begun_ns;
    /* Dead but not reaped: its CPU clock still says what it used, to the nanosecond and without its children. */
    if (waitid(P_PID, (id_t)c.pid, &ended, WEXITED | WNOWAIT) < 0)
        client_fail("waitid");
    const int64_t cpu_ns = client_cpu_ns(&c);
    const int status = client_close(&c);
    printf("{\"bytes\":%zu,\"same\":%s,\"cpu_ns\":%lld,\"wall_ns\":%lld,\"status\":%d}\n", at,
           same && at == size ? "true" : "false", (long long)cpu_ns, (long long)wall_ns,
           WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}
