/** The bounds of docs/bus.md. */
export const HEADER_MAX_BYTES = 4096;
export const BODY_MAX_BYTES = 1024 * 1024;
export const QUEUE_MAX_EVENTS = 1024;
/** Beside the count: 1024 events of 1 MiB would be a GiB per subscriber. */
export const QUEUE_MAX_BYTES = 16 * 1024 * 1024;
/** Of a topic or pattern: each token of each pattern is looked at for each new topic. */
export const TOKENS_MAX = 32;
/** Objects and lists within each other: whoever writes JSON by recursion has a stack. */
export const NESTING_MAX = 256;
export const CONNECTIONS_MAX = 256;
export const PATTERNS_MAX = 256;
/** Answers that wait for a client which does not read them. */
export const ANSWERS_MAX = 1024;
export const FRAME_TIMEOUT_MS = 5000;
export const HEALTH_EVERY_MS = 10_000;
/** How long the last frames of a closing server or client may take. */
export const CLOSE_GRACE_MS = 1000;
/** What goes into one write: large enough to be rare, small enough for a socket to take at once. */
export const WRITE_MAX_BYTES = 64 * 1024;
