import { defineWorker } from '../define-worker.js';

/**
 * Carries out mutations of topologies. Not filled yet: it refuses, and does nothing.
 *
 * - Will eat: `topology_mutations`; `topology.{id}.mutation.enqueued` and `decky.{id}.mutate_request` wake it.
 * - Will make: topologies that are as asked for; `topology.{id}.mutation.applying`, `.applied`, `.failed`,
 *   `topology.{id}.status`, `decky.{id}.mutation`, and a line `decky_mutated`.
 * - Will remember: `topologies`, `lans`, `topology_deckies`, `edges`, and in `topology_mutations` how far each one is.
 * - Will lose on kill -9: time. A mutation that was being applied is applied again; each of its steps may be.
 */
export const mutatorWorker = defineWorker({
  name: 'mutator',
  needs: [],
  config: [],
  consumes: [],
  emits: [],
  owns: [],
  run: (context) => context.refuse('nothing configured'),
});
