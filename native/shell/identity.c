#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDENTITY_PASSWD_MAX 262144 /* a longer file is read this far */

/* One line of /etc/passwd: does it name `uid`? Own parsing: a static binary has no NSS, and getpwuid allocates. */
static bool identity_line_is(const char *line, uid_t uid, char name[SR_IDENTITY_NAME_SIZE]) {
    const char *password = strchr(line, ':'), *number, *end;
    if (!password || password == line || (size_t)(password - line) >= SR_IDENTITY_NAME_SIZE)
        return false;
    number = strchr(password + 1, ':');
    if (!number || strtoul(number + 1, (char **)(uintptr_t)&end, 10) != uid || *end != ':' || end == number + 1)
        return false;
    memcpy(name, line, (size_t)(password - line));
    name[password - line] = 0;
    return true;
}

static void identity_find_name(struct sr_identity *id) {
    const char *logname = getenv("LOGNAME");
    FILE *f = fopen("/etc/passwd", "re");
    char line[1024], name[SR_IDENTITY_NAME_SIZE];
    size_t seen = 0;
    snprintf(id->user, sizeof id->user, "%lu", (unsigned long)id->uid);
    if (!f)
        return;
    for (bool first = true; seen < IDENTITY_PASSWD_MAX && fgets(line, sizeof line, f); seen += strlen(line)) {
        if (!identity_line_is(line, id->uid, name))
            continue;
        bool named = logname && strcmp(logname, name) == 0;
        if (first || named)
            memcpy(id->user, name, sizeof id->user);
        first = false;
        if (named)
            break;
    }
    fclose(f);
}

void sr_identity_find(struct sr_identity *id) {
    *id = (struct sr_identity){.uid = getuid(), .gid = getgid(), .privileged = geteuid() == 0};
    id->setuid = geteuid() != id->uid || getegid() != id->gid;
    id->relay_uid = SR_RELAY_UID;
    id->relay_gid = SR_RELAY_UID;
    identity_find_name(id);
}

void sr_identity_leave_user(const struct sr_identity *id) {
    /* Fails only where there is nothing to take off, or nothing to be done about it. The group too: without CAP_SYS_PTRACE
     * the kernel gives PID 1's stdout only to whom all of PID 1's ids are. */
    if (id->privileged && id->setuid && (setresuid(0, 0, 0) < 0 || setresgid(0, 0, 0) < 0))
        return;
}

void sr_identity_choose_relay(struct sr_identity *id, int dir_fd) {
    struct stat st;
    if (fstat(dir_fd, &st) < 0)
        return;
    if (st.st_uid != 0 && st.st_uid != id->uid) {
        id->relay_uid = st.st_uid;
        id->relay_gid = st.st_gid;
    }
    if (id->relay_gid == 0 || id->relay_gid == id->gid)
        id->relay_gid = id->relay_uid;
}

int sr_identity_become_user(const struct sr_identity *id) {
    if (!id->setuid)
        return 0;
    if (setresgid(id->gid, id->gid, id->gid) < 0 || setresuid(id->uid, id->uid, id->uid) < 0)
        return -errno;
    return 0;
}

int sr_identity_become_relay(const struct sr_identity *id) {
    uid_t real, effective, saved;
    if (!id->privileged)
        return 0;
    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    if (setgroups(0, NULL) < 0 || setresgid(id->relay_gid, id->relay_gid, id->relay_gid) < 0 ||
        setresuid(id->relay_uid, id->relay_uid, id->relay_uid) < 0)
        return -errno;
    if (getresuid(&real, &effective, &saved) < 0 || real != id->relay_uid || effective != real || saved != real || setuid(0) == 0)
        return -EPERM;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return 0;
}
