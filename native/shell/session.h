/* A recorded login: on a terminal, or over pipes where there is none. */
#ifndef SR_SESSION_H
#define SR_SESSION_H

#include "login.h"
#include "record.h"

/* How this program is to end: as the shell did. */
struct sr_session_end {
    int status; /* exit status */
    int signal; /* to die of; 0 = none */
};

/* From here on this process is the recorder and nothing else: its rights are gone, and it stands in no directory of the user's.
 */
void sr_session_become_relay(struct sr_login *l);

/* Opens the live part and the session's record. NULL, or why that is not to be had (a reason for the log): then nothing stands in
 * the way of a plain shell. */
const char *sr_session_open_record(struct sr_login *l, struct sr_record **out);

/* Runs the shell and the relay to the end. Takes the record over. 0 with the end; < 0 = no shell was started and nothing was done
 * to the terminal. *failed names what failed. */
int sr_session_run(struct sr_login *l, struct sr_record *record, struct sr_session_end *end, const char **failed);

/* A login with -c and no terminal: the shell has the login's own descriptors; one log line says what it was. The same returns. */
int sr_session_run_exec(struct sr_login *l, struct sr_session_end *end, const char **failed);

#endif
