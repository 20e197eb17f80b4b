/* RFC 5424 lines (docs/log-lines.md) and their way to PID 1's stdout. */
#ifndef SR_SYSLOG_H
#define SR_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SR_SYSLOG_LINE_MAX 4096 /* PIPE_BUF: one write() into a pipe is whole or refused */
#define SR_SYSLOG_SPOOL_NAME "log-spool.rfc5424"

/* One line being built. Parameters that do not fit are cut at a character's boundary, the closing bracket
 * and LF always fit. */
struct sr_syslog_line {
    char text[SR_SYSLOG_LINE_MAX + 1];
    size_t len;
};

/* Starts `<134>1 TIME HOST sessrec - MSGID [relay@55555`. Of `host` the first 255 printable ASCII characters (no blanks) are
 * taken; none, or NULL, gives "-". `msgid` likewise, 32. */
void sr_syslog_begin(struct sr_syslog_line *line, int64_t real_ns, const char *host, const char *msgid);

/* Appends ` key="value"`: `"`, `\` and `]` escaped, control characters (C0, DEL, C1) dropped, invalid UTF-8
 * as U+FFFD. `value` NULL gives "-". Returns the bytes of `value` that were taken (all of them unless cut). A parameter of
 * which not even the key fits is left out. */
size_t sr_syslog_param(struct sr_syslog_line *line, const char *key, const char *value);
size_t sr_syslog_param_bytes(struct sr_syslog_line *line, const char *key, const void *value, size_t len);
void sr_syslog_param_u64(struct sr_syslog_line *line, const char *key, uint64_t value);

/* Appends `]` and LF. The line is then `text[0..len)`, at most SR_SYSLOG_LINE_MAX bytes. */
void sr_syslog_end(struct sr_syslog_line *line);

/* How many bytes of a value, escaped, still fit if it is the last parameter and `key` names it. */
size_t sr_syslog_room(const struct sr_syslog_line *line, const char *key);

/* Where lines go. `fd` may be -1 (could not be opened): then every line goes to the spool. */
struct sr_syslog {
    int fd;            /* O_WRONLY|O_NONBLOCK|O_NOCTTY; owned */
    int dir_fd;        /* the shard's directory, for the spool; -1 = no spool; borrowed */
    uid_t spool_owner; /* whose a spool made here becomes; 0 = stays its maker's. Set after the open */
    gid_t spool_group;
    uint64_t spooled; /* lines that went to the spool */
    uint64_t lost;    /* lines that neither log nor spool took */
    bool torn;        /* the log took only a part of the last line: the next starts with LF. Never so with a pipe */
    bool spool_torn;
};

/* Opens `path` as above (a pipe through /proc/PID/fd/N, a FIFO, a terminal, or a regular file, which is appended to and must
 * exist; never a socket). 0, or -errno / -SR_E_BAD_FILE with log->fd = -1, after which sr_syslog_send still spools. */
int sr_syslog_open(struct sr_syslog *log, const char *path, int dir_fd);

/* One write() of the whole line. A full pipe is waited for, at most `patience_ms` in all, then the line is
 * appended (O_APPEND|O_CREAT|O_NOFOLLOW|O_NONBLOCK, 0640; a regular file with one link, else refused) to
 * SR_SYSLOG_SPOOL_NAME in dir_fd. Returns 0 = sent, 1 = spooled, -errno / -SR_E_* = lost (counted).
 * SIGPIPE must be ignored or blocked by the program. */
int sr_syslog_send(struct sr_syslog *log, const struct sr_syslog_line *line, int patience_ms);

void sr_syslog_close(struct sr_syslog *log);

#endif
