#include "login.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outer.h"

#define LOGIN_FALLBACK_SHELL "/bin/sh"
#define LOGIN_STATUS_NOT_FOUND 127
#define LOGIN_STATUS_NOT_EXECUTABLE 126

int sr_login_prepare_shell(void *arg) {
    const struct sr_login *l = arg;
    sr_start_give_back(&l->start);
    return sr_identity_become_user(&l->id);
}

int sr_login_become_shell(struct sr_login *l) {
    if (sr_login_prepare_shell(l) < 0)
        return LOGIN_STATUS_NOT_EXECUTABLE;
    execve(l->config.shell, l->inv.argv, l->envp);
    execve(LOGIN_FALLBACK_SHELL, l->inv.argv, l->envp);
    return errno == ENOENT ? LOGIN_STATUS_NOT_FOUND : LOGIN_STATUS_NOT_EXECUTABLE;
}

void sr_login_set_env(char **envp, const char *text) {
    size_t name = (size_t)(strchr(text, '=') - text) + 1;
    while (*envp && strncmp(*envp, text, name) != 0)
        envp++;
    if (!*envp)
        envp[1] = NULL;
    *envp = (char *)(uintptr_t)text;
}

void sr_login_find_peer(struct sr_login *l) {
    const char *line = l->outer_path[0] ? sr_outer_line(l->outer_path) : NULL, *source;
    if (l->peer_sought)
        return;
    l->peer_sought = true;
    sr_peer_find(&sr_peer_system_paths, l->config.service, getenv("SSH_CONNECTION"), 0, line, getpid(), l->src_ip, &source);
}
