#include "syslog.h"

#include <string.h>

#include "clock.h"
#include "utf8.h"

#define SYSLOG_CLOSING 2 /* "]" and LF, which always fit */
#define SYSLOG_HOST_MAX 255
#define SYSLOG_MSGID_MAX 32

static bool syslog_put(struct sr_syslog_line *line, const void *bytes, size_t n) {
    if (n > SR_SYSLOG_LINE_MAX - SYSLOG_CLOSING - line->len)
        return false;
    memcpy(line->text + line->len, bytes, n);
    line->len += n;
    return true;
}

static void syslog_put_text(struct sr_syslog_line *line, const char *text) {
    syslog_put(line, text, strlen(text));
}

/* A field of the header: what RFC 5424 calls PRINTUSASCII, or "-". */
static void syslog_put_field(struct sr_syslog_line *line, const char *text, size_t max) {
    size_t start = line->len;
    for (; text && *text && line->len - start < max; text++)
        if (*text > ' ' && *text < 0x7f)
            syslog_put(line, text, 1);
    if (line->len == start)
        syslog_put(line, "-", 1);
}

void sr_syslog_begin(struct sr_syslog_line *line, int64_t real_ns, const char *host, const char *msgid) {
    char time[SR_CLOCK_RFC3339_SIZE];

    line->len = 0;
    sr_clock_rfc3339(real_ns, time);
    syslog_put_text(line, "<134>1 ");
    syslog_put_text(line, time);
    syslog_put(line, " ", 1);
    syslog_put_field(line, host, SYSLOG_HOST_MAX);
    syslog_put_text(line, " sessrec - ");
    syslog_put_field(line, msgid, SYSLOG_MSGID_MAX);
    syslog_put_text(line, " [relay@55555");
    line->text[line->len] = '\0';
}

size_t sr_syslog_room(const struct sr_syslog_line *line, const char *key) {
    size_t frame = strlen(key) + strlen(" =\"\"") + SYSLOG_CLOSING;
    size_t left = SR_SYSLOG_LINE_MAX - line->len;
    return left > frame ? left - frame : 0;
}

/* The character of `n` bytes at `p` (n < 0: ill-formed) as it stands in a value: its length, 0 = dropped. */
static size_t syslog_escape(const uint8_t *p, int n, uint8_t out[4]) {
    if (n < 0) {
        memcpy(out, "\xef\xbf\xbd", 3);
        return 3;
    }
    if (*p < 0x20 || *p == 0x7f || (n == 2 && p[0] == 0xc2 && p[1] < 0xa0))
        return 0;
    if (*p == '"' || *p == '\\' || *p == ']') {
        out[0] = '\\';
        out[1] = *p;
        return 2;
    }
    memcpy(out, p, (size_t)n);
    return (size_t)n;
}

size_t sr_syslog_param_bytes(struct sr_syslog_line *line, const char *key, const void *value, size_t len) {
    const uint8_t *p = value;
    size_t taken = 0, room = sr_syslog_room(line, key);

    if (line->len + strlen(key) + strlen(" =\"\"") + SYSLOG_CLOSING > SR_SYSLOG_LINE_MAX)
        return 0;
    syslog_put(line, " ", 1);
    syslog_put_text(line, key);
    syslog_put(line, "=\"", 2);
    while (taken < len) {
        uint8_t escaped[4];
        int n = sr_utf8_next(p + taken, len - taken);
        size_t width = syslog_escape(p + taken, n, escaped);
        if (width > room)
            break;
        syslog_put(line, escaped, width);
        room -= width;
        taken += (size_t)(n < 0 ? -n : n);
    }
    syslog_put(line, "\"", 1);
    line->text[line->len] = '\0';
    return taken;
}

size_t sr_syslog_param(struct sr_syslog_line *line, const char *key, const char *value) {
    if (value)
        return sr_syslog_param_bytes(line, key, value, strlen(value));
    sr_syslog_param_bytes(line, key, "-", 1);
    return 0;
}

void sr_syslog_param_u64(struct sr_syslog_line *line, const char *key, uint64_t value) {
    char digits[20], *p = digits + sizeof digits;
    do
        *--p = (char)('0' + value % 10);
    while (value /= 10);
    sr_syslog_param_bytes(line, key, p, (size_t)(digits + sizeof digits - p));
}

void sr_syslog_end(struct sr_syslog_line *line) {
    memcpy(line->text + line->len, "]\n", SYSLOG_CLOSING + 1);
    line->len += SYSLOG_CLOSING;
}
