/* Session ids. */
#ifndef SR_UUID_H
#define SR_UUID_H

#define SR_UUID_SIZE 37 /* 36 characters and a NUL */

/* A lower-case UUIDv4 from getrandom(2) (from /dev/urandom where the call is refused). 0, or -errno. */
int sr_uuid_v4(char out[SR_UUID_SIZE]);

#endif
