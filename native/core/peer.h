/* Where a login came from: each source believed only where it can be true. All of it is to be called while still
 * privileged, before anything was dropped. */
#ifndef SR_PEER_H
#define SR_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SR_PEER_ADDR_SIZE 46 /* INET6_ADDRSTRLEN */

/* Where the kernel's and the system's files are; tests hand in their own. */
struct sr_peer_paths {
    const char *proc; /* "/proc" */
    const char *utmp; /* "/var/run/utmp" */
};
extern const struct sr_peer_paths sr_peer_system_paths;

/* A parsed $SSH_CONNECTION: "client_ip client_port server_ip server_port", numeric addresses only (an IPv6 scope
 * "%eth0" is cut off). 0, or -SR_E_BAD_VALUE. */
struct sr_peer_ssh {
    char client[SR_PEER_ADDR_SIZE], server[SR_PEER_ADDR_SIZE];
    uint16_t client_port, server_port;
};
int sr_peer_parse_ssh(const char *text, struct sr_peer_ssh *out);

/* Whether that connection can be ours. It stands ESTABLISHED (or CLOSE_WAIT) in PROC/net/tcp or tcp6 (IPv4-mapped addresses equal
 * IPv4), and an ancestor of `pid` (walked by PROC/PID/stat) is an sshd or sshd-session (by comm) that holds that socket's inode
 * (PROC/PID/fd) and is wholly uid 0's (PROC/PID/status: a setuid program is not). Anybody can
 * name a process sshd; only where the caller is not privileged itself, its own uid's sshd is believed as well.
 *
 * The kernel hides an ancestor's fds (EACCES/EPERM) from a caller without CAP_SYS_PTRACE where that ancestor is undumpable, as
 * the root half of sshd is at every login that is not root's. Then instead: pid's ancestors from its parent up to the first of
 * uid 0 are all sshd, at most one of them not uid 0's, that first one is the one that hides, and the socket is uid 0's. 1 =
 * believed, 0 = not. */
int sr_peer_ssh_holds(const struct sr_peer_paths *paths, const struct sr_peer_ssh *conn, pid_t pid);

/* getpeername(fd), AF_INET and AF_INET6 only; IPv4-mapped as IPv4; never the unspecified address. 0, or -errno / -SR_E_NOT_FOUND.
 */
int sr_peer_socket(int fd, char out[SR_PEER_ADDR_SIZE]);

/* The nearest telnetd (or in.telnetd, by comm; uid 0's) above `pid`; 0 = none. */
pid_t sr_peer_telnetd(const struct sr_peer_paths *paths, pid_t pid);

/* The other end of the TCP connection that is that telnetd's fd 0. 0, or -SR_E_NOT_FOUND with out "". */
int sr_peer_telnet(const struct sr_peer_paths *paths, pid_t pid, char out[SR_PEER_ADDR_SIZE]);

/* The address in the utmp record of `line` ("pts/3"): USER_PROCESS, its pid `pid` or a living ancestor of it (the nearest, of
 * equals the last), ut_addr_v6 if not zero, else ut_host if it is a numeric address (a host name never is). Reads the file as
 * fixed records (384 bytes on x86-64, 400 on arm64), at most 4096 of them; a regular file only. 0, or -SR_E_NOT_FOUND /
 * -SR_E_BAD_FILE / -errno. */
int sr_peer_utmp(const struct sr_peer_paths *paths, const char *line, pid_t pid, char out[SR_PEER_ADDR_SIZE]);

/* All in order; ssh_connection is the environment's value or NULL and counts only if service is "ssh", a telnetd only if it is
 * "telnet".
 * `line` may be NULL. 0 with the address and its source ("ssh", "socket", "telnet", "utmp"), or -SR_E_NOT_FOUND with out "". */
int sr_peer_find(const struct sr_peer_paths *paths, const char *service, const char *ssh_connection, int fd, const char *line,
                 pid_t pid, char out[SR_PEER_ADDR_SIZE], const char **source);

#endif
