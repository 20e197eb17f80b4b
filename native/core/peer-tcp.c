#include "peer-tcp.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* A table longer than this (some MB) is somebody's flood: better no address than a login that waits. */
#define PEER_TCP_LINES_MAX 32768
#define PEER_TCP_ESTABLISHED 0x01
#define PEER_TCP_CLOSE_WAIT 0x08

static bool peer_tcp_hex(const char **p, int digits, uint32_t *out) {
    *out = 0;
    for (; digits > 0; digits--, (*p)++) {
        char c = **p;
        int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                           : -1;
        if (value < 0)
            return false;
        *out = *out << 4 | (uint32_t)value;
    }
    return true;
}

/* "0100007F:1F90": each word of the address as the number this CPU reads in its bytes, then the port as a plain number. */
static bool peer_tcp_end(const char **p, int words, struct sr_peer_end *out) {
    uint32_t word[4], port;
    for (int i = 0; i < words; i++)
        if (!peer_tcp_hex(p, 8, &word[i]))
            return false;
    if (*(*p)++ != ':' || !peer_tcp_hex(p, 4, &port))
        return false;
    if (words == 1)
        sr_peer_address_from_v4(&out->address, word);
    else
        memcpy(out->address.bytes, word, sizeof out->address.bytes);
    out->port = (uint16_t)port;
    return true;
}

/* Past the next `fields` of them and the blanks around. */
static const char *peer_tcp_skip(const char *p, int fields) {
    p += strspn(p, " ");
    for (; fields > 0; fields--) {
        p += strcspn(p, " ");
        p += strspn(p, " ");
    }
    return p;
}

static bool peer_tcp_same(const struct sr_peer_end *a, const struct sr_peer_end *b) {
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

/* What a line of the table says. */
struct peer_tcp_row {
    struct sr_peer_end local, remote;
    struct sr_peer_socket_owner owner;
};

/* "  sl: LOCAL REMOTE STATE queues timer retransmits UID timeout INODE ...". Whether the line is the connection of these ends,
 * or, where `want` names an inode, of that socket. */
static bool peer_tcp_line(const char *p, int words, const struct peer_tcp_row *want, struct peer_tcp_row *out) {
    struct peer_tcp_row row;
    uint32_t state;
    bool by_inode = want->owner.inode != 0;

    p = strchr(p, ':');
    if (!p || p[1] != ' ')
        return false;
    p += 2;
    if (!peer_tcp_end(&p, words, &row.local) || *p++ != ' ' || !peer_tcp_end(&p, words, &row.remote) || *p++ != ' ' ||
        !peer_tcp_hex(&p, 2, &state))
        return false;
    if (state != PEER_TCP_ESTABLISHED && state != PEER_TCP_CLOSE_WAIT)
        return false;
    if (!by_inode && (!peer_tcp_same(&row.local, &want->local) || !peer_tcp_same(&row.remote, &want->remote)))
        return false;
    row.owner.uid = (uid_t)strtoul(p = peer_tcp_skip(p, 3), NULL, 10);
    row.owner.inode = strtoull(peer_tcp_skip(p, 2), NULL, 10);
    /* 0: the kernel's own (TIME_WAIT, orphans), or the line ended before it. */
    if (row.owner.inode == 0 || (by_inode && row.owner.inode != want->owner.inode))
        return false;
    *out = row;
    return true;
}

static int peer_tcp_table(const char *proc, const char *name, int words, const struct peer_tcp_row *want,
                          struct peer_tcp_row *out) {
    char path[320], line[512];
    int rc = -SR_E_NOT_FOUND;

    int len = snprintf(path, sizeof path, "%s/net/%s", proc, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return rc;
    FILE *table = fopen(path, "re");
    if (!table)
        return rc;
    for (int i = 0; rc < 0 && i < PEER_TCP_LINES_MAX && fgets(line, sizeof line, table); i++)
        if (peer_tcp_line(line, words, want, out))
            rc = 0;
    fclose(table);
    return rc;
}

static int peer_tcp_tables(const char *proc, const struct peer_tcp_row *want, struct peer_tcp_row *out) {
    if (peer_tcp_table(proc, "tcp", 1, want, out) == 0)
        return 0;
    return peer_tcp_table(proc, "tcp6", 4, want, out);
}

int sr_peer_tcp_find(const char *proc, const struct sr_peer_end *local, const struct sr_peer_end *remote,
                     struct sr_peer_socket_owner *out) {
    const struct peer_tcp_row want = {.local = *local, .remote = *remote};
    struct peer_tcp_row row;
    int rc = peer_tcp_tables(proc, &want, &row);
    if (rc == 0)
        *out = row.owner;
    return rc;
}

int sr_peer_tcp_remote(const char *proc, uint64_t inode, struct sr_peer_end *out) {
    const struct peer_tcp_row want = {.owner.inode = inode};
    struct peer_tcp_row row;
    int rc = inode == 0 ? -SR_E_NOT_FOUND : peer_tcp_tables(proc, &want, &row);
    if (rc == 0)
        *out = row.remote;
    return rc;
}
