/* The kernel's tables of TCP connections. */
#ifndef SR_PEER_TCP_H
#define SR_PEER_TCP_H

#include <stdint.h>
#include <sys/types.h>

#include "peer-address.h"

/* One end of a connection. */
struct sr_peer_end {
    struct sr_peer_address address;
    uint16_t port;
};

struct sr_peer_socket_owner {
    uint64_t inode;
    uid_t uid; /* whoever accepted or made it */
};

/* Looks in PROC/net/tcp and tcp6 for the ESTABLISHED or CLOSE_WAIT connection between the two. 0, or -SR_E_NOT_FOUND. */
int sr_peer_tcp_find(const char *proc, const struct sr_peer_end *local, const struct sr_peer_end *remote,
                     struct sr_peer_socket_owner *out);

/* The other end of the ESTABLISHED or CLOSE_WAIT connection whose socket is `inode` (not 0). 0, or -SR_E_NOT_FOUND. */
int sr_peer_tcp_remote(const char *proc, uint64_t inode, struct sr_peer_end *out);

#endif
