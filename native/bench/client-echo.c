#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client.h"
#include "clock.h"

#define ECHO_LINE 60 /* keys before an Enter: a terminal's line has an end */

/* One key there and back, in ns. */
static int64_t echo_key(const struct client_login *c, char key) {
    char got;
    int64_t begun_ns = sr_clock_mono_ns();
    client_write(c, &key, 1);
    if (client_read(c, &got, 1) != 1 || got != key)
        client_fail("another byte than the key came back");
    return sr_clock_mono_ns() - begun_ns;
}

static void echo_print(const int64_t *ns, size_t keys) {
    printf("[");
    for (size_t i = 0; i < keys; i++)
        printf("%s%lld", i ? "," : "", (long long)ns[i]);
    printf("]");
}

/* The programs' inner terminals echo (their shells run `cat`), and say "ready" first. */
void client_echo(char **numbers, char ***programs, size_t n) {
    const size_t keys = (size_t)client_number(numbers[0]);
    const long gap_us = client_number(numbers[1]);
    const struct timespec gap = {gap_us / 1000000, gap_us % 1000000 * 1000};
    struct client_login c[CLIENT_PROGRAMS_MAX];
    int64_t *ns = calloc(n * keys, sizeof *ns);
    char line[2 * ECHO_LINE];
    if (!ns)
        client_fail("memory");
    for (size_t p = 0; p < n; p++) {
        client_open(&c[p], programs[p]);
        client_read_to(&c[p], "ready\r\n");
    }
    for (size_t i = 0; i < keys; i++) {
        for (size_t turn = 0; turn < n; turn++) {
            size_t p = (turn + i) % n; /* whoever is first is first no longer */
            nanosleep(&gap, NULL);
            ns[p * keys + i] = echo_key(&c[p], (char)('a' + i % 26));
        }
        for (size_t p = 0; p < n && i % ECHO_LINE == ECHO_LINE - 1; p++) {
            client_write(&c[p], "\r", 1);
            /* Enter is echoed as CR LF, and then cat writes the line once more. */
            for (size_t got = 0; got < 2 + ECHO_LINE + 2;)
                got += client_read(&c[p], line, sizeof line);
        }
    }
    printf("{\"ns\":[");
    for (size_t p = 0; p < n; p++) {
        printf("%s", p ? "," : "");
        echo_print(ns + p * keys, keys);
        client_close(&c[p]);
    }
    printf("]}\n");
    free(ns);
}
