#include "sha256-x86.h"

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA256_X86_BLOCK 64
#define SHA256_TARGET __attribute__((target("sha,sse4.1,ssse3")))

/* The instructions keep the state as two registers of (a b e f) and (c d g h), highest lane first, and do two rounds each on the
 * low two lanes of word + constant. */
#define SHA256_QUAD(i, w)                                                                                                        \
    do {                                                                                                                         \
        __m128i wk = _mm_add_epi32(w, _mm_load_si128((const __m128i *)(const void *)(sr_sha256_k + 4 * (i))));                   \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);                                                                            \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));                                                   \
    } while (0)
/* w0 (the oldest four words) becomes the four after w3. */
#define SHA256_QUAD_NEXT(i, w0, w1, w2, w3)                                                                                      \
    do {                                                                                                                         \
        w0 = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));                                            \
        w0 = _mm_sha256msg2_epu32(w0, w3);                                                                                       \
        SHA256_QUAD(i, w0);                                                                                                      \
    } while (0)

SHA256_TARGET void sr_sha256_x86_blocks(uint32_t state[8], const uint8_t *p, size_t blocks) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i *words = (__m128i *)(void *)state;
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1), efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

    for (; blocks > 0; blocks--, p += SHA256_X86_BLOCK) {
        const __m128i *in = (const __m128i *)(const void *)p;
        __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w0 = _mm_shuffle_epi8(_mm_loadu_si128(in), big_endian),
                w1 = _mm_shuffle_epi8(_mm_loadu_si128(in + 1), big_endian);
        __m128i w2 = _mm_shuffle_epi8(_mm_loadu_si128(in + 2), big_endian),
                w3 = _mm_shuffle_epi8(_mm_loadu_si128(in + 3), big_endian);
        SHA256_QUAD(0, w0);
        SHA256_QUAD(1, w1);
        SHA256_QUAD(2, w2);
        SHA256_QUAD(3, w3);
        for (int i = 4; i < 16; i += 4) {
            SHA256_QUAD_NEXT(i, w0, w1, w2, w3);
            SHA256_QUAD_NEXT(i + 1, w1, w2, w3, w0);
            SHA256_QUAD_NEXT(i + 2, w2, w3, w0, w1);
            SHA256_QUAD_NEXT(i + 3, w3, w0, w1, w2);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    cdab = _mm_shuffle_epi32(abef, 0x1b); /* lanes, lowest first: a b e f becomes what memory wants below */
    efgh = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(words, _mm_blend_epi16(cdab, efgh, 0xf0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(efgh, cdab, 8));
}

/* __builtin_cpu_supports knows no "sha" in gcc 12. SSE registers are always usable where SHA is: no XGETBV needed. */
int sr_sha256_x86_available(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29)) != 0;
}

#else

int sr_sha256_x86_available(void) {
    return 0;
}

void sr_sha256_x86_blocks(uint32_t state[8], const uint8_t *p, size_t blocks) {
    (void)state, (void)p, (void)blocks;
}

#endif
