/** What OpenSSH's sshd says with `-e`, as far as it says anything of a login; `error: ` and `fatal: ` may stand before it. */
const SSHD = [
  /^Server listening on \S+ port \d+\.$/,
  /^Received signal \d+; terminating\.$/,
  /^Connection from \S+ port \d+ on \S+ port \d+(?: rdomain ".*")?$/,
  /^(?:Accepted|Failed|Postponed|Partial) \S+ for .* from \S+ port \d+ ssh2(?::.*| \[preauth\])?$/,
  /^Invalid user .* from \S+ port \d+$/,
  /^maximum authentication attempts exceeded for .* from \S+ port \d+ ssh2 \[preauth\]$/,
  /^User .* from \S+ not allowed because /,
  /^Connection (?:closed|reset) by (?:.* )?\S+ port \d+(?: \[preauth\])?$/,
  /^Disconnect(?:ed|ing) (?:from )?(?:.* )?\S+ port \d+(?:: .*)?(?: \[preauth\])?$/,
  /^Received disconnect from \S+ port \d+:\d+: /,
  /^Timeout before authentication for \S+ port \d+$/,
  /^Starting session: .* for .* from \S+ port \d+ id \d+$/,
  /^Close session: user .* from \S+ port \d+ id \d+$/,
  /^User child is on pid \d+$/,
  /^Could not get shadow information for \S+$/,
  /^Unable to negotiate with \S+ port \d+: /,
  /^kex_exchange_identification: /,
  /^banner exchange: Connection from \S+ port \d+: /,
  /^ssh_dispatch_run_fatal: Connection from (?:.* )?\S+ port \d+: /,
];

/** What login(1) says: Debian's (shadow) with apostrophes, and the one of util-linux. */
const LOGIN = [
  /^FAILED LOGIN \(\d+\) on '[^']*'(?: from '[^']*')? FOR '.*', /,
  /^FAILED LOGIN (?:\d+|SESSION) FROM \S+ FOR .*, /,
  /^TOO MANY LOGIN TRIES \(\d+\) (?:on '[^']*'(?: from '[^']*')? FOR '.*'|FROM \S+ FOR .*, )/,
];

const PAM = /^pam_[a-z0-9]{1,32}\((sshd|login):[a-z]{1,16}\): /;

/** sshd's own buffer has 1024 bytes. */
const MESSAGE_MAX = 4096;

/** Which daemon (`sshd`, `login`) writes such a message; undefined for text that is nobody's. */
export function findDaemon(message: string): string | undefined {
  if (message.length > MESSAGE_MAX) return undefined;
  const plain = message.replace(/^(?:error|fatal): /, '');
  if (SSHD.some((pattern) => pattern.test(plain))) return 'sshd';
  if (LOGIN.some((pattern) => pattern.test(message))) return 'login';
  return PAM.exec(message)?.[1];
}
