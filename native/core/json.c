#include "json.h"

#include <string.h>

#include "utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* 0: as it is; 'u': \u00xx; else the letter after the backslash. Bytes from 0x80 never get here. */
static const char json_escapes[128] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',         'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\',
};

/* One ASCII byte; here, where the compiler can place it into the loop over every byte. */
static inline size_t json_escape(char *out, uint8_t c) {
    static const char hex[] = "0123456789abcdef";
    char e = json_escapes[c & 0x7f];
    if (e == 0) {
        out[0] = (char)c;
        return 1;
    }
    out[0] = '\\';
    if (e != 'u') {
        out[1] = e;
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return 6;
}

size_t sr_json_escape(char out[SR_JSON_ESCAPE_MAX], uint8_t c) {
    return json_escape(out, c);
}

#ifdef __SSE2__
#define JSON_BLOCK 16

/* One bit for each byte that is greater than `than`, both signed: bytes from 0x80 are the negative ones, in their order. */
static inline unsigned json_greater(__m128i v, uint8_t than) {
    return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)than)));
}

static inline unsigned json_equal(__m128i v, uint8_t byte) {
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)byte)));
}

/* How many of a block's first n bytes (n <= 16, the first begins a character) are whole, well-formed characters; 0 = not told:
 * ask sr_utf8_next. `high` has a bit for each byte from 0x80. Table 3-7 of the standard, for all sixteen at once and without a
 * branch. */
static inline unsigned json_whole(__m128i v, unsigned high, unsigned n) {
    const unsigned within = (1u << n) - 1;
    unsigned from_c0 = json_greater(v, 0xbf) & high, from_e0 = json_greater(v, 0xdf) & high,
             from_f0 = json_greater(v, 0xef) & high;
    unsigned never = (from_c0 & ~json_greater(v, 0xc1)) | (json_greater(v, 0xf4) & high);
    unsigned owed, wrong;
    from_c0 &= within;
    from_e0 &= within;
    from_f0 &= within;
    /* Which places the leads claim for the rest of their characters, and which hold such bytes. */
    owed = from_c0 << 1 | from_e0 << 2 | from_f0 << 3;
    wrong = ((owed ^ (high & ~from_c0)) | never) & within;
    /* Overlong forms, surrogates and what is above U+10FFFF show in the second byte. */
    unsigned from_a0 = json_greater(v, 0x9f), from_90 = json_greater(v, 0x8f);
    wrong |= (json_equal(v, 0xe0) << 1 & ~from_a0) | (json_equal(v, 0xed) << 1 & from_a0);
    wrong |= (json_equal(v, 0xf0) << 1 & ~from_90) | (json_equal(v, 0xf4) << 1 & from_90);
    if (wrong & within)
        return 0;
    /* What goes on beyond is left for next time. */
    return owed >> n ? 31 - (unsigned)__builtin_clz(from_c0) : n;
}

/* The bulk of sr_json_copy, a block at a time; leaves what it cannot judge, and the ends, to the caller. */
static void json_copy_blocks(char **out, const char *out_end, const uint8_t **from, const uint8_t *end) {
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1f);
    const uint8_t *p = *from;
    char *o = *out;
    while (end - p >= JSON_BLOCK && out_end - o >= JSON_BLOCK + SR_JSON_ESCAPE_MAX) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(v, last_control), last_control);
        __m128i special = _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)));
        unsigned escaped = (unsigned)_mm_movemask_epi8(special), high = (unsigned)_mm_movemask_epi8(v);
        unsigned n = escaped ? (unsigned)__builtin_ctz(escaped) : JSON_BLOCK;
        /* Copied before it is judged: what is wrong in it is written over by what comes next. */
        _mm_storeu_si128((__m128i *)(void *)o, v);
        unsigned whole = high ? json_whole(v, high, n) : n;
        p += whole;
        o += whole;
        if (whole < n) {
            if (whole == 0)
                break;
            continue;
        }
        if (n == JSON_BLOCK)
            continue;
        /* CR and LF come together. */
        do
            o += json_escape(o, *p++);
        while (p < end && *p < 0x80 && json_escapes[*p] != 0 && out_end - o >= SR_JSON_ESCAPE_MAX);
    }
    *from = p;
    *out = o;
}
#endif

size_t sr_json_copy(char *out, size_t room, const uint8_t *p, size_t n, size_t *used) {
    const uint8_t *const begin = p, *const end = p + n;
    char *o = out, *const out_end = out + room;
    while (p < end) {
        char piece[SR_JSON_ESCAPE_MAX];
        size_t need;
        int step;
#ifdef __SSE2__
        json_copy_blocks(&o, out_end, &p, end);
        if (p == end)
            break;
#endif
        step = *p < 0x80 ? 1 : sr_utf8_next(p, (size_t)(end - p));
        if (step < 0)
            break;
        need = step == 1 ? json_escape(piece, *p) : (size_t)step;
        if (need > (size_t)(out_end - o))
            break;
        memcpy(o, step == 1 ? (const void *)piece : p, need);
        o += need;
        p += step;
    }
    *used = (size_t)(p - begin);
    return (size_t)(o - out);
}

size_t sr_json_text(char *out, size_t room, const uint8_t *p, size_t n) {
    size_t len = 0;
    for (size_t i = 0; i < n;) {
        char piece[SR_JSON_ESCAPE_MAX];
        size_t piece_len;
        int step = sr_utf8_next(p + i, n - i);
        if (step < 0) {
            memcpy(piece, "\xef\xbf\xbd", 3);
            piece_len = 3;
            step = -step;
        } else if (step == 1) {
            piece_len = sr_json_escape(piece, p[i]);
        } else {
            piece_len = (size_t)step;
            memcpy(piece, p + i, piece_len);
        }
        if (len + piece_len > room)
            break;
        memcpy(out + len, piece, piece_len);
        len += piece_len;
        i += (size_t)step;
    }
    return len;
}

size_t sr_json_base64(char *out, const uint8_t *p, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *o = out;
    for (; n >= 3; p += 3, n -= 3) {
        uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        *o++ = digits[v >> 18];
        *o++ = digits[v >> 12 & 63];
        *o++ = digits[v >> 6 & 63];
        *o++ = digits[v & 63];
    }
    if (n > 0) {
        uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0);
        *o++ = digits[v >> 18];
        *o++ = digits[v >> 12 & 63];
        *o++ = n > 1 ? digits[v >> 6 & 63] : '=';
        *o++ = '=';
    }
    return (size_t)(o - out);
}
