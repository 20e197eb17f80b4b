/* Who logs in, and who records: never the same. */
#ifndef SR_IDENTITY_H
#define SR_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

/* The relay's uid where the transcripts directory does not name one (is owned by root or by the user). Nobody's in Debian's
 * scheme. */
#ifndef SR_RELAY_UID
#define SR_RELAY_UID 64999
#endif

#define SR_IDENTITY_NAME_SIZE 65

struct sr_identity {
    uid_t uid; /* the user's: real ids */
    gid_t gid;
    bool privileged; /* effective uid 0: root's login, or started setuid-root */
    bool setuid;     /* effective ids are not the starter's */
    uid_t relay_uid; /* privileged only */
    gid_t relay_gid;
    char user[SR_IDENTITY_NAME_SIZE]; /* /etc/passwd's name of uid ($LOGNAME's where several share it), else the number */
};

void sr_identity_find(struct sr_identity *id);

/* Takes the user's real ids off a setuid start: from here on the user cannot signal this process, not even before it has become
 * the relay. */
void sr_identity_leave_user(const struct sr_identity *id);

/* The relay's ids: the owner and group of the transcripts directory, as far as they are neither root's nor the user's. */
void sr_identity_choose_relay(struct sr_identity *id, int dir_fd);

/* The calling process becomes the user, for good (supplementary groups are already the user's). Async-signal-safe. 0 or -errno.
 */
int sr_identity_become_user(const struct sr_identity *id);

/* The calling process becomes the relay, for good: real, effective, saved ids, no groups, no capabilities; undumpable again.
 * 0, or -errno with nothing promised. */
int sr_identity_become_relay(const struct sr_identity *id);

#endif
