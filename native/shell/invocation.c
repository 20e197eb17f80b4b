#include "invocation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char invocation_shell_name[128];

/* The installed path may be a link into a directory that is mounted there: then it is the file that counts. One that has no name
 * any more was installed when it was started. What cannot be told counts as installed: the side on which nothing is allowed. */
static bool invocation_is_installed(void) {
    char path[sizeof SR_INSTALLED_PATH + 1];
    struct stat own, installed;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    /* Longer paths are cut, and differ. */
    if (n < 0 ||
        ((size_t)n >= sizeof SR_INSTALLED_PATH - 1 && memcmp(path, SR_INSTALLED_PATH, sizeof SR_INSTALLED_PATH - 1) == 0))
        return true;
    if (stat("/proc/self/exe", &own) < 0 || own.st_nlink == 0)
        return true;
    return stat(SR_INSTALLED_PATH, &installed) == 0 && own.st_dev == installed.st_dev && own.st_ino == installed.st_ino;
}

/* The command of `-c`, as a shell finds it: options first (clusters as in -lc; -o and -O take a word), then the command. */
static const char *invocation_find_command(char **args) {
    bool wanted = false;
    for (; *args; args++) {
        const char *a = *args;
        if ((a[0] != '-' && a[0] != '+') || a[1] == 0)
            return wanted ? a : NULL;
        if (a[0] == '-' && a[1] == '-') {
            if (a[2] == 0)
                return wanted ? args[1] : NULL;
            if ((strcmp(a, "--rcfile") == 0 || strcmp(a, "--init-file") == 0) && args[1])
                args++;
            continue;
        }
        if (a[0] == '-' && strchr(a, 'c'))
            wanted = true;
        if ((strchr(a, 'o') || strchr(a, 'O')) && args[1])
            args++;
    }
    return NULL;
}

int sr_invocation_read(struct sr_invocation *inv, int argc, char **argv, const struct sr_identity *id) {
    char **args = argc > 0 ? argv + 1 : argv;
    int n = argc > 0 ? argc - 1 : 0;
    *inv = (struct sr_invocation){.config_path = SR_CONFIG_PATH};
    if (n >= 2 && strcmp(args[0], "--config") == 0 && !id->setuid && !invocation_is_installed()) {
        inv->config_path = args[1];
        args += 2;
        n -= 2;
    }
    inv->argv = calloc((size_t)n + 2, sizeof *inv->argv);
    if (!inv->argv)
        return -ENOMEM;
    memcpy(inv->argv + 1, args, (size_t)n * sizeof *args);
    inv->argv[0] = invocation_shell_name;
    /* A copy: the disguise overwrites the original long before the command is reported. */
    inv->command = invocation_find_command(inv->argv + 1);
    if (inv->command && !(inv->command = strdup(inv->command)))
        return -ENOMEM;
    return 0;
}

void sr_invocation_name_shell(struct sr_invocation *inv, const char *own_name, const char *shell) {
    const char *slash = strrchr(shell, '/');
    char *out = invocation_shell_name;
    if (own_name && own_name[0] == '-')
        *out++ = '-';
    strncpy(out, slash ? slash + 1 : shell, sizeof invocation_shell_name - 2);
    inv->argv[0] = invocation_shell_name;
}
