import { defineWorker } from '../define-worker.js';

/**
 * Takes the fingerprints of our own deckies. Not filled yet: it refuses, and does nothing.
 *
 * - Will eat: the services of the deckies, over the network; `decky.{id}.state`, `decky.{id}.lifecycle` and
 *   `decky.{id}.mutation` wake it.
 * - Will make: `decky.{id}.fingerprint`, and a line `substrate_fingerprint_changed` where one is not what it was.
 * - Will remember: `decky_service_fingerprints`, `decky_fingerprint_history`.
 * - Will lose on kill -9: time. A probe that was not stored is made again.
 */
export const proberWorker = defineWorker({
  name: 'prober',
  needs: [],
  config: [],
  consumes: [],
  emits: [],
  owns: [],
  run: (context) => context.refuse('nothing configured'),
});
