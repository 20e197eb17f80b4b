#include "peer-address.h"

#include <arpa/inet.h>
#include <string.h>

#include "error.h"

static const uint8_t peer_v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

void sr_peer_address_from_v4(struct sr_peer_address *out, const void *four_bytes) {
    memcpy(out->bytes, peer_v4_prefix, sizeof peer_v4_prefix);
    memcpy(out->bytes + sizeof peer_v4_prefix, four_bytes, 4);
}

int sr_peer_address_parse(struct sr_peer_address *out, const char *text, size_t len) {
    char copy[SR_PEER_ADDR_SIZE];
    uint8_t v4[4];
    const char *scope = memchr(text, '%', len);

    if (scope)
        len = (size_t)(scope - text);
    if (len >= sizeof copy || memchr(text, '\0', len))
        return -SR_E_BAD_VALUE;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET6, copy, out->bytes) == 1)
        return 0;
    if (scope || inet_pton(AF_INET, copy, v4) != 1)
        return -SR_E_BAD_VALUE;
    sr_peer_address_from_v4(out, v4);
    return 0;
}

bool sr_peer_address_is_zero(const struct sr_peer_address *a) {
    static const uint8_t zero[16];
    return memcmp(a->bytes + 12, zero, 4) == 0 &&
           (memcmp(a->bytes, peer_v4_prefix, sizeof peer_v4_prefix) == 0 || memcmp(a->bytes, zero, 12) == 0);
}

void sr_peer_address_print(const struct sr_peer_address *a, char out[SR_PEER_ADDR_SIZE]) {
    bool v4 = memcmp(a->bytes, peer_v4_prefix, sizeof peer_v4_prefix) == 0;
    /* Cannot fail: the families are known and the buffer is large enough. */
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->bytes + sizeof peer_v4_prefix : a->bytes, out, SR_PEER_ADDR_SIZE))
        out[0] = '\0';
}
