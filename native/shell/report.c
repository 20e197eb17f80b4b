#include "report.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "sha256.h"
#include "utf8.h"

#define REPORT_PATIENCE_MS 100
#define REPORT_AFTER_COMMAND 256 /* digest, numbers and their names, at their longest */

static void report_begin(struct sr_login *l, struct sr_syslog_line *line, const char *msgid) {
    sr_syslog_begin(line, sr_clock_real_ns(), l->config.host, msgid);
}

static void report_send(struct sr_login *l, struct sr_syslog_line *line, int patience_ms) {
    sr_syslog_end(line);
    sr_syslog_send(&l->log, line, patience_ms);
}

/* Seconds with 6 decimals. */
static void report_duration(struct sr_syslog_line *line, int64_t duration_ns) {
    char text[32];
    snprintf(text, sizeof text, "%lld.%06lld", (long long)(duration_ns / SR_CLOCK_NS_PER_S),
             (long long)(duration_ns % SR_CLOCK_NS_PER_S / 1000));
    sr_syslog_param(line, "duration_s", text);
}

static void report_status(struct sr_syslog_line *line, int status) {
    if (status < 0)
        sr_syslog_param(line, "status", NULL);
    else
        sr_syslog_param_u64(line, "status", (uint64_t)status);
}

void sr_report_started(struct sr_login *l, const char *tty, const struct sr_record_anchor *anchor) {
    struct sr_syslog_line line;
    report_begin(l, &line, "session_started");
    sr_syslog_param(&line, "sid", l->sid);
    sr_syslog_param(&line, "service", l->config.service);
    sr_syslog_param(&line, "src_ip", sr_login_src_ip(l));
    sr_syslog_param(&line, "user", l->id.user);
    sr_syslog_param(&line, "tty", tty);
    sr_syslog_param(&line, "shard", anchor->shard);
    sr_syslog_param(&line, "protected", l->dropped && anchor->protected_part ? "true" : "false");
    report_send(l, &line, REPORT_PATIENCE_MS);
}

void sr_report_checkpoint(struct sr_login *l, const struct sr_record_anchor *anchor) {
    struct sr_syslog_line line;
    report_begin(l, &line, "session_checkpoint");
    sr_syslog_param(&line, "sid", l->sid);
    sr_syslog_param_u64(&line, "lines", anchor->lines);
    sr_syslog_param_u64(&line, "bytes", anchor->bytes);
    sr_syslog_param(&line, "sha256", anchor->sha256);
    sr_syslog_param(&line, "shard", anchor->shard);
    /* In the middle of a session somebody is typing: a log that takes nothing now gets this from the spool. */
    report_send(l, &line, 0);
}

void sr_report_recorded(struct sr_login *l, const struct sr_relay_result *result, const struct sr_record_anchor *anchor) {
    struct sr_syslog_line line;
    report_begin(l, &line, "session_recorded");
    sr_syslog_param(&line, "sid", l->sid);
    sr_syslog_param(&line, "service", l->config.service);
    sr_syslog_param(&line, "src_ip", sr_login_src_ip(l));
    report_duration(&line, result->duration_ns);
    sr_syslog_param_u64(&line, "bytes", anchor->bytes);
    sr_syslog_param(&line, "truncated", anchor->truncated ? "true" : "false");
    sr_syslog_param(&line, "user", l->id.user);
    sr_syslog_param(&line, "reason", sr_relay_reason_name(result->reason));
    report_status(&line, result->status);
    sr_syslog_param(&line, "signal", sr_pty_signal_name(result->signal));
    sr_syslog_param_u64(&line, "bytes_in", result->bytes_in);
    sr_syslog_param_u64(&line, "bytes_out", result->bytes_out);
    sr_syslog_param_u64(&line, "lines", anchor->lines);
    sr_syslog_param(&line, "sha256", anchor->sha256);
    sr_syslog_param(&line, "shard", anchor->shard);
    if (l->log.spooled > 0)
        sr_syslog_param_u64(&line, "spooled", l->log.spooled);
    report_send(l, &line, REPORT_PATIENCE_MS);
}

