import { defineWorker } from '../define-worker.js';

/**
 * Executes orders on deckies, and says how they are. Not filled yet: it refuses, and does nothing.
 *
 * - Will eat: `orders` (a decky and a verb), the container engine's events.
 * - Will make: deckies that are as ordered; `decky.{id}.state`, `decky.{id}.lifecycle`.
 * - Will remember: `deckies`, and in `orders` how far each one is; an order is taken up by the row that says so.
 * - Will lose on kill -9: time. An order that was begun is looked at again, and what the engine has done already is not
 *   done twice.
 */
export const agentWorker = defineWorker({
  name: 'agent',
  needs: [],
  config: [],
  consumes: [],
  emits: [],
  owns: [],
  run: (context) => context.refuse('nothing configured'),
});
