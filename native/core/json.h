/* JSON string contents: what stands between the quotes. */
#ifndef SR_JSON_H
#define SR_JSON_H

#include <stddef.h>
#include <stdint.h>

#define SR_JSON_ESCAPE_MAX 6 /* \u001b */

/* Copies well-formed UTF-8 from [p, p+n) to [out, out+room), escaped as JSON.stringify does. Stops before an ill-formed byte or a
 * character that does not fit, never inside one. Returns the length written; *used = bytes read. */
size_t sr_json_copy(char *out, size_t room, const uint8_t *p, size_t n, size_t *used);

/* One ASCII byte as JSON.stringify writes it; returns 1, 2 or 6. */
size_t sr_json_escape(char out[SR_JSON_ESCAPE_MAX], uint8_t c);

/* Any bytes as string contents: ill-formed UTF-8 becomes U+FFFD, and what does not fit `room` is cut at a character. Returns the
 * length; no NUL is added. */
size_t sr_json_text(char *out, size_t room, const uint8_t *p, size_t n);

/* Base64 (RFC 4648, padded) of n bytes: 4 * ((n + 2) / 3) characters, which it returns. */
size_t sr_json_base64(char *out, const uint8_t *p, size_t n);

#endif
