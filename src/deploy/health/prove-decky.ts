import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeckyServiceName, FleetDecky } from '../../contract/fleet.js';
import { DecnetError } from '../../errors.js';
import type { SelfLoginsTable } from '../../store/self-logins.js';
import type { DeployPaths } from '../deploy-paths.js';
import type { Login } from './login.js';
import { openSshLogin } from './ssh-login.js';
import { openTelnetLogin } from './telnet-login.js';
import { watchShard } from './watch-shard.js';

/** One login of our own, and what became of it. */
export interface ProvedLogin {
  readonly service: DeckyServiceName;
  readonly user: string;
  readonly sid: string | null;
  /** null = it was recorded, whole. */
  readonly problem: string | null;
}

export interface DeckyProof {
  readonly decky: string;
  readonly state: 'healthy' | 'blind';
  /** One sentence; null where all is well. */
  readonly reason: string | null;
  readonly logins: readonly ProvedLogin[];
  /** When the last of them was over, epoch ms. */
  readonly at: number;
}

export interface ProveDeckyOptions {
  readonly decky: FleetDecky;
  readonly paths: DeployPaths;
  readonly selfLogins: SelfLoginsTable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch ms. */
  readonly now: () => number;
  /** All logins together take no longer. Default 18 s. */
  readonly timeoutMs?: number;
}

/** What begins the TERM of our own logins; 16 hex digits follow. */
export const SELF_TERM = 'xterm-';
const TIMEOUT_MS = 18_000;
/** Nobody listens yet, or a burst of logins is turned away: tried again. */
const AGAIN_MS = 250;
const LANES = 4;
/** Whoever reads a shard later than that takes our old logins for somebody's. */
const KEPT_MS = 90 * 86_400_000;
const REFUSED = /permission denied|login incorrect/i;

/** By our key root can always log in over ssh; by password only who has one. */
function usersOf({ users }: FleetDecky, service: DeckyServiceName): string[] {
  const names = users.map(({ name }) => name);
  return [...new Set(service === 'ssh' ? ['root', ...names] : names)];
}

/**
 * Logs in to every service of a decky as everyone who can (ssh: by our key, as root too; telnet: by password), and looks whether
 * the host's own shard has the session, from its header to an end with a good digest. Anything else is `blind`. Rejects only with E_STORE,
 * E_STORE_BUSY.
 */
export async function proveDecky(options: ProveDeckyOptions): Promise<DeckyProof> {
  const { decky, timeoutMs = TIMEOUT_MS, now } = options;
  await options.selfLogins.prune(now() - KEPT_MS);
  const ended = AbortSignal.timeout(timeoutMs);
  const waiting = decky.services.flatMap((service) => usersOf(decky, service).map((user) => ({ service, user })));
  const logins: ProvedLogin[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const late = { ...next, sid: null, problem: 'not tried: the time was up' };
      logins.push(ended.aborted ? late : await proveLogin(next.service, next.user, ended, options));
    }
  };
  // A few at a time: a decky has few processes to give, and one that is not recorded takes all the time there is.
  await Promise.all(Array.from({ length: LANES }, lane));
  const bad = logins.filter(({ problem }) => problem !== null);
  const reasons = bad.map(({ service, user, problem }) => `${service} as ${user}: ${problem ?? ''}`);
  return {
    decky: decky.name,
    state: bad.length === 0 ? 'healthy' : 'blind',
    reason: reasons.length === 0 ? null : reasons.slice(0, 4).join('; '),
    logins,
    at: now(),
  };
}

async function proveLogin(
  service: DeckyServiceName,
  user: string,
  ended: AbortSignal,
  options: ProveDeckyOptions,
): Promise<ProvedLogin> {
  const { decky, paths, selfLogins, now } = options;
  for (;;) {
    const nonce = randomBytes(8).toString('hex');
    await selfLogins.register({ nonce, decky: decky.name, service, user, registered_at: now() });
    const tried = await tryLogin(
      service,
      user,
      `${SELF_TERM}${nonce}`,
      ended,
      options,
      paths.files(decky.name, service).transcripts,
    );
    if (tried.sid === null) await selfLogins.withdraw(nonce);
    else await selfLogins.spend(nonce, tried.sid);
    const { again, ...proved } = tried;
    if (!again || ended.aborted) return proved;
    await sleep(AGAIN_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}

async function tryLogin(
  service: DeckyServiceName,
  user: string,
  term: string,
  ended: AbortSignal,
  options: ProveDeckyOptions,
  transcripts: string,
): Promise<ProvedLogin & { readonly again: boolean }> {
  const failed = (problem: string, again = false, sid: string | null = null) => ({
    service,
    user,
    sid,
    problem,
    again,
  });
  let login: Login | undefined;
  try {
    const watch = await watchShard(transcripts);
    login = open(service, user, term, options);
    const over = new AbortController();
    const answer = login.over.then((problem) => {
      over.abort();
      return problem;
    });
    const seen = await watch.begun(term, AbortSignal.any([ended, over.signal]));
    if (seen === undefined) {
      if (ended.aborted) return failed('a login that is not recorded, or that nobody answers');
      const problem = await answer;
      // A session that is not in the shard by the time that it is over is in it nowhere.
      return problem === null ? failed('the login was not recorded') : failed(problem, !REFUSED.test(problem));
    }
    if (seen.header.login?.user !== user)
      return failed(`recorded as ${seen.header.login?.user ?? 'nobody'}`, false, seen.sid);
    login.leave();
    const why = await watch.whole(seen.sid, ended);
    if (why === undefined) return failed('its recording has no end', false, seen.sid);
    return {
      service,
      user,
      sid: seen.sid,
      problem: why === null ? null : `its recording is not whole: ${why}`,
      again: false,
    };
  } catch (error) {
    // No descriptors, no processes: what the system refuses us is no bug.
    if (!(error instanceof DecnetError) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return failed((error as Error).message);
  } finally {
    login?.close();
  }
}

function open(service: DeckyServiceName, user: string, term: string, { decky, paths, env }: ProveDeckyOptions): Login {
  const address = decky.address === '0.0.0.0' ? '127.0.0.1' : decky.address;
  const to = { address, port: decky.ports[service], user, term };
  if (service === 'ssh') return openSshLogin({ ...to, keyPath: paths.key, env });
  return openTelnetLogin({ ...to, password: decky.users.find(({ name }) => name === user)?.password ?? '' });
}
