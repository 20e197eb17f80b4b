import type { Bus } from '../../bus/transport.js';
import { topics } from '../../contract/topics.js';
import type { AttackerChange } from '../../services/profile-attacker.js';
import { defineWorker } from '../define-worker.js';
import { createRounds } from './round.js';

/**
 * Tells who the attackers are, follows them over deckies (as `correlator`), and finds similar sessions. docs/attackers.md.
 *
 * - Eats: `sessions` with their profiles and commands, in the order of `change_seq`; `login_failures`, in the order of `id`.
 * - Makes: `attackers`, `attacker_sessions`, `traversals`, `similar_sessions`; the fact `traversal_detected`. Each address's
 *   rows are computed whole; rows, facts and cursors are one transaction. Rings after it.
 * - Remembers: how far it got, in `worker_cursors`. In memory only the hashes it compares with, which it can read again.
 * - Loses on kill -9: time. Rings of the last transaction may be missing: whoever waits for them polls.
 */
export const profilerWorker = defineWorker({
  name: 'profiler',
  hosts: ['correlator'],
  needs: [],
  config: ['worker_poll_ms'],
  consumes: [topics.systemLog, topics.sessionProfiled, 'decky.*.fingerprint'],
  wakes: ({ topic, type }) => topic !== topics.systemLog || type === 'batch_committed',
  emits: [topics.attackerObserved, topics.attackerScored],
  owns: ['attackers', 'attacker_sessions', 'traversals', 'similar_sessions'],
  async run(context) {
    const { store, bus, config, now } = context;
    const rounds = createRounds({
      store,
      gettingOn: () => {
        context.gettingOn();
      },
    });
    const totals = { sessions: 0, failures: 0, attackers: 0, similar_lists: 0 };
    let traversals = 0;
    await context.loop(
      async () => {
        const done = await rounds.run(now());
        totals.sessions += done.sessions;
        totals.failures += done.failures;
        totals.similar_lists += done.listed;
        for (const change of done.changes) {
          traversals += change.traversals;
          if (change.isChanged) totals.attackers++;
          await ring(bus, change);
        }
        context.report({ ...totals, compared_sessions: rounds.compared });
        context.report({ traversals_detected: traversals }, 'correlator');
        return { more: done.more };
      },
      { pollMs: config.worker_poll_ms },
    );
  },
});

async function ring(bus: Bus, { srcIp, row, isNew, isChanged, isScored }: AttackerChange): Promise<void> {
  if (row === undefined) return;
  if (isChanged) {
    const payload = { src_ip: srcIp, sessions: row.sessions, new: isNew };
    await bus.publishSafely(topics.attackerObserved, { type: 'observed', payload });
  }
  if (isScored) {
    const payload = { src_ip: srcIp, score: row.score, reasons: row.reasons.map(({ reason }) => reason) };
    await bus.publishSafely(topics.attackerScored, { type: 'scored', payload });
  }
}
