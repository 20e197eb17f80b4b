import type { Fleet, FleetDecky } from '../../../src/contract/fleet.js';
import type { SeenContainer } from '../../../src/deploy/judge-decky.js';
import type { AgentHost } from '../../../src/workers/agent/agent-host.js';

const SHELL = '/usr/libexec/login-session';
export const SOUND_PASSWD = `root:x:0:0::/root:${SHELL}\nadmin:x:1000:1000::/home/admin:${SHELL}\n`;

export function sampleDecky(name: string): FleetDecky {
  return {
    ...{ name, hostname: 'mail01', services: ['ssh'], ports: { ssh: 2222, telnet: 23 }, address: '0.0.0.0' },
    ...{ no_new_privileges: false, base_image: 'debian', memory_mb: 256, pids: 256, tmp_mb: 64, log_mb: 20 },
    users: [
      { name: 'root', password: 'a' },
      { name: 'admin', password: 'b' },
    ],
  };
}

/** A machine with an engine, in memory. */
export interface FakeHost extends AgentHost {
  fleetIs: Fleet | undefined;
  /** Each round asks for the fleet. */
  onRound: () => unknown;
  deploying: boolean;
  running: Set<string>;
  runs: Map<string, number>;
  drift: string | null;
  passwd: string | null;
  daemonFile: string;
  /** Where the login shell leads. */
  link: string;
  recorder: string;
  /** What the next logins of our own come to; a promise = they take that long. */
  proof: string | null | Promise<string | null> | Error;
  proofs: number;
  mends: string[];
  patrols: number;
  /** What was done to containers, in order. */
  readonly done: string[];
  fail: Error | undefined;
}

export function createFakeHost(names: readonly string[]): FakeHost {
  const bump = (name: string): void => void host.runs.set(name, (host.runs.get(name) ?? 0) + 1);
  const act = (what: string, decky: FleetDecky): Promise<void> => {
    host.done.push(`${what} ${decky.name}`);
    return host.fail === undefined ? Promise.resolve() : Promise.reject(host.fail);
  };
  const host: FakeHost = {
    fleetIs: { deckies: names.map(sampleDecky) },
    ...{ deploying: false, running: new Set(names), runs: new Map(), drift: null, passwd: SOUND_PASSWD },
    link: '/usr/lib/login-session/login-session',
    ...{ daemonFile: 'as deployed', recorder: 'aa', proof: null, proofs: 0, mends: [], patrols: 0, done: [] },
    ...{ fail: undefined, onRound: () => undefined },
    fleet: () => {
      host.onRound();
      return Promise.resolve(host.fleetIs);
    },
    isBeingDeployed: () => host.deploying,
    containers: ({ name, services }) =>
      Promise.resolve(
        services.map((service): SeenContainer => {
          const run = String(host.runs.get(name) ?? 0);
          return {
            service,
            name: `${name}-${service}`,
            id: `id-${name}`,
            running: host.running.has(name),
            run,
            drift: host.drift,
          };
        }),
      ),
    read: (_, path) => {
      if (path === SHELL) return Promise.resolve({ link: host.link });
      const text = path === '/etc/passwd' ? host.passwd : host.daemonFile;
      return Promise.resolve(text === null ? null : { bytes: Buffer.from(text) });
    },
    patrol: () => {
      host.patrols++;
      return Promise.resolve(host.mends.splice(0));
    },
    prove: async () => {
      host.proofs++;
      const proof = await host.proof;
      if (proof instanceof Error) throw proof;
      return proof;
    },
    recorderDigest: () => Promise.resolve(host.recorder),
    async start(decky) {
      await act('start', decky);
      host.running.add(decky.name);
      bump(decky.name);
    },
    async stop(decky) {
      await act('stop', decky);
      host.running.delete(decky.name);
    },
    async restart(decky) {
      await act('restart', decky);
      bump(decky.name);
    },
    async remove(decky) {
      await act('remove', decky);
      host.running.delete(decky.name);
      host.fleetIs = { deckies: (host.fleetIs?.deckies ?? []).filter(({ name }) => name !== decky.name) };
    },
    async update(decky) {
      await act('update', decky);
      host.recorder = 'bb';
      return 'login-session 2';
    },
    close: () => undefined,
  };
  return host;
}
