/* Addresses as peer.c's rooms compare and print them: 16 bytes, IPv4 as IPv4-mapped IPv6. */
#ifndef SR_PEER_ADDRESS_H
#define SR_PEER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer.h"

struct sr_peer_address {
    uint8_t bytes[16];
};

void sr_peer_address_from_v4(struct sr_peer_address *out, const void *four_bytes);

/* Of `len` bytes of text, which need no NUL: a numeric address, a scope ("%eth0") cut off. 0, or -SR_E_BAD_VALUE. */
int sr_peer_address_parse(struct sr_peer_address *out, const char *text, size_t len);

/* 0.0.0.0 or ::, which is nobody's. */
bool sr_peer_address_is_zero(const struct sr_peer_address *a);

/* In the usual form, IPv4 as such. */
void sr_peer_address_print(const struct sr_peer_address *a, char out[SR_PEER_ADDR_SIZE]);

#endif
