/* utmp as a file of fixed records: musl's own calls always fail. */
#ifndef SR_PEER_UTMP_H
#define SR_PEER_UTMP_H

#include <stddef.h>
#include <sys/types.h>

#include "peer.h"

#define SR_PEER_UTMP_RECORDS_MAX 4096
#define SR_PEER_UTMP_RECORD_SIZE_MAX 400

/* Where glibc keeps what we read; the rest of a record lies alike everywhere. */
struct sr_peer_utmp_layout {
    size_t record_size, address_at;
};

extern const struct sr_peer_utmp_layout sr_peer_utmp_384; /* times and session of 32 bits: x86-64, i386, arm */
extern const struct sr_peer_utmp_layout sr_peer_utmp_400; /* of 64 bits: arm64 */

/* sr_peer_utmp with the layout in the caller's hand. */
int sr_peer_utmp_read(const struct sr_peer_paths *paths, const struct sr_peer_utmp_layout *layout, const char *line, pid_t pid,
                      char out[SR_PEER_ADDR_SIZE]);

#endif
