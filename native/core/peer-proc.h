/* Processes as PROC shows them: who started whom, as whom, holding what. */
#ifndef SR_PEER_PROC_H
#define SR_PEER_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How far up a line of ancestors is followed. Real ones are shorter than ten. */
#define SR_PEER_ANCESTORS_MAX 64

struct sr_peer_process {
    pid_t pid, parent; /* parent 0 = outside, or none */
    char state;        /* 'R', 'S', …: runs or waits to, sleeps, … */
    char comm[16];     /* as the process likes to be called: anybody can say anything */
};

/* PROC/PID/stat. 0, or -errno / -SR_E_BAD_VALUE. */
int sr_peer_process_read(const char *proc, pid_t pid, struct sr_peer_process *out);

/* True if real, effective and saved uid in PROC/PID/status are all `uid`. Owners of files in PROC do not tell: the directory is
 * the effective uid's, what is in it root's for whoever made himself undumpable. */
bool sr_peer_process_is_uid(const char *proc, pid_t pid, uid_t uid);

/* Whether one of PROC/PID/fd is the socket of `inode`: 1, 0, -EACCES/-EPERM where the kernel hides them, or another -errno. */
int sr_peer_process_holds(const char *proc, pid_t pid, uint64_t inode);

/* The inode of the socket that PROC/PID/fd/`fd` is. 0, -SR_E_NOT_FOUND for anything else, or -errno. */
int sr_peer_process_socket(const char *proc, pid_t pid, int fd, uint64_t *inode);

#endif
