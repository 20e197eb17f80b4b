#include "disguise.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define DISGUISE_TITLE_SIZE 256
#define DISGUISE_COMM_SIZE 16

void sr_disguise_find(struct sr_disguise *d, char **argv, char **envp) {
    char *end;
    *d = (struct sr_disguise){.area = argv[0]};
    if (!d->area)
        return;
    end = d->area;
    for (char **a = argv; *a && *a == end; a++)
        end = *a + strlen(*a) + 1;
    d->argv_size = (size_t)(end - d->area);
    for (char **e = envp; *e && *e == end; e++)
        end = *e + strlen(*e) + 1;
    d->size = (size_t)(end - d->area);
}

static void disguise_append(char title[DISGUISE_TITLE_SIZE], const char *text, size_t len) {
    size_t have = strlen(title);
    if (len > DISGUISE_TITLE_SIZE - 1 - have)
        len = DISGUISE_TITLE_SIZE - 1 - have;
    memcpy(title + have, text, len);
    title[have + len] = 0;
}

static void disguise_expand(char title[DISGUISE_TITLE_SIZE], const char *pattern, const char *user, const char *tty) {
    char pid[24];
    const struct { const char *key, *value; } words[] = {{"{user}", user}, {"{tty}", tty}, {"{pid}", pid}};
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    title[0] = 0;
    while (*pattern) {
        size_t step = 1;
        const char *text = pattern;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strncmp(pattern, words[i].key, strlen(words[i].key)) == 0) {
                step = strlen(words[i].key);
                text = words[i].value;
            }
        }
        disguise_append(title, text, text == pattern ? 1 : strlen(text));
        pattern += step;
    }
}

void sr_disguise_wear(const struct sr_disguise *d, const char *pattern, const char *service, const char *user, const char *tty) {
    char title[DISGUISE_TITLE_SIZE], comm[DISGUISE_COMM_SIZE];
    size_t len;
    if (!*pattern) {
        bool telnet = strcmp(service, "telnet") == 0;
        if (tty)
            pattern = telnet ? "login: {user}@{tty}" : "sshd: {user}@{tty}";
        else
            pattern = telnet ? "login: {user} {pid}" : "sshd: {user}@notty {pid}";
    }
    disguise_expand(title, pattern, user, tty ? tty : "notty");
    snprintf(comm, sizeof comm, "%.*s", (int)strcspn(title, ": "), title);
    prctl(PR_SET_NAME, comm, 0, 0, 0);
    if (d->size < 2)
        return;
    len = strlen(title);
    if (len > d->size - 1)
        len = d->size - 1;
    memset(d->area, 0, d->size);
    memcpy(d->area, title, len);
    /* The kernel reads on past argv only where argv's last byte is not NUL: exactly when the title is longer. */
}
