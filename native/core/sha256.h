/* SHA-256 (FIPS 180-4), streaming; uses the CPU's SHA instructions where it has them. */
#ifndef SR_SHA256_H
#define SR_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SR_SHA256_HEX_SIZE 65 /* 64 hex digits and a NUL */

struct sr_sha256 {
    uint32_t state[8];
    uint64_t bytes; /* hashed so far, those in `block` included */
    uint8_t block[64];
};

void sr_sha256_init(struct sr_sha256 *h);
void sr_sha256_update(struct sr_sha256 *h, const void *data, size_t len);

/* The digest of what was hashed so far, in lower-case hex. Leaves `h` as it was: a running digest can be
 * stated (a checkpoint) and then go on. */
void sr_sha256_hex(const struct sr_sha256 *h, char out[SR_SHA256_HEX_SIZE]);

/* For tests and benchmarks: true forces the portable code, false lets the CPU decide. Process-wide. */
void sr_sha256_force_portable(int on);

/* 1 where the CPU's SHA instructions are in use, else 0. */
int sr_sha256_accelerated(void);

#endif
