#include "event.h"

#include <string.h>

#include "clock.h"
#include "json.h"
#include "utf8.h"

#define EVENT_TEXT_MAX 128 /* of a header text, before escaping */
#define EVENT_NOECHO ",\"noecho\":true"
#define EVENT_EXACT_COST 7 /* ,"b":"" */

/* A line in the making: never past SR_EVENT_LINE_MAX, every format below fits by construction. */
struct event_line {
    char *text;
    size_t len;
};

static void event_put(struct event_line *l, const char *text, size_t len) {
    if (len > SR_EVENT_LINE_MAX - l->len)
        len = SR_EVENT_LINE_MAX - l->len;
    memcpy(l->text + l->len, text, len);
    l->len += len;
}

#define event_put_literal(l, s) event_put(l, s, sizeof(s) - 1)

static void event_put_u64(struct event_line *l, uint64_t v) {
    char digits[20];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    event_put(l, digits + i, sizeof digits - i);
}

/* Seconds with 6 decimals, cut, not rounded: order is kept. */
static void event_put_time(struct event_line *l, int64_t t_ns) {
    uint64_t us = t_ns > 0 ? (uint64_t)t_ns / 1000 : 0, fraction = us % 1000000;
    char f[7];
    event_put_u64(l, us / 1000000);
    f[0] = '.';
    for (int i = 6; i > 0; i--, fraction /= 10)
        f[i] = (char)('0' + fraction % 10);
    event_put(l, f, sizeof f);
}

static void event_put_text(struct event_line *l, const char *text) {
    char escaped[EVENT_TEXT_MAX * SR_JSON_ESCAPE_MAX];
    size_t n = strnlen(text, EVENT_TEXT_MAX);
    /* A text cut inside a character loses that character, not its validity. */
    if (n == EVENT_TEXT_MAX)
        n -= sr_utf8_tail((const uint8_t *)text, n);
    event_put(l, escaped, sr_json_text(escaped, sizeof escaped, (const uint8_t *)text, n));
}

static void event_put_string_or_null(struct event_line *l, const char *text) {
    if (!text) {
        event_put_literal(l, "null");
        return;
    }
    event_put_literal(l, "\"");
    event_put_text(l, text);
    event_put_literal(l, "\"");
}

static void event_begin(struct event_line *l, char *out, const char *sid) {
    l->text = out;
    l->len = 0;
    event_put_literal(l, "{\"sid\":\"");
    event_put(l, sid, SR_UUID_SIZE - 1);
    event_put_literal(l, "\",");
}

static void event_begin_at(struct event_line *l, char *out, const char *sid, int64_t t_ns) {
    event_begin(l, out, sid);
    event_put_literal(l, "\"t\":");
    event_put_time(l, t_ns);
    event_put_literal(l, ",");
}

static void event_put_ch(struct event_line *l, enum sr_event_ch ch) {
    char c = (char)ch;
    event_put_literal(l, "\"ch\":\"");
    event_put(l, &c, 1);
    event_put_literal(l, "\",");
}

size_t sr_event_header(char *out, const char *sid, const struct sr_event_header *h) {
    struct event_line l;
    event_begin(&l, out, sid);
    event_put_literal(&l, "\"hdr\":{\"version\":2,\"width\":");
    event_put_u64(&l, h->width);
    event_put_literal(&l, ",\"height\":");
    event_put_u64(&l, h->height);
    event_put_literal(&l, ",\"timestamp\":");
    event_put_u64(&l, (uint64_t)(h->t0_real_ns / SR_CLOCK_NS_PER_S));
    event_put_literal(&l, ",\"env\":{\"SHELL\":\"");
    event_put_text(&l, h->shell);
    if (h->term) {
        event_put_literal(&l, "\",\"TERM\":\"");
        event_put_text(&l, h->term);
    }
    event_put_literal(&l, "\"},\"login\":{\"format\":1,\"t0_ns\":");
    event_put_u64(&l, (uint64_t)h->t0_real_ns);
    event_put_literal(&l, ",\"service\":\"");
    event_put_text(&l, h->service);
    event_put_literal(&l, "\",\"user\":\"");
    event_put_text(&l, h->user);
    event_put_literal(&l, "\",\"src_ip\":");
    event_put_string_or_null(&l, h->src_ip);
    event_put_literal(&l, ",\"tty\":");
    event_put_string_or_null(&l, h->tty);
    event_put_literal(&l, "}}}\n");
    return l.len;
}

size_t sr_event_resize(char *out, const char *sid, int64_t t_ns, unsigned width, unsigned height) {
    struct event_line l;
    event_begin_at(&l, out, sid, t_ns);
    event_put_literal(&l, "\"ch\":\"r\",\"d\":\"");
    event_put_u64(&l, width);
    event_put_literal(&l, "x");
    event_put_u64(&l, height);
    event_put_literal(&l, "\"}\n");
    return l.len;
}

