import { defineWorker } from '../define-worker.js';

/**
 * Rolls a new login-session through running deckies. Not filled yet: it refuses, and does nothing.
 *
 * - Will eat: the version that is installed here, and the one that each decky runs.
 * - Will make: orders for the agent, a few deckies at a time; `audit` rows.
 * - Will remember: which decky has which version; a roll-out goes on where the rows say that it stopped.
 * - Will lose on kill -9: time. A decky has the old file or the new one, never half of it.
 */
export const updaterWorker = defineWorker({
  name: 'updater',
  needs: [],
  config: [],
  consumes: [],
  emits: [],
  owns: [],
  run: (context) => context.refuse('nothing configured'),
});
