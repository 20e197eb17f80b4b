#include "sha256.h"

#include <stdatomic.h>
#include <string.h>

#include "sha256-x86.h"

#define SHA256_BLOCK 64
#define SHA256_LENGTH_AT 56 /* where the last block's bit count stands */

const uint32_t sr_sha256_k[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t sha256_rotate(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

/* The three rotations of a sum, the standard's x >>> p ^ x >>> q ^ x >>> r as one chain: two of the three copies of x are saved,
 * which is a sixth of the time. */
static inline uint32_t sha256_sum(uint32_t x, int p, int q, int r) {
    return sha256_rotate(sha256_rotate(sha256_rotate(x, r - q) ^ x, q - p) ^ x, p);
}

static inline uint32_t sha256_load(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The next word of the schedule takes the place of the one sixteen before it. */
static inline uint32_t sha256_extend(uint32_t w[16], int i) {
    uint32_t far = w[(i + 1) & 15], near = w[(i + 14) & 15];
    uint32_t s0 = sha256_rotate(sha256_rotate(far, 11) ^ far, 7) ^ far >> 3;
    uint32_t s1 = sha256_rotate(sha256_rotate(near, 2) ^ near, 17) ^ near >> 10;
    return w[i & 15] += s0 + w[(i + 9) & 15] + s1;
}

/* One round; instead of moving eight variables along, the next round names them one place on. */
#define SHA256_ROUND(a, b, c, d, e, f, g, h, word, i)                                                                            \
    do {                                                                                                                         \
        uint32_t sum1 = sha256_sum(e, 6, 11, 25);                                                                                \
        uint32_t sum0 = sha256_sum(a, 2, 13, 22);                                                                                \
        uint32_t add = h + sum1 + (g ^ (e & (f ^ g))) + sr_sha256_k[i] + (word);                                                 \
        d += add;                                                                                                                \
        h = add + sum0 + ((a & b) | (c & (a | b)));                                                                              \
    } while (0)
#define SHA256_EIGHT(word, i)                                                                                                    \
    SHA256_ROUND(a, b, c, d, e, f, g, h, word((i) + 0), (i) + 0);                                                                \
    SHA256_ROUND(h, a, b, c, d, e, f, g, word((i) + 1), (i) + 1);                                                                \
    SHA256_ROUND(g, h, a, b, c, d, e, f, word((i) + 2), (i) + 2);                                                                \
    SHA256_ROUND(f, g, h, a, b, c, d, e, word((i) + 3), (i) + 3);                                                                \
    SHA256_ROUND(e, f, g, h, a, b, c, d, word((i) + 4), (i) + 4);                                                                \
    SHA256_ROUND(d, e, f, g, h, a, b, c, word((i) + 5), (i) + 5);                                                                \
    SHA256_ROUND(c, d, e, f, g, h, a, b, word((i) + 6), (i) + 6);                                                                \
    SHA256_ROUND(b, c, d, e, f, g, h, a, word((i) + 7), (i) + 7)
#define SHA256_FIRST(i) (w[i] = sha256_load(p + 4 * (i)))
#define SHA256_LATER(i) sha256_extend(w, i)

static void sha256_blocks_portable(uint32_t state[8], const uint8_t *p, size_t blocks) {
    uint32_t w[16];

    for (; blocks > 0; blocks--, p += SHA256_BLOCK) {
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        SHA256_EIGHT(SHA256_FIRST, 0);
        SHA256_EIGHT(SHA256_FIRST, 8);
        for (int i = 16; i < 64; i += 16) {
            SHA256_EIGHT(SHA256_LATER, i);
            SHA256_EIGHT(SHA256_LATER, i + 8);
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

enum { SHA256_UNDECIDED, SHA256_PORTABLE, SHA256_ACCELERATED };

/* Sessions of the addon hash on several threads; all of them would decide alike. */
static atomic_int sha256_mode = SHA256_UNDECIDED;

static int sha256_decide(void) {
    int mode = SHA256_PORTABLE;
    if (sr_sha256_x86_available())
        mode = SHA256_ACCELERATED;
    atomic_store(&sha256_mode, mode);
    return mode;
}

void sr_sha256_force_portable(int on) {
    atomic_store(&sha256_mode, on ? SHA256_PORTABLE : SHA256_UNDECIDED);
}

int sr_sha256_accelerated(void) {
    int mode = atomic_load_explicit(&sha256_mode, memory_order_relaxed);
    return (mode == SHA256_UNDECIDED ? sha256_decide() : mode) == SHA256_ACCELERATED;
}

static void sha256_blocks(uint32_t state[8], const uint8_t *p, size_t blocks) {
    if (sr_sha256_accelerated())
        sr_sha256_x86_blocks(state, p, blocks);
    else
        sha256_blocks_portable(state, p, blocks);
}

void sr_sha256_init(struct sr_sha256 *h) {
    *h = (struct sr_sha256){
        .state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sr_sha256_update(struct sr_sha256 *h, const void *data, size_t len) {
    const uint8_t *p = data;
    size_t held = h->bytes % SHA256_BLOCK;

    if (len == 0)
        return;
    h->bytes += len;
    if (held > 0) {
        size_t take = SHA256_BLOCK - held < len ? SHA256_BLOCK - held : len;
        memcpy(h->block + held, p, take);
        if (held + take < SHA256_BLOCK)
            return;
        sha256_blocks(h->state, h->block, 1);
        p += take;
        len -= take;
    }
    if (len >= SHA256_BLOCK)
        sha256_blocks(h->state, p, len / SHA256_BLOCK);
    memcpy(h->block, p + len / SHA256_BLOCK * SHA256_BLOCK, len % SHA256_BLOCK);
}

void sr_sha256_hex(const struct sr_sha256 *h, char out[SR_SHA256_HEX_SIZE]) {
    static const char hex[] = "0123456789abcdef";
    struct sr_sha256 copy = *h;
    uint64_t bits = h->bytes * 8;
    size_t held = h->bytes % SHA256_BLOCK;

    copy.block[held++] = 0x80;
    if (held > SHA256_LENGTH_AT) {
        memset(copy.block + held, 0, SHA256_BLOCK - held);
        sha256_blocks(copy.state, copy.block, 1);
        held = 0;
    }
    memset(copy.block + held, 0, SHA256_LENGTH_AT - held);
    for (int i = 0; i < 8; i++)
        copy.block[SHA256_LENGTH_AT + i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_blocks(copy.state, copy.block, 1);

    for (int i = 0; i < 64; i++)
        out[i] = hex[copy.state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    out[64] = '\0';
}
