#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "peer-address.h"
#include "peer-proc.h"
#include "peer-tcp.h"
#include "peer-utmp.h"

const struct sr_peer_paths sr_peer_system_paths = {"/proc", "/var/run/utmp"};

/* The next word of *text, which ends at a blank (or, the last one, at the end): its length, 0 = there is none. */
static size_t peer_word(const char **text, const char **word, bool last) {
    *word = *text;
    size_t len = strcspn(*text, " ");
    if ((*text)[len] != (last ? '\0' : ' '))
        return 0;
    *text += len + !last;
    return len;
}

static bool peer_port(const char *word, size_t len, uint16_t *out) {
    unsigned value = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9')
            return false;
        value = value * 10 + (unsigned)(word[i] - '0');
    }
    *out = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

int sr_peer_parse_ssh(const char *text, struct sr_peer_ssh *out) {
    struct sr_peer_address client, server;
    const char *word;
    size_t len;

    if (!(len = peer_word(&text, &word, false)) || sr_peer_address_parse(&client, word, len) < 0)
        return -SR_E_BAD_VALUE;
    if (!(len = peer_word(&text, &word, false)) || !peer_port(word, len, &out->client_port))
        return -SR_E_BAD_VALUE;
    if (!(len = peer_word(&text, &word, false)) || sr_peer_address_parse(&server, word, len) < 0)
        return -SR_E_BAD_VALUE;
    if (!(len = peer_word(&text, &word, true)) || !peer_port(word, len, &out->server_port))
        return -SR_E_BAD_VALUE;
    if (sr_peer_address_is_zero(&client) || sr_peer_address_is_zero(&server))
        return -SR_E_BAD_VALUE;
    sr_peer_address_print(&client, out->client);
    sr_peer_address_print(&server, out->server);
    return 0;
}

static bool peer_is_sshd(const struct sr_peer_process *process) {
    return strcmp(process->comm, "sshd") == 0 || strcmp(process->comm, "sshd-session") == 0;
}

int sr_peer_ssh_holds(const struct sr_peer_paths *paths, const struct sr_peer_ssh *conn, pid_t pid) {
    struct sr_peer_end server = {.port = conn->server_port}, client = {.port = conn->client_port};
    struct sr_peer_socket_owner owner = {0};
    struct sr_peer_process process;
    uid_t self = geteuid();
    bool line_unbroken = true; /* only sshd so far, none of them uid 0's */
    int strangers = 0;         /* those in that line */

    if (sr_peer_address_parse(&server.address, conn->server, strlen(conn->server)) < 0 ||
        sr_peer_address_parse(&client.address, conn->client, strlen(conn->client)) < 0 ||
        sr_peer_process_read(paths->proc, pid, &process) < 0)
        return 0;
    for (int i = 0; i < SR_PEER_ANCESTORS_MAX && process.parent > 0; i++) {
        if (sr_peer_process_read(paths->proc, process.parent, &process) < 0)
            return 0;
        if (!peer_is_sshd(&process)) {
            line_unbroken = false;
            continue;
        }
        /* Only now, and once: the kernel walks its whole table for it, which takes about a millisecond on a large machine. */
        if (owner.inode == 0 && sr_peer_tcp_find(paths->proc, &server, &client, &owner) < 0)
            return 0;
        bool root = sr_peer_process_is_uid(paths->proc, process.pid, 0);
        int holds = sr_peer_process_holds(paths->proc, process.pid, owner.inode);
        if (holds == 1 && (root || sr_peer_process_is_uid(paths->proc, process.pid, self)))
            return 1;
        if (line_unbroken && root) {
            if ((holds == -EACCES || holds == -EPERM) && strangers <= 1 && owner.uid == 0)
                return 1;
            line_unbroken = false;
        }
        strangers += !root;
    }
    return 0;
}

