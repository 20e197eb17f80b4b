#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "clock.h"

/* From right before the fork to the shell's first byte, as the client gets it. */
static int64_t start_once(char **argv) {
    struct client_login c;
    char first;
    client_open(&c, argv);
    if (client_read(&c, &first, 1) != 1)
        client_fail("the login ended before its prompt");
    const int64_t ns = sr_clock_mono_ns() - c.begun_ns;
    client_close(&c);
    return ns;
}

void client_start(char **numbers, char ***programs, size_t n) {
    const size_t times = (size_t)client_number(numbers[0]);
    int64_t *ns = calloc(n * times, sizeof *ns);
    if (!ns)
        client_fail("memory");
    for (size_t i = 0; i < times; i++)
        for (size_t turn = 0; turn < n; turn++) {
            size_t p = (turn + i) % n;
            ns[p * times + i] = start_once(programs[p]);
        }
    printf("{\"ns\":[");
    for (size_t p = 0; p < n; p++) {
        printf("%s[", p ? "," : "");
        for (size_t i = 0; i < times; i++)
            printf("%s%lld", i ? "," : "", (long long)ns[p * times + i]);
        printf("]");
    }
    printf("]}\n");
    free(ns);
}
