/* Failure codes of the recorder's core, beside -errno.
 *
 * Every core function that can fail returns >= 0 on success and a negative number on failure: -errno of
 * the system call that failed, or one of these, which lie below every errno.
 */
#ifndef SR_ERROR_H
#define SR_ERROR_H

enum {
    SR_E_BAD_FILE = 4096,  /* a name exists but is no shard that we may write: kind, links, owner or mode */
    SR_E_NO_PART = 4097,   /* no free part name was found within SR_SHARD_PARTS_MAX */
    SR_E_TOO_LONG = 4098,  /* does not fit in the caller's buffer */
    SR_E_BAD_VALUE = 4099, /* a configuration value, address or record that cannot be what it claims */
    SR_E_NOT_FOUND = 4100, /* looked everywhere; it is not there */
    SR_E_TORN = 4101,      /* a write was cut short: the line is not in the file */
};

#endif
