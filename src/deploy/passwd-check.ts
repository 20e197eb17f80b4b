import { DECKY_PATHS } from './container-limits.js';

/** Shells that let nobody in. */
const NO_SHELLS = ['/bin/sync', '/usr/bin/sync'];
const NO_SHELL = /^(?:\/usr)?\/s?bin\/(?:nologin|false)$/;
/** Of a decky's; a real one has 2 KiB. */
export const PASSWD_BYTES_MAX = 1024 ** 2;
const NAMED_MAX = 5;

/**
 * What is wrong with a decky's /etc/passwd: a login that would not be recorded. null = nothing. An account that was made inside
 * counts as one of ours: its shell is one that records, or none. What is quoted was written by whoever is inside.
 */
export function checkPasswd(text: string, logins: readonly string[]): string | null {
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = line.split(':');
    const [name = ''] = fields;
    // The C library passes over such a line; an entry without a shell has /bin/sh.
    if (fields.length !== 7 && !logins.includes(name)) continue;
    seen.add(name);
    const shell = fields[6] ?? '';
    if (shell === DECKY_PATHS.recorder) continue;
    if (!logins.includes(name) && (NO_SHELL.test(shell) || NO_SHELLS.includes(shell))) continue;
    wrong.push(`${name} has the shell ${shell === '' ? '/bin/sh' : shell}`);
  }
  for (const name of logins) if (!seen.has(name)) wrong.push(`${name} has no account`);
  if (wrong.length === 0) return null;
  const more = wrong.length > NAMED_MAX ? ` and ${wrong.length - NAMED_MAX} more` : '';
  return `/etc/passwd: ${wrong
    .slice(0, NAMED_MAX)
    .map((one) => one.slice(0, 120))
    .join('; ')}${more}`;
}
