/* UTF-8 as in Unicode 15 table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef SR_UTF8_H
#define SR_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Looks at the start of [p, p+n), n > 0. Returns the length (1..4) of a well-formed character, or minus the
 * length (1..3) of the ill-formed maximal subpart that one U+FFFD replaces (what the WHATWG decoder does).
 * A character cut off by the end of the buffer counts as ill-formed: see sr_utf8_tail. */
int sr_utf8_next(const uint8_t *p, size_t n);

/* How many bytes (0..3) at the end of [p, p+n) begin a character that more bytes could still complete. */
size_t sr_utf8_tail(const uint8_t *p, size_t n);

#endif