void sr_report_skipped(struct sr_login *l, const char *reason) {
    struct sr_syslog_line line;
    report_begin(l, &line, "session_skipped");
    sr_syslog_param(&line, "reason", reason);
    sr_syslog_param(&line, "service", l->config.service);
    sr_syslog_param(&line, "src_ip", sr_login_src_ip(l));
    sr_syslog_param(&line, "user", l->id.user);
    report_send(l, &line, REPORT_PATIENCE_MS);
}

/* Everything that session_exec says, with the command's first `command_len` bytes. False: they took the room of what stands
 * behind them. */
static bool report_exec_fill(struct sr_login *l, struct sr_syslog_line *line, size_t command_len,
                             const struct sr_report_exec *e) {
    struct sr_sha256 digest;
    char sha256[SR_SHA256_HEX_SIZE];
    bool room;
    report_begin(l, line, "session_exec");
    sr_syslog_param(line, "sid", l->sid);
    sr_syslog_param(line, "service", l->config.service);
    sr_syslog_param(line, "src_ip", sr_login_src_ip(l));
    sr_syslog_param(line, "user", l->id.user);
    sr_syslog_param_bytes(line, "command", l->inv.command, command_len);
    room = line->len + REPORT_AFTER_COMMAND <= SR_SYSLOG_LINE_MAX;
    sr_syslog_param_u64(line, "command_bytes", strlen(l->inv.command));
    sr_sha256_init(&digest);
    sr_sha256_update(&digest, l->inv.command, strlen(l->inv.command));
    sr_sha256_hex(&digest, sha256);
    sr_syslog_param(line, "command_sha256", sha256);
    report_duration(line, e->duration_ns);
    /* The command has the login's own descriptors: nobody stands in between to count. */
    sr_syslog_param(line, "bytes_in", NULL);
    sr_syslog_param(line, "bytes_out", NULL);
    report_status(line, e->status);
    if (e->signal)
        sr_syslog_param(line, "signal", sr_pty_signal_name(e->signal));
    return room;
}

/* Whether a log line can hold these bytes as they are: it has no control characters (a script's line ends), and only UTF-8. */
static bool report_survives(const char *text) {
    const uint8_t *p = (const uint8_t *)text;
    for (size_t left = strlen(text); left > 0;) {
        int step = sr_utf8_next(p, left);
        bool is_c1 = step == 2 && p[0] == 0xc2 && p[1] < 0xa0;
        if (step < 0 || p[0] < 0x20 || p[0] == 0x7f || is_c1)
            return false;
        p += step;
        left -= (size_t)step;
    }
    return true;
}

bool sr_report_exec_fits(struct sr_login *l) {
    const struct sr_report_exec longest = {INT64_MAX, 255, 0};
    struct sr_syslog_line line;
    return report_survives(l->inv.command) && report_exec_fill(l, &line, strlen(l->inv.command), &longest);
}

/* Escapes make a value longer than its bytes: less of the command, until its neighbours fit whole. Never cut inside a character.
 */
static size_t report_shorter(const char *command, size_t len) {
    len = len > SR_SYSLOG_LINE_MAX ? SR_SYSLOG_LINE_MAX : len * 15 / 16;
    while (len > 0 && ((unsigned char)command[len] & 0xc0) == 0x80)
        len--;
    return len;
}

void sr_report_exec(struct sr_login *l, const struct sr_report_exec *e) {
    struct sr_syslog_line line;
    size_t len = strlen(l->inv.command);
    while (!report_exec_fill(l, &line, len, e) && len > 0)
        len = report_shorter(l->inv.command, len);
    report_send(l, &line, REPORT_PATIENCE_MS);
}

void sr_report_notice(struct sr_login *l, const char *reason, const char *detail) {
    struct sr_syslog_line line;
    report_begin(l, &line, "recorder_notice");
    sr_syslog_param(&line, "reason", reason);
    sr_syslog_param(&line, "sid", l->sid[0] ? l->sid : NULL);
    sr_syslog_param(&line, "service", l->config.service);
    sr_syslog_param(&line, "detail", detail);
    report_send(l, &line, REPORT_PATIENCE_MS);
}
