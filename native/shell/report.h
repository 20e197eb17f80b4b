/* The lines that a login leaves in the log (docs/log-lines.md). */
#ifndef SR_REPORT_H
#define SR_REPORT_H

#include "login.h"
#include "record.h"
#include "relay.h"

void sr_report_started(struct sr_login *l, const char *tty, const struct sr_record_anchor *anchor);
void sr_report_checkpoint(struct sr_login *l, const struct sr_record_anchor *anchor);
void sr_report_recorded(struct sr_login *l, const struct sr_relay_result *result, const struct sr_record_anchor *anchor);
void sr_report_skipped(struct sr_login *l, const char *reason);

/* How a command without a terminal ended; status -1 and signal 0 = not known. */
struct sr_report_exec {
    int64_t duration_ns;
    int status, signal;
};
/* Whether the login's command fits its log line whole, byte for byte. */
bool sr_report_exec_fits(struct sr_login *l);
void sr_report_exec(struct sr_login *l, const struct sr_report_exec *e);

/* Something is not as it should be, and the login is recorded all the same. */
void sr_report_notice(struct sr_login *l, const char *reason, const char *detail);

#endif
