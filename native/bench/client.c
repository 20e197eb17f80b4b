/*   client MODE ARG... -- PROGRAM ARG... [-- PROGRAM ARG...]
 *
 *   flood EXPECTED     one program to its end: bytes as in the file EXPECTED, its CPU time
 *   echo KEYS GAP_US   keys to each program in turn, and the time until each comes back
 *   start TIMES        each program in turn, from its start to its first byte
 *   load N KEYS_PER_S  N logins in which somebody types, until stdin ends
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "pty.h"

extern char **environ;

void client_fail(const char *what) {
    fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

long client_number(const char *text) {
    char *end;
    long n = text ? strtol(text, &end, 10) : -1;
    if (n < 0 || *end) {
        errno = EINVAL;
        client_fail("number");
    }
    return n;
}

void client_open(struct client_login *c, char **argv) {
    char name[SR_PTY_NAME_SIZE];
    int slave;
    if (sr_pty_open(&c->master, &slave, name) < 0)
        client_fail("pty");
    const struct sr_pty_child child = {
        .file = argv[0], .argv = argv, .envp = environ, .stdio = {slave, slave, slave}, .new_session = true, .ctty = true};
    c->begun_ns = sr_clock_mono_ns();
    if (sr_pty_spawn(&child, &c->pid) < 0)
        client_fail(argv[0]);
    close(slave);
}

size_t client_read(const struct client_login *c, void *to, size_t size) {
    struct pollfd p = {.fd = c->master, .events = POLLIN};
    ssize_t n;
    if (poll(&p, 1, CLIENT_WAIT_MS) == 0) {
        errno = ETIMEDOUT;
        client_fail("nothing came");
    }
    n = read(c->master, to, size);
    if (n < 0 && errno != EIO)
        client_fail("read");
    return n < 0 ? 0 : (size_t)n;
}

void client_read_to(const struct client_login *c, const char *text) {
    char seen[4096];
    size_t len = 0, n;
    do {
        n = client_read(c, seen + len, sizeof seen - 1 - len);
        len += n;
        seen[len] = 0;
        if (n == 0 || len == sizeof seen - 1) {
            errno = ENODATA;
            client_fail(text);
        }
    } while (!strstr(seen, text));
}

void client_write(const struct client_login *c, const void *from, size_t n) {
    if (write(c->master, from, n) != (ssize_t)n)
        client_fail("write");
}

int64_t client_cpu_ns(const struct client_login *c) {
    struct timespec used;
    clockid_t clock;
    if (clock_getcpuclockid(c->pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
        client_fail("CPU clock");
    return used.tv_sec * SR_CLOCK_NS_PER_S + used.tv_nsec;
}

int client_close(struct client_login *c) {
    int status;
    close(c->master);
    while (waitpid(c->pid, &status, 0) < 0)
        if (errno != EINTR)
            client_fail("waitpid");
    return status;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(char **numbers, char ***programs, size_t n);
    } modes[] = {{"flood", client_flood}, {"echo", client_echo}, {"start", client_start}, {"load", client_load}};
    char **programs[CLIENT_PROGRAMS_MAX];
    size_t n = 0;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0 || n == CLIENT_PROGRAMS_MAX)
            continue;
        argv[i] = NULL;
        programs[n++] = argv + i + 1;
    }
    for (size_t i = 0; n > 0 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run(argv + 2, programs, n);
            return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    fprintf(stderr, "client flood|echo|start|load NUMBER... -- PROGRAM ARG... [-- PROGRAM ARG...]\n");
    return 2;
}
