/* The far end of a login: what sshd and its client are to a login shell. The bench's measurements, one file each. */
#ifndef SR_BENCH_CLIENT_H
#define SR_BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CLIENT_PROGRAMS_MAX 4
#define CLIENT_WAIT_MS 10000

struct client_login {
    pid_t pid;
    int master; /* the outer terminal, as its client has it */
    int64_t begun_ns;
};

/* Starts argv[0] on a terminal of its own. Exits with a message when it cannot: this is a bench. */
void client_open(struct client_login *c, char **argv);
/* At least one byte; 0 = the login has closed its terminal. Exits after CLIENT_WAIT_MS without any. */
size_t client_read(const struct client_login *c, void *to, size_t size);
/* Reads up to and with `text`. */
void client_read_to(const struct client_login *c, const char *text);
void client_write(const struct client_login *c, const void *from, size_t n);
/* CPU time that the login's own process has used and, with `reaped` false, is yet to be waited for: without its children. */
int64_t client_cpu_ns(const struct client_login *c);
/* Hangs up and waits for the end; the wait status. */
int client_close(struct client_login *c);

_Noreturn void client_fail(const char *what);
long client_number(const char *text);

/* Modes: `programs` are argv lists to be compared, `n` of them. Each prints one line of JSON. */
void client_flood(char **numbers, char ***programs, size_t n);
void client_echo(char **numbers, char ***programs, size_t n);
void client_start(char **numbers, char ***programs, size_t n);
void client_load(char **numbers, char ***programs, size_t n);

#endif
