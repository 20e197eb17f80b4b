/* SHA-256's compression by the SHA instructions of x86 CPUs: sha256.c's other half. */
#ifndef SR_SHA256_X86_H
#define SR_SHA256_X86_H

#include <stddef.h>
#include <stdint.h>

/* The round constants, at a 16-byte boundary (sha256.c). */
extern const uint32_t sr_sha256_k[64];

/* 1 if this CPU has what sr_sha256_x86_blocks needs, else 0 (always 0 on other machines). Executes CPUID, which traps in
 * virtual machines: ask once. */
int sr_sha256_x86_available(void);

/* Takes `blocks` blocks of 64 bytes into the state. Only where available. */
void sr_sha256_x86_blocks(uint32_t state[8], const uint8_t *p, size_t blocks);

#endif