static bool peer_is_telnetd(const struct sr_peer_process *process) {
    return strcmp(process->comm, "telnetd") == 0 || strcmp(process->comm, "in.telnetd") == 0;
}

pid_t sr_peer_telnetd(const struct sr_peer_paths *paths, pid_t pid) {
    struct sr_peer_process process;

    if (sr_peer_process_read(paths->proc, pid, &process) < 0)
        return 0;
    for (int i = 0; i < SR_PEER_ANCESTORS_MAX && process.parent > 0; i++) {
        if (sr_peer_process_read(paths->proc, process.parent, &process) < 0)
            break;
        if (peer_is_telnetd(&process) && sr_peer_process_is_uid(paths->proc, process.pid, 0))
            return process.pid;
    }
    return 0;
}

int sr_peer_telnet(const struct sr_peer_paths *paths, pid_t pid, char out[SR_PEER_ADDR_SIZE]) {
    struct sr_peer_end client;
    uint64_t inode;

    out[0] = '\0';
    /* Its connection is its fd 0, as inetd gave it. */
    pid = sr_peer_telnetd(paths, pid);
    if (pid == 0 || sr_peer_process_socket(paths->proc, pid, 0, &inode) < 0 ||
        sr_peer_tcp_remote(paths->proc, inode, &client) < 0 || sr_peer_address_is_zero(&client.address))
        return -SR_E_NOT_FOUND;
    sr_peer_address_print(&client.address, out);
    return 0;
}

int sr_peer_socket(int fd, char out[SR_PEER_ADDR_SIZE]) {
    struct sockaddr_storage name = {0};
    struct sr_peer_address address;
    socklen_t len = sizeof name;

    out[0] = '\0';
    if (getpeername(fd, (struct sockaddr *)&name, &len) < 0)
        return -errno;
    if (name.ss_family == AF_INET && len >= sizeof(struct sockaddr_in))
        sr_peer_address_from_v4(&address, &((struct sockaddr_in *)&name)->sin_addr);
    else if (name.ss_family == AF_INET6 && len >= sizeof(struct sockaddr_in6))
        memcpy(address.bytes, &((struct sockaddr_in6 *)&name)->sin6_addr, sizeof address.bytes);
    else
        return -SR_E_NOT_FOUND;
    if (sr_peer_address_is_zero(&address))
        return -SR_E_NOT_FOUND;
    sr_peer_address_print(&address, out);
    return 0;
}

int sr_peer_utmp(const struct sr_peer_paths *paths, const char *line, pid_t pid, char out[SR_PEER_ADDR_SIZE]) {
#if defined(__aarch64__)
    return sr_peer_utmp_read(paths, &sr_peer_utmp_400, line, pid, out);
#else
    return sr_peer_utmp_read(paths, &sr_peer_utmp_384, line, pid, out);
#endif
}

int sr_peer_find(const struct sr_peer_paths *paths, const char *service, const char *ssh_connection, int fd, const char *line,
                 pid_t pid, char out[SR_PEER_ADDR_SIZE], const char **source) {
    struct sr_peer_ssh conn;

    if (ssh_connection && strcmp(service, "ssh") == 0 && sr_peer_parse_ssh(ssh_connection, &conn) == 0 &&
        sr_peer_ssh_holds(paths, &conn, pid)) {
        memcpy(out, conn.client, sizeof conn.client);
        *source = "ssh";
        return 0;
    }
    if (sr_peer_socket(fd, out) == 0) {
        *source = "socket";
        return 0;
    }
    /* Before utmp: login looks up the address of a name there, and the name comes from the caller's PTR record. */
    if (strcmp(service, "telnet") == 0 && sr_peer_telnet(paths, pid, out) == 0) {
        *source = "telnet";
        return 0;
    }
    if (line && sr_peer_utmp(paths, line, pid, out) == 0) {
        *source = "utmp";
        return 0;
    }
    out[0] = '\0';
    *source = NULL;
    return -SR_E_NOT_FOUND;
}
