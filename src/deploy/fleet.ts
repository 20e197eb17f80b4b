import { fleetFile, type Fleet, type FleetDecky, type FleetFile, type FleetFileDecky } from '../contract/fleet.js';
import { parseToml } from '../config/toml.js';
import { DecnetError } from '../errors.js';
import { CONTAINER_LIMITS, DECKY_SERVICE_PORTS } from './container-limits.js';
import { issuePlace } from './issue-place.js';

/** Debian 12.12 slim, as its index of all architectures had it. */
export const DEFAULT_BASE_IMAGE =
  'debian:12.12-slim@sha256:d5d3f9c23164ea16f31852f95bd5959aad1c5e854332fe00f7b3a20fcc9f635c';

const { memory_mb, pids, tmp_mb, log_mb } = CONTAINER_LIMITS;
const DEFAULTS = { base_image: DEFAULT_BASE_IMAGE, memory_mb, pids, tmp_mb, log_mb, address: '0.0.0.0' } as const;

/**
 * The text of a fleet file as what it says. `where` names it in messages.
 * @throws DecnetError E_FLEET with the place: `fleet.toml: decky[2].user[0].name: …`.
 */
export function parseFleet(text: string, where: string): FleetFile {
  const parsed = parseToml(text);
  if ('problem' in parsed) throw refused(where, `not TOML: ${parsed.problem}`, parsed.cause);
  const checked = fleetFile.safeParse(parsed.values);
  if (checked.success) return checked.data;
  const { place, message } = issuePlace(checked.error);
  throw refused(where, place === '' ? message : `${place}: ${message}`);
}

/**
 * Every decky with nothing left open, and no two in each other's way.
 * @throws DecnetError E_FLEET, as above.
 */
export function resolveFleet(file: FleetFile, where: string): Fleet {
  const deckies = file.decky.map((decky, at) => resolveDecky(decky, file.defaults, `${where}: decky[${at}]`));
  const names = new Map<string, number>();
  const listeners = new Map<number, { at: string; address: string }[]>();
  for (const [at, { name, services, ports, address }] of deckies.entries()) {
    const first = names.get(name);
    if (first !== undefined) throw refused(where, `decky[${at}].name: ${name} is decky[${first}] already`);
    names.set(name, at);
    for (const service of services) {
      const port = ports[service];
      const others = listeners.get(port) ?? [];
      const clash = others.find((other) => other.address === address || isAny(other.address) || isAny(address));
      const here = `decky[${at}].${service}_port`;
      if (clash !== undefined) throw refused(where, `${here}: port ${port} is taken by ${clash.at}`);
      listeners.set(port, [...others, { at: here, address }]);
    }
  }
  return { deckies };
}

function resolveDecky(decky: FleetFileDecky, defaults: FleetFile['defaults'], where: string): FleetDecky {
  const { name, services, hostname = name, ssh_port, telnet_port, no_new_privileges = false, user = [] } = decky;
  if (hostname.length > 63) throw refused(where, 'hostname: too long');
  if (user.length === 0) throw refused(where, 'user: at least one login, with its password');
  const twice = user.findIndex((one, at) => user.findIndex((other) => other.name === one.name) !== at);
  if (twice >= 0) throw refused(where, `user[${twice}].name: ${user[twice]?.name} stands twice`);
  if (no_new_privileges && user.some((one) => one.name !== 'root')) {
    // The recorder is set-uid root and becomes the user only in its child.
    throw refused(where, 'no_new_privileges: a login that is not root could not be recorded under it');
  }
  return {
    ...DEFAULTS,
    ...defined(defaults ?? {}),
    ...defined(pick(decky)),
    name,
    hostname,
    services,
    no_new_privileges,
    users: user,
    ports: { ssh: ssh_port ?? DECKY_SERVICE_PORTS.ssh, telnet: telnet_port ?? DECKY_SERVICE_PORTS.telnet },
  };
}

type Shared = Partial<typeof DEFAULTS>;

function pick({ base_image, memory_mb, pids, tmp_mb, log_mb, address }: FleetFileDecky): Record<keyof Shared, unknown> {
  return { base_image, memory_mb, pids, tmp_mb, log_mb, address };
}

/** What is set to undefined is not set. */
function defined(values: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isAny(address: string): boolean {
  return address === '0.0.0.0';
}

function refused(where: string, message: string, cause?: unknown): DecnetError {
  return new DecnetError('E_FLEET', `${where}: ${message}`, cause === undefined ? {} : { cause });
}
