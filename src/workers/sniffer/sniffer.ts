import { defineWorker } from '../define-worker.js';

/**
 * Sums up the traffic of deckies. Not filled yet: it refuses, and does nothing.
 *
 * - Will eat: packet headers on the deckies' networks.
 * - Will make: `decky.{id}.traffic`.
 * - Will remember: `decky_traffic`, one row per decky and minute; no packet, and nothing of its content.
 * - Will lose on kill -9: what passed since the last row, at most a minute. Packets that nobody saw cannot be seen again,
 *   and the row says that it is not whole.
 */
export const snifferWorker = defineWorker({
  name: 'sniffer',
  needs: [],
  config: [],
  consumes: [],
  emits: [],
  owns: [],
  run: (context) => context.refuse('nothing configured'),
});
