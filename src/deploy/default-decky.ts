import { DecnetError } from '../errors.js';
import type { DeckyServiceName, FleetFile, FleetFileDecky } from '../contract/fleet.js';

export interface DefaultDeckyOptions {
  readonly name: string;
  readonly services: readonly DeckyServiceName[];
  /** What is deployed: its ports are taken. */
  readonly others: readonly FleetFileDecky[];
  readonly hostname?: string | undefined;
  readonly sshPort?: number | undefined;
  readonly telnetPort?: number | undefined;
  /** A whole number below the one given, by chance. */
  readonly random: (below: number) => number;
}

const HOSTS = ['web', 'db', 'mail', 'backup', 'build', 'files', 'proxy', 'app'] as const;
/** None that looks like another. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const PASSWORD_LENGTH = 12;
/** Beside the host's own daemons. */
const FIRST_PORT = { ssh: 2222, telnet: 2323 } as const;

/** A decky of which only name and services are given: a plausible host, with root and a password by chance. */
export function defaultDecky(options: DefaultDeckyOptions): FleetFileDecky {
  const { name, services, others, random } = options;
  const taken = new Set(others.flatMap(({ ssh_port = 22, telnet_port = 23 }) => [ssh_port, telnet_port]));
  const port = (service: DeckyServiceName): number => {
    let next: number = FIRST_PORT[service];
    while (taken.has(next)) next++;
    taken.add(next);
    return next;
  };
  const pick = (from: readonly string[] | string): string => from[random(from.length)] ?? '';
  const password = Array.from({ length: PASSWORD_LENGTH }, () => pick(LETTERS)).join('');
  const hostname = options.hostname ?? `${pick(HOSTS)}${String(1 + random(9)).padStart(2, '0')}`;
  return {
    name,
    services: [...services],
    hostname,
    ...(services.includes('ssh') ? { ssh_port: options.sshPort ?? port('ssh') } : {}),
    ...(services.includes('telnet') ? { telnet_port: options.telnetPort ?? port('telnet') } : {}),
    user: [{ name: 'root', password }],
  };
}

/** The deployed fleet with that decky in it, in the place of one of the same name. */
export function withDecky(fleet: FleetFile | null, decky: FleetFileDecky): FleetFile {
  if (fleet === null) return { decky: [decky] };
  const at = fleet.decky.findIndex(({ name }) => name === decky.name);
  return { ...fleet, decky: at < 0 ? [...fleet.decky, decky] : fleet.decky.with(at, decky) };
}

/** The deployed fleet without that decky; null = nothing is left. Throws E_NO_SUCH_DECKY. */
export function withoutDecky(fleet: FleetFile, name: string): FleetFile | null {
  const decky = fleet.decky.filter((one) => one.name !== name);
  if (decky.length === fleet.decky.length) {
    throw new DecnetError('E_NO_SUCH_DECKY', `no decky named ${JSON.stringify(name)} is deployed`, {
      next: 'decnet status',
    });
  }
  return decky.length === 0 ? null : { ...fleet, decky };
}
