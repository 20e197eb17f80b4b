import type { BusHealth } from '../contract/bus-event.js';
import type { BusClock } from './clock.js';
import type { Router } from './router.js';
import type { ServerConnection } from './server-connection.js';

export interface ServerCounts {
  published: number;
  refused: number;
  malformed: number;
  turnedAway: number;
  /** Of a connection that ends: its counts stay in the sum. */
  keep(connection: ServerConnection): void;
  readonly health: () => BusHealth;
}

const SLOW_MAX = 16;

/** What the server counts since its start, as `system.bus.health` says it. */
export function createServerCounts(
  clock: BusClock,
  router: Router<ServerConnection>,
  connections: ReadonlySet<ServerConnection>,
): ServerCounts {
  const startedMs = clock.monotonicMs();
  let [delivered, dropped] = [0, 0];
  const counts: ServerCounts = {
    published: 0,
    refused: 0,
    malformed: 0,
    turnedAway: 0,
    keep(connection) {
      delivered += connection.delivered;
      dropped += connection.dropped;
    },
    health() {
      const all = [...connections];
      const slow = all.filter((connection) => connection.dropped > 0).sort((a, b) => b.dropped - a.dropped);
      return {
        uptime_s: Math.floor((clock.monotonicMs() - startedMs) / 1000),
        connections: all.length,
        patterns: router.patternCount,
        published: counts.published,
        delivered: all.reduce((sum, connection) => sum + connection.delivered, delivered),
        dropped: all.reduce((sum, connection) => sum + connection.dropped, dropped),
        refused: counts.refused,
        malformed: counts.malformed,
        turned_away: counts.turnedAway,
        slow: slow.slice(0, SLOW_MAX).map((connection) => ({
          name: connection.name,
          pid: connection.peer?.pid ?? null,
          uid: connection.peer?.uid ?? null,
          dropped: connection.dropped,
        })),
      };
    },
  };
  return counts;
}
