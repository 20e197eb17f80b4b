import type { DeckyRow, DeckyState } from '../contract/decky-row.js';
import type { Fleet } from '../contract/fleet.js';
import { containerName } from './compose-file.js';
import type { DeckyContainerSeen } from './engine.js';

export interface DeckyHow {
  readonly state: DeckyState;
  readonly reason?: string | null;
  readonly recorderSha256: string | null;
  /** Epoch ms. */
  readonly lastLoginAt?: number | null;
  readonly now: number;
}

/** The rows of a fleet's deckies that are all in one state, with what the engine has of them. */
export function describeDeckies(fleet: Fleet, seen: readonly DeckyContainerSeen[], how: DeckyHow): DeckyRow[] {
  return fleet.deckies.map(({ name, services, hostname, address, ports }) => ({
    decky: name,
    services: [...services],
    hostname,
    state: how.state,
    state_since: how.now,
    reason: how.reason ?? null,
    containers: services.map((service) => {
      const one = seen.find((container) => container.name === containerName(name, service));
      return { service, id: one?.id ?? null, name: containerName(name, service), running: one?.running ?? false };
    }),
    addresses: Object.fromEntries(services.map((service) => [service, `${address}:${ports[service]}`])),
    recorder_sha256: how.recorderSha256,
    last_login_at: how.lastLoginAt ?? null,
    checked_at: how.now,
  }));
}
