/* The login's record in utmp: `who am i` asks it for the terminal on the shell's stdin, which is the inner one. */
#ifndef SR_UTMP_H
#define SR_UTMP_H

#include <sys/types.h>

struct sr_utmp {
    int fd; /* -1 = nothing was changed */
    off_t at;
};

/* Gives the record of `outer` ("pts/1") the name of `inner`. No record, no file, a lock in the way: nothing happens, as in a
 * container without utmp. While privileged. */
void sr_utmp_move(struct sr_utmp *u, const char *path, const char *outer, const char *inner);

/* The login is over. The file was kept open for this: by now we are nobody. */
void sr_utmp_end(struct sr_utmp *u);

#endif
