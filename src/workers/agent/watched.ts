import { createHash } from 'node:crypto';
import type { DeckyServiceName, FleetDecky } from '../../contract/fleet.js';
import { DECKY_PATHS } from '../../deploy/container-limits.js';
import type { DeckyEvidence, ProvenLogin, SeenContainer } from '../../deploy/judge-decky.js';
import { checkPasswd, PASSWD_BYTES_MAX } from '../../deploy/passwd-check.js';
import type { AgentHost } from './agent-host.js';

/** How often a decky's files are looked at, its recordings are put right, and a login of our own proves it. */
export const CHECK_MS = 15_000;
export const PATROL_MS = 20_000;
export const PROOF_MS = 600_000;
/** A blind decky is tried again; and no decky, whatever happens in it, oftener than this. */
export const PROOF_AGAIN_MS = 60_000;
export const PROOF_GAP_MS = 10_000;
/** By what each daemon lets people in: when it changes, a login shows whether it still records. */
const DAEMON_FILES: Readonly<Record<DeckyServiceName, readonly string[]>> = {
  ssh: ['/etc/ssh/sshd_config', '/etc/ssh/sshd_config.d/10-local.conf', '/etc/pam.d/sshd', '/etc/default/rc'],
  telnet: ['/etc/inetd.conf', '/usr/libexec/telnetlogin', '/etc/pam.d/login', '/etc/default/rc'],
};
/** Of a daemon's configuration; longer = changed. */
const DAEMON_FILE_BYTES_MAX = 256 * 1024;
const RECORDER_BYTES_MAX = 16 * 1024 ** 2;

/** What the agent knows of a running decky between two rounds; lost with the process, and found out again. */
export interface Watched {
  /** Which runs of its containers all of this is about. */
  run: string;
  checkedAt: number;
  patrolledAt: number;
  trouble: string | null;
  /** What its daemons' files were at the last check. */
  files: string | null;
  proof: ProvenLogin | null;
  /** SHA-256 of what new logins are recorded by. */
  recorder: string | null;
  /** A login is to prove it again: something changed. */
  isProofDue: boolean;
  triedAt: number;
}

export function newWatched(): Watched {
  const never = Number.NEGATIVE_INFINITY;
  return {
    ...{ run: '', checkedAt: never, patrolledAt: never, trouble: null },
    ...{ files: null, proof: null, recorder: null, isProofDue: true, triedAt: never },
  };
}

/** Another run of its containers begins anew: what was proven was proven of the former. */
export function takeContainers(watched: Watched, containers: readonly SeenContainer[]): void {
  const run = containers.map((one) => `${one.id ?? '-'} ${one.run} ${one.running}`).join('\n');
  if (run === watched.run) return;
  Object.assign(watched, { ...newWatched(), run, patrolledAt: watched.patrolledAt, triedAt: watched.triedAt });
}

/** Reads what decides about logins. Throws what the host throws; then all is as it was. */
export async function checkFiles(
  watched: Watched,
  decky: FleetDecky,
  containers: readonly SeenContainer[],
  host: AgentHost,
): Promise<void> {
  const logins = ['root', ...decky.users.map(({ name }) => name)];
  const recorder = await host.recorderDigest(decky);
  const hash = createHash('sha256').update(recorder ?? '-');
  let trouble: string | null = null;
  for (const { id, service, running } of containers) {
    if (id === null || !running) continue;
    const passwd = await host.read(id, '/etc/passwd', PASSWD_BYTES_MAX);
    const isFile = passwd !== null && 'bytes' in passwd;
    const wrong = isFile ? checkPasswd(passwd.bytes.toString('utf8'), logins) : '/etc/passwd is no plain file';
    const bent = await checkRecorder(id, recorder, host);
    if (wrong !== null || bent !== null) trouble ??= `${service}: ${wrong ?? bent ?? ''}`;
    for (const path of DAEMON_FILES[service]) {
      // What cannot be read, as it is too long, is none of ours: a change.
      const is = await host.read(id, path, DAEMON_FILE_BYTES_MAX).catch(() => null);
      hash.update(`\n${service} ${path} `).update(is === null ? '-' : 'bytes' in is ? is.bytes : `-> ${is.link}`);
    }
  }
  const files = hash.digest('hex');
  const hasChanged = (watched.files !== null && watched.files !== files) || watched.trouble !== trouble;
  Object.assign(watched, { trouble, files, recorder });
  if (!hasChanged) return;
  // A proof from before says nothing about what it is like now.
  watched.isProofDue = true;
  if (trouble !== null) watched.proof = null;
}

/** The login shell inside is the link to what is mounted, or that file itself. */
async function checkRecorder(container: string, digest: string | null, host: AgentHost): Promise<string | null> {
  const { recorder, recorderDir } = DECKY_PATHS;
  const seen = await host.read(container, recorder, RECORDER_BYTES_MAX);
  if (seen === null) return `${recorder} is not there`;
  if ('link' in seen) {
    return seen.link === `${recorderDir}/login-session` ? null : `${recorder} leads to ${seen.link.slice(0, 120)}`;
  }
  const isOurs = digest === createHash('sha256').update(seen.bytes).digest('hex');
  return isOurs ? null : `${recorder} is another program`;
}

export function evidenceOf(watched: Watched, containers: readonly SeenContainer[]): DeckyEvidence {
  return { containers, trouble: watched.trouble, proof: watched.proof };
}

/** Whether it is time for a login of our own. What is seen to be wrong needs none. */
export function isProofWanted(watched: Watched, containers: readonly SeenContainer[], now: number): boolean {
  if (watched.trouble !== null || containers.some(({ running, drift }) => !running || drift !== null)) return false;
  const sinceMs = now - watched.triedAt;
  if (sinceMs < PROOF_GAP_MS && sinceMs >= 0) return false;
  if (watched.isProofDue || watched.proof === null) return true;
  return sinceMs < 0 || sinceMs >= (watched.proof.problem === null ? PROOF_MS : PROOF_AGAIN_MS);
}
