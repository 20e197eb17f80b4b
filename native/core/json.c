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

/* The common two- and three-byte characters without a call; 0 = ask sr_utf8_next. */
static inline size_t json_short_character(const uint8_t *p, size_t n) {
    if (n >= 2 && p[0] >= 0xc2 && p[0] <= 0xdf && (p[1] & 0xc0) == 0x80)
        return 2;
    if (n >= 3 && p[0] > 0xe0 && p[0] <= 0xef && p[0] != 0xed && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80)
        return 3;
    return 0;
}

size_t sr_json_copy(char *out, size_t room, const uint8_t *p, size_t n, size_t *used) {
    size_t len = 0, i = 0;
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
#endif
    while (i < n) {
#ifdef __SSE2__
        /* Copied before it is looked at: what is wrong in it is written over by what comes next. */
        while (i + 16 <= n && len + 16 <= room) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
            /* Signed: bytes from 0x80 are negative, so "below space" is controls and non-ASCII at once. */
            __m128i bad =
                _mm_or_si128(_mm_cmplt_epi8(v, space), _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)));
            unsigned mask = (unsigned)_mm_movemask_epi8(bad), plain = mask ? (unsigned)__builtin_ctz(mask) : 16;
            _mm_storeu_si128((__m128i *)(void *)(out + len), v);
            i += plain;
            len += plain;
            if (mask)
                break;
        }
        if (i == n)
            break;
#endif
        if (room - len < SR_JSON_ESCAPE_MAX) {
            char piece[SR_JSON_ESCAPE_MAX];
            int step = p[i] < 0x80 ? 1 : sr_utf8_next(p + i, n - i);
            size_t need = step == 1 ? sr_json_escape(piece, p[i]) : (size_t)step;
            if (step < 0 || need > room - len)
                break;
            memcpy(out + len, step == 1 ? (const void *)piece : p + i, need);
            len += need;
            i += (size_t)step;
        } else if (p[i] < 0x80) {
            len += sr_json_escape(out + len, p[i++]);
        } else {
            size_t step = json_short_character(p + i, n - i);
            if (step == 0) {
                int any = sr_utf8_next(p + i, n - i);
                if (any < 0)
                    break;
                step = (size_t)any;
            }
            for (size_t k = 0; k < step; k++)
                out[len++] = (char)p[i++];
        }
    }
    *used = i;
    return len;
}

size_t sr_json_escape(char out[SR_JSON_ESCAPE_MAX], uint8_t c) {
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
