/* login-session's settings: built-in defaults, then a root-owned key=value file. */
#ifndef SR_CONFIG_H
#define SR_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SR_CONFIG_TEXT_SIZE 256
#define SR_CONFIG_FILE_MAX 65536

/* The values; every text is NUL-terminated. */
struct sr_config {
    char transcripts_dir[SR_CONFIG_TEXT_SIZE]; /* default /var/lib/systemd/coredump/transcripts */
    char log_path[SR_CONFIG_TEXT_SIZE];        /* default /proc/1/fd/1 */
    char host[SR_CONFIG_TEXT_SIZE];            /* default: gethostname() */
    char service[16];                          /* default ssh; [a-z0-9-]{1,15} */
    char shell[SR_CONFIG_TEXT_SIZE];           /* default /bin/bash; absolute */
    char disguise[128];                        /* process title, {user} {tty} {pid} replaced; "" = default */
    uint64_t session_cap_bytes;                /* default 10485760; raw bytes per session */
    uint64_t input_reserve_bytes;              /* default 1048576; of the cap, for all but output */
    uint64_t min_free_bytes;                   /* default 209715200 */
    uint64_t max_day_bytes;                    /* default 0 = no limit; a part at this size takes no more output */
    uint64_t checkpoint_s;                     /* default 300; 0 = only the one at 10 s */
};

/* What a bad line was: the caller logs each (up to SR_CONFIG_FAULTS_MAX, the rest are counted). Starts as {0}. */
#define SR_CONFIG_FAULTS_MAX 8
struct sr_config_fault {
    unsigned line;      /* from 1; 0 = the file as a whole */
    char key[32];       /* as written (any bytes but NUL), cut; "" for the file as a whole */
    const char *reason; /* static words: "unknown key", "not a number", "too long", "not absolute", "not owned by root", … */
};
struct sr_config_faults {
    struct sr_config_fault fault[SR_CONFIG_FAULTS_MAX];
    unsigned count; /* may exceed SR_CONFIG_FAULTS_MAX */
};

void sr_config_defaults(struct sr_config *c);

/* Applies the text of a file over *c. `#` starts a comment line; blanks around key and value are dropped;
 * numbers are decimal, those of bytes also with K, M, G (powers of 1024) behind; a bad line leaves the value as it was
 * and adds a fault; the last of two lines with one key counts. No text may hold a control character; only `disguise` may be
 * empty. An input_reserve_bytes above session_cap_bytes becomes the cap's tenth, and is a fault if the file asked for it. */
void sr_config_parse(struct sr_config *c, const char *text, size_t len, struct sr_config_faults *faults);

/* Reads `path` (O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC; regular, at most SR_CONFIG_FILE_MAX; owner `owner` or root, not writable
 * by group or others) and applies it. 0; -ENOENT (no file: not a fault); or -errno / -SR_E_BAD_FILE with a fault
 * for the file as a whole. */
int sr_config_load(struct sr_config *c, const char *path, uid_t owner, struct sr_config_faults *faults);

#endif
