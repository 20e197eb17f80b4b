import { execFileSync } from 'node:child_process';
import { findGroup } from '../../bus/find-group.js';
import { DecnetError } from '../../errors.js';
import { findUser, isMember } from './find-user.js';

export interface EnsureAccountsOptions {
  readonly user: string;
  readonly group: string;
  /** The user's home; not made here. */
  readonly home: string;
  /** false = they must be there. */
  readonly mayMake: boolean;
  readonly dryRun: boolean;
}

export interface Accounts {
  /** null = there is none yet (dry run). */
  readonly uid: number | null;
  readonly gid: number | null;
  /** What was done, or would be. */
  readonly made: readonly ('user' | 'group' | 'membership')[];
}

/** The system user and group of decnet, made where they are missing (Debian's useradd and groupadd). Throws E_ACCOUNT. */
export function ensureAccounts(options: EnsureAccountsOptions): Accounts {
  const { user, group, home, mayMake, dryRun } = options;
  const made: ('user' | 'group' | 'membership')[] = [];
  const make = (what: 'user' | 'group' | 'membership', program: string, ...words: string[]): void => {
    if (!mayMake) {
      throw new DecnetError('E_ACCOUNT', missing(what, options), {
        next: 'below a prefix no accounts are made: name existing ones with --user and --group',
      });
    }
    made.push(what);
    if (!dryRun) runAccountProgram(program, words);
  };
  if (findGroup(group) === undefined) make('group', 'groupadd', '--system', '--', group);
  if (findUser(user) === undefined) {
    const shell = ['--home-dir', home, '--no-create-home', '--shell', '/usr/sbin/nologin'];
    make('user', 'useradd', '--system', '--gid', group, ...shell, '--', user);
  }
  const account = findUser(user);
  const gid = findGroup(group);
  if (account !== undefined && gid !== undefined && account.gid !== gid && !isMember(user, group)) {
    make('membership', 'usermod', '--append', '--groups', group, '--', user);
  }
  if (!dryRun && (account === undefined || gid === undefined)) {
    throw new DecnetError('E_ACCOUNT', `${user}:${group}: they were made, and are not in /etc/passwd and /etc/group`);
  }
  return { uid: account?.uid ?? null, gid: gid ?? null, made };
}

/** useradd and its kin, by their words. Throws E_ACCOUNT with what the program said. */
export function runAccountProgram(program: string, words: readonly string[]): void {
  try {
    execFileSync(`/usr/sbin/${program}`, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim();
    const why = said === undefined || said === '' ? (cause as Error).message : said;
    throw new DecnetError('E_ACCOUNT', `${program}: ${why.split('\n')[0] ?? ''}`, { cause });
  }
}

function missing(what: 'user' | 'group' | 'membership', { user, group }: EnsureAccountsOptions): string {
  if (what === 'membership') return `${user} is no member of the group ${group}`;
  return what === 'user' ? `there is no user ${user}` : `there is no group ${group}`;
}