size_t sr_event_trunc(char *out, const char *sid, int64_t t_ns, enum sr_event_ch ch, const char *why) {
    struct event_line l;
    event_begin_at(&l, out, sid, t_ns);
    event_put_literal(&l, "\"trunc\":true,");
    event_put_ch(&l, ch);
    event_put_literal(&l, "\"why\":\"");
    event_put_text(&l, why);
    event_put_literal(&l, "\"}\n");
    return l.len;
}

size_t sr_event_cont(char *out, const char *sid, int64_t t_ns, unsigned n, const char *prev) {
    struct event_line l;
    event_begin_at(&l, out, sid, t_ns);
    event_put_literal(&l, "\"cont\":{\"n\":");
    event_put_u64(&l, n);
    event_put_literal(&l, ",\"prev\":\"");
    event_put_text(&l, prev);
    event_put_literal(&l, "\"}}\n");
    return l.len;
}

size_t sr_event_end(char *out, const char *sid, int64_t t_ns, const struct sr_event_end *e) {
    struct event_line l;
    event_begin_at(&l, out, sid, t_ns);
    event_put_literal(&l, "\"end\":{\"reason\":\"");
    event_put_text(&l, e->reason);
    event_put_literal(&l, "\",\"status\":");
    if (e->status < 0)
        event_put_literal(&l, "null");
    else
        event_put_u64(&l, (uint64_t)e->status);
    event_put_literal(&l, ",\"signal\":");
    event_put_string_or_null(&l, e->signal_name);
    event_put_literal(&l, ",\"bytes_in\":");
    event_put_u64(&l, e->bytes_in);
    event_put_literal(&l, ",\"bytes_out\":");
    event_put_u64(&l, e->bytes_out);
    event_put_literal(&l, ",\"undelivered\":");
    event_put_u64(&l, e->undelivered);
    event_put_literal(&l, ",\"lines\":");
    event_put_u64(&l, e->lines);
    event_put_literal(&l, ",\"sha256\":\"");
    event_put_text(&l, e->sha256);
    event_put_literal(&l, "\"}}\n");
    return l.len;
}

static size_t event_base64_len(size_t n) {
    return 4 * ((n + 2) / 3);
}

/* Fills out[0..room) with the escaped text of as many bytes as fit beside their exact copy, should that be needed.
 * Returns the text's length; *used bytes were taken, *exact = some of them were ill-formed. */
static size_t event_fill(char *out, size_t room, const uint8_t *p, size_t n, size_t *used, bool *exact) {
    size_t len = 0, i = 0;
    *exact = false;
    while (i < n) {
        char piece[SR_JSON_ESCAPE_MAX];
        size_t piece_len, need;
        int step;
        if (!*exact) {
            size_t taken;
            len += sr_json_copy(out + len, room - len, p + i, n - i, &taken);
            i += taken;
            if (i == n)
                break;
        }
        step = p[i] < 0x80 ? 1 : sr_utf8_next(p + i, n - i);
        if (step == 1) {
            piece_len = sr_json_escape(piece, p[i]);
        } else if (step > 0) {
            piece_len = (size_t)step;
            memcpy(piece, p + i, piece_len);
        } else {
            piece_len = 3;
            memcpy(piece, "\xef\xbf\xbd", 3);
        }
        need = len + piece_len;
        if (*exact || step < 0)
            need += EVENT_EXACT_COST + event_base64_len(i + (size_t)(step < 0 ? -step : step));
        if (need > room)
            break;
        if (step < 0) {
            *exact = true;
            step = -step;
        }
        memcpy(out + len, piece, piece_len);
        len += piece_len;
        i += (size_t)step;
    }
    *used = i;
    return len;
}

size_t sr_event_data(char *out, const char *sid, int64_t t_ns, enum sr_event_ch ch, const uint8_t *bytes, size_t n, bool noecho,
                     size_t *used) {
    struct event_line l;
    bool exact;
    size_t tail = 3 + (noecho ? sizeof EVENT_NOECHO - 1 : 0); /* "}LF */
    event_begin_at(&l, out, sid, t_ns);
    event_put_ch(&l, ch);
    event_put_literal(&l, "\"d\":\"");
    l.len += event_fill(out + l.len, SR_EVENT_LINE_MAX - l.len - tail, bytes, n, used, &exact);
    event_put_literal(&l, "\"");
    if (exact) {
        event_put_literal(&l, ",\"b\":\"");
        l.len += sr_json_base64(out + l.len, bytes, *used);
        event_put_literal(&l, "\"");
    }
    if (noecho)
        event_put_literal(&l, EVENT_NOECHO);
    event_put_literal(&l, "}\n");
    return l.len;
}
