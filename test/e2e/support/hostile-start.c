/* Starts a program in a state that a hostile starter would choose: hostile-start STATE... -- FILE [ARGV...].
 * With no ARGV the program gets none at all (argc 0). */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* "hard-fsize" sets both limits, "fsize" the soft one. */
static void limit(const char *state, int resource, rlim_t most)
{
    struct rlimit r;
    getrlimit(resource, &r);
    r.rlim_cur = most;
    if (strncmp(state, "hard-", 5) == 0)
        r.rlim_max = most;
    if (setrlimit(resource, &r) < 0)
        perror("setrlimit");
}

int main(int argc, char **argv)
{
    char **env = environ;
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *s = argv[i], *what = strncmp(s, "hard-", 5) == 0 ? s + 5 : s;
        if (!strcmp(s, "closed-0") || !strcmp(s, "closed-1") || !strcmp(s, "closed-2"))
            close(s[7] - '0');
        else if (!strcmp(s, "timer")) {
            struct itimerval soon = {.it_value = {.tv_usec = 20000}};
            setitimer(ITIMER_REAL, &soon, NULL);
            setitimer(ITIMER_PROF, &soon, NULL);
            setitimer(ITIMER_VIRTUAL, &soon, NULL);
        } else if (!strcmp(s, "no-chld"))
            signal(SIGCHLD, SIG_IGN);
        else if (!strcmp(s, "blocked")) {
            sigset_t all;
            sigfillset(&all);
            sigprocmask(SIG_SETMASK, &all, NULL);
        } else if (!strcmp(s, "ignored")) {
            for (int sig = 1; sig < 32; sig++)
                signal(sig, SIG_IGN);
        } else if (!strcmp(s, "umask"))
            umask(0777);
        else if (!strcmp(what, "fsize"))
            limit(s, RLIMIT_FSIZE, 0);
        else if (!strcmp(what, "nofile"))
            limit(s, RLIMIT_NOFILE, 8);
        else if (!strcmp(s, "full")) { /* every number that the soft limit allows is taken */
            struct rlimit few;
            getrlimit(RLIMIT_NOFILE, &few);
            few.rlim_cur = 300; /* more than the recorder asks for in any case */
            setrlimit(RLIMIT_NOFILE, &few);
            while (dup(0) >= 0)
                ;
        } else if (!strcmp(what, "nproc"))
            limit(s, RLIMIT_NPROC, 1);
        else if (!strcmp(what, "cpu"))
            limit(s, RLIMIT_CPU, 1);
        else if (!strcmp(what, "core"))
            limit(s, RLIMIT_CORE, RLIM_INFINITY);
        else if (!strcmp(s, "no-cwd")) {
            char dir[] = "/tmp/hostile-XXXXXX";
            /* Under "umask" it has no permissions until it is given them, and only root could enter it. */
            if (!mkdtemp(dir) || chmod(dir, 0700) < 0 || chdir(dir) < 0 || rmdir(dir) < 0)
                perror("cwd");
        } else if (!strcmp(s, "no-env"))
            env = (char *[]){NULL};
        else
            fprintf(stderr, "unknown state %s\n", s);
    }
    if (i + 1 >= argc)
        return 2;
    execve(argv[i + 1], argv + i + 2, env);
    return 126;
}
