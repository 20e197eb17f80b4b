/* What a telnetd needs of those below it. */
#ifndef SR_TELNET_H
#define SR_TELNET_H

#include "login.h"

/* A telnetd ends as soon as the login below it has, and leaves unread what the terminal still holds for it. Waits until it has
 * come to rest: a few ms, at most half a second. Returns at once for any other login. */
void sr_telnet_let_read(const struct sr_login *l);

#endif
