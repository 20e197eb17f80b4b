/* A decky's day-shard: finding the live part, following it, appending whole lines.
 *
 * Parts of a UTC day are sessions-YYYY-MM-DD.jsonl, then .1.jsonl, .2.jsonl, …; the highest number is live; none
 * is ever renamed, nobody locks. Whoever is inside the decky may have put anything under those names: see
 * sr_shard_open.
 */
#ifndef SR_SHARD_H
#define SR_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "clock.h"

#define SR_SHARD_NAME_SIZE 48
#define SR_SHARD_PARTS_MAX 100000

struct sr_shard {
    int dir_fd;             /* the transcripts directory; owned */
    int fd;                 /* the live part, O_WRONLY|O_APPEND; owned; -1 = none */
    uid_t owner;            /* who may own a part, besides root */
    uint64_t max_day_bytes; /* 0 = none */
    char day[SR_CLOCK_DAY_SIZE];
    unsigned part; /* 0 = the day's first */
    char name[SR_SHARD_NAME_SIZE];
    bool protected_part; /* the part is append-only for everybody (FS_APPEND_FL) */
    bool torn;           /* the last write was cut short: the next line starts with LF */
    unsigned squatted;   /* names passed over since the start because they were no file of ours */
};

/* Opens the live part of the day of `real_ns` in dir_fd (taken over, also on failure), creating it (0640) where there is none. A
 * part is taken only if it is a regular file with one link, owned by `owner` or root and writable by nobody else
 * (O_NOFOLLOW|O_NONBLOCK); a name that is something else is passed over (`squatted`) for the next free one.
 * With create_owner != -1 a part created here is given to that uid (and, unless -1, gid): a privileged start does that.
 * 0, -errno, -SR_E_NO_PART. */
int sr_shard_open(struct sr_shard *s, int dir_fd, uid_t owner, uid_t create_owner, gid_t create_group, int64_t real_ns);

/* One stat for the next part's name, and the day: moves to a newer part if there is one. 1 = moved (name and fd are new), 0 =
 * still the same, -errno = a newer one could not be opened and the old one goes on. Never goes back. */
int sr_shard_follow(struct sr_shard *s, int64_t real_ns);

/* Appends one line (LF at its end) by one write(). 0; -SR_E_TORN after a short write (the next call starts with LF); -errno. */
int sr_shard_append(struct sr_shard *s, const char *line, size_t len);

void sr_shard_close(struct sr_shard *s);

#endif
