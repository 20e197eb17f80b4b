#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"

#define LOAD_LINE 60

struct load {
    size_t logins;
    struct client_login *login;
    struct pollfd *poll; /* of each login, and last our stdin */
    uint64_t typed, received;
};

static void load_open(struct load *l, size_t logins, char **program) {
    *l = (struct load){.logins = logins};
    l->login = calloc(logins, sizeof *l->login);
    l->poll = calloc(logins + 1, sizeof *l->poll);
    if (!l->login || !l->poll)
        client_fail("memory");
    printf("{\"pids\":[");
    for (size_t i = 0; i < logins; i++) {
        client_open(&l->login[i], program);
        client_read_to(&l->login[i], "ready\r\n");
        l->poll[i] = (struct pollfd){.fd = l->login[i].master, .events = POLLIN};
        printf("%s%d", i ? "," : "", (int)l->login[i].pid);
    }
    l->poll[logins] = (struct pollfd){.fd = 0, .events = POLLIN};
    printf("]}\n");
    fflush(stdout);
}

/* What came, thrown away; false once stdin has ended. */
static bool load_drain(struct load *l, int timeout_ms) {
    static char got[4096];
    if (poll(l->poll, l->logins + 1, timeout_ms) <= 0)
        return true;
    for (size_t i = 0; i < l->logins; i++)
        if (l->poll[i].revents)
            l->received += client_read(&l->login[i], got, sizeof got);
    return l->poll[l->logins].revents == 0;
}

/* CPU time of all the logins' own processes. */
static int64_t load_cpu_ns(const struct load *l) {
    int64_t sum = 0;
    for (size_t i = 0; i < l->logins; i++)
        sum += client_cpu_ns(&l->login[i]);
    return sum;
}

static void load_type(struct load *l) {
    const char key = l->typed / l->logins % LOAD_LINE == LOAD_LINE - 1 ? '\r' : 'x';
    client_write(&l->login[l->typed % l->logins], &key, 1);
    l->typed++;
}

void client_load(char **numbers, char ***programs, size_t n) {
    struct load l;
    const long logins = client_number(numbers[0]), keys_per_s = client_number(numbers[1]) * logins;
    (void)n;
    load_open(&l, (size_t)logins, programs[0]);
    const int64_t begun_ns = sr_clock_mono_ns(), begun_cpu_ns = load_cpu_ns(&l);
    int timeout_ms = keys_per_s > 0 ? 0 : -1;
    while (load_drain(&l, timeout_ms)) {
        if (keys_per_s == 0)
            continue;
        int64_t due_ns = begun_ns + (int64_t)l.typed * SR_CLOCK_NS_PER_S / keys_per_s, now_ns = sr_clock_mono_ns();
        if (now_ns >= due_ns)
            load_type(&l);
        due_ns = (due_ns - now_ns) / SR_CLOCK_NS_PER_MS;
        timeout_ms = due_ns > 0 ? (int)due_ns : 0;
    }
    const int64_t wall_ns = sr_clock_mono_ns() - begun_ns, cpu_ns = load_cpu_ns(&l) - begun_cpu_ns;
    /* What is on its way still arrives; then they hang up. */
    for (uint64_t before = 0; before != l.received || l.received == 0;) {
        before = l.received;
        l.poll[l.logins].fd = -1;
        load_drain(&l, 200);
        if (l.typed == 0)
            break;
    }
    for (size_t i = 0; i < l.logins; i++)
        client_close(&l.login[i]);
    printf("{\"typed\":%llu,\"received\":%llu,\"wall_ns\":%lld,\"cpu_ns\":%lld}\n", (unsigned long long)l.typed,
           (unsigned long long)l.received, (long long)wall_ns, (long long)cpu_ns);
    free(l.login);
    free(l.poll);
}
